#!/usr/bin/env python3
# At whatever write a replacement of a member is killed, the same command ends it.
import collections
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from cairnctl_run import BINARY, CairnctlTest, tool

CALLS = "pwrite64,fallocate,ftruncate,rename,renameat2"
# Of the writes; every one is tried with 1, which takes minutes.
STRIDE = int(os.environ.get("CAIRN_KILL_STRIDE",
                            2 * int(os.environ.get("CAIRN_STATE_STRIDE", "1"))))
REFUSED = 3


class KilledReplacement(CairnctlTest):
    """An array that has lost its second member; `before` is kept, and `now` is worked on."""

    def setUp(self):
        super().setUp()
        self.before, self.now = self.dir / "before", self.dir / "now"
        self.now.mkdir()
        self.new = "third.img"

    def lose(self, files):
        self.run_ctl("array", "create", "--member-size", "24M")
        self.run_ctl("region", "add", "s", "--size", "2M", "--member", 1)
        self.lost = self.json("array", "show")["members"][1]["id"]
        files[1].unlink()
        tool("cp", "-a", "--sparse=always", self.now, self.before)

    def again(self):
        shutil.rmtree(self.now)
        tool("cp", "-a", "--sparse=always", self.before, self.now)

    def words(self):
        return ["array", "replace-member", self.lost, self.new, "--member-size", "24M", "--yes"]

    def steps(self):
        """Each call that changes something, as its name and number; killed before it is made."""
        trace = self.dir / "trace"
        self.run_ctl(*self.words(), wrapper=["strace", "-f", "-o", trace, "-e", f"trace={CALLS}"])
        made = collections.Counter(line.split("(")[0].split()[-1]
                                   for line in trace.read_text().splitlines() if "(" in line)
        self.assertGreater(made["pwrite64"], 20)
        return [(call, number) for call, count in sorted(made.items())
                for number in range(1, count + 1, 1 if call.startswith("rename") else STRIDE)]

    def kill_at(self, call, number):
        self.again()
        trace = ["strace", "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                 f"inject={call}:signal=KILL:when={number}"]
        command = [*trace, str(BINARY), *self.uri_options(), *self.words()]
        done = subprocess.run(command, env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=300)
        self.assertIn(done.returncode, (-9, 0, 1), done.stderr)

    def states(self):
        return [one["state"] for one in self.json("array", "show")["members"]]

    def replace_again(self):
        if "missing" in self.states():
            self.run_ctl(*self.words())

    def check_replaced(self, step):
        shown = self.json("array", "show")
        self.assertEqual([one["state"] for one in shown["members"]], ["present"] * 2, step)
        self.run_ctl("region", "rename", "s", "t")
        shown = self.json("array", "show")
        copies = [one["state"] for one in shown["catalog"]["copies"]]
        self.assertEqual(copies, ["current"] * 2, step)
        self.assertEqual(self.run_ctl("list").stderr, b"", step)
        history = self.json("history")
        self.assertTrue(history["chainIntact"])
        self.assertIn("member-replaced", [one["kind"] for one in history["events"]], step)
        self.assertEqual(sorted(os.listdir(self.now)), self.files, step)


class InASimulatedArray(KilledReplacement):
    def setUp(self):
        super().setUp()
        self.members = [f"sim:{self.now}"]
        self.lose([self.now / "member-0.img", self.now / "member-1.img"])
        self.files = ["member-0.img", "simulation.json", "third.img"]

    # Incident: simulation.json had a third member, which no catalog listed, and nothing could be
    # written any more; or the catalog listed it, beside the lost one, for ever.
    def test_the_same_command_ends_it(self):
        for step in self.steps():
            self.kill_at(*step)
            self.replace_again()
            self.check_replaced(step)

    def test_other_commands_go_on_meanwhile(self):
        for step in self.steps()[::-4]:
            self.kill_at(*step)
            self.run_ctl("region", "add", "u", "--size", "1M", "--member", 1)
            self.run_ctl("region", "remove", "u")
            self.replace_again()
            self.check_replaced(step)

    # Of a name that is described already.
    def test_a_disk_of_the_same_name_takes_the_place(self):
        self.new = "member-1.img"
        self.files = ["member-0.img", "member-1.img", "simulation.json"]
        for step in self.steps()[::-4]:
            self.kill_at(*step)
            self.replace_again()
            self.check_replaced(step)


class OfFiles(KilledReplacement):
    def setUp(self):
        super().setUp()
        self.members = [self.now / "one.img", self.now / "two.img"]
        self.lose(self.members)
        self.members.pop()
        self.new = str(self.now / "third.img")
        self.files = ["one.img", "third.img"]

    # Incident: it told to name the new disk with -a too, and not what ends the replacement then.
    def do_what_is_advised(self):
        """Where the catalog lists the new disk already."""
        error = self.error(*self.words(), expect=REFUSED)
        command = re.search(r"This ends that: cairnctl (.*)$", error["message"])
        self.assertIsNotNone(command, error["message"])
        self.run_ctl(*shlex.split(command[1]), "--yes", uris=[])

    def test_the_same_command_ends_it(self):
        for step in self.steps()[::-4]:
            self.members = self.members[:1]
            self.kill_at(*step)
            listed = len(self.states()) > 2
            if listed:
                self.do_what_is_advised()
            elif self.lost in [one["id"] for one in self.json("array", "show")["members"]]:
                self.replace_again()
            self.members = [self.members[0], self.new]
            self.check_replaced(step)


if __name__ == "__main__":
    unittest.main(verbosity=2)
