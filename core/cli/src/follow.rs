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
}

impl Follow<'_> {
    /// Starts the monitor, follows it, stops it and closes the optimizer, whatever happens
    /// between.
    pub(crate) fn run(&self, optimizer: Option<Optimizer>, out: &mut Outlet) -> Outcome {
        let interrupt = Interrupt::listen()?;
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
        let interval = self.monitor.config().refresh_interval;
        let patience = PATIENCE + Duration::from_secs_f64(interval);
        let mut told = ToldOfStates::default();
        let (mut seen, mut heard, mut asked) = (0, Instant::now(), Instant::now());
        while !interrupt.came() && end.is_none_or(|end| Instant::now() < end) {
            match self.monitor.wait_for_state(seen, LOOK) {
                Ok(state) => {
                    (seen, heard) = (state.sequence, Instant::now());
                    if self.states {
                        self.tell_state(&state, &mut told, out)?;
                    }
                }
                Err(Error::TimedOut { .. }) if heard.elapsed() < patience => {}
                Err(error) => return Err(error.into()),
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

    fn tell_state(&self, state: &State, told: &mut ToldOfStates, out: &mut Outlet) -> Outcome {
        match self.form {
            Form::Lines => {
                let mut page = Page::new(style(out));
                draw_state(state, &mut page);
                news::draw(&told.judged.news(state), state.timestamp, &mut page);
                if let Some(warning) = new_warning(state, &mut told.warning) {
                    let time = Line::of(Tone::Quiet, time_of(state.timestamp));
                    let mut flow = Flow::new(&page, time.and(Tone::Plain, "  "), 4);
                    flow.words(Tone::Warning, &warning);
                    flow.end(&mut page);
                }
                out.draw(&page)
            }
            _ => self.json(&json!({ "event": "state", "state": state }), out),
        }
    }

    fn tell_news(&self, news: &mut News, optimizer: &Optimizer, out: &mut Outlet) -> Outcome {
        let (decision, entries) = news.look(optimizer)?;
        if self.form != Form::Lines {
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
        out.draw(&page)
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
            Form::Lines if list.is_empty() => Ok(()),
            Form::Lines => {
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
    judged: Told,
}

fn now() -> f64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
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
