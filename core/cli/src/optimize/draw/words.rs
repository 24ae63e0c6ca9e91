//! What the optimizer's words and numbers look like.

use usm_core::act::Undo;
use usm_core::optimizer::{ActionKind, Metric, Priority, Resource, RiskLevel, Verdict};

use crate::draw::{Line, Tone, UNKNOWN, number};

/// The name by which JSON knows it, for what is a word there.
pub(crate) fn name_of(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => UNKNOWN.into(),
    }
}

/// Actions are called as in rules and in JSON, so that one can be looked for.
pub(crate) fn kind(kind: ActionKind) -> String {
    name_of(&kind)
}

pub(crate) fn priority(priority: Priority) -> (Tone, &'static str) {
    match priority {
        Priority::High => (Tone::Bad, "high"),
        Priority::Medium => (Tone::Warning, "medium"),
        Priority::Low => (Tone::Quiet, "low"),
    }
}

pub(crate) fn risk(level: RiskLevel) -> (Tone, &'static str) {
    match level {
        RiskLevel::Low => (Tone::Good, "low"),
        RiskLevel::Medium => (Tone::Warning, "medium"),
        RiskLevel::High => (Tone::Bad, "high"),
    }
}

pub(crate) fn verdict(verdict: Verdict) -> (Tone, &'static str) {
    match verdict {
        Verdict::Helped => (Tone::Good, "helped"),
        Verdict::NoEffect => (Tone::Warning, "no effect"),
        Verdict::Harmed => (Tone::Bad, "harmed"),
        Verdict::NotMeasured => (Tone::Quiet, "not measured"),
    }
}

/// How a state of a change, an action or an entry of the history is to be seen.
pub(crate) fn state_tone(state: &str) -> Tone {
    match state {
        "completed" | "undone" | "helped" => Tone::Good,
        "applied" | "kept" | "rolled_back" | "partial" | "left" | "no_effect" => Tone::Warning,
        "failed" | "refused" | "harmed" => Tone::Bad,
        _ => Tone::Quiet,
    }
}

/// `rolled_back` as it is read.
pub(crate) fn spoken(name: &str) -> String {
    name.replace('_', " ")
}

pub(crate) fn resource(resource: Resource) -> &'static str {
    match resource {
        Resource::Cpu => "processors",
        Resource::Memory => "memory",
        Resource::Disk => "disk",
        Resource::Network => "network",
        Resource::Process => "process",
    }
}

/// What a metric measures.
pub(crate) fn metric(metric: Metric) -> &'static str {
    match metric {
        Metric::CpuWait => "of their time others wait for a processor",
        Metric::CpuPressure => "of the time some task waits for a processor",
        Metric::IoWait => "of their time others wait for a disk",
        Metric::IoPressure => "of the time some task waits for a disk",
        Metric::MemoryPressure => "of the time some task waits for memory",
        Metric::MemoryUsed => "of memory in use",
        Metric::SpaceUsed => "of the space in use",
        Metric::InodesUsed => "of the inodes in use",
        Metric::NetworkUsed => "of the interface's speed in use",
        Metric::ProcessCpu => "of one core",
        Metric::ProcessMemory => "of the machine's memory",
        Metric::ForkRate => "new processes",
    }
}

/// A value of a metric with its unit.
pub(crate) fn value(metric: Metric, value: Option<f64>) -> String {
    match metric {
        Metric::ForkRate => match value {
            Some(_) => format!("{}/s", number::decimal(value, 1)),
            None => UNKNOWN.into(),
        },
        _ => number::percent(value),
    }
}

/// `62.0 % → 12.0 %`; nothing where neither was measured.
pub(crate) fn change(metric: Metric, before: Option<f64>, after: Option<f64>) -> String {
    match (before, after) {
        (None, None) => String::new(),
        _ => format!("{} → {}", value(metric, before), value(metric, after)),
    }
}

/// How much better it is: good above 0, bad below.
pub(crate) fn improvement(amount: Option<f64>) -> Line {
    match amount.filter(|amount| amount.is_finite()) {
        None => Line::new(),
        Some(amount) if amount >= 0.05 => Line::of(Tone::Good, format!("+{amount:.1}")),
        Some(amount) if amount <= -0.05 => Line::of(Tone::Bad, format!("−{:.1}", -amount)),
        Some(_) => Line::of(Tone::Quiet, "0.0"),
    }
}

/// How sure a diagnosis is.
pub(crate) fn confidence(share: f64) -> String {
    let word = match share {
        s if s >= 0.9 => "sure",
        s if s >= 0.7 => "fairly sure",
        s if s >= 0.4 => "likely",
        _ => "a guess",
    };
    format!("{word} ({})", number::whole_percent(Some(share * 100.0)))
}

/// What a culprit uses, by its unit.
pub(crate) fn usage(amount: f64, unit: &str) -> String {
    match unit {
        "bytes" => number::maybe_bytes(Some(amount.max(0.0) as u64)),
        "bytes per second" => number::rate(Some(amount)),
        "processes per second" => format!("{}/s", number::decimal(Some(amount), 1)),
        "percent of one core" => number::percent(Some(amount)),
        unit => format!("{} {unit}", number::decimal(Some(amount), 1)),
    }
}

/// What taking back came to.
pub(crate) fn undo(undo: Option<&Undo>) -> (Tone, String) {
    match undo {
        Some(Undo::Restored) => (Tone::Good, "restored".into()),
        Some(Undo::Unchanged) => (Tone::Quiet, "was as before".into()),
        Some(Undo::Gone) => (Tone::Quiet, "is no more".into()),
        Some(Undo::Left(found)) => (
            Tone::Warning,
            format!("left alone, changed by somebody else since: {found}"),
        ),
        Some(Undo::Irreversible) => (Tone::Warning, "can't be taken back".into()),
        None => (Tone::Bad, "failed".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_unit_of_their_metric() {
        assert_eq!(
            change(Metric::CpuWait, Some(62.0), Some(1.25)),
            "62.0 % → 1.2 %"
        );
        assert_eq!(change(Metric::ForkRate, Some(300.0), None), "300.0/s → –");
        assert_eq!(change(Metric::CpuWait, None, None), "");
        assert_eq!(usage(2_147_483_648.0, "bytes"), "2.0 GiB");
        assert_eq!(usage(-1.0, "bytes"), "0 B");
        assert_eq!(usage(199.5, "percent of one core"), "199.5 %");
        assert_eq!(usage(3.0, "apples"), "3.0 apples");
    }

    #[test]
    fn an_improvement_has_its_sign() {
        assert_eq!(improvement(Some(50.0)), Line::of(Tone::Good, "+50.0"));
        assert_eq!(improvement(Some(-3.0)), Line::of(Tone::Bad, "−3.0"));
        assert_eq!(improvement(Some(0.01)), Line::of(Tone::Quiet, "0.0"));
        assert_eq!(improvement(Some(f64::NAN)), Line::new());
    }

    #[test]
    fn names_are_those_of_json() {
        assert_eq!(kind(ActionKind::SetIoPriority), "set_io_priority");
        assert_eq!(name_of(&1), UNKNOWN);
        assert_eq!(confidence(0.8), "fairly sure (80 %)");
    }
}
