//! The range in rows of equal width, as few as a report has room for.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use usm_core::Result;

use crate::curve::step;
use crate::metrics::{self, Row};
use crate::row::Cell;
use crate::{Source, Wanted};

/// Most rows, nearly.
const MOST_ROWS: f64 = 500.0;

/// Rows of the machine's main metrics, by the prototype's names, with the least and the
/// greatest of each row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PastRows {
    rows: Vec<Row>,
    /// Width of a row, seconds.
    pub step_seconds: f64,
}

impl PastRows {
    pub(crate) fn read(source: &Source, wanted: &Wanted, range: (f64, f64)) -> Result<PastRows> {
        let step_seconds = step(range, MOST_ROWS);
        let wanted = Wanted {
            step_seconds: Some(step_seconds),
            extremes: true,
            ..*wanted
        };
        let mut rows = Vec::new();
        metrics::read(
            source,
            &wanted,
            &mut |row| {
                rows.push(row.clone());
                Ok(())
            },
            &mut |_| true,
        )?;
        Ok(PastRows { rows, step_seconds })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl Serialize for PastRows {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(Some(self.rows.len()))?;
        for row in &self.rows {
            list.serialize_element(&AsMap(row))?;
        }
        list.end()
    }
}

struct AsMap<'a>(&'a Row);

impl Serialize for AsMap<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        let (names, cells) = (metrics::names(true), metrics::cells(self.0, true));
        let mut map = to.serialize_map(Some(names.len()))?;
        for (name, cell) in names.iter().zip(&cells) {
            match cell {
                Cell::Real(value) => map.serialize_entry(name, value)?,
                Cell::Whole(value) => map.serialize_entry(name, value)?,
                Cell::Flag(value) => map.serialize_entry(name, value)?,
                Cell::Text(text) => map.serialize_entry(name, text)?,
                Cell::List(texts) => map.serialize_entry(name, texts)?,
                Cell::Unknown => map.serialize_entry(name, &())?,
            }
        }
        map.end()
    }
}
