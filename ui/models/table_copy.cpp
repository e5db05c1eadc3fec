// Makes text and CSV of table rows.
#include "ui/models/table_copy.h"

#include <QStringList>

namespace cairn {
namespace {

bool looksLikeFormula(const QString& cell)
{
    static const QString kBegins = QStringLiteral("=+-@\t\r＝＋－＠");
    return !cell.isEmpty() && kBegins.contains(cell.front());
}

QString oneLine(QString cell)
{
    return cell.replace(u'\r', u' ').replace(u'\n', u' ');
}

QString csvCell(QString cell)
{
    if (looksLikeFormula(cell))
        cell.prepend(u'\'');
    return u'"' + oneLine(cell).replace(u'"', QStringLiteral("\"\"")) + u'"';
}

QString line(QStringList cells, CopyForm form)
{
    for (QString& cell : cells) {
        cell = form == CopyForm::Csv ? csvCell(cell) : oneLine(cell).replace(u'\t', u' ');
    }
    return form == CopyForm::Csv ? cells.join(u',') + QStringLiteral("\r\n")
                                 : cells.join(u'\t') + u'\n';
}

} // namespace

QString copiedRows(const QAbstractItemModel& model, const std::vector<int>& rows, CopyForm form)
{
    QStringList titles;
    for (int column = 0; column < model.columnCount(); ++column)
        titles.append(model.headerData(column, Qt::Horizontal).toString());
    QString text = line(titles, form);
    for (const int row : rows) {
        QStringList cells;
        for (int column = 0; column < model.columnCount(); ++column)
            cells.append(model.index(row, column).data().toString());
        text += line(cells, form);
    }
    return text;
}

} // namespace cairn
