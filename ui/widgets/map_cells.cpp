// Turns a snapshot into cells, and arranges them.
#include "ui/widgets/map_cells.h"

#include "ui/display_text.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>

namespace cairn {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("ArrayMap", text);
}

CellRole roleOf(const Region& region, const Generation* held)
{
    if (region.role == RegionRole::Management)
        return CellRole::Management;
    if (region.role == RegionRole::Backup || held != nullptr)
        return CellRole::Backup;
    return region.content.kind == ContentKind::Empty ? CellRole::Empty : CellRole::Data;
}

// What is known of a region beside its entry in the table.
struct Known {
    const Generation* held = nullptr;
    const Refusal* halfRestored = nullptr;
    const Job* interrupted = nullptr;
    CopyPresence presence = CopyPresence::Present; // Of what it holds.
    QString absence;
    bool unrecorded = false; // It is marked as a backup, and the catalog knows of none.
};

QString number(std::uint64_t value)
{
    return QLocale().toString(qulonglong{value});
}

StateDisplay shownState(const Known& known)
{
    return withPresence(stateDisplay(*known.held), known.presence);
}

QString whatOf(const Region& region, const Known& known)
{
    if (region.role == RegionRole::Management)
        return tr("catalog");
    if (known.unrecorded)
        return tr("– no record");
    const Generation* held = known.held;
    if (held == nullptr)
        return contentDisplay(region.content);
    return (held->undo ? tr("%1 #%2, undo of %3") : tr("%1 #%2 of %3"))
        .arg(shownState(known).symbol, number(held->number), regionDisplay(held->source));
}

QString summaryOf(const Region& region, const Known& known)
{
    const QString size = sizeDisplay(region.extent.lengthBytes);
    if (known.halfRestored != nullptr)
        return (known.halfRestored->reason == RefusalReason::HalfWritten
                    ? tr("◐ half-written · %1")
                    : tr("◐ half restored · %1"))
            .arg(size);
    // Of a region that holds no backup, the size tells more than its content.
    const bool marked = known.held != nullptr || known.unrecorded;
    const QString what = whatOf(region, known);
    return marked ? tr("%1 · %2").arg(what, size) : tr("%1 · %2").arg(size, what);
}

Tone toneOf(const Known& known)
{
    if (known.halfRestored != nullptr)
        return Tone::Warning;
    if (known.held == nullptr)
        return known.unrecorded ? Tone::Muted : Tone::Plain;
    const Tone tone = shownState(known).tone;
    return tone == Tone::Warning || tone == Tone::Bad ? Tone::Warning : Tone::Plain;
}

QString contentLine(const Region& region, const Known& known)
{
    if (region.role == RegionRole::Management)
        return tr("Management region: holds the catalog");
    if (known.halfRestored != nullptr && known.halfRestored->reason == RefusalReason::HalfWritten)
        return refusalDisplay(*known.halfRestored);
    if (known.halfRestored != nullptr)
        return tr("Half restored: it holds neither its old content nor backup %1")
            .arg(number(known.halfRestored->amount));
    if (known.held != nullptr)
        return tr("%1, %2").arg(recordTitle(*known.held), shownState(known).word);
    if (known.unrecorded)
        return tr("Marked as a backup, but the catalog knows of none in it");
    return tr("Content: %1").arg(contentDisplay(region.content));
}

QString descriptionOf(const Region& region, const Member& member, const Known& known)
{
    QStringList lines{
        regionDisplay(region),
        tr("%1 on %2").arg(sizeDisplay(region.extent.lengthBytes), memberDisplay(member)),
        contentLine(region, known)};
    if (!known.absence.isEmpty())
        lines.append(known.absence);
    if (!known.absence.isEmpty() || known.unrecorded)
        lines.append(tr("Content: %1").arg(contentDisplay(region.content)));
    if (known.interrupted != nullptr)
        lines.append(tr("A job that writes it was interrupted"));
    if (region.content.usedBytes)
        lines.append(tr("%1 used").arg(sizeDisplay(*region.content.usedBytes)));
    if (known.held != nullptr && known.held->held)
        lines.append(tr("Held"));
    if (region.use.inUse)
        lines.append(tr("In use: %1").arg(displayShort(region.use.by, 80)));
    return lines.join(u'\n');
}

double usedShareOf(const Region& region, const Generation* held)
{
    const Content& content = held != nullptr ? held->content : region.content;
    const std::uint64_t size = region.extent.lengthBytes;
    if (!content.usedBytes || size == 0)
        return -1;
    return std::min(1.0, static_cast<double>(*content.usedBytes) / static_cast<double>(size));
}

MapCell regionCell(const Region& region, const Member& member, const Known& known)
{
    return {.role = roleOf(region, known.held),
            .region = region.id,
            .extent = region.extent,
            .name = regionDisplay(region),
            .summary = summaryOf(region, known),
            .state = known.held != nullptr ? shownState(known).word : QString(),
            .description = descriptionOf(region, member, known),
            .usedShare = usedShareOf(region, known.held),
            .inUse = region.use.inUse,
            .tone = toneOf(known),
            .halfRestored = known.halfRestored != nullptr,
            .rect = {}};
}

