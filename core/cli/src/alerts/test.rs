//! A rule held against the past: when it would have fired.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::{Value, json};
use usm_core::Error;
use usm_core::alert::{Alert, Backtest, Check, Comparison, Rule, RuleSet};
use usm_core::history::{Aggregate, Query, Selector};

use super::rules::{Rules, in_a_file, of_rule};
use super::{WHEN_EXAMPLES, check, lasting, name_of, read, timeline};
use crate::archive::Archive;
use crate::draw::Page;
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::options::GlobalOptions;
use crate::outlet::Outlet;
use crate::progress::ProgressLine;
use crate::when::{Asked, Range, now};

const EXAMPLES: &str = "\
Examples:
  usm alerts test Memory --over 24h
  usm alerts test 'cpu_percent > 90% clear 80%' --for 5m --over 7d --plot
  usm alerts test alerts.toml --since yesterday --until today
  usm alerts test CPU --from day.usm --json | jq '.alerts[].fired_at'

Nothing is changed and nobody is told. --json is one object: samples, without_data, range,
alerts (each with peak: the worst value while it fired), firing_percent, notes.";

/// Without a range, so much before now.
const DAY: f64 = 86_400.0;

/// Most alerts whose worst value is looked up.
const MOST_PEAKS: usize = 200;

/// How often the line that tells how far it is is written anew.
const SAY: Duration = Duration::from_millis(200);

/// Show when a rule would have fired, without putting it in force.
#[derive(Debug, Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{WHEN_EXAMPLES}"))]
pub(super) struct TestOptions {
    /// Name of a rule, a file of rules (- for standard input), or a condition.
    #[arg(required_unless_present = "when", conflicts_with = "when")]
    rule: Option<String>,
    /// A condition.
    #[arg(long, value_name = "CONDITION")]
    when: Option<String>,
    /// Of a condition: for how long it must hold before it fires, e.g. 5m.
    #[arg(long = "for", value_name = "STRETCH", value_parser = lasting)]
    hold: Option<f64>,
    /// How far back; 24h unless given, of a named file all of it.
    #[arg(long, value_name = "STRETCH", value_parser = lasting, conflicts_with_all = ["since", "until"])]
    over: Option<f64>,
    /// From this time on.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<String>,
    /// To before this time.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<String>,
    /// A recording or a database; the monitor's own unless given.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Draw the values with their limit, too.
    #[arg(long, conflicts_with = "json")]
    plot: bool,
    /// As one JSON object in one line.
    #[arg(long)]
    json: bool,
    /// JSON with line breaks and indentation.
    #[arg(long, requires = "json")]
    pretty: bool,
}

/// What was found, with the worst value of each alert (`None`: not looked up, not known).
#[derive(Debug)]
pub(super) struct Tested {
    pub(super) rules: Vec<Rule>,
    pub(super) range: Range,
    pub(super) found: Backtest,
    pub(super) peaks: Vec<Option<f64>>,
}

pub(super) fn perform(options: &TestOptions, global: &GlobalOptions, out: &mut Outlet) -> Outcome {
    let asked = Asked::of(options.since.as_deref(), options.until.as_deref())?;
    let set = wanted(options, global, out)?;
    let archive = Archive::open(options.from.as_deref(), global)?;
    let held = archive.range();
    let range = match (options.over, archive.is_named && !asked.is_given()) {
        (Some(over), true) => Range {
            since: held.until - over,
            until: held.until,
        },
        (None, true) => held,
        (over, false) => asked.or(|until| until - over.unwrap_or(DAY), now())?,
    };
    if range.until <= held.since || held.until <= range.since {
        return Err(archive.nothing(range));
    }
    let found = backtest(&archive, &set, range)?;
    let peaks = peaks(&archive, &set, &found);
    let tested = Tested {
        rules: set.rules,
        range: Range {
            since: range.since.max(held.since),
            until: range.until.min(held.until),
        },
        found,
        peaks,
    };
    if options.json {
        return out.json(&tested.as_json()?, options.pretty);
    }
    let mut page = Page::new(out.style());
    if options.plot {
        timeline::plot(&tested, &archive, out, &mut page)?;
    }
    timeline::draw(&tested, &jiff::tz::TimeZone::system(), &mut page);
    out.draw(&page)
}

