#!/usr/bin/env python3
# No message of cairnctl leads in a circle: what it advises works, and what it says is so.
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import json
import os
import re
import unittest

from cairnctl_run import MIB, SimulatedTest, TwoTargetsTest, tool

FAILED, USAGE, REFUSED = 1, 2, 3


class WaysOut(TwoTargetsTest):
    def management(self, path):
        """The management region of one member: offset, size and PARTUUID."""
        regions = self.json("region", "list", uris=[path])
        return next(one for one in regions if one["role"] == "management")

    def overwrite_catalog(self, path, data):
        region = self.management(path)
        with open(path, "r+b") as file:
            file.seek(region["offsetBytes"])
            file.write(data(region["sizeBytes"]))
        return region

    def copies(self):
        return [one["state"] for one in self.json("array", "show")["catalog"]["copies"]]

    def test_a_member_whose_catalog_was_rebuilt_alone_comes_back(self):
        self.run_ctl("backup", "db", "t1")
        region = self.overwrite_catalog(self.members[1], os.urandom)
        alone = self.members[1:]
        asked = self.error("catalog", "rebuild", uris=alone, expect=REFUSED)
        self.assertIn("Attach the array's other members first", asked["message"])
        done = self.run_ctl("catalog", "rebuild", "--yes", uris=alone)
        self.assertIn(b"add-catalog", done.stderr)
        self.assertEqual(self.copies(), ["current", "foreign"])
        refused = self.run_ctl("backup", "db", "t2", expect=REFUSED)
        self.assertIn(b"array add-catalog 2", refused.stderr)
        with self.nothing_changes():
            self.error("array", "add-catalog", 2, "--yes", expect=REFUSED)
            # The other way round the member that was rebuilt knows nothing of the good one.
            self.error("array", "add-catalog", 2, "--yes", uris=self.members[::-1],
                       expect=REFUSED)
        self.run_ctl("array", "add-catalog", 2, "--confirm", region["id"])
        self.assertEqual(self.copies(), ["current", "current"])
        self.assertEqual([one["state"] for one in self.json("list")], ["good"])
        self.run_ctl("backup", "db", "t2")

    def test_a_member_that_was_replaced_is_not_said_to_be_repaired(self):
        self.members[1].rename(self.dir / "old.img")
        self.run_ctl("array", "replace-member", 2, self.dir / "two.img", "--member-size", "64M",
                     "--yes")
        done = self.run_ctl("list", uris=[*self.members, self.dir / "old.img"])
        self.assertIn(b"it was replaced or released", done.stderr)
        self.assertNotIn(b"repairs it", done.stderr)

    def test_a_disk_that_was_replaced_is_not_written_by_a_choice_and_can_join_again(self):
        old = self.dir / "old.img"
        self.members[1].rename(old)
        new = self.dir / "two.img"
        self.run_ctl("array", "replace-member", 2, new, "--member-size", "64M", "--yes")
        uris = [self.members[0], new]
        self.run_ctl("region", "add", "more", "--size", "8M", "--member", 2, uris=uris)
        self.run_ctl("region", "add", "apart", "--size", "1M", uris=[old])
        shown = self.json("array", "show", uris=[*uris, old])["catalog"]["histories"]
        self.assertEqual([len(one["members"]) for one in shown], [2, 1])
        self.assertEqual([one["kind"] for one in shown[1]["ownChanges"]], ["region-added"])
        before = old.read_bytes()
        refused = self.error("array", "choose-history", shown[0]["id"], "--yes",
                             uris=[*uris, old], expect=REFUSED)
        self.assertIn("leave its -a out", refused["message"])
        self.assertEqual(old.read_bytes(), before)
        message = self.error("array", "add-member", old, uris=uris, expect=REFUSED)["message"]
        self.assertIn("array release-disk 1", message)
        self.run_ctl("array", "release-disk", 1, "--confirm", "cairn-catalog", uris=[old])
        message = self.error("array", "add-member", old, uris=uris, expect=REFUSED)["message"]
        self.assertIn(f"wipefs --all --force {old}", message)
        tool("wipefs", "--all", "--force", old)
        message = self.error("array", "add-member", old, uris=uris, expect=REFUSED)["message"]
        self.assertIn(f"shred -n 0 -z {old}", message)
        tool("shred", "-n", "0", "-z", old)
        self.run_ctl("array", "add-member", old, uris=uris)

    # Incident: a yes gave up a held backup and the last good copy, the question named neither, and
    # of the disk that turned up again it was only said to leave it out.
    def test_a_replacement_names_what_goes_and_a_disk_that_turns_up_gives_it_back(self):
        self.run_ctl("backup", "db", "t1")
        self.run_ctl("hold", 1)
        away, new = self.dir / "away.img", self.dir / "new.img"
        self.members[1].rename(away)
        words = ["array", "replace-member", 2, new, "--member-size", "64M"]
        with self.nothing_changes():
            held = self.error(*words, "--yes", "--confirm", "t1", expect=REFUSED)
            self.assertEqual(held["code"], "GenerationHeld")
        self.run_ctl("release", 1)
        with self.nothing_changes():
            asked = self.error(*words, "--yes", expect=REFUSED)["message"]
            self.assertIn("can then not be restored: #1. #1 is the last good copy of db", asked)
            self.assertIn('--confirm "t1"', asked)
            self.error(*words, "--confirm", "db", expect=REFUSED)
        self.run_ctl(*words, "--confirm", "t1")
        self.members[1] = new
        both = [*self.members, away]
        told = self.error("region", "add", "more", "--size", "1M", uris=both, expect=REFUSED)
        way = f"cairnctl -a {away} export N FILE.tar"
        self.assertIn(way, told["message"])
        self.assertIn(way, self.run_ctl("list", uris=both).stderr.decode())
        self.run_ctl("export", 1, self.dir / "o.tar", uris=[away])
        self.run_ctl("region", "add", "t", "--size", "8M", "--member", 2)
        self.run_ctl("import", self.dir / "o.tar", "t")
        self.run_ctl("verify", 2)

    def test_an_export_is_asked_for_before_a_catalog_is_made_without_it(self):
        for member in self.members:
            self.overwrite_catalog(member, os.urandom)
        self.assertIn("catalog rebuild [EXPORT]",
                      self.error("list", expect=FAILED)["message"])
        asked = self.error("catalog", "rebuild", expect=REFUSED)["message"]
        self.assertIn("export of the catalog has to be named now", asked)

    # Incident: the question named no backup whose last good copy went with the disk, and the disk
    # was shown as present afterwards.
    def test_a_released_disk_says_what_goes_and_then_that_it_left(self):
        self.run_ctl("backup", "db", "t1")
        self.run_ctl("backup", "db", "t2")
        refused = self.error("array", "release-disk", 2, "--yes", expect=REFUSED)
        self.assertIn("#2 is the last good copy of db", refused["message"])
        self.assertNotIn("#1 is the last", refused["message"])
        region = self.management(self.members[1])
        self.run_ctl("array", "release-disk", 2, "--confirm", region["id"])
        self.assertEqual([one["left"] for one in self.json("array", "show")["members"]],
                         [False, True])
        shown = self.run_ctl("array", "show").stdout.decode()
        self.assertIn("it was replaced or released: no part of this array", shown)

    # Incident: a damaged catalog was not exported, and rebuild took what only it had told.
    def test_what_is_damaged_can_be_kept_before_it_is_rebuilt(self):
        for member in self.members:
            region = self.management(member)
            with open(member, "r+b") as file:
                file.seek(region["offsetBytes"] + MIB // 2)
                file.write(os.urandom(region["sizeBytes"] - MIB // 2))
        file = self.dir / "catalog.jsonl"
        error = self.error("catalog", "export", file, expect=FAILED)
        self.assertEqual(error["code"], "CatalogDamaged")
        self.assertIn("cairnctl catalog rebuild", error["message"])
        self.assertFalse(file.exists())
        commands = re.findall(r"`(dd [^`]*)`", error["message"])
        self.assertEqual(len(commands), 2)
        for number, command in enumerate(commands, 1):
            tool(*command.split(), cwd=self.dir)
            region = self.management(self.members[number - 1])
            with open(self.members[number - 1], "rb") as member:
                member.seek(region["offsetBytes"])
                self.assertEqual((self.dir / f"catalog-{number}.bin").read_bytes(),
                                 member.read(region["sizeBytes"]))
        self.run_ctl("catalog", "rebuild", "--yes")
        self.run_ctl("catalog", "export", file)

    def test_a_member_that_is_away_gets_no_catalog_and_is_known(self):
        self.members[1].unlink()
        error = self.error("array", "add-catalog", 2, expect=FAILED)
        self.assertEqual(error["code"], "MemberMissing")

    def test_what_a_killed_creation_left_may_be_removed_and_nothing_else(self):
        self.run_ctl("array", "create", "--member-size", "64M", uris=[self.dir / "half.img"])
        half = self.dir / "half.img"
        self.overwrite_catalog(half, bytes)
        for words, uris in ((["create"], [half]), (["add-member", half], None)):
            error = self.error("array", *words, uris=uris, expect=REFUSED)
            self.assertEqual(error["code"], "AlreadyAnArray")
            self.assertIn(f"`rm {half}`", error["message"])
        for path in self.members:
            self.assertNotIn("rm ", self.error("array", "create", uris=[path],
                                               expect=REFUSED)["message"])
        self.overwrite_catalog(self.members[0], bytes)
        self.assertNotIn("rm ", self.error("array", "create", uris=self.members[:1],
                                           expect=REFUSED)["message"], "it has regions")

    # Incident: the advice was to remove the file, which the catalog then called missing for good.
    def test_a_member_whose_adding_was_interrupted_is_named_to_end_it(self):
        third = self.dir / "three.img"
        before = {path: path.read_bytes() for path in self.members}
        self.run_ctl("array", "add-member", third, "--member-size", "64M")
        region = self.management(third)
        with open(third, "r+b") as file:  # Formatted, and no catalog in it yet.
            file.seek(region["offsetBytes"] + MIB)
            file.write(bytes(region["sizeBytes"] - MIB))
        message = self.error("array", "add-member", third, expect=REFUSED)["message"]
        self.assertIn(f"name it too (-a {third})", message)
        self.assertNotIn("rm ", message)
        self.members.append(third)
        self.run_ctl("region", "add", "new", "--size", "1M")
        self.assertEqual(self.copies(), ["current"] * 3)
        # As it is before the catalog lists it: nobody would miss it.
        third.unlink()
        self.members.pop()
        for path, data in before.items():
            path.write_bytes(data)
        self.run_ctl("array", "create", "--member-size", "64M", uris=[third])
        self.overwrite_catalog(third, bytes)
        message = self.error("array", "add-member", third, expect=REFUSED)["message"]
        self.assertIn(f"`rm {third}`", message)
        third.unlink()
        self.run_ctl("array", "add-member", third, "--member-size", "64M")
        self.members.append(third)
        self.assertEqual([one["state"] for one in self.json("array", "show")["members"]],
                         ["present"] * 3)

    def test_a_disk_without_a_gpt_is_not_sent_back_to_adopt(self):
        disk = self.dir / "disk.img"
        disk.write_bytes(bytes(64 * MIB))
        tool("sfdisk", "-q", disk, input=b"label: dos\n,8M\n")
        message = self.error("array", "adopt", uris=[disk], expect=FAILED)["message"]
        self.assertIn("no GPT that could be kept", message)
        self.assertNotIn("array adopt", message)

    def test_two_regions_of_one_name_are_told_apart_by_partuuid(self):
        for number in ("2", "3"):
            tool("sfdisk", "-q", "--part-label", self.members[1], number, "root")
        first = next(one for one in self.json("region", "list") if one["name"] == "root")
        with self.nothing_changes():
            error = self.error("backup", "db", first["id"], "--confirm", "root", expect=REFUSED)
        self.assertIn(first["id"], error["message"])
        self.assertIn("give its PARTUUID", error["message"])

    def test_what_remains_of_a_forgotten_backup(self):
        self.run_ctl("backup", "db", "t1")
        self.run_ctl("backup", "db", "t2")
        self.run_ctl("backup", "db", "t1", "--yes")
        told = self.run_ctl("forget", 1).stdout
        self.assertIn(b"overwritten before", told)
        self.assertIn(b"forgotten, superseded by #3", self.run_ctl("show", 1).stdout)
        self.assertIn(b"stay in t2", self.run_ctl("forget", 2, "--yes").stdout)

    def test_what_keeps_an_undo_is_not_called_the_last_good_copy(self):
        self.run_ctl("backup", "db", "t1")
        self.fill("db", "other", 8 * MIB)
        self.run_ctl("restore", 1, "--undo-to", "t2")
        for words in (["forget", 2, "--yes"], ["backup", "db", "t2", "--yes"]):
            error = self.error(*words, expect=REFUSED)
            self.assertEqual(error["code"], "KeepsUndo")
            self.assertIn("#2 keeps what a restore of db overwrote", error["message"])
            self.assertNotIn("last good copy", error["message"])

    def test_the_success_of_an_export_is_not_mixed_into_it(self):
        self.run_ctl("backup", "db", "t1")
        archive = self.run_ctl("export", 1, "/dev/stdout").stdout
        self.assertEqual(archive[-1024:], bytes(1024), "a tar ends in two zero blocks")
        self.assertEqual(len(self.run_ctl("region", "export", "db", "/dev/stdout").stdout),
                         8 * MIB)

    def test_words_that_can_be_copied(self):
        self.run_ctl("region", "add", "xfs vol", "--size", "8M", "--member", 2)
        self.fill("xfs vol", "vol", 8 * MIB)
        self.assertIn(b'--confirm "xfs vol"', self.run_ctl("targets", "db").stdout)
        self.run_ctl("backup", "db", "xfs vol", "--confirm", "xfs vol")

    def test_a_label_that_is_too_long_is_refused(self):
        uris = [self.dir / "labelled.img"]
        with self.nothing_changes():
            self.error("array", "create", "--member-size", "64M", "--label", "x" * 1025, uris=uris,
                       expect=USAGE)
        self.run_ctl("array", "create", "--member-size", "64M", "--label", "x" * 1024, uris=uris)

    def test_all_members_of_an_array_are_named(self):
        shown = self.json("array", "show")
        self.assertEqual(shown["uris"], [str(path) for path in self.members])
        self.assertEqual(shown["uri"], shown["uris"][0])


class Simulated(SimulatedTest):
    def setUp(self):
        super().setUp()
        self.run_ctl("array", "create", "--member-size", "64M")
        for name, member in (("db", 1), ("t1", 2)):
            self.run_ctl("region", "add", name, "--size", "16M", "--member", member)
        self.fill("db", "db", 16 * MIB)

    def states(self):
        return [one["state"] for one in self.json("list")]

    def interrupt_backup(self):
        self.killed(["backup", "db", "t1"], lambda: self.states() == ["copying"],
                    patience_s=60)
        self.assertEqual(self.states(), ["interrupted"])

    def test_an_import_into_the_source_of_an_interrupted_backup_names_it(self):
        self.interrupt_backup()
        self.run_ctl("region", "add", "x", "--size", "1M")  # Whoever writes next records it.
        self.assertIn(b"its writer ended", self.run_ctl("show", 1).stdout)
        file = self.dir / "new.bin"
        file.write_bytes(os.urandom(MIB))
        error = self.error("region", "import", "db", file, "--confirm", "db", expect=REFUSED)
        self.assertIn("db is in a job of #1 that has not ended", error["message"])
        self.assertIn("cairnctl discard 1", error["message"])
        self.run_ctl("discard", 1, "--yes")
        self.run_ctl("region", "import", "db", file, "--confirm", "db")

    def test_a_member_of_a_simulated_array_is_not_named_beside_it(self):
        added = self.run_ctl("array", "add-member", "third.img", "--member-size", "64M").stdout
        self.assertNotIn(b"-a ", added)
        self.assertEqual(len(self.json("array", "show")["members"]), 3)

    # Incident: the old file stayed in the description, as a member that cannot be opened.
    def test_a_replaced_member_is_described_no_more(self):
        (self.dir / "sim" / "member-1.img").unlink()
        self.run_ctl("array", "replace-member", 2, "new.img", "--member-size", "64M", "--yes")
        self.assertEqual(self.described(), ["member-0.img", "new.img"])
        self.assertEqual(self.run_ctl("array", "show").stderr, b"")
        self.assertEqual([one["state"] for one in self.json("array", "show")["members"]],
                         ["present", "present"])

    def described(self):
        text = (self.dir / "sim" / "simulation.json").read_text()
        return [one["file"] for one in json.loads(text)["members"]]

    # Incident: nobody could follow "leave its -a out" and "release-disk 1" in a simulated array.
    def test_what_an_interrupted_addition_left_in_a_simulated_array_has_a_way_out(self):
        before = {name: (self.dir / "sim" / name).read_bytes() for name in self.described()}
        self.run_ctl("array", "add-member", "third.img", "--member-size", "64M")
        third = self.dir / "sim" / "third.img"
        region = next(one for one in self.json("region", "list")
                      if one["role"] == "management" and one["member"] == 3)
        for kept, code, advice in ((MIB, "AlreadyAnArray", "`cairnctl array show`"),
                                   (0, "ForeignMember", "take its entry out of simulation.json")):
            for name, data in before.items():
                (self.dir / "sim" / name).write_bytes(data)
            with open(third, "r+b") as file:
                file.seek(region["offsetBytes"] + kept)
                file.write(bytes(region["sizeBytes"] - kept))
            error = self.error("array", "add-member", "third.img", expect=REFUSED)
            self.assertEqual(error["code"], code)
            self.assertIn(advice, error["message"])
            self.assertNotIn("-a ", error["message"])
            self.assertNotIn("release-disk", error["message"])
        self.assertIn(f"`rm {third}`", error["message"])
        third.unlink()
        path = self.dir / "sim" / "simulation.json"
        description = json.loads(path.read_text())
        del description["members"][2]
        path.write_text(json.dumps(description))
        self.run_ctl("array", "add-member", "third.img", "--member-size", "64M")
        self.assertEqual(self.run_ctl("list").stderr, b"")


if __name__ == "__main__":
    unittest.main(verbosity=2)
