//! What fires and what is the matter, in a line each.

use std::sync::Arc;

use usm_core::State;
use usm_core::alert::Alert;
use usm_core::judge::Insight;
use usm_core::store::FindingKind;

use super::{GUTTER, label};
use crate::draw::{Flow, Line, Page, Tone};
use crate::failure::Outcome;
use crate::found::{Found, MOST, Wanted};
use crate::monitor::newest;
use crate::options::GlobalOptions;
use crate::words::{alert_tone, count_of, severity_tone};

/// Most alerts that are named.
const MOST_NAMED: usize = 3;

/// The state with what a monitor of this machine found, where there is one: a single look
/// knows neither what lasted nor what is normal. And what the reader should know of it.
pub(super) fn with_found(state: &State, global: &GlobalOptions) -> (State, Option<String>) {
    match found_beside(state, global) {
        Ok((state, note)) => (state, Some(note)),
        Err(failure) => {
            let why = failure
                .text()
                .unwrap_or_default()
                .replace("usm: error: ", "");
            let note = format!("What a monitor found can't be read: {why}");
            (state.clone(), Some(note))
        }
    }
}

/// The state and whose look it is.
fn found_beside(state: &State, global: &GlobalOptions) -> Outcome<(State, String)> {
    let mut state = state.clone();
    let Some(mut found) = Found::open_if_in_use(global)?.filter(Found::is_watched) else {
        return Ok((state, "A look of its own: no monitor runs.".into()));
    };
    let alerts = found.of::<Alert>(FindingKind::Alert, Wanted::Open, MOST)?;
    let mut alerts: Vec<Arc<Alert>> = alerts.into_iter().map(|p| Arc::new(p.value)).collect();
    alerts.sort_by_key(|alert| std::cmp::Reverse(alert.severity));
    let insights = found.of::<Insight>(FindingKind::Insight, Wanted::Open, MOST)?;
    let mut insights: Vec<Insight> = insights.into_iter().map(|p| p.value).collect();
    insights.sort_by_key(|insight| std::cmp::Reverse(insight.severity));
    state.alerts = alerts.into();
    state.insights = insights.into();
    let who = newest::who(&found, global)?;
    let who = who.unwrap_or_else(|| "a monitor that has just ended".into());
    let note = format!("Alerts and insights are from {who}; all else is a look of its own.");
    Ok((state, note))
}

pub(super) fn draw(state: &State, page: &mut Page) {
    let fire: Vec<&Arc<Alert>> = state
        .alerts
        .iter()
        .filter(|alert| alert.fired_at.is_some())
        .collect();
    let matter = state.insights.iter().find(|one| one.closed_at.is_none());
    if fire.is_empty() && matter.is_none() {
        return;
    }
    page.gap();
    if let Some(worst) = fire.first() {
        let mut flow = Flow::new(page, label("Alerts"), GUTTER);
        let text = count_of(fire.len(), "fires", "fire");
        flow.add(Line::of(alert_tone(worst.severity), format!("● {text}")));
        for alert in fire.iter().take(MOST_NAMED) {
            flow.add(Line::of(alert_tone(alert.severity), &alert.rule));
        }
        flow.add(Line::of(Tone::Quiet, "see usm alerts"));
        flow.end(page);
    }
    if let Some(insight) = matter {
        let mut flow = Flow::new(page, label("Insight"), GUTTER);
        flow.words(severity_tone(insight.severity), "●");
        flow.words(Tone::Plain, &insight.text);
        flow.words(Tone::Quiet, "See usm insights.");
        flow.end(page);
    }
}
