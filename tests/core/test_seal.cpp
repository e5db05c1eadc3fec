// A sealed backup is known to no program but Cairn, and is what was backed up all the same.
#include "core/backup/seal.h"

#include "core/array/simulated/simulated_array.h"
#include "core/backup/administer.h"
#include "core/backup/candidates.h"
#include "core/backup/copy_presence.h"
#include "core/backup/keep.h"
#include "core/backup/release_disk.h"
#include "core/backup/resume.h"
#include "core/backup/undo.h"
#include "core/backup/verify.h"
#include "tests/support/array_fixture.h"
#include "tests/support/image_file.h"
#include "tests/support/run_program.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <cstring>
#include <map>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 12 * kMiB;

ErrorCode codeOf(const auto& result)
{
    return result ? ErrorCode{} : result.error().code;
}

void put(const std::string& path, std::uint64_t offset, const QByteArray& bytes)
{
    QFile file(QString::fromStdString(path));
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.seek(static_cast<qint64>(offset)));
    QCOMPARE(file.write(bytes), bytes.size());
}

// Linux RAID of version 1.0, whose superblock is 8 KiB before the end; mdadm needs its driver.
void makeRaid(const std::string& path, std::uint64_t sizeBytes)
{
    QByteArray superblock(256, '\0');
    superblock.replace(0, 8, QByteArray::fromHex("fc4e2ba901000000"));
    superblock.replace(16, 16, QByteArray("sixteen bytes id"));
    const std::uint64_t at = sizeBytes - 8 * kKiB;
    const std::uint64_t sector = at / 512;
    std::memcpy(superblock.data() + 144, &sector, sizeof sector);
    put(path, at, superblock);
}

// Which program makes which content in a file.
bool make(const QString& type, const std::string& path, std::uint64_t sizeBytes)
{
    makeSparseImage(path, sizeBytes);
    const QString file = QString::fromStdString(path);
    if (type == "raid") {
        makeRaid(path, sizeBytes);
        return true;
    }
    const std::map<QString, QStringList> programs = {
        {"ext4", {"mkfs.ext4", "-q", "-F", "-L", "sealed", file}},
        {"xfs", {"mkfs.xfs", "-q", "-f", file}},
        {"btrfs", {"mkfs.btrfs", "-q", "-f", file}},
        {"fat", {"mkfs.fat", "-n", "SEALED", file}},
        {"fat32", {"mkfs.fat", "-F", "32", file}},
        {"ntfs", {"mkntfs", "-q", "-F", "-Q", file}},
        {"swap", {"mkswap", "-q", "-L", "sealed", file}},
        {"luks",
         {"cryptsetup", "-q", "luksFormat", "--type", "luks2", "--pbkdf", "pbkdf2",
          "--pbkdf-force-iterations", "1000", "--key-file", "/etc/hostname", file}},
        {"luks1",
         {"cryptsetup", "-q", "luksFormat", "--type", "luks1", "--pbkdf-force-iterations", "1000",
          "--key-file", "/etc/hostname", file}},
        {"gpt", {"sh", "-c", "echo 'label: gpt\n,4M' | sfdisk -q " + file}},
        {"iso",
         {"genisoimage", "-quiet", "-J", "-V", "SEALED", "-o", file,
          QStringLiteral(CAIRN_SOURCE_DIR "/core/io")}}};
    const QStringList command = programs.at(type);
    const auto done = runProgram(command.front(), command.mid(1));
    if (done.exitCode != 0)
        qWarning("%s: %s", qPrintable(command.front()), done.errors.constData());
    return done.exitCode == 0;
}

struct Sealing {
    QTemporaryDir directory;
    ArrayFixture array;
    RegionId source;
    RegionId target;

