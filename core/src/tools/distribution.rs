//! Which distribution this is, and how it installs a package.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::place::resolve;
use crate::sample::Roots;
use crate::sample::host::unquote;
use crate::sample::parse::{lines, trim};
use crate::sample::source::read_once;

/// Distributions that name their packages alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Debian, Ubuntu and what is made of them.
    Debian,
    /// Fedora.
    Fedora,
    /// Red Hat Enterprise Linux and its rebuilds.
    Rhel,
    /// Arch.
    Arch,
    /// Alpine.
    Alpine,
    /// openSUSE and SUSE Linux Enterprise.
    Suse,
    /// NixOS.
    Nix,
    /// Homebrew, on macOS only.
    Brew,
}

impl Family {
    /// Its name, e.g. `debian`.
    pub fn name(self) -> &'static str {
        match self {
            Family::Debian => "debian",
            Family::Fedora => "fedora",
            Family::Rhel => "rhel",
            Family::Arch => "arch",
            Family::Alpine => "alpine",
            Family::Suse => "suse",
            Family::Nix => "nix",
            Family::Brew => "brew",
        }
    }

    fn of(id: &str) -> Option<Family> {
        Some(match id {
            "debian" | "ubuntu" | "raspbian" | "linuxmint" | "devuan" | "kali" => Family::Debian,
            "fedora" => Family::Fedora,
            // The first four say that they are like Fedora, but hold Red Hat's packages.
            "rhel" | "centos" | "ol" | "amzn" | "rocky" | "almalinux" | "scientific" => {
                Family::Rhel
            }
            "arch" | "archarm" | "manjaro" | "artix" => Family::Arch,
            "alpine" | "postmarketos" => Family::Alpine,
            "suse" | "opensuse" | "sles" | "sled" => Family::Suse,
            "nixos" => Family::Nix,
            "macos" => Family::Brew,
            _ if id.starts_with("opensuse-") => Family::Suse,
            _ => return None,
        })
    }
}

/// What os-release(5) says. What it does not say is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Distribution {
    /// `ID`, e.g. `ubuntu`; `macos` on Apple's.
    pub id: Option<String>,
    /// `ID_LIKE`: what it was made of, the closest first.
    pub like: Vec<String>,
    /// `VERSION_ID`, e.g. `22.04`.
    pub version: Option<String>,
    /// Whose packages it has; `None` for one that is not known.
    pub family: Option<Family>,
}

impl Distribution {
    /// Reads os-release below the host's root.
    pub(super) fn read(roots: &Roots, buffer: &mut Vec<u8>) -> Distribution {
        for file in ["/etc/os-release", "/usr/lib/os-release"] {
            // On some it is an absolute link.
            let place = resolve(roots, Path::new(file));
            let text = place.and_then(|place| read_once(&roots.host(&place), buffer).ok());
            if let Some(text) = text {
                return Distribution::parse(text);
            }
        }
        let of_apple = "/System/Library/CoreServices/SystemVersion.plist";
        match roots.host(Path::new(of_apple)).exists() {
            true => Distribution::parse(b"ID=macos"),
            false => Distribution::default(),
        }
    }

    pub(super) fn parse(text: &[u8]) -> Distribution {
        let value = |key: &[u8]| {
            let raw = lines(text).find_map(|line| trim(line).strip_prefix(key)?.strip_prefix(b"="));
            let text = String::from_utf8_lossy(&unquote(trim(raw?)))
                .trim()
                .to_lowercase();
            (!text.is_empty()).then_some(text)
        };
        let id = value(b"ID");
        let like: Vec<String> = value(b"ID_LIKE")
            .map(|like| like.split_whitespace().map(str::to_owned).collect())
            .unwrap_or_default();
        let family = id.iter().chain(&like).find_map(|id| Family::of(id));
        Distribution {
            id,
            like,
            version: value(b"VERSION_ID"),
            family,
        }
    }

    /// Under which names the catalogue may speak of it, the closest first.
    pub(super) fn keys(&self) -> Vec<&str> {
        let Some(family) = self.family else {
            return Vec::new();
        };
        let mut keys: Vec<&str> = self.id.as_deref().into_iter().collect();
        // What is made of Ubuntu has Ubuntu's packages where they differ from Debian's.
        if self.like.iter().any(|like| like == "ubuntu") {
            keys.push("ubuntu");
        }
        keys.push(family.name());
        keys
    }

    /// Executables that install packages here, the one to be taken first.
    pub(super) fn managers(&self, is_image: bool) -> &'static [&'static str] {
        let id = self.id.as_deref().unwrap_or("");
        match self.family {
            // The system's folders are read-only.
            _ if id == "steamos" => &[],
            Some(Family::Debian) => &["apt", "apt-get"],
            Some(Family::Fedora | Family::Rhel) if is_image => &["rpm-ostree"],
            Some(Family::Fedora | Family::Rhel) => &["dnf", "dnf5", "yum", "microdnf"],
            Some(Family::Arch) => &["pacman"],
            Some(Family::Alpine) => &["apk"],
            Some(Family::Suse) if id.contains("micro") => &["transactional-update"],
            Some(Family::Suse) => &["zypper"],
            Some(Family::Nix) => &["nix-shell"],
            Some(Family::Brew) => &["brew"],
            None => &[],
        }
    }

    /// How EPEL, the store of further packages for Red Hat's kin, is added; `None` where it
    /// is not to be had.
    pub(super) fn epel(&self) -> Option<String> {
        let major = || {
            let major = self.version.as_deref()?.split('.').next()?;
            major.parse::<u16>().ok()
        };
        match self.id.as_deref()? {
            "rhel" => Some(format!(
                "https://dl.fedoraproject.org/pub/epel/epel-release-latest-{}.noarch.rpm",
                major()?
            )),
            "ol" => Some(format!("oracle-epel-release-el{}", major()?)),
            "centos" | "rocky" | "almalinux" => Some("epel-release".into()),
            _ => None,
        }
    }
}

