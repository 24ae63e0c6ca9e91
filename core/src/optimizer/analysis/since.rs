//! Since when each threshold is exceeded.

use std::collections::BTreeMap;

/// After such a gap between two looks nothing is known of the time in between.
const LONGEST_GAP_SECONDS: f64 = 60.0;

/// The thresholds exceeded at the last look.
#[derive(Debug, Default)]
pub(super) struct Since {
    /// Since when, where the begin was seen; and whether it was noted in this look.
    exceeded: BTreeMap<String, (Option<f64>, bool)>,
    looked_at: Option<f64>,
}

impl Since {
    /// To be called before a look. A clock set back or a long gap forgets all.
    pub(super) fn begin(&mut self, now: f64) {
        let known = self
            .looked_at
            .is_some_and(|at| now >= at && now - at <= LONGEST_GAP_SECONDS);
        if !known {
            self.exceeded.clear();
            self.looked_at = None;
        }
        for (_, is_noted) in self.exceeded.values_mut() {
            *is_noted = false;
        }
    }

    /// To be called after a look: what was not noted in it is over.
    pub(super) fn end(&mut self, now: f64) {
        self.exceeded.retain(|_, (_, is_noted)| *is_noted);
        self.looked_at = Some(now);
    }

    /// Notes whether a threshold is exceeded now; since when it has been, if that was seen.
    pub(super) fn note(&mut self, key: &str, is_exceeded: bool, now: f64) -> Option<f64> {
        if !is_exceeded {
            self.exceeded.remove(key);
            return None;
        }
        let begin = self.looked_at.map(|_| now);
        let (since, is_noted) = self
            .exceeded
            .entry(key.to_string())
            .or_insert((begin, true));
        *is_noted = true;
        *since
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_begin_is_known_when_it_was_watched() {
        let mut since = Since::default();
        let mut look = |now: f64, exceeded| {
            since.begin(now);
            let told = since.note("cpu", exceeded, now);
            since.end(now);
            told
        };
        assert_eq!(look(10.0, true), None);
        assert_eq!(look(11.0, true), None);
        assert_eq!(look(12.0, false), None);
        assert_eq!(look(13.0, true), Some(13.0));
        assert_eq!(look(20.0, true), Some(13.0));
        // Not watched for long, or the clock was set back.
        assert_eq!(look(100.0, true), None);
        assert_eq!(look(101.0, false), None);
        assert_eq!(look(102.0, true), Some(102.0));
        assert_eq!(look(50.0, true), None);
    }
}
