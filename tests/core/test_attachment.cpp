// Reading changes nothing, the history needs no computer of its own, and writers take turns.
#include "core/backup/attachment.h"

#include "core/backup/candidates.h"
#include "core/backup/keep.h"
#include "core/backup/resume.h"
#include "tests/support/array_fixture.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 4 * kMiB;

struct BackedUp {
    QTemporaryDir directory;
    ArrayFixture array{directory.path().toStdString()};
    RegionId source = array.addRegion("root", kSize, 0);
    RegionId target = array.addRegion("copy", kSize, 1);

    BackedUp()
    {
        array.fillRandom(source, 1);
        must(array.backUp(source, target));
    }
};

ErrorCode codeOf(const auto& result)
{
    return result ? ErrorCode{} : result.error().code;
}

const CandidateTarget& candidateFor(const std::vector<CandidateTarget>& candidates,
                                    const RegionId& id)
{
    return *std::ranges::find(candidates, id, &CandidateTarget::region);
}

} // namespace

class TestAttachment : public QObject {
    Q_OBJECT

private slots:
    void attachingAndReadingChangesNotOneByte();
    void aSecondComputerSeesAndRestoresEverything();
    void aLostMemberLeavesTheCatalogAndTheOtherBackups();
    void aMovedMemberIsRememberedWhereItIs();
    void oneWriterAtATime();
    void aReaderMayKeepTheWritingCatalog();
    void regionsAreFoundByNameAndIdentity();
    void candidatesSayAllThatSpeaksAgainstThem();
    void theBestCandidateComesFirst();
};

void TestAttachment::attachingAndReadingChangesNotOneByte()
{
    BackedUp backup;
    backup.array.detach();
    const auto before = backup.array.memberDigests();
    backup.array.attach();
    QVERIFY(!(*backup.array).catalogProblem());
    must(candidateTargets(*backup.array, backup.source));
    must(interruptedJobs(*backup.array));
    must(must((*backup.array).catalog())->ledger());
    QCOMPARE((*backup.array).layout().members.size(), std::size_t{2});
    must((*backup.array).refresh());
    backup.array.detach();
    QVERIFY(backup.array.memberDigests() == before);
}

void TestAttachment::aSecondComputerSeesAndRestoresEverything()
{
    BackedUp backup;
    const auto content = backup.array.read(backup.source);
    backup.array.detach();
    // Copied elsewhere, in another order: nothing but the members themselves can tell.
    std::vector<std::string> moved;
    for (const std::string& path : {backup.array.paths().at(1), backup.array.paths().at(0)}) {
        moved.push_back(path + ".moved");
        QVERIFY(QFile::rename(QString::fromStdString(path), QString::fromStdString(moved.back())));
    }
    backup.array.attach(moved);
    QCOMPARE(backup.array.state(1), GenerationState::Good);
    backup.array.fillRandom(backup.source, 2);
    must(backup.array.restore(1));
    QVERIFY(backup.array.read(backup.source) == content);
}

void TestAttachment::aLostMemberLeavesTheCatalogAndTheOtherBackups()
{
    BackedUp backup;
    const RegionId home = backup.array.addRegion("home", kSize, 1);
    const RegionId near = backup.array.addRegion("near", kSize, 1);
    backup.array.fillRandom(home, 5);
    must(backup.array.backUp(home, near));
    backup.array.detach();
    QVERIFY(QFile::remove(QString::fromStdString(backup.array.paths().at(0))));
    backup.array.attach({backup.array.paths().at(1)});

    QCOMPARE(backup.array.state(1), GenerationState::Good);
    QCOMPARE(backup.array.state(2), GenerationState::Good);
    const auto members = (*backup.array).layout().members;
    QCOMPARE(members.size(), std::size_t{2});
    QCOMPARE(std::ranges::count(members, MemberState::Missing, &Member::state), 1);
    // The backup of the lost region is on the other member, and goes where there is room.
    const RegionId spare = backup.array.addRegion("spare", kSize, 1);
    must(backup.array.restore(1, spare));
    QVERIFY(backup.array.read(spare) == backup.array.read(backup.target));
    QCOMPARE(codeOf(planRestore(*backup.array, 1, {.confirmedName = "root"})),
             ErrorCode::MemberMissing);
}