/// What a package manager is given before the names of packages.
pub(super) fn install_words(manager: &str) -> Option<&'static str> {
    Some(match manager {
        "apt" => "apt install",
        "apt-get" => "apt-get install",
        "dnf" => "dnf install",
        "dnf5" => "dnf5 install",
        "yum" => "yum install",
        "microdnf" => "microdnf install",
        "rpm-ostree" => "rpm-ostree install",
        "pacman" => "pacman -S",
        "apk" => "apk add",
        "transactional-update" => "transactional-update pkg install",
        "zypper" => "zypper install",
        "nix-shell" => "nix-shell -p",
        "brew" => "brew install",
        _ => return None,
    })
}

/// Root must run it.
pub(super) fn wants_root(manager: &str) -> bool {
    !matches!(manager, "nix-shell" | "brew")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(text: &str) -> Option<Family> {
        Distribution::parse(text.as_bytes()).family
    }

    #[test]
    fn the_family_is_that_of_the_id_or_of_what_it_is_like() {
        let cases = [
            ("ID=debian\nVERSION_ID=\"12\"", Some(Family::Debian)),
            ("ID=ubuntu\nID_LIKE=debian", Some(Family::Debian)),
            ("ID=pop\nID_LIKE=\"ubuntu debian\"", Some(Family::Debian)),
            ("ID=fedora", Some(Family::Fedora)),
            ("ID=nobara\nID_LIKE=\"fedora\"", Some(Family::Fedora)),
            ("ID=\"rhel\"\nID_LIKE=\"fedora\"", Some(Family::Rhel)),
            (
                "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"",
                Some(Family::Rhel),
            ),
            ("ID=\"ol\"\nID_LIKE=\"fedora\"", Some(Family::Rhel)),
            ("ID=\"amzn\"\nID_LIKE=\"fedora\"", Some(Family::Rhel)),
            ("ID=arch", Some(Family::Arch)),
            ("ID=endeavouros\nID_LIKE='arch'", Some(Family::Arch)),
            ("ID=alpine", Some(Family::Alpine)),
            (
                "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"",
                Some(Family::Suse),
            ),
            ("ID=\"opensuse-tumbleweed\"", Some(Family::Suse)),
            ("ID=\"sles\"\nID_LIKE=\"suse\"", Some(Family::Suse)),
            ("ID=nixos", Some(Family::Nix)),
            ("ID=gentoo", None),
            ("ID=wolfi", None),
            ("NAME=Something", None),
            ("", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(family(text), wanted, "{text}");
        }
    }

    #[test]
    fn odd_files_are_read_as_far_as_they_go() {
        let parsed = Distribution::parse(b"# a comment\n\nID_LIKE=x\n ID = no\nID=\"Debian\"\n");
        assert_eq!(parsed.id.as_deref(), Some("debian"));
        assert_eq!(parsed.like, ["x"]);
        assert_eq!(Distribution::parse(b"\xff\xfe\0ID=\nID=").id, None);
        assert_eq!(family("ID=\"debian\r\""), Some(Family::Debian));
    }

    #[test]
    fn a_derivative_of_ubuntu_is_asked_for_as_such_before_debian() {
        let mint = Distribution::parse(b"ID=linuxmint\nID_LIKE=\"ubuntu debian\"");
        assert_eq!(mint.keys(), ["linuxmint", "ubuntu", "debian"]);
        let rocky = Distribution::parse(b"ID=rocky\nID_LIKE=\"rhel centos fedora\"");
        assert_eq!(rocky.keys(), ["rocky", "rhel"]);
        assert!(Distribution::parse(b"ID=void").keys().is_empty());
    }

    #[test]
    fn epel_is_named_where_it_is_to_be_had() {
        let epel = |text: &str| Distribution::parse(text.as_bytes()).epel();
        assert_eq!(
            epel("ID=rhel\nVERSION_ID=\"9.4\"").as_deref(),
            Some("https://dl.fedoraproject.org/pub/epel/epel-release-latest-9.noarch.rpm")
        );
        assert_eq!(epel("ID=rhel"), None);
        assert_eq!(
            epel("ID=ol\nVERSION_ID=8.9").as_deref(),
            Some("oracle-epel-release-el8")
        );
        assert_eq!(
            epel("ID=rocky\nVERSION_ID=9").as_deref(),
            Some("epel-release")
        );
        assert_eq!(epel("ID=amzn\nVERSION_ID=2023"), None);
    }

    #[test]
    fn every_manager_knows_its_words() {
        for id in [
            "debian",
            "fedora",
            "rhel",
            "arch",
            "alpine",
            "sles",
            "opensuse-microos",
        ] {
            let distribution = Distribution::parse(format!("ID={id}").as_bytes());
            for is_image in [false, true] {
                let managers = distribution.managers(is_image);
                assert!(!managers.is_empty());
                assert!(managers.iter().all(|m| install_words(m).is_some()), "{id}");
            }
        }
        assert!(
            Distribution::parse(b"ID=steamos\nID_LIKE=arch")
                .managers(false)
                .is_empty()
        );
        assert_eq!(install_words("rm"), None);
    }
}
