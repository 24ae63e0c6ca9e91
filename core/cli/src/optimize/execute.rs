//! `usm optimize --execute`: shows the plan, asks, does it, and tells what it came to.

use std::io::{BufRead, IsTerminal, Write};
use std::time::{Duration, Instant};

use serde_json::json;
use usm_core::optimizer::{Action, ExecuteOptions, ExecutionReport, Optimizer, Target};

use super::{Call, Kept, close, draw, looks, take_back_own};
use crate::draw::{Page, Tone};
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::outlet::Outlet;
use crate::progress::ProgressLine;

/// How it is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// For real.
    Real,
    /// Nothing is changed, as was asked for.
    Demo,
    /// Nothing is changed, since nobody was there to be asked.
    Unasked,
    /// The user said no.
    Declined,
}

pub(super) fn perform(call: Call<'_>, out: &mut Outlet) -> Outcome {
    let kept = match call.options.rollback_on_exit {
        true => Kept::TakenBack,
        false => Kept::Stay,
    };
    let config = super::one_look(call.global)?;
    let mut settings = call.options.aim.settings(&config)?;
    settings.rollback_on_close = kept == Kept::TakenBack;
    let optimizer = super::opened(config, settings)?;
    let outcome = with(&optimizer, kept, call, out);
    close(optimizer, outcome)
}

fn with(optimizer: &Optimizer, kept: Kept, call: Call<'_>, out: &mut Outlet) -> Outcome {
    let targets = looks::found(optimizer)?;
    let actions = optimizer.plan(&targets).map_err(Failure::of_optimizer)?;
    let mode = choose(&actions, call, out)?;
    if mode == Mode::Declined {
        return say(call, out, "Nothing was done.");
    }
    // Only from here on: at the question Ctrl-C ends the program at once.
    let interrupt = Interrupt::listen()?;
    let report = {
        let progress = ProgressLine::new();
        let options = ExecuteOptions {
            dry_run: mode != Mode::Real,
            allowed_risk: call.options.allowed_risk(),
            verify: !call.options.no_verify,
            progress: Some(&|step| progress.tell(step)),
            cancel: Some(interrupt.flag()),
        };
        optimizer
            .execute(&actions, &options)
            .map_err(Failure::of_optimizer)?
    };
    show(call, &report, &targets, out)?;
    if mode == Mode::Unasked {
        hint("nothing was changed; give --yes to do it");
    }
    if mode == Mode::Real && report.successful > 0 {
        end(optimizer, kept, call, &interrupt, out)?;
    }
    judge(&report)
}

fn choose(actions: &[Action], call: Call<'_>, out: &mut Outlet) -> Outcome<Mode> {
    if call.options.demo {
        return Ok(Mode::Demo);
    }
    if call.options.yes {
        return Ok(Mode::Real);
    }
    if actions.is_empty() {
        // Nothing would be done: nobody needs to be asked.
        return Ok(Mode::Demo);
    }
    let is_attended = std::io::stdin().is_terminal() && out.is_terminal();
    if call.options.json || !is_attended {
        return Ok(Mode::Unasked);
    }
    let mut page = Page::new(out.style());
    draw::plan(actions, &mut page);
    page.gap();
    out.draw(&page)?;
    let actions = match actions.len() {
        1 => "this action".to_string(),
        n => format!("these {n} actions"),
    };
    out.write(&format!("Execute {actions}? [y/N] "))?;
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Failure::new(&format!("standard input: {error}"), None))?;
    Ok(match is_yes(&answer) {
        true => Mode::Real,
        false => Mode::Declined,
    })
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

fn show(call: Call<'_>, report: &ExecutionReport, targets: &[Target], out: &mut Outlet) -> Outcome {
    call.show(
        report,
        |report, page| {
            draw::report(report, page);
            if report.details.is_empty() {
                looks::advise(targets, page);
            }
        },
        out,
    )
}

/// What becomes of the changes.
fn end(
    optimizer: &Optimizer,
    kept: Kept,
    call: Call<'_>,
    interrupt: &Interrupt,
    out: &mut Outlet,
) -> Outcome {
    if kept == Kept::Stay {
        return match call.options.json {
            true => Ok(()),
            false => say(call, out, "`usm optimize --rollback` takes it back."),
        };
    }
    if let Some(seconds) = call.options.for_seconds {
        rest(seconds, interrupt);
    }
    let list = take_back_own(optimizer)?;
    if call.options.json {
        return out.json(&json!({ "rolled_back": list }), call.options.pretty);
    }
    call.show(&list, |list, page| draw::rolled_back(list, page), out)
}

/// Waits, or less when it is interrupted.
fn rest(seconds: f64, interrupt: &Interrupt) {
    let progress = ProgressLine::new();
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    while !interrupt.came() {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        let what = format!("changes are in force for {:.0} s more", left.as_secs_f64());
        progress.say("waiting", &what);
        std::thread::sleep(left.min(Duration::from_millis(100)));
    }
}

/// The exit code: what was not done for real is a failure, what did not help is none.
fn judge(report: &ExecutionReport) -> Outcome {
    if report.cancelled {
        return Err(Failure::interrupted());
    }
    let was_not_done = |result: &usm_core::optimizer::ActionResult| {
        result.error.is_some() || !(result.success || result.rolled_back)
    };
    match !report.dry_run && report.details.iter().any(was_not_done) {
        true => Err(Failure::shown()),
        false => Ok(()),
    }
}

fn say(call: Call<'_>, out: &mut Outlet, text: &str) -> Outcome {
    call.show(
        &text,
        |text, page| draw::paragraph(page, 0, Tone::Quiet, text),
        out,
    )
}

fn hint(text: &str) {
    // Where standard error can't be written there is nobody to be told.
    let _ = anstream::stderr().write_all(format!("hint: {text}\n").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use usm_core::Error;

    #[test]
    fn only_a_clear_yes_is_a_yes() {
        for yes in ["y", "Y\n", "yes\n", " Yes "] {
            assert!(is_yes(yes), "{yes:?}");
        }
        for no in ["", "\n", "n", "no", "yesno", "ja", "1"] {
            assert!(!is_yes(no), "{no:?}");
        }
    }

    #[test]
    fn a_halted_optimizer_tells_the_way_out() {
        let failure = Failure::of_optimizer(Error::Refused("the optimizer is halted".into()));
        assert!(failure.text().is_some_and(|text| text.contains("--resume")));
        assert_eq!(failure.code(), 1);
    }
}
