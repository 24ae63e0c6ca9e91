//! The public face: channels by name, each with a queue and a thread of its own.

mod lane;
mod report;

use std::collections::BTreeMap;
use std::fmt;
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::channel::Channel;
use crate::{ChannelConfig, Counts, Error, Notification, Outcome, sys, text};

use lane::{Job, Lane};
use report::Reporter;

pub use report::OnOutcome;

/// Sends notifications over channels, and tells what became of each.
///
/// Each channel has a thread of its own that delivers in the order of [`Notifier::send`]: a
/// channel that hangs or waits holds up its own later notifications, and no other channel.
/// A delivery that was tried again may arrive twice (the other side took it, but its answer
/// got lost): the id that goes with it, as `Idempotency-Key`, `Message-ID` or
/// `USM_ALERT_DELIVERY`, is then the same.
///
/// Threads begin in [`Notifier::new`], [`Notifier::set_channels`] and [`Notifier::test`], never
/// in [`Notifier::send`]: what a thread has of its own (its table of descriptors, its
/// namespaces) is only then handed on.
///
/// All methods may be called from any thread. In a forked child they do nothing, since the
/// threads are the parent's.
pub struct Notifier {
    lanes: Mutex<Lanes>,
    reporter: Arc<Reporter>,
    owner: u32,
}

#[derive(Default)]
struct Lanes {
    by_name: BTreeMap<String, (ChannelConfig, Arc<Lane>)>,
    /// Taken out and perhaps still at their last attempt.
    removed: Vec<Arc<Lane>>,
    is_closed: bool,
}

impl Notifier {
    /// Starts the threads and reads the environment variables that the channels name.
    /// `on_outcome` runs on a thread of its own, for one outcome after the other.
    ///
    /// # Errors
    /// [`Error::Config`] for a channel that can't be used, [`Error::Thread`].
    pub fn new(
        channels: BTreeMap<String, ChannelConfig>,
        on_outcome: OnOutcome,
    ) -> Result<Notifier, Error> {
        let channels = prepared(channels)?;
        let reporter = Reporter::start(on_outcome).map_err(Error::Thread)?;
        let notifier = Notifier {
            lanes: Mutex::default(),
            reporter: Arc::new(reporter),
            owner: process::id(),
        };
        notifier.install(channels)?;
        Ok(notifier)
    }

    /// Hands a notification to these channels and returns at once. A channel that is named
    /// twice gets it once; one that there is not has a failed outcome.
    pub fn send<S: AsRef<str>>(&self, channels: &[S], notification: Arc<Notification>) {
        if self.is_in_child() {
            return;
        }
        let lanes = self.lock();
        for (index, name) in channels.iter().enumerate() {
            let name = name.as_ref();
            if channels[..index]
                .iter()
                .any(|earlier| earlier.as_ref() == name)
            {
                continue;
            }
            match lanes.by_name.get(name) {
                Some((_, lane)) => lane.push(Job::new(Arc::clone(&notification)), &self.reporter),
                None => self
                    .reporter
                    .report_now(unknown(name, &notification, &lanes)),
            }
        }
    }

    /// Sends a sample over one channel, with a single attempt, and waits for what becomes of
    /// it. It goes past the queue and is neither counted nor told to `on_outcome`.
    pub fn test(&self, channel: &str) -> Outcome {
        let sample = Arc::new(sample(channel));
        if self.is_in_child() {
            let why = "this notifier belongs to the parent of this forked process";
            return Outcome::failed(channel, &sample, text::unix_seconds(), why);
        }
        let found = match self.lock().by_name.get(channel) {
            Some((_, lane)) => Ok(lane.channel()),
            None => Err(()),
        };
        let Ok(found) = found else {
            return unknown(channel, &sample, &self.lock());
        };
        let (name, job) = (channel.to_string(), Job::new(Arc::clone(&sample)));
        let failed = |why: &str| Outcome::failed(channel, &sample, text::unix_seconds(), why);
        // On a thread whose signals are blocked, as every delivery.
        match sys::spawn("usm-notify", move || {
            lane::attempt_once(&name, &found, &job)
        }) {
            Ok(thread) => thread
                .join()
                .unwrap_or_else(|_| failed("internal error: the test panicked")),
            Err(error) => failed(&format!("no thread for the test: {error}")),
        }
    }

