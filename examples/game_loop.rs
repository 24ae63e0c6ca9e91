//! A game loop with a fixed time step that reads the newest state of the machine in each frame,
//! draws less when the machine is short, and measures what that costs: stretches with and
//! without a monitor take turns, and their frame times are compared at the end:
//! `cargo run --release -p usm-examples --bin game_loop -- --fps 144`.

mod ends;

use std::hint::black_box;
use std::io::Write;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use usm_core::{Config, Metrics, Monitor};

use ends::Outcome;

const USAGE: &str = "\
usage: game_loop [--fps 60] [--seconds 16]

Plays for so many seconds in all, in turns with and without a monitor, and
compares the frame times; Ctrl-C ends it early.
";

const PHASES: u32 = 8;
const BEST_QUALITY: u32 = 4;
const PARTICLES: usize = 20_000;

struct Game {
    position: Vec<f64>,
    speed: Vec<f64>,
    quality: u32,
    calm_frames: u32,
}

impl Game {
    fn new() -> Game {
        let speed = |i| (f64::from(i % 97) - 48.0) / 48.0;
        Game {
            position: vec![0.0; PARTICLES],
            speed: (0..PARTICLES as u32).map(speed).collect(),
            quality: BEST_QUALITY,
            calm_frames: 0,
        }
    }

    /// A step always stands for the same time: how fast the machine is decides how much of the
    /// game is drawn, never what happens in it.
    fn simulate(&mut self, step: Duration) {
        for (position, speed) in self.position.iter_mut().zip(&mut self.speed) {
            *position += *speed * step.as_secs_f64();
            if position.abs() > 1.0 {
                *speed = -*speed;
            }
        }
    }

    fn draw(&self) {
        for pass in 0..self.quality {
            let light = |position: &f64| (position.abs() + f64::from(pass)).sqrt();
            black_box(self.position.iter().map(light).sum::<f64>());
        }
    }

    /// Down at once, up only after two calm seconds, lest it flickers.
    fn adapt(&mut self, m: &Metrics, fps: u32) {
        let waits = [
            m.pressure_cpu_some_percent.map(|percent| percent / 3.0),
            m.pressure_memory_some_percent,
            m.pressure_io_full_percent,
        ];
        match waits.into_iter().flatten().fold(0.0, f64::max) {
            20.0.. => {
                self.quality = (self.quality - 1).max(1);
                self.calm_frames = 0;
            }
            10.0.. => {}
            _ => self.calm_frames += 1,
        }
        if self.calm_frames >= 2 * fps && self.quality < BEST_QUALITY {
            self.quality += 1;
            self.calm_frames = 0;
        }
    }
}

/// What the phases of one kind have measured.
#[derive(Default)]
struct Times {
    frames: Vec<Duration>,
    reads: Vec<Duration>,
    late: usize,
}

/// Plays for some frames, with or without a monitor. False when the program is to end.
fn play(
    game: &mut Game,
    monitor: Option<&Monitor>,
    fps: u32,
    frames: usize,
    times: &mut Times,
    ends: &Receiver<i32>,
) -> bool {
    let step = Duration::from_secs(1) / fps;
    let mut due = Instant::now();
    let mut simulated = due;
    for _ in 0..frames {
        if ends.try_recv() != Err(TryRecvError::Empty) {
            return false;
        }
        let begin = Instant::now();
        if let Some(monitor) = monitor {
            // On the stack, and copied without a lock or a system call.
            let metrics = monitor.metrics();
            times.reads.push(begin.elapsed());
            game.adapt(&metrics, fps);
        }
        if begin > simulated + 20 * step {
            // After a long stop the game goes on where it was: not all of it is made up for.
            simulated = begin - step;
        }
        while simulated + step <= begin {
            game.simulate(step);
            simulated += step;
        }
        game.draw();
        times.frames.push(begin.elapsed());
        due += step;
        match due.checked_duration_since(Instant::now()) {
            Some(left) => std::thread::sleep(left),
            None => {
                // Too late: what was missed is simulated, but not drawn.
                times.late += 1;
                due = Instant::now();
            }
        }
    }
    true
}

fn at(sorted: &[Duration], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1) as f64;
    sorted
        .get((last * share) as usize)
        .map_or(f64::NAN, Duration::as_secs_f64)
}

fn row(what: &str, times: &mut Times) -> String {
    times.frames.sort_unstable();
    let shares = [0.5, 0.9, 0.99, 0.999, 1.0];
    let columns = shares.map(|share| format!("{:8.3}", at(&times.frames, share) * 1e3));
    format!(
        "{what:18}{}{:8}{:8}\n",
        columns.concat(),
        times.late,
        times.frames.len()
    )
}

fn run(fps: u32, seconds: f64) -> Outcome {
    let ends = ends::ends()?;
    let mut out = std::io::stdout();
    let monitor = Monitor::new(Config {
        store_enabled: false,
        ..Config::layered(None)?
    })?;
    let frames = (seconds * f64::from(fps) / f64::from(PHASES + 1)) as usize + 1;
    let (mut game, mut with, mut without) = (Game::new(), Times::default(), Times::default());
    for phase in 0..=PHASES {
        let goes_on = if phase % 2 == 0 {
            monitor.start()?;
            play(&mut game, Some(&monitor), fps, frames, &mut with, &ends)
        } else {
            // Stopped, it samples nothing: as if there were no monitor.
            monitor.stop()?;
            play(&mut game, None, fps, frames, &mut without, &ends)
        };
        let kind = if phase % 2 == 0 { "with" } else { "without" };
        writeln!(
            out,
            "phase {phase} of {PHASES}, {kind} monitor: quality {}",
            game.quality
        )?;
        if phase == 0 {
            with = Times::default(); // It only finds the quality.
        }
        if !goes_on {
            break;
        }
    }
    let names = ["p50", "p90", "p99", "p99.9", "max", "late", "frames"].map(|n| format!("{n:>8}"));
    let rows = row("without monitor", &mut without) + &row("with monitor", &mut with);
    write!(out, "\n{:18}{}\n{rows}", "frame time, ms", names.concat())?;

    // One of many in a row: without what a look at the clock costs, and with warm caches.
    let begin = Instant::now();
    for _ in 0..100_000 {
        black_box(monitor.metrics());
    }
    let again = begin.elapsed().as_secs_f64() * 1e9 / 100_000.0;
    with.reads.sort_unstable();
    let [half, most] = [0.5, 0.99].map(|share| at(&with.reads, share) * 1e9);
    writeln!(
        out,
        "a read of the state: p50 {half:.0} ns, p99 {most:.0} ns in a frame; {again:.0} ns in a row"
    )?;
    Ok(())
}

/// Frames per second and seconds; `None` for what is no such option.
fn parse(mut arguments: impl Iterator<Item = String>) -> Option<(u32, f64)> {
    let (mut fps, mut seconds) = (60, 16.0);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--fps" => fps = arguments.next()?.parse().ok()?,
            "--seconds" => seconds = arguments.next()?.parse().ok()?,
            _ => return None,
        }
    }
    ((1..=1000).contains(&fps) && (0.001..=3600.0).contains(&seconds)).then_some((fps, seconds))
}

fn main() -> ExitCode {
    let options = parse(std::env::args().skip(1));
    let outcome = options.map(|(fps, seconds)| run(fps, seconds));
    ends::code("game_loop", USAGE, outcome)
}
