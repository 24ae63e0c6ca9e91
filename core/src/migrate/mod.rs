//! Brings a prototype's database folder into ours.
//!
//! - The originals are opened for reading only, and only long enough to copy them, with their
//!   log or journal, into a private folder. Everything else is done with the copies.
//! - Columns are found by their names. A row that can't be taken is counted with its reason
//!   and the first row numbers; the others are brought in. Of a corrupt file what can be read
//!   is brought in.
//! - What is there already is told by its content, so that it can be done again at any time:
//!   after the prototype has written more, or after it was interrupted. What is ours is never
//!   changed: of rules, tools and profiles with the name of one of ours, ours stays.
//! - A table of metrics goes two ways: into states, where the tables and views of the
//!   prototype's names show it, and into the history, where the queries find it. States, events
//!   and timings that are older than `retention_days` would be deleted at once and are left out;
//!   the history takes each sample at the width that its age leaves it (ten years by default).
//! - Network counters stay out of the history: the prototype counted the loopback in, our
//!   series do not. They are in the states.
//! - A monitor may run on the data folder meanwhile. Only the history has one writer: as long as
//!   the monitor runs, samples are left out of it, and the report says so.

mod catalogue;
mod copy;
mod dates;
mod identity;
mod metrics;
mod past;
mod plain;
mod profiles;
mod report;
mod scratch;
mod source;
mod states;
mod target;
#[cfg(test)]
mod tests;
mod value;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::config::Config;
use crate::store::{SeriesSettings, StoreSettings};
use crate::{Error, Result};
use catalogue::{FILES, FileSpec, How, TableSpec};
use scratch::Scratch;
use source::{Found, Source};
use target::Target;

pub use report::{FileReport, FileStatus, Migration, Reason, TableReport};

/// How far a migration is.
#[derive(Debug, Clone, PartialEq)]
pub struct MigrationProgress {
    /// The file that is being read.
    pub file: String,
    /// The table, empty while the file is copied.
    pub table: String,
    /// Rows that were read of it.
    pub done: u64,
    /// Rows that it has, nearly; 0 when that is not known.
    pub total: u64,
    /// How much of all files is done, 0 to 1, nearly. It never goes back.
    pub share: f64,
}

/// Told from time to time; `Break` ends the migration after what was committed.
pub type Watch<'a> = &'a mut dyn FnMut(&MigrationProgress) -> ControlFlow<()>;

/// Where to, and what of it.
#[derive(Debug, Clone, PartialEq)]
pub struct MigrateSettings {
    store: StoreSettings,
    /// Only tells what would be done. Default false.
    pub dry_run: bool,
}

impl MigrateSettings {
    /// Into the data folder of these settings, within its limits.
    ///
    /// # Errors
    /// `InvalidState` when there is no data folder.
    pub fn of(config: &Config) -> Result<MigrateSettings> {
        let folder = match &config.data_dir {
            Some(folder) => folder.clone(),
            None => crate::store::default_folder()?,
        };
        let days =
            |days: f64| Duration::try_from_secs_f64(days * 86_400.0).unwrap_or(Duration::MAX);
        Ok(MigrateSettings {
            store: StoreSettings {
                retention: days(config.retention_days),
                max_bytes: config.max_store_bytes,
                series: SeriesSettings {
                    enabled: config.history_enabled,
                    keep: [
                        config.history_raw_days,
                        config.history_10s_days,
                        config.history_1min_days,
                        config.history_10min_days,
                    ]
                    .map(days),
                },
                ..StoreSettings::new(folder)
            },
            dry_run: false,
        })
    }

