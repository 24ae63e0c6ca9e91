//! The engine's rules in the prototype's table `alert_rules`, beside those of programs.
//!
//! Those that the prototype put there have the numbers that they get; other rules of the engine
//! have numbers below 0. So the rows of programs are known, and are left alone.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, params};

use crate::store::judged::ListedRule;

/// Rules that the prototype put into every file.
const SEEDED: [&str; 8] = [
    "CPU Warning",
    "CPU Critical",
    "Memory Warning",
    "Memory Critical",
    "Disk Warning",
    "Disk Critical",
    "Temperature Warning",
    "Temperature Critical",
];

/// Makes the table say what is in force; nothing is written where it does already.
pub(in crate::store) fn list_rules(
    connection: &Connection,
    rules: &[ListedRule],
) -> rusqlite::Result<usize> {
    let table = "SELECT 1 FROM sqlite_schema WHERE name = 'alert_rules'";
    let has_table = connection
        .query_row(table, [], |_| Ok(()))
        .optional()?
        .is_some();
    // A recording has none.
    if !has_table {
        return Ok(0);
    }
    let known = known(connection)?;
    let names: HashSet<&str> = rules.iter().map(|rule| &*rule.name).collect();
    let mut changed = 0;
    for (name, row) in &known {
        if row.id < 0 && !names.contains(&**name) {
            changed += connection.execute("DELETE FROM alert_rules WHERE id = ?1", [row.id])?;
        }
    }
    let mut least = known.values().map(|row| row.id).min().unwrap_or(0).min(0);
    for rule in rules {
        let is_seeded = SEEDED.contains(&&*rule.name);
        changed += match known.get(&rule.name) {
            // A program's, of the same name.
            Some(row) if row.id > 0 && !is_seeded => 0,
            Some(row) if row.rule == *rule => 0,
            Some(row) => connection.execute(
                "UPDATE alert_rules SET metric_name = ?2, threshold = ?3, severity = ?4, \
                 enabled = ?5, description = ?6 WHERE id = ?1",
                params![
                    row.id,
                    rule.metric,
                    rule.threshold,
                    rule.severity,
                    rule.enabled,
                    rule.description
                ],
            )?,
            None => {
                let id = (!is_seeded).then(|| {
                    least -= 1;
                    least
                });
                connection.execute(
                    "INSERT INTO alert_rules (id, rule_name, metric_name, threshold, severity, \
                     enabled, description) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    params![
                        id,
                        rule.name,
                        rule.metric,
                        rule.threshold,
                        rule.severity,
                        rule.enabled,
                        rule.description
                    ],
                )?
            }
        };
    }
    Ok(changed)
}

struct Known {
    id: i64,
    rule: ListedRule,
}

/// What the table has, by name. What is of another kind than it should be is only unlike.
fn known(connection: &Connection) -> rusqlite::Result<HashMap<String, Known>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, rule_name, metric_name, CAST(threshold AS REAL), severity, enabled, \
         description FROM alert_rules",
    )?;
    let mut rows = statement.query([])?;
    let mut known = HashMap::new();
    while let Some(row) = rows.next()? {
        let text = |column: usize| -> rusqlite::Result<String> {
            Ok(match row.get_ref(column)? {
                rusqlite::types::ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into(),
                _ => String::new(),
            })
        };
        let severity = text(4)?;
        let severities = ["info", "warning", "critical"];
        let rule = ListedRule {
            name: text(1)?,
            metric: text(2)?,
            threshold: row.get::<_, Option<f64>>(3)?.unwrap_or(f64::NAN),
            severity: severities
                .into_iter()
                .find(|known| *known == severity)
                .unwrap_or(""),
            enabled: matches!(row.get_ref(5)?, rusqlite::types::ValueRef::Integer(1)),
            description: text(6)?,
        };
        let id = row.get(0)?;
        known.insert(rule.name.clone(), Known { id, rule });
    }
    Ok(known)
}
