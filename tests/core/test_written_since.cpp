// What was read without the right to write is not relied on where another process wrote meanwhile.
#include "core/backup/administer.h"
#include "core/backup/keep.h"
#include "core/backup/seal.h"
#include "core/backup/undo.h"
#include "core/backup/verify.h"
#include "tests/support/array_fixture.h"
#include "tests/support/image_file.h"
#include "tests/support/run_program.h"
#include "tests/support/test_environment.h"

#include <QTemporaryDir>
#include <QtTest>
#include <functional>

using namespace cairn;
using namespace cairn::test;

namespace {

std::string codeOf(const std::optional<Error>& error)
{
    return error ? errorName(error->code) : "done";
}

template<typename Value>
std::optional<Error> errorOf(const Result<Value>& result)
{
    return result ? std::nullopt : std::optional(result.error());
}

} // namespace

// #1 of root is older content in first, #2 newer in second; root holds other bytes since.
class TestWrittenSince : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup() { m_array.reset(); }
    void aRestoreByAnotherProcessMeanwhileEndsTheVerb_data();
    void aRestoreByAnotherProcessMeanwhileEndsTheVerb();
    // Incident: regions were looked at before they were claimed, and not again.
    void whatAnotherProgramMadeMeanwhileIsNotOverwritten_data();
    void whatAnotherProgramMadeMeanwhileIsNotOverwritten();
    // Incident: half sealed, a sound backup was read, and was called damaged.
    void whatIsSealedWhileItIsReadIsNotCalledDamaged_data();
    void whatIsSealedWhileItIsReadIsNotCalledDamaged();
    void aRegionThatWasRenamedSinceIsTheSame();
    void aHoldByAnotherProcessMeanwhileIsKept();
    void theLastGoodCopyIsNotReplacedUnasked();
    void theLastGoodCopyIsNotForgottenUnasked();
    void whatIsForgottenMeanwhileIsNotHeld();
    void anImportDoesNotOverwriteWhatCameMeanwhile();

private:
    // Of the same host.
    void elsewhere(const std::function<void(Attachment&)>& run)
    {
        const auto other = must(Attachment::attach(m_array->uris(), m_other.environment()));
        run(*other);
    }
    // Once, at that call of a control: the first comes when everything was checked, and before
    // anything is read.
    [[nodiscard]] std::function<void()> atCall(int call,
                                               const std::function<void(Attachment&)>& run)
    {
        return [this, run, call, calls = std::make_shared<int>(0)] {
            if (++*calls == call)
                elsewhere(run);
        };
    }
    static void restoreTheNewer(Attachment& attachment)
    {
        UncontrolledCopy without;
        const RestoreOptions options{.confirmedName = "root", .undo = false};
        must(restore(attachment, must(planRestore(attachment, 2, options)), without));
    }

    [[nodiscard]] std::vector<std::byte> filesystem() const;

    std::optional<QTemporaryDir> m_directory;
    std::optional<ArrayFixture> m_array;
    TestEnvironment m_other{testSeed()};
    RegionId m_root;
    RegionId m_first;
    RegionId m_second;
    RegionId m_spare;
    std::vector<std::byte> m_newer;
};

void TestWrittenSince::init()
{
    m_directory.emplace();
    m_array.emplace(m_directory->path().toStdString(), ArrayFixture::Options{.members = 1});
    m_root = m_array->addRegion("root", 4 * kMiB);
    m_first = m_array->addRegion("first", 4 * kMiB);
    m_second = m_array->addRegion("second", 4 * kMiB);
    m_spare = m_array->addRegion("spare", 8 * kMiB);
    m_array->fillRandom(m_root, 1);
    must(m_array->backUp(m_root, m_first));
    m_array->fillRandom(m_root, 2);
    m_newer = m_array->read(m_root);
    must(m_array->backUp(m_root, m_second));
    m_array->fillRandom(m_root, 3);
    must((**m_array).refresh());
}

void TestWrittenSince::aRestoreByAnotherProcessMeanwhileEndsTheVerb_data()
{
    QTest::addColumn<QString>("verb");
    for (const char* verb : {"restore", "restore that keeps nothing", "undo", "backup"})
        QTest::newRow(verb) << QString::fromLatin1(verb);
}

