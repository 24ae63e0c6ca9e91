//! Network: `/proc/net/dev`, `/proc/net/snmp` and the number of listening sockets.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::sample::listeners::ListenerReader;
use crate::sample::parse::{lines, number, trim, words};
use crate::sample::rates::{per_second, per_second_of};
use crate::sample::roster::Roster;
use crate::sample::security::Listening;
use crate::sample::source::{KeptFile, read_once};
use crate::sample::{Roots, SourceReport, Tick};

/// Cumulative counters of an interface, as in `/proc/net/dev`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct InterfaceCounters {
    /// Bytes received.
    pub received_bytes_total: u64,
    /// Bytes sent.
    pub sent_bytes_total: u64,
    /// Packets received.
    pub received_packets_total: u64,
    /// Packets sent.
    pub sent_packets_total: u64,
    /// Receive errors.
    pub receive_errors_total: u64,
    /// Send errors.
    pub send_errors_total: u64,
    /// Received packets dropped.
    pub receive_drops_total: u64,
    /// Packets dropped before sending.
    pub send_drops_total: u64,
}

/// One network interface. Rates are `None` in the first sample, after a counter reset
/// and when the interface is new.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct InterfaceSample {
    /// Name, e.g. `eth0`.
    pub name: Arc<str>,
    /// The loopback interface; left out of the machine's totals.
    pub is_loopback: bool,
    /// Bytes received per second.
    pub received_bytes_per_sec: Option<f64>,
    /// Bytes sent per second.
    pub sent_bytes_per_sec: Option<f64>,
    /// Packets received per second.
    pub received_packets_per_sec: Option<f64>,
    /// Packets sent per second.
    pub sent_packets_per_sec: Option<f64>,
    /// Receive and send errors per second.
    pub errors_per_sec: Option<f64>,
    /// Packets dropped per second, both ways.
    pub drops_per_sec: Option<f64>,
    /// Raw counters.
    pub counters: InterfaceCounters,
}

/// TCP as a whole, this network namespace.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct TcpSample {
    /// Connections in ESTABLISHED or CLOSE-WAIT (`CurrEstab`).
    pub established: Option<u64>,
    /// Sockets that listen (IPv4 and IPv6). The kernel's socket diagnosis is asked every
    /// 10th tick; where that can't be, they are counted in `/proc/net/tcp` and `tcp6`, which
    /// is dear, so only every 60th tick. The number is kept in between.
    pub listening: Option<u64>,
    /// Segments sent since boot (`OutSegs`).
    pub sent_segments_total: Option<u64>,
    /// Segments sent per second.
    pub sent_segments_per_sec: Option<f64>,
    /// Segments sent again since boot (`RetransSegs`).
    pub retransmits_total: Option<u64>,
    /// Segments sent again per second.
    pub retransmits_per_sec: Option<f64>,
}

/// The network as this machine (or network namespace) sees it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct NetworkSample {
    /// Every interface, in the kernel's order.
    pub interfaces: Vec<InterfaceSample>,
    /// TCP.
    pub tcp: TcpSample,
}

/// Kind of a loopback interface in `/sys/class/net/NAME/type` (ARPHRD_LOOPBACK).
const LOOPBACK_TYPE: u64 = 772;
/// Numbers after an interface's name; 12 of them are used.
const COLUMNS: usize = 12;

/// Reads [`NetworkSample`] each tick.
#[derive(Debug)]
pub(crate) struct NetworkReader {
    dev: KeptFile,
    snmp: KeptFile,
    listeners: ListenerReader,
    class_folder: PathBuf,
    interfaces: Roster<Interface>,
    previous_sent_segments: Option<u64>,
    previous_retransmits: Option<u64>,
}

/// What is remembered of an interface.
#[derive(Debug)]
struct Interface {
    is_loopback: bool,
    previous: Option<InterfaceCounters>,
}

impl NetworkReader {
    pub(crate) fn new(roots: &Roots) -> NetworkReader {
        let folder = net_folder(roots);
        NetworkReader {
            dev: KeptFile::new(roots.proc(&format!("{folder}/dev")), "network interfaces")
                .with_short_records(),
            snmp: KeptFile::new(roots.proc(&format!("{folder}/snmp")), "TCP segments")
                .with_short_records(),
            listeners: ListenerReader::new(roots, folder),
            class_folder: roots.sys("class/net"),
            interfaces: Roster::new(),
            previous_sent_segments: None,
            previous_retransmits: None,
        }
    }

