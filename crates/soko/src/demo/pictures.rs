//! Pictures of the sample goods, drawn here: simple still lifes with light from the upper left, the same in each run.

use std::io::Cursor;

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

use super::{Result, chance::Chance};

/// Pixels of a side.
const SIDE: usize = 640;

/// What a category's goods look like.
#[derive(Debug, Clone, Copy)]
pub enum Still {
    Loaf,
    Fruit,
    Jar,
    Bottle,
    Plate,
    Folded,
    Shoes,
    Reels,
    Bag,
}

type Colour = [f32; 3];

/// A round-cornered part of a still life.
#[derive(Clone, Copy)]
struct Part {
    /// Middle and half the sides, in parts of the picture's side.
    x: f32,
    y: f32,
    half_width: f32,
    half_height: f32,
    /// How round its corners are: up to the smaller half is round altogether.
    round: f32,
    colour: Colour,
    /// Stripes across it, if any, of this colour.
    stripes: Option<(f32, Colour)>,
}

impl Part {
    const fn at(x: f32, y: f32, half_width: f32, half_height: f32, round: f32, colour: Colour) -> Self {
        Self { x, y, half_width, half_height, round, colour, stripes: None }
    }

    const fn striped(self, width: f32, colour: Colour) -> Self {
        Self { stripes: Some((width, colour)), ..self }
    }

    /// As a camera sees it that stands close.
    fn nearer(self) -> Self {
        const BY: f32 = 1.3;
        Self {
            x: 0.5 + (self.x - 0.5) * BY,
            y: 0.58 + (self.y - 0.64) * BY,
            half_width: self.half_width * BY,
            half_height: self.half_height * BY,
            round: self.round * BY,
            ..self
        }
    }

    /// How far a point lies outside of it; below zero inside.
    fn distance(&self, x: f32, y: f32) -> f32 {
        let across = (x - self.x).abs() - (self.half_width - self.round);
        let down = (y - self.y).abs() - (self.half_height - self.round);
        across.max(0.0).hypot(down.max(0.0)) + across.max(down).min(0.0) - self.round
    }

    fn colour_at(&self, x: f32, y: f32) -> Colour {
        let own = match self.stripes {
            Some((width, colour)) if ((x + y) / width).rem_euclid(2.0) < 1.0 => colour,
            _ => self.colour,
        };
        // lighter towards the lamp, darker away from it
        let light = (self.x - x) / self.half_width + (self.y - y) / self.half_height;
        own.map(|part| part * (1.0 + 0.16 * light))
    }
}

