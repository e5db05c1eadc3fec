// The tables: what rows they have, what the filter lets through, which targets can be chosen.
#include "tests/ui/sample_snapshot.h"
#include "ui/models/candidate_model.h"
#include "ui/models/catalog_model.h"

#include <QAbstractItemModelTester>
#include <QTest>

using namespace cairn;
using namespace cairn::test;

class TestModels : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theCatalogModelKeepsTheContractOfModels();
    void theNewestBackupIsOnTop();
    void everyWordOfTheFilterMustMatch();
    void aRowIsFoundByItsNumber();
    void statesAreNeverColourAlone();
    void refusedTargetsAreShownButDisabled();
    void allReasonsAreShown();
};

void TestModels::theCatalogModelKeepsTheContractOfModels()
{
    const SampleArray sample;
    CatalogModel model;
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setGenerations(sample.snapshot().generations);
    model.setFilter(QStringLiteral("nothing like this"));
    QCOMPARE(model.rowCount(), 0);
    model.setFilter({});
    QCOMPARE(model.rowCount(), 2);
    model.setGenerations({});
    QCOMPARE(model.rowCount(), 0);
}

void TestModels::theNewestBackupIsOnTop()
{
    const SampleArray sample;
    CatalogModel model;
    model.setGenerations(sample.snapshot().generations);
    QCOMPARE(model.generationAt(0)->number, GenerationNumber{2});
    QCOMPARE(model.generationAt(2), nullptr);
    QCOMPARE(model.generationAt(-1), nullptr);
}

void TestModels::everyWordOfTheFilterMustMatch()
{
    SampleArray sample;
    sample.addGeneration(3, GenerationState::Failed, 11, 21);
    CatalogModel model;
    model.setGenerations(sample.snapshot().generations);
    model.setFilter(QStringLiteral("WEB failed"));
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(model.generationAt(0)->number, GenerationNumber{3});
    model.setFilter(QStringLiteral("web verified"));
    QCOMPARE(model.rowCount(), 0);
    model.setFilter(QStringLiteral("vault-1"));
    QCOMPARE(model.rowCount(), 2);
}

void TestModels::aRowIsFoundByItsNumber()
{
    const SampleArray sample;
    CatalogModel model;
    model.setGenerations(sample.snapshot().generations);
    QCOMPARE(model.rowOf(1), std::optional(1));
    QCOMPARE(model.rowOf(99), std::nullopt);
}

void TestModels::statesAreNeverColourAlone()
{
    QStringList symbols;
    QStringList words;
    for (int state = 1; state <= static_cast<int>(GenerationState::Forgotten); ++state) {
        const StateDisplay shown = stateDisplay(static_cast<GenerationState>(state));
        QVERIFY(!symbols.contains(shown.symbol));
        QVERIFY(!words.contains(shown.word));
        symbols.append(shown.symbol);
        words.append(shown.word);
    }
}

static std::vector<CandidateTarget> candidates()
{
    return {
        {.region = {uuid(21)}, .refusals = {}},
        {.region = {uuid(20)}, .refusals = {{RefusalReason::LastGoodCopy, 2, "db"}}, .replaces = 2},
        {.region = {uuid(11)},
         .refusals = {{RefusalReason::TooSmall, 1024 * kMiB, {}},
                      {RefusalReason::InUse, 0, "mounted at /home"},
                      {RefusalReason::ContentRecognised, 0, "ext4 \"home\""}},
         .sameMember = true}};
}

void TestModels::refusedTargetsAreShownButDisabled()
{
    const SampleArray sample;
    const CandidateModel model(sample.snapshot().layout, candidates());
    QCOMPARE(model.rowCount(), 3);
    QVERIFY(model.flags(model.index(0, 0)) & Qt::ItemIsSelectable);
    QVERIFY(model.flags(model.index(1, 0)) & Qt::ItemIsSelectable);
    QVERIFY(!(model.flags(model.index(2, 0)) & Qt::ItemIsEnabled));
    QVERIFY(!model.choosable(2));
}

void TestModels::allReasonsAreShown()
{
    const SampleArray sample;
    CandidateModel model(sample.snapshot().layout, candidates());
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    const QString reasons =
        model.index(2, CandidateModel::Reasons).data(Qt::DisplayRole).toString();
    QVERIFY2(reasons.contains(QStringLiteral("Too small by 1 GiB")), qPrintable(reasons));
    QVERIFY2(reasons.contains(QStringLiteral("mounted at /home")), qPrintable(reasons));
    QVERIFY2(reasons.contains(QStringLiteral("ext4 \"home\"")), qPrintable(reasons));
    const QString replaced =
        model.index(1, CandidateModel::Reasons).data(Qt::DisplayRole).toString();
    QVERIFY2(replaced.contains(QStringLiteral("Replaces backup 2")), qPrintable(replaced));
}

QTEST_MAIN(TestModels)
#include "test_models.moc"
