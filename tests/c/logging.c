/* The log, heard by a callback: its messages, its limits, one that replaces or removes itself
 * while it runs, that calls back in, and that is replaced while another thread is inside. */
#include <pthread.h>

#include "check.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

typedef struct {
    int heard;
    int left;
    int destroyed;
    uint32_t level;
    char text[512];
    /* What the callback does. */
    usm_monitor *asks;
    int removes_itself;
    int waits;
    int may_go;
} ear;

static void listen_to(const usm_log_message *message, void *user_data) {
    ear *own = (ear *)user_data;
    CHECK(message->struct_size == sizeof *message);
    CHECK(message->timestamp > 1e9 && strcmp(message->target, "usm") == 0);
    CHECK(own->destroyed == 0);
    if (own->asks != NULL) {
        usm_metrics metrics;
        usm_metrics_init(&metrics);
        CHECK_OK(usm_monitor_metrics(own->asks, &metrics));
    }
    if (own->removes_itself) {
        CHECK_OK(usm_log_set_callback(NULL, NULL, NULL, 0));
        CHECK(own->destroyed == 0);
    }
    pthread_mutex_lock(&lock);
    own->heard++;
    own->level = message->level;
    snprintf(own->text, sizeof own->text, "%s", message->message);
    pthread_cond_broadcast(&changed);
    while (own->waits && !own->may_go) pthread_cond_wait(&changed, &lock);
    own->left++;
    pthread_mutex_unlock(&lock);
}

