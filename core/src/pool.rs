//! Workers for slow work asked for by callers: started when needed, at most `max_threads`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};

use crate::error::{Error, Result};
use crate::sys;

type Job = Box<dyn FnOnce() + Send>;

/// A pool of worker threads.
#[derive(Debug)]
pub struct WorkerPool {
    most: usize,
    jobs: Mutex<Option<Sender<Job>>>,
    queue: Receiver<Job>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    workers: AtomicUsize,
    /// Jobs that were submitted and are not done.
    outstanding: AtomicUsize,
}

/// The result of a job, which may still be in the making.
#[derive(Debug)]
pub struct Pending<T> {
    result: Receiver<T>,
}

impl WorkerPool {
    pub(crate) fn new(most: usize) -> WorkerPool {
        let (jobs, queue) = unbounded();
        WorkerPool {
            most: most.max(1),
            jobs: Mutex::new(Some(jobs)),
            queue,
            counts: Arc::default(),
        }
    }

    /// Runs a job on a worker; at once when one is free or may be started.
    ///
    /// # Errors
    /// `InvalidState` after the pool was closed, `Internal` when no thread can be started.
    pub fn submit<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Pending<T>> {
        let (done, result) = bounded(1);
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(sender) = jobs.as_ref() else {
            return Err(Error::InvalidState("the worker pool is closed".into()));
        };
        let outstanding = self.counts.outstanding.fetch_add(1, Ordering::SeqCst) + 1;
        let workers = self.threads();
        if outstanding > workers && workers < self.most {
            self.start_worker()?;
        }
        let job: Job = Box::new(move || {
            // Nobody may wait for the result any more; that is no failure.
            let _ = done.send(job());
        });
        sender
            .send(job)
            .map_err(|_| Error::InvalidState("the worker pool is closed".into()))?;
        Ok(Pending { result })
    }

    /// Workers that exist now.
    pub fn threads(&self) -> usize {
        self.counts.workers.load(Ordering::SeqCst)
    }

    /// Most workers at once.
    pub fn max_threads(&self) -> usize {
        self.most
    }

    /// Lets the workers end when what was submitted is done; nothing more is taken.
    pub(crate) fn close(&self) {
        *self.jobs.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn start_worker(&self) -> Result<()> {
        let (queue, counts) = (self.queue.clone(), self.counts.clone());
        counts.workers.fetch_add(1, Ordering::SeqCst);
        let started = sys::spawn("usm-worker", 0, move || {
            work(&queue, &counts);
            counts.workers.fetch_sub(1, Ordering::SeqCst);
        });
        match started {
            Ok(_) => Ok(()),
            Err(e) => {
                self.counts.workers.fetch_sub(1, Ordering::SeqCst);
                if self.threads() == 0 {
                    return Err(Error::Internal(format!("no thread for slow work: {e}")));
                }
                Ok(())
            }
        }
    }
}

fn work(queue: &Receiver<Job>, counts: &Counts) {
    while let Ok(job) = queue.recv() {
        // The result of a job that panics is missed by `Pending::wait`.
        drop(catch_unwind(AssertUnwindSafe(job)));
        counts.outstanding.fetch_sub(1, Ordering::SeqCst);
    }
}

impl<T> Pending<T> {
    /// Waits for the result.
    ///
    /// # Errors
    /// `TimedOut` when the time is over, `Internal` when the job panicked.
    pub fn wait(self, timeout: Duration) -> Result<T> {
        self.result.recv_timeout(timeout).map_err(|e| match e {
            RecvTimeoutError::Timeout => Error::TimedOut {
                what: "a job".into(),
                seconds: timeout.as_secs_f64(),
            },
            RecvTimeoutError::Disconnected => Error::Internal("a job panicked".into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn no_thread_is_started_before_there_is_work_and_never_more_than_allowed() {
        let pool = WorkerPool::new(2);
        assert_eq!(pool.threads(), 0);
        let (release, gate) = unbounded::<()>();
        let jobs: Vec<_> = (0..5)
            .map(|n| {
                let gate = gate.clone();
                pool.submit(move || {
                    gate.recv().unwrap();
                    n
                })
                .unwrap()
            })
            .collect();
        assert_eq!(pool.threads(), 2);
        (0..5).for_each(|_| release.send(()).unwrap());
        let results: Vec<i32> = jobs
            .into_iter()
            .map(|job| job.wait(LONG).unwrap())
            .collect();
        assert_eq!(results, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_job_that_panics_is_an_error_and_the_worker_goes_on() {
        let pool = WorkerPool::new(1);
        let panicking = pool.submit(|| panic!("a test")).unwrap();
        assert!(matches!(panicking.wait(LONG), Err(Error::Internal(_))));
        assert_eq!(pool.submit(|| 1).unwrap().wait(LONG).unwrap(), 1);
    }

    #[test]
    fn a_closed_pool_ends_its_work_and_takes_no_more() {
        let pool = WorkerPool::new(1);
        let job = pool.submit(|| 1).unwrap();
        pool.close();
        assert_eq!(job.wait(LONG).unwrap(), 1);
        assert!(matches!(pool.submit(|| 2), Err(Error::InvalidState(_))));
    }
}
