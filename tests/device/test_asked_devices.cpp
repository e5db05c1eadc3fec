// Disks that somebody else opens for us, as root: what is asked for, and what a refusal leaves.
#include "tests/support/array_fixture.h"
#include "tests/support/loop_disk.h"

#include "core/backup/verify.h"
#include "core/io/asking_opener.h"
#include "core/io/device_identity.h"
#include "core/io/file_io.h"

#include <QtTest>
#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <unistd.h>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kRegionBytes = 4 * kMiB;

// Opens all, but for one request, counted from 1; 0: none is refused.
struct Person {
    explicit Person(std::size_t refusedRequest = 0) : refused(refusedRequest) {}

    Result<int> answer(const DeviceRequest& request)
    {
        const std::scoped_lock lock(mutex);
        requests.push_back(request);
        if (requests.size() == refused)
            return failure(ErrorCode::NotAuthorized, request.path, "dismissed");
        const int descriptor = ::open(request.path.c_str(), openFlags(request));
        return descriptor >= 0 ? Result<int>(descriptor)
                               : std::unexpected(openError(request, errno));
    }

    std::mutex mutex;
    std::size_t refused;
    std::vector<DeviceRequest> requests;
    AskingOpener opener{[this](const DeviceRequest& request) { return answer(request); },
                        AskingOpener::First::Ask};

    [[nodiscard]] Environment environment()
    {
        Environment now = systemEnvironment();
        now.devices = &opener;
        return now;
    }
};

// Two disks with a copy of the catalog each; "home" on the first, "spare" on the second.
class TwoDisks {
public:
    explicit TwoDisks(bool withNodes)
    {
        const auto made = need(Attachment::create(
            {.array = {.uris = uris(), .managementBytes = 4 * kMiB}, .label = "asked"},
            systemEnvironment()));
        for (const auto& [name, member] : {std::pair{"home", 0U}, std::pair{"spare", 1U}}) {
            const Uuid disk = made->layout().members.at(member).id;
            need(addRegion(*made, {.name = name, .sizeBytes = kRegionBytes, .member = &disk}));
        }
        if (withNodes) {
            first.addNodes();
            second.addNodes();
        }
    }

    [[nodiscard]] std::vector<std::string> uris() const { return {first.path(), second.path()}; }
    [[nodiscard]] std::vector<QByteArray> bytes() const
    {
        std::vector<QByteArray> all;
        for (const char* name : {"a.img", "b.img"}) {
            QFile file(QString::fromStdString(files.path(name)));
            if (!file.open(QIODevice::ReadOnly))
                qFatal("no image");
            all.push_back(file.readAll());
        }
        return all;
    }

    ArrayFiles files;
    LoopDevice first{image("a.img")};
    LoopDevice second{image("b.img")};

private:
    std::string image(const char* name)
    {
        makeSparseImage(files.path(name), 16 * kMiB);
        return files.path(name);
    }
};

Result<std::unique_ptr<Attachment>> attached(const TwoDisks& disks, Person& person)
{
    return Attachment::attach(disks.uris(), person.environment());
}

BackupOptions confirmed()
{
    BackupOptions options;
    options.confirmedName = "spare";
    return options;
}

Result<BackupOutcome> backUpHome(Attachment& attachment)
{
    const ArrayLayout layout = attachment.layout();
    const RegionId source = regionNamed(layout, "home").id;
    const RegionId target = regionNamed(layout, "spare").id;
    StopAt never(0);
    const auto plan = planBackup(attachment, source, target, confirmed());
    return plan ? backUp(attachment, *plan, never) : std::unexpected(plan.error());
}

Result<BackupOutcome> attachAndBackUp(const TwoDisks& disks, Person& person)
{
    const auto array = attached(disks, person);
    return array ? backUpHome(**array) : std::unexpected(array.error());
}

void addLayouts()
{
    QTest::addColumn<bool>("withNodes");
    QTest::newRow("partitions without nodes") << false;
    QTest::newRow("a node for each partition") << true;
}

} // namespace

