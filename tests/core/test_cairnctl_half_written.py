#!/usr/bin/env python3
# A region that holds half of one content and half of another is never taken for a good source.
import json
import pathlib
import subprocess
import sys
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "support"))
from cairnctl_run import MIB, SimulatedTest

SIZE = 16 * MIB


class HalfWritten(SimulatedTest):
    def setUp(self):
        super().setUp()
        self.run_ctl("array", "create", "--member-size", "128M", "--label", "test")
        for name, size, member in (("src", "16M", 1), ("dst", "16M", 2), ("big", "24M", 2)):
            self.run_ctl("region", "add", name, "--size", size, "--member", member)
        self.true = self.fill("src", "first", SIZE)
        self.run_ctl("backup", "src", "dst")
        self.other = self.fill("src", "second", SIZE)

    def content(self, region="src"):
        return self.run_ctl("region", "export", region, "-").stdout

    def killed_halfway(self, words, half):
        """Kills the command once the bytes of src are half of each."""
        # Where they lie is asked before: on a slowed disk that takes as long as the half.
        read = self.reader_of("src")
        self.killed(words, lambda: half(read()))
        self.assertTrue(half(read()))

    def reader_of(self, name):
        region = self.region(name)
        location = {one["number"]: one["location"] for one in
                    self.json("array", "show")["members"]}[region["member"]]

        def read():
            with open(location, "rb") as member:
                member.seek(region["offsetBytes"])
                return member.read(region["sizeBytes"])
        return read

    def bytes_of(self, name):
        return self.reader_of(name)()

    def region(self, name):
        return next(one for one in self.json("region", "list") if one["name"] == name)

    def half_restored(self, content):
        return (any(content[at:at + MIB] == self.true[at:at + MIB]
                    for at in range(MIB, SIZE - MIB, MIB)) and
                any(content[at:at + MIB] == self.other[at:at + MIB]
                    for at in range(MIB, SIZE - MIB, MIB)))

    def give_up_a_restore(self):
        self.killed_halfway(["restore", "1", "--no-undo", "--confirm", "src"], self.half_restored)
        self.assertEqual(self.region("src")["halfWritten"]["state"], "interrupted")
        given_up = self.run_ctl("discard", 1, "--yes")
        self.assertIn("src stays half-written", given_up.stdout.decode())

    def is_refused_as_source(self, kind, backup):
        for words in (["backup", "src", "big", "--yes"],
                      ["backup", "src", "big", "--confirm", "big"]):
            error = self.error(*words, expect=3)
            self.assertEqual((error["code"], error["detail"]), ("HalfWritten", kind))
            self.assertIn("region accept", error["message"])
        half = self.region("src")["halfWritten"]
        self.assertEqual((half["state"], half["kind"], half["backup"]), ("given-up", kind, backup))
        self.assertEqual([one["region"] for one in self.json("array", "show")["halfWritten"]
                          if one["state"] == "given-up" and one["kind"] == kind], ["src"])
        self.assertIn("half-written", self.run_ctl("region", "list").stdout.decode())
        self.assertIn("src is half-written", self.run_ctl("list").stderr.decode())
        report = json.loads(self.run_ctl("report").stdout)
        self.assertEqual([one["halfWritten"]["state"] for one in report["array"]["regions"]
                          if one["name"] == "src"], ["given-up"])

    # Incident: the half-restored region was backed up, and the next backup replaced the only true
    # copy, because there was "another good copy".
    def test_the_only_true_copy_outlives_a_restore_that_was_given_up(self):
        self.give_up_a_restore()
        self.is_refused_as_source("restore", 1)
        self.assertEqual(self.error("region", "accept", "src", "--yes", expect=3)["code"],
                         "ConfirmationNeeded")
        mismatch = self.error("region", "accept", "src", "--confirm", "dst", expect=3)
        self.assertEqual(mismatch["code"], "ConfirmationMismatch")
        accepted = self.json("region", "accept", "src", "--confirm", "src")
        self.assertEqual(accepted["halfWritten"]["state"], "accepted")
        self.assertEqual(self.json("history")["events"][-1]["kind"], "content-accepted")
        self.run_ctl("backup", "src", "big")
        self.assertTrue(self.json("show", 2)["takenAsIs"])
        self.assertIn("taken as it was", self.run_ctl("list").stdout.decode())
        error = self.error("backup", "src", "dst", "--yes", expect=3)
        self.assertEqual(error["code"], "ConfirmationNeeded")
        self.assertEqual(self.json("show", 1)["state"], "good")
        self.assertEqual(self.error("forget", 1, "--yes", expect=3)["code"], "ConfirmationNeeded")
        # The mixture is the mixture still, on a tape and restored.
        self.run_ctl("export", 2, self.dir / "mixture.tar")
        self.run_ctl("region", "add", "more", "--size", "16M", "--member", 1)
        self.run_ctl("import", self.dir / "mixture.tar", "more")
        self.assertTrue(self.json("show", 3)["takenAsIs"])
        self.fill("src", "third", SIZE)
        self.run_ctl("restore", 2, "--no-undo", "--confirm", "src")
        self.run_ctl("backup", "src", "more", "--yes")
        self.assertTrue(self.json("show", 4)["takenAsIs"])
        self.assertEqual(self.error("backup", "src", "dst", "--yes", expect=3)["code"],
                         "ConfirmationNeeded")
        self.assertEqual(self.content("dst"), self.true)
        # The true copy restored is whole, and its backup counts.
        self.run_ctl("restore", 1, "--no-undo", "--confirm", "src")
        self.assertIsNone(self.region("src")["halfWritten"])
        self.run_ctl("backup", "src", "more", "--yes")
        self.assertFalse(self.json("show", 5)["takenAsIs"])
        self.run_ctl("backup", "src", "dst", "--yes")

    def test_a_half_written_region_is_restored_or_imported_into(self):
        self.give_up_a_restore()
        self.run_ctl("restore", 1, "--no-undo", "--confirm", "src")
        self.assertIsNone(self.region("src")["halfWritten"])
        self.assertEqual(self.content(), self.true)
        self.other = self.fill("src", "second", SIZE)
        self.give_up_a_restore()
        self.fill("src", "a quarter", SIZE // 4)
        self.is_refused_as_source("restore", 1)
        self.other = self.fill("src", "whole", SIZE)
        self.assertIsNone(self.region("src")["halfWritten"])
        self.run_ctl("backup", "src", "big")

    def exported(self, expect, *told):
        """Exports src, and checks that the warning tells that; returns the JSON."""
        file = self.dir / "src.img"
        done = self.run_ctl("region", "export", "src", file, "--yes", "--json", expect=expect)
        warnings = [json.loads(line)["warning"] for line in done.stderr.decode().splitlines()]
        messages = [one["message"] for one in warnings if one["code"] == "HalfWrittenExported"]
        self.assertEqual(len(messages), 1 if told else 0)
        for part in told:
            self.assertIn(part, messages[0])
        self.assertEqual(file.read_bytes(), self.bytes_of("src"), "all of it is written")
        last = self.json("history")["events"][-1]
        self.assertEqual(last["kind"], "region-exported")
        self.assertEqual("half-written" in last["detail"], bool(told))
        return json.loads(done.stdout)

    def ledger(self):
        return [(one["kind"], one["detail"]) for one in self.json("history")["events"]]

    # Incident: of a killed import the ledger said that all was imported.
    def test_the_ledger_tells_no_import_that_did_not_end(self):
        self.assertEqual(self.ledger()[-2:], [("region-import-started", f"{SIZE} bytes"),
                                              ("region-imported", f"{SIZE} bytes")])
        before = len(self.ledger())
        fresh = self.dir / "fresh.img"
        fresh.write_bytes(self.true)
        self.killed_halfway(["region", "import", "src", str(fresh), "--confirm", "src"],
                            self.half_restored)
        self.run_ctl("hold", 1)
        self.assertEqual([kind for kind, _ in self.ledger()[before:]],
                         ["region-import-started", "held"])
        # From a pipe, that it is too long is found at the end.
        self.run_ctl("region", "add", "tiny", "--size", "2M", "--member", 1)
        with subprocess.Popen(["cat", fresh], stdout=subprocess.PIPE) as pipe:
            self.run_ctl("region", "import", "tiny", "-", stdin=pipe.stdout, expect=1)
        self.assertEqual([kind for kind, _ in self.ledger()[-2:]],
                         ["region-import-started", "region-import-failed"])

    # Incident: a killed restore, which can go on, was called failed.
    def test_the_ledger_tells_a_killed_restore_from_one_that_failed(self):
        before = len(self.ledger())
        self.killed_halfway(["restore", "1", "--no-undo", "--confirm", "src"], self.half_restored)
        self.run_ctl("resume", 1)
        kinds = [kind for kind, _ in self.ledger()[before:]]
        self.assertEqual([kind for kind in kinds if kind.startswith("restore-")],
                         ["restore-started", "restore-interrupted", "restore-started",
                          "restore-finished"])

    # Incident: exported into a file and imported elsewhere, half of each became a good backup.
    def test_a_half_written_region_is_not_exported_in_silence(self):
        self.assertIsNone(self.exported(0)["halfWritten"])
        self.killed_halfway(["restore", "1", "--no-undo", "--confirm", "src"], self.half_restored)
        half = self.exported(4, "a restore of backup #1 did not end", "`cairnctl resume 1`")
        self.assertEqual(half["halfWritten"]["state"], "interrupted")
        self.run_ctl("discard", 1, "--yes")
        self.assertEqual(self.exported(4, "region accept src")["halfWritten"]["state"], "given-up")
        stream = self.run_ctl("region", "export", "src", "-", "--quiet", expect=4)
        self.assertEqual(stream.stdout, self.bytes_of("src"))
        self.assertIn("the half-written region src", stream.stderr.decode())
        text = self.run_ctl("region", "export", "src", self.dir / "src.img", "--yes", expect=4)
        self.assertIn("it is half-written", text.stdout.decode())
        self.run_ctl("region", "accept", "src", "--confirm", "src")
        self.assertEqual(self.exported(0, "accepted as it is")["halfWritten"]["state"], "accepted")
        self.run_ctl("restore", 1, "--no-undo", "--confirm", "src")
        self.assertIsNone(self.exported(0)["halfWritten"])

    def test_an_import_that_was_killed_leaves_its_mark(self):
        fresh = self.dir / "fresh.img"
        fresh.write_bytes(self.true)
        self.killed_halfway(["region", "import", "src", str(fresh), "--confirm", "src"],
                            self.half_restored)
        self.is_refused_as_source("region-import", None)
        self.fill("src", "whole", SIZE)
        self.run_ctl("backup", "src", "big")

    def refusals(self, source, target):
        return next(one["refusals"] for one in self.json("targets", source)
                    if one["region"] == target)

    def test_an_undo_that_was_killed_and_given_up_leaves_its_mark(self):
        self.run_ctl("restore", 1)
        self.true, self.other = self.other, self.true
        self.killed_halfway(["undo"], self.half_restored)
        self.assertIn("the undo with #2 was interrupted", self.run_ctl("list").stderr.decode())
        # Incident: it was called a restore wherever it was in the way.
        refused = self.error("backup", "src", "big", "--yes", expect=3)
        self.assertEqual((refused["code"], refused["detail"]), ("RestoreUnfinished", "undo"))
        self.assertIn("the undo with #2 into src was interrupted", refused["message"])
        self.assertEqual([one["text"] for one in self.refusals("dst", "src")],
                         ["the undo with #2 into it is not finished",
                          "is half-written: the undo with #2 did not end",
                          "holds something that is not recognised"])
        needed = self.refusals("dst", "big")
        self.assertEqual([one["text"] for one in needed if one["reason"] == "needed-by-restore"],
                         ["what was interrupted in src needs #2 from it"])
        given_up = self.run_ctl("discard", 2, "--yes").stdout.decode()
        self.assertIn("Gave up the undo #2 of a restore to src. src stays half-written", given_up)
        self.run_ctl("region", "add", "more", "--size", "16M", "--member", 1)
        self.assertEqual(self.error("backup", "src", "more", "--yes", expect=3)["code"],
                         "HalfWritten")
        self.run_ctl("undo", 2, "--confirm", "src")
        self.assertEqual(self.content(), self.true)
        self.run_ctl("backup", "src", "more")

    def test_the_target_of_a_backup_that_was_given_up_is_no_source(self):
        read = self.reader_of("big")
        self.killed(["backup", "src", "big"], lambda: any(read()))
        self.run_ctl("region", "add", "more", "--size", "24M", "--member", 1)
        words = ("backup", "big", "more", "--yes")
        self.assertEqual(self.error(*words, expect=3)["code"], "HalfWritten")
        self.run_ctl("discard", 2, "--yes")
        self.assertEqual(self.error(*words, expect=3)["code"], "HalfWritten")
        self.run_ctl("forget", 2, "--yes")
        self.assertEqual(self.error(*words, expect=3)["code"], "HalfWritten")
        whole = self.error("region", "accept", "dst", "--confirm", "dst", expect=2)
        self.assertEqual(whole["code"], "InvalidArgument")
        # Of a forgotten backup no record tells any more what the bytes are worth.
        self.assertEqual(self.error("backup", "src", "big", "--yes", expect=3)["code"],
                         "ConfirmationNeeded")
        self.run_ctl("backup", "src", "big", "--confirm", "big")

    def test_the_mark_is_in_an_export_of_the_catalog(self):
        self.give_up_a_restore()
        export = self.dir / "catalog.jsonl"
        self.run_ctl("catalog", "export", export)
        lines = [json.loads(line) for line in export.read_text().splitlines()]
        self.assertEqual(lines[0]["version"], 2)
        self.assertEqual([(one["write"], one["region"]["name"]) for one in lines
                          if one["kind"] == "unfinished"], [("restore", "src")])
        locations = {one["number"]: one["location"]
                     for one in self.json("array", "show")["members"]}
        for region in self.json("region", "list"):
            if region["role"] == "management":
                with open(locations[region["member"]], "r+b") as member:
                    member.seek(region["offsetBytes"])
                    member.write(bytes(region["sizeBytes"]))
        self.run_ctl("catalog", "rebuild", export, "--yes")
        self.is_refused_as_source("restore", 1)

    def test_a_removed_region_leaves_no_mark(self):
        self.give_up_a_restore()
        self.run_ctl("region", "remove", "src", "--confirm", "src")
        self.assertNotIn("half-written", self.run_ctl("list").stderr.decode())
        self.assertEqual([one for one in self.json("array", "show")["halfWritten"]
                          if one["region"] == "src"], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
