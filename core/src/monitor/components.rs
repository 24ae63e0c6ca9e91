//! The nine components of the prototype: what each of them really is at this moment.

use serde::{Deserialize, Serialize};

use super::shared::Shared;

/// The two words of the prototype.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComponentState {
    /// Switched on, and it works.
    Active,
    /// Switched off or failing: see the detail.
    Disabled,
}

/// One component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComponentStatus {
    /// Name in the prototype, e.g. `system_monitor`.
    pub name: String,
    /// Whether it works.
    pub status: ComponentState,
    /// Why, in words.
    pub detail: String,
}

pub(super) fn status(shared: &Shared) -> Vec<ComponentStatus> {
    let config = shared.config.load();
    let state = shared.state.load();
    let sampling = match shared.sampling_failure() {
        Some(reason) => Err(format!("sampling fails: {reason}")),
        None => Ok("samples the host".to_string()),
    };
    let processes = match &state.sample {
        Some(_) if !config.process_scan => Err("process_scan is false".to_string()),
        Some(sample) if sample.processes.total == 0 => Err("no process can be seen".to_string()),
        Some(_) => Ok("lists processes; the optimizer acts on them".to_string()),
        None => Ok("no sample yet".to_string()),
    };
    let rules = shared.alerts.rules();
    let in_force = rules.rules.iter().filter(|rule| rule.enabled).count();
    let alerts = || {
        Ok(format!(
            "{in_force} rules in force, {} alerts",
            state.alerts.len()
        ))
    };
    let horizons = state.predictions.horizons.len();
    let forecasts = match horizons {
        0 => "learns; no forecasts yet".to_string(),
        _ => format!("forecasts for {horizons} horizons"),
    };
    let open = state.insights.iter().filter(|i| i.closed_at.is_none());
    let insights = format!(
        "{} insights, {} incidents, {} correlations",
        open.count(),
        state.incidents.len(),
        state.correlations.len()
    );
    let models = format!(
        "{} metrics are outside their normal range",
        state.anomalies.len()
    );
    let words = |words: &str| Ok(words.to_string());
    [
        ("system_monitor", config.enable_monitoring, sampling),
        (
            "tool_recommender",
            true,
            words("recommends tools on request"),
        ),
        ("alert_manager", config.enable_alerts, alerts()),
        (
            "predictive_analytics",
            config.enable_analytics,
            Ok(forecasts),
        ),
        (
            "process_manager",
            config.enable_process_management,
            processes,
        ),
        ("custom_alerts", config.enable_alerts, alerts()),
        (
            "export_reporter",
            config.enable_export,
            words("exports and reports on request"),
        ),
        (
            "ml_integration",
            config.enable_ml && config.enable_analytics,
            Ok(models),
        ),
        ("advanced_analytics", config.enable_analytics, Ok(insights)),
    ]
    .into_iter()
    .map(|(name, enabled, works)| {
        let (status, detail) = match (enabled, works) {
            (false, _) => (
                ComponentState::Disabled,
                "switched off in the settings".to_string(),
            ),
            (true, Ok(detail)) => (ComponentState::Active, detail),
            (true, Err(reason)) => (ComponentState::Disabled, reason),
        };
        ComponentStatus {
            name: name.to_string(),
            status,
            detail,
        }
    })
    .collect()
}