void TestAttachment::aMovedMemberIsRememberedWhereItIs()
{
    BackedUp backup;
    backup.array.detach();
    const std::string old = backup.array.paths().at(0);
    const std::string moved = old + ".moved";
    QVERIFY(QFile::rename(QString::fromStdString(old), QString::fromStdString(moved)));
    backup.array.attach({moved, backup.array.paths().at(1)});
    must(hold(*backup.array, 1));
    const auto known = must(must((*backup.array).catalog())->members());
    QVERIFY(std::ranges::find(known, moved, &KnownMember::location) != known.end());
    QVERIFY(std::ranges::find(known, old, &KnownMember::location) == known.end());
}

void TestAttachment::oneWriterAtATime()
{
    BackedUp backup;
    const auto other = must(Attachment::attach(backup.array.uris(), systemEnvironment()));
    {
        const auto writing = must(WriteAccess::take(*backup.array));
        QCOMPARE(codeOf(WriteAccess::take(*other)), ErrorCode::ArrayBusy);
        // The same process may write more than once at a time.
        must(WriteAccess::take(*backup.array));
    }
    must(WriteAccess::take(*other));
}

void TestAttachment::aReaderMayKeepTheWritingCatalog()
{
    BackedUp backup;
    std::shared_ptr<Catalog> kept;
    {
        const auto writing = must(WriteAccess::take(*backup.array));
        kept = must((*backup.array).catalog());
    }
    // A verb that follows writes with the same catalog instead of waiting for its reader.
    must(hold(*backup.array, 1));
    QVERIFY(must(kept->generation(1)).held);
    kept.reset();
    const auto other = must(Attachment::attach(backup.array.uris(), systemEnvironment()));
    must(release(*other, 1));
    must((*backup.array).refresh());
    QVERIFY(!backup.array.generation(1).held);
}

void TestAttachment::regionsAreFoundByNameAndIdentity()
{
    BackedUp backup;
    QCOMPARE(must(findRegion(*backup.array, "copy")).id, backup.target);
    QCOMPARE(must(findRegion(*backup.array, backup.target.uuid.toString())).id, backup.target);
    QCOMPARE(codeOf(findRegion(*backup.array, "nobody")), ErrorCode::UnknownRegion);
    QCOMPARE(codeOf(findRegion(*backup.array, "")), ErrorCode::UnknownRegion);
}

void TestAttachment::candidatesSayAllThatSpeaksAgainstThem()
{
    BackedUp backup;
    const RegionId small = backup.array.addRegion("small", kSize - kMiB, 0);
    backup.array.makeFilesystem(small, "ext4", "full");
    must(hold(*backup.array, 1));
    const auto candidates = must(candidateTargets(*backup.array, backup.source));

    const auto& self = candidateFor(candidates, backup.source);
    QCOMPARE(self.refusals.front().reason, RefusalReason::IsSource);

    const auto& tooSmall = candidateFor(candidates, small);
    QCOMPARE(tooSmall.refusals.size(), std::size_t{2});
    QVERIFY((tooSmall.refusals.at(0) == Refusal{RefusalReason::TooSmall, kMiB, {}}));
    QVERIFY(
        (tooSmall.refusals.at(1) == Refusal{RefusalReason::ContentRecognised, 0, "ext4 \"full\""}));

    const auto& held = candidateFor(candidates, backup.target);
    QCOMPARE(held.replaces, GenerationNumber{1});
    QVERIFY((held.refusals == std::vector<Refusal>{{RefusalReason::Held, 1, {}},
                                                   {RefusalReason::LastGoodCopy, 1, "root"}}));
}

void TestAttachment::theBestCandidateComesFirst()
{
    BackedUp backup;
    const RegionId near = backup.array.addRegion("near", kSize, 0);
    const RegionId roomy = backup.array.addRegion("roomy", kSize + 2 * kMiB, 1);
    const RegionId fitting = backup.array.addRegion("fitting", kSize, 1);
    must(backup.array.backUp(backup.source, roomy));
    const RegionId empty = backup.array.addRegion("empty", kSize + kMiB, 1);
    std::vector<RegionId> order;
    for (const auto& candidate : must(candidateTargets(*backup.array, backup.source))) {
        if (candidate.allowed())
            order.push_back(candidate.region);
    }
    // Another member first, there what is empty, the closest fit, then the oldest backup.
    QVERIFY((order == std::vector{fitting, empty, backup.target, roomy, near}));
}

QTEST_GUILESS_MAIN(TestAttachment)
#include "test_attachment.moc"
