//! The alerts that are not over, and how each sample changes them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Active, Alert, RuleSet, Silence};
use crate::error::{Error, Result};
use crate::judge::Judgement;
use crate::series::Frame;

/// What happened to an alert.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// It began to fire, or grew worse.
    Fired(Arc<Alert>),
    /// Nobody has answered it: the channels of its next step are to be told.
    Escalated(Arc<Alert>),
    /// It ended.
    Resolved(Arc<Alert>),
    /// Anything else that is to be remembered (pending, acknowledged, no data).
    Updated(Arc<Alert>),
}

/// Memory of the alerts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Book {
    silences: Vec<Silence>,
}

impl Book {
    /// Version of what [`Book::memory`] gives.
    pub(crate) const MEMORY_VERSION: u32 = 1;

    /// All of it, as bytes.
    ///
    /// # Errors
    /// `Internal`.
    pub(crate) fn memory(&self) -> Result<Vec<u8>> {
        postcard::to_stdvec(self).map_err(|error| Error::Internal(error.to_string()))
    }

    /// A book of bytes.
    ///
    /// # Errors
    /// `Internal` for bytes that are not of this version.
    pub(crate) fn restored(data: &[u8]) -> Result<Book> {
        postcard::from_bytes(data)
            .map_err(|error| Error::Internal(format!("memory of the alerts: {error}")))
    }

    /// Holds the rules against one sample.
    pub(crate) fn evaluate(
        &mut self,
        _rules: &RuleSet,
        _unix_seconds: f64,
        _frame: &Frame,
        _judgement: &Judgement,
    ) -> Vec<Change> {
        Vec::new()
    }

    /// The alerts that are not over, worst first.
    pub(crate) fn active(&self) -> Active {
        Active::default()
    }
}
