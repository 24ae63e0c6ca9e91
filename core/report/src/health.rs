//! How the machine is and how it was over a range: the prototype's health report, and what it
//! lacked beside it.

use serde::Serialize;
use usm_core::alert::Alert;
use usm_core::judge::forecast::HORIZONS;
use usm_core::judge::{Exhaustion, Incident, Insight, MetricForecast, Scores, SecurityFinding};
use usm_core::state::{State, SystemMetrics};
use usm_core::store::FindingKind;
use usm_core::{Error, Result};

use crate::alerts::fired;
use crate::busiest::Programs;
use crate::curve::Curves;
use crate::export::cancelled;
use crate::past_rows::PastRows;
use crate::source::unread_note;
use crate::{Source, Wanted, predictions};

/// Programs in a list.
const MOST_PROGRAMS: usize = 8;

/// A stored state so much before the end of the range is still the newest, seconds.
const FRESH_SECONDS: f64 = 120.0;

/// Metrics that charts show.
pub(crate) const CHARTED: [&str; 17] = [
    "cpu_percent",
    "memory_percent",
    "swap_percent",
    "disk_percent",
    "load_average_1",
    "network_received_bytes_per_sec",
    "network_sent_bytes_per_sec",
    "disk_read_bytes_per_sec",
    "disk_write_bytes_per_sec",
    "pressure_cpu_some_percent",
    "pressure_memory_some_percent",
    "pressure_io_some_percent",
    "temperature_celsius",
    "process_count",
    "health_score",
    "performance_score",
    "security_score",
];

/// The prototype's summary of health.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HealthSummary {
    /// 0 to 100.
    pub health_score: Option<f64>,
    /// The prototype's word: healthy above 70, warning above 40, else critical.
    pub status: Option<&'static str>,
    /// 0 to 100.
    pub performance_score: Option<f64>,
    /// 0 to 100.
    pub security_score: Option<f64>,
    /// Alerts that fire at the end of the range.
    pub active_alerts: usize,
    /// Alerts that fired in it.
    pub alerts_in_range: usize,
}

/// The report. Its first fields are the prototype's.
#[derive(Debug, Clone, Serialize)]
pub struct Health {
    /// `system_health`.
    pub report_type: &'static str,
    /// E.g. `24h`.
    pub time_range: String,
    /// Unix seconds.
    pub generated_at: f64,
    /// The prototype's metrics at the end of the range; `None` when nothing is known then.
    pub current_metrics: Option<SystemMetrics>,
    /// Scores and counts.
    pub health_summary: HealthSummary,
    /// The range in rows of equal width, by the prototype's names.
    pub historical_data: PastRows,
    /// What could be done, most urgent first.
    pub recommendations: Vec<String>,
    /// Beginning of the range, Unix seconds.
    pub since: f64,
    /// End of the range.
    pub until: f64,
    /// From when to when there are rows.
    pub recorded: (f64, f64),
    /// Name of the machine.
    pub host: Option<String>,
    /// What made the scores.
    pub scores: Option<Scores>,
    /// Those that fired and lasted in the range.
    pub alerts: Vec<Alert>,
    /// Those that lasted in the range.
    pub incidents: Vec<Incident>,
    /// Those that lasted in the range.
    pub insights: Vec<Insight>,
    /// Security findings at the end of the range that are not allowed.
    pub security: Vec<SecurityFinding>,
    /// From the end of the range on.
    pub forecasts: Vec<MetricForecast>,
    /// What runs out, soonest first.
    pub exhaustion: Vec<Exhaustion>,
    /// Programs that used most.
    pub top_processes: Programs,
    /// What the reader should know.
    pub notes: Vec<String>,
    /// For charts.
    #[serde(skip)]
    pub(crate) curves: Curves,
}

/// What is foretold in a report.
const FORETOLD: [&str; 4] = [
    "cpu_percent",
    "memory_percent",
    "disk_percent",
    "load_average_1",
];

