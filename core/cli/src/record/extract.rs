//! A part of the history as a recording.

use usm_core::history::Names;

use super::RecordOptions;
use crate::archive::Archive;
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::options::GlobalOptions;
use crate::outlet::Outlet;
use crate::progress::ProgressLine;
use crate::recording;
use crate::when::{moment, now};

pub(super) fn perform(
    options: &RecordOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let since = options.since.as_deref().map(|text| moment("--since", text));
    let until = options.until.as_deref().map(|text| moment("--until", text));
    let (since, until) = (since.transpose()?, until.transpose()?);
    let archive = Archive::open(options.from.as_deref(), global)?;
    let (first, last) = archive.range();
    let since = since.unwrap_or(first);
    // The newest sample is included.
    let until = until.unwrap_or_else(|| now().max(last + 1.0));
    if since >= until {
        let message = "--since: the range ends before it begins";
        return Err(Failure::usage(message, Some("see --until")));
    }
    let names = match options.mask_names {
        true => Names::Masked,
        false => Names::Kept,
    };
    let interrupt = Interrupt::listen()?;
    let line = ProgressLine::new();
    let extracted = archive
        .history
        .extract(&options.file, since, until, names, &mut |share| {
            line.share("copying", share);
            !interrupt.came()
        });
    line.erase();
    let summary = match extracted {
        Err(_) if interrupt.came() => {
            return Err(Failure::ended("interrupted: no file was written"));
        }
        other => other.map_err(Failure::of_question)?,
    };
    recording::tell(&options.file, &summary, options.json, out)
}
