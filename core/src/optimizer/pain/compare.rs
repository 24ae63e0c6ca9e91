//! The verdict: what two equal windows, before and after an action, say of its effect.
//!
//! *Helped*: the metric is better by at least 3 points and by a fifth of what it was, and
//! nobody else suffers clearly more. For memory in use 2 points do, for space 0.1 of a point;
//! for disk waits also a fifth more calls of the victims, for memory pressure also a fifth
//! fewer disk faults of the victims (the kernel counts a held back culprit's own waiting as
//! pressure).
//! *Harmed*: the metric is worse by the same measure, or the victims' waits on something
//! else are up by 15 points. Pressure (PSI) is asked for that only where no waits are known,
//! and pressure on memory only counts where the victims fault more, since it holds the
//! culprits' own waiting too.

use super::{Pain, ProcessPain};
use crate::arrange::map_of;
use crate::optimizer::outcome::Verdict;
use crate::optimizer::target::Metric;

/// Points by which victims' waits elsewhere may grow before that is harm.
const HARM_POINTS: f64 = 15.0;

/// Share of its earlier value by which a metric must change to have changed.
const CLEAR_SHARE: f64 = 0.2;

/// Calls per second below which the victims' progress says nothing.
const LEAST_CALLS: f64 = 20.0;

/// Disk faults per second from which on they matter.
const LEAST_FAULTS: f64 = 10.0;

/// The verdict, the improvement in the metric's unit (negative when worse), and the reason.
/// `subject` as for [`Pain::value`]; for space call [`Pain::note_space`] at each measurement.
pub(crate) fn compare_about(
    metric: Metric,
    subject: Option<&str>,
    before: &Pain,
    after: &Pain,
) -> (Verdict, f64, String) {
    let (was, is) = values(metric, subject, before, after);
    let improvement = was.zip(is).map_or(0.0, |(was, is)| was - is);
    if let Some(harm) = harm_elsewhere(metric, before, after) {
        return (Verdict::Harmed, improvement, harm);
    }
    let mut judged = match was.zip(is) {
        Some((was, is)) => by_value(metric, was, is),
        None => (Verdict::NoEffect, unknown(metric, was)),
    };
    // The victims' own progress, where the metric alone does not tell.
    let progress = match metric {
        Metric::IoWait | Metric::IoPressure => by_calls(before, after),
        Metric::MemoryPressure => by_faults(before, after).or_else(|| by_calls(before, after)),
        _ => None,
    };
    if let Some((verdict, reason)) = progress {
        judged = (verdict, format!("{reason}; {}", judged.1));
    }
    (judged.0, improvement, judged.1)
}

fn values(
    metric: Metric,
    subject: Option<&str>,
    before: &Pain,
    after: &Pain,
) -> (Option<f64>, Option<f64>) {
    let was = before.value(metric, subject);
    let mut is = after.value(metric, subject);
    if matches!(metric, Metric::ProcessCpu | Metric::ProcessMemory) && was.is_some() {
        // It has ended: it uses nothing any more.
        is = is.or(Some(0.0));
    }
    (was, is)
}

/// Least change in points that is more than noise.
fn clear_points(metric: Metric) -> f64 {
    match metric {
        Metric::SpaceUsed | Metric::InodesUsed => 0.1,
        Metric::MemoryUsed => 2.0,
        Metric::ProcessMemory => 0.5,
        Metric::ForkRate => 20.0,
        _ => 3.0,
    }
}

/// Least change as a share of the earlier value.
fn clear_share(metric: Metric) -> f64 {
    match metric {
        // What matters is the part that is free, and that is small when it matters.
        Metric::SpaceUsed | Metric::InodesUsed | Metric::MemoryUsed => 0.0,
        _ => CLEAR_SHARE,
    }
}

fn by_value(metric: Metric, was: f64, is: f64) -> (Verdict, String) {
    let (name, unit) = words(metric);
    let numbers = format!("{name} {was:.1} → {is:.1} {unit}");
    let points = clear_points(metric);
    let share = clear_share(metric);
    if was - is >= points && was - is >= share * was {
        (Verdict::Helped, format!("clearly better: {numbers}"))
    } else if is - was >= points && is - was >= share * was {
        (Verdict::Harmed, format!("clearly worse: {numbers}"))
    } else {
        (Verdict::NoEffect, format!("no clear change: {numbers}"))
    }
}

