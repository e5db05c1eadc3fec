// Arrays of image files: creating, opening, changing and refusing.
#include "tests/support/array_files.h"

#include "core/array/gpt/gpt_table.h"
#include "core/array/gpt/gpt_types.h"
#include "core/io/file_io.h"

#include <QFile>
#include <QFileInfo>
#include <QtTest>
#include <algorithm>
#include <sys/stat.h>
#include <unistd.h>

using namespace cairn;
using namespace cairn::test;

class TestArrayFiles : public QObject {
    Q_OBJECT

private slots:
    void whatIsCreatedIsFoundAgain();
    void theFirstThreeMembersHoldTheCatalog();
    void openingChangesNoByte();
    void regionsAreAddedRenamedMarkedAndRemoved();
    void aRemovedRegionsContentIsNotTouched();
    void badNamesAreRefused_data();
    void badNamesAreRefused();
    void impossibleSizesAreRefused();
    void theMemberWithMostFreeSpaceIsTaken();
    void writingNeedsToBegin();
    void aSecondWriterIsTurnedAway();
    void regionsStayOpenAcrossTheEndOfWriting();
    void nothingOutsideARegionCanBeWritten();
    void aReplacedFileIsNoticedBeforeWriting();
    void aTableChangedUnderneathIsNoticedBeforeWriting();
    void aMissingMemberIsShown();
    void aMemberWithoutATableIsShown();
    void theSameFileTwiceIsRefused();
    void aCopyOfAMemberIsRefused();
    void aReadOnlyMemberIsShownAndNotWritten();
    void creatingOverSomethingIsRefused();
    void aFailedCreationLeavesNoFile();
    void aMemberThatIsTooSmallIsRefusedWithTheBytesMissing();
    void membersAreAdded();
    void aDamagedMemberIsReplacedInPlace();
};

void TestArrayFiles::whatIsCreatedIsFoundAgain()
{
    ArrayFiles files;
    const auto uris = files.paths({"a.img", "b.img"});
    ArrayLayout made;
    {
        auto array = need(files.create(uris));
        need(array->addRegion({.name = "home", .sizeBytes = 8 * kMiB}));
        need(array->addRegion({.name = "grün 日本", .sizeBytes = 5 * kMiB + 1}));
        made = array->layout();
    }
    const auto array = need(files.open(uris));
    const ArrayLayout layout = array->layout();
    QVERIFY(layout.members == made.members);
    QVERIFY(layout.regions == made.regions);
    QCOMPARE(layout.members.size(), 2U);
    QCOMPARE(layout.uri, uris[0]);
    QCOMPARE(layout.members[0].model, std::string("image file"));
    QCOMPARE(layout.members[0].sizeBytes, ArrayFiles::kMemberBytes);
    const Region& management = layout.regions[0];
    QCOMPARE(management.role, RegionRole::Management);
    QCOMPARE(management.name, std::string("cairn-catalog"));
    QVERIFY(management.extent == (ByteRange{kMiB, ArrayFiles::kManagementBytes}));
    const Region& odd = regionNamed(layout, "grün 日本");
    QCOMPARE(odd.extent.lengthBytes, 6 * kMiB);
    QCOMPARE(odd.extent.offsetBytes % kMiB, 0U);
    QCOMPARE(odd.role, RegionRole::Data);
    QCOMPARE(odd.content.kind, ContentKind::Empty);
    QVERIFY(odd.type == kLinuxFilesystemType);
    QVERIFY(layout.find(odd.id) != nullptr);
    QVERIFY(layout.findMember(odd.member) != nullptr);
}

void TestArrayFiles::theFirstThreeMembersHoldTheCatalog()
{
    ArrayFiles files;
    const auto array = need(files.create(files.paths({"1", "2", "3", "4"})));
    const auto members = array->layout().members;
    QVERIFY(members[0].holdsCatalog && members[1].holdsCatalog && members[2].holdsCatalog);
    QVERIFY(!members[3].holdsCatalog);
}

