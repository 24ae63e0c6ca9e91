//! Parses the counters of a process and of the machine that only the pain is read by.
#![cfg_attr(not(target_os = "linux"), allow(dead_code))]

use crate::sample::parse::{lines, number, words};

/// `/proc/PID/schedstat`: what a thread had of the processors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Schedule {
    /// Nanoseconds on a processor.
    pub(super) run_ns: u64,
    /// Nanoseconds ready to run, and not running.
    pub(super) delay_ns: u64,
    /// Times put on a processor.
    pub(super) slices: u64,
}

/// `/proc/PID/io`: what a process asked of files, sockets and pipes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Calls {
    /// `syscr` + `syscw`.
    pub(super) calls: u64,
    /// `rchar` + `wchar`.
    pub(super) bytes: u64,
}

pub(super) fn schedule(text: &[u8]) -> Option<Schedule> {
    let mut numbers = words(text.strip_suffix(b"\n")?).map(number);
    let mut next = || numbers.next().flatten();
    Some(Schedule {
        run_ns: next()?,
        delay_ns: next()?,
        slices: next()?,
    })
}

pub(super) fn calls(text: &[u8]) -> Option<Calls> {
    let field = |name: &[u8]| keyed(text, name);
    Some(Calls {
        calls: field(b"syscr:")?.saturating_add(field(b"syscw:")?),
        bytes: field(b"rchar:")?.saturating_add(field(b"wchar:")?),
    })
}

/// The number behind a word at the start of a line.
pub(super) fn keyed(text: &[u8], key: &[u8]) -> Option<u64> {
    let line = lines(text).find(|line| {
        line.strip_prefix(key)
            .is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_whitespace))
    })?;
    number(words(line).nth(1)?)
}

/// `total=` of the line of a pressure file, microseconds.
pub(super) fn stalled_usec(text: &[u8], which: &[u8]) -> Option<u64> {
    let line = lines(text).find(|line| words(line).next() == Some(which))?;
    words(line).find_map(|word| number(word.strip_prefix(b"total=")?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_kernels_lines_are_read() {
        let read = schedule(b"50071 43612 2\n").unwrap();
        assert_eq!((read.run_ns, read.delay_ns, read.slices), (50071, 43612, 2));
        assert_eq!(schedule(b"50071 436"), None);
        assert_eq!(schedule(b"1 2\n"), None);
        assert_eq!(schedule(b"1 -2 3\n"), None);
        let io = b"rchar: 10\nwchar: 20\nsyscr: 3\nsyscw: 4\nread_bytes: 5\nwrite_bytes: 6\n";
        let read = calls(io).unwrap();
        assert_eq!((read.calls, read.bytes), (7, 30));
        assert_eq!(calls(b"rchar: 10\n"), None);
        let psi = b"some avg10=0.00 avg60=0.1 avg300=0.00 total=123\n\
            full avg10=0.00 avg60=0.00 avg300=0.00 total=45\n";
        assert_eq!(stalled_usec(psi, b"some"), Some(123));
        assert_eq!(stalled_usec(psi, b"full"), Some(45));
        assert_eq!(stalled_usec(psi, b"none"), None);
        assert_eq!(keyed(b"intr 5 6\nprocesses 77\n", b"processes"), Some(77));
        assert_eq!(keyed(b"processes2 77\n", b"processes"), None);
    }

    proptest! {
        #[test]
        fn every_schedule_is_read_back(run: u64, delay: u64, slices: u64) {
            let text = format!("{run} {delay} {slices}\n");
            let read = schedule(text.as_bytes()).unwrap();
            prop_assert_eq!((read.run_ns, read.delay_ns, read.slices), (run, delay, slices));
        }

        #[test]
        fn any_bytes_are_parsed_without_panic(text: Vec<u8>) {
            let _ = (schedule(&text), calls(&text), stalled_usec(&text, b"some"));
            let _ = keyed(&text, b"a");
        }

        #[test]
        fn any_words_are_parsed_without_panic(text in "(some|total=|rchar:|[0-9]{1,22}| |\n){0,30}") {
            let text = text.as_bytes();
            let _ = (schedule(text), calls(text), stalled_usec(text, b"some"));
        }
    }
}
