#!/usr/bin/env python3
# A backup counts, and is shown as there, only while its copy can be found where its record says.
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import os
import re
import shutil
import subprocess
import unittest

from cairnctl_run import BINARY, MIB, CairnctlTest, SimulatedTest, tool

SIZE = 16 * MIB


class Presence(CairnctlTest):
    """home and data on member 1; s1 and s2 on member 2; an ext4 in home, and backup #1 in s1."""

    def setUp(self):
        super().setUp()
        self.create("96M")
        for name, member in (("home", 1), ("data", 1), ("s1", 2), ("s2", 2)):
            self.run_ctl("region", "add", name, "--size", SIZE, "--member", member)
        self.image = self.dir / "home.img"
        self.new_home("home")
        self.run_ctl("backup", "home", "s1")

    def new_home(self, label):
        self.image.unlink(missing_ok=True)
        tool("truncate", "-s", SIZE, self.image)
        tool("mkfs.ext4", "-q", "-L", label, self.image)
        self.run_ctl("region", "import", "home", self.image, "--confirm", "home")

    # Incident: it was listed with 0 B free, as a full one is.
    def test_how_much_is_free_on_a_missing_member_is_not_said(self):
        self.members[1].unlink()
        missing = self.json("array", "show")["members"][1]
        self.assertEqual((missing["state"], missing["freeBytes"]), ("missing", None))
        self.assertEqual(missing["sizeBytes"], 96 * MIB, "the catalog lists it")
        line = next(one for one in self.run_ctl("array", "show").stdout.decode().splitlines()
                    if "two.img  missing" in one)
        self.assertRegex(line, r"missing +96 MiB +- +yes")

    def table(self, change):
        """Rewrites member 2's partition table as another program would."""
        dump = tool("sfdisk", "-d", self.members[1]).stdout.decode()
        changed = change(dump)
        self.assertNotEqual(changed, dump)
        tool("sfdisk", "-q", "--no-reread", self.members[1], input=changed.encode())

    def shrink(self, name):
        self.table(lambda dump: re.sub(rf'size= *\d+(.*name="{name}")', r"size=16384\1", dump))

    def presence(self):
        return {one["number"]: one["presence"] for one in self.json("list")}

    def check_absent(self, word, number=1):
        """list, show and --json say it; the record's own state is as it was."""
        done = self.run_ctl("list")
        row = next(line for line in done.stdout.decode().splitlines()
                   if re.match(rf"\s*{number}\s", line))
        self.assertIn(f"good, {word.replace('-', ' ')}", row)
        warning = [line for line in done.stderr.decode().splitlines() if f"#{number}" in line]
        self.assertEqual(len(warning), 1)
        self.assertRegex(self.run_ctl("show", number).stdout.decode(), r"Copy: +\w+.*:")
        shown = self.json("show", number)
        self.assertEqual((shown["state"], shown["presence"]), ("good", word))
        self.assertEqual(self.presence()[number], word)

    def check_unreadable(self, code, fact):
        for words in (("verify", 1), ("restore", 1), ("export", 1, self.dir / "out.tar")):
            with self.nothing_changes():
                error = self.error(*words, expect=1)
            self.assertEqual(error["code"], code)
            self.assertIn(fact, error["message"])
        done = self.run_ctl("verify", "--all", "--json", expect=1)
        self.assertIn(code, done.stdout.decode())

    def test_there(self):
        self.assertEqual(self.presence(), {1: "present"})
        self.assertEqual(self.run_ctl("list").stderr, b"")
        self.run_ctl("forget", 1, "--confirm", "s1")
        self.assertEqual(self.presence(), {1: None}, "a forgotten one has no copy to look for")

    def test_member_missing(self):
        self.members[1].rename(self.dir / "away.img")
        self.check_absent("member-missing")
        self.check_unreadable("MemberMissing", "not attached")

    def test_member_replaced(self):
        self.members[1].unlink()
        self.run_ctl("array", "replace-member", self.members[1], self.dir / "n.img",
                     "--member-size", "96M", "--confirm", "s1", uris=self.members[:1])
        self.members[1] = self.dir / "n.img"
        self.check_absent("member-gone")
        self.check_unreadable("ReadFailed", "replaced or released")

    def test_region_deleted(self):
        tool("sfdisk", "-q", "--no-reread", "--delete", self.members[1], "2")
        self.check_absent("region-gone")
        self.check_unreadable("ReadFailed", "no attached member has this region")

    def test_region_of_another_identity(self):
        tool("sfdisk", "-q", "--no-reread", "--part-uuid", self.members[1], "2",
             "11111111-2222-3333-4444-555555555555")
        self.check_absent("region-gone")

    # Incident: verify and restore ended in a failed assertion.
    def test_region_smaller(self):
        self.shrink("s1")
        self.check_absent("region-changed")
        self.check_unreadable("ReadFailed", "smaller than the backup")

    def test_mark_lost(self):
        """The bytes are still there: they can be proved and restored, but nothing guards them."""
        tool("sfdisk", "-q", "--no-reread", "--part-type", self.members[1], "2",
             "0FC63DAF-8483-4772-8E79-3D69D8477DE4")
        self.check_absent("region-changed")
        self.assertTrue(self.json("verify", 1)["good"])
        self.run_ctl("restore", 1, "--no-undo", "--confirm", "home")

    def test_overwritten_by_another_filesystem(self):
        other = self.dir / "other.img"
        tool("truncate", "-s", SIZE, other)
        tool("mkfs.ext4", "-q", "-L", "other", other)
        self.write_region("s1", other.read_bytes())
        self.check_absent("region-changed")
        told = self.error("restore", 1, "--no-undo", "--confirm", "home", expect=1)["message"]
        self.assertIn("No other backup of home can be reached now", told)
        self.run_ctl("verify", 1, expect=1)

    # Incident: "use another one" was said of the only backup.
    def test_another_backup_is_named_where_there_is_one(self):
        self.run_ctl("backup", "home", "s2")
        region = self.region("s1")
        with open(self.members[region["member"] - 1], "r+b") as file:
            file.seek(region["offsetBytes"] + 4 * MIB)
            file.write(b"rot" * 1000)
        told = self.error("restore", 1, "--no-undo", "--confirm", "home", expect=1)["message"]
        self.assertIn("Of home there is also backup #2: cairnctl verify 2", told)

    def write_region(self, name, data):
        region = self.region(name)
        with open(self.members[region["member"] - 1], "r+b") as file:
            file.seek(region["offsetBytes"])
            file.write(data)

    def check_guarded(self):
        """#1 is the last good copy of home: --yes does not give it up."""
        error = self.error("--yes", "backup", "data", "s1", expect=3)
        self.assertEqual(error["code"], "ConfirmationNeeded")
        self.assertIn("last good copy", error["message"])
        self.run_ctl("verify", 1)

    # Incident: the copy that was counted was gone, and the last real one was overwritten.
    def test_erased_copy_does_not_count(self):
        self.run_ctl("backup", "home", "s2")
        self.write_region("s2", bytes(SIZE))
        self.check_absent("region-changed", 2)
        self.check_guarded()

    def test_smaller_copy_does_not_count(self):
        self.run_ctl("backup", "home", "s2")
        self.shrink("s2")
        self.check_absent("region-changed", 2)
        self.check_guarded()

    # Incident: one damaged chunk, and the only copy of home was replaced without a question.
    def test_a_damaged_copy_is_kept_while_there_is_no_other(self):
        self.write_region("s1", bytes(MIB))
        self.run_ctl("verify", 1, expect=1)
        self.assertEqual(self.json("show", 1)["state"], "partial")
        error = self.error("--yes", "backup", "data", "s1", expect=3)
        self.assertEqual((error["code"], error["amount"]), ("ConfirmationNeeded", 1))
        error = self.error("restore", 1, expect=3)
        self.assertIn("cairnctl verify 1", error["message"])
        self.assertIn("region export", error["message"])
        self.run_ctl("backup", "home", "s2")
        self.run_ctl("--yes", "backup", "data", "s1")

    def go_back(self, saved):
        shutil.copyfile(saved, self.members[1])

    def save(self):
        saved = self.dir / "b.old"
        shutil.copyfile(self.members[1], saved)
        return saved

    # Incident: `cp b.old b.img`, and the last real copy of home was overwritten.
    def test_member_that_went_back(self):
        saved = self.save()
        self.new_home("changed")
        self.run_ctl("backup", "home", "s2")
        self.go_back(saved)
        self.assertEqual(self.presence(), {2: "region-changed", 1: "present"})
        self.check_guarded()

    def test_what_a_member_that_went_back_cannot_know_is_in_doubt(self):
        """The region shows a backup of the same filesystem, but an earlier one."""
        self.run_ctl("backup", "home", "s2")
        saved = self.save()
        self.write_region("home", b"changed since")
        self.run_ctl("--yes", "backup", "home", "s2")
        self.go_back(saved)
        records = {one["number"]: one["state"] for one in self.json("list")}
        self.assertEqual(records, {3: "copied", 2: "superseded", 1: "good"})
        self.check_guarded()
        records = {one["number"]: one["state"] for one in self.json("list")}
        self.assertEqual(records, {3: "copied", 2: "superseded", 1: "good"}, "also when repaired")
        doubted = [one for one in self.json("history")["events"] if "in doubt" in one["detail"]]
        self.assertEqual([one["backup"] for one in doubted], [3])
        self.run_ctl("verify", 3, expect=1)
        self.assertEqual(self.json("show", 3)["state"], "partial")

    def test_what_a_member_that_went_back_knows_is_not(self):
        saved = self.save()
        self.run_ctl("region", "add", "more", "--size", "1M", "--member", 1)
        self.go_back(saved)
        self.assertEqual(self.json("show", 1)["state"], "good")
        self.run_ctl("region", "add", "still", "--size", "1M", "--member", 1)
        self.assertEqual(self.json("show", 1)["state"], "good")

    def test_a_member_that_was_away_is_not(self):
        away = self.dir / "away.img"
        self.members[1].rename(away)
        self.run_ctl("region", "add", "more", "--size", "1M", "--member", 1, uris=self.members[:1])
        away.rename(self.members[1])
        self.run_ctl("region", "add", "still", "--size", "1M", "--member", 1)
        self.assertEqual(self.json("show", 1)["state"], "good")
        self.assertEqual([one for one in self.json("history")["events"]
                          if "in doubt" in one["detail"]], [])

    # Incident: the history that was kept called good what the one given up had overwritten.
    def test_the_other_history_overwrote_it(self):
        self.new_home("changed")
        self.run_ctl("backup", "home", "s2")
        self.run_ctl("--yes", "--confirm", "s1", "backup", "s2", "s1", uris=self.members[1:])
        self.run_ctl("region", "add", "xa", "--size", "1M", uris=self.members[:1])
        histories = self.json("array", "show")["catalog"]["histories"]
        first = self.region("home")["memberId"]
        kept = next(one["id"] for one in histories if one["members"] == [first])
        self.run_ctl("--yes", "array", "choose-history", kept)
        self.assertEqual({one["number"]: one["state"] for one in self.json("list")},
                         {2: "good", 1: "copied"})
        self.run_ctl("verify", 2)
        self.run_ctl("verify", 1, expect=1)


