/* Sixteen threads do everything to one monitor at the same time: read it in every form,
 * subscribe and unsubscribe, reconfigure, start and stop, sample, flush, plan in demo mode,
 * change rules. Each checks that what it sees fits together. CHECK_ROUNDS says how long;
 * with CHECK_SLOW set it is short and some pause in between, for valgrind, under which one
 * thread runs at a time. */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "recording.h"

static usm_monitor *monitor;
static const char *data_folder;
static atomic_int done;
static int is_slow;
static int rounds = 12;

static void pause_between(void) {
    if (is_slow) usleep(100000);
}

/* Done, or given up on after its own patience: a loaded machine may be that slow. */
static void done_or_late(usm_status status) {
    if (status != USM_ERR_TIMED_OUT) CHECK_OK(status);
}

static int is_known(const usm_metrics *metrics, uint32_t bit) {
    return usm_metrics_has(metrics, bit);
}

/* What belongs together in one state. */
static void check_metrics(const usm_metrics *metrics) {
    CHECK(is_known(metrics, USM_METRIC_CPU_PERCENT) == !isnan(metrics->cpu_percent));
    if (is_known(metrics, USM_METRIC_CPU_PERCENT)) {
        CHECK(metrics->cpu_percent >= 0.0 && metrics->cpu_percent <= 100.0);
    }
    if (is_known(metrics, USM_METRIC_MEMORY_TOTAL_BYTES) &&
        is_known(metrics, USM_METRIC_MEMORY_USED_BYTES)) {
        CHECK(metrics->memory_used_bytes <= metrics->memory_total_bytes);
    }
    CHECK((metrics->sequence == 0) == isnan(metrics->timestamp));
}

static void *read_metrics(void *unused) {
    usm_metrics before;
    (void)unused;
    usm_metrics_init(&before);
    while (!atomic_load(&done)) {
        usm_metrics metrics;
        usm_metrics_init(&metrics);
        CHECK_OK(usm_monitor_metrics(monitor, &metrics));
        check_metrics(&metrics);
        CHECK(metrics.sequence >= before.sequence);
        if (before.sequence > 0 && metrics.sequence == before.sequence) {
            CHECK(memcmp(&metrics, &before, sizeof metrics) == 0);
        }
        before = metrics;
        /* The errors of one thread are not seen by another. */
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_monitor_set_number(monitor, "nothing", 1.0));
        CHECK_MESSAGE("nothing");
        pause_between();
    }
    return NULL;
}

static void *read_states(void *unused) {
    (void)unused;
    while (!atomic_load(&done)) {
        usm_state *state = NULL;
        usm_metrics metrics;
        usm_metrics again;
        usm_process top[5];
        size_t count = 0;
        size_t i;
        char *json = NULL;
        CHECK_OK(usm_monitor_state(monitor, &state));
        usm_metrics_init(&metrics);
        usm_metrics_init(&again);
        CHECK_OK(usm_state_metrics(state, &metrics));
        check_metrics(&metrics);
        CHECK_OK(usm_state_top_processes(state, USM_ORDER_PID, top, sizeof *top, 5, &count));
        for (i = 1; i < count && i < 5; i++) CHECK(top[i - 1].pid < top[i].pid);
        CHECK_OK(usm_state_json(state, &json));
        CHECK(json[0] == '{');
        usm_string_free(json);
        /* A state does not change, whatever the others do meanwhile. */
        CHECK_OK(usm_state_metrics(state, &again));
        CHECK(memcmp(&metrics, &again, sizeof metrics) == 0);
        usm_state_free(&state);
        CHECK_OK(usm_monitor_report_json(monitor, &json));
        usm_string_free(json);
        CHECK_OK(usm_monitor_doctor_json(monitor, &json));
        usm_string_free(json);
        pause_between();
    }
    return NULL;
}

static void *read_findings(void *unused) {
    (void)unused;
    while (!atomic_load(&done)) {
        usm_findings *findings = NULL;
        size_t count = 0;
        size_t i;
        char *json = NULL;
        CHECK_OK(usm_monitor_findings(monitor, &findings));
        CHECK_OK(usm_findings_alert_count(findings, &count));
        for (i = 0; i < count; i++) {
            usm_alert alert;
            usm_alert_init(&alert);
            CHECK_OK(usm_findings_alert_at(findings, i, &alert));
            CHECK(alert.rule != NULL && alert.message != NULL);
            CHECK(alert.id > 0 || alert.status == USM_ALERT_PENDING);
        }
        CHECK_OK(usm_findings_json(findings, &json));
        usm_string_free(json);
        usm_findings_free(&findings);
        pause_between();
    }
    return NULL;
}

static void *read_streams(void *unused) {
    (void)unused;
    while (!atomic_load(&done)) {
        usm_state *state = NULL;
        struct ArrowArrayStream stream;
        struct ArrowSchema schema;
        struct ArrowArray array;
        CHECK_OK(usm_monitor_state(monitor, &state));
        CHECK_OK(usm_state_processes_arrow_stream(state, &stream));
        /* The stream outlives what it was made of. */
        usm_state_free(&state);
        CHECK(stream.get_schema(&stream, &schema) == 0);
        CHECK(stream.get_next(&stream, &array) == 0);
        if (array.release != NULL) {
            CHECK(array.n_children == schema.n_children);
            array.release(&array);
        }
        schema.release(&schema);
        stream.release(&stream);
        pause_between();
    }
    return NULL;
}

