//! The same answers from the database as from memory.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::machine::{self, BUSY, Machine, USER};
use super::{START, answer, machines, queries, query, rows, same, steady, unix};
use crate::history::{Aggregate, History};
use crate::series::Tier;
use crate::store::series::SeriesFile;
use crate::store::{Row, Store, StoreSettings};

const WAIT: Duration = Duration::from_secs(60);

/// A database in a folder of its own, with everything that a machine has.
struct Written {
    folder: tempfile::TempDir,
}

impl Written {
    fn new(machine: &Machine) -> Written {
        let written = Written {
            folder: tempfile::tempdir().unwrap(),
        };
        let store = written.store();
        for sampled in &machine.samples {
            store.append(Row::Frame(Arc::new(machine::frame(sampled))));
        }
        store.flush(WAIT).unwrap();
        written
    }

    fn store(&self) -> Store {
        let mut settings = StoreSettings::new(self.folder.path());
        // The samples are of no time that retention should judge.
        settings.series.keep = [Duration::MAX; 4];
        Store::open(settings).unwrap()
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(crate::store::DATABASE_NAME)
    }

    fn history(&self) -> History {
        History::open(self.path()).unwrap()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn the_database_answers_as_its_samples_do(
        machine in machines(false), query in queries(), any_tier: bool,
    ) {
        let mut query = query;
        if any_tier {
            query.tier = None;
        }
        let written = Written::new(&machine);
        let found = rows(&written.history().query(&query).unwrap());
        let wanted = rows(&answer(&machine, &query).unwrap());
        prop_assert!(same(&found, &wanted, 1e-9), "found {:?}\nwanted {:?}", found, wanted);
    }
}

#[test]
fn what_was_kept_unpacked_answers_as_what_is_read_anew_while_the_file_grows() {
    let all = steady(3000);
    let written = Written::new(&Machine::new(all[..1300].to_vec()));
    let kept = written.history();
    let store = written.store();
    let mut queries = vec![query(BUSY), query(USER), query("core_busy_percent{core=1}")];
    queries[1].rate = true;
    queries[2].step_seconds = Some(60.0);
    queries[2].aggregate = Aggregate::Max;
    for sampled in all[1300..].chunks(425) {
        for query in &queries {
            let again = rows(&kept.query(query).unwrap());
            let anew = rows(&written.history().query(query).unwrap());
            assert_eq!(again, anew);
        }
        for sampled in sampled {
            store.append(Row::Frame(Arc::new(machine::frame(sampled))));
        }
        store.flush(WAIT).unwrap();
    }
    let last = kept.query(&queries[0]).unwrap();
    assert_eq!(last.times.len(), 3000);
    assert_eq!(last.columns[0].values[2999], 2999.0);
}

#[test]
fn series_are_listed_when_they_have_a_value_in_the_range() {
    let mut samples = steady(1500);
    samples[700].cores[2] = Some((1, 1));
    let written = Written::new(&Machine::new(samples));
    let history = written.history();
    let listed = |since: i64, until: i64| {
        let found = history.list(unix(since), unix(until)).unwrap();
        let keys = found.into_iter().map(|info| info.key.to_string());
        keys.collect::<Vec<_>>()
    };
    let of = |cores: &[&str]| {
        let named = |name: &'static str| {
            cores
                .iter()
                .map(move |core| format!("{name}{{core=\"{core}\"}}"))
        };
        named(BUSY).chain(named(USER)).collect::<Vec<_>>()
    };
    assert_eq!(listed(0, 1500), of(&["0", "1", "2"]));
    assert_eq!(listed(1300, 1500), of(&["0", "1"]));
    assert_eq!(listed(-5000, -4000), of(&[]));
    let all = history.list(f64::NEG_INFINITY, f64::INFINITY).unwrap();
    assert_eq!(all[0].help, "Busy: everything but idle and iowait");
}

#[test]
fn tiers_tell_how_far_they_reach() {
    let written = Written::new(&Machine::new(steady(1500)));
    let extents = written.history().extents().unwrap();
    let tiers: Vec<Tier> = extents.iter().map(|extent| extent.tier).collect();
    assert_eq!(tiers, Tier::ALL);
    let raw = extents[0];
    assert_eq!((raw.first, raw.last, raw.rows), (unix(0), unix(1499), 1500));
    let coarsest = extents[3];
    assert_eq!(
        (coarsest.first, coarsest.last, coarsest.rows),
        (unix(0), unix(1200), 2)
    );
}

#[test]
fn a_recording_has_the_raw_tier_only_and_answers_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.usm");
    let mut file = SeriesFile::create(&path).unwrap();
    for sampled in steady(700) {
        file.append(&machine::frame(&sampled)).unwrap();
    }
    file.finish().unwrap();
    let mut query = query("core_busy_percent{core=0}");
    query.step_seconds = Some(600.0);
    query.aggregate = Aggregate::Sum;
    let table = History::open(&path).unwrap().query(&query).unwrap();
    assert_eq!(table.tiers, [Tier::Raw]);
    assert_eq!(table.columns[0].values, [179_700.0, 64_950.0]);
    assert_eq!(table.times[0], (START / 1_000_000) as f64);
}

#[test]
fn a_torn_block_is_left_out_and_that_is_said_each_time() {
    let written = Written::new(&Machine::new(steady(3000)));
    let connection = crate::store::open_beside(written.path()).unwrap();
    let damaged = connection
        .execute(
            "UPDATE series_parts SET data = zeroblob(length(data)) WHERE id = \
             (SELECT max(id) FROM series_parts)",
            [],
        )
        .unwrap();
    assert_eq!(damaged, 1);
    let history = written.history();
    for _ in 0..2 {
        let table = history.query(&query(BUSY)).unwrap();
        assert!(table.times.len() < 3000 && !table.is_empty());
        assert_eq!(table.notes.len(), 1, "{:?}", table.notes);
    }
}
