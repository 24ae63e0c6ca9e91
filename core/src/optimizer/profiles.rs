//! Profiles: built-in ones and the user's own, in the ledger.

use std::sync::Arc;

use super::Optimizer;
use super::action::RiskLevel;
use super::builtin::built_in;
use super::inner::{Inner, now_unix};
use super::profile::Profile;
use crate::error::{Error, Result};
use crate::store::{Ledger, ProfileRow};

/// Where the name of the profile in force is kept.
const CURRENT_NOTE: &str = "current_profile";
/// In force when nothing else was chosen.
const DEFAULT: &str = "balanced";

/// The profile in force at the start: the one that is asked for, else the one applied last,
/// else `balanced`. Built-in profiles that the table lacks are put there, as the prototype
/// does with `balanced`.
pub(super) fn at_start(ledger: &Ledger, wanted: Option<&str>) -> Result<Profile> {
    for profile in built_in() {
        if ledger.profile(&profile.profile_name)?.is_none() {
            ledger.put_profile(&row_of(&profile)?)?;
        }
    }
    if let Some(name) = wanted {
        return find(ledger, name);
    }
    match ledger.note(CURRENT_NOTE)? {
        // A profile that was deleted since by other means is no reason to fail.
        Some(name) => find(ledger, &name).or_else(|_| find(ledger, DEFAULT)),
        None => find(ledger, DEFAULT),
    }
}

/// The stored profile; a built-in one as it comes with this version, whatever a prototype's
/// table says of its name.
fn find(ledger: &Ledger, name: &str) -> Result<Profile> {
    if let Some(profile) = built_in().into_iter().find(|p| p.profile_name == name) {
        return Ok(profile);
    }
    match ledger.profile(name)? {
        Some(row) => profile_of(&row),
        None => {
            let names: Vec<String> = list(ledger)?
                .into_iter()
                .map(|profile| profile.profile_name)
                .collect();
            let allowed = format!("one of {}", names.join(", "));
            Err(Error::invalid("profile", name, allowed))
        }
    }
}

fn list(ledger: &Ledger) -> Result<Vec<Profile>> {
    let mut profiles = built_in();
    for row in ledger.profiles()? {
        if !profiles.iter().any(|p| p.profile_name == row.profile_name) {
            profiles.push(profile_of(&row)?);
        }
    }
    Ok(profiles)
}

/// The prototype's columns, and the whole profile as JSON beside them.
fn row_of(profile: &Profile) -> Result<ProfileRow> {
    let json = |e: serde_json::Error| Error::Internal(e.to_string());
    Ok(ProfileRow {
        profile_name: profile.profile_name.clone(),
        cpu_threshold: profile.cpu_threshold,
        memory_threshold: profile.memory_threshold,
        disk_threshold: profile.disk_threshold,
        network_threshold: profile.network_threshold,
        optimization_rules: serde_json::to_string(&profile.optimization_rules).map_err(json)?,
        auto_optimize: profile.auto_optimize,
        created_at: profile.created_at,
        settings: Some(serde_json::to_string(profile).map_err(json)?),
    })
}

/// The columns win over the JSON: a script of the prototype writes only them.
fn profile_of(row: &ProfileRow) -> Result<Profile> {
    let known = row
        .settings
        .as_deref()
        .and_then(|text| serde_json::from_str::<Profile>(text).ok());
    let base = known.unwrap_or_else(|| Profile::named_default(&row.profile_name));
    let rules = serde_json::from_str(&row.optimization_rules).map_err(|e| {
        let what = format!("profile {:?}, optimization_rules: {e}", row.profile_name);
        Error::malformed(crate::store::LEDGER_NAME, what)
    })?;
    let mut profile = Profile {
        profile_name: row.profile_name.clone(),
        cpu_threshold: row.cpu_threshold,
        memory_threshold: row.memory_threshold,
        disk_threshold: row.disk_threshold,
        network_threshold: row.network_threshold,
        optimization_rules: rules,
        auto_optimize: row.auto_optimize,
        created_at: row.created_at,
        built_in: false,
        ..base
    };
    if row.settings.is_none() {
        // The prototype's profiles name kill_process; none of its users had asked for a risk.
        profile.allowed_risk = RiskLevel::Low;
    }
    Ok(profile)
}

