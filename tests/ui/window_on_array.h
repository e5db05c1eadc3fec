// The real window over an array in a temporary folder, driven as a user does.
#pragma once

#include "tests/ui/array_on_disk.h"
#include "tests/ui/child.h"
#include "ui/dialogs/backup_dialog.h"
#include "ui/main_window.h"
#include "ui/widgets/icons.h"

#include <QFileDialog>
#include <QPushButton>
#include <QSettings>
#include <QTableView>
#include <QToolButton>
#include <memory>

namespace cairn::test {

inline constexpr int kPatienceMs = 60'000;

// Once in a test program: settings of its own, the resources, and the light look.
class WindowSetup {
public:
    WindowSetup()
    {
        if (QGuiApplication::platformName() != QStringLiteral("xcb"))
            qFatal("needs a real window: run by tests/ui/with_display.sh");
        QApplication::setOrganizationName(QStringLiteral("cairn-test"));
        QSettings::setDefaultFormat(QSettings::IniFormat);
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_settings.path());
        registerResources();
        applyTheme(ThemeChoice::Light);
    }

private:
    QTemporaryDir m_settings;
};

// What has just been shown has no height before it is laid out, and nothing hits it.
inline void click(QWidget* widget)
{
    if (!QTest::qWaitFor([widget] { return !widget->rect().isEmpty(); }))
        qFatal("%s is not shown", qPrintable(widget->objectName()));
    QTest::mouseClick(widget, Qt::LeftButton, {}, widget->rect().center());
}

class WindowOnArray {
public:
    WindowOnArray() { show(); }

    [[nodiscard]] const ArrayOnDisk& disk() const { return m_disk; }
    [[nodiscard]] MainWindow& window() const { return *m_window; }
    [[nodiscard]] AttachedArray& array() const { return *m_window->array(); }
    [[nodiscard]] const ArraySnapshot& snapshot() const { return array().snapshot(); }
    [[nodiscard]] bool idle() const { return array().runningJobs() == 0; }

    void open() { open({QString::fromStdString(m_disk.uri())}); }
    void open(const QStringList& uris)
    {
        m_window->openArray(uris);
        if (!QTest::qWaitFor([&] { return m_window->array() != nullptr; }, kPatienceMs))
            qFatal("the array was not opened: %s", qPrintable(m_window->messages()->newestText()));
        if (!snapshot().catalog)
            qFatal("no catalog");
    }

    // Ends the program, as far as a window knows, and begins it again.
    void restart()
    {
        m_window->close();
        show();
    }

    // Shortcuts belong to the active window, and there is no window manager to make one active.
    void press(Qt::Key key, Qt::KeyboardModifiers modifiers = {})
    {
        m_window->activateWindow();
        if (!QTest::qWaitForWindowActive(m_window.get()))
            qFatal("the window did not become active");
        QTest::keyClick(m_window.get(), key, modifiers);
    }

    [[nodiscard]] const MapCell& cell(const char* region) const
    {
        return m_window->view()->map()->cellAt(cellIndex(region));
    }
    // Where the region is in the map.
    [[nodiscard]] QPoint placeOf(const char* region) const
    {
        return m_window->view()->map()->cellRect(cellIndex(region)).center();
    }
    void clickRegion(const char* name)
    {
        QTest::mouseClick(m_window->view()->map(), Qt::LeftButton, {}, placeOf(name));
    }

    // What the table shows in a row, by the column's number.
    [[nodiscard]] QString tableText(int row, int column) const
    {
        const auto* model = m_window->view()->table()->model();
        return model->index(row, column).data().toString();
    }

    template<typename Dialog>
    Dialog* dialog()
    {
        Dialog* found = nullptr;
        const auto shown = [&] {
            found = m_window->findChild<Dialog*>();
            return found != nullptr && found->isVisible();
        };
        if (!QTest::qWaitFor(shown, kPatienceMs))
            qFatal("no dialog came");
        if (!QTest::qWaitForWindowExposed(found))
            qFatal("the dialog is not shown");
        return found;
    }

    static void chooseTarget(BackupDialog* dialog, const char* name)
    {
        auto* table = child<QTableView>(*dialog, "candidateTable");
        for (int row = 0; row < table->model()->rowCount(); ++row) {
            const QModelIndex index = table->model()->index(row, 0);
            if (index.data().toString() == QLatin1StringView(name)) {
                QTest::mouseClick(table->viewport(), Qt::LeftButton, {},
                                  table->visualRect(index).center());
                return;
            }
        }
        qFatal("no candidate %s", name);
    }

    // Reads the array again, as F5 does.
    void readAgain()
    {
        bool read = false;
        const auto watch =
            QObject::connect(&array(), &AttachedArray::snapshotChanged, [&read] { read = true; });
        press(Qt::Key_F5);
        if (!QTest::qWaitFor([&] { return read; }, kPatienceMs))
            qFatal("the array was not read again");
        QObject::disconnect(watch);
    }

