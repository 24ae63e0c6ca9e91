// usm.hpp: every class that stands for a handle owns it once: it is moved, given away, taken
// over and ended, and what it lends is not lent from what is gone.
#include <memory>
#include <type_traits>

#include "check.h"
#include "owning.hpp"
#include "usm.hpp"

// What lends texts or arrays refuses to do so for what is gone at the end of the expression.
template <typename Object, typename = void>
struct lends_alerts : std::false_type {};
template <typename Object>
struct lends_alerts<Object, std::void_t<decltype(std::declval<Object>().alerts().size())>>
    : std::true_type {};
static_assert(lends_alerts<const usm::Findings &>::value);
static_assert(lends_alerts<const usm::EventFindings &>::value);
static_assert(!lends_alerts<usm::Findings>::value);

template <typename Object, typename = void>
struct lends_elements : std::false_type {};
template <typename Object>
struct lends_elements<Object, std::void_t<decltype(std::declval<Object>().at(0).struct_size)>>
    : std::true_type {};
static_assert(lends_elements<const usm::ActionList &>::value);
static_assert(!lends_elements<usm::ActionList>::value);
static_assert(!lends_elements<usm::TargetList>::value);
static_assert(!lends_elements<usm::ExecutionReport>::value);

template <typename Object, typename = void>
struct lends_times : std::false_type {};
template <typename Object>
struct lends_times<Object, std::void_t<decltype(std::declval<Object>().times().size())>>
    : std::true_type {};
static_assert(lends_times<const usm::Table &>::value);
static_assert(!lends_times<usm::Table>::value);

static usm::Config config_for(const std::string &folder) {
    usm::Config config;
    config.apply_environment()
        .set("data_dir", folder)
        .set("refresh_interval", std::chrono::milliseconds(100))
        .set("commit_interval", 0.1);
    return config;
}

static void of_settings() {
    usm::Config config;
    config.set("max_threads", 3);
    is_owned(std::move(config), [](const usm::Config &held) {
        CHECK(held.json("max_threads") == "3");
    });
    CHECK(failure_of([] { usm::Config(nullptr).json(); }) == USM_ERR_INVALID_ARGUMENT);
}

static void of_a_monitor_and_what_it_gives(const std::string &folder) {
    usm::Monitor monitor(config_for(folder));
    sample(monitor);
    is_owned(monitor.state(), [](const usm::State &held) {
        CHECK(held.metrics().sequence >= 1);
    });
    is_owned(monitor.findings(), [](const usm::Findings &held) {
        CHECK(held.json().front() == '{');
    });
    monitor.flush(std::chrono::seconds(60));
    is_owned(monitor.history(), [](const usm::History &held) {
        CHECK(held.query(usm::Query("memory_percent")).rows() >= 1);
    });
    is_owned(monitor.history().query(usm::Query("memory_percent")), [](const usm::Table &held) {
        CHECK(held.rows() >= 1 && held.times()[0] > 1.6e9);
    });
    is_owned(std::move(monitor), [](const usm::Monitor &held) {
        CHECK(held.metrics().sequence >= 1);
    });
}

static void of_models() {
    is_owned(usm::Detector(0.7), [](const usm::Detector &held) {
        CHECK(!held.save().empty());
    });
    is_owned(usm::Forecaster(0.0), [](const usm::Forecaster &held) {
        CHECK(held.forecast(std::chrono::hours(1)).outcome == USM_OUTCOME_LEARNING);
    });
}

static void of_the_optimizer(const std::string &folder) {
    usm::Optimizer optimizer(config_for(folder), "{\"verify_seconds\": 0.2}");
    usm::ActionList actions =
        usm::ActionList::from_json("{\"action_type\": \"set_batch\", \"target_id\": \"1\"}");
    is_owned(optimizer.execute(actions), [](const usm::ExecutionReport &held) {
        CHECK(held.size() == 1 && held.summary().dry_run == 1);
    });
    is_owned(std::move(actions), [](const usm::ActionList &held) { CHECK(held.size() == 1); });
    is_owned(optimizer.analyze(), [](const usm::TargetList &held) {
        CHECK(held.json().front() == '[');
    });
    is_owned(std::move(optimizer), [](const usm::Optimizer &held) {
        CHECK(held.status_json().front() == '{');
    });
}

static void of_recordings(const std::string &folder) {
    const std::string path = folder + "/host.usm";
    usm::Recorder recorder(config_for(folder), path);
    recorder.wait(0, std::chrono::seconds(60));
    is_owned(std::move(recorder), [](const usm::Recorder &held) {
        CHECK(held.state().metrics().sequence >= 1);
    });
    is_owned(usm::Replay(path), [](const usm::Replay &held) { CHECK(held.size() >= 1); });
    is_owned(usm::History(path), [](const usm::History &held) { CHECK(!held.extents().empty()); });

    usm::Recorder finished(config_for(folder), folder + "/second.usm");
    finished.wait(0, std::chrono::seconds(60));
    CHECK(finished.finish().samples >= 1);
    CHECK(!finished && finished.get() == nullptr);
}

// What an owner held ends when another is assigned to it, not when that one is destroyed.
static void what_is_assigned_to_ends_at_once(const std::string &folder) {
    auto told = std::make_shared<int>(0);
    usm::Monitor first(config_for(folder));
    usm::Monitor second(config_for(folder + "/second"));
    usm::Subscription subscription =
        first.subscribe(USM_EVENTS_ALL, [told](const usm::Event &) {});
    CHECK(told.use_count() == 2);
    first = std::move(second);
    CHECK(told.use_count() == 1 && first && !second);
    // Its monitor is gone: nothing is left to be ended.
    subscription.reset();
}

int main(int argc, char **argv) {
    const std::string folder = test_folder(argc, argv);
    usm::demand_abi();
    CHECK(std::string(usm::version()) == USM_VERSION);
    of_settings();
    of_a_monitor_and_what_it_gives(folder);
    of_models();
    of_the_optimizer(folder);
    of_recordings(folder);
    what_is_assigned_to_ends_at_once(folder);
    return 0;
}
