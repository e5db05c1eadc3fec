// Verbs of the menus in the real window: which can be chosen, why others cannot, and what they do.
#include "tests/ui/window_on_array.h"
#include "ui/dialogs/confirm_dialog.h"
#include "ui/dialogs/import_dialog.h"
#include "ui/dialogs/member_dialog.h"
#include "ui/dialogs/release_disk_dialog.h"

#include <QFileDialog>
#include <QMenu>
#include <QToolButton>

#include <future>

using namespace cairn;
using namespace cairn::test;

class TestVerbsXcb : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_setup.emplace(); }
    void init() { m_driven.emplace(); }
    void cleanup() { m_driven.reset(); }
    void everyVerbThatCannotBeChosenSaysWhy();
    void aHalfWrittenRegionIsAcceptedByItsName();
    void anImportThatEndedEarlyIsTriedAgainByItsRegionsName();
    void anExportOfAHalfWrittenRegionIsAskedForFirst();
    void regionVerbsNameTheRegionThatTheyActOn();
    void aBackupIsForgottenBeforeItsRegionIsRemoved();
    void aDiskIsReleasedByTheNameOfItsCatalog();
    void aHeldBackupKeepsItsDiskBeforeANameIsTyped();
    // Incident: the question named no backup, and the last good copy went unasked.
    void aMemberWithTheLastGoodCopyIsReplacedByTheNameOfItsRegion();
    // Incident: it was called added, and its copy of the catalog was empty.
    void aNewMemberThatGotNoCatalogYetIsWarnedOf();
    // Incident: the next click opened the array without the new member, and with the lost one.
    void aReplacedMemberIsOpenedNoMore();
    void theListOfArraysFollowsItsMembers();
    void whatAnotherProcessDoesIsSeenWithoutARefresh();
    void anArrayWithoutBackupsSaysSoOnceItsHistoryIsRead();

private:
    [[nodiscard]] MainWindow& window() const { return m_driven->window(); }
    [[nodiscard]] QAction* action(const char* name) const { return child<QAction>(window(), name); }
    [[nodiscard]] QString said() const { return window().messages()->newestText(); }
    // What confirms that the member at that place is released.
    void typeCatalogName(QLineEdit* typed, std::size_t place) const
    {
        const ArrayLayout& layout = m_driven->snapshot().layout;
        for (const Region& region : layout.regions) {
            if (region.member == layout.members.at(place).id &&
                region.role == RegionRole::Management)
                QTest::keyClicks(typed, QString::fromStdString(confirmationText(layout, region)));
        }
    }
    // In the open dialog: a new image file in the array's folder.
    std::string typeNewMember(const MemberDialog& asked) const
    {
        const std::string path = m_driven->disk().directory() + "/fresh.img";
        child<QLineEdit>(asked, "memberPath")->setText(QString::fromStdString(path));
        child<QCheckBox>(asked, "createFile")->setChecked(true);
        child<QLineEdit>(asked, "memberSize")->setText(QStringLiteral("96M"));
        return path;
    }

    [[nodiscard]] QStringList memberFiles() const
    {
        QStringList files;
        for (const std::string& file : m_driven->disk().memberFiles())
            files.append(QString::fromStdString(file));
        return files;
    }
    [[nodiscard]] static QList<QStringList> remembered()
    {
        QList<QStringList> all;
        QSettings settings;
        const int count = settings.beginReadArray(QStringLiteral("recent"));
        for (int index = 0; index < count; ++index) {
            settings.setArrayIndex(index);
            all.append(settings.value(QStringLiteral("uris")).toStringList());
        }
        return all;
    }

    std::optional<WindowSetup> m_setup;
    std::optional<WindowOnArray> m_driven;
};

