//! Which tool would show more.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::catalogue::{Help, Tool, tools};
use super::context::Context;
use super::feedback::Feedback;
use super::host::HostTools;
use super::kind::{Category, Impact, Problem};
use super::words::Question;
use crate::arrange::arrange_by;

/// Most that the prototype gave at once.
pub const USUAL_LIMIT: usize = 5;

/// Processes above which tools that show them gain a little.
const MANY_PROCESSES: u64 = 200;
/// What a further reason adds.
const FURTHER_REASON: f64 = 0.05;
/// What many processes add; alone they are no reason, most machines have as many.
const FOR_MANY_PROCESSES: f64 = 0.03;
/// What being asked for by name adds, as in the prototype.
const FOR_NAME: f64 = 0.1;
/// Of its own confidence, what a tool keeps that only stands on the shelf asked for.
const FOR_CATEGORY: f64 = 0.8;
/// What it keeps for one tag, and gains for each further one.
const FOR_TAG: (f64, f64) = (0.65, 0.12);
/// What a tag adds where the problem was asked about too: of the tools that help with it,
/// this one is nearer to what was asked. First of a tag that few tools have.
const FOR_TAG_TOO: (f64, f64) = (0.2, 0.05);
/// How sure it is that a system is slow in general when something else was asked about too,
/// as in "slow disk".
const BESIDE_OTHERS: f64 = 0.6;
/// What a reason counts that nobody asked about, when something was asked.
const NOT_ASKED: f64 = 0.8;
/// What a tool keeps that must be installed first.
const MISSING: f64 = 0.85;
/// What a tool keeps in a container that only sees enough on the host.
const IN_CONTAINER: f64 = 0.7;
/// What one counts beside another that shows the same; only for the choice.
const ALIKE: f64 = 0.85;
/// Less is a guess, and is not given.
const LEAST: f64 = 0.25;

/// A tool that would help, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolRecommendation {
    /// Its name.
    pub name: String,
    /// What it shows or does.
    pub description: String,
    /// Its category.
    pub category: Category,
    /// Command line that installs it on this distribution; `None` when it is there, or how
    /// is not known: then see `doc_url`.
    pub install_command: Option<String>,
    /// Address of its documentation.
    pub doc_url: String,
    /// Words that it is found by.
    pub tags: Vec<String>,
    /// How sure it is to help, 0 to 1.
    pub confidence_score: f64,
    /// The best of the reasons, in words.
    pub reason: String,
    /// How much it burdens the machine.
    pub system_impact: Impact,
    /// Other tools for the same.
    pub alternatives: Vec<String>,
    /// Where it is; `None` when it is not there.
    pub installed: Option<PathBuf>,
    /// Command line for this problem; words in capitals (`PID`, `HOST`) are to be filled in.
    pub how_to_run: String,
    /// Root must run it, or sees more.
    pub needs_root: bool,
    /// What it is to help with; `None` when it was asked for otherwise.
    pub problem: Option<Problem>,
}

/// A reason for a tool.
struct Reason {
    confidence: f64,
    words: String,
}

/// A tool with the best of its reasons.
struct Candidate {
    tool: Tool,
    reason: Reason,
    /// What it is run for.
    help: Option<Help>,
    /// The problem that spoke most for it.
    problem: Option<Problem>,
    /// 1 until tools that show the same are chosen.
    freshness: f64,
}

/// The tools that would show more: of what was asked, of what is wrong, or both. At most
/// `limit`, the best first; none where nothing is asked and nothing wrong.
///
/// A tool that is there goes before one as good that is not, since it helps at once. Of
/// several that show the same, the best is chosen before the next best.
pub fn recommend(
    query: Option<&str>,
    context: &Context,
    host: &HostTools,
    learned: &Feedback,
    limit: usize,
) -> Vec<ToolRecommendation> {
    let question = Question::new(query.unwrap_or(""));
    let causes = causes(&question, context);
    let mut candidates = Vec::new();
    for tool in tools().filter(|tool| tool.fits_processor()) {
        let Some(mut candidate) = candidate(tool, &question, &causes, context) else {
            continue;
        };
        let is_there = host.installed.contains_key(tool.name());
        if !is_there && tool.is_built_in() && question.names(tool).is_none() {
            continue;
        }
        let reason = &mut candidate.reason;
        if !is_there {
            reason.confidence *= MISSING;
        }
        if let Some(container) = host.container.as_ref().filter(|_| tool.is_for_the_host()) {
            reason.confidence *= IN_CONTAINER;
            reason.words += &format!("; sees enough only outside this container ({container})");
        }
        let confidence = reason.confidence * learned.factor(tool.name());
        reason.confidence = confidence.clamp(0.0, 1.0);
        if reason.confidence >= LEAST {
            candidates.push(candidate);
        }
    }
    let chosen = choose(candidates, limit);
    chosen
        .into_iter()
        .map(|candidate| told(candidate, host))
        .collect()
}

/// A problem with how sure it is and why, and whether it was asked about.
struct Cause {
    problem: Problem,
    sure: f64,
    words: String,
    is_asked: bool,
}

fn causes(question: &Question, context: &Context) -> Vec<Cause> {
    let asked = question.problems();
    let has_other = asked.iter().any(|hit| hit.about != Problem::General);
    let context_counts = if asked.is_empty() { 1.0 } else { NOT_ASKED };
    let seen = context.triggers().into_iter().map(|(_, seen)| seen);
    let seen = seen.chain(context.problems.iter().cloned());
    let mut causes: Vec<Cause> = seen
        .filter(|seen| seen.confidence.is_finite())
        .map(|seen| Cause {
            problem: seen.problem,
            sure: seen.confidence.clamp(0.0, 1.0) * context_counts,
            words: seen.evidence,
            is_asked: false,
        })
        .collect();
    causes.extend(asked.into_iter().map(|hit| Cause {
        problem: hit.about,
        sure: match hit.about {
            Problem::General if has_other => hit.sure * BESIDE_OTHERS,
            _ => hit.sure,
        },
        words: format!("asked about {} (\"{}\")", hit.about.words(), hit.asked),
        is_asked: true,
    }));
    causes
}

