//! Tools that would show more of what is wrong, and what is learnt of which advice is taken.

use std::time::{Duration, Instant};

use super::Monitor;
use crate::logging::{Level, tell};
use crate::store::{JudgedRow, MemoryRow, Row, StoreReader};
use crate::tools::{
    Context, Feedback, HostTools, SeenProblem, ToolAnalytics, ToolRecommendation, recommend,
};
use crate::{Error, Result, sys};

/// Name in the database of what is learnt of tools, and the version of its form.
const MEMORY: (&str, u32) = ("tools", 1);

/// How long a look at what is installed holds.
const LOOK_HOLDS: Duration = Duration::from_secs(60);

/// What is known of tools.
#[derive(Debug)]
pub(super) struct KnownTools {
    host: HostTools,
    looked_at: Instant,
    feedback: Feedback,
}

impl Monitor {
    /// Tools for a question (`None`: for what is wrong now), the best first, at most `limit`:
    /// which is installed and how to run it, or how to install it here. That they were shown is
    /// remembered; one that is installed afterwards counts as taken.
    ///
    /// # Errors
    /// `TimedOut` after `call_timeout`, when the folders of programs do not answer.
    pub fn recommend_tools(
        &self,
        query: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ToolRecommendation>> {
        self.check_process()?;
        let context = self.context_of_tools();
        self.with_tools(|known| {
            let found = recommend(query, &context, &known.host, &known.feedback, limit);
            known.feedback.show(&found);
            Ok(found)
        })
    }

    /// Takes note that a recommended tool was used, or turned down: such tools come earlier or
    /// later from now on.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that is not in the catalogue.
    pub fn answer_tool(&self, name: &str, is_taken: bool) -> Result<()> {
        self.check_process()?;
        self.with_tools(|known| {
            let is_known = match is_taken {
                true => known.feedback.take(name),
                false => known.feedback.dismiss(name),
            };
            match is_known {
                true => Ok(()),
                false => Err(Error::invalid("name", name, "the name of a tool")),
            }
        })
    }

    /// How often tools were recommended, and what the catalogue holds.
    ///
    /// # Errors
    /// As [`Monitor::recommend_tools`].
    pub fn tool_analytics(&self) -> Result<ToolAnalytics> {
        self.check_process()?;
        self.with_tools(|known| Ok(known.feedback.analytics()))
    }

    /// Takes note that an advice was followed, or turned down: of those that matter as much,
    /// the kinds that are followed come first from now on.
    ///
    /// # Errors
    /// `InvalidArgument` for an id that no advice of the newest state has.
    pub fn answer_advice(&self, id: &str, is_taken: bool) -> Result<()> {
        self.check_process()?;
        let state = self.state();
        if !state.recommendations.iter().any(|advice| advice.id == id) {
            let ids: Vec<&str> = state.recommendations.iter().map(|a| &*a.id).collect();
            let allowed = match ids.is_empty() {
                true => "there is no advice now".to_owned(),
                false => format!("the id of an advice: {}", ids.join(", ")),
            };
            return Err(Error::invalid("advice", id, allowed));
        }
        self.shared.lock_judge().learn(id, is_taken);
        super::memory::save(&self.shared);
        Ok(())
    }

    fn context_of_tools(&self) -> Context {
        let state = self.state();
        let mut context = Context::of(&state.metrics, state.scores.performance.value);
        let open = state.insights.iter().filter(|i| i.closed_at.is_none());
        context.problems = open.filter_map(SeenProblem::of).collect();
        context
    }

    /// Works with what is known of tools, and keeps what was learnt.
    fn with_tools<T>(&self, work: impl FnOnce(&mut KnownTools) -> Result<T>) -> Result<T> {
        let mut known = self.shared.lock_tools();
        let mut tools = match known.take() {
            Some(tools) if tools.looked_at.elapsed() < LOOK_HOLDS => tools,
            earlier => self.look_for_tools(earlier)?,
        };
        let before = tools.feedback.clone();
        let done = work(&mut tools);
        if tools.feedback != before {
            self.keep(&tools.feedback);
        }
        *known = Some(tools);
        done
    }

    fn look_for_tools(&self, earlier: Option<KnownTools>) -> Result<KnownTools> {
        let roots = self.config().roots();
        let look = self.shared.pool.submit(move || HostTools::look(&roots))?;
        let host = look.wait(self.patience())?;
        let feedback = match earlier {
            Some(mut earlier) => {
                earlier.feedback.compare(&earlier.host, &host);
                earlier.feedback
            }
            None => {
                let mut feedback = self.kept_feedback();
                feedback.compare(&HostTools::default(), &host);
                feedback
            }
        };
        Ok(KnownTools {
            host,
            looked_at: Instant::now(),
            feedback,
        })
    }

    /// What an earlier run has learnt; nothing where it can't be read.
    fn kept_feedback(&self) -> Feedback {
        let Ok(store) = self.shared.store() else {
            return Feedback::default();
        };
        let read = StoreReader::open(store.path())
            .and_then(|reader| reader.model_memory(MEMORY.0, MEMORY.1));
        let data = read.ok().flatten().map(|(_, data)| data);
        data.and_then(|data| serde_json::from_slice(&data).ok())
            .unwrap_or_default()
    }

    fn keep(&self, feedback: &Feedback) {
        let Ok(store) = self.shared.store() else {
            return;
        };
        match serde_json::to_vec(feedback) {
            Ok(data) => store.append(Row::Judged(JudgedRow::Memory(MemoryRow {
                name: MEMORY.0,
                version: MEMORY.1,
                saved_at: sys::moment().unix_seconds,
                data,
            }))),
            Err(error) => tell(
                Level::Warn,
                format_args!("what was learnt of tools can't be kept: {error}"),
            ),
        }
    }
}