void TestVerbsXcb::everyVerbThatCannotBeChosenSaysWhy()
{
    const auto verifyReasons = [this] {
        for (const char* verb : {"backUp",
                                 "restore",
                                 "undoRestore",
                                 "resumeInterrupted",
                                 "discardInterrupted",
                                 "verify",
                                 "hold",
                                 "release",
                                 "forget",
                                 "seal",
                                 "unseal",
                                 "addRegion",
                                 "renameRegion",
                                 "removeRegion",
                                 "acceptContent",
                                 "importImage",
                                 "exportImage",
                                 "showHistory",
                                 "exportCatalog",
                                 "exportBackup",
                                 "addMember",
                                 "replaceMember",
                                 "releaseDisk",
                                 "refresh"}) {
            const bool saysWhy = action(verb)->toolTip().contains(QStringLiteral("<br"));
            QVERIFY2(saysWhy != action(verb)->isEnabled(), qPrintable(action(verb)->toolTip()));
        }
    };
    verifyReasons(); // No array is open.
    for (const char* pane : {"focusMap", "focusTable", "focusTimeline", "pauseJob"})
        QVERIFY2(!action(pane)->isEnabled(), pane);
    m_driven->open();
    for (const char* pane : {"focusMap", "focusTable", "focusTimeline"})
        QVERIFY2(action(pane)->isEnabled(), pane);
    QVERIFY(!action("pauseJob")->isEnabled()); // There is no job.
    verifyReasons();                           // Nothing is selected.
    m_driven->clickRegion("cairn-catalog");
    verifyReasons();
    QVERIFY2(action("renameRegion")->toolTip().contains(QStringLiteral("holds the catalog")),
             qPrintable(action("renameRegion")->toolTip()));
    m_driven->clickRegion("db");
    verifyReasons();
    QVERIFY(action("renameRegion")->isEnabled());
    QVERIFY2(action("acceptContent")->toolTip().contains(QStringLiteral("not half-written")),
             qPrintable(action("acceptContent")->toolTip()));
    for (QMenu* menu : window().findChildren<QMenu*>()) {
        if (menu->actions().contains(action("renameRegion")))
            QVERIFY(menu->toolTipsVisible());
    }
}

void TestVerbsXcb::aHalfWrittenRegionIsAcceptedByItsName()
{
    m_driven->disk().importHalf("db");
    m_driven->open();
    m_driven->clickRegion("db");
    QVERIFY(action("acceptContent")->isEnabled());
    action("acceptContent")->trigger();
    auto* asked = m_driven->dialog<ConfirmDialog>();
    auto* accept = child<QPushButton>(*asked, "accept");
    QVERIFY(!accept->isEnabled());
    QTest::keyClicks(child<QLineEdit>(*asked, "typedName"), QStringLiteral("db"));
    click(accept);
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("db is taken as it is")),
                              qPrintable(said()), kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(!m_driven->cell("db").halfRestored, kPatienceMs);
    QVERIFY(!action("acceptContent")->isEnabled());
    // What was half-written once is still told, of the region and of what is made of it.
    const auto told = [&](const char* words) {
        return std::ranges::any_of(window().findChildren<QLabel*>(), [&](const QLabel* label) {
            return label->accessibleName().startsWith(QStringLiteral("Accepted: ")) &&
                   label->accessibleName().contains(QLatin1StringView(words));
        });
    };
    QTRY_VERIFY_WITH_TIMEOUT(told("as an import left it; taken as it is"), kPatienceMs);
    m_driven->clickRegion("db");
    m_driven->press(Qt::Key_B, Qt::ControlModifier);
    auto* backup = m_driven->dialog<BackupDialog>();
    QVERIFY(child<QLabel>(*backup, "acceptedSource")->isVisible());
    m_driven->photograph("accepted-source");
    WindowOnArray::chooseTarget(backup, "vault");
    click(child<QPushButton>(*backup, "startBackup"));
    QTRY_VERIFY_WITH_TIMEOUT(m_driven->tableText(0, CatalogModel::State).contains(u"good"),
                             kPatienceMs);
    m_driven->clickRow(0);
    QTRY_VERIFY_WITH_TIMEOUT(told("its source was half-written"), kPatienceMs);
    m_driven->photograph("accepted-backup");
    m_driven->clickRegion("vault");
    QTRY_VERIFY_WITH_TIMEOUT(told("as it came with backup 1"), kPatienceMs);
    m_driven->photograph("accepted-copy");
}

