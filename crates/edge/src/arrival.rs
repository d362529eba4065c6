//! What is known of a request before anything looks at its path: an id of ours, the caller's address, the host's site.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, OnceLock},
};

use http::{HeaderMap, Uri, header};

use db::Tenant;

use crate::{App, Network, Problem, routes::Site};

/// The other end of the connection; the accept loop says it.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// What the host a request came to serves.
#[derive(Debug, Clone)]
pub(crate) enum Host {
    /// One origin for all: only while developing, only by a loopback name.
    Development,
    Office,
    Shop,
    Files,
    /// A tenant's own: its shop without the prefix, and never the office.
    Own(Arc<Tenant>),
    /// Nobody's: 404, whatever the path.
    Unknown,
}

pub(crate) struct Arrival {
    pub request_id: String,
    /// The caller's, behind trusted proxies.
    pub address: IpAddr,
    /// In small letters, with a port that is not the scheme's own.
    pub host: String,
    pub serves: Host,
    pub secure: bool,
    /// As the caller asked for it.
    pub path: String,
    pub query: String,
    /// Told by the guard, for the log.
    pub tenant: OnceLock<String>,
}

impl Arrival {
    pub async fn of(app: &App, uri: &Uri, headers: &HeaderMap, peer: Option<Peer>) -> Result<Self, Problem> {
        let peer = peer.map_or(IpAddr::from([127, 0, 0, 1]), |peer| peer.0.ip().to_canonical());
        let trusted = &app.config.trusted_proxies;
        let behind = trusted.iter().any(|network| network.contains(peer));
        let forwarded = if behind { Forwarded::read(headers) } else { Forwarded::default() };
        let address = if behind { forwarded.caller(peer, trusted) } else { peer };
        let sent = forwarded.host.as_deref().or_else(|| {
            uri.authority()
                .map(http::uri::Authority::as_str)
                .or_else(|| headers.get(header::HOST)?.to_str().ok())
        });
        let secure = forwarded.proto.as_deref() == Some("https") || app.config.is_production();
        let host = plain_host(sent.unwrap_or_default(), secure);
        let serves = serves(app, &host).await?;
        Ok(Self {
            request_id: request_id(app),
            address,
            host,
            serves,
            secure,
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            tenant: OnceLock::new(),
        })
    }

    pub fn admits(&self, site: Site) -> bool {
        match self.serves {
            Host::Development => true,
            Host::Office => matches!(site, Site::Office | Site::Api),
            Host::Shop | Host::Own(_) => matches!(site, Site::Shop | Site::Api),
            Host::Files => site == Site::Files,
            Host::Unknown => false,
        }
    }

    /// Scheme and host as the caller's browser sees them.
    pub fn origin(&self) -> String {
        format!("{}://{}", if self.secure { "https" } else { "http" }, self.host)
    }

    /// What stands before the paths of the shop that was asked for: `/t/{slug}`, or nothing on its own host.
    pub fn shop_prefix(&self) -> String {
        match crate::guard::slug_in(&self.path) {
            Some(slug) if !matches!(self.serves, Host::Own(_)) => format!("/t/{slug}"),
            _ => String::new(),
        }
    }

    pub fn is_own_origin(&self, origin: &str) -> bool {
        origin.eq_ignore_ascii_case(&self.origin())
    }

    /// Where the router finds this path: a tenant's own host has no prefix, and knows no other tenant.
    pub fn route_path(&self) -> Option<String> {
        let Host::Own(tenant) = &self.serves else { return None };
        let prefix = format!("/t/{}", tenant.slug);
        let inside = self.path.strip_prefix(&prefix).is_some_and(|rest| rest.starts_with('/'));
        if inside { None } else { Some(format!("{prefix}{}", self.path)) }
    }
}

async fn serves(app: &App, host: &str) -> Result<Host, Problem> {
    let config = &app.config;
    let sites = [
        (&config.office_url, Host::Office),
        (&config.shop_url, Host::Shop),
        (&config.files_url, Host::Files),
    ];
    for (site, serves) in sites {
        if site.as_ref().is_some_and(|site| site.host == host) {
            return Ok(serves);
        }
    }
    let name = without_port(host);
    if !config.is_production() && is_loopback_name(name) {
        return Ok(Host::Development);
    }
    if name.is_empty() {
        return Ok(Host::Unknown);
    }
    let tenant = match app.doorkeeper.own_host(name).await? {
        Some(id) => app.db.tenant(id).await?,
        None => None,
    };
    Ok(tenant.map_or(Host::Unknown, Host::Own))
}

