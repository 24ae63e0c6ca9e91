//! Reads that may hang (a dead NFS server, a sensor on a broken bus) done beside the
//! tick: one shared worker asks, the tick takes the newest answers. A worker that hangs
//! is left to the job that holds it, and another one takes the rest.

use crate::arrange::arrange_by_key;
use crate::sys;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What a job does. It opens its own files, by path: the sampling thread's table of
/// descriptors may be its own.
pub(crate) type Work<T> = Arc<dyn Fn() -> T + Send + Sync>;

/// Names a job of one [`SlowJobs`]; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct JobKey(u64);

/// Most workers that may hang at once in jobs that are known to be risky. Beyond it no
/// further risky job is tried: a dead server with hundreds of mounts must not cost
/// hundreds of threads.
const HANGING_WORKERS_MAX: usize = 16;

/// Workers need little: a path and a system call.
const STACK_BYTES: usize = 256 * 1024;

/// What is known of one job.
pub(crate) struct JobView<'a, T> {
    /// The newest answer; `None` before the first one.
    pub(crate) answer: Option<&'a T>,
    /// How old it is.
    pub(crate) answer_age: Option<Duration>,
    /// Asked longer than the deadline ago, and not answered since.
    pub(crate) is_overdue: bool,
    /// A worker is in it (as opposed to: it waits for its turn).
    pub(crate) is_running: bool,
}

/// A set of jobs and the worker that does them. Nothing runs before the first [`ask`](Self::ask).
pub(crate) struct SlowJobs<T: Send + 'static> {
    shared: Arc<Shared<T>>,
    thread_name: &'static str,
    deadline: Duration,
    worker: Option<JoinHandle<()>>,
    spawn_failure: Option<String>,
}

struct Shared<T> {
    state: Mutex<State<T>>,
    /// Work has come, or the end.
    wake: Condvar,
    /// An answer has come, or a worker has ended.
    done: Condvar,
}

struct State<T> {
    jobs: Vec<Job<T>>,
    /// The worker that takes new jobs; one that hangs is no longer it.
    current: Option<u64>,
    next_number: u64,
    closed: bool,
}

struct Job<T> {
    key: JobKey,
    work: Work<T>,
    is_risky: bool,
    progress: Progress,
    answer: Option<(Instant, T)>,
}

#[derive(Clone, Copy)]
enum Progress {
    Idle,
    Asked(Instant),
    Running { since: Instant, worker: u64 },
}

