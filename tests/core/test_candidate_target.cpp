// Where a region may be copied: every reason that applies, and the best first.
#include "core/array/candidate_target.h"

#include <QtTest>
#include <algorithm>

using namespace cairn;

namespace {

Uuid uuidOf(std::uint8_t number)
{
    Uuid uuid;
    uuid.bytes[15] = number;
    return uuid;
}

Region region(std::uint8_t number, const std::string& name, std::uint8_t member,
              std::uint64_t sizeBytes)
{
    Region made;
    made.id = {uuidOf(number)};
    made.name = name;
    made.member = uuidOf(static_cast<std::uint8_t>(100 + member));
    made.extent = {number * kGiB, sizeBytes};
    made.content.kind = ContentKind::Empty;
    return made;
}

Member member(std::uint8_t number)
{
    Member made;
    made.id = uuidOf(static_cast<std::uint8_t>(100 + number));
    return made;
}

const CandidateTarget& candidate(const std::vector<CandidateTarget>& all, const Region& region)
{
    return *std::ranges::find(all, region.id, &CandidateTarget::region);
}

} // namespace

class TestCandidateTarget : public QObject {
    Q_OBJECT

private slots:
    void everyReasonThatAppliesIsGiven();
    void theSourceIsListedAsSuch();
    void whatWasNotReadMayBeAnything();
    void aFailedMemberRefusesWithItsProblem();
    void onlyReasonsThatCanBeSetAsideAreConfirmable();
    void theBestComesFirst();
};

void TestCandidateTarget::everyReasonThatAppliesIsGiven()
{
    ArrayLayout layout;
    layout.members = {member(1)};
    const Region source = region(1, "home", 1, 8 * kMiB);
    Region target = region(2, "other", 1, 5 * kMiB);
    target.role = RegionRole::Management;
    target.use = {true, "mounted at /home"};
    target.content = {ContentKind::Recognised, "ext4", "music", "", {}};
    layout.regions = {source, target};
    const auto refusals = candidate(candidatesOf(layout, source), target).refusals;
    const std::vector<Refusal> expected = {
        {RefusalReason::TooSmall, 3 * kMiB, {}},
        {RefusalReason::InUse, 0, "mounted at /home"},
        {RefusalReason::HoldsCatalog, 0, {}}, // Which is what it holds: no word of content.
    };
    QVERIFY(refusals == expected);
    layout.regions[1].role = RegionRole::Data;
    const Refusal content{RefusalReason::ContentRecognised, 0, "ext4 \"music\""};
    QVERIFY(candidate(candidatesOf(layout, source), target).refusals.back() == content);
}

void TestCandidateTarget::theSourceIsListedAsSuch()
{
    ArrayLayout layout;
    layout.members = {member(1)};
    const Region source = region(1, "home", 1, 8 * kMiB);
    layout.regions = {source};
    const auto all = candidatesOf(layout, source);
    QCOMPARE(all.size(), 1U);
    const std::vector<Refusal> expected = {{RefusalReason::IsSource, 0, {}}};
    QVERIFY(all[0].refusals == expected);
    QVERIFY(!all[0].allowed() && !all[0].allowedIfConfirmed());
}

void TestCandidateTarget::whatWasNotReadMayBeAnything()
{
    ArrayLayout layout;
    layout.members = {member(1)};
    const Region source = region(1, "home", 1, 8 * kMiB);
    Region target = region(2, "other", 1, 8 * kMiB);
    target.content.kind = ContentKind::Unread;
    layout.regions = {source, target};
    const auto all = candidatesOf(layout, source);
    const std::vector<Refusal> expected = {{RefusalReason::ContentUnknown, 0, {}}};
    QVERIFY(candidate(all, target).refusals == expected);
}

void TestCandidateTarget::aFailedMemberRefusesWithItsProblem()
{
    ArrayLayout layout;
    layout.members = {member(1), member(2)};
    layout.members[1].state = MemberState::ReadOnly;
    layout.members[1].problem = "Read-only file system";
    const Region source = region(1, "home", 1, 8 * kMiB);
    const Region target = region(2, "other", 2, 8 * kMiB);
    layout.regions = {source, target};
    const auto all = candidatesOf(layout, source);
    QVERIFY(candidate(all, target).refusals ==
            (std::vector<Refusal>{{RefusalReason::MemberFailed, 0, "Read-only file system"}}));
}

void TestCandidateTarget::onlyReasonsThatCanBeSetAsideAreConfirmable()
{
    CandidateTarget target;
    QVERIFY(target.allowed() && !target.allowedIfConfirmed());
    target.refusals = {{RefusalReason::ContentRecognised, 0, "ext4"}};
    QVERIFY(!target.allowed() && target.allowedIfConfirmed());
    target.refusals.push_back({RefusalReason::LastGoodCopy, 3, "home"});
    QVERIFY(target.allowedIfConfirmed());
    target.refusals.insert(target.refusals.begin(), Refusal{RefusalReason::InUse, 0, "swap"});
    QVERIFY(!target.allowedIfConfirmed());
}

void TestCandidateTarget::theBestComesFirst()
{
    ArrayLayout layout;
    layout.members = {member(1), member(2)};
    const Region source = region(1, "home", 1, 8 * kMiB);
    const Region sameMember = region(2, "a", 1, 8 * kMiB);
    const Region larger = region(3, "a", 2, 16 * kMiB);
    const Region exact = region(4, "c", 2, 8 * kMiB);
    const Region exactToo = region(5, "b", 2, 8 * kMiB);
    Region used = region(6, "a", 2, 8 * kMiB);
    used.content = {ContentKind::Recognised, "xfs", "", "", {}};
    Region mounted = region(7, "a", 2, 8 * kMiB);
    mounted.use = {true, "swap"};
    layout.regions = {source, mounted, used, sameMember, larger, exact, exactToo};
    std::vector<RegionId> order;
    for (const CandidateTarget& one : candidatesOf(layout, source))
        order.push_back(one.region);
    const std::vector<RegionId> expected = {exactToo.id, exact.id,   larger.id, sameMember.id,
                                            used.id,     mounted.id, source.id};
    QVERIFY(order == expected);
    const auto all = candidatesOf(layout, source);
    QCOMPARE(candidate(all, larger).spareBytes, 8 * kMiB);
    QVERIFY(candidate(all, sameMember).sameMember && !candidate(all, exact).sameMember);
}

QTEST_GUILESS_MAIN(TestCandidateTarget)
#include "test_candidate_target.moc"
