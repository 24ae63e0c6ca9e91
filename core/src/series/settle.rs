//! Brings a sample to the precision at which it is kept, so that what is judged live and
//! what is judged again from a recording are the same numbers.

use super::catalog::{BATTERY, CORE, DEVICE, FILESYSTEM, INTERFACE, OF_MACHINE, PROCESS, SENSOR};
use super::field::Field;
use super::raw::Stored;
use crate::sample::{Moment, ProcessExtra, ProcessSample, Sample};

/// Clocks are kept to the millisecond.
const CLOCK_STEPS: u32 = 1000;

/// Rounds every number of the sample to its metric's step. Settling again changes nothing.
pub(crate) fn settle(sample: &mut Sample) {
    let Moment {
        unix_seconds,
        monotonic_seconds,
    } = &mut sample.moment;
    unix_seconds.settle(CLOCK_STEPS);
    monotonic_seconds.settle(CLOCK_STEPS);
    for (_, fields) in OF_MACHINE {
        settle_by(fields, sample);
    }
    settle_each(CORE, &mut sample.cpu.cores);
    settle_each(DEVICE, &mut sample.disks);
    settle_each(FILESYSTEM, &mut sample.filesystems);
    settle_each(INTERFACE, &mut sample.network.interfaces);
    settle_each(SENSOR, &mut sample.sensors);
    settle_each(BATTERY, &mut sample.power.batteries);
    settle_each(PROCESS, &mut sample.processes.list);
    let cpus = sample.cpu.cores.len();
    for process in &mut sample.processes.list {
        if process.extra == Some(ProcessExtra::default()) {
            // Asked for, but nothing was told: the same as not asked for.
            process.extra = None;
        }
        follow(process, cpus);
    }
}

/// Works out again what is not kept, since it follows from what is.
pub(super) fn follow(process: &mut ProcessSample, cpus: usize) {
    let machine = process
        .cpu_core_percent
        .filter(|_| cpus > 0)
        .map(|percent| percent / cpus as f64);
    process.cpu_machine_percent = machine;
    process.cpu_machine_percent.settle(100);
}

fn settle_by<T>(fields: &[Field<T>], item: &mut T) {
    for field in fields {
        (field.settle)(item);
    }
}

fn settle_each<T>(fields: &[Field<T>], list: &mut [T]) {
    for item in list {
        settle_by(fields, item);
    }
}
