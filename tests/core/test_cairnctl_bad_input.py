#!/usr/bin/env python3
# Bad input to cairnctl: each gets a clear error and the right exit code, and changes nothing.
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import os
import shutil
import subprocess
import unittest

from cairnctl_run import BINARY, MIB, TOOLS, CairnctlTest, tool

USAGE, REFUSED, FAILED = 2, 3, 1


class BadInput(CairnctlTest):
    def setUp(self):
        super().setUp()
        self.create()
        for name, size, member in (("db", "8M", 1), ("t1", "8M", 2), ("small", "4M", 2)):
            self.run_ctl("region", "add", name, "--size", size, "--member", member)
        self.fill("db", "db", 8 * MIB)

    def check(self, exit_code, code, *words, **options):
        with self.subTest(words=words), self.nothing_changes():
            self.assertEqual(self.error(*words, expect=exit_code, **options)["code"], code)

    def test_words_that_cannot_be_understood(self):
        for words in ([], ["no-such-command"], ["region"], ["backup", "db"], ["show"],
                      ["list", "--no-such-option"], ["backup", "db", "t1", "extra"],
                      ["show", "twelve"], ["show", "0"], ["show", "-1"], ["verify"],
                      ["verify", "1", "--all"]):
            self.check(USAGE, "InvalidArgument", *words)
        self.check(USAGE, "InvalidArgument", "list", uris=[])

    # Incident: it advised to give the copy new UUIDs, after which a member was no member any more.
    def test_a_copy_beside_a_member_is_to_be_left_out(self):
        copy = self.dir / "copy.img"
        shutil.copyfile(self.members[1], copy)
        message = self.error("list", uris=[*self.members, copy], expect=3)["message"]
        self.assertIn("name the original only", message)
        self.assertNotIn("UUIDs", message)
        self.run_ctl("list")

    def test_sizes(self):
        for size in ("0", "-5", "12Q", "", "1.0000000001M", "99999999999999T", "M"):
            self.check(USAGE, "InvalidSize", "region", "add", "x", "--size", size)
        self.check(FAILED, "NoSpace", "region", "add", "x", "--size", "1T")

    def test_names(self):
        for name in ("n" * 200, "n" * 37, "", "esc\x1b[31m", "bidi\u202e", "line\nfeed",
                     os.fsdecode(b"\xff\xfe"), "<img src=x>", "a>b"):
            self.check(USAGE, "InvalidName", "region", "add", name, "--size", "1M")
            self.check(USAGE, "InvalidName", "region", "rename", "t1", name)
        self.check(USAGE, "NameInUse", "region", "add", "db", "--size", "1M")
        self.check(USAGE, "NameInUse", "region", "rename", "t1", "db")

    # Incidents: a rename to the same name wrote a commit, and a release of what was never held said
    # that it was held no longer.
    def test_what_changes_nothing_writes_nothing_and_says_so(self):
        self.run_ctl("backup", "db", "t1")
        with self.nothing_changes():
            for words, told in ((["region", "rename", "db", "db"], "is named so already"),
                                (["release", 1], "was not held")):
                self.assertIn(told, self.run_ctl(*words).stdout.decode())
        self.run_ctl("hold", 1)
        with self.nothing_changes():
            self.assertIn("is held", self.run_ctl("hold", 1).stdout.decode())
        self.assertIn("is no longer held", self.run_ctl("release", 1).stdout.decode())

    # Incident: it told of "line 1: JSON" and "line 0: header".
    def test_a_file_of_something_else_is_called_no_catalog_export(self):
        noise = os.urandom(4096).replace(b"\n", b"x") + b"\n"
        (self.dir / "noise").write_bytes(noise)
        (self.dir / "text").write_bytes(b"{}\n")
        for file, why in ((self.dir / "noise", "header"), (self.dir / "text", "header"),
                          ("/dev/null", "it is empty")):
            with self.subTest(file), self.nothing_changes():
                error = self.error("catalog", "rebuild", file, expect=FAILED)
                self.assertEqual((error["code"], error["subject"]),
                                 ("InvalidDescription", str(file)))
                self.assertIn(why, error["message"])
                self.assertNotRegex(error["message"], "line [0-9]")

    def test_a_confirmation_of_nothing_is_refused(self):
        uris = list(self.members)
        for name in ("third.img", "fourth.img"): # The fourth gets no copy of the catalog.
            self.run_ctl("array", "add-member", self.dir / name, "--member-size", "64M", uris=uris)
            uris.append(self.dir / name)
        for words in (["array", "show"], ["array", "release-disk", 4, "--yes"],
                      ["array", "choose-history", "0123456789ab"], ["region", "list"],
                      ["region", "add", "more", "--size", "1M"], ["region", "rename", "t1", "t9"],
                      ["region", "export", "db", self.dir / "db.img"], ["targets", "db"],
                      ["list"], ["verify", "--all"], ["hold", 1], ["release", 1], ["resume"],
                      ["discard", 1, "--yes"], ["catalog", "rebuild", "--yes"], ["history"]):
            self.check(USAGE, "InvalidArgument", *words, "--confirm", "t1", uris=uris)

    def test_hostile_names_of_an_adopted_disk_reach_no_terminal(self):
        if shutil.which("sfdisk", path=TOOLS) is None:
            self.skipTest("no sfdisk")
        disk = self.dir / "disk.img"
        tool("truncate", "-s", "64M", disk)
        names = ["\x1b[31mred", "<img src=(x)>", "bidi\u202e", "same", "same"]
        table = "label: gpt\n" + "".join(f'size=4M, name="{name}"\n' for name in names)
        tool("sfdisk", "-q", disk, input=table.encode())
        disks = [disk]
        for label in ("\x1b]0;x\x07", "two\nlines", "\u009b31m"):
            self.check(USAGE, "InvalidArgument", "array", "adopt", "--label", label, uris=disks)
        self.run_ctl("array", "adopt", uris=disks)
        self.run_ctl("backup", names[0], names[1], "--label", "\x1b]0;x\x07", uris=disks,
                     expect=USAGE)
        self.run_ctl("backup", names[0], names[1], "--note", "bidi\u202e", uris=disks)
        for words in (["region", "list"], ["targets", names[0]], ["list"], ["show", 1],
                      ["history"], ["array", "show"], ["report"], ["targets", "\x1b[0m"]):
            for options in ([], ["--json"]):
                expect = USAGE if words == ["targets", "\x1b[0m"] else 0
                done = self.run_ctl(*words, *options, uris=disks, expect=expect)
                for raw in (b"\x1b", b"\x07", "\u202e".encode()):
                    self.assertNotIn(raw, done.stdout + done.stderr)
        self.assertEqual([one["name"] for one in self.json("region", "list", uris=disks)][:5],
                         names, "JSON escapes, and loses nothing")
        self.assertEqual(self.error("targets", "same", uris=disks, expect=USAGE)["code"],
                         "AmbiguousName")

    def test_what_is_not_there(self):
        nowhere = "00000000-0000-4000-8000-000000000000"
        for words in (["targets", "x"], ["backup", "x", "t1"], ["backup", "db", "x"],
                      ["region", "remove", "x"], ["region", "export", nowhere, "-"],
                      ["list", "--source", "x"]):
            self.check(USAGE, "UnknownRegion", *words)
        for words in (["show", "7"], ["verify", "7"], ["hold", "7"], ["forget", "7", "--yes"],
                      ["restore", "7", "--confirm", "db"], ["resume", "7"], ["undo", "7"],
                      ["undo"]):
            self.check(USAGE, "UnknownGeneration", *words)
        self.check(USAGE, "UnknownMember", "region", "add", "x", "--size", "1M", "--member", "9")
        self.check(USAGE, "UnknownMember", "array", "replace-member", "9", self.dir / "n", "--yes")
        self.check(USAGE, "UnknownHistory", "array", "choose-history", "nope", "--yes")
        self.run_ctl("backup", "db", "t1")
        self.check(USAGE, "UnknownRegion", "restore", "1", "--to", "x")

    def test_targets_that_are_refused(self):
        self.check(REFUSED, "SourceIsTarget", "backup", "db", "db")
        self.check(REFUSED, "TargetTooSmall", "backup", "db", "small")
        error = self.error("backup", "db", "small", expect=REFUSED)
        self.assertIn(str(4 * MIB), error["message"])
        catalog = next(one for one in self.json("region", "list") if one["role"] == "management")
        self.check(REFUSED, "RegionHoldsCatalog", "backup", "db", catalog["id"])
        self.fill("t1", "something", MIB)
        self.check(REFUSED, "ConfirmationNeeded", "backup", "db", "t1", "--yes")
        self.fill("small", "something", MIB)
        error = self.error("backup", "db", "small", expect=REFUSED)
        self.assertEqual(len(error["reasons"]), 2, "all reasons are told")

    def test_the_confirmed_name_must_be_right_even_where_none_is_needed(self):
        self.check(REFUSED, "ConfirmationMismatch", "backup", "db", "t1", "--confirm", "db")
        self.check(REFUSED, "ConfirmationMismatch", "backup", "db", "t1", "--confirm", "nothing")
        self.run_ctl("backup", "db", "t1", "--confirm", "t1")
        for words in (["--yes"], []):
            self.check(REFUSED, "ConfirmationNeeded", "restore", "1", "--no-undo", *words)
        self.check(USAGE, "InvalidArgument", "restore", "1", "--no-undo", "--undo-to", "small")
        self.fill("small", "something", MIB)  # Now nothing is free to keep anything.
        for words in (["--yes"], [], ["--undo-to", "small"]):
            self.check(REFUSED, "ConfirmationNeeded", "restore", "1", *words)
        self.check(REFUSED, "ConfirmationMismatch", "restore", "1", "--confirm", "t1")
        self.check(REFUSED, "ConfirmationMismatch", "region", "remove", "small", "--confirm", "db")

    def test_members_that_are_no_array(self):
        noise, empty, folder = self.dir / "noise", self.dir / "empty", self.dir / "folder"
        noise.write_bytes(os.urandom(4 * MIB))
        empty.write_bytes(b"")
        folder.mkdir()
        self.check(FAILED, "NotAnArray", "list", uris=[noise])
        self.error("list", expect=FAILED, uris=[empty])
        self.check(FAILED, "OpenFailed", "list", uris=[self.dir / "missing.img"])
        self.check(FAILED, "OpenFailed", "list", uris=[folder])
        self.check(FAILED, "OpenFailed", "list", uris=[f"sim:{self.dir / 'nowhere'}"])

    def test_a_truncated_image_and_a_foreign_super_block(self):
        for member in self.members:
            os.truncate(member, 20 * MIB)
        with self.nothing_changes():
            self.error("list", expect=FAILED)

    def test_a_foreign_management_region(self):
        for region in self.json("region", "list"):
            if region["role"] == "management":
                with open(self.members[region["member"] - 1], "r+b") as member:
                    member.seek(region["offsetBytes"])
                    member.write(os.urandom(MIB))
        self.check(FAILED, "CatalogForeign", "list")
        self.run_ctl("region", "list")

    def test_creating_over_something(self):
        self.check(REFUSED, "AlreadyAnArray", "array", "create")
        self.check(REFUSED, "AlreadyAnArray", "array", "adopt")
        self.check(USAGE, "InvalidArgument", "array", "create", "--member-size", "64M")
        other = self.dir / "other.img"
        with self.nothing_changes():
            self.error("array", "create", uris=[other], expect=FAILED)
            self.error("array", "create", "--member-size", "0", uris=[other], expect=USAGE)

    def test_an_array_open_elsewhere_for_writing(self):
        # The other writer reads its input from a pipe that stays open as long as we want.
        self.run_ctl("backup", "db", "t1")
        writer = subprocess.Popen([str(BINARY), *self.uri_options(), "region", "import", "small",
                                   "-"], stdin=subprocess.PIPE, env=self.environment,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            writer.stdin.write(bytes(range(256)) * 8192)  # More than a pipe holds: it has begun.
            writer.stdin.flush()
            self.assertEqual(self.error("hold", 1, expect=REFUSED)["code"], "ArrayBusy")
            added = self.error("region", "add", "x", "--size", "1M", expect=REFUSED)
            self.assertEqual(added["code"], "ArrayBusy")
            self.assertEqual(len(self.json("list")), 1, "reading goes on")
        finally:
            writer.stdin.close()
            self.assertEqual(writer.wait(timeout=60), 0)
        self.run_ctl("hold", 1)

    def test_files_of_import_and_export(self):
        existing = self.dir / "existing"
        existing.write_text("precious")
        self.check(REFUSED, "ConfirmationNeeded", "region", "export", "db", existing)
        self.assertEqual(existing.read_text(), "precious")
        self.check(REFUSED, "RegionInUse", "region", "export", "db", self.members[0], "--yes")
        self.check(USAGE, "InvalidArgument", "region", "export", "db", self.dir)
        self.check(FAILED, "OpenFailed", "region", "export", "db", self.dir / "no" / "folder")
        self.check(FAILED, "OpenFailed", "region", "import", "t1", self.dir / "missing")
        self.check(USAGE, "InvalidArgument", "region", "import", "t1", self.dir)
        too_large = self.dir / "large"
        too_large.write_bytes(bytes(9 * MIB))
        self.check(REFUSED, "TargetTooSmall", "region", "import", "t1", too_large)

    def namespace(self, setup):
        """Words that run a command in a mount namespace of its own after a setup in sh."""
        flags = ["-m"] if os.geteuid() == 0 else ["-Urm"]
        wrapper = ["unshare", *flags, "sh", "-c", f'{setup} && exec "$@"', "sh"]
        probe = subprocess.run([*wrapper, "true"], capture_output=True, check=False)
        if probe.returncode != 0:
            self.skipTest("no mount namespaces here")
        return wrapper

    def test_read_only_files(self):
        wrapper = self.namespace(f"mount --bind {self.dir} {self.dir} && "
                                 f"mount -o remount,ro,bind {self.dir}")
        for words in (["backup", "db", "t1"], ["region", "add", "x", "--size", "1M"],
                      ["region", "rename", "db", "x"]):
            self.check(REFUSED, "ReadOnlyArray", *words, wrapper=wrapper)
        self.run_ctl("list", wrapper=wrapper)
        self.run_ctl("array", "show", wrapper=wrapper)

    # Incident: "make the file writable", and without the disk "attach it": a circle whose end was
    # to give the backup up.
    def test_a_backup_on_a_write_protected_disk_gets_out_by_a_file(self):
        one, two = self.members
        for name in ("spare", "room"):
            self.run_ctl("region", "add", name, "--size", "8M", "--member", 1)
        self.run_ctl("backup", "db", "t1")
        self.fill("db", "later", 8 * MIB)
        wrapper = self.namespace(f"mount --bind {two} {two} && mount -o remount,ro,bind {two}")
        refused = self.error("restore", 1, wrapper=wrapper, expect=REFUSED)
        self.assertEqual(refused["code"], "ReadOnlyArray")
        for command in (f"cairnctl -a {one} -a {two} export 1 backup-1.tar",
                        f"cairnctl -a {one} import backup-1.tar spare",
                        f"cairnctl -a {one} restore 2 --to db"):
            self.assertIn(f"`{command}`", refused["message"])
        self.assertIn("allowed", self.run_ctl("targets", "db", wrapper=wrapper).stdout.decode())
        self.assertIn(f"nothing can be written now, whatever the list allows: {two} cannot be "
                      "written", self.run_ctl("targets", "db", wrapper=wrapper).stderr.decode())
        # What it says works.
        file = self.dir / "backup-1.tar"
        self.run_ctl("export", 1, file, wrapper=wrapper)
        self.run_ctl("import", file, "spare", uris=[one])
        self.run_ctl("restore", 2, "--to", "db", uris=[one])

    # Incident: "no whole export", and "end that use first (unmount, swapoff, losetup -d)".
    def test_a_member_is_no_file_to_import(self):
        for words in (("import", self.members[1], "t1"),
                      ("region", "import", "t1", self.members[1]),
                      ("import", "--image", self.members[1], "t1")):
            with self.subTest(words=words):
                error = self.error(*words, expect=REFUSED)
                self.assertEqual(error["code"], "RegionInUse")
                self.assertIn("it is a member of this array", error["message"])
                self.assertNotIn("unmount", error["message"])

    # Incident: "Import less, or into a larger region", where the host's filesystem was full.
    def test_the_disk_of_the_host_is_full_not_the_region(self):
        full = self.dir / "full"
        full.mkdir()
        wrapper = self.namespace(f"mount -t tmpfs -o size=24M tmpfs {full} && "
                                 f"cp --sparse=always {self.members[0]} {full}/one.img")
        self.run_ctl("region", "add", "large", "--size", "32M", "--member", 1)
        image = self.dir / "image.bin"
        image.write_bytes(os.urandom(32 * MIB))
        error = self.error("region", "import", "large", image, uris=[full / "one.img"],
                           wrapper=wrapper, expect=FAILED)
        self.assertEqual(error["code"], "NoSpace")
        self.assertNotIn("Import less", error["message"])
        self.assertIn("filesystem that holds its image file", error["message"])

    def test_a_full_disk(self):
        full = self.dir / "full"
        full.mkdir()
        disk = full / "disk.img"
        wrapper = self.namespace(f"mount -t tmpfs -o size=48M tmpfs {full}")
        script = self.dir / "fill.sh"
        script.write_text(f"""set -e
ctl="{BINARY} -a {disk}"
$ctl array create --member-size 200M --quiet
$ctl region add a --size 24M --quiet
$ctl region add b --size 24M --quiet
head -c 24M /dev/urandom | $ctl region import a - --quiet
set +e
$ctl backup a b --json; echo "exit $?"
$ctl list --json
""")
        done = subprocess.run([*wrapper, "sh", str(script)], capture_output=True, timeout=120,
                              env=self.environment, check=False, text=True)
        self.assertIn("exit 1", done.stdout, done.stderr)
        self.assertIn('"code":"NoSpace"', done.stderr)
        self.assertRegex(done.stdout, '"state": "(failed|interrupted)"')


if __name__ == "__main__":
    unittest.main(verbosity=2)
