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
        let judgement = self.judge.judge(&sample, &metrics);
        self.sequence += 1;
        State {
            sequence: self.sequence,
            timestamp: sample.moment.unix_seconds,
            metrics,
            scores: judgement.scores,
            hardening: judgement.hardening,
            recommendations: judgement.advice,
            sample: Some(Arc::new(sample)),
            ..State::default()
        }
    }

    /// Takes a frame in that comes before the first whose state is asked for.
    pub(super) fn skip(&mut self, frame: &Frame) {
        self.rebuild.sample(frame);
    }
}
