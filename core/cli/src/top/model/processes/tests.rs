//! The order, the tree and the choice.

use super::*;
use std::sync::Arc;
use usm_core::sample::ProcessDetails;

fn process(pid: i32, parent_pid: i32, name: &str, cpu: Option<f64>) -> ProcessSample {
    ProcessSample {
        pid,
        parent_pid,
        start_time_ticks: 100 + pid as u64,
        cpu_core_percent: cpu,
        details: Arc::new(ProcessDetails {
            name: name.into(),
            user: Some("ann".into()),
            command_line: Some(format!("/usr/bin/{name} --serve").into()),
            ..ProcessDetails::default()
        }),
        ..ProcessSample::default()
    }
}

fn list() -> Vec<ProcessSample> {
    vec![
        process(1, 0, "init", Some(0.0)),
        process(10, 1, "shell", Some(3.0)),
        process(11, 10, "make", None),
        process(12, 11, "cc", Some(90.0)),
        process(20, 1, "web", Some(f64::NAN)),
    ]
}

fn pids(processes: &Processes, list: &[ProcessSample]) -> Vec<i32> {
    processes
        .rows
        .iter()
        .map(|row| list[row.place].pid)
        .collect()
}

#[test]
fn what_is_unknown_comes_last_in_either_direction() {
    let list = list();
    let mut processes = Processes::default();
    processes.arrange(&list);
    assert_eq!(pids(&processes, &list), [12, 10, 1, 11, 20]);
    processes.is_reversed = true;
    processes.arrange(&list);
    assert_eq!(pids(&processes, &list), [1, 10, 12, 11, 20]);
    processes.sort_by(Sort::Name);
    processes.arrange(&list);
    assert_eq!(pids(&processes, &list), [12, 1, 11, 10, 20]);
}

#[test]
fn the_choice_follows_its_process_and_never_jumps_to_another_unseen() {
    let mut list = list();
    let mut processes = Processes::default();
    processes.arrange(&list);
    processes.go(1, &list);
    assert_eq!(processes.chosen(&list).unwrap().pid, 10);
    list[0].cpu_core_percent = Some(50.0);
    list[4].cpu_core_percent = Some(60.0);
    processes.arrange(&list);
    assert_eq!(processes.chosen(&list).unwrap().pid, 10);
    assert_eq!(processes.place.at, 3);
    // Another process with its pid is another process.
    list[1].start_time_ticks += 1;
    processes.arrange(&list);
    assert_eq!(processes.followed, None);
}

#[test]
fn a_tree_shows_the_way_to_what_is_filtered_for() {
    let list = list();
    let mut processes = Processes {
        is_tree: true,
        ..Processes::default()
    };
    processes.arrange(&list);
    assert_eq!(pids(&processes, &list), [1, 10, 11, 12, 20]);
    let branches: Vec<&str> = processes.rows.iter().map(|r| r.branches.as_str()).collect();
    assert_eq!(branches, ["", "├─", "│ └─", "│   └─", "└─"]);
    "/CC "
        .chars()
        .for_each(|letter| processes.filter.push(letter));
    processes.arrange(&list);
    assert_eq!(pids(&processes, &list), [1, 10, 11, 12]);
    let passed: Vec<bool> = processes.rows.iter().map(|row| row.is_passed).collect();
    assert_eq!(passed, [true, true, true, false]);
}

#[test]
fn circles_and_orphans_are_shown_once_each() {
    let list = [
        process(5, 6, "a", None),
        process(6, 5, "b", None),
        process(7, 7, "c", None),
        process(8, 99, "d", None),
    ];
    let mut processes = Processes {
        is_tree: true,
        ..Processes::default()
    };
    processes.arrange(&list);
    let mut shown = pids(&processes, &list);
    shown.sort_unstable();
    assert_eq!(shown, [5, 6, 7, 8]);
    processes.arrange(&[]);
    assert!(processes.rows.is_empty() && processes.chosen(&[]).is_none());
}

#[test]
fn processor_time_is_short() {
    for (seconds, wanted) in [
        (59.99, "0:59.9"),
        (754.6, "12:34.6"),
        (18_720.0, "5h12m"),
        (273_600.0, "3d04h"),
        (f64::NAN, "–"),
        (-1.0, "0:00.0"),
    ] {
        assert_eq!(time_words(seconds), wanted);
    }
}
