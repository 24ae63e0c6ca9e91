//! The three scores, 0 to 100, each with its formula and with the parts that made it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::sample::Metrics;

/// One input of a score and the points that it cost.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ScorePart {
    /// Name of the input, e.g. `memory_percent`.
    pub name: Cow<'static, str>,
    /// Its value; `None` when it can't be read, and then it takes no part.
    pub input: Option<f64>,
    /// Points taken off for it.
    pub loss: Option<f64>,
}

/// A score and how it came about.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Score {
    /// 0 (worst) to 100; `None` when none of the inputs can be read.
    pub value: Option<f64>,
    /// The inputs.
    pub parts: Vec<ScorePart>,
}

/// Health, performance and security.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Scores {
    /// How much of the machine's resources is left.
    pub health: Score,
    /// How little work has to wait.
    pub performance: Score,
    /// How little was found: weak kernel settings and other security findings, by weight.
    pub security: Score,
}

impl Score {
    /// The part that cost most.
    pub fn worst(&self) -> Option<&ScorePart> {
        self.parts
            .iter()
            .filter(|p| p.loss.is_some_and(|l| l > 0.0))
            .max_by(|a, b| a.loss.unwrap_or(0.0).total_cmp(&b.loss.unwrap_or(0.0)))
    }
}

/// Health and performance of a machine of which only these numbers are known; security is
/// unknown then. [`State::scores`](crate::State) weighs more, where more is known.
pub fn scores_of(metrics: &Metrics) -> Scores {
    Scores {
        health: health(metrics),
        performance: performance(metrics, None),
        security: Score::default(),
    }
}

/// health = 100 − 0.4·c − 0.4·m − 0.2·d, with c, m and d the percent in use of processors,
/// memory and the root file system, and for c and m the tighter of the machine's and the
/// control group's. An input that can't be read takes no part: the weights of the others
/// are scaled up to 1.
pub(crate) fn health(metrics: &Metrics) -> Score {
    let inputs = [
        (
            "cpu_percent",
            0.4,
            tighter(metrics.cpu_percent, metrics.container_cpu_percent),
        ),
        (
            "memory_percent",
            0.4,
            tighter(metrics.memory_percent, metrics.container_memory_percent),
        ),
        ("disk_percent", 0.2, metrics.disk_percent),
    ];
    let known: f64 = inputs.iter().filter(|i| i.2.is_some()).map(|i| i.1).sum();
    of_parts(inputs.map(|(name, weight, input)| {
        (
            name,
            input,
            input.map(|used| used.clamp(0.0, 100.0) * weight / known),
        )
    }))
}

/// performance = 100 − 60·clamp((l − 1) / 4, 0, 1) − 40·p / 100, with l the mean of the three
/// load averages per processor (1: as much work as processors; 5 and more: the full loss, as
/// in the prototype) and p the worst pressure: the percent of the last 10 s in which some
/// task waited for a processor, some task for memory, all tasks for a disk, or the control
/// group was held back by its quota.
pub(crate) fn performance(metrics: &Metrics, throttled_percent: Option<f64>) -> Score {
    let load = [
        metrics.load_average_1,
        metrics.load_average_5,
        metrics.load_average_15,
    ];
    let load_per_cpu = match (load, metrics.logical_cpus) {
        ([Some(one), Some(five), Some(fifteen)], Some(cpus)) if cpus > 0 => {
            Some((one + five + fifteen) / 3.0 / cpus as f64)
        }
        _ => None,
    };
    let pressures = [
        (
            "pressure_cpu_some_percent",
            metrics.pressure_cpu_some_percent,
        ),
        (
            "pressure_memory_some_percent",
            metrics.pressure_memory_some_percent,
        ),
        ("pressure_io_full_percent", metrics.pressure_io_full_percent),
        ("throttled_percent", throttled_percent),
    ];
    let worst = pressures
        .into_iter()
        .filter_map(|(name, p)| p.map(|p| (name, p)))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    let (pressure_name, pressure) = match worst {
        Some((name, value)) => (name, Some(value)),
        None => ("pressure", None),
    };
    of_parts([
        (
            "load_average_per_cpu",
            load_per_cpu,
            load_per_cpu.map(|l| 60.0 * ((l - 1.0) / 4.0).clamp(0.0, 1.0)),
        ),
        (
            pressure_name,
            pressure,
            pressure.map(|p| 0.4 * p.clamp(0.0, 100.0)),
        ),
    ])
}

