//! What of the catalogue this host has, and how it would get the rest. Folders are listed
//! and files looked at; nothing is run.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::catalogue::{Help, Tool, tools};
use super::distribution::{Distribution, Family, install_words, wants_root};
use super::place::resolve;
use crate::arrange::set_of;
use crate::sample::Roots;
use crate::sample::host::container;

/// Where executables are though a user's `PATH` may not name it.
const FURTHER_FOLDERS: [&str; 10] = [
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
    "/snap/bin",
    "/run/current-system/sw/bin",
    "/opt/homebrew/bin",
    // Not on any PATH: several of the tools there have names of others.
    "/usr/share/bcc/tools",
];

/// How many of [`FURTHER_FOLDERS`] are on the `PATH` of every login.
const USUAL_FOLDERS: usize = 6;

/// Of no tool, but needed to install or run one.
const HELPERS: [&str; 16] = [
    "apt",
    "apt-get",
    "dnf",
    "dnf5",
    "yum",
    "microdnf",
    "rpm-ostree",
    "pacman",
    "apk",
    "transactional-update",
    "zypper",
    "nix-shell",
    "brew",
    "sudo",
    "doas",
    "pipx",
];

/// An executable that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Executable {
    /// Absolute path, as seen below the host's root.
    pub path: PathBuf,
    /// A shell finds it by its name.
    pub is_in_path: bool,
}

/// The facts of a host that decide which tool to use and how to get it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HostTools {
    /// The distribution.
    pub distribution: Distribution,
    /// Its package manager, e.g. `apt`; `None` when it is not there.
    pub package_manager: Option<String>,
    /// EPEL, the store of further packages for Red Hat's kin, is set up.
    pub has_epel: bool,
    /// The container that this is, e.g. `docker`.
    pub container: Option<String>,
    /// This process has the rights of root.
    pub is_root: bool,
    /// `sudo` or `doas`, whichever is there.
    pub elevation: Option<String>,
    /// `pipx` is there, which installs programs of the Python index.
    pub has_pipx: bool,
    /// The tools of the catalogue that are there, by name.
    pub installed: BTreeMap<String, Executable>,
}

impl HostTools {
    /// Looks at the host below `roots`: by the own `PATH` when that is the own root, else in
    /// the usual folders. What can't be read is absent. A folder on a dead network mount
    /// blocks; this is for the caller's thread, not for that of the samples.
    pub fn look(roots: &Roots) -> HostTools {
        if roots.host_root != Path::new("/") {
            return HostTools::look_in(roots, None);
        }
        let path = std::env::var_os("PATH");
        HostTools {
            is_root: rustix::process::geteuid().is_root(),
            ..HostTools::look_in(roots, path.as_deref())
        }
    }

    /// As [`HostTools::look`] for a user with this `PATH`, who is not root. Of `PATH` only
    /// absolute folders count: others mean another place tomorrow. A folder whose name is
    /// not UTF-8 is passed over.
    pub fn look_in(roots: &Roots, path: Option<&OsStr>) -> HostTools {
        let mut buffer = Vec::new();
        let distribution = Distribution::read(roots, &mut buffer);
        let found = find(roots, &folders(path));
        let is_there = |name: &&&'static str| found.get(name).is_some();
        let is_image = roots.host(Path::new("/run/ostree-booted")).exists();
        let manager = distribution.managers(is_image).iter().find(is_there);
        let elevation = ["sudo", "doas"].iter().find(is_there);
        let mut installed = BTreeMap::new();
        for tool in tools() {
            if let Some(executable) = tool.executables().find_map(|name| found.get(name)) {
                installed.insert(tool.name().to_owned(), executable.clone());
            }
        }
        HostTools {
            package_manager: manager.map(|name| (*name).to_owned()),
            has_epel: roots.host(Path::new("/etc/yum.repos.d/epel.repo")).exists(),
            container: container(roots, &mut buffer).map(|name| (*name).to_owned()),
            is_root: false,
            elevation: elevation.map(|name| (*name).to_owned()),
            has_pipx: found.get("pipx").is_some(),
            distribution,
            installed,
        }
    }

    /// Command line that installs a tool here; `None` where it is not packaged, or the
    /// distribution is not known, or its package manager is not there.
    pub fn install_command(&self, tool: Tool) -> Option<String> {
        self.by_package(tool).or_else(|| self.by_python(tool))
    }

    fn by_package(&self, tool: Tool) -> Option<String> {
        let manager = self.package_manager.as_deref()?;
        let words = install_words(manager)?;
        let package = tool.package(&self.distribution.keys())?;
        let root = self.prefix(wants_root(manager));
        let is_red_hat = self.distribution.family == Some(Family::Rhel);
        // An image of a container holds no list of packages.
        let before = if self.container.is_some() && matches!(manager, "apt" | "apt-get") {
            format!("{root}{manager} update && ")
        } else if is_red_hat && tool.is_in_epel() && !self.has_epel {
            format!("{root}{words} {} && ", self.distribution.epel()?)
        } else {
            String::new()
        };
        Some(format!("{before}{root}{words} {package}"))
    }

