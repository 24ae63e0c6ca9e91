//! The loop on the sampling thread: wait, sample, judge, publish, tell, remember.
//!
//! Nothing here calls foreign code: the thread may have a file-descriptor table of its own,
//! in which a callback's or a logger's descriptors would not exist.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::control::{Control, Wake};
use super::memory::{self, OpenFindings};
use super::shared::Shared;
use super::telling::Teller;
use crate::alert::{Active, Change};
use crate::config::Config;
use crate::error::Result;
use crate::judge::{Allow, JudgeSettings, Judgement};
use crate::sample::{Metrics, Sample, Sampler, SamplerSettings};
use crate::series::{Frame, FrameTaker, settle};
use crate::state::{State, StateRecord};
use crate::store::{JudgedRow, PerformanceRow, Row, StateRow};
use crate::sys;

/// Time between the first two samples, so that the first published state has its rates.
const WARM_UP: Duration = Duration::from_millis(100);
/// Least time between a sample and one that somebody asks for: the kernel counts processor
/// time in ticks of 10 ms or less, and over fewer of them a share means nothing.
const LEAST_BASE: Duration = Duration::from_millis(50);
/// Published samples whose memory waits to be used again.
const SPARE_SAMPLES: usize = 3;
/// Ticks between two looks at which sources can be read.
const SOURCES_EVERY: u64 = 30;
/// Descriptors that a private table keeps free for what is opened and closed again.
const SPARE_DESCRIPTORS: u64 = 64;
/// Most descriptors that are kept in it: each costs the kernel a page.
const MOST_DESCRIPTORS: u64 = 4096;

pub(super) struct Engine {
    shared: Arc<Shared>,
    config: Arc<Config>,
    has_private_descriptors: bool,
    sampler: Sampler,
    frames: FrameTaker,
    /// The frames go into the history.
    has_history: bool,
    teller: Teller,
    /// When the memory was last saved, by the clock that never jumps.
    saved_at: Option<f64>,
    spare: Vec<Arc<Sample>>,
    jitter: u64,
}

/// What one sample led to.
#[derive(Default)]
struct Judged {
    judgement: Judgement,
    changes: Vec<Change>,
    alerts: Active,
    frame: Frame,
}

impl Engine {
    pub(super) fn new(shared: Arc<Shared>, open: OpenFindings) -> Result<Engine> {
        let config = shared.config.load_full();
        // Where the kernel can't do it, the descriptors are shared and fewer are kept.
        let has_private_descriptors = config.private_descriptors && sys::private_fd_table().is_ok();
        shared.lock_judge().set_settings(judge_settings(&config));
        let sampler = Sampler::new(sampler_settings(&config, has_private_descriptors))?;
        let has_history = shared.store.is_some() && config.history_enabled;
        Ok(Engine {
            frames: FrameTaker::new(config.history_top_processes),
            has_history,
            teller: Teller::new(open),
            saved_at: None,
            jitter: u64::from(std::process::id()) ^ sys::moment().unix_seconds.to_bits(),
            spare: Vec::with_capacity(SPARE_SAMPLES + 1),
            has_private_descriptors,
            sampler,
            config,
            shared,
        })
    }

    pub(super) fn run(mut self, control: &Control) {
        let mut first = Sample::default();
        if self.config.enable_monitoring && self.sampler.sample(&mut first).is_ok() {
            self.spare.push(Arc::new(first));
            let warm = Instant::now() + WARM_UP;
            loop {
                match control.wait_until(warm) {
                    Wake::Time => break,
                    // The first state is what was asked for.
                    Wake::Sample => {}
                    Wake::Settings => drop(self.take_up_settings(warm)),
                    Wake::Stop => return,
                }
            }
        }
        let mut planned = Instant::now();
        loop {
            self.tick();
            let ticked = Instant::now();
            let interval = Duration::from_secs_f64(self.config.refresh_interval);
            planned += interval;
            let now = Instant::now();
            if planned < now {
                // Late by more than one interval: what was missed is not made up for.
                planned = now + interval;
            }
            let mut due = planned + self.next_jitter();
            loop {
                match control.wait_until(due) {
                    Wake::Time => break,
                    Wake::Sample => {
                        planned = Instant::now().max(ticked + LEAST_BASE);
                        due = planned;
                    }
                    Wake::Settings => {
                        planned = self.take_up_settings(planned);
                        due = planned + self.next_jitter();
                    }
                    Wake::Stop => return,
                }
            }
        }
    }

