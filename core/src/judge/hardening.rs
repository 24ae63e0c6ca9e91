//! The security score: which of the kernel's hardening settings are weak, each with its
//! weight. It says nothing of what runs on the machine.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Severity;
use crate::arrange::arrange_by;
use crate::sample::HardeningSample;
use crate::score::{Score, ScorePart};

/// A weak setting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HardeningFinding {
    /// Name of the setting, as sysctl writes it.
    pub setting: Cow<'static, str>,
    /// Its value.
    pub value: String,
    /// Value that would be strong.
    pub wanted: Cow<'static, str>,
    /// What the weak value allows.
    pub risk: Cow<'static, str>,
    /// Points that it costs of the security score.
    pub loss: f64,
    /// How much it matters.
    pub severity: Severity,
}

struct Rule {
    setting: &'static str,
    /// Points of 100.
    weight: f64,
    wanted: &'static str,
    risk: &'static str,
    /// Value as text and the share of the weight that is lost, 0 to 1.
    judge: fn(&HardeningSample) -> Option<(String, f64)>,
}

fn at_least_one(value: Option<i64>) -> Option<(String, f64)> {
    value.map(|v| (v.to_string(), if v >= 1 { 0.0 } else { 1.0 }))
}

/// The weights add up to 100. A setting that can't be read takes no part; the score is the
/// share of the weight that is kept among those that can.
const RULES: [Rule; 7] = [
    Rule {
        setting: "kernel.randomize_va_space",
        weight: 25.0,
        wanted: "2",
        risk: "addresses in a program's memory can be foretold",
        judge: |s| {
            s.randomize_va_space.map(|v| {
                let lost = match v {
                    2.. => 0.0,
                    1 => 0.5,
                    _ => 1.0,
                };
                (v.to_string(), lost)
            })
        },
    },
    Rule {
        setting: "kernel.yama.ptrace_scope",
        weight: 15.0,
        wanted: "1",
        risk: "a program can read and change any other of the same user",
        judge: |s| at_least_one(s.ptrace_scope),
    },
    Rule {
        setting: "fs.protected_symlinks",
        weight: 15.0,
        wanted: "1",
        risk: "links planted in shared temp folders are followed",
        judge: |s| at_least_one(s.protected_symlinks),
    },
    Rule {
        setting: "kernel.unprivileged_bpf_disabled",
        weight: 15.0,
        wanted: "1 or 2",
        risk: "any user can load programs into the kernel",
        judge: |s| at_least_one(s.unprivileged_bpf_disabled),
    },
    Rule {
        setting: "fs.protected_hardlinks",
        weight: 10.0,
        wanted: "1",
        risk: "users can make hard links to files that they may not write",
        judge: |s| at_least_one(s.protected_hardlinks),
    },
    Rule {
        setting: "kernel.kptr_restrict",
        weight: 10.0,
        wanted: "1 or 2",
        risk: "kernel addresses are shown to any user",
        judge: |s| at_least_one(s.kptr_restrict),
    },
    Rule {
        setting: "kernel.core_pattern",
        weight: 10.0,
        wanted: "an absolute path or a handler",
        risk: "memory of crashed programs is left in whatever folder they ran in",
        judge: |s| {
            s.core_pattern.as_deref().map(|pattern| {
                let strong = pattern.is_empty()
                    || pattern.starts_with('/')
                    || pattern
                        .strip_prefix('|')
                        .is_some_and(|p| p.trim_start().starts_with('/'));
                (pattern.to_string(), if strong { 0.0 } else { 1.0 })
            })
        },
    },
];

/// Judges once for each new reading of the settings.
#[derive(Debug, Default)]
pub(super) struct HardeningJudge {
    judged: Option<(Arc<HardeningSample>, Arc<[HardeningFinding]>, Score)>,
}

impl HardeningJudge {
    pub(super) fn judge(
        &mut self,
        settings: &Arc<HardeningSample>,
    ) -> (Arc<[HardeningFinding]>, Score) {
        if let Some((seen, findings, score)) = &self.judged
            && Arc::ptr_eq(seen, settings)
        {
            return (findings.clone(), score.clone());
        }
        let (findings, score) = judge(settings);
        let findings: Arc<[HardeningFinding]> = findings.into();
        self.judged = Some((settings.clone(), findings.clone(), score.clone()));
        (findings, score)
    }
}

fn judge(settings: &HardeningSample) -> (Vec<HardeningFinding>, Score) {
    let judged = RULES.map(|rule| {
        let outcome = (rule.judge)(settings);
        (rule, outcome)
    });
    let known: f64 = judged
        .iter()
        .filter(|(_, o)| o.is_some())
        .map(|(rule, _)| rule.weight)
        .sum();
    let mut findings = Vec::new();
    let mut parts = Vec::with_capacity(RULES.len());
    let mut total = 0.0;
    for (rule, outcome) in judged {
        let loss = outcome
            .as_ref()
            .map(|(_, lost)| 100.0 * rule.weight * lost / known);
        parts.push(ScorePart {
            name: rule.setting.into(),
            input: None,
            loss,
        });
        let Some((value, lost)) = outcome else {
            continue;
        };
        total += loss.unwrap_or(0.0);
        if lost > 0.0 {
            findings.push(HardeningFinding {
                setting: rule.setting.into(),
                value,
                wanted: rule.wanted.into(),
                risk: rule.risk.into(),
                loss: loss.unwrap_or(0.0),
                severity: if rule.weight >= 25.0 {
                    Severity::High
                } else {
                    Severity::Medium
                },
            });
        }
    }
    arrange_by(&mut findings, |a, b| b.loss.total_cmp(&a.loss));
    let value = (known > 0.0).then(|| (100.0 - total).clamp(0.0, 100.0));
    (findings, Score { value, parts })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strong() -> HardeningSample {
        HardeningSample {
            randomize_va_space: Some(2),
            ptrace_scope: Some(1),
            protected_symlinks: Some(1),
            protected_hardlinks: Some(1),
            unprivileged_bpf_disabled: Some(2),
            kptr_restrict: Some(1),
            core_pattern: Some("|/usr/lib/systemd/systemd-coredump %P".into()),
        }
    }

    #[test]
    fn the_weights_add_up_to_a_hundred() {
        assert_eq!(RULES.iter().map(|r| r.weight).sum::<f64>(), 100.0);
    }

    #[test]
    fn a_hardened_kernel_scores_a_hundred_and_each_weak_setting_costs_its_weight() {
        assert_eq!(judge(&strong()).1.value, Some(100.0));
        let weak = HardeningSample {
            ptrace_scope: Some(0),
            ..strong()
        };
        let (findings, score) = judge(&weak);
        assert_eq!(score.value, Some(85.0));
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].setting, "kernel.yama.ptrace_scope");
        let half = HardeningSample {
            randomize_va_space: Some(1),
            ..strong()
        };
        assert_eq!(judge(&half).1.value, Some(87.5));
        let dumps = HardeningSample {
            core_pattern: Some("core".into()),
            ..strong()
        };
        assert_eq!(judge(&dumps).1.value, Some(90.0));
    }

    #[test]
    fn what_can_not_be_read_takes_no_part() {
        let some = HardeningSample {
            ptrace_scope: None,
            kptr_restrict: Some(0),
            ..strong()
        };
        // 10 of the 85 points that are known are lost.
        let value = judge(&some).1.value.unwrap();
        assert!((value - (100.0 - 1000.0 / 85.0)).abs() < 1e-9, "{value}");
        assert_eq!(judge(&HardeningSample::default()).1.value, None);
    }
}
