#!/usr/bin/env python3
# A disk that the array's catalog does not list is never written, nor made a member by being named.
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import shutil
import unittest

from cairnctl_run import MIB, CairnctlTest, TwoTargetsTest, sha256, tool

REFUSED = 3


class StrangersTest(TwoTargetsTest):
    """A plain GPT disk, sys.img, with an empty partition on it that would do as a target."""

    def setUp(self):
        super().setUp()
        self.stranger = self.dir / "sys.img"
        tool("truncate", "-s", "64M", self.stranger)
        tool("sfdisk", "-q", self.stranger, input=b'label: gpt\nsize=8M, name="esp"\n')
        self.together = [*self.members, self.stranger]

    def refused(self, *words, uris):
        """As a guard does, and not a byte of any disk is changed."""
        before = {path: sha256(path) for path in uris}
        error = self.error(*words, uris=uris, expect=REFUSED)
        self.assertEqual({path: sha256(path) for path in uris}, before)
        self.assertEqual(error["code"], "ForeignMember", error)
        return error


class Strangers(StrangersTest):
    # Incident: a restore kept what it overwrote in the partition of a disk that was no member.
    def test_a_disk_that_is_named_beside_the_array_is_not_written(self):
        self.run_ctl("backup", "db", "t1")
        self.run_ctl("backup", "db", "t2")
        self.fill("db", "changed", 8 * MIB)
        for words in (["restore", 1, "--no-undo", "--confirm", "db"],
                      ["restore", 1, "--undo-to", "esp"], ["backup", "db", "esp"],
                      ["backup", "esp", "t1", "--confirm", "t1"], ["hold", 1],
                      ["region", "add", "new", "--size", "1M"],
                      ["region", "add", "new", "--size", "1M", "--member", 3],
                      ["region", "rename", "esp", "mine"], ["region", "remove", "esp"],
                      ["region", "import", "esp", "/dev/zero"],
                      ["array", "add-catalog", 3, "--yes"],
                      ["array", "release-disk", 3, "--yes"]):
            error = self.refused(*words, uris=self.together)
            self.assertEqual(error["subject"], str(self.stranger))
            self.assertIn("leave its -a out", error["message"])
        self.assertIn("the catalog does not list it", error["message"])
        error = self.error("restore", 1, uris=self.together, expect=REFUSED)
        self.assertIn("no region is free", error["message"], "esp is none to keep an undo in")
        self.run_ctl("restore", 1, "--no-undo", "--confirm", "db")
        self.assertEqual(len(self.json("array", "show")["members"]), 2)

    def test_it_is_shown_as_none_of_the_arrays_and_can_be_read(self):
        shown = self.run_ctl("array", "show", uris=self.together)
        self.assertIn(b"the catalog does not list it: no part of this array", shown.stdout)
        self.assertIn(b"sys.img is no member of this array", shown.stderr)
        members = self.json("array", "show", uris=self.together)["members"]
        self.assertEqual([one["state"] for one in members], ["present", "present", "foreign"])
        target = next(one for one in self.json("targets", "db", uris=self.together)
                      if one["region"] == "esp")
        self.assertEqual((target["verdict"], target["refusals"][0]["reason"]),
                         ("refused", "foreign-member"))
        self.assertEqual(len(self.run_ctl("region", "export", "esp", "-",
                                          uris=self.together).stdout), 8 * MIB)

    # Incident: an image beside the array was shown as a member that failed.
    def test_what_has_no_table_is_said_to_be_none_of_the_arrays(self):
        image = self.dir / "photos.img"
        tool("truncate", "-s", "64M", image)
        tool("mkfs.ext4", "-q", "-L", "photos", image)
        together = [*self.members, image]
        shown = self.run_ctl("array", "show", uris=together)
        self.assertIn(b'it has no GPT, and holds ext4 "photos": no part of this array',
                      shown.stdout)
        self.assertIn(b"the array has none there", shown.stderr)
        self.assertNotIn(b"its regions can be read", shown.stderr)
        members = self.json("array", "show", uris=together)["members"]
        self.assertEqual([one["state"] for one in members], ["present", "present", "foreign"])
        self.assertEqual(members[2]["freeBytes"], None)
        before = sha256(image)
        self.error("region", "add", "new", "--size", "1M", uris=together, expect=1)
        self.assertEqual(sha256(image), before)

    # A member's own place is another matter: there it is the member that has failed.
    def test_a_member_that_lost_its_table_has_failed(self):
        with open(self.members[1], "r+b") as disk:
            disk.write(bytes(2 * MIB))
            disk.seek(-2 * MIB, 2)
            disk.write(bytes(2 * MIB))
        members = self.json("array", "show")["members"]
        self.assertEqual([one["state"] for one in members], ["present", "failed"])

    def test_it_joins_with_its_partitions_only_when_that_is_asked_for(self):
        message = self.error("array", "add-member", self.stranger, expect=REFUSED)["message"]
        self.assertIn(f"array add-member {self.stranger} --adopt", message)
        before = self.stranger.read_bytes()
        error = self.refused("region", "add", "new", "--size", "1M", uris=self.together)
        self.assertIn(f"array add-member {self.stranger} --adopt", error["message"])
        self.refused("array", "add-member", self.stranger, "--adopt", "--yes", uris=self.together)
        asked = self.error("array", "add-member", self.stranger, "--adopt", expect=REFUSED)
        self.assertIn("esp (empty)", asked["message"])
        self.assertEqual(self.stranger.read_bytes(), before)
        self.run_ctl("array", "add-member", self.stranger, "--adopt", "--yes")
        self.assertEqual([one["state"] for one in self.json("array", "show", uris=self.together)
                          ["members"]], ["present"] * 3)
        self.run_ctl("backup", "db", "esp", uris=self.together)

    def test_a_disk_that_left_joins_again_with_its_partitions(self):
        self.run_ctl("array", "add-member", self.stranger, "--adopt", "--yes")
        self.run_ctl("array", "release-disk", 3, "--confirm",
                     next(one["id"] for one in self.json("region", "list", uris=self.together)
                          if one["role"] == "management" and one["member"] == 3),
                     uris=self.together)
        self.refused("backup", "db", "esp", uris=self.together)
        self.run_ctl("array", "add-member", self.stranger, "--adopt", "--yes")
        self.run_ctl("backup", "db", "esp", uris=self.together)


