// The list to choose from what loses its content: it moves only where it is open.
#include "tests/ui/child.h"
#include "tests/ui/sample_snapshot.h"
#include "ui/dialogs/restore_dialog.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QComboBox>
#include <QTest>
#include <QWheelEvent>

using namespace cairn;
using namespace cairn::test;

class TestLossBox : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void onlyTheOpenListMovesWhereARestoreGoes();
};

void TestLossBox::onlyTheOpenListMovesWhereARestoreGoes()
{
    const SampleArray sample;
    RestoreDialog dialog(sample.snapshot(), sample.snapshot().generations.front());
    dialog.show();
    auto* targets = child<QComboBox>(dialog, "restoreTarget");
    targets->setFocus();
    const int chosen = targets->currentIndex();
    for (int index = 0; index < targets->count(); ++index) {
        QTest::keyClicks(targets, targets->itemText(index).remove(QLatin1Char(' ')));
        QCOMPARE(targets->currentIndex(), chosen);
    }
    const QPointF inside = QRectF(targets->rect()).center();
    for (const int step : {-120, 120}) {
        QWheelEvent wheel(inside, targets->mapToGlobal(inside), {}, {0, step}, Qt::NoButton,
                          Qt::NoModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(targets, &wheel);
        QCOMPARE(targets->currentIndex(), chosen);
    }
    const auto step = chosen == 0 ? Qt::Key_Down : Qt::Key_Up;
    QTest::keyClick(targets, step); // Incident: one arrow key, and another region was overwritten.
    QCOMPARE(targets->currentIndex(), chosen);
    QTRY_VERIFY(targets->view()->isVisible());
    QTest::keyClick(targets->view(), step);
    QTest::keyClick(targets->view(), Qt::Key_Return);
    QTRY_VERIFY(targets->currentIndex() != chosen);
}

QTEST_MAIN(TestLossBox)
#include "test_loss_box.moc"
