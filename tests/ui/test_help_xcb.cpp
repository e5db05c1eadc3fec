// The help menu in the real window: keys, the manual and a support report, without a network.
#include "tests/ui/window_on_array.h"
#include "ui/dialogs/manual_dialog.h"
#include "ui/dialogs/shortcuts_dialog.h"

#include <QDir>
#include <QFileDialog>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMenu>
#include <QTreeWidget>

using namespace cairn;
using namespace cairn::test;

class TestHelpXcb : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_setup.emplace(); }
    void init()
    {
        m_driven.emplace();
        window().setPrograms(QStringLiteral(CAIRN_BINARY_DIR "/app"));
    }
    void cleanup() { m_driven.reset(); }
    void everyShortcutOfTheMenusIsListed();
    void theManualIsReadWithoutANetwork();
    void everyPageOfTheManualIsThere();
    void theInstalledManualIsFoundFirst();
    void aReportIsWhatCairnctlReports();
    void aReportOfWhatCouldNotBeOpenedSaysWhy();
    void whatIsNotThereIsNotOffered();

private:
    [[nodiscard]] MainWindow& window() const { return m_driven->window(); }
    [[nodiscard]] QAction* action(const char* name) const { return child<QAction>(window(), name); }
    [[nodiscard]] QJsonObject savedReport(const QString& file) const;

    std::optional<WindowSetup> m_setup;
    std::optional<WindowOnArray> m_driven;
};

// A key that is taken twice does nothing at all.
void TestHelpXcb::everyShortcutOfTheMenusIsListed()
{
    m_driven->press(Qt::Key_Slash, Qt::ControlModifier);
    auto* dialog = m_driven->dialog<ShortcutsDialog>();
    m_driven->photograph("shortcuts");
    std::map<QString, QString> listed; // The action by its keys.
    for (const QTreeWidgetItem* item :
         child<QTreeWidget>(*dialog, "shortcutList")
             ->findItems(QString(), Qt::MatchContains | Qt::MatchRecursive, 0)) {
        if (item->parent() == nullptr)
            continue;
        const QString was = listed[item->text(1)];
        QVERIFY2(was.isEmpty() || was == item->text(0), qPrintable(item->text(1)));
        listed[item->text(1)] = item->text(0);
    }
    for (const QMenu* menu : window().menuBar()->findChildren<QMenu*>()) {
        for (const QAction* each : menu->actions()) {
            const QString keys = each->shortcut().toString(QKeySequence::NativeText);
            QVERIFY2(keys.isEmpty() || !each->isVisible() || listed.contains(keys),
                     qPrintable(each->text()));
        }
    }
    QVERIFY2(listed.contains(QStringLiteral("Ctrl+B")), "the list is empty");
    QVERIFY(!listed.at(QStringLiteral("Ctrl+B")).contains(u'&'));
    child<QAction>(window(), "showShortcuts")->trigger();
    QCOMPARE(window().findChildren<ShortcutsDialog*>().size(), 1);
}

void TestHelpXcb::theManualIsReadWithoutANetwork()
{
    m_driven->press(Qt::Key_F1);
    auto* dialog = m_driven->dialog<ManualDialog>();
    QTextBrowser* pages = dialog->pages();
    QVERIFY(pages->toPlainText().contains(QStringLiteral("Something is lost")));
    m_driven->photograph("manual");
    const QUrl first = pages->source();
    Q_EMIT pages->anchorClicked(QUrl(QStringLiteral("https://example.org/")));
    QCOMPARE(pages->source(), first);
    Q_EMIT pages->anchorClicked(first.resolved(QUrl(QStringLiteral("cairnctl.md"))));
    QVERIFY(pages->source().path().endsWith(QStringLiteral("docs/cairnctl.md")));
    QVERIFY(pages->toPlainText().size() > 1000);
    click(child<QPushButton>(*dialog, "manualBack"));
    QCOMPARE(pages->source(), first);
}