// What it began to write must be confirmed, and the first dialog had not asked for that.
void TestVerbsXcb::anImportThatEndedEarlyIsTriedAgainByItsRegionsName()
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("image"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(QByteArray(16 * kMiB, '7')), qint64{16 * kMiB});
    file.close();
    m_driven->open();
    m_driven->disk().setBandwidth(4 * kMiB);
    m_driven->clickRegion("vault");
    action("importImage")->trigger();
    auto* asked = m_driven->dialog<ImportDialog>();
    QVERIFY(!child<QLineEdit>(*asked, "typedName")->isVisible());
    child<QLineEdit>(*asked, "imagePath")->setText(path);
    click(child<QPushButton>(*asked, "accept"));
    QTRY_VERIFY_WITH_TIMEOUT(!m_driven->array().jobs().empty(), kPatienceMs);
    RunningJob* job = m_driven->array().jobs().front().get();
    QTRY_VERIFY_WITH_TIMEOUT(job->progress().doneBytes > 2 * kMiB, kPatienceMs);
    job->cancel();
    QTRY_VERIFY_WITH_TIMEOUT(job->finished() && m_driven->cell("vault").halfRestored, kPatienceMs);
    m_driven->disk().setBandwidth(0);

    click(child<QToolButton>(window(), "retryJob"));
    auto* again = m_driven->dialog<ImportDialog>();
    QCOMPARE(child<QLineEdit>(*again, "imagePath")->text(), path);
    auto* typed = child<QLineEdit>(*again, "typedName");
    QVERIFY(typed->isVisible());
    QTest::keyClicks(typed, QStringLiteral("vault"));
    click(child<QPushButton>(*again, "accept"));
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("Import into vault: done")),
                              qPrintable(said()), kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(!m_driven->cell("vault").halfRestored, kPatienceMs);
}

// The file does not tell what it is.
void TestVerbsXcb::anExportOfAHalfWrittenRegionIsAskedForFirst()
{
    const QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("db.img"));
    const auto chooseFile = [&](const char* region) {
        m_driven->clickRegion(region);
        action("exportImage")->trigger();
        auto* chooser = m_driven->dialog<QFileDialog>();
        auto* name = child<QLineEdit>(*chooser, "fileNameEdit");
        name->setText(file);
        QTest::keyClick(name, Qt::Key_Return);
    };
    m_driven->disk().importHalf("db");
    m_driven->open();
    chooseFile("db");
    auto* asked = m_driven->dialog<ConfirmDialog>();
    QStringList texts;
    for (const QLabel* label : asked->findChildren<QLabel*>())
        texts.append(label->text());
    const QString text = texts.join(u'\n');
    QVERIFY2(text.contains(QStringLiteral("db is half-written")), qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("restore or import it again first")), qPrintable(text));
    QVERIFY(m_driven->array().jobs().empty());
    QVERIFY(!QFile::exists(file)); // Nothing before the answer.
    click(child<QPushButton>(*asked, "accept"));
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("Export half-written db: done")),
                              qPrintable(said()), kPatienceMs);
    QCOMPARE(QFileInfo(file).size(), qint64{ArrayOnDisk::kSourceBytes});
    QVERIFY(QFile::remove(file));
    chooseFile("small"); // Which is whole: nothing is asked.
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("Export small: done")),
                              qPrintable(said()), kPatienceMs);
}

