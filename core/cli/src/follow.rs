//! A monitor in the foreground: its states and what an optimizer decides, line by line, until
//! Ctrl-C or for a while.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use usm_core::optimizer::{HistoryEntry, Optimizer, RolledBack};
use usm_core::sample::PressureResource;
use usm_core::state::StoreStatus;
use usm_core::{Error, Monitor, State};

use crate::draw::number::percent;
use crate::draw::{Flow, Line, Page, Style, Tone, UNKNOWN};
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::news::{self, Told};
use crate::optimize::{Kept, close, draw, take_back_own};
use crate::outlet::Outlet;
use crate::status::time_of;
use crate::when::now;

/// How often Ctrl-C is looked for.
const LOOK: Duration = Duration::from_millis(100);

/// How often the optimizer is asked for news, which reads its database.
const ASK: Duration = Duration::from_millis(500);

/// How long to wait for a state beyond its interval.
const PATIENCE: Duration = Duration::from_secs(15);

/// Entries of the history that are looked at for news.
const NEWEST: usize = 50;

/// How to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Lines,
    Json,
    Pretty,
    /// As lines, without those of the states: for a log, which may be on a full disk.
    Log,
}

impl Form {
    fn is_json(self) -> bool {
        matches!(self, Form::Json | Form::Pretty)
    }
}

/// What is to be followed, and how.
#[derive(Debug)]
pub(crate) struct Follow<'a> {
    pub(crate) monitor: &'a Arc<Monitor>,
    pub(crate) seconds: Option<f64>,
    /// Whether each state is told.
    pub(crate) states: bool,
    pub(crate) form: Form,
    pub(crate) kept: Kept,
    /// What else is done while it is followed.
    pub(crate) beside: Option<&'a dyn Beside>,
}

/// What is done beside following a monitor, several times a second.
pub(crate) trait Beside: std::fmt::Debug {
    /// Looks at the newest state, and answers what there is to tell, with a tone each.
    fn look(&self, monitor: &Monitor, newest: Option<&State>) -> Vec<(Tone, String)>;
}

impl Follow<'_> {
    /// Starts the monitor, follows it, stops it and closes the optimizer, whatever happens
    /// between.
    pub(crate) fn run(&self, optimizer: Option<Optimizer>, out: &mut Outlet) -> Outcome {
        let interrupt = match self.form {
            Form::Log => Interrupt::listen_in_the_background()?,
            _ => Interrupt::listen()?,
        };
        let outcome = self.started(optimizer.as_ref(), &interrupt, out);
        let stopped = self.monitor.stop().map(|_| ()).map_err(Failure::from);
        let Some(optimizer) = optimizer else {
            return outcome.and(stopped);
        };
        let ended = self.end(&optimizer, out);
        close(optimizer, outcome.and(stopped).and(ended))
    }

    fn started(
        &self,
        optimizer: Option<&Optimizer>,
        interrupt: &Interrupt,
        out: &mut Outlet,
    ) -> Outcome {
        let mut news = News::since_now(optimizer)?;
        self.monitor.start()?;
        let end = self
            .seconds
            .map(|seconds| Instant::now() + Duration::from_secs_f64(seconds));
        let mut newest = None;
        let mut told = ToldOfStates::default();
        let (mut seen, mut heard, mut asked) = (0, Instant::now(), Instant::now());
        while !interrupt.came() && end.is_none_or(|end| Instant::now() < end) {
            match self.monitor.wait_for_state(seen, LOOK) {
                Ok(state) => {
                    (seen, heard) = (state.sequence, Instant::now());
                    if self.states {
                        self.lasting(self.tell_state(&state, &mut told, out))?;
                    }
                    newest = Some(state);
                }
                Err(Error::TimedOut { .. }) if heard.elapsed() < self.patience() => {}
                Err(error) => return Err(error.into()),
            }
            if let Some(beside) = self.beside {
                let lines = beside.look(self.monitor, newest.as_deref());
                self.lasting(self.tell_lines(&lines, out))?;
            }
            if let Some(optimizer) = optimizer.filter(|_| asked.elapsed() >= ASK) {
                asked = Instant::now();
                self.tell_news(&mut news, optimizer, out)?;
            }
        }
        match optimizer {
            Some(optimizer) => self.tell_news(&mut news, optimizer, out),
            None => Ok(()),
        }
    }

    /// The interval may change while it runs.
    fn patience(&self) -> Duration {
        PATIENCE + Duration::from_secs_f64(self.monitor.config().refresh_interval)
    }

    /// What can't be written into a log does not end the monitor: it is there to tell of a full
    /// disk, too.
    fn lasting(&self, written: Outcome) -> Outcome {
        match self.form {
            Form::Log => Ok(()),
            _ => written,
        }
    }

    fn tell_lines(&self, lines: &[(Tone, String)], out: &mut Outlet) -> Outcome {
        for (tone, text) in lines {
            if self.form.is_json() {
                self.json(&json!({ "event": "monitor", "text": text }), out)?;
                continue;
            }
            let mut page = Page::new(style(out));
            line(now(), *tone, text, &mut page);
            out.draw(&page)?;
        }
        Ok(())
    }

    fn tell_state(&self, state: &State, told: &mut ToldOfStates, out: &mut Outlet) -> Outcome {
        match self.form {
            Form::Lines | Form::Log => {
                let mut page = Page::new(style(out));
                match self.form {
                    Form::Lines => draw_state(state, &mut page),
                    _ => draw_degraded(state, &mut told.degraded, &mut page),
                }
                news::draw(&told.judged.news(state), state.timestamp, &mut page);
                if let Some(warning) = new_warning(state, &mut told.warning) {
                    line(state.timestamp, Tone::Warning, &warning, &mut page);
                }
                out.draw(&page)
            }
            _ => self.json(&json!({ "event": "state", "state": state }), out),
        }
    }

    fn tell_news(&self, news: &mut News, optimizer: &Optimizer, out: &mut Outlet) -> Outcome {
        let (decision, entries) = news.look(optimizer)?;
        if self.form.is_json() {
            if let Some(decision) = decision {
                self.json(&json!({ "event": "decision", "decision": decision }), out)?;
            }
            for entry in entries {
                self.json(&json!({ "event": "action", "entry": entry }), out)?;
            }
            return Ok(());
        }
        let mut page = Page::new(style(out));
        for entry in &entries {
            draw::entry(entry, &mut page);
        }
        if let Some(decision) = &decision {
            let time = Line::of(Tone::Quiet, time_of(now())).and(Tone::Plain, "  ");
            draw::labelled(&mut page, time, 4, Tone::Plain, decision);
        }
        self.lasting(out.draw(&page))
    }

    /// What becomes of the changes.
    fn end(&self, optimizer: &Optimizer, out: &mut Outlet) -> Outcome {
        optimizer
            .set_auto_optimize(false)
            .map_err(Failure::of_optimizer)?;
        if self.kept == Kept::Stay {
            return Ok(());
        }
        let list = take_back_own(optimizer)?;
        let written = self.tell_taken_back(&list, out);
        match list.iter().any(|entry| entry.error.is_some()) {
            true => written.and(Err(Failure::shown())),
            false => written,
        }
    }

    fn tell_taken_back(&self, list: &[RolledBack], out: &mut Outlet) -> Outcome {
        match self.form {
            Form::Lines | Form::Log if list.is_empty() => Ok(()),
            Form::Lines | Form::Log => {
                let mut page = Page::new(out.style());
                draw::rolled_back(list, &mut page);
                out.draw(&page)
            }
            _ => self.json(&json!({ "event": "rolled_back", "rolled_back": list }), out),
        }
    }

    fn json(&self, value: &serde_json::Value, out: &mut Outlet) -> Outcome {
        out.json(value, self.form == Form::Pretty)
    }
}

