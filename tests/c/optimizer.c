/* The optimizer from C, for real, on processes of its own: demo mode, act, explain, undo,
 * cancel, scope, kill switch, profiles, analysis and plan. */
#include <errno.h>
#include <math.h>
#include <pthread.h>

#include "check.h"
#include "hogs.h"

static int policy_of(pid_t pid) {
    const int policy = sched_getscheduler(pid);
    CHECK(policy >= 0);
    return policy;
}

static int nice_of(pid_t pid) {
    int nice;
    errno = 0;
    nice = getpriority(PRIO_PROCESS, (id_t)pid);
    CHECK(errno == 0);
    return nice;
}

static void nothing_is_changed(void) {
    size_t i;
    for (i = 0; i < HOGS; i++) {
        CHECK(policy_of(hogs[i]) == SCHED_OTHER);
        CHECK(nice_of(hogs[i]) == 0);
    }
}

static usm_execute_options for_real(int verify) {
    usm_execute_options options = USM_EXECUTE_OPTIONS_INIT;
    options.dry_run = 0;
    options.verify = verify;
    return options;
}

/* Executes a list of one action and gives its result; the report is the caller's. */
static usm_action_result only_result(usm_optimizer *optimizer, usm_action_list **actions,
                                     const usm_execute_options *options,
                                     usm_execution_report **report) {
    usm_action_result result;
    size_t size = 0;
    CHECK_OK(usm_optimizer_execute(optimizer, *actions, options, report));
    usm_action_list_free(actions);
    CHECK_OK(usm_execution_report_size(*report, &size));
    CHECK(size == 1);
    usm_action_result_init(&result);
    CHECK_OK(usm_execution_report_at(*report, 0, &result));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_execution_report_at(*report, 1, &result));
    printf("%s: %s\n", result.action, result.reason);
    return result;
}

static void a_demo_changes_nothing(usm_optimizer *optimizer) {
    usm_action_list *actions = action_on("set_batch", hogs[0]);
    usm_execution_report *report = NULL;
    usm_execution_summary summary;
    char *json = NULL;
    const usm_action_result result = only_result(optimizer, &actions, NULL, &report);
    CHECK(result.success == 1 && result.dry_run == 1 && result.rolled_back == 0);
    CHECK(result.action_type == USM_ACTION_SET_BATCH);
    CHECK(result.verdict == USM_VERDICT_NOT_MEASURED);
    CHECK(isnan(result.after_value) && isnan(result.lease_until) && isnan(result.freed_bytes));
    CHECK(result.error == NULL && strlen(result.changes) > 0);
    usm_execution_summary_init(&summary);
    CHECK_OK(usm_execution_report_summary(report, &summary));
    CHECK(summary.executed == 1 && summary.successful == 1 && summary.failed == 0);
    CHECK(summary.dry_run == 1 && summary.cancelled == 0 && summary.execution_time >= 0.0);
    CHECK_OK(usm_execution_report_json(report, &json));
    CHECK(strstr(json, "\"dry_run\":true") != NULL);
    usm_string_free(json);
    usm_execution_report_free(&report);
    CHECK(report == NULL);
    nothing_is_changed();
}

static void what_can_not_be_done_is_told(usm_optimizer *optimizer) {
    usm_action_list *actions = action_on("set_batch", hogs[0]);
    const usm_execute_options options = for_real(0);
    usm_execution_report *report = NULL;
    const usm_action_result result = only_result(optimizer, &actions, &options, &report);
    CHECK(result.success == 0 && result.error != NULL);
    usm_execution_report_free(&report);
    nothing_is_changed();
}

