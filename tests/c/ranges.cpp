// usm.hpp: what there are many of is gone through by range-for; Arrow streams are read, given
// away and released once.
#include <cstdlib>

#include "check.h"
#include "owning.hpp"
#include "usm.hpp"

static usm::Config config_for(const std::string &folder) {
    usm::Config config;
    config.apply_environment()
        .set("data_dir", folder)
        .set("refresh_interval", 0.1)
        .set("commit_interval", 0.1);
    return config;
}

static usm::RecordingSummary record(const std::string &folder, const std::string &path) {
    usm::Recorder recorder(config_for(folder), path);
    std::uint64_t sequence = 0;
    while (sequence < 5) sequence = recorder.wait(sequence, std::chrono::seconds(60));
    return recorder.finish();
}

static void rows_and_columns(const usm::History &history) {
    usm::Query query("memory_percent");
    query.select.push_back("core_busy_percent");
    const usm::Table table = history.query(query);
    const std::vector<usm::Column> columns = table.all_columns();
    CHECK(columns.size() == table.columns() && columns.size() >= 2);
    std::size_t count = 0;
    for (const usm::Row row : table.by_row()) {
        CHECK(row.timestamp() == table.times()[count] && row.size() == columns.size());
        CHECK(row.time() == usm::time_of(row.timestamp()));
        CHECK(row.at(0) == row[0] && row[0] == columns[0][count] && row[0] > 0.0);
        CHECK(!row.at(columns.size()));
        for (std::size_t i = 0; i < row.size(); i++) {
            CHECK(row.at(i) == usm::known(columns[i][count]));
        }
        count++;
    }
    CHECK(count == table.rows() && count == table.times().size() && count >= 5);
    CHECK(!columns[0].at(count) && columns[0].at(0));
    CHECK(table.by_row()[0].timestamp() == *table.times().begin());

    usm::Query nothing("memory_percent");
    nothing.since = 1000.0;
    nothing.until = 2000.0;
    const usm::Table empty = history.query(nothing);
    CHECK(empty.times().empty() && empty.by_row().empty());
    for (const usm::Row row : empty.by_row()) CHECK(row.size() == 99);
    for (const usm::Column &column : empty.all_columns()) {
        CHECK(column.size() == 0 && column.begin() == column.end());
    }
}

static void states(const std::string &path, const usm::RecordingSummary &summary) {
    usm::Replay replay(path);
    std::uint64_t count = 0;
    double last = 0.0;
    for (const usm::State &state : replay) {
        CHECK(state.metrics().timestamp > last);
        last = state.metrics().timestamp;
        for (const usm::Process &process : state.processes(USM_ORDER_MEMORY)) {
            CHECK(process.pid > 0 && !process.program().empty());
        }
        count++;
    }
    CHECK(count == summary.samples && last == summary.last && replay.notes().empty());
    for (const usm::State &state : replay) CHECK(state.tier() == 99);
    const auto since = *usm::time_of(summary.last);
    CHECK(usm::Replay(path, since).size() <= 1);
}

static void lists() {
    usm::ActionList actions = usm::ActionList::from_json(
        "[{\"action_type\": \"set_batch\", \"target_id\": \"7\"},"
        " {\"action_type\": \"set_idle\", \"target_id\": \"8\"}]");
    std::string seen;
    for (const usm::Action &action : actions) {
        seen += std::string(usm::action_name(action.action_type)) + action.target_id + ' ';
    }
    CHECK(seen == "set_batch7 set_idle8 ");
    auto at = actions.begin();
    CHECK(std::string((*at++).target_id) == "7" && std::string((*at).target_id) == "8");
    CHECK(++at == actions.end() && at != actions.begin());
    actions.remove(1);
    actions.remove(0);
    for (const usm::Action &action : actions) CHECK(action.struct_size == 99);
}

