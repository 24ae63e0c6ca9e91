//! Programs and units that a host can't do without. A `*` at the end stands for any rest.

/// Base names of executables, and of scripts that an interpreter runs.
#[rustfmt::skip] // One line each would be a long list.
pub(super) const PROGRAMS: &[&str] = &[
    // What starts and watches everything else.
    "init", "systemd", "systemd-*", "(sd-pam)", "runit", "runsv", "runsvdir", "runit-init",
    "s6-*", "openrc", "openrc-*", "supervise-daemon", "supervisord", "dinit", "finit", "monit",
    "upstart", "busybox-init", "tini", "dumb-init", "catatonit", "launchd", "watchdog", "elogind",
    "elogind-daemon",
    // The message bus and what logs in through it.
    "dbus-daemon", "dbus-daemon-launch-helper", "dbus-broker", "dbus-broker-launch", "polkitd",
    "accounts-daemon", "rtkit-daemon", "udisksd", "upowerd", "at-spi-bus-launcher",
    // Ways in, and logins.
    "sshd", "sshd-*", "dropbear", "login", "agetty", "getty", "mingetty", "fgetty", "su", "sudo",
    "sudo-rs", "doas", "gdm", "gdm3", "gdm-*", "sddm", "sddm-*", "lightdm", "lxdm", "xdm", "kdm",
    "slim", "ly", "ly-dm", "greetd", "pam_*", "xrdp", "xrdp-*", "tmate", "tailscaled",
    // Devices and logs.
    "udevd", "eudev", "mdev", "auditd", "rsyslogd", "syslogd", "syslog-ng", "klogd", "acpid",
    "thermald", "irqbalance", "multipathd", "iscsid", "lvmetad", "dmeventd", "mdadm", "smartd",
    "zed", "fstrim", "bluetoothd", "earlyoom", "oomd", "nohang",
    // What shows the desktop and plays its sound.
    "Xorg", "Xorg.bin", "X", "Xwayland", "Xvfb", "Xvnc", "Xtigervnc", "gnome-shell",
    "gnome-session*", "gnome-settings-*", "gsd-*", "mutter", "kwin", "kwin_*", "kwin-*",
    "plasmashell", "plasma_session", "ksmserver", "startplasma-*", "sway", "weston", "weston-*",
    "Hyprland", "wayfire", "labwc", "river", "niri", "hikari", "cage", "gamescope", "cosmic-*",
    "xfwm4", "xfce4-session", "xfdesktop", "xfsettingsd", "marco", "mate-session", "cinnamon",
    "cinnamon-session*", "muffin", "budgie-*", "lxsession", "lxqt-session", "openbox", "i3",
    "awesome", "bspwm", "dwm", "xmonad*", "xinit", "startx", "pipewire", "pipewire-*",
    "wireplumber", "pulseaudio", "jackd", "jackdbus", "swaylock", "i3lock", "xscreensaver*",
    "ibus-daemon", "fcitx*",
    // Containers and virtual machines.
    "dockerd", "docker-proxy", "docker-init", "containerd", "containerd-*", "runc", "crun",
    "youki", "crio", "cri-o", "conmon", "conmonrs", "podman", "netavark", "aardvark-dns",
    "buildkitd", "nerdctl", "kubelet", "kube-*", "k3s", "k3s-*", "k0s", "rke2", "etcd", "lxc-*",
    "lxcfs", "lxd", "incusd", "incus-*", "snapd", "libvirtd", "virtqemud", "virtlogd",
    "virtlockd", "qemu-*", "firecracker", "cloud-hypervisor", "flatpak-*", "nomad", "consul",
    // Data.
    "postgres", "postmaster", "pgbouncer", "patroni", "mysqld", "mysqld_safe", "mariadbd",
    "mariadbd-safe", "mongod", "mongos", "redis-server", "redis-sentinel", "valkey-server",
    "keydb-server", "memcached", "cassandra", "clickhouse", "clickhouse-*", "influxd",
    "cockroach", "couchdb", "beam.smp", "rabbitmq-server", "oracle", "db2sysc", "sqlservr",
    "firebird", "slapd", "ns-slapd", "ceph-*", "glusterd", "glusterfsd", "minio", "zookeeper",
    "tikv-server", "tidb-server", "vault", "nfsd", "rpcbind", "rpc.*", "smbd", "nmbd", "winbindd",
    // The network.
    "NetworkManager", "nm-*", "wpa_supplicant", "iwd", "connmand", "dhclient", "dhcpcd", "udhcpc",
    "netplan*", "networkd-dispatcher", "ifup", "ifplugd", "wickedd", "wickedd-*", "ModemManager",
    "chronyd", "ntpd", "openntpd", "timesyncd", "avahi-daemon", "dnsmasq", "named", "unbound",
    "stubby", "firewalld", "ufw", "nft", "iptables*", "openvpn", "charon", "charon-*", "wg-quick",
    "zebra", "bgpd", "bird", "bird6", "keepalived", "haproxy",
    // Names of users and their keys.
    "nscd", "nslcd", "sssd", "sssd_*", "krb5kdc", "kadmind", "gpg-agent", "ssh-agent",
    "gnome-keyring-daemon", "kwalletd*", "cron", "crond", "atd", "anacron",
    // Agents of the firmware, the hypervisor and the packages.
    "qemu-ga", "qemu-guest-agent", "vmtoolsd", "VGAuthService", "hv_*", "waagent", "walinuxagent",
    "google_guest_agent", "google_osconfig_agent", "amazon-ssm-agent", "ssm-agent-worker",
    "cloud-init", "cloud-init-*", "xe-daemon", "fwupd", "packagekitd", "dpkg", "apt", "apt-get",
    "aptd", "unattended-upgrade*", "rpm", "dnf", "dnf5", "yum", "zypper", "pacman", "apk",
    "snap-*", "nix-daemon", "guix-daemon",
];

