//! What is foretold from the end of a range on, by the prototype's names.

use usm_core::Result;
use usm_core::history::{Query, Selector};
use usm_core::judge::{MetricForecast, Outcome};

use crate::trend::{MOST_POINTS, Trend};
use crate::{Source, Wanted};

const MIB: f64 = 1024.0 * 1024.0;
const HOUR: f64 = 3600.0;

/// Horizons, hours.
pub(crate) const HORIZONS: [u32; 4] = [1, 6, 24, 168];

/// A metric that is looked at.
#[derive(Debug)]
pub(crate) struct Judged {
    /// The prototype's name.
    pub(crate) name: &'static str,
    pub(crate) series: &'static str,
    divisor: f64,
    /// Change over a range that matters, in the prototype's unit.
    matters: f64,
    /// From this level on, what to say; the highest first.
    advice: &'static [(f64, &'static str)],
}

/// What is looked at. Of what only grows, the rate: its level is no trend.
pub(crate) static JUDGED: [Judged; 7] = [
    Judged {
        name: "cpu_percent",
        series: "cpu_percent",
        divisor: 1.0,
        matters: 2.0,
        advice: &[
            (
                90.0,
                "Processors will be full: end or move work, or add processors",
            ),
            (
                70.0,
                "Processors will be busy: see which processes use them",
            ),
        ],
    },
    Judged {
        name: "memory_percent",
        series: "memory_percent",
        divisor: 1.0,
        matters: 1.0,
        advice: &[
            (
                95.0,
                "Memory will run out: end or limit what uses most of it",
            ),
            (80.0, "Memory will be short: see which processes grow"),
        ],
    },
    Judged {
        name: "disk_percent",
        series: "disk_percent",
        divisor: 1.0,
        matters: 0.5,
        advice: &[
            (
                95.0,
                "The disk will be full: remove what is not needed, or give it more",
            ),
            (85.0, "The disk is filling: see what grows on it"),
        ],
    },
    Judged {
        name: "network_sent_rate",
        series: "network_sent_bytes_per_sec",
        divisor: MIB,
        matters: 0.1,
        advice: &[],
    },
    Judged {
        name: "network_recv_rate",
        series: "network_received_bytes_per_sec",
        divisor: MIB,
        matters: 0.1,
        advice: &[],
    },
    Judged {
        name: "load_average_1",
        series: "load_average_1",
        divisor: 1.0,
        matters: 0.5,
        advice: &[
            (
                10.0,
                "More work than the processors can do will wait for them",
            ),
            (5.0, "Work will wait for the processors"),
        ],
    },
    Judged {
        name: "process_count",
        series: "process_count",
        divisor: 1.0,
        matters: 5.0,
        advice: &[],
    },
];

/// One metric, one horizon, in the prototype's unit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Foretold {
    pub(crate) hours: u32,
    pub(crate) value: f64,
    pub(crate) now: Option<f64>,
    /// Nineteen cases of twenty.
    pub(crate) interval: (f64, f64),
    /// It did better than "the same as now".
    pub(crate) tells: bool,
}

/// A metric over a range, and from its end on.
#[derive(Debug)]
pub(crate) struct Course {
    pub(crate) judged: &'static Judged,
    /// Newest value, in the prototype's unit.
    pub(crate) now: Option<f64>,
    /// Hours that are known.
    pub(crate) hours: f64,
    pub(crate) trend: Option<Trend>,
    pub(crate) ahead: Vec<Foretold>,
}

impl Judged {
    /// Keeps a value where it can be.
    fn possible(&self, value: f64) -> f64 {
        match self.name.ends_with("_percent") {
            true => value.clamp(0.0, 100.0),
            false => value.max(0.0),
        }
    }

    fn scaled(&self, value: f64) -> f64 {
        self.possible(value / self.divisor)
    }

