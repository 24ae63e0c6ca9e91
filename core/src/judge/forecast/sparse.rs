//! Rows of numbers in which NaN stands for "not known". JSON knows no NaN: it is written as
//! null.

use serde::{Deserialize, Deserializer, Serializer};

pub(super) fn serialize<S: Serializer>(row: &[f32], out: S) -> Result<S::Ok, S::Error> {
    out.collect_seq(row.iter().map(|v| v.is_finite().then_some(*v)))
}

pub(super) fn deserialize<'a, D: Deserializer<'a>>(input: D) -> Result<Vec<f32>, D::Error> {
    let row = Vec::<Option<f32>>::deserialize(input)?;
    Ok(row.into_iter().map(|v| v.unwrap_or(f32::NAN)).collect())
}