impl<T: Send + 'static> SlowJobs<T> {
    /// No jobs yet. `deadline` is how long an answer may take.
    pub(crate) fn new(thread_name: &'static str, deadline: Duration) -> SlowJobs<T> {
        SlowJobs {
            shared: Arc::new(Shared {
                state: Mutex::new(State {
                    jobs: Vec::new(),
                    current: None,
                    next_number: 1,
                    closed: false,
                }),
                wake: Condvar::new(),
                done: Condvar::new(),
            }),
            thread_name,
            deadline,
            worker: None,
            spawn_failure: None,
        }
    }

    /// Adds a job at the end. A risky one is a known candidate for hanging.
    pub(crate) fn add(&mut self, is_risky: bool, work: Work<T>) -> JobKey {
        let mut state = self.shared.lock();
        let key = JobKey(state.take_number());
        state.jobs.push(Job {
            key,
            work,
            is_risky,
            progress: Progress::Idle,
            answer: None,
        });
        key
    }

    /// Keeps the jobs with these keys, in this order, and forgets the others.
    pub(crate) fn arrange(&mut self, keys: &[JobKey]) {
        let mut state = self.shared.lock();
        let place = |job: &Job<T>| keys.iter().position(|key| *key == job.key);
        state.jobs.retain(|job| place(job).is_some());
        arrange_by_key(&mut state.jobs, |job| place(job));
        // An idle worker without jobs ends.
        self.shared.wake.notify_all();
    }

    /// Asks every job for a new answer, except those that are still at the last one.
    pub(crate) fn ask(&mut self) {
        let now = Instant::now();
        for job in &mut self.shared.lock().jobs {
            if matches!(job.progress, Progress::Idle) {
                job.progress = Progress::Asked(now);
            }
        }
        self.tend();
    }

    /// Leaves a worker that hangs to its job, and starts one where work waits. To be
    /// called each tick.
    pub(crate) fn tend(&mut self) {
        let mut state = self.shared.lock();
        if state.current_hangs(self.deadline) {
            state.current = None;
            // Dropping the handle detaches the thread; it ends when the system call does.
            self.worker = None;
        }
        if state.next_job(self.deadline).is_none() {
            return;
        }
        if state.current.is_some() {
            self.shared.wake.notify_one();
            return;
        }
        let worker = state.take_number();
        state.current = Some(worker);
        drop(state);
        let (shared, deadline) = (Arc::clone(&self.shared), self.deadline);
        let started = sys::spawn(self.thread_name, STACK_BYTES, move || {
            shared.serve(worker, deadline)
        });
        match started {
            Ok(handle) => {
                self.worker = Some(handle);
                self.spawn_failure = None;
            }
            Err(error) => {
                self.shared.lock().current = None;
                self.spawn_failure = Some(format!("no thread could be started: {error}"));
            }
        }
    }

    /// Waits until every job has answered, but no longer than `at_most`.
    pub(crate) fn wait(&self, at_most: Duration) {
        let state = self.shared.lock();
        // A timeout is no failure: what is missing shows in the views.
        drop(
            self.shared
                .done
                .wait_timeout_while(state, at_most, |state| {
                    let is_awaited = |job: &Job<T>| job.is_open() && !job.is_overdue(self.deadline);
                    state.current.is_some() && state.jobs.iter().any(is_awaited)
                })
                .unwrap_or_else(PoisonError::into_inner),
        );
    }

    /// Shows every job, in the order of [`arrange`](Self::arrange).
    pub(crate) fn each(&self, mut look: impl FnMut(JobKey, JobView<'_, T>)) {
        for job in &self.shared.lock().jobs {
            let view = JobView {
                answer: job.answer.as_ref().map(|(_, answer)| answer),
                answer_age: job.answer.as_ref().map(|(when, _)| when.elapsed()),
                is_overdue: job.is_overdue(self.deadline),
                is_running: matches!(job.progress, Progress::Running { .. }),
            };
            look(job.key, view);
        }
    }

    #[cfg(test)]
    pub(crate) fn has_worker(&self) -> bool {
        self.worker.is_some()
    }

    /// Why no worker could be started; `None` when one could.
    pub(crate) fn spawn_failure(&self) -> Option<&str> {
        self.spawn_failure.as_deref()
    }
}

impl<T: Send + 'static> Drop for SlowJobs<T> {
    /// Ends the worker. One that hangs is left behind and ends when its call returns.
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.closed = true;
        self.shared.wake.notify_all();
        let (state, _) = self
            .shared
            .done
            .wait_timeout_while(state, self.deadline, |state| state.current.is_some())
            .unwrap_or_else(PoisonError::into_inner);
        let has_ended = state.current.is_none();
        drop(state);
        if let Some(worker) = self.worker.take().filter(|_| has_ended) {
            // A panic in a job was shown by the panic hook already.
            let _ = worker.join();
        }
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // No job runs under the lock, so a panic can't leave the state half written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, worker: u64, deadline: Duration) {
        let _end = EndOfWorker(self, worker);
        let mut state = self.lock();
        while state.current == Some(worker) && !state.closed && !state.jobs.is_empty() {
            let Some(index) = state.next_job(deadline) else {
                state = self
                    .wake
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let job = &mut state.jobs[index];
            let (key, work) = (job.key, Arc::clone(&job.work));
            job.progress = Progress::Running {
                since: Instant::now(),
                worker,
            };
            drop(state);
            let answer = work();
            state = self.lock();
            // The job may have been forgotten in the meantime.
            if let Some(job) = state.jobs.iter_mut().find(|job| job.key == key) {
                job.answer = Some((Instant::now(), answer));
                job.progress = Progress::Idle;
            }
            self.done.notify_all();
        }
    }
}

