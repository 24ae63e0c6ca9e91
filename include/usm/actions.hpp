/** What the optimizer finds, plans and reports. */
#ifndef USM_ACTIONS_HPP
#define USM_ACTIONS_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "handle.hpp"
#include "text.hpp"

USM_BEGIN_NAMESPACE

/** What is wrong; its texts live as long as the list. */
struct Target : detail::Sized<usm_target> {};

/** A process that causes what is wrong; its texts live as long as the list. */
struct Culprit : detail::Sized<usm_culprit> {};

/** Something that could be done; its texts live until it is removed or the list ends. */
struct Action : detail::Sized<usm_action> {};

/** An execution in numbers. */
struct ExecutionSummary : detail::Sized<usm_execution_summary> {};

/** What became of an action; its texts live as long as the report. */
struct ActionResult : detail::Sized<usm_action_result> {};

/** The names of USM_RESOURCE_... and the like; "unknown" for a number that is none. */
inline const char *resource_name(std::uint32_t resource) noexcept {
    return usm_resource_name(resource);
}
inline const char *level_name(std::uint32_t priority_or_risk) noexcept {
    return usm_level_name(priority_or_risk);
}
inline const char *target_metric_name(std::uint32_t metric) noexcept {
    return usm_target_metric_name(metric);
}
inline const char *action_name(std::uint32_t action_type) noexcept {
    return usm_action_name(action_type);
}
inline const char *verdict_name(std::uint32_t verdict) noexcept {
    return usm_verdict_name(verdict);
}

/** What is wrong, most urgent first: for (const usm::Target &target : targets) ... */
class TargetList : public Handle<usm_target_list, usm_target_list_free> {
public:
    using Handle::Handle;

    std::size_t size() const {
        return detail::given<std::size_t>(
            [&](std::size_t *size) { return usm_target_list_size(get(), size); });
    }
    bool empty() const { return size() == 0; }
    /** Throws Error for an index beyond the end. */
    Target at(std::size_t index) const & {
        Target target;
        check(usm_target_list_at(get(), index, &target));
        return target;
    }
    void at(std::size_t) const && = delete;
    /** The processes that cause a target, most first. */
    std::vector<Culprit> culprits(std::size_t index) const & {
        return detail::list_of<Culprit>(
            at(index).culprit_count, [&](std::size_t i, usm_culprit *culprit) {
                return usm_target_list_culprit(get(), index, i, culprit);
            });
    }
    void culprits(std::size_t) const && = delete;
    std::string json() const {
        return detail::text_of([&](char **text) { return usm_target_list_json(get(), text); });
    }
    detail::Iterator<TargetList> begin() const noexcept { return {this, 0}; }
    detail::Iterator<TargetList> end() const { return {this, size()}; }
};

/** What could be done, in the order in which it should be. */
class ActionList : public Handle<usm_action_list, usm_action_list_free> {
public:
    using Handle::Handle;
    /** Actions made by hand, or what json() gave. */
    static ActionList from_json(const Text &json) {
        return ActionList(detail::made<usm_action_list>([&](usm_action_list **list) {
            return usm_action_list_from_json(json.c_str(), list);
        }));
    }

    std::size_t size() const {
        return detail::given<std::size_t>(
            [&](std::size_t *size) { return usm_action_list_size(get(), size); });
    }
    bool empty() const { return size() == 0; }
    /** Throws Error for an index beyond the end. */
    Action at(std::size_t index) const & {
        Action action;
        check(usm_action_list_at(get(), index, &action));
        return action;
    }
    void at(std::size_t) const && = delete;
    /** Removes an action, so that it will not be executed. */
    void remove(std::size_t index) { check(usm_action_list_remove(get(), index)); }
    std::string json() const {
        return detail::text_of([&](char **text) { return usm_action_list_json(get(), text); });
    }
    detail::Iterator<ActionList> begin() const noexcept { return {this, 0}; }
    detail::Iterator<ActionList> end() const { return {this, size()}; }
};

/** What an execution did: for (const usm::ActionResult &result : report) ... */
class ExecutionReport : public Handle<usm_execution_report, usm_execution_report_free> {
public:
    using Handle::Handle;

    ExecutionSummary summary() const {
        ExecutionSummary summary;
        check(usm_execution_report_summary(get(), &summary));
        return summary;
    }
    std::size_t size() const {
        return detail::given<std::size_t>(
            [&](std::size_t *size) { return usm_execution_report_size(get(), size); });
    }
    bool empty() const { return size() == 0; }
    /** The result of an action, in the order given; throws Error beyond the end. */
    ActionResult at(std::size_t index) const & {
        ActionResult result;
        check(usm_execution_report_at(get(), index, &result));
        return result;
    }
    void at(std::size_t) const && = delete;
    std::string json() const {
        return detail::text_of(
            [&](char **text) { return usm_execution_report_json(get(), text); });
    }
    detail::Iterator<ExecutionReport> begin() const noexcept { return {this, 0}; }
    detail::Iterator<ExecutionReport> end() const { return {this, size()}; }
};

USM_END_NAMESPACE

#endif  // USM_ACTIONS_HPP
