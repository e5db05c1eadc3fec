// A source in use is copied only by choice: frozen meanwhile, or as it is and never good then.
#include "core/array/open_array.h"
#include "core/backup/candidates.h"
#include "core/backup/catalog_lines.h"
#include "core/backup/guards.h"
#include "core/backup/member_loss.h"
#include "core/backup/resume.h"
#include "core/backup/verify.h"
#include "tests/support/array_fixture.h"
#include "tests/support/test_environment.h"

#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <utility>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 12 * kMiB;

template<typename T>
ErrorCode codeOf(const Result<T>& result)
{
    return result ? ErrorCode{} : result.error().code;
}

// An array with one region that somebody seems to use.
class UsedArray final : public Array {
public:
    UsedArray(std::unique_ptr<Array> array, const RegionId& region)
        : m_array(std::move(array)), m_region(region)
    {}
    void setUsed(bool used) { m_used = used; }

    ArrayLayout layout() const override
    {
        ArrayLayout layout = m_array->layout();
        const auto region = std::ranges::find(layout.regions, m_region, &Region::id);
        if (m_used && region != layout.regions.end())
            region->use = {true, "mounted at /srv"};
        return layout;
    }
    Result<void> refresh() override { return m_array->refresh(); }
    Result<bool> membersChanged() override { return m_array->membersChanged(); }
    Result<std::vector<CandidateTarget>> candidateTargets(const RegionId& source) override
    {
        return m_array->candidateTargets(source);
    }
    Result<void> beginWriting() override { return m_array->beginWriting(); }
    Result<void> guardWriting(std::shared_ptr<WriteFence> fence, bool othersWrote) override
    {
        return m_array->guardWriting(std::move(fence), othersWrote);
    }
    void endWriting() override { m_array->endWriting(); }
    Result<std::unique_ptr<RegionIo>> openRegion(const RegionId& region, Access access) override
    {
        return m_array->openRegion(region, access);
    }
    Result<std::unique_ptr<RegionIo>> claimSource(const RegionId& region) override
    {
        if (m_used && region == m_region)
            return failure(ErrorCode::RegionInUse, "data", "mounted at /srv");
        return m_array->claimSource(region);
    }
    Result<std::unique_ptr<MountedFilesystem>> mountedFilesystem(const RegionId& region) override
    {
        return m_array->mountedFilesystem(region);
    }
    Result<CopyOutcome> copy(const ArrayCopy& plan, CopyJournal& journal,
                             CopyControl& control) override
    {
        if (m_used && plan.source == m_region && !plan.sourceInUse)
            return failure(ErrorCode::RegionInUse, "data", "mounted at /srv");
        return m_array->copy(plan, journal, control);
    }
    Result<void> probeAgain(const std::vector<RegionId>& regions) override
    {
        return m_array->probeAgain(regions);
    }
    Result<RegionUse> useNow(const RegionId& region) override
    {
        if (m_used && region == m_region)
            return RegionUse{true, "mounted at /srv"};
        return m_array->useNow(region);
    }
    Result<std::optional<std::uint64_t>> findData(const RegionId& region,
                                                  CopyControl& control) override
    {
        return m_array->findData(region, control);
    }
    Result<Region> addRegion(const NewRegion& wanted) override
    {
        return m_array->addRegion(wanted);
    }
    Result<void> renameRegion(const RegionId& region, const std::string& name) override
    {
        return m_array->renameRegion(region, name);
    }
    Result<void> removeRegion(const RegionId& region) override
    {
        return m_array->removeRegion(region);
    }
    Result<void> putSignaturesBack(const RegionId& region) override
    {
        return m_array->putSignaturesBack(region);
    }
    Result<void> exchangeExtents(const RegionId& one, const RegionId& other) override
    {
        return m_array->exchangeExtents(one, other);
    }
    Result<bool> alignTable(const Uuid& member, const std::vector<RegionId>& regions) override
    {
        return m_array->alignTable(member, regions);
    }
    Result<void> markRegion(const RegionId& region, RegionRole role) override
    {
        return m_array->markRegion(region, role);
    }
    void setSealed(const SealedRegions& sealed, const SealRecorder& recorder) override
    {
        m_array->setSealed(sealed, recorder);
    }
    Result<void> eraseSignatures(const RegionId& region) override
    {
        return m_array->eraseSignatures(region);
    }
    Result<void> checkSignatures(const RegionId& region) override
    {
        return m_array->checkSignatures(region);
    }
    Result<void> writeSignaturesBack(const RegionId& region) override
    {
        return m_array->writeSignaturesBack(region);
    }
    Result<void> markSealed(const RegionId& region, bool sealed) override
    {
        return m_array->markSealed(region, sealed);
    }
    Result<Member> addMember(const NewMember& wanted) override
    {
        return m_array->addMember(wanted);
    }
    std::string locationOf(const std::string& uri) const override
    {
        return m_array->locationOf(uri);
    }
    Result<void> releaseMember(const Uuid& member) override
    {
        return m_array->releaseMember(member);
    }
    Result<void> leaveOut(const std::string& location) override
    {
        return m_array->leaveOut(location);
    }

private:
    std::unique_ptr<Array> m_array;
    RegionId m_region;
    bool m_used = true;
};

