//! The life of an insight: it opens when it has held for a while, is told anew when its
//! numbers have moved, and closes when it has been calm for a while.

use std::cmp::Reverse;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::view::Draft;
use super::{Evidence, Insight};
use crate::arrange::arrange_by;
use crate::judge::Severity;
use crate::series::Unit;

/// Most that are followed at once; of one kind there are many only on machines with very
/// many file systems or interfaces.
const MOST: usize = 64;
/// It is over when it has not held for so long.
const CALM_SECONDS: f64 = 60.0;
/// Words are made anew no more often, unless it gets worse.
const REWORD_SECONDS: f64 = 60.0;
/// It is less severe when it has been for so long.
const EASE_SECONDS: f64 = 180.0;
/// Numbers that moved by less than this part of them are the same for a reader.
const NOTABLE: f64 = 0.15;
/// So are percentages that moved by less than this.
const NOTABLE_PERCENT: f64 = 3.0;

/// A finding that holds, or held a moment ago.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Life {
    insight: Insight,
    is_open: bool,
    held_seconds: f64,
    calm_seconds: f64,
    /// For so long it has been less severe than it is told to be.
    eased_seconds: f64,
    /// Since its words were made.
    worded_seconds: f64,
}

/// All of them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Lives {
    all: Vec<Life>,
    /// What was said last.
    #[serde(skip)]
    said: Arc<[Insight]>,
    /// Something that ended is among it.
    #[serde(skip)]
    has_ended: bool,
}

impl Lives {
    /// Names of those that last.
    pub(super) fn open(&self) -> Vec<&str> {
        let open = self.all.iter().filter(|life| life.is_open);
        open.map(|life| &*life.insight.id).collect()
    }

    /// Those that last, between two judgements.
    pub(super) fn between(&mut self) -> Arc<[Insight]> {
        let is_restored = self.said.is_empty() && self.all.iter().any(|life| life.is_open);
        if self.has_ended || is_restored {
            self.say();
        }
        self.said.clone()
    }

    /// Takes what the rules have found, `elapsed` seconds after the last time.
    pub(super) fn take(&mut self, drafts: Vec<Draft>, elapsed: f64, now: f64) -> Arc<[Insight]> {
        let mut is_news = self.has_ended;
        for life in &mut self.all {
            life.calm_seconds += elapsed;
            life.worded_seconds += elapsed;
        }
        for draft in drafts {
            let known = self.all.iter().position(|life| life.insight.id == draft.id);
            is_news |= match known {
                Some(place) => self.all[place].hold(draft, elapsed, now),
                None if self.all.len() < MOST => {
                    let (life, is_news) = Life::begin(draft, now);
                    self.all.push(life);
                    is_news
                }
                None => false,
            };
        }
        // What was not open when it stopped holding is forgotten at once.
        self.all
            .retain(|life| life.is_open || life.calm_seconds == 0.0);
        for life in &mut self.all {
            if life.calm_seconds >= CALM_SECONDS {
                life.insight.closed_at = Some(now);
                life.insight.updated_at = now;
                is_news = true;
            }
        }
        if is_news || self.said.is_empty() {
            self.say();
        }
        self.said.clone()
    }

    fn say(&mut self) {
        let open = self.all.iter().filter(|life| life.is_open);
        let mut all: Vec<Insight> = open.map(|life| life.insight.clone()).collect();
        arrange_by(&mut all, |a, b| {
            let severity = Reverse(a.severity).cmp(&Reverse(b.severity));
            severity.then(a.opened_at.total_cmp(&b.opened_at))
        });
        self.said = all.into();
        let count = self.all.len();
        self.all.retain(|life| life.insight.closed_at.is_none());
        self.has_ended = self.all.len() < count;
    }
}

impl Life {
    fn begin(draft: Draft, now: f64) -> (Life, bool) {
        let is_open = draft.hold_seconds <= 0.0;
        let life = Life {
            insight: Insight {
                id: draft.id,
                kind: draft.kind,
                severity: draft.severity,
                confidence: draft.confidence,
                text: draft.text,
                evidence: draft.evidence,
                advice: draft.advice,
                opened_at: now,
                updated_at: now,
                closed_at: None,
            },
            is_open,
            held_seconds: 0.0,
            calm_seconds: 0.0,
            eased_seconds: 0.0,
            worded_seconds: 0.0,
        };
        (life, is_open)
    }

    /// It still holds. `true` when a reader would see a difference.
    fn hold(&mut self, draft: Draft, elapsed: f64, now: f64) -> bool {
        self.held_seconds += elapsed;
        self.calm_seconds = 0.0;
        let opens = !self.is_open && self.held_seconds >= draft.hold_seconds;
        self.is_open |= opens;
        let severity = self.severity(draft.severity, elapsed);
        let is_moved = !are_near(&self.insight.evidence, &draft.evidence);
        let is_due = self.worded_seconds >= REWORD_SECONDS;
        let is_told_anew =
            opens || !self.is_open || severity != self.insight.severity || (is_moved && is_due);
        if !is_told_anew {
            return false;
        }
        self.insight.severity = severity;
        self.insight.confidence = draft.confidence;
        self.insight.text = draft.text;
        self.insight.evidence = draft.evidence;
        self.insight.advice = draft.advice;
        self.insight.updated_at = now;
        self.worded_seconds = 0.0;
        self.is_open
    }

