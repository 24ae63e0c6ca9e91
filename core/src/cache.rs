//! Values that are dear to compute on demand, kept for a time; one loader per key at a
//! time, whoever else asks waits for its result.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Result;

/// A cache of values of one type by name.
#[derive(Debug)]
pub struct Cache<V> {
    entries: Mutex<HashMap<String, Entry<V>>>,
    loaded: Condvar,
}

#[derive(Debug)]
struct Entry<V> {
    value: Option<(Arc<V>, Instant)>,
    /// How long the loader wanted it kept.
    max_age: Duration,
    loading: bool,
}

/// Beyond so many entries those that are too old are forgotten.
const ROOMY: usize = 256;

/// One kept value.
#[derive(Debug, Clone, PartialEq)]
pub struct Cached<V> {
    /// The value.
    pub value: Arc<V>,
    /// How old it is.
    pub age: Duration,
}

impl<V> Default for Cache<V> {
    fn default() -> Cache<V> {
        Cache {
            entries: Mutex::default(),
            loaded: Condvar::new(),
        }
    }
}

impl<V> Cache<V> {
    /// The value of `key` if it is younger than `max_age`; otherwise the result of `load`,
    /// which is kept. While one caller loads, others that ask for the same key wait for it;
    /// when it fails, the next of them tries.
    ///
    /// # Errors
    /// What `load` answers; an older value is then kept as it was, and not served.
    pub fn get_or_load(
        &self,
        key: &str,
        max_age: Duration,
        load: impl FnOnce() -> Result<V>,
    ) -> Result<Arc<V>> {
        let mut entries = self.lock();
        loop {
            let entry = entries.entry(key.to_string()).or_insert_with(|| Entry {
                value: None,
                max_age,
                loading: false,
            });
            if let Some((value, since)) = &entry.value
                && since.elapsed() < max_age
            {
                return Ok(value.clone());
            }
            if !entry.loading {
                entry.loading = true;
                break;
            }
            entries = self
                .loaded
                .wait(entries)
                .unwrap_or_else(PoisonError::into_inner);
        }
        drop(entries);
        let mut end = EndOfLoading {
            cache: self,
            key,
            value: None,
        };
        let value = Arc::new(load()?);
        end.value = Some((value.clone(), max_age));
        Ok(value)
    }

    /// The kept value of `key`, of whatever age.
    pub fn peek(&self, key: &str) -> Option<Cached<V>> {
        let entries = self.lock();
        let (value, since) = entries.get(key)?.value.as_ref()?;
        Some(Cached {
            value: value.clone(),
            age: since.elapsed(),
        })
    }

    /// The keys that have a value.
    pub fn keys(&self) -> Vec<String> {
        let entries = self.lock();
        entries
            .iter()
            .filter(|(_, e)| e.value.is_some())
            .map(|(key, _)| key.clone())
            .collect()
    }

    /// Forgets one value; true when there was one.
    pub fn forget(&self, key: &str) -> bool {
        self.lock()
            .get_mut(key)
            .is_some_and(|entry| entry.value.take().is_some())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry<V>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets the waiting go on when a load ends, be it by a value, an error or a panic.
struct EndOfLoading<'a, V> {
    cache: &'a Cache<V>,
    key: &'a str,
    value: Option<(Arc<V>, Duration)>,
}

impl<V> Drop for EndOfLoading<'_, V> {
    fn drop(&mut self) {
        let mut entries = self.cache.lock();
        if let Some(entry) = entries.get_mut(self.key) {
            entry.loading = false;
            if let Some((value, max_age)) = self.value.take() {
                entry.value = Some((value, Instant::now()));
                entry.max_age = max_age;
            }
        }
        if entries.len() > ROOMY {
            entries.retain(|_, entry| {
                let young = |(_, since): &(Arc<V>, Instant)| since.elapsed() < entry.max_age;
                entry.loading || entry.value.as_ref().is_some_and(young)
            });
        }
        drop(entries);
        self.cache.loaded.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const LONG: Duration = Duration::from_secs(3600);

    #[test]
    fn a_young_value_is_kept_and_an_old_one_loaded_again() {
        let cache = Cache::default();
        assert_eq!(*cache.get_or_load("a", LONG, || Ok(1)).unwrap(), 1);
        assert_eq!(*cache.get_or_load("a", LONG, || Ok(2)).unwrap(), 1);
        assert_eq!(
            *cache.get_or_load("a", Duration::ZERO, || Ok(3)).unwrap(),
            3
        );
        assert_eq!(*cache.peek("a").unwrap().value, 3);
        assert!(cache.forget("a"));
        assert!(!cache.forget("a"));
        assert_eq!(cache.peek("a"), None);
    }

    #[test]
    fn an_error_is_not_kept_and_no_older_value_is_served_for_it() {
        let cache = Cache::default();
        cache.get_or_load("a", LONG, || Ok(1)).unwrap();
        let failed = cache.get_or_load("a", Duration::ZERO, || Err(Error::Unsupported("x".into())));
        assert!(failed.is_err());
        assert_eq!(*cache.get_or_load("a", LONG, || Ok(2)).unwrap(), 1);
    }

    #[test]
    fn many_who_ask_at_once_are_served_by_one_load() {
        let cache = Cache::default();
        let loads = AtomicUsize::new(0);
        let start = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    start.wait();
                    let value = cache.get_or_load("a", LONG, || {
                        loads.fetch_add(1, Ordering::SeqCst);
                        std::thread::sleep(Duration::from_millis(20));
                        Ok(7)
                    });
                    assert_eq!(*value.unwrap(), 7);
                });
            }
        });
        assert_eq!(loads.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn old_values_do_not_pile_up() {
        let cache = Cache::default();
        for n in 0..ROOMY * 3 {
            cache
                .get_or_load(&n.to_string(), Duration::ZERO, || Ok(n))
                .unwrap();
        }
        assert!(cache.keys().len() <= ROOMY, "{}", cache.keys().len());
    }

    #[test]
    fn a_loader_that_panics_does_not_lock_the_key() {
        let cache: Cache<i32> = Cache::default();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _ = cache.get_or_load("a", LONG, || panic!("a test"));
        }));
        assert!(panicked.is_err());
        assert_eq!(*cache.get_or_load("a", LONG, || Ok(1)).unwrap(), 1);
    }
}
