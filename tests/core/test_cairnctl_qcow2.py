#!/usr/bin/env python3
# The disk in a qcow2 becomes a backup, and no image leads Cairn to another file of this computer.
import json
import os
import pathlib
import struct
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from cairnctl_run import MIB, CairnctlTest, sha256, tool

SIZE = 9 * MIB + 3 * 512
FAILED, USAGE, REFUSED = 1, 2, 3


class Qcow2(CairnctlTest):
    def setUp(self):
        super().setUp()
        self.create("96M")
        self.run_ctl("region", "add", "spare", "--size", "10M")
        self.raw, self.image = self.dir / "disk.raw", self.dir / "disk.qcow2"
        self.raw.write_bytes(os.urandom(2 * MIB) + bytes(5 * MIB) + os.urandom(SIZE - 7 * MIB))

    def convert(self, *options):
        tool("qemu-img", "convert", "-f", "raw", "-O", "qcow2", *options, self.raw, self.image)

    def patch(self, offset, content):
        with open(self.image, "r+b") as file:
            file.seek(offset)
            file.write(content)

    def refused(self, says, *options, expect=FAILED):
        with self.nothing_changes():
            error = self.error("import", "--image", self.image, "spare", *options, expect=expect)
        self.assertIn(says, error["message"])

    def test_it_is_the_disk_as_qemu_sees_it(self):
        for options in ((), ("-c",), ("-o", "compat=0.10"), ("-o", "cluster_size=4k")):
            with self.subTest(options=options):
                self.convert(*options)
                out = self.run_ctl("import", "--image", self.image, "spare", "--format", "qcow2",
                                   "--confirm", "spare", "--yes", "--json")
                record = json.loads(out.stdout)
                self.assertEqual((record["state"], record["sizeBytes"]), ("good", SIZE))
                content = self.run_ctl("region", "export", "spare", "-").stdout[:SIZE]
                self.assertEqual(content, self.raw.read_bytes())
        again = self.dir / "again.raw"
        tool("qemu-img", "convert", "-O", "raw", self.image, again)
        self.assertEqual(sha256(again), sha256(self.raw))

    def test_the_format_is_not_guessed(self):
        self.convert()
        self.refused("give --format qcow2")
        # A partition may hold what a stranger wrote to its first bytes.
        size = self.image.stat().st_size
        self.run_ctl("import", "--image", self.image, "spare", "--format", "raw")
        content = self.run_ctl("region", "export", "spare", "-").stdout[:size]
        self.assertEqual(content, self.image.read_bytes())

    def test_a_bare_image_is_no_qcow2(self):
        self.image.write_bytes(self.raw.read_bytes())
        self.refused("it is no qcow2", "--format", "qcow2")
        self.refused("--format takes raw or qcow2", "--format", "vmdk", expect=USAGE)

    def test_one_that_names_another_file_is_refused(self):
        secret = self.dir / "secret"
        secret.write_bytes(b"secret" * MIB)
        tool("qemu-img", "create", "-f", "qcow2", "-b", secret, "-F", "raw", self.image)
        self.refused("based on another file", "--format", "qcow2")
        tool("qemu-img", "create", "-f", "qcow2", "-o",
             f"data_file={self.dir / 'data'},data_file_raw=on", self.image, str(SIZE))
        self.refused("in another file", "--format", "qcow2")

    def test_what_is_not_understood_is_refused(self):
        for name, offset, content, says in (
                ("later version", 4, struct.pack(">I", 4), "version"),
                ("unknown feature", 72, struct.pack(">Q", 1 << 40), "features"),
                ("corrupt", 72, struct.pack(">Q", 2), "corrupt"),
                ("encrypted", 32, struct.pack(">I", 1), "encrypted"),
                ("empty", 24, struct.pack(">Q", 0), "empty"),
                ("too large", 24, struct.pack(">Q", 1 << 62), ""),
                ("no table", 40, struct.pack(">Q", 1 << 40), "damaged")):
            with self.subTest(name):
                self.convert()
                self.patch(offset, content)
                self.refused(says, "--format", "qcow2")
        self.convert()
        os.truncate(self.image, 60)
        self.refused("cut off", "--format", "qcow2")

    # Incident: QEMU reads what is not there as zeroes, and a good backup of nothing was made.
    def test_one_that_is_cut_off_or_damaged_is_no_backup(self):
        self.convert()
        with open(self.image, "rb") as file:
            file.seek(40)
            table, = struct.unpack(">Q", file.read(8))
        self.patch(table, struct.pack(">Q", (1 << 63) | (1 << 50)))
        self.refused("damaged", "--format", "qcow2")
        self.convert()
        os.truncate(self.image, self.image.stat().st_size // 2)
        self.refused("damaged", "--format", "qcow2")

    def test_without_qemu_it_is_said_what_is_missing(self):
        self.convert()
        self.environment["PATH"] = str(self.dir)
        self.refused("qemu-utils", "--format", "qcow2")


if __name__ == "__main__":
    unittest.main(verbosity=2)
