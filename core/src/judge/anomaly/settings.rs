//! What may be chosen about a detector.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The two things that may be chosen; the defaults are meant for every metric.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct DetectorSettings {
    threshold: f64,
    resolution: f64,
}

/// Settings as they were written down.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    #[serde(default = "default_threshold")]
    threshold: f64,
    #[serde(default)]
    resolution: f64,
}

fn default_threshold() -> f64 {
    DetectorSettings::default().threshold
}

impl Default for DetectorSettings {
    fn default() -> DetectorSettings {
        DetectorSettings {
            threshold: 0.5,
            resolution: 0.0,
        }
    }
}

impl DetectorSettings {
    /// `threshold`: the score from which a value is anomalous, above 0 and at most 1.
    /// `resolution`: a metric that in all moved by less than this, in its own unit, is constant
    /// in effect and never anomalous; 0 leaves it to the detector, which takes 2 % of the
    /// metric's magnitude in any case.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for values outside of these ranges.
    pub fn new(threshold: f64, resolution: f64) -> Result<DetectorSettings> {
        if !(threshold > 0.0 && threshold <= 1.0) {
            return Err(refused("threshold", threshold, "above 0, at most 1"));
        }
        if !(resolution >= 0.0 && resolution.is_finite()) {
            return Err(refused("resolution", resolution, "0 or more, finite"));
        }
        Ok(DetectorSettings {
            threshold,
            resolution,
        })
    }

    /// The score from which a value is anomalous.
    pub fn threshold(&self) -> f64 {
        self.threshold
    }

    /// The smallest movement of the metric that matters, in its own unit.
    pub fn resolution(&self) -> f64 {
        self.resolution
    }
}

fn refused(field: &str, value: f64, allowed: &str) -> Error {
    Error::InvalidArgument {
        field: format!("anomaly.{field}"),
        value: value.to_string(),
        allowed: allowed.to_owned(),
    }
}

impl TryFrom<Unchecked> for DetectorSettings {
    type Error = Error;

    fn try_from(raw: Unchecked) -> Result<DetectorSettings> {
        DetectorSettings::new(raw.threshold, raw.resolution)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_is_refused_with_field_value_and_range() {
        for (threshold, resolution) in [(0.0, 0.0), (1.1, 0.0), (f64::NAN, 0.0), (0.5, -1.0)] {
            assert!(DetectorSettings::new(threshold, resolution).is_err());
        }
        let error = DetectorSettings::new(2.0, 0.0).unwrap_err().to_string();
        assert_eq!(
            error,
            "anomaly.threshold: 2 is not allowed: above 0, at most 1"
        );
        let text = r#"{"threshold":0.5,"resolution":-1}"#;
        assert!(serde_json::from_str::<DetectorSettings>(text).is_err());
        let default: DetectorSettings = serde_json::from_str("{}").unwrap();
        assert_eq!(default, DetectorSettings::default());
    }
}
