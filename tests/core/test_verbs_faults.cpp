// When a device fails, the job ends with a reason, nothing is lost, and the array opens again.
#include "core/array/simulated/simulated_array.h"
#include "core/backup/resume.h"
#include "core/backup/verify.h"
#include "tests/support/array_fixture.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 8 * kMiB;

struct Simulated {
    QTemporaryDir directory;
    std::string path = directory.path().toStdString() + "/array";
    ArrayFixture array{path, {.simulated = true}};
    RegionId source = array.addRegion("root", kSize, 0);
    RegionId target = array.addRegion("copy", kSize, 1);

    Simulated() { array.fillRandom(source, 1); }

    // In the middle of the region.
    [[nodiscard]] ByteRange middleOf(const RegionId& id)
    {
        return {array.region(id).extent.offsetBytes + kSize / 2, 4096};
    }
    void setFaults(std::size_t member, const Faults& faults)
    {
        must(cairn::setFaults(path, member, faults), "set faults");
    }
};

ErrorCode codeOf(const auto& result)
{
    return result ? ErrorCode{} : result.error().code;
}

// That a failed backup is recorded with its reason, can be gone on with, and ends good.
void mendAndResume(Simulated& simulated, ErrorCode reason)
{
    simulated.setFaults(0, {});
    simulated.setFaults(1, {});
    simulated.array.attach();
    const Generation generation = simulated.array.generation(1);
    QCOMPARE(generation.state, GenerationState::Interrupted);
    if (reason != ErrorCode{})
        QCOMPARE(generation.failure, reason);
    UncontrolledCopy control;
    must(resume(*simulated.array, must(interruptedJobs(*simulated.array)).at(0), control));
    QCOMPARE(simulated.array.state(1), GenerationState::Good);
    QVERIFY(simulated.array.read(simulated.source) == simulated.array.read(simulated.target));
}

} // namespace

class TestVerbsFaults : public QObject {
    Q_OBJECT

private slots:
    void anUnreadableSourceEndsTheBackup();
    void anUnwritableTargetEndsTheBackup();
    void aFullTargetEndsTheBackup();
    void aPulledTargetLeavesTheCatalogOfTheOtherMember();
    void anUnreadableBackupIsPartial();
    void anUnreadableBackupIsNotRestored();
};

void TestVerbsFaults::anUnreadableSourceEndsTheBackup()
{
    Simulated simulated;
    Faults faults;
    faults.unreadable = {simulated.middleOf(simulated.source)};
    simulated.setFaults(0, faults);
    QCOMPARE(codeOf(simulated.array.backUp(simulated.source, simulated.target)),
             ErrorCode::ReadFailed);
    mendAndResume(simulated, ErrorCode::ReadFailed);
}

void TestVerbsFaults::anUnwritableTargetEndsTheBackup()
{
    Simulated simulated;
    Faults faults;
    faults.unwritable = {simulated.middleOf(simulated.target)};
    simulated.setFaults(1, faults);
    QCOMPARE(codeOf(simulated.array.backUp(simulated.source, simulated.target)),
             ErrorCode::WriteFailed);
    mendAndResume(simulated, ErrorCode::WriteFailed);
}

void TestVerbsFaults::aFullTargetEndsTheBackup()
{
    Simulated simulated;
    HookAt control(CopyPhase::Copying, [&] {
        Faults faults;
        faults.full = true;
        simulated.setFaults(1, faults);
    });
    QCOMPARE(codeOf(simulated.array.backUp(simulated.source, simulated.target, control)),
             ErrorCode::NoSpace);
    mendAndResume(simulated, ErrorCode::NoSpace);
}

void TestVerbsFaults::aPulledTargetLeavesTheCatalogOfTheOtherMember()
{
    Simulated simulated;
    HookAt control(CopyPhase::Copying, [&] {
        Faults faults;
        faults.pulled = true;
        simulated.setFaults(1, faults);
    });
    QVERIFY(!simulated.array.backUp(simulated.source, simulated.target, control));
    simulated.array.attach();
    QCOMPARE(simulated.array.state(1), GenerationState::Interrupted);
    mendAndResume(simulated, ErrorCode{});
}

void TestVerbsFaults::anUnreadableBackupIsPartial()
{
    Simulated simulated;
    must(simulated.array.backUp(simulated.source, simulated.target));
    Faults faults;
    faults.unreadable = {simulated.middleOf(simulated.target)};
    simulated.setFaults(1, faults);
    UncontrolledCopy control;
    const auto proof = must(verify(*simulated.array, 1, control));
    QVERIFY(!proof.outcome.good());
    QVERIFY(proof.outcome.unreadable.contains(kSize / 2 / kChunkBytes));
    const Generation generation = simulated.array.generation(1);
    QCOMPARE(generation.state, GenerationState::Partial);
    QCOMPARE(generation.failure, ErrorCode::Unreadable);
}

void TestVerbsFaults::anUnreadableBackupIsNotRestored()
{
    Simulated simulated;
    must(simulated.array.backUp(simulated.source, simulated.target));
    simulated.array.fillRandom(simulated.source, 2);
    const auto before = simulated.array.read(simulated.source);
    Faults faults;
    faults.unreadable = {simulated.middleOf(simulated.target)};
    simulated.setFaults(1, faults);
    QCOMPARE(codeOf(simulated.array.restore(1)), ErrorCode::Unreadable);
    QVERIFY(simulated.array.read(simulated.source) == before);
}

QTEST_GUILESS_MAIN(TestVerbsFaults)
#include "test_verbs_faults.moc"
