//! Our own accept loop: bounded in time for headers, in connections for each address and in all, in what HTTP/2 may ask.
//! It stops by finishing what it began.

use std::{
    collections::HashMap,
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::Router;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use parking_lot::Mutex;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    time::Sleep,
};
use tower::ServiceExt;

use crate::{arrival::Peer, config::Network};

/// How long and how much a connection may.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// For all headers of a request, counted from its first byte; and for the first bytes of a connection.
    pub headers: Duration,
    pub per_address: usize,
    /// Proxies of ours, which bring the connections of many callers: they are counted in all, not by their address.
    pub proxies: Vec<Network>,
    pub in_all: usize,
    /// How long a stop waits for requests that are under way.
    pub drain: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            headers: Duration::from_secs(10),
            per_address: 100,
            proxies: Vec::new(),
            in_all: 10_000,
            drain: Duration::from_secs(30),
        }
    }
}

/// Serves `router` on `listener` until `stop` is done; then accepts nothing new and finishes what is under way.
pub async fn serve(
    router: Router,
    listener: TcpListener,
    bounds: Bounds,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    crate::health::begin_counting();
    let builder = Arc::new(connection_builder(&bounds));
    let graceful = GracefulShutdown::new();
    let crowd = Crowd::default();
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // out of descriptors, or a caller that went away: neither ends the house
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
        };
        // one above the bound is closed at once
        let Some(place) = crowd.enter(peer.ip(), &bounds) else { continue };
        let service = router.clone().map_request(move |mut request: http::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            request.map(axum::body::Body::new)
        });
        let (builder, patience) = (Arc::clone(&builder), bounds.headers);
        let watcher = graceful.watcher();
        // small replies leave at once
        let _ = stream.set_nodelay(true);
        tokio::spawn(async move {
            let io = TokioIo::new(Patient::new(stream, patience));
            let connection = builder.serve_connection(io, TowerToHyperService::new(service)).into_owned();
            // a connection that breaks is the caller's own affair
            let _ = watcher.watch(connection).await;
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(bounds.drain, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were still under way when the time to stop ran out");
    }
    Ok(())
}

fn connection_builder(bounds: &Bounds) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.headers)
        .max_headers(100)
        .max_buf_size(64 << 10);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(100)
        .max_header_list_size(32 << 10)
        .max_send_buf_size(256 << 10)
        .initial_stream_window_size(256 << 10)
        .initial_connection_window_size(1 << 20)
        .max_pending_accept_reset_streams(20)
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(20));
    builder
}

/// How many connections each address has.
#[derive(Clone, Default)]
struct Crowd(Arc<Mutex<Counted>>);

#[derive(Default)]
struct Counted {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A connection's place in the crowd; dropping it gives it back.
struct Place {
    crowd: Crowd,
    address: IpAddr,
}

impl Crowd {
    fn enter(&self, address: IpAddr, bounds: &Bounds) -> Option<Place> {
        let proxied = bounds.proxies.iter().any(|network| network.contains(address));
        let mut counted = self.0.lock();
        let here = counted.by_address.get(&address).copied().unwrap_or(0);
        if (here >= bounds.per_address && !proxied) || counted.all >= bounds.in_all {
            return None;
        }
        counted.all += 1;
        counted.by_address.insert(address, here + 1);
        Some(Place { crowd: self.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counted = self.crowd.0.lock();
        counted.all -= 1;
        if let Some(here) = counted.by_address.get_mut(&self.address) {
            *here -= 1;
            if *here == 0 {
                counted.by_address.remove(&self.address);
            }
        }
    }
}

/// A stream whose first bytes must come in time: what tells HTTP/1 from HTTP/2 has no clock of its own.
struct Patient {
    stream: TcpStream,
    /// None once enough was read.
    deadline: Option<Pin<Box<Sleep>>>,
    seen: usize,
}

/// The length of HTTP/2's preface; any HTTP/1.1 request is longer.
const ENOUGH: usize = 24;

impl Patient {
    fn new(stream: TcpStream, patience: Duration) -> Self {
        Self { stream, deadline: Some(Box::pin(tokio::time::sleep(patience))), seen: 0 }
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.seen += buffer.filled().len() - before;
        if self.seen >= ENOUGH {
            self.deadline = None;
        }
        let late = polled.is_pending()
            && self.deadline.as_mut().is_some_and(|deadline| deadline.as_mut().poll(cx).is_ready());
        if late { Poll::Ready(Err(io::ErrorKind::TimedOut.into())) } else { polled }
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// Where a listener listens, with the system's choice of a port known.
pub async fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}