    /// Into a data folder, or into that of the environment, by the settings that are saved
    /// there and those of the environment.
    ///
    /// # Errors
    /// As [`Config::layered_with_saved`]; `InvalidState` when there is no data folder.
    pub fn in_force(folder: Option<&Path>) -> Result<MigrateSettings> {
        let folder = match folder {
            Some(folder) => folder.to_path_buf(),
            None => match Config::layered(None)?.data_dir {
                Some(folder) => folder,
                None => crate::store::default_folder()?,
            },
        };
        let mut config = Config::layered_with_saved(&folder, None)?;
        config.data_dir = Some(folder);
        MigrateSettings::of(&config)
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.store.folder
    }
}

/// Brings the prototype's databases in `source` into the data folder. Tells what became of
/// every row; what could not be read is told in the report, not as an error.
///
/// # Errors
/// `InvalidArgument` when `source` is no folder or holds no database of the prototype;
/// `InvalidState` when another migration into the data folder runs; `Io`, `Store` when the
/// data folder can't be written. What was brought in until then stays.
pub fn migrate(source: &Path, settings: &MigrateSettings, watch: Watch<'_>) -> Result<Migration> {
    check_source(source)?;
    crate::store::prepare_process()?;
    let scratch = Scratch::new(&settings.store.folder, settings.dry_run)?;
    let now = crate::store::unix_now();
    let mut job = Job {
        source,
        own: settings.store.folder.clone(),
        scratch: &scratch,
        target: None,
        store: settings.store.clone(),
        now,
        watch,
        is_cancelled: false,
        bytes: bytes_of(source),
        bytes_done: 0,
    };
    if settings.dry_run {
        job.store.folder = scratch.copy_of(&settings.store.folder)?;
    }
    let mut report = Migration::new(source, &settings.store, settings.dry_run);
    for spec in &FILES {
        let file = match job.is_cancelled {
            true => FileReport::new(spec.name, FileStatus::NotReached),
            false => job.file(spec)?,
        };
        report.files.push(file);
    }
    report.others = others(source)?;
    report.cancelled = job.is_cancelled;
    if let Some(target) = job.target.take() {
        target.close()?;
    }
    Ok(report)
}

fn check_source(source: &Path) -> Result<()> {
    let found = std::fs::metadata(source).map_err(|error| Error::io(source, error))?;
    if !found.is_dir() {
        return Err(Error::invalid(
            "folder",
            source.display(),
            "the folder of the prototype's databases (its `db` folder)",
        ));
    }
    let is_there = |spec: &FileSpec| std::fs::symlink_metadata(source.join(spec.name)).is_ok();
    if !FILES.iter().any(is_there) {
        let names: Vec<&str> = FILES.iter().map(|spec| spec.name).collect();
        return Err(Error::invalid(
            "folder",
            source.display(),
            format!("a folder with one of {}", names.join(", ")),
        ));
    }
    Ok(())
}

/// Of all the prototype's files together.
fn bytes_of(source: &Path) -> u64 {
    let sizes = FILES.iter().map(|spec| size_of(&source.join(spec.name)));
    sizes.sum::<u64>().max(1)
}

fn size_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |found| found.len())
}

