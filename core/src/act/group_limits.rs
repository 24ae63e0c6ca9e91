//! Limits as the texts that the kernel's files take. Nothing is written here.

use super::Limit;
use super::hierarchy::Kind;
use crate::error::{Error, Result};

/// Period of a CPU quota, microseconds: the kernel's own default.
const PERIOD_USEC: u64 = 100_000;
/// Bytes of a memory limit and of a rate that the kernel still takes as a number.
const MOST_BYTES: u64 = 1 << 62;
/// `pids.max` at most (PID_MAX_LIMIT of 64-bit kernels).
const MOST_PROCESSES: u64 = 4_194_304;

/// A text for one file of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) file: String,
    pub(super) text: String,
    /// What takes the limit away again.
    pub(super) lifted: String,
}

impl Text {
    pub(super) fn new(file: &str, text: impl Into<String>, lifted: impl Into<String>) -> Text {
        Text {
            file: file.into(),
            text: text.into(),
            lifted: lifted.into(),
        }
    }
}

/// What the host around a group says about a limit.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Surroundings {
    /// Whole disks, `major:minor`.
    pub(super) disks: Vec<String>,
    /// The tightest CPU quota of the groups above, percent of one core.
    pub(super) quota_above_percent: Option<f64>,
    pub(super) page_bytes: u64,
}

/// The controller that a limit needs.
pub(super) fn kind_of(limit: &Limit) -> Kind {
    match limit {
        Limit::CpuWeight(_) | Limit::CpuQuotaPercent(_) => Kind::Cpu,
        Limit::IoBytesPerSec(_) => Kind::Io,
        Limit::MemoryHighBytes(_) => Kind::Memory,
        Limit::Processes(_) => Kind::Pids,
    }
}

/// # Errors
/// `InvalidArgument` without any limit, for two of a kind, and for values that no kernel takes.
pub(super) fn check(limits: &[Limit]) -> Result<()> {
    if limits.is_empty() {
        return Err(Error::invalid("limits", "none", "at least one"));
    }
    for (at, limit) in limits.iter().enumerate() {
        let is_same =
            |other: &Limit| std::mem::discriminant(other) == std::mem::discriminant(limit);
        if limits[..at].iter().any(is_same) {
            return Err(Error::invalid("limits", about(limit), "one of each kind"));
        }
        let (is_right, allowed) = match *limit {
            Limit::CpuWeight(weight) => ((1..=10_000).contains(&weight), "1 to 10,000"),
            Limit::CpuQuotaPercent(percent) => (
                (1.0..=1e6).contains(&percent),
                "1 to 1,000,000 percent of one core",
            ),
            Limit::IoBytesPerSec(bytes) => {
                ((4096..=MOST_BYTES).contains(&bytes), "4096 bytes/s or more")
            }
            Limit::MemoryHighBytes(bytes) => {
                ((1 << 20..=MOST_BYTES).contains(&bytes), "1 MiB or more")
            }
            Limit::Processes(count) => ((1..=MOST_PROCESSES).contains(&count), "1 to 4,194,304"),
        };
        if !is_right {
            return Err(Error::invalid("limits", about(limit), allowed));
        }
    }
    Ok(())
}