// Counts instead of freezing.
class CountingFreezer final : public SourceFreezer {
public:
    Result<void> check(Array&, const Region&, const std::vector<std::string>&) override
    {
        return {};
    }
    Result<std::unique_ptr<FilesystemFreeze>> freeze(Array&, const Region& source,
                                                     const std::vector<std::string>&,
                                                     std::chrono::milliseconds) override
    {
        ++freezes;
        if (freezes > works)
            return failure(ErrorCode::CannotFreeze, source.name, {}, 0, EBUSY);
        frozen = true;
        return std::make_unique<Freeze>(*this);
    }

    std::atomic<int> freezes{0};
    std::atomic<int> thaws{0};
    std::atomic<bool> frozen{false};
    int works = 100; // So many freezes do; then somebody else has frozen it.
    FreezeEnd end = FreezeEnd::Held;

private:
    class Freeze final : public FilesystemFreeze {
    public:
        explicit Freeze(CountingFreezer& owner) : m_owner(owner) {}
        ~Freeze() override { std::ignore = thaw(); }
        FreezeEnd thaw() override
        {
            if (!std::exchange(m_thawed, true)) {
                ++m_owner.thaws;
                m_owner.frozen = false;
            }
            return m_owner.end;
        }

    private:
        CountingFreezer& m_owner;
        bool m_thawed = false;
    };
};

class StopCopying final : public CopyControl {
public:
    bool checkpoint(const CopyProgress& progress) override
    {
        return progress.phase != CopyPhase::Copying || progress.writtenBytes < 4 * kMiB;
    }
};

// Whether the source stood still while it was copied, and at no other time.
class WatchFrozen final : public CopyControl {
public:
    explicit WatchFrozen(CountingFreezer& freezer) : m_freezer(freezer) {}
    bool checkpoint(const CopyProgress& progress) override
    {
        if (progress.phase == CopyPhase::Copying && !m_freezer.frozen)
            right = false;
        if (progress.phase == CopyPhase::Verifying && m_freezer.frozen)
            right = false;
        seen = seen || progress.phase == CopyPhase::Verifying;
        return true;
    }
    std::atomic<bool> right{true};
    std::atomic<bool> seen{false};

private:
    CountingFreezer& m_freezer;
};

// "data" in use, and "first", "second" and "third" on another member to copy it to.
struct Used {
    QTemporaryDir directory;
    ArrayFixture array{directory.path().toStdString()};
    RegionId data = array.addRegion("data", kSize, 0);
    RegionId first = array.addRegion("first", kSize, 1);
    RegionId second = array.addRegion("second", kSize, 1);
    RegionId third = array.addRegion("third", kSize, 1);
    CountingFreezer freezer;
    UsedArray* used = nullptr;
    std::unique_ptr<Attachment> attachment;

    Used()
    {
        array.fillRandom(data, 1);
        attach();
    }

    void attach()
    {
        array.detach();
        auto wrapped =
            std::make_unique<UsedArray>(must(openArray(array.uris(), systemEnvironment())), data);
        used = wrapped.get();
        attachment = Attachment::attach(std::move(wrapped), systemEnvironment());
    }

