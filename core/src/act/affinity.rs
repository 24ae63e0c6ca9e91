//! Which processors threads may run on.

use serde::{Deserialize, Serialize};

/// Processor numbers, ascending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CpuList(pub Vec<u32>);
