// A copy's journal in memory, that also serves as the digests of a finished generation.
#pragma once

#include "core/copy/copy_engine.h"

#include <functional>
#include <map>

namespace cairn::test {

class MemoryJournal final : public CopyJournal {
public:
    ChunkMap done;
    std::map<std::uint64_t, std::vector<Digest>> segments;
    std::uint64_t records = 0;
    std::uint64_t segmentReads = 0;
    // Asked at each record before it is kept.
    std::function<Result<void>(const ChunkMap&)> onRecord;

    Result<void> record(const ChunkMap& nowDone, std::span<const DigestSegment> changed) override
    {
        if (onRecord)
            CAIRN_TRY(onRecord(nowDone));
        done = nowDone;
        for (const auto& one : changed)
            segments[one.index] = one.digests;
        records += 1;
        return {};
    }

    Result<std::vector<Digest>> segment(std::uint64_t index) override
    {
        segmentReads += 1;
        const auto found = segments.find(index);
        return found == segments.end() ? std::vector<Digest>() : found->second;
    }
};

class MemoryDigests final : public DigestSource {
public:
    std::map<std::uint64_t, std::vector<Digest>> segments;

    explicit MemoryDigests(const MemoryJournal& journal) : segments(journal.segments) {}

    Result<std::vector<Digest>> segment(std::uint64_t index) override
    {
        const auto found = segments.find(index);
        return found == segments.end() ? std::vector<Digest>() : found->second;
    }
};

// Stops at the nth checkpoint, counted from 1; 0: never.
class StoppingControl final : public CopyControl {
public:
    explicit StoppingControl(std::uint64_t stopAt = 0) : m_stopAt(stopAt) {}

    bool checkpoint(const CopyProgress& progress) override
    {
        seen.push_back(progress);
        return m_stopAt == 0 || seen.size() < m_stopAt;
    }

    std::vector<CopyProgress> seen;

private:
    std::uint64_t m_stopAt;
};

} // namespace cairn::test
