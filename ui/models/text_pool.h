// Texts kept once each, in one run of memory that can be searched from end to end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

class QString;

namespace cairn {

// Not thread-safe. Ids are given from 0; 0 is the empty text.
class TextPool {
public:
    TextPool();

    // Texts beyond the limit of the pool are not kept: their id is that of the empty text.
    std::uint32_t add(std::string_view text);
    [[nodiscard]] std::string_view text(std::uint32_t id) const;
    [[nodiscard]] std::size_t size() const { return m_entries.size(); }
    // Whether something was left out.
    [[nodiscard]] bool full() const { return m_full; }

    // One flag for each id: whether its text contains the word, in whatever case. `folded` is
    // foldedCase() of the word, and not empty.
    [[nodiscard]] std::vector<bool> containing(std::string_view folded) const;
    // Orders ids by text, in whatever case.
    [[nodiscard]] std::vector<std::uint32_t> ranks() const;

    [[nodiscard]] static std::string foldedCase(std::string_view text);

private:
    struct Entry {
        std::uint32_t offset = 0;   // Of the folded text in m_folded.
        std::uint32_t original = 0; // In m_original; kSame: equal to the folded one.
        std::uint16_t folded = 0;   // Lengths in bytes.
        std::uint16_t length = 0;
    };
    [[nodiscard]] std::string_view folded(const Entry& entry) const;
    [[nodiscard]] std::string_view text(const Entry& entry) const;
    [[nodiscard]] std::size_t slotOf(std::string_view text) const;
    void grow();

    std::string m_folded; // Each text ends with a NUL, so that no word is found across two.
    std::string m_original;
    std::vector<Entry> m_entries;
    std::vector<std::uint32_t> m_slots; // Ids plus 1 by hash; 0: empty. A power of two.
    bool m_full = false;
};

} // namespace cairn
