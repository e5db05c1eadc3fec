// Chooses an image file whose bytes go into a region.
#pragma once

#include "ui/array_snapshot.h"
#include "ui/dialogs/dialog_frame.h"
#include "ui/dialogs/name_confirmation.h"

#include <QLineEdit>

namespace cairn {

// What was chosen for an import that failed: it is offered again as it was.
struct ImportChoice {
    QString path;
    bool nameNeeded = false; // The import itself found that out.
};

class ImportDialog final : public DialogFrame {
    Q_OBJECT

public:
    ImportDialog(const ArraySnapshot& snapshot, const Region& region, QWidget* parent = nullptr);

    void choose(const ImportChoice& choice);
    [[nodiscard]] QString path() const { return m_path->text().trimmed(); }
    [[nodiscard]] std::uint64_t sizeBytes() const;
    [[nodiscard]] std::string confirmedName() const;

private:
    void update();
    [[nodiscard]] QString problem() const;

    Region m_region;
    bool m_nameNeeded;
    QLineEdit* m_path;
    PlainLabel* m_problem;
    NameConfirmation* m_confirmation;
};

} // namespace cairn
