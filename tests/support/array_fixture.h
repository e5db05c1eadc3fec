// A real array of image files for tests of the verbs, and what is asked of it most.
#pragma once

#include "core/backup/administer.h"
#include "core/backup/attachment.h"
#include "core/backup/back_up.h"
#include "core/backup/restore.h"
#include "core/copy/copy_control.h"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace cairn::test {

// Ends the test program, with the error, where a step that the test builds on fails.
[[noreturn]] void stopTest(const char* what, const Error& error);

template<typename T>
T must(Result<T> result, const char* what = "step")
{
    if (!result)
        stopTest(what, result.error());
    if constexpr (!std::is_void_v<T>)
        return *std::move(result);
}

// Stops at the nth call, counted from 1, and from then on; 0: never.
class StopAt final : public CopyControl {
public:
    explicit StopAt(std::uint64_t nth) : m_nth(nth) {}
    bool checkpoint(const CopyProgress&) override
    {
        const std::uint64_t call = ++m_calls;
        return m_nth == 0 || call < m_nth;
    }
    [[nodiscard]] std::uint64_t calls() const { return m_calls; }

private:
    std::uint64_t m_nth;
    std::atomic<std::uint64_t> m_calls{0};
};

// Runs the hook once, at the first call in that phase.
class HookAt final : public CopyControl {
public:
    HookAt(CopyPhase phase, std::function<void()> hook) : m_phase(phase), m_hook(std::move(hook)) {}
    bool checkpoint(const CopyProgress& progress) override
    {
        if (progress.phase == m_phase && !m_done.exchange(true))
            m_hook();
        return true;
    }
    [[nodiscard]] bool reached() const { return m_done; }

private:
    CopyPhase m_phase;
    std::function<void()> m_hook;
    std::atomic<bool> m_done{false};
};

// Runs the hook at every call, one at a time.
class HookEach final : public CopyControl {
public:
    explicit HookEach(std::function<void()> hook) : m_hook(std::move(hook)) {}
    bool checkpoint(const CopyProgress&) override
    {
        const std::scoped_lock lock(m_mutex);
        m_hook();
        return true;
    }

private:
    std::mutex m_mutex;
    std::function<void()> m_hook;
};

class ArrayFixture {
public:
    struct Options {
        std::size_t members = 2;
        std::uint64_t memberSizeBytes = 128 * kMiB;
        std::uint64_t managementBytes = 0; // 0: by the member's size.
        bool simulated = false;            // Two simulated members that fail when they are told to.
    };
    // Creates the members in the directory, attached.
    ArrayFixture(std::string directory, const Options& options);
    explicit ArrayFixture(std::string directory) : ArrayFixture(std::move(directory), Options{}) {}

    [[nodiscard]] Attachment& operator*() { return *m_attachment; }
    // Of the member files.
    [[nodiscard]] const std::vector<std::string>& paths() const { return m_paths; }
    [[nodiscard]] const std::vector<std::string>& uris() const { return m_uris; }
    [[nodiscard]] const std::string& directory() const { return m_directory; }

    void detach() { m_attachment.reset(); }
    void attach();
    void attach(const std::vector<std::string>& uris);

    // On the member of that number.
    RegionId addRegion(const std::string& name, std::uint64_t sizeBytes, std::size_t member = 0);
    [[nodiscard]] Region region(const RegionId& id);
    // Of the member file, whatever the region says.
    void write(const RegionId& id, std::uint64_t offsetBytes, std::span<const std::byte> bytes);
    [[nodiscard]] std::vector<std::byte> read(const RegionId& id);
    [[nodiscard]] std::vector<std::byte> read(const RegionId& id, std::uint64_t offsetBytes,
                                              std::uint64_t lengthBytes);
    // Random bytes all over the region; the same seed gives the same.
    void fillRandom(const RegionId& id, std::uint64_t seed);
    // An "ext4" with two files in it, or an empty "xfs", made by mkfs.
    void makeFilesystem(const RegionId& id, const std::string& type, const std::string& label);

    // A digest of each member file.
    [[nodiscard]] std::vector<Digest> memberDigests() const;

    // Plans and runs it with the target's name confirmed if that is needed.
    Result<BackupOutcome> backUp(const RegionId& source, const RegionId& target,
                                 CopyControl& control);
    Result<BackupOutcome> backUp(const RegionId& source, const RegionId& target);
    // Keeps nothing of what it overwrites.
    Result<CopyOutcome> restore(GenerationNumber number, const std::optional<RegionId>& to,
                                CopyControl& control);
    Result<CopyOutcome> restore(GenerationNumber number,
                                const std::optional<RegionId>& to = std::nullopt);
    [[nodiscard]] Generation generation(GenerationNumber number);
    [[nodiscard]] GenerationState state(GenerationNumber number);
    [[nodiscard]] std::vector<EventKind> eventKinds();

private:
    std::string m_directory;
    std::vector<std::string> m_uris;
    std::vector<std::string> m_paths;
    std::unique_ptr<Attachment> m_attachment;
};

// Runs a program, also one for administrators, without a shell and waits; its exit status, or -1.
int runProgram(const std::vector<std::string>& arguments);

} // namespace cairn::test
