//! Forecasts for values of the caller's own.

use std::ffi::c_char;
use std::mem::offset_of;

use usm_core::Error;
use usm_core::judge::forecast::{ForecastSettings, Forecaster};

use crate::failure::Failure;
use crate::forecast::{EXHAUSTION, FORECAST, usm_exhaustion, usm_forecast};
use crate::guard::{guard, guard_value};
use crate::handle::{Held, Opaque, free, new_handle, open, out_pointer};
use crate::model_text;
use crate::owned::Owned;
use crate::plain::{self, PlainSize};
use crate::status::usm_status;
use crate::text;

/// The metric is never below usm_forecaster_options.lowest.
pub const USM_BOUND_LOWEST: u32 = 1;
/// The metric is never above usm_forecaster_options.highest.
pub const USM_BOUND_HIGHEST: u32 = 2;

/// Learns one metric and says what is to be expected of it: the one that the monitor uses for
/// its own metrics. It needs no monitor. Made by usm_forecaster_new() or usm_forecaster_load(),
/// ended by usm_forecaster_free(). Its memory is bounded, about 12 KB. Any number of threads may
/// use it; one call is answered at a time.
pub struct usm_forecaster {
    _opaque: (),
}

impl Opaque for usm_forecaster {
    type Value = Owned<Forecaster>;
    const MAGIC: u64 = 0x7573_6d20_666f_7265;
    const NAME: &'static str = "usm_forecaster";
}

// What the header promises of threads.
const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<Owned<Forecaster>>();
};

/// What a saved forecaster begins with.
const SAVED: &str = "usm-forecaster";

/// What is known of a metric beforehand. Begin with `usm_forecaster_options options =
/// USM_FORECASTER_OPTIONS_INIT;`: nothing.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_forecaster_options {
    /// sizeof(usm_forecaster_options) in the caller's program.
    pub struct_size: u32,
    /// Which of the two below hold: USM_BOUND_LOWEST | USM_BOUND_HIGHEST, either or 0.
    pub bounds: u32,
    /// The least value that the metric can have, e.g. 0; no interval goes below it.
    pub lowest: f64,
    /// The greatest value that it can have, e.g. 100; no interval goes above it.
    pub highest: f64,
}

const OPTIONS: PlainSize = PlainSize {
    least: offset_of!(usm_forecaster_options, lowest),
    allowed: "sizeof(usm_forecaster_options); begin with USM_FORECASTER_OPTIONS_INIT",
};

/// What NULL stands for.
const NOTHING: usm_forecaster_options = usm_forecaster_options {
    struct_size: size_of::<usm_forecaster_options>() as u32,
    bounds: 0,
    lowest: 0.0,
    highest: 0.0,
};

/// Makes a forecaster that knows nothing yet.
///
/// - options: see USM_FORECASTER_OPTIONS_INIT; NULL for these.
/// - forecaster: takes the handle, to be ended by usm_forecaster_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for bounds that are NaN or in the wrong order, or a
/// struct_size that no version of this header has; USM_ERR_UNSUPPORTED for an option of a later
/// version.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_forecaster_new(
    options: *const usm_forecaster_options,
    forecaster: *mut *mut usm_forecaster,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let forecaster = unsafe { out_pointer(forecaster, "forecaster")? };
        // SAFETY: by the contract of the header: NULL or a struct of the caller's.
        let settings = unsafe { settings_of(options)? };
        *forecaster = new_handle(Owned::new(Forecaster::new(settings)))?;
        Ok(())
    })
}

/// Ends a forecaster and forgets what it learnt; see usm_forecaster_save().
///
/// - forecaster: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
///
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_forecaster_free(forecaster: *mut *mut usm_forecaster) {
    // SAFETY: by the contract of the header: NULL, or the address of a handle or of NULL.
    guard_value((), || unsafe { free(forecaster, "forecaster") });
}

/// Learns from a value. The same values give the same forecasts.
///
/// - time: of the value, seconds since 1970. A value that comes late by less than an hour is
///   passed over; from further back, the clock was set and the newest hours begin afresh.
/// - value: in whatever unit; NaN, infinities and magnitudes above 1e18 are passed over.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_forecaster_push(
    forecaster: *mut usm_forecaster,
    time: f64,
    value: f64,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        unsafe { at(forecaster)? }.lock()?.push(time, Some(value));
        Ok(())
    })
}

