// The commands that the desktop gives to a terminal, where only root may do something.
#include "tests/ui/sample_snapshot.h"
#include "ui/command_text.h"

#include <QtTest>

using namespace cairn;
using namespace cairn::test;

class TestCommandText : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aWordIsOneWordToAShell();
    void aChangeOfATableNamesArrayAndRegion();
};

void TestCommandText::aWordIsOneWordToAShell()
{
    QCOMPARE(shellWord(QStringLiteral("/dev/sdb")), QStringLiteral("/dev/sdb"));
    QCOMPARE(shellWord(QStringLiteral("a b")), QStringLiteral("'a b'"));
    QCOMPARE(shellWord(QStringLiteral("$(rm x)'")), QStringLiteral("'$(rm x)'\\'''"));
    QCOMPARE(shellWord(QString()), QStringLiteral("''"));
}

void TestCommandText::aChangeOfATableNamesArrayAndRegion()
{
    SampleArray sample;
    sample.snapshot().uris = {"/dev/sdb", "/srv/my disk.img"};
    const QString onArray = QStringLiteral("sudo cairnctl -a /dev/sdb -a '/srv/my disk.img' ");
    QCOMPARE(addRegionCommand(sample.snapshot()),
             onArray + QStringLiteral("region add NAME --size SIZE"));
    QCOMPARE(releaseDiskCommand(sample.snapshot()),
             onArray + QStringLiteral("array release-disk MEMBER"));
    QCOMPARE(joinCommand(sample.snapshot(), {.uri = "/dev/sd c", .adopt = true}, {}),
             onArray + QStringLiteral("array add-member '/dev/sd c' --adopt"));
    const Uuid old = sample.snapshot().layout.members.front().id;
    QCOMPARE(joinCommand(sample.snapshot(), {.uri = "/dev/sdd"}, old),
             onArray + QStringLiteral("array replace-member ") +
                 QString::fromStdString(old.toString()) + QStringLiteral(" /dev/sdd"));
    Region region = sample.region(10);
    QCOMPARE(removeRegionCommand(sample.snapshot(), region),
             onArray + QStringLiteral("region remove ") + QString::fromStdString(region.name));
    region.name = "--all";
    QVERIFY2(removeRegionCommand(sample.snapshot(), region)
                 .endsWith(QString::fromStdString(region.id.uuid.toString())),
             qPrintable(removeRegionCommand(sample.snapshot(), region)));
}

QTEST_MAIN(TestCommandText)
#include "test_command_text.moc"
