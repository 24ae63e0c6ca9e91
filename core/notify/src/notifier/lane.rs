//! One channel's queue and the thread that works it off, in order.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::report::Reporter;
use crate::channel::{Channel, Delivery};
use crate::failure::Failure;
use crate::{Notification, Outcome, retry, sys, text};

/// Notifications that can wait in one channel.
pub(super) const WAITING: usize = 256;

/// A notification that waits or is being delivered.
#[derive(Debug, Clone)]
pub(super) struct Job {
    about: Arc<Notification>,
    queued_at: f64,
    id: String,
}

impl Job {
    pub(super) fn new(about: Arc<Notification>) -> Job {
        Job {
            id: format!("{}.{:016x}", about.alert_id, retry::random()),
            about,
            queued_at: text::unix_seconds(),
        }
    }
}

/// When a lane ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Open,
    /// What waits is delivered as far as this allows.
    At(Instant),
    /// At once: the channel was taken out.
    Removed,
}

struct State {
    queue: VecDeque<Job>,
    /// Taken by whoever reports it: the worker, or a close that does not wait longer.
    in_flight: Option<Job>,
    channel: Arc<Channel>,
    end: End,
    is_running: bool,
}

/// One channel's queue.
pub(super) struct Lane {
    name: String,
    state: Mutex<State>,
    changed: Condvar,
}

impl Lane {
    /// Makes it and starts its thread.
    pub(super) fn start(
        name: &str,
        channel: Channel,
        reporter: &Arc<Reporter>,
    ) -> std::io::Result<Arc<Lane>> {
        let lane = Arc::new(Lane {
            name: name.to_string(),
            state: Mutex::new(State {
                queue: VecDeque::new(),
                in_flight: None,
                channel: Arc::new(channel),
                end: End::Open,
                is_running: true,
            }),
            changed: Condvar::new(),
        });
        let (worked, reporter) = (Arc::clone(&lane), Arc::clone(reporter));
        sys::spawn("usm-notify", move || {
            while let Some(job) = worked.next() {
                let outcome = worked.deliver(&job);
                // Whoever closed without waiting for it has reported it.
                if worked.lock().in_flight.take().is_some() {
                    reporter.report(outcome);
                }
            }
            worked.lock().is_running = false;
            worked.changed.notify_all();
        })?;
        Ok(lane)
    }

    pub(super) fn channel(&self) -> Arc<Channel> {
        Arc::clone(&self.lock().channel)
    }

    /// From the next attempt on the channel is this one.
    pub(super) fn replace(&self, channel: Channel) {
        self.lock().channel = Arc::new(channel);
    }

    /// Puts it at the end. A full queue gives up its oldest: what is new matters more.
    pub(super) fn push(&self, job: Job, reporter: &Reporter) {
        let mut state = self.lock();
        if state.end != End::Open {
            drop(state);
            reporter.report_now(self.dropped(&job, "the notifications were closed"));
            return;
        }
        let oldest = match state.queue.len() < WAITING {
            true => None,
            false => state.queue.pop_front(),
        };
        state.queue.push_back(job);
        drop(state);
        self.changed.notify_all();
        if let Some(oldest) = oldest {
            let why = format!("{WAITING} were waiting, the oldest made room");
            reporter.report_now(self.dropped(&oldest, &why));
        }
    }

    /// Ends it at once; what waits is reported. The attempt in progress is not cut short.
    pub(super) fn remove(&self, reporter: &Reporter) {
        let mut state = self.lock();
        state.end = End::Removed;
        let waiting = std::mem::take(&mut state.queue);
        drop(state);
        self.changed.notify_all();
        for job in waiting {
            reporter.report_now(self.dropped(&job, "the channel was taken out"));
        }
    }

