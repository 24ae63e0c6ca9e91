//! The current frequency of each processor, from cpufreq: dear, so only when asked for.

use std::path::PathBuf;

use rustix::io::Errno;

use crate::sample::parse::{number, trim};
use crate::sample::source::{availability_of, read_once};
use crate::sample::{Availability, CoreSample, Roots, SourceReport};

/// Ticks between two tries where no processor tells its frequency.
const RETRY_TICKS: u32 = 30;

/// Reads `cpufreq/scaling_cur_freq`. The files are not kept open: that would be a
/// descriptor per processor, for a read whose cost is elsewhere.
#[derive(Debug)]
pub(crate) struct FrequencyReader {
    folder: PathBuf,
    /// Paths by processor, in rising order, so that none is built anew each tick.
    paths: Vec<(u32, PathBuf)>,
    availability: Availability,
    reason: Option<String>,
    retry_in: u32,
}

impl FrequencyReader {
    pub(crate) fn new(roots: &Roots) -> FrequencyReader {
        FrequencyReader {
            folder: roots.sys("devices/system/cpu"),
            paths: Vec::new(),
            availability: Availability::Unknown,
            reason: None,
            retry_in: 0,
        }
    }

    /// Fills in the frequency of each of the `cores`; `None` for one that does not tell.
    pub(crate) fn read(&mut self, buffer: &mut Vec<u8>, cores: &mut [CoreSample]) {
        if self.retry_in > 0 {
            self.retry_in -= 1;
            return;
        }
        let mut first_failure = None;
        let mut any = false;
        for core in cores.iter_mut() {
            match read_once(self.path_of(core.id), buffer) {
                // 0 and words such as `<unknown>` are a driver's way to say nothing.
                Ok(text) => {
                    core.frequency_mhz = number(trim(text))
                        .filter(|khz| *khz > 0)
                        .map(|khz| khz as f64 / 1000.0);
                    any = true;
                }
                Err(errno) => first_failure = first_failure.or(Some(errno)),
            }
        }
        self.settle(any, first_failure);
    }

    pub(crate) fn report(&self) -> SourceReport {
        SourceReport {
            source: self
                .folder
                .join("cpu*/cpufreq/scaling_cur_freq")
                .display()
                .to_string(),
            gives: "frequency of each processor".to_string(),
            availability: self.availability,
            reason: self.reason.clone(),
        }
    }

    fn path_of(&mut self, id: u32) -> &PathBuf {
        let at = match self.paths.binary_search_by_key(&id, |(known, _)| *known) {
            Ok(at) => at,
            Err(at) => {
                let file = format!("cpu{id}/cpufreq/scaling_cur_freq");
                self.paths.insert(at, (id, self.folder.join(file)));
                at
            }
        };
        &self.paths[at].1
    }

    fn settle(&mut self, any: bool, failure: Option<Errno>) {
        match failure {
            Some(errno) if !any => {
                self.retry_in = RETRY_TICKS;
                let availability = availability_of(errno);
                if self.availability != availability {
                    self.availability = availability;
                    self.reason = Some(std::io::Error::from(errno).to_string());
                }
            }
            _ if any && self.availability != Availability::Available => {
                self.availability = Availability::Available;
                self.reason = None;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cores(ids: &[u32]) -> Vec<CoreSample> {
        let core = |id: &u32| CoreSample {
            id: *id,
            ..CoreSample::default()
        };
        ids.iter().map(core).collect()
    }

    #[test]
    fn a_frequency_is_read_in_mhz_and_unknown_where_the_driver_does_not_tell() {
        let tree = tempfile::tempdir().unwrap();
        for (id, text) in [(0, "2400000\n"), (3, "<unknown>\n"), (7, "0\n")] {
            let folder = tree
                .path()
                .join(format!("sys/devices/system/cpu/cpu{id}/cpufreq"));
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("scaling_cur_freq"), text).unwrap();
        }
        let mut reader = FrequencyReader::new(&Roots::tree(tree.path()));
        let mut cores = cores(&[0, 2, 3, 7]);
        reader.read(&mut Vec::new(), &mut cores);
        let read: Vec<_> = cores.iter().map(|core| core.frequency_mhz).collect();
        assert_eq!(read, [Some(2400.0), None, None, None]);
        assert_eq!(reader.report().availability, Availability::Available);
    }

    #[test]
    fn a_machine_without_cpufreq_is_reported_as_such() {
        let tree = tempfile::tempdir().unwrap();
        let mut reader = FrequencyReader::new(&Roots::tree(tree.path()));
        let mut cores = cores(&[0, 1]);
        reader.read(&mut Vec::new(), &mut cores);
        assert_eq!(cores[0].frequency_mhz, None);
        assert_eq!(reader.report().availability, Availability::Absent);
        assert!(reader.report().reason.is_some());
    }
}
