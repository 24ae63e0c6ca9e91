//! The files that may set a limit, one for each group of a chain, and the least of them.

use std::path::PathBuf;
use std::sync::Arc;

use super::cgroup::{Controller, Groups, Level};
use super::parse::{lines, number, signed, trim, words};
use super::source::read_once;

/// From here on a version 1 limit means "none": the kernel rounds the largest number
/// down to whole pages, whose size differs between machines.
const UNLIMITED_FROM: u64 = i64::MAX as u64 - (1 << 21);

/// How a limit is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    /// `cpu.max`: quota and period, microseconds.
    CpuMax,
    /// `cpu.cfs_quota_us`, with the file of the period.
    CfsQuota { period: PathBuf },
    /// A number of bytes, processes or `max`.
    Amount,
    /// `hierarchical_memory_limit` in the version 1 `memory.stat`: the least of all
    /// parents, also of those that are not seen from a container.
    HierarchicalLimit,
}

/// A file that may set a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bound {
    pub(crate) file: PathBuf,
    /// The same, as it is shown.
    pub(crate) source: Arc<str>,
    pub(crate) form: Form,
    /// The group that it limits.
    pub(crate) level: Level,
    pub(crate) is_unified: bool,
}

impl Bound {
    fn new(level: &Level, file: &str, form: Form, is_unified: bool) -> Bound {
        let file = level.folder.join(file);
        Bound {
            source: file.display().to_string().into(),
            file,
            form,
            level: level.clone(),
            is_unified,
        }
    }

    /// The limit now; `None` when it can't be read or there is none.
    fn read(&self, buffer: &mut Vec<u8>) -> Option<f64> {
        let text = read_once(&self.file, buffer).ok()?;
        match &self.form {
            Form::CfsQuota { period } => {
                let quota = signed(trim(text))?;
                cfs_quota(quota, number(trim(read_once(period, buffer).ok()?))?)
            }
            form => form.parse(text),
        }
    }
}

impl Form {
    /// The limit that a file's text sets; `None` for none. A quota without its period
    /// (two files in version 1) is not one yet.
    pub(crate) fn parse(&self, text: &[u8]) -> Option<f64> {
        match self {
            Form::CpuMax => {
                let mut fields = words(text);
                let quota = number(fields.next()?)?;
                cfs_quota(i64::try_from(quota).ok()?, number(fields.next()?)?)
            }
            Form::CfsQuota { .. } => None,
            Form::Amount => limited(number(trim(text))?),
            Form::HierarchicalLimit => limited(value_of(text, b"hierarchical_memory_limit")?),
        }
    }
}

/// Every file that may limit each resource, the own group's first.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) quota: Vec<Bound>,
    pub(crate) memory: Vec<Bound>,
    pub(crate) pids: Vec<Bound>,
}

impl Bounds {
    pub(crate) fn of(groups: &Groups) -> Bounds {
        let mut bounds = Bounds::default();
        for level in &groups.unified {
            let unified = |file: &str, form| Bound::new(level, file, form, true);
            bounds.quota.push(unified("cpu.max", Form::CpuMax));
            bounds.memory.push(unified("memory.max", Form::Amount));
            bounds.memory.push(unified("memory.high", Form::Amount));
            bounds.pids.push(unified("pids.max", Form::Amount));
        }
        for level in groups.of(Controller::Cpu) {
            let period = level.folder.join("cpu.cfs_period_us");
            let form = Form::CfsQuota { period };
            bounds
                .quota
                .push(Bound::new(level, "cpu.cfs_quota_us", form, false));
        }
        for level in groups.of(Controller::Memory) {
            let form = Form::Amount;
            bounds
                .memory
                .push(Bound::new(level, "memory.limit_in_bytes", form, false));
        }
        if let Some(own) = groups.of(Controller::Memory).first() {
            let form = Form::HierarchicalLimit;
            bounds
                .memory
                .push(Bound::new(own, "memory.stat", form, false));
        }
        for level in groups.of(Controller::Pids) {
            bounds
                .pids
                .push(Bound::new(level, "pids.max", Form::Amount, false));
        }
        // What does not exist in a group (a controller that is not enabled there, the
        // root) is not asked again until the groups change.
        for list in [&mut bounds.quota, &mut bounds.memory, &mut bounds.pids] {
            list.retain(|bound| bound.file.exists());
        }
        bounds
    }
}

