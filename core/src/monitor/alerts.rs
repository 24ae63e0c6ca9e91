//! Alerts through the monitor: what fires, the rules, and what somebody says to it.

use super::Monitor;
use crate::alert::{Alert, Backtest, Rule, Silence};
use crate::store::NotificationRow;
use crate::{Error, Result};

fn not_written<T>() -> Result<T> {
    Err(Error::Internal("not written yet".into()))
}

impl Monitor {
    /// Alerts that lasted in a range of time (Unix seconds), oldest first, at most `limit`, the
    /// newest. Those that are not over are in the newest state, too.
    ///
    /// # Errors
    /// `Store`, and `InvalidState` with `store_enabled` false.
    pub fn alert_history(&self, _since: f64, _until: f64, _limit: usize) -> Result<Vec<Alert>> {
        not_written()
    }

    /// The rules: the built-in ones, changed and added to by the rules' file and by those
    /// of the database; by name.
    ///
    /// # Errors
    /// `Malformed` with the place for a file that can't be read.
    pub fn alert_rules(&self) -> Result<Vec<Rule>> {
        not_written()
    }

    /// Adds a rule, or puts it in the place of the one of its name, and keeps it in the
    /// database; the text is TOML, as in the rules' file, of one rule. Answers the rule as it
    /// was understood.
    ///
    /// # Errors
    /// `Malformed` with line, column and what was probably meant; `Store`.
    pub fn set_alert_rule(&self, _toml: &str) -> Result<Rule> {
        not_written()
    }

    /// Switches a rule on or off, also a built-in one, and remembers that.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that there is not, with the nearest ones; `Store`.
    pub fn enable_alert_rule(&self, _name: &str, _enabled: bool) -> Result<()> {
        not_written()
    }

    /// Removes a rule from the database: a built-in one or one of the file is again as it
    /// was. False where the database has none of this name.
    ///
    /// # Errors
    /// `Store`, and `InvalidState` with `store_enabled` false.
    pub fn remove_alert_rule(&self, _name: &str) -> Result<bool> {
        not_written()
    }

    /// Takes note of an alert: its escalation ends. If another process monitors, it is asked
    /// to, through the database.
    ///
    /// # Errors
    /// `InvalidArgument` for a number that no alert has; `Store`.
    pub fn acknowledge_alert(&self, _id: u64, _by: &str, _note: Option<&str>) -> Result<()> {
        not_written()
    }

    /// Tells nobody of the alerts of rules whose name matches (`*` and `?` may stand in it) and
    /// whose series have these labels, for so many seconds. Answers the silence's number.
    ///
    /// # Errors
    /// `InvalidArgument`; `Store`.
    pub fn silence_alerts(
        &self,
        _rule: &str,
        _labels: &[(String, String)],
        _seconds: f64,
        _by: &str,
        _reason: Option<&str>,
    ) -> Result<u64> {
        not_written()
    }

    /// Ends a silence; false for a number that there is not.
    ///
    /// # Errors
    /// `Store`.
    pub fn end_silence(&self, _id: u64) -> Result<bool> {
        not_written()
    }

    /// The silences that are in force or still to come.
    ///
    /// # Errors
    /// `Store`.
    pub fn silences(&self) -> Result<Vec<Silence>> {
        not_written()
    }

    /// When a rule would have fired in a range of the history: the name of one that there is,
    /// or the TOML of one. `progress` is told how much is done, 0 to 1; false ends it.
    ///
    /// # Errors
    /// As [`Monitor::set_alert_rule`] and [`Monitor::query`].
    pub fn test_alert_rule(
        &self,
        _name_or_toml: &str,
        _since: f64,
        _until: f64,
        _progress: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Backtest> {
        not_written()
    }

    /// Names of the channels that there are, with their kind (`console`, `webhook` …).
    ///
    /// # Errors
    /// `Malformed` with the place for a rules' file that can't be read.
    pub fn alert_channels(&self) -> Result<Vec<(String, String)>> {
        not_written()
    }

    /// Sends a message of test to a channel and waits for what becomes of it.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that there is not. That it did not arrive is no error: see
    /// the answer.
    pub fn test_alert_channel(&self, _channel: &str) -> Result<NotificationRow> {
        not_written()
    }

    /// Who was told of what since a time (Unix seconds), oldest first, at most `limit`, the
    /// newest.
    ///
    /// # Errors
    /// `Store`, and `InvalidState` with `store_enabled` false.
    pub fn notifications(&self, _since: f64, _limit: usize) -> Result<Vec<NotificationRow>> {
        not_written()
    }
}
