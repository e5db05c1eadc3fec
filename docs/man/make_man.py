#!/usr/bin/env python3
"""Makes the manual page docs/man/cairnctl.1 from docs/cairnctl.md, so that both say the same.

With --check nothing is written, and the exit code tells whether the page is up to date.
"""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent / "cairnctl.md"
PAGE = HERE / "cairnctl.1"


def escaped(text):
    return text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("…", "...")


def inline(text):
    """Code and bold of Markdown as font changes of roff."""
    parts = re.split(r"(`[^`]*`|\*\*[^*]*\*\*)", text)
    out = []
    for part in parts:
        if part.startswith("`"):
            out.append("\\fB" + escaped(part[1:-1]) + "\\fR")
        elif part.startswith("**"):
            out.append("\\fI" + escaped(part[2:-2]) + "\\fR")
        else:
            out.append(escaped(part))
    line = "".join(out)
    return "\\&" + line if line.startswith((".", "\\(aq")) else line


def table_row(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def page(lines):
    title, purpose = lines[0].removeprefix("# "), lines[2]
    purpose = purpose[0].lower() + purpose[1:].rstrip(".")
    out = [
        ".\\\" Made by make_man.py from docs/cairnctl.md: edit that.",
        f'.TH {title.upper()} 1 "" "Cairn" "Cairn"',
        ".SH NAME",
        f"{title} \\- {inline(purpose)}",
    ]
    index, in_item = 3, False
    while index < len(lines):
        line = lines[index]
        following = lines[index + 1] if index + 1 < len(lines) else ""
        if line.startswith("## "):
            out.append(f".SH {escaped(line[3:])}")
            in_item = False
        elif line.startswith("    "):
            out.append(".PP" if not in_item else ".IP")
            out += [".nf", ".RS 4"]
            while index < len(lines) and lines[index].startswith("    "):
                out.append(escaped(lines[index][4:]))
                index += 1
            out += [".RE", ".fi"]
            continue
        elif line.startswith("|"):
            cells = table_row(line)
            if following.startswith("| ---"):
                index += 2
                continue
            out += [".TP", inline(cells[0]), inline(" ".join(cells[1:]))]
        elif following.startswith(": "):
            out += [".TP", inline(line)]
            in_item = True
        elif line.startswith(": "):
            out.append(inline(line[2:]))
        elif line.startswith("  "):
            out.append(inline(line.strip()))
        elif not line:
            if following and not following.startswith(("## ", "    ", "|")):
                nxt = lines[index + 2] if index + 2 < len(lines) else ""
                if not nxt.startswith(": "):
                    out.append(".PP")
            in_item = False
        else:
            out.append(inline(line))
        index += 1
    return "\n".join(out) + "\n"


def main():
    made = page(SOURCE.read_text(encoding="utf-8").splitlines())
    if sys.argv[1:] == ["--check"]:
        return 0 if PAGE.exists() and PAGE.read_text(encoding="utf-8") == made else 1
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
