# Runs the real cairnctl for tests, and checks what it promised.
import contextlib
import hashlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import time
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("CAIRN_BINARY_DIR", TOP / "build" / "dev"))
BINARY = BUILD / "app" / "cairnctl"
MIB = 1024 * 1024
SECTOR = 512
SLOW = 8 * MIB  # Bytes a second, so that there is a middle to be killed in.
PATIENCE_S = 120
TOOLS = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(MIB):
            digest.update(block)
    return digest.hexdigest()


def tool(*words, **options):
    """Runs a program of the system that must succeed."""
    return subprocess.run([str(word) for word in words], check=True, capture_output=True,
                          env={**os.environ, "PATH": TOOLS}, **options)


def merged(sectors):
    """Ranges of adjacent sectors, as the records list them."""
    ranges = []
    for sector in sorted(sectors):
        if ranges and sum(ranges[-1].values()) == sector * SECTOR:
            ranges[-1]["sizeBytes"] += SECTOR
        else:
            ranges.append({"offsetBytes": sector * SECTOR, "sizeBytes": SECTOR})
    return ranges


class CairnctlTest(unittest.TestCase):
    """A directory of its own, and an array of two image files in it once create() was called."""

    def setUp(self):
        if not BINARY.exists():
            self.skipTest(f"{BINARY} is not built")
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="cairnctl-test-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.members = [self.dir / "one.img", self.dir / "two.img"]
        self.environment = {
            "PATH": TOOLS, "HOME": str(self.dir / "home"), "CAIRN_LOG": "", "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
        }

    def uri_options(self, uris=None):
        named = self.members if uris is None else uris
        return [word for uri in named for word in ("-a", str(uri))]

    def run_ctl(self, *words, uris=None, expect=0, stdin=subprocess.DEVNULL, wrapper=(), **options):
        """The finished process; its exit code must be the expected one."""
        command = [*wrapper, str(BINARY), *self.uri_options(uris), *(str(word) for word in words)]
        done = subprocess.run(command, stdin=stdin, capture_output=True, timeout=300,
                              env=self.environment, **options)
        told = f"stdout: {done.stdout[-2000:]!r}\nstderr: {done.stderr[-3000:]!r}"
        self.assertEqual(done.returncode, expect, f"{command}\n{told}")
        return done

    def json(self, *words, **options):
        done = self.run_ctl(*words, "--json", **options)
        return json.loads(done.stdout)

    def error(self, *words, expect, **options):
        """The error object of a command that must fail; nothing may be on standard output."""
        done = self.run_ctl(*words, "--json", expect=expect, **options)
        self.assertEqual(done.stdout, b"")
        error = json.loads(done.stderr.decode().strip().splitlines()[-1])["error"]
        self.assertEqual(error["exitCode"], expect)
        self.assertRegex(error["message"], r"[.]$|cairnctl ", "it is a sentence or a command")
        return error

    def create(self, member_size="64M"):
        self.run_ctl("array", "create", "--member-size", member_size, "--label", "test")

    def hashes(self):
        return {str(path): sha256(path) for path in self.members if path.exists()}

    def hashes_without_lease(self):
        """As hashes(), but for the lease block of each management region."""
        regions = [one for one in self.json("region", "list") if one["role"] == "management"]
        found = {}
        for number, path in enumerate(self.members, 1):
            content = bytearray(path.read_bytes())
            for region in regions:
                if region["member"] == number:
                    lease = region["offsetBytes"] + 128 * 1024
                    content[lease : lease + 4096] = bytes(4096)
            found[str(path)] = hashlib.sha256(content).hexdigest()
        return found

    @contextlib.contextmanager
    def nothing_changes(self, but_the_lease=False):
        hashes = self.hashes_without_lease if but_the_lease else self.hashes
        before, listing = hashes(), sorted(os.listdir(self.dir))
        yield
        self.assertEqual(before, hashes(), "a member was changed")
        self.assertEqual(listing, sorted(os.listdir(self.dir)), "a file was made or removed")

    def region(self, name):
        return next(one for one in self.json("region", "list") if one["name"] == name)

    def fill(self, region, seed, size):
        """Imports reproducible bytes into an empty or confirmed region; returns them."""
        data = hashlib.shake_256(str(seed).encode()).digest(size)
        file = self.dir / "fill.bin"
        file.write_bytes(data)
        self.run_ctl("region", "import", region, file, "--confirm", region, "--quiet")
        file.unlink()
        return data


class TwoTargetsTest(CairnctlTest):
    """With db of 8 MiB on the first member, and t1 and t2, as large and empty, on the second."""

    def setUp(self):
        super().setUp()
        self.create()
        for name, member in (("db", 1), ("t1", 2), ("t2", 2)):
            self.run_ctl("region", "add", name, "--size", "8M", "--member", member)
        self.fill("db", "db", 8 * MIB)


class SimulatedTest(CairnctlTest):
    """With a simulated array instead, whose members can be slowed."""

    def setUp(self):
        super().setUp()
        self.members = [f"sim:{self.dir / 'sim'}"]

    def slow(self, bytes_a_second):
        path = self.dir / "sim" / "simulation.json"
        description = json.loads(path.read_text())
        for member in description["members"]:
            member["faults"]["bandwidthBytesPerSecond"] = bytes_a_second
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(description))
        fresh.replace(path)

    def killed(self, words, reached, patience_s=PATIENCE_S):
        """Slows the members, and kills the command with SIGKILL as soon as it got there."""
        self.slow(SLOW)
        running = subprocess.Popen([str(BINARY), *self.uri_options(), *words, "--quiet"],
                                   env=self.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            end = time.monotonic() + patience_s
            while not reached():
                self.assertIsNone(running.poll(), running.stderr and "it ended by itself")
                self.assertLess(time.monotonic(), end, "it never got there")
        finally:
            running.kill()
            running.communicate()
            self.slow(0)


class FailingSourceTest(SimulatedTest):
    """One whose region db can be made to fail where `bad` says."""

    SIZE = 8 * MIB

    def setUp(self):
        super().setUp()
        self.run_ctl("array", "create", "--member-size", "64M", "--label", "test")
        for name, member in (("db", 1), ("t", 2), ("u", 2)):
            self.run_ctl("region", "add", name, "--size", "8M", "--member", member)
        self.data = self.fill("db", "db", self.SIZE)
        self.start = self.region("db")["offsetBytes"]
        # A hundredth of them, the first and the last among them.
        seed = int(os.environ.get("CAIRN_SEED", "20"))
        print(f"CAIRN_SEED={seed}", flush=True)
        sectors = self.SIZE // SECTOR
        self.bad = merged({0, sectors - 1, *random.Random(seed).sample(range(sectors),
                                                                       sectors // 100)})

    def spoil(self, ranges):
        path = self.dir / "sim" / "simulation.json"
        description = json.loads(path.read_text())
        description["members"][0]["faults"]["unreadable"] = [
            [self.start + one["offsetBytes"], one["sizeBytes"]] for one in ranges]
        path.write_text(json.dumps(description))