impl Health {
    /// Reads it all; `None` when nothing was recorded in the range.
    ///
    /// # Errors
    /// `InvalidArgument` for what is no range; `Store`; `InvalidState` when `progress`
    /// answered false.
    pub fn read(
        source: &Source,
        wanted: &Wanted,
        recommendations: bool,
        progress: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Option<Health>> {
        let Some(range) = source.held(wanted)? else {
            return Ok(None);
        };
        let mut steps = Steps { progress, done: 0 };
        steps.next()?;
        let curves = Curves::read(source, &CHARTED, range)?;
        steps.next()?;
        let state = state_at_end(source, range)?;
        steps.next()?;
        let (alerts, mut notes) = fired(source, wanted)?;
        let (incidents, unread) = source.findings::<Incident>(FindingKind::Incident, wanted)?;
        notes.extend(unread_note(unread, "incidents"));
        let (insights, unread) = source.findings::<Insight>(FindingKind::Insight, wanted)?;
        notes.extend(unread_note(unread, "insights"));
        notes.extend(curves.notes.iter().cloned());
        steps.next()?;
        let top_processes = Programs::read(source, range, MOST_PROGRAMS)?;
        let mut forecasts = Vec::new();
        for metric in FORETOLD {
            steps.next()?;
            forecasts.extend(predictions::ahead(
                source,
                metric,
                range.1,
                &HORIZONS[1..4],
            )?);
        }
        steps.next()?;
        let exhaustion = source.history.exhaustion(range.1)?;
        steps.next()?;
        let historical_data = PastRows::read(source, wanted, range)?;
        let advice = match recommendations {
            true => recommended(source, state.as_ref(), range)?,
            false => Vec::new(),
        };
        let is_open = |alert: &&Alert| alert.resolved_at.is_none_or(|end| end >= range.1);
        let value =
            |read: fn(&Scores) -> Option<f64>| state.as_ref().and_then(|state| read(&state.scores));
        let health_score = value(|scores| scores.health.value);
        Ok(Some(Health {
            report_type: "system_health",
            time_range: wanted.label(),
            generated_at: now(),
            current_metrics: state.as_ref().and_then(|state| state.record().metrics),
            health_summary: HealthSummary {
                health_score,
                status: health_score.map(status),
                performance_score: value(|scores| scores.performance.value),
                security_score: value(|scores| scores.security.value),
                active_alerts: alerts.iter().filter(is_open).count(),
                alerts_in_range: alerts.len(),
            },
            historical_data,
            recommendations: advice,
            since: wanted.since,
            until: wanted.until,
            recorded: range,
            host: state.as_ref().and_then(host),
            security: state.as_ref().map(security).unwrap_or_default(),
            scores: state.map(|state| state.scores),
            alerts,
            incidents: incidents.into_iter().map(|found| found.value).collect(),
            insights: insights.into_iter().map(|found| found.value).collect(),
            forecasts,
            exhaustion,
            top_processes,
            notes,
            curves,
        }))
    }
}

/// The prototype's word for a health score.
pub(crate) fn status(score: f64) -> &'static str {
    match score {
        good if good > 70.0 => "healthy",
        fair if fair > 40.0 => "warning",
        _ => "critical",
    }
}

/// The state at the end of the range, `None` where nothing was recorded then.
pub(crate) fn state_at_end(source: &Source, range: (f64, f64)) -> Result<Option<State>> {
    match source.history.state_at(range.1) {
        Ok(past) => Ok(Some(past.state)),
        Err(Error::NotFound { .. } | Error::InvalidArgument { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(crate) fn host(state: &State) -> Option<String> {
    let sample = state.sample.as_deref()?;
    sample.host.hostname.as_deref().map(str::to_owned)
}

fn security(state: &State) -> Vec<SecurityFinding> {
    let open = state.security.iter().filter(|finding| !finding.allowed);
    open.cloned().collect()
}

/// What the monitor recommended last, if that is of the end of the range; else what can be
/// told of the last sample.
fn recommended(source: &Source, state: Option<&State>, range: (f64, f64)) -> Result<Vec<String>> {
    let newest = source.reader.latest_state()?;
    let stored = newest
        .filter(|row| (row.timestamp - range.1).abs() <= FRESH_SECONDS)
        .and_then(|row| row.recommendations_data)
        .and_then(|data| serde_json::from_str::<Vec<String>>(&data).ok());
    let judged = || {
        let advice = state.map(|state| state.recommendations.iter());
        advice
            .into_iter()
            .flatten()
            .map(|advice| advice.text.clone())
            .collect()
    };
    Ok(stored.unwrap_or_else(judged))
}

/// Seconds since 1970 by the wall clock.
pub(crate) fn now() -> f64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

/// Steps of the work, told as a share.
struct Steps<'a> {
    progress: &'a mut dyn FnMut(f64) -> bool,
    done: u32,
}

/// How many there are.
const STEPS: f64 = 10.0;

impl Steps<'_> {
    fn next(&mut self) -> Result<()> {
        let share = f64::from(self.done) / STEPS;
        self.done += 1;
        match (self.progress)(share.min(1.0)) {
            true => Ok(()),
            false => Err(cancelled()),
        }
    }
}
