//! Recording from now on.

use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use usm_core::state::StoreStatus;
use usm_core::{Error, Recorder, State};

use super::RecordOptions;
use crate::draw::{UNKNOWN, number};
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
    let recorder = Recorder::start(config, &options.file)
        .map_err(|error| of_recording(error, &options.file))?;
    let end = options
        .for_seconds
        .and_then(|seconds| Instant::now().checked_add(Duration::from_secs_f64(seconds)));
    let followed = follow(&recorder, &interrupt, end, patience);
    // What was recorded so far is worth keeping, whatever happened.
    let summary = recorder
        .finish()
        .map_err(|error| of_recording(error, &options.file))?;
    followed?;
    recording::tell(&options.file, &summary, options.json, out)
}

/// What was committed before the disk was full is still there.
fn of_recording(error: Error, file: &Path) -> Failure {
    if !matches!(error, Error::Store { .. }) {
        return Failure::of_question(error);
    }
    let hint = match size(file) {
        0 => "a file in a folder that can be written is wanted".to_string(),
        _ => format!(
            "`usm history --extents --from {}` tells what was recorded before",
            file.display()
        ),
    };
    Failure::new(&error.to_string(), Some(&hint))
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
    let lost = match state.store.as_deref() {
        Some(health) if health.status != StoreStatus::Ok => {
            let cause = health.cause.as_deref().unwrap_or(UNKNOWN);
            format!("; nothing is kept: {cause}")
        }
        _ => String::new(),
    };
    format!(
        "{}, {} samples, {}, cpu {}{lost}; Ctrl-C ends it",
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use usm_core::state::StoreHealth;

    #[test]
    fn what_is_not_kept_is_told_while_it_is_recorded() {
        let stored = |status, cause: Option<&str>| {
            let health: StoreHealth = serde_json::from_value(serde_json::json!({
                "status": status, "cause": cause, "rows_written": 0, "rows_waiting": 0,
                "rows_dropped": 0, "bytes": 0, "last_commit_rows": 0, "retention_lost": false,
            }))
            .unwrap();
            State {
                store: Some(Arc::new(health)),
                ..State::default()
            }
        };
        let file = Path::new("nowhere.usm");
        let well = progress(&stored(StoreStatus::Ok, None), 5.0, file);
        assert!(!well.contains("kept"), "{well}");
        let full = progress(&stored(StoreStatus::Degraded, Some("disk full")), 5.0, file);
        assert!(
            full.contains("; nothing is kept: disk full; Ctrl-C"),
            "{full}"
        );
    }

    #[test]
    fn a_full_disk_is_answered_with_what_was_recorded_before() {
        let full = || Error::Store {
            path: "x.usm".into(),
            message: "disk full".into(),
        };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.usm");
        let text = |failure: Failure| failure.text().unwrap().to_string();
        assert!(text(of_recording(full(), &file)).contains("can be written"));
        std::fs::write(&file, "begun").unwrap();
        let kept = text(of_recording(full(), &file));
        assert!(
            kept.contains("disk full") && kept.contains("--extents --from"),
            "{kept}"
        );
    }
}
