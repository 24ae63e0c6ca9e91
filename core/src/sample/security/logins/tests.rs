//! Files of logins as their writers leave them.

use super::*;
use crate::sample::fixture::Fixture;
use proptest::prelude::*;

fn record(layout: Layout, user: &str, host: &str, seconds: i64) -> Vec<u8> {
    let mut record = vec![0; layout.bytes];
    record[0] = 6;
    record[8..18].copy_from_slice(b"ssh:notty\0");
    record[44..44 + user.len()].copy_from_slice(user.as_bytes());
    record[76..76 + host.len()].copy_from_slice(host.as_bytes());
    let (at, width) = layout.seconds;
    record[at..at + width].copy_from_slice(&seconds.to_ne_bytes()[..width]);
    record
}

fn machine() -> Fixture {
    let fixture = Fixture::new();
    fixture.write(
        "etc/passwd",
        "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/:/bin/sh\n",
    );
    fixture
}

fn failed(reader: &mut LoginReader) -> Option<(u64, Option<FailedLogin>)> {
    let (sample, _) = reader.look();
    sample.map(|sample| (sample.failed, sample.last.clone()))
}

#[test]
fn new_records_are_counted_and_the_last_one_is_told_in_both_layouts() {
    for layout in [Layout::NARROW, Layout::WIDE] {
        let fixture = machine();
        let mut all = record(layout, "ann", "192.0.2.1", 1_700_000_000);
        fixture.write("var/log/btmp", &all);
        let mut reader = LoginReader::new(&fixture.roots());
        reader.layout = layout;
        let (count, last) = failed(&mut reader).unwrap();
        assert_eq!(count, 0);
        assert_eq!(last.unwrap().user.as_deref(), Some("ann"));

        all.extend(record(layout, "root", "203.0.113.5", 1_700_000_060));
        all.extend(record(layout, "hunter2", "", 1_700_000_090));
        fixture.write("var/log/btmp", &all);
        let (count, last) = failed(&mut reader).unwrap();
        assert_eq!(count, 2);
        let last = last.unwrap();
        // What may be a password is not kept; without a host the terminal is told.
        assert_eq!((last.user, last.from.as_deref()), (None, Some("ssh:notty")));
        assert_eq!(last.unix_seconds, Some(1_700_000_090));
        assert_eq!(failed(&mut reader).unwrap().0, 2);
    }
}

#[test]
fn a_file_that_was_cut_or_rotated_is_read_from_its_start() {
    let layout = Layout::OF_THIS_MACHINE;
    let fixture = machine();
    let one = record(layout, "root", "192.0.2.1", 1_700_000_000);
    fixture.write("var/log/btmp", one.repeat(5));
    let mut reader = LoginReader::new(&fixture.roots());
    assert_eq!(failed(&mut reader).unwrap().0, 0);
    fixture.write("var/log/btmp", one.repeat(2));
    assert_eq!(failed(&mut reader).unwrap().0, 2);
    std::fs::rename(fixture.path("var/log/btmp"), fixture.path("var/log/btmp.1")).unwrap();
    fixture.write("var/log/btmp", one.repeat(4));
    assert_eq!(failed(&mut reader).unwrap().0, 6);
}

const LOG: &str = "\
    Nov 28 10:00:01 host sshd[1]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.5  user=root\n\
    Nov 28 10:00:03 host sshd[1]: Failed password for root from 203.0.113.5 port 4711 ssh2\n\
    Nov 28 10:00:04 host sshd[1]: message repeated 2 times: [ Failed password for root from 203.0.113.5 port 4711 ssh2]\n\
    Nov 28 10:00:05 host sshd[1]: PAM 2 more authentication failures; logname= rhost=203.0.113.5  user=root\n\
    Nov 28 10:00:06 host sshd[2]: Failed password for invalid user bob from 203.0.113.9 port 1 ssh2\n\
    Nov 28 10:00:07 host su: pam_unix(su:auth): authentication failure; logname=ann uid=1000 euid=0 tty=/dev/pts/0 ruser=ann rhost=  user=root\n\
    Nov 28 10:00:08 host sshd[3]: Accepted publickey for ann from 192.0.2.1 port 2 ssh2\n";

#[test]
fn without_btmp_the_log_tells_and_each_failure_counts_once() {
    let fixture = machine();
    fixture.write(
        "var/log/auth.log",
        "Nov 28 09:00:00 host sshd[1]: Failed password for root from ::1 port 1 ssh2\n",
    );
    let mut reader = LoginReader::new(&fixture.roots());
    assert_eq!(failed(&mut reader), Some((0, None)));
    let first = std::fs::read_to_string(fixture.path("var/log/auth.log")).unwrap();
    // The last line is still being written.
    let half = format!("{first}{LOG}Nov 28 10:00:09 host sshd[4]: Failed passw");
    fixture.write("var/log/auth.log", &half);
    let (count, last) = failed(&mut reader).unwrap();
    assert_eq!(count, 5);
    let last = last.unwrap();
    assert_eq!((last.user.as_deref(), last.from), (Some("root"), None));
    let whole = format!("{half}ord for ann from 203.0.113.77 port 3 ssh2\n");
    fixture.write("var/log/auth.log", whole);
    let (count, last) = failed(&mut reader).unwrap();
    assert_eq!(count, 6);
    let last = last.unwrap();
    assert_eq!(last.user.as_deref(), Some("ann"));
    assert_eq!(last.from.as_deref(), Some("203.0.113.77"));
}

#[test]
fn where_nothing_can_be_read_each_reason_is_told() {
    let fixture = machine();
    let mut reader = LoginReader::new(&fixture.roots());
    let (sample, reports) = reader.look();
    assert_eq!(sample, None);
    assert_eq!(reports.len(), 3);
    for report in &reports {
        assert_eq!(report.availability, Availability::Absent);
        assert!(report.reason.as_ref().unwrap().contains("os error 2"));
    }
    // A folder in its place is no file to read.
    fixture.folder("var/log/auth.log");
    let (sample, reports) = reader.look();
    assert_eq!(sample, None);
    assert_eq!(reports[1].availability, Availability::Failed);
}

proptest! {
    #[test]
    fn any_log_and_any_records_are_read_without_panic(
        first in Fixture::content(LOG), second in Fixture::content(LOG),
    ) {
        let fixture = machine();
        for file in ["var/log/auth.log", "var/log/btmp"] {
            let mut reader = LoginReader::new(&fixture.roots());
            fixture.write(file, &first);
            let before = failed(&mut reader).unwrap().0;
            fixture.write(file, &second);
            prop_assert!(failed(&mut reader).unwrap().0 >= before);
        }
    }
}
