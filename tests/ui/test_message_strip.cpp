// Messages: one row however many there are, and what only tells of a success does not stay.
#include "ui/widgets/message_strip.h"

#include <QPushButton>
#include <QTest>

using namespace cairn;

class TestMessageStrip : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void manyTakeTheRoomOfOne();
    void aSuccessGoesByItselfAndAWarningStays();
    void whatCanBeDoneStaysUntilItIsSettled();
    void aMessageReplacesTheOneOfTheSameKey();

private:
    static Message message(MessageKind kind, const QString& text)
    {
        return {.kind = kind,
                .headline = text,
                .body = QStringLiteral("What is safe, and what to do."),
                .actions = {},
                .key = text};
    }
};

void TestMessageStrip::manyTakeTheRoomOfOne()
{
    QWidget window;
    window.resize(700, 500);
    MessageStrip strip(&window);
    strip.setGeometry(0, 0, 700, 200);
    window.show();
    strip.show(message(MessageKind::Warning, QStringLiteral("first")));
    const auto seen = [&] {
        int count = 0;
        for (const QWidget* row : strip.findChildren<QWidget*>(QStringLiteral("messageRow")))
            count += row->isVisible() ? 1 : 0;
        return count;
    };
    auto* all = strip.findChild<QToolButton*>(QStringLiteral("showAllMessages"));
    QVERIFY(!all->isVisible());
    const int one = strip.sizeHint().height();
    for (const char* text : {"second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"})
        strip.show(message(MessageKind::Warning, QString::fromLatin1(text)));
    QCOMPARE(strip.count(), 8);
    QCOMPARE(seen(), 1);
    QVERIFY(strip.newestText().startsWith(QStringLiteral("eighth")));
    QVERIFY2(strip.sizeHint().height() <= one + 4, qPrintable(QString::number(one)));
    QVERIFY(all->isVisible());
    QCOMPARE(all->text(), QStringLiteral("Show all (8)"));
    all->click();
    QCOMPARE(seen(), 8);
    QVERIFY(strip.sizeHint().height() <= window.height() / 3 + 4);
    strip.clear();
    QVERIFY(!strip.isVisible());
    strip.show(message(MessageKind::Warning, QStringLiteral("another")));
    QVERIFY(!all->isChecked());
}

void TestMessageStrip::aSuccessGoesByItselfAndAWarningStays()
{
    MessageStrip strip;
    strip.move(300, 300); // Away from the pointer: what is being read stays.
    strip.setExpiryMs(30);
    strip.show(message(MessageKind::Warning, QStringLiteral("warning")));
    strip.show(message(MessageKind::Error, QStringLiteral("error")));
    strip.show(message(MessageKind::Success, QStringLiteral("success")));
    strip.show(message(MessageKind::Info, QStringLiteral("info")));
    QCOMPARE(strip.count(), 4);
    QTRY_COMPARE(strip.count(), 2);
    QVERIFY(strip.newestText().startsWith(QStringLiteral("error")));
}

void TestMessageStrip::whatCanBeDoneStaysUntilItIsSettled()
{
    MessageStrip strip;
    strip.move(300, 300);
    strip.setExpiryMs(1);
    int asked = 0;
    Message undoable = message(MessageKind::Success, QStringLiteral("restored"));
    undoable.actions = {
        {QStringLiteral("Undo …"), QStringLiteral("asks"), [&] { ++asked; }, false},
        {QStringLiteral("Done"), QStringLiteral("settles"), [&] { ++asked; }, true}};
    strip.show(undoable);
    strip.show(message(MessageKind::Success, QStringLiteral("expires")));
    QTRY_COMPARE(strip.count(), 1);
    strip.findChild<QPushButton*>(QStringLiteral("asks"))->click();
    QCOMPARE(strip.count(), 1); // The question may be answered with no.
    strip.findChild<QPushButton*>(QStringLiteral("settles"))->click();
    QCOMPARE(strip.count(), 0);
    QCOMPARE(asked, 2);
}

void TestMessageStrip::aMessageReplacesTheOneOfTheSameKey()
{
    MessageStrip strip;
    Message first = message(MessageKind::Warning, QStringLiteral("job"));
    strip.show(first);
    first.headline = QStringLiteral("job, later");
    strip.show(first);
    QCOMPARE(strip.count(), 1);
    QVERIFY(strip.newestText().startsWith(QStringLiteral("job, later")));
    strip.remove(QStringLiteral("job"));
    QCOMPARE(strip.count(), 0);
}

QTEST_MAIN(TestMessageStrip)
#include "test_message_strip.moc"
