#!/usr/bin/env python3
# What a failing disk still gives can be had, and what it does not give is listed.
import json
import pathlib
import shlex
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from cairnctl_run import MIB, SimulatedTest

SIZE = 8 * MIB
PIECE = 4096
BAD = 5 * MIB + 3 * PIECE  # In t, and not at the beginning of a chunk.
FAILED, REFUSED, PARTIAL = 1, 3, 4


class Rescue(SimulatedTest):
    def setUp(self):
        super().setUp()
        self.run_ctl("array", "create", "--member-size", "64M", "--label", "test")
        for name, member in (("db", 1), ("t", 2), ("u", 2)):
            self.run_ctl("region", "add", name, "--size", "8M", "--member", member)
        self.data = self.fill("db", "db", SIZE)

    def fault(self, **faults):
        path = self.dir / "sim" / "simulation.json"
        description = json.loads(path.read_text())
        description["members"][1]["faults"].update(faults)
        path.write_text(json.dumps(description))

    # Incident: the advice was `region export`, which wrote nothing at all.
    def test_of_a_partial_backup_the_rest_is_written_and_what_is_not_is_listed(self):
        self.run_ctl("backup", "db", "t")
        self.fault(unreadable=[[self.region("t")["offsetBytes"] + BAD, PIECE]])
        self.run_ctl("verify", 1, expect=FAILED)
        for words in (["restore", 1], ["export", 1, self.dir / "o.tar"]):
            message = self.error(*words, expect=REFUSED)["message"]
            self.assertIn("`cairnctl region export --skip-unreadable`", message)
        file = self.dir / "t.img"
        failed = self.error("region", "export", "t", file, expect=FAILED)
        self.assertEqual(failed["code"], "ReadFailed")
        self.assertIn("--skip-unreadable", failed["message"])
        self.assertFalse(file.exists())
        done = self.run_ctl("region", "export", "t", file, "--skip-unreadable", "--json",
                            expect=PARTIAL)
        self.assertEqual(json.loads(done.stdout)["unreadable"],
                         [{"offsetBytes": BAD, "sizeBytes": PIECE}])
        self.assertIn(f"bytes {BAD}-{BAD + PIECE - 1}", done.stderr.decode())
        expected = self.data[:BAD] + bytes(PIECE) + self.data[BAD + PIECE:]
        self.assertEqual(file.read_bytes(), expected)
        told = self.run_ctl("--yes", "region", "export", "t", file, "--skip-unreadable",
                            expect=PARTIAL)
        self.assertIn(b"not all could be read", told.stdout)
        last = self.json("history")["events"][-1]
        self.assertIn("without what could not be read", last["detail"])

    # Incident: the bytes that verify had found to be wrong were handed out as a success.
    def test_a_damaged_backup_is_not_exported_as_if_it_were_whole(self):
        self.run_ctl("backup", "db", "t")
        sim = self.dir / "sim"
        member = json.loads((sim / "simulation.json").read_text())["members"][1]
        with open(sim / member["file"], "r+b") as disk:
            disk.seek(self.region("t")["offsetBytes"] + 3 * MIB)
            disk.write(b"x" * MIB)
        self.run_ctl("verify", 1, expect=FAILED)
        self.assertIn("differs from what was copied", self.error("restore", 1,
                                                                 expect=REFUSED)["message"])
        file = self.dir / "t.img"
        done = self.run_ctl("region", "export", "t", file, "--json", expect=PARTIAL)
        self.assertIn(b"damaged backup #1", done.stderr)
        self.assertIn(b"chunk of 1 MiB: 3", done.stderr)
        exported = json.loads(done.stdout)
        self.assertEqual(exported["damagedChunks"], self.json("show", 1)["damagedChunks"])
        told = self.run_ctl("--yes", "region", "export", "t", file, expect=PARTIAL)
        self.assertIn(b"it is a damaged backup", told.stdout)
        self.assertIn("damaged backup", self.json("history")["events"][-1]["detail"])

    def test_where_all_can_be_read_nothing_is_skipped(self):
        file = self.dir / "db.img"
        done = self.json("region", "export", "db", file, "--skip-unreadable")
        self.assertEqual(done["unreadable"], [])
        self.assertEqual(file.read_bytes(), self.data)

    # Incident: "cairnctl import FILE t", whatever the file was.
    def test_an_import_that_failed_names_its_file(self):
        self.run_ctl("backup", "db", "t")
        tape = self.dir / "a tape.tar"
        self.run_ctl("export", 1, tape)
        self.fault(unwritable=[[self.region("u")["offsetBytes"] + BAD, PIECE]])
        message = self.error("import", tape, "u", expect=FAILED)["message"]
        self.fault(unwritable=[])
        self.run_ctl(*shlex.split(message.rpartition("Continue it with: cairnctl ")[2]))
        self.assertEqual(self.json("show", 2)["state"], "good")


if __name__ == "__main__":
    unittest.main(verbosity=2)
