/** Events, and functions of the program's own that are told of them. */
#ifndef USM_EVENT_HPP
#define USM_EVENT_HPP

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "findings.hpp"
#include "metrics.hpp"
#include "parts.hpp"
#include "progress.hpp"
#include "state.hpp"
#include "text.hpp"
#include "time.hpp"

USM_BEGIN_NAMESPACE

/** The mask of some kinds of events: usm::events(USM_EVENT_ALERT_TRIGGERED, ...). */
template <typename... Kinds>
constexpr std::uint32_t events(Kinds... kinds) noexcept {
    return (std::uint32_t{0} | ... | USM_EVENT_BIT(kinds));
}

/** An event inside a callback, not to be kept; a FetchedEvent can be. */
class Event {
public:
    explicit Event(const usm_event *event) noexcept : event_(event), findings_(event) {}
    Event(const Event &) = delete;
    Event &operator=(const Event &) = delete;

    /** USM_EVENT_... */
    std::uint32_t kind() const noexcept { return usm_event_kind(event_); }
    /** The kind by its name. */
    const char *name() const noexcept { return usm_event_kind_name(kind()); }
    /** Seconds since 1970. */
    double timestamp() const noexcept { return usm_event_timestamp(event_); }
    /** When it happened. */
    Time time() const noexcept { return Time(Seconds(timestamp())); }
    /** The event as JSON. */
    std::string json() const {
        return detail::lent([&](const char **text) { return usm_event_json(event_, text); });
    }
    /** The numbers of a state_update; throws Error for another kind. */
    Metrics metrics() const {
        Metrics metrics;
        check(usm_event_metrics(event_, &metrics));
        return metrics;
    }
    /** The alert of an alert_triggered or alert_resolved; throws Error for another kind. */
    Alert alert() const & {
        Alert alert;
        check(usm_event_alert(event_, &alert));
        return alert;
    }
    /** The metric of a performance_anomaly; throws Error for another kind. */
    Anomaly anomaly() const & {
        Anomaly anomaly;
        check(usm_event_anomaly(event_, &anomaly));
        return anomaly;
    }
    /** The advice of a recommendation_generated; throws Error for another kind. */
    Advice advice() const & {
        Advice advice;
        check(usm_event_advice(event_, &advice));
        return advice;
    }
    /** The insight of an insight_opened or insight_closed; throws Error for another kind. */
    Insight insight() const & {
        Insight insight;
        check(usm_event_insight(event_, &insight));
        return insight;
    }
    /** The finding of a security_issue, unless it is a weak_setting(). */
    SecurityFinding security() const & {
        SecurityFinding finding;
        check(usm_event_security(event_, &finding));
        return finding;
    }
    /** The weak setting of a security_issue. */
    WeakSetting weak_setting() const & {
        WeakSetting setting;
        check(usm_event_weak_setting(event_, &setting));
        return setting;
    }
    /** How the database does, of a store_degraded or store_recovered. */
    StoreHealth store_health() const & {
        StoreHealth health;
        check(usm_event_store(event_, &health));
        return health;
    }
    /** Why the sample of a sampling_failed could not be taken. */
    std::string reason() const {
        return detail::lent([&](const char **text) { return usm_event_reason(event_, text); });
    }
    /** The names of the settings of a config_changed. */
    std::vector<std::string> settings() const {
        std::size_t count = 0;
        check(usm_event_setting_count(event_, &count));
        std::vector<std::string> names;
        names.reserve(count);
        for (std::size_t i = 0; i < count; i++) {
            names.emplace_back(detail::lent(
                [&](const char **text) { return usm_event_setting_at(event_, i, text); }));
        }
        return names;
    }
    /** The state of a state_update, which may be kept. */
    State state() const {
        return State(detail::made<usm_state>(
            [&](usm_state **state) { return usm_event_state(event_, state); }));
    }
    /** What it brings; throws Error for a kind that brings no findings. */
    const EventFindings &findings() const & {
        (void)findings_.get();
        return findings_;
    }

    void alert() const && = delete;
    void anomaly() const && = delete;
    void advice() const && = delete;
    void insight() const && = delete;
    void security() const && = delete;
    void weak_setting() const && = delete;
    void store_health() const && = delete;
    void findings() const && = delete;

    const usm_event *get() const noexcept { return event_; }

protected:
    /** Another event, or none. */
    void show(const usm_event *event) noexcept {
        event_ = event;
        findings_ = EventFindings(event);
    }

private:
    const usm_event *event_;
    EventFindings findings_;
};

/** An event that was fetched; its texts live as long as it does. */
class FetchedEvent : public Event {
public:
    /** Takes over an event that usm_event_stream_next() gave. */
    explicit FetchedEvent(usm_event *event) noexcept : Event(event), owner_(event) {}
    FetchedEvent(FetchedEvent &&other) noexcept : FetchedEvent(other.release()) {}
    FetchedEvent &operator=(FetchedEvent &&other) noexcept {
        usm_event *const event = other.release();
        owner_ = Owner(event);
        show(event);
        return *this;
    }

    /** Gives the event away, to be ended by usm_event_free(). */
    [[nodiscard]] usm_event *release() noexcept {
        show(nullptr);
        return owner_.release();
    }
    /** Ends it now. */
    void reset() noexcept {
        show(nullptr);
        owner_.reset();
    }
    /** Whether there is an event. */
    explicit operator bool() const noexcept { return get() != nullptr; }

private:
    using Owner = Handle<usm_event, usm_event_free>;

    Owner owner_;
};

/** Events that are fetched by a thread of the program's own. */
class EventStream : public Handle<usm_event_stream, usm_event_stream_free> {
public:
    using Handle::Handle;

