/* What the tests of alerts share: a rule that fires at once, and its alert. */
#ifndef ALERTS_H
#define ALERTS_H

#include <math.h>

#include "check.h"

/* Every machine has more than no processes. */
#define OURS \
    "name = 'ours'\nwhen = 'process_count > 0'\nseverity = 'critical'\nchannels = ['log']\n" \
    "message = 'there are {value} processes'\n"

static inline usm_findings *findings_of(const usm_monitor *monitor) {
    usm_findings *findings = NULL;
    CHECK_OK(usm_monitor_findings(monitor, &findings));
    CHECK(findings != NULL);
    return findings;
}

/* The alert of a rule among the findings; 0 when there is none. */
static inline int find_alert(const usm_findings *findings, const char *rule, usm_alert *alert) {
    size_t count = 0;
    size_t i;
    CHECK_OK(usm_findings_alert_count(findings, &count));
    for (i = 0; i < count; i++) {
        usm_alert_init(alert);
        CHECK_OK(usm_findings_alert_at(findings, i, alert));
        if (strcmp(alert->rule, rule) == 0) return 1;
    }
    return 0;
}

/* Starts a monitor and waits until the alert of `ours` fires; gives its number. */
static inline uint64_t fire(usm_monitor *monitor) {
    uint64_t sequence = 0;
    uint64_t id = 0;
    CHECK_OK(usm_monitor_set_alert_rule(monitor, OURS, NULL));
    CHECK_OK(usm_monitor_start(monitor));
    while (id == 0) {
        usm_findings *findings;
        usm_alert alert;
        CHECK_OK(usm_monitor_wait(monitor, sequence, 60.0, &sequence));
        findings = findings_of(monitor);
        if (find_alert(findings, "ours", &alert) && alert.status == USM_ALERT_FIRING) id = alert.id;
        usm_findings_free(&findings);
    }
    return id;
}

#endif /* ALERTS_H */
