//! The health report as a document.

use jiff::tz::TimeZone;
use usm_core::judge::{MetricForecast, Outcome};
use usm_core::series::Unit;

use super::parts::{
    MOST_ALERTS, about_charts, alert_table, chart, headings, range_in_words, stretch, timeline,
    tone_of, unit_of,
};
use super::{Body, Card, Document, Item, Section, Table, TableCell, Tone};
use crate::Health;
use crate::busiest::Program;
use crate::shown::clock::{minute_of, time_of};
use crate::shown::number::duration;
use crate::shown::quantity::quantity;

/// Findings in a list.
const MOST: usize = 20;

/// Charts: heading, and the series with their names.
type Drawn = (&'static str, &'static [(&'static str, &'static str)]);
pub(super) const CHARTS: [Drawn; 10] = [
    ("Processors", &[("cpu_percent", "busy")]),
    ("Memory", &[("memory_percent", "used")]),
    ("Root file system", &[("disk_percent", "used")]),
    ("Load average, 1 minute", &[("load_average_1", "load")]),
    (
        "Network",
        &[
            ("network_received_bytes_per_sec", "received"),
            ("network_sent_bytes_per_sec", "sent"),
        ],
    ),
    (
        "Disks",
        &[
            ("disk_read_bytes_per_sec", "read"),
            ("disk_write_bytes_per_sec", "written"),
        ],
    ),
    (
        "Work that waits (pressure)",
        &[
            ("pressure_cpu_some_percent", "for processors"),
            ("pressure_memory_some_percent", "for memory"),
            ("pressure_io_some_percent", "for disks"),
        ],
    ),
    ("Swap", &[("swap_percent", "used")]),
    ("Temperature", &[("temperature_celsius", "temperature")]),
    (
        "Scores",
        &[
            ("health_score", "health"),
            ("performance_score", "performance"),
            ("security_score", "security"),
        ],
    ),
];

impl Document {
    /// The health report, with times in this zone.
    pub fn of_health(health: &Health, zone: &TimeZone) -> Document {
        let charts = CHARTS.iter().filter_map(|(title, series)| {
            chart(
                title,
                series,
                &health.curves,
                health.recorded,
                &health.alerts,
            )
        });
        let mut sections = vec![
            Section::new("What could be done", "", Body::Items(advice(health))),
            Section::new(
                "What happened",
                "Causes that the monitor found, the newest first.",
                Body::Items(findings(health, zone)),
            ),
            Section::new(
                "Over time",
                about_charts(health.curves.step_seconds),
                Body::Charts(charts.collect()),
            ),
        ];
        sections.extend(timeline(&health.alerts, health.recorded));
        let alerts = alert_table(&health.alerts, MOST_ALERTS, zone);
        sections.push(Section::new("Alerts", "", Body::Table(alerts)));
        sections.push(Section::new(
            "What is to come",
            "In an interval of 80 % lies what comes in four cases of five. Where the past gives \
             no better answer than the value of now, that is said.",
            Body::Table(forecasts(&health.forecasts)),
        ));
        sections.push(Section::new(
            "What runs out",
            "",
            Body::Table(exhaustion(health, zone)),
        ));
        sections.extend(programs(health));
        sections.push(Section::new("Security", "", Body::Items(security(health))));
        sections.retain(Section::has_content);
        Document {
            title: "System health".into(),
            host: health.host.clone(),
            range: range_in_words((health.since, health.until), zone),
            made: time_of(health.generated_at, zone),
            cards: cards(health),
            sections,
            notes: notes(health, zone),
        }
    }
}

/// What the reader should know, where the record is not of the whole range too.
fn notes(health: &Health, zone: &TimeZone) -> Vec<String> {
    let mut notes = health.notes.clone();
    let (first, last) = health.recorded;
    let missing = (first - health.since).max(0.0) + (health.until - last).max(0.0);
    if missing > 0.02 * (health.until - health.since) {
        notes.insert(
            0,
            format!(
                "Of this range there is a record from {} to {} only.",
                time_of(first, zone),
                time_of(last, zone)
            ),
        );
    }
    notes
}

