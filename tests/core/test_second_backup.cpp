// A second backup into the same target writes what changed, and is still good only when proved.
#include "core/backup/back_up.h"

#include "core/array/simulated/simulated_array.h"
#include "core/backup/resume.h"
#include "core/backup/verify.h"
#include "tests/support/array_fixture.h"
#include "tests/support/catalog_bench.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kChunks = 8;
constexpr std::uint64_t kSize = kChunks * kMiB;

// Stops where a phase has come to 2 MiB.
class StopWithin final : public CopyControl {
public:
    explicit StopWithin(CopyPhase phase) : m_phase(phase) {}
    bool checkpoint(const CopyProgress& progress) override
    {
        return progress.phase != m_phase || progress.doneBytes < 2 * kMiB;
    }

private:
    CopyPhase m_phase;
};

// A source with a good backup.
struct Pair {
    QTemporaryDir directory;
    ArrayFixture array{directory.path().toStdString()};
    RegionId source = array.addRegion("root", kSize, 0);
    RegionId target = array.addRegion("copy", kSize, 1);
    GenerationNumber first = 0;

    Pair()
    {
        array.fillRandom(source, 1);
        first = must(array.backUp(source, target)).number;
    }
    void change(const RegionId& region, std::uint64_t chunk, unsigned char to)
    {
        const std::vector<std::byte> bytes(5000, std::byte{to});
        array.write(region, chunk * kMiB + 12'288, bytes);
    }
    [[nodiscard]] bool equal() { return array.read(source) == array.read(target); }
    Result<BackupOutcome> backUp(bool verify)
    {
        BackupOptions options;
        options.verify = verify;
        options.confirmedName = "copy";
        const auto plan = must(planBackup(*array, source, target, options));
        UncontrolledCopy control;
        return cairn::backUp(*array, plan, control);
    }
    [[nodiscard]] bool hasDigests(GenerationNumber number)
    {
        const auto catalog = must((*array).catalog());
        return !must(must(catalog->digests(number))->segment(0)).empty();
    }
};

} // namespace

class TestSecondBackup : public QObject {
    Q_OBJECT

private slots:
    void onlyWhatChangedIsWritten();
    void theOldGenerationIsSupersededBeforeTheFirstByte();
    void digestsOfTheOldGenerationGoWhenTheCopyIsComplete();
    void whatOthersChangedInTheTargetIsMended();
    void withoutVerificationItIsOnlyCopied();
    void chunksKnownAsDamagedAreNeverBelieved();
    void whatWasNeverReadBackIsNotBelieved();
    void afterACanceledVerificationNothingIsBelieved();
    void unreadableSectorsAreWrittenAfterAll();
    void anEmptyChunkThatOthersFilledIsMended();
    void anAreaOfAnUndoIsNotBelieved();
    void afterARestoreIntoTheTargetNothingIsBelieved();
    void aForgedRecordIsNotBelieved();
    void aTargetWithAnotherFilesystemIsCopiedWhole();
    void anInterruptedSecondBackupBelievesNothing();
    void aCatalogWithoutRoomForBothKeepsTheNew();
};

void TestSecondBackup::onlyWhatChangedIsWritten()
{
    Pair pair;
    pair.change(pair.source, 3, 0x55);
    const auto outcome = must(pair.backUp(true));
    QCOMPARE(outcome.state, GenerationState::Good);
    // The chunk and both edges, that are erased before it and written after it.
    QCOMPARE(outcome.copy.writtenBytes, 3 * kMiB);
    QCOMPARE(outcome.copy.unchangedBytes, kSize - 3 * kMiB);
    QVERIFY(pair.equal());
    QCOMPARE(pair.array.state(pair.first), GenerationState::Superseded);

    const auto again = must(pair.backUp(true));
    QCOMPARE(again.state, GenerationState::Good);
    QCOMPARE(again.copy.writtenBytes, std::uint64_t{0});
    QVERIFY(pair.equal());
}

void TestSecondBackup::theOldGenerationIsSupersededBeforeTheFirstByte()
{
    Pair pair;
    pair.change(pair.source, 3, 0x55);
    const auto before = pair.array.read(pair.target);
    bool supersededBefore = false;
    HookAt hook(CopyPhase::Copying, [&] {
        // As a second process sees it.
        const auto other = must(Attachment::attach(pair.array.uris(), systemEnvironment()));
        const auto old = must(must(other->catalog())->generation(pair.first));
        supersededBefore =
            old.state == GenerationState::Superseded && pair.array.read(pair.target) == before;
    });
    must(pair.array.backUp(pair.source, pair.target, hook));
    QVERIFY(hook.reached());
    QVERIFY(supersededBefore);
}

