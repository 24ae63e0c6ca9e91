//! `usm optimize`, `usm profile` and `usm report --optimization`, on processes and folders of
//! the test's own: the scope holds nothing else.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    clippy::print_stderr
)]

#[path = "support/pty.rs"]
mod pty;
mod support;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use support::usm;

/// Patience with everything that is waited for.
const PATIENCE: Duration = Duration::from_secs(120);

fn home() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn output(home: &Path, args: &str) -> Output {
    let args: Vec<&str> = args.split_whitespace().collect();
    usm(home, &args).output().unwrap()
}

/// Standard output of a run with this exit code.
fn text(home: &Path, args: &str, code: i32) -> String {
    let output = output(home, args);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{args}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(home: &Path, args: &str) -> Value {
    serde_json::from_str(&text(home, &format!("{args} --json"), 0)).unwrap()
}

/// Standard error of a run that failed with this exit code.
fn errors(home: &Path, args: &str, code: i32) -> String {
    let output = output(home, args);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{args}: {errors}");
    errors
}

/// Children of this test, ended when it ends.
struct Children(Vec<Child>);

impl Children {
    fn of(script: &str, count: usize) -> Children {
        let start = |_| {
            Command::new("sh")
                .args(["-c", script])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        };
        Children((0..count).map(start).collect())
    }

    fn scope(&self) -> String {
        let pids: Vec<String> = self.0.iter().map(|c| c.id().to_string()).collect();
        format!("--scope list:{}", pids.join(","))
    }

    fn holds(&self, pid: i64) -> bool {
        self.0.iter().any(|child| i64::from(child.id()) == pid)
    }

    /// All that an action could change of each.
    fn settings(&self) -> Vec<Settings> {
        self.0
            .iter()
            .map(|child| Settings::of(child.id()))
            .collect()
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What an action could change of a process.
#[derive(Debug, PartialEq, Eq)]
struct Settings {
    nice: String,
    policy: String,
    processors: Vec<String>,
    groups: String,
    autogroup: Option<String>,
}

impl Settings {
    fn of(pid: u32) -> Settings {
        let read = |name: &str| std::fs::read_to_string(format!("/proc/{pid}/{name}"));
        let stat = read("stat").unwrap();
        let (_, fields) = stat.rsplit_once(')').unwrap();
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let status = read("status").unwrap();
        let allowed = |line: &&str| line.starts_with("Cpus_allowed");
        let group_of = |text: String| text.rsplit_once("nice").map(|(_, n)| n.to_string());
        Settings {
            nice: fields[16].into(),
            policy: fields[38].into(),
            processors: status.lines().filter(allowed).map(String::from).collect(),
            groups: read("cgroup").unwrap(),
            autogroup: read("autogroup").ok().and_then(group_of),
        }
    }
}

/// Hogs that take all processors, and a victim outside the scope that wants one now and then.
struct Crowd {
    hogs: Children,
    _victim: Children,
}

impl Crowd {
    fn new() -> Crowd {
        let processors = std::thread::available_parallelism().unwrap().get();
        let work = "while :; do i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done; sleep 0.005; done";
        Crowd {
            hogs: Children::of("while :; do :; done", 3 * processors),
            _victim: Children::of(work, 1),
        }
    }
}

/// Asks until the answer holds, since what is watched needs its time to show.
fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "never {what}");
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// As root every value is back; without the privilege what can't be is told as not restored.
fn assert_restored(before: &[Settings], hogs: &Children, rolled_back: &[Value]) {
    let all = rolled_back.iter().all(|entry| entry["undo"] == "restored");
    if is_root() || all {
        assert_eq!(before, hogs.settings());
    } else {
        eprintln!("skipped: not every value can be taken back without privileges");
    }
}

#[test]
fn a_fresh_optimizer_has_done_nothing() {
    let home = home();
    let status = json(home.path(), "optimize --status");
    assert_eq!(status["halted"], false);
    assert_eq!(status["auto_optimize"], false);
    assert_eq!(status["profile"], "balanced");
    assert_eq!(status["changes"], Value::Array(vec![]));
    let text_of = |args: &str| text(home.path(), args, 0);
    assert!(text_of("optimize --status").contains("no changes"));
    let history = json(home.path(), "optimize --history");
    assert!(history["history"].is_array(), "{history}");
    let rolled_back = json(home.path(), "optimize --rollback");
    assert_eq!(rolled_back["rolled_back"], Value::Array(vec![]));
    assert!(text_of("optimize --rollback").contains("nothing to be taken back"));
    errors(home.path(), "optimize --explain 999999", 2);
    assert!(home.path().join("data/performance_optimizer.db").exists());
}

#[test]
fn the_facts_need_no_data_folder() {
    let home = home();
    let facts = json(home.path(), "optimize --facts");
    let euid = rustix::process::geteuid().as_raw();
    assert_eq!(facts["euid"].as_u64(), Some(u64::from(euid)));
    let page = text(home.path(), "optimize --facts", 0);
    for action in ["set_autogroup", "limit_cpu", "reclaim_memory", "freeze"] {
        assert!(page.contains(action), "{action} in\n{page}");
    }
    assert!(!home.path().join("data").exists());
}

#[test]
fn profiles_are_made_applied_exported_and_deleted() {
    let home = home();
    let run = |args: &str| text(home.path(), args, 0);
    let names = || -> Vec<String> {
        let list = json(home.path(), "profile list");
        let profiles = list["profiles"].as_array().unwrap();
        let name = |p: &Value| p["profile_name"].as_str().unwrap().to_string();
        profiles.iter().map(name).collect()
    };
    for built_in in ["balanced", "server", "desktop", "batch", "low_power"] {
        assert!(names().iter().any(|name| name == built_in), "{built_in}");
        assert!(run(&format!("profile show {built_in}")).contains("built in"));
    }
    run(
        "profile create mine --from server --set cpu_threshold=61.5 \
         --set protected=nginx,postgres --set max_threads=2",
    );
    let mine = json(home.path(), "profile show mine");
    assert_eq!(mine["cpu_threshold"], 61.5);
    assert_eq!(mine["protected"], serde_json::json!(["nginx", "postgres"]));
    assert_eq!(mine["built_in"], false);
    let server = json(home.path(), "profile show server");
    assert_eq!(mine["optimization_rules"], server["optimization_rules"]);

    run("profile apply mine");
    assert_eq!(json(home.path(), "profile list")["current"], "mine");
    assert_eq!(json(home.path(), "optimize --status")["profile"], "mine");

    run("profile export mine mine.json");
    run("profile create copy --file mine.json --set cpu_threshold=62");
    let copy = json(home.path(), "profile show copy");
    assert_eq!(copy["cpu_threshold"], 62.0);
    assert_eq!(copy["protected"], mine["protected"]);
    let exported: Value = serde_json::from_str(&run("profile export copy")).unwrap();
    assert_eq!(exported, copy);

    run("profile delete mine");
    assert!(!names().iter().any(|name| name == "mine"));
    assert_eq!(json(home.path(), "profile list")["current"], "balanced");
    errors(home.path(), "profile delete balanced", 2);
    errors(
        home.path(),
        "profile create server --set cpu_threshold=1",
        2,
    );
    errors(
        home.path(),
        "profile create high --set cpu_threshold=1000",
        2,
    );
    let unknown = errors(home.path(), "profile show no_such", 2);
    assert!(unknown.contains("low_power"), "{unknown}");
}

#[test]
fn a_plan_holds_only_what_is_in_the_scope() {
    let (home, crowd) = (home(), Crowd::new());
    let before = crowd.hogs.settings();
    let scope = crowd.hogs.scope();
    let args = |work: &str| format!("optimize {work} {scope} --verify-seconds 0.5");
    let actions = until("was there a plan", || {
        let plan = json(home.path(), &args("--plan"));
        let actions = plan["actions"].as_array().unwrap().clone();
        (!actions.is_empty()).then_some(actions)
    });
    for action in &actions {
        let pid = action["process"]["pid"].as_i64();
        assert!(pid.is_none_or(|pid| crowd.hogs.holds(pid)), "{action}");
    }
    let found = json(home.path(), &args("--analyze"));
    for target in found["targets"].as_array().unwrap() {
        assert!(target["current_value"].as_f64().is_some(), "{target}");
    }
    // For a moment nobody may suffer.
    until("was the trouble told in words", || {
        let told = text(home.path(), &args("--analyze"), 0);
        told.contains("What is wrong").then_some(())
    });
    let report = json(home.path(), &format!("report --optimization {scope}"));
    for key in [
        "targets_found",
        "actions_generated",
        "high_priority_actions",
        "estimated_total_benefit",
    ] {
        assert!(report[key].is_number(), "{key} in {report}");
    }
    assert_eq!(report.as_object().unwrap().len(), 4);
    assert_eq!(before, crowd.hogs.settings(), "planning changes nothing");
}

#[test]
fn a_demo_changes_nothing_and_so_does_a_run_that_nobody_was_asked_for() {
    let (home, crowd) = (home(), Crowd::new());
    let before = crowd.hogs.settings();
    let scope = crowd.hogs.scope();
    until("would anything be done", || {
        let report = json(home.path(), &format!("optimize --execute --demo {scope}"));
        assert_eq!(report["dry_run"], true);
        (!report["details"].as_array().unwrap().is_empty()).then_some(())
    });
    until("was there anything to be asked", || {
        let output = output(home.path(), &format!("optimize --execute {scope}"));
        assert_eq!(output.status.code(), Some(0));
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        let page = String::from_utf8_lossy(&output.stdout).into_owned();
        (errors.contains("give --yes") && page.contains("What would be done")).then_some(())
    });
    assert_eq!(before, crowd.hogs.settings());
}

#[test]
fn what_is_done_is_measured_explained_and_taken_back() {
    let (home, crowd) = (home(), Crowd::new());
    let before = crowd.hogs.settings();
    let scope = crowd.hogs.scope();
    let details = until("was anything done", || {
        let args = format!("optimize --execute --yes --verify-seconds 0.5 {scope} --json");
        let output = output(home.path(), &args);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["dry_run"], false);
        let details = report["details"].as_array().unwrap().clone();
        let done = |detail: &Value| detail["error"].is_null();
        // An action that was refused is a failure of the command.
        let code = i32::from(!details.iter().all(done));
        assert_eq!(output.status.code(), Some(code), "{report}");
        details.iter().any(done).then_some(details)
    });
    let history = json(home.path(), "optimize --history --limit 50");
    assert!(!history["history"].as_array().unwrap().is_empty());
    for detail in &details {
        let id = detail["action_id"].as_i64().unwrap();
        let all = json(home.path(), &format!("optimize --explain {id}"));
        assert_eq!(all["action_id"].as_i64(), Some(id));
        assert_eq!(all["action"]["action_type"], detail["action_type"]);
        let page = text(home.path(), &format!("optimize --explain {id}"), 0);
        assert!(page.contains("can be taken back"), "{page}");
    }
    let taken = output(home.path(), "optimize --rollback --json");
    let taken: Value = serde_json::from_slice(&taken.stdout).unwrap();
    assert_restored(
        &before,
        &crowd.hogs,
        taken["rolled_back"].as_array().unwrap(),
    );
    if is_root() {
        let status = json(home.path(), "optimize --status");
        assert_eq!(status["changes"], Value::Array(vec![]));
    }
}

#[test]
fn rollback_on_exit_leaves_nothing_in_force() {
    let (home, crowd) = (home(), Crowd::new());
    let before = crowd.hogs.settings();
    let args = format!(
        "optimize --execute --yes --no-verify --rollback-on-exit {} --json",
        crowd.hogs.scope()
    );
    let taken = until("was anything taken back", || {
        let output = output(home.path(), &args);
        let text = String::from_utf8(output.stdout).unwrap();
        let mut lines = text
            .lines()
            .map(|l| serde_json::from_str::<Value>(l).unwrap());
        let report = lines.next().unwrap();
        assert!(report["details"].is_array());
        lines.next().map(|last| last["rolled_back"].clone())
    });
    assert_restored(&before, &crowd.hogs, taken.as_array().unwrap());
}

#[test]
fn acting_by_itself_tells_its_decisions_and_takes_everything_back() {
    let (home, crowd) = (home(), Crowd::new());
    let before = crowd.hogs.settings();
    let args = format!(
        "optimize --auto --json --set refresh_interval=0.3 --verify-seconds 0.5 {}",
        crowd.hogs.scope()
    );
    let args: Vec<&str> = args.split_whitespace().collect();
    let mut child = usm(home.path(), &args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    let (send, receive) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let value: Value = serde_json::from_str(&line).expect("a whole line of JSON");
            if send.send(value).is_err() {
                return;
            }
        }
    });
    // Something was decided, whatever it was.
    let first = receive.recv_timeout(PATIENCE);
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let rest: Vec<Value> = receive.iter().collect();
    reader.join().unwrap();
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*errors), (Some(0), ""));
    let first = first.expect("a decision");
    assert!(
        first["event"] == "decision" || first["event"] == "action",
        "{first}"
    );
    let last = rest.last().expect("what was taken back");
    assert_eq!(last["event"], "rolled_back");
    assert_restored(
        &before,
        &crowd.hogs,
        last["rolled_back"].as_array().unwrap(),
    );
}

