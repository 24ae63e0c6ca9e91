//! What a part holds: entities with their labels, when they are there, and for each column
//! how it is packed. Written and read by the same description.

use std::sync::Arc;

use super::coder::{Bit, Coder, Decoder, Encoder};
use super::column::Recipe;
use super::number::{Number, tree_bits};
use super::recipes::RecipeModel;
use super::text::TextModel;
use super::{Damage, Sub};
use crate::series::Entity;

/// A directory has at most this many entries for each byte of its part, plus
/// [`FREE_ENTRIES`]: what bounds the memory that reading it takes. A writer that needs more
/// lengthens its part with zeros.
pub(super) const ENTRIES_PER_BYTE: usize = 8;
pub(super) const FREE_ENTRIES: usize = 8192;
/// So many bytes of labels count as an entry.
const TEXT_PER_ENTRY: u64 = 256;

/// One column's place in the list of an entity.
pub(super) type ColumnKey = (u16, Sub);

/// One entity of a part.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) keys: Arc<[ColumnKey]>,
    /// Lengths of the runs of rows in which it is there and is not, from there; `None`: it
    /// is there in all.
    pub(super) runs: Option<Arc<[u32]>>,
    pub(super) recipes: Vec<Recipe>,
}

/// How labels go.
#[derive(Debug)]
struct LabelModel {
    kind: [Bit; 4],
    number: Number,
    before: Option<Arc<str>>,
}

/// How a label is told. The number is part of the file format.
const NONE: u32 = 0;
const AS_BEFORE: u32 = 1;
const NUMBER: u32 = 2;
const TEXT: u32 = 3;

/// The number that a label is the usual form of.
fn plain_number(label: &str) -> Option<i64> {
    let number: i64 = label.parse().ok()?;
    (number.to_string() == label).then_some(number)
}

/// Everything that is learnt in a directory.
struct Directory {
    labels: Vec<LabelModel>,
    /// Bytes of all labels, and what is learnt of those that are texts.
    text_bytes: usize,
    texts: Option<TextModel>,
    recipes: RecipeModel,
    number: Number,
    runs: Number,
    flag: Bit,
    /// Lists of columns so far, and how far back they are taken up again.
    lists: Vec<Arc<[ColumnKey]>>,
    list: Number,
    sub: [Bit; 8],
}

impl Directory {
    fn new(text_bytes: usize) -> Directory {
        Directory {
            labels: Vec::new(),
            text_bytes,
            texts: None,
            recipes: RecipeModel::new(),
            number: Number::NEW,
            runs: Number::NEW,
            flag: Bit::NEW,
            lists: Vec::new(),
            list: Number::NEW,
            sub: [Bit::NEW; 8],
        }
    }

    fn label_model(&mut self, place: usize) -> &mut LabelModel {
        while self.labels.len() <= place {
            self.labels.push(LabelModel {
                kind: [Bit::NEW; 4],
                number: Number::NEW,
                before: None,
            });
        }
        &mut self.labels[place]
    }

    fn text_model(&mut self) -> &mut TextModel {
        let bytes = self.text_bytes;
        self.texts.get_or_insert_with(|| TextModel::new(bytes))
    }

    fn write_label(&mut self, encoder: &mut Encoder, place: usize, label: Option<&Arc<str>>) {
        let model = self.label_model(place);
        let Some(label) = label else {
            tree_bits(encoder, &mut model.kind, 2, NONE);
            return;
        };
        let before = model.before.replace(label.clone());
        let known = before.as_deref().and_then(plain_number).unwrap_or(0);
        if before.as_deref() == Some(&**label) {
            tree_bits(encoder, &mut model.kind, 2, AS_BEFORE);
        } else if let Some(number) = plain_number(label) {
            tree_bits(encoder, &mut model.kind, 2, NUMBER);
            model
                .number
                .code_signed(encoder, number.wrapping_sub(known));
        } else {
            tree_bits(encoder, &mut model.kind, 2, TEXT);
            self.text_model().write(encoder, label);
        }
    }

    fn read_label(
        &mut self,
        decoder: &mut Decoder<'_>,
        place: usize,
    ) -> Result<Option<Arc<str>>, Damage> {
        let model = self.label_model(place);
        let label: Arc<str> = match tree_bits(decoder, &mut model.kind, 2, 0) {
            NONE => return Ok(None),
            AS_BEFORE => model.before.clone().ok_or(Damage("a label is missing"))?,
            NUMBER => {
                let known = model.before.as_deref().and_then(plain_number).unwrap_or(0);
                let number = known.wrapping_add(model.number.code_signed(decoder, 0));
                number.to_string().into()
            }
            _ => {
                let most = self.text_bytes;
                self.text_model().read(decoder, most)?.into()
            }
        };
        self.label_model(place).before = Some(label.clone());
        Ok(Some(label))
    }
}

/// In how many rows an entity is there.
fn rows_there(runs: Option<&[u32]>, rows: usize) -> usize {
    match runs {
        None => rows,
        Some(runs) => runs.iter().step_by(2).map(|run| *run as usize).sum(),
    }
}

/// How many entries a directory has: what [`read`] counts, or a little more.
pub(super) fn entries(entities: &[(&Entity, &Entry)]) -> usize {
    let of = |(entity, entry): &(&Entity, &Entry)| {
        let texts = entity.labels.iter().flatten().map(|label| label.len());
        let runs = entry.runs.as_ref().map_or(0, |runs| runs.len());
        let texts = texts.sum::<usize>().div_ceil(TEXT_PER_ENTRY as usize);
        1 + entity.labels.len() + texts + runs + entry.keys.len()
    };
    entities.iter().map(of).sum()
}

