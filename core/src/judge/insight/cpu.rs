//! Processors: what holds work back that could run.

use super::InsightKind;
use super::means::{CORE_BUSY, CORES, Mean};
use super::view::{Draft, View, graded, of_crowd, of_member};
use crate::judge::Severity;
use crate::judge::process_use::{Crowd, Use};
use crate::judge::words::amount;
use crate::series::Unit;

/// It has to last for so long.
const HOLD_SECONDS: f64 = 30.0;

/// All of the processors.
pub(super) fn judge(view: &View<'_>, out: &mut Vec<Draft>) {
    let held_back = [throttled(view), stolen(view)];
    // What is held back from outside explains why tasks wait.
    let is_explained = held_back.iter().any(Option::is_some);
    out.extend(held_back.into_iter().flatten());
    let bound = bound(view);
    let is_bound = bound.is_some();
    out.extend(bound);
    if !is_explained && !is_bound {
        out.extend(run_queue(view));
    }
    if !is_bound {
        out.extend(one_core(view));
    }
}

fn throttled(view: &View<'_>) -> Option<Draft> {
    let held = view.get(Mean::Throttled)?;
    (held >= view.level("throttled", 5.0, 2.0)).then_some(())?;
    let quota = match view.get(Mean::QuotaCpus) {
        Some(cpus) => format!(" of {} processors", amount(cpus, Unit::Number)),
        None => String::new(),
    };
    let use_of = view.get(Mean::ContainerCpu);
    let used = match use_of {
        Some(percent) => format!(
            "; it uses {} of what it may",
            amount(percent, Unit::Percent)
        ),
        None => String::new(),
    };
    Some(Draft {
        id: "throttled".into(),
        kind: InsightKind::Throttled,
        severity: graded(held, 10.0, 30.0, f64::INFINITY),
        confidence: 0.95,
        text: format!(
            "The CPU quota{quota} of the control group holds its work back {} of the time{used}.",
            amount(held, Unit::Percent)
        ),
        evidence: view.all(&[
            (Mean::Throttled, Some(5.0)),
            (Mean::QuotaCpus, None),
            (Mean::ContainerCpu, Some(100.0)),
        ]),
        advice: vec![
            "Raise the quota (CPUQuota= of the unit, --cpus of the container).".into(),
            "Run no more threads at a time than the quota has processors: with more, the quota \
             of each period is used up early and all of them wait."
                .into(),
        ],
        hold_seconds: HOLD_SECONDS,
    })
}

fn stolen(view: &View<'_>) -> Option<Draft> {
    let stolen = view.get(Mean::CpuSteal)?;
    (stolen >= view.level("steal", 10.0, 5.0)).then_some(())?;
    Some(Draft {
        id: "steal".into(),
        kind: InsightKind::Steal,
        severity: graded(stolen, 15.0, 30.0, f64::INFINITY),
        confidence: 0.9,
        text: format!(
            "The hypervisor takes {} of the processor time of this virtual machine: its host \
             has more to do than it can.",
            amount(stolen, Unit::Percent)
        ),
        evidence: view.all(&[(Mean::CpuSteal, Some(10.0)), (Mean::Cpu, None)]),
        advice: vec![
            "Move the virtual machine to another host, or take a size whose processors are not \
             shared."
                .into(),
        ],
        hold_seconds: HOLD_SECONDS,
    })
}

/// How long tasks wait for a processor: by the kernel's pressure, else by the queue.
struct Waiting {
    /// 0 to 100.
    percent: f64,
    is_measured: bool,
    words: String,
}

fn waiting(view: &View<'_>) -> Option<Waiting> {
    if let Some(percent) = view.get(Mean::PressureCpu) {
        let words = format!(
            "tasks wait for one {} of the time",
            amount(percent, Unit::Percent)
        );
        return Some(Waiting {
            percent,
            is_measured: true,
            words,
        });
    }
    let (runnable, cpus) = (view.get(Mean::Runnable)?, view.cpus()?);
    (runnable > 0.0).then(|| Waiting {
        // Of those that could run, so many do not.
        percent: (100.0 * (1.0 - cpus / runnable)).max(0.0),
        is_measured: false,
        words: format!(
            "{} tasks want to run on {} of them",
            amount(runnable, Unit::Number),
            amount(cpus, Unit::Number)
        ),
    })
}

/// Processor use by the tighter of the machine and its control group.
fn used(view: &View<'_>) -> Option<(Mean, f64)> {
    let of = |mean: Mean| view.get(mean).map(|percent| (mean, percent));
    let all = [of(Mean::Cpu), of(Mean::ContainerCpu)]
        .into_iter()
        .flatten();
    all.max_by(|a, b| a.1.total_cmp(&b.1))
}

fn bound(view: &View<'_>) -> Option<Draft> {
    let (mean, percent) = used(view)?;
    let waiting = waiting(view)?;
    (percent >= view.level("cpu_bound", 90.0, 80.0)
        && waiting.percent >= view.level("cpu_bound", 15.0, 8.0))
    .then_some(())?;
    // Niced work gives way to anything else: it keeps only other niced work waiting.
    let niced = view.get(Mean::CpuNice).unwrap_or(0.0) / percent;
    let severity = graded(
        waiting.percent * (1.0 - niced).clamp(0.0, 1.0),
        30.0,
        60.0,
        f64::INFINITY,
    );
    let most = view.most(Use::Cpu);
    let who = match &most {
        Some(crowd) => format!(" Most is used by {crowd}."),
        None => String::new(),
    };
    let background = match niced {
        niced if niced >= 0.2 => format!(
            " ({} of that by niced work, which gives way to anything else)",
            amount(100.0 * niced, Unit::Percent)
        ),
        _ => String::new(),
    };
    let of = match mean {
        Mean::ContainerCpu => "The processors that the control group may use are",
        _ => "The processors are",
    };
    let mut evidence = view.all(&[
        (mean, Some(90.0)),
        (Mean::PressureCpu, Some(15.0)),
        (Mean::Runnable, view.cpus()),
    ]);
    evidence.extend(most.as_ref().map(of_crowd));
    Some(Draft {
        id: "cpu_bound".into(),
        kind: InsightKind::CpuBound,
        severity,
        confidence: if waiting.is_measured { 0.9 } else { 0.6 },
        text: format!(
            "{of} {} busy{background}, and {}.{who}",
            amount(percent, Unit::Percent),
            waiting.words
        ),
        evidence,
        advice: advice_for(most.as_ref()),
        hold_seconds: HOLD_SECONDS,
    })
}

