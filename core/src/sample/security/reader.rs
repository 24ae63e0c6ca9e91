//! Reads what can be seen of the machine's security: the processes in the tick, what lies
//! in files of any file system beside it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::logins::LoginReader;
use super::owners::OwnerSearch;
use super::programs::ProgramReader;
use super::search_path::SearchPathReader;
use super::{Listening, LoginSample, SearchFolder, SecuritySample};
use crate::sample::slow_jobs::SlowJobs;
use crate::sample::source::availability_of;
use crate::sample::{Availability, ProcessTable, Roots, SourceReport, Tick};

/// Seconds between two looks at failed logins.
const LOGIN_SECONDS: f64 = 15.0;
/// Seconds between two looks at the search path.
const SEARCH_PATH_SECONDS: f64 = 300.0;

/// What a look beside the tick found, and what became of its sources.
type Answer<T> = (Option<Arc<T>>, Arc<[SourceReport]>);

/// One kind of look beside the tick.
struct Look<T: ?Sized + Send + Sync + 'static> {
    jobs: SlowJobs<Answer<T>>,
    every_seconds: f64,
    asked_at: Option<f64>,
    found: Option<Arc<T>>,
    reports: Arc<[SourceReport]>,
    is_slow: bool,
}

/// Reads [`SecuritySample`] each tick.
pub(crate) struct SecurityReader {
    roots: Roots,
    owners: OwnerSearch,
    programs: ProgramReader,
    logins: Look<LoginSample>,
    search_path: Look<[SearchFolder]>,
    deadline: Duration,
}

impl SecurityReader {
    /// `deadline` is how long the first tick waits for files that do not answer.
    pub(crate) fn new(roots: &Roots, deadline: Duration) -> SecurityReader {
        let logins = Mutex::new(LoginReader::new(roots));
        let search_path = Mutex::new(SearchPathReader::new(roots));
        SecurityReader {
            roots: roots.clone(),
            owners: OwnerSearch::default(),
            programs: ProgramReader::default(),
            logins: Look::new(LOGIN_SECONDS, deadline, move || {
                let mut reader = logins.lock().unwrap_or_else(PoisonError::into_inner);
                let (sample, reports) = reader.look();
                (sample, reports.into())
            }),
            search_path: Look::new(SEARCH_PATH_SECONDS, deadline, move || {
                let mut reader = search_path.lock().unwrap_or_else(PoisonError::into_inner);
                let (sample, reports) = reader.look();
                (sample, reports.into())
            }),
            deadline,
        }
    }

    /// `listening` are the sockets that others can reach and the number of that list,
    /// `processes` those of this tick, or of the last scan when they are stale.
    pub(crate) fn read(
        &mut self,
        tick: &Tick<'_>,
        listening: (Option<&[Listening]>, u64),
        processes: &ProcessTable,
        buffer: &mut Vec<u8>,
        into: &mut SecuritySample,
    ) {
        // Without any scan there is no program to be searched.
        let is_fresh = !processes.stale || processes.list.is_empty();
        let list = is_fresh.then_some(&*processes.list);
        let listeners = self.owners.read(listening, list, &self.roots);
        share(listeners, &mut into.listeners);
        let programs = match processes.stale {
            true => self.programs.last(),
            false => self
                .programs
                .read(tick, &processes.list, &self.roots, buffer),
        };
        share(programs, &mut into.programs);
        let now = tick.moment.monotonic_seconds;
        share(self.logins.look(now, self.deadline), &mut into.logins);
        share(
            self.search_path.look(now, self.deadline),
            &mut into.search_path,
        );
    }

    pub(crate) fn report(&self, out: &mut Vec<SourceReport>) {
        self.programs.report(&self.roots, out);
        self.logins.report(out);
        self.search_path.report(out);
    }
}

impl<T: ?Sized + Send + Sync + 'static> Look<T> {
    fn new(
        every_seconds: f64,
        deadline: Duration,
        work: impl Fn() -> Answer<T> + Send + Sync + 'static,
    ) -> Look<T> {
        let mut jobs = SlowJobs::new("usm-security", deadline);
        jobs.add(false, Arc::new(work));
        Look {
            jobs,
            every_seconds,
            asked_at: None,
            found: None,
            reports: Arc::default(),
            is_slow: false,
        }
    }

    /// Asks when it is time, and takes the newest answer. Only the first tick waits for it.
    fn look(&mut self, now: f64, deadline: Duration) -> Option<&Arc<T>> {
        let is_due = |at: f64| {
            let since = (now - at).abs();
            since.is_nan() || since >= self.every_seconds
        };
        let is_first = self.asked_at.is_none();
        if self.asked_at.is_none_or(is_due) {
            self.asked_at = Some(now);
            self.jobs.ask();
        } else {
            self.jobs.tend();
        }
        if is_first {
            self.jobs.wait(deadline);
        }
        let (found, reports, is_slow) = (&mut self.found, &mut self.reports, &mut self.is_slow);
        self.jobs.each(|_, view| {
            *is_slow = view.is_overdue;
            if let Some((answer, news)) = view.answer {
                share(answer.as_ref(), found);
                if !Arc::ptr_eq(reports, news) {
                    *reports = news.clone();
                }
            }
        });
        self.found.as_ref()
    }

    fn report(&self, out: &mut Vec<SourceReport>) {
        out.extend(self.reports.iter().cloned().map(|mut report| {
            if self.is_slow {
                report.availability = Availability::Slow;
                report.reason = Some("no answer in time".into());
            }
            report
        }));
        if let Some(failure) = self.jobs.spawn_failure() {
            out.push(SourceReport {
                source: "thread usm-security".into(),
                gives: "failed logins and search path".into(),
                availability: Availability::Failed,
                reason: Some(failure.to_string()),
            });
        }
    }
}

