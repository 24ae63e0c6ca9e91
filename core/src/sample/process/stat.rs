//! Parses `/proc/PID/stat`: one line, read each tick for every process.

use super::ProcessState;
use crate::sample::parse::number;

/// Flag of a kernel thread in field 9 (include/linux/sched.h).
const PF_KTHREAD: u64 = 0x0020_0000;

/// The longest name that the kernel writes (63 bytes, for a kernel thread) and its `)`.
const NAME_WINDOW: usize = 64;

/// Numbers of so many digits fit into 64 bits.
const SAFE_DIGITS: usize = 19;

/// What is used of the line. Numbers of fields are those of proc_pid_stat(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stat<'a> {
    /// Field 2, without its parentheses: any bytes but NUL.
    pub(crate) comm: &'a [u8],
    pub(crate) state: ProcessState,
    pub(crate) parent_pid: i32,
    pub(crate) session_id: i32,
    pub(crate) is_kernel_thread: bool,
    pub(crate) major_faults: u64,
    /// Fields 14 and 15: user and system time.
    pub(crate) cpu_ticks: u64,
    /// Fields 16 and 17: time of the children that ended and were collected, with theirs.
    pub(crate) children_cpu_ticks: u64,
    pub(crate) nice: i32,
    pub(crate) threads: u32,
    pub(crate) start_time_ticks: u64,
    pub(crate) rss_pages: u64,
    /// Field 26: where the program's code begins. Another one after an exec (address
    /// randomisation); 0 or 1 without permission.
    pub(crate) start_code: u64,
}

/// `None` unless the line is whole and every field used is a number in its range.
pub(crate) fn parse(line: &[u8]) -> Option<Stat<'_>> {
    // A line without its end was cut off in mid-number.
    let line = line.strip_suffix(b"\n")?;
    let (comm, rest) = split_name(line)?;
    let mut fields = Fields { rest };
    let state = state(fields.word()?)?;
    let parent_pid = fields.signed()?;
    fields.skip(1)?; // pgrp
    let session_id = fields.signed()?;
    fields.skip(2)?; // tty_nr, tpgid
    let flags = fields.number()?;
    fields.skip(2)?; // minflt, cminflt
    let major_faults = fields.number()?;
    fields.skip(1)?; // cmajflt
    let user = fields.number()?;
    let system = fields.number()?;
    let children_user = fields.number()?;
    let children_system = fields.number()?;
    fields.skip(1)?; // priority
    let nice = fields.signed()?;
    let threads = fields.number()?;
    fields.skip(1)?; // itrealvalue
    let start_time_ticks = fields.number()?;
    fields.skip(1)?; // vsize
    let rss_pages = fields.number()?;
    fields.skip(1)?; // rsslim
    let start_code = fields.number()?;
    Some(Stat {
        comm,
        state,
        parent_pid,
        session_id,
        is_kernel_thread: flags & PF_KTHREAD != 0,
        major_faults,
        cpu_ticks: user.checked_add(system)?,
        children_cpu_ticks: children_user.saturating_add(children_system),
        nice,
        threads: u32::try_from(threads).ok()?,
        start_time_ticks,
        rss_pages,
        start_code,
    })
}

/// The name and what follows it. A name may hold parentheses and blanks, so it ends at the
/// last `)` of the line. No later field has one and no name is longer than the window,
/// hence the search from the window's end, which is shorter than from the line's.
fn split_name(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let open = line.iter().position(|b| *b == b'(')?;
    let after = &line[open + 1..];
    let window = &after[..after.len().min(NAME_WINDOW)];
    let close = window.iter().rposition(|b| *b == b')')?;
    Some((&after[..close], after[close + 1..].strip_prefix(b" ")?))
}

fn state(word: &[u8]) -> Option<ProcessState> {
    Some(match word {
        b"R" => ProcessState::Running,
        b"S" => ProcessState::Sleeping,
        b"D" => ProcessState::DiskSleep,
        b"Z" => ProcessState::Zombie,
        b"T" => ProcessState::Stopped,
        b"t" => ProcessState::Tracing,
        b"I" => ProcessState::Idle,
        b"X" | b"x" => ProcessState::Dead,
        [letter] if letter.is_ascii_alphabetic() => ProcessState::Other,
        _ => return None,
    })
}

