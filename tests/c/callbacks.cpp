// usm.hpp: functions of the program's own are told of events until their subscription ends;
// what they throw never leaves through the library, and they are destroyed exactly once.
#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "check.h"
#include "owning.hpp"
#include "usm.hpp"

static usm::Config config_for(const std::string &folder) {
    usm::Config config;
    config.apply_environment()
        .set("data_dir", folder)
        .set("store_enabled", false)
        .set("refresh_interval", 0.05);
    return config;
}

static constexpr std::uint32_t UPDATES = usm::events(USM_EVENT_STATE_UPDATE);
static_assert(UPDATES == USM_EVENT_BIT(USM_EVENT_STATE_UPDATE));
static_assert(usm::events(0, 3) == 9 && usm::events() == 0);

// Counts, and can be waited for.
class Count {
public:
    void add() {
        const std::lock_guard<std::mutex> guard(lock_);
        count_++;
        changed_.notify_all();
    }
    void wait_for(int wanted) {
        std::unique_lock<std::mutex> guard(lock_);
        changed_.wait(guard, [&] { return count_ >= wanted; });
    }

private:
    std::mutex lock_;
    std::condition_variable changed_;
    int count_ = 0;
};

// Counts how often functions that hold one are destroyed; moved-from ones do not count.
struct Tally {
    explicit Tally(std::atomic<int> *ends) : ends_(ends) {}
    Tally(Tally &&other) noexcept : ends_(std::exchange(other.ends_, nullptr)) {}
    Tally(const Tally &) = delete;
    ~Tally() {
        if (ends_ != nullptr) ++*ends_;
    }
    std::atomic<int> *ends_;
};

static void what_a_function_throws_is_kept_and_handed_on(usm::Monitor &monitor) {
    Count calls, handled;
    std::atomic<int> wrong{0};
    usm::Subscription subscription = monitor.subscribe(
        UPDATES,
        [&, number = 0](const usm::Event &) mutable {
            calls.add();
            if (++number == 2) return;
            throw std::runtime_error("call " + std::to_string(number));
        },
        [&](std::exception_ptr thrown) {
            try {
                std::rethrow_exception(thrown);
            } catch (const std::runtime_error &error) {
                if (std::string(error.what()).find("call ") != 0) wrong++;
            }
            handled.add();
            throw 7;  // A handler that fails is no worse.
        });
    handled.wait_for(3);
    CHECK(wrong == 0 && subscription.failures() >= 2);
    std::string first;
    try {
        subscription.rethrow();
    } catch (const std::runtime_error &error) {
        first = error.what();
    }
    CHECK(first == "call 1");
    subscription.reset();
    CHECK(!subscription && subscription.exception());

    // A failed call of the library inside a function is such an exception as well.
    usm::Subscription strange = monitor.subscribe(UPDATES, [&](const usm::Event &event) {
        calls.add();
        (void)event.alert();
    });
    while (strange.failures() == 0) std::this_thread::yield();
    CHECK(failure_of([&] { strange.rethrow(); }) == USM_ERR_INVALID_STATE);
}

static void functions_are_destroyed_exactly_once(const std::string &folder) {
    std::atomic<int> ends{0};
    const auto function = [&ends] {
        return [tally = Tally(&ends)](const usm::Event &) { (void)tally; };
    };
    {
        usm::Monitor monitor(config_for(folder));
        {
            // A function that can only be moved.
            usm::Subscription subscription = monitor.subscribe(UPDATES, function());
            usm::Subscription moved = std::move(subscription);
            CHECK(!subscription && moved && moved.number() != 0 && ends == 0);
            usm::Subscription &itself = moved;
            moved = std::move(itself);
            CHECK(moved && ends == 0);
            moved = monitor.subscribe(UPDATES, function());
            CHECK(ends == 1);
        }
        CHECK(ends == 2);
        monitor.subscribe(UPDATES, function()).detach();
        CHECK(ends == 2);
        CHECK(failure_of([&] { (void)monitor.subscribe(0, function()); }) ==
              USM_ERR_INVALID_ARGUMENT);
        CHECK(ends == 3);
    }
    CHECK(ends == 4);
    usm::Monitor none(nullptr);
    CHECK(failure_of([&] { (void)none.subscribe(UPDATES, function()); }) ==
          USM_ERR_INVALID_ARGUMENT);
    CHECK(ends == 5);
}

