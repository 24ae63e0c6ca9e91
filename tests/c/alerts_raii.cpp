// usm.hpp: owners of findings, detectors and forecasters end what they own; alerts through
// the monitor; failures are exceptions.
#include <cmath>
#include <condition_variable>
#include <cstdlib>
#include <mutex>

#include "check.h"
#include "usm.hpp"

static usm::Config config_for(const std::string &folder) {
    usm::Config config;
    config.apply_environment()
        .set("data_dir", folder)
        .set("refresh_interval", 0.1)
        .set("commit_interval", 0.1);
    return config;
}

template <typename Call>
static usm_status failure_of(Call call) {
    try {
        call();
    } catch (const usm::Error &error) {
        return error.status();
    }
    fprintf(stderr, "no exception was thrown\n");
    exit(1);
}

static bool has(const std::string &text, const char *part) {
    return text.find(part) != std::string::npos;
}

static void models() {
    usm::Detector detector;
    usm::Forecaster forecaster(0.0, 100.0);
    for (int minute = 0; minute < 4000; minute++) {
        const double time = 1.7e9 + 60.0 * minute;
        const double value = 50.0 + minute % 7;
        CHECK(!detector.push(time, value).is_anomalous);
        forecaster.push(time, value);
    }
    const double end = 1.7e9 + 60.0 * 4000;
    usm::Detector loaded = usm::Detector::load(detector.save());
    CHECK(loaded.push(end, 500.0).edge == USM_EDGE_BEGAN);
    loaded = std::move(detector);
    CHECK(loaded.push(end, 500.0).is_anomalous == 1);
    CHECK(failure_of([] { usm::Detector strange(2.0); }) == USM_ERR_INVALID_ARGUMENT);
    CHECK(failure_of([] { usm::Detector::load("x"); }) == USM_ERR_MALFORMED);

    const usm::Forecast forecast = forecaster.forecast(std::chrono::hours(1));
    CHECK(forecast.outcome != USM_OUTCOME_LEARNING);
    CHECK(forecast.low_80 >= 0.0 && forecast.high_80 <= 100.0);
    const usm::Forecaster again = usm::Forecaster::load(forecaster.save());
    CHECK(again.forecast(std::chrono::hours(1)).value == forecast.value);
    CHECK(again.time_to(200.0).outcome != USM_OUTCOME_FORECAST);
    CHECK(failure_of([] { usm::Forecaster strange(5.0, 4.0); }) == USM_ERR_INVALID_ARGUMENT);
}

// The alert of a rule among the findings, which must outlive it.
template <typename Findings>
static std::optional<usm::Alert> find(const Findings &findings, const std::string &rule) {
    for (const usm::Alert &alert : findings.alerts()) {
        if (rule == alert.rule) return alert;
    }
    return std::nullopt;
}

static void alerts(const std::string &folder) {
    usm::Monitor monitor(config_for(folder));
    std::mutex lock;
    std::condition_variable changed;
    std::uint64_t id = 0;
    std::string message;
    const usm::Subscription subscription = monitor.subscribe(
        USM_EVENT_BIT(USM_EVENT_ALERT_TRIGGERED), [&](const usm::Event &event) {
            const usm::Alert alert = event.alert();
            if (std::string("ours") != alert.rule) return;
            CHECK(failure_of([&] { event.anomaly(); }) == USM_ERR_INVALID_STATE);
            CHECK(find(event.findings(), "ours")->id == alert.id);
            const std::lock_guard<std::mutex> guard(lock);
            id = alert.id;
            message = alert.message;
            changed.notify_all();
        });
    CHECK(failure_of([&] { monitor.set_alert_rule("name = 'x'"); }) == USM_ERR_INVALID_ARGUMENT);
    CHECK(has(monitor.set_alert_rule("name = 'ours'\nwhen = 'process_count > 0'\n"
                                     "channels = ['log']\nmessage = 'there are {value}'"),
              "process_count > 0"));
    CHECK(has(monitor.alert_rules_json(), "\"ours\""));
    monitor.start();
    {
        std::unique_lock<std::mutex> guard(lock);
        changed.wait(guard, [&] { return id != 0; });
        CHECK(message.find("there are ") == 0);
    }
    usm::Findings findings = monitor.findings();
    CHECK(find(findings, "ours")->is_acknowledged == 0);
    monitor.acknowledge_alert(id, "the test");
    monitor.collect();
    findings = monitor.findings();
    CHECK(std::string("the test") == find(findings, "ours")->acknowledged_by);
    CHECK(find(findings, "ours")->acknowledged_note == nullptr);
    CHECK(has(findings.json(), "\"insights\":"));
    CHECK(find(monitor.state().findings(), "ours")->id == id);
    for (std::size_t i = 0; i < findings.security().size(); i++) {
        CHECK(findings.evidence_of_security(i).size() == findings.security()[i].evidence_count);
    }
    for (std::size_t i = 0; i < findings.insights().size(); i++) {
        CHECK(findings.evidence_of_insight(i).size() == findings.insights()[i].evidence_count);
        CHECK(findings.advice_of_insight(i).size() == findings.insights()[i].advice_count);
    }
    for (std::size_t i = 0; i < findings.incidents().size(); i++) {
        CHECK(!findings.anomalies_of_incident(i).empty());
        CHECK(findings.culprits_of_incident(i).size() == findings.incidents()[i].culprit_count);
    }
    CHECK(failure_of([&] { findings.culprits_of_incident(999); }) == USM_ERR_INVALID_ARGUMENT);
    CHECK(findings.anomalies().size() <= 1000 && findings.forecasts().size() <= 10000);
    CHECK(findings.exhaustion().size() <= 1000);

    const std::uint64_t silence = monitor.silence_alerts("ours", std::chrono::minutes(1), "me");
    CHECK(has(monitor.silences_json(), "\"by\":\"me\""));
    CHECK(monitor.end_silence(silence) && !monitor.end_silence(silence));
    monitor.flush(std::chrono::seconds(60));
    CHECK(has(monitor.alert_history_json(), "\"ours\""));
    CHECK(has(monitor.findings_json(USM_FINDING_ALERT), "\"ours\""));
    CHECK(monitor.notifications_json().front() == '[');
    CHECK(has(monitor.forecast_json("memory_percent", {900.0}), "\"horizon_seconds\":900"));
    CHECK(has(monitor.alert_channels_json(), "\"log\""));
    CHECK(has(monitor.test_alert_channel_json("log"), "\"ok\":true"));
    CHECK(has(monitor.test_alert_rule_json("ours"), "\"firing_percent\":"));
    CHECK(has(monitor.recommend_tools_json("disk full", 1), "\"name\":"));
    CHECK(monitor.recommend_tools_json().front() == '[');
    monitor.answer_tool("ncdu", false);
    CHECK(monitor.tool_analytics_json().front() == '{');
    CHECK(failure_of([&] { monitor.answer_advice("no such", true); }) == USM_ERR_INVALID_ARGUMENT);
    // An exception of the callback comes through the library.
    bool caught = false;
    try {
        monitor.test_alert_rule_json("ours", 0.0, 0.0, [](const usm_progress &) -> bool {
            throw std::runtime_error("enough");
        });
    } catch (const std::runtime_error &error) {
        caught = std::string("enough") == error.what();
    }
    CHECK(caught);
    monitor.enable_alert_rule("ours", false);
    CHECK(monitor.remove_alert_rule("ours") && !monitor.remove_alert_rule("ours"));
}

int main(int argc, char **argv) {
    const std::string folder = test_folder(argc, argv);
    models();
    alerts(folder);
    return 0;
}
