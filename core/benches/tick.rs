//! What one tick of the whole sampler costs, and its system-wide part beside a bare C loop
//! over the same files, psutil and sysinfo.
//!
//! `cargo bench -p usm-core --bench tick -- [--rounds N]`
// A bench is a program that prints.
#![allow(clippy::print_stdout)]

#[allow(dead_code)] // Each bench uses what it needs of it.
mod support;

use std::io::{Error, Result};

use sysinfo::{CpuRefreshKind, Disks, MemoryRefreshKind, Networks, System};
use usm_core::sample::ProcessSettings;
use usm_core::{Sample, Sampler, SamplerSettings};

use support::peer::{Peer, compile_floor, psutil_script, python_with_psutil, serve};
use support::rounds;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let rounds = match &arguments[..] {
        [flag, name] if flag == "--peer" => return be_peer(name),
        [flag, rounds] if flag == "--rounds" => rounds.parse().map_err(Error::other)?,
        [] => 9,
        other => return Err(Error::other(format!("unknown arguments {other:?}"))),
    };
    let folder = tempfile::tempdir()?;
    let floor = compile_floor(folder.path())?;
    let own = std::env::current_exe()?;
    let further = further_files()?;
    let mut same: Vec<&str> = vec!["system"];
    same.extend(further.iter().map(String::as_str));
    let mut peers = vec![
        Peer::start("C, kept files, system-wide", &floor, &["system"])?,
        Peer::start("C, with the own limits and memory too", &floor, &same)?,
        Peer::start("usm, system-wide", &own, &["--peer", "system"])?,
        Peer::start("sysinfo, system-wide", &own, &["--peer", "sysinfo"])?,
    ];
    match python_with_psutil() {
        Some(python) => {
            let script = psutil_script();
            let arguments = [&*script.to_string_lossy(), "system"];
            peers.push(Peer::start("psutil, eight calls", &python, &arguments)?);
        }
        None => println!("psutil is left out: no Python that has it ($USM_BENCH_PYTHON)"),
    }
    peers.push(Peer::start(
        "usm, whole tick with processes",
        &own,
        &["--peer", "whole"],
    )?);
    let lines = rounds::run(&mut peers, rounds, 0)?;
    rounds::print(&format!("one tick, {rounds} rounds"), &lines);
    Ok(())
}

/// What a tick reads beyond the common system-wide files: the deciding files of the own control
/// group, and the own memory.
fn further_files() -> Result<Vec<String>> {
    let mut sampler = Sampler::new(SamplerSettings::default()).map_err(Error::other)?;
    sampler
        .sample(&mut Sample::default())
        .map_err(Error::other)?;
    let sources = sampler.sources().into_iter().map(|report| report.source);
    let mut files: Vec<String> = sources.filter(|s| s.contains("/cgroup/")).collect();
    files.push("/proc/self/statm".into());
    Ok(files)
}

fn be_peer(name: &str) -> Result<()> {
    match name {
        "system" => sample(false),
        "whole" => sample(true),
        "sysinfo" => sample_with_sysinfo(),
        _ => Err(Error::other(format!("unknown peer {name}"))),
    }
}

fn sample(scan_processes: bool) -> Result<()> {
    let settings = SamplerSettings {
        scan_processes,
        // The bench's ticks follow without a pause: no budget may stretch them.
        overhead_budget_percent: 1e9,
        processes: ProcessSettings {
            kept_files: 1000,
            ..ProcessSettings::default()
        },
        ..SamplerSettings::default()
    };
    let mut sampler = Sampler::new(settings).map_err(Error::other)?;
    let mut sample = Sample::default();
    serve(|| {
        sampler.sample(&mut sample).map_err(Error::other)?;
        Ok(sample.processes.list.len())
    })
}

fn sample_with_sysinfo() -> Result<()> {
    let mut system = System::new().map_err(failed)?;
    let mut networks = Networks::new_with_refreshed_list().map_err(failed)?;
    let mut disks = Disks::new_with_refreshed_list().map_err(failed)?;
    serve(|| {
        system.refresh_cpu_specifics(CpuRefreshKind::nothing().with_usage());
        system.refresh_memory_specifics(MemoryRefreshKind::everything());
        drop(std::hint::black_box(System::load_average()));
        networks.refresh(true);
        disks.refresh(true);
        Ok(system.cpus().len())
    })
}

fn failed(error: sysinfo::Error) -> Error {
    Error::other(format!("{error:?}"))
}
