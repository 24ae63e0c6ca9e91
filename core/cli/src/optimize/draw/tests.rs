//! Pictures of values made by hand, at every width, with names that try to steer the terminal.

use serde_json::json;
use unicode_width::UnicodeWidthStr;
use usm_core::act::cleanup::Grown;
use usm_core::act::{Facts, GroupFacts, ProcessId, Undo};
use usm_core::optimizer::{
    Action, ActionKind, ActionResult, Answer, Baseline, ChangeRecord, Culprit, ExecutionReport,
    Explanation, Growth, HistoryEntry, Metric, OptimizerStatus, Priority, Resource, Risk,
    RiskLevel, RolledBack, Target, Verdict, Victim,
};

use crate::draw::{Page, Style};
use crate::users::Users;

/// A name as a hostile process could have it.
const NASTY: &str = "evil\x1b[2J\nroot\u{202e}";

fn drawn(width: usize, draw: impl FnOnce(&mut Page)) -> String {
    let mut page = Page::new(Style {
        width,
        unicode: true,
        colour: false,
    });
    draw(&mut page);
    page.render()
}

/// The picture at 100 columns, once it is known to be harmless at every width.
fn checked(draw: impl Fn(&mut Page)) -> String {
    for width in [1, 10, 24, 40, 60, 80, 100, 240] {
        let text = drawn(width, &draw);
        for line in text.lines() {
            assert!(line.width() <= width, "{width}: {line}");
        }
        let is_bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!text.contains(is_bad), "{text:?}");
    }
    drawn(100, draw)
}

/// Whether each part is there, wherever lines were broken.
fn has(text: &str, parts: &[&str]) {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in parts {
        let is_there = text.contains(part) || flat.contains(part);
        assert!(is_there, "{part:?} is not in\n{text}");
    }
}

fn process(pid: i32) -> ProcessId {
    ProcessId {
        pid,
        start_time_ticks: 7,
    }
}

fn victim(pid: i32) -> Victim {
    Victim {
        process: process(pid),
        name: NASTY.into(),
        session_id: None,
        wait_percent: 71.0,
    }
}

fn target() -> Target {
    let culprit = |pid: i32, name: &str, reason: Option<&str>| Culprit {
        process: process(pid),
        name: name.into(),
        uid: Some(1000),
        session_id: Some(1),
        cgroup: None,
        usage: 199.5,
        unit: "percent of one core".into(),
        share: 0.62,
        may_be_touched: reason.is_none(),
        untouchable_reason: reason.map(String::from),
    };
    Target {
        id: 1,
        target_type: Resource::Cpu,
        current_value: 62.0,
        target_value: 10.0,
        priority: Priority::High,
        description: "Others wait for a processor because of 2 processes".into(),
        optimization_method: "process_optimization".into(),
        estimated_impact: "others wait less".into(),
        metric: Metric::CpuWait,
        subject: Some(NASTY.into()),
        since: Some(1000.0),
        confidence: 0.8,
        baseline: Some(Baseline {
            typical: 2.0,
            high: 6.5,
            samples: 1200,
        }),
        culprits: vec![
            culprit(4242, NASTY, None),
            culprit(7, "sshd", Some("protected: sshd")),
        ],
        evidence: vec!["4 tasks ran on 2 processors".into(), NASTY.into()],
        advice: Some("give it fewer threads".into()),
        victims: (1..8).map(victim).collect(),
        size_bytes: Some(100 << 30),
        utilisation_percent: Some(97.0),
    }
}

fn action() -> Action {
    Action {
        id: 12,
        action_type: ActionKind::SetIdle,
        target_id: "4242".into(),
        description: format!("Let {NASTY} run only when nobody else wants to"),
        priority: Priority::High,
        estimated_benefit: 41.5,
        risk: Risk {
            level: RiskLevel::Medium,
            score: 35.0,
            reasons: vec!["it can't be undone by an ordinary user".into()],
        },
        execution_time: 2.0,
        resource: Resource::Cpu,
        metric: Metric::CpuWait,
        subject: None,
        process: Some(process(4242)),
        culprits: vec![process(4242)],
        lever: None,
        reversible: Answer {
            yes: true,
            reason: "CAP_SYS_NICE is there".into(),
        },
        effect: Answer {
            yes: false,
            reason: "autogroup is on".into(),
        },
        planned_at: 1.0,
        token: "t".into(),
    }
}

