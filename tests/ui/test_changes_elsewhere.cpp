// What happens to the open array elsewhere, by another process or to a member itself, is seen by
// asking, which reads little and writes nothing.
#include "core/backup/keep.h"
#include "tests/ui/array_on_disk.h"
#include "ui/attached_array.h"

#include <QCryptographicHash>
#include <QFile>
#include <QSignalSpy>
#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr int kPatienceMs = 60'000;

std::unique_ptr<Attachment> attach(const ArrayOnDisk& disk)
{
    auto attached = Attachment::attach({disk.uri()}, systemEnvironment());
    if (!attached)
        qFatal("attach: %s", errorName(attached.error().code));
    return *std::move(attached);
}

std::unique_ptr<AttachedArray> openFiles(const std::vector<std::string>& uris)
{
    auto attached = Attachment::attach(uris, systemEnvironment());
    if (!attached)
        qFatal("attach: %s", errorName(attached.error().code));
    std::shared_ptr<Attachment> attachment = *std::move(attached);
    ArraySnapshot first = readSnapshot(*attachment, uris);
    const bool catalog = first.catalog.has_value();
    auto array = std::make_unique<AttachedArray>(std::move(attachment), std::move(first), nullptr);
    if (catalog && !QTest::qWaitFor([&] { return array->history().complete(); }, kPatienceMs))
        qFatal("the history was not read");
    return array;
}

std::unique_ptr<AttachedArray> open(const ArrayOnDisk& disk)
{
    return openFiles({disk.uri()});
}

// Whether something had changed.
bool lookOnce(AttachedArray& array)
{
    QSignalSpy looked(&array, &AttachedArray::looked);
    const auto answered = [&] {
        if (looked.isEmpty())
            array.lookForChanges(); // Nothing while the array is being read.
        return !looked.isEmpty();
    };
    if (!QTest::qWaitFor(answered, kPatienceMs))
        qFatal("nobody looked");
    return looked.front().front().toBool();
}

// Tells once that bytes were copied, and copies no more.
class Stuck final : public CopyControl {
public:
    explicit Stuck(int told) : m_told(told) {}
    bool checkpoint(const CopyProgress& progress) override
    {
        if (progress.phase == CopyPhase::Copying && progress.doneBytes > 0) {
            std::ignore = ::write(m_told, "c", 1);
            while (true)
                ::pause();
        }
        return true;
    }

private:
    int m_told;
};

// In a process of its own: backs db up into vault once it is told to, and sticks.
[[noreturn]] void backUpAndStick(const ArrayOnDisk& disk, int go, int told)
{
    char byte = 0;
    if (::read(go, &byte, 1) != 1)
        ::_exit(1);
    const auto attachment = attach(disk);
    const ArrayLayout layout = attachment->layout();
    const auto regionId = [&](const char* name) {
        return std::ranges::find(layout.regions, name, &Region::name)->id;
    };
    auto plan = planBackup(*attachment, regionId("db"), regionId("vault"), {});
    Stuck control(told);
    if (plan)
        std::ignore = backUp(*attachment, *plan, control);
    ::_exit(1);
}

QByteArray bytesOf(const std::vector<std::string>& files)
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    for (const std::string& name : files) {
        QFile file(QString::fromStdString(name));
        if (!file.open(QIODevice::ReadOnly) || !hash.addData(&file))
            qFatal("cannot read %s", name.c_str());
    }
    return hash.result();
}

} // namespace

class TestChangesElsewhere : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aHoldIsSeen();
    void anArrayThatNobodyChangedIsNotReadAgain();
    void aWriterThatWasKilledLeavesAJobToResume();
    void aMemberThatGoesAndComesBackIsSeen_data();
    void aMemberThatGoesAndComesBackIsSeen();
    void aMemberWithTheOnlyCatalogIsSeenToComeBack();
    void allMembersMayGoAndComeBack();
};

void TestChangesElsewhere::aHoldIsSeen()
{
    const ArrayOnDisk disk;
    disk.backUpInto("vault", "nightly");
    const auto array = open(disk);
    QVERIFY(!array->snapshot().generations.front().held);
    QVERIFY(hold(*attach(disk), 1).has_value());
    array->lookForChanges();
    QTRY_VERIFY_WITH_TIMEOUT(array->snapshot().generations.front().held, kPatienceMs);
}

void TestChangesElsewhere::anArrayThatNobodyChangedIsNotReadAgain()
{
    const ArrayOnDisk disk;
    disk.backUpInto("vault", "nightly");
    const auto files = disk.memberFiles();
    const QByteArray before = bytesOf(files);
    const auto array = open(disk);
    QSignalSpy looked(array.get(), &AttachedArray::looked);
    QSignalSpy changed(array.get(), &AttachedArray::snapshotChanged);
    for (int times = 1; times <= 3; ++times) {
        array->lookForChanges();
        QTRY_COMPARE_WITH_TIMEOUT(looked.count(), times, kPatienceMs);
        QCOMPARE(looked.back().front().toBool(), false);
    }
    QCOMPARE(changed.count(), 0);
    QCOMPARE(bytesOf(files), before);
}

