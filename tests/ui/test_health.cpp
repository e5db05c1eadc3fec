// The health panel: members as they are, and faults that say exactly what the fields say.
#include "core/catalog/catalog.h"
#include "core/catalog/management_region.h"
#include "tests/ui/child.h"
#include "tests/ui/sample_snapshot.h"
#include "ui/attention.h"
#include "ui/record_text.h"
#include "ui/widgets/colors.h"
#include "ui/widgets/health_panel.h"
#include "ui/widgets/theme.h"

#include <QLabel>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

using namespace cairn;
using namespace cairn::test;

class TestHealth : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void eachMemberHasACardThatTellsItsState();
    void ofAMissingMemberOnlyWhatIsKnownIsSaid();
    void whatIsNoMemberIsSaidToBeForeign();
    void aCopiedCatalogIsSaidToBeOne();
    void aMemberIsGreenOnlyWithASoundCatalog();
    void aDiskThatWasReplacedTellsHowItsBackupsAreUsed();
    void aDiskWhoseGuidsWereChangedTellsTheCommandThatGivesThemBack();
    void whatWaitsIsShownAboveTheMembers();
    void whatWaitsNoMoreIsNotShown();
    void whatProvesNothingIsShown();
    void whatIsInDoubtIsNotSaidToBeNeverReadBack();
    void aPartialBackupTellsHowMuchOfItDiffers();
    void whatIsInterruptedIsNotCalledSafe();
    void whatAnotherHistoryLeftHasNoNumber();
    void onlySimulatedDisksHaveFaults();
    void fieldsAndFaultsAreTheSame();
    void whatTheFieldsDoNotShowIsKept();
    void healingEndsEverything();
    void whatIsTypedOutlivesARefresh();
    void faultsChangedElsewhereAreShown();
    void namesAreReadableInBothLooks();
    void theWheelChangesOnlyTheFieldWithTheFocus();
    void everyFieldHasANameForAssistiveTechnology();

private:
    static ArraySnapshot simulated();
};

namespace {

Faults wantedBy(FaultPanel& panel, const char* button)
{
    Faults wanted;
    const auto connection = QObject::connect(&panel, &FaultPanel::wanted,
                                             [&](const Faults& faults) { wanted = faults; });
    child<QPushButton>(panel, button)->click();
    QObject::disconnect(connection);
    return wanted;
}

} // namespace

ArraySnapshot TestHealth::simulated()
{
    SampleArray sample;
    sample.snapshot().simulation.emplace();
    for (const char* file : {"disk-a.img", "disk-b.img"}) {
        SimulatedDisk disk;
        disk.file = file;
        sample.snapshot().simulation->members.push_back(disk);
    }
    return sample.snapshot();
}

void TestHealth::eachMemberHasACardThatTellsItsState()
{
    SampleArray sample;
    sample.snapshot().layout.members[1].state = MemberState::Failed;
    sample.snapshot().layout.members[1].problem = "read error <b>";
    HealthPanel panel;
    panel.setSnapshot(sample.snapshot());
    const auto cards = panel.findChildren<Card*>();
    QCOMPARE(cards.size(), 2);
    QVERIFY2(cards[0]->text().contains(QStringLiteral("present")), qPrintable(cards[0]->text()));
    QVERIFY2(cards[0]->text().contains(QStringLiteral("4 GiB, 190 MiB free")),
             qPrintable(cards[0]->text()));
    QVERIFY2(cards[1]->text().contains(QStringLiteral("failed\nread error <b>")),
             qPrintable(cards[1]->text()));
    sample.snapshot().layout.members[1].state = MemberState::Present;
    panel.setSnapshot(sample.snapshot());
    QVERIFY(panel.findChildren<Card*>().at(1)->text().contains(QStringLiteral("present")));
}

