#!/usr/bin/env python3
# Undoing restores with cairnctl: every byte comes back, also after kill -9 in the middle.
import pathlib
import subprocess
import sys
import time
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "support"))
from cairnctl_run import BINARY, MIB, PATIENCE_S, SLOW, SimulatedTest

SIZE = 16 * MIB


class Undo(SimulatedTest):
    def setUp(self):
        super().setUp()
        self.run_ctl("array", "create", "--member-size", "128M", "--label", "test")
        for name, size, member in (("db", "16M", 1), ("t1", "16M", 2), ("spare", "16M", 2)):
            self.run_ctl("region", "add", name, "--size", size, "--member", member)
        self.backed_up = self.fill("db", "first", SIZE)
        self.run_ctl("backup", "db", "t1")
        self.before = self.fill("db", "second", SIZE)

    def content(self):
        return self.run_ctl("region", "export", "db", "-").stdout

    def record(self, number):
        return next((one for one in self.json("list") if one["number"] == number), None)

    def is_kept(self):
        record = self.record(2)
        return record is not None and record["undo"]["kept"] is not None

    def is_being_kept(self):
        record = self.record(2)
        return record is not None and record["state"] == "copying"

    def is_being_undone(self):
        return self.json("history")["events"][-1]["kind"] == "undo-started"

    # Incident: what was overwritten itself still said "undoes".
    def test_what_is_superseded_undoes_nothing_any_more(self):
        self.run_ctl("restore", 1)
        self.run_ctl("restore", 1, "--to", "spare", "--no-undo", "--confirm", "spare")
        self.assertEqual(self.record(2)["state"], "superseded")
        self.assertNotIn(b"undoes", self.run_ctl("list").stdout)
        self.assertNotIn(b"Keeps:", self.run_ctl("show", 2).stdout)

    def test_undo_returns_every_byte(self):
        done = self.json("restore", 1)
        self.assertEqual(done["undo"], 2)
        self.assertEqual(self.content(), self.backed_up)
        record = self.json("show", 2)
        self.assertEqual((record["kind"], record["state"], record["target"]),
                         ("undo", "good", "spare"))
        self.assertEqual(record["undo"]["restored"], 1)
        self.assertIsNone(record["undo"]["undone"])
        self.assertIn("undoes #1", self.run_ctl("list").stdout.decode())
        self.assertIn("what the restore of backup #1 to db overwrote",
                      self.run_ctl("show", 2).stdout.decode())
        self.assertIn("Keeps:", self.run_ctl("show", 2).stdout.decode())
        undone = self.json("undo")
        self.assertEqual((undone["number"], undone["restored"], undone["target"]), (2, 1, "db"))
        self.assertEqual(self.content(), self.before)
        self.assertIsNotNone(self.json("show", 2)["undo"]["undone"])
        self.assertEqual(self.error("undo", 2, expect=3)["code"], "BackupNotUsable")
        nothing = self.error("undo", expect=2)
        self.assertEqual(nothing["code"], "UnknownGeneration")
        self.assertIn("nothing is kept of what a restore overwrote", nothing["message"])
        kinds = [event["kind"] for event in self.json("history")["events"]]
        self.assertIn("undo-finished", kinds)

    def test_a_backup_is_not_an_undo_and_the_other_way_round(self):
        self.run_ctl("restore", 1)
        self.assertEqual(self.error("undo", 1, expect=3)["code"], "BackupNotUsable")
        self.assertEqual(self.error("restore", 2, "--confirm", "db", expect=3)["code"],
                         "BackupNotUsable")
        self.assertEqual(self.error("forget", 2, "--yes", expect=3)["code"], "KeepsUndo")
        self.assertEqual(self.error("backup", "db", "spare", "--yes", expect=3)["code"],
                         "KeepsUndo")
        self.run_ctl("verify", "--all")

    # Incident: what would be lost was called the last good copy.
    def test_giving_an_undo_up_says_that_it_is_one(self):
        self.run_ctl("restore", 1)
        for words in (["forget", 2, "--yes"], ["backup", "db", "spare", "--yes"]):
            error = self.error(*words, expect=3)
            self.assertEqual(error["code"], "KeepsUndo")
            self.assertIn("#2 keeps what a restore of db overwrote", error["message"])

            self.assertIn('--confirm "spare"', error["message"])

    # Incident: "db is the source itself".
    def test_what_is_restored_and_what_is_read_keep_nothing(self):
        for region, told in (("db", "is the region that would be restored"),
                             (self.json("show", 1)["target"], "holds the backup that would")):
            message = self.error("restore", 1, "--undo-to", region, expect=3)["message"]
            self.assertIn(f"{region} {told}", message)

    def test_it_says_where_it_keeps_what_it_overwrites(self):
        self.assertIn("is kept in spare.", self.run_ctl("restore", 1).stdout.decode())

    # Incident: an empty region that was backed up became the place where an undo lies.
    def test_what_was_backed_up_keeps_nothing_unasked(self):
        self.run_ctl("region", "add", "data", "--size", SIZE, "--member", 1)
        self.run_ctl("region", "add", "t2", "--size", SIZE, "--member", 1)
        self.run_ctl("backup", "data", "t2")
        self.run_ctl("region", "remove", "spare")
        self.assertEqual(self.error("restore", 1, expect=3)["code"], "ConfirmationNeeded")
        self.run_ctl("restore", 1, "--undo-to", "data")
        self.assertEqual(self.json("show", 3)["target"], "data", "it is taken where it is named")

    # Incident: it was forgotten, and the restore could be neither finished nor gone back from.
    def test_what_an_interrupted_restore_keeps_is_not_forgotten(self):
        self.killed(["restore", "1"], self.is_kept)
        error = self.error("forget", 2, "--confirm", "spare", expect=3)
        self.assertEqual(error["code"], "NeededByRestore")
        self.assertIn("cairnctl resume 1", error["message"])
        self.assertIn("cairnctl undo 2", error["message"])
        self.run_ctl("undo", 2)
        self.assertEqual(self.content(), self.before)
        self.run_ctl("forget", 2, "--yes")

    def test_what_changed_since_is_not_lost_unasked(self):
        self.run_ctl("restore", 1)
        changed = self.fill("db", "third", MIB) + self.backed_up[MIB:]
        self.assertEqual(self.error("undo", expect=3)["code"], "ConfirmationNeeded")
        self.assertEqual(self.content(), changed)
        self.assertEqual(self.error("undo", "--confirm", "spare", expect=3)["code"],
                         "ConfirmationMismatch")
        self.run_ctl("undo", "--confirm", "db")
        self.assertEqual(self.content(), self.before)

    def test_what_is_kept_survives_the_loss_of_the_catalog(self):
        self.run_ctl("restore", 1)
        export = self.dir / "catalog.jsonl"
        self.run_ctl("catalog", "export", export)
        locations = {one["number"]: one["location"]
                     for one in self.json("array", "show")["members"]}
        for region in self.json("region", "list"):
            if region["role"] == "management":
                with open(locations[region["member"]], "r+b") as member:
                    member.seek(region["offsetBytes"])
                    member.write(bytes(region["sizeBytes"]))
        self.assertEqual(self.json("catalog", "rebuild", export, "--yes")["recovered"], 2)
        self.run_ctl("undo")
        self.assertEqual(self.content(), self.before)

    def test_killed_while_it_keeps_and_resumed(self):
        self.killed(["restore", "1"], self.is_being_kept)
        self.assertEqual(self.content(), self.before, "nothing is overwritten yet")
        self.run_ctl("resume", 1)
        self.assertEqual(self.content(), self.backed_up)
        self.run_ctl("undo")
        self.assertEqual(self.content(), self.before)

    def test_two_regions_that_lose_their_content_are_both_named(self):
        self.run_ctl("backup", "t1", "spare", "--yes")
        self.run_ctl("region", "add", "room", "--size", "16M", "--member", 1)
        self.fill("room", "of somebody", 16 * MIB)
        words = ("restore", 1, "--to", "spare", "--undo-to", "room")
        for named in ((), ("spare",), ("room",), ("spare", "db"), ("room", "db")):
            confirmed = [word for name in named for word in ("--confirm", name)]
            self.assertIn(self.error(*words, *confirmed, expect=3)["code"],
                          ("ConfirmationNeeded", "ConfirmationMismatch"))
        self.run_ctl(*words, "--confirm", "room", "--confirm", "spare")

    def test_what_was_canceled_is_told_from_what_failed(self):
        self.slow(SLOW)
        running = subprocess.Popen([str(BINARY), *self.uri_options(), "restore", "1", "--quiet"],
                                   env=self.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        end = time.monotonic() + PATIENCE_S
        while not self.is_being_kept():
            self.assertLess(time.monotonic(), end, "it never got there")
        running.terminate()
        self.assertIn(b"canceled", running.communicate()[1])
        self.slow(0)
        self.assertEqual(running.returncode, 130)
        self.assertEqual(self.json("history")["events"][-1]["kind"], "restore-canceled")
        self.assertIn("before it overwrote anything", self.run_ctl("list").stderr.decode())
        given_up = self.run_ctl("discard", 1, "--yes")
        self.assertIn("db is what it was", given_up.stdout.decode())
        self.assertIn("failed, given up  db", self.run_ctl("list").stdout.decode())

    def test_killed_while_it_keeps_and_undone(self):
        self.killed(["restore", "1"], self.is_being_kept)
        self.assertTrue(self.json("undo")["nothingOverwritten"])
        self.assertEqual(self.content(), self.before)
        self.assertEqual(self.json("resume"), [])

    def test_killed_while_it_overwrites_and_resumed(self):
        self.killed(["restore", "1"], self.is_kept)
        self.run_ctl("resume")
        self.assertEqual(self.content(), self.backed_up)
        self.run_ctl("undo")
        self.assertEqual(self.content(), self.before)

    def test_killed_while_it_overwrites_and_undone(self):
        self.killed(["restore", "1"], self.is_kept)
        self.assertFalse(self.json("undo", 2)["nothingOverwritten"])
        self.assertEqual(self.content(), self.before)
        self.assertEqual(self.json("resume"), [])

    # Incident: "db holds again what it held", with exit 0, of what was half of each.
    def test_what_comes_back_half_written_is_said_to_be(self):
        for name in ("t2", "area"):
            self.run_ctl("region", "add", name, "--size", SIZE, "--member", 1)
        self.run_ctl("backup", "db", "t2")
        self.killed(["restore", "1", "--undo-to", "spare"],
                    lambda: self.region("db")["halfWritten"] is not None)
        half = self.content_of_half()
        self.run_ctl("restore", 2, "--undo-to", "area")
        self.assertEqual(self.content(), self.before)
        done = self.run_ctl("undo", expect=4)
        self.assertIn("and is half-written again", done.stdout.decode())
        self.assertIn('`cairnctl undo 3 --confirm "db"`', done.stderr.decode())
        self.assertEqual(self.content_of_half(), half)
        # What the warning names ends it.
        self.run_ctl("undo", 3, "--confirm", "db")
        self.assertEqual(self.content(), self.before)
        self.assertIsNone(self.region("db")["halfWritten"])

    def content_of_half(self):
        return self.run_ctl("region", "export", "db", "-", expect=4).stdout

    def test_a_killed_undo_goes_on(self):
        for way in (["resume"], ["undo"]):
            with self.subTest(way=way):
                self.run_ctl("restore", 1)
                self.killed(["undo"], self.is_being_undone)
                self.run_ctl(*way)
                self.assertEqual(self.content(), self.before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
