/** Finds what hurts on this host, relieves it, proves that it helped, or takes it back. */
#ifndef USM_OPTIMIZER_HPP
#define USM_OPTIMIZER_HPP

#include <cstddef>
#include <cstdint>
#include <string>

#include "actions.hpp"
#include "config.hpp"
#include "handle.hpp"
#include "monitor.hpp"
#include "progress.hpp"
#include "text.hpp"

USM_BEGIN_NAMESPACE

/** How actions are executed; the default is demo mode, which changes nothing. */
struct ExecuteOptions {
    /** Everything is checked and told as it would be done, and nothing is changed. */
    bool dry_run = true;
    /** Most risk that is accepted, USM_RISK_...; -1 for what the profile in force allows. */
    std::int32_t allowed_risk = -1;
    /** Measure before and after, and take back what did not help. */
    bool verify = true;
    /** Told of each step; false cancels. An exception cancels and is thrown on. */
    ProgressFunction progress = nullptr;
};

/** Finds what hurts, relieves it, proves that it helped, or takes it back. */
class Optimizer : public Handle<usm_optimizer, usm_optimizer_free> {
public:
    using Handle::Handle;
    /** Samples for itself, with the defaults and what the environment says. */
    Optimizer() : Handle(make(nullptr, nullptr)) {}
    /** Samples for itself; its own settings as a JSON object. */
    explicit Optimizer(const Config &config, const Text &settings_json = "{}")
        : Handle(make(config.get(), settings_json.c_str())) {}
    /** Uses the states of a monitor, which may end first. */
    explicit Optimizer(const Monitor &monitor, const Text &settings_json = "{}")
        : Handle(detail::made<usm_optimizer>([&](usm_optimizer **optimizer) {
              return usm_optimizer_attach(monitor.get(), settings_json.c_str(), optimizer);
          })) {}

    /** What is wrong now; empty when nothing is. */
    TargetList analyze() {
        return TargetList(detail::made<usm_target_list>(
            [&](usm_target_list **targets) { return usm_optimizer_analyze(get(), targets); }));
    }
    /** What could be done about it. */
    ActionList plan(const TargetList &targets) {
        return ActionList(detail::made<usm_action_list>([&](usm_action_list **actions) {
            return usm_optimizer_plan(get(), targets.get(), actions);
        }));
    }
    /** Does the actions, or with the default options says what would be done. */
    ExecutionReport execute(const ActionList &actions, const ExecuteOptions &options = {}) {
        Told told(options);
        usm_execution_report *made = nullptr;
        const usm_status status = usm_optimizer_execute(get(), actions.get(), &told.options, &made);
        ExecutionReport report(made);
        told.telling.finish(status);
        return report;
    }
    /** Takes everything back; what became of each change, as JSON. */
    std::string rollback() { return rollback(0); }
    /** Takes an action back; what became of each change, as JSON. */
    std::string rollback(std::int64_t action_id) {
        return detail::text_of(
            [&](char **text) { return usm_optimizer_rollback(get(), action_id, text); });
    }

    /** What may be touched at all: "user:1000", "subtree:123", "cgroup:/a", "list:1,2". */
    void set_scope(const Text &scope) { check(usm_optimizer_set_scope(get(), scope.c_str())); }
    /** The processes of this user, as in the beginning. */
    void reset_scope() { check(usm_optimizer_set_scope(get(), nullptr)); }
    /** Acts by itself, or not. */
    void set_auto(bool on) { check(usm_optimizer_set_auto(get(), on ? 1 : 0)); }
    /** The kill switch; what was taken back, as JSON. */
    std::string halt(bool on) {
        return detail::text_of(
            [&](char **text) { return usm_optimizer_halt(get(), on ? 1 : 0, text); });
    }

    /**
     * Lets a process go on that was stopped or frozen; what was done, as JSON. Its start is
     * usm_process.start_time_ticks.
     */
    std::string resume_process(std::int32_t pid, std::uint64_t start_time_ticks) {
        return detail::text_of([&](char **text) {
            return usm_optimizer_resume_process(get(), pid, start_time_ticks, text);
        });
    }

    /** The database in which it keeps its journal. */
    std::string store_path() const { return json_by(usm_optimizer_store_path); }
    /** The settings that it has when it is given none, as JSON. */
    static std::string defaults_json() { return detail::text_of(usm_optimizer_defaults_json); }
    std::string status_json() const { return json_by(usm_optimizer_status_json); }
    std::string settings_json() const { return json_by(usm_optimizer_settings_json); }
    std::string facts_json() const { return json_by(usm_optimizer_facts_json); }
    std::string history_json(std::size_t limit) const {
        return detail::text_of(
            [&](char **text) { return usm_optimizer_history_json(get(), limit, text); });
    }
    std::string explain_json(std::int64_t action_id) const {
        return detail::text_of(
            [&](char **text) { return usm_optimizer_explain_json(get(), action_id, text); });
    }
    /** What a disk cleanup would remove, as JSON; of the options only the callback counts. */
    std::string cleanup_preview_json(const ExecuteOptions &options = {}) {
        return Told(options).text_of([&](const usm_execute_options *told, char **text) {
            return usm_optimizer_cleanup_preview_json(get(), told, text);
        });
    }
    /** What disk cleanups have put aside and can restore, as JSON. */
    std::string quarantines_json() const { return json_by(usm_optimizer_quarantines_json); }
    /** The folders that grew since the last look, as JSON. */
    std::string growth_json(const Text &folder, const ExecuteOptions &options = {}) {
        return Told(options).text_of([&](const usm_execute_options *told, char **text) {
            return usm_optimizer_growth_json(get(), folder.c_str(), told, text);
        });
    }

    std::string profiles_json() const { return json_by(usm_optimizer_profiles_json); }
    std::string current_profile_json() const {
        return json_by(usm_optimizer_current_profile_json);
    }
    std::string profile_json(const Text &name) const {
        return detail::text_of(
            [&](char **text) { return usm_optimizer_profile_json(get(), name.c_str(), text); });
    }
    void save_profile(const Text &json) { check(usm_optimizer_save_profile(get(), json.c_str())); }
    void apply_profile(const Text &name) {
        check(usm_optimizer_apply_profile(get(), name.c_str()));
    }
    void delete_profile(const Text &name) {
        check(usm_optimizer_delete_profile(get(), name.c_str()));
    }

private:
    /** The options as C has them. */
    struct Told {
        explicit Told(const ExecuteOptions &given) : telling(given.progress) {
            options.dry_run = given.dry_run ? 1 : 0;
            options.allowed_risk = given.allowed_risk;
            options.verify = given.verify ? 1 : 0;
            options.progress = telling.callback();
            options.user_data = telling.user_data();
        }

        template <typename Call>
        std::string text_of(Call call) const {
            char *text = nullptr;
            const usm_status status = call(&options, &text);
            std::string taken = detail::take(text);
            telling.finish(status);
            return taken;
        }

        detail::Telling telling;
        usm_execute_options options = USM_EXECUTE_OPTIONS_INIT;
    };

    static usm_optimizer *make(const usm_config *config, const char *settings_json) {
        return detail::made<usm_optimizer>([&](usm_optimizer **optimizer) {
            return usm_optimizer_new(config, settings_json, optimizer);
        });
    }
    std::string json_by(usm_status (*give)(const usm_optimizer *, char **)) const {
        return detail::text_of([&](char **text) { return give(get(), text); });
    }
};

USM_END_NAMESPACE

#endif  // USM_OPTIMIZER_HPP
