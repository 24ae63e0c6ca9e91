/* Drives every function of the header with what an input says: a sequence of calls, or one text
 * or file for one of the parsers. See ffi/fuzz/run.sh.
 *
 * With libFuzzer this is its target. Without (-DALONE) it is a program:
 *
 *     driver FOLDER                       USM_FUZZ_RUNS inputs (200) made from USM_FUZZ_SEED (1)
 *     driver FOLDER FILE ...              those inputs
 *
 * It acts on nothing but a child of its own, in demo mode, writes below a folder of its own, and
 * if it is root it becomes nobody first. */
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.inc"

enum { FUNCTIONS = sizeof functions / sizeof *functions };
enum { EVENT_FUNCTIONS = sizeof event_functions / sizeof *event_functions };
enum { NOBODY = 65534, MOST_CALLS = 60, INPUTS_PER_FIXTURE = 256, MOST_LASTING = 8 };

static pid_t child;
static unsigned folders_made;

static void need(int holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "driver: %s (%s, last error: %s)\n", what, strerror(errno),
            usm_last_error_message());
    exit(2);
}
#define NEED(condition) need((condition), #condition)

static void call_for_event(const usm_event *event, const struct cookie *cookie, uint32_t chance) {
    uint8_t bytes[64];
    struct source s;
    size_t i;
    memset(&s, 0, sizeof s);
    for (i = 0; i < sizeof bytes; i++) {
        chance = chance * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(chance >> 24);
    }
    s.data = bytes;
    s.size = sizeof bytes;
    s.event = event;
    for (i = 0; i < 2; i++) event_functions[take_byte(&s) % EVENT_FUNCTIONS].call(&s);
    /* Calls back in, also while the monitor is being freed. */
    {
        usm_metrics metrics;
        usm_metrics_init(&metrics);
        (void)usm_monitor_metrics(cookie->monitor, &metrics);
        if (chance % 16 == 0) (void)usm_monitor_stop(cookie->monitor);
    }
}

/* -- what is there for all inputs --------------------------------------------------------- */

static usm_config *config_in(const char *folder, int with_store) {
    usm_config *config = NULL;
    NEED(usm_config_new(&config) == USM_OK);
    NEED(usm_config_apply_environment(config) == USM_OK);
    NEED(usm_config_set_text(config, "data_dir", folder) == USM_OK);
    NEED(usm_config_set_number(config, "refresh_interval", 0.05) == USM_OK);
    NEED(usm_config_set_number(config, "commit_interval", 0.1) == USM_OK);
    NEED(usm_config_set_bool(config, "store_enabled", with_store) == USM_OK);
    NEED(usm_config_set_text(config, "log_level", "ERROR") == USM_OK);
    return config;
}

static void write_file(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    NEED(file != NULL);
    NEED(fwrite(bytes, 1, size, file) == size);
    NEED(fclose(file) == 0);
}

/* A recording, the same as text, rules and a database: nobody may write to them. */
static void make_given_files(void) {
    char folder[560];
    usm_config *config;
    usm_recorder *recorder = NULL;
    usm_history *history = NULL;
    usm_table *table = NULL;
    usm_query query;
    const char *const select[] = {"memory_used_bytes"};
    char *csv = NULL;
    uint64_t sequence = 0;
    int i;
    snprintf(folder, sizeof folder, "%s/given", own_folder);
    NEED(mkdir(folder, 0700) == 0);
    snprintf(given_files[0], sizeof *given_files, "%s/host.usm", folder);
    snprintf(given_files[1], sizeof *given_files, "%s/host.csv", folder);
    snprintf(given_files[2], sizeof *given_files, "%s/usm.toml", folder);
    snprintf(given_files[3], sizeof *given_files, "%s", folder);
    config = config_in(own_folder, 1);
    NEED(usm_recorder_start(config, given_files[0], &recorder) == USM_OK);
    for (i = 0; i < 4; i++) NEED(usm_recorder_wait(recorder, sequence, 120.0, &sequence) == USM_OK);
    NEED(usm_recorder_finish(&recorder, NULL) == USM_OK);
    NEED(usm_history_open(given_files[0], &history) == USM_OK);
    usm_query_init(&query);
    query.select = select;
    query.select_count = 1;
    NEED(usm_history_query(history, &query, &table) == USM_OK);
    NEED(usm_table_csv(table, &csv) == USM_OK);
    write_file(given_files[1], csv, strlen(csv));
    write_file(given_files[2], "max_threads = 2\nrefresh_interval = 0.5\n", 39);
    usm_string_free(csv);
    usm_table_free(&table);
    usm_history_free(&history);
    usm_config_free(&config);
    for (i = 0; i < 3; i++) NEED(chmod(given_files[i], 0444) == 0);
    NEED(chmod(folder, 0555) == 0);
}

