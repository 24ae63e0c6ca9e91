//! `usm replay`: the engine over what was recorded: what it found and when.

mod findings;
mod fired;
mod pace;
mod timeline;
mod totals;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use jiff::tz::TimeZone;
use usm_core::State;
use usm_core::history::Replay;

use crate::archive::{self, Archive};
use crate::draw::{Flow, Line, Page, Tone, escape_lines, notes};
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::options::GlobalOptions;
use crate::outlet::Outlet;
use crate::progress::ProgressLine;
use crate::status::{Sort, picture};
use crate::when::{Asked, Range};
use findings::{Finding, Findings};
use pace::{Pace, speed};
use totals::Totals;

const EXAMPLES: &str = "\
Examples:
  usm replay day.usm                        what was found, and when
  usm replay                                the same of the monitor's own history
  usm replay day.usm --since \"yesterday 14:00\" --until \"yesterday 15:00\"
  usm replay day.usm --speed 10             the picture of `usm status`, ten times as fast
  usm replay day.usm --json | jq .metrics.cpu_percent
  usm replay day.usm --findings --json      each finding as an object

Every sample is judged again by this version's rules. --json writes one state in a line, as
`usm status --json` does; with --findings one finding: time (Unix seconds), event
(alert_fired, alert_ended, incident_began, incident_ended, insight_began, insight_ended,
anomaly_began, anomaly_ended, security_found, advice_began, advice_ended, hardening_began,
hardening_ended, score_fell, score_rose, gap), id, severity, text, seconds (how long it lasted).
Alerts are those that the rules in force here would have raised. Advice that comes and goes within 10 seconds is
one finding; a score is told when it has stayed what it became for a minute.";

/// How often the line that tells how far it is is written anew.
const SAY: Duration = Duration::from_millis(200);

/// Says on standard error what could not be read, where the output is no place for it.
fn tell(notes: &[String]) {
    for note in notes {
        let text = format!("usm: note: {}\n", escape_lines(note));
        // Where standard error can't be written either, there is nobody to tell.
        let _ = anstream::stderr().write_all(text.as_bytes());
    }
}

/// How often Ctrl-C is looked for while waiting.
const LOOK: Duration = Duration::from_millis(100);

/// Judge a recording again: what was found, and when.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ReplayOptions {
    /// A recording or a database; the monitor's own unless given.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// From this time on.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<String>,
    /// To before this time.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<String>,
    /// Show each state in its time, N times as fast as it was; max: as fast as can be.
    #[arg(long, value_name = "N", value_parser = speed)]
    speed: Option<f64>,
    /// Each state as one JSON object in one line.
    #[arg(long)]
    json: bool,
    /// The findings in their order in time, which is what is shown unless --json or --speed
    /// is given.
    #[arg(long, conflicts_with = "speed")]
    findings: bool,
    /// With --speed: how many processes to show.
    #[arg(long, value_name = "N", default_value_t = 10, requires = "speed")]
    processes: usize,
}

pub(crate) fn perform(
    options: &ReplayOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let asked = Asked::of(options.since.as_deref(), options.until.as_deref())?;
    let path = archive::file(options.file.as_deref(), global)?;
    // It knows what to say where there is nothing.
    let archive = Archive::open(options.file.as_deref(), global)?;
    let held = archive.range();
    let range = asked.or(|_| held.since, held.until)?;
    let replay = Replay::open(&path, range.since, range.until)?;
    if replay.is_empty() {
        return Err(archive.nothing(range));
    }
    let playing = Playing {
        path: &path,
        total: replay.len(),
        options,
        interrupt: Interrupt::listen()?,
    };
    match (options.json && !options.findings, options.speed) {
        (true, _) => playing.states(replay, out),
        (false, Some(speed)) => playing.pictures(replay, speed, out),
        (false, None) => {
            let fired = |since: f64, interrupt: &Interrupt| {
                // Coarser rows may begin before the first sample.
                let range = Range { since, ..range };
                fired::of(&archive.history, range, interrupt, global)
            };
            playing.findings(replay, fired, out)
        }
    }
}

struct Playing<'a> {
    path: &'a Path,
    total: u64,
    options: &'a ReplayOptions,
    interrupt: Interrupt,
}

