/** One state of a host. */
#ifndef USM_STATE_HPP
#define USM_STATE_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "arrow.hpp"
#include "findings.hpp"
#include "handle.hpp"
#include "metrics.hpp"
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
};

USM_END_NAMESPACE

#endif  // USM_STATE_HPP
