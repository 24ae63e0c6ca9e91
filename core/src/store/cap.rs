//! The arithmetic of the size cap.
//!
//! What can be on disk at once is the database, the log (WAL) with what the database
//! does not hold yet, and the log's index. So the cap is divided beforehand: the log has
//! a budget, its index a reserve, and the rest is the most that the database may grow
//! to, which SQLite itself enforces (`max_page_count`). A transaction begins only when
//! the pages that it can touch at most still fit into the log's budget.

use super::row::Row;

/// Smallest cap that can be kept, bytes.
pub(crate) const MIN_BYTES: u64 = 1 << 20;

const MAX_LOG_BYTES: u64 = 4 << 20;
const FRAME_HEADER_BYTES: u64 = 24;
const SHM_BYTES: u64 = 64 << 10;

/// Pages that any transaction may touch beside those of its rows: the way from root to
/// leaf of three tables and three indices with splits, the page of `sqlite_sequence`,
/// the first page, free list and pointer map.
const FIXED_PAGES: u64 = 32;

/// Pages that rows of the series touch beside their own: the way to each tier's newest leaf,
/// and who writes.
const SERIES_PAGES: u64 = 14;

/// Of the open log of a tier.
const MAX_RUN_BYTES: u64 = 1 << 20;

/// Bytes of a row beside its texts, at most: numbers, header, cell.
const ROW_BYTES: u64 = 128;

/// A cap, divided.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cap {
    pub(crate) max_bytes: u64,
    page_bytes: u64,
    pub(crate) log_bytes: u64,
    /// Most pages the database may have.
    pub(crate) max_pages: u64,
}

impl Cap {
    pub(crate) fn new(max_bytes: u64, page_bytes: u64) -> Cap {
        let page_bytes = page_bytes.max(512);
        let log_bytes = (max_bytes / 4).min(MAX_LOG_BYTES);
        Cap {
            max_bytes,
            page_bytes,
            log_bytes,
            max_pages: max_bytes.saturating_sub(log_bytes + SHM_BYTES) / page_bytes,
        }
    }

    /// Bytes that `pages` take in the log.
    pub(crate) fn in_log(&self, pages: u64) -> u64 {
        pages * (self.page_bytes + FRAME_HEADER_BYTES)
    }

    /// Whether a transaction of `pages` fits behind the `log_bytes` that are there.
    pub(crate) fn fits_log(&self, log_bytes: u64, pages: u64) -> bool {
        log_bytes + self.in_log(pages) <= self.log_bytes
    }

    /// Whether it fits at all when the log can't be emptied, because somebody reads:
    /// then the log may take what the database does not use yet.
    pub(crate) fn fits_files(&self, log_bytes: u64, database_pages: u64, pages: u64) -> bool {
        let database = (database_pages + pages).min(self.max_pages.max(database_pages));
        let log = log_bytes + self.in_log(pages);
        // The log's index has 32 KiB for each 4096 frames.
        let shm = SHM_BYTES + log / self.page_bytes * 8;
        database * self.page_bytes + log + shm <= self.max_bytes
    }

    /// Most pages of rows that one transaction may bring.
    fn row_pages(&self) -> u64 {
        let frames = self.log_bytes / (self.page_bytes + FRAME_HEADER_BYTES);
        frames.saturating_sub(FIXED_PAGES)
    }

    /// Pages that one row of these bytes can touch or add, at most.
    fn pages_of_row(&self, bytes: u64) -> u64 {
        // One leaf of the index each, for stamps that do not ascend; the row itself
        // on at most twice the pages that it would fill.
        let own = match bytes * 4 >= self.page_bytes {
            true => bytes.div_ceil(self.page_bytes - 16) + 1,
            false => 1,
        };
        own + 1
    }

    /// Pages of rows of the series, by their bytes, beside those of [`Cap::pages_of`].
    pub(crate) fn series_pages(&self, rows: impl IntoIterator<Item = u64>) -> u64 {
        let rows = rows.into_iter().map(|bytes| self.pages_of_row(bytes));
        SERIES_PAGES + rows.sum::<u64>()
    }

    /// Most bytes of a run of the open log: such that it fits when it is sealed, and that
    /// what is open takes only a small share of the cap.
    pub(crate) fn run_bytes(&self) -> u64 {
        let pages = self.row_pages().saturating_sub(SERIES_PAGES) / 3;
        (pages * self.page_bytes)
            .min(self.max_bytes / 32)
            .min(MAX_RUN_BYTES)
    }

    /// Most bytes of one row of a coarser tier: such that one of each fits beside a sample.
    pub(crate) fn stretch_bytes(&self) -> u64 {
        self.row_pages() / 6 * self.page_bytes
    }

