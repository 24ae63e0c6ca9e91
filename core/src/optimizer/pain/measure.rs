//! Conducts a measurement: a pass over all processes, looks during the window, a second pass.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::counters::Schedule;
use super::files::Files;
use super::looks::Looks;
use super::machine::{Machine, Memory};
use super::pass::{Pass, Reading};
use super::{Pain, ProcessPain, Victims, with_descendants};
use crate::act::ProcessId;
use crate::arrange::map_of;
use crate::error::Result;
use crate::sample::rates::per_second_of;
use crate::sample::{ProcessState, Roots};

/// Time between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Watches for the length of the window; `culprits` (with their living descendants) are left
/// out of the victims. `stop` is asked every 20 ms or so; when it says yes, what was seen so
/// far is the answer.
///
/// # Errors
/// When the folder of the processes can't be opened.
pub(crate) fn measure(
    roots: &Roots,
    culprits: &BTreeSet<ProcessId>,
    window: Duration,
    stop: &dyn Fn() -> bool,
) -> Result<Pain> {
    let mut files = Files::open(&roots.proc_root)?;
    let own_pid = roots
        .is_live()
        .then(|| i32::try_from(std::process::id()).ok())
        .flatten();
    let machine_before = Machine::read(roots);
    let before = Pass::read(&mut files, own_pid, None);
    let culprits_before = with_descendants(culprits, parents(&before));
    let is_victim = |reading: &Reading| !culprits_before.contains(&reading.id);
    let mut looks = Looks::new(&mut files, &before, is_victim);
    let was_stopped = watch(&mut files, &mut looks, window, stop);
    let after = Pass::read(&mut files, own_pid, Some(&before));
    let machine = Machine::read(roots);
    let culprits = with_descendants(&culprits_before, parents(&after));
    let memory = Memory::read(roots);

    let window_seconds = machine.seconds_since(&machine_before);
    let mut pain = Pain {
        window_seconds,
        was_stopped,
        cpu_pressure_percent: machine.share(&machine_before, |m| m.cpu_usec),
        memory_pressure_percent: machine.share(&machine_before, |m| m.memory_usec),
        memory_full_percent: machine.share(&machine_before, |m| m.memory_full_usec),
        io_pressure_percent: machine.share(&machine_before, |m| m.io_usec),
        memory_used_percent: memory.used_percent,
        memory_available_bytes: memory.available_bytes,
        memory_total_bytes: memory.total_bytes,
        forks_per_sec: per_second_of(machine_before.forks, machine.forks, Some(window_seconds)),
        has_run_delays: after.readings.iter().any(tells_delays),
        host_root: roots.host_root.clone(),
        ..Pain::default()
    };
    let real_waits = share_of_real_waits(&looks, pain.io_pressure_percent);
    let opened = before.readings.first().map_or(machine_before.at, |r| r.at);
    for reading in &after.readings {
        let earlier = before.find(reading.id.pid).filter(|b| b.id == reading.id);
        let mut process = difference(reading, earlier, opened, pain.has_run_delays);
        process.is_culprit = culprits.contains(&reading.id);
        if let Some(seen) = looks.seen.get(&reading.id) {
            process.looks = seen.wanting;
            process.waiting_looks = f64::from(seen.waiting) * real_waits;
        }
        pain.processes.push(process);
    }
    let victims = pain.processes.iter().filter(|p| !p.is_culprit);
    let sums = Victims::sum(victims, window_seconds, pain.has_run_delays);
    pain.cpu_wait_percent = sums.cpu_wait_percent;
    pain.io_wait_percent = sums.io_wait_percent;
    pain.victims_calls_per_sec = sums.calls_per_sec;
    pain.victims_bytes_per_sec = sums.bytes_per_sec;
    pain.victims_major_faults_per_sec = Some(sums.major_faults_per_sec);
    Ok(pain)
}

/// Looks until the window is over; `true` when it was ended early.
fn watch(files: &mut Files, looks: &mut Looks, window: Duration, stop: &dyn Fn() -> bool) -> bool {
    let start = Instant::now();
    loop {
        if stop() {
            return true;
        }
        let left = window.saturating_sub(start.elapsed());
        if left.is_zero() {
            return false;
        }
        std::thread::sleep(left.min(LOOK_EVERY));
        looks.look(files);
    }
}

