// The words of commands.
#include "ui/command_text.h"

#include "core/backup/guards.h"
#include "core/backup/seal.h"
#include "ui/array_names.h"
#include "ui/display_text.h"

#include <QRegularExpression>
#include <QStringList>

namespace cairn {
namespace {

// As root, who may be in another folder.
QStringList onArray(const ArraySnapshot& snapshot)
{
    QStringList words{QStringLiteral("sudo"), QStringLiteral("cairnctl")};
    QStringList uris;
    for (const std::string& uri : snapshot.uris)
        uris.append(displayText(uri));
    for (const QString& uri : wholeUris(uris))
        words.append({QStringLiteral("-a"), shellWord(uri)});
    return words;
}

// What is shown of a name that cannot be printed is not the name.
QString regionWord(const ArrayLayout& layout, const Region& region)
{
    const std::string named = confirmationText(layout, region);
    const QString shown = displayText(named);
    const bool plain = shown.toStdString() == named && !shown.startsWith(u'-');
    return plain ? shellWord(shown) : QString::fromStdString(region.id.uuid.toString());
}

void addFreeze(QStringList& words, std::chrono::seconds limit)
{
    words.append(QStringLiteral("--freeze"));
    if (limit != kFreezeLimit)
        words.append({QStringLiteral("--freeze-limit"), QString::number(limit.count())});
}

// Of a value that may begin with a dash.
void addOption(QStringList& words, const char* option, const std::string& value)
{
    if (!value.empty())
        words.append(QLatin1StringView(option) + u'=' + shellWord(displayText(value)));
}

} // namespace

QString shellWord(const QString& text)
{
    static const QRegularExpression plain(QStringLiteral("^[A-Za-z0-9_./:@%+=,-]+$"));
    if (plain.match(text).hasMatch())
        return text;
    return u'\'' + QString(text).replace(u'\'', QStringLiteral("'\\''")) + u'\'';
}

QString frozenBackupCommand(const ArraySnapshot& snapshot, const BackupPlan& plan)
{
    QStringList words = onArray(snapshot);
    words.append({QStringLiteral("backup"), regionWord(snapshot.layout, plan.source),
                  regionWord(snapshot.layout, plan.target)});
    addFreeze(words, std::chrono::duration_cast<std::chrono::seconds>(plan.policy.freezeLimit));
    if (plan.seal != sealsByDefault(snapshot.layout, plan.target))
        words.append(plan.seal ? QStringLiteral("--seal") : QStringLiteral("--plain"));
    if (!plan.verify)
        words.append(QStringLiteral("--no-verify"));
    if (plan.onUnreadable == OnUnreadable::Skip)
        words.append(QStringLiteral("--skip-unreadable"));
    addOption(words, "--label", plan.label);
    addOption(words, "--note", plan.note);
    addOption(words, "--confirm", plan.confirmedName);
    return words.join(u' ');
}

QString frozenResumeCommand(const ArraySnapshot& snapshot, GenerationNumber number,
                            OnUnreadable onUnreadable, int limitS)
{
    QStringList words = onArray(snapshot);
    words.append({QStringLiteral("resume"), QString::number(number)});
    addFreeze(words, std::chrono::seconds(limitS));
    if (onUnreadable == OnUnreadable::Skip)
        words.append(QStringLiteral("--skip-unreadable"));
    return words.join(u' ');
}

QString addRegionCommand(const ArraySnapshot& snapshot)
{
    return (onArray(snapshot) << QStringLiteral("region add NAME --size SIZE")).join(u' ');
}

QString removeRegionCommand(const ArraySnapshot& snapshot, const Region& region)
{
    return (onArray(snapshot) << QStringLiteral("region remove")
                              << regionWord(snapshot.layout, region))
        .join(u' ');
}

QString joinCommand(const ArraySnapshot& snapshot, const Array::NewMember& member,
                    const std::optional<Uuid>& replaced)
{
    QStringList words = onArray(snapshot);
    words.append({QStringLiteral("array"),
                  replaced ? QStringLiteral("replace-member") : QStringLiteral("add-member")});
    if (replaced)
        words.append(QString::fromStdString(replaced->toString()));
    words.append(shellWord(displayText(member.uri)));
    if (member.adopt)
        words.append(QStringLiteral("--adopt"));
    return words.join(u' ');
}

QString releaseDiskCommand(const ArraySnapshot& snapshot)
{
    return (onArray(snapshot) << QStringLiteral("array release-disk MEMBER")).join(u' ');
}

QString swapCommand(const ArraySnapshot& snapshot, const SwapOffer& offer)
{
    QStringList words = onArray(snapshot);
    words.append({QStringLiteral("restore"), QString::number(offer.plan.generation.number),
                  QStringLiteral("--swap")});
    if (offer.nameNeeded)
        words.append({QStringLiteral("--confirm"), regionWord(snapshot.layout, offer.plan.backup)});
    return words.join(u' ');
}

QString undoCommand(const ArraySnapshot& snapshot, GenerationNumber number)
{
    return (onArray(snapshot) << QStringLiteral("undo") << QString::number(number)).join(u' ');
}

} // namespace cairn
