// The page for an array whose members were written apart: both histories, and one choice.
#pragma once

#include "ui/array_snapshot.h"

#include <QHBoxLayout>
#include <QWidget>

namespace cairn {

class SplitBrainPage final : public QWidget {
    Q_OBJECT

public:
    explicit SplitBrainPage(QWidget* parent = nullptr);

    void setSnapshot(const ArraySnapshot& snapshot);

Q_SIGNALS:
    void historyChosen(const QString& historyId);

private:
    [[nodiscard]] QWidget* card(const ArraySnapshot& snapshot, const CatalogHistory& history,
                                int position);

    QHBoxLayout* m_cards;
};

} // namespace cairn
