// Attaches the copies of a database: checks their super blocks and rolls each back on its own.
#include "core/catalog/region_database.h"

#include "core/catalog/region_attach.h"
#include "core/catalog/region_connection.h"

#include <tuple>

namespace cairn {
namespace {

Result<StoredCopy> attach(RegionIo& io, const RegionDatabase::Options& options)
{
    const AttachedCopy attached = CAIRN_TRY(attachCopy(io, options.arrayId));
    if (attached.super.repairing)
        return failure(ErrorCode::CatalogDamaged, io.name(), "repair interrupted");
    // What a process that died at a failed flush left in the cache need not be on the medium.
    if (options.mode == DatabaseMode::Live)
        std::ignore = io.dropCache({0, attached.super.regionBytes});
    return attached.copy;
}

// Whether the other copies may go on without the one that failed so.
bool mayGoWithout(const Error& error)
{
    return error.code == ErrorCode::CatalogDamaged || error.code == ErrorCode::ReadFailed ||
           error.code == ErrorCode::WriteFailed || error.code == ErrorCode::FlushFailed ||
           error.code == ErrorCode::NoSpace || error.code == ErrorCode::MemberFailed;
}

// Rolled back by its own journal, if it has one that is hot. Otherwise not looked into: a damaged
// page must not cost the whole copy, for the others repair it.
Result<StoredCopy> attachRecovered(RegionIo& io, const RegionDatabase::Options& options)
{
    const StoredCopy copy = CAIRN_TRY(attach(io, options));
    RegionCopies alone({copy}, options.arrayId);
    RegionJournal journal(alone, false);
    const JournalHeader header = CAIRN_TRY(journal.firstHeader());
    if (header.live)
        std::ignore = CAIRN_TRY(RegionConnection::open({copy}, options, true));
    return copy;
}

Result<std::vector<StoredCopy>> attachAll(const std::vector<RegionIo*>& regions,
                                          const RegionDatabase::Options& options)
{
    if (regions.size() == 1)
        return std::vector{CAIRN_TRY(attach(*regions.front(), options))};
    std::vector<StoredCopy> copies;
    std::size_t failed = 0;
    for (RegionIo* io : regions) {
        auto copy = attachRecovered(*io, options);
        if (!copy && (!mayGoWithout(copy.error()) || ++failed == regions.size()))
            return std::unexpected(std::move(copy).error());
        copies.push_back(copy ? *copy : StoredCopy{io, {}, true, copy.error()});
    }
    return copies;
}

} // namespace

Result<std::unique_ptr<RegionDatabase>> RegionDatabase::open(std::vector<RegionIo*> copies,
                                                             const Options& options)
{
    CAIRN_ASSERT(!copies.empty());
    CAIRN_ASSERT(options.mode == DatabaseMode::Live || copies.size() == 1);
    return catchOutOfMemory([&]() -> Result<std::unique_ptr<RegionDatabase>> {
        auto attached = CAIRN_TRY(attachAll(copies, options));
        return CAIRN_TRY(RegionConnection::open(std::move(attached), options, false));
    });
}

} // namespace cairn
