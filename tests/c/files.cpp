// usm.hpp: exports, reports, migration, saved settings, the monitor in the background, the log,
// events that are fetched, and what is noted in a monitor.
#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

#include "check.h"
#include "owning.hpp"
#include "usm.hpp"

static bool has(const std::string &text, const char *part) {
    return text.find(part) != std::string::npos;
}

static usm::Config config_for(const std::string &folder) {
    usm::Config config;
    config.apply_environment()
        .set("data_dir", folder)
        .set("refresh_interval", 0.1)
        .set("commit_interval", 0.1);
    return config;
}

static std::string content_of(const std::string &path) {
    std::ostringstream content;
    content << std::ifstream(path).rdbuf();
    return content.str();
}

template <typename Call>
static bool throws_mine(Call call) {
    try {
        call();
    } catch (const std::string &thrown) {
        return thrown == "mine";
    }
    return false;
}

static void exports_and_reports(const std::string &folder) {
    usm::ExportOptions options;
    options.step = std::chrono::seconds(1);
    options.progress = [](const usm_progress &) { return true; };
    const usm::Written written = usm::export_to(folder, folder + "/metrics.csv", options);
    CHECK(written.is_written == 1 && written.rows >= 1 && written.path && written.notes.empty());
    const std::string csv = content_of(*written.path);
    CHECK(csv.size() == written.bytes && has(csv, "cpu_percent"));
    std::string pieces;
    const usm::Written again = usm::export_write(
        folder,
        [&](std::string_view piece) {
            pieces += piece;
            return true;
        },
        options);
    CHECK(pieces == csv && again.bytes == csv.size() && !again.path);
    CHECK(usm::export_text(folder, options) == csv);
    options.since = 1000.0;
    options.until = 2000.0;
    CHECK(!usm::export_text(folder, options));
    CHECK(!usm::export_to(folder, folder + "/none.csv", options).path);
    options = usm::ExportOptions();
    options.kind = 99;
    CHECK(failure_of([&] { (void)usm::export_text(folder, options); }) ==
          USM_ERR_INVALID_ARGUMENT);
    CHECK(failure_of([&] { (void)usm::export_text("/nonexistent/db"); }) == USM_ERR_NOT_FOUND);

    const auto stop = [](std::string_view) { return false; };
    CHECK(failure_of([&] { (void)usm::export_write(folder, stop); }) == USM_ERR_INVALID_STATE);
    CHECK(failure_of([&] { (void)usm::export_write(folder, nullptr); }) ==
          USM_ERR_INVALID_ARGUMENT);
    const auto fail = [](std::string_view) -> bool { throw std::string("mine"); };
    CHECK(throws_mine([&] { (void)usm::export_write(folder, fail); }));
    options = usm::ExportOptions();
    options.progress = [](const usm_progress &) -> bool { throw std::string("mine"); };
    CHECK(throws_mine([&] { (void)usm::export_to(folder, folder + "/thrown.csv", options); }));
    CHECK(!std::filesystem::exists(folder + "/thrown.csv"));

    usm::ReportOptions page;
    page.kind = USM_REPORT_TRENDS;
    const usm::Written report = usm::report_to(folder, folder + "/report.html", page);
    CHECK(report.path && has(content_of(*report.path), "<html"));
    CHECK(has(usm::report_json(folder).value(), "{"));
    page.since = 1000.0;
    page.until = 2000.0;
    CHECK(!usm::report_json(folder, page));
    page.format = USM_FORMAT_CSV;
    CHECK(failure_of([&] { (void)usm::report_to(folder, folder + "/x.csv", page); }) ==
          USM_ERR_UNSUPPORTED);
}

static void migration(const std::string &folder) {
    const auto here = std::filesystem::path(__FILE__).parent_path();
    const auto source = here / "../data/prototype";
    usm::MigrateOptions options;
    options.dry_run = true;
    int steps = 0;
    options.progress = [&](const usm_progress &) { return ++steps > 0; };
    const usm::Migration tried = usm::migrate(source, folder, options);
    CHECK(tried.summary().dry_run == 1 && steps > 0);
    is_owned(usm::migrate(source, folder), [](const usm::Migration &held) {
        CHECK(held.summary().imported > 0 && held.summary().dry_run == 0);
        CHECK(held.files().size() == 9 && has(held.json(), "system_metrics"));
        for (const usm_migrated_table &table : held.tables()) CHECK(table.table != nullptr);
        for (const usm_migrated_reason &reason : held.reasons()) CHECK(reason.count > 0);
    });
    options.progress = [](const usm_progress &) -> bool { throw std::string("mine"); };
    CHECK(throws_mine([&] { (void)usm::migrate(source, folder, options); }));
    CHECK(failure_of([&] { (void)usm::migrate("/nonexistent", folder); }) == USM_ERR_NOT_FOUND);
}

