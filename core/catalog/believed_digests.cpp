// What the target of a second backup is believed to hold: the digests of the one that it replaces.
#include "core/catalog/stored_catalog.h"

#include <optional>

namespace cairn {
namespace {

// But for the chunks that are known as damaged.
class BelievedDigests final : public DigestSource {
public:
    BelievedDigests(StoredCatalog& catalog, GenerationNumber number, ChunkMap damaged)
        : m_catalog(catalog), m_number(number), m_damaged(std::move(damaged))
    {}
    Result<std::vector<Digest>> segment(std::uint64_t index) override
    {
        auto digests = CAIRN_TRY(m_catalog.digestSegment(m_number, index));
        for (std::size_t i = 0; i < digests.size(); ++i) {
            if (m_damaged.contains(index * kChunksPerSegment + i))
                digests[i] = {};
        }
        return digests;
    }

private:
    StoredCatalog& m_catalog;
    GenerationNumber m_number;
    ChunkMap m_damaged;
};

} // namespace

// Of each chunk it was seen once that the target holds it, or it is known as damaged. One that is
// Partial for its source's sake may not have been read back. What is left of a clone may be shared
// with its source still, and a copy has bytes of its own.
bool StoredCatalog::isBelievable(const Generation& generation)
{
    const bool wasReadBack = generation.state == GenerationState::Good ||
                             (generation.state == GenerationState::Partial &&
                              (generation.unreadable.empty() || generation.verifiedMs != 0));
    return wasReadBack && !generation.undo && generation.consistency != Consistency::Cloned;
}

// What a copy replaces is the newest before it in its target; the history may be long.
Result<std::optional<Generation>> StoredCatalog::findBelieved(const RegionId& target,
                                                              GenerationNumber by)
{
    RegionDatabase& database = *m_parts.database;
    auto statement = CAIRN_TRY(Statement::prepare(
        database,
        "SELECT coalesce(max((SELECT max(number) FROM generation WHERE target = region.id AND"
        " number < ?)), 0) FROM region WHERE uuid = ?",
        by, target.uuid));
    const auto number = CAIRN_TRY(firstNumber(statement, "generation")).value_or(0);
    if (number == 0)
        return std::optional<Generation>();
    auto replaced = CAIRN_TRY(readGeneration(database, number));
    if (replaced.state != GenerationState::Superseded || replaced.supersededBy != by)
        return std::optional<Generation>();
    return std::optional(std::move(replaced));
}

Result<void> StoredCatalog::dropBelieved(const Generation& generation)
{
    const auto believed = CAIRN_TRY(findBelieved(generation.target.id, generation.number));
    return believed ? deleteDigests(*m_parts.database, believed->number) : Result<void>();
}

Result<std::unique_ptr<DigestSource>> StoredCatalog::believedDigests(std::uint64_t jobId)
{
    return read([&]() -> Result<std::unique_ptr<DigestSource>> {
        RegionDatabase& database = *m_parts.database;
        const auto stored = CAIRN_TRY(readJob(database, jobId));
        auto believed = CAIRN_TRY(findBelieved(stored.job.target.id, stored.job.generation));
        if (!believed || stored.job.kind != JobKind::Backup ||
            CAIRN_TRY(countSegments(database, believed->number)) == 0)
            return nullptr;
        return std::make_unique<BelievedDigests>(*this, believed->number,
                                                 std::move(believed->damaged));
    });
}

} // namespace cairn
