//! A profile made of another one, a file and single fields.

use serde_json::{Map, Value};
use usm_core::optimizer::Profile;

use crate::failure::{Failure, Outcome};

/// Fields that can be given.
const FIELDS: [&str; 12] = [
    "cpu_threshold",
    "memory_threshold",
    "disk_threshold",
    "network_threshold",
    "pressure_threshold",
    "process_cpu_threshold",
    "process_memory_threshold",
    "optimization_rules",
    "auto_optimize",
    "protected",
    "foreground",
    "allowed_risk",
];

/// Fields that a file may hold, but which are the profile's own affair.
const OWN: [&str; 3] = ["profile_name", "created_at", "built_in"];

/// Takes those of `--set` that are fields of a profile; the others are settings of usm.
pub(super) fn take_fields(set: &mut Vec<(String, String)>) -> Vec<(String, String)> {
    let (fields, others) = std::mem::take(set)
        .into_iter()
        .partition(|(name, _)| FIELDS.contains(&name.as_str()) || !is_setting(name));
    *set = others;
    fields
}

fn is_setting(name: &str) -> bool {
    usm_core::config::Setting::named(name).is_ok()
}

/// `base` with what the file gives and over it what the fields give, under its own name.
pub(super) fn made(
    name: &str,
    base: &Profile,
    file: Option<Value>,
    fields: &[(String, String)],
) -> Outcome<Profile> {
    let mut made = match serde_json::to_value(base)? {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    match file {
        None => {}
        Some(Value::Object(given)) => {
            for (field, value) in given {
                if OWN.contains(&field.as_str()) {
                    continue;
                }
                put(&mut made, &field, value)?;
            }
        }
        Some(_) => return Err(Failure::usage("the file holds no JSON object", None)),
    }
    for (field, text) in fields {
        put(&mut made, field, value_of(field, text))?;
    }
    made.insert("profile_name".into(), name.into());
    made.insert("built_in".into(), false.into());
    made.insert("created_at".into(), 0.0.into());
    profile_of(made)
}

/// Sets a field, and tells at once which one will not do.
fn put(made: &mut Map<String, Value>, field: &str, value: Value) -> Outcome {
    if !FIELDS.contains(&field) {
        let hint = format!("the fields are {}", FIELDS.join(", "));
        return Err(Failure::usage(
            &format!("a profile has no field {field}"),
            Some(&hint),
        ));
    }
    made.insert(field.into(), value);
    match serde_json::from_value::<Profile>(Value::Object(made.clone())) {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::usage(&format!("{field}: {error}"), None)),
    }
}

fn profile_of(made: Map<String, Value>) -> Outcome<Profile> {
    serde_json::from_value(Value::Object(made))
        .map_err(|error| Failure::usage(&error.to_string(), None))
}

/// JSON where it is some; lists may be given as `a,b,c`.
fn value_of(field: &str, text: &str) -> Value {
    let is_list = matches!(field, "protected" | "foreground");
    match serde_json::from_str(text) {
        Ok(value @ Value::Array(_)) => value,
        Ok(value) if !is_list => value,
        _ if is_list => text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(Value::from)
            .collect(),
        _ => text.into(),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use usm_core::optimizer::{ActionKind, Priority, Resource, RiskLevel, Rule};

    pub(in super::super) fn base() -> Profile {
        Profile {
            profile_name: "balanced".into(),
            cpu_threshold: 80.0,
            memory_threshold: 85.0,
            disk_threshold: 90.0,
            network_threshold: 70.0,
            optimization_rules: vec![Rule {
                resource: Resource::Cpu,
                action: ActionKind::SetIdle,
                threshold: 80.0,
                priority: Priority::Medium,
            }],
            auto_optimize: false,
            created_at: 1.0,
            pressure_threshold: 10.0,
            process_cpu_threshold: 50.0,
            process_memory_threshold: 10.0,
            protected: Vec::new(),
            foreground: Vec::new(),
            allowed_risk: RiskLevel::Low,
            built_in: true,
        }
    }

    fn fields(list: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(a, b): &(&str, &str)| (a.to_string(), b.to_string());
        list.iter().map(owned).collect()
    }

    #[test]
    fn fields_are_told_from_settings() {
        let mut set = fields(&[("cpu_threshold", "60"), ("max_threads", "2"), ("typo", "1")]);
        let taken = take_fields(&mut set);
        assert_eq!(set, fields(&[("max_threads", "2")]));
        assert_eq!(taken, fields(&[("cpu_threshold", "60"), ("typo", "1")]));
        for field in FIELDS {
            assert!(!is_setting(field), "{field} is both");
        }
    }

    #[test]
    fn every_field_of_a_profile_is_known() {
        let Value::Object(map) = serde_json::to_value(base()).unwrap() else {
            panic!("no object");
        };
        for field in map.keys() {
            let is_known = FIELDS.contains(&field.as_str()) || OWN.contains(&field.as_str());
            assert!(is_known, "{field}");
        }
        assert_eq!(map.len(), FIELDS.len() + OWN.len());
    }

    #[test]
    fn what_is_given_goes_before_the_file_and_that_before_the_base() {
        let file = serde_json::json!({
            "profile_name": "other", "built_in": true,
            "cpu_threshold": 70.0, "disk_threshold": 50.0,
        });
        let given = fields(&[
            ("cpu_threshold", "60"),
            ("protected", "nginx, postgres"),
            ("foreground", "[\"a,b\"]"),
            ("allowed_risk", "medium"),
            ("auto_optimize", "true"),
        ]);
        let profile = made("mine", &base(), Some(file), &given).unwrap();
        assert_eq!(profile.profile_name, "mine");
        assert!(!profile.built_in && profile.auto_optimize);
        assert_eq!(
            (profile.cpu_threshold, profile.disk_threshold),
            (60.0, 50.0)
        );
        assert_eq!(profile.memory_threshold, 85.0);
        assert_eq!(profile.protected, ["nginx", "postgres"]);
        assert_eq!(profile.foreground, ["a,b"]);
        assert_eq!(profile.allowed_risk, RiskLevel::Medium);
        assert_eq!(profile.optimization_rules, base().optimization_rules);
    }

    #[test]
    fn what_will_not_do_is_named() {
        for (field, value) in [
            ("cpu_treshold", "1"),
            ("cpu_threshold", "much"),
            ("allowed_risk", "none"),
            ("profile_name", "x"),
            ("optimization_rules", "[{\"type\": \"cpu\"}]"),
        ] {
            let failure = made("mine", &base(), None, &fields(&[(field, value)])).unwrap_err();
            assert_eq!(failure.code(), 2);
            assert!(failure.text().unwrap().contains(field), "{field}");
        }
        assert!(made("mine", &base(), Some(Value::Null), &[]).is_err());
    }
}
