// Which copies of the writer lease count: what cannot be read, claimed or watched guards nothing.
#include "core/backup/guards.h"
#include "core/backup/keep.h"
#include "core/backup/release_disk.h"
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

Result<void> writeSomething(Attachment& attachment, const std::string& value)
{
    const auto writing = CAIRN_TRY(WriteAccess::take(attachment));
    return writing.catalog().setSetting("test", value);
}

Error failing()
{
    return {ErrorCode::ReadFailed, EIO, "failing", {}, 0};
}

void releaseSecond(Attachment& attachment)
{
    const Uuid leaving = attachment.array().layout().members.at(1).id;
    const DiskRelease release = must(planRelease(attachment, leaving));
    must(releaseDisk(attachment, leaving,
                     confirmationText(attachment.array().layout(), *release.losing)),
         "release");
}

std::vector<Event> eventsOf(Attachment& attachment, EventKind kind)
{
    auto events = must(must(attachment.catalog())->ledger()).events;
    std::erase_if(events, [kind](const Event& event) { return event.kind != kind; });
    return events;
}

} // namespace

class TestLeaseCopies : public QObject {
    Q_OBJECT

private slots:
    void init()
    {
        m_directory = std::make_unique<QTemporaryDir>();
        m_array = std::make_unique<TwoHosts>(m_directory->path().toStdString());
    }
    void aCopyWhoseLeaseCannotBeReadIsNotWritten();
    void aCopyThatCannotBeClaimedIsNotWritten();
    void whatCannotBeWatchedIsNotTakenOver();
    void aDamagedLeaseIsWatchedBeforeItIsTaken();
    void aRefusedVerbThatMayTakeOverChangesNothing();
    void aDiskThatWasReleasedIsNotWrittenAnyMore();
    void aCopyThatAnotherHostReleasedIsNotWritten();
    void hostsThatShareAClaimBlockDoNotBothWrite();
    void aClaimThatWasLeftIsWaitedForOnce();
    void aComputerOfTheSameIdHasWrittenToo();
    void whoComesTooLateIsToldWhatBecameOfIt();

private:
    // Calls of that host for these bytes of the member's management region fail.
    void fail(std::size_t host, std::size_t member, IoCall call, ByteRange ofRegion)
    {
        const ByteRange place{m_array->managementOffset(member) + ofRegion.offsetBytes,
                              ofRegion.lengthBytes};
        m_array->calls(host, member)
            .setHook([call, place](IoCall called, ByteRange range) -> std::optional<Error> {
                return called == call && range.overlaps(place) ? std::optional(failing())
                                                               : std::nullopt;
            });
    }
    // Its lease stands there, and nobody renews it.
    void leaveALease()
    {
        const auto first = m_array->attach(0);
        const auto writing = must(WriteAccess::take(*first));
        must(writing.catalog().setSetting("test", "first"));
        m_array->moveAway();
    }

    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<TwoHosts> m_array;
};

void TestLeaseCopies::aCopyWhoseLeaseCannotBeReadIsNotWritten()
{
    const auto first = m_array->attach(0);
    const auto before = m_array->content();
    fail(0, 1, IoCall::Read, {kLeaseOffset, kPageBytes});
    must(writeSomething(*first, "first"));
    QVERIFY(m_array->content().at(1) == before.at(1));
    QVERIFY(m_array->content().at(0) != before.at(0));
}

void TestLeaseCopies::aCopyThatCannotBeClaimedIsNotWritten()
{
    const auto first = m_array->attach(0);
    const auto before = m_array->content();
    fail(0, 1, IoCall::Write, {kLeaseOffset + kPageBytes, kClaimBlocks * kPageBytes});
    must(writeSomething(*first, "first"));
    QVERIFY(m_array->content().at(1) == before.at(1));
    QVERIFY(m_array->content().at(0) != before.at(0));
}

void TestLeaseCopies::whatCannotBeWatchedIsNotTakenOver()
{
    leaveALease();
    const auto second = m_array->attach(1);
    const auto before = m_array->content();
    second->setLeaseTerms({.takeOver = true, .onWait = [this](const LeaseWait&) {
                               for (const std::size_t member : {0U, 1U})
                                   fail(1, member, IoCall::Read, {kLeaseOffset, kPageBytes});
                           }});
    QCOMPARE(codeOf(writeSomething(*second, "second")), ErrorCode::ReadFailed);
    QVERIFY(m_array->content() == before);
}

void TestLeaseCopies::aDamagedLeaseIsWatchedBeforeItIsTaken()
{
    const auto second = m_array->attach(1);
    m_array->fillLease(0, std::byte{0x5a});
    m_array->fillLease(1, std::byte{0x5a});
    int waits = 0;
    second->setLeaseTerms({.takeOver = true, .onWait = [&](const LeaseWait&) {
                               ++waits;
                               // Somebody else writes all the same.
                               m_array->fillLease(1, std::byte{0x5b});
                           }});
    QCOMPARE(codeOf(writeSomething(*second, "second")), ErrorCode::LeaseHeld);
    QCOMPARE(waits, 1);
    second->setLeaseTerms({.takeOver = true});
    const auto begun = m_array->machine.clock.monotonic();
    must(writeSomething(*second, "second"));
    QVERIFY(m_array->machine.clock.monotonic() - begun >= kLeaseDuration);
}

