//! When a failed delivery is tried again.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

use crate::config::RetryConfig;
use crate::failure::{Again, Failure};

/// How long to wait before the next attempt; else why there is none. `attempts` have failed,
/// the first `elapsed` ago; `chance` is in 0–1.
pub(crate) fn next_wait(
    config: &RetryConfig,
    attempts: u32,
    elapsed: Duration,
    failure: &Failure,
    chance: f64,
) -> Result<Duration, Option<String>> {
    if failure.again == Again::Never {
        return Err(None);
    }
    if attempts >= config.tries {
        return Err(None);
    }
    let growth = 2f64.powi(attempts.saturating_sub(1).min(1000) as i32);
    let longest = config.longest_wait_seconds;
    let usual = (config.first_wait_seconds * growth).min(longest);
    // Up to half is cut off by chance, so that hosts that failed together come back apart.
    let mut wait = Duration::from_secs_f64(usual * (1.0 - chance.clamp(0.0, 1.0) / 2.0));
    if let Again::After(asked) = failure.again {
        wait = wait.max(asked);
    }
    let total = Duration::from_secs_f64(config.total_seconds);
    if elapsed.saturating_add(wait) > total {
        return Err(Some(format!(
            "the next try in {:.1} s would be past total_seconds = {}",
            wait.as_secs_f64(),
            config.total_seconds
        )));
    }
    Ok(wait)
}

/// A number that differs from call to call and from process to process.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// A number in 0–1.
pub(crate) fn chance() -> f64 {
    (random() >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: RetryConfig = RetryConfig {
        tries: 10,
        first_wait_seconds: 1.0,
        longest_wait_seconds: 5.0,
        total_seconds: 30.0,
    };

    fn wait(attempts: u32, elapsed: u64, again: Again, chance: f64) -> Option<f64> {
        let failure = Failure {
            message: String::new(),
            again,
        };
        let elapsed = Duration::from_secs(elapsed);
        let wait = next_wait(&CONFIG, attempts, elapsed, &failure, chance).ok()?;
        Some(wait.as_secs_f64())
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let waits: Vec<_> = (1..=5)
            .map(|n| wait(n, 0, Again::Later, 0.0).unwrap())
            .collect();
        assert_eq!(waits, [1.0, 2.0, 4.0, 5.0, 5.0]);
    }

    #[test]
    fn chance_cuts_up_to_half() {
        assert_eq!(wait(2, 0, Again::Later, 1.0), Some(1.0));
        assert_eq!(wait(2, 0, Again::Later, 0.5), Some(1.5));
        for _ in 0..1000 {
            assert!((0.0..1.0).contains(&chance()));
        }
        assert_ne!(chance(), chance());
    }

    #[test]
    fn tries_and_the_total_time_are_limits() {
        assert_eq!(wait(9, 0, Again::Later, 0.0), Some(5.0));
        assert_eq!(wait(10, 0, Again::Later, 0.0), None);
        assert_eq!(wait(4, 25, Again::Later, 0.0), Some(5.0));
        assert_eq!(wait(4, 26, Again::Later, 0.0), None);
    }

    #[test]
    fn what_the_other_side_asks_is_respected_within_the_total_time() {
        assert_eq!(
            wait(1, 0, Again::After(Duration::from_secs(20)), 0.0),
            Some(20.0)
        );
        assert_eq!(wait(1, 0, Again::After(Duration::from_secs(31)), 0.0), None);
        assert_eq!(wait(1, 0, Again::After(Duration::MAX), 0.0), None);
        assert_eq!(wait(4, 0, Again::After(Duration::ZERO), 0.0), Some(5.0));
    }

    #[test]
    fn what_would_fail_again_is_not_tried_again() {
        assert_eq!(wait(1, 0, Again::Never, 0.0), None);
    }
}
