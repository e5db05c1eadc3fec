#!/usr/bin/env python3
# The help of every command is complete, and reference and manual page describe all of it.
import pathlib
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "support"))
import re
import subprocess
import unittest

from cairnctl_run import CairnctlTest


class Reference(CairnctlTest):
    def help_of(self, *words):
        return self.run_ctl(*words, "--help", uris=[]).stdout.decode()

    def subcommands(self, text):
        section = text.split("Subcommands:", 1)[1].split("\n\n", 1)[0]
        return [line.split()[0] for line in section.splitlines() if re.match(r"  \S", line)]

    def commands(self):
        for name in self.subcommands(self.help_of()):
            if name in ("array", "region", "catalog"):
                yield from ((name, inner) for inner in self.subcommands(self.help_of(name)))
            else:
                yield (name,)

    def test_every_command_is_described_with_example_and_exit_codes(self):
        reference = (TOP / "docs" / "cairnctl.md").read_text(encoding="utf-8")
        commands = list(self.commands())
        self.assertGreaterEqual(len(commands), 26)
        for words in commands:
            text = self.help_of(*words)
            with self.subTest(words=words):
                self.assertIn("Example:\n  cairnctl", text)
                self.assertIn("130 canceled", text)
                self.assertIn(f"`{' '.join(words)}", reference)
                for option in re.findall(r"--[a-z-]+", text):
                    self.assertIn(option, reference)

    def test_the_examples_parse(self):
        for words in self.commands():
            example = re.search(r"Example:\n  cairnctl (.*)", self.help_of(*words)).group(1)
            done = subprocess.run(["sh", "-c", f'"$0" {example}', str(self.binary())],
                                  cwd=self.dir, env=self.environment, capture_output=True,
                                  stdin=subprocess.DEVNULL, timeout=60, check=False)
            self.assertNotIn(b"InvalidArgument", done.stderr)
            # There is no such array, or one is made.
            self.assertIn(done.returncode, (0, 1), (example, done.stderr))
            (self.dir / "array.img").unlink(missing_ok=True)

    def binary(self):
        from cairnctl_run import BINARY
        return BINARY

    def test_the_manual_page_is_made_from_the_reference(self):
        subprocess.run([sys.executable, str(TOP / "docs" / "man" / "make_man.py"), "--check"],
                       check=True)

    def test_version(self):
        self.assertRegex(self.run_ctl("--version", uris=[]).stdout, rb"^cairnctl \d+\.\d+\.\d+\n$")


if __name__ == "__main__":
    unittest.main(verbosity=2)