/// The picture of the goods called `title`, as a PNG file.
pub fn still_life(still: Still, title: &str) -> Result<Vec<u8>> {
    let seed = title.bytes().fold(7u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let mut chance = Chance::new(seed);
    let mut sheet = Sheet::new(wall(&mut chance), 1);
    for part in parts(still, &mut chance) {
        sheet.put(part.nearer());
    }
    sheet.into_png()
}

/// Goods beside one another on a long table, as a PNG three times as wide as high.
pub fn long_table(stills: &[Still]) -> Result<Vec<u8>> {
    let mut chance = Chance::new(stills.len() as u64);
    let mut sheet = Sheet::new(wall(&mut chance), 3);
    for (place, still) in stills.iter().enumerate() {
        let middle = (place as f32 + 0.5) * 3.0 / stills.len() as f32 - 0.5;
        for part in parts(*still, &mut chance) {
            let part = part.nearer();
            sheet.put(Part { x: part.x + middle, ..part });
        }
    }
    sheet.into_png()
}

/// Muted, so that the goods stand out.
fn wall(chance: &mut Chance) -> Colour {
    const WALLS: [Colour; 6] = [
        [0.93, 0.89, 0.83],
        [0.86, 0.90, 0.90],
        [0.91, 0.87, 0.89],
        [0.88, 0.91, 0.85],
        [0.94, 0.90, 0.80],
        [0.87, 0.88, 0.93],
    ];
    chance.one_of(&WALLS).copied().unwrap_or([0.9; 3])
}

fn bright(chance: &mut Chance) -> Colour {
    const BRIGHT: [Colour; 9] = [
        [0.80, 0.25, 0.20],
        [0.93, 0.62, 0.18],
        [0.22, 0.48, 0.38],
        [0.16, 0.33, 0.58],
        [0.62, 0.24, 0.42],
        [0.95, 0.78, 0.30],
        [0.34, 0.58, 0.66],
        [0.48, 0.62, 0.28],
        [0.30, 0.22, 0.44],
    ];
    chance.one_of(&BRIGHT).copied().unwrap_or([0.5; 3])
}

fn parts(still: Still, chance: &mut Chance) -> Vec<Part> {
    const CREAM: Colour = [0.97, 0.94, 0.88];
    const CRUST: Colour = [0.76, 0.50, 0.26];
    const LEATHER: Colour = [0.50, 0.31, 0.20];
    const GLASS: Colour = [0.80, 0.87, 0.86];
    let (first, second) = (bright(chance), bright(chance));
    let shift = chance.between(-4, 4) as f32 / 100.0;
    match still {
        Still::Loaf => {
            let long = 0.22 + chance.below(12) as f32 / 100.0;
            let mut parts = vec![Part::at(0.5, 0.66, long, 0.14, 0.14, CRUST)];
            for cut in -1..=1 {
                let x = 0.5 + cut as f32 * long * 0.55;
                parts.push(Part::at(x, 0.61, 0.022, 0.07, 0.022, [0.90, 0.73, 0.50]));
            }
            parts
        }
        Still::Fruit => {
            const RIPE: [Colour; 5] = [
                [0.80, 0.25, 0.20],
                [0.93, 0.62, 0.18],
                [0.56, 0.64, 0.26],
                [0.52, 0.22, 0.36],
                [0.90, 0.78, 0.30],
            ];
            let first = chance.one_of(&RIPE).copied().unwrap_or(first);
            let size = 0.12 + chance.below(3) as f32 / 100.0;
            let round = |x: f32, y: f32, colour| Part::at(x, y, size, size, size, colour);
            let leaf = [0.30, 0.48, 0.24];
            vec![
                round(0.37 + shift, 0.64, first),
                round(0.62 + shift, 0.65, first.map(|part| part * 0.92)),
                round(0.50, 0.70, first),
                Part::at(0.52, 0.70 - size, 0.012, 0.04, 0.01, [0.35, 0.26, 0.16]),
                Part::at(0.57, 0.67 - size, 0.045, 0.018, 0.018, leaf),
            ]
        }
        Still::Jar => vec![
            Part::at(0.5, 0.60, 0.17, 0.22, 0.05, GLASS),
            Part::at(0.5, 0.65, 0.15, 0.15, 0.04, first),
            Part::at(0.5, 0.36, 0.15, 0.04, 0.015, second),
            Part::at(0.5, 0.63, 0.11, 0.07, 0.01, CREAM),
        ],
        Still::Bottle => vec![
            Part::at(0.5, 0.35, 0.045, 0.17, 0.02, first.map(|part| part * 0.8)),
            Part::at(0.5, 0.62, 0.12, 0.20, 0.05, first.map(|part| part * 0.8)),
            Part::at(0.5, 0.20, 0.05, 0.03, 0.01, second),
            Part::at(0.5, 0.64, 0.115, 0.09, 0.01, CREAM),
        ],
        Still::Plate => vec![
            Part::at(0.5, 0.72, 0.32, 0.09, 0.09, [0.97, 0.97, 0.96]),
            Part::at(0.5, 0.71, 0.24, 0.055, 0.055, [0.88, 0.88, 0.87]),
            Part::at(0.44 + shift, 0.64, 0.11, 0.08, 0.08, first),
            Part::at(0.57 + shift, 0.66, 0.09, 0.06, 0.06, second),
        ],
        Still::Folded => {
            let width = 0.02 + chance.below(5) as f32 / 100.0;
            let fold = |y: f32, colour| Part::at(0.5, y, 0.28, 0.062, 0.045, colour);
            vec![
                fold(0.76, first.map(|part| part * 0.85)).striped(width, second.map(|part| part * 0.85)),
                fold(0.65, first).striped(width, second),
                fold(0.54, second).striped(width * 1.7, first),
            ]
        }
        Still::Shoes => {
            let shoe = |x: f32, y: f32| {
                [
                    Part::at(x, y + 0.09, 0.17, 0.022, 0.02, LEATHER.map(|part| part * 0.6)),
                    Part::at(x - 0.02, y + 0.03, 0.15, 0.06, 0.06, first),
                    Part::at(x + 0.09, y - 0.02, 0.05, 0.08, 0.04, first.map(|part| part * 0.94)),
                    Part::at(x - 0.05, y + 0.02, 0.05, 0.014, 0.014, second),
                ]
            };
            [shoe(0.42, 0.56), shoe(0.58, 0.70)].concat()
        }
        Still::Reels => {
            let reel = |x: f32, y: f32, colour: Colour| {
                [
                    Part::at(x, y, 0.085, 0.13, 0.02, [0.78, 0.62, 0.42]),
                    Part::at(x, y, 0.07, 0.10, 0.02, colour).striped(0.012, colour.map(|part| part * 0.88)),
                ]
            };
            [reel(0.34, 0.66, first), reel(0.66, 0.66, second), reel(0.50, 0.70, bright(chance))].concat()
        }
        Still::Bag => vec![
            Part::at(0.5, 0.40, 0.13, 0.16, 0.13, LEATHER),
            Part::at(0.5, 0.42, 0.10, 0.15, 0.10, [0.90, 0.88, 0.84]),
            Part::at(0.5, 0.63, 0.24, 0.19, 0.06, first).striped(0.05 + shift.abs(), second),
            Part::at(0.5, 0.51, 0.05, 0.025, 0.01, [0.85, 0.70, 0.35]),
        ],
    }
}

/// The picture while it is drawn.
struct Sheet {
    /// In pixels; it is `SIDE` high.
    width: usize,
    pixels: Vec<Colour>,
}

impl Sheet {
    /// A wall, lighter on the left, and a table; so many sides wide.
    fn new(wall: Colour, sides: usize) -> Self {
        const TABLE: usize = SIDE * 7 / 10;
        let width = SIDE * sides;
        let point = |place: usize| {
            let (x, y) = (place % width, place / width);
            let depth = (x + y) as f32 / (width + SIDE) as f32;
            let light = if y < TABLE { 1.06 - 0.14 * depth } else { 0.90 - 0.10 * depth };
            wall.map(|part| part * light)
        };
        Self { width, pixels: (0..width * SIDE).map(point).collect() }
    }

    /// Draws `part` with its shadow on the right, touching only the pixels around it.
    fn put(&mut self, part: Part) {
        let shadow = Part { x: part.x + 0.02, y: part.y + 0.015, ..part };
        self.blend(&shadow, 0.035, |_, _, below| below.map(|colour| colour * 0.78));
        self.blend(&part, 1.2 / SIDE as f32, |x, y, _| part.colour_at(x, y));
    }

    /// Mixes in what `colour` says wherever `part` is; its edge is `soft`.
    fn blend(&mut self, part: &Part, soft: f32, colour: impl Fn(f32, f32, Colour) -> Colour) {
        let side = SIDE as f32;
        let range = |middle: f32, half: f32, end: usize| {
            let from = ((middle - half - soft) * side).max(0.0) as usize;
            let to = (((middle + half + soft) * side).ceil().max(0.0) as usize).min(end);
            from..to
        };
        for row in range(part.y, part.half_height, SIDE) {
            for column in range(part.x, part.half_width, self.width) {
                let (x, y) = ((column as f32 + 0.5) / side, (row as f32 + 0.5) / side);
                let share = (0.5 - part.distance(x, y) / soft).clamp(0.0, 1.0);
                if share > 0.0 {
                    let pixel = &mut self.pixels[row * self.width + column];
                    let new = colour(x, y, *pixel);
                    for (old, new) in pixel.iter_mut().zip(new) {
                        *old += (new - *old) * share;
                    }
                }
            }
        }
    }

    fn into_png(self) -> Result<Vec<u8>> {
        let bytes: Vec<u8> =
            self.pixels.iter().flatten().map(|part| (part.clamp(0.0, 1.0) * 255.0) as u8).collect();
        let mut file = Cursor::new(Vec::new());
        PngEncoder::new(&mut file).write_image(
            &bytes,
            self.width as u32,
            SIDE as u32,
            ExtendedColorType::Rgb8,
        )?;
        Ok(file.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_goods_look_the_same_in_each_run_and_others_look_otherwise() {
        let loaf = |title| still_life(Still::Loaf, title).unwrap();
        assert_eq!(loaf("Baguette"), loaf("Baguette"));
        assert_ne!(loaf("Baguette"), loaf("Brioche"));
        assert!(catalog::images::process::develop(&loaf("Baguette")).is_ok());
        let table = long_table(&[Still::Loaf, Still::Jar]).unwrap();
        let developed = catalog::images::process::develop(&table).unwrap();
        assert_eq!((developed.measures.width, developed.measures.height), (1920, 640));
    }
}
