//! No tier says anything else than the one below it.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::series::frame::PartRow;
use crate::series::metric::Kind;
use crate::series::{ABSENT, Stat};

const FAMILY: Family = Family::Core;

fn width() -> usize {
    catalog::of_family(FAMILY).len()
}

fn core(number: u8) -> Arc<Entity> {
    Arc::new(Entity::new([Some(number.to_string().into())]))
}

fn value() -> impl Strategy<Value = i64> {
    prop_oneof![
        3 => -1000i64..1000,
        1 => Just(ABSENT),
        1 => (ABSENT + 1)..=i64::MAX,
    ]
}

/// Frames as they may come: at any pace, with gaps, with the clock going back, with
/// entities that come and go.
fn frames() -> impl Strategy<Value = Vec<Frame>> {
    let pace = prop_oneof![
        8 => 0i64..3_000_000,
        1 => 0i64..2_000_000_000,
        1 => -1_000_000_000i64..0,
    ];
    let seen = prop::collection::btree_set(0u8..4, 0..4);
    let values = prop::collection::vec(value(), 4 * width());
    let start = prop_oneof![Just(1_795_871_902_214_124i64), -20_000_000i64..20_000_000];
    (start, prop::collection::vec((pace, seen, values), 0..120)).prop_map(|(start, steps)| {
        let mut unix_us = start;
        let mut frame =
            |(pace, seen, mut values): (i64, std::collections::BTreeSet<u8>, Vec<i64>)| {
                unix_us += pace;
                values.truncate(seen.len() * width());
                Frame {
                    unix_us,
                    monotonic_us: 0,
                    parts: vec![PartRow {
                        family: FAMILY,
                        entities: seen.into_iter().map(core).collect(),
                        values,
                    }],
                    context: Vec::new(),
                }
            };
        steps.into_iter().map(&mut frame).collect()
    })
}

/// One value of the tier below: a sample, or a stretch.
#[derive(Debug, Clone, Copy)]
struct Below {
    count: i128,
    min: i64,
    mean: i64,
    max: i64,
    last: i64,
}

type Series = (Arc<Entity>, usize);

/// The stretches that rows of the tier below belong to, and what they hold, worked out the
/// slow way.
#[derive(Debug, Default)]
struct Stretch {
    start_us: i64,
    samples: u32,
    values: HashMap<Series, Vec<Below>>,
}

fn stretches(
    tier: Tier,
    rows: impl Iterator<Item = (i64, u32, Vec<(Series, Below)>)>,
) -> Vec<Stretch> {
    let width = i64::from(tier.seconds().unwrap()) * 1_000_000;
    let mut stretches: Vec<Stretch> = Vec::new();
    for (unix_us, samples, values) in rows {
        let start_us = unix_us - unix_us.rem_euclid(width);
        if stretches
            .last()
            .is_none_or(|last| last.start_us != start_us)
        {
            stretches.push(Stretch {
                start_us,
                ..Stretch::default()
            });
        }
        let stretch = stretches.last_mut().unwrap();
        stretch.samples += samples;
        for (series, below) in values {
            stretch.values.entry(series).or_default().push(below);
        }
    }
    stretches
}

fn of_frame(frame: &Frame) -> (i64, u32, Vec<(Series, Below)>) {
    let part = &frame.parts[0];
    let values = part.values.iter().enumerate().map(|(place, value)| {
        let series = (part.entities[place / width()].clone(), place % width());
        let below = Below {
            count: i128::from(*value != ABSENT),
            min: *value,
            mean: *value,
            max: *value,
            last: *value,
        };
        (series, below)
    });
    (frame.unix_us, 1, values.collect())
}

fn of_row(row: &TierRow) -> (i64, u32, Vec<(Series, Below)>) {
    let values = row.parts.iter().flat_map(|part| {
        part.stats.iter().enumerate().map(|(place, stat)| {
            let series = (part.entities[place / width()].clone(), place % width());
            let below = Below {
                count: i128::from(stat.count),
                min: stat.min,
                mean: stat.mean,
                max: stat.max,
                last: stat.last,
            };
            (series, below)
        })
    });
    (row.start_us, row.samples, values.collect())
}

/// A row says exactly what its stretch holds.
fn check(row: &TierRow, stretch: &Stretch) -> Result<(), TestCaseError> {
    prop_assert_eq!(row.start_us, stretch.start_us);
    prop_assert_eq!(row.samples, stretch.samples);
    let (_, _, told) = of_row(row);
    prop_assert_eq!(told.len(), stretch.values.len());
    for (series, stat) in told {
        let kind = catalog::of_family(FAMILY)[series.1].kind;
        let below = &stretch.values[&series];
        let known: Vec<&Below> = below.iter().filter(|below| below.count > 0).collect();
        let count: i128 = known.iter().map(|below| below.count).sum();
        prop_assert_eq!(stat.count, count);
        if count == 0 {
            prop_assert_eq!([stat.min, stat.mean, stat.max, stat.last], [ABSENT; 4]);
            continue;
        }
        prop_assert_eq!(stat.last, known.last().unwrap().last);
        if kind == Kind::Counter {
            prop_assert_eq!([stat.min, stat.mean, stat.max], [ABSENT; 3]);
            continue;
        }
        prop_assert_eq!(stat.min, known.iter().map(|below| below.min).min().unwrap());
        prop_assert_eq!(stat.max, known.iter().map(|below| below.max).max().unwrap());
        let sum: i128 = known.iter().map(|b| i128::from(b.mean) * b.count).sum();
        // Within half a step of the true mean, and the farther from zero of two that are.
        let off = 2 * (i128::from(stat.mean) * count - sum).abs();
        prop_assert!(off <= count);
        prop_assert!(off < count || stat.mean.signum() as i128 == sum.signum());
    }
    Ok(())
}

