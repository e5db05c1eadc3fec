// Interns, folds and searches texts.
#include "ui/models/text_pool.h"

#include <QString>
#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>

namespace cairn {
namespace {

constexpr std::uint32_t kSame = UINT32_MAX;
constexpr std::size_t kMostTextBytes = 2048; // 240 characters, folded, are fewer.
// A stranger's catalog must not fill the memory with its notes.
constexpr std::size_t kPoolLimitBytes = std::size_t{96} * 1024 * 1024;
constexpr std::size_t kFirstSlots = 256;

bool isPlainLower(std::string_view text)
{
    return std::ranges::all_of(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x80 && (c < 'A' || c > 'Z'); });
}

} // namespace

TextPool::TextPool() : m_slots(kFirstSlots, 0)
{
    add({});
}

std::string TextPool::foldedCase(std::string_view text)
{
    if (isPlainLower(text))
        return std::string(text);
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()))
        .toCaseFolded()
        .toStdString();
}

std::string_view TextPool::folded(const Entry& entry) const
{
    return std::string_view(m_folded).substr(entry.offset, entry.folded);
}

std::string_view TextPool::text(const Entry& entry) const
{
    return entry.original == kSame
               ? folded(entry)
               : std::string_view(m_original).substr(entry.original, entry.length);
}

std::string_view TextPool::text(std::uint32_t id) const
{
    return text(m_entries.at(id));
}

std::size_t TextPool::slotOf(std::string_view wanted) const
{
    const std::size_t mask = m_slots.size() - 1;
    std::size_t slot = std::hash<std::string_view>()(wanted) & mask;
    while (m_slots[slot] != 0 && text(m_entries[m_slots[slot] - 1]) != wanted)
        slot = (slot + 1) & mask;
    return slot;
}

void TextPool::grow()
{
    m_slots.assign(m_slots.size() * 2, 0);
    for (std::size_t id = 0; id < m_entries.size(); ++id)
        m_slots[slotOf(text(m_entries[id]))] = static_cast<std::uint32_t>(id + 1);
}

std::uint32_t TextPool::add(std::string_view wanted)
{
    wanted = wanted.substr(0, kMostTextBytes);
    const std::size_t slot = slotOf(wanted);
    if (m_slots[slot] != 0)
        return m_slots[slot] - 1;
    const std::string lower = foldedCase(wanted).substr(0, kMostTextBytes);
    const bool same = lower == wanted;
    if (m_folded.size() + m_original.size() + lower.size() + wanted.size() > kPoolLimitBytes) {
        m_full = true;
        return 0;
    }
    Entry entry{.offset = static_cast<std::uint32_t>(m_folded.size()),
                .original = same ? kSame : static_cast<std::uint32_t>(m_original.size()),
                .folded = static_cast<std::uint16_t>(lower.size()),
                .length = static_cast<std::uint16_t>(wanted.size())};
    m_folded += lower;
    m_folded += '\0';
    if (!same)
        m_original += wanted;
    m_entries.push_back(entry);
    m_slots[slot] = static_cast<std::uint32_t>(m_entries.size());
    if (m_entries.size() * 2 > m_slots.size())
        grow();
    return static_cast<std::uint32_t>(m_entries.size() - 1);
}

std::vector<bool> TextPool::containing(std::string_view word) const
{
    std::vector<bool> found(m_entries.size(), false);
    const char* const begin = m_folded.data();
    const char* const end = begin + m_folded.size();
    const char* at = begin;
    // Entries lie in the order of their ids: one walk through both.
    std::size_t id = 0;
    while (at < end) {
        const void* hit = memmem(at, static_cast<std::size_t>(end - at), word.data(), word.size());
        if (hit == nullptr)
            break;
        const auto offset = static_cast<std::size_t>(static_cast<const char*>(hit) - begin);
        while (id + 1 < m_entries.size() && m_entries[id + 1].offset <= offset)
            ++id;
        found[id] = true;
        at = begin + m_entries[id].offset + m_entries[id].folded + 1; // The next text.
    }
    return found;
}

std::vector<std::uint32_t> TextPool::ranks() const
{
    std::vector<std::uint32_t> order(m_entries.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, {}, [this](std::uint32_t id) { return folded(m_entries[id]); });
    std::vector<std::uint32_t> ranks(order.size());
    for (std::size_t place = 0; place < order.size(); ++place)
        ranks[order[place]] = static_cast<std::uint32_t>(place);
    return ranks;
}

} // namespace cairn
