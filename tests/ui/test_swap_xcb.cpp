// In the window: a restore by exchange, what it asks, and its undoing.
#include "tests/ui/window_on_array.h"
#include "ui/dialogs/swap_dialog.h"
#include "ui/dialogs/undo_dialog.h"

#include <QClipboard>

using namespace cairn;
using namespace cairn::test;

class TestSwapXcb : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_setup.emplace(); }
    void init() { m_driven.emplace(); }
    void cleanup() { m_driven.reset(); }
    void aBackupTakesItsSourcesPlaceAndGoesBack();
    void whyItCannotBeExchangedIsSaid();
    void onlyRootChangesTheTableOfADisk();

private:
    [[nodiscard]] MainWindow& window() const { return m_driven->window(); }
    [[nodiscard]] QString said() const { return window().messages()->newestText(); }
    [[nodiscard]] QAction* action(const char* name) const { return child<QAction>(window(), name); }
    [[nodiscard]] const Region& region(const char* name) const
    {
        const auto& regions = m_driven->snapshot().layout.regions;
        return *std::ranges::find(regions, name, &Region::name);
    }
    // db is in copy, which lies beside it and is as large; db has changed since.
    void openWithACopyBeside()
    {
        m_driven->disk().addBeside("db", "copy", ArrayOnDisk::kSourceBytes);
        m_driven->disk().backUpInto("copy", "nightly");
        m_driven->disk().overwriteSource(2);
        m_driven->open();
        QTRY_COMPARE_WITH_TIMEOUT(window().view()->model()->rowCount(), 1, kPatienceMs);
        m_driven->clickRow(0);
    }

    std::optional<WindowSetup> m_setup;
    std::optional<WindowOnArray> m_driven;
};

void TestSwapXcb::aBackupTakesItsSourcesPlaceAndGoesBack()
{
    openWithACopyBeside();
    const ByteRange before = region("db").extent;
    const ByteRange copy = region("copy").extent;
    m_driven->press(Qt::Key_X, Qt::ControlModifier | Qt::ShiftModifier);
    auto* asked = m_driven->dialog<SwapDialog>();
    m_driven->photograph("swap");
    auto* accept = child<QPushButton>(*asked, "accept");
    // It is the last good copy.
    QVERIFY(!accept->isEnabled());
    QTest::keyClicks(child<QLineEdit>(*asked, "typedName"), QStringLiteral("copy"));
    QVERIFY(accept->isEnabled());
    click(accept);
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("no byte was copied")),
                              qPrintable(said()), kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(region("db").extent, copy, kPatienceMs);
    QCOMPARE(region("copy").extent, before);
    m_driven->photograph("swapped");
    // The map may still show it in its old place.
    const auto undoOffered = [this] {
        m_driven->clickRegion("db");
        return action("undoRestore")->isEnabled();
    };
    QVERIFY2(QTest::qWaitFor(undoOffered, kPatienceMs),
             qPrintable(action("undoRestore")->toolTip()));
    m_driven->press(Qt::Key_Z, Qt::ControlModifier);
    auto* undoing = m_driven->dialog<UndoDialog>();
    m_driven->photograph("swap-back");
    click(child<QPushButton>(*undoing, "accept"));
    QTRY_COMPARE_WITH_TIMEOUT(region("db").extent, before, kPatienceMs);
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("their places again")),
                              qPrintable(said()), kPatienceMs);
    QCOMPARE(m_driven->snapshot().find(GenerationNumber{1})->state, GenerationState::Good);
}

void TestSwapXcb::whyItCannotBeExchangedIsSaid()
{
    m_driven->openWithABackup();
    const QString why = action("swapRestore")->toolTip();
    QVERIFY(!action("swapRestore")->isEnabled());
    QVERIFY2(why.contains(QStringLiteral("lie on different disks")), qPrintable(why));
}

void TestSwapXcb::onlyRootChangesTheTableOfADisk()
{
    openWithACopyBeside();
    SwapOffer offer;
    offer.plan.generation = *m_driven->snapshot().find(GenerationNumber{1});
    offer.plan.source = region("db");
    offer.plan.backup = region("copy");
    SwapDialog dialog(m_driven->snapshot(), offer, QStringLiteral("sudo cairnctl restore 1"));
    dialog.show();
    QVERIFY(QTest::qWaitForWindowExposed(&dialog));
    m_driven->photograph("swap-as-root");
    QVERIFY(!child<QPushButton>(dialog, "accept")->isEnabled());
    QVERIFY(!dialog.plan());
    QCOMPARE(child<QLineEdit>(dialog, "swapCommand")->text(),
             QStringLiteral("sudo cairnctl restore 1"));
    click(child<QPushButton>(dialog, "copySwapCommand"));
    QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("sudo cairnctl restore 1"));
}

QTEST_MAIN(TestSwapXcb)
#include "test_swap_xcb.moc"
