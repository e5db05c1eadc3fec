// Removing Cairn from a disk leaves a clean table and every byte of the other partitions.
#include "core/backup/release_disk.h"

#include "core/array/gpt/gpt_types.h"
#include "core/backup/guards.h"
#include "core/backup/keep.h"
#include "tests/support/array_files.h"
#include "tests/support/array_fixture.h"
#include "tests/support/run_program.h"
#include "tests/support/test_environment.h"

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
    void aMissingMemberIsNotReleased();
    void aReleaseThatWasCutShortIsEnded();
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

void TestReleaseDisk::aMissingMemberIsNotReleased()
{
    BackedUp backup;
    const Uuid id = backup.member(1);
    backup.array.attach({backup.array.uris().at(0)});
    QCOMPARE(releaseDisk(*backup.array, id, "cairn-catalog").error().code,
             ErrorCode::MemberMissing);
    QCOMPARE(releaseDisk(*backup.array, Uuid{}, {}).error().code, ErrorCode::UnknownMember);
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

QTEST_GUILESS_MAIN(TestReleaseDisk)
#include "test_release_disk.moc"