void TestSecondBackup::digestsOfTheOldGenerationGoWhenTheCopyIsComplete()
{
    Pair pair;
    pair.change(pair.source, 3, 0x55);
    const auto outcome = must(pair.backUp(true));
    QVERIFY(!pair.hasDigests(pair.first));
    QVERIFY(pair.hasDigests(outcome.number));

    StopAt stop(4);
    QVERIFY(!pair.array.backUp(pair.source, pair.target, stop).has_value());
    QCOMPARE(pair.array.state(outcome.number), GenerationState::Superseded);
    QVERIFY(!pair.hasDigests(outcome.number));
}

void TestSecondBackup::whatOthersChangedInTheTargetIsMended()
{
    Pair pair;
    pair.change(pair.source, 3, 0x55);
    pair.change(pair.target, 5, 0x77);
    pair.change(pair.target, 0, 0x78);
    const auto outcome = must(pair.backUp(true));
    QCOMPARE(outcome.state, GenerationState::Good);
    QVERIFY(pair.equal());

    // Also where nothing had to be written before.
    pair.change(pair.target, 6, 0x79);
    const auto again = must(pair.backUp(true));
    QCOMPARE(again.state, GenerationState::Good);
    QVERIFY(pair.equal());
}

void TestSecondBackup::withoutVerificationItIsOnlyCopied()
{
    Pair pair;
    pair.change(pair.target, 5, 0x77);
    const auto outcome = must(pair.backUp(false));
    QCOMPARE(outcome.state, GenerationState::Copied);
    UncontrolledCopy control;
    const auto proof = must(verify(*pair.array, outcome.number, control));
    QCOMPARE(proof.outcome.different.count(), std::uint64_t{1});
    QCOMPARE(pair.array.state(outcome.number), GenerationState::Partial);
}

void TestSecondBackup::chunksKnownAsDamagedAreNeverBelieved()
{
    Pair pair;
    pair.change(pair.target, 5, 0x77);
    UncontrolledCopy control;
    must(verify(*pair.array, pair.first, control));
    QCOMPARE(pair.array.state(pair.first), GenerationState::Partial);
    const auto outcome = must(pair.backUp(false));
    QCOMPARE(outcome.copy.writtenBytes, 3 * kMiB);
    QVERIFY(pair.equal());
}

void TestSecondBackup::whatWasNeverReadBackIsNotBelieved()
{
    Pair pair;
    pair.change(pair.source, 3, 0x55);
    QCOMPARE(must(pair.backUp(false)).state, GenerationState::Copied);
    pair.change(pair.target, 5, 0x77);
    const auto outcome = must(pair.backUp(false));
    QCOMPARE(outcome.copy.unchangedBytes, std::uint64_t{0});
    QVERIFY(pair.equal());
}

void TestSecondBackup::afterACanceledVerificationNothingIsBelieved()
{
    Pair pair;
    pair.change(pair.target, 5, 0x77);
    StopWithin stop(CopyPhase::Verifying);
    const auto canceled = pair.array.backUp(pair.source, pair.target, stop);
    QVERIFY(!canceled && canceled.error().code == ErrorCode::Canceled);
    QCOMPARE(pair.array.state(pair.first + 1), GenerationState::Copied);
    const auto outcome = must(pair.backUp(false));
    QCOMPARE(outcome.copy.unchangedBytes, std::uint64_t{0});
    QVERIFY(pair.equal());
}

void TestSecondBackup::unreadableSectorsAreWrittenAfterAll()
{
    const QTemporaryDir directory;
    const std::string path = directory.path().toStdString() + "/array";
    ArrayFixture array(path, {.simulated = true});
    const auto source = array.addRegion("root", kSize, 0);
    const auto target = array.addRegion("copy", kSize, 1);
    array.fillRandom(source, 1);
    must(array.backUp(source, target));
    Faults faults;
    faults.unreadable = {{array.region(target).extent.offsetBytes + 5 * kMiB, 4096}};
    must(setFaults(path, 1, faults));
    // Written again, the disk puts another sector in the place of the one that it cannot read.
    class Replacing final : public CopyControl {
    public:
        explicit Replacing(const std::string& path) : m_path(path) {}
        bool checkpoint(const CopyProgress& progress) override
        {
            m_verified = m_verified || progress.phase == CopyPhase::Verifying;
            if (m_verified && progress.phase == CopyPhase::Flushing)
                must(setFaults(m_path, 1, {}));
            return true;
        }

    private:
        const std::string& m_path;
        std::atomic<bool> m_verified = false;
    } replacing(path);
    const auto outcome = must(array.backUp(source, target, replacing));
    QCOMPARE(outcome.state, GenerationState::Good);
    QCOMPARE(outcome.copy.writtenBytes, 3 * kMiB);
    QVERIFY(array.read(source) == array.read(target));
}

void TestSecondBackup::anEmptyChunkThatOthersFilledIsMended()
{
    Pair pair;
    pair.array.write(pair.source, 4 * kMiB, std::vector<std::byte>(kMiB));
    must(pair.backUp(true));
    pair.change(pair.target, 4, 0x79);
    const auto outcome = must(pair.backUp(true));
    QCOMPARE(outcome.state, GenerationState::Good);
    QVERIFY(pair.equal());
}

