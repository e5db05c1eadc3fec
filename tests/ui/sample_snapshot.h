// A hand-made array of three members, for tests of what is shown.
#pragma once

#include "ui/array_snapshot.h"

namespace cairn::test {

inline Uuid uuid(std::uint8_t seed)
{
    Uuid made;
    made.bytes.fill(seed);
    return made;
}

inline Content filesystem(std::string type, std::string label, std::uint64_t usedBytes)
{
    Content content;
    content.kind = ContentKind::Recognised;
    content.type = std::move(type);
    content.label = std::move(label);
    content.usedBytes = usedBytes;
    return content;
}

class SampleArray {
public:
    SampleArray()
    {
        m_snapshot.uris = {"/images/disk-a.img", "/images/disk-b.img"};
        m_snapshot.catalog.emplace();
        m_snapshot.catalog->arrayLabel = "rack-07";
        m_snapshot.catalog->histories.resize(1);
        addMember(1, "/images/disk-a.img");
        addMember(2, "/images/disk-b.img");
        addRegion(10, 1, "db", 1536 * kMiB, filesystem("xfs", "", 1100 * kMiB));
        addRegion(11, 1, "web", 512 * kMiB, filesystem("ext4", "home", 200 * kMiB));
        addRegion(12, 1, "cairn", 16 * kMiB, {}, RegionRole::Management);
        addRegion(20, 2, "vault-1", 1536 * kMiB, filesystem("xfs", "", 1100 * kMiB),
                  RegionRole::Backup);
        addRegion(21, 2, "vault-2", 2048 * kMiB, empty());
        addRegion(22, 2, "cairn", 16 * kMiB, {}, RegionRole::Management);
        addGeneration(2, GenerationState::Good, 10, 20);
        addGeneration(1, GenerationState::Superseded, 10, 20);
    }

    [[nodiscard]] const ArraySnapshot& snapshot() const { return m_snapshot; }
    [[nodiscard]] ArraySnapshot& snapshot() { return m_snapshot; }
    [[nodiscard]] const Region& region(std::uint8_t seed) const
    {
        const Region* found = m_snapshot.layout.find(RegionId{uuid(seed)});
        CAIRN_ASSERT(found != nullptr);
        return *found;
    }

    static Content empty()
    {
        Content content;
        content.kind = ContentKind::Empty;
        return content;
    }

    void addMember(std::uint8_t seed, const std::string& location)
    {
        Member member;
        member.id = uuid(seed);
        member.location = location;
        member.model = "image file";
        member.sizeBytes = 4 * kGiB;
        member.free = {{3900 * kMiB, 190 * kMiB}};
        member.holdsCatalog = true;
        m_snapshot.layout.members.push_back(member);
    }

    void addRegion(std::uint8_t seed, std::uint8_t member, const std::string& name,
                   std::uint64_t sizeBytes, const Content& content,
                   RegionRole role = RegionRole::Data)
    {
        std::uint64_t offset = kMiB;
        for (const Region& other : m_snapshot.layout.regions) {
            if (other.member == uuid(member))
                offset = *other.extent.end();
        }
        Region made;
        made.id = RegionId{uuid(seed)};
        made.name = name;
        made.member = uuid(member);
        made.extent = {offset, sizeBytes};
        made.role = role;
        made.content = content;
        m_snapshot.layout.regions.push_back(made);
    }

    void addGeneration(GenerationNumber number, GenerationState state, std::uint8_t source,
                       std::uint8_t target)
    {
        Generation made;
        made.number = number;
        made.source = {RegionId{uuid(source)}, region(source).name, region(source).member};
        made.target = {RegionId{uuid(target)}, region(target).name, region(target).member};
        made.sizeBytes = region(source).extent.lengthBytes;
        made.label = "nightly";
        made.note = "before upgrade";
        made.content = region(source).content;
        made.startedMs = 1'700'000'000'000 + static_cast<std::int64_t>(number) * 3'600'000;
        made.finishedMs = made.startedMs + 90'000;
        made.verifiedMs = state == GenerationState::Good ? made.finishedMs : 0;
        made.hostName = "alpha";
        made.state = state;
        m_snapshot.generations.push_back(made);
    }

private:
    ArraySnapshot m_snapshot;
};

} // namespace cairn::test
