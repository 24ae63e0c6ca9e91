//! Risk: what could be lost, whether it comes back, whose it is, how sure the diagnosis is.

use super::super::action::{ActionKind, Answer, Risk, RiskLevel};
use crate::act::{Lever, Limit};
use crate::sample::{Roots, anonymous_bytes};

/// Points from which the level is medium, and high.
const MEDIUM: f64 = 30.0;
const HIGH: f64 = 60.0;

/// Computes the risk of an action. `confidence` is the diagnosis', 0 to 1; `is_hazardous`:
/// see [`starves`].
pub(in crate::optimizer) fn assess(
    kind: ActionKind,
    reversible: &Answer,
    is_another_users: bool,
    confidence: f64,
    is_hazardous: bool,
) -> Risk {
    let (points, reason) = of_kind(kind);
    let mut score: f64 = points;
    let mut reasons = vec![reason.to_string()];
    if is_hazardous {
        score += 20.0;
        reasons.push("at the limit its system calls may fail for want of memory".into());
    }
    if reversible.yes {
        reasons.push(format!("can be taken back: {}", reversible.reason));
    } else if kind != ActionKind::KillProcess {
        score += 30.0;
        reasons.push(format!("can't be taken back: {}", reversible.reason));
    }
    if is_another_users {
        score += 10.0;
        reasons.push("it is another user's process".into());
    }
    let known = if confidence.is_nan() { 0.0 } else { confidence };
    let doubt = 1.0 - known.clamp(0.0, 1.0);
    if doubt > 0.3 {
        score += 15.0 * doubt;
        reasons.push(format!(
            "the diagnosis is only {:.0} % sure",
            100.0 - 100.0 * doubt
        ));
    }
    let score = score.min(100.0);
    Risk {
        level: match score {
            s if s >= HIGH => RiskLevel::High,
            s if s >= MEDIUM => RiskLevel::Medium,
            _ => RiskLevel::Low,
        },
        score,
        reasons,
    }
}

/// Whether a memory limit of version 1 could leave the processes without memory that they need:
/// not if they hold little of their own and mostly fill the page cache, which can be given up.
pub(in crate::optimizer) fn starves(lever: &Lever, roots: &Roots) -> bool {
    let Lever::Group { processes, limits } = lever else {
        return false;
    };
    let most = limits.iter().find_map(|limit| match limit {
        Limit::MemoryHighBytes(bytes) => Some(*bytes),
        _ => None,
    });
    let Some(most) = most else {
        return false;
    };
    let own: Option<u64> = processes
        .iter()
        .map(|process| anonymous_bytes(roots, process.pid))
        .sum();
    // What can't be read may be anything.
    own.is_none_or(|own| own > most / 4)
}

/// What each kind can do at worst.
fn of_kind(kind: ActionKind) -> (f64, &'static str) {
    match kind {
        ActionKind::CleanupMemory => (1.0, "only free memory of this program is concerned"),
        ActionKind::SetBatch => (2.0, "it is woken a little later"),
        ActionKind::SetIoPriority => (4.0, "its disk accesses wait for others'"),
        ActionKind::LowerPriority => (5.0, "it runs slower while others want to run"),
        ActionKind::SetAffinity => (8.0, "it has fewer processors"),
        ActionKind::LimitCpu => (8.0, "it runs slower while others want to run"),
        ActionKind::SetIdle => (10.0, "it may hardly run while others want to"),
        ActionKind::SetAutogroup => (
            10.0,
            "its whole session runs slower while others want to run",
        ),
        ActionKind::CleanupDisk => (12.0, "files that somebody may miss are put aside"),
        ActionKind::LimitIo => (
            12.0,
            "its disk accesses are slower, with nobody waiting too",
        ),
        ActionKind::ReclaimMemory => (15.0, "it must read back what it needs again"),
        ActionKind::LimitMemory => (18.0, "it waits when it takes more memory"),
        ActionKind::LimitProcesses => (
            18.0,
            "it can't make further processes, and may not expect that",
        ),
        ActionKind::Freeze => (35.0, "who waits for it waits until the lease ends"),
        ActionKind::SuspendProcess => (
            40.0,
            "who waits for it waits until the lease ends; shells may notice",
        ),
        ActionKind::KillProcess => (85.0, "unsaved work is lost"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{no, yes};
    use super::*;

    #[test]
    fn what_comes_back_is_low_and_what_does_not_is_more() {
        let low = assess(ActionKind::LowerPriority, &yes("root"), false, 0.9, false);
        assert_eq!(low.level, RiskLevel::Low);
        let medium = assess(
            ActionKind::LowerPriority,
            &no("no privilege"),
            false,
            0.9,
            false,
        );
        assert_eq!(medium.level, RiskLevel::Medium);
        assert!(medium.reasons.iter().any(|r| r.contains("no privilege")));
        for confidence in [0.0, 0.5, 1.0] {
            let kill = assess(
                ActionKind::KillProcess,
                &no("ended"),
                false,
                confidence,
                false,
            );
            assert_eq!(kill.level, RiskLevel::High);
            let stop = assess(
                ActionKind::SuspendProcess,
                &yes("lease"),
                false,
                confidence,
                false,
            );
            assert_eq!(stop.level, RiskLevel::Medium);
        }
    }

    #[test]
    fn every_kind_has_a_reason_and_a_score_within_bounds() {
        for kind in ActionKind::ALL {
            let risk = assess(kind, &no("x"), true, 0.0, true);
            assert!((0.0..=100.0).contains(&risk.score));
            assert!(!risk.reasons.is_empty());
        }
    }
}
