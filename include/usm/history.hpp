/** What was measured in the past, in a database or a recording. */
#ifndef USM_HISTORY_HPP
#define USM_HISTORY_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "handle.hpp"
#include "progress.hpp"
#include "state.hpp"
#include "table.hpp"
#include "text.hpp"
#include "time.hpp"

USM_BEGIN_NAMESPACE

/** What a recording holds. */
struct RecordingSummary : detail::Sized<usm_recording_summary> {};

/** A question about series over a range of time; usm_query says what each part means. */
struct Query {
    Query() = default;
    /** Of one series: a name, or a name with labels. */
    explicit Query(std::string series) : select{std::move(series)} {}

    /** The series. */
    std::vector<std::string> select;
    /** From this time on; 0 for the beginning. */
    Moment since;
    /** To before this time; 0 for the end. */
    Moment until;
    /** Width of a row; 0: the rows as they are. */
    Seconds step = Seconds(0);
    /** "mean", "min", "max", "last", "sum", "count", "median", "p95". */
    std::string aggregate = "mean";
    /** The increase per second of counters. */
    bool rate = false;
    /** Labels by which columns are put together; only with `combine`. */
    std::vector<std::string> by;
    /** How columns are put together; empty: they stay apart. */
    std::string combine;
    /** Only so many columns of each metric, greatest mean first; 0 for all. */
    std::uint64_t top = 0;
    /** USM_TIER_... */
    std::uint32_t tier = USM_TIER_ANY;
};

/** What is taken out of a history. */
struct ExtractOptions {
    /** Names of processes, users, hosts and the like are replaced by numbered ones. */
    bool mask_names = false;
    /** From this time on; 0 for the beginning. */
    Moment since = {};
    /** To before this time; 0 for the end. */
    Moment until = {};
    /** Told of each step; false ends it. */
    ProgressFunction progress = nullptr;
    /** Takes what could not be read and so is missing, a line for each; may be null. */
    std::string *notes = nullptr;
};

/** A database or a recording, opened for reading. */
class History : public Handle<usm_history, usm_history_free> {
public:
    using Handle::Handle;
    explicit History(const Text &path)
        : Handle(detail::made<usm_history>(
              [&](usm_history **history) { return usm_history_open(path.c_str(), history); })) {}

    /** How much each tier holds, from fine to coarse. */
    std::vector<usm_extent> extents() const {
        return detail::array_of<usm_extent, usm_extent>(
            8, SIZE_MAX,
            [&](usm_extent *array, std::size_t size, std::size_t capacity, std::size_t *count) {
                return usm_history_extents(get(), array, size, capacity, count);
            });
    }
    /** The series of a range as JSON; 0 for its beginning and end. */
    std::string series_json(Moment since = 0.0, Moment until = 0.0) const {
        return detail::text_of([&](char **text) {
            return usm_history_series_json(get(), since.seconds(), until.seconds(), text);
        });
    }
    Table query(const Query &asked) const {
        const std::vector<const char *> select = pointers(asked.select);
        const std::vector<const char *> by = pointers(asked.by);
        const Text aggregate(asked.aggregate);
        const Text combine(asked.combine);
        usm_query query;
        usm_query_init(&query);
        query.tier = asked.tier;
        query.select = select.data();
        query.select_count = select.size();
        query.since = asked.since.seconds();
        query.until = asked.until.seconds();
        query.step_seconds = asked.step.count();
        query.aggregate = aggregate.c_str();
        query.by = by.data();
        query.by_count = by.size();
        query.combine = combine.c_str_or_null();
        query.top = asked.top;
        query.rate = asked.rate ? 1 : 0;
        return Table(detail::made<usm_table>(
            [&](usm_table **table) { return usm_history_query(get(), &query, table); }));
    }
    /** The whole state as it was at a moment. */
    State state_at(Moment time) const {
        return State(detail::made<usm_state>(
            [&](usm_state **state) { return usm_history_state_at(get(), time.seconds(), state); }));
    }
    /** Writes a part of it into a new recording. */
    RecordingSummary extract(const Text &path,
                             const ExtractOptions &given = ExtractOptions()) const {
        detail::Telling telling(given.progress);
        usm_extract_options options = USM_EXTRACT_OPTIONS_INIT;
        options.mask_names = given.mask_names ? 1 : 0;
        options.since = given.since.seconds();
        options.until = given.until.seconds();
        options.progress = telling.callback();
        options.user_data = telling.user_data();
        RecordingSummary summary;
        char *text = nullptr;
        const usm_status status =
            usm_history_extract(get(), path.c_str(), &options, &summary, &text);
        std::string notes = detail::take(text);
        telling.finish(status);
        if (given.notes != nullptr) *given.notes = std::move(notes);
        return summary;
    }

private:
    static std::vector<const char *> pointers(const std::vector<std::string> &texts) {
        std::vector<const char *> list;
        list.reserve(texts.size());
        for (const std::string &text : texts) list.push_back(Text(text).c_str());
        return list;
    }
};

USM_END_NAMESPACE

#endif  // USM_HISTORY_HPP
