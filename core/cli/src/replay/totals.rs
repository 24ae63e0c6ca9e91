//! A replay in a few numbers.

use usm_core::State;

use crate::draw::number::{lasting, percent};
use crate::draw::{Column, Line, Page, Table, Tone, UNKNOWN};
use crate::status::time_of;

/// Least, mean and greatest of a number, and when it was the worst.
#[derive(Debug, Clone, Copy)]
struct Spread {
    count: u64,
    sum: f64,
    least: (f64, f64),
    greatest: (f64, f64),
}

impl Default for Spread {
    fn default() -> Spread {
        Spread {
            count: 0,
            sum: 0.0,
            least: (f64::INFINITY, f64::NAN),
            greatest: (f64::NEG_INFINITY, f64::NAN),
        }
    }
}

impl Spread {
    fn add(&mut self, value: Option<f64>, time: f64) {
        let Some(value) = value.filter(|value| value.is_finite()) else {
            return;
        };
        self.count += 1;
        self.sum += value;
        if value < self.least.0 {
            self.least = (value, time);
        }
        if value > self.greatest.0 {
            self.greatest = (value, time);
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) states: u64,
    pub(super) first: Option<f64>,
    last: Option<f64>,
    scores: [Spread; 3],
    shares: [Spread; 2],
}

const SCORES: [&str; 3] = ["Health", "Performance", "Security"];
const SHARES: [&str; 2] = ["Processors", "Memory"];

impl Totals {
    pub(super) fn add(&mut self, state: &State) {
        let time = state.timestamp;
        self.states += 1;
        self.first.get_or_insert(time);
        self.last = Some(time);
        let scores = &state.scores;
        let values = [&scores.health, &scores.performance, &scores.security];
        for (spread, score) in self.scores.iter_mut().zip(values) {
            spread.add(score.value, time);
        }
        let metrics = &state.metrics;
        for (spread, value) in self
            .shares
            .iter_mut()
            .zip([metrics.cpu_percent, metrics.memory_percent])
        {
            spread.add(value, time);
        }
    }

    /// A score was known: what is needed for findings was recorded.
    pub(super) fn is_judged(&self) -> bool {
        self.scores.iter().any(|spread| spread.count > 0)
    }

    pub(super) fn draw(&self, elapsed_seconds: f64, page: &mut Page) {
        let recorded = match (self.first, self.last) {
            (Some(first), Some(last)) => last - first,
            _ => 0.0,
        };
        let about = format!(
            "{} states of {}, replayed in {:.1} s",
            self.states,
            lasting(recorded),
            elapsed_seconds
        );
        page.heading("Summary", &about);
        let mut table = Table::new(&[
            Column::text(""),
            Column::number("LEAST"),
            Column::number("MEAN"),
            Column::number("GREATEST"),
            Column::text("AT WORST").dispensable(1),
        ]);
        // Of a score the least is the worst, of a share the greatest.
        for (name, spread) in SCORES.iter().zip(&self.scores) {
            table.row(row(name, spread, spread.least.1, |v| format!("{v:.0}")));
        }
        for (name, spread) in SHARES.iter().zip(&self.shares) {
            table.row(row(name, spread, spread.greatest.1, |v| percent(Some(v))));
        }
        table.draw(page);
    }
}

fn row(name: &str, spread: &Spread, worst: f64, say: impl Fn(f64) -> String) -> Vec<Line> {
    let value = |value: f64| match spread.count {
        0 => Line::of(Tone::Quiet, UNKNOWN),
        _ => Line::of(Tone::Plain, say(value)),
    };
    vec![
        Line::of(Tone::Label, name),
        value(spread.least.0),
        value(spread.sum / spread.count as f64),
        value(spread.greatest.0),
        Line::of(Tone::Quiet, time_of(worst)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Style;

    #[test]
    fn the_worst_of_a_score_is_its_least_and_the_unknown_is_no_number() {
        let mut totals = Totals::default();
        for (time, health) in [(1e9, 90.0), (1e9 + 60.0, 30.0), (1e9 + 120.0, 60.0)] {
            let mut state = State {
                timestamp: time,
                ..State::default()
            };
            state.scores.health.value = Some(health);
            totals.add(&state);
        }
        let mut page = Page::new(Style {
            width: 90,
            unicode: true,
            colour: false,
        });
        totals.draw(0.25, &mut page);
        let text = page.render();
        assert!(
            text.contains("3 states of 2 min 0 s, replayed in 0.2 s"),
            "{text}"
        );
        let health = text.lines().find(|line| line.contains("Health")).unwrap();
        let words: Vec<&str> = health.split_whitespace().collect();
        assert_eq!(&words[1..4], ["30", "60", "90"]);
        assert!(health.contains(&time_of(1e9 + 60.0)), "{text}");
        let memory = text.lines().find(|line| line.contains("Memory")).unwrap();
        assert!(memory.contains("–"), "{text}");
    }
}
