//! `usm record`, `history`, `at`, `replay` and `import` over a recording that each test
//! makes itself, and over the monitor's own database.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)] // a test program

#[path = "support/pty.rs"]
mod pty;
mod support;

use std::io::Read;
use std::path::Path;
use std::process::{Output, Stdio};

use pty::{all, terminal};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use support::usm;
use unicode_width::UnicodeWidthStr;

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

fn json(home: &Path, args: &[&str]) -> Value {
    serde_json::from_str(&text(home, args)).unwrap()
}

/// Exit code and standard error of a run that writes nothing to standard output.
fn refused(home: &Path, args: &[&str]) -> (i32, String) {
    let output = output(home, args);
    assert!(output.stdout.is_empty(), "{args:?}");
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.starts_with("usm: error: "), "{args:?}: {errors}");
    (output.status.code().unwrap(), errors)
}

/// A home with `r.usm` in it: a recording of this machine, ten samples a second.
fn recorded(seconds: &str) -> (tempfile::TempDir, Value) {
    let home = tempfile::tempdir().unwrap();
    let args = [
        "record",
        "r.usm",
        "--interval",
        "0.1",
        "--for",
        seconds,
        "--json",
    ];
    let summary = json(home.path(), &args);
    (home, summary)
}

#[test]
fn a_recording_holds_what_it_says_and_leaves_one_file() {
    let (home, summary) = recorded("1.5s");
    assert_eq!(summary["file"], "r.usm");
    let samples = summary["samples"].as_u64().unwrap();
    assert!(samples >= 3, "{summary}");
    assert!(summary["first"].as_f64().unwrap() < summary["last"].as_f64().unwrap());
    let files: Vec<_> = std::fs::read_dir(home.path())
        .unwrap()
        .map(|entry| entry.unwrap())
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(
        files[0].metadata().unwrap().len(),
        summary["bytes"].as_u64().unwrap()
    );

    let args = [
        "history",
        "cpu_percent",
        "--from",
        "r.usm",
        "--tier",
        "raw",
        "--json",
    ];
    let table = json(home.path(), &args);
    assert_eq!(table["times"].as_array().unwrap().len() as u64, samples);
    let column = &table["columns"][0];
    assert_eq!(column["metric"], "cpu_percent");
    let known = |value: &Value| value.as_f64().is_some_and(|v| (0.0..=100.0).contains(&v));
    let values = column["values"].as_array().unwrap();
    assert!(values.iter().all(|v| v.is_null() || known(v)), "{column}");
    assert!(values.iter().any(known), "{column}");

    // The file is never written over.
    let (code, errors) = refused(home.path(), &["record", "r.usm", "--for", "1"]);
    assert!(code != 0 && errors.contains("r.usm"), "{errors}");
}

#[test]
fn a_series_is_a_table_csv_or_a_chart() {
    let (home, _) = recorded("1.2s");
    let of = |rest: &[&str]| {
        let args = [&["history", "memory_percent", "--from", "r.usm"][..], rest].concat();
        text(home.path(), &args)
    };
    let table = of(&[]);
    assert!(table.starts_with("TIME "), "{table}");
    assert!(
        table.lines().skip(1).all(|line| line.ends_with(" %")),
        "{table}"
    );
    let csv = of(&["--csv"]);
    assert_eq!(
        csv.lines().next().unwrap().trim(),
        "timestamp,memory_percent"
    );
    assert_eq!(csv.lines().count(), table.lines().count());
    let closed = usm(
        home.path(),
        &["history", "memory_percent", "--from", "r.usm", "--csv"],
    )
    .stdout(closed_pipe())
    .output()
    .unwrap();
    assert_eq!((closed.status.code(), closed.stderr.len()), (Some(141), 0));
    let chart = of(&["--plot"]);
    for part in ["memory_percent", " % ┤", "└", "SERIES", "MEAN"] {
        assert!(chart.contains(part), "{part} in {chart}");
    }
    assert!(chart.lines().all(|line| line.width() <= 90), "{chart}");
}