fn score(label: &str, value: Option<f64>, detail: String) -> Card {
    Card {
        label: label.into(),
        value: value.map_or_else(|| "–".into(), |value| format!("{value:.0}")),
        unit: "of 100".into(),
        detail,
        tone: Tone::of_score(value),
        share: value,
    }
}

fn cards(health: &Health) -> Vec<Card> {
    let summary = &health.health_summary;
    let worst = |read: fn(&usm_core::judge::Scores) -> &usm_core::judge::Score| -> String {
        let worst = health
            .scores
            .as_ref()
            .and_then(|scores| read(scores).worst());
        worst.map_or_else(String::new, |part| format!("mostly {}", plain(&part.name)))
    };
    let scores = [
        (
            "Health",
            summary.health_score,
            worst(|scores| &scores.health),
        ),
        (
            "Performance",
            summary.performance_score,
            worst(|scores| &scores.performance),
        ),
        (
            "Security",
            summary.security_score,
            worst(|scores| &scores.security),
        ),
    ];
    let scores = scores.into_iter().filter(|(_, value, _)| value.is_some());
    let mut cards: Vec<Card> = scores
        .map(|(label, value, detail)| score(label, value, detail))
        .collect();
    cards.push(Card {
        label: "Alerts".into(),
        value: summary.alerts_in_range.to_string(),
        unit: String::new(),
        detail: match summary.active_alerts {
            0 => "none fires at the end".into(),
            1 => "1 fires at the end".into(),
            count => format!("{count} fire at the end"),
        },
        tone: match (summary.active_alerts, summary.alerts_in_range) {
            (0, 0) => Tone::Good,
            (0, _) => Tone::Warning,
            _ => Tone::Bad,
        },
        share: None,
    });
    for (label, metric) in [
        ("Processors", "cpu_percent"),
        ("Memory", "memory_percent"),
        ("Disk", "disk_percent"),
    ] {
        let Some(figures) = health.curves.get(metric).map(crate::Curve::figures) else {
            continue;
        };
        let percent = |value: Option<f64>| quantity(value.unwrap_or(f64::NAN), Unit::Percent);
        cards.push(Card {
            label: label.into(),
            value: figures
                .average
                .map_or_else(|| "–".into(), |v| format!("{v:.0}")),
            unit: "% on average".into(),
            detail: format!("highest {}", percent(figures.max)),
            tone: Tone::Plain,
            share: None,
        });
    }
    cards
}

/// `memory_percent` as words.
fn plain(name: &str) -> String {
    // The name of a kernel setting is written as it is.
    match name.contains('.') {
        true => name.to_owned(),
        false => name.trim_end_matches("_percent").replace('_', " "),
    }
}

fn advice(health: &Health) -> Vec<Item> {
    let texts = health.recommendations.iter();
    let item = |text: &String| Item {
        tone: Tone::Warning,
        text: text.clone(),
        ..Item::default()
    };
    texts.map(item).collect()
}

fn findings(health: &Health, zone: &TimeZone) -> Vec<Item> {
    let lasted = |since: f64, end: Option<f64>| match end {
        Some(end) => format!("{}, for {}", minute_of(since, zone), duration(end - since)),
        None => format!("since {}", minute_of(since, zone)),
    };
    let incidents = health.incidents.iter().map(|incident| {
        let item = Item {
            tone: tone_of(incident.severity),
            label: incident.severity.name().into(),
            text: incident.summary.clone(),
            detail: lasted(incident.since, incident.closed_at),
        };
        (incident.since, item)
    });
    let insights = health.insights.iter().map(|insight| {
        let mut detail = lasted(insight.opened_at, insight.closed_at);
        if let Some(first) = insight.advice.first() {
            detail = format!("{detail}. {first}");
        }
        let item = Item {
            tone: tone_of(insight.severity),
            label: insight.severity.name().into(),
            text: insight.text.clone(),
            detail,
        };
        (insight.opened_at, item)
    });
    let mut all: Vec<(f64, Item)> = incidents.chain(insights).collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    all.into_iter().take(MOST).map(|(_, item)| item).collect()
}

