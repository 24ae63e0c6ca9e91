//! The program `usm`: all of it is in the library, which the Python package calls too.

fn main() {
    std::process::exit(usm_cli::run(std::env::args_os()));
}
