/* Callbacks: what they are told, when they end, and who frees their data. */
#include <pthread.h>

#include "check.h"

/* What a callback has seen, under a lock. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    usm_monitor *monitor;
    uint64_t subscription;
    uint32_t last_kind;
    int calls;
    int destroyed;
    int32_t answer;
    usm_status status;
    usm_status metrics_status;
    usm_status json_status;
    int json_is_kept;
    char json[256];
    usm_metrics metrics;
} watcher;

static void prepare(watcher *w, usm_monitor *monitor) {
    memset(w, 0, sizeof *w);
    CHECK(pthread_mutex_init(&w->lock, NULL) == 0);
    CHECK(pthread_cond_init(&w->changed, NULL) == 0);
    w->monitor = monitor;
}

static void wait_until(watcher *w, const int *counter, int wanted) {
    pthread_mutex_lock(&w->lock);
    while (*counter < wanted) pthread_cond_wait(&w->changed, &w->lock);
    pthread_mutex_unlock(&w->lock);
}

static int count_of(watcher *w, const int *counter) {
    int count;
    pthread_mutex_lock(&w->lock);
    count = *counter;
    pthread_mutex_unlock(&w->lock);
    return count;
}

static void destroy(void *user_data) {
    watcher *w = (watcher *)user_data;
    pthread_mutex_lock(&w->lock);
    w->destroyed++;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

static int32_t look(const usm_event *event, void *user_data) {
    watcher *w = (watcher *)user_data;
    const char *json = NULL;
    const char *again = NULL;
    int32_t answer;
    pthread_mutex_lock(&w->lock);
    usm_metrics_init(&w->metrics);
    w->metrics_status = usm_event_metrics(event, &w->metrics);
    w->json_status = usm_event_json(event, &json);
    if (w->json_status == USM_OK && usm_event_json(event, &again) == USM_OK) {
        w->json_is_kept = json == again;
        snprintf(w->json, sizeof w->json, "%.200s", json);
    }
    w->last_kind = usm_event_kind(event);
    w->calls += usm_event_timestamp(event) > 1.6e9;
    answer = w->answer;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    return answer;
}

static int32_t unsubscribe_itself(const usm_event *event, void *user_data) {
    watcher *w = (watcher *)user_data;
    (void)event;
    pthread_mutex_lock(&w->lock);
    w->status = usm_monitor_unsubscribe(w->monitor, w->subscription);
    w->calls++;
    pthread_mutex_unlock(&w->lock);
    return 0;
}

static int32_t free_the_monitor(const usm_event *event, void *user_data) {
    watcher *w = (watcher *)user_data;
    (void)event;
    pthread_mutex_lock(&w->lock);
    usm_monitor_free(&w->monitor);
    w->calls++;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    return 0;
}

static void a_state_is_told_with_its_numbers(usm_monitor *monitor) {
    watcher w;
    int calls;
    prepare(&w, monitor);
    CHECK_OK(usm_monitor_subscribe(monitor, USM_EVENT_BIT(USM_EVENT_STATE_UPDATE), look, &w,
                                   destroy, &w.subscription));
    CHECK(w.subscription != 0);
    CHECK_OK(usm_monitor_start(monitor));
    wait_until(&w, &w.calls, 3);
    CHECK_OK(usm_monitor_unsubscribe(monitor, w.subscription));
    /* Ended: destroyed once, and not called any more. */
    calls = count_of(&w, &w.calls);
    CHECK(count_of(&w, &w.destroyed) == 1);
    CHECK(w.last_kind == USM_EVENT_STATE_UPDATE);
    CHECK(w.metrics_status == USM_OK && w.metrics.sequence >= 3);
    CHECK(w.json_status == USM_OK && w.json_is_kept);
    CHECK(strstr(w.json, "\"kind\":\"state_update\"") != NULL);
    CHECK_OK(usm_monitor_collect(monitor, NULL));
    CHECK(count_of(&w, &w.calls) == calls && count_of(&w, &w.destroyed) == 1);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_monitor_unsubscribe(monitor, w.subscription));
}