impl Playing<'_> {
    fn states(&self, mut replay: Replay, out: &mut Outlet) -> Outcome {
        let mut pace = self
            .options
            .speed
            .map(|speed| Pace::new(speed, Instant::now()));
        for state in &mut replay {
            let state = state?;
            if let Some(pace) = &mut pace {
                self.sleep(pace.wait(state.timestamp, Instant::now()));
            }
            if self.interrupt.came() {
                return Err(Failure::interrupted());
            }
            out.json(&state, false)?;
        }
        tell(replay.notes());
        Ok(())
    }

    fn pictures(&self, mut replay: Replay, speed: f64, out: &mut Outlet) -> Outcome {
        let mut pace = Pace::new(speed, Instant::now());
        for (at, state) in (1..).zip(&mut replay) {
            let state = state?;
            self.sleep(pace.wait(state.timestamp, Instant::now()));
            if self.interrupt.came() {
                return Err(Failure::interrupted());
            }
            let is_last = at == self.total;
            if !out.is_terminal() {
                out.draw(&self.page(&state, at, speed, out))?;
            } else if pace.is_worth_drawing(Instant::now()) || is_last {
                out.draw_over(self.page(&state, at, speed, out))?;
            }
        }
        tell(replay.notes());
        Ok(())
    }

    fn page(&self, state: &State, at: u64, speed: f64, out: &Outlet) -> Page {
        let style = out.style();
        let mut page = Page::new(style);
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        let mut text = format!("{at} of {}", self.total);
        if speed.is_finite() {
            text.push_str(&format!(" · ×{speed}"));
        }
        page.push(
            Line::of(
                Tone::Strong,
                format!("Replay of {} ", name.to_string_lossy()),
            )
            .and(Tone::Quiet, text),
        );
        page.append(picture(state, style, self.options.processes, Sort::Cpu));
        page
    }

    /// `fired` tells which alerts there would have been from a time on, with notes.
    fn findings(
        &self,
        mut replay: Replay,
        fired: impl FnOnce(f64, &Interrupt) -> Outcome<(Vec<Finding>, Vec<String>)>,
        out: &mut Outlet,
    ) -> Outcome {
        let line = ProgressLine::new();
        let begun = Instant::now();
        let mut said = begun;
        let mut judged = Findings::default();
        let mut totals = Totals::default();
        let mut all: Vec<Finding> = Vec::new();
        for state in &mut replay {
            let state = state?;
            totals.add(&state);
            self.take(judged.of(&state), &mut all, out)?;
            if said.elapsed() >= SAY {
                said = Instant::now();
                line.share("replaying", totals.states as f64 / self.total.max(1) as f64);
            }
            if self.interrupt.came() {
                break;
            }
        }
        self.take(judged.end(), &mut all, out)?;
        line.erase();
        let (alerts, of_rules) = match totals.first {
            Some(first) if !self.interrupt.came() => fired(first, &self.interrupt)?,
            _ => Default::default(),
        };
        self.take(alerts, &mut all, out)?;
        if !self.options.json {
            // An end is known only some seconds after it.
            all.sort_by(|a, b| a.time.total_cmp(&b.time));
            let mut page = Page::new(out.style());
            timeline::draw(&all, &TimeZone::system(), &mut page);
            if all.is_empty() {
                let (tone, text) = match totals.is_judged() {
                    true => (Tone::Good, "Nothing was found that would need attention."),
                    false => (Tone::Warning, "Too little was recorded to be judged."),
                };
                let mut flow = Flow::new(&page, Line::new(), 0);
                flow.words(tone, text);
                flow.end(&mut page);
            }
            totals.draw(begun.elapsed().as_secs_f64(), &mut page);
            notes(replay.notes(), &mut page);
            notes(&of_rules, &mut page);
            out.draw(&page)?;
        }
        if self.options.json {
            tell(replay.notes());
            tell(&of_rules);
        }
        match self.interrupt.came() {
            true => Err(Failure::ended("interrupted: this is what was found so far")),
            false => Ok(()),
        }
    }

    /// Findings as lines of JSON at once, or kept for the timeline.
    fn take(&self, found: Vec<Finding>, all: &mut Vec<Finding>, out: &mut Outlet) -> Outcome {
        if !self.options.json {
            all.extend(found);
            return Ok(());
        }
        found
            .iter()
            .try_for_each(|finding| out.json(finding, false))
    }

    fn sleep(&self, duration: Duration) {
        let end = Instant::now() + duration;
        while !self.interrupt.came() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            std::thread::sleep(left.min(LOOK));
        }
    }
}
