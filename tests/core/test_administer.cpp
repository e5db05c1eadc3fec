// Regions and members come and go without costing a backup, and every change is in the ledger.
#include "core/backup/administer.h"

#include "core/backup/keep.h"
#include "tests/support/array_fixture.h"
#include "tests/support/test_environment.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <cstring>
#include <future>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 4 * kMiB;

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

    // Its identity.
    Uuid leaveAway(std::size_t index)
    {
        const Uuid away = (*array).layout().members.at(index).id;
        array.attach({array.paths().at(1 - index)});
        return away;
    }
    // An image file that does not exist yet.
    [[nodiscard]] Array::NewMember fresh() const
    {
        Array::NewMember wanted;
        wanted.uri = array.directory() + "/fresh.img";
        wanted.createSizeBytes = 128 * kMiB;
        return wanted;
    }
};

ErrorCode codeOf(const auto& result)
{
    return result ? ErrorCode{} : result.error().code;
}

ByteSource streamOf(const std::vector<std::byte>& bytes, std::size_t& at)
{
    return [&bytes, &at](std::span<std::byte> into) -> Result<std::size_t> {
        // In pieces that fit no chunk, as a pipe gives them.
        const std::size_t count = std::min({into.size(), bytes.size() - at, std::size_t{65521}});
        if (count > 0)
            std::memcpy(into.data(), bytes.data() + at, count);
        at += count;
        return count;
    };
}

Result<std::uint64_t> import(ArrayFixture& array, const RegionId& region,
                             const std::vector<std::byte>& bytes, bool sizeKnown)
{
    ImportPlan plan;
    plan.region = region;
    plan.sizeBytes = sizeKnown ? bytes.size() : 0;
    std::size_t at = 0;
    UncontrolledCopy control;
    return importRegion(*array, plan, streamOf(bytes, at), control);
}

std::vector<CatalogCopyState> copyStates(ArrayFixture& array)
{
    std::vector<CatalogCopyState> states;
    for (const auto& copy : must((*array).catalog())->status().copies)
        states.push_back(copy.state);
    return states;
}

} // namespace

class TestAdminister : public QObject {
    Q_OBJECT

private slots:
    void changesOfRegionsAreInTheLedger();
    void aRegionWithABackupIsNotRemoved();
    void contentNeedsTheNameToBeRemoved();
    void aNewMemberGetsTheCatalog();
    void aNewMemberGetsTheCatalogThoughItIsBeingRead();
    void aNewMemberBesideAWriterIsToldToBeWithoutTheCatalog();
    void aLostMemberIsReplaced();
    void anAttachedMemberIsNotReplaced();
    // Incident: a yes gave up held backups and last good copies, and the question named none.
    void aMemberWithALastGoodCopyIsReplacedByNameOnly();
    void aMemberWithAHeldBackupIsNotReplaced();
    void historiesWrittenApartAreChosenFrom();
    void whatIsImportedIsExported();
    void anImportThatIsTooLongIsRefused();
    void anImportThatFailsBeforeItsFirstChunkWritesNothing();
    void anImportNeverReplacesABackup();
    void aCanceledImportHasNoSignature();
};

void TestAdminister::changesOfRegionsAreInTheLedger()
{
    BackedUp backup;
    const RegionId region = backup.array.addRegion("first", kSize, 0);
    must(renameRegion(*backup.array, region, "second"));
    QCOMPARE(backup.array.region(region).name, std::string("second"));
    must(renameRegion(*backup.array, region, "second")); // Which is no change.
    must(removeRegion(*backup.array, region, {}));
    const auto kinds = backup.array.eventKinds();
    const std::vector<EventKind> last(kinds.end() - 3, kinds.end());
    QVERIFY((last == std::vector{EventKind::RegionAdded, EventKind::RegionRenamed,
                                 EventKind::RegionRemoved}));
}

void TestAdminister::aRegionWithABackupIsNotRemoved()
{
    BackedUp backup;
    const auto refused = removeRegion(*backup.array, backup.target, "copy");
    QCOMPARE(codeOf(refused), ErrorCode::RegionHoldsBackup);
    QCOMPARE(refused.error().amount, std::uint64_t{1});
    must(forget(*backup.array, 1, "copy"));
    must(removeRegion(*backup.array, backup.target, "copy"));
    for (const Region& region : (*backup.array).layout().regions) {
        if (region.role == RegionRole::Management)
            QCOMPARE(codeOf(removeRegion(*backup.array, region.id, region.name)),
                     ErrorCode::RegionHoldsCatalog);
    }
}

