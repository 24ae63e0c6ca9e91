//! Frames judged again, as the monitor judged the samples that they were taken from.

use std::sync::Arc;

use crate::judge::Judge;
use crate::sample::Metrics;
use crate::series::{ContextPiece, Frame, Rebuild};
use crate::state::State;

/// Makes states of frames in their order. What is judged of a sample and those before it is
/// what was judged live; of how the monitor itself fared (store, events) nothing is kept.
#[derive(Debug, Default)]
pub(super) struct Judged {
    rebuild: Rebuild,
    judge: Judge,
    sequence: u64,
}

impl Judged {
    /// Takes up context from before the first frame.
    pub(super) fn know(&mut self, pieces: &[ContextPiece]) {
        self.rebuild.know(pieces);
    }

    /// The state of the next frame; states are numbered from 1.
    pub(super) fn state(&mut self, frame: &Frame) -> State {
        let sample = self.rebuild.sample(frame);
        let metrics = Metrics::of(&sample);
        let mut frame = frame.clone();
        let judgement = self.judge.judge(&sample, &metrics, &mut frame);
        self.sequence += 1;
        State {
            sequence: self.sequence,
            timestamp: sample.moment.unix_seconds,
            metrics,
            sample: Some(Arc::new(sample)),
            ..State::judged(judgement)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::fixture::{Live, findings};

    #[test]
    fn what_is_judged_of_frames_is_what_was_judged_of_the_samples() {
        let mut judged = Judged::default();
        let mut advice = std::collections::BTreeSet::new();
        for (number, (live, frame)) in (1..).zip(Live::new().ticks(300)) {
            let again = judged.state(&frame);
            assert_eq!(findings(&again), findings(&live));
            assert_eq!(again.security, live.security);
            assert_eq!(again.sequence, number);
            advice.extend(live.recommendations.iter().map(|a| a.text.clone()));
            let (now, then) = (again.sample.unwrap(), live.sample.unwrap());
            assert_eq!(now.filesystems, then.filesystems);
            assert_eq!((&now.host, &now.hardening), (&then.host, &then.hardening));
            assert_eq!(now.interval_seconds, then.interval_seconds);
        }
        // There was something to judge.
        assert!(advice.len() > 20, "{advice:?}");
        assert!(advice.iter().any(|text| text.contains("xylobert")));
    }
}
