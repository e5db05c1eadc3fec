// Removing Cairn from a disk leaves a clean table and every byte of the other partitions.
#include "core/backup/release_disk.h"

#include "core/array/gpt/gpt_types.h"
#include "core/backup/guards.h"
#include "core/backup/keep.h"
#include "core/backup/resume.h"
#include "tests/support/array_files.h"
#include "tests/support/array_fixture.h"
#include "tests/support/run_program.h"
#include "tests/support/test_environment.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 4 * kMiB;
constexpr std::uint64_t kTableBytes = 34UL * 512; // Also that much at the end.

struct BackedUp {
    QTemporaryDir directory;
    ArrayFixture array{directory.path().toStdString()};
    RegionId source = array.addRegion("root", kSize, 0);
    RegionId target = array.addRegion("copy", kSize, 1);

    BackedUp()
    {
        array.fillRandom(source, 1);
        must(array.backUp(source, target));
    }

    Uuid member(std::size_t index) { return (*array).layout().members.at(index).id; }
    // The PARTUUID of the member's management region.
    std::string catalogOn(std::size_t index)
    {
        for (const Region& region : (*array).layout().regions) {
            if (region.role == RegionRole::Management && region.member == member(index))
                return region.id.uuid.toString();
        }
        return {};
    }
    // Its identity. The disk is kept elsewhere.
    Uuid lose(std::size_t index)
    {
        const Uuid lost = member(index);
        array.detach();
        move(array.paths().at(index), away(index));
        array.attach({array.uris().at(1 - index)});
        return lost;
    }
    void find(std::size_t index) const { move(away(index), array.paths().at(index)); }
    [[nodiscard]] std::string away(std::size_t index) const
    {
        return array.paths().at(index) + ".away";
    }
    static void move(const std::string& from, const std::string& to)
    {
        if (!QFile::rename(QString::fromStdString(from), QString::fromStdString(to)))
            stopTest("move", {});
    }
    [[nodiscard]] bool lists(const Uuid& id) { return (*array).layout().findMember(id) != nullptr; }
    Result<void> release(std::size_t index)
    {
        return releaseDisk(*array, member(index), catalogOn(index));
    }
};

QByteArray tableOf(const std::string& path)
{
    return runOrDie("sfdisk", {"--dump", QString::fromStdString(path)});
}

} // namespace

class TestReleaseDisk : public QObject {
    Q_OBJECT

private slots:
    void onlyTheTableChanges();
    void theOtherMembersKeepTheHistory();
    // Incident: the question did not say that the disk held the last good copy.
    void theLastGoodCopiesThatGoAreNamed();
    void theLastOneIsReleasedToo();
    void aReleasedDiskCanBeAdoptedAgain();
    void itIsRefusedWithoutTheNameOfTheCatalog();
    void aHeldBackupKeepsTheDisk();
    void anInterruptedJobKeepsTheDisk();
    void aReleaseThatWasCutShortIsEnded();
    // Incident: a disk that died without a new one for its place was called missing for ever.
    void aLostMemberLeaves();
    void aLostMemberWithALastGoodCopyLeavesByNameOnly();
    void aDiskThatIsOnlyNotNamedStays();
    void aLostMemberWithAHeldBackupStays();
    void aLostMemberThatAJobNeedsStays();
    void aLostMemberOfASimulatedArrayIsDescribedNoMore();
    void whatTurnsUpAfterwardsIsNotWritten();
    void aReleaseOfALostMemberThatWasCutShortIsEnded();
};

void TestReleaseDisk::onlyTheTableChanges()
{
    BackedUp backup;
    const std::string path = backup.array.paths().at(1);
    // What the catalog itself writes while the member is given up lies in its own region.
    Region catalog;
    for (const Region& region : (*backup.array).layout().regions) {
        if (region.role == RegionRole::Management && region.member == backup.member(1))
            catalog = region;
    }
    const auto before = readImage(path);
    must(backup.release(1));
    backup.array.detach();
    const auto after = readImage(path);
    QCOMPARE(after.size(), before.size());
    for (std::size_t at = kTableBytes; at < after.size() - kTableBytes; ++at) {
        if (at == catalog.extent.offsetBytes)
            at += catalog.extent.lengthBytes;
        if (before[at] != after[at])
            QFAIL(qPrintable(QString("byte %1 changed").arg(at)));
    }
    const QByteArray table = tableOf(path).toLower();
    QVERIFY2(!table.contains(kManagementType.toString().c_str()), table.constData());
    QVERIFY2(!table.contains(kBackupType.toString().c_str()), table.constData());
    QVERIFY2(!table.contains("cairn"), table.constData());
    // A copy still is not mounted beside its source by a desktop.
    QVERIFY2(table.contains("name=\"copy\", attrs=\"guid:63\""), table.constData());
    QVERIFY(runOrDie("sfdisk", {"--verify", QString::fromStdString(path)}).contains("No errors"));
}

