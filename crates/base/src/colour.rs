//! Colours that can be read, computed from whatever accent an owner chooses: contrast as WCAG 2.2 defines it.

use std::{fmt, str::FromStr, sync::LazyLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A colour of sRGB, written `#0a5c49`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(u8, u8, u8);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a colour as # and six digits, such as #0a5c49")]
pub struct NoColour;

/// What text must reach against its ground: WCAG's enhanced contrast (1.4.6).
pub const READABLE: f64 = 7.0;
/// What a page's ground must reach with black or white, so that sheets and tints of it still carry text.
const ROOMY: f64 = 9.5;
/// What a button's ground must reach against the page, so that it is seen as a button.
const SEEN: f64 = 1.5;

impl Colour {
    pub const WHITE: Self = Self(255, 255, 255);
    pub const BLACK: Self = Self(0, 0, 0);

    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self(red, green, blue)
    }

    /// Relative luminance (WCAG 2.2), from 0 to 1.
    fn luminance(self) -> f64 {
        let part = |value: u8| LIGHT[usize::from(value)];
        0.2126 * part(self.0) + 0.7152 * part(self.1) + 0.0722 * part(self.2)
    }

    /// The contrast ratio of two colours, from 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance() + 0.05, other.luminance() + 0.05);
        if one > two { one / two } else { two / one }
    }

    /// This colour with `percent` of `other` in it.
    pub fn mixed(self, other: Self, percent: u16) -> Self {
        let part = |from: u8, to: u8| {
            let (from, to, share) = (u32::from(from), u32::from(to), u32::from(percent.min(100)));
            u8::try_from((from * (100 - share) + to * share + 50) / 100).unwrap_or(u8::MAX)
        };
        Self(part(self.0, other.0), part(self.1, other.1), part(self.2, other.2))
    }

    /// This colour and what it becomes on its way to `end`, a hundredth at a time.
    fn towards(self, end: Self) -> impl Iterator<Item = Self> {
        (0..=100).map(move |percent| self.mixed(end, percent))
    }

    fn is_readable_on(self, grounds: &[Self]) -> bool {
        grounds.iter().all(|ground| self.contrast(*ground) >= READABLE)
    }
}

/// How much light each value of a channel gives, from 0 to 1 (sRGB, IEC 61966-2-1). A page's colours ask for it hundreds of
/// times.
static LIGHT: LazyLock<[f64; 256]> = LazyLock::new(|| {
    std::array::from_fn(|value| {
        let share = value as f64 / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    })
});

/// A button: its ground, and the text on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Button {
    pub ground: Colour,
    pub text: Colour,
}

/// The accent as text and as the mark of focus: as chosen where it can be read on every ground, else the nearest that can.
pub fn ink(accent: Colour, grounds: &[Colour]) -> Colour {
    let dark = grounds.iter().all(|ground| ground.luminance() < 0.18);
    let end = if dark { Colour::WHITE } else { Colour::BLACK };
    accent.towards(end).find(|colour| colour.is_readable_on(grounds)).unwrap_or(end)
}

/// A button in the accent, or in the nearest colour that carries readable text and stands out from the `page`.
pub fn button(accent: Colour, page: Colour) -> Button {
    let fits = |ground: Colour| {
        let text =
            [Colour::WHITE, Colour::BLACK].into_iter().find(|text| text.contrast(ground) >= READABLE)?;
        (ground.contrast(page) >= SEEN).then_some(Button { ground, text })
    };
    let nearest =
        |end: Colour| accent.towards(end).enumerate().find_map(|(step, ground)| Some((step, fits(ground)?)));
    let found = nearest(Colour::BLACK).into_iter().chain(nearest(Colour::WHITE));
    let plain = if page.luminance() < 0.18 {
        Button { ground: Colour::WHITE, text: Colour::BLACK }
    } else {
        Button { ground: Colour::BLACK, text: Colour::WHITE }
    };
    found.min_by_key(|(step, _)| *step).map_or(plain, |(_, button)| button)
}

