/* What events bring, without JSON: a state that outlives the callback, the settings that
 * changed, why the database is degraded, why a sample failed. */
#include <math.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

/* What a callback has taken from the first event of its kind, under a lock. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint32_t kind;
    int calls;
    usm_state *state;
    usm_status state_status;
    usm_status store_status;
    usm_status setting_status;
    usm_status reason_status;
    usm_status others[4];
    uint32_t store;
    size_t settings;
    int beyond_is_refused;
    int texts_are_kept;
    char text[300];
} watcher;

static void take(watcher *w, const usm_event *event) {
    usm_store_health store;
    usm_insight insight;
    usm_security_finding security;
    usm_weak_setting weak;
    usm_advice advice;
    const char *text = NULL;
    const char *again = NULL;
    w->state_status = usm_event_state(event, &w->state);
    usm_store_health_init(&store);
    w->store_status = usm_event_store(event, &store);
    w->store = store.status;
    if (store.cause != NULL) snprintf(w->text, sizeof w->text, "%s", store.cause);
    w->setting_status = usm_event_setting_count(event, &w->settings);
    if (w->setting_status == USM_OK) {
        CHECK_OK(usm_event_setting_at(event, 0, &text));
        snprintf(w->text, sizeof w->text, "%s", text);
        w->beyond_is_refused = usm_event_setting_at(event, w->settings, &again) ==
                                   USM_ERR_INVALID_ARGUMENT &&
                               again == NULL;
        CHECK_OK(usm_event_setting_at(event, 0, &again));
        w->texts_are_kept = text == again;
    }
    w->reason_status = usm_event_reason(event, &text);
    if (w->reason_status == USM_OK) {
        snprintf(w->text, sizeof w->text, "%s", text);
        CHECK_OK(usm_event_reason(event, &again));
        w->texts_are_kept = text == again;
    }
    usm_insight_init(&insight);
    w->others[0] = usm_event_insight(event, &insight);
    usm_security_finding_init(&security);
    w->others[1] = usm_event_security(event, &security);
    usm_weak_setting_init(&weak);
    w->others[2] = usm_event_weak_setting(event, &weak);
    usm_advice_init(&advice);
    w->others[3] = usm_event_advice(event, &advice);
}

static int32_t look(const usm_event *event, void *user_data) {
    watcher *w = (watcher *)user_data;
    pthread_mutex_lock(&w->lock);
    if (w->calls == 0) take(w, event);
    w->calls++;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    return 0;
}

static void watch(watcher *w, usm_monitor *monitor, uint32_t kind) {
    memset(w, 0, sizeof *w);
    CHECK(pthread_mutex_init(&w->lock, NULL) == 0);
    CHECK(pthread_cond_init(&w->changed, NULL) == 0);
    w->kind = kind;
    CHECK_OK(usm_monitor_subscribe(monitor, USM_EVENT_BIT(kind), look, w, NULL, NULL));
}

/* Waits for the first event, and sees that it brings nothing of what other kinds bring. */
static void wait_for_it(watcher *w) {
    int i;
    pthread_mutex_lock(&w->lock);
    while (w->calls == 0) pthread_cond_wait(&w->changed, &w->lock);
    pthread_mutex_unlock(&w->lock);
    for (i = 0; i < 4; i++) CHECK(w->others[i] == USM_ERR_INVALID_STATE);
}

static char *path_in(const char *folder, const char *name) {
    const size_t size = strlen(folder) + strlen(name) + 2;
    char *path = (char *)malloc(size);
    CHECK(path != NULL);
    snprintf(path, size, "%s/%s", folder, name);
    return path;
}

static void a_state_outlives_its_event_and_the_monitor(const char *folder) {
    usm_monitor *monitor = test_monitor(folder);
    usm_memory memory;
    usm_metrics metrics;
    watcher w;
    watch(&w, monitor, USM_EVENT_STATE_UPDATE);
    CHECK_OK(usm_monitor_start(monitor));
    wait_for_it(&w);
    usm_monitor_free(&monitor);
    CHECK(w.state_status == USM_OK && w.state != NULL);
    CHECK(w.store_status == USM_ERR_INVALID_STATE && w.setting_status == USM_ERR_INVALID_STATE);
    CHECK(w.reason_status == USM_ERR_INVALID_STATE);
    usm_metrics_init(&metrics);
    CHECK_OK(usm_state_metrics(w.state, &metrics));
    CHECK(metrics.sequence >= 1);
    usm_memory_init(&memory);
    CHECK_OK(usm_state_memory(w.state, &memory));
    CHECK(memory.total_bytes == metrics.memory_total_bytes && memory.total_bytes > 0);
    usm_state_free(&w.state);
}