/// Says that a worker has ended, even when a job panicked.
struct EndOfWorker<'a, T>(&'a Shared<T>, u64);

impl<T> Drop for EndOfWorker<'_, T> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        if state.current == Some(self.1) {
            state.current = None;
        }
        for job in &mut state.jobs {
            // Left running only by a panic in it.
            if matches!(job.progress, Progress::Running { worker, .. } if worker == self.1) {
                job.progress = Progress::Idle;
            }
        }
        self.0.done.notify_all();
    }
}

impl<T> State<T> {
    fn take_number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    fn current_hangs(&self, deadline: Duration) -> bool {
        self.jobs.iter().any(|job| match job.progress {
            Progress::Running { worker, .. } => {
                self.current == Some(worker) && job.is_overdue(deadline)
            }
            _ => false,
        })
    }

    /// The first job that waits and may be tried.
    fn next_job(&self, deadline: Duration) -> Option<usize> {
        let is_hanging = |job: &&Job<T>| {
            matches!(job.progress, Progress::Running { .. }) && job.is_overdue(deadline)
        };
        let hanging = self.jobs.iter().filter(is_hanging).count();
        self.jobs.iter().position(|job| {
            matches!(job.progress, Progress::Asked(_))
                && (!job.is_risky || hanging < HANGING_WORKERS_MAX)
        })
    }
}

impl<T> Job<T> {
    fn is_open(&self) -> bool {
        !matches!(self.progress, Progress::Idle)
    }