void TestAdminister::contentNeedsTheNameToBeRemoved()
{
    BackedUp backup;
    QCOMPARE(codeOf(removeRegion(*backup.array, backup.source, {})), ErrorCode::ConfirmationNeeded);
    QCOMPARE(codeOf(removeRegion(*backup.array, backup.source, "copy")),
             ErrorCode::ConfirmationMismatch);
    must(removeRegion(*backup.array, backup.source, "root"));
}

void TestAdminister::aNewMemberGetsTheCatalog()
{
    BackedUp backup;
    Array::NewMember wanted;
    wanted.uri = backup.array.directory() + "/third.img";
    wanted.createSizeBytes = 64 * kMiB;
    must(addMember(*backup.array, wanted));
    QVERIFY(copyStates(backup.array) == std::vector(3, CatalogCopyState::Current));
    backup.array.detach();
    // By itself it tells the whole history.
    backup.array.attach({wanted.uri});
    QCOMPARE(backup.array.state(1), GenerationState::Good);
    QCOMPARE(backup.array.eventKinds().back(), EventKind::MemberAdded);
}

// The reader kept the catalog open on the old copies, and the new one was left empty in silence.
void TestAdminister::aNewMemberGetsTheCatalogThoughItIsBeingRead()
{
    BackedUp backup;
    std::shared_ptr<Catalog> kept;
    {
        const auto writing = must(WriteAccess::take(*backup.array));
        kept = must((*backup.array).catalog());
    }
    auto added =
        std::async(std::launch::async, [&] { return addMember(*backup.array, backup.fresh()); });
    QTRY_COMPARE_WITH_TIMEOUT(must(kept->members()).size(), std::size_t{3}, 60'000);
    kept.reset();
    must(added.get());
    QVERIFY(copyStates(backup.array) == std::vector(3, CatalogCopyState::Current));
    QVERIFY((*backup.array).unwrittenCopies().empty());
}

void TestAdminister::aNewMemberBesideAWriterIsToldToBeWithoutTheCatalog()
{
    BackedUp backup;
    {
        const auto writing = must(WriteAccess::take(*backup.array));
        const Member added = must(addMember(*backup.array, backup.fresh()));
        const auto unwritten = (*backup.array).unwrittenCopies();
        QCOMPARE(unwritten.size(), std::size_t{1});
        QVERIFY(unwritten.front().member == added.id);
        QCOMPARE(unwritten.front().unwritten->code, ErrorCode::ArrayBusy);
    }
    QCOMPARE((*backup.array).unwrittenCopies().size(), std::size_t{1});
    must(hold(*backup.array, 1));
    QVERIFY((*backup.array).unwrittenCopies().empty());
    QVERIFY(copyStates(backup.array) == std::vector(3, CatalogCopyState::Current));
}

void TestAdminister::aLostMemberIsReplaced()
{
    BackedUp backup;
    const Uuid lost = backup.array.region(backup.source).member;
    backup.array.detach();
    QVERIFY(QFile::remove(QString::fromStdString(backup.array.paths().at(0))));
    backup.array.attach({backup.array.paths().at(1)});
    Array::NewMember wanted;
    wanted.uri = backup.array.directory() + "/fresh.img";
    wanted.createSizeBytes = 128 * kMiB;
    must(replaceMember(*backup.array, lost, wanted, {}));
    QCOMPARE((*backup.array).layout().members.size(), std::size_t{2});
    backup.array.attach({wanted.uri});
    QCOMPARE(backup.array.state(1), GenerationState::Good);
    QCOMPARE(backup.array.eventKinds().back(), EventKind::MemberReplaced);
    QVERIFY((*backup.array).layout().findMember(lost) == nullptr);
}

void TestAdminister::anAttachedMemberIsNotReplaced()
{
    BackedUp backup;
    const Uuid here = backup.array.region(backup.source).member;
    Array::NewMember wanted;
    wanted.uri = backup.array.directory() + "/fresh.img";
    wanted.createSizeBytes = 64 * kMiB;
    QVERIFY(!replaceMember(*backup.array, here, wanted, {}));
    QVERIFY(!QFile::exists(QString::fromStdString(wanted.uri)));
    TestEnvironment environment(testSeed());
    QCOMPARE(codeOf(replaceMember(*backup.array, Uuid::random(environment.random), wanted, {})),
             ErrorCode::UnknownMember);
}

void TestAdminister::aMemberWithALastGoodCopyIsReplacedByNameOnly()
{
    BackedUp backup;
    const Uuid lost = backup.leaveAway(1);
    const MemberReplacement plan = must(planReplacement(*backup.array, lost));
    QCOMPARE(plan.loss.backups, std::vector<GenerationNumber>{1});
    QVERIFY((plan.loss.lastCopies == std::vector{LostSource{"root", 1}}));
    QVERIFY(plan.losing && plan.losing->name == "copy");
    const auto before = backup.array.memberDigests();
    for (const char* typed : {"", "root"}) {
        const auto replaced = replaceMember(*backup.array, lost, backup.fresh(), typed);
        QVERIFY(!replaced);
        QCOMPARE(replaced.error().code,
                 *typed == '\0' ? ErrorCode::ConfirmationNeeded : ErrorCode::ConfirmationMismatch);
        QCOMPARE(replaced.error().subject, "copy");
    }
    QVERIFY(backup.array.memberDigests() == before);
    QVERIFY(!QFile::exists(QString::fromStdString(backup.fresh().uri)));
    must(replaceMember(*backup.array, lost, backup.fresh(), "copy"));
}

void TestAdminister::aMemberWithAHeldBackupIsNotReplaced()
{
    BackedUp backup;
    must(hold(*backup.array, 1));
    const Uuid lost = backup.leaveAway(1);
    QCOMPARE(codeOf(planReplacement(*backup.array, lost)), ErrorCode::GenerationHeld);
    QCOMPARE(codeOf(replaceMember(*backup.array, lost, backup.fresh(), "copy")),
             ErrorCode::GenerationHeld);
    must(release(*backup.array, 1));
    must(replaceMember(*backup.array, lost, backup.fresh(), "copy"));
}

void TestAdminister::historiesWrittenApartAreChosenFrom()
{
    BackedUp backup;
    for (const std::string& path : backup.array.paths()) {
        backup.array.attach({path});
        must(must(WriteAccess::take(*backup.array))
                 .catalog()
                 .append({.kind = EventKind::RegionExported,
                          .generation = 0,
                          .subject = path,
                          .detail = {}}));
    }
    backup.array.attach();
    const auto status = must((*backup.array).catalog())->status();
    QCOMPARE(status.histories.size(), std::size_t{2});
    const auto before = backup.array.memberDigests();
    QCOMPARE(codeOf(hold(*backup.array, 1)), ErrorCode::HistoriesDiverged);
    QVERIFY(backup.array.memberDigests() == before);
    QCOMPARE(codeOf(chooseHistory(*backup.array, "nonsense")), ErrorCode::UnknownHistory);
    must(chooseHistory(*backup.array, status.histories.at(1).id));
    QCOMPARE(must((*backup.array).catalog())->status().histories.size(), std::size_t{1});
    must(hold(*backup.array, 1));
}

void TestAdminister::whatIsImportedIsExported()
{
    BackedUp backup;
    const RegionId region = backup.array.addRegion("image", kSize, 0);
    SeededRandom random(9);
    std::vector<std::byte> bytes = random.bytes(2 * kMiB + 12345);
    QCOMPARE(must(import(backup.array, region, bytes, true)), std::uint64_t{bytes.size()});
    std::vector<std::byte> out;
    UncontrolledCopy control;
    const ByteSink sink = [&](std::span<const std::byte> from) -> Result<void> {
        out.insert(out.end(), from.begin(), from.end());
        return {};
    };
    QCOMPARE(must(exportRegion(*backup.array, region, sink, control)).sizeBytes, kSize);
    bytes.resize(kSize);
    QVERIFY(out == bytes);
    const auto kinds = backup.array.eventKinds();
    const std::vector<EventKind> last(kinds.end() - 3, kinds.end());
    QVERIFY((last == std::vector{EventKind::RegionImportStarted, EventKind::RegionImported,
                                 EventKind::RegionExported}));
}

void TestAdminister::anImportThatIsTooLongIsRefused()
{
    BackedUp backup;
    const RegionId region = backup.array.addRegion("image", kSize, 0);
    SeededRandom random(9);
    const auto bytes = random.bytes(kSize + 1);
    const auto before = backup.array.memberDigests();
    const auto refused = import(backup.array, region, bytes, true);
    QCOMPARE(codeOf(refused), ErrorCode::TargetTooSmall);
    QCOMPARE(refused.error().amount, std::uint64_t{1});
    QVERIFY(backup.array.memberDigests() == before);
    // Of unknown length, it is too late to refuse: the world failed, and no signature is there.
    const auto failed = import(backup.array, region, bytes, false);
    QCOMPARE(codeOf(failed), ErrorCode::NoSpace);
    QCOMPARE(errorClass(failed.error().code), ErrorClass::Failed);
    const auto written = backup.array.read(region);
    QVERIFY(isZero(std::span(written).first(kMiB)));
    QVERIFY(std::ranges::equal(std::span(written).subspan(kMiB),
                               std::span(bytes).subspan(kMiB, kSize - kMiB)));
}

void TestAdminister::anImportThatFailsBeforeItsFirstChunkWritesNothing()
{
    BackedUp backup;
    const RegionId region = backup.array.addRegion("image", kSize, 0);
    const auto before = backup.array.memberDigests();
    ImportPlan plan;
    plan.region = region;
    bool begun = false;
    plan.begins = [&] { begun = true; };
    UncontrolledCopy control;
    const ByteSource canceled = [](std::span<std::byte>) -> Result<std::size_t> {
        return failure(ErrorCode::Canceled);
    };
    QCOMPARE(codeOf(importRegion(*backup.array, plan, canceled, control)), ErrorCode::Canceled);
    std::size_t at = 0;
    const std::vector<std::byte> none;
    QCOMPARE(codeOf(importRegion(*backup.array, plan, streamOf(none, at), control)),
             ErrorCode::InvalidArgument);
    QVERIFY(!begun);
    QVERIFY(backup.array.memberDigests() == before);
    const std::vector<std::byte> one(1, std::byte{7});
    must(importRegion(*backup.array, plan, streamOf(one, at), control));
    QVERIFY(begun);
}

void TestAdminister::anImportNeverReplacesABackup()
{
    BackedUp backup;
    const std::vector<std::byte> bytes(100, std::byte{1});
    ImportPlan plan;
    plan.region = backup.target;
    plan.confirmedName = "copy";
    std::size_t at = 0;
    UncontrolledCopy control;
    QCOMPARE(codeOf(importRegion(*backup.array, plan, streamOf(bytes, at), control)),
             ErrorCode::RegionHoldsBackup);
    plan.region = backup.source;
    plan.confirmedName.clear();
    QCOMPARE(codeOf(importRegion(*backup.array, plan, streamOf(bytes, at), control)),
             ErrorCode::ConfirmationNeeded);
}

void TestAdminister::aCanceledImportHasNoSignature()
{
    BackedUp backup;
    const RegionId other = backup.array.addRegion("other", 8 * kMiB, 0);
    const RegionId region = backup.array.addRegion("image", 8 * kMiB, 1);
    backup.array.makeFilesystem(other, "ext4", "home");
    const auto bytes = backup.array.read(other);
    ImportPlan plan;
    plan.region = region;
    std::size_t at = 0;
    StopAt control(4);
    QCOMPARE(codeOf(importRegion(*backup.array, plan, streamOf(bytes, at), control)),
             ErrorCode::Canceled);
    QVERIFY(backup.array.region(region).content.kind != ContentKind::Recognised);
    at = 0;
    plan.confirmedName = "image";
    UncontrolledCopy goOn;
    must(importRegion(*backup.array, plan, streamOf(bytes, at), goOn));
    QCOMPARE(backup.array.region(region).content.label, std::string("home"));
}

QTEST_GUILESS_MAIN(TestAdminister)
#include "test_administer.moc"