#define FIXTURE(name) ((struct name **)&fixtures[KIND_##name])

static void make_fixtures(void) {
    char folder[560];
    char json[128];
    usm_metrics metrics;
    usm_query query;
    const char *const select[] = {"memory_used_bytes"};
    snprintf(folder, sizeof folder, "%s/data-%u", own_folder, folders_made++);
    NEED(mkdir(folder, 0700) == 0);
    snprintf(own_scope, sizeof own_scope, "list:%d", (int)child);
    snprintf(own_settings, sizeof own_settings,
             "{\"data_dir\": \"%s\", \"scope\": \"%s\", \"verify_seconds\": 0.1}", folder,
             own_scope);
    *FIXTURE(usm_config) = config_in(folder, 0);
    {
        usm_config *config = config_in(folder, 1);
        NEED(usm_monitor_new(config, FIXTURE(usm_monitor)) == USM_OK);
        usm_config_free(&config);
    }
    NEED(usm_monitor_collect(*FIXTURE(usm_monitor), NULL) == USM_OK);
    NEED(usm_monitor_state(*FIXTURE(usm_monitor), FIXTURE(usm_state)) == USM_OK);
    NEED(usm_monitor_findings(*FIXTURE(usm_monitor), FIXTURE(usm_findings)) == USM_OK);
    usm_metrics_init(&metrics);
    NEED(usm_state_metrics(*FIXTURE(usm_state), &metrics) == USM_OK);
    fixture_time = metrics.timestamp;
    NEED(usm_history_open(given_files[0], FIXTURE(usm_history)) == USM_OK);
    usm_query_init(&query);
    query.select = select;
    query.select_count = 1;
    NEED(usm_history_query(*FIXTURE(usm_history), &query, FIXTURE(usm_table)) == USM_OK);
    NEED(usm_replay_open(given_files[0], 0.0, 0.0, FIXTURE(usm_replay)) == USM_OK);
    NEED(usm_detector_new(NULL, FIXTURE(usm_detector)) == USM_OK);
    NEED(usm_forecaster_new(NULL, FIXTURE(usm_forecaster)) == USM_OK);
    NEED(usm_optimizer_new(*FIXTURE(usm_config), own_settings, FIXTURE(usm_optimizer)) == USM_OK);
    NEED(usm_optimizer_analyze(*FIXTURE(usm_optimizer), FIXTURE(usm_target_list)) == USM_OK);
    snprintf(json, sizeof json, "[{\"action_type\": \"set_batch\", \"target_id\": \"%d\"}]",
             (int)child);
    NEED(usm_action_list_from_json(json, FIXTURE(usm_action_list)) == USM_OK);
    NEED(usm_optimizer_execute(*FIXTURE(usm_optimizer), *FIXTURE(usm_action_list), NULL,
                               FIXTURE(usm_execution_report)) == USM_OK);
}

static void end_fixtures(void) {
    size_t i;
    int kind;
    for (kind = 0; kind < KINDS; kind++) {
        free_handle((enum kind)kind, &fixtures[kind]);
        NEED(fixtures[kind] == NULL);
    }
    /* With the monitors every subscription has ended. */
    for (i = 0; i < MOST_COOKIES && cookies[i] != NULL; i++) {
        NEED(atomic_load(&cookies[i]->destroyed) == 1);
        free(cookies[i]);
        cookies[i] = NULL;
    }
}

static void remove_below(const char *folder) {
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    NEED(chmod(folder, 0700) == 0);
    NEED(entries != NULL);
    while ((entry = readdir(entries)) != NULL) {
        char path[4096];
        struct stat found;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        NEED(lstat(path, &found) == 0);
        if (S_ISDIR(found.st_mode)) {
            remove_below(path);
            NEED(rmdir(path) == 0);
        } else {
            NEED(unlink(path) == 0);
        }
    }
    closedir(entries);
}

static void leave(void) {
    if (child > 0 && getppid() != child) kill(child, SIGKILL);
}

static void set_up(const char *folder) {
    char path[600];
    NEED(strlen(folder) < sizeof own_folder - 32);
    snprintf(own_folder, sizeof own_folder, "%s/usm-fuzz-XXXXXX", folder);
    NEED(mkdtemp(own_folder) != NULL);
    if (geteuid() == 0) {
        NEED(chown(own_folder, NOBODY, NOBODY) == 0);
        NEED(setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0);
        NEED(setresuid(NOBODY, NOBODY, NOBODY) == 0);
        /* Else /proc/self would be root's. */
        NEED(prctl(PR_SET_DUMPABLE, 1) == 0);
    }
    snprintf(path, sizeof path, "%s/default", own_folder);
    NEED(setenv("USM_DATA_DIR", path, 1) == 0);
    NEED(setenv("HOME", path, 1) == 0);
    snprintf(path, sizeof path, "%s/work", own_folder);
    NEED(mkdir(path, 0700) == 0 && chdir(path) == 0);
    child = fork();
    NEED(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) pause();
    }
    own_child = (int32_t)child;
    NEED(atexit(leave) == 0);
    make_given_files();
    make_fixtures();
}