static void a_change_names_its_settings(const char *folder) {
    usm_monitor *monitor = test_monitor(folder);
    watcher w;
    watch(&w, monitor, USM_EVENT_CONFIG_CHANGED);
    CHECK_OK(usm_monitor_start(monitor));
    CHECK_OK(usm_monitor_set_number(monitor, "cache_duration", 7.0));
    wait_for_it(&w);
    usm_monitor_free(&monitor);
    CHECK(w.setting_status == USM_OK && w.settings == 1);
    CHECK(strcmp(w.text, "cache_duration") == 0);
    CHECK(w.beyond_is_refused && w.texts_are_kept);
    CHECK(w.state_status == USM_ERR_INVALID_STATE && w.state == NULL);
}

static void a_database_says_why_it_is_degraded_and_that_it_has_recovered(const char *folder) {
    char *file = path_in(folder, "no-folder");
    char *below = path_in(file, "data");
    usm_config *config = test_config(folder);
    usm_monitor *monitor = NULL;
    usm_state *state = NULL;
    usm_store_health health;
    watcher w;
    FILE *stream = fopen(file, "w");
    CHECK(stream != NULL && fclose(stream) == 0);
    CHECK_OK(usm_config_set_text(config, "data_dir", below));
    CHECK_OK(usm_monitor_new(config, &monitor));
    usm_config_free(&config);
    watch(&w, monitor, USM_EVENT_STORE_RECOVERED);
    CHECK_OK(usm_monitor_collect(monitor, NULL));
    CHECK_STATUS(USM_ERR_STORE, usm_monitor_flush(monitor, 60.0));
    CHECK_OK(usm_monitor_collect(monitor, NULL));
    CHECK_OK(usm_monitor_state(monitor, &state));
    usm_store_health_init(&health);
    CHECK_OK(usm_state_store_health(state, &health));
    CHECK(health.status == USM_STORE_DEGRADED && strstr(health.cause, "no-folder") != NULL);
    CHECK(health.rows_waiting > 0 && health.rows_written == 0 && isnan(health.last_commit));
    usm_state_free(&state);
    /* Now the folder can be made. */
    CHECK(unlink(file) == 0);
    wait_for_it(&w);
    CHECK(w.store_status == USM_OK && w.store == USM_STORE_OK && w.text[0] == '\0');
    usm_monitor_free(&monitor);
    free(file);
    free(below);
}

static void a_sample_that_fails_says_why(const char *folder) {
    char *processes = path_in(folder, "empty");
    usm_config *config = test_config(folder);
    usm_monitor *monitor = NULL;
    watcher w;
    CHECK(mkdir(processes, 0700) == 0);
    CHECK_OK(usm_config_set_text(config, "proc_root", processes));
    CHECK_OK(usm_monitor_new(config, &monitor));
    usm_config_free(&config);
    watch(&w, monitor, USM_EVENT_SAMPLING_FAILED);
    CHECK_OK(usm_monitor_start(monitor));
    CHECK(rmdir(processes) == 0);
    wait_for_it(&w);
    CHECK(w.reason_status == USM_OK && w.texts_are_kept);
    CHECK(strstr(w.text, processes) != NULL);
    usm_monitor_free(&monitor);
    free(processes);
}

static void what_is_no_event_brings_nothing(void) {
    usm_state *state = NULL;
    const char *text = NULL;
    size_t count = 77;
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_event_state(NULL, &state));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_event_setting_count(NULL, &count));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_event_setting_at(NULL, 0, &text));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_event_reason(NULL, &text));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_event_reason(NULL, NULL));
    CHECK(count == 77);
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    what_is_no_event_brings_nothing();
    a_state_outlives_its_event_and_the_monitor(folder);
    a_change_names_its_settings(folder);
    a_database_says_why_it_is_degraded_and_that_it_has_recovered(folder);
    a_sample_that_fails_says_why(folder);
    return 0;
}
