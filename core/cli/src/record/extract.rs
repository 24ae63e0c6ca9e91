//! A part of the history as a recording.

use usm_core::history::{Names, Replay};

use super::RecordOptions;
use crate::archive::Archive;
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::options::GlobalOptions;
use crate::outlet::Outlet;
use crate::progress::ProgressLine;
use crate::recording;
use crate::when::{Asked, now};

pub(super) fn perform(
    options: &RecordOptions,
    asked: Asked,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let archive = Archive::open(options.from.as_deref(), global)?;
    let held = archive.range();
    let range = asked.or(|_| held.since, now().max(held.until))?;
    // Before any file is made for it.
    if Replay::open(archive.history.path(), range.since, range.until)?.is_empty() {
        return Err(archive.nothing(range));
    }
    let names = match options.mask_names {
        true => Names::Masked,
        false => Names::Kept,
    };
    let interrupt = Interrupt::listen()?;
    let line = ProgressLine::new();
    let extracted = archive.history.extract(
        &options.file,
        range.since,
        range.until,
        names,
        &mut |share| {
            line.share("copying", share);
            !interrupt.came()
        },
    );
    line.erase();
    let summary = match extracted {
        Err(_) if interrupt.came() => {
            return Err(Failure::ended("interrupted: no file was written"));
        }
        other => other.map_err(Failure::of_question)?,
    };
    recording::tell(&options.file, &summary, options.json, out)
}
