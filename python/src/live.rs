//! `Live`: the newest values, read without a lock, as fast as an attribute can be.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString};

use crate::monitor::Slot;
use crate::to_python::to_python;

/// The newest values of a monitor. Each attribute is read from the newest state at that
/// moment; several that belong together come from asdict() or all().
#[pyclass(frozen, module = "unified_system_monitor._native")]
pub(crate) struct Live {
    slot: Arc<Slot>,
}

impl Live {
    pub(crate) fn new(slot: Arc<Slot>) -> Live {
        Live { slot }
    }
}

/// The class's methods: a getter for each of core's metrics, and `asdict` of the main ones.
macro_rules! live {
    (main: [$($main:ident),* $(,)?] fields: $($name:ident: $kind:ty, $doc:literal;)*) => {
        const MAIN: &[&str] = &["timestamp", $(stringify!($main)),*];

        #[pymethods]
        impl Live {
            $(
                #[doc = $doc]
                #[getter]
                fn $name(&self, py: Python<'_>) -> PyResult<$kind> {
                    self.slot.peek(py, |state| state.metrics.$name)
                }
            )*

            /// The main values of one state as a dict.
            fn asdict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
                static TEMPLATE: PyOnceLock<(Py<PyDict>, Vec<Py<PyString>>)> = PyOnceLock::new();
                let (template, keys) = TEMPLATE.get_or_try_init(py, || template(py))?;
                let state = self.slot.state(py)?;
                let m = &state.metrics;
                // A copy of a dict that has the keys already needs not grow.
                let dict = template.bind(py).copy()?;
                let mut keys = keys.iter().map(|key| key.bind(py));
                if let Some(key) = keys.next() {
                    dict.set_item(key, m.timestamp)?;
                }
                $(
                    if let Some(key) = keys.next() {
                        if m.$main.is_some() {
                            dict.set_item(key, m.$main)?;
                        }
                    }
                )*
                Ok(dict)
            }

            /// All values of one state as a dict, and its number as sequence.
            fn all<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
                let state = self.slot.state(py)?;
                let dict = to_python(py, &state.metrics)?.cast_into::<PyDict>()?;
                dict.set_item("sequence", state.sequence)?;
                dict.set_item("health_score", state.scores.health.value)?;
                dict.set_item("performance_score", state.scores.performance.value)?;
                dict.set_item("security_score", state.scores.security.value)?;
                Ok(dict)
            }

            /// Number of the newest state; 0 before the first.
            #[getter]
            fn sequence(&self, py: Python<'_>) -> PyResult<u64> {
                self.slot.peek(py, |state| state.sequence)
            }

            /// Health, 0 to 100; None when nothing of it is known.
            #[getter]
            fn health_score(&self, py: Python<'_>) -> PyResult<Option<f64>> {
                self.slot.peek(py, |state| state.scores.health.value)
            }

            /// Performance, 0 to 100.
            #[getter]
            fn performance_score(&self, py: Python<'_>) -> PyResult<Option<f64>> {
                self.slot.peek(py, |state| state.scores.performance.value)
            }

            /// Security, 0 to 100.
            #[getter]
            fn security_score(&self, py: Python<'_>) -> PyResult<Option<f64>> {
                self.slot.peek(py, |state| state.scores.security.value)
            }

            fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
                Ok(format!("<Live {}>", self.asdict(py)?.repr()?))
            }
        }
    };
}

/// A dict of all main values as None, and its keys.
fn template(py: Python<'_>) -> PyResult<(Py<PyDict>, Vec<Py<PyString>>)> {
    let dict = PyDict::new(py);
    let keys: Vec<_> = MAIN
        .iter()
        .map(|name| PyString::intern(py, name).unbind())
        .collect();
    for key in &keys {
        dict.set_item(key, py.None())?;
    }
    Ok((dict.unbind(), keys))
}