static void an_act_is_explained_and_taken_back(usm_optimizer *optimizer) {
    usm_action_list *actions = action_on("set_batch", hogs[0]);
    const usm_execute_options options = for_real(0);
    usm_execution_report *report = NULL;
    char *json = NULL;
    const usm_action_result result = only_result(optimizer, &actions, &options, &report);
    CHECK(result.success == 1 && result.dry_run == 0 && result.action_id > 0);
    CHECK(policy_of(hogs[0]) == SCHED_BATCH);
    CHECK(policy_of(hogs[1]) == SCHED_OTHER);

    CHECK_OK(usm_optimizer_status_json(optimizer, &json));
    CHECK(strstr(json, "\"changes\":[{") != NULL);
    usm_string_free(json);
    CHECK_OK(usm_optimizer_explain_json(optimizer, result.action_id, &json));
    CHECK(strstr(json, "set_batch") != NULL);
    usm_string_free(json);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_optimizer_explain_json(optimizer, 1000000, &json));
    CHECK(json == NULL);
    CHECK_OK(usm_optimizer_history_json(optimizer, 10, &json));
    CHECK(json[0] == '[' && json[1] == '{');
    usm_string_free(json);

    CHECK_OK(usm_optimizer_rollback(optimizer, result.action_id, &json));
    CHECK(strstr(json, "\"restored\"") != NULL);
    usm_string_free(json);
    usm_execution_report_free(&report);
    nothing_is_changed();
    CHECK_STATUS(USM_ERR_NOT_FOUND, usm_optimizer_rollback(optimizer, 1000000, NULL));
    CHECK_OK(usm_optimizer_rollback(optimizer, 0, &json));
    CHECK(strstr(json, "\"restored\"") == NULL);
    usm_string_free(json);
    nothing_is_changed();
}

static void a_nice_value_is_put_back_by_root(usm_optimizer *optimizer) {
    usm_action_list *actions;
    const usm_execute_options options = for_real(0);
    usm_execution_report *report = NULL;
    usm_action_result result;
    if (geteuid() != 0) {
        printf("skipped: an ordinary user can't take back a nice value\n");
        return;
    }
    actions = action_on("lower_priority", hogs[1]);
    result = only_result(optimizer, &actions, &options, &report);
    CHECK(result.success == 1);
    CHECK(nice_of(hogs[1]) > 0 && nice_of(hogs[0]) == 0);
    usm_execution_report_free(&report);
    CHECK_OK(usm_optimizer_rollback(optimizer, 0, NULL));
    nothing_is_changed();
}

static void what_is_measured_stays_only_if_it_helps(usm_optimizer *optimizer) {
    usm_action_list *actions = action_on("set_batch", hogs[2]);
    const usm_execute_options options = for_real(1);
    usm_execution_report *report = NULL;
    const usm_action_result result = only_result(optimizer, &actions, &options, &report);
    printf("verdict: %s\n", usm_verdict_name(result.verdict));
    CHECK(result.error == NULL || result.success == 0);
    CHECK((policy_of(hogs[2]) == SCHED_BATCH) == (result.success == 1));
    if (result.rolled_back == 1) CHECK(result.verdict != USM_VERDICT_HELPED);
    if (result.success == 1) CHECK(result.verdict == USM_VERDICT_HELPED);
    usm_execution_report_free(&report);
    CHECK_OK(usm_optimizer_rollback(optimizer, 0, NULL));
    nothing_is_changed();
}

static void what_lies_outside_the_scope_is_refused(usm_optimizer *optimizer) {
    usm_action_list *actions = action_on("set_batch", getpid());
    usm_execute_options options = for_real(0);
    usm_execution_report *report = NULL;
    usm_execution_summary summary;
    char scope[64];
    usm_action_result result = only_result(optimizer, &actions, &options, &report);
    CHECK(result.success == 0 && result.error != NULL && strlen(result.reason) > 0);
    CHECK(policy_of(getpid()) == SCHED_OTHER);
    usm_execution_summary_init(&summary);
    CHECK_OK(usm_execution_report_summary(report, &summary));
    CHECK(summary.executed == 1 && summary.successful == 0 && summary.failed == 1);
    usm_execution_report_free(&report);

    snprintf(scope, sizeof scope, "subtree:%d", (int)hogs[0]);
    CHECK_OK(usm_optimizer_set_scope(optimizer, scope));
    actions = action_on("set_batch", hogs[1]);
    result = only_result(optimizer, &actions, &options, &report);
    CHECK(result.success == 0 && strstr(result.error, "scope") != NULL);
    usm_execution_report_free(&report);
    nothing_is_changed();
    CHECK_OK(usm_optimizer_set_scope(optimizer, hogs_scope()));
}

