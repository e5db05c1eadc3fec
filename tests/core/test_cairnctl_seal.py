#!/usr/bin/env python3
# Sealing as an operator types it, the recipe to undo it by hand, and what a lost catalog costs.
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import json
import subprocess
import unittest
import uuid

from cairnctl_run import MIB, TOOLS, CairnctlTest, tool

SIZE = 8 * MIB


class Seal(CairnctlTest):
    def setUp(self):
        super().setUp()
        self.create()
        self.run_ctl("region", "add", "home", "--size", SIZE, "--member", 1)
        self.run_ctl("region", "add", "copy", "--size", SIZE, "--member", 2)
        self.image = self.dir / "home.img"
        self.image.write_bytes(bytes(SIZE))
        tool("mkfs.ext4", "-q", "-L", "home", self.image)
        self.run_ctl("region", "import", "home", self.image, "--confirm", "home")

    def layout(self, member):
        """Each partition of the member file: begin and end in bytes, by name."""
        dumped = json.loads(tool("sfdisk", "--json", self.members[member]).stdout)
        return {part["name"]: (part["start"] * 512, part["size"] * 512)
                for part in dumped["partitiontable"]["partitions"]}

    def on_disk(self, name, member=1):
        begin, length = self.layout(member)[name]
        with open(self.members[member], "rb") as file:
            file.seek(begin)
            return file.read(length)

    def blkid(self, name):
        raw = self.dir / "raw.img"
        raw.write_bytes(self.on_disk(name))
        done = subprocess.run(["blkid", "-p", raw], env={"PATH": TOOLS}, capture_output=True)
        raw.unlink()
        return done.stdout

    def state(self, number=1):
        return self.json("show", number)["seal"]

    def test_a_file_gets_a_plain_backup_unless_told_otherwise(self):
        self.run_ctl("backup", "home", "copy")
        self.assertEqual(self.state(), "plain")
        self.assertEqual(self.on_disk("copy"), self.image.read_bytes())
        self.run_ctl("backup", "home", "copy", "--seal", "--plain", "--yes", expect=2)
        self.run_ctl("backup", "home", "copy", "--seal", "--confirm", "copy")
        self.assertEqual(self.state(2), "sealed")
        self.assertEqual(self.blkid("copy"), b"")
        self.assertIn(", sealed", self.run_ctl("list").stdout.decode())
        self.run_ctl("verify", 2)
        self.assertEqual(self.run_ctl("region", "export", "copy", "-").stdout,
                         self.image.read_bytes())

    def test_seal_and_unseal(self):
        self.run_ctl("backup", "home", "copy")
        sealed = self.json("seal", 1)
        self.assertEqual((sealed["seal"], sealed["changed"]), ("sealed", True))
        self.assertGreaterEqual(sealed["bytes"], 2)
        self.assertEqual(self.blkid("copy"), b"")
        self.assertFalse(self.json("seal", 1)["changed"])
        self.run_ctl("unseal", 1)
        self.assertEqual(self.on_disk("copy"), self.image.read_bytes())
        history = [event["kind"] for event in self.json("history")["events"]]
        self.assertEqual(history.count("sealed"), 1)
        self.assertEqual(history.count("unsealed"), 1)
        self.error("seal", 9, expect=2)

    def test_an_export_of_a_sealed_backup_is_as_any_other(self):
        self.run_ctl("backup", "home", "copy", "--seal")
        self.run_ctl("export", 1, self.dir / "tape.tar")
        self.run_ctl("region", "add", "again", "--size", SIZE, "--member", 1)
        self.run_ctl("import", self.dir / "tape.tar", "again", "--seal")
        self.assertEqual(self.state(2), "sealed")
        self.assertEqual(self.run_ctl("region", "export", "again", "-").stdout,
                         self.image.read_bytes())

    def recipe(self):
        """The commands of the text in the management region, as they stand there."""
        begin, _ = self.layout(1)["cairn-catalog"]
        with open(self.members[1], "rb") as file:
            file.seek(begin + 192 * 1024)
            text = file.read(64 * 1024).rstrip(b"\0").decode("ascii")
        self.assertLess(max(map(len, text.splitlines())), 100)
        lines = [line.strip() for line in text.splitlines() if line.startswith("    ")]
        return "\n".join(line for line in lines if ".dump" not in line)

    def test_the_recipe_on_the_disk_unseals_without_cairn(self):
        partuuid = uuid.UUID(self.region("copy")["id"])
        self.run_ctl("backup", "home", "copy", "--seal")
        work = self.dir / "by hand"
        work.mkdir()
        (work / "management").write_bytes(self.on_disk("cairn-catalog"))
        copy = work / "copy"
        copy.write_bytes(self.on_disk("copy"))
        self.assertNotEqual(copy.read_bytes(), self.image.read_bytes())
        script = self.recipe()
        for word, value in (("REGION", "management"), ("COPY", "copy"), ("UUID", partuuid.hex)):
            script = re.sub(rf"\b{word}\b", value, script)
        subprocess.run(["sh", "-e", "-c", script], check=True, cwd=work, env={"PATH": TOOLS},
                       capture_output=True)
        self.assertEqual(copy.read_bytes(), self.image.read_bytes())

    def erase_catalogs(self):
        for member in range(2):
            begin, length = self.layout(member)["cairn-catalog"]
            with open(self.members[member], "r+b") as file:
                file.seek(begin)
                file.write(bytes(length))

    def test_a_lost_catalog_is_told_to_have_had_the_signatures(self):
        self.run_ctl("backup", "home", "copy", "--seal")
        self.erase_catalogs()
        told = self.run_ctl("catalog", "rebuild", "--yes")
        self.assertIn("Sealed, and without the signatures", told.stderr.decode()
                      + told.stdout.decode())
        self.assertEqual(self.blkid("copy"), b"")

    def test_an_export_of_the_catalog_brings_the_signatures_back(self):
        self.run_ctl("backup", "home", "copy", "--seal")
        self.run_ctl("catalog", "export", self.dir / "catalog.jsonl")
        header = json.loads((self.dir / "catalog.jsonl").read_text().splitlines()[0])
        self.assertEqual(header["version"], 3)
        self.erase_catalogs()
        outcome = self.json("catalog", "rebuild", self.dir / "catalog.jsonl", "--yes")
        self.assertEqual(outcome["signaturesLost"], [])
        self.run_ctl("verify", 1)
        self.run_ctl("unseal", 1)
        self.assertEqual(self.on_disk("copy"), self.image.read_bytes())

    def test_the_choice_between_histories_loses_no_signature(self):
        self.run_ctl("backup", "home", "copy")
        one, two = self.members
        self.run_ctl("hold", 1, uris=[one])  # Does not know of what is done to the other.
        self.run_ctl("seal", 1, uris=[two])
        first = self.region("home")["memberId"]
        chosen = next(each["id"] for each in self.json("array", "show")["catalog"]["histories"]
                      if first in each["members"])
        self.run_ctl("array", "choose-history", chosen, "--yes")
        self.run_ctl("verify", 1)
        self.run_ctl("unseal", 1)
        self.assertEqual(self.on_disk("copy"), self.image.read_bytes())


if __name__ == "__main__":
    unittest.main()
