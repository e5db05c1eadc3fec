// The simulated array for newcomers, as the script of the demonstration makes it.
#pragma once

#include <QObject>
#include <QProcess>
#include <QString>
#include <optional>

namespace cairn {

struct DemoPlaces {
    QString script;    // resources/demo/make_array.sh, or what was installed of it.
    QString programs;  // The folder with cairnctl.
    QString directory; // Where the array is, or is to be.

    [[nodiscard]] QString uri() const { return QStringLiteral("sim:") + directory; }
};

// Of programs that were installed, or built in the source tree. The array is the same that ./start
// makes. Nothing where script or cairnctl are missing.
[[nodiscard]] std::optional<DemoPlaces> findDemo(const QString& programs);

// Lives on the GUI thread, and waits for nothing but in its destructor, which ends the script.
// What an ended script leaves is made anew the next time; files of others are never touched.
class DemoArray final : public QObject {
    Q_OBJECT

public:
    explicit DemoArray(DemoPlaces places, QObject* parent = nullptr);
    ~DemoArray() override;

    [[nodiscard]] const DemoPlaces& places() const { return m_places; }
    [[nodiscard]] bool underWay() const { return m_script.state() != QProcess::NotRunning; }
    // Makes the array unless it is there; ends with ready() or failed(). Nothing while under way.
    void make();

Q_SIGNALS:
    void progressed(const QString& step); // Plain text, safe to show.
    void ready();
    void failed(const QString& why); // The same.

private:
    void readSteps();
    void end(int exitCode, QProcess::ExitStatus status);

    DemoPlaces m_places;
    QProcess m_script;
};

} // namespace cairn
