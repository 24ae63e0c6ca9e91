//! Where an optimizer's states come from: a monitor that it is attached to, else its own.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::config::Config;
use crate::error::Result;
use crate::monitor::Monitor;
use crate::state::State;
use crate::sys;

/// A source of states.
#[derive(Debug)]
pub(super) struct Source {
    config: Config,
    attached: Option<Weak<Monitor>>,
    own: Mutex<Option<Arc<Monitor>>>,
}

impl Source {
    pub(super) fn own(config: Config) -> Source {
        Source {
            config,
            attached: None,
            own: Mutex::default(),
        }
    }

    pub(super) fn attached(monitor: &Arc<Monitor>) -> Source {
        Source {
            config: (*monitor.config()).clone(),
            attached: Some(Arc::downgrade(monitor)),
            own: Mutex::default(),
        }
    }

    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// The monitor: the attached one while it lives, else one of its own that stores nothing.
    pub(super) fn monitor(&self) -> Result<Arc<Monitor>> {
        if let Some(monitor) = self.attached.as_ref().and_then(Weak::upgrade) {
            return Ok(monitor);
        }
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(monitor) = own.as_ref() {
            return Ok(monitor.clone());
        }
        let monitor = Arc::new(Monitor::new(Config {
            store_enabled: false,
            ..self.config.clone()
        })?);
        *own = Some(monitor.clone());
        Ok(monitor)
    }

    /// A state that is not older than two intervals; taken now if need be.
    pub(super) fn fresh_state(&self) -> Result<Arc<State>> {
        let monitor = self.monitor()?;
        if monitor.is_active() {
            let state = monitor.state();
            let age = state
                .sample
                .as_ref()
                .map(|s| sys::moment().monotonic_seconds - s.moment.monotonic_seconds);
            if age.is_some_and(|age| age <= 2.0 * monitor.config().refresh_interval) {
                return Ok(state);
            }
        }
        monitor.collect()
    }

    /// Ends the own monitor, if there is one.
    pub(super) fn close(&self) {
        let own = self
            .own
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(own);
    }
}
