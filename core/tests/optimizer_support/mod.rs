//! What the tests of the optimizer share: processes of their own, and what can be read of them.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use usm_core::Config;
use usm_core::act::{Lever, ProcessId, Scope};
use usm_core::optimizer::{
    Action, ActionKind, Answer, Metric, Optimizer, OptimizerSettings, Priority, Resource, Risk,
    RiskLevel,
};

/// A process of the test's own, ended with it.
pub struct Own {
    child: Child,
}

impl Own {
    /// Sleeps, in a session of its own.
    pub fn sleeper() -> Own {
        Own::session("exec sleep 600")
    }

    /// Spins, in a session of its own.
    pub fn spinner() -> Own {
        Own::session("while :; do :; done")
    }

    /// A copy of `sleep` under another name.
    pub fn program(path: &Path) -> Own {
        Own::run(&[path.to_str().unwrap(), "600"])
    }

    fn session(script: &str) -> Own {
        Own::run(&["sh", "-c", script])
    }

    fn run(words: &[&str]) -> Own {
        let child = Command::new("setsid")
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let own = Own { child };
        // It is its own session's leader once setsid has run and the shell is there.
        until("the child's session", || {
            field(own.pid(), 6) == Some(own.pid().to_string()) && own.comm() != "setsid"
        });
        own
    }

    pub fn pid(&self) -> i32 {
        self.child.id() as i32
    }

    pub fn id(&self) -> ProcessId {
        identity(self.pid()).unwrap()
    }

    pub fn comm(&self) -> String {
        std::fs::read_to_string(format!("/proc/{}/comm", self.pid()))
            .unwrap_or_default()
            .trim()
            .to_string()
    }

    pub fn nice(&self) -> i32 {
        field(self.pid(), 19).unwrap().parse().unwrap()
    }

    pub fn state(&self) -> String {
        field(self.pid(), 3).unwrap_or_default()
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    pub fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// All that an action could have changed.
    pub fn values(&self) -> String {
        values(self.pid())
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.end();
    }
}

/// Nice, policy, I/O priority, processors, autogroup, groups and stopped or not.
pub fn values(pid: i32) -> String {
    let read =
        |file: &str| std::fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
    let status = read("status");
    let allowed = status.lines().find(|l| l.starts_with("Cpus_allowed_list"));
    let ionice = Command::new("ionice")
        .args(["-p", &pid.to_string()])
        .output()
        .map(|out| String::from_utf8_lossy(&out.stdout).into_owned())
        .unwrap_or_default();
    format!(
        "nice {:?} policy {:?} {allowed:?} io {ionice:?} {} {} stopped {}",
        field(pid, 19),
        field(pid, 41),
        read("autogroup"),
        read("cgroup"),
        field(pid, 3) == Some("T".into()),
    )
}

/// Field of `/proc/PID/stat` by its number in the manual, 3 and above.
pub fn field(pid: i32, number: usize) -> Option<String> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    rest.split(' ').nth(number - 3).map(str::to_string)
}

pub fn identity(pid: i32) -> Option<ProcessId> {
    let start_time_ticks = field(pid, 22)?.parse().ok()?;
    Some(ProcessId {
        pid,
        start_time_ticks,
    })
}

/// Waits for something, generously.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "waited for {what}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// An optimizer that may touch these processes only, and measures shortly.
pub fn optimizer(folder: &Path, scope: &[&Own]) -> Optimizer {
    with(folder, scope, |_| {})
}

pub fn with(
    folder: &Path,
    scope: &[&Own],
    change: impl FnOnce(&mut OptimizerSettings),
) -> Optimizer {
    let mut settings = settings(scope);
    change(&mut settings);
    Optimizer::new(config(folder), settings).unwrap()
}

pub fn config(folder: &Path) -> Config {
    Config {
        data_dir: Some(folder.into()),
        store_enabled: false,
        ..Config::default()
    }
}

pub fn settings(scope: &[&Own]) -> OptimizerSettings {
    OptimizerSettings {
        scope: Some(Scope::List(scope.iter().map(|own| own.id()).collect())),
        verify_seconds: 0.2,
        ..OptimizerSettings::default()
    }
}

/// An action as a script makes it: a type and a target.
pub fn by_hand(kind: ActionKind, target_id: impl ToString) -> Action {
    let answer = Answer {
        yes: true,
        reason: String::new(),
    };
    Action {
        id: 0,
        action_type: kind,
        target_id: target_id.to_string(),
        description: format!("{kind:?} of a test"),
        priority: Priority::Medium,
        estimated_benefit: 1.0,
        risk: Risk {
            level: RiskLevel::Low,
            score: 0.0,
            reasons: Vec::new(),
        },
        execution_time: 0.1,
        resource: Resource::Cpu,
        metric: Metric::CpuWait,
        subject: None,
        process: None,
        culprits: Vec::new(),
        lever: None,
        reversible: answer.clone(),
        effect: answer,
        planned_at: 0.0,
        token: String::new(),
    }
}

/// The same with a lever.
pub fn with_lever(kind: ActionKind, own: &Own, lever: Lever) -> Action {
    Action {
        process: Some(own.id()),
        lever: Some(lever),
        ..by_hand(kind, own.pid())
    }
}

/// A target as an analysis gives it.
pub fn target(kind: &str, metric: &str, culprits: &[&Own]) -> usm_core::optimizer::Target {
    let culprits: Vec<_> = culprits
        .iter()
        .map(|own| {
            serde_json::json!({
                "process": own.id(), "name": own.comm(), "uid": rustix::process::geteuid().as_raw(),
                "session_id": own.pid(), "cgroup": null, "usage": 99.0,
                "unit": "percent of one core", "share": 1.0 / culprits.len() as f64,
                "may_be_touched": true, "untouchable_reason": null,
            })
        })
        .collect();
    serde_json::from_value(serde_json::json!({
        "id": 0, "target_type": kind, "current_value": 96.0, "target_value": 70.0,
        "priority": "high", "description": "a test's trouble",
        "optimization_method": "process_optimization", "estimated_impact": "",
        "metric": metric, "subject": null, "since": null, "confidence": 0.9, "baseline": null,
        "culprits": culprits, "evidence": [], "advice": null, "victims": [], "size_bytes": null,
    }))
    .unwrap()
}
