//! Batteries and mains: `/sys/class/power_supply`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// One system battery (mice and headsets, scope `Device`, are left out).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct BatterySample {
    /// Name, e.g. `BAT0`.
    pub name: Arc<str>,
    /// Charge, 0 to 100 (`capacity`, or energy or charge now / full).
    pub charge_percent: Option<f64>,
    /// The kernel's word: `Charging`, `Discharging`, `Full`, `Not charging`.
    pub status: Option<Arc<str>>,
    /// Power drawn or taken in watts (`power_now`, or current × voltage).
    pub power_watts: Option<f64>,
    /// Until empty at the present power, while it discharges.
    pub seconds_to_empty: Option<f64>,
    /// Present full charge against the design's, 0 to 100: its health.
    pub capacity_percent: Option<f64>,
}

/// Power supply of the machine.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PowerSample {
    /// Mains or USB power is online; `None` where no supply tells.
    pub plugged: Option<bool>,
    /// The system's batteries; empty on a machine without one.
    pub batteries: Vec<BatterySample>,
}