fn advice_for(most: Option<&Crowd<'_>>) -> Vec<String> {
    let mut advice = Vec::new();
    if let Some(crowd) = most {
        let name = &crowd.first.name;
        if crowd.count > 1 {
            advice.push(format!("Run fewer {name} at a time."));
        }
        advice.push(format!(
            "Let {name} give way to what matters more: a lower CPU weight of its control group, \
             nice, or SCHED_BATCH."
        ));
    }
    advice.push("Give the machine more processors, if this is its usual work.".into());
    advice
}

fn run_queue(view: &View<'_>) -> Option<Draft> {
    let (_, percent) = used(view)?;
    let waiting = waiting(view)?;
    let cpus = view.cpus()?;
    let is_waiting = waiting.percent >= view.level("run_queue", 35.0, 20.0)
        && percent < view.level("run_queue", 80.0, 90.0);
    let switches = view.get(Mean::ContextSwitches).unwrap_or(0.0) / cpus;
    let system = view.get(Mean::CpuSystem).unwrap_or(0.0);
    let is_switching = switches >= view.level("run_queue", 40_000.0, 25_000.0)
        && system >= view.level("run_queue", 30.0, 20.0);
    (is_waiting || is_switching).then_some(())?;
    let queue = match view.get(Mean::Runnable) {
        Some(runnable) => format!(", {} tasks are runnable", amount(runnable, Unit::Number)),
        None => String::new(),
    };
    let switched = format!(
        "{} context switches",
        amount(switches * cpus, Unit::PerSecond)
    );
    Some(Draft {
        id: "run_queue".into(),
        kind: InsightKind::RunQueue,
        severity: graded(waiting.percent, 50.0, f64::INFINITY, f64::INFINITY),
        confidence: 0.6,
        text: format!(
            "Processors are only {} busy, yet {}{queue}, with {switched}: work comes in bursts, \
             is bound to some of the processors, or a lock is handed from task to task.",
            amount(percent, Unit::Percent),
            waiting.words
        ),
        evidence: view.all(&[
            (Mean::PressureCpu, Some(35.0)),
            (Mean::Cpu, Some(80.0)),
            (Mean::Runnable, Some(cpus)),
            (Mean::ContextSwitches, Some(40_000.0 * cpus)),
            (Mean::CpuSystem, Some(30.0)),
        ]),
        advice: vec![
            "Look for tasks that are bound to few processors (taskset, cpuset), and for locks \
             (perf sched, perf lock)."
                .into(),
            "Use fewer threads than there are processors where they only wait for each other."
                .into(),
        ],
        hold_seconds: HOLD_SECONDS,
    })
}

/// One processor is full, the others have time.
fn one_core(view: &View<'_>) -> Option<Draft> {
    let id = "core_saturated";
    let machine = view.get(Mean::Cpu)?;
    let cores = view.cores.each().count();
    (cores >= 2 && machine <= view.level(id, 75.0, 85.0)).then_some(())?;
    let full = view.level(id, 95.0, 85.0);
    let busiest = view
        .cores
        .each()
        .filter(|(_, means)| means[CORE_BUSY] >= full)
        .max_by(|a, b| a.1[CORE_BUSY].total_cmp(&b.1[CORE_BUSY]));
    // A task that moves from core to core fills none of them, but is held back all the same.
    let single = view
        .processes
        .most(Use::OwnCpu)
        .filter(|process| (full..=110.0).contains(&process.now(Use::OwnCpu)));
    if busiest.is_none() && single.is_none() {
        return None;
    }
    let mut evidence: Vec<_> = busiest
        .and_then(|(name, means)| of_member(&CORES, name, means, CORE_BUSY, Some(95.0)))
        .into_iter()
        .collect();
    evidence.extend(view.evidence(Mean::Cpu, Some(75.0)));
    let what = match (single, busiest) {
        (Some(process), _) => {
            let crowd = Crowd {
                of: Use::OwnCpu,
                first: process,
                count: 1,
                sum: process.now(Use::OwnCpu),
            };
            evidence.push(of_crowd(&crowd));
            format!("One processor's worth is used by {crowd} alone")
        }
        (None, Some((name, means))) => {
            format!(
                "Processor {name} is {} busy",
                amount(means[CORE_BUSY], Unit::Percent)
            )
        }
        (None, None) => return None,
    };
    Some(Draft {
        id: id.into(),
        kind: InsightKind::CoreSaturated,
        severity: Severity::Low,
        confidence: if single.is_some() { 0.8 } else { 0.6 },
        text: format!(
            "{what}, while all {cores} together are {} busy: it can't get faster on one \
             processor.",
            amount(machine, Unit::Percent)
        ),
        evidence,
        advice: vec![
            "Let it use several threads or processes, if it can.".into(),
            "A single-threaded program gains from a faster processor, not from more of them."
                .into(),
        ],
        hold_seconds: 60.0,
    })
}
