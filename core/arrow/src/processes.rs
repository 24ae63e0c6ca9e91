//! The processes of a sample, one row each.

use usm_core::sample::{ProcessDetails, ProcessSample, ProcessTable};

use crate::abi::ArrowArrayStream;
use crate::column::{Column, Number, flags, numbers, texts, times};
use crate::stream::stream;
use crate::table::word;

/// The processes of a sample as a stream of one batch, with the columns of
/// [`ProcessSample`] by their names, in its order; what is not known is null.
pub fn processes_stream(table: &ProcessTable) -> ArrowArrayStream {
    let list = Rows(&table.list);
    let columns = vec![
        list.numbers("pid", |process| Some(process.pid)),
        list.numbers("parent_pid", |process| Some(process.parent_pid)),
        list.texts("name", |details| Some(&details.name)),
        list.texts("user", |details| details.user.as_deref()),
        list.numbers("uid", |process| process.details.uid),
        list.states("state"),
        list.numbers("cpu_core_percent", |process| process.cpu_core_percent),
        list.numbers("cpu_machine_percent", |process| process.cpu_machine_percent),
        list.numbers("cpu_seconds_total", |process| {
            Some(process.cpu_seconds_total)
        }),
        list.numbers("rss_bytes", |process| Some(process.rss_bytes)),
        list.numbers("memory_percent", |process| process.memory_percent),
        list.numbers("threads", |process| process.threads),
        list.numbers("nice", |process| process.nice),
        list.numbers("major_faults_total", |process| process.major_faults_total),
        list.numbers("read_bytes_total", |process| process.read_bytes_total),
        list.numbers("write_bytes_total", |process| process.write_bytes_total),
        list.numbers("read_bytes_per_sec", |process| process.read_bytes_per_sec),
        list.numbers("write_bytes_per_sec", |process| process.write_bytes_per_sec),
        list.numbers("session_id", |process| process.session_id),
        list.numbers("start_time_ticks", |process| Some(process.start_time_ticks)),
        times(
            "start_time",
            table.list.iter().map(|process| process.start_time_seconds),
        ),
        flags("is_kernel_thread", &list.kernel_threads()),
        list.texts("cgroup", |details| details.cgroup.as_deref()),
        list.texts("command_line", |details| details.command_line.as_deref()),
    ];
    stream(table.list.len(), columns, &[])
}

/// The rows, column by column.
struct Rows<'a>(&'a [ProcessSample]);

impl<'a> Rows<'a> {
    fn numbers<T: Number>(&self, name: &str, of: impl Fn(&ProcessSample) -> Option<T>) -> Column {
        numbers(name, self.0.iter().map(of).collect())
    }

    fn texts(&self, name: &str, of: impl Fn(&'a ProcessDetails) -> Option<&'a str>) -> Column {
        texts(name, self.0.iter().map(|process| of(&process.details)))
    }

    fn states(&self, name: &str) -> Column {
        let words: Vec<String> = self.0.iter().map(|process| word(&process.state)).collect();
        texts(name, words.iter().map(|word| Some(word.as_str())))
    }

    fn kernel_threads(&self) -> Vec<bool> {
        let rows = self.0.iter();
        rows.map(|process| process.details.is_kernel_thread)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consumer::{Value, read};
    use std::sync::Arc;
    use usm_core::sample::ProcessState;

    #[test]
    fn processes_arrive_with_what_is_known_of_each() {
        let known = ProcessSample {
            pid: 7,
            parent_pid: 1,
            start_time_seconds: Some(1_795_000_000.5),
            state: ProcessState::DiskSleep,
            cpu_core_percent: Some(12.5),
            rss_bytes: 1 << 40,
            threads: Some(3),
            nice: Some(-5),
            details: Arc::new(ProcessDetails {
                name: "post\u{f6}gres".into(),
                user: Some("pg".into()),
                is_kernel_thread: true,
                ..ProcessDetails::default()
            }),
            ..ProcessSample::default()
        };
        let table = ProcessTable {
            list: vec![ProcessSample::default(), known],
            ..ProcessTable::default()
        };
        let batch = read(processes_stream(&table));
        let second = |name: &str| batch.values(name)[1].clone();
        assert_eq!(second("pid"), Value::Whole(7));
        assert_eq!(second("name"), Value::Text("post\u{f6}gres".into()));
        assert_eq!(batch.values("user")[0], Value::Null);
        assert_eq!(second("user"), Value::Text("pg".into()));
        assert_eq!(second("state"), Value::Text("disk_sleep".into()));
        assert_eq!(second("rss_bytes"), Value::Whole(1 << 40));
        assert_eq!(second("nice"), Value::Whole(-5));
        assert_eq!(second("threads"), Value::Whole(3));
        assert_eq!(second("start_time"), Value::Whole(1_795_000_000_500_000));
        assert_eq!(second("is_kernel_thread"), Value::Flag(true));
        assert_eq!(batch.values("is_kernel_thread")[0], Value::Flag(false));
        assert_eq!(second("cpu_core_percent"), Value::Number(12.5));
        for name in ["cpu_core_percent", "threads", "start_time", "uid", "cgroup"] {
            assert_eq!(batch.values(name)[0], Value::Null, "{name}");
        }
        assert_eq!(batch.values("name")[0], Value::Text(String::new()));
    }

    #[test]
    fn a_list_that_is_empty_has_all_columns() {
        let batch = read(processes_stream(&ProcessTable::default()));
        assert!(batch.columns.len() > 20);
        assert!(batch.values("name").is_empty());
    }
}
