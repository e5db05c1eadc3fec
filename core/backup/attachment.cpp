// Attaches arrays, and hands out their catalogs for reading and writing.
#include "core/backup/attachment.h"

#include "core/array/path_member.h"
#include "core/backup/foreign_disks.h"
#include "core/backup/lost_table.h"
#include "core/backup/other_hosts.h"
#include "core/backup/sealed_regions.h"
#include "core/base/printable_text.h"
#include "core/io/device_opener.h"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

namespace cairn {
namespace {

KnownMember knownFrom(const Member& member)
{
    return KnownMember{.id = member.id,
                       .location = member.location,
                       .model = member.model,
                       .sizeBytes = member.sizeBytes,
                       .holdsCatalog = member.holdsCatalog};
}

bool isAttached(const Member& member)
{
    return !member.id.isNull() &&
           (member.state == MemberState::Present || member.state == MemberState::ReadOnly);
}

// What the catalog should know of members now; nothing where it does already.
std::optional<std::vector<KnownMember>> changedMembers(const ArrayLayout& layout,
                                                       std::vector<KnownMember> known)
{
    bool changed = false;
    for (const Member& member : layout.members) {
        if (!isAttached(member))
            continue;
        const auto entry = std::ranges::find(known, member.id, &KnownMember::id);
        if (entry == known.end()) {
            known.push_back(knownFrom(member));
            changed = true;
        } else if (entry->location != member.location || entry->model != member.model ||
                   entry->sizeBytes != member.sizeBytes ||
                   entry->holdsCatalog != member.holdsCatalog) {
            const bool stale = entry->stale;
            const bool removed = entry->removed;
            *entry = knownFrom(member);
            entry->stale = stale;
            entry->removed = removed;
            changed = true;
        }
    }
    return changed ? std::optional(std::move(known)) : std::nullopt;
}

void recordMembers(Catalog& catalog, const ArrayLayout& layout)
{
    auto known = catalog.members();
    if (!known)
        return;
    const auto members = changedMembers(layout, *std::move(known));
    // Where a member was last seen is a hint for messages. Should it not fit into the catalog, the
    // verb's own record will not either, and that error is the one to report.
    if (members)
        std::ignore = catalog.setMembers(*members);
}

void addMissingMember(ArrayLayout& layout, const KnownMember& known)
{
    if (known.removed || layout.findMember(known.id) != nullptr)
        return;
    // A member that could not be opened is in the layout by its location alone.
    auto entry = std::ranges::find_if(layout.members, [&](const Member& member) {
        return member.id.isNull() && isSamePlace(member.location, known.location);
    });
    if (entry == layout.members.end()) {
        layout.members.emplace_back().state = MemberState::Missing;
        entry = layout.members.end() - 1;
    }
    Member& member = *entry;
    member.id = known.id;
    member.location = known.location;
    member.model = known.model;
    member.sizeBytes = known.sizeBytes;
    member.holdsCatalog = known.holdsCatalog;
}

// What has no table where no member was ever seen: nothing says that it is one that failed.
void markUnseen(ArrayLayout& layout)
{
    for (Member& member : layout.members) {
        if (member.id.isNull() && member.bare)
            member.state = MemberState::Foreign;
    }
}

// A member that was named, but is neither open nor known to have been at that place, is a mistake
// in the naming more likely than a loss: nothing is written to what may be half of an array.
Result<void> requireMembersKnown(const ArrayLayout& layout, Catalog* catalog)
{
    std::vector<KnownMember> known;
    if (catalog != nullptr) {
        auto members = catalog->members();
        // One that is damaged there is about to be replaced: it knows of none.
        if (!members && members.error().code != ErrorCode::CatalogDamaged)
            return std::unexpected(std::move(members).error());
        known = std::move(members).value_or(std::vector<KnownMember>());
    }
    for (const Member& member : layout.members) {
        const bool expected =
            !member.id.isNull() || std::ranges::any_of(known, [&](const KnownMember& one) {
                return isSamePlace(one.location, member.location);
            });
        if (!expected) {
            return failure(ErrorCode::OpenFailed, member.location,
                           member.problem + "; " + kNoMemberSeen);
        }
    }
    return {};
}

std::vector<CatalogCopyStatus> unwrittenOf(Catalog& catalog)
{
    auto copies = catalog.status().copies;
    std::erase_if(copies, [](const CatalogCopyStatus& copy) { return !copy.unwritten; });
    return copies;
}

// It is shown beside every array, in one line.
Result<void> checkLabel(const std::string& label)
{
    constexpr std::size_t kMostBytes = 1024;
    if (label.size() > kMostBytes)
        return failure(ErrorCode::InvalidArgument, "label", "too long", kMostBytes);
    if (utf16Length(label) == SIZE_MAX)
        return failure(ErrorCode::InvalidArgument, "label", "not UTF-8");
    for (std::size_t at = 0; at < label.size(); ++at) {
        if (isControl(label, at))
            return failure(ErrorCode::InvalidArgument, "label", "control character");
    }
    return {};
}

} // namespace

// Lives as long as somebody holds the writing catalog; its end gives the array's locks back.
struct Attachment::Writing {
    Array& array;
    std::shared_ptr<WriterLease> lease;
    std::unique_ptr<Catalog> catalog;
    std::vector<RegionId> copies; // That were there when it was opened.
    std::promise<void> ended;