fn push_all<T>(
    tier: Tier,
    rows: &[T],
    push: impl Fn(&mut RollUp, &T) -> Option<TierRow>,
) -> Vec<TierRow> {
    let mut rollup = RollUp::new(tier);
    let mut out: Vec<TierRow> = rows
        .iter()
        .filter_map(|row| push(&mut rollup, row))
        .collect();
    out.extend(rollup.finish());
    out
}

proptest! {
    #[test]
    fn no_tier_is_inconsistent_with_the_one_below(frames in frames()) {
        let mut rows = push_all(Tier::TenSeconds, &frames, RollUp::push_frame);
        let expected = stretches(Tier::TenSeconds, frames.iter().map(of_frame));
        prop_assert_eq!(rows.len(), expected.len());
        for (row, stretch) in rows.iter().zip(&expected) {
            check(row, stretch)?;
        }
        for tier in [Tier::Minute, Tier::TenMinutes] {
            let coarser = push_all(tier, &rows, RollUp::push_row);
            let expected = stretches(tier, rows.iter().map(of_row));
            prop_assert_eq!(coarser.len(), expected.len());
            for (row, stretch) in coarser.iter().zip(&expected) {
                check(row, stretch)?;
            }
            rows = coarser;
        }
    }

    #[test]
    fn every_sample_is_in_one_row_of_each_tier(frames in frames()) {
        let ten = push_all(Tier::TenSeconds, &frames, RollUp::push_frame);
        let minutes = push_all(Tier::Minute, &ten, RollUp::push_row);
        let count = |rows: &[TierRow]| rows.iter().map(|row| row.samples as usize).sum::<usize>();
        prop_assert_eq!(count(&ten), frames.len());
        prop_assert_eq!(count(&minutes), frames.len());
    }
}

fn crowd(numbers: std::ops::Range<u32>, family: Family, unix_us: i64) -> Frame {
    let width = catalog::of_family(family).len();
    let labels = |number: u32| Arc::new(Entity::new([Some(number.to_string().into())]));
    Frame {
        unix_us,
        parts: vec![PartRow {
            family,
            entities: numbers.clone().map(labels).collect(),
            values: numbers
                .flat_map(|number| vec![i64::from(number); width])
                .collect(),
        }],
        ..Frame::default()
    }
}

#[test]
fn those_that_are_too_many_are_left_out_whole() {
    let mut rollup = RollUp::new(Tier::TenMinutes);
    for second in 0..599u32 {
        // The first ones stay; others are seen for a moment, and again later.
        let some = 10 * (second % 97)..10 * (second % 97) + 10;
        assert!(
            rollup
                .push_frame(&crowd(some, FAMILY, i64::from(second) * 1_000_000))
                .is_none()
        );
    }
    let row = rollup.finish().unwrap();
    let part = &row.parts[0];
    assert_eq!(part.entities.len(), MOST_ENTITIES);
    for (entity, stats) in part.entities.iter().zip(part.stats.chunks(width())) {
        let number: u32 = entity.labels[0].as_ref().unwrap().parse().unwrap();
        let seen = (0..599).filter(|second| second % 97 == number / 10).count();
        assert_eq!(stats[0].count as usize, seen, "{number}");
    }
}

#[test]
fn a_counter_keeps_its_last_value_only_and_a_stretch_without_a_value_none() {
    let mut rollup = RollUp::new(Tier::TenSeconds);
    rollup.push_frame(&crowd(3..4, FAMILY, 0));
    rollup.push_frame(&crowd(4..5, FAMILY, 1_000_000));
    rollup.push_frame(&crowd(3..4, FAMILY, 9_999_999));
    let row = rollup.push_frame(&crowd(3..4, FAMILY, 10_000_000)).unwrap();
    let counter = catalog::of_family(FAMILY)
        .iter()
        .position(|metric| metric.kind == Kind::Counter)
        .unwrap();
    let stat = row.parts[0].stats[counter];
    assert_eq!((stat.count, stat.last, stat.mean), (2, 3, ABSENT));
    assert_eq!(Gathered::NOTHING.stat(Kind::Gauge), Stat::ABSENT);
}

#[test]
fn of_many_processes_those_that_use_most_are_kept_whole() {
    let family = Family::Process;
    let width = catalog::of_family(family).len();
    let mut rollup = RollUp::new(Tier::Minute);
    for second in 0..60u32 {
        // One that is there all the time, and ten that come and go each second.
        let mut frame = crowd(1000..1001, family, i64::from(second) * 1_000_000);
        let few = crowd(10 * second..10 * second + 10, family, 0);
        let part = &mut frame.parts[0];
        let own = part.entities.iter().chain(few.parts[0].entities.iter());
        part.entities = own.cloned().collect();
        part.values.extend(&few.parts[0].values);
        assert!(rollup.push_frame(&frame).is_none());
    }
    let row = rollup.finish().unwrap();
    let part = &row.parts[0];
    assert_eq!(part.entities.len(), most_processes(Tier::Minute));
    for (entity, stats) in part.entities.iter().zip(part.stats.chunks(width)) {
        match entity.labels[0].as_deref() {
            Some("1000") => assert_eq!(stats[0].count, 60),
            _ => assert_eq!(stats[0].count, 1),
        }
    }
    let kept = |number: &str| {
        let is = |entity: &Arc<Entity>| entity.labels[0].as_deref() == Some(number);
        part.entities.iter().any(is)
    };
    assert!(kept("1000") && kept("599") && kept("598"));
    assert!(!kept("0") && !kept("300"));
}