    [[nodiscard]] SourcePolicy policy(SourceInUse inUse)
    {
        return {.inUse = inUse, .freezer = &freezer};
    }
    Result<BackupOutcome> backUp(const RegionId& target, SourceInUse inUse, CopyControl& control,
                                 const std::string& confirmed = {})
    {
        const auto plan = CAIRN_TRY(planBackup(
            *attachment, data, target,
            {.label = {}, .note = {}, .confirmedName = confirmed, .policy = policy(inUse)}));
        return cairn::backUp(*attachment, plan, control);
    }
    Result<BackupOutcome> backUp(const RegionId& target, SourceInUse inUse,
                                 const std::string& confirmed = {})
    {
        StopAt never(0);
        return backUp(target, inUse, never, confirmed);
    }
    // While nobody uses it.
    void backUpOffline(const RegionId& target, const std::string& confirmed = {})
    {
        used->setUsed(false);
        must(backUp(target, SourceInUse::Refuse, confirmed));
        used->setUsed(true);
    }
    [[nodiscard]] Generation generation(GenerationNumber number)
    {
        return must(must(attachment->catalog())->generation(number));
    }
    [[nodiscard]] std::vector<EventKind> eventsOf(GenerationNumber number)
    {
        std::vector<EventKind> kinds;
        for (const Event& event : must(must(attachment->catalog())->ledger()).events) {
            if (event.generation == number)
                kinds.push_back(event.kind);
        }
        return kinds;
    }
    [[nodiscard]] std::optional<Refusal> missedWith(GenerationNumber number)
    {
        const Records records = must(readRecords(*attachment));
        return records.missedWith(*records.find(number));
    }
};

bool has(const std::vector<EventKind>& kinds, EventKind kind)
{
    return std::ranges::find(kinds, kind) != kinds.end();
}

} // namespace

class TestSourceInUse : public QObject {
    Q_OBJECT

private slots:
    void withoutAChoiceItIsRefused();
    // Incident: nobody can claim an image file, and a copy of one that was mounted meanwhile was
    // called good.
    void whatSomebodyBeganToUseIsInconsistent();
    void itStandsStillWhileItIsCopiedAndNoLonger();
    void aCopyThatIsCanceledThaws();
    void aLimitThatEndsBeforeTheCopyMakesItInconsistent();
    void whatCannotBeFrozenCostsNothing();
    void whatIsCopiedAgainIsFrozenAgain();
    void aCopyOfWhatIsInUseIsNeverGood();
    void itStandsForNoOtherCopy();
    void theLastOfItsSourceIsMissedAsWhatItIs();
    void whatIsRestoredFromItStandsForNoOtherEither();
    void goingOnSaysAnewHowConsistentTheCopyIs();
    void itTravelsWithTheRecord();
};

void TestSourceInUse::whatSomebodyBeganToUseIsInconsistent()
{
    Used scene;
    scene.used->setUsed(false);
    const auto plan = must(planBackup(*scene.attachment, scene.data, scene.first, {}));
    // From the first checkpoint after all that is asked before.
    int calls = 0;
    HookEach later([&] {
        if (++calls == 3)
            scene.used->setUsed(true);
    });
    must(backUp(*scene.attachment, plan, later));
    QVERIFY(calls >= 3);
    scene.used->setUsed(false);
    QCOMPARE(scene.generation(1).consistency, Consistency::Inconsistent);
    QVERIFY(has(scene.eventsOf(1), EventKind::SourceUsed));
}

void TestSourceInUse::withoutAChoiceItIsRefused()
{
    Used used;
    const auto before = used.array.memberDigests();
    QCOMPARE(codeOf(used.backUp(used.first, SourceInUse::Refuse)), ErrorCode::RegionInUse);
    // It came into use after the plan was made.
    used.used->setUsed(false);
    const auto plan = must(planBackup(*used.attachment, used.data, used.first, {}));
    used.used->setUsed(true);
    StopAt never(0);
    QCOMPARE(codeOf(backUp(*used.attachment, plan, never)), ErrorCode::RegionInUse);
    QVERIFY(used.array.memberDigests() == before);
}