class TestAskedDevices : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void whatIsGivenIsLookedAt();
    void anotherDiskUnderTheNameIsNoticed();
    void whatIsWrittenIsClaimed_data() { addLayouts(); }
    void whatIsWrittenIsClaimed();
    void nobodyIsAskedTwiceForWhatIsRead_data() { addLayouts(); }
    void nobodyIsAskedTwiceForWhatIsRead();
    void aRefusalWritesNothing_data() { addLayouts(); }
    void aRefusalWritesNothing();
    void nobodyIsAskedMerelyToLook();
    void whatIsKeptHoldsNoLockAndGoesWhenItIsGivenUp();
};

void TestAskedDevices::initTestCase()
{
    QVERIFY2(::geteuid() == 0, "these tests need root for loop devices");
}

void TestAskedDevices::whatIsGivenIsLookedAt()
{
    ArrayFiles files;
    const Disk disk(files);
    const std::string other = files.path("other.img");
    makeSparseImage(other, kDiskBytes);
    const LoopDevice another(other);
    int given = -1;
    const auto openedAs = [&](const std::string& path, int flags) {
        AskingOpener opener(
            [&](const DeviceRequest&) { return given = ::open(path.c_str(), flags); },
            AskingOpener::First::Ask);
        const auto opened =
            FileIo::open(disk.loop.path(), {.access = Access::Write, .devices = &opener});
        const bool closed = ::fcntl(given, F_GETFL) == -1;
        return std::pair(opened ? ErrorCode::Canceled : opened.error().code, closed || opened);
    };
    const std::pair refused(ErrorCode::IdentityChanged, true);
    QCOMPARE(openedAs(disk.loop.path(), O_RDWR | O_CLOEXEC), std::pair(ErrorCode::Canceled, true));
    QCOMPARE(openedAs(another.path(), O_RDWR | O_CLOEXEC), refused);
    QCOMPARE(openedAs(disk.file, O_RDWR | O_CLOEXEC), refused);
    QCOMPARE(openedAs(disk.loop.path(), O_RDONLY | O_CLOEXEC), refused);
    QCOMPARE(openedAs(disk.loop.path(), O_WRONLY | O_CLOEXEC), refused);
}

// While a person thinks about the question, somebody changes the disks.
void TestAskedDevices::anotherDiskUnderTheNameIsNoticed()
{
    ArrayFiles files;
    const Disk disk(files);
    const std::string other = files.path("other.img");
    makeSparseImage(other, kDiskBytes);
    const LoopDevice another(other);
    const QString name = QString::fromStdString(files.path("name"));
    QVERIFY(QFile::link(QString::fromStdString(disk.loop.path()), name));
    AskingOpener opener(
        [&](const DeviceRequest& request) {
            QFile::remove(name);
            QFile::link(QString::fromStdString(another.path()), name);
            return ::open(request.path.c_str(), openFlags(request));
        },
        AskingOpener::First::Ask);
    QCOMPARE(codeOf(FileIo::open(name.toStdString(), {.devices = &opener})),
             ErrorCode::IdentityChanged);
}

void TestAskedDevices::whatIsWrittenIsClaimed()
{
    QFETCH(bool, withNodes);
    const TwoDisks disks(withNodes);
    Person person;
    const auto array = need(attached(disks, person));
    for (const DeviceRequest& request : person.requests)
        QCOMPARE(request.access, Access::Read);
    const std::string target = withNodes ? disks.second.node(2) : disks.second.path();
    HookAt copying(CopyPhase::Copying, [&] {
        const int claimed = ::open(target.c_str(), O_RDONLY | O_EXCL | O_CLOEXEC);
        const int osError = errno;
        QCOMPARE(claimed, -1);
        QCOMPARE(osError, EBUSY);
    });
    const ArrayLayout layout = array->layout();
    const auto plan = need(planBackup(*array, regionNamed(layout, "home").id,
                                      regionNamed(layout, "spare").id, confirmed()));
    need(backUp(*array, plan, copying));
    QVERIFY(copying.reached());
    const auto claims = std::ranges::count_if(person.requests, [&](const DeviceRequest& request) {
        return request.path == target && request.access == Access::Write && request.exclusive;
    });
    QCOMPARE(claims, 1);
}

