//! Alerts through the monitor: what fires, the rules, and what somebody says to it.

use std::path::Path;

use super::{Monitor, rules};
use crate::alert::{Alert, Backtest, Book, Rule, RuleSet, Silence};
use crate::history::History;
use crate::store::{
    FindingFilter, FindingKind, JudgedRow, NotificationRow, Request, RequestRow, Row, RuleRow,
    StoreReader,
};
use crate::{Error, Result, sys};

impl Monitor {
    /// Alerts that lasted in a range of time (Unix seconds), oldest first, at most `limit`, the
    /// newest. Those that are not over are in the newest state, too.
    ///
    /// # Errors
    /// `Store`, and `InvalidState` with `store_enabled` false.
    pub fn alert_history(&self, since: f64, until: f64, limit: usize) -> Result<Vec<Alert>> {
        let rows = self.findings(&FindingFilter {
            kind: FindingKind::Alert,
            since,
            until,
            open_only: false,
            limit,
        })?;
        rows.iter()
            .map(|row| {
                serde_json::from_str(&row.data)
                    .map_err(|error| Error::Internal(format!("alert {}: {error}", row.key)))
            })
            .collect()
    }

    /// The rules: the built-in ones, changed and added to by the rules' file and by those
    /// of the database; by name.
    ///
    /// # Errors
    /// `Malformed` with the place for a file that can't be read.
    pub fn alert_rules(&self) -> Result<Vec<Rule>> {
        self.check_process()?;
        let mut rules = self.shared.alerts.rules().rules.clone();
        crate::arrange::arrange_by(&mut rules, |a, b| a.name.cmp(&b.name));
        Ok(rules)
    }

    /// Adds a rule, or puts it in the place of the one of its name, and keeps it in the
    /// database; the text is TOML, as in the rules' file, of one rule. Answers the rule as it
    /// was understood.
    ///
    /// # Errors
    /// `Malformed` with line, column and what was probably meant; `Store`.
    pub fn set_alert_rule(&self, toml: &str) -> Result<Rule> {
        self.check_process()?;
        let rule = Rule::parse_toml(toml)?;
        let _changing = self.shared.lock_rules();
        self.put_rule(rule)
    }

    /// Switches a rule on or off, also a built-in one, and remembers that.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that there is not, with the nearest ones; `Store`.
    pub fn enable_alert_rule(&self, name: &str, enabled: bool) -> Result<()> {
        self.check_process()?;
        let _changing = self.shared.lock_rules();
        let rule = self.shared.alerts.rules().switched(name, enabled)?;
        self.put_rule(rule).map(drop)
    }

    /// Removes a rule from the database: a built-in one or one of the file is again as it
    /// was. False where the database has none of this name.
    ///
    /// # Errors
    /// `Store`, and `InvalidState` with `store_enabled` false.
    pub fn remove_alert_rule(&self, name: &str) -> Result<bool> {
        self.check_process()?;
        let store = self.shared.store()?;
        let _changing = self.shared.lock_rules();
        store.flush(self.patience())?;
        let path = store.path().to_path_buf();
        let read = self
            .shared
            .pool
            .submit(move || StoreReader::open(&path)?.rules())?;
        let known = read.wait(self.patience())??;
        if !known.iter().any(|row| row.name == name) {
            return Ok(false);
        }
        self.keep_rule(name, None)?;
        let load = |_: &RuleSet| rules::load(&self.config(), self.shared.store.as_ref());
        self.shared.put_rules(load)?;
        Ok(true)
    }

    /// Takes note of an alert: its escalation ends. If another process monitors, it is asked
    /// to, through the database.
    ///
    /// # Errors
    /// `InvalidArgument` for a number that no alert has; `Store`.
    pub fn acknowledge_alert(&self, id: u64, by: &str, note: Option<&str>) -> Result<()> {
        self.ask(Request::Acknowledge {
            id,
            by: by.to_owned(),
            note: note.map(str::to_owned),
        })
        .map(drop)
    }

    /// Tells nobody of the alerts of rules whose name matches (`*` and `?` may stand in it) and
    /// whose series have these labels, for so many seconds. Answers the silence's number; `None`
    /// when another process monitors, which is asked to through the database.
    ///
    /// # Errors
    /// `InvalidArgument`; `Store`.
    pub fn silence_alerts(
        &self,
        rule: &str,
        labels: &[(String, String)],
        seconds: f64,
        by: &str,
        reason: Option<&str>,
    ) -> Result<Option<u64>> {
        if !(seconds > 0.0 && seconds <= MOST_SILENT) {
            let allowed = "more than 0 s, at most a year (31622400 s)";
            return Err(Error::invalid("seconds", seconds, allowed));
        }
        let from = sys::moment().unix_seconds;
        let silence = Silence {
            id: 0,
            rule: rule.to_owned(),
            labels: labels.to_vec(),
            from,
            until: from + seconds,
            by: by.to_owned(),
            reason: reason.map(str::to_owned),
        };
        self.ask(Request::Silence(silence))
    }