/// Not every uninterruptible wait is one for a disk (a parent in vfork, a frozen group). At
/// no more looks than PSI says can somebody have waited for one, so that the rest is
/// something else.
fn share_of_real_waits(looks: &Looks, io_pressure_percent: Option<f64>) -> f64 {
    let Some(pressure) = io_pressure_percent else {
        return 1.0;
    };
    let waits = f64::from(looks.with_waits) / f64::from(looks.count.max(1));
    if waits > 0.0 {
        (pressure / 100.0 / waits).min(1.0)
    } else {
        1.0
    }
}

fn parents(pass: &Pass) -> impl Iterator<Item = (ProcessId, i32)> + Clone {
    pass.readings.iter().map(|r| (r.id, r.parent_pid))
}

/// Without accounting all three numbers of a schedule stay 0.
fn tells_delays(reading: &Reading) -> bool {
    let mut schedules = reading.threads.iter().filter_map(|(_, s)| *s);
    schedules.any(|s| s.slices > 0)
}

/// What a process had between two readings; one without an earlier reading was made after
/// `opened`, so that all it had counts.
fn difference(
    now: &Reading,
    before: Option<&Reading>,
    opened: Instant,
    has_run_delays: bool,
) -> ProcessPain {
    let since = before.map_or(opened, |b| b.at);
    let watched_seconds = now.at.duration_since(since).as_secs_f64();
    let earlier = before
        .map(|b| map_of(b.threads.iter().copied()))
        .unwrap_or_default();
    let mut process = ProcessPain {
        pid: now.id.pid,
        start_time_ticks: now.id.start_time_ticks,
        parent_pid: now.parent_pid,
        is_new: before.is_none(),
        watched_seconds,
        rss_bytes: now
            .rss_pages
            .saturating_mul(rustix::param::page_size() as u64),
        ..ProcessPain::default()
    };
    for (tid, schedule) in &now.threads {
        let Some(schedule) = schedule else { continue };
        let then = match earlier.get(tid) {
            Some(None) => continue,
            None if before.is_some_and(|b| b.is_partial) => continue,
            Some(Some(then)) => *then,
            None => Schedule::default(),
        };
        let seconds = |now: u64, then: u64| {
            (now.saturating_sub(then) as f64 / 1e9).min(watched_seconds.max(0.0))
        };
        let run = seconds(schedule.run_ns, then.run_ns);
        let mut wait = seconds(schedule.delay_ns, then.delay_ns);
        // A wait is counted when it ends. Who was ready at both ends and never came to run
        // waited all the time.
        let was_ready = |r: &Reading| r.state == ProcessState::Running && r.threads.len() == 1;
        if *schedule == then && was_ready(now) && before.is_some_and(was_ready) {
            wait = watched_seconds;
        }
        process.run_seconds += run;
        process.wait_seconds += wait;
        process.slices += schedule.slices.saturating_sub(then.slices);
        let wanted = super::percent(run + wait, watched_seconds).min(100.0);
        process.hungriest_percent = process.hungriest_percent.max(wanted);
    }
    let ticks_before = before.map_or(0, |b| b.cpu_ticks);
    if !has_run_delays {
        let ticks = now.cpu_ticks.saturating_sub(ticks_before) as f64;
        process.run_seconds = ticks / rustix::param::clock_ticks_per_second().max(1) as f64;
        process.hungriest_percent = super::percent(process.run_seconds, watched_seconds).min(100.0);
    }
    let elapsed = Some(watched_seconds);
    let calls_before = match before {
        Some(before) => before.calls,
        None => Some(Default::default()),
    };
    let both = calls_before.zip(now.calls);
    let rate = |of: fn(&super::counters::Calls) -> u64| {
        both.and_then(|(b, n)| per_second_of(Some(of(&b)), Some(of(&n)), elapsed))
    };
    process.calls_per_sec = rate(|calls| calls.calls);
    process.bytes_per_sec = rate(|calls| calls.bytes);
    let faults_before = before.map_or(0, |b| b.major_faults);
    process.major_faults_per_sec =
        per_second_of(Some(faults_before), Some(now.major_faults), elapsed).unwrap_or(0.0);
    process
}
