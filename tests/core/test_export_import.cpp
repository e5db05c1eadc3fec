// A backup leaves the array as an archive, and becomes a backup of another array.
#include "core/backup/export_generation.h"
#include "core/backup/import_generation.h"
#include "core/backup/keep.h"
#include "core/backup/resume.h"
#include "core/backup/verify.h"
#include "tests/support/array_fixture.h"
#include "tests/support/tar_bytes.h"
#include "tests/support/test_environment.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>

using namespace cairn;
using namespace cairn::test;

namespace {

// Two pieces, of which the second is shorter.
constexpr std::uint64_t kSize = 35 * kMiB;

ErrorCode codeOf(const auto& result)
{
    return result ? ErrorCode{} : result.error().code;
}

// An array with one good backup, and its export.
struct Exported {
    QTemporaryDir directory;
    ArrayFixture array{directory.path().toStdString()};
    RegionId source = array.addRegion("home", kSize, 0);
    RegionId backup = array.addRegion("copy", kSize, 1);
    std::string archive;

    Exported()
    {
        array.makeFilesystem(source, "ext4", "home");
        SeededRandom random(7);
        array.write(source, 20 * kMiB, random.bytes(5 * kMiB + 777));
        must((*array).refresh());
        BackupOptions options;
        options.label = "Monday";
        const auto plan = must(planBackup(*array, source, backup, options));
        UncontrolledCopy control;
        must(backUp(*array, plan, control));
        must(exportGeneration(*array, 1, sinkInto(archive), control));
        must(recordExport(*array, 1, "tape 7"));
    }
};

// Another computer's array.
struct Other {
    QTemporaryDir directory;
    ArrayFixture array{directory.path().toStdString(), {.members = 1}};
    RegionId target = array.addRegion("spare", kSize + 5 * kMiB, 0);
};

ImportedImage opened(std::string archive)
{
    return must(openExport({.read = sourceOf(std::move(archive)), .skip = {}, .name = "e.tar"},
                           "/tapes/e.tar"));
}

Result<BackupOutcome> importInto(ArrayFixture& array, const RegionId& target, ImportedImage image,
                                 CopyControl& control)
{
    const auto plan = CAIRN_TRY(planImport(*array, image.record, target, {}));
    return importGeneration(*array, plan, *image.chunks, control);
}

Result<BackupOutcome> importInto(Other& other, const std::string& archive)
{
    UncontrolledCopy control;
    return importInto(other.array, other.target, opened(archive), control);
}

bool holdsBackup(Other& other, Exported& exported)
{
    return other.array.read(other.target, 0, kSize) == exported.array.read(exported.backup);
}

} // namespace

class TestExportImport : public QObject {
    Q_OBJECT

private slots:
    void aBackupComesBackOnAnotherArray();
    void theRecordsTellWhereItWentAndCameFrom();
    void theRestOfALargerTargetIsNotTouched();
    void anImportedBackupIsRestoredWithoutItsSource();
    void exportingChangesNothing();
    void aDamagedBackupIsNotExported();
    void aBackupThatIsNotWholeIsNotExported();
    void whatARestoreKeptForItsUndoIsNoBackupToExport();
    void aFailedSinkEndsTheExport();
    void theFirstBytesAreWrittenLast();
    void anImportCanceledAnywhereGoesOn();
    void aResumedImportWritesNothingTwice();
    void anotherArchiveDoesNotGoOnWithAnImport();
    void resumeAndDiscardKnowImports();
    void cancelBeforeTheFirstWriteWritesNothing();
    void theGuardsOfABackupHold();
    void onItsOwnArrayItIsNeverWrittenOverItsSource();
    void aBareImageBecomesABackup();
    void whatIsNoBareImageIsRefused();
};

void TestExportImport::aBackupComesBackOnAnotherArray()
{
    Exported exported;
    Other other;
    const auto outcome = must(importInto(other, exported.archive));
    QCOMPARE(outcome.state, GenerationState::Good);
    QVERIFY(holdsBackup(other, exported));
    const Generation there = exported.array.generation(1);
    other.array.attach();
    const Generation here = other.array.generation(outcome.number);
    QCOMPARE(here.state, GenerationState::Good);
    QCOMPARE(here.label, there.label);
    QVERIFY(here.source == there.source);
    QVERIFY(here.content == there.content);
    QVERIFY(here.digest == there.digest);
    QCOMPARE(here.sizeBytes, there.sizeBytes);
    QCOMPARE(here.startedMs, there.startedMs);
    QVERIFY(here.verifiedMs > 0);
    QCOMPARE(other.array.region(other.target).role, RegionRole::Backup);
}

