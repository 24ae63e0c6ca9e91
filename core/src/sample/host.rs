//! Facts of the host that do not change while it runs: read once.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::parse::{lines, number, trim, words};
use super::roots::Roots;
use super::source::read_once;

/// What machine this is. A fact that can't be read is `None`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct HostFacts {
    /// Host name (`/proc/sys/kernel/hostname`).
    pub hostname: Option<Arc<str>>,
    /// Operating system, e.g. `Debian GNU/Linux 12 (bookworm)` (`PRETTY_NAME` in os-release).
    pub os_name: Option<Arc<str>>,
    /// Kernel, e.g. `6.1.0-18-amd64` (`/proc/sys/kernel/osrelease`).
    pub kernel_release: Option<Arc<str>>,
    /// Architecture of this build, e.g. `x86_64`.
    pub architecture: Arc<str>,
    /// Processor, e.g. `AMD EPYC 7B13` (`/proc/cpuinfo`).
    pub cpu_model: Option<Arc<str>>,
    /// Processors online (`cpuN` lines of `/proc/stat`).
    pub logical_cpus: Option<u32>,
    /// Cores, threads of one core counted once (`/proc/cpuinfo`).
    pub physical_cores: Option<u32>,
    /// Memory of the machine (`MemTotal`).
    pub memory_total_bytes: Option<u64>,
    /// Start of the machine in Unix seconds (`btime` in `/proc/stat`).
    pub boot_time_seconds: Option<f64>,
    /// Random id of this boot (`/proc/sys/kernel/random/boot_id`).
    pub boot_id: Option<Arc<str>>,
    /// Size of a page of memory in bytes.
    pub page_size_bytes: u64,
    /// Clock ticks per second (USER_HZ), the unit of times in `/proc`.
    pub clock_ticks_per_second: u64,
    /// Container, else hypervisor, where a file tells (`docker`, `lxc`, `kvm`, …; `vm` for a
    /// hypervisor without a name).
    pub virtualization: Option<Arc<str>>,
}

/// Reads the facts once. What can't be read is `None`.
pub(crate) fn read_host_facts(roots: &Roots) -> HostFacts {
    let mut buffer = Vec::new();
    let mut facts = HostFacts {
        architecture: std::env::consts::ARCH.into(),
        page_size_bytes: rustix::param::page_size() as u64,
        clock_ticks_per_second: rustix::param::clock_ticks_per_second(),
        hostname: line(&roots.proc("sys/kernel/hostname"), &mut buffer)
            // What the kernel says before a name is set.
            .filter(|name| &**name != "(none)"),
        kernel_release: line(&roots.proc("sys/kernel/osrelease"), &mut buffer),
        boot_id: line(&roots.proc("sys/kernel/random/boot_id"), &mut buffer),
        os_name: ["/etc/os-release", "/usr/lib/os-release"]
            .iter()
            .find_map(|file| parse_os_name(&read(&roots.host(Path::new(file)), &mut buffer)?)),
        ..HostFacts::default()
    };
    if let Some(stat) = read(&roots.proc("stat"), &mut buffer) {
        facts.logical_cpus = count_cpu_lines(&stat);
        facts.boot_time_seconds = lines(&stat)
            .find_map(|line| number(trim(line.strip_prefix(b"btime ")?)))
            .map(|seconds| seconds as f64);
    }
    if let Some(meminfo) = read(&roots.proc("meminfo"), &mut buffer) {
        facts.memory_total_bytes = lines(&meminfo)
            .find_map(|line| number(words(line.strip_prefix(b"MemTotal:")?).next()?))
            .and_then(|kib| kib.checked_mul(1024));
    }
    let cpuinfo = read(&roots.proc("cpuinfo"), &mut buffer).unwrap_or_default();
    facts.cpu_model = parse_cpu_model(&cpuinfo);
    facts.physical_cores = count_cores(&cpuinfo);
    facts.virtualization = detect(
        roots,
        facts.kernel_release.as_deref(),
        &cpuinfo,
        &mut buffer,
    );
    facts
}

fn read(path: &Path, buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    Some(read_once(path, buffer).ok()?.to_vec())
}

/// A file of one line that is not empty.
fn line(path: &Path, buffer: &mut Vec<u8>) -> Option<Arc<str>> {
    shown(read_once(path, buffer).ok()?)
}

/// Text without blanks and zero bytes (the device tree's line ends) around it.
fn shown(text: &[u8]) -> Option<Arc<str>> {
    let text = String::from_utf8_lossy(text);
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    (!text.is_empty()).then(|| text.into())
}

