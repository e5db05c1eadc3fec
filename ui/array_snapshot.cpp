// Reads what the window shows.
#include "ui/array_snapshot.h"

#include "core/backup/resume.h"

#include <algorithm>

namespace cairn {
namespace {

bool sameCopy(const CatalogCopyStatus& a, const CatalogCopyStatus& b)
{
    return a.member == b.member && a.state == b.state && a.commits == b.commits &&
           a.detail == b.detail;
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

const Generation* ArraySnapshot::newestUsable(const RegionId& source) const
{
    const auto found = std::ranges::find_if(generations, [&](const Generation& generation) {
        return generation.source.id == source && isRestorable(generation);
    });
    return found == generations.end() ? nullptr : &*found;
}

bool ArraySnapshot::isLastGoodCopy(const Generation& generation) const
{
    return Records{generations, {}, layout, {}}.isLastGoodCopy(generation);
}

bool ArraySnapshot::splitBrain() const
{
    return catalog && catalog->histories.size() > 1;
}

std::string ArraySnapshot::simulationDirectory() const
{
    static constexpr std::string_view kScheme = "sim:"; // See core/array/open_array.h.
    return uris.size() == 1 && uris.front().starts_with(kScheme)
               ? uris.front().substr(kScheme.size())
               : std::string();
}

bool ArraySnapshot::showsSameAs(const ArraySnapshot& other) const
{
    const bool sameCatalog = catalog && other.catalog ? sameStatus(*catalog, *other.catalog)
                                                      : !catalog && !other.catalog;
    return sameCatalog && catalogProblem.has_value() == other.catalogProblem.has_value() &&
           layout.members == other.layout.members && layout.regions == other.layout.regions &&
           generations == other.generations && interrupted == other.interrupted;
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
    const auto catalog = attachment.catalog();
    if (!catalog) {
        snapshot.catalogProblem = catalog.error();
        return snapshot;
    }
    // Before the records: a job that is offered to be resumed is not shown as running.
    if (auto jobs = interruptedJobs(attachment))
        snapshot.interrupted = *std::move(jobs);
    snapshot.catalog = (*catalog)->status();
    GenerationFilter current;
    current.currentOnly = true;
    if (auto generations = (*catalog)->generations(current))
        snapshot.generations = *std::move(generations);
    else
        snapshot.catalogProblem = std::move(generations).error();
    return snapshot;
}

} // namespace cairn
