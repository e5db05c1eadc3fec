// The choice of how a source in use is read.
#include "ui/dialogs/source_use_choice.h"

#include "ui/display_text.h"
#include "ui/error_text.h"
#include "ui/record_text.h"

#include <QHBoxLayout>
#include <QStyle>
#include <QVBoxLayout>

namespace cairn {
namespace {

QRadioButton* radio(const char* name, const QString& text)
{
    auto* made = new QRadioButton(text);
    made->setObjectName(QLatin1StringView(name));
    made->setAccessibleName(text);
    // Two that are not chosen yet: an arrow key on one must not choose the other.
    made->setAutoExclusive(false);
    return made;
}

// Under the text of a radio button.
QHBoxLayout* indented(QWidget& widget, const QWidget& above)
{
    auto* line = new QHBoxLayout;
    line->addSpacing(above.style()->pixelMetric(QStyle::PM_ExclusiveIndicatorWidth) + 8);
    line->addWidget(&widget, 1);
    return line;
}

} // namespace

SourceUseChoice::SourceUseChoice(QWidget* parent)
    : QWidget(parent), m_heading(PlainLabel::wrapped()),
      m_freeze(radio("sourceFreeze", tr("Have its filesystem stand still while it is copied"))),
      m_limit(new QSpinBox), m_whyNot(PlainLabel::muted()),
      m_command(new CopyableLine(QStringLiteral("freezeCommand"),
                                 tr("Command that backs it up frozen, as root"))),
      m_live(radio("sourceLive", tr("Copy it as it is, while it is used")))
{
    setObjectName(QStringLiteral("sourceUse"));
    m_heading->setObjectName(QStringLiteral("sourceUsedBy"));
    m_heading->setBold(true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(m_heading);
    addFreeze(*column);
    column->addLayout(indented(*m_command, *this));
    column->addWidget(m_live);
    column->addLayout(
        indented(*PlainLabel::muted(tr("The backup is inconsistent: it is of several moments, and "
                                       "never good. Verifying proves only what was copied.")),
                 *this));
    connect(m_freeze, &QRadioButton::toggled, this, [this](bool chosen) {
        if (chosen)
            m_live->setChecked(false);
        m_limit->setEnabled(chosen || !m_command->isHidden());
        Q_EMIT changed();
    });
    connect(m_live, &QRadioButton::toggled, this, [this](bool chosen) {
        if (chosen)
            m_freeze->setChecked(false);
        Q_EMIT changed();
    });
    connect(m_limit, &QSpinBox::valueChanged, this, &SourceUseChoice::changed);
    hide();
}

void SourceUseChoice::addFreeze(QVBoxLayout& column)
{
    m_limit->setObjectName(QStringLiteral("freezeLimit"));
    m_limit->setAccessibleName(tr("Seconds after which it is let go, copied or not"));
    m_limit->setRange(1, static_cast<int>(kLongestFreeze.count()));
    m_limit->setValue(static_cast<int>(kFreezeLimit.count()));
    m_limit->setPrefix(tr("at most "));
    m_limit->setSuffix(tr(" s"));
    m_whyNot->setObjectName(QStringLiteral("whyNotFrozen"));
    auto* line = new QHBoxLayout;
    line->addWidget(m_freeze);
    line->addWidget(m_limit);
    line->addStretch(1);
    column.addLayout(line);
    column.addLayout(indented(
        *PlainLabel::muted(tr("Whoever writes to it waits meanwhile. The backup is frozen, or "
                              "cloned where both lie in files that can share blocks: of one "
                              "moment, and good once it was read back. Where the time ends before "
                              "the copy does, it is inconsistent, and never good.")),
        *this));
    column.addLayout(indented(*m_whyNot, *this));
}

void SourceUseChoice::forget()
{
    m_freeze->setChecked(false);
    m_live->setChecked(false);
}

void SourceUseChoice::setSource(const Region& source, const std::optional<Error>& cannotFreeze)
{
    m_needed = source.use.inUse;
    if (std::exchange(m_usedBy, source.use.by) != source.use.by || !m_needed)
        forget();
    m_heading->setText(source.use.by.empty()
                           ? tr("%1 is in use. How shall it be read?").arg(regionDisplay(source))
                           : tr("%1 is in use: %2. How shall it be read?")
                                 .arg(regionDisplay(source), displayShort(source.use.by, 120)));
    const bool asRoot = cannotFreeze && cannotFreeze->detail == kOnlyRootFreezes;
    m_freeze->setEnabled(!cannotFreeze);
    if (cannotFreeze)
        m_freeze->setChecked(false);
    const QString why =
        !cannotFreeze ? QString()
        : asRoot      ? tr("Only root may do that, and this window is not root's. In a terminal:")
                      : causeText(*cannotFreeze);
    m_freeze->setToolTip(why.isEmpty() ? QString() : toolTipText(why));
    m_whyNot->setText(why);
    m_whyNot->setVisible(!why.isEmpty());
    m_command->setVisible(asRoot);
    m_limit->setEnabled(m_freeze->isChecked() || asRoot);
    setVisible(m_needed);
}

void SourceUseChoice::setCommand(const QString& command, const QString& unknown)
{
    m_command->setText(command, unknown);
}

bool SourceUseChoice::isAnswered() const
{
    return !m_needed || m_freeze->isChecked() || m_live->isChecked();
}

SourcePolicy SourceUseChoice::policy() const
{
    SourcePolicy policy;
    if (m_needed && m_freeze->isChecked())
        policy.inUse = SourceInUse::Freeze;
    else if (m_needed && m_live->isChecked())
        policy.inUse = SourceInUse::Copy;
    policy.freezeLimit = std::chrono::seconds(m_limit->value());
    return policy;
}

} // namespace cairn
