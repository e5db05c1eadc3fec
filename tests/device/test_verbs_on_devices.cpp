// The verbs on loop devices with mounted filesystems; this needs root.
#include "core/backup/administer.h"
#include "core/backup/candidates.h"
#include "core/backup/half_written.h"
#include "core/backup/keep.h"
#include "core/backup/restore.h"
#include "core/backup/resume.h"
#include "core/backup/undo.h"
#include "tests/support/array_fixture.h"
#include "tests/support/image_file.h"
#include "tests/support/loop_device.h"
#include "tests/support/run_program.h"

#include <QDir>
#include <QTemporaryDir>
#include <QtTest>
#include <utility>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 8 * kMiB;

ErrorCode codeOf(const auto& result)
{
    return result ? ErrorCode{} : result.error().code;
}

std::string memberOf(ArrayFixture& array, const RegionId& id)
{
    const ArrayLayout layout = (*array).layout();
    return layout.findMember(array.region(id).member)->location;
}

// Mounts a region of an image file read-only, so that the mount itself writes nothing.
class MountedRegion {
public:
    MountedRegion(ArrayFixture& array, const RegionId& id)
        : m_loop(memberOf(array, id),
                 {"--read-only", "--offset", QString::number(array.region(id).extent.offsetBytes),
                  "--sizelimit", QString::number(array.region(id).extent.lengthBytes)}),
          m_mount(m_loop.path(), directoryOf(array), {"-o", "ro,noload"})
    {
        must((*array).refresh(), "refresh");
    }

private:
    static std::string directoryOf(ArrayFixture& array)
    {
        const std::string directory = array.directory() + "/mnt";
        QDir().mkpath(QString::fromStdString(directory));
        return directory;
    }

    LoopDevice m_loop;
    Mount m_mount;
};

// A loop device over a region that holds nothing to mount, through which it could be written.
class AttachedRegion {
public:
    AttachedRegion(ArrayFixture& array, const RegionId& id)
        : m_loop(memberOf(array, id),
                 {"--offset", QString::number(array.region(id).extent.offsetBytes), "--sizelimit",
                  QString::number(array.region(id).extent.lengthBytes)})
    {
        must((*array).refresh(), "refresh");
    }

private:
    LoopDevice m_loop;
};

class StopWriting final : public CopyControl {
public:
    bool checkpoint(const CopyProgress& progress) override
    {
        return progress.phase != CopyPhase::Copying || progress.writtenBytes == 0;
    }
};

struct Pair {
    QTemporaryDir directory;
    ArrayFixture array{directory.path().toStdString()};
    RegionId source = array.addRegion("root", kSize, 0);
    RegionId target = array.addRegion("copy", kSize, 1);

    Pair() { array.makeFilesystem(source, "ext4", "home"); }
};

} // namespace

class TestVerbsOnDevices : public QObject {
    Q_OBJECT

private slots:
    void aMountedSourceIsRefused();
    void aMountedTargetIsRefused();
    void aTargetMountedAfterThePlanIsRefused();
    // Incident: of an image file that was mounted and written while it was copied, it was good.
    void aSourceThatComesIntoUseMeanwhileIsInconsistent();
    // Incident: in a rescue shell with /proc and without /sys it was overwritten.
    void withoutSysfsNothingIsATarget();
    void aMountedRegionIsNotRestoredOver();
    // Incident: it was refused only after it had kept what it would overwrite, and had recorded the
    // region as half-written, which nothing could go on with.
    void aBackupInUseIsNotRestored();
    void aBackupThatComesIntoUseMeanwhileIsNotRestored();
    void anUndoCopyInUseIsNotBroughtBack();
    void aRestoreOfABackupInUseIsNotResumed();
    void aMountedRegionIsNeitherRemovedNorImportedOver();
    void anotherDiskUnderTheNameIsNotWritten_data();
    void anotherDiskUnderTheNameIsNotWritten();
    void theMainJobWorksOnLoopDevices();
};

void TestVerbsOnDevices::aMountedSourceIsRefused()
{
    Pair pair;
    const MountedRegion mounted(pair.array, pair.source);
    const auto refused = planBackup(*pair.array, pair.source, pair.target, {});
    QCOMPARE(codeOf(refused), ErrorCode::RegionInUse);
    QVERIFY(!refused.error().detail.empty());
}

