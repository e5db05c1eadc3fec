// At whatever write or flush the power is cut, and whatever is given up afterwards: a region that
// is half of each says so, and is no source until it is whole again.
#include "core/backup/half_written.h"
#include "core/backup/resume.h"
#include "tests/support/undo_story.h"

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>

using namespace cairn;
using namespace cairn::test;

namespace {

const Region& named(const ArrayLayout& layout, const char* name)
{
    return *std::ranges::find(layout.regions, name, &Region::name);
}

bool isHalf(Attachment& attachment, const RegionId& region)
{
    const auto all = must(halfWrittenRegions(attachment));
    return findHalfWritten(all, region) != nullptr;
}

void restoreKeepingNothing(Attachment& attachment)
{
    UncontrolledCopy control;
    const auto plan =
        must(planRestore(attachment, 1, {.confirmedName = "root", .undo = false}), "plan");
    must(restore(attachment, plan, control), "restore");
}

void importAll(Attachment& attachment, const std::vector<std::byte>& content)
{
    std::size_t at = 0;
    const ByteSource stream = [&](std::span<std::byte> into) -> Result<std::size_t> {
        const std::size_t got = std::min(into.size(), content.size() - at);
        std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(at), got, into.begin());
        at += got;
        return got;
    };
    UncontrolledCopy control;
    must(importRegion(attachment,
                      {.region = named(attachment.layout(), "root").id,
                       .sizeBytes = content.size(),
                       .confirmedName = "root"},
                      stream, control),
         "import");
}

std::string judge(const UndoStory& story, Attachment& attachment,
                  const std::vector<std::byte>& after)
{
    const auto content = story.now();
    for (const Job& job : must(interruptedJobs(attachment)))
        must(discard(attachment, job), "discard");
    if (story.now() != content)
        return "giving up has changed it";
    const ArrayLayout layout = attachment.layout();
    const RegionId root = named(layout, "root").id;
    const bool half = isHalf(attachment, root);
    if (content != story.before() && content != story.backedUp() && content != after && !half)
        return "half-written, and nothing tells of it";
    BackupOptions options;
    options.confirmedName = "copy";
    const auto plan = planBackup(attachment, root, named(layout, "copy").id, options);
    const bool refused = !plan && plan.error().code == ErrorCode::HalfWritten;
    if (refused != half)
        return half ? "a source, and it is half-written" : "refused, and it is whole";
    restoreKeepingNothing(attachment);
    if (story.now() != story.backedUp() || isHalf(attachment, root))
        return "not whole after a restore";
    return {};
}

} // namespace

class TestHalfWrittenPower : public QObject {
    Q_OBJECT

private slots:
    void nothingIsHalfWrittenInSilence_data();
    void nothingIsHalfWrittenInSilence();
};

void TestHalfWrittenPower::nothingIsHalfWrittenInSilence_data()
{
    QTest::addColumn<QString>("what");
    for (const char* what : {"restore", "restore that keeps", "undo", "import"})
        QTest::newRow(what) << QString::fromLatin1(what);
}

void TestHalfWrittenPower::nothingIsHalfWrittenInSilence()
{
    QFETCH(QString, what);
    const QTemporaryDir directory;
    UndoStory story(directory.path().toStdString());
    std::vector<std::byte> after(story.before().size(), std::byte{0x3c});
    if (what == "undo")
        story.run([](Attachment& attachment) { restoreNow(attachment); });
    story.record([&](Attachment& attachment) {
        if (what == "restore")
            restoreKeepingNothing(attachment);
        else if (what == "restore that keeps")
            restoreNow(attachment);
        else if (what == "undo")
            undoNow(attachment, 2);
        else
            importAll(attachment, after);
        QVERIFY(!isHalf(attachment, named(attachment.layout(), "root").id));
    });
    QVERIFY(story.writes() > 20);
    QCOMPARE(story.judgeAll(
                 [&](Attachment& attachment, Way) { return judge(story, attachment, after); }),
             std::string());
}

QTEST_GUILESS_MAIN(TestHalfWrittenPower)
#include "test_half_written_power.moc"
