//! Memory: work that waits for it, and memory that runs out.

use super::InsightKind;
use super::means::Mean;
use super::view::{Draft, View, graded, of_crowd};
use crate::judge::Severity;
use crate::judge::process_use::{Crowd, Use};
use crate::judge::words::{amount, span};
use crate::series::Unit;

/// Work that waits for memory costs from the first seconds.
const THRASH_HOLD_SECONDS: f64 = 15.0;
const FILLING_HOLD_SECONDS: f64 = 30.0;
/// A forecast is told when it is nearer than this.
const NEAR_SECONDS: f64 = 6.0 * 3600.0;

/// Forecasts of what memory runs out of.
const MEMORY: [&str; 4] = [
    "memory_percent",
    "memory_used_bytes",
    "memory_available_bytes",
    "container_memory_percent",
];
const SWAP: [&str; 2] = ["swap_percent", "swap_used_bytes"];

/// All of memory.
pub(super) fn judge(view: &View<'_>, out: &mut Vec<Draft>) {
    out.extend(thrash(view));
    out.extend(filling(view));
    out.extend(swap_filling(view));
}

fn thrash(view: &View<'_>) -> Option<Draft> {
    let id = "memory_thrash";
    let (some, full) = (
        view.get(Mean::PressureMemorySome),
        view.get(Mean::PressureMemoryFull),
    );
    let faults = view.get(Mean::MajorFaults);
    let swapped = view.get(Mean::SwapIn).unwrap_or(0.0) + view.get(Mean::SwapOut).unwrap_or(0.0);
    let (severity, confidence, waits) = match some {
        Some(some) => {
            let full = full.unwrap_or(0.0);
            let is_short = some >= view.level(id, 10.0, 5.0) || full >= view.level(id, 4.0, 2.0);
            is_short.then_some(())?;
            let severity = graded(some, 0.0, 20.0, 60.0).max(graded(full, 4.0, 10.0, 30.0));
            let waits = format!(
                "tasks wait for it {} of the time (all of them {})",
                amount(some, Unit::Percent),
                amount(full, Unit::Percent)
            );
            (severity, 0.9, waits)
        }
        None => {
            let is_short = faults? >= view.level(id, 300.0, 100.0)
                && swapped >= view.level(id, 2.0, 1.0) * 1_048_576.0;
            is_short.then_some(())?;
            (
                Severity::High,
                0.6,
                "pages are read back as soon as they are dropped".into(),
            )
        }
    };
    let mut traffic = String::new();
    if let Some(faults) = faults.filter(|faults| *faults >= 1.0) {
        traffic.push_str(&format!(
            ", {} major page faults",
            amount(faults, Unit::PerSecond)
        ));
    }
    if swapped >= 4096.0 {
        let rate = amount(swapped, Unit::BytesPerSecond);
        traffic.push_str(&format!(", {rate} of swap traffic"));
    }
    let most = view.most(Use::Memory);
    let mut evidence = view.all(&[
        (Mean::PressureMemorySome, Some(10.0)),
        (Mean::PressureMemoryFull, Some(4.0)),
        (Mean::MajorFaults, None),
        (Mean::SwapIn, None),
        (Mean::SwapOut, None),
        (Mean::MemoryAvailable, None),
    ]);
    evidence.extend(most.as_ref().map(of_crowd));
    Some(Draft {
        id: id.into(),
        kind: InsightKind::MemoryThrash,
        severity,
        confidence,
        text: format!("Memory is short: {waits}{traffic}.{}", by(most.as_ref())),
        evidence,
        advice: advice_for(most.as_ref()),
        hold_seconds: THRASH_HOLD_SECONDS,
    })
}

fn by(most: Option<&Crowd<'_>>) -> String {
    match most {
        Some(crowd) => format!(" Most is held by {crowd}."),
        None => String::new(),
    }
}

fn advice_for(most: Option<&Crowd<'_>>) -> Vec<String> {
    let mut advice = Vec::new();
    if let Some(crowd) = most {
        let name = &crowd.first.name;
        if crowd.count > 1 {
            advice.push(format!("Run fewer {name} at a time."));
        }
        advice.push(format!(
            "Restart {name}, or limit what it may hold (MemoryHigh= of its unit)."
        ));
    }
    advice.push("Give the machine more memory, or compressed swap (zram, zswap).".into());
    advice
}

