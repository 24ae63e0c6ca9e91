//! What goes in comes out exactly, and what is damaged is found.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::series::ABSENT;

/// Values as metrics have them: noise, ramps with resets, steps, holes, and anything.
fn values(rows: usize) -> impl Strategy<Value = Vec<i64>> {
    let wild = prop::collection::vec(any::<i64>(), rows);
    let extreme = prop::sample::select(vec![ABSENT, ABSENT + 1, -1, 0, 1, i64::MAX]);
    let extremes = prop::collection::vec(extreme, rows);
    let noise = prop::collection::vec(-300i64..10_000, rows);
    let few = prop::collection::vec(
        prop::sample::select(vec![ABSENT, 0, 0, 0, 4096, 8192]),
        rows,
    );
    let ramp = (
        any::<i32>(),
        prop::collection::vec(prop_oneof![9 => 0i64..5000, 1 => Just(-1)], rows),
    )
        .prop_map(|(first, steps)| {
            let mut value = i64::from(first);
            let go = |step: i64| {
                value = if step < 0 { 0 } else { value + 512 * step };
                value
            };
            steps.into_iter().map(go).collect()
        });
    prop_oneof![
        wild,
        extremes,
        noise,
        few,
        ramp,
        any::<i64>().prop_map(move |value| vec![value; rows]),
    ]
}

fn label() -> impl Strategy<Value = Option<Arc<str>>> {
    prop_oneof![
        Just(None),
        "[a-z]{0,9}".prop_map(|text| Some(text.into())),
        any::<i64>().prop_map(|number| Some(number.to_string().into())),
        prop::sample::select(vec!["007", "+1", "-0", "ä€𝄞", "user"])
            .prop_map(|text| Some(text.into())),
    ]
}

/// Headline, core and made-up metrics: with and without a rate to predict from.
fn columns(rows: usize) -> impl Strategy<Value = Vec<Column>> {
    let metric = prop::sample::select(vec![600u16, 601, 610, 620, 65_535]);
    let key = (metric, prop::sample::select(Sub::ALL.to_vec()));
    prop::collection::btree_map(key, values(rows), 0..8).prop_map(|columns| {
        let column = |((metric, sub), values)| Column {
            metric,
            sub,
            values,
        };
        columns.into_iter().map(column).collect()
    })
}

fn entity(rows: usize) -> impl Strategy<Value = EntityColumns> {
    let labels = prop::collection::vec(label(), 0..4);
    let present = prop::option::of(prop::collection::vec(any::<bool>(), rows));
    (labels, present, columns(rows)).prop_map(|(labels, present, mut columns)| {
        for (row, there) in present.iter().flatten().enumerate() {
            let hide = |column: &mut Column| column.values[row] = ABSENT;
            if !there {
                columns.iter_mut().for_each(hide);
            }
        }
        EntityColumns {
            entity: Entity::new(labels),
            present,
            columns,
        }
    })
}

fn times(rows: usize) -> impl Strategy<Value = Times> {
    let steady = (any::<i32>(), prop::collection::vec(-3i64..4, rows)).prop_map(|(first, late)| {
        let at = |(row, late): (usize, &i64)| 1_000_000 * row as i64 + 1000 * late;
        let second: Vec<i64> = late.iter().enumerate().map(at).collect();
        let unix = |second: &i64| second + i64::from(first) * 1_000_000;
        Times {
            unix_us: second.iter().map(unix).collect(),
            second,
        }
    });
    let wild = (
        prop::collection::vec(any::<i64>(), rows),
        prop::collection::vec(any::<i64>(), rows),
    )
        .prop_map(|(unix_us, second)| Times { unix_us, second });
    prop_oneof![steady, wild]
}

fn block() -> impl Strategy<Value = (Vec<EntityColumns>, Times)> {
    (0usize..40).prop_flat_map(|rows| (prop::collection::vec(entity(rows), 0..5), times(rows)))
}

