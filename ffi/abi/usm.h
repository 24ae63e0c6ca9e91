/* Generated from the Rust source of ffi/ by its test `header`; do not edit. */

/**
 * libusm: the C interface of the Unified System Monitor, an engine that samples its host,
 * judges the sample (usm_monitor_findings()), tells the program that embeds it, and remembers
 * (usm_monitor_history()); and, when it is asked, acts on the host and takes back what did
 * not help (usm_optimizer_new()).
 *
 *     usm_monitor *monitor = NULL;
 *     usm_metrics metrics;
 *     if (usm_monitor_new(NULL, &monitor) != USM_OK || usm_monitor_start(monitor) != USM_OK)
 *         fprintf(stderr, "%s\n", usm_last_error_message());
 *     usm_monitor_wait(monitor, 0, 5.0, NULL);
 *     usm_metrics_init(&metrics);
 *     if (usm_monitor_metrics(monitor, &metrics) == USM_OK)
 *         printf("processors %.1f %% busy\n", metrics.cpu_percent);
 *     usm_monitor_free(&monitor);
 *
 * Build: cc program.c -lusm (shared), or cc program.c libusm.a -lpthread -ldl -lm (static), as
 * C99 or C++11 at least; usm.hpp is a face of the same for C++17.
 * The conventions below hold for every function; a function's own text says what is more.
 *
 * Status. Every call that can fail returns a usm_status: USM_OK (0), or a negative number
 * that never changes its meaning. usm_last_error_message() has the details: what, where and
 * why. A status that this header does not list comes from a newer library; treat it as a
 * failure. Results come through out-parameters, which are the last ones and are written
 * only on success; a pointer is set to NULL first.
 *
 * Ownership. What a _new function made is ended by the _free function of the same name. It
 * takes the handle's address, accepts NULL and a NULL handle, and sets the handle to NULL.
 * A string that comes through a `char **` is the caller's, who frees it with
 * usm_string_free(). A `const char *` or an array that comes through a `const double **` is
 * borrowed, and its function says how long it lives. An Arrow stream is ended by its own
 * `release`.
 * Nothing that is passed in is kept, save a callback and its user data.
 *
 * Text is UTF-8 and ends with a NUL byte, both ways; paths as well. Numbers: seconds,
 * bytes, and percent from 0 to 100, as the names say; times are seconds since 1970. What
 * can't be read on this host is absent, never 0: NaN for a double, a cleared bit in
 * `present` for a whole number (usm_metrics and usm_process: for every value), NULL for a
 * text, null in JSON.
 *
 * Misuse. NULL where it is not allowed, an unknown name, or a number out of its range:
 * USM_ERR_INVALID_ARGUMENT, and nothing is done. What is not a handle of the kind that is
 * wanted: USM_ERR_INVALID_HANDLE, and nothing is done, be it a handle of another kind, one
 * that was freed (also when it is freed a second time by a copy of the pointer), or any other
 * pointer. A handle is looked up and never followed: it points to no memory of the program.
 * That does not hold for what is no handle: a text, an array or a struct must be as large
 * and live as long as the function says, and a string be freed once.
 *
 * Threads. A usm_monitor may be used by any number of threads at the same time, and from
 * callbacks. So may every other handle. It may be freed by any of them, and at any time: the
 * calls that are inside finish with it, the last to leave ends what is behind it, and calls
 * that come later are refused. What was borrowed from it is gone then.
 * The last error belongs to the thread whose call failed. Callbacks of events run on threads
 * of the library, one for each subscription; those of progress on the thread that called; that
 * of the log on any thread.
 * Signals sent to the process are blocked in the library's threads: the program's handlers
 * run on the program's own. The library installs no handler.
 *
 * fork(). A monitor, an event stream, an optimizer, a history, a recorder, a replay, a
 * detector, a forecaster or a folder's hold belongs to the process that made it. In a child
 * every call with it answers USM_ERR_FORKED, without waiting for anything; its _free function
 * takes the handle and leaves alone what is the parent's. The child may make one of its own.
 * What is only data (a table, a state, a list, findings, an event) may be used.
 *
 * Panics. A defect of the library inside a call becomes USM_ERR_PANIC. A callback must
 * return: one that is left by an exception, or that ends its thread, ends the process with a
 * message that names it; one that is left by longjmp() is not noticed, and what the library
 * held at that moment stays held.
 *
 * Versions. What was once released is only ever added to: functions, constants, fields at the
 * end of a struct. Plain structs begin with their size, so that they can grow: one from a
 * program that was compiled earlier is filled as far as it goes, and one from a program that
 * was compiled later has zero behind what this library knows; options that ask for what it
 * does not know are refused. A function that has a better one beside it is marked
 * "Deprecated: VERSION, use ..." and goes on working as it did. It can go only when
 * USM_ABI_VERSION is raised, and with it the number in the shared library's name,
 * libusm.so.0: programs then must be compiled again, and until they are both libraries can be
 * installed side by side. Compare USM_ABI_VERSION, for which the program was compiled, with
 * usm_abi_version(), which runs. Constants and types are there since 0.1.0 unless they say
 * otherwise. Once loaded, the library stays in memory: dlclose() does not unmap it. A plug-in
 * that has libusm.a inside needs the same (-Wl,-z,nodelete) and its copy for itself
 * (-Wl,--exclude-libs,ALL); several copies in one process get on, and refuse each other's
 * handles.
 */

/*
 * Contents. Search for a section as it stands here.
 *
 *   [status]               The statuses that calls return, and their names.
 *   [failure]              Why a call failed, and where the calling thread finds it.
 *   [version]              The version that runs. The version that was compiled for is in the
 *                          header's macros.
 *   [text]                 Texts on their way in and out.
 *   [in_use]               How many handles a program has.
 *   [config]               Settings.
 *   [setting]              The settings that there are: what each is, its unit, its range and
 *                          its default.
 *   [monitor]              The monitor: its life, its states, its settings.
 *   [config_read]          Settings read back by name, those of a set and those of a monitor.
 *   [metrics]              The numbers of a state as one plain struct.
 *   [process]              The processes of the newest state, as plain structs.
 *   [finding_numbers]      The numbers that stand for the judgement's words, and their names.
 *   [forecast]             What is to be expected, as plain structs.
 *   [findings]             What was found in a state: alerts, anomalies, incidents, insights,
 *                          forecasts, security.
 *   [finding_alerts]       The alerts among the findings.
 *   [finding_anomalies]    The anomalies among the findings.
 *   [finding_incidents]    The incidents among the findings, with what moved in each and which
 *                          processes did.
 *   [finding_insights]     The insights among the findings: what is the matter, on what
 *                          numbers, what could be done.
 *   [finding_forecasts]    The forecasts among the findings.
 *   [finding_security]     The security findings.
 *   [finding_advice]       The advice and the weak kernel settings among the findings.
 *   [event]                Events and their callbacks.
 *   [event_stream]         Events for a program that fetches them on a thread of its own, in
 *                          place of callbacks.
 *   [progress]             How far a long piece of work is, told to the caller, who may end it.
 *   [alerts]               Alerts through the monitor: their rules, and what somebody says to
 *                          them.
 *   [alerts_ask]           What one may ask the monitor of its judgement: alerts and findings
 *                          of the past, when a rule would have fired, whether a channel works,
 *                          forecasts of any series.
 *   [tools]                Which tool would show more of a problem, and what became of advice.
 *   [detector]             A detector of anomalies for values of the caller's own.
 *   [forecaster]           Forecasts for values of the caller's own.
 *   [history_state]        A state as an object of its own: the newest one, one of the past,
 *                          one of a replay.
 *   [state_cpu]            The processors of a state.
 *   [state_memory]         The memory of a state.
 *   [state_pressure]       The pressure on a resource, of a state.
 *   [state_disk]           The disks of a state.
 *   [state_filesystem]     The file systems of a state.
 *   [state_network]        The network of a state.
 *   [state_sensor]         The sensors and batteries of a state.
 *   [state_limits]         The limits of the own control group, of a state.
 *   [state_host]           The machine itself and its kernel, of a state.
 *   [state_health]         How the monitor, its events and its database do, of a state.
 *   [state_score]          What made the scores of a state, and what could not be read for it.
 *   [state_process]        One process of a state by its pid, with its details, and how many
 *                          there are.
 *   [event_data]           What an event brings, as plain structs and texts.
 *   [history_query]        What is asked of the history, as C writes it, and times in words.
 *   [history]              What was: the history of a database or a recording.
 *   [history_table]        An answer of the history in plain arrays.
 *   [history_table_export] An answer of the history for others to read: an Arrow stream, or
 *                          text.
 *   [history_recording]    Recordings: made live, taken out of a history, or made of text.
 *   [history_replay]       The engine over what was recorded.
 *   [optimizer_numbers]    The numbers that stand for the optimizer's words, and their names.
 *   [optimizer]            The optimizer: its life, its scope, its switches.
 *   [optimizer_targets]    What is wrong: a list of targets, as plain structs and as JSON.
 *   [optimizer_actions]    What could be done: a plan, as plain structs and as JSON, or actions
 *                          made by hand.
 *   [optimizer_run]        Doing it: options, progress, execution and rollback.
 *   [optimizer_report]     What became of the actions: a report, as plain structs and as JSON.
 *   [optimizer_profile]    Profiles: thresholds and what may be done about them.
 *   [optimizer_ask]        What one may ask the optimizer: how it stands, what it did and why,
 *                          what could work here.
 *   [folder]               Data folders: where a monitor keeps what it remembers.
 *   [saved_settings]       Settings that are saved in a data folder, and settings in layers.
 *   [logging]              What the library has to say beside results: its log, told to a
 *                          callback.
 *   [export]               Exports: what a history holds, as CSV, JSON or one HTML page, for
 *                          other programs.
 *   [report_file]          Reports for people: how the machine is and was, and where its
 *                          metrics go.
 *   [migrate]              A prototype's databases, brought into a data folder.
 *   [migration]            What a migration did: its report, as plain structs and as JSON.
 *   [service]              The monitor of a data folder that runs in the background: looking at
 *                          it, starting it and stopping it.
 *   [service_hold]         A program that is the monitor of a data folder itself.
 *   [monitor_notes]        What a program tells its monitor, to be kept with what the monitor
 *                          sees.
 *   [monitor_settings]     Several settings of a monitor changed at once.
 *   [monitor_store]        What a monitor keeps, and what it tells of itself.
 *   [catalogues]           What the library knows: its metrics and tools; and scores of numbers
 *                          that a program has itself.
 *   [optimizer_process]    One process that stands still, and where an optimizer keeps its
 *                          journal.
 *   [inline]               What is compiled into the caller.
 */

#ifndef USM_H
#define USM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Version of this header: major. */
#define USM_VERSION_MAJOR 0

/** Version of this header: minor. */
#define USM_VERSION_MINOR 1

/** Version of this header: patch. */
#define USM_VERSION_PATCH 0

/** Version of this header; usm_version() is that of the library that runs. */
#define USM_VERSION "0.1.0"

/*
 * The Arrow C data and stream interface, as its specification has them, for
 * usm_table_arrow_stream() and the like: https://arrow.apache.org/docs/format/CDataInterface.html
 */
#ifdef __cplusplus
extern "C" {
#endif

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
    const char *format;
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

#endif /* ARROW_C_DATA_INTERFACE */

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};

#endif /* ARROW_C_STREAM_INTERFACE */

#ifdef __cplusplus
}  // extern "C"
#endif

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/* Described in the sections below. */
struct usm_execution_report;
struct usm_migration;
struct usm_state;
struct usm_table;

/* ==========================================================================================
 * [status]
 * The statuses that calls return, and their names.
 * ========================================================================================== */

/** Whether a call succeeded: USM_OK, or one of the negative numbers USM_ERR_.... */
typedef int32_t usm_status;

/** Success. */
#define USM_OK 0

/** An argument or a setting is NULL, unknown, or out of its range. Nothing was done. */
#define USM_ERR_INVALID_ARGUMENT (-1)

/** A text is not UTF-8. Nothing was done. */
#define USM_ERR_INVALID_UTF8 (-2)

/** The pointer is not a handle of the kind that is wanted. Nothing was done. */
#define USM_ERR_INVALID_HANDLE (-3)

/** A file, folder or process that is needed does not exist. */
#define USM_ERR_NOT_FOUND (-4)

/** The system refused, for want of a privilege. */
#define USM_ERR_PERMISSION_DENIED (-5)

/** Any other failed read or write; see usm_last_error_os_code(). */
#define USM_ERR_IO (-6)

/** The content of a file is not what its format promises. */
#define USM_ERR_MALFORMED (-7)

/** The database could not be opened, read or written. */
#define USM_ERR_STORE (-8)

/** The call is not possible in the state that the object is in. */
#define USM_ERR_INVALID_STATE (-9)

/** The wait ended before what it waited for came. */
#define USM_ERR_TIMED_OUT (-10)

/** The handle was made by the parent of this forked process. */
#define USM_ERR_FORKED (-11)

/** This system or kernel can't do it. */
#define USM_ERR_UNSUPPORTED (-12)

/** A defect of the library: please report it with its message. */
#define USM_ERR_INTERNAL (-13)

/** A defect of the library that interrupted the call: please report it with its message. */
#define USM_ERR_PANIC (-14)

/**
 * The rules of safety forbid the act: outside the scope, protected, not what was meant, or
 * too late.
 */
#define USM_ERR_REFUSED (-15)

/**
 * The name of a status, e.g. "USM_ERR_TIMED_OUT"; "unknown status" for a number that is
 * none.
 *
 * Returns: a text that lives for ever; never NULL.
 * Threads: any.
 * Since: 0.1.0
 */
const char *usm_status_name(usm_status status);

/* ==========================================================================================
 * [failure]
 * Why a call failed, and where the calling thread finds it.
 * ========================================================================================== */

/**
 * What went wrong in the last call of this thread that failed: what, where and why, in
 * English, for people. The wording may change; test the status instead. A call that
 * succeeds does not clear it.
 *
 * Returns: a borrowed text that lives until the next call of this thread that fails; never
 * NULL; empty when no call has failed yet.
 * Threads: any; each has its own.
 * Since: 0.1.0
 */
const char *usm_last_error_message(void);

/**
 * The system's error number (errno) behind the last call of this thread that failed.
 *
 * Returns: the number; 0 when that failure came from no system call, or none has failed.
 * Threads: any; each has its own.
 * Since: 0.1.0
 */
int32_t usm_last_error_os_code(void);

/* ==========================================================================================
 * [version]
 * The version that runs. The version that was compiled for is in the header's macros.
 * ========================================================================================== */

/**
 * Number of the binary interface. It is raised only when a program would have to be
 * compiled again, and then the shared library's name changes with it.
 */
#define USM_ABI_VERSION 0

/**
 * The version of the library that runs, e.g. "0.1.0"; USM_VERSION is that of the header.
 *
 * Returns: a text that lives for ever; never NULL.
 * Threads: any.
 * Since: 0.1.0
 */
const char *usm_version(void);

/**
 * The number of the binary interface of the library that runs.
 *
 * Returns: a number that must equal USM_ABI_VERSION.
 * Threads: any.
 * Since: 0.1.0
 */
uint32_t usm_abi_version(void);

/**
 * Checks that the library that runs is for a program of a binary interface. Worth a call at
 * the start of a program that loads the library by dlopen(), where no linker compares the
 * names; usm_check_header() does it for the header that the program was compiled with.
 *
 * - abi_version: USM_ABI_VERSION, as the program was compiled with it.
 *
 * Returns: USM_OK; USM_ERR_UNSUPPORTED, and the message has both numbers.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_check_version(uint32_t abi_version);

/* ==========================================================================================
 * [text]
 * Texts on their way in and out.
 * ========================================================================================== */

/**
 * Frees a text that a function of this library gave away through a `char **`.
 *
 * - string: the text; NULL is fine. It must not be used or freed again.
 *
 * Threads: any.
 * Since: 0.1.0
 */
void usm_string_free(char *string);

/* ==========================================================================================
 * [in_use]
 * How many handles a program has.
 * ========================================================================================== */

/**
 * How many handles are in use, those that are lent to a running callback included: for a test
 * that a program frees what it makes. Leak checkers can't tell, since the library knows every
 * handle.
 *
 * Returns: the number.
 * Threads: any.
 * Since: 0.1.0
 */
size_t usm_handles_in_use(void);

/* ==========================================================================================
 * [config]
 * Settings.
 * ========================================================================================== */

/**
 * The settings of a monitor, by name. Made by usm_config_new(), ended by usm_config_free().
 * The names, units and ranges are those of the settings file and of the USM_... environment
 * variables: usm_setting_at() tells what each is, and usm_config_get_json() lists them with
 * their values.
 */
typedef struct usm_config usm_config;

/**
 * Makes a set of settings that holds the defaults.
 *
 * - config: takes the handle, to be ended by usm_config_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_config_new(struct usm_config **config);

/**
 * Ends a set of settings. A monitor that was made from it is not touched: it has a copy.
 *
 * - config: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
 *
 * Threads: any.
 * Since: 0.1.0
 */
void usm_config_free(struct usm_config **config);

/**
 * Sets a number by its name, e.g. "refresh_interval" to 0.5. For a count, 5.0 is 5.
 *
 * - name: name of the setting.
 * - value: the number, in the unit of the setting.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a name that is not a setting (the message
 * tells the nearest), for a value out of its range or NaN, and for a setting that takes no
 * number; USM_ERR_INVALID_UTF8. On an error nothing is changed.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_config_set_number(struct usm_config *config,
                                 const char *name,
                                 double value);

/**
 * Sets a switch by its name, e.g. "store_enabled" to 0.
 *
 * - name: name of the setting.
 * - value: 0 is off, any other number is on.
 *
 * Returns: as usm_config_set_number().
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_config_set_bool(struct usm_config *config,
                               const char *name,
                               int32_t value);

/**
 * Sets anything by its name from text, as in the environment: a folder, a word, a number,
 * or for a switch true, yes, on or 1 and their opposites.
 *
 * - name: name of the setting.
 * - value: the text; copied.
 *
 * Returns: as usm_config_set_number().
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_config_set_text(struct usm_config *config,
                               const char *name,
                               const char *value);

/**
 * Sets what a JSON object holds, e.g. {"refresh_interval": 0.5, "store_enabled": false}.
 *
 * - json: the object as text.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT when it is not a JSON object, or for the first
 * setting that is refused; USM_ERR_INVALID_UTF8. On an error nothing is changed.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_config_set_json(struct usm_config *config,
                               const char *json);

/**
 * Sets what a file holds: TOML, or JSON when its name ends in ".json".
 *
 * - path: path of the file.
 *
 * Returns: USM_OK; USM_ERR_NOT_FOUND, USM_ERR_PERMISSION_DENIED or USM_ERR_IO for the file;
 * USM_ERR_MALFORMED with line and column; USM_ERR_INVALID_ARGUMENT for the first setting
 * that is refused; USM_ERR_INVALID_UTF8. On an error nothing is changed.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_config_load_file(struct usm_config *config,
                                const char *path);

/**
 * Sets what the environment holds: a variable for each setting, e.g. USM_REFRESH_INTERVAL,
 * and HOST_PROC, HOST_SYS and HOST_ROOT for the three roots. Call it after the file and
 * before the settings of the program itself, so that these go before it.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for the first variable that is refused. On an
 * error nothing is changed.
 * Threads: any, while no other thread changes the environment.
 * Since: 0.1.0
 */
usm_status usm_config_apply_environment(struct usm_config *config);

/**
 * Gives a setting, or all of them, as JSON.
 *
 * - name: name of the setting; NULL for an object of all settings by name.
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a name that is not a setting;
 * USM_ERR_INVALID_UTF8.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_config_get_json(const struct usm_config *config,
                               const char *name,
                               char **json);

/* ==========================================================================================
 * [setting]
 * The settings that there are: what each is, its unit, its range and its default.
 * ========================================================================================== */

/** On or off: usm_config_set_bool(). */
#define USM_SETTING_SWITCH 0

/** A number with a fraction: usm_config_set_number(). */
#define USM_SETTING_NUMBER 1

/** A whole number: usm_config_set_number(). */
#define USM_SETTING_COUNT 2

/** One of some words: usm_config_set_text(). */
#define USM_SETTING_CHOICE 3

/** A folder: usm_config_set_text(). */
#define USM_SETTING_FOLDER 4

/** A file: usm_config_set_text(). */
#define USM_SETTING_FILE 5

/** Some texts, as one text separated by commas: usm_config_set_text(). */
#define USM_SETTING_TEXTS 6

/** What one setting is. The texts live for ever. */
typedef struct usm_setting {
    /** sizeof(usm_setting) in the caller's program, as usm_setting_init() sets it. */
    uint32_t struct_size;
    /** What it takes: USM_SETTING_... */
    uint32_t kind;
    /** 1 when a change acts on a running monitor, 0 when only from the next start on. */
    uint32_t is_live;
    /**
     * 1 when it may be set to "", which means the default place or an empty list; else 0.
     */
    uint32_t may_be_empty;
    /**
     * Its name, the same in every language, in files and (as USM_...) in the environment.
     */
    const char *name;
    /** What it does, in one line. */
    const char *about;
    /** Its default, as usm_config_get_text() gives it; NULL for a path that is not set. */
    const char *default_text;
    /** What it may be, in words. */
    const char *allowed;
    /** Unit of the number, or what the texts are; NULL where there is none. */
    const char *unit;
    /** Least value of a number; NaN for what is none. */
    double least;
    /** Greatest value of a number; NaN for what is none. */
    double most;
} usm_setting;

/**
 * Tells how many settings there are.
 *
 * - count: takes the number.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_setting_count(size_t *count);

/**
 * Copies what a setting is, in the order in which people are shown them.
 *
 * - index: 0 to the number of settings - 1.
 * - setting: filled as far as its struct_size goes; see usm_setting_init().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size that
 * no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_setting_at(size_t index,
                          struct usm_setting *setting);

/**
 * Copies what the setting of a name is.
 *
 * - name: name of the setting.
 * - setting: filled as far as its struct_size goes; see usm_setting_init().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a name that is not a setting (the message
 * tells the nearest), or a struct_size that no version of this header has;
 * USM_ERR_INVALID_UTF8.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_setting_named(const char *name,
                             struct usm_setting *setting);

/* ==========================================================================================
 * [monitor]
 * The monitor: its life, its states, its settings.
 * ========================================================================================== */

/**
 * A monitor of this host. Made by usm_monitor_new(), ended by usm_monitor_free(). Any number
 * of threads may use it at the same time.
 */
typedef struct usm_monitor usm_monitor;

/**
 * Makes a monitor that is not started yet, and opens its database unless "store_enabled" is
 * off. A database that can't be written is no error: sampling goes on without it, and the
 * state says so.
 *
 * - config: the settings, copied; NULL for the defaults overridden by the environment.
 * - monitor: takes the handle, to be ended by usm_monitor_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a setting; USM_ERR_MALFORMED for a rules' file
 * of alerts ("alert_rules_file", or alerts.toml in the data folder), with line, column and what
 * was probably meant; USM_ERR_NOT_FOUND, USM_ERR_PERMISSION_DENIED or USM_ERR_IO for that file,
 * for the folder that stands for /proc, or where there is no place for the data folder.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_new(const struct usm_config *config,
                           struct usm_monitor **monitor);

/**
 * Ends a monitor: stops it, closes its subscriptions, and writes what waits for the
 * database. It waits up to the setting "call_timeout" for a sample that is being taken, and up to
 * 5 seconds for callbacks that run; one that does not return in that time keeps its thread and
 * its user data, which is destroyed if it ever returns. Called from inside a callback, it does
 * not wait for that one.
 *
 * A thread that waits in a call with it gets USM_ERR_INVALID_STATE; one that is busy in one
 * is waited for, up to 5 seconds, and after that it is the one who ends the monitor, when it
 * leaves. An optimizer that is attached to it goes on sampling for itself.
 *
 * - monitor: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
 *
 * Threads: any.
 * Since: 0.1.0
 */
void usm_monitor_free(struct usm_monitor **monitor);

/**
 * Starts monitoring on a thread of its own; the first complete state is there within about
 * 0.2 seconds (see usm_monitor_wait()). USM_OK also when it is active already.
 *
 * Returns: USM_OK; USM_ERR_NOT_FOUND and the like when the folder that stands for /proc
 * can't be listed any more; USM_ERR_INTERNAL when no thread can be started; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_start(struct usm_monitor *monitor);

/**
 * Stops monitoring; a sample that is being taken is waited for. The newest state stays, and
 * the monitor may be started again. USM_OK also when it is not active.
 *
 * Returns: USM_OK; USM_ERR_TIMED_OUT when the sample does not end within the setting
 * "call_timeout" (the monitoring ends with it); USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_stop(struct usm_monitor *monitor);

/**
 * Tells whether monitoring is active.
 *
 * - active: takes 1 or 0.
 *
 * Returns: USM_OK; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_is_active(const struct usm_monitor *monitor,
                                 int32_t *active);

/**
 * Takes a sample now and publishes it, whether monitoring is active or not: its state knows
 * whatever was set before this call. When monitoring is not active, this takes 0.1 seconds, since
 * rates need two samples.
 *
 * - sequence: takes the number of the state; NULL when it is not wanted.
 *
 * Returns: USM_OK; USM_ERR_NOT_FOUND and the like when the host can't be sampled;
 * USM_ERR_TIMED_OUT after the setting "call_timeout", 10 seconds unless set; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_collect(struct usm_monitor *monitor,
                               uint64_t *sequence);

/**
 * Waits until a state newer than a given one is published, and returns at once when there
 * is one. `usm_monitor_wait(m, 0, 5, NULL)` waits for the first state after the start.
 *
 * - after_sequence: number of the state that is known; 0 for none.
 * - timeout_seconds: longest wait, 0 or more; INFINITY waits for ever.
 * - sequence: takes the number of the newest state; NULL when it is not wanted.
 *
 * Returns: USM_OK; USM_ERR_TIMED_OUT, and when sampling fails the message says why;
 * USM_ERR_INVALID_STATE when the monitor is freed meanwhile;
 * USM_ERR_INVALID_ARGUMENT for a timeout that is negative or NaN; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_wait(const struct usm_monitor *monitor,
                            uint64_t after_sequence,
                            double timeout_seconds,
                            uint64_t *sequence);

/**
 * Waits until everything that was measured so far is in the database.
 *
 * - timeout_seconds: longest wait, 0 or more; INFINITY waits for ever.
 *
 * Returns: USM_OK; USM_ERR_STORE with the cause when the database can't be written;
 * USM_ERR_TIMED_OUT; USM_ERR_INVALID_STATE when "store_enabled" is off;
 * USM_ERR_INVALID_ARGUMENT for a timeout that is negative or NaN; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_flush(struct usm_monitor *monitor,
                             double timeout_seconds);

/**
 * Changes a number among the settings of a monitor, also while it is active. Most act at
 * once, the others (e.g. "max_threads") from the next start on.
 *
 * - name: name of the setting.
 * - value: the number, in the unit of the setting.
 *
 * Returns: as usm_config_set_number(), and USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_set_number(struct usm_monitor *monitor,
                                  const char *name,
                                  double value);

/**
 * Changes a switch among the settings of a monitor; see usm_monitor_set_number().
 *
 * - name: name of the setting.
 * - value: 0 is off, any other number is on.
 *
 * Returns: as usm_config_set_number(), and USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_set_bool(struct usm_monitor *monitor,
                                const char *name,
                                int32_t value);

/**
 * Changes a setting of a monitor from text; see usm_monitor_set_number() and
 * usm_config_set_text().
 *
 * - name: name of the setting.
 * - value: the text; copied.
 *
 * Returns: as usm_config_set_number(), and USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_set_text(struct usm_monitor *monitor,
                                const char *name,
                                const char *value);

/**
 * Gives a setting in force, or all of them, as JSON.
 *
 * - name: name of the setting; NULL for an object of all settings by name.
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: as usm_config_get_json(), and USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_config_json(const struct usm_monitor *monitor,
                                   const char *name,
                                   char **json);

/**
 * Gives the newest state as JSON: everything that was read, the scores with the parts that
 * made them, findings, advice, and the health of the database and of the events. Before the
 * first sample `sequence` is 0 and `sample` null.
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_state_json(const struct usm_monitor *monitor,
                                  char **json);

/**
 * Gives the comprehensive report as JSON: state, components, timings, recommendations. A
 * section whose part is not in this version says so.
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_report_json(const struct usm_monitor *monitor,
                                   char **json);

/**
 * Gives as JSON what can be read on this host and what can't, and why: an object with
 * `sources`, an array that is empty before the first sample, and `store`, the health of the
 * database or null.
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_doctor_json(const struct usm_monitor *monitor,
                                   char **json);

/* ==========================================================================================
 * [config_read]
 * Settings read back by name, those of a set and those of a monitor.
 * ========================================================================================== */

/**
 * Makes a set of settings that holds what another one holds.
 *
 * - copy: takes the handle, to be ended by usm_config_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_config_copy(const struct usm_config *config,
                           struct usm_config **copy);

/**
 * Gives a number by its name, e.g. "refresh_interval"; of a count, too.
 *
 * - name: name of the setting.
 * - value: takes the number, in the unit of the setting.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a name that is not a setting (the message
 * tells the nearest), and for a setting that is no number; USM_ERR_INVALID_UTF8.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_config_get_number(const struct usm_config *config,
                                 const char *name,
                                 double *value);

/**
 * Gives a switch by its name, e.g. "store_enabled".
 *
 * - name: name of the setting.
 * - value: takes 1 when it is on, else 0.
 *
 * Returns: as usm_config_get_number(), for a setting that is no switch.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_config_get_bool(const struct usm_config *config,
                               const char *name,
                               int32_t *value);

/**
 * Gives any setting by its name as the text that usm_config_set_text() takes.
 *
 * - name: name of the setting.
 * - value: takes the text, to be freed by usm_string_free(); NULL for a path that is not set.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a name that is not a setting;
 * USM_ERR_INVALID_UTF8.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_config_get_text(const struct usm_config *config,
                               const char *name,
                               char **value);

/**
 * Makes a set of settings that holds those in force in a monitor. A change of it does not
 * reach the monitor: usm_monitor_set_number() and its like do that.
 *
 * - config: takes the handle, to be ended by usm_config_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_config(const struct usm_monitor *monitor,
                              struct usm_config **config);

/**
 * Gives a number in force in a monitor; see usm_config_get_number().
 *
 * - name: name of the setting.
 * - value: takes the number, in the unit of the setting.
 *
 * Returns: as usm_config_get_number(), and USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_get_number(const struct usm_monitor *monitor,
                                  const char *name,
                                  double *value);

/**
 * Gives a switch in force in a monitor; see usm_config_get_bool().
 *
 * - name: name of the setting.
 * - value: takes 1 when it is on, else 0.
 *
 * Returns: as usm_config_get_bool(), and USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_get_bool(const struct usm_monitor *monitor,
                                const char *name,
                                int32_t *value);

/**
 * Gives any setting in force in a monitor as text; see usm_config_get_text().
 *
 * - name: name of the setting.
 * - value: takes the text, to be freed by usm_string_free(); NULL for a path that is not set.
 *
 * Returns: as usm_config_get_text(), and USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_get_text(const struct usm_monitor *monitor,
                                const char *name,
                                char **value);

/* ==========================================================================================
 * [metrics]
 * The numbers of a state as one plain struct.
 * ========================================================================================== */

/** Bit of usm_metrics.present: cpu_percent. */
#define USM_METRIC_CPU_PERCENT 0

/** Bit of usm_metrics.present: cpu_user_percent. */
#define USM_METRIC_CPU_USER_PERCENT 1

/** Bit of usm_metrics.present: cpu_system_percent. */
#define USM_METRIC_CPU_SYSTEM_PERCENT 2

/** Bit of usm_metrics.present: cpu_iowait_percent. */
#define USM_METRIC_CPU_IOWAIT_PERCENT 3

/** Bit of usm_metrics.present: cpu_steal_percent. */
#define USM_METRIC_CPU_STEAL_PERCENT 4

/** Bit of usm_metrics.present: logical_cpus. */
#define USM_METRIC_LOGICAL_CPUS 5

/** Bit of usm_metrics.present: effective_cpus. */
#define USM_METRIC_EFFECTIVE_CPUS 6

/** Bit of usm_metrics.present: container_cpu_percent. */
#define USM_METRIC_CONTAINER_CPU_PERCENT 7

/** Bit of usm_metrics.present: load_average_1. */
#define USM_METRIC_LOAD_AVERAGE_1 8

