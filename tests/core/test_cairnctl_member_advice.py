#!/usr/bin/env python3
# Refusals of the commands on members are true, and what they advise can be typed as it stands.
import os
import pathlib
import re
import shlex
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import unittest

from cairnctl_run import MIB, TwoTargetsTest

USAGE, REFUSED = 2, 3
NO_UUID = "00000000-0000"


class MemberAdvice(TwoTargetsTest):
    def setUp(self):
        super().setUp()
        self.first, self.second = self.members

    def commands(self, message):
        return [shlex.split(one) for one in re.findall(r"`cairnctl ([^`]*)`", message)]

    # Incident: the array had no member 00000000-0000-0000-0000-000000000000.
    def test_a_member_that_has_left_is_called_as_it_was_named(self):
        left = self.json("array", "show")["members"][1]["id"]
        self.second.unlink()
        third = self.dir / "third.img"
        self.run_ctl("array", "replace-member", self.second, third, "--member-size", "64M", "--yes")
        fourth = [self.dir / "fourth.img", "--member-size", "64M"]
        for uris in ([self.first, third], [self.first, self.second, third]):
            for name in (self.second, left):
                error = self.error("array", "replace-member", name, *fourth, uris=uris,
                                   expect=USAGE)
                self.assertEqual(error["code"], "UnknownMember")
                self.assertIn(f"the array has no member {name}", error["message"])
                self.assertNotIn(NO_UUID, error["message"])
            for verb in ("release-disk", "add-catalog"):
                error = self.error("array", verb, self.second, uris=uris, expect=USAGE)
                self.assertIn(f"the array has no member {self.second}", error["message"])

    # Incident: it was to be released, and the command for it had URI in the place of the disk.
    def test_a_member_with_a_copy_of_the_catalog_needs_no_other(self):
        with self.nothing_changes():
            error = self.error("array", "add-catalog", self.second, expect=REFUSED)
        self.assertIn("needs no copy of the catalog: it has one already", error["message"])
        self.assertNotIn("release-disk", error["message"])
        for command in self.commands(error["message"]):
            self.run_ctl(*command)

    # Incident: to erase it was advised, with the only good backup on it.
    def test_a_member_without_a_catalog_is_known_where_it_was_not_named(self):
        third, fourth = self.dir / "third.img", self.dir / "fourth.img"
        named = [*self.members, third]
        self.run_ctl("array", "add-member", third, "--member-size", "64M")
        self.run_ctl("array", "add-member", fourth, "--member-size", "64M", uris=named)
        everything = [*named, fourth]
        copies = self.json("array", "show", uris=everything)["catalog"]["copies"]
        self.assertEqual(len(copies), 3, "the fourth has no copy of the catalog")
        adding = self.error("array", "add-member", fourth, uris=named, expect=REFUSED)
        third.unlink()
        replacing = self.error("array", "replace-member", third, fourth, "--yes",
                               uris=self.members, expect=REFUSED)
        for error in (adding, replacing):
            self.assertIn(f"name it too (-a {fourth})", error["message"])
            for erasing in ("wipefs", "shred", "--adopt"):
                self.assertNotIn(erasing, error["message"])

    # Incident: the healthy disk of the region to be restored was said to have failed.
    def test_a_restore_blames_the_member_that_failed(self):
        self.run_ctl("backup", "db", "t1")
        os.truncate(self.second, 60 * MIB)
        with self.nothing_changes():
            error = self.error("restore", 1, "--confirm", "db", expect=1)
        self.assertEqual((error["code"], error["subject"]), ("MemberFailed", str(self.second)))
        self.assertNotIn(str(self.first), error["message"])

    def test_a_disk_with_a_catalog_of_its_own_is_shown_by_what_is_advised(self):
        other = self.dir / "the other.img"
        self.run_ctl("array", "create", "--member-size", "64M", uris=[other])
        error = self.error("array", "add-member", other, expect=REFUSED)
        self.assertNotIn("URI", error["message"])
        commands = self.commands(error["message"])
        self.assertEqual(len(commands), 2, error["message"])
        self.run_ctl(*commands[0], uris=[])
        self.run_ctl(*commands[1], "--confirm", "cairn-catalog", uris=[])


if __name__ == "__main__":
    unittest.main(verbosity=2)
