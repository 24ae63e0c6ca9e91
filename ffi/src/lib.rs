//! libusm: the C interface of the Unified System Monitor, an engine that samples its host,
//! judges the sample (usm_monitor_findings()), tells the program that embeds it, and remembers
//! (usm_monitor_history()); and, when it is asked, acts on the host and takes back what did
//! not help (usm_optimizer_new()).
//!
//!     usm_monitor *monitor = NULL;
//!     usm_metrics metrics;
//!     if (usm_monitor_new(NULL, &monitor) != USM_OK || usm_monitor_start(monitor) != USM_OK)
//!         fprintf(stderr, "%s\n", usm_last_error_message());
//!     usm_monitor_wait(monitor, 0, 5.0, NULL);
//!     usm_metrics_init(&metrics);
//!     if (usm_monitor_metrics(monitor, &metrics) == USM_OK)
//!         printf("processors %.1f %% busy\n", metrics.cpu_percent);
//!     usm_monitor_free(&monitor);
//!
//! Build: cc program.c -lusm (shared), or cc program.c libusm.a -lpthread -ldl -lm (static), as
//! C99 or C++11 at least; usm.hpp is a face of the same for C++17.
//! The conventions below hold for every function; a function's own text says what is more.
//!
//! Status. Every call that can fail returns a usm_status: USM_OK (0), or a negative number
//! that never changes its meaning. usm_last_error_message() has the details: what, where and
//! why. A status that this header does not list comes from a newer library; treat it as a
//! failure. Results come through out-parameters, which are the last ones and are written
//! only on success; a pointer is set to NULL first.
//!
//! Ownership. What a _new function made is ended by the _free function of the same name. It
//! takes the handle's address, accepts NULL and a NULL handle, and sets the handle to NULL.
//! A string that comes through a `char **` is the caller's, who frees it with
//! usm_string_free(). A `const char *` or an array that comes through a `const double **` is
//! borrowed, and its function says how long it lives. An Arrow stream is ended by its own
//! `release`.
//! Nothing that is passed in is kept, save a callback and its user data.
//!
//! Text is UTF-8 and ends with a NUL byte, both ways; paths as well. Numbers: seconds,
//! bytes, and percent from 0 to 100, as the names say; times are seconds since 1970. What
//! can't be read on this host is absent, never 0: NaN for a double, a cleared bit in
//! `present` for a whole number (usm_metrics and usm_process: for every value), NULL for a
//! text, null in JSON.
//!
//! Misuse. NULL where it is not allowed, an unknown name, or a number out of its range:
//! USM_ERR_INVALID_ARGUMENT, and nothing is done. What is not a handle of the kind that is
//! wanted: USM_ERR_INVALID_HANDLE, and nothing is done, be it a handle of another kind, one
//! that was freed (also when it is freed a second time by a copy of the pointer), or any other
//! pointer. A handle is looked up and never followed: it points to no memory of the program.
//! That does not hold for what is no handle: a text, an array or a struct must be as large
//! and live as long as the function says, and a string be freed once.
//!
//! Threads. A usm_monitor may be used by any number of threads at the same time, and from
//! callbacks. So may every other handle. It may be freed by any of them, and at any time: the
//! calls that are inside finish with it, the last to leave ends what is behind it, and calls
//! that come later are refused. What was borrowed from it is gone then.
//! The last error belongs to the thread whose call failed. Callbacks of events run on threads
//! of the library, one for each subscription; those of progress on the thread that called; that
//! of the log on any thread.
//! Signals sent to the process are blocked in the library's threads: the program's handlers
//! run on the program's own. The library installs no handler.
//!
//! fork(). A monitor, an event stream, an optimizer, a history, a recorder, a replay, a
//! detector, a forecaster or a folder's hold belongs to the process that made it. In a child
//! every call with it answers USM_ERR_FORKED, without waiting for anything; its _free function
//! takes the handle and leaves alone what is the parent's. The child may make one of its own.
//! What is only data (a table, a state, a list, findings, an event) may be used.
//!
//! Panics. A defect of the library inside a call becomes USM_ERR_PANIC. A callback must
//! return: one that is left by an exception, or that ends its thread, ends the process with a
//! message that names it; one that is left by longjmp() is not noticed, and what the library
//! held at that moment stays held.
//!
//! Versions. What was once released is only ever added to: functions, constants, fields at the
//! end of a struct. Plain structs begin with their size, so that they can grow: one from a
//! program that was compiled earlier is filled as far as it goes, and one from a program that
//! was compiled later has zero behind what this library knows; options that ask for what it
//! does not know are refused. A function that has a better one beside it is marked
//! "Deprecated: VERSION, use ..." and goes on working as it did. It can go only when
//! USM_ABI_VERSION is raised, and with it the number in the shared library's name,
//! libusm.so.0: programs then must be compiled again, and until they are both libraries can be
//! installed side by side. Compare USM_ABI_VERSION, for which the program was compiled, with
//! usm_abi_version(), which runs. Constants and types are there since 0.1.0 unless they say
//! otherwise. Once loaded, the library stays in memory: dlclose() does not unmap it. A plug-in
//! that has libusm.a inside needs the same (-Wl,-z,nodelete) and its copy for itself
//! (-Wl,--exclude-libs,ALL); several copies in one process get on, and refuse each other's
//! handles.
#![allow(
    unsafe_code,
    reason = "a C ABI is made of pointers; each is checked where it comes in"
)]
#![allow(non_camel_case_types, reason = "the names are those of the C header")]
#![allow(
    clippy::missing_safety_doc,
    reason = "what a C caller must keep to is in the text above and in each function's own"
)]

pub mod alerts;
pub mod alerts_ask;
pub mod catalogues;
pub mod config;
pub mod config_read;
pub mod detector;
pub mod event;
pub mod event_data;
pub mod event_stream;
pub mod export;
pub mod finding_advice;
pub mod finding_alerts;
pub mod finding_anomalies;
pub mod finding_forecasts;
pub mod finding_incidents;
pub mod finding_insights;
pub mod finding_numbers;
pub mod finding_security;
pub mod findings;
pub mod folder;
pub mod forecast;
pub mod forecaster;
pub mod history;
pub mod history_query;
pub mod history_recording;
pub mod history_replay;
pub mod history_state;
pub mod history_table;
pub mod history_table_export;
pub mod in_use;
pub mod logging;
pub mod metrics;
pub mod migrate;
pub mod migration;
pub mod monitor;
pub mod monitor_notes;
pub mod monitor_settings;
pub mod monitor_store;
pub mod optimizer;
pub mod optimizer_actions;
pub mod optimizer_ask;
pub mod optimizer_numbers;
pub mod optimizer_process;
pub mod optimizer_profile;
pub mod optimizer_report;
pub mod optimizer_run;
pub mod optimizer_targets;
pub mod process;
pub mod progress;
pub mod report_file;
pub mod saved_settings;
pub mod service;
pub mod service_hold;
pub mod setting;
pub mod state_cpu;
pub mod state_disk;
pub mod state_filesystem;
pub mod state_health;
pub mod state_host;
pub mod state_limits;
pub mod state_memory;
pub mod state_network;
pub mod state_pressure;
pub mod state_process;
pub mod state_score;
pub mod state_sensor;
pub mod status;
pub mod text;
pub mod tools;
pub mod version;

mod arena;
mod callback;
mod failure;
mod guard;
mod handle;
mod listener;
mod model_text;
mod owned;
mod plain;
#[cfg(feature = "reports")]
mod reporting;
#[cfg(not(feature = "reports"))]
#[path = "reporting_left_out.rs"]
mod reporting;
mod state_part;
