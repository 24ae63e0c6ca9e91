//! The forecasts among the findings.

use std::ffi::CString;

use usm_core::judge::{Exhaustion, MetricForecast, Predictions};

use crate::findings::{look, tell_count, usm_findings};
use crate::forecast::{EXHAUSTION, FORECAST, usm_exhaustion, usm_forecast};
use crate::guard::guard;
use crate::plain::{self, element};
use crate::status::usm_status;
use crate::text;

/// Tells how many forecasts there are.
///
/// - count: takes the number.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_forecast_count(
    findings: *const usm_findings,
    count: *mut usize,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { tell_count(findings, count, |found| found.forecasts.forecasts.len()) })
}

/// Copies a forecast of one of the main metrics, by horizon, the nearest one first.
///
/// - index: 0 to the number of forecasts - 1.
/// - forecast: filled as far as its struct_size goes; see usm_forecast_init().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size that
/// no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_forecast_at(
    findings: *const usm_findings,
    index: usize,
    forecast: *mut usm_forecast,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let found = unsafe { look(findings)? };
        let texts = element(&found.forecasts.forecasts, "index", index)?;
        let predictions = &found.state.predictions;
        let (_, of_horizon) = element(&predictions.horizons, "index", texts.horizon)?;
        let forecast_found = element(of_horizon, "index", texts.place)?;
        let make = |struct_size| {
            let (series, unit) = (texts.series.as_ptr(), texts.unit.as_ptr());
            usm_forecast::of(
                forecast_found,
                predictions.made_at,
                series,
                unit,
                struct_size,
            )
        };
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(forecast, "forecast", FORECAST, make) }
    })
}

/// Tells how many things that may be used up there are.
///
/// - count: takes the number.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_exhaustion_count(
    findings: *const usm_findings,
    count: *mut usize,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { tell_count(findings, count, |found| found.forecasts.exhaustion.len()) })
}

/// Copies when something is used up, the soonest one first.
///
/// - index: 0 to the number of things that may be used up - 1.
/// - exhaustion: filled as far as its struct_size goes; see usm_exhaustion_init().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size that
/// no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_exhaustion_at(
    findings: *const usm_findings,
    index: usize,
    exhaustion: *mut usm_exhaustion,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let found = unsafe { look(findings)? };
        let series = element(&found.forecasts.exhaustion, "index", index)?;
        let predictions = &found.state.predictions;
        let exhaustion_found = element(&predictions.exhaustion, "index", index)?;
        let make = |struct_size| {
            let (made_at, series) = (predictions.made_at, series.as_ptr());
            usm_exhaustion::of(exhaustion_found, made_at, series, struct_size)
        };
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(exhaustion, "exhaustion", EXHAUSTION, make) }
    })
}

/// The texts of all forecasts.
pub(crate) struct ForecastTexts {
    forecasts: Vec<OneForecast>,
    exhaustion: Vec<CString>,
}

/// The texts of one, and where it is.
struct OneForecast {
    horizon: usize,
    place: usize,
    series: CString,
    unit: CString,
}

impl ForecastTexts {
    pub(crate) fn of(predictions: &Predictions) -> ForecastTexts {
        let texts = |horizon: usize, place: usize, forecast: &MetricForecast| OneForecast {
            horizon,
            place,
            series: text::kept(&forecast.series.to_string()),
            unit: text::kept(&text::word(&forecast.unit)),
        };
        let horizons = predictions.horizons.iter().enumerate();
        let all = horizons.flat_map(|(horizon, (_, forecasts))| {
            let forecasts = forecasts.iter().enumerate();
            forecasts.map(move |(place, forecast)| texts(horizon, place, forecast))
        });
        let series = |exhaustion: &Exhaustion| text::kept(&exhaustion.series.to_string());
        ForecastTexts {
            forecasts: all.collect(),
            exhaustion: predictions.exhaustion.iter().map(series).collect(),
        }
    }
}
