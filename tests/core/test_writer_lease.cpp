// P10: one host at a time writes an array, and one that lost its lease writes nothing more.
#include "core/backup/candidates.h"
#include "core/backup/keep.h"
#include "tests/support/array_fixture.h"
#include "tests/support/two_hosts.h"

#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <cerrno>

using namespace cairn;
using namespace cairn::test;
using namespace std::chrono_literals;

namespace {

ErrorCode codeOf(const auto& result)
{
    return result ? ErrorCode{} : result.error().code;
}

Result<BackupOutcome> backUpFrom(Attachment& attachment, const RegionId& source,
                                 const RegionId& target, CopyControl& control)
{
    const std::string name = attachment.array().layout().find(target)->name;
    BackupOptions options;
    options.confirmedName = name;
    const auto plan = CAIRN_TRY(planBackup(attachment, source, target, options));
    return backUp(attachment, plan, control);
}

Result<BackupOutcome> backUpFrom(Attachment& attachment, const RegionId& source,
                                 const RegionId& target)
{
    StopAt never(0);
    return backUpFrom(attachment, source, target, never);
}

// Of a writer that holds the lease.
Result<void> writeSomething(const WriteAccess& writing, const std::string& value)
{
    return writing.catalog().setSetting("test", value);
}

} // namespace

class TestWriterLease : public QObject {
    Q_OBJECT

private slots:
    void init() { m_directory = std::make_unique<QTemporaryDir>(); }
    void anotherHostIsRefusedWhileOneWrites();
    void whoGivesItBackKeepsNobodyWaiting();
    void aRefusedVerbLeavesNoTrace();
    void theWriterThatStoodStillMakesNoCommit();
    void theWriterThatStoodStillWritesNoTarget();
    void theLeaseOfADeadHostIsTakenByTheOperatorsWord();
    void theSameHostGoesOnAfterItsReboot();
    void aKilledWriterKeepsItsOwnHostNotWaiting();
    void aComputerOfTheSameIdIsNoticed();
    void aDamagedLeaseIsTheOperatorsToJudge();
    void whatAnotherHostWroteMeanwhileIsSeen();
    void aMemberTakenAwayDoesNotStopTheOther();
    void aCopyThatWasAwayHoldsNobodyUp();
    void twoThatComeAtOnceDoNotBothWrite();

private:
    [[nodiscard]] std::string directory() const { return m_directory->path().toStdString(); }
    std::unique_ptr<QTemporaryDir> m_directory;
};

void TestWriterLease::anotherHostIsRefusedWhileOneWrites()
{
    TwoHosts array(directory());
    const auto first = array.attach(0);
    const auto second = array.attach(1);
    const auto writing = must(WriteAccess::take(*first));
    must(writeSomething(writing, "first"));
    QVERIFY(array.lease(0).held());
    QVERIFY(array.lease(1).held());
    QCOMPARE(array.lease(0).block.host.name, std::string("db-1"));

    const auto refused = WriteAccess::take(*second);
    QCOMPARE(codeOf(refused), ErrorCode::LeaseHeld);
    QCOMPARE(refused.error().subject, std::string("db-1"));
    // Nor is it taken from a host that renews it, whatever the operator says.
    second->setLeaseTerms({.takeOver = true});
    QCOMPARE(codeOf(WriteAccess::take(*second)), ErrorCode::LeaseHeld);
    second->setLeaseTerms({});

    // Reading goes on, and each candidate tells why it is none.
    must(second->refresh());
    QCOMPARE(must(must(second->catalog())->setting("test")).value_or(""), std::string("first"));
    QVERIFY(second->leaseHolder().has_value());
    const auto candidates = must(candidateTargets(*second, array.data()));
    QVERIFY(!candidates.empty());
    for (const CandidateTarget& candidate : candidates) {
        QVERIFY(std::ranges::any_of(candidate.refusals, [](const Refusal& refusal) {
            return refusal.reason == RefusalReason::LeaseHeld && refusal.detail == "db-1";
        }));
    }
    must(writeSomething(writing, "still"));
}

