//! `cargo xtask test`: every check, one after another, each with its time; a failure does not hide what comes after it.

use std::process::{Command, ExitCode};
use std::time::Instant;

use clap::ValueEnum;

use crate::{Result, conform, pages, rooms, shell, tools, torture};

/// One check, in the order in which they run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Step {
    /// Install what the other steps need, or name it.
    Tools,
    /// The code is formatted.
    Format,
    /// Clippy finds nothing.
    Lint,
    /// All tests, on SQLite and Postgres.
    Test,
    /// No room depends on one that is not above it.
    Rooms,
    /// Licences, sources and advisories of the dependencies.
    Deny,
    /// Five kills under load; a full disk; a read-only folder.
    Torture,
    /// The API answers as its document says.
    Api,
    /// Merchants and customers go through their days in a browser.
    Pages,
}

/// What a step that did not fail has to say.
pub enum Outcome {
    Passed,
    /// What could run passed; what could not, and why.
    Partly(String),
}

/// Runs `only` these steps, or all when empty, and prints a closing line.
pub fn run(only: &[Step]) -> ExitCode {
    let (mut passed, mut failed) = (0, 0);
    let mut table = Vec::new();
    for step in Step::value_variants().iter().filter(|step| only.is_empty() || only.contains(step)) {
        println!("\n=== {}", name(*step));
        let start = Instant::now();
        let outcome = step.run();
        let seconds = start.elapsed().as_secs_f32();
        let (count, word, remark) = match outcome {
            Ok(Outcome::Passed) => (&mut passed, "passed", String::new()),
            Ok(Outcome::Partly(reason)) => (&mut passed, "passed", format!("; not checked: {reason}")),
            Err(error) => (&mut failed, "FAILED", format!(": {error}")),
        };
        *count += 1;
        let line = format!("{:8} {word} in {seconds:.1} s{remark}", name(*step));
        println!("{line}");
        table.push(line);
    }
    println!("\n{}\n", table.join("\n"));
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Step {
    fn run(self) -> Result<Outcome> {
        match self {
            Self::Tools => tools::install()?,
            Self::Format => shell::run(&mut shell::cargo("fmt --all --check"))?,
            Self::Lint => {
                let clippy = "clippy --workspace --all-targets --features xtask/bench -- -D warnings";
                shell::run(&mut shell::cargo(clippy))?;
                // clippy has installed what web/ needs: the build of its styles and scripts is part of cargo's
                shell::run(
                    Command::new("npm")
                        .args(["run", "--silent", "lint"])
                        .current_dir(shell::top().join("web")),
                )?
            }
            Self::Test => {
                shell::run(&mut shell::cargo("test --workspace --features xtask/bench --no-fail-fast"))?
            }
            Self::Rooms => rooms::check()?,
            Self::Deny => return tools::deny(),
            Self::Torture => return torture::in_tests(),
            Self::Api => return conform::check(),
            Self::Pages => return pages::walk(),
        }
        Ok(Outcome::Passed)
    }
}

fn name(step: Step) -> String {
    step.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}
