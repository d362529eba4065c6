//! A code that a camera reads: an address as black and white squares.

use qrcode::{Color, EcLevel, QrCode};

/// The squares of a code, without the white border that it needs around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Squares along a side.
    pub side: usize,
    dark: Vec<bool>,
}

/// The white border around a code, in squares (ISO/IEC 18004).
pub const QUIET: usize = 4;

impl Code {
    /// The code of `address`; none for one that no code can hold (2,331 bytes).
    pub fn of(address: &str) -> Option<Self> {
        // a receipt is folded and rubbed: a fifth of the code may be unreadable
        let code = QrCode::with_error_correction_level(address, EcLevel::M).ok()?;
        let dark = code.to_colors().into_iter().map(|color| color == Color::Dark).collect();
        Some(Self { side: code.width(), dark })
    }

    /// Dark squares as bars: row, first column, and how many follow each other.
    pub fn bars(&self) -> Vec<(usize, usize, usize)> {
        let mut bars = Vec::new();
        for (row, squares) in self.dark.chunks(self.side).enumerate() {
            let mut column = 0;
            for run in squares.chunk_by(|one, other| one == other) {
                if run[0] {
                    bars.push((row, column, run.len()));
                }
                column += run.len();
            }
        }
        bars
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bars_are_all_dark_squares() {
        let code =
            Code::of("https://soko.example/t/boulangerie/d/doc_01h455vb4pex5vsknk084sn02q-abc").unwrap();
        let dark = code.dark.iter().filter(|dark| **dark).count();
        assert_eq!(code.bars().iter().map(|(_, _, long)| long).sum::<usize>(), dark);
        // each code has a finder in three corners: seven dark squares, then a white one
        let (top, end) = (code.bars()[0], code.side - 7);
        assert_eq!(top, (0, 0, 7));
        assert!(code.bars().contains(&(0, end, 7)) && code.bars().contains(&(end, 0, 7)));
    }

    #[test]
    fn an_address_too_long_for_a_code_has_none() {
        assert_eq!(Code::of(&"a".repeat(3000)), None);
    }
}
