//! The narrow door: the only code of the project that changes anything outside its own data
//! folder. A [`Lever`] says what is wanted; [`Lever::prepare`] reads every prior value and
//! answers the [`Change`]s, which can be stored; each is applied, and undone by
//! compare-and-set, perhaps by another process after a crash. Nothing here decides whether
//! an action is wise: that is the optimizer's.

mod affinity;
mod autogroup;
mod change;
pub mod cleanup;
mod door;
mod facts;
#[cfg(test)]
mod fixture;
mod freeze;
#[cfg(test)]
mod freeze_tests;
mod group;
mod group_back;
#[cfg(test)]
mod group_bench;
mod group_carry;
mod group_host;
mod group_limits;
mod group_members;
mod group_move;
mod group_place;
#[cfg(test)]
mod group_tests;
mod hierarchy;
mod identity;
mod io_priority;
mod kin;
pub(crate) mod leases;
mod lever;
mod nice;
mod once;
mod policy;
mod prepare;
mod protect;
mod protected_names;
mod put_aside;
mod reclaim;
mod scope;
mod scope_words;
mod stat;
mod stop;
mod threads;
#[cfg(test)]
mod threads_live;
mod threads_undo;

pub use affinity::CpuList;
pub use autogroup::AutogroupChange;
pub use change::{Applied, Change, ThreadPrior, Undo};
pub use door::{Door, Held};
pub use facts::{Facts, GroupFacts};
pub use freeze::FreezeChange;
pub use group::{GroupChange, GroupSetting};
pub use identity::ProcessId;
pub use leases::detach_all as detach_leases;
pub use lever::{IoClass, Lever, Limit};
pub use once::OnceChange;
pub use policy::Scheduling;
pub use scope::Scope;
pub use stop::StopChange;
pub(crate) use stop::let_go_on;
pub use threads::ThreadChange;
