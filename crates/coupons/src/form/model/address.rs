//! Addresses of the web that a merchant writes into a form.

use std::{fmt, str::FromStr};

/// A whole address of the web, such as a privacy page's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebAddress(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a whole address that begins with https://")]
pub struct NoAddress;

impl WebAddress {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for WebAddress {
    type Err = NoAddress;

    fn from_str(raw: &str) -> Result<Self, NoAddress> {
        let raw = raw.trim();
        let read: http::Uri = raw.parse().map_err(|_| NoAddress)?;
        let host = read.authority().map_or("", |authority| authority.as_str());
        let safe =
            matches!(read.scheme_str(), Some("https" | "http")) && !host.is_empty() && !host.contains('@');
        if safe && raw.len() <= 500 { Ok(Self(raw.to_owned())) } else { Err(NoAddress) }
    }
}

super::written_as_text!(WebAddress);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_whole_and_of_the_web() {
        for good in ["https://forno.example/privacy?x=1", "http://a.example"] {
            assert!(good.parse::<WebAddress>().is_ok(), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "/privacy",
            "//a.example",
            "https://",
            "https://a b",
            "https://u@a.example",
        ] {
            assert!(bad.parse::<WebAddress>().is_err(), "{bad}");
        }
    }
}
