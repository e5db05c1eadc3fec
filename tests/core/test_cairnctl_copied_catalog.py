#!/usr/bin/env python3
# A management region that was copied to another disk is neither believed there nor written.
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import re
import shutil
import subprocess
import unittest

from cairnctl_run import BINARY, MIB, SimulatedTest, TwoTargetsTest, sha256, tool

FAILED, REFUSED = 1, 3
SLOTS = (0, 64 * 1024)  # Where the super blocks are in a management region.
OF_ANOTHER_DISK = "its management region is that of another disk"
WRITING = (["region", "add", "h3", "--size", "1M"], ["region", "rename", "free", "other"],
           ["region", "remove", "free", "--yes"], ["region", "import", "free", "/dev/zero"],
           ["backup", "db", "free"], ["array", "add-catalog", 1, "--yes"],
           ["array", "release-disk", 1, "--yes"], ["catalog", "rebuild", "--yes"])


class CopiedCatalog(TwoTargetsTest):
    """Beside the array, x.img is another one, of a disk of its own."""

    def setUp(self):
        super().setUp()
        self.first, self.second = self.members
        self.other = self.dir / "x.img"
        self.run_ctl("region", "add", "free", "--size", "8M", "--member", 1)
        self.run_ctl("array", "create", "--member-size", "64M", "--label", "X", uris=[self.other])

    def management(self, path):
        return next(one for one in self.json("region", "list", uris=[path])
                    if one["role"] == "management")

    def copied(self, whole, name="copied.img", onto=None):
        """A copy of a member, with the management region of x.img, or its super blocks alone."""
        path = self.dir / name
        shutil.copy(onto or self.first, path)
        theirs, ours = self.management(self.other), self.management(path)
        self.assertEqual(theirs["sizeBytes"], ours["sizeBytes"])
        pieces = [(0, theirs["sizeBytes"])] if whole else [(slot, 4096) for slot in SLOTS]
        with open(self.other, "rb") as source, open(path, "r+b") as target:
            for offset, length in pieces:
                source.seek(theirs["offsetBytes"] + offset)
                target.seek(ours["offsetBytes"] + offset)
                target.write(source.read(length))
        return path

    def written_nowhere(self, uris, words=WRITING):
        """Every verb that writes is refused, and not a byte of any disk is changed."""
        before = {path: sha256(path) for path in uris}
        for word in words:
            command = [str(BINARY), *self.uri_options(uris), *(str(one) for one in word)]
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True,
                                  env=self.environment, check=False)
            self.assertIn(done.returncode, (FAILED, REFUSED), done)
        self.assertEqual({path: sha256(path) for path in uris}, before)

    # Incident: its list was that of the other array, and a region was added to this disk's table.
    def test_alone_it_is_refused_with_what_it_is(self):
        for whole in (True, False):
            path = self.copied(whole)
            for words in (["list"], ["region", "add", "z", "--size", "1M"]):
                error = self.error(*words, uris=[path], expect=FAILED)
                self.assertEqual((error["code"], error["subject"]), ("CatalogForeign", str(path)))
                self.assertIn(OF_ANOTHER_DISK, error["message"])
                self.assertIn("copied there, perhaps with dd", error["message"])
                self.assertIn(f"cairnctl array add-catalog {path}", error["message"])
            shown = self.run_ctl("array", "show", uris=[path], expect=FAILED)
            self.assertIn(OF_ANOTHER_DISK, shown.stdout.decode())
            self.written_nowhere([path])

    # Incident: it was a member of the array that it was copied from, and was written as one.
    def test_beside_the_disk_that_it_is_of_it_is_foreign(self):
        path = self.copied(True)
        for uris in ([self.other, path], [path, self.other]):
            shown = self.json("array", "show", uris=uris)
            self.assertEqual(shown["label"], "X")
            states = {one["location"]: (one["state"], one["problem"]) for one in shown["members"]}
            self.assertEqual(states[str(self.other)][0], "present")
            self.assertEqual(states[str(path)][0], "foreign")
            self.assertIn(OF_ANOTHER_DISK, states[str(path)][1])
            error = self.error("region", "add", "h3", "--size", "1M", uris=uris, expect=REFUSED)
            self.assertEqual((error["code"], error["subject"]), ("ForeignMember", str(path)))
            self.assertIn("leave its -a out", error["message"])
            self.written_nowhere(uris)
        self.run_ctl("region", "add", "h3", "--size", "1M", uris=[self.other])

    # Incident: named first it decided which array it is, and "the catalog cannot be read" told to
    # attach the member that was attached.
    def test_it_decides_nothing_in_whatever_order_it_is_named(self):
        self.run_ctl("backup", "db", "t1")
        for whole in (True, False):
            path = self.copied(whole)
            for uris in ([path, self.second], [self.second, path]):
                self.assertEqual([one["state"] for one in self.json("list", uris=uris)], ["good"])
                shown = self.json("array", "show", uris=uris)
                self.assertEqual(shown["label"], "test")
                copy = next(one for one in shown["catalog"]["copies"]
                            if one["memberName"] == str(path))
                self.assertEqual(copy["state"], "foreign")
                member = next(one for one in shown["members"] if one["location"] == str(path))
                self.assertIn(OF_ANOTHER_DISK, member["problem"])
                self.written_nowhere(uris, WRITING[:-1])
            # A disk of neither array's choosing beside the other array decides nothing there.
            for uris in ([path, self.other], [self.other, path]):
                self.assertEqual(self.json("array", "show", uris=uris)["label"], "X")
                self.written_nowhere(uris)

    def test_what_is_advised_gives_the_disk_its_catalog_back(self):
        self.run_ctl("backup", "db", "t1")
        for whole in (True, False):
            path = self.copied(whole, f"copied-{whole}.img")
            uris = [path, self.second]
            refused = self.error("hold", 1, uris=uris, expect=REFUSED)
            command = re.search(r"`cairnctl (array add-catalog [^`]*)`", refused["message"])[1]
            before = {uri: sha256(uri) for uri in uris}
            asked = self.error(*command.split(), uris=uris, expect=REFUSED)
            self.assertEqual(asked["code"], "ConfirmationNeeded")
            self.assertEqual({uri: sha256(uri) for uri in uris}, before)
            identity = next(one["id"] for one in self.json("region", "list", uris=uris)
                            if one["role"] == "management" and one["member"] == 1)
            self.run_ctl(*command.split(), "--confirm", identity, uris=uris)
            shown = self.json("array", "show", uris=uris)
            self.assertEqual({one["state"] for one in shown["catalog"]["copies"]}, {"current"})
            self.assertEqual([one["problem"] for one in shown["members"]], ["", ""])
            self.run_ctl("hold", 1, uris=uris)
            self.run_ctl("release", 1, uris=uris)
            self.run_ctl("list", uris=[path])

    # What was copied may be the only one of its array, so that nothing replaces it unasked.
    def test_a_rebuild_takes_its_place_only_after_it_was_erased_by_hand(self):
        path = self.copied(True)
        before = sha256(path)
        error = self.error("catalog", "rebuild", "--yes", uris=[path], expect=FAILED)
        self.assertIn(OF_ANOTHER_DISK, error["message"])
        self.assertEqual(sha256(path), before)
        keep, erase = re.findall(r"`(dd [^`]*)`", error["message"])
        tool(*keep.split(), cwd=self.dir)
        region = self.management(path)
        with open(path, "rb") as disk:
            disk.seek(region["offsetBytes"])
            kept = disk.read(region["sizeBytes"])
        self.assertEqual((self.dir / "catalog-1.bin").read_bytes(), kept)
        tool(*erase.split(), cwd=self.dir)
        self.run_ctl("catalog", "rebuild", "--yes", uris=[path])
        names = {one["name"] for one in self.json("region", "list", uris=[path])}
        self.assertIn("db", names)
        self.run_ctl("region", "add", "z", "--size", "1M", uris=[path])

    def test_a_disk_that_was_cloned_whole_is_the_member_that_it_was(self):
        self.run_ctl("backup", "db", "t1")
        clone = self.dir / "clone.img"
        tool("dd", f"if={self.first}", f"of={clone}", "bs=1M")
        self.run_ctl("hold", 1, uris=[clone, self.second])
        self.run_ctl("verify", 1, uris=[clone, self.second])
        # With an identity of its own it is another disk, and what lies on it was copied there.
        tool("sfdisk", "--disk-id", clone, "4C8F0000-0000-4000-8000-000000000001")
        self.written_nowhere([clone])
        self.written_nowhere([clone, self.second], WRITING[:-1])

    def test_the_copy_of_another_member_of_the_same_array_is_none_of_this_disk(self):
        self.run_ctl("backup", "db", "t1")
        whole = shutil.copy(self.first, self.dir / "first.img")
        ours, theirs = self.management(whole), self.management(self.second)
        with open(self.second, "rb") as source, open(whole, "r+b") as target:
            source.seek(theirs["offsetBytes"])
            target.seek(ours["offsetBytes"])
            target.write(source.read(theirs["sizeBytes"]))
        for uris in ([whole, self.second], [self.second, whole]):
            self.assertEqual([one["state"] for one in self.json("list", uris=uris)], ["good"])
            self.written_nowhere(uris, WRITING[:-1])


class CopiedInSimulatedArray(SimulatedTest):
    def test_a_member_of_a_simulated_array_is_told_to_be_none(self):
        self.run_ctl("array", "create", "--member-size", "64M")
        sim = self.dir / "sim"
        files = sorted(path for path in sim.iterdir() if path.suffix != ".json")
        self.assertGreaterEqual(len(files), 2)
        regions = [one for one in self.json("region", "list") if one["role"] == "management"]
        first, second = regions[:2]
        with open(files[1], "rb") as source, open(files[0], "r+b") as target:
            source.seek(second["offsetBytes"])
            target.seek(first["offsetBytes"])
            target.write(source.read(MIB))
        before = [sha256(path) for path in files]
        error = self.error("region", "add", "x", "--size", "1M", expect=REFUSED)
        self.assertIn(OF_ANOTHER_DISK, error["message"])
        self.assertEqual([sha256(path) for path in files], before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
