// The dialogs: nothing is preselected, and what erases needs the name typed.
#include "tests/ui/child.h"
#include "tests/ui/sample_snapshot.h"
#include "ui/dialogs/add_region_dialog.h"
#include "ui/dialogs/backup_dialog.h"
#include "ui/dialogs/confirm_dialog.h"
#include "ui/dialogs/create_array_dialog.h"
#include "ui/dialogs/import_dialog.h"
#include "ui/dialogs/member_dialog.h"
#include "ui/dialogs/open_array_dialog.h"
#include "ui/dialogs/release_disk_dialog.h"
#include "ui/dialogs/rename_region_dialog.h"
#include "ui/dialogs/restore_dialog.h"
#include "ui/dialogs/undo_dialog.h"
#include "ui/error_text.h"

#include <QApplication>
#include <QComboBox>
#include <QSignalSpy>
#include <QTest>
#include <algorithm>

using namespace cairn;
using namespace cairn::test;

class TestDialogs : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void returnNeverCancels();
    void aRestoreThatIsKeptNeedsNoName();
    void aRestoreThatKeepsNothingNeedsTheTypedName();
    void aLastGoodCopyNeedsItsNameThoughItIsKept();
    void withoutRoomTheNameIsTyped();
    void anUndoSaysWhatComesBackAndWhatGoes();
    void anUndoThatLosesSomethingNeedsTheName();
    void givingUpARestoreThatOverwroteNothingLosesNothing();
    void aRefusedRestoreSaysWhy();
    void theWayOutOfARefusedDiskIsInItsDialog();
    void theRestoreSaysWhatIsInNoBackup();
    void anotherTargetIsPlannedAgain();
    void aNamelessRegionIsConfirmedByItsPartuuid();
    void dialogsBeginInTheirFirstField();
    void returnInAPathAddsItToTheList();
    void returnInAFieldWritesNothing();
    void aNameThatIsAskedForLaterComesBeforeTheButtons();
    void openNeedsAMember();
    void createReadsSizes();
    void whatWasEnteredForANewArrayIsEnteredAgain();
    void leftoversAreOverwrittenOnlyWhereThatWasTicked();
    void aDiskIsLeftToRootWithTheLine();
    void everyControlHasANameForAssistiveTechnology();
};

static void click(QWidget* widget)
{
    QTest::mouseClick(widget, Qt::LeftButton, {}, widget->rect().center());
}

static RestoreOffer offerFor(const SampleArray& sample, std::uint8_t target)
{
    RestoreOffer offer;
    offer.plan = {.generation = sample.snapshot().generations.front(),
                  .backup = sample.region(20),
                  .target = sample.region(target),
                  .newestBackupOfTarget = target == 10 ? GenerationNumber{2} : GenerationNumber{0}};
    offer.areaForAll = sample.region(21);
    offer.areaForLittle = sample.region(21);
    return offer;
}

void TestDialogs::returnNeverCancels()
{
    const SampleArray sample;
    BackupDialog backup(sample.snapshot(), sample.region(10), {});
    RestoreDialog restore(sample.snapshot(), sample.snapshot().generations.front());
    ConfirmDialog confirm(
        {.title = {}, .heading = {}, .explanation = {}, .verb = {}, .erases = true}, nullptr);
    for (QDialog* dialog : std::initializer_list<QDialog*>{&backup, &restore, &confirm}) {
        dialog->show();
        dialog->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(dialog));
        const QSignalSpy ended(dialog, &QDialog::finished);
        QTest::keyClick(dialog, Qt::Key_Return); // Wherever the focus begins.
        QCOMPARE(ended.count(), 0);
        auto* cancel = child<QPushButton>(*dialog, "cancelDialog");
        cancel->setFocus();
        QTest::keyClick(cancel, Qt::Key_Return);
        QCOMPARE(ended.count(), 0);
        QTest::keyClick(dialog, Qt::Key_Escape);
        QCOMPARE(ended.count(), 1);
        QCOMPARE(dialog->result(), int(QDialog::Rejected));
    }
}

