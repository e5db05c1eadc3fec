// Refuses to plan a change while the members are written apart.
#include "core/backup/one_history.h"

namespace cairn {

Result<void> requireOneHistory(Attachment& attachment)
{
    const auto catalog = CAIRN_TRY(attachment.catalog());
    if (const auto status = catalog->status(); status.histories.size() > 1)
        return failure(ErrorCode::HistoriesDiverged, status.arrayLabel);
    return {};
}

} // namespace cairn
