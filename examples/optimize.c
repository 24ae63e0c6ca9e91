/*
 * Looks for what hurts on this host, plans what could be done about it, and shows what the
 * plan would do. Nothing is changed, unless it is asked for.
 *
 *     cc -std=c99 -o optimize optimize.c -lusm
 *     ./optimize                         a demo on the processes of this user
 *     ./optimize --yes                   for real; what did not help is taken back
 *     ./optimize --demo /tmp/history     history in a folder of one's own
 *
 * Where the library is not installed: -I <project>/include, and in place of -lusm the path
 * of libusm.a followed by -lpthread -ldl -lm.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <usm.h>

static int fail(const char *what) {
    fprintf(stderr, "%s: %s\n", what, usm_last_error_message());
    return EXIT_FAILURE;
}

static void show_targets(const usm_target_list *targets) {
    size_t count = 0;
    size_t i;
    uint64_t k;
    if (usm_target_list_size(targets, &count) != USM_OK || count == 0) {
        printf("nothing is wrong\n");
        return;
    }
    for (i = 0; i < count; i++) {
        usm_target target;
        usm_target_init(&target);
        if (usm_target_list_at(targets, i, &target) != USM_OK) return;
        printf("%s (%s): %s\n", usm_resource_name(target.target_type),
               usm_level_name(target.priority), target.description);
        for (k = 0; k < target.culprit_count && k < 3; k++) {
            usm_culprit culprit;
            usm_culprit_init(&culprit);
            if (usm_target_list_culprit(targets, i, (size_t)k, &culprit) != USM_OK) return;
            printf("    %d %s: %.1f %s%s%s\n", (int)culprit.pid, culprit.name, culprit.usage,
                   culprit.unit, culprit.may_be_touched ? "" : ", left alone: ",
                   culprit.may_be_touched ? "" : culprit.untouchable_reason);
        }
    }
}

static void show_plan(const usm_action_list *actions) {
    size_t count = 0;
    size_t i;
    if (usm_action_list_size(actions, &count) != USM_OK) return;
    for (i = 0; i < count; i++) {
        usm_action action;
        usm_action_init(&action);
        if (usm_action_list_at(actions, i, &action) != USM_OK) return;
        printf("plan: %s, risk %s (%s), %s\n", action.description,
               usm_level_name(action.risk_level), action.risk_reason,
               action.reversible ? "can be taken back" : action.reversible_reason);
    }
}

static void show_number(const char *what, double value) {
    if (!isnan(value)) printf(", %s %.1f", what, value);
}

static void show_report(const usm_execution_report *report) {
    usm_execution_summary summary;
    uint64_t i;
    usm_execution_summary_init(&summary);
    if (usm_execution_report_summary(report, &summary) != USM_OK) return;
    for (i = 0; i < summary.executed; i++) {
        usm_action_result result;
        usm_action_result_init(&result);
        if (usm_execution_report_at(report, (size_t)i, &result) != USM_OK) return;
        printf("%s: %s", result.action, result.reason);
        show_number("before", result.before_value);
        show_number("after", result.after_value);
        printf("%s\n", result.rolled_back ? ", taken back" : "");
    }
    printf("%s: %d of %d\n", summary.dry_run ? "would be done" : "done",
           (int)summary.successful, (int)summary.executed);
}

/* Runs on the thread that executes; returns 0 to go on. */
static int32_t on_progress(const usm_progress *progress, void *user_data) {
    (void)user_data;
    printf("* %s %s\n", progress->stage, progress->what);
    return 0;
}

int main(int argc, char **argv) {
    usm_execute_options options = USM_EXECUTE_OPTIONS_INIT;
    usm_config *config = NULL;
    usm_optimizer *optimizer = NULL;
    usm_target_list *targets = NULL;
    usm_action_list *actions = NULL;
    usm_execution_report *report = NULL;
    int status = EXIT_FAILURE;

    if (usm_abi_version() != USM_ABI_VERSION) {
        fprintf(stderr, "libusm %s does not fit this program\n", usm_version());
        return EXIT_FAILURE;
    }
    options.dry_run = !(argc > 1 && strcmp(argv[1], "--yes") == 0);
    options.progress = on_progress;
    if (usm_config_new(&config) != USM_OK || usm_config_apply_environment(config) != USM_OK ||
        (argc > 2 && usm_config_set_text(config, "data_dir", argv[2]) != USM_OK)) {
        fail("settings");
        goto end;
    }
    /* What was done for real stays when this program ends: an optimizer of the same data
     * folder can take it back. */
    if (usm_optimizer_new(config, "{\"rollback_on_close\": false}", &optimizer) != USM_OK) {
        fail("optimizer");
        goto end;
    }
    if (usm_optimizer_analyze(optimizer, &targets) != USM_OK) {
        fail("analysis");
        goto end;
    }
    show_targets(targets);
    if (usm_optimizer_plan(optimizer, targets, &actions) != USM_OK) {
        fail("plan");
        goto end;
    }
    show_plan(actions);
    if (usm_optimizer_execute(optimizer, actions, &options, &report) != USM_OK) {
        fail("execution");
        goto end;
    }
    show_report(report);
    status = EXIT_SUCCESS;
end:
    usm_execution_report_free(&report);
    usm_action_list_free(&actions);
    usm_target_list_free(&targets);
    usm_optimizer_free(&optimizer);
    usm_config_free(&config);
    return status;
}
