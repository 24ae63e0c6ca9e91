//! What the monitor does beside monitoring: it says how it fares, takes over saved settings,
//! and keeps its log short.

use std::cell::RefCell;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;
use usm_core::config::{SETTINGS, saved, saved_path};
use usm_core::service::{Beat, Hold, ServiceLog, ServiceRecord};
use usm_core::{Config, Monitor, State};

use super::{MonitorOptions, run};
use crate::draw::Tone;
use crate::failure::Outcome;
use crate::follow::Beside;
use crate::options::GlobalOptions;
use crate::when::now;

/// How often the file of settings and the log are looked at.
const LOOK: Duration = Duration::from_millis(500);

/// How often it says how it fares, at most.
const BEAT: Duration = Duration::from_secs(2);

/// What is done beside.
pub(super) struct Watch<'a> {
    inner: RefCell<Inner<'a>>,
}

impl std::fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}

struct Inner<'a> {
    hold: Hold,
    log: Option<ServiceLog>,
    options: &'a MonitorOptions,
    global: &'a GlobalOptions,
    file: PathBuf,
    /// The interval that was saved when this began.
    saved_interval: Option<Value>,
    seen: Option<Stamp>,
    looked: Instant,
    beaten: Option<Instant>,
    /// What was told to be wrong, so that it is told once.
    problem: Option<String>,
}

/// Which version of a file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    bytes: u64,
    changed: (i64, i64),
}

impl Stamp {
    /// `None` where there is no file.
    fn of(path: &Path) -> Option<Stamp> {
        let found = std::fs::metadata(path).ok()?;
        Some(Stamp {
            device: found.dev(),
            inode: found.ino(),
            bytes: found.size(),
            changed: (found.mtime(), found.mtime_nsec()),
        })
    }
}

impl<'a> Watch<'a> {
    pub(super) fn new(
        hold: Box<Hold>,
        log: Option<ServiceLog>,
        options: &'a MonitorOptions,
        global: &'a GlobalOptions,
        folder: &Path,
    ) -> Watch<'a> {
        let file = saved_path(folder);
        let saved_interval = saved_interval(folder);
        Watch {
            inner: RefCell::new(Inner {
                hold: *hold,
                log,
                options,
                global,
                // What was saved since the settings were read is read at the first look.
                seen: None,
                file,
                saved_interval,
                looked: Instant::now(),
                beaten: None,
                problem: None,
            }),
        }
    }

    /// Says that it has ended, and gives the lock back.
    pub(super) fn end(self, why: &str) -> Outcome {
        Ok(self.inner.into_inner().hold.end(why)?)
    }
}

impl Beside for Watch<'_> {
    fn look(&self, monitor: &Monitor, newest: Option<&State>) -> Vec<(Tone, String)> {
        let mut told = Vec::new();
        let mut inner = self.inner.borrow_mut();
        if let Some(state) = newest {
            inner.beat(state, &mut told);
        }
        if inner.looked.elapsed() >= LOOK {
            inner.looked = Instant::now();
            inner.look_at_the_lock(&mut told);
            inner.look_at_settings(monitor, &mut told);
            let short = inner.log.as_mut().map_or(Ok(()), ServiceLog::keep_short);
            inner.note(short, &mut told);
        }
        told
    }
}

