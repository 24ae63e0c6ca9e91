//! I/O priorities of threads.

use std::io;

use super::IoClass;
use super::threads::ThreadValue;
use crate::error::{Error, Result};
use crate::sys::{set_thread_io_priority, thread_io_priority};

/// Class bits of the kernel's number.
const CLASS_SHIFT: u16 = 13;

/// The kernel's number of a class and level.
pub(super) fn number(class: IoClass, level: u8) -> Result<u16> {
    if level > 7 {
        return Err(Error::invalid("level", level, "0 to 7"));
    }
    Ok(match class {
        IoClass::None => 0,
        IoClass::BestEffort => 2 << CLASS_SHIFT | u16::from(level),
        IoClass::Idle => 3 << CLASS_SHIFT,
    })
}

impl ThreadValue for u16 {
    const WHAT: &'static str = "I/O priority";

    fn read(tid: i32) -> io::Result<u16> {
        thread_io_priority(tid)
    }

    fn write(&self, tid: i32, _found: &u16) -> io::Result<()> {
        set_thread_io_priority(tid, *self)
    }

    fn is_same(&self, other: &u16) -> bool {
        self == other
    }

    fn words(&self) -> String {
        let level = self & 7;
        match self >> CLASS_SHIFT {
            0 => "none".into(),
            1 => format!("real time {level}"),
            2 => format!("best effort {level}"),
            3 => "idle".into(),
            _ => format!("number {self}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_kernels() {
        assert_eq!(number(IoClass::None, 4).unwrap(), 0);
        assert_eq!(number(IoClass::BestEffort, 7).unwrap(), 0x4007);
        assert_eq!(number(IoClass::Idle, 3).unwrap(), 0x6000);
        assert!(number(IoClass::BestEffort, 8).is_err());
        assert_eq!(0x4007u16.words(), "best effort 7");
    }
}
