//! Rules made ready: which numbers of a frame each test reads, and what it makes of them.

use std::sync::Arc;

use super::condition::{Check, Comparison, Condition, Test};
use super::rule_text::family_of;
use super::watch::Watch;
use super::{AlertSeverity, Rule};
use crate::judge::{Anomaly, Judgement, Outcome, Predictions};
use crate::series::{
    Entity, Family, Frame, Metric, PartRow, Resolved, SeriesKey, Unit, catalog, shown_labels,
};
use crate::{Error, Result};

/// Whether something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Truth {
    /// It does not speak of this series.
    #[default]
    Elsewhere,
    /// It does not hold.
    No,
    /// It is not known.
    Unknown,
    /// It holds.
    Yes,
}

impl Truth {
    fn of(holds: bool) -> Truth {
        match holds {
            true => Truth::Yes,
            false => Truth::No,
        }
    }
}

/// A rule that was made ready.
#[derive(Debug, Clone, Default)]
pub(super) struct Compiled {
    /// What is told apart; `None`: the machine as a whole.
    pub(super) family: Option<Family>,
    pub(super) tests: Vec<CompiledTest>,
    program: Program,
    /// The severities that count, the least first.
    pub(super) levels: Vec<CompiledLevel>,
    /// Place of the test whose limit the levels replace.
    primary: Option<usize>,
    /// Some test has to remember samples.
    pub(super) watches: bool,
}

/// A test that was made ready.
#[derive(Debug, Clone)]
pub(super) struct CompiledTest {
    pub(super) metric: &'static Metric,
    pub(super) check: Check,
    pub(super) unit: Unit,
    /// As it was written.
    text: String,
    resolved: Resolved,
    /// Place of the metric among those of its family, and how many these are.
    place: usize,
    width: usize,
    /// It speaks of each entity for itself.
    of_entity: bool,
    /// Since when none of its series has had a value, by the book's clock.
    absent_since: Option<f64>,
    /// What it reads of the machine as a whole in this frame.
    shared: Reading,
}

/// What one test found.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reading {
    pub(super) truth: Truth,
    /// What was held against the limit.
    pub(super) value: Option<f64>,
    /// Anomaly score and normal range.
    pub(super) anomaly: Option<(f64, Option<(f64, f64)>)>,
}

#[derive(Debug, Clone)]
enum Program {
    All(Vec<Program>),
    Any(Vec<Program>),
    Not(Box<Program>),
    Test(usize),
}

/// A severity that was made ready.
#[derive(Debug, Clone)]
pub(super) struct CompiledLevel {
    pub(super) severity: AlertSeverity,
    pub(super) limit: Option<f64>,
    pub(super) clear: Option<f64>,
    besides: Option<Program>,
    pub(super) for_seconds: f64,
}

/// What a sample is held against the rules with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) frame: &'a Frame,
    pub(super) judgement: &'a Judgement,
    pub(super) clock: f64,
}

impl Compiled {
    /// Makes a rule ready.
    ///
    /// # Errors
    /// `InvalidArgument` for names that are not known.
    pub(super) fn of(rule: &Rule) -> Result<Compiled> {
        rule.check()?;
        let mut tests = Vec::new();
        let program = compile(&rule.when, &mut tests)?;
        let primary = rule.when.primary().map(|(place, _)| place);
        let own = rule.limit();
        let margin = match primary.and_then(|place| tests.get(place)) {
            Some(CompiledTest {
                check: Check::Compare { limit, clear, .. },
                ..
            }) => clear.map_or(0.0, |clear| limit - clear),
            _ => 0.0,
        };
        let mut levels = Vec::new();
        if !rule.steps.iter().any(|step| rule.is_base(step)) {
            levels.push(CompiledLevel {
                severity: rule.severity,
                limit: None,
                clear: None,
                besides: None,
                for_seconds: 0.0,
            });
        }
        for step in rule.steps.iter().filter(|step| step.enabled) {
            let limit = step.limit.filter(|limit| Some(*limit) != own);
            levels.push(CompiledLevel {
                severity: step.severity,
                limit,
                clear: step.clear.or(limit.map(|limit| limit - margin)),
                besides: match &step.when {
                    Some(when) => Some(compile(when, &mut tests)?),
                    None => None,
                },
                for_seconds: step.for_seconds,
            });
        }
        levels.sort_by_key(|level| level.severity);
        let remembers = |test: &CompiledTest| {
            matches!(
                test.check,
                Check::Moves { .. } | Check::Compare { rate: true, .. }
            )
        };
        let of_steps = rule.steps.iter().filter_map(|step| step.when.as_ref());
        let families = std::iter::once(&rule.when).chain(of_steps).map(family_of);
        Ok(Compiled {
            family: families.flatten().next(),
            watches: tests.iter().any(remembers),
            tests,
            program,
            levels,
            primary,
        })
    }

