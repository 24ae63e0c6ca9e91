//! `usm export`, and `usm report` over a range, on a recording of an hour.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)] // a test program

mod support;

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;
use support::usm;

fn hour() -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/hour.usm");
    path.canonicalize().unwrap().to_str().unwrap().to_owned()
}

fn output(home: &Path, args: &[&str]) -> Output {
    usm(home, args).output().unwrap()
}

/// Standard output of a run over the recording that went well.
fn text(home: &Path, args: &[&str]) -> String {
    let hour = hour();
    let args: Vec<&str> = args.iter().copied().chain(["--from", &hour]).collect();
    let output = output(home, &args);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*errors), (Some(0), ""), "{args:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Exit code and standard error of a run that writes nothing.
fn refused(home: &Path, args: &[&str]) -> (i32, String) {
    let output = output(home, args);
    assert!(output.stdout.is_empty(), "{args:?}");
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.starts_with("usm: error: "), "{args:?}: {errors}");
    (output.status.code().unwrap(), errors)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn what_is_written_to_a_file_is_what_standard_output_gets() {
    let home = tempfile::tempdir().unwrap();
    let step = ["export", "metrics", "--step", "1m"];
    let shown = text(home.path(), &step);
    let rows: Vec<Value> = serde_json::from_str(&shown).unwrap();
    assert!((70..80).contains(&rows.len()), "{}", rows.len());
    let told = text(
        home.path(),
        &[&step[..], &["-o", "rows.json", "--json"]].concat(),
    );
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["rows"], rows.len());
    assert_eq!(told["bytes"], shown.len());
    let written = std::fs::read_to_string(home.path().join("rows.json")).unwrap();
    assert_eq!(written, shown);
    assert_eq!(names(home.path()), ["rows.json"]);
}

#[test]
fn the_name_of_the_file_tells_the_form_and_a_folder_gets_a_new_file() {
    let home = tempfile::tempdir().unwrap();
    let read = |name: &str| std::fs::read_to_string(home.path().join(name)).unwrap();
    text(home.path(), &["export", "predictions", "-o", "p.csv"]);
    assert!(read("p.csv").starts_with("trends\nmetric_name,"));
    text(home.path(), &["report", "--health", "-o", "h.html"]);
    assert!(read("h.html").starts_with("<!DOCTYPE html>"));
    text(home.path(), &["report", "--trends", "-o", "t.json"]);
    let trends: Value = serde_json::from_str(&read("t.json")).unwrap();
    assert_eq!(trends["report_type"], "performance_trends");
    for _ in 0..2 {
        text(
            home.path(),
            &["export", "alerts", "-o", "new/", "--format", "csv"],
        );
    }
    let made = names(&home.path().join("new"));
    assert_eq!(made.len(), 2, "{made:?}");
    assert!(
        made.iter()
            .all(|name| name.starts_with("system_alerts_") && name.ends_with(".csv"))
    );
}

#[test]
fn a_report_is_text_with_charts_or_json() {
    let home = tempfile::tempdir().unwrap();
    let health = text(home.path(), &["report", "--health"]);
    for part in [
        "System health of",
        "Processors ──",
        "Who used the memory",
        "What could be done",
    ] {
        assert!(health.contains(part), "{part} in {health}");
    }
    let trends = text(home.path(), &["report", "--trends", "--json"]);
    let trends: Value = serde_json::from_str(&trends).unwrap();
    assert!(trends["trends"]["memory"]["p_value"].is_number());
    let plain = text(
        home.path(),
        &["report", "--health", "--json", "--no-recommendations"],
    );
    let plain: Value = serde_json::from_str(&plain).unwrap();
    assert_eq!(plain["recommendations"], serde_json::json!([]));
}

#[test]
fn where_there_is_nothing_it_is_said_and_no_file_is_made() {
    let home = tempfile::tempdir().unwrap();
    let hour = hour();
    for what in [&["export", "metrics"][..], &["report", "--health"]] {
        let (code, errors) = refused(home.path(), &[what, &["-o", "none.json"]].concat());
        assert_eq!(code, 1);
        assert!(errors.contains("there is no history yet"), "{errors}");
        let range = [
            "--from",
            &hour,
            "--until",
            "1000",
            "--since",
            "10",
            "-o",
            "none.json",
        ];
        let (code, errors) = refused(home.path(), &[what, &range].concat());
        assert_eq!(code, 1);
        assert!(errors.contains("nothing was recorded between"), "{errors}");
    }
    // No alert fired in that hour: that is an answer.
    assert_eq!(text(home.path(), &["export", "alerts"]), "[]\n");
    assert_eq!(names(home.path()), Vec::<String>::new());
}

#[test]
fn wrong_usage_is_told_and_what_can_not_be_written_too() {
    let home = tempfile::tempdir().unwrap();
    let hour = hour();
    for (args, wanted) in [
        (&["export", "alerts", "--step", "1h"][..], "are of metrics"),
        (&["export", "metrics", "--since", "never"], "--since"),
        (&["report", "--since", "1h"], "--health or --trends"),
        (&["report", "--health", "-o", "a.csv"], "no table"),
        (
            &["report", "--health", "--json", "--format", "html"],
            "different things",
        ),
        (&["export", "everything"], "metrics, alerts, predictions"),
    ] {
        let (code, errors) = refused(home.path(), args);
        assert_eq!(code, 2, "{errors}");
        assert!(errors.contains(wanted), "{errors}");
    }
    let missing = ["export", "metrics", "--from", &hour, "-o", "no/such/a.csv"];
    let (code, errors) = refused(home.path(), &missing);
    assert_eq!(code, 1);
    assert!(errors.contains("no/such/a.csv"), "{errors}");
}
