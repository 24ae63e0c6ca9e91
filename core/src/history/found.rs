//! What lasted at a moment of the past, as the monitor noted it then: a single sample can't
//! tell what its models had learnt.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::Result;
use crate::state::State;
use crate::store::{FindingFilter, FindingKind, StoreReader};

/// Most findings of one kind at one moment.
const MOST: usize = 1_000;

/// Puts the findings of a moment (Unix seconds) into its state. A recording has none.
pub(super) fn put(reader: &StoreReader, at: f64, state: &mut State) -> Result<()> {
    state.alerts = of_kind(reader, FindingKind::Alert, at)?;
    state.anomalies = of_kind(reader, FindingKind::Anomaly, at)?;
    state.incidents = of_kind(reader, FindingKind::Incident, at)?;
    state.insights = of_kind(reader, FindingKind::Insight, at)?;
    // What can be told of the sample alone stays where nothing was noted.
    let security = of_kind(reader, FindingKind::Security, at)?;
    if !security.is_empty() {
        state.security = security;
    }
    Ok(())
}

/// One that a newer release has written in another form is left out.
fn of_kind<T: DeserializeOwned>(
    reader: &StoreReader,
    kind: FindingKind,
    at: f64,
) -> Result<Arc<[T]>> {
    let rows = reader.findings(&FindingFilter {
        kind,
        since: at,
        until: at.next_up(),
        open_only: false,
        limit: MOST,
    })?;
    let lasted = rows
        .iter()
        .filter(|row| row.closed_at.is_none_or(|closed| closed > at));
    Ok(lasted
        .filter_map(|row| serde_json::from_str(&row.data).ok())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::History;
    use crate::history::fixture::{Live, START, settings};
    use crate::judge::Anomaly;
    use crate::store::{FindingRow, JudgedRow, Row, Store};
    use std::time::Duration;

    fn anomaly(metric: &str, opened_at: f64, closed_at: Option<f64>) -> Row {
        let anomaly = Anomaly {
            series: crate::series::SeriesKey {
                metric: metric.into(),
                labels: Vec::new(),
            },
            score: Some(0.75),
            worst_score: 1.0,
            value: None,
            expected: None,
            since: opened_at,
            updated_at: opened_at,
            incident: None,
        };
        Row::Judged(JudgedRow::Finding(FindingRow {
            kind: FindingKind::Anomaly,
            key: metric.into(),
            opened_at,
            updated_at: opened_at,
            closed_at,
            severity: None,
            title: None,
            data: serde_json::to_string(&anomaly).unwrap(),
        }))
    }

    #[test]
    fn a_state_of_the_past_has_what_lasted_then() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(settings(folder.path())).unwrap();
        for (_, frame) in Live::new().ticks(100) {
            store.append(Row::Frame(Arc::new(frame)));
        }
        store.append(anomaly("cpu_percent", START + 20.0, Some(START + 30.0)));
        store.append(anomaly("load_average_1", START + 25.0, None));
        store.flush(Duration::from_secs(20)).unwrap();
        let history = History::open(store.path()).unwrap();
        let at = |second: f64| -> Vec<String> {
            let past = history.state_at(START + second).unwrap();
            let anomalies = past.state.anomalies.iter();
            anomalies.map(|a| a.series.metric.clone()).collect()
        };
        assert!(at(19.5).is_empty());
        assert_eq!(at(20.0), ["cpu_percent"]);
        assert_eq!(at(29.9), ["cpu_percent", "load_average_1"]);
        assert_eq!(at(30.0), ["load_average_1"]);
        assert_eq!(at(99.0), ["load_average_1"]);
    }
}
