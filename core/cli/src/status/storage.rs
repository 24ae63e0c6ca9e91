//! Disks, and the file systems on them.

use usm_core::Sample;
use usm_core::sample::FilesystemSample;

use crate::draw::number::{bytes, decimal, maybe_bytes, milliseconds, rate, whole_percent};
use crate::draw::{Column, Line, Page, Table, Tone, UNKNOWN, bar, level_of};

/// Inodes are worth a word from here on.
const MANY_INODES_PERCENT: f64 = 50.0;

/// Width of the bars in the tables.
const CELLS: usize = 10;

pub(crate) fn draw(sample: &Sample, page: &mut Page) {
    disks(sample, page);
    filesystems(&sample.filesystems, page);
}

/// A bar with its number, as a cell.
fn gauge(share: Option<f64>, page: &Page) -> Line {
    let tone = share.map_or(Tone::Quiet, level_of);
    let line = bar(share, CELLS, tone, page.style()).padded(CELLS);
    line.and(tone, format!("{:>6}", whole_percent(share)))
}

pub(crate) fn disks(sample: &Sample, page: &mut Page) {
    page.heading("Disks", "");
    if sample.disks.is_empty() {
        page.push(Line::of(Tone::Quiet, "  none to be seen"));
        return;
    }
    let mut table = Table::new(&[
        Column::text("DEVICE"),
        Column::number("READ"),
        Column::number("WRITE"),
        Column::number("READ TIME").dispensable(2),
        Column::number("WRITE TIME").dispensable(1),
        Column::number("QUEUE").dispensable(3),
        Column::text("BUSY"),
    ]);
    let plain = |text: String| Line::of(Tone::Plain, text);
    for disk in &sample.disks {
        table.row(vec![
            Line::of(
                if disk.is_stacked {
                    Tone::Quiet
                } else {
                    Tone::Label
                },
                &disk.name,
            ),
            plain(rate(disk.read_bytes_per_sec)),
            plain(rate(disk.write_bytes_per_sec)),
            plain(milliseconds(disk.read_latency_ms)),
            plain(milliseconds(disk.write_latency_ms)),
            plain(decimal(disk.queue_length, 1)),
            gauge(disk.utilisation_percent, page),
        ]);
    }
    table.draw(page);
}

pub(crate) fn filesystems(filesystems: &[FilesystemSample], page: &mut Page) {
    page.heading("File systems", "");
    if filesystems.is_empty() {
        page.push(Line::of(Tone::Quiet, "  none to be seen"));
        return;
    }
    let mut table = Table::new(&[
        Column::text("MOUNTED AT").flexible(),
        Column::text("TYPE").dispensable(3),
        Column::text("USED"),
        Column::number("OF"),
        Column::number("FREE").dispensable(1),
        Column::text("NOTE").dispensable(2),
    ]);
    for filesystem in filesystems {
        let (note, tone) = note(filesystem);
        let free = filesystem
            .available_bytes
            .map_or_else(|| UNKNOWN.into(), bytes);
        table.row(vec![
            Line::of(Tone::Label, &filesystem.mount_point),
            Line::of(Tone::Quiet, &filesystem.kind),
            gauge(filesystem.used_percent, page),
            Line::of(Tone::Plain, maybe_bytes(filesystem.total_bytes)),
            Line::of(Tone::Plain, free),
            Line::of(tone, note),
        ]);
    }
    table.draw(page);
}

fn note(filesystem: &FilesystemSample) -> (String, Tone) {
    if filesystem.stale {
        return ("does not answer".into(), Tone::Bad);
    }
    if filesystem.problem.is_some() {
        return ("can't be read".into(), Tone::Warning);
    }
    let inodes = filesystem
        .inodes_used_percent
        .filter(|p| *p > MANY_INODES_PERCENT);
    let read_only = filesystem.read_only.then_some("read-only");
    match (inodes, read_only) {
        (Some(percent), _) => (format!("inodes {percent:.0} %"), level_of(percent)),
        (None, Some(note)) => (note.into(), Tone::Quiet),
        (None, None) => (String::new(), Tone::Plain),
    }
}
