#!/usr/bin/env python3
# Whoever asks what to do about an interrupted restore gets the same two commands everywhere.
import os
import pathlib
import re
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import unittest

from cairnctl_run import MIB, SimulatedTest, sha256

REFUSED = 3
SIZE = 32 * MIB


class InterruptedRestore(SimulatedTest):
    """home has changed since its backup #1 in spare; small is free."""

    def setUp(self):
        super().setUp()
        self.run_ctl("array", "create", "--member-size", "160M")
        for name, member in (("home", 1), ("spare", 2), ("small", 2)):
            self.run_ctl("region", "add", name, "--size", SIZE, "--member", member)
        self.old, self.new = self.dir / "old.img", self.dir / "new.img"
        for file in (self.old, self.new):
            file.write_bytes(os.urandom(SIZE))
        self.run_ctl("region", "import", "home", self.old)
        self.run_ctl("backup", "home", "spare")
        self.run_ctl("region", "import", "home", self.new, "--confirm", "home")

    def kill_when_it_writes(self, *words):
        home = self.region("home")
        path = self.dir / "sim" / "member-0.img"

        def beginning():
            with open(path, "rb") as file:
                file.seek(home["offsetBytes"] + 2 * MIB)
                return file.read(4096)

        before = beginning()
        self.killed(words, lambda: beginning() != before)

    def content(self):
        file = self.dir / "content.img"
        self.run_ctl("--yes", "region", "export", "home", file)
        return sha256(file)

    def told_everywhere(self, *more):
        """Each command that tells of the restore, and the commands that it tells."""
        found = {}
        for words in (["list"], ["region", "list"], ["array", "show"]):
            found[words[0]] = self.run_ctl(*words).stderr.decode()
        for words in (["backup", "home", "small"], ["region", "remove", "spare"],
                      ["region", "accept", "home", "--confirm", "home"], *more):
            found[" ".join(words)] = self.error(*words, expect=REFUSED)["message"]
        return {key: set(re.findall(r"`cairnctl ((?:resume|undo|discard) [^`]*)`", text))
                for key, text in found.items()}

    # Incident: errors told to discard what the warnings beside them told to undo, and "#2 to be
    # finished" to resume #2, which is no job.
    def test_one_that_keeps_what_it_overwrites_is_finished_or_gone_back_from(self):
        self.kill_when_it_writes("restore", "1")
        told = self.told_everywhere(["region", "remove", "small"], ["restore", "1"])
        for words, commands in told.items():
            self.assertEqual(commands, {"resume 1", "undo 2"}, words)
        shutil.copytree(self.dir / "sim", self.dir / "sim-copy")
        self.run_ctl("undo", 2)
        self.assertEqual(self.content(), sha256(self.new))
        self.members = [f"sim:{self.dir / 'sim-copy'}"]
        self.run_ctl("resume", 1)
        self.assertEqual(self.content(), sha256(self.old))

    # Incident: `show` said "interrupted", and not what ends that.
    def test_an_interrupted_backup_tells_what_ends_it(self):
        self.killed(["backup", "home", "small"],
                    lambda: self.json("list")[0]["state"] == "copying")
        shown = self.run_ctl("show", 2).stdout.decode()
        self.assertIn("`cairnctl resume 2`", shown)
        self.assertIn("`cairnctl discard 2`", shown)
        self.run_ctl("resume", 2)
        self.assertNotIn("resume", self.run_ctl("show", 2).stdout.decode())

    def test_one_that_keeps_nothing_is_finished_or_given_up(self):
        self.kill_when_it_writes("restore", "1", "--no-undo", "--confirm", "home")
        for words, commands in self.told_everywhere().items():
            self.assertEqual(commands, {"resume 1", "discard 1"}, words)
        given_up = self.run_ctl("discard", 1, "--yes").stdout.decode()
        self.assertIn("home stays half-written", given_up)
        self.assertIn("`cairnctl region accept home`", self.run_ctl("list").stderr.decode())

    def test_an_undo_is_finished_or_given_up(self):
        self.run_ctl("restore", 1)
        self.kill_when_it_writes("undo", "2")
        for words, commands in self.told_everywhere(["region", "remove", "small"]).items():
            if words != "region remove spare":
                self.assertEqual(commands, {"undo 2", "discard 2"}, words)


if __name__ == "__main__":
    unittest.main(verbosity=2)
