/**
 * libusm for C++17: usm.h with owners, exceptions and std::function. Header only; the
 * conventions are those of usm.h, and every class hands out its C handle by get().
 *
 *     usm::Monitor monitor;
 *     monitor.start();
 *     monitor.wait(0, std::chrono::seconds(5));
 *     usm::Metrics metrics = monitor.metrics();
 *     if (metrics.has(USM_METRIC_CPU_PERCENT)) std::cout << metrics.cpu_percent << "%\n";
 */
#ifndef USM_HPP
#define USM_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "usm.h"

namespace usm {

/** A duration in seconds, whole or not; anything from <chrono> converts to it. */
using Seconds = std::chrono::duration<double>;

/** A call that failed: what() is the message of usm_last_error_message(). */
class Error : public std::runtime_error {
public:
    Error(usm_status status, int os_code, const std::string &message)
        : std::runtime_error(message), status_(status), os_code_(os_code) {}

    /** USM_ERR_... */
    usm_status status() const noexcept { return status_; }
    /** The system's error number, or 0. */
    int os_code() const noexcept { return os_code_; }
    /** The status by its name. */
    const char *name() const noexcept { return usm_status_name(status_); }

private:
    usm_status status_;
    int os_code_;
};

/** Throws Error unless a status is USM_OK. */
inline void check(usm_status status) {
    if (status != USM_OK) {
        throw Error(status, usm_last_error_os_code(), usm_last_error_message());
    }
}

namespace detail {

/** Takes over a text that the library gave away. */
inline std::string take(char *text) {
    std::unique_ptr<char, void (*)(char *)> owner(text, usm_string_free);
    return std::string(owner.get());
}

}  // namespace detail

namespace detail {

/** Owns a handle; Free ends it. */
template <typename Handle, void (*Free)(Handle **)>
class Owner {
public:
    explicit Owner(Handle *handle = nullptr) noexcept : handle_(handle) {}
    ~Owner() { Free(&handle_); }
    Owner(Owner &&other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Owner &operator=(Owner &&other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    Owner(const Owner &) = delete;
    Owner &operator=(const Owner &) = delete;

    Handle *get() const noexcept { return handle_; }
    /** Where a call puts the handle that it made. */
    Handle **out() noexcept { return &handle_; }

private:
    Handle *handle_;
};

/** Tells a function of the progress; an exception waits here until the call has returned. */
class Telling {
public:
    explicit Telling(const std::function<bool(const usm_progress &)> &progress)
        : progress_(progress) {}
    Telling(const Telling &) = delete;
    Telling &operator=(const Telling &) = delete;

    /** What the library calls with this as its user data. */
    usm_progress_callback callback() const noexcept { return progress_ ? &tell : nullptr; }

    void finish(usm_status status) const {
        if (thrown_) std::rethrow_exception(thrown_);
        check(status);
    }

private:
    static std::int32_t tell(const usm_progress *seen, void *user_data) {
        auto *telling = static_cast<Telling *>(user_data);
        if (telling->thrown_) return 1;
        try {
            return telling->progress_(*seen) ? 0 : 1;
        } catch (...) {
            telling->thrown_ = std::current_exception();
            return 1;
        }
    }

    const std::function<bool(const usm_progress &)> &progress_;
    std::exception_ptr thrown_;
};

/** The text that a call gives. */
template <typename Call>
std::string text_of(Call call) {
    char *text = nullptr;
    check(call(&text));
    return take(text);
}

}  // namespace detail

/** The numbers of a state; a plain usm_metrics that knows its size. */
struct Metrics : usm_metrics {
    Metrics() noexcept : usm_metrics() { usm_metrics_init(this); }

    /** Whether a value is known: bit is one of USM_METRIC_... */
    bool has(std::uint32_t bit) const noexcept { return usm_metrics_has(this, bit) != 0; }
};

/** An Arrow C stream, released with its owner unless it was moved to a consumer. */
class ArrowStream {
public:
    ArrowStream() noexcept : stream_() {}
    ~ArrowStream() { reset(); }
    ArrowStream(ArrowStream &&other) noexcept : stream_(other.stream_) {
        other.stream_.release = nullptr;
    }
    ArrowStream &operator=(ArrowStream &&other) noexcept {
        std::swap(stream_, other.stream_);
        return *this;
    }
    ArrowStream(const ArrowStream &) = delete;
    ArrowStream &operator=(const ArrowStream &) = delete;

