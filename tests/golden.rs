//! The whole sampler over every captured tree: nothing panics, nothing is made up, and what
//! the tree lacks is absent with a reason. Values are checked where each reader stands.

// The whole file is tests, their helpers too.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use serde_json::Value;
use usm_core::sample::{Moment, Roots};
use usm_core::{Metrics, Sample, Sampler, SamplerSettings};

fn trees() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut trees: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("proc").is_dir())
        .collect();
    trees.sort();
    trees
}

/// Two samples of a tree, ten seconds apart.
fn samples(tree: &Path) -> [Sample; 2] {
    let settings = SamplerSettings {
        roots: Roots::tree(tree),
        ..SamplerSettings::default()
    };
    let mut sampler = Sampler::new(settings).unwrap();
    [0.0, 10.0].map(|seconds| {
        let moment = Moment {
            unix_seconds: 1_700_000_000.0 + seconds,
            monotonic_seconds: 1000.0 + seconds,
        };
        let mut sample = Sample::default();
        sampler.sample_at(moment, &mut sample).unwrap();
        sample
    })
}

/// Every number below a value, with its name.
fn numbers(name: &str, value: &Value, out: &mut Vec<(String, f64)>) {
    match value {
        Value::Number(number) => out.push((name.to_string(), number.as_f64().unwrap())),
        Value::Array(items) => items.iter().for_each(|item| numbers(name, item, out)),
        Value::Object(fields) => {
            fields
                .iter()
                .for_each(|(field, value)| numbers(field, value, out));
        }
        _ => {}
    }
}

#[test]
fn every_tree_is_read_and_no_value_is_absurd() {
    let trees = trees();
    assert!(trees.len() >= 10, "{trees:?}");
    for tree in trees {
        for sample in samples(&tree) {
            let mut found = Vec::new();
            numbers("", &serde_json::to_value(&sample).unwrap(), &mut found);
            numbers(
                "",
                &serde_json::to_value(Metrics::of(&sample)).unwrap(),
                &mut found,
            );
            for (name, value) in found {
                let may_be_negative = name == "nice" || name == "value";
                assert!(
                    may_be_negative || value >= 0.0,
                    "{}: {name} {value}",
                    tree.display()
                );
                // A process's percent is of one core; the sampled trees have no rates of it.
                let is_share = name.ends_with("_percent") && !name.contains("core");
                assert!(
                    !is_share || value <= 100.0,
                    "{}: {name} {value}",
                    tree.display()
                );
            }
            let text = serde_json::to_string(&sample).unwrap();
            let back: Sample = serde_json::from_str(&text).unwrap();
            assert_eq!(back, sample, "{}", tree.display());
        }
    }
}

#[test]
fn the_first_sample_has_no_rates_and_the_second_of_a_still_tree_has_zeros() {
    for tree in trees() {
        let [first, second] = samples(&tree);
        let mut found = Vec::new();
        numbers("", &serde_json::to_value(&first).unwrap(), &mut found);
        let rates = found.iter().filter(|(name, _)| name.ends_with("_per_sec"));
        assert_eq!(rates.count(), 0, "{}", tree.display());
        assert_eq!(first.interval_seconds, None);
        assert_eq!(second.interval_seconds, Some(10.0));
        let mut found = Vec::new();
        numbers("", &serde_json::to_value(&second).unwrap(), &mut found);
        for (name, rate) in found.iter().filter(|(name, _)| name.ends_with("_per_sec")) {
            assert!(rate.abs() < 1e-9, "{}: {name} {rate}", tree.display());
        }
    }
}

#[test]
fn a_wall_clock_that_jumps_back_changes_no_rate() {
    let tree = trees()
        .into_iter()
        .find(|t| t.ends_with("linux-6.18-vm"))
        .unwrap();
    let settings = SamplerSettings {
        roots: Roots::tree(&tree),
        ..SamplerSettings::default()
    };
    let mut sampler = Sampler::new(settings).unwrap();
    let mut sample = Sample::default();
    for (unix_seconds, monotonic_seconds) in [(1.7e9, 100.0), (1.6e9, 102.0)] {
        sampler
            .sample_at(
                Moment {
                    unix_seconds,
                    monotonic_seconds,
                },
                &mut sample,
            )
            .unwrap();
    }
    assert_eq!(sample.interval_seconds, Some(2.0));
    assert_eq!(sample.cpu.context_switches_per_sec, Some(0.0));
    // A clock that stands still or goes back gives no rate at all.
    let back = Moment {
        unix_seconds: 1.7e9,
        monotonic_seconds: 90.0,
    };
    sampler.sample_at(back, &mut sample).unwrap();
    assert_eq!(
        (sample.interval_seconds, sample.cpu.context_switches_per_sec),
        (None, None)
    );
}

#[test]
fn an_old_kernel_without_pressure_says_so() {
    let tree = trees()
        .into_iter()
        .find(|t| t.ends_with("linux-2.6.32-no-psi"))
        .unwrap();
    let [sample, _] = samples(&tree);
    assert_eq!(sample.pressure.cpu, None);
    assert!(sample.memory.available_is_estimated);
    let missing: Vec<&str> = sample
        .unavailable
        .iter()
        .map(|r| r.source.as_str())
        .collect();
    assert!(
        missing
            .iter()
            .any(|source| source.ends_with("proc/pressure/cpu")),
        "{missing:?}"
    );
    assert!(
        sample
            .unavailable
            .iter()
            .all(|report| report.reason.is_some())
    );
}
