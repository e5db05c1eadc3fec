# The rules of the source tree, as functions from a file's text to what is wrong with it.
import re
from collections import namedtuple

Finding = namedtuple("Finding", "path line rule text")

MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 70
MAX_COLUMNS = 100

# What each layer may include, besides itself. Catalog and array are peers: a record names regions,
# so catalog may know array/region.h, and nothing else of array.
LAYERS = {
    "app": {"ui", "core"},
    "ui": {"core"},
    "core": set(),
}
CORE_LAYERS = {
    "base": set(),
    "io": {"base"},
    "copy": {"io", "base"},
    "tape": {"copy", "io", "base"},
    "array": {"copy", "io", "base"},
    "catalog": {"copy", "io", "base"},
    "backup": {"catalog", "array", "tape", "copy", "io", "base"},
}
# What the desktop joins, and a test drives by itself.
TESTED_APP = ["app", "udisks"]
CORE_EXCEPTIONS = {("catalog", "core/array/region.h")}

BANNED_WORDS = {"manager", "service", "session", "controller", "helper", "util", "utils"}
NOUNS = {"src": "source", "dst": "target"}
# Written in two parts, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|for no" r"w)\b")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
CODE = (".cpp", ".h")


def blank_out(text):
    """The text with comments, strings and character literals as spaces; lines stay lines."""
    pattern = re.compile(
        r'//(?:[^\n\\]|\\.|\\\n)*|/\*.*?\*/'
        r'|R"(?P<delimiter>[^()\\\s"]{0,16})\(.*?\)(?P=delimiter)"'
        r'|"(?:\\.|[^"\\\n])*"'
        r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'",
        re.S,
    )

    def spaces(match):
        whole = match.group(0)
        if whole.startswith("/"):
            return re.sub(r"[^\n]", " ", whole)
        return '"' + re.sub(r"[^\n]", " ", whole[1:-1]) + '"'

    return pattern.sub(spaces, text)


def without_directives(code):
    """The same without preprocessor lines, continued ones included."""
    return re.sub(
        r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*",
        lambda match: re.sub(r"[^\n]", " ", match.group(0)),
        code,
        flags=re.M,
    )


# What can stand before a signature without a semicolon of its own.
LEADING = re.compile(
    r"\s*(?:(?:public|private|protected)(?:\s+(?:slots|Q_SLOTS))?\s*:|(?:Q_SIGNALS|signals)\s*:"
    r"|Q_OBJECT\b|Q_GADGET\b|Q_[A-Z]+\s*\([^()]*\))"
)
TYPE_HEAD = re.compile(r"\b(class|struct|union|enum)\b")
SCOPE_HEAD = re.compile(r'^\s*(inline\s+)?namespace\b|^\s*extern\s*"[^"]*"\s*$')


def classify(head, parentheses):
    if SCOPE_HEAD.search(head):
        return "scope"
    outside = re.sub(r"\([^()]*\)|template\s*<[^{}]*?>(?=\s*(class|struct|union))", "", head)
    if TYPE_HEAD.search(outside) and not re.search(
        r"[)=]\s*(const|noexcept|override|final|mutable|->.*)*\s*$", head
    ):
        return "scope"
    if ")" in head and parentheses == 0 and not re.search(r"=\s*$", head):
        return "function"
    return "value"


def functions(text):
    """Yields (first line, last line) of each function that is not inside another one."""
    code = without_directives(blank_out(text))
    stack = []
    head_start = 0
    parentheses = 0
    line_of = []
    line = 1
    for character in code:
        line_of.append(line)
        line += character == "\n"
    inside = None  # Depth at which a function or a value began.
    for at, character in enumerate(code):
        if inside is not None:
            if character == "{":
                stack.append("block")
            elif character == "}" and stack:
                stack.pop()
                if len(stack) == inside[0]:
                    kind, first = inside[1], inside[2]
                    inside = None
                    after = code[at + 1 :].lstrip()[:1]
                    # A member initialiser or a value: the head goes on.
                    if after in (",", "{", ")", ";") or parentheses > 0:
                        if after == "{" or kind == "value" or after != ";":
                            continue
                    if kind == "function":
                        yield line_of[first], line_of[at]
                    head_start = at + 1
            continue
        if character == "(":
            parentheses += 1
        elif character == ")":
            parentheses = max(0, parentheses - 1)
        elif character == ";" and parentheses == 0:
            head_start = at + 1
        elif character == "}":
            if stack:
                stack.pop()
            head_start = at + 1
        elif character == "{":
            start = head_start
            while (lead := LEADING.match(code, start, at)) is not None:
                start = lead.end()
            head = code[start:at]
            kind = classify(head, parentheses)
            if kind == "scope":
                stack.append("scope")
                head_start = at + 1
            else:
                while start < at and code[start].isspace():
                    start += 1
                inside = (len(stack), kind, start)
                stack.append("block")


def words_of(identifier):
    return [
        word.lower()
        for part in identifier.split("_")
        for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", part)
    ]