    fn tick(&mut self) {
        let started = Instant::now();
        self.shared.published.begin();
        let mut sample = self.blank_sample();
        if !self.config.enable_monitoring {
            self.publish(None, started);
            return;
        }
        let Some(unshared) = Arc::get_mut(&mut sample) else {
            return;
        };
        match self.sampler.sample(unshared) {
            Ok(()) => {
                // What is judged now and what is judged again from the history are the
                // same numbers.
                settle(unshared);
                self.shared.end_sampling_failure();
                self.publish(Some(sample), started);
            }
            Err(error) => {
                let reason = error.to_string();
                if self.shared.fail_sampling(&reason) {
                    self.shared
                        .remember_event("sampling_failed", "high", reason);
                }
            }
        }
    }

    /// What a sample means, as findings and alerts; with its frame.
    fn judge(&mut self, previous: &State, sample: &Sample, metrics: &Metrics) -> Judged {
        // The last row that was lost may have held context that no later one repeats.
        let lost = self
            .shared
            .store
            .as_ref()
            .map(|store| store.health().rows_dropped);
        if lost != previous.store.as_ref().map(|store| store.rows_dropped) {
            self.frames.say_all_again();
        }
        let mut frame = self.frames.take(sample, metrics);
        let judgement = self.shared.lock_judge().judge(sample, metrics, &mut frame);
        let now = sample.moment.unix_seconds;
        let was_asked = self.answer_requests(now);
        let mut alerts = Active::default();
        let mut changes = self.shared.alerts.take_changes();
        if self.config.enable_alerts && !self.shared.is_recording {
            let (more, active) = self.shared.alerts.evaluate(now, &frame, &judgement);
            changes.extend(more);
            alerts = active;
        }
        if was_asked || !changes.is_empty() {
            memory::save_alerts(&self.shared);
        }
        Judged {
            judgement,
            changes,
            alerts,
            frame,
        }
    }

    /// Does what other processes ask, and answers them; whether there was anything.
    fn answer_requests(&self, now: f64) -> bool {
        let requests = self.shared.alerts.take_requests();
        let was_asked = !requests.is_empty();
        for asked in requests {
            if let Err(error) = self.shared.answer(&asked.request, now) {
                self.shared
                    .remember_event("request_refused", "low", error.to_string());
            }
            self.shared
                .append(Row::Judged(JudgedRow::Answered(asked.id, now)));
        }
        was_asked
    }

    /// Keeps what was learnt, now and then.
    fn keep_memory(&mut self, state: &State) {
        let Some(sample) = &state.sample else { return };
        let now = sample.moment.monotonic_seconds;
        let saved = *self.saved_at.get_or_insert(now);
        if now - saved >= memory::SAVE_EVERY {
            self.saved_at = Some(now);
            memory::save(&self.shared);
        }
    }

    /// Judges and publishes a sample, and passes it on.
    fn publish(&mut self, sample: Option<Arc<Sample>>, started: Instant) {
        let sampled = Instant::now();
        let previous = self.shared.state.load_full();
        let metrics = sample.as_deref().map(Metrics::of).unwrap_or_default();
        let judged = match sample.as_deref() {
            Some(sample) => self.judge(&previous, sample, &metrics),
            None => Judged::default(),
        };
        let done_judging = Instant::now();
        let timestamp = match &sample {
            Some(sample) => sample.moment.unix_seconds,
            None => sys::moment().unix_seconds,
        };
        let state = Arc::new(State {
            sequence: previous.sequence + 1,
            timestamp,
            metrics,
            store: self.shared.store.as_ref().map(|store| store.health()),
            events: self.shared.bus.health(),
            sample: sample.clone(),
            alerts: judged.alerts,
            ..State::judged(judged.judgement)
        });
        let record = Arc::new(state.record());
        if state.sequence % SOURCES_EVERY == 1 || self.shared.sources.load().is_empty() {
            self.shared.sources.store(Arc::new(self.sampler.sources()));
        }
        // First, so that whoever has seen a state finds it in the history.
        self.remember_series(judged.frame);
        self.shared.publish(state.clone(), record.clone());
        self.teller
            .tell(&self.shared, &previous, &state, &judged.changes);
        self.remember(&state, &record);
        self.keep_memory(&state);

        self.note_timings(&previous, &state, [started, sampled, done_judging]);
        if let Some(sample) = sample {
            self.keep_for_reuse(sample);
        }
    }

