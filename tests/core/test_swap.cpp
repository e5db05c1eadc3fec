// What a restore by exchange asks first, what it leaves, and what an open one forbids.
#include "core/backup/candidates.h"
#include "core/backup/catalog_file.h"
#include "core/backup/exchange_regions.h"
#include "core/backup/export_generation.h"
#include "core/backup/keep.h"
#include "core/backup/release_disk.h"
#include "core/backup/reread.h"
#include "core/backup/seal.h"
#include "core/backup/swap_restore.h"
#include "core/backup/verify.h"
#include "tests/support/array_fixture.h"
#include "tests/support/run_program.h"
#include "tests/support/test_environment.h"

#include <QTemporaryDir>
#include <QtTest>
#include <span>
#include <sstream>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 4 * kMiB;

template<typename Value>
std::string said(const Result<Value>& result)
{
    if (result)
        return "done";
    const bool told = result.error().code == ErrorCode::CannotSwap;
    return errorName(result.error().code) + (told ? ": " + result.error().detail : std::string());
}

} // namespace

// #1 is of root, in copy; root was changed since. Both lie on the first of two disks.
class TestSwap : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup() { m_array.reset(); }
    void theSourceLeadsToTheBackupAndUndoReturnsTheExactBytes();
    void whatWasWrittenAfterTheSwapIsKeptWhenItIsUndone();
    void whatCannotBeExchangedIsRefused_data();
    void whatCannotBeExchangedIsRefused();
    void theLastGoodCopyAsksForItsName();
    void whatBecameTheLastCopyMeanwhileAsksForItsName();
    void whatAnotherProcessDidMeanwhileEndsIt_data();
    void whatAnotherProcessDidMeanwhileEndsIt();
    void aVerificationOfBeforeTheSwapProvesNothing();
    void nothingTouchesTheRegionsOfAnOpenSwap();
    void verifyEndsASwapThatWasCutShort();
    void whyASwapStaysOpenIsTold();
    void howASwapEndedIsTold();
    void aDiskThatIsGivenUpTakesItsSwapAlong();
    void whatWasMadeInTheSourceSinceIsNotWrittenInto_data();
    void whatWasMadeInTheSourceSinceIsNotWrittenInto();
    void aRebuiltCatalogCanSwapBack();
    void aStrangersTableLeavesTheSignaturesWithTheirBytes_data();
    void aStrangersTableLeavesTheSignaturesWithTheirBytes();

private:
    [[nodiscard]] std::string swapNow(const std::string& confirmed = {},
                                      const std::function<void()>& meanwhile = {});
    void elsewhere(const std::function<void(Attachment&)>& run)
    {
        const auto other = must(Attachment::attach(m_array->uris(), m_other.environment()));
        run(*other);
    }
    // As a power cut right after the row was durable would leave it, or after the signatures went,
    // or after the table was written.
    void beginOnly(bool seals = false, bool exchanges = false);
    [[nodiscard]] std::size_t openSwaps()
    {
        return must(must((**m_array).catalog())->swaps()).size();
    }

    std::optional<QTemporaryDir> m_directory;
    std::optional<ArrayFixture> m_array;
    TestEnvironment m_other{testSeed()};
    RegionId m_root;
    RegionId m_copy;
    RegionId m_spare; // As large as they are, on the same disk.
    RegionId m_away;  // On the other.
    std::vector<std::byte> m_backedUp;
    std::vector<std::byte> m_before;
};

void TestSwap::init()
{
    m_directory.emplace();
    m_array.emplace(m_directory->path().toStdString(),
                    ArrayFixture::Options{.memberSizeBytes = 128 * kMiB});
    m_root = m_array->addRegion("root", kSize);
    m_copy = m_array->addRegion("copy", kSize);
    m_spare = m_array->addRegion("spare", kSize);
    m_away = m_array->addRegion("away", kSize, 1);
    m_array->fillRandom(m_root, 1);
    m_backedUp = m_array->read(m_root);
    must(m_array->backUp(m_root, m_copy));
    m_array->fillRandom(m_root, 2);
    m_before = m_array->read(m_root);
    must((**m_array).refresh());
}

