//! What went wrong in a scan, counted, and told in one line per source.

use std::path::Path;

use rustix::io::Errno;

use crate::error::Error;
use crate::sample::source::{Availability, SourceReport};

/// Processes of one scan by what became of them.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    /// Read without trouble.
    pub(super) read: usize,
    /// Listed, but not to be read by this user (hidepid).
    pub(super) refused: usize,
    /// Read, but `io` was refused.
    pub(super) io_refused: usize,
    /// `stat` is not what its format promises.
    pub(super) malformed: usize,
    /// Any other failure, the last one with its number.
    pub(super) failed: usize,
    pub(super) errno: Option<Errno>,
    /// The folder itself can't be listed.
    folder: Option<(Availability, String)>,
}

impl Troubles {
    pub(super) fn of_the_folder(error: &Error) -> Troubles {
        let availability = match error {
            Error::NotFound { .. } => Availability::Absent,
            Error::PermissionDenied { .. } => Availability::Forbidden,
            _ => Availability::Failed,
        };
        Troubles {
            folder: Some((availability, error.to_string())),
            ..Troubles::default()
        }
    }

    pub(super) fn report(&self, proc_root: &Path, io: bool, out: &mut Vec<SourceReport>) {
        let listed = self.read + self.refused + self.malformed + self.failed;
        let (availability, reason) = if let Some((availability, reason)) = &self.folder {
            (*availability, Some(reason.clone()))
        } else if let (true, Some(errno)) = (self.failed > 0, self.errno) {
            let cause = std::io::Error::from(errno);
            let text = format!("{} of {listed} can't be read: {cause}", self.failed);
            (Availability::Failed, Some(text))
        } else if self.malformed > 0 {
            let text = format!("malformed for {} of {listed} processes", self.malformed);
            (Availability::Malformed, Some(text))
        } else if self.refused > 0 {
            let text = format!("{} of {listed} processes may not be read", self.refused);
            (Availability::Forbidden, Some(text))
        } else if listed > 0 {
            (Availability::Available, None)
        } else {
            (Availability::Unknown, None)
        };
        out.push(SourceReport {
            source: proc_root.join("PID/stat").display().to_string(),
            gives: "processes".to_string(),
            availability,
            reason,
        });
        if !io {
            return;
        }
        let (availability, reason) = match (self.io_refused, self.read) {
            (0, 0) => (Availability::Unknown, None),
            (0, _) => (Availability::Available, None),
            (refused, read) => (
                Availability::Forbidden,
                Some(format!("refused for {refused} of {read} processes")),
            ),
        };
        out.push(SourceReport {
            source: proc_root.join("PID/io").display().to_string(),
            gives: "storage bytes of processes".to_string(),
            availability,
            reason,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reported(troubles: &Troubles) -> Vec<(Availability, Option<String>)> {
        let mut out = Vec::new();
        troubles.report(Path::new("/proc"), true, &mut out);
        out.into_iter()
            .map(|r| (r.availability, r.reason))
            .collect()
    }

    #[test]
    fn each_trouble_is_told_with_its_count() {
        let whole = Troubles {
            read: 3,
            ..Troubles::default()
        };
        assert_eq!(
            reported(&whole),
            [
                (Availability::Available, None),
                (Availability::Available, None)
            ]
        );
        let hidden = Troubles {
            read: 3,
            refused: 9,
            io_refused: 2,
            ..Troubles::default()
        };
        let reports = reported(&hidden);
        assert_eq!(reports[0].0, Availability::Forbidden);
        assert_eq!(
            reports[0].1.as_deref(),
            Some("9 of 12 processes may not be read")
        );
        assert_eq!(
            reports[1].1.as_deref(),
            Some("refused for 2 of 3 processes")
        );
        let starved = Troubles {
            read: 1,
            failed: 2,
            errno: Some(Errno::MFILE),
            ..Troubles::default()
        };
        assert!(
            reported(&starved)[0]
                .1
                .as_ref()
                .unwrap()
                .contains("os error 24")
        );
        let error = Error::io("/proc", Errno::NOENT);
        assert_eq!(
            reported(&Troubles::of_the_folder(&error))[0].0,
            Availability::Absent
        );
    }
}
