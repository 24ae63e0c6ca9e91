//! One `cpu` line of `/proc/stat`: the kernel's ticks, as time, and as shares of the
//! time between two readings.

use crate::sample::parse::number;
use crate::sample::{CpuShares, CpuTimes};

/// Columns of a `cpu` line: user, nice, system, idle, iowait, irq, softirq, steal,
/// guest, guest_nice.
const COLUMNS: usize = 10;
/// Columns that every kernel has; the others came with 2.5.41 to 2.6.33.
const OLDEST_COLUMNS: usize = 4;

const USER: usize = 0;
const NICE: usize = 1;
const SYSTEM: usize = 2;
const IDLE: usize = 3;
const IOWAIT: usize = 4;
const IRQ: usize = 5;
const SOFTIRQ: usize = 6;
const STEAL: usize = 7;
const GUEST: usize = 8;
const GUEST_NICE: usize = 9;

/// Cumulative ticks since boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct CpuTicks([u64; COLUMNS]);

impl CpuTicks {
    /// The words after `cpu` or `cpuN`. A column that an old kernel does not have is 0:
    /// it does not account that time apart. `None` for what is no number.
    pub(crate) fn parse<'a>(words: impl Iterator<Item = &'a [u8]>) -> Option<CpuTicks> {
        let mut ticks = [0; COLUMNS];
        let mut found = 0;
        for (column, word) in ticks.iter_mut().zip(words) {
            *column = number(word)?;
            found += 1;
        }
        (found >= OLDEST_COLUMNS).then_some(CpuTicks(ticks))
    }

    /// The same in seconds.
    pub(crate) fn times(&self, ticks_per_second: u64) -> CpuTimes {
        let seconds = |column: usize| self.0[column] as f64 / ticks_per_second.max(1) as f64;
        CpuTimes {
            user_seconds_total: seconds(USER),
            nice_seconds_total: seconds(NICE),
            system_seconds_total: seconds(SYSTEM),
            idle_seconds_total: seconds(IDLE),
            iowait_seconds_total: seconds(IOWAIT),
            irq_seconds_total: seconds(IRQ),
            softirq_seconds_total: seconds(SOFTIRQ),
            steal_seconds_total: seconds(STEAL),
            guest_seconds_total: seconds(GUEST),
            guest_nice_seconds_total: seconds(GUEST_NICE),
        }
    }

    /// Where the time since `earlier` went. `None` when no tick passed, or a counter went
    /// back that never should.
    ///
    /// Idle, iowait and steal do go back on real machines (idle and iowait are read
    /// without a lock, steal is the hypervisor's word and jumps in a migration; guest
    /// is taken from user), so there a step back counts as no time.
    pub(crate) fn shares_since(&self, earlier: &CpuTicks) -> Option<CpuShares> {
        let strict = |column: usize| self.0[column].checked_sub(earlier.0[column]);
        let lenient = |column: usize| self.0[column].saturating_sub(earlier.0[column]);
        let (user_and_guest, nice_and_guest) = (strict(USER)?, strict(NICE)?);
        let system = strict(SYSTEM)?;
        let (irq, softirq) = (strict(IRQ)?, strict(SOFTIRQ)?);
        let (idle, iowait, steal) = (lenient(IDLE), lenient(IOWAIT), lenient(STEAL));
        // The kernel counts guest time in user (and nice) too; never take away more than
        // is there.
        let guest = lenient(GUEST).min(user_and_guest);
        let guest_nice = lenient(GUEST_NICE).min(nice_and_guest);

        let busy = [user_and_guest, nice_and_guest, system, irq, softirq, steal]
            .iter()
            .map(|ticks| *ticks as f64)
            .sum::<f64>();
        let whole = busy + idle as f64 + iowait as f64;
        if whole <= 0.0 {
            return None;
        }
        let percent = |ticks: f64| (100.0 * ticks / whole).clamp(0.0, 100.0);
        Some(CpuShares {
            busy_percent: percent(busy),
            user_percent: percent((user_and_guest - guest) as f64),
            nice_percent: percent((nice_and_guest - guest_nice) as f64),
            system_percent: percent(system as f64),
            idle_percent: percent(idle as f64),
            iowait_percent: percent(iowait as f64),
            irq_percent: percent(irq as f64),
            softirq_percent: percent(softirq as f64),
            steal_percent: percent(steal as f64),
            guest_percent: percent(guest as f64 + guest_nice as f64),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::parse::words;
    use proptest::prelude::*;

    fn ticks(line: &str) -> CpuTicks {
        CpuTicks::parse(words(line.as_bytes())).unwrap()
    }

    fn sum(shares: &CpuShares) -> f64 {
        shares.user_percent
            + shares.nice_percent
            + shares.system_percent
            + shares.idle_percent
            + shares.iowait_percent
            + shares.irq_percent
            + shares.softirq_percent
            + shares.steal_percent
            + shares.guest_percent
    }

    #[test]
    fn guest_time_is_not_counted_twice() {
        let earlier = ticks("100 50 0 1000 0 0 0 0 40 10");
        let later = ticks("160 70 0 1020 0 0 0 0 70 20");
        // 60 user of which 30 guest, 20 nice of which 10 guest, 20 idle: 100 ticks.
        let shares = later.shares_since(&earlier).unwrap();
        assert_eq!(shares.user_percent, 30.0);
        assert_eq!(shares.nice_percent, 10.0);
        assert_eq!(shares.guest_percent, 40.0);
        assert_eq!(shares.idle_percent, 20.0);
        assert_eq!(shares.busy_percent, 80.0);
        assert_eq!(sum(&shares), 100.0);
    }

    #[test]
    fn idle_iowait_and_steal_that_go_back_count_as_no_time() {
        let earlier = ticks("0 0 0 500 500 0 0 500 0 0");
        let later = ticks("10 0 0 490 499 0 0 90 0 0");
        let shares = later.shares_since(&earlier).unwrap();
        assert_eq!(shares.user_percent, 100.0);
        assert_eq!(shares.idle_percent, 0.0);
        assert_eq!(shares.iowait_percent, 0.0);
        assert_eq!(shares.steal_percent, 0.0);
    }

    #[test]
    fn a_reset_counter_or_no_time_at_all_gives_no_shares() {
        let earlier = ticks("100 0 0 100");
        assert_eq!(ticks("5 0 0 200").shares_since(&earlier), None);
        assert_eq!(earlier.shares_since(&earlier), None);
    }

    #[test]
    fn a_line_of_the_oldest_kernels_has_four_columns() {
        assert_eq!(ticks("1 2 3 4"), ticks("1 2 3 4 0 0 0 0 0 0"));
        assert_eq!(CpuTicks::parse(words(b"1 2 3")), None);
        assert_eq!(CpuTicks::parse(words(b"1 2 3 x")), None);
        assert_eq!(CpuTicks::parse(words(b"1 2 3 4 -5")), None);
        assert_eq!(ticks("1 2 3 4").times(2).idle_seconds_total, 2.0);
    }

    proptest! {
        #[test]
        fn shares_are_percentages_that_add_up(earlier: [u64; 10], later: [u64; 10]) {
            if let Some(shares) = CpuTicks(later).shares_since(&CpuTicks(earlier)) {
                prop_assert!((sum(&shares) - 100.0).abs() < 1e-6);
                let rest = shares.idle_percent + shares.iowait_percent;
                prop_assert!((shares.busy_percent + rest - 100.0).abs() < 1e-6);
            }
        }

        #[test]
        fn counters_that_only_grow_always_give_shares(
            earlier in proptest::array::uniform10(0u64..1 << 40),
            grown in proptest::array::uniform10(0u64..1 << 20),
        ) {
            let mut later = earlier;
            later.iter_mut().zip(grown).for_each(|(value, more)| *value += more);
            let time_passed = grown[..8].iter().any(|ticks| *ticks > 0);
            let shares = CpuTicks(later).shares_since(&CpuTicks(earlier));
            prop_assert_eq!(shares.is_some(), time_passed);
        }
    }
}
