//! Charts of tables made by hand, as text.

use super::*;
use crate::history::sample_table::{THEN, column, labelled, minutes};

const PLAIN: Style = Style {
    width: 80,
    unicode: true,
    colour: false,
};

fn drawn(answer: &Answer, style: Style, height: Option<usize>) -> String {
    let look = Look {
        range: Range {
            since: THEN,
            until: THEN + 3600.0,
        },
        extremes: None,
        has_braille: true,
        height,
        zone: &TimeZone::UTC,
    };
    let mut page = Page::new(style);
    charts(answer, &look, &mut page);
    page.render()
}

fn wave(rows: usize, scale: f64) -> Vec<f64> {
    (0..rows)
        .map(|row| scale * (1.0 - (row as f64 / 8.0).cos()))
        .collect()
}

/// A wave with a gap of ten minutes.
fn broken() -> Vec<f64> {
    let mut values = wave(60, 40.0);
    values[20..30].fill(f64::NAN);
    values
}

fn two() -> Answer {
    minutes(vec![
        labelled("core_busy_percent", "core", "0", &broken()),
        labelled("core_busy_percent", "core", "1", &wave(60, 10.0)),
    ])
}

#[test]
fn a_series_is_a_line_with_its_gap_and_four_numbers() {
    let text = drawn(
        &minutes(vec![column("core_busy_percent", &broken())]),
        PLAIN,
        Some(20),
    );
    assert_eq!(text, GOLDEN_ONE, "\n{text}");
}

#[test]
fn without_unicode_it_is_drawn_in_ascii() {
    let style = Style {
        unicode: false,
        ..PLAIN
    };
    let text = drawn(
        &minutes(vec![column("core_busy_percent", &broken())]),
        style,
        Some(20),
    );
    assert!(text.is_ascii(), "{text}");
    assert_eq!(text, GOLDEN_ASCII, "\n{text}");
}

#[test]
fn without_colours_each_series_has_its_letter() {
    let text = drawn(&two(), PLAIN, Some(20));
    assert_eq!(text, GOLDEN_LETTERS, "\n{text}");
}

