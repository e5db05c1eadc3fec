#!/usr/bin/env python3
# A member that is lost for good leaves the array, and what it costs is said before.
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from cairnctl_run import MIB, SimulatedTest, TwoTargetsTest

REFUSED = 3


class LostMember(TwoTargetsTest):
    def lose(self):
        """The second member is away; the disk itself is kept."""
        self.disk = self.dir / "away.img"
        self.members[1].rename(self.disk)

    # Incident: nobody could end "the member two.img is missing" without a new disk.
    def test_what_goes_is_named_and_confirmed(self):
        self.run_ctl("backup", "db", "t1")
        self.run_ctl("backup", "db", "t2")
        self.lose()
        with self.nothing_changes():
            asked = self.error("array", "release-disk", 2, "--yes", expect=REFUSED)
            self.assertEqual(asked["code"], "ConfirmationNeeded")
            for told in ("t1, t2", "can then not be restored: #2, #1", "#2 is the last good copy",
                         '--confirm "t2"'):
                self.assertIn(told, asked["message"].replace("t2, t1", "t1, t2"))
            self.error("array", "release-disk", 2, "--confirm", "t1", expect=REFUSED)
        done = self.run_ctl("array", "release-disk", 2, "--confirm", "t2")
        self.assertIn(b"is no member of the array any more", done.stdout)
        shown = self.run_ctl("array", "show", uris=self.members[:1])
        self.assertEqual(shown.stderr, b"")
        self.assertNotIn(b"two.img", shown.stdout)
        self.assertEqual(self.json("show", 2, uris=self.members[:1])["presence"], "member-gone")
        events = self.json("history", uris=self.members[:1])["events"]
        self.assertEqual(events[-1]["kind"], "member-released")

    def test_a_disk_that_is_only_not_named_stays(self):
        with self.nothing_changes():
            error = self.error("array", "release-disk", 2, "--yes", uris=self.members[:1],
                               expect=REFUSED)
        self.assertIn(f"Name it too (-a {self.members[1]})", error["message"])

    # Incident: it only said to attach a disk that was lost for good.
    def test_a_restore_whose_source_is_lost_names_the_way_to_another_region(self):
        self.run_ctl("backup", "db", "t1")
        self.members[0].unlink()
        with self.nothing_changes():
            error = self.error("restore", 1, expect=1)
            self.assertEqual(error["code"], "MemberMissing")
            self.assertTrue(error["message"].endswith("cairnctl restore 1 --to REGION"),
                            error["message"])
        self.run_ctl("restore", 1, "--to", "t2", "--confirm", "t2")

    def test_by_its_uuid_too(self):
        self.lose()
        member = self.json("array", "show", uris=self.members[:1])["members"][1]
        self.assertEqual(member["state"], "missing")
        asked = self.error("array", "release-disk", member["id"], uris=self.members[:1],
                           expect=REFUSED)
        self.assertIn("which is not attached, from the array?", asked["message"])
        self.run_ctl("array", "release-disk", member["id"], "--yes", uris=self.members[:1])
        self.assertEqual(len(self.json("array", "show", uris=self.members[:1])["members"]), 1)

    def test_a_disk_that_turns_up_again_is_not_written_and_can_join_again(self):
        self.lose()
        self.run_ctl("array", "release-disk", 2, "--yes")
        together = [self.members[0], self.disk]
        before = self.disk.read_bytes()
        refused = self.error("region", "add", "new", "--size", "1M", uris=together, expect=REFUSED)
        self.assertEqual(refused["code"], "ForeignMember")
        self.assertIn(f"`cairnctl -a {self.disk} array release-disk 1`", refused["message"])
        self.assertIn(f"`cairnctl array add-member {self.disk} --adopt`", refused["message"])
        self.assertEqual(self.disk.read_bytes(), before)
        self.run_ctl("array", "release-disk", 1, "--confirm", "cairn-catalog", uris=[self.disk])
        self.run_ctl("array", "add-member", self.disk, "--adopt", "--yes", uris=self.members[:1])
        self.run_ctl("backup", "db", "t1", uris=together)

    def test_a_region_on_it_that_is_half_written_is_not_warned_of_any_more(self):
        self.run_ctl("region", "import", "t1", "-", "--confirm", "t1", expect=1, stdin=None,
                     input=bytes(9 * MIB))
        self.lose()
        self.assertIn(b"t1 is half-written", self.run_ctl("list").stderr)
        self.run_ctl("array", "release-disk", 2, "--yes")
        self.assertEqual(self.run_ctl("list", uris=self.members[:1]).stderr, b"")


class LostSimulatedMember(SimulatedTest):
    def test_a_simulated_array_describes_it_no_more(self):
        self.create()
        (self.dir / "sim" / "member-1.img").unlink()
        self.assertIn(b"is missing", self.run_ctl("list").stderr)
        self.run_ctl("array", "release-disk", 2, "--yes")
        done = self.run_ctl("region", "add", "new", "--size", "1M")
        self.assertEqual(done.stderr, b"")
        self.assertEqual(len(self.json("array", "show")["members"]), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
