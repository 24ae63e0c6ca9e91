//! What a caller writes by hand: settings, actions and profiles as JSON, in which whatever is
//! left out keeps its default and a field that does not exist is refused by its name.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::action::{Action, ActionKind, Answer, Risk, RiskLevel};
use super::profile::Profile;
use super::settings::OptimizerSettings;
use super::target::{Metric, Priority, Resource};
use crate::act::Scope;
use crate::error::{Error, Result};
use crate::sample::Roots;
use crate::tree::{from_tree, to_tree};

/// Why nothing is known yet of an action that no plan has made.
const NOT_PLANNED: &str = "made by hand: it is looked at when it is executed";

impl Action {
    /// An action that no plan has made. Identity, lever, reversibility and effect are found
    /// out when it is executed. `target_id` is a pid as text, `system_memory` or
    /// `system_disk`.
    pub fn by_hand(action_type: ActionKind, target_id: impl Into<String>) -> Action {
        let target_id = target_id.into();
        let (resource, metric) = concerns(action_type);
        let answer = |yes| Answer {
            yes,
            reason: NOT_PLANNED.into(),
        };
        Action {
            id: 0,
            description: format!("{} of {target_id}", name(action_type)),
            action_type,
            target_id,
            priority: Priority::Medium,
            estimated_benefit: 0.0,
            risk: at_least(action_type),
            execution_time: 0.0,
            resource,
            metric,
            subject: None,
            process: None,
            culprits: Vec::new(),
            lever: None,
            reversible: answer(false),
            effect: answer(true),
            planned_at: 0.0,
            token: String::new(),
        }
    }

    /// An action from a JSON object: `action_type` and `target_id` are enough.
    ///
    /// # Errors
    /// `InvalidArgument` with the field.
    pub fn from_json(text: &str) -> Result<Action> {
        Action::from_value(read("action", text)?)
    }

    /// Actions from a JSON array of such objects, or from one of them.
    ///
    /// # Errors
    /// As [`Action::from_json`].
    pub fn list_from_json(text: &str) -> Result<Vec<Action>> {
        match read("actions", text)? {
            Value::Array(list) => list.into_iter().map(Action::from_value).collect(),
            one => Ok(vec![Action::from_value(one)?]),
        }
    }

    fn from_value(given: Value) -> Result<Action> {
        let field = |name: &str| {
            let value = given.get(name).filter(|value| !value.is_null());
            value.ok_or_else(|| Error::invalid(format!("action.{name}"), "nothing", "needed"))
        };
        let kind = field("action_type")?;
        let kind: ActionKind =
            from_tree(kind).map_err(|e| Error::invalid("action.action_type", kind, e))?;
        let target = field("target_id")?;
        let target = target.as_str().ok_or_else(|| {
            let allowed = "a pid as text, system_memory or system_disk";
            Error::invalid("action.target_id", target, allowed)
        })?;
        over("action", &Action::by_hand(kind, target), given)
    }
}

impl OptimizerSettings {
    /// Settings from a JSON object. `scope` may be a word for [`Scope::parse`] as well.
    ///
    /// # Errors
    /// `InvalidArgument` with the field; `NotFound` for a process of the scope.
    pub fn from_json(text: &str, roots: &Roots) -> Result<OptimizerSettings> {
        let mut given = read("settings", text)?;
        if let Some(Value::String(word)) = given.get("scope") {
            let scope = Scope::parse(word, roots)?;
            given["scope"] = value_of(&scope)?;
        }
        over("settings", &OptimizerSettings::default(), given)
    }
}

impl Profile {
    /// A profile from a JSON object; what it leaves out is as in `base`, save the name.
    ///
    /// # Errors
    /// `InvalidArgument` with the field.
    pub fn from_json(text: &str, base: &Profile) -> Result<Profile> {
        let given = read("profile", text)?;
        if given.get("profile_name").is_none_or(Value::is_null) {
            let field = "profile.profile_name";
            return Err(Error::invalid(field, "nothing", "needed"));
        }
        let mut profile: Profile = over("profile", base, given)?;
        profile.built_in = false;
        Ok(profile)
    }
}

