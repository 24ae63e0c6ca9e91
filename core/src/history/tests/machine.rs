//! A machine of three cores in memory: its samples, and the tiers that are made of them.

use std::sync::Arc;

use crate::Result;
use crate::history::block::Block;
use crate::history::source::{Source, Visitor};
use crate::series::codec::{Column, EntityColumns, Sub, Times};
use crate::series::rollup::RollUp;
use crate::series::{ABSENT, Entity, Family, Frame, PartRow, Stat, Tier, TierRow, catalog};
use crate::store::series::{Extent, PartData, Segment};

pub(super) const BUSY: &str = "core_busy_percent";
pub(super) const USER: &str = "core_user_seconds_total";
pub(super) const CORES: usize = 3;

/// One sample: of each core, if it is there, how busy it is and its seconds in user mode,
/// both in hundredths.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sampled {
    pub(super) unix_us: i64,
    pub(super) monotonic_us: i64,
    pub(super) cores: [Option<(i64, i64)>; CORES],
}

/// Samples in the order of writing, and how long each tier is kept.
#[derive(Debug, Clone, Default)]
pub(super) struct Machine {
    pub(super) samples: Vec<Sampled>,
    /// Rows of a tier that begin before this are gone.
    pub(super) kept_from_us: [i64; 4],
    /// Tiers that are not made.
    pub(super) without: Vec<Tier>,
    /// Rows in a segment.
    pub(super) segment_rows: usize,
}

impl Machine {
    pub(super) fn new(samples: Vec<Sampled>) -> Machine {
        Machine {
            samples,
            kept_from_us: [i64::MIN; 4],
            without: Vec::new(),
            segment_rows: 7,
        }
    }

    fn frames(&self) -> Vec<Frame> {
        self.samples.iter().map(frame).collect()
    }

    /// Rows of a tier: time, what the second time column holds, and each core's columns.
    fn rows(&self, tier: Tier) -> Vec<Row> {
        if self.without.contains(&tier) {
            return Vec::new();
        }
        let frames = self.frames();
        let rows: Vec<Row> = match tier {
            Tier::Raw => frames.iter().map(Row::of_frame).collect(),
            _ => rolled_up(&frames, tier)
                .iter()
                .map(Row::of_stretch)
                .collect(),
        };
        let kept_from = self.kept_from_us[tier as usize];
        rows.into_iter()
            .filter(|row| row.time >= kept_from)
            .collect()
    }

    /// The segments of a tier: so many rows each, and a new one where the time goes back.
    fn segments(&self, tier: Tier) -> Vec<Segment> {
        let mut segments: Vec<Vec<Row>> = Vec::new();
        for row in self.rows(tier) {
            match segments.last_mut() {
                Some(rows)
                    if rows.len() < self.segment_rows
                        && rows.last().is_some_and(|last| last.time < row.time) =>
                {
                    rows.push(row);
                }
                _ => segments.push(vec![row]),
            }
        }
        let mut first_row = 0;
        let segments = segments.into_iter().map(|rows| {
            first_row += rows.len() as i64;
            segment(tier, first_row - rows.len() as i64, &rows)
        });
        segments.collect()
    }
}

/// Of each metric each value that a tier keeps.
type Values = Vec<(u16, Sub, i64)>;

/// What a row of any tier holds of each core that is there.
struct Row {
    time: i64,
    second: i64,
    cores: Vec<(Entity, Values)>,
}

impl Row {
    fn of_frame(frame: &Frame) -> Row {
        let part = &frame.parts[0];
        let metrics = catalog::of_family(Family::Core);
        let cores = part.entities.iter().zip(part.values.chunks(metrics.len()));
        let cores = cores.map(|(entity, values)| {
            let values = metrics.iter().zip(values);
            let columns = values.map(|(metric, value)| (metric.id, Sub::Value, *value));
            ((**entity).clone(), columns.collect())
        });
        Row {
            time: frame.unix_us,
            second: frame.monotonic_us,
            cores: cores.collect(),
        }
    }

