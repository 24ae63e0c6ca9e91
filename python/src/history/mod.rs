//! History for Python: questions and their tables, moments, recordings. The time of a question
//! and what it selects are put in order by `_when.py` and `_past.py`; here they are core's.

mod file;
mod job;
mod moment;
mod outline;
mod past;
mod question;
mod recorder;
mod replay;
mod table;
mod tier;
mod when;

pub(crate) use file::{History, import_table};
pub(crate) use job::{Going, Job};
pub(crate) use moment::Moment;
pub(crate) use past::Past;
pub(crate) use recorder::Recorder;
pub(crate) use replay::Replay;
pub(crate) use table::{Column, Table};
pub(crate) use when::{parse_duration, parse_time};