    /** The next event, waited for; nothing when none came in time. Throws when none comes. */
    std::optional<FetchedEvent> next(Seconds timeout) {
        usm_event *event = nullptr;
        const usm_status status = usm_event_stream_next(get(), timeout.count(), &event);
        if (status == USM_ERR_TIMED_OUT) return std::nullopt;
        check(status);
        if (event == nullptr) return std::nullopt;
        return FetchedEvent(event);
    }
    /** How many were dropped since nobody fetched them in time. */
    std::uint64_t dropped() const {
        return detail::given<std::uint64_t>(
            [&](std::uint64_t *dropped) { return usm_event_stream_dropped(get(), dropped); });
    }
};

namespace detail {

/** The handle of a monitor, which its subscriptions know of but do not keep. */
struct SharedMonitor {
    SharedMonitor() noexcept = default;
    ~SharedMonitor() { end(); }
    SharedMonitor(const SharedMonitor &) = delete;
    SharedMonitor &operator=(const SharedMonitor &) = delete;

    void end() noexcept {
        usm_monitor *monitor = handle.exchange(nullptr);
        usm_monitor_free(&monitor);
    }

    std::atomic<usm_monitor *> handle{nullptr};
};

/** What became of the calls of a function; shared by it and its subscription. */
class Outcome {
public:
    void note(std::exception_ptr thrown) noexcept {
        const std::lock_guard<std::mutex> guard(lock_);
        if (!first_) first_ = std::move(thrown);
        failures_++;
    }
    std::exception_ptr first() const noexcept {
        const std::lock_guard<std::mutex> guard(lock_);
        return first_;
    }
    std::uint64_t failures() const noexcept {
        const std::lock_guard<std::mutex> guard(lock_);
        return failures_;
    }

private:
    mutable std::mutex lock_;
    std::exception_ptr first_;
    std::uint64_t failures_ = 0;
};

/** A function that the library calls, and destroys when it will not call it any more. */
template <typename Function>
class Listener {
public:
    Listener(Function function, ExceptionFunction on_exception, std::shared_ptr<Outcome> outcome)
        : function_(std::move(function)),
          on_exception_(std::move(on_exception)),
          outcome_(std::move(outcome)) {}

    static std::int32_t call(const usm_event *event, void *user_data) noexcept {
        auto *listener = static_cast<Listener *>(user_data);
        std::exception_ptr thrown =
            thrown_by([&] { listener->function_(static_cast<const Event &>(Event(event))); });
        if (!thrown) return 0;
        listener->outcome_->note(thrown);
        if (listener->on_exception_) {
            // What the handler itself throws is not told to anybody: the event has failed.
            (void)thrown_by([&] { listener->on_exception_(std::move(thrown)); });
        }
        return 1;
    }
    static void destroy(void *user_data) noexcept { delete static_cast<Listener *>(user_data); }

private:
    Function function_;
    ExceptionFunction on_exception_;
    std::shared_ptr<Outcome> outcome_;
};

}  // namespace detail

/**
 * Ends a subscription when it is destroyed, and waits for a running callback, unless that is
 * the one which destroys it. It may outlive its monitor.
 */
class Subscription {
public:
    Subscription() = default;
    ~Subscription() { reset(); }
    Subscription(Subscription &&other) noexcept
        : monitor_(std::move(other.monitor_)),
          outcome_(std::move(other.outcome_)),
          number_(std::exchange(other.number_, 0)) {}
    Subscription &operator=(Subscription &&other) noexcept {
        Subscription moved(std::move(other));
        std::swap(monitor_, moved.monitor_);
        std::swap(outcome_, moved.outcome_);
        std::swap(number_, moved.number_);
        return *this;
    }
    Subscription(const Subscription &) = delete;
    Subscription &operator=(const Subscription &) = delete;

    /** Ends it now. */
    void reset() noexcept {
        const std::uint64_t number = std::exchange(number_, 0);
        const std::shared_ptr<detail::SharedMonitor> monitor = monitor_.lock();
        monitor_.reset();
        if (monitor && number != 0) {
            // Fails only where there is nothing left to end.
            (void)usm_monitor_unsubscribe(monitor->handle.load(), number);
        }
    }
    /** Lets it last as long as the monitor. */
    void detach() noexcept {
        number_ = 0;
        monitor_.reset();
    }
    /** Its number, for usm_monitor_unsubscribe(); 0 where it was ended or let go. */
    std::uint64_t number() const noexcept { return number_; }
    /** Whether it was neither ended nor let go. */
    explicit operator bool() const noexcept { return number_ != 0; }

    /** How many calls of the function have left by an exception. */
    std::uint64_t failures() const noexcept { return outcome_ ? outcome_->failures() : 0; }
    /** The first exception that the function has thrown, or null. */
    std::exception_ptr exception() const noexcept {
        return outcome_ ? outcome_->first() : nullptr;
    }
    /** Throws on the first exception that the function has thrown, if there is one. */
    void rethrow() const {
        if (const std::exception_ptr thrown = exception()) detail::throw_on(thrown);
    }

private:
    friend class Monitor;
    Subscription(const std::shared_ptr<detail::SharedMonitor> &monitor,
                 std::shared_ptr<detail::Outcome> outcome, std::uint64_t number) noexcept
        : monitor_(monitor), outcome_(std::move(outcome)), number_(number) {}

    std::weak_ptr<detail::SharedMonitor> monitor_;
    std::shared_ptr<detail::Outcome> outcome_;
    std::uint64_t number_ = 0;
};

USM_END_NAMESPACE

#endif  // USM_EVENT_HPP
