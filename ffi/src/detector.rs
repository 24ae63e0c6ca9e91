//! A detector of anomalies for values of the caller's own.

use std::ffi::c_char;
use std::mem::offset_of;

use usm_core::judge::anomaly::{Detector, DetectorSettings, Edge, Reading};

use crate::failure::Failure;
use crate::guard::{guard, guard_value};
use crate::handle::{Held, Opaque, free, new_handle, open, out_pointer};
use crate::model_text;
use crate::owned::Owned;
use crate::plain::{self, PlainSize};
use crate::status::usm_status;
use crate::text;

/// Nothing begins or ends with this value.
pub const USM_EDGE_NONE: u32 = 0;
/// Something unusual begins with this value.
pub const USM_EDGE_BEGAN: u32 = 1;
/// With this value the metric is back, or what was unusual has become normal.
pub const USM_EDGE_ENDED: u32 = 2;

/// Learns what is normal for one metric and tells what is not: the one that the monitor uses
/// for each of its own metrics. It needs no monitor. Made by usm_detector_new() or
/// usm_detector_load(), ended by usm_detector_free(). Its memory is bounded, about 2 KB. Any
/// number of threads may use it; one call is answered at a time.
pub struct usm_detector {
    _opaque: (),
}

impl Opaque for usm_detector {
    type Value = Owned<Detector>;
    const MAGIC: u64 = 0x7573_6d20_6465_7465;
    const NAME: &'static str = "usm_detector";
}

// What the header promises of threads.
const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<Owned<Detector>>();
};

/// What a saved detector begins with.
const SAVED: &str = "usm-detector";

/// What may be chosen about a detector. Begin with `usm_detector_options options =
/// USM_DETECTOR_OPTIONS_INIT;`, which suits every metric.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_detector_options {
    /// sizeof(usm_detector_options) in the caller's program.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Score from which a value is anomalous, above 0 and at most 1; usually 0.5.
    pub threshold: f64,
    /// A metric that in all moves by less than this, in its own unit, is constant in effect
    /// and never anomalous; usually 0, which leaves it to the detector.
    pub resolution: f64,
}

const OPTIONS: PlainSize = PlainSize {
    least: offset_of!(usm_detector_options, threshold),
    allowed: "sizeof(usm_detector_options); begin with USM_DETECTOR_OPTIONS_INIT",
};

/// What is said of one value.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_reading {
    /// sizeof(usm_reading) in the caller's program, as usm_reading_init() sets it.
    pub struct_size: u32,
    /// 1 when the score reaches the threshold; else 0.
    pub is_anomalous: i32,
    /// 1 while too little was seen to judge (100 values and 10 minutes); else 0.
    pub is_learning: i32,
    /// Whether something unusual began or ended with this value: USM_EDGE_...
    pub edge: u32,
    /// How new the value is, 0 to 1; NaN while learning, and for a value that is not known.
    pub score: f64,
    /// Lowest value that was expected, by what came before; NaN until enough came.
    pub expected_low: f64,
    /// Highest value that was expected; between the two lie about 99 of 100 values.
    pub expected_high: f64,
    /// Since when the metric is unusual, seconds since 1970; NaN when it is not.
    pub unusual_since: f64,
    /// Highest score since then; NaN when it is not unusual.
    pub highest_score: f64,
}

const READING: PlainSize = PlainSize {
    least: offset_of!(usm_reading, expected_low),
    allowed: "sizeof(usm_reading); call usm_reading_init() first",
};

/// Makes a detector that has seen nothing.
///
/// - options: see USM_DETECTOR_OPTIONS_INIT; NULL for these.
/// - detector: takes the handle, to be ended by usm_detector_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an option out of its range or a struct_size
/// that no version of this header has; USM_ERR_UNSUPPORTED for an option of a later version.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_detector_new(
    options: *const usm_detector_options,
    detector: *mut *mut usm_detector,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let detector = unsafe { out_pointer(detector, "detector")? };
        // SAFETY: by the contract of the header: NULL or a struct of the caller's.
        let settings = unsafe { settings_of(options)? };
        *detector = new_handle(Owned::new(Detector::new(settings)))?;
        Ok(())
    })
}

/// Ends a detector and forgets what it learnt; see usm_detector_save().
///
/// - detector: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
///
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_detector_free(detector: *mut *mut usm_detector) {
    // SAFETY: by the contract of the header: NULL, or the address of a handle or of NULL.
    guard_value((), || unsafe { free(detector, "detector") });
}