    pub(crate) fn read(&mut self, tick: &Tick<'_>, buffer: &mut Vec<u8>, into: &mut NetworkSample) {
        self.read_interfaces(tick, buffer, &mut into.interfaces);
        into.tcp = self.read_tcp(tick, buffer);
        into.tcp.listening = self.listeners.read(buffer);
    }

    /// The sockets that listen to other machines, as they were counted last, and how often
    /// they were counted so far.
    pub(crate) fn listening(&self) -> (Option<&[Listening]>, u64) {
        self.listeners.reachable()
    }

    pub(crate) fn report(&self, out: &mut Vec<SourceReport>) {
        out.push(self.dev.report());
        out.push(self.snmp.report());
        self.listeners.report(out);
    }

    fn read_interfaces(
        &mut self,
        tick: &Tick<'_>,
        buffer: &mut Vec<u8>,
        into: &mut Vec<InterfaceSample>,
    ) {
        into.clear();
        let Some(text) = self.dev.read(buffer) else {
            self.interfaces.clear();
            return;
        };
        let mut wrong = text.is_empty();
        self.interfaces.begin();
        for line in lines(text) {
            // Old kernels write `eth0:123` without a blank. The two lines of headings
            // have no colon.
            let Some(colon) = line.iter().rposition(|byte| *byte == b':') else {
                continue;
            };
            let Some(counters) = parse_counters(&line[colon + 1..]) else {
                wrong = true;
                continue;
            };
            let class_folder = &self.class_folder;
            let interface = self
                .interfaces
                .find(trim(&line[..colon]), |name| Interface {
                    is_loopback: is_loopback(class_folder, name),
                    previous: None,
                });
            let previous = interface.remembered.previous.replace(counters);
            let mut sample = rates(&counters, previous, tick.elapsed_seconds);
            sample.name = Arc::clone(&interface.name);
            sample.is_loopback = interface.remembered.is_loopback;
            into.push(sample);
        }
        self.interfaces.end();
        if wrong {
            self.dev.malformed("`name:` and 16 numbers in each line");
        }
    }

    fn read_tcp(&mut self, tick: &Tick<'_>, buffer: &mut Vec<u8>) -> TcpSample {
        let previous_sent = self.previous_sent_segments.take();
        let previous_retransmits = self.previous_retransmits.take();
        let Some(text) = self.snmp.read(buffer) else {
            return TcpSample::default();
        };
        let Some(mut tcp) = parse_tcp(text) else {
            self.snmp.malformed("two lines `Tcp:`, names and numbers");
            return TcpSample::default();
        };
        let elapsed = tick.elapsed_seconds;
        tcp.sent_segments_per_sec = per_second_of(previous_sent, tcp.sent_segments_total, elapsed);
        tcp.retransmits_per_sec =
            per_second_of(previous_retransmits, tcp.retransmits_total, elapsed);
        self.previous_sent_segments = tcp.sent_segments_total;
        self.previous_retransmits = tcp.retransmits_total;
        tcp
    }
}

/// Where below the proc root the network's files are. `/proc/net` leads to the reader's
/// own namespace, even where another machine's /proc is watched (`/host/proc/net` in a
/// container); process 1 of that machine is in the namespace that is meant.
fn net_folder(roots: &Roots) -> &'static str {
    if roots.proc_root != Path::new("/proc") && roots.proc("1/net/dev").exists() {
        "1/net"
    } else {
        "net"
    }
}

/// Asked once for each name, when it first appears.
fn is_loopback(class_folder: &Path, name: &str) -> bool {
    let kind = || {
        let mut buffer = Vec::new();
        let text = read_once(&class_folder.join(name).join("type"), &mut buffer).ok()?;
        number(trim(text))
    };
    name == "lo" || kind() == Some(LOOPBACK_TYPE)
}

fn parse_counters(text: &[u8]) -> Option<InterfaceCounters> {
    let mut columns = [0; COLUMNS];
    let mut words = words(text);
    for column in &mut columns {
        *column = words.next().and_then(number)?;
    }
    Some(InterfaceCounters {
        received_bytes_total: columns[0],
        received_packets_total: columns[1],
        receive_errors_total: columns[2],
        receive_drops_total: columns[3],
        sent_bytes_total: columns[8],
        sent_packets_total: columns[9],
        send_errors_total: columns[10],
        send_drops_total: columns[11],
    })
}

