// usm.hpp: the optimizer's owners end what they own, failures are exceptions.
#include "check.h"
#include "hogs.h"
#include "usm.hpp"

static usm::Config config_for(const std::string &folder) {
    usm::Config config;
    config.apply_environment().set("data_dir", folder).set("refresh_interval", 0.1);
    return config;
}

static std::string settings() {
    return std::string("{\"verify_seconds\": 0.2, \"cleanup_builtin\": false, \"scope\": \"") + hogs_scope() + "\"}";
}

static std::string batch_of(pid_t pid) {
    return "{\"action_type\": \"set_batch\", \"target_id\": \"" + std::to_string(pid) + "\"}";
}

template <typename Call>
static usm_status failure_of(Call call) {
    try {
        call();
    } catch (const usm::Error &error) {
        return error.status();
    }
    fprintf(stderr, "no exception was thrown\n");
    exit(1);
}

static void lists_are_owned_and_moved() {
    usm::ActionList actions =
        usm::ActionList::from_json("[" + batch_of(7) + "," + batch_of(8) + "]");
    CHECK(actions.size() == 2 && !actions.empty());
    CHECK(std::string(actions.at(1).target_id) == "8");
    actions.remove(0);
    usm::ActionList moved = std::move(actions);
    CHECK(actions.get() == nullptr && moved.size() == 1);
    CHECK(moved.json().front() == '[');
    actions = std::move(moved);
    CHECK(actions.at(0).action_type == USM_ACTION_SET_BATCH);
    CHECK(failure_of([&] { actions.at(1); }) == USM_ERR_INVALID_ARGUMENT);
    CHECK(failure_of([&] { moved.size(); }) == USM_ERR_INVALID_ARGUMENT);
    CHECK(failure_of([] { usm::ActionList::from_json("[7]"); }) == USM_ERR_INVALID_ARGUMENT);
}

static void a_demo_and_an_act(usm::Optimizer &optimizer) {
    const usm::ActionList actions = usm::ActionList::from_json(batch_of(hogs[0]));
    const usm::ExecutionReport demo = optimizer.execute(actions);
    CHECK(demo.summary().dry_run == 1 && demo.summary().successful == 1 && demo.size() == 1);
    CHECK(sched_getscheduler(hogs[0]) == SCHED_OTHER);

    int calls = 0;
    usm::ExecuteOptions options;
    options.dry_run = false;
    options.verify = false;
    options.progress = [&calls](const usm_progress &progress) {
        calls += progress.stage != nullptr;
        return true;
    };
    const usm::ExecutionReport report = optimizer.execute(actions, options);
    CHECK(report.at(0).success == 1 && calls > 0);
    CHECK(report.json().find("set_batch") != std::string::npos);
    CHECK(sched_getscheduler(hogs[0]) == SCHED_BATCH);
    CHECK(optimizer.explain_json(report.at(0).action_id).front() == '{');
    CHECK(optimizer.rollback(report.at(0).action_id).find("restored") != std::string::npos);
    CHECK(sched_getscheduler(hogs[0]) == SCHED_OTHER);

    options.dry_run = true;
    options.progress = [](const usm_progress &) -> bool { throw std::out_of_range("mine"); };
    bool thrown = false;
    try {
        optimizer.execute(actions, options);
    } catch (const std::out_of_range &error) {
        thrown = std::string(error.what()) == "mine";
    }
    CHECK(thrown);
    options.allowed_risk = 9;
    CHECK(failure_of([&] { optimizer.execute(actions, options); }) == USM_ERR_INVALID_ARGUMENT);
}

static void what_can_be_asked(usm::Optimizer &optimizer, const std::string &data) {
    const usm::TargetList targets = optimizer.analyze();
    for (std::size_t i = 0; i < targets.size(); i++) {
        CHECK(targets.culprits(i).size() == targets.at(i).culprit_count);
    }
    CHECK(targets.json().front() == '[' && targets.empty() == (targets.size() == 0));
    CHECK(optimizer.plan(targets).json().front() == '[');
    CHECK(optimizer.rollback().front() == '[');
    CHECK(optimizer.status_json().front() == '{' && optimizer.facts_json().front() == '{');
    CHECK(optimizer.settings_json().find("\"verify_seconds\":0.2") != std::string::npos);
    CHECK(optimizer.history_json(5).front() == '[');
    optimizer.save_profile("{\"profile_name\": \"mine\"}");
    optimizer.apply_profile("mine");
    CHECK(optimizer.current_profile_json().find("mine") != std::string::npos);
    optimizer.delete_profile("mine");
    CHECK(optimizer.profiles_json().find("balanced") != std::string::npos);
    CHECK(optimizer.profile_json("balanced").front() == '{');
    CHECK(optimizer.quarantines_json() == "[]");
    CHECK(optimizer.cleanup_preview_json().front() == '{');
    const std::string growth = optimizer.growth_json(data);
    CHECK(growth.find("\"since\":null") != std::string::npos);
    CHECK(failure_of([&] { optimizer.growth_json("/nonexistent"); }) == USM_ERR_NOT_FOUND);
    CHECK(optimizer.store_path() == data + "/performance_optimizer.db");
    const usm_status resumed = failure_of([&] { optimizer.resume_process(hogs[0], 1); });
    // Unsupported: under valgrind no process can be held.
    CHECK(resumed == USM_ERR_NOT_FOUND || resumed == USM_ERR_UNSUPPORTED);
    optimizer.set_auto(false);
    optimizer.reset_scope();
    optimizer.set_scope(hogs_scope());
    CHECK(failure_of([&] { optimizer.set_scope("all"); }) == USM_ERR_INVALID_ARGUMENT);
    CHECK(optimizer.halt(true).front() == '[');
    CHECK(optimizer.halt(false).front() == '[');
}

int main(int argc, char **argv) {
    const std::string folder = test_folder(argc, argv);
    start_hogs();
    lists_are_owned_and_moved();
    {
        usm::Optimizer optimizer(config_for(folder), settings());
        if (can_act()) a_demo_and_an_act(optimizer);
        what_can_be_asked(optimizer, folder);
        usm::Optimizer moved = std::move(optimizer);
        CHECK(optimizer.get() == nullptr && moved.get() != nullptr);
    }
    {
        usm::Monitor monitor(config_for(folder));
        monitor.start();
        usm::Optimizer attached(monitor, settings());
        CHECK(attached.analyze().json().front() == '[');
    }
    const auto refused = [&] { usm::Optimizer bad(config_for(folder), "{\"no\": 1}"); };
    CHECK(failure_of(refused) == USM_ERR_INVALID_ARGUMENT);
    return 0;
}
