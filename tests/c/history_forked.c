/* fork() in a program that reads and records: the child is told so by every call and leaves
 * alone what is the parent's; what is only data stays usable. */
#include <sys/wait.h>
#include <unistd.h>

#include "recording.h"

static void in_the_child(usm_history *history, usm_history *of_monitor, usm_recorder *recorder,
                         usm_replay *replay, usm_table *table, usm_state *state) {
    const usm_status forked = USM_ERR_FORKED;
    const char *const select[] = {"cpu_percent"};
    const usm_query query = query_of(select);
    usm_table *answer = NULL;
    usm_state *past = NULL;
    char *json = NULL;
    size_t count = 0;
    uint64_t number = 0;
    CHECK_STATUS(forked, usm_history_query(history, &query, &answer));
    CHECK_STATUS(forked, usm_history_state_at(history, 1e9, &past));
    CHECK_STATUS(forked, usm_history_extents(history, NULL, sizeof(usm_extent), 0, &count));
    CHECK_STATUS(forked, usm_history_series_json(history, 0.0, 0.0, &json));
    CHECK_STATUS(forked, usm_history_extract(history, "x", NULL, NULL, NULL));
    CHECK_STATUS(forked, usm_history_query(of_monitor, &query, &answer));
    CHECK_STATUS(forked, usm_recorder_wait(recorder, 0, 1.0, NULL));
    CHECK_STATUS(forked, usm_recorder_state(recorder, &past));
    CHECK_STATUS(forked, usm_replay_size(replay, &number));
    CHECK_STATUS(forked, usm_replay_next(replay, &past));
    CHECK_STATUS(forked, usm_replay_notes(replay, &json));
    CHECK(answer == NULL && past == NULL && json == NULL);

    CHECK_OK(usm_table_csv(table, &json));
    usm_string_free(json);
    CHECK_OK(usm_state_json(state, &json));
    usm_string_free(json);
    usm_table_free(&table);
    usm_state_free(&state);
    usm_history_free(&history);
    usm_history_free(&of_monitor);
    usm_replay_free(&replay);
    CHECK_STATUS(forked, usm_recorder_finish(&recorder, NULL));
    CHECK(recorder == NULL && replay == NULL && history == NULL);
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    usm_recording_summary summary;
    char *path = make_recording(folder, "host.usm", &summary);
    char *live = path_in(folder, "live.usm");
    usm_config *config = test_config(folder);
    usm_monitor *monitor = test_monitor(folder);
    usm_history *history = NULL;
    usm_history *of_monitor = NULL;
    usm_recorder *recorder = NULL;
    usm_replay *replay = NULL;
    usm_table *table;
    usm_state *state = NULL;
    pid_t child;
    int status = 0;
    CHECK_OK(usm_history_open(path, &history));
    CHECK_OK(usm_monitor_history(monitor, &of_monitor));
    CHECK_OK(usm_replay_open(path, 0.0, 0.0, &replay));
    CHECK_OK(usm_recorder_start(config, live, &recorder));
    CHECK_OK(usm_recorder_wait(recorder, 0, 60.0, NULL));
    table = ask(history, "cpu_percent");
    CHECK_OK(usm_history_state_at(history, summary.last, &state));

    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        in_the_child(history, of_monitor, recorder, replay, table, state);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);

    usm_table_free(&table);
    table = ask(history, "cpu_percent");
    usm_table_free(&table);
    usm_state_free(&state);
    CHECK_OK(usm_replay_next(replay, &state));
    CHECK(state != NULL);
    usm_state_free(&state);
    usm_replay_free(&replay);
    usm_recording_summary_init(&summary);
    CHECK_OK(usm_recorder_finish(&recorder, &summary));
    CHECK(summary.samples >= 1);
    usm_history_free(&history);
    usm_history_free(&of_monitor);
    usm_monitor_free(&monitor);
    usm_config_free(&config);
    free(path);
    free(live);
    return 0;
}