typedef struct {
    int calls;
    int32_t answer;
    pthread_t thread;
} watcher;

static int32_t watch(const usm_progress *progress, void *user_data) {
    watcher *w = (watcher *)user_data;
    CHECK(progress->struct_size == sizeof *progress);
    CHECK(strlen(progress->stage) > 0 && progress->what != NULL);
    CHECK(pthread_equal(pthread_self(), w->thread));
    w->calls++;
    return w->answer;
}

static void progress_is_told_and_can_cancel(usm_optimizer *optimizer) {
    usm_action_list *actions = action_on("set_batch", hogs[3]);
    usm_execute_options options = for_real(1);
    usm_execution_report *report = NULL;
    usm_execution_summary summary;
    usm_action_result result;
    watcher w = {0, 0, pthread_self()};
    options.progress = watch;
    options.user_data = &w;
    usm_execution_summary_init(&summary);

    result = only_result(optimizer, &actions, &options, &report);
    CHECK_OK(usm_execution_report_summary(report, &summary));
    CHECK(w.calls > 0 && summary.cancelled == 0);
    usm_execution_report_free(&report);
    CHECK_OK(usm_optimizer_rollback(optimizer, 0, NULL));
    nothing_is_changed();

    w.calls = 0;
    w.answer = 1;
    actions = action_on("set_batch", hogs[3]);
    result = only_result(optimizer, &actions, &options, &report);
    CHECK_OK(usm_execution_report_summary(report, &summary));
    CHECK(w.calls > 0 && summary.cancelled == 1);
    CHECK(result.success == 0);
    usm_execution_report_free(&report);
    nothing_is_changed();
}

static void the_kill_switch_takes_back_and_forbids(usm_optimizer *optimizer) {
    usm_action_list *actions = action_on("set_batch", hogs[0]);
    const usm_execute_options options = for_real(0);
    usm_execution_report *report = NULL;
    char *json = NULL;
    CHECK(only_result(optimizer, &actions, &options, &report).success == 1);
    usm_execution_report_free(&report);
    CHECK_OK(usm_optimizer_halt(optimizer, 1, &json));
    CHECK(strstr(json, "\"restored\"") != NULL);
    usm_string_free(json);
    nothing_is_changed();
    actions = action_on("set_batch", hogs[0]);
    CHECK_STATUS(USM_ERR_REFUSED, usm_optimizer_execute(optimizer, actions, &options, &report));
    CHECK(report == NULL);
    CHECK_OK(usm_optimizer_status_json(optimizer, &json));
    CHECK(strstr(json, "\"halted\":true") != NULL);
    usm_string_free(json);
    nothing_is_changed();
    CHECK_OK(usm_optimizer_halt(optimizer, 0, NULL));
    CHECK_OK(usm_optimizer_execute(optimizer, actions, NULL, &report));
    usm_execution_report_free(&report);
    usm_action_list_free(&actions);
}

static int is_a_hog(int pid) {
    size_t i;
    for (i = 0; i < HOGS; i++) {
        if (hogs[i] == pid) return 1;
    }
    return 0;
}

