/* Wrong arguments and wrong handles in calls of the judgement: each is answered by a status and
 * a message, and nothing else happens. */
#include "alerts.h"

static const usm_status invalid = USM_ERR_INVALID_ARGUMENT;

static void null_is_answered_by_findings(usm_monitor *monitor, const usm_findings *findings) {
    usm_findings *made = (usm_findings *)(void *)&made;
    const usm_findings *lent = (const usm_findings *)(const void *)&made;
    usm_alert alert;
    usm_anomaly anomaly;
    usm_incident incident;
    usm_incident_culprit culprit;
    usm_insight insight;
    usm_evidence evidence;
    usm_forecast forecast;
    usm_exhaustion exhaustion;
    usm_security_finding security;
    const char *text = (const char *)&made;
    char *json = (char *)&made;
    size_t count = 0;
    usm_alert_init(&alert);
    usm_anomaly_init(&anomaly);
    usm_incident_init(&incident);
    usm_incident_culprit_init(&culprit);
    usm_insight_init(&insight);
    usm_evidence_init(&evidence);
    usm_forecast_init(&forecast);
    usm_exhaustion_init(&exhaustion);
    usm_security_finding_init(&security);
    CHECK_STATUS(invalid, usm_monitor_findings(NULL, &made));
    CHECK(made == NULL);
    CHECK_STATUS(invalid, usm_monitor_findings(monitor, NULL));
    CHECK_STATUS(invalid, usm_state_findings(NULL, &made));
    CHECK_STATUS(invalid, usm_event_findings(NULL, &lent));
    CHECK(lent == NULL);
    CHECK_STATUS(invalid, usm_event_alert(NULL, &alert));
    CHECK_STATUS(invalid, usm_event_anomaly(NULL, &anomaly));
    CHECK_STATUS(invalid, usm_findings_json(NULL, &json));
    CHECK(json == NULL);
    CHECK_STATUS(invalid, usm_findings_json(findings, NULL));
    CHECK_STATUS(invalid, usm_findings_alert_count(NULL, &count));
    CHECK_STATUS(invalid, usm_findings_alert_count(findings, NULL));
    CHECK_STATUS(invalid, usm_findings_anomaly_count(NULL, &count));
    CHECK_STATUS(invalid, usm_findings_incident_count(NULL, &count));
    CHECK_STATUS(invalid, usm_findings_insight_count(NULL, &count));
    CHECK_STATUS(invalid, usm_findings_forecast_count(NULL, &count));
    CHECK_STATUS(invalid, usm_findings_exhaustion_count(NULL, &count));
    CHECK_STATUS(invalid, usm_findings_security_count(NULL, &count));
    CHECK_STATUS(invalid, usm_findings_alert_at(NULL, 0, &alert));
    CHECK_STATUS(invalid, usm_findings_anomaly_at(NULL, 0, &anomaly));
    CHECK_STATUS(invalid, usm_findings_incident_at(NULL, 0, &incident));
    CHECK_STATUS(invalid, usm_findings_incident_anomaly_at(NULL, 0, 0, &anomaly));
    CHECK_STATUS(invalid, usm_findings_incident_culprit_at(NULL, 0, 0, &culprit));
    CHECK_STATUS(invalid, usm_findings_insight_at(NULL, 0, &insight));
    CHECK_STATUS(invalid, usm_findings_insight_evidence_at(NULL, 0, 0, &evidence));
    CHECK_STATUS(invalid, usm_findings_insight_advice_at(NULL, 0, 0, &text));
    CHECK(text == NULL);
    CHECK_STATUS(invalid, usm_findings_insight_advice_at(findings, 0, 0, NULL));
    CHECK_STATUS(invalid, usm_findings_forecast_at(NULL, 0, &forecast));
    CHECK_STATUS(invalid, usm_findings_exhaustion_at(NULL, 0, &exhaustion));
    CHECK_STATUS(invalid, usm_findings_security_at(NULL, 0, &security));
    CHECK_STATUS(invalid, usm_findings_security_evidence_at(NULL, 0, 0, &text));
    CHECK_STATUS(invalid, usm_findings_security_evidence_at(findings, 0, 0, NULL));
    usm_findings_free(NULL);
    usm_findings_free(&made);
}