impl Inner<'_> {
    fn beat(&mut self, state: &State, told: &mut Vec<(Tone, String)>) {
        if self.beaten.is_some_and(|beaten| beaten.elapsed() < BEAT) {
            return;
        }
        self.beaten = Some(Instant::now());
        let beat = Beat::of(state);
        self.tell(told, |record| {
            record.ready = true;
            record.beat = Some(beat);
        });
    }

    /// Somebody may have removed it, or the whole folder.
    fn look_at_the_lock(&mut self, told: &mut Vec<(Tone, String)>) {
        if self.hold.is_in_place() {
            return;
        }
        let renewed = self.hold.renew().map(|is_ours| match is_ours {
            true => told.push((
                Tone::Warning,
                "the lock was removed: it is made again".into(),
            )),
            false => {
                let text = "the lock was removed, and another monitor has it now".to_string();
                if self.problem.as_ref() != Some(&text) {
                    told.push((Tone::Bad, text.clone()));
                    self.problem = Some(text);
                }
            }
        });
        self.note(renewed, told);
    }

    /// The interval that this was started with holds until another one is saved.
    fn settings(&self) -> Outcome<Config> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        let saved = saved_interval(folder);
        match saved.is_some() && saved != self.saved_interval {
            true => self.global.settings(),
            false => run::settings(self.options, self.global),
        }
    }

    fn look_at_settings(&mut self, monitor: &Monitor, told: &mut Vec<(Tone, String)>) {
        let stamp = Stamp::of(&self.file);
        if stamp == self.seen {
            return;
        }
        self.seen = stamp;
        let before = monitor.config();
        let taken = self.settings().and_then(|new| {
            monitor.reconfigure(|config| {
                *config = new;
                Ok(())
            })?;
            Ok(())
        });
        let error = taken.err().map(|failure| {
            let words = failure.words().unwrap_or("the settings can't be read");
            words.to_string()
        });
        match &error {
            Some(error) => {
                told.push((Tone::Bad, format!("the settings stay as they are: {error}")))
            }
            None => {
                let changes = changes(&before, &monitor.config());
                told.extend(changes.into_iter().map(|text| (Tone::Plain, text)));
            }
        }
        let refresh_interval = monitor.config().refresh_interval;
        self.tell(told, |record| {
            record.refresh_interval = refresh_interval;
            if error.is_none() {
                record.settings_read_at = Some(now());
            }
            record.settings_error = error;
        });
    }

    fn tell(&mut self, told: &mut Vec<(Tone, String)>, change: impl FnOnce(&mut ServiceRecord)) {
        let written = self.hold.tell(change);
        self.note(written, told);
    }

    /// Something that does not end the monitor: it is told when it is another than before.
    fn note(&mut self, outcome: usm_core::Result<()>, told: &mut Vec<(Tone, String)>) {
        let Err(error) = outcome else {
            return;
        };
        let problem = error.to_string();
        if self.problem.as_ref() != Some(&problem) {
            told.push((Tone::Bad, problem.clone()));
            self.problem = Some(problem);
        }
    }
}

/// The interval that is saved; `None` for a file that can't be read, too.
fn saved_interval(folder: &Path) -> Option<Value> {
    saved(folder).ok()?.remove("refresh_interval")
}

/// What has changed between two settings, in words.
fn changes(before: &Config, after: &Config) -> Vec<String> {
    let text = |config: &Config, name: &str| config.get(name).unwrap_or_default().to_string();
    SETTINGS
        .iter()
        .filter_map(|setting| {
            let (old, new) = (text(before, setting.name), text(after, setting.name));
            let when = match setting.live {
                true => "",
                false => ", from the next start on",
            };
            let name = setting.name;
            (old != new).then(|| format!("setting {name}: {old} → {new}{when}"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_settings_is_told_by_name_with_both_values() {
        let before = Config::default();
        let after = Config {
            refresh_interval: 5.0,
            history_enabled: false,
            ..before.clone()
        };
        let told = changes(&before, &after);
        let wanted = [
            "setting refresh_interval: 2.0 → 5.0",
            "setting history_enabled: true → false, from the next start on",
        ];
        assert_eq!(told, wanted);
    }

    #[test]
    fn another_file_of_the_same_name_and_size_is_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        assert_eq!(Stamp::of(&path), None);
        std::fs::write(&path, "1").unwrap();
        let first = Stamp::of(&path).unwrap();
        assert_eq!(Stamp::of(&path), Some(first));
        let other = folder.path().join("b");
        std::fs::write(&other, "2").unwrap();
        std::fs::rename(&other, &path).unwrap();
        assert_ne!(Stamp::of(&path), Some(first));
    }
}
