/* What a callback may do: end itself and others, stop and free the monitor, subscribe again,
 * and call whatever else there is. Its user data is destroyed once, in whatever order. */
#include <math.h>
#include <pthread.h>

#include "check.h"
#include "hogs.h"
#include "recording.h"

/* What callbacks and destroy functions count, under one lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

typedef struct {
    usm_monitor *monitor;
    uint64_t subscription;
    uint64_t other;
    int calls;
    int destroyed;
    usm_status status;
} party;

static const uint32_t STATES = USM_EVENT_BIT(USM_EVENT_STATE_UPDATE);

static void count(int *counter) {
    pthread_mutex_lock(&lock);
    (*counter)++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void wait_until(const int *counter, int wanted) {
    pthread_mutex_lock(&lock);
    while (*counter < wanted) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static int now(const int *counter) {
    int value;
    pthread_mutex_lock(&lock);
    value = *counter;
    pthread_mutex_unlock(&lock);
    return value;
}

static void destroy(void *user_data) {
    count(&((party *)user_data)->destroyed);
}

static int32_t only_count(const usm_event *event, void *user_data) {
    (void)event;
    count(&((party *)user_data)->calls);
    return 0;
}

static void subscribe(party *p, uint32_t kinds, usm_event_callback callback) {
    CHECK_OK(usm_monitor_subscribe(p->monitor, kinds, callback, p, destroy, &p->subscription));
}

static int32_t end_the_other(const usm_event *event, void *user_data) {
    party *p = (party *)user_data;
    (void)event;
    if (now(&p->calls) == 0) p->status = usm_monitor_unsubscribe(p->monitor, p->other);
    count(&p->calls);
    return 0;
}

static void it_may_end_another(const char *folder) {
    usm_monitor *monitor = test_monitor(folder);
    party first = {NULL, 0, 0, 0, 0, 0};
    party second = {NULL, 0, 0, 0, 0, 0};
    first.monitor = second.monitor = monitor;
    subscribe(&second, STATES, only_count);
    first.other = second.subscription;
    subscribe(&first, STATES, end_the_other);
    CHECK_OK(usm_monitor_collect(monitor, NULL));
    wait_until(&first.calls, 1);
    /* When the call was back, the other had ended. */
    CHECK_OK(first.status);
    CHECK(now(&second.destroyed) == 1);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                 usm_monitor_unsubscribe(monitor, second.subscription));
    CHECK_OK(usm_monitor_unsubscribe(monitor, first.subscription));
    usm_monitor_free(&monitor);
    CHECK(first.destroyed == 1 && second.destroyed == 1);
}

static int32_t stop_it(const usm_event *event, void *user_data) {
    party *p = (party *)user_data;
    (void)event;
    p->status = usm_monitor_stop(p->monitor);
    count(&p->calls);
    return 0;
}

static void it_may_stop_the_monitor(const char *folder) {
    usm_monitor *monitor = test_monitor(folder);
    party p = {NULL, 0, 0, 0, 0, 0};
    int32_t active = 7;
    p.monitor = monitor;
    subscribe(&p, STATES, stop_it);
    CHECK_OK(usm_monitor_start(monitor));
    wait_until(&p.calls, 1);
    CHECK_OK(p.status);
    CHECK_OK(usm_monitor_is_active(monitor, &active));
    CHECK(active == 0);
    CHECK_OK(usm_monitor_start(monitor));
    wait_until(&p.calls, 2);
    usm_monitor_free(&monitor);
    CHECK(p.destroyed == 1);
}

static int32_t subscribe_another(const usm_event *event, void *user_data) {
    party *p = (party *)user_data;
    party *next = p + 1;
    (void)event;
    if (now(&p->calls) == 0) {
        next->monitor = p->monitor;
        p->status = usm_monitor_subscribe(p->monitor, STATES, only_count, next, destroy,
                                          &next->subscription);
    }
    count(&p->calls);
    return 0;
}

static void it_may_subscribe_again(const char *folder) {
    usm_monitor *monitor = test_monitor(folder);
    party p[2] = {{NULL, 0, 0, 0, 0, 0}, {NULL, 0, 0, 0, 0, 0}};
    p[0].monitor = monitor;
    subscribe(&p[0], STATES, subscribe_another);
    CHECK_OK(usm_monitor_start(monitor));
    wait_until(&p[1].calls, 1);
    CHECK_OK(p[0].status);
    usm_monitor_free(&monitor);
    CHECK(p[0].destroyed == 1 && p[1].destroyed == 1);
}

static int32_t call_in(const usm_event *event, void *user_data) {
    party *p = (party *)user_data;
    usm_monitor *monitor = p->monitor;
    usm_metrics metrics;
    usm_history *history = NULL;
    usm_findings *findings = NULL;
    usm_table *table = NULL;
    size_t rows = 0;
    char *json = NULL;
    (void)event;
    if (now(&p->calls) > 0) return 0;
    usm_metrics_init(&metrics);
    CHECK_OK(usm_monitor_metrics(monitor, &metrics));
    CHECK_OK(usm_monitor_set_number(monitor, "refresh_interval", 0.05));
    CHECK_OK(usm_monitor_wait(monitor, metrics.sequence, 20.0, NULL));
    CHECK_OK(usm_monitor_collect(monitor, NULL));
    CHECK_OK(usm_monitor_flush(monitor, 20.0));
    CHECK_OK(usm_monitor_history(monitor, &history));
    table = ask(history, "cpu_percent");
    CHECK_OK(usm_table_size(table, &rows, NULL));
    CHECK(rows >= 2);
    usm_table_free(&table);
    usm_history_free(&history);
    CHECK_OK(usm_monitor_findings(monitor, &findings));
    usm_findings_free(&findings);
    CHECK_OK(usm_monitor_report_json(monitor, &json));
    usm_string_free(json);
    CHECK_OK(usm_monitor_alert_rules_json(monitor, &json));
    usm_string_free(json);
    CHECK_OK(usm_monitor_start(monitor));
    count(&p->calls);
    return 0;
}