void TestHelpXcb::everyPageOfTheManualIsThere()
{
    const QDir docs(QStringLiteral(CAIRN_SOURCE_DIR "/docs"));
    QFile page(docs.filePath(QStringLiteral("desktop.md")));
    QVERIFY(page.open(QIODevice::ReadOnly));
    const QString text = QString::fromUtf8(page.readAll());
    static const QRegularExpression link(QStringLiteral("\\]\\(([^)]+)\\)"));
    int links = 0;
    for (auto found = link.globalMatch(text); found.hasNext(); ++links) {
        const QString target = found.next().captured(1);
        QVERIFY2(target.endsWith(QStringLiteral(".md")) && docs.exists(target), qPrintable(target));
    }
    QVERIFY(links > 5);
}

void TestHelpXcb::theInstalledManualIsFoundFirst()
{
    const QTemporaryDir root;
    const QDir folder(root.path());
    QVERIFY(folder.mkpath(QStringLiteral("usr/bin")));
    QVERIFY(!findManual(root.filePath(QStringLiteral("usr/bin"))));
    QVERIFY(folder.mkpath(QStringLiteral("usr/share/doc/cairn/docs")));
    QVERIFY(QFile(root.filePath(QStringLiteral("usr/share/doc/cairn/docs/desktop.md")))
                .open(QIODevice::WriteOnly));
    QVERIFY(findManual(root.filePath(QStringLiteral("usr/bin")))
                ->endsWith(QStringLiteral("/usr/share/doc/cairn/docs/desktop.md")));
}

QJsonObject TestHelpXcb::savedReport(const QString& file) const
{
    action("saveReport")->trigger();
    auto* chooser = child<QFileDialog>(window(), "reportDialog");
    chooser->setOption(QFileDialog::DontConfirmOverwrite); // As if the answer were yes.
    auto* name = child<QLineEdit>(*chooser, "fileNameEdit");
    name->setText(file);
    QTest::keyClick(name, Qt::Key_Return);
    const auto said = [this] {
        return window().messages()->newestText().contains(QStringLiteral("support report"));
    };
    if (!QTest::qWaitFor(said, kPatienceMs))
        qFatal("nothing was said of the report");
    QFile report(file);
    return report.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(report.readAll()).object()
                                            : QJsonObject();
}

void TestHelpXcb::aReportIsWhatCairnctlReports()
{
    const QTemporaryDir folder;
    QVERIFY(!action("saveReport")->isEnabled()); // Of what?
    m_driven->open();
    const QJsonObject report = savedReport(folder.filePath(QStringLiteral("report.json")));
    const QJsonObject array = report.value(QStringLiteral("array")).toObject();
    QCOMPARE(array.value(QStringLiteral("label")).toString(), QStringLiteral("test array"));
    QVERIFY(
        report.value(QStringLiteral("ledger")).toObject().contains(QStringLiteral("chainIntact")));
    QVERIFY(action("saveReport")->isEnabled());
}

void TestHelpXcb::aReportOfWhatCouldNotBeOpenedSaysWhy()
{
    const QTemporaryDir folder;
    window().openArray({folder.filePath(QStringLiteral("no such disk"))});
    QTRY_COMPARE_WITH_TIMEOUT(window().messages()->count(), 1, kPatienceMs);
    const QJsonObject report = savedReport(folder.filePath(QStringLiteral("report.json")));
    QVERIFY(report.value(QStringLiteral("array")).toObject().contains(QStringLiteral("error")));
    // Nor does it replace a disk.
    const QString disk = QString::fromStdString(m_driven->disk().memberFiles().front());
    const qint64 size = QFile(disk).size();
    window().messages()->clear();
    QVERIFY(savedReport(disk).isEmpty());
    QCOMPARE(QFile(disk).size(), size);
    QVERIFY2(window().messages()->newestText().contains(QStringLiteral("was not saved")),
             qPrintable(window().messages()->newestText()));
}

void TestHelpXcb::whatIsNotThereIsNotOffered()
{
    const QTemporaryDir empty;
    window().setPrograms(empty.path());
    QVERIFY(!action("saveReport")->isVisible());
    QVERIFY(!action("showManual")->isVisible());
}

QTEST_MAIN(TestHelpXcb)
#include "test_help_xcb.moc"