    explicit Sealing(std::uint64_t sizeBytes = kSize)
        : array(directory.path().toStdString(), {.memberSizeBytes = 32 * kMiB + 2 * sizeBytes}),
          source(array.addRegion("root", sizeBytes, 0)),
          target(array.addRegion("copy", sizeBytes, 1))
    {}
    void fill(const QString& type)
    {
        const std::string path = array.directory() + "/content.img";
        QVERIFY(make(type, path, array.region(source).extent.lengthBytes));
        array.write(source, 0, readImage(path));
        must((*array).refresh(), "refresh");
    }
    Result<BackupOutcome> backUp(bool sealed)
    {
        UncontrolledCopy control;
        BackupOptions options;
        options.confirmedName = "copy";
        options.seal = sealed;
        return cairn::backUp(*array, CAIRN_TRY(planBackup(*array, source, target, options)),
                             control);
    }
    // What libblkid says of the bytes on the medium, past every seal.
    QByteArray blkid(const RegionId& region)
    {
        const std::string path = array.directory() + "/raw.img";
        QFile file(QString::fromStdString(path));
        if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate))
            qFatal("raw.img");
        const auto bytes = array.read(region);
        file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<qint64>(bytes.size()));
        file.close();
        return runProgram("blkid", {"-p", QString::fromStdString(path)}).output;
    }
    std::vector<std::byte> trueBytes(const RegionId& region)
    {
        const auto io = must((*array).array().openRegion(region, Access::Read));
        std::vector<std::byte> bytes(static_cast<std::size_t>(io->sizeBytes()));
        must(io->read(0, bytes));
        return bytes;
    }
    VerifyOutcome verified(GenerationNumber number)
    {
        UncontrolledCopy control;
        return must(verify(*array, number, control)).outcome;
    }
};

} // namespace

class TestSeal : public QObject {
    Q_OBJECT

private slots:
    void everyContentIsUnknownOnceSealedAndComesBack_data();
    void everyContentIsUnknownOnceSealedAndComesBack();
    void aPlainBackupIsSealedAndUnsealed();
    void whatSomebodyWroteSinceIsNotHidden();
    void anotherBackupIntoASealedRegion_data();
    void anotherBackupIntoASealedRegion();
    void aRestoreIntoASealedRegionLeavesAllOfIt();
    void whatGoesIntoASealedRegionFromAStreamIsAllThere();
    void aReleasedDiskNeedsNoCatalog();
    void anInterruptedSealingBackupGoesOnSealed();
    void aRemovedRegionKeepsNothing();
    void aBackupThatIsNotThereIsNotSealed();
    void anUndoBringsBackTheSealThatTheRestoreTook_data();
    void anUndoBringsBackTheSealThatTheRestoreTook();
    void aRestoreThatWroteNothingLeavesTheSeal_data();
    void aRestoreThatWroteNothingLeavesTheSeal();
    void aForgottenBackupDoesNotUnsealWhatCameAfterIt();
    void whatCannotBePutBackIsKept();
    void whatLacksItsSignaturesIsNotRestored();
    void aPartialBackupThatAnUndoBringsBackIsSealedAndMarkedAgain();
};

void TestSeal::everyContentIsUnknownOnceSealedAndComesBack_data()
{
    QTest::addColumn<std::uint64_t>("sizeBytes");
    for (const char* type : {"ext4", "fat", "ntfs", "swap", "luks1", "luks", "raid", "gpt", "iso"})
        QTest::newRow(type) << kSize;
    QTest::newRow("luks") << 20 * kMiB;
    QTest::newRow("fat32") << 40 * kMiB;
    QTest::newRow("btrfs") << 116 * kMiB;
    QTest::newRow("xfs") << 320 * kMiB;
}

void TestSeal::everyContentIsUnknownOnceSealedAndComesBack()
{
    QFETCH(std::uint64_t, sizeBytes);
    const QString type = QTest::currentDataTag();
    Sealing it(sizeBytes);
    it.fill(type);
    const auto before = it.array.read(it.source);
    QVERIFY(!it.blkid(it.source).isEmpty());
    const Content content = it.array.region(it.source).content;

    const auto outcome = must(it.backUp(true), "back up");
    QCOMPARE(outcome.state, GenerationState::Good);
    QCOMPARE(it.array.generation(1).seal, SealState::Sealed);
    QCOMPARE(it.blkid(it.target), QByteArray());
    QVERIFY(it.array.read(it.target) != before);
    // Cairn itself sees what was copied, also who attaches it anew.
    it.array.attach();
    QVERIFY(it.trueBytes(it.target) == before);
    QVERIFY(it.array.region(it.target).content == content);
    QVERIFY(it.verified(1).good());
    QVERIFY(findCopy((*it.array).layout(), it.array.generation(1)).present());

    it.array.write(it.source, 0, std::vector(kMiB, std::byte{7}));
    must((*it.array).refresh());
    must(it.array.restore(1), "restore");
    QVERIFY(it.array.read(it.source) == before);

    QVERIFY(must(unseal(*it.array, 1)).pieces > 0);
    QVERIFY(it.array.read(it.target) == before);
    QCOMPARE(it.array.generation(1).seal, SealState::Plain);
    QVERIFY(it.verified(1).good());
}