/// A pipe that nobody reads.
fn closed_pipe() -> std::io::PipeWriter {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer
}

#[test]
fn the_list_and_the_extents_tell_what_there_is() {
    let (home, summary) = recorded("1.2s");
    let list = json(
        home.path(),
        &["history", "--list", "--from", "r.usm", "--json"],
    );
    let names: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|series| series["metric"].as_str().unwrap())
        .collect();
    for name in [
        "cpu_percent",
        "memory_used_bytes",
        "core_busy_percent",
        "process_rss_bytes",
    ] {
        assert!(names.contains(&name), "{name}");
    }
    let picture = text(
        home.path(),
        &["history", "--list", "memory", "--from", "r.usm"],
    );
    assert!(picture.contains("memory_used_bytes"), "{picture}");
    assert!(!picture.contains("cpu_percent"), "{picture}");
    let extents = json(
        home.path(),
        &["history", "--extents", "--from", "r.usm", "--json"],
    );
    let raw = extents
        .as_array()
        .unwrap()
        .iter()
        .find(|e| e["tier"] == "raw");
    assert_eq!(raw.unwrap()["rows"], summary["samples"]);
    assert!(text(home.path(), &["history", "--extents", "--from", "r.usm"]).contains("samples"));
}

#[test]
fn the_state_of_a_moment_is_the_newest_sample_before_it() {
    let (home, summary) = recorded("1.5s");
    let last = summary["last"].as_f64().unwrap();
    let asked = format!("{}", last + 0.5);
    let past = json(home.path(), &["at", &asked, "--from", "r.usm", "--json"]);
    assert_eq!(past["tier"], "raw");
    let found = past["state"]["timestamp"].as_f64().unwrap();
    assert!((found - last).abs() < 0.001, "{found} {last}");
    assert!(past["state"]["sample"]["processes"]["list"].is_array());
    let picture = text(home.path(), &["at", &asked, "--from", "r.usm"]);
    assert!(picture.starts_with("As it was"), "{picture}");
    for part in ["Health", "Processors", "Memory", "Processes"] {
        assert!(
            picture.lines().any(|line| line.starts_with(part)),
            "{part} in {picture}"
        );
    }
    let (code, errors) = refused(home.path(), &["at", "2001-01-01", "--from", "r.usm"]);
    assert_eq!(code, 1);
    assert!(errors.contains("usm history --extents"), "{errors}");
}

#[test]
fn a_replay_tells_every_state_and_every_finding() {
    let (home, summary) = recorded("1.5s");
    let states = text(home.path(), &["replay", "r.usm", "--json"]);
    assert_eq!(
        states.lines().count() as u64,
        summary["samples"].as_u64().unwrap()
    );
    for line in states.lines() {
        let state: Value = serde_json::from_str(line).unwrap();
        assert!(state["scores"]["health"]["value"].is_number(), "{line}");
    }
    let timeline = text(home.path(), &["replay", "r.usm"]);
    assert!(
        timeline.contains("Summary") && timeline.contains("Health"),
        "{timeline}"
    );
    for line in text(home.path(), &["replay", "r.usm", "--findings", "--json"]).lines() {
        let finding: Value = serde_json::from_str(line).unwrap();
        assert!(
            finding["time"].is_number() && finding["event"].is_string(),
            "{line}"
        );
    }
    let pictures = text(home.path(), &["replay", "r.usm", "--speed", "max"]);
    let count = pictures.matches("Replay of r.usm").count() as u64;
    assert_eq!(count, summary["samples"].as_u64().unwrap());
}

