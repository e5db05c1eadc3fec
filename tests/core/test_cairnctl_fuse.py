#!/usr/bin/env python3
# A disk behind FUSE of which one part in a hundred cannot be read: exactly that is missing.
import json
import os
import pathlib
import random
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from cairnctl_run import MIB, PATIENCE_S, TOOLS, CairnctlTest, merged, tool

SIZE = 9 * MIB
BLOCK = 4096  # A direct read of a file asks for no less.
PARTIAL = 4

# nbdkit-eval-plugin(1): $3 is the number of bytes, $4 the offset.
READ = """
while read begin end; do
    if [ $4 -lt $end ] && [ $(($4 + $3)) -gt $begin ]; then
        echo "EIO cannot be read" >&2
        exit 1
    fi
done <{bad}
dd if={disk} iflag=skip_bytes,count_bytes,fullblock skip=$4 count=$3 bs=1M status=none
"""
WRITE = "dd of={disk} conv=notrunc oflag=seek_bytes seek=$4 bs=1M status=none"


class BehindFuse(CairnctlTest):
    def setUp(self):
        super().setUp()
        self.create("48M")
        self.run_ctl("region", "add", "db", "--size", SIZE, "--member", 1)
        self.run_ctl("region", "add", "t", "--size", "10M", "--member", 2)
        self.data = self.fill("db", 7, SIZE)
        self.disk, self.bad = self.members[0], self.dir / "bad"
        begin = self.region("db")["offsetBytes"]
        seed = int(os.environ.get("CAIRN_SEED", random.randrange(2**32)))
        print(f"CAIRN_SEED={seed}", file=sys.stderr)
        blocks = random.Random(seed).sample(range(SIZE // BLOCK), SIZE // BLOCK // 100)
        self.missing = merged({block * BLOCK // 512 + sector for block in blocks
                               for sector in range(BLOCK // 512)})
        self.bad.write_text("".join(f"{begin + block * BLOCK} {begin + (block + 1) * BLOCK}\n"
                                    for block in blocks))
        self.mount()

    def mount(self):
        """nbdkit serves the disk, and nbdfuse makes a file of it."""
        at, ready = self.dir / "behind.img", self.dir / "pid"
        at.touch()
        server = ["nbdkit", "--exit-with-parent", "eval", f"get_size=stat -c %s {self.disk}",
                  "can_write=exit 0", "can_flush=exit 0", "flush=exit 0",
                  f"pwrite={WRITE.format(disk=self.disk)}",
                  f"pread={READ.format(bad=self.bad, disk=self.disk)}"]
        fuse = subprocess.Popen(["nbdfuse", "-P", ready, at, "[", *server, "]"],
                                env={**os.environ, "PATH": TOOLS}, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)
        self.addCleanup(fuse.wait, PATIENCE_S)
        self.addCleanup(subprocess.run, ["fusermount3", "-u", "-z", str(at)], check=False,
                        capture_output=True, env={**os.environ, "PATH": TOOLS})
        self.wait_for(lambda: ready.exists() and ready.read_text(), fuse)
        self.members = [at, self.members[1]]

    def wait_for(self, condition, process):
        end = time.monotonic() + PATIENCE_S
        while not condition():
            self.assertIsNone(process.poll(), "nbdfuse has ended: is there a /dev/fuse?")
            self.assertLess(time.monotonic(), end, "nothing is mounted")
            time.sleep(0.02)

    def test_one_in_a_hundred_is_missing_and_comes_later(self):
        record = json.loads(self.run_ctl("backup", "db", "t", "--skip-unreadable", "--json",
                                         expect=PARTIAL).stdout)
        self.assertEqual((record["state"], record["missing"]), ("partial", self.missing))
        kept = self.run_ctl("region", "export", "t", "-", expect=PARTIAL).stdout[:SIZE]
        expected = bytearray(self.data)
        for one in self.missing:
            begin, size = one["offsetBytes"], one["sizeBytes"]
            expected[begin:begin + size] = bytes(size)
        self.assertEqual(kept, bytes(expected))
        self.bad.write_text("")
        self.run_ctl("resume", 1)
        self.assertEqual(self.json("list")[0]["state"], "good")
        self.assertEqual(self.run_ctl("region", "export", "t", "-").stdout[:SIZE], self.data)


if __name__ == "__main__":
    tool("nbdkit", "--version")
    unittest.main(verbosity=2)
