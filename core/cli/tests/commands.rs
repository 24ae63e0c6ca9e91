//! What the built program prints, where, and with which exit code.

#![allow(clippy::unwrap_used, clippy::panic)] // a test program

mod support;

use std::io::Read;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::Value;
use support::usm;

/// Its output, once it has ended.
fn output(home: &Path, args: &[&str]) -> Output {
    usm(home, args).output().unwrap()
}

/// Standard output of a run that went well and had nothing to say on standard error.
fn text(home: &Path, args: &[&str]) -> String {
    let output = output(home, args);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*errors), (Some(0), ""), "{args:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The same as JSON.
fn json(home: &Path, args: &[&str]) -> Value {
    serde_json::from_str(&text(home, args)).unwrap()
}

fn home() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// A small machine in files: enough for a sample.
fn captured_tree(root: &Path) {
    let write = |name: &str, content: &str| {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    };
    write(
        "proc/stat",
        "cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 60 0 20 400 20 0 0 0 0 0\n\
         cpu1 40 0 30 400 30 0 0 0 0 0\nctxt 12345\nbtime 1600000000\nprocesses 99\n\
         procs_running 2\nprocs_blocked 1\n",
    );
    write("proc/loadavg", "0.25 0.50 0.75 2/100 999\n");
    write(
        "proc/meminfo",
        "MemTotal: 4096 kB\nMemFree: 1024 kB\nMemAvailable: 3072 kB\nSwapTotal: 0 kB\n\
         SwapFree: 0 kB\n",
    );
    write("proc/sys/kernel/hostname", "captured\n");
    std::fs::create_dir_all(root.join("sys")).unwrap();
}

#[test]
fn status_as_json_holds_the_whole_state() {
    let home = home();
    let line = text(home.path(), &["status", "--json"]);
    assert_eq!(line.lines().count(), 1);
    let state: Value = serde_json::from_str(&line).unwrap();
    assert!(state["sequence"].as_u64().unwrap() >= 1);
    assert!(state["sample"]["processes"]["total"].as_u64().unwrap() >= 1);
    let health = state["scores"]["health"]["value"].as_f64().unwrap();
    assert!((0.0..=100.0).contains(&health));
    let metrics = state["metrics"].as_object().unwrap();
    assert!(metrics["memory_total_bytes"].as_u64().unwrap() > 0);
    assert!(metrics["cpu_percent"].as_f64().is_some(), "rates are known");
    let pretty = text(home.path(), &["status", "--json", "--pretty"]);
    assert!(pretty.starts_with("{\n  \""));
}

#[test]
fn status_keeps_the_width_and_shows_no_colours_in_a_pipe() {
    let home = home();
    let picture = text(home.path(), &["status", "--processes", "5"]);
    assert!(!picture.contains('\x1b'));
    for line in picture.lines() {
        assert!(unicode_width::UnicodeWidthStr::width(line) <= 90, "{line}");
    }
    for part in [
        "Health",
        "Processors",
        "Memory",
        "Disks",
        "File systems",
        "Network",
        "Processes",
    ] {
        assert!(
            picture.lines().any(|line| line.starts_with(part)),
            "{part} in\n{picture}"
        );
    }
}

