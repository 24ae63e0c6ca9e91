//! A service that sheds load when the machine runs short: rules on pressure (PSI: how much of
//! the time work had to wait) fire, and a growing share of the requests is refused at the door
//! until they clear, so that those which are let in are still answered in time:
//! `cargo run --release -p usm-examples --bin shed_load -- --load --seconds 12`, and once more
//! with `--no-shedding`.

mod ends;

use std::collections::{BTreeSet, VecDeque};
use std::hint::{black_box, spin_loop};
use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use usm_core::event::Callback;
use usm_core::{Config, EventData, EventKind, EventSet, Monitor};

use ends::Outcome;

const USAGE: &str = "\
usage: shed_load [--load] [--no-shedding] [--seconds N] [--when CONDITION]

  --load         spins in threads of its own from second 2 to second 7
  --no-shedding  lets every request in, to compare
  --seconds      ends after so long; else by Ctrl-C
  --when         the condition, e.g. 'memory_percent > 90 clear 85'
";

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The requests that wait for the workers: synthetic ones, a little work each.
#[derive(Default)]
struct Pool {
    queue: Mutex<Queue>,
    wake: Condvar,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Instant>,
    answered: u32,
    /// From arrival to answer, of what was answered since the last line.
    slowest: Duration,
    is_ended: bool,
}

impl Pool {
    fn take(&self, arrived: Instant) {
        lock(&self.queue).waiting.push_back(arrived);
        self.wake.notify_one();
    }

    fn end(&self) {
        lock(&self.queue).is_ended = true;
        self.wake.notify_all();
    }

    fn work(&self) {
        let mut queue = lock(&self.queue);
        while !queue.is_ended {
            let Some(arrived) = queue.waiting.pop_front() else {
                queue = self
                    .wake
                    .wait(queue)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            drop(queue);
            black_box((1..500_000).fold(0.0, |sum, i| black_box(sum) + 1.0 / f64::from(i)));
            queue = lock(&self.queue);
            queue.answered += 1;
            queue.slowest = queue.slowest.max(arrived.elapsed());
        }
    }
}

/// Decides which requests are let in. Told by the monitor's thread, asked by the service's.
#[derive(Default)]
struct Door {
    firing: BTreeSet<String>,
    refused_percent: u32,
    debt: u32,
}

impl Door {
    /// More is refused the longer it lasts, and less again when it is over: it feels its way.
    fn adapt(&mut self) {
        self.refused_percent = match self.firing.is_empty() {
            true => self.refused_percent.saturating_sub(15),
            false => (self.refused_percent + 30).min(90),
        };
    }

    /// Refuses evenly, not in bursts.
    fn lets_in(&mut self) -> bool {
        self.debt += self.refused_percent;
        let is_refused = self.debt >= 100;
        self.debt %= 100;
        !is_refused
    }
}

/// Called on a thread of the monitor's for each alert that begins or ends.
fn tell(door: Arc<Mutex<Door>>) -> Callback {
    Box::new(move |event| {
        let EventData::Alert(alert) = &event.data else {
            return Ok(());
        };
        if !alert.rule.starts_with("shed_load") {
            return Ok(()); // A built-in rule.
        }
        let is_short = event.kind == EventKind::AlertTriggered;
        match is_short {
            true => lock(&door).firing.insert(alert.rule.clone()),
            false => lock(&door).firing.remove(&alert.rule),
        };
        let what = if is_short { "short" } else { "over" };
        writeln!(std::io::stdout(), "* {what}: {}", alert.message).map_err(|e| e.to_string())
    })
}

/// A rule that fires after half a second above its limit, so that a hiccup does not count, and
/// clears after a second below another one.
fn rule(name: &str, condition: &str, message: &str) -> String {
    format!(
        "name = 'shed_load {name}'\nwhen = '{condition}'\nfor = '500ms'\nclear_for = '1s'\n\
         cooldown = '0s'\nflapping = false\nmessage = '{message}'\n"
    )
}

#[derive(Default)]
struct Options {
    makes_load: bool,
    lets_all_in: bool,
    seconds: u64,
    when: Option<String>,
}

impl Options {
    /// `None` for what is no such option.
    fn parse(mut arguments: impl Iterator<Item = String>) -> Option<Options> {
        let mut options = Options::default();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--load" => options.makes_load = true,
                "--no-shedding" => options.lets_all_in = true,
                "--seconds" => options.seconds = arguments.next()?.parse().ok()?,
                "--when" => options.when = Some(arguments.next()?),
                _ => return None,
            }
        }
        Some(options)
    }
}

