//! Connections: a name is resolved, each address checked, and the connection goes to a checked one.

use std::{
    error::Error as StdError,
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Uri, uri::Scheme};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::{
    client::legacy::connect::{Connected, Connection},
    rt::TokioIo,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName},
};

use super::{OutboundError, is_public};

const CONNECT: Duration = Duration::from_secs(5);

/// Where connections may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The public internet, on the ports of the web.
    Public,
    /// Wherever the operator's settings lead.
    Configured,
    /// The public internet and one server of a test.
    #[cfg(any(test, feature = "testing"))]
    PublicAnd(SocketAddr),
}

impl Reach {
    pub(super) fn allows(self, address: IpAddr, port: u16) -> bool {
        match self {
            Self::Public => is_public(address) && self.allows_port(port),
            Self::Configured => true,
            #[cfg(any(test, feature = "testing"))]
            Self::PublicAnd(own) => {
                own == SocketAddr::new(address, port) || Self::Public.allows(address, port)
            }
        }
    }

    pub(super) fn allows_port(self, port: u16) -> bool {
        match self {
            Self::Public => matches!(port, 80 | 443),
            Self::Configured => true,
            #[cfg(any(test, feature = "testing"))]
            Self::PublicAnd(own) => matches!(port, 80 | 443) || port == own.port(),
        }
    }
}

/// Makes connections.
#[derive(Clone)]
pub(crate) struct Wires {
    tls: TlsConnector,
    reach: Reach,
}

impl Wires {
    pub fn new(reach: Reach) -> Self {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map(|builder| builder.with_root_certificates(roots).with_no_client_auth());
        // ring speaks both versions that rustls calls safe
        let config = config.unwrap_or_else(|error| unreachable!("{error}"));
        Self { tls: TlsConnector::from(Arc::new(config)), reach }
    }

    pub fn reach(&self) -> Reach {
        self.reach
    }

    async fn connect(self, uri: Uri) -> io::Result<Wire> {
        let host = uri.host().unwrap_or_default();
        let secure = uri.scheme() == Some(&Scheme::HTTPS);
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let found: Vec<SocketAddr> = lookup_host((bare, port)).await?.collect();
        let stream = self.reach_one(&checked(self.reach, found)?).await?;
        stream.set_nodelay(true)?;
        if !secure {
            return Ok(Wire(TokioIo::new(Box::new(stream))));
        }
        let name = ServerName::try_from(bare.to_owned()).map_err(io::Error::other)?;
        Ok(Wire(TokioIo::new(Box::new(self.tls.connect(name, stream).await?))))
    }

    async fn reach_one(&self, addresses: &[SocketAddr]) -> io::Result<TcpStream> {
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for address in addresses.iter().take(3) {
            match tokio::time::timeout(CONNECT, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => last = error,
                Err(_) => last = io::ErrorKind::TimedOut.into(),
            }
        }
        Err(last)
    }
}

/// All addresses of a name, if all of them may be reached: a name that mixes public and private ones means no good.
pub(super) fn checked(reach: Reach, found: Vec<SocketAddr>) -> io::Result<Vec<SocketAddr>> {
    let allowed = |address: &SocketAddr| reach.allows(address.ip(), address.port());
    if found.iter().all(allowed) { Ok(found) } else { Err(io::Error::other(OutboundError::NotPublic)) }
}

/// What an error of the client means for who named the address.
pub(super) fn reason(error: &(dyn StdError + 'static)) -> OutboundError {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(own) = error.downcast_ref::<OutboundError>() {
            return own.clone();
        }
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(own) = inner.and_then(|inner| inner.downcast_ref::<OutboundError>()) {
            return own.clone();
        }
        cause = error.source();
    }
    OutboundError::Unreachable
}

impl tower::Service<Uri> for Wires {
    type Response = Wire;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Wire>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A connection, plain or with TLS.
pub(crate) struct Wire(TokioIo<Box<dyn Stream>>);

impl Connection for Wire {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl Write for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
