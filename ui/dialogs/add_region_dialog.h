// Asks for name, size and member of a new region.
#pragma once

#include "ui/array_snapshot.h"
#include "ui/dialogs/dialog_frame.h"
#include "ui/dialogs/size_field.h"

#include <QComboBox>
#include <optional>
#include <string>

namespace cairn {

struct WantedRegion {
    std::string name;
    std::uint64_t sizeBytes = 0;
    std::optional<Uuid> member; // None: the one with the most space.
};

// What was entered for a region that was not added: it is offered again as it was.
struct RegionInput {
    QString name;
    QString size;
    std::optional<Uuid> member;
};

class AddRegionDialog final : public DialogFrame {
    Q_OBJECT

public:
    AddRegionDialog(const ArrayLayout& layout, QWidget* parent = nullptr);
    void enter(const RegionInput& input);
    [[nodiscard]] RegionInput input() const;
    // Nothing while it cannot be accepted.
    [[nodiscard]] std::optional<WantedRegion> wanted() const;

private:
    void update();
    [[nodiscard]] QString problem() const;
    [[nodiscard]] QString hint() const;
    [[nodiscard]] std::optional<Uuid> member() const;
    [[nodiscard]] std::uint64_t largestFreeBytes() const;

    ArrayLayout m_layout;
    QLineEdit* m_name;
    SizeField* m_size;
    QComboBox* m_member;
    class PlainLabel* m_problem;
};

} // namespace cairn
