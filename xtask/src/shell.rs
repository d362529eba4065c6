//! Other programs, run as a developer would: visible, and a failure names the command.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::Result;

/// The top folder of the repository.
pub fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Cargo in the top folder, with arguments as one types them.
pub fn cargo(arguments: &str) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(top()).args(arguments.split(' '));
    cargo
}

/// Prints and runs `command`; its output is the developer's to read.
pub fn run(command: &mut Command) -> Result {
    println!("$ {}", words(command));
    let status =
        command.stdin(Stdio::null()).status().map_err(|error| format!("{}: {error}", words(command)))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed ({status})", words(command)).into()) }
}

/// What `command` prints; nothing is shown unless it fails.
pub fn read(command: &mut Command) -> Result<String> {
    let output =
        command.stdin(Stdio::null()).output().map_err(|error| format!("{}: {error}", words(command)))?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("`{}` failed ({})\n{}", words(command), output.status, said.trim_end()).into())
}

/// Whether `command` runs and ends well, without a word.
pub fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// What cargo knows about the workspace, without its dependencies.
pub fn metadata() -> Result<Value> {
    let json = read(&mut cargo("metadata --no-deps --format-version 1"))?;
    Ok(serde_json::from_str(&json)?)
}

/// The folder cargo builds into, wherever the developer has put it.
pub fn target() -> Result<PathBuf> {
    let metadata = metadata()?;
    let folder = metadata["target_directory"].as_str().ok_or("cargo names no target folder")?;
    Ok(folder.into())
}

/// Runs this same command again, built for speed and with what measuring needs, beside a `soko` of the same build.
#[cfg(not(feature = "bench"))]
pub fn again_for_speed() -> Result {
    run(&mut cargo("build --release --quiet --workspace --features xtask/bench --bin soko --bin xtask"))?;
    let xtask = target()?.join("release/xtask");
    run(Command::new(xtask).current_dir(top()).args(std::env::args_os().skip(1)))
}

fn words(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_name().unwrap_or_default();
    std::iter::once(name).chain(command.get_args()).map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
