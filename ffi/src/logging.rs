//! What the library has to say beside results: its log, told to a callback.

use std::ffi::{c_char, c_void};
use std::sync::{Arc, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwapOption;
use log::{Level, LevelFilter, Log, Metadata, Record};
use usm_core::Error;

use crate::callback::UserData;
use crate::event::usm_destroy_callback;
use crate::failure::Failure;
use crate::guard::guard;
use crate::listener::Listener;
use crate::status::usm_status;
use crate::text;

/// Something could not be done.
pub const USM_LOG_ERROR: u32 = 1;
/// Something is not as it should be; the library goes on.
pub const USM_LOG_WARNING: u32 = 2;
/// What it does.
pub const USM_LOG_INFO: u32 = 3;
/// What it does in detail.
pub const USM_LOG_DEBUG: u32 = 4;

/// A message of the log; written by the library, and gone when the callback returns.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_log_message {
    /// How many bytes of this struct the library has filled.
    pub struct_size: u32,
    /// USM_LOG_...; more may come.
    pub level: u32,
    /// When, seconds since 1970.
    pub timestamp: f64,
    /// Which part says it: "usm".
    pub target: *const c_char,
    /// What it says, in English, for people.
    pub message: *const c_char,
}

/// Called for each message of the log, on the thread that has something to say: one that called
/// the library, or one of its own; never the one that samples. Several may call at the same
/// time. It may call every function of the library; what these then have to say on the same
/// thread is not told. It must return normally, and soon: the work of that thread waits.
///
/// - message: borrowed until the callback returns.
/// - user_data: what was given to usm_log_set_callback().
pub type usm_log_callback =
    Option<unsafe extern "C-unwind" fn(message: *const usm_log_message, user_data: *mut c_void)>;

/// Sets who hears the log of the library, one for the whole process; the one before is heard no
/// more. Without one, nothing is told and nothing is printed. What is heard is limited by
/// `level` and by the setting "log_level" of the monitor that was made or changed last. When it
/// returns, the callback before is not running any more; called from inside that callback it
/// returns at once.
///
/// - callback: called for each message; NULL to hear nothing.
/// - user_data: handed to the callback; may be NULL.
/// - destroy: called exactly once with user_data when the callback will not be called any more:
///   by the call that sets another one, on its thread (called from inside the callback: on the
///   thread that leaves it last); or before this function returns when it fails, or when
///   callback is NULL. NULL when there is nothing to be done. It is not called for the callback
///   that is set when the process ends, nor for the parent's in a child after fork().
/// - level: the least urgent that is told, USM_LOG_...; it has no meaning when callback is NULL.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a level; USM_ERR_INVALID_STATE when the program
/// contains Rust code that set a logger of its own: that one hears it then.
/// Threads: any. After fork() the child has no callback until it sets its own.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_log_set_callback(
    callback: usm_log_callback,
    user_data: *mut c_void,
    destroy: usm_destroy_callback,
    level: u32,
) -> usm_status {
    guard(|| {
        // First, so that every way out ends it.
        let user_data = UserData::new(user_data, destroy);
        let Some(callback) = callback else {
            drop(user_data);
            if OURS.get() == Some(&true) {
                replace(None);
            }
            return Ok(());
        };
        let level = level_of(level)?;
        install()?;
        replace(Some(Arc::new(Listener::new(callback, user_data, level))));
        Ok(())
    })
}

/// Who hears it. Without a lock, which a child of a fork might find held for ever.
static CURRENT: ArcSwapOption<Listener> = ArcSwapOption::const_empty();

/// Whether the process's logger is ours, once that was tried.
static OURS: OnceLock<bool> = OnceLock::new();

/// The process's logger.
struct Ear;

impl Log for Ear {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "usm"
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let current = CURRENT.load_full();
        if let Some(listener) = current.filter(|listener| record.level() <= listener.level()) {
            let target = text::kept(record.target());
            let message = text::kept(&record.args().to_string());
            listener.tell(&usm_log_message {
                struct_size: size_of::<usm_log_message>() as u32,
                level: number_of(record.level()),
                timestamp: now(),
                target: target.as_ptr(),
                message: message.as_ptr(),
            });
        }
    }

    fn flush(&self) {}
}

/// Makes ours the process's logger.
fn install() -> Result<(), Failure> {
    match OURS.get_or_init(|| log::set_logger(&Ear).is_ok()) {
        true => Ok(()),
        false => {
            let message = "this program has a logger of its own already, which hears the library";
            Err(Error::InvalidState(message.into()).into())
        }
    }
}

/// Puts a listener in the place of the one before, which is ended.
fn replace(listener: Option<Arc<Listener>>) {
    let before = CURRENT.swap(listener);
    // As the one says that is there in the end, if others are replaced at the same time.
    loop {
        let current = CURRENT.load_full();
        let level = current.as_ref().map(|listener| listener.level());
        log::set_max_level(level.map_or(LevelFilter::Off, |level| level.to_level_filter()));
        let after = CURRENT.load_full();
        if current.as_ref().map(Arc::as_ptr) == after.as_ref().map(Arc::as_ptr) {
            break;
        }
    }
    if let Some(before) = before {
        before.end();
    }
}

fn level_of(number: u32) -> Result<Level, Failure> {
    match number {
        USM_LOG_ERROR => Ok(Level::Error),
        USM_LOG_WARNING => Ok(Level::Warn),
        USM_LOG_INFO => Ok(Level::Info),
        USM_LOG_DEBUG => Ok(Level::Debug),
        other => Err(Error::invalid("level", other, "one of USM_LOG_...").into()),
    }
}

fn number_of(level: Level) -> u32 {
    match level {
        Level::Error => USM_LOG_ERROR,
        Level::Warn => USM_LOG_WARNING,
        Level::Info => USM_LOG_INFO,
        Level::Debug | Level::Trace => USM_LOG_DEBUG,
    }
}

fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(f64::NAN, |since| since.as_secs_f64())
}
