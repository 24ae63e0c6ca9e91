//! What every packed thing begins with: a version and a checksum of the rest.

use super::Damage;
use super::checksum::checksum;

/// The format that is written; only this one is read.
const VERSION: u8 = 1;

/// Puts version and checksum before a body.
pub(super) fn seal(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(5 + body.len());
    bytes.push(VERSION);
    bytes.extend_from_slice(&checksum(body).to_le_bytes());
    bytes.extend_from_slice(body);
    bytes
}

/// The body, checked.
pub(super) fn unseal(bytes: &[u8]) -> Result<&[u8], Damage> {
    let (version, rest) = bytes.split_first().ok_or(Damage("it is empty"))?;
    if *version != VERSION {
        return Err(Damage("it is of another format version"));
    }
    let (sum, body) = rest.split_first_chunk::<4>().ok_or(Damage("it is torn"))?;
    match checksum(body) == u32::from_le_bytes(*sum) {
        true => Ok(body),
        false => Err(Damage("its checksum does not match")),
    }
}

/// Appends a number, seven bits a byte.
pub(super) fn put_size(bytes: &mut Vec<u8>, size: usize) {
    let mut left = size;
    while left >= 0x80 {
        bytes.push(left as u8 | 0x80);
        left >>= 7;
    }
    bytes.push(left as u8);
}

/// Takes such a number off the front.
pub(super) fn take_size(bytes: &mut &[u8]) -> Result<usize, Damage> {
    let mut size = 0usize;
    for shift in (0..35).step_by(7) {
        let (byte, rest) = bytes.split_first().ok_or(Damage("it is torn"))?;
        *bytes = rest;
        size |= usize::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Ok(size);
        }
    }
    Err(Damage("a size is too long"))
}

/// Takes so many bytes off the front.
pub(super) fn take_bytes<'a>(bytes: &mut &'a [u8], count: usize) -> Result<&'a [u8], Damage> {
    let (taken, rest) = bytes
        .split_at_checked(count)
        .ok_or(Damage("it is shorter than it says"))?;
    *bytes = rest;
    Ok(taken)
}