std::string TestSwap::swapNow(const std::string& confirmed, const std::function<void()>& meanwhile)
{
    Attachment& here = **m_array;
    const auto plan = planSwap(here, 1, confirmed);
    if (!plan)
        return said(plan);
    // The first call comes before anything is asked or read.
    HookEach control([&meanwhile, calls = 0]() mutable {
        if (++calls == 2 && meanwhile)
            meanwhile();
    });
    return said(swapRestore(here, *plan, control));
}

void TestSwap::beginOnly(bool seals, bool exchanges)
{
    const auto writing = must(WriteAccess::take(**m_array));
    const Region root = m_array->region(m_root);
    const Region copy = m_array->region(m_copy);
    RegionSwap swap = must(plannedSwap(**m_array, writing.catalog(), root, copy), "planned swap");
    swap.generation = 1;
    swap.seals = seals;
    must(writing.catalog().beginSwap(swap));
    if (seals) {
        must((**m_array).followSeals());
        must((**m_array).array().eraseSignatures(m_root));
    }
    if (exchanges)
        must((**m_array).array().exchangeExtents(m_root, m_copy));
}

void TestSwap::theSourceLeadsToTheBackupAndUndoReturnsTheExactBytes()
{
    const Region root = m_array->region(m_root);
    const Region copy = m_array->region(m_copy);
    QCOMPARE(swapNow("copy"), std::string("done"));
    const Region swapped = m_array->region(m_root);
    QCOMPARE(swapped.name, std::string("root"));
    QCOMPARE(swapped.entry, root.entry);
    QCOMPARE(swapped.role, root.role);
    QCOMPARE(swapped.extent, copy.extent);
    QVERIFY(m_array->read(m_root) == m_backedUp);
    QVERIFY(m_array->read(m_copy) == m_before);
    QCOMPARE(m_array->state(1), GenerationState::Superseded);
    QCOMPARE(m_array->state(2), GenerationState::Copied);
    UncontrolledCopy control;
    must(verify(**m_array, 2, control));
    QCOMPARE(m_array->state(2), GenerationState::Good);
    must(undo(**m_array, must(planUndo(**m_array, 2, {}, {})), control), "undo");
    QCOMPARE(m_array->region(m_root).extent, root.extent);
    QVERIFY(m_array->read(m_root) == m_before);
    QVERIFY(m_array->read(m_copy) == m_backedUp);
    QCOMPARE(m_array->state(1), GenerationState::Good);
    QCOMPARE(m_array->state(2), GenerationState::Superseded);
    QVERIFY(m_array->generation(2).undo->undoneMs != 0);
    QCOMPARE(said(planUndo(**m_array, 2, {}, {})), std::string("BackupNotUsable"));
}

void TestSwap::whatWasWrittenAfterTheSwapIsKeptWhenItIsUndone()
{
    QCOMPARE(swapNow("copy"), std::string("done"));
    const std::vector<std::byte> work(4096, std::byte{7});
    m_array->write(m_root, kMiB, work);
    must((**m_array).refresh());
    UncontrolledCopy control;
    const auto unasked = undo(**m_array, must(planUndo(**m_array, 2, {}, {})), control);
    QCOMPARE(said(unasked), std::string("ConfirmationNeeded"));
    must(undo(**m_array, must(planUndo(**m_array, 2, "root", {})), control), "undo");
    QVERIFY(m_array->read(m_root) == m_before);
    QVERIFY(m_array->read(m_copy, kMiB, work.size()) == work);
    QCOMPARE(m_array->state(1), GenerationState::Partial);
}

void TestSwap::whatCannotBeExchangedIsRefused_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("refusal");
    QTest::newRow("on another disk") << "another disk" << "CannotSwap: another member";
    QTest::newRow("of another size") << "another size" << "CannotSwap: another size";
    QTest::newRow("held") << "held" << "GenerationHeld";
    QTest::newRow("the source holds a backup") << "backup" << "CannotSwap: holds a backup";
    QTest::newRow("forgotten") << "forgotten" << "BackupNotUsable";
}

