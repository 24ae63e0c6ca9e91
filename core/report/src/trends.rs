//! Where the machine's main metrics went over a range: the prototype's trend report, with
//! slopes that are told from chance.

use serde::Serialize;
use usm_core::Result;

use crate::curve::{Curves, Figures};
use crate::export::cancelled;
use crate::health::{host, now, state_at_end};
use crate::past_rows::PastRows;
use crate::{Source, Trend, Wanted};

/// A metric of the report: the report's name, the engine's, and the change that matters.
pub(crate) struct Followed {
    pub(crate) name: &'static str,
    pub(crate) series: &'static str,
    matters: f64,
}

const fn followed(name: &'static str, series: &'static str, matters: f64) -> Followed {
    Followed {
        name,
        series,
        matters,
    }
}

/// The prototype's three, and more.
const MAIN: usize = 3;
pub(crate) static FOLLOWED: [Followed; 13] = [
    followed("cpu", "cpu_percent", 2.0),
    followed("memory", "memory_percent", 1.0),
    followed("disk", "disk_percent", 0.5),
    followed("swap", "swap_percent", 1.0),
    followed("load_average_1", "load_average_1", 0.5),
    followed("processes", "process_count", 5.0),
    followed("threads", "thread_count", 20.0),
    followed(
        "network_received",
        "network_received_bytes_per_sec",
        65_536.0,
    ),
    followed("network_sent", "network_sent_bytes_per_sec", 65_536.0),
    followed("disk_read", "disk_read_bytes_per_sec", 65_536.0),
    followed("disk_write", "disk_write_bytes_per_sec", 65_536.0),
    followed("temperature", "temperature_celsius", 2.0),
    followed("health_score", "health_score", 2.0),
];

/// One metric over the range.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Course {
    /// The prototype's numbers.
    #[serde(flatten)]
    pub figures: Figures,
    /// `increasing`, `decreasing` or `stable`; `None` of too few values.
    pub trend: Option<&'static str>,
    /// Change per hour; `None` of too few values.
    pub slope_per_hour: Option<f64>,
    /// Change over the range.
    pub change: Option<f64>,
    /// How likely so much order is by chance.
    pub p_value: Option<f64>,
}

/// Courses by name, in this order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Courses(pub Vec<(&'static str, Course)>);

impl Serialize for Courses {
    fn serialize<S: serde::Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, course)| (name, course)))
    }
}

/// The report. Its first fields are the prototype's.
#[derive(Debug, Clone, Serialize)]
pub struct Trends {
    /// `performance_trends`.
    pub report_type: &'static str,
    /// E.g. `7d`.
    pub time_range: String,
    /// Unix seconds.
    pub generated_at: f64,
    /// `cpu`, `memory` and `disk`.
    pub trends: Courses,
    /// The range in rows of equal width, by the prototype's names.
    pub historical_data: PastRows,
    /// Of what else is known.
    pub other_trends: Courses,
    /// Beginning of the range, Unix seconds.
    pub since: f64,
    /// End of the range.
    pub until: f64,
    /// From when to when there are rows.
    pub recorded: (f64, f64),
    /// Name of the machine.
    pub host: Option<String>,
    /// What the reader should know.
    pub notes: Vec<String>,
    /// For charts.
    #[serde(skip)]
    pub(crate) curves: Curves,
}

impl Trends {
    /// Reads it all; `None` when nothing was recorded in the range.
    ///
    /// # Errors
    /// As [`crate::Health::read`].
    pub fn read(
        source: &Source,
        wanted: &Wanted,
        progress: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Option<Trends>> {
        let Some(range) = source.held(wanted)? else {
            return Ok(None);
        };
        let mut told = |share: f64| match progress(share) {
            true => Ok(()),
            false => Err(cancelled()),
        };
        told(0.0)?;
        let series = FOLLOWED.each_ref().map(|followed| followed.series);
        let curves = Curves::read(source, &series, range)?;
        told(0.4)?;
        let historical_data = PastRows::read(source, wanted, range)?;
        told(0.8)?;
        let of = |list: &[Followed]| -> Courses {
            let known = list
                .iter()
                .filter_map(|followed| Some((followed.name, course(followed, &curves)?)));
            Courses(known.collect())
        };
        let (main, others) = FOLLOWED.split_at(MAIN);
        let mut trends = of(main);
        // The prototype's three are always there, also where nothing is known.
        for (place, followed) in main.iter().enumerate() {
            if trends
                .0
                .get(place)
                .is_none_or(|(name, _)| *name != followed.name)
            {
                trends.0.insert(place, (followed.name, Course::unknown()));
            }
        }
        Ok(Some(Trends {
            report_type: "performance_trends",
            time_range: wanted.label(),
            generated_at: now(),
            trends,
            historical_data,
            other_trends: of(others),
            since: wanted.since,
            until: wanted.until,
            recorded: range,
            host: state_at_end(source, range)?.as_ref().and_then(host),
            notes: curves.notes.clone(),
            curves,
        }))
    }
}

impl Course {
    fn unknown() -> Course {
        Course {
            figures: Figures::default(),
            trend: None,
            slope_per_hour: None,
            change: None,
            p_value: None,
        }
    }
}

fn course(followed: &Followed, curves: &Curves) -> Option<Course> {
    let curve = curves.get(followed.series)?;
    let trend = Trend::of(&curve.points(&curves.times), followed.matters);
    Some(Course {
        figures: curve.figures(),
        trend: trend.map(|trend| trend.direction.name()),
        slope_per_hour: trend.map(|trend| trend.slope_per_hour),
        change: trend.map(|trend| trend.change),
        p_value: trend.map(|trend| trend.p_value),
    })
}
