//! How many TCP sockets listen, and which of them to others: asked of the kernel's socket diagnosis, else counted at
//! the head of `/proc/net/tcp` and `tcp6`.
//!
//! Both ways were measured on a machine with few connections: the diagnosis, asked for
//! listening sockets only, walks the small table of these and takes 0.01 ms. The files
//! take 1 ms: after the last listening socket the kernel looks for the next line in its
//! table of connections, which has hundreds of thousands of mostly empty places.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::sample::parse::{number, words};
use crate::sample::security::{Listening, keep_reachable};
use crate::sample::sock_diag::Diagnosis;
use crate::sample::source::KeptFile;
use crate::sample::{Availability, Roots, SourceReport};

/// Ticks between two questions to the diagnosis, which would else be a fifth of the tick's
/// system-wide part.
const DIAGNOSIS_EVERY: u32 = 10;
/// Ticks between two counts in the files.
const FILES_EVERY: u32 = 60;
/// How the files write the state TCP_LISTEN.
const LISTEN_TEXT: &[u8] = b"0A";

/// Counts the listening sockets once in some ticks.
#[derive(Debug)]
pub(crate) struct ListenerReader {
    /// `None` where the proc root is another machine's or a captured one: the kernel
    /// would speak of this one.
    diagnosis: Option<Diagnosis>,
    tcp: KeptFile,
    tcp6: KeptFile,
    counted: Option<u64>,
    count_in: u32,
    found: Vec<Listening>,
    looks: u64,
}

impl ListenerReader {
    /// `net_folder` is where below the proc root the network's files are.
    pub(crate) fn new(roots: &Roots, net_folder: &str) -> ListenerReader {
        let file =
            |name: &str, gives| KeptFile::new(roots.proc(&format!("{net_folder}/{name}")), gives);
        let is_own = roots.proc_root == std::path::Path::new("/proc");
        ListenerReader {
            diagnosis: is_own.then(Diagnosis::default),
            tcp: file("tcp", "listening sockets, IPv4"),
            tcp6: file("tcp6", "listening sockets, IPv6"),
            counted: None,
            count_in: 0,
            found: Vec::new(),
            looks: 0,
        }
    }

    pub(crate) fn read(&mut self, buffer: &mut Vec<u8>) -> Option<u64> {
        if self.count_in == 0 {
            let found = &mut self.found;
            let asked = self.diagnosis.as_mut().and_then(|d| d.count(buffer, found));
            (self.counted, self.count_in) = match asked {
                Some(count) => (Some(count), DIAGNOSIS_EVERY),
                None => (self.count_in_files(buffer), FILES_EVERY),
            };
            keep_reachable(&mut self.found);
            self.looks += 1;
        }
        self.count_in -= 1;
        self.counted
    }

    /// Those that other machines can reach, as they were counted last, and how often they
    /// were counted so far.
    pub(crate) fn reachable(&self) -> (Option<&[Listening]>, u64) {
        (self.counted.map(|_| &*self.found), self.looks)
    }

    pub(crate) fn report(&self, out: &mut Vec<SourceReport>) {
        let diagnosis = self.diagnosis.as_ref();
        out.extend(diagnosis.map(Diagnosis::report));
        if diagnosis.is_none_or(|d| d.availability() != Availability::Available) {
            out.push(self.tcp.report());
            out.push(self.tcp6.report());
        }
    }

    fn count_in_files(&mut self, buffer: &mut Vec<u8>) -> Option<u64> {
        self.found.clear();
        let ipv4 = count_in_file(&mut self.tcp, buffer, &mut self.found)?;
        match count_in_file(&mut self.tcp6, buffer, &mut self.found) {
            Some(ipv6) => Some(ipv4 + ipv6),
            // A kernel without IPv6 has no such sockets either.
            None => (self.tcp6.availability() == Availability::Absent).then_some(ipv4),
        }
    }
}

/// The kernel lists the listening sockets first and then the others, of which there may
/// be hundreds of thousands: so the file is read only up to the first of these. (Seen in
/// its source, `tcp_seq_start`, and tried with 300 listening among 10,000 sockets.)
fn count_in_file(
    file: &mut KeptFile,
    buffer: &mut Vec<u8>,
    found: &mut Vec<Listening>,
) -> Option<u64> {
    let mut seen = 0;
    let mut head = Head {
        found,
        listening: 0,
        is_over: false,
        is_malformed: false,
    };
    let text = file.read_head(buffer, |read| {
        // Only whole lines: the last one may be cut by the end of the piece.
        let whole = read[seen..].iter().rposition(|byte| *byte == b'\n');
        if let Some(end) = whole {
            head.take(&read[seen..seen + end]);
            seen += end + 1;
        }
        head.is_over
    })?;
    if !head.is_over {
        head.take(&text[seen..]);
    }
    if head.is_malformed {
        file.malformed("`sl local_address rem_address st …` in each line");
        return None;
    }
    Some(head.listening)
}