// Incident: it was said to have 0 B free and no copy of the catalog, and nothing could be done.
void TestHealth::ofAMissingMemberOnlyWhatIsKnownIsSaid()
{
    SampleArray sample;
    Member& missing = sample.snapshot().layout.members[1];
    missing.state = MemberState::Missing;
    missing.free.clear();
    std::erase_if(sample.snapshot().layout.regions,
                  [&](const Region& region) { return region.member == missing.id; });
    HealthPanel panel;
    panel.setSnapshot(sample.snapshot());
    const Card* card = panel.findChildren<Card*>().at(1);
    const QString said = card->text();
    QVERIFY2(!said.contains(QStringLiteral("free")), qPrintable(said));
    QVERIFY2(!said.contains(QStringLiteral("no copy")), qPrintable(said));
    for (const char* known :
         {"disk-b.img\nmissing\n", "4 GiB when it was last seen",
          "Has a copy of the catalog, which", "records name: vault-1", "Backups on it: #2",
          "Backup 2 of db used it last, 2023-11-1", "Last seen at /images/disk-b.img"})
        QVERIFY2(said.contains(QLatin1StringView(known)), qPrintable(said));
    QSignalSpy files(&panel, &HealthPanel::missingFilesWanted);
    QSignalSpy replacement(&panel, &HealthPanel::replacementWanted);
    child<QPushButton>(*card, "openWithFile")->click();
    child<QPushButton>(*card, "replaceAway")->click();
    QCOMPARE(files.count(), 1);
    QCOMPARE(replacement.count(), 1);
    QCOMPARE(replacement.front().front().value<Uuid>(), missing.id);
    missing.holdsCatalog = false;
    sample.snapshot().generations.clear();
    panel.setSnapshot(sample.snapshot());
    const QString less = panel.findChildren<Card*>().at(1)->text();
    QVERIFY2(less.contains(QStringLiteral("Has no copy of the catalog\nNo backup on it")),
             qPrintable(less));
    missing.state = MemberState::Present; // It is back.
    panel.setSnapshot(sample.snapshot());
    QVERIFY(panel.findChild<QPushButton*>(QStringLiteral("replaceAway")) == nullptr);
}

// Incident: an image beside the array was called a member that failed.
void TestHealth::whatIsNoMemberIsSaidToBeForeign()
{
    SampleArray sample;
    Member stranger;
    stranger.location = "/images/photos.img";
    stranger.sizeBytes = 64 * kMiB;
    stranger.state = MemberState::Foreign;
    stranger.problem = "signature; signature; ext4";
    stranger.bare = filesystem("ext4", "photos", 0);
    sample.snapshot().layout.members.push_back(stranger);
    HealthPanel panel;
    panel.setSnapshot(sample.snapshot());
    const Card* card = panel.findChildren<Card*>().at(2);
    QVERIFY2(card->text().contains(
                 QStringLiteral("foreign: no member of this array\nno GPT on it: ext4 “photos”")),
             qPrintable(card->text()));
    QVERIFY2(!card->text().contains(QStringLiteral("free")), qPrintable(card->text()));
    QSignalSpy leftOut(&panel, &HealthPanel::leftOutWanted);
    child<QPushButton>(*card, "leaveOut")->click();
    QCOMPARE(leftOut.front().front().value<std::string>(), stranger.location);
}

// Incident: of a management region that was copied there with dd it was said that it holds the
// catalog of another array; it may be that of another member of this one.
void TestHealth::aCopiedCatalogIsSaidToBeOne()
{
    SampleArray sample;
    Member& member = sample.snapshot().layout.members[1];
    member.problem = std::string(kOfAnotherDisk) + " (member 1 of array 2)";
    CatalogCopyStatus status;
    status.member = member.id;
    status.state = CatalogCopyState::Foreign;
    sample.snapshot().catalog->copies = {status};
    HealthPanel panel;
    panel.setSnapshot(sample.snapshot());
    const QString said = panel.findChildren<Card*>().at(1)->text();
    for (const char* told : {"copied there from another disk", "believed only on its own disk",
                             "cairnctl array add-catalog /images/disk-b.img"})
        QVERIFY2(said.contains(QLatin1StringView(told)), qPrintable(said));
    QVERIFY2(!said.contains(QStringLiteral("the catalog of another array")), qPrintable(said));
    member.problem.clear();
    panel.setSnapshot(sample.snapshot());
    QVERIFY(panel.findChildren<Card*>().at(1)->text().contains(
        QStringLiteral("Holds the catalog of another array")));
}

