//! Values that nobody may read in a log, an error or an outcome.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::failure::Failure;

/// Longest secret in a file, in bytes.
const LONGEST_FILE: u64 = 16 << 10;

/// Shorter ones are not looked for in a text: they would blot out parts of ordinary words.
const SHORTEST_MASKED: usize = 4;

const MASK: &str = "***";

/// A text that is shown as `***` and can't be serialised.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Keeps the text to itself from here on.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// The text with these secrets masked.
pub(crate) fn mask(text: &str, secrets: &[Secret]) -> String {
    let mut masked = text.to_string();
    for secret in secrets {
        if secret.0.len() >= SHORTEST_MASKED {
            masked = masked.replace(&secret.0, MASK);
        }
    }
    masked
}

/// The same for a piece that was cut out of a longer text: at its ends, parts of a secret
/// are masked as well.
pub(crate) fn mask_piece(text: &str, secrets: &[Secret]) -> String {
    // What is left of a character that was cut through.
    let mut masked = mask(text.trim_matches(char::REPLACEMENT_CHARACTER), secrets);
    for Secret(secret) in secrets {
        let cuts = || secret.char_indices().map(|(at, _)| secret.split_at(at));
        let longest = cuts().map(|(front, _)| front).rev();
        let front = longest.take_while(|front| front.len() >= SHORTEST_MASKED);
        if let Some(rest) = front
            .into_iter()
            .find_map(|front| masked.strip_suffix(front))
        {
            masked = format!("{rest}{MASK}");
        }
        let longest = cuts().map(|(_, back)| back).skip(1);
        let back = longest.take_while(|back| back.len() >= SHORTEST_MASKED);
        if let Some(rest) = back.into_iter().find_map(|back| masked.strip_prefix(back)) {
            masked = format!("{MASK}{rest}");
        }
    }
    masked
}

/// Where a secret comes from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// It stands in the configuration.
    Given(Secret),
    /// An environment variable, read when the channels were loaded: reading it later could
    /// meet a program that is just changing its environment.
    Environment { name: String, value: Option<Secret> },
    /// A file, read at each delivery, so that a changed secret is seen.
    File(PathBuf),
}

impl Source {
    /// The one source of these three that is given.
    pub(crate) fn new(
        given: Option<&Secret>,
        variable: Option<&str>,
        file: Option<&Path>,
    ) -> Option<Source> {
        if let Some(secret) = given {
            return Some(Source::Given(secret.clone()));
        }
        if let Some(name) = variable {
            return Some(Source::Environment {
                name: name.to_string(),
                value: std::env::var(name).ok().map(Secret),
            });
        }
        file.map(|path| Source::File(path.to_path_buf()))
    }

    pub(crate) fn read(&self, field: &str) -> Result<Secret, Failure> {
        match self {
            Source::Given(secret) => Ok(secret.clone()),
            Source::Environment { name, value } => value.clone().ok_or_else(|| {
                Failure::final_(format!(
                    "{field}_env: no environment variable {name} when the channels were loaded"
                ))
            }),
            Source::File(path) => read_file(path).map_err(|error| {
                Failure::final_(format!("{field}_file: {}: {error}", path.display()))
            }),
        }
    }
}

/// The file's text without the spaces and line ends around it.
fn read_file(path: &Path) -> std::io::Result<Secret> {
    let mut text = String::new();
    File::open(path)?
        .take(LONGEST_FILE)
        .read_to_string(&mut text)?;
    let text = text.trim();
    if text.is_empty() {
        return Err(std::io::Error::other("it is empty"));
    }
    Ok(Secret(text.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let secret = Secret::new("hunter22");
        assert_eq!(format!("{secret:?}"), "***");
        assert_eq!(mask("no hunter22 here", &[secret]), "no *** here");
    }

    #[test]
    fn part_of_a_secret_at_the_end_of_a_piece_is_masked_too() {
        let secrets = [Secret::new("hunter22-äö")];
        let piece = |text| mask_piece(text, &secrets);
        assert_eq!(
            piece("ter22-äö no hunter22-äö, hunter22-ä\u{fffd}"),
            "*** no ***, ***"
        );
        assert_eq!(piece("hunt"), "***");
        assert_eq!(
            piece("hun is short, a hunter is none"),
            "hun is short, a hunter is none"
        );
        assert_eq!(mask_piece("", &secrets), "");
    }

    #[test]
    fn a_file_is_read_anew_each_time_without_the_line_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        let source = Source::new(None, None, Some(&path)).unwrap();
        let error = source.read("password").unwrap_err().message;
        assert!(error.starts_with("password_file: /"), "{error}");
        for text in ["first", "second"] {
            std::fs::write(&path, format!("{text}\n")).unwrap();
            assert_eq!(source.read("password").unwrap().reveal(), text);
        }
        std::fs::write(&path, "\n").unwrap();
        assert!(
            source
                .read("password")
                .unwrap_err()
                .message
                .ends_with("it is empty")
        );
    }

    #[test]
    fn a_missing_variable_is_named() {
        let source = Source::new(None, Some("USM_NOTIFY_TEST_NOT_SET"), None).unwrap();
        let error = source.read("password").unwrap_err().message;
        assert!(error.contains("USM_NOTIFY_TEST_NOT_SET"), "{error}");
    }
}
