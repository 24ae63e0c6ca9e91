//! What the library passes to the `log` facade, by the setting `log_level`. The level is one
//! for the process: that of the monitor that was made or changed last.

use std::fmt::Arguments;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) use log::Level;

use crate::config::LogLevel;

static MOST: AtomicUsize = AtomicUsize::new(Level::Info as usize);

/// From now on what is less urgent than this is not passed on.
pub(crate) fn set_level(level: LogLevel) {
    let most = match level {
        LogLevel::Debug => Level::Debug,
        LogLevel::Info => Level::Info,
        LogLevel::Warning => Level::Warn,
        LogLevel::Error | LogLevel::Critical => Level::Error,
    };
    MOST.store(most as usize, Ordering::Relaxed);
}

/// Passes a message on. Never called on the sampling thread: a logger's file does not exist
/// in that thread's own table of descriptors.
pub(crate) fn tell(level: Level, message: Arguments<'_>) {
    if level as usize <= MOST.load(Ordering::Relaxed) {
        log::log!(target: "usm", level, "{message}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    static HEARD: Mutex<Vec<String>> = Mutex::new(Vec::new());

    struct Ear;

    impl log::Log for Ear {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            true
        }

        fn log(&self, record: &log::Record<'_>) {
            if record.target() == "usm" {
                HEARD.lock().unwrap().push(record.args().to_string());
            }
        }

        fn flush(&self) {}
    }

    #[test]
    fn what_is_below_the_level_is_not_passed_on() {
        log::set_logger(&Ear).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
        set_level(LogLevel::Warning);
        tell(Level::Info, format_args!("an info"));
        tell(Level::Warn, format_args!("a warning"));
        set_level(LogLevel::Info);
        tell(Level::Info, format_args!("another info"));
        let heard = HEARD.lock().unwrap().clone();
        assert!(!heard.contains(&"an info".to_string()), "{heard:?}");
        assert!(heard.contains(&"a warning".to_string()), "{heard:?}");
        assert!(heard.contains(&"another info".to_string()), "{heard:?}");
    }
}