/** Bit of usm_metrics.present: load_average_5. */
#define USM_METRIC_LOAD_AVERAGE_5 9

/** Bit of usm_metrics.present: load_average_15. */
#define USM_METRIC_LOAD_AVERAGE_15 10

/** Bit of usm_metrics.present: runnable. */
#define USM_METRIC_RUNNABLE 11

/** Bit of usm_metrics.present: blocked. */
#define USM_METRIC_BLOCKED 12

/** Bit of usm_metrics.present: context_switches_per_sec. */
#define USM_METRIC_CONTEXT_SWITCHES_PER_SEC 13

/** Bit of usm_metrics.present: memory_percent. */
#define USM_METRIC_MEMORY_PERCENT 14

/** Bit of usm_metrics.present: memory_used_bytes. */
#define USM_METRIC_MEMORY_USED_BYTES 15

/** Bit of usm_metrics.present: memory_available_bytes. */
#define USM_METRIC_MEMORY_AVAILABLE_BYTES 16

/** Bit of usm_metrics.present: memory_total_bytes. */
#define USM_METRIC_MEMORY_TOTAL_BYTES 17

/** Bit of usm_metrics.present: effective_memory_bytes. */
#define USM_METRIC_EFFECTIVE_MEMORY_BYTES 18

/** Bit of usm_metrics.present: container_memory_percent. */
#define USM_METRIC_CONTAINER_MEMORY_PERCENT 19

/** Bit of usm_metrics.present: swap_percent. */
#define USM_METRIC_SWAP_PERCENT 20

/** Bit of usm_metrics.present: swap_used_bytes. */
#define USM_METRIC_SWAP_USED_BYTES 21

/** Bit of usm_metrics.present: swap_total_bytes. */
#define USM_METRIC_SWAP_TOTAL_BYTES 22

/** Bit of usm_metrics.present: major_faults_per_sec. */
#define USM_METRIC_MAJOR_FAULTS_PER_SEC 23

/** Bit of usm_metrics.present: disk_percent. */
#define USM_METRIC_DISK_PERCENT 24

/** Bit of usm_metrics.present: disk_used_bytes. */
#define USM_METRIC_DISK_USED_BYTES 25

/** Bit of usm_metrics.present: disk_total_bytes. */
#define USM_METRIC_DISK_TOTAL_BYTES 26

/** Bit of usm_metrics.present: disk_read_bytes_per_sec. */
#define USM_METRIC_DISK_READ_BYTES_PER_SEC 27

/** Bit of usm_metrics.present: disk_write_bytes_per_sec. */
#define USM_METRIC_DISK_WRITE_BYTES_PER_SEC 28

/** Bit of usm_metrics.present: disk_utilisation_percent. */
#define USM_METRIC_DISK_UTILISATION_PERCENT 29

/** Bit of usm_metrics.present: network_received_bytes_total. */
#define USM_METRIC_NETWORK_RECEIVED_BYTES_TOTAL 30

/** Bit of usm_metrics.present: network_sent_bytes_total. */
#define USM_METRIC_NETWORK_SENT_BYTES_TOTAL 31

/** Bit of usm_metrics.present: network_received_bytes_per_sec. */
#define USM_METRIC_NETWORK_RECEIVED_BYTES_PER_SEC 32

/** Bit of usm_metrics.present: network_sent_bytes_per_sec. */
#define USM_METRIC_NETWORK_SENT_BYTES_PER_SEC 33

/** Bit of usm_metrics.present: tcp_established. */
#define USM_METRIC_TCP_ESTABLISHED 34

/** Bit of usm_metrics.present: tcp_retransmits_per_sec. */
#define USM_METRIC_TCP_RETRANSMITS_PER_SEC 35

/** Bit of usm_metrics.present: pressure_cpu_some_percent. */
#define USM_METRIC_PRESSURE_CPU_SOME_PERCENT 36

/** Bit of usm_metrics.present: pressure_memory_some_percent. */
#define USM_METRIC_PRESSURE_MEMORY_SOME_PERCENT 37

/** Bit of usm_metrics.present: pressure_memory_full_percent. */
#define USM_METRIC_PRESSURE_MEMORY_FULL_PERCENT 38

/** Bit of usm_metrics.present: pressure_io_some_percent. */
#define USM_METRIC_PRESSURE_IO_SOME_PERCENT 39

/** Bit of usm_metrics.present: pressure_io_full_percent. */
#define USM_METRIC_PRESSURE_IO_FULL_PERCENT 40

/** Bit of usm_metrics.present: process_count. */
#define USM_METRIC_PROCESS_COUNT 41

/** Bit of usm_metrics.present: thread_count. */
#define USM_METRIC_THREAD_COUNT 42

/** Bit of usm_metrics.present: temperature_celsius. */
#define USM_METRIC_TEMPERATURE_CELSIUS 43

/** Bit of usm_metrics.present: battery_percent. */
#define USM_METRIC_BATTERY_PERCENT 44

/** Bit of usm_metrics.present: battery_plugged. */
#define USM_METRIC_BATTERY_PLUGGED 45

/** Bit of usm_metrics.present: monitor_cpu_core_percent. */
#define USM_METRIC_MONITOR_CPU_CORE_PERCENT 46

/** Bit of usm_metrics.present: monitor_rss_bytes. */
#define USM_METRIC_MONITOR_RSS_BYTES 47

/** Bit of usm_metrics.present: health_score. */
#define USM_METRIC_HEALTH_SCORE 48

/** Bit of usm_metrics.present: performance_score. */
#define USM_METRIC_PERFORMANCE_SCORE 49

/** Bit of usm_metrics.present: security_score. */
#define USM_METRIC_SECURITY_SCORE 50

/**
 * The machine in some fifty numbers. Begin with usm_metrics_init(), or set struct_size to
 * sizeof(usm_metrics). A value that can't be read on this host has its bit in `present`
 * cleared (ask by usm_metrics_has()); a double is then NaN, a whole number 0.
 */
typedef struct usm_metrics {
    /** Size of the struct in the caller's program; set by the caller, left as it is. */
    uint32_t struct_size;
    /** 0. */
    uint32_t reserved;
    /** Number of the state, from 1; 0 before the first sample. */
    uint64_t sequence;
    /** Bit USM_METRIC_... is set when that value is known. */
    uint64_t present;
    /** When the sample was read, seconds since 1970; 0 before the first sample. */
    double timestamp;
    /** Processors busy, percent of the machine. */
    double cpu_percent;
    /** User mode (niced included), percent of the machine. */
    double cpu_user_percent;
    /** Kernel mode with interrupts, percent of the machine. */
    double cpu_system_percent;
    /** Idle while waiting for a disk, percent of the machine. */
    double cpu_iowait_percent;
    /** Taken by the hypervisor, percent of the machine. */
    double cpu_steal_percent;
    /** Processors online. */
    uint64_t logical_cpus;
    /** Processors that may be used under the control group's limits. */
    double effective_cpus;
    /** CPU used by the own control group, percent of its limit; absent when unlimited. */
    double container_cpu_percent;
    /** Load average over 1 minute. */
    double load_average_1;
    /** Load average over 5 minutes. */
    double load_average_5;
    /** Load average over 15 minutes. */
    double load_average_15;
    /** Tasks running or ready to run. */
    uint64_t runnable;
    /** Tasks blocked in a disk read or write. */
    uint64_t blocked;
    /** Context switches per second. */
    double context_switches_per_sec;
    /** Memory used, percent of the machine's. */
    double memory_percent;
    /** Memory used: total - available. */
    uint64_t memory_used_bytes;
    /** Memory available without swapping. */
    uint64_t memory_available_bytes;
    /** Memory of the machine. */
    uint64_t memory_total_bytes;
    /** Memory that may be used under the control group's limits. */
    uint64_t effective_memory_bytes;
    /**
     * Memory used by the limited control group, percent of its limit; absent when unlimited.
     */
    double container_memory_percent;
    /** Swap used, percent; absent without swap. */
    double swap_percent;
    /** Swap used. */
    uint64_t swap_used_bytes;
    /** Swap space; 0 when there is none. */
    uint64_t swap_total_bytes;
    /** Page faults that needed a disk, per second. */
    double major_faults_per_sec;
    /** Root file system used, percent as `df` shows it. */
    double disk_percent;
    /** Root file system used. */
    uint64_t disk_used_bytes;
    /** Root file system's size. */
    uint64_t disk_total_bytes;
    /** Read from all disks per second. */
    double disk_read_bytes_per_sec;
    /** Written to all disks per second. */
    double disk_write_bytes_per_sec;
    /** Utilisation of the busiest disk, percent of the time. */
    double disk_utilisation_percent;
    /** Received on all interfaces but loopback since boot. */
    uint64_t network_received_bytes_total;
    /** Sent on all interfaces but loopback since boot. */
    uint64_t network_sent_bytes_total;
    /** Received per second on all interfaces but loopback. */
    double network_received_bytes_per_sec;
    /** Sent per second on all interfaces but loopback. */
    double network_sent_bytes_per_sec;
    /** TCP connections established. */
    uint64_t tcp_established;
    /** TCP segments sent again per second. */
    double tcp_retransmits_per_sec;
    /** Time in which some task waited for a processor, percent of the last 10 s. */
    double pressure_cpu_some_percent;
    /** Time in which some task waited for memory, percent of the last 10 s. */
    double pressure_memory_some_percent;
    /** Time in which all tasks waited for memory, percent of the last 10 s. */
    double pressure_memory_full_percent;
    /** Time in which some task waited for a disk, percent of the last 10 s. */
    double pressure_io_some_percent;
    /** Time in which all tasks waited for a disk, percent of the last 10 s. */
    double pressure_io_full_percent;
    /** Processes that may be seen; absent when they are not scanned. */
    uint64_t process_count;
    /** Threads of these processes. */
    uint64_t thread_count;
    /** The processor's temperature, else the highest of all sensors, degrees Celsius. */
    double temperature_celsius;
    /** Charge of the first battery, percent. */
    double battery_percent;
    /** 1 when mains are plugged in, else 0. */
    uint64_t battery_plugged;
    /** CPU time of the monitor's own threads, percent of one core. */
    double monitor_cpu_core_percent;
    /** Resident memory of the process that embeds the monitor. */
    uint64_t monitor_rss_bytes;
    /** Health, 0 (worst) to 100: how much of the machine's resources is left. */
    double health_score;
    /** Performance, 0 (worst) to 100: how little work has to wait. */
    double performance_score;
    /** Security, 0 (worst) to 100: how few weak settings and other findings there are. */
    double security_score;
} usm_metrics;

/**
 * Copies the numbers of the newest state: no lock, no allocation, no waiting for a sample.
 *
 * - metrics: filled as far as its struct_size goes; what is beyond the size that this
 *   library knows is set to 0.
 *
 * Returns: USM_OK, also before the first sample, with `sequence` and `present` 0;
 * USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header has;
 * USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_metrics(const struct usm_monitor *monitor,
                               struct usm_metrics *metrics);

/* ==========================================================================================
 * [process]
 * The processes of the newest state, as plain structs.
 * ========================================================================================== */

/** Sort by CPU use, most first. */
#define USM_ORDER_CPU 0

/** Sort by resident memory, most first. */
#define USM_ORDER_MEMORY 1

/** Sort by bytes read and written per second, most first. */
#define USM_ORDER_IO 2

/** Sort by process id, least first. */
#define USM_ORDER_PID 3

/** Bit of usm_process.present: uid. */
#define USM_PROCESS_UID 0

/** Bit of usm_process.present: threads. */
#define USM_PROCESS_THREADS 1

/** Bit of usm_process.present: nice. */
#define USM_PROCESS_NICE 2

/** Bit of usm_process.present: start_time_seconds. */
#define USM_PROCESS_START_TIME_SECONDS 3

/** Bit of usm_process.present: cpu_core_percent. */
#define USM_PROCESS_CPU_CORE_PERCENT 4

/** Bit of usm_process.present: cpu_machine_percent. */
#define USM_PROCESS_CPU_MACHINE_PERCENT 5

/** Bit of usm_process.present: memory_percent. */
#define USM_PROCESS_MEMORY_PERCENT 6

/** Bit of usm_process.present: read_bytes_per_sec. */
#define USM_PROCESS_READ_BYTES_PER_SEC 7

/** Bit of usm_process.present: write_bytes_per_sec. */
#define USM_PROCESS_WRITE_BYTES_PER_SEC 8

/** Bit of usm_process.present: user. */
#define USM_PROCESS_USER 9

/** One process. Values without a bit in `present` are always there. */
typedef struct usm_process {
    /**
     * How many bytes of this element the library has filled; written by it. For
     * usm_state_process() set by usm_process_init(), and left as it is.
     */
    uint32_t struct_size;
    /** Bit USM_PROCESS_... is set when that value is known. */
    uint32_t present;
    /** Process id. */
    int32_t pid;
    /** Parent's process id; 0 for the first processes. */
    int32_t parent_pid;
    /** Effective user id; UINT32_MAX when it is not known. */
    uint32_t uid;
    /**
     * What it is doing, the letter that `ps` shows: R running, S sleeping, D waiting for a
     * disk, Z zombie, T stopped, t traced, I idle kernel thread, X dead, ? another.
     */
    uint32_t state;
    /** Number of threads; 0 when it is not known. */
    uint32_t threads;
    /** Nice value, -20 to 19; 0 when it is not known. */
    int32_t nice;
    /** 1 for a thread of the kernel, else 0. */
    uint32_t is_kernel_thread;
    /** 0. */
    uint32_t reserved;
    /** Start in clock ticks after boot; with the pid it identifies the process. */
    uint64_t start_time_ticks;
    /** Start, seconds since 1970; NaN when it is not known. */
    double start_time_seconds;
    /**
     * CPU time of one core since the sample before, 0 to 100 x cores, as `top` shows it; NaN
     * when it is not known.
     */
    double cpu_core_percent;
    /** CPU time of the whole machine, 0 to 100; NaN when it is not known. */
    double cpu_machine_percent;
    /** CPU time since its start, in seconds. */
    double cpu_seconds_total;
    /** Resident memory. */
    uint64_t rss_bytes;
    /** Resident memory, percent of the machine's; NaN when it is not known. */
    double memory_percent;
    /** Bytes read from storage per second; NaN when it is not known. */
    double read_bytes_per_sec;
    /** Bytes sent to storage per second; NaN when it is not known. */
    double write_bytes_per_sec;
    /** Name of the program, cut at a character where it is longer. */
    char name[64];
    /** User name, cut at a character where it is longer; empty when it is not known. */
    char user[32];
} usm_process;

/**
 * Copies the processes of the newest state, sorted, into an array of the caller's: as many
 * as it holds, or all of them. All come from one scan.
 *
 * - order: USM_ORDER_...
 * - array: takes the processes; NULL when capacity is 0.
 * - element_size: sizeof(usm_process) in the caller's program.
 * - capacity: number of elements in the array.
 * - count: takes how many processes there are, which may be more than capacity; the number
 *   of elements written is the lesser of both. 0 before the first sample.
 *
 * Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT for an
 * unknown order or an element size that no version of this header has; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_top_processes(const struct usm_monitor *monitor,
                                     uint32_t order,
                                     struct usm_process *array,
                                     size_t element_size,
                                     size_t capacity,
                                     size_t *count);

/* ==========================================================================================
 * [finding_numbers]
 * The numbers that stand for the judgement's words, and their names.
 * ========================================================================================== */

/** Good to know. */
#define USM_SEVERITY_LOW 0

/** Should be looked at. */
#define USM_SEVERITY_MEDIUM 1

/** Should be looked at soon. */
#define USM_SEVERITY_HIGH 2

/** Harm is being done. */
#define USM_SEVERITY_CRITICAL 3

/** Good to know. */
#define USM_ALERT_SEVERITY_INFO 0

/** Should be looked at. */
#define USM_ALERT_SEVERITY_WARNING 1

/** Harm is being done or near. */
#define USM_ALERT_SEVERITY_CRITICAL 2

/** Nobody has answered a critical one. */
#define USM_ALERT_SEVERITY_EMERGENCY 3

/** The condition holds, but not for long enough yet. */
#define USM_ALERT_PENDING 0

/** It fires. */
#define USM_ALERT_FIRING 1

/**
 * It fires or is pending, and its metric is not known any more: it neither fires nor clears.
 */
#define USM_ALERT_NO_DATA 2

/** It has ended. */
#define USM_ALERT_RESOLVED 3

/** The processors are the bottleneck. */
#define USM_INSIGHT_CPU_BOUND 0

/** Memory is short: pages are read and written over and over. */
#define USM_INSIGHT_MEMORY_THRASH 1

/** The disks are the bottleneck. */
#define USM_INSIGHT_IO_BOUND 2

/** More tasks are runnable than processors can run, or tasks wait for each other. */
#define USM_INSIGHT_RUN_QUEUE 3

/** The control group's quota holds the work back. */
#define USM_INSIGHT_THROTTLED 4

/** The network loses packets. */
#define USM_INSIGHT_NETWORK_RETRANSMITS 5

/** One processor is full while others are idle. */
#define USM_INSIGHT_CORE_SATURATED 6

/** The memory of a process grows steadily. */
#define USM_INSIGHT_LEAK_SUSPECTED 7

/** The hypervisor takes processor time. */
#define USM_INSIGHT_STEAL 8

/** A file system or its inodes run out. */
#define USM_INSIGHT_DISK_FILLING 9

/** Memory or swap run out. */
#define USM_INSIGHT_MEMORY_FILLING 10

/** Two metrics move together. */
#define USM_INSIGHT_CORRELATED 11

/** A TCP socket listens on an address that other machines can reach. */
#define USM_SECURITY_LISTENER 0

/** The executable of a running program was deleted or replaced. */
#define USM_SECURITY_DELETED_PROGRAM 1

/** A program runs from a folder in which every user may put files. */
#define USM_SECURITY_TEMPORARY_PROGRAM 2

/** A program runs that was never a file. */
#define USM_SECURITY_MEMORY_PROGRAM 3

/** A program runs with the rights of another user than the one who started it. */
#define USM_SECURITY_SETUID 4

/** A program bears the name of a thread of the kernel. */
#define USM_SECURITY_KERNEL_NAME 5

/** Many logins failed. */
#define USM_SECURITY_FAILED_LOGINS 6

/** Others may put a command where commands are searched. */
#define USM_SECURITY_SEARCH_PATH 7

/** A setting of the kernel is weak. */
#define USM_SECURITY_WEAK_SETTING 8

/** Too little was seen to tell anything. */
#define USM_OUTCOME_LEARNING 0

/**
 * On the metric's own past it told no better than "same as now": the value is that of now, the
 * intervals hold.
 */
#define USM_OUTCOME_SAME_AS_NOW 1

/** On the metric's own past it was nearer to what came than "same as now". */
#define USM_OUTCOME_FORECAST 2

/** Alerts. */
#define USM_FINDING_ALERT 0

/** Metrics outside of their normal range. */
#define USM_FINDING_ANOMALY 1

/** Anomalies with one cause. */
#define USM_FINDING_INCIDENT 2

/** What is the matter. */
#define USM_FINDING_INSIGHT 3

/** What is wrong or new with the machine's security. */
#define USM_FINDING_SECURITY 4

/** Silences of alerts. */
#define USM_FINDING_SILENCE 5

/**
 * The name of a severity USM_SEVERITY_..., e.g. "medium"; "unknown" for a number that is none.
 *
 * Returns: a text that lives for ever; never NULL.
 * Threads: any.
 * Since: 0.1.0
 */
const char *usm_severity_name(uint32_t severity);

/**
 * The name of an alert's severity USM_ALERT_SEVERITY_..., e.g. "warning"; "unknown" for a
 * number that is none.
 *
 * Returns: a text that lives for ever; never NULL.
 * Threads: any.
 * Since: 0.1.0
 */
const char *usm_alert_severity_name(uint32_t severity);

/**
 * The name of an alert's status USM_ALERT_PENDING and the like, e.g. "firing"; "unknown" for a
 * number that is none.
 *
 * Returns: a text that lives for ever; never NULL.
 * Threads: any.
 * Since: 0.1.0
 */
const char *usm_alert_status_name(uint32_t status);

/**
 * The name of a kind of insight USM_INSIGHT_..., e.g. "io_bound"; "unknown" for a number that
 * is none.
 *
 * Returns: a text that lives for ever; never NULL.
 * Threads: any.
 * Since: 0.1.0
 */
const char *usm_insight_kind_name(uint32_t kind);

/**
 * The name of a kind of security finding USM_SECURITY_..., e.g. "listener"; "unknown" for a
 * number that is none.
 *
 * Returns: a text that lives for ever; never NULL.
 * Threads: any.
 * Since: 0.1.0
 */
const char *usm_security_kind_name(uint32_t kind);

/**
 * The name of an outcome of a forecast USM_OUTCOME_..., e.g. "same_as_now"; "unknown" for a
 * number that is none.
 *
 * Returns: a text that lives for ever; never NULL.
 * Threads: any.
 * Since: 0.1.0
 */
const char *usm_outcome_name(uint32_t outcome);

/* ==========================================================================================
 * [forecast]
 * What is to be expected, as plain structs.
 * ========================================================================================== */

/** What is expected of a metric at one time ahead: its mean over five minutes then. */
typedef struct usm_forecast {
    /** sizeof(usm_forecast) in the caller's program, as usm_forecast_init() sets it. */
    uint32_t struct_size;
    /** What it is worth: USM_OUTCOME_... */
    uint32_t outcome;
    /** How far ahead of the newest value, seconds. */
    double horizon_seconds;
    /** Newest value; NaN when it is not known, and from a usm_forecaster. */
    double now;
    /** The expected value (a median); NaN while learning. */
    double value;
    /** Lower end of the interval that holds 80 of 100 values; NaN while learning. */
    double low_80;
    /** Its upper end. */
    double high_80;
    /** Lower end of the interval that holds 95 of 100 values; NaN while learning. */
    double low_95;
    /** Its upper end. */
    double high_95;
    /**
     * 1 - its mean absolute error / that of "same as now", both on the metric's own past; NaN
     * before any was scored.
     */
    double skill;
    /** Earlier forecasts of the kind that were scored. */
    uint64_t backtests;
    /** When it was made, seconds since 1970; NaN from a usm_forecaster. */
    double made_at;
    /**
     * The series, e.g. "filesystem_used_percent{mount=\"/\"}"; lives as long as the findings;
     * NULL from a usm_forecaster.
     */
    const char *series;
    /** Unit of the values, e.g. "percent"; as for `series`. */
    const char *unit;
} usm_forecast;

/** When a metric reaches a limit, e.g. a disk is full. */
typedef struct usm_exhaustion {
    /** sizeof(usm_exhaustion) in the caller's program, as usm_exhaustion_init() sets it. */
    uint32_t struct_size;
    /**
     * USM_OUTCOME_FORECAST: it is expected to. USM_OUTCOME_SAME_AS_NOW: as far as can be told
     * it is not. USM_OUTCOME_LEARNING: nothing can be told yet.
     */
    uint32_t outcome;
    /** The limit. */
    double limit;
    /** Newest value; NaN when it is not known, and from a usm_forecaster. */
    double now;
    /** Seconds until then (a median); NaN unless it is expected. */
    double seconds;
    /** Seconds before which only one in ten gets there; NaN unless it is expected. */
    double earliest_seconds;
    /** Seconds until which nine in ten got there; NaN when that may be never. */
    double latest_seconds;
    /** When it was worked out, seconds since 1970; NaN from a usm_forecaster. */
    double made_at;
    /** The series; lives as long as the findings; NULL from a usm_forecaster. */
    const char *series;
} usm_exhaustion;

/* ==========================================================================================
 * [findings]
 * What was found in a state: alerts, anomalies, incidents, insights, forecasts, security.
 * ========================================================================================== */

/**
 * What was found in one state of a host. Made by usm_monitor_findings() or
 * usm_state_findings(), ended by usm_findings_free(); usm_event_findings() lends one. It never
 * changes, and any number of threads may read it. The texts of its structs are borrowed: they
 * live as long as the findings.
 */
typedef struct usm_findings usm_findings;

/**
 * Gives what was found in the newest state of a monitor. The findings stay as they are while
 * the monitor goes on, and outlive it.
 *
 * - findings: takes the findings, to be ended by usm_findings_free().
 *
 * Returns: USM_OK, also before the first sample, when there are none;
 * USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_findings(const struct usm_monitor *monitor,
                                struct usm_findings **findings);

/**
 * Gives what was found in a state. One that a database gave holds no findings: those of the
 * past are in usm_monitor_findings_json().
 *
 * - findings: takes the findings, to be ended by usm_findings_free(); they outlive the state.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_findings(const struct usm_state *state,
                              struct usm_findings **findings);

/**
 * Ends findings, and the texts that were borrowed from them.
 *
 * - findings: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
 *
 * Threads: any.
 * Since: 0.1.0
 */
void usm_findings_free(struct usm_findings **findings);

/**
 * Gives all findings as a JSON object, with what the structs do not have: "sequence" and
 * "timestamp" of the state, "alerts", "anomalies", "incidents", "predictions", "correlations",
 * "insights", "security", "hardening" and "recommendations".
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_json(const struct usm_findings *findings,
                             char **json);

/* ==========================================================================================
 * [finding_alerts]
 * The alerts among the findings.
 * ========================================================================================== */

/** A rule that holds for a series. The texts live as long as the findings. */
typedef struct usm_alert {
    /** sizeof(usm_alert) in the caller's program, as usm_alert_init() sets it. */
    uint32_t struct_size;
    /** How bad it is now: USM_ALERT_SEVERITY_... */
    uint32_t severity;
    /** Where it is in its life: USM_ALERT_PENDING, _FIRING, _NO_DATA or _RESOLVED. */
    uint32_t status;
    /** 1 when it fires and clears so often that only the first change is told; else 0. */
    int32_t is_flapping;
    /** 1 when somebody took note of it; else 0. */
    int32_t is_acknowledged;
    /** Step of the escalation that was reached, from 0. */
    uint32_t escalation_step;
    /**
     * Its number, for usm_monitor_acknowledge_alert(); never used again. 0 while it is pending.
     */
    uint64_t id;
    /** Newest value; NaN when it is not known. */
    double value;
    /**
     * What the value is held against at this severity; NaN where there is no such number.
     */
    double threshold;
    /** Since when the condition holds, seconds since 1970. */
    double since;
    /** Since when it fires; NaN when it has not yet. */
    double fired_at;
    /** When it ended; NaN while it lasts. */
    double resolved_at;
    /** When it was last evaluated. */
    double updated_at;
    /** When somebody took note of it; NaN when nobody has. */
    double acknowledged_at;
    /** Until when a silence covers it; NaN when none does. */
    double silenced_until;
    /** Name of the rule. */
    const char *rule;
    /**
     * The series, e.g. "filesystem_used_percent{mount=\"/\"}"; for a condition over several
     * the first that decided.
     */
    const char *series;
    /** In words, with the numbers. */
    const char *message;
    /** Who took note of it; NULL when nobody has. */
    const char *acknowledged_by;
    /** What that one wrote; NULL when nothing. */
    const char *acknowledged_note;
} usm_alert;

/**
 * Tells how many alerts there are.
 *
 * - count: takes the number.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_alert_count(const struct usm_findings *findings,
                                    size_t *count);

/**
 * Copies an alert that is not over, the worst one first.
 *
 * - index: 0 to the number of alerts - 1.
 * - alert: filled as far as its struct_size goes; see usm_alert_init().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size that
 * no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_alert_at(const struct usm_findings *findings,
                                 size_t index,
                                 struct usm_alert *alert);

/* ==========================================================================================
 * [finding_anomalies]
 * The anomalies among the findings.
 * ========================================================================================== */

/** A metric that is outside of its normal range. The text lives as long as the findings. */
typedef struct usm_anomaly {
    /** sizeof(usm_anomaly) in the caller's program, as usm_anomaly_init() sets it. */
    uint32_t struct_size;
    /** 0. */
    uint32_t reserved;
    /** Number of the incident that it is part of; 0 when it is part of none. */
    uint64_t incident;
    /** 0 (as ever) to 1 (never seen), of the newest value; NaN when that is not known. */
    double score;
    /** Highest score since it began. */
    double worst_score;
    /** Newest value; NaN when it is not known. */
    double value;
    /** Lower end of what would be normal; NaN when that is not known. */
    double expected_low;
    /** Its upper end. */
    double expected_high;
    /** Since when it is outside, seconds since 1970. */
    double since;
    /** When it was last looked at. */
    double updated_at;
    /** The series, e.g. "cpu_percent". */
    const char *series;
} usm_anomaly;

/**
 * Tells how many anomalies there are.
 *
 * - count: takes the number.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_anomaly_count(const struct usm_findings *findings,
                                      size_t *count);

/**
 * Copies a metric that is outside of its normal range, the worst one first.
 *
 * - index: 0 to the number of anomalies - 1.
 * - anomaly: filled as far as its struct_size goes; see usm_anomaly_init().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size that
 * no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_anomaly_at(const struct usm_findings *findings,
                                   size_t index,
                                   struct usm_anomaly *anomaly);

/* ==========================================================================================
 * [finding_incidents]
 * The incidents among the findings, with what moved in each and which processes did.
 * ========================================================================================== */

/** Anomalies with one cause. The text lives as long as the findings. */
typedef struct usm_incident {
    /** sizeof(usm_incident) in the caller's program, as usm_incident_init() sets it. */
    uint32_t struct_size;
    /** How much it matters: USM_SEVERITY_... */
    uint32_t severity;
    /** Its number: never used again. */
    uint64_t id;
    /** Since when, seconds since 1970. */
    double since;
    /** When its words or numbers last changed in more than a little. */
    double updated_at;
    /** When it ended; NaN while it lasts. */
    double closed_at;
    /** How many metrics it is made of; see usm_findings_incident_anomaly_at(). */
    uint64_t anomaly_count;
    /** How many processes moved with it; see usm_findings_incident_culprit_at(). */
    uint64_t culprit_count;
    /** What happens, in a sentence with numbers. */
    const char *summary;
} usm_incident;

/** A process whose usage moved with an incident. The texts live as long as the findings. */
typedef struct usm_incident_culprit {
    /**
     * sizeof(usm_incident_culprit) in the caller's program, as usm_incident_culprit_init()
     * sets it.
     */
    uint32_t struct_size;
    /** Process id. */
    int32_t pid;
    /** Start in clock ticks after boot; with the pid it identifies the process. */
    uint64_t start_time_ticks;
    /**
     * Its share of what changed on the machine, percent; all of an incident add up to at most
     * 100.
     */
    double share_percent;
    /** Name of its program. */
    const char *name;
    /** Its user; NULL when that is not known. */
    const char *user;
    /** What of it moved, e.g. "process_cpu_core_percent". */
    const char *metric;
    /** In words, with the numbers. */
    const char *text;
} usm_incident_culprit;

/**
 * Tells how many incidents there are.
 *
 * - count: takes the number.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_incident_count(const struct usm_findings *findings,
                                       size_t *count);

/**
 * Copies an incident that lasts, or that ended with this state.
 *
 * - index: 0 to the number of incidents - 1.
 * - incident: filled as far as its struct_size goes; see usm_incident_init().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size that
 * no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_incident_at(const struct usm_findings *findings,
                                    size_t index,
                                    struct usm_incident *incident);

/**
 * Copies one of the metrics of an incident.
 *
 * - index: of the incident.
 * - anomaly_index: 0 for the one that moved first.
 * - anomaly: filled as far as its struct_size goes; see usm_anomaly_init().
 *
 * Returns: as usm_findings_incident_at().
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_incident_anomaly_at(const struct usm_findings *findings,
                                            size_t index,
                                            size_t anomaly_index,
                                            struct usm_anomaly *anomaly);

/**
 * Copies one of the processes that moved with an incident.
 *
 * - index: of the incident.
 * - culprit_index: 0 for the one that moved most.
 * - culprit: filled as far as its struct_size goes; see usm_incident_culprit_init().
 *
 * Returns: as usm_findings_incident_at().
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_incident_culprit_at(const struct usm_findings *findings,
                                            size_t index,
                                            size_t culprit_index,
                                            struct usm_incident_culprit *culprit);

/* ==========================================================================================
 * [finding_insights]
 * The insights among the findings: what is the matter, on what numbers, what could be done.
 * ========================================================================================== */