/// Files of the folder that look like databases and are not the prototype's.
fn others(source: &Path) -> Result<Vec<String>> {
    let entries = std::fs::read_dir(source).map_err(|error| Error::io(source, error))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| Error::io(source, error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_known = FILES.iter().any(|spec| spec.name == name);
        if name.ends_with(".db") && !is_known {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// One migration at work.
struct Job<'a> {
    source: &'a Path,
    /// The data folder, whatever the target is.
    own: PathBuf,
    scratch: &'a Scratch,
    /// Opened at the first table.
    target: Option<Target>,
    store: StoreSettings,
    now: f64,
    watch: Watch<'a>,
    is_cancelled: bool,
    /// Size of all files, and of those that are done.
    bytes: u64,
    bytes_done: u64,
}

impl Job<'_> {
    fn file(&mut self, spec: &FileSpec) -> Result<FileReport> {
        let path = self.source.join(spec.name);
        let progress = MigrationProgress {
            file: spec.name.to_owned(),
            table: String::new(),
            done: 0,
            total: 0,
            share: self.share(0.0),
        };
        self.is_cancelled |= (self.watch)(&progress).is_break();
        let size = size_of(&path);
        let done = self.read(spec, &path, size);
        self.bytes_done += size;
        done
    }

    /// The share that is done with so many bytes of the file.
    fn share(&self, bytes: f64) -> f64 {
        ((self.bytes_done as f64 + bytes) / self.bytes as f64).min(1.0)
    }

    fn read(&mut self, spec: &FileSpec, path: &Path, size: u64) -> Result<FileReport> {
        let source = match source::find(path, &self.own, spec, self.scratch)? {
            Found::Source(source) => source,
            Found::Nothing(status) => return Ok(FileReport::new(spec.name, status)),
        };
        let mut report = FileReport::new(spec.name, FileStatus::Read);
        report.bytes = source.bytes;
        report.notes.extend(source.notes.iter().cloned());
        let names = match source.tables() {
            Ok(names) => names,
            Err(fault) => {
                report.status = FileStatus::Unreadable(fault.cause);
                return Ok(report);
            }
        };
        let width = size as f64 / spec.tables.len() as f64;
        for (place, table) in spec.tables.iter().enumerate() {
            if self.is_cancelled {
                break;
            }
            if names
                .iter()
                .any(|name| name.eq_ignore_ascii_case(table.name))
            {
                let shares = (
                    self.share(width * place as f64),
                    self.share(width * (place + 1) as f64),
                );
                self.table(&source, (spec, table), shares, &mut report)?;
            }
        }
        let is_of_spec = |name: &String| {
            let mut tables = spec.tables.iter();
            tables.any(|table| table.name.eq_ignore_ascii_case(name))
        };
        report.foreign = names.into_iter().filter(|name| !is_of_spec(name)).collect();
        Ok(report)
    }

    fn table(
        &mut self,
        source: &Source,
        (file, table): (&FileSpec, &TableSpec),
        shares: (f64, f64),
        report: &mut FileReport,
    ) -> Result<()> {
        let target = match &mut self.target {
            Some(target) => target,
            none => none.insert(Target::open(&self.store)?),
        };
        let mut told = Told {
            file: file.name,
            table: table.name,
            total: source.count(table.name).unwrap_or(0),
            shares,
            watch: &mut *self.watch,
            is_cancelled: &mut self.is_cancelled,
        };
        let work = copy::Work {
            source,
            spec: table,
            side: file.side,
            now: self.now,
            retention_seconds: self.store.retention.as_secs_f64(),
        };
        match table.how {
            How::Plain => report.tables.push(plain::bring(&work, target, &mut told)?),
            How::Profiles => report
                .tables
                .push(profiles::bring(&work, target, &mut told)?),
            How::Wide | How::Tall => {
                report.tables.push(states::bring(&work, target, &mut told)?);
                let settings = &self.store.series;
                report
                    .tables
                    .push(past::bring(&work, settings, target, &mut told)?);
            }
        }
        Ok(())
    }
}

/// The watcher, as the work on one table sees it.
struct Told<'a> {
    file: &'a str,
    table: &'a str,
    total: u64,
    /// Of the whole work, at the beginning and at the end of the table.
    shares: (f64, f64),
    watch: Watch<'a>,
    is_cancelled: &'a mut bool,
}

impl Told<'_> {
    /// Tells how many rows were read; whether the work is to end here.
    fn rows(&mut self, done: u64) -> ControlFlow<()> {
        let (begin, end) = self.shares;
        let part = (done as f64 / self.total.max(1) as f64).min(1.0);
        let progress = MigrationProgress {
            file: self.file.to_owned(),
            table: self.table.to_owned(),
            done,
            total: self.total,
            share: begin + (end - begin) * part,
        };
        let answer = (self.watch)(&progress);
        *self.is_cancelled |= answer.is_break();
        answer
    }
}
