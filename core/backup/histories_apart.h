// Reads each of several histories that grew apart by itself: its members and its own backups.
#pragma once

#include "core/backup/attachment.h"

#include <string>
#include <vector>

namespace cairn {

struct HistoryApart {
    std::string id;
    std::vector<KnownMember> members;    // As it knows them, those that left included.
    std::vector<Generation> generations; // Its own: those that no other one has.
};

// A member that one of the histories has replaced or released, and that holds another one.
struct LeftApart {
    KnownMember member;
    std::string holds; // The history on it.
    std::string left;  // The one that it left.
};

// In the order of the catalog's status; none where there is one history only. What cannot be read
// is left out. Reads only.
[[nodiscard]] std::vector<HistoryApart> historiesApart(Attachment& attachment);

[[nodiscard]] std::vector<LeftApart> membersLeftApart(Attachment& attachment);

} // namespace cairn
