#!/usr/bin/env python3
# A member whose GUIDs were changed from outside becomes itself again, and loses nothing.
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import re
import shutil
import subprocess
import unittest
import uuid

from cairnctl_run import TOOLS, TwoTargetsTest, tool

FAILED, REFUSED = 1, 3
WAY = re.compile(r"`(sfdisk --(?:disk-id|part-uuid) [^`]*)`")


class ChangedGuids(TwoTargetsTest):
    """db of the first member is backed up into t1 and t2 of the second."""

    def setUp(self):
        super().setUp()
        self.first, self.second = self.members
        self.run_ctl("backup", "db", "t1", "--label", "one")
        self.run_ctl("backup", "db", "t2", "--label", "two")

    def change_disk(self, path):
        tool("sfdisk", "--disk-id", path, str(uuid.uuid4()))

    def change_all(self, path):
        """What `sgdisk -G` does: the disk's GUID, and that of each partition."""
        for entry in range(1, 1 + len(self.json("region", "list", uris=[path]))):
            tool("sfdisk", "--part-uuid", path, entry, str(uuid.uuid4()))
        self.change_disk(path)

    def told(self, message):
        ways = WAY.findall(message)
        self.assertEqual(len(ways), 1, message)
        return ways[0]

    def do(self, command):
        subprocess.run(command, shell=True, check=True, cwd=self.dir, capture_output=True,
                       env={"PATH": TOOLS})

    def is_whole_again(self):
        shown = self.json("array", "show")
        self.assertEqual([one["state"] for one in shown["members"]], ["present"] * 2)
        self.assertEqual({one["state"] for one in shown["catalog"]["copies"]}, {"current"})
        for number in (1, 2):
            self.run_ctl("verify", number)
        self.assertEqual([one["presence"] for one in self.json("list")], ["present"] * 2)
        # Both copies of the catalog tell it, and are written.
        self.run_ctl("hold", 1)
        self.assertTrue(self.json("show", 1, uris=[self.second])["held"])
        self.run_ctl("release", 1)

    # Incident: foreign led to add-member, that to the array's own disk, and that to foreign again.
    def test_every_refusal_tells_the_one_way_that_gives_the_disk_back(self):
        self.change_disk(self.second)
        ways = set()
        with self.nothing_changes():
            for words in (["hold", 1], ["region", "add", "x", "--size", "1M"],
                          ["array", "add-member", self.second],
                          ["array", "add-member", self.second, "--adopt", "--yes"],
                          ["array", "release-disk", self.second],
                          ["array", "add-catalog", self.second],
                          ["array", "replace-member", self.second, self.dir / "new.img",
                           "--member-size", "64M"]):
                error = self.error(*words, expect=REFUSED)
                self.assertEqual(error["code"], "ForeignMember", words)
                ways.add(self.told(error["message"]))
            for words in (["array", "add-member", self.second],
                          ["array", "add-member", self.second, "--adopt", "--yes"]):
                error = self.error(*words, uris=[self.first], expect=REFUSED)
                ways.add(self.told(error["message"]))
            warned = self.run_ctl("list").stderr.decode()
            ways.add(self.told(warned))
        self.assertEqual(len(ways), 1, ways)
        self.do(ways.pop())
        self.is_whole_again()

    def test_partitions_that_were_changed_too_are_known_by_their_names(self):
        before = {one["name"]: one["id"] for one in self.json("region", "list")}
        self.change_all(self.second)
        error = self.error("hold", 1, expect=REFUSED)
        self.do(self.told(error["message"]))
        self.is_whole_again()
        after = {one["name"]: one["id"] for one in self.json("region", "list")}
        self.assertEqual({name: after[name] for name in ("db", "t1", "t2")},
                         {name: before[name] for name in ("db", "t1", "t2")})

    def test_where_no_other_member_is_left_the_disk_tells_for_itself(self):
        self.first.unlink()
        self.change_all(self.second)
        self.members = [self.second]
        error = self.error("list", expect=FAILED)
        self.assertEqual(error["code"], "CatalogForeign")
        self.do(self.told(error["message"]))
        # The records can be read now, and know their regions by the old PARTUUIDs.
        listed = self.run_ctl("list")
        self.assertIn(b"region gone", listed.stdout)
        self.do(self.told(listed.stderr.decode()))
        for number in (1, 2):
            self.run_ctl("verify", number)

    def test_a_region_of_the_same_name_that_was_added_since_is_no_former_one(self):
        names = [one["name"] for one in self.json("region", "list") if one["member"] == 2]
        tool("sfdisk", "--delete", self.second, 1 + names.index("t1"))
        self.assertIn(b"region gone", self.run_ctl("list").stdout)
        self.run_ctl("region", "add", "t1", "--size", "8M", "--member", 2)
        self.assertNotIn(b"sfdisk", self.run_ctl("list").stderr)

    # Nothing says that it is the member: none of the regions known on that one is there.
    def test_a_disk_with_other_regions_that_holds_a_copy_of_the_catalog_is_not_taken_for_it(self):
        other = self.dir / "other.img"
        self.run_ctl("array", "create", "--member-size", "64M", uris=[other])
        regions = [next(one for one in self.json("region", "list", uris=[path])
                        if one["role"] == "management") for path in (self.second, other)]
        with open(self.second, "rb") as source, open(other, "r+b") as target:
            source.seek(regions[0]["offsetBytes"])
            target.seek(regions[1]["offsetBytes"])
            target.write(source.read(regions[0]["sizeBytes"]))
        error = self.error("hold", 1, uris=[self.first, other], expect=REFUSED)
        self.assertEqual(error["code"], "ForeignMember")
        self.assertNotIn("sfdisk", error["message"])

    def test_a_clone_beside_the_member_itself_is_not_given_its_guid(self):
        clone = self.dir / "clone.img"
        shutil.copy(self.second, clone)
        self.change_all(clone)
        error = self.error("hold", 1, uris=[*self.members, clone], expect=REFUSED)
        self.assertNotIn("sfdisk", error["message"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
