// Simulated arrays: their description is untrusted, their faults are real.
#include "core/array/simulated/simulated_array.h"
#include "tests/support/array_files.h"
#include "tests/support/memory_journal.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QtTest>

using namespace cairn;
using namespace cairn::test;

namespace {

// A directory's simulated array; the description is read and written with the project's own code.
struct Simulated {
    Simulated() : directory(files.path("sim")), uri("sim:" + directory) {}
    Result<std::unique_ptr<Array>> create() { return files.create({uri}); }
    Result<std::unique_ptr<Array>> open() { return files.open({uri}); }
    ArrayFiles files;
    std::string directory;
    std::string uri;
};

bool exists(const std::string& path)
{
    return QFileInfo::exists(QString::fromStdString(path));
}

} // namespace

class TestSimulated : public QObject {
    Q_OBJECT

private slots:
    void twoMembersAreMadeAndFoundAgain();
    void aGivenDescriptionDecides();
    void aDescriptionComesBack();
    void badDescriptionsAreRefused_data();
    void badDescriptionsAreRefused();
    void aHugeOrDeepDescriptionIsRefused();
    void aLinkIsNotFollowed();
    void aTruncatedMemberFails();
    void faultsStrikeWhileTheArrayIsOpen();
    void aPulledMemberIsMissing();
    void aFullMemberEndsACopyWithNoSpace();
    void membersAreAddedToTheDescription();
    void aFailedCreationLeavesNothing();
    void otherUrisDoNotMix();
};

void TestSimulated::twoMembersAreMadeAndFoundAgain()
{
    Simulated sim;
    ArrayLayout made;
    {
        const auto array = need(sim.create());
        need(array->addRegion({.name = "home", .sizeBytes = 8 * kMiB}));
        made = array->layout();
    }
    QCOMPARE(made.uri, sim.uri);
    QCOMPARE(made.members.size(), 2U);
    QCOMPARE(made.members[0].model, std::string("simulated"));
    QVERIFY(made.members[0].holdsCatalog && made.members[1].holdsCatalog);
    const auto array = need(sim.open());
    QVERIFY(array->layout().members == made.members);
    QVERIFY(array->layout().regions == made.regions);
}

void TestSimulated::aGivenDescriptionDecides()
{
    Simulated sim;
    QVERIFY(QDir().mkdir(QString::fromStdString(sim.directory)));
    Simulation wanted;
    wanted.members.push_back({.file = "small", .sizeBytes = 32 * kMiB, .faults = {}});
    wanted.members.push_back({.file = "large",
                              .model = "Big Disk",
                              .sizeBytes = 64 * kMiB,
                              .sectorBytes = 4096,
                              .faults = {}});
    wanted.members.push_back({.file = "third", .sizeBytes = 32 * kMiB, .faults = {}});
    need(writeSimulation(sim.directory, wanted));
    const auto array = need(
        createArray({.uris = {sim.uri}, .managementBytes = 4 * kMiB}, sim.files.environment()));
    const auto members = array->layout().members;
    QCOMPARE(members.size(), 3U);
    QCOMPARE(members[1].model, std::string("Big Disk"));
    QCOMPARE(members[1].sizeBytes, 64 * kMiB);
    QCOMPARE(members[1].sectorBytes, 4096U);
    const Region region =
        need(array->addRegion({.name = "x", .sizeBytes = kMiB, .member = &members[1].id}));
    QCOMPARE(need(array->openRegion(region.id, Access::Read))->traits().sectorBytes, 4096U);
}