/** What is the matter. The texts live as long as the findings. */
typedef struct usm_insight {
    /** sizeof(usm_insight) in the caller's program, as usm_insight_init() sets it. */
    uint32_t struct_size;
    /** How much it matters: USM_SEVERITY_... */
    uint32_t severity;
    /** What kind of trouble: USM_INSIGHT_... */
    uint32_t kind;
    /** 0. */
    uint32_t reserved;
    /** How sure it is, 0 to 1. */
    double confidence;
    /** Since when, seconds since 1970. */
    double opened_at;
    /** When its words or numbers last changed. */
    double updated_at;
    /** When it ended; NaN while it lasts. */
    double closed_at;
    /** How many numbers it stands on; see usm_findings_insight_evidence_at(). */
    uint64_t evidence_count;
    /** How much could be done; see usm_findings_insight_advice_at(). */
    uint64_t advice_count;
    /**
     * Stable name of the finding with what it speaks of, e.g. "leak_suspected:4711:12345".
     */
    const char *id;
    /** In a sentence or two, with the numbers. */
    const char *text;
} usm_insight;

/** One number that an insight stands on. The texts live as long as the findings. */
typedef struct usm_evidence {
    /** sizeof(usm_evidence) in the caller's program, as usm_evidence_init() sets it. */
    uint32_t struct_size;
    /** 0. */
    uint32_t reserved;
    /**
     * The number, averaged over the time that was judged; of two correlated metrics the
     * coefficient and the lag.
     */
    double value;
    /** What it is held against; NaN where there is nothing. */
    double against;
    /** The series. */
    const char *series;
    /** Unit of the two numbers, e.g. "percent". */
    const char *unit;
} usm_evidence;

/**
 * Tells how many insights there are.
 *
 * - count: takes the number.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_insight_count(const struct usm_findings *findings,
                                      size_t *count);

/**
 * Copies an insight that lasts, or that ended with this state, the most severe one first.
 *
 * - index: 0 to the number of insights - 1.
 * - insight: filled as far as its struct_size goes; see usm_insight_init().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size that
 * no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_insight_at(const struct usm_findings *findings,
                                   size_t index,
                                   struct usm_insight *insight);

/**
 * Copies one of the numbers that an insight stands on.
 *
 * - index: of the insight.
 * - evidence_index: 0 to usm_insight.evidence_count - 1.
 * - evidence: filled as far as its struct_size goes; see usm_evidence_init().
 *
 * Returns: as usm_findings_insight_at().
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_insight_evidence_at(const struct usm_findings *findings,
                                            size_t index,
                                            size_t evidence_index,
                                            struct usm_evidence *evidence);

/**
 * Gives something that could be done about an insight.
 *
 * - index: of the insight.
 * - advice_index: 0 for what helps most, to usm_insight.advice_count - 1.
 * - advice: takes a borrowed text that lives as long as the findings.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_insight_advice_at(const struct usm_findings *findings,
                                          size_t index,
                                          size_t advice_index,
                                          const char **advice);

/* ==========================================================================================
 * [finding_forecasts]
 * The forecasts among the findings.
 * ========================================================================================== */

/**
 * Tells how many forecasts there are.
 *
 * - count: takes the number.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_forecast_count(const struct usm_findings *findings,
                                       size_t *count);

/**
 * Copies a forecast of one of the main metrics, by horizon, the nearest one first.
 *
 * - index: 0 to the number of forecasts - 1.
 * - forecast: filled as far as its struct_size goes; see usm_forecast_init().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size that
 * no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_forecast_at(const struct usm_findings *findings,
                                    size_t index,
                                    struct usm_forecast *forecast);

/**
 * Tells how many things that may be used up there are.
 *
 * - count: takes the number.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_exhaustion_count(const struct usm_findings *findings,
                                         size_t *count);

/**
 * Copies when something is used up, the soonest one first.
 *
 * - index: 0 to the number of things that may be used up - 1.
 * - exhaustion: filled as far as its struct_size goes; see usm_exhaustion_init().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size that
 * no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_exhaustion_at(const struct usm_findings *findings,
                                      size_t index,
                                      struct usm_exhaustion *exhaustion);

/* ==========================================================================================
 * [finding_security]
 * The security findings.
 * ========================================================================================== */

/**
 * Something about the machine's security that its user should know. The texts live as long as
 * the findings.
 */
typedef struct usm_security_finding {
    /**
     * sizeof(usm_security_finding) in the caller's program, as usm_security_finding_init()
     * sets it.
     */
    uint32_t struct_size;
    /** How much it matters: USM_SEVERITY_... */
    uint32_t severity;
    /** What it is of: USM_SECURITY_... */
    uint32_t kind;
    /**
     * 1 when it was there when the machine was first looked at, or for long by now, and is
     * taken for its normal state; else 0.
     */
    int32_t is_known;
    /**
     * 1 when the setting "security_allow" allows it, or every machine has it: it is listed
     * only; else 0.
     */
    int32_t is_allowed;
    /** 0. */
    uint32_t reserved;
    /** When it was first seen, seconds since 1970. */
    double since;
    /** When an event was raised for it; NaN when none was. */
    double raised_at;
    /** How many texts say so; see usm_findings_security_evidence_at(). */
    uint64_t evidence_count;
    /** Stable name, e.g. "listener:tcp:0.0.0.0:8080"; what "security_allow" speaks of. */
    const char *id;
    /** What it is about: an address, a program, a folder, a setting. */
    const char *subject;
    /** What is the matter, with names and numbers. */
    const char *text;
    /** What could be done. */
    const char *advice;
} usm_security_finding;

/**
 * Tells how many security findings there are.
 *
 * - count: takes the number.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_security_count(const struct usm_findings *findings,
                                       size_t *count);

/**
 * Copies a security finding, those that matter most first.
 *
 * - index: 0 to the number of security findings - 1.
 * - security: filled as far as its struct_size goes; see usm_security_finding_init().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size that
 * no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_security_at(const struct usm_findings *findings,
                                    size_t index,
                                    struct usm_security_finding *security);

/**
 * Gives something that says so, e.g. which file.
 *
 * - index: of the security finding.
 * - evidence_index: 0 to usm_security_finding.evidence_count - 1.
 * - evidence: takes a borrowed text that lives as long as the findings.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_security_evidence_at(const struct usm_findings *findings,
                                             size_t index,
                                             size_t evidence_index,
                                             const char **evidence);

/* ==========================================================================================
 * [finding_advice]
 * The advice and the weak kernel settings among the findings.
 * ========================================================================================== */

/** It comes from the newest sample. */
#define USM_ADVICE_SAMPLE 0

/** It comes from a score that is low. */
#define USM_ADVICE_SCORE 1

/** It comes from an insight. */
#define USM_ADVICE_INSIGHT 2

/** It comes from an incident. */
#define USM_ADVICE_INCIDENT 3

/** It comes from a forecast of when something is used up. */
#define USM_ADVICE_FORECAST 4

/** It comes from a security finding. */
#define USM_ADVICE_SECURITY 5

/** Something that the user could do. The texts live as long as the findings. */
typedef struct usm_advice {
    /** sizeof(usm_advice) in the caller's program, as usm_advice_init() sets it. */
    uint32_t struct_size;
    /** How much it matters: USM_SEVERITY_... */
    uint32_t severity;
    /** What it comes from: USM_ADVICE_... */
    uint32_t source;
    /** 0. */
    uint32_t reserved;
    /**
     * Stable name, with the object it speaks of, e.g. "disk_full:/var"; what
     * usm_monitor_answer_advice() takes.
     */
    const char *id;
    /** What is the matter, with its numbers, and what could be done. */
    const char *text;
    /** What it would bring, in words; NULL when nobody can tell. */
    const char *benefit;
} usm_advice;

/** A weak setting of the kernel. The texts live as long as the findings. */
typedef struct usm_weak_setting {
    /**
     * sizeof(usm_weak_setting) in the caller's program, as usm_weak_setting_init() sets it.
     */
    uint32_t struct_size;
    /** How much it matters: USM_SEVERITY_... */
    uint32_t severity;
    /** Points that it costs of the security score. */
    double loss;
    /** Name of the setting, as sysctl writes it. */
    const char *setting;
    /** Its value. */
    const char *value;
    /** Value that would be strong. */
    const char *wanted;
    /** What the weak value allows. */
    const char *risk;
} usm_weak_setting;

/**
 * Tells how many pieces of advice there are.
 *
 * - count: takes the number.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_recommendation_count(const struct usm_findings *findings,
                                             size_t *count);

/**
 * Copies a piece of advice, the most urgent one first.
 *
 * - index: 0 to the number of them - 1.
 * - advice: filled as far as its struct_size goes; see usm_advice_init().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size that
 * no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_recommendation_at(const struct usm_findings *findings,
                                          size_t index,
                                          struct usm_advice *advice);

/**
 * Tells how many weak settings of the kernel there are.
 *
 * - count: takes the number.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_weak_setting_count(const struct usm_findings *findings,
                                           size_t *count);

/**
 * Copies a weak setting of the kernel.
 *
 * - index: 0 to the number of them - 1.
 * - setting: filled as far as its struct_size goes; see usm_weak_setting_init().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size that
 * no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_findings_weak_setting_at(const struct usm_findings *findings,
                                        size_t index,
                                        struct usm_weak_setting *setting);

/* ==========================================================================================
 * [event]
 * Events and their callbacks.
 * ========================================================================================== */

/** A new state was published; every tick. */
#define USM_EVENT_STATE_UPDATE 0

/** An alert began to fire, grew worse, or nobody has answered it. */
#define USM_EVENT_ALERT_TRIGGERED 1

/** An advice that was not in the previous state. */
#define USM_EVENT_RECOMMENDATION_GENERATED 2

/** A metric left its normal range, and no other with the same cause had before. */
#define USM_EVENT_PERFORMANCE_ANOMALY 3

/** A security finding that is news, or a weak kernel setting that was not there before. */
#define USM_EVENT_SECURITY_ISSUE 4

/** The monitor was started. */
#define USM_EVENT_MONITOR_STARTED 5

/** The monitor was stopped. */
#define USM_EVENT_MONITOR_STOPPED 6

/** A setting was changed while the monitor runs. */
#define USM_EVENT_CONFIG_CHANGED 7

/** The database can't be written; rows wait in memory. */
#define USM_EVENT_STORE_DEGRADED 8

/** The database can be written again. */
#define USM_EVENT_STORE_RECOVERED 9

/** A sample could not be taken; the monitor goes on trying. */
#define USM_EVENT_SAMPLING_FAILED 10

/** An alert that fired has ended. */
#define USM_EVENT_ALERT_RESOLVED 11

/** Something is the matter that was not in the previous state. */
#define USM_EVENT_INSIGHT_OPENED 12

/** It is over. */
#define USM_EVENT_INSIGHT_CLOSED 13

/** What usm_event_kind() returns for what is not an event. */
#define USM_EVENT_NONE 4294967295

/** Mask of every kind of event, those of later versions included. */
#define USM_EVENTS_ALL 4294967295

/**
 * Something that happened. As a callback sees it, it is borrowed, and gone when the callback
 * returns: calls with it are refused from then on. One that was fetched by
 * usm_event_stream_next() is the program's. Any thread may look at it.
 */
typedef struct usm_event usm_event;

/**
 * Called for each event of a subscription, one after the other, on a thread of the
 * library's that belongs to the subscription. It may take its time: events queue up
 * meanwhile ("event_queue_size"), and from a full queue the oldest is dropped and counted.
 * It may call every function of the library, usm_monitor_unsubscribe() and
 * usm_monitor_free() included. It must return normally.
 *
 * - event: the event, borrowed until the callback returns.
 * - user_data: what was given to usm_monitor_subscribe().
 *
 * Returns: 0 when all went well; any other number is counted as a failure (`events.failed`
 * in the state), and the next event is told all the same.
 */
typedef int32_t (*usm_event_callback)(const struct usm_event *event,
                                      void *user_data);

/**
 * Called once for user data that the library needs no longer, on the thread that called it
 * last or, when it was never called, on the one that handed it over. It must return normally.
 *
 * - user_data: what was given with it.
 */
typedef void (*usm_destroy_callback)(void *user_data);

/**
 * Subscribes a callback to events of a monitor. The first call may come before this
 * function returns.
 *
 * - kinds_mask: bits USM_EVENT_BIT(USM_EVENT_...), or USM_EVENTS_ALL; not 0.
 * - callback: called for each event.
 * - user_data: handed to the callback; may be NULL.
 * - destroy: called exactly once with user_data when the callback will not be called any
 *   more: on the callback's thread after its last call, or on this one before this function
 *   returns when it fails, for whatever reason. NULL when there is nothing to be done. It
 *   is not called for a callback that never returns, nor in a child after fork().
 * - subscription: takes the number for usm_monitor_unsubscribe(), never 0; NULL when the
 *   subscription shall last as long as the monitor.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_INTERNAL when no thread can be
 * started; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_subscribe(struct usm_monitor *monitor,
                                 uint32_t kinds_mask,
                                 usm_event_callback callback,
                                 void *user_data,
                                 usm_destroy_callback destroy,
                                 uint64_t *subscription);

/**
 * Ends a subscription. When it returns, the callback is not running, will not be called
 * again, and its user data is destroyed. Called from inside that callback it returns at
 * once, and the user data is destroyed after the callback has returned.
 *
 * - subscription: number from usm_monitor_subscribe().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT when there is no such subscription (any more);
 * USM_ERR_FORKED.
 * Threads: any. Two callbacks must not end each other's subscription: each would wait for
 * the other.
 * Since: 0.1.0
 */
usm_status usm_monitor_unsubscribe(struct usm_monitor *monitor,
                                   uint64_t subscription);

/**
 * The kind of an event: USM_EVENT_..., or a number that this header does not know from a
 * newer library.
 *
 * Returns: the kind; USM_EVENT_NONE when `event` is NULL or not an event.
 * Threads: any, as long as the event lives.
 * Since: 0.1.0
 */
uint32_t usm_event_kind(const struct usm_event *event);

/**
 * When an event happened, seconds since 1970.
 *
 * Returns: the time; NaN when `event` is NULL or not an event.
 * Threads: any, as long as the event lives.
 * Since: 0.1.0
 */
double usm_event_timestamp(const struct usm_event *event);

/**
 * Copies the numbers of the state that an event of kind USM_EVENT_STATE_UPDATE brings.
 *
 * - metrics: filled; see usm_monitor_metrics().
 *
 * Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
 * USM_ERR_INVALID_ARGUMENT.
 * Threads: any, as long as the event lives.
 * Since: 0.1.0
 */
usm_status usm_event_metrics(const struct usm_event *event,
                             struct usm_metrics *metrics);

/**
 * Lends what an event brings as findings: the alert, the anomaly with its incident, the
 * insight, the security finding, the weak setting or the advice, and nothing else; of
 * USM_EVENT_STATE_UPDATE all findings of the state. They are made at the first call; a callback
 * that does not ask does not pay.
 *
 * - findings: takes borrowed findings that live as long as the event;
 *   usm_findings_free() must not be called for them.
 *
 * Returns: USM_OK; USM_ERR_INVALID_STATE for an event that brings none of these;
 * USM_ERR_INVALID_ARGUMENT.
 * Threads: any, as long as the event lives.
 * Since: 0.1.0
 */
usm_status usm_event_findings(const struct usm_event *event,
                              const struct usm_findings **findings);

/**
 * Copies the alert of USM_EVENT_ALERT_TRIGGERED or USM_EVENT_ALERT_RESOLVED.
 *
 * - alert: filled as far as its struct_size goes; see usm_alert_init(). Its texts live until
 *   the event ends.
 *
 * Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
 * USM_ERR_INVALID_ARGUMENT.
 * Threads: any, as long as the event lives.
 * Since: 0.1.0
 */
usm_status usm_event_alert(const struct usm_event *event,
                           struct usm_alert *alert);

/**
 * Copies the metric that left its normal range, of USM_EVENT_PERFORMANCE_ANOMALY. What moved
 * with it and which processes did is in the incident of usm_event_findings().
 *
 * - anomaly: filled as far as its struct_size goes; see usm_anomaly_init(). Its text lives until
 *   the event ends.
 *
 * Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
 * USM_ERR_INVALID_ARGUMENT.
 * Threads: any, as long as the event lives.
 * Since: 0.1.0
 */
usm_status usm_event_anomaly(const struct usm_event *event,
                             struct usm_anomaly *anomaly);

/**
 * Gives an event as JSON: `kind` by its name, `timestamp` and `data`. It is made at the
 * first call; a callback that does not ask does not pay.
 *
 * - json: takes a borrowed text that lives as long as the event.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any, as long as the event lives.
 * Since: 0.1.0
 */
usm_status usm_event_json(const struct usm_event *event,
                          const char **json);

/**
 * The name of a kind of event, e.g. "state_update"; "unknown" for a number that is none.
 *
 * Returns: a text that lives for ever; never NULL.
 * Threads: any.
 * Since: 0.1.0
 */
const char *usm_event_kind_name(uint32_t kind);

/* ==========================================================================================
 * [event_stream]
 * Events for a program that fetches them on a thread of its own, in place of callbacks.
 * ========================================================================================== */

/**
 * Events of a monitor that wait to be fetched. Made by usm_monitor_events(), ended by
 * usm_event_stream_free(). Any number of threads may fetch from it; each event goes to one.
 */
typedef struct usm_event_stream usm_event_stream;

/**
 * Subscribes to events of a monitor that are fetched by usm_event_stream_next(). They wait in
 * a queue ("event_queue_size"); from a full one the oldest is dropped and counted.
 *
 * - kinds_mask: bits USM_EVENT_BIT(USM_EVENT_...), or USM_EVENTS_ALL; not 0.
 * - stream: takes the handle, to be ended by usm_event_stream_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_events(struct usm_monitor *monitor,
                              uint32_t kinds_mask,
                              struct usm_event_stream **stream);

/**
 * Fetches the next event, and waits for it.
 *
 * - timeout_seconds: longest wait, 0 or more; INFINITY waits for ever.
 * - event: takes the event, to be ended by usm_event_free().
 *
 * Returns: USM_OK; USM_ERR_TIMED_OUT; USM_ERR_INVALID_STATE when no event comes any more, since
 * the monitor or the stream was freed; USM_ERR_INVALID_ARGUMENT for a timeout that is negative
 * or NaN; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_event_stream_next(struct usm_event_stream *stream,
                                 double timeout_seconds,
                                 struct usm_event **event);

/**
 * Tells how many events were dropped since nobody fetched them in time.
 *
 * - dropped: takes the number.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_event_stream_dropped(const struct usm_event_stream *stream,
                                    uint64_t *dropped);

/**
 * Ends a stream; a thread that waits in usm_event_stream_next() gets USM_ERR_INVALID_STATE.
 * Events that were fetched stay.
 *
 * - stream: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
 *
 * Threads: any.
 * Since: 0.1.0
 */
void usm_event_stream_free(struct usm_event_stream **stream);

/**
 * Ends an event that was fetched, with its texts and the findings that it lent.
 *
 * - event: address of the handle, which is set to NULL; NULL and a NULL handle are fine. An
 *   event that a callback was shown ends by itself.
 *
 * Threads: any.
 * Since: 0.1.0
 */
void usm_event_free(struct usm_event **event);

/* ==========================================================================================
 * [progress]
 * How far a long piece of work is, told to the caller, who may end it.
 * ========================================================================================== */

/**
 * How far a long piece of work is; written by the library, and gone when the callback
 * returns.
 */
typedef struct usm_progress {
    /** How many bytes of this struct the library has filled. */
    uint32_t struct_size;
    /** 0. */
    uint32_t reserved;
    /** Steps done. */
    uint64_t done;
    /** Steps in all; 0 when that is not known. */
    uint64_t total;
    /**
     * "checking", "measuring", "acting", "verifying", "rolling back", "scanning", "cleaning",
     * "extracting" or "testing"; more may come.
     */
    const char *stage;
    /** What is being worked on. */
    const char *what;
} usm_progress;

/**
 * Called for each step of a long piece of work, on the thread that called for it. It may call
 * every function of the library; when it frees the handle that works, that ends after the
 * work. It must return normally.
 *
 * - progress: how far it is, borrowed until the callback returns.
 * - user_data: what the options say.
 *
 * Returns: 0 to go on; any other number cancels: what has not begun is left undone, and
 * what waits for its verdict is taken back.
 */
typedef int32_t (*usm_progress_callback)(const struct usm_progress *progress,
                                         void *user_data);

/* ==========================================================================================
 * [alerts]
 * Alerts through the monitor: their rules, and what somebody says to them.
 * ========================================================================================== */

/**
 * Gives the rules as a JSON array, by name: the built-in ones, changed and added to by the
 * rules' file (setting "alert_rules_file") and by those of the database. Each is a table as in that
 * file, e.g. {"name": "CPU", "when": "cpu_percent > 90%", "for": "5m", ...}.
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_alert_rules_json(const struct usm_monitor *monitor,
                                        char **json);

/**
 * Adds a rule, or puts it in the place of the one of its name, and keeps it in the database,
 * if there is one. It is in force from the next sample on, also in another process that
 * monitors.
 *
 * - toml: the rule, as in a rules' file, a line for each field, e.g. name = "load",
 *   when = "load_average_1 > 8" and for = "5m".
 * - json: takes the rule as it was understood, to be freed by usm_string_free(); NULL when it is
 *   not wanted.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for what is no rule, with line, column and what was
 * probably meant, and for a channel that there is not; USM_ERR_INVALID_UTF8; USM_ERR_STORE;
 * USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_set_alert_rule(struct usm_monitor *monitor,
                                      const char *toml,
                                      char **json);

/**
 * Switches a rule on or off, also a built-in one, and keeps that in the database, if there is
 * one.
 *
 * - name: of the rule.
 * - enabled: 0 is off, any other number is on.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a name that there is not, with the nearest
 * ones; USM_ERR_INVALID_UTF8; USM_ERR_STORE; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_enable_alert_rule(struct usm_monitor *monitor,
                                         const char *name,
                                         int32_t enabled);

/**
 * Removes a rule from the database: a built-in one, or one of the rules' file, is again as it
 * was.
 *
 * - name: of the rule.
 * - removed: takes 1, or 0 where the database has none of this name; NULL when it is not wanted.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_UTF8; USM_ERR_STORE;
 * USM_ERR_INVALID_STATE when "store_enabled" is off; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_remove_alert_rule(struct usm_monitor *monitor,
                                         const char *name,
                                         int32_t *removed);

/**
 * Takes note of an alert: its escalation ends. If another process monitors, it is asked to,
 * through the database.
 *
 * - id: usm_alert.id.
 * - by: who takes note.
 * - note: in words; NULL for none.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a number that no alert has;
 * USM_ERR_INVALID_UTF8; USM_ERR_STORE; USM_ERR_FORKED.
 * Threads: any, callbacks included.
 * Since: 0.1.0
 */
usm_status usm_monitor_acknowledge_alert(struct usm_monitor *monitor,
                                         uint64_t id,
                                         const char *by,
                                         const char *note);

/**
 * Tells nobody of some alerts for a time; they fire and end all the same.
 *
 * - rule: name of the rule; `*` and `?` may stand in it.
 * - labels_json: labels that the series must have, as a JSON object, e.g. {"mount": "/mnt/d*"};
 *   NULL for every series.
 * - seconds: for how long, more than 0, at most a year (31622400).
 * - by: who wants it.
 * - reason: why; NULL for none.
 * - id: takes the number of the silence, for usm_monitor_end_silence(); 0 when this monitor is
 *   not active and the process that monitors was asked to, through the database. NULL when it
 *   is not wanted.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_UTF8; USM_ERR_STORE;
 * USM_ERR_FORKED.
 * Threads: any, callbacks included.
 * Since: 0.1.0
 */
usm_status usm_monitor_silence_alerts(struct usm_monitor *monitor,
                                      const char *rule,
                                      const char *labels_json,
                                      double seconds,
                                      const char *by,
                                      const char *reason,
                                      uint64_t *id);

/**
 * Ends a silence.
 *
 * - id: its number.
 * - ended: takes 1, or 0 for a number that there is not; NULL when it is not wanted.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_STORE; USM_ERR_FORKED.
 * Threads: any, callbacks included.
 * Since: 0.1.0
 */
usm_status usm_monitor_end_silence(struct usm_monitor *monitor,
                                   uint64_t id,
                                   int32_t *ended);

/**
 * Gives the silences that are in force or still to come, as a JSON array.
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_STORE; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_silences_json(const struct usm_monitor *monitor,
                                     char **json);

/* ==========================================================================================
 * [alerts_ask]
 * What one may ask the monitor of its judgement: alerts and findings of the past, when a rule
 * would have fired, whether a channel works, forecasts of any series.
 * ========================================================================================== */

/**
 * Gives the alerts that lasted in a range of time as a JSON array, oldest first.
 *
 * - since: seconds since 1970; 0 for the beginning.
 * - until: seconds since 1970; 0 for the end.
 * - limit: most of them, the newest; 0 for all.
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_STORE; USM_ERR_INVALID_STATE when
 * "store_enabled" is off; USM_ERR_TIMED_OUT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_alert_history_json(const struct usm_monitor *monitor,
                                          double since,
                                          double until,
                                          size_t limit,
                                          char **json);

/**
 * Gives findings of the past as a JSON array of objects with "kind", "key", "opened_at",
 * "updated_at", "closed_at" (null while it lasts), "severity", "title" and "data", the finding
 * itself.
 *
 * - kind: USM_FINDING_...
 * - since: that lasted at or after this time, seconds since 1970; 0 for the beginning.
 * - until: that began before this time; 0 for the end.
 * - open_only: any number but 0 leaves out those that have ended.
 * - limit: most of them, the newest; 0 for all.
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: as usm_monitor_alert_history_json().
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_findings_json(const struct usm_monitor *monitor,
                                     uint32_t kind,
                                     double since,
                                     double until,
                                     int32_t open_only,
                                     size_t limit,
                                     char **json);

/**
 * Says when a rule would have fired in a range of the history, as a JSON object: "samples"
 * that were looked at, of them "without_data", their "range", the "alerts",
 * "firing_percent" of the time, and "notes".
 *
 * - name_or_toml: name of a rule that there is, or a rule as for usm_monitor_set_alert_rule().
 * - since: seconds since 1970; 0 for the beginning.
 * - until: seconds since 1970; 0 for the end.
 * - progress: told of the progress in thousandths, on this thread; NULL for none. What it
 *   returns may end the test.
 * - user_data: handed to the callback; may be NULL.
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: as usm_monitor_set_alert_rule() and usm_history_query(); USM_ERR_INVALID_STATE when
 * the callback has ended it, or the monitor keeps no history.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_test_alert_rule_json(const struct usm_monitor *monitor,
                                            const char *name_or_toml,
                                            double since,
                                            double until,
                                            usm_progress_callback progress,
                                            void *user_data,
                                            char **json);

/**
 * Gives the channels that there are as a JSON object: name to kind ("console", "webhook" ...).
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT, also for a channel that can't be understood;
 * USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_alert_channels_json(const struct usm_monitor *monitor,
                                           char **json);

/**
 * Sends a message of test to a channel, waits for what becomes of it, and gives that as a JSON
 * object: "ok", "attempts", "error" and the like.
 *
 * - channel: its name; see usm_monitor_alert_channels_json().
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK, also when the message did not arrive: "ok" is false then;
 * USM_ERR_INVALID_ARGUMENT for a name that there is not; USM_ERR_INVALID_UTF8; USM_ERR_FORKED.
 * Threads: any; it waits for the channel.
 * Since: 0.1.0
 */
usm_status usm_monitor_test_alert_channel_json(const struct usm_monitor *monitor,
                                               const char *channel,
                                               char **json);

/**
 * Gives who was told of what as a JSON array, oldest first: alert, channel, what was told,
 * whether it arrived, tries, error, times.
 *
 * - since: seconds since 1970; 0 for the beginning.
 * - limit: most of them, the newest; 0 for all.
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: as usm_monitor_alert_history_json().
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_notifications_json(const struct usm_monitor *monitor,
                                          double since,
                                          size_t limit,
                                          char **json);

/**
 * Gives forecasts worked out of the history as a JSON array: one object for each series that
 * the selector names and each horizon. Those of the main metrics are in the findings, too.
 *
 * - selector: e.g. "memory_percent" or "filesystem_used_percent{mount=\"/\"}".
 * - horizons: seconds ahead, more than 0, at most 604800 (7 days); may be NULL with a count
 *   of 0.
 * - horizon_count: how many there are; 0 stands for 15 minutes, 1, 6 and 24 hours and 7 days.
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: as usm_history_query().
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_forecast_json(const struct usm_monitor *monitor,
                                     const char *selector,
                                     const double *horizons,
                                     size_t horizon_count,
                                     char **json);

/* ==========================================================================================
 * [tools]
 * Which tool would show more of a problem, and what became of advice.
 * ========================================================================================== */

/**
 * Gives the tools that would show more of a problem as a JSON array, best first: what each
 * shows, whether it is here, how it is had on this distribution, how to run it, and why it is
 * named. Nothing is run and nothing installed. That they were shown is remembered: one that is
 * installed afterwards counts as taken.
 *
 * - query: a question in plain words, e.g. "which process writes to the disk", to which what is
 *   wrong here now is added, by the newest state; NULL for that alone.
 * - limit: most of them; 0 for the usual number.
 * - json: takes the text, to be freed by usm_string_free(); an empty array when no tool is known
 *   for the question and nothing is wrong.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_UTF8; USM_ERR_TIMED_OUT when the
 * folders of PATH do not answer within the setting "call_timeout"; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_recommend_tools_json(const struct usm_monitor *monitor,
                                            const char *query,
                                            size_t limit,
                                            char **json);

/**
 * Takes note of what became of a recommended tool: such tools come earlier or later from now
 * on.
 *
 * - name: of the tool.
 * - is_taken: 0 when it was turned down, any other number when it was used.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a name that no tool has; USM_ERR_INVALID_UTF8;
 * USM_ERR_TIMED_OUT as for usm_monitor_recommend_tools_json(); USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_answer_tool(struct usm_monitor *monitor,
                                   const char *name,
                                   int32_t is_taken);

/**
 * Gives how often tools were recommended, and what there is to recommend, as a JSON object.
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_TIMED_OUT as for
 * usm_monitor_recommend_tools_json(); USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_tool_analytics_json(const struct usm_monitor *monitor,
                                           char **json);

/**
 * Takes note that an advice ("recommendations" in usm_findings_json()) was followed or turned
 * down: of those that matter as much, the kinds that are followed come first from now on.
 *
 * - id: of the advice.
 * - is_taken: 0 when it was turned down, any other number when it was followed.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an id that no advice of the newest state has;
 * USM_ERR_INVALID_UTF8; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_answer_advice(struct usm_monitor *monitor,
                                     const char *id,
                                     int32_t is_taken);

/* ==========================================================================================
 * [detector]
 * A detector of anomalies for values of the caller's own.
 * ========================================================================================== */

/** Nothing begins or ends with this value. */
#define USM_EDGE_NONE 0

/** Something unusual begins with this value. */
#define USM_EDGE_BEGAN 1

/** With this value the metric is back, or what was unusual has become normal. */
#define USM_EDGE_ENDED 2

/**
 * Learns what is normal for one metric and tells what is not: the one that the monitor uses
 * for each of its own metrics. It needs no monitor. Made by usm_detector_new() or
 * usm_detector_load(), ended by usm_detector_free(). Its memory is bounded, about 2 KB. Any
 * number of threads may use it; one call is answered at a time.
 */
typedef struct usm_detector usm_detector;

/**
 * What may be chosen about a detector. Begin with `usm_detector_options options =
 * USM_DETECTOR_OPTIONS_INIT;`, which suits every metric.
 */
typedef struct usm_detector_options {
    /** sizeof(usm_detector_options) in the caller's program. */
    uint32_t struct_size;
    /** 0. */
    uint32_t reserved;
    /** Score from which a value is anomalous, above 0 and at most 1; usually 0.5. */
    double threshold;
    /**
     * A metric that in all moves by less than this, in its own unit, is constant in effect
     * and never anomalous; usually 0, which leaves it to the detector.
     */
    double resolution;
} usm_detector_options;

/** What is said of one value. */
typedef struct usm_reading {
    /** sizeof(usm_reading) in the caller's program, as usm_reading_init() sets it. */
    uint32_t struct_size;
    /** 1 when the score reaches the threshold; else 0. */
    int32_t is_anomalous;
    /** 1 while too little was seen to judge (100 values and 10 minutes); else 0. */
    int32_t is_learning;
    /** Whether something unusual began or ended with this value: USM_EDGE_... */
    uint32_t edge;
    /**
     * How new the value is, 0 to 1; NaN while learning, and for a value that is not known.
     */
    double score;
    /** Lowest value that was expected, by what came before; NaN until enough came. */
    double expected_low;
    /** Highest value that was expected; between the two lie about 99 of 100 values. */
    double expected_high;
    /** Since when the metric is unusual, seconds since 1970; NaN when it is not. */
    double unusual_since;
    /** Highest score since then; NaN when it is not unusual. */
    double highest_score;
} usm_reading;