/// What was found in the lines so far.
struct Head<'a> {
    found: &'a mut Vec<Listening>,
    listening: u64,
    is_over: bool,
    is_malformed: bool,
}

impl Head<'_> {
    fn take(&mut self, text: &[u8]) {
        for line in crate::sample::parse::lines(text) {
            let mut words = words(line);
            if words.next() == Some(b"sl") {
                continue;
            }
            let local = words.next();
            match words.nth(1) {
                Some(LISTEN_TEXT) => {
                    self.listening += 1;
                    // After the queues, the timer and the retransmissions comes the user, and
                    // after the time-out the number of the socket.
                    let uid = words.nth(3).and_then(number);
                    let inode = words.nth(1).and_then(number);
                    match local.and_then(address_and_port) {
                        Some((address, port)) => self.found.push(Listening {
                            port,
                            address,
                            uid: uid.and_then(|uid| u32::try_from(uid).ok()),
                            inode: inode.filter(|inode| *inode > 0),
                        }),
                        None => self.is_malformed = true,
                    }
                }
                Some(_) => self.is_over = true,
                None => self.is_malformed = true,
            }
            if self.is_over || self.is_malformed {
                self.is_over = true;
                return;
            }
        }
    }
}

/// `0100007F:1F90`: words of the address as the machine keeps them in memory, each written as
/// a number, and the port.
fn address_and_port(text: &[u8]) -> Option<(IpAddr, u16)> {
    let (address, port) = std::str::from_utf8(text).ok()?.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |at: usize| {
        let digits = address.get(at * 8..at * 8 + 8)?;
        u32::from_str_radix(digits, 16).ok().map(u32::to_ne_bytes)
    };
    let address = match address.len() {
        8 => IpAddr::V4(Ipv4Addr::from(word(0)?)),
        32 => {
            let mut bytes = [0; 16];
            for (at, four) in bytes.chunks_exact_mut(4).enumerate() {
                four.copy_from_slice(&word(at)?);
            }
            IpAddr::V6(Ipv6Addr::from(bytes))
        }
        _ => return None,
    };
    Some((address, port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::fixture::Fixture;
    use proptest::prelude::*;
    use std::net::TcpListener;

    const HEADING: &str = "  sl  local_address rem_address   st tx_queue rx_queue\n";

    fn line(number: usize, state: &str) -> String {
        let text = format!("{number:4}: 0100007F:1F90 00000000:0000 {state} 00000000:00000000");
        format!("{text:149}\n")
    }

    fn count(fixture: &Fixture) -> (Option<u64>, ListenerReader) {
        let mut reader = ListenerReader::new(&fixture.roots(), "net");
        (reader.read(&mut Vec::new()), reader)
    }

    /// Counts by both ways before and after `change`, on this machine, where other
    /// programs may listen too: tried again until nobody else changed anything.
    fn grows_by(change: u64, listen: impl Fn() -> Vec<TcpListener>) {
        let mut buffer = Vec::new();
        let tried = (0..20).any(|_| {
            let mut by_files = ListenerReader::new(&Roots::default(), "net");
            let mut by_diagnosis = Diagnosis::default();
            let before = by_files.count_in_files(&mut buffer).unwrap();
            let asked_before = by_diagnosis.count(&mut buffer, &mut Vec::new());
            let kept = listen();
            let after = by_files.count_in_files(&mut buffer).unwrap();
            let asked_after = by_diagnosis.count(&mut buffer, &mut Vec::new());
            drop(kept);
            // A sandbox may forbid netlink; then only the files are tried.
            let agrees = |asked: Option<u64>, counted| asked.is_none_or(|n| n == counted);
            after == before + change && agrees(asked_before, before) && agrees(asked_after, after)
        });
        assert!(tried);
    }

    #[test]
    fn sockets_that_begin_to_listen_are_counted_by_both_ways() {
        grows_by(60, || {
            let listener = |_| TcpListener::bind("127.0.0.1:0").unwrap();
            (0..60).map(listener).collect()
        });
    }

    #[test]
    fn connections_are_not_counted_as_listening() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut kept = Vec::new();
        for _ in 0..40 {
            kept.push(std::net::TcpStream::connect(address).unwrap());
            kept.push(listener.accept().unwrap().0);
        }
        grows_by(1, || vec![TcpListener::bind("127.0.0.1:0").unwrap()]);
    }

    #[test]
    fn a_file_is_read_only_up_to_the_first_socket_that_does_not_listen() {
        let fixture = Fixture::new();
        let listening: String = (0..100).map(|n| line(n, "0A")).collect();
        let rest: String = (100..5000).map(|n| line(n, "01")).collect();
        fixture.write("proc/net/tcp", format!("{HEADING}{listening}{rest}"));
        fixture.write("proc/net/tcp6", format!("{HEADING}{}", line(0, "0A")));
        let mut buffer = Vec::new();
        let mut reader = ListenerReader::new(&fixture.roots(), "net");
        assert_eq!(reader.read(&mut buffer), Some(101));
        // The 5,000 lines of the first file would have made the buffer grow.
        assert!(buffer.len() < 5000 * 150 / 2);
    }

    #[test]
    fn without_ipv6_the_other_file_is_all_and_without_both_nothing_is_known() {
        let fixture = Fixture::new();
        fixture.write("proc/net/tcp", format!("{HEADING}{}", line(0, "0A")));
        assert_eq!(count(&fixture).0, Some(1));
        assert_eq!(count(&Fixture::new()).0, None);
    }

    #[test]
    fn those_that_others_can_reach_are_told_with_address_port_and_user() {
        let fixture = Fixture::new();
        let of = |local: &str, uid: u32| {
            format!(
                "   0: {local} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 {uid:5}        0 4711 1\n"
            )
        };
        let ipv4 = [
            of("0100007F:1F90", 7),
            of("00000000:0016", 0),
            of("0702000A:0050", 33),
        ];
        fixture.write("proc/net/tcp", format!("{HEADING}{}", ipv4.concat()));
        let any = "00000000000000000000000000000000:1F90";
        let loopback = "00000000000000000000000001000000:0277";
        let ipv6 = [of(any, 1000), of(loopback, 0)];
        fixture.write("proc/net/tcp6", format!("{HEADING}{}", ipv6.concat()));
        let (count, reader) = count(&fixture);
        assert_eq!(count, Some(5));
        let shown: Vec<(String, u16, Option<u32>)> = reader
            .reachable()
            .0
            .unwrap()
            .iter()
            .map(|l| (l.address.to_string(), l.port, l.uid))
            .collect();
        assert_eq!(
            shown,
            [
                ("0.0.0.0".to_string(), 22, Some(0)),
                ("10.0.2.7".to_string(), 80, Some(33)),
                ("::".to_string(), 8080, Some(1000)),
            ]
        );
        assert_eq!(reader.found[0].inode, Some(4711));
    }

    #[test]
    fn both_ways_tell_the_same_listeners_of_this_machine() {
        let mut buffer = Vec::new();
        let tried = (0..20).any(|_| {
            let mut by_files = ListenerReader::new(&Roots::default(), "net");
            let mut asked = Vec::new();
            if Diagnosis::default()
                .count(&mut buffer, &mut asked)
                .is_none()
            {
                return true;
            }
            by_files.count_in_files(&mut buffer).unwrap();
            // Another program may have begun or ended to listen in between.
            keep_reachable(&mut asked);
            keep_reachable(&mut by_files.found);
            asked == by_files.found
        });
        assert!(tried);
    }

    #[test]
    fn the_files_are_counted_again_only_after_a_while() {
        let fixture = Fixture::new();
        fixture.write("proc/net/tcp", HEADING);
        let (first, mut reader) = count(&fixture);
        assert_eq!(first, Some(0));
        fixture.write("proc/net/tcp", format!("{HEADING}{}", line(0, "0A")));
        let again: Vec<_> = (0..FILES_EVERY)
            .map(|_| reader.read(&mut Vec::new()))
            .collect();
        assert_eq!(again[0], Some(0));
        assert_eq!(again[FILES_EVERY as usize - 2], Some(0));
        assert_eq!(again[FILES_EVERY as usize - 1], Some(1));
    }

    proptest! {
        #[test]
        fn any_content_is_counted_without_panic(
            text in Fixture::content("sl\n 0: 00:01 00:00 0A 0\n 1: 00:02 00:00 01 0\n"),
        ) {
            let fixture = Fixture::new();
            fixture.write("proc/net/tcp", &text);
            let lines = text.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
            prop_assert!(count(&fixture).0.is_none_or(|count| count <= lines));
        }

    }
}