// Incident: of the backups on a disk that was replaced and came back the window told nothing.
// Incident: a card was green beside "Its copy of the catalog is damaged".
void TestHealth::aMemberIsGreenOnlyWithASoundCatalog()
{
    SampleArray sample;
    auto& copies = sample.snapshot().catalog->copies;
    CatalogCopyStatus status;
    status.member = sample.snapshot().layout.members[0].id;
    copies = {status};
    HealthPanel panel;
    const auto toneWith = [&](CatalogCopyState state) {
        copies[0].state = state;
        panel.setSnapshot(sample.snapshot());
        return panel.findChildren<Card*>().at(0)->tone();
    };
    QCOMPARE(toneWith(CatalogCopyState::Current), Card::Tone::Good);
    QCOMPARE(toneWith(CatalogCopyState::Behind), Card::Tone::Plain);
    QCOMPARE(toneWith(CatalogCopyState::Diverged), Card::Tone::Bad);
    QCOMPARE(toneWith(CatalogCopyState::Damaged), Card::Tone::Bad);
    QCOMPARE(toneWith(CatalogCopyState::Foreign), Card::Tone::Bad);
}

void TestHealth::aDiskThatWasReplacedTellsHowItsBackupsAreUsed()
{
    SampleArray sample;
    Member back;
    back.id = uuid(7);
    back.location = "/images/old.img";
    back.sizeBytes = 64 * kMiB;
    back.state = MemberState::Foreign;
    back.problem = kHasLeft;
    sample.snapshot().layout.members.push_back(back);
    HealthPanel panel;
    panel.setSnapshot(sample.snapshot());
    const QString text = panel.findChildren<Card*>().at(2)->text();
    QVERIFY2(text.contains(QStringLiteral("cairnctl import FILE.tar REGION")), qPrintable(text));
}

// Incident: of a member whose disk GUID was changed by sgdisk -G the window knew only "foreign",
// and told to fill its management region anew.
void TestHealth::aDiskWhoseGuidsWereChangedTellsTheCommandThatGivesThemBack()
{
    SampleArray sample;
    Member& member = sample.snapshot().layout.members[1];
    member.location = "/images/disk b.img";
    member.problem = std::string(kOfAnotherDisk) + " (member 1 of array 2)";
    member.state = MemberState::Foreign;
    CatalogCopyStatus status;
    status.member = member.id;
    status.state = CatalogCopyState::Foreign;
    sample.snapshot().catalog->copies = {status};
    const ArraySnapshot before = sample.snapshot();
    sample.snapshot().formerDisks[member.id] = {
        .disk = uuid(9), .location = "/dev/sdq", .regions = {{.entry = 2, .uuid = uuid(20)}}};
    QVERIFY(!sample.snapshot().showsSameAs(before));
    HealthPanel panel;
    panel.setSnapshot(sample.snapshot());
    const Card* card = panel.findChildren<Card*>().at(1);
    const QString disk = QStringLiteral("\"/images/disk b.img\"");
    const QString command = QStringLiteral("sfdisk --disk-id %1 %2 && sfdisk --part-uuid %1 2 %3")
                                .arg(disk, QString::fromStdString(uuid(9).toString()),
                                     QString::fromStdString(uuid(20).toString()));
    QVERIFY2(card->text().contains(command), qPrintable(card->text()));
    QVERIFY2(card->text().contains(QStringLiteral("/dev/sdq")), qPrintable(card->text()));
    QVERIFY2(!card->text().contains(QStringLiteral("add-catalog")), qPrintable(card->text()));
    // Nobody shall have to type a GUID.
    const auto labels = card->findChildren<QLabel*>();
    const auto told = std::ranges::find_if(
        labels, [&](const QLabel* label) { return label->text().contains(command); });
    QVERIFY(told != labels.end());
    QVERIFY((*told)->textInteractionFlags().testFlag(Qt::TextSelectableByMouse));
    sample.snapshot().formerDisks.clear();
    sample.snapshot().formerRegions[member.id] = {{.entry = 2, .uuid = uuid(20)}};
    panel.setSnapshot(sample.snapshot());
    QVERIFY2(panel.findChildren<Card*>().at(1)->text().contains(
                 QStringLiteral("gives them back: sfdisk --part-uuid")),
             qPrintable(panel.findChildren<Card*>().at(1)->text()));
}

