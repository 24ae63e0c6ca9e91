// usm.hpp: failures as exceptions and as results, texts that C takes whole or not at all,
// values that may be absent, times of <chrono>.
#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>

#include "check.h"
#include "owning.hpp"
#include "usm.hpp"

#if __cplusplus >= 202002L
#include <ranges>
#include <span>
static_assert(std::ranges::contiguous_range<usm::Numbers>);
static_assert(std::is_constructible_v<std::span<const double>, usm::Column>);
static_assert(std::ranges::input_range<usm::TargetList>);
static_assert(std::ranges::input_range<usm::Replay>);
#endif

using std::chrono::hours;
using std::chrono::system_clock;

static void results_hold_a_value_or_an_error() {
    usm::Result<int> five = 5;
    CHECK(five && five.has_value() && *five == 5 && five.value() == 5 && five.value_or(7) == 5);
    CHECK(five.status() == USM_OK && five.error().status() == USM_OK);
    *five = 6;
    CHECK(*std::move(five) == 6);

    const usm::Result<std::string> none = usm::Error(USM_ERR_IO, 5, "why");
    CHECK(!none && none.status() == USM_ERR_IO && none.error().os_code() == 5);
    CHECK(std::string(none.error().what()) == "why");
    CHECK(none.value_or("instead") == "instead");
    CHECK(usm::Result<std::string>(none).value_or("instead") == "instead");
    CHECK(failure_of([&] { (void)none.value(); }) == USM_ERR_IO);
    CHECK(failure_of([&] { (void)*none; }) == USM_ERR_IO);
    CHECK(failure_of([&] { (void)none->size(); }) == USM_ERR_IO);

    const usm::Result<void> done;
    CHECK(done && done.status() == USM_OK && done.error().os_code() == 0);
    done.value();
    const usm::Result<void> undone = usm::Error(USM_ERR_STORE, 0, "full");
    CHECK(!undone && undone.status() == USM_ERR_STORE);
    CHECK(failure_of([&] { undone.value(); }) == USM_ERR_STORE);
}

static void attempts_give_what_a_call_gives() {
    usm::Config config;
    const usm::Result<std::string> json = usm::attempt([&] { return config.json("max_threads"); });
    CHECK(json && !json->empty());
    const usm::Result<void> set = usm::attempt([&] { config.set("max_threads", -1); });
    CHECK(!set && set.status() == USM_ERR_INVALID_ARGUMENT);
    CHECK(std::string(set.error().what()).find("max_threads") != std::string::npos);
    CHECK(std::string(set.error().name()) == "USM_ERR_INVALID_ARGUMENT");
    // What can only be moved comes through; what is no failure of the library is not kept.
    usm::Result<usm::Detector> detector = usm::attempt([] { return usm::Detector(0.5); });
    CHECK(detector && detector->get() != nullptr);
    const usm::Detector taken = std::move(detector).value();
    CHECK(taken);
    CHECK(!usm::attempt([] { return usm::Detector(7.0); }));
    bool passed = false;
    try {
        (void)usm::attempt([] { throw std::string("mine"); });
    } catch (const std::string &) {
        passed = true;
    }
    CHECK(passed);
}

static void texts_are_taken_whole_or_refused() {
    usm::Config config;
    using namespace std::string_view_literals;
    config.set("log_level", "info").set("log_level"sv, "error"sv);
    config.set(std::string("log_level"), std::string("warning"));
    CHECK(config.json("log_level"sv.substr(0, 9)) == "\"WARNING\"");
    config.set("data_dir", std::filesystem::path("/tmp"));
    CHECK(config.json("data_dir") == "\"/tmp\"");
    CHECK(failure_of([&] { config.load_file(std::filesystem::path("/nonexistent/x.toml")); }) ==
          USM_ERR_NOT_FOUND);
    CHECK(failure_of([&] { config.set("log_level", "info\0error"sv); }) ==
          USM_ERR_INVALID_ARGUMENT);
    CHECK(failure_of([&] { config.set(std::string("log_level\0x", 11), 1); }) ==
          USM_ERR_INVALID_ARGUMENT);
    CHECK(failure_of([&] { config.set("log_level", "\xff"); }) == USM_ERR_INVALID_UTF8);
    CHECK(failure_of([&] { config.set(nullptr, 1); }) == USM_ERR_INVALID_ARGUMENT);
    CHECK(config.json("log_level") == "\"WARNING\"");
    for (const double strange : {std::nan(""), std::numeric_limits<double>::infinity(), -1e300}) {
        CHECK(failure_of([&] { config.set("refresh_interval", strange); }) ==
              USM_ERR_INVALID_ARGUMENT);
    }
}