static void null_is_answered_by_the_monitor(usm_monitor *monitor) {
    const double horizon = 900.0;
    char *json = NULL;
    int32_t answer = 0;
    uint64_t id = 0;
    CHECK_STATUS(invalid, usm_monitor_alert_rules_json(NULL, &json));
    CHECK_STATUS(invalid, usm_monitor_alert_rules_json(monitor, NULL));
    CHECK_STATUS(invalid, usm_monitor_set_alert_rule(NULL, OURS, &json));
    CHECK_STATUS(invalid, usm_monitor_set_alert_rule(monitor, NULL, &json));
    CHECK_MESSAGE("toml: NULL is not allowed");
    CHECK_STATUS(invalid, usm_monitor_enable_alert_rule(NULL, "CPU", 0));
    CHECK_STATUS(invalid, usm_monitor_enable_alert_rule(monitor, NULL, 0));
    CHECK_STATUS(invalid, usm_monitor_remove_alert_rule(NULL, "CPU", &answer));
    CHECK_STATUS(invalid, usm_monitor_remove_alert_rule(monitor, NULL, &answer));
    CHECK_STATUS(invalid, usm_monitor_acknowledge_alert(NULL, 1, "x", NULL));
    CHECK_STATUS(invalid, usm_monitor_acknowledge_alert(monitor, 1, NULL, NULL));
    CHECK_STATUS(invalid, usm_monitor_silence_alerts(NULL, "*", NULL, 1.0, "x", NULL, &id));
    CHECK_STATUS(invalid, usm_monitor_silence_alerts(monitor, NULL, NULL, 1.0, "x", NULL, &id));
    CHECK_STATUS(invalid, usm_monitor_silence_alerts(monitor, "*", NULL, 1.0, NULL, NULL, &id));
    CHECK_STATUS(invalid, usm_monitor_end_silence(NULL, 1, &answer));
    CHECK_STATUS(invalid, usm_monitor_silences_json(NULL, &json));
    CHECK_STATUS(invalid, usm_monitor_silences_json(monitor, NULL));
    CHECK_STATUS(invalid, usm_monitor_alert_history_json(NULL, 0.0, 0.0, 0, &json));
    CHECK_STATUS(invalid, usm_monitor_alert_history_json(monitor, 0.0, 0.0, 0, NULL));
    CHECK_STATUS(invalid, usm_monitor_findings_json(NULL, 0, 0.0, 0.0, 0, 0, &json));
    CHECK_STATUS(invalid, usm_monitor_findings_json(monitor, 0, 0.0, 0.0, 0, 0, NULL));
    CHECK_STATUS(invalid, usm_monitor_test_alert_rule_json(NULL, "CPU", 0.0, 0.0, NULL, NULL,
                                                           &json));
    CHECK_STATUS(invalid, usm_monitor_test_alert_rule_json(monitor, NULL, 0.0, 0.0, NULL, NULL,
                                                           &json));
    CHECK_STATUS(invalid, usm_monitor_test_alert_rule_json(monitor, "CPU", 0.0, 0.0, NULL, NULL,
                                                           NULL));
    CHECK_STATUS(invalid, usm_monitor_alert_channels_json(NULL, &json));
    CHECK_STATUS(invalid, usm_monitor_alert_channels_json(monitor, NULL));
    CHECK_STATUS(invalid, usm_monitor_test_alert_channel_json(NULL, "log", &json));
    CHECK_STATUS(invalid, usm_monitor_test_alert_channel_json(monitor, NULL, &json));
    CHECK_MESSAGE("channel: NULL is not allowed");
    CHECK_STATUS(invalid, usm_monitor_test_alert_channel_json(monitor, "log", NULL));
    CHECK_STATUS(invalid, usm_monitor_notifications_json(NULL, 0.0, 0, &json));
    CHECK_STATUS(invalid, usm_monitor_notifications_json(monitor, 0.0, 0, NULL));
    CHECK_STATUS(invalid, usm_monitor_forecast_json(NULL, "cpu_percent", &horizon, 1, &json));
    CHECK_STATUS(invalid, usm_monitor_forecast_json(monitor, NULL, &horizon, 1, &json));
    CHECK_STATUS(invalid, usm_monitor_forecast_json(monitor, "cpu_percent", NULL, 1, &json));
    CHECK_STATUS(invalid, usm_monitor_forecast_json(monitor, "cpu_percent", &horizon, 1, NULL));
    CHECK_STATUS(invalid, usm_monitor_recommend_tools_json(NULL, "disk", 1, &json));
    CHECK_STATUS(invalid, usm_monitor_tool_analytics_json(NULL, &json));
    CHECK_STATUS(invalid, usm_monitor_tool_analytics_json(monitor, NULL));
    CHECK_STATUS(invalid, usm_monitor_answer_tool(NULL, "iotop", 1));
    CHECK_STATUS(invalid, usm_monitor_answer_tool(monitor, NULL, 1));
    CHECK_STATUS(invalid, usm_monitor_answer_advice(NULL, "x", 1));
    CHECK_STATUS(invalid, usm_monitor_answer_advice(monitor, NULL, 1));
    CHECK_STATUS(invalid, usm_monitor_recommend_tools_json(monitor, "disk", 1, NULL));
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_monitor_recommend_tools_json(monitor, "\xff", 1, &json));
    CHECK(json == NULL);
}

