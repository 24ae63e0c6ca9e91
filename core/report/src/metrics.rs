//! Rows of the machine's main metrics, by the prototype's names, read piece by piece: a month
//! of samples is never held in memory.

use std::borrow::Cow;

use usm_core::Result;
use usm_core::history::{Aggregate, History, Query, Selector, Table};

use crate::row::{Cell, Rows};
use crate::{Source, Wanted};

const MIB: f64 = 1024.0 * 1024.0;

/// Width of a piece, seconds.
const PIECE_SECONDS: f64 = 21_600.0;

/// Widths of pieces are multiples of this: rows of every tier begin there.
const LEAST_PIECE_SECONDS: f64 = 600.0;

/// Most rows of a piece, nearly.
const MOST_ROWS: f64 = 25_000.0;

/// How values are written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Shape {
    /// A number, divided by this.
    Real(f64),
    Whole,
    Flag,
}

/// One column.
#[derive(Debug)]
pub(crate) struct Column {
    /// The prototype's name.
    pub(crate) name: &'static str,
    /// The engine's series; of several the sum.
    pub(crate) series: &'static str,
    pub(crate) shape: Shape,
}

const fn column(name: &'static str, series: &'static str, shape: Shape) -> Column {
    Column {
        name,
        series,
        shape,
    }
}

/// The prototype's columns, in its order, behind `timestamp`.
pub(crate) static COLUMNS: [Column; 12] = [
    column("cpu_percent", "cpu_percent", Shape::Real(1.0)),
    column("memory_percent", "memory_percent", Shape::Real(1.0)),
    column("disk_percent", "disk_percent", Shape::Real(1.0)),
    // Since boot, loopback included, as the prototype's.
    column(
        "network_sent_mb",
        "interface_sent_bytes_total",
        Shape::Real(MIB),
    ),
    column(
        "network_recv_mb",
        "interface_received_bytes_total",
        Shape::Real(MIB),
    ),
    column("process_count", "process_count", Shape::Whole),
    column("load_average_1", "load_average_1", Shape::Real(1.0)),
    column("load_average_5", "load_average_5", Shape::Real(1.0)),
    column("load_average_15", "load_average_15", Shape::Real(1.0)),
    column("temperature", "temperature_celsius", Shape::Real(1.0)),
    column("battery_percent", "battery_percent", Shape::Real(1.0)),
    column("battery_plugged", "battery_plugged", Shape::Flag),
];

impl Column {
    fn is_counter(&self) -> bool {
        self.series.ends_with("_total")
    }

    fn has_extremes(&self) -> bool {
        !self.is_counter() && self.shape != Shape::Flag
    }

    pub(crate) fn cell<'a>(&self, value: f64) -> Cell<'a> {
        match self.shape {
            Shape::Real(divisor) => Cell::real(value / divisor),
            Shape::Whole => Cell::whole(value),
            Shape::Flag if value.is_nan() => Cell::Unknown,
            // Of a stretch in which it changed: as it was for most of it.
            Shape::Flag => Cell::Flag(value >= 0.5),
        }
    }
}

/// One time, and the value of each column; NaN where it is not known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) time: f64,
    pub(crate) values: [f64; COLUMNS.len()],
    pub(crate) least: [f64; COLUMNS.len()],
    pub(crate) greatest: [f64; COLUMNS.len()],
}

impl Row {
    const fn at(time: f64) -> Row {
        let unknown = [f64::NAN; COLUMNS.len()];
        Row {
            time,
            values: unknown,
            least: unknown,
            greatest: unknown,
        }
    }
}

/// What the reading came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Read {
    pub(crate) rows: u64,
    /// Most rows that were held at once.
    pub(crate) most_held: usize,
    pub(crate) notes: Vec<String>,
}

/// Hands out the rows of the range in the order of time.
pub(crate) fn read(
    source: &Source,
    wanted: &Wanted,
    take: &mut dyn FnMut(&Row) -> Result<()>,
    progress: &mut dyn FnMut(f64) -> bool,
) -> Result<Read> {
    let mut read = Read::default();
    let Some((since, until)) = source.held(wanted)? else {
        return Ok(read);
    };
    let reading = Reading {
        history: &source.history,
        step: wanted.step_seconds,
        extremes: wanted.extremes,
    };
    let pieces = reading.pieces(since, until)?;
    for (done, piece) in pieces.iter().enumerate() {
        if !progress(done as f64 / pieces.len() as f64) {
            return Err(crate::export::cancelled());
        }
        let rows = reading.piece(*piece, &mut read.notes)?;
        read.most_held = read.most_held.max(rows.len());
        for row in &rows {
            take(row)?;
            read.rows += 1;
        }
    }
    Ok(read)
}

struct Reading<'a> {
    history: &'a History,
    step: Option<f64>,
    extremes: bool,
}

