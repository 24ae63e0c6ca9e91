//! What the optimizer's thinking costs: analysis beside its window of watching, plan, and the
//! checks of an action, risk included. Acts on nothing: demo mode, on sleeping processes of its
//! own.
#![allow(clippy::print_stdout)]
#![allow(clippy::unwrap_used)] // a failed step ends the measurement

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use usm_core::act::{ProcessId, Scope};
use usm_core::optimizer::{ExecuteOptions, Optimizer, OptimizerSettings, Target};
use usm_core::{Config, Monitor};

const ROUNDS: usize = 15;
/// The shortest window in which an analysis watches.
const WINDOW: f64 = 0.1;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let mut children: Vec<Child> = (0..8)
        .map(|_| {
            Command::new("setsid")
                .args(["sleep", "600"])
                .stdin(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    std::thread::sleep(Duration::from_millis(300));
    let ids: Vec<ProcessId> = children.iter().map(|c| identity(c.id() as i32)).collect();

    let config = Config {
        data_dir: Some(folder.path().into()),
        store_enabled: false,
        refresh_interval: 1.0,
        ..Config::default()
    };
    let monitor = std::sync::Arc::new(Monitor::new(config).unwrap());
    monitor.start().unwrap();
    monitor.wait_for_state(1, Duration::from_secs(5)).unwrap();
    let settings = OptimizerSettings {
        scope: Some(Scope::List(ids.clone())),
        verify_seconds: WINDOW,
        max_actions_per_minute: 10_000,
        ..OptimizerSettings::default()
    };
    let optimizer = Optimizer::attached(&monitor, settings).unwrap();

    println!("== the optimizer's thinking (medians of {ROUNDS})");
    let analysis = median(|| drop(optimizer.analyze().unwrap())) - 1000.0 * WINDOW;
    println!("analysis beside its window of watching  {analysis:>7.2} ms");
    let mut checked = Vec::new();
    for count in [1, 8] {
        let targets = [target(&ids[..count])];
        let plan = median(|| drop(optimizer.plan(&targets).unwrap()));
        println!("plan, {count} culprits, stored              {plan:>7.2} ms");
        let actions = optimizer.plan(&targets).unwrap();
        let demo = median(|| {
            let report = optimizer.execute(&actions, &ExecuteOptions::default());
            assert_eq!(report.unwrap().executed, actions.len());
        });
        checked.push((actions.len(), demo));
    }
    for (count, demo) in checked {
        println!("demo run of {count} actions, results stored   {demo:>7.2} ms");
    }
    drop(optimizer);
    for child in &mut children {
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

/// Milliseconds.
fn median(mut work: impl FnMut()) -> f64 {
    let mut took: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            work();
            begun.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    took.sort_by(f64::total_cmp);
    took[ROUNDS / 2]
}

fn identity(pid: i32) -> ProcessId {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, rest) = stat.rsplit_once(") ").unwrap();
    ProcessId {
        pid,
        start_time_ticks: rest.split(' ').nth(19).unwrap().parse().unwrap(),
    }
}

fn target(ids: &[ProcessId]) -> Target {
    let culprits: Vec<_> = ids
        .iter()
        .map(|id| {
            json!({
                "process": id, "name": "sleep", "uid": 0, "session_id": id.pid, "cgroup": null,
                "usage": 50.0, "unit": "percent of one core", "share": 1.0 / ids.len() as f64,
                "may_be_touched": true, "untouchable_reason": null,
            })
        })
        .collect();
    serde_json::from_value(json!({
        "id": 0, "target_type": "cpu", "current_value": 96.0, "target_value": 70.0,
        "priority": "high", "description": "", "optimization_method": "process_optimization",
        "estimated_impact": "", "metric": "cpu_wait", "subject": null, "since": null,
        "confidence": 0.9, "baseline": null, "culprits": culprits, "evidence": [],
        "advice": null, "utilisation_percent": 100.0,
    }))
    .unwrap()
}