void TestDialogs::aRestoreThatIsKeptNeedsNoName()
{
    const SampleArray sample;
    RestoreDialog dialog(sample.snapshot(), sample.snapshot().generations.front());
    const QSignalSpy wanted(&dialog, &RestoreDialog::planWanted);
    dialog.show();
    QTRY_COMPARE(wanted.count(), 1);
    auto* overwrite = child<QPushButton>(dialog, "overwrite");
    QVERIFY(!overwrite->isEnabled());
    dialog.setOffer(offerFor(sample, 10));
    QVERIFY(child<QCheckBox>(dialog, "keepUndo")->isChecked());
    QVERIFY(!child<QLineEdit>(dialog, "typedName")->isVisible());
    QVERIFY(child<QLabel>(dialog, "keepingText")->text().contains(QStringLiteral("vault-2 on")));
    QVERIFY(child<Card>(dialog, "willBeErased")->text().contains(QStringLiteral("and kept")));
    QCOMPARE(overwrite->text(), QStringLiteral("Overwrite db"));
    QVERIFY(overwrite->isEnabled());
    QVERIFY(dialog.plan()->undo);
    QCOMPARE(dialog.plan()->confirmedName, std::string());
    const QSignalSpy ended(&dialog, &QDialog::finished);
    QTest::keyClick(child<QComboBox>(dialog, "restoreTarget"), Qt::Key_Return);
    QCOMPARE(ended.count(), 0); // Nothing was typed.
}

void TestDialogs::aRestoreThatKeepsNothingNeedsTheTypedName()
{
    const SampleArray sample;
    RestoreDialog dialog(sample.snapshot(), sample.snapshot().generations.front());
    dialog.show();
    dialog.setOffer(offerFor(sample, 10));
    child<QCheckBox>(dialog, "keepUndo")->setChecked(false);
    auto* overwrite = child<QPushButton>(dialog, "overwrite");
    auto* typed = child<QLineEdit>(dialog, "typedName");
    QVERIFY(!overwrite->isEnabled());
    QVERIFY(typed->isVisible());
    QVERIFY(
        child<Card>(dialog, "willBeErased")->text().startsWith(QStringLiteral("Will be erased")));
    QTest::keyClicks(typed, QStringLiteral("d"));
    QVERIFY(!dialog.plan().has_value());
    QTest::keyClicks(typed, QStringLiteral("b"));
    QVERIFY(overwrite->isEnabled());
    QVERIFY(!dialog.plan()->undo);
    QCOMPARE(dialog.plan()->confirmedName, std::string("db"));
    typed->setFocus();
    QTest::keyClick(typed, Qt::Key_Return);
    QCOMPARE(dialog.result(), int(QDialog::Accepted));
}

void TestDialogs::aLastGoodCopyNeedsItsNameThoughItIsKept()
{
    SampleArray sample;
    Region& web = *std::ranges::find(sample.snapshot().layout.regions, "web", &Region::name);
    web.role = RegionRole::Backup;
    RestoreDialog dialog(sample.snapshot(), sample.snapshot().generations.front());
    dialog.show();
    auto* targets = child<QComboBox>(dialog, "restoreTarget");
    targets->setCurrentIndex(targets->findText(QStringLiteral("web"), Qt::MatchStartsWith));
    RestoreOffer offer = offerFor(sample, 11);
    offer.nameNeeded = true;
    offer.missed = Refusal{RefusalReason::LastGoodCopy, 1, "mail"};
    offer.holds = sample.snapshot().generations.back();
    offer.holds->state = GenerationState::Good;
    offer.holds->content = web.content;
    offer.holds->source.name = "mail";
    dialog.setOffer(offer);
    const QString card = child<Card>(dialog, "willBeErased")->text();
    QVERIFY2(card.contains(QStringLiteral("Backup 1 of mail")), qPrintable(card));
    QVERIFY2(card.contains(QStringLiteral("the last good copy of mail")), qPrintable(card));
    QVERIFY2(!card.contains(QStringLiteral("nowhere else")), qPrintable(card));
    QVERIFY(child<QCheckBox>(dialog, "keepUndo")->isChecked());
    auto* typed = child<QLineEdit>(dialog, "typedName");
    QVERIFY(typed->isVisible());
    QVERIFY(!dialog.plan().has_value());
    QTest::keyClicks(typed, QStringLiteral("web"));
    QVERIFY(dialog.plan()->undo);
    QCOMPARE(dialog.plan()->confirmedName, std::string("web"));
}

