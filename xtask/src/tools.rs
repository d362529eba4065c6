//! What the steps need and cargo does not bring: Postgres, Chromium, a Python with schemathesis, cargo-deny. Kept in the build folder,
//! except what only the system's package manager can install.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::steps::Outcome;
use crate::{Result, shell};

const SCHEMATHESIS: &str = "4.32.5";
const CARGO_DENY: &str = "0.20.2";

/// Installs what is missing where that is allowed; else fails with one line that names it.
pub fn install() -> Result {
    let packages = missing_packages();
    if !packages.is_empty() {
        install_packages(&packages)?;
    }
    testing::installed()?;
    schemathesis()?;
    Ok(())
}

/// The schemathesis of this build folder, installed at the first call.
pub fn schemathesis() -> Result<PathBuf> {
    let folder = shell::target()?.join("tools").join(format!("schemathesis-{SCHEMATHESIS}"));
    let program = folder.join("bin/schemathesis");
    if !shell::succeeds(Command::new(&program).arg("--version")) {
        shell::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        let package = format!("schemathesis=={SCHEMATHESIS}");
        shell::run(Command::new(folder.join("bin/python")).args(pip).arg(package))?;
    }
    Ok(program)
}

/// Checks licences, sources and duplicates of all dependencies; advisories too, where their database can be fetched.
pub fn deny() -> Result<Outcome> {
    let program = cargo_deny()?;
    let deny = |words: &str| {
        let mut command = Command::new(&program);
        command
            .current_dir(shell::top())
            .args(["--log-level", "error", "--all-features"])
            .args(words.split(' '));
        command
    };
    // Duplicates are worth knowing when a dependency is chosen, not in each run.
    shell::run(&mut deny("check --hide-inclusion-graph --allow duplicate bans licenses sources"))?;
    if let Err(reason) = shell::read(&mut deny("fetch db")) {
        println!("{reason}");
        return Ok(Outcome::Partly("advisories, because their database cannot be fetched".to_owned()));
    }
    shell::run(&mut deny("check advisories"))?;
    Ok(Outcome::Passed)
}

/// cargo-deny from the PATH or the build folder; else compiles it there, which takes some minutes once.
fn cargo_deny() -> Result<PathBuf> {
    let folder = shell::target()?.join("tools");
    let built = folder.join("bin/cargo-deny");
    for program in [Path::new("cargo-deny"), &built] {
        if shell::succeeds(Command::new(program).arg("--version")) {
            return Ok(program.into());
        }
    }
    // Unoptimised: it compiles in half the time and checks in seconds all the same.
    let mut install = shell::cargo("install cargo-deny --locked --quiet --debug");
    shell::run(
        install
            .args(["--version", CARGO_DENY, "--root"])
            .arg(&folder)
            .arg("--target-dir")
            .arg(folder.join("build")),
    )?;
    std::fs::remove_dir_all(folder.join("build"))?;
    Ok(built)
}

/// The Chromium of this machine: `CHROMIUM`, or one on the PATH.
pub fn chromium() -> Result<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let known = ["chromium", "chromium-browser", "google-chrome"].map(PathBuf::from);
    let works = |program: &PathBuf| shell::succeeds(Command::new(program).arg("--version"));
    let found = named.into_iter().chain(known).find(works);
    let program =
        found.ok_or("missing: chromium (name as in Debian); install it, or name one in CHROMIUM")?;
    // Playwright wants a whole path
    let whole = shell::read(Command::new("which").arg(&program))?;
    Ok(PathBuf::from(whole.trim()))
}

/// Debian's names of what is missing.
fn missing_packages() -> Vec<&'static str> {
    let mut packages = Vec::new();
    if testing::installed().is_err() {
        packages.push("postgresql");
    }
    if chromium().is_err() {
        packages.push("chromium");
    }
    // Debian parts `venv` from Python; the module that only the full package has is `ensurepip`.
    if !shell::succeeds(Command::new("python3").args(["-c", "import venv, ensurepip"])) {
        packages.push("python3-venv");
    }
    packages
}

fn install_packages(packages: &[&str]) -> Result {
    let Some(apt) = apt_get() else {
        return Err(format!(
            "missing: {} (names as in Debian); install them and run again",
            packages.join(", ")
        )
        .into());
    };
    let run = |words: &[&str]| {
        let mut command = Command::new(apt[0]);
        command.env("DEBIAN_FRONTEND", "noninteractive").args(&apt[1..]).args(words);
        shell::run(&mut command)
    };
    run(&["update", "--quiet=2"])?;
    run(&[&["install", "--yes", "--quiet=2", "--no-install-recommends"], packages].concat())
}

/// How to call apt-get with the right to install, if there is one without a password.
fn apt_get() -> Option<Vec<&'static str>> {
    let may = |program: &str, words: &[&str]| shell::succeeds(Command::new(program).args(words));
    if !may("apt-get", &["--version"]) {
        return None;
    }
    let root = shell::read(Command::new("id").arg("--user")).is_ok_and(|id| id.trim() == "0");
    match root {
        true => Some(vec!["apt-get"]),
        false => may("sudo", &["--non-interactive", "true"])
            .then(|| vec!["sudo", "--non-interactive", "DEBIAN_FRONTEND=noninteractive", "apt-get"]),
    }
}