#[test]
fn with_colours_each_series_has_its_own() {
    let style = Style {
        colour: true,
        ..PLAIN
    };
    let text = drawn(&two(), style, Some(20));
    for part in [
        "\x1b[36m●\x1b[0m  \x1b[36mcore=0\x1b[0m",
        "\x1b[33m●\x1b[0m  \x1b[36mcore=1\x1b[0m",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(text.contains("\x1b[33m⠤"), "{text}");
}

#[test]
fn every_unit_has_a_chart_of_its_own_and_no_line_is_too_long() {
    let mut bytes = column("memory_used_bytes", &wave(60, 1e9));
    bytes.unit = Unit::Bytes;
    let answer = minutes(vec![column("cpu_percent", &broken()), bytes]);
    for width in [40, 80, 200] {
        for height in [None, Some(10), Some(60)] {
            let text = drawn(&answer, Style { width, ..PLAIN }, height);
            let widest = text.lines().map(unicode_width::UnicodeWidthStr::width);
            assert!(widest.max().unwrap_or(0) <= width, "{width}\n{text}");
            assert!(text.contains("iB ┤") && text.contains("% ┤"), "{text}");
        }
    }
}

#[test]
fn of_many_series_the_highest_are_drawn_and_it_says_so() {
    let columns = (0..30)
        .map(|n| {
            labelled(
                "core_busy_percent",
                "core",
                &n.to_string(),
                &[f64::from(n); 60],
            )
        })
        .collect();
    let text = drawn(&minutes(columns), PLAIN, Some(24));
    let first = text.lines().find(|line| line.contains("  a  "));
    assert!(first.is_some_and(|line| line.contains("core=29")), "{text}");
    assert!(
        text.contains("The 6 highest of 30 are drawn, 10 more"),
        "{text}"
    );
    assert!(!text.contains("core=9 "), "{text}");
}

#[test]
fn steps_finer_than_the_samples_are_no_gaps() {
    // A sample every other step.
    let values: Vec<f64> = (0..60)
        .map(|n| if n % 2 == 0 { 1.0 } else { f64::NAN })
        .collect();
    let answer = minutes(vec![column("cpu_percent", &values)]);
    let series = [(&answer.columns[0], Summary::of(&answer.columns[0], None))];
    assert_eq!(longest_link(&answer, &series), 300.0);
    let answer = minutes(vec![column("cpu_percent", &broken())]);
    let series = [(&answer.columns[0], Summary::of(&answer.columns[0], None))];
    assert_eq!(longest_link(&answer, &series), 90.0);
}

#[test]
fn a_series_of_which_nothing_is_known_is_no_line() {
    let text = drawn(
        &minutes(vec![column("cpu_percent", &[f64::NAN; 3])]),
        PLAIN,
        Some(20),
    );
    assert!(!text.chars().any(|c| ('\u{2801}'..='\u{28ff}').contains(&c)));
}

const GOLDEN_ONE: &str = concat!(
    "\n",
    "core_busy_percent Busy: everything but idle and iowait ─────────────────────────\n",
    "75 % ┤                       ⢀             ⠢⡀\n",
    "     │                     ⡠⠊⠁              ⠈⠢⢄\n",
    "     │                   ⡠⠊                    ⠑⠤⡀\n",
    "50 % ┤                ⢀⠔⠊                        ⠘⢄⡀\n",
    "     │               ⡠⠊                            ⠈⢆\n",
    "     │             ⡠⠊                                ⠑⢄\n",
    "25 % ┤           ⡠⠔⠁                                   ⠱⡀\n",
    "     │         ⡠⠊                                       ⠈⠑⢄                 ⢀⠔⠊\n",
    "     │      ⡠⠔⠊                                            ⠉⠢⣀           ⢀⡠⠒⠁\n",
    " 0 % ┤⣀⣀⠤⠤⠒⠉                                                  ⠉⠒⠢⢄⣀⣀⣀⣀⡠⠤⠊⠁\n",
    "     └┬───────────┬───────────┬────────────┬───────────┬───────────┬────────────\n",
    "      14:00     14:10       14:20        14:30       14:40       14:50\n",
    "     SERIES               MIN    MEAN     MAX    LAST\n",
    "  ●  core_busy_percent  0.0 %  26.3 %  72.8 %  21.6 %\n",
);
const GOLDEN_ASCII: &str = concat!(
    "\n",
    "core_busy_percent Busy: everything but idle and iowait -------------------------\n",
    "75 % +                                     ..\n",
    "     |                      .'               '.\n",
    "     |                   ..'                   '.\n",
    "50 % +                 .'                        '.\n",
    "     |                :                            '.\n",
    "     |             ..'                               :\n",
    "25 % +           .'                                   ''.\n",
    "     |         .'                                        '.                  .'\n",
    "     |      .''                                            ''.           ..''\n",
    " 0 % +....''                                                  ''......'''\n",
    "     ++-----------+-----------+------------+-----------+-----------+------------\n",
    "      14:00     14:10       14:20        14:30       14:40       14:50\n",
    "     SERIES               MIN    MEAN     MAX    LAST\n",
    "  *  core_busy_percent  0.0 %  26.3 %  72.8 %  21.6 %\n",
);
const GOLDEN_LETTERS: &str = concat!(
    "\n",
    "core_busy_percent Busy: everything but idle and iowait ─────────────────────────\n",
    "100 % ┤\n",
    "      │\n",
    "      │                       a            aa\n",
    "      │                   aaaa               aaaa\n",
    " 50 % ┤                 aa                       aa\n",
    "      │             aaaa                           aaaa\n",
    "      │           aa             bbbbbbbbbb            aaa                    a\n",
    "      │      aaaaa bbbbbbbbbbbbbb          bbbbbbbbbbbbb  aaaa           aaaaa\n",
    "  0 % ┤aaaaaabbbbbb                                     bbbbbbaaaaaaaaaaabbbbbb\n",
    "      └┬───────────┬───────────┬───────────┬───────────┬───────────┬────────────\n",
    "       14:00     14:10       14:20       14:30       14:40       14:50\n",
    "     SERIES    MIN    MEAN     MAX    LAST\n",
    "  a  core=0  0.0 %  26.3 %  72.8 %  21.6 %\n",
    "  b  core=1  0.0 %   8.7 %  20.0 %   5.4 %\n",
);