static void saved_settings(const std::string &folder) {
    const usm::SavedSettings saved(folder);
    saved.set("refresh_interval", "7");
    CHECK(has(saved.json(), "\"refresh_interval\":7"));
    CHECK(usm::Config::layered(folder).json("refresh_interval") == "7.0");
    CHECK(usm::Config().apply_saved(folder).json("refresh_interval") == "7.0");
    CHECK(failure_of([&] { saved.set("refresh_interval", "soon"); }) == USM_ERR_INVALID_ARGUMENT);
    CHECK(failure_of([&] { saved.reset(""); }) == USM_ERR_INVALID_ARGUMENT);
    saved.reset("refresh_interval");
    CHECK(!has(saved.json(), "\"refresh_interval\":7"));
    saved.reset_all();
    CHECK(!usm::default_folder().empty() && !usm::SavedSettings().json().empty());
    CHECK(has(usm::settings_json(), "refresh_interval"));
    CHECK(has(usm::metric_names_json(), "cpu_percent") && has(usm::tools_json(), "\"name\""));
    const usm::Scores scores = usm::scores_of("{\"cpu_percent\": 10, \"memory_percent\": 10}");
    CHECK(scores.health > 50.0 && scores.health <= 100.0);
    CHECK(std::isnan(usm::scores_of("{}").health));
    CHECK(failure_of([] { (void)usm::scores_of("[]"); }) == USM_ERR_INVALID_ARGUMENT);
}

static void the_monitor_of_a_folder(const std::string &folder) {
    const usm::Service service(folder);
    CHECK(service.status().running == 0 && !service.status().started());
    CHECK(service.stop(std::chrono::seconds(1)) == USM_SERVICE_NOT_RUNNING);
    CHECK(service.log(5).empty());
    usm::ServiceClaim claim;
    claim.refresh_interval = std::chrono::seconds(3);
    is_owned(usm::ServiceHold::take(folder, claim), [&](usm::ServiceHold &held) {
        held.beat();
        CHECK(service.status().running == 1 && service.status().refresh_interval == 3.0);
    });
    usm::Monitor monitor(config_for(folder));
    sample(monitor);
    usm::ServiceHold hold = usm::ServiceHold::take(folder);
    hold.beat(monitor);
    CHECK(service.status().heard() && service.status().ready == 1);
    CHECK(failure_of([&] { (void)usm::ServiceHold::take(folder); }) == USM_ERR_INVALID_STATE);
    CHECK(!service.start(std::chrono::seconds(1), {"/nonexistent/monitor"}));
    hold.finish("the test asked");
    CHECK(!hold && has(service.status_json(), "the test asked") && service.status().ended());
    CHECK(failure_of([&] {
              (void)service.start(std::chrono::seconds(9), {"/nonexistent/monitor"});
          }) == USM_ERR_NOT_FOUND);
}

static void the_log(const std::string &folder) {
    std::atomic<int> heard{0}, failed{0};
    auto told = std::make_shared<int>(0);
    std::mutex lock;
    std::string said;
    usm::set_log(
        USM_LOG_DEBUG,
        [&, told](const usm_log_message &message) {
            const std::lock_guard<std::mutex> guard(lock);
            said += message.message;
            heard++;
            throw std::runtime_error("mine");
        },
        [&](std::exception_ptr) {
            failed++;
            throw 7;
        });
    usm::Config config = config_for(folder);
    config.set("log_level", "debug");
    {
        usm::Monitor monitor(config);
        monitor.start();
        monitor.wait(0, std::chrono::seconds(200));
    }
    CHECK(told.use_count() == 2);
    usm::reset_log();
    CHECK(told.use_count() == 1 && heard > 0 && failed == heard && !said.empty());
    CHECK(failure_of([told] {
              usm::set_log(99, [told](const usm_log_message &) {});
          }) == USM_ERR_INVALID_ARGUMENT);
    CHECK(told.use_count() == 1);
    const std::function<void(const usm_log_message &)> empty;
    CHECK(failure_of([&] { usm::set_log(USM_LOG_INFO, empty); }) == USM_ERR_INVALID_ARGUMENT);
}

