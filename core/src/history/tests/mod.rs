//! Answers against those that are worked out the plain way.

mod machine;
mod reference;
mod stored;

use proptest::prelude::*;

use super::answer::answer;
use super::{Aggregate, Query, Selector, Table};
use crate::series::{ABSENT, Kind, Tier, Unit};
use machine::{BUSY, CORES, Machine, Sampled, USER};

const SECOND: i64 = 1_000_000;
/// A multiple of ten minutes.
const START: i64 = 1_795_000_200 * SECOND;

/// So many samples a second apart; core 0 is as busy as the row's number, core 1 ten times.
fn steady(rows: i64) -> Vec<Sampled> {
    (0..rows)
        .map(|row| Sampled {
            unix_us: START + row * SECOND,
            monotonic_us: 7 * SECOND + row * SECOND,
            cores: [
                Some((row * 100, row * 50)),
                Some((row * 1000, row * 100)),
                None,
            ],
        })
        .collect()
}

fn query(text: &str) -> Query {
    Query::new(
        Selector::parse(text).unwrap(),
        f64::NEG_INFINITY,
        f64::INFINITY,
    )
}

fn unix(seconds_after_start: i64) -> f64 {
    (START / SECOND + seconds_after_start) as f64
}

fn values(table: &Table) -> Vec<Vec<f64>> {
    table
        .columns
        .iter()
        .map(|column| column.values.clone())
        .collect()
}

/// The table as rows, what is not known as nothing.
fn rows(table: &Table) -> reference::Rows {
    let times = table.times.iter().enumerate();
    times
        .map(|(row, time)| {
            let values = table.columns.iter().map(|column| column.values[row]);
            let values = values.map(|value| (!value.is_nan()).then_some(value));
            ((time * 1e6).round() as i64, values.collect())
        })
        .collect()
}

/// Both have the same values, but for the last digits of sums.
fn same(a: &reference::Rows, b: &reference::Rows, tolerance: f64) -> bool {
    let close = |a: &Option<f64>, b: &Option<f64>| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= tolerance * a.abs().max(1.0),
        (a, b) => a.is_none() && b.is_none(),
    };
    a.len() == b.len()
        && a.iter().zip(b).all(|((time, a), (other_time, b))| {
            time == other_time && a.len() == b.len() && a.iter().zip(b).all(|(a, b)| close(a, b))
        })
}

fn aggregates() -> impl Strategy<Value = Aggregate> {
    prop_oneof![
        Just(Aggregate::Mean),
        Just(Aggregate::Min),
        Just(Aggregate::Max),
        Just(Aggregate::Last),
        Just(Aggregate::Sum),
        Just(Aggregate::Count),
        (0f64..=1.0).prop_map(Aggregate::Quantile),
    ]
}

fn core() -> impl Strategy<Value = Option<(i64, i64)>> {
    let busy = prop_oneof![9 => 0i64..10_000, 1 => Just(ABSENT)];
    let grown = prop_oneof![8 => 0i64..300, 1 => Just(-1), 1 => Just(ABSENT)];
    prop::option::weighted(0.9, (busy, grown))
}

/// Samples at any pace, with gaps and restarts; with the clock going back if it may. The
/// counters of the cores grow, are reset now and then, and are sometimes not known.
fn machines(clock_may_jump: bool) -> impl Strategy<Value = Machine> {
    let pace = prop_oneof![
        20 => (Just(true), 1i64..3_000_000),
        2 => (Just(true), 1i64..500_000_000),
        1 => (Just(false), 1i64..900_000_000),
    ];
    let jump = match clock_may_jump {
        true => prop_oneof![20 => Just(0i64), 1 => -100_000_000i64..100_000_000].boxed(),
        false => Just(0i64).boxed(),
    };
    let step = (pace, jump, prop::array::uniform3(core()));
    (0i64..700, prop::collection::vec(step, 0..150), 1usize..20).prop_map(
        |(start, steps, segment_rows)| {
            let (mut unix_us, mut monotonic_us) = (START + start * SECOND, 5 * SECOND);
            let mut users = [0i64; CORES];
            let mut samples = Vec::new();
            for ((same_boot, pace), jump, cores) in steps {
                unix_us += pace + jump;
                monotonic_us = if same_boot { monotonic_us + pace } else { pace };
                let mut sampled = Sampled {
                    unix_us,
                    monotonic_us,
                    cores: [None; CORES],
                };
                for (core, of) in cores.into_iter().enumerate() {
                    sampled.cores[core] = of.map(|(busy, grown)| match grown {
                        ABSENT => (busy, ABSENT),
                        grown => {
                            users[core] = if grown < 0 { 0 } else { users[core] + grown };
                            (busy, users[core])
                        }
                    });
                }
                samples.push(sampled);
            }
            Machine {
                segment_rows,
                ..Machine::new(samples)
            }
        },
    )
}

