// Members of which nothing can be read now, and files that are one of them: what is known, in
// words.
#pragma once

#include "core/backup/member_loss.h"
#include "ui/array_snapshot.h"
#include "ui/widgets/message_strip.h"

#include <QStringList>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

// Those that the catalog lists.
[[nodiscard]] std::vector<Member> awayMembers(const ArraySnapshot& snapshot);

// What the catalog tells of one: its size, its copy of the catalog, regions and backups on it.
[[nodiscard]] QStringList awayLines(const ArraySnapshot& snapshot, const Member& member);

// That they are away, without actions; nothing while none is.
[[nodiscard]] std::optional<Message> awayMessage(const ArraySnapshot& snapshot);

// The URIs without that place. Touches no device: the same path in another form is the same place.
[[nodiscard]] std::vector<std::string> urisWithout(std::vector<std::string> uris,
                                                   const std::string& location);

// What the open array is opened by together with what was opened beside it, where that is nothing
// but members that the open one lacks; empty otherwise. Waits for devices: not on the GUI thread.
[[nodiscard]] std::vector<std::string> urisTogether(const ArraySnapshot& open,
                                                    const ArraySnapshot& beside);

// That the file is the missing member of the array; what was attempted with it failed.
[[nodiscard]] Message foundMessage(const ArraySnapshot& open, const std::string& path,
                                   const Uuid& member);

} // namespace cairn