void TestWriterLease::whoGivesItBackKeepsNobodyWaiting()
{
    TwoHosts array(directory());
    const auto first = array.attach(0);
    const auto second = array.attach(1);
    const auto begun = array.machine.clock.monotonic();
    for (int turn = 0; turn < 3; ++turn) {
        for (Attachment* host : {first.get(), second.get()}) {
            const auto writing = must(WriteAccess::take(*host), "take");
            must(writeSomething(writing, std::to_string(turn)));
        }
        QVERIFY(!array.lease(0).held());
    }
    QVERIFY(array.machine.clock.monotonic() - begun < 100ms);
}

void TestWriterLease::aRefusedVerbLeavesNoTrace()
{
    TwoHosts array(directory());
    const auto first = array.attach(0);
    must(WriteAccess::take(*first)); // Where its members are now is recorded.
    const auto before = array.content();
    QCOMPARE(codeOf(hold(*first, 7)), ErrorCode::UnknownGeneration);
    QVERIFY(array.content() == before);
    {
        const auto writing = must(WriteAccess::take(*first));
        QVERIFY(array.content() == before);
    }
    QVERIFY(array.content() == before);
}

void TestWriterLease::theWriterThatStoodStillMakesNoCommit()
{
    TwoHosts array(directory());
    const auto first = array.attach(0);
    const auto second = array.attach(1);
    {
        const auto writing = must(WriteAccess::take(*first));
        must(writeSomething(writing, "first"));
        array.machine.clock.jump(20s);
        second->setLeaseTerms({.takeOver = true});
        {
            const auto other = must(WriteAccess::take(*second), "take over");
            must(writeSomething(other, "second"));
        }
        const auto before = array.content();
        QCOMPARE(codeOf(writeSomething(writing, "stale")), ErrorCode::Fenced);
        QCOMPARE(codeOf(writing.catalog().append({})), ErrorCode::Fenced);
        QVERIFY(array.content() == before);
    }
    const auto reader = array.attach(1);
    QCOMPARE(must(must(reader->catalog())->setting("test")).value_or(""), std::string("second"));
    // Attached anew, it writes again.
    const auto again = must(WriteAccess::take(*first), "take again");
    must(writeSomething(again, "first again"));
}

void TestWriterLease::theWriterThatStoodStillWritesNoTarget()
{
    TwoHosts array(directory());
    const auto first = array.attach(0);
    const auto second = array.attach(1);
    std::vector<std::vector<std::byte>> before;
    HookAt standsStill(CopyPhase::Copying, [&] {
        array.machine.clock.jump(20s);
        second->setLeaseTerms({.takeOver = true});
        const auto other = must(WriteAccess::take(*second), "take over");
        must(writeSomething(other, "second"));
    });
    // The second one has given the lease back when the first goes on.
    HookEach goesOn([&] {
        if (standsStill.reached() && before.empty())
            before = array.content();
    });
    class Both final : public CopyControl {
    public:
        Both(CopyControl& one, CopyControl& two) : m_one(one), m_two(two) {}
        bool checkpoint(const CopyProgress& progress) override
        {
            return m_one.checkpoint(progress) && m_two.checkpoint(progress);
        }

    private:
        CopyControl& m_one;
        CopyControl& m_two;
    } both(standsStill, goesOn);
    const auto stopped = backUpFrom(*first, array.data(), array.copy(), both);
    QCOMPARE(codeOf(stopped), ErrorCode::Fenced);
    QVERIFY(!before.empty());
    QVERIFY(array.content() == before);
}

