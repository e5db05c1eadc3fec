// The ledger as the desktop shows it: in words, filtered, and with the state of its chain.
#include "tests/ui/child.h"
#include "ui/dialogs/history_dialog.h"
#include "ui/event_text.h"

#include <QTest>
#include <cstring>
#include <set>

using namespace cairn;
using namespace cairn::test;

class TestLedger : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void everyKindOfEntryHasItsOwnWords();
    void entriesAreShownNewestFirst();
    void wordsFindEntriesInEveryColumn();
    void ofTheSelectedBackupOnlyWhatConcernsItIsShown();
    void anIntactChainIsSaidToBeSo();
    void aBrokenChainIsSaidWithItsFirstEntry();
    void whatCannotBeReadIsSaidInThePlaceOfTheChain();
    void whatAStrangerWroteIsShownEscaped();
    void returnInTheFilterClosesNothing();

private:
    [[nodiscard]] QStringList shown(const HistoryDialog& dialog, int column) const;

    Ledger m_ledger;
};

void TestLedger::init()
{
    m_ledger = {};
    const auto add = [this](EventKind kind, GenerationNumber generation, const char* subject,
                            const char* detail, const char* host) {
        Event event;
        event.id = m_ledger.events.size() + 1;
        event.kind = kind;
        event.generation = generation;
        event.timeMs = 1'700'000'000'000 + static_cast<std::int64_t>(event.id) * 86'400'000;
        event.subject = subject;
        event.detail = detail;
        event.hostName = host;
        m_ledger.events.push_back(event);
    };
    add(EventKind::ArrayCreated, 0, "rack-07", "", "alpha");
    add(EventKind::BackupStarted, 1, "vault", "", "alpha");
    add(EventKind::Verified, 1, "vault", "", "alpha");
    add(EventKind::BackupStarted, 12, "spare", "", "beta");
    add(EventKind::BackupFailed, 12, "spare", "the device does not answer", "beta");
}

QStringList TestLedger::shown(const HistoryDialog& dialog, int column) const
{
    const auto* model = child<QTableView>(dialog, "ledgerTable")->model();
    QStringList texts;
    for (int row = 0; row < model->rowCount(); ++row)
        texts.append(model->index(row, column).data().toString());
    return texts;
}

void TestLedger::everyKindOfEntryHasItsOwnWords()
{
    const QString unknown = eventDisplay(static_cast<EventKind>(255));
    std::set<QString> words;
    int kinds = 0;
    for (int kind = 1; kind < 255; ++kind) {
        if (std::strcmp(eventName(static_cast<EventKind>(kind)), "unknown") == 0)
            continue;
        ++kinds;
        QVERIFY2(eventDisplay(static_cast<EventKind>(kind)) != unknown,
                 eventName(static_cast<EventKind>(kind)));
        words.insert(eventDisplay(static_cast<EventKind>(kind)));
    }
    QVERIFY(kinds >= 42);
    QCOMPARE(static_cast<int>(words.size()), kinds);
}

void TestLedger::entriesAreShownNewestFirst()
{
    HistoryDialog dialog(QStringLiteral("rack-07"), {});
    dialog.setLedger(m_ledger);
    QTRY_COMPARE(shown(dialog, LedgerModel::Entry),
                 QStringList({u"5"_qs, u"4"_qs, u"3"_qs, u"2"_qs, u"1"_qs}));
    QCOMPARE(shown(dialog, LedgerModel::What).first(), QStringLiteral("Backup failed"));
    QCOMPARE(shown(dialog, LedgerModel::Host).first(), QStringLiteral("beta"));
    QVERIFY(!child<QCheckBox>(dialog, "onlySelected")->isVisibleTo(&dialog));
}

void TestLedger::wordsFindEntriesInEveryColumn()
{
    const auto entries = [this](const char* words) {
        QString found;
        for (const std::size_t place :
             filteredEntries(m_ledger, {.words = QString::fromUtf8(words), .backup = {}}))
            found += QString::number(m_ledger.events[place].id);
        return found;
    };
    QCOMPARE(entries(""), QStringLiteral("54321"));
    QCOMPARE(entries("BEGUN"), QStringLiteral("42"));
    QCOMPARE(entries("begun alpha"), QStringLiteral("2"));
    QCOMPARE(entries("does not answer"), QStringLiteral("5"));
    QCOMPARE(entries("#1"), QStringLiteral("32")); // And not #12.
    QCOMPARE(entries("2023-11-17"), QStringLiteral("3"));
    QCOMPARE(entries("no such word"), QString());
}