// Back up meant the source of the backup that was selected, Remove the region in which it lies.
void TestVerbsXcb::regionVerbsNameTheRegionThatTheyActOn()
{
    m_driven->disk().backUpInto("vault", "nightly");
    const auto plain = [&](const char* verb) {
        return action(verb)->text().remove(u'&').remove(QStringLiteral(" …"));
    };
    QCOMPARE(plain("removeRegion"), QStringLiteral("Remove region"));
    m_driven->open();
    QTRY_COMPARE_WITH_TIMEOUT(window().view()->table()->model()->rowCount(), 1, kPatienceMs);
    m_driven->clickRow(0);
    QCOMPARE(plain("backUp"), QStringLiteral("Back up db"));
    QCOMPARE(plain("renameRegion"), QStringLiteral("Rename region vault"));
    QCOMPARE(plain("removeRegion"), QStringLiteral("Remove region vault"));
    QCOMPARE(plain("acceptContent"), QStringLiteral("Accept vault as it is"));
    QCOMPARE(plain("importImage"), QStringLiteral("Import image into vault"));
    QCOMPARE(plain("exportImage"), QStringLiteral("Export vault to image"));
    QVERIFY(action("removeRegion")->toolTip().contains(QStringLiteral("the region vault")));
    QVERIFY(action("backUp")->toolTip().contains(QStringLiteral("the region db")));
    QCOMPARE(action("backUp")->iconText(), QStringLiteral("Back up")); // The tool bar stays still.
    for (QMenu* menu : window().findChildren<QMenu*>()) {
        if (!menu->actions().contains(action("renameRegion")))
            continue;
        menu->popup(window().mapToGlobal(QPoint(60, 60)));
        m_driven->photograph("region-menu");
        menu->close();
    }
    m_driven->clickRegion("db");
    QCOMPARE(plain("backUp"), QStringLiteral("Back up db"));
    QCOMPARE(plain("removeRegion"), QStringLiteral("Remove region db"));
}

// The name was asked for and typed, and only then it was refused.
void TestVerbsXcb::aBackupIsForgottenBeforeItsRegionIsRemoved()
{
    m_driven->disk().backUpInto("vault", "nightly");
    m_driven->open();
    m_driven->clickRegion("vault");
    for (const char* verb : {"removeRegion", "importImage"}) {
        const QString tip = action(verb)->toolTip();
        QVERIFY2(!action(verb)->isEnabled(), verb);
        QVERIFY2(tip.contains(QStringLiteral("holds backup 1")), qPrintable(tip));
        QVERIFY2(tip.contains(QStringLiteral("Forget that backup first")), qPrintable(tip));
    }
    QVERIFY(action("renameRegion")->isEnabled());
    m_driven->clickRegion("db");
    QVERIFY(action("removeRegion")->isEnabled());
    QVERIFY(action("importImage")->isEnabled());
}

void TestVerbsXcb::aHeldBackupKeepsItsDiskBeforeANameIsTyped()
{
    m_driven->disk().backUpInto("vault", "nightly");
    m_driven->disk().holdBackup(1);
    m_driven->open();
    action("releaseDisk")->trigger();
    auto* asked = m_driven->dialog<ReleaseDiskDialog>();
    child<QComboBox>(*asked, "releasedMember")->setCurrentIndex(1); // Holds vault.
    const auto* cost = child<QLabel>(*asked, "releaseCost");
    QTRY_VERIFY2_WITH_TIMEOUT(
        cost->text().contains(QStringLiteral("Release the hold of backup #1 first")),
        qPrintable(cost->text()), kPatienceMs);
    QVERIFY(!child<QLineEdit>(*asked, "typedName")->isVisible());
    QVERIFY(!child<QPushButton>(*asked, "accept")->isEnabled());
}

