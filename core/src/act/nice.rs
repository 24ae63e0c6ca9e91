//! Nice values of threads.

use std::io;

use super::threads::ThreadValue;
use crate::sys::{set_thread_nice, thread_nice};

impl ThreadValue for i32 {
    const WHAT: &'static str = "nice value";

    fn read(tid: i32) -> io::Result<i32> {
        thread_nice(tid)
    }

    fn write(&self, tid: i32, _found: &i32) -> io::Result<()> {
        set_thread_nice(tid, *self)
    }

    fn is_same(&self, other: &i32) -> bool {
        self == other
    }

    fn words(&self) -> String {
        self.to_string()
    }
}