void TestLedger::ofTheSelectedBackupOnlyWhatConcernsItIsShown()
{
    HistoryDialog dialog(QStringLiteral("rack-07"),
                         {.backup = 12, .title = QStringLiteral("Backup 12 of db"), .only = true});
    dialog.setLedger(m_ledger);
    auto* only = child<QCheckBox>(dialog, "onlySelected");
    QVERIFY(only->isVisibleTo(&dialog));
    QCOMPARE(only->text(), QStringLiteral("Only: Backup 12 of db"));
    QTRY_COMPARE(shown(dialog, LedgerModel::Entry), QStringList({u"5"_qs, u"4"_qs}));
    QTRY_COMPARE(child<QLabel>(dialog, "ledgerCount")->text(), QStringLiteral("2 of 5 entries"));
    only->setChecked(false);
    QTRY_COMPARE(shown(dialog, LedgerModel::Entry).size(), 5);
    QTest::keyClicks(child<QLineEdit>(dialog, "ledgerWords"), QStringLiteral("vault"));
    QTRY_COMPARE(shown(dialog, LedgerModel::Entry), QStringList({u"3"_qs, u"2"_qs}));
}

void TestLedger::anIntactChainIsSaidToBeSo()
{
    HistoryDialog dialog(QStringLiteral("rack-07"), {});
    dialog.setLedger(m_ledger);
    QCOMPARE(child<QLabel>(dialog, "chainState")->text(),
             QStringLiteral("✓ The chain of hashes over all 5 entries is intact."));
}

void TestLedger::aBrokenChainIsSaidWithItsFirstEntry()
{
    m_ledger.chainIntact = false;
    m_ledger.firstBrokenId = 3;
    HistoryDialog dialog(QStringLiteral("rack-07"), {});
    dialog.setLedger(m_ledger);
    const auto* chain = child<QLabel>(dialog, "chainState");
    QVERIFY2(
        chain->text().startsWith(QStringLiteral("✕ The chain of hashes is broken at entry 3 of 5")),
        qPrintable(chain->text()));
    QVERIFY(chain->font().bold());
    QTRY_COMPARE(shown(dialog, LedgerModel::Entry).size(), 5); // It is shown all the same.
}

void TestLedger::whatCannotBeReadIsSaidInThePlaceOfTheChain()
{
    HistoryDialog dialog(QStringLiteral("rack-07"), {});
    dialog.setLedger(failure(ErrorCode::CatalogDamaged, {}, "page 8"));
    const QString said = child<QLabel>(dialog, "chainState")->text();
    QVERIFY2(said.startsWith(QStringLiteral("✕ The ledger cannot be read.")), qPrintable(said));
    QVERIFY2(said.contains(QStringLiteral("page 8")), qPrintable(said));
}

void TestLedger::whatAStrangerWroteIsShownEscaped()
{
    m_ledger.events.back().subject = "\x1b[2J<img src=x>";
    HistoryDialog dialog(QStringLiteral("rack-07"), {});
    dialog.setLedger(m_ledger);
    QTRY_COMPARE(shown(dialog, LedgerModel::Entry).size(), 5);
    QVERIFY(!shown(dialog, LedgerModel::Subject).first().contains(u'\x1b'));
    const auto* model = child<QTableView>(dialog, "ledgerTable")->model();
    const QString tip = model->index(0, LedgerModel::Subject).data(Qt::ToolTipRole).toString();
    QVERIFY2(!tip.contains(QStringLiteral("<img")), qPrintable(tip));
}

void TestLedger::returnInTheFilterClosesNothing()
{
    HistoryDialog dialog(QStringLiteral("rack-07"), {});
    dialog.setLedger(m_ledger);
    dialog.show();
    auto* words = child<QLineEdit>(dialog, "ledgerWords");
    words->setFocus();
    QTest::keyClick(words, Qt::Key_Return);
    QTest::keyClick(words, Qt::Key_Enter);
    QVERIFY(dialog.isVisible());
    QTest::keyClick(words, Qt::Key_Escape);
    QVERIFY(!dialog.isVisible());
}

QTEST_MAIN(TestLedger)
#include "test_ledger.moc"