void TestReleaseDisk::theOtherMembersKeepTheHistory()
{
    BackedUp backup;
    const Uuid gone = backup.member(1);
    const DiskRelease cost = must(planRelease(*backup.array, gone));
    QVERIFY(!cost.lastCatalog);
    QCOMPARE(cost.loss.backups, std::vector<GenerationNumber>{1});
    must(backup.release(1));

    backup.array.attach({backup.array.uris().at(0)});
    const ArrayLayout layout = (*backup.array).layout();
    QCOMPARE(layout.members.size(), 1U); // Not even as missing.
    QCOMPARE(backup.array.state(1), GenerationState::Good);
    const auto kinds = backup.array.eventKinds();
    QVERIFY(std::ranges::find(kinds, EventKind::MemberReleased) != kinds.end());
    // Writing goes on without it.
    must(addRegion(*backup.array, {"more", kSize, nullptr, RegionRole::Data}));
}

void TestReleaseDisk::theLastGoodCopiesThatGoAreNamed()
{
    BackedUp backup;
    const auto named = [&](std::size_t member) {
        return must(planRelease(*backup.array, backup.member(member))).loss.lastCopies;
    };
    const std::string source = must(requireRegion((*backup.array).layout(), backup.source)).name;
    QVERIFY((named(1) == std::vector{LostSource{source, 1}}));
    QVERIFY(named(0).empty());
    // Another one on the same disk goes with it.
    must(backup.array.backUp(backup.source, backup.array.addRegion("again", kSize, 1)));
    QVERIFY((named(1) == std::vector{LostSource{source, 2}}));
    must(backup.array.backUp(backup.source, backup.array.addRegion("stays", kSize, 0)));
    QVERIFY(named(1).empty());
    QVERIFY(named(0).empty());
}

void TestReleaseDisk::theLastOneIsReleasedToo()
{
    BackedUp backup;
    must(backup.release(1));
    backup.array.attach({backup.array.uris().at(0)});
    QVERIFY(must(planRelease(*backup.array, backup.member(0))).lastCatalog);
    must(releaseDisk(*backup.array, backup.member(0), "cairn-catalog"));
    backup.array.attach({backup.array.uris().at(0)});
    QVERIFY((*backup.array).catalogProblem());
    QVERIFY(!tableOf(backup.array.paths().at(0)).contains("cairn"));
}

void TestReleaseDisk::aReleasedDiskCanBeAdoptedAgain()
{
    BackedUp backup;
    must(backup.release(1));
    const std::string uri = backup.array.uris().at(1);
    backup.array.detach();
    TestEnvironment environment{7};
    const auto adopted = must(
        Attachment::create({.array = {.uris = {uri}, .memberSizeBytes = 0, .managementBytes = 0},
                            .label = "again",
                            .adopt = true},
                           environment.environment()));
    const auto catalog = must(adopted->catalog());
    QCOMPARE(catalog->status().arrayLabel, "again");
    QVERIFY(must(readRecords(*adopted)).generations.empty());
}

void TestReleaseDisk::itIsRefusedWithoutTheNameOfTheCatalog()
{
    BackedUp backup;
    const auto before = backup.array.memberDigests();
    const auto code = [&](const std::string& typed) {
        return releaseDisk(*backup.array, backup.member(1), typed).error().code;
    };
    QCOMPARE(code(""), ErrorCode::ConfirmationNeeded);
    QCOMPARE(code("copy"), ErrorCode::ConfirmationMismatch);
    QCOMPARE(code(backup.catalogOn(0)), ErrorCode::ConfirmationMismatch); // Another member's.
    QVERIFY(backup.array.memberDigests() == before);
}

void TestReleaseDisk::aHeldBackupKeepsTheDisk()
{
    BackedUp backup;
    must(hold(*backup.array, 1));
    const auto before = backup.array.memberDigests();
    // Before anybody is asked for a name, too.
    const auto planned = planRelease(*backup.array, backup.member(1));
    QVERIFY(!planned);
    QCOMPARE(planned.error().code, ErrorCode::GenerationHeld);
    QCOMPARE(planned.error().amount, 1U);
    const auto released = backup.release(1);
    QVERIFY(!released);
    QCOMPARE(released.error().code, ErrorCode::GenerationHeld);
    QVERIFY(backup.array.memberDigests() == before);
}

