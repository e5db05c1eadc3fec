#!/usr/bin/env python3
# No output of a command takes the place of an array, whatever --yes says.
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import unittest

from cairnctl_run import MIB, CairnctlTest, sha256, tool

REFUSED = 3


class Output(CairnctlTest):
    def setUp(self):
        super().setUp()
        self.create()
        for name, member in (("db", 1), ("copy", 2)):
            self.run_ctl("region", "add", name, "--size", "4M", "--member", member)
        self.fill("db", "db", 4 * MIB)
        self.run_ctl("backup", "db", "copy")

    def outputs(self, file):
        return (["region", "export", "db", file], ["export", 1, file], ["catalog", "export", file],
                ["report", file])

    def is_refused(self, file, why):
        before = sha256(file)
        for words in self.outputs(file):
            with self.subTest(words=words), self.nothing_changes():
                error = self.error(*words, "--yes", expect=REFUSED)
                self.assertEqual((error["code"], error["subject"]), ("RegionInUse", str(file)))
                self.assertIn(why, error["message"])
                self.assertIn("Write to another file", error["message"])
                self.assertEqual(sha256(file), before)

    # Incident: `--yes region export` over a member of another array replaced it, catalog and all.
    def test_a_member_of_any_array_is_never_replaced(self):
        other = [self.dir / f"other-{number}.img" for number in range(4)]
        self.run_ctl("array", "create", "--member-size", "24M", uris=other)
        self.is_refused(other[0], "a member of an array, or a copy of one")
        self.is_refused(self.members[0], "it is a member of this array")
        link = self.dir / "link"
        link.symlink_to(other[1])
        self.is_refused(link, "a member of an array, or a copy of one")
        # One without a catalog, that holds a backup.
        self.run_ctl("region", "add", "data", "--size", "2M", "--member", 1, uris=other)
        self.run_ctl("region", "add", "copy", "--size", "2M", "--member", 4, uris=other)
        self.run_ctl("backup", "data", "copy", uris=other)
        self.is_refused(other[3], "a member of an array, or a copy of one")
        with open(other[2], "r+b") as cut_off:
            cut_off.truncate(20 * MIB)
        self.is_refused(other[2], "it has a damaged partition table")

    # Incident: a report replaced the description of a simulated array.
    def test_a_simulated_array_is_never_replaced(self):
        folder = self.dir / "sim"
        simulated = [f"sim:{folder}"]
        self.run_ctl("array", "create", "--member-size", "24M", uris=simulated)
        description = folder / "simulation.json"
        self.is_refused(description, "it describes a simulated array")
        (folder / "member-1.img").write_bytes(b"no table any more")
        self.is_refused(folder / "member-1.img", "it is a disk of a simulated array")
        description.write_text('{"members": [{"file": "member-0.img", "newer": 1}]}')
        self.is_refused(description, "a file of that name describes a simulated array")

    def test_other_files_are_replaced_when_that_was_answered(self):
        disk = self.dir / "disk.img"
        for words in self.outputs(disk):
            tool("truncate", "-s", "8M", disk)
            tool("sfdisk", "-q", disk, input=b"label: gpt\nsize=4M\n")
            self.assertEqual(self.error(*words, expect=REFUSED)["code"], "ConfirmationNeeded")
            self.run_ctl(*words, "--yes")
            self.assertNotEqual(disk.read_bytes()[512:520], b"EFI PART")
            for old in (b"", b"notes", bytes(3 * MIB)):
                disk.write_bytes(old)
                self.run_ctl(*words, "--yes")
                self.assertNotEqual(disk.read_bytes(), old)


if __name__ == "__main__":
    unittest.main(verbosity=2)