void TestDialogs::withoutRoomTheNameIsTyped()
{
    const SampleArray sample;
    RestoreDialog dialog(sample.snapshot(), sample.snapshot().generations.front());
    dialog.show();
    RestoreOffer offer = offerFor(sample, 10);
    offer.areaForAll.reset();
    dialog.setOffer(offer);
    QVERIFY(dialog.plan()->undo); // What changes may fit: a restore finds out.
    QVERIFY(child<QLabel>(dialog, "keepingText")->text().contains(QStringLiteral("asked again")));
    dialog.choose({.target = RegionId{uuid(10)}, .bytesToKeep = offer.mostBytes + 1});
    dialog.setOffer(offer);
    QVERIFY(!child<QCheckBox>(dialog, "keepUndo")->isEnabled());
    QVERIFY(!dialog.plan().has_value());
    QVERIFY(child<QLineEdit>(dialog, "typedName")->isVisible());
    offer.areaForLittle.reset();
    offer.nameNeeded = true;
    dialog.setOffer(offer);
    QVERIFY(!child<QCheckBox>(dialog, "keepUndo")->isChecked());
    QTest::keyClicks(child<QLineEdit>(dialog, "typedName"), QStringLiteral("db"));
    QVERIFY(!dialog.plan()->undo);
}

static UndoOffer undoOffer(const SampleArray& sample)
{
    Generation kept = sample.snapshot().generations.front();
    kept.number = 3;
    kept.undo.emplace();
    kept.undo->restored = 2;
    kept.undo->keptMs = 5;
    UndoOffer offer;
    offer.plan.kept = kept;
    offer.plan.area = sample.region(21);
    offer.plan.target = sample.region(10);
    offer.canBeRedone = true;
    return offer;
}

void TestDialogs::anUndoSaysWhatComesBackAndWhatGoes()
{
    const SampleArray sample;
    UndoDialog dialog(sample.snapshot(), undoOffer(sample), UndoDialog::Changed::NotKnown);
    dialog.show();
    QVERIFY(child<Card>(dialog, "broughtBackFrom")->text().contains(QStringLiteral("Undo copy 3")));
    QVERIFY(child<Card>(dialog, "willBeOverwritten")->text().contains(QStringLiteral("db on")));
    QVERIFY(dialog.findChild<QLineEdit*>(QStringLiteral("typedName")) == nullptr);
    QCOMPARE(dialog.plan()->confirmedName, std::string());
    const QSignalSpy ended(&dialog, &QDialog::finished);
    QTest::keyClick(&dialog, Qt::Key_Return);
    QCOMPARE(ended.count(), 0);
}

void TestDialogs::anUndoThatLosesSomethingNeedsTheName()
{
    const SampleArray sample;
    UndoDialog dialog(sample.snapshot(), undoOffer(sample), UndoDialog::Changed::SinceTheRestore);
    dialog.show();
    auto* typed = child<QLineEdit>(dialog, "typedName");
    QVERIFY(!child<QPushButton>(dialog, "accept")->isEnabled());
    QVERIFY(!dialog.plan().has_value());
    QTest::keyClicks(typed, QStringLiteral("db"));
    QCOMPARE(dialog.plan()->confirmedName, std::string("db"));
    typed->setFocus();
    QTest::keyClick(typed, Qt::Key_Return);
    QCOMPARE(dialog.result(), int(QDialog::Accepted));
}

void TestDialogs::givingUpARestoreThatOverwroteNothingLosesNothing()
{
    const SampleArray sample;
    UndoOffer offer = undoOffer(sample);
    offer.plan.nothingOverwritten = true;
    const UndoDialog dialog(sample.snapshot(), offer, UndoDialog::Changed::NotKnown);
    auto* accept = child<QPushButton>(dialog, "accept");
    QCOMPARE(accept->text(), QStringLiteral("Give up restore"));
    QVERIFY(!accept->property("danger").toBool());
    QVERIFY(dialog.plan()->nothingOverwritten);
}

void TestDialogs::aRefusedRestoreSaysWhy()
{
    const SampleArray sample;
    RestoreDialog dialog(sample.snapshot(), sample.snapshot().generations.front());
    dialog.show();
    dialog.setOffer(failure(ErrorCode::RegionInUse, "db", "mounted at /srv"));
    QVERIFY(child<QLabel>(dialog, "restoreProblem")
                ->text()
                .contains(QStringLiteral("mounted at /srv")));
    QVERIFY(!child<QPushButton>(dialog, "overwrite")->isEnabled());
    QVERIFY(!child<QLineEdit>(dialog, "typedName")->isVisible());
}