    /// How long each step took: for the report, and in the database.
    fn note_timings(
        &self,
        previous: &State,
        state: &State,
        [started, sampled, judged]: [Instant; 3],
    ) {
        let overhead = state.sample.as_ref().map(|sample| sample.overhead);
        let commit = state.store.as_ref().filter(|store| {
            previous
                .store
                .as_ref()
                .is_some_and(|before| before.last_commit != store.last_commit)
        });
        let timings = [
            (
                "unified_monitor",
                "state_collection",
                Some(started.elapsed().as_secs_f64()),
            ),
            (
                "system_monitor",
                "collect_metrics",
                overhead.map(|o| o.sample_seconds),
            ),
            (
                "process_manager",
                "scan_processes",
                overhead.and_then(|o| o.process_scan_seconds),
            ),
            ("judge", "judge", Some((judged - sampled).as_secs_f64())),
            ("event", "publish", Some(judged.elapsed().as_secs_f64())),
            (
                "store",
                "commit",
                commit.and_then(|store| store.last_commit_seconds),
            ),
        ];
        let mut known = self.shared.lock_timings();
        for (component, operation, seconds) in timings {
            let Some(seconds) = seconds else { continue };
            known.add(component, operation, seconds, sampled);
            if self.shared.is_recording {
                continue;
            }
            self.shared.append(Row::Performance(PerformanceRow {
                component_name: component.into(),
                operation_name: operation.into(),
                execution_time: seconds,
                memory_usage: None,
                cpu_usage: None,
                timestamp: state.timestamp,
            }));
        }
    }

    /// Hands the sample to the history.
    fn remember_series(&self, frame: Frame) {
        if self.has_history && !frame.parts.is_empty() {
            self.shared.append(Row::Frame(Arc::new(frame)));
        }
    }

    fn remember(&self, state: &State, record: &StateRecord) {
        if self.shared.is_recording {
            return;
        }
        let json = |value: serde_json::Result<String>| value.ok();
        self.shared.append(Row::State(StateRow {
            timestamp: state.timestamp,
            health_score: record.health_score,
            performance_score: record.performance_score,
            security_score: record.security_score,
            metrics_data: record
                .metrics
                .as_ref()
                .and_then(|m| json(serde_json::to_string(m))),
            alerts_data: record
                .alerts
                .as_ref()
                .and_then(|alerts| json(serde_json::to_string(alerts))),
            recommendations_data: record
                .recommendations
                .as_ref()
                .and_then(|texts| json(serde_json::to_string(texts))),
            predictions_data: predictions_data(record),
            insights_data: record
                .insights
                .as_ref()
                .and_then(|insights| json(serde_json::to_string(insights))),
        }));
    }

    /// A sample to write into: the memory of an old one that nobody reads any more.
    fn blank_sample(&mut self) -> Arc<Sample> {
        let free = self
            .spare
            .iter_mut()
            .position(|sample| Arc::get_mut(sample).is_some());
        let mut sample = match free {
            Some(at) => self.spare.swap_remove(at),
            None => Arc::default(),
        };
        if !self.sampler.scans_processes_next()
            && let Some(newest) = &self.shared.state.load().sample
            && let Some(blank) = Arc::get_mut(&mut sample)
        {
            blank.processes.clone_from(&newest.processes);
        }
        sample
    }

    fn keep_for_reuse(&mut self, sample: Arc<Sample>) {
        self.spare.push(sample);
        if self.spare.len() > SPARE_SAMPLES {
            self.spare.remove(0);
        }
    }

    fn take_up_settings(&mut self, planned: Instant) -> Instant {
        let old_interval = self.config.refresh_interval;
        let old_top = self.config.history_top_processes;
        self.config = self.shared.config.load_full();
        if self.config.history_top_processes != old_top {
            self.frames = FrameTaker::new(self.config.history_top_processes);
        }
        self.shared
            .lock_judge()
            .set_settings(judge_settings(&self.config));
        self.sampler
            .set_settings(sampler_settings(&self.config, self.has_private_descriptors));
        if self.config.refresh_interval == old_interval {
            return planned;
        }
        // The new interval counts from the last sample on.
        let last = planned.checked_sub(Duration::from_secs_f64(old_interval));
        let next = last.unwrap_or_else(Instant::now)
            + Duration::from_secs_f64(self.config.refresh_interval);
        next.max(Instant::now())
    }

    /// A little later than planned, by a share of the interval that varies.
    fn next_jitter(&mut self) -> Duration {
        // SplitMix64: no secret, only not in step with the kernel.
        self.jitter = self.jitter.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.jitter;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let share = ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64;
        let most = self.config.refresh_interval * self.config.jitter_percent / 100.0;
        Duration::from_secs_f64(share * most)
    }
}

/// The headline's forecasts as JSON: those of every device would be most of the row.
fn predictions_data(record: &StateRecord) -> Option<String> {
    let predictions = record.predictions.as_ref()?;
    serde_json::to_string(&predictions.headline()).ok()
}

fn judge_settings(config: &Config) -> JudgeSettings {
    JudgeSettings {
        analytics: config.enable_analytics,
        allow: Allow::new(&config.security_allow),
    }
}

fn sampler_settings(config: &Config, has_private_descriptors: bool) -> SamplerSettings {
    let mut settings = config.sampler_settings();
    if has_private_descriptors {
        let most = sys::fd_limit()
            .saturating_sub(SPARE_DESCRIPTORS)
            .min(MOST_DESCRIPTORS);
        settings.processes.kept_files = most as usize;
    }
    settings
}
