/** A detector and a forecaster for metrics of the program's own. */
#ifndef USM_MODELS_HPP
#define USM_MODELS_HPP

#include <optional>
#include <string>

#include "findings.hpp"
#include "handle.hpp"
#include "text.hpp"
#include "time.hpp"

USM_BEGIN_NAMESPACE

/** What a detector says of one value. */
struct Reading : detail::Sized<usm_reading> {};

/** Learns what is normal for one metric of the program's own, and tells what is not. */
class Detector : public Handle<usm_detector, usm_detector_free> {
public:
    using Handle::Handle;
    /** With what suits every metric. */
    Detector() : Handle(make(nullptr)) {}
    /** `threshold`: score from which a value is anomalous; see usm_detector_options. */
    explicit Detector(double threshold, double resolution = 0.0)
        : Handle(make(options(threshold, resolution))) {}
    /** Goes on where a saved one was. */
    static Detector load(const Text &text) {
        return Detector(detail::made<usm_detector>(
            [&](usm_detector **detector) { return usm_detector_load(text.c_str(), detector); }));
    }

    /** Judges a value by those before it, and learns from it. */
    Reading push(Moment time, double value) {
        Reading reading;
        check(usm_detector_push(get(), time.seconds(), value, &reading));
        return reading;
    }
    /** What it has learnt, for load(). */
    std::string save() const {
        return detail::text_of([&](char **text) { return usm_detector_save(get(), text); });
    }

private:
    static usm_detector_options options(double threshold, double resolution) {
        usm_detector_options options = USM_DETECTOR_OPTIONS_INIT;
        options.threshold = threshold;
        options.resolution = resolution;
        return options;
    }
    static usm_detector *make(const usm_detector_options &options) { return make(&options); }
    static usm_detector *make(const usm_detector_options *options) {
        return detail::made<usm_detector>(
            [&](usm_detector **detector) { return usm_detector_new(options, detector); });
    }
};

/** Learns one metric of the program's own, and says what is to be expected of it. */
class Forecaster : public Handle<usm_forecaster, usm_forecaster_free> {
public:
    using Handle::Handle;
    /** Bounds that the metric keeps to, where it has any. */
    explicit Forecaster(std::optional<double> lowest = std::nullopt,
                        std::optional<double> highest = std::nullopt)
        : Handle(make(lowest, highest)) {}
    /** Goes on where a saved one was. */
    static Forecaster load(const Text &text) {
        return Forecaster(detail::made<usm_forecaster>([&](usm_forecaster **forecaster) {
            return usm_forecaster_load(text.c_str(), forecaster);
        }));
    }

    void push(Moment time, double value) {
        check(usm_forecaster_push(get(), time.seconds(), value));
    }
    /** What is expected so long after the newest value. */
    Forecast forecast(Seconds horizon) const {
        Forecast forecast;
        check(usm_forecaster_forecast(get(), horizon.count(), &forecast));
        return forecast;
    }
    /** When the metric reaches a limit. */
    Exhaustion time_to(double limit) const {
        Exhaustion exhaustion;
        check(usm_forecaster_time_to(get(), limit, &exhaustion));
        return exhaustion;
    }
    /** What it has learnt, for load(). */
    std::string save() const {
        return detail::text_of([&](char **text) { return usm_forecaster_save(get(), text); });
    }

private:
    static usm_forecaster *make(std::optional<double> lowest, std::optional<double> highest) {
        usm_forecaster_options options = USM_FORECASTER_OPTIONS_INIT;
        if (lowest) options.bounds |= USM_BOUND_LOWEST;
        if (highest) options.bounds |= USM_BOUND_HIGHEST;
        options.lowest = lowest.value_or(0.0);
        options.highest = highest.value_or(0.0);
        return detail::made<usm_forecaster>(
            [&](usm_forecaster **forecaster) { return usm_forecaster_new(&options, forecaster); });
    }
};

USM_END_NAMESPACE

#endif  // USM_MODELS_HPP
