//! When the rows of a block were: two clocks that mostly go alike.

use super::coder::{Decoder, Encoder};
use super::column::{Recipe, pack, unpack};
use super::envelope::{put_size, seal, take_bytes, take_size, unseal};
use super::recipes::RecipeModel;
use super::{Damage, MOST_ROWS, Sub, Times};
use crate::series::ABSENT;

/// Packs when the rows were.
pub(crate) fn pack_times(times: &Times) -> Vec<u8> {
    let count = times.unix_us.len();
    let rows: Vec<usize> = (0..count).collect();
    let mut second = times.second.clone();
    second.resize(count, ABSENT);
    let (second_recipe, second_bytes) = pack(&second, &rows, None);
    let pairs = times.unix_us.iter().zip(&second);
    let apart: Vec<i64> = pairs
        .map(|(unix, second)| unix.wrapping_sub(*second))
        .collect();
    // Either the clocks go alike, or the wall clock goes by itself.
    let (alike, alike_bytes) = pack(&apart, &rows, None);
    let (alone, alone_bytes) = pack(&times.unix_us, &rows, None);
    let is_alike = alike_bytes.len() < alone_bytes.len();
    let (unix_recipe, unix_bytes) = match is_alike {
        true => (alike, alike_bytes),
        false => (alone, alone_bytes),
    };
    let mut encoder = Encoder::new();
    let mut model = RecipeModel::new();
    model.code(&mut encoder, (0, Sub::Count), count, second_recipe);
    model.code(&mut encoder, (0, Sub::Value), count, unix_recipe);
    let directory = encoder.finish();
    let mut body = Vec::new();
    put_size(&mut body, count << 1 | usize::from(is_alike));
    put_size(&mut body, directory.len());
    body.extend_from_slice(&directory);
    body.extend_from_slice(&second_bytes);
    body.extend_from_slice(&unix_bytes);
    seal(&body)
}

/// Unpacks them.
pub(crate) fn unpack_times(bytes: &[u8]) -> Result<Times, Damage> {
    let mut body = unseal(bytes)?;
    let count = take_size(&mut body)?;
    let (count, is_alike) = (count >> 1, count & 1 == 1);
    if count > MOST_ROWS {
        return Err(Damage("it says that it has too many rows"));
    }
    let directory = take_size(&mut body)?;
    let directory = take_bytes(&mut body, directory)?;
    let mut decoder = Decoder::new(directory);
    let mut model = RecipeModel::new();
    let second_recipe = model.code(&mut decoder, (0, Sub::Count), count, Recipe::ABSENT);
    let unix_recipe = model.code(&mut decoder, (0, Sub::Value), count, Recipe::ABSENT);
    if decoder.overrun() {
        return Err(Damage("its directory is shorter than it says"));
    }
    let rows: Vec<usize> = (0..count).collect();
    let mut column = |recipe: &Recipe| {
        let bytes = take_bytes(&mut body, recipe.bytes)?;
        let mut values = vec![ABSENT; count];
        unpack(recipe, bytes, &rows, None, &mut values)?;
        Ok(values)
    };
    let second = column(&second_recipe)?;
    let mut unix_us = column(&unix_recipe)?;
    if is_alike {
        for (unix, second) in unix_us.iter_mut().zip(&second) {
            *unix = unix.wrapping_add(*second);
        }
    }
    Ok(Times { unix_us, second })
}
