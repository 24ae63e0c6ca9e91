//! What is the matter, drawn.

use usm_core::judge::{Anomaly, Culprit, Evidence, Incident, Insight, InsightKind, Severity};

use super::{Matter, together};
use crate::draw::quantity::quantity;
use crate::draw::{Column, Flow, Line, Page, Table, Tone, bar, notes, number};
use crate::status::time_of;
use crate::words::{ago, range_of, severity_tone, unit_of, value_of};

/// Columns of the severity at the left edge.
const GUTTER: usize = 14;

/// Columns of a culprit's bar.
const CELLS: usize = 12;

/// Most anomalies and processes of one incident, and anomalies of none.
const MOST_LISTED: usize = 8;

pub(super) fn draw(matter: &Matter, page: &mut Page) {
    if !matter.insights.is_empty() {
        page.heading("Insights", "");
        for insight in &matter.insights {
            one(insight, matter.now, page);
        }
    }
    if !matter.incidents.is_empty() {
        page.heading("Incidents", "what was unusual at the same time");
        for incident in &matter.incidents {
            of_incident(incident, matter.now, page);
        }
    }
    if !matter.anomalies.is_empty() {
        page.heading("Unusual values", "of no incident here");
        anomalies(&matter.anomalies, 2, page);
    }
    if let Some(correlations) = &matter.correlations {
        page.heading("Metrics that move together", "");
        together::draw(correlations, page);
    }
    if matter.is_calm() {
        if !matter.insights.is_empty() || !matter.incidents.is_empty() {
            page.gap();
        }
        let mut flow = Flow::new(page, Line::new(), 0);
        match matter.is_watched {
            true => flow.words(Tone::Good, "Nothing is the matter now."),
            false => flow.words(
                Tone::Plain,
                "Nothing was the matter when this was last written.",
            ),
        }
        flow.end(page);
    }
    if !matter.notes.is_empty() {
        page.gap();
        notes(&matter.notes, page);
    }
}

/// The mark and the severity at the left edge; what is over is quiet.
fn edge(severity: Severity, is_over: bool) -> Line {
    match is_over {
        true => Line::of(Tone::Quiet, format!("  ○ {}", severity.name())),
        false => Line::of(severity_tone(severity), format!("  ● {}", severity.name())),
    }
}

/// Since when, or from when to when.
fn times(begin: f64, end: Option<f64>, now: f64) -> String {
    match end {
        Some(end) => format!(
            "{} to {}, {}",
            time_of(begin),
            time_of(end),
            number::duration((end - begin).max(0.0))
        ),
        None => format!("since {}, {}", time_of(begin), ago(begin, now)),
    }
}

fn one(insight: &Insight, now: f64, page: &mut Page) {
    let first = edge(insight.severity, insight.closed_at.is_some());
    let mut flow = Flow::new(page, first, GUTTER);
    flow.words(Tone::Plain, &insight.text);
    flow.end_line();
    for evidence in &insight.evidence {
        flow.add(Line::of(Tone::Label, number_of(evidence)));
    }
    flow.end_line();
    for advice in &insight.advice {
        flow.words(Tone::Good, "→");
        flow.words(Tone::Plain, advice);
        flow.end_line();
    }
    let sure = number::whole_percent(Some(100.0 * insight.confidence));
    let times = times(insight.opened_at, insight.closed_at, now);
    flow.words(
        Tone::Quiet,
        &format!("{}, {sure} sure, {times}", words(insight.kind)),
    );
    flow.end(page);
}

/// `cpu_percent 97.0 % (held against 80.0 %)`.
fn number_of(evidence: &Evidence) -> String {
    let value = quantity(evidence.value, evidence.unit);
    match evidence.against {
        Some(against) => format!(
            "{} {value} (held against {})",
            evidence.series,
            quantity(against, evidence.unit)
        ),
        None => format!("{} {value}", evidence.series),
    }
}