fn is_loopback_name(name: &str) -> bool {
    name == "localhost"
        || name.ends_with(".localhost")
        || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn plain_host(sent: &str, secure: bool) -> String {
    let host = sent.to_ascii_lowercase();
    let own_port = if secure { ":443" } else { ":80" };
    host.strip_suffix(own_port).unwrap_or(&host).trim_end_matches('.').to_owned()
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => name,
        _ => host,
    }
}

/// Made by us, never taken from the caller: a forged one would mislead whoever reads the log.
fn request_id(app: &App) -> String {
    let seed = app.chance();
    format!("req_{}", crate::csrf::hex(&seed[..12]))
}

/// What trusted proxies say of the caller.
#[derive(Debug, Default)]
struct Forwarded {
    /// The nearest hop last; none where a hop is no address.
    hops: Vec<Option<IpAddr>>,
    proto: Option<String>,
    host: Option<String>,
}

impl Forwarded {
    fn read(headers: &HeaderMap) -> Self {
        let mut read = Self::default();
        let lines = |name: &str| -> Vec<String> {
            let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
            values.flat_map(|line| line.split(',')).map(|part| part.trim().to_owned()).collect()
        };
        // RFC 7239; where it stands, the older names are not read
        let standard = lines("forwarded");
        if standard.is_empty() {
            read.hops = lines("x-forwarded-for").iter().map(|hop| hop_address(hop)).collect();
            read.proto = lines("x-forwarded-proto").pop();
            read.host = lines("x-forwarded-host").pop();
            return read;
        }
        for element in standard {
            let mut hop = None;
            for pair in element.split(';') {
                let Some((name, value)) = pair.trim().split_once('=') else { continue };
                let value = value.trim_matches('"').to_owned();
                match name.to_ascii_lowercase().as_str() {
                    "for" => hop = hop_address(&value),
                    "proto" => read.proto = Some(value),
                    "host" => read.host = Some(value),
                    _ => (),
                }
            }
            read.hops.push(hop);
        }
        read
    }

    /// The last hop that is not ours: what stands before it may be forged.
    fn caller(&self, peer: IpAddr, trusted: &[Network]) -> IpAddr {
        let mut nearest = peer;
        for hop in self.hops.iter().rev() {
            match hop {
                Some(hop) if trusted.iter().any(|network| network.contains(*hop)) => nearest = *hop,
                Some(hop) => return *hop,
                None => return nearest,
            }
        }
        nearest
    }
}

fn hop_address(hop: &str) -> Option<IpAddr> {
    let plain = hop.parse::<IpAddr>().ok();
    plain
        .or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .or_else(|| hop.trim_matches(['[', ']']).parse().ok())
        .map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(pairs: &[(&'static str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        Forwarded::read(&headers).caller("10.0.0.1".parse().unwrap(), &trusted).to_string()
    }

    #[test]
    fn the_last_hop_that_is_not_ours_is_the_caller() {
        assert_eq!(caller(&[("x-forwarded-for", "6.6.6.6, 203.0.113.9, 10.0.0.7")]), "203.0.113.9");
        assert_eq!(
            caller(&[("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "203.0.113.9")]),
            "203.0.113.9"
        );
        assert_eq!(
            caller(&[("forwarded", "for=6.6.6.6, for=\"[2001:db8::1]:443\";proto=https")]),
            "2001:db8::1"
        );
        assert_eq!(
            caller(&[("forwarded", "for=203.0.113.9"), ("x-forwarded-for", "6.6.6.6")]),
            "203.0.113.9"
        );
        assert_eq!(caller(&[("x-forwarded-for", "203.0.113.9, unknown, 10.0.0.7")]), "10.0.0.7");
        assert_eq!(caller(&[]), "10.0.0.1");
    }

    #[test]
    fn a_host_is_compared_without_case_and_default_port() {
        assert_eq!(plain_host("Shop.Example.ORG:443", true), "shop.example.org");
        assert_eq!(without_port("[::1]:8080"), "[::1]");
        assert_eq!(without_port("localhost:8080"), "localhost");
        assert!(
            is_loopback_name("[::1]") && is_loopback_name("127.0.0.1") && !is_loopback_name("evil.example")
        );
    }
}
