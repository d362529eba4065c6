//! What a picture is: its hash, its widths and their names, why one is refused, and what became of a fetch.

use std::{fmt, str::FromStr};

use base::Timestamp;
use edge::OutboundError;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::model::{ImageAddress, Line512, ProductId, Short};

base::id!(
    /// Names a picture: `img_01h455vb4pex5vsknk084sn02q`.
    ImageId: ImageKind, "img"
);
base::id!(
    /// Names a file that comes in pieces.
    UploadId: UploadKind, "upl"
);

/// The widths that a picture is kept in, in pixels; none is wider than its source.
pub const WIDTHS: [u32; 3] = [320, 640, 1280];

/// The SHA-256 of the file as it came: the same picture has the same name for ever.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    pub fn of(file: &[u8]) -> Self {
        Self(Sha256::digest(file).into())
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not the hash of a picture")]
pub struct NoHash;

impl FromStr for ContentHash {
    type Err = NoHash;

    fn from_str(raw: &str) -> Result<Self, NoHash> {
        let small = raw.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let mut hash = [0; 32];
        if small && hex::decode_to_slice(raw, &mut hash).is_ok() { Ok(Self(hash)) } else { Err(NoHash) }
    }
}

impl Serialize for ContentHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContentHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The two forms of each width: the small one, and the one that everything reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Webp,
    Jpeg,
}

impl Form {
    pub const ALL: [Self; 2] = [Self::Webp, Self::Jpeg];

    pub const fn extension(self) -> &'static str {
        match self {
            Self::Webp => "webp",
            Self::Jpeg => "jpg",
        }
    }

    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Webp => "image/webp",
            Self::Jpeg => "image/jpeg",
        }
    }
}

/// The widths that a picture of `width` pixels is kept in, the smallest first.
pub fn widths(width: u32) -> impl Iterator<Item = u32> {
    let widest = width.min(WIDTHS[WIDTHS.len() - 1]);
    WIDTHS.into_iter().filter(move |kept| *kept < widest).chain([widest])
}

/// A file of a picture, as its address names it: `{hash}-640.webp`, or `{hash}.jpg` for the widest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileName {
    pub hash: ContentHash,
    /// The widest if absent.
    pub width: Option<u32>,
    pub form: Form,
}

impl FromStr for FileName {
    type Err = NoHash;

    fn from_str(raw: &str) -> Result<Self, NoHash> {
        let (stem, extension) = raw.split_once('.').ok_or(NoHash)?;
        let form = Form::ALL.into_iter().find(|form| form.extension() == extension).ok_or(NoHash)?;
        let (hash, width) = match stem.split_once('-') {
            None => (stem, None),
            Some((hash, width)) => (hash, Some(width.parse::<u32>().map_err(|_| NoHash)?)),
        };
        let name = Self { hash: hash.parse()?, width, form };
        // one file, one address
        if name.to_string() == raw { Ok(name) } else { Err(NoHash) }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let extension = self.form.extension();
        match self.width {
            Some(width) => write!(f, "{}-{width}.{extension}", self.hash),
            None => write!(f, "{}.{extension}", self.hash),
        }
    }
}

/// Why a file is not taken as a picture, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("this is no picture; send a JPEG, PNG, WebP or GIF file")]
    NoPicture,
    #[error("drawings (SVG) are not taken; save it as PNG and send that")]
    Drawing,
    #[error(
        "this phone's format (HEIC) is not taken; choose JPEG, or \"most compatible\", in the camera's settings"
    )]
    Heic,
    #[error("the file is damaged; take or save the picture again")]
    Damaged,
    #[error("the picture has more than 40 million pixels; save it smaller")]
    TooManyPixels,
}

impl Unfit {
    const ALL: [Self; 5] = [Self::NoPicture, Self::Drawing, Self::Heic, Self::Damaged, Self::TooManyPixels];

    const fn name(self) -> &'static str {
        match self {
            Self::NoPicture => "no-picture",
            Self::Drawing => "drawing",
            Self::Heic => "heic",
            Self::Damaged => "damaged",
            Self::TooManyPixels => "too-many-pixels",
        }
    }

    /// The key of the page text.
    pub const fn key(self) -> &'static str {
        match self {
            Self::NoPicture => "catalog-picture-no-picture",
            Self::Drawing => "catalog-picture-drawing",
            Self::Heic => "catalog-picture-heic",
            Self::Damaged => "catalog-picture-damaged",
            Self::TooManyPixels => "catalog-picture-too-many-pixels",
        }
    }
}

/// Why an address gave no picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    Unfit(Unfit),
    Outbound(OutboundError),
}

impl Reason {
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Unfit(unfit) => unfit.key(),
            Self::Outbound(OutboundError::Malformed) => "catalog-fetch-malformed",
            Self::Outbound(OutboundError::NotPublic) => "catalog-fetch-not-public",
            Self::Outbound(OutboundError::Unreachable) => "catalog-fetch-unreachable",
            Self::Outbound(OutboundError::TooSlow) => "catalog-fetch-too-slow",
            Self::Outbound(OutboundError::TooLarge) => "catalog-fetch-too-large",
            Self::Outbound(OutboundError::TooManyRedirects) => "catalog-fetch-too-many-redirects",
            Self::Outbound(OutboundError::Status(_)) => "catalog-fetch-status",
        }
    }

    /// The value that the page text mentions, if any.
    pub fn value(&self) -> String {
        match self {
            Self::Outbound(OutboundError::Status(status)) => status.to_string(),
            _ => String::new(),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unfit(unfit) => unfit.fmt(f),
            Self::Outbound(error) => error.fmt(f),
        }
    }
}