class MemberTakenAway(SimulatedTest):
    """A job ends as a failure where the file that it wrote is gone when it ends."""

    def setUp(self):
        super().setUp()
        self.run_ctl("array", "create", "--member-size", "64M")
        for name, member in (("home", 1), ("s1", 2)):
            self.run_ctl("region", "add", name, "--size", SIZE, "--member", member)
        image = self.dir / "home.img"
        image.write_bytes(os.urandom(SIZE))
        self.run_ctl("region", "import", "home", image, "--confirm", "home")

    def begun(self, words):
        """The command, as soon as it has written something to s1."""
        member = self.dir / "sim" / "member-1.img"
        self.slow(SIZE // 2)
        before = member.stat().st_blocks
        running = subprocess.Popen([str(BINARY), *self.uri_options(), *words],
                                   env=self.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while member.stat().st_blocks < before + 4 * MIB // 512:
            self.assertIsNone(running.poll(), "it ended by itself")
        return running

    def test_deleted_while_it_is_written(self):
        running = self.begun(["backup", "home", "s1"])
        (self.dir / "sim" / "member-1.img").unlink()
        out, error = running.communicate()
        self.assertEqual(running.returncode, 1, error)
        self.assertNotIn(b"is good", out)
        self.assertIn(b"deleted, moved or replaced", error)

    def test_replaced_while_it_is_written(self):
        member = self.dir / "sim" / "member-1.img"
        copy = self.dir / "member.copy"
        shutil.copyfile(member, copy)
        running = self.begun(["backup", "home", "s1"])
        copy.replace(member)
        out, error = running.communicate()
        self.assertEqual(running.returncode, 1, error)
        self.assertNotIn(b"is good", out)

    # Incident: "To bring it back: cairnctl undo 2", of a region on a disk that was gone.
    def test_deleted_with_what_an_undo_needs(self):
        self.run_ctl("region", "add", "small", "--size", SIZE, "--member", 2)
        self.run_ctl("backup", "home", "s1")
        other = self.dir / "other.img"
        other.write_bytes(os.urandom(SIZE))
        self.run_ctl("region", "import", "home", other, "--confirm", "home")
        wanted = (self.dir / "home.img").read_bytes()
        member = self.dir / "sim" / "member-0.img"
        first = self.offset_of("home")
        self.slow(SIZE)
        before = self.bytes_at(member, first)
        running = subprocess.Popen(
            [str(BINARY), *self.uri_options(), "restore", "1", "--undo-to", "small"],
            env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        while self.bytes_at(member, first) == before:
            self.assertIsNone(running.poll(), "it ended by itself")
        (self.dir / "sim" / "member-1.img").unlink()
        out, error = running.communicate()
        self.assertEqual(running.returncode, 4, error)
        self.assertIn(b"Restored backup #1", out)
        self.assertNotIn(b"cairnctl undo", out)
        self.assertIn(b"cannot be brought back while that disk is away", error)
        self.assertIn(b"cannot be restored again while that disk is away", error)
        with member.open("rb") as file:
            file.seek(first)
            self.assertEqual(file.read(SIZE), wanted)

    def offset_of(self, name):
        return next(region["offsetBytes"] for region in self.json("region", "list")
                    if region["name"] == name)

    def bytes_at(self, member, offset):
        with member.open("rb") as file:
            file.seek(offset)
            return file.read(4096)

    # Incident: it ended without a word about it.
    def test_deleted_while_only_read(self):
        running = self.begun(["backup", "home", "s1"])
        (self.dir / "sim" / "member-0.img").unlink()
        out, error = running.communicate()
        self.assertEqual(running.returncode, 0, error)
        self.assertIn(b"is good", out)
        self.assertIn(b"deleted, moved or replaced meanwhile", error)
        self.assertIn(b"the copy is of what home was", error)


if __name__ == "__main__":
    unittest.main()