class WithoutCatalog(StrangersTest):
    """Of four members the last holds no catalog: only the list says that it is one."""

    def setUp(self):
        super().setUp()
        self.fourth = self.dir / "w4.img"
        for path in (self.dir / "three.img", self.fourth):
            self.run_ctl("array", "add-member", path, "--member-size", "64M")
            self.members.append(path)
        self.run_ctl("region", "add", "target", "--size", "8M", "--member", 4)

    # Incident: a backup went to another disk at the path of the member.
    def test_another_disk_at_the_path_of_a_member_is_not_written(self):
        self.fourth.rename(self.dir / "away.img")
        shutil.copy(self.stranger, self.fourth)
        tool("sfdisk", "-q", "--part-label", self.fourth, "1", "target")
        self.refused("backup", "db", "target", uris=self.members)
        self.run_ctl("backup", "db", "target", uris=[*self.members[:3], self.dir / "away.img"])

    # Incident: the last good copy of another array was overwritten.
    def test_a_member_of_another_array_without_a_catalog_is_not_written(self):
        other = [self.dir / "other.img"]
        self.run_ctl("array", "create", "--member-size", "64M", uris=other)
        self.run_ctl("region", "add", "data", "--size", "8M", uris=other)
        self.run_ctl("backup", "db", "target", uris=self.members)
        error = self.refused("backup", "data", "target", "--confirm", "target",
                             uris=[*other, self.fourth])
        self.assertIn("target lies on it", error["message"])
        self.assertEqual(self.json("show", 1)["presence"], "present")

    # Incident: a copy of the catalog was said to go that was not there.
    def test_its_release_gives_up_no_copy_of_the_catalog(self):
        asked = self.error("array", "release-disk", 4, uris=self.members, expect=REFUSED)
        self.assertIn("It has no copy of the catalog", asked["message"])
        self.run_ctl("array", "release-disk", 4, "--yes", uris=self.members)

    def test_one_with_a_catalog_of_another_array_is_not_taken_in(self):
        other = self.dir / "other.img"
        self.run_ctl("array", "create", "--member-size", "64M", uris=[other])
        before = sha256(other)
        error = self.error("array", "add-member", other, "--adopt", "--yes", expect=REFUSED)
        self.assertEqual(error["code"], "AlreadyAnArray")
        self.assertEqual(sha256(other), before)


class Released(CairnctlTest):
    # Incident: it said "region changed", though nothing had changed the region.
    def test_a_copy_on_a_disk_that_left_is_gone_with_its_member(self):
        self.create()
        for name, member in (("db", 1), ("t1", 2)):
            self.run_ctl("region", "add", name, "--size", "8M", "--member", member)
        self.fill("db", "db", 8 * MIB)
        self.run_ctl("backup", "db", "t1")
        region = next(one for one in self.json("region", "list")
                      if one["role"] == "management" and one["member"] == 2)
        self.run_ctl("array", "release-disk", 2, "--confirm", region["id"])
        self.assertEqual(self.json("show", 1)["presence"], "member-gone")
        error = self.error("array", "release-disk", 2, "--yes", expect=REFUSED)
        self.assertEqual(error["code"], "ForeignMember")
        self.assertIn("it was replaced or released", error["message"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
