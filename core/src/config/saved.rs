//! Settings that were saved in a data folder, `settings.toml` there: the layer between the
//! defaults and the files, environment and arguments of one run.
//!
//! The file is the user's: a change replaces one value and leaves comments, order and all
//! other lines as they are. It is written beside and then renamed, so that a reader finds the
//! old settings or the new ones, also when the disk is full.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use serde_json::{Map, Value};
use toml::Spanned;

use super::{Config, SETTINGS, Setting};
use crate::error::{Error, Result};

/// Name of the file of saved settings in the data folder.
pub const SAVED_NAME: &str = "settings.toml";

/// What a new file begins with.
const HEAD: &str = "# Settings of usm for this data folder; see `usm config`.\n";

/// What a file that can't be read is called when all is reset.
const BROKEN_SUFFIX: &str = ".broken";

/// Where the settings of a data folder are saved.
pub fn saved_path(folder: &Path) -> PathBuf {
    folder.join(SAVED_NAME)
}

/// The settings that are saved in a data folder; none where there is no file.
///
/// # Errors
/// `Malformed` with line and column, `InvalidArgument` for a setting, and what reading answers.
pub fn saved(folder: &Path) -> Result<Map<String, Value>> {
    let path = saved_path(folder);
    match read(&path)? {
        Some(text) => Document::parse(&path, text)?.settings(),
        None => Ok(Map::new()),
    }
}

/// Saves a setting, given as text as on a command line; answers its value.
///
/// # Errors
/// `InvalidArgument` for a name, a value or a range, with nothing written; as [`saved`] for
/// what is there already; `PermissionDenied`, `Io` (a full disk) and the like, with the old
/// file in its place.
pub fn save(folder: &Path, name: &str, text: &str) -> Result<Value> {
    let values = save_all(folder, &[(name, text)])?;
    Ok(values.into_iter().next().unwrap_or(Value::Null))
}

/// Saves several settings at once, or none; answers their values.
///
/// # Errors
/// As [`save`].
pub fn save_all(folder: &Path, given: &[(&str, &str)]) -> Result<Vec<Value>> {
    let mut config = Config::default();
    let mut values = Vec::new();
    for (name, text) in given {
        let setting = savable(name)?;
        config.set_text(setting.name, text)?;
        values.push((setting.name, config.get(setting.name)?));
    }
    change(folder, |document| {
        values.iter().try_for_each(|(name, value)| match value {
            // TOML has no word for a path that is not given.
            Value::Null => document.remove(name),
            _ => document.put(name, value),
        })
    })?;
    Ok(values.into_iter().map(|(_, value)| value).collect())
}

/// Takes settings out of the file, all of them when none is named, so that they have their
/// defaults again; answers those that were there. A file that can't be read is set aside when
/// all are meant.
///
/// # Errors
/// As [`save`].
pub fn reset(folder: &Path, names: &[&str]) -> Result<Vec<String>> {
    let names: Vec<&str> = names
        .iter()
        .map(|name| Setting::named(name).map(|setting| setting.name))
        .collect::<Result<_>>()?;
    let path = saved_path(folder);
    let Some(text) = read(&path)? else {
        return Ok(Vec::new());
    };
    if names.is_empty() && saved(folder).is_err() {
        let found = SETTINGS.iter().map(|setting| setting.name);
        let found = found.filter(|name| text.contains(name)).map(str::to_owned);
        let mut aside = path.clone().into_os_string();
        aside.push(BROKEN_SUFFIX);
        fs::rename(&path, &aside).map_err(|error| Error::io(&path, error))?;
        return Ok(found.collect());
    }
    let mut removed = Vec::new();
    change(folder, |document| {
        let there: Vec<String> = document.values.keys().cloned().collect();
        let meant = |name: &String| names.is_empty() || names.contains(&name.as_str());
        removed = there.into_iter().filter(meant).collect();
        removed.iter().try_for_each(|name| document.remove(name))
    })?;
    Ok(removed)
}

