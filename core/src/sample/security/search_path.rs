//! The folders in which commands are searched, and who may put one there.

use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::reader::failure;
use crate::sample::parse::{lines, trim};
use crate::sample::process::escape_into;
use crate::sample::source::read_once;
use crate::sample::{Availability, Roots, SourceReport};

/// Most folders that are looked at.
const MOST_FOLDERS: usize = 64;
/// Everybody may write.
const WORLD_WRITABLE: u32 = 0o002;
/// Only its owner may remove or replace what is in a folder.
const STICKY: u32 = 0o1000;

/// What the logins of users get as their search path: shadow's settings.
const LOGIN_SETTINGS: &str = "/etc/login.defs";

/// A folder in which commands are searched.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SearchFolder {
    /// The folder as the search path writes it; a relative one depends on where one is.
    pub path: Arc<str>,
    /// The search path of this program has it.
    pub by_this_program: bool,
    /// The search path of the administrator has it (`ENV_SUPATH` in `/etc/login.defs`, and
    /// that of this program when it is run by root).
    pub by_root: bool,
    /// It is not an absolute path.
    pub is_relative: bool,
    /// User id of its owner; `None` when it isn't there or can't be looked at.
    pub owner_uid: Option<u32>,
    /// Its permissions, as chmod(1) writes them in octal.
    pub mode: Option<u32>,
    /// A folder above it that lets everybody put another in its place.
    pub open_parent: Option<Arc<str>>,
}

/// Looks at the search paths.
#[derive(Debug)]
pub(super) struct SearchPathReader {
    roots: Roots,
    /// `PATH` of this program; `None` when another machine is looked at.
    own: Option<Vec<PathBuf>>,
    is_root: bool,
    sample: Option<Arc<[SearchFolder]>>,
}

impl SearchPathReader {
    pub(super) fn new(roots: &Roots) -> SearchPathReader {
        let is_here = roots.is_live() && roots.host_root == Path::new("/");
        let own = is_here.then(|| std::env::var_os("PATH")).flatten();
        SearchPathReader {
            roots: roots.clone(),
            own: own.map(|paths| std::env::split_paths(&paths).collect()),
            is_root: rustix::process::geteuid().is_root(),
            sample: None,
        }
    }

    pub(super) fn look(&mut self) -> (Option<Arc<[SearchFolder]>>, Vec<SourceReport>) {
        let settings = self.roots.host(Path::new(LOGIN_SETTINGS));
        let mut buffer = Vec::new();
        let of_root = read_once(&settings, &mut buffer).map(path_of_root);
        let report = SourceReport {
            source: settings.display().to_string(),
            gives: "search path of the administrator".into(),
            availability: match &of_root {
                Ok(_) => Availability::Available,
                Err(errno) => failure(&std::io::Error::from(*errno)),
            },
            reason: of_root
                .as_ref()
                .err()
                .map(|errno| std::io::Error::from(*errno).to_string()),
        };
        let of_root = of_root.ok().flatten();
        if self.own.is_none() && of_root.is_none() {
            self.sample = None;
            return (None, vec![report]);
        }
        let own = self
            .own
            .iter()
            .flatten()
            .map(|path| (path, true, self.is_root));
        let of_root = of_root.iter().flatten().map(|path| (path, false, true));
        let mut folders: Vec<SearchFolder> = Vec::new();
        for (path, by_this_program, by_root) in own.chain(of_root) {
            let text = shown(path);
            if let Some(known) = folders.iter_mut().find(|folder| folder.path == text) {
                known.by_this_program |= by_this_program;
                known.by_root |= by_root;
            } else if folders.len() < MOST_FOLDERS {
                folders.push(SearchFolder {
                    path: text,
                    by_this_program,
                    by_root,
                    ..self.look_at(path)
                });
            }
        }
        if self.sample.as_deref() != Some(&*folders) {
            self.sample = Some(folders.into());
        }
        (self.sample.clone(), vec![report])
    }

    fn look_at(&self, path: &Path) -> SearchFolder {
        if !path.is_absolute() {
            return SearchFolder {
                is_relative: true,
                ..SearchFolder::default()
            };
        }
        let Ok((mode, owner)) = self.stat(path) else {
            return SearchFolder::default();
        };
        let open_parent = path.ancestors().skip(1).find(|parent| {
            let stat = self.stat(parent);
            stat.is_ok_and(|(mode, _)| mode & WORLD_WRITABLE != 0 && mode & STICKY == 0)
        });
        SearchFolder {
            owner_uid: Some(owner),
            mode: Some(mode),
            open_parent: open_parent.map(shown),
            ..SearchFolder::default()
        }
    }

    /// Mode and owner of a folder of the host, links followed as they are there.
    fn stat(&self, path: &Path) -> Result<(u32, u32), Errno> {
        let folder = open_beneath(&self.roots, path)?;
        let stat = rustix::fs::fstat(&folder)?;
        Ok((stat.st_mode & 0o7777, stat.st_uid))
    }
}