static void whatever_is_planned_is_within_the_scope(usm_optimizer *optimizer) {
    usm_target_list *targets = NULL;
    usm_action_list *actions = NULL;
    usm_action_list *again = NULL;
    usm_execution_report *report = NULL;
    usm_target target;
    usm_culprit culprit;
    usm_action action;
    size_t size = 7;
    size_t other = 7;
    size_t i;
    size_t k;
    char *json = NULL;
    CHECK_OK(usm_optimizer_analyze(optimizer, &targets));
    CHECK_OK(usm_target_list_size(targets, &size));
    for (i = 0; i < size; i++) {
        usm_target_init(&target);
        CHECK_OK(usm_target_list_at(targets, i, &target));
        printf("target %s (%s): %s\n", usm_resource_name(target.target_type),
               usm_target_metric_name(target.metric), target.description);
        CHECK(strcmp(usm_resource_name(target.target_type), "unknown") != 0);
        CHECK(target.confidence >= 0.0 && target.confidence <= 1.0);
        CHECK(strlen(target.description) > 0 && strlen(target.method) > 0);
        for (k = 0; k < target.culprit_count; k++) {
            usm_culprit_init(&culprit);
            CHECK_OK(usm_target_list_culprit(targets, i, k, &culprit));
            printf("  culprit %d %s: %.1f %s\n", (int)culprit.pid, culprit.name, culprit.usage,
                   culprit.unit);
            CHECK(culprit.pid > 0 && culprit.start_time_ticks > 0);
            CHECK(!culprit.may_be_touched || is_a_hog(culprit.pid));
            CHECK(culprit.may_be_touched || culprit.untouchable_reason != NULL);
        }
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_target_list_culprit(targets, i, k, &culprit));
    }
    usm_target_init(&target);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_target_list_at(targets, size, &target));
    CHECK_OK(usm_target_list_json(targets, &json));
    CHECK(json[0] == '[');
    usm_string_free(json);

    CHECK_OK(usm_optimizer_plan(optimizer, targets, &actions));
    usm_target_list_free(&targets);
    CHECK_OK(usm_action_list_size(actions, &size));
    for (i = 0; i < size; i++) {
        usm_action_init(&action);
        CHECK_OK(usm_action_list_at(actions, i, &action));
        printf("action %s of %s: %s\n", usm_action_name(action.action_type), action.target_id,
               action.effect_reason);
        CHECK(action.pid == 0 || is_a_hog(action.pid));
        CHECK(action.id > 0 && strlen(action.description) > 0);
    }
    CHECK_OK(usm_action_list_json(actions, &json));
    CHECK_OK(usm_action_list_from_json(json, &again));
    usm_string_free(json);
    CHECK_OK(usm_action_list_size(again, &other));
    CHECK(other == size);
    CHECK_OK(usm_optimizer_execute(optimizer, again, NULL, &report));
    CHECK_OK(usm_execution_report_size(report, &other));
    CHECK(other == size);
    usm_execution_report_free(&report);
    usm_action_list_free(&again);
    usm_action_list_free(&actions);
    nothing_is_changed();
}

static void profiles_are_made_applied_and_deleted(usm_optimizer *optimizer) {
    char *json = NULL;
    CHECK_OK(usm_optimizer_profiles_json(optimizer, &json));
    CHECK(strstr(json, "\"balanced\"") != NULL && strstr(json, "\"server\"") != NULL);
    usm_string_free(json);
    CHECK_OK(usm_optimizer_save_profile(
        optimizer, "{\"profile_name\": \"mine\", \"cpu_threshold\": 61.5}"));
    CHECK_OK(usm_optimizer_apply_profile(optimizer, "mine"));
    CHECK_OK(usm_optimizer_current_profile_json(optimizer, &json));
    CHECK(strstr(json, "\"mine\"") != NULL && strstr(json, "61.5") != NULL);
    usm_string_free(json);
    CHECK_OK(usm_optimizer_profile_json(optimizer, "mine", &json));
    CHECK_OK(usm_optimizer_delete_profile(optimizer, "mine"));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_optimizer_apply_profile(optimizer, "mine"));
    /* What was exported can be imported. */
    CHECK_OK(usm_optimizer_save_profile(optimizer, json));
    usm_string_free(json);
    CHECK_OK(usm_optimizer_delete_profile(optimizer, "mine"));
    CHECK_OK(usm_optimizer_current_profile_json(optimizer, &json));
    CHECK(strstr(json, "\"profile_name\":\"balanced\"") != NULL);
    usm_string_free(json);

    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_optimizer_delete_profile(optimizer, "balanced"));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_optimizer_profile_json(optimizer, "none", &json));
    CHECK_MESSAGE("balanced");
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                 usm_optimizer_save_profile(optimizer, "{\"profile_name\": \"balanced\"}"));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                 usm_optimizer_save_profile(
                     optimizer, "{\"profile_name\": \"mine\", \"cpu_threshold\": 1000}"));
    CHECK_MESSAGE("cpu_threshold");
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_optimizer_save_profile(optimizer, "{}"));
    CHECK_MESSAGE("profile_name");
}

