// The verbs of the open array as menu actions: from the selection through a dialog to a job.
#pragma once

#include "ui/array_view.h"
#include "ui/attached_array.h"
#include "ui/dialogs/add_region_dialog.h"
#include "ui/dialogs/member_dialog.h"
#include "ui/error_text.h"
#include "ui/restore_offer.h"
#include "ui/widgets/message_strip.h"

#include <QAction>
#include <QObject>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace cairn {

enum class HalfWrittenState : std::uint8_t;
struct BackupTargets;
struct BadEnd;
struct ImportChoice;
struct ImportPlan;
struct RestoreChoice;
struct SourcePolicy;
enum class OnUnreadable : std::uint8_t;

// Lives on the GUI thread; does nothing by itself: every change begins with an action.
class ArrayActions final : public QObject {
    Q_OBJECT

public:
    // The three outlive it.
    ArrayActions(ArrayView& view, MessageStrip& messages, QWidget& window);

    // The array that the actions work on, or none.
    void setArray(AttachedArray* array);
    // Why none of them can be chosen until that is over; empty: they can.
    void setBlocked(const QString& why);
    // Of this user, whom others open devices for: the kernel takes a changed partition table from
    // root only.
    void setTablesNeedRoot(bool needed);
    [[nodiscard]] QAction* action(Verb verb) const { return m_actions.at(verb); }
    // Shown where the verb is root's, and nothing else speaks against it: copies the line by which
    // root does it in a terminal. Of the verbs that change a partition table.
    [[nodiscard]] QAction* rootAction(Verb verb) const { return m_rootActions.at(verb); }
    void chooseHistory(const QString& historyId);
    // Of a job that failed or was canceled.
    void retry(RunningJob* job);
    // Of a member that is missing or failed; asks for what takes its place.
    void replace(const Uuid& member);
    // What was refused as an array of its own may be a member that the open one lacks: that is
    // said in the place of the error, with the way on.
    void lookForMissing(Verb verb, const Error& error);
    // Of the disk at that place of a simulated array; running jobs meet them too.
    void changeFaults(std::size_t place, const Faults& faults);
    void recolorIcons();

Q_SIGNALS:
    // The open array is to be opened by these.
    void arrayWanted(const std::vector<std::string>& uris);
    // The same with what the operator names in the place of members that are missing.
    void missingFilesWanted();

private:
    struct Words {
        QString text;
        QString tip;
    };
    struct Look {
        Verb verb;
        const char* name; // objectName
        QString text;
        QString tip;
        QKeySequence shortcut;
        void (ArrayActions::*run)();
        Words named = {}; // The same with the region in it that the verb would act on.
    };
    void add(const Look& look);
    void addBackupActions();
    void addRegionActions();
    void addArrayActions();
    void addRecordActions();

    void backUp();
    void restore();
    void undoSelected();
    void resumeSelected();
    void discardSelected();
    void verifyGeneration();
    void holdGeneration();
    void releaseGeneration();
    void forgetGeneration();
    void sealGeneration();
    void unsealGeneration();
    void addRegion();
    void askRegion(const std::optional<RegionInput>& input);
    void renameRegion();
    void removeRegion();
    void acceptContent();
    void importImage();
    void exportImage();
    void showHistory();
    void askExportCatalog();
    void askExportBackup();
    void addMember();
    void askMember(const std::optional<MemberInput>& input);
    void replaceMember();
    void releaseDisk();
    void refresh();

    // Of the backups that are selected together.
    [[nodiscard]] bool several() const;
    [[nodiscard]] static bool takesSeveral(Verb verb);
    void readSelected(Verb verb, std::function<void(std::vector<Generation>)> then);
    void changeEach(Verb verb, const std::vector<GenerationNumber>& numbers, const QString& done,
                    Result<void> (*change)(Attachment&, GenerationNumber));
    void holdSelected(Verb verb);
    void forgetSelected();
    void askForgetSelected(const std::vector<GenerationNumber>& numbers, const QStringList& going,
                           const QStringList& staying);
    // Of those that were released last.
    [[nodiscard]] std::vector<MessageAction> holdAgain();