void TestExportImport::theRecordsTellWhereItWentAndCameFrom()
{
    Exported exported;
    Other other;
    must(importInto(other, exported.archive));
    const auto went = must(must((*exported.array).catalog())->exports(1));
    QCOMPARE(went.size(), std::size_t{1});
    QCOMPARE(went[0].location, std::string("tape 7"));
    QVERIFY(!went[0].imported && went[0].timeMs > 0);
    const auto came = must(must((*other.array).catalog())->exports(1));
    QCOMPARE(came.size(), std::size_t{1});
    QCOMPARE(came[0].location, std::string("/tapes/e.tar"));
    QVERIFY(came[0].imported);
    QVERIFY(std::ranges::count(exported.array.eventKinds(), EventKind::BackupExported) == 1);
    const auto ledger = must(must((*other.array).catalog())->ledger());
    const auto begun = std::ranges::find(ledger.events, EventKind::ImportStarted, &Event::kind);
    QVERIFY(begun != ledger.events.end());
    QVERIFY(begun->detail.starts_with("backup #1 of array "));
    // It stays on record when the backup itself is overwritten.
    must(forget(*exported.array, 1, "copy"));
    QCOMPARE(must(must((*exported.array).catalog())->exports(1)).size(), std::size_t{1});
}

void TestExportImport::theRestOfALargerTargetIsNotTouched()
{
    Exported exported;
    Other other;
    SeededRandom random(3);
    other.array.write(other.target, kSize, random.bytes(5 * kMiB));
    const auto rest = other.array.read(other.target, kSize, 5 * kMiB);
    must((*other.array).refresh());
    auto image = opened(exported.archive);
    const auto plan =
        must(planImport(*other.array, image.record, other.target, {.confirmedName = "spare"}));
    UncontrolledCopy control;
    must(importGeneration(*other.array, plan, *image.chunks, control));
    QVERIFY(other.array.read(other.target, kSize, 5 * kMiB) == rest);
}

void TestExportImport::anImportedBackupIsRestoredWithoutItsSource()
{
    Exported exported;
    Other other;
    const RegionId again = other.array.addRegion("again", kSize, 0);
    must(importInto(other, exported.archive));
    must(other.array.restore(1, again));
    QVERIFY(other.array.read(again) == exported.array.read(exported.source));
}

void TestExportImport::exportingChangesNothing()
{
    Exported exported;
    const auto before = exported.array.memberDigests();
    std::string again;
    UncontrolledCopy control;
    const auto outcome = must(exportGeneration(*exported.array, 1, sinkInto(again), control));
    QVERIFY(exported.array.memberDigests() == before);
    QCOMPARE(outcome.imageBytes, kSize);
    QCOMPARE(outcome.archiveBytes, std::uint64_t{again.size()});
    // Holes and files that compress take next to nothing.
    QVERIFY(again.size() < 8 * kMiB);
}

void TestExportImport::aDamagedBackupIsNotExported()
{
    Exported exported;
    exported.array.write(exported.backup, 34 * kMiB, std::vector<std::byte>(1, std::byte{9}));
    std::string archive;
    UncontrolledCopy control;
    QCOMPARE(codeOf(exportGeneration(*exported.array, 1, sinkInto(archive), control)),
             ErrorCode::DigestMismatch);
    // What was written until then is no archive that anybody would take for whole.
    Other other;
    QCOMPARE(codeOf(importInto(other, archive)), ErrorCode::InvalidArchive);
}

void TestExportImport::aBackupThatIsNotWholeIsNotExported()
{
    Exported exported;
    must(forget(*exported.array, 1, "copy"));
    std::string archive;
    UncontrolledCopy control;
    QCOMPARE(codeOf(exportGeneration(*exported.array, 1, sinkInto(archive), control)),
             ErrorCode::BackupNotUsable);
    QCOMPARE(codeOf(recordExport(*exported.array, 1, "nowhere")), ErrorCode::BackupNotUsable);
    QVERIFY(archive.empty());
}

void TestExportImport::whatARestoreKeptForItsUndoIsNoBackupToExport()
{
    Exported exported;
    (void)exported.array.addRegion("free",
                                   exported.array.region(exported.source).extent.lengthBytes);
    exported.array.fillRandom(exported.source, 77);
    UncontrolledCopy control;
    must(restore(*exported.array, must(planRestore(*exported.array, 1, {})), control));
    QVERIFY(exported.array.generation(2).undo.has_value());
    std::string archive;
    QCOMPARE(codeOf(exportGeneration(*exported.array, 2, sinkInto(archive), control)),
             ErrorCode::BackupNotUsable);
    QVERIFY(archive.empty());
}