/// Judges a value by those before it, and learns from it. The same values give the same
/// readings. Takes about a microsecond.
///
/// - time: of the value, seconds since 1970 (the hour and the weekday count); a time that goes
///   back is allowed.
/// - value: in whatever unit; NaN and infinities are not known values: they are neither judged
///   nor remembered.
/// - reading: filled as far as its struct_size goes; see usm_reading_init(). NULL when it is not
///   wanted, e.g. for values of the past.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header
/// has (the value is not learnt then); USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_detector_push(
    detector: *mut usm_detector,
    time: f64,
    value: f64,
    reading: *mut usm_reading,
) -> usm_status {
    guard(|| {
        if !reading.is_null() {
            // SAFETY: by the contract of the header: a struct of the caller's.
            unsafe { plain::check(reading, "reading", READING)? };
        }
        // SAFETY: by the contract of the header: NULL or a handle.
        let detector = unsafe { at(detector)? };
        let mut detector = detector.lock()?;
        let found = detector.push(time, Some(value));
        if reading.is_null() {
            return Ok(());
        }
        let make = |struct_size| usm_reading::of(&found, &detector, struct_size);
        // SAFETY: as above.
        unsafe { plain::fill(reading, "reading", READING, make) }
    })
}

/// Gives what a detector has learnt as a text, so that it may go on after a restart: ASCII, one
/// line, about 3 KB.
///
/// - text: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_detector_save(
    detector: *const usm_detector,
    text: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let place = unsafe { out_pointer(text, "text")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let detector = unsafe { at(detector)? };
        let detector = detector.lock()?;
        *place = text::give(model_text::save(SAVED, &*detector)?)?;
        Ok(())
    })
}

/// Makes a detector that goes on where a saved one was, with its options.
///
/// - text: from usm_detector_save(); white space around it does not matter.
/// - detector: takes the handle, to be ended by usm_detector_free().
///
/// Returns: USM_OK; USM_ERR_MALFORMED for a text that was cut or changed, is of a forecaster, or
/// was saved by a version of the library that learns in another way: then begin with
/// usm_detector_new(); USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_UTF8.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_detector_load(
    text: *const c_char,
    detector: *mut *mut usm_detector,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let detector = unsafe { out_pointer(detector, "detector")? };
        // SAFETY: by the contract of the header: NULL or a text.
        let text = unsafe { text::read(text, "text")? };
        let loaded: Detector = model_text::load(SAVED, text)?;
        *detector = new_handle(Owned::new(loaded))?;
        Ok(())
    })
}

/// # Safety
/// As for [`open`].
unsafe fn at(detector: *const usm_detector) -> Result<Held<Owned<Detector>>, Failure> {
    // SAFETY: by this function's contract.
    unsafe { open(detector, "detector") }
}

/// # Safety
/// `options` is NULL or points to a struct of as many bytes as it says.
unsafe fn settings_of(options: *const usm_detector_options) -> Result<DetectorSettings, Failure> {
    let usual = DetectorSettings::default();
    if options.is_null() {
        return Ok(usual);
    }
    let usual = usm_detector_options {
        struct_size: size_of::<usm_detector_options>() as u32,
        reserved: 0,
        threshold: usual.threshold(),
        resolution: usual.resolution(),
    };
    // SAFETY: by this function's contract.
    let asked = unsafe { plain::read(options, "options", OPTIONS, usual)? };
    Ok(DetectorSettings::new(asked.threshold, asked.resolution)?)
}

impl usm_reading {
    fn of(reading: &Reading, detector: &Detector, struct_size: u32) -> usm_reading {
        let (expected_low, expected_high) = reading.expected.unwrap_or((f64::NAN, f64::NAN));
        let episode = detector.episode();
        usm_reading {
            struct_size,
            is_anomalous: reading.is_anomalous.into(),
            is_learning: reading.is_learning.into(),
            edge: match reading.edge {
                None => USM_EDGE_NONE,
                Some(Edge::Began) => USM_EDGE_BEGAN,
                Some(Edge::Ended) => USM_EDGE_ENDED,
            },
            score: reading.score,
            expected_low,
            expected_high,
            unusual_since: episode.map_or(f64::NAN, |episode| episode.since),
            highest_score: episode.map_or(f64::NAN, |episode| episode.highest_score),
        }
    }
}
