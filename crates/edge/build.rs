//! Bundles the styles and scripts of `web/` for `assets.rs`, with Node: one `cargo build` makes the whole program.

use std::path::Path;
use std::process::Command;

fn main() {
    // relative to this crate: two checkouts may share one folder of what is built
    let web = Path::new("../../web");
    for watched in ["package-lock.json", "build.js", "css", "src", "icon.svg", "icons.svg"] {
        println!("cargo::rerun-if-changed={}", web.join(watched).display());
    }
    if is_newer(&web.join("package-lock.json"), &web.join("node_modules/.package-lock.json")) {
        run(web, "npm", &["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    }
    let out = std::env::var("OUT_DIR").expect("cargo names a folder for what is built");
    run(web, "node", &["build.js", &out]);
}

fn is_newer(file: &Path, than: &Path) -> bool {
    let written = |path: &Path| path.metadata().and_then(|about| about.modified()).ok();
    written(file) > written(than)
}

fn run(web: &Path, program: &str, words: &[&str]) {
    let done = Command::new(program).args(words).current_dir(web).status();
    match done {
        Ok(status) if status.success() => (),
        Ok(status) => panic!("`{program} {}` in web/ failed ({status})", words.join(" ")),
        Err(error) => {
            panic!("Soko's pages are built with Node.js 20 or newer and its npm: {program}: {error}")
        }
    }
}
