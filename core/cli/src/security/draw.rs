//! Security findings and the score, drawn.

use usm_core::judge::{ScorePart, SecurityFinding, SecurityKind};
use usm_core::sample::Availability;

use super::Security;
use crate::draw::{Flow, Line, Page, Tone, UNKNOWN, bar, level_of, notes};
use crate::status::time_of;
use crate::words::{count_of, severity_tone};

/// Columns of the severity at the left edge.
const GUTTER: usize = 14;

/// Columns of the score's bar.
const CELLS: usize = 24;

pub(super) fn draw(security: &Security, all: bool, page: &mut Page) {
    score(security, page);
    let is_quiet = |finding: &&SecurityFinding| finding.known || finding.allowed;
    let (quiet, loud): (Vec<&SecurityFinding>, Vec<&SecurityFinding>) =
        security.findings.iter().partition(|f| is_quiet(f));
    if !loud.is_empty() {
        page.heading("Findings", "");
        for finding in &loud {
            one(finding, page);
        }
    }
    if all && !quiet.is_empty() {
        page.heading("Known or allowed", "they cost no points");
        for finding in &quiet {
            one(finding, page);
        }
    }
    not_read(security, page);
    page.gap();
    foot(loud.len(), if all { 0 } else { quiet.len() }, page);
    notes(&security.notes, page);
}

fn score(security: &Security, page: &mut Page) {
    let score = &security.score;
    let tone = score
        .value
        .map_or(Tone::Quiet, |value| level_of(100.0 - value));
    let number = score
        .value
        .map_or_else(|| UNKNOWN.into(), |value| format!("{value:.0}"));
    let mut line = Line::of(Tone::Label, "Security").padded(GUTTER);
    line.append(bar(score.value, CELLS, tone, page.style()));
    page.push(line.and(tone, format!(" {number} of 100")));
    for part in &score.parts {
        let (tone, text) = of_part(part);
        let mut flow = Flow::new(page, Line::new(), GUTTER);
        flow.words(tone, &text);
        if tone != Tone::Good {
            flow.end(page);
        }
    }
    let well: Vec<&str> = security
        .score
        .parts
        .iter()
        .filter(|part| part.loss == Some(0.0))
        .map(|part| name_of(&part.name))
        .collect();
    if !well.is_empty() {
        let mut flow = Flow::new(page, Line::new(), GUTTER);
        flow.words(Tone::Good, "no points off for");
        flow.words(Tone::Quiet, &well.join(", "));
        flow.end(page);
    }
}

fn of_part(part: &ScorePart) -> (Tone, String) {
    let name = name_of(&part.name);
    match part.loss {
        None => (Tone::Quiet, format!("{UNKNOWN} {name}: can't be looked at")),
        Some(0.0) => (Tone::Good, name.to_string()),
        Some(loss) => (Tone::Warning, format!("−{loss:.0} for {name}")),
    }
}

/// Parts in words; settings of the kernel have their own names.
fn name_of(part: &str) -> &str {
    match part {
        "listeners" => "sockets that listen",
        "programs" => "programs without a file, or from a temporary one",
        "setuid" => "programs with another user's rights",
        "kernel_names" => "names of kernel threads",
        "failed_logins" => "failed logins",
        "search_path" => "where commands are searched",
        other => other,
    }
}

/// One finding, with its evidence and what could be done.
pub(crate) fn one(finding: &SecurityFinding, page: &mut Page) {
    let is_quiet = finding.known || finding.allowed;
    let (tone, mark) = match is_quiet {
        true => (Tone::Quiet, "○"),
        false => (severity_tone(finding.severity), "●"),
    };
    let first = Line::of(tone, format!("  {mark} {}", finding.severity.name()));
    let mut flow = Flow::new(page, first, GUTTER);
    flow.words(Tone::Plain, &finding.text);
    flow.end_line();
    for evidence in &finding.evidence {
        flow.words(Tone::Quiet, "·");
        flow.words(Tone::Quiet, evidence);
        flow.end_line();
    }
    if !finding.advice.is_empty() {
        flow.words(Tone::Good, "→");
        flow.words(Tone::Plain, &finding.advice);
        flow.end_line();
    }
    let mut about = format!(
        "{}, seen since {}",
        kind(finding.kind),
        time_of(finding.since)
    );
    if finding.allowed {
        about.push_str(", allowed");
    } else if finding.known {
        about.push_str(", was there at first");
    }
    flow.words(Tone::Label, &finding.id);
    flow.words(Tone::Quiet, &about);
    flow.end(page);
}

