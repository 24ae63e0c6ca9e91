//! Our sample against a second witness, the sysinfo library, on this machine. What only
//! grows is read by the witness before and after, and must lie between.
// The whole file is tests, their helpers too.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::time::Duration;

use sysinfo::{Disks, MemoryRefreshKind, Networks, System};
use usm_core::{Sample, Sampler, SamplerSettings};

fn sample() -> (Sampler, Sample) {
    let settings = SamplerSettings {
        slow_source_deadline: Duration::from_secs(10),
        ..Default::default()
    };
    let mut sampler = Sampler::new(settings).unwrap();
    let mut sample = Sample::default();
    sampler.sample(&mut sample).unwrap();
    (sampler, sample)
}

fn close(ours: f64, theirs: f64, tolerance: f64, what: &str) {
    assert!(
        (ours - theirs).abs() <= tolerance,
        "{what}: ours {ours}, theirs {theirs}"
    );
}

#[test]
fn memory_load_and_facts_of_the_host_are_those_of_the_witness() {
    let (_, sample) = sample();
    let mut system = System::new().unwrap();
    system.refresh_memory_specifics(MemoryRefreshKind::everything());
    system.refresh_cpu_all();
    let memory = sample.memory;
    assert_eq!(memory.total_bytes, Some(system.total_memory()));
    assert_eq!(memory.swap_total_bytes, Some(system.total_swap()));
    // Other programs go on between the two readings: 5 % of the memory.
    let tolerance = system.total_memory() as f64 * 0.05;
    let available = memory.available_bytes.unwrap() as f64;
    close(
        available,
        system.available_memory() as f64,
        tolerance,
        "available memory",
    );
    close(
        memory.free_bytes.unwrap() as f64,
        system.free_memory() as f64,
        tolerance,
        "free",
    );
    let load = System::load_average().unwrap();
    let ours = sample.cpu.load_average.unwrap();
    close(ours.one, load.one, 0.5, "load over 1 minute");
    close(ours.fifteen, load.fifteen, 0.2, "load over 15 minutes");
    assert_eq!(sample.cpu.cores.len(), system.cpus().len());
    let host = &sample.host;
    assert_eq!(
        host.hostname.as_deref(),
        System::host_name().ok().as_deref()
    );
    assert_eq!(
        host.kernel_release.as_deref(),
        System::kernel_version().ok().as_deref()
    );
    close(
        host.boot_time_seconds.unwrap(),
        System::boot_time().unwrap() as f64,
        1.5,
        "boot time",
    );
    assert_eq!(host.cpu_model.as_deref(), Some(system.cpus()[0].brand()));
}

#[test]
fn counters_of_every_interface_lie_between_two_readings_of_the_witness() {
    let mut networks = Networks::new_with_refreshed_list().unwrap();
    let totals = |networks: &Networks| -> Vec<(String, u64, u64)> {
        networks
            .iter()
            .map(|(name, data)| {
                (
                    name.to_str().unwrap().to_string(),
                    data.total_received(),
                    data.total_transmitted(),
                )
            })
            .collect()
    };
    let before = totals(&networks);
    let (_, sample) = sample();
    networks.refresh(true);
    let after = totals(&networks);
    assert!(!before.is_empty());
    for (name, received, sent) in before {
        let ours = sample.network.interfaces.iter().find(|i| *i.name == *name);
        let ours = ours.unwrap_or_else(|| panic!("{name} is missing")).counters;
        let (_, received_after, sent_after) = after.iter().find(|(n, ..)| *n == name).unwrap();
        assert!(
            (received..=*received_after).contains(&ours.received_bytes_total),
            "{name}"
        );
        assert!(
            (sent..=*sent_after).contains(&ours.sent_bytes_total),
            "{name}"
        );
    }
}

#[test]
fn every_file_system_that_both_see_has_the_same_size() {
    let (_, sample) = sample();
    let disks = Disks::new_with_refreshed_list().unwrap();
    let mut both = 0;
    for theirs in disks.iter() {
        let mount_point = theirs.mount_point().to_str().unwrap();
        let ours = sample
            .filesystems
            .iter()
            .find(|f| &*f.mount_point == mount_point);
        let Some(ours) = ours else { continue };
        both += 1;
        assert_eq!(
            ours.total_bytes,
            Some(theirs.total_space()),
            "{mount_point}"
        );
        let tolerance = 0.02 * theirs.total_space() as f64;
        let available = ours.available_bytes.unwrap() as f64;
        close(
            available,
            theirs.available_space() as f64,
            tolerance,
            mount_point,
        );
        assert_eq!(&*ours.kind, theirs.file_system().to_str().unwrap());
    }
    assert!(both > 0, "no file system in common");
}

#[test]
fn the_share_of_busy_processors_is_that_of_the_witness() {
    let (mut sampler, mut sample) = sample();
    let mut system = System::new().unwrap();
    system.refresh_cpu_usage();
    // Something to see, and long enough that the ends of the two windows do not matter.
    let end = std::time::Instant::now() + Duration::from_millis(1500);
    while std::time::Instant::now() < end {
        std::hint::black_box(0);
    }
    sampler.sample(&mut sample).unwrap();
    system.refresh_cpu_usage();
    let busy = sample.cpu.shares.unwrap().busy_percent;
    close(
        busy,
        f64::from(system.global_cpu_usage()),
        10.0,
        "busy percent",
    );
    // One processor of them was ours.
    assert!(busy > 60.0 / sample.cpu.cores.len() as f64, "{busy}");
}
