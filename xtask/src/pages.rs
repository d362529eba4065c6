//! The pages as people see them: a demo is told anew, Chromium opens it, and the scripts in `xtask/pages` look.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use clap::Args;

use crate::server::{self, Build};
use crate::steps::Outcome;
use crate::{Result, shell, tools};

/// How long the story of the demo may take to tell.
const PATIENCE: Duration = Duration::from_secs(180);

#[derive(Args)]
pub struct Options {
    /// Only these, with commas between: access, weight, lighthouse.
    #[arg(long, value_name = "NAMES")]
    only: Option<String>,
    /// A demo that runs already: the file with what it printed.
    #[arg(long, value_name = "FILE")]
    doors: Option<PathBuf>,
}

/// Every page of the demo against its bars: access, weight, Lighthouse.
pub fn audit(options: &Options) -> Result {
    let demo = match &options.doors {
        Some(_) => None,
        None => Some(Demo::start(Build::Release)?),
    };
    let doors = options.doors.clone().or_else(|| demo.as_ref().map(|demo| demo.doors.clone()));
    let mut node = script("audit.js")?;
    node.args(doors);
    if let Some(names) = &options.only {
        node.args(["--only", names]);
    }
    shell::run(&mut node)
}

/// Walks through the demo as merchants and customers do, on a debug build.
pub fn walk() -> Result<Outcome> {
    let demo = Demo::start(Build::Debug)?;
    let mut node = script("walks/all.js")?;
    shell::run(node.arg(&demo.doors))?;
    Ok(Outcome::Passed)
}

/// Takes the pictures of the README from a release build.
pub fn picture() -> Result {
    let demo = Demo::start(Build::Release)?;
    let mut node = script("pictures.js")?;
    shell::run(node.arg(&demo.doors).arg(shell::top().join("docs/pictures")))
}

/// `soko demo` on a port of its own; stopped when dropped.
struct Demo {
    child: Child,
    /// What it printed: addresses and sign-ins.
    doors: PathBuf,
    _folder: tempfile::TempDir,
}

impl Demo {
    fn start(build: Build) -> Result<Self> {
        let soko = server::build(build)?;
        let folder = tempfile::tempdir()?;
        let doors = folder.path().join("doors");
        let port = testing::free_port().to_string();
        let mut command = Command::new(soko);
        command.args(["demo", "--port", &port, "--data"]).arg(folder.path().join("data"));
        let said = File::create(&doors)?;
        let child = command.stdin(Stdio::null()).stderr(said.try_clone()?).stdout(said).spawn()?;
        let mut demo = Self { child, doors, _folder: folder };
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            let said = std::fs::read_to_string(&demo.doors)?;
            if said.contains("Serving on") {
                return Ok(demo);
            }
            if let Some(status) = demo.child.try_wait()? {
                return Err(format!("the demo ended instead of serving ({status})\n{said}").into());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err("the demo did not begin to serve in time".into())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // it may have ended by itself, which is as well
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Node with a script of `xtask/pages`, whose packages are installed when they are not.
fn script(name: &str) -> Result<Command> {
    let folder = shell::top().join("xtask/pages");
    install(&folder)?;
    let mut node = Command::new("node");
    node.current_dir(&folder).arg(name).env("CHROMIUM", tools::chromium()?);
    Ok(node)
}

fn install(folder: &Path) -> Result {
    let written = |path: &Path| path.metadata().and_then(|about| about.modified()).ok();
    let installed = written(&folder.join("node_modules/.package-lock.json"));
    if installed < written(&folder.join("package-lock.json")) {
        let words = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
        shell::run(Command::new("npm").current_dir(folder).args(words))?;
    }
    Ok(())
}
