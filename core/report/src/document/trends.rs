//! The trend report as a document.

use jiff::tz::TimeZone;

use super::parts::{about_charts, chart, headings, range_in_words, unit_of};
use super::{Body, Card, Document, Section, Table, TableCell, Tone};
use crate::shown::clock::time_of;
use crate::shown::quantity::quantity;
use crate::trends::{Course, FOLLOWED, Trends};

impl Document {
    /// The trend report, with times in this zone.
    pub fn of_trends(trends: &Trends, zone: &TimeZone) -> Document {
        let all: Vec<&(&str, Course)> = trends
            .trends
            .0
            .iter()
            .chain(&trends.other_trends.0)
            .collect();
        let charts = FOLLOWED.iter().filter_map(|followed| {
            let series = [(followed.series, followed.name)];
            chart(
                &title(followed.name),
                &series,
                &trends.curves,
                trends.recorded,
                &[],
            )
        });
        let hours = (trends.recorded.1 - trends.recorded.0) / 3600.0;
        let mut sections = vec![
            Section::new(
                "Trends",
                "The slope is the median of those of all pairs of points (Theil and Sen). A \
                 metric rises or falls when so much order would come by chance in less than one \
                 case of twenty (Mann and Kendall), and when it changed enough to matter.",
                Body::Table(table(&all)),
            ),
            Section::new(
                "Over time",
                about_charts(trends.curves.step_seconds),
                Body::Charts(charts.collect()),
            ),
        ];
        sections.retain(Section::has_content);
        Document {
            title: "Performance trends".into(),
            host: trends.host.clone(),
            range: range_in_words((trends.since, trends.until), zone),
            made: time_of(trends.generated_at, zone),
            cards: trends
                .trends
                .0
                .iter()
                .map(|(name, course)| card(name, course, hours))
                .collect(),
            sections,
            notes: trends.notes.clone(),
        }
    }
}

/// `load_average_1` as a heading.
fn title(name: &str) -> String {
    let words = match name {
        "cpu" => "processors".to_owned(),
        "load_average_1" => "load average, 1 minute".to_owned(),
        other => other.replace('_', " "),
    };
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => words,
    }
}

/// In a word.
fn word(trend: Option<&str>) -> &'static str {
    match trend {
        Some("increasing") => "rises",
        Some("decreasing") => "falls",
        Some(_) => "stable",
        None => "not known",
    }
}

fn card(name: &str, course: &Course, hours: f64) -> Card {
    let rises = course.trend == Some("increasing");
    let change = course.change.map_or_else(String::new, |change| {
        format!("{change:+.1} points in {hours:.0} h")
    });
    Card {
        label: title(name),
        value: course
            .figures
            .average
            .map_or_else(|| "–".into(), |value| format!("{value:.0}")),
        unit: "% on average".into(),
        detail: match course.trend {
            Some("stable") | None => word(course.trend).to_owned(),
            trend => format!("{}, {change}", word(trend)),
        },
        tone: if rises { Tone::Warning } else { Tone::Plain },
        share: None,
    }
}

fn table(all: &[&(&str, Course)]) -> Table {
    let rows = all.iter().map(|(name, course)| {
        let series = FOLLOWED.iter().find(|followed| followed.name == *name);
        let unit = unit_of(series.map_or("", |followed| followed.series));
        let of =
            |value: Option<f64>| -> TableCell { quantity(value.unwrap_or(f64::NAN), unit).into() };
        let signed = |value: Option<f64>| match value {
            Some(value) if value > 0.0 => format!("+{}", quantity(value, unit)),
            value => quantity(value.unwrap_or(f64::NAN), unit),
        };
        vec![
            title(name).into(),
            of(course.figures.average),
            of(course.figures.min),
            of(course.figures.max),
            of(course.figures.last),
            TableCell {
                text: word(course.trend).into(),
                tone: match course.trend {
                    Some("increasing") => Tone::Warning,
                    _ => Tone::Plain,
                },
                bar: None,
            },
            signed(course.slope_per_hour).into(),
            signed(course.change).into(),
            course.p_value.map_or_else(|| "–".into(), chance).into(),
        ]
    });
    let mut columns = headings(&[
        ("Metric", false),
        ("Mean", true),
        ("Lowest", true),
        ("Highest", true),
        ("Last", true),
        ("Trend", false),
        ("Per hour", true),
        ("In all", true),
        ("By chance", true),
    ]);
    for place in [2, 4, 6] {
        columns[place].is_minor = true;
    }
    Table {
        caption: "Trends of the main metrics".into(),
        columns,
        rows: rows.collect(),
        left_out: 0,
    }
}

fn chance(p_value: f64) -> String {
    match p_value {
        small if small < 0.001 => "< 0.1 %".into(),
        p => format!("{:.1} %", 100.0 * p),
    }
}
