//! Alerts as a list, those that fire or those of the past.

use serde::Serialize;
use usm_core::alert::{Alert, AlertSeverity, AlertStatus};

use crate::draw::{Flow, Line, Page, Tone, number};
use crate::found::Past;
use crate::status::time_of;
use crate::words::{ago, alert_tone, count_of, unit_of, value_of};

/// Columns of the severity at the left edge.
const GUTTER: usize = 14;

/// An alert as it is written as JSON: with what the database knows of its end.
#[derive(Debug, Serialize)]
pub(super) struct Listed<'a> {
    #[serde(flatten)]
    alert: &'a Alert,
    closed_at: Option<f64>,
}

impl<'a> Listed<'a> {
    pub(super) fn of(past: &'a Past<Alert>) -> Listed<'a> {
        Listed {
            alert: &past.value,
            closed_at: past.row.closed_at,
        }
    }
}

/// Those that last, the worst first, of one severity the newest first.
pub(crate) fn worst_first(alerts: &mut [Past<Alert>]) {
    alerts.sort_by(|a, b| {
        let (a, b) = (&a.value, &b.value);
        b.severity
            .cmp(&a.severity)
            .then(b.since.total_cmp(&a.since))
    });
}

pub(super) fn draw(alerts: &[Past<Alert>], title: &str, now: f64, page: &mut Page) {
    if alerts.is_empty() {
        return;
    }
    page.heading(title, &summary(alerts));
    for past in alerts {
        of_one(past, now, page);
    }
}

/// `1 critical, 2 warning`.
fn summary(alerts: &[Past<Alert>]) -> String {
    let counts = AlertSeverity::ALL.iter().rev().filter_map(|severity| {
        let of = alerts
            .iter()
            .filter(|past| past.value.severity == *severity);
        match of.count() {
            0 => None,
            count => Some(format!("{count} {}", severity.name())),
        }
    });
    counts.collect::<Vec<_>>().join(", ")
}

/// All about one of them.
pub(crate) fn of_one(past: &Past<Alert>, now: f64, page: &mut Page) {
    let alert = &past.value;
    let is_over = past.row.closed_at.is_some();
    let tone = if is_over {
        Tone::Quiet
    } else {
        alert_tone(alert.severity)
    };
    let mark = if is_over { "○" } else { "●" };
    let first = Line::of(tone, format!("  {mark} {}", alert.severity.name()));
    let mut flow = Flow::new(page, first, GUTTER);
    flow.add(Line::of(Tone::Strong, &alert.rule));
    // One that has not fired yet has none.
    if alert.id > 0 {
        flow.add(Line::of(Tone::Quiet, format!("number {}", alert.id)));
    }
    flow.add(Line::of(Tone::Plain, status(past)));
    flow.end_line();
    flow.words(Tone::Plain, &alert.message);
    flow.end_line();
    let unit = unit_of(&alert.series);
    let value = value_of(alert.value, unit);
    let mut held = format!("{} is {value}", alert.series);
    if let Some(threshold) = alert.threshold {
        held.push_str(&format!(
            ", held against {}",
            value_of(Some(threshold), unit)
        ));
    }
    flow.add(Line::of(Tone::Quiet, held));
    for said in said(alert, now) {
        flow.add(Line::of(Tone::Label, said));
    }
    flow.end_line();
    flow.words(Tone::Quiet, &times(past, now));
    flow.end(page);
}

fn status(past: &Past<Alert>) -> &'static str {
    match (past.row.closed_at, past.value.status) {
        (Some(_), _) | (_, AlertStatus::Resolved) => "is over",
        (None, AlertStatus::Pending) => "holds, but not for long enough yet",
        (None, AlertStatus::Firing) => "fires",
        (None, AlertStatus::NoData) => "fired when its metric was last known",
    }
}

/// What somebody said to it, and what is odd about it.
fn said(alert: &Alert, now: f64) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(by) = &alert.acknowledged {
        let note = by.note.as_ref().map(|note| format!(": {note}"));
        let note = note.unwrap_or_default();
        said.push(format!("noted by {} {}{note}", by.by, ago(by.at, now)));
    }
    if let Some(until) = alert.silenced_until.filter(|until| *until > now) {
        said.push(format!("silenced until {}", time_of(until)));
    }
    if alert.is_flapping {
        said.push("comes and goes".into());
    }
    if alert.escalation_step > 0 {
        let step = alert.escalation_step;
        said.push(format!("escalated, step {step}"));
    }
    said
}