/**
 * Makes a detector that has seen nothing.
 *
 * - options: see USM_DETECTOR_OPTIONS_INIT; NULL for these.
 * - detector: takes the handle, to be ended by usm_detector_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an option out of its range or a struct_size
 * that no version of this header has; USM_ERR_UNSUPPORTED for an option of a later version.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_detector_new(const struct usm_detector_options *options,
                            struct usm_detector **detector);

/**
 * Ends a detector and forgets what it learnt; see usm_detector_save().
 *
 * - detector: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
 *
 * Threads: any.
 * Since: 0.1.0
 */
void usm_detector_free(struct usm_detector **detector);

/**
 * Judges a value by those before it, and learns from it. The same values give the same
 * readings. Takes about a microsecond.
 *
 * - time: of the value, seconds since 1970 (the hour and the weekday count); a time that goes
 *   back is allowed.
 * - value: in whatever unit; NaN and infinities are not known values: they are neither judged
 *   nor remembered.
 * - reading: filled as far as its struct_size goes; see usm_reading_init(). NULL when it is not
 *   wanted, e.g. for values of the past.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header
 * has (the value is not learnt then); USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_detector_push(struct usm_detector *detector,
                             double time,
                             double value,
                             struct usm_reading *reading);

/**
 * Gives what a detector has learnt as a text, so that it may go on after a restart: ASCII, one
 * line, about 3 KB.
 *
 * - text: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_detector_save(const struct usm_detector *detector,
                             char **text);

/**
 * Makes a detector that goes on where a saved one was, with its options.
 *
 * - text: from usm_detector_save(); white space around it does not matter.
 * - detector: takes the handle, to be ended by usm_detector_free().
 *
 * Returns: USM_OK; USM_ERR_MALFORMED for a text that was cut or changed, is of a forecaster, or
 * was saved by a version of the library that learns in another way: then begin with
 * usm_detector_new(); USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_UTF8.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_detector_load(const char *text,
                             struct usm_detector **detector);

/* ==========================================================================================
 * [forecaster]
 * Forecasts for values of the caller's own.
 * ========================================================================================== */

/** The metric is never below usm_forecaster_options.lowest. */
#define USM_BOUND_LOWEST 1

/** The metric is never above usm_forecaster_options.highest. */
#define USM_BOUND_HIGHEST 2

/**
 * Learns one metric and says what is to be expected of it: the one that the monitor uses for
 * its own metrics. It needs no monitor. Made by usm_forecaster_new() or usm_forecaster_load(),
 * ended by usm_forecaster_free(). Its memory is bounded, about 12 KB. Any number of threads may
 * use it; one call is answered at a time.
 */
typedef struct usm_forecaster usm_forecaster;

/**
 * What is known of a metric beforehand. Begin with `usm_forecaster_options options =
 * USM_FORECASTER_OPTIONS_INIT;`: nothing.
 */
typedef struct usm_forecaster_options {
    /** sizeof(usm_forecaster_options) in the caller's program. */
    uint32_t struct_size;
    /** Which of the two below hold: USM_BOUND_LOWEST | USM_BOUND_HIGHEST, either or 0. */
    uint32_t bounds;
    /** The least value that the metric can have, e.g. 0; no interval goes below it. */
    double lowest;
    /** The greatest value that it can have, e.g. 100; no interval goes above it. */
    double highest;
} usm_forecaster_options;

/**
 * Makes a forecaster that knows nothing yet.
 *
 * - options: see USM_FORECASTER_OPTIONS_INIT; NULL for these.
 * - forecaster: takes the handle, to be ended by usm_forecaster_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for bounds that are NaN or in the wrong order, or a
 * struct_size that no version of this header has; USM_ERR_UNSUPPORTED for an option of a later
 * version.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_forecaster_new(const struct usm_forecaster_options *options,
                              struct usm_forecaster **forecaster);

/**
 * Ends a forecaster and forgets what it learnt; see usm_forecaster_save().
 *
 * - forecaster: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
 *
 * Threads: any.
 * Since: 0.1.0
 */
void usm_forecaster_free(struct usm_forecaster **forecaster);

/**
 * Learns from a value. The same values give the same forecasts.
 *
 * - time: of the value, seconds since 1970. A value that comes late by less than an hour is
 *   passed over; from further back, the clock was set and the newest hours begin afresh.
 * - value: in whatever unit; NaN, infinities and magnitudes above 1e18 are passed over.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_forecaster_push(struct usm_forecaster *forecaster,
                               double time,
                               double value);

/**
 * Says what is to be expected. It was tried on the metric's own past before: where it was no
 * better than "same as now", or there is too little past, it says so (usm_forecast.outcome).
 *
 * - horizon_seconds: how far ahead of the newest value, 0 to 604800 (7 days); beyond that
 *   nothing was tried, and nothing is said.
 * - forecast: filled as far as its struct_size goes; see usm_forecast_init().
 *
 * Returns: USM_OK, also while learning; USM_ERR_INVALID_ARGUMENT for a horizon that is negative
 * or NaN, or a struct_size that no version of this header has; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_forecaster_forecast(const struct usm_forecaster *forecaster,
                                   double horizon_seconds,
                                   struct usm_forecast *forecast);

/**
 * Says when the metric reaches a limit, from whichever side it is on; one that it is at already
 * is reached at once.
 *
 * - limit: in the metric's unit, e.g. 100 for a disk that fills.
 * - exhaustion: filled as far as its struct_size goes; see usm_exhaustion_init().
 *
 * Returns: USM_OK, also while learning and when it is never reached; USM_ERR_INVALID_ARGUMENT
 * for a limit that is not finite, or a struct_size that no version of this header has;
 * USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_forecaster_time_to(const struct usm_forecaster *forecaster,
                                  double limit,
                                  struct usm_exhaustion *exhaustion);

/**
 * Gives what a forecaster has learnt as a text, so that it may go on after a restart: ASCII,
 * one line, about 25 KB.
 *
 * - text: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_forecaster_save(const struct usm_forecaster *forecaster,
                               char **text);

/**
 * Makes a forecaster that goes on where a saved one was, with its options.
 *
 * - text: from usm_forecaster_save(); white space around it does not matter.
 * - forecaster: takes the handle, to be ended by usm_forecaster_free().
 *
 * Returns: USM_OK; USM_ERR_MALFORMED for a text that was cut or changed, is of a detector, or
 * was saved by a version of the library that learns in another way: then begin with
 * usm_forecaster_new(); USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_UTF8.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_forecaster_load(const char *text,
                               struct usm_forecaster **forecaster);

/* ==========================================================================================
 * [history_state]
 * A state as an object of its own: the newest one, one of the past, one of a replay.
 * ========================================================================================== */

/**
 * One state of a host. Ended by usm_state_free(). It never changes, and any number of threads
 * may read it. The texts of its structs are borrowed: they live as long as the state.
 */
typedef struct usm_state usm_state;

/**
 * Gives the newest state of a monitor, which stays as it is while the monitor goes on. No
 * lock, no waiting for a sample.
 *
 * - state: takes the state, to be ended by usm_state_free().
 *
 * Returns: USM_OK, also before the first sample; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_state(const struct usm_monitor *monitor,
                             struct usm_state **state);

/**
 * Ends a state.
 *
 * - state: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
 *
 * Threads: any.
 * Since: 0.1.0
 */
void usm_state_free(struct usm_state **state);

/**
 * Copies the numbers of a state.
 *
 * - metrics: filled; see usm_monitor_metrics(). Its timestamp is when the state was sampled,
 *   of a coarser tier the beginning of its stretch.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_metrics(const struct usm_state *state,
                             struct usm_metrics *metrics);

/**
 * Tells how finely a state was kept.
 *
 * - tier: takes USM_TIER_RAW for a state as it was sampled, another USM_TIER_... for the
 *   means of a stretch of that width.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_tier(const struct usm_state *state,
                          uint32_t *tier);

/**
 * Copies the processes of a state, sorted, into an array of the caller's: as many as it
 * holds, or all of them. The history holds those that used most.
 *
 * - order, array, element_size, capacity, count: as for usm_monitor_top_processes().
 *
 * Returns: as usm_monitor_top_processes().
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_top_processes(const struct usm_state *state,
                                   uint32_t order,
                                   struct usm_process *array,
                                   size_t element_size,
                                   size_t capacity,
                                   size_t *count);

/**
 * Gives the processes of a state as an Arrow C stream of one batch: `pid`, `parent_pid`,
 * `name`, `user`, `state`, `cpu_core_percent`, `rss_bytes` and more, null where a value is
 * not known.
 *
 * - stream: filled; what it held is not looked at. The caller calls its `release`, at any
 *   time, also after usm_state_free(). It is marked as released when the call fails.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any; the stream by one thread at a time.
 * Since: 0.1.0
 */
usm_status usm_state_processes_arrow_stream(const struct usm_state *state,
                                            struct ArrowArrayStream *stream);

/**
 * Gives a state as JSON; see usm_monitor_state_json().
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_json(const struct usm_state *state,
                          char **json);

/* ==========================================================================================
 * [state_cpu]
 * The processors of a state.
 * ========================================================================================== */

/** Bit of usm_cpu.present: context_switches_total. */
#define USM_CPU_CONTEXT_SWITCHES_TOTAL 0

/** Bit of usm_cpu.present: interrupts_total. */
#define USM_CPU_INTERRUPTS_TOTAL 1

/** Bit of usm_cpu.present: forks_total. */
#define USM_CPU_FORKS_TOTAL 2

/** Bit of usm_cpu.present: runnable. */
#define USM_CPU_RUNNABLE 3

/** Bit of usm_cpu.present: blocked. */
#define USM_CPU_BLOCKED 4

/** Bit of usm_cpu.present: tasks. */
#define USM_CPU_TASKS 5

/**
 * The processors of the machine together. Shares add up to 100; a number that can't be read is
 * NaN, a whole one has its bit in `present` cleared (ask by usm_is_present()).
 */
typedef struct usm_cpu {
    /** sizeof(usm_cpu) in the caller's program, as usm_cpu_init() sets it. */
    uint32_t struct_size;
    /** 0. */
    uint32_t reserved;
    /** Bit USM_CPU_... is set when that whole number is known. */
    uint64_t present;
    /**
     * Everything but idle and iowait, percent of the time since the sample before; NaN in the
     * first one.
     */
    double busy_percent;
    /** Normal processes in user mode, without guests. */
    double user_percent;
    /** Niced processes in user mode, without guests. */
    double nice_percent;
    /** Kernel mode. */
    double system_percent;
    /** Nothing to do. */
    double idle_percent;
    /** Nothing to do while a task waits for a disk. */
    double iowait_percent;
    /** Hardware interrupts. */
    double irq_percent;
    /** Soft interrupts. */
    double softirq_percent;
    /** Taken by the hypervisor for other machines. */
    double steal_percent;
    /** Virtual processors of guests. */
    double guest_percent;
    /** Normal processes in user mode, guests included, seconds since boot. */
    double user_seconds_total;
    /** Niced processes in user mode, guests included. */
    double nice_seconds_total;
    /** Kernel mode. */
    double system_seconds_total;
    /** Idle. */
    double idle_seconds_total;
    /** Idle with a disk read or write outstanding. */
    double iowait_seconds_total;
    /** Hardware interrupts. */
    double irq_seconds_total;
    /** Soft interrupts. */
    double softirq_seconds_total;
    /** Stolen by the hypervisor. */
    double steal_seconds_total;
    /** Guests. */
    double guest_seconds_total;
    /** Niced guests. */
    double guest_nice_seconds_total;
    /** Mean number of runnable or uninterruptible tasks over 1 minute. */
    double load_average_1;
    /** The same over 5 minutes. */
    double load_average_5;
    /** The same over 15 minutes. */
    double load_average_15;
    /** Context switches per second. */
    double context_switches_per_sec;
    /** Interrupts per second. */
    double interrupts_per_sec;
    /** Processes and threads made per second. */
    double forks_per_sec;
    /** Context switches since boot. */
    uint64_t context_switches_total;
    /** Interrupts since boot. */
    uint64_t interrupts_total;
    /** Processes and threads made since boot. */
    uint64_t forks_total;
    /** Tasks running or ready to run. */
    uint64_t runnable;
    /** Tasks blocked in a disk read or write. */
    uint64_t blocked;
    /** Tasks that exist, threads counted. */
    uint64_t tasks;
} usm_cpu;

/** One processor that is online. Shares add up to 100. */
typedef struct usm_cpu_core {
    /** How many bytes of this element the library has filled; written by it. */
    uint32_t struct_size;
    /** Number of the processor, as in cpuN of /proc/stat. */
    uint32_t id;
    /**
     * Everything but idle and iowait, percent of the time since the sample before; NaN in the
     * first one.
     */
    double busy_percent;
    /** Normal processes in user mode, without guests. */
    double user_percent;
    /** Niced processes in user mode, without guests. */
    double nice_percent;
    /** Kernel mode. */
    double system_percent;
    /** Nothing to do. */
    double idle_percent;
    /** Nothing to do while a task waits for a disk. */
    double iowait_percent;
    /** Hardware interrupts. */
    double irq_percent;
    /** Soft interrupts. */
    double softirq_percent;
    /** Taken by the hypervisor for other machines. */
    double steal_percent;
    /** Virtual processors of guests. */
    double guest_percent;
    /** Normal processes in user mode, guests included, seconds since boot. */
    double user_seconds_total;
    /** Niced processes in user mode, guests included. */
    double nice_seconds_total;
    /** Kernel mode. */
    double system_seconds_total;
    /** Idle. */
    double idle_seconds_total;
    /** Idle with a disk read or write outstanding. */
    double iowait_seconds_total;
    /** Hardware interrupts. */
    double irq_seconds_total;
    /** Soft interrupts. */
    double softirq_seconds_total;
    /** Stolen by the hypervisor. */
    double steal_seconds_total;
    /** Guests. */
    double guest_seconds_total;
    /** Niced guests. */
    double guest_nice_seconds_total;
    /**
     * Frequency now, MHz; NaN unless the setting "cpu_frequency" is on and the processor tells
     * it.
     */
    double frequency_mhz;
} usm_cpu_core;

/**
 * Copies what the processors did together.
 *
 * - cpu: filled as far as its struct_size goes; see usm_cpu_init().
 *
 * Returns: USM_OK, also before the first sample, when nothing is known;
 * USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_cpu(const struct usm_state *state,
                         struct usm_cpu *cpu);

/**
 * Copies every processor that is online, by its number, into an array of the caller's.
 *
 * - array: takes them; NULL when capacity is 0.
 * - element_size: sizeof(usm_cpu_core) in the caller's program.
 * - capacity: number of elements in the array.
 * - count: takes how many there are, which may be more than capacity; 0 before the first
 *   sample.
 *
 * Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT for an element
 * size that no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_cpu_cores(const struct usm_state *state,
                               struct usm_cpu_core *array,
                               size_t element_size,
                               size_t capacity,
                               size_t *count);

/* ==========================================================================================
 * [state_memory]
 * The memory of a state.
 * ========================================================================================== */

/** Bit of usm_memory.present: total_bytes. */
#define USM_MEMORY_TOTAL_BYTES 0

/** Bit of usm_memory.present: available_bytes. */
#define USM_MEMORY_AVAILABLE_BYTES 1

/** Bit of usm_memory.present: used_bytes. */
#define USM_MEMORY_USED_BYTES 2

/** Bit of usm_memory.present: free_bytes. */
#define USM_MEMORY_FREE_BYTES 3

/** Bit of usm_memory.present: buffers_bytes. */
#define USM_MEMORY_BUFFERS_BYTES 4

/** Bit of usm_memory.present: cached_bytes. */
#define USM_MEMORY_CACHED_BYTES 5

/** Bit of usm_memory.present: slab_bytes. */
#define USM_MEMORY_SLAB_BYTES 6

/** Bit of usm_memory.present: slab_reclaimable_bytes. */
#define USM_MEMORY_SLAB_RECLAIMABLE_BYTES 7

/** Bit of usm_memory.present: shmem_bytes. */
#define USM_MEMORY_SHMEM_BYTES 8

/** Bit of usm_memory.present: dirty_bytes. */
#define USM_MEMORY_DIRTY_BYTES 9

/** Bit of usm_memory.present: writeback_bytes. */
#define USM_MEMORY_WRITEBACK_BYTES 10

/** Bit of usm_memory.present: anonymous_bytes. */
#define USM_MEMORY_ANONYMOUS_BYTES 11

/** Bit of usm_memory.present: swap_total_bytes. */
#define USM_MEMORY_SWAP_TOTAL_BYTES 12

/** Bit of usm_memory.present: swap_used_bytes. */
#define USM_MEMORY_SWAP_USED_BYTES 13

/** Bit of usm_memory.present: swap_in_bytes_total. */
#define USM_MEMORY_SWAP_IN_BYTES_TOTAL 14

/** Bit of usm_memory.present: swap_out_bytes_total. */
#define USM_MEMORY_SWAP_OUT_BYTES_TOTAL 15

/** Bit of usm_memory.present: major_faults_total. */
#define USM_MEMORY_MAJOR_FAULTS_TOTAL 16

/** Bit of usm_memory.present: oom_kills_total. */
#define USM_MEMORY_OOM_KILLS_TOTAL 17

/** Bit of usm_memory.present: oom_kills_since_last. */
#define USM_MEMORY_OOM_KILLS_SINCE_LAST 18

/**
 * Memory and swap of the machine. A number that can't be read is NaN, a whole one has its bit
 * in `present` cleared (ask by usm_is_present()).
 */
typedef struct usm_memory {
    /** sizeof(usm_memory) in the caller's program, as usm_memory_init() sets it. */
    uint32_t struct_size;
    /** 1 where the kernel has no MemAvailable and it was estimated; else 0. */
    uint32_t available_is_estimated;
    /** Bit USM_MEMORY_... is set when that whole number is known. */
    uint64_t present;
    /** Memory that the kernel can use. */
    uint64_t total_bytes;
    /** What new programs could get without swapping. */
    uint64_t available_bytes;
    /** total - available. */
    uint64_t used_bytes;
    /** 100 x used / total. */
    double used_percent;
    /** Not used for anything. */
    uint64_t free_bytes;
    /** Buffers of block devices. */
    uint64_t buffers_bytes;
    /** Page cache, shared memory included. */
    uint64_t cached_bytes;
    /** Data structures of the kernel. */
    uint64_t slab_bytes;
    /** The part of them that can be given back. */
    uint64_t slab_reclaimable_bytes;
    /** Shared memory and tmpfs. */
    uint64_t shmem_bytes;
    /** Waiting to be written to disk. */
    uint64_t dirty_bytes;
    /** Being written to disk. */
    uint64_t writeback_bytes;
    /** Anonymous memory. */
    uint64_t anonymous_bytes;
    /** Swap space; 0 when there is none. */
    uint64_t swap_total_bytes;
    /** Swap used. */
    uint64_t swap_used_bytes;
    /** Swap used, percent; NaN without swap. */
    double swap_used_percent;
    /** Read back from swap since boot. */
    uint64_t swap_in_bytes_total;
    /** Read back from swap per second. */
    double swap_in_bytes_per_sec;
    /** Written to swap since boot. */
    uint64_t swap_out_bytes_total;
    /** Written to swap per second. */
    double swap_out_bytes_per_sec;
    /** Page faults that needed a disk, since boot. */
    uint64_t major_faults_total;
    /** Page faults that needed a disk, per second. */
    double major_faults_per_sec;
    /** Processes killed for want of memory since boot. */
    uint64_t oom_kills_total;
    /** Those since the sample before. */
    uint64_t oom_kills_since_last;
} usm_memory;

/**
 * Copies the memory and swap of the machine.
 *
 * - memory: filled as far as its struct_size goes; see usm_memory_init().
 *
 * Returns: USM_OK, also before the first sample, when nothing is known;
 * USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_memory(const struct usm_state *state,
                            struct usm_memory *memory);

/* ==========================================================================================
 * [state_pressure]
 * The pressure on a resource, of a state.
 * ========================================================================================== */

/** Waiting for a processor. */
#define USM_PRESSURE_CPU 0

/** Waiting for memory: reclaim, swap, and what was thrown out of it too early. */
#define USM_PRESSURE_MEMORY 1

/** Waiting for a disk. */
#define USM_PRESSURE_IO 2

/** Bit of usm_pressure.present: some_stalled_usec_total. */
#define USM_PRESSURE_SOME_STALLED_USEC_TOTAL 0

/** Bit of usm_pressure.present: full_stalled_usec_total. */
#define USM_PRESSURE_FULL_STALLED_USEC_TOTAL 1

/**
 * Pressure stall information of one resource: how long tasks waited for it. Where the kernel
 * does not account it, every number is NaN and every bit in `present` cleared (ask by
 * usm_is_present()).
 */
typedef struct usm_pressure {
    /** sizeof(usm_pressure) in the caller's program, as usm_pressure_init() sets it. */
    uint32_t struct_size;
    /** 0. */
    uint32_t reserved;
    /** Bit USM_PRESSURE_... is set when that whole number is known. */
    uint64_t present;
    /**
     * At least one task waited, percent of the time since the sample before; NaN in the first
     * one.
     */
    double some_percent;
    /** The same of the last 10 seconds. */
    double some_avg10_percent;
    /** The same of the last minute. */
    double some_avg60_percent;
    /** The same of the last 5 minutes. */
    double some_avg300_percent;
    /** Time waited since boot, microseconds. */
    uint64_t some_stalled_usec_total;
    /**
     * All tasks that had work waited at once, percent of the time since the sample before; NaN
     * in the first one.
     */
    double full_percent;
    /** The same of the last 10 seconds. */
    double full_avg10_percent;
    /** The same of the last minute. */
    double full_avg60_percent;
    /** The same of the last 5 minutes. */
    double full_avg300_percent;
    /** Time waited since boot, microseconds. */
    uint64_t full_stalled_usec_total;
} usm_pressure;

/**
 * Copies the pressure on a resource of the machine.
 *
 * - resource: USM_PRESSURE_...
 * - pressure: filled as far as its struct_size goes; see usm_pressure_init().
 *
 * Returns: USM_OK, also before the first sample and where the kernel does not account it, when
 * nothing is known; USM_ERR_INVALID_ARGUMENT for an unknown resource or a struct_size that no
 * version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_pressure(const struct usm_state *state,
                              uint32_t resource,
                              struct usm_pressure *pressure);

/* ==========================================================================================
 * [state_disk]
 * The disks of a state.
 * ========================================================================================== */

/**
 * One whole block device (no partitions, no device that was never used). A rate that is not
 * known, as in the first sample, is NaN. Its texts live as long as the state.
 */
typedef struct usm_disk {
    /** How many bytes of this element the library has filled; written by it. */
    uint32_t struct_size;
    /**
     * 1 when it stands on other block devices or on a file (dm-, md, loop), so that what it
     * moves is counted again below it; else 0.
     */
    uint32_t is_stacked;
    /** Name of the device, e.g. "nvme0n1". */
    const char *name;
    /** Bytes read per second. */
    double read_bytes_per_sec;
    /** Bytes written per second. */
    double write_bytes_per_sec;
    /** Reads completed per second. */
    double reads_per_sec;
    /** Writes completed per second. */
    double writes_per_sec;
    /** Mean time of a read, queueing included, milliseconds; NaN without a read. */
    double read_latency_ms;
    /** Mean time of a write, queueing included, milliseconds; NaN without a write. */
    double write_latency_ms;
    /**
     * Share of the time in which it had anything to do. One that serves requests side by side
     * (SSD, RAID) is not full at 100.
     */
    double utilisation_percent;
    /** Mean number of requests in flight. */
    double queue_length;
    /** Requests in flight now. */
    uint64_t in_flight;
    /** Reads completed since boot. */
    uint64_t reads_total;
    /** Bytes read since boot. */
    uint64_t read_bytes_total;
    /** Time spent reading since boot, milliseconds, summed over requests. */
    uint64_t read_ms_total;
    /** Writes completed since boot. */
    uint64_t writes_total;
    /** Bytes written since boot. */
    uint64_t write_bytes_total;
    /** Time spent writing since boot, milliseconds, summed over requests. */
    uint64_t write_ms_total;
    /** Time since boot in which it had anything to do, milliseconds. */
    uint64_t busy_ms_total;
    /** Requests in flight multiplied by time, milliseconds since boot. */
    uint64_t weighted_ms_total;
} usm_disk;

/**
 * Copies the disks, in the order of the kernel, into an array of the caller's.
 *
 * - array: takes them; NULL when capacity is 0.
 * - element_size: sizeof(usm_disk) in the caller's program.
 * - capacity: number of elements in the array.
 * - count: takes how many there are, which may be more than capacity; 0 before the first
 *   sample.
 *
 * Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT for an element
 * size that no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_disks(const struct usm_state *state,
                           struct usm_disk *array,
                           size_t element_size,
                           size_t capacity,
                           size_t *count);

/* ==========================================================================================
 * [state_filesystem]
 * The file systems of a state.
 * ========================================================================================== */

/** Bit of usm_filesystem.present: total_bytes. */
#define USM_FILESYSTEM_TOTAL_BYTES 0

/** Bit of usm_filesystem.present: used_bytes. */
#define USM_FILESYSTEM_USED_BYTES 1

/** Bit of usm_filesystem.present: available_bytes. */
#define USM_FILESYSTEM_AVAILABLE_BYTES 2

/** Bit of usm_filesystem.present: inodes_total. */
#define USM_FILESYSTEM_INODES_TOTAL 3

/** Bit of usm_filesystem.present: inodes_used. */
#define USM_FILESYSTEM_INODES_USED 4

/**
 * One mounted file system that holds data. A number that can't be read is NaN, a whole one has
 * its bit in `present` cleared (ask by usm_is_present()). Its texts live as long as the state.
 */
typedef struct usm_filesystem {
    /** How many bytes of this element the library has filled; written by it. */
    uint32_t struct_size;
    /** 1 when it is mounted read-only; else 0. */
    uint32_t is_read_only;
    /** 1 when it did not answer in time and the values are the last known ones; else 0. */
    uint32_t is_stale;
    /** 0. */
    uint32_t reserved;
    /** Bit USM_FILESYSTEM_... is set when that whole number is known. */
    uint64_t present;
    /** Where it is mounted. */
    const char *mount_point;
    /** What is mounted, e.g. "/dev/sda1". */
    const char *device;
    /** Type, e.g. "ext4". */
    const char *kind;
    /** Size. */
    uint64_t total_bytes;
    /** In use. */
    uint64_t used_bytes;
    /** What an ordinary user may still write. */
    uint64_t available_bytes;
    /** In use, percent as `df` shows it. */
    double used_percent;
    /** Inodes; not known where the file system has no fixed number of them. */
    uint64_t inodes_total;
    /** Inodes in use. */
    uint64_t inodes_used;
    /** Inodes in use, percent. */
    double inodes_used_percent;
    /** Why the values are absent or stale; NULL when they are not. */
    const char *problem;
} usm_filesystem;

/**
 * Copies the file systems into an array of the caller's: what `df` shows, less what holds no
 * data.
 *
 * - array: takes them; NULL when capacity is 0.
 * - element_size: sizeof(usm_filesystem) in the caller's program.
 * - capacity: number of elements in the array.
 * - count: takes how many there are, which may be more than capacity; 0 before the first
 *   sample.
 *
 * Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT for an element
 * size that no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_filesystems(const struct usm_state *state,
                                 struct usm_filesystem *array,
                                 size_t element_size,
                                 size_t capacity,
                                 size_t *count);

/* ==========================================================================================
 * [state_network]
 * The network of a state.
 * ========================================================================================== */

/** Bit of usm_tcp.present: established. */
#define USM_TCP_ESTABLISHED 0

/** Bit of usm_tcp.present: listening. */
#define USM_TCP_LISTENING 1

/** Bit of usm_tcp.present: sent_segments_total. */
#define USM_TCP_SENT_SEGMENTS_TOTAL 2

/** Bit of usm_tcp.present: retransmits_total. */
#define USM_TCP_RETRANSMITS_TOTAL 3

/**
 * One network interface. A rate that is not known, as in the first sample, is NaN. Its texts
 * live as long as the state.
 */
typedef struct usm_interface {
    /** How many bytes of this element the library has filled; written by it. */
    uint32_t struct_size;
    /** 1 for the loopback interface, which is left out of the machine's totals; else 0. */
    uint32_t is_loopback;
    /** Name, e.g. "eth0". */
    const char *name;
    /** Bytes received per second. */
    double received_bytes_per_sec;
    /** Bytes sent per second. */
    double sent_bytes_per_sec;
    /** Packets received per second. */
    double received_packets_per_sec;
    /** Packets sent per second. */
    double sent_packets_per_sec;
    /** Errors in receiving and sending per second. */
    double errors_per_sec;
    /** Packets dropped per second, both ways. */
    double drops_per_sec;
    /** Bytes received since boot. */
    uint64_t received_bytes_total;
    /** Bytes sent since boot. */
    uint64_t sent_bytes_total;
    /** Packets received since boot. */
    uint64_t received_packets_total;
    /** Packets sent since boot. */
    uint64_t sent_packets_total;
    /** Errors in receiving since boot. */
    uint64_t receive_errors_total;
    /** Errors in sending since boot. */
    uint64_t send_errors_total;
    /** Received packets dropped since boot. */
    uint64_t receive_drops_total;
    /** Packets dropped before sending since boot. */
    uint64_t send_drops_total;
} usm_interface;

/**
 * TCP as a whole, of this network namespace. A number that can't be read is NaN, a whole one
 * has its bit in `present` cleared (ask by usm_is_present()).
 */
typedef struct usm_tcp {
    /** sizeof(usm_tcp) in the caller's program, as usm_tcp_init() sets it. */
    uint32_t struct_size;
    /** 0. */
    uint32_t reserved;
    /** Bit USM_TCP_... is set when that whole number is known. */
    uint64_t present;
    /** Connections that are established. */
    uint64_t established;
    /** Sockets that listen; looked at once in some samples. */
    uint64_t listening;
    /** Segments sent since boot. */
    uint64_t sent_segments_total;
    /** Segments sent per second. */
    double sent_segments_per_sec;
    /** Segments sent again since boot. */
    uint64_t retransmits_total;
    /** Segments sent again per second. */
    double retransmits_per_sec;
} usm_tcp;

/**
 * Copies the network interfaces, in the order of the kernel, into an array of the caller's.
 *
 * - array: takes them; NULL when capacity is 0.
 * - element_size: sizeof(usm_interface) in the caller's program.
 * - capacity: number of elements in the array.
 * - count: takes how many there are, which may be more than capacity; 0 before the first
 *   sample.
 *
 * Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT for an element
 * size that no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_interfaces(const struct usm_state *state,
                                struct usm_interface *array,
                                size_t element_size,
                                size_t capacity,
                                size_t *count);

/**
 * Copies what TCP did as a whole.
 *
 * - tcp: filled as far as its struct_size goes; see usm_tcp_init().
 *
 * Returns: USM_OK, also before the first sample, when nothing is known;
 * USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_tcp(const struct usm_state *state,
                         struct usm_tcp *tcp);

/* ==========================================================================================
 * [state_sensor]
 * The sensors and batteries of a state.
 * ========================================================================================== */

/** Degrees Celsius. */
#define USM_SENSOR_TEMPERATURE 0

/** Turns per minute of a fan. */
#define USM_SENSOR_FAN 1

/** One sensor that gave a believable value. Its texts live as long as the state. */
typedef struct usm_sensor {
    /** How many bytes of this element the library has filled; written by it. */
    uint32_t struct_size;
    /** What it measures: USM_SENSOR_... */
    uint32_t kind;
    /** 1 when it did not answer in time and the value is the last known one; else 0. */
    uint32_t is_stale;
    /** 0. */
    uint32_t reserved;
    /** Chip, e.g. "coretemp"; a second one of the same name is "nvme #2". */
    const char *chip;
    /** Label, e.g. "Package id 0"; "temp1" where there is none. */
    const char *label;
    /** Degrees Celsius, or turns per minute of a fan. */
    double value;
    /** Temperature that its maker calls high; NaN where none is told. */
    double high;
    /** Temperature that its maker calls critical; NaN where none is told. */
    double critical;
} usm_sensor;

