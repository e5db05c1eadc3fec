#!/usr/bin/env python3
# The demonstration array is made once, anew where that was cut off, and never over foreign files.
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import os
import signal
import subprocess
import time
import unittest

from cairnctl_run import BINARY, PATIENCE_S, TOP, CairnctlTest, sha256

SCRIPT = TOP / "resources" / "demo" / "make_array.sh"
MARKER = "demonstration-unfinished"


class DemoScript(CairnctlTest):
    def setUp(self):
        super().setUp()
        self.demo = self.dir / "data" / "demo"
        self.environment["TMPDIR"] = str(self.dir) # What a kill leaves there goes with the test.

    def command(self):
        return [str(SCRIPT), str(BINARY.parent), str(self.demo)]

    def make(self, expect=0):
        done = subprocess.run(self.command(), capture_output=True, timeout=PATIENCE_S,
                              env=self.environment, stdin=subprocess.DEVNULL)
        told = done.stdout.decode() + done.stderr.decode()
        self.assertEqual(done.returncode, expect, told)
        return told

    def check_whole(self):
        self.assertEqual(sorted(path.name for path in self.demo.iterdir()),
                         ["disk-1.img", "disk-2.img", "disk-3.img", "simulation.json"])
        backups = self.json("list", uris=[f"sim:{self.demo}"])
        self.assertEqual([one["state"] for one in backups], ["good", "good"])

    def contents(self):
        return {path.name: sha256(path) for path in self.demo.iterdir()}

    def test_made_once(self):
        self.make()
        self.check_whole()
        before = self.contents()
        self.assertIn("of an earlier run", self.make())
        self.assertEqual(self.contents(), before)

    def test_a_foreign_folder_stays_as_it_is(self):
        self.demo.mkdir(parents=True)
        (self.demo / "thesis.txt").write_text("mine")
        for _ in range(2):
            self.assertIn("holds something else", self.make(expect=1))
            self.assertEqual([path.name for path in self.demo.iterdir()], ["thesis.txt"])

    def test_foreign_files_beside_a_half_made_array_stay(self):
        self.demo.mkdir(parents=True)
        for name in (MARKER, "disk-1.img", "thesis.txt"):
            (self.demo / name).write_text("mine")
        self.assertIn("thesis.txt", self.make(expect=1))
        self.assertEqual((self.demo / "thesis.txt").read_text(), "mine")

    def start(self):
        """In a process group of its own, until it has begun to write the array."""
        running = subprocess.Popen(self.command(), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                                   env=self.environment, start_new_session=True)
        deadline = time.monotonic() + PATIENCE_S
        while not (self.demo / "disk-1.img").exists():
            self.assertIsNone(running.poll(), "it ended before it was met")
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.005)
        return running

    def test_what_a_kill_left_is_made_anew(self):
        running = self.start()
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        self.assertTrue((self.demo / MARKER).exists())
        self.make()
        self.check_whole()

    def test_two_do_not_make_it_at_once(self):
        running = self.start()
        self.assertIn("by another program now", self.make(expect=1))
        self.assertEqual(running.wait(PATIENCE_S), 0)
        self.check_whole()


if __name__ == "__main__":
    unittest.main()
