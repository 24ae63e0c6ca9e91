//! Blocks go: by age, and by size so that the cap holds.

use rusqlite::OptionalExtension;

use super::gathering::made;
use super::keys::{context_key, part_keys, row_key, row_of, tier_keys};
use super::lease::Standing;
use super::scan::{self, Block};
use super::writing::{kinds, place};
use crate::series::Tier;
use crate::store::database::Database;
use crate::store::fault::Outcome;
use crate::sys::ForkGate;

/// A tier gives blocks away only as long as it takes more than this share of the cap, so
/// that no tier is lost for another's sake.
const MINIMUM_SHARES: u64 = 16;

/// Steps of pruning by age in one go.
const AGE_STEPS: usize = 16;

/// What of a tier can be given away.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    tier: Tier,
    bytes: u64,
    oldest: Oldest,
}

#[derive(Debug, Clone, Copy)]
enum Oldest {
    Block(Block),
    /// Of the open log, because it could not be sealed under the cap.
    Run {
        first: i64,
        last: i64,
        last_us: i64,
    },
}

impl Oldest {
    fn last_us(&self) -> i64 {
        match self {
            Oldest::Block(block) => block.last_us,
            Oldest::Run { last_us, .. } => *last_us,
        }
    }
}

impl Database {
    /// Deletes what is older than each tier is kept. Returns whether there may be more.
    pub(crate) fn prune_series_by_age(&mut self, now: f64) -> Outcome<bool> {
        let settings = self.series.settings;
        // How long they are kept is for whoever writes them to say.
        if !matches!(self.series.standing, Standing::Owner { .. }) {
            return Ok(false);
        }
        let mut steps = 0;
        for tier in Tier::ALL {
            let cutoff_us = (now - settings.keep[place(tier)].as_secs_f64()) * 1e6;
            while let Some(oldest) = self.oldest_that_may_go(tier, false)? {
                if oldest.last_us() as f64 >= cutoff_us {
                    break;
                }
                if steps == AGE_STEPS {
                    return Ok(true);
                }
                steps += 1;
                self.let_go(tier, oldest)?;
            }
            // What was brought in stands behind newer rows. It would make the tier seem to reach
            // back to where it holds nothing else any more.
            while let Some(block) = self.aged_behind(tier, cutoff_us)? {
                if steps == AGE_STEPS {
                    return Ok(true);
                }
                steps += 1;
                self.let_go(tier, Oldest::Block(block))?;
            }
        }
        Ok(false)
    }

