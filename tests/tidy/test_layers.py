#!/usr/bin/env python3
# Fails where a file of the tree breaks one of the rules in layers.py.
import os
import sys
from pathlib import Path

import layers

FOLDERS = ("app", "core", "ui", "resources", "tests", "cmake", "bench")
ENDINGS = (".cpp", ".h", ".py", ".sh", ".cmake")


def sources(top):
    for folder in FOLDERS:
        for path in sorted((top / folder).rglob("*")):
            if path.is_file() and (path.suffix in ENDINGS or path.name == "CMakeLists.txt"):
                yield path


def main():
    top = Path(__file__).resolve().parents[2]
    seen = 0
    findings = []
    for path in sources(top):
        seen += 1
        findings += layers.check(os.fspath(path.relative_to(top)), path.read_text("utf-8"))
    for finding in findings:
        print(f"{finding.path}:{finding.line}: {finding.rule}: {finding.text}")
    print(f"{seen} files, {len(findings)} findings")
    # A tree that is not found would be a clean one.
    return 1 if findings or seen < 30 else 0


if __name__ == "__main__":
    sys.exit(main())