def check_includes(path, text):
    parts = path.split("/")
    layer = parts[0]
    if layer not in LAYERS and layer != "tests":
        return
    for match in INCLUDE.finditer(text):
        line = text.count("\n", 0, match.start(2)) + 1
        angle, target = match.group(1) == "<", match.group(2)
        if angle:
            if layer == "core" and re.match(r"(Q[A-Z]|Qt|q[a-z]*\.h$|q[a-z]+/)", target):
                yield Finding(path, line, "qt-in-core", f"core includes <{target}>")
            if target == "sqlite3.h" and layer != "tests" and parts[:2] != ["core", "catalog"]:
                yield Finding(path, line, "sqlite", "only core/catalog may include sqlite3.h")
            continue
        theirs = target.split("/")
        if len(theirs) == 1:
            if not target.endswith(".moc"):
                yield Finding(path, line, "include-path", f'"{target}" is not a path from the top')
            continue
        if theirs[:2] == TESTED_APP and layer == "tests":
            continue
        if theirs[0] == "app" and layer != "app":
            yield Finding(path, line, "layer", f"nobody includes app: {target}")
        elif layer != "tests" and theirs[0] != layer and theirs[0] not in LAYERS[layer]:
            yield Finding(path, line, "layer", f"{layer} must not include {target}")
        elif layer == "core" and theirs[0] == "core":
            yield from check_core_include(path, line, parts, target, theirs)


def check_core_include(path, line, parts, target, theirs):
    mine, other = parts[1], theirs[1]
    if mine not in CORE_LAYERS or other not in CORE_LAYERS:
        yield Finding(path, line, "layer", f"unknown folder of core: {path} includes {target}")
    elif mine != other and other not in CORE_LAYERS[mine] and (mine, target) not in CORE_EXCEPTIONS:
        yield Finding(path, line, "layer", f"core/{mine} must not include {target}")
    elif mine == other == "array" and len(parts) > 3 and len(theirs) > 3 and parts[2] != theirs[2]:
        yield Finding(path, line, "layer", f"one kind of array must not include another: {target}")


def check_sizes(path, text):
    lines = text.count("\n")
    if lines > MAX_FILE_LINES:
        yield Finding(path, lines, "file-length", f"{lines} lines; {MAX_FILE_LINES} at most")
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MAX_COLUMNS:
            yield Finding(path, number, "columns", f"{len(line)} columns; {MAX_COLUMNS} at most")
    if path.endswith(CODE):
        for first, last in functions(text):
            length = last - first + 1
            if length > MAX_FUNCTION_LINES:
                yield Finding(
                    path, first, "function-length", f"{length} lines; {MAX_FUNCTION_LINES} at most"
                )


def opening(path, text):
    """The first paragraph of the comment that opens the file."""
    lines = text.split("\n")
    if lines and lines[0].startswith("#!"):
        lines = lines[1:]
    mark = "//" if path.endswith(CODE) else "#"
    if path.endswith(".py") and lines and lines[0].startswith('"""'):
        return [lines[0].replace('"""', "")]
    paragraph = []
    for line in lines:
        if not line.startswith(mark + " "):
            break
        paragraph.append(line[len(mark) + 1 :].strip())
        if paragraph[-1].endswith((".", "?", "!")):
            break
    return paragraph


def check_opening(path, text):
    paragraph = opening(path, text)
    sentence = " ".join(paragraph)
    if not sentence:
        yield Finding(path, 1, "opening", "no comment opens the file")
    elif not sentence.endswith((".", "?", "!")) or len(paragraph) > 2:
        yield Finding(path, 1, "opening", "the opening comment is no sentence of one or two lines")
    elif re.search(r"[.?!]\"? [A-Z]", sentence):
        yield Finding(path, 1, "opening", "the opening comment is more than one sentence")


def check_names(path, text):
    stem = path.rsplit("/", 1)[-1].split(".")[0]
    for word in words_of(stem):
        if word in BANNED_WORDS:
            yield Finding(path, 1, "banned-name", f"a file named {stem}")
    code = INCLUDE.sub("", blank_out(text)) if path.endswith(CODE) else ""
    for match in re.finditer(r"\b[A-Za-z_]\w*\b", without_directives(code)):
        name = match.group(0)
        line = code.count("\n", 0, match.start()) + 1
        # Qt's own and the system's constants are not ours to name.
        if re.match(r"Q[A-Z]", name) or name.isupper():
            continue
        for word in words_of(name):
            if word in BANNED_WORDS:
                yield Finding(path, line, "banned-name", name)
            if word in NOUNS:
                yield Finding(path, line, "nouns", f"{name}: say {NOUNS[word]}")


def check_unfinished(path, text):
    for match in UNFINISHED.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield Finding(path, line, "unfinished", match.group(0))


def check(path, text):
    """Everything that is wrong with one file; the path is from the top of the tree."""
    findings = []
    if path.endswith(CODE):
        findings += check_includes(path, text)
        findings += check_names(path, text)
    findings += check_sizes(path, text)
    findings += check_opening(path, text)
    findings += check_unfinished(path, text)
    return findings