/// The texts for a limit, in the order in which they must be written.
///
/// # Errors
/// `Unsupported` when there is nothing here that could be limited.
pub(super) fn texts(limit: &Limit, version: u8, around: &Surroundings) -> Result<Vec<Text>> {
    let is_old = version == 1;
    Ok(match *limit {
        Limit::CpuWeight(weight) if is_old => {
            let shares = (u64::from(weight) * 1024 / 100).clamp(2, 262_144);
            vec![Text::new("cpu.shares", shares.to_string(), "1024")]
        }
        Limit::CpuWeight(weight) => vec![Text::new("cpu.weight", weight.to_string(), "100")],
        Limit::CpuQuotaPercent(percent) => {
            // Version 1 takes no quota above that of a parent; it holds all the same.
            let above = around.quota_above_percent.filter(|_| is_old);
            let percent = above.map_or(percent, |above| above.min(percent));
            // In range: `check` has seen to it.
            let quota = ((percent * PERIOD_USEC as f64 / 100.0) as u64).max(1000);
            if is_old {
                vec![
                    Text::new(
                        "cpu.cfs_period_us",
                        PERIOD_USEC.to_string(),
                        PERIOD_USEC.to_string(),
                    ),
                    Text::new("cpu.cfs_quota_us", quota.to_string(), "-1"),
                ]
            } else {
                vec![Text::new(
                    "cpu.max",
                    format!("{quota} {PERIOD_USEC}"),
                    "max 100000",
                )]
            }
        }
        Limit::IoBytesPerSec(bytes) => {
            if around.disks.is_empty() {
                return Err(Error::Unsupported(
                    "no disk whose rate could be limited is known here (/sys/block)".into(),
                ));
            }
            let one = |disk: &String| match is_old {
                true => ["read", "write"]
                    .map(|way| {
                        let file = format!("blkio.throttle.{way}_bps_device");
                        Text::new(&file, format!("{disk} {bytes}"), format!("{disk} 0"))
                    })
                    .to_vec(),
                false => vec![Text::new(
                    "io.max",
                    format!("{disk} rbps={bytes} wbps={bytes}"),
                    format!("{disk} rbps=max wbps=max riops=max wiops=max"),
                )],
            };
            around.disks.iter().flat_map(one).collect()
        }
        Limit::MemoryHighBytes(bytes) => {
            // The kernel counts pages; a whole number of them reads back as it was written.
            let page = around.page_bytes.max(1);
            let bytes = (bytes / page * page).to_string();
            if is_old {
                vec![
                    // First: with the limit alone the kernel would kill at it.
                    Text::new("memory.oom_control", "1", "0"),
                    Text::new("memory.limit_in_bytes", bytes, "-1"),
                ]
            } else {
                vec![Text::new("memory.high", bytes, "max")]
            }
        }
        Limit::Processes(count) => vec![Text::new("pids.max", count.to_string(), "max")],
    })
}

/// Whether the content of a file says what was written into it.
pub(super) fn shows(file: &str, text: &str, content: &str) -> bool {
    let words =
        |line: &str| -> Vec<String> { line.split_ascii_whitespace().map(str::to_owned).collect() };
    let wanted = words(text);
    let mut lines = content.lines().map(words);
    match file {
        "io.max" => lines.any(|line| {
            line.first() == wanted.first() && wanted.iter().all(|word| line.contains(word))
        }),
        "memory.oom_control" => lines.any(|line| line == ["oom_kill_disable", text]),
        _ => lines.any(|line| line == wanted),
    }
}

/// A limit in words.
pub(super) fn about(limit: &Limit) -> String {
    match limit {
        Limit::CpuWeight(weight) => format!("CPU weight {weight} (100 is normal)"),
        Limit::CpuQuotaPercent(percent) => format!("CPU at most {percent} % of one core"),
        Limit::IoBytesPerSec(bytes) => {
            format!("{bytes} bytes per second read and written each on each disk")
        }
        Limit::MemoryHighBytes(bytes) => format!("memory held below {bytes} bytes"),
        Limit::Processes(count) => format!("at most {count} processes and threads"),
    }
}