void TestVerbsOnDevices::aMountedTargetIsRefused()
{
    Pair pair;
    pair.array.makeFilesystem(pair.target, "ext4", "mounted");
    const MountedRegion mounted(pair.array, pair.target);
    BackupOptions options;
    options.confirmedName = "copy";
    QCOMPARE(codeOf(planBackup(*pair.array, pair.source, pair.target, options)),
             ErrorCode::RegionInUse);
}

void TestVerbsOnDevices::withoutSysfsNothingIsATarget()
{
    Pair pair;
    pair.array.detach();
    QStringList members;
    for (const std::string& uri : pair.array.uris())
        members << QStringLiteral("-a") << QString::fromStdString(uri);
    const auto run = [&](const QString& before) {
        return runProgram("unshare", QStringList{"-m", "sh", "-c", before + "exec \"$@\"", "sh",
                                                 CAIRN_BINARY_DIR "/app/cairnctl"} +
                                         members + QStringList{"backup", "root", "copy", "--json"});
    };
    const auto before = pair.array.memberDigests();
    const auto refused = run("mount -t tmpfs none /sys && ");
    QCOMPARE(refused.exitCode, 3);
    QVERIFY(refused.errors.contains("/sys/block cannot be read"));
    QVERIFY(pair.array.memberDigests() == before);
    QCOMPARE(run({}).exitCode, 0); // And not for another reason.
}

void TestVerbsOnDevices::aSourceThatComesIntoUseMeanwhileIsInconsistent()
{
    Pair pair;
    const Region source = pair.array.region(pair.source);
    const auto plan = must(planBackup(*pair.array, pair.source, pair.target, {}));
    std::optional<LoopDevice> loop;
    int calls = 0;
    HookEach control([&] {
        if (++calls == 3) // The copy has begun.
            loop.emplace(memberOf(pair.array, pair.source),
                         QStringList{"--offset", QString::number(source.extent.offsetBytes),
                                     "--sizelimit", QString::number(source.extent.lengthBytes)});
    });
    const auto outcome = must(backUp(*pair.array, plan, control));
    QVERIFY(loop.has_value());
    QCOMPARE(outcome.consistency, Consistency::Inconsistent);
    QCOMPARE(outcome.usedMeanwhile, "attached as " + loop->path());
    QCOMPARE(outcome.state, GenerationState::Copied);
}

void TestVerbsOnDevices::aTargetMountedAfterThePlanIsRefused()
{
    Pair pair;
    pair.array.makeFilesystem(pair.target, "ext4", "mounted");
    BackupOptions options;
    options.confirmedName = "copy";
    const auto plan = must(planBackup(*pair.array, pair.source, pair.target, options));
    const MountedRegion mounted(pair.array, pair.target);
    const auto before = pair.array.memberDigests();
    UncontrolledCopy control;
    QCOMPARE(codeOf(backUp(*pair.array, plan, control)), ErrorCode::RegionInUse);
    QVERIFY(pair.array.memberDigests() == before);
}

void TestVerbsOnDevices::aMountedRegionIsNotRestoredOver()
{
    Pair pair;
    must(pair.array.backUp(pair.source, pair.target));
    const auto plan = must(planRestore(*pair.array, 1, {.confirmedName = "root"}));
    const MountedRegion mounted(pair.array, pair.source);
    const auto before = pair.array.memberDigests();
    UncontrolledCopy control;
    QCOMPARE(codeOf(planRestore(*pair.array, 1, {.confirmedName = "root"})),
             ErrorCode::RegionInUse);
    QCOMPARE(codeOf(restore(*pair.array, plan, control)), ErrorCode::RegionInUse);
    QVERIFY(pair.array.memberDigests() == before);
}

void TestVerbsOnDevices::aBackupInUseIsNotRestored()
{
    Pair pair;
    pair.array.addRegion("spare", kSize, 1);
    must(pair.array.backUp(pair.source, pair.target));
    pair.array.fillRandom(pair.source, 1);
    const auto plan = must(planRestore(*pair.array, 1, {}));
    const MountedRegion mounted(pair.array, pair.target);
    const auto before = pair.array.memberDigests();
    UncontrolledCopy control;
    QCOMPARE(codeOf(planRestore(*pair.array, 1, {})), ErrorCode::RegionInUse);
    QCOMPARE(codeOf(restore(*pair.array, plan, control)), ErrorCode::RegionInUse);
    QVERIFY(pair.array.memberDigests() == before);
}

