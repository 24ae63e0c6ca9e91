//! Recording from now on.

use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use usm_core::{Error, Recorder, State};

use super::RecordOptions;
use crate::draw::number;
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::options::GlobalOptions;
use crate::outlet::Outlet;
use crate::progress::ProgressLine;
use crate::recording;

/// How often Ctrl-C is looked for.
const LOOK: Duration = Duration::from_millis(100);

/// How often the line that tells how far it is is written anew.
const SAY: Duration = Duration::from_millis(500);

/// How long to wait for a state beyond its interval.
const PATIENCE: Duration = Duration::from_secs(15);

pub(super) fn perform(
    options: &RecordOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let mut config = global.settings()?;
    config
        .roots()
        .check()
        .map_err(|error| Failure::of_settings(&error))?;
    if let Some(interval) = options.interval {
        config.refresh_interval = interval;
    }
    // Before the recorder: Ctrl-C must not leave a file that is not finished.
    let interrupt = Interrupt::listen()?;
    let patience = PATIENCE + Duration::from_secs_f64(config.refresh_interval);
    let recorder = Recorder::start(config, &options.file).map_err(Failure::of_question)?;
    let end = options
        .for_seconds
        .and_then(|seconds| Instant::now().checked_add(Duration::from_secs_f64(seconds)));
    let followed = follow(&recorder, &interrupt, end, patience);
    // What was recorded so far is worth keeping, whatever happened.
    let summary = recorder.finish()?;
    followed?;
    recording::tell(&options.file, &summary, options.json, out)
}

fn follow(
    recorder: &Recorder,
    interrupt: &Interrupt,
    end: Option<Instant>,
    patience: Duration,
) -> Outcome {
    let line = ProgressLine::new();
    let begun = Instant::now();
    let (mut seen, mut heard) = (0, begun);
    let mut said: Option<Instant> = None;
    while !interrupt.came() && end.is_none_or(|end| Instant::now() < end) {
        match recorder.monitor().wait_for_state(seen, LOOK) {
            Ok(state) => {
                (seen, heard) = (state.sequence, Instant::now());
                if said.is_none_or(|said| said.elapsed() >= SAY) {
                    said = Some(Instant::now());
                    let elapsed = begun.elapsed().as_secs_f64();
                    line.say("recording", &progress(&state, elapsed, recorder.path()));
                }
            }
            Err(Error::TimedOut { .. }) if heard.elapsed() < patience => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// `1 min 5 s, 33 samples, 45 KiB, cpu 12.3 %; Ctrl-C ends it`.
fn progress(state: &State, elapsed_seconds: f64, path: &Path) -> String {
    format!(
        "{}, {} samples, {}, cpu {}; Ctrl-C ends it",
        number::duration(elapsed_seconds),
        state.sequence,
        number::bytes(size(path)),
        number::percent(state.metrics.cpu_percent)
    )
}

/// Bytes of the file and of its log, which is part of it until the end.
fn size(path: &Path) -> u64 {
    let mut log = OsString::from(path);
    log.push("-wal");
    let of = |path: &Path| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    of(path) + of(Path::new(&log))
}
