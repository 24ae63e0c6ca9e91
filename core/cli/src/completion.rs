//! `usm completion`: what a shell needs to complete the command line.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::CommandLine;
use crate::failure::Outcome;
use crate::outlet::Outlet;

const EXAMPLES: &str = "\
Examples:
  usm completion bash > ~/.local/share/bash-completion/completions/usm
  usm completion zsh > ~/.zfunc/_usm
  usm completion fish > ~/.config/fish/completions/usm.fish";

/// Write the completion script for a shell.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CompletionOptions {
    /// The shell.
    shell: Shell,
}

pub(crate) fn perform(options: &CompletionOptions, out: &mut Outlet) -> Outcome {
    let mut script = Vec::new();
    // To memory first: the generator panics when what it writes to fails.
    clap_complete::generate(
        options.shell,
        &mut CommandLine::command(),
        "usm",
        &mut script,
    );
    out.write(&String::from_utf8_lossy(&script))
}
