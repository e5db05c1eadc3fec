// Tar archives byte by byte, also such as no tar would write.
#pragma once

#include "core/io/byte_stream.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::test {

struct TarEntry {
    std::string name;
    std::string content;
    char kind = '0'; // 1 hard link, 2 symbolic link, 5 directory, x pax header …
    std::string link = {};
    std::string sizeField = {}; // Instead of the content's size: 12 bytes as they are to stand.
    friend bool operator==(const TarEntry&, const TarEntry&) = default;
};

// POSIX.1-1988 (ustar); octal fields end in a NUL.
inline std::string tarHeader(const TarEntry& entry)
{
    std::string header(512, '\0');
    const auto put = [&](std::size_t at, std::string_view text, std::size_t most) {
        std::memcpy(header.data() + at, text.data(), std::min(text.size(), most));
    };
    const auto octal = [&](std::size_t at, unsigned long long value, int digits) {
        char text[16];
        std::snprintf(text, sizeof text, "%0*llo", digits, value);
        put(at, text, sizeof text);
    };
    put(0, entry.name, 100);
    octal(100, 0644, 7);
    octal(108, 0, 7);
    octal(116, 0, 7);
    octal(124, entry.content.size(), 11);
    if (!entry.sizeField.empty())
        put(124, entry.sizeField, 12);
    octal(136, 0, 11);
    header[156] = entry.kind;
    put(157, entry.link, 100);
    put(257, std::string_view("ustar\00000", 8), 8);
    put(148, "        ", 8);
    unsigned sum = 0;
    for (const char c : header)
        sum += static_cast<unsigned char>(c);
    octal(148, sum, 6);
    header[155] = ' ';
    return header;
}

inline std::string tarOf(const std::vector<TarEntry>& entries)
{
    std::string archive;
    for (const TarEntry& entry : entries) {
        archive += tarHeader(entry) + entry.content;
        archive.resize((archive.size() + 511) / 512 * 512, '\0');
    }
    return archive + std::string(1024, '\0');
}

// The entries of an archive of plain files with short names.
inline std::vector<TarEntry> entriesOf(const std::string& archive)
{
    std::vector<TarEntry> entries;
    for (std::size_t at = 0; at + 512 <= archive.size() && archive[at] != '\0';) {
        const std::size_t size = std::stoull(archive.substr(at + 124, 11), nullptr, 8);
        const std::string name = archive.substr(at, 100);
        entries.push_back({name.substr(0, name.find('\0')), archive.substr(at + 512, size)});
        at += 512 + (size + 511) / 512 * 512;
    }
    return entries;
}

// Gives the bytes in pieces of that size, as a pipe may.
inline ByteSource sourceOf(std::string bytes, std::size_t mostBytes = 65536)
{
    return [bytes = std::move(bytes), at = std::size_t{0},
            mostBytes](std::span<std::byte> into) mutable -> Result<std::size_t> {
        const std::size_t take = std::min({into.size(), mostBytes, bytes.size() - at});
        std::memcpy(into.data(), bytes.data() + at, take);
        at += take;
        return take;
    };
}

inline ByteSink sinkInto(std::string& bytes)
{
    return [&bytes](std::span<const std::byte> from) -> Result<void> {
        bytes.append(reinterpret_cast<const char*>(from.data()), from.size());
        return {};
    };
}

} // namespace cairn::test
