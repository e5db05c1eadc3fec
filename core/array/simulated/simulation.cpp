// Reading and writing simulation.json.
#include "core/array/simulated/simulation.h"

#include "core/io/descriptor.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <sys/stat.h>
#include <tuple>
#include <unistd.h>

namespace cairn {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxFileBytes = kMiB;
constexpr std::size_t kMaxMembers = 64;
constexpr int kMaxDepth = 8;
constexpr std::size_t kMaxRanges = 4096;

bool isPlainName(const std::string& name)
{
    return !name.empty() && name.size() <= 255 && name != "." && name != ".." &&
           name.find('/') == std::string::npos && name.find('\0') == std::string::npos &&
           name != kSimulationFile;
}

// Takes fields out of an object; the first thing that is wrong is remembered.
class Reader {
public:
    Reader(const Json& object, std::string where, std::string& problem)
        : m_object(object), m_where(std::move(where)), m_problem(problem)
    {
        if (!m_object.is_object())
            complain("", "not an object");
    }

    ~Reader()
    {
        if (!m_object.is_object())
            return;
        for (const auto& [key, value] : m_object.items()) {
            if (!m_known.contains(key))
                complain(key.substr(0, 64), "unknown");
        }
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    void number(const char* key, std::uint64_t& into, std::uint64_t limit)
    {
        const Json* value = take(key);
        if (value == nullptr)
            return;
        if (!value->is_number_unsigned() || value->get<std::uint64_t>() > limit)
            complain(key, fmt::format("not a whole number up to {}", limit));
        else
            into = value->get<std::uint64_t>();
    }

    void probability(const char* key, double& into)
    {
        const Json* value = take(key);
        if (value == nullptr)
            return;
        const double given = value->is_number() ? value->get<double>() : -1;
        if (!(given >= 0 && given <= 1))
            complain(key, "not a number from 0 to 1");
        else
            into = given;
    }

    void flag(const char* key, bool& into)
    {
        const Json* value = take(key);
        if (value == nullptr)
            return;
        if (!value->is_boolean())
            complain(key, "not true or false");
        else
            into = value->get<bool>();
    }

    void text(const char* key, std::string& into)
    {
        const Json* value = take(key);
        if (value == nullptr)
            return;
        if (!value->is_string() || value->get_ref<const std::string&>().size() > 255)
            complain(key, "not a text of at most 255 bytes");
        else
            into = value->get<std::string>();
    }

    void ranges(const char* key, std::vector<ByteRange>& into)
    {
        const Json* value = take(key);
        if (value == nullptr)
            return;
        if (!value->is_array() || value->size() > kMaxRanges)
            return complain(key, "not a list of ranges");
        for (const Json& pair : *value) {
            if (!pair.is_array() || pair.size() != 2 || !pair[0].is_number_unsigned() ||
                !pair[1].is_number_unsigned())
                return complain(key, "not [offset, length]");
            const ByteRange range{pair[0].get<std::uint64_t>(), pair[1].get<std::uint64_t>()};
            if (!range.end())
                return complain(key, "range too large");
            into.push_back(range);
        }
    }

    const Json* take(const char* key)
    {
        m_known.insert(key);
        if (!m_object.is_object())
            return nullptr;
        const auto found = m_object.find(key);
        return found == m_object.end() ? nullptr : &*found;
    }

    void complain(const std::string& key, const std::string& what)
    {
        if (!m_problem.empty())
            return;
        const char* dot = m_where.empty() || key.empty() ? "" : ".";
        m_problem = fmt::format("{}{}{}: {}", m_where, dot, key, what);
    }

private:
    const Json& m_object;
    std::string m_where;
    std::string& m_problem;
    std::set<std::string, std::less<>> m_known;
};

Faults faultsFrom(const Json& object, const std::string& where, std::string& problem)
{
    Faults faults;
    Reader reader(object, where, problem);
    reader.number("latencyUs", faults.latencyUs, 60'000'000);
    reader.number("bandwidthBytesPerSecond", faults.bandwidthBytesPerSecond, kMaxSimulatedBytes);
    reader.probability("readErrorRate", faults.readErrorRate);
    reader.probability("writeErrorRate", faults.writeErrorRate);
    reader.ranges("unreadable", faults.unreadable);
    reader.ranges("unwritable", faults.unwritable);
    reader.number("cutPowerAtWrite", faults.cutPowerAtWrite, UINT64_MAX);
    reader.flag("tornWrite", faults.tornWrite);
    reader.flag("pulled", faults.pulled);
    reader.flag("full", faults.full);
    return faults;
}

SimulatedDisk diskFrom(const Json& object, const std::string& where, std::string& problem)
{
    SimulatedDisk disk;
    Reader reader(object, where, problem);
    reader.text("file", disk.file);
    if (!isPlainName(disk.file))
        reader.complain("file", "not a plain file name");
    reader.text("model", disk.model);
    reader.number("sizeBytes", disk.sizeBytes, kMaxSimulatedBytes);
    std::uint64_t sector = disk.sectorBytes;
    reader.number("sectorBytes", sector, 4096);
    if (sector != 512 && sector != 4096)
        reader.complain("sectorBytes", "neither 512 nor 4096");
    disk.sectorBytes = static_cast<std::uint32_t>(sector);
    if (disk.sizeBytes == 0 || disk.sizeBytes % 4096 != 0)
        reader.complain("sizeBytes", "not a multiple of 4096");
    if (const Json* faults = reader.take("faults"))
        disk.faults = faultsFrom(*faults, where + ".faults", problem);
    return disk;
}

Simulation simulationFrom(const Json& document, std::string& problem)
{
    Simulation simulation;
    Reader reader(document, "", problem);
    std::uint64_t version = 0;
    reader.number("version", version, UINT64_MAX);
    if (version != 1)
        reader.complain("version", "not 1");
    reader.number("seed", simulation.seed, UINT64_MAX);
    const Json* members = reader.take("members");
    if (members == nullptr || !members->is_array() || members->empty() ||
        members->size() > kMaxMembers) {
        reader.complain("members", fmt::format("not a list of 1 to {} members", kMaxMembers));
        return simulation;
    }
    std::set<std::string> names;
    for (std::size_t i = 0; i < members->size(); ++i) {
        const auto where = fmt::format("members[{}]", i);
        auto disk = diskFrom((*members)[i], where, problem);
        disk.faults.seed = simulation.seed + i;
        if (!names.insert(disk.file).second)
            reader.complain(where + ".file", "used twice");
        simulation.members.push_back(std::move(disk));
    }
    return simulation;
}

Json rangesToJson(const std::vector<ByteRange>& ranges)
{
    Json list = Json::array();
    for (const ByteRange& range : ranges)
        list.push_back({range.offsetBytes, range.lengthBytes});
    return list;
}

Json toJson(const Simulation& simulation)
{
    Json members = Json::array();
    for (const SimulatedDisk& disk : simulation.members) {
        const Faults& faults = disk.faults;
        members.push_back({{"file", disk.file},
                           {"model", disk.model},
                           {"sizeBytes", disk.sizeBytes},
                           {"sectorBytes", disk.sectorBytes},
                           {"faults",
                            {{"latencyUs", faults.latencyUs},
                             {"bandwidthBytesPerSecond", faults.bandwidthBytesPerSecond},
                             {"readErrorRate", faults.readErrorRate},
                             {"writeErrorRate", faults.writeErrorRate},
                             {"unreadable", rangesToJson(faults.unreadable)},
                             {"unwritable", rangesToJson(faults.unwritable)},
                             {"cutPowerAtWrite", faults.cutPowerAtWrite},
                             {"tornWrite", faults.tornWrite},
                             {"pulled", faults.pulled},
                             {"full", faults.full}}}});
    }
    return {{"version", 1}, {"seed", simulation.seed}, {"members", std::move(members)}};
}

Result<std::string> readText(const std::string& path)
{
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (file.get() < 0)
        return osFailure(ErrorCode::OpenFailed, path);
    struct stat status{};
    if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
        return failure(ErrorCode::InvalidDescription, path, "not a regular file");
    std::string text(kMaxFileBytes + 1, '\0');
    std::size_t filled = 0;
    while (filled < text.size()) {
        const auto got = ::read(file.get(), text.data() + filled, text.size() - filled);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return osFailure(ErrorCode::ReadFailed, path);
        if (got == 0)
            break;
        filled += static_cast<std::size_t>(got);
    }
    if (filled > kMaxFileBytes)
        return failure(ErrorCode::InvalidDescription, path, "larger than 1 MiB");
    text.resize(filled);
    return text;
}

Result<void> writeText(const std::string& path, std::string_view text)
{
    const Descriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666));
    if (file.get() < 0)
        return osFailure(ErrorCode::OpenFailed, path);
    while (!text.empty()) {
        const auto put = ::write(file.get(), text.data(), text.size());
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return osFailure(ErrorCode::WriteFailed, path);
        text.remove_prefix(static_cast<std::size_t>(put));
    }
    if (::fsync(file.get()) != 0)
        return osFailure(ErrorCode::FlushFailed, path);
    return {};
}

} // namespace