/// Reads everything that a part holds.
fn read_all(bytes: Vec<u8>, times: &Times) -> Result<Vec<EntityColumns>, Damage> {
    let view = PartView::open(bytes)?;
    let mut entities = Vec::new();
    for (place, entity) in view.entities().iter().enumerate() {
        let mut columns = Vec::new();
        for (metric, sub) in view.columns(place) {
            let values = view.read(place, metric, sub, times)?;
            let values = values.ok_or(Damage("a column is named but not there"))?;
            columns.push(Column {
                metric,
                sub,
                values,
            });
        }
        entities.push(EntityColumns {
            entity: entity.clone(),
            present: view.present(place)?,
            columns,
        });
    }
    Ok(entities)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_part_comes_back_as_it_was((entities, times) in block()) {
        let bytes = pack_part(&entities, &times);
        let view = PartView::open(bytes.clone()).unwrap();
        prop_assert_eq!(view.rows(), times.unix_us.len());
        prop_assert_eq!(read_all(bytes, &times).unwrap(), entities);
    }

    #[test]
    fn times_come_back_as_they_were(times in (0usize..50).prop_flat_map(times)) {
        prop_assert_eq!(unpack_times(&pack_times(&times)).unwrap(), times);
    }

    #[test]
    fn a_text_comes_back_as_it_was(text in "\\PC{0,300}") {
        prop_assert_eq!(unpack_text(&pack_text(&text)).unwrap(), text);
    }

    #[test]
    fn a_changed_bit_is_found((entities, times) in block(), at in any::<prop::sample::Index>()) {
        for packed in [pack_part(&entities, &times), pack_times(&times), pack_text("a text")] {
            let bit = at.index(packed.len() * 8);
            let mut damaged = packed.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(PartView::open(damaged.clone()).is_err());
            prop_assert!(unpack_times(&damaged).is_err());
            prop_assert!(unpack_text(&damaged).is_err());
        }
    }

    #[test]
    fn what_is_torn_off_is_missed((entities, times) in block(), at in any::<prop::sample::Index>()) {
        for packed in [pack_part(&entities, &times), pack_times(&times), pack_text("a text")] {
            let torn = packed[..at.index(packed.len())].to_vec();
            prop_assert!(PartView::open(torn.clone()).is_err());
            prop_assert!(unpack_times(&torn).is_err());
            prop_assert!(unpack_text(&torn).is_err());
        }
    }

    /// Whoever makes bytes to harm can make the checksum fit too: then anything may come
    /// out, but something does.
    #[test]
    fn hostile_bytes_with_a_right_checksum_do_no_harm(
        (entities, times) in block(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        noise in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        for mut body in [pack_part(&entities, &times)[5..].to_vec(), pack_times(&times)[5..].to_vec(), noise] {
            for (at, byte) in &changes {
                if !body.is_empty() {
                    let at = at.index(body.len());
                    body[at] = *byte;
                }
            }
            let bytes = envelope::seal(&body);
            let _ = read_all(bytes.clone(), &times);
            let _ = unpack_times(&bytes);
            let _ = unpack_text(&bytes);
        }
    }
}

#[test]
fn another_version_is_told_apart() {
    let mut bytes = pack_text("a text");
    bytes[0] += 1;
    assert_eq!(
        unpack_text(&bytes),
        Err(Damage("it is of another format version"))
    );
}

#[test]
fn many_equal_columns_take_next_to_nothing_and_still_open() {
    let rows = 20;
    let times = Times {
        unix_us: (0..rows).map(|row| row * 1_000_000).collect(),
        second: (0..rows).map(|row| row * 1_000_000).collect(),
    };
    let column = |metric| Column {
        metric,
        sub: Sub::Value,
        values: vec![0; rows as usize],
    };
    let entities: Vec<EntityColumns> = (0..500)
        .map(|number: i32| EntityColumns {
            entity: Entity::new([Some(number.to_string().into())]),
            present: None,
            columns: (0..40).map(column).collect(),
        })
        .collect();
    let bytes = pack_part(&entities, &times);
    assert!(bytes.len() < 4_000, "{} bytes", bytes.len());
    assert_eq!(read_all(bytes, &times).unwrap(), entities);
}

fn ticks(rows: i64) -> Times {
    let unix_us = (0..rows).map(|row| 1_795_871_902_214_000 + row * 1_000_000);
    Times {
        unix_us: unix_us.collect(),
        second: (0..rows).map(|row| row * 1_000_000).collect(),
    }
}

/// Noise that is the same on every machine.
fn noise(rows: i64) -> impl Iterator<Item = i64> {
    (0..rows).map(|row| (row * row * 7919 + row * 104_729) % 10_007)
}

#[test]
fn columns_that_follow_from_others_take_next_to_nothing() {
    let rows = 600;
    let times = ticks(rows);
    let column = |metric, values| Column {
        metric,
        sub: Sub::Value,
        values,
    };
    let busy: Vec<i64> = noise(rows).collect();
    let idle: Vec<i64> = busy.iter().map(|busy| 10_000 - busy).collect();
    // A hundred ticks a second; the rate is that of the second before.
    let mut ticks = 4711;
    let total = |idle: &i64| {
        ticks += (idle + 50) / 100;
        ticks
    };
    let total: Vec<i64> = idle.iter().map(total).collect();
    let alone = [column(602, busy.clone())];
    let all = [
        column(602, busy),
        column(601, idle),
        column(610, total),
        column(620, vec![3600; 600]),
    ];
    let pack = |columns: &[Column]| {
        let entity = EntityColumns {
            entity: Entity::single(),
            present: None,
            columns: columns.to_vec(),
        };
        let entities = vec![entity];
        let bytes = pack_part(&entities, &times);
        let size = bytes.len();
        assert_eq!(read_all(bytes, &times).unwrap(), entities);
        size
    };
    let (alone, all) = (pack(&alone), pack(&all));
    assert!(all < alone + 80, "{alone} bytes, with the others {all}");
}

#[test]
fn columns_that_refer_to_each_other_are_damage() {
    let recipe = column::Recipe {
        known: column::Known::Always,
        predictor: predict::Predictor::Sibling,
        other: 0,
        ..column::Recipe::ABSENT
    };
    let entry = directory::Entry {
        keys: Arc::new([(600, Sub::Value)]),
        runs: None,
        recipes: vec![recipe],
    };
    let directory = directory::write(&[(&Entity::single(), &entry)], 2);
    let mut body = vec![2, directory.len() as u8];
    body.extend_from_slice(&directory);
    let times = ticks(2);
    assert_eq!(
        read_all(envelope::seal(&body), &times),
        Err(Damage("columns refer to each other"))
    );
}

#[test]
fn a_part_is_not_read_with_the_times_of_another_block() {
    let column = Column {
        metric: 600,
        sub: Sub::Value,
        values: noise(5).collect(),
    };
    let entity = EntityColumns {
        entity: Entity::single(),
        present: None,
        columns: vec![column],
    };
    let bytes = pack_part(&[entity], &ticks(5));
    assert!(read_all(bytes, &ticks(6)).is_err());
}

#[test]
fn texts_that_repeat_take_little() {
    let line = "/usr/lib/jvm/bin/java -Xmx4g -cp /opt/service/lib/all.jar com.example.Service";
    let text: String = (0..50).map(|n| format!("{line} --shard {n}\n")).collect();
    let packed = pack_text(&text);
    assert!(packed.len() < 300, "{} bytes", packed.len());
    assert_eq!(unpack_text(&packed).unwrap(), text);
}