#[test]
fn a_demo_of_acting_by_itself_ends_after_its_time_and_changes_nothing() {
    let (home, crowd) = (home(), Crowd::new());
    let before = crowd.hogs.settings();
    let args = format!(
        "optimize --auto --demo --for 3 --set refresh_interval=0.3 {}",
        crowd.hogs.scope()
    );
    text(home.path(), &args, 0);
    assert_eq!(before, crowd.hogs.settings());
}

#[test]
fn while_halted_nothing_is_done() {
    let (home, crowd) = (home(), Crowd::new());
    let before = crowd.hogs.settings();
    let scope = crowd.hogs.scope();
    assert_eq!(json(home.path(), "optimize --halt")["halted"], true);
    assert_eq!(json(home.path(), "optimize --status")["halted"], true);
    until("was there anything to be refused", || {
        let output = output(home.path(), &format!("optimize --execute --yes {scope}"));
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        match output.status.code() {
            Some(1) => {
                assert!(errors.contains("--resume"), "{errors}");
                Some(())
            }
            code => {
                assert_eq!(code, Some(0), "{errors}");
                None
            }
        }
    });
    assert_eq!(before, crowd.hogs.settings());
    assert_eq!(json(home.path(), "optimize --resume")["halted"], false);
    assert_eq!(json(home.path(), "optimize --status")["halted"], false);
}