live! {
    main: [
        cpu_percent,
        cpu_user_percent,
        cpu_system_percent,
        cpu_iowait_percent,
        load_average_1,
        load_average_5,
        load_average_15,
        memory_percent,
        memory_used_bytes,
        memory_available_bytes,
        memory_total_bytes,
        swap_percent,
        disk_percent,
        disk_read_bytes_per_sec,
        disk_write_bytes_per_sec,
        network_received_bytes_per_sec,
        network_sent_bytes_per_sec,
        process_count,
        thread_count,
    ]
    fields:
    timestamp: f64, "When the sample was read, Unix seconds.";
    cpu_percent: Option<f64>, "Processors busy, percent of the machine.";
    cpu_user_percent: Option<f64>, "User mode (niced included), percent of the machine.";
    cpu_system_percent: Option<f64>, "Kernel mode with interrupts, percent of the machine.";
    cpu_iowait_percent: Option<f64>, "Idle while waiting for a disk, percent of the machine.";
    cpu_steal_percent: Option<f64>, "Taken by the hypervisor, percent of the machine.";
    logical_cpus: Option<u64>, "Processors online.";
    effective_cpus: Option<f64>, "Processors that may be used under the control group's limits.";
    container_cpu_percent: Option<f64>, "CPU used by the own control group, percent of its limit; None when unlimited.";
    load_average_1: Option<f64>, "Load average over 1 minute.";
    load_average_5: Option<f64>, "Load average over 5 minutes.";
    load_average_15: Option<f64>, "Load average over 15 minutes.";
    runnable: Option<u64>, "Tasks running or ready to run.";
    blocked: Option<u64>, "Tasks blocked in a disk read or write.";
    context_switches_per_sec: Option<f64>, "Context switches per second.";
    memory_percent: Option<f64>, "Memory used, percent of the machine's.";
    memory_used_bytes: Option<u64>, "Memory used: total − available.";
    memory_available_bytes: Option<u64>, "Memory available without swapping.";
    memory_total_bytes: Option<u64>, "Memory of the machine.";
    effective_memory_bytes: Option<u64>, "Memory that may be used under the control group's limits.";
    container_memory_percent: Option<f64>, "Memory used by the limited control group, percent of its limit; None when unlimited.";
    swap_percent: Option<f64>, "Swap used, percent; None without swap.";
    swap_used_bytes: Option<u64>, "Swap used.";
    swap_total_bytes: Option<u64>, "Swap space; 0 when there is none.";
    major_faults_per_sec: Option<f64>, "Page faults that needed a disk, per second.";
    disk_percent: Option<f64>, "Root file system used, percent as `df` shows it.";
    disk_used_bytes: Option<u64>, "Root file system used.";
    disk_total_bytes: Option<u64>, "Root file system's size.";
    disk_read_bytes_per_sec: Option<f64>, "Read from all disks per second.";
    disk_write_bytes_per_sec: Option<f64>, "Written to all disks per second.";
    disk_utilisation_percent: Option<f64>, "Utilisation of the busiest disk, percent of the time.";
    network_received_bytes_total: Option<u64>, "Received on all interfaces but loopback since boot.";
    network_sent_bytes_total: Option<u64>, "Sent on all interfaces but loopback since boot.";
    network_received_bytes_per_sec: Option<f64>, "Received per second on all interfaces but loopback.";
    network_sent_bytes_per_sec: Option<f64>, "Sent per second on all interfaces but loopback.";
    tcp_established: Option<u64>, "TCP connections established.";
    tcp_retransmits_per_sec: Option<f64>, "TCP segments sent again per second.";
    pressure_cpu_some_percent: Option<f64>, "Time in which some task waited for a processor, percent of the last 10 s.";
    pressure_memory_some_percent: Option<f64>, "Time in which some task waited for memory, percent of the last 10 s.";
    pressure_memory_full_percent: Option<f64>, "Time in which all tasks waited for memory, percent of the last 10 s.";
    pressure_io_some_percent: Option<f64>, "Time in which some task waited for a disk, percent of the last 10 s.";
    pressure_io_full_percent: Option<f64>, "Time in which all tasks waited for a disk, percent of the last 10 s.";
    process_count: Option<u64>, "Processes that may be seen; None when they are not scanned.";
    thread_count: Option<u64>, "Threads of these processes.";
    temperature_celsius: Option<f64>, "The processor's temperature, else the highest of all sensors, °C.";
    battery_percent: Option<f64>, "Charge of the first battery, percent.";
    battery_plugged: Option<bool>, "Mains are plugged in.";
    monitor_cpu_core_percent: Option<f64>, "CPU time of the monitor's own threads, percent of one core.";
    monitor_rss_bytes: Option<u64>, "Resident memory of the process that embeds the monitor.";
}