impl Reading<'_> {
    fn query(&self, (since, until): (f64, f64), columns: &[&Column]) -> Result<Query> {
        let mut select = columns.iter().map(|column| Selector::parse(column.series));
        let first = select
            .next()
            .unwrap_or_else(|| Selector::parse("cpu_percent"))?;
        let mut query = Query::new(first, since, until);
        for selector in select {
            query.select.push(selector?);
        }
        query.step_seconds = self.step;
        // The interfaces together; the others have one series each.
        query.by = Some(Vec::new());
        query.combine = Aggregate::Sum;
        Ok(query)
    }

    /// The stretches of the range that have rows, none of which is too much at once.
    fn pieces(&self, since: f64, until: f64) -> Result<Vec<(f64, f64)>> {
        let width = match self.step {
            Some(step) => step * (PIECE_SECONDS / step).ceil().clamp(1.0, MOST_ROWS),
            None => PIECE_SECONDS,
        };
        let all: Vec<&Column> = COLUMNS.iter().collect();
        let mut query = self.query((since, until), &all)?;
        query.step_seconds = Some(width);
        query.aggregate = Aggregate::Count;
        // Each alone: samples are counted, not sums.
        query.by = None;
        let counted = self.history.query(&query)?;
        let mut pieces = Vec::new();
        for (row, begin) in counted.times.iter().enumerate() {
            let counts = counted.columns.iter().map(|column| column.values[row]);
            let samples = counts.fold(0.0, f64::max);
            // Greater than nothing, which NaN is not.
            if samples > 0.0 {
                self.split(*begin, width, samples, &mut pieces);
            }
        }
        let within = |(from, to): (f64, f64)| (from.max(since), to.min(until));
        let pieces = pieces.into_iter().map(within);
        Ok(pieces.filter(|(from, to)| from < to).collect())
    }

    fn split(&self, begin: f64, width: f64, samples: f64, pieces: &mut Vec<(f64, f64)>) {
        let parts = match self.step {
            // Its rows are counted already.
            Some(_) => 1.0,
            None => (samples / MOST_ROWS)
                .ceil()
                .clamp(1.0, width / LEAST_PIECE_SECONDS),
        };
        let part = (width / parts / LEAST_PIECE_SECONDS).ceil() * LEAST_PIECE_SECONDS;
        let part = if parts == 1.0 { width } else { part };
        let end = begin + width;
        let mut from = begin;
        while from < end {
            pieces.push((from, (from + part).min(end)));
            from += part;
        }
    }

    fn piece(&self, range: (f64, f64), notes: &mut Vec<String>) -> Result<Vec<Row>> {
        let mut rows: Vec<Row> = Vec::new();
        let (counters, gauges): (Vec<&Column>, Vec<&Column>) =
            COLUMNS.iter().partition(|column| column.is_counter());
        let mut ask = |columns: &[&Column], aggregate: Aggregate| -> Result<Table> {
            let mut query = self.query(range, columns)?;
            query.aggregate = aggregate;
            let table = self.history.query(&query)?;
            for note in &table.notes {
                if !notes.contains(note) {
                    notes.push(note.clone());
                }
            }
            Ok(table)
        };
        let means = ask(&gauges, Aggregate::Mean)?;
        fill(&mut rows, &means, |row| &mut row.values);
        let last = ask(&counters, Aggregate::Last)?;
        fill(&mut rows, &last, |row| &mut row.values);
        if self.extremes {
            let both: Vec<&Column> = gauges.into_iter().filter(|c| c.has_extremes()).collect();
            let least = ask(&both, Aggregate::Min)?;
            fill(&mut rows, &least, |row| &mut row.least);
            let greatest = ask(&both, Aggregate::Max)?;
            fill(&mut rows, &greatest, |row| &mut row.greatest);
        }
        rows.retain(|row| row.values.iter().any(|value| !value.is_nan()));
        Ok(rows)
    }
}

/// Puts the values of a table where their times are; both are in the order of time.
fn fill(rows: &mut Vec<Row>, table: &Table, of: fn(&mut Row) -> &mut [f64; COLUMNS.len()]) {
    let places: Vec<Option<usize>> = table
        .columns
        .iter()
        .map(|column| {
            COLUMNS
                .iter()
                .position(|known| known.series == column.key.metric)
        })
        .collect();
    let old = std::mem::take(rows);
    rows.reserve(old.len().max(table.times.len()));
    let mut old = old.into_iter().peekable();
    for (place, time) in table.times.iter().enumerate() {
        while let Some(before) = old.next_if(|row| row.time < *time) {
            rows.push(before);
        }
        let mut row = old
            .next_if(|row| row.time == *time)
            .unwrap_or(Row::at(*time));
        for (column, known) in table.columns.iter().zip(&places) {
            if let (Some(known), Some(value)) = (known, column.values.get(place)) {
                of(&mut row)[*known] = *value;
            }
        }
        rows.push(row);
    }
    rows.extend(old);
}

/// Names of the columns of an export.
pub(crate) fn names(extremes: bool) -> Vec<Cow<'static, str>> {
    let mut names: Vec<Cow<'static, str>> = vec!["timestamp".into()];
    names.extend(COLUMNS.iter().map(|column| Cow::from(column.name)));
    if extremes {
        for column in COLUMNS.iter().filter(|column| column.has_extremes()) {
            names.push(format!("{}_min", column.name).into());
            names.push(format!("{}_max", column.name).into());
        }
    }
    names
}

/// The cells of a row, as [`names`] has them.
pub(crate) fn cells<'a>(row: &Row, extremes: bool) -> Vec<Cell<'a>> {
    let mut cells = vec![Cell::real(row.time)];
    let values = COLUMNS.iter().zip(row.values);
    cells.extend(values.map(|(column, value)| column.cell(value)));
    if extremes {
        for (place, column) in COLUMNS.iter().enumerate() {
            if column.has_extremes() {
                cells.push(column.cell(row.least[place]));
                cells.push(column.cell(row.greatest[place]));
            }
        }
    }
    cells
}

/// Writes the range as one table.
pub(crate) fn write(
    source: &Source,
    wanted: &Wanted,
    to: &mut dyn Rows,
    progress: &mut dyn FnMut(f64) -> bool,
) -> Result<Read> {
    to.begin(&names(wanted.extremes))?;
    let mut take = |row: &Row| to.row(&cells(row, wanted.extremes));
    let read = read(source, wanted, &mut take, progress)?;
    to.end()?;
    Ok(read)
}