fn read(what: &str, text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|e| Error::invalid(what, "the text", format!("JSON ({e})")))
}

fn value_of(value: &impl Serialize) -> Result<Value> {
    to_tree(value).map_err(|e| Error::Internal(e.to_string()))
}

/// Puts what is given over the defaults; null counts as left out.
fn over<T: Serialize + DeserializeOwned>(what: &str, base: &T, given: Value) -> Result<T> {
    let Value::Object(given) = given else {
        return Err(Error::invalid(what, given, "a JSON object"));
    };
    let mut value = value_of(base)?;
    for (name, given) in given {
        let field = format!("{what}.{name}");
        let Some(place) = value.get_mut(&name) else {
            return Err(Error::invalid(field, given, "no field of this name"));
        };
        if given.is_null() {
            continue;
        }
        let before = std::mem::replace(place, given.clone());
        // One after the other, so that the field that does not fit is known.
        if let Err(e) = from_tree::<T>(&value) {
            return Err(Error::invalid(field, given, format!("{e}; e.g. {before}")));
        }
    }
    from_tree(&value).map_err(|e| Error::invalid(what, "the object", e))
}

/// For which resource, and by which metric its effect is judged.
fn concerns(kind: ActionKind) -> (Resource, Metric) {
    match kind {
        ActionKind::SetBatch
        | ActionKind::LowerPriority
        | ActionKind::SetIdle
        | ActionKind::SetAutogroup
        | ActionKind::SetAffinity
        | ActionKind::LimitCpu
        | ActionKind::Freeze
        | ActionKind::SuspendProcess
        | ActionKind::KillProcess => (Resource::Cpu, Metric::CpuWait),
        ActionKind::SetIoPriority | ActionKind::LimitIo => (Resource::Disk, Metric::IoWait),
        ActionKind::LimitMemory | ActionKind::ReclaimMemory | ActionKind::CleanupMemory => {
            (Resource::Memory, Metric::MemoryUsed)
        }
        ActionKind::LimitProcesses => (Resource::Process, Metric::ForkRate),
        ActionKind::CleanupDisk => (Resource::Disk, Metric::SpaceUsed),
    }
}

/// The risk that the kind alone brings.
fn at_least(kind: ActionKind) -> Risk {
    let (level, score) = match kind {
        ActionKind::KillProcess => (RiskLevel::High, 90.0),
        ActionKind::LimitMemory
        | ActionKind::LimitProcesses
        | ActionKind::ReclaimMemory
        | ActionKind::CleanupDisk
        | ActionKind::Freeze
        | ActionKind::SuspendProcess => (RiskLevel::Medium, 50.0),
        _ => (RiskLevel::Low, 10.0),
    };
    Risk {
        level,
        score,
        reasons: vec![NOT_PLANNED.into()],
    }
}