static void *read_history(void *unused) {
    (void)unused;
    while (!atomic_load(&done)) {
        usm_history *history = NULL;
        usm_table *table = NULL;
        const double *times = NULL;
        size_t rows = 0;
        size_t columns = 0;
        size_t i;
        CHECK_OK(usm_monitor_history(monitor, &history));
        table = ask(history, "memory_used_bytes");
        CHECK_OK(usm_table_size(table, &rows, &columns));
        CHECK_OK(usm_table_times(table, &times));
        for (i = 1; i < rows; i++) CHECK(times[i - 1] < times[i]);
        for (i = 0; i < columns; i++) {
            usm_column column;
            usm_column_init(&column);
            CHECK_OK(usm_table_column(table, i, &column));
            CHECK(column.name != NULL && (rows == 0 || column.values != NULL));
        }
        usm_table_free(&table);
        usm_history_free(&history);
        pause_between();
    }
    return NULL;
}

/* What a subscription was told, and whether it may still be told anything. */
struct listener {
    atomic_int calls;
    atomic_int destroyed;
    atomic_int is_over;
    uint64_t sequence;
    double timestamp;
};

static int32_t listen_to(const usm_event *event, void *user_data) {
    struct listener *listener = (struct listener *)user_data;
    CHECK(!atomic_load(&listener->is_over) && atomic_load(&listener->destroyed) == 0);
    CHECK(usm_event_kind(event) != USM_EVENT_NONE && !isnan(usm_event_timestamp(event)));
    if (usm_event_kind(event) == USM_EVENT_STATE_UPDATE) {
        usm_metrics metrics;
        usm_metrics_init(&metrics);
        CHECK_OK(usm_event_metrics(event, &metrics));
        /* Plain numbers: one callback of a subscription runs after the other. */
        CHECK(metrics.sequence > listener->sequence);
        listener->sequence = metrics.sequence;
    }
    atomic_fetch_add(&listener->calls, 1);
    return 0;
}

static void end_listener(void *user_data) {
    struct listener *listener = (struct listener *)user_data;
    atomic_fetch_add(&listener->destroyed, 1);
}

static void *subscribe_and_unsubscribe(void *unused) {
    (void)unused;
    while (!atomic_load(&done)) {
        struct listener listener;
        uint64_t subscription = 0;
        memset(&listener, 0, sizeof listener);
        CHECK_OK(usm_monitor_subscribe(monitor, USM_EVENTS_ALL, listen_to, &listener,
                                       end_listener, &subscription));
        (void)usm_monitor_wait(monitor, 0, 0.02, NULL);
        CHECK_OK(usm_monitor_unsubscribe(monitor, subscription));
        CHECK(atomic_load(&listener.destroyed) == 1);
        atomic_store(&listener.is_over, 1);
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_monitor_unsubscribe(monitor, subscription));

        memset(&listener, 0, sizeof listener);
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                     usm_monitor_subscribe(monitor, 0, listen_to, &listener, end_listener, NULL));
        CHECK(atomic_load(&listener.destroyed) == 1 && atomic_load(&listener.calls) == 0);
        pause_between();
    }
    return NULL;
}

static void *reconfigure(void *unused) {
    static const char *const levels[] = {"DEBUG", "INFO", "WARNING", "ERROR"};
    int i = 0;
    (void)unused;
    while (!atomic_load(&done)) {
        char *json = NULL;
        i++;
        CHECK_OK(usm_monitor_set_number(monitor, "refresh_interval", i % 2 ? 0.02 : 0.05));
        CHECK_OK(usm_monitor_set_bool(monitor, "enable_alerts", i % 3));
        CHECK_OK(usm_monitor_set_text(monitor, "log_level", levels[i % 4]));
        CHECK_OK(usm_monitor_config_json(monitor, "refresh_interval", &json));
        CHECK(strcmp(json, "0.02") == 0 || strcmp(json, "0.05") == 0);
        usm_string_free(json);
        usleep(2000);
        pause_between();
    }
    return NULL;
}

static void *sample_and_flush(void *unused) {
    (void)unused;
    while (!atomic_load(&done)) {
        uint64_t sequence = 0;
        usm_metrics metrics;
        done_or_late(usm_monitor_collect(monitor, &sequence));
        usm_metrics_init(&metrics);
        CHECK_OK(usm_monitor_metrics(monitor, &metrics));
        CHECK(metrics.sequence >= sequence);
        CHECK_OK(usm_monitor_flush(monitor, 120.0));
        pause_between();
    }
    return NULL;
}

