#!/usr/bin/env python3
"""An array is read as docs/on-disk-format.md describes it, with nothing of Cairn's own code."""
import hashlib
import pathlib
import re
import sqlite3
import struct
import subprocess
import sys
import unittest
import uuid

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "support"))
from cairnctl_run import MIB, CairnctlTest  # noqa: E402

MANAGEMENT = uuid.UUID("81393b9e-798c-45cc-9b30-2f678ea2cdea")
BACKUP = uuid.UUID("35228883-f5a2-4b49-9779-9d5845670e8d")
UNDO_AREA = uuid.UUID("8b3108f0-24c1-4141-b19a-da977680b202")
PAGE = 4096


def xxh3_128(data):
    run = subprocess.run(["xxhsum", "-H2", "-"], input=data, capture_output=True, check=True)
    return bytes.fromhex(run.stdout.split()[0].decode())


def xxh3_64(data):
    run = subprocess.run(["xxhsum", "-H3", "-"], input=data, capture_output=True, check=True)
    return int(run.stdout.split()[-1], 16)


def partitions(image):
    """Each used entry of the primary table: type, PARTUUID, bytes, attributes, name."""
    header = image[512:1024]
    first, count, size = struct.unpack_from("<QII", header, 72)
    for number in range(count):
        at = first * 512 + number * size
        entry = image[at : at + size]
        if any(entry[:16]):
            begin, end, attributes = struct.unpack_from("<QQQ", entry, 32)
            yield {
                "type": uuid.UUID(bytes_le=entry[:16]),
                "id": uuid.UUID(bytes_le=entry[16:32]),
                "bytes": image[begin * 512 : (end + 1) * 512],
                "attributes": attributes,
                "name": entry[56:128].decode("utf-16-le").rstrip("\0"),
            }


def chunks_of(encoded):
    """The chunk numbers of a map: LEB128 pairs of gap and count."""
    numbers, value, shift = [], 0, 0
    for byte in encoded:
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            numbers.append(value)
            value = shift = 0
    chunks, at = [], 0
    for gap, count in zip(numbers[::2], numbers[1::2]):
        chunks.extend(range(at + gap, at + gap + count))
        at += gap + count
    return chunks


def schema_versions():
    """The statements of each version that the document gives, without its comments."""
    text = (TOP / "docs" / "on-disk-format.md").read_text(encoding="utf-8")
    for block in re.findall(r"```sql\n(.*?)```", text, re.DOTALL):
        code = re.sub(r"^--.*\n", "", block, flags=re.MULTILINE)
        yield [statement.strip() for statement in code.split(";\n") if statement.strip()]