Known knownOf(const ArraySnapshot& snapshot, const Region& region)
{
    const Generation* held = snapshot.heldBy(region.id);
    return {.held = held,
            .halfRestored = snapshot.halfRestored(region.id),
            .interrupted = snapshot.interruptedOn(region.id),
            .presence = held != nullptr ? snapshot.presenceOf(*held) : CopyPresence::Present,
            .absence = held != nullptr ? absenceDisplay(snapshot.layout, *held) : QString(),
            .unrecorded = snapshot.catalog && held == nullptr && region.role == RegionRole::Backup};
}

MapCell freeCell(const ByteRange& extent, const Member& member)
{
    const QString size = sizeDisplay(extent.lengthBytes);
    return {.role = CellRole::Free,
            .region = std::nullopt,
            .extent = extent,
            .name = tr("free"),
            .summary = size,
            .state = {},
            .description = tr("%1 free on %2").arg(size, memberDisplay(member)),
            .usedShare = -1,
            .inUse = false,
            .tone = Tone::Plain,
            .halfRestored = false,
            .rect = {}};
}

QString rowTitle(const Member& member)
{
    QStringList parts{memberDisplay(member)};
    if (!member.model.empty())
        parts.append(displayShort(member.model, 40));
    if (member.sizeBytes != 0)
        parts.append(sizeDisplay(member.sizeBytes));
    if (member.state != MemberState::Present)
        parts.append(memberStateDisplay(member.state));
    if (const QString problem = memberProblemDisplay(member); !problem.isEmpty())
        parts.append(problem);
    return parts.join(QStringLiteral(" · "));
}

int minimumOf(const MapCell& cell, const MapMetrics& metrics)
{
    return cell.role == CellRole::Free ? metrics.minimumFreePx : metrics.minimumCellPx;
}

int minimumOf(const MapRow& row, const MapMetrics& metrics)
{
    int width = 0;
    for (const MapCell& cell : row.cells)
        width += minimumOf(cell, metrics) + metrics.cellGapPx;
    return width;
}

// Gives each cell its minimum, and shares the rest by size.
void arrangeCells(MapRow& row, QRect band, const MapMetrics& metrics)
{
    double total = 0;
    for (const MapCell& cell : row.cells)
        total += static_cast<double>(cell.extent.lengthBytes);
    const int rest = std::max(0, band.width() + metrics.cellGapPx - minimumOf(row, metrics));
    double before = 0;
    int left = band.left();
    for (MapCell& cell : row.cells) {
        const double after = before + static_cast<double>(cell.extent.lengthBytes);
        const auto share = [&](double bytes) {
            return total > 0 ? static_cast<int>(bytes / total * rest) : 0;
        };
        const int width = minimumOf(cell, metrics) + share(after) - share(before);
        cell.rect = QRect(left, band.top(), width, band.height());
        left += width + metrics.cellGapPx;
        before = after;
    }
}

} // namespace

std::vector<MapRow> mapRows(const ArraySnapshot& snapshot)
{
    std::vector<MapRow> rows;
    for (const Member& member : snapshot.layout.members) {
        MapRow row;
        row.member = member.id;
        row.state = member.state;
        row.title = rowTitle(member);
        for (const Region& region : snapshot.layout.regions) {
            if (region.member == member.id)
                row.cells.push_back(regionCell(region, member, knownOf(snapshot, region)));
        }
        for (const ByteRange& extent : member.free)
            row.cells.push_back(freeCell(extent, member));
        std::ranges::sort(row.cells, {},
                          [](const MapCell& cell) { return cell.extent.offsetBytes; });
        rows.push_back(std::move(row));
    }
    return rows;
}

int minimumMapWidth(const std::vector<MapRow>& rows, const MapMetrics& metrics)
{
    int width = 0;
    for (const MapRow& row : rows)
        width = std::max(width, minimumOf(row, metrics));
    return width + 2 * metrics.marginPx;
}

int arrangeRows(std::vector<MapRow>& rows, int widthPx, const MapMetrics& metrics)
{
    const int inner = std::max(widthPx, minimumMapWidth(rows, metrics)) - 2 * metrics.marginPx;
    int top = metrics.marginPx - 4;
    for (MapRow& row : rows) {
        row.titleRect = QRect(metrics.marginPx, top, inner, metrics.titleHeightPx);
        top += metrics.titleHeightPx + 2;
        if (!row.cells.empty()) {
            arrangeCells(row, QRect(metrics.marginPx, top, inner, metrics.cellHeightPx), metrics);
            top += metrics.cellHeightPx;
        }
        top += metrics.rowGapPx;
    }
    return top - metrics.rowGapPx + metrics.marginPx;
}

} // namespace cairn