/// As a row keeps it.
impl Reason {
    pub fn name(&self) -> String {
        match self {
            Self::Unfit(unfit) => unfit.name().to_owned(),
            Self::Outbound(OutboundError::Status(status)) => format!("status-{status}"),
            Self::Outbound(error) => outbound_name(error).to_owned(),
        }
    }
}

const fn outbound_name(error: &OutboundError) -> &'static str {
    match error {
        OutboundError::Malformed => "malformed",
        OutboundError::NotPublic => "not-public",
        OutboundError::Unreachable => "unreachable",
        OutboundError::TooSlow => "too-slow",
        OutboundError::TooLarge => "too-large",
        OutboundError::TooManyRedirects => "too-many-redirects",
        OutboundError::Status(_) => "status",
    }
}

impl FromStr for Reason {
    type Err = NoHash;

    fn from_str(raw: &str) -> Result<Self, NoHash> {
        if let Some(status) = raw.strip_prefix("status-") {
            return Ok(Self::Outbound(OutboundError::Status(status.parse().map_err(|_| NoHash)?)));
        }
        if let Some(unfit) = Unfit::ALL.into_iter().find(|unfit| unfit.name() == raw) {
            return Ok(Self::Unfit(unfit));
        }
        let known = [
            OutboundError::Malformed,
            OutboundError::NotPublic,
            OutboundError::Unreachable,
            OutboundError::TooSlow,
            OutboundError::TooLarge,
            OutboundError::TooManyRedirects,
        ];
        known.into_iter().find(|error| outbound_name(error) == raw).map(Self::Outbound).ok_or(NoHash)
    }
}

/// Pixels and bytes of what came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measures {
    pub hash: ContentHash,
    /// In pixels, as the picture is looked at: turned as its camera was held.
    pub width: u32,
    pub height: u32,
    /// Of the file as it came.
    pub bytes: u64,
}

/// What became of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageState {
    /// It is fetched soon.
    Waiting,
    Ready(Measures),
    Failed(Reason),
}

impl ImageState {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ready(_) => "ready",
            Self::Failed(_) => "failed",
        }
    }
}

/// A picture of the tenant, whatever shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownImage {
    pub id: ImageId,
    pub address: ImageAddress,
    pub state: ImageState,
}

/// A picture of a product, in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductImage {
    pub address: ImageAddress,
    pub alt: Option<Line512>,
    /// None for an address that nobody has tried to fetch.
    pub known: Option<(ImageId, ImageState)>,
}

/// How far the fetching of addresses is that came together, as from one import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    pub waiting: u32,
    pub ready: u32,
    pub failed: u32,
    /// The first of those that failed.
    pub failures: Vec<FailedFetch>,
}

impl Progress {
    pub const fn all(&self) -> u32 {
        self.waiting + self.ready + self.failed
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedFetch {
    pub address: ImageAddress,
    pub reason: Reason,
    /// A product that would show it.
    pub product: Option<(ProductId, Short)>,
}

/// Tries that a fetch has, and the pause before the next one.
pub const TRIES: u32 = 3;

/// When an address is tried again after `tries` tries, or never.
pub fn next_try(error: &OutboundError, tries: u32, now: Timestamp) -> Option<Timestamp> {
    (error.may_pass() && tries < TRIES).then(|| now.plus_s(i64::from(tries) * 60))
}

/// A file that comes in pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    pub id: UploadId,
    /// Bytes in all.
    pub size: u64,
    /// Bytes that are here: the next piece begins there.
    pub received: u64,
    /// What it has become.
    pub image: Option<ImageId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash() -> ContentHash {
        ContentHash::of(b"mango")
    }

    #[test]
    fn a_picture_is_never_enlarged() {
        let kept = |width| widths(width).collect::<Vec<_>>();
        assert_eq!(kept(4000), [320, 640, 1280]);
        assert_eq!(kept(1000), [320, 640, 1000]);
        assert_eq!(kept(640), [320, 640]);
        assert_eq!(kept(50), [50]);
    }

    #[test]
    fn a_file_has_one_address() {
        for (width, form) in [(Some(640), Form::Webp), (None, Form::Jpeg)] {
            let name = FileName { hash: hash(), width, form };
            assert_eq!(name.to_string().parse(), Ok(name));
        }
        let hash = hash();
        for raw in [
            format!("{hash}-0640.webp"),
            format!("{hash}-+640.webp"),
            format!("{}-640.webp", hash.to_string().to_uppercase()),
            format!("{hash}-640.svg"),
            format!("../{hash}-640.jpg"),
            format!("{hash}"),
            String::new(),
        ] {
            assert_eq!(raw.parse::<FileName>(), Err(NoHash), "{raw}");
        }
    }

    #[test]
    fn a_reason_reads_back_as_it_was_kept() {
        let reasons = [
            Reason::Unfit(Unfit::Heic),
            Reason::Outbound(OutboundError::Status(404)),
            Reason::Outbound(OutboundError::NotPublic),
        ];
        for reason in reasons {
            assert_eq!(reason.name().parse(), Ok(reason));
        }
    }

    #[test]
    fn only_what_may_pass_is_tried_again_and_at_most_twice() {
        let now = Timestamp::from_micros(0);
        let again = |error: OutboundError, tries| next_try(&error, tries, now);
        assert_eq!(again(OutboundError::TooSlow, 1), Some(now.plus_s(60)));
        assert_eq!(again(OutboundError::Status(503), 2), Some(now.plus_s(120)));
        assert_eq!(again(OutboundError::TooSlow, 3), None);
        assert_eq!(again(OutboundError::Status(404), 1), None);
        assert_eq!(again(OutboundError::NotPublic, 1), None);
    }
}
