//! What goes out as text comes in again, and what is no table is refused with its place.

use proptest::prelude::*;

use super::*;
use crate::history::{History, Query, Selector, SeriesKey};
use crate::series::{ABSENT, Kind, Unit, catalog};

/// By time: core, metric and steps.
type Rows = Vec<(i64, Vec<(String, u16, i64)>)>;

fn column(core: &str, metric: &str, values: Vec<f64>) -> TableColumn {
    let metric = catalog::by_name(metric).unwrap();
    TableColumn {
        key: SeriesKey {
            metric: metric.name.into(),
            labels: vec![("core".into(), core.into())],
        },
        unit: metric.unit,
        kind: metric.kind,
        values,
    }
}

fn frames(text: &str, format: TextFormat) -> Result<Vec<Frame>> {
    let mut frames = Vec::new();
    read_frames(&mut text.as_bytes(), format, &mut |frame| {
        frames.push(frame);
        Ok(())
    })?;
    Ok(frames)
}

fn csv_of(table: &Table) -> String {
    let mut text = Vec::new();
    table.write_csv(&mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn wrong_csv(text: &str) -> String {
    frames(text, TextFormat::Csv).unwrap_err().to_string()
}

fn wrong_json(text: &str) -> String {
    frames(text, TextFormat::Json).unwrap_err().to_string()
}

/// What a table holds of a series, by time, in steps.
fn expected(table: &Table) -> Rows {
    let mut rows = Vec::new();
    for (row, time) in table.times.iter().enumerate() {
        let mut values = Vec::new();
        for column in &table.columns {
            let metric = catalog::by_name(&column.key.metric).unwrap();
            let raw = column.values[row] * f64::from(metric.steps_per_unit);
            if !raw.is_nan() {
                values.push((
                    column.key.labels[0].1.clone(),
                    metric.id,
                    raw.round() as i64,
                ));
            }
        }
        values.sort();
        if !values.is_empty() {
            rows.push(((time * 1e6).round() as i64, values));
        }
    }
    rows
}

fn found(frames: &[Frame]) -> Rows {
    let mut rows = Vec::new();
    for frame in frames {
        let mut values = Vec::new();
        for part in &frame.parts {
            let metrics = catalog::of_family(part.family);
            let rows = part.values.chunks_exact(metrics.len());
            for (entity, row) in part.entities.iter().zip(rows) {
                for (metric, raw) in metrics.iter().zip(row) {
                    if *raw != ABSENT {
                        let core = entity.labels[0].as_deref().unwrap();
                        values.push((core.to_string(), metric.id, *raw));
                    }
                }
            }
        }
        values.sort();
        rows.push((frame.unix_us, values));
    }
    rows
}

prop_compose! {
    fn any_values(rows: usize)(
        raw in prop::collection::vec(prop_oneof![
            1 => Just(None), 4 => (-100_000_000i64..100_000_000).prop_map(Some),
        ], rows),
    ) -> Vec<Option<i64>> { raw }
}

prop_compose! {
    fn any_table()(
        steps in prop::collection::vec(1u32..5_000_000, 0..12), start in 0u32..2_000_000_000,
        names in prop::collection::btree_set(".{0,6}", 0..4),
    )(
        columns in prop::collection::vec((any_values(steps.len()), any_values(steps.len())), names.len()),
        steps in Just(steps), start in Just(start), names in Just(names),
    ) -> Table {
        let mut us = i64::from(start) * 1_000_000;
        let times = steps.iter().map(|step| {
            us += i64::from(*step);
            us as f64 / 1e6
        });
        let mut table = Table { times: times.collect(), ..Table::default() };
        for (name, (busy, total)) in names.iter().zip(columns) {
            let known = |raw: &Option<i64>| raw.map_or(f64::NAN, |raw| raw as f64 / 100.0);
            let busy = busy.iter().map(known).collect();
            let total = total.iter().map(known).collect();
            table.columns.push(column(name, "core_busy_percent", busy));
            table.columns.push(column(name, "core_user_seconds_total", total));
        }
        table
    }
}

proptest! {
    #[test]
    fn a_table_comes_back_from_csv_and_json_to_the_metrics_step(table in any_table()) {
        let csv = frames(&csv_of(&table), TextFormat::Csv).unwrap();
        prop_assert_eq!(found(&csv), expected(&table));
        let json = table.to_json().to_string();
        prop_assert_eq!(frames(&json, TextFormat::Json).unwrap(), csv);
    }

    #[test]
    fn arbitrary_bytes_are_a_table_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for format in [TextFormat::Csv, TextFormat::Json] {
            let _ = read_frames(&mut bytes.as_slice(), format, &mut |_| Ok(()));
        }
    }

    /// A valid text with some of it cut out, doubled or overwritten.
    #[test]
    fn a_damaged_table_is_a_table_or_refused(
        table in any_table(), at in 0.0f64..1.0, length in 0usize..20,
        with in prop::sample::select(vec!["", "\"", ",", "\n", "}", "\\", "1e999", "-", "null", "{"]),
    ) {
        for (text, format) in [
            (csv_of(&table), TextFormat::Csv),
            (table.to_json().to_string(), TextFormat::Json),
        ] {
            let mut bytes = text.into_bytes();
            let start = (at * bytes.len() as f64) as usize;
            let end = (start + length).min(bytes.len());
            bytes.splice(start..end, with.bytes());
            let mut last = i64::MIN;
            let _ = read_frames(&mut bytes.as_slice(), format, &mut |frame| {
                assert!(frame.unix_us > last, "times ascend in what is taken");
                last = frame.unix_us;
                Ok(())
            });
        }
    }
}

#[test]
fn a_table_is_written_as_the_usual_programs_read_it() {
    let table = Table {
        times: vec![1.0, 2.5],
        columns: vec![column("0", "core_busy_percent", vec![12.5, f64::NAN])],
        ..Table::default()
    };
    assert_eq!(
        csv_of(&table),
        "timestamp,\"core_busy_percent{core=\"\"0\"\"}\"\n1,12.5\n2.5,\n"
    );
    assert_eq!(
        table.to_json(),
        json!({
            "step_seconds": null, "tiers": [], "notes": [], "times": [1.0, 2.5],
            "columns": [{
                "name": "core_busy_percent{core=\"0\"}", "metric": "core_busy_percent",
                "labels": {"core": "0"}, "unit": "percent", "kind": "gauge",
                "values": [12.5, null],
            }],
        })
    );
}

#[test]
fn times_may_be_dates_and_numbers_that_are_not_there_may_be_written_so() {
    let text = "\u{feff}timestamp,\"core_busy_percent{core=\"\"0\"\"}\"\r\n\
                2026-11-23T14:05:00Z,1\r\n2026-11-23 15:05:01.5+01:00,NaN\r\n1795442702,2\r\n";
    let frames = frames(text, TextFormat::Csv).unwrap();
    let times: Vec<i64> = frames.iter().map(|frame| frame.unix_us).collect();
    assert_eq!(times, [1_795_442_700_000_000, 1_795_442_702_000_000]);
}

#[test]
fn csv_that_is_no_table_is_refused_with_line_and_column() {
    let header = "timestamp,\"core_busy_percent{core=\"\"0\"\"}\"\n";
    for (rows, place, why) in [
        ("1,2\nx,2\n", "line 3, column 1", "Unix seconds"),
        ("24h,2\n", "line 2, column 1", "Unix seconds"),
        ("1795871902214,2\n", "line 2, column 1", "Unix seconds"),
        ("-1,2\n", "line 2, column 1", "Unix seconds"),
        ("1,2\n1,3\n", "line 3, column 1", "after that"),
        ("2,2\n1,3\n", "line 3, column 1", "after that"),
        (
            "1,two\n",
            "line 2, column 2 (core_busy_percent{core=\"0\"})",
            "a number",
        ),
        ("1,inf\n", "line 2, column 2", "a number"),
        ("1,1e300\n", "line 2, column 2", "can hold"),
        ("1\n", "line 2, column 1", "2 fields"),
        ("1,2,3\n", "line 2, column 3", "2 fields"),
    ] {
        let error = wrong_csv(&format!("{header}{rows}"));
        assert!(
            error.contains(place) && error.contains(why),
            "{rows}: {error}"
        );
    }
    for (header, place, why) in [
        ("", "line 1, column 1", "first line"),
        ("time,core_busy_percent\n", "line 1, column 1", "timestamp"),
        ("timestamp,nonsense\n", "line 1, column 2", "no metric"),
        (
            "timestamp,core_busy_percent\n",
            "line 1, column 2",
            "label core",
        ),
    ] {
        let error = wrong_csv(header);
        assert!(
            error.contains(place) && error.contains(why),
            "{header}: {error}"
        );
    }
    let twice =
        "timestamp,\"core_busy_percent{core=\"\"0\"\"}\",\"core_busy_percent{core=\"\"0\"\"}\"\n";
    assert!(wrong_csv(twice).contains("line 1, column 3"));
}

#[test]
fn json_that_is_no_table_is_refused_with_line_and_column() {
    let table =
        |times: &str, column: &str| format!("{{\"times\": {times},\n\"columns\": [\n{column}]}}");
    let column =
        "{\"metric\": \"core_busy_percent\", \"labels\": {\"core\": \"0\"}, \"values\": [1, null]}";
    assert_eq!(
        frames(&table("[1, 2]", column), TextFormat::Json)
            .unwrap()
            .len(),
        1
    );
    for (text, place, why) in [
        ("", "line 1, column 0", "EOF"),
        ("[]", "line 1", "invalid"),
        (&table("[2, 1]", column), "line 1, column", "not after"),
        (&table("[1, \"x\"]", column), "line 1", "expected f64"),
        (&table("[1, 1e30]", column), "line 1", "Unix seconds"),
        (
            &table("[1, 2]", &column.replace("core_busy", "nonsense")),
            "line 3",
            "no metric",
        ),
        (
            &table("[1, 2]", &column.replace("\"core\"", "\"disk\"")),
            "line 3",
            "no label disk",
        ),
        (
            &table("[1, 2]", &column.replace("[1,", "[1e300,")),
            "line 3",
            "does not fit",
        ),
        (
            &table(
                "[1, 2]",
                &column.replace("\"values\"", "\"unit\": \"bytes\", \"values\""),
            ),
            "line 3",
            "unit",
        ),
        (&table("[1]", column), "core_busy_percent", "as many as"),
        (
            &table("[1, 2]", &format!("{column},{column}")),
            "columns",
            "once",
        ),
        (
            &format!("{} x", table("[1, 2]", column)),
            "line 3",
            "trailing",
        ),
    ] {
        let error = wrong_json(text);
        assert!(
            error.contains(place) && error.contains(why),
            "{text}: {error}"
        );
    }
}

#[test]
fn a_failing_reader_is_an_io_error() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("gone"))
        }
    }
    for format in [TextFormat::Csv, TextFormat::Json] {
        let error = read_frames(&mut Failing, format, &mut |_| Ok(())).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Io, "{error}");
    }
}