    /// Whether any of it is judged, not only sampled.
    pub(super) fn needs_judgement(&self) -> bool {
        self.tests
            .iter()
            .any(|test| matches!(test.check, Check::Deviates { .. } | Check::Reaches { .. }))
    }

    /// Which of the tests speak of an entity, a bit each.
    pub(super) fn matching(&self, entity: &Entity) -> u64 {
        let mut bits = 0;
        for (place, test) in self.tests.iter().enumerate() {
            if !test.of_entity || test.resolved.matches(entity) {
                bits |= 1 << place;
            }
        }
        bits
    }

    /// Reads what is of the machine as a whole.
    pub(super) fn begin(&mut self, seen: &Seen<'_>) {
        for test in &mut self.tests {
            if let Check::Absent { for_seconds } = test.check {
                let known = test.any_known(seen.frame);
                let since = *test.absent_since.get_or_insert(seen.clock);
                if known {
                    test.absent_since = Some(seen.clock);
                }
                test.shared = Reading {
                    truth: Truth::of(!known && seen.clock - since >= for_seconds),
                    ..Reading::default()
                };
            }
        }
    }

    /// Reads what every test says of one entity: the one in a row of its family's part, or
    /// none of them (the machine).
    pub(super) fn read(
        &self,
        seen: &Seen<'_>,
        matching: u64,
        row: Option<(&PartRow, usize)>,
        sticky: bool,
        watches: &mut [Watch],
        readings: &mut Vec<Reading>,
    ) {
        readings.clear();
        let mut nothing = Watch::Nothing;
        for (place, test) in self.tests.iter().enumerate() {
            if matching & (1 << place) == 0 {
                readings.push(Reading::default());
                continue;
            }
            let watch = watches.get_mut(place).unwrap_or(&mut nothing);
            readings.push(test.read(seen, row, sticky, watch));
        }
    }

    /// Whether the condition holds.
    pub(super) fn truth(&self, readings: &[Reading]) -> Truth {
        self.program.run(readings)
    }

    /// The highest level that holds, at or above which `sticky` ones go by their clear
    /// level; `None` where none does.
    pub(super) fn level(&self, readings: &[Reading], current: Option<usize>) -> Option<usize> {
        let value = self.primary.and_then(|place| readings.get(place)?.value);
        (0..self.levels.len()).rev().find(|place| {
            let level = &self.levels[*place];
            let had = current.is_some_and(|current| current >= *place);
            let past = match (level.limit, value) {
                (None, _) => true,
                (Some(_), None) => had,
                (Some(limit), Some(value)) => {
                    let limit = level.clear.filter(|_| had).unwrap_or(limit);
                    self.comparison().holds(value, limit)
                }
            };
            let besides = match &level.besides {
                None => true,
                Some(program) => match program.run(readings) {
                    Truth::Yes => true,
                    Truth::Unknown => had,
                    Truth::No | Truth::Elsewhere => false,
                },
            };
            past && besides
        })
    }

    /// The test that decided: the first that holds, else the first.
    pub(super) fn decider(&self, readings: &[Reading]) -> usize {
        let own = self.program.tests();
        let held = own.iter().find(|place| {
            let reading = readings.get(**place);
            reading.is_some_and(|reading| reading.truth == Truth::Yes)
        });
        held.or(own.first()).copied().unwrap_or(0)
    }

    /// What a test's value is held against at a level.
    pub(super) fn threshold(&self, test: usize, level: usize) -> Option<f64> {
        let of_level = self.levels.get(level).and_then(|level| level.limit);
        match self.tests.get(test)?.check {
            Check::Compare { limit, .. } if self.primary == Some(test) => of_level.or(Some(limit)),
            Check::Compare { limit, .. } | Check::Reaches { limit, .. } => Some(limit),
            Check::Moves { by, .. } => Some(by),
            Check::Deviates { .. } | Check::Absent { .. } => None,
        }
    }

    /// The tests of the rule's own condition.
    pub(super) fn own_tests(&self) -> Vec<usize> {
        self.program.tests()
    }

    fn comparison(&self) -> Comparison {
        match self.primary.and_then(|place| self.tests.get(place)) {
            Some(CompiledTest {
                check: Check::Compare { comparison, .. },
                ..
            }) => *comparison,
            _ => Comparison::Above,
        }
    }
}