/// In a file or a pipe each entry stays one line.
fn style(out: &Outlet) -> Style {
    let style = out.style();
    match out.is_terminal() {
        true => style,
        false => Style {
            width: usize::MAX,
            ..style
        },
    }
}

/// What was told already.
#[derive(Debug, Default)]
struct News {
    decision: Option<String>,
    newest_entry: i64,
}

impl News {
    fn since_now(optimizer: Option<&Optimizer>) -> Outcome<News> {
        let mut news = News::default();
        if let Some(optimizer) = optimizer {
            let newest = optimizer.history(1).map_err(Failure::of_optimizer)?;
            news.newest_entry = newest.first().map_or(0, |entry| entry.id);
        }
        Ok(news)
    }

    /// The decision, when it is another one, and the new entries, oldest first, without those
    /// that only say what was decided.
    fn look(&mut self, optimizer: &Optimizer) -> Outcome<(Option<String>, Vec<HistoryEntry>)> {
        let latest = optimizer.history(NEWEST).map_err(Failure::of_optimizer)?;
        let status = optimizer.status().map_err(Failure::of_optimizer)?;
        Ok((self.decided(status.last_decision), self.unseen(latest)))
    }

    fn decided(&mut self, decision: Option<String>) -> Option<String> {
        if decision == self.decision {
            return None;
        }
        self.decision = decision;
        self.decision.clone()
    }

    fn unseen(&mut self, mut latest: Vec<HistoryEntry>) -> Vec<HistoryEntry> {
        latest.retain(|entry| entry.id > self.newest_entry);
        self.newest_entry = latest
            .iter()
            .map(|entry| entry.id)
            .max()
            .unwrap_or(self.newest_entry);
        latest.retain(|entry| entry.optimization_type != "auto_decision");
        latest.reverse();
        latest
    }
}

/// What was told of the states so far.
#[derive(Debug, Default)]
struct ToldOfStates {
    warning: Option<String>,
    degraded: Option<String>,
    judged: Told,
}

