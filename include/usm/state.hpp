/** One state of a host. */
#ifndef USM_STATE_HPP
#define USM_STATE_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "arrow.hpp"
#include "findings.hpp"
#include "handle.hpp"
#include "metrics.hpp"
#include "parts.hpp"
#include "text.hpp"

USM_BEGIN_NAMESPACE

namespace detail {

/** The first processes in an order, at most `limit`, by a function of C that takes `object`. */
template <typename Object, typename Call>
std::vector<Process> top_processes(const Object *object, Call call, std::uint32_t order,
                                   std::size_t limit) {
    return array_of<Process, usm_process>(
        256, limit,
        [&](usm_process *array, std::size_t size, std::size_t capacity, std::size_t *count) {
            return call(object, order, array, size, capacity, count);
        });
}

}  // namespace detail

/** One state of a host: the newest one, one of the past, one of a replay. It never changes. */
class State : public Handle<usm_state, usm_state_free> {
public:
    using Handle::Handle;

    /** The numbers; their timestamp is when it was sampled. */
    Metrics metrics() const {
        Metrics metrics;
        check(usm_state_metrics(get(), &metrics));
        return metrics;
    }
    /** How finely it was kept: USM_TIER_... */
    std::uint32_t tier() const {
        return detail::given<std::uint32_t>(
            [&](std::uint32_t *tier) { return usm_state_tier(get(), tier); });
    }
    /** What the processors did together. */
    Cpu cpu() const {
        return part<Cpu>([&](auto *part) { return usm_state_cpu(get(), part); });
    }
    /** Each processor. */
    std::vector<usm_cpu_core> cpu_cores() const {
        return all<usm_cpu_core, usm_cpu_core>(
            [&](auto... to) { return usm_state_cpu_cores(get(), to...); });
    }
    /** Memory and swap. */
    Memory memory() const {
        return part<Memory>([&](auto *part) { return usm_state_memory(get(), part); });
    }
    /** How long work had to wait for a resource: USM_PRESSURE_CPU, _MEMORY or _IO. */
    Pressure pressure(std::uint32_t resource) const {
        return part<Pressure>(
            [&](auto *part) { return usm_state_pressure(get(), resource, part); });
    }
    /** The disks. */
    std::vector<usm_disk> disks() const & {
        return all<usm_disk, usm_disk>([&](auto... to) { return usm_state_disks(get(), to...); });
    }
    void disks() const && = delete;
    /** The file systems. */
    std::vector<Filesystem> filesystems() const & {
        return all<Filesystem, usm_filesystem>(
            [&](auto... to) { return usm_state_filesystems(get(), to...); });
    }
    void filesystems() const && = delete;
    /** The network interfaces. */
    std::vector<usm_interface> interfaces() const & {
        return all<usm_interface, usm_interface>(
            [&](auto... to) { return usm_state_interfaces(get(), to...); });
    }
    void interfaces() const && = delete;
    /** What TCP did as a whole. */
    Tcp tcp() const {
        return part<Tcp>([&](auto *part) { return usm_state_tcp(get(), part); });
    }
    /** The sensors of temperatures and fans. */
    std::vector<usm_sensor> sensors() const & {
        return all<usm_sensor, usm_sensor>(
            [&](auto... to) { return usm_state_sensors(get(), to...); });
    }
    void sensors() const && = delete;
    /** The batteries. */
    std::vector<usm_battery> batteries() const & {
        return all<usm_battery, usm_battery>(
            [&](auto... to) { return usm_state_batteries(get(), to...); });
    }
    void batteries() const && = delete;
    /** What the host is. */
    Host host() const & {
        return part<Host>([&](auto *part) { return usm_state_host(get(), part); });
    }
    void host() const && = delete;
    /** The limits of the control group. */
    Limits limits() const & {
        return part<Limits>([&](auto *part) { return usm_state_limits(get(), part); });
    }
    void limits() const && = delete;
    /** How full the tables of the kernel are. */
    KernelTables kernel_tables() const {
        return part<KernelTables>([&](auto *part) { return usm_state_kernel_tables(get(), part); });
    }
    /** How many processes there are. */
    ProcessCounts process_counts() const {
        return part<ProcessCounts>(
            [&](auto *part) { return usm_state_process_counts(get(), part); });
    }
    /** One process; nothing where the state has none of this pid. */
    std::optional<Process> process(std::int32_t pid) const {
        Process process = {};
        process.struct_size = static_cast<std::uint32_t>(sizeof(usm_process));
        const usm_status status = usm_state_process(get(), pid, &process);
        if (status == USM_ERR_NOT_FOUND) return std::nullopt;
        check(status);
        return process;
    }
    /** What else is known of a process; nothing where the state has none of this pid. */
    std::optional<ProcessDetails> process_details(std::int32_t pid) const & {
        ProcessDetails details;
        const usm_status status = usm_state_process_details(get(), pid, &details);
        if (status == USM_ERR_NOT_FOUND) return std::nullopt;
        check(status);
        return details;
    }
    void process_details(std::int32_t) const && = delete;
    /** The inputs of a score (USM_SCORE_...), with what each cost. */
    std::vector<usm_score_part> score_parts(std::uint32_t score) const & {
        return all<usm_score_part, usm_score_part>(
            [&](auto... to) { return usm_state_score_parts(get(), score, to...); });
    }
    void score_parts(std::uint32_t) const && = delete;
    /** What can't be read on this host, and why. */
    std::vector<usm_source> sources() const & {
        return all<usm_source, usm_source>(
            [&](auto... to) { return usm_state_sources(get(), to...); });
    }
    void sources() const && = delete;
    /** How the database does. */
    StoreHealth store_health() const & {
        return part<StoreHealth>([&](auto *part) { return usm_state_store_health(get(), part); });
    }
    void store_health() const && = delete;
    /** How the subscriptions do. */
    EventHealth event_health() const {
        return part<EventHealth>([&](auto *part) { return usm_state_event_health(get(), part); });
    }
    /** What the monitor itself costs. */
    Overhead overhead() const {
        return part<Overhead>([&](auto *part) { return usm_state_overhead(get(), part); });
    }
    /** The processes in an order (USM_ORDER_...). */
    std::vector<Process> processes(std::uint32_t order = USM_ORDER_PID) const {
        return top_processes(order, SIZE_MAX);
    }
    /** The first processes in an order (USM_ORDER_...), at most `limit`. */
    std::vector<Process> top_processes(std::uint32_t order, std::size_t limit) const {
        return detail::top_processes(get(), usm_state_top_processes, order, limit);
    }
    /** The processes as an Arrow stream of one batch. */
    ArrowStream processes_arrow_stream() const {
        ArrowStream stream;
        check(usm_state_processes_arrow_stream(get(), stream.get()));
        return stream;
    }
    /** What was found in it; a state that a database gave holds none. */
    Findings findings() const {
        return Findings(detail::made<usm_findings>(
            [&](usm_findings **findings) { return usm_state_findings(get(), findings); }));
    }
    std::string json() const {
        return detail::text_of([&](char **text) { return usm_state_json(get(), text); });
    }

private:
    template <typename Plain, typename Call>
    static Plain part(Call call) {
        Plain part;
        check(call(&part));
        return part;
    }
    template <typename Element, typename Plain, typename Call>
    static std::vector<Element> all(Call call) {
        return detail::array_of<Element, Plain>(
            16, SIZE_MAX,
            [&](Plain *array, std::size_t size, std::size_t capacity, std::size_t *count) {
                return call(array, size, capacity, count);
            });
    }
};

USM_END_NAMESPACE

#endif  // USM_STATE_HPP
