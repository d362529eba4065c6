//! The runbook is true: every command in it runs, in its order, against this very binary.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// The port that the runbook names.
const PORT: &str = "8080";

/// The blocks between "```sh" and "```", each as it stands.
fn commands(markdown: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut block: Option<String> = None;
    for line in markdown.lines() {
        block = match (block, line) {
            (None, "```sh") => Some(String::new()),
            (Some(done), "```") => {
                blocks.push(done);
                None
            }
            (Some(open), line) => Some(open + line + "\n"),
            (None, _) => None,
        };
    }
    blocks
}

fn runbook() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../RUNBOOK.md")).unwrap()
}

/// Runs `script` in `folder` with `soko` in the path and nothing of the developer's own settings.
fn run(script: &str, folder: &Path, more: &[(&str, String)]) -> Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_soko")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(PathBuf::from(binary)).chain(std::env::split_paths(&path));
    let path: OsString = std::env::join_paths(paths).unwrap();
    Command::new("timeout")
        // whatever is still running by then ends with the script
        .args(["--kill-after=5", "120", "sh", "-eu", "-c", script])
        .current_dir(folder)
        .env_clear()
        .env("PATH", path)
        .env("HOME", folder)
        .envs(more.iter().map(|(name, value)| (*name, value)))
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// A file of CouponGen, as whoever moves in has one.
fn coupongen(file: &std::path::Path) {
    let tables = "
        create table tenants (id integer primary key, slug text);
        create table auth_users (id integer primary key, username text, password_hash text, user_type text, tenant_id integer);
        create table users (id integer primary key, email text, tenant_id integer);
        create table campaigns (id integer primary key, campaign_code text, name text, is_active integer, discount_value text,
            tenant_id integer);
        create table coupons (id integer primary key, code text, user_id integer, campaign_id integer, discount_value text,
            status text, issued_at text, tenant_id integer);
        insert into tenants values (1, 'martin');
        insert into users values (1, 'anna@example.org', 1);
        insert into campaigns values (1, 'SPRING2025AB', 'Printemps', 1, '10', 1);
        insert into coupons values (1, 'ABCD1234EFGH', 1, 1, '10', 'active', '2025-03-02 09:00:00', 1);";
    rusqlite::Connection::open(file).unwrap().execute_batch(tables).unwrap();
}

#[test]
fn every_command_of_the_runbook_works() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = testing::Cluster::start();
    let postgres: String = cluster.query("postgres", "show port");
    let port = testing::free_port().to_string();
    coupongen(&folder.path().join("coupons.db"));
    // each block is announced, so that a failure names the one it stands in; a server that still runs ends with the script
    let mut script = "trap 'kill $(cat soko.pid) 2>/dev/null || true' EXIT\n".to_owned();
    for block in commands(&runbook()) {
        let first = block.lines().next().unwrap_or_default().replace('\'', "");
        script += &format!("echo '# {first}' >&2\n{}", block.replace(PORT, &port));
    }
    let outside =
        [("PGHOST", "127.0.0.1".to_owned()), ("PGPORT", postgres), ("PGUSER", "postgres".to_owned())];
    let output = run(&script, folder.path(), &outside);
    let said = |stream: &[u8]| String::from_utf8_lossy(stream).into_owned();
    let log = fs::read_to_string(folder.path().join("soko.log")).unwrap_or_default();
    assert!(output.status.success(), "{}\n{}\n{log}", said(&output.stdout), said(&output.stderr));

    let out = said(&output.stdout);
    assert!(out.contains("boulangerie-martin\tlive"), "the tenant is not listed:\n{out}");
    assert!(out.contains(r#"{"ok":true}"#), "the server did not answer:\n{out}");
    assert!(out.contains("no errors"), "the log holds errors:\n{log}");
    let exported = fs::read_to_string(folder.path().join("products.csv")).unwrap();
    assert!(exported.contains("B-1"), "{exported}");
    assert!(out.contains("1 coupons came\n") && out.contains("0 coupons came, 1 were here already"), "{out}");
    assert!(fs::read_to_string(folder.path().join("metrics.txt")).unwrap().contains("# TYPE"));
}

#[test]
fn only_blocks_of_the_shell_are_commands() {
    let text = "```ini\nno\n```\ntext\n```sh\nfirst\nsecond\n```\n```sh\nthird\n```\n";
    assert_eq!(commands(text), ["first\nsecond\n", "third\n"]);
    assert!(commands(&runbook()).len() > 8);
}
