//! The accept loop, through real sockets.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, routing::get};
use edge::Bounds;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, timeout},
};

struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<std::io::Result<()>>,
}

async fn start(bounds: Bounds) -> Server {
    let router = Router::new().route("/", get(async || "hello")).route(
        "/slow",
        get(async || {
            tokio::time::sleep(Duration::from_millis(300)).await;
            "done"
        }),
    );
    let listener = edge::listen(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(edge::serve(router, listener, bounds, async {
        let _ = stopped.await;
    }));
    Server { address, stop, ended }
}

fn hasty() -> Bounds {
    Bounds { headers: Duration::from_millis(300), ..Bounds::default() }
}

async fn send(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

/// What comes until the other side closes, which must be soon.
async fn rest(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    // a reset is a close, too
    let _ = timeout(Duration::from_secs(3), stream.read_to_end(&mut read)).await.expect("the server closes");
    String::from_utf8_lossy(&read).into_owned()
}

#[tokio::test]
async fn who_sends_its_headers_drop_by_drop_is_not_waited_for() {
    let server = start(hasty()).await;
    for start in ["", "P", "PRI * HTTP/2.0", "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "] {
        let began = Instant::now();
        let mut stream = send(server.address, start.as_bytes()).await;
        rest(&mut stream).await;
        assert!(began.elapsed() < Duration::from_secs(2), "{start:?} was waited for");
    }
    let mut good =
        send(server.address, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    assert!(rest(&mut good).await.ends_with("hello"));
}

#[tokio::test]
async fn one_address_has_so_many_connections_and_no_more() {
    let server = start(Bounds { per_address: 3, ..Bounds::default() }).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        let mut stream = send(server.address, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        let mut byte = [0];
        stream.read_exact(&mut byte).await.unwrap();
        open.push(stream);
    }
    let mut refused = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(rest(&mut refused).await, "");
    open.clear();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut again =
        send(server.address, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    assert!(rest(&mut again).await.ends_with("hello"));
}

#[tokio::test]
async fn a_proxy_of_ours_brings_as_many_as_it_has() {
    let proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let server = start(Bounds { per_address: 3, in_all: 5, proxies, ..Bounds::default() }).await;
    let mut open = Vec::new();
    for _ in 0..5 {
        let mut stream = send(server.address, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        let mut byte = [0];
        assert_eq!(stream.read(&mut byte).await.unwrap(), 1);
        open.push(stream);
    }
    let mut refused = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(rest(&mut refused).await, "");
}

#[tokio::test]
async fn a_stop_finishes_what_it_began_and_takes_nothing_new() {
    let server = start(Bounds::default()).await;
    let mut slow = send(server.address, b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.stop.send(()).unwrap();
    assert!(rest(&mut slow).await.ends_with("done"));
    timeout(Duration::from_secs(3), server.ended).await.expect("the loop ends").unwrap().unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}