void TestDialogs::theWayOutOfARefusedDiskIsInItsDialog()
{
    const SampleArray sample;
    const CreateArrayDialog adopting;
    const MemberDialog adding(sample.snapshot().layout, MemberDialog::Purpose::Add);
    for (const auto& [verb, dialog] : {std::pair<Verb, const QDialog*>{Verb::AdoptDisk, &adopting},
                                       {Verb::CreateArray, &adopting},
                                       {Verb::AddMember, &adding}}) {
        const Error error{ErrorCode::ContentRecognised, 0, "/dev/sdb", "gpt", 0};
        const QStringList quoted = errorText(verb, error).remedy.split(u'“').mid(1);
        QVERIFY(!quoted.isEmpty());
        for (const QString& begins : quoted) {
            const QString name = begins.section(u'”', 0, 0);
            const auto boxes = dialog->findChildren<QCheckBox*>();
            QVERIFY2(std::ranges::any_of(
                         boxes, [&](const QCheckBox* box) { return box->text().startsWith(name); }),
                     qPrintable(name));
        }
    }
}

void TestDialogs::theRestoreSaysWhatIsInNoBackup()
{
    const SampleArray sample;
    RestoreDialog dialog(sample.snapshot(), sample.snapshot().generations.front());
    dialog.setOffer(offerFor(sample, 10));
    QVERIFY(child<Card>(dialog, "willBeErased")->text().contains(QStringLiteral("is not in it")));
    QVERIFY(child<Card>(dialog, "restoredFrom")->text().contains(QStringLiteral("Backup 2 of db")));
}

void TestDialogs::anotherTargetIsPlannedAgain()
{
    const SampleArray sample;
    RestoreDialog dialog(sample.snapshot(), sample.snapshot().generations.front());
    const QSignalSpy wanted(&dialog, &RestoreDialog::planWanted);
    dialog.show();
    dialog.setOffer(offerFor(sample, 10));
    QVERIFY(dialog.plan().has_value());
    auto* targets = child<QComboBox>(dialog, "restoreTarget");
    for (int index = 0; index < targets->count(); ++index)
        QVERIFY(!targets->itemText(index).startsWith(QStringLiteral("vault-1 ")));
    targets->setCurrentIndex(1);
    QVERIFY(wanted.count() >= 1);
    QVERIFY(!dialog.plan().has_value());
    QVERIFY(!child<QPushButton>(dialog, "overwrite")->isEnabled());
    dialog.setOffer(offerFor(sample, 10)); // A late answer for the one before is not taken.
    QVERIFY(!dialog.plan().has_value());
}

void TestDialogs::aNamelessRegionIsConfirmedByItsPartuuid()
{
    SampleArray sample;
    sample.addRegion(30, 2, "", kMiB, {});
    const Region& region = sample.region(30);
    ConfirmDialog dialog({.title = {}, .heading = {}, .explanation = {}, .verb = {}}, nullptr);
    dialog.requireName(
        sample.snapshot().layout, region,
        QStringLiteral("A reason that is much longer than one line of the dialog, so "
                       "that the name to be typed stands on its second or third."));
    dialog.show();
    // The name to be typed was cut off where the prompt wraps.
    QVERIFY(dialog.height() >= dialog.layout()->totalHeightForWidth(dialog.width()));
    auto* typed = child<QLineEdit>(dialog, "typedName");
    QTest::keyClick(typed, Qt::Key_Return);
    QVERIFY(!child<QPushButton>(dialog, "accept")->isEnabled());
    typed->setText(QString::fromStdString(region.id.uuid.toString()));
    QVERIFY(child<QPushButton>(dialog, "accept")->isEnabled());
    QCOMPARE(dialog.confirmedName(), region.id.uuid.toString());
}