void TestSeal::aPlainBackupIsSealedAndUnsealed()
{
    Sealing it;
    it.fill("ext4");
    const auto before = it.array.read(it.source);
    must(it.backUp(false));
    QVERIFY(it.array.read(it.target) == before);
    QVERIFY(!it.array.region(it.target).sealedMark);
    const auto sealed = must(seal(*it.array, 1));
    QVERIFY(sealed.changed && sealed.bytes >= 2);
    QVERIFY(it.array.region(it.target).sealedMark);
    QCOMPARE(it.blkid(it.target), QByteArray());
    QVERIFY(it.verified(1).good());
    QVERIFY(!must(seal(*it.array, 1)).changed);
    QVERIFY(must(unseal(*it.array, 1)).changed);
    QVERIFY(!must(unseal(*it.array, 1)).changed);
    QVERIFY(!it.array.region(it.target).sealedMark);
    QVERIFY(it.array.read(it.target) == before);
    const auto kinds = it.array.eventKinds();
    QCOMPARE(std::ranges::count(kinds, EventKind::Sealed), 1);
    QCOMPARE(std::ranges::count(kinds, EventKind::Unsealed), 1);
}

void TestSeal::whatSomebodyWroteSinceIsNotHidden()
{
    Sealing it;
    it.fill("ext4");
    must(it.backUp(true));
    const std::string path = it.array.directory() + "/content.img";
    QVERIFY(make("ext4", path, kSize)); // With another UUID.
    it.array.write(it.target, 0, readImage(path));
    it.array.attach();
    QCOMPARE(it.array.region(it.target).content.type, std::string("ext4"));
    QVERIFY(!findCopy((*it.array).layout(), it.array.generation(1)).present());
    QVERIFY(!it.verified(1).good());
}

void TestSeal::anotherBackupIntoASealedRegion_data()
{
    QTest::addColumn<bool>("firstSealed");
    QTest::addColumn<bool>("secondSealed");
    QTest::addColumn<QString>("then");
    for (const bool first : {false, true}) {
        for (const bool second : {false, true}) {
            for (const char* then : {"nothing", "a byte", "gpt", "zeroes"}) {
                if (first || second)
                    QTest::addRow("%s, %s, %s", first ? "sealed" : "plain",
                                  second ? "sealed" : "plain", then)
                        << first << second << QString::fromLatin1(then);
            }
        }
    }
}

void TestSeal::anotherBackupIntoASealedRegion()
{
    QFETCH(bool, firstSealed);
    QFETCH(bool, secondSealed);
    QFETCH(QString, then);
    Sealing it;
    it.fill("gpt"); // Has a signature in the first and in the last chunk.
    must(it.backUp(firstSealed));
    if (then == "a byte")
        it.array.write(it.source, 3 * kMiB, std::vector{std::byte{1}});
    else if (then == "zeroes")
        it.array.write(it.source, 0, std::vector<std::byte>(kSize));
    else if (then == "gpt")
        it.fill("gpt");
    const auto now = it.array.read(it.source);
    QCOMPARE(must(it.backUp(secondSealed)).state, GenerationState::Good);
    it.array.attach();
    QVERIFY(it.trueBytes(it.target) == now);
    QVERIFY(it.verified(2).good());
    if (secondSealed) {
        QCOMPARE(it.blkid(it.target), QByteArray());
        QCOMPARE(it.array.generation(2).seal, SealState::Sealed);
        must(unseal(*it.array, 2));
    }
    QVERIFY(it.array.read(it.target) == now);
}

void TestSeal::aRestoreIntoASealedRegionLeavesAllOfIt()
{
    Sealing it;
    it.fill("ext4");
    const RegionId other = it.array.addRegion("other", kSize, 1);
    const auto first = it.array.read(it.source);
    must(it.backUp(true));
    UncontrolledCopy control;
    must(it.array.backUp(it.source, other, control)); // The same content, plain.
    it.array.write(it.source, 5 * kMiB, std::vector(9, std::byte{1}));
    for (const bool differs : {false, true}) {
        must(seal(*it.array, 1));
        if (differs) {
            must(it.array.backUp(it.source, other, control));
        }
        const auto plan = must(planRestore(
            *it.array, differs ? 3 : 2, {.to = it.target, .confirmedName = "copy", .undo = false}));
        must(restore(*it.array, plan, control));
        QVERIFY(it.array.read(it.target) == (differs ? it.array.read(it.source) : first));
        QVERIFY(must(must((*it.array).catalog())->seals()).empty());
        if (!differs)
            break; // Its record is superseded from here on.
    }
}

