//! Profiles: of several with one name the newest, and never over one of ours.

use std::collections::HashSet;
use std::ops::ControlFlow;

use rusqlite::types::Value;

use super::Told;
use super::copy::Work;
use super::report::TableReport;
use super::target::Target;
use super::value::{Column, Kind};
use crate::Result;
use crate::optimizer::{Profile, Rule};
use crate::store::ProfileRow;

/// The prototype's columns, and what they hold.
const COLUMNS: [(&str, Kind); 8] = [
    ("profile_name", Kind::Text),
    ("cpu_threshold", Kind::Real),
    ("memory_threshold", Kind::Real),
    ("disk_threshold", Kind::Real),
    ("network_threshold", Kind::Real),
    ("optimization_rules", Kind::Text),
    ("auto_optimize", Kind::Flag),
    ("created_at", Kind::Real),
];

const OLDER: &str = "a newer row of this name counts";
const STAYS: &str = "a profile of this name is here with other values; ours stays as it is";

pub(super) fn bring(
    work: &Work<'_>,
    target: &mut Target,
    told: &mut Told<'_>,
) -> Result<TableReport> {
    let spec = work.spec;
    let mut report = TableReport::new(spec.name, spec.name);
    let theirs = match work.source.columns(spec.name) {
        Ok(columns) => columns,
        Err(fault) => {
            report.error = Some(fault.cause);
            return Ok(report);
        }
    };
    let is_theirs = |name: &str| theirs.iter().any(|other| other.eq_ignore_ascii_case(name));
    let columns: Vec<Column> = COLUMNS
        .iter()
        .filter(|(name, _)| is_theirs(name))
        .map(|(name, kind)| Column {
            name: (*name).to_owned(),
            kind: *kind,
            is_json: false,
            is_needed: *name == "profile_name",
        })
        .collect();
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let mut rows: Vec<(i64, ProfileRow)> = Vec::new();
    let torn = work.source.scan(spec.name, &names, &mut |row, values| {
        report.found += 1;
        let profile = values.and_then(|values| profile(&columns, values));
        match profile {
            Ok(profile) => rows.push((row, profile)),
            Err(why) => report.skip(row, &why),
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let mut seen = HashSet::new();
    for (row, profile) in rows.into_iter().rev() {
        if !seen.insert(profile.profile_name.clone()) {
            report.skip(row, OLDER);
            continue;
        }
        put(row, &profile, target, &mut report)?;
    }
    let _ = told.rows(report.found);
    report.error = torn;
    Ok(report)
}

fn put(
    row: i64,
    profile: &ProfileRow,
    target: &mut Target,
    report: &mut TableReport,
) -> Result<()> {
    let ledger = target.ledger()?;
    match ledger.profile(&profile.profile_name)? {
        Some(ours) if is_same(&ours, profile) => report.already_there += 1,
        Some(_) => report.skip(row, STAYS),
        None => {
            ledger.put_profile(profile)?;
            report.imported += 1;
            if profile.auto_optimize {
                report.notes.push(format!(
                    "profile {} has auto_optimize: the prototype never acted on it, here it acts \
                     when the profile is applied and a monitor runs",
                    profile.profile_name
                ));
            }
        }
    }
    Ok(())
}

/// Of the prototype's fields; when it was made does not matter.
fn is_same(ours: &ProfileRow, theirs: &ProfileRow) -> bool {
    let thresholds = |row: &ProfileRow| {
        [
            row.cpu_threshold,
            row.memory_threshold,
            row.disk_threshold,
            row.network_threshold,
        ]
    };
    let rules = |row: &ProfileRow| serde_json::from_str::<Vec<Rule>>(&row.optimization_rules).ok();
    let mut pairs = thresholds(ours).into_iter().zip(thresholds(theirs));
    pairs.all(|(one, other)| one == other || one.is_nan() && other.is_nan())
        && rules(ours) == rules(theirs)
        && ours.auto_optimize == theirs.auto_optimize
}

fn profile(columns: &[Column], values: Vec<Value>) -> std::result::Result<ProfileRow, String> {
    let nan = f64::NAN;
    let mut profile = ProfileRow {
        cpu_threshold: nan,
        memory_threshold: nan,
        disk_threshold: nan,
        network_threshold: nan,
        optimization_rules: "[]".into(),
        created_at: nan,
        ..ProfileRow::default()
    };
    for (column, value) in columns.iter().zip(values) {
        match (column.name.as_str(), column.take(value)?) {
            ("profile_name", Value::Text(text)) => profile.profile_name = text,
            ("optimization_rules", Value::Text(text)) => profile.optimization_rules = text,
            ("auto_optimize", Value::Integer(flag)) => profile.auto_optimize = flag != 0,
            ("cpu_threshold", Value::Real(number)) => profile.cpu_threshold = number,
            ("memory_threshold", Value::Real(number)) => profile.memory_threshold = number,
            ("disk_threshold", Value::Real(number)) => profile.disk_threshold = number,
            ("network_threshold", Value::Real(number)) => profile.network_threshold = number,
            ("created_at", Value::Real(number)) => profile.created_at = number,
            _ => {}
        }
    }
    check(&profile)?;
    Ok(profile)
}

/// What the optimizer would refuse to take is not brought in.
fn check(row: &ProfileRow) -> std::result::Result<(), String> {
    let rules: Vec<Rule> = serde_json::from_str(&row.optimization_rules)
        .map_err(|_| "optimization_rules is not a list of rules as the prototype makes them")?;
    let profile = Profile {
        cpu_threshold: row.cpu_threshold,
        memory_threshold: row.memory_threshold,
        disk_threshold: row.disk_threshold,
        network_threshold: row.network_threshold,
        optimization_rules: rules,
        ..Profile::named_default(&row.profile_name)
    };
    profile.validate().map_err(|error| error.to_string())
}
