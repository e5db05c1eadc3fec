#!/usr/bin/env python3
# Core and the command line are compiled without Qt on their include path.
import json
import os
import re
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
QT = re.compile(r"(?:-I|-isystem)\s*\S*(?:/qt6|/Qt[A-Z])|-DQT_[A-Z_]+", re.I)


def main():
    # The expression itself can find something.
    assert QT.search("g++ -isystem /usr/include/x86_64-linux-gnu/qt6/QtCore -c a.cpp")
    assert QT.search("g++ -DQT_CORE_LIB -c a.cpp") and not QT.search("g++ -I/home/quartz -c a.cpp")
    seen = 0
    wrong = []
    database = Path(os.environ["CAIRN_BINARY_DIR"], "compile_commands.json")
    for entry in json.loads(database.read_text()):
        source = Path(entry["file"])
        if any(source.is_relative_to(TOP / folder) for folder in ("core", "app/cairnctl")):
            seen += 1
            if QT.search(entry["command"]):
                wrong.append(source)
    for source in wrong:
        print(f"{source.relative_to(TOP)} is compiled with Qt on its include path")
    print(f"{seen} sources, {len(wrong)} with Qt")
    return 1 if wrong or seen == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
