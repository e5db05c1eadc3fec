// Members that were written apart, in the real window: both histories shown, and one chosen.
#include "core/backup/back_up.h"
#include "core/backup/keep.h"
#include "tests/ui/window_on_array.h"
#include "ui/models/ledger_model.h"
#include "ui/widgets/card.h"

using namespace cairn;
using namespace cairn::test;

class TestSplitBrainXcb : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_setup.emplace(); }
    void init();
    void cleanup() { m_driven.reset(); }
    void bothHistoriesAreShownAndNothingCanBeWritten();
    void theChosenHistoryGoesOn_data();
    void theChosenHistoryGoesOn();

private:
    [[nodiscard]] std::vector<Card*> cards() const;

    std::optional<WindowSetup> m_setup;
    std::optional<WindowOnArray> m_driven;
};

namespace {

std::unique_ptr<Attachment> attachOnly(const std::string& file)
{
    auto attached = Attachment::attach({file}, systemEnvironment());
    if (!attached)
        qFatal("%s cannot be attached alone", file.c_str());
    return *std::move(attached);
}

RegionId named(Attachment& attachment, const std::string& name)
{
    for (const Region& region : attachment.layout().regions) {
        if (region.name == name)
            return region.id;
    }
    qFatal("no region %s", name.c_str());
}

// A backup that only the first member knows of.
void backUpAlone(const std::string& file)
{
    const auto attachment = attachOnly(file);
    const auto added = addRegion(*attachment, {"beside", 24 * kMiB, nullptr, RegionRole::Data});
    if (!added)
        qFatal("no room for a second region");
    BackupOptions options;
    options.label = "made apart";
    const auto plan =
        planBackup(*attachment, named(*attachment, "db"), named(*attachment, "beside"), options);
    UncontrolledCopy control;
    if (!plan || !backUp(*attachment, *plan, control))
        qFatal("the backup failed");
}

} // namespace

void TestSplitBrainXcb::init()
{
    m_driven.emplace();
    const auto files = m_driven->disk().memberFiles();
    backUpAlone(files.at(0));
    const auto other = attachOnly(files.at(1));
    if (!renameRegion(*other, named(*other, "small"), "tiny"))
        qFatal("the region was not renamed");
}

std::vector<Card*> TestSplitBrainXcb::cards() const
{
    const auto found = child<QWidget>(m_driven->window(), "splitBrainPage")->findChildren<Card*>();
    return {found.begin(), found.end()};
}

void TestSplitBrainXcb::bothHistoriesAreShownAndNothingCanBeWritten()
{
    m_driven->open();
    QVERIFY(child<QWidget>(m_driven->window(), "splitBrainPage")->isVisible());
    QCOMPARE(cards().size(), std::size_t{2});
    QStringList texts;
    for (const Card* card : cards()) {
        QVERIFY(card->isVisible());
        texts.append(card->text());
    }
    const QString all = texts.join(u'\n');
    for (const std::string& file : m_driven->disk().memberFiles()) {
        const QString name = QString::fromStdString(file).section(u'/', -1);
        QVERIFY2(all.contains(name), qPrintable(all));
    }
    QVERIFY2(all.contains(QStringLiteral("Backups only here: #1")), qPrintable(all));
    QVERIFY2(all.contains(QStringLiteral("No backup that the others do not have")),
             qPrintable(all));
    QVERIFY2(all.contains(QStringLiteral("Regions written only here: beside")), qPrintable(all));
    // Incident: what only one of them tells could be read of one history alone.
    const auto tells = [&](const char* table, const QString& what, const QString& of) {
        const auto* model = child<QTableView>(m_driven->window(), table)->model();
        for (int row = 0; row < model->rowCount(); ++row) {
            if (model->index(row, LedgerModel::What).data() == what &&
                model->index(row, LedgerModel::Subject).data() == of)
                return true;
        }
        return false;
    };
    const QString begun = QStringLiteral("Backup begun");
    const QString renamed = QStringLiteral("Region renamed");
    const bool first = tells("historyLedger1", begun, QStringLiteral("beside"));
    QVERIFY(tells(first ? "historyLedger1" : "historyLedger2", begun, QStringLiteral("beside")));
    QVERIFY(tells(first ? "historyLedger2" : "historyLedger1", renamed, QStringLiteral("tiny")));
    QVERIFY(!tells(first ? "historyLedger1" : "historyLedger2", renamed, QStringLiteral("tiny")));
    // Incident: when it was done was cut off.
    for (const char* name : {"historyLedger1", "historyLedger2"}) {
        const auto* table = child<QTableView>(m_driven->window(), name);
        QTRY_VERIFY2(table->columnViewportPosition(LedgerModel::When) +
                             table->columnWidth(LedgerModel::When) <=
                         table->viewport()->width(),
                     name);
    }
    m_driven->photograph("split-brain");
    // No list is shown that a filter could be of.
    const auto* filters = child<QTreeWidget>(m_driven->window(), "filterList");
    QVERIFY(!filters->isEnabled());
    for (int row = 0; row < filters->topLevelItemCount(); ++row)
        QCOMPARE(filters->topLevelItem(row)->text(1), QString());
    for (const char* verb : {"find", "backUp", "restore", "hold", "addRegion", "addMember"})
        QVERIFY2(!child<QAction>(m_driven->window(), verb)->isEnabled(), verb);
}