#[test]
fn colours_can_be_forced_and_forbidden() {
    let home = home();
    let run = |args: &[&str], variables: &[(&str, &str)]| {
        let mut command = usm(home.path(), args);
        command.envs(variables.iter().copied());
        String::from_utf8(command.output().unwrap().stdout)
            .unwrap()
            .contains("\x1b[")
    };
    assert!(run(&["status", "--color", "always"], &[]));
    assert!(run(&["status"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!run(
        &["status"],
        &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]
    ));
    assert!(!run(&["status", "--no-color"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!run(
        &["status", "--color=never"],
        &[("CLICOLOR_FORCE", "1")]
    ));
}

#[test]
fn without_a_utf8_locale_the_picture_is_ascii() {
    let home = home();
    let output = usm(home.path(), &["status"])
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    assert!(output.stdout.is_ascii());
    assert!(String::from_utf8_lossy(&output.stdout).contains("[#"));
}

#[test]
fn looking_creates_no_file_at_all() {
    let home = home();
    for args in [
        &["status"][..],
        &["status", "--json"],
        &["sample"],
        &["sample", "--json", "--raw"],
        &["doctor"],
        &["doctor", "--json"],
        &["report", "--comprehensive"],
        &["config"],
    ] {
        let output = output(home.path(), args);
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        let left: Vec<_> = std::fs::read_dir(home.path()).unwrap().collect();
        assert!(left.is_empty(), "{args:?} left {left:?}");
    }
}

#[test]
fn doctor_leaves_a_database_as_it_is() {
    let home = home();
    let settings = usm_core::Config {
        data_dir: Some(home.path().join("data")),
        ..usm_core::Config::default()
    };
    let monitor = usm_core::Monitor::new(settings).unwrap();
    monitor.collect().unwrap();
    monitor.flush(std::time::Duration::from_secs(5)).unwrap();
    let names = || {
        let mut names: Vec<_> = std::fs::read_dir(home.path().join("data"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    let before = names();
    let open = json(home.path(), &["doctor", "--json"]);
    assert_eq!(names(), before);
    assert_eq!(open["store"]["in_use"], true);
    assert!(
        open["store"]["newest_state"].as_f64().is_some(),
        "{}",
        open["store"]
    );

    drop(monitor);
    let before = names();
    let closed = json(home.path(), &["doctor", "--json"]);
    assert_eq!(names(), before);
    assert_eq!(closed["store"]["problem"], Value::Null);
    assert!(closed["store"]["database_bytes"].as_u64().unwrap() > 0);
}

#[test]
fn a_raw_sample_has_counters_and_no_rates() {
    let home = home();
    let raw = json(home.path(), &["sample", "--json", "--raw"]);
    assert!(raw["cpu"]["times"]["user_seconds_total"].as_f64().is_some());
    assert_eq!(raw["cpu"]["shares"], Value::Null);
    assert_eq!(raw["interval_seconds"], Value::Null);
    let whole = json(home.path(), &["sample", "--json"]);
    assert!(whole["cpu"]["shares"]["busy_percent"].as_f64().is_some());
    assert!(whole["interval_seconds"].as_f64().unwrap() > 0.0);
}

#[test]
fn several_samples_are_one_object_a_line() {
    let home = home();
    let lines = text(
        home.path(),
        &["sample", "--json", "--count", "3", "--interval", "0.05"],
    );
    let sequences: Vec<u64> = lines
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["sequence"]
                .as_u64()
                .unwrap()
        })
        .collect();
    assert_eq!(sequences, [2, 3, 4]);
}

#[test]
fn a_captured_tree_can_be_sampled() {
    let (home, tree) = (home(), home());
    captured_tree(tree.path());
    let root = |name: &str| tree.path().join(name).display().to_string();
    let roots = [
        "--proc-root",
        &root("proc"),
        "--sys-root",
        &root("sys"),
        "--host-root",
        &root(""),
    ];
    let sample = json(home.path(), &[&["sample", "--json"][..], &roots].concat());
    assert_eq!(sample["host"]["hostname"], "captured");
    assert_eq!(sample["memory"]["total_bytes"], 4096 * 1024);
    assert_eq!(sample["memory"]["used_percent"], 25.0);
    assert_eq!(sample["cpu"]["load_average"]["five"], 0.5);
    assert_eq!(sample["cpu"]["cores"].as_array().unwrap().len(), 2);
    let listing = text(home.path(), &[&["sample"][..], &roots].concat());
    assert!(
        listing
            .lines()
            .any(|line| line == "host.hostname = captured"),
        "{listing}"
    );
    let picture = text(home.path(), &[&["status"][..], &roots].concat());
    assert!(picture.starts_with("captured  "), "{picture}");
    assert!(picture.contains("1.0 MiB of 4.0 MiB"), "{picture}");
}

#[test]
fn every_captured_machine_can_be_looked_at() {
    let home = home();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let mut seen = 0;
    for machine in std::fs::read_dir(fixtures).unwrap() {
        let machine = machine.unwrap().path();
        if !machine.join("proc").is_dir() {
            continue;
        }
        let root = |name: &str| machine.join(name).display().to_string();
        let roots = [
            "--proc-root",
            &root("proc"),
            "--sys-root",
            &root("sys"),
            "--host-root",
            &root(""),
        ];
        let sample = json(home.path(), &[&["sample", "--json"][..], &roots].concat());
        assert!(sample["sequence"].as_u64().is_some(), "{machine:?}");
        let picture = text(home.path(), &[&["status"][..], &roots].concat());
        for line in picture.lines() {
            assert!(
                unicode_width::UnicodeWidthStr::width(line) <= 90,
                "{machine:?}: {line}"
            );
        }
        let found = json(home.path(), &[&["doctor", "--json"][..], &roots].concat());
        assert_eq!(found["can_sample"], true, "{machine:?}");
        seen += 1;
    }
    assert!(seen >= 5, "only {seen} captured machines");
}

#[test]
fn the_report_has_its_eight_sections() {
    let home = home();
    let report = json(home.path(), &["report", "--comprehensive", "--json"]);
    for section in [
        "timestamp",
        "system_state",
        "component_status",
        "performance_metrics",
        "recommendations",
        "alerts_summary",
        "predictions",
        "insights",
    ] {
        assert!(!report[section].is_null(), "{section}");
    }
    let short = json(home.path(), &["report", "--json"]);
    assert_eq!(short.as_object().unwrap().len(), 3);
}

#[test]
fn doctor_tells_of_every_source() {
    let home = home();
    let found = json(home.path(), &["doctor", "--json"]);
    assert_eq!(found["can_sample"], true);
    let sources = found["sources"].as_array().unwrap();
    assert_eq!(
        found["summary"]["sources"].as_u64().unwrap() as usize,
        sources.len()
    );
    let stat = sources
        .iter()
        .find(|s| s["source"] == "/proc/stat")
        .unwrap();
    assert_eq!(stat["availability"], "available");
    for source in sources.iter().filter(|s| s["availability"] == "forbidden") {
        assert!(
            source["reason"].is_string() && source["help"].is_string(),
            "{source}"
        );
    }
    assert_eq!(found["store"]["exists"], false);
    assert!(text(home.path(), &["doctor"]).contains("sources can be read"));
}

#[test]
fn config_shows_every_setting_and_where_it_comes_from() {
    let home = home();
    let file = home.path().join("usm.toml");
    std::fs::write(&file, "refresh_interval = 7.5\nmax_threads = 2\n").unwrap();
    let mut command = usm(
        home.path(),
        &[
            "--set",
            "cache_duration=9",
            "config",
            "--json",
            "--file",
            "usm.toml",
        ],
    );
    command.env("USM_MAX_THREADS", "3");
    let list: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), usm_core::config::SETTINGS.len());
    let of = |name: &str| {
        let entry = list.iter().find(|entry| entry["name"] == name).unwrap();
        (entry["value"].clone(), entry["origin"].as_str().unwrap())
    };
    assert_eq!(of("refresh_interval"), (7.5.into(), "file"));
    assert_eq!(of("max_threads"), (3.into(), "environment"));
    assert_eq!(of("cache_duration"), (9.0.into(), "arguments"));
    assert_eq!(of("jitter_percent").1, "default");
    assert!(text(home.path(), &["config"]).contains("refresh_interval"));
}

#[test]
fn errors_go_to_standard_error_with_what_where_and_a_hint() {
    let home = home();
    std::fs::write(
        home.path().join("bad.toml"),
        "refresh_interval = 7\nmax_threads = \n",
    )
    .unwrap();
    for (args, code, wanted) in [
        (
            &["status", "--proc-root", "/nowhere/proc"][..],
            2,
            "/nowhere/proc: not found",
        ),
        (
            &["status", "--set", "refresh_intervall=5"],
            2,
            "did you mean refresh_interval?",
        ),
        (
            &["status", "--set", "refresh_interval=-1"],
            2,
            "0.01 to 86400 seconds",
        ),
        (&["status", "--set", "refresh_interval"], 2, "NAME=VALUE"),
        (&["config", "--file", "bad.toml"], 2, "line 2"),
        (
            &["config", "--file", "none.toml"],
            2,
            "none.toml: not found",
        ),
        (&["status", "--sort", "luck"], 2, "cpu, memory, io"),
        (&["sample", "--interval", "0"], 2, "0.01 to 86400"),
        (&["statsu"], 2, "status"),
        (&["status", "--pretty"], 2, "--json"),
        (&["optimize"], 2, "usm optimize --execute --demo"),
        (&["optimize", "--plan", "--halt"], 2, "cannot be used with"),
        (
            &["optimize", "--plan", "--yes"],
            2,
            "--yes is for --execute",
        ),
        (
            &["optimize", "--plan", "--scope", "everything"],
            2,
            "subtree:PID",
        ),
        (
            &["optimize", "--plan", "--scope", "list:1,2147483647"],
            2,
            "no process 2147483647",
        ),
        (
            &["optimize", "--plan", "--scope", "user:no such user"],
            2,
            "user:UID",
        ),
        (&["monitor"], 2, "usm monitor --start"),
        (&["monitor", "--start", "--stop"], 2, "cannot be used with"),
        (&["monitor", "--force"], 2, "--stop"),
        (
            &["config", "--set", "max_thread", "8"],
            2,
            "did you mean max_threads",
        ),
        (
            &["config", "--set", "refresh_interval", "-1"],
            2,
            "0.01 to 86400",
        ),
        (&["config", "--set", "max_threads"], 2, "a value is missing"),
        (&["config", "set", "data_dir=/tmp"], 2, "USM_DATA_DIR"),
        (
            &["monitor", "--start", "--scope", "machine"],
            2,
            "--auto-optimize",
        ),
        (&["report", "--scope", "machine"], 2, "need --optimization"),
        (
            &["profile", "create", "x", "--file", "none.json"],
            2,
            "none.json",
        ),
        (&[], 2, "Usage: usm"),
    ] {
        let output = output(home.path(), args);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {errors}");
        assert!(errors.contains(wanted), "{args:?}: {errors}");
        assert!(
            args.is_empty() || errors.starts_with("usm: error: "),
            "{errors}"
        );
        assert!(output.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn help_and_version_are_output() {
    let home = home();
    assert_eq!(
        text(home.path(), &["--version"]),
        format!("usm {}\n", usm_core::VERSION)
    );
    assert!(text(home.path(), &["--help"]).contains("Examples:"));
    assert!(text(home.path(), &["status", "--help"]).contains("Examples:"));
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            text(home.path(), &["completion", shell]).contains("doctor"),
            "{shell}"
        );
    }
}

#[test]
fn a_closed_pipe_is_quiet() {
    let home = home();
    let mut child = usm(
        home.path(),
        &["sample", "--json", "--count", "1000", "--interval", "0.01"],
    )
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    // Reads the beginning, then closes the pipe as `head` does.
    let mut first = [0; 16];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(141));
}

#[test]
fn watching_in_a_pipe_goes_on_until_it_is_closed() {
    let home = home();
    let mut child = usm(home.path(), &["status", "--watch=0.1", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    for sequence in 1..=3 {
        let state: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        assert!(state["sequence"].as_u64().unwrap() >= sequence);
    }
    drop(lines);
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(141));
}
