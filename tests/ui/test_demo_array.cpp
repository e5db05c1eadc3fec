// The demonstration array: where it is found, and what is told of the script that makes it.
#include "ui/demo_array.h"

#include <QFile>
#include <QFileInfo>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace cairn;

class TestDemoArray : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void itIsFoundWhereItIsInstalledAndInTheSourceTree();
    void withoutItsScriptOrProgramItIsNotOffered();
    void theStepsAreTold();
    void whyItWasNotMadeIsTold();
    void aScriptThatCannotBeStartedIsTold();
    void itIsMadeOnceAtATime();

private:
    // An executable file with these lines, in a folder that is made for it.
    QString script(const QString& place, const QByteArray& lines);
    [[nodiscard]] DemoPlaces placesOf(const QByteArray& lines);

    QTemporaryDir m_folder;
};

QString TestDemoArray::script(const QString& place, const QByteArray& lines)
{
    const QString path = m_folder.filePath(place);
    if (!QDir().mkpath(QFileInfo(path).path()))
        qFatal("no folder");
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        qFatal("no script");
    file.write("#!/bin/sh\n" + lines + "\n");
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    return path;
}

DemoPlaces TestDemoArray::placesOf(const QByteArray& lines)
{
    return {.script = script(QStringLiteral("fake.sh"), lines),
            .programs = m_folder.path(),
            .directory = m_folder.filePath(QStringLiteral("demo"))};
}

void TestDemoArray::itIsFoundWhereItIsInstalledAndInTheSourceTree()
{
    script(QStringLiteral("usr/bin/cairnctl"), "");
    const QString installed = script(QStringLiteral("usr/share/cairn/demo/make_array.sh"), "");
    const auto found = findDemo(m_folder.filePath(QStringLiteral("usr/bin")));
    QVERIFY(found.has_value());
    QCOMPARE(found->script, QFileInfo(installed).canonicalFilePath());
    QVERIFY(found->uri().startsWith(QStringLiteral("sim:/")));
    QVERIFY(found->uri().endsWith(QStringLiteral("/cairn/demo")));

    script(QStringLiteral("tree/build/dev/app/cairnctl"), "");
    const QString built = script(QStringLiteral("tree/resources/demo/make_array.sh"), "");
    const auto inTree = findDemo(m_folder.filePath(QStringLiteral("tree/build/dev/app")));
    QVERIFY(inTree.has_value());
    QCOMPARE(inTree->script, QFileInfo(built).canonicalFilePath());
}

void TestDemoArray::withoutItsScriptOrProgramItIsNotOffered()
{
    script(QStringLiteral("alone/bin/cairnctl"), "");
    QVERIFY(!findDemo(m_folder.filePath(QStringLiteral("alone/bin"))).has_value());
    script(QStringLiteral("other/share/cairn/demo/make_array.sh"), "");
    QVERIFY(!findDemo(m_folder.filePath(QStringLiteral("other/bin"))).has_value());
}

void TestDemoArray::theStepsAreTold()
{
    DemoArray demo(placesOf("echo; echo '1. Two filesystems'; echo '$ cairnctl list'; "
                            "echo '2. Regions'; test \"$2\" = \"" +
                            m_folder.filePath(QStringLiteral("demo")).toUtf8() + "\""));
    const QSignalSpy steps(&demo, &DemoArray::progressed);
    const QSignalSpy ready(&demo, &DemoArray::ready);
    demo.make();
    QTRY_COMPARE(ready.count(), 1);
    QCOMPARE(steps.count(), 2);
    QCOMPARE(steps.at(0).first().toString(), QStringLiteral("step 1: Two filesystems"));
    QCOMPARE(steps.at(1).first().toString(), QStringLiteral("step 2: Regions"));
}

void TestDemoArray::whyItWasNotMadeIsTold()
{
    DemoArray demo(placesOf("echo 'mkfs.ext4 is missing: install the package e2fsprogs.' >&2; "
                            "exit 1"));
    const QSignalSpy ready(&demo, &DemoArray::ready);
    QSignalSpy failed(&demo, &DemoArray::failed);
    demo.make();
    QTRY_COMPARE(failed.count(), 1);
    QCOMPARE(failed.first().first().toString(),
             QStringLiteral("mkfs.ext4 is missing: install the package e2fsprogs."));
    QCOMPARE(ready.count(), 0);
}

void TestDemoArray::aScriptThatCannotBeStartedIsTold()
{
    DemoArray demo({.script = m_folder.filePath(QStringLiteral("none.sh")),
                    .programs = m_folder.path(),
                    .directory = m_folder.path()});
    QSignalSpy failed(&demo, &DemoArray::failed);
    demo.make();
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY(!failed.first().first().toString().isEmpty());
    QVERIFY(!demo.underWay());
}

void TestDemoArray::itIsMadeOnceAtATime()
{
    const QString count = m_folder.filePath(QStringLiteral("count"));
    DemoArray demo(placesOf("echo run >> '" + count.toUtf8() + "'; while [ ! -e '" +
                            count.toUtf8() + ".end' ]; do sleep 0.02; done"));
    const QSignalSpy ready(&demo, &DemoArray::ready);
    demo.make();
    QTRY_VERIFY(QFileInfo(count).size() > 0);
    demo.make();
    QVERIFY(demo.underWay());
    script(QStringLiteral("count.end"), "");
    QTRY_COMPARE(ready.count(), 1);
    QCOMPARE(QFileInfo(count).size(), qint64{4});
}

QTEST_MAIN(TestDemoArray)
#include "test_demo_array.moc"