/**
 * One battery of the system. A number that can't be read is NaN. Whether mains are plugged in:
 * usm_metrics.battery_plugged. Its texts live as long as the state.
 */
typedef struct usm_battery {
    /** How many bytes of this element the library has filled; written by it. */
    uint32_t struct_size;
    /** 0. */
    uint32_t reserved;
    /** Name, e.g. "BAT0". */
    const char *name;
    /**
     * The kernel's word: "Charging", "Discharging", "Full", "Not charging"; NULL when it tells
     * none.
     */
    const char *status;
    /** Charge, 0 to 100. */
    double charge_percent;
    /** Power drawn or taken, watts. */
    double power_watts;
    /** Until it is empty at this power, seconds; NaN unless it discharges. */
    double seconds_to_empty;
    /** Full charge now against that of the design, 0 to 100: its health. */
    double capacity_percent;
} usm_battery;

/**
 * Copies the temperatures and fans into an array of the caller's.
 *
 * - array: takes them; NULL when capacity is 0.
 * - element_size: sizeof(usm_sensor) in the caller's program.
 * - capacity: number of elements in the array.
 * - count: takes how many there are, which may be more than capacity; 0 before the first
 *   sample.
 *
 * Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT for an element
 * size that no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_sensors(const struct usm_state *state,
                             struct usm_sensor *array,
                             size_t element_size,
                             size_t capacity,
                             size_t *count);

/**
 * Copies the batteries of the system into an array of the caller's.
 *
 * - array: takes them; NULL when capacity is 0.
 * - element_size: sizeof(usm_battery) in the caller's program.
 * - capacity: number of elements in the array.
 * - count: takes how many there are, which may be more than capacity; 0 before the first
 *   sample.
 *
 * Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT for an element
 * size that no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_batteries(const struct usm_state *state,
                               struct usm_battery *array,
                               size_t element_size,
                               size_t capacity,
                               size_t *count);

/* ==========================================================================================
 * [state_limits]
 * The limits of the own control group, of a state.
 * ========================================================================================== */

/** No control groups, or they can't be read. */
#define USM_CGROUP_NONE 0

/** Only hierarchies of version 1. */
#define USM_CGROUP_V1 1

/** Only the unified hierarchy. */
#define USM_CGROUP_V2 2

/** Controllers of version 1 beside a unified hierarchy. */
#define USM_CGROUP_HYBRID 3

/** Bit of usm_limits.present: cpuset_cpus. */
#define USM_LIMITS_CPUSET_CPUS 0

/** Bit of usm_limits.present: effective_memory_bytes. */
#define USM_LIMITS_EFFECTIVE_MEMORY_BYTES 1

/** Bit of usm_limits.present: memory_limit_bytes. */
#define USM_LIMITS_MEMORY_LIMIT_BYTES 2

/** Bit of usm_limits.present: memory_used_bytes. */
#define USM_LIMITS_MEMORY_USED_BYTES 3

/** Bit of usm_limits.present: cpu_usage_usec_total. */
#define USM_LIMITS_CPU_USAGE_USEC_TOTAL 4

/** Bit of usm_limits.present: throttled_usec_total. */
#define USM_LIMITS_THROTTLED_USEC_TOTAL 5

/** Bit of usm_limits.present: pids_current. */
#define USM_LIMITS_PIDS_CURRENT 6

/** Bit of usm_limits.present: pids_limit. */
#define USM_LIMITS_PIDS_LIMIT 7

/** Bit of usm_limits.present: oom_kills_total. */
#define USM_LIMITS_OOM_KILLS_TOTAL 8

/**
 * What this process may use at most, and how close its control group is to it. A number that
 * is not known or not limited is NaN, a whole one has its bit in `present` cleared (ask by
 * usm_is_present()). Its texts live as long as the state.
 */
typedef struct usm_limits {
    /** sizeof(usm_limits) in the caller's program, as usm_limits_init() sets it. */
    uint32_t struct_size;
    /** Which control groups the machine has: USM_CGROUP_... */
    uint32_t version;
    /** Bit USM_LIMITS_... is set when that whole number is known. */
    uint64_t present;
    /** Path of the own group; NULL when there is none. */
    const char *cgroup;
    /**
     * Processors that may really be used, by processors online, cpuset, quota and affinity;
     * may be a fraction.
     */
    double effective_cpus;
    /** The file or call that decided it; NULL when it is not known. */
    const char *effective_cpus_source;
    /** Quota in processors, the least of the chain of parents; NaN when unlimited. */
    double quota_cpus;
    /** Processors in the cpuset. */
    uint64_t cpuset_cpus;
    /** Memory that may really be used: the least of the machine's and every limit. */
    uint64_t effective_memory_bytes;
    /** The file that decided it; NULL when it is not known. */
    const char *effective_memory_source;
    /** Least memory limit of the chain of parents. */
    uint64_t memory_limit_bytes;
    /** Memory of the group that has it, less the file cache that is given back first. */
    uint64_t memory_used_bytes;
    /** Memory used, percent of the limit; NaN when unlimited. */
    double memory_used_percent;
    /**
     * CPU time used by the group that has the least quota, else by the own one, microseconds.
     */
    uint64_t cpu_usage_usec_total;
    /** CPU used since the sample before, percent of the quota; NaN when unlimited. */
    double cpu_used_percent;
    /** Time in which that group was held back by its quota, microseconds. */
    uint64_t throttled_usec_total;
    /** Share of the time since the sample before in which it was held back. */
    double throttled_percent;
    /**
     * Processes and threads in the group that has the least limit of them, else in the own
     * one.
     */
    uint64_t pids_current;
    /** Most of them that are allowed. */
    uint64_t pids_limit;
    /** Processes of the own group killed for want of memory. */
    uint64_t oom_kills_total;
} usm_limits;

/**
 * Copies the limits of the own control group.
 *
 * - limits: filled as far as its struct_size goes; see usm_limits_init().
 *
 * Returns: USM_OK, also before the first sample, when nothing is known;
 * USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_limits(const struct usm_state *state,
                            struct usm_limits *limits);

/* ==========================================================================================
 * [state_host]
 * The machine itself and its kernel, of a state.
 * ========================================================================================== */

/** Bit of usm_host.present: logical_cpus. */
#define USM_HOST_LOGICAL_CPUS 0

/** Bit of usm_host.present: physical_cores. */
#define USM_HOST_PHYSICAL_CORES 1

/** Bit of usm_host.present: memory_total_bytes. */
#define USM_HOST_MEMORY_TOTAL_BYTES 2

/** Bit of usm_host.present: page_size_bytes. */
#define USM_HOST_PAGE_SIZE_BYTES 3

/** Bit of usm_host.present: clock_ticks_per_second. */
#define USM_HOST_CLOCK_TICKS_PER_SECOND 4

/** Bit of usm_kernel_tables.present: open_files. */
#define USM_KERNEL_TABLES_OPEN_FILES 0

/** Bit of usm_kernel_tables.present: open_files_limit. */
#define USM_KERNEL_TABLES_OPEN_FILES_LIMIT 1

/** Bit of usm_kernel_tables.present: task_limit. */
#define USM_KERNEL_TABLES_TASK_LIMIT 2

/** Bit of usm_kernel_tables.present: clock_is_synchronised. */
#define USM_KERNEL_TABLES_CLOCK_IS_SYNCHRONISED 3

/**
 * What machine this is. A fact that can't be read is NULL or NaN, a whole number has its bit
 * in `present` cleared (ask by usm_is_present()). Its texts live as long as the state.
 */
typedef struct usm_host {
    /** sizeof(usm_host) in the caller's program, as usm_host_init() sets it. */
    uint32_t struct_size;
    /** 0. */
    uint32_t reserved;
    /** Bit USM_HOST_... is set when that whole number is known. */
    uint64_t present;
    /** Host name. */
    const char *hostname;
    /** Operating system, e.g. "Debian GNU/Linux 12 (bookworm)". */
    const char *os_name;
    /** Kernel, e.g. "6.1.0-18-amd64". */
    const char *kernel_release;
    /** Architecture of this library, e.g. "x86_64". */
    const char *architecture;
    /** Processor, e.g. "AMD EPYC 7B13". */
    const char *cpu_model;
    /** Processors online. */
    uint64_t logical_cpus;
    /** Cores; threads of one core are counted once. */
    uint64_t physical_cores;
    /** Memory of the machine. */
    uint64_t memory_total_bytes;
    /** Start of the machine, seconds since 1970. */
    double boot_time;
    /** Random id of this boot. */
    const char *boot_id;
    /**
     * Container, else hypervisor, where a file tells: "docker", "lxc", "kvm"; NULL where none
     * does.
     */
    const char *virtualization;
    /** Size of a page of memory. */
    uint64_t page_size_bytes;
    /** The unit of times in /proc, e.g. usm_process.start_time_ticks. */
    uint64_t clock_ticks_per_second;
} usm_host;

/**
 * Tables of the kernel against their limits, and its clock. A number that can't be read is
 * NaN, a whole one has its bit in `present` cleared (ask by usm_is_present()).
 */
typedef struct usm_kernel_tables {
    /**
     * sizeof(usm_kernel_tables) in the caller's program, as usm_kernel_tables_init() sets it.
     */
    uint32_t struct_size;
    /** 0. */
    uint32_t reserved;
    /** Bit USM_KERNEL_TABLES_... is set when that whole number is known. */
    uint64_t present;
    /** Open files of all processes. */
    uint64_t open_files;
    /** Most of them that are allowed. */
    uint64_t open_files_limit;
    /** 100 x open files / limit. */
    double open_files_percent;
    /** Most tasks that are allowed, threads counted. */
    uint64_t task_limit;
    /** 100 x tasks / limit. */
    double task_percent;
    /** 1 when others keep the clock right (NTP), else 0. */
    uint64_t clock_is_synchronised;
    /**
     * How far the wall clock was set forward, or with a negative number back, since the sample
     * before.
     */
    double clock_jump_seconds;
} usm_kernel_tables;

/**
 * Copies what machine the state is of.
 *
 * - host: filled as far as its struct_size goes; see usm_host_init().
 *
 * Returns: USM_OK, also before the first sample, when nothing is known;
 * USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_host(const struct usm_state *state,
                          struct usm_host *host);

/**
 * Copies how full the tables of the kernel are.
 *
 * - tables: filled as far as its struct_size goes; see usm_kernel_tables_init().
 *
 * Returns: USM_OK, also before the first sample, when nothing is known;
 * USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_kernel_tables(const struct usm_state *state,
                                   struct usm_kernel_tables *tables);

/* ==========================================================================================
 * [state_health]
 * How the monitor, its events and its database do, of a state.
 * ========================================================================================== */

/** There is no database, or this state knows none. */
#define USM_STORE_NONE 0

/** The last attempt to write succeeded. */
#define USM_STORE_OK 1

/** It did not, or the file is not open yet: rows wait in memory. */
#define USM_STORE_DEGRADED 2

/** Bit of usm_overhead.present: process_rss_bytes. */
#define USM_OVERHEAD_PROCESS_RSS_BYTES 0

/**
 * What the monitor itself costs. What is not known is NaN; the whole number has its bit in
 * `present` cleared (ask by usm_is_present()).
 */
typedef struct usm_overhead {
    /** sizeof(usm_overhead) in the caller's program, as usm_overhead_init() sets it. */
    uint32_t struct_size;
    /**
     * Samples between two scans of the processes: 1, or more to keep the overhead budget; 0
     * before the first sample.
     */
    uint32_t process_scan_every;
    /** Bit USM_OVERHEAD_... is set when that whole number is known. */
    uint64_t present;
    /** Between this sample and the one before, seconds; NaN in the first one. */
    double interval_seconds;
    /** Wall time of this sample, seconds. */
    double sample_seconds;
    /** Wall time of the scan of the processes in it, seconds; NaN when it had none. */
    double process_scan_seconds;
    /** CPU time of this sample, seconds. */
    double sample_cpu_seconds;
    /**
     * CPU time of all of the library's threads since the sample before, percent of one core.
     */
    double cpu_core_percent;
    /** Resident memory of the process that embeds the monitor. */
    uint64_t process_rss_bytes;
} usm_overhead;

/** What the queues and callbacks of the events did so far. */
typedef struct usm_event_health {
    /**
     * sizeof(usm_event_health) in the caller's program, as usm_event_health_init() sets it.
     */
    uint32_t struct_size;
    /** 0. */
    uint32_t reserved;
    /** Subscriptions that are open. */
    uint64_t subscriptions;
    /** Events that were handed to a callback. */
    uint64_t delivered;
    /** Events dropped since a subscriber was too slow. */
    uint64_t dropped;
    /** Callbacks that returned a number other than 0. */
    uint64_t failed;
    /** Callbacks that have been running for longer than 10 seconds. */
    uint64_t stuck;
} usm_event_health;

/**
 * How the database does. Without one, `status` is USM_STORE_NONE and the rest absent: NaN, 0
 * and NULL.
 */
typedef struct usm_store_health {
    /**
     * sizeof(usm_store_health) in the caller's program, as usm_store_health_init() sets it.
     */
    uint32_t struct_size;
    /** USM_STORE_... */
    uint32_t status;
    /** 1 when the size cap has cost rows that are younger than the retention; else 0. */
    uint32_t retention_lost;
    /** 0. */
    uint32_t reserved;
    /**
     * Why rows do not reach the file, in words with path and error number; NULL while they do.
     */
    const char *cause;
    /** What is not as it should be although rows are written; NULL when nothing. */
    const char *warning;
    /** Where the last corrupt file was put; NULL when there was none. */
    const char *set_aside;
    /** Since when the status is what it is, seconds since 1970. */
    double since;
    /** Rows committed since the database was opened. */
    uint64_t rows_written;
    /** Rows in memory that are not committed yet. */
    uint64_t rows_waiting;
    /** Rows lost. */
    uint64_t rows_dropped;
    /** Size of the database with its side files. */
    uint64_t bytes;
    /** When rows were last committed, seconds since 1970. */
    double last_commit;
    /** How long that took, seconds. */
    double last_commit_seconds;
    /** Rows in it. */
    uint64_t last_commit_rows;
} usm_store_health;

/**
 * Copies what the monitor itself cost at this sample.
 *
 * - overhead: filled as far as its struct_size goes; see usm_overhead_init().
 *
 * Returns: USM_OK, also before the first sample, when nothing is known;
 * USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_overhead(const struct usm_state *state,
                              struct usm_overhead *overhead);

/**
 * Copies what the events did so far, among it how many were dropped.
 *
 * - health: filled as far as its struct_size goes; see usm_event_health_init().
 *
 * Returns: USM_OK, also before the first sample; USM_ERR_INVALID_ARGUMENT for a struct_size
 * that no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_event_health(const struct usm_state *state,
                                  struct usm_event_health *health);

/**
 * Copies how the database does. Its texts live as long as the state.
 *
 * - health: filled as far as its struct_size goes; see usm_store_health_init().
 *
 * Returns: USM_OK, also without a database; USM_ERR_INVALID_ARGUMENT for a struct_size that no
 * version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_store_health(const struct usm_state *state,
                                  struct usm_store_health *health);

/* ==========================================================================================
 * [state_score]
 * What made the scores of a state, and what could not be read for it.
 * ========================================================================================== */

/** How much of the machine's resources is left. */
#define USM_SCORE_HEALTH 0

/** How little work has to wait. */
#define USM_SCORE_PERFORMANCE 1

/** How little was found of weak settings and other security findings. */
#define USM_SCORE_SECURITY 2

/** Not tried yet. */
#define USM_SOURCE_UNKNOWN 0

/** Read without trouble. */
#define USM_SOURCE_AVAILABLE 1

/** This kernel or machine does not have it. */
#define USM_SOURCE_ABSENT 2

/** It exists, but this user may not read it. */
#define USM_SOURCE_FORBIDDEN 3

/** It does not answer in time. */
#define USM_SOURCE_SLOW 4

/** It was read, but its content is not what its format promises. */
#define USM_SOURCE_MALFORMED 5

/** Any other failure. */
#define USM_SOURCE_FAILED 6

/** One input of a score, and what it cost. Its texts live as long as the state. */
typedef struct usm_score_part {
    /** How many bytes of this element the library has filled; written by it. */
    uint32_t struct_size;
    /** 0. */
    uint32_t reserved;
    /** Name of the input, e.g. "memory_percent". */
    const char *name;
    /** Its value; NaN when it can't be read, and then it takes no part. */
    double input;
    /** Points taken off for it; NaN when it takes no part. */
    double loss;
} usm_score_part;

/** One source that can't be read here, and why. Its texts live as long as the state. */
typedef struct usm_source {
    /** How many bytes of this element the library has filled; written by it. */
    uint32_t struct_size;
    /** USM_SOURCE_... */
    uint32_t availability;
    /** The file, or what else the facts come from. */
    const char *source;
    /** What it tells, e.g. "load averages". */
    const char *gives;
    /** Why not, in words with the error number; NULL when there is none. */
    const char *reason;
} usm_source;

/**
 * Copies the inputs of a score, with the points that each cost, into an array of the caller's.
 * The scores themselves are in usm_metrics.
 *
 * - score: USM_SCORE_...
 * - array: takes them; NULL when capacity is 0.
 * - element_size: sizeof(usm_score_part) in the caller's program.
 * - capacity: number of elements in the array.
 * - count: takes how many there are, which may be more than capacity; 0 before the first
 *   sample.
 *
 * Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT for an unknown
 * score or an element size that no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_score_parts(const struct usm_state *state,
                                 uint32_t score,
                                 struct usm_score_part *array,
                                 size_t element_size,
                                 size_t capacity,
                                 size_t *count);

/**
 * Copies the sources that can't be read on this host into an array of the caller's.
 *
 * - array: takes them; NULL when capacity is 0.
 * - element_size: sizeof(usm_source) in the caller's program.
 * - capacity: number of elements in the array.
 * - count: takes how many there are, which may be more than capacity; 0 before the first
 *   sample.
 *
 * Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT for an element
 * size that no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_sources(const struct usm_state *state,
                             struct usm_source *array,
                             size_t element_size,
                             size_t capacity,
                             size_t *count);

/* ==========================================================================================
 * [state_process]
 * One process of a state by its pid, with its details, and how many there are.
 * ========================================================================================== */

/** Bit of usm_process_counts.present: total. */
#define USM_PROCESS_COUNTS_TOTAL 0

/** Bit of usm_process_counts.present: running. */
#define USM_PROCESS_COUNTS_RUNNING 1

/** Bit of usm_process_counts.present: sleeping. */
#define USM_PROCESS_COUNTS_SLEEPING 2

/** Bit of usm_process_counts.present: disk_sleep. */
#define USM_PROCESS_COUNTS_DISK_SLEEP 3

/** Bit of usm_process_counts.present: stopped. */
#define USM_PROCESS_COUNTS_STOPPED 4

/** Bit of usm_process_counts.present: zombie. */
#define USM_PROCESS_COUNTS_ZOMBIE 5

/** Bit of usm_process_counts.present: threads. */
#define USM_PROCESS_COUNTS_THREADS 6

/** Bit of usm_process_details.present: session_id. */
#define USM_PROCESS_DETAILS_SESSION_ID 0

/** Bit of usm_process_details.present: major_faults_total. */
#define USM_PROCESS_DETAILS_MAJOR_FAULTS_TOTAL 1

/** Bit of usm_process_details.present: read_bytes_total. */
#define USM_PROCESS_DETAILS_READ_BYTES_TOTAL 2

/** Bit of usm_process_details.present: write_bytes_total. */
#define USM_PROCESS_DETAILS_WRITE_BYTES_TOTAL 3

/** Bit of usm_process_details.present: pss_bytes. */
#define USM_PROCESS_DETAILS_PSS_BYTES 4

/** Bit of usm_process_details.present: open_files. */
#define USM_PROCESS_DETAILS_OPEN_FILES 5

/** How many processes there are of each kind. */
typedef struct usm_process_counts {
    /**
     * sizeof(usm_process_counts) in the caller's program, as usm_process_counts_init() sets
     * it.
     */
    uint32_t struct_size;
    /**
     * 1 when this sample had no scan, to keep the overhead budget or by the setting
     * "process_scan", and the last one is shown; else 0.
     */
    uint32_t is_stale;
    /** Bit USM_PROCESS_COUNTS_... is set when that whole number is known. */
    uint64_t present;
    /** Processes that may be seen. */
    uint64_t total;
    /** Running or ready to run. */
    uint64_t running;
    /** Sleeping or idle. */
    uint64_t sleeping;
    /** In an uninterruptible wait, mostly for a disk. */
    uint64_t disk_sleep;
    /** Stopped or traced. */
    uint64_t stopped;
    /** Ended but not collected. */
    uint64_t zombie;
    /** Threads of all of them. */
    uint64_t threads;
    /**
     * Between this scan and the one before, the base of the rates, seconds; NaN in the first
     * one.
     */
    double interval_seconds;
} usm_process_counts;

/**
 * What usm_process lacks of a process. A text or number that is not known is NULL or NaN, a
 * whole number has its bit in `present` cleared (ask by usm_is_present()). Its texts live as
 * long as the state.
 */
typedef struct usm_process_details {
    /**
     * sizeof(usm_process_details) in the caller's program, as usm_process_details_init() sets
     * it.
     */
    uint32_t struct_size;
    /** Process id. */
    int32_t pid;
    /** Bit USM_PROCESS_DETAILS_... is set when that whole number is known. */
    uint64_t present;
    /** Name of the program, not cut. */
    const char *name;
    /** User name. */
    const char *user;
    /** Path of its control group. */
    const char *cgroup;
    /**
     * Command line with secrets masked, arguments joined by blanks; NULL for a thread of the
     * kernel.
     */
    const char *command_line;
    /** Start in clock ticks after boot; with the pid it identifies the process. */
    uint64_t start_time_ticks;
    /** Session id. */
    uint64_t session_id;
    /** CPU time of its children that ended and were collected, seconds. */
    double children_cpu_seconds_total;
    /** The same since the sample before, percent of one core. */
    double children_cpu_core_percent;
    /** Page faults that needed a disk, since its start. */
    uint64_t major_faults_total;
    /** Bytes read from storage since its start. */
    uint64_t read_bytes_total;
    /** Bytes sent to storage since its start. */
    uint64_t write_bytes_total;
    /**
     * Resident memory, shared pages counted by share; only for the few of the setting
     * "process_extra_count"; usm_monitor_process_extra() reads it of any.
     */
    uint64_t pss_bytes;
    /** Open file descriptors; as pss_bytes. */
    uint64_t open_files;
} usm_process_details;

/**
 * Copies how many processes there are.
 *
 * - counts: filled as far as its struct_size goes; see usm_process_counts_init().
 *
 * Returns: USM_OK, also before the first sample, when nothing is known;
 * USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_process_counts(const struct usm_state *state,
                                    struct usm_process_counts *counts);

/**
 * Copies one process of a state. All of them: usm_state_top_processes().
 *
 * - pid: process id.
 * - process: filled as far as its struct_size goes; see usm_process_init().
 *
 * Returns: USM_OK; USM_ERR_NOT_FOUND when the state has no such process;
 * USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_process(const struct usm_state *state,
                             int32_t pid,
                             struct usm_process *process);

/**
 * Copies what else is known of one process of a state. Its texts live as long as the state.
 *
 * - pid: process id.
 * - details: filled as far as its struct_size goes; see usm_process_details_init().
 *
 * Returns: USM_OK; USM_ERR_NOT_FOUND when the state has no such process;
 * USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_state_process_details(const struct usm_state *state,
                                     int32_t pid,
                                     struct usm_process_details *details);

/* ==========================================================================================
 * [event_data]
 * What an event brings, as plain structs and texts.
 * ========================================================================================== */

/**
 * Gives the state that an event of kind USM_EVENT_STATE_UPDATE brings.
 *
 * - state: takes the state, to be ended by usm_state_free(); it outlives the event.
 *
 * Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
 * USM_ERR_INVALID_ARGUMENT.
 * Threads: any, as long as the event lives.
 * Since: 0.1.0
 */
usm_status usm_event_state(const struct usm_event *event,
                           struct usm_state **state);

/**
 * Copies the insight of USM_EVENT_INSIGHT_OPENED or USM_EVENT_INSIGHT_CLOSED. The numbers that
 * it stands on are in usm_event_findings().
 *
 * - insight: filled as far as its struct_size goes; see usm_insight_init(). Its texts live
 *   until the event ends.
 *
 * Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
 * USM_ERR_INVALID_ARGUMENT.
 * Threads: any, as long as the event lives.
 * Since: 0.1.0
 */
usm_status usm_event_insight(const struct usm_event *event,
                             struct usm_insight *insight);

/**
 * Copies the finding of USM_EVENT_SECURITY_ISSUE, unless it is a weak setting of the kernel:
 * that is usm_event_weak_setting(). The texts that say so are in usm_event_findings().
 *
 * - security: filled as far as its struct_size goes; see usm_security_finding_init(). Its texts
 *   live until the event ends.
 *
 * Returns: USM_OK; USM_ERR_INVALID_STATE for an event that brings none;
 * USM_ERR_INVALID_ARGUMENT.
 * Threads: any, as long as the event lives.
 * Since: 0.1.0
 */
usm_status usm_event_security(const struct usm_event *event,
                              struct usm_security_finding *security);

/**
 * Copies the weak setting of the kernel of USM_EVENT_SECURITY_ISSUE.
 *
 * - setting: filled as far as its struct_size goes; see usm_weak_setting_init(). Its texts live
 *   until the event ends.
 *
 * Returns: USM_OK; USM_ERR_INVALID_STATE for an event that brings none;
 * USM_ERR_INVALID_ARGUMENT.
 * Threads: any, as long as the event lives.
 * Since: 0.1.0
 */
usm_status usm_event_weak_setting(const struct usm_event *event,
                                  struct usm_weak_setting *setting);

/**
 * Copies the advice of USM_EVENT_RECOMMENDATION_GENERATED.
 *
 * - advice: filled as far as its struct_size goes; see usm_advice_init(). Its texts live until
 *   the callback returns.
 *
 * Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
 * USM_ERR_INVALID_ARGUMENT.
 * Threads: any, as long as the event lives.
 * Since: 0.1.0
 */
usm_status usm_event_advice(const struct usm_event *event,
                            struct usm_advice *advice);

/**
 * Copies how the database does, of USM_EVENT_STORE_DEGRADED or USM_EVENT_STORE_RECOVERED.
 *
 * - health: filled as far as its struct_size goes; see usm_store_health_init(). Its texts live
 *   until the event ends.
 *
 * Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
 * USM_ERR_INVALID_ARGUMENT.
 * Threads: any, as long as the event lives.
 * Since: 0.1.0
 */
usm_status usm_event_store(const struct usm_event *event,
                           struct usm_store_health *health);

/**
 * Tells how many settings changed, of USM_EVENT_CONFIG_CHANGED.
 *
 * - count: takes the number.
 *
 * Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
 * USM_ERR_INVALID_ARGUMENT.
 * Threads: any, as long as the event lives.
 * Since: 0.1.0
 */
usm_status usm_event_setting_count(const struct usm_event *event,
                                   size_t *count);

/**
 * Gives the name of a setting that changed, of USM_EVENT_CONFIG_CHANGED. Its new value:
 * usm_monitor_get_text() and its like.
 *
 * - index: 0 to usm_event_setting_count() - 1.
 * - name: takes a borrowed text that lives until the event ends.
 *
 * Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
 * USM_ERR_INVALID_ARGUMENT for an index beyond the end.
 * Threads: any, as long as the event lives.
 * Since: 0.1.0
 */
usm_status usm_event_setting_at(const struct usm_event *event,
                                size_t index,
                                const char **name);

/**
 * Gives in words why the sample of USM_EVENT_SAMPLING_FAILED could not be taken.
 *
 * - reason: takes a borrowed text that lives until the event ends.
 *
 * Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
 * USM_ERR_INVALID_ARGUMENT.
 * Threads: any, as long as the event lives.
 * Since: 0.1.0
 */
usm_status usm_event_reason(const struct usm_event *event,
                            const char **reason);

/* ==========================================================================================
 * [history_query]
 * What is asked of the history, as C writes it, and times in words.
 * ========================================================================================== */

/**
 * A question about series over a range of time. Begin with usm_query_init(); then only
 * `select` and `select_count` must be set.
 */
typedef struct usm_query {
    /** sizeof(usm_query) in the caller's program, as usm_query_init() sets it. */
    uint32_t struct_size;
    /**
     * Only from this tier: USM_TIER_...; USM_TIER_ANY: the finest that covers the range, or
     * the coarsest that divides the step.
     */
    uint32_t tier;
    /**
     * The series: names, narrowed by labels where it is wanted: "cpu_percent",
     * "core_busy_percent{core=\"0\"}", "process_rss_bytes{name=\"postgres*\"}". Each gives one
     * column for each series that it matches.
     */
    const char *const *select;
    /** Number of texts in `select`. */
    size_t select_count;
    /** From this time on, seconds since 1970; 0 for the beginning. */
    double since;
    /** To before this time, seconds since 1970; 0 for the end. */
    double until;
    /** Width of a row in seconds, at least 0.001; 0: the rows as they are. */
    double step_seconds;
    /**
     * How the values of a step become one: "mean", "min", "max", "last", "sum", "count",
     * "median", "p95", "p99.9"; NULL for "mean".
     */
    const char *aggregate;
    /**
     * Puts the columns of one metric together that agree in these labels: their names. Only
     * with `combine`.
     */
    const char *const *by;
    /** Number of texts in `by`; 0: all columns of a metric are put together. */
    size_t by_count;
    /**
     * How the values of columns that are put together become one, as `aggregate`; NULL: the
     * columns stay apart.
     */
    const char *combine;
    /**
     * Only so many columns of each metric: those whose mean over the range is greatest; 0 for
     * all.
     */
    uint64_t top;
    /**
     * 1: of a counter the increase per second, where a reset gives a gap, not a fall; 0: the
     * values.
     */
    int32_t rate;
    /** 0. */
    uint32_t reserved;
} usm_query;

/**
 * Reads a time in words: seconds since 1970 ("1795000000.5"), a stretch before now ("90s",
 * "24h", "1d12h"; see usm_parse_duration()), "now", "now-1h", or a date and time with its
 * offset (RFC 3339, "2026-11-23T14:05:00Z").
 *
 * - text: the words.
 * - now: what they are relative to, seconds since 1970.
 * - time: takes seconds since 1970.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_UTF8.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_parse_time(const char *text,
                          double now,
                          double *time);

/**
 * Reads a length of time in words: "500ms", "90s", "15m", "24h", "7d", "2w", "1y", "1d12h", or
 * a number of seconds.
 *
 * - text: the words.
 * - seconds: takes the length.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_UTF8.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_parse_duration(const char *text,
                              double *seconds);

/* ==========================================================================================
 * [history]
 * What was: the history of a database or a recording.
 * ========================================================================================== */

/** Any tier: the library chooses. */
#define USM_TIER_ANY 0

/** Every sample as it was taken. */
#define USM_TIER_RAW 1

/** Stretches of 10 seconds. */
#define USM_TIER_TEN_SECONDS 2

/** Stretches of a minute. */
#define USM_TIER_MINUTE 3

/** Stretches of 10 minutes. */
#define USM_TIER_TEN_MINUTES 4

/**
 * A database or a recording, opened for reading. Made by usm_history_open() or
 * usm_monitor_history(), ended by usm_history_free(). Any number of threads may use it; one
 * call is answered at a time. A handle is cheap: threads that read at the same time should
 * have one each.
 */
typedef struct usm_history usm_history;

/** How much a tier holds. */
typedef struct usm_extent {
    /** How many bytes of this element the library has filled; written by it. */
    uint32_t struct_size;
    /** USM_TIER_... */
    uint32_t tier;
    /** Width of a row in seconds; 0 for samples as they were taken. */
    double step_seconds;
    /** Beginning of the first row, seconds since 1970. */
    double first;
    /** End of the last row, seconds since 1970. */
    double last;
    /** Rows. */
    uint64_t rows;
    /** Bytes that they take. */
    uint64_t bytes;
} usm_extent;