fn interval((low, high): (f64, f64), unit: Unit) -> String {
    format!("{} to {}", quantity(low, unit), quantity(high, unit))
}

fn forecasts(list: &[MetricForecast]) -> Table {
    let rows = list.iter().map(|one| {
        let value = |value: Option<f64>| quantity(value.unwrap_or(f64::NAN), one.unit);
        let tells = one.outcome == Outcome::Forecast;
        vec![
            one.series.to_string().into(),
            stretch(one.horizon_seconds).into(),
            value(one.now).into(),
            value(one.value).into(),
            one.interval_80
                .map_or_else(String::new, |both| interval(both, one.unit))
                .into(),
            if tells { "" } else { "the same as now" }.into(),
        ]
    });
    Table {
        caption: "Forecasts from the end of the range on".into(),
        columns: headings(&[
            ("Metric", false),
            ("In", true),
            ("Now", true),
            ("Then", true),
            ("80 % interval", true),
            ("", false),
        ]),
        rows: rows.collect(),
        left_out: 0,
    }
}

fn exhaustion(health: &Health, zone: &TimeZone) -> Table {
    let end = health.recorded.1;
    let known = health.exhaustion.iter().filter(|one| one.seconds.is_some());
    let rows = known.map(|one| {
        let unit = unit_of(&one.series.metric);
        let seconds = one.seconds.unwrap_or(f64::NAN);
        let soon = seconds < 86_400.0;
        let at = |seconds: Option<f64>, never: &str| {
            seconds.map_or_else(|| never.to_owned(), |s| minute_of(end + s, zone))
        };
        vec![
            one.series.to_string().into(),
            quantity(one.now.unwrap_or(f64::NAN), unit).into(),
            quantity(one.limit, unit).into(),
            TableCell {
                text: format!("{} (in {})", at(one.seconds, ""), duration(seconds)),
                tone: if soon { Tone::Bad } else { Tone::Warning },
                bar: None,
            },
            at(one.earliest_seconds, "").into(),
            at(one.latest_seconds, "never").into(),
        ]
    });
    Table {
        caption: "What is used up when".into(),
        columns: headings(&[
            ("What", false),
            ("Now", true),
            ("Limit", true),
            ("Reached", false),
            ("Not before", false),
            ("Not after", false),
        ]),
        rows: rows.collect(),
        left_out: 0,
    }
}

fn programs(health: &Health) -> Vec<Section> {
    let table = |caption: &str, list: &[Program], unit: Unit| {
        let most = list
            .iter()
            .map(|p| p.average)
            .fold(f64::MIN_POSITIVE, f64::max);
        let rows = list.iter().map(|program| {
            vec![
                program.name.as_str().into(),
                TableCell {
                    text: quantity(program.average, unit),
                    tone: Tone::Plain,
                    bar: Some(100.0 * program.average / most),
                },
                quantity(program.max, unit).into(),
            ]
        });
        Table {
            caption: caption.into(),
            columns: headings(&[("Program", false), ("Average", true), ("Highest", true)]),
            rows: rows.collect(),
            left_out: 0,
        }
    };
    let about = "All processes of one name together, over the range.";
    vec![
        Section::new(
            "Who used the processors",
            format!("{about} 100 % is one core."),
            Body::Table(table(
                "Programs by processor time",
                &health.top_processes.by_cpu,
                Unit::Percent,
            )),
        ),
        Section::new(
            "Who used the memory",
            about,
            Body::Table(table(
                "Programs by resident memory",
                &health.top_processes.by_memory,
                Unit::Bytes,
            )),
        ),
    ]
}

fn security(health: &Health) -> Vec<Item> {
    let findings = health.security.iter().take(MOST);
    let item = |finding: &usm_core::judge::SecurityFinding| Item {
        tone: tone_of(finding.severity),
        label: finding.severity.name().into(),
        text: finding.text.clone(),
        detail: finding.advice.clone(),
    };
    findings.map(item).collect()
}
