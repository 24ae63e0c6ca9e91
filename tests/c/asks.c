/* What a program tells its monitor, what the monitor keeps, and what the library knows. */
#include <math.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hogs.h"

static char *ask(usm_status (*function)(const usm_monitor *, char **), const usm_monitor *monitor) {
    char *json = NULL;
    CHECK_OK(function(monitor, &json));
    CHECK(json != NULL);
    return json;
}

static void what_is_noted_is_kept(usm_monitor *monitor) {
    char *json;
    char *path = NULL;
    CHECK_OK(usm_monitor_note_timing(monitor, "my_part", "my_work", 0.25));
    json = ask(usm_monitor_components_json, monitor);
    CHECK(strstr(json, "\"components\":[") != NULL && strstr(json, "my_work") != NULL);
    usm_string_free(json);
    CHECK_OK(usm_monitor_note_event(monitor, "deployed", "version 7", "info", "my_part"));
    CHECK_OK(usm_monitor_note_state_json(
        monitor, "{\"timestamp\": 1000.5, \"health_score\": 77.25, \"metrics_data\": \"{}\"}"));
    CHECK_OK(usm_monitor_flush(monitor, 60.0));
    CHECK_OK(usm_monitor_stored_states_json(monitor, 1000.0, 1001.0, 10, &json));
    CHECK(strstr(json, "77.25") != NULL && strstr(json, "1000.5") != NULL);
    usm_string_free(json);
    CHECK_OK(usm_monitor_stored_states_json(monitor, 0.0, 0.0, 0, &json));
    CHECK(strcmp(json, "[]") == 0);
    usm_string_free(json);
    json = ask(usm_monitor_recent_states_json, monitor);
    CHECK(strncmp(json, "[{", 2) == 0);
    usm_string_free(json);
    CHECK_OK(usm_monitor_store_path(monitor, &path));
    CHECK(access(path, R_OK) == 0);
    usm_string_free(path);
}

static void a_process_is_looked_at_closely(usm_monitor *monitor) {
    double bytes = 0.0;
    double files = 0.0;
    CHECK_OK(usm_monitor_process_extra(monitor, getpid(), &bytes, &files));
    CHECK(files >= 1.0 && (isnan(bytes) || bytes > 0.0));
    CHECK_OK(usm_monitor_process_extra(monitor, getpid(), NULL, NULL));
    bytes = 7.0;
    CHECK(usm_monitor_process_extra(monitor, -1, &bytes, NULL) != USM_OK);
    CHECK(usm_monitor_process_extra(monitor, INT32_MAX, &bytes, NULL) != USM_OK);
    CHECK(usm_monitor_process_extra(monitor, INT32_MIN, &bytes, NULL) != USM_OK);
    CHECK(bytes == 7.0);
}

static void what_the_library_knows(void) {
    char *json = NULL;
    double health = 0.0;
    double performance = 0.0;
    CHECK_OK(usm_metric_names_json(&json));
    CHECK(strstr(json, "\"cpu_percent\"") != NULL);
    usm_string_free(json);
    CHECK_OK(usm_tools_json(&json));
    CHECK(strstr(json, "\"name\":\"htop\"") != NULL);
    usm_string_free(json);
    CHECK_OK(usm_optimizer_defaults_json(&json));
    CHECK(json[0] == '{' && strstr(json, "\"scope\"") != NULL);
    usm_string_free(json);
    CHECK_OK(usm_scores_of("{\"cpu_percent\": 0.0, \"memory_percent\": 0.0, \"disk_percent\": 0.0}",
                           &health, &performance));
    CHECK(health == 100.0 && isnan(performance));
    CHECK_OK(usm_scores_of("{\"pressure_cpu_some_percent\": 50}", &health, &performance));
    CHECK(isnan(health) && performance > 0.0 && performance < 100.0);
    CHECK_OK(usm_scores_of("{\"cpu_percent\": 100, \"memory_percent\": 100, \"disk_percent\": 100}",
                           &health, &performance));
    CHECK(health == 0.0);
    CHECK_OK(usm_scores_of("{\"cpu_percent\": null}", &health, &performance));
    CHECK(isnan(health) && isnan(performance));
}

