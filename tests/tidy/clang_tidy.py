#!/usr/bin/env python3
# Runs clang-tidy over the sources of a build, and leaves out what it found clean before.
import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

TIDY = "clang-tidy-19"
TOP = Path(__file__).resolve().parents[2]
# Options of g++ that clang does not know.
EXTRA = ["--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Wno-unused-command-line-argument"]


def git(*arguments):
    run = subprocess.run(["git", "-C", TOP, *arguments], capture_output=True, text=True)
    return run.stdout.split("\n")[:-1] if run.returncode == 0 else []


def changed_files():
    """What differs from the main branch, or from the last commit where this is that branch."""
    for base in ("origin/HEAD", "origin/main", "main", "HEAD~1"):
        found = git("merge-base", "HEAD", base)
        if found and found != git("rev-parse", "HEAD"):
            break
    else:
        found = ["HEAD"]
    names = git("diff", "--name-only", found[0]) + git("ls-files", "--others", "--exclude-standard")
    return {TOP / name for name in names}


def dependencies(build):
    """From each object's name in the build to the files of this tree that it was made from."""
    run = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True)
    result = {}
    current = []
    for line in run.stdout.split("\n"):
        if line and not line.startswith(" "):
            current = result.setdefault(line.split(": #deps")[0], [])
        elif line.strip():
            path = Path(os.path.normpath(Path(build, line.strip())))
            if path.is_relative_to(TOP):
                current.append(path)
    return result


def units(build):
    """(source, object) of the project's own files in the compilation database."""
    # Programs and core first: of a header that tests include too, these show more.
    entries = json.loads(Path(build, "compile_commands.json").read_text())
    for entry in sorted(entries, key=lambda entry: "/tests/" in entry["file"]):
        source = Path(entry["file"])
        if source.is_relative_to(TOP) and not source.is_relative_to(TOP / "build"):
            output = re.search(r" -o (\S+)", entry["command"])
            yield source, output.group(1) if output else ""


def without_precompiled_headers(build):
    """A folder with the build's commands as clang-tidy can follow them: it cannot read what g++
    precompiled, and a source should include what it needs itself."""
    entries = json.loads(Path(build, "compile_commands.json").read_text())
    precompiled = re.compile(r" (-Winvalid-pch|-fpch-preprocess|-include \S*/cmake_pch\.hxx)(?=\s)")
    for entry in entries:
        entry["command"] = precompiled.sub("", entry["command"])
    folder = Path(build, "tidy-commands")
    folder.mkdir(exist_ok=True)
    # Written whole, then put in place: another run may be reading it.
    fresh = folder / f"{os.getpid()}.new"
    fresh.write_text(json.dumps(entries))
    fresh.replace(folder / "compile_commands.json")
    return folder


def fingerprint(source, files):
    """Changes with the text of any file that the source was made from, and with the rules."""
    digest = hashlib.sha256()
    for path in sorted({source, TOP / ".clang-tidy", *files}):
        digest.update(os.fspath(path).encode() + b"\0")
        digest.update(path.read_bytes() if path.exists() else b"gone")
    return digest.hexdigest()


def tidy(commands, source):
    run = subprocess.run(
        ["nice", TIDY, "-p", commands, "--quiet", *EXTRA, source], capture_output=True, text=True
    )
    noise = re.compile(r"^\d+ warnings? (generated|treated)|^Suppressed|^Use -header-filter")
    text = "\n".join(
        line for line in (run.stdout + run.stderr).split("\n") if line and not noise.match(line)
    )
    return run.returncode, text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--changed", action="store_true", help="only what differs from main")
    parser.add_argument("only", nargs="*", help="paths, or beginnings of paths")
    options = parser.parse_args()
    build = Path(options.build).resolve()
    cache = build / "tidy-clean"
    cache.mkdir(exist_ok=True)

    commands = without_precompiled_headers(build)
    deps = dependencies(build)
    changed = changed_files() if options.changed else None
    wanted = [TOP / name for name in options.only]
    todo, clean = {}, 0
    for source, output in units(build):
        files = deps.get(output, [])
        if changed is not None:
            # One source shows what is wrong with a header, so each header needs only one.
            if changed.isdisjoint({source, *files}):
                continue
            changed -= {source, *files}
        if wanted and not any(os.fspath(source).startswith(os.fspath(name)) for name in wanted):
            continue
        print_of = fingerprint(source, files)
        if (cache / print_of).exists():
            clean += 1
        else:
            todo[source] = print_of

    began = time.monotonic()
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = {pool.submit(tidy, commands, source): source for source in todo}
        for run in concurrent.futures.as_completed(runs):
            code, text = run.result()
            if code == 0 and "warning:" not in text and "error:" not in text:
                (cache / todo[runs[run]]).touch()
            else:
                bad += 1
                print(f"{runs[run].relative_to(TOP)}: clang-tidy\n{text}", flush=True)
    took = time.monotonic() - began
    print(f"{len(todo)} files in {took:.0f} s, {bad} with findings; {clean} clean since last time")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
