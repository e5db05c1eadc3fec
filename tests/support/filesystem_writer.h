// Somebody who writes to a mounted filesystem while a test copies it.
#pragma once

#include <QByteArray>
#include <QFile>
#include <QString>

#include <atomic>
#include <thread>
#include <unistd.h>

namespace cairn::test {

inline QByteArray contentOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

inline void write(const QString& path, const QByteArray& content)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size() || !file.flush())
        qFatal("cannot write %s", qPrintable(path));
    ::fsync(file.handle());
}

// Writes to a filesystem as long as it lives: files that come and go, and how many did.
class Writer {
public:
    explicit Writer(const QString& directory)
        : m_thread([this, directory] {
              for (int number = 1; !m_stop; ++number) {
                  write(directory + "/new", QByteArray(5000, char('a' + number % 26)));
                  QFile::remove(directory + "/old");
                  QFile::rename(directory + "/new", directory + "/old");
                  write(directory + "/count", QByteArray::number(number));
                  m_written = number;
              }
          })
    {}
    ~Writer()
    {
        m_stop = true;
        m_thread.join();
    }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    [[nodiscard]] int written() const { return m_written; }

private:
    std::atomic<bool> m_stop{false};
    std::atomic<int> m_written{0};
    std::thread m_thread; // The last: it uses the others.
};

} // namespace cairn::test
