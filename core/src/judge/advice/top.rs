//! The process that uses most, in words.

use crate::sample::{ProcessSample, Sample};

/// A process is named as the cause when it has at least this share of what is used, and any.
const NOTABLE_SHARE: f64 = 0.2;

/// The one that uses most processor time.
pub(super) fn top_cpu(sample: &Sample) -> String {
    let busy = sample.cpu.shares.map_or(0.0, |shares| shares.busy_percent);
    let top = sample
        .processes
        .list
        .iter()
        .filter(|p| {
            p.cpu_machine_percent
                .is_some_and(|cpu| cpu >= NOTABLE_SHARE * busy)
        })
        .filter_map(|p| p.cpu_core_percent.map(|cpu| (p, cpu)))
        .filter(|(_, cpu)| *cpu > 0.0)
        .max_by(|a, b| a.1.total_cmp(&b.1));
    named(top.map(|(p, cpu)| (p, format!("{cpu:.0} % of a core"))))
}

/// The one that holds most memory.
pub(super) fn top_memory(sample: &Sample) -> String {
    let used = sample.memory.used_bytes.unwrap_or(0) as f64;
    let top = sample
        .processes
        .list
        .iter()
        .max_by_key(|p| p.rss_bytes)
        .filter(|p| p.rss_bytes > 0 && p.rss_bytes as f64 >= NOTABLE_SHARE * used);
    named(top.map(|p| (p, format!("{:.0} MiB", p.rss_bytes as f64 / 1_048_576.0))))
}

fn named(top: Option<(&ProcessSample, String)>) -> String {
    match top {
        Some((p, how_much)) => {
            format!(
                "; the most by {} (pid {}, {how_much})",
                p.details.name, p.pid
            )
        }
        None => String::new(),
    }
}