impl Config {
    /// Applies the settings that are saved in a data folder.
    ///
    /// # Errors
    /// As [`saved`]; on an error nothing is changed.
    pub fn apply_saved(&mut self, folder: &Path) -> Result<()> {
        let mut changed = self.clone();
        for (name, value) in saved(folder)? {
            changed.set(&name, value)?;
        }
        *self = changed;
        Ok(())
    }

    /// As [`Config::layered`], with the settings that are saved in a data folder between the
    /// defaults and the file.
    ///
    /// # Errors
    /// As [`Config::layered`] and [`saved`].
    pub fn layered_with_saved(folder: &Path, file: Option<&Path>) -> Result<Config> {
        let mut config = Config::default();
        config.apply_saved(folder)?;
        if let Some(file) = file {
            config.apply_file(file)?;
        }
        config.apply_environment()?;
        Ok(config)
    }
}

/// A setting that may stand in the file.
fn savable(name: &str) -> Result<&'static Setting> {
    let setting = Setting::named(name)?;
    match setting.name {
        "data_dir" => Err(Error::invalid(
            "setting",
            "data_dir",
            "it can't be saved, since it decides which file of settings is read: set \
             USM_DATA_DIR or give --data-dir",
        )),
        _ => Ok(setting),
    }
}

/// No file, also where what should be its folder is none.
fn is_absent(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory)
}

fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Err(Error::malformed(path, "text in UTF-8"))
        }
        Err(error) => Err(Error::io(path, error)),
    }
}

/// Reads, changes and writes the file, one at a time.
fn change(folder: &Path, change: impl FnOnce(&mut Document) -> Result<()>) -> Result<()> {
    make_folder(folder)?;
    let of_folder = |error: std::io::Error| Error::io(folder, error);
    let turn = File::open(folder).map_err(of_folder)?;
    // Where folders can't be locked (some network drives) two at once are left to chance.
    let _ = flock(&turn, FlockOperation::LockExclusive);
    let path = saved_path(folder);
    if fs::symlink_metadata(&path).is_ok_and(|found| found.is_symlink()) {
        let message = format!(
            "{}: it is a symbolic link, which a change would replace: change the file behind it",
            path.display()
        );
        return Err(Error::Refused(message));
    }
    let text = read(&path)?.unwrap_or_else(|| HEAD.to_owned());
    let mut document = Document::parse(&path, text)?;
    // What is there already must be right, or it would be blamed on this change.
    document.settings()?;
    let before = document.text.clone();
    change(&mut document)?;
    if document.text == before {
        return Ok(());
    }
    document.settings()?;
    replace(&path, &document.text)?;
    turn.sync_all().map_err(of_folder)
}

fn make_folder(folder: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let made = fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder);
    made.map_err(|error| Error::io(folder, error))
}

fn replace(path: &Path, text: &str) -> Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    let beside = PathBuf::from(beside);
    // Of an earlier process with this pid, which was killed.
    let _ = fs::remove_file(&beside);
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&beside, path));
    written.map_err(|error| {
        let _ = fs::remove_file(&beside);
        Error::io(path, error)
    })
}

/// The file's text, and where each setting stands in it.
struct Document {
    path: PathBuf,
    text: String,
    values: BTreeMap<String, (Range<usize>, Range<usize>, toml::Value)>,
}

impl Document {
    fn parse(path: &Path, text: String) -> Result<Document> {
        let mut document = Document {
            path: path.to_owned(),
            text,
            values: BTreeMap::new(),
        };
        document.locate()?;
        Ok(document)
    }

    fn locate(&mut self) -> Result<()> {
        type Entries = BTreeMap<Spanned<String>, Spanned<toml::Value>>;
        let entries: Entries = toml::from_str(&self.text)
            .map_err(|error| Error::malformed(&self.path, error.to_string()))?;
        self.values = entries
            .into_iter()
            .map(|(key, value)| {
                let (of_key, of_value) = (key.span(), value.span());
                (key.into_inner(), (of_key, of_value, value.into_inner()))
            })
            .collect();
        Ok(())
    }