void TestSourceInUse::itStandsStillWhileItIsCopiedAndNoLonger()
{
    Used used;
    WatchFrozen control(used.freezer);
    must(used.backUp(used.first, SourceInUse::Freeze, control));
    QVERIFY(control.right && control.seen);
    QCOMPARE(used.freezer.freezes.load(), 1);
    QCOMPARE(used.freezer.thaws.load(), 1);
    QVERIFY(used.generation(1).state == GenerationState::Good);
    QVERIFY(used.generation(1).consistency == Consistency::Frozen);
    QVERIFY(has(used.eventsOf(1), EventKind::SourceFrozen));
    // Nobody uses it: there is nothing to freeze.
    used.used->setUsed(false);
    must(used.backUp(used.second, SourceInUse::Freeze));
    QCOMPARE(used.freezer.freezes.load(), 1);
    QVERIFY(used.generation(2).consistency == Consistency::Offline);
}

void TestSourceInUse::aCopyThatIsCanceledThaws()
{
    Used used;
    StopCopying control;
    QCOMPARE(codeOf(used.backUp(used.first, SourceInUse::Freeze, control)), ErrorCode::Canceled);
    QCOMPARE(used.freezer.freezes.load(), 1);
    QCOMPARE(used.freezer.thaws.load(), 1);
    QVERIFY(used.generation(1).state == GenerationState::Interrupted);
    QVERIFY(isInconsistent(used.generation(1)));
}

void TestSourceInUse::aLimitThatEndsBeforeTheCopyMakesItInconsistent()
{
    for (const FreezeEnd end : {FreezeEnd::TooLong, FreezeEnd::Lost}) {
        Used used;
        used.freezer.end = end;
        must(used.backUp(used.first, SourceInUse::Freeze));
        QVERIFY(used.generation(1).state == GenerationState::Copied);
        QVERIFY(isInconsistent(used.generation(1)));
        QVERIFY(has(used.eventsOf(1), EventKind::SourceThawedEarly));
        QVERIFY(!has(used.eventsOf(1), EventKind::SourceFrozen));
    }
}

void TestSourceInUse::whatCannotBeFrozenCostsNothing()
{
    Used used;
    used.backUpOffline(used.first);
    used.freezer.works = 0;
    QCOMPARE(codeOf(used.backUp(used.first, SourceInUse::Freeze, "first")),
             ErrorCode::CannotFreeze);
    QVERIFY(used.generation(1).state == GenerationState::Good);
    QCOMPARE(must(must(used.attachment->catalog())->generations()).size(), std::size_t{1});
    QVERIFY(must(must(used.attachment->catalog())->jobs()).empty());
}

// What a target turns out not to hold is copied after all, once the source was thawed.
void TestSourceInUse::whatIsCopiedAgainIsFrozenAgain()
{
    for (const int works : {2, 1}) {
        Used used;
        used.backUpOffline(used.first);
        const std::vector<std::byte> wrong(kMiB, std::byte{0x5a});
        used.attachment.reset();
        used.array.attach();
        used.array.write(used.first, 5 * kMiB, wrong);
        used.attach();
        used.freezer.works = works;
        must(used.backUp(used.first, SourceInUse::Freeze, "first"));
        QCOMPARE(used.freezer.freezes.load(), 2);
        QCOMPARE(used.freezer.thaws.load(), works);
        QVERIFY(used.generation(2).consistency ==
                (works == 2 ? Consistency::Frozen : Consistency::Inconsistent));
        QVERIFY(used.generation(2).state ==
                (works == 2 ? GenerationState::Good : GenerationState::Copied));
        StopAt never(0);
        QVERIFY(must(verify(*used.attachment, 2, never)).outcome.good());
    }
}

void TestSourceInUse::aCopyOfWhatIsInUseIsNeverGood()
{
    Used used;
    const auto outcome = must(used.backUp(used.first, SourceInUse::Copy));
    QVERIFY(outcome.state == GenerationState::Copied);
    QCOMPARE(used.freezer.freezes.load(), 0);
    StopAt never(0);
    const auto verification = must(verify(*used.attachment, 1, never));
    QVERIFY(verification.outcome.good() && verification.inconsistent && !verification.good());
    const Generation record = used.generation(1);
    QVERIFY(record.state == GenerationState::Copied && isInconsistent(record));
    QVERIFY(record.verifiedMs != 0);
    // A later backup of the same region that nobody uses is good again.
    used.backUpOffline(used.first, "first");
    QVERIFY(used.generation(2).state == GenerationState::Good);
    QVERIFY(used.generation(2).consistency == Consistency::Offline);
}

