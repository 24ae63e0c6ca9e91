//! Rows into the table of the same name.

use std::ops::ControlFlow;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::Told;
use super::catalogue::Key;
use super::copy::{Chunks, Fate, NO_ROOM, Way, Work};
use super::identity::{self, Counts, quoted};
use super::report::TableReport;
use super::target::{Order, Shape, Target};
use super::value::{self, Column};
use crate::Result;
use crate::store::{Fault, FaultKind, MOST_JUDGED_ROWS, Outcome};

/// Bytes of a row beside its texts.
const ROW_BYTES: usize = 128;

/// Rows between two looks at the watcher.
pub(super) const TOLD_ROWS: u64 = 1000;

/// What an ordered row without long texts takes in the file, with its place in the index.
const STORED_BYTES: u64 = 160;

const TOO_MANY: &str = "of this table no more than the newest 20000 rows are kept";
const STAYS: &str = "one of this name is here with other values; ours stays as it is";

/// A row of ours to be.
struct Item {
    row: i64,
    /// The number that it gets; `None`: the next one.
    number: Option<i64>,
    values: Vec<Value>,
}

/// How rows are written.
struct Rows {
    insert: String,
    insert_numbered: String,
    /// Of a table of names: which value the name is, how it is looked up, and which values
    /// must be the same.
    named: Option<(usize, String, Vec<usize>)>,
}

pub(super) fn bring(
    work: &Work<'_>,
    target: &mut Target,
    told: &mut Told<'_>,
) -> Result<TableReport> {
    let spec = work.spec;
    let mut report = TableReport::new(spec.name, spec.name);
    let columns = match work.source.columns(spec.name) {
        Ok(columns) => columns,
        Err(fault) => {
            report.error = Some(fault.cause);
            return Ok(report);
        }
    };
    let shape = target.shape(work.side, spec)?;
    let shape = match shape {
        Some(shape) if shape.takes_rows => shape,
        found => {
            let why = match found {
                Some(_) => "worked out from our own data here, not stored",
                None => "this release has no such table",
            };
            leave_all(work, why, &mut report);
            return Ok(report);
        }
    };
    let ours = shared(&shape, &columns, &mut report);
    if let Some(lacking) = lacking(&shape, &columns, spec.key) {
        leave_all(
            work,
            &format!("the table has no column {lacking}"),
            &mut report,
        );
        return Ok(report);
    }
    let names: Vec<&str> = ours.iter().map(|column| column.name.as_str()).collect();
    let stamp = spec
        .age
        .and_then(|age| names.iter().position(|name| *name == age));
    let key: Vec<usize> = match spec.key {
        Key::Content { but } => places(&names, |name| !but.contains(&name)),
        Key::Name { .. } => Vec::new(),
    };
    let mut known = match spec.key {
        Key::Content { .. } => known(work, target, &names, &key)?,
        Key::Name { .. } => Counts::new(),
    };
    let mut order = match (spec.age, stamp) {
        (Some(age), Some(_)) if spec.is_ordered => {
            let older = |newest| work.older(age, newest);
            Some(target.order(work.side, spec.name, age, older)?)
        }
        _ => None,
    };
    let there = known.values().map(|count| u64::from(*count)).sum();
    let (mut surplus, why) = match spec.age {
        Some(_) if !spec.is_ordered => (told.total.saturating_sub(MOST_JUDGED_ROWS), TOO_MANY),
        _ => (work.surplus(target, STORED_BYTES, there)?, NO_ROOM),
    };
    let mut chunks = Chunks::new(Rows::new(spec.name, &names, spec.key), work.side);
    let selected: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let torn = work.source.scan(spec.name, &selected, &mut |row, values| {
        report.found += 1;
        match convert(&ours, values).and_then(|values| checked(work, values, stamp)) {
            Err(why) => report.skip(row, &why),
            Ok(values) if is_known(&mut known, &values, &key) => report.already_there += 1,
            Ok(_) if surplus > 0 => {
                surplus -= 1;
                report.skip(row, why);
                if spec.is_ordered {
                    report.error = Some(why.to_owned());
                }
            }
            Ok(values) => {
                let number = number(&mut order, &values, stamp);
                let item = Item {
                    row,
                    number,
                    values,
                };
                chunks.push(item, target, &mut report)?;
            }
        }
        match report.found % TOLD_ROWS {
            0 => Ok(told.rows(report.found)),
            _ => Ok(ControlFlow::Continue(())),
        }
    })?;
    chunks.flush(target, &mut report)?;
    report.error = report.error.or(torn);
    Ok(report)
}

/// Leaves every row where it is.
fn leave_all(work: &Work<'_>, why: &str, report: &mut TableReport) {
    match work.source.count(work.spec.name) {
        Ok(count) => {
            report.found = count;
            report.skip_all(&[], count, why);
        }
        Err(fault) => report.error = Some(fault.cause),
    }
}

/// Our columns that the prototype's table has, too; the others it has are noted.
fn shared(shape: &Shape, theirs: &[String], report: &mut TableReport) -> Vec<Column> {
    let is_ours = |name: &String| {
        let mut ours = shape.columns.iter();
        name == "id" || ours.any(|column| column.name.eq_ignore_ascii_case(name))
    };
    let foreign: Vec<&str> = theirs
        .iter()
        .filter(|name| !is_ours(name))
        .map(String::as_str)
        .collect();
    if !foreign.is_empty() {
        report.notes.push(format!(
            "columns that are not the prototype's stay behind: {}",
            foreign.join(", ")
        ));
    }
    let is_theirs = |column: &&Column| {
        let mut theirs = theirs.iter();
        theirs.any(|name| column.name.eq_ignore_ascii_case(name))
    };
    shape.columns.iter().filter(is_theirs).cloned().collect()
}

