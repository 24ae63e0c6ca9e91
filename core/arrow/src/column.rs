//! Columns of the few types that are needed.

use std::collections::HashMap;
use std::sync::Arc;

use crate::array::{Array, Buffer};
use crate::field::Field;

/// A column: what it is called, and its values.
pub(crate) struct Column {
    pub(crate) field: Field,
    pub(crate) array: Array,
}

/// A number of fixed size.
pub(crate) trait Number: Copy + Default + Send + Sync + 'static {
    /// The type as the specification writes it.
    const FORMAT: &'static std::ffi::CStr;
}

impl Number for i32 {
    const FORMAT: &'static std::ffi::CStr = c"i";
}
impl Number for u32 {
    const FORMAT: &'static std::ffi::CStr = c"I";
}
impl Number for u64 {
    const FORMAT: &'static std::ffi::CStr = c"L";
}
impl Number for f64 {
    const FORMAT: &'static std::ffi::CStr = c"g";
}

/// Numbers that may be absent.
pub(crate) fn numbers<T: Number>(name: &str, values: Vec<Option<T>>) -> Column {
    let (presence, null_count) = presence(values.iter().map(Option::is_some));
    let length = values.len();
    let values = values.into_iter().map(Option::unwrap_or_default);
    let buffers = vec![presence, Buffer::of(values.collect::<Vec<T>>())];
    Column {
        field: Field::new(name, T::FORMAT).nullable(),
        array: Array::new(length, null_count, buffers),
    }
}

/// Doubles that stay where they are; NaN is absent.
pub(crate) fn shared_doubles<O: Send + Sync + 'static>(
    name: &str,
    owner: &Arc<O>,
    values: impl Fn(&O) -> &[f64],
) -> Column {
    let seen = values(owner);
    let (presence, null_count) = presence(seen.iter().map(|value| !value.is_nan()));
    let buffers = vec![presence, Buffer::within(owner, &values)];
    Column {
        field: Field::new(name, f64::FORMAT).nullable(),
        array: Array::new(seen.len(), null_count, buffers),
    }
}

/// Times in microseconds since 1970, UTC, of times in seconds.
pub(crate) fn times(name: &str, seconds: impl Iterator<Item = Option<f64>>) -> Column {
    let seconds: Vec<Option<f64>> = seconds.collect();
    let (presence, null_count) = presence(seconds.iter().map(Option::is_some));
    let micros = seconds
        .iter()
        .map(|time| time.map_or(0, |time| (time * 1e6).round() as i64));
    let buffers = vec![presence, Buffer::of(micros.collect::<Vec<i64>>())];
    Column {
        field: Field::new(name, c"tsu:UTC").nullable(),
        array: Array::new(seconds.len(), null_count, buffers),
    }
}

/// Yes or no.
pub(crate) fn flags(name: &str, values: &[bool]) -> Column {
    let buffers = vec![Buffer::NONE, Buffer::of(bits(values.iter().copied()))];
    Column {
        field: Field::new(name, c"b"),
        array: Array::new(values.len(), 0, buffers),
    }
}

/// Texts that may be absent.
pub(crate) fn texts<'a>(name: &str, values: impl Iterator<Item = Option<&'a str>>) -> Column {
    Column {
        field: Field::new(name, c"u").nullable(),
        array: text_array(values),
    }
}

fn text_array<'a>(values: impl Iterator<Item = Option<&'a str>>) -> Array {
    let mut known = Vec::new();
    let mut ends = vec![0i32];
    let mut bytes: Vec<u8> = Vec::new();
    for text in values {
        // What would go beyond the reach of the offsets is left out.
        let fits = |text: &&str| i32::try_from(bytes.len() + text.len()).is_ok();
        let text = text.filter(fits);
        known.push(text.is_some());
        bytes.extend_from_slice(text.unwrap_or_default().as_bytes());
        ends.push(bytes.len() as i32);
    }
    let (presence, null_count) = presence(known.iter().copied());
    let buffers = vec![presence, Buffer::of(ends), Buffer::of(bytes)];
    Array::new(known.len(), null_count, buffers)
}

/// Texts of which there are few, each written once.
#[derive(Default)]
pub(crate) struct Repeated<'a> {
    numbers: HashMap<&'a str, i32>,
    texts: Vec<&'a str>,
    indices: Vec<Option<i32>>,
}

impl<'a> Repeated<'a> {
    /// The same text in so many rows more.
    pub(crate) fn push(&mut self, text: Option<&'a str>, rows: usize) {
        let number = text.map(|text| {
            *self.numbers.entry(text).or_insert_with(|| {
                self.texts.push(text);
                self.texts.len() as i32 - 1
            })
        });
        self.indices.extend(std::iter::repeat_n(number, rows));
    }

    /// The column.
    pub(crate) fn column(self, name: &str) -> Column {
        let mut column = numbers(name, self.indices);
        column.field = Field::dictionary(name).nullable();
        let texts = text_array(self.texts.into_iter().map(Some));
        column.array.dictionary = Some(Box::new(texts));
        column
    }
}

/// Which values are there, one bit each, and how many are not; no bits when all are.
fn presence(known: impl Iterator<Item = bool> + Clone) -> (Buffer, usize) {
    match known.clone().filter(|known| !known).count() {
        0 => (Buffer::NONE, 0),
        absent => (Buffer::of(bits(known)), absent),
    }
}

/// Bits, the first one lowest.
fn bits(values: impl Iterator<Item = bool>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (at, value) in values.enumerate() {
        if at % 8 == 0 {
            bytes.push(0);
        }
        bytes[at / 8] |= u8::from(value) << (at % 8);
    }
    bytes
}