#[test]
fn in_a_terminal_the_plan_is_shown_and_no_is_no() {
    if pty::terminal(100, 50).is_none() {
        return;
    }
    let (home, crowd) = (home(), Crowd::new());
    let before = crowd.hogs.settings();
    until("was there a question", || {
        let (mut ours, theirs) = pty::terminal(100, 50)?;
        let args = format!("optimize --execute {}", crowd.hogs.scope());
        let args: Vec<&str> = args.split_whitespace().collect();
        let mut child = usm(home.path(), &args)
            .stdin(theirs.try_clone().unwrap())
            .stdout(theirs.try_clone().unwrap())
            .stderr(theirs)
            .spawn()
            .unwrap();
        // The answer waits in the terminal until it is read.
        ours.write_all(b"n\n").unwrap();
        let text = pty::all(ours);
        assert!(child.wait().unwrap().success(), "{text}");
        let asked = text.contains("[y/N]");
        assert!(!asked || text.contains("Nothing was done."), "{text}");
        assert!(!asked || text.contains("What could be done"), "{text}");
        asked.then_some(())
    });
    assert_eq!(before, crowd.hogs.settings());
}

#[test]
fn a_preview_names_files_and_leaves_them() {
    let home = home();
    let folder = home.path().join("waste");
    std::fs::create_dir(&folder).unwrap();
    let file = folder.join("old.tmp");
    std::fs::write(&file, vec![7; 100_000]).unwrap();
    let args = format!(
        "optimize --preview --no-builtin-rules --clean {}",
        folder.display()
    );
    let preview = json(home.path(), &args);
    assert!(preview["rules"].is_array(), "{preview}");
    assert!(text(home.path(), &args, 0).contains("Nothing was changed."));
    assert!(file.exists());
}