class OnDiskFormat(CairnctlTest):
    def setUp(self):
        super().setUp()
        self.run_ctl("array", "create", "--member-size", "64M", "--label", "Rack")
        self.run_ctl("region", "add", "home", "--size", "3M", "--member", "1")
        self.run_ctl("region", "add", "spare", "--size", "4M", "--member", "2")
        self.content = bytes(i * i % 251 for i in range(3 * MIB))
        (self.dir / "home").write_bytes(self.content)
        self.run_ctl("region", "import", "home", str(self.dir / "home"), "--confirm", "home")
        self.run_ctl("backup", "home", "spare", "--label", "first")
        self.images = [member.read_bytes() for member in self.members]
        self.array_id = uuid.UUID(self.json("array", "show")["id"])

    def management(self, image):
        (region,) = [part for part in partitions(image) if part["type"] == MANAGEMENT]
        self.assertEqual(region["name"], "cairn-catalog")
        self.assertEqual(region["attributes"], 1 << 63)
        return region["bytes"]

    def database(self, image):
        region = self.management(image)
        offset, length = struct.unpack_from("<QQ", region, 88)
        path = self.dir / "catalog.sqlite"
        path.write_bytes(region[offset : offset + length])
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self.addCleanup(connection.close)
        return connection

    def test_a_backup_is_a_marked_partition_with_the_sources_bytes(self):
        (spare,) = [part for part in partitions(self.images[1]) if part["name"] == "spare"]
        self.assertEqual(spare["type"], BACKUP)
        self.assertEqual(spare["attributes"], 1 << 63)
        self.assertEqual(spare["bytes"][: len(self.content)], self.content)

    def test_super_blocks_say_where_the_areas_are(self):
        for image in self.images:
            region = self.management(image)
            usable = len(region) // PAGE * PAGE - MIB
            pages = min(262144, (usable - 65536) // (4096 + 4168))
            journal = (pages * 4168 + 65536) // PAGE * PAGE
            for slot in (0, 64 * 1024):
                block = region[slot : slot + PAGE]
                self.assertEqual(block[:8], b"CAIRNMGR")
                self.assertEqual(struct.unpack_from("<II", block, 8), (1, 0))
                self.assertEqual(block[16:32], self.array_id.bytes)
                self.assertEqual(block[32:48], uuid.UUID(bytes_le=image[568:584]).bytes)
                self.assertEqual(
                    struct.unpack_from("<5Q", block, 64),
                    (len(region), MIB, journal, MIB + journal, pages * PAGE),
                )
                self.assertFalse(any(block[104:4088]))
                self.assertEqual(struct.unpack_from("<Q", block, 4088)[0], xxh3_64(block[:4088]))
            self.assertIn(b"sqlite3 -readonly", region[192 * 1024 : 256 * 1024])

    def test_the_lease_block_tells_who_wrote_last(self):
        for image in self.images:
            block = self.management(image)[128 * 1024 : 132 * 1024]
            self.assertEqual(block[:8], b"CAIRNLSE")
            self.assertEqual(struct.unpack_from("<II", block, 8), (1, 0))
            self.assertEqual(block[16:32], self.array_id.bytes)
            counter, since, duration, length = struct.unpack_from("<QQII", block, 64)
            self.assertGreater(counter, 0)
            self.assertGreater(since, 1_700_000_000_000)
            self.assertEqual(duration, 12000)
            self.assertFalse(any(block[88 + length : 504]))
            self.assertEqual(struct.unpack_from("<Q", block, 504)[0], xxh3_64(block[:504]))
            self.assertFalse(any(block[512:]))

    def test_pages_carry_their_number_and_the_array(self):
        for image in self.images:
            region = self.management(image)
            (offset,) = struct.unpack_from("<Q", region, 88)
            self.assertEqual(region[offset + 20], 32)
            count = struct.unpack_from(">I", region, offset + 28)[0]
            self.assertGreater(count, 10)
            for number in range(1, count + 1):
                stamp = region[offset + number * PAGE - 32 : offset + number * PAGE]
                self.assertEqual(struct.unpack_from("<I", stamp)[0], number)
                self.assertEqual(stamp[4:8], self.array_id.bytes[:4])

    def test_a_stock_sqlite_reads_each_copy(self):
        for image in self.images:
            database = self.database(image)
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            self.assertEqual(database.execute("PRAGMA user_version").fetchone(), (7,))
            self.assertEqual(
                database.execute("SELECT number, state, label FROM generation").fetchall(),
                [(1, 3, "first")],
            )

    def test_the_schema_is_the_documents(self):
        found = self.database(self.images[0]).execute(
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
        self.assertEqual([sql for (sql,) in found],
                         [sql for version in schema_versions() for sql in version])

    def test_no_version_of_the_schema_ever_changes(self):
        known = [hashlib.sha256("\n".join(version).encode()).hexdigest()
                 for version in schema_versions()]
        self.assertEqual(known[:2], [
            "f6d6af89cb1e23d7088ed486fc6a99f02ec2137682ef740f7882ff78b742a3cf",
            "b268145287051c8e44d2baecb201b4c8207774c0d5318e4f63fc945d5a613601",
        ])

    def test_digests_are_those_of_the_chunks(self):
        chunks = [self.content[at : at + MIB] for at in range(0, len(self.content), MIB)]
        digests = b"".join(xxh3_128(chunk) for chunk in chunks)
        database = self.database(self.images[0])
        self.assertEqual(
            database.execute("SELECT generation, segment, bytes FROM digests").fetchall(),
            [(1, 0, digests)],
        )
        whole = database.execute("SELECT digest FROM generation").fetchone()[0]
        self.assertEqual(whole, xxh3_128(digests))

    def test_what_a_restore_overwrote_is_put_back_by_hand(self):
        self.run_ctl("region", "add", "room", "--size", "3M", "--member", "2")
        before = bytearray(self.content)
        before[MIB + 5 : MIB + 9] = b"lost"
        (self.dir / "home").write_bytes(before)
        self.run_ctl("region", "import", "home", str(self.dir / "home"), "--confirm", "home")
        self.run_ctl("restore", "1")
        images = [member.read_bytes() for member in self.members]
        found = {part["name"]: part for image in images for part in partitions(image)}
        home, room = (bytearray(found[name]["bytes"]) for name in ("home", "room"))
        self.assertEqual(home, self.content)
        self.assertEqual((found["room"]["type"], found["room"]["attributes"]),
                         (UNDO_AREA, 1 << 63))
        number, size, encoded, digest = self.database(images[0]).execute(
            "SELECT restored, size_bytes, chunks, content_before FROM undo").fetchone()
        self.assertEqual((number, size), (1, len(home)))
        slots = chunks_of(encoded)
        slots[0], slots[-1] = slots[-1], slots[0]
        for slot, chunk in enumerate(slots):
            home[chunk * MIB : (chunk + 1) * MIB] = room[slot * MIB : (slot + 1) * MIB]
        self.assertEqual(home, before)
        chunks = [home[at : at + MIB] for at in range(0, len(home), MIB)]
        self.assertEqual(xxh3_128(b"".join(xxh3_128(chunk) for chunk in chunks)), digest)

    def test_the_ledger_is_a_chain(self):
        rows = self.database(self.images[1]).execute(
            "SELECT e.id, kind, generation, time_ms, uuid, name, subject, detail, hash"
            " FROM event e JOIN host h ON h.id = e.host ORDER BY e.id"
        )
        before = bytes(16)
        count = 0
        for number, kind, generation, time, host, *texts, found in rows:
            encoded = before + struct.pack("<QIQq", number, kind, generation, time) + host
            for text in texts:
                encoded += struct.pack("<I", len(text.encode())) + text.encode()
            self.assertEqual(xxh3_128(encoded), found, f"entry {number}")
            before = found
            count += 1
        self.assertGreater(count, 5)


if __name__ == "__main__":
    unittest.main()