/// Opens a folder of the host, without leaving its root. Kernels before 5.6 follow links
/// from the root of this program.
fn open_beneath(roots: &Roots, path: &Path) -> Result<OwnedFd, Errno> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = rustix::fs::open(&roots.host_root, flags, Mode::empty())?;
    let relative: PathBuf = path
        .components()
        .filter(|part| !matches!(part, Component::RootDir | Component::Prefix(_)))
        .collect();
    let relative = match relative.as_os_str().is_empty() {
        true => Path::new("."),
        false => &relative,
    };
    let inside = ResolveFlags::IN_ROOT;
    match rustix::fs::openat2(&root, relative, flags, Mode::empty(), inside) {
        Err(Errno::NOSYS | Errno::PERM) => {
            rustix::fs::openat(&root, relative, flags, Mode::empty())
        }
        opened => opened,
    }
}

/// `ENV_SUPATH` of login.defs(5).
fn path_of_root(settings: &[u8]) -> Option<Vec<PathBuf>> {
    use std::os::unix::ffi::OsStrExt;
    let value = lines(settings).find_map(|line| {
        let rest = trim(line).strip_prefix(b"ENV_SUPATH")?;
        let value = trim(rest);
        (rest.len() > value.len()).then(|| value.strip_prefix(b"PATH=").unwrap_or(value))
    })?;
    Some(std::env::split_paths(std::ffi::OsStr::from_bytes(value)).collect())
}

fn shown(path: impl AsRef<Path>) -> Arc<str> {
    use std::os::unix::ffi::OsStrExt;
    let mut text = String::new();
    escape_into(path.as_ref().as_os_str().as_bytes(), &mut text);
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::fixture::Fixture;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    fn chmod(fixture: &Fixture, folder: &str, mode: u32) {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(fixture.path(folder), permissions).unwrap();
    }

    fn machine(path: &str) -> Fixture {
        let fixture = Fixture::new();
        chmod(&fixture, "", 0o755);
        let settings =
            format!("# ENV_SUPATH /no\nENV_PATH PATH=/usr/games\nENV_SUPATH\tPATH={path}\n");
        fixture.write("etc/login.defs", settings);
        fixture
    }

    fn look(fixture: &Fixture) -> Vec<SearchFolder> {
        let (folders, _) = SearchPathReader::new(&fixture.roots()).look();
        folders.unwrap().to_vec()
    }

    #[test]
    fn folders_of_the_administrator_are_told_with_owner_and_permissions() {
        let fixture = machine("/usr/sbin:/opt/tool/bin:.::/missing:/usr/sbin");
        for (folder, mode) in [("usr/sbin", 0o755), ("opt/tool/bin", 0o777)] {
            fixture.folder(folder);
            chmod(&fixture, folder, mode);
        }
        chmod(&fixture, "opt", 0o777);
        let folders = look(&fixture);
        let paths: Vec<&str> = folders.iter().map(|folder| &*folder.path).collect();
        assert_eq!(paths, ["/usr/sbin", "/opt/tool/bin", ".", "", "/missing"]);
        let modes: Vec<Option<u32>> = folders.iter().map(|folder| folder.mode).collect();
        assert_eq!(modes, [Some(0o755), Some(0o777), None, None, None]);
        let owner = std::fs::metadata(fixture.path("usr")).unwrap().uid();
        assert_eq!(folders[0].owner_uid, Some(owner));
        assert_eq!(folders[0].open_parent, None);
        assert_eq!(folders[1].open_parent.as_deref(), Some("/opt"));
        assert!(folders[2].is_relative && folders[3].is_relative);
        assert!(folders.iter().all(|folder| folder.by_root));
        // A captured tree says nothing of this program's own search path.
        assert!(!folders.iter().any(|folder| folder.by_this_program));
    }

    #[test]
    fn a_shared_folder_above_that_is_sticky_is_not_open() {
        let fixture = machine("/tmp/bin");
        fixture.folder("tmp/bin");
        chmod(&fixture, "tmp", 0o1777);
        assert_eq!(look(&fixture)[0].open_parent, None);
    }

    #[test]
    fn links_are_followed_within_the_hosts_root() {
        let fixture = machine("/bin");
        fixture.folder("usr/bin");
        chmod(&fixture, "usr/bin", 0o775);
        // On this machine, `/usr/bin` is another folder.
        symlink("/usr/bin", fixture.path("bin")).unwrap();
        let stat = rustix::fs::openat2(
            rustix::fs::CWD,
            ".",
            OFlags::PATH,
            Mode::empty(),
            ResolveFlags::IN_ROOT,
        );
        if stat.is_ok() {
            assert_eq!(look(&fixture)[0].mode, Some(0o775));
        }
    }

    #[test]
    fn the_own_search_path_is_that_of_the_environment() {
        let mut reader = SearchPathReader::new(&Roots::default());
        let own = std::env::var_os("PATH").unwrap();
        let first = std::env::split_paths(&own).next().unwrap();
        let (folders, _) = reader.look();
        let folders = folders.unwrap();
        assert!(folders[0].by_this_program);
        assert_eq!(*folders[0].path, *first.to_str().unwrap());
        let (again, _) = reader.look();
        assert!(Arc::ptr_eq(&folders, &again.unwrap()));
    }

    #[test]
    fn without_any_search_path_nothing_is_known_and_the_reason_is_told() {
        let fixture = Fixture::new();
        let (folders, reports) = SearchPathReader::new(&fixture.roots()).look();
        assert_eq!(folders, None);
        assert_eq!(reports[0].availability, Availability::Absent);
    }
}