void TestVerbsOnDevices::aBackupThatComesIntoUseMeanwhileIsNotRestored()
{
    for (const CopyPhase phase : {CopyPhase::Verifying, CopyPhase::Copying}) {
        Pair pair;
        pair.array.addRegion("spare", kSize, 1);
        const RegionId other = pair.array.addRegion("other", kSize, 1);
        must(pair.array.backUp(pair.source, pair.target));
        pair.array.fillRandom(pair.source, 1);
        const auto before = pair.array.read(pair.source);
        const auto kinds = pair.array.eventKinds();
        std::optional<MountedRegion> mounted;
        HookAt control(phase, [&] { mounted.emplace(pair.array, pair.target); });
        const auto plan = must(planRestore(*pair.array, 1, {}));
        QCOMPARE(codeOf(restore(*pair.array, plan, control)), ErrorCode::RegionInUse);
        QVERIFY(control.reached());
        QVERIFY(pair.array.read(pair.source) == before);
        QVERIFY(must(halfWrittenRegions(*pair.array)).empty());
        QVERIFY(must(interruptedJobs(*pair.array)).empty());
        if (phase == CopyPhase::Verifying)
            QVERIFY(pair.array.eventKinds() == kinds);
        must(pair.array.backUp(pair.source, other));
    }
}

void TestVerbsOnDevices::anUndoCopyInUseIsNotBroughtBack()
{
    Pair pair;
    const RegionId spare = pair.array.addRegion("spare", kSize, 1);
    must(pair.array.backUp(pair.source, pair.target));
    pair.array.fillRandom(pair.source, 1);
    UncontrolledCopy control;
    must(restore(*pair.array, must(planRestore(*pair.array, 1, {})), control));
    const auto plan = must(planUndo(*pair.array, 2, {}));
    const AttachedRegion attached(pair.array, spare);
    const auto before = pair.array.memberDigests();
    QCOMPARE(codeOf(planUndo(*pair.array, 2, {})), ErrorCode::RegionInUse);
    QCOMPARE(codeOf(undo(*pair.array, plan, control)), ErrorCode::RegionInUse);
    QVERIFY(pair.array.memberDigests() == before);
}

void TestVerbsOnDevices::aRestoreOfABackupInUseIsNotResumed()
{
    Pair pair;
    must(pair.array.backUp(pair.source, pair.target));
    pair.array.fillRandom(pair.source, 1);
    StopWriting stopped;
    QCOMPARE(codeOf(pair.array.restore(1, std::nullopt, stopped)), ErrorCode::Canceled);
    const auto jobs = must(interruptedJobs(*pair.array));
    QCOMPARE(jobs.size(), std::size_t{1});
    const auto before = pair.array.memberDigests();
    UncontrolledCopy control;
    {
        const MountedRegion mounted(pair.array, pair.target);
        QCOMPARE(codeOf(resume(*pair.array, jobs.front(), control)), ErrorCode::RegionInUse);
    }
    QVERIFY(pair.array.memberDigests() == before);
    must(resume(*pair.array, jobs.front(), control));
}

void TestVerbsOnDevices::aMountedRegionIsNeitherRemovedNorImportedOver()
{
    Pair pair;
    const MountedRegion mounted(pair.array, pair.source);
    const auto before = pair.array.memberDigests();
    QCOMPARE(codeOf(removeRegion(*pair.array, pair.source, "root")), ErrorCode::RegionInUse);
    ImportPlan plan;
    plan.region = pair.source;
    plan.confirmedName = "root";
    const ByteSource nothing = [](std::span<std::byte>) -> Result<std::size_t> { return 0; };
    UncontrolledCopy control;
    QCOMPARE(codeOf(importRegion(*pair.array, plan, nothing, control)), ErrorCode::RegionInUse);
    QVERIFY(pair.array.memberDigests() == before);
}

void TestVerbsOnDevices::anotherDiskUnderTheNameIsNotWritten_data()
{
    QTest::addColumn<QString>("verb");
    for (const char* verb : {"backup", "restore", "region import", "hold"})
        QTest::newRow(verb) << QString::fromLatin1(verb);
}