    /// A block that is too old, behind one that is not: never the newest, or what the next
    /// coarser tier is not made of yet.
    fn aged_behind(&self, tier: Tier, cutoff_us: f64) -> Outcome<Option<Block>> {
        let _inside = ForkGate::enter();
        let coarser = tier.coarser();
        let end = match coarser.filter(|t| made(&self.series.settings).contains(t)) {
            Some(coarser) => scan::newest_below(&self.connection, coarser)?.unwrap_or(0),
            None => i64::MAX,
        };
        let keys = tier_keys(tier);
        let sql = format!(
            "SELECT {} FROM series_blocks WHERE id >= ?1 AND id < ?2 AND last_us < ?3 AND id < \
             (SELECT max(id) FROM series_blocks WHERE id >= ?1 AND id < ?2) ORDER BY id LIMIT 1",
            Block::COLUMNS
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let found = statement.query_row((keys.start, keys.end, cutoff_us), Block::read);
        Ok(found.optional()?.filter(|block| block.end_row() <= end))
    }

    /// Takes the oldest block of the finest tier that is above its minimum share, or when
    /// none is, of the one that takes most. False when there is none to take. As a `last`
    /// resort what else is kept goes, too: the cap was made very small.
    pub(crate) fn prune_series_by_size(&mut self, last: bool) -> Outcome<bool> {
        let share = self.cap.max_bytes / MINIMUM_SHARES;
        let mut chosen: Option<Candidate> = None;
        for tier in Tier::ALL {
            let Some(oldest) = self.oldest_that_may_go(tier, last)? else {
                continue;
            };
            let candidate = Candidate {
                tier,
                bytes: self.tier_bytes(tier)?,
                oldest,
            };
            if candidate.bytes > share {
                chosen = Some(candidate);
                break;
            }
            if chosen.is_none_or(|chosen| candidate.bytes > chosen.bytes) {
                chosen = Some(candidate);
            }
        }
        let Some(Candidate { tier, oldest, .. }) = chosen else {
            return Ok(false);
        };
        self.let_go(tier, oldest)?;
        let lost = &mut self.series.pruned_up_to_us[place(tier)];
        *lost = Some(lost.map_or(oldest.last_us(), |before| before.max(oldest.last_us())));
        Ok(true)
    }

    /// In words, which tiers reach back less far than they should because of the cap.
    pub(crate) fn series_lost(&self, now: f64) -> Option<String> {
        let settings = &self.series.settings;
        let mut lost = Vec::new();
        for &tier in made(settings) {
            let kept = settings.keep[place(tier)].as_secs_f64();
            let Some(up_to_us) = self.series.pruned_up_to_us[place(tier)] else {
                continue;
            };
            let reach = now - up_to_us as f64 / 1e6;
            if reach < kept {
                lost.push(format!(
                    "{} reach back {} instead of {}",
                    words(tier),
                    span(reach),
                    span(kept)
                ));
            }
        }
        match lost.is_empty() {
            true => None,
            false => Some(format!(
                "the size cap of {} bytes costs history: {}",
                self.cap.max_bytes,
                lost.join(", ")
            )),
        }
    }

    /// The oldest block of a tier, or run that can't be sealed: never the newest block, the
    /// run that is being written, or what the next coarser tier is not made of yet.
    fn oldest_that_may_go(&self, tier: Tier, last: bool) -> Outcome<Option<Oldest>> {
        let _inside = ForkGate::enter();
        let coarser = tier.coarser();
        let end = match coarser.filter(|t| !last && made(&self.series.settings).contains(t)) {
            Some(coarser) => scan::newest_below(&self.connection, coarser)?.unwrap_or(0),
            None => i64::MAX,
        };
        let keys = tier_keys(tier);
        let sql = format!(
            "SELECT {} FROM series_blocks WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT 2",
            Block::COLUMNS
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let blocks = statement.query_map([keys.start, keys.end], Block::read)?;
        let blocks = blocks.collect::<rusqlite::Result<Vec<Block>>>()?;
        let block = match blocks.as_slice() {
            [oldest, _] if oldest.end_row() <= end => Some(*oldest),
            [oldest] if last => Some(*oldest),
            _ => None,
        };
        let runs = scan::runs(&self.connection, tier, 0)?;
        let run = runs.first().copied().filter(|oldest| {
            row_of(oldest.last_key) < end
                && !self.is_being_written(tier, oldest.key)
                && (last || runs.len() > 2 || !self.cap.can_seal(oldest.bytes.unsigned_abs()))
        });
        Ok(match (block, run) {
            (Some(block), Some(run)) if run.key < block.key => Some(Oldest::Run {
                first: run.key,
                last: run.last_key,
                last_us: run.last_us,
            }),
            (Some(block), _) => Some(Oldest::Block(block)),
            (None, Some(run)) => Some(Oldest::Run {
                first: run.key,
                last: run.last_key,
                last_us: run.last_us,
            }),
            (None, None) => None,
        })
    }

    /// By this store, or for all it knows by another one.
    fn is_being_written(&self, tier: Tier, run_key: i64) -> bool {
        let gathering = self.series.gathering.as_ref();
        let log = gathering.and_then(|gathering| gathering.logs.get(place(tier)));
        match &self.series.standing {
            Standing::Owner { .. } => log.is_some_and(|log| log.run_key == run_key),
            _ => true,
        }
    }

    fn tier_bytes(&self, tier: Tier) -> Outcome<u64> {
        let _inside = ForkGate::enter();
        let keys = tier_keys(tier);
        let mut statement = self.connection.prepare_cached(
            "SELECT (SELECT total(bytes) FROM series_blocks WHERE id >= ?1 AND id < ?2) + \
             (SELECT total(length(data)) FROM series_head WHERE id >= ?1 AND id < ?2)",
        )?;
        let bytes: f64 = statement.query_row([keys.start, keys.end], |row| row.get(0))?;
        Ok(bytes as u64)
    }

    fn let_go(&mut self, tier: Tier, oldest: Oldest) -> Outcome<()> {
        match oldest {
            Oldest::Block(block) => self.delete_block(&block)?,
            Oldest::Run { first, last, .. } => self.delete_run(first, last)?,
        }
        if tier == Tier::Raw {
            self.delete_context()?;
        }
        Ok(())
    }

    /// Step by step when it has many parts: those with the times go last, so that what is
    /// left can be read. The pages that a part fills are freed without being touched.
    fn delete_block(&mut self, block: &Block) -> Outcome<()> {
        let most = self.cap.prune_rows();
        let parts = part_keys(block.key);
        loop {
            let left: i64 = {
                let _inside = ForkGate::enter();
                self.connection
                    .prepare_cached("SELECT count(*) FROM series_parts WHERE id >= ?1 AND id < ?2")?
                    .query_row([parts.start, parts.end], |row| row.get(0))?
            };
            let is_last = left.unsigned_abs() < most;
            self.in_transaction(self.cap.prune_pages(most), |database| {
                let _inside = ForkGate::enter();
                database
                    .connection
                    .prepare_cached(
                        "DELETE FROM series_parts WHERE id IN (SELECT id FROM series_parts \
                         WHERE id >= ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3)",
                    )?
                    .execute([parts.start, parts.end, most as i64])?;
                if is_last {
                    database
                        .connection
                        .prepare_cached("DELETE FROM series_blocks WHERE id = ?1")?
                        .execute([block.key])?;
                }
                Ok(())
            })?;
            if is_last {
                return Ok(());
            }
        }
    }

    /// From its end on, so that what is left of it stands by itself.
    fn delete_run(&mut self, first: i64, last: i64) -> Outcome<()> {
        let rows = self.cap.prune_rows() as i64;
        let mut end = last;
        while end >= first {
            let start = (end - rows + 1).max(first);
            self.in_transaction(self.cap.prune_pages(rows as u64), |database| {
                database
                    .connection
                    .prepare_cached("DELETE FROM series_head WHERE id >= ?1 AND id <= ?2")?
                    .execute([start, end])?;
                Ok(())
            })?;
            end = start - 1;
        }
        Ok(())
    }

    /// Context from before the oldest sample: the piece that is in force there stays, and of
    /// those before it as many as the cap allows, since coarser rows reach back further.
    fn delete_context(&mut self) -> Outcome<()> {
        let Some(oldest) = self.oldest_raw_row()? else {
            return Ok(());
        };
        let rows = self.cap.prune_rows();
        let kept = 1 + i64::try_from(self.cap.old_context()).unwrap_or(i64::MAX - 1);
        for kind in kinds() {
            let (first, at) = (context_key(kind, 0), context_key(kind, oldest));
            loop {
                let due: i64 = {
                    let _inside = ForkGate::enter();
                    self.connection
                        .prepare_cached(
                            "SELECT count(*) FROM series_context WHERE id >= ?1 AND id <= ?2",
                        )?
                        .query_row([first, at], |row| row.get(0))?
                };
                if due <= kept {
                    break;
                }
                let step = (due - kept).min(rows as i64);
                self.in_transaction(self.cap.prune_pages(step.unsigned_abs()), |database| {
                    database
                        .connection
                        .prepare_cached(
                            "DELETE FROM series_context WHERE id IN (SELECT id FROM \
                             series_context WHERE id >= ?1 AND id <= ?2 ORDER BY id LIMIT ?3)",
                        )?
                        .execute([first, at, step])?;
                    Ok(())
                })?;
            }
        }
        Ok(())
    }

    fn oldest_raw_row(&self) -> Outcome<Option<i64>> {
        let _inside = ForkGate::enter();
        let keys = tier_keys(Tier::Raw);
        let mut oldest: Option<i64> = None;
        for table in ["series_blocks", "series_head"] {
            let sql =
                format!("SELECT id FROM {table} WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT 1");
            let mut statement = self.connection.prepare_cached(&sql)?;
            let found = statement.query_row([row_key(Tier::Raw, 0), keys.end], |row| row.get(0));
            let found: Option<i64> = found.optional()?;
            oldest = match (oldest, found) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
        Ok(oldest.map(row_of))
    }
}

fn words(tier: Tier) -> &'static str {
    match tier {
        Tier::Raw => "samples",
        Tier::TenSeconds => "stretches of 10 s",
        Tier::Minute => "stretches of a minute",
        Tier::TenMinutes => "stretches of 10 minutes",
    }
}

fn span(seconds: f64) -> String {
    match seconds {
        days if days >= 2.0 * 86_400.0 => format!("{:.1} days", days / 86_400.0),
        hours if hours >= 2.0 * 3_600.0 => format!("{:.1} h", hours / 3_600.0),
        minutes => format!("{:.1} min", minutes / 60.0),
    }
}
