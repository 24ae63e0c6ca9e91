//! Whether two rows say the same.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use rusqlite::Connection;
use rusqlite::types::Value;

use super::value;
use crate::store::Outcome;

/// How often each content is there.
pub(super) type Counts = HashMap<u64, u32>;

/// Of values, such that 5 and 5.0 are the same.
pub(super) fn hash<'a>(values: impl Iterator<Item = &'a Value>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for value in values {
        match value {
            Value::Null => 0_u8.hash(&mut hasher),
            Value::Integer(number) => number_bits(*number as f64, &mut hasher),
            Value::Real(number) => number_bits(*number, &mut hasher),
            Value::Text(text) => (2_u8, text).hash(&mut hasher),
            Value::Blob(bytes) => (3_u8, bytes).hash(&mut hasher),
        }
    }
    hasher.finish()
}

fn number_bits(number: f64, hasher: &mut DefaultHasher) {
    // Of the two zeros one.
    (1_u8, (number + 0.0).to_bits()).hash(hasher);
}

/// The same, of two single values.
pub(super) fn is_same(left: &Value, right: &Value) -> bool {
    hash(std::iter::once(left)) == hash(std::iter::once(right))
}

/// The contents of a table of ours, in these columns, of the rows that meet a condition.
pub(super) fn counts(
    connection: &Connection,
    table: &str,
    columns: &[&str],
    condition: &str,
) -> Outcome<Counts> {
    let list = quoted(columns);
    let sql = format!("SELECT {list} FROM \"{table}\" WHERE {condition}");
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    let mut counts = Counts::new();
    let mut values = Vec::with_capacity(columns.len());
    while let Some(row) = rows.next()? {
        values.clear();
        for (place, name) in columns.iter().enumerate() {
            // What is no UTF-8 was never brought in.
            values.push(value::read(row.get_ref(place)?, name).unwrap_or(Value::Null));
        }
        *counts.entry(hash(values.iter())).or_insert(0) += 1;
    }
    Ok(counts)
}

/// A list of names for SQL.
pub(super) fn quoted(columns: &[&str]) -> String {
    let quoted: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
    quoted.join(", ")
}

/// Takes one of a content away; false when there is none left.
pub(super) fn take(counts: &mut Counts, hash: u64) -> bool {
    match counts.get_mut(&hash) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_same_whatever_their_type_and_texts_are_not_numbers() {
        let same = |left, right| is_same(&left, &right);
        assert!(same(Value::Integer(5), Value::Real(5.0)));
        assert!(same(Value::Real(0.0), Value::Real(-0.0)));
        assert!(!same(Value::Integer(0), Value::Null));
        assert!(!same(Value::Text("5".into()), Value::Integer(5)));
        let of = |list: [&str; 2]| {
            let values = list.map(|text| Value::Text(text.into()));
            hash(values.iter())
        };
        assert_ne!(of(["ab", "c"]), of(["a", "bc"]));
    }
}
