//! The names of metrics, for the completion of the command line.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, TypedValueParser};
use usm_core::series::catalog;

/// Takes any text, and tells a shell the names that there are.
#[derive(Debug, Clone)]
pub(crate) struct MetricParser;

impl TypedValueParser for MetricParser {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        clap::builder::StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(catalog::metrics().iter().map(|metric| {
            PossibleValue::new(metric.name).help(metric.help)
        })))
    }
}
