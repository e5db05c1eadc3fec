// The dialogs that add, rename and fill a region say what is wrong before anything begins.
#include "tests/ui/child.h"
#include "tests/ui/sample_snapshot.h"
#include "ui/dialogs/add_region_dialog.h"
#include "ui/dialogs/import_dialog.h"
#include "ui/dialogs/rename_region_dialog.h"

#include <QTemporaryDir>
#include <QTest>
#include <sys/stat.h>

using namespace cairn;
using namespace cairn::test;

class TestRegionDialogs : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void addRegionRefusesTakenNamesAndImpossibleSizes();
    void importChecksTheFile();
    void anImportOverWhatOnlyLooksEmptyIsConfirmed();
    void whatCannotBeImportedIsCalledWhatItIs();
    void aNameInUseIsSaidToBeSoInRenameAsInAdd();
};

void TestRegionDialogs::addRegionRefusesTakenNamesAndImpossibleSizes()
{
    const SampleArray sample;
    AddRegionDialog dialog(sample.snapshot().layout);
    auto* name = child<QLineEdit>(dialog, "regionName");
    auto* size = child<QLineEdit>(dialog, "regionSize");
    name->setText(QStringLiteral("db"));
    size->setText(QStringLiteral("64M"));
    QVERIFY(!dialog.wanted().has_value());
    name->setText(QStringLiteral("fresh"));
    QCOMPARE(dialog.wanted()->sizeBytes, 64 * kMiB);
    QVERIFY(!dialog.wanted()->member.has_value());
    size->setText(QStringLiteral("8 TiB"));
    QVERIFY(!dialog.wanted().has_value());
}

void TestRegionDialogs::importChecksTheFile()
{
    const SampleArray sample;
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("image"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("some bytes");
    file.close();
    ImportDialog dialog(sample.snapshot(), sample.region(11));
    auto* accept = child<QPushButton>(dialog, "accept");
    child<QLineEdit>(dialog, "imagePath")->setText(path + QStringLiteral(".not"));
    QVERIFY(!accept->isEnabled());
    child<QLineEdit>(dialog, "imagePath")->setText(path);
    QVERIFY(!accept->isEnabled()); // "web" holds an ext4: its name is needed.
    QTest::keyClicks(child<QLineEdit>(dialog, "typedName"), QStringLiteral("web"));
    QVERIFY(accept->isEnabled());
    QCOMPARE(dialog.sizeBytes(), std::uint64_t{10});
}

// What is half-written, or was found to hold something, may look empty.
void TestRegionDialogs::anImportOverWhatOnlyLooksEmptyIsConfirmed()
{
    SampleArray sample;
    const Region empty = sample.region(21);
    const auto asksForName = [&](const ImportChoice& choice) {
        ImportDialog dialog(sample.snapshot(), empty);
        dialog.choose(choice);
        dialog.show();
        return child<QLineEdit>(dialog, "typedName")->isVisible() &&
               child<QLineEdit>(dialog, "imagePath")->text() == choice.path;
    };
    QCOMPARE(empty.content.kind, ContentKind::Empty);
    QVERIFY(!asksForName({.path = QStringLiteral("/image")}));
    QVERIFY(asksForName({.path = QStringLiteral("/image"), .nameNeeded = true}));
    sample.snapshot().unfinished[empty.id] = {RefusalReason::HalfWritten, 0, "import"};
    QVERIFY(asksForName({.path = QStringLiteral("/image")}));
}

void TestRegionDialogs::whatCannotBeImportedIsCalledWhatItIs()
{
    const SampleArray sample;
    const QTemporaryDir folder;
    const QString empty = folder.filePath(QStringLiteral("empty"));
    const QString pipe = folder.filePath(QStringLiteral("pipe"));
    QVERIFY(QFile(empty).open(QIODevice::WriteOnly));
    QCOMPARE(mkfifo(qPrintable(pipe), 0600), 0);
    ImportDialog dialog(sample.snapshot(), sample.region(21));
    const auto says = [&](const QString& path, const char* words) {
        child<QLineEdit>(dialog, "imagePath")->setText(path);
        return child<QLabel>(dialog, "importProblem")->text().contains(QLatin1StringView(words)) &&
               !child<QPushButton>(dialog, "accept")->isEnabled();
    };
    QVERIFY(says(folder.filePath(QStringLiteral("none")), "no such file"));
    QVERIFY(says(folder.path(), "a folder"));
    QVERIFY(says(empty, "is empty"));
    QVERIFY(says(pipe, "a pipe"));
    QVERIFY(says(QStringLiteral("/dev/null"), "no regular file"));
}

void TestRegionDialogs::aNameInUseIsSaidToBeSoInRenameAsInAdd()
{
    const SampleArray sample;
    const ArrayLayout& layout = sample.snapshot().layout;
    RenameRegionDialog rename(layout, sample.region(10));
    AddRegionDialog add(layout);
    for (const QDialog* dialog : std::initializer_list<const QDialog*>{&rename, &add}) {
        auto* name = child<QLineEdit>(*dialog, "regionName");
        const auto* problem = child<QLabel>(*dialog, "nameProblem");
        name->setText(QStringLiteral(" web "));
        QCOMPARE(problem->text(), QStringLiteral("This name is in use."));
        QVERIFY(!child<QPushButton>(*dialog, "accept")->isEnabled());
        name->setText(QStringLiteral("another"));
        QVERIFY(problem->text() != QStringLiteral("This name is in use."));
    }
    QVERIFY(child<QPushButton>(rename, "accept")->isEnabled());
}

QTEST_MAIN(TestRegionDialogs)
#include "test_region_dialogs.moc"
