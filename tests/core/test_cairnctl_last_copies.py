#!/usr/bin/env python3
# What is called the last good copy of a region is one, and is the one that would be missed.
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from cairnctl_run import MIB, TwoTargetsTest, tool

FAILED, REFUSED = 1, 3


class LastCopies(TwoTargetsTest):
    def setUp(self):
        super().setUp()
        self.run_ctl("backup", "db", "t1")

    def damage(self, name):
        region = self.region(name)
        with open(self.members[region["member"] - 1], "r+b") as member:
            member.seek(region["offsetBytes"] + 5 * MIB)
            member.write(bytes(MIB))

    # Incident: "backup #2 in t2 is the last good copy of db", and #1 was good.
    def test_what_keeps_an_undo_is_no_copy_where_a_restore_would_overwrite_it(self):
        self.fill("db", "changed", 8 * MIB)
        self.run_ctl("restore", 1, "--undo-to", "t2")
        message = self.error("restore", 1, "--to", "t2", expect=REFUSED)["message"]
        self.assertNotIn("last good copy", message)
        self.assertIn("#2 in t2 keeps what a restore of db overwrote", message)
        self.assertIn('--confirm "t2"', message)

    def test_a_partial_copy_is_the_last_but_not_called_good(self):
        self.damage("t1")
        self.run_ctl("verify", 1, expect=FAILED)
        self.run_ctl("region", "add", "fat", "--size", "4M", "--member", 1)
        self.fill("fat", "fat", 4 * MIB)
        told = [self.error("--yes", "backup", "fat", "t1", expect=REFUSED)["message"],
                self.run_ctl("targets", "fat").stdout.decode(),
                self.error("array", "release-disk", 2, "--yes", expect=REFUSED)["message"]]
        for text in told:
            self.assertIn("the last copy of db, though partial", text)
            self.assertNotIn("last good copy", text)

    # Incident: of the copies on a disk the newest was named, which was of half-written content.
    def test_of_the_copies_on_a_disk_the_one_that_counts_is_named(self):
        self.run_ctl("region", "import", "db", "-", "--confirm", "db", expect=FAILED,
                     stdin=None, input=bytes(9 * MIB))
        self.run_ctl("region", "accept", "db", "--confirm", "db")
        self.run_ctl("backup", "db", "t2")
        self.assertIn("taken as it was", self.run_ctl("list").stdout.decode())
        message = self.error("array", "release-disk", 2, "--yes", expect=REFUSED)["message"]
        self.assertIn("#1 is the last good copy of db", message)
        self.assertNotIn("#2 is", message)

    # Incident: "make another backup first", of a source that was erased: no backup of that helps.
    def test_another_backup_of_an_erased_source_is_not_advised(self):
        image = self.dir / "fs.img"
        image.write_bytes(bytes(8 * MIB))
        tool("mkfs.ext4", "-q", "-L", "db", image)
        self.run_ctl("region", "import", "db", image, "--confirm", "db")
        self.run_ctl("backup", "db", "t2")
        self.fill("db", "no filesystem", 8 * MIB)
        self.run_ctl("backup", "db", "t1", "--yes")
        for words in (("backup", "db", "t2", "--yes"), ("forget", 2, "--yes")):
            message = self.error(*words, expect=REFUSED)["message"]
            self.assertNotIn("Make another backup first", message)
            self.assertIn("db holds no filesystem now, so another backup of it changes nothing: "
                          "keep #2, restore it, or export it first: `cairnctl export 2 FILE`",
                          message)
            self.assertIn('--confirm "t2"', message)
        self.run_ctl("backup", "db", "t2", "--confirm", "t2")

    # Incident: an image of an eighth of its size stood for the only copy of a region.
    def test_what_is_smaller_stands_for_no_whole_copy(self):
        tiny = self.dir / "tiny.img"
        tiny.write_bytes(b"x" * MIB)
        self.run_ctl("import", "--image", tiny, "t2", "--source", "db")
        message = self.error("--yes", "forget", 1, expect=REFUSED)["message"]
        self.assertIn("#1 in t1 is the last good copy of db", message)
        self.fill("db", "other", 8 * MIB)
        message = self.error("--yes", "backup", "db", "t1", expect=REFUSED)["message"]
        self.assertIn("the last good copy of db", message)

    # Incident: "1 of the backup's chunks differs", of six: the export had stopped at the first.
    def test_an_export_tells_at_least_how_much_differs(self):
        self.damage("t1")
        message = self.error("export", 1, self.dir / "x.tar", expect=FAILED)["message"]
        self.assertIn("at least 1 of the backup's chunks differs", message)

    # Incident: "the last good copy of " and nothing more.
    def test_a_source_without_a_name_is_told_by_its_partuuid(self):
        region = self.region("db")
        tool("sfdisk", "-q", "--no-reread", "--part-label", self.members[0], region["entry"], "")
        self.run_ctl("backup", region["id"], "t2")
        self.run_ctl("forget", 1, "--yes")
        told = [self.error("forget", 2, "--yes", expect=REFUSED)["message"],
                self.run_ctl("targets", "t1").stdout.decode(),
                self.error("array", "release-disk", 2, "--yes", expect=REFUSED)["message"]]
        for text in told:
            self.assertIn(f"the last good copy of {region['id']}", text)