void TestReleaseDisk::anInterruptedJobKeepsTheDisk()
{
    BackedUp backup;
    const RegionId other = backup.array.addRegion("other", kSize, 1);
    StopAt stop(2);
    QVERIFY(!backup.array.backUp(backup.source, other, stop));
    const auto released = backup.release(1);
    QVERIFY(!released);
    QCOMPARE(released.error().code, ErrorCode::RegionBusy);
    // The member with the source is needed as well.
    QCOMPARE(backup.release(0).error().code, ErrorCode::RegionBusy);
}

void TestReleaseDisk::aReleaseThatWasCutShortIsEnded()
{
    BackedUp backup;
    const Uuid id = backup.member(1);
    {
        const auto writing = must(WriteAccess::take(*backup.array));
        must((*backup.array).array().releaseMember(id));
    }
    backup.array.detach();
    backup.array.attach();
    QCOMPARE(backup.array.state(1), GenerationState::Good);
    must(releaseDisk(*backup.array, id, {})); // There is no catalog left on it to confirm.
    backup.array.attach({backup.array.uris().at(0)});
    QCOMPARE((*backup.array).layout().members.size(), 1U);
}

void TestReleaseDisk::aLostMemberLeaves()
{
    BackedUp backup;
    const Uuid lost = backup.lose(0);
    const DiskRelease plan = must(planRelease(*backup.array, lost));
    QVERIFY(isAway(plan.member));
    QCOMPARE(plan.regions, std::vector<std::string>{"root"});
    QVERIFY(plan.loss.backups.empty() && !plan.losing && !plan.management && !plan.lastCatalog);
    must(releaseDisk(*backup.array, lost, {}));
    QVERIFY(!backup.lists(lost));
    QCOMPARE(backup.array.eventKinds().back(), EventKind::MemberReleased);
    backup.array.attach({backup.array.uris().at(1)});
    QCOMPARE((*backup.array).layout().members.size(), 1U);
    QCOMPARE(backup.array.state(1), GenerationState::Good);
    must(addRegion(*backup.array, {"more", kSize, nullptr, RegionRole::Data}));
    QCOMPARE(planRelease(*backup.array, lost).error().code, ErrorCode::UnknownMember);
    QCOMPARE(releaseDisk(*backup.array, Uuid{}, {}).error().code, ErrorCode::UnknownMember);
}

void TestReleaseDisk::aLostMemberWithALastGoodCopyLeavesByNameOnly()
{
    BackedUp backup;
    const Uuid lost = backup.lose(1);
    const DiskRelease plan = must(planRelease(*backup.array, lost));
    QCOMPARE(plan.loss.backups, std::vector<GenerationNumber>{1});
    QVERIFY((plan.loss.lastCopies == std::vector{LostSource{"root", 1}}));
    QVERIFY(plan.losing && plan.losing->name == "copy");
    const auto before = readImage(backup.array.paths().at(0));
    const auto code = [&](const std::string& typed) {
        return releaseDisk(*backup.array, lost, typed).error().code;
    };
    QCOMPARE(code(""), ErrorCode::ConfirmationNeeded);
    QCOMPARE(code("root"), ErrorCode::ConfirmationMismatch);
    QCOMPARE(code("cairn-catalog"), ErrorCode::ConfirmationMismatch);
    QVERIFY(readImage(backup.array.paths().at(0)) == before);
    must(releaseDisk(*backup.array, lost, "copy"));
    QVERIFY(!backup.lists(lost));
}

void TestReleaseDisk::aDiskThatIsOnlyNotNamedStays()
{
    BackedUp backup;
    const Uuid there = backup.member(0);
    backup.array.attach({backup.array.uris().at(1)});
    const auto before = backup.array.memberDigests();
    QVERIFY(isAway(*(*backup.array).layout().findMember(there)));
    QCOMPARE(planRelease(*backup.array, there).error().code, ErrorCode::RegionInUse);
    QCOMPARE(releaseDisk(*backup.array, there, {}).error().code, ErrorCode::RegionInUse);
    QVERIFY(backup.array.memberDigests() == before);
}

void TestReleaseDisk::aLostMemberWithAHeldBackupStays()
{
    BackedUp backup;
    must(hold(*backup.array, 1));
    const Uuid lost = backup.lose(1);
    const auto before = readImage(backup.array.paths().at(0));
    QCOMPARE(planRelease(*backup.array, lost).error().code, ErrorCode::GenerationHeld);
    QCOMPARE(releaseDisk(*backup.array, lost, "copy").error().code, ErrorCode::GenerationHeld);
    QVERIFY(readImage(backup.array.paths().at(0)) == before);
    must(release(*backup.array, 1));
    must(releaseDisk(*backup.array, lost, "copy"));
}

