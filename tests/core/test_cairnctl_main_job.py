#!/usr/bin/env python3
# The main job of cairnctl, on real filesystems: back up, damage, restore, prove; lose a member.
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import json
import shutil
import unittest

from cairnctl_run import MIB, TOOLS, CairnctlTest, sha256, tool

LIST_FIELDS = {
    "number", "state", "source", "target", "label", "note", "started", "finished", "sizeBytes",
    "held", "verified", "host", "sourceId", "targetId", "digest", "content", "readBack",
}


class MainJob(CairnctlTest):
    def make_filesystems(self):
        """An ext4 and an XFS image, each with files."""
        files = self.dir / "files"
        (files / "papers").mkdir(parents=True)
        for number in range(20):
            (files / "papers" / f"{number}.txt").write_bytes(f"paper {number}\n".encode() * 9999)
        self.files = {path.relative_to(files): sha256(path) for path in files.rglob("*.txt")}
        self.ext4, self.xfs = self.dir / "ext4.img", self.dir / "xfs.img"
        tool("truncate", "-s", "64M", self.ext4)
        tool("mkfs.ext4", "-q", "-L", "home", "-d", files, self.ext4)
        entries = "".join(f"{path.name} ---644 0 0 {path}\n"
                          for path in (files / "papers").iterdir())
        prototype = self.dir / "prototype"
        prototype.write_text(f"/no/boot\n0 0\nd--755 0 0\npapers d--755 0 0\n{entries}$\n$\n")
        tool("truncate", "-s", "320M", self.xfs)
        tool("mkfs.xfs", "-q", "-L", "web", "-p", prototype, self.xfs)

    def make_array(self):
        self.make_filesystems()
        self.create("1200M")
        for name, size, member in (("home", "64M", 1), ("web", "320M", 1), ("t-home", "64M", 2),
                                   ("t-web", "400M", 2), ("near", "64M", 1)):
            self.run_ctl("region", "add", name, "--size", size, "--member", member)
        self.run_ctl("region", "import", "home", self.ext4)
        self.run_ctl("region", "import", "web", self.xfs)

    def export(self, region):
        file = self.dir / f"{region}.out"
        self.run_ctl("region", "export", region, file, "--yes")
        return file

    def check_ext4_files(self, image):
        tool("e2fsck", "-fn", image)
        out = self.dir / "rdump"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        tool("debugfs", "-R", f"rdump /papers {out}", image)
        for path, digest in self.files.items():
            self.assertEqual(sha256(out / path), digest)

    def test_a_note_of_several_lines_is_shown_in_lines(self):
        self.make_array()
        self.run_ctl("backup", "home", "t-home", "--note", "one\ntwo")
        shown = self.run_ctl("show", 1).stdout.decode()
        self.assertRegex(shown, r"(?m)^(Note: +)one\n +two$")
        lines = shown.splitlines()
        at = next(i for i, line in enumerate(lines) if line.startswith("Note:"))
        self.assertEqual(lines[at].index("one"), lines[at + 1].index("two"))

    def test_back_up_damage_restore_prove(self):
        self.make_array()
        targets = self.json("targets", "home")
        self.assertEqual(targets[0]["region"], "t-home", "another member comes first")
        self.assertEqual(targets[0]["verdict"], "allowed")

        first = self.json("backup", "home", "t-home", "--label", "Grüße", "--note", "before")
        self.assertEqual((first["number"], first["state"], first["label"]), (1, "good", "Grüße"))
        self.assertEqual(first["content"]["type"], "ext4")
        self.run_ctl("backup", "web", "t-web")

        records = self.json("list")
        self.assertEqual([one["number"] for one in records], [2, 1])
        self.assertLessEqual(LIST_FIELDS, set(records[0]))
        self.assertEqual([one["number"] for one in self.json("list", "--source", "home")], [1])

        self.fill("home", "damage", 64 * MIB)
        self.fill("web", "damage", 20 * MIB)
        self.assertNotEqual(sha256(self.export("home")), sha256(self.ext4))
        self.run_ctl("restore", 1, "--confirm", "home", "--no-undo")
        self.run_ctl("restore", "#2", "--confirm", self.region("web")["id"], "--no-undo")
        home, web = self.export("home"), self.export("web")
        self.assertEqual(sha256(home), sha256(self.ext4))
        self.assertEqual(sha256(web), sha256(self.xfs))
        self.check_ext4_files(home)
        tool("xfs_repair", "-n", web)
        self.run_ctl("verify", "--all")
        self.assertTrue(self.json("history")["chainIntact"])
        self.lose_a_member()

    def lose_a_member(self):
        """The source's member is gone: catalog and the backups on the other are still there."""
        self.members[0].unlink()
        listing = self.run_ctl("list", "--json")
        self.assertEqual([one["number"] for one in json.loads(listing.stdout)], [2, 1])
        self.assertIn("MemberMissing", listing.stderr.decode())
        self.run_ctl("verify", 1)
        self.assertEqual(sha256(self.export("t-home")), sha256(self.ext4))
        self.assertEqual(self.error("restore", 1, "--confirm", "home", expect=1)["code"],
                         "MemberMissing")
        self.assertEqual(self.error("targets", "home", expect=1)["code"], "MemberMissing")
        alone = [self.members[1]]
        self.assertEqual(len(self.json("list", uris=alone)), 2, "named alone it is enough")
        self.run_ctl("array", "replace-member", self.members[0], self.dir / "new.img",
                     "--member-size", "1200M", "--yes", uris=alone)
        self.members[0] = self.dir / "new.img"
        self.run_ctl("region", "add", "home-again", "--size", "64M", "--member", self.members[0])
        self.run_ctl("restore", 1, "--to", "home-again", "--confirm", "home-again")
        self.check_ext4_files(self.export("home-again"))
        copies = self.json("array", "show")["catalog"]["copies"]
        self.assertEqual([copy["state"] for copy in copies], ["current", "current"])


