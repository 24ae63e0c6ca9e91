use jiff::tz::TimeZone;

use crate::fixture::day;
use crate::{Format, Kind, Report, ReportKind, export};

#[test]
fn show() {
    let folder = tempfile::tempdir().unwrap();
    let (source, wanted) = day(folder.path());
    let out = std::path::Path::new("/tmp/w-report");
    std::fs::create_dir_all(out).unwrap();
    for (kind, name) in [
        (ReportKind::Health, "health"),
        (ReportKind::Trends, "trends"),
    ] {
        let report = Report::read(&source, kind, &wanted, true, &mut |_| true)
            .unwrap()
            .unwrap();
        let mut to = Vec::new();
        super::write(&report.document(&TimeZone::UTC), &TimeZone::UTC, &mut to).unwrap();
        std::fs::write(out.join(format!("{name}.html")), to).unwrap();
        let mut to = Vec::new();
        report.write(Format::Json, &mut to).unwrap();
        std::fs::write(out.join(format!("{name}.json")), to).unwrap();
    }
    for (kind, name) in [
        (Kind::Metrics, "metrics"),
        (Kind::Alerts, "alerts"),
        (Kind::Predictions, "predictions"),
    ] {
        for format in [Format::Html, Format::Csv, Format::Json] {
            let mut to = Vec::new();
            export(&source, kind, format, &wanted, &mut to, &mut |_| true).unwrap();
            std::fs::write(out.join(format!("{name}.{}", format.ending())), to).unwrap();
        }
    }
}