fn compile(condition: &Condition, tests: &mut Vec<CompiledTest>) -> Result<Program> {
    let mut list = |inner: &[Condition]| -> Result<Vec<Program>> {
        inner.iter().map(|inner| compile(inner, tests)).collect()
    };
    Ok(match condition {
        Condition::All(inner) => Program::All(list(inner)?),
        Condition::Any(inner) => Program::Any(list(inner)?),
        Condition::Not(inner) => Program::Not(Box::new(compile(inner, tests)?)),
        Condition::Test(test) => {
            tests.push(CompiledTest::of(test)?);
            Program::Test(tests.len() - 1)
        }
    })
}

impl Default for Program {
    /// Never holds.
    fn default() -> Program {
        Program::Any(Vec::new())
    }
}

impl Program {
    fn run(&self, readings: &[Reading]) -> Truth {
        match self {
            Program::Test(place) => readings.get(*place).map_or(Truth::Unknown, |r| r.truth),
            Program::Not(inner) => match inner.run(readings) {
                Truth::Yes => Truth::No,
                Truth::No => Truth::Yes,
                other => other,
            },
            Program::All(list) => {
                let mut all = Truth::Yes;
                for inner in list {
                    all = match (all, inner.run(readings)) {
                        (Truth::No | Truth::Elsewhere, _) | (_, Truth::No | Truth::Elsewhere) => {
                            return Truth::No;
                        }
                        (Truth::Unknown, _) | (_, Truth::Unknown) => Truth::Unknown,
                        _ => Truth::Yes,
                    };
                }
                // Of nothing nothing is true.
                if list.is_empty() { Truth::No } else { all }
            }
            Program::Any(list) => {
                let mut any = Truth::No;
                for inner in list {
                    any = match inner.run(readings) {
                        Truth::Yes => return Truth::Yes,
                        Truth::Unknown => Truth::Unknown,
                        Truth::No | Truth::Elsewhere => any,
                    };
                }
                any
            }
        }
    }

    fn tests(&self) -> Vec<usize> {
        match self {
            Program::Test(place) => vec![*place],
            Program::Not(inner) => inner.tests(),
            Program::All(list) | Program::Any(list) => {
                list.iter().flat_map(Program::tests).collect()
            }
        }
    }
}

impl CompiledTest {
    fn of(test: &Test) -> Result<CompiledTest> {
        let resolved = test.series.resolve()?;
        let metric = resolved.metric;
        let family = catalog::of_family(metric.family);
        let place = family.iter().position(|other| other.id == metric.id);
        let place = place
            .ok_or_else(|| Error::Internal(format!("{} is not in its family", metric.name)))?;
        let is_absent = matches!(test.check, Check::Absent { .. });
        Ok(CompiledTest {
            metric,
            check: test.check.clone(),
            unit: test.unit(),
            text: super::expression::selector_text(&test.series),
            resolved,
            place,
            width: family.len(),
            of_entity: !metric.family.label_names().is_empty() && !is_absent,
            absent_since: None,
            shared: Reading::default(),
        })
    }

    fn read(
        &self,
        seen: &Seen<'_>,
        row: Option<(&PartRow, usize)>,
        sticky: bool,
        watch: &mut Watch,
    ) -> Reading {
        if matches!(self.check, Check::Absent { .. }) {
            return self.shared;
        }
        let raw = match self.of_entity {
            true => row.and_then(|(part, row)| part.values.get(row * self.width + self.place)),
            false => seen
                .frame
                .part(self.metric.family)
                .and_then(|part| part.values.get(self.place)),
        };
        let value = raw.map_or(f64::NAN, |raw| self.metric.value(*raw));
        let known = (!value.is_nan()).then_some(value);
        let unknown = Reading {
            truth: Truth::Unknown,
            value: None,
            anomaly: None,
        };
        match self.check {
            Check::Compare {
                rate,
                comparison,
                limit,
                clear,
            } => {
                let value = match rate {
                    true => watch.rate(value, seen.clock),
                    false => known,
                };
                let Some(value) = value else { return unknown };
                let limit = clear.filter(|_| sticky).unwrap_or(limit);
                Reading {
                    truth: Truth::of(comparison.holds(value, limit)),
                    value: Some(value),
                    anomaly: None,
                }
            }
            Check::Moves { by, within_seconds } => {
                let moved = watch.moved(value, seen.clock, by > 0.0, within_seconds);
                let Some((moved, is_whole)) = moved else {
                    return unknown;
                };
                let truth = match by.signum() * moved >= by.abs() {
                    true => Truth::Yes,
                    false if is_whole => Truth::No,
                    false => Truth::Unknown,
                };
                Reading {
                    truth,
                    value: Some(moved),
                    anomaly: None,
                }
            }
            Check::Deviates { score } => {
                let Some(value) = known else { return unknown };
                let entity = self.entity(row);
                let anomalies = &seen.judgement.anomalies;
                let found = find_anomaly(anomalies, self.metric, entity);
                Reading {
                    truth: Truth::of(found.is_some_and(|anomaly| anomaly.worst_score >= score)),
                    value: Some(value),
                    anomaly: found.map(|anomaly| (anomaly.worst_score, anomaly.expected)),
                }
            }
            Check::Reaches {
                limit,
                within_seconds,
            } => {
                let Some(value) = known else { return unknown };
                let entity = self.entity(row);
                let predictions = &seen.judgement.predictions;
                Reading {
                    truth: reaches(
                        predictions,
                        self.metric,
                        entity,
                        value,
                        limit,
                        within_seconds,
                    ),
                    value: Some(value),
                    anomaly: None,
                }
            }
            Check::Absent { .. } => self.shared,
        }
    }