    /// Pages that sealing a run of `run_bytes` into these parts can touch: where they were,
    /// half filled, and where they come to.
    pub(crate) fn seal_pages(&self, run_bytes: u64, parts: impl Iterator<Item = u64>) -> u64 {
        let (mut big, mut small) = (0, 0);
        for bytes in parts {
            match bytes * 4 >= self.page_bytes {
                true => big += bytes.div_ceil(self.page_bytes - 16) + 1,
                false => small += bytes + 16,
            }
        }
        FIXED_PAGES
            + 4
            + 2 * run_bytes.div_ceil(self.page_bytes)
            + big
            + small * 2 / self.page_bytes
    }

    /// Whether a run of the open log is small enough to be sealed.
    pub(crate) fn can_seal(&self, run_bytes: u64) -> bool {
        self.allows(self.seal_pages(run_bytes, std::iter::once(run_bytes)))
    }

    /// Limits of a batch: rows and bytes of text, such that [`Cap::pages_of`] it fits.
    pub(crate) fn batch(&self) -> (usize, usize) {
        let sixth = self.row_pages() / 6;
        let rows = sixth.clamp(1, 512);
        (rows as usize, (sixth * self.page_bytes) as usize)
    }

    /// Pieces of context of each kind that are kept for rows which have outlived their
    /// samples: a piece takes half a kilobyte, and there are nine kinds.
    pub(crate) fn old_context(&self) -> u64 {
        self.max_bytes >> 19
    }

    /// Rows that one step of pruning takes away at most.
    pub(crate) fn prune_rows(&self) -> u64 {
        (self.row_pages() / 2).clamp(4, 256)
    }

    /// Rows of `row_bytes` that must go to free `pages`, within one step.
    pub(crate) fn rows_for(&self, pages: u64, row_bytes: f64) -> u64 {
        let rows = (pages * self.page_bytes) as f64 / row_bytes.max(1.0);
        (rows.ceil() as u64).clamp(1, self.prune_rows())
    }

    /// Pages that a transaction which deletes `rows` rows can touch.
    pub(crate) fn prune_pages(&self, rows: u64) -> u64 {
        FIXED_PAGES + 2 * rows
    }

    /// Pages that one step moves from the end of the file into its holes.
    pub(crate) fn vacuum_pages(&self) -> u64 {
        (self.row_pages() / 4).clamp(1, 256)
    }

    /// Pages that such a step can touch: the page, the one that points to it, the map.
    pub(crate) fn vacuum_cost(&self) -> u64 {
        FIXED_PAGES + 3 * self.vacuum_pages()
    }

    /// Pages that writing these rows can touch or add, at most.
    pub(crate) fn pages_of(&self, rows: &[Row]) -> u64 {
        let per_row = rows.iter().map(|row| match row {
            // Counted when it is known what becomes of it, see `series_pages`.
            Row::Frame(_) => 0,
            row => self.pages_of_row(row.text_bytes() as u64 + ROW_BYTES),
        });
        FIXED_PAGES + per_row.sum::<u64>()
    }

    /// Whether these rows can be stored at all under this cap.
    pub(crate) fn allows(&self, pages: u64) -> bool {
        pages <= self.row_pages() + FIXED_PAGES && pages <= self.max_pages
    }

    /// Pages that pruning frees beyond what is needed at once, so that it is rare.
    pub(crate) fn spare_pages(&self) -> u64 {
        self.max_pages / 64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::row::StateRow;

    #[test]
    fn the_parts_never_exceed_the_whole() {
        for max_bytes in [MIN_BYTES, 10 << 20, 256 << 20, 1 << 40] {
            for page_bytes in [512, 4096, 65536] {
                let cap = Cap::new(max_bytes, page_bytes);
                let sum = cap.max_pages * page_bytes + cap.log_bytes + SHM_BYTES;
                assert!(sum <= max_bytes, "{max_bytes} {page_bytes}");
            }
        }
    }

    #[test]
    fn a_batch_at_its_limits_fits_into_an_empty_log() {
        for max_bytes in [MIN_BYTES, 10 << 20, 256 << 20] {
            let cap = Cap::new(max_bytes, 4096);
            let (rows, bytes) = cap.batch();
            let text = |length| {
                Row::State(StateRow {
                    metrics_data: Some("x".repeat(length)),
                    ..StateRow::default()
                })
            };
            let even = vec![text(bytes / rows); rows];
            assert!(cap.fits_log(0, cap.pages_of(&even)), "{max_bytes}");
            assert!(cap.fits_log(0, cap.pages_of(&[text(bytes)])), "{max_bytes}");
            assert!(cap.fits_log(0, cap.prune_pages(cap.prune_rows())));
            assert!(cap.fits_log(0, cap.vacuum_cost()));
        }
    }

    #[test]
    fn a_log_that_cannot_be_emptied_may_use_what_the_database_leaves() {
        let cap = Cap::new(16 << 20, 4096);
        assert!(!cap.fits_log(cap.log_bytes, 40));
        assert!(cap.fits_files(cap.log_bytes, 10, 40));
        assert!(!cap.fits_files(cap.log_bytes, cap.max_pages, 40));
    }
}