/// Since when, and for how long.
fn times(past: &Past<Alert>, now: f64) -> String {
    let alert = &past.value;
    let begin = alert.fired_at.unwrap_or(alert.since);
    match past.row.closed_at {
        Some(end) => format!(
            "{} to {}, {}",
            time_of(begin),
            time_of(end),
            number::duration((end - begin).max(0.0))
        ),
        None => format!("since {}, {}", time_of(begin), ago(begin, now)),
    }
}

/// What is said where nothing fires.
pub(super) fn nothing(is_watched: bool, page: &mut Page) {
    let (tone, text) = match is_watched {
        true => (Tone::Good, "No alert fires."),
        false => (Tone::Plain, "No alert fired when this was last written."),
    };
    let mut flow = Flow::new(page, Line::new(), 0);
    flow.words(tone, text);
    flow.end(page);
}

/// How many there are, below a list of the past.
pub(super) fn foot(count: usize, since: f64, page: &mut Page) {
    page.gap();
    let mut flow = Flow::new(page, Line::new(), 0);
    let count = count_of(count, "alert", "alerts");
    let text = match since.is_finite() {
        true => format!("{count} since {}.", time_of(since)),
        false => format!("{count} in all."),
    };
    flow.words(Tone::Quiet, &text);
    flow.end(page);
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::draw::Style;
    use usm_core::alert::Acknowledgement;
    use usm_core::series::SeriesKey;
    use usm_core::store::{FindingKind, FindingRow};

    const THEN: f64 = 1_795_442_400.0;

    pub(crate) fn alert(id: u64, severity: AlertSeverity) -> Alert {
        Alert {
            id,
            rule: "Memory".into(),
            series: SeriesKey {
                metric: "memory_percent".into(),
                labels: Vec::new(),
            },
            severity,
            status: AlertStatus::Firing,
            value: Some(97.25),
            threshold: Some(95.0),
            message: "Memory is 97.2 % used \u{1b}[2J".into(),
            since: THEN,
            fired_at: Some(THEN + 30.0),
            resolved_at: None,
            updated_at: THEN + 60.0,
            acknowledged: None,
            silenced_until: None,
            is_flapping: false,
            escalation_step: 0,
        }
    }

    fn past(alert: Alert, closed_at: Option<f64>) -> Past<Alert> {
        let row = FindingRow {
            kind: FindingKind::Alert,
            key: alert.id.to_string(),
            opened_at: alert.since,
            updated_at: alert.updated_at,
            closed_at,
            severity: None,
            title: None,
            data: String::new(),
        };
        Past { row, value: alert }
    }

    fn drawn(alerts: &[Past<Alert>], width: usize) -> String {
        let mut page = Page::new(Style {
            width,
            unicode: true,
            colour: false,
        });
        draw(alerts, "Alerts", THEN + 90.0, &mut page);
        page.render()
    }

    #[test]
    fn an_alert_tells_what_since_when_and_who_took_note() {
        let mut one = alert(7, AlertSeverity::Critical);
        one.acknowledged = Some(Acknowledgement {
            by: "ann".into(),
            at: THEN + 60.0,
            note: Some("on it".into()),
        });
        one.silenced_until = Some(THEN + 3600.0);
        one.is_flapping = true;
        let text = drawn(&[past(one, None)], 100);
        for part in [
            "Alerts 1 critical ─",
            "  ● critical  Memory  number 7  fires\n",
            "              Memory is 97.2 % used \\x1b[2J\n",
            "memory_percent is 97.2 %, held against 95.0 %",
            "noted by ann 30 s ago: on it",
            "silenced until 2026-11-",
            "comes and goes",
            ", 1 min 0 s ago\n",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }

    #[test]
    fn what_is_over_tells_its_end_and_is_silent_about_a_silence_that_has_ended() {
        let mut one = alert(7, AlertSeverity::Warning);
        one.silenced_until = Some(THEN);
        let text = drawn(&[past(one, Some(THEN + 75.0))], 100);
        assert!(
            text.contains("○ warning") && text.contains("is over"),
            "{text}"
        );
        assert!(
            text.contains(", 45 s\n") && !text.contains("silenced"),
            "{text}"
        );
    }

    #[test]
    fn the_worst_stands_first_and_every_width_is_kept() {
        let mut list = vec![
            past(alert(1, AlertSeverity::Warning), None),
            past(alert(2, AlertSeverity::Emergency), None),
            past(alert(3, AlertSeverity::Info), None),
        ];
        worst_first(&mut list);
        let ids: Vec<u64> = list.iter().map(|past| past.value.id).collect();
        assert_eq!(ids, [2, 1, 3]);
        for width in [20, 40, 80] {
            for line in drawn(&list, width).lines() {
                let columns = unicode_width::UnicodeWidthStr::width(line);
                assert!(columns <= width, "{line}");
            }
        }
    }
}
