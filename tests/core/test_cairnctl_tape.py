#!/usr/bin/env python3
# Export and import as an operator types them, and the archive as a stranger reads it.
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import json
import os
import re
import signal
import subprocess
import tarfile
import time
import unittest

from cairnctl_run import BINARY, MIB, CairnctlTest, SimulatedTest, sha256, tool

SIZE = 40 * MIB


class Tape(CairnctlTest):
    def setUp(self):
        super().setUp()
        self.create("112M")
        self.run_ctl("region", "add", "home", "--size", "40M", "--member", 1)
        self.run_ctl("region", "add", "copy", "--size", "40M", "--member", 2)
        self.data = self.fill("home", "home", SIZE - 7 * MIB)
        self.run_ctl("backup", "home", "copy", "--label", "Grüße")
        self.image = self.run_ctl("region", "export", "copy", "-").stdout
        self.tape = self.dir / "tape.tar"

    def export(self):
        self.run_ctl("export", 1, self.tape)
        return self.tape

    def another_array(self):
        """One that knows nothing of the first: other members, another HOME."""
        self.environment["HOME"] = str(self.dir / "another home")
        self.members = [self.dir / "three.img"]
        self.create("96M")
        self.run_ctl("region", "add", "spare", "--size", "44M")

    def content(self, region):
        return self.run_ctl("region", "export", region, "-").stdout[:SIZE]

    def test_tar_jq_zstd_and_xxhsum_read_an_export(self):
        self.export()
        names = tool("tar", "tf", self.tape).stdout.decode().split()
        self.assertEqual(names, ["generation.json", "digests/0000000", "image/00000000.zst",
                                 "image/00000001.zst"])
        record = tool("tar", "xOf", self.tape, "generation.json").stdout
        label = tool("jq", "-r", ".generation.label", input=record).stdout.decode()
        self.assertEqual(label, "Grüße\n")
        self.assertEqual(json.loads(record)["generation"]["sizeBytes"], SIZE)
        script = ('tar xOf "$0" --wildcards "image/*" | zstd -dc > disk.img &&'
                  ' split -b 1M --filter="xxhsum -H2 | cut -c1-32" disk.img > found &&'
                  ' tar xOf "$0" --wildcards "digests/*" | cmp - found')
        tool("bash", "-c", script, self.tape, cwd=self.dir)
        self.assertEqual((self.dir / "disk.img").read_bytes(), self.image)
        with tarfile.open(self.tape) as archive:
            self.assertTrue(all(entry.isreg() for entry in archive))

    def test_a_backup_comes_back_on_another_array(self):
        self.assertEqual(self.json("export", 1, self.tape)["imageBytes"], SIZE)
        went = self.json("show", 1)["exports"]
        self.assertEqual([(one["location"], one["imported"]) for one in went],
                         [(str(self.tape), False)])
        with self.nothing_changes():
            self.assertEqual(self.error("export", 1, self.tape, expect=3)["code"],
                             "ConfirmationNeeded", "an existing file is not replaced unasked")
        original = self.json("show", 1)
        self.another_array()
        imported = self.json("import", self.tape, "spare")
        self.assertEqual((imported["number"], imported["state"]), (1, "good"))
        for field in ("label", "source", "sourceId", "started", "digest", "content", "sizeBytes"):
            self.assertEqual(imported[field], original[field], field)
        self.assertEqual(self.content("spare"), self.image)
        came = self.json("show", 1)["exports"]
        self.assertEqual([(one["location"], one["imported"]) for one in came],
                         [(str(self.tape), True)])
        self.run_ctl("verify", 1)

    def test_through_a_pipe_to_a_tape_with_a_name(self):
        command = [str(BINARY), *self.uri_options(), "export", "1", "-", "--location", "tape 7"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=self.environment) as export:
            first = self.members
            self.another_array()
            self.run_ctl("import", "-", "spare", "--label", "other", stdin=export.stdout)
            export.stdout.close()
            self.assertEqual(export.wait(timeout=60), 0, "the reader took all of the last record")
        self.assertEqual(self.json("list")[0]["label"], "other")
        self.assertEqual(self.content("spare"), self.image)
        self.assertEqual(self.json("show", 1, uris=first)["exports"][0]["location"], "tape 7")

    def interrupted_by(self, number):
        """The exit status of an import that got half of the file and then that signal."""
        half = self.tape.read_bytes()[: self.tape.stat().st_size // 2]
        command = [str(BINARY), *self.uri_options(), "import", "-", "spare"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, env=self.environment) as running:
            running.stdin.write(half)
            running.stdin.flush()
            deadline = time.monotonic() + 60
            while [one["state"] for one in self.json("list")] != ["copying"]:
                self.assertLess(time.monotonic(), deadline, "the import never began")
            running.send_signal(number)
            running.stdin.close()
            return running.wait(timeout=60)

    def test_a_killed_import_goes_on_with_the_same_file(self):
        self.export()
        self.another_array()
        for number, status in ((signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, 130)):
            with self.subTest(signal=number):
                found = self.interrupted_by(number)
                # A stream that ends before the signal is seen is an archive that was cut off.
                self.assertIn(found, (status, 1) if number == signal.SIGTERM else (status,))
                record = self.json("list")[0]
                self.assertEqual(record["state"], "interrupted")
                half = self.run_ctl("region", "export", "spare", "-", expect=4)
                self.assertNotEqual(half.stdout[:SIZE], self.image)
                self.assertIn("import the same file again", half.stderr.decode())
                imported = self.json("import", self.tape, "spare")
                self.assertEqual((imported["number"], imported["state"]),
                                 (record["number"], "good"))
                self.assertEqual(self.content("spare"), self.image)
                self.another_array_again()

    def another_array_again(self):
        self.members[0].unlink()
        self.another_array()

    def test_a_cut_off_file_is_refused_and_the_whole_one_goes_on(self):
        self.export()
        self.another_array()
        cut = self.dir / "cut.tar"
        cut.write_bytes(self.tape.read_bytes()[:-MIB])
        # A file can be read before anything is written; a pipe cannot.
        with self.nothing_changes():
            error = self.error("import", cut, "spare", expect=1)
        self.assertEqual(error["code"], "InvalidArchive")
        self.assertTrue(error["message"].endswith("Get a sound copy of it, and import that."))
        self.assertEqual(self.json("list"), [])
        with subprocess.Popen(["cat", str(cut)], stdout=subprocess.PIPE) as pipe:
            error = self.error("import", "-", "spare", expect=1, stdin=pipe.stdout)
            pipe.stdout.close()
        self.assertEqual(error["code"], "InvalidArchive")
        self.assertIn("image/00000001.zst", error["detail"])
        self.assertTrue(error["message"].endswith(
            "Get a sound copy of it, and continue with that: cairnctl import FILE spare"))
        self.assertEqual(self.json("list")[0]["state"], "interrupted")
        self.assertIn("cairnctl import FILE spare",
                      self.run_ctl("resume", expect=3).stderr.decode())
        imported = self.json("import", self.tape, "spare")
        self.assertEqual((imported["number"], imported["state"]), (1, "good"))
        self.assertLess(imported["copy"]["copiedBytes"], SIZE // 2, "the rest was there already")
        self.assertEqual(self.content("spare"), self.image)

    # Incident: the backup that the target held was given up for an archive that was not sound.
    def test_a_file_that_is_not_sound_costs_no_backup(self):
        self.export()
        whole = self.tape.read_bytes()
        middle = len(whole) // 2
        spoilt = {"cut": whole[:-MIB],
                  "flipped": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1:]}
        for name, content in spoilt.items():
            with self.subTest(name):
                file = self.dir / f"{name}.tar"
                file.write_bytes(content)
                with self.nothing_changes():
                    error = self.error("--yes", "import", file, "copy", "--confirm", "copy",
                                       expect=1)
                self.assertIn(error["code"], ("InvalidArchive", "DigestMismatch"))

    def test_what_is_no_export_changes_nothing(self):
        self.another_array()
        noise = self.dir / "noise.tar"
        noise.write_bytes(self.data[:MIB])
        link = self.dir / "link.tar"
        with tarfile.open(link, "w") as archive:
            entry = tarfile.TarInfo("generation.json")
            entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(entry)
        outside = self.dir / "outside.tar"
        with tarfile.open(outside, "w") as archive:
            archive.add(noise, "../../outside")
        with self.nothing_changes():
            for file in (noise, link, outside):
                error = self.error("import", file, "spare", expect=1)
                self.assertEqual(error["code"], "InvalidArchive")
                # Incident: a bare image was called a damaged export, and no word led further.
                self.assertIn("if it is a bare image, give --image", error["message"])
            self.assertEqual(self.error("import", self.dir / "none", "spare", expect=1)["code"],
                             "OpenFailed")
            self.assertEqual(self.error("import", self.dir, "spare", expect=2)["code"],
                             "InvalidArgument")

    def test_a_target_with_content_needs_its_name(self):
        self.export()
        self.another_array()
        self.fill("spare", "precious", 3 * MIB)
        with self.nothing_changes():
            self.assertEqual(self.error("import", self.tape, "spare", "--yes", expect=3)["code"],
                             "ConfirmationNeeded")
        self.run_ctl("import", self.tape, "spare", "--confirm", "spare")

    def test_a_bare_image_becomes_a_backup(self):
        file = self.dir / "disk.img"
        file.write_bytes(self.image)
        before = sha256(file)
        self.run_ctl("region", "add", "second", "--size", "40M", "--member", 2)
        imported = self.json("import", "--image", file, "second", "--source", "home",
                             "--label", "by hand")
        self.assertEqual((imported["source"], imported["state"]), ("home", "good"))
        self.assertEqual(sha256(file), before)
        self.assertEqual(self.content("second"), self.image)
        with self.nothing_changes():
            self.error("import", "--image", self.members[0], "second", "--yes", expect=3)
            self.error("import", "--image", "-", "second", expect=2)
            self.error("import", file, "second", "--source", "home", expect=2)


class InterruptedImage(SimulatedTest):
    # Incident: the command that it named refused a bare image as no whole export.
    def test_what_resume_says_of_a_bare_image_goes_on_with_it(self):
        self.run_ctl("array", "create", "--member-size", "64M")
        for name, member in (("home", 1), ("second", 2)):
            self.run_ctl("region", "add", name, "--size", "8M", "--member", member)
        file = self.dir / "disk.img"
        file.write_bytes(os.urandom(8 * MIB))
        self.killed(["import", "--image", str(file), "second", "--source", "home"],
                    lambda: any(one["state"] == "copying" for one in self.json("list")))
        told = self.run_ctl("resume", expect=3).stderr.decode()
        advised = re.search(r"cairnctl (import [^;\n]*)", told)
        self.assertEqual(advised[1], f"import --image {file} second --source home")
        self.assertEqual(self.json(*advised[1].split())["state"], "good")
        self.run_ctl("region", "export", "second", self.dir / "after.img")
        self.assertEqual(sha256(self.dir / "after.img"), sha256(file))

    # Incident: the job was failed by it, and nothing went on with what was there already.
    def test_another_file_is_refused_and_the_one_that_was_begun_goes_on(self):
        self.run_ctl("array", "create", "--member-size", "128M")
        for name, member in (("home", 1), ("second", 2)):
            self.run_ctl("region", "add", name, "--size", "64M", "--member", member)
        file, other = self.dir / "disk.img", self.dir / "other.img"
        for path in (file, other):
            path.write_bytes(os.urandom(64 * MIB))
        options = ["second", "--source", "home"]
        self.killed(["import", "--image", str(file), *options],
                    lambda: any(job["doneChunks"] for job in self.json("report")["jobs"]))
        kept = self.json("report")["jobs"][0]["doneChunks"]
        self.assertGreater(kept, 0)
        error = self.error("import", "--image", other, *options, expect=3)
        self.assertEqual(error["code"], "PlanChanged")
        self.assertIn("is not the file that this import began with", error["message"])
        self.assertIn("Backup #1 is recorded as interrupted", error["message"])
        self.assertIn(f"cairnctl import --image {file} second --source home", error["message"])
        self.assertIn("cairnctl discard 1", error["message"])
        self.assertEqual(self.json("list")[0]["state"], "interrupted")
        self.assertEqual(self.json("report")["jobs"][0]["doneChunks"], kept)
        imported = self.json("import", "--image", file, *options)
        self.assertEqual((imported["number"], imported["state"]), (1, "good"))
        self.assertEqual(imported["copy"]["copiedBytes"], 64 * MIB - kept * MIB)
        self.run_ctl("region", "export", "second", self.dir / "after.img")
        self.assertEqual(sha256(self.dir / "after.img"), sha256(file))


if __name__ == "__main__":
    unittest.main(verbosity=2)
