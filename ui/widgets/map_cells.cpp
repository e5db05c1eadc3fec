// Turns a snapshot into cells, and arranges them.
#include "ui/widgets/map_cells.h"

#include "ui/display_text.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>
#include <tuple>
#include <utility>

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
    bool writtenWhole = false; // What is half restored, but not read back.
    const Job* interrupted = nullptr;
    CopyPresence presence = CopyPresence::Present; // Of what it holds.
    QString absence;
    bool unrecorded = false; // It is marked as a backup, and the catalog knows of none.
    std::optional<std::int64_t> givenUpMs; // Of such a one: when the history that made it was.
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
        return known.givenUpMs ? tr("– given up") : tr("– no record");
    const Generation* held = known.held;
    if (held == nullptr)
        return contentDisplay(region.content);
    return (held->undo                               ? tr("%1 #%2, undo of %3")
            : isInDoubt(*held)                       ? tr("%1 #%2 of %3, in doubt")
            : held->state == GenerationState::Copied ? tr("%1 #%2 of %3, not verified")
                                                     : tr("%1 #%2 of %3"))
        .arg(shownState(known).symbol, number(held->number), regionDisplay(held->source));
}

QString summaryOf(const Region& region, const Known& known)
{
    // A backup need not fill its region.
    const bool backup = known.held != nullptr && known.halfRestored == nullptr;
    const QString size = sizeDisplay(backup ? known.held->sizeBytes : region.extent.lengthBytes);
    if (known.halfRestored != nullptr)
        return (known.writtenWhole ? tr("• not read back · %1")
                : known.halfRestored->reason == RefusalReason::HalfWritten
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
    if (tone == Tone::Warning || tone == Tone::Bad)
        return Tone::Warning;
    // The colour of a backup is that of one that was read back.
    if (known.held->state == GenerationState::Copying)
        return Tone::Warning;
    return known.held->state == GenerationState::Good ? Tone::Plain : Tone::Muted;
}

QString contentLine(const Region& region, const Known& known)
{
    if (region.role == RegionRole::Management)
        return tr("Management region: holds the catalog");
    if (known.halfRestored != nullptr && known.halfRestored->reason == RefusalReason::HalfWritten)
        return refusalDisplay(*known.halfRestored);
    if (known.writtenWhole)
        return tr("Written whole by %1, but not read back: whether it is right is not known")
            .arg(interruptedTitle(known.halfRestored->detail, known.halfRestored->amount));
    if (known.halfRestored != nullptr)
        return tr("Half restored: it holds neither its old content nor backup %1")
            .arg(number(known.halfRestored->amount));
    if (known.held != nullptr)
        return tr("%1, %2, %3")
            .arg(recordTitle(*known.held), shownState(known).word,
                 sizeDisplay(known.held->sizeBytes));
    if (known.givenUpMs)
        return givenUpDisplay(*known.givenUpMs);
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
            .labelPx = 0,
            .rect = {}};
}

