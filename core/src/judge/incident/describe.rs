//! An incident in words: how bad it is, what moved and which processes moved with it.

use super::group::{self, Resource};
use super::{Culprit, Open, harm};
use crate::arrange::arrange_by;
use crate::judge::process_use::{ProcessUse, Use};
use crate::judge::{Anomaly, Observation, words};
use crate::series::{Unit, catalog};

/// Most processes that are named.
const MOST_CULPRITS: usize = 5;
/// A process that did less of the change than this is none of the causes, percent.
const LEAST_SHARE_PERCENT: f64 = 5.0;
/// Numbers that moved by less than this part of them are the same for a reader.
const NOTABLE: f64 = 0.1;
/// So is what a process uses, which is never still, when it moved by less than this part.
const NOTABLE_USE: f64 = 0.3;
/// So are shares that moved by no more points.
const NOTABLE_POINTS: f64 = 5.0;

/// Brings an incident up to date. `true` when a reader would see a difference.
pub(super) fn refresh(
    open: &mut Open,
    active: &[&Anomaly],
    processes: &ProcessUse,
    seen: &Observation<'_>,
) -> bool {
    let members = &mut open.incident.anomalies;
    for anomaly in active {
        let member = members.iter_mut().find(|m| m.series == anomaly.series);
        if let Some(member) = member {
            member.score = anomaly.score;
            member.worst_score = member.worst_score.max(anomaly.worst_score);
            member.value = anomaly.value;
            member.expected = anomaly.expected;
            member.updated_at = anomaly.updated_at;
        }
    }
    arrange_by(members, |a, b| a.since.total_cmp(&b.since));
    let mounts: Vec<&str> = members
        .iter()
        .filter(|m| Resource::of(&m.series.metric) == Resource::Space)
        .map(|m| {
            m.series
                .labels
                .first()
                .map_or("/", |(_, label)| label.as_str())
        })
        .collect();
    let severity = harm::severity(seen.frame, &open.resources, &mounts).max(open.incident.severity);
    let leading = leading(members);
    let of = leading
        .first()
        .map(|first| Resource::of(&first.series.metric));
    let (culprits, used) = culprits(of, processes);
    let numbers: Vec<f64> = leading.iter().filter_map(|m| m.value).collect();
    if severity == open.incident.severity
        && is_same(&numbers, &open.shown)
        && near(used, open.shown_use, NOTABLE_USE)
        && are_same(&culprits, &open.incident.culprits)
    {
        return false;
    }
    let summary = summary(&leading, members_beyond(&leading, members.len()), &culprits);
    open.shown = numbers;
    open.shown_use = used;
    open.incident.summary = summary;
    open.incident.severity = severity;
    open.incident.culprits = culprits;
    open.incident.updated_at = seen.unix_seconds;
    true
}

fn members_beyond(leading: &[Anomaly], count: usize) -> usize {
    count.saturating_sub(leading.len())
}

fn is_same(new: &[f64], old: &[f64]) -> bool {
    let pairs = || new.iter().zip(old);
    new.len() == old.len() && pairs().all(|(new, old)| near(*new, *old, NOTABLE))
}

fn near(new: f64, old: f64, part: f64) -> bool {
    (new - old).abs() <= part * new.abs().max(old.abs())
}

/// The same processes have nearly the same part.
fn are_same(new: &[Culprit], old: &[Culprit]) -> bool {
    let is = |a: &Culprit, b: &Culprit| {
        a.pid == b.pid
            && a.start_time_ticks == b.start_time_ticks
            && (a.share_percent - b.share_percent).abs() <= NOTABLE_POINTS
    };
    new.len() == old.len() && new.iter().all(|a| old.iter().any(|b| is(a, b)))
}

/// The metrics that tell most: what hurts, then what was most unusual; one of each kind.
fn leading(members: &[Anomaly]) -> Vec<Anomaly> {
    let mut order: Vec<&Anomaly> = members.iter().collect();
    arrange_by(&mut order, |a, b| {
        let weights = (
            group::weight(&b.series.metric),
            group::weight(&a.series.metric),
        );
        let scores = || b.worst_score.total_cmp(&a.worst_score);
        weights.0.cmp(&weights.1).then_with(scores)
    });
    let mut leading: Vec<Anomaly> = Vec::new();
    for anomaly in order {
        let name = words::name(&anomaly.series);
        if leading.len() < 3
            && leading
                .iter()
                .all(|other| words::name(&other.series) != name)
        {
            leading.push(anomaly.clone());
        }
    }
    leading
}

fn summary(leading: &[Anomaly], more: usize, culprits: &[Culprit]) -> String {
    let mut text = String::new();
    for (place, anomaly) in leading.iter().enumerate() {
        text.push_str(if place == 0 { "" } else { ", " });
        text.push_str(&moved(anomaly));
    }
    let mut text = words::sentence(&text);
    match more {
        0 => {}
        1 => text.push_str(", and one more metric"),
        more => text.push_str(&format!(", and {more} more metrics")),
    }
    if let Some(first) = culprits.first() {
        let share = words::amount(first.share_percent, Unit::Percent);
        text.push_str(&format!(
            "; {share} of the change by {} (pid {})",
            first.name, first.pid
        ));
    }
    text.push('.');
    text
}

fn moved(anomaly: &Anomaly) -> String {
    let name = words::name(&anomaly.series);
    let Some(value) = anomaly.value.filter(|value| value.is_finite()) else {
        return format!("{name}: not known any more");
    };
    let unit = catalog::by_name(&anomaly.series.metric).map_or(Unit::Number, |m| m.unit);
    let amount = words::amount(value, unit);
    match anomaly.expected {
        Some((low, high)) => {
            let verb = match value {
                v if v > high => "rose to",
                v if v < low => "fell to",
                _ => "at",
            };
            format!(
                "{name} {verb} {amount} (normal: {})",
                words::range(low, high, unit)
            )
        }
        None => format!("{name} at {amount}"),
    }
}

/// The processes that moved with it, and what the first of them uses now.
fn culprits(of: Option<Resource>, processes: &ProcessUse) -> (Vec<Culprit>, f64) {
    let uses = of.map_or(&[][..], Resource::uses);
    let size = |of: &Use| processes.machine_change(*of).map_or(-1.0, f64::abs);
    let Some(of) = uses
        .iter()
        .copied()
        .max_by(|a, b| size(a).total_cmp(&size(b)))
    else {
        return (Vec::new(), 0.0);
    };
    let parts = processes.parts(of, LEAST_SHARE_PERCENT);
    let used = parts.first().map_or(0.0, |part| part.process.now(of));
    let named = parts.into_iter().take(MOST_CULPRITS).map(|part| Culprit {
        pid: part.process.pid,
        start_time_ticks: part.process.start_time_ticks,
        name: part.process.name.clone(),
        user: part.process.user.clone(),
        metric: of.metric().to_string(),
        share_percent: part.share_percent,
        text: format!(
            "{} (pid {}): {} went from {} to {}, {:.0} % of the machine's change",
            part.process.name,
            part.process.pid,
            of.noun(),
            of.amount(part.process.before(of)),
            of.amount(part.process.now(of)),
            part.share_percent
        ),
    });
    (named.collect(), used)
}
