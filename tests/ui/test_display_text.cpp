// Hostile strings of an array are shown as their characters, and nothing more.
#include "tests/ui/sample_snapshot.h"
#include "ui/display_text.h"
#include "ui/record_text.h"
#include "ui/widgets/array_map.h"
#include "ui/widgets/details_panel.h"
#include "ui/widgets/message_strip.h"
#include "ui/widgets/plain_label.h"

#include <QTest>
#include <QTextDocument>

using namespace cairn;
using namespace cairn::test;

class TestDisplayText : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void controlCharactersAreEscaped();
    void markupStaysText();
    void aTooltipShowsExactlyTheCharacters();
    void everyLabelOfTheDetailsIsPlain();
    void everyLabelOfAMessageIsPlain();
    void ampersandsAndTitleMarksAreDoubled();
    void sizesAreIec_data();
    void sizesAreIec();
    void durationsHaveTwoUnits();
};

static const std::string kMarkup = "<img src=/dev/zero>";

void TestDisplayText::controlCharactersAreEscaped()
{
    const QString shown = displayText("a\x1b]0;owned\x07"
                                      "\u202e"
                                      "b");
    for (const QChar character : shown)
        QVERIFY(character.isPrint());
    QVERIFY(shown.contains(QStringLiteral("\\x1b")));
    QVERIFY(displayShort(std::string(400, 'x'), 10).size() <= 10);
}

void TestDisplayText::markupStaysText()
{
    QCOMPARE(displayText(kMarkup), QString::fromStdString(kMarkup));
    const PlainLabel label(displayText(kMarkup));
    QCOMPARE(label.textFormat(), Qt::PlainText);
}

void TestDisplayText::aTooltipShowsExactlyTheCharacters()
{
    const QString tip = toolTipText(displayText(kMarkup) + u'\n' + u'b');
    QVERIFY(!tip.contains(QStringLiteral("<img")));
    QTextDocument document;
    document.setHtml(tip);
    QCOMPARE(document.toPlainText(), QString::fromStdString(kMarkup) + QStringLiteral("\nb"));
}

static void verifyPlain(const QWidget& widget)
{
    const auto labels = widget.findChildren<QLabel*>();
    QVERIFY(!labels.isEmpty());
    for (const QLabel* label : labels) {
        if (!label->text().isEmpty())
            QCOMPARE(label->textFormat(), Qt::PlainText);
    }
}

void TestDisplayText::everyLabelOfTheDetailsIsPlain()
{
    SampleArray sample;
    Region& region = sample.snapshot().layout.regions.front();
    region.name = kMarkup;
    region.content.label = kMarkup;
    region.use = {true, kMarkup};
    sample.snapshot().generations.front().note = kMarkup;
    DetailsPanel panel;
    panel.showRegion(sample.snapshot(), region);
    verifyPlain(panel);
    panel.showGeneration(sample.snapshot(), sample.snapshot().generations.front());
    verifyPlain(panel);
}

void TestDisplayText::everyLabelOfAMessageIsPlain()
{
    MessageStrip strip;
    strip.showError(Verb::Open, {ErrorCode::OpenFailed, EACCES, kMarkup, kMarkup, 0});
    QVERIFY(strip.newestText().contains(QString::fromStdString(kMarkup)));
    verifyPlain(strip);
}

void TestDisplayText::ampersandsAndTitleMarksAreDoubled()
{
    QCOMPARE(buttonText(QStringLiteral("a&b")), QStringLiteral("a&&b"));
    QCOMPARE(titleText(QStringLiteral("a[*]b")), QStringLiteral("a[*][*]b"));
}

void TestDisplayText::sizesAreIec_data()
{
    QTest::addColumn<qulonglong>("bytes");
    QTest::addColumn<QString>("text");
    QTest::newRow("none") << 0ULL << QStringLiteral("0 B");
    QTest::newRow("bytes") << 1023ULL << QStringLiteral("%1 B").arg(QLocale().toString(1023));
    QTest::newRow("whole") << 64 * 1048576ULL << QStringLiteral("64 MiB");
    QTest::newRow("half") << 1536 * 1048576ULL
                          << QStringLiteral("%1 GiB").arg(QLocale().toString(1.5, 'f', 1));
}

void TestDisplayText::sizesAreIec()
{
    QFETCH(qulonglong, bytes);
    QTEST(sizeDisplay(bytes), "text");
}

void TestDisplayText::durationsHaveTwoUnits()
{
    QCOMPARE(durationDisplay(24), QStringLiteral("24 s"));
    QCOMPARE(durationDisplay(-5), QStringLiteral("under 1 s"));
    QCOMPARE(durationDisplay(6 * 3600 + 9 * 60 + 30), QStringLiteral("6 h 9 min"));
    QCOMPARE(durationDisplay(180'000), QStringLiteral("2 d 2 h"));
}

QTEST_MAIN(TestDisplayText)
#include "test_display_text.moc"