void TestSecondBackup::anAreaOfAnUndoIsNotBelieved()
{
    Pair pair;
    const auto area = pair.array.addRegion("area", kSize, 1);
    pair.change(pair.source, 3, 0x55);
    UncontrolledCopy control;
    const auto plan = must(planRestore(*pair.array, pair.first, {.undoTo = area}));
    const auto kept = must(restore(*pair.array, plan, control)).undo;
    QCOMPARE(pair.array.state(kept), GenerationState::Good);
    QCOMPARE(pair.array.generation(kept).target.id, area);
    BackupOptions options;
    options.confirmedName = "area";
    const auto outcome = must(
        backUp(*pair.array, must(planBackup(*pair.array, pair.source, area, options)), control));
    QCOMPARE(outcome.copy.unchangedBytes, std::uint64_t{0});
    QVERIFY(pair.array.read(pair.source) == pair.array.read(area));
}

void TestSecondBackup::afterARestoreIntoTheTargetNothingIsBelieved()
{
    Pair pair;
    const auto other = pair.array.addRegion("other", kSize, 0);
    pair.array.fillRandom(other, 7);
    const auto elsewhere = pair.array.addRegion("elsewhere", kSize, 0);
    const auto second = must(pair.array.backUp(other, elsewhere)).number;
    // Interrupted half-way, and given up.
    const auto before = pair.array.read(pair.target);
    StopWithin stop(CopyPhase::Copying);
    QVERIFY(!pair.array.restore(second, pair.target, stop).has_value());
    QVERIFY(pair.array.read(pair.target) != before);
    for (const Job& job : must(interruptedJobs(*pair.array)))
        must(discard(*pair.array, job));
    const auto outcome = must(pair.backUp(true));
    QCOMPARE(outcome.copy.unchangedBytes, std::uint64_t{0});
    QCOMPARE(outcome.state, GenerationState::Good);
    QVERIFY(pair.equal());
}

void TestSecondBackup::aForgedRecordIsNotBelieved()
{
    const CatalogBench bench(1);
    auto catalog = bench.create();
    const auto wanted = bench.backup("root", "copy");
    const auto first = bench.makeBackup(*catalog, wanted);
    catalog.reset();
    bench.tamper("UPDATE generation SET state = 7, superseded_by = " + std::to_string(first + 1));
    catalog = bench.write();
    require(catalog->begin(wanted));
    const auto jobs = require(catalog->jobs());
    QCOMPARE(jobs.size(), std::size_t{1});
    QVERIFY(require(catalog->believedDigests(jobs.front().id)) == nullptr);
}

void TestSecondBackup::aTargetWithAnotherFilesystemIsCopiedWhole()
{
    Pair pair;
    pair.array.makeFilesystem(pair.target, "ext4", "other");
    const auto outcome = must(pair.backUp(false));
    QCOMPARE(outcome.copy.unchangedBytes, std::uint64_t{0});
    QVERIFY(pair.equal());
}

void TestSecondBackup::anInterruptedSecondBackupBelievesNothing()
{
    for (std::uint64_t stopAt = 2; stopAt < 64; stopAt += 3) {
        Pair pair;
        const auto before = pair.array.read(pair.source);
        pair.change(pair.source, 3, 0x55);
        StopAt stop(stopAt);
        const auto stopped = pair.array.backUp(pair.source, pair.target, stop);
        if (stopped)
            return;
        // The source takes back what the old backup held: the target need not.
        pair.array.write(pair.source, 0, before);
        for (const Job& job : must(interruptedJobs(*pair.array))) {
            UncontrolledCopy control;
            must(resume(*pair.array, job, control));
            QCOMPARE(pair.array.state(job.generation), GenerationState::Good);
            QVERIFY(pair.equal());
        }
    }
    QFAIL("never came to its end");
}

void TestSecondBackup::aCatalogWithoutRoomForBothKeepsTheNew()
{
    const CatalogBench bench(1, 5 * kMiB);
    const auto catalog = bench.create();
    constexpr std::uint64_t kLarge = 56 * kGiB;
    const auto first = bench.makeBackup(*catalog, bench.backup("root", "copy", kLarge));
    require(catalog->recordVerification(first, {}));
    NewGeneration wanted = bench.backup("root", "copy", kLarge);
    wanted.believed = first;
    const auto second = require(catalog->begin(wanted));
    const auto jobs = require(catalog->jobs());
    QCOMPARE(jobs.size(), std::size_t{1});
    QCOMPARE(jobs.front().generation, second);
    QVERIFY(require(catalog->believedDigests(jobs.front().id)) == nullptr);
}

QTEST_GUILESS_MAIN(TestSecondBackup)
#include "test_second_backup.moc"
