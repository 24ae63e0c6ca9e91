/* Alerts from C: a rule is set, it fires, somebody takes note, it ends; silences, back-tests,
 * channels, and what the database remembers. */
#include <pthread.h>

#include "alerts.h"

/* What a callback has seen, under a lock. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int triggered;
    int resolved;
    int wrong;
    uint64_t id;
    double value;
    double resolved_at;
    uint32_t severity;
    char message[128];
} watcher;

static int32_t look(const usm_event *event, void *user_data) {
    watcher *w = (watcher *)user_data;
    const usm_findings *findings = NULL;
    const usm_findings *again = NULL;
    usm_alert alert;
    usm_alert same;
    usm_anomaly anomaly;
    size_t count = 0;
    usm_alert_init(&alert);
    usm_alert_init(&same);
    usm_anomaly_init(&anomaly);
    pthread_mutex_lock(&w->lock);
    w->wrong += usm_event_alert(event, &alert) != USM_OK;
    w->wrong += usm_event_anomaly(event, &anomaly) != USM_ERR_INVALID_STATE;
    w->wrong += usm_event_findings(event, &findings) != USM_OK;
    w->wrong += usm_event_findings(event, &again) != USM_OK || again != findings;
    w->wrong += usm_findings_alert_count(findings, &count) != USM_OK || count != 1;
    w->wrong += usm_findings_alert_at(findings, 0, &same) != USM_OK || same.rule != alert.rule;
    w->wrong += usm_findings_insight_count(findings, &count) != USM_OK || count != 0;
    if (w->wrong == 0 && strcmp(alert.rule, "ours") == 0) {
        w->triggered += usm_event_kind(event) == USM_EVENT_ALERT_TRIGGERED;
        w->resolved += usm_event_kind(event) == USM_EVENT_ALERT_RESOLVED;
        w->id = alert.id;
        w->value = alert.value;
        w->severity = alert.severity;
        w->resolved_at = alert.resolved_at;
        snprintf(w->message, sizeof w->message, "%s", alert.message);
    }
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    return 0;
}

static void wait_until(watcher *w, const int *counter) {
    pthread_mutex_lock(&w->lock);
    while (*counter == 0 && w->wrong == 0) pthread_cond_wait(&w->changed, &w->lock);
    pthread_mutex_unlock(&w->lock);
    CHECK(w->wrong == 0);
}

/* The newest state after the next sample, in which `ours` is. */
static usm_findings *next(usm_monitor *monitor, usm_alert *alert) {
    usm_findings *findings;
    CHECK_OK(usm_monitor_collect(monitor, NULL));
    findings = findings_of(monitor);
    CHECK(find_alert(findings, "ours", alert));
    return findings;
}

static void rules_are_set_switched_and_removed(usm_monitor *monitor) {
    char *json = NULL;
    int32_t removed = -1;
    CHECK_OK(usm_monitor_alert_rules_json(monitor, &json));
    CHECK(json[0] == '[' && strstr(json, "\"name\":\"CPU\"") != NULL);
    CHECK(strstr(json, "\"ours\"") == NULL);
    usm_string_free(json);
    CHECK_OK(usm_monitor_set_alert_rule(monitor, OURS, &json));
    CHECK(strstr(json, "\"ours\"") != NULL && strstr(json, "process_count > 0") != NULL);
    usm_string_free(json);
    CHECK_OK(usm_monitor_enable_alert_rule(monitor, "CPU", 0));
    CHECK_OK(usm_monitor_alert_rules_json(monitor, &json));
    CHECK(strstr(json, "\"name\":\"ours\"") != NULL);
    usm_string_free(json);
    CHECK_OK(usm_monitor_remove_alert_rule(monitor, "CPU", &removed));
    CHECK(removed == 1);
    CHECK_OK(usm_monitor_remove_alert_rule(monitor, "CPU", &removed));
    CHECK(removed == 0);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                 usm_monitor_set_alert_rule(monitor, "name = 'x'\nwhen = 'cpu_percnt > 5'", &json));
    CHECK_MESSAGE("line 2");
    CHECK_MESSAGE("cpu_percent");
    CHECK(json == NULL);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_monitor_enable_alert_rule(monitor, "ourz", 1));
    CHECK_MESSAGE("ours");
    CHECK_OK(usm_monitor_alert_channels_json(monitor, &json));
    CHECK(json[0] == '{' && strstr(json, "\"console\":\"console\"") != NULL);
    usm_string_free(json);
}

