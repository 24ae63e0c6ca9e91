//! Which part of which metric's history is shown, and moving in it.

use usm_core::series::{Metric, catalog};

use super::filter::Filter;
use super::list::Place;
use super::talk::{Shown, Stretch};
use super::trail::Trail;

/// Stretches that can be shown, seconds.
const STRETCHES: [f64; 11] = [
    60.0,
    300.0,
    900.0,
    3600.0,
    10_800.0,
    43_200.0,
    86_400.0,
    604_800.0,
    2_592_000.0,
    7_776_000.0,
    31_536_000.0,
];

/// The one shown first.
const FIRST: usize = 2;

/// Parts of a stretch that a step to the side goes.
const PARTS: f64 = 4.0;

/// Least seconds between two looks at a history that grows.
const LEAST_BETWEEN: f64 = 4.0;

#[derive(Debug)]
pub(in crate::top) struct Past {
    pub(in crate::top) filter: Filter,
    pub(in crate::top) place: Place,
    metrics: Vec<&'static Metric>,
    /// End of what is shown; `None`: the newest.
    until: Option<f64>,
    stretch: usize,
    pub(in crate::top) shown: Option<Box<Shown>>,
    pub(in crate::top) problem: Option<String>,
    /// Asked for and not answered yet.
    waits_for: Option<Stretch>,
    /// What was answered last, and when that was, by the states' clock.
    answered: Option<(Stretch, f64)>,
}

impl Default for Past {
    fn default() -> Past {
        let mut past = Past {
            filter: Filter::default(),
            place: Place::default(),
            metrics: Vec::new(),
            until: None,
            stretch: FIRST,
            shown: None,
            problem: None,
            waits_for: None,
            answered: None,
        };
        past.find();
        past
    }
}

impl Past {
    /// Those that match, the most asked-for first.
    pub(in crate::top) fn metrics(&self) -> &[&'static Metric] {
        &self.metrics
    }

    pub(in crate::top) fn find(&mut self) {
        let chosen = self.metric().map(|metric| metric.id);
        let all = catalog::metrics().iter();
        let matches = |metric: &&Metric| self.filter.matches(metric.name);
        self.metrics = all.filter(matches).collect();
        let asked_for = |name: &str| {
            let mut kept = Trail::names();
            kept.position(|kept| kept == name).unwrap_or(usize::MAX)
        };
        self.metrics.sort_by_key(|metric| {
            let is_of_parts = !metric.family.is_single();
            (asked_for(metric.name), is_of_parts, metric.name)
        });
        let still = self
            .metrics
            .iter()
            .position(|metric| Some(metric.id) == chosen);
        self.place.at = still.unwrap_or(0);
        self.place.keep_within(self.metrics.len());
    }

