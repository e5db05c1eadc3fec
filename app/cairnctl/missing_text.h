// What of a source could not be read, for people, for JSON, and for ddrescue.
#pragma once

#include "app/cairnctl/invocation.h"
#include "core/base/byte_range.h"
#include "core/catalog/records.h"

#include <string>
#include <vector>

namespace cairn::ctl {

// "bytes 4096-8191, 12288-16383": at most a dozen, then how many more.
[[nodiscard]] std::string rangesText(const std::vector<ByteRange>& ranges);
[[nodiscard]] Json jsonOf(const std::vector<ByteRange>& ranges); // [{"offsetBytes", "sizeBytes"}]

// "8 KiB of db could not be read, and are zeroes in backup #3: bytes …".
[[nodiscard]] std::string missingText(const Generation& generation);
// What can be done about it: try again, where its source is attached.
[[nodiscard]] std::string missingAdvice(const ArrayLayout& layout, const Generation& generation);

// Warns of both; whether there was something to warn of.
bool warnOfMissing(Invocation& invocation, const ArrayLayout& layout, const Generation& generation);

// For an error that says that the backup is partial: which bytes are not from the source, and how
// to come by the rest. Nothing to say where that is not why.
void adviseOnMissing(Invocation& invocation, Attachment& attachment, GenerationNumber number);

// A mapfile as GNU ddrescue reads it: "-" for what could not be read, "?" for what is damaged in
// the backup, "+" for all else.
[[nodiscard]] std::string mapfileText(const Generation& generation);

} // namespace cairn::ctl