/// The kind of trouble in words.
pub(crate) fn words(kind: InsightKind) -> &'static str {
    match kind {
        InsightKind::CpuBound => "the processors are the bottleneck",
        InsightKind::MemoryThrash => "memory is short",
        InsightKind::IoBound => "the disks are the bottleneck",
        InsightKind::RunQueue => "tasks wait for processors or for each other",
        InsightKind::Throttled => "held back by a quota",
        InsightKind::NetworkRetransmits => "the network loses packets",
        InsightKind::CoreSaturated => "one processor is full",
        InsightKind::LeakSuspected => "a leak is suspected",
        InsightKind::Steal => "the hypervisor takes processor time",
        InsightKind::DiskFilling => "a file system fills",
        InsightKind::MemoryFilling => "memory fills",
        InsightKind::Correlated => "two metrics move together",
    }
}

fn of_incident(incident: &Incident, now: f64, page: &mut Page) {
    let first = edge(incident.severity, incident.closed_at.is_some());
    let mut flow = Flow::new(page, first, GUTTER);
    flow.words(Tone::Plain, &incident.summary);
    flow.end_line();
    flow.words(Tone::Quiet, &times(incident.since, incident.closed_at, now));
    flow.end(page);
    culprits(&incident.culprits, page);
    anomalies(&incident.anomalies, GUTTER, page);
}

fn culprits(culprits: &[Culprit], page: &mut Page) {
    if culprits.is_empty() {
        return;
    }
    let mut table = Table::new(&[
        Column::text("SHARE"),
        Column::number(""),
        Column::text("PROCESS"),
        Column::number("PID"),
        Column::text("USER").dispensable(1),
        Column::text("WHAT MOVED").flexible(),
    ])
    .indented(GUTTER);
    for culprit in culprits.iter().take(MOST_LISTED) {
        let share = Some(culprit.share_percent);
        table.row(vec![
            bar(share, CELLS, Tone::Warning, page.style()),
            Line::of(Tone::Plain, number::whole_percent(share)),
            Line::of(Tone::Strong, &culprit.name),
            Line::of(Tone::Plain, culprit.pid.to_string()),
            Line::of(Tone::Plain, culprit.user.as_deref().unwrap_or_default()),
            Line::of(Tone::Quiet, &culprit.text),
        ]);
    }
    table.draw(page);
}