// Between what was confirmed and the verb the name comes to lead to a copy of the disk, with the
// same GUIDs: names of devices do so when disks are plugged, and links in /dev/disk with them.
void TestVerbsOnDevices::anotherDiskUnderTheNameIsNotWritten()
{
    QFETCH(const QString, verb);
    const QTemporaryDir directory;
    const std::string one = directory.filePath(QStringLiteral("one.img")).toStdString();
    const std::string other = directory.filePath(QStringLiteral("other.img")).toStdString();
    const QString name = directory.filePath(QStringLiteral("disk"));
    makeSparseImage(one, 96 * kMiB);
    const LoopDevice first(one);
    QVERIFY(QFile::link(QString::fromStdString(first.path()), name));
    const auto array = must(Attachment::create(
        {.array = {.uris = {name.toStdString()}}, .label = "one"}, systemEnvironment()));
    const Region source = must(addRegion(*array, {.name = "root", .sizeBytes = kSize}));
    const Region target = must(addRegion(*array, {.name = "copy", .sizeBytes = kSize}));
    UncontrolledCopy control;
    const auto planned = must(planBackup(*array, source.id, target.id, {}));
    must(backUp(*array, planned, control));
    const auto again = must(planBackup(*array, source.id, target.id,
                                       {.label = {}, .note = {}, .confirmedName = "copy"}));
    const auto restoring = must(planRestore(*array, 1, {.confirmedName = "root", .undo = false}));
    runOrDie("blockdev", {"--flushbufs", QString::fromStdString(first.path())});
    QVERIFY(QFile::copy(QString::fromStdString(one), QString::fromStdString(other)));
    const LoopDevice second(other);
    QVERIFY(QFile::remove(name));
    QVERIFY(QFile::link(QString::fromStdString(second.path()), name));
    const auto before = std::pair(digestOf(readImage(one)), digestOf(readImage(other)));

    std::optional<Error> error;
    const auto take = [&error](const auto& result) {
        if (!result)
            error = result.error();
    };
    ImportPlan importing;
    importing.region = source.id;
    importing.confirmedName = "root";
    importing.seen = source;
    if (verb == QLatin1String("backup"))
        take(backUp(*array, again, control));
    else if (verb == QLatin1String("restore"))
        take(restore(*array, restoring, control));
    else if (verb == QLatin1String("hold"))
        take(hold(*array, 1));
    else
        take(importRegion(
            *array, importing,
            [](std::span<std::byte> into) -> Result<std::size_t> { return into.size(); }, control));
    QVERIFY(error.has_value());
    QCOMPARE(errorName(error->code), std::string("IdentityChanged"));
    for (const LoopDevice* loop : {&first, &second})
        runOrDie("blockdev", {"--flushbufs", QString::fromStdString(loop->path())});
    QVERIFY(std::pair(digestOf(readImage(one)), digestOf(readImage(other))) == before);
}

void TestVerbsOnDevices::theMainJobWorksOnLoopDevices()
{
    constexpr std::uint64_t kXfsSize = 320 * kMiB;
    const QTemporaryDir directory;
    const std::string path = directory.path().toStdString();
    ArrayFixture array(path, {.memberSizeBytes = 400 * kMiB});
    const RegionId source = array.addRegion("data", kXfsSize, 0);
    const RegionId target = array.addRegion("copy", kXfsSize, 1);
    array.makeFilesystem(source, "xfs", "data");
    const auto content = array.read(source);
    array.detach();
    {
        const LoopDevice first(array.paths().at(0));
        const LoopDevice second(array.paths().at(1));
        array.attach({first.path(), second.path()});
        QCOMPARE(must(array.backUp(source, target)).state, GenerationState::Good);
        array.fillRandom(source, 3);
        must(array.restore(1));
        array.detach();
    }
    array.attach();
    QVERIFY(array.read(source) == content);
    const std::string image = path + "/check.img";
    writeImage(image, array.read(source));
    QCOMPARE(cairn::test::runProgram({"xfs_repair", "-n", image}), 0);
}

QTEST_GUILESS_MAIN(TestVerbsOnDevices)
#include "test_verbs_on_devices.moc"
