//! What was judged, as far as it outlives its sample: findings with their life, the memory of
//! the models, rules, who was told, and what other processes ask of the one that monitors.

mod read;
mod row;
mod tables;
mod write;

#[cfg(test)]
mod tests;

pub(super) use read::open_requests;
pub use row::{
    FindingFilter, FindingKind, FindingRow, JudgedRow, ListedRule, MemoryRow, NotificationRow,
    Request, RequestRow, RuleRow,
};
pub(crate) use tables::MOST_JUDGED_ROWS;
pub(super) use tables::{JUDGED_AGES, JUDGED_TABLES};
pub(super) use write::insert;
