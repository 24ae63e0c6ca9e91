//! What is written to the history, and how it is read back.

use super::Optimizer;
use super::action::{Action, RiskLevel};
use super::inner::{Inner, now_unix};
use super::outcome::{ActionResult, ExecutionReport, RolledBack};
use super::records::{ChangeRecord, Explanation, HistoryEntry};
use super::target::{Priority, Target};
use crate::act::Undo;
use crate::error::{Error, Result};
use crate::logging::{Level, tell};
use crate::store::{ActionRow, HistoryRow, JournalRow, TargetRow};
use crate::tree::to_tree;

/// History rows that are looked through for those of one action.
const LOOK_BACK: usize = 10_000;

/// The serde name of a unit variant, e.g. `cleanup_disk`.
pub(super) fn name_of<T: serde::Serialize>(value: &T) -> Result<String> {
    match to_tree(value) {
        Ok(serde_json::Value::String(name)) => Ok(name),
        Ok(other) => Err(Error::Internal(format!("{other} is not a name"))),
        Err(error) => Err(Error::Internal(error.to_string())),
    }
}

fn json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::Internal(e.to_string()))
}

pub(super) fn target_row(target: &Target) -> Result<TargetRow> {
    Ok(TargetRow {
        target_type: name_of(&target.target_type)?,
        current_value: target.current_value,
        target_value: target.target_value,
        priority: name_of::<Priority>(&target.priority)?,
        description: target.description.clone(),
        optimization_method: target.optimization_method.clone(),
        estimated_impact: target.estimated_impact.clone(),
        details: Some(json(target)?),
        created_at: now_unix(),
    })
}

pub(super) fn action_row(action: &Action) -> Result<ActionRow> {
    Ok(ActionRow {
        id: 0,
        action_type: name_of(&action.action_type)?,
        target_id: action.target_id.clone(),
        description: action.description.clone(),
        priority: name_of::<Priority>(&action.priority)?,
        estimated_benefit: action.estimated_benefit,
        risk_level: name_of::<RiskLevel>(&action.risk.level)?,
        execution_time: action.execution_time,
        status: "pending".into(),
        details: Some(json(action)?),
        result: None,
        created_at: now_unix(),
    })
}

/// One action's result: in its row, and in the history.
pub(super) fn note_result(inner: &Inner, result: &ActionResult, status: &str) -> Result<()> {
    inner
        .ledger
        .set_action_status(result.action_id, status, Some(&json(result)?))?;
    inner
        .ledger
        .append_history(&HistoryRow {
            id: 0,
            optimization_type: name_of(&result.action_type)?,
            target_component: result.target_id.clone(),
            before_value: result.before_value,
            after_value: result.after_value,
            improvement_percentage: result.improvement.filter(|_| !result.dry_run),
            execution_time: Some(result.execution_time),
            status: status.into(),
            action_id: Some(result.action_id),
            verdict: Some(name_of(&result.verdict)?),
            reason: Some(result.reason.clone()),
            details: None,
            created_at: now_unix(),
        })
        .map(drop)
}

/// The prototype's row for a whole call; each action has one of its own besides.
pub(super) fn note_batch(inner: &Inner, report: &ExecutionReport) -> Result<()> {
    if report.executed == 0 {
        return Ok(());
    }
    let sum = |of: fn(&ActionResult) -> Option<f64>| {
        let measured = ExecutionReport::measurements(&report.details);
        let values: Vec<f64> = measured.into_iter().filter_map(of).collect();
        (!values.is_empty()).then(|| values.iter().sum())
    };
    let status = match (report.dry_run, report.successful > report.failed) {
        (true, _) => "demo",
        (_, true) => "completed",
        _ => "partial",
    };
    let (before, after) = match report.dry_run {
        true => (None, None),
        false => (sum(|d| d.before_value), sum(|d| d.after_value)),
    };
    inner
        .ledger
        .append_history(&HistoryRow {
            id: 0,
            optimization_type: "batch_optimization".into(),
            target_component: "system".into(),
            before_value: before,
            after_value: after,
            improvement_percentage: (!report.dry_run).then_some(report.total_benefit),
            execution_time: Some(report.execution_time),
            status: status.into(),
            action_id: None,
            verdict: None,
            reason: Some(format!(
                "{} of {} actions successful",
                report.successful, report.executed
            )),
            details: None,
            created_at: now_unix(),
        })
        .map(drop)
}