void TestSplitBrainXcb::theChosenHistoryGoesOn_data()
{
    QTest::addColumn<bool>("withBackup");
    QTest::newRow("the one with the backup") << true;
    QTest::newRow("the one without") << false;
}

void TestSplitBrainXcb::theChosenHistoryGoesOn()
{
    QFETCH(const bool, withBackup);
    m_driven->open();
    const auto holds = [](const Card* card) {
        return card->text().contains(QStringLiteral("Backups only here: #1"));
    };
    const auto shown = cards();
    const auto chosen =
        std::ranges::find_if(shown, [&](const Card* card) { return holds(card) == withBackup; });
    QVERIFY(chosen != shown.end());
    click((*chosen)->findChild<QPushButton*>());
    auto* asked = m_driven->dialog<QDialog>();
    auto* accept = child<QPushButton>(*asked, "accept");
    QVERIFY(!accept->isDefault());
    QStringList texts;
    for (const QLabel* label : asked->findChildren<QLabel*>())
        texts.append(label->text());
    const QString text = texts.join(u'\n');
    const QString alone =
        withBackup ? QStringLiteral("No backup is known to be only theirs")
                   : QStringLiteral("Backups that only they know: #1; their records go.");
    QVERIFY2(text.contains(alone), qPrintable(text));
    const QString written = QStringLiteral("Regions that they have written: beside. Interrupted "
                                           "jobs of this history on them end as failed");
    QCOMPARE(text.contains(written), !withBackup);
    // Incident: holds that are kept were said to be lost.
    QVERIFY2(text.contains(QStringLiteral("Holds of backups that this history has too are kept")),
             qPrintable(text));
    QVERIFY2(!text.contains(QStringLiteral("lost")), qPrintable(text));
    click(accept);
    QTRY_VERIFY_WITH_TIMEOUT(!m_driven->snapshot().splitBrain(), kPatienceMs);
    QVERIFY(m_driven->window().view()->isVisible());
    QVERIFY(!child<QWidget>(m_driven->window(), "splitBrainPage")->isVisible());
    QCOMPARE(m_driven->snapshot().generations.size(), std::size_t{withBackup ? 1U : 0U});
    auto* filters = child<QTreeWidget>(m_driven->window(), "filterList");
    QVERIFY(filters->isEnabled());
    QTRY_COMPARE(filters->topLevelItem(0)->text(1), QString::number(withBackup ? 1 : 0));
    // Incident: nothing told what became of a region whose record had gone with its history.
    m_driven->clickRegion("beside");
    const bool said = m_driven->cell("beside").description.contains(
        QStringLiteral("Backup of a history that was given up on 20"));
    QCOMPARE(said, !withBackup);
    m_driven->photograph(withBackup ? "history-kept" : "history-given-up");
    m_driven->clickRegion("db");
    QVERIFY(child<QAction>(m_driven->window(), "backUp")->isEnabled());
}

QTEST_MAIN(TestSplitBrainXcb)
#include "test_split_brain_xcb.moc"
