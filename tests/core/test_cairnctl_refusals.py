#!/usr/bin/env python3
# What an administrator's mistakes and accidents met: each refusal says what is so, and what to do.
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import subprocess
import unittest

from cairnctl_run import MIB, CairnctlTest, SimulatedTest

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

    def test_no_backup_changes_the_source_of_a_backup_that_waits(self):
        second = self.fill("home", "v2", SIZE)
        self.run_ctl("backup", "other", "small")
        self.run_ctl("export", 2, self.dir / "other.tar")
        self.interrupt(3, "backup", "home", "more")
        for words in (["backup", "other", "home"], ["import", self.dir / "other.tar", "home"]):
            error = self.error(*words, "--confirm", "home", expect=REFUSED)
            self.assertEqual((error["code"], error["amount"]), ("RegionBusy", 3))
        self.assertEqual(self.content(), second)
        self.run_ctl("discard", 3, "--yes")
        self.run_ctl("backup", "other", "home", "--confirm", "home")

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


class Refusals(CairnctlTest):
    def setUp(self):
        super().setUp()
        self.create("96M")
        for name, size, member in (("home", "8M", 1), ("spare", "8M", 2), ("small", "8M", 2)):
            self.run_ctl("region", "add", name, "--size", size, "--member", member)
        self.data = self.fill("home", "v1", 8 * MIB)
        self.run_ctl("backup", "home", "spare")

    def told(self, *words, expect):
        return " ".join(self.run_ctl(*words, expect=expect).stderr.decode().split())

    def by_tape(self):
        """Another array with a region home of its own, and the backup from a tape in shelf."""
        self.tape = self.dir / "home tape.tar"
        self.run_ctl("export", 1, self.tape)
        self.members = [self.dir / "away.img"]
        self.create("64M")
        for name in ("home", "shelf"):
            self.run_ctl("region", "add", name, "--size", "8M")

    # Incident: the list showed backups of home, and the list of those of home said that there were
    # none.
    def test_a_source_is_found_by_the_name_that_its_backups_tell(self):
        self.run_ctl("region", "rename", "home", "house")
        self.assertIn("home, now house", self.run_ctl("list").stdout.decode())
        self.run_ctl("region", "add", "home", "--size", "8M")
        for name in ("home", "house"):
            found = self.json("list", "--source", name)
            self.assertEqual([(one["number"], one["source"], one["sourceNow"]) for one in found],
                             [(1, "home", "house")])
        self.assertIn("now house", self.run_ctl("show", 1).stdout.decode())
        self.run_ctl("region", "add", "fresh", "--size", "8M")
        self.assertEqual(self.json("list", "--source", "fresh"), [])

    def test_a_source_of_another_array_is_not_taken_for_the_region_of_its_name(self):
        self.by_tape()
        self.run_ctl("import", self.tape, "shelf")
        self.assertIn("home, not today's home", self.run_ctl("list").stdout.decode())
        found = self.json("list", "--source", "home")
        self.assertEqual([(one["number"], one["sourceNow"]) for one in found], [(1, None)])

    # Incident: "the array has no region home", beside which the list of regions showed home.
    def test_a_backup_from_elsewhere_says_which_region_it_came_from(self):
        came_from = self.region("home")["id"]
        self.by_tape()
        self.run_ctl("import", self.tape, "shelf")
        error = self.error("restore", 1, expect=USAGE)
        self.assertEqual(error["code"], "UnknownRegion")
        self.assertIn(f"the region home with the PARTUUID {came_from} is not in this array",
                      error["message"])
        self.assertIn("cairnctl restore 1 --to REGION", error["message"])
        self.run_ctl("restore", 1, "--to", "home", "--confirm", "home")

    # Incident: it advised --yes, and with --yes it said that --yes is not enough.
    def test_the_last_good_copy_is_given_up_by_its_regions_name_at_once(self):
        for words in ([], ["--yes"]):
            told = self.told("forget", 1, *words, expect=REFUSED)
            self.assertIn('--confirm "spare"', told)
            self.assertNotIn("Give --yes", told)
        self.run_ctl("backup", "home", "small")
        self.assertIn("Give --yes", self.told("forget", 1, expect=REFUSED))
        self.run_ctl("forget", 1, "--yes")

    def test_a_restore_without_room_for_an_undo_says_so(self):
        self.run_ctl("region", "remove", "small")
        with self.nothing_changes():
            told = self.told("restore", 1, expect=REFUSED)
        self.assertIn("nothing can be kept of what it overwrites in home: no region is free and "
                      "large enough", told)
        for way_out in ("cairnctl region add", "--undo-to REGION", '--confirm "home"'):
            self.assertIn(way_out, told)
        # Where nothing was to be kept, that is no reason.
        self.assertNotIn("large enough",
                         self.told("restore", 1, "--no-undo", expect=REFUSED))

    def test_a_full_output_is_no_doubt_about_the_backup(self):
        for words in (["export", 1], ["region", "export", "home"]):
            told = self.told(*words, "/dev/full", expect=FAILED)
            self.assertIn("Make space there", told)
            self.assertNotIn("verify", told)

    def test_accepting_does_not_say_that_it_erases(self):
        pipe = self.data * 2
        self.run_ctl("region", "import", "home", "-", "--confirm", "home", expect=FAILED,
                     stdin=self.file_of(pipe))
        told = self.told("region", "accept", "home", expect=REFUSED)
        self.assertIn("it erases nothing, and lets home be backed up", told)
        self.assertIn('--confirm "home"', told)
        self.assertNotIn("it erases what", told)

    def file_of(self, data):
        """A pipe that holds the data, of which the size is not known beforehand."""
        path = self.dir / "stream"
        path.write_bytes(data)
        cat = subprocess.Popen(["cat", str(path)], stdout=subprocess.PIPE)
        self.addCleanup(cat.wait)
        self.addCleanup(cat.stdout.close)
        return cat.stdout

    def test_an_empty_file_argument_is_refused_by_all_alike(self):
        for words in (["export", 1, ""], ["import", "", "small"], ["region", "export", "home", ""],
                      ["region", "import", "small", ""], ["catalog", "export", ""],
                      ["catalog", "rebuild", ""], ["report", ""]):
            with self.subTest(words=words), self.nothing_changes():
                self.assertIn("FILE: it is empty", self.told(*words, expect=USAGE))

    def test_what_never_began_is_not_said_to_go_on(self):
        noise = self.dir / "noise"
        noise.write_bytes(self.data[:MIB])
        for file in ("/dev/null", noise):
            with self.subTest(file=file), self.nothing_changes():
                told = self.told("import", file, "small", expect=FAILED)
                self.assertNotIn("goes on", told)
                self.assertIn("Nothing was changed", told)

    def test_an_import_that_waits_names_the_file_that_it_needs(self):
        self.by_tape()
        whole = self.tape.read_bytes()
        cut = self.dir / "cut.tar"
        cut.write_bytes(whole[:-2 * MIB])
        # Of a pipe it is seen only in the middle.
        self.tape.unlink()
        os.mkfifo(self.tape)
        with subprocess.Popen(["sh", "-c", "cat \"$0\" > \"$1\"", cut, self.tape]) as writer:
            self.run_ctl("import", self.tape, "shelf", expect=FAILED)
            self.assertEqual(writer.wait(), 0)
        self.tape.unlink()
        self.tape.write_bytes(whole)
        with self.nothing_changes():
            told = self.told("resume", expect=REFUSED)
        self.assertIn(f'cairnctl import "{self.tape}" shelf', told)
        self.run_ctl("import", self.tape, "shelf")

    def test_a_link_that_leads_nowhere_is_called_one(self):
        link = self.dir / "link"
        link.symlink_to(self.dir / "missing" / "file")
        for words in (["export", 1, link], ["region", "export", "home", link], ["report", link],
                      ["catalog", "export", link]):
            with self.subTest(words=words), self.nothing_changes():
                self.assertIn("a symbolic link that leads nowhere", self.told(*words, expect=USAGE))
                self.assertTrue(link.is_symlink())

    def test_the_ledger_tells_that_an_import_came_from_a_stream(self):
        self.run_ctl("region", "import", "small", "-", stdin=self.file_of(self.data))
        details = [event["detail"] for event in self.json("history")["events"]
                   if event["kind"] == "region-import-started"]
        self.assertEqual(details[-1], "a stream")


if __name__ == "__main__":
    unittest.main()
