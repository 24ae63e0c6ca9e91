// usm.hpp: owners end what they own, failures are exceptions, callbacks are functions.
#include <atomic>
#include <future>
#include <thread>

#include "check.h"
#include "usm.hpp"

static usm::Config config_for(const std::string &folder) {
    usm::Config config;
    config.apply_environment()
        .set("data_dir", folder)
        .set("refresh_interval", 0.1)
        .set("max_threads", 2)
        .set("enable_alerts", false)
        .set("log_level", "error");
    return config;
}

template <typename Call>
static usm::Error failure_of(Call call) {
    try {
        call();
    } catch (const usm::Error &error) {
        return error;
    }
    fprintf(stderr, "no exception was thrown\n");
    exit(1);
}

static void settings_and_errors(const std::string &folder) {
    usm::Config config = config_for(folder);
    CHECK(config.json("max_threads") == "2");
    CHECK(config.json().find("\"enable_alerts\":false") != std::string::npos);
    config.set_json("{\"max_threads\": 3}");
    CHECK(config.json("max_threads") == "3");

    const usm::Error error = failure_of([&] { config.set("refresh_interval", -1.0); });
    CHECK(error.status() == USM_ERR_INVALID_ARGUMENT && error.os_code() == 0);
    CHECK(std::string(error.name()) == "USM_ERR_INVALID_ARGUMENT");
    CHECK(std::string(error.what()).find("refresh_interval: -1") == 0);
    CHECK(failure_of([&] { config.load_file("/nonexistent/file"); }).os_code() == 2);

    usm::Config moved = std::move(config);
    CHECK(config.get() == nullptr && moved.get() != nullptr);
    config = std::move(moved);
    CHECK(config.get() != nullptr);
}

static void states_and_processes(usm::Monitor &monitor) {
    CHECK(!monitor.is_active());
    CHECK(monitor.metrics().sequence == 0);
    CHECK(monitor.collect() == 1);
    const usm::Metrics metrics = monitor.metrics();
    CHECK(metrics.has(USM_METRIC_MEMORY_PERCENT) && metrics.memory_percent > 0.0);
    CHECK(monitor.top_processes(USM_ORDER_PID, 1).size() == 1);
    CHECK(monitor.top_processes(USM_ORDER_MEMORY, 100000).size() >= 1);
    CHECK(monitor.top_processes(USM_ORDER_CPU, 0).empty());
    monitor.start();
    CHECK(monitor.is_active());
    CHECK(monitor.wait(1, std::chrono::seconds(20)) > 1);
    monitor.set("refresh_interval", 0.05);
    monitor.set("log_level", std::string("INFO"));
    monitor.set("process_io", false);
    CHECK(monitor.config_json().find("\"refresh_interval\":0.05") != std::string::npos);
    CHECK(monitor.state_json().front() == '{');
    CHECK(monitor.report_json().front() == '{');
    CHECK(monitor.doctor_json().front() == '{');
    monitor.flush(std::chrono::seconds(20));
    const usm::Error error =
        failure_of([&] { monitor.wait(UINT64_MAX, std::chrono::milliseconds(1)); });
    CHECK(error.status() == USM_ERR_TIMED_OUT);
}

static void functions_are_called_until_their_subscription_ends(usm::Monitor &monitor) {
    auto owned = std::make_shared<int>(7);
    std::promise<std::uint64_t> seen;
    std::atomic<int> calls{0};
    {
        usm::Subscription subscription = monitor.subscribe(
            USM_EVENT_BIT(USM_EVENT_STATE_UPDATE), [&, owned](const usm::Event &event) {
                CHECK(event.kind() == USM_EVENT_STATE_UPDATE && event.timestamp() > 1.6e9);
                CHECK(std::string(event.name()) == "state_update");
                CHECK(event.json().find("state_update") != std::string::npos);
                if (calls++ == 0) seen.set_value(event.metrics().sequence);
                throw std::runtime_error("counted as a failure");
            });
        CHECK(seen.get_future().get() >= 1);
        CHECK(owned.use_count() == 2);
    }
    // The subscription is over: nothing runs, and what the function held is gone.
    CHECK(owned.use_count() == 1);

    const usm::Error refused = failure_of(
        [&] { auto unused = monitor.subscribe(0, [owned](const usm::Event &) {}); });
    CHECK(refused.status() == USM_ERR_INVALID_ARGUMENT);
    CHECK(owned.use_count() == 1);
}

static void a_subscription_may_outlive_its_monitor(const std::string &folder) {
    auto owned = std::make_shared<int>(7);
    usm::Subscription subscription;
    {
        usm::Monitor monitor(config_for(folder));
        subscription = monitor.subscribe(USM_EVENTS_ALL, [owned](const usm::Event &) {});
        monitor.subscribe(USM_EVENTS_ALL, [owned](const usm::Event &) {}).detach();
        usm::Monitor moved = std::move(monitor);
        moved.collect();
    }
    CHECK(owned.use_count() == 1);
    subscription.reset();
}

int main(int argc, char **argv) {
    const std::string folder = test_folder(argc, argv);
    settings_and_errors(folder);
    {
        usm::Monitor monitor(config_for(folder));
        states_and_processes(monitor);
        functions_are_called_until_their_subscription_ends(monitor);
        monitor.stop();
    }
    a_subscription_may_outlive_its_monitor(folder);
    return 0;
}
