//! Reads what is slow to read, on a thread of its own: the database and dear details.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use usm_core::alert::Alert;
use usm_core::history::{Query, Selector};
use usm_core::series::{Kind, catalog};
use usm_core::store::FindingKind;
use usm_core::{Error, Monitor};

use super::model::processes::Extra;
use super::model::talk::{Found as Seen, News, Question, Shown, Stretch};
use super::wake::Bell;
use crate::alerts::this_user;
use crate::archive::Archive;
use crate::failure::{Failure, Outcome};
use crate::forecast::{FanChart, ToCome};
use crate::found::{Found, Past, Wanted};
use crate::insights;
use crate::options::GlobalOptions;
use crate::status::time_of;
use crate::when::{Range, now};

/// Most alerts that are over and are listed, and how far back.
const MOST_PAST: usize = 200;
const PAST_SECONDS: f64 = 7.0 * 86_400.0;

/// Most series in one chart.
const MOST_SERIES: usize = 6;

/// How far a fan reaches, seconds.
const FAN_SECONDS: f64 = 86_400.0;

/// A thread that answers one question after another.
/// Dropped, it ends with the answer in progress, which nobody waits for: it only reads.
#[derive(Debug)]
pub(super) struct Clerk {
    questions: Sender<Question>,
}

/// What the answers are made of.
struct Desk {
    global: GlobalOptions,
    monitor: Arc<Monitor>,
}

impl Clerk {
    pub(super) fn start(
        global: &GlobalOptions,
        monitor: &Arc<Monitor>,
        news: Sender<News>,
        bell: Bell,
    ) -> std::io::Result<Clerk> {
        let (questions, asked) = channel();
        let desk = Desk {
            global: global.clone(),
            monitor: monitor.clone(),
        };
        std::thread::Builder::new()
            .name("usm-top-read".into())
            .spawn(move || desk.work(&asked, &news, &bell))?;
        Ok(Clerk { questions })
    }

    pub(super) fn ask(&self, question: Question) {
        // It has ended by a panic: nothing is answered any more, which the picture shows.
        let _ = self.questions.send(question);
    }
}

impl Desk {
    fn work(&self, asked: &Receiver<Question>, news: &Sender<News>, bell: &Bell) {
        while let Ok(question) = asked.recv() {
            if news.send(self.answer(question)).is_err() {
                return;
            }
            bell.ring();
        }
    }

    fn answer(&self, question: Question) -> News {
        match question {
            Question::Found { with_past } => News::Found(self.found(with_past).map_err(why)),
            Question::Extra(process) => News::Extra(Extra {
                process,
                read: self
                    .monitor
                    .process_extra(process.pid)
                    .map_err(|error| error.to_string()),
            }),
            Question::History(asked) => {
                let answer = self.history(&asked).map(Box::new).map_err(why);
                News::History(asked, answer)
            }
            Question::Forecasts => News::Forecasts(self.forecasts().map(Box::new).map_err(why)),
            Question::Fan(series) => {
                let fan = self.fan(&series).map_err(why);
                News::Fan(series, fan)
            }
            Question::Acknowledge(id) => News::Said(self.acknowledge(id).map_err(why)),
            Question::Silence {
                rule,
                labels,
                seconds,
            } => News::Said(self.silence(&rule, &labels, seconds).map_err(why)),
        }
    }

    fn found(&self, with_past: bool) -> Outcome<Option<Box<Seen>>> {
        // Where nobody writes, only the past alerts are of interest.
        let found = match with_past {
            true => Found::open_if_there(&self.global)?,
            false => Found::open_if_in_use(&self.global)?,
        };
        let Some(mut found) = found else {
            return Ok(None);
        };
        let is_watched = found.is_watched();
        let past_alerts = match with_past {
            true => Some(past_alerts(&mut found)?),
            false => None,
        };
        if !is_watched {
            return Ok(past_alerts.map(|past_alerts| {
                Box::new(Seen {
                    is_watched,
                    alerts: Vec::new(),
                    past_alerts: Some(past_alerts),
                    matter: insights::Matter::default(),
                })
            }));
        }
        let alerts = found.of::<Alert>(FindingKind::Alert, Wanted::Open, MOST_PAST)?;
        Ok(Some(Box::new(Seen {
            is_watched,
            alerts,
            past_alerts,
            matter: insights::written(Wanted::Open, false, &self.global)?,
        })))
    }