static void times_are_those_of_chrono() {
    CHECK(usm::Moment(system_clock::time_point()).seconds() == 0.0);
    CHECK(usm::Moment(system_clock::from_time_t(5)).seconds() == 5.0);
    CHECK(usm::time_of(1.5) == usm::Time(std::chrono::milliseconds(1500)));
    CHECK(!usm::time_of(std::nan("")) && !usm::seconds_of(std::nan("")));
    CHECK(usm::seconds_of(60.0) == std::chrono::minutes(1));
    CHECK(usm::parse_duration("1d12h") == hours(36));
    const usm::Time now = system_clock::now();
    CHECK(usm::parse_time("now-1h", now) == usm::Time(now - hours(1)) ||
          usm::parse_time("now-1h", now) - usm::Time(now - hours(1)) <
              std::chrono::milliseconds(1));
    CHECK(usm::parse_time("now") > now - hours(1));
    CHECK(usm::known(1.0) == 1.0 && !usm::known(std::nan("")));
    CHECK(usm::known("text") == std::string_view("text"));
    CHECK(!usm::known(static_cast<const char *>(nullptr)));
}

static void values_that_are_absent_are_none(const std::string &folder) {
    usm::Config config;
    config.apply_environment().set("data_dir", folder);
    usm::Monitor monitor(config);
    const usm::Metrics before = monitor.metrics();
    CHECK(!before.time() && !before.value(&usm_metrics::cpu_percent));
    CHECK(!before.value(&usm_metrics::process_count));
    sample(monitor);
    const usm::Metrics metrics = monitor.metrics();
    CHECK(metrics.time() == usm::time_of(metrics.timestamp));
    // Of each a number, else every value would be shifted.
    CHECK(metrics.value(&usm_metrics::memory_percent) == metrics.memory_percent);
    CHECK(metrics.value(&usm_metrics::process_count) == metrics.process_count);
    CHECK(metrics.value(&usm_metrics::sequence) == metrics.sequence);
    usm::Metrics made;
    made.present = std::uint64_t{1} << USM_METRIC_SECURITY_SCORE;
    made.security_score = 7.0;
    CHECK(made.value(&usm_metrics::security_score) == 7.0);
    CHECK(!made.value(&usm_metrics::performance_score));
    made.present = std::uint64_t{1} << USM_METRIC_PRESSURE_IO_FULL_PERCENT |
                   std::uint64_t{1} << USM_METRIC_LOGICAL_CPUS;
    CHECK(made.value(&usm_metrics::pressure_io_full_percent) == 0.0);
    CHECK(made.value(&usm_metrics::logical_cpus) == std::uint64_t{0});
    CHECK(!made.value(&usm_metrics::pressure_io_some_percent));
    CHECK(!made.value(&usm_metrics::effective_cpus));

    usm::Process process = monitor.top_processes(USM_ORDER_PID, 1).at(0);
    CHECK(process.value(&usm_process::pid) == process.pid && !process.program().empty());
    CHECK(process.value(&usm_process::threads) && process.started());
    process.present = 0;
    process.cpu_core_percent = std::nan("");
    CHECK(!process.value(&usm_process::uid) && !process.value(&usm_process::threads));
    CHECK(!process.value(&usm_process::nice) && !process.user_name());
    CHECK(!process.value(&usm_process::cpu_core_percent));
    CHECK(process.value(&usm_process::rss_bytes) == process.rss_bytes);
}

int main(int argc, char **argv) {
    const std::string folder = test_folder(argc, argv);
    results_hold_a_value_or_an_error();
    attempts_give_what_a_call_gives();
    texts_are_taken_whole_or_refused();
    times_are_those_of_chrono();
    values_that_are_absent_are_none(folder);
    CHECK(std::string(usm::severity_name(USM_SEVERITY_HIGH)) == "high");
    CHECK(std::string(usm::alert_severity_name(USM_ALERT_SEVERITY_INFO)) == "info");
    CHECK(std::string(usm::alert_status_name(USM_ALERT_FIRING)) == "firing");
    CHECK(std::string(usm::insight_kind_name(USM_INSIGHT_IO_BOUND)) == "io_bound");
    CHECK(std::string(usm::security_kind_name(USM_SECURITY_LISTENER)) == "listener");
    CHECK(std::string(usm::outcome_name(USM_OUTCOME_LEARNING)) == "learning");
    CHECK(std::string(usm::resource_name(USM_RESOURCE_CPU)) == "cpu");
    CHECK(std::string(usm::level_name(USM_RISK_LOW)) == "low");
    CHECK(std::string(usm::target_metric_name(USM_TARGET_METRIC_CPU_WAIT)) == "cpu_wait");
    CHECK(std::string(usm::action_name(USM_ACTION_SET_BATCH)) == "set_batch");
    CHECK(std::string(usm::verdict_name(USM_VERDICT_HELPED)) == "helped");
    return 0;
}