    /// What to say of a value that is to come.
    pub(crate) fn advice(&self, value: f64) -> Option<&'static str> {
        let reached = self.advice.iter().find(|(least, _)| value >= *least);
        reached.map(|(_, text)| *text)
    }

    /// The metric over the range (in few points), and what is to come.
    pub(crate) fn course(&'static self, source: &Source, range: (f64, f64)) -> Result<Course> {
        let points = self.points(source, range)?;
        let known = || points.iter().filter(|(_, value)| !value.is_nan());
        let span = known()
            .next_back()
            .map(|last| last.0)
            .zip(known().next().map(|p| p.0));
        let horizons: Vec<f64> = HORIZONS.iter().map(|h| f64::from(*h) * HOUR).collect();
        let selector = Selector::parse(self.series)?;
        let ahead = source.history.forecast(&selector, range.1, &horizons)?;
        let ahead = ahead.iter().filter_map(|forecast| self.foretold(forecast));
        Ok(Course {
            judged: self,
            now: known().next_back().map(|(_, value)| *value),
            hours: span.map_or(0.0, |(last, first)| (last - first) / HOUR),
            trend: Trend::of(&points, self.matters),
            ahead: ahead.collect(),
        })
    }

    fn points(&self, source: &Source, (since, until): (f64, f64)) -> Result<Vec<(f64, f64)>> {
        let mut query = Query::new(Selector::parse(self.series)?, since, until);
        query.step_seconds = Some(((until - since) / MOST_POINTS as f64).max(1.0).ceil());
        let table = source.history.query(&query)?;
        let Some(column) = table.columns.first() else {
            return Ok(Vec::new());
        };
        let values = column.values.iter().map(|value| value / self.divisor);
        Ok(table.times.iter().copied().zip(values).collect())
    }

    fn foretold(&self, forecast: &MetricForecast) -> Option<Foretold> {
        if forecast.outcome == Outcome::Learning {
            return None;
        }
        let (low, high) = forecast.interval_95?;
        Some(Foretold {
            hours: (forecast.horizon_seconds / HOUR).round() as u32,
            value: self.scaled(forecast.value?),
            now: forecast.now.map(|now| self.scaled(now)),
            interval: (self.scaled(low), self.scaled(high)),
            tells: forecast.outcome == Outcome::Forecast,
        })
    }
}

impl Course {
    /// The value so many hours after the range: as foretold; else by the trend, as far ahead
    /// as it was seen to hold; else as it is now.
    pub(crate) fn at(&self, hours: u32) -> Option<f64> {
        if let Some(foretold) = self.ahead.iter().find(|one| one.hours == hours) {
            return Some(foretold.value);
        }
        let now = self.now?;
        let slope = self.trend.filter(|_| f64::from(hours) <= self.hours);
        let change = slope
            .filter(|trend| trend.direction != crate::Direction::Stable)
            .map_or(0.0, |trend| trend.slope_per_hour * f64::from(hours));
        Some(self.judged.possible(now + change))
    }
}

impl Foretold {
    /// In words.
    pub(crate) fn in_words(&self) -> String {
        let Some(now) = self.now.filter(|_| self.tells) else {
            return "nothing better can be told than: the same as now".into();
        };
        let change = self.value - now;
        let word = if change > 0.0 { "rises" } else { "falls" };
        match change.abs() < 0.05 {
            true => format!("stays within {} h", self.hours),
            false => format!("{word} by {:.1} within {} h", change.abs(), self.hours),
        }
    }
}

/// All of them over the part of the range that there is.
pub(crate) fn courses(
    source: &Source,
    wanted: &Wanted,
    progress: &mut dyn FnMut(f64) -> bool,
) -> Result<Vec<Course>> {
    let Some(range) = source.held(wanted)? else {
        return Ok(Vec::new());
    };
    let mut courses = Vec::new();
    for (done, judged) in JUDGED.iter().enumerate() {
        if !progress(done as f64 / JUDGED.len() as f64) {
            return Err(crate::export::cancelled());
        }
        courses.push(judged.course(source, range)?);
    }
    Ok(courses)
}