fn unknown(metric: Metric, was: Option<f64>) -> String {
    let (name, _) = words(metric);
    match (metric, was) {
        (Metric::CpuWait | Metric::IoWait, Some(_)) => {
            format!("{name}: afterwards nobody else wanted anything, so that no effect shows")
        }
        (Metric::CpuWait | Metric::IoWait, None) => {
            format!("{name}: nobody else wanted anything before")
        }
        _ => format!("{name} can't be measured here"),
    }
}

/// Sums over those victims that were there both times and may be read.
fn common(before: &Pain, after: &Pain, of: fn(&ProcessPain) -> Option<f64>) -> Option<(f64, f64)> {
    let then = map_of(victims(before).filter_map(|p| Some((p.id(), of(p)?))));
    let (mut was, mut is, mut any) = (0.0, 0.0, false);
    for process in victims(after) {
        if let Some((earlier, now)) = then.get(&process.id()).zip(of(process)) {
            was += earlier;
            is += now;
            any = true;
        }
    }
    any.then_some((was, is))
}

fn victims(pain: &Pain) -> impl Iterator<Item = &ProcessPain> {
    pain.processes.iter().filter(|p| !p.is_culprit)
}

fn by_calls(before: &Pain, after: &Pain) -> Option<(Verdict, String)> {
    let (was, is) = common(before, after, |p| p.calls_per_sec)?;
    if was.max(is) < LEAST_CALLS {
        return None;
    }
    let numbers = format!("calls of the others {was:.0} → {is:.0} per second");
    if is >= was * (1.0 + CLEAR_SHARE) {
        Some((Verdict::Helped, format!("clearly more done: {numbers}")))
    } else if is <= was * (1.0 - CLEAR_SHARE) && waits_more_for_disks(before, after) {
        Some((Verdict::Harmed, format!("clearly less done: {numbers}")))
    } else {
        None
    }
}

/// Fewer calls alone may be a victim that has finished its work.
fn waits_more_for_disks(before: &Pain, after: &Pain) -> bool {
    let waits = before.io_wait_percent.zip(after.io_wait_percent);
    waits.is_some_and(|(was, is)| is >= was + 3.0)
}

fn by_faults(before: &Pain, after: &Pain) -> Option<(Verdict, String)> {
    let (was, is) = common(before, after, |p| Some(p.major_faults_per_sec))?;
    let numbers = format!("disk faults of the others {was:.0} → {is:.0} per second");
    if was >= LEAST_FAULTS && is <= was * (1.0 - CLEAR_SHARE) {
        Some((Verdict::Helped, format!("clearly fewer: {numbers}")))
    } else if faults_rose(was, is) {
        Some((Verdict::Harmed, format!("clearly more: {numbers}")))
    } else {
        None
    }
}

fn faults_rose(was: f64, is: f64) -> bool {
    is >= was + LEAST_FAULTS && is >= 2.0 * was
}

/// Whether something else than the metric's own resource is clearly worse for the victims.
fn harm_elsewhere(metric: Metric, before: &Pain, after: &Pain) -> Option<String> {
    let of_cpu = matches!(metric, Metric::CpuWait | Metric::CpuPressure);
    let of_io = matches!(metric, Metric::IoWait | Metric::IoPressure);
    let of_memory = matches!(metric, Metric::MemoryPressure);
    let grown = |was: Option<f64>, is: Option<f64>| {
        let (was, is) = was.zip(is)?;
        (is - was >= HARM_POINTS).then_some((was, is))
    };
    let told = |what: &str, (was, is): (f64, f64)| {
        Some(format!("{what} got worse: {was:.1} → {is:.1} percent"))
    };
    if !of_cpu {
        let rose = if before.has_run_delays || after.has_run_delays {
            // Who wanted nothing before did not wait.
            grown(
                before.cpu_wait_percent.or(Some(0.0)),
                after.cpu_wait_percent,
            )
        } else {
            grown(before.cpu_pressure_percent, after.cpu_pressure_percent)
        };
        if let Some(rose) = rose {
            return told("waiting of others for processors", rose);
        }
    }
    if !of_io {
        let does_less = common(before, after, |p| p.calls_per_sec)
            .is_none_or(|(was, is)| is < was.max(1.0) * (1.0 + CLEAR_SHARE));
        let rose = grown(before.io_wait_percent, after.io_wait_percent);
        if let Some(rose) = rose.filter(|_| does_less) {
            return told("waiting of others for disks", rose);
        }
    }
    if !of_memory {
        let faults = common(before, after, |p| Some(p.major_faults_per_sec));
        let rose = grown(
            before.memory_pressure_percent,
            after.memory_pressure_percent,
        );
        if let Some(rose) = rose
            && faults.is_none_or(|(was, is)| faults_rose(was, is))
        {
            return told("pressure on memory", rose);
        }
    }
    None
}

