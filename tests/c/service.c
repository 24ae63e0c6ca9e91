/* The monitor in the background: this program starts itself as one, in a folder of the test's
 * own, looks at it and stops it; one that ends at once, one that does not want to end; and
 * misuse. No process is signalled but those that were started here. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hogs.h"

static char own_path[4096];

/* What a program needs to be the monitor of the folder in USM_DATA_DIR. */
static int be_the_monitor(int is_stubborn) {
    const struct timespec pause = {0, 20000000};
    usm_service_claim claim = USM_SERVICE_CLAIM_INIT;
    usm_service_hold *hold = NULL;
    usm_monitor *monitor = NULL;
    usm_config *config = NULL;
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    CHECK(sigprocmask(SIG_BLOCK, &ends, NULL) == 0);
    claim.refresh_interval = 0.1;
    CHECK_OK(usm_service_hold_take(NULL, &claim, &hold));
    CHECK_OK(usm_config_new_layered(NULL, NULL, &config));
    CHECK_OK(usm_config_set_number(config, "refresh_interval", 0.1));
    CHECK_OK(usm_monitor_new(config, &monitor));
    usm_config_free(&config);
    CHECK_OK(usm_monitor_start(monitor));
    CHECK_OK(usm_monitor_wait(monitor, 0, 60.0, NULL));
    printf("it begins\n");
    fflush(stdout);
    do {
        CHECK_OK(usm_service_hold_beat(hold, monitor));
    } while (is_stubborn || sigtimedwait(&ends, NULL, &pause) != SIGTERM);
    usm_monitor_free(&monitor);
    CHECK_OK(usm_service_hold_release(&hold, "the test asked"));
    CHECK(hold == NULL);
    return 0;
}

static usm_service_info look(const char *folder) {
    usm_service_info info;
    usm_service_info_init(&info);
    CHECK_OK(usm_service_status(folder, &info));
    return info;
}

static void a_folder_without_one_is_left_as_it_is(const char *folder) {
    usm_service_info info = look(folder);
    uint32_t what = 9;
    char *text = NULL;
    struct stat found;
    CHECK(info.running == 0 && info.pid == -1 && info.fell_silent == 0);
    CHECK(isnan(info.started_at) && isnan(info.sequence) && isnan(info.alerts_firing));
    CHECK_OK(usm_service_stop(folder, 1.0, 1, &what));
    CHECK(what == USM_SERVICE_NOT_RUNNING);
    CHECK_OK(usm_service_status_json(folder, &text));
    CHECK(strstr(text, "\"running\":false") != NULL && strstr(text, "\"record\":null") != NULL);
    usm_string_free(text);
    CHECK_OK(usm_service_log(folder, 10, &text));
    CHECK(strcmp(text, "") == 0);
    usm_string_free(text);
    CHECK(stat(folder, &found) != 0);
}

static void it_starts_and_stops(const char *folder) {
    const char *const command[] = {own_path, "as-monitor", "plain"};
    usm_service_info info;
    usm_service_info again;
    usm_service_hold *hold = (usm_service_hold *)(void *)&info;
    int32_t is_new = 7;
    uint32_t what = 9;
    char *text = NULL;
    usm_service_info_init(&info);
    usm_service_info_init(&again);
    CHECK_OK(usm_service_start(folder, command, 3, 60.0, &is_new, &info));
    CHECK(is_new == 1 && info.running == 1 && info.ready == 1 && info.elsewhere == 0);
    CHECK(info.pid > 0 && info.pid != getpid() && info.refresh_interval == 0.1);
    CHECK(info.sequence >= 1.0 && info.state_at > 1e9 && info.heard_at >= info.started_at);
    CHECK(isnan(info.ended_at));
    /* One at a time. */
    CHECK_OK(usm_service_start(folder, command, 3, 60.0, &is_new, &again));
    CHECK(is_new == 0 && again.pid == info.pid);
    CHECK_OK(usm_service_start(folder, command, 3, 0.0, NULL, NULL));
    CHECK_STATUS(USM_ERR_INVALID_STATE, usm_service_hold_take(folder, NULL, &hold));
    CHECK_MESSAGE("is the monitor of");
    CHECK(hold == NULL);
    CHECK_OK(usm_service_status_json(folder, &text));
    CHECK(strstr(text, "\"running\":true") != NULL && strstr(text, "as-monitor") != NULL);
    usm_string_free(text);

    if (can_act()) {
        CHECK_OK(usm_service_stop(folder, 60.0, 0, &what));
        CHECK(what == USM_SERVICE_STOPPED);
    } else {
        CHECK_STATUS(USM_ERR_UNSUPPORTED, usm_service_stop(folder, 60.0, 0, &what));
        CHECK_MESSAGE("pidfd");
        CHECK(what == 9 && kill(info.pid, SIGTERM) == 0);
        while (look(folder).running) usleep(10000);
    }
    again = look(folder);
    CHECK(again.running == 0 && again.ready == 0 && again.fell_silent == 0);
    CHECK(again.pid == info.pid && again.ended_at >= info.started_at);
    CHECK_OK(usm_service_status_json(folder, &text));
    CHECK(strstr(text, "the test asked") != NULL);
    usm_string_free(text);
    CHECK_OK(usm_service_log(folder, 1, &text));
    CHECK(strcmp(text, "it begins") == 0);
    usm_string_free(text);
    CHECK_OK(usm_service_stop(folder, 0.0, 0, NULL));
}