    fn of_stretch(row: &TierRow) -> Row {
        let metrics = catalog::of_family(Family::Core);
        let mut cores = Vec::new();
        for part in &row.parts {
            for (entity, stats) in part.entities.iter().zip(part.stats.chunks(metrics.len())) {
                let columns = metrics.iter().zip(stats).flat_map(|(metric, stat)| {
                    columns(stat).map(|(sub, value)| (metric.id, sub, value))
                });
                cores.push(((**entity).clone(), columns.collect()));
            }
        }
        Row {
            time: row.start_us,
            second: i64::from(row.samples),
            cores,
        }
    }
}

fn columns(stat: &Stat) -> [(Sub, i64); 5] {
    [
        (Sub::Count, i64::from(stat.count)),
        (Sub::Mean, stat.mean),
        (Sub::Min, stat.min),
        (Sub::Max, stat.max),
        (Sub::Last, stat.last),
    ]
}

pub(super) fn frame(sampled: &Sampled) -> Frame {
    let metrics = catalog::of_family(Family::Core);
    let mut entities = Vec::new();
    let mut values = Vec::new();
    for (core, sample) in sampled.cores.iter().enumerate() {
        let Some((busy, user)) = sample else { continue };
        entities.push(Arc::new(core_named(core)));
        values.extend(metrics.iter().map(|metric| match metric.name {
            BUSY => *busy,
            USER => *user,
            _ => ABSENT,
        }));
    }
    Frame {
        unix_us: sampled.unix_us,
        monotonic_us: sampled.monotonic_us,
        parts: vec![PartRow {
            family: Family::Core,
            entities: entities.into(),
            values,
        }],
        context: Vec::new(),
    }
}

fn core_named(core: usize) -> Entity {
    Entity::new([Some(core.to_string().into())])
}

/// Finished stretches only: the newest is still being gathered.
fn rolled_up(frames: &[Frame], tier: Tier) -> Vec<TierRow> {
    let mut rollup = RollUp::new(Tier::TenSeconds);
    let mut rows: Vec<TierRow> = frames.iter().filter_map(|f| rollup.push_frame(f)).collect();
    for coarser in [Tier::Minute, Tier::TenMinutes] {
        if coarser <= tier {
            let mut rollup = RollUp::new(coarser);
            rows = rows.iter().filter_map(|row| rollup.push_row(row)).collect();
        }
    }
    rows
}

fn segment(tier: Tier, first_row: i64, rows: &[Row]) -> Segment {
    let mut entities: Vec<EntityColumns> = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        for (entity, values) in &row.cores {
            let found = entities.iter().position(|known| known.entity == *entity);
            let of = found.unwrap_or_else(|| {
                entities.push(EntityColumns {
                    entity: entity.clone(),
                    present: None,
                    columns: values
                        .iter()
                        .map(|(metric, sub, _)| Column {
                            metric: *metric,
                            sub: *sub,
                            values: vec![ABSENT; rows.len()],
                        })
                        .collect(),
                });
                entities.len() - 1
            });
            for (column, (_, _, value)) in entities[of].columns.iter_mut().zip(values) {
                column.values[place] = *value;
            }
        }
    }
    Segment {
        tier,
        first_row,
        times: Times {
            unix_us: rows.iter().map(|row| row.time).collect(),
            second: rows.iter().map(|row| row.second).collect(),
        },
        parts: vec![(Family::Core, PartData::Open(entities))],
    }
}

impl Source for Machine {
    fn extents(&self) -> Result<Vec<Extent>> {
        let extents = Tier::ALL.into_iter().filter_map(|tier| {
            let rows = self.rows(tier);
            let width = i64::from(tier.seconds().unwrap_or(0)) * 1_000_000;
            Some(Extent {
                tier,
                first_us: rows.iter().map(|row| row.time).min()?,
                last_us: rows.iter().map(|row| row.time).max()? + width,
                rows: rows.len() as u64,
                bytes: 0,
            })
        });
        Ok(extents.collect())
    }

    fn blocks(
        &self,
        tier: Tier,
        range_us: (i64, i64),
        families: &[Family],
        visitor: &mut dyn Visitor,
    ) -> Result<Vec<String>> {
        for segment in self.segments(tier) {
            let times = &segment.times.unix_us;
            if times
                .iter()
                .any(|time| *time >= range_us.0 && *time < range_us.1)
            {
                visitor.take(&mut Block::new(segment, families))?;
            }
        }
        Ok(Vec::new())
    }
}