static void *plan_in_demo_mode(void *unused) {
    (void)unused;
    while (!atomic_load(&done)) {
        char settings[8192];
        usm_optimizer *optimizer = NULL;
        usm_target_list *targets = NULL;
        usm_action_list *actions = NULL;
        usm_execution_report *report = NULL;
        usm_execution_summary summary;
        char *json = NULL;
        snprintf(settings, sizeof settings, "{\"data_dir\": \"%s\", \"scope\": \"list:%d\"}",
                 data_folder, (int)getpid());
        CHECK_OK(usm_optimizer_attach(monitor, settings, &optimizer));
        CHECK_OK(usm_optimizer_analyze(optimizer, &targets));
        CHECK_OK(usm_optimizer_plan(optimizer, targets, &actions));
        CHECK_OK(usm_optimizer_execute(optimizer, actions, NULL, &report));
        usm_execution_summary_init(&summary);
        CHECK_OK(usm_execution_report_summary(report, &summary));
        CHECK(summary.dry_run == 1 && summary.executed == summary.successful + summary.failed);
        CHECK_OK(usm_optimizer_status_json(optimizer, &json));
        usm_string_free(json);
        usm_execution_report_free(&report);
        usm_action_list_free(&actions);
        usm_target_list_free(&targets);
        usm_optimizer_free(&optimizer);
        pause_between();
    }
    return NULL;
}

/* Each thread has a rule of its own. */
static void *change_rules(void *number) {
    char name[32];
    char rule[256];
    snprintf(name, sizeof name, "rule-%d", *(const int *)number);
    snprintf(rule, sizeof rule,
             "name = '%s'\nwhen = 'process_count > 0'\nseverity = 'info'\nchannels = ['log']\n"
             "message = 'there are {value}'\n",
             name);
    while (!atomic_load(&done)) {
        char *json = NULL;
        uint64_t silence = 0;
        int32_t is_there = 0;
        CHECK_OK(usm_monitor_set_alert_rule(monitor, rule, &json));
        usm_string_free(json);
        CHECK_OK(usm_monitor_enable_alert_rule(monitor, name, 0));
        CHECK_OK(usm_monitor_enable_alert_rule(monitor, name, 1));
        CHECK_OK(usm_monitor_silence_alerts(monitor, name, NULL, 60.0, "a thread", NULL,
                                            &silence));
        CHECK_OK(usm_monitor_end_silence(monitor, silence, &is_there));
        /* 0: it was stopped just then, and whoever monitors was asked by way of the database. */
        CHECK(is_there == 1 || silence == 0);
        CHECK_OK(usm_monitor_alert_rules_json(monitor, &json));
        CHECK(strstr(json, name) != NULL);
        usm_string_free(json);
        CHECK_OK(usm_monitor_remove_alert_rule(monitor, name, &is_there));
        CHECK(is_there == 1);
        pause_between();
    }
    return NULL;
}

static void *start_and_stop(void *unused) {
    int i;
    (void)unused;
    for (i = 0; i < rounds; i++) {
        uint64_t sequence = 0;
        CHECK_OK(usm_monitor_start(monitor));
        done_or_late(usm_monitor_collect(monitor, &sequence));
        CHECK_OK(usm_monitor_wait(monitor, sequence, 120.0, NULL));
        done_or_late(usm_monitor_stop(monitor));
    }
    return NULL;
}

int main(int argc, char **argv) {
    static void *(*const works[])(void *) = {
        read_metrics,      read_metrics,  read_states,  read_findings, read_streams,
        read_history,      read_history,  subscribe_and_unsubscribe,
        subscribe_and_unsubscribe,        reconfigure,  sample_and_flush,
        plan_in_demo_mode, plan_in_demo_mode,           change_rules,  change_rules,
    };
    enum { THREADS = sizeof works / sizeof *works };
    int count = THREADS;
    pthread_t threads[THREADS];
    int numbers[THREADS];
    pthread_t starter;
    struct listener listener;
    int i;
    data_folder = test_folder(argc, argv);
    is_slow = getenv("CHECK_SLOW") != NULL;
    if (is_slow) {
        /* Those that read, and who subscribes; commits would come too late there. */
        rounds = 2;
        count = 8;
    }
    if (getenv("CHECK_ROUNDS") != NULL) rounds = atoi(getenv("CHECK_ROUNDS"));
    monitor = test_monitor(data_folder);
    /* One subscription for the whole time, which ends with the monitor. */
    memset(&listener, 0, sizeof listener);
    CHECK_OK(usm_monitor_subscribe(monitor, USM_EVENTS_ALL, listen_to, &listener, end_listener,
                                   NULL));
    CHECK_OK(usm_monitor_collect(monitor, NULL));
    CHECK_OK(usm_monitor_flush(monitor, 120.0));
    for (i = 0; i < count; i++) {
        numbers[i] = i;
        CHECK(pthread_create(&threads[i], NULL, works[i], &numbers[i]) == 0);
    }
    CHECK(pthread_create(&starter, NULL, start_and_stop, NULL) == 0);
    CHECK(pthread_join(starter, NULL) == 0);
    atomic_store(&done, 1);
    for (i = 0; i < count; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    usm_monitor_free(&monitor);
    CHECK(monitor == NULL);
    CHECK(atomic_load(&listener.destroyed) == 1 && atomic_load(&listener.calls) > 0);
    return 0;
}
