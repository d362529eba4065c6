//! How a form looks: the merchant chooses colours and letters, and what is written can be read whatever they chose.

use base::colour::{Colour, button, ink, is_dark, page, tint};
use serde::{Deserialize, Serialize};

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $first:ident = $first_text:literal $(, $variant:ident = $text:literal)* $(,)? }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
        $(#[$doc])*
        #[serde(rename_all = "lowercase")]
        pub enum $name { #[default] $first $(, $variant)* }

        impl $name {
            pub const ALL: &'static [Self] = &[Self::$first $(, Self::$variant)*];

            pub const fn name(self) -> &'static str {
                match self { Self::$first => $first_text $(, Self::$variant => $text)* }
            }

            pub fn parse(raw: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.name() == raw)
            }
        }
    };
}

choice!(
    /// The letters: the device's own, so that nothing is fetched.
    #[schema(as = FormLetters)]
    Letters { Sans = "sans", Serif = "serif", Round = "round", Mono = "mono" }
);
choice!(
    #[schema(as = FormCorners)]
    Corners { Soft = "soft", Square = "square", Round = "round" }
);

/// What the merchant chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct FormLook {
    #[schema(value_type = String)]
    pub accent: Colour,
    #[schema(value_type = String)]
    pub background: Colour,
    #[schema(value_type = String)]
    pub text: Colour,
    pub letters: Letters,
    pub corners: Corners,
}

impl Default for FormLook {
    fn default() -> Self {
        Self {
            accent: Colour::new(0x0a, 0x5c, 0x49),
            background: Colour::WHITE,
            text: Colour::new(0x1a, 0x1d, 0x21),
            letters: Letters::default(),
            corners: Corners::default(),
        }
    }
}

/// The colours that come of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    pub paper: Colour,
    pub sheet: Colour,
    pub tint: Colour,
    pub ink: Colour,
    pub soft: Colour,
    pub accent_ink: Colour,
    pub ground: Colour,
    pub on_ground: Colour,
}

impl FormLook {
    pub fn palette(&self) -> Palette {
        let paper = page(self.background);
        let end = end(paper);
        let sheet = paper.mixed(end, 4);
        let tint = tint(self.accent, paper);
        let grounds = [paper, sheet, tint];
        let button = button(self.accent, paper);
        Palette {
            paper,
            sheet,
            tint,
            ink: ink(self.text, &grounds),
            soft: ink(paper.mixed(end, 60), &grounds),
            accent_ink: ink(self.accent, &grounds),
            ground: button.ground,
            on_ground: button.text,
        }
    }

    /// The style element of the page: what differs from the tokens of the design system.
    pub fn style(&self) -> String {
        let Palette { paper, sheet, tint: accent_sheet, ink: text, soft, accent_ink, ground, on_ground } =
            self.palette();
        let scheme = if is_dark(paper) { "dark" } else { "light" };
        let line = paper.mixed(end(paper), 15);
        let told: String = [("good", GOOD), ("warn", WARN), ("bad", BAD)]
            .map(|(name, colour)| {
                let ground = tint(colour, paper);
                format!("--{name}:{};--{name}-sheet:{ground};", ink(colour, &[paper, sheet, ground]))
            })
            .concat();
        let letters = match self.letters {
            Letters::Sans => "",
            Letters::Serif => "body{font-family:Georgia,\"Noto Serif\",serif}",
            Letters::Round => {
                "body{font-family:ui-rounded,\"Arial Rounded MT Bold\",\"Nunito\",system-ui,sans-serif}"
            }
            Letters::Mono => "body{font-family:ui-monospace,\"Roboto Mono\",Menlo,monospace}",
        };
        let round = match self.corners {
            Corners::Soft => "",
            Corners::Square => "--round:0;--round-l:0;",
            Corners::Round => "--round:1rem;--round-l:1.5rem;",
        };
        format!(
            ":root{{color-scheme:{scheme};--paper:{paper};--sheet:{sheet};--line:{line};--edge:{soft};--ink:{text};--soft:{soft};\
             --accent:{ground};--on-accent:{on_ground};--accent-ink:{accent_ink};--accent-sheet:{accent_sheet};{told}{round}}}{letters}"
        )
    }
}

const GOOD: Colour = Colour::new(0x17, 0x60, 0x3a);
const WARN: Colour = Colour::new(0x74, 0x47, 0x00);
const BAD: Colour = Colour::new(0x96, 0x19, 0x0f);

/// Away from the page: what is darker than a light one, lighter than a dark one.
fn end(paper: Colour) -> Colour {
    if is_dark(paper) { Colour::WHITE } else { Colour::BLACK }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_chosen_can_be_read() {
        for number in 0..3000u32 {
            let shade = |factor: u32| {
                let [.., red, green, blue] =
                    (number.wrapping_mul(factor).wrapping_mul(2_654_435_761)).to_be_bytes();
                Colour::new(red, green, blue)
            };
            let look =
                FormLook { accent: shade(1), background: shade(3), text: shade(7), ..FormLook::default() };
            let palette = look.palette();
            for text in [palette.ink, palette.soft, palette.accent_ink] {
                for ground in [palette.paper, palette.sheet, palette.tint] {
                    assert!(text.contrast(ground) >= base::colour::READABLE, "{look:?}: {text} on {ground}");
                }
            }
            assert!(palette.on_ground.contrast(palette.ground) >= base::colour::READABLE, "{look:?}");
        }
    }

    #[test]
    fn colours_that_can_be_read_stay_as_chosen() {
        let look = FormLook::default();
        let palette = look.palette();
        assert_eq!((palette.paper, palette.ink, palette.ground), (look.background, look.text, look.accent));
        assert!(!look.style().contains('<'));
    }
}
