//! The one client for what leaves by HTTP. What people or files named is fetched from public addresses alone: each
//! connection, also of a redirect, goes to an address that was checked after its name was resolved.

mod wire;

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use url::Url;

pub use wire::Reach;
pub(crate) use wire::Wires;

/// How we call ourselves.
pub const USER_AGENT: &str = concat!("Soko/", env!("CARGO_PKG_VERSION"));
const REDIRECTS: usize = 3;

/// Why nothing was fetched. What is said goes to the merchant who named the address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    #[error("this is no address of the web that begins with http:// or https://")]
    Malformed,
    /// A name or address that does not belong to the public internet, or a port that pages do not use.
    #[error("this address is not on the public internet")]
    NotPublic,
    #[error("no server answers there")]
    Unreachable,
    #[error("the server took too long")]
    TooSlow,
    #[error("the file is too large")]
    TooLarge,
    #[error("the address leads on and on to others")]
    TooManyRedirects,
    #[error("the server said {0}")]
    Status(u16),
}

impl OutboundError {
    /// Whether another try, later, may go better.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable | Self::TooSlow => true,
            Self::Status(status) => *status >= 500 || *status == 429 || *status == 408,
            Self::Malformed | Self::NotPublic | Self::TooLarge | Self::TooManyRedirects => false,
        }
    }
}

/// How much is fetched at most, in what time.
#[derive(Debug, Clone, Copy)]
pub struct FetchLimits {
    pub bytes: usize,
    /// For all redirects together.
    pub time: Duration,
}

/// Fetches what others named. Cheap to clone.
#[derive(Clone)]
pub struct Outbound {
    wires: Wires,
    client: Client<Wires, Full<Bytes>>,
}

impl Outbound {
    /// Reaches the public internet alone, or what a test allows.
    pub fn new(reach: Reach) -> Self {
        let wires = Wires::new(reach);
        // nothing is kept open: each fetch resolves and checks anew
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(wires.clone());
        Self { wires, client }
    }

    /// What lies at `address`, with a GET without cookies or credentials.
    pub async fn fetch(&self, address: &str, limits: FetchLimits) -> Result<Bytes, OutboundError> {
        match tokio::time::timeout(limits.time, self.follow(address, limits.bytes)).await {
            Ok(fetched) => fetched,
            Err(_) => Err(OutboundError::TooSlow),
        }
    }

    /// What the service at `address` says to a form with these fields: for services that the operator's settings name.
    /// A redirect is an error.
    pub async fn send_form(
        &self,
        address: &str,
        fields: &[(&str, &str)],
        limits: FetchLimits,
    ) -> Result<Bytes, OutboundError> {
        let url = Url::parse(address).map_err(|_| OutboundError::Malformed)?;
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request = self.request(&url, Method::POST, Bytes::from(form))?;
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(header::CONTENT_TYPE, kind);
        let answer = async {
            let response = self.client.request(request).await.map_err(|error| wire::reason(&error))?;
            match response.status() {
                StatusCode::OK => whole(response, limits.bytes).await,
                status => Err(OutboundError::Status(status.as_u16())),
            }
        };
        tokio::time::timeout(limits.time, answer).await.unwrap_or(Err(OutboundError::TooSlow))
    }

    async fn follow(&self, address: &str, most: usize) -> Result<Bytes, OutboundError> {
        let mut url = Url::parse(address).map_err(|_| OutboundError::Malformed)?;
        for _ in 0..=REDIRECTS {
            let response = self.get(&url).await?;
            let status = response.status();
            if let Some(next) = redirected(&url, &response) {
                url = next?;
                continue;
            }
            if status != StatusCode::OK {
                return Err(OutboundError::Status(status.as_u16()));
            }
            return whole(response, most).await;
        }
        Err(OutboundError::TooManyRedirects)
    }

    async fn get(&self, url: &Url) -> Result<Response<Incoming>, OutboundError> {
        let request = self.request(url, Method::GET, Bytes::new())?;
        self.client.request(request).await.map_err(|error| wire::reason(&error))
    }

    fn request(&self, url: &Url, method: Method, body: Bytes) -> Result<Request<Full<Bytes>>, OutboundError> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = permitted(url, self.wires.reach())?;
        let headers = request.headers_mut();
        headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        Ok(request)
    }
}

/// The address as a request names it, if its form allows it; where it leads is checked when the name is resolved.
fn permitted(url: &Url, reach: Reach) -> Result<Uri, OutboundError> {
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
        return Err(OutboundError::Malformed);
    }
    let Some(host) = url.host() else { return Err(OutboundError::Malformed) };
    let port = url.port_or_known_default().unwrap_or(0);
    let address = match host {
        url::Host::Ipv4(address) => Some(IpAddr::V4(address)),
        url::Host::Ipv6(address) => Some(IpAddr::V6(address)),
        url::Host::Domain(_) => None,
    };
    if address.is_some_and(|address| !reach.allows(address, port)) || !reach.allows_port(port) {
        return Err(OutboundError::NotPublic);
    }
    url[..url::Position::AfterQuery].parse().map_err(|_| OutboundError::Malformed)
}

fn redirected(from: &Url, response: &Response<Incoming>) -> Option<Result<Url, OutboundError>> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let to = response.headers().get(header::LOCATION)?.to_str().ok()?;
    Some(from.join(to).map_err(|_| OutboundError::Malformed))
}

async fn whole(response: Response<Incoming>, most: usize) -> Result<Bytes, OutboundError> {
    match Limited::new(response.into_body(), most).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(OutboundError::TooLarge),
        Err(_) => Err(OutboundError::Unreachable),
    }
}

/// Whether an address belongs to the public internet: not to a machine, a house, a provider's network or a
/// documentation, however it is written.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let reserved = a == 0
        || a >= 240
        // a provider's own (CGNAT), where clouds answer for their machines, too
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19));
    !(reserved
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match parts {
        // an address of version 4 in the clothes of version 6
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            is_public_v4(v4(high, low))
        }
        [0x2002, high, low, ..] => is_public_v4(v4(high, low)),
        // Teredo, benchmarks, ORCHID and what else is set apart; documentation
        [0x2001, second, ..] if second < 0x200 || second == 0xdb8 => false,
        [0x3fff, second, ..] if second < 0x1000 => false,
        // only 2000::/3 is given to the public
        [first, ..] => (first & 0xe000) == 0x2000,
    }
}

#[cfg(test)]
mod tests;
