//! One row of the journal: a change to the host, written down before it is made.

use serde::{Deserialize, Serialize};

/// What is known of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JournalState {
    /// Written down; whether it was made is not known.
    #[default]
    Intended,
    /// Made.
    Applied,
    /// Made, measured and found worth keeping; it can still be taken back.
    Kept,
    /// Taken back.
    Undone,
    /// Somebody else has changed it since, and it was left so.
    Left,
    /// What was changed does not exist any more.
    Gone,
    /// Made, and by its nature not to be taken back.
    Settled,
}

impl JournalState {
    /// Every state there is.
    pub const ALL: [JournalState; 7] = [
        JournalState::Intended,
        JournalState::Applied,
        JournalState::Kept,
        JournalState::Undone,
        JournalState::Left,
        JournalState::Gone,
        JournalState::Settled,
    ];

    /// As it stands in the table.
    pub fn name(self) -> &'static str {
        match self {
            JournalState::Intended => "intended",
            JournalState::Applied => "applied",
            JournalState::Kept => "kept",
            JournalState::Undone => "undone",
            JournalState::Left => "left",
            JournalState::Gone => "gone",
            JournalState::Settled => "settled",
        }
    }

    /// There may be something to take back.
    pub fn is_open(self) -> bool {
        matches!(
            self,
            JournalState::Intended | JournalState::Applied | JournalState::Kept
        )
    }

    /// A word that is none of them counts as [`JournalState::Applied`]: to try an undo too
    /// many does no harm, to forget one does.
    pub(super) fn parse(name: &str) -> JournalState {
        let known = JournalState::ALL.into_iter();
        known
            .into_iter()
            .find(|state| state.name() == name)
            .unwrap_or(JournalState::Applied)
    }
}

/// One change to the host with all that taking it back needs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct JournalRow {
    /// Number of the row; ignored by [`journal_begin`](super::Ledger::journal_begin).
    pub id: i64,
    /// Row in `optimization_actions`.
    pub action_id: i64,
    /// When, Unix seconds.
    pub created_at: f64,
    /// The process that makes the change.
    pub owner_pid: i32,
    /// Its start in clock ticks after boot.
    pub owner_start_time_ticks: u64,
    /// The boot in which it was made.
    pub boot_id: String,
    /// The change as JSON.
    pub change: String,
    /// The change in words.
    pub about: String,
    /// What is known of it.
    pub state: JournalState,
    /// It is meant to stay when the owner has ended.
    pub stays_after_owner: bool,
    /// When it ends by itself, Unix seconds.
    pub lease_until: Option<f64>,
    /// What became of it, in words.
    pub detail: Option<String>,
    /// What else is to be known (profile, scope …), as JSON.
    pub context: String,
}
