// Writes an array's catalog into a file, and a file's records into an array.
#include "core/backup/catalog_file.h"

#include "core/backup/catalog_lines.h"
#include "core/backup/guards.h"
#include "core/backup/rebuild.h"
#include "core/backup/sealed_regions.h"

#define XXH_STATIC_LINKING_ONLY // For the size of the state, which lives in LineHash.
#include <xxhash.h>

#include <algorithm>
#include <istream>
#include <set>

namespace cairn {
namespace {

class LineHash {
public:
    LineHash() { XXH3_128bits_reset(&m_state); }
    void add(std::string_view line)
    {
        XXH3_128bits_update(&m_state, line.data(), line.size());
        XXH3_128bits_update(&m_state, "\n", 1);
    }
    [[nodiscard]] Digest digest() const
    {
        XXH128_canonical_t canonical;
        XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&m_state));
        Digest digest;
        std::ranges::copy(std::as_bytes(std::span(canonical.digest)), digest.bytes.begin());
        return digest;
    }

private:
    XXH3_state_t m_state;
};

std::uint64_t versionFor(const std::vector<UnfinishedWrite>& unfinished,
                         const std::vector<RegionSeal>& seals)
{
    if (!seals.empty())
        return 3;
    return unfinished.empty() ? 1 : 2;
}

class Writer {
public:
    explicit Writer(const ByteSink& sink) : m_sink(sink) {}
    Result<void> write(const FileLine& line)
    {
        const std::string text = toLine(line);
        m_hash.add(text);
        ++m_lines;
        m_buffer += text;
        m_buffer += '\n';
        return m_buffer.size() < kBlockBytes ? Result<void>() : flush();
    }
    Result<void> end()
    {
        CAIRN_TRY(write(FileEnd{m_lines, m_hash.digest()}));
        return flush();
    }

private:
    static constexpr std::size_t kBlockBytes = 64 * kKiB;

    Result<void> flush()
    {
        CAIRN_TRY(m_sink(std::as_bytes(std::span(m_buffer))));
        m_buffer.clear();
        return {};
    }

    const ByteSink& m_sink;
    std::string m_buffer;
    LineHash m_hash;
    std::uint64_t m_lines = 0;
};

// Whether it lies in the region of its source, and can be a backup again.
Result<bool> isSwappedAway(Catalog& catalog, const Generation& generation)
{
    if (generation.supersededBy == 0)
        return false;
    const auto kept = catalog.generation(generation.supersededBy);
    return kept && kept->undo && kept->undo->swapped && canBeUndone(*kept);
}

Result<void> writeGeneration(Catalog& catalog, const Generation& generation, Writer& writer)
{
    CAIRN_TRY(writer.write(generation));
    // What may still be kept of a superseded one is for the copy that runs now, or for a swap back.
    if (generation.state == GenerationState::Superseded &&
        !CAIRN_TRY(isSwappedAway(catalog, generation)))
        return {};
    const auto digests = CAIRN_TRY(catalog.digests(generation.number));
    const std::uint64_t segments = divideUp(chunkCount(generation.sizeBytes), kChunksPerSegment);
    for (std::uint64_t index = 0; index < segments; ++index) {
        FileDigests line{generation.number, DigestSegment{index, {}}};
        line.segment.digests = CAIRN_TRY(digests->segment(index));
        if (!line.segment.digests.empty())
            CAIRN_TRY(writer.write(line));
    }
    return {};
}

// Gives the lines of a file that may be of any length and content, one at a time.
class Reader {
public:
    explicit Reader(std::istream& in) : m_in(in) {}

