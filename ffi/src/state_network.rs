//! The network of a state.

use std::ffi::c_char;
use std::mem::offset_of;

use usm_core::sample::{InterfaceSample, TcpSample};

use crate::forecast::number;
use crate::guard::guard;
use crate::history_state::{at, usm_state};
use crate::plain::{self, PlainSize};
use crate::state_part::{Known, give_rows};
use crate::status::usm_status;

/// One network interface. A rate that is not known, as in the first sample, is NaN. Its texts
/// live as long as the state.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_interface {
    /// How many bytes of this element the library has filled; written by it.
    pub struct_size: u32,
    /// 1 for the loopback interface, which is left out of the machine's totals; else 0.
    pub is_loopback: u32,
    /// Name, e.g. "eth0".
    pub name: *const c_char,
    /// Bytes received per second.
    pub received_bytes_per_sec: f64,
    /// Bytes sent per second.
    pub sent_bytes_per_sec: f64,
    /// Packets received per second.
    pub received_packets_per_sec: f64,
    /// Packets sent per second.
    pub sent_packets_per_sec: f64,
    /// Errors in receiving and sending per second.
    pub errors_per_sec: f64,
    /// Packets dropped per second, both ways.
    pub drops_per_sec: f64,
    /// Bytes received since boot.
    pub received_bytes_total: u64,
    /// Bytes sent since boot.
    pub sent_bytes_total: u64,
    /// Packets received since boot.
    pub received_packets_total: u64,
    /// Packets sent since boot.
    pub sent_packets_total: u64,
    /// Errors in receiving since boot.
    pub receive_errors_total: u64,
    /// Errors in sending since boot.
    pub send_errors_total: u64,
    /// Received packets dropped since boot.
    pub receive_drops_total: u64,
    /// Packets dropped before sending since boot.
    pub send_drops_total: u64,
}

const INTERFACE: PlainSize = PlainSize {
    least: offset_of!(usm_interface, sent_bytes_per_sec),
    allowed: "sizeof(usm_interface)",
};

/// Bit of usm_tcp.present: established.
pub const USM_TCP_ESTABLISHED: u32 = 0;
/// Bit of usm_tcp.present: listening.
pub const USM_TCP_LISTENING: u32 = 1;
/// Bit of usm_tcp.present: sent_segments_total.
pub const USM_TCP_SENT_SEGMENTS_TOTAL: u32 = 2;
/// Bit of usm_tcp.present: retransmits_total.
pub const USM_TCP_RETRANSMITS_TOTAL: u32 = 3;

/// TCP as a whole, of this network namespace. A number that can't be read is NaN, a whole one
/// has its bit in `present` cleared (ask by usm_is_present()).
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_tcp {
    /// sizeof(usm_tcp) in the caller's program, as usm_tcp_init() sets it.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Bit USM_TCP_... is set when that whole number is known.
    pub present: u64,
    /// Connections that are established.
    pub established: u64,
    /// Sockets that listen; looked at once in some samples.
    pub listening: u64,
    /// Segments sent since boot.
    pub sent_segments_total: u64,
    /// Segments sent per second.
    pub sent_segments_per_sec: f64,
    /// Segments sent again since boot.
    pub retransmits_total: u64,
    /// Segments sent again per second.
    pub retransmits_per_sec: f64,
}

const TCP: PlainSize = PlainSize {
    least: offset_of!(usm_tcp, sent_segments_total),
    allowed: "sizeof(usm_tcp); call usm_tcp_init() first",
};

/// Copies the network interfaces, in the order of the kernel, into an array of the caller's.
///
/// - array: takes them; NULL when capacity is 0.
/// - element_size: sizeof(usm_interface) in the caller's program.
/// - capacity: number of elements in the array.
/// - count: takes how many there are, which may be more than capacity; 0 before the first
///   sample.
///
/// Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT for an element
/// size that no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_interfaces(
    state: *const usm_state,
    array: *mut usm_interface,
    element_size: usize,
    capacity: usize,
    count: *mut usize,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let moment = unsafe { at(state)? };
        let list = moment.list(|sample| &sample.network.interfaces);
        let make = |at, interface: &InterfaceSample, struct_size| {
            let texts = &moment.texts.interfaces;
            let [name] = texts.row(list.len(), at, [Some(&interface.name)]);
            usm_interface::of(interface, name, struct_size)
        };
        // SAFETY: by the contract of the header: NULL, or an array and a variable.
        unsafe { give_rows(list, make, array, element_size, capacity, count, INTERFACE) }
    })
}

/// Copies what TCP did as a whole.
///
/// - tcp: filled as far as its struct_size goes; see usm_tcp_init().
///
/// Returns: USM_OK, also before the first sample, when nothing is known;
/// USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_tcp(state: *const usm_state, tcp: *mut usm_tcp) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let moment = unsafe { at(state)? };
        let make =
            |struct_size| usm_tcp::of(moment.part(|sample| &sample.network.tcp), struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(tcp, "tcp", TCP, make) }
    })
}

impl usm_interface {
    fn of(interface: &InterfaceSample, name: *const c_char, struct_size: u32) -> usm_interface {
        usm_interface {
            struct_size,
            is_loopback: interface.is_loopback.into(),
            name,
            received_bytes_per_sec: number(interface.received_bytes_per_sec),
            sent_bytes_per_sec: number(interface.sent_bytes_per_sec),
            received_packets_per_sec: number(interface.received_packets_per_sec),
            sent_packets_per_sec: number(interface.sent_packets_per_sec),
            errors_per_sec: number(interface.errors_per_sec),
            drops_per_sec: number(interface.drops_per_sec),
            received_bytes_total: interface.counters.received_bytes_total,
            sent_bytes_total: interface.counters.sent_bytes_total,
            received_packets_total: interface.counters.received_packets_total,
            sent_packets_total: interface.counters.sent_packets_total,
            receive_errors_total: interface.counters.receive_errors_total,
            send_errors_total: interface.counters.send_errors_total,
            receive_drops_total: interface.counters.receive_drops_total,
            send_drops_total: interface.counters.send_drops_total,
        }
    }
}

impl usm_tcp {
    fn of(tcp: Option<&TcpSample>, struct_size: u32) -> usm_tcp {
        let none = TcpSample::default();
        let tcp = tcp.unwrap_or(&none);
        let mut known = Known::default();
        let mut filled = usm_tcp {
            struct_size,
            reserved: 0,
            present: 0,
            established: known.count(USM_TCP_ESTABLISHED, tcp.established),
            listening: known.count(USM_TCP_LISTENING, tcp.listening),
            sent_segments_total: known.count(USM_TCP_SENT_SEGMENTS_TOTAL, tcp.sent_segments_total),
            sent_segments_per_sec: number(tcp.sent_segments_per_sec),
            retransmits_total: known.count(USM_TCP_RETRANSMITS_TOTAL, tcp.retransmits_total),
            retransmits_per_sec: number(tcp.retransmits_per_sec),
        };
        filled.present = known.bits();
        filled
    }
}
