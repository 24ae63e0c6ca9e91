//! The clocks: of the wall, of the machine, of the calling thread.

use crate::sample::Moment;

/// Now, by both clocks. A wall clock set before 1970 gives a negative time.
#[cfg(target_os = "linux")]
pub(crate) fn moment() -> Moment {
    use rustix::time::{ClockId, clock_gettime};
    Moment {
        unix_seconds: seconds(clock_gettime(ClockId::Realtime)),
        monotonic_seconds: seconds(clock_gettime(ClockId::Boottime)),
    }
}

/// Now, by both clocks. Off Linux the monotonic one counts from the first call and may
/// stand still in suspend.
#[cfg(not(target_os = "linux"))]
pub(crate) fn moment() -> Moment {
    use std::time::{Instant, SystemTime};
    static FIRST: once_cell::sync::OnceCell<Instant> = once_cell::sync::OnceCell::new();
    let unix_seconds = match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => since.as_secs_f64(),
        Err(before) => -before.duration().as_secs_f64(),
    };
    Moment {
        unix_seconds,
        monotonic_seconds: FIRST.get_or_init(Instant::now).elapsed().as_secs_f64(),
    }
}

/// CPU time of the calling thread so far, user and system.
#[cfg(target_os = "linux")]
pub(crate) fn thread_cpu_seconds() -> Option<f64> {
    use rustix::time::{ClockId, clock_gettime};
    Some(seconds(clock_gettime(ClockId::ThreadCPUTime)))
}

/// Not known off Linux.
#[cfg(not(target_os = "linux"))]
pub(crate) fn thread_cpu_seconds() -> Option<f64> {
    None
}

/// Whether the clock is kept right by others; `None` where that may not be asked.
#[cfg(target_os = "linux")]
pub(crate) fn clock_is_synchronised() -> Option<bool> {
    // SAFETY: all zero is a valid `timex`, and without modes the call only fills it in.
    let (state, clock) = unsafe {
        let mut clock: libc::timex = std::mem::zeroed();
        (libc::adjtimex(&mut clock), clock)
    };
    (state >= 0).then_some(clock.status & libc::STA_UNSYNC == 0)
}

/// Not known off Linux.
#[cfg(not(target_os = "linux"))]
pub(crate) fn clock_is_synchronised() -> Option<bool> {
    None
}

#[cfg(target_os = "linux")]
fn seconds(time: rustix::time::Timespec) -> f64 {
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_clocks_go_forward_and_the_wall_clock_is_the_systems() {
        let first = moment();
        let second = moment();
        assert!(second.monotonic_seconds >= first.monotonic_seconds);
        let system = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap();
        assert!((system.as_secs_f64() - second.unix_seconds).abs() < 60.0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn work_of_this_thread_shows_in_its_cpu_time() {
        let before = thread_cpu_seconds().unwrap();
        let mut sum = 0u64;
        while thread_cpu_seconds().unwrap() <= before {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(thread_cpu_seconds().unwrap() > before);
    }
}
