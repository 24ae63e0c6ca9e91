//! Rules of alerts held against what was: when they would have fired.

use std::ops::ControlFlow;

use super::History;
use super::frames::{Frames, torn_words};
use super::judged::Judged;
use super::stamp::{in_words, to_us};
use super::unpacked::Unpacked;
use crate::alert::{Backtest, Backtester, RuleSet};
use crate::judge::Judgement;
use crate::series::codec::Sub;
use crate::series::{ABSENT, Family, Frame, Tier};
use crate::store::StoreReader;
use crate::{Error, Result};

/// Samples between two calls that tell how far the work is.
const SAMPLES_BETWEEN_CALLS: u64 = 256;

/// A part of the range, and what it is read from.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Part {
    tier: Tier,
    since_us: i64,
    until_us: i64,
}

impl History {
    /// When rules would have fired between two Unix times: of the samples as far back as they
    /// reach, before that of the finest rows that there are. Rules that are switched off are
    /// tested like the others. `progress` is told the share that is done, 0 to 1, and ends
    /// the work by returning false.
    ///
    /// # Errors
    /// `InvalidArgument` for a rule that can't be evaluated, `InvalidState` when ended by
    /// `progress`, `Store`.
    pub fn backtest(
        &self,
        rules: &RuleSet,
        since: f64,
        until: f64,
        progress: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Backtest> {
        let (since_us, until_us) = (to_us("since", since)?, to_us("until", until)?);
        let mut test = Backtester::new(rules)?;
        let parts = self.parts(since_us, until_us)?;
        let range = (
            parts.first().map_or(0, |part| part.since_us),
            parts.last().map_or(0, |part| part.until_us),
        );
        let mut work = Work {
            test: &mut test,
            progress,
            range,
            samples: 0,
        };
        work.tell(range.0)?;
        for part in parts {
            match part.tier {
                Tier::Raw => work.samples_of(&self.reader, part)?,
                tier => work.rows_of(&self.reader, tier, part)?,
            }
        }
        work.tell(range.1)?;
        Ok(test.finish())
    }

    /// The range in parts, each of the finest tier that reaches back to it.
    fn parts(&self, since_us: i64, until_us: i64) -> Result<Vec<Part>> {
        let extents = self.reader.extents()?;
        let last = extents.iter().map(|extent| extent.last_us).max();
        let mut until_us = until_us.min(last.map_or(i64::MIN, |us| us.saturating_add(1)));
        let mut parts = Vec::new();
        for tier in Tier::ALL {
            let extent = extents.iter().find(|extent| extent.tier == tier);
            let Some(extent) = extent.filter(|extent| extent.rows > 0) else {
                continue;
            };
            let since_us = since_us.max(extent.first_us);
            if since_us < until_us {
                parts.push(Part {
                    tier,
                    since_us,
                    until_us,
                });
                until_us = since_us;
            }
        }
        parts.reverse();
        Ok(parts)
    }
}

struct Work<'a> {
    test: &'a mut Backtester,
    progress: &'a mut dyn FnMut(f64) -> bool,
    range: (i64, i64),
    samples: u64,
}