/// What a limit does not do, in words.
pub(super) fn reservations(limit: &Limit, version: u8) -> &'static [&'static str] {
    const CHARGED: &str = "memory that the processes have already is still charged to their \
         former group: only what they take from now on counts";
    const OLD_LIMIT: &str = "at the limit of a version 1 group nobody is killed, but whoever \
         takes memory waits there until some is given back, and system calls may fail for want \
         of it";
    const OLD_WRITES: &str = "what the processes write through the page cache is written out by \
         the kernel and is not slowed down by version 1 groups";
    match (limit, version) {
        (Limit::MemoryHighBytes(_), 1) => &[CHARGED, OLD_LIMIT],
        (Limit::MemoryHighBytes(_), _) => &[CHARGED],
        (Limit::IoBytesPerSec(_), 1) => &[OLD_WRITES],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn around() -> Surroundings {
        Surroundings {
            disks: vec!["8:0".into(), "259:0".into()],
            quota_above_percent: None,
            page_bytes: 4096,
        }
    }

    fn of(limit: Limit, version: u8) -> Vec<(String, String)> {
        let texts = texts(&limit, version, &around()).unwrap();
        texts.into_iter().map(|t| (t.file, t.text)).collect()
    }

    fn pair(file: &str, text: &str) -> (String, String) {
        (file.into(), text.into())
    }

    #[test]
    fn each_limit_has_its_files() {
        assert_eq!(of(Limit::CpuWeight(100), 1), [pair("cpu.shares", "1024")]);
        assert_eq!(of(Limit::CpuWeight(1), 2), [pair("cpu.weight", "1")]);
        assert_eq!(
            of(Limit::CpuQuotaPercent(50.0), 1),
            [
                pair("cpu.cfs_period_us", "100000"),
                pair("cpu.cfs_quota_us", "50000")
            ]
        );
        assert_eq!(
            of(Limit::CpuQuotaPercent(250.0), 2),
            [pair("cpu.max", "250000 100000")]
        );
        assert_eq!(
            of(Limit::IoBytesPerSec(5_000_000), 2),
            [
                pair("io.max", "8:0 rbps=5000000 wbps=5000000"),
                pair("io.max", "259:0 rbps=5000000 wbps=5000000")
            ]
        );
        assert_eq!(of(Limit::IoBytesPerSec(5_000_000), 1).len(), 4);
        assert_eq!(
            of(Limit::MemoryHighBytes(10_000_000), 1),
            [
                pair("memory.oom_control", "1"),
                pair("memory.limit_in_bytes", "9998336")
            ]
        );
        assert_eq!(
            of(Limit::MemoryHighBytes(1 << 30), 2),
            [pair("memory.high", "1073741824")]
        );
        assert_eq!(of(Limit::Processes(7), 1), [pair("pids.max", "7")]);
    }

    #[test]
    fn a_quota_above_is_never_exceeded_in_version_1() {
        let mut around = around();
        around.quota_above_percent = Some(30.0);
        let texts = texts(&Limit::CpuQuotaPercent(80.0), 1, &around).unwrap();
        assert_eq!(texts[1].text, "30000");
    }

    #[test]
    fn without_disks_an_io_limit_is_not_possible() {
        let none = Surroundings::default();
        assert!(texts(&Limit::IoBytesPerSec(1 << 20), 2, &none).is_err());
    }

    #[test]
    fn what_is_read_back_is_told_from_what_is_not() {
        assert!(shows(
            "io.max",
            "8:0 rbps=5 wbps=6",
            "7:0 rbps=5 wbps=6\n8:0 rbps=5 wbps=6 riops=max wiops=max\n"
        ));
        assert!(!shows(
            "io.max",
            "8:0 rbps=5 wbps=6",
            "8:0 rbps=5 wbps=max riops=max wiops=max\n"
        ));
        assert!(shows(
            "memory.oom_control",
            "1",
            "oom_kill_disable 1\nunder_oom 0\n"
        ));
        assert!(!shows(
            "memory.oom_control",
            "1",
            "oom_kill_disable 0\nunder_oom 1\n"
        ));
        assert!(shows(
            "blkio.throttle.read_bps_device",
            "8:0 5",
            "7:0 5\n8:0 5\n"
        ));
        assert!(shows("cpu.max", "5000 100000", "5000 100000\n"));
        assert!(!shows("pids.max", "7", "max\n"));
        assert!(!shows("pids.max", "7", ""));
    }

    fn any_limit() -> impl Strategy<Value = Limit> {
        prop_oneof![
            any::<u32>().prop_map(Limit::CpuWeight),
            any::<f64>().prop_map(Limit::CpuQuotaPercent),
            (0.1..1e7f64).prop_map(Limit::CpuQuotaPercent),
            any::<u64>().prop_map(Limit::IoBytesPerSec),
            any::<u64>().prop_map(Limit::MemoryHighBytes),
            any::<u64>().prop_map(Limit::Processes),
        ]
    }

    proptest! {
        #[test]
        fn what_is_let_through_is_in_the_kernels_ranges(limit in any_limit(), version in 1u8..=2) {
            if check(std::slice::from_ref(&limit)).is_err() {
                return Ok(());
            }
            for Text { file, text, .. } in texts(&limit, version, &around()).unwrap() {
                let last = || -> u64 { text.rsplit([' ', '=']).next().unwrap().parse().unwrap() };
                let fine = match file.as_str() {
                    "cpu.shares" => (2..=262_144).contains(&last()),
                    "cpu.weight" => (1..=10_000).contains(&last()),
                    "cpu.cfs_period_us" => last() == PERIOD_USEC,
                    "cpu.cfs_quota_us" => (1000..=10u64.pow(10)).contains(&last()),
                    "cpu.max" => text.strip_suffix(" 100000").is_some_and(|quota| {
                        (1000..=10u64.pow(10)).contains(&quota.parse().unwrap())
                    }),
                    "memory.oom_control" => text == "1",
                    "memory.limit_in_bytes" | "memory.high" => last() >= 4096 && last() % 4096 == 0,
                    "pids.max" => (1..=MOST_PROCESSES).contains(&last()),
                    _ => last() >= 1,
                };
                prop_assert!(fine, "{file} {text}");
                prop_assert!(shows(&file, &text, &text) || file == "memory.oom_control");
            }
        }
    }
}
