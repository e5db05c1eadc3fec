// What the catalog promises about power cuts: at whatever write both members lose power, the next
// opening finds every acknowledged record, and goes on.
#include "core/catalog/management_region.h"
#include "tests/support/catalog_bench.h"
#include "tests/support/older_schema.h"
#include "tests/support/state_stride.h"

#include <QTest>

#include <algorithm>

using namespace cairn;
using namespace cairn::test;

namespace {

// Devices that share one power supply, which fails at the nth write, zero or flush.
class PowerSupply {
public:
    explicit PowerSupply(std::uint64_t cutAt) : m_cutAt(cutAt) {}

    void connect(const std::vector<CatalogCopy>& copies)
    {
        for (const CatalogCopy& copy : copies) {
            dynamic_cast<MemoryIo&>(*copy.io).observer.setHook(
                [this](IoCall call, ByteRange, std::uint64_t) { return draw(call); });
        }
    }
    [[nodiscard]] bool cut() const { return m_cut; }

private:
    std::optional<Error> draw(IoCall call)
    {
        const bool changes = call == IoCall::Write || call == IoCall::Zero || call == IoCall::Flush;
        if (changes && ++m_drawn == m_cutAt)
            m_cut = true;
        if (!m_cut)
            return std::nullopt;
        return Error{ErrorCode::MemberFailed, ENODEV, "power", {}, 0};
    }

    std::uint64_t m_cutAt;
    std::uint64_t m_drawn = 0;
    bool m_cut = false;
};

// What was acknowledged before the power went.
struct Acknowledged {
    std::vector<GenerationNumber> begun;
    std::vector<GenerationNumber> completed;
};

void work(const CatalogBench& bench, Catalog& catalog, Acknowledged& acknowledged)
{
    const auto wanted = bench.backup("root", "target " + std::to_string(acknowledged.begun.size()));
    const auto number = catalog.begin(wanted);
    if (!number)
        return;
    acknowledged.begun.push_back(*number);
    const auto jobs = catalog.jobs();
    if (!jobs)
        return;
    const auto job = std::ranges::find(*jobs, *number, &Job::generation);
    const auto journal = catalog.journal(job->id);
    const DigestSegment segment = CatalogBench::segment(wanted.sizeBytes, 0);
    ChunkMap done;
    done.add(0);
    if (journal && (*journal)->record(done, {&segment, 1}) && catalog.complete(*number, {}))
        acknowledged.completed.push_back(*number);
}

// Opens, works, and loses power somewhere in between; whether it did.
bool workUntilTheCut(const CatalogBench& bench, std::uint64_t cutAt, Acknowledged& acknowledged)
{
    PowerSupply power(cutAt);
    {
        auto copies = bench.copies();
        power.connect(copies);
        auto catalog = Catalog::openForWriting(std::move(copies), bench.environment);
        if (catalog) {
            work(bench, **catalog, acknowledged);
            work(bench, **catalog, acknowledged);
        }
    }
    for (const auto& medium : bench.media)
        MemoryIo(medium).losePower(bench.machine.random);
    return power.cut();
}

} // namespace

class TestCatalogPower : public QObject {
    Q_OBJECT

private slots:
    void noAcknowledgedRecordIsLostAtAnyCut_data();
    void noAcknowledgedRecordIsLostAtAnyCut();
    void cutsOneAfterAnotherLoseNothing();
};

void TestCatalogPower::noAcknowledgedRecordIsLostAtAnyCut_data()
{
    QTest::addColumn<QByteArray>("downgrade");
    QTest::newRow("of this version") << QByteArray();
    // The first verb that writes also adds the tables. Neither version accepts half of them.
    QTest::newRow("while it is upgraded") << QByteArray(kToVersion1);
}

void TestCatalogPower::noAcknowledgedRecordIsLostAtAnyCut()
{
    QFETCH(QByteArray, downgrade);
    const CatalogBench start(2, kMinimumManagementBytes);
    {
        const auto catalog = start.create();
        start.makeBackup(*catalog, start.backup("root", "first"));
        require(catalog->begin(start.backup("home", "torn")));
    }
    {
        const auto alone = start.write({0}); // So that the opening repairs, too.
        require(alone->setSetting("a", "b"));
    }
    start.tamper(start.copies({0}), downgrade.toStdString());
    start.tamper(start.copies({1}), downgrade.toStdString());
    const auto first = start.bytesOf(0);
    const auto second = start.bytesOf(1);
    bool cut = true;
    for (std::uint64_t cutAt = 1; cut; cutAt += stateStride()) {
        start.setBytesOf(0, first);
        start.setBytesOf(1, second);
        Acknowledged acknowledged;
        cut = workUntilTheCut(start, cutAt, acknowledged);
        const auto catalog = Catalog::openForWriting(start.copies(), start.environment);
        QVERIFY2(catalog.has_value(),
                 qPrintable(QString("cut at %1: %2")
                                .arg(cutAt)
                                .arg(catalog ? "" : errorName(catalog.error().code))));
        QCOMPARE(require((*catalog)->generation(1)).state, GenerationState::Copied);
        for (const GenerationNumber number : acknowledged.begun)
            QVERIFY((*catalog)->generation(number).has_value());
        for (const GenerationNumber number : acknowledged.completed)
            QCOMPARE(require((*catalog)->generation(number)).state, GenerationState::Copied);
        const auto next = require((*catalog)->begin(start.backup("root", "last")));
        QVERIFY(acknowledged.begun.empty() || next > acknowledged.begun.back());
        QVERIFY(require((*catalog)->ledger()).chainIntact);
    }
}

void TestCatalogPower::cutsOneAfterAnotherLoseNothing()
{
    const CatalogBench bench(2, kMinimumManagementBytes);
    (void)bench.create();
    Acknowledged acknowledged;
    for (int round = 0; round < 60; ++round)
        (void)workUntilTheCut(bench, 1 + bench.machine.random.below(400), acknowledged);
    QVERIFY(!acknowledged.completed.empty());
    const auto catalog = bench.write();
    for (const GenerationNumber number : acknowledged.completed) {
        const auto state = require(catalog->generation(number)).state;
        QVERIFY(state == GenerationState::Copied || state == GenerationState::Superseded);
    }
    QVERIFY(std::ranges::is_sorted(acknowledged.begun, std::ranges::less_equal{}));
    QCOMPARE(catalog->status().histories.size(), std::size_t{1});
    QVERIFY(require(catalog->ledger()).chainIntact);
}

QTEST_GUILESS_MAIN(TestCatalogPower)
#include "test_catalog_power.moc"
