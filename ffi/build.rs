//! Gives the shared library its SONAME, and keeps it loaded once it is.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let system = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if matches!(
        system.as_str(),
        "linux" | "freebsd" | "netbsd" | "openbsd" | "dragonfly"
    ) {
        // The number is USM_ABI_VERSION.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libusm.so.0");
        // dlclose() must not unmap code that a thread or a fork handler may still run.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
