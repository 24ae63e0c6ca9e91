/* The optimizer with wrong arguments, wrong handles, and texts that are none: each is
 * answered by a status and a message, and nothing is done. */
#include <math.h>

#include "check.h"

static const usm_status INVALID = USM_ERR_INVALID_ARGUMENT;

static void null_is_answered_everywhere(usm_optimizer *optimizer, usm_monitor *monitor) {
    usm_optimizer *made = (usm_optimizer *)(void *)&made;
    usm_target_list *targets = (usm_target_list *)(void *)&made;
    usm_action_list *actions = (usm_action_list *)(void *)&made;
    usm_execution_report *report = (usm_execution_report *)(void *)&made;
    usm_target target;
    usm_culprit culprit;
    usm_action action;
    usm_action_result result;
    usm_execution_summary summary;
    size_t size = 0;
    char *json = (char *)&size;
    usm_target_init(&target);
    usm_culprit_init(&culprit);
    usm_action_init(&action);
    usm_action_result_init(&result);
    usm_execution_summary_init(&summary);

    CHECK_STATUS(INVALID, usm_optimizer_new(NULL, NULL, NULL));
    CHECK_MESSAGE("optimizer: NULL is not allowed");
    CHECK_STATUS(INVALID, usm_optimizer_attach(NULL, NULL, &made));
    CHECK_MESSAGE("monitor: NULL is not allowed");
    CHECK(made == NULL);
    CHECK_STATUS(INVALID, usm_optimizer_attach(monitor, NULL, NULL));
    CHECK_STATUS(INVALID, usm_optimizer_set_scope(NULL, "machine"));
    CHECK_STATUS(INVALID, usm_optimizer_set_auto(NULL, 0));
    CHECK_STATUS(INVALID, usm_optimizer_halt(NULL, 0, &json));
    CHECK(json == NULL);
    CHECK_STATUS(INVALID, usm_optimizer_halt(NULL, 0, NULL));

    CHECK_STATUS(INVALID, usm_optimizer_analyze(NULL, &targets));
    CHECK(targets == NULL);
    CHECK_STATUS(INVALID, usm_optimizer_analyze(optimizer, NULL));
    CHECK_STATUS(INVALID, usm_target_list_size(NULL, &size));
    CHECK_STATUS(INVALID, usm_target_list_at(NULL, 0, &target));
    CHECK_STATUS(INVALID, usm_target_list_culprit(NULL, 0, 0, &culprit));
    CHECK_STATUS(INVALID, usm_target_list_json(NULL, &json));
    CHECK_STATUS(INVALID, usm_target_list_json(NULL, NULL));

    CHECK_STATUS(INVALID, usm_optimizer_plan(optimizer, NULL, &actions));
    CHECK(actions == NULL);
    CHECK_MESSAGE("targets: NULL is not allowed");
    CHECK_STATUS(INVALID, usm_optimizer_plan(NULL, NULL, &actions));
    CHECK_STATUS(INVALID, usm_optimizer_plan(optimizer, NULL, NULL));
    CHECK_STATUS(INVALID, usm_action_list_from_json(NULL, &actions));
    CHECK_STATUS(INVALID, usm_action_list_from_json("[]", NULL));
    CHECK_STATUS(INVALID, usm_action_list_size(NULL, &size));
    CHECK_STATUS(INVALID, usm_action_list_at(NULL, 0, &action));
    CHECK_STATUS(INVALID, usm_action_list_remove(NULL, 0));
    CHECK_STATUS(INVALID, usm_action_list_json(NULL, &json));

    CHECK_STATUS(INVALID, usm_optimizer_execute(optimizer, NULL, NULL, &report));
    CHECK(report == NULL);
    CHECK_STATUS(INVALID, usm_optimizer_execute(NULL, NULL, NULL, &report));
    CHECK_STATUS(INVALID, usm_optimizer_execute(optimizer, NULL, NULL, NULL));
    CHECK_STATUS(INVALID, usm_optimizer_rollback(NULL, 0, NULL));
    CHECK_STATUS(INVALID, usm_optimizer_rollback(optimizer, -1, &json));
    CHECK_MESSAGE("action_id: -1");
    CHECK_STATUS(INVALID, usm_execution_report_summary(NULL, &summary));
    CHECK_STATUS(INVALID, usm_execution_report_size(NULL, &size));
    CHECK_STATUS(INVALID, usm_execution_report_at(NULL, 0, &result));
    CHECK_STATUS(INVALID, usm_execution_report_json(NULL, &json));

    CHECK_STATUS(INVALID, usm_optimizer_status_json(NULL, &json));
    CHECK_STATUS(INVALID, usm_optimizer_status_json(optimizer, NULL));
    CHECK_STATUS(INVALID, usm_optimizer_settings_json(NULL, &json));
    CHECK_STATUS(INVALID, usm_optimizer_settings_json(optimizer, NULL));
    CHECK_STATUS(INVALID, usm_optimizer_facts_json(NULL, &json));
    CHECK_STATUS(INVALID, usm_optimizer_facts_json(optimizer, NULL));
    CHECK_STATUS(INVALID, usm_optimizer_history_json(NULL, 1, &json));
    CHECK_STATUS(INVALID, usm_optimizer_history_json(optimizer, 1, NULL));
    CHECK_STATUS(INVALID, usm_optimizer_explain_json(NULL, 1, &json));
    CHECK_STATUS(INVALID, usm_optimizer_explain_json(optimizer, 1, NULL));
    CHECK_STATUS(INVALID, usm_optimizer_cleanup_preview_json(NULL, NULL, &json));
    CHECK_STATUS(INVALID, usm_optimizer_cleanup_preview_json(optimizer, NULL, NULL));
    CHECK_STATUS(INVALID, usm_optimizer_quarantines_json(NULL, &json));
    CHECK_STATUS(INVALID, usm_optimizer_quarantines_json(optimizer, NULL));
    CHECK_STATUS(INVALID, usm_optimizer_growth_json(NULL, "/", NULL, &json));
    CHECK_STATUS(INVALID, usm_optimizer_growth_json(optimizer, NULL, NULL, &json));
    CHECK_MESSAGE("folder: NULL is not allowed");
    CHECK_STATUS(INVALID, usm_optimizer_growth_json(optimizer, "/", NULL, NULL));

    CHECK_STATUS(INVALID, usm_optimizer_profiles_json(NULL, &json));
    CHECK_STATUS(INVALID, usm_optimizer_profiles_json(optimizer, NULL));
    CHECK_STATUS(INVALID, usm_optimizer_current_profile_json(NULL, &json));
    CHECK_STATUS(INVALID, usm_optimizer_current_profile_json(optimizer, NULL));
    CHECK_STATUS(INVALID, usm_optimizer_profile_json(NULL, "balanced", &json));
    CHECK_STATUS(INVALID, usm_optimizer_profile_json(optimizer, NULL, &json));
    CHECK_MESSAGE("name: NULL is not allowed");
    CHECK_STATUS(INVALID, usm_optimizer_profile_json(optimizer, "balanced", NULL));
    CHECK_STATUS(INVALID, usm_optimizer_save_profile(NULL, "{}"));
    CHECK_STATUS(INVALID, usm_optimizer_save_profile(optimizer, NULL));
    CHECK_STATUS(INVALID, usm_optimizer_apply_profile(NULL, "balanced"));
    CHECK_STATUS(INVALID, usm_optimizer_apply_profile(optimizer, NULL));
    CHECK_STATUS(INVALID, usm_optimizer_delete_profile(NULL, "balanced"));
    CHECK_STATUS(INVALID, usm_optimizer_delete_profile(optimizer, NULL));

    usm_optimizer_free(NULL);
    usm_target_list_free(NULL);
    usm_action_list_free(NULL);
    usm_execution_report_free(NULL);
}

