// Who is asked before a member's bytes are changed, and says no once another host may write them.
#pragma once

#include "core/base/error.h"
#include "core/base/uuid.h"

#include <memory>

namespace cairn {

// Safe to call from any thread.
class WriteFence {
public:
    virtual ~WriteFence() = default;
    WriteFence() = default;
    WriteFence(const WriteFence&) = delete;
    WriteFence& operator=(const WriteFence&) = delete;

    // Right before each change of that member's bytes; the first one may wait for devices. An error
    // (Fenced, LeaseHeld …): the change must not be made.
    [[nodiscard]] virtual Result<void> admit(const Uuid& member) = 0;

    // After it, and before a flush is said to have done it: what took so long that another host may
    // have begun meanwhile does not count as written. Fenced.
    [[nodiscard]] virtual Result<void> confirm(const Uuid& member) = 0;

    // The member is about to leave: what guards it is renewed once more and then left alone, for
    // its place will be another's. It may be written for as long as that lasts.
    virtual void retire(const Uuid& member) = 0;
    // It stays after all.
    virtual void keep(const Uuid& member) = 0;
};

// The fence of one member; without one, nobody is asked.
struct MemberFence {
    std::shared_ptr<WriteFence> fence;
    Uuid member;

    [[nodiscard]] Result<void> admit() const
    {
        return fence ? fence->admit(member) : Result<void>();
    }
    [[nodiscard]] Result<void> confirm() const
    {
        return fence ? fence->confirm(member) : Result<void>();
    }
};

} // namespace cairn