/**
 * Opens a database (unified_system.db in the data folder) or a recording for reading. Who
 * writes it is not held up.
 *
 * - path: the file.
 * - history: takes the handle, to be ended by usm_history_free().
 *
 * Returns: USM_OK; USM_ERR_NOT_FOUND and the like for the file; USM_ERR_STORE when it is no
 * database; USM_ERR_INVALID_UTF8.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_history_open(const char *path,
                            struct usm_history **history);

/**
 * Gives the history of a monitor, what it has not committed yet included. It does not keep
 * the monitor alive: after that is freed every call answers USM_ERR_INVALID_STATE.
 *
 * - history: takes the handle, to be ended by usm_history_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_history(const struct usm_monitor *monitor,
                               struct usm_history **history);

/**
 * Ends a history. Tables and states that came from it stay.
 *
 * - history: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
 *
 * Threads: any.
 * Since: 0.1.0
 */
void usm_history_free(struct usm_history **history);

/**
 * Copies how much each tier holds, from fine to coarse, into an array of the caller's: as
 * many as it holds, or all of them. A history that is empty has none.
 *
 * - array: takes the extents; NULL when capacity is 0.
 * - element_size: sizeof(usm_extent) in the caller's program.
 * - capacity: number of elements in the array.
 * - count: takes how many there are, which may be more than capacity.
 *
 * Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT for an element
 * size that no version of this header has; USM_ERR_INVALID_STATE for a monitor that keeps
 * none or was freed; USM_ERR_STORE; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_history_extents(const struct usm_history *history,
                               struct usm_extent *array,
                               size_t element_size,
                               size_t capacity,
                               size_t *count);

/**
 * Gives the series that have a value in a range as a JSON array of objects with the fields of
 * a column of usm_table_json(), "name", "metric", "labels", "unit" and "kind", and with
 * "help", what is measured.
 *
 * - since: seconds since 1970; 0 for the beginning.
 * - until: seconds since 1970; 0 for the end.
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_STATE for a monitor that keeps
 * no history or was freed; USM_ERR_STORE; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_history_series_json(const struct usm_history *history,
                                   double since,
                                   double until,
                                   char **json);

/**
 * Answers a query: one axis of time, and a column for each series.
 *
 * - query: what is asked; begin with usm_query_init().
 * - table: takes the answer, to be ended by usm_table_free().
 *
 * Returns: USM_OK, also when nothing was recorded then; USM_ERR_INVALID_ARGUMENT for a metric
 * that is not known (with the nearest names), a label, a range or a struct_size;
 * USM_ERR_INVALID_UTF8; USM_ERR_UNSUPPORTED for a field of a later version;
 * USM_ERR_INVALID_STATE for a monitor that keeps no history or was freed; USM_ERR_STORE;
 * USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_history_query(const struct usm_history *history,
                             const struct usm_query *query,
                             struct usm_table **table);

/**
 * Gives the whole state as it was at a moment: the newest sample at or before it. Of a time
 * of which only a coarser tier is left, it holds means (see usm_state_tier()), and the
 * processes are those that used most.
 *
 * - time: seconds since 1970.
 * - state: takes the state, to be ended by usm_state_free().
 *
 * Returns: USM_OK; USM_ERR_NOT_FOUND when nothing was recorded then, with the nearest times
 * that were; USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_STATE for a monitor that keeps no
 * history or was freed; USM_ERR_STORE; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_history_state_at(const struct usm_history *history,
                                double time,
                                struct usm_state **state);

/* ==========================================================================================
 * [history_table]
 * An answer of the history in plain arrays.
 * ========================================================================================== */

/** A value that goes up and down. */
#define USM_SERIES_GAUGE 0

/** A count that only grows until it is reset. */
#define USM_SERIES_COUNTER 1

/**
 * The answer to a query: one axis of time, and a column of values for each series. Ended by
 * usm_table_free(). It never changes, and any number of threads may read it.
 */
typedef struct usm_table usm_table;

/** One series of a table. What it points to is borrowed: it lives as long as the table. */
typedef struct usm_column {
    /** sizeof(usm_column) in the caller's program, as usm_column_init() sets it. */
    uint32_t struct_size;
    /** How the metric behaves: USM_SERIES_... */
    uint32_t kind;
    /** Name with labels, as a query reads it: core_busy_percent{core="0"}. */
    const char *name;
    /** Name of the metric. */
    const char *metric;
    /**
     * Unit of the values, e.g. "percent", "bytes", "per_second"; of a rate the unit of which
     * it is the increase per second.
     */
    const char *unit;
    /** Number of labels, for usm_table_label(). */
    size_t label_count;
    /**
     * The values, one for each time; NaN where nothing is known. NULL in a table without rows.
     */
    const double *values;
} usm_column;

/**
 * Ends a table. Arrow streams that came from it stay.
 *
 * - table: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
 *
 * Threads: any.
 * Since: 0.1.0
 */
void usm_table_free(struct usm_table **table);

/**
 * Gives how large a table is.
 *
 * - rows: takes the number of times; NULL when it is not wanted.
 * - columns: takes the number of series; NULL when it is not wanted.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_table_size(const struct usm_table *table,
                          size_t *rows,
                          size_t *columns);

/**
 * Gives the axis of time: seconds since 1970, ascending; with a step, or of a coarser tier,
 * the beginning of each row.
 *
 * - times: takes a borrowed array of as many numbers as there are rows, which lives as long
 *   as the table; NULL without rows.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_table_times(const struct usm_table *table,
                           const double **times);

/**
 * Gives the width of a row.
 *
 * - step_seconds: takes the seconds; 0 for samples as they were taken.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_table_step_seconds(const struct usm_table *table,
                                  double *step_seconds);

/**
 * Gives what the reader should know: a torn block that was left out, a quantile of means, a
 * step that was made wider.
 *
 * - notes: takes a borrowed text that lives as long as the table: a line for each note; empty
 *   when there is nothing to know.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_table_notes(const struct usm_table *table,
                           const char **notes);

/**
 * Gives a column, in the order of the query's series and then by labels.
 *
 * - index: 0 to the number of columns - 1.
 * - column: filled as far as its struct_size goes; begin with usm_column_init().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end or a struct_size that
 * no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_table_column(const struct usm_table *table,
                            size_t index,
                            struct usm_column *column);

/**
 * Gives a label of a column.
 *
 * - column: 0 to the number of columns - 1.
 * - index: 0 to usm_column.label_count - 1.
 * - name, value: take borrowed texts that live as long as the table.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a number beyond the end.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_table_label(const struct usm_table *table,
                           size_t column,
                           size_t index,
                           const char **name,
                           const char **value);

/* ==========================================================================================
 * [history_table_export]
 * An answer of the history for others to read: an Arrow stream, or text.
 * ========================================================================================== */

/**
 * Gives a table as an Arrow C stream of one batch: a column `time` (timestamp[us, UTC]), and
 * one of doubles for each series, by its name with labels, null where nothing is known; with
 * "metric", "labels", "unit" and "kind" in the metadata of each. The values are not copied.
 *
 * - stream: filled; what it held is not looked at. The caller calls its `release`, at any
 *   time, also after usm_table_free(). It is marked as released when the call fails.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any; the stream by one thread at a time.
 * Since: 0.1.0
 */
usm_status usm_table_arrow_stream(const struct usm_table *table,
                                  struct ArrowArrayStream *stream);

/**
 * The same in long form: a row for each value that is known, with the columns `time`,
 * `metric`, one for each label that any series has, and `value`. The texts are dictionaries.
 *
 * - stream: as for usm_table_arrow_stream().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any; the stream by one thread at a time.
 * Since: 0.1.0
 */
usm_status usm_table_arrow_stream_long(const struct usm_table *table,
                                       struct ArrowArrayStream *stream);

/**
 * Gives a table as a JSON object: "step_seconds", "tiers", "notes", "times", and "columns"
 * with "name", "metric", "labels", "unit", "kind" and "values", null where nothing is known.
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_table_json(const struct usm_table *table,
                          char **json);

/**
 * Gives a table as CSV (RFC 4180): a column `timestamp` in seconds since 1970, and one for
 * each series, empty where nothing is known.
 *
 * - csv: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_table_csv(const struct usm_table *table,
                         char **csv);

/* ==========================================================================================
 * [history_recording]
 * Recordings: made live, taken out of a history, or made of text.
 * ========================================================================================== */

/** Text as usm_table_csv() gives it. */
#define USM_TEXT_CSV 0

/** Text as usm_table_json() gives it. */
#define USM_TEXT_JSON 1

/**
 * Records this host into a file. Made by usm_recorder_start(), ended by usm_recorder_finish()
 * or usm_recorder_free(). Any number of threads may use it at the same time.
 */
typedef struct usm_recorder usm_recorder;

/** What a recording holds. */
typedef struct usm_recording_summary {
    /**
     * sizeof(usm_recording_summary) in the caller's program, as
     * usm_recording_summary_init() sets it.
     */
    uint32_t struct_size;
    /** 0. */
    uint32_t reserved;
    /** Samples. */
    uint64_t samples;
    /** Time of the first, seconds since 1970; NaN without any. */
    double first;
    /** Time of the last, seconds since 1970; NaN without any. */
    double last;
    /** Size of the file. */
    uint64_t bytes;
} usm_recording_summary;

/**
 * What usm_history_extract() takes out. Begin with `usm_extract_options options =
 * USM_EXTRACT_OPTIONS_INIT;`: everything, with all names.
 */
typedef struct usm_extract_options {
    /** sizeof(usm_extract_options) in the caller's program. */
    uint32_t struct_size;
    /**
     * 1: names of processes, users, control groups, hosts, mounts and interfaces are replaced
     * by numbered ones (the same name by the same number), and command lines are left out;
     * names that every machine has ("/", "lo", "eth0", "root") stay. 0: all stay as they are.
     */
    int32_t mask_names;
    /** From this time on, seconds since 1970; 0 for the beginning. */
    double since;
    /** To before this time, seconds since 1970; 0 for the end. */
    double until;
    /** Told of the progress in thousandths; may be NULL. */
    usm_progress_callback progress;
    /** Handed to the callback; may be NULL. */
    void *user_data;
} usm_extract_options;

/**
 * Starts recording this host into a new file, on a thread of its own. The file is a database
 * that usm_history_open() and usm_replay_open() read, also while it is being written.
 *
 * - config: the settings, copied ("data_dir" and "store_enabled" have no meaning here); NULL
 *   for the defaults overridden by the environment.
 * - path: the file, which must not exist.
 * - recorder: takes the handle, to be ended by usm_recorder_finish().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a setting; USM_ERR_INVALID_UTF8; USM_ERR_IO
 * and the like when the file exists or can't be made; USM_ERR_STORE when it can't be written;
 * otherwise as usm_monitor_new() and usm_monitor_start().
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_recorder_start(const struct usm_config *config,
                              const char *path,
                              struct usm_recorder **recorder);

/**
 * Waits until a state newer than a given one is recorded; see usm_monitor_wait().
 *
 * - after_sequence: number of the state that is known; 0 for none.
 * - timeout_seconds: longest wait, 0 or more; INFINITY waits for ever.
 * - sequence: takes the number of the newest state; NULL when it is not wanted.
 *
 * Returns: as usm_monitor_wait().
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_recorder_wait(const struct usm_recorder *recorder,
                             uint64_t after_sequence,
                             double timeout_seconds,
                             uint64_t *sequence);

/**
 * Gives the newest state that was recorded.
 *
 * - state: takes the state, to be ended by usm_state_free().
 *
 * Returns: USM_OK, also before the first sample; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_recorder_state(const struct usm_recorder *recorder,
                              struct usm_state **state);

/**
 * Ends a recording: stops, packs what is open, and leaves one file without side files.
 *
 * - recorder: address of the handle, which is set to NULL, also when the call fails.
 * - summary: filled as far as its struct_size goes; begin with usm_recording_summary_init().
 *   NULL when it is not wanted.
 *
 * Returns: USM_OK, also for a NULL handle, whose recording holds nothing; USM_ERR_STORE with
 * the cause when not everything could be written; USM_ERR_TIMED_OUT when another thread does not
 * leave the recorder within 5 seconds, and finishes it then; USM_ERR_INVALID_HANDLE;
 * USM_ERR_INVALID_ARGUMENT for a struct_size, and nothing is done; USM_ERR_FORKED, where the recording stays the parent's.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_recorder_finish(struct usm_recorder **recorder,
                               struct usm_recording_summary *summary);

/**
 * Ends a recording as usm_recorder_finish() does, for who does not want to know how it went.
 *
 * - recorder: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
 *
 * Threads: any.
 * Since: 0.1.0
 */
void usm_recorder_free(struct usm_recorder **recorder);

/**
 * Writes a part of a history into a new recording, to keep, to send, or to attach to a bug
 * report. Others may use the history meanwhile.
 *
 * - path: the recording's file, which must not exist.
 * - options: NULL for everything, with all names.
 * - summary: filled as far as its struct_size goes; NULL when it is not wanted.
 * - notes: takes what could not be read of the history (torn blocks) and so is missing, a
 *   line for each, to be freed by usm_string_free(); empty when nothing is. NULL when it is
 *   not wanted.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT when the file exists, or for an option;
 * USM_ERR_UNSUPPORTED for an option of a later version; USM_ERR_INVALID_STATE when the
 * callback ended it, or for a monitor that keeps no history or was freed; USM_ERR_IO and the
 * like; USM_ERR_STORE; USM_ERR_INVALID_UTF8; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_history_extract(const struct usm_history *history,
                               const char *path,
                               const struct usm_extract_options *options,
                               struct usm_recording_summary *summary,
                               char **notes);

/**
 * Makes a recording of a table in text. Only metrics that this library knows are understood.
 *
 * - from: the file that holds the text.
 * - format: USM_TEXT_...
 * - to: the recording's file, which must not exist.
 * - summary: filled as far as its struct_size goes; NULL when it is not wanted.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT with line and column for what can't be read, for
 * a series that is not known, and for times that do not ascend; USM_ERR_NOT_FOUND and the
 * like for the files; USM_ERR_STORE; USM_ERR_INVALID_UTF8.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_recording_import(const char *from,
                                uint32_t format,
                                const char *to,
                                struct usm_recording_summary *summary);

/* ==========================================================================================
 * [history_replay]
 * The engine over what was recorded.
 * ========================================================================================== */

/**
 * The states of a recording, judged again in their order: the same findings as live. Made by
 * usm_replay_open(), ended by usm_replay_free(). Any number of threads may use it; each state
 * goes to one of them.
 */
typedef struct usm_replay usm_replay;

/**
 * Opens a recording or a database for replay.
 *
 * - path: the file.
 * - since: begins at the first sample at or after this time, seconds since 1970; 0 for the
 *   beginning.
 * - until: ends before this time, seconds since 1970; 0 for the end.
 * - replay: takes the handle, to be ended by usm_replay_free().
 *
 * Returns: USM_OK, also when nothing was recorded then; USM_ERR_INVALID_ARGUMENT;
 * USM_ERR_NOT_FOUND and the like for the file; USM_ERR_STORE; USM_ERR_INVALID_UTF8.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_replay_open(const char *path,
                           double since,
                           double until,
                           struct usm_replay **replay);

/**
 * Ends a replay. States that came from it stay.
 *
 * - replay: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
 *
 * Threads: any.
 * Since: 0.1.0
 */
void usm_replay_free(struct usm_replay **replay);

/**
 * Gives how many samples the range holds, for a display of progress.
 *
 * - samples: takes the number.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_replay_size(const struct usm_replay *replay,
                           uint64_t *samples);

/**
 * Gives the next state.
 *
 * - state: takes the state, to be ended by usm_state_free(); NULL at the end.
 *
 * Returns: USM_OK, also at the end; USM_ERR_STORE or USM_ERR_MALFORMED for what can't be
 * read; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_replay_next(struct usm_replay *replay,
                           struct usm_state **state);

/**
 * Gives what could not be read so far (torn blocks) and so is missing.
 *
 * - notes: takes the text, a line for each, to be freed by usm_string_free(); empty when
 *   nothing is missing.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_replay_notes(const struct usm_replay *replay,
                            char **notes);

/* ==========================================================================================
 * [optimizer_numbers]
 * The numbers that stand for the optimizer's words, and their names.
 * ========================================================================================== */

/** Processors. */
#define USM_RESOURCE_CPU 0

/** Memory. */
#define USM_RESOURCE_MEMORY 1

/** Space of a file system, or the time that tasks wait for disks. */
#define USM_RESOURCE_DISK 2

/** Network interfaces. There is advice, never an action. */
#define USM_RESOURCE_NETWORK 3

/** One process. */
#define USM_RESOURCE_PROCESS 4

/** Can wait. */
#define USM_PRIORITY_LOW 0

/** Should be looked at. */
#define USM_PRIORITY_MEDIUM 1

/** Now. */
#define USM_PRIORITY_HIGH 2

/** Taken back by a rollback; at worst something is slower. */
#define USM_RISK_LOW 0

/** Can disturb what it acts on, or can't be taken back in full. */
#define USM_RISK_MEDIUM 1

/** Work may be lost. */
#define USM_RISK_HIGH 2

/**
 * Of the time in which processes other than the culprits wanted to run, the percentage in
 * which they waited for a processor.
 */
#define USM_TARGET_METRIC_CPU_WAIT 0

/** Percent of time in which some task waited for a processor (PSI). */
#define USM_TARGET_METRIC_CPU_PRESSURE 1

/**
 * Of the looks at active processes other than the culprits, the percentage in which they were
 * in an uninterruptible wait.
 */
#define USM_TARGET_METRIC_IO_WAIT 2

/** Percent of time in which some task waited for a disk (PSI). */
#define USM_TARGET_METRIC_IO_PRESSURE 3

/** Percent of time in which some task waited for memory (PSI). */
#define USM_TARGET_METRIC_MEMORY_PRESSURE 4

/** Memory in use, percent of the machine or of the own limit, whichever is tighter. */
#define USM_TARGET_METRIC_MEMORY_USED 5

/** Space of a file system in use, percent of what users may take. */
#define USM_TARGET_METRIC_SPACE_USED 6

/** Inodes in use, percent. */
#define USM_TARGET_METRIC_INODES_USED 7

/** Traffic of an interface, percent of its speed. */
#define USM_TARGET_METRIC_NETWORK_USED 8

/** CPU of one process, percent of one core. */
#define USM_TARGET_METRIC_PROCESS_CPU 9

/** Memory of one process, percent of the machine. */
#define USM_TARGET_METRIC_PROCESS_MEMORY 10

/** Processes made per second. */
#define USM_TARGET_METRIC_FORK_RATE 11

/** Scheduling policy SCHED_BATCH for every thread. */
#define USM_ACTION_SET_BATCH 0

/** A nice value for every thread. */
#define USM_ACTION_LOWER_PRIORITY 1

/** Scheduling policy SCHED_IDLE for every thread. */
#define USM_ACTION_SET_IDLE 2

/** A nice value for a session's autogroup. */
#define USM_ACTION_SET_AUTOGROUP 3

/** An I/O priority for every thread. */
#define USM_ACTION_SET_IO_PRIORITY 4

/** Fewer processors for every thread. */
#define USM_ACTION_SET_AFFINITY 5

/** CPU weight or quota of a control group. */
#define USM_ACTION_LIMIT_CPU 6

/** Throughput of a control group. */
#define USM_ACTION_LIMIT_IO 7

/** Memory of a control group. */
#define USM_ACTION_LIMIT_MEMORY 8

/** Number of processes of a control group. */
#define USM_ACTION_LIMIT_PROCESSES 9

/** Reclaim from a control group, or page a process out. */
#define USM_ACTION_RECLAIM_MEMORY 10

/** Trim the heap of this process itself. */
#define USM_ACTION_CLEANUP_MEMORY 11

/** Move files into quarantine by rules. */
#define USM_ACTION_CLEANUP_DISK 12

/** Freeze a control group, with a lease. */
#define USM_ACTION_FREEZE 13

/** SIGSTOP, with a lease. */
#define USM_ACTION_SUSPEND_PROCESS 14

/** SIGTERM, then SIGKILL. */
#define USM_ACTION_KILL_PROCESS 15

/** The metric is clearly better, and nothing else is clearly worse. */
#define USM_VERDICT_HELPED 0

/** No difference beyond noise. */
#define USM_VERDICT_NO_EFFECT 1

/** The metric, or the pressure on something else, is clearly worse. */
#define USM_VERDICT_HARMED 2

/** Not measured: demo mode, or refused, failed or cancelled before the act. */
#define USM_VERDICT_NOT_MEASURED 3

/**
 * The name of a resource USM_RESOURCE_..., e.g. "cpu"; "unknown" for a number that is none.
 *
 * Returns: a text that lives for ever; never NULL.
 * Threads: any.
 * Since: 0.1.0
 */
const char *usm_resource_name(uint32_t resource);

/**
 * The name of a level: of a priority USM_PRIORITY_... or a risk USM_RISK_..., e.g. "low";
 * "unknown" for a number that is none.
 *
 * Returns: a text that lives for ever; never NULL.
 * Threads: any.
 * Since: 0.1.0
 */
const char *usm_level_name(uint32_t level);

/**
 * The name of a metric USM_TARGET_METRIC_..., e.g. "cpu_wait"; "unknown" for a number that is none.
 *
 * Returns: a text that lives for ever; never NULL.
 * Threads: any.
 * Since: 0.1.0
 */
const char *usm_target_metric_name(uint32_t metric);

/**
 * The name of a type of action USM_ACTION_..., e.g. "set_batch"; "unknown" for a number that
 * is none.
 *
 * - action_type: the number.
 *
 * Returns: a text that lives for ever; never NULL.
 * Threads: any.
 * Since: 0.1.0
 */
const char *usm_action_name(uint32_t action_type);

/**
 * The name of a verdict USM_VERDICT_..., e.g. "helped"; "unknown" for a number that is none.
 *
 * Returns: a text that lives for ever; never NULL.
 * Threads: any.
 * Since: 0.1.0
 */
const char *usm_verdict_name(uint32_t verdict);

/* ==========================================================================================
 * [optimizer]
 * The optimizer: its life, its scope, its switches.
 * ========================================================================================== */

/**
 * Finds what hurts on this host, relieves it, proves that it helped, or takes it back:
 * usm_optimizer_analyze(), usm_optimizer_plan(), usm_optimizer_execute() and
 * usm_optimizer_rollback(). Made by usm_optimizer_new() or usm_optimizer_attach(), ended by
 * usm_optimizer_free(). Any number of threads may use it at the same time.
 */
typedef struct usm_optimizer usm_optimizer;

/**
 * Makes an optimizer that samples for itself. What an optimizer that was killed has left
 * changed on the host is restored first. The scope, what may be touched at all, is the
 * processes of the user that runs this program, unless the settings say otherwise.
 *
 * - config: the settings of its sampling, copied; NULL for the defaults overridden by the
 *   environment.
 * - settings_json: its own settings as a JSON object, e.g. {"scope": "subtree:123",
 *   "verify_seconds": 0.5}; NULL for the defaults. What is left out keeps its default;
 *   usm_optimizer_settings_json() lists them all. The scope may be a word as for
 *   usm_optimizer_set_scope().
 * - optimizer: takes the handle, to be ended by usm_optimizer_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a setting, with its name;
 * USM_ERR_INVALID_UTF8; USM_ERR_NOT_FOUND for a process of the scope; USM_ERR_STORE when
 * performance_optimizer.db can't be written: without a journal nothing may be done.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_new(const struct usm_config *config,
                             const char *settings_json,
                             struct usm_optimizer **optimizer);

/**
 * Makes an optimizer that uses the states of a monitor and its data folder. It does not keep
 * the monitor alive: when that is freed first, the optimizer samples for itself.
 *
 * - monitor: the monitor; it may be freed before the optimizer.
 * - settings_json, optimizer: as for usm_optimizer_new().
 *
 * Returns: as usm_optimizer_new(), and USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_attach(struct usm_monitor *monitor,
                                const char *settings_json,
                                struct usm_optimizer **optimizer);

/**
 * Ends an optimizer and takes back what it has changed, unless its setting
 * "rollback_on_close" is off. Call usm_optimizer_rollback() before to learn what became of
 * each change; what can't be taken back now is taken back by the next optimizer of the data
 * folder. In a forked child it leaves alone what is the parent's.
 *
 * - optimizer: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
 *
 * Threads: any. While another call with it runs, e.g. the one whose progress callback frees
 * it, it ends when that call does.
 * Since: 0.1.0
 */
void usm_optimizer_free(struct usm_optimizer **optimizer);

/**
 * Changes what may be touched at all. Whatever lies outside is never touched, whatever a
 * plan says.
 *
 * - scope: "user:UID", "subtree:PID" (the process and its living descendants),
 *   "cgroup:/PATH" (as /proc/PID/cgroup shows it), "list:PID,PID,...", "machine" (every
 *   process that is not protected); NULL for the default, the processes of this user. The
 *   pids are those of now: a process that gets one of them later is not meant.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a text that is none of these;
 * USM_ERR_INVALID_UTF8; USM_ERR_NOT_FOUND for a process; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_set_scope(struct usm_optimizer *optimizer,
                                   const char *scope);

/**
 * Switches auto-optimization: it acts by itself on each new state, as far as the profile in
 * force allows, and takes back what did not help.
 *
 * - on: 0 is off, any other number is on.
 *
 * Returns: USM_OK; USM_ERR_NOT_FOUND and the like when the host can't be sampled;
 * USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_set_auto(struct usm_optimizer *optimizer,
                                  int32_t on);

/**
 * The kill switch. On: auto-optimization ends, everything is taken back, and no optimizer of
 * this data folder changes anything until it is off, in this process or another (the file
 * optimizer.halt there).
 *
 * - on: 0 is off, any other number is on.
 * - json: takes what was taken back, as usm_optimizer_rollback() gives it, to be freed by
 *   usm_string_free(); NULL when it is not wanted.
 *
 * Returns: USM_OK, also when a change could not be taken back, which the JSON tells;
 * USM_ERR_IO and the like for the file; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_halt(struct usm_optimizer *optimizer,
                              int32_t on,
                              char **json);

/* ==========================================================================================
 * [optimizer_targets]
 * What is wrong: a list of targets, as plain structs and as JSON.
 * ========================================================================================== */

/**
 * What is wrong, most urgent first. Made by usm_optimizer_analyze(), ended by
 * usm_target_list_free(). It never changes, and any number of threads may read it.
 */
typedef struct usm_target_list usm_target_list;

/**
 * Something that is wrong, with numbers. The texts are borrowed: they live as long as the
 * list.
 */
typedef struct usm_target {
    /** sizeof(usm_target) in the caller's program, as usm_target_init() sets it. */
    uint32_t struct_size;
    /** What it is about: USM_RESOURCE_... */
    uint32_t target_type;
    /** How urgent: USM_PRIORITY_... */
    uint32_t priority;
    /** What the values measure: USM_TARGET_METRIC_... */
    uint32_t metric;
    /** Number in the database. */
    int64_t id;
    /** Now, in the unit of the metric. */
    double current_value;
    /** What it should come down to. */
    double target_value;
    /** How sure the diagnosis is, 0 to 1. */
    double confidence;
    /** Since when, seconds since 1970; NaN when that was not watched. */
    double since;
    /** How many processes cause it; see usm_target_list_culprit(). */
    uint64_t culprit_count;
    /** In a sentence. */
    const char *description;
    /**
     * "process_optimization", "memory_cleanup", "disk_cleanup", "memory_optimization" or
     * "network_advice".
     */
    const char *method;
    /** What relief would bring, in words. */
    const char *impact;
    /** Mount point, device or interface; NULL where it is not about one. */
    const char *subject;
    /** What the user could do beyond what a plan can; NULL when there is nothing. */
    const char *advice;
} usm_target;

/** A process that causes what is wrong. The texts live as long as the list. */
typedef struct usm_culprit {
    /** sizeof(usm_culprit) in the caller's program, as usm_culprit_init() sets it. */
    uint32_t struct_size;
    /**
     * 1 when it is inside the scope and not protected, so that a plan may act on it; else 0.
     */
    int32_t may_be_touched;
    /** Process id. */
    int32_t pid;
    /** User id; UINT32_MAX when it is not known. */
    uint32_t uid;
    /** Session id; -1 when it is not known. */
    int32_t session_id;
    /** 0. */
    uint32_t reserved;
    /** Start in clock ticks after boot; with the pid it identifies the process. */
    uint64_t start_time_ticks;
    /** What it uses of the resource, in the unit below. */
    double usage;
    /** Its share of what is used in all, 0 to 1. */
    double share;
    /** Name of its program. */
    const char *name;
    /** "percent of one core", "bytes", "bytes per second" or "processes per second". */
    const char *unit;
    /** Its control group; NULL when it is not known. */
    const char *cgroup;
    /** Why it may not be touched; NULL when it may. */
    const char *untouchable_reason;
} usm_culprit;

/**
 * Looks for what is wrong now; the list is empty when nothing is. Watches the host for a
 * moment, half a second at most, unless a fresh measurement is at hand.
 *
 * - targets: takes the list, to be ended by usm_target_list_free().
 *
 * Returns: USM_OK; USM_ERR_NOT_FOUND and the like when the host can't be sampled (never an
 * empty list instead); USM_ERR_STORE; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_analyze(struct usm_optimizer *optimizer,
                                 struct usm_target_list **targets);

/**
 * Ends a list of targets, and the texts that were borrowed from it.
 *
 * - targets: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
 *
 * Threads: any.
 * Since: 0.1.0
 */
void usm_target_list_free(struct usm_target_list **targets);

/**
 * Tells how many targets there are.
 *
 * - size: takes the number.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_target_list_size(const struct usm_target_list *targets,
                                size_t *size);

/**
 * Copies a target.
 *
 * - index: 0 for the most urgent one.
 * - target: filled as far as its struct_size goes; see usm_target_init().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size
 * that no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_target_list_at(const struct usm_target_list *targets,
                              size_t index,
                              struct usm_target *target);

/**
 * Copies one of the processes that cause a target.
 *
 * - index: of the target.
 * - culprit_index: 0 for the one that causes most.
 * - culprit: filled as far as its struct_size goes; see usm_culprit_init().
 *
 * Returns: as usm_target_list_at().
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_target_list_culprit(const struct usm_target_list *targets,
                                   size_t index,
                                   size_t culprit_index,
                                   struct usm_culprit *culprit);

/**
 * Gives the targets as a JSON array, with what the structs do not have: baseline and
 * evidence.
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_target_list_json(const struct usm_target_list *targets,
                                char **json);

/* ==========================================================================================
 * [optimizer_actions]
 * What could be done: a plan, as plain structs and as JSON, or actions made by hand.
 * ========================================================================================== */

/**
 * Actions in the order in which they should be done. Made by usm_optimizer_plan() or
 * usm_action_list_from_json(), ended by usm_action_list_free().
 */
typedef struct usm_action_list usm_action_list;

/**
 * Something that could be done, with its benefit, its risk and whether it can be taken back.
 * The texts are borrowed: they live until the action is removed or its list is freed.
 */
typedef struct usm_action {
    /** sizeof(usm_action) in the caller's program, as usm_action_init() sets it. */
    uint32_t struct_size;
    /** What it does: USM_ACTION_... */
    uint32_t action_type;
    /** How urgent: USM_PRIORITY_... */
    uint32_t priority;
    /** How much could be lost: USM_RISK_... */
    uint32_t risk_level;
    /** For which resource: USM_RESOURCE_... */
    uint32_t target_type;
    /** By what its effect is judged: USM_TARGET_METRIC_... */
    uint32_t metric;
    /** 1 when a rollback restores what was, with the privileges at hand; else 0. */
    int32_t reversible;
    /** 1 when it can have an effect here, else 0. */
    int32_t effect_expected;
    /** The process acted on; 0 where it is not about one. */
    int32_t pid;
    /** 0. */
    uint32_t reserved;
    /** Start of that process in clock ticks after boot; 0 where there is none. */
    uint64_t start_time_ticks;
    /** Number in the database; 0 for an action made by hand. */
    int64_t id;
    /** 0 (none) to 100. */
    double risk_score;
    /** Percent points of the metric that it may bring. */
    double estimated_benefit;
    /** Estimated duration in seconds. */
    double execution_time;
    /** In a sentence. */
    const char *description;
    /** Pid as text, "system_memory" or "system_disk". */
    const char *target_id;
    /** Mount point, device or interface; NULL where it is not about one. */
    const char *subject;
    /** Why the risk is what it is. */
    const char *risk_reason;
    /** Why it can or can't be taken back. */
    const char *reversible_reason;
    /** Why an effect is or is not expected. */
    const char *effect_reason;
} usm_action;

