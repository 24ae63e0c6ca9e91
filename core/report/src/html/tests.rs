//! Pages of a day with hostile names.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use jiff::tz::TimeZone;

use super::Result;
use crate::fixture::day;
use crate::{Format, Kind, Report, ReportKind, Source, Wanted, export};

fn report(kind: ReportKind, source: &Source, wanted: &Wanted) -> String {
    let report = Report::read(source, kind, wanted, true, &mut |_| true).unwrap();
    let mut to = Vec::new();
    let document = report.unwrap().document(&TimeZone::UTC);
    super::write(&document, &TimeZone::UTC, &mut to).unwrap();
    String::from_utf8(to).unwrap()
}

fn exported(kind: Kind, source: &Source, wanted: &Wanted) -> String {
    let mut to = Vec::new();
    export(source, kind, Format::Html, wanted, &mut to, &mut |_| true).unwrap();
    String::from_utf8(to).unwrap()
}

/// Every page that there is, made once.
fn pages() -> &'static [String] {
    static PAGES: OnceLock<Vec<String>> = OnceLock::new();
    PAGES.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let (source, wanted) = day(folder.path());
        vec![
            report(ReportKind::Health, &source, &wanted),
            report(ReportKind::Trends, &source, &wanted),
            exported(Kind::Metrics, &source, &wanted),
            exported(Kind::Alerts, &source, &wanted),
            exported(Kind::Predictions, &source, &wanted),
        ]
    })
}

/// Elements without an end.
const VOID: [&str; 1] = ["meta"];

/// The tags of a page (name, attributes) in their order, with every end checked.
fn tags(page: &str) -> Vec<(String, String)> {
    let mut open: Vec<String> = Vec::new();
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some(begin) = rest.find('<') {
        let end = begin + rest[begin..].find('>').expect("a tag that does not end");
        let inner = &rest[begin + 1..end];
        rest = &rest[end + 1..];
        if inner.starts_with('!') {
            continue;
        }
        if let Some(name) = inner.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "{inner}");
            continue;
        }
        let (name, attributes) = inner.split_once(' ').unwrap_or((inner, ""));
        tags.push((name.to_owned(), attributes.to_owned()));
        if !attributes.ends_with('/') && !VOID.contains(&name) {
            open.push(name.to_owned());
        }
    }
    assert_eq!(open, Vec::<String>::new());
    tags
}

#[test]
fn no_name_or_message_becomes_a_tag_or_hides() {
    let allowed: BTreeSet<&str> = [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "header",
        "p",
        "h1",
        "h2",
        "ul",
        "li",
        "span",
        "strong",
        "section",
        "div",
        "figure",
        "figcaption",
        "svg",
        "desc",
        "g",
        "path",
        "text",
        "rect",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "aside",
        "footer",
    ]
    .into();
    let mut shown = 0;
    for page in pages() {
        for (name, attributes) in tags(page) {
            assert!(allowed.contains(name.as_str()), "{name}");
            for part in [
                "onload", "onerror", "href", "src=", "url(", "http:", "https:",
            ] {
                assert!(!attributes.contains(part), "{name} {attributes}");
            }
        }
        let hidden = page.chars().find(|c| {
            matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
                || (c.is_control() && *c != '\n')
        });
        assert_eq!(hidden, None);
        shown += page.matches("&#60;script&#62;alert(1)").count();
        assert!(page.contains("default-src 'none'"));
    }
    // They are there to be read, as what they are.
    assert!(shown >= 8, "{shown}");
}

#[test]
fn every_part_that_others_refer_to_is_there_once() {
    for page in pages() {
        let tags = tags(page);
        let values = |wanted: &str| -> Vec<String> {
            let attributes = tags.iter().map(|(_, attributes)| attributes);
            let found = attributes.filter_map(|all| {
                let begin = all.find(&format!("{wanted}=\""))? + wanted.len() + 2;
                let end = begin + all[begin..].find('"')?;
                Some(all[begin..end].to_owned())
            });
            found.collect()
        };
        let ids: Vec<String> = tags
            .iter()
            .filter_map(|(_, all)| all.strip_prefix("id=\"")?.split('"').next())
            .map(str::to_owned)
            .collect();
        let once: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(once.len(), ids.len());
        for reference in values("aria-labelledby") {
            for id in reference.split(' ') {
                assert!(once.contains(&id.to_owned()), "{id}");
            }
        }
    }
}

#[test]
fn a_health_page_has_its_parts() {
    let page = &pages()[0];
    for part in [
        "2026-11-23 14:05:00 UTC to 2026-11-24 14:05:00 UTC",
        ">What could be done<",
        "accounts for 88 % of it",
        "for 42 min 0 s",
        "Memory of postgres (pid 77) grows by 120 MiB an hour",
        ">When alerts fired<",
        ">What is to come<",
        ">What runs out<",
        ">postgres<",
        "<title id=\"chart-1-title\">Processors</title>",
        "prefers-color-scheme:dark",
        "@media print",
    ] {
        assert!(page.contains(part), "{part}");
    }
    // Of the two hours without a record there is a gap in every line.
    let (_, after) = page.split_once("class=\"line s1\"").unwrap();
    let path = after.split('"').nth(1).unwrap();
    assert_eq!(path.matches('M').count(), 2);
}

#[test]
fn a_range_without_data_has_a_page_that_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (source, _) = day(folder.path());
    let before = Wanted::range(1000.0, 2000.0);
    for kind in [Kind::Metrics, Kind::Alerts, Kind::Predictions] {
        let page = exported(kind, &source, &before);
        assert!(page.contains("Nothing was recorded"), "{kind:?}");
        tags(&page);
    }
}

#[test]
fn a_page_that_can_not_be_written_tells_why() -> Result<()> {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let error = super::write(
        &crate::document::Document::default(),
        &TimeZone::UTC,
        &mut Full,
    );
    match error {
        Err(usm_core::Error::Io { source, .. }) => {
            assert_eq!(source.kind(), std::io::ErrorKind::StorageFull);
            Ok(())
        }
        other => panic!("{other:?}"),
    }
}