/// The fields after the name, separated by single blanks.
struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    #[inline]
    fn word(&mut self) -> Option<&'a [u8]> {
        let end = self.rest.iter().position(|b| *b == b' ')?;
        let word = &self.rest[..end];
        self.rest = &self.rest[end + 1..];
        Some(word)
    }

    #[inline]
    fn skip(&mut self, count: usize) -> Option<()> {
        let mut left = count;
        let mut bytes = self.rest.iter();
        while left > 0 {
            left -= usize::from(*bytes.next()? == b' ');
        }
        self.rest = bytes.as_slice();
        Some(())
    }

    /// A number and the blank behind it; the last field of the line is never asked for.
    #[inline]
    fn number(&mut self) -> Option<u64> {
        let mut value: u64 = 0;
        let mut bytes = self.rest.iter();
        loop {
            let byte = *bytes.next()?;
            let digit = byte.wrapping_sub(b'0');
            if digit <= 9 {
                value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
            } else if byte == b' ' {
                break;
            } else {
                return None;
            }
        }
        let length = self.rest.len() - bytes.len() - 1;
        if !(1..=SAFE_DIGITS).contains(&length) {
            // Empty, or it may have run over: once more, with care.
            value = number(&self.rest[..length])?;
        }
        self.rest = bytes.as_slice();
        Some(value)
    }

    #[inline]
    fn signed(&mut self) -> Option<i32> {
        let negative = self.rest.first() == Some(&b'-');
        if negative {
            self.rest = &self.rest[1..];
        }
        let value = i64::try_from(self.number()?).ok()?;
        i32::try_from(if negative { -value } else { value }).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REST: &str = "S 1 77 78 0 -1 4194304 101 202 3 4 50 25 7 8 39 -5 12 0 \
        104834 3133440 400 18446744073709551615 94685727789056 94685727808937 \
        140730507700496 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 1 2 3 4 5 6 7 0\n";

    fn line(name: &[u8]) -> Vec<u8> {
        [b"77 (", name, b") ", REST.as_bytes()].concat()
    }

    #[test]
    fn every_field_is_taken_from_its_place() {
        let line = line(b"cat");
        assert_eq!(
            parse(&line),
            Some(Stat {
                comm: b"cat",
                state: ProcessState::Sleeping,
                parent_pid: 1,
                session_id: 78,
                is_kernel_thread: false,
                major_faults: 3,
                cpu_ticks: 75,
                children_cpu_ticks: 15,
                nice: -5,
                threads: 12,
                start_time_ticks: 104834,
                rss_pages: 400,
                start_code: 94685727789056,
            })
        );
    }

    #[test]
    fn a_line_that_is_cut_off_or_has_no_name_is_not_taken() {
        let whole = line(b"cat");
        assert_eq!(parse(&whole[..whole.len() - 1]), None);
        assert_eq!(parse(b""), None);
        assert_eq!(parse(b"77 cat S 1\n"), None);
        assert_eq!(parse(b"77 (cat) S 1 77\n"), None);
        assert_eq!(parse(b"77 (cat)\n"), None);
        let text = String::from_utf8(whole).unwrap();
        assert_eq!(parse(text.replace(" 400 ", " 4x0 ").as_bytes()), None);
        assert_eq!(parse(text.replace(" 400 ", " -400 ").as_bytes()), None);
        let text_with = |rss: &str| text.replace(" 400 ", &format!(" {rss} "));
        assert_eq!(
            parse(text_with("18446744073709551615").as_bytes()).map(|s| s.rss_pages),
            Some(u64::MAX)
        );
        assert_eq!(parse(text_with("18446744073709551616").as_bytes()), None);
        assert_eq!(parse(text_with("").as_bytes()), None);
        assert_eq!(parse(text.replace("(cat) S", "(cat) SS").as_bytes()), None);
    }

    #[test]
    fn an_unknown_state_is_other_and_flags_tell_a_kernel_thread() {
        let text = String::from_utf8(line(b"k")).unwrap();
        let waking = text.replace("(k) S", "(k) W");
        assert_eq!(parse(waking.as_bytes()).unwrap().state, ProcessState::Other);
        let kernel = text.replace(" 4194304 ", " 69238880 ");
        assert!(parse(kernel.as_bytes()).unwrap().is_kernel_thread);
    }

    proptest! {
        #[test]
        fn any_name_is_read_back(name in proptest::collection::vec(1u8.., 0..64)) {
            let line = line(&name);
            prop_assert_eq!(parse(&line).map(|s| s.comm), Some(&name[..]));
        }

        #[test]
        fn names_of_parentheses_are_read_back(name in "[() S1]{0,63}") {
            let line = line(name.as_bytes());
            prop_assert_eq!(parse(&line).map(|s| s.comm), Some(name.as_bytes()));
        }

        #[test]
        fn any_bytes_are_parsed_without_panic(text: Vec<u8>) {
            let _ = parse(&text);
            let mut with_name = b"1 (a) ".to_vec();
            with_name.extend_from_slice(&text);
            with_name.push(b'\n');
            let _ = parse(&with_name);
        }
    }
}
