#!/usr/bin/env python3
# A catalog that gets full says so before, refuses cleanly, and everything in it can be read.
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import json
import subprocess
import unittest

from cairnctl_run import BINARY, MIB, CairnctlTest, tool

NOTE = "n" * 4000
RECORD = 4760  # Bytes that one with this note takes, about.
NEARLY = "the catalog is nearly full: "


class FullCatalog(CairnctlTest):
    def setUp(self):
        super().setUp()
        self.create(member_size="32M")
        for name, member in (("db", 1), ("t1", 2), ("t2", 2)):
            self.run_ctl("region", "add", name, "--size", "1M", "--member", member)
        self.data = self.fill("db", "db", MIB)
        self.run_ctl("backup", "db", "t1", "--label", "kept")

    def catalog(self):
        return self.json("array", "show")["catalog"]

    def warning(self):
        """What is said of it beside the answer of a command that only reads."""
        told = self.run_ctl("list").stderr.decode()
        return [line for line in told.splitlines() if NEARLY in line]

    def fill_catalog(self, left):
        """Makes it anew from its export, with forgotten backups until so many bytes are left."""
        file = self.dir / "catalog.jsonl"
        self.run_ctl("catalog", "export", file)
        lines = file.read_text().splitlines()
        records = [json.loads(line) for line in lines]
        record = next(one for one in records if one["kind"] == "generation")
        events = next(at for at, one in enumerate(records) if one["kind"] == "event")
        catalog = self.catalog()
        count = (catalog["capacityBytes"] - catalog["usedBytes"] - left) // RECORD
        highest = max(one["number"] for one in records if one["kind"] == "generation")
        record |= {"state": "forgotten", "note": NOTE}
        more = [json.dumps(record | {"number": highest + 1 + at}) for at in range(count)]
        before = "".join(line + "\n" for line in [*lines[:events], *more, *lines[events:-1]])
        file.write_text(before)
        digest = tool("xxhsum", "-H2", file).stdout.decode().split()[0]
        end = records[-1] | {"lines": records[-1]["lines"] + len(more), "xxh3_128": digest}
        file.write_text(before + json.dumps(end) + "\n")
        self.lose_the_catalog()
        self.run_ctl("catalog", "rebuild", file, "--yes")
        file.unlink()
        return highest + count

    def lose_the_catalog(self):
        for region in self.json("region", "list"):
            if region["role"] == "management":
                with open(self.members[region["member"] - 1], "r+b") as member:
                    member.seek(region["offsetBytes"])
                    member.write(bytes(region["sizeBytes"]))

    def test_it_is_said_before_it_is_full_and_then_nothing_is_lost(self):
        capacity = self.catalog()["capacityBytes"]
        self.fill_catalog(left=capacity // 4)
        self.assertEqual(self.warning(), [], "there is room")
        # A twentieth is kept back, for what must still be written of jobs that were begun.
        made = self.fill_catalog(left=capacity // 20 + 60_000)
        self.assertEqual(len(self.warning()), 1)
        self.assertRegex(self.warning()[0], r"[.0-9]+ MiB of 7[.]4 MiB are used[.]$")

        again = ("backup", "db", "t2", "--yes", "--confirm", "t2", "--note", NOTE)
        done = self.run_ctl(*again)
        self.assertIn(NEARLY, done.stderr.decode())
        made = self.backups_until_refused(again, made + 1)
        # Incident: of the refused backup, the catalog's journal kept that there was one.
        # Of the writer lease it is, that the journal was made sure of before.
        with self.nothing_changes(but_the_lease=True):
            refused = self.error(*again, expect=1)
            self.assertEqual(refused["code"], "CatalogFull")
            told = self.run_ctl(*again, expect=1).stderr.decode()
        self.assertIn("the management region is full", told)
        self.assertIn("Nothing was changed", told)
        self.everything_can_be_read(made)
        self.a_restore_goes_without_undo(told)

    def backups_until_refused(self, words, made):
        command = [str(BINARY), *self.uri_options(), *words, "--quiet"]
        for _ in range(60):
            done = subprocess.run(command, env=self.environment, stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=60, check=False)
            if done.returncode != 0:
                return made
            made += 1
        self.fail("it never gets full")

    # Incident: it was refused for want of room, and nothing told that there is a way.
    def a_restore_goes_without_undo(self, told):
        self.assertIn("`restore N --no-undo`", told)
        self.fill("db", "changed", MIB)
        self.run_ctl("restore", 1, "--no-undo", "--confirm", "db")
        self.assertEqual(self.run_ctl("region", "export", "db", "-").stdout, self.data)

    def everything_can_be_read(self, made):
        records = self.json("list")
        self.assertEqual([one["number"] for one in records], list(range(made, 0, -1)))
        self.assertEqual(self.json("show", made)["note"], NOTE)
        self.assertTrue(self.json("verify", 1)["good"])
        self.assertTrue(self.json("verify", made)["good"])
        self.assertTrue(self.json("history")["chainIntact"])
        self.assertEqual(self.run_ctl("region", "export", "t1", "-").stdout, self.data)
        self.run_ctl("catalog", "export", self.dir / "after.jsonl")


if __name__ == "__main__":
    unittest.main()
