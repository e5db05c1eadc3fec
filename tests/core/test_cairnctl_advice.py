#!/usr/bin/env python3
# What cairnctl says of a mistake names the mistake, and what it advises helps and harms nothing.
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import os
import shutil
import unittest

from cairnctl_run import MIB, TwoTargetsTest, tool

USAGE, REFUSED, FAILED = 2, 3, 1


class Advice(TwoTargetsTest):
    def refused(self, code, *words, told=(), untold=(), **options):
        with self.subTest(words=words), self.nothing_changes():
            message = self.error(*words, expect=code, **options)["message"]
            for part in told:
                self.assertIn(part, message)
            for part in untold:
                self.assertNotIn(part, message)

    def test_a_path_that_leads_to_no_member_stops_what_writes_and_not_what_reads(self):
        uris = [self.members[0], self.dir / "typo.img"]
        self.run_ctl("backup", "db", "t1")
        for words in (["hold", 1], ["region", "add", "x", "--size", "1M"],
                      ["region", "rename", "db", "x"]):
            self.refused(FAILED, *words, uris=uris, told=["typo.img cannot be opened"])
        with self.nothing_changes():
            self.assertEqual(len(self.json("list", uris=uris)), 1)
            members = self.json("array", "show", uris=uris)["members"]
        self.assertIsNone(members[1]["id"], "it has no identity, and none is made up")
        (self.dir / "typo.img").write_bytes(os.urandom(MIB))
        self.refused(FAILED, "hold", 1, uris=uris, told=["typo.img cannot be opened"])

    def test_a_lost_disk_may_be_named_and_may_be_left_out(self):
        self.run_ctl("backup", "db", "t1")
        self.members[0].unlink()
        self.run_ctl("hold", 1)
        self.run_ctl("release", 1, uris=self.members[1:])
        self.assertEqual([one["state"] for one in self.json("array", "show")["members"]],
                         ["missing", "present"])
        # By another spelling of its place as well.
        self.run_ctl("hold", 1, uris=[f"{self.dir}/./x/../one.img", self.members[1]])

    def test_a_member_is_known_by_any_path_to_it(self):
        link = self.dir / "link"
        link.symlink_to(self.members[0])
        for place in ("one.img", "./one.img", link):
            self.run_ctl("region", "add", f"at-{place}"[-20:], "--size", "1M", "--member", place,
                         cwd=self.dir)
        self.run_ctl("backup", "db", "t1")
        self.members[0].unlink()
        self.run_ctl("array", "replace-member", "./one.img", "new.img", "--member-size", "64M",
                     "--yes", cwd=self.dir)

    def test_only_a_member_that_is_gone_is_replaced(self):
        for words in ([], ["--yes"]):
            self.refused(REFUSED, "array", "replace-member", 1, self.dir / "n", "--member-size",
                         "64M", *words, told=["it is attached and works", "missing or has failed"])

    def test_what_cannot_become_a_member(self):
        new, old = self.dir / "new.img", self.dir / "old.img"
        tool("truncate", "-s", "64M", old)
        self.refused(USAGE, "array", "add-member", "sim:foo", "--member-size", "64M",
                     told=["a simulated array cannot be a member"], cwd=self.dir)
        for words, uris in ((["array", "add-member", new], None), (["array", "create"], [new])):
            self.refused(USAGE, *words, "--member-size", "1M", uris=uris,
                         told=["too small: a member needs at least 19 MiB"])
        for words, uris in ((["array", "add-member", old], None), (["array", "create"], [old])):
            self.refused(USAGE, *words, "--member-size", "64M", uris=uris,
                         told=["it exists already"])
        self.refused(FAILED, "array", "create", uris=[new], told=["--member-size"])
        self.refused(USAGE, "array", "create", uris=[f"sim:{new}"], told=["size of its members"])
        (self.dir / "txt").write_text("hello\n")
        self.refused(USAGE, "array", "create", uris=[self.dir / "txt"], told=["at least 19 MiB"])

    # Incident: a member that was moved was called one whose adding was interrupted.
    def test_a_missing_member_under_another_name_is_known(self):
        moved = self.dir / "moved.img"
        self.members[1].rename(moved)
        for words in (["add-member", moved], ["replace-member", 2, moved, "--yes"]):
            self.refused(REFUSED, "array", *words, untold=["interrupted", "release-disk"],
                         told=["It is the missing member of this array that was last seen at "
                               f"{self.members[1]}", f"-a {moved}"])
        self.run_ctl("region", "add", "more", "--size", "1M", uris=[self.members[0], moved])

    def test_a_disk_with_content_is_advised_to_be_wiped_and_not_confirmed(self):
        disk = self.dir / "disk.img"
        tool("truncate", "-s", "64M", disk)
        tool("mkfs.ext4", "-q", disk)
        for words, uris in ((["array", "create"], [disk]), (["array", "add-member", disk], None)):
            self.refused(REFUSED, *words, uris=uris, told=[f"wipefs --all --force {disk}"],
                         untold=["--confirm"])
        tool("wipefs", "--all", "--force", disk)
        disk.write_bytes(b"\x11" * 64 * MIB)
        self.refused(REFUSED, "array", "create", uris=[disk], told=[f"shred -n 0 -z {disk}"],
                     untold=["--confirm"])
        tool("shred", "-n", "0", "-z", disk)
        self.run_ctl("array", "create", uris=[disk])

    def test_of_a_disk_with_an_mbr_only_what_works_is_advised(self):
        disk = self.dir / "mbr.img"
        tool("truncate", "-s", 64 * MIB, disk)
        tool("sfdisk", "-q", disk, input=b"label: dos\nstart=1MiB, size=20M, type=83\n")
        self.refused(FAILED, "list", uris=[disk], untold=["keep what is on it"],
                     told=["dos", "An empty disk becomes", "An MBR is turned into a GPT by gdisk"])

    def test_a_fourth_copy_of_the_catalog_is_refused_and_the_help_says_so(self):
        for name in ("three.img", "four.img"):
            self.run_ctl("array", "add-member", self.dir / name, "--member-size", "64M")
            self.members.append(self.dir / name)
        self.refused(REFUSED, "array", "add-catalog", 4, told=["three other members hold one"],
                     untold=["--help"])
        self.assertIn(b"three at most", self.run_ctl("array", "add-catalog", "--help").stdout)

    def test_where_something_is_in_a_region_that_seems_empty_is_told(self):
        self.run_ctl("region", "add", "seems", "--size", "16M", "--member", 2)
        region = self.region("seems")
        with open(self.members[1], "r+b") as disk:
            disk.seek(region["offsetBytes"])
            disk.write(bytes(region["sizeBytes"]))
            disk.seek(region["offsetBytes"] + 13 * MIB + 70000)
            disk.write(b"x")
        self.assertIn("seems empty", self.run_ctl("region", "list").stdout.decode())
        self.refused(REFUSED, "backup", "db", "seems",
                     told=[f"(byte {13 * MIB + 70000} of it is not zero)"])

    def test_no_advice_makes_two_arrays_of_one(self):
        for name in ("three.img", "four.img"):
            self.run_ctl("array", "add-member", self.dir / name, "--member-size", "64M")
            self.members.append(self.dir / name)
        self.refused(FAILED, "list", uris=self.members[3:], untold=["array create"],
                     told=["no catalog", "Name the array's other members too"])
        self.run_ctl("array", "add-member", self.dir / "five.img", "--member-size", "64M")
        self.refused(FAILED, "list", uris=[self.members[3], self.dir / "five.img"],
                     untold=["alone", "array create"],
                     told=["no catalog is on any of the 2 members named"])
        short = self.dir / "short.img"
        shutil.copy(self.members[0], short)
        os.truncate(short, 30 * MIB)
        self.refused(FAILED, "list", uris=[short], untold=["array create", "array adopt"],
                     told=["34 MiB are missing at the end", "Copy it whole again"])

    def test_an_unreadable_catalog_names_its_cure(self):
        self.run_ctl("backup", "db", "t1")
        for region in self.json("region", "list"):
            if region["role"] == "management":
                with open(self.members[region["member"] - 1], "r+b") as member:
                    member.seek(region["offsetBytes"])
                    member.write(os.urandom(MIB))
        self.refused(FAILED, "list", told=["cairnctl catalog rebuild"], untold=["super block"])
        shown = self.run_ctl("array", "show", "--json", expect=FAILED)
        self.assertIn(b'"catalogProblem": {', shown.stdout)
        self.assertIn(b"catalog rebuild", shown.stderr)
        self.run_ctl("catalog", "rebuild", "--yes")
        self.assertEqual(self.json("list")[0]["state"], "copied")
        self.run_ctl("array", "show")

    def damage_page(self, number):
        """Three bytes of one page, the same in every copy of the catalog."""
        for path in self.members:
            image = path.read_bytes()
            at = image.rindex(b"SQLite format 3\0") + 4096 * (number - 1) + 3900
            with open(path, "r+b") as file:
                file.seek(at)
                file.write(bytes(byte ^ 0x5A for byte in image[at:at + 3]))

    def test_one_damaged_page_of_the_catalog_is_no_dead_end(self):
        self.run_ctl("backup", "db", "t1")
        self.damage_page(8)  # Of a table that no reading needs.
        self.assertEqual([one["state"] for one in self.json("list")], ["good"])
        with self.nothing_changes():
            verified = self.json("verify", 1)
        self.assertTrue(verified["good"] and not verified["recorded"])
        for words in (["backup", "db", "t2"], ["restore", 1],
                      ["region", "add", "x", "--size", "1M"]):
            self.refused(FAILED, *words, told=["the catalog cannot be read: page 8", "rebuild"],
                         untold=["database", "error code"])
        self.refused(REFUSED, "catalog", "rebuild", told=["every record that can still be read"])
        rebuilt = self.json("catalog", "rebuild", "--yes")
        self.assertEqual(rebuilt, {"recovered": 1, "skipped": 1, "leftOut": 0, "doubted": 0,
                                   "signaturesLost": []})
        self.assertEqual([(one["number"], one["state"]) for one in self.json("list")],
                         [(1, "copied")])
        self.assertTrue(self.json("verify", 1)["recorded"])
        self.run_ctl("backup", "db", "t2")

    def test_what_can_be_read_of_a_damaged_catalog_is_listed(self):
        self.run_ctl("backup", "db", "t1")
        self.run_ctl("backup", "db", "t2")
        self.damage_page(15)  # Where backups went besides.
        done = self.run_ctl("show", 1, expect=4)
        self.assertIn(b"exported to cannot be read", done.stderr)
        self.assertEqual(len(self.json("list")), 2)

    def test_the_last_good_copy_is_called_that(self):
        self.run_ctl("backup", "db", "t1")
        for words in (["forget", 1, "--yes"], ["backup", "db", "t1", "--yes"]):
            self.refused(REFUSED, *words, untold=["erase"], told=[
                "backup #1 in t1 is the last good copy of db", '--confirm "t1"'])

    def test_a_forgotten_backup_is_said_to_be_forgotten(self):
        self.run_ctl("backup", "db", "t1")
        self.run_ctl("forget", 1, "--confirm", "t1")
        for words in ([], ["--to", "t2"]):
            self.refused(REFUSED, "restore", 1, *words, told=["forgotten"])

    def test_exports_that_cannot_be_used(self):
        bad, other, export = self.dir / "bad", self.dir / "other.img", self.dir / "export"
        bad.write_text("hello\n")
        self.refused(FAILED, "catalog", "rebuild", bad, told=[f"{bad} cannot be understood"],
                     untold=["simulation.json"])
        self.run_ctl("array", "create", "--member-size", "64M", uris=[other])
        self.run_ctl("catalog", "export", export, uris=[other])
        self.refused(USAGE, "catalog", "rebuild", export, told=["it is of the array", "export of"])

    def test_an_unknown_history_is_told_before_anything_is_asked(self):
        self.run_ctl("backup", "db", "t1")
        self.run_ctl("hold", 1, uris=self.members[:1])
        self.run_ctl("release", 1, uris=self.members[1:])
        self.run_ctl("region", "add", "x", "--size", "1M", uris=self.members[1:])
        for words in ([], ["--yes"]):
            self.refused(USAGE, "array", "choose-history", "zz", *words, told=["no history zz"])
        for verb in ("hold", "release"):
            self.refused(REFUSED, verb, 1, told=["two histories"])

    def test_an_empty_argument_is_not_one_that_was_left_out(self):
        for words in (["list", "--source", ""], ["array", "choose-history", ""], ["resume", ""],
                      ["region", "add", "x", "--size", "1M", "--member", ""], ["report", ""],
                      ["restore", 1, "--to", ""], ["catalog", "rebuild", ""],
                      ["restore", 1, "--confirm", ""], ["array", "create", "--member-size", ""]):
            self.refused(USAGE, *words, told=["empty"])
        self.refused(USAGE, "list", uris=[""], told=["empty"])

    def test_the_word_that_is_not_understood_is_named(self):
        for words, told in ((["bogus"], '"bogus" is not a command'),
                            (["--bogus"], '"--bogus" is not an option'),
                            (["array", "bogus"], '"bogus" is not a command'),
                            ([], "no command was given"),
                            (["region", "rename", "db", "-x"], "stands behind the word --")):
            self.refused(USAGE, *words, uris=[], told=[told])
        self.run_ctl("region", "rename", "t2", "--", "-x")

    def test_a_size_that_cannot_be_had_is_not_blamed_on_the_new_region(self):
        add = ["region", "add", "x", "--size"]
        self.refused(FAILED, *add, "1G", told=["no member has a gap that large"],
                     untold=["x has no space"])
        self.refused(FAILED, *add, "1G", "--member", 1, told=["one.img has no space left"])
        self.refused(USAGE, *add, "999999999T", told=["larger than 8 EiB"])
        self.refused(USAGE, *add, "1.0000001M", told=["not a whole number of bytes"])

    def test_the_environment_may_be_written_with_blanks_and_on_other_systems(self):
        self.environment["CAIRN_ARRAY"] = "\r\n".join(f"  {one}\t" for one in self.members) + "\r\n"
        self.assertEqual(len(self.json("array", "show", uris=[])["members"]), 2)
        blank = self.error("list", uris=["lost.img "], expect=FAILED)
        self.assertIn('"lost.img " cannot be opened', blank["message"])

    def test_a_management_region_only_holds_the_catalog(self):
        for candidate in self.json("targets", "db"):
            if candidate["region"] == "cairn-catalog":
                self.assertEqual([one["reason"] for one in candidate["refusals"]],
                                 ["holds-catalog"])

    # Incident: the warning said `cairnctl region accept odd name`.
    def test_a_name_with_a_blank_can_be_copied_from_an_advice(self):
        self.run_ctl("region", "add", "odd name", "--size", "2M", "--member", 1)
        self.run_ctl("region", "import", "odd name", "-", expect=FAILED, stdin=None,
                     input=os.urandom(3 * MIB))
        told = [self.run_ctl("list").stderr.decode(),
                self.error("backup", "odd name", "t1", expect=REFUSED)["message"],
                self.run_ctl("region", "export", "odd name", "-", expect=4).stderr.decode()]
        for text in told:
            self.assertIn('cairnctl region accept "odd name"', text)
        message = self.error("region", "accept", "odd name", expect=REFUSED)["message"]
        self.assertIn('--confirm "odd name"', message)
        self.run_ctl("region", "accept", "odd name", "--confirm", "odd name")

    def test_what_is_too_long_is_told_its_limit(self):
        for option, limit in (("--label", 1024), ("--note", 4096)):
            self.refused(USAGE, "backup", "db", "t1", option, "x" * (limit + 1),
                         told=[f"{limit} bytes at most"], untold=["--help"])
        self.refused(USAGE, "backup", "db", "t1", "--label", "a\nb",
                     told=["Only a note may have line feeds"], untold=["--help"])
        self.run_ctl("backup", "db", "t1", "--label", "x" * 1024, "--note", "a\n" * 2048)

    def test_a_target_that_was_renamed_is_told_as_it_is_named_now(self):
        self.run_ctl("backup", "db", "t1")
        self.run_ctl("region", "rename", "t1", "t3")
        self.assertIn(b"t1, now t3", self.run_ctl("list").stdout)
        self.assertEqual(self.json("show", 1)["targetNow"], "t3")
        self.assertRegex(self.run_ctl("show", 1).stdout.decode(), r"Target: +t1 \(.*\), now t3")

    def test_one_lost_backup_has_one_exit_code(self):
        self.run_ctl("backup", "db", "t1")
        self.members[1].unlink()
        self.run_ctl("array", "replace-member", 2, self.dir / "n.img", "--member-size", "64M",
                     "--confirm", "t1")
        self.members[1] = self.dir / "n.img"
        self.run_ctl("verify", "--all", expect=FAILED)
        self.assertIn("its member was replaced or released",
                      self.error("verify", 1, expect=FAILED)["message"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