static void what_makes_no_sense_is_refused(usm_monitor *monitor) {
    const double horizon = 900.0;
    char *json = NULL;
    uint64_t id = 7;
    CHECK_STATUS(invalid, usm_monitor_set_alert_rule(monitor, "", &json));
    CHECK_STATUS(invalid, usm_monitor_set_alert_rule(monitor, "[[[", &json));
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_monitor_set_alert_rule(monitor, "\xff", &json));
    CHECK_STATUS(invalid, usm_monitor_acknowledge_alert(monitor, 12345, "x", NULL));
    CHECK_STATUS(invalid, usm_monitor_silence_alerts(monitor, "*", NULL, 0.0, "x", NULL, &id));
    CHECK_STATUS(invalid, usm_monitor_silence_alerts(monitor, "*", NULL, NAN, "x", NULL, &id));
    CHECK_STATUS(invalid, usm_monitor_silence_alerts(monitor, "*", NULL, INFINITY, "x", NULL, &id));
    CHECK_STATUS(invalid, usm_monitor_silence_alerts(monitor, "*", "mount", 1.0, "x", NULL, &id));
    CHECK_MESSAGE("labels_json");
    CHECK_STATUS(invalid, usm_monitor_silence_alerts(monitor, "*", "{\"mount\": 1}", 1.0, "x", NULL,
                                                     &id));
    CHECK(id == 7);
    CHECK_STATUS(invalid, usm_monitor_findings_json(monitor, 99, 0.0, 0.0, 0, 0, &json));
    CHECK_MESSAGE("USM_FINDING_");
    CHECK_STATUS(invalid, usm_monitor_test_alert_rule_json(monitor, "no such", 0.0, 0.0, NULL, NULL,
                                                           &json));
    CHECK_STATUS(invalid, usm_monitor_test_alert_channel_json(monitor, "no such", &json));
    CHECK_MESSAGE("console");
    CHECK_STATUS(invalid, usm_monitor_forecast_json(monitor, "cpu_percnt", &horizon, 1, &json));
    CHECK_MESSAGE("cpu_percent");
    CHECK_STATUS(invalid, usm_monitor_forecast_json(monitor, "cpu_percent", &horizon, (size_t)-1,
                                                    &json));
    CHECK(json == NULL);
}

/* Every struct is refused with a size that no version of the header has, and left alone. */
static void a_struct_that_is_too_small_is_refused(const usm_findings *findings) {
    uint32_t small[64] = {8};
    size_t count = 0;
    usm_alert alert;
    CHECK_STATUS(invalid, usm_findings_alert_at(findings, 0, (usm_alert *)(void *)small));
    CHECK_MESSAGE("usm_alert_init()");
    CHECK_OK(usm_findings_security_count(findings, &count));
    if (count > 0) {
        CHECK_STATUS(invalid, usm_findings_security_at(findings, 0,
                                                       (usm_security_finding *)(void *)small));
        CHECK_MESSAGE("usm_security_finding_init()");
    }
    CHECK(small[0] == 8 && small[1] == 0 && small[2] == 0);
    /* An older one is filled as far as it goes. */
    usm_alert_init(&alert);
    alert.struct_size = (uint32_t)offsetof(usm_alert, fired_at);
    alert.fired_at = 77.0;
    CHECK_OK(usm_findings_alert_at(findings, 0, &alert));
    CHECK(alert.since > 1e9 && alert.fired_at == 77.0 && alert.rule == NULL);
    CHECK_STATUS(invalid, usm_findings_alert_at(findings, (size_t)-1, &alert));
    CHECK_MESSAGE("index");
}

