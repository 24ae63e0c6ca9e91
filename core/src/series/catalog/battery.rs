//! One battery.

use crate::sample::BatterySample;
use crate::series::field::{Field, fields};

/// Metrics 950 to 979.
pub(crate) static BATTERY: &[Field<BatterySample>] = fields!(Battery of BatterySample {
    950 "battery_charge_percent" Percent / 100 (gauge) "Charge" => [charge_percent];
    951 "battery_power_watts" Watts / 1000 (gauge) "Power drawn or taken" => [power_watts];
    952 "battery_seconds_to_empty" Seconds / 1 (gauge) "Until empty at the present power" => [seconds_to_empty];
    953 "battery_capacity_percent" Percent / 100 (gauge) "Present full charge against the design's" => [capacity_percent];
});
