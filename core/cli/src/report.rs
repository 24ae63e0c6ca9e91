//! `usm report`: the report of the prototype.

use clap::Args;
use serde_json::Value;
use usm_core::{Config, Monitor};

use crate::draw::{Flow, Line, Listing, Page, Tone};
use crate::failure::Outcome;
use crate::options::GlobalOptions;
use crate::outlet::Outlet;

const EXAMPLES: &str = "\
Examples:
  usm report                            the state and what could be done
  usm report --comprehensive            all eight sections
  usm report --comprehensive --json > report.json";

/// The sections of the short report.
const SHORT: [&str; 3] = ["timestamp", "system_state", "recommendations"];

/// In which the sections are read best.
const ORDER: [&str; 7] = [
    "system_state",
    "recommendations",
    "alerts_summary",
    "predictions",
    "insights",
    "component_status",
    "performance_metrics",
];

/// Make a report: state, components, timings, recommendations, alerts, forecasts, insights.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ReportOptions {
    /// All eight sections, not only the state and the recommendations.
    #[arg(long)]
    comprehensive: bool,
    /// As one JSON object in one line.
    #[arg(long)]
    json: bool,
    /// JSON with line breaks and indentation.
    #[arg(long, requires = "json")]
    pretty: bool,
}

pub(crate) fn perform(
    options: &ReportOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let config = global.settings_without_store()?;
    let monitor = Monitor::new(Config {
        overhead_budget_percent: 100.0,
        ..config
    })?;
    monitor.collect()?;
    let mut report = monitor.report();
    if !options.comprehensive
        && let Value::Object(sections) = &mut report
    {
        sections.retain(|name, _| SHORT.contains(&name.as_str()));
    }
    if options.json {
        return out.json(&report, options.pretty);
    }
    // In words they have a section of their own.
    if let Some(Value::Object(state)) = report.get_mut("system_state") {
        state.remove("recommendations");
    }
    let mut page = Page::new(out.style());
    draw(&report, &mut page);
    out.draw(&page)
}

/// Each section under its heading, in this order; those of a later version after them.
fn draw(report: &Value, page: &mut Page) {
    let time = report
        .get("timestamp")
        .and_then(Value::as_f64)
        .unwrap_or(f64::NAN);
    page.push(Line::of(Tone::Strong, "Report of ").and(Tone::Strong, crate::status::time_of(time)));
    let mut sections: Vec<_> = report.as_object().into_iter().flatten().collect();
    sections.sort_by_key(|(name, _)| {
        ORDER
            .iter()
            .position(|known| known == name)
            .unwrap_or(ORDER.len())
    });
    for (name, section) in sections
        .into_iter()
        .filter(|(name, _)| *name != "timestamp")
    {
        page.heading(&title_of(name), "");
        match section {
            Value::Array(texts) if texts.is_empty() => {
                page.push(Line::of(Tone::Quiet, "  none"));
            }
            Value::Array(texts) => {
                for text in texts {
                    let mut flow = Flow::new(page, Line::of(Tone::Warning, "  ●"), 4);
                    match text.as_str() {
                        Some(text) => flow.words(Tone::Plain, text),
                        None => flow.words(Tone::Plain, &text.to_string()),
                    }
                    flow.end(page);
                }
            }
            section if section.get("available") == Some(&Value::Bool(false)) => {
                let reason = section.get("reason").and_then(Value::as_str);
                let mut flow = Flow::new(page, Line::new(), 2);
                flow.words(Tone::Quiet, reason.unwrap_or("not available"));
                flow.end(page);
            }
            section => Listing::of(section).draw(page),
        }
    }
}

/// `performance_metrics` as a heading.
fn title_of(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Style;

    #[test]
    fn what_is_not_available_is_said_in_words() {
        let report = serde_json::json!({
            "timestamp": 0.0,
            "predictions": {"available": false, "reason": "predictions are not part of this"},
            "recommendations": ["free some memory"],
            "component_status": {"system_monitor": "active"},
        });
        let mut page = Page::new(Style {
            width: 50,
            unicode: true,
            colour: false,
        });
        draw(&report, &mut page);
        let text = page.render();
        for line in [
            "  predictions are not part of this",
            "  ● free some memory",
            "  system_monitor  active",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} in {text}");
        }
    }
}
