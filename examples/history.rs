//! What was, of the own history or of a recording:
//! `cargo run -p usm-examples --bin history -- cpu_percent demo.usm`.

use std::io::Write;
use std::path::PathBuf;

use usm_core::Result;
use usm_core::history::{History, Query, Selector};
use usm_core::store::{DATABASE_NAME, default_folder};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let series = arguments.next().unwrap_or_else(|| "cpu_percent".into());
    let file = match arguments.next() {
        Some(file) => PathBuf::from(file),
        None => default_folder()?.join(DATABASE_NAME),
    };
    let history = History::open(file)?;
    // The newest hour that there is, a row for each minute.
    let extents = history.extents()?;
    let end = extents.iter().map(|extent| extent.last).fold(0.0, f64::max) + 1.0;
    let mut query = Query::new(Selector::parse(&series)?, end - 3600.0, end);
    query.step_seconds = Some(60.0);
    let table = history.query(&query)?;

    let mut out = std::io::stdout().lock();
    for column in &table.columns {
        for (time, value) in table.times.iter().zip(&column.values) {
            // What is not known is NaN, never 0; a closed pipe is no failure of this example.
            if writeln!(out, "{time:.0}  {value:12.2}  {}", column.key).is_err() {
                return Ok(());
            }
        }
    }
    for note in &table.notes {
        if writeln!(out, "note: {note}").is_err() {
            break;
        }
    }
    Ok(())
}
