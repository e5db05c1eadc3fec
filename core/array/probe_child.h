// A child process that asks libblkid about memory files.
#pragma once

#include "core/base/byte_range.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cairn {

enum class BlkidAnswer : std::uint8_t {
    Nothing,
    Found,
    Ambiguous,
    Died, // Killed by its limits, or it said nothing that makes sense.
};

struct BlkidFinding {
    BlkidAnswer answer = BlkidAnswer::Died;
    std::string type; // Of a filesystem, RAID member …, or of a partition table.
    std::string label;
    std::string uuid;
    std::vector<ByteRange> magics; // Of askMagics(): some of them; untrusted.
};

// Answers one question after the other, which costs a fork only now and then; for the regions of
// one member, that are as trustworthy as each other. What kills the child costs the answer about
// that file alone. For one thread at a time.
class ProbeChild {
public:
    ProbeChild() = default;
    ~ProbeChild() { end(); }
    ProbeChild(const ProbeChild&) = delete;
    ProbeChild& operator=(const ProbeChild&) = delete;

    // Blocks for at most 2 s. The child has no descriptor but the file and its end of a socket, and
    // 256 MiB more memory than this process has when the child is made.
    [[nodiscard]] BlkidFinding ask(int memoryFile) { return ask(memoryFile, Question::Content); }
    // Where the magic numbers of what libblkid recognises are, also of what is ambiguous, or has a
    // wrong checksum; of some of it, if there is any.
    [[nodiscard]] BlkidFinding askMagics(int memoryFile)
    {
        return ask(memoryFile, Question::Magics);
    }

private:
    enum class Question : char { Content, Magics };
    [[nodiscard]] BlkidFinding ask(int memoryFile, Question question);
    [[nodiscard]] bool start();
    void end();

    int m_child = -1; // Its process id.
    int m_socket = -1;
    unsigned m_asked = 0;
};

} // namespace cairn
