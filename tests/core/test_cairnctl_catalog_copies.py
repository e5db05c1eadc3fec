#!/usr/bin/env python3
# What cairnctl tells of copies of the catalog that cannot be written, and of the backups meanwhile.
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import json
import subprocess
import unittest

from cairnctl_run import BINARY, MIB, SimulatedTest


class CatalogCopies(SimulatedTest):
    def setUp(self):
        super().setUp()
        self.create()
        self.run_ctl("region", "add", "s", "--size", "4M", "--member", 2)
        self.run_ctl("region", "add", "t", "--size", "4M", "--member", 1)
        self.run_ctl("region", "add", "u", "--size", "4M", "--member", 1)
        self.fill("s", "first", 4 * MIB)

    def set_faults(self, **faults):
        """Of the first member."""
        path = self.dir / "sim" / "simulation.json"
        description = json.loads(path.read_text())
        description["members"][0]["faults"] = faults
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(description))
        fresh.replace(path)

    def management(self):
        return next(one for one in self.json("region", "list") if one["role"] == "management")

    def fail_catalog_writes(self):
        """All of the first member's management region but its super blocks."""
        region = self.management()
        self.set_faults(unwritable=[[region["offsetBytes"] + MIB, region["sizeBytes"] - MIB]])

    def copies(self):
        return [one["state"] for one in self.json("array", "show")["catalog"]["copies"]]

    def test_a_backup_is_good_though_a_copy_of_the_catalog_fails_meanwhile(self):
        self.run_ctl("backup", "s", "t")
        self.fail_catalog_writes()
        done = self.run_ctl("backup", "s", "t", "--confirm", "t")
        self.assertIn(b"Backup #2 of s in t is good", done.stdout)
        self.assertIn(b"since it could not be written: ", done.stderr)
        self.assertIn(b"Input/output error", done.stderr)
        self.assertEqual(self.json("show", 2)["state"], "good")
        events = self.json("history")["events"]
        self.assertIn(("verified", 2), [(one["kind"], one["backup"]) for one in events])

    def test_a_repair_that_fails_is_told_with_its_reason(self):
        self.run_ctl("backup", "s", "t")
        self.fail_catalog_writes()
        self.run_ctl("hold", 1)
        for words in (("release", 1), ("region", "add", "v", "--size", "2M", "--member", 2),
                      ("backup", "s", "u")):
            done = self.run_ctl(*words)
            self.assertIn(b"its repair was tried, and failed: ", done.stderr, words)
            self.assertIn(b"Input/output error", done.stderr, words)
        # What only reads has tried nothing.
        self.assertNotIn(b"was tried", self.run_ctl("list").stderr)
        self.assertEqual(self.copies(), ["behind", "current"])
        self.assertEqual([one["state"] for one in self.json("list")], ["good", "good"])
        self.set_faults()
        self.assertNotIn(b"was tried", self.run_ctl("hold", 1).stderr)
        self.assertEqual(self.copies(), ["current", "current"])

    def test_a_full_disk_costs_no_copy_that_can_be_read(self):
        self.run_ctl("backup", "s", "t")
        self.fail_catalog_writes()
        self.run_ctl("hold", 1)
        self.set_faults(full=True)
        for command in ("release", "hold"):
            done = self.run_ctl(command, 1)
            self.assertIn(b"is behind still: its repair was tried, and failed: ", done.stderr)
        self.assertEqual(self.copies(), ["behind", "current"])

    # Incident: the warning came after the error, which a script looks for in the last line.
    def test_the_error_of_a_partial_backup_is_the_last_line(self):
        target, catalog = self.region("t"), self.management()
        self.set_faults(unwritable=[[catalog["offsetBytes"] + MIB, catalog["sizeBytes"] - MIB]],
                        unreadable=[[target["offsetBytes"] + 2 * MIB, 4096]])
        done = self.run_ctl("backup", "s", "t", "--json", expect=4)
        self.assertEqual(done.stdout, b"")
        lines = [json.loads(line) for line in done.stderr.decode().splitlines()]
        self.assertEqual([next(iter(line)) for line in lines], ["warning", "error"])
        self.assertEqual(lines[0]["warning"]["code"], "CatalogCopyUnwritten")
        self.assertEqual(lines[1]["error"]["exitCode"], 4)
        told = self.run_ctl("backup", "s", "t", "--confirm", "t", expect=4).stderr.decode()
        self.assertLess(told.index("its repair was tried"), told.index("cairnctl: cannot"), told)

    # Incident: while another process wrote, and all was well, list told of copies that were behind,
    # and of backups that were not there.
    def test_a_reader_beside_a_writer_is_not_alarmed(self):
        self.run_ctl("backup", "s", "t")
        script = ("for i in 1 2 3 4 5 6; do \"$@\" region rename u v --quiet && "
                  "\"$@\" backup s t --yes --confirm t --quiet && "
                  "\"$@\" region rename v u --quiet || exit 1; done")
        writer = subprocess.Popen(["sh", "-c", script, "sh", str(BINARY), *self.uri_options()],
                                  env=self.environment, stderr=subprocess.PIPE)
        while writer.poll() is None:
            told = self.run_ctl("list").stderr.decode()
            self.assertNotIn("not as they were", told)
            self.assertNotIn("repairs it, or", told)
        self.assertEqual((writer.returncode, writer.communicate()[1]), (0, b""))


if __name__ == "__main__":
    unittest.main()