    // By a click on its row in the table.
    void clickRow(int row)
    {
        auto* table = m_window->view()->table();
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {},
                          table->visualRect(table->model()->index(row, 0)).center());
    }

    // Of db into vault, by the keyboard's shortcut and the mouse; returns once it has begun.
    void backUp()
    {
        clickRegion("db");
        press(Qt::Key_B, Qt::ControlModifier);
        auto* asked = dialog<BackupDialog>();
        chooseTarget(asked, "vault");
        click(child<QPushButton>(*asked, "startBackup"));
        if (!QTest::qWaitFor([&] { return !array().jobs().empty(); }, kPatienceMs))
            qFatal("no job began");
    }

    // The newest, and how its card ends.
    [[nodiscard]] RunningJob* job() const { return array().jobs().back().get(); }
    [[nodiscard]] QString card() const
    {
        const auto labels = m_window->findChildren<QLabel*>(QStringLiteral("jobText"));
        return labels.isEmpty() ? QString() : labels.back()->text();
    }
    [[nodiscard]] QString againTip() const
    {
        return m_window->findChildren<QToolButton*>(QStringLiteral("retryJob")).back()->toolTip();
    }

    // With a backup of db in vault, which is selected; db holds something else since.
    void openWithABackup()
    {
        m_disk.backUpInto("vault", "nightly");
        m_disk.overwriteSource(2);
        open();
        if (!QTest::qWaitFor([&] { return m_window->view()->model()->rowCount() == 1; },
                             kPatienceMs))
            qFatal("no backup is shown");
        clickRow(0);
    }
    void startBackup(const char* source, const char* target)
    {
        const std::size_t before = array().jobs().size();
        clickRegion(source);
        press(Qt::Key_B, Qt::ControlModifier);
        auto* asked = dialog<BackupDialog>();
        chooseTarget(asked, target);
        click(child<QPushButton>(*asked, "startBackup"));
        awaitJobs(before + 1);
        if (!QTest::qWaitFor([&] { return m_window->findChild<BackupDialog*>() == nullptr; },
                             kPatienceMs))
            qFatal("the dialog stays");
    }
    void startExport(const char* region, const QString& file)
    {
        const std::size_t before = array().jobs().size();
        chooseExport(region, file);
        awaitJobs(before + 1);
    }
    // The same of a half-written region, about which more is asked.
    void chooseExport(const char* region, const QString& file)
    {
        clickRegion(region);
        child<QAction>(*m_window, "exportImage")->trigger();
        auto* asked = dialog<QFileDialog>();
        auto* name = child<QLineEdit>(*asked, "fileNameEdit");
        name->setText(file);
        QTest::keyClick(name, Qt::Key_Return);
    }

    // The window and what is open over it, in both looks, for whoever looks at them:
    // CAIRN_SCREENSHOTS names a folder.
    void photograph(const char* name) const
    {
        const QString folder = qEnvironmentVariable("CAIRN_SCREENSHOTS");
        if (folder.isEmpty())
            return;
        for (const ThemeChoice theme : {ThemeChoice::Dark, ThemeChoice::Light}) {
            applyTheme(theme);
            QApplication::processEvents();
            const char* look = theme == ThemeChoice::Dark ? "dark" : "light";
            const QString file = QStringLiteral("%1/%2-%3")
                                     .arg(folder, QLatin1StringView(name), QLatin1StringView(look));
            int over = 0;
            for (QWidget* shown : QApplication::topLevelWidgets()) {
                const bool base = shown == m_window.get();
                if (!shown->isVisible())
                    continue;
                const QString end = base ? QString() : QStringLiteral("-over-%1").arg(++over);
                if (!shown->grab().save(file + end + QStringLiteral(".png")))
                    qFatal("no screenshot %s", name);
            }
        }
    }

private:
    void awaitJobs(std::size_t count) const
    {
        if (!QTest::qWaitFor([&] { return array().jobs().size() == count; }, kPatienceMs))
            qFatal("no job began");
    }

    void show()
    {
        m_window = std::make_unique<MainWindow>();
        m_window->show();
        if (!QTest::qWaitForWindowExposed(m_window.get()))
            qFatal("the window is not shown");
    }

    [[nodiscard]] int cellIndex(const char* region) const
    {
        const ArrayMap* map = m_window->view()->map();
        for (int index = 0; index < map->cellCount(); ++index) {
            if (map->cellAt(index).region && map->cellAt(index).name == QLatin1StringView(region))
                return index;
        }
        qFatal("no region %s", region);
    }

    ArrayOnDisk m_disk;
    std::unique_ptr<MainWindow> m_window;
};

} // namespace cairn::test