static void it_may_call_everything(const char *folder) {
    usm_monitor *monitor = test_monitor(folder);
    party p = {NULL, 0, 0, 0, 0, 0};
    p.monitor = monitor;
    subscribe(&p, STATES, call_in);
    CHECK_OK(usm_monitor_start(monitor));
    wait_until(&p.calls, 1);
    usm_monitor_free(&monitor);
    CHECK(p.destroyed == 1);
}

static int32_t free_it(const usm_event *event, void *user_data) {
    party *p = (party *)user_data;
    (void)event;
    usm_monitor_free(&p->monitor);
    count(&p->calls);
    return 0;
}

static void two_may_free_the_monitor(const char *folder) {
    usm_monitor *monitor = test_monitor(folder);
    party p[2] = {{NULL, 0, 0, 0, 0, 0}, {NULL, 0, 0, 0, 0, 0}};
    int i;
    for (i = 0; i < 2; i++) {
        p[i].monitor = monitor;
        subscribe(&p[i], STATES, free_it);
    }
    CHECK_OK(usm_monitor_start(monitor));
    wait_until(&p[0].destroyed, 1);
    wait_until(&p[1].destroyed, 1);
    /* The other was refused, or not called any more. */
    CHECK((p[0].monitor == NULL) + (p[1].monitor == NULL) == 1);
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_monitor_stop(monitor));
    CHECK(p[0].destroyed == 1 && p[1].destroyed == 1);
}

static void free_in_destroy(void *user_data) {
    party *p = (party *)user_data;
    usm_monitor_free(&p->monitor);
    count(&p->destroyed);
}

static void what_destroys_may_free_the_monitor(const char *folder) {
    party p = {NULL, 0, 0, 0, 0, 0};
    usm_monitor *copy;
    /* When it is refused: before the call is back. */
    p.monitor = copy = test_monitor(folder);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                 usm_monitor_subscribe(copy, 0, only_count, &p, free_in_destroy, NULL));
    CHECK(p.destroyed == 1 && p.monitor == NULL);
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_monitor_stop(copy));
    /* On the callback's thread, in the midst of the end of its subscription. */
    p.monitor = copy = test_monitor(folder);
    CHECK_OK(usm_monitor_subscribe(copy, STATES, only_count, &p, free_in_destroy,
                                   &p.subscription));
    CHECK_OK(usm_monitor_unsubscribe(copy, p.subscription));
    CHECK(p.destroyed == 2 && p.monitor == NULL);
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_monitor_stop(copy));
}

typedef struct {
    usm_optimizer *optimizer;
    usm_history *history;
    int calls;
} worker;

static int32_t ask_and_free_the_optimizer(const usm_progress *progress, void *user_data) {
    worker *w = (worker *)user_data;
    usm_optimizer *copy = w->optimizer;
    char *json = NULL;
    (void)progress;
    if (w->calls++ > 0) return 0;
    CHECK_OK(usm_optimizer_status_json(w->optimizer, &json));
    usm_string_free(json);
    usm_optimizer_free(&w->optimizer);
    CHECK(w->optimizer == NULL);
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_optimizer_status_json(copy, &json));
    return 0;
}

static void progress_may_free_the_optimizer(const char *folder) {
    usm_execute_options options = USM_EXECUTE_OPTIONS_INIT;
    usm_execution_report *report = NULL;
    usm_action_list *actions;
    worker w = {NULL, NULL, 0};
    size_t size = 0;
    start_hogs();
    w.optimizer = optimizer_of_hogs(folder);
    actions = action_on("set_batch", hogs[0]);
    options.progress = ask_and_free_the_optimizer;
    options.user_data = &w;
    /* The work is done to its end, and the optimizer ends after it. */
    CHECK_OK(usm_optimizer_execute(w.optimizer, actions, &options, &report));
    CHECK(w.calls > 0);
    CHECK_OK(usm_execution_report_size(report, &size));
    CHECK(size == 1);
    usm_execution_report_free(&report);
    usm_action_list_free(&actions);
}

static int32_t free_the_history(const usm_progress *progress, void *user_data) {
    worker *w = (worker *)user_data;
    (void)progress;
    usm_history_free(&w->history);
    w->calls++;
    return 0;
}

static void progress_may_free_the_history(const char *folder) {
    usm_extract_options options = USM_EXTRACT_OPTIONS_INIT;
    usm_recording_summary summary;
    usm_recording_summary part;
    char *path = make_recording(folder, "whole.usm", &summary);
    char *part_path = path_in(folder, "part.usm");
    worker w = {NULL, NULL, 0};
    CHECK_OK(usm_history_open(path, &w.history));
    options.progress = free_the_history;
    options.user_data = &w;
    usm_recording_summary_init(&part);
    CHECK_OK(usm_history_extract(w.history, part_path, &options, &part, NULL));
    CHECK(w.calls > 0 && w.history == NULL && part.samples == summary.samples);
    free(path);
    free(part_path);
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    it_may_end_another(folder);
    it_may_stop_the_monitor(folder);
    it_may_subscribe_again(folder);
    it_may_call_everything(folder);
    two_may_free_the_monitor(folder);
    what_destroys_may_free_the_monitor(folder);
    progress_may_free_the_history(folder);
    /* Last: its hogs take the processors. */
    progress_may_free_the_optimizer(folder);
    CHECK(usm_handles_in_use() == 0);
    return 0;
}
