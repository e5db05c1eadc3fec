// At whatever write or flush the power is cut, a rebuild of a damaged catalog loses nothing that
// the damaged one still told.
#include "core/backup/catalog_file.h"
#include "core/backup/keep.h"
#include "core/catalog/management_region.h"
#include "tests/support/array_fixture.h"
#include "tests/support/image_file.h"
#include "tests/support/memory_array.h"
#include "tests/support/state_stride.h"

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 2 * kMiB;

struct Known {
    std::vector<Generation> generations;
    std::vector<UnfinishedWrite> unfinished;
    friend bool operator==(const Known&, const Known&) = default;
};

Known knownTo(Attachment& attachment)
{
    const auto catalog = must(attachment.catalog());
    return {must(catalog->generations()), must(catalog->unfinished())};
}

// An array on which the same page of every copy of the catalog is damaged.
class DamagedCatalog {
public:
    DamagedCatalog(const std::string& directory, std::size_t members, std::uint64_t managementBytes)
    {
        ArrayFixture array(directory, {.members = members,
                                       .memberSizeBytes = managementBytes + 8 * kMiB,
                                       .managementBytes = managementBytes});
        fill(array);
        for (const Region& region : (*array).layout().regions) {
            if (region.role == RegionRole::Management)
                m_catalogs.push_back(region.extent);
        }
        m_paths = array.paths();
        array.detach();
        for (const std::string& path : m_paths)
            m_whole.push_back(readImage(path));
        damage();
    }

    // The disks of a cut, or as they were before the rebuild.
    [[nodiscard]] std::vector<MemoryDisk>
    disks(const std::vector<std::shared_ptr<MemoryMedium>>& media) const
    {
        std::vector<MemoryDisk> disks;
        for (std::size_t i = 0; i < m_paths.size(); ++i)
            disks.push_back({media[i], m_paths[i]});
        return disks;
    }
    [[nodiscard]] const std::vector<std::vector<std::byte>>& bytes() const { return m_damaged; }
    [[nodiscard]] static std::vector<std::shared_ptr<MemoryMedium>>
    mediaOf(const std::vector<std::vector<std::byte>>& all)
    {
        std::vector<std::shared_ptr<MemoryMedium>> media;
        for (const auto& bytes : all) {
            media.push_back(std::make_shared<MemoryMedium>(bytes.size()));
            media.back()->bytes = bytes;
            media.back()->durable = bytes;
        }
        return media;
    }

private:
    // Two backups, of which one is held, and a region that is half-written.
    static void fill(ArrayFixture& array)
    {
        const RegionId source = array.addRegion("root", kSize);
        const RegionId copy = array.addRegion("copy", kSize);
        const RegionId other = array.addRegion("other", kSize);
        array.fillRandom(source, 1);
        must(array.backUp(source, copy));
        must(array.backUp(source, other));
        must(hold(*array, 1));
        ImportPlan plan;
        plan.region = source;
        plan.confirmedName = array.region(source).name;
        bool given = false;
        const ByteSource broken = [&given](std::span<std::byte> into) -> Result<std::size_t> {
            if (std::exchange(given, true))
                return failure(ErrorCode::ReadFailed, "stream");
            std::ranges::fill(into, std::byte{7});
            return into.size();
        };
        UncontrolledCopy control;
        if (importRegion(*array, plan, broken, control))
            stopTest("broken import", {});
    }

    [[nodiscard]] std::vector<std::vector<std::byte>> withDamage(std::uint64_t page) const
    {
        auto all = m_whole;
        for (std::size_t i = 0; i < all.size(); ++i) {
            const auto areas = must(managementAreas(m_catalogs[i].lengthBytes));
            const std::uint64_t at =
                m_catalogs[i].offsetBytes + areas.main.offsetBytes + (page - 1) * kPageBytes + 3900;
            all[i][static_cast<std::size_t>(at)] ^= std::byte{0x5a};
        }
        return all;
    }

    // The last page that is needed for writing, and for no record.
    void damage()
    {
        for (std::uint64_t page = 60; page > 1; --page) {
            m_damaged = withDamage(page);
            TestEnvironment machine(page);
            const auto attachment = attachMemory(disks(mediaOf(m_damaged)), machine.environment());
            if (!attachment->catalog() || !must(needsNewCatalog(*attachment)))
                continue;
            UncontrolledCopy control;
            must(rebuildCatalog(*attachment, control));
            const Known known = knownTo(*attachment);
            if (known.generations.size() == 2 && known.generations.back().held &&
                known.unfinished.size() == 1 && known.unfinished.front().sizeBytes == kSize)
                return;
        }
        stopTest("no such page", {});
    }

