//! The programs that used most over a range.

use serde::Serialize;
use usm_core::Result;
use usm_core::history::{Aggregate, Query, Selector, Table};

use crate::Source;
use crate::curve::step;

/// Stretches that a range is looked at in.
const STRETCHES: f64 = 120.0;

/// What all processes of one name used together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Program {
    /// Their name.
    pub name: String,
    /// Mean over the range of what they used: percent of one core, or bytes. A time at which
    /// there was none of them counts as nothing used.
    pub average: f64,
    /// Most of it in one stretch.
    pub max: f64,
}

/// The programs that used most.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Programs {
    /// Processor time, percent of one core.
    pub by_cpu: Vec<Program>,
    /// Resident memory, bytes.
    pub by_memory: Vec<Program>,
}

impl Programs {
    /// Those of a range, at most so many of each.
    pub(crate) fn read(source: &Source, range: (f64, f64), most: usize) -> Result<Programs> {
        Ok(Programs {
            by_cpu: of(source, "process_cpu_core_percent", range, most)?,
            by_memory: of(source, "process_rss_bytes", range, most)?,
        })
    }
}

fn of(source: &Source, metric: &str, range: (f64, f64), most: usize) -> Result<Vec<Program>> {
    let mut query = Query::new(Selector::parse(metric)?, range.0, range.1);
    query.step_seconds = Some(step(range, STRETCHES));
    query.by = Some(vec!["name".into()]);
    query.combine = Aggregate::Sum;
    query.top = Some(most);
    Ok(programs(&source.history.query(&query)?))
}

fn programs(table: &Table) -> Vec<Program> {
    // Stretches in which nothing at all was recorded tell nothing of anybody.
    let is_known = |row: &usize| table.columns.iter().any(|c| !c.values[*row].is_nan());
    let rows = (0..table.times.len()).filter(is_known).count();
    let programs = table.columns.iter().filter_map(|column| {
        let known = || {
            column
                .values
                .iter()
                .copied()
                .filter(|value| !value.is_nan())
        };
        let name = column.key.labels.iter().find(|(label, _)| label == "name");
        Some(Program {
            name: name.map_or("", |(_, name)| name).to_owned(),
            average: known().sum::<f64>() / rows.max(1) as f64,
            max: known().reduce(f64::max)?,
        })
    });
    let mut programs: Vec<Program> = programs.filter(|program| program.max > 0.0).collect();
    programs.sort_by(|a, b| b.average.total_cmp(&a.average));
    programs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::hour;

    #[test]
    fn the_busiest_programs_come_first_and_there_are_not_too_many() {
        let (source, all) = hour();
        let programs = Programs::read(&source, (all.since, all.until), 5).unwrap();
        assert_eq!((programs.by_cpu.len(), programs.by_memory.len()), (5, 5));
        for list in [&programs.by_cpu, &programs.by_memory] {
            assert!(list.is_sorted_by(|a, b| a.average >= b.average), "{list:?}");
            assert!(
                list.iter()
                    .all(|p| p.average <= p.max && !p.name.is_empty())
            );
        }
    }
}
