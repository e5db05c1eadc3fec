#!/usr/bin/env python3
# cairnctl whose standard streams are closed, full or idle: it ends with the truth, and in order.
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import os
import signal
import subprocess
import time
import unittest

from cairnctl_run import BINARY, MIB, CairnctlTest

def has_child(pid):
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                return True
        except OSError:
            continue  # It has ended meanwhile.
    return False


class Streams(CairnctlTest):
    def setUp(self):
        super().setUp()
        self.create()
        for name, size, member in (("db", "8M", 1), ("t1", "8M", 2), ("small", "4M", 2)):
            self.run_ctl("region", "add", name, "--size", size, "--member", member)
        self.data = self.fill("db", "db", 8 * MIB)

    def shell(self, redirection, *words):
        """The exit code and standard error of cairnctl under a redirection of sh."""
        command = ["sh", "-c", f'exec "$@" {redirection}', "sh", str(BINARY),
                   *self.uri_options(), *map(str, words)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                              env=self.environment, check=False)
        return done.returncode, done.stderr.decode()

    def test_no_stream_is_needed_to_end_with_the_right_code(self):
        for redirection in ("2>/dev/full", "2>&-", "<&- >&- 2>&-", ">/dev/full 2>/dev/full"):
            for words, code in ((["show", 99], 2), (["--json", "show", 99], 2), (["bogus"], 2),
                                (["restore", 1, "--confirm", "db"], 2)):
                self.assertEqual(self.shell(redirection, *words)[0], code, (redirection, words))
        self.assertEqual(self.shell("<&- >&- 2>&-", "list")[0], 1, "the list was lost")
        self.assertEqual(self.shell("<&- >&- 2>&-", "list", "--quiet")[0], 0, "nothing was to say")
        self.assertEqual(self.shell("<&- >&- 2>&-", "region", "add", "x", "--size", "1M")[0], 1)
        self.assertEqual(self.region("x")["sizeBytes"], MIB, "it was added all the same")

    def test_what_was_done_is_told_where_its_message_was_lost(self):
        code, told = self.shell(">/dev/full", "backup", "db", "t1")
        self.assertEqual(code, 1)
        self.assertRegex(told, r"could not be written \(No space left on device\); yet it is done"
                               r":\n  Backup #1 of db in t1 is good")
        self.assertEqual(self.json("list")[0]["state"], "good")
        code, told = self.shell("| :", "hold", 1)
        self.assertTrue(self.json("show", 1)["held"])
        code, told = self.shell(">&-", "verify", 1)
        self.assertEqual(code, 1)
        self.assertIn("Backup #1 is good", told)

    def test_a_full_or_closed_output_is_not_taken_for_a_failing_device(self):
        for words in (["region", "export", "db", "-"], ["catalog", "export", "-"]):
            code, told = self.shell(">/dev/full", *words)
            self.assertEqual(code, 1)
            self.assertIn("the standard output has no space left", told)
            self.assertIn("Make space there", told)
            self.assertNotIn("dmesg", told)
            reader, writer = os.pipe()
            os.close(reader)
            done = subprocess.run([str(BINARY), *self.uri_options(), *words], stdout=writer,
                                  stderr=subprocess.PIPE, env=self.environment, check=False)
            os.close(writer)
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"(Broken pipe)", done.stderr)
            self.assertIn(b"Whatever was to read it has ended", done.stderr)
            self.assertNotIn(b"dmesg", done.stderr)

    def test_a_closed_input_is_not_taken_for_a_failing_device(self):
        with self.nothing_changes():
            for redirection in ("<&-", "0>/dev/null"):
                code, told = self.shell(redirection, "region", "import", "t1", "-")
                self.assertEqual(code, 2)
                self.assertIn("the standard input: it is closed", told)
                self.assertNotIn("dmesg", told)

    def test_an_input_that_turns_out_too_long_has_failed_and_was_not_refused(self):
        error = self.error("region", "import", "small", "/dev/zero", expect=1)
        self.assertIn("longer than the region", error["message"])
        self.assertIn("must not be used", error["message"])
        with self.nothing_changes():
            self.assertIn("nothing to import", self.error("region", "import", "t1", "-",
                                                          expect=2)["message"])

    def test_an_export_of_the_catalog_comes_through_a_pipe_as_well(self):
        self.run_ctl("backup", "db", "t1")
        export = self.run_ctl("catalog", "export", "-").stdout
        self.run_ctl("array", "create", "--member-size", "64M", uris=[self.dir / "other.img"])
        rebuilt = self.json("catalog", "rebuild", "-", stdin=self.pipe_of(export))
        self.assertEqual(rebuilt, {"recovered": 0, "skipped": 1, "leftOut": 0, "doubted": 0,
                                   "signaturesLost": []},
                         "it was read, and is known")

    def pipe_of(self, content):
        reader = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(reader.wait)
        self.addCleanup(reader.stdout.close)
        reader.stdin.write(content)
        reader.stdin.close()
        return reader.stdout

    def waiting(self, *words, **options):
        """cairnctl that runs, and sleeps in poll(2) because nothing comes."""
        running = subprocess.Popen([str(BINARY), *self.uri_options(), *map(str, words)],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   env=self.environment, **options)
        self.addCleanup(running.stderr.close)
        self.addCleanup(running.kill)
        channel = pathlib.Path(f"/proc/{running.pid}/wchan")
        deadline = time.monotonic() + 60
        seen = 0
        while seen < 20:
            self.assertIsNone(running.poll(), "it ended by itself")
            self.assertLess(time.monotonic(), deadline)
            # Waiting for a child that probes some content is not what is meant.
            waits = "poll" in channel.read_text() and not has_child(running.pid)
            seen = seen + 1 if waits else 0
        return running

    def check_stopped(self, running, signal_number, *told):
        running.send_signal(signal_number)
        self.assertEqual(running.wait(timeout=20), 130)
        message = running.stderr.read().decode()
        for part in ("canceled: ", *told):
            self.assertIn(part, message)

    def test_one_signal_ends_any_waiting_for_a_pipe(self):
        fifo = self.dir / "fifo"
        os.mkfifo(fifo)
        for words in (["catalog", "rebuild", fifo], ["region", "import", "small", fifo],
                      ["region", "export", "db", fifo], ["catalog", "export", fifo],
                      ["report", fifo]):
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                with self.subTest(words=words, number=number), self.nothing_changes():
                    running = self.waiting(*words, stdin=subprocess.DEVNULL)
                    self.check_stopped(running, number, "Nothing was changed.")

    def test_one_signal_ends_an_import_from_an_idle_pipe(self):
        with self.nothing_changes():
            running = self.waiting("region", "import", "small", "-", stdin=subprocess.PIPE)
            self.check_stopped(running, signal.SIGINT, "Nothing was changed.")
            running.stdin.close()
        running = self.waiting("region", "import", "small", "-", stdin=subprocess.PIPE)
        running.stdin.write(bytes(2 * MIB))
        running.stdin.flush()
        ledger = self.json("history")["events"]
        self.assertEqual(ledger[-1]["kind"], "region-import-started")
        self.check_stopped(running, signal.SIGTERM, "must not be used")
        running.stdin.close()

    def test_one_signal_ends_an_export_that_nobody_reads(self):
        reader, writer = os.pipe()
        running = subprocess.Popen([str(BINARY), *self.uri_options(), "region", "export", "db",
                                    "-"], stdout=writer, stderr=subprocess.PIPE,
                                   env=self.environment)
        os.close(writer)
        self.assertTrue(os.read(reader, 4096), "it has begun")
        self.check_stopped(running, signal.SIGTERM, "what was written is not whole")
        running.stderr.close()
        os.close(reader)


if __name__ == "__main__":
    unittest.main(verbosity=2)
