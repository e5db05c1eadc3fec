// Text of a stranger's array cannot act on a terminal or a widget.
#include "core/base/printable_text.h"

#include <QtTest>

using namespace cairn;

class TestPrintableText : public QObject {
    Q_OBJECT

private slots:
    void ordinaryTextStaysAsItIs();
    void whatActsOnATerminalIsEscaped_data();
    void whatActsOnATerminalIsEscaped();
    void brokenUtf8IsEscapedByteByByte();
    void escapedTextIsPrintable();
    void aCutNeverSplitsAnEscape();
    void lengthIsThatOfGpt();
};

void TestPrintableText::ordinaryTextStaysAsItIs()
{
    for (const std::string text : {"", "home", "ext4 \"home\" <img src=x>", "Käse ☃ 漢字 😀"}) {
        QCOMPARE(printable(text), text);
        QVERIFY(isPrintable(text));
    }
}

void TestPrintableText::whatActsOnATerminalIsEscaped_data()
{
    QTest::addColumn<QByteArray>("raw");
    QTest::addColumn<QByteArray>("shown");
    QTest::newRow("escape") << QByteArray("a\x1b[31m") << QByteArray("a\\x1b[31m");
    QTest::newRow("nul") << QByteArray("a\0b", 3) << QByteArray("a\\x00b");
    QTest::newRow("newline") << QByteArray("a\nb") << QByteArray("a\\x0ab");
    QTest::newRow("delete") << QByteArray("\x7f") << QByteArray("\\x7f");
    QTest::newRow("C1") << QByteArray("\xc2\x9b") << QByteArray("\\u{009b}");
    QTest::newRow("right to left") << QByteArray("\xe2\x80\xae") << QByteArray("\\u{202e}");
    QTest::newRow("isolate") << QByteArray("\xe2\x81\xa6") << QByteArray("\\u{2066}");
    QTest::newRow("zero width") << QByteArray("a\xe2\x80\x8b") << QByteArray("a\\u{200b}");
    QTest::newRow("line") << QByteArray("\xe2\x80\xa8") << QByteArray("\\u{2028}");
    QTest::newRow("BOM") << QByteArray("\xef\xbb\xbf") << QByteArray("\\u{feff}");
    QTest::newRow("private") << QByteArray("\xee\x80\x80") << QByteArray("\\u{e000}");
    QTest::newRow("noncharacter") << QByteArray("\xef\xbf\xbf") << QByteArray("\\u{ffff}");
    QTest::newRow("tag") << QByteArray("\xf3\xa0\x81\x81") << QByteArray("\\u{e0041}");
    QTest::newRow("backslash") << QByteArray("\\x1b") << QByteArray("\\\\x1b");
}

void TestPrintableText::whatActsOnATerminalIsEscaped()
{
    QFETCH(QByteArray, raw);
    QFETCH(QByteArray, shown);
    QCOMPARE(printable(raw.toStdString()), shown.toStdString());
    QVERIFY(!isPrintable(raw.toStdString()));
}

void TestPrintableText::brokenUtf8IsEscapedByteByByte()
{
    QCOMPARE(printable("\xff"), std::string("\\xff"));
    QCOMPARE(printable("\xc0\x80"), std::string("\\xc0\\x80"));          // Overlong.
    QCOMPARE(printable("\xe0\x80\x80"), std::string("\\xe0\\x80\\x80")); // Overlong.
    QCOMPARE(printable("\xed\xa0\x80"), std::string("\\xed\\xa0\\x80")); // Surrogate.
    QCOMPARE(printable("\xe2\x82"), std::string("\\xe2\\x82"));          // Cut off.
    QCOMPARE(printable("\xf4\x90\x80\x80"), std::string("\\xf4\\x90\\x80\\x80"));
}

void TestPrintableText::escapedTextIsPrintable()
{
    std::string all;
    for (int byte = 0; byte < 256; ++byte)
        all.push_back(static_cast<char>(byte));
    for (const char c : printable(all))
        QVERIFY(c >= 0x20 && c < 0x7f);
}

void TestPrintableText::aCutNeverSplitsAnEscape()
{
    QCOMPARE(printableShort("home", 4), std::string("home"));
    QCOMPARE(printableShort("homes", 4), std::string("hom…"));
    QCOMPARE(printableShort("ab\x1b", 5), std::string("ab…"));
    QCOMPARE(printableShort("ab\x1b", 6), std::string("ab\\x1b"));
    QCOMPARE(printableShort("漢字漢", 2), std::string("漢…"));
    QCOMPARE(printableShort("ab", 1), std::string("…"));
    QCOMPARE(printableShort("ab", 0), std::string());
}

void TestPrintableText::lengthIsThatOfGpt()
{
    QCOMPARE(utf16Length("Käse"), std::size_t{4});
    QCOMPARE(utf16Length("😀"), std::size_t{2});
    QCOMPARE(utf16Length("\xff"), SIZE_MAX);
}

QTEST_GUILESS_MAIN(TestPrintableText)
#include "test_printable_text.moc"
