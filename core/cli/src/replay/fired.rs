//! Which alerts the rules in force would have raised in what is replayed.

use usm_core::alert::{Alert, AlertSeverity, RuleSet};
use usm_core::judge::Severity;
use usm_core::{Error, history::History};

use super::findings::{Event, Finding};
use crate::alerts::Rules;
use crate::failure::Outcome;
use crate::interrupt::Interrupt;
use crate::options::GlobalOptions;
use crate::progress::ProgressLine;
use crate::when::Range;

/// The firings as findings, and what the reader should know.
pub(super) fn of(
    history: &History,
    range: Range,
    interrupt: &Interrupt,
    global: &GlobalOptions,
) -> Outcome<(Vec<Finding>, Vec<String>)> {
    let rules = match Rules::read(global) {
        Ok(rules) => rules,
        // A recording can be replayed also where the rules' file is wrong.
        Err(failure) => {
            let why = failure
                .text()
                .unwrap_or_default()
                .replace("usm: error: ", "");
            let note = format!("alerts are left out, as the rules can't be read: {why}");
            return Ok((Vec::new(), vec![note]));
        }
    };
    let mut set: RuleSet = rules.set();
    // A rule that is switched off would be tested like the others.
    set.rules.retain(|rule| rule.enabled);
    let line = ProgressLine::new();
    let mut progress = |share: f64| {
        line.share("testing the rules", share);
        !interrupt.came()
    };
    let tested = history.backtest(&set, range.since, range.until, &mut progress);
    match tested {
        Err(Error::InvalidState(_)) if interrupt.came() => Ok((Vec::new(), Vec::new())),
        tested => Ok((findings(&tested?.alerts), rules.notes)),
    }
}

fn findings(alerts: &[Alert]) -> Vec<Finding> {
    let mut all = Vec::new();
    for alert in alerts {
        let Some(fired_at) = alert.fired_at else {
            continue;
        };
        let severity = Some(severity(alert.severity));
        all.push(Finding {
            time: fired_at,
            event: Event::AlertFired,
            id: alert.rule.clone(),
            severity,
            text: alert.message.clone(),
            seconds: None,
        });
        if let Some(end) = alert.resolved_at {
            all.push(Finding {
                time: end,
                event: Event::AlertEnded,
                id: alert.rule.clone(),
                severity,
                text: format!("{} is over", alert.rule),
                seconds: Some((end - fired_at).max(0.0)),
            });
        }
    }
    all
}

fn severity(of: AlertSeverity) -> Severity {
    match of {
        AlertSeverity::Info => Severity::Low,
        AlertSeverity::Warning => Severity::Medium,
        AlertSeverity::Critical => Severity::High,
        AlertSeverity::Emergency => Severity::Critical,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::tests::alert;

    #[test]
    fn a_firing_has_a_beginning_and_where_it_is_over_an_end() {
        let lasts = alert(1, AlertSeverity::Critical);
        let begin = lasts.fired_at.unwrap();
        let over = Alert {
            resolved_at: Some(begin + 60.0),
            ..lasts.clone()
        };
        let pending = Alert {
            fired_at: None,
            ..lasts.clone()
        };
        let found = findings(&[lasts, over, pending]);
        let told: Vec<_> = found
            .iter()
            .map(|f| (f.time - begin, f.event, f.seconds))
            .collect();
        assert_eq!(
            told,
            [
                (0.0, Event::AlertFired, None),
                (0.0, Event::AlertFired, None),
                (60.0, Event::AlertEnded, Some(60.0)),
            ]
        );
        assert_eq!(found[0].severity, Some(Severity::High));
    }
}
