/* fork() in a program that optimizes: the child is told so by every call and leaves alone what
 * is the parent's: what the parent has changed stays changed. */
#include "check.h"
#include "hogs.h"

static void in_the_child(usm_optimizer *optimizer, const usm_action_list *actions) {
    const usm_status forked = USM_ERR_FORKED;
    usm_target_list *targets = NULL;
    usm_execution_report *report = NULL;
    char *json = NULL;
    size_t size = 0;
    CHECK_STATUS(forked, usm_optimizer_analyze(optimizer, &targets));
    CHECK_MESSAGE("after fork() make a new one");
    CHECK_STATUS(forked, usm_optimizer_execute(optimizer, actions, NULL, &report));
    CHECK_STATUS(forked, usm_optimizer_rollback(optimizer, 0, &json));
    CHECK_STATUS(forked, usm_optimizer_halt(optimizer, 1, &json));
    CHECK_STATUS(forked, usm_optimizer_set_auto(optimizer, 1));
    CHECK_STATUS(forked, usm_optimizer_set_scope(optimizer, "machine"));
    CHECK_STATUS(forked, usm_optimizer_status_json(optimizer, &json));
    CHECK_STATUS(forked, usm_optimizer_settings_json(optimizer, &json));
    CHECK_STATUS(forked, usm_optimizer_facts_json(optimizer, &json));
    CHECK_STATUS(forked, usm_optimizer_history_json(optimizer, 1, &json));
    CHECK_STATUS(forked, usm_optimizer_explain_json(optimizer, 1, &json));
    CHECK_STATUS(forked, usm_optimizer_cleanup_preview_json(optimizer, NULL, &json));
    CHECK_STATUS(forked, usm_optimizer_quarantines_json(optimizer, &json));
    CHECK_STATUS(forked, usm_optimizer_growth_json(optimizer, "/", NULL, &json));
    CHECK_STATUS(forked, usm_optimizer_profiles_json(optimizer, &json));
    CHECK_STATUS(forked, usm_optimizer_profile_json(optimizer, "balanced", &json));
    CHECK_STATUS(forked, usm_optimizer_current_profile_json(optimizer, &json));
    CHECK_STATUS(forked, usm_optimizer_save_profile(optimizer, "{}"));
    CHECK_STATUS(forked, usm_optimizer_apply_profile(optimizer, "balanced"));
    CHECK_STATUS(forked, usm_optimizer_delete_profile(optimizer, "mine"));
    CHECK(json == NULL && report == NULL && targets == NULL);
    /* A list is only data. */
    CHECK_OK(usm_action_list_size(actions, &size));
    CHECK(size == 1);
    usm_optimizer_free(&optimizer);
    CHECK(optimizer == NULL);
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    usm_execute_options options = USM_EXECUTE_OPTIONS_INIT;
    usm_execution_report *report = NULL;
    usm_execution_summary summary;
    usm_optimizer *optimizer;
    usm_action_list *actions;
    const int acts = can_act();
    pid_t child;
    int status = 0;
    start_hogs();
    optimizer = optimizer_of_hogs(folder);
    actions = action_on("set_batch", hogs[0]);
    options.dry_run = 0;
    options.verify = 0;
    CHECK_OK(usm_optimizer_execute(optimizer, actions, &options, &report));
    usm_execution_summary_init(&summary);
    CHECK_OK(usm_execution_report_summary(report, &summary));
    CHECK(summary.successful == (uint64_t)acts);
    CHECK((sched_getscheduler(hogs[0]) == SCHED_BATCH) == acts);

    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        in_the_child(optimizer, actions);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);

    CHECK((sched_getscheduler(hogs[0]) == SCHED_BATCH) == acts);
    CHECK_OK(usm_optimizer_rollback(optimizer, 0, NULL));
    CHECK(sched_getscheduler(hogs[0]) == SCHED_OTHER);
    usm_execution_report_free(&report);
    usm_action_list_free(&actions);
    usm_optimizer_free(&optimizer);
    return 0;
}