    /// Worse at once, better only when it stays so.
    fn severity(&mut self, found: Severity, elapsed: f64) -> Severity {
        let told = self.insight.severity;
        self.eased_seconds = match found < told {
            true => self.eased_seconds + elapsed,
            false => 0.0,
        };
        match found > told || !self.is_open || self.eased_seconds >= EASE_SECONDS {
            true => {
                self.eased_seconds = 0.0;
                found
            }
            false => told,
        }
    }
}

/// The same numbers, nearly. Which process of a name uses most, and how much exactly, changes
/// all the time on a machine that builds or serves.
fn are_near(old: &[Evidence], new: &[Evidence]) -> bool {
    let is_near = |(old, new): (&Evidence, &Evidence)| {
        let name = |evidence: &Evidence| {
            let labels = &evidence.series.labels;
            let name = labels.iter().find(|(label, _)| label == "name");
            name.map(|(_, name)| name.clone())
        };
        if let (Some(old_name), Some(new_name)) = (name(old), name(new)) {
            let is_half = 2.0 * new.value < old.value || new.value > 2.0 * old.value;
            return old_name == new_name && !is_half;
        }
        let moved = (old.value - new.value).abs();
        let by_part = moved <= NOTABLE * old.value.abs().max(new.value.abs());
        let by_points = new.unit == Unit::Percent && moved <= NOTABLE_PERCENT;
        old.series == new.series && (by_part || by_points)
    };
    old.len() == new.len() && old.iter().zip(new).all(is_near)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::InsightKind;

    fn draft(value: f64, severity: Severity) -> Draft {
        Draft {
            id: "cpu_bound".into(),
            kind: InsightKind::CpuBound,
            severity,
            confidence: 0.9,
            text: format!("{value}"),
            evidence: vec![Evidence {
                series: crate::series::SeriesKey::default(),
                value,
                unit: Unit::Percent,
                against: None,
            }],
            advice: Vec::new(),
            hold_seconds: 30.0,
        }
    }

    /// One step of 5 s; the time is that of the step.
    fn step(lives: &mut Lives, now: &mut f64, found: Option<(f64, Severity)>) -> Arc<[Insight]> {
        *now += 5.0;
        let drafts = found.map(|(value, severity)| draft(value, severity));
        lives.take(drafts.into_iter().collect(), 5.0, *now)
    }

    #[test]
    fn it_opens_when_it_has_held_and_tells_since_when() {
        let (mut lives, mut now) = (Lives::default(), 0.0);
        for _ in 0..6 {
            assert!(step(&mut lives, &mut now, Some((95.0, Severity::Medium))).is_empty());
        }
        let said = step(&mut lives, &mut now, Some((95.0, Severity::Medium)));
        assert_eq!((said.len(), said[0].opened_at, now), (1, 5.0, 35.0));
    }

    #[test]
    fn what_comes_and_goes_never_opens() {
        let (mut lives, mut now) = (Lives::default(), 0.0);
        for n in 0..200 {
            let found = (n % 5 != 0).then_some((95.0, Severity::High));
            assert!(step(&mut lives, &mut now, found).is_empty());
        }
        assert!(lives.all.len() <= 1);
    }

    #[test]
    fn it_closes_once_after_a_calm_time_and_not_before() {
        let (mut lives, mut now) = (Lives::default(), 0.0);
        for _ in 0..10 {
            step(&mut lives, &mut now, Some((95.0, Severity::Medium)));
        }
        for _ in 0..11 {
            let said = step(&mut lives, &mut now, None);
            assert_eq!((said.len(), said[0].closed_at), (1, None));
        }
        let said = step(&mut lives, &mut now, None);
        assert_eq!((said.len(), said[0].closed_at), (1, Some(now)));
        // It is told once.
        assert!(lives.between().is_empty());
        assert!(step(&mut lives, &mut now, None).is_empty());
    }

    #[test]
    fn its_words_change_when_its_numbers_do() {
        let (mut lives, mut now) = (Lives::default(), 0.0);
        let mut words = std::collections::BTreeSet::new();
        for n in 0..100 {
            let value = 95.0 + f64::from(n % 3);
            for insight in step(&mut lives, &mut now, Some((value, Severity::Medium))).iter() {
                words.insert((insight.text.clone(), insight.updated_at as i64));
            }
        }
        assert_eq!(words.len(), 1, "{words:?}");
        for _ in 0..12 {
            step(&mut lives, &mut now, Some((60.0, Severity::Medium)));
        }
        assert_eq!(lives.said[0].text, "60");
    }

    #[test]
    fn worse_is_told_at_once_and_better_when_it_stays() {
        let (mut lives, mut now) = (Lives::default(), 0.0);
        for _ in 0..10 {
            step(&mut lives, &mut now, Some((95.0, Severity::Medium)));
        }
        let said = step(&mut lives, &mut now, Some((99.0, Severity::High)));
        assert_eq!(said[0].severity, Severity::High);
        for n in 0..50 {
            let severity = if n % 9 == 0 {
                Severity::High
            } else {
                Severity::Medium
            };
            let said = step(&mut lives, &mut now, Some((97.0, severity)));
            assert_eq!(said[0].severity, Severity::High);
        }
        for _ in 0..36 {
            step(&mut lives, &mut now, Some((97.0, Severity::Medium)));
        }
        assert_eq!(lives.said[0].severity, Severity::Medium);
    }
}