static void an_alert_fires_and_somebody_takes_note(usm_monitor *monitor, watcher *w) {
    const uint64_t id = fire(monitor);
    usm_findings *findings;
    usm_findings *before;
    usm_alert alert;
    char *json = NULL;
    wait_until(w, &w->triggered);
    CHECK(w->id == id && w->severity == USM_ALERT_SEVERITY_CRITICAL && w->value >= 1.0);
    CHECK(strncmp(w->message, "there are ", 10) == 0 && isnan(w->resolved_at));

    before = next(monitor, &alert);
    CHECK(alert.id == id && alert.is_acknowledged == 0 && alert.acknowledged_by == NULL);
    CHECK(alert.severity == USM_ALERT_SEVERITY_CRITICAL && alert.threshold == 0.0);
    CHECK(alert.value >= 1.0 && alert.fired_at >= alert.since && alert.updated_at >= alert.since);
    CHECK(isnan(alert.resolved_at) && isnan(alert.silenced_until));
    CHECK(strcmp(alert.series, "process_count") == 0);
    CHECK_OK(usm_monitor_acknowledge_alert(monitor, id, "the test", "it is meant so"));
    findings = next(monitor, &alert);
    CHECK(alert.is_acknowledged == 1 && alert.acknowledged_at >= alert.since);
    CHECK(strcmp(alert.acknowledged_by, "the test") == 0);
    CHECK(strcmp(alert.acknowledged_note, "it is meant so") == 0);
    CHECK_OK(usm_findings_json(findings, &json));
    CHECK(strstr(json, "\"acknowledged\":{\"by\":\"the test\"") != NULL);
    CHECK(strstr(json, "\"predictions\":") != NULL && strstr(json, "\"correlations\":") != NULL);
    usm_string_free(json);
    usm_findings_free(&findings);
    CHECK(findings == NULL);
    /* What was given before stays as it was. */
    CHECK(find_alert(before, "ours", &alert) && alert.is_acknowledged == 0);
    usm_findings_free(&before);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                 usm_monitor_acknowledge_alert(monitor, id + 12345, "the test", NULL));
}

static void a_silence_covers_an_alert_until_it_ends(usm_monitor *monitor) {
    usm_findings *findings;
    usm_alert alert;
    uint64_t silence = 0;
    int32_t ended = -1;
    char *json = NULL;
    CHECK_OK(usm_monitor_silence_alerts(monitor, "o?rs", NULL, 600.0, "the test", "quiet", &silence));
    CHECK(silence != 0);
    findings = next(monitor, &alert);
    CHECK(alert.silenced_until > alert.since);
    usm_findings_free(&findings);
    CHECK_OK(usm_monitor_silences_json(monitor, &json));
    CHECK(strstr(json, "\"reason\":\"quiet\"") != NULL);
    usm_string_free(json);
    CHECK_OK(usm_monitor_end_silence(monitor, silence, &ended));
    CHECK(ended == 1);
    findings = next(monitor, &alert);
    CHECK(isnan(alert.silenced_until));
    usm_findings_free(&findings);
    CHECK_OK(usm_monitor_end_silence(monitor, silence, &ended));
    CHECK(ended == 0);
    CHECK_OK(usm_monitor_end_silence(monitor, silence, NULL));
    /* One for series with a label that this one has not. */
    CHECK_OK(usm_monitor_silence_alerts(monitor, "*", "{\"mount\": \"/x\"}", 600.0, "the test",
                                        NULL, &silence));
    findings = next(monitor, &alert);
    CHECK(isnan(alert.silenced_until));
    usm_findings_free(&findings);
    CHECK_OK(usm_monitor_end_silence(monitor, silence, NULL));
}

/* Counts what it is told, and ends the work when `user_data` points to 1. */
static int steps;
static int32_t progress(const usm_progress *seen, void *user_data) {
    CHECK(strcmp(seen->stage, "testing") == 0 && seen->done <= seen->total);
    CHECK(seen->total == 1000);
    steps++;
    return *(const int *)user_data;
}