/// Any query of one metric of all cores that raw alone answers.
fn queries() -> impl Strategy<Value = Query> {
    let range = (0i64..1500, 1i64..4000);
    let step = prop::option::of(prop_oneof![1i64..100, Just(600), Just(7200)]);
    let combine = aggregates().prop_filter("there is no newest of many", |combine| {
        *combine != Aggregate::Last
    });
    (
        range,
        step,
        aggregates(),
        any::<bool>(),
        prop::option::of(combine),
        any::<bool>(),
    )
        .prop_map(
            |((since, length), step, aggregate, rate, combine, of_counter)| Query {
                since: unix(since) + 0.25,
                until: unix(since + length),
                step_seconds: step.map(|step| step as f64),
                aggregate,
                rate,
                by: combine.map(|_| Vec::new()),
                combine: combine.unwrap_or_default(),
                tier: Some(Tier::Raw),
                ..query(if rate || of_counter { USER } else { BUSY })
            },
        )
}

proptest! {
    #[test]
    fn raw_answers_are_those_worked_out_from_the_samples(
        machine in machines(true), query in queries(),
    ) {
        let table = answer(&machine, &query).unwrap();
        let wanted = reference::answer(&machine, &query);
        let found = rows(&table);
        prop_assert!(same(&found, &wanted, 1e-9), "found {:?}\nwanted {:?}", found, wanted);
        prop_assert!(table.times.is_sorted_by(|a, b| a < b));
        if query.rate {
            prop_assert!(values(&table).iter().flatten().all(|value| value.is_nan() || *value >= 0.0));
        }
    }

    /// The coarsest tier with the rest from finer ones says what the samples say, means
    /// within the rounding of their rows.
    #[test]
    fn answers_from_several_tiers_are_those_of_the_samples(
        machine in machines(false),
        aggregate in prop::sample::select(vec![
            Aggregate::Mean, Aggregate::Min, Aggregate::Max, Aggregate::Last, Aggregate::Count,
        ]),
        since in 0i64..1500, length in 1i64..4000,
        step in prop::sample::select(vec![10.0, 60.0, 90.0, 600.0, 1800.0]),
        summed: bool,
    ) {
        let mut query = query(BUSY);
        (query.since, query.until) = (unix(since), unix(since + length) + 0.5);
        query.step_seconds = Some(step);
        query.aggregate = aggregate;
        if summed && aggregate == Aggregate::Mean {
            query.by = Some(Vec::new());
        }
        let table = answer(&machine, &query).unwrap();
        let wanted = reference::answer(&machine, &query);
        let found = rows(&table);
        // A row's mean is rounded at each of three tiers, of three cores together.
        let tolerance = if aggregate == Aggregate::Mean { 0.05 } else { 1e-9 };
        prop_assert!(same(&found, &wanted, tolerance), "found {:?}\nwanted {:?}", found, wanted);
    }
}

#[test]
fn rows_come_as_they_were_sampled_when_there_is_no_step() {
    let machine = Machine::new(steady(20));
    let mut query = query(BUSY);
    (query.since, query.until) = (unix(3), unix(6));
    let table = answer(&machine, &query).unwrap();
    assert_eq!(table.times, [unix(3), unix(4), unix(5)]);
    assert_eq!(values(&table), [[3.0, 4.0, 5.0], [30.0, 40.0, 50.0]]);
    assert_eq!(
        (table.step_seconds, &table.tiers[..]),
        (None, &[Tier::Raw][..])
    );
    let shown: Vec<String> = table.columns.iter().map(|c| c.key.to_string()).collect();
    assert_eq!(
        shown,
        [
            r#"core_busy_percent{core="0"}"#,
            r#"core_busy_percent{core="1"}"#
        ]
    );
    assert_eq!(table.columns[0].unit, Unit::Percent);
}

