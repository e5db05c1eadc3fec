#!/usr/bin/env python3
# What is missing of a source stays known to the sector wherever the backup goes, and comes from.
import json
import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from cairnctl_run import MIB, SECTOR, CairnctlTest, FailingSourceTest, merged, tool

SIZE = FailingSourceTest.SIZE
FAILED, USAGE, REFUSED, PARTIAL = 1, 2, 3, 4


def with_gaps(data, ranges):
    data = bytearray(data)
    for one in ranges:
        data[one["offsetBytes"]:one["offsetBytes"] + one["sizeBytes"]] = bytes(one["sizeBytes"])
    return bytes(data)


class Travelling(FailingSourceTest):
    def setUp(self):
        super().setUp()
        chunk = [{"offsetBytes": 3 * MIB, "sizeBytes": MIB}]
        sectors = {at // SECTOR for one in self.bad + chunk
                   for at in range(one["offsetBytes"], one["offsetBytes"] + one["sizeBytes"],
                                   SECTOR)}
        self.bad = merged(sectors)  # A whole chunk among them.
        self.spoil(self.bad)
        self.run_ctl("backup", "db", "t", "--skip-unreadable", expect=PARTIAL)
        self.tape = self.dir / "tape.tar"

    def another_array(self):
        self.environment["HOME"] = str(self.dir / "another home")
        self.members = [self.dir / "three.img"]
        self.uris = [f"file:{self.members[0]}"]
        self.create("96M")
        self.run_ctl("region", "add", "spare", "--size", "9M")

    def content(self, expect=PARTIAL):
        return self.run_ctl("region", "export", "spare", "-", expect=expect).stdout[:SIZE]

    def test_the_list_travels_and_the_backup_stays_partial(self):
        out = self.run_ctl("export", 1, self.tape, "--json", expect=PARTIAL)
        self.assertEqual(json.loads(out.stdout)["missing"], self.bad)
        self.assertIn(b"could not be read, and are zeroes in backup #1", out.stderr)
        self.another_array()
        done = self.run_ctl("import", self.tape, "spare", "--json", expect=PARTIAL)
        record = json.loads(done.stdout)
        self.assertEqual((record["state"], record["missing"], record["damagedChunks"]),
                         ("partial", self.bad, []))
        self.assertEqual(record["failure"]["code"], "ReadFailed")
        self.assertIn(b"db is no region of this array", done.stderr)
        self.assertNotIn(b"cairnctl resume", done.stderr)
        self.assertEqual(self.content(), with_gaps(self.data, self.bad))
        self.assertIn(b"read back and equal", self.run_ctl("verify", 1, expect=PARTIAL).stdout)
        self.assertEqual(self.error("restore", 1, "--to", "spare", expect=REFUSED)["code"],
                         "BackupNotUsable")
        # And on from there.
        self.run_ctl("export", 1, self.dir / "again.tar", expect=PARTIAL)
        maps = [tool("tar", "xOf", tape, "unreadable.map").stdout
                for tape in (self.tape, self.dir / "again.tar")]
        self.assertEqual(maps[0], maps[1])

    def test_tar_and_ddrescuelog_read_what_is_missing(self):
        self.run_ctl("export", 1, self.tape, expect=PARTIAL)
        names = tool("tar", "tf", self.tape).stdout.decode().split()
        self.assertEqual(names[:3], ["generation.json", "unreadable.map", "digests/0000000"])
        self.assertEqual(json.loads(tool("tar", "xOf", self.tape, names[0]).stdout)["version"], 2)
        file = self.dir / "db.map"
        file.write_bytes(tool("tar", "xOf", self.tape, names[1]).stdout)
        listed = tool("ddrescuelog", "--list-blocks=-", file).stdout.split()
        self.assertEqual(merged({int(block) for block in listed}), self.bad)

    def test_one_that_is_damaged_besides_is_not_exported(self):
        sim = self.dir / "sim"
        member = json.loads((sim / "simulation.json").read_text())["members"][1]
        with open(sim / member["file"], "r+b") as disk:
            disk.seek(self.region("t")["offsetBytes"] + 5 * MIB)
            disk.write(b"damage")
        self.assertEqual(self.error("export", 1, self.tape, expect=FAILED)["code"],
                         "DigestMismatch")
        self.run_ctl("verify", 1, expect=FAILED)
        error = self.error("export", 1, self.tape, expect=REFUSED)
        self.assertEqual(error["code"], "BackupNotUsable")
        self.assertFalse(self.tape.exists())


