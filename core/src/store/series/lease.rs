//! Who writes the series of a file: one process, until it ends or falls silent.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rusqlite::{OptionalExtension, params};

use crate::store::database::Database;
use crate::store::fault::Outcome;
use crate::sys::{ForkGate, moment};

/// How long an owner may be silent at least, seconds.
const SILENCE_SECONDS: f64 = 60.0;

/// How much longer than between its last two samples.
const SILENT_SAMPLES: f64 = 4.0;

/// Between two looks whether another process still writes.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// A writer of series.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Owner {
    pid: i64,
    start_time_ticks: i64,
    boot_id: String,
    /// Processes of another one can't be looked up by their pid.
    pid_space: String,
    instance: i64,
}

/// How this store stands to the series of its file.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Standing {
    /// Not known yet.
    Outside,
    /// It writes them.
    Owner {
        /// Seconds after boot.
        valid_until: f64,
    },
    /// Another one does.
    Follower { pid: i64, look_again: Instant },
}

impl Owner {
    pub(super) fn new() -> Owner {
        static COUNT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        let pid = std::process::id();
        let text = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let space = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
        let nanoseconds = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos() as u64);
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let instance = (nanoseconds ^ (u64::from(pid) << 40)).wrapping_add(count);
        Owner {
            pid: i64::from(pid),
            start_time_ticks: start_of(i64::from(pid)).unwrap_or(0),
            boot_id: text("/proc/sys/kernel/random/boot_id").trim().to_owned(),
            pid_space: space.to_string_lossy().into_owned(),
            instance: (instance & i64::MAX as u64) as i64,
        }
    }

    /// Whether `other`, which has promised to be heard of until `valid_until`, may still write.
    fn must_leave_to(&self, other: &Owner, valid_until: f64, now: f64) -> bool {
        if other.boot_id != self.boot_id || now > valid_until {
            return false;
        }
        other.pid_space != self.pid_space || start_of(other.pid) == Some(other.start_time_ticks)
    }
}

/// Start of a living process in clock ticks; a zombie counts as ended.
fn start_of(pid: i64) -> Option<i64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    if fields.next() == Some("Z") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

impl Database {
    /// Whether this store writes the series; takes them over from an owner that is gone.
    pub(super) fn owns_series(&mut self) -> Outcome<bool> {
        match &self.series.standing {
            Standing::Owner { .. } => return Ok(true),
            Standing::Follower { look_again, .. } if Instant::now() < *look_again => {
                return Ok(false);
            }
            _ => {}
        }
        self.begin(self.cap.series_pages([]))?;
        let claimed = self
            .claim()
            .and_then(|standing| self.commit().map(|()| standing));
        if claimed.is_err() {
            self.rollback();
        }
        self.series.standing = claimed?;
        Ok(matches!(self.series.standing, Standing::Owner { .. }))
    }

    fn claim(&self) -> Outcome<Standing> {
        let _inside = ForkGate::enter();
        let me = &self.series.me;
        let now = moment().monotonic_seconds;
        if let Some((owner, valid_until)) = self.owner_of_series()?
            && owner != *me
            && me.must_leave_to(&owner, valid_until, now)
        {
            return Ok(Standing::Follower {
                pid: owner.pid,
                look_again: Instant::now() + LOOK_AGAIN,
            });
        }
        let valid_until = now + self.series.silence();
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO series_writer (id, pid, start_time_ticks, boot_id, \
                 pid_space, instance, valid_until) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                me.pid,
                me.start_time_ticks,
                me.boot_id,
                me.pid_space,
                me.instance,
                valid_until
            ])?;
        Ok(Standing::Owner { valid_until })
    }

    fn owner_of_series(&self) -> Outcome<Option<(Owner, f64)>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT pid, start_time_ticks, boot_id, pid_space, instance, valid_until \
             FROM series_writer WHERE id = 1",
        )?;
        let found = statement.query_row([], |row| {
            let owner = Owner {
                pid: row.get(0)?,
                start_time_ticks: row.get(1)?,
                boot_id: row.get(2)?,
                pid_space: row.get(3)?,
                instance: row.get(4)?,
            };
            Ok((owner, row.get(5)?))
        });
        Ok(found.optional()?)
    }

    /// In a transaction: whether the series are still this store's, who has been silent too
    /// long may find them taken over. Says from time to time that it is there.
    pub(super) fn still_owns_series(&mut self) -> Outcome<bool> {
        let _inside = ForkGate::enter();
        let mine = self
            .connection
            .prepare_cached("SELECT instance FROM series_writer WHERE id = 1")?
            .query_row([], |row| row.get::<_, i64>(0))
            .optional()?;
        if mine != Some(self.series.me.instance) {
            self.series.standing = Standing::Outside;
            return Ok(false);
        }
        let now = moment().monotonic_seconds;
        let silence = self.series.silence();
        if let Standing::Owner { valid_until } = &mut self.series.standing
            && *valid_until - now < silence / 2.0
        {
            *valid_until = now + silence;
            self.connection
                .prepare_cached("UPDATE series_writer SET valid_until = ?1 WHERE id = 1")?
                .execute([*valid_until])?;
        }
        Ok(true)
    }

    /// Leaves the series to whoever comes next.
    pub(super) fn leave_series(&mut self) -> Outcome<()> {
        if matches!(self.series.standing, Standing::Owner { .. }) {
            self.begin(self.cap.series_pages([]))?;
            let left = self.still_owns_series().and_then(|mine| {
                let _inside = ForkGate::enter();
                if mine {
                    let delete = "DELETE FROM series_writer WHERE id = 1";
                    self.connection.prepare_cached(delete)?.execute([])?;
                }
                self.commit()
            });
            if left.is_err() {
                self.rollback();
            }
            left?;
        }
        self.series.standing = Standing::Outside;
        Ok(())
    }
}

impl super::Series {
    /// How long this store may be silent, seconds.
    fn silence(&self) -> f64 {
        SILENCE_SECONDS.max(SILENT_SAMPLES * self.sample_seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_living_owner_that_is_heard_of_is_left_alone() {
        let me = Owner::new();
        let other = |change: &dyn Fn(&mut Owner)| {
            let mut other = Owner::new();
            change(&mut other);
            other
        };
        let alive = other(&|_| {});
        assert_ne!(alive.instance, me.instance, "two stores of one process");
        assert!(me.must_leave_to(&alive, 100.0, 99.0));
        assert!(!me.must_leave_to(&alive, 100.0, 101.0), "silent");
        let ended = other(&|o| o.start_time_ticks += 1);
        assert!(
            !me.must_leave_to(&ended, 100.0, 99.0),
            "its pid is another's"
        );
        let former = other(&|o| o.boot_id = "before".into());
        assert!(!me.must_leave_to(&former, 100.0, 99.0));
        let elsewhere = other(&|o| {
            o.pid_space = "another".into();
            o.pid = i64::MAX;
        });
        assert!(
            me.must_leave_to(&elsewhere, 100.0, 99.0),
            "can't be looked up"
        );
    }
}