void TestSwap::whatCannotBeExchangedIsRefused()
{
    QFETCH(const QString, what);
    QFETCH(const QString, refusal);
    GenerationNumber number = 1;
    if (what == QLatin1String("another disk"))
        number = must(m_array->backUp(m_root, m_away)).number;
    if (what == QLatin1String("another size"))
        number = must(m_array->backUp(m_root, m_array->addRegion("larger", 2 * kSize))).number;
    if (what == QLatin1String("held"))
        must(hold(**m_array, 1));
    if (what == QLatin1String("backup")) {
        must(m_array->backUp(m_spare, m_root));
        must((**m_array).refresh());
    }
    if (what == QLatin1String("forgotten"))
        must(forget(**m_array, 1, "copy"));
    const auto digests = m_array->memberDigests();
    const auto plan = planSwap(**m_array, number, "copy");
    QCOMPARE(said(plan), refusal.toStdString());
    QVERIFY(m_array->memberDigests() == digests);
}

void TestSwap::theLastGoodCopyAsksForItsName()
{
    QCOMPARE(swapNow(), std::string("ConfirmationNeeded"));
    QCOMPARE(swapNow("root"), std::string("ConfirmationMismatch"));
    QVERIFY(m_array->read(m_root) == m_before);
}

void TestSwap::whatBecameTheLastCopyMeanwhileAsksForItsName()
{
    const auto other = must(m_array->backUp(m_root, m_spare)).number;
    QCOMPARE(
        swapNow({}, [&] { elsewhere([&](Attachment& there) { must(forget(there, other, {})); }); }),
        std::string("ConfirmationNeeded"));
    QVERIFY(m_array->read(m_root) == m_before);
    QCOMPARE(m_array->state(1), GenerationState::Good);
}

void TestSwap::whatAnotherProcessDidMeanwhileEndsIt_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("refusal");
    QTest::newRow("a swap, and back") << "swap" << "PlanChanged";
    QTest::newRow("a restore") << "restore" << "PlanChanged";
    QTest::newRow("a hold") << "hold" << "GenerationHeld";
}

void TestSwap::whatAnotherProcessDidMeanwhileEndsIt()
{
    QFETCH(const QString, what);
    QFETCH(const QString, refusal);
    const auto there = [&](Attachment& other) {
        UncontrolledCopy control;
        if (what == QLatin1String("hold"))
            must(hold(other, 1));
        if (what == QLatin1String("restore")) {
            const RestoreOptions options{.confirmedName = "root", .undo = false};
            must(restore(other, must(planRestore(other, 1, options)), control));
        }
        if (what == QLatin1String("swap")) {
            must(swapRestore(other, must(planSwap(other, 1, "copy")), control));
            must(undo(other, must(planUndo(other, 2, {}, {})), control));
        }
    };
    const Region root = m_array->region(m_root);
    const auto swapped = swapNow("copy", [&] { elsewhere(there); });
    QVERIFY2(swapped == refusal.toStdString(), swapped.c_str());
    must((**m_array).refresh());
    QCOMPARE(m_array->region(m_root).extent, root.extent);
    QVERIFY(m_array->read(m_copy) == m_backedUp);
}

void TestSwap::aVerificationOfBeforeTheSwapProvesNothing()
{
    bool swapped = false;
    HookAt control(CopyPhase::Verifying, [&] {
        elsewhere([&](Attachment& there) {
            UncontrolledCopy without;
            must(swapRestore(there, must(planSwap(there, 1, "copy")), without));
            // What is written now lands in what will be the backup's region again.
            m_array->detach();
            must(there.refresh());
            const auto writing = must(WriteAccess::take(there));
            const auto io = must(there.array().openRegion(m_root, Access::Write));
            must(io->write(0, std::vector<std::byte>(4096, std::byte{9})));
            must(io->flush());
        });
        elsewhere([&](Attachment& there) {
            UncontrolledCopy without;
            must(undo(there, must(planUndo(there, 2, "root", {})), without));
        });
        swapped = true;
    });
    const auto here = must(Attachment::attach(m_array->uris(), m_other.environment()));
    const auto verified = verify(*here, 1, control);
    QVERIFY(swapped);
    QCOMPARE(said(verified), std::string("PlanChanged"));
    const auto after = must(Attachment::attach(m_array->uris(), m_other.environment()));
    const auto catalog = must(after->catalog());
    QCOMPARE(must(catalog->generation(1)).state, GenerationState::Partial);
}

