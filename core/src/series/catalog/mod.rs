//! Every metric there is. Ids are part of the file format: a metric that goes leaves its id
//! unused for ever.

mod core;

use once_cell::sync::Lazy;

use super::metric::{Family, Metric};

pub(crate) use core::CORE;

static ALL: Lazy<Vec<Metric>> = Lazy::new(|| {
    let mut all: Vec<Metric> = Vec::new();
    all.extend(CORE.iter().map(|field| field.metric));
    all
});

/// Every metric, by family and in the order in which a frame holds them.
pub fn metrics() -> &'static [Metric] {
    &ALL
}

/// The metrics of one family, in the order of a frame's values.
pub fn of_family(family: Family) -> &'static [Metric] {
    let all = metrics();
    let start = all.partition_point(|metric| metric.family < family);
    let end = all.partition_point(|metric| metric.family <= family);
    &all[start..end]
}

/// The metric of a name.
pub fn by_name(name: &str) -> Option<&'static Metric> {
    metrics().iter().find(|metric| metric.name == name)
}

/// The metric of an id; `None` for one of a newer release.
pub fn by_id(id: u16) -> Option<&'static Metric> {
    static BY_ID: Lazy<Vec<Option<u16>>> = Lazy::new(|| {
        let most = metrics().iter().map(|metric| metric.id).max().unwrap_or(0);
        let mut places = vec![None; usize::from(most) + 1];
        for (place, metric) in metrics().iter().enumerate() {
            places[usize::from(metric.id)] = u16::try_from(place).ok();
        }
        places
    });
    let place = BY_ID.get(usize::from(id)).copied().flatten()?;
    metrics().get(usize::from(place))
}
