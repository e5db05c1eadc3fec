// Members in memory with a catalog on them, attached in any combination, as tests need them.
#pragma once

#include "core/catalog/catalog.h"
#include "core/catalog/region_database.h"
#include "tests/support/memory_io.h"
#include "tests/support/test_environment.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace cairn::test {

// The value, or the end of the test program with the error printed: for steps that are not what
// the test is about.
void requireNoError(const Error& error);
template<typename T>
T require(Result<T> result)
{
    if (!result)
        requireNoError(result.error());
    if constexpr (!std::is_void_v<T>)
        return *std::move(result);
}

// The code of a failure, as text that a failed comparison shows; "" for success.
template<typename T>
std::string codeOf(const Result<T>& result)
{
    return result ? std::string() : errorName(result.error().code);
}

class CatalogBench {
public:
    explicit CatalogBench(std::size_t members = 2, std::uint64_t managementBytes = 8 * kMiB);

    // Of all members, or of those named. Each call opens new descriptors.
    [[nodiscard]] std::vector<CatalogCopy> copies() const;
    [[nodiscard]] std::vector<CatalogCopy> copies(const std::vector<std::size_t>& which) const;

    [[nodiscard]] std::unique_ptr<Catalog> create() const;
    [[nodiscard]] std::unique_ptr<Catalog> write() const;
    [[nodiscard]] std::unique_ptr<Catalog> write(const std::vector<std::size_t>& which) const;
    [[nodiscard]] std::unique_ptr<Catalog> read() const;
    [[nodiscard]] std::unique_ptr<Catalog> read(const std::vector<std::size_t>& which) const;

    // A region of that name; the same name is the same region.
    [[nodiscard]] RegionRef region(const std::string& name) const;
    [[nodiscard]] NewGeneration backup(const std::string& source, const std::string& target,
                                       std::uint64_t sizeBytes = 3 * kMiB) const;
    // Begins a backup, journals digests for all of it, and completes it.
    GenerationNumber makeBackup(Catalog& catalog, const NewGeneration& wanted) const;
    // The digests that makeBackup() gives a segment.
    [[nodiscard]] static DigestSegment segment(std::uint64_t sizeBytes, std::uint64_t index);

    // Runs SQL on the copies, as a stranger with a hex editor and sqlite3 could.
    void tamper(const std::string& sql) const { tamper(copies(), sql); }
    void tamper(const std::vector<CatalogCopy>& open, const std::string& sql) const;

    // The number that a query gives on the first member.
    [[nodiscard]] std::int64_t ask(const std::string& sql) const;

    [[nodiscard]] std::vector<std::byte> bytesOf(std::size_t member) const;
    void setBytesOf(std::size_t member, const std::vector<std::byte>& bytes) const;

    // Two benches of one test are two computers, with two arrays.
    mutable TestEnvironment machine{nextSeed()};
    Environment environment;
    std::vector<std::shared_ptr<MemoryMedium>> media;
    std::vector<Uuid> members;
    Catalog::NewArrayRecord record;

private:
    [[nodiscard]] static std::uint64_t nextSeed();
};

} // namespace cairn::test
