//! An export or a report as a file.

use std::path::{Path, PathBuf};

use usm_core::Result;

use crate::file::named;
use crate::{Exported, Format, Kind, NewFile, Source, Wanted, export};

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Written {
    /// Its name; `None` when there was no data: then there is no file.
    pub path: Option<PathBuf>,
    /// Rows that are in it.
    pub rows: u64,
    /// How long it is.
    pub bytes: u64,
    /// What the reader should know.
    pub notes: Vec<String>,
}

/// Writes an export to a file of this name, or to a new one in a folder of this name
/// (`system_metrics_YYYYMMDD_HHMMSS.json` and the like, which replaces none).
///
/// # Errors
/// As [`export`]; `Io` and the like when the file can't be written. Then none is left.
pub fn export_to(
    path: &Path,
    source: &Source,
    kind: Kind,
    format: Format,
    wanted: &Wanted,
    progress: &mut dyn FnMut(f64) -> bool,
) -> Result<Written> {
    write_to(path, kind.stem(), format, &mut |file| {
        export(source, kind, format, wanted, file, progress)
    })
}

/// Writes a file, if there is anything to be written.
pub(crate) fn write_to(
    path: &Path,
    stem: &str,
    format: Format,
    write: &mut dyn FnMut(&mut NewFile) -> Result<Exported>,
) -> Result<Written> {
    let mut file = match path.is_dir() {
        true => NewFile::in_folder(path, stem, format)?,
        false => NewFile::at(path)?,
    };
    let goal = file.goal();
    let Exported { rows, notes } = write(&mut file).map_err(|error| named(error, &goal))?;
    let bytes = file.bytes();
    Ok(match rows {
        0 => Written {
            notes,
            ..Written::default()
        },
        rows => Written {
            path: Some(file.finish()?),
            rows,
            bytes,
            notes,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::hour;

    #[test]
    fn without_rows_there_is_no_file_and_what_was_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        std::fs::write(&path, "old").unwrap();
        let (source, _) = hour();
        let before = Wanted::range(0.0, 10.0);
        let write = |path: &Path| {
            export_to(
                path,
                &source,
                Kind::Metrics,
                Format::Json,
                &before,
                &mut |_| true,
            )
            .unwrap()
        };
        assert_eq!(write(&path), Written::default());
        assert_eq!(write(folder.path()), Written::default());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_cancelled_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let (source, all) = hour();
        let path = folder.path().join("a.csv");
        let error = export_to(
            &path,
            &source,
            Kind::Metrics,
            Format::Csv,
            &all,
            &mut |_| false,
        );
        assert!(error.unwrap_err().to_string().contains("cancelled"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_full_disk_is_told_with_the_files_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let error = write_to(&path, "a", Format::Csv, &mut |_| {
            Err(crate::file::failed(std::io::ErrorKind::StorageFull.into()))
        });
        let text = error.unwrap_err().to_string();
        assert!(text.contains("a.csv"), "{text}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
