/* fork() in a program that is a background monitor, hears the log and has a migration's report:
 * what is the parent's stays so; what works on files works in the child as well. */
#include <sys/wait.h>
#include <unistd.h>

#include "recording.h"

static int heard;
static int destroyed;

static void listen_to(const usm_log_message *message, void *user_data) {
    (void)message;
    ++*(int *)user_data;
}

static void destroy(void *user_data) {
    (void)user_data;
    destroyed++;
}

static int32_t fail(const usm_event *event, void *user_data) {
    (void)event;
    (void)user_data;
    return 7;
}

/* A callback of an event that fails is something to say; it is said when this returns. */
static void give_occasion(const char *folder) {
    usm_config *config = test_config(folder);
    usm_monitor *monitor = NULL;
    uint64_t number = 0;
    CHECK_OK(usm_config_set_bool(config, "store_enabled", 0));
    CHECK_OK(usm_monitor_new(config, &monitor));
    CHECK_OK(usm_monitor_subscribe(monitor, USM_EVENT_BIT(USM_EVENT_STATE_UPDATE), fail, NULL,
                                   NULL, NULL));
    CHECK_OK(usm_monitor_collect(monitor, &number));
    usm_monitor_free(&monitor);
    usm_config_free(&config);
}

static void in_the_child(const char *folder, const char *source, usm_service_hold *hold) {
    const usm_status forked = USM_ERR_FORKED;
    usm_service_info info;
    usm_service_hold *own = NULL;
    usm_written written;
    char *text = NULL;
    int in_child = 0;
    usm_service_info_init(&info);
    usm_written_init(&written);
    CHECK_STATUS(forked, usm_service_hold_beat(hold, NULL));
    CHECK_OK(usm_service_status(folder, &info));
    CHECK(info.running == 1 && info.pid == getppid());
    CHECK_STATUS(USM_ERR_INVALID_STATE, usm_service_hold_take(folder, NULL, &own));
    CHECK_STATUS(forked, usm_service_hold_release(&hold, NULL));
    CHECK(hold == NULL);

    give_occasion(folder);
    CHECK(heard == 0);
    CHECK_OK(usm_log_set_callback(listen_to, &in_child, NULL, USM_LOG_WARNING));
    give_occasion(folder);
    CHECK(in_child == 1 && heard == 0 && destroyed == 0);
    CHECK_OK(usm_log_set_callback(NULL, NULL, NULL, 0));

    CHECK_OK(usm_export_text(source, NULL, &text));
    CHECK(text != NULL);
    usm_string_free(text);
    CHECK_OK(usm_report_json(source, NULL, &text));
    CHECK(text != NULL);
    usm_string_free(text);
    CHECK_OK(usm_saved_settings_set(folder, "max_threads", "3"));
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    usm_recording_summary summary;
    char *source = make_recording(folder, "host.usm", &summary);
    usm_service_hold *hold = NULL;
    usm_service_info info;
    char *json = NULL;
    pid_t child;
    int status = 0;
    usm_service_info_init(&info);
    CHECK_OK(usm_service_hold_take(folder, NULL, &hold));
    CHECK_OK(usm_log_set_callback(listen_to, &heard, destroy, USM_LOG_WARNING));
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        in_the_child(folder, source, hold);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);

    CHECK_OK(usm_service_hold_beat(hold, NULL));
    CHECK_OK(usm_service_status(folder, &info));
    CHECK(info.running == 1 && info.ready == 1 && info.pid == getpid());
    CHECK_OK(usm_saved_settings_json(folder, &json));
    CHECK(strcmp(json, "{\"max_threads\":3}") == 0);
    usm_string_free(json);
    give_occasion(folder);
    CHECK(heard == 1 && destroyed == 0);
    CHECK_OK(usm_log_set_callback(NULL, NULL, NULL, 0));
    CHECK(destroyed == 1);
    CHECK_OK(usm_service_hold_release(&hold, NULL));
    free(source);
    return 0;
}
