//! How actions are to be executed.

use std::sync::atomic::AtomicBool;

use super::action::RiskLevel;
use super::outcome::Progress;

/// How [`execute`](super::Optimizer::execute) goes about it. The default is demo mode.
#[derive(Clone, Copy)]
pub struct ExecuteOptions<'a> {
    /// Everything is checked and told as it would be done; nothing is changed.
    pub dry_run: bool,
    /// Most risk that is accepted; `None`: what the profile in force allows.
    pub allowed_risk: Option<RiskLevel>,
    /// Measure before and after, and take back what did not help. Without it an action's
    /// verdict is `not_measured` and it stays.
    pub verify: bool,
    /// Told of each step, on the thread that calls.
    pub progress: Option<&'a (dyn Fn(&Progress) + Sync)>,
    /// Set it to true from anywhere, and what has not begun is left undone; what waits for
    /// its verdict is taken back.
    pub cancel: Option<&'a AtomicBool>,
}

impl Default for ExecuteOptions<'_> {
    fn default() -> Self {
        ExecuteOptions {
            dry_run: true,
            allowed_risk: None,
            verify: true,
            progress: None,
            cancel: None,
        }
    }
}

impl std::fmt::Debug for ExecuteOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExecuteOptions")
            .field("dry_run", &self.dry_run)
            .field("allowed_risk", &self.allowed_risk)
            .field("verify", &self.verify)
            .finish_non_exhaustive()
    }
}

impl ExecuteOptions<'_> {
    pub(super) fn tell(&self, stage: &str, what: &str, done: u64, total: u64) {
        if let Some(progress) = self.progress {
            progress(&Progress {
                stage: stage.into(),
                what: what.into(),
                done,
                total,
            });
        }
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancel
            .is_some_and(|cancel| cancel.load(std::sync::atomic::Ordering::Relaxed))
    }
}
