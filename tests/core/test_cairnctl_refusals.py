#!/usr/bin/env python3
# What an administrator's mistakes and accidents met: each refusal says what is so, and what to do.
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import unittest

from cairnctl_run import MIB, SimulatedTest

FAILED, USAGE, REFUSED, PARTIAL = 1, 2, 3, 4
SIZE = 16 * MIB


class Waiting(SimulatedTest):
    """Jobs that were interrupted, and what may be done beside them."""

    def setUp(self):
        super().setUp()
        self.run_ctl("array", "create", "--member-size", "160M", "--label", "test")
        for name, member in (("home", 1), ("other", 1), ("spare", 2), ("small", 2), ("more", 2)):
            self.run_ctl("region", "add", name, "--size", SIZE, "--member", member)
        self.first = self.fill("home", "v1", SIZE)
        self.run_ctl("backup", "home", "spare", "--label", "v1")

    def content(self, region="home"):
        return self.run_ctl("region", "export", region, "-").stdout

    def state(self, number):
        return next((one["state"] for one in self.json("list") if one["number"] == number), None)

    def interrupt(self, number, *words):
        """Kills the command as soon as it has begun the record of that number."""
        self.killed(list(words), lambda: self.state(number) == "copying")
        self.assertEqual(self.state(number), "interrupted")

    # Incident: a restore changed the source of an interrupted backup, and resuming completed that
    # one with the other content, under its old time and label.
    def test_no_restore_changes_the_source_of_a_backup_that_waits(self):
        second = self.fill("home", "v2", SIZE)
        self.interrupt(2, "backup", "home", "more", "--label", "v2")
        for words in (["restore", 1], ["restore", 1, "--no-undo", "--confirm", "home"]):
            error = self.error(*words, expect=REFUSED)
            self.assertEqual((error["code"], error["amount"]), ("RegionBusy", 2))
            self.assertIn("cairnctl resume 2", error["message"])
            self.assertIn("cairnctl discard 2", error["message"])
        self.assertEqual(self.content(), second)
        self.run_ctl("resume", 2)
        self.run_ctl("restore", 1)
        self.run_ctl("restore", 2, "--confirm", "home", "--no-undo")
        self.assertEqual(self.content(), second)

    def test_no_undo_changes_the_source_of_a_backup_that_waits(self):
        second = self.fill("home", "v2", SIZE)
        self.assertEqual(self.json("restore", 1, "--undo-to", "small")["undo"], 2)
        self.interrupt(3, "backup", "home", "more")
        error = self.error("undo", 2, expect=REFUSED)
        self.assertEqual((error["code"], error["amount"]), ("RegionBusy", 3))
        self.assertEqual(self.content(), self.first)
        self.run_ctl("discard", 3, "--yes")
        self.run_ctl("undo", 2)
        self.assertEqual(self.content(), second)

    # Incident: the code said that nothing was changed, while one of the two had been finished.
    def test_what_was_resumed_in_part_does_not_say_that_nothing_was_changed(self):
        second = self.fill("home", "v2", SIZE)
        self.killed(["restore", "1", "--undo-to", "small"], lambda: self.state(2) == "copying")
        self.interrupt(3, "backup", "home", "more", "--label", "v2")
        refused = self.run_ctl("resume", 1, expect=REFUSED).stderr.decode()
        self.assertIn("home is in a job of #3 that has not ended", refused)
        done = self.json("resume", expect=PARTIAL)
        self.assertEqual([one["job"] for one in done], ["restore", "backup"])
        self.assertEqual(done[0]["error"]["code"], "RegionBusy")
        self.assertEqual((done[1]["state"], self.content()), ("good", second))
        self.run_ctl("resume", 1)
        self.assertEqual(self.content(), self.first)

    # Incident: the backup came first, and was refused for what the restore would have ended.
    def test_restores_are_resumed_before_backups(self):
        self.fill("home", "v2", SIZE)
        self.fill("other", "o", SIZE)
        self.interrupt(2, "backup", "other", "more")
        self.killed(["restore", "1"], lambda: self.state(3) == "copying")
        self.assertEqual([one["job"] for one in self.json("resume")], ["restore", "backup"])
        self.assertEqual((self.content(), self.state(2)), (self.first, "good"))

    def test_a_discarded_job_is_told_by_the_names_of_today(self):
        self.interrupt(2, "backup", "home", "more")
        self.run_ctl("region", "rename", "home", "house")
        self.run_ctl("region", "rename", "more", "shelf")
        told = self.run_ctl("discard", 2, "--yes").stdout.decode()
        self.assertIn("Gave up the backup #2 of house into shelf. shelf", told)


if __name__ == "__main__":
    unittest.main()
