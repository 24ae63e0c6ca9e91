//! An answer as a table of rows, for reading and for other programs' eyes.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use usm_core::history::Table as Answer;

use super::picture::name;
use crate::draw::quantity::quantity;
use crate::draw::{Column, Line, Page, Table, Tone, UNKNOWN, notes};
use crate::failure::Outcome;
use crate::outlet::Outlet;

pub(super) fn draw(answer: &Answer, out: &mut Outlet) -> Outcome {
    let mut page = Page::new(out.style_of_listing());
    rows(answer, &TimeZone::system(), &mut page);
    out.draw(&page)
}

fn rows(answer: &Answer, zone: &TimeZone, page: &mut Page) {
    let first = answer.columns.first().map(|column| &column.key.metric);
    let is_one_metric = answer.columns.iter().all(|c| Some(&c.key.metric) == first);
    let mut table = Table::new(&[Column::text("TIME")]).indented(0);
    for column in &answer.columns {
        table = table.with_number(&name(column, is_one_metric));
    }
    let is_fine = answer.times.windows(2).any(|pair| pair[1] - pair[0] < 1.0);
    for (row, time) in answer.times.iter().enumerate() {
        let mut cells = vec![Line::of(Tone::Quiet, clock(*time, is_fine, zone))];
        cells.extend(answer.columns.iter().map(|column| {
            let value = column.values.get(row).copied().unwrap_or(f64::NAN);
            Line::of(Tone::Plain, quantity(value, column.unit))
        }));
        table.row(cells);
    }
    table.draw(page);
    notes(&answer.notes, page);
}

/// Date and time, without the zone, so that rows are short; the milliseconds where rows are
/// less than a second apart.
fn clock(unix_seconds: f64, is_fine: bool, zone: &TimeZone) -> String {
    let form = match is_fine {
        true => "%Y-%m-%d %H:%M:%S%.3f",
        false => "%Y-%m-%d %H:%M:%S",
    };
    let micros = (unix_seconds * 1e6).round();
    match Timestamp::from_microsecond(micros as i64) {
        Ok(stamp) => stamp
            .to_zoned_datetime(zone.clone())
            .strftime(form)
            .to_string(),
        Err(_) => UNKNOWN.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Style;
    use crate::history::sample_table::{column, labelled, minutes};

    fn drawn(answer: &Answer) -> String {
        let mut page = Page::new(Style {
            width: usize::MAX,
            unicode: true,
            colour: false,
        });
        rows(answer, &TimeZone::UTC, &mut page);
        page.render()
    }

    #[test]
    fn a_row_has_its_time_and_what_is_unknown_is_no_number() {
        let answer = minutes(vec![
            column("cpu_percent", &[12.34, f64::NAN]),
            column("memory_percent", &[50.0, 50.5]),
        ]);
        assert_eq!(
            drawn(&answer),
            "TIME                 cpu_percent  memory_percent\n\
             2026-11-23 14:00:00       12.3 %          50.0 %\n\
             2026-11-23 14:01:00            –          50.5 %\n"
        );
    }

    #[test]
    fn a_name_from_the_machine_cannot_steer_the_terminal() {
        let mut answer = minutes(vec![labelled("disk", "mount", "/a\x1b[2J\n", &[1.0])]);
        answer.times = vec![1_795_442_400.25];
        let text = drawn(&answer);
        assert!(text.contains("mount=/a\\x1b[2J\\x0a"), "{text}");
        assert_eq!(text.lines().count(), 2);
    }

    #[test]
    fn rows_that_are_close_have_milliseconds() {
        let mut answer = minutes(vec![column("cpu_percent", &[1.0, 2.0])]);
        answer.times = vec![1_795_442_400.0, 1_795_442_400.25];
        assert!(drawn(&answer).contains("14:00:00.250"));
    }
}