static void settings_are_refused_with_their_name(const usm_config *config, usm_monitor *monitor) {
    const struct {
        const char *json;
        const char *message;
    } bad[] = {
        {"", "JSON"},
        {"{", "JSON"},
        {"[]", "a JSON object"},
        {"{\"verify_second\": 1}", "settings.verify_second"},
        {"{\"verify_seconds\": \"soon\"}", "settings.verify_seconds"},
        {"{\"scope\": \"everything\"}", "scope: everything"},
        {"{\"scope\": \"subtree:0\"}", "scope: subtree:0"},
        {"{\"scope\": 7}", "settings.scope"},
    };
    usm_optimizer *made = NULL;
    size_t i;
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_STATUS(INVALID, usm_optimizer_new(config, bad[i].json, &made));
        CHECK_MESSAGE(bad[i].message);
        CHECK_STATUS(INVALID, usm_optimizer_attach(monitor, bad[i].json, &made));
        CHECK_MESSAGE(bad[i].message);
        CHECK(made == NULL);
    }
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_optimizer_new(config, "{\"\xff\": 1}", &made));
    /* No process has this pid: it is above the largest that a kernel gives. */
    CHECK_STATUS(USM_ERR_NOT_FOUND,
                 usm_optimizer_new(config, "{\"scope\": \"list:2147483647\"}", &made));
    CHECK(made == NULL);
}

static void a_scope_that_is_none_is_refused(usm_optimizer *optimizer) {
    const char *bad[] = {"", "all", "user:", "user:-1", "user:root", "subtree:1x", "list:",
                         "list:1,", "cgroup:a", "machine:1"};
    size_t i;
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_STATUS(INVALID, usm_optimizer_set_scope(optimizer, bad[i]));
        CHECK_MESSAGE("list:PID,PID");
    }
    CHECK_STATUS(USM_ERR_NOT_FOUND, usm_optimizer_set_scope(optimizer, "subtree:2147483647"));
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_optimizer_set_scope(optimizer, "\xc3"));
}