/// What was taken back, and why. That it can't be written down undoes no rollback.
pub(super) fn note_rollback(inner: &Inner, results: &[RolledBack], why: &str) {
    for result in results {
        let (status, reason) = match (&result.undo, &result.error) {
            (_, Some(error)) => ("failed", format!("{}: {error}", result.change)),
            (Some(Undo::Left(found)), _) => (
                "partial",
                format!(
                    "{}: left alone, since somebody has changed it: {found}",
                    result.change
                ),
            ),
            (Some(undo), _) => (
                "completed",
                format!("{}: {}", result.change, undo_words(undo)),
            ),
            (None, None) => ("failed", result.change.clone()),
        };
        let noted = inner.ledger.append_history(&HistoryRow {
            id: 0,
            optimization_type: "rollback".into(),
            target_component: "system".into(),
            before_value: None,
            after_value: None,
            improvement_percentage: None,
            execution_time: None,
            status: status.into(),
            action_id: Some(result.action_id),
            verdict: None,
            reason: Some(format!("{why}: {reason}")),
            details: None,
            created_at: now_unix(),
        });
        if let Err(error) = noted {
            tell(
                Level::Warn,
                format_args!("a rollback was not recorded: {error}"),
            );
        }
    }
}

fn undo_words(undo: &Undo) -> &'static str {
    match undo {
        Undo::Restored => "restored",
        Undo::Unchanged => "was not in force",
        Undo::Gone => "what was changed is no more",
        Undo::Left(_) => "left alone",
        Undo::Irreversible => "can't be taken back",
    }
}

/// What auto-optimization decided.
pub(super) fn note_decision(inner: &Inner, status: &str, reason: &str) {
    let noted = inner.ledger.append_history(&HistoryRow {
        id: 0,
        optimization_type: "auto_decision".into(),
        target_component: "system".into(),
        before_value: None,
        after_value: None,
        improvement_percentage: None,
        execution_time: None,
        status: status.into(),
        action_id: None,
        verdict: None,
        reason: Some(reason.into()),
        details: None,
        created_at: now_unix(),
    });
    if let Err(error) = noted {
        tell(
            Level::Warn,
            format_args!("a decision was not recorded: {error}"),
        );
    }
}

impl Optimizer {
    /// The newest entries of the history, newest first.
    ///
    /// # Errors
    /// `Store`.
    pub fn history(&self, limit: usize) -> Result<Vec<HistoryEntry>> {
        self.inner.check_process()?;
        let rows = self.inner.ledger.history(limit)?;
        Ok(rows.into_iter().map(entry).collect())
    }

    /// All about one action: why, what, before, after, verdict.
    ///
    /// # Errors
    /// `InvalidArgument` when there is no such action.
    pub fn explain(&self, action_id: i64) -> Result<Explanation> {
        let inner = &self.inner;
        inner.check_process()?;
        let row = inner.ledger.action(action_id)?.ok_or_else(|| {
            Error::invalid(
                "action",
                action_id,
                "the number of an action that was planned",
            )
        })?;
        let parsed = |text: &Option<String>| text.clone().unwrap_or_default();
        let history = inner.ledger.history(LOOK_BACK)?;
        Ok(Explanation {
            action_id,
            status: row.status,
            action: serde_json::from_str(&parsed(&row.details))
                .ok()
                .map(|action: Action| Action {
                    id: action_id,
                    ..action
                }),
            result: serde_json::from_str(&parsed(&row.result)).ok(),
            changes: inner
                .ledger
                .journal_of_action(action_id)?
                .iter()
                .map(change_record)
                .collect(),
            history: history
                .into_iter()
                .filter(|row| row.action_id == Some(action_id))
                .map(entry)
                .collect(),
        })
    }
}

fn entry(row: HistoryRow) -> HistoryEntry {
    HistoryEntry {
        id: row.id,
        optimization_type: row.optimization_type,
        target_component: row.target_component,
        before_value: row.before_value,
        after_value: row.after_value,
        improvement_percentage: row.improvement_percentage,
        execution_time: row.execution_time,
        status: row.status,
        action_id: row.action_id,
        verdict: row.verdict,
        reason: row.reason,
        created_at: row.created_at,
    }
}

pub(super) fn change_record(row: &JournalRow) -> ChangeRecord {
    ChangeRecord {
        id: row.id,
        action_id: row.action_id,
        about: row.about.clone(),
        state: row.state.name().into(),
        detail: row.detail.clone(),
        owner_pid: row.owner_pid,
        lease_until: row.lease_until,
        created_at: row.created_at,
    }
}