bool SimulatedDisk::operator==(const SimulatedDisk& other) const
{
    return toJson({1, {*this}}) == toJson({1, {other}});
}

Result<Simulation> parseSimulation(const std::string& text, const std::string& subject)
{
    const auto invalid = [&subject](std::string detail) {
        return failure(ErrorCode::InvalidDescription, subject, std::move(detail));
    };
    // The parser builds on the heap, but destroying a deep document recurses.
    bool tooDeep = false;
    const auto limitDepth = [&tooDeep](int depth, Json::parse_event_t, const Json&) {
        tooDeep = tooDeep || depth > kMaxDepth;
        return !tooDeep;
    };
    const Json document = Json::parse(text, limitDepth, false);
    if (tooDeep)
        return invalid("nested too deeply");
    if (document.is_discarded())
        return invalid("not JSON");
    std::string problem;
    auto simulation = simulationFrom(document, problem);
    if (!problem.empty())
        return invalid(std::move(problem));
    return simulation;
}

Result<Simulation> readSimulation(const std::string& directory)
{
    const std::string path = fmt::format("{}/{}", directory, kSimulationFile);
    const auto text = CAIRN_TRY(readText(path));
    return parseSimulation(text, path);
}

Result<void> writeSimulation(const std::string& directory, const Simulation& simulation)
{
    const std::string path = fmt::format("{}/{}", directory, kSimulationFile);
    const std::string fresh = path + ".new";
    const std::string text =
        toJson(simulation).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    auto written = writeText(fresh, text);
    if (written && ::rename(fresh.c_str(), path.c_str()) != 0)
        written = osFailure(ErrorCode::WriteFailed, path);
    if (!written)
        ::unlink(fresh.c_str());
    return written;
}

} // namespace cairn
