use std::sync::Arc;

/// A value that is never shown: it has no `Debug`, `Display` or `Serialize`.
#[derive(Clone)]
pub struct Secret(Arc<str>);

impl Secret {
    pub fn new(value: impl Into<Arc<str>>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether `guess` is the secret, in a time that tells nothing about how much of it is right.
    pub fn is(&self, guess: &str) -> bool {
        subtle::ConstantTimeEq::ct_eq(self.0.as_bytes(), guess.as_bytes()).into()
    }

    /// A key for one purpose: one secret never serves two.
    pub fn key_for(&self, purpose: &str) -> [u8; 32] {
        crate::csrf::hmac_sha256(self.0.as_bytes(), &[purpose.as_bytes()])
    }
}

/// Values that stand in examples and manuals, and so protect nothing.
pub(super) fn is_placeholder(value: &str) -> bool {
    const WORDS: [&str; 12] = [
        "change",
        "changeme",
        "secret",
        "password",
        "example",
        "placeholder",
        "replace",
        "your-",
        "your_",
        "todo",
        "xxx",
        "dev-",
    ];
    let lower = value.to_lowercase();
    let one_letter = value.chars().all(|letter| value.starts_with(letter));
    value.len() < 32 || one_letter || WORDS.iter().any(|word| lower.contains(word))
}
