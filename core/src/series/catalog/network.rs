//! TCP, beyond the headline.

use crate::sample::Sample;
use crate::series::field::{Field, fields};

/// Metrics 450 to 499.
pub(crate) static NETWORK: &[Field<Sample>] = fields!(Network of Sample {
    450 "tcp_listening" Count / 1 (gauge) "TCP sockets that listen" => [network.tcp.listening];
    451 "tcp_sent_segments_per_sec" PerSecond / 10 (gauge) "TCP segments sent" => [network.tcp.sent_segments_per_sec];
    452 "tcp_sent_segments_total" Count / 1 (counter 451 0.1) "TCP segments sent since boot" => [network.tcp.sent_segments_total];
});
