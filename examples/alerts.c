/*
 * Tells when memory runs short, and takes note of it: sets a rule, gets a callback when it
 * fires, acknowledges the alert, and says what else was found on this host.
 *
 *     cc -std=c99 -o alerts alerts.c -lusm
 *     ./alerts                 fires above 80 % of memory; goes on until it fires or for an hour
 *     ./alerts 10 60           above 10 %, for a minute
 *
 * Where the library is not installed: see status.c. The rule is kept in the database; the last
 * lines of main() remove it again.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <usm.h>

#define RULE "alerts.c"

static int fail(const char *what) {
    fprintf(stderr, "%s: %s\n", what, usm_last_error_message());
    return EXIT_FAILURE;
}

/* Runs on a thread of the library; every function of it may be called from here. */
static int32_t on_alert(const usm_event *event, void *user_data) {
    usm_monitor *monitor = (usm_monitor *)user_data;
    usm_alert alert;
    usm_alert_init(&alert);
    if (usm_event_alert(event, &alert) != USM_OK) return 1;
    /* The built-in rules are told by it as well. */
    if (strcmp(alert.rule, RULE) != 0) return 0;
    printf("%s: %s (%s, since %.0f)\n", usm_event_kind_name(usm_event_kind(event)), alert.message,
           usm_alert_severity_name(alert.severity), alert.since);
    /* Who knows of it need not be told again. */
    return usm_monitor_acknowledge_alert(monitor, alert.id, RULE, NULL) == USM_OK ? 0 : 1;
}

/* Whether the rule has fired and was answered. */
static int is_answered(const usm_findings *findings) {
    size_t count = 0;
    size_t i;
    if (usm_findings_alert_count(findings, &count) != USM_OK) return 0;
    for (i = 0; i < count; i++) {
        usm_alert alert;
        usm_alert_init(&alert);
        if (usm_findings_alert_at(findings, i, &alert) != USM_OK) continue;
        if (strcmp(alert.rule, RULE) == 0) return alert.is_acknowledged;
    }
    return 0;
}

static void show(const usm_findings *findings) {
    size_t count = 0;
    size_t i;
    usm_findings_insight_count(findings, &count);
    for (i = 0; i < count; i++) {
        usm_insight insight;
        usm_insight_init(&insight);
        if (usm_findings_insight_at(findings, i, &insight) != USM_OK) continue;
        printf("insight (%s): %s\n", usm_severity_name(insight.severity), insight.text);
    }
    usm_findings_exhaustion_count(findings, &count);
    for (i = 0; i < count; i++) {
        usm_exhaustion exhaustion;
        usm_exhaustion_init(&exhaustion);
        if (usm_findings_exhaustion_at(findings, i, &exhaustion) != USM_OK) continue;
        /* What is not expected has no time. */
        if (isnan(exhaustion.seconds)) continue;
        printf("%s reaches %g in about %.1f hours\n", exhaustion.series, exhaustion.limit,
               exhaustion.seconds / 3600.0);
    }
}

int main(int argc, char **argv) {
    const double percent = argc > 1 ? atof(argv[1]) : 80.0;
    const time_t end = time(NULL) + (argc > 2 ? atoi(argv[2]) : 3600);
    usm_monitor *monitor = NULL;
    usm_findings *findings = NULL;
    uint64_t sequence = 0;
    char rule[256];
    int answered = 0;
    snprintf(rule, sizeof rule,
             "name = \"" RULE "\"\n"
             "when = \"memory_percent > %g\"\n"
             "severity = \"critical\"\n"
             "message = \"memory is {value} used\"\n",
             percent);
    if (usm_monitor_new(NULL, &monitor) != USM_OK) return fail("no monitor");
    if (usm_monitor_set_alert_rule(monitor, rule, NULL) != USM_OK) return fail("no rule");
    if (usm_monitor_subscribe(monitor, USM_EVENT_BIT(USM_EVENT_ALERT_TRIGGERED), on_alert, monitor,
                              NULL, NULL) != USM_OK) {
        return fail("no subscription");
    }
    if (usm_monitor_start(monitor) != USM_OK) return fail("not started");
    while (!answered && time(NULL) < end) {
        if (usm_monitor_wait(monitor, sequence, 60.0, &sequence) != USM_OK) return fail("no state");
        usm_findings_free(&findings);
        if (usm_monitor_findings(monitor, &findings) != USM_OK) return fail("no findings");
        answered = is_answered(findings);
    }
    puts(answered ? "acknowledged" : "nothing fired");
    show(findings);
    usm_findings_free(&findings);
    usm_monitor_remove_alert_rule(monitor, RULE, NULL);
    usm_monitor_free(&monitor);
    return EXIT_SUCCESS;
}
