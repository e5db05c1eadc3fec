// Arrays of image files in a test's own directory.
#pragma once

#include "core/array/open_array.h"
#include "tests/support/image_file.h"
#include "tests/support/test_environment.h"

#include <QTemporaryDir>
#include <memory>
#include <string>
#include <vector>

namespace cairn::test {

// The value, or the end of the test program with the error's text.
template<typename T>
T need(Result<T> result)
{
    if (!result) {
        const Error& error = result.error();
        qFatal("%s: %s: %s (errno %d, %llu)", errorName(error.code), error.subject.c_str(),
               error.detail.c_str(), error.osError, static_cast<unsigned long long>(error.amount));
    }
    if constexpr (!std::is_void_v<T>)
        return std::move(*result);
}

// The code of an error; the test fails loudly where there is none.
template<typename T>
ErrorCode codeOf(const Result<T>& result)
{
    if (result)
        qFatal("succeeded, though it should have been refused");
    return result.error().code;
}

class ArrayFiles {
public:
    static constexpr std::uint64_t kMemberBytes = 64 * kMiB;
    static constexpr std::uint64_t kManagementBytes = 4 * kMiB;

    [[nodiscard]] std::string path(const std::string& name) const
    {
        return m_directory.filePath(QString::fromStdString(name)).toStdString();
    }
    [[nodiscard]] std::vector<std::string> paths(std::initializer_list<const char*> names) const
    {
        std::vector<std::string> all;
        for (const char* name : names)
            all.push_back(path(name));
        return all;
    }
    [[nodiscard]] Environment environment() { return m_environment.environment(); }

    [[nodiscard]] Result<std::unique_ptr<Array>> create(const std::vector<std::string>& uris)
    {
        return createArray(
            {.uris = uris, .memberSizeBytes = kMemberBytes, .managementBytes = kManagementBytes},
            environment());
    }
    [[nodiscard]] Result<std::unique_ptr<Array>> open(const std::vector<std::string>& uris)
    {
        return openArray(uris, environment());
    }

private:
    QTemporaryDir m_directory;
    TestEnvironment m_environment{testSeed()};
};

[[nodiscard]] inline const Region& regionNamed(const ArrayLayout& layout, const std::string& name)
{
    for (const Region& region : layout.regions) {
        if (region.name == name)
            return region;
    }
    qFatal("no region %s", name.c_str());
}

} // namespace cairn::test
