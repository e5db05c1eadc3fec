// The setting, one for each kind of target.
#include "ui/seal_setting.h"

#include "core/backup/seal.h"

#include <QSettings>

namespace cairn {
namespace {

QString keyOf(const ArrayLayout& layout, const Region& target)
{
    // What is the default for a kind tells the kinds apart.
    return sealsByDefault(layout, target) ? QStringLiteral("seal/onBlockDevices")
                                          : QStringLiteral("seal/inImageFiles");
}

} // namespace

bool sealSetting(const ArrayLayout& layout, const Region& target)
{
    return QSettings().value(keyOf(layout, target), sealsByDefault(layout, target)).toBool();
}

void keepSealSetting(const ArrayLayout& layout, const Region& target, bool sealed)
{
    QSettings().setValue(keyOf(layout, target), sealed);
}

} // namespace cairn
