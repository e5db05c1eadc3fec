// A field in which the operator types the name of the region that would lose its content.
#pragma once

#include "core/array/region.h"
#include "ui/widgets/plain_label.h"

#include <QLineEdit>
#include <QWidget>
#include <string>

namespace cairn {

class NameConfirmation final : public QWidget {
    Q_OBJECT

public:
    explicit NameConfirmation(QWidget* parent = nullptr);

    // What must be typed is what core will ask for: the name, or the PARTUUID where the name does
    // not tell the region apart. Clears what was typed, unless it is the same region.
    // `why` says what is lost; without, that the content will be gone.
    void setRegion(const ArrayLayout& layout, const Region& region, const QString& why = {});
    void takeFocus() { m_edit->setFocus(); }
    [[nodiscard]] bool matches() const;
    // The unescaped name where it matches, otherwise empty.
    [[nodiscard]] std::string confirmedName() const;

Q_SIGNALS:
    void changed();

private:
    [[nodiscard]] QString prompt(const Region& region) const;

    std::string m_required; // Unescaped.
    PlainLabel* m_prompt;
    QLineEdit* m_edit;
};

} // namespace cairn
