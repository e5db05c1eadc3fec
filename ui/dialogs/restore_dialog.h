// Confirms that a backup may overwrite a region: what it comes from, what goes, and whether it is
// kept.
#pragma once

#include "ui/array_snapshot.h"
#include "ui/dialogs/name_confirmation.h"
#include "ui/dialogs/typed_dialog.h"
#include "ui/loss_text.h"
#include "ui/restore_offer.h"
#include "ui/widgets/card.h"
#include "ui/widgets/loss_box.h"

#include <QCheckBox>
#include <optional>

namespace cairn {

// What was chosen for a restore that did not begin: it is offered again as it was.
struct RestoreChoice {
    enum class Keeping : std::uint8_t { IfPossible, Nothing };

    RegionId target;
    Keeping keeping = Keeping::IfPossible;
    // For which the restore itself found no room; what is there now may have it. 0: it did not
    // look.
    std::uint64_t bytesToKeep = 0;
};

// The region the backup came from is offered first. What is overwritten is kept wherever it can be;
// where it is not, and where a record would be lost, the region's name must be typed.
class RestoreDialog final : public TypedDialog {
    Q_OBJECT

public:
    RestoreDialog(const ArraySnapshot& snapshot, const Generation& generation,
                  QWidget* parent = nullptr);

    void choose(const RestoreChoice& choice);
    // Core's answer to planWanted(): what this dialog shows is the plan that runs, or why there is
    // none.
    void setOffer(const Result<RestoreOffer>& offer);
    // Nothing unless the dialog can be accepted now.
    [[nodiscard]] std::optional<RestorePlan> plan() const;
    // Where that plan may keep what it overwrites.
    [[nodiscard]] std::vector<RegionId> areas() const;
    [[nodiscard]] std::optional<RegionId> target() const;

Q_SIGNALS:
    void planWanted(const cairn::RegionId& target);

private:
    void build();
    [[nodiscard]] QWidget* buildCards();
    void fillTargets();
    void targetChosen();
    void update();
    [[nodiscard]] bool keeps() const;
    [[nodiscard]] bool nameNeeded() const;
    [[nodiscard]] Keeping keeping() const;
    [[nodiscard]] QStringList sourceLines() const;
    // Whether another content shows where the copy should be, and its bytes can be compared.
    [[nodiscard]] bool inDoubt() const;
    void showNoOffer(const Region* region, const QString& why);
    void showLoss();
    // Whether what is to be kept, as far as that is known, still finds no room.
    [[nodiscard]] bool lacksRoom() const;
    [[nodiscard]] QString whyNoName() const;
    [[nodiscard]] QString keepingText() const;

    ArraySnapshot m_snapshot;
    Generation m_generation;
    std::optional<RestoreOffer> m_offer;
    std::optional<RestoreChoice> m_chosenBefore; // For another target it says nothing.
    QString m_hintBegins;
    PlainLabel* m_hint = nullptr;
    PlainLabel* m_heading = nullptr;
    LossBox* m_targets = nullptr;
    Card* m_from = nullptr;
    Card* m_erased = nullptr;
    PlainLabel* m_doubt = nullptr;
    PlainLabel* m_problem = nullptr;
    QCheckBox* m_keep = nullptr;
    PlainLabel* m_keeping = nullptr;
    NameConfirmation* m_confirmation = nullptr;
};

} // namespace cairn