void TestSimulated::aDescriptionComesBack()
{
    Simulated sim;
    QVERIFY(QDir().mkdir(QString::fromStdString(sim.directory)));
    Simulation wanted{.seed = UINT64_MAX - 5, .members = {}};
    Faults faults;
    faults.latencyUs = 17;
    faults.bandwidthBytesPerSecond = 1234;
    faults.readErrorRate = 0.25;
    faults.writeErrorRate = 1;
    faults.unreadable = {{512, 1024}, {4096, 1}};
    faults.unwritable = {{0, 5}};
    faults.cutPowerAtWrite = 9;
    faults.tornWrite = faults.pulled = faults.full = true;
    wanted.members.push_back({.file = "a b.img",
                              .model = "<b>",
                              .sizeBytes = kMiB,
                              .sectorBytes = 4096,
                              .faults = faults});
    need(writeSimulation(sim.directory, wanted));
    const Simulation read = need(readSimulation(sim.directory));
    QCOMPARE(read.seed, wanted.seed);
    QVERIFY(read.members == wanted.members);
    QCOMPARE(read.members[0].faults.seed, wanted.seed);
}

void TestSimulated::badDescriptionsAreRefused_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("where");
    const auto member = [](const char* field) {
        return QByteArray(R"({"version":1,"members":[{"file":"a","sizeBytes":4096)") + field +
               "}]}";
    };
    QTest::newRow("nothing") << QByteArray() << QByteArray("not JSON");
    QTest::newRow("no JSON") << QByteArray("{") << QByteArray("not JSON");
    QTest::newRow("no object") << QByteArray("[]") << QByteArray("not an object");
    QTest::newRow("no version") << QByteArray("{}") << QByteArray("version");
    QTest::newRow("version 2") << QByteArray(R"({"version":2})") << QByteArray("version");
    QTest::newRow("no members") << QByteArray(R"({"version":1})") << QByteArray("members");
    QTest::newRow("empty") << QByteArray(R"({"version":1,"members":[]})") << QByteArray("members");
    QTest::newRow("slash") << QByteArray(
                                  R"({"version":1,"members":[{"file":"../a","sizeBytes":4096}]})")
                           << QByteArray("file");
    QTest::newRow("dots") << QByteArray(
                                 R"({"version":1,"members":[{"file":"..","sizeBytes":4096}]})")
                          << QByteArray("file");
    QTest::newRow("itself")
        << QByteArray(R"({"version":1,"members":[{"file":"simulation.json","sizeBytes":4096}]})")
        << QByteArray("file");
    QTest::newRow("twice") << QByteArray(R"({"version":1,"members":[{"file":"a","sizeBytes":4096},)"
                                         R"({"file":"a","sizeBytes":4096}]})")
                           << QByteArray("members[1].file");
    QTest::newRow("odd size") << QByteArray(
                                     R"({"version":1,"members":[{"file":"a","sizeBytes":4097}]})")
                              << QByteArray("sizeBytes");
    QTest::newRow("negative") << QByteArray(
                                     R"({"version":1,"members":[{"file":"a","sizeBytes":-4096}]})")
                              << QByteArray("sizeBytes");
    QTest::newRow("exabytes")
        << QByteArray(R"({"version":1,"members":[{"file":"a","sizeBytes":9223372036854775808}]})")
        << QByteArray("sizeBytes");
    QTest::newRow("sector") << member(R"(,"sectorBytes":0)") << QByteArray("sectorBytes");
    QTest::newRow("unknown") << member(R"(,"colour":"red")") << QByteArray("colour");
    QTest::newRow("model") << member(R"(,"model":5)") << QByteArray("model");
    QTest::newRow("rate") << member(R"(,"faults":{"readErrorRate":1.5})")
                          << QByteArray("members[0].faults.readErrorRate");
    QTest::newRow("flag") << member(R"(,"faults":{"full":1})") << QByteArray("full");
    QTest::newRow("range") << member(R"(,"faults":{"unreadable":[[1]]})")
                           << QByteArray("unreadable");
    QTest::newRow("wrapping range")
        << member(R"(,"faults":{"unreadable":[[18446744073709551615,5]]})")
        << QByteArray("unreadable");
}

void TestSimulated::badDescriptionsAreRefused()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, where);
    const auto parsed = parseSimulation(text.toStdString(), "simulation.json");
    QCOMPARE(codeOf(parsed), ErrorCode::InvalidDescription);
    QVERIFY2(parsed.error().detail.find(where.toStdString()) != std::string::npos,
             parsed.error().detail.c_str());
}

