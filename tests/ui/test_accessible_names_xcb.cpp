// No control of the window or of any dialog is without a name for assistive technology, and at
// 1280x720 no word on a button or a label is cut.
#include "core/backup/keep.h"
#include "tests/ui/window_on_array.h"
#include "ui/dialogs/backup_dialog.h"

#include <QAbstractSpinBox>
#include <QAccessible>
#include <QComboBox>
#include <QDialog>
#include <QHeaderView>
#include <QScrollBar>

using namespace cairn;
using namespace cairn::test;

class TestAccessibleNamesXcb : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_setup.emplace(); }
    void init() { m_driven.emplace(); }
    void cleanup() { m_driven.reset(); }
    void theWelcomePage();
    void theOpenArray();
    void theHistoriesOfMembersThatWereWrittenApart();
    void eachDialog_data();
    void eachDialog();

private:
    [[nodiscard]] MainWindow& window() const { return m_driven->window(); }

    std::optional<WindowSetup> m_setup;
    std::optional<WindowOnArray> m_driven;
};

namespace {

// A part of another control, or none that anybody goes to.
bool isPart(const QWidget& widget)
{
    const QObject* parent = widget.parent();
    return widget.objectName().startsWith(QStringLiteral("qt_")) ||
           widget.window()->inherits("QComboBoxPrivateContainer") ||
           qobject_cast<const QScrollBar*>(&widget) != nullptr ||
           qobject_cast<const QHeaderView*>(&widget) != nullptr ||
           qobject_cast<const QComboBox*>(parent) != nullptr ||
           qobject_cast<const QAbstractSpinBox*>(parent) != nullptr ||
           qobject_cast<const QLineEdit*>(parent) != nullptr ||
           qobject_cast<const QAbstractItemView*>(parent) != nullptr;
}

QString describe(const QWidget& widget)
{
    return QStringLiteral("%1 %2 in %3")
        .arg(QLatin1StringView(widget.metaObject()->className()), widget.objectName(),
             widget.parent() != nullptr ? widget.parent()->objectName() : QString());
}

QStringList unnamedIn(const QWidget& top)
{
    QStringList found;
    for (QWidget* widget : top.findChildren<QWidget*>()) {
        const bool control = (widget->focusPolicy() & Qt::TabFocus) == Qt::TabFocus ||
                             qobject_cast<QAbstractButton*>(widget) != nullptr;
        if (!control || isPart(*widget))
            continue;
        const QAccessibleInterface* told = QAccessible::queryAccessibleInterface(widget);
        if (told == nullptr || told->text(QAccessible::Name).trimmed().isEmpty())
            found.append(describe(*widget));
    }
    return found;
}

// What elides says the whole in its tooltip, and is not asked.
QStringList cutIn(const QWidget& top)
{
    QStringList found;
    for (QWidget* widget : top.findChildren<QWidget*>()) {
        if (!widget->isVisible() || isPart(*widget) || widget->visibleRegion().isEmpty())
            continue;
        const auto* label = qobject_cast<QLabel*>(widget);
        const bool button = qobject_cast<QAbstractButton*>(widget) != nullptr;
        const bool elides = qobject_cast<ElidedLabel*>(widget) != nullptr;
        if ((label == nullptr && !button) || elides)
            continue;
        const bool wraps = label != nullptr && label->wordWrap();
        if (wraps ? widget->height() < widget->heightForWidth(widget->width())
                  : widget->width() < widget->sizeHint().width())
            found.append(describe(*widget) + QStringLiteral(": ") +
                         (label != nullptr ? label->text() : widget->accessibleName()));
    }
    return found;
}

} // namespace

// What was just shown is laid out a moment later.
#define VERIFY_NONE(call)                                                                          \
    QTRY_VERIFY2_WITH_TIMEOUT((call).isEmpty(), qPrintable((call).join(u'\n')), kPatienceMs)

void TestAccessibleNamesXcb::theWelcomePage()
{
    VERIFY_NONE(unnamedIn(window()));
    VERIFY_NONE(cutIn(window()));
    m_driven->photograph("names-welcome");
}

void TestAccessibleNamesXcb::theOpenArray()
{
    m_driven->openWithABackup();
    m_driven->press(Qt::Key_Y, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(m_driven->idle(), kPatienceMs);
    VERIFY_NONE(unnamedIn(window()));
    VERIFY_NONE(cutIn(window()));
    m_driven->photograph("names-details");
    m_driven->press(Qt::Key_H, Qt::ControlModifier);
    QTRY_VERIFY(child<QWidget>(window(), "healthPanel")->isVisible());
    VERIFY_NONE(unnamedIn(window()));
    VERIFY_NONE(cutIn(window()));
    m_driven->photograph("names-health");
}

void TestAccessibleNamesXcb::theHistoriesOfMembersThatWereWrittenApart()
{
    for (const std::string& file : m_driven->disk().memberFiles()) {
        const auto attached = Attachment::attach({file}, systemEnvironment());
        QVERIFY(attached.has_value());
        const Uuid member = (*attached)->layout().members.front().id;
        QVERIFY(addRegion(**attached, {"apart", kMiB, &member, RegionRole::Data}).has_value());
    }
    m_driven->open();
    QVERIFY(m_driven->snapshot().splitBrain());
    VERIFY_NONE(unnamedIn(window()));
    VERIFY_NONE(cutIn(window()));
}

void TestAccessibleNamesXcb::eachDialog_data()
{
    QTest::addColumn<QString>("region");
    for (const char* action : {"openArray", "newArray", "addRegion", "addMember", "releaseDisk",
                               "showHistory", "forget", "restore", "showShortcuts"})
        QTest::newRow(action) << QString();
    for (const char* action : {"backUp", "renameRegion", "removeRegion", "importImage"})
        QTest::newRow(action) << QStringLiteral("db");
}

void TestAccessibleNamesXcb::eachDialog()
{
    QFETCH(const QString, region);
    m_driven->openWithABackup();
    if (!region.isEmpty())
        m_driven->clickRegion(qPrintable(region));
    auto* action = child<QAction>(window(), QTest::currentDataTag());
    QVERIFY(action->isEnabled());
    action->trigger();
    const auto* asked = m_driven->dialog<QDialog>();
    if (const auto* verb = asked->findChild<QPushButton*>(QStringLiteral("overwrite")))
        QTRY_VERIFY_WITH_TIMEOUT(verb->isEnabled(), kPatienceMs); // All is said by then.
    QTRY_VERIFY2(cutIn(*asked).isEmpty(), qPrintable(cutIn(*asked).join(u'\n')));
    VERIFY_NONE(unnamedIn(*asked));
    QVERIFY(asked->width() <= 1280 && asked->height() <= 720);
    m_driven->photograph(
        qPrintable(QStringLiteral("dialog-") + QLatin1StringView(QTest::currentDataTag())));
}

QTEST_MAIN(TestAccessibleNamesXcb)
#include "test_accessible_names_xcb.moc"