// A job may take hours, and polkit forgets after minutes that somebody gave the password.
void TestAskedDevices::nobodyIsAskedTwiceForWhatIsRead()
{
    QFETCH(bool, withNodes);
    const TwoDisks disks(withNodes);
    Person person;
    const auto array = need(attached(disks, person));
    need(backUpHome(*array));
    person.requests.clear();
    need(array->refresh());
    QCOMPARE(need(array->array().membersChanged()), false);
    for (const DeviceRequest& request : person.requests)
        qWarning("asked for %s", request.path.c_str());
    QCOMPARE(person.requests.size(), 0U);
    StopAt never(0);
    need(verify(*array, 1, never));
    for (const DeviceRequest& request : person.requests)
        QCOMPARE(request.access, Access::Write); // The catalog, for the proof's record.
}

// P5, for every single question: member, partition, the catalog's own node, source and target. No
// copy of the catalog is left out because somebody did not want it to be opened.
void TestAskedDevices::aRefusalWritesNothing()
{
    QFETCH(bool, withNodes);
    const TwoDisks disks(withNodes);
    const auto before = disks.bytes();
    std::size_t request = 0;
    for (;;) {
        Person person(++request);
        const auto outcome = attachAndBackUp(disks, person);
        if (outcome)
            break;
        QCOMPARE(outcome.error().code, ErrorCode::NotAuthorized);
        // Nobody is asked again at once; the other member may be asking at the same time.
        QVERIFY(person.requests.size() <= request + 1);
        QVERIFY2(disks.bytes() == before, qPrintable(QString::number(request)));
    }
    // The last that was not refused has written.
    QVERIFY(disks.bytes() != before);
    QVERIFY(request > (withNodes ? 10U : 5U));
}

void TestAskedDevices::nobodyIsAskedMerelyToLook()
{
    const TwoDisks disks(false);
    const TwoDisks others(false);
    const QString name = QString::fromStdString(disks.files.path("name"));
    QVERIFY(QFile::link(QString::fromStdString(disks.second.path()), name));
    Person person;
    const auto array =
        need(Attachment::attach({disks.first.path(), name.toStdString()}, person.environment()));
    person.requests.clear();
    QCOMPARE(need(array->array().membersChanged()), false);
    QVERIFY(QFile::remove(name));
    QCOMPARE(need(array->array().membersChanged()), true);
    QVERIFY(QFile::link(QString::fromStdString(others.second.path()), name));
    QCOMPARE(need(array->array().membersChanged()), true);
    QCOMPARE(person.requests.size(), 0U);
    // What was refused stays so until the operator wants it read again.
    person.refused = 1;
    QCOMPARE(codeOf(array->refresh()), ErrorCode::NotAuthorized);
    QCOMPARE(need(array->array().membersChanged()), false);
    QCOMPARE(codeOf(array->array().beginWriting()), ErrorCode::NotAuthorized);
    QCOMPARE(person.requests.size(), 1U);
}

void TestAskedDevices::whatIsKeptHoldsNoLockAndGoesWhenItIsGivenUp()
{
    ArrayFiles files;
    const Disk disk(files);
    Person person;
    const auto open = [&](Access access) {
        return need(FileIo::open(disk.loop.path(), {.access = access, .devices = &person.opener}));
    };
    const ByteRange range{0, 4096};
    int kept = -1;
    {
        const auto reading = open(Access::Read);
        kept = reading->descriptor();
        QVERIFY(need(reading->tryLock(range, LockMode::Shared)));
    }
    QVERIFY(::fcntl(kept, F_GETFL) != -1);
    QVERIFY(need(open(Access::Write)->tryLock(range, LockMode::Exclusive)));
    QCOMPARE(open(Access::Read)->descriptor(), kept);
    QCOMPARE(person.requests.size(), 2U);
    person.opener.closeUnused();
    QCOMPARE(::fcntl(kept, F_GETFL), -1);
}

QTEST_GUILESS_MAIN(TestAskedDevices)
#include "test_asked_devices.moc"
