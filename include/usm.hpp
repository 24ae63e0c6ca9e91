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

/** The numbers of a state; a plain usm_metrics that knows its size. */
struct Metrics : usm_metrics {
    Metrics() noexcept : usm_metrics() { usm_metrics_init(this); }

    /** Whether a value is known: bit is one of USM_METRIC_... */
    bool has(std::uint32_t bit) const noexcept { return usm_metrics_has(this, bit) != 0; }
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

}  // namespace usm

#endif  // USM_HPP