static void one_that_does_not_end_is_killed(const char *folder) {
    const char *const command[] = {own_path, "as-monitor", "stubborn"};
    usm_service_info info;
    uint32_t what = 9;
    CHECK_OK(usm_service_start(folder, command, 3, INFINITY, NULL, NULL));
    CHECK_STATUS(USM_ERR_TIMED_OUT, usm_service_stop(folder, 0.0, 0, &what));
    CHECK(what == 9 && look(folder).running == 1);
    CHECK_OK(usm_service_stop(folder, 0.0, 1, &what));
    CHECK(what == USM_SERVICE_KILLED);
    info = look(folder);
    CHECK(info.running == 0 && info.fell_silent == 1 && info.rebooted == 0);
    CHECK(isnan(info.ended_at));
}

static void one_that_ends_at_once_says_why(const char *folder) {
    const char *const says_why[] = {"sh", "-c", "echo no room here; exit 3"};
    const char *const missing[] = {"/nonexistent/monitor"};
    int32_t is_new = 7;
    CHECK_STATUS(USM_ERR_INVALID_STATE,
                 usm_service_start(folder, says_why, 3, 60.0, &is_new, NULL));
    CHECK_MESSAGE("no room here");
    CHECK_STATUS(USM_ERR_NOT_FOUND, usm_service_start(folder, missing, 1, 60.0, &is_new, NULL));
    CHECK_MESSAGE("/nonexistent/monitor");
    /* The usual one is `usm`, which is neither beside this program nor in this PATH. */
    CHECK(setenv("PATH", "/nonexistent", 1) == 0);
    CHECK_STATUS(USM_ERR_NOT_FOUND, usm_service_start(folder, NULL, 0, 60.0, &is_new, NULL));
    CHECK_MESSAGE("usm");
    CHECK(is_new == 7);
}

static void this_program_holds_it_itself(const char *folder) {
    usm_service_hold *hold = NULL;
    usm_service_info info;
    char lock[4096];
    CHECK_OK(usm_service_hold_take(folder, NULL, &hold));
    info = look(folder);
    CHECK(info.running == 1 && info.ready == 0 && info.pid == getpid());
    CHECK(info.refresh_interval == 2.0 && isnan(info.heard_at));
    CHECK_OK(usm_service_hold_beat(hold, NULL));
    info = look(folder);
    CHECK(info.ready == 1 && info.heard_at > 1e9 && isnan(info.sequence));
    /* A lock that somebody removed is made again. */
    snprintf(lock, sizeof lock, "%s/monitor.lock", folder);
    CHECK(unlink(lock) == 0);
    CHECK(look(folder).running == 0);
    CHECK_OK(usm_service_hold_beat(hold, NULL));
    CHECK(look(folder).running == 1);
    /* Without a word it is as if the process had died. */
    usm_service_hold_free(&hold);
    CHECK(hold == NULL);
    info = look(folder);
    CHECK(info.running == 0 && isnan(info.ended_at));
    CHECK_OK(usm_service_hold_take(folder, NULL, &hold));
    CHECK_OK(usm_service_hold_release(&hold, NULL));
    CHECK(look(folder).running == 0 && look(folder).fell_silent == 0);
    CHECK(look(folder).ended_at > 1e9);
}