fn anomalies(anomalies: &[Anomaly], indent: usize, page: &mut Page) {
    if anomalies.is_empty() {
        return;
    }
    let mut table = Table::new(&[
        Column::text("UNUSUAL").flexible(),
        Column::number("NOW"),
        Column::text("NORMAL"),
        Column::number("SCORE").dispensable(1),
        Column::text("SINCE").dispensable(2),
    ])
    .indented(indent);
    for anomaly in anomalies.iter().take(MOST_LISTED) {
        let unit = unit_of(&anomaly.series);
        let normal = anomaly
            .expected
            .map_or_else(String::new, |range| range_of(range, unit));
        table.row(vec![
            Line::of(Tone::Label, anomaly.series.to_string()),
            Line::of(Tone::Plain, value_of(anomaly.value, unit)),
            Line::of(Tone::Plain, normal),
            Line::of(Tone::Plain, number::decimal(Some(anomaly.worst_score), 3)),
            Line::of(Tone::Quiet, time_of(anomaly.since)),
        ]);
    }
    table.draw(page);
    let left = anomalies.len().saturating_sub(MOST_LISTED);
    if left > 0 {
        let more = Line::new().padded(indent);
        page.push(more.and(Tone::Quiet, format!("and {left} more")));
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::draw::Style;
    use usm_core::judge::Correlation;
    use usm_core::series::{SeriesKey, Unit};

    const THEN: f64 = 1_795_442_400.0;

    fn key(metric: &str) -> SeriesKey {
        SeriesKey {
            metric: metric.into(),
            labels: Vec::new(),
        }
    }

    pub(in crate::insights) fn insight(id: &str, closed_at: Option<f64>) -> Insight {
        Insight {
            id: id.to_string().into(),
            kind: InsightKind::CpuBound,
            severity: Severity::High,
            confidence: 0.9,
            text: "The processors are 97 % busy".into(),
            evidence: vec![Evidence {
                series: key("cpu_percent"),
                value: 97.0,
                unit: Unit::Percent,
                against: Some(80.0),
            }],
            advice: vec!["lower the priority of make".into()],
            opened_at: THEN,
            updated_at: THEN,
            closed_at,
        }
    }

    fn anomaly(metric: &str, incident: Option<u64>) -> Anomaly {
        Anomaly {
            series: key(metric),
            score: Some(0.99),
            worst_score: 0.9951,
            value: Some(97.0),
            expected: Some((1.0, 20.0)),
            since: THEN,
            updated_at: THEN,
            incident,
        }
    }

    pub(in crate::insights) fn incident() -> Incident {
        Incident {
            id: 7,
            severity: Severity::Critical,
            summary: "Processors and load rose at once".into(),
            since: THEN,
            updated_at: THEN,
            closed_at: None,
            anomalies: vec![anomaly("cpu_percent", Some(7))],
            culprits: vec![Culprit {
                pid: 4711,
                start_time_ticks: 1,
                name: "make\u{1b}[2J".into(),
                user: Some("ann".into()),
                metric: "process_cpu_core_percent".into(),
                share_percent: 62.0,
                text: "uses 310 % of a core".into(),
            }],
        }
    }

    fn matter() -> Matter {
        let mut matter = Matter {
            insights: vec![insight("b", Some(THEN + 60.0)), insight("a", None)],
            incidents: vec![incident()],
            anomalies: vec![anomaly("cpu_percent", Some(7)), anomaly("blocked", None)],
            correlations: Some(vec![Correlation {
                leader: key("disk_read_bytes_per_sec"),
                follower: key("cpu_iowait_percent"),
                coefficient: 0.87,
                lag_seconds: 20.0,
                p_value: 0.000_01,
                sample_count: 300.0,
            }]),
            now: THEN + 300.0,
            newest_state: Some(THEN + 299.0),
            is_watched: true,
            notes: vec!["this is a note".into()],
        };
        matter.arrange();
        matter
    }

    fn drawn(matter: &Matter, width: usize) -> String {
        let mut page = Page::new(Style {
            width,
            unicode: true,
            colour: false,
        });
        draw(matter, &mut page);
        page.render()
    }

    #[test]
    fn an_insight_has_evidence_advice_and_age() {
        let text = drawn(&matter(), 110);
        for part in [
            "  ● high      The processors are 97 % busy\n",
            "cpu_percent 97.0 % (held against 80.0 %)",
            "→ lower the priority of make",
            "the processors are the bottleneck, 90 % sure, since 2026-11-",
            ", 5 min 0 s ago\n",
            "  ○ high ",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }

    #[test]
    fn an_incident_has_its_culprits_and_its_unusual_values_stand_only_there() {
        let text = drawn(&matter(), 110);
        for part in [
            "  ● critical  Processors and load rose at once\n",
            "62 %  make\\x1b[2J  4711  ann   uses 310 % of a core",
            "cpu_percent  97.0 %  1.0 to 20.0 %  0.995",
            "+0.87  disk_read_bytes_per_sec      20 s  cpu_iowait_percent   < 0.01 %",
            "● this is a note",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        let unusual = text.split("of no incident here").nth(1).unwrap();
        assert!(
            unusual.contains("blocked") && !unusual.contains("cpu_percent  97"),
            "{text}"
        );
    }

    #[test]
    fn where_nothing_lasts_that_is_said_with_what_is_known() {
        let calm = |is_watched| Matter {
            is_watched,
            ..Matter::default()
        };
        assert_eq!(drawn(&calm(true), 80), "Nothing is the matter now.\n");
        assert!(drawn(&calm(false), 80).contains("when this was last written"));
    }

    #[test]
    fn every_width_is_kept() {
        for width in [20, 40, 80, 200] {
            for line in drawn(&matter(), width).lines() {
                let columns = unicode_width::UnicodeWidthStr::width(line);
                assert!(columns <= width, "{width}: {line}");
            }
        }
    }
}
