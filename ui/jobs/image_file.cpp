// Streams over image files.
#include "ui/jobs/image_file.h"

#include <cstdio>
#include <memory>

namespace cairn {
namespace {

struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

struct Stream {
    std::string path;
    std::unique_ptr<std::FILE, Closer> file;

    Result<void> open(const char* mode)
    {
        if (file)
            return {};
        file.reset(std::fopen(path.c_str(), mode));
        if (!file)
            return osFailure(ErrorCode::OpenFailed, path);
        return {};
    }
};

} // namespace

ByteSource imageSource(const std::string& path)
{
    const auto stream = std::make_shared<Stream>(path, nullptr);
    return [stream](std::span<std::byte> into) -> Result<std::size_t> {
        CAIRN_TRY(stream->open("rbe"));
        const std::size_t got = std::fread(into.data(), 1, into.size(), stream->file.get());
        if (got < into.size() && std::ferror(stream->file.get()) != 0)
            return osFailure(ErrorCode::ReadFailed, stream->path);
        return got;
    };
}

} // namespace cairn