static void other_events_have_no_numbers(usm_monitor *monitor) {
    watcher w;
    prepare(&w, monitor);
    CHECK_OK(usm_monitor_subscribe(monitor, USM_EVENT_BIT(USM_EVENT_CONFIG_CHANGED), look, &w,
                                   destroy, &w.subscription));
    CHECK_OK(usm_monitor_set_number(monitor, "cache_duration", 7.0));
    wait_until(&w, &w.calls, 1);
    CHECK_OK(usm_monitor_unsubscribe(monitor, w.subscription));
    CHECK(w.last_kind == USM_EVENT_CONFIG_CHANGED);
    CHECK(w.metrics_status == USM_ERR_INVALID_STATE && w.metrics.sequence == 0);
    CHECK(strstr(w.json, "cache_duration") != NULL);
}

static void a_callback_that_fails_is_counted_and_called_again(usm_monitor *monitor) {
    watcher w;
    char *json = NULL;
    const char *events;
    prepare(&w, monitor);
    w.answer = 5;
    CHECK_OK(usm_monitor_subscribe(monitor, USM_EVENTS_ALL, look, &w, destroy, &w.subscription));
    wait_until(&w, &w.calls, 3);
    CHECK_OK(usm_monitor_unsubscribe(monitor, w.subscription));
    CHECK_OK(usm_monitor_collect(monitor, NULL));
    CHECK_OK(usm_monitor_state_json(monitor, &json));
    events = strstr(json, "\"events\":{");
    CHECK(events != NULL && strstr(events, "\"failed\":") != NULL);
    CHECK(strncmp(strstr(events, "\"failed\":"), "\"failed\":0", 10) != 0);
    usm_string_free(json);
}

static void a_callback_may_unsubscribe_itself(usm_monitor *monitor) {
    watcher w;
    prepare(&w, monitor);
    pthread_mutex_lock(&w.lock);
    CHECK_OK(usm_monitor_subscribe(monitor, USM_EVENTS_ALL, unsubscribe_itself, &w, destroy,
                                   &w.subscription));
    pthread_mutex_unlock(&w.lock);
    wait_until(&w, &w.destroyed, 1);
    CHECK(w.status == USM_OK && w.calls == 1);
}

static void a_refused_subscription_destroys_its_data_at_once(usm_monitor *monitor) {
    watcher w;
    uint64_t number = 77;
    prepare(&w, monitor);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                 usm_monitor_subscribe(NULL, 1, look, &w, destroy, &number));
    CHECK(w.destroyed == 1);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                 usm_monitor_subscribe(monitor, 1, NULL, &w, destroy, &number));
    CHECK(w.destroyed == 2);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                 usm_monitor_subscribe(monitor, 0, look, &w, destroy, &number));
    CHECK(w.destroyed == 3 && w.calls == 0 && number == 77);
}

static void freeing_the_monitor_ends_what_is_subscribed(usm_monitor **monitor) {
    watcher w;
    prepare(&w, *monitor);
    CHECK_OK(usm_monitor_subscribe(*monitor, USM_EVENTS_ALL, look, &w, destroy, NULL));
    usm_monitor_free(monitor);
    CHECK(*monitor == NULL && w.destroyed == 1);
}

static void a_callback_may_free_the_monitor(const char *folder) {
    watcher w;
    prepare(&w, test_monitor(folder));
    pthread_mutex_lock(&w.lock);
    CHECK_OK(usm_monitor_subscribe(w.monitor, USM_EVENT_BIT(USM_EVENT_STATE_UPDATE),
                                   free_the_monitor, &w, destroy, NULL));
    CHECK_OK(usm_monitor_start(w.monitor));
    pthread_mutex_unlock(&w.lock);
    wait_until(&w, &w.destroyed, 1);
    CHECK(w.calls == 1 && w.monitor == NULL);
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    usm_monitor *monitor = test_monitor(folder);
    a_state_is_told_with_its_numbers(monitor);
    other_events_have_no_numbers(monitor);
    a_callback_that_fails_is_counted_and_called_again(monitor);
    a_callback_may_unsubscribe_itself(monitor);
    a_refused_subscription_destroys_its_data_at_once(monitor);
    freeing_the_monitor_ends_what_is_subscribed(&monitor);
    a_callback_may_free_the_monitor(folder);
    return 0;
}
