//! Looking at an action before it is done: what it would change, how much could be lost and
//! whether it can be taken back. Nothing is changed, and nothing written down.

use super::super::action::{Action, ActionKind};
use super::super::inner::Inner;
use super::super::{journal, planning};
use super::{by_hand, checks, grounds};
use crate::act::{Change, Facts, ProcessId};
use crate::error::{Error, Result};

/// An action as it would be executed now.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    /// The action, with its process, its lever, its risk and whether it can be taken back.
    pub action: Action,
    /// What it would change, each in words.
    pub changes: Vec<String>,
}

/// See [`Optimizer::weigh`](super::super::Optimizer::weigh).
pub(in crate::optimizer) fn weigh(inner: &Inner, action: &Action) -> Result<Weighed> {
    inner.halt.check()?;
    checks::check_plan(inner, action)?;
    let mut action = by_hand::complete(action.clone(), &inner.settings, &inner.cpus())?;
    grounds::check_lever(&action)?;
    let changes = match &action.lever {
        Some(lever) => lever.prepare(&inner.door())?,
        None => Vec::new(),
    };
    if changes.is_empty() && action.lever.is_some() {
        return Err(Error::Refused(checks::NOTHING_TO_CHANGE.into()));
    }
    grounds::check_lowers(&changes)?;
    let processes: Vec<ProcessId> = changes.iter().flat_map(Change::processes).collect();
    if let Some(conflict) = journal::conflict(inner, &processes)? {
        return Err(Error::Refused(conflict));
    }
    if action.token.is_empty() {
        let facts = Facts::read(&inner.roots);
        let roots = &inner.roots;
        let starves = action.action_type == ActionKind::LimitMemory
            && facts.memory.version == 1
            && action
                .lever
                .as_ref()
                .is_some_and(|lever| planning::starves(lever, roots));
        action.reversible = grounds::reversible(action.action_type, &facts);
        action.risk = planning::assess_risk(
            action.action_type,
            &action.reversible,
            grounds::is_another_users(action.lever.as_ref(), &facts, roots),
            // Who asks for it by hand is sure.
            1.0,
            starves,
        );
    }
    Ok(Weighed {
        action,
        changes: changes.iter().map(Change::about).collect(),
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::super::super::{Optimizer, OptimizerSettings, RiskLevel};
    use super::*;
    use crate::config::Config;

    struct Own(std::process::Child);

    impl Drop for Own {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    #[test]
    fn an_action_by_hand_has_its_risk_and_its_change_and_nothing_is_done_or_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let own = Own(std::process::Command::new("sleep")
            .arg("600")
            .spawn()
            .unwrap());
        let config = Config {
            data_dir: Some(folder.path().into()),
            store_enabled: false,
            ..Config::default()
        };
        let optimizer = Optimizer::new(config, OptimizerSettings::default()).unwrap();
        let of = |kind| Action::by_hand(kind, own.0.id().to_string());
        let end = optimizer.weigh(&of(ActionKind::KillProcess)).unwrap();
        assert_eq!(end.action.risk.level, RiskLevel::High);
        assert!(!end.action.reversible.yes);
        assert_eq!(end.changes.len(), 1);
        let batch = optimizer.weigh(&of(ActionKind::SetBatch)).unwrap();
        assert!(batch.action.reversible.yes);
        assert!(batch.action.risk.level < RiskLevel::High);
        assert!(optimizer.history(10).unwrap().is_empty());
        assert!(optimizer.status().unwrap().changes.is_empty());
        let first = Action::by_hand(ActionKind::KillProcess, "1");
        let refused = optimizer.weigh(&first).unwrap_err();
        assert!(matches!(refused, Error::Refused(_)), "{refused}");
    }
}