void TestSeal::whatGoesIntoASealedRegionFromAStreamIsAllThere()
{
    Sealing it;
    it.fill("ext4");
    must(it.backUp(true));
    must(forget(*it.array, 1, "copy"));
    QVERIFY(it.trueBytes(it.target) == it.array.read(it.source));
    bool given = false;
    const ByteSource stream = [&](std::span<std::byte> into) -> Result<std::size_t> {
        if (std::exchange(given, true))
            return std::size_t{0};
        into[0] = std::byte{9};
        return std::size_t{1};
    };
    auto expected = it.array.read(it.source);
    expected[0] = std::byte{9};
    UncontrolledCopy control;
    must(importRegion(*it.array, {.region = it.target, .sizeBytes = 1, .confirmedName = "copy"},
                      stream, control));
    QVERIFY(it.array.read(it.target) == expected);
}

void TestSeal::aReleasedDiskNeedsNoCatalog()
{
    Sealing it;
    it.fill("ext4");
    const auto before = it.array.read(it.source);
    must(it.backUp(true));
    const Region target = it.array.region(it.target);
    const ArrayLayout layout = (*it.array).layout();
    const auto management = std::ranges::find_if(layout.regions, [&](const Region& region) {
        return region.role == RegionRole::Management && region.member == target.member;
    });
    must(releaseDisk(*it.array, target.member, management->id.uuid.toString()));
    it.array.detach();
    const auto disk = readImage(layout.findMember(target.member)->location);
    const auto from = disk.begin() + static_cast<std::ptrdiff_t>(target.extent.offsetBytes);
    QVERIFY(std::equal(before.begin(), before.end(), from));
}

void TestSeal::anInterruptedSealingBackupGoesOnSealed()
{
    Sealing it;
    it.fill("gpt");
    const auto before = it.array.read(it.source);
    BackupOptions options;
    options.seal = true;
    for (std::uint64_t nth = 4;; nth += 3) {
        StopAt stop(nth);
        const auto plan = must(planBackup(*it.array, it.source, it.target, options));
        const auto outcome = backUp(*it.array, plan, stop);
        QCOMPARE(it.blkid(it.target), QByteArray());
        if (outcome)
            break;
        it.array.attach();
        UncontrolledCopy control;
        for (const Job& job : must(interruptedJobs(*it.array)))
            must(resume(*it.array, job, control));
        QVERIFY(it.trueBytes(it.target) == before);
        QCOMPARE(it.blkid(it.target), QByteArray());
        options.confirmedName = "copy";
    }
}

void TestSeal::aRemovedRegionKeepsNothing()
{
    Sealing it;
    it.fill("ext4");
    must(it.backUp(true));
    must(forget(*it.array, 1, "copy"));
    must(removeRegion(*it.array, it.target, "copy"));
    QVERIFY(must(must((*it.array).catalog())->seals()).empty());
}

void TestSeal::aBackupThatIsNotThereIsNotSealed()
{
    Sealing it;
    it.fill("ext4");
    must(it.backUp(false));
    const std::string path = it.array.directory() + "/content.img";
    QVERIFY(make("swap", path, kSize));
    it.array.write(it.target, 0, readImage(path));
    it.array.attach();
    const auto digests = it.array.memberDigests();
    QCOMPARE(codeOf(seal(*it.array, 1)), ErrorCode::BackupNotUsable);
    QCOMPARE(codeOf(seal(*it.array, 7)), ErrorCode::UnknownGeneration);
    QVERIFY(it.array.memberDigests() == digests);
}

void TestSeal::anUndoBringsBackTheSealThatTheRestoreTook_data()
{
    QTest::addColumn<bool>("unsealedBefore");
    QTest::addColumn<bool>("cutShort");
    QTest::newRow("sealed") << false << false;
    QTest::newRow("unsealed by the operator") << true << false;
    QTest::newRow("sealed, the undo goes on") << false << true;
}