void TestDialogs::dialogsBeginInTheirFirstField()
{
    const SampleArray sample;
    const ArrayLayout& layout = sample.snapshot().layout;
    OpenArrayDialog open;
    CreateArrayDialog create;
    AddRegionDialog add(layout);
    RenameRegionDialog rename(layout, sample.region(10));
    MemberDialog member(layout, MemberDialog::Purpose::Add);
    for (QDialog* dialog :
         std::initializer_list<QDialog*>{&open, &create, &add, &rename, &member}) {
        dialog->show();
        dialog->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(dialog));
        const QWidget* first = dialog->focusWidget();
        QVERIFY2(qobject_cast<const QLineEdit*>(first) != nullptr && first->hasFocus(),
                 qPrintable(dialog->objectName()));
        // From there Tab leads to the verb before it comes round again.
        auto* verb = child<QPushButton>(*dialog, "accept");
        verb->setEnabled(true);
        for (int times = 0; times < 20 && !verb->hasFocus(); ++times) {
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
            QVERIFY(QApplication::focusWidget() != first);
            QVERIFY(QApplication::focusWidget() != child<QPushButton>(*dialog, "cancelDialog"));
        }
        QVERIFY(verb->hasFocus());
    }
}

// Return in the field of a new array's first member made an array of that one alone.
void TestDialogs::returnInAPathAddsItToTheList()
{
    OpenArrayDialog open;
    CreateArrayDialog create;
    for (QDialog* dialog : std::initializer_list<QDialog*>{&open, &create}) {
        dialog->show();
        const QSignalSpy ended(dialog, &QDialog::finished);
        auto* path = child<QLineEdit>(*dialog, "memberPath");
        path->setFocus();
        for (const char* name : {"/images/a.img", "/images/b.img"}) {
            QTest::keyClicks(path, QLatin1StringView(name));
            QTest::keyClick(path, Qt::Key_Return);
            QVERIFY(path->text().isEmpty());
        }
        QCOMPARE(child<QListWidget>(*dialog, "memberList")->count(), 2);
        QCOMPARE(ended.count(), 0);
        QVERIFY(child<QPushButton>(*dialog, "accept")->isEnabled());
        QTest::keyClick(path, Qt::Key_Return); // With all of them named.
        QCOMPARE(ended.count(), dialog == &open ? 1 : 0);
    }
    QVERIFY(create.isVisible());
    click(child<QPushButton>(create, "accept"));
    QCOMPARE(create.result(), int(QDialog::Accepted));
}

static QPushButton* verbOf(const QDialog& dialog)
{
    for (const char* name : {"accept", "overwrite", "startBackup"}) {
        if (auto* verb = dialog.findChild<QPushButton*>(QLatin1StringView(name)))
            return verb;
    }
    qFatal("no verb");
}

static void pressReturnInEachField(QDialog& dialog)
{
    dialog.show();
    dialog.activateWindow();
    if (!QTest::qWaitForWindowActive(&dialog))
        qFatal("the dialog is not active");
    verbOf(dialog)->setEnabled(true); // As if all that is asked for were given.
    for (QWidget* field : dialog.findChildren<QWidget*>()) {
        const bool asks = qobject_cast<QLineEdit*>(field) != nullptr ||
                          qobject_cast<QCheckBox*>(field) != nullptr ||
                          qobject_cast<QComboBox*>(field) != nullptr ||
                          qobject_cast<QAbstractItemView*>(field) != nullptr;
        for (const Qt::Key key : {Qt::Key_Return, Qt::Key_Enter}) {
            if (!asks || !field->isVisible() || !field->isEnabled())
                continue;
            field->setFocus();
            QTest::keyClick(field, key);
        }
    }
}

// In none of them, by neither of the two keys; only the field of a name that has to be typed, and
// was, starts what it confirms.
void TestDialogs::returnInAFieldWritesNothing()
{
    SampleArray sample;
    sample.snapshot().layout.members.back().state = MemberState::Missing;
    const ArrayLayout& layout = sample.snapshot().layout;
    CreateArrayDialog create;
    AddRegionDialog region(layout);
    RenameRegionDialog rename(layout, sample.region(10));
    MemberDialog member(layout, MemberDialog::Purpose::Add);
    MemberDialog replacement(layout, MemberDialog::Purpose::Replace);
    ReleaseDiskDialog release(layout);
    ImportDialog import(sample.snapshot(), sample.region(21));
    ImportDialog importOver(sample.snapshot(), sample.region(11));
    ConfirmDialog removal({.title = {}, .heading = {}, .explanation = {}, .verb = {}}, nullptr);
    removal.requireName(layout, sample.region(11), {});
    UndoDialog undo(sample.snapshot(), undoOffer(sample), UndoDialog::Changed::SinceTheRestore);
    BackupDialog backup(sample.snapshot(), sample.region(10), {});
    RestoreDialog restore(sample.snapshot(), sample.snapshot().generations.front());
    for (QDialog* dialog : std::initializer_list<QDialog*>{
             &create, &region, &rename, &member, &replacement, &release, &import, &importOver,
             &removal, &undo, &backup, &restore}) {
        const QSignalSpy ended(dialog, &QDialog::finished);
        pressReturnInEachField(*dialog);
        QVERIFY2(ended.isEmpty(), qPrintable(dialog->objectName()));
        QPushButton* verb = verbOf(*dialog);
        verb->setFocus();
        QTest::keyClick(verb, Qt::Key_Return); // The operator went there.
        QCOMPARE(ended.count(), 1);
    }
}

