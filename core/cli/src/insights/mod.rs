//! `usm insights`: what is the matter, since when, who causes it, and what could be done.

mod draw;
mod live;
mod together;

use clap::Args;
use serde::Serialize;
use usm_core::State;
use usm_core::judge::{Anomaly, Correlation, Incident, Insight};
use usm_core::store::FindingKind;

use crate::draw::Page;
use crate::failure::Outcome;
use crate::found::{Found, MOST, Wanted};
use crate::options::{GlobalOptions, seconds};
use crate::outlet::Outlet;
use crate::when::moment;

const EXAMPLES: &str = "\
Examples:
  usm insights                     what is the matter now, as a running monitor sees it
  usm insights --since 24h         what was the matter, too
  usm insights --live 30           without a monitor: watches for 30 seconds and tells
  usm insights --correlations      which metrics move together, too
  usm insights --json | jq '.insights[] | {id, severity, advice}'

Insights and incidents are written down by a monitor, e.g. `usm monitor --start`, and are read
here out of its data folder, also while it runs. What is normal is learnt over hours and
days: --live knows nothing of it and tells what needs no such knowledge.

--json is one object: insights, incidents (with anomalies and culprits), anomalies (of no
incident), correlations (null unless asked for), now, newest_state, is_watched, notes.";

/// Show what is the matter: insights with evidence, incidents with their culprits, anomalies.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct InsightsOptions {
    /// Also what was over before, back to this time, e.g. 24h.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<String>,
    /// Watch this machine for so long instead, and tell what is seen.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, conflicts_with = "since")]
    live: Option<f64>,
    /// Which metrics move together, too; worked out of the history of the last hours.
    #[arg(long)]
    correlations: bool,
    /// As one JSON object in one line.
    #[arg(long)]
    json: bool,
    /// JSON with line breaks and indentation.
    #[arg(long, requires = "json")]
    pretty: bool,
}

/// All that was found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Matter {
    insights: Vec<Insight>,
    incidents: Vec<Incident>,
    /// Those that are no part of an incident here.
    anomalies: Vec<Anomaly>,
    correlations: Option<Vec<Correlation>>,
    /// When this was asked, Unix seconds.
    now: f64,
    newest_state: Option<f64>,
    is_watched: bool,
    notes: Vec<String>,
}

pub(crate) fn perform(
    options: &InsightsOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let since = options.since.as_deref();
    let wanted = match since.map(|text| moment("--since", text)).transpose()? {
        Some(since) => Wanted::Since(since),
        None => Wanted::Open,
    };
    let matter = match options.live {
        Some(seconds) => live::watch(seconds, options.correlations, global)?,
        None => written(wanted, options.correlations, global)?,
    };
    if options.json {
        return out.json(&matter, options.pretty);
    }
    let mut page = Page::new(out.style());
    draw::draw(&matter, &mut page);
    out.draw(&page)
}

/// What a monitor wrote down.
pub(crate) fn written(
    wanted: Wanted,
    correlations: bool,
    global: &GlobalOptions,
) -> Outcome<Matter> {
    let mut found = Found::open(global)?;
    let insights = found.of::<Insight>(FindingKind::Insight, wanted, MOST)?;
    let incidents = found.of::<Incident>(FindingKind::Incident, wanted, MOST)?;
    let anomalies = found.of::<Anomaly>(FindingKind::Anomaly, wanted, MOST)?;
    // An end that only the row knows came with the end of the monitor.
    let insights = insights.into_iter().map(|past| Insight {
        closed_at: past.value.closed_at.or(past.row.closed_at),
        ..past.value
    });
    let incidents = incidents.into_iter().map(|past| Incident {
        closed_at: past.value.closed_at.or(past.row.closed_at),
        ..past.value
    });
    let mut matter = Matter {
        insights: insights.collect(),
        incidents: incidents.collect(),
        anomalies: anomalies.into_iter().map(|past| past.value).collect(),
        correlations: None,
        now: found.now(),
        newest_state: found.newest(),
        is_watched: found.is_watched(),
        notes: Vec::new(),
    };
    if correlations {
        matter.correlations = Some(together::of_history(global, &mut matter.notes)?);
    }
    matter.notes.splice(0..0, found.notes());
    matter.arrange();
    Ok(matter)
}

impl Matter {
    /// What one state holds, for who has watched for a while.
    pub(crate) fn of_state(state: &State) -> Matter {
        let mut matter = Matter {
            insights: state.insights.to_vec(),
            incidents: state.incidents.to_vec(),
            anomalies: state.anomalies.to_vec(),
            correlations: None,
            now: state.timestamp,
            newest_state: Some(state.timestamp),
            is_watched: true,
            notes: Vec::new(),
        };
        matter.arrange();
        matter
    }

    pub(crate) fn draw(&self, page: &mut Page) {
        draw::draw(self, page);
    }

    /// The worst that lasts.
    pub(crate) fn worst(&self) -> Option<&Insight> {
        self.insights.iter().find(|one| one.closed_at.is_none())
    }

    /// How many last.
    pub(crate) fn lasting(&self) -> usize {
        let insights = self.insights.iter().filter(|one| one.closed_at.is_none());
        let incidents = self.incidents.iter().filter(|one| one.closed_at.is_none());
        insights.count() + incidents.count()
    }

    /// What lasts before what is over, the worst first; anomalies of an incident only there.
    fn arrange(&mut self) {
        self.insights.sort_by(|a, b| {
            let over = |one: &Insight| one.closed_at.is_some();
            over(a)
                .cmp(&over(b))
                .then(b.severity.cmp(&a.severity))
                .then(b.opened_at.total_cmp(&a.opened_at))
        });
        self.incidents.sort_by(|a, b| {
            let over = |one: &Incident| one.closed_at.is_some();
            over(a)
                .cmp(&over(b))
                .then(b.severity.cmp(&a.severity))
                .then(b.since.total_cmp(&a.since))
        });
        let incidents = &self.incidents;
        self.anomalies
            .retain(|one| !incidents.iter().any(|of| one.incident == Some(of.id)));
        self.anomalies
            .sort_by(|a, b| b.worst_score.total_cmp(&a.worst_score));
    }

    /// Nothing lasts.
    fn is_calm(&self) -> bool {
        self.insights.iter().all(|one| one.closed_at.is_some())
            && self.incidents.iter().all(|one| one.closed_at.is_some())
    }
}
