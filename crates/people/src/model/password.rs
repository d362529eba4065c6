//! Passwords: what is too weak, and what is kept of one.

use base::Login;

/// A password as typed, never shown or logged.
pub struct Password(edge::Secret);

/// What is kept: argon2id with its salt and costs, as PHC text.
#[derive(Clone)]
pub struct PasswordHash(pub(crate) String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    #[error("a password has at least 10 characters")]
    TooShort,
    #[error("a password has at most 200 characters")]
    TooLong,
    #[error(
        "this password is easy to guess; take three or four words that have nothing to do with each other"
    )]
    Guessable,
}

impl WeakPassword {
    /// The text that says it on pages.
    pub const fn key(self) -> &'static str {
        match self {
            Self::TooShort => "people-password-short",
            Self::TooLong => "people-password-long",
            Self::Guessable => "people-password-guessable",
        }
    }
}

impl Password {
    const LEAST: usize = 10;
    const MOST: usize = 200;

    /// Anything typed at a sign-in: whether it is right is another question.
    pub fn typed(raw: &str) -> Self {
        Self(edge::Secret::new(raw))
    }

    /// A new password: long enough, and hard to guess even for somebody who knows `login` and `name`.
    pub fn chosen(raw: &str, login: &Login, name: &str) -> Result<Self, WeakPassword> {
        let length = raw.chars().count();
        if length < Self::LEAST {
            return Err(WeakPassword::TooShort);
        }
        if length > Self::MOST {
            return Err(WeakPassword::TooLong);
        }
        let login = login.to_string();
        let known = [login.as_str(), login.split('@').next().unwrap_or_default(), name, "soko"];
        if zxcvbn::zxcvbn(raw, &known).score() < zxcvbn::Score::Three {
            return Err(WeakPassword::Guessable);
        }
        Ok(Self::typed(raw))
    }

    pub(crate) fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(raw: &str) -> Result<(), WeakPassword> {
        Password::chosen(raw, &"mariama.barry@example.org".parse().unwrap(), "Mariama").map(drop)
    }

    #[test]
    fn a_password_is_long_and_hard_to_guess() {
        assert_eq!(chosen("mangue-vélo-lampe-42"), Ok(()));
        assert_eq!(chosen("x8!kQ2z"), Err(WeakPassword::TooShort));
        assert_eq!(chosen("password1234"), Err(WeakPassword::Guessable));
        assert_eq!(chosen(&"mangue-vélo ".repeat(20)), Err(WeakPassword::TooLong));
    }

    #[test]
    fn ones_own_name_makes_no_password() {
        assert_eq!(chosen("mariama.barry"), Err(WeakPassword::Guessable));
    }
}