fn words(metric: Metric) -> (&'static str, &'static str) {
    match metric {
        Metric::CpuWait => ("waiting of others for processors", "percent"),
        Metric::CpuPressure => ("pressure on processors", "percent"),
        Metric::IoWait => ("waiting of others for disks", "percent"),
        Metric::IoPressure => ("pressure on disks", "percent"),
        Metric::MemoryPressure => ("pressure on memory", "percent"),
        Metric::MemoryUsed => ("memory in use", "percent"),
        Metric::SpaceUsed => ("space in use", "percent"),
        Metric::InodesUsed => ("inodes in use", "percent"),
        Metric::NetworkUsed => ("traffic", "percent"),
        Metric::ProcessCpu => ("processor time of the process", "percent of one core"),
        Metric::ProcessMemory => ("memory of the process", "percent"),
        Metric::ForkRate => ("processes made", "per second"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn compare(metric: Metric, before: &Pain, after: &Pain) -> (Verdict, f64, String) {
        compare_about(metric, None, before, after)
    }

    fn cpu(wait: Option<f64>) -> Pain {
        Pain {
            cpu_wait_percent: wait,
            has_run_delays: true,
            ..Pain::default()
        }
    }

    fn with_calls(io_wait: f64, calls: f64, faults: f64) -> Pain {
        Pain {
            io_wait_percent: Some(io_wait),
            has_run_delays: true,
            processes: vec![ProcessPain {
                pid: 5,
                calls_per_sec: Some(calls),
                major_faults_per_sec: faults,
                ..ProcessPain::default()
            }],
            ..Pain::default()
        }
    }

    fn verdict(metric: Metric, before: &Pain, after: &Pain) -> Verdict {
        compare(metric, before, after).0
    }

    #[test]
    fn a_clear_fall_helps_and_a_clear_rise_harms() {
        let of = |was, is| compare(Metric::CpuWait, &cpu(Some(was)), &cpu(Some(is)));
        let (verdict, improvement, reason) = of(60.0, 10.0);
        assert_eq!((verdict, improvement), (Verdict::Helped, 50.0));
        assert!(reason.contains("60.0 → 10.0"), "{reason}");
        assert_eq!(of(60.0, 52.0).0, Verdict::NoEffect);
        assert_eq!(of(5.0, 3.0).0, Verdict::NoEffect);
        assert_eq!(of(10.0, 30.0).0, Verdict::Harmed);
        assert_eq!(of(30.0, 30.0).0, Verdict::NoEffect);
    }

    #[test]
    fn nobody_wanting_anything_afterwards_shows_no_effect() {
        let (verdict, improvement, reason) = compare(Metric::CpuWait, &cpu(Some(60.0)), &cpu(None));
        assert_eq!((verdict, improvement), (Verdict::NoEffect, 0.0));
        assert!(reason.contains("nobody else wanted"), "{reason}");
    }

    #[test]
    fn disks_are_judged_by_what_the_others_get_done() {
        let io = Metric::IoWait;
        let before = with_calls(95.0, 800.0, 0.0);
        assert_eq!(
            verdict(io, &before, &with_calls(93.0, 7000.0, 0.0)),
            Verdict::Helped
        );
        assert_eq!(
            verdict(io, &before, &with_calls(95.0, 850.0, 0.0)),
            Verdict::NoEffect
        );
        // Less done without more waiting: it may have finished.
        assert_eq!(
            verdict(io, &before, &with_calls(95.0, 100.0, 0.0)),
            Verdict::NoEffect
        );
        let light = with_calls(50.0, 800.0, 0.0);
        assert_eq!(
            verdict(io, &light, &with_calls(57.0, 100.0, 0.0)),
            Verdict::Harmed
        );
    }

    #[test]
    fn harm_is_looked_for_elsewhere_too() {
        let mut before = with_calls(5.0, 100.0, 0.0);
        let mut after = with_calls(40.0, 90.0, 0.0);
        before.cpu_wait_percent = Some(60.0);
        after.cpu_wait_percent = Some(5.0);
        assert_eq!(verdict(Metric::CpuWait, &before, &after), Verdict::Harmed);
        // The others wait for disks since they get to work at last.
        after = with_calls(40.0, 300.0, 0.0);
        after.cpu_wait_percent = Some(5.0);
        assert_eq!(verdict(Metric::CpuWait, &before, &after), Verdict::Helped);
    }

    #[test]
    fn pressure_by_the_culprits_own_waiting_is_no_harm() {
        let mut before = with_calls(5.0, 100.0, 0.0);
        let mut after = with_calls(5.0, 100.0, 0.0);
        before.cpu_wait_percent = Some(60.0);
        after.cpu_wait_percent = Some(5.0);
        before.memory_pressure_percent = Some(10.0);
        after.memory_pressure_percent = Some(90.0);
        assert_eq!(verdict(Metric::CpuWait, &before, &after), Verdict::Helped);
        after.processes[0].major_faults_per_sec = 500.0;
        assert_eq!(verdict(Metric::CpuWait, &before, &after), Verdict::Harmed);
    }

    #[test]
    fn memory_pressure_is_judged_by_the_victims_faults_too() {
        let mut before = with_calls(5.0, 100.0, 400.0);
        let mut after = with_calls(5.0, 100.0, 20.0);
        before.memory_pressure_percent = Some(40.0);
        after.memory_pressure_percent = Some(60.0);
        let metric = Metric::MemoryPressure;
        assert_eq!(verdict(metric, &before, &after), Verdict::Helped);
        assert_eq!(verdict(metric, &after, &before), Verdict::Harmed);
    }

    #[test]
    fn a_process_that_has_ended_uses_nothing() {
        let before = Pain {
            processes: vec![ProcessPain {
                pid: 7,
                watched_seconds: 1.0,
                run_seconds: 0.9,
                ..ProcessPain::default()
            }],
            ..Pain::default()
        };
        let (verdict, improvement, _) =
            compare_about(Metric::ProcessCpu, Some("7"), &before, &Pain::default());
        assert_eq!((verdict, improvement), (Verdict::Helped, 90.0));
    }

    #[test]
    fn freed_space_is_told_by_what_was_noted() {
        let with = |used| Pain {
            spaces: std::collections::BTreeMap::from([(
                "/srv".to_string(),
                super::super::Space {
                    used_percent: Some(used),
                    inodes_used_percent: None,
                },
            )]),
            ..Pain::default()
        };
        let of = |was, is| compare_about(Metric::SpaceUsed, Some("/srv"), &with(was), &with(is)).0;
        assert_eq!(of(95.0, 94.0), Verdict::Helped);
        assert_eq!(of(95.0, 95.0), Verdict::NoEffect);
    }

    proptest! {
        #[test]
        fn the_improvement_is_the_difference_and_agrees_with_the_verdict(
            was in 0.0f64..100.0, is in 0.0f64..100.0
        ) {
            let (verdict, improvement, reason) =
                compare(Metric::CpuWait, &cpu(Some(was)), &cpu(Some(is)));
            prop_assert!((improvement - (was - is)).abs() < 1e-9);
            prop_assert!(!reason.is_empty());
            match verdict {
                Verdict::Helped => prop_assert!(improvement >= 3.0),
                Verdict::Harmed => prop_assert!(improvement <= -3.0),
                _ => prop_assert!(improvement.abs() < 3.0 || improvement.abs() < 0.2 * was),
            }
        }
    }
}
