// The disks of this computer, as somebody else finds them.
#pragma once

#include <QList>
#include <QObject>
#include <QString>

namespace cairn {

struct KnownDisk {
    QString device; // The node, as /dev/sdb.
    QString model;  // May be empty, and is not to be trusted.
    quint64 sizeBytes = 0;
    bool hasTable = false;     // A GPT.
    bool holdsCatalog = false; // One of its partitions is a management region.
    bool readOnly = false;
    friend bool operator==(const KnownDisk&, const KnownDisk&) = default;
};

// Lives on the GUI thread. Whoever finds the disks sets them; windows and dialogs show them.
class DiskList final : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    [[nodiscard]] const QList<KnownDisk>& disks() const { return m_disks; }
    void setDisks(QList<KnownDisk> disks);

Q_SIGNALS:
    // By their nodes; a disk that another one took the place of is in both.
    void changed(const QStringList& gone, const QStringList& come);

private:
    QList<KnownDisk> m_disks;
};

} // namespace cairn
