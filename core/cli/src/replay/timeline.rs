//! The findings of a replay in their order in time.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use usm_core::judge::Severity;

use super::findings::{Event, Finding};
use crate::draw::number::duration;
use crate::draw::{Flow, Line, Page, Tone, UNKNOWN};

/// Columns of the time at the left edge.
const GUTTER: usize = 12;

/// Up to so many settings that are found at the same moment are told one by one.
const EACH: usize = 2;

pub(super) fn draw(findings: &[Finding], zone: &TimeZone, page: &mut Page) {
    let mut day = String::new();
    let mut rest = findings;
    while let Some(finding) = rest.first() {
        let (today, time) = clock(finding.time, zone);
        if today != day {
            page.heading(&today, "");
            day = today;
        }
        // The kernel's settings are found all at once, at the beginning.
        let together = rest
            .iter()
            .take_while(|other| {
                other.event == Event::HardeningBegan
                    && finding.event == Event::HardeningBegan
                    && other.time == finding.time
            })
            .count();
        if together > EACH {
            several(&rest[..together], &time, page);
            rest = &rest[together..];
        } else {
            one(finding, &time, page);
            rest = &rest[1..];
        }
    }
}

fn one(finding: &Finding, time: &str, page: &mut Page) {
    let (tone, mark) = look(finding);
    let first = Line::of(Tone::Quiet, time).padded(GUTTER - 2);
    let mut flow = Flow::new(page, first.and(tone, mark), GUTTER);
    flow.words(Tone::Label, kind(finding.event));
    flow.words(Tone::Plain, &finding.text);
    if let Some(seconds) = finding.seconds {
        let how = if finding.event == Event::Gap {
            "for"
        } else {
            "after"
        };
        flow.words(Tone::Quiet, &format!("{how} {}", duration(seconds)));
    }
    flow.end(page);
}

fn several(findings: &[Finding], time: &str, page: &mut Page) {
    let worst = findings.iter().max_by_key(|finding| finding.severity);
    let (tone, mark) = worst.map_or((Tone::Plain, "●"), look);
    let first = Line::of(Tone::Quiet, time).padded(GUTTER - 2);
    let mut flow = Flow::new(page, first.and(tone, mark), GUTTER);
    flow.words(
        Tone::Plain,
        &format!("{} weak kernel settings:", findings.len()),
    );
    let ids: Vec<&str> = findings.iter().map(|finding| finding.id.as_str()).collect();
    flow.words(Tone::Quiet, &ids.join(", "));
    flow.end(page);
}

/// What it is, where its text does not say.
fn kind(event: Event) -> &'static str {
    match event {
        Event::AlertFired | Event::AlertEnded => "alert",
        Event::IncidentBegan | Event::IncidentEnded => "incident",
        Event::InsightBegan | Event::InsightEnded => "insight",
        Event::AnomalyBegan | Event::AnomalyEnded => "unusual",
        Event::SecurityFound => "security",
        _ => "",
    }
}

fn look(finding: &Finding) -> (Tone, &'static str) {
    match finding.event {
        Event::AnomalyBegan => (Tone::Label, "●"),
        Event::AdviceBegan
        | Event::HardeningBegan
        | Event::AlertFired
        | Event::IncidentBegan
        | Event::InsightBegan
        | Event::SecurityFound => match finding.severity {
            Some(Severity::High | Severity::Critical) => (Tone::Bad, "●"),
            Some(Severity::Medium) => (Tone::Warning, "●"),
            _ => (Tone::Quiet, "●"),
        },
        Event::AdviceEnded
        | Event::HardeningEnded
        | Event::AlertEnded
        | Event::IncidentEnded
        | Event::InsightEnded
        | Event::AnomalyEnded => (Tone::Good, "○"),
        Event::ScoreFell => (Tone::Warning, "↓"),
        Event::ScoreRose => (Tone::Good, "↑"),
        Event::Gap => (Tone::Quiet, "…"),
    }
}

/// Day and time of day.
fn clock(unix_seconds: f64, zone: &TimeZone) -> (String, String) {
    match Timestamp::from_second(unix_seconds.floor() as i64) {
        Ok(stamp) => {
            let zoned = stamp.to_zoned_datetime(zone.clone());
            (
                zoned.strftime("%A, %Y-%m-%d").to_string(),
                zoned.strftime("%H:%M:%S").to_string(),
            )
        }
        Err(_) => (UNKNOWN.into(), UNKNOWN.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Style;

    fn finding(time: f64, event: Event, id: &str, seconds: Option<f64>) -> Finding {
        Finding {
            time,
            event,
            id: id.into(),
            severity: Some(Severity::Medium),
            text: format!("{id} it is"),
            seconds,
        }
    }

    #[test]
    fn each_finding_has_its_time_and_each_day_its_heading() {
        let then = 1_795_442_400.0;
        let findings = [
            finding(then, Event::HardeningBegan, "a", None),
            finding(then, Event::HardeningBegan, "b", None),
            finding(then, Event::HardeningBegan, "c", None),
            finding(then + 5.0, Event::AdviceBegan, "memory_full", None),
            finding(then + 65.0, Event::AdviceEnded, "memory_full", Some(60.0)),
            finding(then + 86_400.0, Event::Gap, "gap", Some(7200.0)),
        ];
        let mut page = Page::new(Style {
            width: 60,
            unicode: true,
            colour: false,
        });
        draw(&findings, &TimeZone::UTC, &mut page);
        let text = page.render();
        let lines: Vec<&str> = text.lines().map(|l| l.trim_end_matches('─')).collect();
        assert_eq!(
            lines,
            [
                "",
                "Monday, 2026-11-23 ",
                "14:00:00  ● 3 weak kernel settings: a, b, c",
                "14:00:05  ● memory_full it is",
                "14:01:05  ○ memory_full it is after 1 min 0 s",
                "",
                "Tuesday, 2026-11-24 ",
                "14:00:00  … gap it is for 2 h 0 min",
            ]
        );
    }
}