/// `PRETTY_NAME` of os-release(5), else `NAME`.
fn parse_os_name(text: &[u8]) -> Option<Arc<str>> {
    let value = |key: &[u8]| {
        lines(text)
            .find_map(|line| trim(line).strip_prefix(key)?.strip_prefix(b"="))
            .and_then(|value| shown(&unquote(trim(value))))
    };
    value(b"PRETTY_NAME").or_else(|| value(b"NAME"))
}

/// A value quoted as a shell does it, without variables.
pub(crate) fn unquote(value: &[u8]) -> Vec<u8> {
    match value {
        [b'\'', inner @ .., b'\''] => inner.to_vec(),
        [b'"', inner @ .., b'"'] => {
            let mut plain = Vec::with_capacity(inner.len());
            let mut rest = inner.iter();
            while let Some(byte) = rest.next() {
                match (byte, rest.as_slice().first()) {
                    (b'\\', Some(next @ (b'"' | b'\\' | b'$' | b'`'))) => {
                        plain.push(*next);
                        rest.next();
                    }
                    _ => plain.push(*byte),
                }
            }
            plain
        }
        plain => plain.to_vec(),
    }
}

fn count_cpu_lines(stat: &[u8]) -> Option<u32> {
    let is_processor = |line: &&[u8]| {
        line.strip_prefix(b"cpu")
            .and_then(|rest| words(rest).next().filter(|_| rest[0].is_ascii_digit()))
            .is_some_and(|word| number(word).is_some())
    };
    u32::try_from(lines(stat).filter(is_processor).count())
        .ok()
        .filter(|count| *count > 0)
}

/// Name and value of a `name : value` line.
fn key_value(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|b| *b == b':')?;
    Some((trim(&line[..colon]), trim(&line[colon + 1..])))
}

/// The processor's name: x86, most others; 64 bit ARM gives none.
fn parse_cpu_model(cpuinfo: &[u8]) -> Option<Arc<str>> {
    // MIPS, POWER and old ARM boards have names of their own for it.
    const NAMES: [&[u8]; 5] = [
        b"model name",
        b"Model Name",
        b"cpu model",
        b"cpu",
        b"Hardware",
    ];
    NAMES.iter().find_map(|name| {
        lines(cpuinfo)
            .filter_map(key_value)
            .find(|(key, value)| key == name && !value.is_empty())
            .and_then(|(_, value)| shown(value))
    })
}

/// Different pairs of package and core; `None` where a processor does not tell its pair.
fn count_cores(cpuinfo: &[u8]) -> Option<u32> {
    let mut cores: BTreeSet<(u64, u64)> = BTreeSet::new();
    let (mut processors, mut packages, mut package) = (0, 0, None);
    let mut pairs = 0;
    for (key, value) in lines(cpuinfo).filter_map(key_value) {
        match key {
            b"processor" => {
                processors += 1;
                package = None;
            }
            b"physical id" => {
                package = number(value);
                packages += 1;
            }
            b"core id" => {
                cores.insert((package?, number(value)?));
                pairs += 1;
            }
            _ => {}
        }
    }
    let is_complete = processors == pairs && packages == pairs;
    u32::try_from(cores.len())
        .ok()
        .filter(|count| *count > 0 && is_complete)
}

/// The container, else the hypervisor that this machine runs in.
fn detect(
    roots: &Roots,
    kernel_release: Option<&str>,
    cpuinfo: &[u8],
    buffer: &mut Vec<u8>,
) -> Option<Arc<str>> {
    if let Some(name) = container(roots, buffer) {
        return Some(name);
    }
    if kernel_release.is_some_and(|release| release.to_ascii_lowercase().contains("microsoft")) {
        return Some("wsl".into());
    }
    // `xen`, on its guests and its first domain.
    if let Some(name) = line(&roots.sys("hypervisor/type"), buffer) {
        return Some(name);
    }
    let is_guest = lines(cpuinfo)
        .filter_map(key_value)
        .any(|(key, value)| key == b"flags" && words(value).any(|flag| flag == b"hypervisor"));
    let mut dmi = |file: &str| line(&roots.sys(&format!("class/dmi/id/{file}")), buffer);
    let (vendor, product) = (dmi("sys_vendor"), dmi("product_name"));
    if let Some(name) = name_by_firmware(vendor.as_deref(), product.as_deref(), is_guest) {
        return Some(name.into());
    }
    let tree = roots.sys("firmware/devicetree/base/hypervisor/compatible");
    if let Some(name) = line(&tree, buffer) {
        return Some(if name.contains("kvm") {
            "kvm".into()
        } else {
            name
        });
    }
    is_guest.then(|| "vm".into())
}