fn result() -> ActionResult {
    ActionResult {
        action: action().description,
        success: true,
        before_value: Some(62.0),
        after_value: Some(11.5),
        improvement: Some(50.5),
        error: None,
        action_id: 12,
        action_type: ActionKind::SetIdle,
        target_id: "4242".into(),
        metric: Metric::CpuWait,
        verdict: Verdict::Helped,
        rolled_back: false,
        reason: "others wait 50.5 points less".into(),
        dry_run: false,
        lease_until: Some(2.0e9),
        changes: vec!["policy of 3 threads: other to idle".into()],
        freed_bytes: Some(3 << 20),
        quarantined_bytes: Some(5 << 20),
        execution_time: 2.1,
    }
}

fn entry() -> HistoryEntry {
    HistoryEntry {
        id: 3,
        optimization_type: "set_idle".into(),
        target_component: NASTY.into(),
        before_value: Some(62.0),
        after_value: Some(11.5),
        improvement_percentage: Some(50.5),
        execution_time: Some(2.0),
        status: "rolled_back".into(),
        action_id: Some(12),
        verdict: Some("no_effect".into()),
        reason: Some("no difference".into()),
        created_at: 1.0e9,
    }
}

fn change() -> ChangeRecord {
    ChangeRecord {
        id: 9,
        action_id: 12,
        about: format!("policy of {NASTY}"),
        state: "applied".into(),
        detail: None,
        owner_pid: 77,
        lease_until: Some(2.0e9),
        created_at: 1.0e9,
    }
}

fn report(details: Vec<ActionResult>, dry_run: bool) -> ExecutionReport {
    ExecutionReport {
        executed: details.len(),
        successful: 1,
        failed: details.len().saturating_sub(1),
        total_benefit: 50.5,
        execution_time: 4.25,
        details,
        dry_run,
        cancelled: false,
    }
}

#[test]
fn a_target_tells_what_is_wrong_and_because_of_whom() {
    let users = Users::of(b"ann:x:1000:1000:::\n");
    let text = checked(|page| super::targets(&[target(), target()], &users, 1725.0, page));
    has(
        &text,
        &[
            "2 found, 2 of high priority",
            "  high   Others wait for a processor",
            "62.0 % of their time others wait for a processor",
            "should be 10.0 %",
            "normally 2.0 %, seldom above 6.5 % (1200 samples)",
            "for 12 min 5 s",
            "fairly sure (80 %)",
            "· 4 tasks ran on 2 processors",
            "evil\\x1b[2J\\x0aroot\\u{202e}",
            "ann",
            "199.5 %",
            "62 %",
            "no: protected: sshd",
            "→ give it fewer threads",
            "(5) 71 % and 2 more",
            "of 100 GiB",
        ],
    );
    let text = checked(|page| super::targets(&[], &users, 0.0, page));
    has(&text, &["Nothing is wrong"]);
}

#[test]
fn a_plan_is_numbered_and_gives_its_reasons() {
    let text = checked(|page| super::plan(&[action(), action()], page));
    has(
        &text,
        &[
            "2 actions",
            "WHAT",
            "CAN BE TAKEN BACK",
            "  2  set_idle  pid 4242",
            "41.5",
            "risk medium (35 of 100)",
            "· it can't be undone by an ordinary user",
            "can be taken back: yes, CAP_SYS_NICE is there",
            "will work: no, autogroup is on",
        ],
    );
    has(
        &checked(|page| super::plan(&[], page)),
        &["nothing to be done"],
    );
}

#[test]
fn a_report_tells_before_after_and_what_it_came_to() {
    let refused = ActionResult {
        success: false,
        before_value: None,
        after_value: None,
        improvement: None,
        error: Some("refused: protected".into()),
        reason: "refused: protected".into(),
        verdict: Verdict::NotMeasured,
        changes: Vec::new(),
        ..result()
    };
    let taken_back = ActionResult {
        success: false,
        rolled_back: true,
        after_value: Some(65.0),
        improvement: Some(-3.0),
        verdict: Verdict::Harmed,
        ..result()
    };
    let details = vec![result(), refused, taken_back];
    let text = checked(|page| super::report(&report(details.clone(), false), page));
    has(
        &text,
        &[
            "What was done",
            "62.0 % → 11.5 %",
            "+50.5",
            "helped",
            "−3.0",
            "harmed",
            "taken back",
            "not done",
            "others wait 50.5 points less",
            "policy of 3 threads: other to idle",
            "3.0 MiB freed at once",
            "5.0 MiB moved to quarantine",
            "ends by itself at 2033-05-18",
            "1 of 3 actions done and kept",
            "1 taken back. 1 refused or failed.",
        ],
    );
    assert_eq!(text.matches("refused: protected").count(), 1, "{text}");
}