template <typename Object, typename = void>
struct lends_its_alert : std::false_type {};
template <typename Object>
struct lends_its_alert<Object, std::void_t<decltype(std::declval<Object>().alert().id)>>
    : std::true_type {};
static_assert(lends_its_alert<const usm::Event &>::value);
static_assert(!lends_its_alert<usm::FetchedEvent>::value);

static void events_are_fetched(usm::Monitor &monitor) {
    usm::EventStream stream = monitor.events(usm::events(USM_EVENT_STATE_UPDATE));
    CHECK(!stream.next(std::chrono::milliseconds(0)) && stream.dropped() == 0);
    sample(monitor);
    std::optional<usm::FetchedEvent> event = stream.next(std::chrono::seconds(60));
    CHECK(event && *event && event->kind() == USM_EVENT_STATE_UPDATE);
    const std::uint64_t sequence = event->metrics().sequence;
    usm::FetchedEvent moved = std::move(*event);
    CHECK(!*event && event->kind() == USM_EVENT_NONE && moved.metrics().sequence == sequence);
    usm::FetchedEvent &itself = moved;
    moved = std::move(itself);
    CHECK(moved.metrics().sequence == sequence && !moved.findings().json().empty());
    CHECK(failure_of([&] { (void)moved.alert(); }) == USM_ERR_INVALID_STATE);
    usm::FetchedEvent taken(moved.release());
    CHECK(!moved && has(taken.json(), "state_update"));
    taken.reset();
    CHECK(!taken);
    // One that waits is told when the stream's monitor ends.
    is_owned(std::move(stream), [](const usm::EventStream &held) { CHECK(held.dropped() == 0); });
    CHECK(failure_of([&] { (void)monitor.events(0); }) == USM_ERR_INVALID_ARGUMENT);
    CHECK(failure_of([&] { (void)stream.next(std::chrono::seconds(1)); }) ==
          USM_ERR_INVALID_ARGUMENT);
}

static void a_monitor_is_told_and_asked(usm::Monitor &monitor, const std::string &folder) {
    monitor.set_json("{\"refresh_interval\": 5.0}");
    CHECK(monitor.config_json("refresh_interval") == "5.0");
    std::ofstream(folder + "/settings.toml") << "refresh_interval = 6.0\n";
    monitor.load_file(folder + "/settings.toml");
    CHECK(monitor.config_json("refresh_interval") == "6.0");
    CHECK(failure_of([&] { monitor.set_json("{\"refresh_interval\": 0}"); }) ==
          USM_ERR_INVALID_ARGUMENT);
    monitor.note_event("test", "it happened", "info", "tests");
    monitor.note_timing("tests", "nap", std::chrono::milliseconds(20));
    CHECK(has(monitor.components_json(), "nap"));
    monitor.note_state_json("{\"timestamp\": 1700000000.0, \"health_score\": 50.0}");
    monitor.flush(std::chrono::seconds(60));
    CHECK(has(monitor.stored_states_json(1699999999.0, 1700000001.0, 5), "1700000000"));
    CHECK(monitor.recent_states_json().front() == '[');
    CHECK(monitor.store_path() == folder + "/unified_system.db");
    usm::Config without = config_for(folder);
    without.set("store_enabled", false);
    CHECK(!usm::Monitor(without).store_path());
}

int main(int argc, char **argv) {
    const std::string folder = test_folder(argc, argv);
    const std::size_t in_use = usm::handles_in_use();
    {
        usm::Monitor monitor(config_for(folder));
        sample(monitor);
        events_are_fetched(monitor);
        a_monitor_is_told_and_asked(monitor, folder);
    }
    exports_and_reports(folder);
    migration(folder + "/migrated");
    saved_settings(folder + "/saved");
    the_monitor_of_a_folder(folder + "/service");
    the_log(folder);
    CHECK(has(usm::Optimizer::defaults_json(), "verify_seconds"));
    CHECK(usm::handles_in_use() == in_use);
    usm::demand_abi(USM_ABI_VERSION);
    CHECK(failure_of([] { usm::demand_abi(USM_ABI_VERSION + 1); }) == USM_ERR_UNSUPPORTED);
    return 0;
}
