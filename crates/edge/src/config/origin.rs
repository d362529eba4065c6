use std::{fmt, str::FromStr};

/// Scheme and host (with a port that is not the scheme's own) of a site: `https://shop.example.org`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub scheme: &'static str,
    /// In small letters, as browsers send it in `Host`.
    pub host: String,
}

impl FromStr for Origin {
    type Err = ();

    fn from_str(raw: &str) -> Result<Self, ()> {
        let (scheme, rest) = match raw.trim().split_once("://") {
            Some(("https", rest)) => ("https", rest),
            Some(("http", rest)) => ("http", rest),
            _ => return Err(()),
        };
        let host = rest.strip_suffix('/').unwrap_or(rest).to_ascii_lowercase();
        let own_port = if scheme == "https" { ":443" } else { ":80" };
        let host = host.strip_suffix(own_port).unwrap_or(&host).to_owned();
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || "-.:[]".contains(letter);
        if host.is_empty() || !host.chars().all(allowed) { Err(()) } else { Ok(Self { scheme, host }) }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)
    }
}