#[test]
fn what_grew_is_found_at_the_second_look() {
    let home = home();
    let folder: PathBuf = home.path().join("logs");
    std::fs::create_dir_all(folder.join("deep")).unwrap();
    std::fs::write(folder.join("deep/a"), b"small").unwrap();
    let args = format!("optimize --growth {}", folder.display());
    assert_eq!(json(home.path(), &args)["grown"], Value::Array(vec![]));
    std::fs::write(folder.join("deep/b"), vec![7; 5_000_000]).unwrap();
    let grown = json(home.path(), &args);
    let rows = grown["grown"].as_array().unwrap();
    let named = |row: &Value| row["path"].as_str().unwrap().contains("deep");
    let row = rows
        .iter()
        .find(|row| named(row))
        .expect("the folder that grew");
    let size = |name: &str| row[name].as_u64().unwrap();
    assert!(
        size("after_bytes") >= size("before_bytes") + 5_000_000,
        "{row}"
    );
}

#[test]
fn an_old_scope_is_refused_before_anything_is_done() {
    let home = home();
    let gone = {
        let child = Children::of("exit 0", 1);
        child.0[0].id()
    };
    let errors = errors(
        home.path(),
        &format!("optimize --plan --scope subtree:{gone}"),
        2,
    );
    assert!(errors.contains(&gone.to_string()), "{errors}");
}