    /// Lets it deliver what waits until then.
    pub(super) fn end_by(&self, deadline: Instant) {
        let mut state = self.lock();
        if state.end == End::Open {
            state.end = End::At(deadline);
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Waits for its end until then; what is not delivered by then is reported, and false
    /// is the answer.
    pub(super) fn join(&self, deadline: Instant, reporter: &Reporter) -> bool {
        let mut state = self.lock();
        while state.is_running {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.wait(state, left);
        }
        let has_ended = !state.is_running;
        let mut given_up = std::mem::take(&mut state.queue);
        given_up.extend(state.in_flight.take());
        drop(state);
        let is_done = has_ended && given_up.is_empty();
        for job in given_up {
            reporter.report_now(self.dropped(&job, "not delivered before the close"));
        }
        is_done
    }

    /// The next one; `None` when there will be none.
    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            match state.end {
                End::Removed => return None,
                End::At(deadline) if Instant::now() >= deadline => return None,
                _ => {}
            }
            if let Some(job) = state.queue.pop_front() {
                state.in_flight = Some(job.clone());
                return Some(job);
            }
            if state.end != End::Open {
                return None;
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// All attempts at one notification.
    fn deliver(&self, job: &Job) -> Outcome {
        let start = Instant::now();
        let mut outcome = self.failed(job, "");
        loop {
            let channel = self.channel();
            outcome.attempts += 1;
            let failure = match attempt(&channel, job) {
                Ok(remark) => {
                    outcome.ok = true;
                    outcome.error = remark;
                    break;
                }
                Err(failure) => failure,
            };
            let (config, elapsed) = (channel.retry(), start.elapsed());
            let wait = retry::next_wait(
                &config,
                outcome.attempts,
                elapsed,
                &failure,
                retry::chance(),
            );
            let end = match wait {
                Ok(wait) => self.pause(wait).err().map(|why| Some(why.to_string())),
                Err(why) => Some(why),
            };
            if let Some(why) = end {
                outcome.error = Some(match why {
                    Some(why) => format!("{}; {why}", failure.message),
                    None => failure.message,
                });
                break;
            }
        }
        outcome.finished_at = text::unix_seconds();
        outcome
    }

    /// Waits before the next attempt; the error is why there will be none.
    fn pause(&self, wait: Duration) -> Result<(), &'static str> {
        // A wait beyond the clock's end is none that anyone sees out.
        let until = Instant::now()
            .checked_add(wait)
            .ok_or("the wait has no end")?;
        let mut state = self.lock();
        loop {
            match state.end {
                End::Removed => return Err("not tried again: the channel was taken out"),
                End::At(deadline) if until >= deadline => {
                    return Err("not tried again before the close");
                }
                _ => {}
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            state = self.wait(state, left);
        }
    }

    fn failed(&self, job: &Job, why: &str) -> Outcome {
        Outcome::failed(&self.name, &job.about, job.queued_at, why)
    }

    fn dropped(&self, job: &Job, why: &str) -> Outcome {
        Outcome {
            dropped: true,
            ..self.failed(job, why)
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, longest: Duration) -> MutexGuard<'a, State> {
        let waited = self.changed.wait_timeout(state, longest);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// One attempt; a defect of ours ends with it.
fn attempt(channel: &Channel, job: &Job) -> Result<Option<String>, Failure> {
    let delivery = Delivery {
        about: &job.about,
        id: &job.id,
    };
    catch_unwind(AssertUnwindSafe(|| channel.deliver(delivery)))
        .unwrap_or_else(|_| Err(Failure::final_("internal error: the channel panicked")))
}

/// A single attempt, outside of any queue.
pub(super) fn attempt_once(name: &str, channel: &Channel, job: &Job) -> Outcome {
    let mut outcome = Outcome::failed(name, &job.about, job.queued_at, "");
    outcome.attempts = 1;
    match attempt(channel, job) {
        Ok(remark) => {
            outcome.ok = true;
            outcome.error = remark;
        }
        Err(failure) => outcome.error = Some(failure.message),
    }
    outcome.finished_at = text::unix_seconds();
    outcome
}
