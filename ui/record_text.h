// Words the values of core for the operator: sizes, times, contents, states, reasons.
#pragma once

#include "core/array/candidate_target.h"
#include "core/array/region.h"
#include "core/backup/copy_presence.h"
#include "core/catalog/history.h"
#include "core/catalog/records.h"

#include <QString>
#include <cstdint>
#include <optional>
#include <vector>

namespace cairn {

// IEC units in the operator's locale: "64 MiB", "1.5 GiB".
[[nodiscard]] QString sizeDisplay(std::uint64_t bytes);
// Rounded up, and as a size field reads it: "1536 MiB".
[[nodiscard]] QString sizeToAddDisplay(std::uint64_t bytes);

// Local time as "2026-11-18 11:06"; a dash for 0.
[[nodiscard]] QString timeDisplay(std::int64_t unixMs);

// The two largest units: "6 h 9 min", "24 s".
[[nodiscard]] QString durationDisplay(std::int64_t seconds);

// "ext4 “home”", "empty", "unknown content".
[[nodiscard]] QString contentDisplay(const Content& content);
// The same of core's contentText(), as a refusal or an error carries it.
[[nodiscard]] QString contentDisplay(const std::string& detail);

// Never by colour alone: each state has a symbol and a word beside its tone.
enum class Tone : std::uint8_t { Plain, Good, Warning, Bad, Muted };
struct StateDisplay {
    QString symbol;
    QString word;
    Tone tone = Tone::Plain;
};
[[nodiscard]] StateDisplay stateDisplay(GenerationState state);
// The same of what keeps an undo: "↶ good, undoes #1"; of a backup, where there is none.
[[nodiscard]] StateDisplay stateDisplay(GenerationState state,
                                        const std::optional<UndoBrief>& undo);
// And of a backup whose source was in use: "≈ copied, inconsistent".
[[nodiscard]] StateDisplay inconsistentDisplay(StateDisplay shown, GenerationState state);
[[nodiscard]] StateDisplay stateDisplay(const Generation& generation);
// Why a backup that is not whole cannot be restored, and the ways on.
[[nodiscard]] QString unrestorableText(const Generation& generation);
// Whether it was read back once and is not called good any more, though nobody found it damaged:
// its region may have been overwritten since, as by a history that was given up.
[[nodiscard]] bool isInDoubt(const Generation& generation);
// The same with what is so of the copy now, where that is more: "⚠ good, not attached".
[[nodiscard]] StateDisplay withPresence(StateDisplay recorded, CopyPresence presence);
// What it says then: "not attached", "gone" …
[[nodiscard]] QString presenceWord(CopyPresence presence);
// What the details call a copy whose region changed.
[[nodiscard]] QString doubtWord();
// Said beside the state.
[[nodiscard]] QString heldWord();
[[nodiscard]] QString recoveredWord();
[[nodiscard]] QString inconsistentWord();
// What a filter finds undo copies by.
[[nodiscard]] QString undoWord();
[[nodiscard]] QString undoneWord();

// "Backup 2 of db", "Undo copy 3 of db".
[[nodiscard]] QString recordTitle(GenerationNumber number, const RegionRef& source, bool isUndo);
[[nodiscard]] QString recordTitle(const Generation& generation);
// "a restore of backup 2", "an undo with undo copy 3"; kind: writeKindName().
[[nodiscard]] QString interruptedTitle(const std::string& kind, GenerationNumber number);

[[nodiscard]] QString memberStateDisplay(MemberState state);
// What is the matter with it; empty where nothing is.
[[nodiscard]] QString memberProblemDisplay(const Member& member);

// How the last verification read: past the cache or not.
[[nodiscard]] QString readBackDisplay(ReadBack readBack);

// "Too small by 512 GiB", "Mounted at /home" …
[[nodiscard]] QString refusalDisplay(const Refusal& refusal);

// All reasons of a candidate, or what choosing it means, as one line.
// `othersBackup` is the record of the backup that it replaces, where that is another source's;
// `givenUpMs` as ArraySnapshot::givenUpMs().
[[nodiscard]] QString candidateDisplay(const CandidateTarget& candidate,
                                       const Generation* othersBackup = nullptr,
                                       std::optional<std::int64_t> givenUpMs = {});
// Warning where something is lost that another backup of the source does not make up for.
[[nodiscard]] Tone candidateTone(const CandidateTarget& candidate,
                                 const Generation* othersBackup = nullptr);

// Why a copy is not where its record says: "not attached: its member is missing". Empty where it
// is, and where there is none to look for.
[[nodiscard]] QString absenceDisplay(const ArrayLayout& layout, const Generation& generation);

// What left a region half-written, whose content the operator took as it is, and when:
// "half-written, as an import left it; taken as it is 2026-11-18 11:06".
[[nodiscard]] QString acceptedDisplay(const UnfinishedWrite& write);

// What a region holds that ArraySnapshot::givenUpMs() knows.
[[nodiscard]] QString givenUpDisplay(std::int64_t givenUpMs);

// The region's name as shown; its identity where an adopted disk left it without a name.
[[nodiscard]] QString regionDisplay(const Region& region);
[[nodiscard]] QString regionDisplay(const RegionRef& region);
// "home, vault", each name once and as it is now.
[[nodiscard]] QString regionsDisplay(const std::vector<RegionRef>& regions,
                                     const ArrayLayout& layout);

// "db on disk-1.img".
[[nodiscard]] QString placeDisplay(const ArrayLayout& layout, const Region& region);

// The last part of a member's path, or its identity where it was never opened.
[[nodiscard]] QString memberDisplay(const Member& member);

// Whether nothing is left of the job but to read back what it has written.
[[nodiscard]] bool isWrittenWhole(const Job& job);

} // namespace cairn
