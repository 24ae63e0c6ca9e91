//! Rows that a program writes itself into `performance_optimizer.db`.

use super::Optimizer;
use super::action::Action;
use super::diagnosis::{save_actions, save_targets};
use super::inner::now_unix;
use super::target::Target;
use crate::error::{Error, Result};
use crate::store::HistoryRow;

impl Optimizer {
    /// Stores a target; answers its row.
    ///
    /// # Errors
    /// `Store`.
    pub fn record_target(&self, target: Target) -> Result<i64> {
        self.inner.check_process()?;
        let mut rows = [target];
        save_targets(&self.inner, &mut rows)?;
        Ok(rows[0].id)
    }

    /// Stores an action as `pending`; answers its row.
    ///
    /// # Errors
    /// `Store`.
    pub fn record_action(&self, action: Action) -> Result<i64> {
        self.inner.check_process()?;
        let mut rows = [action];
        save_actions(&self.inner, &mut rows)?;
        Ok(rows[0].id)
    }

    /// Says of a stored action, and of no other, that it is `completed` or has `failed`.
    ///
    /// # Errors
    /// `InvalidState` if there is no such row; `Store`.
    pub fn mark_action(&self, action_id: i64, has_succeeded: bool) -> Result<()> {
        self.inner.check_process()?;
        let status = match has_succeeded {
            true => "completed",
            false => "failed",
        };
        self.inner.ledger.set_action_status(action_id, status, None)
    }

    /// Adds a row for actions that were executed elsewhere to the history. What was not
    /// measured is left out.
    ///
    /// # Errors
    /// `InvalidArgument` for a time that is no time; `Store`.
    pub fn record_batch(&self, successful: u64, failed: u64, seconds: f64) -> Result<i64> {
        self.inner.check_process()?;
        if !(seconds.is_finite() && seconds >= 0.0) {
            return Err(Error::invalid(
                "execution_time",
                seconds,
                "seconds, 0 or more",
            ));
        }
        let status = match successful > failed {
            true => "completed",
            false => "partial",
        };
        let all = successful.saturating_add(failed);
        self.inner.ledger.append_history(&HistoryRow {
            id: 0,
            optimization_type: "batch_optimization".into(),
            target_component: "system".into(),
            before_value: None,
            after_value: None,
            improvement_percentage: None,
            execution_time: Some(seconds),
            status: status.into(),
            action_id: None,
            verdict: None,
            reason: Some(format!("{successful} of {all} actions successful")),
            details: None,
            created_at: now_unix(),
        })
    }
}