/**
 * Plans what could be done about targets: for each the gentlest action that could help. It
 * changes nothing. A plan must be executed within "plan_shelf_seconds".
 *
 * - targets: what is wrong, from usm_optimizer_analyze().
 * - actions: takes the list, to be ended by usm_action_list_free().
 *
 * Returns: USM_OK; USM_ERR_STORE when the plan can't be recorded; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_plan(struct usm_optimizer *optimizer,
                              const struct usm_target_list *targets,
                              struct usm_action_list **actions);

/**
 * Makes a list of actions by hand, or from what usm_action_list_json() gave. Safety is not
 * in the list: whatever it says, scope, protection, identity and risk are checked when it
 * is executed.
 *
 * - json: an array of objects, or one object. "action_type" (a name of USM_ACTION_..., see
 *   usm_action_name()) and "target_id" (a pid as text, "system_memory" or "system_disk")
 *   are enough.
 * - actions: takes the list, to be ended by usm_action_list_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT with the field; USM_ERR_INVALID_UTF8.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_action_list_from_json(const char *json,
                                     struct usm_action_list **actions);

/**
 * Ends a list of actions, and the texts that were borrowed from it.
 *
 * - actions: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
 *
 * Threads: any.
 * Since: 0.1.0
 */
void usm_action_list_free(struct usm_action_list **actions);

/**
 * Tells how many actions there are.
 *
 * - size: takes the number.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_action_list_size(const struct usm_action_list *actions,
                                size_t *size);

/**
 * Copies an action.
 *
 * - index: 0 for the first.
 * - action: filled as far as its struct_size goes; see usm_action_init().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size
 * that no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_action_list_at(const struct usm_action_list *actions,
                              size_t index,
                              struct usm_action *action);

/**
 * Removes an action, so that it will not be executed. Those behind it move up.
 *
 * - index: 0 for the first.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end.
 * Threads: any; the texts borrowed from this action are gone.
 * Since: 0.1.0
 */
usm_status usm_action_list_remove(struct usm_action_list *actions,
                                  size_t index);

/**
 * Gives the actions as a JSON array, with what the structs do not have, e.g. what exactly is
 * done to the host ("lever"). usm_action_list_from_json() reads it.
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_action_list_json(const struct usm_action_list *actions,
                                char **json);

/* ==========================================================================================
 * [optimizer_run]
 * Doing it: options, progress, execution and rollback.
 * ========================================================================================== */

/**
 * How actions are executed. Begin with `usm_execute_options options =
 * USM_EXECUTE_OPTIONS_INIT;`, which is demo mode.
 */
typedef struct usm_execute_options {
    /** sizeof(usm_execute_options) in the caller's program. */
    uint32_t struct_size;
    /**
     * Demo mode: everything is checked and told as it would be done, and nothing is changed.
     * 0 acts for real, any other number is demo mode.
     */
    int32_t dry_run;
    /** Most risk that is accepted, USM_RISK_...; -1 for what the profile in force allows. */
    int32_t allowed_risk;
    /**
     * Measure before and after, and take back what did not help: 0 is off, any other number
     * is on.
     */
    int32_t verify;
    /** Called for each step; may be NULL. */
    usm_progress_callback progress;
    /** Handed to the callback; may be NULL. */
    void *user_data;
} usm_execute_options;

/**
 * Does the actions, or says what would be done. Each is checked at the moment of the act
 * (identity, scope, protection, risk), written into the journal first, measured before and
 * after, and taken back when it did not help. One that fails or is refused does not stop
 * the others: the report tells of each.
 *
 * - actions: copied; the list may be used meanwhile.
 * - options: NULL for demo mode: nothing is changed.
 * - report: takes the report, to be ended by usm_execution_report_free().
 *
 * Returns: USM_OK, also when actions failed; USM_ERR_INVALID_ARGUMENT for an option;
 * USM_ERR_UNSUPPORTED for an option of a later version; USM_ERR_STORE when the journal can't
 * be written; USM_ERR_REFUSED while halted; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_execute(struct usm_optimizer *optimizer,
                                 const struct usm_action_list *actions,
                                 const struct usm_execute_options *options,
                                 struct usm_execution_report **report);

/**
 * Takes changes back: each value that is still the one that was set gets its prior one; one
 * that somebody else has changed since is left alone.
 *
 * - action_id: number of the action (usm_action_result.action_id); 0 for everything that
 *   this optimizer, or one that is no more, has changed.
 * - json: takes a JSON array, to be freed by usm_string_free(): for each change "action_id",
 *   "change" in words, "undo" ("restored", "unchanged", "gone", {"left": what was found} or
 *   "irreversible"; null when it failed) and "error"; NULL when it is not wanted.
 *
 * Returns: USM_OK, also when a change could not be taken back, which the JSON tells;
 * USM_ERR_INVALID_ARGUMENT for a negative number; USM_ERR_NOT_FOUND for an action that has
 * changed nothing; USM_ERR_STORE; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_rollback(struct usm_optimizer *optimizer,
                                  int64_t action_id,
                                  char **json);

/* ==========================================================================================
 * [optimizer_report]
 * What became of the actions: a report, as plain structs and as JSON.
 * ========================================================================================== */

/**
 * What usm_optimizer_execute() did. Ended by usm_execution_report_free(). It never changes,
 * and any number of threads may read it.
 */
typedef struct usm_execution_report usm_execution_report;

/** An execution in numbers. */
typedef struct usm_execution_summary {
    /**
     * sizeof(usm_execution_summary) in the caller's program, as
     * usm_execution_summary_init() sets it.
     */
    uint32_t struct_size;
    /** 1 when nothing was changed: demo mode; else 0. */
    int32_t dry_run;
    /** 1 when the callback ended it early, else 0. */
    int32_t cancelled;
    /** 0. */
    uint32_t reserved;
    /** Actions looked at. */
    uint64_t executed;
    /** Done and kept; in demo mode, would be done. */
    uint64_t successful;
    /** Refused, failed or taken back. */
    uint64_t failed;
    /** Sum of the measured improvements of what was kept; in demo mode, of the estimates. */
    double total_benefit;
    /** Seconds in all. */
    double execution_time;
} usm_execution_summary;

/** What became of one action. The texts are borrowed: they live as long as the report. */
typedef struct usm_action_result {
    /**
     * sizeof(usm_action_result) in the caller's program, as usm_action_result_init() sets it.
     */
    uint32_t struct_size;
    /** 1 when it was done (in demo mode: would be done) and not taken back; else 0. */
    int32_t success;
    /** What was done: USM_ACTION_... */
    uint32_t action_type;
    /** What the values measure: USM_TARGET_METRIC_... */
    uint32_t metric;
    /** What the measurement says: USM_VERDICT_... */
    uint32_t verdict;
    /** 1 when it was taken back by itself, since it did not help; else 0. */
    int32_t rolled_back;
    /** 1 when nothing was changed: demo mode; else 0. */
    int32_t dry_run;
    /** 0. */
    uint32_t reserved;
    /**
     * Number in the database, for usm_optimizer_rollback() and usm_optimizer_explain_json().
     */
    int64_t action_id;
    /** The metric over a window before; NaN when it was not measured. */
    double before_value;
    /** The metric over an equal window after; NaN when it was not measured. */
    double after_value;
    /** How much better it is, negative when worse; NaN when it was not measured. */
    double improvement;
    /** When a freeze or stop ends by itself, seconds since 1970; NaN when there is none. */
    double lease_until;
    /** Bytes freed on disk at once; NaN for what is no disk cleanup. */
    double freed_bytes;
    /** Bytes in quarantine, freed when they are purged; NaN for what is no disk cleanup. */
    double quarantined_bytes;
    /** Seconds that it took. */
    double execution_time;
    /** The action's description. */
    const char *action;
    /** Pid as text, "system_memory" or "system_disk". */
    const char *target_id;
    /** The verdict, refusal or failure in a sentence. */
    const char *reason;
    /** Why it failed or was refused; NULL when it was not. */
    const char *error;
    /** What was changed (in demo mode: would be), a line for each; empty when nothing. */
    const char *changes;
} usm_action_result;

/**
 * Ends a report, and the texts that were borrowed from it.
 *
 * - report: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
 *
 * Threads: any.
 * Since: 0.1.0
 */
void usm_execution_report_free(struct usm_execution_report **report);

/**
 * Copies the numbers of a report.
 *
 * - summary: filled as far as its struct_size goes; see usm_execution_summary_init().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header
 * has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_execution_report_summary(const struct usm_execution_report *report,
                                        struct usm_execution_summary *summary);

/**
 * Tells how many results there are: one for each action, in the order given.
 *
 * - size: takes the number.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_execution_report_size(const struct usm_execution_report *report,
                                     size_t *size);

/**
 * Copies the result of an action.
 *
 * - index: 0 for the first action.
 * - result: filled as far as its struct_size goes; see usm_action_result_init().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size
 * that no version of this header has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_execution_report_at(const struct usm_execution_report *report,
                                   size_t index,
                                   struct usm_action_result *result);

/**
 * Gives a report as JSON.
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_execution_report_json(const struct usm_execution_report *report,
                                     char **json);

/* ==========================================================================================
 * [optimizer_profile]
 * Profiles: thresholds and what may be done about them.
 * ========================================================================================== */

/**
 * Gives the profiles as a JSON array, built-in ones first.
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_STORE; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_profiles_json(const struct usm_optimizer *optimizer,
                                       char **json);

/**
 * Gives a profile as a JSON object, such as usm_optimizer_save_profile() takes.
 *
 * - name: name of the profile.
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an unknown name, with those that there are;
 * USM_ERR_INVALID_UTF8; USM_ERR_STORE; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_profile_json(const struct usm_optimizer *optimizer,
                                      const char *name,
                                      char **json);

/**
 * Gives the profile in force as a JSON object.
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_current_profile_json(const struct usm_optimizer *optimizer,
                                              char **json);

/**
 * Makes or replaces a profile of the user's own.
 *
 * - json: a JSON object with "profile_name" and what differs from the profile "balanced",
 *   e.g. {"profile_name": "mine", "cpu_threshold": 60, "protected": ["postgres"]}.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT with field, value and range, or for the name of
 * a built-in profile; USM_ERR_INVALID_UTF8; USM_ERR_STORE; USM_ERR_FORKED. On an error
 * nothing is changed.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_save_profile(struct usm_optimizer *optimizer,
                                      const char *json);

/**
 * Puts a profile in force, now and for later optimizers of this data folder. Its
 * "auto_optimize" switches auto-optimization.
 *
 * - name: name of the profile.
 *
 * Returns: as usm_optimizer_profile_json().
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_apply_profile(struct usm_optimizer *optimizer,
                                       const char *name);

/**
 * Deletes a profile of the user's own; if it was in force, "balanced" is.
 *
 * - name: name of the profile.
 *
 * Returns: as usm_optimizer_profile_json(); a built-in profile can't be deleted:
 * USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_delete_profile(struct usm_optimizer *optimizer,
                                        const char *name);

/* ==========================================================================================
 * [optimizer_ask]
 * What one may ask the optimizer: how it stands, what it did and why, what could work here.
 * ========================================================================================== */

/**
 * Gives how the optimizer stands as JSON: auto-optimization, kill switch, profile, scope,
 * the changes in force, its last decision, its database.
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_STORE; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_status_json(const struct usm_optimizer *optimizer,
                                     char **json);

/**
 * Gives the settings in force as a JSON object, such as usm_optimizer_new() takes.
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_settings_json(const struct usm_optimizer *optimizer,
                                       char **json);

/**
 * Gives the newest entries of the history as a JSON array, newest first: what was done and
 * what was left undone, and why.
 *
 * - limit: most entries.
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_STORE; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_history_json(const struct usm_optimizer *optimizer,
                                      size_t limit,
                                      char **json);

/**
 * Gives all that is known of an action as JSON: why, what, before, after, verdict, and each
 * change to the host.
 *
 * - action_id: usm_action.id or usm_action_result.action_id.
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT when there is no such action; USM_ERR_STORE;
 * USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_explain_json(const struct usm_optimizer *optimizer,
                                      int64_t action_id,
                                      char **json);

/**
 * Gives what decides here whether an action can work, as a JSON object: privileges,
 * autogroup, swap, I/O schedulers, which control groups can be made, and why not.
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_facts_json(const struct usm_optimizer *optimizer,
                                    char **json);

/**
 * Gives what a disk cleanup would put aside as JSON, with sizes for each rule, biggest first,
 * and what stays and why. Nothing is changed.
 *
 * - options: its callback is told of the progress and may cancel; the rest does not matter.
 *   NULL for none.
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK, also when it was cancelled, which the JSON tells;
 * USM_ERR_INVALID_ARGUMENT for an option; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_cleanup_preview_json(struct usm_optimizer *optimizer,
                                              const struct usm_execute_options *options,
                                              char **json);

/**
 * Gives what disk cleanups have put aside and can restore, as a JSON array of objects with
 * "action_id", for usm_optimizer_rollback(), and "quarantine".
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_STORE; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_quarantines_json(const struct usm_optimizer *optimizer,
                                          char **json);

/**
 * Measures a folder and gives as JSON which folders in it have grown since the last look:
 * "folder", "bytes" in it now, "since" (null at the first look), "grown" (an array of objects
 * with "path", "before_bytes", "after_bytes" and "per_day", most grown first) and
 * "unreadable", a number of folders.
 *
 * - folder: where to look.
 * - options: as for usm_optimizer_cleanup_preview_json().
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an option; USM_ERR_INVALID_UTF8;
 * USM_ERR_NOT_FOUND and the like for the folder; USM_ERR_INVALID_STATE when it was cancelled;
 * USM_ERR_STORE; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_growth_json(struct usm_optimizer *optimizer,
                                     const char *folder,
                                     const struct usm_execute_options *options,
                                     char **json);

/* ==========================================================================================
 * [folder]
 * Data folders: where a monitor keeps what it remembers.
 * ========================================================================================== */

/**
 * Tells the data folder where no setting says another one: that of USM_DATA_DIR, else "usm" in
 * XDG_STATE_HOME, else ".local/state/usm" in the home folder. Nothing is made.
 *
 * - folder: takes the path, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_STATE when none of these says a folder;
 * USM_ERR_INVALID_ARGUMENT.
 * Threads: any, while no other thread changes the environment.
 * Since: 0.1.0
 */
usm_status usm_default_folder(char **folder);

/* ==========================================================================================
 * [saved_settings]
 * Settings that are saved in a data folder, and settings in layers.
 * ========================================================================================== */

/**
 * Makes a set of settings as the command `usm` has them: the defaults, over them what is saved
 * in a data folder, over that a file, over that the environment.
 *
 * - folder: the data folder; NULL for the default one.
 * - file: path of a file of settings, TOML, or JSON when its name ends in ".json"; NULL for
 *   none.
 * - config: takes the handle, to be ended by usm_config_free(). Its "data_dir" is the folder,
 *   unless that is NULL.
 *
 * Returns: USM_OK; USM_ERR_NOT_FOUND, USM_ERR_PERMISSION_DENIED or USM_ERR_IO for a file;
 * USM_ERR_MALFORMED with line and column; USM_ERR_INVALID_ARGUMENT for the first setting that
 * is refused; USM_ERR_INVALID_STATE when there is no default folder; USM_ERR_INVALID_UTF8.
 * Threads: any, while no other thread changes the environment.
 * Since: 0.1.0
 */
usm_status usm_config_new_layered(const char *folder,
                                  const char *file,
                                  struct usm_config **config);

/**
 * Sets what is saved in a data folder. Call it before the file, the environment and the
 * settings of the program itself, so that these go before it.
 *
 * - folder: the data folder; NULL for the default one.
 *
 * Returns: USM_OK, also when nothing is saved there; otherwise as usm_config_new_layered(). On
 * an error nothing is changed.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_config_apply_saved(struct usm_config *config,
                                  const char *folder);

/**
 * Gives the settings that are saved in a data folder as a JSON object by name; those that are
 * not have their defaults.
 *
 * - folder: the data folder; NULL for the default one.
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK, also when nothing is saved there; otherwise as usm_config_new_layered().
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_saved_settings_json(const char *folder,
                                   char **json);

/**
 * Saves a setting in a data folder, which is made where it is missing. A monitor that runs in
 * the background takes it over. Comments and other lines of the file stay as they are.
 *
 * - folder: the data folder; NULL for the default one.
 * - name: name of the setting.
 * - value: its value as text; see usm_config_set_text().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a name that is not a setting or can't be saved
 * ("data_dir"), and for a value; USM_ERR_MALFORMED for what is in the file already;
 * USM_ERR_REFUSED when the file is a symbolic link; USM_ERR_PERMISSION_DENIED, USM_ERR_IO and
 * the like; USM_ERR_INVALID_UTF8. On an error the file is as it was.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_saved_settings_set(const char *folder,
                                  const char *name,
                                  const char *value);

/**
 * Takes a setting, or all of them, out of the saved ones, so that it has its default again. A
 * file that can't be read is set aside when all are meant.
 *
 * - folder: the data folder; NULL for the default one.
 * - name: name of the setting; NULL for all.
 *
 * Returns: USM_OK, also when it was not saved; otherwise as usm_saved_settings_set().
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_saved_settings_reset(const char *folder,
                                    const char *name);

/**
 * Gives every setting as a JSON array of objects: "name", "about", "allowed", "default" and
 * "live", whether it acts on a monitor that runs.
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_settings_json(char **json);

/* ==========================================================================================
 * [logging]
 * What the library has to say beside results: its log, told to a callback.
 * ========================================================================================== */

/** Something could not be done. */
#define USM_LOG_ERROR 1

/** Something is not as it should be; the library goes on. */
#define USM_LOG_WARNING 2

/** What it does. */
#define USM_LOG_INFO 3

/** What it does in detail. */
#define USM_LOG_DEBUG 4

/** A message of the log; written by the library, and gone when the callback returns. */
typedef struct usm_log_message {
    /** How many bytes of this struct the library has filled. */
    uint32_t struct_size;
    /** USM_LOG_...; more may come. */
    uint32_t level;
    /** When, seconds since 1970. */
    double timestamp;
    /** Which part says it: "usm". */
    const char *target;
    /** What it says, in English, for people. */
    const char *message;
} usm_log_message;

/**
 * Called for each message of the log, on the thread that has something to say: one that called
 * the library, or one of its own; never the one that samples. Several may call at the same
 * time. It may call every function of the library; what these then have to say on the same
 * thread is not told. It must return normally, and soon: the work of that thread waits.
 *
 * - message: borrowed until the callback returns.
 * - user_data: what was given to usm_log_set_callback().
 */
typedef void (*usm_log_callback)(const struct usm_log_message *message,
                                 void *user_data);

/**
 * Sets who hears the log of the library, one for the whole process; the one before is heard no
 * more. Without one, nothing is told and nothing is printed. What is heard is limited by
 * `level` and by the setting "log_level" of the monitor that was made or changed last. When it
 * returns, the callback before is not running any more; called from inside that callback it
 * returns at once.
 *
 * - callback: called for each message; NULL to hear nothing.
 * - user_data: handed to the callback; may be NULL.
 * - destroy: called exactly once with user_data when the callback will not be called any more:
 *   by the call that sets another one, on its thread (called from inside the callback: on the
 *   thread that leaves it last); or before this function returns when it fails, or when
 *   callback is NULL. NULL when there is nothing to be done. It is not called for the callback
 *   that is set when the process ends, nor for the parent's in a child after fork().
 * - level: the least urgent that is told, USM_LOG_...; it has no meaning when callback is NULL.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a level; USM_ERR_INVALID_STATE when the program
 * contains Rust code that set a logger of its own: that one hears it then.
 * Threads: any. After fork() the child has no callback until it sets its own.
 * Since: 0.1.0
 */
usm_status usm_log_set_callback(usm_log_callback callback,
                                void *user_data,
                                usm_destroy_callback destroy,
                                uint32_t level);

/* ==========================================================================================
 * [export]
 * Exports: what a history holds, as CSV, JSON or one HTML page, for other programs.
 * ========================================================================================== */

/** The main metrics of the machine, a row for each time. */
#define USM_EXPORT_METRICS 0

/** The alerts that fired. */
#define USM_EXPORT_ALERTS 1

/** Trends, anomalies and forecasts. */
#define USM_EXPORT_PREDICTIONS 2

/** For spreadsheets. A text that one would take for a formula is disarmed. */
#define USM_FORMAT_CSV 0

/** For programs. */
#define USM_FORMAT_JSON 1

/** For people: one page that needs no other file. */
#define USM_FORMAT_HTML 2

/**
 * What is exported, and how. Begin with `usm_export_options options =
 * USM_EXPORT_OPTIONS_INIT;`: the metrics of the last day as CSV.
 */
typedef struct usm_export_options {
    /** sizeof(usm_export_options) in the caller's program. */
    uint32_t struct_size;
    /** USM_EXPORT_... */
    uint32_t kind;
    /** USM_FORMAT_... */
    uint32_t format;
    /** 1: beside each metric the least and the greatest value within its row. 0: not. */
    int32_t extremes;
    /**
     * From this time on, seconds since 1970; 0 for the beginning of what is kept; negative for
     * so many seconds before the end.
     */
    double since;
    /** To before this time, seconds since 1970; 0 for now. */
    double until;
    /** Width of a row of metrics in seconds; 0 for every row as it is kept. */
    double step_seconds;
    /** Told of the progress in thousandths; may be NULL. */
    usm_progress_callback progress;
    /** Handed to the callback; may be NULL. */
    void *user_data;
} usm_export_options;

/** What an export or a report came to. */
typedef struct usm_written {
    /** sizeof(usm_written) in the caller's program, as usm_written_init() sets it. */
    uint32_t struct_size;
    /** 1 when something was written; 0 when there was no data: then there is no new file. */
    int32_t is_written;
    /** Rows. */
    uint64_t rows;
    /** Length of the file or the text. */
    uint64_t bytes;
} usm_written;

/**
 * Called with one piece of an export after the other, on the thread that called for it. It
 * must return normally.
 *
 * - bytes: the piece, borrowed until the callback returns. Pieces end anywhere, also within a
 *   character.
 * - count: its length.
 * - user_data: what was given with the callback.
 *
 * Returns: 0 to go on; any other number ends the export, and it is not called again.
 */
typedef int32_t (*usm_write_callback)(const char *bytes,
                                      size_t count,
                                      void *user_data);

/**
 * Writes an export to a file. It is there in full or not at all: it is written under another
 * name beside its own until it is whole. A monitor may run meanwhile. Only its owner may read
 * a new file; one that is replaced keeps its mode.
 *
 * - source: a data folder, a database or a recording; NULL for the default data folder.
 * - options: NULL for the metrics of the last day as CSV.
 * - to: the file, which is replaced; or a folder, for a new file in it that replaces none,
 *   e.g. "system_metrics_20261128_181500.csv".
 * - written: filled as far as its struct_size goes; see usm_written_init(). NULL when it is
 *   not wanted.
 * - path: takes the file's path, to be freed by usm_string_free(), or NULL when there was no
 *   data; NULL when it is not wanted.
 * - notes: takes what the reader should know (a damaged part that was left out), a line for
 *   each, to be freed by usm_string_free(); empty when nothing is. NULL when it is not wanted.
 *
 * Returns: USM_OK, also when there was no data; USM_ERR_INVALID_ARGUMENT for an option or a
 * range that is none; USM_ERR_UNSUPPORTED for an option of a later version, or where the
 * library was built without reports; USM_ERR_NOT_FOUND, USM_ERR_STORE and the like for the
 * source; USM_ERR_INVALID_STATE when the callback ended it; USM_ERR_PERMISSION_DENIED,
 * USM_ERR_IO and the like for the file; USM_ERR_INVALID_UTF8.
 * Threads: any; also in a child after fork().
 * Since: 0.1.0
 */
usm_status usm_export(const char *source,
                      const struct usm_export_options *options,
                      const char *to,
                      struct usm_written *written,
                      char **path,
                      char **notes);

/**
 * Gives an export as text.
 *
 * - source: as for usm_export().
 * - options: as for usm_export().
 * - text: takes the text, to be freed by usm_string_free(), or NULL when there was no data.
 *
 * Returns: USM_OK, also when there was no data; otherwise as usm_export(). A long one is
 * better written to a file or by usm_export_write().
 * Threads: any; also in a child after fork().
 * Since: 0.1.0
 */
usm_status usm_export_text(const char *source,
                           const struct usm_export_options *options,
                           char **text);

/**
 * Gives an export piece by piece to a function of the caller's.
 *
 * - source: as for usm_export().
 * - options: as for usm_export().
 * - write: called for each piece; when there is no data, maybe for a head without rows.
 * - user_data: handed to `write`; may be NULL. That of the options goes to their callback.
 * - written: filled as far as its struct_size goes; see usm_written_init(). NULL when it is
 *   not wanted.
 * - notes: as for usm_export().
 *
 * Returns: USM_OK, also when there was no data; USM_ERR_INVALID_STATE when a callback ended it;
 * otherwise as usm_export().
 * Threads: any; also in a child after fork().
 * Since: 0.1.0
 */
usm_status usm_export_write(const char *source,
                            const struct usm_export_options *options,
                            usm_write_callback write,
                            void *user_data,
                            struct usm_written *written,
                            char **notes);

/* ==========================================================================================
 * [report_file]
 * Reports for people: how the machine is and was, and where its metrics go.
 * ========================================================================================== */

/** How the machine is and how it was. */
#define USM_REPORT_HEALTH 0

/** Where its metrics go. */
#define USM_REPORT_TRENDS 1

/**
 * What a report is of. Begin with `usm_report_options options = USM_REPORT_OPTIONS_INIT;`: the
 * health of the last day, as an HTML page.
 */
typedef struct usm_report_options {
    /** sizeof(usm_report_options) in the caller's program. */
    uint32_t struct_size;
    /** USM_REPORT_... */
    uint32_t kind;
    /** USM_FORMAT_HTML or USM_FORMAT_JSON. It has no meaning for usm_report_json(). */
    uint32_t format;
    /** 1: with what is advised; 0: without. */
    int32_t recommendations;
    /**
     * From this time on, seconds since 1970; 0 for the beginning of what is kept; negative for
     * so many seconds before the end.
     */
    double since;
    /** To before this time, seconds since 1970; 0 for now. */
    double until;
    /** Told of the progress in thousandths; may be NULL. */
    usm_progress_callback progress;
    /** Handed to the callback; may be NULL. */
    void *user_data;
} usm_report_options;

/**
 * Makes a report and writes it to a file, as usm_export() writes an export.
 *
 * - source: a data folder, a database or a recording; NULL for the default data folder.
 * - options: NULL for the health of the last day as an HTML page.
 * - to: the file, which is replaced; or a folder, for a new file in it that replaces none,
 *   e.g. "system_health_report_24h_20261128_181500.html".
 * - written: filled as far as its struct_size goes; see usm_written_init(). NULL when it is
 *   not wanted.
 * - path: takes the file's path, to be freed by usm_string_free(), or NULL when nothing was
 *   recorded in the range; NULL when it is not wanted.
 *
 * Returns: USM_OK, also when nothing was recorded; USM_ERR_UNSUPPORTED for USM_FORMAT_CSV (a
 * report is no table); otherwise as usm_export().
 * Threads: any; also in a child after fork().
 * Since: 0.1.0
 */
usm_status usm_report_write(const char *source,
                            const struct usm_report_options *options,
                            const char *to,
                            struct usm_written *written,
                            char **path);

/**
 * Gives a report as a JSON object; see the manual for its fields.
 *
 * - source: as for usm_report_write().
 * - options: as for usm_report_write(); their format has no meaning here.
 * - json: takes the text, to be freed by usm_string_free(), or NULL when nothing was recorded
 *   in the range.
 *
 * Returns: as usm_report_write().
 * Threads: any; also in a child after fork().
 * Since: 0.1.0
 */
usm_status usm_report_json(const char *source,
                           const struct usm_report_options *options,
                           char **json);

/* ==========================================================================================
 * [migrate]
 * A prototype's databases, brought into a data folder.
 * ========================================================================================== */

/**
 * How usm_migrate() works. Begin with `usm_migrate_options options =
 * USM_MIGRATE_OPTIONS_INIT;`, which brings everything in.
 */
typedef struct usm_migrate_options {
    /** sizeof(usm_migrate_options) in the caller's program. */
    uint32_t struct_size;
    /** 0 brings in; any other number only tells what would be done, and writes nothing. */
    int32_t dry_run;
    /**
     * Called from time to time; may be NULL. The stage is "migrating", the steps are
     * thousandths of the whole, and what is being worked on is "file" or "file: table".
     * Ending it keeps what was committed: doing it again goes on from there.
     */
    usm_progress_callback progress;
    /** Handed to the callback; may be NULL. */
    void *user_data;
} usm_migrate_options;

/**
 * Brings the databases of the prototype in a folder into a data folder. The originals are only
 * read. What is there already is told by its content, so that it can be done again at any time.
 * A monitor may run on the data folder meanwhile; then samples stay out of its packed history,
 * which the report tells. What could not be read is told in the report, not as an error.
 *
 * - source: the folder of the prototype's databases (its "db").
 * - folder: the data folder, by the settings that are saved there and those of the
 *   environment; NULL for the default one.
 * - options: NULL brings everything in.
 * - migration: takes the report, to be ended by usm_migration_free(). It is given also when
 *   the callback ended it; usm_migration_summary() tells that.
 *
 * Returns: USM_OK, also when a part could not be read; USM_ERR_NOT_FOUND when there is no such
 * source; USM_ERR_INVALID_ARGUMENT when it holds no database of the prototype, or for a
 * setting; USM_ERR_INVALID_STATE when another migration into the folder runs;
 * USM_ERR_UNSUPPORTED for an option of a later version; USM_ERR_PERMISSION_DENIED, USM_ERR_IO
 * or USM_ERR_STORE when the data folder can't be written; USM_ERR_INVALID_UTF8. What was
 * brought in until then stays.
 * Threads: any; also in a child after fork().
 * Since: 0.1.0
 */
usm_status usm_migrate(const char *source,
                       const char *folder,
                       const struct usm_migrate_options *options,
                       struct usm_migration **migration);

/* ==========================================================================================
 * [migration]
 * What a migration did: its report, as plain structs and as JSON.
 * ========================================================================================== */

/** A database of the prototype; it was read. */
#define USM_MIGRATED_READ 0

/** There is none of this name. */
#define USM_MIGRATED_MISSING 1

/** The engine's own: there is nothing to bring in. */
#define USM_MIGRATED_OWN 2

/** It could not be read. */
#define USM_MIGRATED_UNREADABLE 3

/** The migration was ended before. */
#define USM_MIGRATED_NOT_REACHED 4

/**
 * What usm_migrate() did. Ended by usm_migration_free(). It never changes, and any number of
 * threads may read it, also in a child after fork().
 */
typedef struct usm_migration usm_migration;

/** A migration in numbers. */
typedef struct usm_migration_totals {
    /**
     * sizeof(usm_migration_totals) in the caller's program, as usm_migration_totals_init()
     * sets it.
     */
    uint32_t struct_size;
    /** 1 when all that is there was read and could be written, else 0. */
    int32_t is_complete;
    /** 1 when the callback ended it early, else 0. */
    int32_t cancelled;
    /** 1 when nothing was written, else 0. */
    int32_t dry_run;
    /**
     * Rows that could be read, of all tables on all their ways: samples are counted as states
     * and once more as history.
     */
    uint64_t found;
    /** Rows that were brought in; in a dry run, that would be. */
    uint64_t imported;
    /** Rows that were there before. */
    uint64_t already_there;
    /** Rows that were left out; see usm_migration_reasons(). */
    uint64_t skipped;
    /** States, events and timings are kept for so many days. */
    double retention_days;
} usm_migration_totals;

/** One file of the prototype. The texts are borrowed: they live as long as the migration. */
typedef struct usm_migrated_file {
    /** How many bytes of this struct the library has filled. */
    uint32_t struct_size;
    /** USM_MIGRATED_... */
    uint32_t status;
    /** Its size with its log or journal. */
    uint64_t bytes;
    /** Its name. */
    const char *name;
    /** Why it was not read, in words; NULL when it was, or is missing. */
    const char *why;
    /** What is to be known of it, a line for each; empty when nothing is. */
    const char *notes;
    /** Its tables that are not the prototype's and were left alone, a line for each. */
    const char *foreign;
} usm_migrated_file;

/**
 * One table of the prototype, on one of its ways. The texts are borrowed: they live as long as
 * the migration.
 */