static void targets_and_results(const std::string &folder) {
    usm::Optimizer optimizer(config_for(folder), "{\"verify_seconds\": 0.2}");
    const usm::TargetList targets = optimizer.analyze();
    std::size_t count = 0;
    for (const usm::Target &target : targets) {
        CHECK(target.description != nullptr);
        CHECK(targets.culprits(count).size() == target.culprit_count);
        count++;
    }
    CHECK(count == targets.size());
    const usm::ActionList actions = usm::ActionList::from_json(
        "{\"action_type\": \"set_batch\", \"target_id\": \"1\"}");
    std::size_t results = 0;
    usm::ExecuteOptions options;
    options.progress = [&](const usm_progress &progress) {
        const auto fraction = usm::fraction_of(progress);
        CHECK(!fraction || (*fraction >= 0.0 && *fraction <= 1.0));
        return true;
    };
    for (const usm::ActionResult &result : optimizer.execute(actions, options)) {
        CHECK(result.dry_run == 1 && std::string(result.target_id) == "1");
        results++;
    }
    CHECK(results == 1);
}

static void streams(const usm::History &history) {
    usm::ArrowStream stream = history.query(usm::Query("memory_percent")).arrow_stream();
    CHECK(stream);
    const usm::ArrowSchemaOwner schema = stream.schema();
    CHECK(schema && schema->n_children == 2);
    CHECK(std::string(schema->children[1]->name) == "memory_percent");
    std::int64_t rows = 0;
    while (const std::optional<usm::ArrowArrayOwner> batch = stream.next()) {
        CHECK((*batch)->n_children == 2);
        rows += (*batch)->length;
    }
    CHECK(rows >= 5 && !stream.next());

    // A consumer of C takes over a copy and marks the original as released.
    usm::ArrowStream second = history.query(usm::Query("memory_percent")).arrow_stream_long();
    ArrowArrayStream taken = *second.get();
    second.get()->release = nullptr;
    CHECK(!second);
    CHECK(failure_of([&] { (void)second.next(); }) == USM_ERR_INVALID_STATE);
    CHECK(failure_of([&] { (void)second.schema(); }) == USM_ERR_INVALID_STATE);
    usm::ArrowStream again(taken);
    usm::ArrowStream moved = std::move(again);
    usm::ArrowStream &itself = moved;
    moved = std::move(itself);
    CHECK(!again && moved && moved.next());
    ArrowArrayStream given = moved.release();
    CHECK(!moved && given.release != nullptr);
    given.release(&given);
    moved.reset();

    // The batch outlives its stream, and what is assigned to is released at once.
    usm::ArrowStream third = history.query(usm::Query("memory_percent")).arrow_stream();
    usm::ArrowArrayOwner batch = std::move(*third.next());
    third.reset();
    CHECK(batch && batch->length == rows);
    third = history.query(usm::Query("cpu_percent")).arrow_stream();
    batch = std::move(*third.next());
    CHECK(batch->n_children == 2);
}

static void a_stream_that_fails_says_why() {
    ArrowArrayStream failing = {};
    failing.get_schema = [](ArrowArrayStream *, ArrowSchema *) { return 5; };
    failing.get_next = [](ArrowArrayStream *, ArrowArray *) { return 12; };
    failing.get_last_error = [](ArrowArrayStream *) -> const char * { return "no more memory"; };
    failing.release = [](ArrowArrayStream *stream) { stream->release = nullptr; };
    usm::ArrowStream stream(failing);
    const auto batch = usm::attempt([&] { return stream.next(); });
    CHECK(batch.status() == USM_ERR_IO && batch.error().os_code() == 12);
    CHECK(std::string(batch.error().what()) == "no more memory");
    CHECK(usm::attempt([&] { return stream.schema(); }).error().os_code() == 5);
}

int main(int argc, char **argv) {
    const std::string folder = test_folder(argc, argv);
    const std::string path = folder + "/host.usm";
    const usm::RecordingSummary summary = record(folder, path);
    const usm::History history(path);
    rows_and_columns(history);
    states(path, summary);
    lists();
    targets_and_results(folder);
    streams(history);
    a_stream_that_fails_says_why();
    usm::ExtractOptions options;
    std::string notes = "none yet";
    options.notes = &notes;
    CHECK(history.extract(folder + "/part.usm", options).samples == summary.samples);
    CHECK(notes.empty());
    return 0;
}
