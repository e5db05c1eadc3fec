// Reads sizes as core does.
#include "ui/dialogs/size_field.h"

#include "core/base/size_text.h"

namespace cairn {

SizeField::SizeField(const QString& initial, QWidget* parent) : QLineEdit(initial, parent)
{
    setPlaceholderText(tr("such as 64 MiB or 1.5 GiB"));
}

std::optional<std::uint64_t> SizeField::bytes() const
{
    const auto parsed = parseSize(text().trimmed().toStdString());
    if (!parsed || *parsed == 0)
        return std::nullopt;
    return *parsed;
}

} // namespace cairn