/// A column that rows can't do without.
fn lacking(shape: &Shape, theirs: &[String], key: Key) -> Option<String> {
    let named = match key {
        Key::Name { column, .. } => Some(column),
        Key::Content { .. } => None,
    };
    let needed = shape.columns.iter().filter(|column| column.is_needed);
    let mut needed = needed.map(|column| column.name.as_str()).chain(named);
    let is_theirs = |name: &str| theirs.iter().any(|other| other.eq_ignore_ascii_case(name));
    needed.find(|name| !is_theirs(name)).map(str::to_owned)
}

fn places(names: &[&str], chosen: impl Fn(&str) -> bool) -> Vec<usize> {
    let numbered = names.iter().enumerate();
    let chosen = numbered.filter(|(_, name)| chosen(name));
    chosen.map(|(place, _)| place).collect()
}

/// The contents that are there, as far back as the prototype's rows may go.
fn known(work: &Work<'_>, target: &mut Target, names: &[&str], key: &[usize]) -> Result<Counts> {
    let columns: Vec<&str> = key.iter().map(|place| names[*place]).collect();
    if columns.is_empty() {
        return Ok(Counts::new());
    }
    target.look(work.side, |connection| {
        identity::counts(connection, work.spec.name, &columns, "1")
    })
}

fn convert(
    columns: &[Column],
    values: std::result::Result<Vec<Value>, String>,
) -> std::result::Result<Vec<Value>, String> {
    let taken = columns.iter().zip(values?);
    taken.map(|(column, value)| column.take(value)).collect()
}

fn checked(
    work: &Work<'_>,
    values: Vec<Value>,
    stamp: Option<usize>,
) -> std::result::Result<Vec<Value>, String> {
    if let Some(place) = stamp
        && let Some(seconds) = seconds(&values[place])
    {
        work.check_age(seconds)?;
    }
    Ok(values)
}

fn seconds(value: &Value) -> Option<f64> {
    // By the name of a time: it may be a date.
    value::real("created_at", value).ok().flatten()
}

fn is_known(known: &mut Counts, values: &[Value], key: &[usize]) -> bool {
    let content = key.iter().map(|place| &values[*place]);
    !known.is_empty() && identity::take(known, identity::hash(content))
}

fn number(order: &mut Option<Order>, values: &[Value], stamp: Option<usize>) -> Option<i64> {
    let stamp = stamp.and_then(|place| seconds(&values[place]));
    order.as_mut().and_then(|order| order.number(stamp))
}

impl Rows {
    fn new(table: &str, names: &[&str], key: Key) -> Rows {
        let marks = |first: usize| {
            let marks: Vec<String> = (0..names.len())
                .map(|n| format!("?{}", n + first))
                .collect();
            marks.join(", ")
        };
        let list = quoted(names);
        let named = match key {
            Key::Content { .. } => None,
            Key::Name { column, but } => {
                let place = names.iter().position(|name| *name == column);
                let lookup = format!("SELECT {list} FROM \"{table}\" WHERE \"{column}\" = ?1");
                place.map(|place| (place, lookup, places(names, |name| !but.contains(&name))))
            }
        };
        Rows {
            insert: format!("INSERT INTO \"{table}\" ({list}) VALUES ({})", marks(1)),
            insert_numbered: format!(
                "INSERT INTO \"{table}\" (id, {list}) VALUES (?1, {})",
                marks(2)
            ),
            named,
        }
    }

    /// What becomes of a row with a name that is there already; `None` when it is not.
    fn of_name(&self, connection: &Connection, values: &[Value]) -> Outcome<Option<Fate>> {
        let Some((name, lookup, compared)) = &self.named else {
            return Ok(None);
        };
        let mut statement = connection.prepare_cached(lookup)?;
        let mut rows = statement.query([&values[*name]])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        for place in compared {
            let ours = value::read(row.get_ref(*place)?, "").unwrap_or(Value::Null);
            if !identity::is_same(&ours, &values[*place]) {
                return Ok(Some(Fate::Skipped(STAYS.to_owned())));
            }
        }
        Ok(Some(Fate::AlreadyThere))
    }
}

impl Way for Rows {
    type Item = Item;

    fn row(item: &Item) -> i64 {
        item.row
    }

    fn bytes(item: &Item) -> usize {
        let texts = item.values.iter().map(|value| match value {
            Value::Text(text) => text.len(),
            _ => 0,
        });
        ROW_BYTES + texts.sum::<usize>()
    }

    fn write(&self, connection: &Connection, item: &Item) -> Outcome<Fate> {
        if let Some(fate) = self.of_name(connection, &item.values)? {
            return Ok(fate);
        }
        let done = match item.number {
            None => {
                let mut statement = connection.prepare_cached(&self.insert)?;
                statement.execute(params_from_iter(&item.values))
            }
            Some(number) => {
                let mut statement = connection.prepare_cached(&self.insert_numbered)?;
                let number = Value::Integer(number);
                let values = std::iter::once(&number).chain(&item.values);
                statement.execute(params_from_iter(values))
            }
        };
        match done.map_err(Fault::from) {
            Ok(_) => Ok(Fate::Imported),
            Err(fault) if fault.kind == FaultKind::Row => Ok(Fate::Skipped(fault.cause)),
            Err(fault) => Err(fault),
        }
    }
}
