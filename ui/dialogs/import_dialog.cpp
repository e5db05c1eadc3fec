// The import dialog.
#include "ui/dialogs/import_dialog.h"

#include "ui/dialogs/file_dialog.h"
#include "ui/display_text.h"
#include "ui/record_text.h"

#include <QFile>
#include <QFileInfo>
#include <QHBoxLayout>
#include <cerrno>
#include <sys/stat.h>

namespace cairn {
namespace {

// What is half-written may look empty: its first bytes are written last.
bool mayHoldSomething(const ArraySnapshot& snapshot, const Region& region)
{
    return region.content.kind != ContentKind::Empty || snapshot.unfinished.contains(region.id);
}

// What it is if it is no file; empty where it is one.
QString whatElse(const QString& path)
{
    struct stat status{};
    if (::stat(QFile::encodeName(path).constData(), &status) != 0)
        return errno == EACCES ? ImportDialog::tr("This file may not be looked at.")
                               : ImportDialog::tr("There is no such file.");
    if (S_ISREG(status.st_mode))
        return {};
    if (S_ISDIR(status.st_mode))
        return ImportDialog::tr("This is a folder: choose an image file in it.");
    if (S_ISBLK(status.st_mode))
        return ImportDialog::tr("This is a block device: copy it into an image file first.");
    if (S_ISFIFO(status.st_mode))
        return ImportDialog::tr("This is a pipe, whose size is not known: choose an image file.");
    return ImportDialog::tr("This is no regular file: choose an image file.");
}

} // namespace

ImportDialog::ImportDialog(const ArraySnapshot& snapshot, const Region& region, QWidget* parent)
    : DialogFrame({.title = tr("Import image"),
                   .heading = tr("Fill %1 from an image file").arg(regionDisplay(region)),
                   .explanation = tr("The region is %1 large; a shorter image leaves the rest of "
                                     "it untouched.")
                                      .arg(sizeDisplay(region.extent.lengthBytes)),
                   .verb = tr("Import"),
                   .erases = mayHoldSomething(snapshot, region)},
                  parent),
      m_region(region), m_nameNeeded(mayHoldSomething(snapshot, region)), m_path(new QLineEdit),
      m_problem(PlainLabel::muted()), m_confirmation(new NameConfirmation)
{
    setObjectName(QStringLiteral("importDialog"));
    m_path->setObjectName(QStringLiteral("imagePath"));
    m_problem->setObjectName(QStringLiteral("importProblem"));
    m_path->setAccessibleName(tr("Image file"));
    m_path->setPlaceholderText(tr("Path of the image file"));
    auto* browse = new QPushButton(tr("Choose …"));
    browse->setObjectName(QStringLiteral("browseImage"));
    browse->setAutoDefault(false);
    connect(browse, &QPushButton::clicked, this, [this] {
        for (const QString& file : chooseFiles(this, FileChoice::Existing, tr("Image file")))
            m_path->setText(file);
    });
    auto* line = new QHBoxLayout;
    line->addWidget(m_path, 1);
    line->addWidget(browse);
    body()->addLayout(line);
    body()->addWidget(m_problem);
    body()->addWidget(m_confirmation);
    m_confirmation->setRegion(snapshot.layout, region);
    setConfirmation(m_confirmation);
    m_path->setFocus();
    m_confirmation->setVisible(m_nameNeeded);
    connect(m_path, &QLineEdit::textChanged, this, &ImportDialog::update);
    connect(m_confirmation, &NameConfirmation::changed, this, &ImportDialog::update);
    update();
}

void ImportDialog::choose(const ImportChoice& choice)
{
    m_nameNeeded |= choice.nameNeeded;
    m_confirmation->setVisible(m_nameNeeded);
    m_path->setText(choice.path);
    if (m_nameNeeded)
        m_confirmation->setFocus();
    update();
}

std::uint64_t ImportDialog::sizeBytes() const
{
    return static_cast<std::uint64_t>(std::max<qint64>(0, QFileInfo(path()).size()));
}

QString ImportDialog::problem() const
{
    if (path().isEmpty())
        return {};
    if (const QString other = whatElse(path()); !other.isEmpty())
        return other;
    if (sizeBytes() == 0)
        return tr("This file is empty: there is nothing to import.");
    if (sizeBytes() > m_region.extent.lengthBytes)
        return tr("The image is too large by %1.")
            .arg(sizeDisplay(sizeBytes() - m_region.extent.lengthBytes));
    return {};
}

void ImportDialog::update()
{
    const QString text = problem();
    m_problem->setText(text.isEmpty() && !path().isEmpty()
                           ? tr("%1 will be copied.").arg(sizeDisplay(sizeBytes()))
                           : text);
    const bool named = !m_nameNeeded || m_confirmation->matches();
    verbButton()->setEnabled(!path().isEmpty() && text.isEmpty() && named);
}

std::string ImportDialog::confirmedName() const
{
    return m_confirmation->confirmedName();
}

} // namespace cairn