    /// What it sets, each checked.
    fn settings(&self) -> Result<Map<String, Value>> {
        let mut settings = Map::new();
        for (name, (_, _, value)) in &self.values {
            let setting = savable(name)?;
            let value = serde_json::to_value(value)
                .map_err(|error| Error::malformed(&self.path, error.to_string()))?;
            setting.check(&value)?;
            settings.insert(name.clone(), value);
        }
        Ok(settings)
    }

    fn put(&mut self, name: &str, value: &Value) -> Result<()> {
        let value = as_toml(value);
        match self.values.get(name) {
            Some((_, place, _)) => self.text.replace_range(place.clone(), &value),
            None => {
                if !self.text.is_empty() && !self.text.ends_with('\n') {
                    self.text.push('\n');
                }
                self.text.push_str(&format!("{name} = {value}\n"));
            }
        }
        self.locate()
    }

    /// Takes the lines of a setting out, with what is said behind it.
    fn remove(&mut self, name: &str) -> Result<()> {
        let Some((key, value, _)) = self.values.get(name) else {
            return Ok(());
        };
        let start = self.text[..key.start].rfind('\n').map_or(0, |at| at + 1);
        let end = self.text[value.end..]
            .find('\n')
            .map_or(self.text.len(), |at| value.end + at + 1);
        self.text.replace_range(start..end, "");
        self.locate()
    }
}