    /** The stream, for a consumer that reads it or moves it away. */
    ArrowArrayStream *get() noexcept { return &stream_; }
    /** Releases it now. */
    void reset() noexcept {
        if (stream_.release != nullptr) stream_.release(&stream_);
    }

private:
    ArrowArrayStream stream_;
};

/** An alert; its texts live as long as the findings. */
struct Alert : usm_alert {
    Alert() noexcept : usm_alert() { usm_alert_init(this); }
};

/** A metric outside of its normal range; its text lives as long as the findings. */
struct Anomaly : usm_anomaly {
    Anomaly() noexcept : usm_anomaly() { usm_anomaly_init(this); }
};

/** Anomalies with one cause; the text lives as long as the findings. */
struct Incident : usm_incident {
    Incident() noexcept : usm_incident() { usm_incident_init(this); }
};

/** A process that moved with an incident; its texts live as long as the findings. */
struct IncidentCulprit : usm_incident_culprit {
    IncidentCulprit() noexcept : usm_incident_culprit() { usm_incident_culprit_init(this); }
};

/** What is the matter; the texts live as long as the findings. */
struct Insight : usm_insight {
    Insight() noexcept : usm_insight() { usm_insight_init(this); }
};

/** A number that an insight stands on; its texts live as long as the findings. */
struct Evidence : usm_evidence {
    Evidence() noexcept : usm_evidence() { usm_evidence_init(this); }
};

/** What is expected of a metric; its texts live as long as the findings. */
struct Forecast : usm_forecast {
    Forecast() noexcept : usm_forecast() { usm_forecast_init(this); }
};

/** When a metric reaches a limit; the text lives as long as the findings. */
struct Exhaustion : usm_exhaustion {
    Exhaustion() noexcept : usm_exhaustion() { usm_exhaustion_init(this); }
};

/** A security finding; its texts live as long as the findings. */
struct SecurityFinding : usm_security_finding {
    SecurityFinding() noexcept : usm_security_finding() { usm_security_finding_init(this); }
};

/** What a detector says of one value. */
struct Reading : usm_reading {
    Reading() noexcept : usm_reading() { usm_reading_init(this); }
};

namespace detail {

/** Fills a list, one element after the other. */
template <typename Element, typename Fill>
std::vector<Element> list_of(std::size_t count, Fill fill) {
    std::vector<Element> list(count);
    for (std::size_t i = 0; i < count; i++) check(fill(i, &list[i]));
    return list;
}

/** Gathers texts that live as long as what they are from. */
template <typename Give>
std::vector<const char *> texts_of(std::size_t count, Give give) {
    return list_of<const char *>(count, give);
}

}  // namespace detail

/** Reads findings; Source says by get() which. */
template <typename Source>
class FindingsReader {
public:
    /** Alerts that are not over, the worst one first. */
    std::vector<Alert> alerts() const {
        return all<Alert>(usm_findings_alert_count, usm_findings_alert_at);
    }
    /** Metrics outside of their normal range, the worst one first. */
    std::vector<Anomaly> anomalies() const {
        return all<Anomaly>(usm_findings_anomaly_count, usm_findings_anomaly_at);
    }
    /** Anomalies with one cause. */
    std::vector<Incident> incidents() const {
        return all<Incident>(usm_findings_incident_count, usm_findings_incident_at);
    }
    /** The metrics of an incident, the one that moved first in front. */
    std::vector<Anomaly> anomalies_of_incident(std::size_t index) const {
        Incident incident;
        check(usm_findings_incident_at(pointer(), index, &incident));
        return detail::list_of<Anomaly>(
            static_cast<std::size_t>(incident.anomaly_count), [&](std::size_t i, Anomaly *anomaly) {
                return usm_findings_incident_anomaly_at(pointer(), index, i, anomaly);
            });
    }
    /** The processes that moved with an incident, most first. */
    std::vector<IncidentCulprit> culprits_of_incident(std::size_t index) const {
        Incident incident;
        check(usm_findings_incident_at(pointer(), index, &incident));
        return detail::list_of<IncidentCulprit>(
            static_cast<std::size_t>(incident.culprit_count),
            [&](std::size_t i, IncidentCulprit *culprit) {
                return usm_findings_incident_culprit_at(pointer(), index, i, culprit);
            });
    }
    /** What is the matter, the most severe first. */
    std::vector<Insight> insights() const {
        return all<Insight>(usm_findings_insight_count, usm_findings_insight_at);
    }
    /** The numbers that an insight stands on. */
    std::vector<Evidence> evidence_of_insight(std::size_t index) const {
        Insight insight;
        check(usm_findings_insight_at(pointer(), index, &insight));
        return detail::list_of<Evidence>(
            static_cast<std::size_t>(insight.evidence_count),
            [&](std::size_t i, Evidence *evidence) {
                return usm_findings_insight_evidence_at(pointer(), index, i, evidence);
            });
    }
    /** What could be done about an insight, best first. */
    std::vector<const char *> advice_of_insight(std::size_t index) const {
        Insight insight;
        check(usm_findings_insight_at(pointer(), index, &insight));
        return detail::texts_of(
            static_cast<std::size_t>(insight.advice_count), [&](std::size_t i, const char **text) {
                return usm_findings_insight_advice_at(pointer(), index, i, text);
            });
    }
    /** Forecasts of the main metrics, by horizon. */
    std::vector<Forecast> forecasts() const {
        return all<Forecast>(usm_findings_forecast_count, usm_findings_forecast_at);
    }
    /** When something is used up, the soonest one first. */
    std::vector<Exhaustion> exhaustion() const {
        return all<Exhaustion>(usm_findings_exhaustion_count, usm_findings_exhaustion_at);
    }
    /** Security findings, those that matter most first. */
    std::vector<SecurityFinding> security() const {
        return all<SecurityFinding>(usm_findings_security_count, usm_findings_security_at);
    }
    /** What says so. */
    std::vector<const char *> evidence_of_security(std::size_t index) const {
        SecurityFinding finding;
        check(usm_findings_security_at(pointer(), index, &finding));
        return detail::texts_of(
            static_cast<std::size_t>(finding.evidence_count), [&](std::size_t i, const char **text) {
                return usm_findings_security_evidence_at(pointer(), index, i, text);
            });
    }
    /** All of it, and what the structs do not have. */
    std::string json() const {
        return detail::text_of([&](char **text) { return usm_findings_json(pointer(), text); });
    }

protected:
    FindingsReader() = default;

private:
    const usm_findings *pointer() const { return static_cast<const Source *>(this)->get(); }

    template <typename Element, typename Count, typename At>
    std::vector<Element> all(Count count, At at) const {
        std::size_t size = 0;
        check(count(pointer(), &size));
        return detail::list_of<Element>(size, [&](std::size_t i, Element *element) {
            return at(pointer(), i, element);
        });
    }
};

/** What was found in one state of a host. */
class Findings : public FindingsReader<Findings> {
public:
    usm_findings *get() const noexcept { return owner_.get(); }

private:
    friend class Monitor;
    friend class State;
    Findings() = default;

    detail::Owner<usm_findings, usm_findings_free> owner_;
};

/** What an event brings, inside a callback; not to be kept. */
class EventFindings : public FindingsReader<EventFindings> {
public:
    const usm_findings *get() const noexcept { return findings_; }

private:
    friend class Event;
    explicit EventFindings(const usm_findings *findings) noexcept : findings_(findings) {}

    const usm_findings *findings_;
};

/** Learns what is normal for one metric of the program's own, and tells what is not. */
class Detector {
public:
    /** With what suits every metric. */
    Detector() { check(usm_detector_new(nullptr, owner_.out())); }
    /** `threshold`: score from which a value is anomalous; see usm_detector_options. */
    explicit Detector(double threshold, double resolution = 0.0) {
        usm_detector_options options = USM_DETECTOR_OPTIONS_INIT;
        options.threshold = threshold;
        options.resolution = resolution;
        check(usm_detector_new(&options, owner_.out()));
    }
    /** Goes on where a saved one was. */
    static Detector load(const std::string &text) {
        Detector detector{Nothing()};
        check(usm_detector_load(text.c_str(), detector.owner_.out()));
        return detector;
    }

    /** Judges a value by those before it, and learns from it. */
    Reading push(double time, double value) {
        Reading reading;
        check(usm_detector_push(get(), time, value, &reading));
        return reading;
    }
    /** What it has learnt, for load(). */
    std::string save() const {
        return detail::text_of([&](char **text) { return usm_detector_save(get(), text); });
    }