/// Units, by the last one in the path of the control group.
#[rustfmt::skip] // One line each would be a long list.
pub(super) const UNITS: &[&str] = &[
    "init.scope", "systemd-*", "dbus.service", "dbus-broker.service", "dbus.socket",
    "ssh.service", "sshd.service", "ssh@*", "sshd@*", "dropbear.service", "getty@*",
    "serial-getty@*", "console-getty.service", "container-getty@*", "autovt@*",
    "display-manager.service", "gdm.service", "gdm3.service", "sddm.service", "lightdm.service",
    "greetd.service", "udev.service", "polkit.service", "rsyslog.service", "syslog.service",
    "syslog-ng.service", "auditd.service", "docker.service", "containerd.service", "crio.service",
    "kubelet.service", "k3s.service", "k3s-agent.service", "lxc.service", "lxd.service",
    "lxcfs.service", "incus.service", "snapd.service", "libvirtd.service",
    "NetworkManager.service", "NetworkManager-*", "wpa_supplicant.service", "iwd.service",
    "networking.service", "connman.service", "dhcpcd.service", "chrony.service",
    "chronyd.service", "ntp.service", "ntpd.service", "firewalld.service", "nftables.service",
    "postgresql.service", "postgresql@*", "mysql.service", "mysqld.service", "mariadb.service",
    "mariadb@*", "mongod.service", "mongodb.service", "redis.service", "redis-server.service",
    "redis-server@*", "valkey.service", "memcached.service", "cassandra.service",
    "clickhouse-server.service", "influxdb.service", "etcd.service", "slapd.service",
    "rabbitmq-server.service", "supervisor.service", "supervisord.service",
    "qemu-guest-agent.service", "open-vm-tools.service", "walinuxagent.service", "cloud-init*",
    "google-guest-agent.service", "amazon-ssm-agent.service", "tailscaled.service",
    "cron.service", "crond.service", "acpid.service", "sssd.service", "multipathd.service",
    "iscsid.service", "earlyoom.service", "packagekit.service", "unattended-upgrades.service",
    "apt-daily*", "dpkg-*", "org.gnome.Shell*", "gnome-session*", "plasma-*", "pipewire*",
    "wireplumber*", "pulseaudio*",
];

/// Whether a name is the pattern, or begins with it where the pattern ends in `*`.
pub(super) fn is_match(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(begin) => name.starts_with(begin),
        None => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_star_at_the_end_stands_for_a_rest() {
        assert!(
            is_match("sshd", "sshd") && !is_match("sshd", "sshd2") && !is_match("sshd", "Sshd")
        );
        assert!(
            is_match("s6-*", "s6-svscan") && is_match("s6-*", "s6-") && !is_match("s6-*", "s6")
        );
        assert!(!is_match("a*b", "axb") && is_match("a*b", "a*b"));
    }

    #[test]
    fn no_built_in_pattern_takes_in_everything() {
        for pattern in PROGRAMS.iter().chain(UNITS) {
            assert!(!pattern.trim_end_matches('*').is_empty(), "{pattern}");
            assert!(!is_match(pattern, "sleep") && !is_match(pattern, "python3"));
            assert!(
                !is_match(pattern, "session-3.scope") && !is_match(pattern, "user@1000.service")
            );
        }
    }
}