static void settings_and_facts_are_told(usm_optimizer *optimizer) {
    char *json = NULL;
    CHECK_OK(usm_optimizer_settings_json(optimizer, &json));
    CHECK(strstr(json, "\"verify_seconds\":0.2") != NULL);
    usm_string_free(json);
    CHECK_OK(usm_optimizer_facts_json(optimizer, &json));
    CHECK(strstr(json, "\"autogroup\":") != NULL && strstr(json, "\"freezer\":") != NULL);
    usm_string_free(json);
}

static void its_end_takes_back_what_it_has_changed(usm_optimizer *optimizer) {
    usm_action_list *actions = action_on("set_batch", hogs[0]);
    const usm_execute_options options = for_real(0);
    usm_execution_report *report = NULL;
    CHECK(only_result(optimizer, &actions, &options, &report).success == 1);
    CHECK(policy_of(hogs[0]) == SCHED_BATCH);
    usm_optimizer_free(&optimizer);
    CHECK(optimizer == NULL);
    nothing_is_changed();
    /* The report outlives it. */
    usm_execution_report_free(&report);
}

static void an_attached_one_outlives_its_monitor(const char *folder) {
    char settings[256];
    usm_monitor *monitor = test_monitor(folder);
    usm_optimizer *optimizer = NULL;
    usm_target_list *targets = NULL;
    snprintf(settings, sizeof settings, "{\"scope\": \"%s\", \"verify_seconds\": 0.2}",
             hogs_scope());
    CHECK_OK(usm_monitor_start(monitor));
    CHECK_OK(usm_optimizer_attach(monitor, settings, &optimizer));
    CHECK_OK(usm_optimizer_analyze(optimizer, &targets));
    usm_target_list_free(&targets);
    CHECK_OK(usm_optimizer_set_auto(optimizer, 1));
    CHECK_OK(usm_monitor_wait(monitor, 3, 20.0, NULL));
    CHECK_OK(usm_optimizer_set_auto(optimizer, 0));
    usm_monitor_free(&monitor);
    CHECK(monitor == NULL);
    CHECK_OK(usm_optimizer_analyze(optimizer, &targets));
    usm_target_list_free(&targets);
    usm_optimizer_free(&optimizer);
    nothing_is_changed();
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    usm_optimizer *optimizer;
    start_hogs();
    nothing_is_changed();
    optimizer = optimizer_of_hogs(folder);
    settings_and_facts_are_told(optimizer);
    if (can_act()) {
        a_demo_changes_nothing(optimizer);
        an_act_is_explained_and_taken_back(optimizer);
        a_nice_value_is_put_back_by_root(optimizer);
        what_is_measured_stays_only_if_it_helps(optimizer);
        what_lies_outside_the_scope_is_refused(optimizer);
        progress_is_told_and_can_cancel(optimizer);
        the_kill_switch_takes_back_and_forbids(optimizer);
        its_end_takes_back_what_it_has_changed(optimizer_of_hogs(folder));
    } else {
        what_can_not_be_done_is_told(optimizer);
    }
    whatever_is_planned_is_within_the_scope(optimizer);
    profiles_are_made_applied_and_deleted(optimizer);
    usm_optimizer_free(&optimizer);
    CHECK(optimizer == NULL);
    usm_optimizer_free(&optimizer);
    an_attached_one_outlives_its_monitor(folder);
    return 0;
}
