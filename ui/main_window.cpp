// What the window does: opening, closing, and showing what was read.
#include "ui/main_window.h"

#include "ui/closing_text.h"
#include "ui/display_text.h"
#include "ui/job_steps.h"
#include "ui/record_text.h"
#include "ui/support_report.h"
#include "ui/widgets/dock_sizes.h"
#include "ui/widgets/icons.h"

#include <QCloseEvent>
#include <QCoreApplication>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QLocale>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QScreen>
#include <QSettings>
#include <algorithm>

namespace cairn {
namespace {

constexpr int kLookForChangesMs = 5000;
constexpr int kTellAgainMs = 500;
constexpr int kOpeningShownMs = 200;
constexpr int kMostOpeners = 16;
constexpr QSize kFirstSize(1280, 720);
// What a window manager's title bar and borders take; known only once the window is shown.
constexpr QSize kFrameSize(16, 44);

} // namespace

MainWindow::MainWindow(QWidget* parent) : QMainWindow(parent)
{
    setObjectName(QStringLiteral("mainWindow"));
    setWindowTitle(tr("Cairn"));
    setAcceptDrops(true);
    // One that was canceled may still wait for its disk.
    m_openers.setMaxThreadCount(kMostOpeners);
    m_openingSlow.setSingleShot(true);
    m_openingSlow.setInterval(kOpeningShownMs);
    connect(&m_openingSlow, &QTimer::timeout, this, &MainWindow::showOpening);
    buildCentre();
    buildDocks();
    buildActions();
    buildMenus();
    buildToolBar();
    buildStatus();
    recolor();
    fillRecent();
    setDemo(findDemo(QCoreApplication::applicationDirPath()));
    setPrograms(QCoreApplication::applicationDirPath());
    resize(kFirstSize.boundedTo(screen()->availableSize() - kFrameSize));
    const QSettings settings;
    restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray());
    // Where the docks are; how large, they are told once they are shown.
    restoreState(settings.value(QStringLiteral("window/state")).toByteArray());
    m_dockSizes->restore(settings.value(QStringLiteral("window/docks")).toByteArray());
    m_view->restoreLayout(settings.value(QStringLiteral("window/view")).toByteArray());
    m_showFilters->setChecked(settings.value(QStringLiteral("window/filters"), true).toBool());
    showPage();
    showStatus();
    m_looker.setInterval(kLookForChangesMs);
    connect(&m_looker, &QTimer::timeout, this, &MainWindow::lookForChanges);
    m_looker.start();
}

MainWindow::~MainWindow()
{
    // Its jobs are canceled and waited for while the widgets that show them still exist.
    m_array.reset();
}

void MainWindow::showArray(Opened opened)
{
    m_actions->setArray(nullptr);
    m_messages->clear();
    m_array = std::make_unique<AttachedArray>(std::move(opened.attachment),
                                              std::move(opened.snapshot), nullptr);
    connect(m_array.get(), &AttachedArray::snapshotChanged, this, &MainWindow::showSnapshot);
    connect(m_array.get(), &AttachedArray::jobStarted, this, [this](RunningJob* job) {
        m_jobs->add(job);
        connect(job, &RunningJob::changed, this, &MainWindow::showProgress);
        m_jobsDock->show();
        showStatus();
    });
    connect(m_array.get(), &AttachedArray::jobDone, this, [this](RunningJob*) {
        showProgress();
        showStatus();
    });
    connect(m_array.get(), &AttachedArray::urisChanged, this,
            [this](const std::vector<std::string>& before) {
                rememberRecent(m_array->snapshot(), before);
            });
    connect(m_array.get(), &AttachedArray::refreshed, this, &MainWindow::endReadingAgain);
    connect(m_array.get(), &AttachedArray::failed, this, [this](Verb verb) {
        if (verb == Verb::Refresh)
            endReadingAgain();
    });
    m_readsAgain = false;
    m_view->setHistory(&m_array->history());
    showSnapshot();
    m_actions->setArray(m_array.get());
    fillRecent();
    m_view->map()->setFocus();
}

void MainWindow::showPanes()
{
    const bool shown = m_array && m_pages->currentWidget() != m_openingPage;
    m_jobsDock->setVisible(shown);
    // The two take turns: both beside the jobs would be cramped.
    m_detailsDock->setVisible(shown && !m_showHealth->isChecked());
    m_filtersDock->setVisible(m_array && m_showFilters->isChecked());
    m_healthDock->setVisible(shown && m_showHealth->isChecked());
    m_showHealth->setEnabled(shown);
}