/// The rules to be tested.
fn wanted(options: &TestOptions, global: &GlobalOptions, out: &mut Outlet) -> Outcome<RuleSet> {
    let rules = Rules::read(global)?;
    let of_condition = |when: &str| -> Outcome<RuleSet> {
        let mut rule = Rule::from_expression("condition", when)
            .map_err(|error| Failure::usage(&error.to_string(), Some(WHEN_EXAMPLES)))?;
        rule.for_seconds = options.hold.unwrap_or(0.0);
        Ok(only(vec![rule]))
    };
    let name = match (&options.when, &options.rule) {
        (Some(when), _) => return of_condition(when),
        (None, Some(name)) => name.as_str(),
        (None, None) => return Err(Failure::lacking("name a RULE, or say --when", EXAMPLES)),
    };
    let known = rules.named(name);
    let is_file = name == "-" || Path::new(name).is_file();
    let set = match known {
        Ok(one) => only(vec![one.rule.clone()]),
        Err(_) if is_file => {
            let text = in_a_file(&read(Path::new(name))?);
            let set = RuleSet::parse_over(&rules.set(), &text, &name_of(Path::new(name)))
                .map_err(|error| check::refused(&error, &text, out))?;
            if set.rules.is_empty() {
                return Err(Failure::usage(&format!("{name}: no rule is in it"), None));
            }
            only(set.rules)
        }
        // No name has such a sign, and most conditions have one.
        Err(_) if name.contains(['>', '<', '=']) => return of_condition(name),
        Err(failure) => match Rule::from_expression("condition", name) {
            Ok(_) => return of_condition(name),
            Err(_) => return Err(failure),
        },
    };
    if options.hold.is_some() {
        return Err(Failure::usage(
            "--for is for a condition: a rule says itself for how long it must hold",
            None,
        ));
    }
    Ok(set)
}

fn only(rules: Vec<Rule>) -> RuleSet {
    RuleSet {
        rules,
        ..RuleSet::default()
    }
}

fn backtest(archive: &Archive, set: &RuleSet, range: Range) -> Outcome<Backtest> {
    let interrupt = Interrupt::listen()?;
    let line = ProgressLine::new();
    let mut said: Option<Instant> = None;
    let mut progress = |share: f64| {
        if said.is_none_or(|said| said.elapsed() >= SAY) {
            said = Some(Instant::now());
            line.share("testing", share);
        }
        !interrupt.came()
    };
    let tested = archive
        .history
        .backtest(set, range.since, range.until, &mut progress);
    match tested {
        Err(Error::InvalidState(_)) if interrupt.came() => Err(Failure::ended("interrupted")),
        Err(error @ Error::InvalidArgument { .. }) => Err(of_rule(&error)),
        other => Ok(other?),
    }
}

/// The worst value of each alert while it fired: the greatest, or the least of a rule that
/// fires below a limit.
fn peaks(archive: &Archive, set: &RuleSet, found: &Backtest) -> Vec<Option<f64>> {
    let end = found.range.map_or(f64::NAN, |(_, end)| end);
    let all = found.alerts.iter().enumerate();
    all.map(|(at, alert)| match at < MOST_PEAKS {
        true => peak(archive, set, alert, end),
        false => None,
    })
    .collect()
}

fn peak(archive: &Archive, set: &RuleSet, alert: &Alert, end: f64) -> Option<f64> {
    let begin = alert.fired_at?;
    let until = alert.resolved_at.unwrap_or(end);
    let (is_least, rate) = direction(set.get(&alert.rule)?, &alert.series.metric);
    let selector = Selector::parse(&alert.series.to_string()).ok()?;
    // The end is included.
    let mut query = Query::new(selector, begin, until.max(begin) + 0.001);
    query.aggregate = match is_least {
        true => Aggregate::Min,
        false => Aggregate::Max,
    };
    query.rate = rate;
    // Without the past there is no worst value: what fired is told all the same.
    let table = archive.history.query(&query).ok()?;
    let values = table.columns.first()?.values.iter().copied();
    let known = values.filter(|value| value.is_finite());
    match is_least {
        true => known.reduce(f64::min),
        false => known.reduce(f64::max),
    }
}

/// Whether lesser values of a metric are the worse ones, and whether its increase is meant.
pub(super) fn direction(rule: &Rule, metric: &str) -> (bool, bool) {
    let tests = rule.when.tests();
    let of_metric = tests.iter().find(|test| test.series.metric == metric);
    match of_metric.map(|test| &test.check) {
        Some(Check::Compare {
            comparison, rate, ..
        }) => {
            let is_least = matches!(comparison, Comparison::Below | Comparison::AtMost);
            (is_least, *rate)
        }
        Some(Check::Moves { by, .. }) => (*by < 0.0, false),
        _ => (false, false),
    }
}

impl Tested {
    fn as_json(&self) -> Outcome<Value> {
        let mut value = serde_json::to_value(&self.found)?;
        if let Some(Value::Array(alerts)) = value.get_mut("alerts") {
            for (alert, peak) in alerts.iter_mut().zip(&self.peaks) {
                alert["peak"] = json!(peak);
            }
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_value_is_the_least_where_a_rule_fires_below_a_limit() {
        let rule = |when: &str| Rule::from_expression("a", when).unwrap();
        let metric = "memory_percent";
        assert_eq!(
            direction(&rule("memory_percent > 90%"), metric),
            (false, false)
        );
        assert_eq!(
            direction(&rule("memory_percent < 10%"), metric),
            (true, false)
        );
        let both = rule("cpu_percent > 90% and memory_percent <= 10%");
        assert_eq!(direction(&both, metric), (true, false));
        assert_eq!(direction(&both, "of_no_test"), (false, false));
    }
}