void TestArrayFiles::openingChangesNoByte()
{
    ArrayFiles files;
    const auto uris = files.paths({"a.img"});
    need(need(files.create(uris))->addRegion({.name = "home", .sizeBytes = 8 * kMiB}));
    const auto before = readImage(uris[0]);
    auto array = need(files.open(uris));
    const RegionId home = regionNamed(array->layout(), "home").id;
    need(array->refresh());
    need(array->candidateTargets(home));
    need(array->openRegion(home, Access::Read));
    need(array->beginWriting());
    need(array->openRegion(home, Access::Write));
    array->endWriting();
    array.reset();
    QVERIFY(readImage(uris[0]) == before);
}

void TestArrayFiles::regionsAreAddedRenamedMarkedAndRemoved()
{
    ArrayFiles files;
    const auto uris = files.paths({"a.img"});
    auto array = need(files.create(uris));
    const Region home = need(array->addRegion({.name = "home", .sizeBytes = 8 * kMiB}));
    const Region spare = need(array->addRegion({.name = "spare", .sizeBytes = 8 * kMiB}));
    need(array->renameRegion(home.id, "house"));
    QCOMPARE(array->layout().find(home.id)->name, std::string("house"));
    need(array->markRegion(spare.id, RegionRole::Backup));
    QCOMPARE(array->layout().find(spare.id)->role, RegionRole::Backup);
    QVERIFY(array->layout().find(spare.id)->type == kBackupType);
    const auto marked = readImage(uris[0]);
    need(array->markRegion(spare.id, RegionRole::Backup));
    QVERIFY(readImage(uris[0]) == marked);
    need(array->markRegion(spare.id, RegionRole::Data));
    QCOMPARE(array->layout().find(spare.id)->role, RegionRole::Data);
    const RegionId management = array->layout().regions[0].id;
    QCOMPARE(codeOf(array->removeRegion(management)), ErrorCode::RegionHoldsCatalog);
    QCOMPARE(codeOf(array->renameRegion(management, "x")), ErrorCode::RegionHoldsCatalog);
    QCOMPARE(codeOf(array->markRegion(management, RegionRole::Data)),
             ErrorCode::RegionHoldsCatalog);
    need(array->removeRegion(home.id));
    QVERIFY(array->layout().find(home.id) == nullptr);
    QCOMPARE(codeOf(array->removeRegion(home.id)), ErrorCode::UnknownRegion);
    array.reset();
    const ArrayLayout again = need(files.open(uris))->layout();
    QCOMPARE(again.regions.size(), 2U);
    QVERIFY(*again.find(spare.id) == spare);
}

void TestArrayFiles::aRemovedRegionsContentIsNotTouched()
{
    ArrayFiles files;
    const auto uris = files.paths({"a.img"});
    auto array = need(files.create(uris));
    const Region home = need(array->addRegion({.name = "home", .sizeBytes = 2 * kMiB}));
    const std::vector<std::byte> text(kMiB, std::byte{'x'});
    need(need(array->openRegion(home.id, Access::Write))->write(512, text));
    need(array->removeRegion(home.id));
    const Region again = need(array->addRegion({.name = "other", .sizeBytes = 2 * kMiB}));
    QVERIFY(again.extent == home.extent);
    QVERIFY(again.id != home.id);
    QCOMPARE(again.content.kind, ContentKind::Unknown);
    std::vector<std::byte> read(text.size());
    need(need(array->openRegion(again.id, Access::Read))->read(512, read));
    QVERIFY(read == text);
}

void TestArrayFiles::badNamesAreRefused_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("error");
    QTest::newRow("empty") << QByteArray() << QByteArray("InvalidName");
    QTest::newRow("200 characters") << QByteArray(200, 'a') << QByteArray("InvalidName");
    QTest::newRow("37 units") << QByteArray(37, 'a') << QByteArray("InvalidName");
    QTest::newRow("ESC") << QByteArray("a\x1b[2J") << QByteArray("InvalidName");
    QTest::newRow("newline") << QByteArray("a\nb") << QByteArray("InvalidName");
    QTest::newRow("right to left") << QByteArray("a\u202eb") << QByteArray("InvalidName");
    QTest::newRow("not UTF-8") << QByteArray("a\xff") << QByteArray("InvalidName");
    QTest::newRow("space first") << QByteArray(" a") << QByteArray("InvalidName");
    QTest::newRow("space last") << QByteArray("a ") << QByteArray("InvalidName");
    QTest::newRow("19 emoji") << QByteArray("😀").repeated(19) << QByteArray("InvalidName");
    QTest::newRow("used") << QByteArray("home") << QByteArray("NameInUse");
    QTest::newRow("the catalog's") << QByteArray("cairn-catalog") << QByteArray("NameInUse");
}