// Incident: after an undo the UUID of the backup was visible beside its source's.
void TestSeal::anUndoBringsBackTheSealThatTheRestoreTook()
{
    QFETCH(bool, unsealedBefore);
    QFETCH(bool, cutShort);
    Sealing it;
    it.fill("ext4");
    const RegionId other = it.array.addRegion("other", kSize, 1);
    it.array.addRegion("room", kSize, 0);
    must(it.backUp(true));
    const auto before = it.array.read(it.source);
    if (unsealedBefore)
        must(unseal(*it.array, 1));
    it.fill("ext4"); // With another UUID.
    UncontrolledCopy control;
    must(it.array.backUp(it.source, other, control));
    const auto plan = must(planRestore(*it.array, 2, {.to = it.target, .confirmedName = "copy"}));
    const auto restored = must(restore(*it.array, plan, control), "restore");
    QVERIFY(restored.undo != 0);
    QVERIFY(it.array.read(it.target) == it.array.read(it.source));
    StopAt stop(cutShort ? 8 : 1000);
    const auto undone = undo(*it.array, must(planUndo(*it.array, restored.undo, "copy")), stop);
    QCOMPARE(!undone, cutShort);
    if (cutShort)
        must(undo(*it.array, must(planUndo(*it.array, restored.undo, "copy")), control));
    QVERIFY(it.trueBytes(it.target) == before);
    QCOMPARE(it.blkid(it.target).isEmpty(), !unsealedBefore);
    QCOMPARE(it.array.generation(1).seal, unsealedBefore ? SealState::Plain : SealState::Sealed);
    QCOMPARE(it.array.region(it.target).sealedMark, !unsealedBefore);
    QVERIFY(it.verified(1).good());
    QVERIFY(findCopy((*it.array).layout(), it.array.generation(1)).present());
}

void TestSeal::aRestoreThatWroteNothingLeavesTheSeal_data()
{
    QTest::addColumn<bool>("keeps");
    QTest::newRow("with an undo copy") << true;
    QTest::newRow("without one") << false;
}

// Incident: canceled before its first byte, a restore left the backup that it was to overwrite
// unsealed.
void TestSeal::aRestoreThatWroteNothingLeavesTheSeal()
{
    QFETCH(bool, keeps);
    Sealing it;
    it.fill("ext4");
    const RegionId other = it.array.addRegion("other", kSize, 1);
    it.array.addRegion("room", kSize, 0);
    must(it.backUp(true));
    const auto before = it.array.read(it.target);
    it.fill("ext4");
    UncontrolledCopy control;
    must(it.array.backUp(it.source, other, control));
    int intact = 0;
    for (std::uint64_t nth = 2;; nth += 5) {
        StopAt stop(nth);
        const auto plan = must(
            planRestore(*it.array, 2, {.to = it.target, .confirmedName = "copy", .undo = keeps}));
        const auto restored = restore(*it.array, plan, stop);
        if (!hasCopy(it.array.generation(1)))
            break; // From here on it is overwritten.
        QVERIFY(!restored);
        ++intact;
        QCOMPARE(it.array.generation(1).seal, SealState::Sealed);
        QVERIFY(it.array.read(it.target) == before);
        QVERIFY(it.array.region(it.target).sealedMark);
        for (const Job& job : must(interruptedJobs(*it.array)))
            must(discard(*it.array, job));
    }
    QVERIFY(intact > 1);
}

void TestSeal::aForgottenBackupDoesNotUnsealWhatCameAfterIt()
{
    Sealing it;
    it.fill("ext4");
    must(it.backUp(true));
    must(forget(*it.array, 1, "copy"));
    it.fill("ext4");
    must(it.backUp(true));
    const auto digests = it.array.memberDigests();
    QCOMPARE(codeOf(unseal(*it.array, 1)), ErrorCode::BackupNotUsable);
    QVERIFY(it.array.memberDigests() == digests);
    must(forget(*it.array, 2, "copy"));
    QCOMPARE(codeOf(unseal(*it.array, 1)), ErrorCode::BackupNotUsable);
    QCOMPARE(it.blkid(it.target), QByteArray());
    QVERIFY(must(unseal(*it.array, 2)).changed); // The newest is the one that lies there.
    QVERIFY(it.array.read(it.target) == it.array.read(it.source));
}

