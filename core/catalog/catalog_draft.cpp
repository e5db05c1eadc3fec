// Begins a catalog in memory as the successor of damaged ones, and puts it in their place.
#include "core/catalog/catalog_draft.h"

#include "core/catalog/move_database.h"
#include "core/catalog/region_attach.h"
#include "core/catalog/region_journal.h"
#include "core/catalog/stored_catalog.h"
#include "core/io/scratch_io.h"

#include <algorithm>

namespace cairn {

struct CatalogDraft::Found {
    Uuid member;
    std::optional<CommitLink> head; // Of what can be read.
    std::uint64_t epoch = 0;        // Of its journal, where that can be told.

    friend bool operator==(const Found& a, const Found& b)
    {
        return a.member == b.member && a.head.has_value() == b.head.has_value() &&
               (!a.head || a.head->sameCommit(*b.head));
    }
};

namespace {

std::uint64_t epochOf(RegionIo& io, const Uuid& arrayId)
{
    const auto attached = attachCopy(io, arrayId);
    if (!attached)
        return 0;
    RegionCopies alone({attached->copy}, arrayId);
    return RegionJournal(alone, false).newestEpoch().value_or(0);
}

// Every page that is written is newer than all that lie in the copies, so that none of those can
// ever be taken for the newer one of two.
Result<void> continueEpoch(RegionIo& scratch, const Uuid& arrayId, std::uint64_t epoch)
{
    const AttachedCopy attached = CAIRN_TRY(attachCopy(scratch, arrayId));
    RegionCopies alone({attached.copy}, arrayId);
    return RegionJournal(alone, false).reset(epoch);
}

Result<std::unique_ptr<StoredCatalog>> createInMemory(std::uint64_t sizeBytes,
                                                      const Catalog::NewArrayRecord& array,
                                                      std::uint64_t epoch, const CommitLink& before,
                                                      const Environment& environment)
{
    StoredCatalog::Parts parts{.environment = environment, .copies = {}};
    auto scratch = std::make_unique<ScratchIo>(sizeBytes);
    CAIRN_TRY(formatManagementRegion(*scratch, {.arrayId = array.arrayId, .memberId = {}}));
    CAIRN_TRY(continueEpoch(*scratch, array.arrayId, epoch));
    parts.database =
        CAIRN_TRY(RegionDatabase::open({scratch.get()}, {DatabaseMode::Live, array.arrayId, true}));
    parts.copies.push_back(
        CatalogCopy{.member = {}, .memberName = scratch->name(), .io = std::move(scratch)});
    parts.live = {0};
    parts.states.push_back({{}, "memory", CatalogCopyState::Current, 0, {}});
    parts.arrayId = array.arrayId;
    parts.head = before;
    parts.writable = true;
    auto catalog = std::make_unique<StoredCatalog>(std::move(parts));
    CAIRN_TRY(catalog->createContent(array));
    return catalog;
}

} // namespace

CatalogDraft::CatalogDraft(std::unique_ptr<StoredCatalog> catalog, std::vector<Found> found)
    : m_catalog(std::move(catalog)), m_found(std::move(found))
{}

CatalogDraft::CatalogDraft(CatalogDraft&&) noexcept = default;

CatalogDraft::~CatalogDraft() = default;

Catalog& CatalogDraft::catalog()
{
    return *m_catalog;
}

Result<std::vector<CatalogDraft::Found>>
CatalogDraft::inspect(const std::vector<CatalogCopy>& copies, const Uuid& arrayId)
{
    std::vector<Found> found;
    const auto mirror = inspectMirror(copies);
    if (!mirror && mirror.error().code == ErrorCode::FormatNewer)
        return std::unexpected(mirror.error());
    if (mirror && mirror->diverged())
        return failure(ErrorCode::HistoriesDiverged);
    for (std::size_t i = 0; i < copies.size(); ++i) {
        Found& one = found.emplace_back();
        one.member = copies[i].member;
        const bool readable =
            mirror && mirror->arrayId == arrayId && mirror->copies[i].database != nullptr;
        if (readable && mirror->copies[i].newer)
            return failure(ErrorCode::FormatNewer, copies[i].memberName);
        if (readable)
            one.head = mirror->copies[i].head;
        one.epoch = epochOf(*copies[i].io, arrayId);
    }
    return found;
}

Result<CatalogDraft> CatalogDraft::begin(const std::vector<CatalogCopy>& copies,
                                         const Catalog::NewArrayRecord& array,
                                         const Environment& environment)
{
    return catchOutOfMemory([&]() -> Result<CatalogDraft> {
        CAIRN_ASSERT(!copies.empty());
        auto found = CAIRN_TRY(inspect(copies, array.arrayId));
        std::uint64_t sizeBytes = UINT64_MAX; // No more than each can take over.
        for (const CatalogCopy& copy : copies)
            sizeBytes = std::min(sizeBytes, copy.io->sizeBytes());
        CommitLink before;
        std::uint64_t epoch = 0;
        std::vector<StoredCatalog::Ancestor> ancestors;
        for (const Found& one : found) {
            epoch = std::max(epoch, one.epoch);
            if (one.head && one.head->id > before.id)
                before = *one.head;
            if (one.head)
                ancestors.push_back({one.member, *one.head});
        }
        auto catalog = CAIRN_TRY(createInMemory(sizeBytes, array, epoch, before, environment));
        CAIRN_TRY(catalog->recordAncestors(ancestors));
        return CatalogDraft(std::move(catalog), std::move(found));
    });
}

Result<void> CatalogDraft::writeTo(const std::vector<CatalogCopy>& copies)
{
    StoredCatalog::Parts& parts = m_catalog->parts();
    RegionIo& draft = *parts.copies.front().io;
    parts.database.reset(); // Closed, it is whole without its journal.
    for (const CatalogCopy& copy : copies) {
        if (CAIRN_TRY(installBeside(draft, *copy.io, parts.arrayId)))
            return {};
    }
    // No room: where nothing can be read anyway, or else in the last, for reading begins with the
    // first.
    std::size_t chosen = copies.size() - 1;
    for (std::size_t i = 0; i < copies.size(); ++i) {
        if (!m_found[i].head)
            chosen = i;
    }
    RegionIo& replaced = *copies[chosen].io;
    if (!attachCopy(replaced, parts.arrayId))
        CAIRN_TRY(formatManagementRegion(
            replaced, {.arrayId = parts.arrayId, .memberId = copies[chosen].member}));
    CAIRN_TRY(repairCopy(draft, replaced, parts.arrayId));
    return {};
}

Result<std::unique_ptr<Catalog>> CatalogDraft::install(std::vector<CatalogCopy> copies)
{
    return catchOutOfMemory([&]() -> Result<std::unique_ptr<Catalog>> {
        const Environment environment = m_catalog->parts().environment;
        const Uuid arrayId = m_catalog->parts().arrayId;
        {
            const auto locks = CAIRN_TRY(WriterLocks::take(copies, environment.clock));
            if (CAIRN_TRY(inspect(copies, arrayId)) != m_found)
                return failure(ErrorCode::ArrayBusy, copies.front().memberName);
            for (const CatalogCopy& copy : copies) {
                const auto super = readSuperBlock(*copy.io);
                const std::string why = super ? whyOfAnotherDisk(*super, copy.member) : "";
                if (super && (!why.empty() || super->arrayId != arrayId))
                    return failure(ErrorCode::ForeignMember, copy.memberName,
                                   why.empty() ? "of array " + super->arrayId.toString() : why);
            }
            CAIRN_TRY(writeTo(copies));
        }
        return Catalog::openForWriting(std::move(copies), environment);
    });
}

} // namespace cairn
