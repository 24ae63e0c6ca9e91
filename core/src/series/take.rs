//! A sample as a frame.

use super::chosen::Chosen;
use super::frame::Frame;
use crate::judge::Scores;
use crate::sample::{Metrics, Sample};

/// Takes frames of samples in their order: remembers what it need not say again.
#[derive(Debug, Default)]
pub(crate) struct FrameTaker {
    _chosen: Chosen,
}

impl FrameTaker {
    /// Takes as many of the processes that use most CPU, most memory and most storage.
    pub(crate) fn new(_top_processes: usize) -> FrameTaker {
        FrameTaker::default()
    }

    /// One settled sample (see [`super::settle`]) with what was made of it.
    pub(crate) fn take(&mut self, _sample: &Sample, _metrics: &Metrics, _scores: &Scores) -> Frame {
        Frame::default()
    }
}