#[test]
fn a_demo_says_that_nothing_was_changed() {
    let would = ActionResult {
        dry_run: true,
        before_value: None,
        after_value: None,
        improvement: None,
        verdict: Verdict::NotMeasured,
        lease_until: None,
        ..result()
    };
    let text = checked(|page| super::report(&report(vec![would.clone()], true), page));
    has(
        &text,
        &[
            "What would be done",
            "would be done",
            "3.0 MiB would be freed",
            "Nothing was changed.",
        ],
    );
    assert!(
        !text.contains("was done") && !text.contains("kept"),
        "{text}"
    );
    let empty = ExecutionReport {
        details: Vec::new(),
        ..report(Vec::new(), true)
    };
    has(
        &checked(|page| super::report(&empty, page)),
        &["nothing to be done"],
    );
}

#[test]
fn what_was_taken_back_is_told_for_each_change() {
    let undone = |undo, error: Option<&str>| RolledBack {
        action_id: 12,
        change: format!("nice of {NASTY}"),
        undo,
        error: error.map(String::from),
    };
    let list = [
        undone(Some(Undo::Restored), None),
        undone(Some(Undo::Left(NASTY.into())), None),
        undone(None, Some("permission denied")),
    ];
    let text = checked(|page| super::rolled_back(&list, page));
    has(
        &text,
        &[
            "restored",
            "left alone, changed by somebody else since: evil\\x1b",
            "failed: permission denied; it will be tried again",
        ],
    );
    has(
        &checked(|page| super::rolled_back(&[], page)),
        &["nothing to be taken back"],
    );
}

#[test]
fn the_history_is_one_line_for_each_entry() {
    let text = checked(|page| super::history(&[entry(), entry()], page));
    has(
        &text,
        &["set_idle", "62.0 → 11.5", "rolled back", "--explain"],
    );
    assert_eq!(text.matches("set_idle").count(), 2);
    let text = drawn(usize::MAX, |page| super::entry(&entry(), page));
    assert_eq!(text.lines().count(), 1, "{text}");
    has(&text, &["62.0 → 11.5, no effect: no difference"]);
    has(
        &checked(|page| super::history(&[], page)),
        &["Nothing was done"],
    );
}

#[test]
fn an_explanation_holds_why_what_and_what_came_of_it() {
    let explanation = Explanation {
        action_id: 12,
        status: "rolled_back".into(),
        action: Some(action()),
        result: Some(result()),
        changes: vec![change()],
        history: vec![entry()],
    };
    let text = checked(|page| super::explanation(&explanation, page));
    has(
        &text,
        &[
            "Action 12  rolled back",
            "estimated benefit 41.5 %",
            "judged by: of their time others wait for a processor",
            "risk medium",
            "62.0 % → 11.5 %",
            "better by +50.5",
            "policy of evil\\x1b",
            "applied",
            "action 12 by process 77",
        ],
    );
    let of_prototype = Explanation {
        action: None,
        result: None,
        changes: Vec::new(),
        history: Vec::new(),
        ..explanation
    };
    let text = checked(|page| super::explanation(&of_prototype, page));
    has(&text, &["earlier version"]);
}

#[test]
fn the_status_tells_what_is_in_force() {
    let status = OptimizerStatus {
        auto_optimize: true,
        halted: true,
        profile: "server".into(),
        scope: "the processes of user 1000".into(),
        changes: vec![change()],
        last_decision: Some(format!("did nothing because {NASTY}")),
        database: "/a/performance_optimizer.db".into(),
        database_warning: Some("it is big".into()),
    };
    let text = checked(|page| super::status(&status, page));
    has(
        &text,
        &[
            "--resume",
            "server",
            "user 1000",
            "did nothing because",
            "it is big",
            "--rollback",
        ],
    );
    let idle = OptimizerStatus {
        halted: false,
        changes: Vec::new(),
        ..status
    };
    has(&checked(|page| super::status(&idle, page)), &["no changes"]);
}