    usm_detector *get() const noexcept { return owner_.get(); }

private:
    struct Nothing {};
    explicit Detector(Nothing) {}

    detail::Owner<usm_detector, usm_detector_free> owner_;
};

/** Learns one metric of the program's own, and says what is to be expected of it. */
class Forecaster {
public:
    /** Bounds that the metric keeps to, where it has any. */
    explicit Forecaster(std::optional<double> lowest = std::nullopt,
                        std::optional<double> highest = std::nullopt) {
        usm_forecaster_options options = USM_FORECASTER_OPTIONS_INIT;
        if (lowest) options.bounds |= USM_BOUND_LOWEST;
        if (highest) options.bounds |= USM_BOUND_HIGHEST;
        options.lowest = lowest.value_or(0.0);
        options.highest = highest.value_or(0.0);
        check(usm_forecaster_new(&options, owner_.out()));
    }
    /** Goes on where a saved one was. */
    static Forecaster load(const std::string &text) {
        Forecaster forecaster{Nothing()};
        check(usm_forecaster_load(text.c_str(), forecaster.owner_.out()));
        return forecaster;
    }

    void push(double time, double value) { check(usm_forecaster_push(get(), time, value)); }
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

    usm_forecaster *get() const noexcept { return owner_.get(); }

private:
    struct Nothing {};
    explicit Forecaster(Nothing) {}

    detail::Owner<usm_forecaster, usm_forecaster_free> owner_;
};

/** One state of a host: the newest one, one of the past, one of a replay. */
class State {
public:
    /** The numbers; their timestamp is when it was sampled. */
    Metrics metrics() const {
        Metrics metrics;
        check(usm_state_metrics(get(), &metrics));
        return metrics;
    }
    /** How finely it was kept: USM_TIER_... */
    std::uint32_t tier() const {
        std::uint32_t tier = USM_TIER_ANY;
        check(usm_state_tier(get(), &tier));
        return tier;
    }
    /** The first processes in an order (USM_ORDER_...), at most `limit`. */
    std::vector<usm_process> top_processes(std::uint32_t order, std::size_t limit) const {
        std::vector<usm_process> list(limit);
        std::size_t count = 0;
        check(usm_state_top_processes(get(), order, list.empty() ? nullptr : list.data(),
                                      sizeof(usm_process), limit, &count));
        if (count < list.size()) list.resize(count);
        return list;
    }
    /** The processes as an Arrow stream of one batch. */
    ArrowStream processes_arrow_stream() const {
        ArrowStream stream;
        check(usm_state_processes_arrow_stream(get(), stream.get()));
        return stream;
    }
    /** What was found in it; a state that a database gave holds none. */
    Findings findings() const {
        Findings findings;
        check(usm_state_findings(get(), findings.owner_.out()));
        return findings;
    }
    std::string json() const {
        return detail::text_of([&](char **text) { return usm_state_json(get(), text); });
    }

    usm_state *get() const noexcept { return owner_.get(); }

private:
    friend class Monitor;
    friend class History;
    friend class Recorder;
    friend class Replay;
    explicit State(usm_state *state = nullptr) noexcept : owner_(state) {}