/// A tool with the best of its reasons, surer where others agree; `None` without any.
fn candidate(
    tool: Tool,
    question: &Question,
    causes: &[Cause],
    context: &Context,
) -> Option<Candidate> {
    let mut best: Option<Reason> = None;
    let mut take = |confidence: f64, words: String| {
        if best
            .as_ref()
            .is_none_or(|best| confidence > best.confidence)
        {
            best = Some(Reason { confidence, words });
        }
    };
    let (mut is_asked, mut is_seen) = (false, false);
    let mut strongest: Option<(f64, Help)> = None;
    for cause in causes {
        let Some(help) = tool.help_with(cause.problem) else {
            continue;
        };
        is_asked |= cause.is_asked;
        is_seen |= !cause.is_asked;
        let confidence = help.fit * cause.sure;
        if strongest.is_none_or(|(before, _)| confidence > before) {
            strongest = Some((confidence, help));
        }
        take(confidence, cause.words.clone());
    }
    if let Some(hit) = question.names(tool) {
        is_asked = true;
        let confidence = (tool.confidence() + FOR_NAME).min(1.0) * hit.sure;
        take(confidence, format!("asked for by name (\"{}\")", hit.asked));
    }
    for hit in question.categories() {
        if hit.about == tool.category() {
            is_asked = true;
            let words = format!("of the category {} (\"{}\")", hit.about.name(), hit.asked);
            take(tool.confidence() * FOR_CATEGORY * hit.sure, words);
        }
    }
    let tags = question.tags(tool);
    if !tags.is_empty() {
        is_asked = true;
        let sure = tags.iter().map(|hit| hit.sure).fold(1.0, f64::min);
        let share = (FOR_TAG.0 + FOR_TAG.1 * (tags.len() - 1) as f64).min(1.0);
        let asked: Vec<&str> = tags.iter().map(|hit| hit.asked.as_str()).collect();
        let words = format!("asked about \"{}\"", asked.join(", "));
        take(tool.confidence() * share * sure, words);
    }
    let mut reason = best?;
    if !tags.is_empty() && causes.iter().any(|cause| helps_as_asked(tool, cause)) {
        let is_rare = tags.iter().any(|hit| question.is_rare(hit.about));
        reason.confidence += match is_rare {
            true => FOR_TAG_TOO.0,
            false => FOR_TAG_TOO.1,
        };
    }
    if is_asked && is_seen {
        reason.confidence += FURTHER_REASON;
    }
    let has_many = context
        .process_count
        .is_some_and(|count| count > MANY_PROCESSES);
    if has_many && tool.help_with(Problem::ProcessCount).is_some() {
        reason.confidence += FOR_MANY_PROCESSES;
    }
    reason.confidence = reason.confidence.min(1.0);
    let help = strongest.map(|(_, help)| help);
    Some(Candidate {
        tool,
        reason,
        help: help.or_else(|| tool.helps().next()),
        problem: help.map(|help| help.problem),
        freshness: 1.0,
    })
}

fn helps_as_asked(tool: Tool, cause: &Cause) -> bool {
    cause.is_asked && tool.help_with(cause.problem).is_some()
}

/// The best, of those that show the same not all; in order of their confidence.
fn choose(mut candidates: Vec<Candidate>, limit: usize) -> Vec<Candidate> {
    let mut chosen: Vec<Candidate> = Vec::new();
    while chosen.len() < limit {
        let mut best: Option<(f64, usize)> = None;
        for (place, candidate) in candidates.iter().enumerate() {
            let worth = candidate.reason.confidence * candidate.freshness;
            if best.is_none_or(|(most, _)| worth > most) {
                best = Some((worth, place));
            }
        }
        let Some((_, place)) = best else {
            break;
        };
        // Not `swap_remove`: equal ones stay in the catalogue's order.
        let next = candidates.remove(place);
        for candidate in &mut candidates {
            if are_alike(candidate.tool, next.tool) {
                candidate.freshness *= ALIKE;
            }
        }
        chosen.push(next);
    }
    arrange_by(&mut chosen, |a, b| {
        b.reason.confidence.total_cmp(&a.reason.confidence)
    });
    chosen
}

fn are_alike(a: Tool, b: Tool) -> bool {
    a.alternatives().any(|name| name == b.name()) || b.alternatives().any(|name| name == a.name())
}

fn told(candidate: Candidate, host: &HostTools) -> ToolRecommendation {
    let Candidate {
        tool,
        reason,
        help,
        problem,
        ..
    } = candidate;
    let installed = host
        .installed
        .get(tool.name())
        .map(|found| found.path.clone());
    ToolRecommendation {
        name: tool.name().into(),
        description: tool.description().into(),
        category: tool.category(),
        install_command: match installed {
            Some(_) => None,
            None => host.install_command(tool),
        },
        doc_url: tool.doc_url(),
        tags: tool.tags().map(str::to_owned).collect(),
        confidence_score: reason.confidence,
        reason: reason.words,
        system_impact: tool.system_impact(),
        alternatives: tool.alternatives().map(str::to_owned).collect(),
        installed,
        how_to_run: host.command_line(tool, help),
        needs_root: help.is_some_and(|help| help.needs_root),
        problem,
    }
}
