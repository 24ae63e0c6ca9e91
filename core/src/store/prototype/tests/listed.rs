//! The engine's rules in the prototype's table.

use rusqlite::types::Value;

use super::{PATIENCE, all, one, stored, text};
use crate::store::{JudgedRow, ListedRule, Row};

fn rule(name: &str, threshold: f64) -> ListedRule {
    ListedRule {
        name: name.into(),
        metric: "cpu_percent".into(),
        threshold,
        severity: "warning",
        enabled: true,
        description: "it's busy".into(),
    }
}

fn listed(rules: &[ListedRule]) -> Row {
    Row::Judged(JudgedRow::Listed(rules.to_vec()))
}

#[test]
fn the_rules_in_force_are_in_the_table_and_those_of_programs_stay() {
    let (_folder, store, connection) = stored([listed(&[
        rule("CPU Warning", 70.0),
        rule("hot", 85.0),
        rule("steep", 3.0),
    ])]);
    connection
        .execute(
            "INSERT INTO alert_rules (rule_name, metric_name, threshold, severity) \
             VALUES ('mine', 'queue', 5, 'info'), ('both', 'jobs', 6, 'critical')",
            [],
        )
        .unwrap();
    let changed = ListedRule {
        enabled: false,
        ..rule("CPU Warning", 75.0)
    };
    store.append(listed(&[changed, rule("steep", 3.0), rule("both", 9.0)]));
    store.flush(PATIENCE).unwrap();
    let rows = all(
        &connection,
        "SELECT id > 0, rule_name, threshold, enabled FROM alert_rules ORDER BY rule_name",
    );
    let row = |is_above: i64, name: &str, threshold: f64, enabled: i64| {
        vec![
            Value::Integer(is_above),
            text(name),
            Value::Real(threshold),
            Value::Integer(enabled),
        ]
    };
    assert_eq!(
        rows,
        [
            row(1, "CPU Warning", 75.0, 0),
            row(1, "both", 6.0, 1),
            row(1, "mine", 5.0, 1),
            row(0, "steep", 3.0, 1),
        ]
    );
}

#[test]
fn rules_that_have_not_changed_are_not_written_again() {
    let rules = [rule("CPU Warning", 70.0), rule("hot", 85.0)];
    let (_folder, _store, connection) = stored([listed(&rules)]);
    let before: i64 = one(&connection, "SELECT total_changes()", []);
    assert_eq!(super::super::list_rules(&connection, &rules).unwrap(), 0);
    let after: i64 = one(&connection, "SELECT total_changes()", []);
    assert_eq!(before, after);
    connection
        .execute(
            "UPDATE alert_rules SET threshold = 'much', severity = 7, enabled = NULL",
            [],
        )
        .unwrap();
    assert_eq!(super::super::list_rules(&connection, &rules).unwrap(), 2);
}

#[test]
fn where_there_is_no_such_table_nothing_is_written() {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    let rules = [rule("hot", 85.0)];
    assert_eq!(super::super::list_rules(&connection, &rules).unwrap(), 0);
}