void TestDialogs::aNameThatIsAskedForLaterComesBeforeTheButtons()
{
    const SampleArray sample;
    ReleaseDiskDialog dialog(sample.snapshot().layout);
    dialog.show();
    dialog.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&dialog));
    auto* members = child<QComboBox>(dialog, "releasedMember");
    QVERIFY(members->hasFocus());
    members->setCurrentIndex(0);
    DiskRelease plan;
    plan.member = sample.snapshot().layout.members.front();
    plan.management = sample.region(12); // One of two of this name.
    plan.losing = plan.management;
    dialog.setPlan(plan.member.id, plan);
    const QString partuuid = QString::fromStdString(sample.region(12).id.uuid.toString());
    QVERIFY(std::ranges::any_of(dialog.findChildren<QLabel*>(), [&](const QLabel* label) {
        return label->text().endsWith(QStringLiteral("PARTUUID of its catalog region:\n") +
                                      partuuid);
    }));
    QTest::keyClick(members, Qt::Key_Tab);
    QVERIFY(child<QLineEdit>(dialog, "typedName")->hasFocus());
}

void TestDialogs::openNeedsAMember()
{
    OpenArrayDialog dialog;
    auto* open = child<QPushButton>(dialog, "accept");
    QVERIFY(!open->isEnabled());
    QTest::keyClicks(child<QLineEdit>(dialog, "memberPath"), QStringLiteral("/images/a.img"));
    QVERIFY(open->isEnabled());
    QTest::mouseClick(child<QPushButton>(dialog, "addMemberPath"), Qt::LeftButton);
    QTest::keyClicks(child<QLineEdit>(dialog, "memberPath"), QStringLiteral("/images/b.img"));
    QCOMPARE(dialog.uris(),
             (QStringList{QStringLiteral("/images/a.img"), QStringLiteral("/images/b.img")}));
}

void TestDialogs::createReadsSizes()
{
    CreateArrayDialog dialog;
    QVERIFY(!dialog.creation().has_value());
    QTest::keyClicks(child<QLineEdit>(dialog, "memberPath"), QStringLiteral("/images/a.img"));
    child<QLineEdit>(dialog, "memberSize")->setText(QStringLiteral("96 MiB"));
    QCOMPARE(dialog.creation()->array.memberSizeBytes, 96 * kMiB);
    child<QLineEdit>(dialog, "memberSize")->setText(QStringLiteral("many"));
    QVERIFY(!dialog.creation().has_value());
    QVERIFY(!child<QPushButton>(dialog, "accept")->isEnabled());
    child<QCheckBox>(dialog, "adopt")->setChecked(true);
    QVERIFY(dialog.creation()->adopt);
    QVERIFY(dialog.creation()->array.overLeftovers.empty());
    child<QCheckBox>(dialog, "overLeftovers")->setChecked(true);
    QCOMPARE(dialog.creation()->array.overLeftovers, dialog.creation()->array.uris);
    child<QCheckBox>(dialog, "adopt")->setChecked(false);
    child<QLineEdit>(dialog, "memberSize")->setText(QStringLiteral("96 MiB"));
    QVERIFY(dialog.creation()->array.overLeftovers.empty());
}

