// A flipped byte is found; what is held or the last of its kind does not go by accident.
#include "core/backup/keep.h"

#include "core/backup/verify.h"
#include "tests/support/array_fixture.h"

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
    void flip(std::uint64_t offset)
    {
        array.write(target, offset, std::vector{~array.read(target, offset, 1).at(0)});
    }
};

ErrorCode codeOf(const auto& result)
{
    return result ? ErrorCode{} : result.error().code;
}

} // namespace

class TestVerifyKeep : public QObject {
    Q_OBJECT

private slots:
    void aFlippedByteIsFoundAndRecorded();
    void aMendedBackupIsGoodAgain();
    void verificationWorksWhileAnotherWrites();
    void anOverwrittenBackupCannotBeVerified();
    void aHeldBackupCannotBeForgotten();
    void theLastGoodCopyIsForgottenByNameOnly();
    void aForgottenBackupStaysInTheList();
    void whatIsNotThereCannotBeHeld();
};

void TestVerifyKeep::aFlippedByteIsFoundAndRecorded()
{
    BackedUp backup;
    backup.flip(3 * kMiB + 17);
    UncontrolledCopy control;
    const auto proof = must(verify(*backup.array, 1, control));
    QVERIFY(proof.recorded);
    QCOMPARE(proof.outcome.different.count(), std::uint64_t{1});
    QVERIFY(proof.outcome.different.contains(3));
    backup.array.attach();
    const Generation generation = backup.array.generation(1);
    QCOMPARE(generation.state, GenerationState::Partial);
    QCOMPARE(generation.failure, ErrorCode::DigestMismatch);
    QCOMPARE(backup.array.eventKinds().back(), EventKind::VerifyFailed);
}

void TestVerifyKeep::aMendedBackupIsGoodAgain()
{
    BackedUp backup;
    UncontrolledCopy control;
    backup.flip(5);
    QVERIFY(!must(verify(*backup.array, 1, control)).outcome.good());
    backup.flip(5);
    QVERIFY(must(verify(*backup.array, 1, control)).outcome.good());
    QCOMPARE(backup.array.state(1), GenerationState::Good);
}

void TestVerifyKeep::verificationWorksWhileAnotherWrites()
{
    BackedUp backup;
    const RegionId second = backup.array.addRegion("second", kSize, 0);
    Result<Verification> proof = failure(ErrorCode::Unsupported);
    HookAt copying(CopyPhase::Copying, [&] {
        const auto other = must(Attachment::attach(backup.array.uris(), systemEnvironment()));
        UncontrolledCopy control;
        proof = verify(*other, 1, control);
    });
    must(backup.array.backUp(backup.source, second, copying));
    QVERIFY(must(proof).outcome.good());
    QVERIFY(!must(proof).recorded);
}

void TestVerifyKeep::anOverwrittenBackupCannotBeVerified()
{
    BackedUp backup;
    must(backup.array.backUp(backup.source, backup.target));
    UncontrolledCopy control;
    QCOMPARE(codeOf(verify(*backup.array, 1, control)), ErrorCode::BackupNotUsable);
    QCOMPARE(codeOf(verify(*backup.array, 9, control)), ErrorCode::UnknownGeneration);
}

void TestVerifyKeep::aHeldBackupCannotBeForgotten()
{
    BackedUp backup;
    must(hold(*backup.array, 1));
    QCOMPARE(codeOf(forget(*backup.array, 1, "copy")), ErrorCode::GenerationHeld);
    must(release(*backup.array, 1));
    must(forget(*backup.array, 1, "copy"));
}

void TestVerifyKeep::theLastGoodCopyIsForgottenByNameOnly()
{
    BackedUp backup;
    const auto refused = forget(*backup.array, 1, {});
    QCOMPARE(codeOf(refused), ErrorCode::ConfirmationNeeded);
    QCOMPARE(refused.error().subject, std::string("copy"));
    QCOMPARE(codeOf(forget(*backup.array, 1, "root")), ErrorCode::ConfirmationMismatch);
    must(backup.array.backUp(backup.source, backup.array.addRegion("second", kSize, 0)));
    must(forget(*backup.array, 1, {}));
}

void TestVerifyKeep::aForgottenBackupStaysInTheList()
{
    BackedUp backup;
    const auto bytes = backup.array.read(backup.target);
    must(forget(*backup.array, 1, "copy"));
    QCOMPARE(backup.array.state(1), GenerationState::Forgotten);
    QVERIFY(backup.array.read(backup.target) == bytes);
    QCOMPARE(codeOf(forget(*backup.array, 1, "copy")), ErrorCode::BackupNotUsable);
    // Numbers only grow.
    QCOMPARE(must(backup.array.backUp(backup.source, backup.target)).number, GenerationNumber{2});
}

void TestVerifyKeep::whatIsNotThereCannotBeHeld()
{
    BackedUp backup;
    must(forget(*backup.array, 1, "copy"));
    QCOMPARE(codeOf(hold(*backup.array, 1)), ErrorCode::BackupNotUsable);
    QCOMPARE(codeOf(hold(*backup.array, 5)), ErrorCode::UnknownGeneration);
}

QTEST_GUILESS_MAIN(TestVerifyKeep)
#include "test_verify_keep.moc"
