// Keeps a region's signatures off the medium, and shows the region as if they were there.
#pragma once

#include "core/array/signatures.h"
#include "core/io/region_io.h"
#include "core/io/sealed_bytes.h"

#include <functional>
#include <memory>
#include <shared_mutex>
#include <vector>

namespace cairn {

// What is known of one sealed region; shared by all who have it open. For each of the pieces the
// region has zeroes, and whoever reads it gets the piece. Where a byte there is neither zero nor
// the piece's, something else has written the region since, and is what is read.
class Seal {
public:
    // Makes these pieces, and no others, durable.
    using Recorder = std::function<Result<void>(const std::vector<SealedBytes>& pieces)>;

    explicit Seal(std::vector<SealedBytes> pieces) : m_pieces(std::move(pieces)) {}

    // Whether that changed anything.
    bool set(std::vector<SealedBytes> pieces);
    // Without one the region cannot be written.
    void setRecorder(Recorder recorder);

    // --- `region` is always the region as it is on the medium.
    [[nodiscard]] Result<void> read(RegionIo& region, std::uint64_t offsetBytes,
                                    std::span<std::byte> into);
    // Of what the region would hold afterwards, each signature is recorded, and zeroes are in its
    // place, before the rest is written.
    [[nodiscard]] Result<void> write(RegionIo& region, std::uint64_t offsetBytes,
                                     std::span<const std::byte> from);
    [[nodiscard]] Result<void> zero(RegionIo& region, ByteRange range);
    [[nodiscard]] Result<ByteRange> nextData(RegionIo& region, std::uint64_t offsetBytes);

    // Records every signature that is there now, then erases them, and flushes.
    [[nodiscard]] Result<void> erase(RegionIo& region);
    // That nothing else is in the place of one. ContentUnknown (detail: where).
    [[nodiscard]] Result<void> checkPlaces(RegionIo& region);
    // Writes all back but where something else is, and flushes; they are still recorded.
    [[nodiscard]] Result<void> writeBack(RegionIo& region);
    // The same of a region that may be in use since: whoever finds a filesystem there finds it by
    // the first piece, so that one is written last, after a flush. Where it is there, or anything
    // that is none of the pieces' stands in their places, or another signature is found, nothing is
    // written.
    [[nodiscard]] Result<bool> needsPutBack(RegionIo& region);
    [[nodiscard]] Result<void> putBack(RegionIo& region);

private:
    [[nodiscard]] Result<void> readThrough(RegionIo& region, std::uint64_t offsetBytes,
                                           std::span<std::byte> into);
    [[nodiscard]] bool canHoldSignature(std::uint64_t sizeBytes, const ByteRange& range) const;
    // The pieces of these ranges, as `bytes` has them.
    [[nodiscard]] static Result<std::vector<SealedBytes>>
    piecesOf(const std::vector<ByteRange>& ranges, const SignatureFinder::Bytes& bytes);
    [[nodiscard]] Result<void> record(std::vector<SealedBytes> pieces);
    [[nodiscard]] static Result<void> erasePiece(RegionIo& region, const SealedBytes& piece);
    // But for those that lie in `beside`.
    [[nodiscard]] Result<void> erasePieces(RegionIo& region, const ByteRange& beside);

    // Exclusive while the pieces change, or the places on the medium that they are about.
    std::shared_mutex m_mutex;         // Guards all below.
    std::vector<SealedBytes> m_pieces; // In order, none touching another.
    Recorder m_recorder;
    SignatureFinder m_finder;
};

// A sealed region with its true content. Owns the region as it is on the medium.
class SealedIo final : public RegionIo {
public:
    SealedIo(std::unique_ptr<RegionIo> region, std::shared_ptr<Seal> seal)
        : m_region(std::move(region)), m_seal(std::move(seal))
    {}

    std::uint64_t sizeBytes() const override { return m_region->sizeBytes(); }
    IoTraits traits() const override { return m_region->traits(); }
    std::string name() const override { return m_region->name(); }
    Result<void> read(std::uint64_t offsetBytes, std::span<std::byte> into) override
    {
        return m_seal->read(*m_region, offsetBytes, into);
    }
    Result<void> write(std::uint64_t offsetBytes, std::span<const std::byte> from) override
    {
        return m_seal->write(*m_region, offsetBytes, from);
    }
    Result<void> zero(ByteRange range) override { return m_seal->zero(*m_region, range); }
    Result<void> flush() override { return m_region->flush(); }
    Result<ByteRange> nextData(std::uint64_t offsetBytes) override
    {
        return m_seal->nextData(*m_region, offsetBytes);
    }
    Result<void> dropCache(ByteRange range) override { return m_region->dropCache(range); }
    Result<void> checkNamed() override { return m_region->checkNamed(); }
    Result<bool> tryLock(ByteRange range, LockMode mode) override
    {
        return m_region->tryLock(range, mode);
    }

private:
    std::unique_ptr<RegionIo> m_region;
    std::shared_ptr<Seal> m_seal;
};

} // namespace cairn