void TestArrayFiles::badNamesAreRefused()
{
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, error);
    ArrayFiles files;
    const auto uris = files.paths({"a.img"});
    const auto array = need(files.create(uris));
    need(array->addRegion({.name = "home", .sizeBytes = kMiB}));
    const Region other = need(array->addRegion({.name = "other", .sizeBytes = kMiB}));
    const auto before = readImage(uris[0]);
    const std::string text = name.toStdString();
    QCOMPARE(errorName(codeOf(array->addRegion({.name = text, .sizeBytes = kMiB}))), error);
    QCOMPARE(errorName(codeOf(array->renameRegion(other.id, text))), error);
    QVERIFY(readImage(uris[0]) == before);
}

void TestArrayFiles::impossibleSizesAreRefused()
{
    ArrayFiles files;
    const auto array = need(files.create(files.paths({"a.img", "b.img"})));
    QCOMPARE(codeOf(array->addRegion({.name = "x", .sizeBytes = 0})), ErrorCode::InvalidSize);
    QCOMPARE(codeOf(array->addRegion({.name = "x", .sizeBytes = UINT64_MAX})),
             ErrorCode::InvalidSize);
    const auto free = array->layout().members[0].free;
    QCOMPARE(free.size(), 1U);
    const auto tooLarge =
        array->addRegion({.name = "x", .sizeBytes = free[0].lengthBytes + 3 * kMiB});
    QCOMPARE(codeOf(tooLarge), ErrorCode::NoSpace);
    QCOMPARE(tooLarge.error().amount, 3 * kMiB);
    // Exactly what is free fits.
    need(array->addRegion({.name = "x", .sizeBytes = free[0].lengthBytes}));
}

void TestArrayFiles::theMemberWithMostFreeSpaceIsTaken()
{
    ArrayFiles files;
    const auto array = need(files.create(files.paths({"a.img", "b.img"})));
    const auto members = array->layout().members;
    const Region first = need(array->addRegion({.name = "1", .sizeBytes = 8 * kMiB}));
    const Region second = need(array->addRegion({.name = "2", .sizeBytes = 4 * kMiB}));
    QVERIFY(first.member != second.member);
    const Region third =
        need(array->addRegion({.name = "3", .sizeBytes = kMiB, .member = &members[0].id}));
    QVERIFY(third.member == members[0].id);
    const Uuid nobody{};
    QCOMPARE(codeOf(array->addRegion({.name = "4", .sizeBytes = kMiB, .member = &nobody})),
             ErrorCode::UnknownMember);
}

void TestArrayFiles::writingNeedsToBegin()
{
    ArrayFiles files;
    const auto array = need(files.create(files.paths({"a.img"})));
    const Region home = need(array->addRegion({.name = "home", .sizeBytes = kMiB}));
    array->endWriting();
    QCOMPARE(codeOf(array->addRegion({.name = "x", .sizeBytes = kMiB})), ErrorCode::ReadOnlyArray);
    QCOMPARE(codeOf(array->renameRegion(home.id, "x")), ErrorCode::ReadOnlyArray);
    QCOMPARE(codeOf(array->removeRegion(home.id)), ErrorCode::ReadOnlyArray);
    QCOMPARE(codeOf(array->openRegion(home.id, Access::Write)), ErrorCode::ReadOnlyArray);
    const auto io = need(array->openRegion(home.id, Access::Read));
    QCOMPARE(codeOf(io->write(0, std::vector<std::byte>(512))), ErrorCode::ReadOnlyArray);
    need(array->beginWriting());
    need(array->beginWriting());
    need(array->renameRegion(home.id, "x"));
}

