// The sentence of each verb that did not succeed.
#pragma once

#include "ui/error_text.h"

namespace cairn {

// "The backup was not completed."
[[nodiscard]] QString failedPhrase(Verb verb);

} // namespace cairn
