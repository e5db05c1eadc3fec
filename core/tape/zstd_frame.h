// One zstd frame at a time: compressed in memory, and taken from a stream again within limits.
#pragma once

#include "core/base/error.h"
#include "core/io/byte_stream.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace cairn {

// The most bytes that a frame of so many can have.
[[nodiscard]] std::uint64_t frameLimitBytes(std::uint64_t contentBytes);

// For one thread at a time; throws std::bad_alloc, as every allocation may.
class FrameWriter {
public:
    FrameWriter();

    // Begins a frame, of at most kPieceBytes.
    void begin();
    [[nodiscard]] Result<void> add(std::span<const std::byte> bytes);
    // The whole frame; valid until the next begin().
    [[nodiscard]] Result<std::span<const std::byte>> finish();

private:
    struct Free {
        void operator()(ZSTD_CCtx_s* context) const noexcept;
    };
    [[nodiscard]] Result<std::size_t> compress(std::span<const std::byte> bytes, bool last);

    std::unique_ptr<ZSTD_CCtx_s, Free> m_context;
    std::vector<std::byte> m_frame;
    std::size_t m_filled = 0;
};

// The frame is untrusted: it gets no more memory than a piece of an export needs, and gives no more
// bytes than are asked for. For one thread at a time.
class FrameReader {
public:
    FrameReader();

    // The next frame comes from here. Errors tell of `what` (InvalidArchive), or are the source's.
    void begin(ByteSource source);
    // Fills the span whole.
    [[nodiscard]] Result<void> read(std::span<std::byte> into);
    // The frame has to end here, and the source with it.
    [[nodiscard]] Result<void> finish();

private:
    struct Free {
        void operator()(ZSTD_DCtx_s* context) const noexcept;
    };
    // How much of the span is filled now; the frame may have ended.
    [[nodiscard]] Result<std::size_t> decompress(std::span<std::byte> into);

    std::unique_ptr<ZSTD_DCtx_s, Free> m_context;
    ByteSource m_source;
    std::vector<std::byte> m_input;
    std::size_t m_inputAt = 0;
    std::size_t m_inputEnd = 0;
    bool m_ended = false;
};

} // namespace cairn
