// At whatever write or flush the power is cut, a sealed backup has all of its bytes, in its region
// or in the catalog; and of one that is sealed as it is made no signature is ever on the medium.
#include "core/backup/back_up.h"
#include "core/backup/candidates.h"
#include "core/backup/guards.h"
#include "core/backup/resume.h"
#include "core/backup/seal.h"
#include "tests/support/undo_story.h"

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <array>
#include <cstring>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 4 * kMiB;
constexpr std::uint64_t kRaidOffset = kSize - 8 * kKiB;
constexpr const char* kSwapMagic = "SWAPSPACE2";

bool hasSignature(const std::vector<std::byte>& bytes)
{
    constexpr std::array<std::byte, 4> kRaid{std::byte{0xfc}, std::byte{0x4e}, std::byte{0x2b},
                                             std::byte{0xa9}};
    return std::memcmp(bytes.data() + 4086, kSwapMagic, 10) == 0 ||
           std::memcmp(bytes.data() + kRaidOffset, kRaid.data(), kRaid.size()) == 0;
}

// Swap space at the beginning, and a RAID superblock in the last chunk.
std::vector<std::byte> signedContent(std::vector<std::byte> bytes)
{
    makeSwapSpace(bytes);
    std::array<std::byte, 256> raid{};
    const std::array<std::uint32_t, 2> magic{0xa92b4efc, 1};
    const std::uint64_t sector = kRaidOffset / 512;
    std::memcpy(raid.data(), magic.data(), sizeof magic);
    std::memcpy(raid.data() + 144, &sector, sizeof sector);
    std::ranges::copy(raid, bytes.begin() + static_cast<std::ptrdiff_t>(kRaidOffset));
    return bytes;
}

// Of a sealing or unsealing that was cut: it can be ended and undone, and nothing is lost.
std::string judgeVerb(Attachment& attachment, Way way)
{
    const auto root = contentOf(attachment, "root");
    if (contentOf(attachment, "copy") != root)
        return "the backup does not read as it was made";
    const auto state = generationOf(attachment, 2).seal;
    const auto raw = onMedium(attachment, "copy");
    if (state == SealState::Sealed && hasSignature(raw))
        return "it is called sealed, and has a signature";
    if (state == SealState::Plain && raw != root)
        return "nothing is kept of it, and it is not whole";
    must(way == Way::Forward ? seal(attachment, 2) : unseal(attachment, 2));
    const auto after = onMedium(attachment, "copy");
    if (contentOf(attachment, "copy") != root)
        return "it does not read as it was made after the verb was done again";
    if (way == Way::Forward)
        return hasSignature(after) ? "not sealed after it was sealed again" : "";
    return after == root ? "" : "not whole after it was unsealed";
}

std::string judgeBackup(Attachment& attachment, Way way)
{
    if (hasSignature(onMedium(attachment, "copy")))
        return "a signature is on the medium";
    const auto root = contentOf(attachment, "root");
    resumeAll(attachment);
    if (isUsable(generationOf(attachment, 1)))
        return {};
    const Generation backup = generationOf(attachment, 2);
    if (!isUsable(backup) || backup.seal != SealState::Sealed)
        return "neither the old backup nor a sealed one";
    if (hasSignature(onMedium(attachment, "copy")))
        return "a signature is on the medium after it was resumed";
    if (contentOf(attachment, "copy") != root)
        return "not what the source holds";
    if (way == Way::Back) {
        must(unseal(attachment, 2));
        if (onMedium(attachment, "copy") != root)
            return "not whole after it was unsealed";
    }
    return {};
}

} // namespace

class TestSealPower : public QObject {
    Q_OBJECT

private slots:
    void nothingIsLostWhereverItIsCut_data();
    void nothingIsLostWhereverItIsCut();
};

void TestSealPower::nothingIsLostWhereverItIsCut_data()
{
    QTest::addColumn<QString>("what");
    for (const char* what : {"seal", "unseal", "backup", "backup over a sealed one"})
        QTest::newRow(what) << QString::fromLatin1(what);
}

void TestSealPower::nothingIsLostWhereverItIsCut()
{
    QFETCH(QString, what);
    const QTemporaryDir directory;
    UndoStory story(directory.path().toStdString());
    const auto content = signedContent(story.before());
    story.run([&](Attachment& attachment) {
        writeRegion(attachment, "root", content);
        if (what == "seal" || what == "unseal")
            backUpNow(attachment, what == "unseal");
        QCOMPARE(hasSignature(onMedium(attachment, "copy")), what == "seal");
        if (what == "backup over a sealed one")
            must(seal(attachment, 1));
    });
    story.record([&](Attachment& attachment) {
        if (what == "seal")
            QVERIFY(must(seal(attachment, 2)).pieces >= 2);
        else if (what == "unseal")
            QVERIFY(must(unseal(attachment, 2)).pieces >= 2);
        else
            backUpNow(attachment, true);
        QCOMPARE(hasSignature(onMedium(attachment, "copy")), what == "unseal");
        QVERIFY(contentOf(attachment, "copy") == content);
    });
    QVERIFY(story.writes() > 10);
    QCOMPARE(story.judgeAll([&](Attachment& attachment, Way way) {
        return what.startsWith("backup") ? judgeBackup(attachment, way)
                                         : judgeVerb(attachment, way);
    }),
             std::string());
}

QTEST_GUILESS_MAIN(TestSealPower)
#include "test_seal_power.moc"