void TestWrittenSince::aRestoreByAnotherProcessMeanwhileEndsTheVerb()
{
    QFETCH(const QString, verb);
    Attachment& here = **m_array;
    GenerationNumber undoCopy = 0;
    if (verb == QLatin1String("undo")) {
        UncontrolledCopy without;
        const auto plan = must(planRestore(here, 1, {.confirmedName = {}, .undo = true}));
        undoCopy = must(restore(here, plan, without)).undo;
        must(here.refresh());
    }
    bool came = false;
    // A backup reads nothing before it has the right to write.
    HookEach control(atCall(verb == QLatin1String("backup") ? 1 : 2, [&](Attachment& other) {
        restoreTheNewer(other);
        came = true;
    }));
    std::optional<Error> error;
    if (verb == QLatin1String("undo")) {
        error = errorOf(undo(here, must(planUndo(here, undoCopy, "root", {})), control));
    } else if (verb == QLatin1String("backup")) {
        const auto target = m_array->addRegion("third", 4 * kMiB);
        const auto plan = must(planBackup(here, m_root, target, {}));
        error = errorOf(backUp(here, plan, control));
    } else {
        const RestoreOptions options{.confirmedName = "root",
                                     .undo = verb == QLatin1String("restore")};
        error = errorOf(restore(here, must(planRestore(here, 1, options)), control));
    }
    QVERIFY(came);
    QCOMPARE(codeOf(error), std::string("PlanChanged"));
    QVERIFY(m_array->read(m_root) == m_newer);
    QCOMPARE(m_array->state(1), GenerationState::Good);
}

// Of 4 MiB.
std::vector<std::byte> TestWrittenSince::filesystem() const
{
    const std::string path = m_directory->path().toStdString() + "/made.img";
    makeSparseImage(path, 4 * kMiB);
    const auto made =
        runProgram("mkfs.ext4", {"-q", "-F", "-L", "precious", QString::fromStdString(path)});
    return made.exitCode == 0 ? readImage(path) : std::vector<std::byte>();
}

void TestWrittenSince::whatAnotherProgramMadeMeanwhileIsNotOverwritten_data()
{
    QTest::addColumn<QString>("verb");
    QTest::addColumn<QString>("region");
    QTest::newRow("restore") << "restore" << "root";
    QTest::newRow("where a restore would keep what it overwrites") << "restore" << "spare";
    QTest::newRow("backup") << "backup" << "spare";
}

void TestWrittenSince::whatAnotherProgramMadeMeanwhileIsNotOverwritten()
{
    QFETCH(const QString, verb);
    QFETCH(const QString, region);
    Attachment& here = **m_array;
    const RegionId where = region == QLatin1String("root") ? m_root : m_spare;
    const auto made = filesystem();
    QCOMPARE(std::uint64_t{made.size()}, 4 * kMiB);
    const bool restores = verb == QLatin1String("restore");
    int calls = 0;
    HookEach control([&] {
        if (++calls == 1)
            m_array->write(where, 0, made);
    });
    std::optional<Error> error;
    if (restores) {
        const RestoreOptions options{.confirmedName = "root", .undo = true};
        error = errorOf(restore(here, must(planRestore(here, 1, options)), control));
    } else {
        error = errorOf(backUp(here, must(planBackup(here, m_root, m_spare, {})), control));
    }
    QCOMPARE(codeOf(error), std::string("PlanChanged"));
    QVERIFY(m_array->read(where, 0, 4 * kMiB) == made);
    QCOMPARE(must(must(here.catalog())->generations()).size(), std::size_t{2});
}

void TestWrittenSince::whatIsSealedWhileItIsReadIsNotCalledDamaged_data()
{
    QTest::addColumn<bool>("restores");
    QTest::newRow("verify") << false;
    QTest::newRow("restore") << true;
}

void TestWrittenSince::whatIsSealedWhileItIsReadIsNotCalledDamaged()
{
    QFETCH(const bool, restores);
    Attachment& here = **m_array;
    m_array->write(m_root, 0, filesystem());
    must(here.refresh());
    const auto target = m_array->addRegion("third", 4 * kMiB);
    must(m_array->backUp(m_root, target));
    int calls = 0;
    HookEach control([&] {
        // Before its first chunk is read.
        if (++calls == (restores ? 2 : 1))
            elsewhere([](Attachment& other) { must(seal(other, 3)); });
    });
    const auto error =
        restores
            ? errorOf(restore(here, must(planRestore(here, 3, {.confirmedName = "root"})), control))
            : errorOf(verify(here, 3, control));
    QCOMPARE(codeOf(error), std::string("PlanChanged"));
    QCOMPARE(m_array->state(3), GenerationState::Good);
    UncontrolledCopy without;
    QVERIFY(must(verify(here, 3, without)).outcome.good());
}