void TestWriterLease::theLeaseOfADeadHostIsTakenByTheOperatorsWord()
{
    TwoHosts array(directory());
    const auto first = array.attach(0);
    const auto writing = must(WriteAccess::take(*first));
    must(writeSomething(writing, "first"));
    const std::int64_t since = array.lease(0).block.sinceMs;
    array.moveAway(); // As if the first had crashed: its lease stands there.
    const auto second = array.attach(1);
    const auto before = array.content();
    int waits = 0;
    const auto onWait = [&waits](const LeaseWait& wait) { waits += wait.ownHost ? 100 : 1; };
    second->setLeaseTerms({.takeOver = false, .onWait = onWait});
    const auto refused = WriteAccess::take(*second);
    QCOMPARE(codeOf(refused), ErrorCode::LeaseNotRenewed);
    QCOMPARE(refused.error().amount, static_cast<std::uint64_t>(since));
    QCOMPARE(waits, 1);
    QVERIFY(array.content() == before);

    second->setLeaseTerms({.takeOver = true, .onWait = onWait});
    {
        const auto taken = must(WriteAccess::take(*second), "take over");
        must(writeSomething(taken, "second"));
    }
    const auto ledger = must(must(second->catalog())->ledger());
    const auto event = std::ranges::find(ledger.events, EventKind::LeaseTakenOver, &Event::kind);
    QVERIFY(event != ledger.events.end());
    QCOMPARE(event->subject, std::string("db-1"));
    QCOMPARE(event->detail, std::to_string(since));
}

void TestWriterLease::theSameHostGoesOnAfterItsReboot()
{
    TwoHosts array(directory());
    const auto first = array.attach(0);
    const auto writing = must(WriteAccess::take(*first));
    must(writeSomething(writing, "first"));
    array.moveAway();
    array.hosts[0].bootId = Uuid::random(array.machine.random);
    const auto rebooted = array.attach(0);
    bool waited = false;
    rebooted->setLeaseTerms(
        {.takeOver = false, .onWait = [&waited](const LeaseWait& wait) { waited = wait.ownHost; }});
    QVERIFY(!rebooted->leaseHolder());
    const auto begun = array.machine.clock.monotonic();
    const auto again = must(WriteAccess::take(*rebooted), "take");
    must(writeSomething(again, "again"));
    QVERIFY(waited);
    QVERIFY(array.machine.clock.monotonic() - begun >= kLeaseDuration);
    const auto ledger = must(again.catalog().ledger());
    QVERIFY(std::ranges::find(ledger.events, EventKind::LeaseTakenOver, &Event::kind) ==
            ledger.events.end());
}

void TestWriterLease::aKilledWriterKeepsItsOwnHostNotWaiting()
{
    TwoHosts array(directory());
    const auto first = array.attach(0);
    const auto writing = must(WriteAccess::take(*first));
    must(writeSomething(writing, "first"));
    array.moveAway(); // The kernel has dropped its locks.
    QVERIFY(array.lease(0).held());
    const auto next = array.attach(0);
    const auto begun = array.machine.clock.monotonic();
    const auto again = must(WriteAccess::take(*next), "take");
    must(writeSomething(again, "again"));
    QVERIFY(array.machine.clock.monotonic() - begun < 100ms);
}

void TestWriterLease::aComputerOfTheSameIdIsNoticed()
{
    TwoHosts array(directory());
    array.hosts[1].id = array.hosts[0].id;
    const auto first = array.attach(0);
    const auto second = array.attach(1);
    const auto writing = must(WriteAccess::take(*first));
    must(writeSomething(writing, "first"));
    QCOMPARE(codeOf(WriteAccess::take(*second)), ErrorCode::LeaseHeld);
}

void TestWriterLease::aDamagedLeaseIsTheOperatorsToJudge()
{
    TwoHosts array(directory());
    const auto first = array.attach(0);
    array.fillLease(0, std::byte{0x5a});
    {
        // The other copy's tells enough.
        const auto writing = must(WriteAccess::take(*first), "one copy's is damaged");
        must(writeSomething(writing, "first"));
        QVERIFY(array.lease(0).held());
    }
    array.fillLease(0, std::byte{0x5a});
    array.fillLease(1, std::byte{0x5a});
    const auto before = array.content();
    QCOMPARE(codeOf(WriteAccess::take(*first)), ErrorCode::LeaseDamaged);
    QVERIFY(array.content() == before);
    first->setLeaseTerms({.takeOver = true});
    const auto writing = must(WriteAccess::take(*first), "by the operator's word");
    must(writeSomething(writing, "again"));
    QVERIFY(array.lease(1).held());
}

