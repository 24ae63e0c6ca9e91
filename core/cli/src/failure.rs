//! Why a command did not do what was asked: the message, a hint and the exit code.

use std::io;

use usm_core::Error;

/// Result of a command.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

const FAILED: i32 = 1;
const USAGE: i32 = 2;
/// What is asked about does not run, as `systemctl status` has it.
const NOT_RUNNING: i32 = 3;
/// What a shell reports for a program that SIGINT ended.
const INTERRUPTED: i32 = 130;
/// What a shell reports for a program that SIGPIPE ended.
const PIPE_CLOSED: i32 = 141;

#[derive(Debug)]
pub(crate) enum Failure {
    /// The reader of the output went away: nothing to say, and nobody to say it to.
    PipeClosed,
    /// The output has said it already; the exit code is left.
    Shown(i32),
    /// Something to tell the user.
    Told {
        /// The text for standard error, complete.
        text: String,
        /// The exit code.
        code: i32,
    },
}

impl Failure {
    /// A failure while the command did its work.
    pub(crate) fn new(message: &str, hint: Option<&str>) -> Failure {
        Failure::told(message, hint, FAILED)
    }

    /// Wrong usage that clap found: its own words, which name the option and what it takes.
    pub(crate) fn from_usage(message: &clap::Error) -> Failure {
        Failure::Told {
            text: format!("usm: {}", message.render().ansi()),
            code: USAGE,
        }
    }

    /// Wrong usage that clap can't see, with what the user could have meant.
    pub(crate) fn usage(message: &str, hint: Option<&str>) -> Failure {
        Failure::told(message, hint, USAGE)
    }

    /// Nothing was asked for: how to ask.
    pub(crate) fn lacking(message: &str, examples: &str) -> Failure {
        Failure::Told {
            text: format!("usm: error: {message}\n\n{examples}\n"),
            code: USAGE,
        }
    }

    /// What was to be done was not done in full, as the output says.
    pub(crate) fn shown() -> Failure {
        Failure::Shown(FAILED)
    }

    /// Nobody monitors, as the output says.
    pub(crate) fn not_running() -> Failure {
        Failure::Shown(NOT_RUNNING)
    }

    /// The user ended it early, as the output says.
    pub(crate) fn interrupted() -> Failure {
        Failure::Shown(INTERRUPTED)
    }

    /// The user ended it early, which has to be said.
    pub(crate) fn ended(message: &str) -> Failure {
        Failure::told(message, None, INTERRUPTED)
    }

    /// Of the optimizer: an argument that it does not take is wrong usage.
    pub(crate) fn of_optimizer(error: Error) -> Failure {
        match error {
            Error::InvalidArgument { .. } => Failure::of_settings(&error),
            other => other.into(),
        }
    }

    /// Of the history: a question that can't be answered as it was asked is wrong usage.
    pub(crate) fn of_question(error: Error) -> Failure {
        match error {
            Error::InvalidArgument { .. } => Failure::of_settings(&error),
            other => other.into(),
        }
    }

    /// A setting, a file of settings or a root that the user gave and that will not do.
    pub(crate) fn of_settings(error: &Error) -> Failure {
        Failure::told(&error.to_string(), hint(error).as_deref(), USAGE)
    }

    /// A setting that is saved in the data folder and that will not do.
    pub(crate) fn of_saved(folder: &std::path::Path, error: &Error) -> Failure {
        let path = usm_core::config::saved_path(folder);
        let hint = "mend it, or `usm config reset`, which keeps it under another name";
        match error {
            // It does not say where.
            Error::InvalidArgument { .. } => {
                Failure::told(&format!("{}: {error}", path.display()), Some(hint), USAGE)
            }
            Error::Malformed { .. } => Failure::told(&error.to_string(), Some(hint), USAGE),
            _ => Failure::new(&error.to_string(), self::hint(error).as_deref()),
        }
    }

    fn told(message: &str, hint: Option<&str>, code: i32) -> Failure {
        let message = crate::draw::escape_lines(message.trim_end());
        let mut text = format!("usm: error: {message}\n");
        if let Some(hint) = hint {
            text.push_str(&format!("hint: {hint}\n"));
        }
        Failure::Told { text, code }
    }

    pub(crate) fn code(&self) -> i32 {
        match self {
            Failure::PipeClosed => PIPE_CLOSED,
            Failure::Shown(code) => *code,
            Failure::Told { code, .. } => *code,
        }
    }

    /// The message without what stands before and behind it.
    pub(crate) fn words(&self) -> Option<&str> {
        let text = self.text()?;
        let text = text.strip_prefix("usm: error: ").unwrap_or(text);
        Some(text.split("\nhint: ").next().unwrap_or(text).trim_end())
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Failure::PipeClosed | Failure::Shown(_) => None,
            Failure::Told { text, .. } => Some(text),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::new(&error.to_string(), hint(&error).as_deref())
    }
}

/// A failed write to standard output.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::PipeClosed,
            _ => Failure::new(&format!("standard output: {error}"), None),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Failure {
        Failure::new(&format!("writing JSON: {error}"), None)
    }
}

/// What the user could do about it.
fn hint(error: &Error) -> Option<String> {
    Some(match error {
        Error::InvalidArgument { field, .. } if field == "setting" => {
            "`usm config` lists every setting".into()
        }
        Error::InvalidArgument { field, .. } => {
            let setting = field
                .strip_prefix("USM_")
                .unwrap_or(field)
                .to_ascii_lowercase();
            match usm_core::config::Setting::named(&setting) {
                Ok(setting) => format!("{}: {}", setting.name, setting.about),
                Err(_) => return None,
            }
        }
        Error::NotFound { path, .. } if path.ends_with("proc") => {
            "in a container, mount the host's /proc and name it with --proc-root".into()
        }
        Error::NotFound { .. } => "is the path spelled right?".into(),
        Error::PermissionDenied { .. } => "run as a user who may read it, or as root".into(),
        Error::Malformed { .. } => {
            "a file of settings holds lines such as `refresh_interval = 2.0`".into()
        }
        Error::TimedOut { .. } => "`usm doctor` shows which sources can be read".into(),
        Error::Refused(why) if why.contains("halt") => {
            "`usm optimize --resume` allows changes again".into()
        }
        Error::Store { .. } => "another data folder can be named with --data-dir".into(),
        Error::Internal(_) => "this is a defect of usm: please report it".into(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_quiet_and_any_other_write_error_is_told() {
        let closed = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((closed.text(), closed.code()), (None, 141));
        let full = Failure::from(io::Error::from(io::ErrorKind::StorageFull));
        assert!(
            full.text()
                .is_some_and(|t| t.starts_with("usm: error: standard output"))
        );
        assert_eq!(full.code(), 1);
    }

    #[test]
    fn a_message_cannot_carry_control_characters_to_the_terminal() {
        let failure = Failure::new("bad\x1b[2Jname", None);
        assert_eq!(failure.text(), Some("usm: error: bad\\x1b[2Jname\n"));
    }
}
