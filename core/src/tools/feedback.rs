//! What became of recommendations, and what is learned from it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::catalogue::{tool_named, tools};
use super::host::HostTools;
use super::kind::Category;
use super::recommend::ToolRecommendation;
use crate::arrange::arrange_by;

/// Cases of either outcome that are taken as seen before the first: so few shift little.
const PRIOR: f64 = 2.0;
/// Of a case that a tool was neither taken nor dismissed, what counts as dismissed.
const IGNORED: f64 = 0.1;
/// Ignored cases that count; a tool is not forgotten for being shown often.
const MOST_IGNORED: f64 = 20.0;
/// How far a confidence is shifted at most, up or down, as a share of it.
const MOST_SHIFT: f64 = 0.2;
/// Tools in the list of those recommended most.
const TOP: usize = 10;

/// What became of one tool's recommendations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ToolFeedback {
    /// Times that it was shown.
    pub shown: u64,
    /// Times that it was taken: run, or installed.
    pub taken: u64,
    /// Times that it was turned down.
    pub dismissed: u64,
    /// It was shown while it was not installed, and has not been installed since.
    pub is_awaited: bool,
}

/// What is learned of each tool. The caller keeps it, from one run to the next.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Feedback {
    /// By name of the tool; those that were never shown are not in it.
    pub tools: BTreeMap<String, ToolFeedback>,
}

impl Feedback {
    /// These were shown to the user. To be told once for each answer, not each second.
    pub fn show(&mut self, shown: &[ToolRecommendation]) {
        for recommendation in shown {
            if let Some(tool) = self.of(&recommendation.name) {
                tool.shown = tool.shown.saturating_add(1);
                tool.is_awaited = recommendation.installed.is_none();
            }
        }
    }

    /// The user ran it or installed it. False for a tool that is not in the catalogue.
    pub fn take(&mut self, name: &str) -> bool {
        let tool = self.of(name);
        tool.map(|tool| {
            tool.taken = tool.taken.saturating_add(1);
            tool.is_awaited = false;
        })
        .is_some()
    }

    /// The user does not want it. False for a tool that is not in the catalogue.
    pub fn dismiss(&mut self, name: &str) -> bool {
        let tool = self.of(name);
        tool.map(|tool| tool.dismissed = tool.dismissed.saturating_add(1))
            .is_some()
    }

    /// Counts the tools as taken that were shown when they were missing and have come since.
    /// Returns their names. To be told again changes nothing.
    pub fn compare(&mut self, before: &HostTools, after: &HostTools) -> Vec<String> {
        let mut taken = Vec::new();
        for (name, tool) in &mut self.tools {
            let has_come =
                after.installed.contains_key(name) && !before.installed.contains_key(name);
            if tool.is_awaited && has_come {
                tool.is_awaited = false;
                tool.taken = tool.taken.saturating_add(1);
                taken.push(name.clone());
            }
        }
        taken
    }

    /// What a tool's confidence is multiplied by, from 0.8 to 1.2: twice the expected share of
    /// cases in which it is taken, a beta distribution's mean, drawn to 1.
    pub fn factor(&self, name: &str) -> f64 {
        let Some(tool) = self.tools.get(name) else {
            return 1.0;
        };
        let (taken, dismissed) = (tool.taken as f64, tool.dismissed as f64);
        let ignored = (tool.shown as f64 - taken - dismissed).clamp(0.0, MOST_IGNORED);
        let against = dismissed + IGNORED * ignored;
        let share = (PRIOR + taken) / (2.0 * PRIOR + taken + against);
        1.0 + MOST_SHIFT * (2.0 * share - 1.0)
    }

    /// How often which tool was recommended, and what the catalogue holds.
    pub fn analytics(&self) -> ToolAnalytics {
        let mut top: Vec<(String, u64)> = self
            .tools
            .iter()
            .filter(|(_, tool)| tool.shown > 0)
            .map(|(name, tool)| (name.clone(), tool.shown))
            .collect();
        arrange_by(&mut top, |a, b| b.1.cmp(&a.1));
        top.truncate(TOP);
        let count = |of: Category| tools().filter(|tool| tool.category() == of).count() as u64;
        let mut categories = Category::ALL.map(|of| (of.name().to_owned(), count(of)));
        arrange_by(&mut categories, |a, b| b.1.cmp(&a.1));
        ToolAnalytics {
            top_tools: top,
            category_distribution: categories.into(),
            total_tools: tools().count() as u64,
        }
    }

    /// The counts of a tool of the catalogue: so there are never more than it holds.
    fn of(&mut self, name: &str) -> Option<&mut ToolFeedback> {
        tool_named(name)?;
        Some(self.tools.entry(name.to_owned()).or_default())
    }
}