impl Work<'_> {
    /// The samples as they were taken, judged again where a rule needs it.
    fn samples_of(&mut self, reader: &StoreReader, part: Part) -> Result<()> {
        let mut frames = Frames::between(reader, part.since_us, part.until_us)?;
        let mut judged = self.test.needs_judgement().then(Judged::default);
        if judged.is_some() {
            self.test.add_note(format!(
                "what is usual and what is to come is learnt anew from {} on",
                in_words(part.since_us)
            ));
        }
        let none = Judgement::default();
        while let Some(frame) = frames.next(reader)? {
            match &mut judged {
                Some(judged) => {
                    let state = judged.state(&frame);
                    let judgement = Judgement {
                        anomalies: state.anomalies,
                        predictions: state.predictions,
                        ..Judgement::default()
                    };
                    self.test.feed(&frame, &judgement);
                }
                None => self.test.feed(&frame, &none),
            }
            self.count(frame.unix_us)?;
        }
        for note in frames.notes() {
            self.test.add_note(note.clone());
        }
        Ok(())
    }

    /// Rows of a coarser tier: gauges by their mean, counters by their last value.
    fn rows_of(&mut self, reader: &StoreReader, tier: Tier, part: Part) -> Result<()> {
        let seconds = tier.seconds().unwrap_or_default();
        self.test.add_note(format!(
            "from {} to {} there are only stretches of {seconds} s: their means are tested, and \
             what is shorter is not seen",
            in_words(part.since_us),
            in_words(part.until_us)
        ));
        if self.test.needs_judgement() {
            let words = "what is usual and what is to come is not known of such stretches";
            self.test.add_note(words.to_owned());
        }
        let none = Judgement::default();
        let mut torn = Vec::new();
        let notes = reader.segments(
            tier,
            part.since_us,
            part.until_us,
            &Family::ALL,
            &mut |segment| {
                let unpacked = Unpacked::unpack(&segment, Sub::Mean, None)
                    .and_then(|means| Ok((means, Unpacked::unpack(&segment, Sub::Last, None)?)));
                let (mut means, mut lasts) = match unpacked {
                    Ok(both) => both,
                    Err(damage) => {
                        torn.push(torn_words(&segment, &damage));
                        return Ok(ControlFlow::Continue(()));
                    }
                };
                for row in means.first_row()..means.end_row() {
                    let inside = means
                        .unix_us(row)
                        .is_some_and(|us| (part.since_us..part.until_us).contains(&us));
                    let both = inside.then(|| (means.frame(row), lasts.frame(row)));
                    if let Some((Some(mean), Some(last))) = both {
                        let frame = joined(mean, &last);
                        self.test.feed(&frame, &none);
                        self.count(frame.unix_us)?;
                    }
                }
                Ok(ControlFlow::Continue(()))
            },
        )?;
        for note in notes.into_iter().chain(torn) {
            self.test.add_note(note);
        }
        Ok(())
    }

    fn count(&mut self, unix_us: i64) -> Result<()> {
        self.samples += 1;
        match self.samples % SAMPLES_BETWEEN_CALLS {
            0 => self.tell(unix_us),
            _ => Ok(()),
        }
    }

    fn tell(&mut self, unix_us: i64) -> Result<()> {
        let whole = self.range.1.saturating_sub(self.range.0).max(1);
        let share = unix_us.saturating_sub(self.range.0) as f64 / whole as f64;
        match (self.progress)(share.clamp(0.0, 1.0)) {
            true => Ok(()),
            false => Err(Error::InvalidState(
                "the test of the rule was ended by its caller".into(),
            )),
        }
    }
}