class Rescued(CairnctlTest):
    """Images that ddrescue made of a disk that fails."""

    def setUp(self):
        super().setUp()
        self.create("96M")
        self.run_ctl("region", "add", "spare", "--size", "9M")
        self.data = os.urandom(SIZE)
        self.disk, self.image, self.map = (self.dir / name for name in ("disk", "image", "map"))
        self.disk.write_bytes(self.data)

    def rescue(self, bad, *options):
        """What ddrescue makes of the disk where these ranges cannot be read."""
        test_map = self.dir / "test_map"  # Blocks that are "+" there can be read.
        rows, at = [], 0
        for one in [*bad, {"offsetBytes": SIZE, "sizeBytes": 0}]:
            for end, status in ((one["offsetBytes"], "+"),
                                (one["offsetBytes"] + one["sizeBytes"], "-")):
                if end > at:
                    rows.append(f"0x{at:X} 0x{end - at:X} {status}")
                at = max(at, end)
        test_map.write_text("0x0 + 1\n" + "\n".join(rows) + "\n")
        tool("ddrescue", "--test-mode", test_map, *options, self.disk, self.image, self.map)

    def bring_in(self, *options, expect=PARTIAL):
        return json.loads(self.run_ctl("import", "--image", self.image, "spare", "--mapfile",
                                       self.map, *options, "--json", expect=expect).stdout)

    def content(self, expect=PARTIAL):
        return self.run_ctl("region", "export", "spare", "-", expect=expect).stdout[:SIZE]

    def refused(self, text, says, code="InvalidDescription"):
        self.map.write_bytes(text.encode() if isinstance(text, str) else text)
        with self.nothing_changes():
            error = self.error("import", "--image", self.image, "spare", "--mapfile", self.map,
                               expect=FAILED)
        self.assertEqual(error["code"], code)
        self.assertIn(says, error["detail"])
        self.assertIn("the mapfile that ddrescue wrote", error["message"])

    def test_what_ddrescue_did_not_rescue_is_missing_and_nothing_else(self):
        bad = merged({0, 77, 78, 4000, *range(3 * MIB // SECTOR, 4 * MIB // SECTOR),
                      SIZE // SECTOR - 2})  # The last one would be the end of the disk to it.
        self.rescue(bad)
        record = self.bring_in()
        self.assertEqual((record["state"], record["missing"], record["sizeBytes"]),
                         ("partial", bad, SIZE))
        self.assertEqual(self.content(), with_gaps(self.data, bad))
        # Round trip: what is given to ddrescue again says the same.
        again = self.dir / "again"
        self.run_ctl("show", 1, "--mapfile", again)
        for status in "+-":
            self.assertEqual(tool("ddrescuelog", f"--list-blocks={status}", again).stdout,
                             tool("ddrescuelog", f"--list-blocks={status}", self.map).stdout)
        tool("ddrescuelog", "--compare-mapfile", self.map, again)

    def test_all_that_was_rescued_is_good(self):
        self.rescue([])
        record = self.bring_in(expect=0)
        self.assertEqual((record["state"], record["missing"]), ("good", []))
        self.assertEqual(self.content(0), self.data)

    def test_a_tail_that_was_never_read_is_missing(self):
        self.rescue([], "--size", str(5 * MIB))
        self.assertEqual(self.image.stat().st_size, 5 * MIB)
        bad = [{"offsetBytes": 5 * MIB, "sizeBytes": SIZE - 5 * MIB}]
        record = self.bring_in()
        self.assertEqual((record["missing"], record["sizeBytes"]), (bad, SIZE))
        self.assertEqual(self.content(), with_gaps(self.data, bad))

    def test_what_was_there_before_the_rescue_does_not_come_in(self):
        self.image.write_bytes(b"\xff" * SIZE)
        bad = merged({5, 6000})
        self.rescue(bad)
        self.assertEqual(self.image.read_bytes()[5 * SECTOR], 0xff)
        self.assertEqual(self.bring_in()["missing"], bad)
        self.assertEqual(self.content(), with_gaps(self.data, bad))

    def test_every_status_but_finished_is_missing(self):
        self.image.write_bytes(self.data)
        self.map.write_text("# Rescue Logfile.\n\n0x00000200 /\n" + "".join(
            f"0x{at * SECTOR:08X}  0x{SECTOR:08X}  {status}\n"
            for at, status in enumerate("+?+*+/+-+")) + f"{9 * SECTOR} {SIZE - 9 * SECTOR} +\n")
        self.assertEqual(self.bring_in()["missing"], merged({1, 3, 5, 7}))

    def test_what_the_map_says_nothing_of_is_missing(self):
        self.image.write_bytes(self.data)
        self.map.write_text(f"0 + 1\n0x400 {SIZE - 2048} +\n")
        self.assertEqual(self.bring_in()["missing"], merged({0, 1, *range(SIZE // SECTOR - 2,
                                                                       SIZE // SECTOR)}))

    def test_a_later_pass_of_ddrescue_makes_another_backup(self):
        self.rescue(merged({9, 8000}))
        record = self.bring_in("--label", "first")
        self.assertEqual(record["label"], "first")
        self.rescue([], "--retry-passes=1")  # A later pass has read the rest: another import.
        self.assertEqual(self.bring_in("--confirm", "spare", "--yes", expect=0)["state"], "good")

    def test_what_is_no_mapfile_is_refused_with_its_line(self):
        self.image.write_bytes(self.data)
        head = "# x\n0 + 1\n"
        for text, says in (
                ("\n\nhello world\n", "line 3: not a position and a status"),
                ("# only\n# comments\n", "line 2: no line tells the status"),
                (head, "line 2: it ends without a block"),
                (head + "0 512 +\n256 512 -\n", "line 4: a block that begins before"),
                (head + "0 512 +\n1024 512 -\n", "line 4: a block that does not begin where"),
                (head + "0 0 +\n", "line 3: a block of no bytes"),
                (head + "0 512\n", "line 3: not a position, a size and a status"),
                (head + "0 512 ++\n", "line 3: not a position, a size and a status"),
                (head + "0 -512 +\n", "line 3: not a position, a size and a status"),
                (head + "0 0x8000000000000000 -\n", "line 3: a block that ends beyond"),
                (head + "512 0xFFFFFFFFFFFFFFFF -\n", "line 3: a block that ends beyond"),
                (head + "0 0x7FFFFFFFFFFFFFFF ?\n", "line 3: the size of the source is not known"),
                (head + f"0 {SIZE + 512} +\n", "line 3: finished beyond the end of"),
                (head + "#" * 20000 + "\n0 512 +\n", "line 3: longer than 16384 bytes"),
                ("#\n" * 1_000_001, "line 1000001: more than 1000000 lines"),
                (os.urandom(5000).replace(b"#", b"x").replace(b"\n", b"x"), "line 1: "),
                ("", "line 1: no line tells the status")):
            with self.subTest(says=says):
                self.refused(text, says)
        with open(self.map, "wb") as file:
            file.truncate(64 * MIB + 1)
        with self.nothing_changes():
            error = self.error("import", "--image", self.image, "spare", "--mapfile", self.map,
                               expect=FAILED)
        self.assertIn("larger than 64 MiB", error["detail"])
        self.assertEqual(self.error("import", self.image, "spare", "--mapfile", self.map,
                                    expect=USAGE)["code"], "InvalidArgument")


if __name__ == "__main__":
    unittest.main(verbosity=2)
