// How the window is built: pages, docks, actions, menus, toolbar, status line.
#include "ui/main_window.h"

#include "ui/away_member.h"
#include "ui/widgets/dock_sizes.h"
#include "ui/widgets/icons.h"

#include <QActionGroup>
#include <QDockWidget>
#include <QLocale>
#include <QMenuBar>
#include <QSettings>
#include <QStatusBar>
#include <QToolBar>
#include <QVBoxLayout>

namespace cairn {
namespace {

// One message of two lines.
constexpr int kMessageRoomPx = 64;

// Always asks for the room of a message: none that comes makes the window grow.
class Centre final : public QWidget {
public:
    [[nodiscard]] QSize minimumSizeHint() const override
    {
        return QWidget::minimumSizeHint() + QSize(0, kMessageRoomPx);
    }
};

} // namespace

void MainWindow::buildCentre()
{
    m_pages = new QStackedWidget;
    m_pages->setObjectName(QStringLiteral("pages"));
    m_welcome = new WelcomePage;
    m_openingPage = new OpeningPage;
    m_view = new ArrayView;
    m_splitBrain = new SplitBrainPage;
    m_pages->addWidget(m_welcome);
    m_pages->addWidget(m_openingPage);
    m_pages->addWidget(m_view);
    m_pages->addWidget(m_splitBrain);
    m_messages = new MessageStrip;
    auto* centre = new Centre;
    auto* column = new QVBoxLayout(centre);
    column->setContentsMargins(10, 8, 6, 6);
    column->setSpacing(0);
    column->addWidget(m_pages, 1);
    column->addWidget(m_messages);
    setCentralWidget(centre);
    connect(m_welcome, &WelcomePage::openRequested, this, &MainWindow::askOpen);
    connect(m_openingPage, &OpeningPage::cancelRequested, this, &MainWindow::cancelOpening);
    connect(m_welcome, &WelcomePage::createRequested, this, &MainWindow::askCreate);
    connect(m_welcome, &WelcomePage::demoRequested, this, &MainWindow::tryDemo);
    connect(m_welcome, &WelcomePage::recentRequested, this, &MainWindow::openArray);
    connect(m_view, &ArrayView::selectionChanged, this, &MainWindow::showSelection);
    connect(m_view, &ArrayView::recordWanted, this, &MainWindow::readRecord);
    connect(m_view, &ArrayView::copiedInPart, this, [this](int copied, int selected) {
        m_messages->show(
            {.kind = MessageKind::Info,
             .headline = tr("Only the first %1 rows were copied.").arg(QLocale().toString(copied)),
             .body = tr("%1 are selected; a filter makes them fewer.")
                         .arg(QLocale().toString(selected)),
             .actions = {},
             .key = QStringLiteral("copied")});
    });
}

void MainWindow::buildDocks()
{
    m_dockSizes = new DockSizes(*this);
    const auto dock = [this](const QString& title, const QString& name, QWidget* content,
                             QSize first, Qt::DockWidgetArea area = Qt::RightDockWidgetArea) {
        auto* made = new QDockWidget(title, this);
        made->setObjectName(name);
        made->setFeatures(QDockWidget::DockWidgetMovable);
        made->setWidget(content);
        addDockWidget(area, made);
        m_dockSizes->watch(made, first);
        return made;
    };
    m_jobs = new JobsPanel;
    m_details = new DetailsPanel;
    m_jobsDock = dock(tr("Jobs"), QStringLiteral("jobsDock"), m_jobs, {300, 240});
    m_detailsDock = dock(tr("Details"), QStringLiteral("detailsDock"), m_details, {300, 420});
    m_health = new HealthPanel;
    m_healthDock = dock(tr("Health"), QStringLiteral("healthDock"), m_health, {300, 500});
    m_dockSizes->takeTurns(m_detailsDock, m_healthDock);
    connect(m_health, &HealthPanel::faultsWanted, this,
            [this](std::size_t place, const Faults& faults) {
                m_actions->changeFaults(place, faults);
            });
    connect(m_health, &HealthPanel::missingFilesWanted, this, &MainWindow::askMissing);
    connect(m_health, &HealthPanel::replacementWanted, this,
            [this](const Uuid& member) { m_actions->replace(member); });
    connect(m_health, &HealthPanel::leftOutWanted, this, [this](const std::string& location) {
        if (m_array)
            openAnew(urisWithout(m_array->snapshot().uris, location));
    });
    connect(m_health, &HealthPanel::regionChosen, this,
            [this](const RegionId& region) { m_view->selectRegion(region); });
    m_filters = new FilterPane;
    m_filtersDock = dock(tr("Arrays and filters"), QStringLiteral("filtersDock"), m_filters,
                         {180, 600}, Qt::LeftDockWidgetArea);
    m_filtersDock->setTitleBarWidget(new QWidget); // Its two lists have titles of their own.
    connect(m_filters, &FilterPane::arrayChosen, this, [this](const QStringList& uris) {
        if (uris != m_opening) // The second click of two opens nothing anew.
            openArray(uris);
    });
    connect(m_filters, &FilterPane::left, this, [this] {
        if (!m_view->filterBar()->clearOne())
            m_view->map()->setFocus();
    });
    connect(m_filters, &FilterPane::filterChosen, this, [this](SavedFilter filter) {
        m_view->showFilter(filter, isOfRegions(filter) ? m_filters->regions(filter)
                                                       : std::vector<RegionId>());
    });
    connect(m_filters, &FilterPane::regionsChanged, this, [this](SavedFilter filter) {
        m_view->followFilter(filter, m_filters->regions(filter));
    });
    connect(m_view->filterBar(), &HistoryFilterBar::changed, m_filters, &FilterPane::clearChoice);
    connect(m_jobs, &JobsPanel::dismissed, this, [this](RunningJob* job) {
        if (m_array)
            m_array->dismiss(job);
    });
    connect(m_jobs, &JobsPanel::retryWanted, this,
            [this](RunningJob* job) { m_actions->retry(job); });
    connect(m_jobs, &JobsPanel::earlierWanted, this, [this](RunningJob* job) {
        if (m_array)
            m_array->putForward(job);
    });
}

QAction* MainWindow::windowAction(const char* name, const QString& text, const QKeySequence& keys)
{
    auto* made = new QAction(text, this);
    made->setObjectName(QLatin1StringView(name));
    made->setShortcut(keys);
    return made;
}

void MainWindow::buildActions()
{
    m_actions = new ArrayActions(*m_view, *m_messages, *this);
    connect(m_actions, &ArrayActions::arrayWanted, this, &MainWindow::openAnew);
    connect(m_actions, &ArrayActions::missingFilesWanted, this, &MainWindow::askMissing);
    connect(m_splitBrain, &SplitBrainPage::historyChosen, m_actions, &ArrayActions::chooseHistory);
    m_open = windowAction("openArray", tr("&Open array …"), Qt::CTRL | Qt::Key_O);
    m_open->setToolTip(tr("Open the disks or images of an array (Ctrl+O)"));
    m_create = windowAction("newArray", tr("&New array …"), Qt::CTRL | Qt::Key_N);
    m_tryDemo = windowAction("tryDemo", tr("Try the &demo array"), {});
    connect(m_tryDemo, &QAction::triggered, this, &MainWindow::tryDemo);
    m_close = windowAction("closeArray", tr("&Close array"), Qt::CTRL | Qt::Key_W);
    m_find = windowAction("find", tr("&Filter backups"), Qt::CTRL | Qt::Key_F);
    m_close->setEnabled(false);
    m_find->setEnabled(false);
    m_showFilters = windowAction("showFilters", tr("Show &arrays and filters"), Qt::Key_F9);
    m_showFilters->setCheckable(true);
    m_showFilters->setChecked(true);
    connect(m_showFilters, &QAction::toggled, this, &MainWindow::showPanes);
    m_showHealth = windowAction("showHealth", tr("&Health"), Qt::CTRL | Qt::Key_H);
    m_showHealth->setToolTip(
        tr("What needs attention, and how the members are, instead of the details (Ctrl+H)"));
    m_showHealth->setCheckable(true);
    connect(m_showHealth, &QAction::toggled, this, &MainWindow::showPanes);
    connect(m_actions->action(Verb::Refresh), &QAction::triggered, this, [this] {
        m_readsAgain = m_array != nullptr;
        showStatus();
    });
    connect(m_open, &QAction::triggered, this, &MainWindow::askOpen);
    connect(m_create, &QAction::triggered, this, &MainWindow::askCreate);
    connect(m_close, &QAction::triggered, this, &MainWindow::closeArray);
    connect(m_find, &QAction::triggered, this, [this] {
        m_view->filterBar()->words()->setFocus();
        m_view->filterBar()->words()->selectAll();
    });
}

void MainWindow::buildMenus()
{
    const auto verb = [this](Verb which) { return m_actions->action(which); };
    const auto asRoot = [this](Verb which) { return m_actions->rootAction(which); };
    auto* array = menuBar()->addMenu(tr("&Array"));
    array->addActions({m_open, m_create, m_tryDemo});
    m_recentMenu = array->addMenu(tr("Open &recent"));
    array->addSeparator();
    array->addActions({verb(Verb::AddMember), verb(Verb::ReplaceMember), verb(Verb::ReleaseDisk),
                       asRoot(Verb::ReleaseDisk)});
    array->addAction(verb(Verb::Refresh));
    array->addSeparator();
    array->addActions({verb(Verb::ShowHistory), verb(Verb::ExportCatalog)});
    array->addSeparator();
    array->addAction(m_close);
    QAction* quit = windowAction("quit", tr("&Quit"), Qt::CTRL | Qt::Key_Q);
    connect(quit, &QAction::triggered, this, &QWidget::close);
    array->addAction(quit);

    m_regionMenu = menuBar()->addMenu(tr("&Region"));
    m_regionMenu->addActions({verb(Verb::BackUp), verb(Verb::Undo), asRoot(Verb::Undo)});
    m_regionMenu->addActions({verb(Verb::Resume), verb(Verb::Discard)});
    m_regionMenu->addSeparator();
    m_regionMenu->addActions({verb(Verb::AddRegion), asRoot(Verb::AddRegion),
                              verb(Verb::RenameRegion), verb(Verb::RemoveRegion),
                              asRoot(Verb::RemoveRegion), verb(Verb::AcceptContent)});
    m_regionMenu->addSeparator();
    m_regionMenu->addActions({verb(Verb::Import), verb(Verb::Export)});

    m_backupMenu = menuBar()->addMenu(tr("&Backup"));
    m_backupMenu->addActions(
        {verb(Verb::Restore), verb(Verb::Swap), verb(Verb::Undo), asRoot(Verb::Undo)});
    m_backupMenu->addAction(verb(Verb::Verify));
    m_backupMenu->addActions({verb(Verb::Resume), verb(Verb::Discard)});
    m_backupMenu->addSeparator();
    m_backupMenu->addActions({verb(Verb::Hold), verb(Verb::Release), verb(Verb::Forget)});
    m_backupMenu->addActions({verb(Verb::Seal), verb(Verb::Unseal)});
    m_backupMenu->addSeparator();
    m_backupMenu->addActions({verb(Verb::ShowHistory), verb(Verb::ExportBackup)});
    m_backupMenu->addSeparator();
    m_backupMenu->addActions(
        {m_view->copyAction(CopyForm::Text), m_view->copyAction(CopyForm::Csv)});

    // Also why an entry cannot be chosen.
    for (QMenu* menu : {array, m_recentMenu, m_regionMenu, m_backupMenu})
        menu->setToolTipsVisible(true);

    buildViewMenu();
    buildHelp();
    connect(m_view, &ArrayView::regionMenuRequested, this,
            [this](const QPoint& at) { m_regionMenu->popup(at); });
    connect(m_view, &ArrayView::generationMenuRequested, this,
            [this](const QPoint& at) { m_backupMenu->popup(at); });
}

void MainWindow::buildViewMenu()
{
    auto* view = menuBar()->addMenu(tr("&View"));
    view->addAction(m_find);
    const auto pane = [this, view](const char* name, const QString& text, int key, auto focus) {
        QAction* made = windowAction(name, text, QKeySequence(Qt::ALT | Qt::Key(key)));
        connect(made, &QAction::triggered, this, focus);
        made->setEnabled(false);
        view->addAction(made);
        return made;
    };
    view->addSeparator();
    m_paneActions = {
        pane("focusMap", tr("Go to &map"), Qt::Key_1, [this] { m_view->map()->setFocus(); }),
        pane("focusTable", tr("Go to &backups"), Qt::Key_2, [this] { m_view->focusTable(); }),
        pane("focusTimeline", tr("Go to &timeline"), Qt::Key_3,
             [this] { m_view->timeline()->setFocus(); })};
    QAction* pause = pane("pauseJob", tr("&Pause or resume the newest job"), Qt::Key_4,
                          [this] { m_jobs->togglePause(); });
    connect(m_jobs, &JobsPanel::pausable, pause, &QAction::setEnabled);
    QAction* clear = windowAction("clearFinishedJobs", tr("&Clear finished jobs"), {});
    clear->setEnabled(false);
    connect(clear, &QAction::triggered, m_jobs, &JobsPanel::clearFinished);
    connect(m_jobs, &JobsPanel::clearable, clear, &QAction::setEnabled);
    view->addAction(clear);
    view->addSeparator();
    view->addActions({m_showFilters, m_showHealth});
    buildThemeMenu(view);
}

void MainWindow::buildThemeMenu(QMenu* view)
{
    auto* menu = view->addMenu(tr("&Look"));
    auto* group = new QActionGroup(this);
    const QSettings settings;
    const auto now = themeFromText(settings.value(QStringLiteral("theme")).toString())
                         .value_or(ThemeChoice::System);
    const auto add = [&](ThemeChoice choice, const char* name, const QString& text) {
        QAction* made = windowAction(name, text, {});
        made->setCheckable(true);
        made->setChecked(choice == now);
        group->addAction(made);
        menu->addAction(made);
        connect(made, &QAction::triggered, this, [choice] {
            QSettings().setValue(QStringLiteral("theme"), themeText(choice));
            applyTheme(choice);
        });
    };
    add(ThemeChoice::System, "themeSystem", tr("As the &system"));
    add(ThemeChoice::Light, "themeLight", tr("&Light"));
    add(ThemeChoice::Dark, "themeDark", tr("&Dark"));
}

void MainWindow::buildToolBar()
{
    auto* bar = addToolBar(tr("Verbs"));
    bar->setObjectName(QStringLiteral("verbBar"));
    bar->setMovable(false);
    bar->setContextMenuPolicy(Qt::PreventContextMenu);
    bar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    bar->setIconSize(QSize(20, 20));
    bar->addAction(m_open);
    bar->addSeparator();
    bar->addAction(m_actions->action(Verb::BackUp));
    bar->addAction(m_actions->action(Verb::Restore));
    bar->addAction(m_actions->action(Verb::Verify));
    bar->addSeparator();
    bar->addAction(m_showHealth);
    for (QAction* shown : bar->actions()) {
        if (QWidget* button = bar->widgetForAction(shown)) {
            button->setObjectName(QStringLiteral("tool_") + shown->objectName());
            button->setAccessibleName(shown->text().remove(u'&').remove(QStringLiteral(" …")));
        }
        shown->setIconText(shown->text().remove(u'&').remove(QStringLiteral(" …")));
    }
}

void MainWindow::buildStatus()
{
    m_catalogLabel = new ElidedLabel;
    m_catalogLabel->setObjectName(QStringLiteral("catalogState"));
    m_lockIcon = new QLabel;
    m_lockIcon->setObjectName(QStringLiteral("lockIcon"));
    m_lockLabel = new PlainLabel;
    m_lockLabel->setObjectName(QStringLiteral("lockState"));
    statusBar()->setObjectName(QStringLiteral("statusLine"));
    statusBar()->setSizeGripEnabled(false);
    statusBar()->setContentsMargins(8, 2, 10, 3);
    statusBar()->addWidget(m_catalogLabel, 1);
    statusBar()->addPermanentWidget(m_lockIcon);
    statusBar()->addPermanentWidget(m_lockLabel);
}

void MainWindow::recolor()
{
    m_actions->recolorIcons();
    m_open->setIcon(lineIcon(QStringLiteral("open"), palette()));
    m_showHealth->setIcon(lineIcon(QStringLiteral("health"), palette()));
    m_create->setIcon(lineIcon(QStringLiteral("new"), palette()));
    if (m_lockIcon != nullptr)
        showStatus();
}

} // namespace cairn
