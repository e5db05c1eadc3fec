// Records of backups as people read them.
#pragma once

#include "app/cairnctl/table_output.h"
#include "core/catalog/records.h"

#include <string>
#include <vector>

namespace cairn::ctl {

[[nodiscard]] Tone toneOf(GenerationState state);
// "good, held"; "superseded by #14".
[[nodiscard]] std::string stateText(const Generation& generation);

// One row for each, and where its copy is not; the layout is Attachment::layout().
[[nodiscard]] std::string recordTable(const std::vector<Generation>& generations,
                                      const ArrayLayout& layout);
// Everything about one.
[[nodiscard]] std::string recordText(const Generation& generation,
                                     const std::vector<ExportedCopy>& exports,
                                     const ArrayLayout& layout);

// "chunks 3, 7-9 (4 MiB)": at most a dozen runs, then how many more.
[[nodiscard]] std::string chunksText(const ChunkMap& chunks);

} // namespace cairn::ctl
