#!/usr/bin/env python3
# A restore by exchange as an operator types it: what is asked, what is said, what is where.
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import json
import unittest

from cairnctl_run import MIB, CairnctlTest, tool

SIZE = 4 * MIB


class Swap(CairnctlTest):
    def setUp(self):
        super().setUp()
        self.create()
        for name, size in (("root", SIZE), ("copy", SIZE), ("larger", 2 * SIZE)):
            self.run_ctl("region", "add", name, "--size", size, "--member", 1)
        self.first = self.content(1)
        self.put("root", self.first)
        self.run_ctl("backup", "root", "copy")
        self.second = self.content(2)
        self.put("root", self.second)

    def content(self, seed):
        return bytes((seed + place // 4096) % 251 for place in range(0, SIZE, 16)) * 16

    def put(self, name, content):
        image = self.dir / "content.img"
        image.write_bytes(content)
        self.run_ctl("region", "import", name, image, "--confirm", name)

    def held(self, name):
        return self.run_ctl("region", "export", name, "-").stdout

    def places(self):
        """Start, number and PARTUUID of each partition, by name, as another program sees them."""
        dumped = json.loads(tool("sfdisk", "--json", self.members[0]).stdout)
        return {part["name"]: (part["start"], part["node"], part["uuid"])
                for part in dumped["partitiontable"]["partitions"]}

    def test_the_names_lead_to_the_other_bytes_and_undo_leads_back(self):
        before = self.places()
        said = self.run_ctl("restore", 1, "--swap", "--confirm", "copy").stdout.decode()
        self.assertIn("root holds backup #1 now", said)
        self.assertIn("cairnctl undo 2", said)
        after = self.places()
        self.assertEqual(after["root"], (before["copy"][0], *before["root"][1:]))
        self.assertEqual(after["copy"], (before["root"][0], *before["copy"][1:]))
        self.assertEqual((self.held("root"), self.held("copy")), (self.first, self.second))
        shown = self.run_ctl("show", 2).stdout.decode()
        self.assertIn("all that root held before backup #1 took its place", shown)
        self.error("restore", 1, expect=3)
        undone = self.json("undo")
        self.assertEqual((undone["restored"], undone["swapped"]), (1, True))
        self.assertEqual(self.places(), before)
        self.assertEqual((self.held("root"), self.held("copy")), (self.second, self.first))
        self.assertEqual(self.json("show", 1)["state"], "good")
        self.run_ctl("verify", 1)

    def test_the_last_good_copy_asks_for_its_name(self):
        with self.nothing_changes():
            refused = self.run_ctl("restore", 1, "--swap", "--yes", expect=3).stderr.decode()
            self.assertIn('--confirm "copy"', refused)
            self.error("restore", 1, "--swap", "--confirm", "root", expect=3)

    def test_what_cannot_be_exchanged_is_refused_with_the_way_out(self):
        self.run_ctl("backup", "root", "larger")
        with self.nothing_changes():
            refused = self.run_ctl("restore", 2, "--swap", expect=3).stderr.decode()
            self.assertIn("Without --swap the backup is copied", refused)
            self.error("restore", 1, "--swap", "--to", "larger", expect=2)

    def test_a_damaged_backup_is_found_before_anything_is_exchanged(self):
        before = self.places()
        with open(self.members[0], "r+b") as disk:
            disk.seek(before["copy"][0] * 512 + MIB)
            disk.write(b"damaged")
        self.run_ctl("restore", 1, "--swap", "--confirm", "copy", expect=1)
        self.assertEqual(self.places(), before)
        self.assertEqual(self.held("root"), self.second)
        self.assertEqual(self.json("show", 1)["state"], "partial")


if __name__ == "__main__":
    unittest.main()