    /// Replaces the channels. One that is the same as before is untouched; what waits in one
    /// that changed is delivered as it is configured now; what waits in one that is taken
    /// out is dropped, with an outcome.
    ///
    /// # Errors
    /// As [`Notifier::new`]. After [`Error::Config`] nothing has changed.
    pub fn set_channels(&self, channels: BTreeMap<String, ChannelConfig>) -> Result<(), Error> {
        if self.is_in_child() {
            return Ok(());
        }
        self.install(prepared(channels)?)
    }

    /// Names of the channels, in order.
    pub fn channels(&self) -> Vec<String> {
        match self.is_in_child() {
            true => Vec::new(),
            false => self.lock().by_name.keys().cloned().collect(),
        }
    }

    /// How many notifications there were.
    pub fn counts(&self) -> Counts {
        self.reporter.counts()
    }

    /// Takes no more, delivers what waits, and ends. What is not delivered within `longest`
    /// is dropped, with an outcome; false is the answer then, and a thread may still be at
    /// its last attempt. A second close does nothing.
    pub fn close(&self, longest: Duration) -> bool {
        if self.is_in_child() {
            return true;
        }
        let deadline = Instant::now() + longest.min(Duration::from_secs(86_400));
        let mut lanes = self.lock();
        if std::mem::replace(&mut lanes.is_closed, true) {
            return true;
        }
        let mut all = std::mem::take(&mut lanes.removed);
        all.extend(lanes.by_name.values().map(|(_, lane)| Arc::clone(lane)));
        drop(lanes);
        for lane in &all {
            lane.end_by(deadline);
        }
        let mut is_done = true;
        for lane in &all {
            is_done &= lane.join(deadline, &self.reporter);
        }
        self.reporter.close(deadline) && is_done
    }

    fn install(&self, channels: BTreeMap<String, (ChannelConfig, Channel)>) -> Result<(), Error> {
        let mut lanes = self.lock();
        if lanes.is_closed {
            return Ok(());
        }
        lanes.removed.retain(|lane| Arc::strong_count(lane) > 1);
        let mut before = std::mem::take(&mut lanes.by_name);
        let mut failed = Ok(());
        for (name, (config, channel)) in channels {
            let lane = match before.remove(&name) {
                Some((_, lane)) => {
                    lane.replace(channel);
                    lane
                }
                None => match Lane::start(&name, channel, &self.reporter) {
                    Ok(lane) => lane,
                    Err(error) => {
                        failed = Err(Error::Thread(error));
                        continue;
                    }
                },
            };
            lanes.by_name.insert(name, (config, lane));
        }
        for (_, lane) in before.into_values() {
            lane.remove(&self.reporter);
            lanes.removed.push(lane);
        }
        failed
    }

    /// The lock may be held in a child for ever, by a thread that is not there.
    fn is_in_child(&self) -> bool {
        process::id() != self.owner
    }

    fn lock(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Notifier {
    /// Closes without waiting: call [`Notifier::close`] before.
    fn drop(&mut self) {
        self.close(Duration::ZERO);
    }
}

impl fmt::Debug for Notifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notifier")
            .field("channels", &self.channels())
            .field("counts", &self.counts())
            .finish()
    }
}

fn prepared(
    channels: BTreeMap<String, ChannelConfig>,
) -> Result<BTreeMap<String, (ChannelConfig, Channel)>, Error> {
    let each = channels.into_iter().map(|(name, config)| {
        let channel = Channel::new(&name, config.clone())?;
        Ok((name, (config, channel)))
    });
    each.collect()
}

fn unknown(name: &str, about: &Notification, lanes: &Lanes) -> Outcome {
    let known: Vec<_> = lanes.by_name.keys().map(String::as_str).collect();
    let known = match known.is_empty() {
        true => "there are none".to_string(),
        false => format!("known are {}", known.join(", ")),
    };
    let why = format!("no channel {name:?}: {known}");
    Outcome::failed(name, about, text::unix_seconds(), &why)
}

fn sample(channel: &str) -> Notification {
    let now = text::unix_seconds();
    Notification {
        rule: "test".into(),
        status: "test".into(),
        severity: "info".into(),
        title: "Test of a notification channel".into(),
        message: format!("This is a test of the channel {channel:?}. Nothing is wrong."),
        host: text::host_name(),
        timestamp: now,
        since: Some(now),
        ..Notification::default()
    }
}
