/* fork() in a program that judges: the child is told so by every call and leaves alone what is
 * the parent's; findings are only data and stay usable. */
#include <sys/wait.h>
#include <unistd.h>

#include "alerts.h"

static void in_the_child(usm_monitor *monitor, usm_findings *findings, usm_detector *detector,
                         usm_forecaster *forecaster) {
    const usm_status forked = USM_ERR_FORKED;
    usm_findings *made = NULL;
    usm_alert alert;
    usm_forecast forecast;
    usm_exhaustion exhaustion;
    char *json = NULL;
    CHECK_STATUS(forked, usm_monitor_findings(monitor, &made));
    CHECK_MESSAGE("after fork() make a new one");
    CHECK_STATUS(forked, usm_monitor_alert_rules_json(monitor, &json));
    CHECK_STATUS(forked, usm_monitor_set_alert_rule(monitor, OURS, NULL));
    CHECK_STATUS(forked, usm_monitor_enable_alert_rule(monitor, "ours", 0));
    CHECK_STATUS(forked, usm_monitor_remove_alert_rule(monitor, "ours", NULL));
    CHECK_STATUS(forked, usm_monitor_acknowledge_alert(monitor, 1, "the child", NULL));
    CHECK_STATUS(forked, usm_monitor_silence_alerts(monitor, "*", NULL, 1.0, "x", NULL, NULL));
    CHECK_STATUS(forked, usm_monitor_end_silence(monitor, 1, NULL));
    CHECK_STATUS(forked, usm_monitor_silences_json(monitor, &json));
    CHECK_STATUS(forked, usm_monitor_alert_history_json(monitor, 0.0, 0.0, 0, &json));
    CHECK_STATUS(forked, usm_monitor_findings_json(monitor, 0, 0.0, 0.0, 0, 0, &json));
    CHECK_STATUS(forked, usm_monitor_test_alert_rule_json(monitor, "ours", 0.0, 0.0, NULL, NULL,
                                                          &json));
    CHECK_STATUS(forked, usm_monitor_alert_channels_json(monitor, &json));
    CHECK_STATUS(forked, usm_monitor_test_alert_channel_json(monitor, "log", &json));
    CHECK_STATUS(forked, usm_monitor_notifications_json(monitor, 0.0, 0, &json));
    CHECK_STATUS(forked, usm_monitor_forecast_json(monitor, "cpu_percent", NULL, 0, &json));
    CHECK_STATUS(forked, usm_monitor_recommend_tools_json(monitor, "disk", 1, &json));
    CHECK_STATUS(forked, usm_monitor_tool_analytics_json(monitor, &json));
    CHECK_STATUS(forked, usm_monitor_answer_tool(monitor, "iotop", 1));
    CHECK_STATUS(forked, usm_monitor_answer_advice(monitor, "x", 1));
    CHECK_STATUS(forked, usm_detector_push(detector, 2.0, 2.0, NULL));
    CHECK_STATUS(forked, usm_detector_save(detector, &json));
    usm_forecast_init(&forecast);
    usm_exhaustion_init(&exhaustion);
    CHECK_STATUS(forked, usm_forecaster_push(forecaster, 2.0, 2.0));
    CHECK_STATUS(forked, usm_forecaster_forecast(forecaster, 900.0, &forecast));
    CHECK_STATUS(forked, usm_forecaster_time_to(forecaster, 9.0, &exhaustion));
    CHECK_STATUS(forked, usm_forecaster_save(forecaster, &json));
    CHECK(json == NULL && made == NULL);

    CHECK(find_alert(findings, "ours", &alert));
    CHECK_OK(usm_findings_json(findings, &json));
    usm_string_free(json);
    usm_findings_free(&findings);
    usm_detector_free(&detector);
    usm_forecaster_free(&forecaster);
    usm_monitor_free(&monitor);
    CHECK(findings == NULL && detector == NULL && forecaster == NULL && monitor == NULL);
    CHECK_OK(usm_detector_new(NULL, &detector));
    CHECK_OK(usm_detector_push(detector, 2.0, 2.0, NULL));
    usm_detector_free(&detector);
}

int main(int argc, char **argv) {
    usm_monitor *monitor = test_monitor(test_folder(argc, argv));
    usm_findings *findings;
    usm_detector *detector = NULL;
    usm_forecaster *forecaster = NULL;
    usm_alert alert;
    pid_t child;
    int status = 0;
    CHECK_OK(usm_detector_new(NULL, &detector));
    CHECK_OK(usm_forecaster_new(NULL, &forecaster));
    CHECK_OK(usm_detector_push(detector, 1.0, 1.0, NULL));
    CHECK_OK(usm_forecaster_push(forecaster, 1.0, 1.0));
    (void)fire(monitor);
    findings = findings_of(monitor);

    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        in_the_child(monitor, findings, detector, forecaster);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);

    CHECK(find_alert(findings, "ours", &alert) && alert.is_acknowledged == 0);
    CHECK_OK(usm_monitor_acknowledge_alert(monitor, alert.id, "the parent", NULL));
    usm_findings_free(&findings);
    usm_monitor_free(&monitor);
    CHECK_OK(usm_detector_push(detector, 2.0, 2.0, NULL));
    usm_detector_free(&detector);
    usm_forecaster_free(&forecaster);
    return 0;
}
