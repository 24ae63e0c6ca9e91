/** A monitor of this host. */
#ifndef USM_MONITOR_HPP
#define USM_MONITOR_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "config.hpp"
#include "event.hpp"
#include "findings.hpp"
#include "history.hpp"
#include "metrics.hpp"
#include "parts.hpp"
#include "progress.hpp"
#include "state.hpp"
#include "text.hpp"
#include "time.hpp"

USM_BEGIN_NAMESPACE

/** A monitor of this host; every method may be called from any thread. */
class Monitor {
public:
    /** With the defaults and what the environment says. */
    Monitor() : Monitor(Made{}, nullptr) {}
    /** With settings, which are copied. */
    explicit Monitor(const Config &config) : Monitor(Made{}, config.get()) {}
    /** Takes over a monitor that a function of C has made. */
    explicit Monitor(usm_monitor *monitor) : shared_(std::make_shared<detail::SharedMonitor>()) {
        shared_->handle = monitor;
    }
    Monitor(Monitor &&) noexcept = default;
    Monitor &operator=(Monitor &&) noexcept = default;
    Monitor(const Monitor &) = delete;
    Monitor &operator=(const Monitor &) = delete;

    /** The handle, for functions of C; it stays the owner's. */
    usm_monitor *get() const noexcept { return shared_ ? shared_->handle.load() : nullptr; }
    /** Gives the handle away, to be ended by usm_monitor_free(). Subscriptions end with it. */
    [[nodiscard]] usm_monitor *release() noexcept {
        return shared_ ? shared_->handle.exchange(nullptr) : nullptr;
    }
    /** Ends it now; not while another thread uses it. */
    void reset() noexcept {
        if (shared_) shared_->end();
    }
    /** Whether there is a monitor. */
    explicit operator bool() const noexcept { return get() != nullptr; }

    void start() { check(usm_monitor_start(get())); }
    void stop() { check(usm_monitor_stop(get())); }
    bool is_active() const {
        return detail::given<std::int32_t>([&](std::int32_t *active) {
                   return usm_monitor_is_active(get(), active);
               }) != 0;
    }

    /** Takes a sample now; returns the number of its state. */
    std::uint64_t collect() {
        return detail::given<std::uint64_t>(
            [&](std::uint64_t *sequence) { return usm_monitor_collect(get(), sequence); });
    }
    /** Waits for a state newer than a given one; returns the number of the newest. */
    std::uint64_t wait(std::uint64_t after_sequence, Seconds timeout) const {
        return detail::given<std::uint64_t>([&](std::uint64_t *sequence) {
            return usm_monitor_wait(get(), after_sequence, timeout.count(), sequence);
        });
    }
    /** Waits until everything measured so far is in the database. */
    void flush(Seconds timeout) { check(usm_monitor_flush(get(), timeout.count())); }

    /** Changes a setting while it runs. */
    template <typename Value>
    void set(const Text &name, const Value &value) {
        check(detail::set(get(), name.c_str(), value, usm_monitor_set_bool, usm_monitor_set_number,
                          usm_monitor_set_text));
    }
    /** Changes what a JSON object holds while it runs: all of it, or nothing. */
    void set_json(const Text &json) { check(usm_monitor_set_json(get(), json.c_str())); }
    /** Changes what a TOML or JSON file holds while it runs: all of it, or nothing. */
    void load_file(const Text &path) { check(usm_monitor_load_file(get(), path.c_str())); }

