// The candidate list: every region with its reasons, and which of them can be chosen.
#include "tests/ui/contrast.h"
#include "tests/ui/sample_snapshot.h"
#include "ui/models/candidate_model.h"
#include "ui/record_text.h"
#include "ui/widgets/colors.h"
#include "ui/widgets/tone_delegate.h"

#include <QAbstractItemModelTester>
#include <QTest>

using namespace cairn;
using namespace cairn::test;

class TestModels : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void statesAreNeverColourAlone();
    void anUndoCopyIsToldFromABackup();
    void refusedTargetsAreShownButDisabled();
    void theRegionsOfAMemberThatIsAwayAreListed();
    void refusedTargetsCanBeRead_data();
    void refusedTargetsCanBeRead();
    void allReasonsAreShown();
    void anotherSourcesBackupIsNamedAndWarnedOf();
    void aTargetOfAnotherJobNamesThatJob();
};

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

void TestModels::anUndoCopyIsToldFromABackup()
{
    Generation kept;
    kept.number = 3;
    kept.source.name = "db";
    kept.state = GenerationState::Good;
    QCOMPARE(recordTitle(kept), QStringLiteral("Backup 3 of db"));
    QCOMPARE(stateDisplay(kept).word, QStringLiteral("good"));
    kept.undo.emplace();
    kept.undo->restored = 2;
    QCOMPARE(recordTitle(kept), QStringLiteral("Undo copy 3 of db"));
    QCOMPARE(stateDisplay(kept).word, QStringLiteral("good, undoes #2"));
    QVERIFY(stateDisplay(kept).symbol != stateDisplay(GenerationState::Good).symbol);
    kept.undo->undoneMs = 9;
    QCOMPARE(stateDisplay(kept).word, QStringLiteral("good, undone"));
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
    const CandidateModel model(sample.snapshot(), RegionId{uuid(10)}, {candidates()});
    QCOMPARE(model.rowCount(), 3);
    QVERIFY(model.flags(model.index(0, 0)) & Qt::ItemIsSelectable);
    QVERIFY(model.flags(model.index(1, 0)) & Qt::ItemIsSelectable);
    QVERIFY(!(model.flags(model.index(2, 0)) & Qt::ItemIsEnabled));
    QVERIFY(!model.choosable(2));
}

void TestModels::theRegionsOfAMemberThatIsAwayAreListed()
{
    const SampleArray sample;
    Member away;
    away.id = uuid(90);
    away.location = "/arrays/gone.img";
    away.state = MemberState::Missing;
    const AbsentRegion vault{.region = {RegionId{uuid(91)}, "vault", away.id}, .members = {away}};
    const CandidateModel model(sample.snapshot(), RegionId{uuid(10)}, {candidates(), {vault}});
    QCOMPARE(model.rowCount(), 4);
    const auto shown = [&](int column) { return model.index(3, column).data().toString(); };
    QCOMPARE(shown(CandidateModel::Name), QStringLiteral("vault"));
    QCOMPARE(shown(CandidateModel::Where), QStringLiteral("gone.img"));
    QCOMPARE(shown(CandidateModel::Size), QStringLiteral("unknown"));
    QCOMPARE(shown(CandidateModel::Reasons), QStringLiteral("Its member is missing"));
    QVERIFY(!model.choosable(3));
    QVERIFY(!(model.flags(model.index(3, 0)) & Qt::ItemIsEnabled));
}

void TestModels::refusedTargetsCanBeRead_data()
{
    QTest::addColumn<bool>("dark");
    QTest::newRow("light") << false;
    QTest::newRow("dark") << true;
}

void TestModels::refusedTargetsCanBeRead()
{
    class Delegate final : public ToneDelegate {
    public:
        using ToneDelegate::initStyleOption;
    };
    QFETCH(const bool, dark);
    const SampleArray sample;
    const CandidateModel model(sample.snapshot(), RegionId{uuid(10)}, {candidates()});
    const Delegate delegate;
    for (int row = 0; row < model.rowCount(); ++row) {
        for (int column = 0; column < model.columnCount(); ++column) {
            QStyleOptionViewItem option;
            option.palette = paletteOf(dark ? darkColors() : lightColors());
            delegate.initStyleOption(&option, model.index(row, column));
            for (const auto group : {QPalette::Active, QPalette::Inactive, QPalette::Disabled}) {
                const double found = contrast(option.palette.color(group, QPalette::Text),
                                              option.palette.color(QPalette::Base));
                QVERIFY2(found >= kLeastContrast, qPrintable(QString::number(found)));
            }
        }
    }
}

void TestModels::allReasonsAreShown()
{
    const SampleArray sample;
    CandidateModel model(sample.snapshot(), RegionId{uuid(10)}, {candidates()});
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    const QString reasons =
        model.index(2, CandidateModel::Reasons).data(Qt::DisplayRole).toString();
    QVERIFY2(reasons.contains(QStringLiteral("Too small by 1 GiB")), qPrintable(reasons));
    QVERIFY2(reasons.contains(QStringLiteral("mounted at /home")), qPrintable(reasons));
    QVERIFY2(reasons.contains(QStringLiteral("ext4 “home”")), qPrintable(reasons));
    const QString replaced =
        model.index(1, CandidateModel::Reasons).data(Qt::DisplayRole).toString();
    QVERIFY2(replaced.contains(QStringLiteral("Replaces backup 2")), qPrintable(replaced));
}

void TestModels::anotherSourcesBackupIsNamedAndWarnedOf()
{
    const SampleArray sample;
    const std::vector<CandidateTarget> replacing{
        {.region = {uuid(20)}, .refusals = {}, .replaces = 2}};
    const auto cell = [&](std::uint8_t source, int role) {
        const CandidateModel model(sample.snapshot(), RegionId{uuid(source)}, {replacing});
        return model.index(0, CandidateModel::Reasons).data(role);
    };
    QCOMPARE(cell(10, Qt::DisplayRole).toString(), QStringLiteral("Replaces backup 2"));
    QCOMPARE(cell(10, CandidateModel::ToneRole).toInt(), static_cast<int>(Tone::Good));
    QCOMPARE(cell(11, Qt::DisplayRole).toString(), QStringLiteral("Replaces backup 2 of db"));
    QCOMPARE(cell(11, CandidateModel::ToneRole).toInt(), static_cast<int>(Tone::Warning));
}

void TestModels::aTargetOfAnotherJobNamesThatJob()
{
    const SampleArray sample;
    const CandidateModel model(
        sample.snapshot(), RegionId{uuid(10)},
        {{{.region = {uuid(21)},
           .refusals = {{RefusalReason::ToBeWritten, 0, "Back up web → vault-2"}}},
          {.region = {uuid(11)},
           .refusals = {{RefusalReason::BeingRead, 0, "Back up web → vault-2"}}},
          {.region = {uuid(20)}, .refusals = {{RefusalReason::BeingRead, 7, {}}}}}});
    const auto reasons = [&](int row) {
        return model.index(row, CandidateModel::Reasons).data().toString();
    };
    QCOMPARE(reasons(0), QStringLiteral("A job will write it: Back up web → vault-2"));
    QCOMPARE(reasons(1), QStringLiteral("A job reads it: Back up web → vault-2"));
    QCOMPARE(reasons(2), QStringLiteral("Backup 7 of it has not ended"));
    for (int row = 0; row < model.rowCount(); ++row)
        QVERIFY(!model.choosable(row));
}

QTEST_MAIN(TestModels)
#include "test_models.moc"
