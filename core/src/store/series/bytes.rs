//! Numbers and texts in the rows of the open log.

use std::sync::Arc;

use crate::series::ABSENT;
use crate::series::codec::Damage;

const CUT: Damage = Damage("a row of the open log is cut short");

/// The value is what the one before was.
const SAME: u8 = 0;
const NOT_KNOWN: u8 = 1;
/// Eight bytes follow: the difference does not fit.
const WHOLE: u8 = 2;

pub(super) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// A value, by what it differs from the one before it.
pub(super) fn put_value(out: &mut Vec<u8>, value: i64, before: i64) {
    if value == before {
        out.push(SAME);
    } else if value == ABSENT {
        out.push(NOT_KNOWN);
    } else {
        let base = if before == ABSENT { 0 } else { before };
        match value.checked_sub(base).map(zigzag) {
            Some(difference) if difference < u64::MAX - 3 => put_number(out, difference + 3),
            _ => {
                out.push(WHOLE);
                out.extend_from_slice(&value.to_le_bytes());
            }
        }
    }
}

/// A text that may be missing.
pub(super) fn put_text(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        None => put_number(out, 0),
        Some(text) => {
            put_number(out, text.len() as u64 + 1);
            out.extend_from_slice(text.as_bytes());
        }
    }
}

fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// What is left to read of a row.
#[derive(Debug)]
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn byte(&mut self) -> Result<u8, Damage> {
        let (&first, rest) = self.0.split_first().ok_or(CUT)?;
        self.0 = rest;
        Ok(first)
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], Damage> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(CUT)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn number(&mut self) -> Result<u64, Damage> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Damage("a number in the open log has no end"))
    }

    /// How many of something follow, each of which takes a byte at least.
    pub(super) fn count(&mut self) -> Result<usize, Damage> {
        let count = usize::try_from(self.number()?).map_err(|_| CUT)?;
        match count <= self.0.len() {
            true => Ok(count),
            false => Err(CUT),
        }
    }

    pub(super) fn value(&mut self, before: i64) -> Result<i64, Damage> {
        match self.number()? {
            0 => Ok(before),
            1 => Ok(ABSENT),
            2 => {
                let mut whole = [0; 8];
                whole.copy_from_slice(self.take(8)?);
                Ok(i64::from_le_bytes(whole))
            }
            code => {
                let base = if before == ABSENT { 0 } else { before };
                Ok(base.wrapping_add(unzigzag(code - 3)))
            }
        }
    }

    pub(super) fn skip_text(&mut self) -> Result<(), Damage> {
        let length = usize::try_from(self.number()?).map_err(|_| CUT)?;
        self.take(length.saturating_sub(1)).map(|_| ())
    }

    pub(super) fn text(&mut self) -> Result<Option<Arc<str>>, Damage> {
        let length = usize::try_from(self.number()?).map_err(|_| CUT)?;
        let Some(length) = length.checked_sub(1) else {
            return Ok(None);
        };
        let text = std::str::from_utf8(self.take(length)?);
        text.map(|text| Some(text.into()))
            .map_err(|_| Damage("a label in the open log is no text"))
    }
}

/// Tells a row that was damaged on the disk from one that was not (FNV-1a, folded).
pub(super) fn checksum(stamps: [i64; 3], body: &[u8]) -> [u8; 4] {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let stamps = stamps.iter().flat_map(|stamp| stamp.to_le_bytes());
    for byte in stamps.chain(body.iter().copied()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    ((hash >> 32) as u32 ^ hash as u32).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn values_come_back_whatever_was_before(
            values in prop::collection::vec(
                prop_oneof![any::<i64>(), Just(ABSENT), Just(i64::MAX), -5_i64..5],
                0..40,
            )
        ) {
            let mut out = Vec::new();
            let mut before = ABSENT;
            for &value in &values {
                put_value(&mut out, value, before);
                before = value;
            }
            let mut bytes = Bytes(&out);
            before = ABSENT;
            for &value in &values {
                before = bytes.value(before).unwrap();
                prop_assert_eq!(before, value);
            }
            prop_assert!(bytes.is_empty());
        }

        #[test]
        fn rubbish_is_an_error_or_a_value_never_a_panic(noise in prop::collection::vec(any::<u8>(), 0..30)) {
            let mut bytes = Bytes(&noise);
            while !bytes.is_empty() {
                if bytes.value(3).is_err() || bytes.text().is_err() {
                    break;
                }
            }
        }
    }
}
