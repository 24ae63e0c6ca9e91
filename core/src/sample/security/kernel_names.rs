//! Names that the kernel gives its own threads. A program that bears one hides.

/// What names of kernel threads begin with. Only such as no usual program has: `loop` or
/// `md` would be anybody's.
const HEADS: [&str; 38] = [
    "cpuhp/",
    "ext4-rsv-",
    "idle_inject/",
    "inet_frag_wq",
    "irq/",
    "jbd2/",
    "jfsIO",
    "kauditd",
    "kblockd",
    "kcompactd",
    "kcryptd",
    "kdevtmpfs",
    "khubd",
    "khugepaged",
    "khungtaskd",
    "khvcd",
    "kintegrityd",
    "kmpath_",
    "kpsmoused",
    "ksmd",
    "ksoftirqd",
    "kstrp",
    "kswapd",
    "kthreadd",
    "kthrotld",
    "ktimers/",
    "kworker",
    "migration/",
    "mm_percpu_wq",
    "oom_reaper",
    "rcu_",
    "rcub/",
    "rcuo",
    "scsi_eh_",
    "scsi_tmf_",
    "usb-storage",
    "watchdogd",
    "xfsaild/",
];

/// A name or title is written like that of a kernel thread: the bare name, or in the
/// brackets that `ps` puts around one. Other titles in brackets (`[lxc monitor] …`,
/// `[celeryd: …]`) are customs of some programs.
pub(super) fn resembles_kernel_thread(text: &str) -> bool {
    let name = match text.strip_prefix('[') {
        Some(inner) => match inner.split_once(']') {
            Some((inner, _)) => inner,
            None => return false,
        },
        None => text,
    };
    HEADS.iter().any(|head| {
        name.strip_prefix(head).is_some_and(|rest| {
            // `kworkerish` and `rcu_stats.py` are names that somebody gave.
            let open = head.ends_with(['/', '_', '-', 'o']);
            rest.is_empty()
                || rest.starts_with(|c: char| c.is_ascii_digit() || c == '/' || c == ':')
                || (open && !rest.contains(['.', ' ']))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_kernel_threads_are_known_with_and_without_brackets() {
        for name in [
            "kworker/0:1",
            "[kworker/u8:3-events_unbound]",
            "[kworker/0:1] --pool x",
            "kswapd0",
            "rcu_preempt",
            "rcuog/2",
            "rcuop/3",
            "migration/1",
            "jbd2/sda1-8",
            "kthreadd",
            "[kthreadd]",
        ] {
            assert!(resembles_kernel_thread(name), "{name}");
        }
    }

    #[test]
    fn usual_programs_and_their_titles_are_not() {
        for name in [
            "",
            "[",
            "[]",
            "kworkerish",
            "kswapd-exporter",
            "rcu_stats.py",
            "[lxc monitor] /var/lib/lxc web",
            "[celeryd: worker1:MainProcess]",
            "irqbalance",
            "watchdog",
            "ksmtuned",
            "/usr/bin/kworker",
        ] {
            assert!(!resembles_kernel_thread(name), "{name}");
        }
    }
}
