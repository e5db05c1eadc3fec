// An attached array with its catalog: what every verb works on.
#pragma once

#include "core/array/array.h"
#include "core/array/open_array.h"
#include "core/backup/settle_swaps.h"
#include "core/base/environment.h"
#include "core/base/error.h"
#include "core/catalog/catalog.h"
#include "core/catalog/catalog_draft.h"
#include "core/catalog/writer_lease.h"

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cairn {

// How the detail ends where a path leads to no member, and none is known to have been there.
inline constexpr const char* kNoMemberSeen = "no member of the array was seen there";

// Safe to use from any thread. Attaching writes nothing.
class Attachment {
public:
    // Opens the members and reads the catalog. An array without a readable catalog attaches too,
    // where its table can be read: catalogProblem() tells why, and every verb that needs the
    // catalog returns that error.
    [[nodiscard]] static Result<std::unique_ptr<Attachment>>
    attach(const std::vector<std::string>& uris, const Environment& environment);

    // The same for an array that is open already.
    [[nodiscard]] static std::unique_ptr<Attachment> attach(std::unique_ptr<Array> array,
                                                            const Environment& environment);

    struct Creation {
        NewArray array;
        std::string label;
        bool adopt = false;
    };
    // Creates or adopts, with an empty catalog, and ends writing again.
    [[nodiscard]] static Result<std::unique_ptr<Attachment>> create(const Creation& wanted,
                                                                    const Environment& environment);

    ~Attachment();
    Attachment(const Attachment&) = delete;
    Attachment& operator=(const Attachment&) = delete;

    [[nodiscard]] Array& array() { return *m_array; }
    [[nodiscard]] const Environment& environment() const { return m_environment; }

    // The layout, with the catalog's known but absent members added as Missing, and with what is
    // attached without being one of its members as Foreign. Where histories are apart, nobody can
    // say which members are the array's.
    [[nodiscard]] ArrayLayout layout();
    // The same with those members that are given as known.
    [[nodiscard]] ArrayLayout layoutWith(const std::vector<KnownMember>& known);

    // The catalog to read from; replaced at each beginning and end of writing, so it is held only
    // for the length of one verb: the array's writer locks are given back only when the last
    // holder of a writing catalog is gone. catalogProblem() as error where there is none.
    [[nodiscard]] Result<std::shared_ptr<Catalog>> catalog();
    [[nodiscard]] std::optional<Error> catalogProblem();

    // The copies of the catalog that were attached at the last writing and could not be repaired
    // or written, each with the error; told when the last verb that writes has ended. A copy that
    // was made while the catalog was open for writing is none of those written: ArrayBusy.
    [[nodiscard]] std::vector<CatalogCopyStatus> unwrittenCopies();

    // The swaps that were open when this process last took the right to write.
    [[nodiscard]] std::vector<FoundSwap> foundSwaps()
    {
        const std::scoped_lock lock(m_mutex);
        return m_foundSwaps;
    }

    // Reads table, content, use and catalog again.
    [[nodiscard]] Result<void> refresh();

    // Has the array read and write regions as the writing catalog says that they are sealed; for a
    // verb that has changed that.
    [[nodiscard]] Result<void> followSeals();

    // Begins a catalog in memory that rewriteCatalog() can put in the place of one that is damaged.
    [[nodiscard]] Result<CatalogDraft> draftCatalog(const Catalog::NewArrayRecord& record);

    // Opens every management region for writing and has `make` write a catalog of that array
    // there, for one whose catalog cannot be opened for writing as it is. ArrayBusy while a verb
    // writes.
    using CatalogMaker =
        std::function<Result<std::unique_ptr<Catalog>>(std::vector<CatalogCopy> copies)>;
    [[nodiscard]] Result<void> rewriteCatalog(const CatalogMaker& make,
                                              const LeaseSubject& subject);

    // What the operator says of another host's writer lease, to each verb that begins to write.
    void setLeaseTerms(LeaseTerms terms);
    // Another host's that stood there when the catalog was read last, and is not to be taken over;
    // whether it writes was not watched.
    [[nodiscard]] std::optional<LeaseBlock> leaseHolder();

    // Whether the job's writer is gone: neither a verb of this process nor another process.
    [[nodiscard]] bool isInterrupted(const Job& job);

    // Whether a verb of this process writes the region now.
    [[nodiscard]] bool isBeingWritten(const RegionId& region);

private:
    friend class WriteAccess;
    friend class RegionClaim;
    struct Writing;
    Attachment(std::unique_ptr<Array> array, const Environment& environment);
    [[nodiscard]] Result<std::vector<CatalogCopy>> openCopies(Access access);
    [[nodiscard]] Result<std::shared_ptr<WriterLease>> takeLease(const LeaseSubject& subject);
    void readCatalog();
    [[nodiscard]] std::vector<Member> strangers(Catalog& catalog) const;
    [[nodiscard]] Result<void> requireNoStranger(Catalog* catalog) const;
    [[nodiscard]] std::shared_ptr<Writing> currentWriting();
    struct Begun {
        std::shared_ptr<Catalog> catalog;
        std::vector<std::unique_ptr<RegionIo>> claims;
    };
    [[nodiscard]] Result<Begun> beginWriting(const std::vector<RegionId>& targets);
    [[nodiscard]] Result<std::vector<std::unique_ptr<RegionIo>>>
    claimTargets(const std::vector<RegionId>& targets);
    void endWriting();
    void awaitReaders();

    std::unique_ptr<Array> m_array;
    Environment m_environment;
    std::mutex m_mutex; // Guards all below.
    std::shared_ptr<Catalog> m_catalog;
    std::optional<Error> m_problem;
    std::vector<CatalogCopyStatus> m_unwritten;
    std::vector<FoundSwap> m_foundSwaps;
    LeaseTerms m_leaseTerms;
    std::optional<LeaseBlock> m_leaseHolder;
    std::map<Uuid, std::string> m_copied;    // Disks with a catalog of another: which.
    std::weak_ptr<Writing> m_writing;        // Lives as long as anybody holds its catalog.
    std::shared_future<void> m_writingEnded; // Of the last m_writing: its locks are given back.
    unsigned m_writers = 0;                  // Verbs of this process that write now.
    std::multiset<RegionId> m_sources;       // Regions that verbs of this process read from
    std::set<RegionId> m_targets;            // and write to; other processes are locked out.
};

// The right to write, for the length of one verb: taken by the first of several that run at once,
// given back by the last.
class WriteAccess {
public:
    // The array's locks, then its writer lease, then tables and catalog once more. ArrayBusy,
    // LeaseHeld, HistoriesDiverged, ReadOnlyArray …: nothing was written, nor where one of the
    // targets cannot be opened for writing (RegionInUse, NotAuthorized …): that is found out first.
    // What could be opened stays open, and claimed, as long as this lives.
    [[nodiscard]] static Result<WriteAccess> take(Attachment& attachment,
                                                  const std::vector<RegionId>& targets = {});
    // With the catalog opened once more, on the copies that there are now. A reader of the old one
    // is waited for, so that the caller must not be one; a verb that writes is not, nor a reader
    // that stays.
    [[nodiscard]] static Result<WriteAccess> takeAnew(Attachment& attachment);

    WriteAccess(WriteAccess&& other) noexcept;
    WriteAccess& operator=(WriteAccess&&) = delete;
    ~WriteAccess();

    [[nodiscard]] Catalog& catalog() const { return *m_catalog; }

private:
    WriteAccess(Attachment* attachment, Attachment::Begun begun);
    Attachment* m_attachment;
    std::shared_ptr<Catalog> m_catalog;
    std::vector<std::unique_ptr<RegionIo>> m_claims;
};

// The regions of one verb, so that no other verb of this process writes them meanwhile. Writes
// nothing.
class RegionClaim {
public:
    // RegionBusy: the target is used, or the source written, by another verb.
    [[nodiscard]] static Result<RegionClaim>
    take(Attachment& attachment, const std::optional<RegionId>& source, const Region& target);
    // Of a verb that takes bytes out of the array. RegionBusy: another verb writes the region.
    [[nodiscard]] static Result<RegionClaim> takeToRead(Attachment& attachment,
                                                        const Region& source);

    RegionClaim(RegionClaim&& other) noexcept;
    RegionClaim& operator=(RegionClaim&&) = delete;
    ~RegionClaim();

private:
    RegionClaim(Attachment* attachment, const std::optional<RegionId>& source,
                const std::optional<RegionId>& target);
    Attachment* m_attachment;
    std::optional<RegionId> m_source;
    std::optional<RegionId> m_target;
};

} // namespace cairn
