// The window comes back as it was left: its panes neither grow nor shrink from one run to the next.
#include "tests/ui/window_on_array.h"

#include <QApplication>
#include <QDockWidget>
#include <QLabel>
#include <QMenuBar>
#include <QMouseEvent>
#include <QSplitter>
#include <QToolBar>
#include <map>

using namespace cairn;
using namespace cairn::test;

using Sizes = std::map<QString, QList<int>>;

class TestWindowLayoutXcb : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_setup.emplace(); }
    void init()
    {
        QSettings().clear();
        m_driven.emplace();
        m_driven->open();
    }
    void cleanup() { m_driven.reset(); }
    void panesComeBackExactly_data();
    void panesComeBackExactly();
    void panesOutliveARunWithoutAnArray();
    void detailsAndHealthTakeTurnsWithoutMovingTheOthers();
    void aSmallerWindowCostsOnlyWhileItIsSmall();
    // Incident: in a window that began maximized it lay over the menus.
    void thatItRunsAsRootIsToldBelowTheMenus();

private:
    [[nodiscard]] MainWindow& window() const { return m_driven->window(); }
    [[nodiscard]] Sizes settled() const;
    void dragDocks(int byPx, Qt::Orientation orientation) const;
    void dragHandle(int index, int byPx) const;

    std::optional<WindowSetup> m_setup;
    std::optional<WindowOnArray> m_driven;
};

static Sizes sizesOf(const MainWindow& window)
{
    Sizes sizes;
    sizes[QStringLiteral("window")] = {window.width(), window.height()};
    for (const QDockWidget* dock : window.findChildren<QDockWidget*>()) {
        if (dock->isVisible())
            sizes[dock->objectName()] = {dock->x(), dock->y(), dock->width(), dock->height()};
    }
    sizes[QStringLiteral("splitter")] = child<QSplitter>(window, "arraySplitter")->sizes();
    return sizes;
}

// Once nothing moves any more.
Sizes TestWindowLayoutXcb::settled() const
{
    Sizes sizes;
    do
        sizes = sizesOf(window());
    while (QTest::qWaitFor([&] { return sizesOf(window()) != sizes; }, 300));
    return sizes;
}

static void drag(QWidget* widget, QPoint from, QPoint by)
{
    const auto send = [widget](QEvent::Type type, QPoint at, Qt::MouseButtons buttons) {
        QMouseEvent event(type, at, widget->mapToGlobal(at), Qt::LeftButton, buttons, {});
        QApplication::sendEvent(widget, &event);
        QApplication::processEvents();
    };
    send(QEvent::MouseButtonPress, from, Qt::LeftButton);
    send(QEvent::MouseMove, from + by, Qt::LeftButton);
    send(QEvent::MouseButtonRelease, from + by, Qt::NoButton);
}

// By the line between jobs and details, or that between them and the centre.
void TestWindowLayoutXcb::dragDocks(int byPx, Qt::Orientation orientation) const
{
    const QRect jobs = child<QDockWidget>(window(), "jobsDock")->geometry();
    if (orientation == Qt::Vertical)
        drag(&window(), {jobs.center().x(), jobs.bottom() + 3}, {0, byPx});
    else
        drag(&window(), {jobs.left() - 3, jobs.center().y()}, {byPx, 0});
}

void TestWindowLayoutXcb::dragHandle(int index, int byPx) const
{
    QSplitterHandle* handle = child<QSplitter>(window(), "arraySplitter")->handle(index);
    drag(handle, handle->rect().center(), {0, byPx});
}

void TestWindowLayoutXcb::panesComeBackExactly_data()
{
    QTest::addColumn<QSize>("size");
    QTest::addColumn<bool>("dragged");
    QTest::addColumn<bool>("health");
    QTest::addColumn<int>("runs");
    QTest::newRow("as at first") << QSize() << false << false << 10;
    QTest::newRow("dragged") << QSize() << true << false << 10;
    QTest::newRow("large, health") << QSize(1270, 715) << true << true << 3;
    QTest::newRow("small") << QSize(960, 600) << true << false << 3;
}

