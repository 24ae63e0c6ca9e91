//! What is learnt from which advice was taken.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Answers that are taken for granted before the first one: so few say little.
const DOUBT: f64 = 2.0;

/// How advice was answered, by rule: an advice's id up to the first `:`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Learned {
    answers: BTreeMap<String, Answers>,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
struct Answers {
    taken: u32,
    dismissed: u32,
}

impl Learned {
    /// One answer. There are as many rules as the library has.
    pub(crate) fn learn(&mut self, id: &str, is_taken: bool) {
        let answers = self.answers.entry(rule(id).to_owned()).or_default();
        let count = match is_taken {
            true => &mut answers.taken,
            false => &mut answers.dismissed,
        };
        *count = count.saturating_add(1);
    }

    /// Above 0 for a rule whose advice was mostly taken, below for one mostly dismissed; within
    /// −1 and 1.
    pub(super) fn weight(&self, id: &str) -> f64 {
        let Some(answers) = self.answers.get(rule(id)) else {
            return 0.0;
        };
        let (taken, dismissed) = (f64::from(answers.taken), f64::from(answers.dismissed));
        (taken - dismissed) / (taken + dismissed + DOUBT)
    }
}

fn rule(id: &str) -> &str {
    id.split(':').next().unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_weighed_by_its_answers_whatever_it_speaks_of() {
        let mut learned = Learned::default();
        assert_eq!(learned.weight("disk_full:/var"), 0.0);
        learned.learn("disk_full:/var", true);
        learned.learn("disk_full:/home", true);
        assert_eq!(learned.weight("disk_full:/"), 0.5);
        for _ in 0..20 {
            learned.learn("cpu_bound", false);
        }
        assert!((-1.0..-0.9).contains(&learned.weight("cpu_bound")));
    }
}
