//! Names of the tiers in Python: those of the settings.

use usm_core::series::Tier;
use usm_core::{Error, Result};

/// The name of a tier.
pub(crate) fn name(tier: Tier) -> &'static str {
    match tier {
        Tier::Raw => "raw",
        Tier::TenSeconds => "10s",
        Tier::Minute => "1min",
        Tier::TenMinutes => "10min",
    }
}

/// The tier of a name.
pub(crate) fn named(text: &str) -> Result<Tier> {
    Tier::ALL
        .into_iter()
        .find(|tier| name(*tier) == text)
        .ok_or_else(|| {
            Error::invalid(
                "tier",
                text,
                format!("one of {}", Tier::ALL.map(name).join(", ")),
            )
        })
}