static void a_rule_is_tested_on_what_was(usm_monitor *monitor) {
    int end = 0;
    char *json = NULL;
    CHECK_OK(usm_monitor_flush(monitor, 60.0));
    CHECK_OK(usm_monitor_test_alert_rule_json(monitor, "ours", 0.0, 0.0, progress, &end, &json));
    CHECK(steps >= 1 && strstr(json, "\"firing_percent\":") != NULL);
    CHECK(strstr(json, "\"rule\":\"ours\"") != NULL);
    usm_string_free(json);
    CHECK_OK(usm_monitor_test_alert_rule_json(monitor,
                                              "name = 'never'\nwhen = 'process_count < 0'", 0.0,
                                              0.0, NULL, NULL, &json));
    CHECK(strstr(json, "\"alerts\":[]") != NULL);
    usm_string_free(json);
    end = 1;
    CHECK_STATUS(USM_ERR_INVALID_STATE, usm_monitor_test_alert_rule_json(
                                            monitor, "ours", 0.0, 0.0, progress, &end, &json));
    CHECK(json == NULL);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_monitor_test_alert_rule_json(
                                               monitor, "ourz", 0.0, 0.0, NULL, NULL, &json));
}

static void what_was_is_remembered(usm_monitor *monitor) {
    const double horizons[] = {900.0, 3600.0};
    char *json = NULL;
    CHECK_OK(usm_monitor_flush(monitor, 60.0));
    CHECK_OK(usm_monitor_alert_history_json(monitor, 0.0, 0.0, 0, &json));
    CHECK(strstr(json, "\"rule\":\"ours\"") != NULL);
    usm_string_free(json);
    CHECK_OK(usm_monitor_alert_history_json(monitor, 1.0, 2.0, 10, &json));
    CHECK(strcmp(json, "[]") == 0);
    usm_string_free(json);
    CHECK_OK(usm_monitor_findings_json(monitor, USM_FINDING_ALERT, 0.0, 0.0, 0, 0, &json));
    CHECK(strstr(json, "\"kind\":\"alert\"") != NULL && strstr(json, "\"data\":{") != NULL);
    usm_string_free(json);
    CHECK_OK(usm_monitor_findings_json(monitor, USM_FINDING_INCIDENT, 0.0, 0.0, 1, 5, &json));
    CHECK(json[0] == '[');
    usm_string_free(json);
    CHECK_OK(usm_monitor_notifications_json(monitor, 0.0, 0, &json));
    CHECK(json[0] == '[');
    usm_string_free(json);
    CHECK_OK(usm_monitor_forecast_json(monitor, "memory_percent", horizons, 2, &json));
    CHECK(strstr(json, "\"horizon_seconds\":900") != NULL);
    CHECK(strstr(json, "\"horizon_seconds\":3600") != NULL);
    CHECK(strstr(json, "\"horizon_seconds\":21600") == NULL);
    usm_string_free(json);
    CHECK_OK(usm_monitor_forecast_json(monitor, "memory_percent", NULL, 0, &json));
    CHECK(strstr(json, "\"horizon_seconds\":604800") != NULL);
    usm_string_free(json);
    CHECK_OK(usm_monitor_test_alert_channel_json(monitor, "log", &json));
    CHECK(strstr(json, "\"ok\":true") != NULL);
    usm_string_free(json);
}

static void tools_are_named_for_a_question(usm_monitor *monitor) {
    char *json = NULL;
    CHECK_OK(usm_monitor_tool_analytics_json(monitor, &json));
    CHECK(json[0] == '{');
    usm_string_free(json);
    CHECK_OK(usm_monitor_answer_tool(monitor, "iotop", 1));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_monitor_answer_tool(monitor, "no such", 1));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_monitor_answer_advice(monitor, "no such", 0));
    CHECK_OK(usm_monitor_recommend_tools_json(monitor, "which process writes to the disk", 2, &json));
    CHECK(strstr(json, "\"name\":") != NULL && strstr(json, "\"install_command\":") != NULL);
    usm_string_free(json);
    CHECK_OK(usm_monitor_recommend_tools_json(monitor, NULL, 0, &json));
    CHECK(json[0] == '[');
    usm_string_free(json);
}