#[test]
fn columns_come_in_the_order_of_the_selectors_and_each_once() {
    let machine = Machine::new(steady(3));
    let text = "core_busy_percent{core=1}, core_user_seconds_total{core=0}, core_busy_percent";
    let query = Query {
        select: Selector::parse_list(text).unwrap(),
        ..query(BUSY)
    };
    let table = answer(&machine, &query).unwrap();
    let shown: Vec<String> = table.columns.iter().map(|c| c.key.to_string()).collect();
    let wanted = [
        r#"core_busy_percent{core="1"}"#,
        r#"core_user_seconds_total{core="0"}"#,
        r#"core_busy_percent{core="0"}"#,
    ];
    assert_eq!(shown, wanted);
    assert_eq!(table.columns[1].kind, Kind::Counter);
}

#[test]
fn a_step_without_a_sample_is_a_gap() {
    let mut samples = steady(20);
    samples.drain(4..15);
    let mut query = query("core_busy_percent{core=0}");
    query.step_seconds = Some(4.0);
    let table = answer(&Machine::new(samples), &query).unwrap();
    assert_eq!(table.times, [unix(0), unix(4), unix(8), unix(12), unix(16)]);
    let values = &table.columns[0].values;
    assert_eq!((values[0], values[3], values[4]), (1.5, 15.0, 17.5));
    assert!(values[1].is_nan() && values[2].is_nan());
}

#[test]
fn a_step_wider_than_the_range_holds_the_range_only() {
    let machine = Machine::new(steady(1000));
    let mut query = query("core_busy_percent{core=0}");
    (query.since, query.until) = (unix(100), unix(103));
    query.step_seconds = Some(86_400.0);
    let table = answer(&machine, &query).unwrap();
    assert_eq!(values(&table), [[101.0]]);
    assert_eq!(table.times[0] % 86_400.0, 0.0);
}

#[test]
fn a_reset_counter_gives_a_gap_and_the_rate_is_by_the_clock_that_does_not_jump() {
    let mut samples = steady(6);
    // The wall clock is set forward by a minute, and the counter begins anew.
    for sampled in &mut samples[2..] {
        sampled.unix_us += 60 * SECOND;
    }
    for sampled in &mut samples[4..] {
        sampled.cores[0] = sampled.cores[0].map(|(busy, user)| (busy, user - 200));
    }
    let mut query = query("core_user_seconds_total{core=0}");
    query.rate = true;
    let machine = Machine::new(samples);
    let table = answer(&machine, &query).unwrap();
    assert_eq!(table.times, [unix(1), unix(62), unix(63), unix(65)]);
    assert_eq!(values(&table), [[0.5, 0.5, 0.5, 0.5]]);
    assert_eq!(table.columns[0].unit, Unit::Number);

    query.step_seconds = Some(600.0);
    query.aggregate = Aggregate::Sum;
    let table = answer(&machine, &query).unwrap();
    assert_eq!(values(&table), [[2.0]]);
    assert_eq!(table.columns[0].unit, Unit::Seconds);
}

#[test]
fn only_counters_have_a_rate() {
    let mut query = query(BUSY);
    query.rate = true;
    let error = answer(&Machine::new(steady(3)), &query).unwrap_err();
    assert!(error.to_string().contains("core_busy_percent"), "{error}");
}

#[test]
fn of_two_rows_of_one_time_the_newer_counts() {
    let mut samples = steady(4);
    samples[3].unix_us = samples[1].unix_us;
    let table = answer(&Machine::new(samples), &query("core_busy_percent{core=0}")).unwrap();
    assert_eq!(table.times, [unix(0), unix(1), unix(2)]);
    assert_eq!(values(&table), [[0.0, 3.0, 2.0]]);
}

#[test]
fn the_greatest_columns_are_found_by_what_they_come_to_over_the_range() {
    let mut samples = steady(20);
    // Core 2 is very busy, but for one second only.
    samples[5].cores[2] = Some((10_000, 0));
    let machine = Machine::new(samples);
    let mut query = query(BUSY);
    query.top = Some(1);
    let table = answer(&machine, &query).unwrap();
    assert_eq!(table.columns.len(), 1);
    assert_eq!(table.columns[0].key.labels[0].1, "1");
    query.top = Some(2);
    query.step_seconds = Some(10.0);
    let table = answer(&machine, &query).unwrap();
    let cores: Vec<&str> = table.columns.iter().map(|c| &*c.key.labels[0].1).collect();
    assert_eq!(cores, ["0", "1"]);
}