void TestArrayFiles::aSecondWriterIsTurnedAway()
{
    ArrayFiles files;
    const auto uris = files.paths({"a.img", "b.img"});
    const auto first = need(files.create(uris));
    const auto second = need(files.open(uris));
    QCOMPARE(codeOf(second->beginWriting()), ErrorCode::ArrayBusy);
    // Nothing was kept of the attempt.
    first->endWriting();
    need(second->beginWriting());
    QCOMPARE(codeOf(first->beginWriting()), ErrorCode::ArrayBusy);
    second->endWriting();
    need(first->beginWriting());
    // A busy second member gives the first one back.
    const auto one = need(files.open({uris[1]}));
    first->endWriting();
    need(one->beginWriting());
    QCOMPARE(codeOf(first->beginWriting()), ErrorCode::ArrayBusy);
    need(need(files.open({uris[0]}))->beginWriting());
}

void TestArrayFiles::regionsStayOpenAcrossTheEndOfWriting()
{
    ArrayFiles files;
    const auto uris = files.paths({"a.img"});
    const auto array = need(files.create(uris));
    const Region home = need(array->addRegion({.name = "home", .sizeBytes = kMiB}));
    const auto io = need(array->openRegion(home.id, Access::Write));
    array->endWriting();
    std::vector<std::byte> bytes(512);
    need(io->read(0, bytes));
    // The lock is given back all the same.
    need(need(files.open(uris))->beginWriting());
}

void TestArrayFiles::nothingOutsideARegionCanBeWritten()
{
    ArrayFiles files;
    const auto array = need(files.create(files.paths({"a.img"})));
    const Region home = need(array->addRegion({.name = "home", .sizeBytes = kMiB}));
    const auto io = need(array->openRegion(home.id, Access::Write));
    QCOMPARE(io->sizeBytes(), kMiB);
    const std::vector<std::byte> bytes(1024);
    QCOMPARE(codeOf(io->write(kMiB - 512, bytes)), ErrorCode::OutsideFence);
    QCOMPARE(codeOf(io->write(UINT64_MAX - 511, bytes)), ErrorCode::OutsideFence);
    QCOMPARE(codeOf(io->zero({kMiB, 1})), ErrorCode::OutsideFence);
    need(io->write(kMiB - 1024, bytes));
}

void TestArrayFiles::aReplacedFileIsNoticedBeforeWriting()
{
    ArrayFiles files;
    const auto uris = files.paths({"a.img"});
    need(files.create(uris));
    const auto array = need(files.open(uris));
    QVERIFY(
        QFile::rename(QString::fromStdString(uris[0]), QString::fromStdString(files.path("away"))));
    QVERIFY(
        QFile::copy(QString::fromStdString(files.path("away")), QString::fromStdString(uris[0])));
    QCOMPARE(codeOf(array->beginWriting()), ErrorCode::IdentityChanged);
}

void TestArrayFiles::aTableChangedUnderneathIsNoticedBeforeWriting()
{
    ArrayFiles files;
    const auto uris = files.paths({"a.img"});
    const auto array = need(files.create(uris));
    const Region home = need(array->addRegion({.name = "home", .sizeBytes = 8 * kMiB}));
    // Another program, that knows no locks, removes the region.
    auto raw = need(FileIo::open(uris[0], {.access = Access::Write}));
    const GptTable table = need(GptTable::read(*raw));
    need(table.replaceBy(need(table.without(home.entry)), *raw));
    QCOMPARE(codeOf(array->openRegion(home.id, Access::Write)), ErrorCode::IdentityChanged);
    QCOMPARE(codeOf(array->renameRegion(home.id, "x")), ErrorCode::PlanChanged);
    QVERIFY(array->refresh().has_value());
    QVERIFY(array->layout().find(home.id) == nullptr);
}

void TestArrayFiles::aMissingMemberIsShown()
{
    ArrayFiles files;
    const auto uris = files.paths({"a.img", "b.img"});
    need(files.create(uris));
    QVERIFY(QFile::remove(QString::fromStdString(uris[1])));
    const auto array = need(files.open(uris));
    const auto members = array->layout().members;
    QCOMPARE(members[1].state, MemberState::Missing);
    QCOMPARE(members[1].location, uris[1]);
    need(array->beginWriting());
    need(array->addRegion({.name = "x", .sizeBytes = kMiB}));
    const auto none = files.open({uris[1]});
    QCOMPARE(codeOf(none), ErrorCode::OpenFailed);
    QCOMPARE(none.error().osError, ENOENT);
}