    // Nothing at the end of the file.
    Result<std::optional<FileLine>> next()
    {
        std::string text;
        if (!CAIRN_TRY(readLine(text)))
            return std::nullopt;
        ++m_lines;
        auto line = parseLine(text);
        if (!line) {
            Error error = std::move(line).error();
            error.subject = "catalog export";
            error.detail = "line " + std::to_string(m_lines) + ": " + error.detail;
            return std::unexpected(std::move(error));
        }
        // The last line is about the bytes before it.
        if (!std::holds_alternative<FileEnd>(*line))
            m_hash.add(text);
        return *std::move(line);
    }
    [[nodiscard]] std::unexpected<Error> problem(const std::string& what) const
    {
        return failure(ErrorCode::InvalidDescription, "catalog export",
                       "line " + std::to_string(m_lines) + ": " + what);
    }
    [[nodiscard]] std::uint64_t lines() const { return m_lines; }
    [[nodiscard]] Digest digest() const { return m_hash.digest(); }

private:
    // False at the end of the file; a last line without line feed was cut off.
    Result<bool> readLine(std::string& line)
    {
        for (;;) {
            const std::size_t feed = m_buffer.find('\n', m_at);
            if (feed != std::string::npos) {
                line = m_buffer.substr(m_at, feed - m_at);
                m_at = feed + 1;
                return true;
            }
            m_buffer.erase(0, m_at);
            m_at = 0;
            if (m_buffer.size() > kCatalogLineLimitBytes)
                return problem("too long");
            constexpr std::size_t kBlockBytes = 64 * kKiB;
            const std::size_t kept = m_buffer.size();
            m_buffer.resize(kept + kBlockBytes);
            m_in.read(m_buffer.data() + kept, kBlockBytes);
            m_buffer.resize(kept + static_cast<std::size_t>(m_in.gcount()));
            if (m_in.bad())
                return failure(ErrorCode::ReadFailed, "catalog export");
            if (m_buffer.size() == kept && kept > 0)
                return problem("cut off");
            if (m_buffer.size() == kept)
                return false;
        }
    }

    std::istream& m_in;
    std::string m_buffer;
    std::size_t m_at = 0;
    std::uint64_t m_lines = 0;
    LineHash m_hash;
};

// What the file says, but for its records: those are read again when they are inserted.
struct FileSummary {
    FileHeader header;
    std::vector<KnownMember> members;
    std::vector<UnfinishedWrite> unfinished;
    std::vector<RegionSeal> seals;
};

Result<void> checkDigests(const Reader& reader, const FileDigests& digests,
                          const std::optional<Generation>& generation, std::uint64_t& nextSegment)
{
    if (!generation || digests.generation != generation->number)
        return reader.problem("generation");
    if (digests.segment.index < nextSegment)
        return reader.problem("segment");
    const std::uint64_t chunks = chunkCount(generation->sizeBytes);
    const std::uint64_t segments = divideUp(chunks, kChunksPerSegment);
    if (digests.segment.index >= segments)
        return reader.problem("segment");
    const std::uint64_t first = digests.segment.index * kChunksPerSegment;
    if (digests.segment.digests.size() != std::min(kChunksPerSegment, chunks - first))
        return reader.problem("digests");
    nextSegment = digests.segment.index + 1;
    return {};
}

Result<void> checkEnd(Reader& reader, const FileEnd& end)
{
    if (end.lines + 1 != reader.lines())
        return reader.problem("lines");
    if (end.digest != reader.digest())
        return reader.problem("xxh3_128");
    if (CAIRN_TRY(reader.next()))
        return reader.problem("after the end");
    return {};
}

// By its first line a file of something else is told from an export that was damaged.
Result<FileHeader> readHeader(Reader& reader)
{
    const auto none = [](const std::string& why) {
        return failure(ErrorCode::InvalidDescription, "catalog export", why);
    };
    auto first = reader.next();
    if (!first && first.error().code != ErrorCode::InvalidDescription)
        return std::unexpected(std::move(first).error());
    if (first && !*first)
        return none("it is empty");
    if (!first || !std::holds_alternative<FileHeader>(**first))
        return none("its first line is not the header of a catalog export");
    return std::get<FileHeader>(**std::move(first));
}

// Reads the whole file and checks it, before anything is changed.
Result<FileSummary> checkFile(std::istream& in)
{
    Reader reader(in);
    FileSummary summary;
    summary.header = CAIRN_TRY(readHeader(reader));

    std::set<GenerationNumber> numbers;
    std::optional<Generation> generation;
    std::uint64_t nextSegment = 0;
    while (auto line = CAIRN_TRY(reader.next())) {
        if (const auto* end = std::get_if<FileEnd>(&*line)) {
            CAIRN_TRY(checkEnd(reader, *end));
            return summary;
        }
        if (std::holds_alternative<FileHeader>(*line))
            return reader.problem("header");
        if (const auto* digests = std::get_if<FileDigests>(&*line))
            CAIRN_TRY(checkDigests(reader, *digests, generation, nextSegment));
        if (auto* record = std::get_if<Generation>(&*line)) {
            if (!numbers.insert(record->number).second)
                return reader.problem("number");
            generation = std::move(*record);
            nextSegment = 0;
        }
        if (auto* member = std::get_if<KnownMember>(&*line))
            summary.members.push_back(std::move(*member));
        if (auto* write = std::get_if<UnfinishedWrite>(&*line))
            summary.unfinished.push_back(std::move(*write));
        if (auto* seal = std::get_if<RegionSeal>(&*line))
            summary.seals.push_back(std::move(*seal));
    }
    return reader.problem("cut off");
}