fn kind(kind: SecurityKind) -> &'static str {
    match kind {
        SecurityKind::Listener => "a socket that listens",
        SecurityKind::DeletedProgram => "a program whose file is gone",
        SecurityKind::TemporaryProgram => "a program from a temporary folder",
        SecurityKind::MemoryProgram => "a program that was never a file",
        SecurityKind::Setuid => "a program with another user's rights",
        SecurityKind::KernelName => "a program named like a kernel thread",
        SecurityKind::FailedLogins => "failed logins",
        SecurityKind::SearchPath => "a folder in which commands are searched",
        SecurityKind::WeakSetting => "a weak setting of the kernel",
    }
}

fn not_read(security: &Security, page: &mut Page) {
    if security.not_read.is_empty() {
        return;
    }
    page.heading("What could not be looked at", "");
    for source in &security.not_read {
        let word = match source.availability {
            Availability::Forbidden => "forbidden",
            Availability::Slow => "slow",
            _ => "failed",
        };
        let mut flow = Flow::new(page, Line::of(Tone::Warning, format!("  {word}")), GUTTER);
        flow.words(Tone::Plain, &source.gives);
        flow.words(Tone::Quiet, &source.source);
        if let Some(reason) = &source.reason {
            flow.words(Tone::Quiet, reason);
        }
        flow.end(page);
    }
}

fn foot(loud: usize, hidden: usize, page: &mut Page) {
    let mut flow = Flow::new(page, Line::new(), 0);
    match loud {
        0 => flow.words(Tone::Good, "Nothing was found that needs a look."),
        n => flow.words(
            Tone::Warning,
            &format!("{} a look.", count_of(n, "finding needs", "findings need")),
        ),
    }
    if hidden > 0 {
        let text = format!("{hidden} known or allowed: --all shows them.");
        flow.words(Tone::Quiet, &text);
    }
    flow.end(page);
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::draw::Style;
    use usm_core::judge::{Score, Severity};
    use usm_core::sample::SourceReport;

    pub(in crate::security) fn finding(id: &str) -> SecurityFinding {
        SecurityFinding {
            id: id.into(),
            kind: SecurityKind::Listener,
            severity: Severity::Medium,
            subject: "0.0.0.0:8080".into(),
            text: "nc\u{1b}[2J listens on 0.0.0.0:8080".into(),
            evidence: vec!["/proc/net/tcp".into()],
            advice: "bind it to 127.0.0.1".into(),
            since: 1_795_442_400.0,
            known: false,
            allowed: false,
            raised: None,
        }
    }

    fn drawn(all: bool, width: usize) -> String {
        let part = |name: &str, loss| ScorePart {
            name: name.to_string().into(),
            input: loss,
            loss,
        };
        let mut known = finding("listener:tcp:0.0.0.0:22");
        known.known = true;
        let security = Security {
            score: Score {
                value: Some(92.0),
                parts: vec![
                    part("listeners", Some(8.0)),
                    part("setuid", Some(0.0)),
                    part("failed_logins", None),
                ],
            },
            findings: vec![finding("listener:tcp:0.0.0.0:8080"), known],
            not_read: vec![SourceReport {
                source: "/var/log/btmp".into(),
                gives: "failed logins".into(),
                availability: Availability::Forbidden,
                reason: Some("permission denied".into()),
            }],
            notes: vec!["this is a note".into()],
            ..Security::default()
        };
        let mut page = Page::new(Style {
            width,
            unicode: true,
            colour: false,
        });
        draw(&security, all, &mut page);
        page.render()
    }

    #[test]
    fn a_finding_has_evidence_advice_and_the_id_that_allows_it() {
        let text = drawn(false, 110);
        for part in [
            " 92 of 100\n",
            "−8 for sockets that listen\n",
            "– failed logins: can't be looked at\n",
            "no points off for programs with another user's rights\n",
            "  ● medium    nc\\x1b[2J listens on 0.0.0.0:8080\n",
            "· /proc/net/tcp\n",
            "→ bind it to 127.0.0.1\n",
            "listener:tcp:0.0.0.0:8080 a socket that listens, seen since 2026-11-",
            "  forbidden   failed logins /var/log/btmp permission denied\n",
            "1 finding needs a look. 1 known or allowed: --all shows them.\n",
            "● this is a note\n",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        assert!(!text.contains(":22 "), "{text}");
    }

    #[test]
    fn what_is_known_is_shown_when_asked_for_and_every_width_is_kept() {
        let text = drawn(true, 130);
        assert!(text.contains("0.0.0.0:22 a socket that listens"), "{text}");
        assert!(text.contains(", was there at first\n"), "{text}");
        for width in [20, 40, 80] {
            for line in drawn(true, width).lines() {
                let columns = unicode_width::UnicodeWidthStr::width(line);
                assert!(columns <= width, "{width}: {line}");
            }
        }
    }
}