    Writing(Array& writtenArray, std::shared_ptr<WriterLease> writingLease,
            std::unique_ptr<Catalog> writingCatalog)
        : array(writtenArray), lease(std::move(writingLease)), catalog(std::move(writingCatalog))
    {
        for (const Region& region : array.layout().regions) {
            if (region.role == RegionRole::Management)
                copies.push_back(region.id);
        }
    }
    Writing(const Writing&) = delete;
    Writing& operator=(const Writing&) = delete;
    ~Writing()
    {
        catalog.reset();
        lease->release();
        array.endWriting();
        ended.set_value();
    }

    [[nodiscard]] static Array::SealRecorder sealRecorder(const std::shared_ptr<Writing>& writing)
    {
        return [weak = std::weak_ptr(writing)](const RegionId& region,
                                               const std::vector<SealedBytes>& pieces) {
            const auto now = weak.lock();
            return now ? now->catalog->recordSealedBytes(region, pieces)
                       : Result<void>(failure(ErrorCode::ReadOnlyArray, region.uuid.toString(),
                                              "not open for writing"));
        };
    }

    [[nodiscard]] std::vector<CatalogCopyStatus> unwritten() const
    {
        auto found = unwrittenOf(*catalog);
        const ArrayLayout layout = array.layout();
        for (const Region& region : layout.regions) {
            if (region.role != RegionRole::Management ||
                std::ranges::find(copies, region.id) != copies.end())
                continue;
            const Member* member = layout.findMember(region.member);
            const std::string name = member != nullptr ? member->location : region.name;
            found.push_back({.member = region.member,
                             .memberName = name,
                             .state = CatalogCopyState::Damaged,
                             .commits = 0,
                             .detail = {},
                             .unwritten = failure(ErrorCode::ArrayBusy, name).error()});
        }
        return found;
    }
};

Attachment::Attachment(std::unique_ptr<Array> array, const Environment& environment)
    : m_array(std::move(array)), m_environment(environment)
{}

Result<std::unique_ptr<Attachment>> Attachment::attach(const std::vector<std::string>& uris,
                                                       const Environment& environment)
{
    return catchOutOfMemory([&]() -> Result<std::unique_ptr<Attachment>> {
        auto opened = openArray(uris, environment);
        if (!opened)
            return std::unexpected(orTableLost(opened.error(), environment));
        auto attached = attach(*std::move(opened), environment);
        const auto problem = attached->catalogProblem();
        if (problem && problem->code == ErrorCode::NotAuthorized)
            return std::unexpected(*problem);
        return attached;
    });
}

std::unique_ptr<Attachment> Attachment::attach(std::unique_ptr<Array> array,
                                               const Environment& environment)
{
    std::unique_ptr<Attachment> attachment(new Attachment(std::move(array), environment));
    const std::scoped_lock lock(attachment->m_mutex);
    attachment->readCatalog();
    return attachment;
}

Result<std::unique_ptr<Attachment>> Attachment::create(const Creation& wanted,
                                                       const Environment& environment)
{
    return catchOutOfMemory([&]() -> Result<std::unique_ptr<Attachment>> {
        CAIRN_TRY(checkLabel(wanted.label));
        auto made = wanted.adopt ? adoptArray(wanted.array, environment)
                                 : createArray(wanted.array, environment);
        if (!made)
            return std::unexpected(wanted.adopt ? made.error()
                                                : orTableLost(made.error(), environment));
        std::unique_ptr<Attachment> attachment(new Attachment(*std::move(made), environment));
        Catalog::NewArrayRecord record{.arrayId = Uuid::random(environment.random),
                                       .label = wanted.label,
                                       .members = {},
                                       .adopted = wanted.adopt};
        for (const Member& member : attachment->m_array->layout().members)
            record.members.push_back(knownFrom(member));
        CAIRN_TRY(attachment->rewriteCatalog(
            [&](std::vector<CatalogCopy> copies) {
                return Catalog::create(std::move(copies), record, environment);
            },
            {.arrayId = record.arrayId, .isNew = true}));
        return attachment;
    });
}

ArrayLayout Attachment::layout()
{
    if (const auto readable = catalog()) {
        if (const auto known = (*readable)->members()) {
            ArrayLayout layout = layoutWith(*known);
            for (const Member& stranger : strangers(**readable)) {
                const auto shown = std::ranges::find(layout.members, stranger.id, &Member::id);
                if (shown != layout.members.end())
                    *shown = stranger;
            }
            if ((*readable)->status().histories.size() < 2)
                markUnseen(layout);
            return layout;
        }
    }
    return layoutWith({});
}

ArrayLayout Attachment::layoutWith(const std::vector<KnownMember>& known)
{
    ArrayLayout layout = m_array->layout();
    for (const KnownMember& member : known)
        addMissingMember(layout, member);
    const std::scoped_lock lock(m_mutex);
    for (Member& member : layout.members) {
        const auto copied = m_copied.find(member.id);
        if (copied != m_copied.end() && member.problem.empty())
            member.problem = copied->second;
    }
    return layout;
}

Result<std::shared_ptr<Catalog>> Attachment::catalog()
{
    const std::scoped_lock lock(m_mutex);
    if (m_catalog)
        return m_catalog;
    if (const auto writing = currentWriting())
        return std::shared_ptr<Catalog>(writing, writing->catalog.get());
    if (!m_problem)
        readCatalog();
    if (m_problem)
        return std::unexpected(*m_problem);
    return m_catalog;
}

std::vector<CatalogCopyStatus> Attachment::unwrittenCopies()
{
    const std::scoped_lock lock(m_mutex);
    const auto writing = currentWriting();
    return writing ? writing->unwritten() : m_unwritten;
}

std::optional<Error> Attachment::catalogProblem()
{
    const std::scoped_lock lock(m_mutex);
    return m_problem;
}

Result<void> Attachment::refresh()
{
    return catchOutOfMemory([&]() -> Result<void> {
        CAIRN_TRY(m_array->refresh());
        const std::scoped_lock lock(m_mutex);
        if (!currentWriting())
            readCatalog();
        return {};
    });
}

Result<CatalogDraft> Attachment::draftCatalog(const Catalog::NewArrayRecord& record)
{
    const std::scoped_lock lock(m_mutex);
    if (currentWriting())
        return failure(ErrorCode::ArrayBusy, m_array->layout().uri);
    CAIRN_TRY(requireMembersKnown(m_array->layout(), m_catalog.get()));
    const auto copies = CAIRN_TRY(openCopies(Access::Read));
    return CatalogDraft::begin(copies, record, m_environment);
}

Result<void> Attachment::rewriteCatalog(const CatalogMaker& make, const LeaseSubject& subject)
{
    const std::scoped_lock lock(m_mutex);
    if (currentWriting())
        return failure(ErrorCode::ArrayBusy, m_array->layout().uri);
    std::shared_ptr<WriterLease> lease;
    const auto written = [&]() -> Result<void> {
        CAIRN_TRY(requireMembersKnown(m_array->layout(), m_catalog.get()));
        CAIRN_TRY(requireNoStranger(m_catalog.get()));
        CAIRN_TRY(m_array->beginWriting());
        lease = CAIRN_TRY(takeLease(subject));
        // Destroyed at once: it must be gone before the locks are given back.
        auto copies = CAIRN_TRY(openCopies(Access::Write));
        const auto catalog = CAIRN_TRY(make(std::move(copies)));
        CAIRN_TRY(recordTakeOver(*lease, *catalog));
        m_unwritten = unwrittenOf(*catalog);
        return {};
    }();
    // Before the locks: whoever has them next finds it free.
    if (lease)
        lease->release();
    m_array->endWriting();
    readCatalog();
    return written;
}

// What is attached and is no member of the array, each with its problem.
std::vector<Member> Attachment::strangers(Catalog& catalog) const
{
    const CatalogStatus status = catalog.status();
    const auto known = catalog.members();
    // Which of two histories tells who is a member is the operator's to choose.
    if (!known || status.histories.size() > 1)
        return {};
    std::vector<Member> found;
    const ArrayLayout layout = m_array->layout();
    for (const Member& member : layout.members) {
        if (!isAttached(member))
            continue;
        const auto entry = std::ranges::find(*known, member.id, &KnownMember::id);
        const std::string why = entry == known->end()
                                    ? whyUnlisted(*m_array, layout, member.id, status.arrayId)
                                : entry->removed ? kHasLeft
                                                 : "";
        if (why.empty())
            continue;
        Member& stranger = found.emplace_back(member);
        stranger.state = MemberState::Foreign;
        stranger.problem = why;
    }
    return found;
}

// Whoever named another disk beside the array's does not know which array is written: its regions
// look like the array's, and no record protects what they hold.
Result<void> Attachment::requireNoStranger(Catalog* catalog) const
{
    const auto found = catalog != nullptr ? strangers(*catalog) : std::vector<Member>();
    if (found.empty())
        return {};
    return failure(ErrorCode::ForeignMember, found.front().location, found.front().problem);
}

bool Attachment::isInterrupted(const Job& job)
{
    return !job.running && !isBeingWritten(job.target.id);
}

bool Attachment::isBeingWritten(const RegionId& region)
{
    const std::scoped_lock lock(m_mutex);
    return m_targets.contains(region);
}

Result<std::vector<CatalogCopy>> Attachment::openCopies(Access access)
{
    const ArrayLayout layout = m_array->layout();
    std::vector<CatalogCopy> copies;
    std::optional<Error> problem;
    for (const Region& region : layout.regions) {
        if (region.role != RegionRole::Management)
            continue;
        auto io = m_array->openRegion(region.id, access);
        // Nor is a copy left out that somebody did not want to be opened, reading it included.
        if (!io && io.error().code == ErrorCode::NotAuthorized)
            return std::unexpected(std::move(io).error());
        // A member that fails leaves its copy behind, and a later write repairs it. A guard that
        // says no (in use, another device behind the path) is not for us to work around.
        if (!io && access == Access::Write && errorClass(io.error().code) == ErrorClass::Refused)
            return std::unexpected(std::move(io).error());
        if (!io) {
            problem = problem ? problem : io.error();
            continue;
        }
        const Member* member = layout.findMember(region.member);
        copies.push_back(CatalogCopy{.member = region.member,
                                     .memberName = member != nullptr ? member->location
                                                                     : region.member.toString(),
                                     .io = *std::move(io)});
    }
    if (!copies.empty())
        return copies;
    if (problem)
        return std::unexpected(*std::move(problem));
    return failure(ErrorCode::NotAnArray, layout.uri, "it has a partition table, but no catalog",
                   layout.members.size());
}

void Attachment::readCatalog()
{
    m_catalog.reset();
    m_copied.clear();
    m_leaseHolder.reset();
    auto read = catchOutOfMemory([&]() -> Result<std::unique_ptr<Catalog>> {
        auto copies = CAIRN_TRY(openCopies(Access::Read));
        m_copied = findCopied(copies);
        m_leaseHolder = findLeaseHolder(copies, m_environment.host);
        return Catalog::openForReading(std::move(copies), m_environment);
    });
    m_problem.reset();
    if (read)
        m_catalog = *std::move(read);
    else
        m_problem = std::move(read).error();
    showSealed(*m_array, m_catalog.get(), {});
}

Result<void> Attachment::followSeals()
{
    return catchOutOfMemory([this]() -> Result<void> {
        const std::scoped_lock lock(m_mutex);
        const auto writing = currentWriting();
        if (!writing)
            return failure(ErrorCode::ReadOnlyArray, m_array->layout().uri, "not open for writing");
        showSealed(*m_array, writing->catalog.get(), Writing::sealRecorder(writing));
        return {};
    });
}

// A reader may keep the writing catalog for a moment after the last verb that writes. Where it has
// just been given up, waits until the array's locks are too: that needs no lock of ours.
std::shared_ptr<Attachment::Writing> Attachment::currentWriting()
{
    auto writing = m_writing.lock();
    if (!writing && m_writingEnded.valid())
        m_writingEnded.wait();
    return writing;
}

Result<std::vector<std::unique_ptr<RegionIo>>>
Attachment::claimTargets(const std::vector<RegionId>& targets)
{
    std::vector<std::unique_ptr<RegionIo>> claims;
    for (const RegionId& target : targets)
        claims.push_back(CAIRN_TRY(m_array->openRegion(target, Access::Write)));
    return claims;
}

Result<Attachment::Begun> Attachment::beginWriting(const std::vector<RegionId>& targets)
{
    const std::scoped_lock lock(m_mutex);
    Begun begun;
    auto writing = currentWriting();
    if (!writing) {
        if (!m_catalog && !m_problem)
            readCatalog();
        // Without a readable catalog there is nothing to write to.
        if (m_problem)
            return std::unexpected(*m_problem);
        CAIRN_TRY(requireMembersKnown(m_array->layout(), m_catalog.get()));
        CAIRN_TRY(requireNoStranger(m_catalog.get()));
        CAIRN_TRY(m_array->beginWriting());
        std::shared_ptr<WriterLease> lease;
        auto opened = catchOutOfMemory([&]() -> Result<std::shared_ptr<Writing>> {
            begun.claims = CAIRN_TRY(claimTargets(targets));
            lease = CAIRN_TRY(takeLease({.arrayId = m_catalog->status().arrayId}));
            auto copies = CAIRN_TRY(openCopies(Access::Write));
            auto catalog = CAIRN_TRY(Catalog::openForWriting(std::move(copies), m_environment));
            // Another process may have written since it was read.
            CAIRN_TRY(requireNoStranger(catalog.get()));
            noteTakeOver(*lease, *catalog);
            return std::make_shared<Writing>(*m_array, lease, std::move(catalog));
        });
        if (!opened) {
            begun.claims.clear();
            if (lease)
                lease->release();
            m_array->endWriting();
            return std::unexpected(std::move(opened).error());
        }
        writing = *std::move(opened);
        m_writingEnded = writing->ended.get_future().share();
        m_writing = writing;
        recordMembers(*writing->catalog, m_array->layout());
        // Another process may have sealed or unsealed since it was read.
        showSealed(*m_array, writing->catalog.get(), {});
        showSealed(*m_array, writing->catalog.get(), Writing::sealRecorder(writing));
        m_foundSwaps = settleSwaps(*m_array, *writing->catalog, Writing::sealRecorder(writing));
    } else {
        begun.claims = CAIRN_TRY(claimTargets(targets));
    }
    ++m_writers;
    m_catalog = std::shared_ptr<Catalog>(writing, writing->catalog.get());
    begun.catalog = m_catalog;
    return begun;
}

// Its disks are used by nobody then: they can be unplugged, and partitioned anew.
Attachment::~Attachment()
{
    m_catalog.reset();
    m_array.reset();
    if (m_environment.devices != nullptr)
        m_environment.devices->closeUnused();
}

void Attachment::endWriting()
{
    const std::scoped_lock lock(m_mutex);
    CAIRN_ASSERT(m_writers > 0);
    if (--m_writers > 0)
        return;
    m_unwritten = currentWriting()->unwritten();
    m_catalog.reset();
    if (!currentWriting())
        readCatalog();
}

// They hold the catalog of the last verb that wrote for the length of one reading each.
void Attachment::awaitReaders()
{
    constexpr std::chrono::seconds kPatience(10);
    std::shared_future<void> ended;
    {
        const std::scoped_lock lock(m_mutex);
        if (m_writers > 0)
            return;
        ended = m_writingEnded;
    }
    if (ended.valid())
        std::ignore = ended.wait_for(kPatience);
}

} // namespace cairn