static void another_kind_of_handle_is_refused(usm_monitor *monitor, usm_findings *findings) {
    const usm_status wrong = USM_ERR_INVALID_HANDLE;
    usm_findings *as_findings = (usm_findings *)(void *)monitor;
    usm_monitor *as_monitor = (usm_monitor *)(void *)findings;
    usm_findings *made = NULL;
    char *json = NULL;
    size_t count = 0;
    CHECK_STATUS(wrong, usm_findings_alert_count(as_findings, &count));
    CHECK_STATUS(wrong, usm_findings_json(as_findings, &json));
    CHECK_STATUS(wrong, usm_monitor_findings(as_monitor, &made));
    CHECK_STATUS(wrong, usm_monitor_alert_rules_json(as_monitor, &json));
    CHECK_STATUS(wrong, usm_monitor_set_alert_rule(as_monitor, OURS, NULL));
    CHECK_STATUS(wrong, usm_state_findings((usm_state *)(void *)findings, &made));
    CHECK(made == NULL && json == NULL);
    usm_findings_free(&as_findings);
    CHECK(as_findings != NULL);
    CHECK_OK(usm_monitor_alert_rules_json(monitor, &json));
    usm_string_free(json);
}

static void without_a_database_the_past_is_not_known(const char *folder) {
    usm_config *config = test_config(folder);
    usm_monitor *monitor = NULL;
    usm_findings *findings;
    usm_alert alert;
    char *json = NULL;
    CHECK_OK(usm_config_set_bool(config, "store_enabled", 0));
    CHECK_OK(usm_monitor_new(config, &monitor));
    usm_config_free(&config);
    CHECK_STATUS(USM_ERR_INVALID_STATE,
                 usm_monitor_alert_history_json(monitor, 0.0, 0.0, 0, &json));
    CHECK_STATUS(USM_ERR_INVALID_STATE,
                 usm_monitor_findings_json(monitor, USM_FINDING_INSIGHT, 0.0, 0.0, 0, 0, &json));
    CHECK_STATUS(USM_ERR_INVALID_STATE, usm_monitor_notifications_json(monitor, 0.0, 0, &json));
    CHECK_STATUS(USM_ERR_INVALID_STATE,
                 usm_monitor_forecast_json(monitor, "cpu_percent", NULL, 0, &json));
    CHECK(json == NULL);
    /* Alerts fire all the same. */
    CHECK(fire(monitor) != 0);
    findings = findings_of(monitor);
    usm_monitor_free(&monitor);
    /* Findings outlive their monitor. */
    CHECK(find_alert(findings, "ours", &alert));
    usm_findings_free(&findings);
}

static void a_rules_file_that_is_wrong_is_refused_with_the_place(const char *folder) {
    usm_config *config = test_config(folder);
    usm_monitor *monitor = NULL;
    char *json = NULL;
    char path[4096];
    FILE *file;
    CHECK((size_t)snprintf(path, sizeof path, "%s/own.toml", folder) < sizeof path);
    CHECK_OK(usm_config_set_text(config, "alert_rules_file", path));
    CHECK_STATUS(USM_ERR_NOT_FOUND, usm_monitor_new(config, &monitor));
    CHECK_MESSAGE("own.toml");
    file = fopen(path, "w");
    CHECK(file != NULL && fputs("[[rule]]\nname = 'x'\nwhen = 'cpu_percnt > 5'\n", file) >= 0);
    CHECK(fclose(file) == 0);
    CHECK_STATUS(USM_ERR_MALFORMED, usm_monitor_new(config, &monitor));
    CHECK_MESSAGE("line 3");
    CHECK_MESSAGE("cpu_percent");
    CHECK(monitor == NULL);
    file = fopen(path, "w");
    CHECK(file != NULL && fputs("[[rule]]\nname = 'x'\nwhen = 'cpu_percent > 5'\n", file) >= 0);
    CHECK(fclose(file) == 0);
    CHECK_OK(usm_monitor_new(config, &monitor));
    CHECK_OK(usm_monitor_alert_rules_json(monitor, &json));
    CHECK(strstr(json, "\"name\":\"x\"") != NULL);
    usm_string_free(json);
    usm_monitor_free(&monitor);
    usm_config_free(&config);
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    usm_monitor *monitor = test_monitor(folder);
    usm_findings *findings;
    (void)fire(monitor);
    findings = findings_of(monitor);
    null_is_answered_by_findings(monitor, findings);
    null_is_answered_by_the_monitor(monitor);
    what_makes_no_sense_is_refused(monitor);
    a_struct_that_is_too_small_is_refused(findings);
    another_kind_of_handle_is_refused(monitor, findings);
    usm_findings_free(&findings);
    usm_monitor_free(&monitor);
    without_a_database_the_past_is_not_known(folder);
    a_rules_file_that_is_wrong_is_refused_with_the_place(folder);
    return 0;
}
