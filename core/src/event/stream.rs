//! A subscriber's own queue: bounded, never blocking who publishes; the oldest event is
//! dropped, and counted, when the subscriber is too slow.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Event, EventSet};
use crate::sys;

/// The end of a subscription at which events are taken. Clones share one queue.
#[derive(Debug, Clone)]
pub struct EventStream {
    queue: Arc<Queue>,
}

#[derive(Debug)]
struct Queue {
    wanted: EventSet,
    capacity: usize,
    waiting: Mutex<VecDeque<Event>>,
    arrived: Condvar,
    closed: AtomicBool,
    fork_generation: u64,
    delivered: AtomicU64,
    dropped: AtomicU64,
}

impl EventStream {
    pub(super) fn new(wanted: EventSet, capacity: usize) -> EventStream {
        EventStream {
            queue: Arc::new(Queue {
                wanted,
                capacity: capacity.max(1),
                waiting: Mutex::default(),
                arrived: Condvar::new(),
                closed: AtomicBool::new(false),
                fork_generation: sys::fork_generation(),
                delivered: AtomicU64::new(0),
                dropped: AtomicU64::new(0),
            }),
        }
    }

    /// The next event; waits for it up to `timeout`, for ever with `None`. `None` when the
    /// time is over, when the stream is closed and empty, and in a forked child, where it
    /// belongs to the parent.
    pub fn next(&self, timeout: Option<Duration>) -> Option<Event> {
        if self.is_inherited() {
            return None;
        }
        let deadline = timeout.and_then(|t| Instant::now().checked_add(t));
        let mut waiting = self.lock();
        loop {
            if let Some(event) = waiting.pop_front() {
                self.queue.delivered.fetch_add(1, Ordering::Relaxed);
                return Some(event);
            }
            if self.is_closed() {
                return None;
            }
            waiting = match deadline {
                None => self
                    .queue
                    .arrived
                    .wait(waiting)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.checked_duration_since(Instant::now())?;
                    self.queue
                        .arrived
                        .wait_timeout(waiting, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            };
        }
    }

    /// Ends the subscription: nothing more arrives, and who waits is woken.
    pub fn close(&self) {
        if self.is_inherited() {
            return;
        }
        // Under the lock, so that a waiter can't miss it between its test and its wait.
        let _waiting = self.lock();
        self.queue.closed.store(true, Ordering::Release);
        self.queue.arrived.notify_all();
    }

    /// Whether it was closed, by either end.
    pub fn is_closed(&self) -> bool {
        self.queue.closed.load(Ordering::Acquire) || self.is_inherited()
    }

    /// In a forked child the lock may have been left locked by a thread of the parent.
    fn is_inherited(&self) -> bool {
        sys::fork_generation() != self.queue.fork_generation
    }

    /// Events taken so far.
    pub fn delivered(&self) -> u64 {
        self.queue.delivered.load(Ordering::Relaxed)
    }

    /// Events dropped so far since nobody took them in time.
    pub fn dropped(&self) -> u64 {
        self.queue.dropped.load(Ordering::Relaxed)
    }

    pub(super) fn offer(&self, event: &Event) {
        if !self.queue.wanted.contains(event.kind) || self.is_closed() {
            return;
        }
        let mut waiting = self.lock();
        if waiting.len() >= self.queue.capacity {
            waiting.pop_front();
            self.queue.dropped.fetch_add(1, Ordering::Relaxed);
        }
        waiting.push_back(event.clone());
        self.queue.arrived.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Event>> {
        self.queue
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{EventData, EventKind};

    fn event(timestamp: f64) -> Event {
        Event {
            kind: EventKind::ConfigChanged,
            timestamp,
            data: EventData::None,
        }
    }

    #[test]
    fn a_full_queue_drops_the_oldest_and_counts_it() {
        let stream = EventStream::new(EventSet::ALL, 2);
        for timestamp in [1.0, 2.0, 3.0] {
            stream.offer(&event(timestamp));
        }
        assert_eq!(stream.dropped(), 1);
        assert_eq!(stream.next(Some(Duration::ZERO)), Some(event(2.0)));
        assert_eq!(stream.next(Some(Duration::ZERO)), Some(event(3.0)));
        assert_eq!(stream.next(Some(Duration::ZERO)), None);
        assert_eq!(stream.delivered(), 2);
    }

    #[test]
    fn only_wanted_kinds_arrive() {
        let stream = EventStream::new(EventKind::StateUpdate.into(), 2);
        stream.offer(&event(1.0));
        assert_eq!(stream.next(Some(Duration::ZERO)), None);
    }

    #[test]
    fn closing_wakes_who_waits_after_the_rest_was_taken() {
        let stream = EventStream::new(EventSet::ALL, 2);
        stream.offer(&event(1.0));
        let waiter = {
            let stream = stream.clone();
            std::thread::spawn(move || (stream.next(None), stream.next(None)))
        };
        while stream.delivered() == 0 {
            std::thread::yield_now();
        }
        stream.close();
        assert_eq!(waiter.join().unwrap(), (Some(event(1.0)), None));
        stream.offer(&event(2.0));
        assert_eq!(stream.next(Some(Duration::ZERO)), None);
    }
}