void TestVerbsXcb::aMemberWithTheLastGoodCopyIsReplacedByTheNameOfItsRegion()
{
    m_driven->disk().backUpInto("vault", "nightly");
    m_driven->open({QString::fromStdString(m_driven->disk().memberFiles().front())});
    QVERIFY(action("replaceMember")->isEnabled());
    action("replaceMember")->trigger();
    auto* asked = m_driven->dialog<MemberDialog>();
    auto* accept = child<QPushButton>(*asked, "accept");
    auto* members = child<QComboBox>(*asked, "replacedMember");
    typeNewMember(*asked);
    QCOMPARE(members->currentIndex(), -1);
    QVERIFY(!accept->isEnabled());
    members->setCurrentIndex(0);
    auto* typed = child<QLineEdit>(*asked, "typedName");
    QTRY_VERIFY_WITH_TIMEOUT(typed->isVisible(), kPatienceMs);
    const QString cost = child<QLabel>(*asked, "replacementCost")->text();
    QVERIFY2(cost.contains(QStringLiteral("#1 is the last good copy of db")), qPrintable(cost));
    QVERIFY(!accept->isEnabled());
    QTest::keyClicks(typed, QStringLiteral("vault"));
    QVERIFY(accept->isEnabled());
    click(accept);
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("The member was replaced")),
                              qPrintable(said()), kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(m_driven->snapshot().layout.members.size(), std::size_t{2},
                              kPatienceMs);
}

void TestVerbsXcb::aNewMemberThatGotNoCatalogYetIsWarnedOf()
{
    m_driven->open();
    QObject receiver;
    bool ended = false;
    std::promise<void> writes;
    std::promise<void> mayEnd;
    m_driven->array().read(
        &receiver,
        [&writes, until = mayEnd.get_future().share()](Attachment& attachment) {
            const auto writing = WriteAccess::take(attachment);
            writes.set_value();
            until.wait();
            return writing.has_value();
        },
        [&ended](bool) { ended = true; });
    writes.get_future().wait();
    action("addMember")->trigger();
    auto* asked = m_driven->dialog<MemberDialog>();
    typeNewMember(*asked);
    click(child<QPushButton>(*asked, "accept"));
    const QString warning = QStringLiteral("fresh.img was not written");
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(warning), qPrintable(said()), kPatienceMs);
    mayEnd.set_value();
    QTRY_VERIFY_WITH_TIMEOUT(ended, kPatienceMs);
    m_driven->array().change(Verb::RenameRegion, {}, [](Attachment& attachment) -> Result<void> {
        const auto writing = WriteAccess::take(attachment);
        return writing ? Result<void>() : std::unexpected(writing.error());
    });
    QTRY_VERIFY2_WITH_TIMEOUT(!said().contains(warning), qPrintable(said()), kPatienceMs);
    QVERIFY(m_driven->snapshot().unwritten.empty());
}

void TestVerbsXcb::aReplacedMemberIsOpenedNoMore()
{
    const QStringList files = memberFiles();
    QVERIFY(QFile::remove(files.at(1)));
    m_driven->open(files);
    QCOMPARE(remembered().front(), files);
    action("replaceMember")->trigger();
    auto* asked = m_driven->dialog<MemberDialog>();
    const QString fresh = QString::fromStdString(typeNewMember(*asked));
    child<QComboBox>(*asked, "replacedMember")->setCurrentIndex(0);
    auto* accept = child<QPushButton>(*asked, "accept");
    QTRY_VERIFY_WITH_TIMEOUT(accept->isEnabled(), kPatienceMs);
    click(accept);
    const auto whole = [&] {
        const auto& members = m_driven->snapshot().layout.members;
        return members.size() == 2 &&
               std::ranges::count(members, MemberState::Present, &Member::state) == 2;
    };
    QTRY_VERIFY_WITH_TIMEOUT(whole(), kPatienceMs);
    QCOMPARE(remembered().front(), QStringList({files.at(0), fresh}));
    QVERIFY(!remembered().contains(files));
    const AttachedArray* before = &m_driven->array();
    window().openArray(remembered().front());
    QTRY_VERIFY_WITH_TIMEOUT(window().array() != before, kPatienceMs);
    QVERIFY(whole());
}