// cairnctl was killed in a restore, and the region looked as it always had until F5.
void TestChangesElsewhere::aWriterThatWasKilledLeavesAJobToResume()
{
    const ArrayOnDisk disk;
    int go[2];
    int told[2];
    QVERIFY(::pipe(go) == 0 && ::pipe(told) == 0);
    const pid_t child = ::fork(); // Before there are threads.
    QVERIFY(child >= 0);
    if (child == 0)
        backUpAndStick(disk, go[0], told[1]); // Does not return.
    ::close(go[0]);
    ::close(told[1]); // Else the end of the child would not end the waiting below.
    const auto array = open(disk);
    QVERIFY(array->snapshot().generations.empty());
    QCOMPARE(::write(go[1], "g", 1), ssize_t{1});
    char byte = 0;
    QCOMPARE(::read(told[0], &byte, 1), ssize_t{1});
    array->lookForChanges();
    QTRY_VERIFY_WITH_TIMEOUT(!array->snapshot().generations.empty(), kPatienceMs);
    QVERIFY(array->snapshot().interrupted.empty());
    QCOMPARE(::kill(child, SIGKILL), 0);
    QCOMPARE(::waitpid(child, nullptr, 0), child);
    array->lookForChanges();
    QTRY_COMPARE_WITH_TIMEOUT(array->snapshot().interrupted.size(), std::size_t{1}, kPatienceMs);
    QCOMPARE(array->snapshot().generations.front().state, GenerationState::Interrupted);
    ::close(go[1]);
    ::close(told[0]);
}

// Incident: it was shown as present until F5, and so was what lay on it.
void TestChangesElsewhere::aMemberThatGoesAndComesBackIsSeen_data()
{
    QTest::addColumn<bool>("moved");
    QTest::newRow("its file is moved away, and back") << true;
    QTest::newRow("its simulated disk is pulled, and put back") << false;
}

void TestChangesElsewhere::aMemberThatGoesAndComesBackIsSeen()
{
    QFETCH(const bool, moved);
    const ArrayOnDisk disk;
    disk.backUpInto("vault", "nightly");
    const auto files = disk.memberFiles();
    const QString place = QString::fromStdString(files.at(1));
    const auto array = moved ? openFiles(files) : open(disk);
    Faults pulled;
    pulled.pulled = true;
    const auto go = [&] {
        return moved ? QFile::rename(place, place + QStringLiteral(".away"))
                     : setFaults(disk.directory(), 1, pulled).has_value();
    };
    const auto comeBack = [&] {
        return moved ? QFile::rename(place + QStringLiteral(".away"), place)
                     : setFaults(disk.directory(), 1, Faults{}).has_value();
    };
    const auto state = [&] { return array->snapshot().layout.members.at(1).state; };
    QVERIFY(go());
    array->lookForChanges();
    QTRY_COMPARE_WITH_TIMEOUT(state(), MemberState::Missing, kPatienceMs);
    const Generation& backup = array->snapshot().generations.front();
    QCOMPARE(array->snapshot().presenceOf(backup), CopyPresence::MemberMissing);
    QCOMPARE(lookOnce(*array), false); // It is not read again and again.
    QVERIFY(comeBack());
    array->lookForChanges();
    QTRY_COMPARE_WITH_TIMEOUT(state(), MemberState::Present, kPatienceMs);
    QCOMPARE(array->snapshot().presenceOf(array->snapshot().generations.front()),
             CopyPresence::Present);
    QCOMPARE(lookOnce(*array), false);
}

void TestChangesElsewhere::aMemberWithTheOnlyCatalogIsSeenToComeBack()
{
    QTemporaryDir folder;
    const auto path = [&](const char* name) {
        return folder.filePath(QLatin1StringView(name)).toStdString();
    };
    const std::vector<std::string> files{path("a"), path("b"), path("c"), path("d")};
    QVERIFY(Attachment::create(
        {.array = {.uris = files, .memberSizeBytes = 32 * kMiB}, .label = "four"},
        systemEnvironment()));
    const QString place = QString::fromStdString(files.at(0));
    QVERIFY(QFile::rename(place, place + QStringLiteral(".away")));
    const auto array = openFiles({files.at(0), files.at(3)});
    QVERIFY(!array->snapshot().catalog);
    QCOMPARE(lookOnce(*array), false);
    QVERIFY(QFile::rename(place + QStringLiteral(".away"), place));
    array->lookForChanges();
    QTRY_VERIFY_WITH_TIMEOUT(array->snapshot().catalog.has_value(), kPatienceMs);
}

void TestChangesElsewhere::allMembersMayGoAndComeBack()
{
    const ArrayOnDisk disk;
    const auto files = disk.memberFiles();
    const auto array = openFiles(files);
    QSignalSpy failed(array.get(), &AttachedArray::failed);
    const auto renameAll = [&](const QString& from, const QString& to) {
        return std::ranges::all_of(files, [&](const std::string& file) {
            const QString name = QString::fromStdString(file);
            return QFile::rename(name + from, name + to);
        });
    };
    QVERIFY(renameAll({}, QStringLiteral(".away")));
    array->lookForChanges();
    QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, kPatienceMs);
    QCOMPARE(lookOnce(*array), false);
    QVERIFY(renameAll(QStringLiteral(".away"), {}));
    QCOMPARE(lookOnce(*array), true);
    QTRY_COMPARE_WITH_TIMEOUT(lookOnce(*array), false, kPatienceMs);
    QCOMPARE(failed.count(), 1);
}

QTEST_GUILESS_MAIN(TestChangesElsewhere)
#include "test_changes_elsewhere.moc"
