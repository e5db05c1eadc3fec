// What a snapshot reads of the disks: it is taken every second beside a running job.
#include "core/backup/absent_regions.h"
#include "tests/support/array_fixture.h"
#include "tests/support/image_file.h"
#include "tests/support/memory_array.h"
#include "ui/array_snapshot.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace cairn;
using namespace cairn::test;

class TestSnapshotReads : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aLongLedgerIsNotReadWhileAMemberIsAway();
    void aDiskWhoseGuidWasChangedIsKnownAsWhatItWas();
};

namespace {

// The first of the two members of such an array; the other one is away.
MemoryDisk firstMember(const QString& directory, int events)
{
    ArrayFixture array(directory.toStdString(),
                       {.members = 2, .memberSizeBytes = 16 * kMiB, .managementBytes = 8 * kMiB});
    {
        const auto writing = must(WriteAccess::take(*array));
        for (int n = 0; n < events; ++n)
            must(writing.catalog().append(
                {EventKind::RegionExported, 0, "db", std::string(3000, 'x')}));
    }
    const std::string path = array.paths().front();
    array.detach();
    const auto bytes = readImage(path);
    auto medium = std::make_shared<MemoryMedium>(bytes.size());
    medium->bytes = bytes;
    medium->durable = bytes;
    return {medium, path};
}

struct Reads {
    std::uint64_t snapshot = 0;
    std::uint64_t absent = 0; // What the list of the absent regions takes.
};

Reads readsWith(int events)
{
    const QTemporaryDir directory;
    const MemoryDisk disk = firstMember(directory.path(), events);
    TestEnvironment machine(1);
    const auto readsOf = [&](const std::function<void(Attachment&)>& what) {
        const auto log = std::make_shared<WriteLog>();
        const auto attachment = attachMemory({disk}, machine.environment(), log);
        const std::uint64_t before = log->reads;
        what(*attachment);
        return log->reads - before;
    };
    return {.snapshot = readsOf([](Attachment& attachment) {
                const ArraySnapshot snapshot = readSnapshot(attachment, {});
                QVERIFY(!snapshot.catalogProblem);
                QCOMPARE(std::ranges::count(snapshot.layout.members, MemberState::Missing,
                                            &Member::state),
                         1);
            }),
            .absent = readsOf([](Attachment& attachment) { must(absentRegions(attachment)); })};
}

} // namespace

// Incident: to list the regions of the member that was away, all of the ledger was read each time.
void TestSnapshotReads::aLongLedgerIsNotReadWhileAMemberIsAway()
{
    constexpr int kEvents = 100;
    const Reads few = readsWith(1);
    const Reads many = readsWith(kEvents);
    // Of each entry there is a page.
    QVERIFY(many.absent >= few.absent + kEvents / 2);
    QVERIFY2(many.snapshot < few.snapshot + kEvents / 4,
             qPrintable(QStringLiteral("%1 and %2").arg(few.snapshot).arg(many.snapshot)));
}

void TestSnapshotReads::aDiskWhoseGuidWasChangedIsKnownAsWhatItWas()
{
    const QTemporaryDir directory;
    ArrayFixture array(directory.path().toStdString());
    array.addRegion("copy", kMiB, 1);
    QVERIFY(readSnapshot(*array, {}).formerDisks.empty());
    const Uuid before = (*array).layout().members.at(1).id;
    array.detach();
    const std::string& path = array.paths().at(1);
    QCOMPARE(
        runProgram({"sfdisk", "-q", "--disk-id", path, "6A898CC3-1DD2-11B2-99A6-080020736631"}), 0);
    array.attach();
    const ArraySnapshot snapshot = readSnapshot(*array, {});
    QCOMPARE(snapshot.formerDisks.size(), std::size_t{1});
    const auto& [now, former] = *snapshot.formerDisks.begin();
    QCOMPARE(snapshot.layout.findMember(now)->location, path);
    QVERIFY(former.disk == before);
    QCOMPARE(former.location, path);
}

QTEST_GUILESS_MAIN(TestSnapshotReads)
#include "test_snapshot_reads.moc"
