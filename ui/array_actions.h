// The verbs of the open array as menu actions: from the selection through a dialog to a job.
#pragma once

#include "ui/array_view.h"
#include "ui/attached_array.h"
#include "ui/error_text.h"
#include "ui/widgets/message_strip.h"

#include <QAction>
#include <QObject>
#include <map>

namespace cairn {

// Lives on the GUI thread; does nothing by itself: every change begins with an action.
class ArrayActions final : public QObject {
    Q_OBJECT

public:
    // The three outlive it.
    ArrayActions(ArrayView& view, MessageStrip& messages, QWidget& window);

    // The array that the actions work on, or none.
    void setArray(AttachedArray* array);
    [[nodiscard]] QAction* action(Verb verb) const { return m_actions.at(verb); }
    void chooseHistory(const QString& historyId);
    // Of a job that failed or was canceled.
    void retry(RunningJob* job);
    // Of the disk at that place of a simulated array; running jobs meet them too.
    void changeFaults(std::size_t place, const Faults& faults);
    void recolorIcons();

private:
    struct Look {
        Verb verb;
        const char* name; // objectName
        QString text;
        QString tip;
        QKeySequence shortcut;
        void (ArrayActions::*run)();
    };
    void add(const Look& look);
    void addBackupActions();
    void addRegionActions();
    void addArrayActions();

    void backUp();
    void restore();
    void verifyGeneration();
    void holdGeneration();
    void releaseGeneration();
    void forgetGeneration();
    void addRegion();
    void renameRegion();
    void removeRegion();
    void importImage();
    void exportImage();
    void addMember();
    void replaceMember();
    void refresh();

    void startBackup(const BackupPlan& plan);
    void startResume(const Job& job);
    void discardJob(const Job& job);
    void offerInterrupted();
    void warnOfCatalog();
    void report(RunningJob* job);
    void reportSuccess(const RunningJob& job, const JobOutcome& outcome);
    void updateEnabled();
    [[nodiscard]] bool writable() const;
    [[nodiscard]] const Region* selectedRegion() const;
    [[nodiscard]] const Generation* selectedGeneration() const;
    [[nodiscard]] const ArraySnapshot& snapshot() const { return m_array->snapshot(); }

    ArrayView& m_view;
    MessageStrip& m_messages;
    QWidget& m_window;
    AttachedArray* m_array = nullptr; // Set to none before it goes.
    std::map<Verb, QAction*> m_actions;
};

} // namespace cairn