void TestDialogs::whatWasEnteredForANewArrayIsEnteredAgain()
{
    CreateArrayDialog first;
    QTest::keyClicks(child<QLineEdit>(first, "memberPath"), QStringLiteral("/images/a.img"));
    QTest::mouseClick(child<QPushButton>(first, "addMemberPath"), Qt::LeftButton);
    QTest::keyClicks(child<QLineEdit>(first, "memberPath"), QStringLiteral("/images/b.img"));
    QTest::keyClicks(child<QLineEdit>(first, "arrayLabel"), QStringLiteral("rack-07"));
    child<QLineEdit>(first, "memberSize")->setText(QStringLiteral("0.1 TiB"));
    child<QCheckBox>(first, "adopt")->setChecked(true);
    child<QCheckBox>(first, "overLeftovers")->setChecked(true);
    CreateArrayDialog again;
    again.enter(first.input());
    QCOMPARE(again.input().uris, first.input().uris);
    QCOMPARE(child<QLineEdit>(again, "arrayLabel")->text(), QStringLiteral("rack-07"));
    QCOMPARE(child<QLineEdit>(again, "memberSize")->text(), QStringLiteral("0.1 TiB"));
    QVERIFY(child<QCheckBox>(again, "adopt")->isChecked());
    QVERIFY(child<QCheckBox>(again, "overLeftovers")->isChecked());
    QVERIFY(child<QPushButton>(again, "accept")->isEnabled());
}

void TestDialogs::leftoversAreOverwrittenOnlyWhereThatWasTicked()
{
    const SampleArray sample;
    MemberDialog dialog(sample.snapshot().layout, MemberDialog::Purpose::Add);
    child<QLineEdit>(dialog, "memberPath")->setText(QStringLiteral("/images/a.img"));
    auto* over = child<QCheckBox>(dialog, "overLeftovers");
    QVERIFY(!over->isEnabled());
    child<QCheckBox>(dialog, "adopt")->setChecked(true);
    QVERIFY(over->isEnabled() && !over->isChecked());
    QCOMPARE(dialog.wanted()->leftovers, Leftovers::Keep);
    over->setChecked(true);
    QCOMPARE(dialog.wanted()->leftovers, Leftovers::Overwrite);
}

void TestDialogs::aDiskIsLeftToRootWithTheLine()
{
    const SampleArray sample;
    MemberDialog dialog(sample.snapshot().layout, MemberDialog::Purpose::Add);
    dialog.leaveToRoot([](const Array::NewMember& member) {
        return member.uri == "/dev/sdb" ? QStringLiteral("sudo cairnctl …") : QString();
    });
    auto* path = child<QLineEdit>(dialog, "memberPath");
    const auto* verb = child<QPushButton>(dialog, "accept");
    const auto* line = child<QLineEdit>(dialog, "memberCommand");
    path->setText(QStringLiteral("/dev/sdb"));
    QVERIFY(!verb->isEnabled());
    QVERIFY(line->isVisibleTo(&dialog));
    QCOMPARE(line->text(), QStringLiteral("sudo cairnctl …"));
    path->setText(QStringLiteral("/images/a.img"));
    QVERIFY(verb->isEnabled());
    QVERIFY(!line->isVisibleTo(&dialog));
}

void TestDialogs::everyControlHasANameForAssistiveTechnology()
{
    const SampleArray sample;
    const BackupDialog backup(sample.snapshot(), sample.region(10), {});
    const RestoreDialog restore(sample.snapshot(), sample.snapshot().generations.front());
    const OpenArrayDialog open;
    const CreateArrayDialog create;
    const AddRegionDialog add(sample.snapshot().layout);
    const UndoDialog undo(sample.snapshot(), undoOffer(sample),
                          UndoDialog::Changed::SinceTheRestore);
    for (const QWidget* dialog :
         std::initializer_list<const QWidget*>{&backup, &restore, &open, &create, &add, &undo}) {
        const auto widgets = dialog->findChildren<QWidget*>();
        for (const QWidget* widget : widgets) {
            const bool control = qobject_cast<const QLineEdit*>(widget) != nullptr ||
                                 qobject_cast<const QAbstractButton*>(widget) != nullptr ||
                                 qobject_cast<const QComboBox*>(widget) != nullptr;
            if (!control || widget->objectName().startsWith(QStringLiteral("qt_")) ||
                qobject_cast<const QAbstractItemView*>(widget->parentWidget()) != nullptr)
                continue;
            const auto* button = qobject_cast<const QAbstractButton*>(widget);
            const bool named = !widget->accessibleName().isEmpty() ||
                               (button != nullptr && !button->text().isEmpty());
            QVERIFY2(named, qPrintable(dialog->objectName() + u'/' + widget->objectName()));
            QVERIFY2(!widget->objectName().isEmpty(), qPrintable(dialog->objectName()));
        }
    }
}

QTEST_MAIN(TestDialogs)
#include "test_dialogs.moc"
