//! Profiles: of several rows with one name the newest counts.

use rusqlite::{Params, params};

use super::value::{finite, real_or_nan, stamp, text, text_or_empty, whole};
use super::{Ledger, ProfileRow};
use crate::Result;

const SELECT: &str = "SELECT profile_name, cpu_threshold, memory_threshold, disk_threshold, \
    network_threshold, optimization_rules, auto_optimize, created_at, settings \
    FROM performance_profiles";

/// Row numbers ascend, so the highest of a name is the newest.
const NEWEST: &str = "id IN (SELECT max(id) FROM performance_profiles GROUP BY profile_name)";

impl Ledger {
    /// Stores a profile in the place of the one of that name, if there is one.
    ///
    /// # Errors
    /// `Store`, and then nothing has changed.
    pub fn put_profile(&self, row: &ProfileRow) -> Result<()> {
        self.write(|connection| {
            let values = params![
                row.profile_name,
                finite(row.cpu_threshold),
                finite(row.memory_threshold),
                finite(row.disk_threshold),
                finite(row.network_threshold),
                row.optimization_rules,
                row.auto_optimize,
                stamp(row.created_at),
                row.settings,
            ];
            let changed = connection
                .prepare_cached(
                    "UPDATE performance_profiles SET cpu_threshold = ?2, memory_threshold = ?3, \
                     disk_threshold = ?4, network_threshold = ?5, optimization_rules = ?6, \
                     auto_optimize = ?7, created_at = ?8, settings = ?9 WHERE id = \
                     (SELECT max(id) FROM performance_profiles WHERE profile_name = ?1)",
                )?
                .execute(values)?;
            if changed == 0 {
                connection
                    .prepare_cached(
                        "INSERT INTO performance_profiles (profile_name, cpu_threshold, \
                         memory_threshold, disk_threshold, network_threshold, \
                         optimization_rules, auto_optimize, created_at, settings) \
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                    )?
                    .execute(values)?;
            }
            Ok(())
        })
    }

    /// All profiles, by name.
    ///
    /// # Errors
    /// `Store`.
    pub fn profiles(&self) -> Result<Vec<ProfileRow>> {
        self.profile_rows(
            &format!("{SELECT} WHERE {NEWEST} ORDER BY profile_name"),
            [],
        )
    }

    /// The profile of this name.
    ///
    /// # Errors
    /// `Store`.
    pub fn profile(&self, name: &str) -> Result<Option<ProfileRow>> {
        let sql = format!("{SELECT} WHERE profile_name = ?1 ORDER BY id DESC LIMIT 1");
        Ok(self.profile_rows(&sql, [name])?.pop())
    }

    /// Deletes the profile of this name with its older rows, which would come up in its place.
    /// Tells whether there was one.
    ///
    /// # Errors
    /// `Store`, and then nothing was deleted.
    pub fn delete_profile(&self, name: &str) -> Result<bool> {
        let deleted = self.write(|connection| {
            Ok(connection.execute(
                "DELETE FROM performance_profiles WHERE profile_name = ?1",
                [name],
            )?)
        })?;
        Ok(deleted > 0)
    }

    fn profile_rows(&self, sql: &str, values: impl Params + Copy) -> Result<Vec<ProfileRow>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map(values, |row| {
                Ok(ProfileRow {
                    profile_name: text_or_empty(row, 0)?,
                    cpu_threshold: real_or_nan(row, 1)?,
                    memory_threshold: real_or_nan(row, 2)?,
                    disk_threshold: real_or_nan(row, 3)?,
                    network_threshold: real_or_nan(row, 4)?,
                    optimization_rules: text(row, 5)?.unwrap_or_else(|| "[]".to_owned()),
                    auto_optimize: whole(row, 6)? == Some(1),
                    created_at: real_or_nan(row, 7)?,
                    settings: text(row, 8)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}
