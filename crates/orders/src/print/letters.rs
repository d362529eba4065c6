//! The letters papers are set in: what each is wide, which exist, and where lines break. All lengths are points.

use std::sync::LazyLock;

use skrifa::{
    FontRef, GlyphId, MetadataProvider,
    charmap::Charmap,
    instance::{LocationRef, Size},
    metrics::GlyphMetrics,
};

/// Stands for a letter that the font does not have.
const UNKNOWN: char = '\u{fffd}';

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Face {
    Regular,
    Bold,
}

static REGULAR: &[u8] = include_bytes!("../../fonts/NotoSans-SemiCondensed.ttf");
static BOLD: &[u8] = include_bytes!("../../fonts/NotoSans-SemiCondensedBold.ttf");

/// What a font says about its letters.
struct Metrics {
    letters: Charmap<'static>,
    widths: GlyphMetrics<'static>,
    per_em: f32,
}

impl Metrics {
    fn of(file: &'static [u8]) -> Self {
        let font = FontRef::new(file).expect("the font in this binary reads");
        let widths = font.glyph_metrics(Size::unscaled(), LocationRef::default());
        let per_em = f32::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
        Self { letters: font.charmap(), widths, per_em }
    }
}

static METRICS: LazyLock<[Metrics; 2]> = LazyLock::new(|| [Metrics::of(REGULAR), Metrics::of(BOLD)]);

impl Face {
    pub const ALL: [Self; 2] = [Self::Regular, Self::Bold];

    pub const fn file(self) -> &'static [u8] {
        match self {
            Self::Regular => REGULAR,
            Self::Bold => BOLD,
        }
    }

    fn metrics(self) -> &'static Metrics {
        &METRICS[self as usize]
    }

    /// The glyph of a letter and its advance, in ems; that of the unknown for a letter the font does not have.
    pub fn glyph(self, letter: char) -> (u32, f32) {
        let metrics = self.metrics();
        let glyph = metrics.letters.map(letter).or_else(|| metrics.letters.map(UNKNOWN));
        let glyph = glyph.unwrap_or(GlyphId::NOTDEF);
        (glyph.to_u32(), metrics.widths.advance_width(glyph).unwrap_or_default() / metrics.per_em)
    }

    /// How wide `text` is at `size`.
    pub fn width(self, text: &str, size: f32) -> f32 {
        text.chars().map(|letter| self.glyph(letter).1).sum::<f32>() * size
    }

    fn has(self, letter: char) -> bool {
        self.metrics().letters.map(letter).is_some()
    }
}

/// `text` in letters that can be printed: what is invisible goes, what the font lacks is marked as unknown.
pub fn printable(text: &str) -> String {
    let letter = |letter: char| match letter {
        '\n' => Some('\n'),
        '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
        // the true minus sign is not in the font
        '\u{2212}' => Some('\u{2013}'),
        letter if is_invisible(letter) => None,
        letter if Face::Regular.has(letter) => Some(letter),
        _ => Some(UNKNOWN),
    };
    text.chars().filter_map(letter).collect()
}

/// Controls, marks of direction, joiners, selectors: they shape other letters, and leave no ink of their own.
fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(letter, '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e01ef}')
}

/// `text` in lines no wider than `width`: broken at plain spaces, and inside a word only where the word alone is wider. A
/// no-break space never breaks. `measure` is what a letter is wide.
pub fn wrap(text: &str, width: f32, measure: impl Fn(char) -> f32) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let (mut line, mut used) = (String::new(), 0.0);
        for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
            let long: f32 = word.chars().map(&measure).sum();
            let space = if line.is_empty() { 0.0 } else { measure(' ') };
            if used + space + long <= width {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
                used += space + long;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            used = 0.0;
            for letter in word.chars() {
                let wide = measure(letter);
                if used + wide > width && !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                    used = 0.0;
                }
                line.push(letter);
                used += wide;
            }
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Lines of letters that are each one wide.
    fn in_lines(text: &str, width: f32) -> Vec<String> {
        wrap(text, width, |_| 1.0)
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(in_lines("une baguette bien cuite", 12.0), ["une baguette", "bien cuite"]);
        assert_eq!(in_lines("  deux   mots ", 20.0), ["deux mots"]);
        assert_eq!(in_lines("rue\nquartier", 20.0), ["rue", "quartier"]);
    }

    #[test]
    fn an_amount_never_breaks_at_its_own_spaces() {
        assert_eq!(in_lines("en tout 12\u{202f}500\u{a0}GNF", 12.0), ["en tout", "12\u{202f}500\u{a0}GNF"]);
    }

    #[test]
    fn a_word_wider_than_the_line_breaks_inside() {
        assert_eq!(in_lines("ab cdefghij kl", 4.0), ["ab", "cdef", "ghij", "kl"]);
        assert_eq!(in_lines("ab", 0.5), ["a", "b"]);
    }

    #[test]
    fn our_money_our_languages_and_the_alphabets_of_west_africa_have_letters() {
        let text = "Crème brûlée à l’œuf, perché, ŋ ɓ ɗ ɲ Ƴ, 12\u{202f}500\u{a0}F\u{a0}CFA, 3,50\u{a0}€, ₦ GH₵ $ £ × – … «»";
        assert_eq!(printable(text), text);
        assert!(text.chars().all(|letter| Face::Bold.has(letter)));
    }

    #[test]
    fn digits_are_equally_wide_so_that_amounts_stand_in_columns() {
        for face in Face::ALL {
            let widths: Vec<f32> = ('0'..='9').map(|digit| face.glyph(digit).1).collect();
            assert!(widths.iter().all(|width| *width == widths[0]));
        }
    }

    #[test]
    fn what_cannot_be_printed_is_marked_and_what_is_invisible_goes() {
        assert_eq!(printable("a\u{0}b\u{200f}c\u{7}"), "abc");
        assert_eq!(printable("🎉 ok"), "\u{fffd} ok");
        assert_eq!(printable("محمد"), "\u{fffd}".repeat(4));
        assert_eq!(printable("\u{2212}5"), "–5");
    }

    proptest! {
        #[test]
        fn no_letter_is_lost_and_no_line_is_too_wide(text in "[a-zé \u{a0}]{0,300}", width in 1u8..40) {
            let width = f32::from(width);
            let lines = in_lines(&text, width);
            let letters = |text: &str| text.chars().filter(|letter| *letter != ' ').collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
            prop_assert!(lines.iter().all(|line| line.chars().count() as f32 <= width));
        }
    }
}
