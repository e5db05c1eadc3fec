// Tells what came and went.
#include "ui/disk_list.h"

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

QStringList onlyIn(const QList<KnownDisk>& these, const QList<KnownDisk>& others)
{
    QStringList found;
    for (const KnownDisk& disk : these) {
        const auto same = [&disk](const KnownDisk& other) {
            return other.device == disk.device && other.model == disk.model &&
                   other.sizeBytes == disk.sizeBytes;
        };
        if (std::ranges::none_of(others, same))
            found.append(disk.device);
    }
    return found;
}

} // namespace

void DiskList::setDisks(QList<KnownDisk> disks)
{
    if (disks == m_disks)
        return;
    const QList<KnownDisk> before = std::exchange(m_disks, std::move(disks));
    Q_EMIT changed(onlyIn(before, m_disks), onlyIn(m_disks, before));
}

} // namespace cairn