// Incident: half-written regions were seen in the map alone.
void TestHealth::whatWaitsIsShownAboveTheMembers()
{
    SampleArray sample;
    sample.addGeneration(3, GenerationState::Interrupted, 11, 21);
    Job backup;
    backup.generation = 3;
    backup.source = sample.snapshot().generations.back().source;
    backup.target = sample.snapshot().generations.back().target;
    sample.snapshot().interrupted.push_back(backup);
    const RegionId db{uuid(10)};
    sample.snapshot().unfinished[db] = {RefusalReason::HalfWritten, 0,
                                        writeKindName(WriteKind::RegionImport)};
    HealthPanel panel;
    panel.setSnapshot(sample.snapshot());
    const auto waiting = panel.findChildren<Card*>(QStringLiteral("attention"));
    QCOMPARE(waiting.size(), 2);
    const QString job = waiting[0]->text();
    QVERIFY2(job.contains(QStringLiteral("Backup 3 of web\ninterrupted")), qPrintable(job));
    QVERIFY2(job.contains(QStringLiteral("Choose Resume or Discard")), qPrintable(job));
    const QString half = waiting[1]->text();
    QVERIFY2(half.contains(QStringLiteral("db\nhalf-written")), qPrintable(half));
    QVERIFY2(half.contains(QStringLiteral("Restore, undo or import it again")), qPrintable(half));
    QVERIFY2(half.contains(QStringLiteral("Accept as it is")), qPrintable(half));
    RegionId chosen;
    connect(&panel, &HealthPanel::regionChosen, &panel,
            [&chosen](const RegionId& region) { chosen = region; });
    child<QPushButton>(*waiting[1], "selectRegion")->click();
    QCOMPARE(chosen, db);
}

void TestHealth::whatWaitsNoMoreIsNotShown()
{
    SampleArray sample;
    HealthPanel panel;
    panel.setSnapshot(sample.snapshot());
    QVERIFY(panel.findChildren<Card*>(QStringLiteral("attention")).isEmpty());
    const RegionId vault{uuid(21)};
    sample.snapshot().unfinished[vault] = {RefusalReason::HalfWritten, 3,
                                           writeKindName(WriteKind::Backup)};
    panel.setSnapshot(sample.snapshot());
    const QString said = panel.findChild<Card*>(QStringLiteral("attention"))->text();
    QVERIFY2(said.contains(QStringLiteral("a part of backup 3, which was given up")),
             qPrintable(said));
    QVERIFY2(said.contains(QStringLiteral("can be a target again")), qPrintable(said));
    sample.snapshot().unfinished.clear();
    panel.setSnapshot(sample.snapshot());
    QVERIFY(panel.findChildren<Card*>(QStringLiteral("attention")).isEmpty());
}

// Incident: of backups that are damaged, or that nobody ever read back, health said nothing.
void TestHealth::whatProvesNothingIsShown()
{
    SampleArray sample;
    sample.snapshot().generations.front().state = GenerationState::Partial;
    for (GenerationNumber number = 3; number < 9; ++number)
        sample.addGeneration(number, GenerationState::Copied, 11, 21);
    HealthPanel panel;
    panel.setSnapshot(sample.snapshot());
    const auto waiting = panel.findChildren<Card*>(QStringLiteral("attention"));
    QCOMPARE(waiting.size(), 2);
    QVERIFY2(waiting[0]->text().contains(QStringLiteral("Backup 2 of db\npartial")),
             qPrintable(waiting[0]->text()));
    const QString unproved = waiting[1]->text();
    QVERIFY2(unproved.contains(QStringLiteral("Backup 6 of web, 2 more\nnot verified")),
             qPrintable(unproved));
    QVERIFY2(unproved.contains(QStringLiteral("The filter Not verified lists them")),
             qPrintable(unproved));
    QVERIFY(unfinishedOf(sample.snapshot()).empty()); // Both can be used.
}

