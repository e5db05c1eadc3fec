#!/usr/bin/env python3
# Without an export, catalog rebuild calls nothing a backup that is none, and nothing proved.
import pathlib
import re
import shlex
import sys
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import unittest

from cairnctl_run import MIB, CairnctlTest, tool

SIZE = 8 * MIB
NOTHING_PROVES = "nothing proves"


class Rebuild(CairnctlTest):
    def setUp(self):
        super().setUp()
        self.create()
        for name, member in (("home", 1), ("s1", 2), ("s2", 2), ("area", 2)):
            self.run_ctl("region", "add", name, "--size", SIZE, "--member", member)
        self.data = self.fill("home", "home", SIZE)
        self.without_records = self.dir / "empty.jsonl"
        self.run_ctl("catalog", "export", self.without_records)
        self.run_ctl("backup", "home", "s1")

    def write_region(self, region, data):
        with open(self.members[region["member"] - 1], "r+b") as file:
            file.seek(region["offsetBytes"])
            file.write(data)

    def lose_the_catalog(self):
        for region in self.json("region", "list"):
            if region["role"] == "management":
                self.write_region(region, bytes(region["sizeBytes"]))

    def rebuild(self):
        self.lose_the_catalog()
        return self.json("catalog", "rebuild", "--yes")

    # Incident: verify made such a record good, by digests of the very bytes that it compared.
    def test_what_is_recovered_from_a_region_is_never_called_good(self):
        self.assertEqual(self.rebuild()["recovered"], 1)
        self.assertEqual(self.json("show", 1)["state"], "copied")
        done = self.json("verify", 1, expect=4)
        self.assertEqual((done["good"], done["unchanged"]), (False, True))
        told = self.run_ctl("verify", "--all", expect=4).stdout.decode()
        self.assertIn("unchanged since the catalog was rebuilt", told)
        record = self.json("show", 1)
        self.assertEqual((record["state"], record["recovered"], record["finished"]),
                         ("copied", True, None))
        shown = self.run_ctl("show", 1).stdout.decode()
        self.assertIn(NOTHING_PROVES, shown)
        self.assertRegex(shown, r"Source: +unknown\n")
        self.run_ctl("restore", 1, "--to", "s2", "--no-undo", "--confirm", "s2")
        self.assertEqual(self.run_ctl("region", "export", "s2", "-").stdout, self.data)
        self.assertEqual(self.json("show", 1)["state"], "copied")

    # Incident: the source was guessed by its filesystem, and a clone was overwritten.
    def test_a_clone_of_the_source_is_not_taken_for_it(self):
        image = self.dir / "home.img"
        image.write_bytes(bytes(SIZE))
        tool("mkfs.ext4", "-q", image)
        self.run_ctl("region", "import", "home", image, "--confirm", "home")
        self.run_ctl("backup", "home", "s2")
        self.run_ctl("region", "import", "area", image)
        self.fill("home", "overwritten", SIZE)
        self.rebuild()
        found = next(one for one in self.json("list") if one["target"] == "s2")
        self.assertEqual(uuid.UUID(found["sourceId"]).int, 0)
        with self.nothing_changes():
            error = self.error("restore", found["number"], expect=2)
        self.assertIn("it is not known which region", error["message"])
        self.assertIn("The same filesystem is now in area.", error["message"])
        self.assertIn(f"restore {found['number']} --to REGION", error["message"])
        self.assertNotIn("00000000", error["message"])
        self.run_ctl("restore", found["number"], "--to", "home", "--no-undo", "--confirm", "home")
        self.assertEqual(self.run_ctl("region", "export", "home", "-").stdout, image.read_bytes())

    # Incident: the record had the size of its larger region, and the source was too small for it.
    def test_a_filesystem_tells_how_large_the_copy_is(self):
        self.run_ctl("region", "add", "large", "--size", 2 * SIZE, "--member", 2)
        image = self.dir / "home.img"
        image.write_bytes(bytes(SIZE))
        tool("mkfs.ext4", "-q", "-b", "1024", image, str(SIZE // 1024 - 1))
        self.run_ctl("region", "import", "home", image, "--confirm", "home")
        self.run_ctl("backup", "home", "large")
        self.rebuild()
        found = next(one for one in self.json("list") if one["target"] == "large")
        self.assertEqual(found["sizeBytes"], SIZE)
        self.assertIn("its size is that of its filesystem, and the region has 16 MiB",
                      self.run_ctl("show", found["number"]).stdout.decode())
        self.fill("home", "overwritten", SIZE)
        self.run_ctl("verify", found["number"], expect=4)
        self.run_ctl("restore", found["number"], "--to", "home", "--no-undo", "--confirm", "home")
        self.assertEqual(self.run_ctl("region", "export", "home", "-").stdout, image.read_bytes())

    def test_a_filesystem_that_reaches_beyond_its_region_tells_nothing(self):
        image = self.dir / "cut.img"
        image.write_bytes(bytes(2 * SIZE))
        tool("mkfs.ext4", "-q", image)
        with open(image, "r+b") as file:
            file.truncate(SIZE)
        self.run_ctl("region", "import", "home", image, "--confirm", "home")
        self.run_ctl("backup", "home", "s2")
        self.rebuild()
        self.assertEqual({one["sizeBytes"] for one in self.json("list")}, {SIZE})

    def test_where_nothing_tells_the_size_the_refusal_tells_the_way_by_a_file(self):
        self.run_ctl("region", "add", "large", "--size", 2 * SIZE, "--member", 2)
        self.run_ctl("backup", "home", "large")
        self.rebuild()
        found = next(one for one in self.json("list") if one["target"] == "large")
        self.assertEqual(found["sizeBytes"], 2 * SIZE)
        self.assertIn("its size is that of its region",
                      self.run_ctl("show", found["number"]).stdout.decode())
        self.fill("home", "overwritten", SIZE)
        error = self.error("restore", found["number"], "--to", "home", expect=3)
        self.assertEqual(error["code"], "TargetTooSmall")
        for command in re.findall(r"`([^`]*)`", error["message"]):
            words = shlex.split(command)
            if words[0] == "cairnctl":
                self.run_ctl(*words[1:], cwd=self.dir)
            else:
                tool(*words, cwd=self.dir)
        self.assertEqual(self.run_ctl("region", "export", "home", "-").stdout, self.data)

    def test_a_later_change_is_still_found(self):
        self.rebuild()
        self.write_region(self.region("s1"), b"changed")
        self.run_ctl("verify", 1, expect=1)
        self.assertEqual(self.json("show", 1)["state"], "partial")

    def test_an_export_of_such_a_record_does_not_prove_it_either(self):
        self.rebuild()
        export = self.dir / "catalog.jsonl"
        self.run_ctl("catalog", "export", export)
        self.lose_the_catalog()
        self.run_ctl("catalog", "rebuild", export, "--yes")
        self.run_ctl("verify", 1, expect=4)
        self.assertEqual(self.json("show", 1)["state"], "copied")

    def test_an_export_proves_what_was_recorded_at_the_time(self):
        export = self.dir / "catalog.jsonl"
        self.run_ctl("catalog", "export", export)
        self.lose_the_catalog()
        self.run_ctl("catalog", "rebuild", export, "--yes")
        self.run_ctl("verify", 1)
        self.assertEqual(self.json("show", 1)["state"], "good")

    def test_a_copy_that_was_running_is_left_out(self):
        """As docs/on-disk-format.md has it: its first and its last MiB are zeroes."""
        self.run_ctl("backup", "home", "s2")
        self.write_region(self.region("s2"), bytes(MIB) + self.data[MIB:-MIB] + bytes(MIB))
        outcome = self.rebuild()
        self.assertEqual((outcome["recovered"], outcome["leftOut"]), (1, 1))
        self.assertEqual([one["target"] for one in self.json("list")], ["s1"])

    # Incident: chunks in another order were recovered, verified, and offered to be restored.
    def test_what_a_restore_overwrote_is_left_out(self):
        self.fill("home", "changed", SIZE)
        self.run_ctl("restore", 1, "--undo-to", "area")
        self.assertEqual(self.region("area")["role"], "backup")
        outcome = self.rebuild()
        self.assertEqual((outcome["recovered"], outcome["leftOut"]), (1, 1))
        self.assertEqual([one["target"] for one in self.json("list")], ["s1"])

    def test_an_area_that_is_backed_up_into_is_a_backup_again(self):
        self.fill("home", "changed", SIZE)
        self.run_ctl("restore", 1, "--undo-to", "area")
        self.run_ctl("undo")
        self.run_ctl("backup", "home", "area", "--yes")
        outcome = self.rebuild()
        self.assertEqual((outcome["recovered"], outcome["leftOut"]), (2, 0))

    # Incident: the question about the damaged catalog came before the file was looked at.
    def test_a_file_that_is_no_export_of_this_array_is_refused_before_anything_is_asked(self):
        export = self.dir / "catalog.jsonl"
        self.run_ctl("catalog", "export", export)
        cut = self.dir / "cut.jsonl"
        cut.write_bytes(export.read_bytes()[:-20])
        other = self.dir / "other.jsonl"
        alone = [self.dir / "alone.img"]
        self.run_ctl("array", "create", "--member-size", "64M", uris=alone)
        self.run_ctl("catalog", "export", other, uris=alone)
        region = next(one for one in self.json("region", "list") if one["role"] == "management")
        for readable in (True, False):
            if not readable: # Of which array it is, the super block still tells.
                for member in self.members:
                    with open(member, "r+b") as file:
                        file.seek(region["offsetBytes"] + MIB // 2)
                        file.write(b"x" * (region["sizeBytes"] - MIB // 2))
            with self.nothing_changes():
                for file, code in ((cut, "InvalidDescription"), (other, "InvalidArgument")):
                    error = self.error("catalog", "rebuild", file,
                                       expect=1 if file == cut else 2)
                    self.assertEqual((error["code"], error["subject"]), (code, str(file)))
        asked = self.error("catalog", "rebuild", export, expect=3)
        self.assertEqual(asked["code"], "ConfirmationNeeded")

    # Incident: on an adopted disk, and where a rebuild was killed, all seemed to be well.
    def test_backups_without_a_record_are_told(self):
        self.run_ctl("backup", "home", "s2")
        self.write_region(self.region("s2"), bytes(MIB) + self.data[MIB:-MIB] + bytes(MIB))
        self.lose_the_catalog()
        self.run_ctl("catalog", "rebuild", self.without_records, "--yes")
        listed = self.run_ctl("list")
        self.assertNotIn(b"No backups yet", listed.stdout)
        for done in (listed, self.run_ctl("verify", "--all", expect=4)):
            self.assertIn(b"tells nothing: s1; `cairnctl catalog rebuild`", done.stderr)
        self.assertEqual(self.json("catalog", "rebuild")["recovered"], 1)
        # What was left out is not told for ever.
        self.assertNotIn(b"catalog rebuild", self.run_ctl("list").stderr)

    def test_a_file_that_is_cut_off_is_refused_before_anything_is_told(self):
        cut = self.dir / "cut.jsonl"
        self.run_ctl("catalog", "export", cut)
        cut.write_bytes(cut.read_bytes()[:-20])
        self.lose_the_catalog()
        error = self.run_ctl("catalog", "rebuild", cut, "--yes", expect=1)
        self.assertNotIn(b"a new catalog", error.stderr)
        self.assertIn(b"Nothing was changed", error.stderr)

    def test_nothing_recovered_is_nothing_to_be_doubted(self):
        told = self.run_ctl("catalog", "rebuild").stdout
        self.assertIn(b"0 records recovered", told)
        self.assertNotIn(b"cannot be proved", told)

    def test_an_export_of_one_history_of_two_says_which(self):
        for number, alone in enumerate(self.members):
            self.run_ctl("region", "add", f"apart{number}", "--size", MIB, "--member", 1,
                         uris=[alone])
        export = self.dir / "apart.jsonl"
        told = self.run_ctl("catalog", "export", export).stderr.decode()
        histories = self.json("array", "show")["catalog"]["histories"]
        self.assertEqual(len(histories), 2)
        self.assertIn(f"only the history {histories[0]['id']} on ", told)
        self.assertIn(f"what {histories[1]['id']} holds alone is", told)


if __name__ == "__main__":
    unittest.main()