fn filling(view: &View<'_>) -> Option<Draft> {
    let id = "memory_filling";
    let of = |mean: Mean| view.get(mean).map(|percent| (mean, percent));
    let all = [of(Mean::Memory), of(Mean::ContainerMemory)]
        .into_iter()
        .flatten();
    let (mean, percent) = all.max_by(|a, b| a.1.total_cmp(&b.1))?;
    let soon = view
        .exhaustion(&MEMORY, None)
        .filter(|e| e.seconds.unwrap_or(f64::INFINITY) <= view.level(id, 1.0, 1.5) * NEAR_SECONDS)
        // Half-empty memory that is being filled is what memory is for.
        .filter(|_| percent >= 60.0);
    (percent >= view.level(id, 90.0, 86.0) || soon.is_some()).then_some(())?;
    let seconds = soon.and_then(|e| e.seconds);
    let severity = graded(percent, 85.0, 93.0, 97.0).max(by_time(seconds));
    let whole = match mean {
        Mean::ContainerMemory => "the memory that the control group may use",
        _ => "the machine's memory",
    };
    let available = match (mean, view.get(Mean::MemoryAvailable)) {
        (Mean::Memory, Some(bytes)) => format!(", {} are left", amount(bytes, Unit::Bytes)),
        _ => String::new(),
    };
    let when = seconds.map_or(String::new(), |seconds| {
        format!("; at this rate it is used up in about {}", span(seconds))
    });
    let most = view.most(Use::Memory);
    let mut evidence = view.all(&[
        (mean, Some(90.0)),
        (Mean::MemoryAvailable, None),
        (Mean::Swap, None),
    ]);
    evidence.extend(most.as_ref().map(of_crowd));
    Some(Draft {
        id: id.into(),
        kind: InsightKind::MemoryFilling,
        severity,
        confidence: if percent >= 90.0 { 0.9 } else { 0.6 },
        text: format!(
            "{} of {whole} is in use{available}{when}.{}",
            amount(percent, Unit::Percent),
            by(most.as_ref())
        ),
        evidence,
        advice: advice_for(most.as_ref()),
        hold_seconds: FILLING_HOLD_SECONDS,
    })
}

/// Swap that is full is harmless while there is memory left.
fn swap_filling(view: &View<'_>) -> Option<Draft> {
    let id = "memory_filling:swap";
    let percent = view.get(Mean::Swap)?;
    let memory = view.get(Mean::Memory)?;
    let seconds = view
        .exhaustion(&SWAP, None)
        .and_then(|e| e.seconds)
        .filter(|seconds| *seconds <= view.level(id, 1.0, 1.5) * NEAR_SECONDS);
    let is_full = percent >= view.level(id, 80.0, 70.0);
    ((is_full || seconds.is_some()) && memory >= view.level(id, 80.0, 75.0)).then_some(())?;
    let when = seconds.map_or(String::new(), |seconds| {
        format!("; at this rate it is used up in about {}", span(seconds))
    });
    Some(Draft {
        id: id.into(),
        kind: InsightKind::MemoryFilling,
        severity: graded(percent, 80.0, 95.0, f64::INFINITY).max(by_time(seconds)),
        confidence: 0.8,
        text: format!(
            "{} of swap and {} of memory are in use{when}: what needs more is killed when both \
             are full.",
            amount(percent, Unit::Percent),
            amount(memory, Unit::Percent)
        ),
        evidence: view.all(&[(Mean::Swap, Some(80.0)), (Mean::Memory, Some(80.0))]),
        advice: advice_for(view.most(Use::Memory).as_ref()),
        hold_seconds: FILLING_HOLD_SECONDS,
    })
}

fn by_time(seconds: Option<f64>) -> Severity {
    match seconds {
        Some(seconds) if seconds <= 1800.0 => Severity::High,
        Some(_) => Severity::Medium,
        None => Severity::Low,
    }
}
