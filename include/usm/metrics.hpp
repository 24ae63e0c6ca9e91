/** The numbers of a state: of the machine, and of its processes. */
#ifndef USM_METRICS_HPP
#define USM_METRICS_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include "handle.hpp"
#include "text.hpp"
#include "time.hpp"

USM_BEGIN_NAMESPACE

/** The numbers of a state; a plain usm_metrics that knows its size. */
struct Metrics : detail::Sized<usm_metrics> {
    /** Whether a value is known: bit is one of USM_METRIC_... */
    bool has(std::uint32_t bit) const noexcept { return usm_metrics_has(this, bit) != 0; }

    /** A value, or nothing where it is not known: metrics.value(&usm_metrics::cpu_percent). */
    template <typename Number>
    std::optional<Number> value(Number usm_metrics::*field) const noexcept {
        static_assert(sizeof(Number) == 8, "a field that has a bit");
        const auto *first = reinterpret_cast<const char *>(&this->cpu_percent);
        const auto *asked = reinterpret_cast<const char *>(&(this->*field));
        // The bits are numbered as the fields stand, from cpu_percent on.
        const std::ptrdiff_t bit = (asked - first) / 8;
        if (bit >= 0 && !has(static_cast<std::uint32_t>(bit))) return std::nullopt;
        return this->*field;
    }
    /** When the sample was read; nothing before the first. */
    std::optional<Time> time() const noexcept {
        return sequence == 0 ? std::nullopt : time_of(timestamp);
    }
};

/** One process; a plain usm_process. */
struct Process : usm_process {
    /** Whether a value is known: bit is one of USM_PROCESS_... */
    bool has(std::uint32_t bit) const noexcept { return ((present >> bit) & 1) != 0; }

    /** A value, or nothing where it is not known: process.value(&usm_process::threads). */
    template <typename Number>
    std::optional<Number> value(Number usm_process::*field) const noexcept {
        if constexpr (std::is_same_v<Number, double>) {
            return known(this->*field);
        } else {
            if (is_unknown(&(this->*field))) return std::nullopt;
            return this->*field;
        }
    }
    /** Name of the program. */
    std::string_view program() const noexcept { return name; }
    /** Name of the user. */
    std::optional<std::string_view> user_name() const noexcept {
        return has(USM_PROCESS_USER) ? std::optional<std::string_view>(user) : std::nullopt;
    }
    /** When it started. */
    std::optional<Time> started() const noexcept { return time_of(start_time_seconds); }

private:
    bool is_unknown(const void *field) const noexcept {
        return (field == &uid && !has(USM_PROCESS_UID)) ||
               (field == &threads && !has(USM_PROCESS_THREADS)) ||
               (field == &nice && !has(USM_PROCESS_NICE));
    }
};

USM_END_NAMESPACE

#endif  // USM_METRICS_HPP
