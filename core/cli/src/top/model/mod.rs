//! All that the picture shows, and nothing of how: pure values, changed by keys and by news.

mod deeds;
pub(super) mod dialog;
mod filter;
mod list;
mod past;
pub(super) mod processes;
pub(super) mod talk;
pub(super) mod trail;

use std::collections::VecDeque;
use std::sync::Arc;

use usm_core::State;
use usm_core::alert::Alert;
use usm_core::sample::ProcessSample;
use usm_core::store::{FindingKind, FindingRow};

use self::dialog::{Dialog, Named};
use self::list::Place;
use self::past::Past;
use self::processes::{Extra, Processes, id_of};
use self::talk::{Found, News, Question, Task};
use self::trail::Trail;
use crate::alerts::worst_first;
use crate::draw::Tone;
use crate::forecast::{FanChart, ToCome};
use crate::found::Past as Finding;
use crate::insights::Matter;
use crate::news::{News as Piece, Told};

/// Seconds between two looks at what a monitor in another process has found.
const LOOK_SECONDS: f64 = 4.0;

/// Seconds for which a forecast is good: it is made of five-minute means.
const FORESEE_SECONDS: f64 = 300.0;

/// Seconds for which the dear details of a process are good.
const EXTRA_SECONDS: f64 = 4.0;

/// Pieces of news that are kept.
const MOST_LOGGED: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum View {
    #[default]
    Overview,
    Processes,
    Alerts,
    Forecasts,
    History,
    Findings,
}

impl View {
    pub(super) const ALL: [View; 6] = [
        View::Overview,
        View::Processes,
        View::Alerts,
        View::Forecasts,
        View::History,
        View::Findings,
    ];

    pub(super) fn title(self) -> &'static str {
        match self {
            View::Overview => "Overview",
            View::Processes => "Processes",
            View::Alerts => "Alerts",
            View::Forecasts => "Forecasts",
            View::History => "History",
            View::Findings => "Findings",
        }
    }

    fn step(self, by: usize) -> View {
        let at = View::ALL.iter().position(|view| *view == self).unwrap_or(0);
        View::ALL[(at + by) % View::ALL.len()]
    }
}

/// What the loop is to do.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Order {
    Quit,
    /// As Ctrl-Z.
    Suspend,
    /// Everything drawn anew.
    Redraw,
    Pause(bool),
    Interval(f64),
    Ask(Question),
    Act(Task),
}

/// What only the drawing knows: how much room a list has, how far a text can be scrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Room {
    pub(super) rows: usize,
    pub(super) most_scroll: usize,
    /// Steps that a chart of the history can show.
    pub(super) steps: usize,
}

#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) state: Arc<State>,
    pub(super) trail: Trail,
    pub(super) view: View,
    pub(super) processes: Processes,
    pub(super) alerts: Place,
    pub(super) forecasts: Forecasts,
    pub(super) past: Past,
    /// First line of the findings that is shown.
    pub(super) scroll: usize,
    pub(super) found: Option<Box<Found>>,
    found_at: Option<f64>,
    pub(super) dialog: Option<Dialog>,
    pub(super) has_help: bool,
    /// A filter is being typed.
    pub(super) is_typing: bool,
    pub(super) is_paused: bool,
    pub(super) interval: f64,
    /// Told at the foot until the next key.
    pub(super) notice: Option<(Tone, String)>,
    /// Nothing is changed: everything is only told.
    pub(super) is_demo: bool,
    /// What was done from here and not taken back, the newest last.
    pub(super) done: Vec<(i64, String)>,
    pub(super) room: Room,
    extra_at: Option<f64>,
    told: Told,
    /// What came and what went, with its time, the newest first.
    pub(super) log: VecDeque<(f64, Piece)>,
}

#[derive(Debug, Default)]
pub(super) struct Forecasts {
    pub(super) place: Place,
    pub(super) come: Option<Box<ToCome>>,
    pub(super) problem: Option<String>,
    /// The series whose fan is here, and its charts.
    pub(super) fan: Option<(String, Result<Vec<FanChart>, String>)>,
    asked_at: Option<f64>,
    pub(super) is_waiting: bool,
    fan_asked: Option<String>,
}

