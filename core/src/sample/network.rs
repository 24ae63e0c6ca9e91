//! Network: `/proc/net/dev`, `/proc/net/snmp` and the listening sockets at the head
//! of `/proc/net/tcp` and `tcp6`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

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
    /// Sockets that listen (IPv4 and IPv6).
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