    std::vector<std::string> m_paths;
    std::vector<ByteRange> m_catalogs; // Of each disk.
    std::vector<std::vector<std::byte>> m_whole;
    std::vector<std::vector<std::byte>> m_damaged;
};

// Rebuilds if it has to be, and expects to find as much as was known before the cut.
std::string judge(Attachment& attachment, const Known& known, std::uint64_t capacityBytes)
{
    UncontrolledCopy control;
    if (const auto needed = needsNewCatalog(attachment); !needed)
        return errorName(needed.error().code);
    else if (*needed)
        must(rebuildCatalog(attachment, control), "rebuild after the cut");
    must(WriteAccess::take(attachment), "write after the cut").catalog().setSetting("a", "b");
    if (knownTo(attachment) != known)
        return "not what was known";
    const auto catalog = must(attachment.catalog());
    const CatalogStatus status = catalog->status();
    if (!must(catalog->ledger()).chainIntact || status.histories.size() != 1)
        return "the history is broken";
    if (status.capacityBytes != capacityBytes)
        return "it does not have the whole region";
    const bool current = std::ranges::all_of(status.copies, [](const CatalogCopyStatus& copy) {
        return copy.state == CatalogCopyState::Current;
    });
    return current ? "" : "a copy is left behind";
}

} // namespace

class TestRebuildPower : public QObject {
    Q_OBJECT

private slots:
    void aRebuildCutAnywhereLosesNothing_data();
    void aRebuildCutAnywhereLosesNothing();
};

void TestRebuildPower::aRebuildCutAnywhereLosesNothing_data()
{
    QTest::addColumn<int>("members");
    QTest::addColumn<qulonglong>("managementBytes");
    QTest::newRow("one copy") << 1 << qulonglong{8 * kMiB};
    QTest::newRow("two copies") << 2 << qulonglong{8 * kMiB};
    // Nothing fits beside the old one: the other copy keeps it meanwhile.
    QTest::newRow("two copies without room") << 2 << qulonglong{kMinimumManagementBytes};
}

void TestRebuildPower::aRebuildCutAnywhereLosesNothing()
{
    QFETCH(int, members);
    QFETCH(qulonglong, managementBytes);
    const QTemporaryDir directory;
    const DamagedCatalog damaged(directory.path().toStdString(), static_cast<std::size_t>(members),
                                 managementBytes);
    TestEnvironment machine(testSeed());
    const auto log = std::make_shared<WriteLog>();
    Known known;
    {
        const auto media = DamagedCatalog::mediaOf(damaged.bytes());
        const auto attachment = attachMemory(damaged.disks(media), machine.environment(), log);
        UncontrolledCopy control;
        must(rebuildCatalog(*attachment, control));
        known = knownTo(*attachment);
    }
    QCOMPARE(known.generations.size(), std::size_t{2});
    QVERIFY(known.generations.back().held);
    QCOMPARE(known.unfinished.size(), std::size_t{1});
    QVERIFY(log->entries.size() > 30);

    const std::uint64_t capacityBytes = must(managementAreas(managementBytes)).main.lengthBytes;
    TestEnvironment elsewhere(testSeed() + 1);
    SeededRandom random(testSeed());
    CrashStates states(*log, damaged.bytes());
    const auto wrongWith = [&](Unflushed unflushed) {
        std::vector<std::shared_ptr<MemoryMedium>> media;
        for (std::size_t device = 0; device < damaged.bytes().size(); ++device)
            media.push_back(states.medium(device, unflushed, random));
        const auto attachment = attachMemory(damaged.disks(media), elsewhere.environment());
        return judge(*attachment, known, capacityBytes);
    };
    for (std::uint64_t state = 0;; ++state) {
        const auto unflushed = static_cast<Unflushed>(state / stateStride() % 3);
        const bool beforeFlush = !states.atEnd() && log->entries[states.position()].flush;
        std::string wrong;
        if (state % stateStride() == 0) {
            wrong = wrongWith(unflushed);
            if (wrong.empty() && beforeFlush && unflushed != Unflushed::Lost)
                wrong = wrongWith(Unflushed::Lost);
        }
        QVERIFY2(wrong.empty(), qPrintable(QString("after %1 of %2 writes: %3")
                                               .arg(states.position())
                                               .arg(log->entries.size())
                                               .arg(wrong.c_str())));
        if (states.atEnd())
            break;
        states.advance();
    }
}

QTEST_GUILESS_MAIN(TestRebuildPower)
#include "test_rebuild_power.moc"
