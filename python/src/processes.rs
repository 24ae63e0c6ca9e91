//! The processes of the newest sample: their values in the order of the fields of
//! `Process` in `_processes.py`.

use std::cmp::Ordering;

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use usm_core::sample::ProcessSample;
use usm_core::{Error, Result, State};

use crate::to_python::to_python;

/// What processes can be ordered by, the largest value first (`age`: the oldest first).
#[derive(Clone, Copy)]
pub(crate) enum Order {
    Cpu,
    Memory,
    Io,
    Threads,
    Age,
}

impl Order {
    pub(crate) fn named(name: &str) -> Result<Order> {
        match name {
            "cpu" => Ok(Order::Cpu),
            "memory" => Ok(Order::Memory),
            "io" => Ok(Order::Io),
            "threads" => Ok(Order::Threads),
            "age" => Ok(Order::Age),
            _ => Err(Error::invalid(
                "by",
                name,
                "one of cpu, memory, io, threads, age",
            )),
        }
    }

    /// What is compared; `None` (not known) goes last.
    fn key(self, p: &ProcessSample) -> Option<f64> {
        match self {
            Order::Cpu => p.cpu_core_percent,
            Order::Memory => Some(p.rss_bytes as f64),
            Order::Io => match (p.read_bytes_per_sec, p.write_bytes_per_sec) {
                (None, None) => None,
                (read, write) => Some(read.unwrap_or(0.0) + write.unwrap_or(0.0)),
            },
            Order::Threads => p.threads.map(f64::from),
            Order::Age => Some(-(p.start_time_ticks as f64)),
        }
    }
}

/// The first `most` processes in that order; all of them, by pid, without an order.
pub(crate) fn list<'py>(
    py: Python<'py>,
    state: &State,
    most: usize,
    order: Option<Order>,
) -> PyResult<Vec<Bound<'py, PyTuple>>> {
    let Some(sample) = &state.sample else {
        return Ok(Vec::new());
    };
    let mut chosen: Vec<&ProcessSample> = sample.processes.list.iter().collect();
    if let Some(order) = order {
        chosen.sort_by(|a, b| descending(order.key(a), order.key(b)).then(a.pid.cmp(&b.pid)));
    }
    chosen
        .into_iter()
        .take(most)
        .map(|process| one(py, process))
        .collect()
}

fn descending(a: Option<f64>, b: Option<f64>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => b.total_cmp(&a),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

/// The fields are those of the class, in its order.
fn one<'py>(py: Python<'py>, p: &ProcessSample) -> PyResult<Bound<'py, PyTuple>> {
    let details = &p.details;
    let values = [
        p.pid.into_bound_py_any(py)?,
        p.parent_pid.into_bound_py_any(py)?,
        (&*details.name).into_bound_py_any(py)?,
        details.user.as_deref().into_bound_py_any(py)?,
        details.uid.into_bound_py_any(py)?,
        to_python(py, &p.state)?,
        p.cpu_core_percent.into_bound_py_any(py)?,
        p.cpu_machine_percent.into_bound_py_any(py)?,
        p.cpu_seconds_total.into_bound_py_any(py)?,
        p.rss_bytes.into_bound_py_any(py)?,
        p.memory_percent.into_bound_py_any(py)?,
        p.threads.into_bound_py_any(py)?,
        p.nice.into_bound_py_any(py)?,
        p.start_time_seconds.into_bound_py_any(py)?,
        p.start_time_ticks.into_bound_py_any(py)?,
        p.major_faults_total.into_bound_py_any(py)?,
        p.read_bytes_total.into_bound_py_any(py)?,
        p.write_bytes_total.into_bound_py_any(py)?,
        p.read_bytes_per_sec.into_bound_py_any(py)?,
        p.write_bytes_per_sec.into_bound_py_any(py)?,
        details.command_line.as_deref().into_bound_py_any(py)?,
        details.cgroup.as_deref().into_bound_py_any(py)?,
        details.is_kernel_thread.into_bound_py_any(py)?,
        p.extra.and_then(|e| e.pss_bytes).into_bound_py_any(py)?,
        p.extra.and_then(|e| e.open_files).into_bound_py_any(py)?,
    ];
    PyTuple::new(py, values)
}
