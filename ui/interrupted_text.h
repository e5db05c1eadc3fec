// Words an interrupted job: what it was, in which state it left things, what giving it up costs.
#pragma once

#include "ui/array_snapshot.h"

#include <QString>

namespace cairn {

// "Backup 1 of db", "The restore of backup 1 onto db": the beginning of a sentence.
[[nodiscard]] QString jobTitle(const Job& job);
[[nodiscard]] QString interruptedText(const Job& job, const ArraySnapshot& snapshot);
// What is lost by giving the job up.
[[nodiscard]] QString discardText(const Job& job, const ArraySnapshot& snapshot);

} // namespace cairn
