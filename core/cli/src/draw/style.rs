//! How a picture is drawn: its width, its character set and what its tones look like.

use anstyle::{AnsiColor, Style as Look};

/// What the output can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    /// Columns of the terminal.
    pub(crate) width: usize,
    /// Characters beyond ASCII can be shown.
    pub(crate) unicode: bool,
    /// Colours can be shown.
    pub(crate) colour: bool,
}

/// What a piece of text is, of which its look follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tone {
    /// Ordinary text.
    #[default]
    Plain,
    /// What the eye should find first.
    Strong,
    /// Names of things.
    Label,
    /// What is there to be looked up: units, explanations, empty parts of bars.
    Quiet,
    /// All is well.
    Good,
    /// Should be looked at.
    Warning,
    /// Harm is near.
    Bad,
    /// One of several lines of a chart, by its place.
    Series(u8),
}

/// Colours of a chart's lines, told apart on dark and on light grounds.
const SERIES: [AnsiColor; 6] = [
    AnsiColor::Cyan,
    AnsiColor::Yellow,
    AnsiColor::Magenta,
    AnsiColor::Green,
    AnsiColor::BrightBlue,
    AnsiColor::Red,
];

impl Tone {
    pub(crate) fn look(self) -> Look {
        let colour = |colour: AnsiColor| Look::new().fg_color(Some(colour.into()));
        match self {
            Tone::Plain => Look::new(),
            Tone::Strong => Look::new().bold(),
            Tone::Label => colour(AnsiColor::Cyan),
            // "Bright black" is grey on dark and on light grounds; dimmed is not everywhere.
            Tone::Quiet => colour(AnsiColor::BrightBlack),
            Tone::Good => colour(AnsiColor::Green),
            Tone::Warning => colour(AnsiColor::Yellow),
            Tone::Bad => colour(AnsiColor::Red).bold(),
            Tone::Series(place) => colour(SERIES[usize::from(place) % SERIES.len()]),
        }
    }
}

impl Style {
    /// Text in characters that the output can show, of the same width in columns.
    pub(crate) fn spell(self, text: &str) -> String {
        if self.unicode || text.is_ascii() {
            return text.to_string();
        }
        let mut out = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                c if c.is_ascii() => out.push(c),
                '–' | '−' | '─' => out.push('-'),
                '·' => out.push('|'),
                '…' => out.push('~'),
                '×' => out.push('x'),
                '█' => out.push('#'),
                '░' => out.push('.'),
                '°' => out.push(' '),
                '↓' => out.push('v'),
                '↑' => out.push('^'),
                '●' | '▶' => out.push('*'),
                '○' => out.push('o'),
                '→' => out.push('>'),
                '│' => out.push('|'),
                '┤' | '├' | '┬' | '└' | '┌' | '┐' | '┘' => out.push('+'),
                other => {
                    let width = unicode_width::UnicodeWidthChar::width(other).unwrap_or(0);
                    out.extend(std::iter::repeat_n('?', width));
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn without_unicode_the_text_is_ascii_of_the_same_width() {
        let style = Style {
            width: 80,
            unicode: false,
            colour: false,
        };
        for text in ["– 4 °C · …", "█░", "プロセス", "naïve", "e\u{301}"] {
            let spelt = style.spell(text);
            assert!(spelt.is_ascii(), "{spelt}");
            assert_eq!(spelt.width(), text.width(), "{text}");
        }
    }
}