static void actions_that_are_none_are_refused_with_the_field(void) {
    const struct {
        const char *json;
        const char *message;
    } bad[] = {
        {"", "JSON"},
        {"7", "action.action_type"},
        {"[{}]", "action.action_type"},
        {"[{\"action_type\": \"burn\", \"target_id\": \"1\"}]", "burn"},
        {"[{\"action_type\": \"set_batch\"}]", "action.target_id"},
        {"[{\"action_type\": \"set_batch\", \"target_id\": \"1\", \"risky\": 1}]", "action.risky"},
    };
    usm_action_list *actions = NULL;
    size_t i;
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_STATUS(INVALID, usm_action_list_from_json(bad[i].json, &actions));
        CHECK_MESSAGE(bad[i].message);
        CHECK(actions == NULL);
    }
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_action_list_from_json("\xff", &actions));
}

static void actions_made_by_hand_are_read_removed_and_written(void) {
    const char *two =
        "[{\"action_type\": \"set_idle\", \"target_id\": \"77\", \"priority\": \"high\"},"
        " {\"action_type\": \"cleanup_disk\", \"target_id\": \"system_disk\","
        "  \"subject\": \"/\", \"description\": \"a\\u0000b\"}]";
    usm_action_list *actions = NULL;
    usm_action_list *again = NULL;
    usm_action action;
    size_t size = 7;
    char *json = NULL;
    const uint32_t sizes[] = {0, 1, 8, 47, 49, 1000000, UINT32_MAX};
    size_t i;
    struct {
        usm_action action;
        uint64_t later;
    } newer;

    CHECK_OK(usm_action_list_from_json("[]", &actions));
    CHECK_OK(usm_action_list_size(actions, &size));
    CHECK(size == 0);
    usm_action_init(&action);
    CHECK_STATUS(INVALID, usm_action_list_at(actions, 0, &action));
    CHECK_MESSAGE("the list is empty");
    usm_action_list_free(&actions);
    CHECK(actions == NULL);

    CHECK_OK(usm_action_list_from_json(two, &actions));
    CHECK_OK(usm_action_list_size(actions, &size));
    CHECK(size == 2);
    CHECK_STATUS(INVALID, usm_action_list_size(actions, NULL));
    CHECK_OK(usm_action_list_at(actions, 0, &action));
    CHECK(action.struct_size == sizeof action);
    CHECK(action.action_type == USM_ACTION_SET_IDLE && action.priority == USM_PRIORITY_HIGH);
    CHECK(action.target_type == USM_RESOURCE_CPU && action.id == 0 && action.pid == 0);
    CHECK(strcmp(action.target_id, "77") == 0 && action.subject == NULL);
    CHECK(strcmp(action.description, "set_idle of 77") == 0);
    CHECK(strstr(action.reversible_reason, "by hand") != NULL && action.reversible == 0);
    CHECK_OK(usm_action_list_at(actions, 1, &action));
    CHECK(strcmp(action.subject, "/") == 0 && strcmp(action.description, "a\\0b") == 0);
    CHECK_STATUS(INVALID, usm_action_list_at(actions, 2, &action));
    CHECK_MESSAGE("index: 2 is not allowed: 0 to 1");
    CHECK_STATUS(INVALID, usm_action_list_at(actions, 0, NULL));

    /* One from a larger header is filled as far as this library goes. */
    memset(&newer, 0x55, sizeof newer);
    newer.action.struct_size = sizeof newer;
    CHECK_OK(usm_action_list_at(actions, 0, &newer.action));
    CHECK(newer.action.struct_size == sizeof newer && newer.later == 0);
    for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        memset(&newer, 0x55, sizeof newer);
        newer.action.struct_size = sizes[i];
        CHECK_STATUS(INVALID, usm_action_list_at(actions, 0, &newer.action));
        CHECK_MESSAGE("usm_action_init()");
        CHECK(newer.action.pid == 0x55555555);
    }
    /* And one from a smaller one stays whole behind its end. */
    memset(&newer, 0x55, sizeof newer);
    newer.action.struct_size = 56;
    CHECK_OK(usm_action_list_at(actions, 0, &newer.action));
    CHECK(newer.action.struct_size == 56 && newer.action.id == 0);
    CHECK(memcmp(&newer.action.risk_score, &newer.later, sizeof newer.later) == 0);

    CHECK_OK(usm_action_list_json(actions, &json));
    CHECK_OK(usm_action_list_from_json(json, &again));
    usm_string_free(json);
    CHECK_OK(usm_action_list_size(again, &size));
    CHECK(size == 2);
    CHECK_STATUS(INVALID, usm_action_list_remove(again, 2));
    CHECK_OK(usm_action_list_remove(again, 0));
    CHECK_OK(usm_action_list_size(again, &size));
    CHECK(size == 1);
    CHECK_OK(usm_action_list_at(again, 0, &action));
    CHECK(action.action_type == USM_ACTION_CLEANUP_DISK);
    usm_action_list_free(&again);
    usm_action_list_free(&actions);
    usm_action_list_free(&actions);
}