void TestVerbsXcb::theListOfArraysFollowsItsMembers()
{
    const QStringList files = memberFiles();
    m_driven->open(files);
    action("addMember")->trigger();
    auto* asked = m_driven->dialog<MemberDialog>();
    const QString fresh = QString::fromStdString(typeNewMember(*asked));
    click(child<QPushButton>(*asked, "accept"));
    QTRY_COMPARE_WITH_TIMEOUT(m_driven->snapshot().layout.members.size(), std::size_t{3},
                              kPatienceMs);
    QCOMPARE(remembered().front(), files + QStringList{fresh});
    QVERIFY(!remembered().contains(files));
    action("releaseDisk")->trigger();
    auto* released = m_driven->dialog<ReleaseDiskDialog>();
    child<QComboBox>(*released, "releasedMember")->setCurrentIndex(2);
    auto* typed = child<QLineEdit>(*released, "typedName");
    QTRY_VERIFY_WITH_TIMEOUT(typed->isVisible(), kPatienceMs);
    typeCatalogName(typed, 2);
    click(child<QPushButton>(*released, "accept"));
    QTRY_COMPARE_WITH_TIMEOUT(remembered().front(), files, kPatienceMs);
    QVERIFY(!remembered().contains(files + QStringList{fresh}));
}

void TestVerbsXcb::aDiskIsReleasedByTheNameOfItsCatalog()
{
    m_driven->disk().backUpInto("vault", "nightly");
    m_driven->open();
    action("releaseDisk")->trigger();
    auto* asked = m_driven->dialog<ReleaseDiskDialog>();
    auto* accept = child<QPushButton>(*asked, "accept");
    auto* members = child<QComboBox>(*asked, "releasedMember");
    QCOMPARE(members->currentIndex(), -1);
    QVERIFY(!accept->isEnabled());
    members->setCurrentIndex(1); // Holds vault.
    auto* typed = child<QLineEdit>(*asked, "typedName");
    QTRY_VERIFY_WITH_TIMEOUT(typed->isVisible(), kPatienceMs);
    QVERIFY2(child<QLabel>(*asked, "releaseCost")->text().contains(QStringLiteral("#1")),
             qPrintable(child<QLabel>(*asked, "releaseCost")->text()));
    QVERIFY2(child<QLabel>(*asked, "releaseCost")
                 ->text()
                 .contains(QStringLiteral("#1 is the last good copy of db")),
             qPrintable(child<QLabel>(*asked, "releaseCost")->text()));
    QVERIFY(!accept->isEnabled());
    const Uuid leaving = m_driven->snapshot().layout.members.at(1).id;
    typeCatalogName(typed, 1);
    QVERIFY(accept->isEnabled());
    click(accept);
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("is a plain GPT disk again")),
                              qPrintable(said()), kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(m_driven->snapshot().catalog->copies.size(), std::size_t{1},
                              kPatienceMs);
    for (const Region& region : m_driven->snapshot().layout.regions)
        QVERIFY(region.member != leaving || region.role != RegionRole::Management);
}

void TestVerbsXcb::whatAnotherProcessDoesIsSeenWithoutARefresh()
{
    m_driven->open();
    QVERIFY(m_driven->snapshot().generations.empty());
    m_driven->disk().backUpInto("vault", "nightly");
    QTRY_COMPARE_WITH_TIMEOUT(m_driven->snapshot().generations.size(), std::size_t{1}, kPatienceMs);
}

void TestVerbsXcb::anArrayWithoutBackupsSaysSoOnceItsHistoryIsRead()
{
    m_driven->open();
    const auto said = [this] {
        QStringList texts;
        for (const QLabel* label : m_driven->window().view()->table()->findChildren<QLabel*>())
            texts.append(label->text());
        return texts.join(u'\n');
    };
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("No backup yet")), qPrintable(said()),
                              kPatienceMs);
}

QTEST_MAIN(TestVerbsXcb)
#include "test_verbs_xcb.moc"
