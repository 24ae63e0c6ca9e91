//! The token of a planned action: shows whether it is still what was planned.

use super::super::action::Action;

/// Puts the token of its content into an action.
pub(in crate::optimizer) fn seal(action: &mut Action) {
    action.token = token_of(action);
}

/// Whether the action is as it was planned. One that was made by hand has no token.
pub(in crate::optimizer) fn is_unaltered(action: &Action) -> bool {
    action.token == token_of(action)
}

/// FNV-1a over what the action does and what gates it, not over its texts and estimates. It
/// shows mistakes; against forgery everything that gates an act is found out anew at the act.
fn token_of(action: &Action) -> String {
    let content = serde_json::to_string(&(
        action.action_type,
        &action.target_id,
        action.process,
        &action.lever,
        action.metric,
        &action.subject,
        action.planned_at,
        &action.culprits,
        action.resource,
        action.risk.level,
        action.reversible.yes,
        action.effect.yes,
    ))
    .unwrap_or_default();
    let hash = content
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("{hash:016x}")
}
