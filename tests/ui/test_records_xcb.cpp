// What the catalog tells and gives away, in the real window: history, catalog and backup as files.
#include "core/backup/import_generation.h"
#include "tests/ui/window_on_array.h"
#include "ui/dialogs/history_dialog.h"

#include <QFileDialog>
#include <QLabel>

using namespace cairn;
using namespace cairn::test;

class TestRecordsXcb : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_setup.emplace(); }
    void init();
    void cleanup();
    void theHistoryTellsWhatWasDone();
    void theHistoryOfASelectedBackupIsItsOwn();
    void theHistoryClosesWithItsArray();
    void theCatalogIsExportedWhole();
    void aBackupBecomesAnArchiveThatIsRecorded();
    void anExportThatIsCanceledLeavesWhatWasThere();
    void noFileOfTheArrayIsReplacedByAnExport();

private:
    [[nodiscard]] MainWindow& window() const { return m_driven->window(); }
    void choose(const char* action, const char* dialog, const QString& file) const;
    [[nodiscard]] QString file(const char* name) const
    {
        return m_folder->filePath(QLatin1StringView(name));
    }
    [[nodiscard]] QByteArray contentOf(const QString& path) const;
    [[nodiscard]] RunningJob* lastJob() const { return m_driven->array().jobs().back().get(); }

    std::optional<WindowSetup> m_setup;
    std::optional<WindowOnArray> m_driven;
    std::optional<QTemporaryDir> m_folder;
};

void TestRecordsXcb::init()
{
    m_folder.emplace();
    m_driven.emplace();
    m_driven->disk().backUpInto("vault", "by hand");
    m_driven->open();
    QTRY_COMPARE(window().view()->model()->rowCount(), 1);
}

void TestRecordsXcb::cleanup()
{
    m_driven.reset();
    m_folder.reset();
}

void TestRecordsXcb::choose(const char* action, const char* dialog, const QString& file) const
{
    QVERIFY(child<QAction>(window(), action)->isEnabled());
    child<QAction>(window(), action)->trigger();
    auto* chooser = child<QFileDialog>(window(), dialog);
    QTRY_VERIFY(chooser->isVisible());
    QVERIFY(!chooser->testOption(QFileDialog::DontConfirmOverwrite));
    chooser->setOption(QFileDialog::DontConfirmOverwrite); // As if the answer were yes.
    auto* name = child<QLineEdit>(*chooser, "fileNameEdit");
    name->setText(file);
    QTest::keyClick(name, Qt::Key_Return);
}

QByteArray TestRecordsXcb::contentOf(const QString& path) const
{
    QFile read(path);
    return read.open(QIODevice::ReadOnly) ? read.readAll() : QByteArray();
}

void TestRecordsXcb::theHistoryTellsWhatWasDone()
{
    m_driven->press(Qt::Key_H, Qt::ControlModifier | Qt::ShiftModifier);
    auto* history = m_driven->dialog<HistoryDialog>();
    const auto* chain = child<QLabel>(*history, "chainState");
    QTRY_VERIFY2(chain->text().startsWith(u'✓'), qPrintable(chain->text()));
    const auto* model = child<QTableView>(*history, "ledgerTable")->model();
    QTRY_VERIFY(model->rowCount() > 6);
    QCOMPARE(model->index(0, LedgerModel::What).data().toString(),
             QStringLiteral("Verified: good"));
    QCOMPARE(model->index(model->rowCount() - 1, LedgerModel::What).data().toString(),
             QStringLiteral("Array created"));
    m_driven->photograph("history");
}

void TestRecordsXcb::theHistoryOfASelectedBackupIsItsOwn()
{
    m_driven->clickRow(0);
    child<QAction>(window(), "showHistory")->trigger();
    auto* history = m_driven->dialog<HistoryDialog>();
    QVERIFY(child<QCheckBox>(*history, "onlySelected")->isChecked());
    const auto* model = child<QTableView>(*history, "ledgerTable")->model();
    QTRY_VERIFY(model->rowCount() > 0);
    for (int row = 0; row < model->rowCount(); ++row)
        QCOMPARE(model->index(row, LedgerModel::Backup).data().toString(), QStringLiteral("#1"));
    const int own = model->rowCount();
    child<QCheckBox>(*history, "onlySelected")->setChecked(false);
    QTRY_VERIFY(model->rowCount() > own);
}

void TestRecordsXcb::theHistoryClosesWithItsArray()
{
    child<QAction>(window(), "showHistory")->trigger();
    std::ignore = m_driven->dialog<HistoryDialog>();
    child<QAction>(window(), "closeArray")->trigger();
    QTRY_VERIFY(window().findChild<HistoryDialog*>() == nullptr);
    QVERIFY(!child<QAction>(window(), "showHistory")->isEnabled());
}