class Records(CairnctlTest):
    def setUp(self):
        super().setUp()
        self.create()
        for name, member in (("db", 1), ("t1", 2), ("t2", 2)):
            self.run_ctl("region", "add", name, "--size", "8M", "--member", member)
        self.data = self.fill("db", "db", 8 * MIB)

    def test_reading_changes_not_one_byte(self):
        self.run_ctl("backup", "db", "t1")
        with self.nothing_changes():
            for words in (["list"], ["show", 1], ["history"], ["targets", "db"], ["array", "show"],
                          ["region", "list"], ["report"], ["array", "choose-history"]):
                self.run_ctl(*words)
                self.json(*words)

    def test_a_damaged_backup_is_found_and_not_restored(self):
        self.run_ctl("backup", "db", "t1")
        with open(self.members[1], "r+b") as member:
            member.seek(self.region("t1")["offsetBytes"] + 3 * MIB + 5)
            member.write(b"X")
        self.assertEqual(self.json("verify", 1, expect=1)["differentChunks"],
                         [{"first": 3, "count": 1}])
        shown = self.json("show", 1)
        self.assertEqual((shown["state"], shown["damagedChunks"]),
                         ("partial", [{"first": 3, "count": 1}]))
        with self.nothing_changes():
            self.assertEqual(self.error("restore", 1, "--confirm", "db", expect=3)["code"],
                             "BackupNotUsable")

    def test_hold_release_and_forget(self):
        self.run_ctl("backup", "db", "t1")
        self.assertTrue(self.json("hold", 1)["held"])
        self.assertEqual(self.error("forget", 1, "--confirm", "t1", expect=3)["code"],
                         "GenerationHeld")
        self.assertFalse(self.json("release", 1)["held"])
        self.assertEqual(self.error("forget", 1, "--yes", expect=3)["code"], "ConfirmationNeeded")
        self.assertEqual(self.json("forget", 1, "--confirm", "t1")["state"], "forgotten")

    def test_replacing_a_backup_is_asked_and_the_last_good_one_needs_its_name(self):
        self.run_ctl("backup", "db", "t1")
        self.assertEqual(self.error("backup", "db", "t1", "--yes", expect=3)["code"],
                         "ConfirmationNeeded")
        self.run_ctl("backup", "db", "t2")
        error = self.error("backup", "db", "t1", expect=3)
        self.assertIn("--yes", error["message"])
        self.run_ctl("backup", "db", "t1", "--yes")
        self.assertEqual([(one["number"], one["state"]) for one in self.json("list")],
                         [(3, "good"), (2, "good"), (1, "superseded")])

    def test_without_verification_a_backup_is_only_copied(self):
        self.assertEqual(self.json("backup", "db", "t1", "--no-verify")["state"], "copied")
        self.run_ctl("verify", 1)
        self.assertEqual(self.json("show", 1)["state"], "good")

    def test_streams(self):
        out = self.run_ctl("region", "export", "db", "-")
        self.assertEqual(out.stdout, self.data)
        with open(self.dir / "in", "wb") as file:
            file.write(self.data[: 3 * MIB + 77])
        with open(self.dir / "in", "rb") as file:
            self.assertEqual(self.json("region", "import", "t1", "-", stdin=file)["bytes"],
                             3 * MIB + 77)
        self.assertEqual(self.run_ctl("region", "export", "t1", "-").stdout[: 3 * MIB + 77],
                         self.data[: 3 * MIB + 77])
        with open("/dev/full", "wb") as full:
            command = [*map(str, self.uri_options())]
            self.assertNotEqual(self.exit_into(full, *command, "list"), 0)

    def exit_into(self, stdout, *words):
        import subprocess
        from cairnctl_run import BINARY
        return subprocess.run([str(BINARY), *words], stdout=stdout, stderr=subprocess.DEVNULL,
                              env=self.environment, timeout=60, check=False).returncode

    def test_catalog_goes_out_and_comes_back(self):
        self.run_ctl("backup", "db", "t1", "--label", "kept")
        export = self.dir / "catalog.jsonl"
        self.run_ctl("catalog", "export", export)
        self.assertTrue(all(json.loads(line) for line in export.read_text().splitlines()))
        outcome = self.json("catalog", "rebuild", export)
        self.assertEqual(outcome["recovered"], 0, "all of it is there already")
        # Both copies destroyed: what was exported makes a new catalog.
        for region in self.json("region", "list"):
            if region["role"] == "management":
                with open(self.members[region["member"] - 1], "r+b") as member:
                    member.seek(region["offsetBytes"])
                    member.write(bytes(region["sizeBytes"]))
        self.assertEqual(self.run_ctl("list", "--json", expect=1).stdout, b"")
        self.run_ctl("catalog", "rebuild", export, expect=3)
        self.assertEqual(self.json("catalog", "rebuild", export, "--yes")["recovered"], 1)
        self.assertEqual(self.json("list")[0]["label"], "kept")
        self.run_ctl("verify", 1)
        self.run_ctl("restore", 1, "--confirm", "db")

    def test_members_written_apart_are_read_only_until_one_history_is_chosen(self):
        self.run_ctl("backup", "db", "t1")
        one, two = self.members
        self.run_ctl("region", "add", "alone-1", "--size", "1M", uris=[one])
        self.run_ctl("hold", 1, uris=[two])
        with self.nothing_changes():
            listing = self.run_ctl("list", "--json")
            self.assertEqual(len(json.loads(listing.stdout)), 1)
            self.assertIn("HistoriesDiverged", listing.stderr.decode())
            self.assertEqual(self.error("hold", 1, expect=3)["code"], "HistoriesDiverged")
            self.assertEqual(self.error("backup", "db", "t2", expect=3)["code"],
                             "HistoriesDiverged")
            histories = self.json("array", "choose-history")["catalog"]["histories"]
            self.assertEqual(len(histories), 2)
            self.run_ctl("array", "choose-history", histories[0]["id"], expect=3)
        held = next(one for one in histories if self.members_of(one) == [str(two)])
        self.run_ctl("array", "choose-history", held["id"], "--yes")
        self.assertTrue(self.json("show", 1)["held"])
        self.run_ctl("backup", "db", "t2")
        copies = self.json("array", "show")["catalog"]["copies"]
        self.assertEqual([copy["state"] for copy in copies], ["current", "current"])
        self.assertIn("history-chosen", [one["kind"] for one in self.json("history")["events"]])

    def test_another_arrays_member_is_never_written(self):
        """Incident: a backup that another array held was overwritten with both attached."""
        self.run_ctl("backup", "db", "t1")
        self.run_ctl("hold", 1)
        target = self.region("t1")["id"]
        mine, self.members = self.members, [self.dir / "three.img", self.dir / "four.img"]
        self.create()
        self.run_ctl("region", "add", "big", "--size", "8M", "--member", 1)
        self.fill("big", "big", 8 * MIB)
        self.members = [self.members[0], mine[1], self.members[1]]
        with self.nothing_changes():
            for words in (["backup", "big", target, "--confirm", target],
                          ["region", "add", "new", "--size", "1M"],
                          ["region", "import", target, "/dev/zero", "--confirm", target]):
                self.assertEqual(self.error(*words, expect=3)["code"], "ForeignMember")
            self.run_ctl("list")

    def test_a_wiped_copy_of_the_catalog_is_filled_by_the_next_write(self):
        """Incident: the array lived on one copy from then on."""
        management = next(one for one in self.json("region", "list")
                          if one["role"] == "management" and one["member"] == 1)
        with open(self.members[0], "r+b") as member:
            member.seek(management["offsetBytes"])
            member.write(bytes(management["sizeBytes"]))
        self.run_ctl("region", "add", "new", "--size", "1M")
        copies = self.json("array", "show")["catalog"]["copies"]
        self.assertEqual([copy["state"] for copy in copies], ["current", "current"])
        self.run_ctl("list", uris=[self.members[0]])

    def test_a_member_whose_management_region_was_deleted_gets_another(self):
        management = next(one for one in self.json("region", "list")
                          if one["role"] == "management" and one["member"] == 1)
        tool("sfdisk", "--delete", self.members[0], management["entry"])
        self.assertIn("add-catalog", self.run_ctl("list").stderr.decode())
        self.run_ctl("array", "add-catalog", 1)
        self.assertEqual(self.run_ctl("list").stderr, b"")
        copies = self.json("array", "show")["catalog"]["copies"]
        self.assertEqual([copy["state"] for copy in copies], ["current", "current"])
        self.assertEqual(self.error("array", "add-catalog", 1, expect=3)["code"], "AlreadyAnArray")
        self.run_ctl("list", uris=[self.members[0]])

    def test_a_replaced_member_is_out_of_the_array(self):
        old = self.members[1]
        kept = old.rename(self.dir / "old.img")
        self.run_ctl("array", "replace-member", old, self.dir / "new.img", "--member-size", "64M",
                     "--yes", uris=[self.members[0]])
        self.members = [self.members[0], self.dir / "new.img", kept]
        with self.nothing_changes():
            self.assertEqual(self.error("region", "add", "new", "--size", "1M", expect=3)["code"],
                             "ForeignMember")

    def test_an_interrupted_restore_is_told_by_every_command(self):
        self.run_ctl("backup", "db", "t1")
        self.fill("db", "damage", 8 * MIB)
        # Killed among the writes of its chunks: the 55th to 80th of the thread that ends it.
        trace = ["strace", "-f", "-o", "/dev/null", "-e", "trace=pwrite64", "-e",
                 "inject=pwrite64:signal=KILL:when=70+"]
        self.run_ctl("restore", 1, "--no-undo", "--confirm", "db", wrapper=trace, expect=-9)
        for words in (["list"], ["array", "show"], ["targets", "t2"]):
            self.assertIn("half of each", self.run_ctl(*words).stderr.decode())
        error = self.error("backup", "db", "t2", expect=3)
        self.assertEqual(error["code"], "RestoreUnfinished")
        self.assertIn("cairnctl resume 1", error["message"])
        self.run_ctl("resume", 1)
        self.assertEqual(self.run_ctl("list").stderr, b"")
        self.assertEqual(self.run_ctl("region", "export", "db", "-").stdout, self.data)

    def test_a_name_is_no_partuuid(self):
        error = self.error("region", "add", self.region("db")["id"], "--size", "1M", expect=2)
        self.assertEqual(error["code"], "InvalidName")

    def members_of(self, history):
        locations = {one["id"]: one["location"] for one in self.json("array", "show")["members"]}
        return [locations[member] for member in history["members"]]

    def test_a_disk_with_partitions_is_adopted_with_all_of_its_bytes(self):
        if shutil.which("sfdisk", path=TOOLS) is None:
            self.skipTest("no sfdisk")
        disk = self.dir / "disk.img"
        tool("truncate", "-s", "64M", disk)
        tool("sfdisk", "-q", disk, input=b"label: gpt\nsize=8M, name=data\n")
        with open(disk, "r+b") as file:
            file.seek(MIB)
            file.write(self.data)
        self.run_ctl("array", "adopt", "--label", "kept", uris=[disk])
        self.assertEqual(self.run_ctl("region", "export", "data", "-", uris=[disk]).stdout,
                         self.data)
        self.run_ctl("region", "add", "copy", "--size", "8M", uris=[disk])
        self.run_ctl("backup", "data", "copy", uris=[disk])

    def test_quiet_says_nothing(self):
        for words in (["backup", "db", "t1"], ["verify", 1], ["hold", 1], ["release", 1],
                      ["region", "rename", "t2", "t3"], ["restore", 1, "--confirm", "db"]):
            done = self.run_ctl(*words, "--quiet")
            self.assertEqual((done.stdout, done.stderr), (b"", b""))

    def test_the_array_comes_from_the_environment(self):
        self.environment["CAIRN_ARRAY"] = "\n".join(map(str, self.members))
        self.assertEqual(len(self.json("region", "list", uris=[])), 5)

    def test_regions_may_be_named_like_commands(self):
        for name in ("list", "backup", "array"):
            self.run_ctl("region", "add", name, "--size", "1M")
        self.run_ctl("targets", "list")
        self.run_ctl("region", "rename", "list", "show")

    def test_the_report_names_versions_and_holds_no_data(self):
        report = self.json("report")
        self.assertLessEqual({"cairn", "kernel", "sqlite"}, set(report["versions"]))
        self.assertEqual(len(report["array"]["regions"]), 5)


if __name__ == "__main__":
    unittest.main(verbosity=2)
