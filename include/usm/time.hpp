/** Times and lengths of time as <chrono> has them; C counts in seconds. */
#ifndef USM_TIME_HPP
#define USM_TIME_HPP

#include <chrono>
#include <cmath>
#include <optional>

#include "text.hpp"

USM_BEGIN_NAMESPACE

/** A duration in seconds, whole or not; anything from <chrono> converts to it. */
using Seconds = std::chrono::duration<double>;

/** A time of the system's clock, to a fraction of a microsecond. */
using Time = std::chrono::time_point<std::chrono::system_clock, Seconds>;

/** A time that a struct holds in seconds since 1970; nothing where it is not known (NaN). */
inline std::optional<Time> time_of(double seconds) noexcept {
    return std::isnan(seconds) ? std::nullopt : std::optional<Time>(Seconds(seconds));
}

/** A length of time that a struct holds in seconds; nothing where it is not known (NaN). */
inline std::optional<Seconds> seconds_of(double seconds) noexcept {
    return std::isnan(seconds) ? std::nullopt : std::optional<Seconds>(seconds);
}

/** A parameter: a time of <chrono>, or seconds since 1970, where 0 is no bound. */
class Moment {
public:
    constexpr Moment() noexcept = default;
    constexpr Moment(double seconds) noexcept : seconds_(seconds) {}
    template <typename Duration>
    constexpr Moment(std::chrono::time_point<std::chrono::system_clock, Duration> time) noexcept
        : seconds_(Seconds(time.time_since_epoch()).count()) {}

    /** Seconds since 1970. */
    constexpr double seconds() const noexcept { return seconds_; }

private:
    double seconds_ = 0.0;
};

/** Reads a time in words, relative to a time; see usm_parse_time(). */
inline Time parse_time(const Text &text, Moment now = std::chrono::system_clock::now()) {
    double time = 0.0;
    check(usm_parse_time(text.c_str(), now.seconds(), &time));
    return Time(Seconds(time));
}

/** Reads a length of time in words: "90s", "1d12h"; see usm_parse_duration(). */
inline Seconds parse_duration(const Text &text) {
    double seconds = 0.0;
    check(usm_parse_duration(text.c_str(), &seconds));
    return Seconds(seconds);
}

USM_END_NAMESPACE

#endif  // USM_TIME_HPP