void TestExportImport::aFailedSinkEndsTheExport()
{
    Exported exported;
    std::size_t calls = 0;
    const ByteSink full = [&calls](std::span<const std::byte>) -> Result<void> {
        return ++calls > 20 ? Result<void>(failure(ErrorCode::NoSpace, "tape")) : Result<void>();
    };
    UncontrolledCopy control;
    QCOMPARE(codeOf(exportGeneration(*exported.array, 1, full, control)), ErrorCode::NoSpace);
    QCOMPARE(calls, std::size_t{21});
}

void TestExportImport::theFirstBytesAreWrittenLast()
{
    Exported exported;
    Other other;
    bool early = false;
    HookEach control([&] {
        const auto first = other.array.read(other.target, 0, kMiB);
        const auto last = other.array.read(other.target, kSize - kMiB, kMiB);
        early = early || (!isZero(first) && isZero(last));
    });
    exported.array.fillRandom(exported.source, 5);
    must(exported.array.backUp(exported.source, exported.backup));
    std::string archive;
    UncontrolledCopy none;
    must(exportGeneration(*exported.array, 2, sinkInto(archive), none));
    must(importInto(other.array, other.target, opened(archive), control));
    QVERIFY(!early);
    QVERIFY(holdsBackup(other, exported));
}

void TestExportImport::anImportCanceledAnywhereGoesOn()
{
    Exported exported;
    Other other;
    StopAt counting(0);
    must(importInto(other.array, other.target, opened(exported.archive), counting));
    must(forget(*other.array, 1, "spare"));
    for (std::uint64_t call = 2; call <= counting.calls(); call += 13) {
        auto image = opened(exported.archive);
        const auto plan =
            must(planImport(*other.array, image.record, other.target, {.confirmedName = "spare"}));
        StopAt control(call);
        const auto stopped = importGeneration(*other.array, plan, *image.chunks, control);
        const auto newest = must(must((*other.array).catalog())->generations()).front();
        if (stopped || newest.state == GenerationState::Copied) {
            must(forget(*other.array, newest.number, "spare"));
            continue;
        }
        QCOMPARE(stopped.error().code, ErrorCode::Canceled);
        QCOMPARE(newest.state, GenerationState::Interrupted);
        other.array.attach();
        const auto resumed = must(importInto(other, exported.archive));
        QCOMPARE(resumed.number, newest.number);
        QCOMPARE(resumed.state, GenerationState::Good);
        QVERIFY(holdsBackup(other, exported));
        must(forget(*other.array, newest.number, "spare"));
    }
}

void TestExportImport::aResumedImportWritesNothingTwice()
{
    Exported exported;
    Other other;
    StopAt control(30);
    QCOMPARE(codeOf(importInto(other.array, other.target, opened(exported.archive), control)),
             ErrorCode::Canceled);
    const auto jobs = must(interruptedJobs(*other.array));
    QCOMPARE(jobs.size(), std::size_t{1});
    const std::uint64_t done = jobs[0].done.count();
    QVERIFY(done > 20);
    const auto outcome = must(importInto(other, exported.archive));
    QCOMPARE(outcome.copy.copiedBytes, kSize - done * kChunkBytes);
    QVERIFY(holdsBackup(other, exported));
}

void TestExportImport::anotherArchiveDoesNotGoOnWithAnImport()
{
    Exported exported;
    Other other;
    StopAt control(30);
    QCOMPARE(codeOf(importInto(other.array, other.target, opened(exported.archive), control)),
             ErrorCode::Canceled);
    // It claims to be the same, and is not.
    auto entries = entriesOf(exported.archive);
    QCOMPARE(entries.at(1).name, std::string("digests/0000000"));
    std::ranges::reverse(entries[1].content.begin() + 33, entries[1].content.begin() + 65);
    QCOMPARE(codeOf(importInto(other, tarOf(entries))), ErrorCode::PlanChanged);
    QVERIFY(other.array.state(1) != GenerationState::Good);
}

void TestExportImport::resumeAndDiscardKnowImports()
{
    Exported exported;
    Other other;
    StopAt control(30);
    QCOMPARE(codeOf(importInto(other.array, other.target, opened(exported.archive), control)),
             ErrorCode::Canceled);
    const Job job = must(interruptedJobs(*other.array)).at(0);
    QCOMPARE(job.kind, JobKind::Import);
    const auto before = other.array.memberDigests();
    UncontrolledCopy goOn;
    QCOMPARE(codeOf(resume(*other.array, job, goOn)), ErrorCode::BackupNotUsable);
    QVERIFY(other.array.memberDigests() == before);
    must(discard(*other.array, job));
    QCOMPARE(other.array.state(1), GenerationState::Failed);
    QCOMPARE(must(importInto(other, exported.archive)).number, GenerationNumber{2});
}

