//! Which series there are.

use serde_json::{Value, json};
use usm_core::history::SeriesInfo;
use usm_core::series::Kind;

use super::HistoryOptions;
use crate::archive::Archive;
use crate::draw::quantity;
use crate::draw::{Column, Flow, Line, Page, Table, Tone};
use crate::failure::{Failure, Outcome};
use crate::outlet::Outlet;
use crate::when::Range;

/// Values of a label that are named as examples.
const EXAMPLES: usize = 4;

pub(super) fn perform(
    archive: &Archive,
    range: Range,
    options: &HistoryOptions,
    out: &mut Outlet,
) -> Outcome {
    let mut list = archive.history.list(range.since, range.until)?;
    if list.is_empty() {
        return Err(archive.nothing(range));
    }
    list.retain(|series| options.metrics.iter().all(|word| is_meant(series, word)));
    if options.json {
        let list: Vec<Value> = list.iter().map(to_json).collect();
        return out.json(&list, options.pretty);
    }
    if list.is_empty() {
        let message = format!("no series is named {}", options.metrics.join(" "));
        let hint = "`usm history --list` shows all";
        return Err(Failure::new(&message, Some(hint)));
    }
    let mut page = Page::new(out.style_of_listing());
    draw(&list, &mut page);
    out.draw(&page)
}

/// With the same fields as a column of an answer.
fn to_json(series: &SeriesInfo) -> Value {
    let labels: serde_json::Map<String, Value> = series
        .key
        .labels
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect();
    json!({
        "name": series.key.to_string(),
        "metric": series.key.metric,
        "labels": labels,
        "unit": series.unit,
        "kind": series.kind,
        "help": series.help,
    })
}

/// The word stands in the name, the labels or the meaning.
fn is_meant(series: &SeriesInfo, word: &str) -> bool {
    let holds = |text: &str| text.to_lowercase().contains(&word.to_lowercase());
    holds(&series.key.to_string()) || holds(&series.help)
}

/// The series of one metric, by name: those of a metric need not stand together.
fn by_metric(list: &[SeriesInfo]) -> Vec<Vec<&SeriesInfo>> {
    let mut metrics: Vec<Vec<&SeriesInfo>> = Vec::new();
    let mut sorted: Vec<&SeriesInfo> = list.iter().collect();
    sorted.sort_by_key(|series| {
        let first = list.iter().position(|s| s.key.metric == series.key.metric);
        first.unwrap_or(usize::MAX)
    });
    for series in sorted {
        match metrics.last_mut() {
            Some(group) if group[0].key.metric == series.key.metric => group.push(series),
            _ => metrics.push(vec![series]),
        }
    }
    metrics
}

fn draw(list: &[SeriesInfo], page: &mut Page) {
    let metrics = by_metric(list);
    let mut table = Table::new(&[
        Column::text("SERIES"),
        Column::text("UNIT"),
        Column::text("LABELS").dispensable(2),
        Column::text("WHAT").flexible(),
    ])
    .indented(0);
    if let [only] = metrics.as_slice() {
        // Of one metric every series, as it is asked for.
        for series in only {
            table.row(vec![
                Line::of(Tone::Label, series.key.to_string()),
                Line::of(Tone::Quiet, quantity::name(series.unit)),
                Line::new(),
                Line::of(Tone::Plain, meaning(series)),
            ]);
        }
    } else {
        for group in &metrics {
            table.row(vec![
                Line::of(Tone::Label, &group[0].key.metric),
                Line::of(Tone::Quiet, quantity::name(group[0].unit)),
                Line::of(Tone::Plain, labels(group)),
                Line::of(Tone::Plain, meaning(group[0])),
            ]);
        }
    }
    table.draw(page);
    page.gap();
    let (count, noun) = match (list.len(), metrics.as_slice()) {
        (count, [only]) => (count, format!("series of {}", only[0].key.metric)),
        (count, many) => (count, format!("series of {} metrics", many.len())),
    };
    let mut flow = Flow::new(page, Line::new(), 0);
    flow.words(
        Tone::Quiet,
        &format!("{count} {noun}. `usm history NAME` draws, `usm history --list NAME` lists all."),
    );
    flow.end(page);
}

fn meaning(series: &SeriesInfo) -> String {
    match series.kind {
        Kind::Gauge => series.help.clone(),
        Kind::Counter => format!("{} (counter)", series.help),
    }
}

/// `core: 0, 1, 2, 3 … (8)`: the values of the first label, and how many series there are.
fn labels(group: &[&SeriesInfo]) -> String {
    let names: Vec<&str> = group[0]
        .key
        .labels
        .iter()
        .map(|(n, _)| n.as_str())
        .collect();
    let values: Vec<&str> = group
        .iter()
        .filter_map(|series| series.key.labels.first().map(|(_, value)| value.as_str()))
        .collect();
    if names.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "{}: {}",
        names.join(", "),
        values[..values.len().min(EXAMPLES)].join(", ")
    );
    if values.len() > EXAMPLES {
        text.push_str(&format!(" … ({})", values.len()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Style;
    use usm_core::history::SeriesKey;
    use usm_core::series::Unit;

    fn series(metric: &str, core: Option<u32>) -> SeriesInfo {
        SeriesInfo {
            key: SeriesKey {
                metric: metric.into(),
                labels: core
                    .map(|n| ("core".into(), n.to_string()))
                    .into_iter()
                    .collect(),
            },
            unit: Unit::Percent,
            kind: Kind::Gauge,
            help: "Busy".into(),
        }
    }

    fn drawn(list: &[SeriesInfo]) -> String {
        let mut page = Page::new(Style {
            width: 80,
            unicode: true,
            colour: false,
        });
        draw(list, &mut page);
        page.render()
    }

    #[test]
    fn a_metric_is_one_line_with_the_values_of_its_label() {
        let mut list = vec![series("cpu_percent", None)];
        list.extend((0..6).map(|n| series("core_busy_percent", Some(n))));
        let text = drawn(&list);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            &lines[..3],
            [
                "SERIES             UNIT  LABELS                  WHAT",
                "cpu_percent        %                             Busy",
                "core_busy_percent  %     core: 0, 1, 2, 3 … (6)  Busy",
            ]
        );
    }

    #[test]
    fn of_a_single_metric_every_series_is_listed_as_it_is_asked_for() {
        let list: Vec<SeriesInfo> = (0..2)
            .map(|n| series("core_busy_percent", Some(n)))
            .collect();
        let text = drawn(&list);
        assert!(text.contains("core_busy_percent{core=\"1\"}"), "{text}");
    }

    #[test]
    fn a_word_is_looked_for_in_name_labels_and_meaning() {
        let core = series("core_busy_percent", Some(3));
        for word in ["CORE", "core=\"3\"", "busy"] {
            assert!(is_meant(&core, word), "{word}");
        }
        assert!(!is_meant(&core, "memory"));
    }
}