/// Takes what is shared, unless it is there already.
fn share<T: ?Sized>(from: Option<&Arc<T>>, into: &mut Option<Arc<T>>) {
    let is_same = match (from, &*into) {
        (Some(from), Some(into)) => Arc::ptr_eq(from, into),
        (None, None) => true,
        _ => false,
    };
    if !is_same {
        *into = from.cloned();
    }
}

/// What an error says about a source.
pub(super) fn failure(error: &std::io::Error) -> Availability {
    let errno = rustix::io::Errno::from_io_error(error);
    errno.map_or(Availability::Failed, availability_of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Moment;
    use crate::sample::fixture::Fixture;
    use crate::sample::slow_jobs::tests::{Gate, until};

    fn look_of(gate: &Arc<Gate>, deadline: Duration) -> Look<str> {
        let held = Arc::clone(gate);
        Look::new(10.0, deadline, move || {
            held.pass();
            (Some("found".into()), Arc::default())
        })
    }

    #[test]
    fn the_first_tick_has_everything_and_a_reused_sample_too() {
        let fixture = Fixture::new();
        fixture.write("var/log/btmp", "");
        fixture.write("etc/login.defs", "ENV_SUPATH PATH=/sbin\n");
        let mut reader = SecurityReader::new(&fixture.roots(), Duration::from_secs(60));
        let table = ProcessTable::default();
        let tick = fixture.tick(None);
        for _ in 0..2 {
            // The memory of a sample that knew nothing is given in again.
            let mut into = SecuritySample::default();
            reader.read(&tick, (None, 0), &table, &mut Vec::new(), &mut into);
            assert_eq!(into.logins.as_ref().unwrap().failed, 0);
            assert_eq!(into.search_path.as_ref().unwrap().len(), 1);
            assert_eq!(into.programs.as_deref(), Some(&Default::default()));
            assert_eq!(into.listeners, None);
        }
        let mut reports = Vec::new();
        reader.report(&mut reports);
        let sources: Vec<&str> = reports
            .iter()
            .filter(|report| report.availability == Availability::Available)
            .map(|report| report.source.rsplit('/').next().unwrap())
            .collect();
        assert_eq!(sources, ["exe", "btmp", "login.defs"]);
    }

    #[test]
    fn files_that_hang_delay_only_the_first_tick_and_are_told_as_slow() {
        let gate = Arc::new(Gate::default());
        gate.shut();
        let mut look = look_of(&gate, Duration::from_millis(1));
        until(|| {
            assert_eq!(look.look(100.0, Duration::from_millis(1)), None);
            look.is_slow
        });
        gate.open();
        until(|| look.look(100.0, Duration::ZERO).is_some());
        assert!(!look.is_slow);
    }

    #[test]
    fn files_are_asked_again_only_after_a_while_or_when_the_clock_is_another() {
        use std::sync::atomic::Ordering;
        let gate = Arc::new(Gate::default());
        let patient = Duration::from_secs(60);
        let mut look = look_of(&gate, patient);
        let mut asked_at = |now: f64| {
            look.look(now, patient);
            look.jobs.wait(patient);
            gate.entered.load(Ordering::SeqCst)
        };
        assert_eq!([100.0, 109.9, 110.0, 50.0].map(&mut asked_at), [1, 1, 2, 3]);
    }

    #[test]
    fn without_a_fresh_scan_the_programs_are_those_of_the_last() {
        let fixture = Fixture::new();
        let mut reader = SecurityReader::new(&fixture.roots(), Duration::from_secs(60));
        let mut table = ProcessTable {
            stale: true,
            ..ProcessTable::default()
        };
        let mut into = SecuritySample::default();
        let tick = Tick {
            moment: Moment::default(),
            ..fixture.tick(None)
        };
        reader.read(&tick, (None, 0), &table, &mut Vec::new(), &mut into);
        assert_eq!(into.programs, None);
        table.stale = false;
        reader.read(&tick, (None, 0), &table, &mut Vec::new(), &mut into);
        let fresh = into.programs.clone().unwrap();
        table.stale = true;
        reader.read(&tick, (None, 0), &table, &mut Vec::new(), &mut into);
        assert!(Arc::ptr_eq(&fresh, &into.programs.unwrap()));
    }
}
