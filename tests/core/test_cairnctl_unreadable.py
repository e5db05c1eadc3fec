#!/usr/bin/env python3
# What a dying source still gives is backed up, what it does not give is listed to the sector.
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from cairnctl_run import MIB, SECTOR, FailingSourceTest, merged, tool

SIZE = FailingSourceTest.SIZE
FAILED, REFUSED, PARTIAL = 1, 3, 4


class Unreadable(FailingSourceTest):
    def content(self, name):
        file = self.dir / "content.img"
        self.run_ctl("region", "export", name, file, "--skip-unreadable", "--quiet", "--yes",
                     expect=self.export_code)
        return file.read_bytes()

    def with_gaps(self, ranges):
        data = bytearray(self.data)
        for one in ranges:
            end = one["offsetBytes"] + one["sizeBytes"]
            data[one["offsetBytes"]:end] = bytes(one["sizeBytes"])
        return bytes(data)

    def back_up_around(self):
        self.spoil(self.bad)
        self.export_code = PARTIAL
        return self.run_ctl("backup", "db", "t", "--skip-unreadable", "--json", expect=PARTIAL)

    def test_it_ends_partial_with_exactly_those_ranges(self):
        done = self.back_up_around()
        record = json.loads(done.stdout)
        self.assertEqual(record["state"], "partial")
        self.assertEqual(record["missing"], self.bad)
        self.assertEqual(record["failure"]["code"], "ReadFailed")
        self.assertIn(b"cairnctl resume 1", done.stderr)
        self.assertEqual(self.json("show", 1)["missing"], self.bad)
        shown = self.run_ctl("show", 1).stdout.decode()
        first = self.bad[0]
        self.assertIn(f"bytes 0-{first['sizeBytes'] - 1}", shown)
        self.assertEqual(self.content("t"), self.with_gaps(self.bad))
        told = [one for one in self.json("history")["events"] if one["kind"] == "source-unreadable"]
        missing = sum(one["sizeBytes"] for one in self.bad)
        self.assertEqual([one["detail"] for one in told],
                         [f"{missing} bytes in {len(self.bad)} ranges could not be read"])

    def test_the_target_is_still_proved_and_damage_to_it_told_apart(self):
        self.back_up_around()
        verified = self.run_ctl("verify", 1, expect=PARTIAL)
        self.assertIn(b"read back and equal", verified.stdout)
        self.assertIn(b"could not be read", verified.stdout)
        self.assertEqual(self.json("show", 1)["damagedChunks"], [])
        sim = self.dir / "sim"
        member = json.loads((sim / "simulation.json").read_text())["members"][1]
        with open(sim / member["file"], "r+b") as disk:
            disk.seek(self.region("t")["offsetBytes"] + self.bad[3]["offsetBytes"])
            disk.write(b"x")
        self.run_ctl("verify", 1, expect=FAILED)
        record = self.json("show", 1)
        chunk = self.bad[3]["offsetBytes"] // MIB
        self.assertEqual(record["damagedChunks"], [{"first": chunk, "count": 1}])
        self.assertEqual(record["missing"], self.bad)

    def test_it_is_not_restored_and_never_stands_for_a_good_copy(self):
        self.run_ctl("backup", "db", "u")
        self.spoil(self.bad)
        self.run_ctl("backup", "db", "t", "--skip-unreadable", expect=PARTIAL)
        error = self.error("restore", 2, expect=REFUSED)
        self.assertEqual(error["code"], "BackupNotUsable")
        self.assertIn("could not be read, and are zeroes in backup #2: bytes 0-", error["message"])
        self.assertEqual(self.error("forget", 1, expect=REFUSED)["code"],
                         "ConfirmationNeeded")
        refused = self.error("backup", "db", "u", "--skip-unreadable", expect=REFUSED)
        self.assertEqual(refused["code"], "ConfirmationNeeded")

    def test_without_the_option_it_fails_and_can_go_on_with_it(self):
        self.spoil(self.bad)
        self.export_code = PARTIAL
        error = self.error("backup", "db", "t", expect=FAILED)
        self.assertEqual(error["code"], "ReadFailed")
        self.assertIn("--skip-unreadable", error["message"])
        self.assertEqual(self.json("show", 1)["state"], "interrupted")
        self.assertIn(b"--skip-unreadable", self.run_ctl("resume", 1, expect=FAILED).stderr)
        self.run_ctl("resume", 1, "--skip-unreadable", expect=PARTIAL)
        self.assertEqual(self.json("show", 1)["missing"], self.bad)
        self.assertEqual(self.content("t"), self.with_gaps(self.bad))

    def test_a_healed_source_is_read_where_it_was_missing_and_nowhere_else(self):
        self.back_up_around()
        # Of the chunks between, nothing but the gaps can be read now.
        edge = MIB // SECTOR
        gaps = {sector for one in self.bad
                for sector in range(one["offsetBytes"] // SECTOR,
                                    (one["offsetBytes"] + one["sizeBytes"]) // SECTOR)}
        self.spoil(merged(set(range(edge, SIZE // SECTOR - edge)) - gaps))
        done = self.run_ctl("resume", 1, "--json")
        record = self.json("show", 1)
        self.assertEqual(json.loads(done.stdout)[0]["state"], "good")
        self.assertEqual((record["state"], record["missing"], record["failure"]),
                         ("good", [], None))
        self.export_code = 0
        self.assertEqual(self.content("t"), self.data)
        self.spoil([])
        self.run_ctl("verify", 1)
        self.fill("db", "other", SIZE)
        self.run_ctl("restore", 1, "--confirm", "db")
        self.assertEqual(self.content("db"), self.data)

    def test_what_stays_unreadable_stays_listed(self):
        self.back_up_around()
        self.spoil(self.bad[::2])
        done = self.run_ctl("resume", 1, "--json", expect=PARTIAL)
        told = json.loads(done.stdout)[0]
        self.assertEqual(told["missing"], self.bad[::2])
        self.assertEqual(told["readBytes"], sum(one["sizeBytes"] for one in self.bad[1::2]))
        self.assertEqual(self.content("t"), self.with_gaps(self.bad[::2]))
        self.run_ctl("verify", 1, expect=PARTIAL)
        # Once more, and nothing new: nothing is written either.
        self.run_ctl("resume", 1, expect=PARTIAL)
        self.assertEqual(self.json("show", 1)["missing"], self.bad[::2])
        self.spoil([])
        self.run_ctl("resume", 1)
        self.assertEqual(self.json("show", 1)["state"], "good")

    def test_gaps_are_not_filled_from_a_source_that_was_changed_since(self):
        self.back_up_around()
        self.spoil([])
        self.fill("db", "other", SIZE)
        before = self.json("show", 1)
        error = self.error("resume", 1, expect=REFUSED)
        self.assertEqual(error["code"], "PlanChanged")
        self.assertIn("back up again", error["message"])
        self.assertEqual(self.json("show", 1), before)
        self.assertEqual(self.content("t"), self.with_gaps(self.bad))

    # Incident: where only the middle was another, gaps were filled from it, and it was called good.
    def test_nor_from_one_of_which_only_a_chunk_in_the_middle_changed(self):
        self.back_up_around()
        self.spoil([])
        edited = bytearray(self.data)
        edited[7 * MIB] ^= 0xff
        file = self.dir / "edited.img"
        file.write_bytes(edited)
        self.run_ctl("region", "import", "db", file, "--confirm", "db", "--yes")
        before = self.json("show", 1)
        self.assertEqual(self.error("resume", 1, expect=REFUSED)["code"], "PlanChanged")
        self.assertEqual(self.json("show", 1), before)
        self.assertEqual(self.content("t"), self.with_gaps(self.bad))

    def test_without_reading_back_it_is_partial_and_the_next_backup_believes_nothing(self):
        self.spoil(self.bad)
        self.run_ctl("backup", "db", "t", "--skip-unreadable", "--no-verify", expect=PARTIAL)
        record = self.json("show", 1)
        self.assertEqual((record["state"], record["verified"]), ("partial", None))
        self.spoil([])
        again = self.json("--yes", "backup", "db", "t", "--confirm", "t")
        self.assertEqual((again["state"], again["copy"]["unchangedBytes"]), ("good", 0))

    def test_a_source_without_bad_sectors_is_good_as_ever(self):
        done = self.json("backup", "db", "t", "--skip-unreadable")
        self.assertEqual((done["state"], done["missing"]), ("good", []))

    def test_the_mapfile_is_ddrescues(self):
        self.back_up_around()
        file = self.dir / "map"
        self.run_ctl("show", 1, "--mapfile", file)
        rows = [line.split() for line in file.read_text().splitlines() if line[0] != "#"][1:]
        at = 0
        for offset, size, _ in rows:
            self.assertEqual(int(offset, 16), at)
            at += int(size, 16)
        self.assertEqual(at, SIZE)
        self.assertEqual([{"offsetBytes": int(offset, 16), "sizeBytes": int(size, 16)}
                          for offset, size, status in rows if status == "-"], self.bad)
        listed = tool("ddrescuelog", "--list-blocks=-", file).stdout.split()
        self.assertEqual(merged({int(block) for block in listed}), self.bad)

    def test_an_undo_brings_it_back_as_what_it_was(self):
        self.run_ctl("region", "add", "area", "--size", "12M", "--member", 1)
        self.run_ctl("backup", "db", "u")
        self.back_up_around()
        self.spoil([])
        self.fill("db", "other", SIZE)
        self.run_ctl("backup", "db", "u", "--confirm", "u", "--yes")
        self.run_ctl("restore", 3, "--to", "t", "--confirm", "t", "--yes")
        self.assertEqual(self.json("show", 2)["state"], "superseded")
        undo = max(one["number"] for one in self.json("list") if one["kind"] == "undo")
        self.run_ctl("undo", undo)
        again = self.json("show", 2)
        self.assertEqual((again["state"], again["missing"]), ("partial", self.bad))
        self.assertEqual(self.content("t"), self.with_gaps(self.bad))

    def test_the_list_outlives_an_export_of_the_catalog_and_a_rebuild(self):
        self.back_up_around()
        catalog = self.dir / "catalog.jsonl"
        self.run_ctl("catalog", "export", catalog)
        lines = [json.loads(line) for line in catalog.read_text().splitlines()]
        record = next(line for line in lines if line["kind"] == "generation")
        self.assertTrue(record["unreadable"])
        description = json.loads((self.dir / "sim" / "simulation.json").read_text())
        for region in self.json("region", "list"):
            if region["role"] == "management":
                member = description["members"][region["member"] - 1]["file"]
                with open(self.dir / "sim" / member, "r+b") as disk:
                    disk.seek(region["offsetBytes"])
                    disk.write(bytes(region["sizeBytes"]))
        self.run_ctl("catalog", "rebuild", catalog, "--yes")
        self.run_ctl("verify", 1, expect=PARTIAL)
        rebuilt = self.json("show", 1)
        self.assertEqual((rebuilt["state"], rebuilt["missing"]), ("partial", self.bad))
        self.spoil([])
        self.run_ctl("resume", 1)
        self.assertEqual(self.json("show", 1)["state"], "good")


if __name__ == "__main__":
    unittest.main(verbosity=2)