    fn history(&self, asked: &Stretch) -> Outcome<Shown> {
        let archive = Archive::open(None, &self.global)?;
        let held = archive.range();
        // Live where somebody writes; else where what was written ends.
        let newest = match now() - held.until {
            age if (0.0..asked.seconds).contains(&age) => now(),
            _ => held.until,
        };
        let until = asked.until.unwrap_or(newest);
        let range = Range {
            since: until - asked.seconds,
            until,
        };
        let selector = Selector::parse(&asked.metric).map_err(Failure::of_question)?;
        let mut query = Query::new(selector, range.since, range.until);
        query.step_seconds = Some((asked.seconds / asked.steps as f64).max(1.0));
        query.top = Some(MOST_SERIES);
        query.rate = catalog::by_name(&asked.metric).is_some_and(|m| m.kind == Kind::Counter);
        let table = archive
            .history
            .query(&query)
            .map_err(Failure::of_question)?;
        Ok(Shown {
            asked: asked.clone(),
            range,
            held,
            table,
        })
    }

    fn forecasts(&self) -> Outcome<ToCome> {
        ToCome::of_all(&Archive::open(None, &self.global)?)
    }

    fn fan(&self, series: &str) -> Outcome<Vec<FanChart>> {
        let archive = Archive::open(None, &self.global)?;
        let selector = Selector::parse(series).map_err(Failure::of_question)?;
        let end = archive.range().until;
        FanChart::read(&archive, &selector, FAN_SECONDS, end).map(|(charts, _)| charts)
    }

    /// Who heeds what is said to an alert: the monitor of the data folder, else our own.
    fn with_heeding<T>(&self, say: impl Fn(&Monitor) -> Result<T, Error>) -> Outcome<T> {
        let found = Found::open_if_in_use(&self.global)?;
        match found.is_some_and(|found| found.is_watched()) {
            true => Ok(say(&Monitor::new(self.global.settings()?)?)?),
            false => Ok(say(&self.monitor)?),
        }
    }

    fn acknowledge(&self, id: u64) -> Outcome<String> {
        let by = this_user(&self.monitor.config());
        self.with_heeding(|monitor| monitor.acknowledge_alert(id, &by, None))?;
        Ok(format!("alert {id} is acknowledged by {by}"))
    }

    fn silence(&self, rule: &str, labels: &[(String, String)], seconds: f64) -> Outcome<String> {
        let by = this_user(&self.monitor.config());
        self.with_heeding(|monitor| monitor.silence_alerts(rule, labels, seconds, &by, None))?;
        Ok(format!(
            "{rule} is silenced until {}",
            time_of(now() + seconds)
        ))
    }
}

/// Those that are over, the newest first.
fn past_alerts(found: &mut Found) -> Outcome<Vec<Past<Alert>>> {
    let since = Wanted::Since(found.now() - PAST_SECONDS);
    let mut alerts = found.of::<Alert>(FindingKind::Alert, since, MOST_PAST)?;
    alerts.retain(|alert| alert.row.closed_at.is_some());
    alerts.reverse();
    Ok(alerts)
}

/// A failure in one line.
pub(super) fn why(failure: Failure) -> String {
    let text = failure.text().unwrap_or("it failed");
    let text = text.trim().trim_start_matches("usm: error: ");
    text.replace("\nhint: ", "; ").replace('\n', " ")
}