// Incident: after a rebuild of the catalog a copy without its signatures was put over a filesystem
// that could be mounted, and called restored.
void TestSeal::whatLacksItsSignaturesIsNotRestored()
{
    Sealing it;
    it.array.fillRandom(it.source, 1); // As a filesystem without its signatures looks.
    const auto before = it.array.read(it.source);
    must(it.backUp(false));
    {
        const auto writing = must(WriteAccess::take(*it.array));
        must((*it.array).array().markSealed(it.target, true));
    }
    const auto restored = it.array.restore(1);
    QCOMPARE(codeOf(restored), ErrorCode::BackupNotUsable);
    QCOMPARE(restored.error().detail, std::string(kSignaturesLost));
    QVERIFY(it.array.read(it.source) == before);
    // Who knows that it never had any says so.
    QVERIFY(must(unseal(*it.array, 1)).changed);
    must(it.array.restore(1));
}

// Incident: with one byte of it damaged, a signature was not put back, and what was kept was thrown
// away: nothing could bring it back then.
void TestSeal::whatCannotBePutBackIsKept()
{
    Sealing it;
    it.fill("ext4");
    const auto before = it.array.read(it.source);
    must(it.backUp(true));
    std::vector<std::byte> damaged(1, std::byte{0x5a});
    it.array.write(it.target, 1080, damaged); // Of the magic number of ext4.
    const auto digests = it.array.memberDigests();
    const auto refused = unseal(*it.array, 1);
    QCOMPARE(codeOf(refused), ErrorCode::BackupNotUsable);
    QVERIFY(QString::fromStdString(refused.error().detail).contains("1080"));
    const Uuid member = it.array.region(it.target).member;
    const auto regions = (*it.array).layout().regions;
    const auto catalog = std::ranges::find_if(regions, [&](const Region& region) {
        return region.role == RegionRole::Management && region.member == member;
    });
    QCOMPARE(codeOf(releaseDisk(*it.array, member, catalog->id.uuid.toString())),
             ErrorCode::BackupNotUsable);
    QCOMPARE(it.array.generation(1).seal, SealState::Sealed);
    it.array.write(it.target, 1080, std::vector<std::byte>(1));
    QVERIFY(it.verified(1).good());
    QVERIFY(must(unseal(*it.array, 1)).changed);
    QVERIFY(it.array.read(it.target) == before);
}

// Incident: it was found by no verb any more, and what it lacked of its source could not be read.
void TestSeal::aPartialBackupThatAnUndoBringsBackIsSealedAndMarkedAgain()
{
    const QTemporaryDir directory;
    ArrayFixture array(directory.path().toStdString(), {.simulated = true});
    const RegionId source = array.addRegion("root", kSize, 0);
    const RegionId target = array.addRegion("copy", kSize, 1);
    const RegionId other = array.addRegion("other", kSize, 1);
    array.addRegion("room", kSize, 1);
    const std::string image = array.directory() + "/content.img";
    QVERIFY(make("ext4", image, kSize));
    array.write(source, 0, readImage(image));
    Faults faults;
    faults.unreadable = {{array.region(source).extent.offsetBytes + 5 * kMiB, 4096}};
    must(setFaults(array.directory(), 0, faults));
    must((*array).refresh());
    UncontrolledCopy control;
    BackupOptions options;
    options.seal = true;
    options.onUnreadable = OnUnreadable::Skip;
    const auto partial =
        must(backUp(*array, must(planBackup(*array, source, target, options)), control));
    QCOMPARE(partial.state, GenerationState::Partial);
    must(setFaults(array.directory(), 0, {}));
    array.fillRandom(source, 2);
    must((*array).refresh());
    must(array.backUp(source, other, control));

    const RestoreOptions onto{.to = target, .confirmedName = "copy"};
    const auto restored = must(restore(*array, must(planRestore(*array, 2, onto)), control));
    QVERIFY(restored.undo != 0);
    must(undo(*array, must(planUndo(*array, restored.undo, "copy")), control));
    QCOMPARE(array.generation(1).state, GenerationState::Partial);
    QCOMPARE(array.generation(1).seal, SealState::Sealed);
    QVERIFY(array.region(target).sealedMark);
    QCOMPARE(array.region(target).role, RegionRole::Backup);
}

QTEST_GUILESS_MAIN(TestSeal)
#include "test_seal.moc"