#[test]
fn a_part_of_a_recording_is_a_recording_with_names_masked() {
    let (home, summary) = recorded("1.5s");
    let args = [
        "record",
        "part.usm",
        "--from",
        "r.usm",
        "--mask-names",
        "--json",
    ];
    let part = json(home.path(), &args);
    assert_eq!(part["samples"], summary["samples"]);
    let names = |file: &str| -> Vec<String> {
        let args = [
            "history",
            "--list",
            "process_rss_bytes",
            "--from",
            file,
            "--json",
        ];
        let list = json(home.path(), &args);
        let label = |series: &Value| series["labels"]["name"].as_str().map(String::from);
        list.as_array().unwrap().iter().filter_map(label).collect()
    };
    let real = names("r.usm");
    assert!(real.iter().any(|name| !name.is_empty()), "{real:?}");
    let masked = names("part.usm");
    assert_eq!(masked.len(), real.len());
    let args = [
        "record",
        "none.usm",
        "--from",
        "r.usm",
        "--until",
        "2001-01-01",
        "--since",
        "0",
    ];
    let (code, errors) = refused(home.path(), &args);
    assert!(
        code == 1 && errors.contains("nothing was recorded"),
        "{errors}"
    );
    assert!(!home.path().join("none.usm").exists());
    // The program that made it is among the processes it saw.
    assert!(!masked.iter().any(|name| name == "usm"), "{masked:?}");
}

#[test]
fn what_is_exported_can_be_brought_in_again() {
    let (home, _) = recorded("1.2s");
    for (form, file) in [("--csv", "out.csv"), ("--json", "out.json")] {
        let history = |from: &str| {
            let args = [
                "history",
                "memory_used_bytes",
                "core_busy_percent",
                "--from",
                from,
            ];
            text(home.path(), &[&args[..], &[form, "--tier", "raw"]].concat())
        };
        let exported = history("r.usm");
        std::fs::write(home.path().join(file), &exported).unwrap();
        let to = format!("{file}.usm");
        let summary = json(home.path(), &["import", file, "--to", &to, "--json"]);
        assert!(summary["samples"].as_u64().unwrap() >= 3, "{summary}");
        assert_eq!(history(&to), exported);
    }
    std::fs::write(
        home.path().join("bad.csv"),
        "timestamp,cpu_percent\n1,2\n2,x\n",
    )
    .unwrap();
    let (code, errors) = refused(home.path(), &["import", "bad.csv", "--to", "bad.usm"]);
    assert!(code == 1 && errors.contains("line 3"), "{errors}");
    assert!(!home.path().join("bad.usm").exists());
}

#[test]
fn the_monitors_own_history_can_be_read_while_it_runs_and_after() {
    let home = tempfile::tempdir().unwrap();
    let args = [
        "monitor",
        "--foreground",
        "--refresh-interval",
        "0.1",
        "--json",
    ];
    let mut child = usm(home.path(), &args)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Until the first commits are surely there: the rows of twenty states.
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    let mut running = Value::Null;
    for line in lines.by_ref() {
        line.unwrap();
        let output = output(home.path(), &["history", "cpu_percent", "--json"]);
        if output.status.success() {
            running = serde_json::from_slice(&output.stdout).unwrap();
            if running["times"].as_array().unwrap().len() >= 3 {
                break;
            }
        }
    }
    assert!(running["times"].as_array().unwrap().len() >= 3);
    let doctor = output(home.path(), &["doctor", "--json"]).stdout;
    let doctor: Value = serde_json::from_slice(&doctor).unwrap();
    assert_eq!(doctor["store"]["history"][0]["tier"], "raw", "{doctor}");
    let doctor = output(home.path(), &["doctor"]).stdout;
    let doctor = String::from_utf8(doctor).unwrap();
    assert!(doctor.contains("samples since 20"), "{doctor}");
    assert!(doctor.contains("B, last written 20"), "{doctor}");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    for line in lines {
        line.unwrap();
    }
    assert!(child.wait().unwrap().success());
    let ended = json(home.path(), &["history", "cpu_percent", "--json"]);
    let count = |table: &Value| table["times"].as_array().unwrap().len();
    assert!(count(&ended) >= count(&running));
    let past = json(home.path(), &["at", "now", "--json"]);
    assert!(past["state"]["sample"].is_object(), "{past}");
}

