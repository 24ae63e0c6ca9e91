//! Which tool would show more of a problem, whether it is there, and how it is had.
//!
//! [`recommend`] is pure: a question in plain words, what is wrong ([`Context`]), what the
//! host has ([`HostTools`], looked at now and then) and what became of earlier advice
//! ([`Feedback`], which the caller keeps) give the tools, best first. Nothing is run and
//! nothing installed: commands are told, not carried out.
//!
//! ```
//! use usm_core::sample::Roots;
//! use usm_core::tools::{Context, Feedback, HostTools, USUAL_LIMIT, recommend};
//!
//! let host = HostTools::look(&Roots::default());
//! let learned = Feedback::default();
//! let found = recommend(Some("disk full"), &Context::default(), &host, &learned, USUAL_LIMIT);
//! assert!(!found.is_empty());
//! for tool in &found {
//!     match &tool.install_command {
//!         Some(command) => println!("{}: {command}", tool.name),
//!         None => println!("{}: {}", tool.name, tool.how_to_run),
//!     }
//! }
//! ```

mod catalogue;
mod context;
mod distribution;
mod feedback;
mod host;
mod kind;
mod place;
mod recommend;
mod slip;
#[cfg(test)]
mod tests;
mod words;

pub use catalogue::{Help, Tool, tool_named, tools};
pub use context::{Context, SeenProblem};
pub use distribution::{Distribution, Family};
pub use feedback::{Feedback, ToolAnalytics, ToolFeedback};
pub use host::{Executable, HostTools};
pub use kind::{Category, Impact, Problem};
pub use recommend::{ToolRecommendation, USUAL_LIMIT, recommend};