// Incident: of a backup that the other history may have overwritten, "never read back" was said.
void TestHealth::whatIsInDoubtIsNotSaidToBeNeverReadBack()
{
    SampleArray sample;
    Generation& doubtful = sample.snapshot().generations.front();
    doubtful.state = GenerationState::Copied; // Its verifiedMs stays.
    const auto all = attentionOf(sample.snapshot());
    QCOMPARE(all.size(), std::size_t{1});
    QCOMPARE(all.front().word, QStringLiteral("in doubt"));
    QVERIFY2(all.front().state.contains(QStringLiteral("may have been overwritten since, as by a "
                                                       "history that was given up")),
             qPrintable(all.front().state));
    QVERIFY2(all.front().remedy.startsWith(QStringLiteral("Verify it before relying on it")),
             qPrintable(all.front().remedy));
    doubtful.verifiedMs = 0;
    QCOMPARE(attentionOf(sample.snapshot()).front().word, QStringLiteral("not verified"));
    QVERIFY(attentionOf(sample.snapshot())
                .front()
                .remedy.startsWith(QStringLiteral("Select its region")));
}

// Incident: "most of it may be whole" was said of one of which every chunk differed.
void TestHealth::aPartialBackupTellsHowMuchOfItDiffers()
{
    SampleArray sample;
    Generation& partial = sample.snapshot().generations.front();
    partial.state = GenerationState::Partial;
    partial.failure = ErrorCode::DigestMismatch;
    partial.sizeBytes = 5 * kMiB / 2; // Its last chunk is half of one.
    partial.damaged.add(0);
    const auto told = [&] { return attentionOf(sample.snapshot()).front(); };
    QCOMPARE(told().state, QStringLiteral("1 MiB of 2.5 MiB differ from what was copied."));
    QVERIFY2(told().remedy.contains(QStringLiteral("keep this one")), qPrintable(told().remedy));
    partial.damaged.add(1);
    partial.damaged.add(2);
    QCOMPARE(told().state, QStringLiteral("2.5 MiB of 2.5 MiB differ from what was copied: "
                                          "nothing of it is usable."));
    QVERIFY2(!told().remedy.contains(QStringLiteral("keep this one")), qPrintable(told().remedy));
}

// Incident: what was copied was called safe, unproven, and on a disk that was missing.
void TestHealth::whatIsInterruptedIsNotCalledSafe()
{
    SampleArray sample;
    Job job;
    job.generation = 3;
    job.sizeBytes = 8 * kMiB;
    job.source = {RegionId{uuid(10)}, "db", uuid(1)};
    job.target = {RegionId{uuid(21)}, "vault-2", uuid(2)};
    job.done.add(0);
    sample.snapshot().interrupted = {job};
    const auto told = [&] { return attentionOf(sample.snapshot()).front().state; };
    QCOMPARE(told(), QStringLiteral("1 MiB of 8 MiB are copied into vault-2, and not read back. "
                                    "db is untouched."));
    std::erase_if(sample.snapshot().layout.regions,
                  [](const Region& region) { return region.id == RegionId{uuid(21)}; });
    QCOMPARE(told(), QStringLiteral("1 MiB of 8 MiB are copied into vault-2, and not read back. "
                                    "The disk with vault-2 is missing. db is untouched."));
}

// Incident: of what another history had begun "backup 0" was said.
void TestHealth::whatAnotherHistoryLeftHasNoNumber()
{
    SampleArray sample;
    sample.snapshot().unfinished[RegionId{uuid(21)}] = {RefusalReason::HalfWritten, 0,
                                                        writeKindName(WriteKind::Backup)};
    HealthPanel panel;
    panel.setSnapshot(sample.snapshot());
    const QString said = panel.findChild<Card*>(QStringLiteral("attention"))->text();
    QVERIFY2(said.contains(QStringLiteral("begun in a history that was given up")),
             qPrintable(said));
    for (const WriteKind kind : {WriteKind::Backup, WriteKind::Restore, WriteKind::Undo}) {
        const QString accepted = acceptedDisplay({.kind = kind, .region = {}, .acceptedMs = 1});
        QVERIFY2(!accepted.contains(u'0' + QStringLiteral(" left")), qPrintable(accepted));
        QVERIFY2(accepted.contains(QStringLiteral("a history that was given up")),
                 qPrintable(accepted));
    }
}