    detail::Owner<usm_state, usm_state_free> owner_;
};

/** Settings by name. */
class Config {
public:
    /** The defaults. */
    Config() { check(usm_config_new(&handle_)); }
    ~Config() { usm_config_free(&handle_); }
    Config(Config &&other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Config &operator=(Config &&other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    Config(const Config &) = delete;
    Config &operator=(const Config &) = delete;

    /** Sets a switch, a number or a text; throws Error with nothing changed. */
    template <typename Value>
    Config &set(const std::string &name, const Value &value) {
        if constexpr (std::is_same_v<Value, bool>) {
            check(usm_config_set_bool(handle_, name.c_str(), value ? 1 : 0));
        } else if constexpr (std::is_arithmetic_v<Value>) {
            check(usm_config_set_number(handle_, name.c_str(), static_cast<double>(value)));
        } else {
            check(usm_config_set_text(handle_, name.c_str(), std::string(value).c_str()));
        }
        return *this;
    }
    /** Sets what a JSON object holds. */
    Config &set_json(const std::string &json) {
        check(usm_config_set_json(handle_, json.c_str()));
        return *this;
    }
    /** Sets what a TOML or JSON file holds. */
    Config &load_file(const std::string &path) {
        check(usm_config_load_file(handle_, path.c_str()));
        return *this;
    }
    /** Sets what the environment holds. */
    Config &apply_environment() {
        check(usm_config_apply_environment(handle_));
        return *this;
    }
    /** All settings as a JSON object. */
    std::string json() const { return json_of(nullptr); }
    /** One setting as JSON. */
    std::string json(const std::string &name) const { return json_of(name.c_str()); }

    usm_config *get() const noexcept { return handle_; }

private:
    std::string json_of(const char *name) const {
        char *text = nullptr;
        check(usm_config_get_json(handle_, name, &text));
        return detail::take(text);
    }

    usm_config *handle_ = nullptr;
};

/** An event inside a callback; not to be kept. */
class Event {
public:
    explicit Event(const usm_event *event) noexcept : event_(event) {}

    /** USM_EVENT_... */
    std::uint32_t kind() const noexcept { return usm_event_kind(event_); }
    /** The kind by its name. */
    const char *name() const noexcept { return usm_event_kind_name(kind()); }
    /** Seconds since 1970. */
    double timestamp() const noexcept { return usm_event_timestamp(event_); }
    /** The event as JSON. */
    std::string json() const {
        const char *text = nullptr;
        check(usm_event_json(event_, &text));
        return text;
    }
    /** The numbers of a state_update; throws Error for another kind. */
    Metrics metrics() const {
        Metrics metrics;
        check(usm_event_metrics(event_, &metrics));
        return metrics;
    }

    /** The alert of an alert_triggered or alert_resolved; throws Error for another kind. */
    Alert alert() const {
        Alert alert;
        check(usm_event_alert(event_, &alert));
        return alert;
    }
    /** The metric of a performance_anomaly; throws Error for another kind. */
    Anomaly anomaly() const {
        Anomaly anomaly;
        check(usm_event_anomaly(event_, &anomaly));
        return anomaly;
    }
    /** What it brings; throws Error for a kind that brings no findings. */
    EventFindings findings() const {
        const usm_findings *findings = nullptr;
        check(usm_event_findings(event_, &findings));
        return EventFindings(findings);
    }

    const usm_event *get() const noexcept { return event_; }

private:
    const usm_event *event_;
};

/**
 * Ends a subscription when it is destroyed, and waits for a running callback, unless that is
 * the one which destroys it. It may outlive its monitor.
 */
class Subscription {
public:
    Subscription() = default;
    ~Subscription() { reset(); }
    Subscription(Subscription &&other) noexcept
        : monitor_(std::move(other.monitor_)), number_(std::exchange(other.number_, 0)) {}
    Subscription &operator=(Subscription &&other) noexcept {
        std::swap(monitor_, other.monitor_);
        std::swap(number_, other.number_);
        return *this;
    }
    Subscription(const Subscription &) = delete;
    Subscription &operator=(const Subscription &) = delete;

    /** Ends it now. */
    void reset() noexcept {
        const std::uint64_t number = std::exchange(number_, 0);
        if (auto monitor = monitor_.lock(); monitor && number != 0) {
            // Fails only where there is nothing left to end.
            (void)usm_monitor_unsubscribe(monitor.get(), number);
        }
        monitor_.reset();
    }

    /** Lets it last as long as the monitor. */
    void release() noexcept {
        number_ = 0;
        monitor_.reset();
    }

private:
    friend class Monitor;
    Subscription(const std::shared_ptr<usm_monitor> &monitor, std::uint64_t number) noexcept
        : monitor_(monitor), number_(number) {}

    std::weak_ptr<usm_monitor> monitor_;
    std::uint64_t number_ = 0;
};

class History;

/** A monitor of this host; every method may be called from any thread. */
class Monitor {
public:
    /** With the defaults and what the environment says. */
    Monitor() : handle_(make(nullptr)) {}
    /** With settings, which are copied. */
    explicit Monitor(const Config &config) : handle_(make(config.get())) {}
    Monitor(Monitor &&) noexcept = default;
    Monitor &operator=(Monitor &&) noexcept = default;
    Monitor(const Monitor &) = delete;
    Monitor &operator=(const Monitor &) = delete;

    void start() { check(usm_monitor_start(get())); }
    void stop() { check(usm_monitor_stop(get())); }
    bool is_active() const {
        std::int32_t active = 0;
        check(usm_monitor_is_active(get(), &active));
        return active != 0;
    }

    /** Takes a sample now; returns the number of its state. */
    std::uint64_t collect() {
        std::uint64_t sequence = 0;
        check(usm_monitor_collect(get(), &sequence));
        return sequence;
    }
    /** Waits for a state newer than a given one; returns the number of the newest. */
    std::uint64_t wait(std::uint64_t after_sequence, Seconds timeout) const {
        std::uint64_t sequence = 0;
        check(usm_monitor_wait(get(), after_sequence, timeout.count(), &sequence));
        return sequence;
    }
    /** Waits until everything measured so far is in the database. */
    void flush(Seconds timeout) { check(usm_monitor_flush(get(), timeout.count())); }

    /** Changes a setting while it runs. */
    template <typename Value>
    void set(const std::string &name, const Value &value) {
        if constexpr (std::is_same_v<Value, bool>) {
            check(usm_monitor_set_bool(get(), name.c_str(), value ? 1 : 0));
        } else if constexpr (std::is_arithmetic_v<Value>) {
            check(usm_monitor_set_number(get(), name.c_str(), static_cast<double>(value)));
        } else {
            check(usm_monitor_set_text(get(), name.c_str(), std::string(value).c_str()));
        }
    }

    /** The numbers of the newest state. */
    Metrics metrics() const {
        Metrics metrics;
        check(usm_monitor_metrics(get(), &metrics));
        return metrics;
    }
    /** The newest state, which stays as it is while the monitor goes on. */
    State state() const {
        State state;
        check(usm_monitor_state(get(), state.owner_.out()));
        return state;
    }
    /** What it remembers; not to be used after the monitor has ended. */
    History history() const;
    /** The first processes in an order (USM_ORDER_...), at most `limit`. */
    std::vector<usm_process> top_processes(std::uint32_t order, std::size_t limit) const {
        std::vector<usm_process> list(limit);
        std::size_t count = 0;
        check(usm_monitor_top_processes(get(), order, list.empty() ? nullptr : list.data(),
                                        sizeof(usm_process), limit, &count));
        if (count < list.size()) list.resize(count);
        return list;
    }
    /** The newest state as JSON. */
    std::string state_json() const { return json_by(usm_monitor_state_json); }
    /** The comprehensive report as JSON. */
    std::string report_json() const { return json_by(usm_monitor_report_json); }
    /** What can be read on this host and what can't, as JSON. */
    std::string doctor_json() const { return json_by(usm_monitor_doctor_json); }
    /** The settings in force as JSON. */
    std::string config_json() const {
        char *text = nullptr;
        check(usm_monitor_config_json(get(), nullptr, &text));
        return detail::take(text);
    }

    /** What was found in the newest state. */
    Findings findings() const {
        Findings findings;
        check(usm_monitor_findings(get(), findings.owner_.out()));
        return findings;
    }
    /** Findings of the past (kind: USM_FINDING_...) as JSON; 0 for no bound. */
    std::string findings_json(std::uint32_t kind, double since = 0.0, double until = 0.0,
                              bool open_only = false, std::size_t limit = 0) const {
        return detail::text_of([&](char **text) {
            return usm_monitor_findings_json(get(), kind, since, until, open_only ? 1 : 0, limit,
                                             text);
        });
    }
    /** Forecasts worked out of the history as JSON; without horizons those of the state. */
    std::string forecast_json(const std::string &selector,
                              const std::vector<double> &horizons = {}) const {
        return detail::text_of([&](char **text) {
            return usm_monitor_forecast_json(get(), selector.c_str(), horizons.data(),
                                             horizons.size(), text);
        });
    }

    /** Tools that would show more of what was asked and of what is wrong now, as JSON. */
    std::string recommend_tools_json(const std::optional<std::string> &query = std::nullopt,
                                     std::size_t limit = 0) const {
        return detail::text_of([&](char **text) {
            return usm_monitor_recommend_tools_json(get(), query ? query->c_str() : nullptr, limit,
                                                    text);
        });
    }

    /** Takes note that a recommended tool was used, or turned down. */
    void answer_tool(const std::string &name, bool is_taken) {
        check(usm_monitor_answer_tool(get(), name.c_str(), is_taken ? 1 : 0));
    }
    /** How often tools were recommended, as JSON. */
    std::string tool_analytics_json() const { return json_by(usm_monitor_tool_analytics_json); }
    /** Takes note that an advice was followed, or turned down. */
    void answer_advice(const std::string &id, bool is_taken) {
        check(usm_monitor_answer_advice(get(), id.c_str(), is_taken ? 1 : 0));
    }

    /** The rules of alerts as JSON. */
    std::string alert_rules_json() const { return json_by(usm_monitor_alert_rules_json); }
    /** Adds or replaces a rule; returns it as JSON, as it was understood. */
    std::string set_alert_rule(const std::string &toml) {
        return detail::text_of(
            [&](char **text) { return usm_monitor_set_alert_rule(get(), toml.c_str(), text); });
    }
    void enable_alert_rule(const std::string &name, bool enabled) {
        check(usm_monitor_enable_alert_rule(get(), name.c_str(), enabled ? 1 : 0));
    }
    /** False where the database has none of this name. */
    bool remove_alert_rule(const std::string &name) {
        std::int32_t removed = 0;
        check(usm_monitor_remove_alert_rule(get(), name.c_str(), &removed));
        return removed != 0;
    }
    /** Takes note of an alert. */
    void acknowledge_alert(std::uint64_t id, const std::string &by, const std::string &note = "") {
        const char *words = note.empty() ? nullptr : note.c_str();
        check(usm_monitor_acknowledge_alert(get(), id, by.c_str(), words));
    }
    /** Tells nobody of some alerts for a time; returns the number of the silence. */
    std::uint64_t silence_alerts(const std::string &rule, Seconds time, const std::string &by,
                                 const std::string &reason = "",
                                 const std::string &labels_json = "{}") {
        std::uint64_t id = 0;
        check(usm_monitor_silence_alerts(get(), rule.c_str(), labels_json.c_str(), time.count(),
                                         by.c_str(), reason.empty() ? nullptr : reason.c_str(),
                                         &id));
        return id;
    }
    /** False for a number that there is not. */
    bool end_silence(std::uint64_t id) {
        std::int32_t ended = 0;
        check(usm_monitor_end_silence(get(), id, &ended));
        return ended != 0;
    }
    /** The silences in force as JSON. */
    std::string silences_json() const { return json_by(usm_monitor_silences_json); }
    /** Alerts of the past as JSON; 0 for no bound. */
    std::string alert_history_json(double since = 0.0, double until = 0.0,
                                   std::size_t limit = 0) const {
        return detail::text_of([&](char **text) {
            return usm_monitor_alert_history_json(get(), since, until, limit, text);
        });
    }
    /** When a rule would have fired, as JSON; the function returns false to end the test. */
    std::string test_alert_rule_json(
        const std::string &name_or_toml, double since = 0.0, double until = 0.0,
        const std::function<bool(const usm_progress &)> &progress = nullptr) const {
        detail::Telling telling(progress);
        char *text = nullptr;
        telling.finish(usm_monitor_test_alert_rule_json(get(), name_or_toml.c_str(), since, until,
                                                        telling.callback(), &telling, &text));
        return detail::take(text);
    }
    /** The channels as JSON. */
    std::string alert_channels_json() const { return json_by(usm_monitor_alert_channels_json); }
    /** Sends a message of test; returns as JSON what became of it. */
    std::string test_alert_channel_json(const std::string &channel) const {
        return detail::text_of([&](char **text) {
            return usm_monitor_test_alert_channel_json(get(), channel.c_str(), text);
        });
    }
    /** Who was told of what as JSON; 0 for no bound. */
    std::string notifications_json(double since = 0.0, std::size_t limit = 0) const {
        return detail::text_of([&](char **text) {
            return usm_monitor_notifications_json(get(), since, limit, text);
        });
    }

    /**
     * Subscribes a function; an exception that it throws is counted as a failure. Keep the
     * result: the subscription ends with it.
     */
    [[nodiscard]] Subscription subscribe(std::uint32_t kinds_mask,
                                         std::function<void(const Event &)> function) {
        using Function = std::function<void(const Event &)>;
        // From here on the library destroys it, also when it refuses the subscription.
        auto *owned = new Function(std::move(function));
        std::uint64_t number = 0;
        check(usm_monitor_subscribe(get(), kinds_mask, &call, owned, &destroy, &number));
        return Subscription(handle_, number);
    }

    usm_monitor *get() const noexcept { return handle_.get(); }

private:
    static std::shared_ptr<usm_monitor> make(const usm_config *config) {
        usm_monitor *monitor = nullptr;
        check(usm_monitor_new(config, &monitor));
        return std::shared_ptr<usm_monitor>(monitor, [](usm_monitor *m) { usm_monitor_free(&m); });
    }

    static std::int32_t call(const usm_event *event, void *function) {
        try {
            (*static_cast<std::function<void(const Event &)> *>(function))(Event(event));
            return 0;
        } catch (...) {
            return 1;
        }
    }

    static void destroy(void *function) {
        delete static_cast<std::function<void(const Event &)> *>(function);
    }

    std::string json_by(usm_status (*give)(const usm_monitor *, char **)) const {
        char *text = nullptr;
        check(give(get(), &text));
        return detail::take(text);
    }

    std::shared_ptr<usm_monitor> handle_;
};

/** One series of a table; what it points to lives as long as the table. */
struct Column : usm_column {
    Column() noexcept : usm_column() { usm_column_init(this); }

    /** The values, one for each time; NaN where nothing is known. */
    const double *begin() const noexcept { return values; }
    const double *end() const noexcept { return values + rows; }
    std::size_t size() const noexcept { return rows; }
    double operator[](std::size_t row) const noexcept { return values[row]; }

    std::size_t rows = 0;
};

/** The answer to a query: one axis of time, and a column for each series. */
class Table {
public:
    std::size_t rows() const { return size().first; }
    std::size_t columns() const { return size().second; }
    /** Seconds since 1970, one for each row; lives as long as the table. */
    const double *times() const {
        const double *times = nullptr;
        check(usm_table_times(get(), &times));
        return times;
    }
    /** Width of a row; 0 for samples as they were taken. */
    Seconds step() const {
        double seconds = 0.0;
        check(usm_table_step_seconds(get(), &seconds));
        return Seconds(seconds);
    }
    /** What the reader should know, a line for each note. */
    std::string notes() const {
        const char *notes = nullptr;
        check(usm_table_notes(get(), &notes));
        return notes;
    }
    /** Throws Error for an index beyond the end. */
    Column column(std::size_t index) const {
        Column column;
        check(usm_table_column(get(), index, &column));
        column.rows = rows();
        return column;
    }
    /** The labels of a column, by name. */
    std::vector<std::pair<std::string, std::string>> labels(std::size_t index) const {
        std::vector<std::pair<std::string, std::string>> labels(column(index).label_count);
        for (std::size_t i = 0; i < labels.size(); i++) {
            const char *name = nullptr;
            const char *value = nullptr;
            check(usm_table_label(get(), index, i, &name, &value));
            labels[i] = {name, value};
        }
        return labels;
    }
    /** A column of times and one for each series. The values are not copied. */
    ArrowStream arrow_stream() const {
        ArrowStream stream;
        check(usm_table_arrow_stream(get(), stream.get()));
        return stream;
    }
    /** A row for each value that is known. */
    ArrowStream arrow_stream_long() const {
        ArrowStream stream;
        check(usm_table_arrow_stream_long(get(), stream.get()));
        return stream;
    }
    std::string json() const {
        return detail::text_of([&](char **text) { return usm_table_json(get(), text); });
    }
    std::string csv() const {
        return detail::text_of([&](char **text) { return usm_table_csv(get(), text); });
    }

    usm_table *get() const noexcept { return owner_.get(); }

private:
    friend class History;
    Table() = default;

    std::pair<std::size_t, std::size_t> size() const {
        std::pair<std::size_t, std::size_t> size;
        check(usm_table_size(get(), &size.first, &size.second));
        return size;
    }

    detail::Owner<usm_table, usm_table_free> owner_;
};

/** A question about series over a range of time; usm_query says what each part means. */
struct Query {
    Query() = default;
    /** Of one series: a name, or a name with labels. */
    explicit Query(const std::string &series) : select{series} {}

    /** The series. */
    std::vector<std::string> select;
    /** From this time on, seconds since 1970; 0 for the beginning. */
    double since = 0.0;
    /** To before this time; 0 for the end. */
    double until = 0.0;
    /** Width of a row; 0: the rows as they are. */
    Seconds step = Seconds(0);
    /** "mean", "min", "max", "last", "sum", "count", "median", "p95". */
    std::string aggregate = "mean";
    /** The increase per second of counters. */
    bool rate = false;
    /** Labels by which columns are put together; only with `combine`. */
    std::vector<std::string> by;
    /** How columns are put together; empty: they stay apart. */
    std::string combine;
    /** Only so many columns of each metric, greatest mean first; 0 for all. */
    std::uint64_t top = 0;
    /** USM_TIER_... */
    std::uint32_t tier = USM_TIER_ANY;
};

/** What a recording holds. */
struct RecordingSummary : usm_recording_summary {
    RecordingSummary() noexcept : usm_recording_summary() { usm_recording_summary_init(this); }
};

/** What is taken out of a history. */
struct ExtractOptions {
    /** Names of processes, users, hosts and the like are replaced by numbered ones. */
    bool mask_names = false;
    /** From this time on, seconds since 1970; 0 for the beginning. */
    double since = 0.0;
    /** To before this time; 0 for the end. */
    double until = 0.0;
    /** Called with each step; returns false to end it. */
    std::function<bool(const usm_progress &)> progress;
};

/** A database or a recording, opened for reading. */
class History {
public:
    explicit History(const std::string &path) {
        check(usm_history_open(path.c_str(), owner_.out()));
    }

    /** How much each tier holds, from fine to coarse. */
    std::vector<usm_extent> extents() const {
        std::size_t count = 0;
        check(usm_history_extents(get(), nullptr, sizeof(usm_extent), 0, &count));
        std::vector<usm_extent> list(count);
        if (list.empty()) return list;
        check(usm_history_extents(get(), list.data(), sizeof(usm_extent), list.size(), &count));
        if (count < list.size()) list.resize(count);
        return list;
    }
    /** The series of a range as JSON; 0 for its beginning and end. */
    std::string series_json(double since = 0.0, double until = 0.0) const {
        return detail::text_of(
            [&](char **text) { return usm_history_series_json(get(), since, until, text); });
    }
    Table query(const Query &asked) const {
        const std::vector<const char *> select = pointers(asked.select);
        const std::vector<const char *> by = pointers(asked.by);
        usm_query query;
        usm_query_init(&query);
        query.tier = asked.tier;
        query.select = select.data();
        query.select_count = select.size();
        query.since = asked.since;
        query.until = asked.until;
        query.step_seconds = asked.step.count();
        query.aggregate = asked.aggregate.c_str();
        query.by = by.data();
        query.by_count = by.size();
        query.combine = asked.combine.empty() ? nullptr : asked.combine.c_str();
        query.top = asked.top;
        query.rate = asked.rate ? 1 : 0;
        Table table;
        check(usm_history_query(get(), &query, table.owner_.out()));
        return table;
    }
    /** The whole state as it was at a moment, seconds since 1970. */
    State state_at(double time) const {
        State state;
        check(usm_history_state_at(get(), time, state.owner_.out()));
        return state;
    }
    /** Writes a part of it into a new recording. */
    RecordingSummary extract(const std::string &path,
                             const ExtractOptions &given = ExtractOptions()) const {
        detail::Telling telling(given.progress);
        usm_extract_options options = USM_EXTRACT_OPTIONS_INIT;
        options.mask_names = given.mask_names ? 1 : 0;
        options.since = given.since;
        options.until = given.until;
        options.progress = telling.callback();
        options.user_data = &telling;
        RecordingSummary summary;
        telling.finish(usm_history_extract(get(), path.c_str(), &options, &summary, nullptr));
        return summary;
    }

    usm_history *get() const noexcept { return owner_.get(); }

private:
    friend class Monitor;
    History() = default;

    static std::vector<const char *> pointers(const std::vector<std::string> &texts) {
        std::vector<const char *> list;
        for (const std::string &text : texts) list.push_back(text.c_str());
        return list;
    }

    detail::Owner<usm_history, usm_history_free> owner_;
};

inline History Monitor::history() const {
    History history;
    check(usm_monitor_history(get(), history.owner_.out()));
    return history;
}

/** Records this host into a file; ended by finish(), or when it is destroyed. */
class Recorder {
public:
    /** With the defaults and what the environment says. */
    explicit Recorder(const std::string &path) {
        check(usm_recorder_start(nullptr, path.c_str(), owner_.out()));
    }
    /** With settings, which are copied. */
    Recorder(const Config &config, const std::string &path) {
        check(usm_recorder_start(config.get(), path.c_str(), owner_.out()));
    }

    /** Waits for a state newer than a given one; returns the number of the newest. */
    std::uint64_t wait(std::uint64_t after_sequence, Seconds timeout) const {
        std::uint64_t sequence = 0;
        check(usm_recorder_wait(get(), after_sequence, timeout.count(), &sequence));
        return sequence;
    }
    /** The newest state. */
    State state() const {
        State state;
        check(usm_recorder_state(get(), state.owner_.out()));
        return state;
    }
    /** Stops, and leaves one file. The recorder is no more after that. */
    RecordingSummary finish() {
        RecordingSummary summary;
        check(usm_recorder_finish(owner_.out(), &summary));
        return summary;
    }

    usm_recorder *get() const noexcept { return owner_.get(); }

private:
    detail::Owner<usm_recorder, usm_recorder_free> owner_;
};

/** The states of a recording, judged again in their order. */
class Replay {
public:
    /** A range in seconds since 1970; 0 for its beginning and end. */
    explicit Replay(const std::string &path, double since = 0.0, double until = 0.0) {
        check(usm_replay_open(path.c_str(), since, until, owner_.out()));
    }

    /** Samples that the range holds. */
    std::uint64_t size() const {
        std::uint64_t samples = 0;
        check(usm_replay_size(get(), &samples));
        return samples;
    }
    /** What could not be read so far and so is missing, a line for each note. */
    std::string notes() const {
        return detail::text_of([&](char **text) { return usm_replay_notes(get(), text); });
    }
    /** The next state; nothing at the end. */
    std::optional<State> next() {
        usm_state *state = nullptr;
        check(usm_replay_next(get(), &state));
        if (state == nullptr) return std::nullopt;
        return State(state);
    }

    usm_replay *get() const noexcept { return owner_.get(); }

private:
    detail::Owner<usm_replay, usm_replay_free> owner_;
};

/** Makes a recording of a table in text; format is one of USM_TEXT_... */
inline RecordingSummary import_recording(const std::string &from, std::uint32_t format,
                                         const std::string &to) {
    RecordingSummary summary;
    check(usm_recording_import(from.c_str(), format, to.c_str(), &summary));
    return summary;
}

/** Reads a time in words, relative to a time; see usm_parse_time(). */
inline double parse_time(const std::string &text, double now) {
    double time = 0.0;
    check(usm_parse_time(text.c_str(), now, &time));
    return time;
}

/** Reads a length of time in words. */
inline Seconds parse_duration(const std::string &text) {
    double seconds = 0.0;
    check(usm_parse_duration(text.c_str(), &seconds));
    return Seconds(seconds);
}

/** What is wrong; its texts live as long as the list. */
struct Target : usm_target {
    Target() noexcept : usm_target() { usm_target_init(this); }
};

/** A process that causes what is wrong; its texts live as long as the list. */
struct Culprit : usm_culprit {
    Culprit() noexcept : usm_culprit() { usm_culprit_init(this); }
};

/** Something that could be done; its texts live until it is removed or the list ends. */
struct Action : usm_action {
    Action() noexcept : usm_action() { usm_action_init(this); }
};

/** An execution in numbers. */
struct ExecutionSummary : usm_execution_summary {
    ExecutionSummary() noexcept : usm_execution_summary() { usm_execution_summary_init(this); }
};

/** What became of an action; its texts live as long as the report. */
struct ActionResult : usm_action_result {
    ActionResult() noexcept : usm_action_result() { usm_action_result_init(this); }
};

/** What is wrong, most urgent first. */
class TargetList {
public:
    std::size_t size() const {
        std::size_t size = 0;
        check(usm_target_list_size(get(), &size));
        return size;
    }
    bool empty() const { return size() == 0; }
    /** Throws Error for an index beyond the end. */
    Target at(std::size_t index) const {
        Target target;
        check(usm_target_list_at(get(), index, &target));
        return target;
    }
    /** The processes that cause a target, most first. */
    std::vector<Culprit> culprits(std::size_t index) const {
        std::vector<Culprit> list(static_cast<std::size_t>(at(index).culprit_count));
        for (std::size_t i = 0; i < list.size(); i++) {
            check(usm_target_list_culprit(get(), index, i, &list[i]));
        }
        return list;
    }
    std::string json() const {
        return detail::text_of([&](char **text) { return usm_target_list_json(get(), text); });
    }

    usm_target_list *get() const noexcept { return owner_.get(); }

private:
    friend class Optimizer;
    TargetList() = default;

    detail::Owner<usm_target_list, usm_target_list_free> owner_;
};

/** What could be done, in the order in which it should be. */
class ActionList {
public:
    /** Actions made by hand, or what json() gave. */
    static ActionList from_json(const std::string &json) {
        ActionList list;
        check(usm_action_list_from_json(json.c_str(), list.owner_.out()));
        return list;
    }

    std::size_t size() const {
        std::size_t size = 0;
        check(usm_action_list_size(get(), &size));
        return size;
    }
    bool empty() const { return size() == 0; }
    /** Throws Error for an index beyond the end. */
    Action at(std::size_t index) const {
        Action action;
        check(usm_action_list_at(get(), index, &action));
        return action;
    }
    /** Removes an action, so that it will not be executed. */
    void remove(std::size_t index) { check(usm_action_list_remove(get(), index)); }
    std::string json() const {
        return detail::text_of([&](char **text) { return usm_action_list_json(get(), text); });
    }

    usm_action_list *get() const noexcept { return owner_.get(); }

private:
    friend class Optimizer;
    ActionList() = default;

    detail::Owner<usm_action_list, usm_action_list_free> owner_;
};

/** What an execution did. */
class ExecutionReport {
public:
    ExecutionSummary summary() const {
        ExecutionSummary summary;
        check(usm_execution_report_summary(get(), &summary));
        return summary;
    }
    std::size_t size() const {
        std::size_t size = 0;
        check(usm_execution_report_size(get(), &size));
        return size;
    }
    /** The result of an action, in the order given; throws Error beyond the end. */
    ActionResult at(std::size_t index) const {
        ActionResult result;
        check(usm_execution_report_at(get(), index, &result));
        return result;
    }
    std::string json() const {
        return detail::text_of(
            [&](char **text) { return usm_execution_report_json(get(), text); });
    }

    usm_execution_report *get() const noexcept { return owner_.get(); }

private:
    friend class Optimizer;
    ExecutionReport() = default;

    detail::Owner<usm_execution_report, usm_execution_report_free> owner_;
};

/** How actions are executed; the default is demo mode, which changes nothing. */
struct ExecuteOptions {
    /** Everything is checked and told as it would be done, and nothing is changed. */
    bool dry_run = true;
    /** Most risk that is accepted, USM_RISK_...; -1 for what the profile in force allows. */
    std::int32_t allowed_risk = -1;
    /** Measure before and after, and take back what did not help. */
    bool verify = true;
    /** Told of each step; false cancels. An exception cancels and is thrown on. */
    std::function<bool(const usm_progress &)> progress = nullptr;
};

/** Finds what hurts, relieves it, proves that it helped, or takes it back. */
class Optimizer {
public:
    /** Samples for itself, with the defaults and what the environment says. */
    Optimizer() { check(usm_optimizer_new(nullptr, nullptr, owner_.out())); }
    /** Samples for itself; its own settings as a JSON object. */
    explicit Optimizer(const Config &config, const std::string &settings_json = "{}") {
        check(usm_optimizer_new(config.get(), settings_json.c_str(), owner_.out()));
    }
    /** Uses the states of a monitor, which may end first. */
    explicit Optimizer(const Monitor &monitor, const std::string &settings_json = "{}") {
        check(usm_optimizer_attach(monitor.get(), settings_json.c_str(), owner_.out()));
    }

    /** What is wrong now; empty when nothing is. */
    TargetList analyze() {
        TargetList targets;
        check(usm_optimizer_analyze(get(), targets.owner_.out()));
        return targets;
    }
    /** What could be done about it. */
    ActionList plan(const TargetList &targets) {
        ActionList actions;
        check(usm_optimizer_plan(get(), targets.get(), actions.owner_.out()));
        return actions;
    }
    /** Does the actions, or with the default options says what would be done. */
    ExecutionReport execute(const ActionList &actions, const ExecuteOptions &options = {}) {
        ExecutionReport report;
        Telling telling(options);
        telling.finish(usm_optimizer_execute(get(), actions.get(), &telling.options,
                                             report.owner_.out()));
        return report;
    }
    /** Takes everything back; what became of each change, as JSON. */
    std::string rollback() { return rollback(0); }
    /** Takes an action back; what became of each change, as JSON. */
    std::string rollback(std::int64_t action_id) {
        return detail::text_of(
            [&](char **text) { return usm_optimizer_rollback(get(), action_id, text); });
    }

    /** What may be touched at all: "user:1000", "subtree:123", "cgroup:/a", "list:1,2". */
    void set_scope(const std::string &scope) {
        check(usm_optimizer_set_scope(get(), scope.c_str()));
    }
    /** The processes of this user, as in the beginning. */
    void reset_scope() { check(usm_optimizer_set_scope(get(), nullptr)); }
    /** Acts by itself, or not. */
    void set_auto(bool on) { check(usm_optimizer_set_auto(get(), on ? 1 : 0)); }
    /** The kill switch; what was taken back, as JSON. */
    std::string halt(bool on) {
        return detail::text_of(
            [&](char **text) { return usm_optimizer_halt(get(), on ? 1 : 0, text); });
    }

    std::string status_json() const { return json_by(usm_optimizer_status_json); }
    std::string settings_json() const { return json_by(usm_optimizer_settings_json); }
    std::string facts_json() const { return json_by(usm_optimizer_facts_json); }
    std::string history_json(std::size_t limit) const {
        return detail::text_of(
            [&](char **text) { return usm_optimizer_history_json(get(), limit, text); });
    }
    std::string explain_json(std::int64_t action_id) const {
        return detail::text_of(
            [&](char **text) { return usm_optimizer_explain_json(get(), action_id, text); });
    }
    /** What a disk cleanup would remove, as JSON; of the options only the callback counts. */
    std::string cleanup_preview_json(const ExecuteOptions &options = {}) {
        return Telling(options).text_of([&](const usm_execute_options *told, char **text) {
            return usm_optimizer_cleanup_preview_json(get(), told, text);
        });
    }
    /** What disk cleanups have put aside and can restore, as JSON. */
    std::string quarantines_json() const { return json_by(usm_optimizer_quarantines_json); }
    /** The folders that grew since the last look, as JSON. */
    std::string growth_json(const std::string &folder, const ExecuteOptions &options = {}) {
        return Telling(options).text_of([&](const usm_execute_options *told, char **text) {
            return usm_optimizer_growth_json(get(), folder.c_str(), told, text);
        });
    }

    std::string profiles_json() const { return json_by(usm_optimizer_profiles_json); }
    std::string current_profile_json() const {
        return json_by(usm_optimizer_current_profile_json);
    }
    std::string profile_json(const std::string &name) const {
        return detail::text_of(
            [&](char **text) { return usm_optimizer_profile_json(get(), name.c_str(), text); });
    }
    void save_profile(const std::string &json) {
        check(usm_optimizer_save_profile(get(), json.c_str()));
    }
    void apply_profile(const std::string &name) {
        check(usm_optimizer_apply_profile(get(), name.c_str()));
    }
    void delete_profile(const std::string &name) {
        check(usm_optimizer_delete_profile(get(), name.c_str()));
    }

    usm_optimizer *get() const noexcept { return owner_.get(); }

private:
    /** The options as C has them. */
    struct Telling : detail::Telling {
        explicit Telling(const ExecuteOptions &given) : detail::Telling(given.progress) {
            options.dry_run = given.dry_run ? 1 : 0;
            options.allowed_risk = given.allowed_risk;
            options.verify = given.verify ? 1 : 0;
            options.progress = callback();
            options.user_data = static_cast<detail::Telling *>(this);
        }

        template <typename Call>
        std::string text_of(Call call) const {
            char *text = nullptr;
            const usm_status status = call(&options, &text);
            std::unique_ptr<char, void (*)(char *)> owner(text, usm_string_free);
            finish(status);
            return std::string(owner.get());
        }

        usm_execute_options options = USM_EXECUTE_OPTIONS_INIT;
    };

    std::string json_by(usm_status (*give)(const usm_optimizer *, char **)) const {
        return detail::text_of([&](char **text) { return give(get(), text); });
    }

    detail::Owner<usm_optimizer, usm_optimizer_free> owner_;
};

}  // namespace usm

#endif  // USM_HPP
