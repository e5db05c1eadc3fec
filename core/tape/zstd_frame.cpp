// Streaming compression with libzstd.
#include "core/tape/zstd_frame.h"

#include "core/tape/tape_layout.h"

#include <bit>
#include <new>
#include <zstd.h>

namespace cairn {
namespace {

// A window as large as a piece is all that a piece can use.
constexpr int kLargestWindowLog = std::bit_width(kPieceBytes) - 1;
constexpr std::size_t kInputBytes = 128 * kKiB;

std::unexpected<Error> damaged(const std::string& why)
{
    return failure(ErrorCode::InvalidArchive, {}, why);
}

} // namespace

std::uint64_t frameLimitBytes(std::uint64_t contentBytes)
{
    return ZSTD_compressBound(static_cast<std::size_t>(contentBytes)) + kKiB;
}

void FrameWriter::Free::operator()(ZSTD_CCtx_s* context) const noexcept
{
    ZSTD_freeCCtx(context);
}

FrameWriter::FrameWriter()
    : m_context(ZSTD_createCCtx()), m_frame(static_cast<std::size_t>(frameLimitBytes(kPieceBytes)))
{
    if (!m_context)
        throw std::bad_alloc(); // Caught, as that of any allocation, at the entry of a verb.
    // Lets zstd(1) prove a piece without Cairn.
    const std::size_t set = ZSTD_CCtx_setParameter(m_context.get(), ZSTD_c_checksumFlag, 1);
    CAIRN_ASSERT(ZSTD_isError(set) == 0);
}

void FrameWriter::begin()
{
    m_filled = 0;
    const std::size_t begun = ZSTD_initCStream(m_context.get(), ZSTD_CLEVEL_DEFAULT);
    CAIRN_ASSERT(ZSTD_isError(begun) == 0);
}

Result<std::size_t> FrameWriter::compress(std::span<const std::byte> bytes, bool last)
{
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    std::size_t left = 0;
    do {
        ZSTD_outBuffer output{m_frame.data(), m_frame.size(), m_filled};
        left = ZSTD_compressStream2(m_context.get(), &output, &input,
                                    last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left) != 0)
            return failure(ErrorCode::OutOfMemory, {}, ZSTD_getErrorName(left));
        m_filled = output.pos;
        // It always fits: the buffer is as large as a frame can become.
        CAIRN_ASSERT(left == 0 || m_filled < m_frame.size());
    } while (last ? left != 0 : input.pos < input.size);
    return m_filled;
}

Result<void> FrameWriter::add(std::span<const std::byte> bytes)
{
    CAIRN_TRY(compress(bytes, false));
    return {};
}

Result<std::span<const std::byte>> FrameWriter::finish()
{
    const std::size_t sizeBytes = CAIRN_TRY(compress({}, true));
    return std::span<const std::byte>(m_frame).first(sizeBytes);
}

void FrameReader::Free::operator()(ZSTD_DCtx_s* context) const noexcept
{
    ZSTD_freeDCtx(context);
}

FrameReader::FrameReader() : m_context(ZSTD_createDCtx()), m_input(kInputBytes)
{
    if (!m_context)
        throw std::bad_alloc();
    const std::size_t limited =
        ZSTD_DCtx_setParameter(m_context.get(), ZSTD_d_windowLogMax, kLargestWindowLog);
    CAIRN_ASSERT(ZSTD_isError(limited) == 0);
}

void FrameReader::begin(ByteSource source)
{
    const std::size_t begun = ZSTD_initDStream(m_context.get());
    CAIRN_ASSERT(ZSTD_isError(begun) == 0);
    m_source = std::move(source);
    m_inputAt = 0;
    m_inputEnd = 0;
    m_ended = false;
}

Result<std::size_t> FrameReader::decompress(std::span<std::byte> into)
{
    ZSTD_outBuffer output{into.data(), into.size(), 0};
    while (output.pos < output.size && !m_ended) {
        if (m_inputAt == m_inputEnd) {
            m_inputAt = 0;
            m_inputEnd = CAIRN_TRY(m_source(m_input));
            if (m_inputEnd == 0)
                return damaged("cut off");
        }
        ZSTD_inBuffer input{m_input.data(), m_inputEnd, m_inputAt};
        const std::size_t left = ZSTD_decompressStream(m_context.get(), &output, &input);
        if (ZSTD_isError(left) != 0)
            return damaged(ZSTD_getErrorName(left));
        m_inputAt = input.pos;
        m_ended = left == 0;
    }
    return output.pos;
}

Result<void> FrameReader::read(std::span<std::byte> into)
{
    if (CAIRN_TRY(decompress(into)) < into.size())
        return damaged("holds less than it must");
    return {};
}

Result<void> FrameReader::finish()
{
    std::byte more{};
    if (CAIRN_TRY(decompress(std::span(&more, 1))) > 0)
        return damaged("holds more than it may");
    if (m_inputAt != m_inputEnd || CAIRN_TRY(m_source(m_input)) > 0)
        return damaged("more follows after its frame");
    return {};
}

} // namespace cairn