void TestLeaseCopies::aRefusedVerbThatMayTakeOverChangesNothing()
{
    leaveALease();
    const auto second = m_array->attach(1);
    second->setLeaseTerms({.takeOver = true});
    const auto before = m_array->content();
    QCOMPARE(codeOf(hold(*second, 7)), ErrorCode::UnknownGeneration);
    {
        const auto writing = must(WriteAccess::take(*second));
    }
    QVERIFY(m_array->content() == before);
    must(writeSomething(*second, "second"));
    must(second->refresh());
    QCOMPARE(eventsOf(*second, EventKind::LeaseTakenOver).size(), std::size_t{1});
}

void TestLeaseCopies::aDiskThatWasReleasedIsNotWrittenAnyMore()
{
    const auto first = m_array->attach(0);
    const auto writing = must(WriteAccess::take(*first));
    must(writing.catalog().setSetting("test", "first"));
    releaseSecond(*first);
    const auto released = m_array->content();
    m_array->machine.clock.sleepFor(60s);
    QVERIFY(m_array->content().at(1) == released.at(1));
    QVERIFY(m_array->content().at(0) != released.at(0)); // This one is renewed.
    must(writing.catalog().setSetting("test", "still"));
}

void TestLeaseCopies::aCopyThatAnotherHostReleasedIsNotWritten()
{
    const auto first = m_array->attach(0);
    {
        const auto second = m_array->attach(1);
        releaseSecond(*second);
    }
    // The first has not looked since it attached.
    const auto released = m_array->content();
    std::ignore = writeSomething(*first, "first");
    QVERIFY(m_array->content().at(1) == released.at(1));
    const auto again = m_array->attach(0, {0});
    must(writeSomething(*again, "again"));
}

void TestLeaseCopies::hostsThatShareAClaimBlockDoNotBothWrite()
{
    while (claimOffset(m_array->hosts[0]) != claimOffset(m_array->hosts[1]))
        m_array->hosts[1].bootId = Uuid::random(m_array->machine.random);
    const auto first = m_array->attach(0);
    const auto second = m_array->attach(1);
    bool came = false;
    Result<void> other;
    m_array->calls(0, 0).setHook([&](IoCall call, ByteRange range) -> std::optional<Error> {
        // Right after the claim the blocks are read.
        if (came || call != IoCall::Read || range.lengthBytes != kClaimBlocks * kPageBytes)
            return std::nullopt;
        came = true;
        other = writeSomething(*second, "second");
        return std::nullopt;
    });
    const auto mine = writeSomething(*first, "first");
    QVERIFY(came);
    QVERIFY(other.has_value() != mine.has_value());
    const auto reader = m_array->attach(1);
    QCOMPARE(must(must(reader->catalog())->setting("test")).value_or(""),
             std::string(other ? "second" : "first"));
}

void TestLeaseCopies::aClaimThatWasLeftIsWaitedForOnce()
{
    const auto first = m_array->attach(0);
    must(writeSomething(*first, "before"));
    HostIdentity gone = m_array->machine.otherHost("gone");
    while (claimOffset(gone) == claimOffset(m_array->hosts[0]))
        gone.bootId = Uuid::random(m_array->machine.random);
    m_array->leaveClaim(0, gone);
    auto& clock = m_array->machine.clock;
    auto begun = clock.monotonic();
    must(writeSomething(*first, "waited"));
    QVERIFY(clock.monotonic() - begun >= kLeaseDuration);
    begun = clock.monotonic();
    must(writeSomething(*first, "not again"));
    QVERIFY(clock.monotonic() - begun < 100ms);
}

void TestLeaseCopies::aComputerOfTheSameIdHasWrittenToo()
{
    m_array->hosts[1].id = m_array->hosts[0].id;
    const auto second = m_array->attach(1);
    must(writeSomething(*second, "second"));
    QVERIFY(!m_array->lease(0).held());
    auto medium = std::make_unique<MemoryIo>(kMinimumManagementBytes);
    const LeaseBlock left{.state = LeaseState::Free,
                          .arrayId = Uuid::random(m_array->machine.random),
                          .host = m_array->hosts[1],
                          .counter = 3,
                          .sinceMs = 1,
                          .durationMs = 12'000};
    medium->fill(kLeaseOffset, encodeLease(left));
    std::vector<CatalogCopy> copies;
    copies.push_back({.member = {}, .memberName = "one", .io = std::move(medium)});
    Environment environment = m_array->machine.environment();
    environment.host = m_array->hosts[0];
    const auto lease = must(
        WriterLease::judge(std::move(copies), {}, {.arrayId = left.arrayId}, environment), "judge");
    QVERIFY(lease->othersWrote());
}

// What it has read is not what there is any more, and nobody holds the lease.
void TestLeaseCopies::whoComesTooLateIsToldWhatBecameOfIt()
{
    const auto first = m_array->attach(0);
    const auto second = m_array->attach(1);
    must(WriteAccess::take(*first)); // Where its members are now is recorded.
    const auto writing = must(WriteAccess::take(*first));
    must(writeSomething(*second, "second"));
    QCOMPARE(codeOf(writing.catalog().setSetting("test", "first")), ErrorCode::PlanChanged);
    const auto reader = m_array->attach(1);
    QCOMPARE(must(must(reader->catalog())->setting("test")).value_or(""), std::string("second"));
}

QTEST_APPLESS_MAIN(TestLeaseCopies)
#include "test_lease_copies.moc"
