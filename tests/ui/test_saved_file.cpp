// What the desktop writes into files: whole under their names or not at all, never into an array.
#include "tests/support/array_fixture.h"
#include "ui/jobs/saved_file.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <array>

using namespace cairn;
using namespace cairn::test;

namespace {

QByteArray bytesOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class TestSavedFile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anImageReplacesAFileOnlyWhenItIsWhole();
    // Incident: an export over a member of another array replaced it, catalog and all.
    void anImageNeverReplacesAnArray();
};

void TestSavedFile::anImageReplacesAFileOnlyWhenItIsWhole()
{
    const QTemporaryDir directory;
    const QString path = directory.filePath(QStringLiteral("image"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("notes, and more of them") > 0);
    file.close();
    const std::array bytes{std::byte{'n'}, std::byte{'e'}, std::byte{'w'}};
    {
        auto canceled = SavedFile::open(path.toStdString());
        QVERIFY(canceled && canceled->write(bytes));
    }
    QCOMPARE(bytesOf(path), QByteArray("notes, and more of them"));
    auto whole = SavedFile::open(path.toStdString());
    QVERIFY(whole && whole->write(bytes) && whole->write(bytes));
    QCOMPARE(bytesOf(path), QByteArray("notes, and more of them"));
    QVERIFY(whole->commit());
    QCOMPARE(bytesOf(path), QByteArray("newnew"));
    QCOMPARE(QDir(directory.path()).entryList(QDir::Files | QDir::Hidden).size(), 1);
}

void TestSavedFile::anImageNeverReplacesAnArray()
{
    const QTemporaryDir directory;
    ArrayFixture array{directory.path().toStdString()};
    const QString path = QString::fromStdString((*array).layout().members.at(0).location);
    const QByteArray before = bytesOf(path);
    QVERIFY(!before.isEmpty());
    const auto opened = SavedFile::open(path.toStdString());
    QVERIFY(!opened);
    QCOMPARE(opened.error().code, ErrorCode::RegionInUse);
    QVERIFY(bytesOf(path) == before);
}

QTEST_GUILESS_MAIN(TestSavedFile)
#include "test_saved_file.moc"