static void options_that_are_none_are_refused(usm_optimizer *optimizer) {
    usm_execute_options options = USM_EXECUTE_OPTIONS_INIT;
    usm_action_list *actions = NULL;
    usm_execution_report *report = NULL;
    struct {
        usm_execute_options options;
        uint64_t later;
    } newer;
    CHECK(options.dry_run == 1 && options.allowed_risk == -1 && options.verify == 1);
    CHECK_OK(usm_action_list_from_json("[]", &actions));
    options.allowed_risk = 3;
    CHECK_STATUS(INVALID, usm_optimizer_execute(optimizer, actions, &options, &report));
    CHECK_MESSAGE("allowed_risk: 3");
    options.allowed_risk = -2;
    CHECK_STATUS(INVALID, usm_optimizer_execute(optimizer, actions, &options, &report));
    options.allowed_risk = -1;
    options.struct_size = 0;
    CHECK_STATUS(INVALID, usm_optimizer_execute(optimizer, actions, &options, &report));
    CHECK_MESSAGE("USM_EXECUTE_OPTIONS_INIT");
    /* A wish that this version does not know could not be fulfilled. */
    memset(&newer, 0, sizeof newer);
    newer.options.struct_size = sizeof newer;
    newer.options.dry_run = 1;
    newer.later = 1;
    CHECK_STATUS(USM_ERR_UNSUPPORTED,
                 usm_optimizer_execute(optimizer, actions, &newer.options, &report));
    CHECK(report == NULL);
    usm_action_list_free(&actions);
}

static void handles_of_another_kind_are_seen(usm_optimizer *optimizer, usm_monitor *monitor) {
    usm_optimizer *wrong = (usm_optimizer *)(void *)monitor;
    usm_action_list *actions = NULL;
    usm_target_list *targets = NULL;
    usm_optimizer *made = NULL;
    size_t size = 0;
    char *json = NULL;
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_optimizer_status_json(wrong, &json));
    CHECK_MESSAGE("optimizer: not a usm_optimizer");
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_optimizer_set_auto(wrong, 1));
    CHECK_STATUS(USM_ERR_INVALID_HANDLE,
                 usm_optimizer_attach((usm_monitor *)(void *)optimizer, NULL, &made));
    CHECK_OK(usm_action_list_from_json("[]", &actions));
    targets = (usm_target_list *)(void *)actions;
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_target_list_size(targets, &size));
    CHECK_STATUS(USM_ERR_INVALID_HANDLE,
                 usm_execution_report_size((usm_execution_report *)(void *)actions, &size));
    usm_target_list_free(&targets);
    CHECK(targets != NULL);
    usm_optimizer_free(&wrong);
    CHECK(wrong != NULL);
    usm_action_list_free(&actions);
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    usm_config *config = test_config(folder);
    usm_monitor *monitor = test_monitor(folder);
    usm_optimizer *optimizer = NULL;

    CHECK(strcmp(usm_action_name(USM_ACTION_KILL_PROCESS), "kill_process") == 0);
    CHECK(strcmp(usm_action_name(77), "unknown") == 0);
    CHECK(strcmp(usm_resource_name(USM_RESOURCE_DISK), "disk") == 0);
    CHECK(strcmp(usm_target_metric_name(USM_TARGET_METRIC_IO_WAIT), "io_wait") == 0);
    CHECK(strcmp(usm_verdict_name(USM_VERDICT_NO_EFFECT), "no_effect") == 0);
    CHECK(strcmp(usm_level_name(USM_RISK_HIGH), "high") == 0);

    settings_are_refused_with_their_name(config, monitor);
    actions_that_are_none_are_refused_with_the_field();
    actions_made_by_hand_are_read_removed_and_written();

    CHECK_OK(usm_optimizer_new(config, NULL, &optimizer));
    null_is_answered_everywhere(optimizer, monitor);
    a_scope_that_is_none_is_refused(optimizer);
    options_that_are_none_are_refused(optimizer);
    handles_of_another_kind_are_seen(optimizer, monitor);
    usm_optimizer_free(&optimizer);
    CHECK(optimizer == NULL);
    usm_optimizer_free(&optimizer);
    usm_monitor_free(&monitor);
    usm_config_free(&config);
    return 0;
}
