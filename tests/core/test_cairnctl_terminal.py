#!/usr/bin/env python3
# cairnctl on a terminal: questions, the progress line, and stopping in good order.
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import json
import os
import pty
import re
import select
import signal
import subprocess
import time
import unittest

from cairnctl_run import BINARY, MIB, CairnctlTest, tool

BANDWIDTH = 8 * MIB  # Bytes a second: a backup of 16 MiB takes long enough to be stopped.


class Terminal:
    """A process whose terminal is ours."""

    def __init__(self, words, environment):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(words[0], words, environment)
        self.text = ""

    def read_until(self, expected, timeout=60):
        deadline = time.monotonic() + timeout
        while expected is None or expected not in self.text:
            if not select.select([self.fd], [], [], max(0, deadline - time.monotonic()))[0]:
                raise AssertionError(f"no {expected!r} in {self.text!r}")
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            if not data:
                if expected is None:
                    return self
                raise AssertionError(f"no {expected!r} in {self.text!r}")
            self.text += data.decode(errors="replace")
        return self

    def type(self, text):
        os.write(self.fd, text.encode())
        return self

    def finish(self):
        """The exit code, after all output was read."""
        self.read_until(None)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class OnATerminal(CairnctlTest):
    def setUp(self):
        super().setUp()
        self.members = [f"sim:{self.dir / 'sim'}"]
        self.run_ctl("array", "create", "--member-size", "128M")
        for name in ("db", "t1", "t2"):
            self.run_ctl("region", "add", name, "--size", "16M")
        self.data = self.fill("db", "db", 16 * MIB)

    def hashes(self):
        return {}

    def faults(self, members=slice(None), **faults):
        path = self.dir / "sim" / "simulation.json"
        description = json.loads(path.read_text())
        for member in description["members"][members]:
            member["faults"].update(faults)
        path.write_text(json.dumps(description))

    def slow(self, bytes_a_second):
        self.faults(bandwidthBytesPerSecond=bytes_a_second)

    def terminal(self, *words):
        return Terminal([str(BINARY), *self.uri_options(), *map(str, words)], self.environment)

    def test_a_question_is_asked_and_no_is_the_default(self):
        self.run_ctl("backup", "db", "t1")
        self.run_ctl("backup", "db", "t2")
        asked = self.terminal("backup", "db", "t1").read_until("[y/N]")
        self.assertIn("Supersede backup #1", asked.text)
        self.assertEqual(asked.type("\n").finish(), 130)
        self.assertEqual(len(self.json("list")), 2)
        asked = self.terminal("backup", "db", "t1").read_until("[y/N]")
        self.assertEqual(asked.type("y\n").finish(), 0)
        self.assertEqual(len(self.json("list")), 3)

    def test_the_question_says_which_backup_would_be_lost(self):
        self.run_ctl("region", "add", "other", "--size", "16M")
        self.run_ctl("backup", "db", "t1")
        asked = self.terminal("backup", "other", "t1").read_until("Type the region's name")
        self.assertIn("backup #1, the last good copy of db", asked.text)
        self.assertEqual(asked.type("\n").finish(), 130)

    def test_a_restore_over_a_backup_asks(self):
        self.run_ctl("backup", "db", "t1")
        self.run_ctl("backup", "db", "t2")
        asked = self.terminal("restore", 2, "--to", "t1", "--no-undo", "--confirm", "t1")
        self.assertEqual(asked.finish(), 0, "its name was typed already")
        self.run_ctl("backup", "db", "t1", "--confirm", "t1")
        self.run_ctl("region", "add", "spare", "--size", "16M")
        self.run_ctl("restore", 2, "--to", "t1", expect=3)
        asked = self.terminal("restore", 2, "--to", "t1").read_until("[y/N]")
        self.assertIn("over backup #3 of db", asked.text)
        self.assertEqual(asked.type("\n").finish(), 130)
        self.assertEqual(self.json("show", 3)["state"], "good")
        self.run_ctl("restore", 2, "--to", "t1", "--yes")
        self.assertEqual(self.json("show", 3)["state"], "superseded")

    def test_a_restore_that_keeps_nothing_asks_for_the_name(self):
        self.run_ctl("backup", "db", "t1")
        self.run_ctl("backup", "db", "t2")  # Nothing is free any more.
        asked = self.terminal("restore", 1).read_until("Type the region's name")
        self.assertIn("Will be erased", asked.text)
        self.assertEqual(asked.type("t1\n").finish(), 3)
        asked = self.terminal("restore", 1).read_until("Type the")
        self.assertEqual(asked.type("db\n").finish(), 0)

    # Incident: of a region that held a backup it was said that what it holds is in no backup.
    def test_what_a_restore_costs_is_true_of_whatever_lies_there(self):
        for name, size in (("t3", "16M"), ("area", "20M"), ("bare", "16M")):
            self.run_ctl("region", "add", name, "--size", size)
        self.run_ctl("backup", "db", "t1")

        def said(number, target):
            asked = self.terminal("restore", number, "--to", target, "--no-undo")
            asked.read_until("Type the region's name")
            self.assertEqual(asked.type("\x03").finish(), 130)
            return " ".join(asked.text.split())

        def says(target, *sentences, number=1):
            text = said(number, target)
            for sentence in sentences:
                self.assertIn(sentence, text)
            self.assertNotIn("in no backup", text)
            return text

        says("db", "Backup #1 holds what db held on ", "changed since is not in it.")
        says("t3", "t3 is empty: nothing is lost.")
        self.fill("t3", "unknown", 16 * MIB)
        says("t3", "No backup of t3 can be restored: what it holds now may be nowhere else.")
        self.run_ctl("backup", "t3", "t2")
        text = says("t2", "Backup #2 of t3 in t2 is given up, the last good copy of t3.")
        self.assertNotIn("nowhere else", text)
        self.run_ctl("backup", "t3", "bare")
        text = says("t2", "Backup #2 of t3 in t2 is given up.")
        self.assertNotIn("last good copy", text)
        self.fill("db", "changed", 16 * MIB)
        self.run_ctl("restore", 1, "--undo-to", "area", "--confirm", "area")
        says("area", "#4 in area, which keeps what a restore of db overwrote, is given up: that "
             "restore can then not be undone.")
        self.run_ctl("undo")
        says("area", "What #4 keeps in area was brought back already: nothing is lost.")

    # Incident: the name that two regions have was taken for one of them.
    def test_a_name_that_two_regions_have_confirms_neither(self):
        self.run_ctl("backup", "db", "t1")
        target = self.region("t1")
        self.run_ctl("region", "add", "root", "--size", "1M")
        disk = self.dir / "sim" / f"member-{target['member'] - 1}.img"
        tool("sfdisk", "-q", "--part-label", disk, target["entry"], "root")
        words = ["backup", "t2", target["id"]]
        asked = self.terminal(*words).read_until(f"PARTUUID to confirm ({target['id']})")
        self.assertEqual(asked.type("root\n").finish(), 3)
        asked = self.terminal("array", "release-disk", 2).read_until("PARTUUID to confirm")
        self.assertEqual(asked.type("cairn-catalog\n").finish(), 3)
        self.assertEqual(self.json("show", 1)["state"], "good")
        asked = self.terminal(*words).read_until("PARTUUID to confirm")
        self.assertEqual(asked.type(target["id"] + "\n").finish(), 0)

    def test_ctrl_c_at_a_question_says_that_nothing_was_changed(self):
        self.run_ctl("backup", "db", "t1")
        self.run_ctl("backup", "db", "t2")
        for words, question in ((["restore", 1, "--no-undo"], "Type the"),
                                (["forget", 1], "[y/N]")):
            asked = self.terminal(*words).read_until(question)
            self.assertEqual(asked.type("\x03").finish(), 130)
            self.assertRegex(asked.text, "canceled: .*\\s+Nothing was changed")

    def test_progress_is_drawn_on_a_terminal_only(self):
        self.slow(BANDWIDTH)
        drawn = self.terminal("backup", "db", "t1")
        self.assertEqual(drawn.finish(), 0)
        for word in ("copying", "verifying", "estimating", "MiB/s", "left"):
            self.assertIn(word, drawn.text)
        # All of it in the 80 columns of a terminal, whatever the numbers grow to.
        lines = re.split("\r\x1b\\[K", drawn.text)
        self.assertLess(max(map(len, lines)), 80)
        self.assertTrue(any(re.fullmatch(
            r"copying +\d+% \[=+-+\] +[0-9.]+ MiB of 16 MiB +[0-9.]+ [KM]iB/s  \d+:\d\d left", line)
            for line in lines), lines)
        self.slow(0)
        self.assertEqual(self.run_ctl("verify", 1).stderr, b"")

    def test_stopped_in_good_order_and_resumed(self):
        self.slow(BANDWIDTH)
        for signal_number in (signal.SIGINT, signal.SIGTERM):
            running = subprocess.Popen([str(BINARY), *self.uri_options(), "backup", "db", "t1",
                                        "--yes", "--confirm", "t1"], env=self.environment,
                                       stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
            deadline = time.monotonic() + 60
            while not any(one["state"] == "copying" for one in self.json("list")):
                self.assertLess(time.monotonic(), deadline)
            running.send_signal(signal_number)
            _, message = running.communicate(timeout=60)
            self.assertEqual(running.returncode, 130, message)
            self.assertIn(b"cairnctl resume", message)
            newest = self.json("list")[0]
            self.assertEqual(newest["state"], "interrupted")
            resumed = self.json("resume", newest["number"])
            self.assertEqual(resumed[0]["state"], "good")
        self.assertEqual(self.run_ctl("region", "export", "t1", "-").stdout, self.data)
        self.assertEqual(self.json("resume"), [])

    def test_a_second_signal_ends_it_at_once_and_it_can_be_resumed(self):
        # A chunk takes seconds: the first signal has to wait for those that are on their way.
        self.slow(MIB // 2)
        stuck = self.terminal("backup", "db", "t1").read_until("MiB of 16 MiB")
        os.kill(stuck.pid, signal.SIGINT)
        stuck.read_until("once more ends it at once")
        os.kill(stuck.pid, signal.SIGINT)
        self.assertEqual(stuck.finish(), 130)
        self.assertNotIn("cairnctl resume", stuck.text, "it did not stop in good order first")
        self.slow(0)
        self.assertEqual(self.json("list")[0]["state"], "interrupted")
        self.assertEqual(self.json("resume", 1)[0]["state"], "good")
        self.assertEqual(self.run_ctl("region", "export", "t1", "-").stdout, self.data)

    def test_a_copy_that_cannot_be_read_back_whole_is_partial_and_says_so_by_its_exit_code(self):
        target = self.region("t1")
        bad = [target["offsetBytes"] + 5 * MIB, 512]
        member = target["member"]
        self.faults(slice(member - 1, member), unreadable=[bad])
        self.assertEqual(self.error("backup", "db", "t1", expect=4)["code"], "Unreadable")
        shown = self.json("show", 1)
        self.assertEqual((shown["state"], shown["damagedChunks"]),
                         ("partial", [{"first": 5, "count": 1}]))
        self.assertEqual(self.error("restore", 1, "--confirm", "db", expect=3)["code"],
                         "BackupNotUsable")


if __name__ == "__main__":
    unittest.main(verbosity=2)