static void destroy(void *user_data) {
    ear *own = (ear *)user_data;
    pthread_mutex_lock(&lock);
    own->destroyed++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static int count_of(const int *number) {
    int count;
    pthread_mutex_lock(&lock);
    count = *number;
    pthread_mutex_unlock(&lock);
    return count;
}

static void wait_for(const int *number, int wanted) {
    pthread_mutex_lock(&lock);
    while (*number < wanted) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static uint64_t subscription;
static int events;

static int32_t fail(const usm_event *event, void *user_data) {
    (void)event;
    (void)user_data;
    pthread_mutex_lock(&lock);
    events++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    return 7;
}

/* When this returns, what there was to say at the last occasion has been said. */
static void end_occasion(usm_monitor *monitor) {
    if (subscription != 0) CHECK_OK(usm_monitor_unsubscribe(monitor, subscription));
    subscription = 0;
}

/* That a callback of an event fails for the first time is something to say. */
static void give_occasion(usm_monitor *monitor) {
    static double interval = 0.1;
    end_occasion(monitor);
    CHECK_OK(usm_monitor_subscribe(monitor, USM_EVENT_BIT(USM_EVENT_CONFIG_CHANGED), fail, NULL,
                                   NULL, &subscription));
    interval = interval < 0.15 ? 0.2 : 0.1;
    CHECK_OK(usm_monitor_set_number(monitor, "refresh_interval", interval));
}

static void a_message_is_heard(usm_monitor *monitor) {
    ear own;
    memset(&own, 0, sizeof own);
    own.asks = monitor;
    CHECK_OK(usm_log_set_callback(listen_to, &own, destroy, USM_LOG_WARNING));
    give_occasion(monitor);
    wait_for(&own.heard, 1);
    CHECK(own.level == USM_LOG_WARNING && strstr(own.text, "it returned 7") != NULL);
    CHECK_OK(usm_log_set_callback(NULL, NULL, NULL, 0));
    CHECK(own.destroyed == 1 && own.left == own.heard);
}

static void the_one_before_is_heard_no_more(usm_monitor *monitor) {
    ear first;
    ear second;
    int heard;
    memset(&first, 0, sizeof first);
    memset(&second, 0, sizeof second);
    CHECK_OK(usm_log_set_callback(listen_to, &first, destroy, USM_LOG_DEBUG));
    give_occasion(monitor);
    wait_for(&first.heard, 1);
    CHECK_OK(usm_log_set_callback(listen_to, &second, destroy, USM_LOG_DEBUG));
    CHECK(first.destroyed == 1 && first.left == first.heard);
    heard = first.heard;
    give_occasion(monitor);
    wait_for(&second.heard, 1);
    CHECK(first.heard == heard && second.destroyed == 0);
    CHECK_OK(usm_log_set_callback(NULL, NULL, NULL, 0));
    CHECK(second.destroyed == 1 && first.destroyed == 1);
}

static void one_that_removes_itself_is_destroyed_after_it(usm_monitor *monitor) {
    ear own;
    memset(&own, 0, sizeof own);
    own.removes_itself = 1;
    CHECK_OK(usm_log_set_callback(listen_to, &own, destroy, USM_LOG_INFO));
    give_occasion(monitor);
    wait_for(&own.destroyed, 1);
    CHECK(own.heard == 1 && own.left == 1);
}

static void *take_away(void *user_data) {
    ear *own = (ear *)user_data;
    CHECK_OK(usm_log_set_callback(NULL, NULL, NULL, 0));
    CHECK(count_of(&own->left) == count_of(&own->heard) && count_of(&own->destroyed) == 1);
    return NULL;
}

static void who_takes_it_away_waits_until_it_has_returned(usm_monitor *monitor) {
    ear own;
    pthread_t other;
    memset(&own, 0, sizeof own);
    own.waits = 1;
    CHECK_OK(usm_log_set_callback(listen_to, &own, destroy, USM_LOG_INFO));
    give_occasion(monitor);
    wait_for(&own.heard, 1);
    CHECK(pthread_create(&other, NULL, take_away, &own) == 0);
    pthread_mutex_lock(&lock);
    CHECK(own.destroyed == 0);
    own.may_go = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    CHECK(pthread_join(other, NULL) == 0);
    CHECK(own.destroyed == 1);
}

static void what_is_less_urgent_is_not_told(usm_monitor *monitor) {
    ear own;
    const int before = count_of(&events);
    memset(&own, 0, sizeof own);
    CHECK_OK(usm_log_set_callback(listen_to, &own, destroy, USM_LOG_ERROR));
    give_occasion(monitor);
    wait_for(&events, before + 1);
    end_occasion(monitor);
    CHECK(count_of(&own.heard) == 0);
    CHECK_OK(usm_log_set_callback(NULL, NULL, NULL, 0));
    CHECK(own.destroyed == 1);
}

static void misuse_ends_the_user_data_at_once(void) {
    ear own;
    const uint32_t levels[] = {0, 5, 0xFFFFFFFFu};
    int i;
    memset(&own, 0, sizeof own);
    for (i = 0; i < 3; i++) {
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                     usm_log_set_callback(listen_to, &own, destroy, levels[i]));
        CHECK_MESSAGE("USM_LOG_...");
        CHECK(own.destroyed == i + 1);
    }
    CHECK_OK(usm_log_set_callback(NULL, &own, destroy, 99));
    CHECK(own.destroyed == 4 && own.heard == 0);
}

#define ROUNDS 200

static void *change_often(void *user_data) {
    ear *ears = (ear *)user_data;
    int i;
    for (i = 0; i < ROUNDS; i++) {
        CHECK_OK(usm_log_set_callback(listen_to, &ears[i], destroy, USM_LOG_DEBUG));
    }
    return NULL;
}

/* Several threads set one at the same time, while others have something to say. */
static void each_is_destroyed_once(usm_monitor *monitor) {
    static ear ears[3][ROUNDS];
    pthread_t threads[3];
    int i;
    int at;
    memset(ears, 0, sizeof ears);
    for (i = 0; i < 3; i++) CHECK(pthread_create(&threads[i], NULL, change_often, ears[i]) == 0);
    for (i = 0; i < 50; i++) give_occasion(monitor);
    for (i = 0; i < 3; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK_OK(usm_log_set_callback(NULL, NULL, NULL, 0));
    for (i = 0; i < 3; i++) {
        for (at = 0; at < ROUNDS; at++) {
            CHECK(ears[i][at].destroyed == 1 && ears[i][at].left == ears[i][at].heard);
        }
    }
}

int main(int argc, char **argv) {
    usm_config *config = test_config(test_folder(argc, argv));
    usm_monitor *monitor = NULL;
    CHECK_OK(usm_config_set_bool(config, "store_enabled", 0));
    CHECK_OK(usm_config_set_text(config, "log_level", "DEBUG"));
    misuse_ends_the_user_data_at_once();
    CHECK_OK(usm_monitor_new(config, &monitor));
    usm_config_free(&config);
    CHECK_OK(usm_monitor_start(monitor));
    a_message_is_heard(monitor);
    the_one_before_is_heard_no_more(monitor);
    one_that_removes_itself_is_destroyed_after_it(monitor);
    who_takes_it_away_waits_until_it_has_returned(monitor);
    what_is_less_urgent_is_not_told(monitor);
    each_is_destroyed_once(monitor);
    usm_monitor_free(&monitor);
    return 0;
}
