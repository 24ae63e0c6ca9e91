//! Sensors: `/sys/class/hwmon` (temperatures and fans), and `/sys/class/thermal`
//! where there is no hwmon. Read by a worker: a sensor on a slow bus (1-wire, i2c)
//! may take a second.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What a sensor measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SensorKind {
    /// Degrees Celsius.
    #[default]
    Temperature,
    /// Turns per minute.
    Fan,
}

/// One sensor that gave a believable value (sentinels such as −273.15 °C or 65,535 and
/// empty files are left out).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SensorSample {
    /// Chip, e.g. `coretemp`.
    pub chip: Arc<str>,
    /// Label, e.g. `Package id 0`; `temp1` where there is none.
    pub label: Arc<str>,
    /// What is measured.
    pub kind: SensorKind,
    /// °C for a temperature, rpm for a fan.
    pub value: f64,
    /// Temperature at which the maker calls it high, °C.
    pub high: Option<f64>,
    /// Temperature at which the maker calls it critical, °C.
    pub critical: Option<f64>,
    /// The sensor did not answer in time; the value is the last known one.
    pub stale: bool,
}
