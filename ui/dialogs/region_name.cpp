// The rules for names, in words.
#include "ui/dialogs/region_name.h"

#include "core/base/printable_text.h"
#include "core/base/uuid.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>

namespace cairn {
namespace {

constexpr std::size_t kLongestName = 36; // UTF-16 units in a GPT entry.

QString tr(const char* text)
{
    return QCoreApplication::translate("RegionName", text);
}

} // namespace

std::string typedRegionName(const QString& typed)
{
    return typed.trimmed().toStdString();
}

QString regionNameProblem(const QString& typed, const ArrayLayout& layout,
                          const std::optional<RegionId>& own)
{
    const std::string name = typedRegionName(typed);
    if (name.empty())
        return {};
    const std::size_t units = utf16Length(name);
    if (units > kLongestName)
        return tr("Too long by %1: a name has %2 characters at most.")
            .arg(QLocale().toString(qulonglong{units - kLongestName}),
                 QLocale().toString(qulonglong{kLongestName}));
    if (!isPrintable(name))
        return tr("It holds a character that cannot be shown.");
    if (name.find_first_of("<>") != std::string::npos)
        return tr("It must not hold < or >: programs that show it may take it for markup.");
    if (Uuid::parse(name))
        return tr("It is written as a PARTUUID, by which another region could be meant.");
    const auto same = std::ranges::find(layout.regions, name, &Region::name);
    if (same == layout.regions.end())
        return {};
    return own && same->id == *own ? tr("That is what it is called now.")
                                   : tr("This name is in use.");
}

} // namespace cairn
