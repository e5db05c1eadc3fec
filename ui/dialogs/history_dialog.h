// Shows the ledger: what was done to the array, when and by which host.
#pragma once

#include "core/base/error.h"
#include "ui/models/ledger_model.h"
#include "ui/widgets/plain_label.h"

#include <QCheckBox>
#include <QDialog>
#include <QLineEdit>
#include <QTableView>
#include <QThreadPool>

namespace cairn {

// Stands beside the window, and only reads.
class HistoryDialog final : public QDialog {
    Q_OBJECT

public:
    // The selected backup: what concerns it alone can be shown.
    struct About {
        GenerationNumber backup = 0; // 0: none is selected.
        QString title;
        bool only = false; // To begin with.
    };
    HistoryDialog(const QString& arrayName, const About& about, QWidget* parent = nullptr);
    ~HistoryDialog() override;

    // As it was read just now.
    void setLedger(Result<Ledger> ledger);

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    void build(const QString& arrayName);
    void buildTable();
    void filter();
    void showRows(LedgerRows rows);
    void showChain(const Ledger& ledger);

    About m_about;
    std::shared_ptr<const Ledger> m_ledger;
    LedgerModel* m_model;
    PlainLabel* m_chain;
    QLineEdit* m_words;
    QCheckBox* m_only;
    QTableView* m_table;
    PlainLabel* m_count;
    LedgerFilter m_asked; // What the rows that come are the answer to.
    QThreadPool m_searcher;
};

} // namespace cairn
