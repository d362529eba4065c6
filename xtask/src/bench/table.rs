//! The table that a bench ends with: figure, bar, measured, ceiling, ratio, met.

/// One figure.
pub struct Row {
    pub figure: String,
    pub bar: Bar,
    pub measured: f64,
    pub unit: &'static str,
    /// What the same run gave without Soko, in the same unit.
    pub ceiling: Option<f64>,
}

/// What a figure must reach.
#[derive(Clone, Copy)]
pub enum Bar {
    /// A share of the ceiling.
    ShareAtLeast(f64),
    /// A multiple of the ceiling, which is then a floor.
    TimesAtMost(f64),
    /// So many times the ceiling, which is then what comes without.
    TimesAtLeast(f64),
    AtLeast(f64),
    AtMost(f64),
    /// Only printed.
    None,
}

impl Row {
    /// How the measured compares to the ceiling.
    fn ratio(&self) -> Option<f64> {
        self.ceiling.map(|ceiling| self.measured / ceiling)
    }

    /// Whether the bar is reached; nothing when there is none.
    fn met(&self) -> Option<bool> {
        match self.bar {
            Bar::ShareAtLeast(share) => self.ratio().map(|ratio| ratio >= share),
            Bar::TimesAtLeast(times) => self.ratio().map(|ratio| ratio >= times),
            Bar::TimesAtMost(times) => self.ratio().map(|ratio| ratio <= times),
            Bar::AtLeast(least) => Some(self.measured >= least),
            Bar::AtMost(most) => Some(self.measured <= most),
            Bar::None => None,
        }
    }

    fn cells(&self) -> [String; 6] {
        let unit = self.unit;
        let bar = match self.bar {
            Bar::ShareAtLeast(share) => format!(">= {:.0} %", share * 100.0),
            Bar::TimesAtMost(times) => format!("<= {times} x"),
            Bar::TimesAtLeast(times) => format!(">= {times} x"),
            Bar::AtLeast(least) => format!(">= {} {unit}", number(least)),
            Bar::AtMost(most) => format!("<= {} {unit}", number(most)),
            Bar::None => "-".to_owned(),
        };
        let ratio = self.ratio().map(|ratio| match self.bar {
            Bar::TimesAtMost(_) | Bar::TimesAtLeast(_) => format!("{ratio:.2} x"),
            _ => format!("{:.0} %", ratio * 100.0),
        });
        let met = self.met().map(|met| if met { "yes" } else { "NO" });
        let ceiling = self.ceiling.map(|ceiling| format!("{} {unit}", number(ceiling)));
        [
            self.figure.clone(),
            bar,
            format!("{} {unit}", number(self.measured)),
            ceiling.unwrap_or_else(|| "-".to_owned()),
            ratio.unwrap_or_else(|| "-".to_owned()),
            met.unwrap_or("-").to_owned(),
        ]
    }
}

/// The rows under their headings, in columns as wide as needed.
pub fn render(rows: &[Row]) -> String {
    let headings = ["figure", "bar", "measured", "ceiling", "ratio", "met?"].map(str::to_owned);
    let lines: Vec<[String; 6]> = std::iter::once(headings).chain(rows.iter().map(Row::cells)).collect();
    let width =
        |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..6).map(width).collect();
    let text = |line: &[String; 6]| {
        let cells: Vec<String> =
            line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join(" | ").trim_end().to_owned()
    };
    let mut lines: Vec<String> = lines.iter().map(text).collect();
    lines.insert(1, widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>().join("-+-"));
    lines.join("\n")
}

/// Three digits are enough for a noisy machine.
fn number(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Bar, Row, render};

    fn row(bar: Bar, measured: f64, ceiling: Option<f64>) -> Row {
        Row { figure: "list".to_owned(), bar, measured, unit: "/s", ceiling }
    }

    #[test]
    fn a_share_is_taken_of_the_ceiling() {
        assert_eq!(row(Bar::ShareAtLeast(0.3), 31.0, Some(100.0)).met(), Some(true));
        assert_eq!(row(Bar::ShareAtLeast(0.3), 29.0, Some(100.0)).met(), Some(false));
    }

    #[test]
    fn a_multiple_may_not_be_exceeded() {
        assert_eq!(row(Bar::TimesAtMost(20.0), 19.0, Some(1.0)).met(), Some(true));
        assert_eq!(row(Bar::TimesAtMost(20.0), 21.0, Some(1.0)).met(), Some(false));
    }

    #[test]
    fn a_figure_without_a_bar_is_neither_met_nor_missed() {
        assert_eq!(row(Bar::None, 1.0, None).met(), None);
    }

    #[test]
    fn a_missed_bar_cannot_be_overlooked() {
        assert!(render(&[row(Bar::AtMost(40.0), 41.0, None)]).ends_with("| NO"));
    }
}