#[test]
fn the_facts_tell_what_works_and_why_not() {
    let group = |version, writable, reason: &str| GroupFacts {
        version,
        writable,
        reason: reason.into(),
    };
    let facts = Facts {
        euid: 1000,
        may_raise_priority: false,
        lowest_nice: 20,
        may_signal_others: false,
        autogroup: true,
        swap_free_bytes: Some(0),
        io_schedulers: vec![("sda".into(), "none".into()), ("sdb".into(), "bfq".into())],
        cpu: group(2, true, ""),
        io: group(1, false, "not writable by user 1000"),
        memory: group(0, false, ""),
        pids: group(2, true, "at /sys/fs/cgroup/a"),
        freezer: group(0, false, NASTY),
    };
    let text = checked(|page| super::facts(&facts, page));
    has(
        &text,
        &[
            "  partly  lower_priority, set_batch, set_idle",
            "across sessions set_autogroup",
            "  no      taking priorities back",
            "  yes     set_autogroup",
            "sda has none, sdb has bfq",
            "no free swap",
            "  yes     limit_cpu",
            "control groups, version 1: not writable by user 1000",
            "no such controller here",
            "evil\\x1b",
        ],
    );
}

#[test]
fn a_preview_shows_each_rule_and_its_biggest_files() {
    let rule = |name: &str, bytes: u64, refused: Option<&str>| {
        json!({
            "rule": {"name": name, "about": "caches of tools", "root": "/home/ann/.cache",
                     "min_age_seconds": 864_000.0},
            "refused": refused, "files": bytes / 1024, "folders": 1, "bytes": bytes,
            "biggest": [{"path": format!("a/{NASTY}"), "bytes": 4096, "age_seconds": 90_000.0}],
            "skipped": {"too_young": 3, "in_use": 1},
        })
    };
    let nothing = json!({"rule": {"name": "empty"}, "files": 0, "folders": 0, "bytes": 0});
    let refused = json!({"rule": {"name": "foreign"}, "refused": "not your folder"});
    let preview = json!({
        "rules": [rule("caches", 5 << 20, None), nothing, refused],
        "files": 5120, "bytes": 5 << 20, "processes_unseen": 2, "cancelled": true,
        "notes": [{"source": "/etc/tmpfiles.d/a.conf:3", "what": "left out"}],
    });
    let text = checked(|page| super::preview(&preview, page));
    has(
        &text,
        &[
            "5.0 MiB in 5120 files",
            "caches in /home/ann/.cache",
            "5120 files, 1 empty folder, older than 10 d 0 h",
            "a/evil\\x1b[2J",
            "1 d 1 h old",
            "left alone: 3 too young, 1 in use",
            "not followed: not your folder",
            "1 rule would take nothing.",
            "of 2 processes can't be seen",
            "Ended early",
            "/etc/tmpfiles.d/a.conf:3: left out",
        ],
    );
    // Whatever a later version leaves out.
    checked(|page| super::preview(&json!({}), page));
    checked(|page| super::preview(&json!({"rules": [{}, 7, null]}), page));
}

#[test]
fn what_grew_is_told_with_its_pace() {
    let row = |path: &str, before_bytes, after_bytes, per_day| Grown {
        path: path.into(),
        before_bytes,
        after_bytes,
        per_day,
    };
    let mut growth = Growth {
        folder: "/var".into(),
        bytes: 9 << 30,
        since: Some(1000.0),
        grown: vec![
            row(NASTY, 1 << 20, 3 << 20, Some(1_048_576.0)),
            row("", 0, 512, None),
        ],
        unreadable: 2,
    };
    let text = checked(|page| super::growth(&growth, 4600.0, page));
    has(
        &text,
        &[
            "/var, 9.0 GiB, since 1 h 0 min ago",
            "2.0 MiB 1.0 MiB 1.0 MiB 3.0 MiB evil\\x1b",
            "512 B – 0 B 512 B .",
            "2 folders could not be read",
        ],
    );
    growth.grown.clear();
    let text = checked(|page| super::growth(&growth, 4600.0, page));
    has(&text, &["Nothing grew since the last look 1 h 0 min ago"]);
    growth.since = None;
    let text = checked(|page| super::growth(&growth, 4600.0, page));
    has(&text, &["first look"]);
}