fn rates(
    now: &InterfaceCounters,
    previous: Option<InterfaceCounters>,
    elapsed_seconds: Option<f64>,
) -> InterfaceSample {
    let mut sample = InterfaceSample {
        counters: *now,
        ..InterfaceSample::default()
    };
    // One counter that went back (an interface made anew, a 32 bit counter that wrapped)
    // makes the others doubtful as well.
    let Some(before) = previous.filter(|before| before.is_not_after(now)) else {
        return sample;
    };
    let rate = |field: fn(&InterfaceCounters) -> u64| {
        per_second(field(&before), field(now), elapsed_seconds)
    };
    let both = |one: Option<f64>, other: Option<f64>| Some(one? + other?);
    sample.received_bytes_per_sec = rate(|c| c.received_bytes_total);
    sample.sent_bytes_per_sec = rate(|c| c.sent_bytes_total);
    sample.received_packets_per_sec = rate(|c| c.received_packets_total);
    sample.sent_packets_per_sec = rate(|c| c.sent_packets_total);
    sample.errors_per_sec = both(
        rate(|c| c.receive_errors_total),
        rate(|c| c.send_errors_total),
    );
    sample.drops_per_sec = both(
        rate(|c| c.receive_drops_total),
        rate(|c| c.send_drops_total),
    );
    sample
}

impl InterfaceCounters {
    /// True when no counter is greater than in `later`.
    fn is_not_after(&self, later: &InterfaceCounters) -> bool {
        self.received_bytes_total <= later.received_bytes_total
            && self.sent_bytes_total <= later.sent_bytes_total
            && self.received_packets_total <= later.received_packets_total
            && self.sent_packets_total <= later.sent_packets_total
            && self.receive_errors_total <= later.receive_errors_total
            && self.send_errors_total <= later.send_errors_total
            && self.receive_drops_total <= later.receive_drops_total
            && self.send_drops_total <= later.send_drops_total
    }
}

