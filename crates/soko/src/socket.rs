//! How commands reach the running server: a Unix socket in the data folder, for the same user only. One line of JSON asks,
//! one line answers.

use std::{
    io::{BufRead, BufReader, ErrorKind, Write},
    os::unix::{fs::PermissionsExt, net::UnixStream},
    path::{Path, PathBuf},
};

use operations::{
    House,
    command::{self, Command, Outcome},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt},
    net::UnixListener,
};

/// A command is not longer than this many bytes.
const LIMIT: u64 = 1 << 20;

fn path(data: &Path) -> PathBuf {
    data.join("soko.sock")
}

/// Asks the server that has the folder; none answers if none runs.
pub fn ask(data: &Path, command: &Command) -> Result<Option<Outcome>, String> {
    let mut stream = match UnixStream::connect(path(data)) {
        Ok(stream) => stream,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(error) => return Err(format!("the running server cannot be reached: {error}")),
    };
    let broken = |error: std::io::Error| format!("the running server did not answer: {error}");
    let mut line = serde_json::to_string(command).map_err(|error| error.to_string())?;
    line.push('\n');
    stream.write_all(line.as_bytes()).map_err(broken)?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).map_err(broken)?;
    serde_json::from_str(&answer)
        .map(Some)
        .map_err(|error| format!("the running server answered nonsense: {error}"))
}

/// Serves commands until the task is dropped. The caller holds the folder's lock, so a socket found there is a dead one.
pub async fn serve(data: &Path, house: House) -> std::io::Result<()> {
    let path = path(data);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => (),
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    let own = std::fs::metadata(&path).map(|found| std::os::unix::fs::MetadataExt::uid(&found))?;
    loop {
        let (stream, _) = listener.accept().await?;
        let allowed = stream.peer_cred().is_ok_and(|peer| peer.uid() == own || peer.uid() == 0);
        if !allowed {
            tracing::warn!("a command from another user was refused");
            continue;
        }
        let house = house.clone();
        tokio::spawn(async move {
            if let Err(error) = answer(stream, &house).await {
                tracing::warn!(%error, "a command was cut off");
            }
        });
    }
}

async fn answer(stream: tokio::net::UnixStream, house: &House) -> std::io::Result<()> {
    use tokio::io::AsyncReadExt;

    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    tokio::io::BufReader::new(read.take(LIMIT)).read_line(&mut line).await?;
    let outcome = match serde_json::from_str::<Command>(&line) {
        Ok(command) => command::run(house, command).await,
        Err(error) => {
            Outcome::failed(format!("this command does not read; is it of another version? {error}"))
        }
    };
    let mut reply = serde_json::to_string(&outcome)?;
    reply.push('\n');
    write.write_all(reply.as_bytes()).await
}
