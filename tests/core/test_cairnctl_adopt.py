#!/usr/bin/env python3
# Adopting a disk writes over nothing that a deleted partition left there, unless that was answered.
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import unittest

from cairnctl_run import MIB, CairnctlTest, sha256, tool

REFUSED = 3


class Adopt(CairnctlTest):
    def setUp(self):
        super().setUp()
        self.members = [self.dir / "disk.img"]
        old = self.dir / "old.ext4"
        tool("truncate", "-s", "20M", old)
        tool("mkfs.ext4", "-q", "-L", "old", old)
        tool("truncate", "-s", "64M", self.members[0])
        tool("sfdisk", "-q", self.members[0],
             input=b"label: gpt\nstart=1MiB, size=20M, name=old\nsize=41M, name=kept\n")
        with open(self.members[0], "r+b") as disk:
            disk.seek(MIB)
            disk.write(old.read_bytes())
        tool("sfdisk", "-q", "--delete", self.members[0], "1")

    # Incident: the catalog was written over the filesystem of a deleted partition.
    def test_a_deleted_filesystem_is_asked_about(self):
        with self.nothing_changes():
            error = self.error("array", "adopt", expect=REFUSED)
        self.assertEqual(error["code"], "ConfirmationNeeded")
        self.assertIn('ext4 "old"', error["message"])
        done = self.run_ctl("array", "adopt", "--yes")
        self.assertIn('ext4 "old"', done.stderr.decode())
        self.assertEqual([one["name"] for one in self.json("region", "list")],
                         ["cairn-catalog", "kept"])

    def test_what_a_new_region_finds_there_is_its_content(self):
        old = self.dir / "old.ext4"
        self.members = [self.dir / "one.img"]
        self.create()
        self.run_ctl("region", "add", "source", "--size", "20M")
        self.run_ctl("region", "add", "first", "--size", "20M")
        self.run_ctl("region", "import", "first", old)
        self.run_ctl("region", "remove", "first", "--confirm", "first")
        self.run_ctl("region", "add", "second", "--size", "20M")
        self.assertEqual(self.region("second")["content"]["label"], "old")
        error = self.error("backup", "source", "second", "--yes", expect=REFUSED)
        self.assertEqual(error["code"], "ConfirmationNeeded")

    def test_so_it_is_where_a_disk_joins_an_array(self):
        disk, first = self.members[0], self.dir / "first.img"
        self.members = [first]
        self.create()
        before = sha256(disk)
        error = self.error("array", "add-member", disk, "--adopt", expect=REFUSED)
        self.assertEqual(error["code"], "ConfirmationNeeded")
        self.assertEqual(sha256(disk), before)
        added = self.run_ctl("array", "add-member", disk, "--adopt", "--yes")
        self.assertIn(b'ext4 "old"', added.stderr)
        self.members = [first, disk]
        self.assertEqual([one["state"] for one in
                          self.json("array", "show")["catalog"]["copies"]], ["current"] * 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
