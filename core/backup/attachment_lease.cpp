// The writer lease of an attachment: who holds it, and how it is taken.
#include "core/backup/attachment.h"

#include "core/backup/other_hosts.h"

#include <utility>

namespace cairn {

void Attachment::setLeaseTerms(LeaseTerms terms)
{
    const std::scoped_lock lock(m_mutex);
    m_leaseTerms = std::move(terms);
}

std::optional<LeaseBlock> Attachment::leaseHolder()
{
    const std::scoped_lock lock(m_mutex);
    return m_leaseTerms.takeOver || currentWriting() ? std::nullopt : m_leaseHolder;
}

// With the array's locks held. What is read of the array before this, another host may have changed
// since; from here on, none can. Where it has moved a copy, another block is the one that counts.
Result<std::shared_ptr<WriterLease>> Attachment::takeLease(const LeaseSubject& subject)
{
    constexpr int kMostMoves = 3;
    for (int moves = 0; moves < kMostMoves; ++moves) {
        const auto places = placesOfCopies(m_array->layout());
        auto copies = CAIRN_TRY(openCopies(Access::Write));
        auto lease =
            CAIRN_TRY(WriterLease::judge(std::move(copies), m_leaseTerms, subject, m_environment));
        CAIRN_TRY(m_array->guardWriting(lease, lease->othersWrote()));
        if (placesOfCopies(m_array->layout()) != places)
            continue;
        m_leaseHolder.reset();
        return lease;
    }
    return failure(ErrorCode::ArrayBusy, m_array->layout().uri);
}

} // namespace cairn
