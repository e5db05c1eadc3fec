#!/usr/bin/env python3
# The log of failures: it is kept small and given to the report, and never harms another file.
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import os
import unittest

from cairnctl_run import MIB, CairnctlTest, sha256


class FailureLog(CairnctlTest):
    def setUp(self):
        super().setUp()
        self.log = self.dir / "log"
        self.environment["CAIRN_LOG"] = str(self.log)

    def fail_twice(self):
        for _ in range(2):
            self.run_ctl("list", uris=[], expect=2)

    def lines(self, path=None):
        return (path or self.log).read_text().splitlines()

    def test_each_command_that_fails_is_a_line_and_the_report_has_them(self):
        self.fail_twice()
        self.assertEqual(len(self.lines()), 2)
        self.assertRegex(self.lines()[0], r"^\d{4}-\d\d-\d\dT[0-9:.]+Z exit 2 list$")
        self.create()
        self.assertEqual(self.json("report")["log"], self.lines())

    def test_what_is_escaped_is_escaped_once(self):
        self.run_ctl("show", "a\\b\x1b", uris=[], expect=2)
        self.assertTrue(self.lines()[0].endswith(r"show a\\b\x1b"), self.lines())
        self.create()
        self.assertEqual(self.json("report")["log"], self.lines())

    def test_no_other_file_is_written_cut_or_moved(self):
        self.create()
        precious, link, large = self.dir / "precious", self.dir / "link", self.dir / "large"
        precious.write_bytes(b"precious\n")
        large.write_bytes(os.urandom(3 * MIB))
        link.symlink_to(precious)
        for path in (precious, link, large, self.members[0], self.dir, pathlib.Path("/dev/full")):
            self.environment["CAIRN_LOG"] = str(path)
            before = {one: sha256(one) for one in (precious, large, self.members[0])}
            listing = sorted(os.listdir(self.dir))
            self.fail_twice()
            self.run_ctl("report", expect=0)
            self.assertEqual(before, {one: sha256(one) for one in before}, path)
            self.assertEqual(listing, sorted(os.listdir(self.dir)))
            self.assertEqual(self.json("report")["log"], [], "it holds no strange file's content")

    def test_a_pipe_as_log_hangs_nothing(self):
        os.mkfifo(self.log)
        self.fail_twice()
        self.create()
        self.assertEqual(self.json("report")["log"], [])

    def test_it_is_begun_anew_at_its_limit_and_the_old_one_is_kept_once(self):
        self.fail_twice()
        line = self.lines()[0] + "\n"
        self.log.write_text(line * (600 * 1024 // len(line)))
        large = sha256(self.log)
        self.fail_twice()
        old = self.dir / "log.1"
        self.assertEqual(sha256(old), large)
        self.assertEqual(len(self.lines()), 2)
        self.log.write_text(line * (600 * 1024 // len(line)))
        old.write_text("somebody else's\n")
        large = sha256(self.log)
        self.fail_twice()
        self.assertEqual(self.lines(old), ["somebody else's"])
        self.assertEqual(sha256(self.log), large, "full until that is out of the way")

    def test_no_home_is_made_for_it(self):
        del self.environment["CAIRN_LOG"]
        home = self.dir / "nonexistent"
        for variable, value in (("HOME", home), ("XDG_STATE_HOME", home / "state")):
            self.environment[variable] = str(value)
            self.fail_twice()
            self.assertFalse(home.exists())
        home.mkdir()
        self.fail_twice()
        self.assertEqual(len(self.lines(home / "state" / "cairn" / "cairnctl.log")), 2)
        del self.environment["XDG_STATE_HOME"]
        self.fail_twice()
        self.assertEqual(len(self.lines(home / ".local" / "state" / "cairn" / "cairnctl.log")), 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