    /** The numbers of the newest state. */
    Metrics metrics() const {
        Metrics metrics;
        check(usm_monitor_metrics(get(), &metrics));
        return metrics;
    }
    /** The newest state, which stays as it is while the monitor goes on. */
    State state() const {
        return State(detail::made<usm_state>(
            [&](usm_state **state) { return usm_monitor_state(get(), state); }));
    }
    /** What it remembers; throws Error when it is used after the monitor has ended. */
    History history() const {
        return History(detail::made<usm_history>(
            [&](usm_history **history) { return usm_monitor_history(get(), history); }));
    }
    /** The first processes in an order (USM_ORDER_...), at most `limit`. */
    std::vector<Process> top_processes(std::uint32_t order, std::size_t limit) const {
        return detail::top_processes(get(), usm_monitor_top_processes, order, limit);
    }
    /** The newest state as JSON. */
    std::string state_json() const { return json_by(usm_monitor_state_json); }
    /** The comprehensive report as JSON. */
    std::string report_json() const { return json_by(usm_monitor_report_json); }
    /** What can be read on this host and what can't, as JSON. */
    std::string doctor_json() const { return json_by(usm_monitor_doctor_json); }
    /** Its parts, which of them work, and how long their operations take, as JSON. */
    std::string components_json() const { return json_by(usm_monitor_components_json); }
    /** The states that it keeps in memory as JSON, the oldest first. */
    std::string recent_states_json() const { return json_by(usm_monitor_recent_states_json); }
    /** The states that its database holds as JSON, the newest first; 0 for no bound. */
    std::string stored_states_json(Moment since, Moment until, std::size_t limit) const {
        return detail::text_of([&](char **text) {
            return usm_monitor_stored_states_json(get(), since.seconds(), until.seconds(), limit,
                                                  text);
        });
    }
    /** The database in which it keeps what it sees; nothing where it stores nothing. */
    std::optional<std::string> store_path() const {
        return detail::text_if_any(
            [&](char **text) { return usm_monitor_store_path(get(), text); });
    }
    /** Notes something that happened in the program; see usm_monitor_note_event(). */
    void note_event(const Text &event_type, const Text &message, const Text &severity,
                    const Text &component) {
        check(usm_monitor_note_event(get(), event_type.c_str(), message.c_str(), severity.c_str(),
                                     component.c_str()));
    }
    /** Notes how long an operation of the program's own took. */
    void note_timing(const Text &component, const Text &operation, Seconds time) {
        check(usm_monitor_note_timing(get(), component.c_str(), operation.c_str(), time.count()));
    }
    /** Notes a state that was not taken by this monitor; see usm_monitor_note_state_json(). */
    void note_state_json(const Text &json) {
        check(usm_monitor_note_state_json(get(), json.c_str()));
    }
    /** What is too dear to be read of every process. */
    ProcessExtra process_extra(std::int32_t pid) const {
        ProcessExtra extra;
        check(usm_monitor_process_extra(get(), pid, &extra.pss_bytes, &extra.open_files));
        return extra;
    }
    /** The settings in force; a change of them does not reach the monitor. */
    Config config() const {
        return Config(detail::made<usm_config>(
            [&](usm_config **config) { return usm_monitor_config(get(), config); }));
    }
    /** A switch in force. */
    bool flag(const Text &name) const {
        return detail::given<std::int32_t>([&](std::int32_t *value) {
                   return usm_monitor_get_bool(get(), name.c_str(), value);
               }) != 0;
    }
    /** A number in force. */
    double number(const Text &name) const {
        return detail::given<double>(
            [&](double *value) { return usm_monitor_get_number(get(), name.c_str(), value); });
    }
    /** Any setting in force as text; nothing for a path that is not set. */
    std::optional<std::string> text(const Text &name) const {
        return detail::text_if_any(
            [&](char **value) { return usm_monitor_get_text(get(), name.c_str(), value); });
    }
    /** The settings in force as JSON. */
    std::string config_json() const {
        return detail::text_of(
            [&](char **text) { return usm_monitor_config_json(get(), nullptr, text); });
    }
    /** A setting in force as JSON. */
    std::string config_json(const Text &name) const {
        return detail::text_of(
            [&](char **text) { return usm_monitor_config_json(get(), name.c_str(), text); });
    }

    /** What was found in the newest state. */
    Findings findings() const {
        return Findings(detail::made<usm_findings>(
            [&](usm_findings **findings) { return usm_monitor_findings(get(), findings); }));
    }
    /** Findings of the past (kind: USM_FINDING_...) as JSON; 0 for no bound. */
    std::string findings_json(std::uint32_t kind, Moment since = 0.0, Moment until = 0.0,
                              bool open_only = false, std::size_t limit = 0) const {
        return detail::text_of([&](char **text) {
            return usm_monitor_findings_json(get(), kind, since.seconds(), until.seconds(),
                                             open_only ? 1 : 0, limit, text);
        });
    }
    /** Forecasts worked out of the history as JSON; without horizons those of the state. */
    std::string forecast_json(const Text &selector,
                              const std::vector<double> &horizons = {}) const {
        return detail::text_of([&](char **text) {
            return usm_monitor_forecast_json(get(), selector.c_str(), horizons.data(),
                                             horizons.size(), text);
        });
    }

    /** Tools that would show more of what was asked and of what is wrong now, as JSON. */
    std::string recommend_tools_json(const Text &query = nullptr, std::size_t limit = 0) const {
        return detail::text_of([&](char **text) {
            return usm_monitor_recommend_tools_json(get(), query.c_str(), limit, text);
        });
    }
    /** Takes note that a recommended tool was used, or turned down. */
    void answer_tool(const Text &name, bool is_taken) {
        check(usm_monitor_answer_tool(get(), name.c_str(), is_taken ? 1 : 0));
    }
    /** How often tools were recommended, as JSON. */
    std::string tool_analytics_json() const { return json_by(usm_monitor_tool_analytics_json); }
    /** Takes note that an advice was followed, or turned down. */
    void answer_advice(const Text &id, bool is_taken) {
        check(usm_monitor_answer_advice(get(), id.c_str(), is_taken ? 1 : 0));
    }

