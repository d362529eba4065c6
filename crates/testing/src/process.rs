//! A server process that cannot outlive this one.
#![expect(
    unsafe_code,
    reason = "only the system can end a child with its parent, and signal more than a kill"
)]

use std::fs::OpenOptions;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

/// Postgres understands this signal as "stop at once, without a checkpoint".
const AT_ONCE: libc::c_int = libc::SIGQUIT;

pub(crate) struct Server {
    pid: u32,
    keeper: JoinHandle<()>,
}

impl Server {
    /// Starts `command`, which writes what it says to `log`.
    pub(crate) fn start(mut command: Command, log: PathBuf) -> io::Result<Server> {
        let output = OpenOptions::new().create(true).append(true).open(log)?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        // SAFETY: between fork and exec the closure makes one system call and touches no memory of the parent.
        unsafe {
            command.pre_exec(|| match libc::prctl(libc::PR_SET_PDEATHSIG, AT_ONCE) {
                0 => Ok(()),
                _ => Err(io::Error::last_os_error()),
            });
        }
        // The system ends the child with the *thread* that started it, and a test's thread ends with the test: a thread
        // of its own stays with the server.
        let (tell, started) = mpsc::channel();
        let keeper = thread::Builder::new().name("postgres".to_owned()).spawn(move || {
            let spawned = command.spawn();
            let mut child: Option<Child> = None;
            let pid = spawned.map(|spawned| child.insert(spawned).id());
            let _ = tell.send(pid);
            if let Some(mut child) = child {
                let _ = child.wait();
            }
        })?;
        let pid = started.recv().map_err(io::Error::other)??;
        Ok(Server { pid, keeper })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.keeper.is_finished()
    }

    /// Stops the server at once and waits until it is gone.
    pub(crate) fn end(self) {
        if !self.has_ended() {
            // SAFETY: a system call on a number; the keeper has not waited for the child yet, so the number is still its.
            unsafe { libc::kill(self.pid.cast_signed(), AT_ONCE) };
        }
        let _ = self.keeper.join();
    }
}

/// Whether this process may act as another user.
pub(crate) fn is_root() -> bool {
    // SAFETY: a system call without arguments that cannot fail.
    unsafe { libc::geteuid() == 0 }
}