void TestSourceInUse::itStandsForNoOtherCopy()
{
    Used used;
    used.backUpOffline(used.first);
    must(used.backUp(used.second, SourceInUse::Copy));
    QVERIFY(used.missedWith(1).has_value());
    QVERIFY(!used.missedWith(2)); // The good one stands for it.
    QCOMPARE(codeOf(used.backUp(used.first, SourceInUse::Copy)), ErrorCode::ConfirmationNeeded);
    must(used.backUp(used.second, SourceInUse::Copy));
    // A frozen one does.
    must(used.backUp(used.third, SourceInUse::Freeze));
    QVERIFY(!used.missedWith(1));
}

void TestSourceInUse::theLastOfItsSourceIsMissedAsWhatItIs()
{
    Used used;
    must(used.backUp(used.first, SourceInUse::Copy));
    const auto missed = used.missedWith(1);
    QVERIFY(missed && missed->inconsistent && !missed->partial);
    const Records records = must(readRecords(*used.attachment));
    const MemberLoss loss = lossWith(records, records.find(1)->target.member);
    QCOMPARE(loss.lastCopies.size(), std::size_t{1});
    QVERIFY(loss.lastCopies.front().inconsistent);
    must(used.backUp(used.second, SourceInUse::Copy));
    QVERIFY(!used.missedWith(1));
}

void TestSourceInUse::whatIsRestoredFromItStandsForNoOtherEither()
{
    Used used;
    used.backUpOffline(used.first);
    must(used.backUp(used.second, SourceInUse::Copy));
    used.used->setUsed(false);
    StopAt never(0);
    const auto plan = must(planRestore(*used.attachment, 2, {.confirmedName = "data"}));
    must(restore(*used.attachment, plan, never));
    must(used.backUp(used.third, SourceInUse::Refuse));
    const auto last = must(must(used.attachment->catalog())->generations()).front();
    QVERIFY(last.takenAsIs && last.consistency == Consistency::Offline);
    QVERIFY(used.missedWith(1).has_value());
}

void TestSourceInUse::goingOnSaysAnewHowConsistentTheCopyIs()
{
    const auto resumed = [](bool inUse, SourceInUse policy) {
        Used used;
        StopCopying control;
        std::ignore = used.backUp(used.first, SourceInUse::Copy, control);
        used.used->setUsed(inUse);
        const Job job = must(interruptedJobs(*used.attachment)).front();
        StopAt never(0);
        const auto outcome =
            resume(*used.attachment, job, never, OnUnreadable::Fail, used.policy(policy));
        return std::pair(codeOf(outcome), used.generation(1));
    };
    QCOMPARE(resumed(true, SourceInUse::Refuse).first, ErrorCode::RegionInUse);
    QVERIFY(resumed(true, SourceInUse::Refuse).second.state == GenerationState::Interrupted);
    QVERIFY(resumed(true, SourceInUse::Copy).second.consistency == Consistency::Inconsistent);
    QVERIFY(resumed(true, SourceInUse::Freeze).second.consistency == Consistency::Frozen);
    const Generation offline = resumed(false, SourceInUse::Refuse).second;
    QVERIFY(offline.consistency == Consistency::Offline && offline.state == GenerationState::Good);
}

void TestSourceInUse::itTravelsWithTheRecord()
{
    Used used;
    must(used.backUp(used.first, SourceInUse::Copy));
    must(used.backUp(used.second, SourceInUse::Freeze));
    used.backUpOffline(used.third);
    for (GenerationNumber number = 1; number <= 3; ++number) {
        const Generation record = used.generation(number);
        const auto line = must(parseLine(toLine(record)));
        QVERIFY(std::get<Generation>(line) == record);
    }
    std::string line = toLine(used.generation(2));
    line.replace(line.find("\"frozen\""), 8, "\"cloned\"");
    QCOMPARE(std::get<Generation>(must(parseLine(line))).consistency, Consistency::Cloned);
    // Of a kind that a newer Cairn may know.
    line.replace(line.find("\"cloned\""), 8, "\"melted\"");
    QVERIFY(isInconsistent(std::get<Generation>(must(parseLine(line)))));
}

QTEST_GUILESS_MAIN(TestSourceInUse)
#include "test_source_in_use.moc"