#[test]
fn units_and_kinds_are_written_in_lower_case() {
    assert_eq!(
        json!([Unit::BytesPerSecond, Kind::Gauge]),
        json!(["bytes_per_second", "gauge"])
    );
}

/// What came in is a recording like any other: it is asked, looked at and replayed.
#[test]
fn what_was_imported_is_answered_as_it_was_written() {
    let text = "timestamp,cpu_percent,\
                \"filesystem_used_percent{mount=\"\"/srv/x\"\"}\",\
                \"process_rss_bytes{pid=\"\"7\"\",name=\"\"cat\"\"}\"\n\
                1795442700,12.5,50,\n\
                1795442701,,50.25,4096\n\
                1795442702,,,\n\
                1795442703,99.99,,8192\n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("imported.db");
    let summary = import(&mut text.as_bytes(), TextFormat::Csv, &path).unwrap();
    assert_eq!(summary.samples, 3);
    assert_eq!(
        (summary.first, summary.last),
        (Some(1_795_442_700.0), Some(1_795_442_703.0))
    );
    assert_eq!(summary.bytes, std::fs::metadata(&path).unwrap().len());

    let history = History::open(&path).unwrap();
    let mut query = Query::new(Selector::parse("cpu_percent").unwrap(), 0.0, 2e9);
    query
        .select
        .push(Selector::parse("filesystem_used_percent").unwrap());
    query
        .select
        .push(Selector::parse("process_rss_bytes").unwrap());
    let table = history.query(&query).unwrap();
    let text_again = csv_of(&table);
    let rows = frames(&text_again, TextFormat::Csv).unwrap();
    assert_eq!(rows, frames(text, TextFormat::Csv).unwrap());

    let past = history.state_at(1_795_442_701.5).unwrap();
    let sample = past.state.sample.unwrap();
    assert_eq!(&*sample.filesystems[0].mount_point, "/srv/x");
    assert_eq!(sample.filesystems[0].used_percent, Some(50.25));
    assert_eq!(&*sample.processes.list[0].details.name, "cat");
    assert_eq!(sample.processes.list[0].rss_bytes, 4096);

    let again = import(&mut text.as_bytes(), TextFormat::Csv, &path).unwrap_err();
    assert_eq!(again.kind(), crate::ErrorKind::InvalidArgument);
}

#[test]
fn of_a_text_that_is_refused_no_file_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("imported.db");
    let text = "timestamp,cpu_percent\n1795442700,1\n1795442701,x\n";
    import(&mut text.as_bytes(), TextFormat::Csv, &path).unwrap_err();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_rate_is_no_series_of_a_recording() {
    let text = r#"{"times": [1], "columns": [{"metric": "network_received_bytes_total", "labels": {},
        "unit": "bytes_per_second", "values": [5]}]}"#;
    assert!(wrong_json(text).contains("a rate has no place"));
}
