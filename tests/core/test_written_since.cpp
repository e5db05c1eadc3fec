// What was read without the right to write is not relied on where another process wrote meanwhile.
#include "core/backup/swap_restore.h"
#include "tests/support/array_fixture.h"
#include "tests/support/test_environment.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace cairn;
using namespace cairn::test;

class TestWrittenSince : public QObject {
    Q_OBJECT

private slots:
    void aRestoreByAnotherProcessMeanwhileEndsTheVerb_data();
    void aRestoreByAnotherProcessMeanwhileEndsTheVerb();
};

void TestWrittenSince::aRestoreByAnotherProcessMeanwhileEndsTheVerb_data()
{
    QTest::addColumn<bool>("swap");
    QTest::newRow("restore that keeps nothing") << false;
    QTest::newRow("swap") << true;
}

void TestWrittenSince::aRestoreByAnotherProcessMeanwhileEndsTheVerb()
{
    QFETCH(bool, swap);
    const QTemporaryDir directory;
    ArrayFixture array(directory.path().toStdString(), {.members = 1});
    const RegionId root = array.addRegion("root", 4 * kMiB);
    const RegionId first = array.addRegion("first", 4 * kMiB);
    const RegionId second = array.addRegion("second", 4 * kMiB);
    array.fillRandom(root, 1);
    must(array.backUp(root, first));
    array.fillRandom(root, 2);
    const auto newer = array.read(root);
    must(array.backUp(root, second));
    array.fillRandom(root, 3);
    TestEnvironment other(testSeed());
    // The first call comes before anything is read.
    int calls = 0;
    HookEach control([&] {
        if (++calls != 2)
            return;
        const auto elsewhere = must(Attachment::attach(array.uris(), other.environment()));
        UncontrolledCopy without;
        RestoreOptions options{.confirmedName = "root", .undo = false};
        must(restore(*elsewhere, must(planRestore(*elsewhere, 2, options)), without));
    });
    must((*array).refresh());
    std::optional<Error> error;
    if (swap) {
        const auto plan = must(planSwap(*array, 1, {}));
        const auto swapped = swapRestore(*array, plan, control);
        QVERIFY(!swapped);
        error = swapped.error();
    } else {
        const auto restored = array.restore(1, std::nullopt, control);
        QVERIFY(!restored);
        error = restored.error();
    }
    QVERIFY(calls >= 2);
    QCOMPARE(std::string(errorName(error->code)), std::string("PlanChanged"));
    QVERIFY(array.read(root) == newer);
    QCOMPARE(array.state(1), GenerationState::Good);
}

QTEST_GUILESS_MAIN(TestWrittenSince)
#include "test_written_since.moc"