void TestWriterLease::whatAnotherHostWroteMeanwhileIsSeen()
{
    TwoHosts array(directory());
    const auto first = array.attach(0);
    const auto second = array.attach(1);
    const Region made = must(addRegion(*second, {.name = "made", .sizeBytes = 4 * kMiB}));
    must(backUpFrom(*second, array.data(), array.copy()), "second's backup");
    // The first has not looked since it attached.
    const Region next = must(addRegion(*first, {.name = "next", .sizeBytes = 4 * kMiB}));
    QVERIFY(next.member != made.member || !next.extent.overlaps(made.extent));
    QCOMPARE(codeOf(addRegion(*first, {.name = "made", .sizeBytes = 4 * kMiB})),
             ErrorCode::NameInUse);
    const auto outcome = must(backUpFrom(*first, array.data(), array.other()), "first's backup");
    QCOMPARE(outcome.number, GenerationNumber{2});
    const auto reader = array.attach(1);
    QVERIFY(reader->array().layout().find(made.id) != nullptr);
    QVERIFY(reader->array().layout().find(next.id) != nullptr);
    QCOMPARE(must(must(reader->catalog())->generations()).size(), std::size_t{2});
}

void TestWriterLease::aMemberTakenAwayDoesNotStopTheOther()
{
    TwoHosts array(directory());
    const auto first = array.attach(0);
    HookAt pulls(CopyPhase::Copying, [&] {
        array.calls(0, 1).setHook([](IoCall, ByteRange) -> std::optional<Error> {
            return Error{ErrorCode::MemberFailed, ENODEV, "pulled", {}, 0};
        });
        array.machine.clock.sleepFor(60s);
    });
    const auto outcome = backUpFrom(*first, array.data(), array.copy(), pulls);
    QVERIFY2(outcome, outcome ? "" : errorName(outcome.error().code));
    QCOMPARE(outcome->state, GenerationState::Good);
    QVERIFY(!array.lease(0).held());
    QVERIFY(array.lease(1).held()); // Nobody could give it back there.
}

void TestWriterLease::aCopyThatWasAwayHoldsNobodyUp()
{
    TwoHosts array(directory());
    {
        const auto first = array.attach(0);
        HookAt pulls(CopyPhase::Copying, [&] {
            array.calls(0, 1).setHook([](IoCall, ByteRange) -> std::optional<Error> {
                return Error{ErrorCode::MemberFailed, ENODEV, "pulled", {}, 0};
            });
        });
        must(backUpFrom(*first, array.data(), array.copy(), pulls));
    }
    QVERIFY(array.lease(1).held());
    const auto second = array.attach(1);
    const auto begun = array.machine.clock.monotonic();
    const auto writing = must(WriteAccess::take(*second), "take");
    must(writeSomething(writing, "second"));
    QVERIFY(array.machine.clock.monotonic() - begun < 100ms);
}

// The first has claimed the lease, and stops there; the second comes meanwhile.
void TestWriterLease::twoThatComeAtOnceDoNotBothWrite()
{
    TwoHosts array(directory());
    const auto first = array.attach(0);
    const auto second = array.attach(1);
    bool came = false;
    Result<void> other;
    array.calls(0, 0).setHook([&](IoCall call, ByteRange range) -> std::optional<Error> {
        // Right after the claim the blocks are read.
        if (came || call != IoCall::Read || range.lengthBytes != kClaimBlocks * kPageBytes)
            return std::nullopt;
        came = true;
        const auto writing = WriteAccess::take(*second);
        other = writing ? writeSomething(*writing, "second")
                        : Result<void>(std::unexpected(writing.error()));
        return std::nullopt;
    });
    const auto begun = array.machine.clock.monotonic();
    const auto writing = must(WriteAccess::take(*first));
    const auto mine = writeSomething(writing, "first");
    QVERIFY(came);
    // Whoever stops for so long between claim and lease has lost it to one who waited.
    QVERIFY2(other, other ? "" : errorName(other.error().code));
    QVERIFY(array.machine.clock.monotonic() - begun >= kLeaseDuration);
    QVERIFY(!mine);
    const auto reader = array.attach(1);
    QCOMPARE(must(must(reader->catalog())->setting("test")).value_or(""), std::string("second"));
}

QTEST_APPLESS_MAIN(TestWriterLease)
#include "test_writer_lease.moc"