impl Forecasts {
    /// The series that something is foretold of, each once.
    pub(super) fn series(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for forecast in self.come.iter().flat_map(|come| &come.forecasts) {
            let name = forecast.series.to_string();
            if names.last() != Some(&name) && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

impl Model {
    pub(super) fn new(interval: f64, is_demo: bool) -> Model {
        Model {
            interval,
            is_demo,
            ..Model::default()
        }
    }

    pub(super) fn list(&self) -> &[ProcessSample] {
        let sample = self.state.sample.as_deref();
        sample.map_or(&[], |sample| &sample.processes.list)
    }

    /// Sees what has happened.
    pub(super) fn hear(&mut self, news: News) {
        match news {
            News::State(state) => self.see(state),
            News::Found(Ok(found)) => self.see_found(found),
            News::Found(Err(why)) => {
                self.found = None;
                self.say(
                    Tone::Warning,
                    format!("what a monitor found can't be read: {why}"),
                );
            }
            News::Extra(extra) => self.see_extra(extra),
            News::History(asked, answer) => {
                let now = self.state.timestamp;
                self.past.answer(asked, answer, now);
            }
            News::Forecasts(answer) => {
                self.forecasts.is_waiting = false;
                match answer {
                    Ok(come) => (self.forecasts.come, self.forecasts.problem) = (Some(come), None),
                    Err(why) => self.forecasts.problem = Some(why),
                }
            }
            News::Fan(series, answer) => self.forecasts.fan = Some((series, answer)),
            News::Said(Ok(text)) => {
                self.found_at = None;
                self.say(Tone::Good, text);
            }
            News::Said(Err(why)) => self.say(Tone::Bad, why),
            News::Weighed(answer) => self.see_weighed(*answer),
            News::Did(answer) => self.see_done(answer),
            News::Undid(answer) => self.see_undone(answer),
        }
    }

    fn see(&mut self, state: Arc<State>) {
        if state.sequence == self.state.sequence && state.sample.is_some() {
            return;
        }
        self.trail.add(&state);
        for piece in self.told.news(&state) {
            self.log.push_front((state.timestamp, piece));
        }
        self.log.truncate(MOST_LOGGED);
        self.state = state;
        self.arrange();
    }

    /// The processes, after a state or after what sorts and filters them has changed.
    pub(super) fn arrange(&mut self) {
        let state = self.state.clone();
        let sample = state.sample.as_deref();
        self.processes
            .arrange(sample.map_or(&[], |sample| &sample.processes.list));
    }

    fn see_found(&mut self, found: Option<Box<Found>>) {
        let before = self.found.take().and_then(|found| found.past_alerts);
        self.found = found.map(|mut found| {
            found.past_alerts = found.past_alerts.or(before);
            found
        });
        let count = self.alerts_listed().len();
        self.alerts.keep_within(count);
    }

    fn see_extra(&mut self, extra: Extra) {
        self.processes.extra = Some(extra);
    }

    pub(super) fn say(&mut self, tone: Tone, text: String) {
        self.notice = Some((tone, text));
    }

    /// What a monitor in another process has found, while it monitors.
    pub(super) fn watched(&self) -> Option<&Found> {
        self.found.as_deref().filter(|found| found.is_watched)
    }

    /// The alerts that are not over, the worst first: the other monitor's, who knows what
    /// lasts, else our own.
    pub(super) fn firing(&self) -> Vec<Finding<Alert>> {
        let mut alerts = match self.watched() {
            Some(found) => found.alerts.clone(),
            None => self.state.alerts.iter().map(|alert| own(alert)).collect(),
        };
        worst_first(&mut alerts);
        alerts
    }

    /// Those that last, then those that are over.
    pub(super) fn alerts_listed(&self) -> Vec<Finding<Alert>> {
        let mut alerts = self.firing();
        let past = self
            .found
            .as_deref()
            .and_then(|found| found.past_alerts.as_ref());
        alerts.extend(past.into_iter().flatten().cloned());
        alerts
    }

    pub(super) fn matter(&self) -> Matter {
        match self.watched() {
            Some(found) => found.matter.clone(),
            None => Matter::of_state(&self.state),
        }
    }

    pub(super) fn chosen_process(&self) -> Option<&ProcessSample> {
        self.processes.chosen(self.list())
    }

    /// What is to be read for what is shown now.
    pub(super) fn due(&mut self) -> Vec<Question> {
        if self.is_paused && self.view != View::History && self.view != View::Forecasts {
            return Vec::new();
        }
        let now = self.state.timestamp;
        let is_old = |at: Option<f64>, seconds: f64| {
            at.is_none_or(|at| !(0.0..seconds).contains(&(now - at)))
        };
        let mut questions = Vec::new();
        if is_old(self.found_at, LOOK_SECONDS) {
            self.found_at = Some(now);
            questions.push(Question::Found {
                with_past: self.view == View::Alerts,
            });
        }
        match self.view {
            View::Processes if self.processes.has_details => {
                if let Some(id) = self.chosen_process().map(id_of) {
                    let known = self.processes.extra.as_ref().map(|extra| extra.process);
                    if known != Some(id) || is_old(self.extra_at, EXTRA_SECONDS) {
                        self.extra_at = Some(now);
                        questions.push(Question::Extra(id));
                    }
                }
            }
            View::History => {
                let steps = self.room.steps;
                questions.extend(self.past.due(steps, now).map(Question::History));
            }
            View::Forecasts => questions.extend(self.forecasts_due(now)),
            _ => {}
        }
        questions
    }

    fn forecasts_due(&mut self, now: f64) -> Option<Question> {
        let forecasts = &mut self.forecasts;
        let is_fresh = |at: f64| (0.0..FORESEE_SECONDS).contains(&(now - at));
        if !forecasts.is_waiting && !forecasts.asked_at.is_some_and(is_fresh) {
            forecasts.asked_at = Some(now);
            forecasts.is_waiting = true;
            forecasts.fan_asked = None;
            return Some(Question::Forecasts);
        }
        let series = forecasts.series().get(forecasts.place.at).cloned()?;
        if forecasts.fan_asked.as_ref() == Some(&series) {
            return None;
        }
        forecasts.fan_asked = Some(series.clone());
        Some(Question::Fan(series))
    }

    /// Into another view.
    pub(super) fn show(&mut self, view: View) {
        self.view = view;
        self.is_typing = false;
        self.scroll = 0;
        // The alerts' past is read only where it is shown.
        if view == View::Alerts {
            self.found_at = None;
        }
    }

    pub(super) fn show_next(&mut self, by: usize) {
        self.show(self.view.step(by));
    }

    /// A process for a dialog.
    pub(super) fn named(&self) -> Option<Named> {
        self.chosen_process().map(Named::of)
    }
}

/// An alert of our own monitor as one of a database.
fn own(alert: &Alert) -> Finding<Alert> {
    Finding {
        row: FindingRow {
            kind: FindingKind::Alert,
            key: alert.id.to_string(),
            opened_at: alert.since,
            updated_at: alert.updated_at,
            closed_at: alert.resolved_at,
            severity: None,
            title: None,
            data: String::new(),
        },
        value: alert.clone(),
    }
}