void TestSwap::nothingTouchesTheRegionsOfAnOpenSwap()
{
    beginOnly();
    must((**m_array).refresh());
    Attachment& here = **m_array;
    UncontrolledCopy control;
    const std::string open = "CannotSwap: unfinished";
    const auto digests = m_array->memberDigests();
    for (const auto& [region, name] : {std::pair(m_root, "root"), std::pair(m_copy, "copy")}) {
        QCOMPARE(said(removeRegion(here, region, name)), open);
        const auto candidate = must(candidateFor(here, m_array->region(region), kSize));
        QVERIFY(!candidate.allowedIfConfirmed());
    }
    QCOMPARE(said(planRestore(here, 1, {.confirmedName = "root"})), open);
    QCOMPARE(said(planSwap(here, 1, "copy")), open);
    QCOMPARE(said(planBackup(here, m_root, m_spare, {})), open);
    QCOMPARE(said(planRelease(here, m_array->region(m_root).member)), open);
    const auto sink = [](std::span<const std::byte>) { return Result<void>(); };
    QCOMPARE(said(exportGeneration(here, 1, sink, control)), open);
    QCOMPARE(openSwaps(), std::size_t{1});
    QVERIFY(m_array->memberDigests() == digests);
}

void TestSwap::verifyEndsASwapThatWasCutShort()
{
    beginOnly();
    must((**m_array).refresh());
    UncontrolledCopy control;
    QVERIFY(must(verify(**m_array, 1, control)).outcome.good());
    QCOMPARE(openSwaps(), std::size_t{0});
    QVERIFY(m_array->read(m_root) == m_before);
    QCOMPARE(swapNow("copy"), std::string("done"));
}

void TestSwap::whyASwapStaysOpenIsTold()
{
    beginOnly();
    m_array->attach({m_array->uris().at(1)});
    QCOMPARE(said(endSwapOf(**m_array, m_copy)), std::string("MemberMissing"));
    // Others go on.
    m_array->fillRandom(m_away, 3);
    QCOMPARE(openSwaps(), std::size_t{1});
    m_array->attach();
    must(endSwapOf(**m_array, m_copy));
    QCOMPARE(openSwaps(), std::size_t{0});
}

void TestSwap::howASwapEndedIsTold()
{
    beginOnly(false, true);
    must((**m_array).refresh());
    const auto found = must(endSwapOf(**m_array, m_copy));
    QVERIFY(found && found->settled && found->settled->made);
    QCOMPARE(found->settled->kept, GenerationNumber{2});
    QCOMPARE(found->swap.generation, GenerationNumber{1});
    QCOMPARE(m_array->state(1), GenerationState::Superseded);
    QVERIFY(!must(endSwapOf(**m_array, m_copy)));
}

void TestSwap::whatWasMadeInTheSourceSinceIsNotWrittenInto_data()
{
    QTest::addColumn<QString>("made");
    QTest::newRow("nothing: the signatures come back") << "";
    QTest::newRow("swap space") << "mkswap";
}

// Cut off after the source had its signatures again, and before the catalog could say so.
void TestSwap::whatWasMadeInTheSourceSinceIsNotWrittenInto()
{
    QFETCH(const QString, made);
    const RegionId backup = m_array->addRegion("data", 32 * kMiB, 1);
    const RegionId copy = m_array->addRegion("data-copy", 32 * kMiB, 1);
    m_array->makeFilesystem(backup, "ext4", "first");
    must((**m_array).refresh());
    UncontrolledCopy control;
    BackupOptions options;
    options.confirmedName = "data-copy";
    options.seal = true;
    must(backUp(**m_array, must(planBackup(**m_array, backup, copy, options)), control));
    const auto whole = m_array->read(backup);
    must((**m_array).refresh());
    {
        const auto writing = must(WriteAccess::take(**m_array));
        RegionSwap swap = must(plannedSwap(**m_array, writing.catalog(), m_array->region(backup),
                                           m_array->region(copy)));
        swap.generation = 2;
        must(writing.catalog().beginSwap(swap));
        must((**m_array).followSeals());
        must((**m_array).array().eraseSignatures(backup));
        must((**m_array).array().exchangeExtents(backup, copy));
        if (!made.isEmpty())
            must((**m_array).array().putSignaturesBack(backup));
    }
    m_array->detach();
    m_array->attach();
    auto expected = whole;
    if (!made.isEmpty()) {
        const QString image = m_directory->filePath(QStringLiteral("made.img"));
        runOrDie("truncate", {"-s", "32M", image});
        runOrDie(made, {"-q", image});
        QFile file(image);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray head = file.read(64 * qint64(kKiB));
        m_array->write(backup, 0, std::as_bytes(std::span(head)));
        expected = m_array->read(backup);
        QVERIFY(expected != whole);
    }
    must(endSwapOf(**m_array, copy));
    QCOMPARE(openSwaps(), std::size_t{0});
    QVERIFY(m_array->read(backup) == expected);
}

