//! Standard output: how wide it is, whether it takes colours, and writing to it.

use std::ffi::OsString;
use std::io::{IsTerminal, Stdout, Write};

use anstream::{AutoStream, ColorChoice};

use crate::draw::{Page, Style};
use crate::failure::Outcome;

/// Width where neither the terminal nor COLUMNS tells one.
const WIDTH: usize = 80;

#[derive(Debug)]
pub(crate) struct Outlet {
    stream: AutoStream<Stdout>,
    choice: ColorChoice,
}

impl Outlet {
    pub(crate) fn new(choice: ColorChoice) -> Outlet {
        let stdout = std::io::stdout();
        let choice = match choice {
            ColorChoice::Auto => AutoStream::choice(&stdout),
            given => given,
        };
        Outlet {
            stream: AutoStream::new(stdout, choice),
            choice,
        }
    }

    /// How to draw for it now; asked anew for each picture, as a window may change.
    pub(crate) fn style(&self) -> Style {
        let stdout = std::io::stdout();
        let columns = std::env::var("COLUMNS")
            .ok()
            .and_then(|text| text.trim().parse().ok());
        let of_terminal =
            terminal_size::terminal_size_of(&stdout).map(|(width, _)| usize::from(width.0));
        Style {
            width: of_terminal
                .or(columns)
                .filter(|width| *width > 0)
                .unwrap_or(WIDTH),
            unicode: has_unicode(),
            colour: self.choice != ColorChoice::Never,
        }
    }

    /// The same for what another program may read: nothing is cut off in a file or a pipe.
    pub(crate) fn style_of_listing(&self) -> Style {
        let style = self.style();
        Style {
            width: match self.is_terminal() {
                true => style.width,
                false => usize::MAX,
            },
            ..style
        }
    }

    /// Lines of the terminal; `None` when it is none.
    pub(crate) fn height(&self) -> Option<usize> {
        terminal_size::terminal_size_of(std::io::stdout())
            .map(|(_, height)| usize::from(height.0))
            .filter(|height| *height > 0)
    }

    pub(crate) fn is_terminal(&self) -> bool {
        std::io::stdout().is_terminal()
    }

    /// Whether dots in braille can be shown: the Linux console's own font has none.
    pub(crate) fn has_braille(&self) -> bool {
        has_unicode() && std::env::var_os("TERM").is_none_or(|name| name != "linux")
    }

    /// Writes what another program reads, byte for byte.
    pub(crate) fn write_bytes(&mut self, bytes: &[u8]) -> Outcome {
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(bytes)?;
        Ok(stdout.flush()?)
    }

    pub(crate) fn write(&mut self, text: &str) -> Outcome {
        self.stream.write_all(text.as_bytes())?;
        self.stream.flush()?;
        Ok(())
    }

    /// Writes text with sequences that move the cursor, which must get through even where
    /// colours are not wanted.
    fn write_raw(&mut self, text: &str) -> Outcome {
        self.write_bytes(text.as_bytes())
    }

    pub(crate) fn draw(&mut self, page: &Page) -> Outcome {
        self.write(&page.render())
    }

    /// Draws over the last picture, in a terminal; what is below its edge is left out.
    pub(crate) fn draw_over(&mut self, mut page: Page) -> Outcome {
        if let Some(height) = self.height() {
            page.crop(height.saturating_sub(1));
        }
        // Home, each line cleared to its end, then the rest of the screen: no flicker.
        let text = page.render().replace('\n', "\x1b[K\n");
        self.write_raw(&format!("\x1b[H{text}\x1b[J"))
    }

    /// A value as one line of JSON, or indented.
    pub(crate) fn json(&mut self, value: &impl serde::Serialize, pretty: bool) -> Outcome {
        let mut text = match pretty {
            true => serde_json::to_string_pretty(value)?,
            false => serde_json::to_string(value)?,
        };
        text.push('\n');
        self.write(&text)
    }
}

/// Whether characters beyond ASCII can be shown.
pub(crate) fn has_unicode() -> bool {
    speaks_utf8(|name| std::env::var_os(name))
}

/// Whether the locale's character set is UTF-8: the first of the three variables that is
/// set decides, as setlocale(3) has it.
fn speaks_utf8(variable: impl Fn(&str) -> Option<OsString>) -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(variable)
        .find(|value| !value.is_empty())
        .is_some_and(|value| {
            let value = value.to_string_lossy().to_ascii_lowercase();
            value.contains("utf-8") || value.contains("utf8")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_decides_the_character_set() {
        let locale = |set: &'static [(&str, &str)]| {
            speaks_utf8(|name| set.iter().find(|(n, _)| *n == name).map(|(_, v)| v.into()))
        };
        assert!(locale(&[("LANG", "en_GB.UTF-8")]));
        assert!(locale(&[
            ("LC_ALL", ""),
            ("LC_CTYPE", "C.utf8"),
            ("LANG", "C")
        ]));
        assert!(!locale(&[("LC_ALL", "C"), ("LANG", "en_GB.UTF-8")]));
        assert!(!locale(&[]));
    }
}