/* -- one input ---------------------------------------------------------------------------- */

static void parse_file(const char *path, uint8_t selector) {
    usm_history *history = NULL;
    usm_replay *replay = NULL;
    usm_config *config = NULL;
    char to[560];
    snprintf(to, sizeof to, "%s/imported.usm", own_folder);
    switch (selector % 5) {
    case 0:
        if (usm_history_open(path, &history) == USM_OK) {
            char *json = NULL;
            usm_state *state = NULL;
            (void)usm_history_series_json(history, 0.0, 0.0, &json);
            usm_string_free(json);
            (void)usm_history_state_at(history, fixture_time, &state);
            usm_state_free(&state);
        }
        usm_history_free(&history);
        return;
    case 1:
        if (usm_replay_open(path, 0.0, 0.0, &replay) == USM_OK) {
            usm_state *state = NULL;
            int i;
            for (i = 0; i < 4 && usm_replay_next(replay, &state) == USM_OK; i++) {
                usm_state_free(&state);
            }
        }
        usm_replay_free(&replay);
        return;
    case 2:
    case 3:
        (void)usm_recording_import(path, selector % 5 == 2 ? USM_TEXT_CSV : USM_TEXT_JSON, to,
                                   NULL);
        (void)unlink(to);
        return;
    default:
        NEED(usm_config_new(&config) == USM_OK);
        (void)usm_config_load_file(config, path);
        usm_config_free(&config);
        return;
    }
}

/* The bytes as one text for one function that reads text, or as a file. */
static void parse_text(struct source *s, uint8_t selector) {
    usm_monitor *monitor = *FIXTURE(usm_monitor);
    char *text = (char *)malloc(s->size - s->at + 1);
    char *json = NULL;
    double number = 0.0;
    usm_config *config = NULL;
    usm_detector *detector = NULL;
    usm_forecaster *forecaster = NULL;
    usm_action_list *actions = NULL;
    usm_status status = USM_OK;
    NEED(text != NULL);
    memcpy(text, s->data + s->at, s->size - s->at);
    text[s->size - s->at] = '\0';
    begin_call(s, "a parser");
    switch (selector % 16) {
    case 0: status = usm_parse_time(text, fixture_time, &number); break;
    case 1: status = usm_parse_duration(text, &number); break;
    case 2:
        NEED(usm_config_new(&config) == USM_OK);
        status = usm_config_set_json(config, text);
        usm_config_free(&config);
        break;
    case 3:
        status = usm_monitor_set_alert_rule(monitor, text, &json);
        break;
    case 4:
        status = usm_monitor_test_alert_rule_json(monitor, text, 0.0, 0.0, NULL, NULL, &json);
        break;
    case 5: status = usm_monitor_forecast_json(monitor, text, &number, 1, &json); break;
    case 6:
        status = usm_detector_load(text, &detector);
        if (status == USM_OK) check_status(s, usm_detector_push(detector, 1.0, 2.0, NULL));
        usm_detector_free(&detector);
        break;
    case 7:
        status = usm_forecaster_load(text, &forecaster);
        if (status == USM_OK) check_status(s, usm_forecaster_push(forecaster, 1.0, 2.0));
        usm_forecaster_free(&forecaster);
        break;
    case 8:
        status = usm_action_list_from_json(text, &actions);
        if (status == USM_OK) check_status(s, usm_action_list_json(actions, &json));
        usm_action_list_free(&actions);
        break;
    case 9: status = usm_optimizer_save_profile(*FIXTURE(usm_optimizer), text); break;
    case 10: {
        const char *const select[] = {text};
        usm_table *table = NULL;
        usm_query query;
        usm_query_init(&query);
        query.select = select;
        query.select_count = 1;
        status = usm_history_query(*FIXTURE(usm_history), &query, &table);
        usm_table_free(&table);
        break;
    }
    case 11: status = usm_monitor_recommend_tools_json(monitor, text, 3, &json); break;
    case 12:
        status = usm_monitor_silence_alerts(monitor, "*", text, 1.0, "a fuzzer", NULL, NULL);
        break;
    default: {
        char path[560];
        snprintf(path, sizeof path, "%s/parsed", own_folder);
        write_file(path, s->data + s->at, s->size - s->at);
        parse_file(path, selector / 16);
        break;
    }
    }
    check_status(s, status);
    if (json != NULL) check_text(s, json);
    usm_string_free(json);
    free(text);
}

