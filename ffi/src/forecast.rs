//! What is to be expected, as plain structs.

use std::ffi::c_char;
use std::mem::offset_of;

use usm_core::judge::forecast::{self, Forecast};
use usm_core::judge::{Exhaustion, MetricForecast};

use crate::finding_numbers::{outcome_number, verdict_number};
use crate::plain::PlainSize;

/// What is expected of a metric at one time ahead: its mean over five minutes then.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_forecast {
    /// sizeof(usm_forecast) in the caller's program, as usm_forecast_init() sets it.
    pub struct_size: u32,
    /// What it is worth: USM_OUTCOME_...
    pub outcome: u32,
    /// How far ahead of the newest value, seconds.
    pub horizon_seconds: f64,
    /// Newest value; NaN when it is not known, and from a usm_forecaster.
    pub now: f64,
    /// The expected value (a median); NaN while learning.
    pub value: f64,
    /// Lower end of the interval that holds 80 of 100 values; NaN while learning.
    pub low_80: f64,
    /// Its upper end.
    pub high_80: f64,
    /// Lower end of the interval that holds 95 of 100 values; NaN while learning.
    pub low_95: f64,
    /// Its upper end.
    pub high_95: f64,
    /// 1 - its mean absolute error / that of "same as now", both on the metric's own past; NaN
    /// before any was scored.
    pub skill: f64,
    /// Earlier forecasts of the kind that were scored.
    pub backtests: u64,
    /// When it was made, seconds since 1970; NaN from a usm_forecaster.
    pub made_at: f64,
    /// The series, e.g. "filesystem_used_percent{mount=\"/\"}"; lives as long as the findings;
    /// NULL from a usm_forecaster.
    pub series: *const c_char,
    /// Unit of the values, e.g. "percent"; as for `series`.
    pub unit: *const c_char,
}

pub(crate) const FORECAST: PlainSize = PlainSize {
    least: offset_of!(usm_forecast, low_80),
    allowed: "sizeof(usm_forecast); call usm_forecast_init() first",
};

/// When a metric reaches a limit, e.g. a disk is full.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_exhaustion {
    /// sizeof(usm_exhaustion) in the caller's program, as usm_exhaustion_init() sets it.
    pub struct_size: u32,
    /// USM_OUTCOME_FORECAST: it is expected to. USM_OUTCOME_SAME_AS_NOW: as far as can be told
    /// it is not. USM_OUTCOME_LEARNING: nothing can be told yet.
    pub outcome: u32,
    /// The limit.
    pub limit: f64,
    /// Newest value; NaN when it is not known, and from a usm_forecaster.
    pub now: f64,
    /// Seconds until then (a median); NaN unless it is expected.
    pub seconds: f64,
    /// Seconds before which only one in ten gets there; NaN unless it is expected.
    pub earliest_seconds: f64,
    /// Seconds until which nine in ten got there; NaN when that may be never.
    pub latest_seconds: f64,
    /// When it was worked out, seconds since 1970; NaN from a usm_forecaster.
    pub made_at: f64,
    /// The series; lives as long as the findings; NULL from a usm_forecaster.
    pub series: *const c_char,
}

pub(crate) const EXHAUSTION: PlainSize = PlainSize {
    least: offset_of!(usm_exhaustion, earliest_seconds),
    allowed: "sizeof(usm_exhaustion); call usm_exhaustion_init() first",
};

/// A number that may not be known.
pub(crate) fn number(value: Option<f64>) -> f64 {
    value.unwrap_or(f64::NAN)
}

impl usm_forecast {
    /// A forecast of a metric that has no name here.
    pub(crate) fn alone(found: &Forecast, struct_size: u32) -> usm_forecast {
        usm_forecast {
            struct_size,
            outcome: verdict_number(found.verdict),
            horizon_seconds: found.horizon_seconds,
            now: f64::NAN,
            value: number(found.value),
            low_80: number(found.low80),
            high_80: number(found.high80),
            low_95: number(found.low95),
            high_95: number(found.high95),
            skill: number(found.skill),
            backtests: found.origins,
            made_at: f64::NAN,
            series: std::ptr::null(),
            unit: std::ptr::null(),
        }
    }

    /// A forecast of a series of the monitor's.
    pub(crate) fn of(
        found: &MetricForecast,
        made_at: f64,
        series: *const c_char,
        unit: *const c_char,
        struct_size: u32,
    ) -> usm_forecast {
        let (low_80, high_80) = found.interval_80.unwrap_or((f64::NAN, f64::NAN));
        let (low_95, high_95) = found.interval_95.unwrap_or((f64::NAN, f64::NAN));
        usm_forecast {
            struct_size,
            outcome: outcome_number(found.outcome),
            horizon_seconds: found.horizon_seconds,
            now: number(found.now),
            value: number(found.value),
            low_80,
            high_80,
            low_95,
            high_95,
            skill: number(found.skill),
            backtests: found.backtests,
            made_at,
            series,
            unit,
        }
    }
}

impl usm_exhaustion {
    /// When a metric that has no name here reaches a limit.
    pub(crate) fn alone(found: &forecast::Exhaustion, struct_size: u32) -> usm_exhaustion {
        usm_exhaustion {
            struct_size,
            outcome: verdict_number(found.verdict),
            limit: found.limit,
            now: f64::NAN,
            seconds: number(found.seconds),
            earliest_seconds: number(found.low_seconds),
            latest_seconds: number(found.high_seconds),
            made_at: f64::NAN,
            series: std::ptr::null(),
        }
    }

    /// When a series of the monitor's is used up.
    pub(crate) fn of(
        found: &Exhaustion,
        made_at: f64,
        series: *const c_char,
        struct_size: u32,
    ) -> usm_exhaustion {
        usm_exhaustion {
            struct_size,
            outcome: outcome_number(found.outcome),
            limit: found.limit,
            now: number(found.now),
            seconds: number(found.seconds),
            earliest_seconds: number(found.earliest_seconds),
            latest_seconds: number(found.latest_seconds),
            made_at,
            series,
        }
    }
}
