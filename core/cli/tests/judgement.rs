//! `usm alerts`, `insights`, `forecast`, `security` and `tools`: over a monitor that each test
//! starts itself, over a recording, and where nobody has monitored yet.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)] // a test program

#[path = "support/pty.rs"]
mod pty;
mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use pty::{all, terminal};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use support::usm;
use unicode_width::UnicodeWidthStr;

/// How long is waited for what must come.
const PATIENCE: Duration = Duration::from_secs(120);

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

fn home() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// A monitor of the test's own, ended when it is dropped.
struct Monitoring(Child);

impl Monitoring {
    fn start(home: &Path) -> Monitoring {
        let args = ["monitor", "--foreground", "--refresh-interval", "0.1"];
        let mut command = usm(home, &args);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Monitoring(command.spawn().unwrap())
    }
}

impl Drop for Monitoring {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.0), Signal::TERM);
        let _ = self.0.wait();
    }
}

/// What a command tells, once it tells what is waited for.
fn until(home: &Path, args: &[&str], is_it: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    let mut last = Value::Null;
    while begun.elapsed() < PATIENCE {
        let output = output(home, args);
        if output.status.success() {
            last = serde_json::from_slice(&output.stdout).unwrap();
            if is_it(&last) {
                return last;
            }
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    panic!("{args:?} never told it: {last}");
}

/// What the data folder holds, without the files that SQLite makes beside a database for
/// whoever reads it.
fn folder(home: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(home.join("data")).unwrap();
    entries
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
        .filter(|(name, _)| !name.ends_with("-shm") && !name.ends_with("-wal"))
        .map(|(name, path)| (name, std::fs::read(path).unwrap()))
        .collect()
}

#[test]
fn where_nobody_has_monitored_reading_says_so_and_creates_nothing() {
    let home = home();
    for line in [
        "alerts",
        "alerts list --all",
        "alerts history",
        "alerts silences",
        "alerts notifications",
        "insights",
        "insights --correlations",
        "forecast",
        "forecast cpu_percent",
    ] {
        let (code, errors) = refused(home.path(), &line.split(' ').collect::<Vec<_>>());
        assert_eq!(code, 1, "{line}");
        assert!(errors.contains("usm monitor --start"), "{line}: {errors}");
    }
    for line in [
        "alerts rules",
        "alerts show Memory",
        "alerts channels",
        "alerts rules --builtin --toml",
        "security",
        "tools disk full",
        "report --comprehensive",
        "status",
    ] {
        let told = text(home.path(), &line.split(' ').collect::<Vec<_>>());
        assert!(!told.is_empty(), "{line}");
    }
    assert!(!home.path().join("data").exists());
}

#[test]
fn a_rule_is_added_fires_is_noted_silenced_and_remembered() {
    let home = home();
    let home = home.path();
    let add = [
        "alerts",
        "add",
        "--name",
        "Anything",
        "--when",
        "process_count > 0",
        "--severity",
        "critical",
    ];
    assert!(text(home, &add).contains("The rule Anything is added: process_count > 0"));
    let rules = json(home, &["alerts", "rules", "--mine", "--json"]);
    assert_eq!(rules["rules"][0]["name"], "Anything");
    assert_eq!(rules["rules"][0]["from"], "database");

    let monitoring = Monitoring::start(home);
    let fires = |value: &Value| {
        value["alerts"]
            .as_array()
            .is_some_and(|all| !all.is_empty())
    };
    let told = until(home, &["alerts", "--json"], fires);
    let alert = told["alerts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|alert| alert["rule"] == "Anything")
        .unwrap();
    assert_eq!(alert["severity"], "critical");
    assert_eq!(alert["series"]["metric"], "process_count");
    assert_eq!(alert["closed_at"], Value::Null);
    assert_eq!(told["is_watched"], true, "{told}");
    let id = alert["id"].to_string();

    let noted = text(
        home,
        &["alerts", "ack", &id, "--by", "ann", "--note", "on it"],
    );
    assert_eq!(noted, format!("ann took note of alert {id}.\n"));
    until(home, &["alerts", "--json"], |value| {
        let mut alerts = value["alerts"].as_array().unwrap().iter();
        alerts.any(|alert| alert["acknowledged"]["by"] == "ann")
    });
    let picture = text(home, &["alerts"]);
    for part in ["● critical", "Anything", "fires", "noted by ann", "on it"] {
        assert!(picture.contains(part), "{part} in\n{picture}");
    }
    let (code, errors) = refused(home, &["alerts", "ack", "999999"]);
    assert_eq!(code, 2, "{errors}");

    text(
        home,
        &[
            "alerts", "silence", "Any*", "--for", "1h", "--reason", "a test",
        ],
    );
    let silences = until(home, &["alerts", "silences", "--json"], |value| {
        !value["silences"].as_array().unwrap().is_empty()
    });
    let silence = &silences["silences"][0];
    assert_eq!(
        (&silence["rule"], &silence["reason"]),
        (&"Any*".into(), &"a test".into())
    );
    let number = silence["id"].to_string();
    text(home, &["alerts", "unsilence", &number]);
    until(home, &["alerts", "silences", "--json"], |value| {
        value["silences"].as_array().unwrap().is_empty()
    });
    assert_eq!(refused(home, &["alerts", "unsilence", "999"]).0, 2);

    // What is seen of it elsewhere.
    assert!(text(home, &["status"]).contains("Anything"));
    let report = json(home, &["report", "--comprehensive", "--json"]);
    assert!(
        report["alerts_summary"]["critical"].as_u64().unwrap() >= 1,
        "{report}"
    );
    let replayed = text(home, &["replay", "--findings", "--json"]);
    let mut found = replayed
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert!(found.any(|one| one["event"] == "alert_fired" && one["id"] == "Anything"));

    drop(monitoring);
    let past = json(home, &["alerts", "history", "--json"]);
    assert!(fires(&past));

    // Reading is never a write.
    let before = folder(home);
    for line in [
        "alerts",
        "alerts history",
        "alerts rules",
        "alerts silences",
        "alerts notifications",
        "alerts test Anything",
        "insights --since 1h",
        "forecast",
        "security",
        "doctor",
        "status",
        "report --comprehensive",
    ] {
        text(home, &line.split(' ').collect::<Vec<_>>());
    }
    let names = |folder: &BTreeMap<String, Vec<u8>>| folder.keys().cloned().collect::<Vec<_>>();
    let after = folder(home);
    assert_eq!(names(&after), names(&before));
    assert!(after == before, "a file was changed");

    text(home, &["alerts", "remove", "Anything"]);
    let (code, errors) = refused(home, &["alerts", "remove", "Anything"]);
    assert_eq!(code, 2, "{errors}");
    let (code, errors) = refused(home, &["alerts", "remove", "Memory"]);
    assert_eq!(code, 1);
    assert!(errors.contains("usm alerts disable"), "{errors}");
    text(home, &["alerts", "disable", "Memory"]);
    assert_eq!(
        json(home, &["alerts", "show", "Memory", "--json"])["enabled"],
        false
    );
}

#[test]
fn a_wrong_rule_is_refused_with_its_place_and_what_was_meant() {
    let home = home();
    let home = home.path();
    let wrong = "[[rule]]\nname = \"A\"\nwhen = \"cpu_percnt > 90%\"\n";
    std::fs::write(home.join("wrong.toml"), wrong).unwrap();
    for args in [
        vec!["alerts", "check", "wrong.toml"],
        vec!["alerts", "add", "wrong.toml"],
    ] {
        let output = output(home, &args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        let told = String::from_utf8(output.stdout).unwrap();
        for part in [
            "wrong.toml, line 3, column 9:",
            "cpu_percent",
            "  3 │ when = ",
            "^",
        ] {
            assert!(told.contains(part), "{part} in\n{told}");
        }
    }
    let told = output(home, &["alerts", "check", "wrong.toml", "--json"]);
    let value: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(
        (&value["ok"], &value["line"], &value["column"]),
        (&false.into(), &3.into(), &9.into())
    );

    std::fs::write(home.join("right.toml"), wrong.replace("percnt", "percent")).unwrap();
    assert!(text(home, &["alerts", "check", "right.toml"]).contains("will do: 1 rule, 0 channels"));
    for args in [
        &["alerts", "add", "--name", "A", "--when", "cpu_percnt > 3"][..],
        &[
            "alerts",
            "add",
            "--name",
            "A",
            "--when",
            "cpu_percent > 3",
            "--channel",
            "nobody",
        ],
        &["alerts", "show", "Memry"],
        &["alerts", "test-channel", "nobody"],
        &["alerts", "add"],
        &["alerts", "silence", "*", "--for", "0s"],
    ] {
        assert_eq!(refused(home, args).0, 2, "{args:?}");
    }
    assert!(!home.join("data").exists());

    // A rules' file that will not do is told by the doctor, with its place.
    std::fs::create_dir(home.join("data")).unwrap();
    std::fs::write(home.join("data/alerts.toml"), wrong).unwrap();
    let doctor = json(home, &["doctor", "--json"]);
    let problem = doctor["alerts"]["problem"].as_str().unwrap();
    assert!(problem.contains("line 3"), "{problem}");
    assert!(text(home, &["doctor"]).contains("line 3"));
}

/// A home with `r.usm` in it: a recording of this machine, ten samples a second.
fn recorded(seconds: &str) -> tempfile::TempDir {
    let home = home();
    let args = ["record", "r.usm", "--interval", "0.1", "--for", seconds];
    assert!(output(home.path(), &args).status.success());
    home
}

#[test]
fn a_rule_is_tested_on_a_recording_and_tells_each_firing() {
    let home = recorded("3");
    let home = home.path();
    let args = ["alerts", "test", "process_count > 0", "--from", "r.usm"];
    let tested = json(home, &[&args[..], &["--json"]].concat());
    assert!(tested["samples"].as_u64().unwrap() >= 2, "{tested}");
    let alerts = tested["alerts"].as_array().unwrap();
    assert_eq!(alerts.len(), 1);
    assert!(alerts[0]["peak"].as_f64().unwrap() > 0.0);
    assert!(tested["firing_percent"].as_f64().unwrap() > 50.0);
    for key in ["without_data", "range", "notes"] {
        assert!(tested.get(key).is_some(), "{key}");
    }
    let told = text(home, &args);
    for part in [
        "When it would have fired",
        "would have fired once",
        "lasts",
        "█",
    ] {
        assert!(told.contains(part), "{part} in\n{told}");
    }
    let never = text(
        home,
        &[
            "alerts",
            "test",
            "--when",
            "cpu_percent < 0",
            "--from",
            "r.usm",
        ],
    );
    assert!(never.contains("would not have fired"), "{never}");
    let plot = text(home, &[&args[..], &["--plot"]].concat());
    assert!(plot.contains("process_count and the limit of 0"), "{plot}");
    let (code, errors) = refused(home, &["alerts", "test", "Memry", "--from", "r.usm"]);
    assert_eq!(code, 2);
    assert!(errors.contains("Memory"), "{errors}");
    assert!(!home.join("data").exists());
}

#[test]
fn in_a_terminal_the_timeline_keeps_the_width_and_has_colours() {
    let home = recorded("2");
    let Some((ours, theirs)) = terminal(70, 40) else {
        return;
    };
    let args = [
        "alerts",
        "test",
        "process_count > 0",
        "--from",
        "r.usm",
        "--plot",
    ];
    let mut child = usm(home.path(), &args)
        .stdout(theirs.try_clone().unwrap())
        .stderr(theirs)
        .spawn()
        .unwrap();
    let told = all(ours);
    assert!(child.wait().unwrap().success());
    assert!(told.contains("\x1b[33m█"), "a warning is yellow: {told}");
    let mut plain = String::new();
    let mut rest = told.as_str();
    while let Some((before, after)) = rest.split_once("\x1b[") {
        plain.push_str(before);
        let end = after.find(|c: char| c.is_ascii_alphabetic()).unwrap();
        rest = &after[end + 1..];
    }
    plain.push_str(rest);
    // The line of progress is drawn over: what follows its last return counts.
    for line in plain
        .lines()
        .map(|line| line.rsplit('\r').find(|l| !l.is_empty()))
    {
        assert!(line.unwrap_or_default().width() <= 70, "{line:?}");
    }
}

#[test]
fn what_is_too_new_is_not_foretold_and_says_so() {
    let home = recorded("2");
    let home = home.path();
    let told = text(home, &["forecast", "memory_percent", "--from", "r.usm"]);
    assert!(told.contains("Too little has been recorded yet"), "{told}");
    let value = json(
        home,
        &["forecast", "--from", "r.usm", "--horizon", "1h", "--json"],
    );
    let forecasts = value["forecasts"].as_array().unwrap();
    assert!(!forecasts.is_empty());
    for forecast in forecasts {
        assert_eq!(forecast["horizon_seconds"], 3600.0);
        assert_eq!(
            (&forecast["outcome"], &forecast["value"]),
            (&"learning".into(), &Value::Null)
        );
    }
    for key in ["made_at", "exhaustion", "notes"] {
        assert!(value.get(key).is_some(), "{key}");
    }
    for args in [
        &["forecast", "memry_percent", "--from", "r.usm"][..],
        &["forecast", "--horizon", "30d", "--from", "r.usm"],
        &["forecast", "--plot", "--from", "r.usm"],
    ] {
        assert_eq!(output(home, args).status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn a_look_of_a_second_tells_that_it_was_short() {
    let home = home();
    let home = home.path();
    let value = json(
        home,
        &["insights", "--live", "1", "--correlations", "--json"],
    );
    for key in ["insights", "incidents", "anomalies", "correlations"] {
        assert!(value[key].is_array(), "{key} in {value}");
    }
    assert!(value["newest_state"].is_f64());
    let note = value["notes"][0].as_str().unwrap();
    assert!(note.contains("too short to know what is normal"), "{note}");
    assert!(!home.join("data").exists());
}

#[test]
fn security_findings_have_ids_that_the_settings_take() {
    let home = home();
    let home = home.path();
    let value = json(home, &["security", "--json"]);
    for key in [
        "score",
        "findings",
        "not_read",
        "newest_state",
        "is_watched",
        "notes",
    ] {
        assert!(value.get(key).is_some(), "{key}");
    }
    for finding in value["findings"].as_array().unwrap() {
        for key in [
            "id", "kind", "severity", "text", "evidence", "advice", "known", "allowed",
        ] {
            assert!(finding.get(key).is_some(), "{key} in {finding}");
        }
    }
    let line = text(home, &["security", "--allow", "listener:*:8080"]);
    assert_eq!(line, "security_allow = [\"listener:*:8080\"]\n");
    std::fs::write(home.join("usm.toml"), &line).unwrap();
    let args = ["security", "--config", "usm.toml", "--allow", "setuid:*"];
    let both = "security_allow = [\"listener:*:8080\",\"setuid:*\"]\n";
    assert_eq!(text(home, &args), both);
    let (code, errors) = refused(home, &["security", "--allow", "no_such:thing"]);
    assert_eq!(code, 2);
    assert!(errors.contains("usm security --all"), "{errors}");
}

#[test]
fn tools_are_recommended_for_what_is_asked() {
    let home = home();
    let home = home.path();
    let list = json(home, &["tools", "disk", "full", "--json"]);
    let first = &list.as_array().unwrap()[0];
    assert_eq!(first["problem"], "disk_full");
    for key in [
        "name",
        "how_to_run",
        "install_command",
        "doc_url",
        "reason",
        "installed",
    ] {
        assert!(first.get(key).is_some(), "{key} in {first}");
    }
    let limited = json(home, &["tools", "slow network", "--limit", "1", "--json"]);
    assert_eq!(limited.as_array().unwrap().len(), 1);
    assert!(text(home, &["tools", "--list-problems"]).contains("io_bound"));
    let (code, errors) = refused(home, &["tools", "qwertzuiop"]);
    assert_eq!(code, 1, "{errors}");
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let home = home();
    let mut child = usm(home.path(), &["alerts", "rules", "--toml"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(141));
    assert!(output.stderr.is_empty());
}