    fn is_overdue(&self, deadline: Duration) -> bool {
        match self.progress {
            Progress::Idle => false,
            Progress::Asked(since) | Progress::Running { since, .. } => since.elapsed() > deadline,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A job that can be held up like a system call on a dead mount.
    #[derive(Default)]
    pub(crate) struct Gate {
        is_shut: Mutex<bool>,
        opened: Condvar,
        pub(crate) entered: AtomicUsize,
        inside: AtomicUsize,
    }

    impl Gate {
        pub(crate) fn shut(&self) {
            *self.is_shut.lock().unwrap() = true;
        }

        pub(crate) fn open(&self) {
            *self.is_shut.lock().unwrap() = false;
            self.opened.notify_all();
        }

        pub(crate) fn pass(&self) {
            self.entered.fetch_add(1, Ordering::SeqCst);
            self.inside.fetch_add(1, Ordering::SeqCst);
            let shut = self.is_shut.lock().unwrap();
            drop(self.opened.wait_while(shut, |shut| *shut).unwrap());
            self.inside.fetch_sub(1, Ordering::SeqCst);
        }

        /// Workers that hang in it now.
        pub(crate) fn inside(&self) -> usize {
            self.inside.load(Ordering::SeqCst)
        }
    }

    /// Repeats a step until it holds. The bound only ends a test that has failed.
    pub(crate) fn until(mut holds: impl FnMut() -> bool) {
        for _ in 0..20_000 {
            if holds() {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        panic!("it never came to hold");
    }

    const DEADLINE: Duration = Duration::from_millis(20);

    fn answers(jobs: &SlowJobs<usize>) -> Vec<(Option<usize>, bool)> {
        let mut seen = Vec::new();
        jobs.each(|_, view| seen.push((view.answer.copied(), view.is_overdue)));
        seen
    }

    #[test]
    fn nothing_runs_before_it_is_asked_and_the_worker_ends_with_its_owner() {
        let mut jobs: SlowJobs<usize> = SlowJobs::new("usm-test", Duration::from_secs(60));
        jobs.add(false, Arc::new(|| 7));
        assert!(jobs.worker.is_none());
        assert_eq!(answers(&jobs), [(None, false)]);
        jobs.ask();
        jobs.wait(Duration::from_secs(60));
        assert_eq!(answers(&jobs), [(Some(7), false)]);
        let shared = Arc::downgrade(&jobs.shared);
        drop(jobs);
        assert!(shared.upgrade().is_none());
    }

    #[test]
    fn a_hanging_job_holds_one_worker_and_the_others_go_on() {
        let gate = Arc::new(Gate::default());
        gate.shut();
        let count = Arc::new(AtomicUsize::new(0));
        let mut jobs: SlowJobs<usize> = SlowJobs::new("usm-test", DEADLINE);
        let held = Arc::clone(&gate);
        jobs.add(
            true,
            Arc::new(move || {
                held.pass();
                1
            }),
        );
        let counted = Arc::clone(&count);
        jobs.add(
            false,
            Arc::new(move || counted.fetch_add(1, Ordering::SeqCst) + 1),
        );
        until(|| {
            jobs.ask();
            count.load(Ordering::SeqCst) >= 3
        });
        assert_eq!(answers(&jobs)[0], (None, true));
        assert_eq!(gate.entered.load(Ordering::SeqCst), 1);
        assert_eq!(gate.inside(), 1);

        gate.open();
        until(|| {
            jobs.ask();
            answers(&jobs)[0] == (Some(1), false)
        });
        assert_eq!(gate.inside(), 0);
    }

    #[test]
    fn a_worker_that_hangs_is_left_behind_when_the_owner_goes() {
        let gate = Arc::new(Gate::default());
        gate.shut();
        let mut jobs: SlowJobs<usize> = SlowJobs::new("usm-test", DEADLINE);
        let held = Arc::clone(&gate);
        jobs.add(
            true,
            Arc::new(move || {
                held.pass();
                1
            }),
        );
        jobs.ask();
        until(|| gate.inside() == 1);
        let shared = Arc::downgrade(&jobs.shared);
        drop(jobs);
        assert!(shared.upgrade().is_some());
        gate.open();
        until(|| shared.upgrade().is_none());
    }

    #[test]
    fn hundreds_of_dead_mounts_do_not_cost_hundreds_of_threads() {
        let gate = Arc::new(Gate::default());
        gate.shut();
        let mut jobs: SlowJobs<usize> = SlowJobs::new("usm-test", Duration::from_millis(2));
        let local = jobs.add(false, Arc::new(|| 5));
        let mut keys = vec![local];
        for _ in 0..HANGING_WORKERS_MAX * 4 {
            let held = Arc::clone(&gate);
            keys.push(jobs.add(
                true,
                Arc::new(move || {
                    held.pass();
                    1
                }),
            ));
        }
        jobs.arrange(&keys);
        until(|| {
            jobs.ask();
            gate.inside() == HANGING_WORKERS_MAX
        });
        for _ in 0..50 {
            jobs.ask();
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(gate.inside(), HANGING_WORKERS_MAX);
        assert_eq!(answers(&jobs)[0].0, Some(5));
        gate.open();
        until(|| {
            jobs.ask();
            answers(&jobs).iter().all(|(answer, _)| answer.is_some())
        });
    }

    #[test]
    fn a_job_that_panics_is_tried_again_and_hurts_no_other() {
        let mut jobs: SlowJobs<usize> = SlowJobs::new("usm-test", DEADLINE);
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        jobs.add(
            false,
            Arc::new(move || match counted.fetch_add(1, Ordering::SeqCst) {
                0 => panic!("a panic on purpose, of a test"),
                _ => 4,
            }),
        );
        jobs.add(false, Arc::new(|| 5));
        until(|| {
            jobs.ask();
            answers(&jobs) == [(Some(4), false), (Some(5), false)]
        });
    }

    #[test]
    fn a_forgotten_job_is_gone_and_the_rest_keeps_the_order_asked_for() {
        let mut jobs: SlowJobs<usize> = SlowJobs::new("usm-test", Duration::from_secs(60));
        let one = jobs.add(false, Arc::new(|| 1));
        let _two = jobs.add(false, Arc::new(|| 2));
        let three = jobs.add(false, Arc::new(|| 3));
        jobs.arrange(&[three, one]);
        jobs.ask();
        jobs.wait(Duration::from_secs(60));
        assert_eq!(answers(&jobs), [(Some(3), false), (Some(1), false)]);
        jobs.arrange(&[]);
        until(|| jobs.shared.lock().current.is_none());
    }
}