#[test]
fn columns_are_put_together_by_label() {
    let machine = Machine::new(steady(20));
    let mut query = query(BUSY);
    query.by = Some(vec!["core".into()]);
    assert_eq!(answer(&machine, &query).unwrap().columns.len(), 2);
    query.by = Some(Vec::new());
    query.combine = Aggregate::Max;
    let table = answer(&machine, &query).unwrap();
    assert_eq!(table.columns.len(), 1);
    assert_eq!(table.columns[0].key.to_string(), BUSY);
    assert_eq!(table.columns[0].values[3], 30.0);
    query.by = Some(vec!["device".into()]);
    let error = answer(&machine, &query).unwrap_err().to_string();
    assert!(
        error.contains("the labels of core_busy_percent are core"),
        "{error}"
    );
}

#[test]
fn one_after_the_other_is_not_two_at_once() {
    // Three cores take turns, each busy in its own third of a stretch.
    let mut samples = steady(60);
    for (row, sampled) in samples.iter_mut().enumerate() {
        sampled.cores = [None; CORES];
        sampled.cores[row / 4 % CORES] = Some((10_000, 0));
    }
    let mut query = query(BUSY);
    query.by = Some(Vec::new());
    query.step_seconds = Some(20.0);
    for tier in [Tier::Raw, Tier::TenSeconds] {
        query.tier = Some(tier);
        let table = answer(&Machine::new(samples.clone()), &query).unwrap();
        assert_eq!(table.columns[0].values[..2], [100.0, 100.0], "{tier:?}");
    }
}

#[test]
fn what_raw_no_longer_holds_comes_from_coarser_tiers_and_the_newest_from_finer_ones() {
    let mut machine = Machine::new(steady(4000));
    machine.kept_from_us[0] = START + 3000 * SECOND;
    let mut query = query("core_busy_percent{core=0}");
    let table = answer(&machine, &query).unwrap();
    assert_eq!(table.step_seconds, Some(10.0));
    assert_eq!(table.tiers, [Tier::Raw, Tier::TenSeconds]);
    assert_eq!(table.times.len(), 400);
    assert_eq!(table.columns[0].values[399], 3994.5);

    query.step_seconds = Some(60.0);
    let table = answer(&machine, &query).unwrap();
    assert_eq!(table.tiers, [Tier::Raw, Tier::TenSeconds, Tier::Minute]);
    assert_eq!(table.times.len(), 67);
    assert_eq!(table.columns[0].values[66], 3979.5);

    query.aggregate = Aggregate::Quantile(1.0);
    let table = answer(&machine, &query).unwrap();
    assert_eq!(table.tiers, [Tier::Raw, Tier::TenSeconds]);
    assert_eq!(table.columns[0].values[0], 54.5);
    assert_eq!(table.columns[0].values[66], 3999.0);
    assert!(table.notes[0].contains("quantiles"), "{:?}", table.notes);
}

#[test]
fn a_step_finer_than_what_is_left_is_made_wider_and_that_is_said() {
    let mut machine = Machine::new(steady(4000));
    machine.kept_from_us[0] = START + 3000 * SECOND;
    let mut query = query("core_busy_percent{core=0}");
    query.step_seconds = Some(3.0);
    let table = answer(&machine, &query).unwrap();
    assert_eq!(table.step_seconds, Some(10.0));
    assert!(
        table.notes[0].contains("from 3 to 10 seconds"),
        "{:?}",
        table.notes
    );
    query.since = unix(3500);
    let table = answer(&machine, &query).unwrap();
    assert_eq!((table.step_seconds, table.notes.len()), (Some(3.0), 0));
}

#[test]
fn an_empty_history_gives_an_empty_table() {
    let mut query = query(BUSY);
    assert!(
        answer(&Machine::new(Vec::new()), &query)
            .unwrap()
            .is_empty()
    );
    query.step_seconds = Some(60.0);
    query.until = unix(-100);
    let table = answer(&Machine::new(steady(5)), &query).unwrap();
    assert!(table.is_empty() && table.columns.is_empty());
}

#[test]
fn an_answer_that_is_too_large_is_refused_with_what_to_do() {
    let mut samples = steady(2);
    samples[1].unix_us += 30_000_000 * SECOND;
    let mut query = query(BUSY);
    query.step_seconds = Some(1.0);
    let error = answer(&Machine::new(samples), &query)
        .unwrap_err()
        .to_string();
    assert!(error.contains("a wider step"), "{error}");
}