fn as_toml(value: &Value) -> String {
    match value {
        Value::String(text) => toml::Value::String(text.clone()).to_string(),
        Value::Array(list) => {
            let items: Vec<String> = list.iter().map(as_toml).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use proptest::prelude::*;
    use std::os::unix::fs::MetadataExt;

    fn with(text: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(saved_path(folder.path()), text).unwrap();
        folder
    }

    fn text(folder: &tempfile::TempDir) -> String {
        fs::read_to_string(saved_path(folder.path())).unwrap()
    }

    #[test]
    fn what_is_saved_lies_between_the_defaults_and_the_file() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("data");
        assert!(saved(&folder).unwrap().is_empty());
        save(&folder, "refresh_interval", "3").unwrap();
        save(&folder, "max_threads", "8").unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
        let mode = fs::metadata(saved_path(&folder)).unwrap().mode();
        assert_eq!(mode & 0o777, 0o600);
        let file = root.path().join("usm.toml");
        fs::write(&file, "max_threads = 2\n").unwrap();
        let config = Config::layered_with_saved(&folder, Some(&file)).unwrap();
        assert_eq!((config.refresh_interval, config.max_threads), (3.0, 2));
        // A library that asks for defaults gets them.
        assert_eq!(Config::layered(None).unwrap().max_threads, 4);
    }

    #[test]
    fn a_change_leaves_comments_and_other_lines_alone() {
        let folder = with(
            "# mine\nrefresh_interval = 7.5   # slow disk\n\nsecurity_allow = [\n  \"a:b\", # why\n]\nenable_ml = false",
        );
        save(folder.path(), "refresh_interval", "2").unwrap();
        save(folder.path(), "log_level", "debug").unwrap();
        assert_eq!(
            text(&folder),
            "# mine\nrefresh_interval = 2.0   # slow disk\n\nsecurity_allow = [\n  \"a:b\", # why\n]\nenable_ml = false\nlog_level = \"DEBUG\"\n"
        );
        let removed = reset(
            folder.path(),
            &["security_allow", "enable_ml", "max_threads"],
        );
        assert_eq!(removed.unwrap(), ["enable_ml", "security_allow"]);
        assert_eq!(
            text(&folder),
            "# mine\nrefresh_interval = 2.0   # slow disk\n\nlog_level = \"DEBUG\"\n"
        );
        assert_eq!(
            reset(folder.path(), &[]).unwrap(),
            ["log_level", "refresh_interval"]
        );
        assert_eq!(text(&folder), "# mine\n\n");
        assert_eq!(reset(folder.path(), &[]).unwrap(), [""; 0]);
    }

    #[test]
    fn a_wrong_name_or_value_is_refused_and_nothing_is_written() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("data");
        for (name, value, part) in [
            ("refresh_intervall", "3", "did you mean refresh_interval"),
            ("__class__", "3", "no setting of this name"),
            ("refresh_interval", "-1", "0.01 to 86400"),
            ("refresh_interval", "NaN", "0.01 to 86400"),
            ("max_threads", "2.5", "whole number"),
            ("enable_ml", "maybe", "true or false"),
            ("data_dir", "/tmp/x", "USM_DATA_DIR"),
        ] {
            let error = save(&folder, name, value).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert!(error.to_string().contains(part), "{error}");
        }
        let together = [("max_threads", "8"), ("enable_ml", "maybe")];
        assert!(save_all(&folder, &together).is_err());
        assert!(!folder.exists());
        let together = [
            ("max_threads", "8"),
            ("enable_ml", "on"),
            ("max_threads", "9"),
        ];
        save_all(&folder, &together).unwrap();
        assert_eq!(saved(&folder).unwrap()["max_threads"], 9);
        assert!(reset(&folder, &["refresh_intervall"]).is_err());
    }

    #[test]
    fn a_broken_file_is_told_with_its_place_and_stays_until_all_is_reset() {
        for (broken, part) in [
            ("refresh_interval = 3\nmax_threads = \n", "line 2"),
            ("refresh_interval = 3\nmax_threads = 0\n", "max_threads: 0"),
            ("data_dir = \"/x\"\n", "data_dir"),
            ("[monitor]\nrefresh_interval = 3\n", "monitor"),
            ("refresh_interval = 3\nrefresh_interval = 4\n", "line 2"),
        ] {
            let folder = with(broken);
            let errors = [
                saved(folder.path()).unwrap_err(),
                save(folder.path(), "enable_ml", "off").unwrap_err(),
                reset(folder.path(), &["enable_ml"]).unwrap_err(),
            ];
            for error in errors {
                assert!(error.to_string().contains(part), "{error}");
            }
            assert_eq!(text(&folder), broken);
            reset(folder.path(), &[]).unwrap();
            assert!(saved(folder.path()).unwrap().is_empty());
            let aside = folder.path().join("settings.toml.broken");
            assert_eq!(fs::read_to_string(aside).unwrap(), broken);
        }
    }

    #[test]
    fn a_link_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = folder.path().join("dotfiles.toml");
        fs::write(&elsewhere, "enable_ml = false\n").unwrap();
        std::os::unix::fs::symlink(&elsewhere, saved_path(folder.path())).unwrap();
        assert_eq!(saved(folder.path()).unwrap().len(), 1);
        let error = save(folder.path(), "enable_ml", "on").unwrap_err();
        assert!(error.to_string().contains("symbolic link"), "{error}");
        assert!(saved_path(folder.path()).is_symlink());
    }

    #[test]
    fn changes_at_once_are_all_kept() {
        let folder = tempfile::tempdir().unwrap();
        let names = [
            "enable_ml",
            "enable_export",
            "enable_alerts",
            "enable_dashboard",
        ];
        std::thread::scope(|scope| {
            for name in names {
                scope.spawn(|| save(folder.path(), name, "off").unwrap());
            }
        });
        assert_eq!(saved(folder.path()).unwrap().len(), names.len());
    }

    proptest! {
        #[test]
        fn any_text_is_saved_and_read_back(path in "[^\u{0}]{1,20}", patterns: Vec<String>) {
            let folder = tempfile::tempdir().unwrap();
            let trimmed = path.trim();
            prop_assume!(!trimmed.is_empty());
            let value = save(folder.path(), "alert_rules_file", &path).unwrap();
            prop_assert_eq!(value.as_str(), Some(trimmed));
            let patterns = patterns.join(",");
            let value = save(folder.path(), "security_allow", &patterns).unwrap();
            let found = saved(folder.path()).unwrap();
            prop_assert_eq!(found["alert_rules_file"].as_str(), Some(trimmed));
            prop_assert_eq!(&found["security_allow"], &value);
        }
    }
}