void TestReleaseDisk::aLostMemberThatAJobNeedsStays()
{
    for (const std::size_t index : {std::size_t{0}, std::size_t{1}}) {
        BackedUp backup;
        const RegionId other = backup.array.addRegion("other", kSize, 1);
        StopAt stop(2);
        QVERIFY(!backup.array.backUp(backup.source, other, stop));
        const Uuid lost = backup.lose(index);
        const auto refused = planRelease(*backup.array, lost);
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::RegionBusy);
        QCOMPARE(releaseDisk(*backup.array, lost, "copy").error().code, ErrorCode::RegionBusy);
        // Nothing else is in the way once it is given up.
        const auto jobs = must(readRecords(*backup.array)).jobs;
        must(discard(*backup.array, jobs.front()));
        must(releaseDisk(*backup.array, lost, index == 1 ? "copy" : ""));
    }
}

void TestReleaseDisk::aLostMemberOfASimulatedArrayIsDescribedNoMore()
{
    const QTemporaryDir directory;
    ArrayFixture array(directory.path().toStdString(), {.simulated = true});
    const std::string file = array.paths().at(1);
    const Uuid lost = (*array).layout().members.at(1).id;
    array.detach();
    const std::string away = file + ".away";
    QVERIFY(QFile::rename(QString::fromStdString(file), QString::fromStdString(away)));
    array.attach();
    QVERIFY(isAway(*(*array).layout().findMember(lost)));
    must(releaseDisk(*array, lost, {}));
    QCOMPARE((*array).layout().members.size(), 1U);
    array.attach();
    QCOMPARE((*array).layout().members.size(), 1U);
    must(addRegion(*array, {"more", kSize, nullptr, RegionRole::Data}));
    QVERIFY(QFile::exists(QString::fromStdString(away)));
}

void TestReleaseDisk::whatTurnsUpAfterwardsIsNotWritten()
{
    BackedUp backup;
    const Uuid lost = backup.lose(0);
    must(releaseDisk(*backup.array, lost, {}));
    backup.find(0);
    backup.array.attach();
    const ArrayLayout layout = (*backup.array).layout();
    const Member* back = layout.findMember(lost);
    QVERIFY(back != nullptr && back->state == MemberState::Foreign);
    QCOMPARE(back->problem, std::string(kHasLeft));
    const auto before = backup.array.memberDigests();
    QCOMPARE(hold(*backup.array, 1).error().code, ErrorCode::ForeignMember);
    QCOMPARE(addRegion(*backup.array, {"more", kSize, &lost, RegionRole::Data}).error().code,
             ErrorCode::ForeignMember);
    QCOMPARE(releaseDisk(*backup.array, lost, {}).error().code, ErrorCode::ForeignMember);
    QVERIFY(backup.array.memberDigests() == before);
    // Given back by itself, it may join again with what is on it.
    backup.array.attach({backup.array.uris().at(0)});
    must(releaseDisk(*backup.array, lost, "cairn-catalog"));
    backup.array.attach({backup.array.uris().at(1)});
    must(addMember(*backup.array, {.uri = backup.array.uris().at(0), .adopt = true}));
    QVERIFY((*backup.array).layout().find(backup.source) != nullptr);
    must(hold(*backup.array, 1));
}

// Between the description and the catalog, and between the entry in the ledger and the list.
void TestReleaseDisk::aReleaseOfALostMemberThatWasCutShortIsEnded()
{
    for (const bool recorded : {false, true}) {
        const QTemporaryDir directory;
        ArrayFixture array(directory.path().toStdString(), {.simulated = true});
        const std::string file = array.paths().at(1);
        const Uuid lost = (*array).layout().members.at(1).id;
        array.detach();
        QVERIFY(QFile::remove(QString::fromStdString(file)));
        array.attach();
        {
            const auto writing = must(WriteAccess::take(*array));
            must((*array).array().leaveOut(file));
            if (recorded)
                must(writing.catalog().append({.kind = EventKind::MemberReleased,
                                               .generation = 0,
                                               .subject = file,
                                               .detail = lost.toString()}));
        }
        array.attach();
        QVERIFY(isAway(*(*array).layout().findMember(lost)));
        must(releaseDisk(*array, lost, {}));
        array.attach();
        QCOMPARE((*array).layout().members.size(), 1U);
    }
}

QTEST_GUILESS_MAIN(TestReleaseDisk)
#include "test_release_disk.moc"
