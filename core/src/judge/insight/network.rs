//! Networks that lose packets.

use super::InsightKind;
use super::means::{DROPS, ERRORS, INTERFACES, Mean, PACKETS_IN, PACKETS_OUT};
use super::view::{Draft, View, graded, of_member};
use crate::judge::words::amount;
use crate::series::Unit;

const HOLD_SECONDS: f64 = 30.0;

/// All of the network.
pub(super) fn judge(view: &View<'_>, out: &mut Vec<Draft>) {
    out.extend(retransmits(view));
    for (interface, means) in view.interfaces.each() {
        out.extend(losses(view, interface, means));
    }
}

fn retransmits(view: &View<'_>) -> Option<Draft> {
    let id = "network_retransmits";
    let again = view.get(Mean::Retransmits)?;
    let sent = view.get(Mean::SentSegments)?;
    // Segments sent again are not among those sent.
    let percent = 100.0 * again / (sent + again);
    (percent >= view.level(id, 2.0, 1.0) && again >= view.level(id, 2.0, 0.5)).then_some(())?;
    Some(Draft {
        id: id.into(),
        kind: InsightKind::NetworkRetransmits,
        severity: graded(percent, 5.0, 15.0, f64::INFINITY),
        confidence: 0.8,
        text: format!(
            "{} of the TCP segments are sent again ({} of {}): packets are lost on the way or \
             acknowledged too late.",
            amount(percent, Unit::Percent),
            amount(again, Unit::PerSecond),
            amount(sent + again, Unit::PerSecond)
        ),
        evidence: view.all(&[
            (Mean::Retransmits, Some(0.02 * (sent + again))),
            (Mean::SentSegments, None),
        ]),
        advice: vec![
            "Look which connections lose packets (ss -ti), and at the path to them (mtr).".into(),
            "Look at the interface's errors and drops, and at its link (ethtool -S).".into(),
        ],
        hold_seconds: HOLD_SECONDS,
    })
}

fn losses(view: &View<'_>, interface: &str, means: &[f64]) -> Option<Draft> {
    let id = format!("network_retransmits:{interface}");
    let known = |place: usize| Some(means[place]).filter(|value| value.is_finite());
    let errors = known(ERRORS).unwrap_or(0.0);
    let drops = known(DROPS).unwrap_or(0.0);
    let packets = known(PACKETS_IN).unwrap_or(0.0) + known(PACKETS_OUT).unwrap_or(0.0);
    let lost = errors + drops;
    let percent = 100.0 * lost / (packets + lost);
    // A few drops are packets that nobody asked for.
    let is_lossy = errors >= view.level(&id, 1.0, 0.3)
        || (drops >= view.level(&id, 10.0, 4.0) && percent >= view.level(&id, 1.0, 0.5));
    is_lossy.then_some(())?;
    let numbers = [(ERRORS, Some(1.0)), (DROPS, Some(10.0)), (PACKETS_IN, None)];
    let evidence =
        numbers.map(|(place, against)| of_member(&INTERFACES, interface, means, place, against));
    Some(Draft {
        id: id.into(),
        kind: InsightKind::NetworkRetransmits,
        severity: graded(percent, 1.0, 10.0, f64::INFINITY),
        confidence: if errors >= 1.0 { 0.85 } else { 0.6 },
        text: format!(
            "Interface {interface} loses packets: {} errors and {} drops, {} of what it carries.",
            amount(errors, Unit::PerSecond),
            amount(drops, Unit::PerSecond),
            amount(percent, Unit::Percent)
        ),
        evidence: evidence.into_iter().flatten().collect(),
        advice: vec![
            "Errors: look at cable, connector and speed of the link (ethtool). Drops: at its \
             ring buffers (ethtool -g) and at what fills them."
                .into(),
        ],
        hold_seconds: HOLD_SECONDS,
    })
}