void TestExportImport::cancelBeforeTheFirstWriteWritesNothing()
{
    Exported exported;
    Other other;
    const auto before = other.array.memberDigests();
    StopAt control(1);
    QCOMPARE(codeOf(importInto(other.array, other.target, opened(exported.archive), control)),
             ErrorCode::Canceled);
    QVERIFY(other.array.memberDigests() == before);
}

void TestExportImport::theGuardsOfABackupHold()
{
    Exported exported;
    Other other;
    const RegionId small = other.array.addRegion("small", kMiB, 0);
    const auto before = other.array.memberDigests();
    const NewGeneration record = opened(exported.archive).record;
    QCOMPARE(codeOf(planImport(*other.array, record, small, {})), ErrorCode::TargetTooSmall);
    for (const Region& region : (*other.array).layout().regions) {
        if (region.role == RegionRole::Management)
            QVERIFY(!planImport(*other.array, record, region.id, {.confirmedName = region.name}));
    }
    QVERIFY(other.array.memberDigests() == before);
    other.array.makeFilesystem(other.target, "ext4", "precious");
    QCOMPARE(codeOf(planImport(*other.array, record, other.target, {})),
             ErrorCode::ConfirmationNeeded);
    QCOMPARE(codeOf(planImport(*other.array, record, other.target, {.confirmedName = "small"})),
             ErrorCode::ConfirmationMismatch);
    // What was confirmed is compared with what is there when it begins.
    auto image = opened(exported.archive);
    const auto plan =
        must(planImport(*other.array, record, other.target, {.confirmedName = "spare"}));
    other.array.makeFilesystem(other.target, "ext4", "another");
    const auto unchanged = other.array.memberDigests();
    UncontrolledCopy control;
    QCOMPARE(codeOf(importGeneration(*other.array, plan, *image.chunks, control)),
             ErrorCode::PlanChanged);
    QVERIFY(other.array.memberDigests() == unchanged);
}

void TestExportImport::onItsOwnArrayItIsNeverWrittenOverItsSource()
{
    Exported exported;
    const NewGeneration record = opened(exported.archive).record;
    QCOMPARE(
        codeOf(planImport(*exported.array, record, exported.source, {.confirmedName = "home"})),
        ErrorCode::SourceIsTarget);
    const RegionId second = exported.array.addRegion("second", kSize, 1);
    UncontrolledCopy control;
    const auto outcome =
        must(importInto(exported.array, second, opened(exported.archive), control));
    QCOMPARE(outcome.state, GenerationState::Good);
    // Now there are two copies, so that neither is the last.
    must(forget(*exported.array, 1, {}));
    must(exported.array.restore(outcome.number));
}

void TestExportImport::aBareImageBecomesABackup()
{
    Exported exported;
    Other other;
    const auto bytes = exported.array.read(exported.source);
    const std::string path = other.array.directory() + "/disk.img";
    QFile file(QString::fromStdString(path));
    QVERIFY(file.open(QIODevice::WriteOnly));
    // Of any size: the last chunk is shorter.
    const auto size = static_cast<qint64>(bytes.size() - 12345);
    QCOMPARE(file.write(reinterpret_cast<const char*>(bytes.data()), size), size);
    file.close();
    StopAt control(20);
    QCOMPARE(
        codeOf(importInto(other.array, other.target, must(openImage({.path = path}, {})), control)),
        ErrorCode::Canceled);
    const RegionRef source = other.array.generation(1).source;
    QCOMPARE(source.name, std::string("disk.img"));
    UncontrolledCopy goOn;
    const auto outcome =
        must(importInto(other.array, other.target, must(openImage({.path = path}, {})), goOn));
    QCOMPARE(outcome.number, GenerationNumber{1});
    QCOMPARE(outcome.state, GenerationState::Good);
    QVERIFY(std::ranges::equal(other.array.read(other.target, 0, static_cast<std::size_t>(size)),
                               std::span(bytes).first(static_cast<std::size_t>(size))));
    QCOMPARE(other.array.generation(1).content.type, std::string("ext4"));
}

void TestExportImport::whatIsNoBareImageIsRefused()
{
    const QTemporaryDir directory;
    const std::string path = directory.path().toStdString() + "/disk.qcow2";
    QCOMPARE(codeOf(openImage({.path = path}, {})), ErrorCode::OpenFailed);
    QFile file(QString::fromStdString(path));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(codeOf(openImage({.path = path}, {})), ErrorCode::InvalidSize);
    file.write("QFI\xfb", 4);
    file.close();
    QCOMPARE(codeOf(openImage({.path = path}, {})), ErrorCode::Unsupported);
    QCOMPARE(codeOf(openImage({.path = "/dev/null"}, {})), ErrorCode::OpenFailed);
}

QTEST_GUILESS_MAIN(TestExportImport)
#include "test_export_import.moc"