/// A page's ground: as chosen where black or white can be read on it, else the nearest that carries one of them.
pub fn page(wanted: Colour) -> Colour {
    let carries = |ground: &Colour| {
        [Colour::WHITE, Colour::BLACK].into_iter().any(|text| text.contrast(*ground) >= ROOMY)
    };
    let nearest = |end: Colour| wanted.towards(end).enumerate().find(|(_, ground)| carries(ground));
    let found = nearest(Colour::BLACK).into_iter().chain(nearest(Colour::WHITE));
    found.min_by_key(|(step, _)| *step).map_or(Colour::WHITE, |(_, ground)| ground)
}

/// Whether what is written on it is light.
pub fn is_dark(ground: Colour) -> bool {
    Colour::WHITE.contrast(ground) > Colour::BLACK.contrast(ground)
}

/// A ground with a breath of the accent in it, for notices.
pub fn tint(accent: Colour, page: Colour) -> Colour {
    page.mixed(accent, 9)
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

impl FromStr for Colour {
    type Err = NoColour;

    fn from_str(raw: &str) -> Result<Self, NoColour> {
        let digits = raw.trim().strip_prefix('#').unwrap_or(raw.trim());
        if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(NoColour);
        }
        let part = |from: usize| u8::from_str_radix(&digits[from..from + 2], 16).map_err(|_| NoColour);
        Ok(Self(part(0)?, part(2)?, part(4)?))
    }
}

impl Serialize for Colour {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Colour {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(raw: &str) -> Colour {
        raw.parse().unwrap()
    }

    #[test]
    fn contrast_is_as_wcag_computes_it() {
        assert!((Colour::BLACK.contrast(Colour::WHITE) - 21.0).abs() < 0.01);
        // WCAG's own example of a grey that just reaches 4.5:1
        assert!((colour("#767676").contrast(Colour::WHITE) - 4.54).abs() < 0.01);
    }

    #[test]
    fn an_accent_that_can_be_read_stays_as_chosen() {
        let green = colour("#0a5c49");
        assert_eq!(ink(green, &[Colour::WHITE]), green);
        assert_eq!(button(green, Colour::WHITE), Button { ground: green, text: Colour::WHITE });
    }

    #[test]
    fn yellow_on_white_becomes_an_ink_and_a_button_that_are_seen() {
        let yellow = colour("#ffee00");
        assert!(ink(yellow, &[Colour::WHITE]).contrast(Colour::WHITE) >= READABLE);
        let button = button(colour("#fffffe"), Colour::WHITE);
        assert!(button.ground.contrast(Colour::WHITE) >= SEEN);
    }

    #[test]
    fn a_page_may_be_any_colour_that_text_can_be_read_on() {
        assert_eq!(page(colour("#fdf6e3")), colour("#fdf6e3"));
        assert_eq!(page(colour("#101418")), colour("#101418"));
        for wanted in ["#808080", "#ff0000", "#3366cc", "#00ff00"] {
            let ground = page(colour(wanted));
            let text = ink(colour(wanted), &[ground, tint(colour(wanted), ground)]);
            assert!(text.contrast(ground) >= READABLE, "{wanted} on {ground}");
        }
    }

    #[test]
    fn what_is_no_colour_is_refused() {
        for raw in ["", "#12345", "red", "#12345g", "#é2345", "#0a5c49;}"] {
            assert!(raw.parse::<Colour>().is_err(), "{raw}");
        }
    }

    #[test]
    fn every_accent_gives_text_that_can_be_read() {
        let grounds = [colour("#ffffff"), colour("#f4f5f3")];
        let night = [colour("#15181b"), colour("#1e2226")];
        // 17 is prime to 256: every shade of each channel is met
        for number in 0..4096u32 {
            let [.., red, green, blue] = (number * 4099 * 17).to_be_bytes();
            let accent = Colour::new(red, green, blue);
            for page in [grounds, night] {
                assert!(ink(accent, &page).is_readable_on(&page), "{accent}");
                let Button { ground, text } = button(accent, page[0]);
                assert!(text.contrast(ground) >= READABLE, "{accent}");
                assert!(ground.contrast(page[0]) >= SEEN, "{accent}");
            }
        }
    }
}
