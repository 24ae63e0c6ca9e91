//! The look at a host and the recommendations, on made-up hosts.

mod host;
mod recommend;

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::sample::Roots;

/// A host in a temporary folder.
pub(super) struct Made {
    top: tempfile::TempDir,
}

impl Made {
    pub(super) fn new(os_release: &str) -> Made {
        let top = tempfile::tempdir().unwrap();
        let made = Made { top };
        if !os_release.is_empty() {
            made.file("/etc/os-release", os_release);
        }
        made
    }

    pub(super) fn path(&self, absolute: &str) -> std::path::PathBuf {
        let path = self.top.path().join(absolute.trim_start_matches('/'));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    pub(super) fn file(&self, absolute: &str, content: &str) {
        std::fs::write(self.path(absolute), content).unwrap();
    }

    pub(super) fn program(&self, absolute: &str) {
        self.file(absolute, "#!/bin/sh\n");
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(self.path(absolute), mode).unwrap();
    }

    pub(super) fn with(self, programs: &[&str]) -> Made {
        for program in programs {
            self.program(program);
        }
        self
    }

    pub(super) fn look(&self) -> HostTools {
        HostTools::look(&Roots::tree(self.top.path()))
    }

    pub(super) fn look_in(&self, path: impl Into<OsString>) -> HostTools {
        HostTools::look_in(&Roots::tree(self.top.path()), Some(&path.into()))
    }
}

pub(super) fn asked(query: &str, host: &HostTools) -> Vec<ToolRecommendation> {
    let (context, learned) = (Context::default(), Feedback::default());
    recommend(Some(query), &context, host, &learned, USUAL_LIMIT)
}

pub(super) fn seen(context: &Context) -> Vec<ToolRecommendation> {
    let (host, learned) = (HostTools::default(), Feedback::default());
    recommend(None, context, &host, &learned, USUAL_LIMIT)
}

pub(super) fn names(found: &[ToolRecommendation]) -> Vec<&str> {
    found.iter().map(|tool| tool.name.as_str()).collect()
}

pub(super) fn install(host: &HostTools, tool: &str) -> Option<String> {
    host.install_command(tool_named(tool).unwrap())
}