    /** The rules of alerts as JSON. */
    std::string alert_rules_json() const { return json_by(usm_monitor_alert_rules_json); }
    /** Adds or replaces a rule; returns it as JSON, as it was understood. */
    std::string set_alert_rule(const Text &toml) {
        return detail::text_of(
            [&](char **text) { return usm_monitor_set_alert_rule(get(), toml.c_str(), text); });
    }
    void enable_alert_rule(const Text &name, bool enabled) {
        check(usm_monitor_enable_alert_rule(get(), name.c_str(), enabled ? 1 : 0));
    }
    /** False where the database has none of this name. */
    bool remove_alert_rule(const Text &name) {
        return detail::given<std::int32_t>([&](std::int32_t *removed) {
                   return usm_monitor_remove_alert_rule(get(), name.c_str(), removed);
               }) != 0;
    }
    /** Takes note of an alert. */
    void acknowledge_alert(std::uint64_t id, const Text &by, const Text &note = "") {
        check(usm_monitor_acknowledge_alert(get(), id, by.c_str(), note.c_str_or_null()));
    }
    /** Tells nobody of some alerts for a time; returns the number of the silence. */
    std::uint64_t silence_alerts(const Text &rule, Seconds time, const Text &by,
                                 const Text &reason = "", const Text &labels_json = "{}") {
        return detail::given<std::uint64_t>([&](std::uint64_t *id) {
            return usm_monitor_silence_alerts(get(), rule.c_str(), labels_json.c_str(),
                                              time.count(), by.c_str(), reason.c_str_or_null(),
                                              id);
        });
    }
    /** False for a number that there is not. */
    bool end_silence(std::uint64_t id) {
        return detail::given<std::int32_t>([&](std::int32_t *ended) {
                   return usm_monitor_end_silence(get(), id, ended);
               }) != 0;
    }
    /** The silences in force as JSON. */
    std::string silences_json() const { return json_by(usm_monitor_silences_json); }
    /** Alerts of the past as JSON; 0 for no bound. */
    std::string alert_history_json(Moment since = 0.0, Moment until = 0.0,
                                   std::size_t limit = 0) const {
        return detail::text_of([&](char **text) {
            return usm_monitor_alert_history_json(get(), since.seconds(), until.seconds(), limit,
                                                  text);
        });
    }
    /** When a rule would have fired, as JSON; the function returns false to end the test. */
    std::string test_alert_rule_json(const Text &name_or_toml, Moment since = 0.0,
                                     Moment until = 0.0,
                                     const ProgressFunction &progress = nullptr) const {
        detail::Telling telling(progress);
        char *text = nullptr;
        const usm_status status = usm_monitor_test_alert_rule_json(
            get(), name_or_toml.c_str(), since.seconds(), until.seconds(), telling.callback(),
            telling.user_data(), &text);
        std::string json = detail::take(text);
        telling.finish(status);
        return json;
    }
    /** The channels as JSON. */
    std::string alert_channels_json() const { return json_by(usm_monitor_alert_channels_json); }
    /** Sends a message of test; returns as JSON what became of it. */
    std::string test_alert_channel_json(const Text &channel) const {
        return detail::text_of([&](char **text) {
            return usm_monitor_test_alert_channel_json(get(), channel.c_str(), text);
        });
    }
    /** Who was told of what as JSON; 0 for no bound. */
    std::string notifications_json(Moment since = 0.0, std::size_t limit = 0) const {
        return detail::text_of([&](char **text) {
            return usm_monitor_notifications_json(get(), since.seconds(), limit, text);
        });
    }

    /** Subscribes to events that a thread of the program's own fetches. */
    [[nodiscard]] EventStream events(std::uint32_t kinds_mask) {
        return EventStream(detail::made<usm_event_stream>([&](usm_event_stream **stream) {
            return usm_monitor_events(get(), kinds_mask, stream);
        }));
    }
    /**
     * Subscribes a function of `const Event &` to kinds of events (usm::events(), or
     * USM_EVENTS_ALL). It is called on a thread of the library's, one event after the other.
     * An exception that it throws is counted as a failure, kept in the subscription, and
     * handed to `on_exception` on that thread. Keep the result: the subscription ends with it.
     */
    template <typename Function>
    [[nodiscard]] Subscription subscribe(std::uint32_t kinds_mask, Function &&function,
                                         ExceptionFunction on_exception = nullptr) {
        using Listener = detail::Listener<std::decay_t<Function>>;
        const bool is_empty = detail::is_empty(function);
        auto outcome = std::make_shared<detail::Outcome>();
        auto listener = std::make_unique<Listener>(std::forward<Function>(function),
                                                   std::move(on_exception), outcome);
        // From here on the library destroys it, also when it refuses the subscription.
        void *const user_data = listener.release();
        std::uint64_t number = 0;
        check(usm_monitor_subscribe(get(), kinds_mask, is_empty ? nullptr : &Listener::call,
                                    user_data, &Listener::destroy, &number));
        return Subscription(shared_, std::move(outcome), number);
    }

private:
    struct Made {};
    Monitor(Made, const usm_config *config)
        : shared_(std::make_shared<detail::SharedMonitor>()) {
        shared_->handle = detail::made<usm_monitor>(
            [&](usm_monitor **monitor) { return usm_monitor_new(config, monitor); });
    }

    std::string json_by(usm_status (*give)(const usm_monitor *, char **)) const {
        return detail::text_of([&](char **text) { return give(get(), text); });
    }

    std::shared_ptr<detail::SharedMonitor> shared_;
};

USM_END_NAMESPACE

#endif  // USM_MONITOR_HPP
