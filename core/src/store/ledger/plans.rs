//! Targets and actions.

use rusqlite::{Connection, OptionalExtension, params};

use super::super::fault::Outcome;
use super::value::{finite, real_or_nan, stamp, text, text_or_empty};
use super::{ActionRow, Ledger, TargetRow};
use crate::Result;

impl Ledger {
    /// Saves targets, all or none; returns their row numbers.
    ///
    /// # Errors
    /// `Store`, and then none was saved.
    pub fn save_targets(&self, rows: &[TargetRow]) -> Result<Vec<i64>> {
        if rows.is_empty() {
            self.own()?;
            return Ok(Vec::new());
        }
        self.write(|connection| {
            rows.iter()
                .map(|row| insert_target(connection, row))
                .collect()
        })
    }

    /// Saves actions, all or none; returns their row numbers.
    ///
    /// # Errors
    /// `Store`, and then none was saved.
    pub fn save_actions(&self, rows: &[ActionRow]) -> Result<Vec<i64>> {
        if rows.is_empty() {
            self.own()?;
            return Ok(Vec::new());
        }
        self.write(|connection| {
            rows.iter()
                .map(|row| insert_action(connection, row))
                .collect()
        })
    }

    /// The action of this number.
    ///
    /// # Errors
    /// `Store`.
    pub fn action(&self, id: i64) -> Result<Option<ActionRow>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, action_type, target_id, description, priority, estimated_benefit, \
                 risk_level, execution_time, status, details, result, created_at \
                 FROM optimization_actions WHERE id = ?1",
            )?;
            let found = statement.query_row([id], |row| {
                Ok(ActionRow {
                    id: row.get(0)?,
                    action_type: text_or_empty(row, 1)?,
                    target_id: text_or_empty(row, 2)?,
                    description: text_or_empty(row, 3)?,
                    priority: text_or_empty(row, 4)?,
                    estimated_benefit: real_or_nan(row, 5)?,
                    risk_level: text_or_empty(row, 6)?,
                    execution_time: real_or_nan(row, 7)?,
                    status: text_or_empty(row, 8)?,
                    details: text(row, 9)?,
                    result: text(row, 10)?,
                    created_at: real_or_nan(row, 11)?,
                })
            });
            Ok(found.optional()?)
        })
    }

    /// Sets the status of the action of this number; without a result the one that it has
    /// stays.
    ///
    /// # Errors
    /// `InvalidState` if there is no such row; `Store`.
    pub fn set_action_status(&self, id: i64, status: &str, result: Option<&str>) -> Result<()> {
        let changed = self.write(|connection| {
            let mut statement = connection.prepare_cached(
                "UPDATE optimization_actions SET status = ?2, result = ifnull(?3, result) \
                 WHERE id = ?1",
            )?;
            Ok(statement.execute((id, status, result))?)
        })?;
        match changed {
            0 => Err(self.no_row("optimization_actions", id)),
            _ => Ok(()),
        }
    }
}

fn insert_target(connection: &Connection, row: &TargetRow) -> Outcome<i64> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO optimization_targets (target_type, current_value, target_value, priority, \
         description, optimization_method, estimated_impact, details, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    Ok(statement.insert(params![
        row.target_type,
        finite(row.current_value),
        finite(row.target_value),
        row.priority,
        row.description,
        row.optimization_method,
        row.estimated_impact,
        row.details,
        stamp(row.created_at),
    ])?)
}

fn insert_action(connection: &Connection, row: &ActionRow) -> Outcome<i64> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO optimization_actions (action_type, target_id, description, priority, \
         estimated_benefit, risk_level, execution_time, status, details, result, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    let status = match row.status.as_str() {
        "" => "pending",
        status => status,
    };
    Ok(statement.insert(params![
        row.action_type,
        row.target_id,
        row.description,
        row.priority,
        finite(row.estimated_benefit),
        row.risk_level,
        finite(row.execution_time),
        status,
        row.details,
        row.result,
        stamp(row.created_at),
    ])?)
}