/// 100 less the losses; unknown when no input is known.
pub(crate) fn of_parts<const N: usize>(
    parts: [(&'static str, Option<f64>, Option<f64>); N],
) -> Score {
    let known = parts.iter().any(|part| part.2.is_some());
    let loss: f64 = parts.iter().filter_map(|part| part.2).sum();
    Score {
        value: known.then(|| (100.0 - loss).clamp(0.0, 100.0)),
        parts: parts
            .into_iter()
            .map(|(name, input, loss)| ScorePart {
                name: name.into(),
                input,
                loss,
            })
            .collect(),
    }
}

fn tighter(host: Option<f64>, container: Option<f64>) -> Option<f64> {
    match (host, container) {
        (Some(host), Some(container)) => Some(host.max(container)),
        (host, container) => host.or(container),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn health_is_the_prototypes_weighted_mean() {
        let metrics = Metrics {
            cpu_percent: Some(50.0),
            memory_percent: Some(25.0),
            disk_percent: Some(10.0),
            ..Metrics::default()
        };
        // 0.4·50 + 0.4·75 + 0.2·90
        assert_eq!(health(&metrics).value, Some(68.0));
    }

    #[test]
    fn health_takes_the_tighter_of_host_and_container() {
        let metrics = Metrics {
            cpu_percent: Some(10.0),
            memory_percent: Some(10.0),
            container_memory_percent: Some(90.0),
            disk_percent: Some(0.0),
            ..Metrics::default()
        };
        // 100 − 0.4·10 − 0.4·90
        assert_eq!(health(&metrics).value, Some(60.0));
        assert_eq!(health(&metrics).worst().unwrap().name, "memory_percent");
    }

    #[test]
    fn what_can_not_be_read_takes_no_part_and_nothing_known_is_no_score() {
        let metrics = Metrics {
            cpu_percent: Some(50.0),
            ..Metrics::default()
        };
        assert_eq!(health(&metrics).value, Some(50.0));
        assert_eq!(health(&Metrics::default()).value, None);
        assert_eq!(performance(&Metrics::default(), None).value, None);
    }

    #[test]
    fn performance_falls_with_load_per_processor_and_with_pressure() {
        let loaded = |load: f64, pressure: f64| {
            let metrics = Metrics {
                load_average_1: Some(load),
                load_average_5: Some(load),
                load_average_15: Some(load),
                logical_cpus: Some(4),
                pressure_cpu_some_percent: Some(pressure),
                ..Metrics::default()
            };
            performance(&metrics, None).value.unwrap()
        };
        assert_eq!(loaded(4.0, 0.0), 100.0);
        assert_eq!(loaded(12.0, 0.0), 70.0);
        assert_eq!(loaded(20.0, 0.0), 40.0);
        assert_eq!(loaded(400.0, 100.0), 0.0);
        assert_eq!(loaded(0.0, 50.0), 80.0);
    }

    proptest! {
        #[test]
        fn scores_stay_in_range_and_more_use_is_never_healthier(
            cpu in 0.0f64..=100.0, memory in 0.0f64..=100.0, more in 0.0f64..50.0,
        ) {
            let metrics = |cpu: f64| Metrics {
                cpu_percent: Some(cpu),
                memory_percent: Some(memory),
                ..Metrics::default()
            };
            let (less, more) = (health(&metrics(cpu)).value, health(&metrics(cpu + more)).value);
            prop_assert!(less.is_some_and(|s| (0.0..=100.0).contains(&s)));
            prop_assert!(more <= less);
        }
    }
}
