// A swap and its undoing lead to before or to after, whatever write or flush is the last.
#include "core/backup/candidates.h"
#include "core/backup/keep.h"
#include "core/backup/seal.h"
#include "core/backup/swap_restore.h"
#include "tests/support/undo_story.h"

#include <QTemporaryDir>
#include <QtTest>

#include <cstring>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 4 * kMiB;

void swapNow(Attachment& attachment, GenerationNumber number)
{
    UncontrolledCopy control;
    must(attachment.refresh());
    must(swapRestore(attachment, must(planSwap(attachment, number, "copy"), "plan swap"), control),
         "swap");
}

// Swap space, so that there is something to seal.
std::vector<std::byte> swapSpace(std::vector<std::byte> bytes, char name)
{
    makeSwapSpace(bytes);
    bytes[1051] = static_cast<std::byte>(name);
    // And of a CD, so that there are two signatures, of which a cut may take one.
    std::memcpy(bytes.data() + 32768, "\001CD001\001", 7);
    return bytes;
}

struct Story {
    std::vector<std::byte> backedUp;
    std::vector<std::byte> before;
    bool sealed = false;
    GenerationNumber backup = 2;
    GenerationNumber kept = 3;
};

// Whatever a reader finds, it is one of the two whole.
std::string judgeReader(Attachment& attachment, const Story& story)
{
    const auto root = contentOf(attachment, "root");
    const auto copy = contentOf(attachment, "copy");
    const bool before = root == story.before && copy == story.backedUp;
    const bool after = root == story.backedUp && copy == story.before;
    if (!before && !after)
        return "neither before nor after";
    const auto swaps = must(must(attachment.catalog())->swaps());
    if (swaps.empty())
        return {};
    if (planSwap(attachment, story.backup, "copy"))
        return "offered while it has not ended";
    for (const char* name : {"root", "copy"}) {
        const auto region = must(findRegion(attachment, name));
        const auto candidate = must(candidateFor(attachment, region, kSize));
        if (candidate.allowedIfConfirmed())
            return std::string(name) + " is a candidate while the swap has not ended";
    }
    return {};
}

std::string judgeSettled(Attachment& attachment, const Story& story)
{
    {
        const auto writing = must(WriteAccess::take(attachment), "write access");
    }
    must(attachment.refresh());
    if (!must(must(attachment.catalog())->swaps()).empty())
        return "it has not ended";
    for (const Member& member : attachment.layout().members) {
        if (!member.problem.empty())
            return "the table: " + member.problem;
    }
    const auto root = contentOf(attachment, "root");
    const auto copy = contentOf(attachment, "copy");
    const bool after = root == story.backedUp && copy == story.before;
    if (!after && (root != story.before || copy != story.backedUp))
        return "neither before nor after in the end";
    if (onMedium(attachment, "root") != root)
        return "the region in use lacks its signatures";
    if ((onMedium(attachment, "copy") != copy) != story.sealed)
        return "the region that keeps the other is sealed, or not, as it must not be";
    const Generation backup = generationOf(attachment, story.backup);
    if (after != (backup.state == GenerationState::Superseded))
        return "the record of the backup says the contrary";
    if (!after)
        return isUsable(backup) ? "" : "the backup is not usable";
    const Generation kept = generationOf(attachment, story.kept);
    if (!canBeUndone(kept) || kept.target.name != "copy")
        return "what is kept cannot be brought back";
    return {};
}

} // namespace

class TestSwapPower : public QObject {
    Q_OBJECT

private slots:
    void itLeadsToBeforeOrAfter_data();
    void itLeadsToBeforeOrAfter();
};

void TestSwapPower::itLeadsToBeforeOrAfter_data()
{
    QTest::addColumn<bool>("sealed");
    QTest::addColumn<bool>("back");
    QTest::newRow("swap") << false << false;
    QTest::newRow("swap, sealed") << true << false;
    QTest::newRow("undo") << false << true;
    QTest::newRow("undo, sealed") << true << true;
}

void TestSwapPower::itLeadsToBeforeOrAfter()
{
    QFETCH(bool, sealed);
    QFETCH(bool, back);
    const QTemporaryDir directory;
    UndoStory story(directory.path().toStdString());
    const Story told{.backedUp = swapSpace(story.before(), 'd'),
                     .before = swapSpace(story.backedUp(), 'e'),
                     .sealed = sealed};
    story.run([&](Attachment& attachment) {
        writeRegion(attachment, "root", told.backedUp);
        backUpNow(attachment, sealed);
        writeRegion(attachment, "root", told.before);
        if (back)
            swapNow(attachment, told.backup);
    });
    story.record([&](Attachment& attachment) {
        if (back)
            undoNow(attachment, told.kept);
        else
            swapNow(attachment, told.backup);
        QCOMPARE(judgeReader(attachment, told), std::string());
        QVERIFY(contentOf(attachment, "root") == (back ? told.before : told.backedUp));
        QCOMPARE(generationOf(attachment, told.backup).state,
                 back ? GenerationState::Good : GenerationState::Superseded);
    });
    QVERIFY(story.writes() > 10);
    QCOMPARE(story.judgeAll([&](Attachment& attachment, Way way) -> std::string {
        if (auto wrong = judgeReader(attachment, told); !wrong.empty())
            return wrong;
        if (auto wrong = judgeSettled(attachment, told); !wrong.empty())
            return wrong;
        const bool after = contentOf(attachment, "root") == told.backedUp;
        if (way == Way::Forward || !after)
            return {};
        undoNow(attachment, told.kept);
        return contentOf(attachment, "root") == told.before &&
                       contentOf(attachment, "copy") == told.backedUp &&
                       generationOf(attachment, told.backup).state == GenerationState::Good
                   ? ""
                   : "undoing it did not bring both back";
    }),
             std::string());
}

QTEST_GUILESS_MAIN(TestSwapPower)
#include "test_swap_power.moc"
