// Words what is lost where a region is overwritten, for whoever asks before.
#pragma once

#include "core/backup/member_loss.h"
#include "ui/array_snapshot.h"
#include "ui/restore_offer.h"

#include <QString>
#include <QStringList>

namespace cairn {

// "Backup 2 of db from 2026-11-18 11:06 in vault will be replaced."
[[nodiscard]] QString replacedText(const Generation& replaced, const QString& target);
// Of a record that holds no whole copy: "Backup 2 in vault is incomplete; it will be given up."
[[nodiscard]] QString givenUpText(const Generation& incomplete, const QString& target);
// "Backup 2 holds what it held on …; what was changed since is not in it", or that no backup of it
// can be restored. `newest` is that backup, or null.
[[nodiscard]] QString backedUpText(const Generation* newest);

// "It is the last good copy of db", or the newest of it that holds what newer ones do not.
[[nodiscard]] QString lastCopyText(const Refusal& missed);
// What forgetting the record costs; `missed` is ArraySnapshot::missedWith() of it.
[[nodiscard]] QString forgetText(const Generation& record, const std::optional<Refusal>& missed);
// What goes with a disk; empty where nothing does.
[[nodiscard]] QString memberLossText(const MemberLoss& loss);

// How the operator answers what becomes of the content that a restore overwrites.
enum class Keeping : std::uint8_t {
    Whole,    // A region is known that has room for all of it.
    IfItFits, // What changes may fit into one; the restore finds out, and asks again where not.
    Nothing,
};

// What a restore costs: every sentence of the restore dialog about its target is made here, so
// that no two of them can contradict each other.
class RestoreLoss {
public:
    RestoreLoss(const ArraySnapshot& snapshot, const RestoreOffer& offer, Keeping keeping);

    [[nodiscard]] QString title() const; // Of the card.
    [[nodiscard]] bool losesSomething() const;
    [[nodiscard]] QStringList lines() const; // Of the card: what is there now.
    [[nodiscard]] QStringList losses() const;
    [[nodiscard]] QString whyTheName() const; // Where the region's name has to be typed.
    [[nodiscard]] QString ifCanceled() const;

private:
    // A backup, or an undo copy that still undoes something, whose record ends.
    [[nodiscard]] const Generation* replaced() const;
    [[nodiscard]] bool comesBackByUndo(const Generation& generation) const;
    [[nodiscard]] QStringList lossOfRecord() const;
    [[nodiscard]] QString lossOfContent() const;
    // Whether the bytes there are what the record of the target tells.
    [[nodiscard]] bool holdsWhatItsRecordSays() const;

    const ArraySnapshot& m_snapshot;
    const RestoreOffer& m_offer;
    const Region& m_target;
    QString m_name;
    Keeping m_keeping;
};

} // namespace cairn
