// The window: pages, toolbar, menus, docks and status line around one open array.
#pragma once

#include "ui/array_actions.h"
#include "ui/array_names.h"
#include "ui/array_view.h"
#include "ui/attached_array.h"
#include "ui/demo_array.h"
#include "ui/dialogs/create_array_dialog.h"
#include "ui/disk_list.h"
#include "ui/widgets/details_panel.h"
#include "ui/widgets/filter_pane.h"
#include "ui/widgets/health_panel.h"
#include "ui/widgets/jobs_panel.h"
#include "ui/widgets/message_strip.h"
#include "ui/widgets/opening_page.h"
#include "ui/widgets/split_brain_page.h"
#include "ui/widgets/theme.h"
#include "ui/widgets/welcome_page.h"

#include <QMainWindow>
#include <QStackedWidget>
#include <QThreadPool>
#include <QTimer>
#include <memory>

namespace cairn {

class DockSizes;
class SupportReport;

class MainWindow final : public QMainWindow {
    Q_OBJECT

public:
    explicit MainWindow(QWidget* parent = nullptr);
    ~MainWindow() override;

    // Reads the array off the GUI thread; the open one is closed once the new one could be read.
    void openArray(const QStringList& uris);
    // Who opens block devices for this user (null: the program itself), and the disks that there
    // are (null: nobody tells). Both outlive the window and what was opened in it.
    void setDevices(DeviceOpener* opener, const DiskList* disks);
    // Says for as long as the window is there that devices are opened without asking anybody.
    void showRunningAsRoot();
    // The demonstration array that is offered; none: nothing is.
    void setDemo(const std::optional<DemoPlaces>& places);
    // The folder with cairnctl, from which the manual is found too; what is not there is not
    // offered.
    void setPrograms(const QString& folder);
    [[nodiscard]] AttachedArray* array() const { return m_array.get(); }
    [[nodiscard]] ArrayView* view() const { return m_view; }
    [[nodiscard]] MessageStrip* messages() const { return m_messages; }
    // Whether all that the end of the program would wait for is being read, perhaps from a disk
    // that never answers.
    [[nodiscard]] bool onlyReads() const;

protected:
    void closeEvent(QCloseEvent* event) override;
    void changeEvent(QEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    struct Opened {
        std::shared_ptr<Attachment> attachment;
        ArraySnapshot snapshot;
        // Of the open array with it, where it is nothing but members that the open one lacks.
        std::vector<std::string> together = {};
    };
    struct Opening {
        QStringList uris;
        std::vector<std::string> before = {}; // By which the same array was opened until now.
        bool alone = false;                   // Also where it is a part of the open array.
    };
    void buildCentre();
    void buildDocks();
    void buildActions();
    void buildMenus();
    void buildHelp();
    void buildViewMenu();
    void buildThemeMenu(QMenu* view);
    void buildToolBar();
    void buildStatus();
    void recolor();
    [[nodiscard]] QAction* windowAction(const char* name, const QString& text,
                                        const QKeySequence& keys);

    [[nodiscard]] Environment environment() const;
    // A disk of the open array that came or went is looked for at once.
    void followDisks(const QStringList& gone, const QStringList& come);
    void askOpen();
    // The open array with what the operator names in the place of its missing members.
    void askMissing();
    void open(const Opening& wanted);
    void offerTogether(const Opening& wanted, const Opened& opened);
    void openAnew(const std::vector<std::string>& uris);
    void askCreate();
    void createArray(const CreationInput& input, const Attachment::Creation& wanted);
    void refuseCreation(Verb verb, const Error& error);
    void tryDemo();
    void showDemoStep(const QString& text);
    void endDemo();
    void showArray(Opened opened);
    void closeArray();
    // Where jobs run: what is asked, what the window does once they have ended, and whether that
    // waits for those that only read too.
    struct Leaving {
        QString question;
        QString waiting; // "Closing"
        bool waitsForReading = true;
    };
    // `then` follows at once where no jobs run, or after they were canceled.
    void whenIdle(const Leaving& leaving, const std::function<void()>& then);
    [[nodiscard]] bool hasJobs(const Leaving& leaving) const;
    void cancelJobs(const Leaving& leaving, const std::function<void()>& then);
    void showLeaving();
    // Nothing can be begun then, but what goes on goes on.
    void setBlocked(const QString& why);
    // Until it ends, no verb acts on the array that was open before. The number tells whether what
    // was read is still wanted.
    unsigned beginOpening(const QStringList& uris, bool creates);
    // Whether this was the one that is under way, which it is no more then.
    bool endOpening(unsigned number);
    void cancelOpening();
    void stopOpening();
    void showOpening();
    // The page that belongs there now, and what the window can do with it.
    void showPage();
    // Of the open array, or that which was to be opened last.
    [[nodiscard]] QStringList openedUris() const;
    void askReport();

    void showSnapshot();
    void showSelection();
    void readRecord(GenerationNumber number);
    void showProgress();
    void showStatus();
    void endReadingAgain();
    // Of the open array, while the window can be seen.
    void lookForChanges();
    [[nodiscard]] QString catalogText() const;
    void showPanes();
    void rememberRecent(const ArraySnapshot& now, const std::vector<std::string>& before);
    [[nodiscard]] QList<RecentArray> recent() const;
    // Where another array was opened from there before; the message that says so.
    [[nodiscard]] std::optional<Message> anotherArray(const ArraySnapshot& now) const;
    void fillRecent();

    DeviceOpener* m_opener = nullptr;
    const DiskList* m_disks = nullptr;
    std::unique_ptr<DemoArray> m_demo;
    bool m_opensDemo = false; // Unless the operator opens another one meanwhile.
    QThreadPool m_openers;
    QStringList m_opening;                   // What is being opened or made, if anything is.
    unsigned m_openingNumber = 0;            // Of the newest that was begun or canceled.
    bool m_creating = false;                 // What is being made is not broken off,
    bool m_closeWanted = false;              // and the window closes after it, as after jobs.
    QTimer m_openingSlow;                    // What comes at once gets no page of its own.
    QStringList m_openedLast;                // The same, also after it was read or was not.
    std::optional<CreationInput> m_creation; // Of an array that was not created.
    std::optional<QString> m_manual;
    std::unique_ptr<SupportReport> m_report;
    std::unique_ptr<AttachedArray> m_array;
    QStackedWidget* m_pages = nullptr;
    WelcomePage* m_welcome = nullptr;
    OpeningPage* m_openingPage = nullptr;
    ArrayView* m_view = nullptr;
    SplitBrainPage* m_splitBrain = nullptr;
    MessageStrip* m_messages = nullptr;
    JobsPanel* m_jobs = nullptr;
    DetailsPanel* m_details = nullptr;
    DockSizes* m_dockSizes = nullptr;
    QDockWidget* m_jobsDock = nullptr;
    QDockWidget* m_detailsDock = nullptr;
    FilterPane* m_filters = nullptr;
    QDockWidget* m_filtersDock = nullptr;
    HealthPanel* m_health = nullptr;
    QDockWidget* m_healthDock = nullptr;
    QAction* m_showHealth = nullptr;
    ArrayActions* m_actions = nullptr;
    QAction* m_open = nullptr;
    QAction* m_create = nullptr;
    QAction* m_tryDemo = nullptr;
    QAction* m_close = nullptr;
    QAction* m_find = nullptr;
    QList<QAction*> m_paneActions; // Of what the page of an array shows.
    QAction* m_showFilters = nullptr;
    QAction* m_showManual = nullptr;
    QAction* m_saveReport = nullptr;
    QMenu* m_recentMenu = nullptr;
    QMenu* m_regionMenu = nullptr;
    QMenu* m_backupMenu = nullptr;
    ElidedLabel* m_catalogLabel = nullptr;
    QLabel* m_lockIcon = nullptr;
    PlainLabel* m_lockLabel = nullptr;
    QTimer m_looker;
    std::optional<Leaving> m_leaving; // While canceled jobs are waited for.
    bool m_closeConfirmed = false;
    bool m_readsAgain = false; // Because the operator wanted it.
};

} // namespace cairn
