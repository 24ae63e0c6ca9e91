//! How far a long piece of work is: one line on standard error, where that is a terminal.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use usm_core::optimizer::Progress;

use crate::draw::{Line, Style, Tone, fit};
use crate::outlet::has_unicode;

/// Width where the terminal does not tell one.
const WIDTH: usize = 80;

/// Columns of a bar.
const BAR: usize = 24;

/// The line; it is erased when this is dropped.
#[derive(Debug)]
pub(crate) struct ProgressLine {
    is_shown: bool,
    is_drawn: AtomicBool,
}

impl ProgressLine {
    pub(crate) fn new() -> ProgressLine {
        ProgressLine {
            is_shown: std::io::stderr().is_terminal(),
            is_drawn: AtomicBool::new(false),
        }
    }

    pub(crate) fn say(&self, stage: &str, what: &str) {
        self.tell(&Progress {
            stage: stage.into(),
            what: what.into(),
            done: 0,
            total: 0,
        });
    }

    /// How much of the work is done, 0 to 1, as a bar.
    pub(crate) fn share(&self, stage: &str, share: f64) {
        let mut bar = String::new();
        let percent = 100.0 * share.clamp(0.0, 1.0);
        let style = Style {
            width: BAR,
            unicode: has_unicode(),
            colour: false,
        };
        crate::draw::bar(Some(percent), BAR, Tone::Plain, style).render(style, &mut bar);
        self.say(stage, &format!("{bar} {percent:.0} %"));
    }

    pub(crate) fn tell(&self, progress: &Progress) {
        if !self.is_shown {
            return;
        }
        let columns = terminal_size::terminal_size_of(std::io::stderr())
            .map_or(WIDTH, |(width, _)| usize::from(width.0));
        let style = Style {
            // The last column stays free: some terminals begin a new line after it.
            width: columns.saturating_sub(1).max(1),
            unicode: has_unicode(),
            colour: false,
        };
        let text = line(progress, style);
        // Progress that can't be shown is no reason to end the work.
        let _ = std::io::stderr().write_all(format!("\r{text}\x1b[K").as_bytes());
        self.is_drawn.store(true, Ordering::Relaxed);
    }

    /// Takes the line away, for other text.
    pub(crate) fn erase(&self) {
        if self.is_drawn.swap(false, Ordering::Relaxed) {
            let _ = std::io::stderr().write_all(b"\r\x1b[K");
        }
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.erase();
    }
}

/// `acting 3/7: …`, in one line of this style.
fn line(progress: &Progress, style: Style) -> String {
    let mut text = progress.stage.clone();
    if progress.total > 0 {
        text.push_str(&format!(" {}/{}", progress.done, progress.total));
    } else if progress.done > 0 {
        text.push_str(&format!(" {}", progress.done));
    }
    if !progress.what.is_empty() {
        text.push_str(&format!(": {}", progress.what));
    }
    let mut out = String::new();
    let escaped = Line::of(Tone::Plain, text);
    let escaped: String = escaped.pieces().map(|(_, text)| text).collect();
    Line::of(Tone::Plain, fit(&escaped, style.width)).render(style, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_fits_and_cannot_steer_the_terminal() {
        let style = Style {
            width: 30,
            unicode: true,
            colour: false,
        };
        let progress = |what: &str, done, total| Progress {
            stage: "acting".into(),
            what: what.into(),
            done,
            total,
        };
        assert_eq!(
            line(&progress("set_idle", 1, 3), style),
            "acting 1/3: set_idle"
        );
        assert_eq!(line(&progress("", 12, 0), style), "acting 12");
        let nasty = line(
            &progress("\x1b[2J\na very long name of a process", 0, 9),
            style,
        );
        assert_eq!(nasty, "acting 0/9: \\x1b[2J\\x0aa very…");
    }
}
