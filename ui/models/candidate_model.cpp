// Rows of the candidate list.
#include "ui/models/candidate_model.h"

#include "ui/display_text.h"

#include <QLocale>
#include <algorithm>
#include <array>

namespace cairn {

CandidateModel::CandidateModel(const ArraySnapshot& snapshot, const RegionId& source,
                               const BackupTargets& targets, QObject* parent)
    : QAbstractTableModel(parent), m_source(source), m_rows(rowsOf(snapshot, targets))
{}

void CandidateModel::setCandidates(const ArraySnapshot& snapshot, const BackupTargets& targets)
{
    std::vector<Row> rows = rowsOf(snapshot, targets);
    if (std::ranges::equal(rows, m_rows, &Row::showsSameAs))
        return;
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
}

bool CandidateModel::Row::showsSameAs(const Row& other) const
{
    return candidate.refusals == other.candidate.refusals &&
           candidate.replaces == other.candidate.replaces && region == other.region &&
           member == other.member && reasons == other.reasons && tone == other.tone;
}

std::vector<CandidateModel::Row> CandidateModel::rowsOf(const ArraySnapshot& snapshot,
                                                        const BackupTargets& targets) const
{
    std::vector<Row> rows;
    for (const CandidateTarget& candidate : targets.candidates) {
        const Region* region = snapshot.layout.find(candidate.region);
        if (region == nullptr)
            continue; // Gone since the candidates were asked for.
        const Member* member = snapshot.layout.findMember(region->member);
        const Generation* others = snapshot.othersBackup(candidate, m_source);
        rows.push_back(
            {.candidate = candidate,
             .region = *region,
             .member = member != nullptr ? memberDisplay(*member) : QString(),
             .reasons = candidateDisplay(candidate, others, snapshot.givenUpMs(candidate.region)),
             .tone = candidateTone(candidate, others)});
    }
    for (const AbsentRegion& absent : targets.absent)
        rows.push_back(rowOf(absent));
    return rows;
}

CandidateModel::Row CandidateModel::rowOf(const AbsentRegion& absent) const
{
    Row row;
    row.region.id = absent.region.id;
    row.region.name = absent.region.name;
    row.region.member = absent.region.member;
    QStringList members;
    bool missing = false;
    for (const Member& member : absent.members) {
        members.append(memberDisplay(member));
        missing = missing || member.state == MemberState::Missing;
    }
    row.member = QLocale().createSeparatedList(members);
    row.candidate.region = absent.region.id;
    row.candidate.refusals = {{RefusalReason::MemberFailed, 0, {}}};
    row.reasons = members.size() > 1 ? tr("It lies on one of these members, which are not there")
                  : missing          ? tr("Its member is missing")
                                     : tr("Its member failed");
    row.tone = candidateTone(row.candidate, nullptr);
    row.sizeKnown = false;
    return row;
}

const CandidateTarget& CandidateModel::candidateAt(int row) const
{
    return m_rows.at(static_cast<std::size_t>(row)).candidate;
}

const Region& CandidateModel::regionAt(int row) const
{
    return m_rows.at(static_cast<std::size_t>(row)).region;
}

bool CandidateModel::choosable(int row) const
{
    const CandidateTarget& candidate = candidateAt(row);
    return candidate.allowed() || candidate.allowedIfConfirmed();
}

int CandidateModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int CandidateModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString CandidateModel::text(const Row& row, int column) const
{
    switch (column) {
    case Name:
        return regionDisplay(row.region);
    case Where:
        return row.member;
    case Size:
        return row.sizeKnown ? sizeDisplay(row.region.extent.lengthBytes) : tr("unknown");
    case Reasons:
        return row.reasons;
    default:
        return {};
    }
}

QVariant CandidateModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return text(row, index.column());
    case Qt::ToolTipRole:
        return toolTipText(text(row, index.column()));
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment(
            (index.column() == Size ? Qt::AlignTrailing : Qt::AlignLeading) | Qt::AlignVCenter));
    case ToneRole:
        return static_cast<int>(index.column() == Reasons ? row.tone : Tone::Plain);
    default:
        return {};
    }
}

QVariant CandidateModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment(
            (section == Size ? Qt::AlignTrailing : Qt::AlignLeading) | Qt::AlignVCenter));
    if (role != Qt::DisplayRole)
        return {};
    const std::array<QString, ColumnCount> titles{tr("Target"), tr("Member"), tr("Size"),
                                                  tr("May it be used?")};
    return titles.at(static_cast<std::size_t>(section));
}

Qt::ItemFlags CandidateModel::flags(const QModelIndex& index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    return choosable(index.row())
               ? Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemNeverHasChildren
               : Qt::ItemNeverHasChildren;
}

} // namespace cairn