static void misuse_is_answered(const char *folder) {
    const usm_status invalid = USM_ERR_INVALID_ARGUMENT;
    const char *const holes[] = {"sh", NULL};
    const char *const command[] = {"sh"};
    usm_service_claim claim = USM_SERVICE_CLAIM_INIT;
    usm_service_hold *hold = (usm_service_hold *)(void *)&claim;
    usm_service_hold *odd;
    usm_service_info info;
    usm_config *config = NULL;
    uint32_t what = 9;
    char *text = (char *)&what;
    memset(&info, 0, sizeof info);
    CHECK_STATUS(invalid, usm_service_status(folder, NULL));
    CHECK_STATUS(invalid, usm_service_status(folder, &info));
    CHECK_MESSAGE("usm_service_info_init()");
    usm_service_info_init(&info);
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_service_status("\xff", &info));
    CHECK_STATUS(invalid, usm_service_status_json(folder, NULL));
    CHECK_STATUS(invalid, usm_service_log(folder, 1, NULL));
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_service_log("\xff", 1, &text));
    CHECK(text == NULL);
    CHECK_STATUS(invalid, usm_service_start(folder, holes, 2, 1.0, NULL, NULL));
    CHECK_STATUS(invalid, usm_service_start(folder, NULL, 2, 1.0, NULL, NULL));
    CHECK_STATUS(invalid, usm_service_start(folder, command, 0, 1.0, NULL, NULL));
    CHECK_STATUS(invalid, usm_service_start(folder, command, SIZE_MAX, 1.0, NULL, NULL));
    CHECK_STATUS(invalid, usm_service_start(folder, command, 1, -1.0, NULL, NULL));
    CHECK_STATUS(invalid, usm_service_start(folder, command, 1, NAN, NULL, NULL));
    CHECK_STATUS(invalid, usm_service_stop(folder, NAN, 0, &what));
    CHECK_STATUS(invalid, usm_service_stop(folder, -1.0, 0, &what));
    CHECK(what == 9);
    CHECK_STATUS(invalid, usm_service_hold_take(folder, NULL, NULL));
    claim.refresh_interval = NAN;
    CHECK_STATUS(invalid, usm_service_hold_take(folder, &claim, &hold));
    CHECK(hold == NULL);
    claim.struct_size = 2;
    CHECK_STATUS(invalid, usm_service_hold_take(folder, &claim, &hold));
    CHECK_MESSAGE("USM_SERVICE_CLAIM_INIT");
    CHECK(usm_service_hold_take("/proc/usm", NULL, &hold) != USM_OK);
    CHECK_STATUS(invalid, usm_service_hold_beat(NULL, NULL));
    CHECK_OK(usm_service_hold_release(NULL, NULL));
    CHECK_OK(usm_service_hold_release(&hold, NULL));
    usm_service_hold_free(NULL);
    usm_service_hold_free(&hold);
    CHECK_OK(usm_config_new(&config));
    odd = (usm_service_hold *)(void *)config;
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_service_hold_beat(odd, NULL));
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_service_hold_release(&odd, NULL));
    usm_service_hold_free(&odd);
    CHECK(odd != NULL);
    CHECK_OK(usm_service_hold_take(folder, NULL, &hold));
    CHECK_STATUS(USM_ERR_INVALID_HANDLE,
                 usm_service_hold_beat(hold, (const usm_monitor *)(const void *)config));
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_service_hold_release(&hold, "\xff"));
    CHECK(hold != NULL);
    CHECK_OK(usm_service_hold_release(&hold, NULL));
    usm_config_free(&config);
}

int main(int argc, char **argv) {
    char folder[4000];
    ssize_t length;
    if (argc == 3 && strcmp(argv[1], "as-monitor") == 0) {
        return be_the_monitor(strcmp(argv[2], "stubborn") == 0);
    }
    /* Under valgrind that is this program as well. */
    length = readlink("/proc/self/exe", own_path, sizeof own_path - 1);
    CHECK(length > 0);
    snprintf(folder, sizeof folder, "%s/data", test_folder(argc, argv));
    a_folder_without_one_is_left_as_it_is(folder);
    it_starts_and_stops(folder);
    if (can_act()) one_that_does_not_end_is_killed(folder);
    this_program_holds_it_itself(folder);
    misuse_is_answered(folder);
    one_that_ends_at_once_says_why(folder);
    return 0;
}