impl Optimizer {
    /// The profiles, built-in ones first.
    ///
    /// # Errors
    /// `Store`; `Malformed` for rules in the table that are none.
    pub fn profiles(&self) -> Result<Vec<Profile>> {
        self.inner.check_process()?;
        list(&self.inner.ledger)
    }

    /// One profile; as JSON (serde) it is an export, which [`Optimizer::save_profile`] takes
    /// again.
    ///
    /// # Errors
    /// `InvalidArgument` with the names there are.
    pub fn profile(&self, name: &str) -> Result<Profile> {
        self.inner.check_process()?;
        find(&self.inner.ledger, name)
    }

    /// The profile in force.
    pub fn current_profile(&self) -> Arc<Profile> {
        self.inner.profile.load_full()
    }

    /// Makes or replaces a profile of the user's own. When it is the one in force, it is in
    /// force as it is now. A `created_at` of 0 becomes the present time.
    ///
    /// # Errors
    /// `InvalidArgument` with field, value and range, or for the name of a built-in one.
    pub fn save_profile(&self, profile: &Profile) -> Result<()> {
        let inner = &self.inner;
        inner.check_process()?;
        refuse_built_in(&profile.profile_name, "replaced")?;
        let mut profile = Profile {
            built_in: false,
            ..profile.clone()
        };
        profile.validate()?;
        if profile.created_at == 0.0 {
            profile.created_at = now_unix();
        }
        inner.ledger.put_profile(&row_of(&profile)?)?;
        if inner.profile.load().profile_name == profile.profile_name {
            inner.profile.store(Arc::new(profile));
        }
        Ok(())
    }

    /// Puts a profile in force, now and for later optimizers of this data folder. Its
    /// `auto_optimize` switches auto-optimization.
    ///
    /// # Errors
    /// As [`Optimizer::profile`].
    pub fn apply_profile(&self, name: &str) -> Result<()> {
        let inner = &self.inner;
        inner.check_process()?;
        let profile = find(&inner.ledger, name)?;
        profile.validate()?;
        if profile.auto_optimize {
            // Before anything is changed: it is in force as a whole or not at all.
            inner.halt.check()?;
        }
        inner.ledger.put_note(CURRENT_NOTE, name)?;
        let auto = profile.auto_optimize;
        inner.profile.store(Arc::new(profile));
        self.set_auto_optimize(auto)
    }

    /// Deletes a profile of the user's own; `balanced` is in force then if it was that one.
    ///
    /// # Errors
    /// `InvalidArgument` for a built-in or unknown one.
    pub fn delete_profile(&self, name: &str) -> Result<()> {
        let inner = &self.inner;
        inner.check_process()?;
        refuse_built_in(name, "deleted")?;
        find(&inner.ledger, name)?;
        inner.ledger.delete_profile(name)?;
        if inner.profile.load().profile_name == name {
            fall_back(inner)?;
        }
        Ok(())
    }
}

fn fall_back(inner: &Inner) -> Result<()> {
    inner.ledger.put_note(CURRENT_NOTE, DEFAULT)?;
    inner.profile.store(Arc::new(find(&inner.ledger, DEFAULT)?));
    Ok(())
}

fn refuse_built_in(name: &str, what: &str) -> Result<()> {
    match built_in().iter().any(|p| p.profile_name == name) {
        true => {
            let allowed = format!("a profile of your own: a built-in one can't be {what}");
            Err(Error::invalid("profile", name, allowed))
        }
        false => Ok(()),
    }
}
