// What the desktop writes an image into: never into an array.
#include "tests/support/array_fixture.h"
#include "ui/jobs/image_file.h"

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

class TestImageFile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anImageReplacesAFile();
    // Incident: an export over a member of another array replaced it, catalog and all.
    void anImageNeverReplacesAnArray();
};

void TestImageFile::anImageReplacesAFile()
{
    const QTemporaryDir directory;
    const QString path = directory.filePath(QStringLiteral("image"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("notes, and more of them") > 0);
    file.close();
    const std::array bytes{std::byte{'n'}, std::byte{'e'}, std::byte{'w'}};
    const ByteSink sink = imageSink(path.toStdString());
    QVERIFY(sink(bytes));
    QVERIFY(sink(bytes));
    QCOMPARE(bytesOf(path), QByteArray("newnew"));
}

void TestImageFile::anImageNeverReplacesAnArray()
{
    const QTemporaryDir directory;
    ArrayFixture array{directory.path().toStdString()};
    const QString path = QString::fromStdString((*array).layout().members.at(0).location);
    const QByteArray before = bytesOf(path);
    QVERIFY(!before.isEmpty());
    const std::array bytes{std::byte{1}};
    const auto written = imageSink(path.toStdString())(bytes);
    QVERIFY(!written);
    QCOMPARE(written.error().code, ErrorCode::RegionInUse);
    QVERIFY(bytesOf(path) == before);
}

QTEST_GUILESS_MAIN(TestImageFile)
#include "test_image_file.moc"