/// One line: processors, memory, waiting, database.
fn draw_state(state: &State, page: &mut Page) {
    let time = Line::of(Tone::Quiet, time_of(state.timestamp)).and(Tone::Plain, "  ");
    let mut flow = Flow::new(page, time, 4);
    let named = |name: &str, value: String| {
        Line::of(Tone::Label, format!("{name} ")).and(Tone::Plain, value)
    };
    flow.add(named("cpu", percent(state.metrics.cpu_percent)));
    flow.add(named("memory", percent(state.metrics.memory_percent)));
    let pressure = state.sample.as_deref().map(|sample| &sample.pressure);
    let waiting = |of: Option<&PressureResource>| percent(of.map(|r| r.some.avg10_percent));
    for (name, resource) in [
        ("psi cpu", pressure.and_then(|p| p.cpu.as_ref())),
        ("io", pressure.and_then(|p| p.io.as_ref())),
        ("memory", pressure.and_then(|p| p.memory.as_ref())),
    ] {
        flow.add(named(name, waiting(resource)));
    }
    flow.add(store(state));
    flow.end(page);
}

/// A line with its time.
pub(crate) fn line(time: f64, tone: Tone, text: &str, page: &mut Page) {
    let first = Line::of(Tone::Quiet, time_of(time)).and(Tone::Plain, "  ");
    let mut flow = Flow::new(page, first, 4);
    flow.words(tone, text);
    flow.end(page);
}

/// That rows do not reach the database, why, and that they do again: when it changes.
fn draw_degraded(state: &State, told: &mut Option<String>, page: &mut Page) {
    let health = state.store.as_deref();
    let degraded = health.filter(|health| health.status == StoreStatus::Degraded);
    let cause = degraded.map(|health| health.cause.clone().unwrap_or_else(|| UNKNOWN.into()));
    if cause == *told {
        return;
    }
    match &cause {
        Some(cause) => line(
            state.timestamp,
            Tone::Bad,
            &format!("store degraded: {cause}"),
            page,
        ),
        None => line(
            state.timestamp,
            Tone::Good,
            "store ok again: what waited is written",
            page,
        ),
    }
    *told = cause;
}

/// What the store warns of, when it is another warning than before.
fn new_warning(state: &State, told: &mut Option<String>) -> Option<String> {
    let warning = state
        .store
        .as_deref()
        .and_then(|health| health.warning.clone());
    if warning == *told {
        return None;
    }
    told.clone_from(&warning);
    warning
}

fn store(state: &State) -> Line {
    let line = Line::of(Tone::Label, "store ");
    match state.store.as_deref() {
        None => line.and(Tone::Quiet, "off"),
        Some(health) if health.status == StoreStatus::Ok => line.and(Tone::Good, "ok"),
        Some(health) => {
            let cause = health.cause.as_deref().unwrap_or(UNKNOWN);
            line.and(Tone::Warning, format!("degraded: {cause}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_store_warns_of_is_told_once() {
        let warned = |warning: Option<&str>| {
            let health = serde_json::json!({
                "status": StoreStatus::Ok, "rows_written": 0, "rows_waiting": 0,
                "rows_dropped": 0, "bytes": 0, "last_commit_rows": 0, "retention_lost": false,
                "warning": warning,
            });
            State {
                store: Some(Arc::new(serde_json::from_value(health).unwrap())),
                ..State::default()
            }
        };
        let mut told = None;
        assert_eq!(new_warning(&warned(None), &mut told), None);
        let first = new_warning(&warned(Some("another writes it")), &mut told);
        assert_eq!(first.as_deref(), Some("another writes it"));
        assert_eq!(
            new_warning(&warned(Some("another writes it")), &mut told),
            None
        );
        assert_eq!(new_warning(&warned(None), &mut told), None);
        assert!(new_warning(&warned(Some("another writes it")), &mut told).is_some());
    }

    fn entry(id: i64, optimization_type: &str) -> HistoryEntry {
        HistoryEntry {
            id,
            optimization_type: optimization_type.into(),
            target_component: "system".into(),
            before_value: None,
            after_value: None,
            improvement_percentage: None,
            execution_time: None,
            status: "completed".into(),
            action_id: None,
            verdict: None,
            reason: None,
            created_at: 0.0,
        }
    }

    #[test]
    fn each_entry_and_each_decision_is_told_once() {
        let mut news = News {
            newest_entry: 2,
            ..News::default()
        };
        let latest = || {
            vec![
                entry(5, "set_idle"),
                entry(4, "auto_decision"),
                entry(3, "set_batch"),
                entry(2, "rollback"),
            ]
        };
        let ids: Vec<i64> = news.unseen(latest()).iter().map(|e| e.id).collect();
        assert_eq!(ids, [3, 5]);
        assert!(news.unseen(latest()).is_empty());
        assert_eq!(news.decided(Some("waits".into())), Some("waits".into()));
        assert_eq!(news.decided(Some("waits".into())), None);
        assert_eq!(news.decided(Some("acts".into())), Some("acts".into()));
        assert_eq!(news.decided(None), None);
    }

    #[test]
    fn a_state_is_one_line_and_tells_what_is_unknown() {
        let mut page = Page::new(Style {
            width: 120,
            unicode: true,
            colour: false,
        });
        draw_state(&State::default(), &mut page);
        let text = page.render();
        assert_eq!(text.lines().count(), 1, "{text}");
        for part in ["cpu –", "memory –", "psi cpu –", "io –", "store off"] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
