//! The data folder and the database, looked at from outside: nothing is created and nothing
//! is written, not even the side files that SQLite makes for a reader.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, accessat};
use serde_json::{Value, json};
use usm_core::Config;
use usm_core::history::{History, TierExtent};
use usm_core::store::{DATABASE_NAME, StoreReader, default_folder, prototype_files};

use super::alerts::{draw_memories, memories_as_json};
use crate::draw::{Flow, Line, Page, Tone, number};
use crate::history::tier_name;
use crate::status::time_of;

/// What was found of the storage.
#[derive(Debug, Default)]
pub(super) struct StoreCheck {
    folder: Option<PathBuf>,
    /// The folder exists.
    exists: bool,
    /// It can be written; where it does not exist, it can be made.
    writable: bool,
    /// Permission bits of the folder.
    mode: Option<u32>,
    /// Database with its side files; `None` when there is none yet.
    bytes: Option<u64>,
    /// Last change of the database or its log, Unix seconds.
    changed: Option<f64>,
    /// A program has it open, or ended without closing it.
    in_use: bool,
    /// Time of the newest state in it; looked up only where that creates no file.
    newest_state: Option<f64>,
    /// How far back the tiers of the history reach; looked up only where that creates no file.
    history: Vec<TierExtent>,
    /// What the models remember; looked up only where that creates no file.
    memories: Vec<(String, u32, f64, u64)>,
    /// Files under the names of the prototype's that are no links to the database.
    prototype_files: Vec<PathBuf>,
    /// What is wrong.
    problem: Option<String>,
}

pub(super) fn check(config: &Config) -> StoreCheck {
    let folder = match config.data_dir.clone().map_or_else(default_folder, Ok) {
        Ok(folder) => folder,
        Err(error) => {
            return StoreCheck {
                problem: Some(error.to_string()),
                ..StoreCheck::default()
            };
        }
    };
    let mut found = StoreCheck {
        folder: Some(folder.clone()),
        ..StoreCheck::default()
    };
    if let Err(reason) = look_at(&folder, &mut found) {
        found.problem.get_or_insert(reason);
    }
    found
}

