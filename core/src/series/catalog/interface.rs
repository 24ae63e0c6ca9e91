//! One network interface.

use crate::sample::InterfaceSample;
use crate::series::field::{Field, fields};

/// Metrics 850 to 899.
pub(crate) static INTERFACE: &[Field<InterfaceSample>] = fields!(Interface of InterfaceSample {
    850 "interface_received_bytes_per_sec" BytesPerSecond / 1 (gauge) "Received" => [received_bytes_per_sec];
    851 "interface_sent_bytes_per_sec" BytesPerSecond / 1 (gauge) "Sent" => [sent_bytes_per_sec];
    852 "interface_received_packets_per_sec" PerSecond / 10 (gauge) "Packets received" => [received_packets_per_sec];
    853 "interface_sent_packets_per_sec" PerSecond / 10 (gauge) "Packets sent" => [sent_packets_per_sec];
    854 "interface_errors_per_sec" PerSecond / 100 (gauge) "Receive and send errors" => [errors_per_sec];
    855 "interface_drops_per_sec" PerSecond / 100 (gauge) "Packets dropped, both ways" => [drops_per_sec];
    870 "interface_received_bytes_total" Bytes / 1 (counter 850 1.0) "Received since boot" => [counters.received_bytes_total];
    871 "interface_sent_bytes_total" Bytes / 1 (counter 851 1.0) "Sent since boot" => [counters.sent_bytes_total];
    872 "interface_received_packets_total" Count / 1 (counter 852 0.1) "Packets received since boot" => [counters.received_packets_total];
    873 "interface_sent_packets_total" Count / 1 (counter 853 0.1) "Packets sent since boot" => [counters.sent_packets_total];
    874 "interface_receive_errors_total" Count / 1 (counter) "Receive errors since boot" => [counters.receive_errors_total];
    875 "interface_send_errors_total" Count / 1 (counter) "Send errors since boot" => [counters.send_errors_total];
    876 "interface_receive_drops_total" Count / 1 (counter) "Received packets dropped since boot" => [counters.receive_drops_total];
    877 "interface_send_drops_total" Count / 1 (counter) "Packets dropped before sending, since boot" => [counters.send_drops_total];
});
