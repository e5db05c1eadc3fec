// Reads sizes as core does.
#include "ui/dialogs/size_field.h"

#include "core/base/size_text.h"

namespace cairn {
namespace {

bool lacksUnit(const QString& typed)
{
    return !typed.isEmpty() && typed.back().isDigit();
}

} // namespace

SizeField::SizeField(const QString& initial, QWidget* parent) : QLineEdit(initial, parent)
{
    setPlaceholderText(tr("such as 64 MiB or 1.5 GiB"));
}

std::optional<std::uint64_t> SizeField::bytes() const
{
    const QString typed = text().trimmed();
    const auto parsed = parseSize(typed.toStdString());
    if (!parsed || *parsed == 0 || lacksUnit(typed))
        return std::nullopt;
    return *parsed;
}

QString SizeField::problem() const
{
    const QString typed = text().trimmed();
    if (typed.isEmpty() || bytes())
        return {};
    const auto parsed = parseSize(typed.toStdString());
    if (parsed && *parsed != 0)
        return tr("%1 of what? Write the unit too: %1 MiB, %1 GiB, or %1 B for bytes.").arg(typed);
    return tr("This is not a size.");
}

} // namespace cairn
