// A restore that keeps what it overwrites, its undoing, or another backup, cut at every write.
#pragma once

#include "core/backup/undo.h"
#include "tests/support/array_fixture.h"
#include "tests/support/memory_array.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cairn::test {

enum class Way : std::uint8_t { Forward, Back };

// A region with a backup, number 1, that was changed since in one chunk; and room for that and the
// edges. They are on one disk and the catalog is on another, so that a commit makes nothing durable
// but itself.
class UndoStory {
public:
    // The files of the directory lend their identity to the disks.
    explicit UndoStory(const std::string& directory);

    [[nodiscard]] const std::vector<std::byte>& backedUp() const { return m_backedUp; }
    [[nodiscard]] const std::vector<std::byte>& before() const { return m_before; }

    // Does the work on the disks as they are, and takes down its writes, to be cut in later.
    void record(const std::function<void(Attachment&)>& work);
    // Does it, and takes down nothing.
    void run(const std::function<void(Attachment&)>& work);
    // What is recorded from now on shares blocks instead of copying them.
    void letClone() { m_log->mayClone = true; }
    // From now on, and wherever power was cut in what is recorded from now on: reads that touch
    // those bytes of the region fail.
    void setUnreadable(const std::vector<ByteRange>& ofRegion);
    // In the state that is judged: all can be read.
    void heal();
    // What the region holds now.
    [[nodiscard]] std::vector<std::byte> now() const;
    [[nodiscard]] std::size_t writes() const { return m_log->entries.size(); }

    // Attached on another host, which knows nothing but the disks; "" or what is wrong.
    using Judge = std::function<std::string(Attachment& attachment, Way way)>;
    // After each write and flush, in turn with both ways and with what was not flushed lost, kept
    // or torn; before each flush also with all of it lost. The first that is wrong.
    [[nodiscard]] std::string judgeAll(const Judge& judge);

private:
    [[nodiscard]] std::vector<MemoryDisk> disks() const;
    void applyUnreadable(const std::vector<ByteRange>& ofRegion);

    TestEnvironment m_machine{testSeed()};
    TestEnvironment m_elsewhere{testSeed() + 1};
    std::vector<std::string> m_paths;
    std::vector<std::shared_ptr<MemoryMedium>> m_media;
    std::vector<std::vector<std::byte>> m_start; // Of the recorded work.
    std::shared_ptr<WriteLog> m_log = std::make_shared<WriteLog>();
    std::vector<ByteRange> m_unreadable;
    ByteRange m_extent; // Of the region on its disk.
    std::vector<std::byte> m_backedUp;
    std::vector<std::byte> m_before;
};

// Each ends the test program where it fails.
void undoNow(Attachment& attachment, GenerationNumber number);
GenerationNumber restoreNow(Attachment& attachment);
void resumeAll(Attachment& attachment);
[[nodiscard]] std::vector<std::byte> contentOf(Attachment& attachment, const char* region);
// What a program sees there that knows no catalog.
[[nodiscard]] std::vector<std::byte> onMedium(Attachment& attachment, const char* region);
void writeRegion(Attachment& attachment, const char* region, std::span<const std::byte> bytes);
// Of root, into copy.
void backUpNow(Attachment& attachment, bool sealed);
// Puts the header of a swap space at the beginning, so that there is something to seal.
void makeSwapSpace(std::vector<std::byte>& bytes);
[[nodiscard]] Generation generationOf(Attachment& attachment, GenerationNumber number);

} // namespace cairn::test