/// The line of names and the line of numbers that both begin with `Tcp:`. A column that
/// the kernel does not have is `None`; so is the whole when a number is no number.
fn parse_tcp(text: &[u8]) -> Option<TcpSample> {
    // The lines of the other protocols before it need not be taken apart.
    let start = memchr::memmem::find(text, b"Tcp:")?;
    let mut tcp_lines = lines(&text[start..]).map_while(|line| line.strip_prefix(b"Tcp:"));
    let (names, numbers) = (tcp_lines.next()?, tcp_lines.next()?);
    let mut numbers = words(numbers);
    let mut tcp = TcpSample::default();
    for name in words(names) {
        let value = numbers.next()?;
        let field = match name {
            b"CurrEstab" => &mut tcp.established,
            b"OutSegs" => &mut tcp.sent_segments_total,
            b"RetransSegs" => &mut tcp.retransmits_total,
            // `MaxConn` may be -1; what is not wanted is not looked at.
            _ => continue,
        };
        *field = Some(number(value)?);
    }
    Some(tcp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::fixture::{Fixture, assert_network_is_sound};
    use crate::sample::source::Availability;
    use proptest::prelude::*;

    const DEV: &str = "Inter-|   Receive  |  Transmit\n face |bytes packets|bytes packets\n\
        lo: 100 1 0 0 0 0 0 0 100 1 0 0 0 0 0 0\n\
        eth0:5000 10 1 2 0 0 0 0 7000 20 3 4 0 0 0 0\n";
    const SNMP: &str = "Ip: Forwarding\nIp: 1\n\
        Tcp: RtoMin MaxConn CurrEstab InSegs OutSegs RetransSegs\n\
        Tcp: 200 -1 15 99 1000 40\n";

    fn read(reader: &mut NetworkReader, fixture: &Fixture, elapsed: Option<f64>) -> NetworkSample {
        let mut sample = NetworkSample {
            interfaces: vec![InterfaceSample::default(); 3],
            ..NetworkSample::default()
        };
        reader.read(&fixture.tick(elapsed), &mut Vec::new(), &mut sample);
        sample
    }

    #[test]
    fn rates_of_an_interface_come_from_the_difference_of_two_readings() {
        let fixture = Fixture::new();
        fixture.write("proc/net/dev", DEV);
        let mut reader = NetworkReader::new(&fixture.roots());
        let first = read(&mut reader, &fixture, None).interfaces;
        assert_eq!(first.len(), 2);
        assert!(first[0].is_loopback);
        assert_eq!(&*first[1].name, "eth0");
        assert_eq!(first[1].received_bytes_per_sec, None);

        let later = "eth0:6000 15 2 4 0 0 0 0 7500 30 4 5 0 0 0 0\n\
            veth1: 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9\n";
        fixture.write("proc/net/dev", later);
        let second = read(&mut reader, &fixture, Some(2.0)).interfaces;
        assert_eq!(second[0].received_bytes_per_sec, Some(500.0));
        assert_eq!(second[0].sent_bytes_per_sec, Some(250.0));
        assert_eq!(second[0].received_packets_per_sec, Some(2.5));
        assert_eq!(second[0].sent_packets_per_sec, Some(5.0));
        assert_eq!(second[0].errors_per_sec, Some(1.0));
        assert_eq!(second[0].drops_per_sec, Some(1.5));
        assert_eq!(&*second[1].name, "veth1");
        assert_eq!(second[1].received_bytes_per_sec, None);
        assert_eq!(second[1].counters.sent_bytes_total, 9);
    }

    #[test]
    fn an_interface_whose_counters_went_back_has_no_rates() {
        let fixture = Fixture::new();
        fixture.write("proc/net/dev", DEV);
        let mut reader = NetworkReader::new(&fixture.roots());
        read(&mut reader, &fixture, None);
        fixture.write("proc/net/dev", DEV.replace("5000", "4000"));
        let second = read(&mut reader, &fixture, Some(2.0)).interfaces;
        assert_eq!(second[1].received_bytes_per_sec, None);
        assert_eq!(second[1].sent_bytes_per_sec, None);
        assert_eq!(second[0].sent_bytes_per_sec, Some(0.0));
    }

    #[test]
    fn a_loopback_interface_is_known_by_its_type_whatever_its_name() {
        let fixture = Fixture::new();
        fixture.write("proc/net/dev", DEV.replace("eth0", "lo1"));
        fixture.write("sys/class/net/lo1/type", "772\n");
        let mut reader = NetworkReader::new(&fixture.roots());
        let interfaces = read(&mut reader, &fixture, None).interfaces;
        assert!(interfaces[1].is_loopback);
    }

    #[test]
    fn tcp_columns_are_found_by_name_and_never_by_place() {
        let fixture = Fixture::new();
        fixture.write("proc/net/snmp", SNMP);
        let mut reader = NetworkReader::new(&fixture.roots());
        let first = read(&mut reader, &fixture, None).tcp;
        assert_eq!(first.established, Some(15));
        assert_eq!(first.sent_segments_total, Some(1000));
        assert_eq!(first.retransmits_per_sec, None);

        fixture.write(
            "proc/net/snmp",
            "Tcp: RetransSegs OutSegs MaxConn\nTcp: 50 1200 -1\n",
        );
        let second = read(&mut reader, &fixture, Some(2.0)).tcp;
        assert_eq!(second.established, None);
        assert_eq!(second.sent_segments_per_sec, Some(100.0));
        assert_eq!(second.retransmits_per_sec, Some(5.0));

        fixture.write("proc/net/snmp", "Tcp: OutSegs RetransSegs\nTcp: 50\n");
        assert_eq!(
            read(&mut reader, &fixture, Some(1.0)).tcp,
            TcpSample::default()
        );
        assert_eq!(reader.snmp.availability(), Availability::Malformed);
    }

    #[test]
    fn with_another_machines_proc_the_namespace_of_its_first_process_is_read() {
        let fixture = Fixture::new();
        fixture.write("proc/net/dev", DEV);
        fixture.write("proc/1/net/dev", DEV.replace("eth0", "eth9"));
        let mut reader = NetworkReader::new(&fixture.roots());
        let interfaces = read(&mut reader, &fixture, None).interfaces;
        assert_eq!(&*interfaces[1].name, "eth9");
        assert_eq!(net_folder(&Roots::default()), "net");
    }

    proptest! {
        #[test]
        fn any_content_is_read_without_panic(
            first in Fixture::content(DEV), second in Fixture::content(DEV),
            snmp in Fixture::content(SNMP), seconds in -1.0f64..5.0,
        ) {
            let fixture = Fixture::new();
            fixture.write("proc/net/dev", &first);
            fixture.write("proc/net/snmp", SNMP);
            let mut reader = NetworkReader::new(&fixture.roots());
            read(&mut reader, &fixture, None);
            fixture.write("proc/net/dev", &second);
            fixture.write("proc/net/snmp", &snmp);
            assert_network_is_sound(&read(&mut reader, &fixture, Some(seconds)));
        }
    }
}
