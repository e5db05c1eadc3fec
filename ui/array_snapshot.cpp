// Reads what the window shows.
#include "ui/array_snapshot.h"

#include "core/backup/half_written.h"
#include "core/backup/member_loss.h"
#include "ui/record_text.h"

#include <algorithm>
#include <iterator>

namespace cairn {
namespace {

bool sameCopy(const CatalogCopyStatus& a, const CatalogCopyStatus& b)
{
    return a.member == b.member && a.state == b.state && a.commits == b.commits &&
           a.detail == b.detail && a.unwritten.has_value() == b.unwritten.has_value();
}

bool sameHistory(const CatalogHistory& a, const CatalogHistory& b)
{
    return a.id == b.id && a.commits == b.commits && a.members == b.members;
}

bool sameStatus(const CatalogStatus& a, const CatalogStatus& b)
{
    return a.arrayLabel == b.arrayLabel && a.usedBytes == b.usedBytes &&
           a.nearlyFull == b.nearlyFull && a.newerFormat == b.newerFormat &&
           a.writerAlive == b.writerAlive && std::ranges::equal(a.copies, b.copies, sameCopy) &&
           std::ranges::equal(a.histories, b.histories, sameHistory);
}

bool sameSimulation(const std::optional<Simulation>& a, const std::optional<Simulation>& b)
{
    return a && b ? a->seed == b->seed && a->members == b->members : !a && !b;
}

// Only disks are read with which something is wrong.
std::map<Uuid, FormerDisk> readFormerDisks(Attachment& attachment, const ArraySnapshot& snapshot)
{
    std::map<Uuid, FormerDisk> found;
    for (const Member& member : snapshot.layout.members) {
        const bool sound =
            snapshot.catalog && member.state == MemberState::Present && member.problem.empty();
        if (sound || member.id.isNull() || isAway(member))
            continue;
        if (auto former = findFormerDisk(attachment, member.location))
            found.emplace(member.id, *std::move(former));
    }
    return found;
}

std::map<Uuid, std::vector<FormerRegion>> findFormerRegions(const ArraySnapshot& snapshot)
{
    std::map<Uuid, std::vector<FormerRegion>> found;
    for (const Member& member : snapshot.layout.members) {
        auto regions = findFormerRegions(snapshot.layout, snapshot.generations, member.id);
        if (!regions.empty() && !snapshot.formerDisks.contains(member.id))
            found.emplace(member.id, std::move(regions));
    }
    return found;
}

} // namespace

const Generation* ArraySnapshot::heldBy(const RegionId& region) const
{
    const auto holds = [&](const Generation& generation) {
        return generation.target.id == region && generation.state != GenerationState::Superseded &&
               generation.state != GenerationState::Forgotten;
    };
    const auto found = std::ranges::find_if(generations, holds);
    return found == generations.end() ? nullptr : &*found;
}

const Generation* ArraySnapshot::find(GenerationNumber number) const
{
    const auto found = std::ranges::find(generations, number, &Generation::number);
    return found == generations.end() ? nullptr : &*found;
}

const Generation* ArraySnapshot::othersBackup(const CandidateTarget& candidate,
                                              const RegionId& source) const
{
    const Generation* replaced = candidate.replaces != 0 ? find(candidate.replaces) : nullptr;
    return replaced != nullptr && replaced->source.id != source ? replaced : nullptr;
}

const Generation* ArraySnapshot::newestUsable(const RegionId& source) const
{
    const auto found = std::ranges::find_if(generations, [&](const Generation& generation) {
        return generation.source.id == source && isRestorable(generation);
    });
    return found == generations.end() ? nullptr : &*found;
}

const Generation* ArraySnapshot::newestPresent(const RegionId& source,
                                               GenerationNumber besides) const
{
    const auto found = std::ranges::find_if(generations, [&](const Generation& generation) {
        return generation.number != besides && generation.source.id == source &&
               isRestorable(generation) && presenceOf(generation) == CopyPresence::Present;
    });
    return found == generations.end() ? nullptr : &*found;
}

const Generation* ArraySnapshot::newestGood(const RegionId& source) const
{
    const auto found = std::ranges::find_if(generations, [&](const Generation& generation) {
        return generation.source.id == source && generation.state == GenerationState::Good &&
               isRestorable(generation) && presenceOf(generation) == CopyPresence::Present;
    });
    return found == generations.end() ? nullptr : &*found;
}

CopyPresence ArraySnapshot::presenceOf(const Generation& generation) const
{
    return hasCopy(generation) ? findCopy(layout, generation).presence : CopyPresence::Present;
}

AbsentCopies ArraySnapshot::absentCopies() const
{
    AbsentCopies absent;
    for (const Generation& generation : generations) {
        const CopyPresence presence = presenceOf(generation);
        if (presence != CopyPresence::Present)
            absent.emplace(generation.number, presence);
    }
    return absent;
}

bool ArraySnapshot::undoes(const Generation& generation) const
{
    if (!generation.undo || generation.undo->undoneMs != 0)
        return false;
    // Of one that keeps nothing yet, only the restore that waits can be given up.
    return canBeUndone(generation) || std::ranges::any_of(interrupted, [&](const Job& job) {
               return job.undo == generation.number;
           });
}

const Generation* ArraySnapshot::undoFor(const RegionId& restored) const
{
    const auto found = std::ranges::find_if(generations, [&](const Generation& generation) {
        return generation.source.id == restored && undoes(generation);
    });
    return found == generations.end() ? nullptr : &*found;
}

const Generation* ArraySnapshot::undoOf(GenerationNumber backup) const
{
    const auto found = std::ranges::find_if(generations, [&](const Generation& generation) {
        return generation.undo && generation.undo->restored == backup && undoes(generation);
    });
    return found == generations.end() ? nullptr : &*found;
}

const Job* ArraySnapshot::interruptedOn(const RegionId& region) const
{
    const auto found =
        std::ranges::find_if(interrupted, [&](const Job& job) { return job.target.id == region; });
    return found == interrupted.end() ? nullptr : &*found;
}

const Job* ArraySnapshot::interruptedOf(GenerationNumber number) const
{
    const auto found = std::ranges::find_if(interrupted, [&](const Job& job) {
        return job.generation == number || job.undo == number;
    });
    return found == interrupted.end() ? nullptr : &*found;
}

bool ArraySnapshot::overwroteNothing(const Job& job) const
{
    const auto found = unfinished.find(job.target.id);
    return found != unfinished.end() && found->second.reason == RefusalReason::RestoreWaiting;
}

const Refusal* ArraySnapshot::halfRestored(const RegionId& region) const
{
    const auto found = unfinished.find(region);
    const bool half =
        found != unfinished.end() && (found->second.reason == RefusalReason::RestoreUnfinished ||
                                      found->second.reason == RefusalReason::HalfWritten);
    return half ? &found->second : nullptr;
}

bool ArraySnapshot::writtenWhole(const RegionId& region) const
{
    const Refusal* half = halfRestored(region);
    const Job* job = interruptedOn(region);
    return half != nullptr && half->reason == RefusalReason::RestoreUnfinished && job != nullptr &&
           !makesGeneration(job->kind) && isWrittenWhole(*job);
}

const UnfinishedWrite* ArraySnapshot::acceptedIn(const RegionId& region) const
{
    const auto found = accepted.find(region);
    return found == accepted.end() ? nullptr : &found->second;
}

std::optional<std::int64_t> ArraySnapshot::givenUpMs(const RegionId& region) const
{
    const auto found = givenUp.find(region);
    return found == givenUp.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Refusal> ArraySnapshot::missedWith(const Generation& generation) const
{
    Records records;
    records.generations = generations;
    records.layout = layout;
    return records.missedWith(generation);
}

bool ArraySnapshot::splitBrain() const
{
    return catalog && catalog->histories.size() > 1;
}

std::string ArraySnapshot::simulationDirectory() const
{
    return uris.size() == 1 && uris.front().starts_with(kSimulatedScheme)
               ? uris.front().substr(kSimulatedScheme.size())
               : std::string();
}

bool ArraySnapshot::showsSameAs(const ArraySnapshot& other) const
{
    const bool sameCatalog = catalog && other.catalog ? sameStatus(*catalog, *other.catalog)
                                                      : !catalog && !other.catalog;
    return sameCatalog && catalogProblem.has_value() == other.catalogProblem.has_value() &&
           std::ranges::equal(unwritten, other.unwritten, sameCopy) &&
           layout.members == other.layout.members && layout.regions == other.layout.regions &&
           generations == other.generations && interrupted == other.interrupted &&
           unfinished == other.unfinished && accepted == other.accepted &&
           givenUp == other.givenUp && formerDisks == other.formerDisks &&
           formerRegions == other.formerRegions && sameSimulation(simulation, other.simulation);
}

std::string ArraySnapshot::name() const
{
    if (catalog && !catalog->arrayLabel.empty())
        return catalog->arrayLabel;
    const std::string path = uris.empty() ? layout.uri : uris.front();
    const auto slash = path.find_last_of('/');
    return slash == std::string::npos || slash + 1 == path.size() ? path : path.substr(slash + 1);
}

ArraySnapshot readSnapshot(Attachment& attachment, std::vector<std::string> uris)
{
    ArraySnapshot snapshot;
    snapshot.uris = std::move(uris);
    snapshot.layout = attachment.layout();
    if (const std::string directory = snapshot.simulationDirectory(); !directory.empty()) {
        if (auto simulation = readSimulation(directory))
            snapshot.simulation = *std::move(simulation);
    }
    snapshot.unwritten = attachment.unwrittenCopies();
    const auto catalog = attachment.catalog();
    if (!catalog) {
        snapshot.catalogProblem = catalog.error();
        snapshot.formerDisks = readFormerDisks(attachment, snapshot);
        return snapshot;
    }
    // Before the records: a job that is offered to be resumed is not shown as running.
    auto jobs = (*catalog)->jobs().value_or(std::vector<Job>());
    std::ranges::copy_if(jobs, std::back_inserter(snapshot.interrupted),
                         [&](const Job& job) { return attachment.isInterrupted(job); });
    snapshot.catalog = (*catalog)->status();
    snapshot.formerDisks = readFormerDisks(attachment, snapshot);
    GenerationFilter current;
    current.currentOnly = true;
    if (auto generations = (*catalog)->generations(current))
        snapshot.generations = *std::move(generations);
    else
        snapshot.catalogProblem = std::move(generations).error();
    snapshot.formerRegions = findFormerRegions(snapshot);
    snapshot.givenUp = givenUpCopies(attachment, snapshot.generations).value_or(GivenUpCopies());
    // With what is current only: this is asked every second beside a running job.
    Records records;
    records.generations = snapshot.generations;
    records.jobs = std::move(jobs);
    records.layout = snapshot.layout;
    records.unfinished = (*catalog)->unfinished().value_or(std::vector<UnfinishedWrite>());
    const auto halfWritten = halfWrittenRegions(attachment).value_or(std::vector<HalfWritten>());
    for (const Region& region : snapshot.layout.regions) {
        auto unfinished = unfinishedRestore(attachment, records, region.id);
        // While there is a job it tells more: what it has begun it may still end. What a restore
        // keeps is written by the restore's own job.
        const HalfWritten* half = findHalfWritten(halfWritten, region.id);
        if (!unfinished && half != nullptr && half->state == HalfWrittenState::GivenUp)
            unfinished = unfinishedContent(records, region.id);
        if (unfinished)
            snapshot.unfinished.emplace(region.id, *std::move(unfinished));
        if (half != nullptr && half->state == HalfWrittenState::Accepted)
            snapshot.accepted.emplace(region.id, half->write);
    }
    return snapshot;
}

} // namespace cairn