void MainWindow::showPage()
{
    const bool slow = !m_opening.isEmpty() && !m_openingSlow.isActive();
    const bool split = m_array && m_array->snapshot().splitBrain();
    QWidget* page = m_welcome;
    QString title = tr("Cairn");
    if (slow) {
        page = m_openingPage;
        title = tr("%1 — Cairn").arg(titleText(m_openingPage->title()));
    } else if (m_array) {
        page = split ? static_cast<QWidget*>(m_splitBrain) : m_view;
        title = tr("%1 — Cairn").arg(titleText(displayShort(m_array->snapshot().name(), 60)));
    }
    m_pages->setCurrentWidget(page);
    setWindowTitle(title);
    // What its messages offer would act on the array that was open before.
    m_messages->setEnabled(!slow);
    m_close->setEnabled(m_array && m_opening.isEmpty() && !m_leaving);
    m_find->setEnabled(m_array && m_opening.isEmpty() && !split);
    for (QAction* pane : m_paneActions)
        pane->setEnabled(m_find->isEnabled());
    showPanes();
}

void MainWindow::closeArray()
{
    whenIdle({.question = tr("Close the array?"), .waiting = tr("Closing the array")}, [this] {
        m_actions->setArray(nullptr);
        m_view->setHistory(nullptr);
        m_array.reset();
        m_messages->clear();
        m_details->showNothing();
        m_filters->setHistory(nullptr);
        showPage();
        fillRecent();
        showStatus();
    });
}