/// A row with the means, and the last values where there is no mean. Rows of stretches have
/// but one clock.
fn joined(mut mean: Frame, last: &Frame) -> Frame {
    mean.monotonic_us = mean.unix_us;
    for (part, of_last) in mean.parts.iter_mut().zip(&last.parts) {
        for (value, last) in part.values.iter_mut().zip(&of_last.values) {
            if *value == ABSENT {
                *value = *last;
            }
        }
    }
    mean
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::{AlertSeverity, Rule};
    use crate::history::fixture::{Live, START, damage, record, store};
    use crate::store::series::tests::places;

    fn rules(expression: &str) -> RuleSet {
        let mut rule = Rule::from_expression("r", expression).unwrap();
        rule.cooldown_seconds = 0.0;
        rule.flapping.changes = 0;
        rule.enabled = false;
        RuleSet {
            rules: vec![rule],
            ..RuleSet::default()
        }
    }

    fn tested(path: &std::path::Path, rules: &RuleSet, since: f64, until: f64) -> Backtest {
        let history = History::open(path).unwrap();
        history
            .backtest(rules, since, until, &mut |_| true)
            .unwrap()
    }

    #[test]
    fn a_rule_fires_where_its_condition_held() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recording.db");
        let live = Live::new().ticks(900);
        record(&path, live.iter().map(|(_, frame)| frame));
        // Every 90 samples the load rises by 1.7 a second from the 30th on, up to 100.3.
        let found = tested(&path, &rules("cpu_percent > 50"), 0.0, f64::MAX);
        assert_eq!((found.samples, found.without_data), (900, 0));
        assert_eq!(found.range, Some((START, START + 899.0)));
        assert_eq!(found.alerts.len(), 10);
        let first = &found.alerts[0];
        assert_eq!(first.fired_at, Some(START + 60.0));
        assert_eq!(first.resolved_at, Some(START + 90.0));
        assert_eq!(found.alerts[9].resolved_at, None);
        let share = found.firing_percent.unwrap();
        assert!((share - 100.0 / 3.0).abs() < 0.2, "{share}");
        assert!(found.notes.is_empty(), "{:?}", found.notes);

        let part = tested(
            &path,
            &rules("cpu_percent > 50"),
            START + 100.0,
            START + 200.0,
        );
        assert_eq!((part.samples, part.alerts.len()), (100, 1));
        let none = tested(&path, &rules("swap_percent > 50"), 0.0, f64::MAX);
        assert_eq!((none.without_data, none.alerts.len()), (900, 0));
        assert_eq!(none.firing_percent, Some(0.0));
        let empty = tested(&path, &rules("cpu_percent > 50"), 0.0, 1.0);
        assert_eq!(
            (empty.samples, empty.range, empty.firing_percent),
            (0, None, None)
        );
    }

    #[test]
    fn before_the_samples_the_rows_of_stretches_are_tested() {
        let folder = tempfile::tempdir().unwrap();
        let live = Live::new().ticks(3600);
        let path = store(folder.path(), live.iter().map(|(_, frame)| frame));
        let whole = tested(&path, &rules("cpu_percent > 50"), 0.0, f64::MAX);
        assert_eq!(whole.alerts.len(), 40);
        let samples = places::samples();
        let (first, end) = (samples.start, samples.end);
        let sealed = format!("DELETE FROM series_blocks WHERE id >= {first} AND id < {end}");
        damage(&path, &sealed);
        let coarse = tested(&path, &rules("cpu_percent > 50"), 0.0, f64::MAX);
        assert!(
            coarse.notes.iter().any(|n| n.contains("stretches of 10 s")),
            "{:?}",
            coarse.notes
        );
        assert!(
            (39..=41).contains(&coarse.alerts.len()),
            "{}",
            coarse.alerts.len()
        );
        assert!(coarse.samples < 3600);
        let share = (
            coarse.firing_percent.unwrap(),
            whole.firing_percent.unwrap(),
        );
        assert!((share.0 - share.1).abs() < 3.0, "{share:?}");
        let counter = tested(
            &path,
            &rules("rate(interface_received_bytes_total) > 900"),
            0.0,
            f64::MAX,
        );
        assert!(
            !counter.alerts.is_empty() && counter.firing_percent.unwrap() > 90.0,
            "{counter:?}"
        );
    }

    #[test]
    fn the_caller_is_told_how_far_it_is_and_may_end_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recording.db");
        let live = Live::new().ticks(1000);
        record(&path, live.iter().map(|(_, frame)| frame));
        let history = History::open(&path).unwrap();
        let mut told = Vec::new();
        let mut tell = |share: f64| {
            told.push(share);
            told.len() < 3
        };
        let error = history.backtest(&rules("cpu_percent > 50"), 0.0, f64::MAX, &mut tell);
        assert_eq!(error.unwrap_err().kind(), crate::ErrorKind::InvalidState);
        assert!(told.len() == 3 && told.is_sorted(), "{told:?}");
        assert!(
            history
                .backtest(&RuleSet::default(), f64::NAN, 1.0, &mut |_| true)
                .is_err()
        );
    }

    #[test]
    fn the_built_in_rules_do_not_cry_wolf_on_a_busy_machine() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/hour.usm");
        let found = tested(path.as_ref(), &RuleSet::builtin(), 0.0, f64::MAX);
        assert_eq!(found.samples, 4486);
        // Seventy-five minutes of compilers on every processor.
        let told: Vec<_> = found
            .alerts
            .iter()
            .map(|a| (a.rule.as_str(), a.severity))
            .collect();
        assert_eq!(told, [("CPU", AlertSeverity::Warning)]);
    }

    /// To be run by itself, optimised: the cost of the built-in rules for each sample.
    #[test]
    #[ignore = "measures: cargo test --release -p usm-core --lib the_built_in_rules_cost -- --ignored"]
    fn the_built_in_rules_cost_less_than_ten_microseconds_a_sample() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/hour.usm");
        let history = History::open(path).unwrap();
        let mut frames = Frames::between(&history.reader, i64::MIN, i64::MAX).unwrap();
        let mut all = Vec::new();
        while let Some(frame) = frames.next(&history.reader).unwrap() {
            all.push(frame);
        }
        let mut rules = RuleSet::builtin();
        let mut best = [f64::INFINITY; 2];
        // With the processors' alert firing, and without.
        for best in &mut best {
            for _ in 0..10 {
                let mut test = Backtester::new(&rules).unwrap();
                let started = std::time::Instant::now();
                for frame in &all {
                    test.feed(frame, &Judgement::default());
                }
                let each = started.elapsed().as_secs_f64() / all.len() as f64;
                *best = best.min(each * 1e6);
            }
            rules.remove("CPU");
        }
        println!("{best:.1?} µs a sample, with an alert that fires and without");
        assert!(best.iter().all(|micros| *micros < 10.0), "{best:?} µs");
    }
}