void TestArrayFiles::aMemberWithoutATableIsShown()
{
    ArrayFiles files;
    const auto uris = files.paths({"a.img", "b.img"});
    need(files.create({uris[0]}));
    makeSparseImage(uris[1], 8 * kMiB);
    const auto members = need(files.open(uris))->layout().members;
    QCOMPARE(members[1].state, MemberState::Failed);
    QVERIFY(!members[1].problem.empty());
    QCOMPARE(codeOf(files.open({uris[1]})), ErrorCode::NotAnArray);
    makeSparseImage(files.path("empty"), 0);
    QCOMPARE(codeOf(files.open({files.path("empty")})), ErrorCode::NotAnArray);
    QCOMPARE(codeOf(files.open({})), ErrorCode::InvalidArgument);
}

void TestArrayFiles::theSameFileTwiceIsRefused()
{
    ArrayFiles files;
    const auto uris = files.paths({"a.img"});
    need(files.create(uris));
    QVERIFY(
        QFile::link(QString::fromStdString(uris[0]), QString::fromStdString(files.path("link"))));
    QCOMPARE(codeOf(files.open({uris[0], uris[0]})), ErrorCode::InvalidArgument);
    QCOMPARE(codeOf(files.open({uris[0], files.path("link")})), ErrorCode::InvalidArgument);
    QCOMPARE(codeOf(files.create(files.paths({"n", "n"}))), ErrorCode::InvalidArgument);
    QVERIFY(!QFileInfo::exists(QString::fromStdString(files.path("n"))));
}

void TestArrayFiles::aCopyOfAMemberIsRefused()
{
    ArrayFiles files;
    const auto uris = files.paths({"a.img", "copy.img"});
    need(files.create({uris[0]}));
    QVERIFY(QFile::copy(QString::fromStdString(uris[0]), QString::fromStdString(uris[1])));
    const auto array = files.open(uris);
    QCOMPARE(codeOf(array), ErrorCode::DuplicateIdentity);
    const std::string both = array.error().subject + array.error().detail;
    QVERIFY(both.find("a.img") != std::string::npos);
    QVERIFY(both.find("copy.img") != std::string::npos);
}

void TestArrayFiles::aReadOnlyMemberIsShownAndNotWritten()
{
    ArrayFiles files;
    const auto uris = files.paths({"a.img"});
    need(files.create(uris));
    QVERIFY(QFile::setPermissions(QString::fromStdString(uris[0]),
                                  QFile::ReadOwner | QFile::ReadGroup | QFile::ReadOther));
    // Root may write any file: as somebody else, in a directory that lets him in.
    const bool isRoot = ::geteuid() == 0;
    if (isRoot) {
        QVERIFY(::chmod(files.path(".").c_str(), 0755) == 0);
        QVERIFY(::seteuid(65534) == 0);
    }
    const auto opened = files.open(uris);
    const auto begun = opened ? (*opened)->beginWriting() : Result<void>{};
    if (isRoot)
        QVERIFY(::seteuid(0) == 0);
    QVERIFY(opened.has_value());
    QCOMPARE((*opened)->layout().members[0].state, MemberState::ReadOnly);
    QCOMPARE((*opened)->layout().members[0].problem, std::string("Permission denied"));
    QCOMPARE(codeOf(begun), ErrorCode::ReadOnlyArray);
}

void TestArrayFiles::creatingOverSomethingIsRefused()
{
    ArrayFiles files;
    const auto uris = files.paths({"a.img"});
    need(files.create(uris));
    const auto before = readImage(uris[0]);
    QCOMPARE(codeOf(files.create(uris)), ErrorCode::AlreadyAnArray);
    QVERIFY(readImage(uris[0]) == before);

    std::vector<std::byte> swap(8 * kMiB);
    const std::string magic = "SWAPSPACE2";
    std::memcpy(swap.data() + 4086, magic.data(), magic.size());
    swap[1024] = std::byte{1};
    swap[1028] = std::byte{0xff};
    writeImage(files.path("swap"), swap);
    const auto overSwap = files.create({files.path("new"), files.path("swap")});
    QCOMPARE(codeOf(overSwap), ErrorCode::ContentRecognised);
    QCOMPARE(overSwap.error().detail, std::string("swap"));
    QVERIFY(readImage(files.path("swap")) == swap);
    QVERIFY(!QFileInfo::exists(QString::fromStdString(files.path("new"))));

    std::vector<std::byte> text(8 * kMiB);
    std::fill_n(text.begin() + 5 * kMiB, kMiB, std::byte{'x'});
    writeImage(files.path("text"), text);
    QCOMPARE(codeOf(files.create({files.path("text")})), ErrorCode::ContentUnknown);

    makeSparseImage(files.path("blank"), ArrayFiles::kMemberBytes);
    need(files.create({files.path("blank")}));
}

