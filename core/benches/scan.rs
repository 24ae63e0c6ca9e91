//! What a scan of all processes costs, beside the kernel's own share and other libraries.
//!
//! `cargo bench -p usm-core --bench scan -- [--procs N]... [--rounds N] [--json FILE]`
//!
//! Every peer is a process of its own; they take turns in each round. Ratios are to the
//! bare C loop that reads the same files.
// A bench is a program that prints.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod support;

use std::io::{Error, Result};
use std::path::Path;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::Value;
use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System};
use usm_core::sample::{HostFacts, Moment, ProcessScanner, ProcessSettings, ProcessTable, Roots};

use support::crowd::Crowd;
use support::peer::{Peer, compile_floor, psutil_script, python_with_psutil, serve};
use support::rounds;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, name] = &arguments[..]
        && flag == "--peer"
    {
        return be_peer(name);
    }
    let options = Options::parse(&arguments)?;
    // For all peers alike: they inherit it.
    let limit = getrlimit(Resource::Nofile);
    setrlimit(
        Resource::Nofile,
        Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        },
    )?;
    let folder = tempfile::tempdir()?;
    let floor = compile_floor(folder.path())?;
    let python = python_with_psutil();
    if python.is_none() {
        println!("psutil is left out: no Python that has it ($USM_BENCH_PYTHON)");
    }
    let mut results = Vec::new();
    for count in &options.procs {
        let crowd = Crowd::new(*count)?;
        for io in [false, true] {
            let mut peers = start_peers(&floor, python.as_deref(), io)?;
            let lines = rounds::run(&mut peers, options.rounds, 0)?;
            let with = if io { "stat and io" } else { "stat" };
            let title = format!("{with}, {count} more processes, {} rounds", options.rounds);
            rounds::print(&title, &lines);
            results.push(rounds::to_json(&title, &lines));
        }
        drop(crowd);
    }
    match options.json {
        Some(path) => std::fs::write(path, Value::Array(results).to_string()),
        None => Ok(()),
    }
}

struct Options {
    procs: Vec<usize>,
    rounds: usize,
    json: Option<String>,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Options> {
        let mut options = Options {
            procs: Vec::new(),
            rounds: 7,
            json: None,
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value = || {
                let missing = || Error::other(format!("{argument} needs a value"));
                arguments.next().ok_or_else(missing)
            };
            match argument.as_str() {
                "--bench" => {} // cargo says it.
                "--procs" => options.procs.push(value()?.parse().map_err(Error::other)?),
                "--rounds" => options.rounds = value()?.parse().map_err(Error::other)?,
                "--json" => options.json = Some(value()?.clone()),
                other => return Err(Error::other(format!("unknown argument {other}"))),
            }
        }
        if options.procs.is_empty() {
            options.procs = vec![0, 1000];
        }
        if options.rounds < 1 {
            return Err(Error::other("--rounds must be at least 1"));
        }
        Ok(options)
    }
}

/// The peers of one table, the floor first.
fn start_peers(floor: &Path, python: Option<&Path>, io: bool) -> Result<Vec<Peer>> {
    let own = std::env::current_exe()?;
    let what = if io { "io" } else { "stat" };
    let named = |name: &str| format!("{name}-{what}");
    let mut peers = vec![
        Peer::start("C, kept files", floor, &["kept", what])?,
        Peer::start("C, open each time", floor, &["open", what])?,
        Peer::start("usm, all files kept", &own, &["--peer", &named("kept")])?,
        Peer::start(
            "usm, default settings",
            &own,
            &["--peer", &named("default")],
        )?,
        Peer::start("usm, open each time", &own, &["--peer", &named("open")])?,
        Peer::start(
            "sysinfo, one thread, without tasks",
            &own,
            &["--peer", &named("sysinfo")],
        )?,
    ];
    if let Some(python) = python {
        let script = psutil_script();
        let script = script.to_string_lossy();
        peers.push(Peer::start(
            "psutil, 6 attributes",
            python,
            &[&script, what],
        )?);
    }
    Ok(peers)
}

fn be_peer(name: &str) -> Result<()> {
    let default = ProcessSettings::default();
    let (who, io) = match name.rsplit_once('-') {
        Some((who, "io")) => (who, true),
        Some((who, "stat")) => (who, false),
        _ => return Err(Error::other(format!("unknown peer {name}"))),
    };
    match who {
        "kept" => scan(ProcessSettings {
            io,
            kept_files: usize::MAX,
            ..default
        }),
        "default" => scan(ProcessSettings { io, ..default }),
        "open" => scan(ProcessSettings {
            io,
            kept_files: 0,
            ..default
        }),
        "sysinfo" => scan_with_sysinfo(io),
        _ => Err(Error::other(format!("unknown peer {name}"))),
    }
}

fn scan(settings: ProcessSettings) -> Result<()> {
    let host = HostFacts {
        logical_cpus: Some(std::thread::available_parallelism()?.get() as u32),
        memory_total_bytes: Some(1 << 33),
        boot_time_seconds: Some(0.0),
        page_size_bytes: rustix::param::page_size() as u64,
        clock_ticks_per_second: rustix::param::clock_ticks_per_second(),
        ..HostFacts::default()
    };
    let mut scanner = ProcessScanner::new(&Roots::default(), settings);
    let mut table = ProcessTable::default();
    serve(|| {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let moment = Moment {
            unix_seconds: 0.0,
            monotonic_seconds: time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9,
        };
        scanner
            .scan(moment, &host, &mut table)
            .map_err(Error::other)?;
        Ok(table.list.len())
    })
}

fn scan_with_sysinfo(io: bool) -> Result<()> {
    let mut system = System::new().map_err(|error| Error::other(format!("{error:?}")))?;
    let mut what = ProcessRefreshKind::nothing()
        .without_tasks()
        .with_cpu()
        .with_memory();
    if io {
        what = what.with_disk_usage();
    }
    serve(|| {
        system.refresh_processes_specifics(ProcessesToUpdate::All, true, what);
        Ok(system.processes().len())
    })
}