    void backUpFrom(const Region& source, const std::optional<RegionId>& target);
    void askBackup(const Region& source, const BackupTargets& targets,
                   const std::optional<RegionId>& target);
    void showDropVerdicts(const RegionId& source);
    void refuseBackup(const Region& source, const Error& error);
    void startBackup(const BackupPlan& plan);
    void askBackupAgain(const RegionId& source);
    void startVerify(const Generation& generation);
    void askImport(const RegionId& wanted, const ImportChoice& choice);
    void startImport(const Region& region, const ImportPlan& plan, const QString& path);
    void askHalfExport(const Region& region, const std::string& path, HalfWrittenState state);
    void startExport(const Region& region, const std::string& path, const QString& title,
                     OnUnreadable onUnreadable);
    // Begins with what was chosen before, where that is to be asked again.
    void askRestore(const Generation& generation, const std::optional<RestoreChoice>& choice);
    // Keeps what it overwrites in one of the areas.
    void startRestore(const RestorePlan& plan, const std::vector<RegionId>& areas);
    void swapSelected();
    void askSwap(GenerationNumber number);
    void startSwap(const SwapPlan& plan);
    // Where it was changed since the restore, the undo itself found that out.
    void askUndo(GenerationNumber number, bool changedSince = false);
    void startUndo(const UndoPlan& plan);
    // Asks how its source is read, where that is a backup's and in use.
    void resumeJob(const Job& job, OnUnreadable onUnreadable);
    void startResume(const Job& job, OnUnreadable onUnreadable, const SourcePolicy& policy);
    // What a partial backup lacks of its source.
    void startReread(const Generation& partial);
    void askDiscard(const Job& job);
    void offerInterrupted();
    [[nodiscard]] Message interruptedMessage(const Job& job);
    [[nodiscard]] std::vector<MessageAction> waysOn(const Job& job);
    void warnOfCatalog();
    void warnOfCopies();
    void warnOfMembers();
    void tellFailure(Verb verb, const Error& error);
    void askReplacement(const std::optional<Uuid>& member, const std::optional<MemberInput>& input);
    void report(RunningJob* job);
    void reportFailure(const BadEnd& end, const ArraySnapshot& after);
    // Failed jobs that others have made good since need no card any more.
    void dropMadeGood();
    void dropMessageOf(const RunningJob& job);
    // The cards of the others, and the messages beside them, as the array is now.
    void judgeFailed();
    void dropRefusals();
    void dropRefusedBackup();
    void updateEnabled();
    void updateBackupVerbs();
    // A selected backup stands for two regions: each verb says which of them it means.
    void nameRegions();
    void nameRegion(Verb verb, const Region* region);
    // With the reason in its tooltip where it is not allowed.
    void allow(Verb verb, const QString& whyNot);
    void addRootActions();
    // The reason for which it is not allowed, or none.
    void offerToRoot(Verb verb, const QString& reason);
    static void setReason(QAction& action, const QString& reason);
    [[nodiscard]] QString whyNotWritten() const;
    // Why there is no selected region to read or to change.
    [[nodiscard]] QString whyNoRegion() const;
    // Why the selected region itself cannot be changed.
    [[nodiscard]] QString whyNoChange() const;
    // Which job that has not ended writes the region, or uses it at all; empty: none does.
    [[nodiscard]] QString whyWritten(const RegionId& region) const;
    [[nodiscard]] QString whyUsed(const RegionId& region) const;
    // The same, said in a message.
    bool refusedAsWritten(Verb verb, const Region& region);
    bool refusedAsUsed(Verb verb, const Region& region);
    // Why its content cannot be either: no record would tell that the backup in it is gone.
    [[nodiscard]] QString whyNotGivenUp() const;
    [[nodiscard]] QString whyNotAdded() const;
    [[nodiscard]] QString whyNotRemoved() const;
    [[nodiscard]] QString whyNotReleased() const;
    // Whether only root may change the table of that member, or of any.
    [[nodiscard]] bool needsRoot(const std::optional<Uuid>& member) const;
    // By which root does it with the selection; empty where this user may.
    [[nodiscard]] QString commandAsRoot(Verb verb) const;
    [[nodiscard]] QString whyOnlyRoot(Verb verb) const;
    void leaveDisksToRoot(MemberDialog& dialog);
    [[nodiscard]] QString whyNotAccepted() const;
    [[nodiscard]] QString whyNoExport() const;
    [[nodiscard]] QString whyNoCatalog() const;
    [[nodiscard]] QString whyNoCatalogFile() const;
    [[nodiscard]] QString whyNoArchive() const;
    [[nodiscard]] QString whyNoBackup() const;
    [[nodiscard]] QString whyNoRestore() const;
    [[nodiscard]] QString whyNoSwap() const;
    [[nodiscard]] QString whyNoUndo() const;
    [[nodiscard]] QString whyNoResume() const;
    [[nodiscard]] QString whyNotWrittenFrom(const RegionRef& source, const RegionRef& target) const;
    [[nodiscard]] QString whyNoSeal() const;
    [[nodiscard]] QString whyNoUnseal() const;
    // Why neither can be done to the selected backup.
    [[nodiscard]] QString whySealStays() const;
    // Why the bytes of the backup cannot be read now.
    [[nodiscard]] QString whyNoCopy(const Generation& backup) const;
    [[nodiscard]] bool writable() const;
    [[nodiscard]] const Region* selectedRegion() const;
    [[nodiscard]] const Generation* selectedGeneration() const;
    // The selected region, or that of which the selected backup is one.
    [[nodiscard]] const Region* sourceToBackUp() const;
    // The undo copy that is selected, or that undoes a restore of what is.
    [[nodiscard]] const Generation* selectedUndo() const;
    // The job of the selection that waits, unless it is being resumed.
    [[nodiscard]] const Job* selectedInterrupted() const;
    // The selected backup, where its source may give what it lacks.
    [[nodiscard]] const Generation* selectedLacking() const;
    [[nodiscard]] bool isResumed(const Job& job) const;
    [[nodiscard]] const ArraySnapshot& snapshot() const { return m_array->snapshot(); }

    ArrayView& m_view;
    MessageStrip& m_messages;
    QWidget& m_window;
    AttachedArray* m_array = nullptr; // Set to none before it goes.
    QString m_blocked;
    bool m_tablesNeedRoot = false;
    std::map<Verb, QAction*> m_actions;
    std::map<Verb, QAction*> m_rootActions;
    std::map<Verb, Words> m_plainWords; // Of the verbs that name a region, while there is none,
    std::map<Verb, Words> m_namedWords; // and with %1 for its name.
    // Asks again with what was entered, of verbs that failed or may still.
    std::map<Verb, std::function<void()>> m_again;
    std::map<Verb, ErrorCode> m_refused;     // Verbs whose refusal is shown.
    std::optional<RegionId> m_refusedSource; // The same of a backup that was not even asked for.
    std::vector<GenerationNumber> m_released;
    bool m_writerWasAlive = false;
    QString m_toldOfAway;    // What the message about members says, while there is one,
    std::set<Uuid> m_away;   // and of which.
    QString m_toldOfCopies;  // What the message about unwritten copies says, while there is one.
    bool m_readAnew = false; // The operator has asked for it.
    std::set<QString> m_offered; // Keys of the interrupted jobs that were offered to be resumed.
};

} // namespace cairn
