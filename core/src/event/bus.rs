//! Who is subscribed, and the handing of each event to them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::callback::CallbackThread;
use super::{Callback, Event, EventSet, EventStream};
use crate::error::Result;
use crate::logging::{Level, tell};
use crate::state::EventHealth;

/// All subscriptions of one monitor.
#[derive(Debug, Default)]
pub(crate) struct EventBus {
    subscribers: Mutex<Vec<Subscriber>>,
    next_id: AtomicU64,
    /// Counts of subscriptions that have ended.
    ended_delivered: AtomicU64,
    ended_dropped: AtomicU64,
    ended_failed: AtomicU64,
}

#[derive(Debug)]
struct Subscriber {
    id: u64,
    stream: EventStream,
    callback: Option<CallbackThread>,
}

impl EventBus {
    /// Subscribes a callback, on a thread of its own; returns the subscription's number.
    pub(crate) fn subscribe(
        &self,
        wanted: EventSet,
        capacity: usize,
        callback: Callback,
    ) -> Result<u64> {
        let stream = EventStream::new(wanted, capacity);
        let callback = CallbackThread::start(stream.clone(), callback)?;
        Ok(self.add(stream, Some(callback)))
    }

    /// Subscribes a stream, from which the caller takes the events.
    pub(crate) fn stream(&self, wanted: EventSet, capacity: usize) -> EventStream {
        let stream = EventStream::new(wanted, capacity);
        self.add(stream.clone(), None);
        stream
    }

