//! `usm report`: the report of the prototype.

mod paper;
mod past;
mod past_range;

use clap::Args;
use serde::Serialize;
use serde_json::Value;
use usm_core::Monitor;
use usm_core::optimizer::{Action, Priority, Target};

use crate::draw::{Flow, Line, Listing, Page, Tone, notes, number};
use crate::failure::{Failure, Outcome};
use crate::optimize::{AimOptions, one_look};
use crate::options::GlobalOptions;
use crate::outlet::Outlet;

const EXAMPLES: &str = "\
Examples:
  usm report                            the state and what could be done
  usm report --comprehensive            all eight sections
  usm report --comprehensive --json > report.json
  usm report --optimization             how much could be done, and how urgent it is
  usm report --health                   how this machine was over the last 24 hours
  usm report --health --since 7d --output week.html
  usm report --trends --since 30d       where its metrics went, and whether that is chance
  usm report --trends --json | jq .trends.memory";

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
    /// How many targets and actions the optimizer finds, and what they may bring.
    #[arg(long, conflicts_with = "comprehensive")]
    optimization: bool,
    /// As one JSON object in one line.
    #[arg(long)]
    json: bool,
    /// JSON with line breaks and indentation.
    #[arg(long, requires = "json")]
    pretty: bool,
    #[command(flatten)]
    past: past_range::PastOptions,
    #[command(flatten)]
    aim: AimOptions,
}

pub(crate) fn perform(
    options: &ReportOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    if let Some(kind) = options.past.kind()? {
        let form = (options.json, options.pretty);
        return past_range::perform(kind, &options.past, form, global, out);
    }
    if options.optimization {
        return optimization(options, global, out);
    }
    if options.aim.is_given() {
        return Err(Failure::usage(
            "the optimizer options need --optimization",
            None,
        ));
    }
    let monitor = Monitor::new(one_look(global)?)?;
    monitor.collect()?;
    let mut report = monitor.report();
    if !options.comprehensive
        && let Value::Object(sections) = &mut report
    {
        sections.retain(|name, _| SHORT.contains(&name.as_str()));
    }
    let about = match options.comprehensive {
        true => past::lay_over(&mut report, global)?,
        false => Vec::new(),
    };
    if options.json {
        return out.json(&report, options.pretty);
    }
    // In words they have a section of their own.
    if let Some(Value::Object(state)) = report.get_mut("system_state") {
        state.remove("recommendations");
    }
    let mut page = Page::new(out.style());
    draw(&report, &mut page);
    if !about.is_empty() {
        page.gap();
        notes(&about, &mut page);
    }
    out.draw(&page)
}

/// How much could be done. The names are the prototype's.
#[derive(Debug, PartialEq, Serialize)]
struct Optimization {
    targets_found: usize,
    actions_generated: usize,
    high_priority_actions: usize,
    estimated_total_benefit: f64,
}

impl Optimization {
    fn of(targets: &[Target], actions: &[Action]) -> Optimization {
        let is_urgent = |action: &&Action| action.priority == Priority::High;
        Optimization {
            targets_found: targets.len(),
            actions_generated: actions.len(),
            high_priority_actions: actions.iter().filter(is_urgent).count(),
            // From 0.0: the sum of no numbers is -0.0.
            estimated_total_benefit: actions.iter().fold(0.0, |sum, a| sum + a.estimated_benefit),
        }
    }

    fn draw(&self, page: &mut Page) {
        page.heading("Optimization", "");
        let benefit = number::decimal(Some(self.estimated_total_benefit), 1);
        for (name, value) in [
            ("Targets found", self.targets_found.to_string()),
            ("Actions planned", self.actions_generated.to_string()),
            ("Of high priority", self.high_priority_actions.to_string()),
            (
                "Estimated benefit",
                format!("{benefit} percent points, added over all actions"),
            ),
        ] {
            let mut flow = Flow::new(page, Line::of(Tone::Label, format!("  {name}")), 21);
            flow.words(Tone::Plain, &value);
            flow.end(page);
        }
        page.gap();
        let mut flow = Flow::new(page, Line::new(), 0);
        flow.words(
            Tone::Quiet,
            "`usm optimize --analyze` and `--plan` tell which.",
        );
        flow.end(page);
    }
}

fn optimization(options: &ReportOptions, global: &GlobalOptions, out: &mut Outlet) -> Outcome {
    let optimizer = options.aim.optimizer(global)?;
    let targets = optimizer.analyze().map_err(Failure::of_optimizer)?;
    let actions = optimizer.plan(&targets).map_err(Failure::of_optimizer)?;
    let report = Optimization::of(&targets, &actions);
    if options.json {
        return out.json(&report, options.pretty);
    }
    let mut page = Page::new(out.style());
    report.draw(&mut page);
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
    fn nothing_to_do_is_a_benefit_of_zero() {
        let report = serde_json::to_string(&Optimization::of(&[], &[])).unwrap();
        let wanted = r#"{"targets_found":0,"actions_generated":0,"high_priority_actions":0,"estimated_total_benefit":0.0}"#;
        assert_eq!(report, wanted);
    }

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
