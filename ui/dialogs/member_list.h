// A list of disks and image files, filled by typing, by choosing, or by dropping files on it.
#pragma once

#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QStringList>
#include <QWidget>

namespace cairn {

class MemberList final : public QWidget {
    Q_OBJECT

public:
    enum class Purpose : std::uint8_t { Existing, MayBeNew };
    explicit MemberList(Purpose purpose, QWidget* parent = nullptr);

    [[nodiscard]] QStringList uris() const;
    void add(const QString& uri);

Q_SIGNALS:
    void changed();

protected:
    // Return in the field with a path adds it, and goes no further.
    bool eventFilter(QObject* watched, QEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void addTyped();
    void browseFiles();
    void browseSimulated();
    void removeChosen();
    QPushButton* button(const QString& text, const QString& name);

    Purpose m_purpose;
    QLineEdit* m_edit;
    QListWidget* m_list;
    QPushButton* m_remove = nullptr;
};

} // namespace cairn