/// Says what is to be expected. It was tried on the metric's own past before: where it was no
/// better than "same as now", or there is too little past, it says so (usm_forecast.outcome).
///
/// - horizon_seconds: how far ahead of the newest value, 0 to 604800 (7 days); beyond that
///   nothing was tried, and nothing is said.
/// - forecast: filled as far as its struct_size goes; see usm_forecast_init().
///
/// Returns: USM_OK, also while learning; USM_ERR_INVALID_ARGUMENT for a horizon that is negative
/// or NaN, or a struct_size that no version of this header has; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_forecaster_forecast(
    forecaster: *const usm_forecaster,
    horizon_seconds: f64,
    forecast: *mut usm_forecast,
) -> usm_status {
    guard(|| {
        if horizon_seconds.is_nan() || horizon_seconds < 0.0 {
            let allowed = "0 or more seconds";
            return Err(Error::invalid("horizon_seconds", horizon_seconds, allowed).into());
        }
        // SAFETY: by the contract of the header: NULL or a handle.
        let found = unsafe { at(forecaster)? }.lock()?.forecast(horizon_seconds);
        let make = |struct_size| usm_forecast::alone(&found, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(forecast, "forecast", FORECAST, make) }
    })
}

/// Says when the metric reaches a limit, from whichever side it is on; one that it is at already
/// is reached at once.
///
/// - limit: in the metric's unit, e.g. 100 for a disk that fills.
/// - exhaustion: filled as far as its struct_size goes; see usm_exhaustion_init().
///
/// Returns: USM_OK, also while learning and when it is never reached; USM_ERR_INVALID_ARGUMENT
/// for a limit that is not finite, or a struct_size that no version of this header has;
/// USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_forecaster_time_to(
    forecaster: *const usm_forecaster,
    limit: f64,
    exhaustion: *mut usm_exhaustion,
) -> usm_status {
    guard(|| {
        if !limit.is_finite() {
            return Err(Error::invalid("limit", limit, "a finite number").into());
        }
        // SAFETY: by the contract of the header: NULL or a handle.
        let found = unsafe { at(forecaster)? }.lock()?.time_to(limit);
        let make = |struct_size| usm_exhaustion::alone(&found, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(exhaustion, "exhaustion", EXHAUSTION, make) }
    })
}

/// Gives what a forecaster has learnt as a text, so that it may go on after a restart: ASCII,
/// one line, about 25 KB.
///
/// - text: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_forecaster_save(
    forecaster: *const usm_forecaster,
    text: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let place = unsafe { out_pointer(text, "text")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let forecaster = unsafe { at(forecaster)? };
        let forecaster = forecaster.lock()?;
        *place = text::give(model_text::save(SAVED, &*forecaster)?)?;
        Ok(())
    })
}

/// Makes a forecaster that goes on where a saved one was, with its options.
///
/// - text: from usm_forecaster_save(); white space around it does not matter.
/// - forecaster: takes the handle, to be ended by usm_forecaster_free().
///
/// Returns: USM_OK; USM_ERR_MALFORMED for a text that was cut or changed, is of a detector, or
/// was saved by a version of the library that learns in another way: then begin with
/// usm_forecaster_new(); USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_UTF8.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_forecaster_load(
    text: *const c_char,
    forecaster: *mut *mut usm_forecaster,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let forecaster = unsafe { out_pointer(forecaster, "forecaster")? };
        // SAFETY: by the contract of the header: NULL or a text.
        let text = unsafe { text::read(text, "text")? };
        let loaded: Forecaster = model_text::load(SAVED, text)?;
        *forecaster = new_handle(Owned::new(loaded))?;
        Ok(())
    })
}

/// # Safety
/// As for [`open`].
unsafe fn at(forecaster: *const usm_forecaster) -> Result<Held<Owned<Forecaster>>, Failure> {
    // SAFETY: by this function's contract.
    unsafe { open(forecaster, "forecaster") }
}

/// # Safety
/// `options` is NULL or points to a struct of as many bytes as it says.
unsafe fn settings_of(options: *const usm_forecaster_options) -> Result<ForecastSettings, Failure> {
    if options.is_null() {
        return Ok(ForecastSettings::default());
    }
    // SAFETY: by this function's contract.
    let asked = unsafe { plain::read(options, "options", OPTIONS, NOTHING)? };
    if asked.bounds & !(USM_BOUND_LOWEST | USM_BOUND_HIGHEST) != 0 {
        let allowed = "USM_BOUND_LOWEST, USM_BOUND_HIGHEST, both or 0";
        return Err(Error::invalid("bounds", asked.bounds, allowed).into());
    }
    let bound = |bit, value, none| if asked.bounds & bit != 0 { value } else { none };
    let lowest = bound(USM_BOUND_LOWEST, asked.lowest, f64::NEG_INFINITY);
    let highest = bound(USM_BOUND_HIGHEST, asked.highest, f64::INFINITY);
    if lowest.is_nan() || highest.is_nan() || lowest >= highest {
        let allowed = format!("a number above the lowest value, {lowest}");
        return Err(Error::invalid("highest", highest, allowed).into());
    }
    Ok(ForecastSettings {
        bounds: (asked.bounds != 0).then_some((lowest, highest)),
    })
}
