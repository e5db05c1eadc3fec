// Shows the documentation that was installed with the program, without a network.
#pragma once

#include <QDialog>
#include <QString>
#include <QTextBrowser>
#include <QUrl>
#include <optional>

namespace cairn {

// The page for the desktop, of programs that were installed, or built in the source tree.
[[nodiscard]] std::optional<QString> findManual(const QString& programs);

// Stands beside the window. Follows links between the pages, and opens nothing else.
class ManualDialog final : public QDialog {
    Q_OBJECT

public:
    explicit ManualDialog(const QString& page, QWidget* parent = nullptr);
    [[nodiscard]] QTextBrowser* pages() const { return m_pages; }

private:
    void follow(const QUrl& link);

    QTextBrowser* m_pages;
};

} // namespace cairn