typedef struct usm_migrated_table {
    /** How many bytes of this struct the library has filled. */
    uint32_t struct_size;
    /** Which file it is in: its place in usm_migration_files(), from 0. */
    uint32_t file;
    /** Rows that could be read. */
    uint64_t found;
    /** Rows that were brought in; in a dry run, that would be. */
    uint64_t imported;
    /** Rows that were there before. */
    uint64_t already_there;
    /** Rows that were left out. */
    uint64_t skipped;
    /** The prototype's table. */
    const char *table;
    /** Where its rows go: a table, or "history". */
    const char *into;
    /** What could not be read or written; NULL when all could. */
    const char *error;
    /** What is to be known of it, a line for each; empty when nothing is. */
    const char *notes;
} usm_migrated_table;

/**
 * Why rows of a table were left out. The text is borrowed: it lives as long as the migration.
 */
typedef struct usm_migrated_reason {
    /** How many bytes of this struct the library has filled. */
    uint32_t struct_size;
    /** Which table: its place in usm_migration_tables(), from 0. */
    uint32_t table;
    /** How many rows. */
    uint64_t count;
    /** Number of the first of them in the prototype's table; -1 when it is not known. */
    int64_t first_row;
    /** In words. */
    const char *why;
} usm_migrated_reason;

/**
 * Ends a migration's report, and the texts that were borrowed from it.
 *
 * - migration: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
 *
 * Threads: any; no other thread may use the handle.
 * Since: 0.1.0
 */
void usm_migration_free(struct usm_migration **migration);

/**
 * Copies the numbers of a migration.
 *
 * - totals: filled as far as its struct_size goes; see usm_migration_totals_init().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header
 * has.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_migration_summary(const struct usm_migration *migration,
                                 struct usm_migration_totals *totals);

/**
 * Copies what became of each of the prototype's nine files, there or not.
 *
 * - array: takes the files; NULL when capacity is 0.
 * - element_size: sizeof(usm_migrated_file) in the caller's program.
 * - capacity: number of elements in the array.
 * - count: takes how many there are, which may be more than capacity; the number of elements
 *   written is the lesser of both.
 *
 * Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_migration_files(const struct usm_migration *migration,
                               struct usm_migrated_file *array,
                               size_t element_size,
                               size_t capacity,
                               size_t *count);

/**
 * Copies what became of each table that was found, in the order of the files.
 *
 * - array: takes the tables; NULL when capacity is 0.
 * - element_size: sizeof(usm_migrated_table) in the caller's program.
 * - capacity: number of elements in the array.
 * - count: takes how many there are; see usm_migration_files().
 *
 * Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_migration_tables(const struct usm_migration *migration,
                                struct usm_migrated_table *array,
                                size_t element_size,
                                size_t capacity,
                                size_t *count);

/**
 * Copies why rows were left out, in the order of the tables.
 *
 * - array: takes the reasons; NULL when capacity is 0.
 * - element_size: sizeof(usm_migrated_reason) in the caller's program.
 * - capacity: number of elements in the array.
 * - count: takes how many there are; see usm_migration_files().
 *
 * Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_migration_reasons(const struct usm_migration *migration,
                                 struct usm_migrated_reason *array,
                                 size_t element_size,
                                 size_t capacity,
                                 size_t *count);

/**
 * Gives a migration as JSON: all that the structs tell, with the folders, the numbers of more
 * rows for each reason, and what else in the source looks like a database ("others").
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_migration_json(const struct usm_migration *migration,
                              char **json);

/* ==========================================================================================
 * [service]
 * The monitor of a data folder that runs in the background: looking at it, starting it and
 * stopping it.
 * ========================================================================================== */

/** None ran. */
#define USM_SERVICE_NOT_RUNNING 0

/** It ran, and has ended as it was asked to. */
#define USM_SERVICE_STOPPED 1

/** It ran, and had to be killed: what it had not written yet is lost. */
#define USM_SERVICE_KILLED 2

/**
 * The monitor in the background of a data folder, as usm_service_status() finds it. While none
 * runs, the numbers are what the last one said.
 */
typedef struct usm_service_info {
    /**
     * sizeof(usm_service_info) in the caller's program, as usm_service_info_init() sets it.
     */
    uint32_t struct_size;
    /** 1 when a process monitors for the folder, else 0. */
    int32_t running;
    /** 1 when it has begun to monitor, else 0. */
    int32_t ready;
    /**
     * 1 when it runs where its pid means nothing here: in another container or on another
     * machine; else 0.
     */
    int32_t elsewhere;
    /** 1 when none runs and the last one did not end in good order, else 0. */
    int32_t fell_silent;
    /** 1 when the machine was started since it fell silent, else 0. */
    int32_t rebooted;
    /** 1 when it acts by itself, else 0. */
    int32_t auto_optimize;
    /** 1 when it only says what it would do, else 0. */
    int32_t demo;
    /** Its process, of the last one when none runs; -1 when there never was one. */
    int32_t pid;
    /** 0. */
    uint32_t reserved;
    /** When it began, seconds since 1970; NaN when it is not known. */
    double started_at;
    /** When it last said how it fares; NaN when it has not yet. */
    double heard_at;
    /** When it ended in good order; NaN while it runs, and when it did not. */
    double ended_at;
    /** Time of its newest state; NaN before the first. */
    double state_at;
    /** Seconds between two states; NaN when it is not known. */
    double refresh_interval;
    /** Number of its newest state, from 1; NaN before the first. */
    double sequence;
    /** Rows that it has written into the database; NaN when it is not known. */
    double rows_written;
    /** Rows that wait in memory; NaN when it is not known. */
    double rows_waiting;
    /** Size of the database; NaN when it is not known. */
    double store_bytes;
    /** What it costs, percent of one core; NaN when it is not known. */
    double cpu_core_percent;
    /** Memory of its process; NaN when it is not known. */
    double rss_bytes;
    /** Alerts that fire; NaN when it has not said yet. */
    double alerts_firing;
} usm_service_info;

/**
 * Looks at the monitor of a data folder. Nothing is made, and nobody is disturbed.
 *
 * - folder: the data folder; NULL for the default one.
 * - info: filled as far as its struct_size goes; see usm_service_info_init().
 *
 * Returns: USM_OK, also when none runs and when there is no such folder;
 * USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_STATE when there is no default folder, or when the
 * lock is held by who does not say who it is; USM_ERR_PERMISSION_DENIED, USM_ERR_IO and the
 * like; USM_ERR_INVALID_UTF8.
 * Threads: any; also in a child after fork().
 * Since: 0.1.0
 */
usm_status usm_service_status(const char *folder,
                              struct usm_service_info *info);

/**
 * Looks at the monitor of a data folder, and gives all that it says of itself as JSON: "running",
 * "folder", "elsewhere", "silence" (how the last one fell silent, or null) and "record" (what
 * it says of itself: "pid", "started_at", "version", "command", "log", "refresh_interval",
 * "auto_optimize", "demo", "ready", "beat", "settings_read_at", "settings_error", "ended"; null
 * when there never was one).
 *
 * - folder: the data folder; NULL for the default one.
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: as usm_service_status().
 * Threads: any; also in a child after fork().
 * Since: 0.1.0
 */
usm_status usm_service_status_json(const char *folder,
                                   char **json);

/**
 * Runs a command as the monitor of a data folder in the background, and waits until it is
 * ready. The library itself is no such monitor: the command is to be one that takes the
 * folder's lock, as `usm monitor --foreground` does, and a program with
 * usm_service_hold_take(). It runs in a session of its own, without input, with "/" as its
 * folder, with the data folder in USM_DATA_DIR, and what it prints is added to the log in that
 * folder; it goes on when the caller ends. The folder is made where it is missing.
 *
 * - folder: the data folder; NULL for the default one.
 * - command: the program and its arguments; a program without "/" is looked for in PATH. NULL
 *   for `usm monitor --foreground`, with the `usm` that is beside the running program, if it is
 *   of the same owner or root's, else the one in PATH: then usm must be installed.
 * - words: how many texts `command` has; 0 when it is NULL.
 * - wait_seconds: longest wait, 0 or more; INFINITY waits for ever.
 * - is_new: takes 1 when it was started, 0 when one ran already and nothing was done; NULL when
 *   that is not wanted.
 * - info: filled with the one that runs now; see usm_service_info_init(). NULL when it is not
 *   wanted.
 *
 * Returns: USM_OK, also when one ran already; USM_ERR_INVALID_STATE with what it said when it
 * ended instead; USM_ERR_TIMED_OUT when it is not ready by then (it goes on);
 * USM_ERR_NOT_FOUND when there is no such program; USM_ERR_PERMISSION_DENIED, USM_ERR_REFUSED,
 * USM_ERR_IO and the like for program, folder and log; USM_ERR_INVALID_ARGUMENT;
 * USM_ERR_INVALID_UTF8 for the folder: the command may be any bytes.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_service_start(const char *folder,
                             const char *const *command,
                             size_t words,
                             double wait_seconds,
                             int32_t *is_new,
                             struct usm_service_info *info);

/**
 * Asks the monitor of a data folder to end (SIGTERM), and waits until it has. No process is
 * signalled but the one that holds the folder's lock.
 *
 * - folder: the data folder; NULL for the default one.
 * - patience_seconds: longest wait, 0 or more; INFINITY waits for ever.
 * - force: any number but 0: when it has not ended by then, it is killed.
 * - what: takes USM_SERVICE_...; NULL when it is not wanted.
 *
 * Returns: USM_OK, also when none ran; USM_ERR_TIMED_OUT when it has not ended by then (it is
 * still asked to); USM_ERR_REFUSED when the process can't be the one that is meant, or runs
 * elsewhere; USM_ERR_PERMISSION_DENIED for another user's; USM_ERR_UNSUPPORTED before Linux
 * 5.3; USM_ERR_INVALID_ARGUMENT; otherwise as usm_service_status().
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_service_stop(const char *folder,
                            double patience_seconds,
                            int32_t force,
                            uint32_t *what);

/**
 * Gives the last lines of the log of a data folder's monitor.
 *
 * - folder: the data folder; NULL for the default one.
 * - most: how many lines at most.
 * - lines: takes the text, to be freed by usm_string_free(); empty when there is no log.
 *
 * Returns: as usm_service_status(); USM_ERR_REFUSED when the log is a link.
 * Threads: any; also in a child after fork().
 * Since: 0.1.0
 */
usm_status usm_service_log(const char *folder,
                           size_t most,
                           char **lines);

/* ==========================================================================================
 * [service_hold]
 * A program that is the monitor of a data folder itself.
 * ========================================================================================== */

/**
 * The lock of a data folder, held by this process as its monitor. Made by
 * usm_service_hold_take(), ended by usm_service_hold_release(). Any number of threads may use
 * it at the same time; when the process ends in any way, the system gives the lock back.
 */
typedef struct usm_service_hold usm_service_hold;

/**
 * What the monitor of a folder says of itself when it begins. Begin with `usm_service_claim
 * claim = USM_SERVICE_CLAIM_INIT;`.
 */
typedef struct usm_service_claim {
    /** sizeof(usm_service_claim) in the caller's program. */
    uint32_t struct_size;
    /** Any number but 0: it acts by itself. */
    int32_t auto_optimize;
    /** Any number but 0: it only says what it would do. */
    int32_t demo;
    /** 0. */
    uint32_t reserved;
    /** Seconds between two states, as it will be told to who looks. */
    double refresh_interval;
} usm_service_claim;

/**
 * Becomes the monitor of a data folder, which one process at a time can be: usm_service_status()
 * shows it, usm_service_stop() ends it by SIGTERM, which the program should heed by
 * usm_service_hold_release(). The folder is made where it is missing. A program that only
 * embeds a monitor needs none of this.
 *
 * - folder: the data folder; NULL for the default one.
 * - claim: what it says of itself; NULL for nothing but an interval of 2 seconds.
 * - hold: takes the handle, to be ended by usm_service_hold_release().
 *
 * Returns: USM_OK; USM_ERR_INVALID_STATE with its pid when another process is the monitor, and
 * when there is no default folder; USM_ERR_PERMISSION_DENIED, USM_ERR_IO and the like;
 * USM_ERR_REFUSED where something else stands in the lock's place; USM_ERR_INVALID_ARGUMENT;
 * USM_ERR_UNSUPPORTED for a field of a later version; USM_ERR_INVALID_UTF8.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_service_hold_take(const char *folder,
                                 const struct usm_service_claim *claim,
                                 struct usm_service_hold **hold);

/**
 * Says that it has begun to monitor, and how it fares. To be called when the first state is
 * there (usm_service_start() waits for that), and every few seconds from then on. Where
 * somebody has removed the lock's file meanwhile, it is made again.
 *
 * - monitor: the monitor whose newest state says how it fares; NULL for a program that has
 *   none: then only that it is there.
 *
 * Returns: USM_OK; USM_ERR_INVALID_STATE when the lock's file was removed and another process
 * is the monitor now; USM_ERR_IO and the like when it can't be written (a full disk): the lock
 * is held all the same; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_service_hold_beat(struct usm_service_hold *hold,
                                 const struct usm_monitor *monitor);

/**
 * Ends being the monitor in good order, and gives the lock back.
 *
 * - hold: address of the handle, which is set to NULL, also when the call fails; NULL and a
 *   NULL handle are fine.
 * - why: what who looks is told, e.g. "asked to end"; NULL for just that.
 *
 * Returns: USM_OK; USM_ERR_IO and the like when the end could not be written: the lock is given
 * back all the same; USM_ERR_FORKED, where the lock stays the parent's; USM_ERR_INVALID_UTF8
 * and USM_ERR_INVALID_HANDLE, and nothing is done.
 * Threads: any; no other thread may use the handle.
 * Since: 0.1.0
 */
usm_status usm_service_hold_release(struct usm_service_hold **hold,
                                    const char *why);

/**
 * Gives the lock back without a word, as if the process had died. See
 * usm_service_hold_release().
 *
 * - hold: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
 *
 * Threads: any; no other thread may use the handle.
 * Since: 0.1.0
 */
void usm_service_hold_free(struct usm_service_hold **hold);

/* ==========================================================================================
 * [monitor_notes]
 * What a program tells its monitor, to be kept with what the monitor sees.
 * ========================================================================================== */

/**
 * Notes how long an operation of the program's own took: it counts in
 * usm_monitor_components_json(), and is a row of `performance_metrics` where something is stored.
 *
 * - component: which part of the program, at most 128 bytes.
 * - operation: what it did, at most 128 bytes.
 * - seconds: how long, 0 or more.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_UTF8; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_note_timing(struct usm_monitor *monitor,
                                   const char *component,
                                   const char *operation,
                                   double seconds);

/**
 * Notes something that happened, as a row of `integration_events`; without a store it is
 * forgotten.
 *
 * - event_type: its kind in a word of the program's own, at most 128 bytes.
 * - message: what happened, at most 65536 bytes.
 * - severity: how bad, e.g. "info", at most 128 bytes.
 * - component: which part of the program says it, at most 128 bytes.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_UTF8; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_note_event(struct usm_monitor *monitor,
                                  const char *event_type,
                                  const char *message,
                                  const char *severity,
                                  const char *component);

/**
 * Notes a state that was not taken by this monitor, as a row of `unified_system_states`; without
 * a store it is forgotten.
 *
 * - json: an object: "timestamp", seconds since 1970, and "health_score", "performance_score",
 *   "security_score", "metrics_data", "alerts_data", "recommendations_data",
 *   "predictions_data" and "insights_data", each of which may be null or left out. The last
 *   five are texts that are JSON themselves.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for what is no such object; USM_ERR_INVALID_UTF8;
 * USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_note_state_json(struct usm_monitor *monitor,
                                       const char *json);

/* ==========================================================================================
 * [monitor_settings]
 * Several settings of a monitor changed at once.
 * ========================================================================================== */

/**
 * Changes settings of a monitor from a JSON object, e.g. "{\"refresh_interval\": 3.0}", also
 * while it is active: all of them, or none. See usm_monitor_set_number() and
 * usm_config_set_json().
 *
 * - json: the object; copied.
 *
 * Returns: as usm_config_set_json(), and USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_set_json(struct usm_monitor *monitor,
                                const char *json);

/**
 * Changes settings of a monitor to what a file holds, e.g. when the file was changed, also
 * while it is active: all of them, or none. What the file does not name stays as it is. See
 * usm_monitor_set_number() and usm_config_load_file().
 *
 * - path: path of the file.
 *
 * Returns: as usm_config_load_file(), and USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_load_file(struct usm_monitor *monitor,
                                 const char *path);

/* ==========================================================================================
 * [monitor_store]
 * What a monitor keeps, and what it tells of itself.
 * ========================================================================================== */

/**
 * Tells the database in which a monitor keeps what it sees.
 *
 * - path: takes the path, to be freed by usm_string_free(), or NULL for a monitor that stores
 *   nothing.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_store_path(const struct usm_monitor *monitor,
                                  char **path);

/**
 * Gives the states that a monitor's database holds as a JSON array, the newest first: objects
 * as usm_monitor_note_state_json() takes them.
 *
 * - since: from this time on, seconds since 1970; 0 for the beginning.
 * - until: to before this time, seconds since 1970; 0 for the end.
 * - limit: how many at most.
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for what is no time; USM_ERR_INVALID_STATE for a
 * monitor that stores nothing; USM_ERR_STORE; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_stored_states_json(const struct usm_monitor *monitor,
                                          double since,
                                          double until,
                                          size_t limit,
                                          char **json);

/**
 * Gives the states that a monitor keeps in memory ("history_size") as a JSON array, the oldest
 * first.
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_recent_states_json(const struct usm_monitor *monitor,
                                          char **json);

/**
 * Gives the parts of a monitor as a JSON object: "components", which of them work, and
 * "timings", how long their operations and those of usm_monitor_note_timing() take.
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_components_json(const struct usm_monitor *monitor,
                                       char **json);

/**
 * Reads what is too dear to be read of every process: its memory with shared pages counted by
 * share (PSS), and its open files.
 *
 * - pid: the process.
 * - pss_bytes: takes the memory; NaN when it can't be read. NULL when it is not wanted.
 * - open_files: takes their number; NaN when it can't be read. NULL when it is not wanted.
 *
 * Returns: USM_OK, also when neither can be read; USM_ERR_NOT_FOUND when there is no such
 * process; USM_ERR_INVALID_ARGUMENT; USM_ERR_UNSUPPORTED; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_monitor_process_extra(const struct usm_monitor *monitor,
                                     int32_t pid,
                                     double *pss_bytes,
                                     double *open_files);

/* ==========================================================================================
 * [catalogues]
 * What the library knows: its metrics and tools; and scores of numbers that a program has
 * itself.
 * ========================================================================================== */

/**
 * Gives the names of all metrics that a history can hold, as a JSON array.
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_metric_names_json(char **json);

/**
 * Gives all tools that the library may recommend as a JSON array of objects: "name",
 * "description", "category", "install_command" (how it is installed on this host, or null),
 * "doc_url", "tags" and "confidence_score".
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_tools_json(char **json);

/**
 * Gives the settings that an optimizer has when it is given none, as a JSON object by name.
 *
 * - json: takes the text, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_defaults_json(char **json);

/**
 * Gives health and performance of numbers that the program has itself, as a monitor would score
 * them by these alone.
 *
 * - metrics_json: an object by the names of usm_metrics' fields, e.g. {"cpu_percent": 71.5};
 *   what is null or left out is not known.
 * - health: takes the score, 0 to 100; NaN when nothing of it is known.
 * - performance: takes the score, 0 to 100; NaN when nothing of it is known.
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for what is no such object or not a metric;
 * USM_ERR_INVALID_UTF8.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_scores_of(const char *metrics_json,
                         double *health,
                         double *performance);

/* ==========================================================================================
 * [optimizer_process]
 * One process that stands still, and where an optimizer keeps its journal.
 * ========================================================================================== */

/**
 * Lets a process go on: what an optimizer of this data folder has stopped or frozen and may be
 * taken back is taken back; one that somebody else has stopped is told to continue.
 *
 * - pid: the process.
 * - start_time_ticks: its start, usm_process.start_time_ticks: with the pid it is the process
 *   that is meant.
 * - json: takes what was done as usm_optimizer_rollback() tells it ("restored", "unchanged" for
 *   one that does not stand still and so on), to be freed by usm_string_free(); NULL when it is
 *   not wanted.
 *
 * Returns: USM_OK; USM_ERR_NOT_FOUND when it has ended; USM_ERR_REFUSED outside the scope and
 * for what is protected; USM_ERR_PERMISSION_DENIED; USM_ERR_STORE; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_resume_process(struct usm_optimizer *optimizer,
                                        int32_t pid,
                                        uint64_t start_time_ticks,
                                        char **json);

/**
 * Tells the database in which an optimizer keeps its journal.
 *
 * - path: takes the path, to be freed by usm_string_free().
 *
 * Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
 * Threads: any.
 * Since: 0.1.0
 */
usm_status usm_optimizer_store_path(const struct usm_optimizer *optimizer,
                                    char **path);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

/* ==========================================================================================
 * [inline]
 * What is compiled into the caller.
 * ========================================================================================== */

/** The bit of a kind of event in a mask for usm_monitor_subscribe(). */
#define USM_EVENT_BIT(kind) (UINT32_C(1) << (kind))

/**
 * Checks that the library that runs is for programs that were compiled with this header; see
 * usm_check_version(). Compiled into the caller.
 *
 * Returns: USM_OK, or USM_ERR_UNSUPPORTED.
 * Threads: any.
 * Since: 0.1.0
 */
static inline usm_status usm_check_header(void) {
    return usm_check_version(USM_ABI_VERSION);
}

/**
 * Makes a struct ready for usm_monitor_metrics(): all zero, with its size. Compiled into the
 * caller, since the size that counts is that of the caller's header.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_metrics_init(struct usm_metrics *metrics) {
    memset(metrics, 0, sizeof *metrics);
    metrics->struct_size = sizeof *metrics;
}

/**
 * Whether a value is known: bit is one of USM_METRIC_...
 *
 * Returns: 1 or 0.
 * Threads: any.
 * Since: 0.1.0
 */
static inline int usm_metrics_has(const struct usm_metrics *metrics, uint32_t bit) {
    return ((metrics->present >> bit) & 1) != 0;
}

/**
 * Whether a whole number of a struct is known: `present` is that of the struct, bit one of its
 * USM_... (usm_memory: USM_MEMORY_...).
 *
 * Returns: 1 or 0.
 * Threads: any.
 * Since: 0.1.0
 */
static inline int usm_is_present(uint64_t present, uint32_t bit) {
    return ((present >> bit) & 1) != 0;
}

/**
 * Makes a struct ready for usm_state_cpu(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_cpu_init(struct usm_cpu *cpu) {
    memset(cpu, 0, sizeof *cpu);
    cpu->struct_size = sizeof *cpu;
}

/**
 * Makes a struct ready for usm_state_memory(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_memory_init(struct usm_memory *memory) {
    memset(memory, 0, sizeof *memory);
    memory->struct_size = sizeof *memory;
}

/**
 * Makes a struct ready for usm_state_pressure(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_pressure_init(struct usm_pressure *pressure) {
    memset(pressure, 0, sizeof *pressure);
    pressure->struct_size = sizeof *pressure;
}

/**
 * Makes a struct ready for usm_state_tcp(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_tcp_init(struct usm_tcp *tcp) {
    memset(tcp, 0, sizeof *tcp);
    tcp->struct_size = sizeof *tcp;
}

/**
 * Makes a struct ready for usm_state_limits(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_limits_init(struct usm_limits *limits) {
    memset(limits, 0, sizeof *limits);
    limits->struct_size = sizeof *limits;
}

/**
 * Makes a struct ready for usm_state_host(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_host_init(struct usm_host *host) {
    memset(host, 0, sizeof *host);
    host->struct_size = sizeof *host;
}

/**
 * Makes a struct ready for usm_state_kernel_tables(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_kernel_tables_init(struct usm_kernel_tables *kernel_tables) {
    memset(kernel_tables, 0, sizeof *kernel_tables);
    kernel_tables->struct_size = sizeof *kernel_tables;
}

/**
 * Makes a struct ready for usm_state_overhead(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_overhead_init(struct usm_overhead *overhead) {
    memset(overhead, 0, sizeof *overhead);
    overhead->struct_size = sizeof *overhead;
}

/**
 * Makes a struct ready for usm_state_event_health(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_event_health_init(struct usm_event_health *event_health) {
    memset(event_health, 0, sizeof *event_health);
    event_health->struct_size = sizeof *event_health;
}

/**
 * Makes a struct ready for usm_state_store_health() and usm_event_store(): all zero, with its
 * size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_store_health_init(struct usm_store_health *store_health) {
    memset(store_health, 0, sizeof *store_health);
    store_health->struct_size = sizeof *store_health;
}

/**
 * Makes a struct ready for usm_state_process_counts(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_process_counts_init(struct usm_process_counts *process_counts) {
    memset(process_counts, 0, sizeof *process_counts);
    process_counts->struct_size = sizeof *process_counts;
}

/**
 * Makes a struct ready for usm_state_process_details(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_process_details_init(struct usm_process_details *process_details) {
    memset(process_details, 0, sizeof *process_details);
    process_details->struct_size = sizeof *process_details;
}

/**
 * Makes a struct ready for usm_state_process(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_process_init(struct usm_process *process) {
    memset(process, 0, sizeof *process);
    process->struct_size = sizeof *process;
}

/**
 * Makes a struct ready for usm_setting_at() and usm_setting_named(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_setting_init(struct usm_setting *setting) {
    memset(setting, 0, sizeof *setting);
    setting->struct_size = sizeof *setting;
}

/**
 * Makes a struct ready for usm_findings_recommendation_at() and usm_event_advice(): all zero,
 * with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_advice_init(struct usm_advice *advice) {
    memset(advice, 0, sizeof *advice);
    advice->struct_size = sizeof *advice;
}

/**
 * Makes a struct ready for usm_findings_weak_setting_at() and usm_event_weak_setting(): all
 * zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_weak_setting_init(struct usm_weak_setting *setting) {
    memset(setting, 0, sizeof *setting);
    setting->struct_size = sizeof *setting;
}

/** Options for usm_optimizer_execute(): demo mode, what the profile allows, measured. */
#define USM_EXECUTE_OPTIONS_INIT \
    { sizeof(struct usm_execute_options), 1, -1, 1, NULL, NULL }

/**
 * Makes a struct ready for usm_target_list_at(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_target_init(struct usm_target *target) {
    memset(target, 0, sizeof *target);
    target->struct_size = sizeof *target;
}

/**
 * Makes a struct ready for usm_target_list_culprit(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_culprit_init(struct usm_culprit *culprit) {
    memset(culprit, 0, sizeof *culprit);
    culprit->struct_size = sizeof *culprit;
}

/**
 * Makes a struct ready for usm_action_list_at(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_action_init(struct usm_action *action) {
    memset(action, 0, sizeof *action);
    action->struct_size = sizeof *action;
}

/**
 * Makes a struct ready for usm_execution_report_summary(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_execution_summary_init(struct usm_execution_summary *execution_summary) {
    memset(execution_summary, 0, sizeof *execution_summary);
    execution_summary->struct_size = sizeof *execution_summary;
}

/**
 * Makes a struct ready for usm_execution_report_at(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_action_result_init(struct usm_action_result *action_result) {
    memset(action_result, 0, sizeof *action_result);
    action_result->struct_size = sizeof *action_result;
}

/**
 * Makes a struct ready for usm_history_query(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_query_init(struct usm_query *query) {
    memset(query, 0, sizeof *query);
    query->struct_size = sizeof *query;
}

/**
 * Makes a struct ready for usm_table_column(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_column_init(struct usm_column *column) {
    memset(column, 0, sizeof *column);
    column->struct_size = sizeof *column;
}

/** Options for usm_history_extract(): everything, with all names. */
#define USM_EXTRACT_OPTIONS_INIT \
    { sizeof(struct usm_extract_options), 0, 0.0, 0.0, NULL, NULL }

/**
 * Makes a struct ready for usm_recorder_finish() and the like: all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_recording_summary_init(struct usm_recording_summary *recording_summary) {
    memset(recording_summary, 0, sizeof *recording_summary);
    recording_summary->struct_size = sizeof *recording_summary;
}

/**
 * Makes a struct ready for usm_findings_alert_at(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_alert_init(struct usm_alert *alert) {
    memset(alert, 0, sizeof *alert);
    alert->struct_size = sizeof *alert;
}

/**
 * Makes a struct ready for usm_findings_anomaly_at(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_anomaly_init(struct usm_anomaly *anomaly) {
    memset(anomaly, 0, sizeof *anomaly);
    anomaly->struct_size = sizeof *anomaly;
}

/**
 * Makes a struct ready for usm_findings_incident_at(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_incident_init(struct usm_incident *incident) {
    memset(incident, 0, sizeof *incident);
    incident->struct_size = sizeof *incident;
}

/**
 * Makes a struct ready for usm_findings_incident_culprit_at(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_incident_culprit_init(struct usm_incident_culprit *incident_culprit) {
    memset(incident_culprit, 0, sizeof *incident_culprit);
    incident_culprit->struct_size = sizeof *incident_culprit;
}

/**
 * Makes a struct ready for usm_findings_insight_at(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_insight_init(struct usm_insight *insight) {
    memset(insight, 0, sizeof *insight);
    insight->struct_size = sizeof *insight;
}

/**
 * Makes a struct ready for usm_findings_insight_evidence_at(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_evidence_init(struct usm_evidence *evidence) {
    memset(evidence, 0, sizeof *evidence);
    evidence->struct_size = sizeof *evidence;
}

/**
 * Makes a struct ready for usm_findings_forecast_at() and usm_forecaster_forecast(): all zero, with
 * its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_forecast_init(struct usm_forecast *forecast) {
    memset(forecast, 0, sizeof *forecast);
    forecast->struct_size = sizeof *forecast;
}

/**
 * Makes a struct ready for usm_findings_exhaustion_at() and usm_forecaster_time_to(): all zero, with
 * its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_exhaustion_init(struct usm_exhaustion *exhaustion) {
    memset(exhaustion, 0, sizeof *exhaustion);
    exhaustion->struct_size = sizeof *exhaustion;
}

/**
 * Makes a struct ready for usm_findings_security_at(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_security_finding_init(struct usm_security_finding *security_finding) {
    memset(security_finding, 0, sizeof *security_finding);
    security_finding->struct_size = sizeof *security_finding;
}

/**
 * Makes a struct ready for usm_detector_push(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_reading_init(struct usm_reading *reading) {
    memset(reading, 0, sizeof *reading);
    reading->struct_size = sizeof *reading;
}

/** Options for usm_detector_new() that suit every metric. */
#define USM_DETECTOR_OPTIONS_INIT { sizeof(struct usm_detector_options), 0, 0.5, 0.0 }

/** Options for usm_forecaster_new(): nothing is known of the metric beforehand. */
#define USM_FORECASTER_OPTIONS_INIT \
    { sizeof(struct usm_forecaster_options), 0, 0.0, 0.0 }

/** Options for usm_export(): the metrics of the last day as CSV. */
#define USM_EXPORT_OPTIONS_INIT \
    { sizeof(struct usm_export_options), USM_EXPORT_METRICS, USM_FORMAT_CSV, 0, \
      -86400.0, 0.0, 0.0, NULL, NULL }

/** Options for usm_report_write(): the health of the last day as an HTML page. */
#define USM_REPORT_OPTIONS_INIT \
    { sizeof(struct usm_report_options), USM_REPORT_HEALTH, USM_FORMAT_HTML, 1, \
      -86400.0, 0.0, NULL, NULL }

/**
 * Makes a struct ready for usm_export() and the like: all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_written_init(struct usm_written *written) {
    memset(written, 0, sizeof *written);
    written->struct_size = sizeof *written;
}

/** Options for usm_migrate(): everything is brought in. */
#define USM_MIGRATE_OPTIONS_INIT \
    { sizeof(struct usm_migrate_options), 0, NULL, NULL }

/**
 * Makes a struct ready for usm_migration_summary(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_migration_totals_init(struct usm_migration_totals *migration_totals) {
    memset(migration_totals, 0, sizeof *migration_totals);
    migration_totals->struct_size = sizeof *migration_totals;
}

/**
 * Makes a struct ready for usm_service_status(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_service_info_init(struct usm_service_info *service_info) {
    memset(service_info, 0, sizeof *service_info);
    service_info->struct_size = sizeof *service_info;
}

/** What usm_service_hold_take() says of the program: a state each 2 seconds. */
#define USM_SERVICE_CLAIM_INIT \
    { sizeof(struct usm_service_claim), 0, 0, 0, 2.0 }

#endif  /* USM_H */