/// The container that this is, where a file tells: `docker`, `lxc`, …
pub(crate) fn container(roots: &Roots, buffer: &mut Vec<u8>) -> Option<Arc<str>> {
    let host = |path: &str| roots.host(Path::new(path));
    // Written by systemd for a container that it runs in: `lxc`, `systemd-nspawn`, …
    if let Some(name) = line(&host("/run/systemd/container"), buffer) {
        return Some(name);
    }
    [("/run/.containerenv", "podman"), ("/.dockerenv", "docker")]
        .into_iter()
        .find(|(file, _)| host(file).exists())
        .map(|(_, name)| name.into())
}

/// The hypervisor that gives a machine this vendor and product.
fn name_by_firmware(
    vendor: Option<&str>,
    product: Option<&str>,
    is_guest: bool,
) -> Option<&'static str> {
    let (vendor, product) = (vendor.unwrap_or(""), product.unwrap_or(""));
    let found = [
        (product.contains("KVM"), "kvm"),
        (vendor == "QEMU", "qemu"),
        (vendor.starts_with("VMware"), "vmware"),
        (
            vendor == "innotek GmbH" || product == "VirtualBox",
            "virtualbox",
        ),
        (vendor.starts_with("Xen"), "xen"),
        (vendor.starts_with("Parallels"), "parallels"),
        (vendor == "Bochs", "bochs"),
        (vendor == "BHYVE", "bhyve"),
        (vendor.starts_with("OpenStack"), "kvm"),
        (product.starts_with("OpenStack"), "kvm"),
        (product == "Google Compute Engine", "google"),
        // These two also sell machines and tablets without a hypervisor.
        (vendor == "Amazon EC2" && is_guest, "amazon"),
        (
            vendor == "Microsoft Corporation" && product == "Virtual Machine",
            "microsoft",
        ),
    ];
    found
        .iter()
        .find(|(is_it, _)| *is_it)
        .map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let top = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = top.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        top
    }

    fn facts(files: &[(&str, &str)]) -> HostFacts {
        read_host_facts(&Roots::tree(tree(files).path()))
    }

    #[test]
    fn a_captured_machine_tells_its_facts() {
        let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/host-facts");
        let facts = read_host_facts(&Roots::tree(fixtures));
        // By hand: cpuinfo has 8 processors, package 0, core ids 0 to 3 twice; stat has
        // lines cpu0 to cpu7 and btime 1418183276; MemTotal is 15666184 kB.
        assert_eq!(facts.hostname.as_deref(), Some("buildbox"));
        assert_eq!(
            facts.os_name.as_deref(),
            Some("Example \"Linux\" 12 (bookworm)")
        );
        assert_eq!(facts.kernel_release.as_deref(), Some("6.1.0-18-amd64"));
        let model = "Intel(R) Core(TM) i7-8650U CPU @ 1.90GHz";
        assert_eq!(facts.cpu_model.as_deref(), Some(model));
        assert_eq!(facts.logical_cpus, Some(8));
        assert_eq!(facts.physical_cores, Some(4));
        assert_eq!(facts.memory_total_bytes, Some(15_666_184 * 1024));
        assert_eq!(facts.boot_time_seconds, Some(1_418_183_276.0));
        assert_eq!(
            facts.boot_id.as_deref(),
            Some("3d2f8a54-5d7e-4a11-9a6c-0d4b7f7f2c11")
        );
        assert_eq!(facts.virtualization, None);
    }

    #[test]
    fn an_empty_tree_gives_absence_and_not_zero() {
        let facts = facts(&[]);
        let unknown = HostFacts {
            architecture: facts.architecture.clone(),
            page_size_bytes: facts.page_size_bytes,
            clock_ticks_per_second: facts.clock_ticks_per_second,
            ..HostFacts::default()
        };
        assert_eq!(facts, unknown);
        assert!(facts.page_size_bytes >= 4096);
        assert!(facts.clock_ticks_per_second >= 100);
    }

    #[test]
    fn this_machine_has_processors_and_memory() {
        let facts = read_host_facts(&Roots::default());
        let system = rustix::system::uname();
        assert_eq!(
            facts.kernel_release.as_deref(),
            system.release().to_str().ok()
        );
        assert!(facts.logical_cpus.unwrap() >= 1);
        assert!(facts.memory_total_bytes.unwrap() > 1 << 20);
        assert!(facts.boot_time_seconds.unwrap() > 1e9);
    }

    #[test]
    fn arm_has_no_core_ids_and_a_model_only_on_32_bit() {
        let arm32 =
            "processor\t: 0\nmodel name\t: ARMv7 Processor rev 4 (v7l)\nCPU part\t: 0xd03\n";
        assert_eq!(
            parse_cpu_model(arm32.as_bytes()).as_deref(),
            Some("ARMv7 Processor rev 4 (v7l)")
        );
        let arm64 = b"processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd08\n";
        assert_eq!(parse_cpu_model(arm64), None);
        assert_eq!(count_cores(arm64), None);
    }

    #[test]
    fn cores_of_two_packages_are_not_taken_for_one_another() {
        let one =
            |package, core| format!("processor : 0\nphysical id : {package}\ncore id : {core}\n\n");
        let two_sockets = [one(0, 0), one(0, 0), one(1, 0), one(1, 0)].concat();
        assert_eq!(count_cores(two_sockets.as_bytes()), Some(2));
        let one_is_silent = format!("{two_sockets}processor : 4\n");
        assert_eq!(count_cores(one_is_silent.as_bytes()), None);
    }

    #[test]
    fn os_release_is_unquoted_and_found_in_both_places() {
        let of = |text: &str| parse_os_name(text.as_bytes()).map(|name| name.to_string());
        assert_eq!(
            of("NAME=Arch\nPRETTY_NAME='Arch Linux'\n").as_deref(),
            Some("Arch Linux")
        );
        assert_eq!(of("NAME=Alpine\n").as_deref(), Some("Alpine"));
        assert_eq!(
            of("PRETTY_NAME=\"a \\$ \\\\ \\x\"\n").as_deref(),
            Some("a $ \\ \\x")
        );
        assert_eq!(of("PRETTY_NAME=\"\"\n"), None);
        assert_eq!(of("MY_PRETTY_NAME=x\n"), None);
        let usr = facts(&[("usr/lib/os-release", "PRETTY_NAME=\"Usr\"\n")]);
        assert_eq!(usr.os_name.as_deref(), Some("Usr"));
    }

    #[test]
    fn the_container_comes_before_the_hypervisor() {
        let of = |files: &[(&str, &str)]| facts(files).virtualization.map(|v| v.to_string());
        let flags = ("proc/cpuinfo", "flags\t\t: fpu hypervisor lahf_lm\n");
        let kvm = ("sys/class/dmi/id/product_name", "KVM\n");
        assert_eq!(of(&[flags]).as_deref(), Some("vm"));
        assert_eq!(of(&[flags, kvm]).as_deref(), Some("kvm"));
        assert_eq!(
            of(&[flags, kvm, (".dockerenv", "")]).as_deref(),
            Some("docker")
        );
        let nspawn = ("run/systemd/container", "systemd-nspawn\n");
        assert_eq!(
            of(&[(".dockerenv", ""), nspawn]).as_deref(),
            Some("systemd-nspawn")
        );
        assert_eq!(of(&[("run/.containerenv", "")]).as_deref(), Some("podman"));
        assert_eq!(
            of(&[("sys/hypervisor/type", "xen\n")]).as_deref(),
            Some("xen")
        );
        let wsl = (
            "proc/sys/kernel/osrelease",
            "5.15.90.1-microsoft-standard-WSL2\n",
        );
        assert_eq!(of(&[wsl]).as_deref(), Some("wsl"));
        // Bare metal of a cloud has the vendor but no hypervisor.
        let amazon = ("sys/class/dmi/id/sys_vendor", "Amazon EC2\n");
        assert_eq!(of(&[amazon]), None);
        assert_eq!(of(&[amazon, flags]).as_deref(), Some("amazon"));
        let arm = (
            "sys/firmware/devicetree/base/hypervisor/compatible",
            "linux,kvm\0",
        );
        assert_eq!(of(&[arm]).as_deref(), Some("kvm"));
        assert_eq!(of(&[("proc/cpuinfo", "flags : fpu hypervisor_x\n")]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_parsed_without_panic(text: Vec<u8>) {
            let _ = (parse_os_name(&text), parse_cpu_model(&text), count_cores(&text));
            let _ = (count_cpu_lines(&text), unquote(&text), shown(&text));
        }

        #[test]
        fn lines_of_the_right_shape_are_parsed_without_panic(
            text in "(cpu[0-9 ]{0,3}\n|core id : [0-9]{0,22}\n|physical id :\n|NAME=[\"'\\\\a]{0,5}\n){0,6}",
        ) {
            let text = text.as_bytes();
            let _ = (parse_os_name(text), count_cores(text), count_cpu_lines(text));
        }
    }
}