static void end_input(void) {
    size_t lasting = 0;
    size_t i;
    int kind;
    for (kind = KINDS - 1; kind >= 0; kind--) {
        for (i = 0; i < SLOTS; i++) {
            free_handle((enum kind)kind, &slots[kind][i]);
            NEED(slots[kind][i] == NULL);
        }
    }
    for (i = 0; i < MOST_NUMBERS; i++) {
        if (numbers_kept[i] != 0) (void)usm_monitor_unsubscribe(*FIXTURE(usm_monitor), numbers_kept[i]);
        numbers_kept[i] = 0;
    }
    usm_string_free(owned_text);
    owned_text = NULL;
    (void)usm_log_set_callback(NULL, NULL, NULL, 0);
    (void)usm_monitor_stop(*FIXTURE(usm_monitor));
    for (i = 0; i < MOST_COOKIES && cookies[i] != NULL; i++) {
        if (atomic_load(&cookies[i]->destroyed) == 0) {
            cookies[lasting++] = cookies[i];
        } else {
            free(cookies[i]);
        }
    }
    for (i = lasting; i < MOST_COOKIES; i++) cookies[i] = NULL;
    {
        static unsigned inputs;
        if (++inputs % INPUTS_PER_FIXTURE == 0 || lasting > MOST_LASTING) {
            char path[600];
            end_fixtures();
            snprintf(path, sizeof path, "%s/data-%u", own_folder, folders_made - 1);
            remove_below(path);
            NEED(rmdir(path) == 0);
            make_fixtures();
        }
    }
}

/* The function that two bytes of an input stand for. Which one it is stays the same for nearly
 * all of them when the header gets more functions, so that old inputs keep their meaning. */
static const struct function *function_of(uint32_t bytes) {
    const struct function *chosen = functions;
    uint32_t highest = 0;
    size_t i;
    for (i = 0; i < FUNCTIONS; i++) {
        uint32_t mixed = functions[i].hash ^ (bytes * 0x9E3779B1u);
        mixed = (mixed ^ (mixed >> 16)) * 0x85EBCA6Bu;
        mixed = (mixed ^ (mixed >> 13)) * 0xC2B2AE35u;
        mixed ^= mixed >> 16;
        if (mixed >= highest) {
            highest = mixed;
            chosen = &functions[i];
        }
    }
    return chosen;
}

static void run_input(const uint8_t *data, size_t size) {
    struct source s;
    int calls;
    memset(&s, 0, sizeof s);
    s.data = data;
    s.size = size;
    s.slow_left = 3;
    if (size == 0) return;
    if (data[0] >= 192) {
        s.at = 2;
        if (size > 2) parse_text(&s, data[1]);
    } else {
        s.at = 1;
        for (calls = 0; calls < MOST_CALLS && s.at < s.size; calls++) {
            const uint32_t high = take_byte(&s);
            function_of(high << 8 | take_byte(&s))->call(&s);
        }
    }
    end_input();
}

#ifdef ALONE

static uint64_t next_number(uint64_t *state) {
    /* splitmix64 */
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static void run_seeded(uint64_t seed, unsigned long runs) {
    unsigned long run;
    for (run = 0; run < runs; run++) {
        uint64_t state = seed + run;
        uint8_t bytes[2048];
        size_t i;
        for (i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)next_number(&state);
        /* Mostly sequences of calls: random bytes tell a parser little. */
        bytes[0] &= 0x7F;
        fprintf(stderr, "seed %llu\n", (unsigned long long)(seed + run));
        run_input(bytes, sizeof bytes);
    }
}

static void run_file(const char *path) {
    static uint8_t bytes[1 << 20];
    FILE *file = fopen(path, "rb");
    size_t size;
    NEED(file != NULL);
    size = fread(bytes, 1, sizeof bytes, file);
    NEED(fclose(file) == 0);
    fprintf(stderr, "%s\n", path);
    run_input(bytes, size);
}

int main(int argc, char **argv) {
    const char *seed = getenv("USM_FUZZ_SEED");
    const char *runs = getenv("USM_FUZZ_RUNS");
    int i;
    NEED(argc >= 2);
    set_up(argv[argc - 1]);
    if (argc == 2) run_seeded(seed ? strtoull(seed, NULL, 10) : 1, runs ? strtoul(runs, NULL, 10) : 200);
    for (i = 1; i < argc - 1; i++) run_file(argv[i]);
    end_fixtures();
    remove_below(own_folder);
    return 0;
}

#else

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    const char *folder = getenv("USM_FUZZ_FOLDER");
    (void)argc;
    (void)argv;
    set_up(folder != NULL ? folder : "/tmp");
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    run_input(data, size);
    return 0;
}

#endif