// A record as it can be taken over: what was proved elsewhere has to be proved again, and a job
// that was running then cannot be gone on with.
Generation recoveredFrom(Generation generation)
{
    generation.recovered = true;
    if (generation.state == GenerationState::Good)
        generation.state = GenerationState::Copied;
    if (generation.state == GenerationState::Copying ||
        generation.state == GenerationState::Interrupted)
        generation.state = GenerationState::Failed;
    return generation;
}

// A region on a member that is not attached may come back; one that is missing from an attached
// member will not.
bool isGone(const ArrayLayout& layout, const RegionRef& target)
{
    if (layout.find(target.id) != nullptr)
        return false;
    const Member* member = layout.findMember(target.member);
    return member == nullptr || member->state == MemberState::Present ||
           member->state == MemberState::ReadOnly || member->state == MemberState::Foreign;
}

struct Insertion {
    Catalog& catalog;
    ArrayLayout layout;
    std::set<GenerationNumber> known;
    std::set<RegionId> occupied; // By a copy that a record tells of.
    RebuildOutcome outcome;
};

Result<void> insertOne(Insertion& insertion, const std::optional<Generation>& generation,
                       const std::vector<DigestSegment>& digests)
{
    if (!generation)
        return {};
    const Generation record = recoveredFrom(*generation);
    const std::uint64_t segments = divideUp(chunkCount(record.sizeBytes), kChunksPerSegment);
    if (insertion.known.contains(record.number) || isGone(insertion.layout, record.target) ||
        (hasCopy(record) && !lacksDigests(record) && digests.size() != segments) ||
        (hasCopy(record) && !insertion.occupied.insert(record.target.id).second)) {
        ++insertion.outcome.skipped;
        return {};
    }
    CAIRN_TRY(insertion.catalog.insertRecovered(record, digests));
    ++insertion.outcome.recovered;
    return {};
}

Result<void> insertUnfinished(Insertion& insertion, const std::vector<UnfinishedWrite>& all)
{
    for (const UnfinishedWrite& write : all) {
        if (!isGone(insertion.layout, write.region))
            CAIRN_TRY(insertion.catalog.insertRecovered(write));
    }
    return {};
}

// Whatever has become of the region since: a piece is only read where it has zeroes.
Result<void> insertSeals(Insertion& insertion, const std::vector<RegionSeal>& seals)
{
    for (const RegionSeal& seal : seals)
        CAIRN_TRY(insertion.catalog.insertRecovered(seal));
    return {};
}

// Nobody can tell any more which regions are half-written: each is until the operator accepts it.
Result<void> doubtAll(Insertion& insertion, std::int64_t nowMs)
{
    for (const Region& region : insertion.layout.regions) {
        if (region.role != RegionRole::Data || region.content.surelyEmpty())
            continue;
        CAIRN_TRY(insertion.catalog.insertRecovered(
            UnfinishedWrite{.kind = WriteKind::RegionImport,
                            .generation = 0,
                            .region = refTo(region),
                            .sizeBytes = region.extent.lengthBytes,
                            .sinceMs = nowMs}));
        ++insertion.outcome.doubted;
    }
    return {};
}

Result<void> insertAll(std::istream& in, Insertion& insertion)
{
    in.clear();
    in.seekg(0);
    Reader reader(in);
    std::optional<Generation> generation;
    std::vector<DigestSegment> digests;
    while (auto line = CAIRN_TRY(reader.next())) {
        if (auto* segment = std::get_if<FileDigests>(&*line))
            digests.push_back(std::move(segment->segment));
        if (auto* record = std::get_if<Generation>(&*line)) {
            CAIRN_TRY(insertOne(insertion, generation, digests));
            generation = std::move(*record);
            digests.clear();
        }
    }
    return insertOne(insertion, generation, digests);
}

} // namespace

Result<void> insertSalvaged(Rebuilding& rebuilding, std::int64_t nowMs, RebuildOutcome& outcome)
{
    const Salvage& salvaged = rebuilding.old();
    Insertion insertion{rebuilding.catalog(), rebuilding.layout(), {}, {}, outcome};
    for (const SalvagedRecord& record : salvaged.records)
        CAIRN_TRY(insertOne(insertion, record.generation, record.digests));
    if (salvaged.unfinished)
        CAIRN_TRY(insertUnfinished(insertion, *salvaged.unfinished));
    const auto places = sealPlaces(salvaged.swaps, insertion.layout);
    CAIRN_TRY(insertSeals(insertion, sealsInPlace(salvaged.seals, places)));
    if (salvaged.unfinishedLost)
        CAIRN_TRY(doubtAll(insertion, nowMs));
    outcome = insertion.outcome;
    return {};
}

