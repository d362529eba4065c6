//! A load generator: one thread, many keep-alive connections over loopback, each asking again as soon as it was answered.
//!
//! It speaks just enough HTTP/1.1 to know where a reply ends, so that it takes as little as possible of the cores it shares
//! with the server. A reply that is not a success ends the measurement: speed at refusing is not speed.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::{JoinSet, LocalSet};

use crate::Result;

/// The bytes of a request.
pub type Request = Cow<'static, [u8]>;

/// What is asked, and how hard.
pub struct Load {
    /// `127.0.0.1:8080`
    pub address: String,
    pub connections: usize,
    pub stop: Stop,
}

/// When a measurement ends.
#[derive(Clone, Copy)]
pub enum Stop {
    /// After so long, and a tenth of it before as warm-up.
    After(Duration),
    /// After so many requests, without warm-up.
    Requests(u64),
}

/// How it went.
#[derive(Debug, Clone)]
pub struct Measured {
    pub per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
    pub requests: u64,
}

struct Run {
    request: Box<dyn Fn(u64) -> Request>,
    asked: Cell<u64>,
    limit: u64,
    from: Instant,
    until: Option<Instant>,
    /// Microseconds of each request that counts.
    latencies: RefCell<Vec<u32>>,
}

impl Load {
    /// Asks `request(0)`, `request(1)`, … from whichever connection is free.
    pub fn run(&self, request: impl Fn(u64) -> Request + 'static) -> Result<Measured> {
        let start = Instant::now();
        let (from, until, limit) = match self.stop {
            Stop::After(time) => (start + time / 10, Some(start + time / 10 + time), u64::MAX),
            Stop::Requests(count) => (start, None, count),
        };
        let latencies = RefCell::new(Vec::with_capacity(1 << 20));
        let run =
            Rc::new(Run { request: Box::new(request), asked: Cell::new(0), limit, from, until, latencies });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let clients = async {
            let mut clients = JoinSet::new();
            for _ in 0..self.connections {
                let stream = TcpStream::connect(&self.address).await?;
                stream.set_nodelay(true)?;
                clients.spawn_local(client(stream, Rc::clone(&run)));
            }
            while let Some(ended) = clients.join_next().await {
                ended??;
            }
            Result::Ok(())
        };
        LocalSet::new().block_on(&runtime, clients)?;
        let seconds = run.until.unwrap_or_else(Instant::now).duration_since(from).as_secs_f64();
        summary(run.latencies.take(), seconds)
    }
}

async fn client(mut stream: TcpStream, run: Rc<Run>) -> Result {
    let mut reply = Vec::with_capacity(1 << 16);
    loop {
        let number = run.asked.get();
        let start = Instant::now();
        if number >= run.limit || run.until.is_some_and(|until| start >= until) {
            // the next load finds the server's places for this address free again
            stream.shutdown().await?;
            while stream.read_buf(&mut reply).await? > 0 {}
            return Ok(());
        }
        run.asked.set(number + 1);
        let request = (run.request)(number);
        stream.write_all(&request).await?;
        let status = read_reply(&mut stream, &mut reply).await?;
        if !(200..300).contains(&status) {
            let asked = String::from_utf8_lossy(&request[..request.len().min(300)]).into_owned();
            return Err(format!("{}\nwas the answer to\n{asked}", String::from_utf8_lossy(&reply)).into());
        }
        let end = Instant::now();
        if start >= run.from && run.until.is_none_or(|until| end <= until) {
            run.latencies.borrow_mut().push(u32::try_from((end - start).as_micros()).unwrap_or(u32::MAX));
        }
    }
}

/// Reads one whole reply into `reply` and returns its status.
async fn read_reply(stream: &mut TcpStream, reply: &mut Vec<u8>) -> Result<u16> {
    reply.clear();
    let mut end = None;
    while end.is_none_or(|end| reply.len() < end) {
        if stream.read_buf(reply).await? == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        if end.is_none() {
            end = length(reply)?;
        }
    }
    let status = reply.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    status.ok_or_else(|| "a reply without a status".into())
}

/// How many bytes the reply has, head and body; nothing while that is not yet known.
fn length(reply: &[u8]) -> Result<Option<usize>> {
    let Some(head) = reply.windows(4).position(|four| four == b"\r\n\r\n").map(|end| end + 4) else {
        return Ok(None);
    };
    for line in reply[..head].split(|byte| *byte == b'\n').skip(1) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let value = || std::str::from_utf8(&line[colon + 1..]).unwrap_or_default().trim();
        if line[..colon].eq_ignore_ascii_case(b"content-length") {
            return Ok(Some(head + value().parse::<usize>()?));
        }
        if line[..colon].eq_ignore_ascii_case(b"transfer-encoding") {
            let whole = reply.ends_with(b"0\r\n\r\n");
            return Ok(whole.then_some(reply.len()));
        }
    }
    Ok(Some(head))
}

fn summary(mut latencies: Vec<u32>, seconds: f64) -> Result<Measured> {
    if latencies.is_empty() {
        return Err("nothing was answered in time".into());
    }
    latencies.sort_unstable();
    Ok(Measured {
        per_second: latencies.len() as f64 / seconds,
        p50: percentile(&latencies, 50),
        p99: percentile(&latencies, 99),
        requests: latencies.len() as u64,
    })
}

/// The `percent`-th of `sorted`, microseconds.
pub fn percentile(sorted: &[u32], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    Duration::from_micros(sorted.get(rank).copied().unwrap_or_default().into())
}

/// A GET on a connection that stays open.
pub fn get(path: &str, headers: &str) -> Request {
    format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{headers}\r\n").into_bytes().into()
}

/// A POST of JSON on a connection that stays open; `headers` are whole lines.
pub fn post(path: &str, headers: &str, body: &str) -> Request {
    let length = body.len();
    let head = format!("POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n");
    format!("{head}content-length: {length}\r\n{headers}\r\n{body}").into_bytes().into()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{length, percentile};

    #[test]
    fn a_reply_ends_where_its_length_says() {
        assert_eq!(length(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel").unwrap(), Some(43));
        assert_eq!(length(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n").unwrap(), None);
        assert_eq!(length(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap(), Some(27));
    }

    #[test]
    fn a_chunked_reply_ends_with_its_last_chunk() {
        let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n".to_vec();
        assert_eq!(length(&head).unwrap(), None);
        let whole = [head, b"0\r\n\r\n".to_vec()].concat();
        assert_eq!(length(&whole).unwrap(), Some(whole.len()));
    }

    #[test]
    fn the_99th_of_a_hundred_is_the_second_slowest() {
        let sorted: Vec<u32> = (1..=100).collect();
        assert_eq!(
            (percentile(&sorted, 99), percentile(&[7], 99)),
            (Duration::from_micros(99), Duration::from_micros(7))
        );
    }
}