    fn add(&self, stream: EventStream, callback: Option<CallbackThread>) -> u64 {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed) + 1;
        self.lock().push(Subscriber {
            id,
            stream,
            callback,
        });
        id
    }

    /// Ends a subscription. When it returns, the callback is not running and will not be
    /// called again, unless this is called from inside that callback. False when there is
    /// no such subscription (any more).
    pub(crate) fn unsubscribe(&self, id: u64) -> bool {
        let found = {
            let mut subscribers = self.lock();
            let at = subscribers.iter().position(|s| s.id == id);
            at.map(|at| subscribers.swap_remove(at))
        };
        let Some(subscriber) = found else {
            return false;
        };
        subscriber.stream.close();
        if let Some(callback) = &subscriber.callback {
            callback.wait_end(None);
        }
        self.count_ended(&subscriber);
        true
    }

    /// Hands an event to every subscriber that wants it; never waits for one.
    pub(crate) fn publish(&self, event: &Event) {
        let mut subscribers = self.lock();
        subscribers.retain(|subscriber| {
            subscriber.stream.offer(event);
            let open = !subscriber.stream.is_closed();
            if !open {
                self.count_ended(subscriber);
            }
            open
        });
    }

    pub(crate) fn health(&self) -> EventHealth {
        let subscribers = self.lock();
        let mut health = EventHealth {
            subscriptions: subscribers.len() as u64,
            delivered: self.ended_delivered.load(Ordering::Relaxed),
            dropped: self.ended_dropped.load(Ordering::Relaxed),
            failed: self.ended_failed.load(Ordering::Relaxed),
            stuck: 0,
        };
        for subscriber in subscribers.iter() {
            health.delivered += subscriber.stream.delivered();
            health.dropped += subscriber.stream.dropped();
            if let Some(callback) = &subscriber.callback {
                health.failed += callback.failed();
                health.stuck += u64::from(callback.is_stuck());
            }
        }
        health
    }

    /// Closes every subscription and waits for the callbacks that run, all together up to
    /// `patience`; one that never returns keeps its thread and what it owns.
    pub(crate) fn close(&self, patience: Duration) {
        let subscribers: Vec<Subscriber> = std::mem::take(&mut *self.lock());
        subscribers.iter().for_each(|s| s.stream.close());
        let deadline = Instant::now() + patience;
        for subscriber in &subscribers {
            if let Some(callback) = &subscriber.callback {
                let left = deadline.saturating_duration_since(Instant::now());
                if !callback.wait_end(Some(left)) {
                    tell(
                        Level::Warn,
                        format_args!("a callback did not return in time; its thread is left alone"),
                    );
                }
            }
            self.count_ended(subscriber);
        }
    }

    fn count_ended(&self, subscriber: &Subscriber) {
        self.ended_delivered
            .fetch_add(subscriber.stream.delivered(), Ordering::Relaxed);
        self.ended_dropped
            .fetch_add(subscriber.stream.dropped(), Ordering::Relaxed);
        let failed = subscriber
            .callback
            .as_ref()
            .map_or(0, CallbackThread::failed);
        self.ended_failed.fetch_add(failed, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Subscriber>> {
        self.subscribers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{EventData, EventKind};
    use std::sync::Arc;
    use std::sync::mpsc::{self, RecvTimeoutError};

    const LONG: Duration = Duration::from_secs(20);

    fn event(timestamp: f64) -> Event {
        Event {
            kind: EventKind::ConfigChanged,
            timestamp,
            data: EventData::None,
        }
    }

    #[test]
    fn a_failing_callback_is_counted_and_called_again_and_the_others_are_not_touched() {
        let bus = EventBus::default();
        let (sent, received) = mpsc::channel();
        for fails in ["returns", "panics", "not"] {
            let sent = sent.clone();
            let callback: Callback = Box::new(move |event| {
                sent.send((fails, event.timestamp))
                    .map_err(|e| e.to_string())?;
                match fails {
                    "returns" => Err("no".into()),
                    "panics" => panic!("a test"),
                    _ => Ok(()),
                }
            });
            bus.subscribe(EventSet::ALL, 8, callback).unwrap();
        }
        bus.publish(&event(1.0));
        bus.publish(&event(2.0));
        let mut calls: Vec<_> = (0..6)
            .map(|_| received.recv_timeout(LONG).unwrap())
            .collect();
        calls.sort_by(|a, b| a.partial_cmp(b).unwrap());
        let each = ["not", "panics", "returns"];
        assert_eq!(
            calls,
            each.into_iter()
                .flat_map(|n| [(n, 1.0), (n, 2.0)])
                .collect::<Vec<_>>()
        );
        bus.close(LONG);
        let health = bus.health();
        assert_eq!(
            (health.subscriptions, health.delivered, health.failed),
            (0, 6, 4)
        );
    }

    #[test]
    fn a_callback_that_never_returns_does_not_hold_up_the_others() {
        let bus = EventBus::default();
        let (release, released) = mpsc::channel::<()>();
        let (entered, has_entered) = mpsc::channel();
        let stuck: Callback = Box::new(move |_| {
            entered.send(()).map_err(|e| e.to_string())?;
            match released.recv() {
                Ok(()) | Err(mpsc::RecvError) => Ok(()),
            }
        });
        bus.subscribe(EventSet::ALL, 1, stuck).unwrap();
        let (sent, received) = mpsc::channel();
        let lively: Callback =
            Box::new(move |event| sent.send(event.timestamp).map_err(|e| e.to_string()));
        bus.subscribe(EventSet::ALL, 8, lively).unwrap();
        bus.publish(&event(0.0));
        has_entered.recv_timeout(LONG).unwrap();
        for n in 1..4 {
            bus.publish(&event(f64::from(n)));
        }
        for n in 0..4 {
            assert_eq!(received.recv_timeout(LONG), Ok(f64::from(n)));
        }
        // Of three events that came meanwhile, its queue of one has dropped two.
        assert_eq!(bus.health().dropped, 2);
        bus.close(Duration::from_millis(1));
        drop(release);
    }

    #[test]
    fn unsubscribing_waits_for_the_running_callback_and_drops_it() {
        let bus = EventBus::default();
        let owned = Arc::new(());
        let (entered, has_entered) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel::<()>();
        let callback: Callback = Box::new({
            let owned = owned.clone();
            move |_| {
                let _owned = &owned;
                entered.send(()).map_err(|e| e.to_string())?;
                may_go_on.recv().map_err(|e| e.to_string())
            }
        });
        let id = bus.subscribe(EventSet::ALL, 1, callback).unwrap();
        bus.publish(&event(1.0));
        has_entered.recv_timeout(LONG).unwrap();
        let (done, is_done) = mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| done.send(bus.unsubscribe(id)));
            let early = is_done.recv_timeout(Duration::from_millis(50));
            assert_eq!(early, Err(RecvTimeoutError::Timeout));
            go_on.send(()).unwrap();
            assert_eq!(is_done.recv_timeout(LONG), Ok(true));
        });
        assert_eq!(Arc::strong_count(&owned), 1);
        assert!(!bus.unsubscribe(id));
    }

    #[test]
    fn a_callback_may_unsubscribe_itself() {
        let bus = Arc::new(EventBus::default());
        let (told, id_of) = mpsc::channel();
        let (done, is_done) = mpsc::channel();
        let callback: Callback = Box::new({
            let bus = bus.clone();
            move |_| {
                let id = id_of.recv().map_err(|e| e.to_string())?;
                done.send(bus.unsubscribe(id)).map_err(|e| e.to_string())
            }
        });
        let id = bus.subscribe(EventSet::ALL, 1, callback).unwrap();
        told.send(id).unwrap();
        bus.publish(&event(1.0));
        assert_eq!(is_done.recv_timeout(LONG), Ok(true));
    }
}
