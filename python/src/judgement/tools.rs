//! Tools that would show more of a problem. Pure but for the look at what the host has;
//! questions and what was learnt come and go as JSON, and the caller keeps them.

use std::path::PathBuf;

use pyo3::prelude::*;
use serde::de::DeserializeOwned;
use usm_core::sample::Roots;
use usm_core::tools::{Context, Feedback, HostTools, Tool, ToolRecommendation, recommend, tools};
use usm_core::{Error, Result};

use crate::border::detached;
use crate::to_python::to_python;

/// The tools for a question and for what is wrong, the best first.
#[pyfunction]
pub(crate) fn recommend_tools<'py>(
    py: Python<'py>,
    query: Option<&str>,
    context: &str,
    learnt: &str,
    limit: usize,
    roots: (PathBuf, PathBuf, PathBuf),
) -> PyResult<Bound<'py, PyAny>> {
    let found = detached(py, || {
        let context: Context = read("context", context)?;
        let learnt: Feedback = read("learnt", learnt)?;
        Ok(recommend(query, &context, &look(roots), &learnt, limit))
    })?;
    to_python(py, &found)
}

/// What is learnt of tools that were shown, taken or dismissed; those that were shown and have
/// been installed since count as taken.
#[pyfunction]
pub(crate) fn learn_of_tools(
    py: Python<'_>,
    learnt: &str,
    shown: &str,
    taken: Vec<String>,
    dismissed: Vec<String>,
    roots: (PathBuf, PathBuf, PathBuf),
) -> PyResult<String> {
    detached(py, || {
        let mut learnt: Feedback = read("learnt", learnt)?;
        let shown: Vec<ToolRecommendation> = read("shown", shown)?;
        learnt.compare(&HostTools::default(), &look(roots));
        learnt.show(&shown);
        for (names, is_taken) in [(taken, true), (dismissed, false)] {
            for name in names {
                let is_known = match is_taken {
                    true => learnt.take(&name),
                    false => learnt.dismiss(&name),
                };
                if !is_known {
                    return Err(Error::invalid("name", name, "the name of a tool"));
                }
            }
        }
        serde_json::to_string(&learnt).map_err(|error| Error::Internal(error.to_string()))
    })
}

/// Names of the prototype's performance issues that hold.
#[pyfunction]
pub(crate) fn performance_issues(py: Python<'_>, context: &str) -> PyResult<Vec<&'static str>> {
    detached(py, || {
        let context: Context = read("context", context)?;
        Ok(context.performance_issues())
    })
}

/// Figures of the catalogue and its use.
#[pyfunction]
pub(crate) fn tool_analytics<'py>(py: Python<'py>, learnt: &str) -> PyResult<Bound<'py, PyAny>> {
    let analytics = detached(py, || Ok(read::<Feedback>("learnt", learnt)?.analytics()))?;
    to_python(py, &analytics)
}

/// The whole catalogue: each tool as a row of the prototype's table `tools`, with how it is
/// installed here.
#[pyfunction]
pub(crate) fn tool_catalogue<'py>(
    py: Python<'py>,
    roots: (PathBuf, PathBuf, PathBuf),
) -> PyResult<Bound<'py, PyAny>> {
    let rows = detached(py, || {
        let host = look(roots);
        let row = |tool: Tool| {
            serde_json::json!({
                "name": tool.name(),
                "description": tool.description(),
                "category": tool.category().name(),
                "install_command": host.install_command(tool),
                "doc_url": tool.doc_url(),
                "tags": tool.tags().collect::<Vec<_>>().join(","),
                "confidence_score": tool.confidence(),
            })
        };
        Ok(tools().map(row).collect::<Vec<_>>())
    })?;
    to_python(py, &rows)
}

fn look((proc_root, sys_root, host_root): (PathBuf, PathBuf, PathBuf)) -> HostTools {
    HostTools::look(&Roots {
        proc_root,
        sys_root,
        host_root,
    })
}

fn read<T: DeserializeOwned>(what: &str, json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|error| Error::invalid(what, json, error.to_string()))
}
