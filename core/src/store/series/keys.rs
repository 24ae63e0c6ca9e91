//! The keys of the tables: one integer each, so that a row is found by its number alone and
//! the rows of one tier lie side by side.

use std::ops::Range;

use crate::series::codec::Damage;
use crate::series::{ContextKind, Family, Tier};

/// Enough for two thousand years of samples, one each second.
const ROW_BITS: u32 = 36;

/// Family, and number of the part.
const PART_BITS: u32 = 24;
const ROWS: i64 = 1 << ROW_BITS;

/// Family 0 of a block: when its rows were.
pub(super) const TIMES: u8 = 0;

/// Parts of one family in a block, at most.
pub(super) const MOST_CHUNKS: usize = 1 << 16;

/// Every kind of context, as its key begins.
pub(super) const KINDS: [ContextKind; 13] = [
    ContextKind::Host,
    ContextKind::Hardening,
    ContextKind::Limits,
    ContextKind::Unavailable,
    ContextKind::Filesystems,
    ContextKind::Devices,
    ContextKind::Interfaces,
    ContextKind::Sensors,
    ContextKind::Power,
    ContextKind::Listeners,
    ContextKind::Programs,
    ContextKind::Logins,
    ContextKind::SearchPath,
];

/// Of a row in `series_head`, and of a block by its first row in `series_blocks`. The raw
/// tier comes last: its rows, by far the most, are then put at the end of the table, where
/// pages fill up.
pub(super) fn row_key(tier: Tier, row: i64) -> i64 {
    (i64::from(3 - tier.code()) << ROW_BITS) | row.clamp(0, ROWS - 1)
}

/// The number of a row, from its key.
pub(super) fn row_of(key: i64) -> i64 {
    key & (ROWS - 1)
}

/// Keys of a tier.
pub(super) fn tier_keys(tier: Tier) -> Range<i64> {
    let first = row_key(tier, 0);
    first..first + ROWS
}

/// Of a part of a block in `series_parts`.
pub(super) fn part_key(block: i64, family: u8, chunk: usize) -> Result<i64, Damage> {
    match chunk < MOST_CHUNKS {
        true => Ok((block << PART_BITS) | (i64::from(family) << 16) | chunk as i64),
        false => Err(Damage("too many parts")),
    }
}

/// Keys of all the parts of a block.
pub(super) fn part_keys(block: i64) -> Range<i64> {
    block << PART_BITS..(block + 1) << PART_BITS
}

/// Keys of the parts of one family of a block.
pub(super) fn family_keys(block: i64, family: Family) -> Range<i64> {
    let first = (block << PART_BITS) | (i64::from(family.code()) << 16);
    first..first + MOST_CHUNKS as i64
}

/// Of a piece of context in `series_context`.
pub(super) fn context_key(kind: ContextKind, row: i64) -> i64 {
    (i64::from(kind as u8) << ROW_BITS) | row.clamp(0, ROWS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_tiers_blocks_and_families_do_not_meet() {
        let (row, next) = (row_key(Tier::Raw, 7), row_key(Tier::Raw, 8));
        assert_eq!(row_of(row), 7);
        assert!(tier_keys(Tier::Raw).contains(&row));
        assert!(!tier_keys(Tier::TenSeconds).contains(&row));
        let last = part_key(row, 255, MOST_CHUNKS - 1).unwrap();
        assert!(part_keys(row).contains(&last));
        assert!(last < part_key(next, TIMES, 0).unwrap());
        assert!(part_key(row, 1, MOST_CHUNKS).is_err());
        let core = family_keys(row, Family::Core);
        assert!(core.contains(&part_key(row, Family::Core.code(), 0).unwrap()));
        assert!(!core.contains(&part_key(row, Family::Device.code(), 0).unwrap()));
        assert!(context_key(ContextKind::SearchPath, i64::MAX) > 0);
    }
}
