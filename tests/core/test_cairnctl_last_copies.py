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


if __name__ == "__main__":
    unittest.main(verbosity=2)