static void it_ends_with_its_rule(usm_monitor *monitor, watcher *w) {
    CHECK_OK(usm_monitor_set_alert_rule(
        monitor, "name = 'ours'\nwhen = 'process_count < 0'\nchannels = ['log']", NULL));
    wait_until(w, &w->resolved);
    CHECK(w->resolved == 1 && w->resolved_at > 0.0);
}

/* The structs agree with the counts, whatever this machine has found. */
static void every_finding_can_be_read(const usm_monitor *monitor) {
    usm_findings *findings = findings_of(monitor);
    usm_state *state = NULL;
    usm_findings *of_state = NULL;
    usm_security_finding security;
    usm_insight insight;
    usm_incident incident;
    usm_anomaly anomaly;
    usm_forecast forecast;
    usm_exhaustion exhaustion;
    const char *text = NULL;
    size_t count = 0;
    size_t of_state_count = 0;
    size_t i;
    CHECK_OK(usm_findings_security_count(findings, &count));
    for (i = 0; i < count; i++) {
        uint64_t place;
        usm_security_finding_init(&security);
        CHECK_OK(usm_findings_security_at(findings, i, &security));
        CHECK(security.kind <= USM_SECURITY_WEAK_SETTING && security.since > 1e9);
        CHECK(strncmp(security.id, usm_security_kind_name(security.kind),
                      strlen(usm_security_kind_name(security.kind))) == 0);
        for (place = 0; place < security.evidence_count; place++) {
            CHECK_OK(usm_findings_security_evidence_at(findings, i, (size_t)place, &text));
            CHECK(text[0] != '\0');
        }
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                     usm_findings_security_evidence_at(findings, i, (size_t)place, &text));
        CHECK(text == NULL);
    }
    usm_security_finding_init(&security);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_findings_security_at(findings, count, &security));
    CHECK_OK(usm_findings_insight_count(findings, &count));
    usm_insight_init(&insight);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_findings_insight_at(findings, count, &insight));
    CHECK_OK(usm_findings_incident_count(findings, &count));
    usm_incident_init(&incident);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_findings_incident_at(findings, count, &incident));
    CHECK_OK(usm_findings_anomaly_count(findings, &count));
    usm_anomaly_init(&anomaly);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_findings_anomaly_at(findings, count, &anomaly));
    CHECK_OK(usm_findings_forecast_count(findings, &count));
    usm_forecast_init(&forecast);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_findings_forecast_at(findings, count, &forecast));
    CHECK_OK(usm_findings_exhaustion_count(findings, &count));
    usm_exhaustion_init(&exhaustion);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                 usm_findings_exhaustion_at(findings, count, &exhaustion));

    CHECK_OK(usm_monitor_state(monitor, &state));
    CHECK_OK(usm_state_findings(state, &of_state));
    usm_state_free(&state);
    CHECK_OK(usm_findings_security_count(findings, &count));
    CHECK_OK(usm_findings_security_count(of_state, &of_state_count));
    CHECK(count == of_state_count);
    usm_findings_free(&of_state);
    usm_findings_free(&findings);
}

int main(int argc, char **argv) {
    const uint32_t kinds =
        USM_EVENT_BIT(USM_EVENT_ALERT_TRIGGERED) | USM_EVENT_BIT(USM_EVENT_ALERT_RESOLVED);
    usm_monitor *monitor = test_monitor(test_folder(argc, argv));
    usm_findings *findings;
    usm_alert alert;
    watcher w;
    memset(&w, 0, sizeof w);
    CHECK(pthread_mutex_init(&w.lock, NULL) == 0);
    CHECK(pthread_cond_init(&w.changed, NULL) == 0);
    CHECK_OK(usm_monitor_subscribe(monitor, kinds, look, &w, NULL, NULL));
    findings = findings_of(monitor);
    CHECK(!find_alert(findings, "ours", &alert));
    usm_findings_free(&findings);
    rules_are_set_switched_and_removed(monitor);
    an_alert_fires_and_somebody_takes_note(monitor, &w);
    a_silence_covers_an_alert_until_it_ends(monitor);
    every_finding_can_be_read(monitor);
    a_rule_is_tested_on_what_was(monitor);
    what_was_is_remembered(monitor);
    tools_are_named_for_a_question(monitor);
    it_ends_with_its_rule(monitor, &w);
    usm_monitor_free(&monitor);
    pthread_cond_destroy(&w.changed);
    pthread_mutex_destroy(&w.lock);
    return 0;
}
