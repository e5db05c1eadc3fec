// What is known of the selected region or backup, as a list of facts.
#pragma once

#include "ui/array_snapshot.h"
#include "ui/widgets/scroll_pane.h"

#include <QFormLayout>

namespace cairn {

class DetailsPanel final : public ScrollPane {
    Q_OBJECT

public:
    explicit DetailsPanel(QWidget* parent = nullptr);

    void showNothing();
    void showRegion(const ArraySnapshot& snapshot, const Region& region);
    void showGeneration(const ArraySnapshot& snapshot, const Generation& generation);

private:
    struct Fact {
        QString name;
        QString value;
    };
    void show(const QString& title, const std::vector<Fact>& facts);

    QFormLayout* m_form;
};

} // namespace cairn