// The ledger names a region as it was called at that moment.
void TestWrittenSince::aRegionThatWasRenamedSinceIsTheSame()
{
    HookEach control(atCall(2, [&](Attachment& other) {
        must(renameRegion(other, m_root, "renamed"));
        UncontrolledCopy without;
        const RestoreOptions options{.confirmedName = "renamed", .undo = false};
        must(restore(other, must(planRestore(other, 2, options)), without));
    }));
    const RestoreOptions options{.confirmedName = "root", .undo = false};
    const auto error =
        errorOf(restore(**m_array, must(planRestore(**m_array, 1, options)), control));
    QCOMPARE(codeOf(error), std::string("PlanChanged"));
    QVERIFY(m_array->read(m_root) == m_newer);
}

void TestWrittenSince::aHoldByAnotherProcessMeanwhileIsKept()
{
    const auto before = m_array->read(m_first);
    HookEach control(atCall(1, [](Attachment& other) { must(hold(other, 1)); }));
    const auto error = errorOf(m_array->backUp(m_root, m_first, control));
    QCOMPARE(codeOf(error), std::string("GenerationHeld"));
    QVERIFY(m_array->read(m_first) == before);
    QCOMPARE(m_array->state(1), GenerationState::Good);
}

void TestWrittenSince::theLastGoodCopyIsNotReplacedUnasked()
{
    const auto before = m_array->read(m_first);
    HookEach control(atCall(1, [](Attachment& other) { must(forget(other, 2, {})); }));
    const auto plan = must(planBackup(**m_array, m_root, m_first, {}));
    const auto error = errorOf(backUp(**m_array, plan, control));
    QCOMPARE(codeOf(error), std::string("ConfirmationNeeded"));
    QVERIFY(m_array->read(m_first) == before);
    QCOMPARE(m_array->state(1), GenerationState::Good);
}

void TestWrittenSince::theLastGoodCopyIsNotForgottenUnasked()
{
    elsewhere([](Attachment& other) { must(forget(other, 2, {})); });
    QCOMPARE(codeOf(errorOf(forget(**m_array, 1, {}))), std::string("ConfirmationNeeded"));
    QCOMPARE(m_array->state(1), GenerationState::Good);
}

void TestWrittenSince::whatIsForgottenMeanwhileIsNotHeld()
{
    elsewhere([](Attachment& other) { must(forget(other, 1, {})); });
    QCOMPARE(codeOf(errorOf(hold(**m_array, 1))), std::string("BackupNotUsable"));
    QVERIFY(!m_array->generation(1).held);
}

// The stream may take its time: what came meanwhile is not overwritten unasked.
void TestWrittenSince::anImportDoesNotOverwriteWhatCameMeanwhile()
{
    const auto target = m_array->addRegion("third", 48 * kMiB);
    m_array->write(target, 0, std::vector<std::byte>(48 * kMiB)); // Looked at by samples.
    must((**m_array).refresh());
    bool came = false;
    // What the backup writes has been looked at by then.
    HookEach control(atCall(12, [&](Attachment& other) {
        UncontrolledCopy without;
        must(backUp(other, must(planBackup(other, m_root, target, {})), without));
        came = true;
    }));
    const std::vector<std::byte> image(kMiB, std::byte{7});
    std::size_t given = 0;
    const auto read = [&](std::span<std::byte> into) -> Result<std::size_t> {
        const std::size_t some = std::min(into.size(), image.size() - given);
        std::copy_n(image.begin() + static_cast<std::ptrdiff_t>(given), some, into.begin());
        given += some;
        return some;
    };
    ImportPlan plan;
    plan.region = target;
    const auto error = errorOf(importRegion(**m_array, plan, read, control));
    QVERIFY(came);
    QCOMPARE(codeOf(error), std::string("PlanChanged"));
    QVERIFY(m_array->read(target, 0, 4 * kMiB) == m_array->read(m_root));
}

QTEST_GUILESS_MAIN(TestWrittenSince)
#include "test_written_since.moc"
