// The dialogs that add, rename and fill a region say what is wrong before anything begins.
#include "tests/ui/child.h"
#include "tests/ui/sample_snapshot.h"
#include "ui/dialogs/add_region_dialog.h"
#include "ui/dialogs/create_array_dialog.h"
#include "ui/dialogs/import_dialog.h"
#include "ui/dialogs/member_dialog.h"
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
    void aNameThatCoreRefusesIsRefusedWhileItIsTyped();
    void aNumberWithoutAUnitIsNoSize();
    void whatWasEnteredIsThereAgain();
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

// Incident: such a name was refused after the dialog had closed, and all that was typed was lost.
void TestRegionDialogs::aNameThatCoreRefusesIsRefusedWhileItIsTyped()
{
    const SampleArray sample;
    const ArrayLayout& layout = sample.snapshot().layout;
    RenameRegionDialog rename(layout, sample.region(10));
    AddRegionDialog add(layout);
    child<QLineEdit>(add, "regionSize")->setText(QStringLiteral("64M"));
    for (const QDialog* dialog : std::initializer_list<const QDialog*>{&rename, &add}) {
        auto* name = child<QLineEdit>(*dialog, "regionName");
        const auto* problem = child<QLabel>(*dialog, "nameProblem");
        const auto* accept = child<QPushButton>(*dialog, "accept");
        const auto refuses = [&](const QString& typed, const char* why) {
            name->setText(typed);
            return problem->text().contains(QLatin1StringView(why)) && !accept->isEnabled();
        };
        QVERIFY(refuses(QString(37, u'x'), "Too long by 1"));
        QVERIFY(refuses(QStringLiteral("a\u202Eb"), "cannot be shown"));
        QVERIFY(refuses(QStringLiteral("<b>"), "markup"));
        QVERIFY(refuses(QStringLiteral("138a9244-7337-47ef-8bc7-a2347ffff3bb"), "PARTUUID"));
        name->setText(QString(36, u'x'));
        QVERIFY2(accept->isEnabled(), qPrintable(problem->text()));
    }
}

// Incident: "64" became a region of 1 MiB.
void TestRegionDialogs::aNumberWithoutAUnitIsNoSize()
{
    const SampleArray sample;
    AddRegionDialog dialog(sample.snapshot().layout);
    const auto* problem = child<QLabel>(dialog, "nameProblem");
    child<QLineEdit>(dialog, "regionName")->setText(QStringLiteral("fresh"));
    auto* size = child<QLineEdit>(dialog, "regionSize");
    size->setText(QStringLiteral("64"));
    QVERIFY(!dialog.wanted().has_value());
    QCOMPARE(problem->text(), QStringLiteral("64 of what? Write the unit too: 64 MiB, 64 GiB, or "
                                             "64 B for bytes."));
    size->setText(QStringLiteral("1.5 MiB"));
    QVERIFY(dialog.wanted().has_value());
    QVERIFY2(
        problem->text().startsWith(QStringLiteral("Regions are whole MiB: it will have 2 MiB")),
        qPrintable(problem->text()));
    for (QDialog* other : std::initializer_list<QDialog*>{
             new CreateArrayDialog(&dialog),
             new MemberDialog(sample.snapshot().layout, MemberDialog::Purpose::Add, &dialog)}) {
        if (auto* create = other->findChild<QCheckBox*>(QStringLiteral("createFile")))
            create->setChecked(true);
        child<QLineEdit>(*other, "memberSize")->setText(QStringLiteral("512"));
        const auto* said = child<QLabel>(*other, "sizeProblem");
        QVERIFY(!said->isHidden() && said->text().startsWith(QStringLiteral("512 of what?")));
        child<QLineEdit>(*other, "memberSize")->setText(QStringLiteral("512M"));
        QVERIFY(said->isHidden());
    }
}

void TestRegionDialogs::whatWasEnteredIsThereAgain()
{
    const SampleArray sample;
    const ArrayLayout& layout = sample.snapshot().layout;
    AddRegionDialog add(layout);
    add.enter({.name = QStringLiteral("fresh"), .size = QStringLiteral("8M"), .member = uuid(2)});
    QVERIFY(add.wanted()->name == "fresh" && add.wanted()->member == uuid(2));
    QCOMPARE(add.input().size, QStringLiteral("8M"));
    MemberDialog member(layout, MemberDialog::Purpose::Add);
    member.enter(
        {.path = QStringLiteral("/images/c.img"), .size = QStringLiteral("2 GiB"), .create = true});
    QCOMPARE(member.wanted()->createSizeBytes, 2 * kGiB);
    QCOMPARE(member.input().path, QStringLiteral("/images/c.img"));
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
