//! The leases of this process: each is kept by a small process that ends it by itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use once_cell::sync::Lazy;

use crate::error::{Error, Result};
use crate::sys::{Keeper, KeeperWord, LeaseEnd, fork_generation, moment};

/// Name of the processes that keep leases.
const KEEPER_NAME: &str = "usm-lease";

/// The longest lease there is, seconds.
pub(crate) const LONGEST_SECONDS: f64 = 86_400.0;

/// How long a keeper may take to go.
const LONGEST_GOODBYE: Duration = Duration::from_secs(2);

/// Leases of one process. A forked child begins with none: its parent's are not its own, and
/// another thread may have held the lock.
struct Registry {
    generation: u64,
    keepers: Mutex<HashMap<String, Keeper>>,
}

static REGISTRY: Lazy<ArcSwap<Registry>> = Lazy::new(|| ArcSwap::new(Registry::new()));

impl Registry {
    fn new() -> Arc<Registry> {
        Arc::new(Registry {
            generation: fork_generation(),
            keepers: Mutex::default(),
        })
    }

    fn own() -> Arc<Registry> {
        let known = REGISTRY.load_full();
        if known.generation == fork_generation() {
            return known;
        }
        REGISTRY.compare_and_swap(&known, Registry::new());
        REGISTRY.load_full()
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<String, Keeper>) -> T) -> T {
        work(&mut self.keepers.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether a process by this name may be a keeper.
pub(super) fn is_keeper_name(name: &str) -> bool {
    name == KEEPER_NAME
}

/// # Errors
/// `InvalidArgument` unless it is more than nothing and at most a day.
pub(crate) fn check_seconds(seconds: f64) -> Result<()> {
    match seconds > 0.0 && seconds <= LONGEST_SECONDS {
        true => Ok(()),
        false => Err(Error::invalid(
            "lease_seconds",
            seconds,
            "more than 0 and at most 86,400",
        )),
    }
}

/// Begins a lease, in place of one with the same key, and answers when it ends by itself, in
/// Unix seconds. It ends at once when this program does, unless it is detached.
pub(crate) fn begin(key: &str, end: LeaseEnd, seconds: f64) -> Result<f64> {
    check_seconds(seconds)?;
    let until = moment().unix_seconds + seconds;
    let keeper = Keeper::start(end, seconds).map_err(|e| Error::io("/proc/self", e))?;
    let registry = Registry::own();
    let before = registry.with(|keepers| keepers.insert(key.to_string(), keeper));
    if let Some(before) = before {
        end_without_effect(&before);
    }
    Ok(until)
}

/// Ends a lease without its effect. Nothing happens when there is none, or when it has ended.
pub(crate) fn release(key: &str) {
    let keeper = Registry::own().with(|keepers| keepers.remove(key));
    if let Some(keeper) = keeper {
        end_without_effect(&keeper);
    }
}

/// From now on every lease goes on until its time, even when this program ends.
pub fn detach_all() {
    Registry::own().with(|keepers| {
        for keeper in keepers.values() {
            // A keeper that is gone has ended its lease.
            let _ = keeper.tell(KeeperWord::Detach);
        }
    });
}

fn end_without_effect(keeper: &Keeper) {
    if keeper.tell(KeeperWord::Release).is_ok() {
        keeper.wait_for_end(LONGEST_GOODBYE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Seek};

    fn lease(key: &str, seconds: f64) -> std::fs::File {
        let file = tempfile::tempfile().unwrap();
        let end = LeaseEnd::Write {
            file: file.try_clone().unwrap().into(),
            bytes: b"ended",
        };
        let before = moment().unix_seconds;
        let until = begin(key, end, seconds).unwrap();
        assert!(until >= before + seconds);
        file
    }

    fn text(mut file: std::fs::File) -> String {
        let mut text = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_lease_is_released_or_replaced_by_its_key() {
        let first = lease("test-a", 3600.0);
        let second = lease("test-a", 3600.0);
        release("test-a");
        release("test-a");
        release("never begun");
        assert_eq!((text(first).as_str(), text(second).as_str()), ("", ""));
    }

    #[test]
    fn lengths_out_of_range_are_refused() {
        for seconds in [0.0, -1.0, f64::NAN, f64::INFINITY, LONGEST_SECONDS + 1.0] {
            let file = tempfile::tempfile().unwrap();
            let end = LeaseEnd::Write {
                file: file.into(),
                bytes: b"",
            };
            assert!(begin("test-b", end, seconds).is_err(), "{seconds}");
        }
    }
}
