// usm.hpp: the history's owners end what they own, failures are exceptions.
#include <cstdlib>

#include "check.h"
#include "usm.hpp"

static usm::Config config_for(const std::string &folder) {
    usm::Config config;
    config.apply_environment()
        .set("data_dir", folder)
        .set("refresh_interval", 0.1)
        .set("commit_interval", 0.1);
    return config;
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

static usm::RecordingSummary record(const std::string &folder, const std::string &path) {
    usm::Recorder recorder(config_for(folder), path);
    std::uint64_t sequence = 0;
    const std::uint64_t wanted = std::getenv("CHECK_SLOW") == nullptr ? 15 : 5;
    while (sequence < wanted) sequence = recorder.wait(sequence, std::chrono::seconds(60));
    CHECK(recorder.state().metrics().sequence >= sequence);
    CHECK(failure_of([&] { usm::Recorder again(config_for(folder), path); }) != USM_OK);
    return recorder.finish();
}

static void tables(const usm::History &history, const usm::RecordingSummary &summary) {
    const std::vector<usm_extent> extents = history.extents();
    CHECK(!extents.empty() && extents[0].tier == USM_TIER_RAW);
    CHECK(extents[0].rows == summary.samples);
    CHECK(history.series_json().find("\"cpu_percent\"") != std::string::npos);

    const usm::Table table = history.query(usm::Query("memory_percent"));
    CHECK(table.rows() == summary.samples && table.columns() == 1);
    CHECK(table.step() == usm::Seconds(0) && table.notes().empty());
    CHECK(table.times()[0] == summary.first);
    const usm::Column column = table.column(0);
    CHECK(std::string(column.name) == "memory_percent" && column.size() == table.rows());
    for (const double value : column) CHECK(value > 0.0 && value <= 100.0);
    CHECK(column[0] == *column.begin());
    CHECK(table.csv().find("timestamp,memory_percent") == 0);
    CHECK(table.json().front() == '{');
    CHECK(failure_of([&] { table.column(1); }) == USM_ERR_INVALID_ARGUMENT);
    CHECK(failure_of([&] { history.query(usm::Query("cpu_percnt")); }) ==
          USM_ERR_INVALID_ARGUMENT);
    CHECK(failure_of([&] { history.query(usm::Query()); }) == USM_ERR_INVALID_ARGUMENT);

    usm::Query query("core_busy_percent");
    query.select.push_back("cpu_percent");
    query.since = summary.first;
    query.until = summary.last;
    query.step = std::chrono::milliseconds(500);
    query.aggregate = "p90";
    const usm::Table stepped = history.query(query);
    CHECK(stepped.step() == std::chrono::milliseconds(500) && stepped.columns() >= 2);
    CHECK(stepped.labels(0).at(0).first == "core" && stepped.labels(0).at(0).second == "0");
    CHECK(stepped.labels(stepped.columns() - 1).empty());
    query.combine = "mean";
    CHECK(history.query(query).columns() == 2);
    query.combine.clear();
    query.by = {"core"};
    CHECK(failure_of([&] { history.query(query); }) == USM_ERR_INVALID_ARGUMENT);
}

static void streams_are_released_by_their_owner_or_their_consumer(const usm::History &history) {
    usm::ArrowStream stream;
    {
        const usm::Table table = history.query(usm::Query("cpu_percent"));
        stream = table.arrow_stream();
        usm::ArrowStream unread = table.arrow_stream_long();
        usm::ArrowStream moved = std::move(unread);
        CHECK(unread.get()->release == nullptr && moved.get()->release != nullptr);
        moved.reset();
        CHECK(moved.get()->release == nullptr);
        moved.reset();
    }
    ArrowArrayStream taken = *stream.get();
    stream.get()->release = nullptr;
    ArrowSchema schema;
    CHECK(taken.get_schema(&taken, &schema) == 0);
    CHECK(schema.n_children == 2);
    schema.release(&schema);
    taken.release(&taken);
}

static void moments_and_replay(const usm::History &history, const std::string &path,
                               const usm::RecordingSummary &summary) {
    const usm::State state = history.state_at(summary.last);
    CHECK(state.metrics().timestamp == summary.last && state.tier() == USM_TIER_RAW);
    CHECK(state.top_processes(USM_ORDER_MEMORY, 1).size() == 1);
    CHECK(state.json().front() == '{');
    CHECK(state.processes_arrow_stream().get()->release != nullptr);
    CHECK(failure_of([&] { history.state_at(1000.0); }) == USM_ERR_NOT_FOUND);

    usm::Replay replay(path);
    std::uint64_t seen = 0;
    double last = 0.0;
    while (const std::optional<usm::State> next = replay.next()) {
        last = next->metrics().timestamp;
        seen++;
    }
    CHECK(seen == replay.size() && seen == summary.samples && last == summary.last);
    CHECK(!replay.next());
    CHECK(usm::Replay(path, summary.last).size() == 1);
}

static void extracts(const usm::History &history, const std::string &folder,
                     const usm::RecordingSummary &whole) {
    int calls = 0;
    usm::ExtractOptions options;
    options.mask_names = true;
    options.since = whole.first;
    options.progress = [&calls](const usm_progress &) { return ++calls > 0; };
    CHECK(history.extract(folder + "/part.usm", options).samples == whole.samples);
    CHECK(calls > 0);
    CHECK(failure_of([&] { history.extract(folder + "/part.usm"); }) == USM_ERR_INVALID_ARGUMENT);
    options.progress = [](const usm_progress &) { return false; };
    CHECK(failure_of([&] { history.extract(folder + "/none.usm", options); }) ==
          USM_ERR_INVALID_STATE);
    options.progress = [](const usm_progress &) -> bool { throw std::string("mine"); };
    bool caught = false;
    try {
        history.extract(folder + "/none.usm", options);
    } catch (const std::string &thrown) {
        caught = thrown == "mine";
    }
    CHECK(caught);

    const std::string text = folder + "/table.json";
    FILE *file = fopen(text.c_str(), "w");
    CHECK(file != nullptr);
    CHECK(fputs(history.query(usm::Query("cpu_percent")).json().c_str(), file) >= 0);
    CHECK(fclose(file) == 0);
    CHECK(usm::import_recording(text, USM_TEXT_JSON, folder + "/again.usm").samples ==
          whole.samples);
}

static void of_a_monitor(const std::string &folder) {
    usm::Monitor monitor(config_for(folder));
    monitor.collect();
    monitor.flush(std::chrono::seconds(60));
    const usm::History history = monitor.history();
    CHECK(history.query(usm::Query("memory_percent")).rows() == 1);
    const usm::State state = monitor.state();
    CHECK(state.metrics().sequence == 1);
    usm::State moved = history.state_at(state.metrics().timestamp);
    moved = monitor.state();
    CHECK(moved.metrics().sequence == 1);
}

int main(int argc, char **argv) {
    const std::string folder = test_folder(argc, argv);
    const std::string path = folder + "/host.usm";
    const usm::RecordingSummary summary = record(folder, path);
    CHECK(summary.samples >= 5 && summary.first < summary.last);
    const usm::History history(path);
    tables(history, summary);
    streams_are_released_by_their_owner_or_their_consumer(history);
    moments_and_replay(history, path, summary);
    extracts(history, folder, summary);
    of_a_monitor(folder);
    CHECK(usm::parse_time("now-1m", 100.0) == usm::Time(usm::Seconds(40)));
    CHECK(usm::parse_duration("15m") == std::chrono::minutes(15));
    CHECK(failure_of([] { usm::parse_duration("soon"); }) == USM_ERR_INVALID_ARGUMENT);
    CHECK(failure_of([] { usm::History("/nonexistent/a.usm"); }) == USM_ERR_NOT_FOUND);
    return 0;
}
