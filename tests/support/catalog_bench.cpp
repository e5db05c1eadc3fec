// Builds catalogs on members in memory.
#include "tests/support/catalog_bench.h"

#include "core/catalog/management_region.h"

#include <algorithm>
#include <numeric>

#include <sqlite3.h>

namespace cairn::test {

void requireNoError(const Error& error)
{
    std::fprintf(stderr, "unexpected %s: %s %s (errno %d, amount %llu)\n", errorName(error.code),
                 error.subject.c_str(), error.detail.c_str(), error.osError,
                 static_cast<unsigned long long>(error.amount));
    std::abort();
}

std::uint64_t CatalogBench::nextSeed()
{
    static std::uint64_t benches = 0;
    return testSeed() + benches++;
}

CatalogBench::CatalogBench(std::size_t memberCount, std::uint64_t managementBytes)
    : environment(machine.environment())
{
    record.arrayId = Uuid::random(machine.random);
    record.label = "test array";
    for (std::size_t i = 0; i < memberCount; ++i) {
        media.push_back(std::make_shared<MemoryMedium>(managementBytes));
        members.push_back(Uuid::random(machine.random));
        record.members.push_back(KnownMember{.id = members.back(),
                                             .location = "member " + std::to_string(i),
                                             .model = "memory",
                                             .sizeBytes = managementBytes,
                                             .holdsCatalog = true});
    }
}

std::vector<CatalogCopy> CatalogBench::copies(const std::vector<std::size_t>& which) const
{
    std::vector<CatalogCopy> result;
    for (const std::size_t index : which)
        result.push_back({members[index], "member " + std::to_string(index),
                          std::make_unique<MemoryIo>(media[index])});
    return result;
}

std::vector<CatalogCopy> CatalogBench::copies() const
{
    std::vector<std::size_t> all(media.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return copies(all);
}

std::unique_ptr<Catalog> CatalogBench::create() const
{
    return require(Catalog::create(copies(), record, environment));
}

std::unique_ptr<Catalog> CatalogBench::write() const
{
    return require(Catalog::openForWriting(copies(), environment));
}

std::unique_ptr<Catalog> CatalogBench::write(const std::vector<std::size_t>& which) const
{
    return require(Catalog::openForWriting(copies(which), environment));
}

std::unique_ptr<Catalog> CatalogBench::read() const
{
    return require(Catalog::openForReading(copies(), environment));
}

std::unique_ptr<Catalog> CatalogBench::read(const std::vector<std::size_t>& which) const
{
    return require(Catalog::openForReading(copies(which), environment));
}

RegionRef CatalogBench::region(const std::string& name) const
{
    RegionRef result{{}, name, members.front()};
    const Digest digest = digestOf(std::as_bytes(std::span(name)));
    std::ranges::copy(digest.bytes,
                      std::as_writable_bytes(std::span(result.id.uuid.bytes)).begin());
    return result;
}

NewGeneration CatalogBench::backup(const std::string& source, const std::string& target,
                                   std::uint64_t sizeBytes) const
{
    NewGeneration wanted;
    wanted.source = region(source);
    wanted.target = region(target);
    wanted.sizeBytes = sizeBytes;
    return wanted;
}

DigestSegment CatalogBench::segment(std::uint64_t sizeBytes, std::uint64_t index)
{
    DigestSegment result{index, {}};
    const std::uint64_t first = index * kChunksPerSegment;
    const std::uint64_t end = std::min(chunkCount(sizeBytes), first + kChunksPerSegment);
    for (std::uint64_t chunk = first; chunk < end; ++chunk)
        result.digests.push_back(digestOf(std::as_bytes(std::span(&chunk, 1))));
    return result;
}

GenerationNumber CatalogBench::makeBackup(Catalog& catalog, const NewGeneration& wanted) const
{
    const GenerationNumber number = require(catalog.begin(wanted));
    const auto jobs = require(catalog.jobs());
    const auto job = std::ranges::find(jobs, number, &Job::generation);
    const auto journal = require(catalog.journal(job->id));
    ChunkMap done;
    std::vector<DigestSegment> segments;
    for (std::uint64_t chunk = 0; chunk < chunkCount(wanted.sizeBytes); ++chunk) {
        done.add(chunk);
        if (chunk % kChunksPerSegment == 0)
            segments.push_back(segment(wanted.sizeBytes, chunk / kChunksPerSegment));
    }
    require(journal->record(done, segments));
    CopyOutcome outcome;
    outcome.copiedBytes = wanted.sizeBytes;
    outcome.writtenBytes = wanted.sizeBytes;
    outcome.content = digestOf({});
    require(catalog.complete(number, outcome));
    return number;
}

void CatalogBench::tamper(const std::vector<CatalogCopy>& open, const std::string& sql) const
{
    std::vector<RegionIo*> regions;
    for (const CatalogCopy& copy : open)
        regions.push_back(copy.io.get());
    const auto database =
        require(RegionDatabase::open(regions, {DatabaseMode::Live, record.arrayId, false}));
    char* message = nullptr;
    if (sqlite3_exec(database->connection(), sql.c_str(), nullptr, nullptr, &message) !=
        SQLITE_OK) {
        std::fprintf(stderr, "%s: %s\n", sql.c_str(), message);
        std::abort();
    }
}

std::int64_t CatalogBench::ask(const std::string& sql) const
{
    MemoryIo io(media.front());
    const auto database =
        require(RegionDatabase::open({&io}, {DatabaseMode::Private, record.arrayId, false}));
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database->connection(), sql.c_str(), -1, &statement, nullptr) !=
            SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        requireNoError({ErrorCode::InvalidArgument, 0, sql, {}, 0});
    const std::int64_t answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return answer;
}

std::vector<std::byte> CatalogBench::bytesOf(std::size_t member) const
{
    return MemoryIo(media[member]).content();
}

void CatalogBench::setBytesOf(std::size_t member, const std::vector<std::byte>& bytes) const
{
    MemoryIo(media[member]).fill(0, bytes);
}

} // namespace cairn::test
