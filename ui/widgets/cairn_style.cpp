// Draws buttons, fields, check marks, headers and dock titles flat, with frames that are seen.
#include "ui/widgets/cairn_style.h"

#include "ui/widgets/colors.h"

#include <QAbstractButton>
#include <QLineEdit>
#include <QPainter>
#include <QPainterPath>
#include <QPushButton>
#include <QStyleOption>

namespace cairn {
namespace {

constexpr qreal kRadius = 4.0;

QRectF crisp(const QRect& rect)
{
    return QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5);
}

void roundedPanel(QPainter* painter, const QRect& rect, const QColor& fill, const QColor& edge,
                  qreal width = 1.0)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(edge.isValid() ? QPen(edge, width) : QPen(Qt::NoPen));
    painter->setBrush(fill);
    painter->drawRoundedRect(crisp(rect), kRadius, kRadius);
    painter->restore();
}

void drawButton(const QStyleOption* option, QPainter* painter, const QWidget* widget)
{
    const Colors& colors = colorsOf(option->palette);
    const bool enabled = option->state & QStyle::State_Enabled;
    const bool down = option->state & (QStyle::State_Sunken | QStyle::State_On);
    const bool hover = option->state & QStyle::State_MouseOver;
    const bool danger = widget != nullptr && widget->property("danger").toBool();
    const bool primary = widget != nullptr && widget->property("primary").toBool();
    const bool focus = (option->state & QStyle::State_HasFocus) &&
                       (option->state & QStyle::State_KeyboardFocusChange);
    QColor fill = danger ? colors.danger : (primary ? colors.accent : colors.raised);
    QColor edge = danger || primary ? fill.darker(115) : colors.border;
    if (!enabled) {
        fill = colors.window;
        edge = colors.border;
        edge.setAlphaF(0.55F);
    } else if (down) {
        fill = isDark(option->palette) ? fill.lighter(125) : fill.darker(112);
    } else if (hover) {
        fill = isDark(option->palette) ? fill.lighter(113) : fill.darker(104);
    }
    roundedPanel(painter, option->rect, fill, edge);
    if (focus)
        roundedPanel(painter, option->rect.adjusted(1, 1, -1, -1), Qt::transparent,
                     danger || primary ? colors.accentText : colors.accent, 1.6);
}

void drawCheck(const QStyleOption* option, QPainter* painter, bool round)
{
    const Colors& colors = colorsOf(option->palette);
    const bool enabled = option->state & QStyle::State_Enabled;
    const bool on = option->state & QStyle::State_On;
    const QColor edge = enabled ? colors.mutedText : colors.disabledText;
    const QRectF box = QRectF(option->rect).adjusted(0.75, 0.75, -0.75, -0.75);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QColor active = enabled ? colors.accent : colors.disabledText;
    painter->setPen(QPen(on ? active : edge, 1.3));
    painter->setBrush(on && !round ? active : colors.base);
    if (round)
        painter->drawEllipse(box);
    else
        painter->drawRoundedRect(box, 3.0, 3.0);
    if (on && round) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(active);
        painter->drawEllipse(box.adjusted(3.2, 3.2, -3.2, -3.2));
    } else if (on) {
        painter->setPen(QPen(colors.accentText, 1.9, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        const auto at = [&](qreal x, qreal y) {
            return QPointF(box.left() + box.width() * x, box.top() + box.height() * y);
        };
        painter->drawPolyline(QPolygonF{at(0.24, 0.53), at(0.43, 0.72), at(0.78, 0.31)});
    }
    painter->restore();
}

void drawField(const QStyleOption* option, QPainter* painter)
{
    const Colors& colors = colorsOf(option->palette);
    const bool enabled = option->state & QStyle::State_Enabled;
    const bool focus = option->state & QStyle::State_HasFocus;
    roundedPanel(painter, option->rect, enabled ? colors.base : colors.window,
                 focus ? colors.accent : colors.border, focus ? 1.6 : 1.0);
}

void drawHeader(const QStyleOption* option, QPainter* painter)
{
    const Colors& colors = colorsOf(option->palette);
    painter->fillRect(option->rect, colors.raised);
    painter->setPen(colors.border);
    painter->drawLine(option->rect.bottomLeft(), option->rect.bottomRight());
}

void drawDockTitle(const QStyleOption* option, QPainter* painter)
{
    const auto* dock = qstyleoption_cast<const QStyleOptionDockWidget*>(option);
    if (dock == nullptr)
        return;
    painter->save();
    QFont font = painter->font();
    font.setBold(true);
    painter->setFont(font);
    painter->setPen(colorsOf(option->palette).text);
    painter->drawText(dock->rect.adjusted(10, 0, -10, 0), Qt::AlignLeading | Qt::AlignVCenter,
                      dock->title);
    painter->restore();
}

void drawChevron(QPainter* painter, const QRect& rect, const QColor& color)
{
    const QPointF middle = QRectF(rect).center();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(color, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter->drawPolyline(QPolygonF{middle + QPointF(-3.5, -1.75), middle + QPointF(0, 1.75),
                                    middle + QPointF(3.5, -1.75)});
    painter->restore();
}

} // namespace

CairnStyle::CairnStyle() : QProxyStyle(QStringLiteral("Fusion")) {}

void CairnStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option,
                               QPainter* painter, const QWidget* widget) const
{
    switch (element) {
    case PE_PanelButtonCommand:
        drawButton(option, painter, widget);
        return;
    case PE_IndicatorCheckBox:
        drawCheck(option, painter, false);
        return;
    case PE_IndicatorRadioButton:
        drawCheck(option, painter, true);
        return;
    case PE_PanelLineEdit:
        if (const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option);
            frame != nullptr && frame->lineWidth > 0) {
            drawField(option, painter);
            return;
        }
        break;
    case PE_FrameLineEdit:
        return;
    case PE_FrameFocusRect:
        if (qobject_cast<const QPushButton*>(widget) != nullptr)
            return; // drawButton() shows it.
        roundedPanel(painter, option->rect, Qt::transparent, colorsOf(option->palette).accent);
        return;
    case PE_FrameStatusBarItem:
        return;
    default:
        break;
    }
    QProxyStyle::drawPrimitive(element, option, painter, widget);
}

void CairnStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                             const QWidget* widget) const
{
    switch (element) {
    case CE_HeaderSection:
    case CE_HeaderEmptyArea:
        drawHeader(option, painter);
        return;
    case CE_DockWidgetTitle:
        drawDockTitle(option, painter);
        return;
    case CE_ToolBar: {
        const Colors& colors = colorsOf(option->palette);
        painter->fillRect(option->rect, colors.window);
        painter->setPen(colors.border);
        painter->drawLine(option->rect.bottomLeft(), option->rect.bottomRight());
        return;
    }
    case CE_PushButtonLabel:
        if (widget != nullptr && (option->state & State_Enabled) &&
            (widget->property("danger").toBool() || widget->property("primary").toBool())) {
            if (const auto* button = qstyleoption_cast<const QStyleOptionButton*>(option)) {
                QStyleOptionButton bright(*button);
                bright.palette.setColor(QPalette::ButtonText, colorsOf(option->palette).accentText);
                QProxyStyle::drawControl(element, &bright, painter, widget);
                return;
            }
        }
        break;
    default:
        break;
    }
    QProxyStyle::drawControl(element, option, painter, widget);
}

void CairnStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option,
                                    QPainter* painter, const QWidget* widget) const
{
    const auto* box = qstyleoption_cast<const QStyleOptionComboBox*>(option);
    if (control == CC_ComboBox && box != nullptr && !box->editable) {
        drawField(option, painter);
        const Colors& colors = colorsOf(option->palette);
        const QRect arrow = subControlRect(CC_ComboBox, option, SC_ComboBoxArrow, widget);
        drawChevron(painter, arrow,
                    option->state & State_Enabled ? colors.mutedText : colors.disabledText);
        return;
    }
    if (control == CC_SpinBox) {
        drawField(option, painter);
        const Colors& colors = colorsOf(option->palette);
        const QColor color = option->state & State_Enabled ? colors.mutedText : colors.disabledText;
        drawChevron(painter, subControlRect(CC_SpinBox, option, SC_SpinBoxDown, widget), color);
        const QRect up = subControlRect(CC_SpinBox, option, SC_SpinBoxUp, widget);
        painter->save();
        painter->translate(0, up.top() + up.bottom() + 1);
        painter->scale(1, -1); // The same chevron, upside down.
        drawChevron(painter, up, color);
        painter->restore();
        return;
    }
    QProxyStyle::drawComplexControl(control, option, painter, widget);
}

QSize CairnStyle::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                                   const QWidget* widget) const
{
    const QSize usual = QProxyStyle::sizeFromContents(type, option, size, widget);
    if (type == CT_PushButton)
        return usual + QSize(16, 6);
    if (type == CT_LineEdit || type == CT_ComboBox)
        return usual + QSize(8, 4);
    return usual;
}

int CairnStyle::pixelMetric(PixelMetric metric, const QStyleOption* option,
                            const QWidget* widget) const
{
    switch (metric) {
    case PM_IndicatorWidth:
    case PM_IndicatorHeight:
    case PM_ExclusiveIndicatorWidth:
    case PM_ExclusiveIndicatorHeight:
        return 16;
    case PM_DockWidgetTitleMargin:
        return 6;
    case PM_ToolBarItemSpacing:
    case PM_ToolBarItemMargin:
        return 4;
    case PM_SplitterWidth:
        return 6;
    case PM_FocusFrameHMargin: // Also the margin of table cells.
    case PM_HeaderMargin:
        return 7;
    default:
        return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

int CairnStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                          QStyleHintReturn* data) const
{
    if (hint == SH_EtchDisabledText || hint == SH_DialogButtonBox_ButtonsHaveIcons)
        return 0;
    return QProxyStyle::styleHint(hint, option, widget, data);
}

void CairnStyle::polish(QWidget* widget)
{
    QProxyStyle::polish(widget);
    if (qobject_cast<QAbstractButton*>(widget) != nullptr)
        widget->setAttribute(Qt::WA_Hover);
    if (auto* field = qobject_cast<QLineEdit*>(widget))
        field->setTextMargins(4, 0, 4, 0);
}

} // namespace cairn
