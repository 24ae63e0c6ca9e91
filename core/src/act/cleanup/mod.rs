//! Files that may go: found by rules, shown before, moved into a quarantine from which they
//! can be restored, and purged later.
//!
//! [`rules`] collects what may be cleaned here (tmpfiles.d, caches, logs, trash, the caller's
//! own folders); [`preview`] tells what would go and what stays, and why; [`clean`] moves it
//! into a [`Quarantine`] on the same file system; [`restore`] puts it back, also after a
//! crash; [`purge`] frees the room. [`measure`] and [`growth`] tell which folders grow.

mod age;
#[cfg(target_os = "linux")]
mod beneath;
mod builtin;
#[cfg(target_os = "linux")]
mod chase;
#[cfg(target_os = "linux")]
mod clean;
#[cfg(not(target_os = "linux"))]
mod elsewhere;
mod glob;
mod growth;
#[cfg(target_os = "linux")]
mod in_use;
#[cfg(target_os = "linux")]
mod judge;
#[cfg(target_os = "linux")]
mod manifest;
#[cfg(target_os = "linux")]
mod measure;
#[cfg(target_os = "linux")]
mod meta;
mod outcome;
#[cfg(target_os = "linux")]
mod preview;
#[cfg(target_os = "linux")]
mod purge;
#[cfg(target_os = "linux")]
mod quarantine;
#[cfg(target_os = "linux")]
mod restore;
mod rule;
mod tmpfiles;
mod tmpfiles_rule;
#[cfg(target_os = "linux")]
mod trash;
#[cfg(target_os = "linux")]
mod walk;

pub use builtin::rules;
#[cfg(target_os = "linux")]
pub use clean::clean;
#[cfg(not(target_os = "linux"))]
pub use elsewhere::{clean, measure, preview, purge, purge_expired, quarantines, restore};
pub use growth::{FolderSizes, Grown, growth};
#[cfg(target_os = "linux")]
pub use measure::measure;
pub use outcome::{
    Cleaned, Entry, Left, Preview, Quarantine, Reason, Restored, RuleCleaned, RulePreview, Stored,
};
#[cfg(target_os = "linux")]
pub use preview::preview;
#[cfg(target_os = "linux")]
pub use purge::{purge, purge_expired, quarantines};
#[cfg(target_os = "linux")]
pub use restore::restore;
pub use rule::{Kind, Note, Owner, Rule, RuleBook, Settings, Watch};
