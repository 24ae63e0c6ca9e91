//! One file system.

use crate::sample::FilesystemSample;
use crate::series::field::{Field, fields};

/// Metrics 800 to 849.
pub(crate) static FILESYSTEM: &[Field<FilesystemSample>] = fields!(Filesystem of FilesystemSample {
    800 "filesystem_total_bytes" Bytes / 1 (gauge) "Size" => [total_bytes];
    801 "filesystem_used_bytes" Bytes / 1 (gauge) "In use" => [used_bytes];
    802 "filesystem_available_bytes" Bytes / 1 (gauge) "What an ordinary user may still write" => [available_bytes];
    803 "filesystem_used_percent" Percent / 100 (gauge) "In use, as df shows it" => [used_percent];
    804 "filesystem_inode_count" Count / 1 (gauge) "Inodes" => [inodes_total];
    805 "filesystem_inodes_used" Count / 1 (gauge) "Inodes in use" => [inodes_used];
    806 "filesystem_inodes_used_percent" Percent / 100 (gauge) "Inodes in use" => [inodes_used_percent];
    807 "filesystem_is_read_only" Flag / 1 (gauge) "Mounted read-only" => [read_only];
    808 "filesystem_is_stale" Flag / 1 (gauge) "The mount did not answer in time; the values are the last known ones" => [stale];
});