void TestSimulated::aHugeOrDeepDescriptionIsRefused()
{
    Simulated sim;
    QCOMPARE(codeOf(sim.open()), ErrorCode::OpenFailed);
    QVERIFY(QDir().mkdir(QString::fromStdString(sim.directory)));
    const std::string path = sim.directory + "/simulation.json";
    makeSparseImage(path, 2 * kMiB);
    QCOMPARE(codeOf(sim.open()), ErrorCode::InvalidDescription);
    const auto deep = parseSimulation(std::string(500'000, '['), "x");
    QCOMPARE(codeOf(deep), ErrorCode::InvalidDescription);
    QString many = R"({"version":1,"members":[)";
    for (int i = 0; i < 65; ++i)
        many += QString(R"(%1{"file":"%2","sizeBytes":4096})").arg(i == 0 ? "" : ",").arg(i);
    QCOMPARE(codeOf(parseSimulation((many + "]}").toStdString(), "x")),
             ErrorCode::InvalidDescription);
    QVERIFY(QFile::remove(QString::fromStdString(path)));
    QVERIFY(QDir().mkdir(QString::fromStdString(path)));
    QCOMPARE(codeOf(sim.open()), ErrorCode::InvalidDescription);
}

void TestSimulated::aLinkIsNotFollowed()
{
    Simulated sim;
    need(sim.create());
    const QString member = QString::fromStdString(sim.directory + "/member-0.img");
    const QString away = QString::fromStdString(sim.files.path("away"));
    QVERIFY(QFile::rename(member, away));
    QVERIFY(QFile::link(away, member));
    const auto array = need(sim.open());
    QCOMPARE(array->layout().members[0].state, MemberState::Failed);
    QCOMPARE(array->layout().members[1].state, MemberState::Present);
}

void TestSimulated::aTruncatedMemberFails()
{
    Simulated sim;
    need(sim.create());
    QVERIFY(QFile::resize(QString::fromStdString(sim.directory + "/member-0.img"), 4096));
    const auto array = need(sim.open());
    QCOMPARE(array->layout().members[0].state, MemberState::Failed);
    QVERIFY(array->layout().members[0].problem.find("4096 bytes") != std::string::npos);
}

void TestSimulated::faultsStrikeWhileTheArrayIsOpen()
{
    Simulated sim;
    const auto array = need(sim.create());
    const Uuid member = array->layout().members[0].id;
    const Region home =
        need(array->addRegion({.name = "home", .sizeBytes = kMiB, .member = &member}));
    const auto io = need(array->openRegion(home.id, Access::Write));
    std::vector<std::byte> bytes(4096);
    need(io->read(0, bytes));
    Faults faults;
    faults.unreadable = {{home.extent.offsetBytes, 512}};
    need(setFaults(sim.directory, 0, faults));
    QCOMPARE(codeOf(io->read(0, bytes)), ErrorCode::ReadFailed);
    need(io->read(4096, bytes));
    faults = {};
    faults.full = true;
    need(setFaults(sim.directory, 0, faults));
    QCOMPARE(codeOf(io->write(0, bytes)), ErrorCode::NoSpace);
    need(setFaults(sim.directory, 0, {}));
    need(io->write(0, bytes));
    QCOMPARE(codeOf(setFaults(sim.directory, 2, {})), ErrorCode::UnknownMember);
}

void TestSimulated::aPulledMemberIsMissing()
{
    Simulated sim;
    const auto array = need(sim.create());
    array->endWriting();
    Faults pulled;
    pulled.pulled = true;
    need(setFaults(sim.directory, 1, pulled));
    need(array->refresh());
    QCOMPARE(array->layout().members[1].state, MemberState::Missing);
    QCOMPARE(array->layout().members[0].state, MemberState::Present);
    need(setFaults(sim.directory, 1, {}));
    need(array->refresh());
    QCOMPARE(array->layout().members[1].state, MemberState::Present);
}

void TestSimulated::aFullMemberEndsACopyWithNoSpace()
{
    Simulated sim;
    const auto array = need(sim.create());
    const auto members = array->layout().members;
    const Region source =
        need(array->addRegion({.name = "source", .sizeBytes = 4 * kMiB, .member = &members[0].id}));
    const Region target =
        need(array->addRegion({.name = "target", .sizeBytes = 4 * kMiB, .member = &members[1].id}));
    const std::vector<std::byte> text(4 * kMiB, std::byte{'x'});
    need(need(array->openRegion(source.id, Access::Write))->write(0, text));
    MemoryJournal journal;
    UncontrolledCopy control;
    const ArrayCopy plan{.source = source.id, .target = target.id, .sizeBytes = 4 * kMiB};
    Faults full;
    full.full = true;
    need(setFaults(sim.directory, 1, full));
    QCOMPARE(codeOf(array->copy(plan, journal, control)), ErrorCode::NoSpace);
    need(setFaults(sim.directory, 1, {}));
    need(array->copy(plan, journal, control));
    std::vector<std::byte> copied(text.size());
    need(need(array->openRegion(target.id, Access::Read))->read(0, copied));
    QVERIFY(copied == text);
    QCOMPARE(array->layout().find(target.id)->content.kind, ContentKind::Unknown);
    QCOMPARE(codeOf(array->copy({.source = source.id, .target = source.id, .sizeBytes = kMiB},
                                journal, control)),
             ErrorCode::SourceIsTarget);
    const auto beyond = array->copy(
        {.source = source.id, .target = target.id, .sizeBytes = 5 * kMiB}, journal, control);
    QCOMPARE(codeOf(beyond), ErrorCode::InvalidSize);
}

void TestSimulated::membersAreAddedToTheDescription()
{
    Simulated sim;
    const auto array = need(sim.create());
    need(array->addMember(
        {.uri = "third", .createSizeBytes = 32 * kMiB, .managementBytes = 4 * kMiB}));
    need(array->addMember({.uri = sim.directory + "/fourth", .createSizeBytes = 32 * kMiB}));
    QCOMPARE(codeOf(array->addMember({.uri = "tiny", .createSizeBytes = 4096})),
             ErrorCode::InvalidSize);
    QVERIFY(!exists(sim.directory + "/tiny"));
    // Incident: it became a member that the description could not name.
    const QTemporaryDir elsewhere;
    const std::string outside = elsewhere.filePath(QStringLiteral("fifth.img")).toStdString();
    QCOMPARE(codeOf(array->addMember({.uri = outside, .createSizeBytes = 32 * kMiB})),
             ErrorCode::InvalidArgument);
    QVERIFY(!exists(outside));
    const auto made = array->layout();
    array->endWriting();
    const auto again = need(sim.open())->layout();
    QCOMPARE(again.members.size(), 4U);
    QVERIFY(again.members == made.members);
    QVERIFY(again.members[2].holdsCatalog);
}

void TestSimulated::aFailedCreationLeavesNothing()
{
    Simulated sim;
    QCOMPARE(codeOf(createArray({.uris = {sim.uri}}, sim.files.environment())),
             ErrorCode::InvalidArgument);
    QCOMPARE(
        codeOf(createArray({.uris = {sim.uri}, .memberSizeBytes = kMiB}, sim.files.environment())),
        ErrorCode::InvalidSize);
    QVERIFY(!exists(sim.directory));
    QCOMPARE(codeOf(sim.files.create({"sim:" + sim.files.path("no/such")})), ErrorCode::OpenFailed);
    need(sim.create());
    QCOMPARE(codeOf(sim.create()), ErrorCode::AlreadyAnArray);
    need(sim.open());
}

void TestSimulated::otherUrisDoNotMix()
{
    Simulated sim;
    need(sim.create());
    QCOMPARE(codeOf(sim.files.open({sim.uri, sim.files.path("a.img")})),
             ErrorCode::InvalidArgument);
    QCOMPARE(codeOf(sim.files.open({"sim:"})), ErrorCode::InvalidArgument);
}

QTEST_GUILESS_MAIN(TestSimulated)
#include "test_simulated.moc"
