//! Passwords: what is too weak, and what is kept of one.

use base::Login;
use zxcvbn::{Score, feedback::Warning};

/// A password as typed, never shown or logged.
pub struct Password(edge::Secret);

/// What is kept: argon2id with its salt and costs, as PHC text.
#[derive(Clone)]
pub struct PasswordHash(pub(crate) String);

impl PasswordHash {
    /// A hash that came from another system, if it is one of bcrypt's whose cost we bear: it opens the account once, and is
    /// written anew then.
    pub fn of_bcrypt(raw: &str) -> Option<Self> {
        let version = ["$2a$", "$2b$", "$2y$"].into_iter().find_map(|version| raw.strip_prefix(version))?;
        let (cost, rest) = version.split_once('$')?;
        let bearable = cost.len() == 2 && cost.parse::<u32>().is_ok_and(|cost| (4..=14).contains(&cost));
        let whole = rest.len() == 53
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"./".contains(&byte));
        (bearable && whole).then(|| Self(raw.to_owned()))
    }

    /// Whether it came from another system.
    pub(crate) fn is_foreign(&self) -> bool {
        self.0.starts_with("$2")
    }
}

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
        Self::chosen_near(raw, &[&login.to_string(), name])
    }

    /// As `chosen`, where only what was typed beside it is known.
    pub fn chosen_near(raw: &str, near: &[&str]) -> Result<Self, WeakPassword> {
        match Strength::of(raw, near).weakness {
            None => Ok(Self::typed(raw)),
            Some(weakness) => Err(weakness),
        }
    }

    pub(crate) fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

/// How good a password is, in words that help to make it better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strength {
    /// From 0 to 4; 3 is enough.
    pub score: u8,
    pub weakness: Option<WeakPassword>,
    why: Option<Warning>,
}

impl Strength {
    /// Of `raw` for somebody who knows the words in `near`.
    pub fn of(raw: &str, near: &[&str]) -> Self {
        let before_at = near.iter().filter_map(|word| word.split('@').next());
        let known: Vec<&str> = near.iter().copied().chain(before_at).chain(["soko"]).collect();
        let guessed = zxcvbn::zxcvbn(raw, &known);
        let length = raw.chars().count();
        let weakness = if length < Password::LEAST {
            Some(WeakPassword::TooShort)
        } else if length > Password::MOST {
            Some(WeakPassword::TooLong)
        } else if guessed.score() < Score::Three {
            Some(WeakPassword::Guessable)
        } else {
            None
        };
        let score = u8::from(guessed.score());
        // what is not enough never looks like enough
        let score = if weakness.is_some() { score.min(2) } else { score };
        Self { score, weakness, why: guessed.feedback().and_then(zxcvbn::feedback::Feedback::warning) }
    }

    /// The text that says what would make it better, or that it is good.
    pub const fn key(&self) -> &'static str {
        match (self.weakness, self.why) {
            (None, _) if self.score > 3 => "people-password-strong",
            (None, _) => "people-password-good",
            (Some(WeakPassword::Guessable), Some(why)) => hint(why),
            (Some(weakness), _) => weakness.key(),
        }
    }
}

const fn hint(why: Warning) -> &'static str {
    match why {
        Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess => {
            "people-password-rows"
        }
        Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
            "people-password-repeats"
        }
        Warning::ThisIsATop10Password
        | Warning::ThisIsATop100Password
        | Warning::ThisIsACommonPassword
        | Warning::ThisIsSimilarToACommonlyUsedPassword => "people-password-common",
        Warning::SequencesLikeAbcAreEasyToGuess => "people-password-sequence",
        Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => "people-password-date",
        Warning::AWordByItselfIsEasyToGuess => "people-password-word",
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
        | Warning::CommonNamesAndSurnamesAreEasyToGuess => "people-password-name",
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
    fn only_a_hash_of_bcrypt_that_costs_little_is_taken_from_elsewhere() {
        let salted = "N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";
        assert!(PasswordHash::of_bcrypt(&format!("$2b$10${salted}")).is_some());
        for odd in [
            format!("$2b$31${salted}"),
            format!("$2b$10${salted}x"),
            "c2VncmV0bw==".to_owned(),
            String::new(),
        ] {
            assert!(PasswordHash::of_bcrypt(&odd).is_none(), "{odd}");
        }
    }

    #[test]
    fn ones_own_name_makes_no_password() {
        assert_eq!(chosen("mariama.barry"), Err(WeakPassword::Guessable));
    }

    #[test]
    fn the_meter_says_what_the_rule_says_and_how_to_do_better() {
        let said = |raw: &str| {
            let strength = Strength::of(raw, &["mariama.barry@example.org"]);
            (strength.score, strength.key())
        };
        assert_eq!(said("x8!kQ2z").1, "people-password-short");
        assert_eq!(said("aaaaaaaaaaaa"), (0, "people-password-repeats"));
        assert_eq!(said("password1234").1, "people-password-common");
        assert_eq!(said("abcdefghijkl").1, "people-password-sequence");
        assert_eq!(said("mangue-vélo-lampe-42"), (4, "people-password-strong"));
        let weak = Strength::of("xK9#mQ2$z", &[]);
        assert!(weak.score < 3 && weak.weakness == Some(WeakPassword::TooShort));
    }
}