void TestArrayFiles::aFailedCreationLeavesNoFile()
{
    ArrayFiles files;
    QCOMPARE(codeOf(files.create({files.path("a"), files.path("no/such/directory")})),
             ErrorCode::OpenFailed);
    QVERIFY(!QFileInfo::exists(QString::fromStdString(files.path("a"))));
    const auto missing = createArray({.uris = {files.path("a")}}, files.environment());
    QCOMPARE(codeOf(missing), ErrorCode::OpenFailed);
    QCOMPARE(missing.error().osError, ENOENT);
}

void TestArrayFiles::aMemberThatIsTooSmallIsRefusedWithTheBytesMissing()
{
    ArrayFiles files;
    const auto array = createArray(
        {.uris = {files.path("a")}, .memberSizeBytes = 6 * kMiB, .managementBytes = 4 * kMiB},
        files.environment());
    QCOMPARE(codeOf(array), ErrorCode::InvalidSize);
    QCOMPARE(array.error().amount, kMiB);
    QVERIFY(!QFileInfo::exists(QString::fromStdString(files.path("a"))));
    const auto fits = need(createArray(
        {.uris = {files.path("a")}, .memberSizeBytes = 7 * kMiB, .managementBytes = 4 * kMiB},
        files.environment()));
    need(fits->addRegion({.name = "x", .sizeBytes = kMiB}));
}

void TestArrayFiles::membersAreAdded()
{
    ArrayFiles files;
    const auto uris = files.paths({"a.img", "b.img"});
    const auto array = need(files.create({uris[0]}));
    const Member added = need(array->addMember({.uri = uris[1],
                                                .createSizeBytes = ArrayFiles::kMemberBytes,
                                                .managementBytes = 4 * kMiB}));
    QVERIFY(added.holdsCatalog);
    QCOMPARE(added.location, uris[1]);
    const ArrayLayout now = array->layout();
    QCOMPARE(now.members.size(), 2U);
    for (const Region& region : now.regions)
        need(array->openRegion(region.id, Access::Write));
    makeSparseImage(files.path("blank"), 16 * kMiB);
    for (const auto& [uri, code] : {std::pair(uris[1], ErrorCode::AlreadyAnArray),
                                    std::pair(files.path("blank"), ErrorCode::InvalidArgument)})
        QCOMPARE(codeOf(array->addMember({.uri = uri, .createSizeBytes = 16 * kMiB})), code);
    QCOMPARE(codeOf(array->addMember({.uri = uris[1]})), ErrorCode::AlreadyAnArray);
    QCOMPARE(codeOf(array->addMember({.uri = files.path("none")})), ErrorCode::OpenFailed);
    // One that is too small is not left behind.
    QCOMPARE(codeOf(array->addMember({.uri = files.path("tiny"),
                                      .createSizeBytes = 64 * kKiB,
                                      .managementBytes = 4 * kMiB})),
             ErrorCode::InvalidSize);
    QVERIFY(!QFileInfo::exists(QString::fromStdString(files.path("tiny"))));
    QCOMPARE(array->layout().members.size(), 2U);
}

void TestArrayFiles::aDamagedMemberIsReplacedInPlace()
{
    ArrayFiles files;
    const auto uris = files.paths({"a.img", "b.img"});
    need(files.create(uris));
    makeSparseImage(uris[1], ArrayFiles::kMemberBytes);
    const auto array = need(files.open(uris));
    QCOMPARE(array->layout().members[1].state, MemberState::Failed);
    need(array->beginWriting());
    need(array->addMember({.uri = uris[1], .managementBytes = 4 * kMiB}));
    const auto members = array->layout().members;
    QCOMPARE(members.size(), 2U);
    QCOMPARE(members[1].state, MemberState::Present);
}

QTEST_GUILESS_MAIN(TestArrayFiles)
#include "test_array_files.moc"
