//! Threads of the library's own where signals and CPU clocks are not handled.

use std::io;
use std::thread::JoinHandle;

/// Starts a thread. `stack_bytes` 0 is the default.
pub(crate) fn spawn<T: Send + 'static>(
    name: &str,
    stack_bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    let mut builder = std::thread::Builder::new().name(name.to_string());
    if stack_bytes > 0 {
        builder = builder.stack_size(stack_bytes);
    }
    builder.spawn(work)
}

/// Not known off Linux.
pub(crate) fn library_cpu_seconds() -> Option<f64> {
    None
}