static void a_process_that_stands_still_goes_on(const char *folder) {
    usm_config *config = test_config(folder);
    usm_optimizer *optimizer = NULL;
    usm_monitor *monitor = NULL;
    usm_state *state = NULL;
    usm_process *list;
    size_t count = 0;
    size_t i;
    char *json = NULL;
    char *path = NULL;
    char settings[100];
    int status = 0;
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        /* It ends with the test, however that ends. */
        CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
        for (;;) pause();
    }
    CHECK_OK(usm_config_set_bool(config, "store_enabled", 1));
    snprintf(settings, sizeof settings, "{\"scope\": \"subtree:%ld\"}", (long)getpid());
    CHECK_OK(usm_optimizer_new(config, settings, &optimizer));
    CHECK_OK(usm_optimizer_store_path(optimizer, &path));
    CHECK(strstr(path, "performance_optimizer.db") != NULL);
    usm_string_free(path);
    CHECK_OK(usm_monitor_new(config, &monitor));
    usm_config_free(&config);
    CHECK_OK(usm_monitor_collect(monitor, NULL));
    CHECK_OK(usm_monitor_state(monitor, &state));
    CHECK_OK(usm_state_top_processes(state, USM_ORDER_PID, NULL, sizeof *list, 0, &count));
    list = (usm_process *)calloc(count, sizeof *list);
    CHECK(list != NULL);
    CHECK_OK(usm_state_top_processes(state, USM_ORDER_PID, list, sizeof *list, count, &count));
    for (i = 0; i < count && list[i].pid != child; i++) continue;
    CHECK(i < count);
    CHECK_STATUS(USM_ERR_NOT_FOUND,
                 usm_optimizer_resume_process(optimizer, child, list[i].start_time_ticks + 1, NULL));
    CHECK_OK(usm_optimizer_resume_process(optimizer, child, list[i].start_time_ticks, &json));
    CHECK(strcmp(json, "\"unchanged\"") == 0);
    usm_string_free(json);
    CHECK(kill(child, SIGSTOP) == 0);
    CHECK(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
    CHECK_OK(usm_optimizer_resume_process(optimizer, child, list[i].start_time_ticks, &json));
    CHECK(strcmp(json, "\"restored\"") == 0);
    usm_string_free(json);
    CHECK(waitpid(child, &status, WCONTINUED) == child && WIFCONTINUED(status));
    CHECK(kill(child, SIGKILL) == 0);
    CHECK(waitpid(child, &status, 0) == child);
    free(list);
    usm_state_free(&state);
    usm_monitor_free(&monitor);
    usm_optimizer_free(&optimizer);
}

