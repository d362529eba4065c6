//! Bar charts as SVG: this period's bars over those of the one before.
//!
//! Drawn here and not by a crate: `plotters`, `charts-rs` and `charming` write colours and fonts into each shape, as style
//! attributes or scripts that the pages' policy forbids and that no dark scheme reaches; `poloto` lets shapes be classed,
//! but lays text inside the drawing, where it shrinks with it on a phone. What is left is a rectangle for each number.
//! Words stand in HTML around it (`chart.html`), in the size of all others.

/// One bar, with the one before it behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// What it is of, in full: for the table.
    pub label: String,
    /// As numbers, none below zero.
    pub now: i64,
    pub before: i64,
    /// As people read them.
    pub now_words: String,
    pub before_words: String,
}

/// What `chart.html` shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    pub title: String,
    /// What a screen reader says of it.
    pub about: String,
    /// The heads of the table: what bars stand for, and both periods.
    pub heads: [String; 3],
    /// At the top, the middle and the foot of the scale.
    pub scale: [String; 3],
    /// Below the bars, from the first to the last.
    pub ticks: Vec<String>,
    pub bars: Vec<Bar>,
}

/// Units of the drawing: it is stretched to the place it has.
const HEIGHT: i64 = 1000;
const STEP: i64 = 100;

impl Chart {
    /// Whether there is anything to draw.
    pub fn is_empty(&self) -> bool {
        self.bars.iter().all(|bar| bar.now == 0 && bar.before == 0)
    }

    /// The number at the top of the scale for bars up to `highest`: one whose half is as round as itself.
    pub fn top(highest: i64) -> i64 {
        let powers = (0..18).map(|power| 10_i64.pow(power));
        let round = powers.flat_map(|power| [2 * power, 4 * power, 10 * power]);
        round.into_iter().find(|top| *top >= highest).unwrap_or(i64::MAX)
    }

    /// The shapes alone.
    pub fn svg(&self) -> String {
        let highest = self.bars.iter().map(|bar| bar.now.max(bar.before)).max().unwrap_or(0);
        let (top, width) = (Self::top(highest), STEP * self.bars.len() as i64);
        let mut svg = format!(
            "<svg viewBox=\"0 0 {width} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" \
             aria-labelledby=\"chart-title chart-about\"><title id=\"chart-title\">{}</title>\
             <desc id=\"chart-about\">{}</desc>",
            escaped(&self.title),
            escaped(&self.about)
        );
        for y in [0, HEIGHT / 2, HEIGHT] {
            svg.push_str(&format!(
                "<line class=\"grid\" x1=\"0\" y1=\"{y}\" x2=\"{width}\" y2=\"{y}\" vector-effect=\"non-scaling-stroke\"/>"
            ));
        }
        for (place, bar) in (0..).zip(&self.bars) {
            let left = STEP * place;
            svg.push_str(&rectangle("before", left + 10, 80, bar.before, top));
            svg.push_str(&rectangle("now", left + 28, 44, bar.now, top));
        }
        svg.push_str("</svg>");
        svg
    }
}

/// A bar of `value` on a scale up to `top`; nothing for nothing.
fn rectangle(class: &str, left: i64, width: i64, value: i64, top: i64) -> String {
    let height = i128::from(value.max(0)) * i128::from(HEIGHT) / i128::from(top.max(1));
    if value <= 0 {
        return String::new();
    }
    // what is little is still seen
    let height = height.max(4);
    format!(
        "<rect class=\"{class}\" x=\"{left}\" y=\"{}\" width=\"{width}\" height=\"{height}\" vector-effect=\"non-scaling-stroke\"/>",
        i128::from(HEIGHT) - height
    )
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(values: &[(i64, i64)]) -> Chart {
        let bar = |(now, before): &(i64, i64)| Bar {
            label: String::new(),
            now: *now,
            before: *before,
            now_words: String::new(),
            before_words: String::new(),
        };
        Chart {
            title: "Ventes <7 jours>".to_owned(),
            about: String::new(),
            heads: Default::default(),
            scale: Default::default(),
            ticks: Vec::new(),
            bars: values.iter().map(bar).collect(),
        }
    }

    #[test]
    fn a_scale_ends_with_a_round_number_not_below_the_highest_bar() {
        for (highest, top) in [(0, 2), (2, 2), (3, 4), (5, 10), (11, 20), (1_245_000, 2_000_000)] {
            assert_eq!(Chart::top(highest), top, "{highest}");
        }
        assert_eq!(Chart::top(i64::MAX), i64::MAX);
    }

    #[test]
    fn bars_are_as_high_as_their_numbers_and_nothing_has_no_bar() {
        let svg = chart(&[(2, 1), (0, 0)]).svg();
        assert!(svg.contains("class=\"now\" x=\"28\" y=\"0\"") && svg.contains("height=\"1000\""));
        assert!(svg.contains("class=\"before\" x=\"10\" y=\"500\""));
        assert_eq!(svg.matches("<rect").count(), 2);
        assert!(chart(&[(0, 0)]).is_empty() && !chart(&[(0, 1)]).is_empty());
    }

    #[test]
    fn a_drawing_has_no_style_of_its_own_and_no_markup_from_outside() {
        let svg = chart(&[(2, 1)]).svg();
        assert!(!svg.contains("style") && svg.contains("Ventes &lt;7 jours&gt;"));
    }
}
