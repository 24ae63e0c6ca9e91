//! Interfaces near their speed, or that lose packets. There is advice, never an action.

use super::since::Since;
use super::view::View;
use super::words::{self, Draft};
use crate::optimizer::target::{Metric, Priority, Resource, Target};
use crate::sample::InterfaceSample;
use crate::sample::parse::{number, trim};

/// Traffic below which the speed of an interface is not asked for.
const LEAST_BYTES_PER_SEC: f64 = 125_000.0;

/// Share of the packets lost, and packets lost per second, that are worth a word.
const LOST_PERCENT: f64 = 1.0;
const LOST_PER_SEC: f64 = 10.0;

pub(super) fn targets(view: &View<'_>, since: &mut Since) -> Vec<Target> {
    let mut targets = Vec::new();
    let list = view.sample.network.interfaces.iter();
    for interface in list.filter(|i| !i.is_loopback) {
        let used = utilisation(view, interface);
        let is_full = used.filter(|used| *used > view.profile.network_threshold);
        let key = words::key(Metric::NetworkUsed, Some(&interface.name));
        let begin = since.note(&key, is_full.is_some(), view.now);
        if let Some(used) = is_full {
            let text = format!("{} carries {used:.0} percent of its speed", interface.name);
            targets.push(target(view, interface, used, text, begin, used > 90.0));
        }
        let lost = lost_percent(interface);
        let begin = since.note(&format!("lost {key}"), lost.is_some(), view.now);
        if let Some(lost) = lost {
            let text = format!("{} loses {lost:.1} percent of its packets", interface.name);
            targets.push(target(view, interface, lost, text, begin, false));
        }
    }
    targets
}

fn target(
    view: &View<'_>,
    interface: &InterfaceSample,
    value: f64,
    description: String,
    since: Option<f64>,
    is_high: bool,
) -> Target {
    let rate = |rate: Option<f64>| rate.unwrap_or(0.0);
    let evidence = vec![
        format!(
            "{:.0} bytes received and {:.0} sent per second",
            rate(interface.received_bytes_per_sec),
            rate(interface.sent_bytes_per_sec)
        ),
        format!(
            "{:.1} errors and {:.1} dropped packets per second",
            rate(interface.errors_per_sec),
            rate(interface.drops_per_sec)
        ),
    ];
    words::target(
        view,
        Draft {
            resource: Resource::Network,
            metric: Metric::NetworkUsed,
            subject: Some(interface.name.to_string()),
            current_value: value,
            target_value: (view.profile.network_threshold - 10.0).max(0.0).min(value),
            priority: if is_high {
                Priority::High
            } else {
                Priority::Low
            },
            description,
            method: "network_advice",
            impact: "shorter queues and fewer packets sent twice",
            since,
            certainty: 0.6,
            share: 0.0,
            culprits: Vec::new(),
            evidence,
            advice: Some(
                "Spread the traffic over time or interfaces; look at cable and driver".into(),
            ),
            utilisation_percent: utilisation(view, interface),
        },
    )
}

/// The busier direction, percent of the speed; `None` where that is not known.
fn utilisation(view: &View<'_>, interface: &InterfaceSample) -> Option<f64> {
    let directions = [
        interface.received_bytes_per_sec,
        interface.sent_bytes_per_sec,
    ];
    let busier = directions.into_iter().flatten().reduce(f64::max)?;
    if busier < LEAST_BYTES_PER_SEC || interface.name.contains('/') {
        return None;
    }
    let file = view
        .door
        .roots
        .sys(&format!("class/net/{}/speed", interface.name));
    // −1 or an error while the link is down or has no speed.
    let megabits = number(trim(&std::fs::read(file).ok()?)).filter(|speed| *speed > 0)?;
    Some((100.0 * busier * 8.0 / (megabits as f64 * 1e6)).min(100.0))
}

fn lost_percent(interface: &InterfaceSample) -> Option<f64> {
    let sum = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => Some(a + b),
        (one, other) => one.or(other),
    };
    let lost = sum(interface.errors_per_sec, interface.drops_per_sec)?;
    let packets = sum(
        interface.received_packets_per_sec,
        interface.sent_packets_per_sec,
    )?;
    let share = 100.0 * lost / (packets + lost).max(f64::MIN_POSITIVE);
    (lost >= LOST_PER_SEC && share >= LOST_PERCENT).then_some(share)
}
