// A message to standard error never reaches a device, whatever was closed at the start.
#include "core/io/standard_descriptors.h"

#include <QTest>
#include <cerrno>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace cairn;

class TestStandardDescriptors : public QObject {
    Q_OBJECT

private slots:
    void theNextFileGetsNoStandardNumber_data();
    void theNextFileGetsNoStandardNumber();
};

namespace {

// In a child, because it gives away standard streams: 0 where everything is as promised.
int inChild(const std::vector<int>& closed)
{
    for (const int descriptor : closed)
        ::close(descriptor);
    occupyStandardDescriptors();
    if (::open("/dev/zero", O_RDWR) <= STDERR_FILENO)
        return 1;
    for (const int descriptor : closed) {
        char byte = 0;
        const ssize_t moved = descriptor == STDIN_FILENO ? ::read(descriptor, &byte, 1)
                                                         : ::write(descriptor, &byte, 1);
        if (moved >= 0 || errno != EBADF)
            return 2;
    }
    return 0;
}

} // namespace

void TestStandardDescriptors::theNextFileGetsNoStandardNumber_data()
{
    QTest::addColumn<std::vector<int>>("closed");
    QTest::newRow("none") << std::vector<int>{};
    QTest::newRow("input") << std::vector{0};
    QTest::newRow("errors") << std::vector{2};
    QTest::newRow("input and errors") << std::vector{0, 2};
    QTest::newRow("all") << std::vector{0, 1, 2};
}

void TestStandardDescriptors::theNextFileGetsNoStandardNumber()
{
    QFETCH(const std::vector<int>, closed);
    const pid_t child = ::fork();
    QVERIFY(child >= 0);
    if (child == 0)
        ::_exit(inChild(closed));
    int status = -1;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QVERIFY(WIFEXITED(status));
    QCOMPARE(WEXITSTATUS(status), 0);
}

QTEST_GUILESS_MAIN(TestStandardDescriptors)
#include "test_standard_descriptors.moc"