void TestSwap::aRebuiltCatalogCanSwapBack()
{
    QCOMPARE(swapNow("copy"), std::string("done"));
    std::string exported;
    must(exportCatalog(**m_array, [&](std::span<const std::byte> bytes) -> Result<void> {
        exported.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        return {};
    }));
    m_array->detach();
    for (const std::string& path : m_array->paths()) {
        QFile disk(QString::fromStdString(path));
        QVERIFY(disk.open(QIODevice::ReadWrite));
        // The management region begins at 1 MiB: its journal and its database are gone.
        QVERIFY(disk.seek(kMiB + 256 * kKiB));
        QVERIFY(disk.write(QByteArray(2 * kMiB, '\x5a')) == 2 * qint64(kMiB));
    }
    m_array->attach();
    std::istringstream file(exported);
    UncontrolledCopy control;
    must(rebuildCatalog(**m_array, file), "rebuild");
    must((**m_array).refresh());
    must(undo(**m_array, must(planUndo(**m_array, 2, {}, {})), control), "undo");
    QVERIFY(m_array->read(m_root) == m_before);
    QVERIFY(m_array->read(m_copy) == m_backedUp);
    QVERIFY(isUsable(m_array->generation(1)));
}

void TestSwap::aDiskThatIsGivenUpTakesItsSwapAlong()
{
    beginOnly();
    const Uuid disk = m_array->region(m_root).member;
    m_array->attach({m_array->uris().at(1)});
    QFile::remove(QString::fromStdString(m_array->paths().at(0)));
    must(releaseDisk(**m_array, disk, "copy"));
    QCOMPARE(openSwaps(), std::size_t{0});
}

void TestSwap::aStrangersTableLeavesTheSignaturesWithTheirBytes_data()
{
    QTest::addColumn<bool>("sourceTakenAway");
    QTest::newRow("the backup's region was removed") << false;
    QTest::newRow("the backup's region was put over the source") << true;
}

void TestSwap::aStrangersTableLeavesTheSignaturesWithTheirBytes()
{
    QFETCH(const bool, sourceTakenAway);
    m_array->makeFilesystem(m_root, "ext4", "work");
    const auto filesystem = m_array->read(m_root);
    must((**m_array).refresh());
    beginOnly(true);
    QVERIFY(m_array->read(m_root) != filesystem);
    const Region root = m_array->region(m_root);
    const Region copy = m_array->region(m_copy);
    m_array->detach();
    const QString file = QString::fromStdString(m_array->paths().at(0));
    const auto gone = QString::number(sourceTakenAway ? root.entry : copy.entry);
    runOrDie("sfdisk", {"--quiet", "--delete", file, gone});
    const auto start = QByteArray::number(qulonglong(root.extent.offsetBytes / 512));
    if (sourceTakenAway)
        runOrDie("sfdisk", {"--quiet", "-N", QString::number(copy.entry), file}, "start=" + start);
    m_array->attach();
    {
        const auto writing = must(WriteAccess::take(**m_array));
    }
    must((**m_array).refresh());
    QCOMPARE(openSwaps(), std::size_t{0});
    QCOMPARE(m_array->state(1), GenerationState::Copied); // In doubt.
    const auto seals = must(must((**m_array).catalog())->seals());
    if (!sourceTakenAway) {
        QVERIFY(m_array->read(m_root) == filesystem);
        QVERIFY(seals.empty());
        return;
    }
    QCOMPARE(seals.size(), std::size_t{1});
    QCOMPARE(seals.front().region, m_copy);
    std::vector<std::byte> bytes(kSize);
    must(must((**m_array).array().openRegion(m_copy, Access::Read))->read(0, bytes));
    QVERIFY(bytes == filesystem);
}

QTEST_GUILESS_MAIN(TestSwap)
#include "test_swap.moc"