// Details ended at four lines, and the map began to scroll.
void TestWindowLayoutXcb::panesComeBackExactly()
{
    QFETCH(const QSize, size);
    QFETCH(const bool, dragged);
    QFETCH(const bool, health);
    QFETCH(const int, runs);
    const Sizes first = settled();
    if (!size.isEmpty())
        window().resize(size);
    std::ignore = settled();
    if (dragged) {
        dragDocks(-70, Qt::Vertical);
        dragDocks(-40, Qt::Horizontal);
        dragHandle(1, -12);
        dragHandle(2, 15);
    }
    std::ignore = settled();
    child<QAction>(window(), "showHealth")->setChecked(health);
    const Sizes before = settled();
    QCOMPARE(before == first, !dragged);
    for (int run = 1; run <= runs; ++run) {
        m_driven->restart();
        m_driven->open();
        child<QAction>(window(), "showHealth")->setChecked(health);
        const Sizes after = settled();
        for (const auto& [name, was] : before)
            QVERIFY2(after.at(name) == was,
                     qPrintable(QStringLiteral("%1 in run %2").arg(name).arg(run)));
    }
}

void TestWindowLayoutXcb::panesOutliveARunWithoutAnArray()
{
    const Sizes first = settled();
    dragDocks(-60, Qt::Horizontal);
    dragDocks(-70, Qt::Vertical);
    const Sizes before = settled();
    QVERIFY(before != first);
    for (int run = 1; run <= 2; ++run) {
        m_driven->restart(); // Nothing is opened.
        std::ignore = settled();
    }
    m_driven->open();
    QCOMPARE(settled(), before);
    child<QAction>(window(), "closeArray")->trigger();
    std::ignore = settled();
    m_driven->open();
    QCOMPARE(settled(), before);
}

void TestWindowLayoutXcb::detailsAndHealthTakeTurnsWithoutMovingTheOthers()
{
    std::ignore = settled();
    auto* health = child<QAction>(window(), "showHealth");
    health->setChecked(true);
    std::ignore = settled();
    dragDocks(-50, Qt::Horizontal);
    const Sizes during = settled();
    health->setChecked(false);
    const Sizes after = settled();
    QVERIFY(after.at(QStringLiteral("detailsDock")).at(2) >= 340);
    for (const char* dock : {"jobsDock", "filtersDock"})
        QCOMPARE(during.at(QLatin1StringView(dock)).at(2), after.at(QLatin1StringView(dock)).at(2));
    QCOMPARE(during.at(QStringLiteral("splitter")), after.at(QStringLiteral("splitter")));
    health->setChecked(true);
    QCOMPARE(settled(), during);
}

void TestWindowLayoutXcb::aSmallerWindowCostsOnlyWhileItIsSmall()
{
    window().resize(1270, 715);
    std::ignore = settled();
    dragDocks(-60, Qt::Horizontal);
    dragDocks(-70, Qt::Vertical);
    dragHandle(2, 15);
    const Sizes before = settled();
    window().resize(window().minimumSizeHint());
    QVERIFY(settled() != before);
    m_driven->restart();
    m_driven->open();
    QVERIFY(settled() != before);
    window().resize(1270, 715);
    QCOMPARE(settled(), before);
}

void TestWindowLayoutXcb::thatItRunsAsRootIsToldBelowTheMenus()
{
    window().showRunningAsRoot();
    const auto* told = child<QLabel>(window(), "rootText");
    QTRY_VERIFY(told->isVisible());
    QVERIFY(told->text().contains(QStringLiteral("root")));
    const QRect where(told->mapTo(&window(), QPoint()), told->size());
    const QWidget* menus = window().menuBar();
    QVERIFY(where.top() >= menus->mapTo(&window(), QPoint()).y() + menus->height());
    for (const QWidget* bar : window().findChildren<QToolBar*>())
        QVERIFY(!where.intersects(QRect(bar->mapTo(&window(), QPoint()), bar->size())));
}

QTEST_MAIN(TestWindowLayoutXcb)
#include "test_window_layout_xcb.moc"
