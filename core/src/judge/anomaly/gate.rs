//! News is told once: what follows a novelty closely counts less, unless it is much greater.

use serde::{Deserialize, Serialize};

/// Pushes after which the damping has fallen to 1/e.
const CALM: f64 = 200.0;

/// How many times as great as the last novelty what passes undamped has to be.
const GREATER: f64 = 2.0;

/// The memory of the last novelty.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Gate {
    last: f64,
    /// Pushes since then; `None` before the first.
    since: Option<u32>,
}

impl Gate {
    /// What is left of a novelty; one that reaches `notable` is remembered.
    pub(super) fn pass(&mut self, novelty: f64, notable: f64) -> f64 {
        let mut left = novelty;
        let mut is_calm = true;
        if let Some(since) = &mut self.since {
            *since = since.saturating_add(1);
            let pushes = f64::from(*since);
            if novelty > 0.0 {
                left -= novelty.min(GREATER * self.last) * (-pushes / CALM).exp();
            }
            is_calm = pushes > CALM;
        }
        if novelty >= notable {
            self.last = if is_calm {
                novelty
            } else {
                self.last.max(novelty)
            };
            self.since = Some(0);
        }
        left.max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_again_is_damped_and_later_is_news_again() {
        let mut gate = Gate::default();
        assert_eq!(gate.pass(0.1, 0.01), 0.1);
        assert!(gate.pass(0.1, 0.01) < 0.001);
        for _ in 0..2_000 {
            gate.pass(0.0, 0.01);
        }
        assert!(gate.pass(0.1, 0.01) > 0.099);
    }

    #[test]
    fn something_much_greater_is_not_hidden_by_what_came_before() {
        let mut gate = Gate::default();
        gate.pass(0.05, 0.01);
        assert!(gate.pass(0.5, 0.01) > 0.39);
    }
}
