// What the catalog promises about formats other than this version's: an older one is upgraded by
// the first write and loses nothing, a newer one is shown and never written.
#include "tests/support/catalog_bench.h"
#include "tests/support/older_schema.h"

#include <QTest>

using namespace cairn;
using namespace cairn::test;

class TestCatalogVersions : public QObject {
    Q_OBJECT

private slots:
    void anOlderFormatIsUpgradedWithTheFirstWrite();
    void whatAnOlderFormatKnewByItsJobsIsKeptBeyondThem();
    void aNewerFormatIsShownAndNeverWritten();
    void aNewerFormatWithOtherTablesIsRefused();
};

void TestCatalogVersions::anOlderFormatIsUpgradedWithTheFirstWrite()
{
    const CatalogBench bench;
    {
        const auto catalog = bench.create();
        bench.makeBackup(*catalog, bench.backup("root", "backup-a"));
    }
    bench.tamper(kToVersion1);
    const auto reader = bench.read();
    {
        const auto catalog = bench.write();
        QVERIFY(!catalog->forget(77)); // A write that fails takes the new tables back with it.
        QCOMPARE(bench.ask("PRAGMA user_version"), std::int64_t{1});
        require(catalog->setHeld(1, true));
    }
    QCOMPARE(bench.ask("PRAGMA user_version"), std::int64_t{7});
    QCOMPARE(bench.ask("SELECT count(*) FROM undo"), std::int64_t{0});
    QCOMPARE(bench.ask("SELECT count(*) FROM unfinished"), std::int64_t{0});
    QCOMPARE(bench.ask("SELECT count(*) FROM consistency"), std::int64_t{0});
    QCOMPARE(bench.ask("SELECT count(*) FROM unreadable"), std::int64_t{0});
    QVERIFY(require(bench.write()->generation(1)).held);
    QVERIFY(require(reader->generation(1)).held);
    QVERIFY(require(bench.read()->ledger()).chainIntact);
}

void TestCatalogVersions::whatAnOlderFormatKnewByItsJobsIsKeptBeyondThem()
{
    const CatalogBench bench;
    std::uint64_t job = 0;
    const auto wanted = bench.backup("root", "backup-a");
    {
        const auto catalog = bench.create();
        bench.makeBackup(*catalog, wanted);
        job = require(catalog->beginRestore(1, wanted.source));
    }
    bench.tamper(kToVersion2);
    QCOMPARE(require(bench.read()->unfinished()).size(), std::size_t{1});
    require(bench.write()->failRestore(job, Error{}, true));
    const auto unfinished = require(bench.read()->unfinished());
    QCOMPARE(unfinished.size(), std::size_t{1});
    QVERIFY(unfinished.front().kind == WriteKind::Restore);
    QVERIFY(unfinished.front().region == wanted.source);
    QCOMPARE(codeOf(bench.write()->begin(bench.backup("root", "backup-b"))),
             std::string("HalfWritten"));
}

void TestCatalogVersions::aNewerFormatIsShownAndNeverWritten()
{
    const CatalogBench bench;
    {
        const auto catalog = bench.create();
        bench.makeBackup(*catalog, bench.backup("root", "backup-a"));
    }
    bench.tamper("CREATE TABLE invention(a INTEGER) STRICT; PRAGMA user_version = 8");
    const auto before = bench.bytesOf(0);
    const auto catalog = bench.read();
    QVERIFY(catalog->status().newerFormat);
    QCOMPARE(require(catalog->generations()).size(), std::size_t{1});
    QCOMPARE(codeOf(Catalog::openForWriting(bench.copies(), bench.environment)),
             std::string("FormatNewer"));
    QVERIFY(bench.bytesOf(0) == before);
}

void TestCatalogVersions::aNewerFormatWithOtherTablesIsRefused()
{
    const CatalogBench bench;
    (void)bench.create();
    bench.tamper("ALTER TABLE generation ADD COLUMN more TEXT; PRAGMA user_version = 8");
    QCOMPARE(codeOf(Catalog::openForReading(bench.copies(), bench.environment)),
             std::string("FormatNewer"));
    // Nothing that runs by itself, whatever the version says.
    const CatalogBench other;
    (void)other.create();
    other.tamper("CREATE VIEW v AS SELECT 1; PRAGMA user_version = 8");
    QCOMPARE(codeOf(Catalog::openForReading(other.copies(), other.environment)),
             std::string("CatalogDamaged"));
}

QTEST_GUILESS_MAIN(TestCatalogVersions)
#include "test_catalog_versions.moc"