fn name(kind: ActionKind) -> String {
    match value_of(&kind) {
        Ok(Value::String(name)) => name,
        _ => format!("{kind:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::{Lever, ProcessId};

    fn refusal<T: std::fmt::Debug>(result: Result<T>) -> String {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::InvalidArgument, "{error}");
        error.to_string()
    }

    #[test]
    fn two_fields_make_an_action_and_the_others_are_taken_over() {
        let text = r#"{"action_type": "set_batch", "target_id": "77"}"#;
        let action = Action::from_json(text).unwrap();
        assert_eq!(action, Action::by_hand(ActionKind::SetBatch, "77"));
        assert_eq!(action.description, "set_batch of 77");
        assert!(action.token.is_empty() && action.planned_at == 0.0);

        let process = ProcessId {
            pid: 77,
            start_time_ticks: 5,
        };
        let whole = Action {
            id: 3,
            process: Some(process),
            culprits: vec![process],
            lever: Some(Lever::Batch { process }),
            subject: Some("/".into()),
            token: "t".into(),
            ..action
        };
        let text = serde_json::to_string(&[&whole]).unwrap();
        assert_eq!(Action::list_from_json(&text).unwrap(), [whole]);
        assert!(Action::list_from_json("[]").unwrap().is_empty());
    }

    #[test]
    fn every_kind_can_be_made_by_hand_and_read_back() {
        for kind in ActionKind::ALL {
            let action = Action::by_hand(kind, "1");
            let text = serde_json::to_string(&action).unwrap();
            assert_eq!(Action::from_json(&text).unwrap(), action);
        }
    }

    #[test]
    fn an_action_that_is_none_is_refused_with_the_field() {
        for (text, field) in [
            ("", "JSON"),
            ("7", "action.action_type"),
            ("[7]", "action.action_type"),
            (r#"{"action_type": "set_batch"}"#, "action.target_id"),
            (
                r#"{"action_type": "set_batch", "target_id": 7}"#,
                "action.target_id",
            ),
            (
                r#"{"action_type": "burn", "target_id": "7"}"#,
                "action.action_type: \"burn\"",
            ),
            (
                r#"{"action_type": "set_batch", "target_id": "7", "tokn": ""}"#,
                "action.tokn",
            ),
            (
                r#"{"action_type": "set_batch", "target_id": "7", "priority": 9}"#,
                "action.priority: 9",
            ),
        ] {
            let refused = refusal(Action::list_from_json(text));
            assert!(refused.contains(field), "{text}: {refused}");
        }
    }

    #[test]
    fn settings_left_out_are_the_defaults_and_a_wrong_name_is_told() {
        let roots = Roots::default();
        let of = |text| OptimizerSettings::from_json(text, &roots);
        assert_eq!(of("{}").unwrap(), OptimizerSettings::default());
        let given = of(r#"{"scope": "user:7", "auto_samples": 3, "data_dir": "/x"}"#).unwrap();
        assert_eq!(given.scope, Some(Scope::User(7)));
        assert_eq!(given.auto_samples, 3);
        assert_eq!(given.data_dir.as_deref(), Some("/x".as_ref()));
        let text = serde_json::to_string(&given).unwrap();
        assert_eq!(of(&text).unwrap(), given);

        assert!(refusal(of(r#"{"auto_sample": 3}"#)).contains("settings.auto_sample"));
        assert!(refusal(of(r#"{"auto_samples": "x"}"#)).contains("settings.auto_samples"));
        assert!(refusal(of(r#"{"scope": "all"}"#)).contains("scope: all"));
        assert!(refusal(of("[]")).contains("a JSON object"));
        assert!(refusal(of("null")).contains("a JSON object"));
    }

    #[test]
    fn a_profile_takes_over_what_it_does_not_say() {
        let base = Profile {
            profile_name: "base".into(),
            cpu_threshold: 80.0,
            memory_threshold: 85.0,
            disk_threshold: 90.0,
            network_threshold: 70.0,
            optimization_rules: Vec::new(),
            auto_optimize: false,
            created_at: 1.0,
            pressure_threshold: 10.0,
            process_cpu_threshold: 50.0,
            process_memory_threshold: 20.0,
            protected: vec!["a".into()],
            foreground: Vec::new(),
            allowed_risk: RiskLevel::Low,
            built_in: true,
        };
        let text = r#"{"profile_name": "mine", "cpu_threshold": 33, "allowed_risk": "medium",
            "optimization_rules": [{"type": "cpu", "action": "set_idle", "threshold": 1,
            "priority": "low"}]}"#;
        let mine = Profile::from_json(text, &base).unwrap();
        assert_eq!((mine.profile_name.as_str(), mine.built_in), ("mine", false));
        assert_eq!((mine.cpu_threshold, mine.memory_threshold), (33.0, 85.0));
        assert_eq!(mine.optimization_rules[0].action, ActionKind::SetIdle);
        assert_eq!(mine.protected, ["a"]);

        assert!(refusal(Profile::from_json("{}", &base)).contains("profile_name"));
        let text = r#"{"profile_name": "mine", "cpu_treshold": 3}"#;
        assert!(refusal(Profile::from_json(text, &base)).contains("profile.cpu_treshold"));
    }
}