class ErasedSource(TwoTargetsTest):
    """#1 in t1 holds a filesystem of db; it was erased since, and #2 in t2 is good as well."""

    NEWEST = 'the newest of db that holds ext4 "home" (no newer one holds anything recognised)'

    def setUp(self):
        super().setUp()
        self.run_ctl("region", "add", "t3", "--size", "8M", "--member", 2)
        self.make_filesystem()
        self.run_ctl("backup", "db", "t1")
        self.erase()
        self.run_ctl("backup", "db", "t2")

    def make_filesystem(self):
        image = self.dir / "home.img"
        image.write_bytes(bytes(8 * MIB))
        tool("mkfs.ext4", "-q", "-F", "-L", "home", image)
        self.run_ctl("region", "import", "db", image, "--confirm", "db")

    def erase(self):
        self.run_ctl("region", "import", "db", "-", "--confirm", "db", stdin=None,
                     input=bytes(8 * MIB))

    def target(self, name):
        return next(one for one in self.json("targets", "db") if one["region"] == name)

    # Incident: it was "allowed", and the first of the list once the others were used.
    def test_the_copy_that_still_holds_a_filesystem_is_overwritten_by_name_only(self):
        listed = [one["region"] for one in self.json("targets", "db")]
        self.assertLess(listed.index("t2"), listed.index("t1"))
        target = self.target("t1")
        self.assertEqual(target["verdict"], "confirm")
        self.assertEqual([one["reason"] for one in target["refusals"]], ["last-recognised"])
        self.assertEqual(target["refusals"][0]["text"], f"holds backup #1, {self.NEWEST}")
        self.assertEqual(self.target("t2")["verdict"], "allowed")
        for words in (("--yes", "backup", "db", "t1"), ("restore", 2, "--to", "t1"),
                      ("--yes", "forget", 1)):
            with self.nothing_changes():
                message = self.error(*words, expect=REFUSED)["message"]
            self.assertIn(f"backup #1 in t1 is {self.NEWEST}", message)
            self.assertIn('--confirm "t1"', message)
        cost = self.error("array", "release-disk", 2, "--yes", expect=REFUSED)["message"]
        self.assertIn("#1 is the last good copy of db", cost)
        self.run_ctl("backup", "db", "t1", "--confirm", "t1")

    def test_of_several_the_newest_with_a_filesystem_is_the_one(self):
        self.make_filesystem()
        self.run_ctl("--yes", "backup", "db", "t3")
        self.assertEqual(self.target("t1")["verdict"], "allowed", "#3 in t3 is newer")
        self.erase()
        self.run_ctl("--yes", "backup", "db", "t2")
        self.assertEqual(self.target("t1")["verdict"], "allowed")
        self.assertEqual(self.target("t3")["verdict"], "confirm", "#4 in t2 holds nothing")
        self.assertEqual(self.target("t2")["verdict"], "allowed")

    def test_a_source_that_never_held_a_filesystem_is_backed_up_as_before(self):
        self.run_ctl("region", "add", "raw", "--size", "4M", "--member", 1)
        for name in ("u1", "u2"):
            self.run_ctl("region", "add", name, "--size", "4M", "--member", 2)
        self.fill("raw", "raw", 4 * MIB)
        self.run_ctl("backup", "raw", "u1")
        self.run_ctl("backup", "raw", "u2")
        self.run_ctl("--yes", "backup", "raw", "u1")


if __name__ == "__main__":
    unittest.main(verbosity=2)