void MainWindow::whenIdle(const Leaving& leaving, const std::function<void()>& then)
{
    if (m_leaving)
        return; // One thing at a time: it was answered already.
    if (!m_array || m_array->runningJobs() == 0) {
        then();
        return;
    }
    auto* box = new QMessageBox(this);
    box->setObjectName(QStringLiteral("runningJobsBox"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    box->setWindowTitle(tr("Jobs are running"));
    box->setText(leaving.question);
    // They go on while it is asked.
    const auto tell = [this, box] {
        if (!m_array)
            return;
        const QString text = tr("Not finished yet. If they are canceled now:\n%1\n\nOr keep them "
                                "running; each can be paused in the list of jobs.")
                                 .arg(closingText(m_array->jobs()));
        if (text != box->informativeText())
            box->setInformativeText(text);
    };
    tell();
    auto* again = new QTimer(box);
    connect(again, &QTimer::timeout, box, tell);
    again->start(kTellAgainMs);
    auto* keep = box->addButton(tr("Keep running"), QMessageBox::RejectRole);
    keep->setObjectName(QStringLiteral("keepRunning"));
    auto* cancel = box->addButton(tr("Cancel jobs"), QMessageBox::DestructiveRole);
    cancel->setObjectName(QStringLiteral("cancelJobs"));
    cancel->setProperty("danger", true);
    box->setDefaultButton(keep);
    box->setEscapeButton(keep);
    connect(box, &QMessageBox::buttonClicked, this,
            [this, cancel, leaving, then](QAbstractButton* button) {
                if (button != cancel || !m_array)
                    return;
                if (m_array->runningJobs() == 0) {
                    then();
                    return;
                }
                cancelJobs(leaving, then);
            });
    box->open();
}

bool MainWindow::hasJobs(const Leaving& leaving) const
{
    return m_array &&
           (leaving.waitsForReading ? m_array->runningJobs() : m_array->writingJobs()) > 0;
}

void MainWindow::cancelJobs(const Leaving& leaving, const std::function<void()>& then)
{
    m_array->cancelAll();
    if (!hasJobs(leaving)) {
        then();
        return;
    }
    // Each job ends at its next chunk; the window goes on answering until then.
    auto* once = new QObject(m_array.get());
    connect(m_array.get(), &AttachedArray::jobDone, once, [this, once, leaving, then](RunningJob*) {
        if (hasJobs(leaving)) {
            showLeaving();
            return;
        }
        once->deleteLater();
        // Not from inside the signal: what follows may destroy its sender.
        QMetaObject::invokeMethod(
            this,
            [this, then] {
                m_leaving.reset();
                m_messages->remove(QStringLiteral("leaving"));
                setBlocked({});
                showPage();
                if (m_closeWanted) {
                    m_closeConfirmed = true;
                    close();
                } else {
                    then();
                }
            },
            Qt::QueuedConnection);
    });
    m_leaving = leaving;
    showLeaving();
    showPage();
}

void MainWindow::showLeaving()
{
    const QString disks = disksInUse(m_array->jobs(), m_array->snapshot().layout);
    const QString what = disks.isEmpty()
                             ? tr("%1: waits for canceled jobs …").arg(m_leaving->waiting)
                             : tr("%1: waits for %2 …").arg(m_leaving->waiting, disks);
    setBlocked(what);
    m_messages->show({.kind = MessageKind::Info,
                      .headline = what,
                      .body = tr("A canceled job ends once the disk has answered what it was asked "
                                 "last. What can be resumed then is offered when the array is "
                                 "opened again."),
                      .actions = {},
                      .key = QStringLiteral("leaving")});
}

void MainWindow::setBlocked(const QString& why)
{
    m_actions->setBlocked(why);
    m_open->setEnabled(why.isEmpty());
    m_create->setEnabled(why.isEmpty());
    m_filtersDock->setEnabled(why.isEmpty());
    m_recentMenu->setEnabled(why.isEmpty() && !recent().isEmpty());
}

void MainWindow::setDemo(const std::optional<DemoPlaces>& places)
{
    m_demo.reset();
    m_tryDemo->setVisible(places.has_value());
    if (places) {
        m_demo = std::make_unique<DemoArray>(*places);
        connect(m_demo.get(), &DemoArray::progressed, this, [this](const QString& step) {
            showDemoStep(tr("Making the demonstration array, %1 …").arg(step));
        });
        connect(m_demo.get(), &DemoArray::ready, this, [this] {
            endDemo();
            const QStringList uris{m_demo->places().uri()};
            if (m_opensDemo)
                openArray(uris);
            else
                m_messages->show({.kind = MessageKind::Success,
                                  .headline = tr("The demonstration array is made."),
                                  .body = {},
                                  .actions = {{tr("Open"), QStringLiteral("openDemo"),
                                               [this, uris] { openArray(uris); }}},
                                  .key = QStringLiteral("demo")});
        });
        connect(m_demo.get(), &DemoArray::failed, this, [this](const QString& why) {
            endDemo();
            m_messages->show({.kind = MessageKind::Error,
                              .headline = tr("The demonstration array was not made. %1").arg(why),
                              .body = tr("Nothing else was changed. Once that is put right, try it "
                                         "again: it is made anew."),
                              .actions = {},
                              .key = QStringLiteral("demo")});
        });
    }
    endDemo();
}

void MainWindow::tryDemo()
{
    m_opensDemo = true;
    m_tryDemo->setEnabled(false);
    m_welcome->setDemo(WelcomePage::Demo::BeingMade);
    showDemoStep(tr("Looking for the demonstration array …"));
    m_demo->make();
}

void MainWindow::showDemoStep(const QString& text)
{
    m_welcome->setBusy(text);
    if (m_array)
        m_messages->show({.kind = MessageKind::Info,
                          .headline = text,
                          .body = {},
                          .actions = {},
                          .key = QStringLiteral("demo")});
}

void MainWindow::endDemo()
{
    m_welcome->setBusy({});
    m_welcome->setDemo(m_demo ? WelcomePage::Demo::Offered : WelcomePage::Demo::NotThere);
    m_tryDemo->setEnabled(m_demo != nullptr);
    m_messages->remove(QStringLiteral("demo"));
}

void MainWindow::showSnapshot()
{
    const ArraySnapshot& snapshot = m_array->snapshot();
    m_view->setSnapshot(snapshot);
    // Of two histories there is no list to filter.
    m_filters->setHistory(snapshot.splitBrain() ? nullptr : &m_array->history());
    m_filters->setSnapshot(snapshot);
    m_health->setSnapshot(snapshot);
    if (snapshot.splitBrain())
        m_splitBrain->setSnapshot(snapshot);
    showPage();
    showSelection();
    showProgress();
    showStatus();
}

void MainWindow::showSelection()
{
    if (!m_array)
        return;
    const ArraySnapshot& snapshot = m_array->snapshot();
    const ArraySelection& selection = m_view->selection();
    const Region* region = selection.region ? snapshot.layout.find(*selection.region) : nullptr;
    const Generation* backup = m_view->record();
    if (backup != nullptr && (selection.backupFirst || region == nullptr))
        m_details->showGeneration(snapshot, *backup);
    else if (region != nullptr)
        m_details->showRegion(snapshot, *region);
    else
        m_details->showNothing();
}

void MainWindow::readRecord(GenerationNumber number)
{
    if (!m_array)
        return;
    m_array->read(
        m_array.get(),
        [number](Attachment& attachment) -> Result<Generation> {
            const auto catalog = CAIRN_TRY(attachment.catalog());
            return catalog->generation(number);
        },
        [this](const Result<Generation>& record) {
            // One that cannot be read stays without details; the history says what it is.
            if (record)
                m_view->setRecord(*record);
        });
}

void MainWindow::showProgress()
{
    m_view->map()->setActivity(m_array ? activityOf(m_array->jobs(), m_array->snapshot())
                                       : std::map<RegionId, RegionActivity>());
}

QString MainWindow::catalogText() const
{
    const ArraySnapshot& snapshot = m_array->snapshot();
    if (!snapshot.catalog)
        return tr("No readable catalog");
    const CatalogStatus& status = *snapshot.catalog;
    QStringList where;
    QStringList troubles;
    for (const CatalogCopyStatus& copy : status.copies) {
        const Member* member = snapshot.layout.findMember(copy.member);
        const QString name =
            member != nullptr ? memberDisplay(*member) : displayShort(copy.memberName, 40);
        where.append(name);
        if (copy.state == CatalogCopyState::Behind)
            troubles.append(tr("%1 is behind: repaired at the next change").arg(name));
        if (copy.state == CatalogCopyState::Damaged)
            troubles.append(tr("%1 is damaged: repaired at the next change").arg(name));
        if (copy.state == CatalogCopyState::Foreign)
            troubles.append(tr("%1 holds a foreign catalog").arg(name));
        if (copy.state == CatalogCopyState::Diverged)
            troubles.append(tr("%1 was written apart").arg(name));
    }
    for (const Member& member : snapshot.layout.members) {
        // Whether its copy is like the others nobody can say.
        if (member.state == MemberState::Missing || member.state == MemberState::Failed)
            troubles.append(
                tr("%1 is %2").arg(memberDisplay(member), memberStateDisplay(member.state)));
    }
    const std::uint64_t commits = status.histories.empty() ? 0 : status.histories.front().commits;
    return tr("Catalog on %1 · change %2 · %3")
        .arg(where.join(tr(", mirror ")), QLocale().toString(qulonglong{commits}),
             troubles.isEmpty() ? tr("consistent") : troubles.join(QStringLiteral("; ")));
}

void MainWindow::showStatus()
{
    const bool writing = m_array && std::ranges::any_of(m_array->jobs(), [](const auto& job) {
                             return !job->finished() && job->request().member.has_value();
                         });
    const bool shown = m_array && m_pages->currentWidget() != m_openingPage;
    if (shown)
        m_catalogLabel->setFullText(m_readsAgain ? tr("Reading the array again …") : catalogText());
    else
        m_catalogLabel->setFullText(m_opening.isEmpty() ? tr("No array is open")
                                                        : m_openingPage->title());
    m_lockIcon->setVisible(shown);
    m_lockLabel->setVisible(shown);
    const QString icon = writing ? QStringLiteral("pencil") : QStringLiteral("lock");
    m_lockIcon->setPixmap(lineIcon(icon, palette()).pixmap(QSize(16, 16), devicePixelRatioF()));
    m_lockLabel->setText(writing ? tr("Writing") : tr("Open read-only"));
}

void MainWindow::endReadingAgain()
{
    m_readsAgain = false;
    showStatus();
}

bool MainWindow::onlyReads() const
{
    const bool others = m_creating || (m_demo && m_demo->underWay()) || m_report->underWay();
    const bool writes = m_array && m_array->writes();
    const bool reads = m_openers.activeThreadCount() > 0 || (m_array && m_array->reads());
    return reads && !writes && !others;
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    if (m_creating || m_leaving) {
        m_closeWanted = true;
        event->ignore();
        return;
    }
    if (!m_closeConfirmed && m_array && m_array->runningJobs() > 0) {
        event->ignore();
        whenIdle(
            {.question = tr("Close Cairn?"), .waiting = tr("Closing"), .waitsForReading = false},
            [this] {
                m_closeConfirmed = true;
                close();
            });
        return;
    }
    QSettings settings;
    settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    settings.setValue(QStringLiteral("window/state"), saveState());
    settings.setValue(QStringLiteral("window/docks"), m_dockSizes->save());
    settings.setValue(QStringLiteral("window/view"), m_view->saveLayout());
    settings.setValue(QStringLiteral("window/filters"), m_showFilters->isChecked());
    QMainWindow::closeEvent(event);
}

void MainWindow::changeEvent(QEvent* event)
{
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_actions != nullptr)
        recolor();
    if (event->type() == QEvent::ActivationChange && isActiveWindow())
        lookForChanges();
}

void MainWindow::lookForChanges()
{
    if (m_array && isVisible() && !isMinimized())
        m_array->lookForChanges();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    QStringList files;
    const auto urls = event->mimeData()->urls();
    for (const QUrl& url : urls) {
        if (url.isLocalFile())
            files.append(url.toLocalFile());
    }
    openArray(files);
}

} // namespace cairn