/// The place in `bounds` of the one that limits most; `None` when none does.
pub(crate) fn least(bounds: &[Bound], buffer: &mut Vec<u8>) -> Option<usize> {
    // Where the kernel itself says what a version 1 group may use, a smaller limit of
    // a parent does not apply (`memory.use_hierarchy` is 0 there).
    let floor = bounds
        .iter()
        .filter(|bound| bound.form == Form::HierarchicalLimit)
        .find_map(|bound| {
            value_of(
                read_once(&bound.file, buffer).ok()?,
                b"hierarchical_memory_limit",
            )
        })
        .map_or(0.0, |bytes| bytes as f64);
    let mut best: Option<(f64, usize)> = None;
    for (index, bound) in bounds.iter().enumerate() {
        let Some(limit) = bound.read(buffer) else {
            continue;
        };
        if !bound.is_unified && limit < floor {
            continue;
        }
        if best.is_none_or(|(least, _)| limit < least) {
            best = Some((limit, index));
        }
    }
    best.map(|(_, index)| index)
}

/// Processors that a quota allows; `None` without one (-1, or a period of 0).
pub(crate) fn cfs_quota(quota_usec: i64, period_usec: u64) -> Option<f64> {
    (quota_usec > 0 && period_usec > 0).then(|| quota_usec as f64 / period_usec as f64)
}

fn limited(amount: u64) -> Option<f64> {
    (amount < UNLIMITED_FROM).then_some(amount as f64)
}

/// The number behind a name in a file of `name number` lines.
pub(crate) fn value_of(text: &[u8], name: &[u8]) -> Option<u64> {
    lines(text).find_map(|line| {
        let mut fields = words(line);
        (fields.next()? == name).then(|| number(fields.next()?))?
    })
}

/// How many processors a list such as `0-3,8` names; `None` for none or nonsense.
pub(crate) fn count_cpus(text: &[u8]) -> Option<u32> {
    let mut count: u64 = 0;
    for range in trim(text).split(|b| *b == b',') {
        let mut ends = range.splitn(2, |b| *b == b'-');
        let first = number(ends.next()?)?;
        let last = match ends.next() {
            Some(last) => number(last)?,
            None => first,
        };
        count = count.checked_add(last.checked_sub(first)?.checked_add(1)?)?;
    }
    u32::try_from(count).ok().filter(|count| *count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quotas_are_read_in_processors() {
        assert_eq!(Form::CpuMax.parse(b"50000 100000\n"), Some(0.5));
        assert_eq!(Form::CpuMax.parse(b"max 100000\n"), None);
        assert_eq!(Form::CpuMax.parse(b"50000 0\n"), None);
        assert_eq!(Form::CpuMax.parse(b""), None);
        assert_eq!(cfs_quota(-1, 100_000), None);
        assert_eq!(cfs_quota(250_000, 100_000), Some(2.5));
    }

    #[test]
    fn the_largest_number_of_pages_is_no_limit() {
        assert_eq!(Form::Amount.parse(b"9223372036854771712\n"), None);
        // With pages of 64 KiB.
        assert_eq!(Form::Amount.parse(b"9223372036854710272\n"), None);
        assert_eq!(Form::Amount.parse(b"max\n"), None);
        assert_eq!(Form::Amount.parse(b"1073741824\n"), Some(1_073_741_824.0));
    }

    #[test]
    fn lists_of_processors_are_counted() {
        assert_eq!(count_cpus(b"0-3,8\n"), Some(5));
        assert_eq!(count_cpus(b"7"), Some(1));
        assert_eq!(count_cpus(b"0-1023"), Some(1024));
        for nonsense in [
            &b""[..],
            b"\n",
            b"3-1",
            b"a",
            b"1,,2",
            b"1-",
            b"0-18446744073709551615",
        ] {
            assert_eq!(count_cpus(nonsense), None);
        }
    }

    #[test]
    fn a_name_is_found_as_a_whole_word() {
        let text = b"cache 1\ntotal_inactive_file 7\ninactive_file 5\n";
        assert_eq!(value_of(text, b"inactive_file"), Some(5));
        assert_eq!(value_of(text, b"inactive"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_parsed_without_panic(text: Vec<u8>) {
            for form in [Form::CpuMax, Form::Amount, Form::HierarchicalLimit] {
                prop_assert!(form.parse(&text).is_none_or(|limit| limit >= 0.0));
            }
            let _ = (count_cpus(&text), value_of(&text, b"a"));
        }

        #[test]
        fn any_list_of_numbers_is_counted_without_panic(text in "[0-9]{0,20}([-,][0-9]{0,20}){0,4}") {
            let _ = count_cpus(text.as_bytes());
        }
    }
}
