//! Where the tests of what reads the series find what they damage.

use std::ops::Range;

use crate::series::Tier;
use crate::store::series::keys::{self, KINDS};

/// Keys of the blocks and rows of the raw tier.
pub(crate) fn samples() -> Range<i64> {
    keys::tier_keys(Tier::Raw)
}

/// Key of a block's first part of a family, and of when its rows were (family 0).
pub(crate) fn part(block: i64, family: u8) -> i64 {
    keys::part_key(block, family, 0).unwrap()
}

/// Keys of the context of each kind before a row.
pub(crate) fn context_before(row: i64) -> impl Iterator<Item = Range<i64>> {
    let keys = move |kind| keys::context_key(kind, 0)..keys::context_key(kind, row);
    KINDS.into_iter().map(keys)
}