void TestRecordsXcb::theCatalogIsExportedWhole()
{
    choose("exportCatalog", "exportCatalogDialog", file("catalog.jsonl"));
    QTRY_VERIFY_WITH_TIMEOUT(!m_driven->array().jobs().empty() && lastJob()->finished(),
                             kPatienceMs);
    QVERIFY(lastJob()->outcome().has_value());
    const QList<QByteArray> lines = contentOf(file("catalog.jsonl")).split('\n');
    QVERIFY(lines.size() > 10);
    QVERIFY2(lines.first().contains("test array"), lines.first().constData());
    QVERIFY2(lines.at(lines.size() - 2).contains("\"end\""), "it has no end");
    QVERIFY(lines.last().isEmpty());
    QTRY_VERIFY(window().messages()->newestText().contains(QStringLiteral("done")));
}

void TestRecordsXcb::aBackupBecomesAnArchiveThatIsRecorded()
{
    QVERIFY(!child<QAction>(window(), "exportBackup")->isEnabled()); // Nothing is selected.
    m_driven->clickRow(0);
    choose("exportBackup", "exportBackupDialog", file("db.tar"));
    QTRY_VERIFY_WITH_TIMEOUT(!m_driven->array().jobs().empty() && lastJob()->finished(),
                             kPatienceMs);
    QVERIFY(lastJob()->outcome().has_value());
    QFile archive(file("db.tar"));
    QVERIFY(archive.open(QIODevice::ReadOnly));
    const auto opened = openExport({.read = [&](std::span<std::byte> into) -> Result<std::size_t> {
                                        return static_cast<std::size_t>(
                                            archive.read(reinterpret_cast<char*>(into.data()),
                                                         static_cast<qint64>(into.size())));
                                    },
                                    .skip = {},
                                    .name = "db.tar"},
                                   "db.tar");
    QVERIFY(opened.has_value());
    QCOMPARE(opened->record.source.name, std::string("db"));
    QCOMPARE(opened->record.sizeBytes, ArrayOnDisk::kSourceBytes);
    // The ledger tells where it went.
    child<QAction>(window(), "showHistory")->trigger();
    auto* history = m_driven->dialog<HistoryDialog>();
    const auto* model = child<QTableView>(*history, "ledgerTable")->model();
    QTRY_VERIFY(model->rowCount() > 0);
    QCOMPARE(model->index(0, LedgerModel::What).data().toString(),
             QStringLiteral("Backup exported"));
    QCOMPARE(model->index(0, LedgerModel::Detail).data().toString(), file("db.tar"));
}

void TestRecordsXcb::anExportThatIsCanceledLeavesWhatWasThere()
{
    QFile before(file("db.tar"));
    QVERIFY(before.open(QIODevice::WriteOnly));
    before.write("an older export");
    before.close();
    m_driven->disk().setBandwidth(4 * kMiB);
    m_driven->clickRow(0);
    choose("exportBackup", "exportBackupDialog", file("db.tar"));
    QTRY_VERIFY_WITH_TIMEOUT(
        !m_driven->array().jobs().empty() && lastJob()->progress().doneBytes > 0, kPatienceMs);
    QVERIFY(lastJob()->progressText().contains(QStringLiteral("of 24 MiB")));
    lastJob()->cancel();
    QTRY_VERIFY_WITH_TIMEOUT(lastJob()->finished(), kPatienceMs);
    QVERIFY(!lastJob()->outcome().has_value());
    QCOMPARE(contentOf(file("db.tar")), QByteArray("an older export"));
    QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files | QDir::Hidden).size(), 1);
    const auto said = [this] { return window().messages()->newestText(); };
    QTRY_VERIFY2(said().contains(QStringLiteral("no file was made or replaced")),
                 qPrintable(said()));
}

void TestRecordsXcb::noFileOfTheArrayIsReplacedByAnExport()
{
    const QString disk = QString::fromStdString(m_driven->disk().memberFiles().front());
    const qint64 size = QFile(disk).size();
    choose("exportCatalog", "exportCatalogDialog", disk);
    QTRY_VERIFY_WITH_TIMEOUT(!m_driven->array().jobs().empty() && lastJob()->finished(),
                             kPatienceMs);
    QVERIFY(!lastJob()->outcome().has_value());
    QCOMPARE(lastJob()->outcome().error().code, ErrorCode::RegionInUse);
    QCOMPARE(QFile(disk).size(), size);
}

QTEST_MAIN(TestRecordsXcb)
#include "test_records_xcb.moc"