/// Writes a directory.
pub(super) fn write(entities: &[(&Entity, &Entry)], rows: usize) -> Vec<u8> {
    let mut encoder = Encoder::new();
    let labels = entities.iter().flat_map(|(entity, _)| entity.labels.iter());
    let text_bytes = labels.flatten().map(|label| label.len()).sum();
    let mut model = Directory::new(text_bytes);
    model.number.code(&mut encoder, text_bytes as u64);
    model.number.code(&mut encoder, entities.len() as u64);
    let mut before: Option<&Entry> = None;
    for (entity, entry) in entities {
        model.number.code(&mut encoder, entity.labels.len() as u64);
        for (place, label) in entity.labels.iter().enumerate() {
            model.write_label(&mut encoder, place, label.as_ref());
        }
        let same = before.is_some_and(|before| before.runs == entry.runs);
        encoder.bit(&mut model.flag, same);
        if !same {
            let runs = entry.runs.as_deref().unwrap_or_default();
            model.number.code(&mut encoder, runs.len() as u64);
            for run in runs {
                model.runs.code(&mut encoder, u64::from(*run));
            }
        }
        let known = model.lists.iter().rposition(|list| *list == entry.keys);
        let back = known.map_or(0, |place| model.lists.len() - place);
        model.list.code(&mut encoder, back as u64);
        if known.is_none() {
            model.lists.push(entry.keys.clone());
            model.number.code(&mut encoder, entry.keys.len() as u64);
            let mut metric = 0;
            for (next, sub) in entry.keys.iter() {
                let apart = i64::from(*next) - metric;
                metric = i64::from(*next);
                model.number.code_signed(&mut encoder, apart);
                tree_bits(&mut encoder, &mut model.sub, 3, *sub as u32);
            }
        }
        let there = rows_there(entry.runs.as_deref(), rows);
        model.recipes.begin_entity();
        for (key, recipe) in entry.keys.iter().zip(&entry.recipes) {
            model.recipes.code(&mut encoder, *key, there, *recipe);
        }
        before = Some(entry);
    }
    encoder.finish()
}

/// Reads a directory; `most` is how many entries it may have.
pub(super) fn read(
    bytes: &[u8],
    rows: usize,
    most: usize,
) -> Result<(Vec<Entity>, Vec<Entry>), Damage> {
    let mut decoder = Decoder::new(bytes);
    let mut model = Directory::new(0);
    let mut left = most;
    let mut spend = |count: u64, decoder: &Decoder<'_>| {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        left = match left.checked_sub(count) {
            Some(left) if !decoder.overrun() => left,
            _ => return Err(Damage("its directory is longer than it can be")),
        };
        Ok(count)
    };
    let text_bytes = model.number.code(&mut decoder, 0);
    spend(text_bytes / TEXT_PER_ENTRY, &decoder)?;
    model.text_bytes = text_bytes as usize;
    let count = model.number.code(&mut decoder, 0);
    let count = spend(count, &decoder)?;
    let (mut entities, mut entries) = (Vec::new(), Vec::<Entry>::new());
    for _ in 0..count {
        let labels = model.number.code(&mut decoder, 0);
        let labels = spend(labels, &decoder)?;
        let labels: Result<Vec<_>, Damage> = (0..labels)
            .map(|place| model.read_label(&mut decoder, place))
            .collect();
        entities.push(Entity::new(labels?));
        let before = entries.last();
        let same = decoder.bit(&mut model.flag, false);
        let runs = match before {
            Some(before) if same => before.runs.clone(),
            _ => {
                let count = model.number.code(&mut decoder, 0);
                let count = spend(count, &decoder)?;
                let runs: Vec<u32> = (0..count)
                    .map(|_| model.runs.code(&mut decoder, 0) as u32)
                    .collect();
                let sum: u64 = runs.iter().map(|run| u64::from(*run)).sum();
                if sum > rows as u64 {
                    return Err(Damage("an entity is there in more rows than there are"));
                }
                (count > 0).then(|| runs.into())
            }
        };
        let back = model.list.code(&mut decoder, 0);
        let place = (model.lists.len() as u64).checked_sub(back);
        let place = place.ok_or(Damage("a list of columns is missing"))?;
        let keys = match model.lists.get(place as usize) {
            Some(keys) => {
                spend(keys.len() as u64, &decoder)?;
                keys.clone()
            }
            None => {
                let count = model.number.code(&mut decoder, 0);
                let count = spend(count, &decoder)?;
                let keys = read_keys(&mut decoder, &mut model, count)?;
                model.lists.push(keys.clone());
                keys
            }
        };
        let there = rows_there(runs.as_deref(), rows);
        model.recipes.begin_entity();
        let recipe = |key: &ColumnKey| {
            let recipes = &mut model.recipes;
            recipes.code(&mut decoder, *key, there, Recipe::ABSENT)
        };
        let recipes = keys.iter().map(recipe).collect();
        entries.push(Entry {
            keys,
            runs,
            recipes,
        });
    }
    match decoder.overrun() {
        true => Err(Damage("its directory is shorter than it says")),
        false => Ok((entities, entries)),
    }
}

fn read_keys(
    decoder: &mut Decoder<'_>,
    model: &mut Directory,
    count: usize,
) -> Result<Arc<[ColumnKey]>, Damage> {
    let mut metric = 0i64;
    (0..count)
        .map(|_| {
            metric = metric.wrapping_add(model.number.code_signed(decoder, 0));
            let sub = tree_bits(decoder, &mut model.sub, 3, 0);
            let sub = Sub::from_code(u64::from(sub)).ok_or(Damage("a column of no kind"))?;
            let metric = u16::try_from(metric).map_err(|_| Damage("a metric of no number"))?;
            Ok((metric, sub))
        })
        .collect()
}