    fn by_python(&self, tool: Tool) -> Option<String> {
        let (package, is_of_the_program) = tool.python_package()?;
        if is_of_the_program {
            let has_python = self.installed.contains_key("python");
            return has_python.then(|| format!("python3 -m pip install {package}"));
        }
        self.has_pipx.then(|| format!("pipx install {package}"))
    }

    /// Command line as it is typed here: under the executable's name on this distribution,
    /// by its path where a shell would not find it, with `sudo` where it takes root.
    pub(super) fn command_line(&self, tool: Tool, help: Option<Help>) -> String {
        let common = tool.common_executable().unwrap_or(tool.name());
        let run = help.map_or(common, |help| help.run);
        let (first, rest) = match run.split_once(' ') {
            Some((first, rest)) => (first, format!(" {rest}")),
            None => (run, String::new()),
        };
        let found = self.installed.get(tool.name());
        let here = match found.and_then(|found| found.path.file_name()?.to_str()) {
            Some(name) => name,
            None => tool.executable(&self.distribution.keys()),
        };
        let name = match here.strip_prefix(common) {
            _ if first == common => here.to_owned(),
            // Of many programs in one package all bear the ending of the one looked for.
            Some(ending) => format!("{first}{ending}"),
            None => first.to_owned(),
        };
        let program = match found.filter(|found| !found.is_in_path) {
            Some(found) => found.path.with_file_name(name).display().to_string(),
            None => name,
        };
        let root = self.prefix(help.is_some_and(|help| help.needs_root));
        format!("{root}{program}{rest}")
    }

    /// What makes a command run as root: nothing for root itself, and nothing where neither
    /// `sudo` nor `doas` is there.
    fn prefix(&self, needs_root: bool) -> String {
        match &self.elevation {
            Some(elevation) if needs_root && !self.is_root => format!("{elevation} "),
            _ => String::new(),
        }
    }
}

/// The folders to look into, and whether a shell does too.
fn folders(path: Option<&OsStr>) -> Vec<(PathBuf, bool)> {
    let mut folders: Vec<(PathBuf, bool)> = Vec::new();
    let of_path = path.into_iter().flat_map(std::env::split_paths);
    let of_path = of_path.map(|folder| (folder, true));
    let further = FURTHER_FOLDERS.iter().enumerate();
    let further = further.map(|(n, folder)| (folder.into(), path.is_none() && n < USUAL_FOLDERS));
    for (folder, is_in_path) in of_path.chain(further) {
        let is_known = folders.iter().any(|(known, _)| *known == folder);
        if folder.is_absolute() && folder.to_str().is_some() && !is_known {
            folders.push((folder, is_in_path));
        }
    }
    folders
}

/// Executables by name: so few that a list is as good as a map.
#[derive(Default)]
struct Found {
    list: Vec<(&'static str, Executable)>,
}

impl Found {
    fn get(&self, name: &str) -> Option<&Executable> {
        let (_, executable) = self.list.iter().find(|(known, _)| *known == name)?;
        Some(executable)
    }
}

/// Those executables that are in the folders, of each the first.
fn find(roots: &Roots, folders: &[(PathBuf, bool)]) -> Found {
    let wanted = set_of(tools().flat_map(Tool::executables).chain(HELPERS));
    let mut found = Found::default();
    for (folder, is_in_path) in folders {
        let mut take = |name: &'static str| {
            let path = folder.join(name);
            if found.get(name).is_none() && is_executable(roots, &path) {
                let is_in_path = *is_in_path;
                found.list.push((name, Executable { path, is_in_path }));
            }
        };
        // One listing is cheaper than a look for each name, most of all on slow mounts.
        let Some(real) = resolve(roots, folder) else {
            continue;
        };
        match std::fs::read_dir(roots.host(&real)) {
            Ok(entries) => {
                for entry in entries.flatten() {
                    if let Some(name) = entry.file_name().to_str().and_then(|n| wanted.get(n)) {
                        take(name);
                    }
                }
            }
            // It may still be one that can be searched.
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                wanted.iter().for_each(|name| take(name));
            }
            Err(_) => {}
        }
    }
    found
}

/// A file that may be run.
fn is_executable(roots: &Roots, path: &Path) -> bool {
    let Some(real) = resolve(roots, path) else {
        return false;
    };
    // One program that plays many: it knows few of their options.
    let is_box = real
        .file_name()
        .is_some_and(|name| name == "busybox" || name == "toybox");
    let metadata = roots.host(&real).symlink_metadata();
    !is_box && metadata.is_ok_and(|of| of.is_file() && of.permissions().mode() & 0o111 != 0)
}