    pub(in crate::top) fn metric(&self) -> Option<&'static Metric> {
        self.metrics.get(self.place.at).copied()
    }

    pub(in crate::top) fn seconds(&self) -> f64 {
        STRETCHES[self.stretch]
    }

    pub(in crate::top) fn is_live(&self) -> bool {
        self.until.is_none()
    }

    pub(in crate::top) fn go_live(&mut self) {
        self.until = None;
    }

    pub(in crate::top) fn zoom(&mut self, by: isize) {
        let to = self.stretch.saturating_add_signed(by);
        self.stretch = to.min(STRETCHES.len() - 1);
    }

    /// Into the past, or on to the newest, where it is live again.
    pub(in crate::top) fn move_by(&mut self, steps: f64, now: f64) {
        let held = self.shown.as_ref().map(|shown| shown.held);
        let newest = held.map_or(now, |held| held.until.max(held.since));
        let until = self.until.unwrap_or(newest) + steps * self.seconds() / PARTS;
        let least = held.map_or(f64::NEG_INFINITY, |held| {
            held.since + self.seconds() / PARTS
        });
        self.until = Some(until.max(least)).filter(|until| *until < newest);
    }

    /// What is to be read now, if anything: what is shown was not asked for, or is old.
    pub(in crate::top) fn due(&mut self, steps: usize, now: f64) -> Option<Stretch> {
        let wanted = Stretch {
            metric: self.metric()?.name.into(),
            until: self.until,
            seconds: self.seconds(),
            steps: steps.max(10),
        };
        let is_asked = self.waits_for.as_ref() == Some(&wanted);
        let is_fresh = self.answered.as_ref().is_some_and(|(answered, at)| {
            let lasts = (wanted.seconds / wanted.steps as f64).max(LEAST_BETWEEN);
            *answered == wanted && (!self.is_live() || (0.0..lasts).contains(&(now - at)))
        });
        if is_asked || is_fresh {
            return None;
        }
        self.waits_for = Some(wanted.clone());
        Some(wanted)
    }

    pub(in crate::top) fn answer(
        &mut self,
        asked: Stretch,
        answer: Result<Box<Shown>, String>,
        now: f64,
    ) {
        if self.waits_for.as_ref() != Some(&asked) {
            // Something else was asked for since.
            return;
        }
        self.waits_for = None;
        self.answered = Some((asked, now));
        match answer {
            Ok(shown) => (self.shown, self.problem) = (Some(shown), None),
            Err(problem) => (self.shown, self.problem) = (None, Some(problem)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::when::Range;
    use usm_core::history::Table;

    fn shown(asked: &Stretch) -> Box<Shown> {
        Box::new(Shown {
            asked: asked.clone(),
            range: Range {
                since: 9_100.0,
                until: 10_000.0,
            },
            held: Range {
                since: 1000.0,
                until: 10_000.0,
            },
            table: Table::default(),
        })
    }

    #[test]
    fn nothing_is_asked_twice_and_what_is_live_is_asked_again_in_time() {
        let mut past = Past::default();
        assert_eq!(past.metric().unwrap().name, "cpu_percent");
        let asked = past.due(100, 0.0).unwrap();
        assert_eq!((asked.until, asked.seconds), (None, 900.0));
        assert_eq!(past.due(100, 0.0), None);
        past.answer(asked.clone(), Ok(shown(&asked)), 0.0);
        assert_eq!(past.due(100, 5.0), None);
        assert_eq!(past.due(100, 9.5), Some(asked));
    }

    #[test]
    fn an_answer_to_an_older_question_is_no_answer() {
        let mut past = Past::default();
        let first = past.due(100, 0.0).unwrap();
        past.zoom(1);
        let second = past.due(100, 0.0).unwrap();
        past.answer(first.clone(), Ok(shown(&first)), 0.0);
        assert!(past.shown.is_none());
        past.answer(second, Err("gone".into()), 0.0);
        assert_eq!(past.problem.as_deref(), Some("gone"));
    }

    #[test]
    fn moving_stays_within_what_is_held_and_ends_live() {
        let mut past = Past::default();
        let asked = past.due(100, 0.0).unwrap();
        past.answer(asked.clone(), Ok(shown(&asked)), 0.0);
        past.move_by(-1.0, 10_000.0);
        assert_eq!(past.until, Some(9_775.0));
        past.move_by(-1e9, 10_000.0);
        assert_eq!(past.until, Some(1_225.0));
        past.move_by(1e9, 10_000.0);
        assert!(past.is_live());
        past.zoom(isize::MIN);
        assert_eq!(past.seconds(), 60.0);
        past.zoom(isize::MAX);
        assert_eq!(past.seconds(), 31_536_000.0);
    }

    #[test]
    fn a_metric_is_found_by_a_part_of_its_name() {
        let mut past = Past::default();
        "memory".chars().for_each(|letter| past.filter.push(letter));
        past.find();
        assert!(
            past.metrics()
                .iter()
                .all(|metric| metric.name.contains("memory"))
        );
        "xyz".chars().for_each(|letter| past.filter.push(letter));
        past.find();
        assert!(past.metric().is_none() && past.due(10, 0.0).is_none());
    }
}