    /// Ends a silence; false for a number that there is not.
    ///
    /// # Errors
    /// `Store`.
    pub fn end_silence(&self, id: u64) -> Result<bool> {
        match self.ask(Request::Unsilence { id }) {
            Ok(_) => Ok(true),
            Err(Error::InvalidArgument { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The silences that are in force or still to come.
    ///
    /// # Errors
    /// `Store`.
    pub fn silences(&self) -> Result<Vec<Silence>> {
        self.check_process()?;
        self.shared.look_into_memory();
        Ok(self.shared.alerts.lock_book().silences().to_vec())
    }

    /// The silences in a database that a monitor writes, in this process or another. Only
    /// reads.
    ///
    /// # Errors
    /// `NotFound` and the like; `Store`.
    pub fn silences_in(database: impl AsRef<Path>) -> Result<Vec<Silence>> {
        let reader = StoreReader::open(database)?;
        match reader.model_memory(super::memory::BOOK, Book::MEMORY_VERSION)? {
            Some((_, data)) => Ok(Book::restored(&data)?.silences().to_vec()),
            None => Ok(Vec::new()),
        }
    }

    /// When a rule would have fired in a range of the history: the name of one that there is,
    /// or the TOML of one. `progress` is told how much is done, 0 to 1; false ends it.
    ///
    /// # Errors
    /// As [`Monitor::set_alert_rule`] and [`Monitor::query`].
    pub fn test_alert_rule(
        &self,
        name_or_toml: &str,
        since: f64,
        until: f64,
        progress: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Backtest> {
        self.check_process()?;
        let known = self.shared.alerts.rules();
        let rule = match known.named(name_or_toml) {
            Ok(rule) => rule.clone(),
            // What has several lines, or a sign that no name has, is a rule itself.
            Err(error) if !name_or_toml.contains('=') => return Err(error),
            Err(_) => Rule::parse_toml(name_or_toml)?,
        };
        let alone = RuleSet {
            rules: vec![rule],
            default_channels: known.default_channels.clone(),
            channels: known.channels.clone(),
        };
        self.commit_for_reading()?;
        let path = self.shared.store()?.path();
        History::open(path)?.backtest(&alone, since, until, progress)
    }

    /// Names of the channels that there are, with their kind (`console`, `webhook` …).
    ///
    /// # Errors
    /// `Malformed` with the place for a rules' file that can't be read.
    pub fn alert_channels(&self) -> Result<Vec<(String, String)>> {
        self.check_process()?;
        let channels = rules::channels(&self.shared.alerts.rules())?;
        let kinds = channels.into_iter();
        Ok(kinds
            .map(|(name, channel)| (name, channel.kind().to_owned()))
            .collect())
    }

    /// Sends a message of test to a channel and waits for what becomes of it.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that there is not. That it did not arrive is no error: see
    /// the answer.
    pub fn test_alert_channel(&self, channel: &str) -> Result<NotificationRow> {
        self.check_process()?;
        self.shared.alerts.test_channel(&self.shared, channel)
    }

    /// Who was told of what since a time (Unix seconds), oldest first, at most `limit`, the
    /// newest.
    ///
    /// # Errors
    /// `Store`, and `InvalidState` with `store_enabled` false.
    pub fn notifications(&self, since: f64, limit: usize) -> Result<Vec<NotificationRow>> {
        self.check_process()?;
        let path = self.shared.store()?.path().to_path_buf();
        let query = self
            .shared
            .pool
            .submit(move || StoreReader::open(&path)?.notifications(since, limit))?;
        query.wait(self.patience())?
    }
}

/// Longest silence, seconds.
const MOST_SILENT: f64 = 366.0 * 86_400.0;

impl Monitor {
    /// Takes a rule up, here and in the database; with the lock of the rules.
    fn put_rule(&self, rule: Rule) -> Result<Rule> {
        let mut rules = RuleSet::clone(&self.shared.alerts.rules());
        rules.put(rule.clone());
        rules.check_channels()?;
        let alone = RuleSet {
            rules: vec![rule.clone()],
            ..RuleSet::default()
        };
        if self.shared.store.is_some() {
            self.keep_rule(&rule.name, Some(alone.to_toml()))?;
        }
        self.shared.put_rules(|in_force| {
            let mut rules = in_force.clone();
            rules.put(rule.clone());
            Ok(rules)
        })?;
        Ok(rule)
    }

    /// Writes a rule into the database, or removes it there, and has other processes that
    /// monitor read it.
    fn keep_rule(&self, name: &str, toml: Option<String>) -> Result<()> {
        let now = sys::moment().unix_seconds;
        let store = self.shared.store()?;
        store.append(Row::Judged(JudgedRow::Rule(RuleRow {
            name: name.to_owned(),
            toml,
            updated_at: now,
        })));
        store.append(Row::Judged(JudgedRow::Request(RequestRow {
            id: 0,
            made_at: now,
            request: Request::ReloadRules,
        })));
        store.flush(self.patience())
    }

    /// Does it here when this monitor is active, else asks the process that monitors.
    fn ask(&self, request: Request) -> Result<Option<u64>> {
        self.check_process()?;
        let now = sys::moment().unix_seconds;
        if self.is_active() {
            return self.shared.answer(&request, now);
        }
        self.check_request(&request)?;
        let store = self.shared.store()?;
        store.append(Row::Judged(JudgedRow::Request(RequestRow {
            id: 0,
            made_at: now,
            request,
        })));
        store.flush(self.patience())?;
        Ok(None)
    }

    /// Refuses what the other process would have to refuse, as far as the database tells.
    fn check_request(&self, request: &Request) -> Result<()> {
        let Request::Acknowledge { id, .. } = request else {
            return Ok(());
        };
        let open = self.findings(&FindingFilter {
            kind: FindingKind::Alert,
            since: 0.0,
            until: f64::INFINITY,
            open_only: true,
            limit: 10_000,
        })?;
        let name = id.to_string();
        if open.iter().any(|row| row.key == name) {
            return Ok(());
        }
        let ids: Vec<&str> = open.iter().map(|row| row.key.as_str()).collect();
        let allowed = match ids.is_empty() {
            true => "no alert is firing".to_owned(),
            false => format!(
                "the number of an alert that is not over: {}",
                ids.join(", ")
            ),
        };
        Err(Error::invalid("alert", id, allowed))
    }
}
