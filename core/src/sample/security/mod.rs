//! What an ordinary process can see of the machine's security: sockets that listen to
//! others, where running programs come from and with whose rights, failed logins, and the
//! folders that commands are searched in. Facts only; what of it is bad is judged elsewhere.
//!
//! Nothing is scanned and nothing is sent: all of it is read from this machine's own files
//! and asked of its own kernel.

mod kernel_names;
mod listening;
mod logins;
mod owners;
mod programs;
mod reader;
mod search_path;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use listening::Listener;
pub(crate) use listening::{Listening, keep_reachable};
pub use logins::{FailedLogin, LoginSample};
pub use programs::{NotableProgram, ProgramPlace, ProgramSample};
pub(crate) use reader::SecurityReader;
pub use search_path::SearchFolder;

/// What can be seen of the machine's security. Each part is shared until it changes, and
/// `None` where it can't be known; why is told with the sources.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SecuritySample {
    /// TCP sockets that listen on an address that other machines can reach.
    pub listeners: Option<Arc<[Listener]>>,
    /// Running programs of which something is out of the ordinary.
    pub programs: Option<Arc<ProgramSample>>,
    /// Failed logins.
    pub logins: Option<Arc<LoginSample>>,
    /// Folders in which this program and the administrator search commands.
    pub search_path: Option<Arc<[SearchFolder]>>,
}
