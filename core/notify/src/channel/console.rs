//! A line on the program's own terminal.

use std::env;
use std::io::{self, IsTerminal, Write};

use super::Delivery;
use crate::config::{Color, ConsoleConfig, Stream};
use crate::failure::Failure;
use crate::words::{self, Urgency};

pub(super) fn deliver(config: ConsoleConfig, delivery: Delivery<'_>) -> Result<(), Failure> {
    let is_terminal = match config.stream {
        Stream::Stderr => io::stderr().is_terminal(),
        Stream::Stdout => io::stdout().is_terminal(),
    };
    let is_coloured = match config.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => is_terminal && env::var_os("NO_COLOR").is_none_or(|set| set.is_empty()),
    };
    let line = rendered(delivery, is_coloured);
    // Written at once, so that lines of other threads do not come between.
    let written = match config.stream {
        Stream::Stderr => io::stderr().lock().write_all(line.as_bytes()),
        Stream::Stdout => {
            let mut stdout = io::stdout().lock();
            stdout
                .write_all(line.as_bytes())
                .and_then(|()| stdout.flush())
        }
    };
    written.map_err(|error| Failure::final_(format!("writing to the console: {error}")))
}

fn rendered(delivery: Delivery<'_>, is_coloured: bool) -> String {
    let line = words::line(delivery.about);
    if !is_coloured {
        return format!("{line}\n");
    }
    let color = match Urgency::of(delivery.about) {
        Urgency::Over => "32",
        Urgency::Info => "36",
        Urgency::Warning => "33",
        Urgency::Critical => "1;31",
    };
    format!("\u{1b}[{color}m{line}\u{1b}[0m\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Notification;

    #[test]
    fn only_the_colour_is_a_command_of_the_terminal() {
        let about = Notification {
            severity: "critical".into(),
            title: "\u{1b}]0;owned\u{7}".into(),
            host: "\u{9b}2J\r\n".into(),
            ..Notification::default()
        };
        let delivery = Delivery {
            about: &about,
            id: "1",
        };
        let plain = rendered(delivery, false);
        assert!(
            plain
                .trim_end_matches('\n')
                .chars()
                .all(|c| !c.is_control()),
            "{plain:?}"
        );
        let coloured = rendered(delivery, true);
        assert_eq!(
            coloured,
            format!("\u{1b}[1;31m{}\u{1b}[0m\n", plain.trim_end_matches('\n'))
        );
    }
}