    /// The selector as it was written.
    pub(super) fn series_text(&self) -> &str {
        &self.text
    }

    fn entity<'a>(&self, row: Option<(&'a PartRow, usize)>) -> Option<&'a Arc<Entity>> {
        row.filter(|_| self.of_entity)
            .and_then(|(part, row)| part.entities.get(row))
    }

    /// Whether any series that it matches has a value.
    fn any_known(&self, frame: &Frame) -> bool {
        let Some(part) = frame.part(self.metric.family) else {
            return false;
        };
        let rows = part.values.chunks_exact(self.width);
        part.entities.iter().zip(rows).any(|(entity, row)| {
            !self.metric.value(row[self.place]).is_nan() && self.resolved.matches(entity)
        })
    }
}

/// Whether a key is that of a metric of an entity.
fn is_key_of(key: &SeriesKey, metric: &Metric, entity: Option<&Arc<Entity>>) -> bool {
    if key.metric != metric.name {
        return false;
    }
    let Some(entity) = entity else {
        return key.labels.is_empty();
    };
    let mut labels = key.labels.iter();
    let mut shown = shown_labels(metric.family);
    shown.all(|(place, _)| {
        let value = entity.labels.get(place).and_then(|value| value.as_deref());
        labels
            .next()
            .is_some_and(|(_, known)| known == value.unwrap_or_default())
    }) && labels.next().is_none()
}

fn find_anomaly<'a>(
    anomalies: &'a [Anomaly],
    metric: &Metric,
    entity: Option<&Arc<Entity>>,
) -> Option<&'a Anomaly> {
    let mut all = anomalies.iter();
    all.find(|anomaly| is_key_of(&anomaly.series, metric, entity))
}

/// Whether a value crosses a limit by its forecasts.
fn reaches(
    predictions: &Predictions,
    metric: &Metric,
    entity: Option<&Arc<Entity>>,
    now: f64,
    limit: f64,
    within: f64,
) -> Truth {
    if now == limit {
        return Truth::Yes;
    }
    let mut best = Truth::Unknown;
    let mut take = |outcome: Outcome, holds: bool| {
        let found = match outcome {
            Outcome::Learning => Truth::Unknown,
            Outcome::SameAsNow => Truth::No,
            Outcome::Forecast => Truth::of(holds),
        };
        if best == Truth::Unknown || found == Truth::Yes {
            best = found;
        }
    };
    for end in &predictions.exhaustion {
        if end.limit == limit && is_key_of(&end.series, metric, entity) {
            take(end.outcome, end.seconds.is_some_and(|s| s <= within));
        }
    }
    for forecast in predictions.horizons.iter().flat_map(|(_, list)| list) {
        if forecast.horizon_seconds > within || !is_key_of(&forecast.series, metric, entity) {
            continue;
        }
        let crosses = |value: f64| match now < limit {
            true => value >= limit,
            false => value <= limit,
        };
        take(forecast.outcome, forecast.value.is_some_and(crosses));
    }
    best
}

impl Compiled {
    /// For how long the condition must hold before it counts.
    pub(super) fn hold_seconds(&self, rule: &Rule) -> f64 {
        let least = self.levels.iter().map(|level| level.for_seconds);
        rule.for_seconds.max(least.fold(f64::INFINITY, f64::min))
    }

    /// The level at which something begins, of which `highest` is the highest that holds: the
    /// highest that needs no time of its own, else the one that needs least.
    pub(super) fn first_level(&self, highest: usize) -> usize {
        let least = self.levels.iter().map(|level| level.for_seconds);
        let least = least.fold(f64::INFINITY, f64::min);
        let at_once = |place: &usize| {
            let level = self.levels.get(*place);
            level.is_some_and(|level| level.for_seconds <= least)
        };
        (0..=highest).rev().find(at_once).unwrap_or(highest)
    }
}