fn look_at(folder: &Path, found: &mut StoreCheck) -> Result<(), String> {
    let told = |path: &Path, error: io::Error| format!("{}: {error}", path.display());
    match std::fs::metadata(folder) {
        Ok(metadata) if metadata.is_dir() => {
            found.exists = true;
            found.mode = Some(metadata.permissions().mode() & 0o7777);
        }
        Ok(_) => return Err(format!("{}: not a folder", folder.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let parent = folder.ancestors().skip(1).find(|parent| parent.exists());
            let parent = parent.unwrap_or(Path::new("."));
            found.writable = may_write(parent).is_ok();
            return may_write(parent)
                .map_err(|error| format!("it can't be made: {}", told(parent, error)));
        }
        Err(error) => return Err(told(folder, error)),
    }
    may_write(folder).map_err(|error| told(folder, error))?;
    found.writable = true;
    found.prototype_files = prototype_files(folder).map_err(|error| error.to_string())?;

    let database = folder.join(DATABASE_NAME);
    let side = |suffix: &str| folder.join(format!("{DATABASE_NAME}{suffix}"));
    let size_of = |path: &Path| std::fs::metadata(path).ok();
    let Some(main) = size_of(&database) else {
        return Ok(());
    };
    let side_files = [side("-wal"), side("-shm"), side("-journal")];
    let all: Vec<_> = std::iter::once(main)
        .chain(side_files.iter().filter_map(|p| size_of(p)))
        .collect();
    found.bytes = Some(all.iter().map(std::fs::Metadata::len).sum());
    found.changed = all
        .iter()
        .filter_map(|metadata| metadata.modified().ok())
        .filter_map(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .map(|since| since.as_secs_f64())
        .reduce(f64::max);
    accessat(
        CWD,
        &database,
        Access::READ_OK | Access::WRITE_OK,
        AtFlags::EACCESS,
    )
    .map_err(|errno| told(&database, errno.into()))?;
    found.in_use = side("-wal").exists() && side("-shm").exists();
    if found.in_use {
        // Both side files are there: a reader makes none.
        let reader = StoreReader::open(&database).map_err(|error| error.to_string())?;
        let newest = reader.latest_state().map_err(|error| error.to_string())?;
        found.newest_state = newest.map(|row| row.timestamp);
        found.memories = reader.model_memories().map_err(|error| error.to_string())?;
        let history = History::open(&database).map_err(|error| error.to_string())?;
        found.history = history.extents().map_err(|error| error.to_string())?;
        found.history.retain(|extent| extent.rows > 0);
    }
    Ok(())
}

fn may_write(folder: &Path) -> io::Result<()> {
    accessat(
        CWD,
        folder,
        Access::WRITE_OK | Access::EXEC_OK,
        AtFlags::EACCESS,
    )?;
    Ok(())
}

impl StoreCheck {
    pub(super) fn is_well(&self) -> bool {
        self.problem.is_none()
    }

    pub(super) fn as_json(&self) -> Value {
        json!({
            "folder": self.folder,
            "exists": self.exists,
            "writable": self.writable,
            "mode": self.mode.map(|mode| format!("{mode:04o}")),
            "database_bytes": self.bytes,
            "changed": self.changed,
            "in_use": self.in_use,
            "newest_state": self.newest_state,
            "history": self.history,
            "model_memories": memories_as_json(&self.memories),
            "prototype_files": self.prototype_files,
            "problem": self.problem,
        })
    }

    pub(super) fn draw(&self, page: &mut Page, gutter: usize) {
        let mut flow = Flow::new(page, Line::of(Tone::Label, "Data folder"), gutter);
        if let Some(folder) = &self.folder {
            flow.words(Tone::Plain, &folder.display().to_string());
        }
        let (tone, text) = match (&self.problem, self.exists) {
            (Some(problem), _) => (Tone::Bad, problem.clone()),
            (None, false) => (Tone::Quiet, "(does not exist yet; it can be made)".into()),
            (None, true) => (Tone::Good, "(can be written)".into()),
        };
        flow.words(tone, &text);
        if self.mode.is_some_and(|mode| mode & 0o077 != 0) {
            flow.words(Tone::Warning, "(other users can look into it: chmod 700)");
        }
        flow.end(page);

        let mut flow = Flow::new(page, Line::of(Tone::Label, "Database"), gutter);
        match self.bytes {
            None => flow.words(Tone::Quiet, "none yet"),
            Some(bytes) => {
                let about = self.about();
                let comma = if about.is_empty() { "" } else { "," };
                flow.words(Tone::Plain, &format!("{}{comma}", number::bytes(bytes)));
                flow.words(Tone::Quiet, &about.join(", "));
            }
        }
        flow.end(page);
        self.draw_prototype_files(page, gutter);
        draw_memories(&self.memories, page, gutter);
        if self.history.is_empty() {
            return;
        }
        let reach = |extent: &TierExtent| {
            format!("{} since {}", tier_name(extent.tier), time_of(extent.first))
        };
        let reaches: Vec<String> = self.history.iter().map(reach).collect();
        let mut flow = Flow::new(page, Line::of(Tone::Label, "History"), gutter);
        flow.words(Tone::Quiet, &reaches.join(", "));
        flow.end(page);
    }

    fn draw_prototype_files(&self, page: &mut Page, gutter: usize) {
        if self.prototype_files.is_empty() {
            return;
        }
        let names: Vec<String> = self
            .prototype_files
            .iter()
            .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
            .collect();
        let mut flow = Flow::new(page, Line::of(Tone::Label, "Prototype"), gutter);
        flow.words(Tone::Warning, &names.join(", "));
        flow.words(
            Tone::Quiet,
            "(not the monitor's rows: usm migrate brings in what they hold)",
        );
        flow.end(page);
    }

    fn about(&self) -> Vec<String> {
        let changed = self
            .changed
            .map(|time| format!("last written {}", time_of(time)));
        let used = self.in_use.then(|| "in use".to_string());
        let newest = self
            .newest_state
            .map(|time| format!("newest state {}", time_of(time)));
        [changed, used, newest].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Style;

    fn checked(folder: &Path) -> StoreCheck {
        check(&Config {
            data_dir: Some(folder.to_path_buf()),
            ..Config::default()
        })
    }

    #[test]
    fn a_folder_that_is_not_there_can_be_made_and_is_not() {
        let temp = tempfile::tempdir().unwrap();
        let found = checked(&temp.path().join("a/b"));
        assert!(
            !found.exists && found.writable && found.is_well(),
            "{found:?}"
        );
        assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_in_the_folders_place_is_a_problem() {
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(checked(&file).problem.unwrap().contains("not a folder"));
    }

    #[test]
    fn a_prototypes_file_is_named_and_a_link_to_the_database_is_not() {
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("system_alerts.db");
        std::fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink(DATABASE_NAME, temp.path().join("system_metrics.db")).unwrap();
        let found = checked(temp.path());
        assert_eq!(found.prototype_files, [file]);
        assert!(found.is_well(), "it is left as it is: {found:?}");
        let mut page = Page::new(Style {
            width: 400,
            unicode: false,
            colour: false,
        });
        found.draw(&mut page, 14);
        let text = page.render();
        assert!(text.contains("system_alerts.db"), "{text}");
        assert!(text.contains("usm migrate brings in"), "{text}");
        assert!(!text.contains("system_metrics.db"), "{text}");
    }

    #[test]
    fn a_database_is_measured_and_left_alone() {
        let temp = tempfile::tempdir().unwrap();
        std::fs::write(temp.path().join(DATABASE_NAME), vec![0; 4096]).unwrap();
        let found = checked(temp.path());
        assert_eq!(found.bytes, Some(4096));
        assert!(!found.in_use && found.is_well(), "{found:?}");
        assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 1);
    }
}
