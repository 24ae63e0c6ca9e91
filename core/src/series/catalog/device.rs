//! One block device.

use crate::sample::DiskSample;
use crate::series::field::{Field, fields};

/// Metrics 700 to 799.
pub(crate) static DEVICE: &[Field<DiskSample>] = fields!(Device of DiskSample {
    700 "device_read_bytes_per_sec" BytesPerSecond / 1 (gauge) "Read" => [read_bytes_per_sec];
    701 "device_write_bytes_per_sec" BytesPerSecond / 1 (gauge) "Written" => [write_bytes_per_sec];
    702 "device_reads_per_sec" PerSecond / 10 (gauge) "Reads completed" => [reads_per_sec];
    703 "device_writes_per_sec" PerSecond / 10 (gauge) "Writes completed" => [writes_per_sec];
    704 "device_read_latency_ms" Milliseconds / 1000 (gauge) "Mean time of a read, queueing included" => [read_latency_ms];
    705 "device_write_latency_ms" Milliseconds / 1000 (gauge) "Mean time of a write, queueing included" => [write_latency_ms];
    706 "device_utilisation_percent" Percent / 100 (gauge) "Share of time in which the device had anything to do" => [utilisation_percent];
    707 "device_queue_length" Number / 100 (gauge) "Mean number of requests in flight" => [queue_length];
    708 "device_in_flight" Count / 1 (gauge) "Requests in flight now" => [in_flight];
    720 "device_reads_total" Count / 1 (counter 702 0.1) "Reads completed since boot" => [counters.reads_total];
    721 "device_read_bytes_total" Bytes / 1 (counter 700 1.0) "Read since boot" => [counters.read_bytes_total];
    722 "device_read_ms_total" Milliseconds / 1 (counter) "Time spent reading, summed over requests" => [counters.read_ms_total];
    723 "device_writes_total" Count / 1 (counter 703 0.1) "Writes completed since boot" => [counters.writes_total];
    724 "device_write_bytes_total" Bytes / 1 (counter 701 1.0) "Written since boot" => [counters.write_bytes_total];
    725 "device_write_ms_total" Milliseconds / 1 (counter) "Time spent writing, summed over requests" => [counters.write_ms_total];
    726 "device_busy_ms_total" Milliseconds / 1 (counter 706 0.1) "Time in which the device had anything to do" => [counters.busy_ms_total];
    727 "device_weighted_ms_total" Milliseconds / 1 (counter 707 10.0) "Requests in flight multiplied by time" => [counters.weighted_ms_total];
});
