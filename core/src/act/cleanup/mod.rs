//! Files that may go: found by rules, shown before, moved into a quarantine from which they
//! can be restored, and purged later.
//!
//! [`rules`] collects what may be cleaned here (tmpfiles.d, caches, logs, trash, the caller's
//! own folders); [`preview`] tells what would go and what stays, and why; [`clean`] moves it
//! into a [`Quarantine`] on the same file system; [`restore`] puts it back, also after a
//! crash; [`purge`] frees the room. [`measure`] and [`growth`] tell which folders grow.

mod age;
mod beneath;
mod builtin;
mod chase;
mod clean;
mod glob;
mod growth;
mod in_use;
mod judge;
mod manifest;
mod meta;
mod outcome;
mod preview;
mod purge;
mod quarantine;
mod restore;
mod rule;
mod tmpfiles;
mod trash;
mod walk;

pub use builtin::rules;
pub use clean::clean;
pub use growth::{FolderSizes, Grown, growth, measure};
pub use outcome::{
    Cleaned, Entry, Left, Preview, Reason, Restored, RuleCleaned, RulePreview, Stored,
};
pub use preview::preview;
pub use purge::{purge, purge_expired, quarantines};
pub use quarantine::Quarantine;
pub use restore::restore;
pub use rule::{Kind, Note, Owner, Rule, RuleBook, Settings, Watch};