void TestHealth::onlySimulatedDisksHaveFaults()
{
    const SampleArray sample;
    HealthPanel panel;
    panel.setSnapshot(sample.snapshot());
    QVERIFY(panel.findChildren<FaultPanel*>().isEmpty());
    panel.setSnapshot(simulated());
    QCOMPARE(panel.findChildren<FaultPanel*>().size(), 2);
}

void TestHealth::fieldsAndFaultsAreTheSame()
{
    const SampleArray sample;
    FaultPanel panel({}, {sample.region(10), sample.region(11)});
    child<QSpinBox>(panel, "faultLatency")->setValue(25);
    child<QSpinBox>(panel, "faultBandwidth")->setValue(8);
    child<QDoubleSpinBox>(panel, "faultReadErrors")->setValue(1.5);
    child<QDoubleSpinBox>(panel, "faultWriteErrors")->setValue(0.5);
    child<QComboBox>(panel, "faultBadRange")->setCurrentText(QStringLiteral("web"));
    child<QSpinBox>(panel, "faultPowerCut")->setValue(3);
    child<QCheckBox>(panel, "faultTorn")->setChecked(true);
    child<QCheckBox>(panel, "faultFull")->setChecked(true);
    child<QCheckBox>(panel, "faultPulled")->setChecked(true);
    const Faults wanted = wantedBy(panel, "applyFaults");
    QCOMPARE(wanted.latencyUs, std::uint64_t{25'000});
    QCOMPARE(wanted.bandwidthBytesPerSecond, 8 * kMiB);
    QCOMPARE(wanted.readErrorRate, 0.015);
    QCOMPARE(wanted.writeErrorRate, 0.005);
    QCOMPARE(wanted.cutPowerAtWrite, std::uint64_t{3});
    QVERIFY(wanted.tornWrite && wanted.full && wanted.pulled);
    QCOMPARE(wanted.unreadable.size(), std::size_t{1});
    const ByteRange web = sample.region(11).extent;
    QVERIFY(wanted.unreadable[0].offsetBytes > web.offsetBytes &&
            *wanted.unreadable[0].end() < *web.end());
    FaultPanel other({}, {sample.region(10), sample.region(11)});
    other.setFaults(wanted);
    QCOMPARE(child<QComboBox>(other, "faultBadRange")->currentText(), QStringLiteral("web"));
    QCOMPARE(child<QSpinBox>(other, "faultLatency")->value(), 25);
    QVERIFY(child<QCheckBox>(other, "faultPulled")->isChecked());
}

void TestHealth::whatTheFieldsDoNotShowIsKept()
{
    const SampleArray sample;
    Faults before;
    before.bandwidthBytesPerSecond = 300'000'000; // No whole number of MiB.
    before.unwritable = {{kMiB, kMiB}};
    before.unreadable = {{5 * kMiB, 4096}};
    before.seed = 77;
    FaultPanel panel(before, {sample.region(10)});
    child<QCheckBox>(panel, "faultFull")->setChecked(true);
    const Faults wanted = wantedBy(panel, "applyFaults");
    QVERIFY(wanted.full);
    QCOMPARE(wanted.bandwidthBytesPerSecond, std::uint64_t{300'000'000});
    QVERIFY(wanted.unwritable == before.unwritable);
    QVERIFY(wanted.unreadable == before.unreadable);
    QCOMPARE(wanted.seed, std::uint64_t{77});
}

void TestHealth::healingEndsEverything()
{
    Faults before;
    before.pulled = true;
    before.latencyUs = 9000;
    before.unwritable = {{kMiB, kMiB}};
    FaultPanel panel(before, {});
    const Faults wanted = wantedBy(panel, "clearFaults");
    QVERIFY(!wanted.pulled && wanted.latencyUs == 0 && wanted.unwritable.empty());
    QVERIFY(!child<QCheckBox>(panel, "faultPulled")->isChecked());
}

void TestHealth::whatIsTypedOutlivesARefresh()
{
    HealthPanel panel;
    panel.setSnapshot(simulated());
    auto* faults = panel.findChild<FaultPanel*>();
    child<QSpinBox>(*faults, "faultLatency")->setValue(12);
    ArraySnapshot later = simulated();
    later.layout.members[0].state = MemberState::ReadOnly;
    panel.setSnapshot(later);
    QCOMPARE(panel.findChild<FaultPanel*>(), faults);
    QCOMPARE(child<QSpinBox>(*faults, "faultLatency")->value(), 12);
}

void TestHealth::faultsChangedElsewhereAreShown()
{
    HealthPanel panel;
    ArraySnapshot now = simulated();
    panel.setSnapshot(now);
    auto* faults = panel.findChild<FaultPanel*>();
    now.simulation->members[0].faults.latencyUs = 7000;
    panel.setSnapshot(now);
    QCOMPARE(child<QSpinBox>(*faults, "faultLatency")->value(), 7);
    child<QSpinBox>(*faults, "faultLatency")->setValue(12); // Being changed here:
    now.simulation->members[0].faults.latencyUs = 3000;
    panel.setSnapshot(now);
    QCOMPARE(child<QSpinBox>(*faults, "faultLatency")->value(), 12);
    child<QPushButton>(*faults, "applyFaults")->click(); // and then it follows again.
    panel.setSnapshot(now);
    QCOMPARE(child<QSpinBox>(*faults, "faultLatency")->value(), 3);
}

// Relative luminance and contrast as WCAG 2.1 defines them.
static double luminance(const QColor& color)
{
    const auto linear = [](double part) {
        return part <= 0.03928 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) +
           0.0722 * linear(color.blueF());
}

void TestHealth::namesAreReadableInBothLooks()
{
    applyTheme(ThemeChoice::Light);
    HealthPanel panel;
    ArraySnapshot snapshot = simulated();
    snapshot.layout.members[1].state = MemberState::Failed;
    panel.setSnapshot(snapshot);
    panel.show();
    for (const auto choice : {ThemeChoice::Dark, ThemeChoice::Light, ThemeChoice::Dark}) {
        applyTheme(choice);
        QCoreApplication::processEvents();
        for (const Card* card : panel.findChildren<Card*>()) {
            const auto* title = card->findChild<QLabel*>();
            const double text = luminance(title->palette().color(QPalette::WindowText));
            const double ground = luminance(colorsOf(QGuiApplication::palette()).base);
            const double contrast =
                (std::max(text, ground) + 0.05) / (std::min(text, ground) + 0.05);
            QVERIFY2(contrast >= 4.5, qPrintable(QString::number(contrast)));
        }
    }
}

// Incident: to scroll the pane changed the faults under the mouse.
void TestHealth::theWheelChangesOnlyTheFieldWithTheFocus()
{
    const SampleArray sample;
    FaultPanel panel({}, {sample.region(10), sample.region(11)});
    panel.show();
    QVERIFY(QTest::qWaitForWindowActive(&panel));
    const auto turn = [](QWidget* field) {
        const QPointF at = field->rect().center();
        QWheelEvent turned(at, field->mapToGlobal(at), {}, QPoint(0, 120), Qt::NoButton,
                           Qt::NoModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(field, &turned);
        return turned.isAccepted();
    };
    auto* latency = child<QSpinBox>(panel, "faultLatency");
    auto* errors = child<QDoubleSpinBox>(panel, "faultReadErrors");
    auto* range = child<QComboBox>(panel, "faultBadRange");
    range->setCurrentIndex(1);
    for (QWidget* field : std::initializer_list<QWidget*>{errors, range}) {
        QVERIFY(!turn(field));
        QVERIFY(!field->hasFocus());
    }
    QCOMPARE(errors->value(), 0.0);
    QCOMPARE(range->currentIndex(), 1);
    latency->setFocus();
    QVERIFY(turn(latency));
    QCOMPARE(latency->value(), 1);
}

void TestHealth::everyFieldHasANameForAssistiveTechnology()
{
    HealthPanel panel;
    panel.setSnapshot(simulated());
    for (const QWidget* each : panel.findChild<FaultPanel*>()->findChildren<QWidget*>()) {
        const bool control = qobject_cast<const QAbstractSpinBox*>(each) != nullptr ||
                             qobject_cast<const QComboBox*>(each) != nullptr ||
                             qobject_cast<const QAbstractButton*>(each) != nullptr;
        if (control)
            QVERIFY2(!each->accessibleName().isEmpty(), qPrintable(each->objectName()));
    }
}

QTEST_MAIN(TestHealth)
#include "test_health.moc"
