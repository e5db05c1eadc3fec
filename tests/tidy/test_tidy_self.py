#!/usr/bin/env python3
# Proves that each rule in layers.py finds what it is there for, and nothing in good code.
import sys

import layers

OPENING = "// What this file is for.\n"


def lines(count):
    return "".join(f"    step({number});\n" for number in range(count))


def function_of(count):
    return OPENING + "namespace a {\nvoid f()\n{\n" + lines(count) + "}\n}\n"


def constructor_of(count):
    head = "class A {\npublic:\n    A() : m_a{1}, m_b{2}\n    {\n"
    return OPENING + head + lines(count) + "    }\n};\n"


def lambda_of(count):
    return OPENING + "const auto f = [](int x) {\n" + lines(count) + "};\n"


def template_of(count):
    return OPENING + "template<typename T>\nvoid A::f(T x = {}) const\n{\n" + lines(count) + "}\n"


# (rule expected or None, path, text)
SAMPLES = [
    ("layer", "core/io/a.cpp", OPENING + '#include "ui/window.h"\n'),
    ("layer", "core/io/a.cpp", OPENING + '#include "app/cairnctl/main.h"\n'),
    ("layer", "ui/a.cpp", OPENING + '#include "app/cairnctl/main.h"\n'),
    ("layer", "tests/core/test_a.cpp", OPENING + '#include "app/cairnctl/main.h"\n'),
    ("layer", "ui/a.cpp", OPENING + '#include "app/udisks/a.h"\n'),
    ("layer", "core/base/a.h", OPENING + '#include "core/io/region_io.h"\n'),
    ("layer", "core/io/a.h", OPENING + '#include "core/copy/copy_engine.h"\n'),
    ("layer", "core/copy/a.h", OPENING + '#include "core/array/region.h"\n'),
    ("layer", "core/array/a.h", OPENING + '#include "core/catalog/catalog.h"\n'),
    ("layer", "core/catalog/a.h", OPENING + '#include "core/array/array.h"\n'),
    ("layer", "core/catalog/a.h", OPENING + '#include "core/backup/verify.h"\n'),
    ("layer", "core/array/gpt/a.h", OPENING + '#include "core/array/simulated/b.h"\n'),
    ("layer", "core/odd/a.h", OPENING + '#include "core/base/error.h"\n'),
    (None, "core/catalog/a.h", OPENING + '#include "core/array/region.h"\n'),
    (None, "core/backup/a.h", OPENING + '#include "core/catalog/catalog.h"\n'),
    (None, "core/array/gpt/a.h", OPENING + '#include "core/array/gpt/b.h"\n'),
    (None, "ui/a.cpp", OPENING + '#include "core/io/region_io.h"\n#include <QLabel>\n'),
    (None, "ui/a.cpp", OPENING + '#include "a.moc"\n'),
    ("include-path", "ui/a.cpp", OPENING + '#include "a.h"\n'),
    ("qt-in-core", "core/io/a.cpp", OPENING + "#include <QString>\n"),
    ("qt-in-core", "core/io/a.cpp", OPENING + "#include <QtCore/QString>\n"),
    ("qt-in-core", "core/io/a.cpp", OPENING + "#include <qglobal.h>\n"),
    ("sqlite", "core/backup/a.cpp", OPENING + "#include <sqlite3.h>\n"),
    ("sqlite", "ui/a.cpp", OPENING + "#include <sqlite3.h>\n"),
    (None, "core/catalog/a.cpp", OPENING + "#include <sqlite3.h>\n"),
    (None, "tests/core/test_a.cpp", OPENING + "#include <sqlite3.h>\n"),
    ("file-length", "core/io/a.cpp", OPENING + "int a;\n" * 600),
    (None, "core/io/a.cpp", OPENING + "int a;\n" * 599),
    ("columns", "core/io/a.cpp", OPENING + "// " + "x" * 98 + "\n"),
    (None, "core/io/a.cpp", OPENING + "// " + "ä" * 97 + "\n"),
    ("function-length", "core/io/a.cpp", function_of(68)),
    (None, "core/io/a.cpp", function_of(67)),
    ("function-length", "core/io/a.cpp", constructor_of(68)),
    (None, "core/io/a.cpp", constructor_of(67)),
    ("function-length", "core/io/a.cpp", lambda_of(69)),
    (None, "core/io/a.cpp", lambda_of(68)),
    ("function-length", "core/io/a.cpp", template_of(67)),
    (None, "core/io/a.cpp", template_of(66)),
    # Two functions of forty lines are not one of eighty; a struct is no function.
    (None, "core/io/a.cpp", function_of(40) + function_of(40)[len(OPENING) :]),
    (None, "core/io/a.h", OPENING + "struct A : B<int> {\n" + "    int a = f();\n" * 90 + "};\n"),
    (None, "core/io/a.cpp", OPENING + "const T t = {\n" + "    {1, 2},\n" * 90 + "};\n"),
    # Braces in strings, characters and comments are no braces; 1'000 is no character.
    (
        "function-length",
        "core/io/a.cpp",
        function_of(67).replace("step(3);", "s(\"}\", '}', 1'000, R\"(})\"); // }\n"),
    ),
    ("opening", "core/io/a.cpp", "int a;\n"),
    ("opening", "core/io/a.cpp", "\n// Late.\n"),
    ("opening", "core/io/a.cpp", "// no sentence\nint a;\n"),
    ("opening", "core/io/a.cpp", "// One. Two.\n"),
    ("opening", "core/io/a.cpp", "// One\n// that\n// goes on.\n"),
    (None, "core/io/a.cpp", "// One that\n// ends here.\n// More. And more.\n"),
    (None, "tests/tidy/a.py", "#!/usr/bin/env python3\n# A sentence.\n"),
    (None, "tests/tidy/a.py", '#!/usr/bin/env python3\n"""A sentence."""\n'),
    ("opening", "tests/tidy/a.py", "#!/usr/bin/env python3\nimport os\n"),
    ("banned-name", "core/io/a.h", OPENING + "class JobManager;\n"),
    ("banned-name", "core/io/a.h", OPENING + "struct CopySession {};\n"),
    ("banned-name", "core/io/a.h", OPENING + "namespace utils {}\n"),
    ("banned-name", "core/io/device_helper.h", OPENING),
    ("banned-name", "core/io/a.cpp", OPENING + "void f() { jobController(); }\n"),
    (None, "ui/a.cpp", OPENING + "void f(QSessionManager& x); // A session manager is Qt's.\n"),
    ("nouns", "core/io/a.cpp", OPENING + "int srcOffset;\n"),
    ("nouns", "core/io/a.cpp", OPENING + "int m_dst;\n"),
    (None, "core/io/a.cpp", OPENING + 'const char* p = "/usr/src";\n'),
    ("unfinished", "core/io/a.cpp", OPENING + "// TO" + "DO: later\n"),
    ("unfinished", "core/io/a.cpp", OPENING + "// FIX" + "ME\n"),
    ("unfinished", "core/io/a.cpp", OPENING + "// Good enough for no" + "w.\n"),
    (None, "core/io/a.cpp", OPENING + 'const char* p = "/tmp/aXXXXXX";\n'),
]


def main():
    wrong = 0
    proved = set()
    for number, (expected, path, text) in enumerate(SAMPLES, 1):
        found = {finding.rule for finding in layers.check(path, text)}
        if found != ({expected} if expected else set()):
            print(f"sample {number} ({path}): expected {expected}, found {sorted(found)}:\n{text}")
            wrong += 1
        proved |= found
    print(f"{len(SAMPLES)} samples, {wrong} wrong, rules proved: {', '.join(sorted(proved))}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
