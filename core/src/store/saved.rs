//! Reading what programs saved in the prototype's tables.

use super::query::StoreReader;
use crate::Result;

/// An alert that a program saved itself. Of what it wrote as something else than the table
/// promises nothing is known.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SavedAlert {
    /// Its number; the engine's alerts have others.
    pub id: i64,
    /// When it was of, Unix seconds.
    pub timestamp: f64,
    /// Name of the rule.
    pub alert_type: String,
    /// What was looked at.
    pub metric_name: String,
    /// Its value.
    pub metric_value: Option<f64>,
    /// What it was held against.
    pub threshold: Option<f64>,
    /// As the program called it.
    pub severity: String,
    /// In words.
    pub message: String,
    /// Somebody took note of it.
    pub acknowledged: bool,
    /// Who.
    pub acknowledged_by: Option<String>,
    /// When, Unix seconds.
    pub acknowledged_at: Option<f64>,
}

/// A column as a number, as far as it is one.
fn number(column: &str) -> String {
    format!("CASE WHEN typeof({column}) IN ('integer', 'real') THEN CAST({column} AS REAL) END")
}

/// A column as a text; of bytes that are none nothing.
fn text(column: &str) -> String {
    format!("CASE WHEN typeof({column}) <> 'blob' THEN CAST({column} AS TEXT) END")
}

impl StoreReader {
    /// The alerts that programs saved in `alerts`, of a time from `since` to before `until`
    /// (Unix seconds), the oldest first, at most `limit`.
    ///
    /// # Errors
    /// `Store` when the file can't be read.
    pub fn saved_alerts(&self, since: f64, until: f64, limit: usize) -> Result<Vec<SavedAlert>> {
        if !self.has_table("saved_alerts")? {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT id, timestamp, {}, {}, {}, {}, {}, {}, ifnull(acknowledged, 0) <> 0, {}, {} \
             FROM saved_alerts WHERE typeof(timestamp) IN ('integer', 'real') \
             AND timestamp >= ?1 AND timestamp < ?2 ORDER BY timestamp, id LIMIT ?3",
            text("alert_type"),
            text("metric_name"),
            number("metric_value"),
            number("threshold"),
            text("severity"),
            text("message"),
            text("acknowledged_by"),
            number("acknowledged_at"),
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.rows(&sql, (since, until, limit), |row| {
            let text = |place: usize| row.get::<_, Option<String>>(place);
            Ok(SavedAlert {
                id: row.get(0)?,
                timestamp: row.get(1)?,
                alert_type: text(2)?.unwrap_or_default(),
                metric_name: text(3)?.unwrap_or_default(),
                metric_value: row.get(4)?,
                threshold: row.get(5)?,
                severity: text(6)?.unwrap_or_default(),
                message: text(7)?.unwrap_or_default(),
                acknowledged: row.get(8)?,
                acknowledged_by: text(9)?,
                acknowledged_at: row.get(10)?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Store, StoreSettings};

    #[test]
    fn what_a_program_saved_is_read_whatever_it_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(StoreSettings::new(folder.path())).unwrap();
        store.flush(std::time::Duration::from_secs(20)).unwrap();
        let program = crate::store::open_beside(store.path()).unwrap();
        program
            .execute_batch(
                "INSERT INTO alerts (timestamp, alert_type, metric_name, metric_value, threshold, \
                 severity, message, acknowledged, acknowledged_by, acknowledged_at) VALUES \
                 (20.5, 'mine', 'queue', 7, 5.0, 'warning', 'long', 1, 'kim', 21), \
                 (10, 'odd', x'ff', 'many', NULL, 'loud', NULL, NULL, 5, 'noon'), \
                 (99, 'later', 'queue', 7, 5, 'info', '', 0, NULL, NULL)",
            )
            .unwrap();
        let reader = StoreReader::open(store.path()).unwrap();
        let found = reader.saved_alerts(5.0, 99.0, 10).unwrap();
        let names: Vec<&str> = found.iter().map(|one| one.alert_type.as_str()).collect();
        assert_eq!(names, ["odd", "mine"]);
        let odd = &found[0];
        assert_eq!((odd.metric_value, odd.metric_name.as_str()), (None, ""));
        assert_eq!(odd.acknowledged_by.as_deref(), Some("5"));
        let mine = &found[1];
        assert_eq!((mine.metric_value, mine.threshold), (Some(7.0), Some(5.0)));
        assert!(mine.acknowledged && mine.acknowledged_at == Some(21.0));
        assert_eq!(reader.saved_alerts(0.0, 100.0, 1).unwrap().len(), 1);
    }
}