/// Figures of the catalogue and its use, as the prototype's `get_tool_analytics`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ToolAnalytics {
    /// The tools shown most, at most ten, with how often; none that was never shown.
    pub top_tools: Vec<(String, u64)>,
    /// Categories with the number of their tools, the largest first.
    pub category_distribution: Vec<(String, u64)>,
    /// Tools in the catalogue.
    pub total_tools: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::{Context, Executable, recommend};

    fn with(names: &[&str]) -> HostTools {
        let executable = |name: &&str| Executable {
            path: format!("/usr/bin/{name}").into(),
            is_in_path: true,
        };
        let installed = names
            .iter()
            .map(|name| ((*name).to_owned(), executable(name)));
        HostTools {
            installed: installed.collect(),
            ..HostTools::default()
        }
    }

    fn asked(feedback: &Feedback, host: &HostTools) -> Vec<ToolRecommendation> {
        recommend(Some("iotop"), &Context::default(), host, feedback, 1)
    }

    #[test]
    fn what_is_taken_gains_and_what_is_dismissed_loses_moderately() {
        let mut feedback = Feedback::default();
        assert_eq!(feedback.factor("htop"), 1.0);
        assert!(feedback.take("htop") && feedback.dismiss("btop"));
        assert!(feedback.factor("htop") > 1.0 && feedback.factor("htop") < 1.1);
        assert!(feedback.factor("btop") < 1.0 && feedback.factor("btop") > 0.9);
        for _ in 0..10_000 {
            feedback.take("htop");
            feedback.dismiss("btop");
        }
        assert!(feedback.factor("htop") <= 1.2 && feedback.factor("htop") > 1.19);
        assert!(feedback.factor("btop") >= 0.8 && feedback.factor("btop") < 0.81);
    }

    #[test]
    fn one_that_is_only_ignored_is_not_forgotten() {
        let mut feedback = Feedback::default();
        let host = HostTools::default();
        let shown = asked(&feedback, &host);
        for _ in 0..10_000 {
            feedback.show(&shown);
        }
        let factor = feedback.factor("iotop");
        assert!(factor < 1.0 && factor > 0.9, "{factor}");
        assert_eq!(feedback.tools["iotop"].shown, 10_000);
    }

    #[test]
    fn a_shown_tool_that_comes_to_be_installed_is_taken_once() {
        let (bare, grown) = (with(&["htop"]), with(&["htop", "iotop", "ncdu"]));
        let mut feedback = Feedback::default();
        // Nothing was shown: what is installed for other reasons is no merit of ours.
        assert!(feedback.compare(&bare, &grown).is_empty());
        feedback.show(&asked(&feedback, &bare));
        assert!(feedback.compare(&bare, &bare).is_empty());
        assert_eq!(feedback.compare(&bare, &grown), ["iotop"]);
        assert!(feedback.compare(&bare, &grown).is_empty());
        assert_eq!(feedback.tools["iotop"].taken, 1);
        // Shown while it is there: it can't come.
        feedback.show(&asked(&feedback, &grown));
        assert!(feedback.compare(&HostTools::default(), &grown).is_empty());
    }

    #[test]
    fn a_name_that_is_no_tool_is_not_kept() {
        let mut feedback = Feedback::default();
        assert!(!feedback.take("rm -rf /") && !feedback.dismiss(""));
        assert!(feedback.tools.is_empty());
    }

    #[test]
    fn figures_are_true() {
        let mut feedback = Feedback::default();
        let none = feedback.analytics();
        assert!(none.top_tools.is_empty());
        assert_eq!(none.total_tools, tools().count() as u64);
        let sum: u64 = none.category_distribution.iter().map(|(_, n)| n).sum();
        assert_eq!(sum, none.total_tools);
        assert!(none.category_distribution.is_sorted_by(|a, b| a.1 >= b.1));
        let host = HostTools::default();
        let all = recommend(
            Some("monitoring"),
            &Context::default(),
            &host,
            &feedback,
            100,
        );
        assert!(all.len() > TOP);
        feedback.show(&all);
        feedback.show(&asked(&feedback, &host));
        feedback.take("git");
        let top = feedback.analytics().top_tools;
        assert_eq!(top.len(), TOP);
        assert_eq!(top[0], ("iotop".to_owned(), 2));
        assert!(top.iter().all(|(name, _)| name != "git"), "never shown");
    }

    #[test]
    fn counts_survive_a_restart_and_do_not_overflow() {
        let mut feedback = Feedback::default();
        let full = ToolFeedback {
            shown: u64::MAX,
            taken: u64::MAX,
            dismissed: u64::MAX,
            is_awaited: true,
        };
        feedback.tools.insert("htop".into(), full);
        feedback.take("htop");
        feedback.dismiss("htop");
        assert!((feedback.factor("htop") - 1.0).abs() < 0.01);
        let text = serde_json::to_string(&feedback).unwrap();
        assert_eq!(serde_json::from_str::<Feedback>(&text).unwrap(), feedback);
        assert_eq!(
            serde_json::from_str::<Feedback>("{}").unwrap(),
            Feedback::default()
        );
    }
}