Result<std::vector<std::string>> regionsWithoutSignatures(Catalog& catalog,
                                                          const ArrayLayout& layout)
{
    const auto seals = CAIRN_TRY(catalog.seals());
    std::vector<std::string> found;
    for (const Region& region : layout.regions) {
        if (region.sealedMark && region.content.kind != ContentKind::Recognised &&
            std::ranges::find(seals, region.id, &RegionSeal::region) == seals.end())
            found.push_back(region.name.empty() ? region.id.uuid.toString() : region.name);
    }
    return found;
}

Result<void> exportCatalog(Attachment& attachment, const ByteSink& sink)
{
    return catchOutOfMemory([&]() -> Result<void> {
        const auto catalog = CAIRN_TRY(attachment.catalog());
        const CatalogStatus status = catalog->status();
        // Which of two regions a record is about, only the catalog can tell until that ends.
        if (const auto swaps = CAIRN_TRY(catalog->swaps()); !swaps.empty())
            return failure(ErrorCode::CannotSwap, swaps.front().source.name, kSwapUnfinished,
                           swaps.front().generation);
        Writer writer(sink);
        const auto unfinished = CAIRN_TRY(catalog->unfinished());
        const auto seals = CAIRN_TRY(catalog->seals());
        CAIRN_TRY(writer.write(FileHeader{.arrayId = status.arrayId,
                                          .label = status.arrayLabel,
                                          .version = versionFor(unfinished, seals)}));
        for (const KnownMember& member : CAIRN_TRY(catalog->members()))
            CAIRN_TRY(writer.write(member));
        for (const UnfinishedWrite& write : unfinished)
            CAIRN_TRY(writer.write(write));
        for (const RegionSeal& seal : seals)
            CAIRN_TRY(writer.write(seal));
        auto generations = CAIRN_TRY(catalog->generations());
        std::ranges::reverse(generations);
        for (const Generation& generation : generations)
            CAIRN_TRY(writeGeneration(*catalog, generation, writer));
        const Ledger ledger = CAIRN_TRY(catalog->ledger());
        for (const Event& event : ledger.events)
            CAIRN_TRY(writer.write(event));
        return writer.end();
    });
}

Result<void> checkExport(Attachment& attachment, std::istream& in)
{
    return catchOutOfMemory([&]() -> Result<void> {
        const FileSummary summary = CAIRN_TRY(checkFile(in));
        return requireExportOf(attachment, summary.header.arrayId);
    });
}

Result<RebuildOutcome> rebuildCatalog(Attachment& attachment, std::istream& in)
{
    return catchOutOfMemory([&]() -> Result<RebuildOutcome> {
        const FileSummary summary = CAIRN_TRY(checkFile(in));
        auto rebuilding = CAIRN_TRY(Rebuilding::begin(attachment, summary.header.arrayId,
                                                      summary.header.label, summary.members));
        const Salvage& old = rebuilding.old();
        Insertion insertion{rebuilding.catalog(), rebuilding.layout(), {}, {}, {}};
        // Newer than any file. What cannot be read of them may be in the file.
        CAIRN_TRY(insertSalvaged(rebuilding, attachment.environment().clock.nowUnixMs(),
                                 insertion.outcome));
        const Records records = CAIRN_TRY(readRecords(insertion.catalog, insertion.layout));
        for (const Region& region : insertion.layout.regions) {
            if (records.occupant(region.id) != nullptr)
                insertion.occupied.insert(region.id);
        }
        for (const Generation& generation : CAIRN_TRY(insertion.catalog.generations()))
            insertion.known.insert(generation.number);
        CAIRN_TRY(insertAll(in, insertion));
        // A catalog that could be read knows better than the file what is half-written now.
        if (rebuilding.anew() && !old.unfinished && !old.unfinishedLost)
            CAIRN_TRY(insertUnfinished(insertion, summary.unfinished));
        CAIRN_TRY(insertSeals(insertion, summary.seals));
        insertion.outcome.signaturesLost =
            CAIRN_TRY(regionsWithoutSignatures(insertion.catalog, insertion.layout));
        CAIRN_TRY(rebuilding.finish(insertion.outcome, "export"));
        return insertion.outcome;
    });
}

} // namespace cairn
