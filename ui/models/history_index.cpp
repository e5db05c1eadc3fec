// Fills and changes the columns.
#include "ui/models/history_index.h"

#include "core/base/error.h"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::uint32_t kNoSource = UINT32_MAX;
// 44 bytes a row: what a stranger's catalog may take of the memory is bounded.
constexpr std::size_t kMostRows = 2'000'000;

} // namespace

std::uint32_t HistoryIndex::regionNumber(RegionKey key, const HistoryPage& page)
{
    if (const auto known = m_regionNumbers.find(key); known != m_regionNumbers.end())
        return known->second;
    const auto found = page.regions.find(key);
    CAIRN_ASSERT(found != page.regions.end());
    const auto made = static_cast<std::uint32_t>(m_regions.size());
    m_regions.push_back(found->second);
    m_names.push_back(m_texts.add(found->second.name));
    m_sourceNumbers.push_back(kNoSource);
    m_regionNumbers.emplace(key, made);
    return made;
}

void HistoryIndex::noteSource(std::uint32_t region)
{
    if (m_sourceNumbers[region] != kNoSource)
        return;
    const RegionRef& source = m_regions[region];
    const auto known = std::ranges::find(m_sourceList, source.id, &RegionRef::id);
    m_sourceNumbers[region] = static_cast<std::uint32_t>(known - m_sourceList.begin());
    if (known == m_sourceList.end())
        m_sourceList.push_back(source);
}

void HistoryIndex::set(Row row, const GenerationBrief& brief, const HistoryPage& page)
{
    m_numbers[row] = brief.number;
    m_started[row] = brief.startedMs;
    m_sizes[row] = brief.sizeBytes;
    m_sources[row] = regionNumber(brief.source, page);
    m_targets[row] = regionNumber(brief.target, page);
    m_labels[row] = m_texts.add(brief.label);
    m_notes[row] = m_texts.add(brief.note);
    m_states[row] = brief.state;
    const bool undone = brief.undo && brief.undo->undone;
    m_flags[row] = static_cast<std::uint8_t>(
        (brief.held ? kHeld : 0) | (brief.recovered ? kRecovered : 0) | (brief.undo ? kUndo : 0) |
        (undone ? kUndone : 0) | (brief.inconsistent ? kInconsistent : 0));
    if (brief.undo)
        noteRestored(row, brief.undo->restored);
    noteSource(m_sources[row]);
}

void HistoryIndex::noteRestored(Row row, GenerationNumber restored)
{
    const auto place =
        std::ranges::lower_bound(m_restored, row, {}, &decltype(m_restored)::value_type::first);
    if (place != m_restored.end() && place->first == row)
        place->second = restored;
    else
        m_restored.emplace(place, row, restored);
}

std::optional<UndoBrief> HistoryIndex::undo(Row row) const
{
    if (!isUndo(row))
        return std::nullopt;
    const auto place =
        std::ranges::lower_bound(m_restored, row, {}, &decltype(m_restored)::value_type::first);
    CAIRN_ASSERT(place != m_restored.end() && place->first == row);
    return UndoBrief{place->second, (m_flags[row] & kUndone) != 0};
}

bool HistoryIndex::push(const GenerationBrief& brief, const HistoryPage& page)
{
    if (size() == kMostRows) {
        m_truncated = true;
        return false;
    }
    const auto row = static_cast<Row>(size());
    m_numbers.emplace_back();
    m_started.emplace_back();
    m_sizes.emplace_back();
    m_sources.emplace_back();
    m_targets.emplace_back();
    m_labels.emplace_back();
    m_notes.emplace_back();
    m_states.emplace_back();
    m_flags.emplace_back();
    set(row, brief, page);
    return true;
}

void HistoryIndex::append(const HistoryPage& page)
{
    for (const GenerationBrief& brief : page.rows) {
        CAIRN_ASSERT(m_newestFirst.empty() || brief.number < number(m_newestFirst.back()));
        if (!push(brief, page))
            return;
        m_newestFirst.push_back(static_cast<Row>(size() - 1));
    }
}

std::optional<HistoryIndex::Row> HistoryIndex::rowOf(GenerationNumber wanted) const
{
    const auto found = std::ranges::lower_bound(m_newestFirst, wanted, std::ranges::greater(),
                                                [this](Row row) { return number(row); });
    if (found == m_newestFirst.end() || number(*found) != wanted)
        return std::nullopt;
    return *found;
}

HistoryIndex::Changes HistoryIndex::apply(const HistoryPage& page)
{
    Changes changes;
    std::vector<const GenerationBrief*> oldestFirst;
    for (const GenerationBrief& brief : page.rows)
        oldestFirst.push_back(&brief);
    std::ranges::sort(oldestFirst, {}, &GenerationBrief::number);
    for (const GenerationBrief* brief : oldestFirst) {
        if (const auto row = rowOf(brief->number)) {
            set(*row, *brief, page);
            changes.changed.push_back(*row);
            continue;
        }
        // Older ones that are not known yet come with the page that they belong to.
        const bool newest = m_newestFirst.empty() || brief->number > number(m_newestFirst.front());
        if (!newest || !push(*brief, page))
            continue;
        const auto row = static_cast<Row>(size() - 1);
        m_newestFirst.push_back(row);
        std::rotate(m_newestFirst.begin(), m_newestFirst.end() - 1, m_newestFirst.end());
        m_sourceList[sourceNumber(row)].name = source(row).name;
        changes.added.push_back(row);
    }
    return changes;
}

} // namespace cairn
