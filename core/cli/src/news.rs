//! What is new in a state beside its numbers: alerts, incidents, insights and security
//! findings that have come, and those that are over.

use std::collections::BTreeMap;

use usm_core::State;

use crate::draw::{Flow, Line, Page, Tone};
use crate::status::time_of;
use crate::words::{alert_tone, severity_tone};

/// One piece of news.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct News {
    tone: Tone,
    mark: &'static str,
    text: String,
}

/// What was told and is not over.
#[derive(Debug, Default)]
pub(crate) struct Told {
    lasting: BTreeMap<String, String>,
}

impl Told {
    /// What has come with this state, and what is over.
    pub(crate) fn news(&mut self, state: &State) -> Vec<News> {
        let now = lasting(state);
        let is_over = |key: &&String| !now.iter().any(|(known, ..)| known == *key);
        let over: Vec<String> = self.lasting.keys().filter(is_over).cloned().collect();
        let mut news = Vec::new();
        for key in over {
            if let Some(name) = self.lasting.remove(&key) {
                news.push(News {
                    tone: Tone::Good,
                    mark: "○",
                    text: format!("{name} is over"),
                });
            }
        }
        for (key, name, tone, text) in now {
            if self.lasting.insert(key, name.clone()).is_none() {
                news.push(News {
                    tone,
                    mark: "●",
                    text: format!("{name}: {text}"),
                });
            }
        }
        let raised = state.security.iter();
        let raised = raised.filter(|finding| finding.is_raised_at(state.timestamp));
        news.extend(raised.map(|finding| News {
            tone: severity_tone(finding.severity),
            mark: "●",
            text: format!("security: {}", finding.text),
        }));
        news
    }
}

/// What lasts: a key of its own, its name, its tone, and what it says.
fn lasting(state: &State) -> Vec<(String, String, Tone, String)> {
    let alerts = state.alerts.iter().filter(|one| one.fired_at.is_some());
    let alerts = alerts.map(|alert| {
        (
            format!("alert {}", alert.id),
            format!("alert {}", alert.rule),
            alert_tone(alert.severity),
            alert.message.clone(),
        )
    });
    let incidents = state.incidents.iter().filter(|one| one.closed_at.is_none());
    let incidents = incidents.map(|incident| {
        (
            format!("incident {}", incident.id),
            format!("incident {}", incident.id),
            severity_tone(incident.severity),
            incident.summary.clone(),
        )
    });
    let insights = state.insights.iter().filter(|one| one.closed_at.is_none());
    let insights = insights.map(|insight| {
        (
            format!("insight {}", insight.id),
            format!("insight {}", insight.id),
            severity_tone(insight.severity),
            insight.text.clone(),
        )
    });
    alerts.chain(incidents).chain(insights).collect()
}

/// Each in lines of its own, with the state's time.
pub(crate) fn draw(news: &[News], time: f64, page: &mut Page) {
    for one in news {
        let first = Line::of(Tone::Quiet, time_of(time)).and(Tone::Plain, "  ");
        let mut flow = Flow::new(page, first.and(one.tone, one.mark).and(one.tone, " "), 4);
        flow.words(Tone::Plain, &one.text);
        flow.end(page);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::tests::alert;
    use crate::draw::Style;
    use std::sync::Arc;
    use usm_core::alert::{Alert, AlertSeverity};

    #[test]
    fn an_alert_is_told_when_it_fires_and_when_it_is_over_and_not_between() {
        let fires = alert(1, AlertSeverity::Critical);
        let pending = Alert {
            fired_at: None,
            ..fires.clone()
        };
        let state = |alerts: Vec<Alert>| State {
            timestamp: 1_795_442_400.0,
            alerts: alerts.into_iter().map(Arc::new).collect(),
            ..State::default()
        };
        let mut told = Told::default();
        assert!(told.news(&state(vec![pending])).is_empty());
        let news = told.news(&state(vec![fires.clone()]));
        assert_eq!((news.len(), news[0].tone), (1, Tone::Bad));
        let mut page = Page::new(Style {
            width: 100,
            unicode: true,
            colour: false,
        });
        draw(&news, 1_795_442_400.0, &mut page);
        let text = page.render();
        assert!(
            text.contains("● alert Memory: Memory is 97.2 % used \\x1b[2J"),
            "{text}"
        );
        assert!(told.news(&state(vec![fires])).is_empty());
        let over = told.news(&state(Vec::new()));
        assert_eq!(over[0].text, "alert Memory is over");
        assert!(told.news(&state(Vec::new())).is_empty());
    }
}