#[test]
fn ctrl_c_ends_a_recording_in_good_order() {
    for signal in [Signal::INT, Signal::TERM] {
        let home = tempfile::tempdir().unwrap();
        let child = usm(
            home.path(),
            &["record", "r.usm", "--interval", "0.1", "--json"],
        )
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
        // It listens for the signal before it makes the file.
        let rows = || {
            let args = ["history", "--extents", "--from", "r.usm", "--json"];
            let extents: Option<Value> =
                serde_json::from_slice(&output(home.path(), &args).stdout).ok();
            extents.and_then(|extents| extents[0]["rows"].as_u64())
        };
        while rows().is_none_or(|rows| rows < 2) {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        kill_process(Pid::from_child(&child), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(output.status.code(), Some(0), "{signal:?}");
        let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(summary["samples"].as_u64().unwrap() >= 2, "{summary}");
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
    }
}

#[test]
fn in_a_terminal_a_series_is_a_chart_as_wide_as_the_window() {
    let (home, _) = recorded("1.2s");
    for (columns, rows) in [(80, 24), (150, 50)] {
        let Some((mut ours, theirs)) = terminal(columns, rows) else {
            return;
        };
        let args = [
            "history",
            "cpu_percent",
            "memory_used_bytes",
            "--from",
            "r.usm",
        ];
        let mut child = usm(home.path(), &args)
            .stdout(theirs.try_clone().unwrap())
            .stderr(theirs)
            .spawn()
            .unwrap();
        let mut first = [0; 1];
        ours.read_exact(&mut first).unwrap();
        let text = String::from_utf8_lossy(&first).into_owned() + &all(ours);
        assert!(child.wait().unwrap().success(), "{text}");
        assert!(text.contains("\x1b[36m"), "{text}");
        let plain = plain(&text);
        let widest = plain.lines().map(|line| line.trim_end().width()).max();
        assert_eq!(widest, Some(usize::from(columns)), "{plain}");
        assert!(plain.lines().count() < usize::from(rows), "{plain}");
    }
}

/// The text without sequences such as `ESC [ 3 2 m`.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        out.push_str(before);
        let end = after.find(|c: char| c.is_ascii_alphabetic()).unwrap();
        rest = &after[end + 1..];
    }
    out + rest
}

#[test]
fn while_recording_a_terminal_shows_how_far_it_is() {
    let home = tempfile::tempdir().unwrap();
    let Some((ours, theirs)) = terminal(100, 24) else {
        return;
    };
    let args = ["record", "r.usm", "--interval", "0.1", "--for", "1s"];
    let mut child = usm(home.path(), &args)
        .stdout(theirs.try_clone().unwrap())
        .stderr(theirs)
        .spawn()
        .unwrap();
    let text = all(ours);
    assert!(child.wait().unwrap().success(), "{text}");
    assert!(
        text.contains("\rrecording: ") && text.contains("Ctrl-C ends it"),
        "{text:?}"
    );
    // The line is taken away before the summary.
    let summary = text.rsplit("\r\x1b[K").next().unwrap();
    assert!(plain(summary).starts_with("r.usm: "), "{text:?}");
}

#[test]
fn without_any_history_it_is_told_how_to_have_one() {
    let home = tempfile::tempdir().unwrap();
    for args in [
        &["history", "cpu_percent"][..],
        &["history", "--list"],
        &["history", "--extents", "--json"],
        &["at", "now"],
        &["replay"],
        &["record", "x.usm", "--since", "1h"],
    ] {
        let (code, errors) = refused(home.path(), args);
        assert_eq!(code, 1, "{args:?}");
        assert!(errors.contains("usm monitor --start"), "{args:?}: {errors}");
    }
    std::fs::write(
        home.path().join("text.usm"),
        "not a database at all, but long enough",
    )
    .unwrap();
    let (code, errors) = refused(home.path(), &["replay", "text.usm"]);
    assert!(code == 1 && errors.contains("usm record FILE"), "{errors}");
    std::fs::remove_file(home.path().join("text.usm")).unwrap();
    // Asking has made no file.
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn a_shell_completes_the_names_of_metrics_and_help_does_not_list_them() {
    let home = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let script = text(home.path(), &["completion", shell]);
        // Fish does not complete what stands without an option.
        assert!(
            shell == "fish" || script.contains("memory_used_bytes"),
            "{shell}"
        );
    }
    let help = text(home.path(), &["history", "--help"]);
    assert!(!help.contains("memory_used_bytes"), "{help}");
}

