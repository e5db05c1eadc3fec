// Data that samples miss is not overwritten: a region counts as empty once every byte was read.
#include "core/backup/administer.h"
#include "core/backup/back_up.h"
#include "core/backup/restore.h"
#include "tests/support/array_files.h"
#include "tests/support/array_fixture.h"
#include "tests/support/image_file.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 32 * kMiB;

// "precious" has no holes, and a few bytes where nobody looks for a signature or a sample.
struct Hidden {
    QTemporaryDir directory;
    ArrayFixture array{directory.path().toStdString()};
    RegionId source = array.addRegion("source", kSize, 0);
    RegionId precious = array.addRegion("precious", kSize, 1);

    Hidden()
    {
        array.fillRandom(source, 1);
        array.write(precious, 0, std::vector<std::byte>(kSize));
        array.write(precious, 20 * kMiB + 8192, std::vector<std::byte>(100, std::byte{1}));
        must((*array).refresh());
    }
    [[nodiscard]] BackupPlan plan(const std::string& confirmedName = {})
    {
        BackupOptions options;
        options.confirmedName = confirmedName;
        return must(planBackup(*array, source, precious, options));
    }
};

} // namespace

class TestSeemsEmpty : public QObject {
    Q_OBJECT

private slots:
    void aBackupReadsTheTargetBeforeItWrites();
    void theNameStandsForTheReading();
    void whatIsReallyEmptyTakesABackup();
    void anImportIsRefused();
    void theRegionIsNotRemovedWithoutItsName();
    void aRestoreThatKeepsNothingIsRefused();
    void anUndoIsKeptElsewhere();
    void cancelingTheReadingWritesNothing();
    void aDiskIsReadWhereItWillBeWritten();
};

void TestSeemsEmpty::aBackupReadsTheTargetBeforeItWrites()
{
    Hidden hidden;
    QVERIFY(hidden.array.region(hidden.precious).content.sampled);
    const BackupPlan plan = hidden.plan();
    const auto before = hidden.array.memberDigests();
    UncontrolledCopy control;
    const auto outcome = backUp(*hidden.array, plan, control);
    QCOMPARE(codeOf(outcome), ErrorCode::ConfirmationNeeded);
    QCOMPARE(outcome.error().subject, std::string("precious"));
    QCOMPARE(outcome.error().detail, std::string("byte 20979712 of it is not zero"));
    QVERIFY(hidden.array.memberDigests() == before);
    // From now on it is known, also after everything was read again.
    must((*hidden.array).refresh());
    QCOMPARE(hidden.array.region(hidden.precious).content.kind, ContentKind::Unknown);
    QCOMPARE(codeOf(planBackup(*hidden.array, hidden.source, hidden.precious, {})),
             ErrorCode::ConfirmationNeeded);
}

void TestSeemsEmpty::theNameStandsForTheReading()
{
    Hidden hidden;
    UncontrolledCopy control;
    const auto outcome = must(backUp(*hidden.array, hidden.plan("precious"), control));
    QCOMPARE(outcome.state, GenerationState::Good);
}

void TestSeemsEmpty::whatIsReallyEmptyTakesABackup()
{
    Hidden hidden;
    hidden.array.write(hidden.precious, 20 * kMiB, std::vector<std::byte>(kMiB));
    QVERIFY(hidden.array.region(hidden.precious).content.sampled);
    UncontrolledCopy control;
    const auto outcome = must(backUp(*hidden.array, hidden.plan(), control));
    QCOMPARE(outcome.state, GenerationState::Good);
}

void TestSeemsEmpty::anImportIsRefused()
{
    Hidden hidden;
    const auto before = hidden.array.memberDigests();
    ImportPlan plan;
    plan.region = hidden.precious;
    bool given = false;
    const ByteSource read = [&given](std::span<std::byte> into) -> Result<std::size_t> {
        if (std::exchange(given, true))
            return 0;
        std::ranges::fill(into, std::byte{7});
        return into.size();
    };
    UncontrolledCopy control;
    QCOMPARE(codeOf(importRegion(*hidden.array, plan, read, control)),
             ErrorCode::ConfirmationNeeded);
    QVERIFY(hidden.array.memberDigests() == before);
}

void TestSeemsEmpty::theRegionIsNotRemovedWithoutItsName()
{
    Hidden hidden;
    QCOMPARE(codeOf(removeRegion(*hidden.array, hidden.precious, {})),
             ErrorCode::ConfirmationNeeded);
    must(removeRegion(*hidden.array, hidden.precious, "precious"));
}

void TestSeemsEmpty::aRestoreThatKeepsNothingIsRefused()
{
    Hidden hidden;
    const RegionId copy = hidden.array.addRegion("copy", kSize, 1);
    must(hidden.array.backUp(hidden.source, copy));
    const auto before = hidden.array.read(hidden.precious);
    RestoreOptions options;
    options.to = hidden.precious;
    options.undo = false;
    const auto planned = planRestore(*hidden.array, 1, options);
    UncontrolledCopy control;
    const auto restored = planned ? restore(*hidden.array, *planned, control)
                                  : Result<RestoreOutcome>(std::unexpected(planned.error()));
    QCOMPARE(codeOf(restored), ErrorCode::ConfirmationNeeded);
    QVERIFY(hidden.array.read(hidden.precious) == before);
}

void TestSeemsEmpty::anUndoIsKeptElsewhere()
{
    Hidden hidden;
    const RegionId copy = hidden.array.addRegion("copy", kSize, 1);
    must(hidden.array.backUp(hidden.source, copy));
    hidden.array.fillRandom(hidden.source, 2);
    // Larger, so that it is only the second choice.
    const RegionId spare = hidden.array.addRegion("spare", kSize + kMiB, 0);
    const auto before = hidden.array.read(hidden.precious);
    must((*hidden.array).refresh());
    const auto plan = must(planRestore(*hidden.array, 1, {}));
    UncontrolledCopy control;
    const auto outcome = must(restore(*hidden.array, plan, control));
    QVERIFY(hidden.array.read(hidden.precious) == before);
    QVERIFY(hidden.array.generation(outcome.undo).target.id == spare);
}

void TestSeemsEmpty::cancelingTheReadingWritesNothing()
{
    Hidden hidden;
    const BackupPlan plan = hidden.plan();
    const auto before = hidden.array.memberDigests();
    StopAt stop(4);
    QCOMPARE(codeOf(backUp(*hidden.array, plan, stop)), ErrorCode::Canceled);
    QVERIFY(hidden.array.memberDigests() == before);
    QVERIFY(hidden.array.region(hidden.precious).content.sampled);
}

void TestSeemsEmpty::aDiskIsReadWhereItWillBeWritten()
{
    ArrayFiles files;
    const std::string path = files.path("disk");
    for (const std::uint64_t at : {kMiB + 8192, 6 * kMiB + 300, 96 * kMiB - 100}) {
        std::vector<std::byte> content(96 * kMiB);
        content[at] = std::byte{1};
        writeImage(path, content);
        QCOMPARE(codeOf(createArray({.uris = {path}, .memberSizeBytes = 0, .managementBytes = 0},
                                    files.environment())),
                 ErrorCode::ContentUnknown);
        QVERIFY(readImage(path) == content);
    }
}

QTEST_GUILESS_MAIN(TestSeemsEmpty)
#include "test_seems_empty.moc"