static void misuse_is_answered(usm_monitor *monitor) {
    const usm_status invalid = USM_ERR_INVALID_ARGUMENT;
    usm_monitor *odd = (usm_monitor *)(void *)&monitor;
    const double times[] = {NAN, INFINITY, -1.0};
    char *json = (char *)&odd;
    double score = 7.0;
    size_t i;
    char *const large = (char *)malloc(70000);
    CHECK(large != NULL);
    memset(large, 'x', 69999);
    large[69999] = '\0';
    for (i = 0; i < sizeof times / sizeof *times; i++) {
        CHECK_STATUS(invalid, usm_monitor_note_timing(monitor, "a", "b", times[i]));
    }
    CHECK_STATUS(invalid, usm_monitor_note_timing(NULL, "a", "b", 1.0));
    CHECK_STATUS(invalid, usm_monitor_note_timing(monitor, NULL, "b", 1.0));
    CHECK_STATUS(invalid, usm_monitor_note_timing(monitor, "a", NULL, 1.0));
    CHECK_STATUS(invalid, usm_monitor_note_timing(monitor, "", "b", 1.0));
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_monitor_note_timing(monitor, "\xff", "b", 1.0));
    CHECK_STATUS(invalid, usm_monitor_note_event(monitor, NULL, "b", "c", "d"));
    CHECK_STATUS(invalid, usm_monitor_note_event(monitor, "a", NULL, "c", "d"));
    CHECK_STATUS(invalid, usm_monitor_note_event(monitor, "a", "b", NULL, "d"));
    CHECK_STATUS(invalid, usm_monitor_note_event(monitor, "a", "b", "c", NULL));
    CHECK_STATUS(invalid, usm_monitor_note_event(monitor, "a", large, "c", "d"));
    CHECK_STATUS(invalid, usm_monitor_note_event(monitor, large, "b", "c", "d"));
    CHECK_STATUS(invalid, usm_monitor_note_state_json(monitor, NULL));
    CHECK_STATUS(invalid, usm_monitor_note_state_json(monitor, "[]"));
    CHECK_STATUS(invalid, usm_monitor_note_state_json(monitor, "{}"));
    CHECK_STATUS(invalid, usm_monitor_store_path(monitor, NULL));
    CHECK_STATUS(invalid, usm_monitor_stored_states_json(monitor, NAN, 0.0, 1, &json));
    CHECK(json == NULL);
    CHECK_STATUS(invalid, usm_monitor_recent_states_json(NULL, &json));
    CHECK_STATUS(invalid, usm_monitor_components_json(monitor, NULL));
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_monitor_components_json(odd, &json));
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_monitor_note_event(odd, "a", "b", "c", "d"));
    CHECK_STATUS(invalid, usm_metric_names_json(NULL));
    CHECK_STATUS(invalid, usm_tools_json(NULL));
    CHECK_STATUS(invalid, usm_optimizer_defaults_json(NULL));
    CHECK_STATUS(invalid, usm_scores_of(NULL, &score, &score));
    CHECK_STATUS(invalid, usm_scores_of("{\"cpu\": 1}", &score, &score));
    CHECK_STATUS(invalid, usm_scores_of("{\"cpu_percent\": \"x\"}", &score, &score));
    CHECK_STATUS(invalid, usm_scores_of("7", &score, &score));
    CHECK_STATUS(invalid, usm_scores_of("{}", NULL, &score));
    CHECK_STATUS(invalid, usm_scores_of("{}", &score, NULL));
    CHECK(score == 7.0);
    CHECK_STATUS(invalid, usm_optimizer_resume_process(NULL, 1, 1, NULL));
    CHECK_STATUS(invalid, usm_optimizer_store_path(NULL, &json));
    free(large);
}

static void without_a_store_nothing_is_kept(const char *folder) {
    usm_config *config = test_config(folder);
    usm_monitor *monitor = NULL;
    char *text = (char *)&monitor;
    CHECK_OK(usm_config_set_bool(config, "store_enabled", 0));
    CHECK_OK(usm_monitor_new(config, &monitor));
    usm_config_free(&config);
    CHECK_OK(usm_monitor_store_path(monitor, &text));
    CHECK(text == NULL);
    CHECK_OK(usm_monitor_note_event(monitor, "a", "b", "c", "d"));
    CHECK_STATUS(USM_ERR_INVALID_STATE,
                 usm_monitor_stored_states_json(monitor, 0.0, 0.0, 1, &text));
    usm_monitor_free(&monitor);
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    usm_monitor *monitor;
    if (can_act()) a_process_that_stands_still_goes_on(folder);
    monitor = test_monitor(folder);
    CHECK_OK(usm_monitor_collect(monitor, NULL));
    what_is_noted_is_kept(monitor);
    a_process_is_looked_at_closely(monitor);
    misuse_is_answered(monitor);
    usm_monitor_free(&monitor);
    what_the_library_knows();
    without_a_store_nothing_is_kept(folder);
    return 0;
}