#[test]
fn what_cannot_be_understood_is_told_before_anything_else() {
    let home = tempfile::tempdir().unwrap();
    for (args, wanted) in [
        (&["history"][..], "usm history cpu_percent"),
        (&["history", "cpu_percnt"], "did you mean cpu_percent"),
        (
            &["history", "core_busy_percent{cor=\"0\"}"],
            "the labels of core_busy_percent",
        ),
        (
            &["history", "cpu_percent", "--since", "soon"],
            "--since: \"soon\"",
        ),
        (
            &["history", "cpu_percent", "--until", "25:00"],
            "--until: \"25:00\"",
        ),
        (&["history", "cpu_percent", "--step", "often"], "1h30m"),
        (&["history", "cpu_percent", "--aggregate", "p101"], "p95"),
        (
            &["history", "cpu_percent", "--csv", "--plot"],
            "cannot be used with",
        ),
        (&["history", "cpu_percent", "--top", "0"], "--top"),
        (&["at"], "<TIME>"),
        (&["at", "sometime"], "yesterday 14:05"),
        (&["record", "x", "--mask-names"], "--since"),
        (
            &["record", "x", "--since", "1h", "--for", "1h"],
            "cannot be used with",
        ),
        (&["replay", "x", "--speed", "fast"], "max"),
        (&["import", "x.txt", "--to", "y"], "--format csv or json"),
    ] {
        let (code, errors) = refused(home.path(), args);
        assert_eq!(code, 2, "{args:?}: {errors}");
        assert!(errors.contains(wanted), "{args:?}: {errors}");
    }
}

#[test]
fn what_is_no_file_is_refused_and_never_waited_for() {
    let home = tempfile::tempdir().unwrap();
    rustix::fs::mkfifoat(
        rustix::fs::CWD,
        home.path().join("pipe"),
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
    )
    .unwrap();
    for (file, wanted) in [(".", "this is a folder"), ("pipe", "a pipe")] {
        for args in [
            ["history", "cpu_percent", "--from", file].as_slice(),
            &["at", "now", "--from", file],
            &["replay", file],
        ] {
            let (code, errors) = refused(home.path(), args);
            assert_eq!(code, 1, "{errors}");
            assert!(errors.contains(wanted), "{args:?}: {errors}");
            assert!(errors.contains("usm record FILE"), "{args:?}: {errors}");
        }
    }
}

#[test]
fn series_that_there_are_not_in_a_range_that_there_is_are_named() {
    let (home, _) = recorded("0.5s");
    let args = [
        "history",
        "core_busy_percent{core=\"9999\"}",
        "--from",
        "r.usm",
    ];
    let (code, errors) = refused(home.path(), &args);
    assert_eq!(code, 1);
    for part in [
        "of core_busy_percent{core=\"9999\"} nothing was recorded between",
        "`usm history --list core_busy_percent`",
    ] {
        assert!(errors.contains(part), "{part}: {errors}");
    }
    let args = [
        "history",
        "cpu_percent",
        "--tier",
        "10min",
        "--from",
        "r.usm",
    ];
    let (_, errors) = refused(home.path(), &args);
    assert!(
        errors.contains("in rows of 10 min nothing was recorded"),
        "{errors}"
    );
    let args = [
        "history",
        "cpu_percent",
        "--from",
        "r.usm",
        "--since",
        "0",
        "--until",
        "5",
    ];
    let (_, errors) = refused(home.path(), &args);
    assert!(
        errors.contains("error: nothing was recorded between"),
        "{errors}"
    );
}