fn serve(options: &Options, monitor: &Monitor, door: &Mutex<Door>) -> Outcome {
    let ends = ends::ends()?;
    let (pool, is_spinning) = (Pool::default(), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| pool.work());
        }
        let between_lines = Duration::from_secs(1);
        let mut arrives = Instant::now();
        let mut next_line = arrives + between_lines;
        let (mut second, mut refused, mut memory) = (0, 0, Vec::new());
        let outcome = loop {
            if ends.recv_timeout(Duration::from_millis(2)) != Err(RecvTimeoutError::Timeout) {
                break Ok(());
            }
            // They come when they come, however busy we are. A server would answer 503 at once.
            while arrives <= Instant::now() {
                match options.lets_all_in || lock(door).lets_in() {
                    true => pool.take(arrives),
                    false => refused += 1,
                }
                arrives += Duration::from_millis(5);
            }
            if Instant::now() < next_line {
                continue;
            }
            next_line = Instant::now() + between_lines;
            second += 1;
            lock(door).adapt();
            let mut queue = lock(&pool.queue);
            let wait = monitor.metrics().pressure_cpu_some_percent;
            let line = format!(
                "{second:3} s  answered {:3}  refused {refused:3}  waiting {:4}  \
                 slowest {:5} ms  cpu wait {:>3} %\n",
                std::mem::take(&mut queue.answered),
                queue.waiting.len(),
                std::mem::take(&mut queue.slowest).as_millis(),
                wait.map_or("?".into(), |percent| format!("{percent:.0}")),
            );
            drop(queue);
            refused = 0;
            if let Err(error) = std::io::stdout().write_all(line.as_bytes()) {
                break Err(error);
            }
            if options.makes_load && second == 2 {
                // What makes the machine short: threads that spin, and some memory.
                memory = vec![b'x'; 128 << 20];
                is_spinning.store(true, Ordering::Relaxed);
                for _ in 0..3 * thread::available_parallelism().map_or(1, usize::from) {
                    scope.spawn(|| {
                        while is_spinning.load(Ordering::Relaxed) {
                            spin_loop();
                        }
                    });
                }
            } else if second == 7 {
                is_spinning.store(false, Ordering::Relaxed);
                memory = Vec::new();
            }
            black_box(&memory);
            if second == options.seconds {
                break Ok(());
            }
        };
        is_spinning.store(false, Ordering::Relaxed);
        pool.end();
        outcome.map_err(Into::into)
    })
}

fn run(options: &Options) -> Outcome {
    // How soon it is told hangs on the interval only: "stalled" is of the time since the last
    // sample. Without a store the rules are gone when the program is.
    let monitor = Monitor::new(Config {
        refresh_interval: 0.2,
        store_enabled: false,
        ..Config::layered(None)?
    })?;
    let rules = match &options.when {
        Some(condition) => vec![rule("by --when", condition, "{series} is {value}")],
        None => [
            (
                "cpu",
                "pressure_cpu_some_stalled_percent > 70 clear 40",
                "work waits for processors",
            ),
            (
                "memory",
                "pressure_memory_some_stalled_percent > 10 clear 5",
                "work waits for memory",
            ),
            (
                "io",
                "pressure_io_full_stalled_percent > 30 clear 15",
                "all work waits for disks",
            ),
        ]
        .map(|(name, condition, what)| {
            rule(name, condition, &format!("{what} {{value}} of the time"))
        })
        .to_vec(),
    };
    for rule in rules {
        monitor.set_alert_rule(&rule)?;
    }
    let door = Arc::new(Mutex::new(Door::default()));
    let kinds: EventSet = [EventKind::AlertTriggered, EventKind::AlertResolved]
        .into_iter()
        .collect();
    monitor.subscribe(kinds, tell(door.clone()))?;
    monitor.start()?;
    serve(options, &monitor, &door)
}

fn main() -> ExitCode {
    let options = Options::parse(std::env::args().skip(1));
    ends::code("shed_load", USAGE, options.map(|options| run(&options)))
}