static void an_empty_function_is_refused(usm::Monitor &monitor) {
    const std::function<void(const usm::Event &)> empty;
    CHECK(failure_of([&] { (void)monitor.subscribe(UPDATES, empty); }) ==
          USM_ERR_INVALID_ARGUMENT);
    void (*const null)(const usm::Event &) = nullptr;
    CHECK(failure_of([&] { (void)monitor.subscribe(UPDATES, null); }) ==
          USM_ERR_INVALID_ARGUMENT);
}

static void a_function_may_end_its_own_subscription(usm::Monitor &monitor) {
    std::atomic<int> ends{0}, calls{0};
    std::promise<usm::Subscription> handed;
    std::promise<void> over;
    usm::Subscription subscription = monitor.subscribe(
        UPDATES, [&, own = handed.get_future(), tally = Tally(&ends)](const usm::Event &) mutable {
            (void)tally;
            calls++;
            own.get().reset();
            over.set_value();
        });
    handed.set_value(std::move(subscription));
    over.get_future().get();
    // It is destroyed after it has returned, by the library's thread.
    while (ends == 0) std::this_thread::yield();
    CHECK(calls == 1 && ends == 1);
}

static void a_function_may_end_its_monitor(const std::string &folder) {
    std::atomic<int> ends{0};
    std::promise<void> started, over;
    auto monitor = std::make_unique<usm::Monitor>(config_for(folder));
    usm::Subscription subscription = monitor->subscribe(
        UPDATES,
        [&, begun = started.get_future(), tally = Tally(&ends)](const usm::Event &) mutable {
            (void)tally;
            if (!monitor) return;
            begun.get();
            monitor.reset();
            over.set_value();
        });
    monitor->start();
    started.set_value();
    over.get_future().get();
    while (ends == 0) std::this_thread::yield();
    subscription.reset();
    CHECK(ends == 1);
}

static void a_monitor_given_away_keeps_what_was_subscribed(const std::string &folder) {
    std::atomic<int> ends{0};
    usm::Monitor monitor(config_for(folder));
    usm::Subscription subscription = monitor.subscribe(
        UPDATES, [tally = Tally(&ends)](const usm::Event &) { (void)tally; });
    usm_monitor *given = monitor.release();
    CHECK(given != nullptr && !monitor);
    subscription.reset();
    CHECK(ends == 0);
    usm_monitor_free(&given);
    CHECK(ends == 1);
}

static void many_threads_subscribe_and_end(usm::Monitor &monitor) {
    std::atomic<int> ends{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++) {
        threads.emplace_back([&monitor, &ends] {
            for (int round = 0; round < 5; round++) {
                Count calls;
                const usm::Subscription subscription = monitor.subscribe(
                    UPDATES, [&calls, tally = Tally(&ends)](const usm::Event &event) {
                        (void)tally;
                        if (event.metrics().sequence > 0) calls.add();
                    });
                calls.wait_for(1);
                CHECK(monitor.metrics().sequence > 0 && monitor.state().metrics().sequence > 0);
                monitor.set("refresh_interval", 0.05);
            }
        });
    }
    for (std::thread &thread : threads) thread.join();
    CHECK(ends == 20);
}

int main(int argc, char **argv) {
    const std::string folder = test_folder(argc, argv);
    {
        usm::Monitor monitor(config_for(folder));
        monitor.start();
        what_a_function_throws_is_kept_and_handed_on(monitor);
        an_empty_function_is_refused(monitor);
        a_function_may_end_its_own_subscription(monitor);
        many_threads_subscribe_and_end(monitor);
    }
    functions_are_destroyed_exactly_once(folder);
    a_function_may_end_its_monitor(folder);
    a_monitor_given_away_keeps_what_was_subscribed(folder);
    return 0;
}
