//! A peer is a process that does ticks when it is told to, and says what CPU time they
//! took: a line with a number in, a line with seconds and a count out. In processes of
//! their own, peers can't warm each other's memory, and each pays for its own files.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use rustix::time::{ClockId, clock_gettime};

/// A running peer.
pub struct Peer {
    /// What the table calls it.
    pub name: String,
    child: Child,
    ask: Option<ChildStdin>,
    answer: BufReader<ChildStdout>,
}

/// What some ticks took.
#[derive(Clone, Copy)]
pub struct Took {
    /// User and system time of the peer, per tick.
    pub cpu_ms: f64,
    /// Things found in the last tick (processes, files).
    pub count: usize,
}

impl Peer {
    /// # Errors
    /// When the program can't be started.
    pub fn start(name: &str, program: &Path, arguments: &[&str]) -> std::io::Result<Peer> {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let missing = || std::io::Error::other("no pipe to the peer");
        let answer = BufReader::new(child.stdout.take().ok_or_else(missing)?);
        Ok(Peer {
            name: name.to_string(),
            ask: child.stdin.take(),
            child,
            answer,
        })
    }

    /// Lets the peer do `ticks` ticks.
    ///
    /// # Errors
    /// When the peer has ended or does not answer in the way agreed.
    pub fn run(&mut self, ticks: u32) -> std::io::Result<Took> {
        let broken = |what: &str| std::io::Error::other(format!("{}: {what}", self.name));
        let ask = self.ask.as_mut().ok_or_else(|| broken("is closed"))?;
        writeln!(ask, "{ticks}")?;
        let mut line = String::new();
        self.answer.read_line(&mut line)?;
        let mut words = line.split_whitespace();
        let seconds: Option<f64> = words.next().and_then(|word| word.parse().ok());
        let count: Option<usize> = words.next().and_then(|word| word.parse().ok());
        match (seconds, count) {
            (Some(seconds), Some(count)) => Ok(Took {
                cpu_ms: seconds * 1000.0 / f64::from(ticks),
                count,
            }),
            _ => Err(broken(&format!("answered {line:?}"))),
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.ask.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The peer's side: serves ticks until the pipe ends. `tick` returns the count.
///
/// # Errors
/// When the pipe breaks or a tick fails.
pub fn serve(mut tick: impl FnMut() -> std::io::Result<usize>) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    for line in std::io::stdin().lines() {
        let ticks: u32 = line?.trim().parse().map_err(std::io::Error::other)?;
        let mut count = 0;
        let before = cpu_seconds();
        for _ in 0..ticks {
            count = tick()?;
        }
        writeln!(out, "{:.9} {count}", cpu_seconds() - before)?;
        out.flush()?;
    }
    Ok(())
}

fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// Compiles `floor.c` into `folder` with the system's C compiler (`$CC`, else `cc`).
///
/// # Errors
/// When there is no compiler or it fails.
pub fn compile_floor(folder: &Path) -> std::io::Result<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/floor.c");
    let program = folder.join("floor");
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let status = Command::new(compiler)
        .args(["-O2", "-Wall", "-Werror", "-o"])
        .args([&program, &source])
        .status()?;
    if status.success() {
        Ok(program)
    } else {
        Err(std::io::Error::other(format!("cc: {status}")))
    }
}

/// The Python of `$USM_BENCH_PYTHON` (else `python3`) when it can import psutil.
pub fn python_with_psutil() -> Option<PathBuf> {
    let python = std::env::var_os("USM_BENCH_PYTHON").unwrap_or_else(|| "python3".into());
    let status = Command::new(&python)
        .args(["-c", "import psutil"])
        .stderr(Stdio::null())
        .status()
        .ok()?;
    status.success().then(|| python.into())
}

/// The script that makes psutil a peer.
pub fn psutil_script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/support/psutil_peer.py")
}