Known knownOf(const ArraySnapshot& snapshot, const Region& region)
{
    const Generation* held = snapshot.heldBy(region.id);
    return {.held = held,
            .halfRestored = snapshot.halfRestored(region.id),
            .writtenWhole = snapshot.writtenWhole(region.id),
            .interrupted = snapshot.interruptedOn(region.id),
            .presence = held != nullptr ? snapshot.presenceOf(*held) : CopyPresence::Present,
            .absence = held != nullptr ? absenceDisplay(snapshot.layout, *held) : QString(),
            .unrecorded = snapshot.catalog && held == nullptr && region.role == RegionRole::Backup,
            .givenUpMs = held == nullptr ? snapshot.givenUpMs(region.id) : std::nullopt};
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
            .labelPx = 0,
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

// The width of a cell while it is found.
struct CellWidth {
    std::size_t place = 0; // In the row.
    std::uint64_t sizeBytes = 0;
    int labelPx = 0;
    int minimumPx = 0;
    int widthPx = 0;
};

// The smallest extent first, so that nothing becomes narrower than what is smaller.
std::vector<CellWidth> bySize(const MapRow& row, const MapMetrics& metrics)
{
    std::vector<CellWidth> widths;
    for (std::size_t place = 0; place < row.cells.size(); ++place) {
        const MapCell& cell = row.cells[place];
        widths.push_back({place, cell.extent.lengthBytes, cell.labelPx, 0, 0});
    }
    const auto isFree = [&](const CellWidth& each) {
        return row.cells[each.place].role == CellRole::Free;
    };
    std::ranges::sort(widths, {}, [&](const CellWidth& each) {
        return std::tuple(each.sizeBytes, isFree(each), each.place);
    });
    int minimumPx = metrics.minimumFreePx;
    for (CellWidth& each : widths) {
        if (!isFree(each))
            minimumPx = metrics.minimumCellPx;
        each.minimumPx = minimumPx;
    }
    return widths;
}

int minimumSum(const std::vector<CellWidth>& widths)
{
    int sum = 0;
    for (const CellWidth& each : widths)
        sum += each.minimumPx;
    return sum;
}

// Labels have what they need as long as three quarters of the row are enough for all cells but the
// largest: the rest is left to show proportions.
void makeRoomForLabels(std::vector<CellWidth>& widths, int roomPx, const MapMetrics& metrics)
{
    for (int mostPx = metrics.mostLabelPx; mostPx > metrics.minimumCellPx; --mostPx) {
        auto wider = widths;
        int narrowestPx = 0;
        for (CellWidth& each : wider) {
            narrowestPx = std::max({narrowestPx, each.minimumPx, std::min(each.labelPx, mostPx)});
            each.minimumPx = narrowestPx;
        }
        const int sumPx = minimumSum(wider);
        if (sumPx <= roomPx && sumPx - wider.back().minimumPx <= roomPx * 3 / 4) {
            widths = std::move(wider);
            return;
        }
    }
}

// By one scale for all, but for those that would be narrower than their minimum.
void shareOut(std::vector<CellWidth>& widths, int roomPx)
{
    double bytes = 0;
    for (const CellWidth& each : widths)
        bytes += static_cast<double>(each.sizeBytes);
    const auto widthAt = [](const CellWidth& each, double pxPerByte) {
        return std::max(each.minimumPx,
                        static_cast<int>(static_cast<double>(each.sizeBytes) * pxPerByte));
    };
    double low = 0;
    double high = bytes > 0 ? roomPx / bytes : 0;
    constexpr int kHalvings = 50;
    for (int times = 0; times < kHalvings; ++times) {
        const double middle = (low + high) / 2;
        int sumPx = 0;
        for (const CellWidth& each : widths)
            sumPx += widthAt(each, middle);
        (sumPx <= roomPx ? low : high) = middle;
    }
    int leftPx = roomPx;
    for (CellWidth& each : widths) {
        each.widthPx = widthAt(each, low);
        leftPx -= each.widthPx;
    }
    widths.back().widthPx += std::max(0, leftPx);
}

int minimumOf(const MapRow& row, const MapMetrics& metrics)
{
    return minimumSum(bySize(row, metrics)) +
           static_cast<int>(row.cells.size()) * metrics.cellGapPx;
}

void arrangeCells(MapRow& row, QRect band, const MapMetrics& metrics)
{
    const int gapsPx = (static_cast<int>(row.cells.size()) - 1) * metrics.cellGapPx;
    std::vector<CellWidth> widths = bySize(row, metrics);
    makeRoomForLabels(widths, band.width() - gapsPx, metrics);
    shareOut(widths, band.width() - gapsPx);
    std::ranges::sort(widths, {}, &CellWidth::place);
    int left = band.left();
    for (const CellWidth& each : widths) {
        row.cells[each.place].rect = QRect(left, band.top(), each.widthPx, band.height());
        left += each.widthPx + metrics.cellGapPx;
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
