//! A small line of one number over time, as SVG. Words and the table stand in HTML beside it.

/// The numbers of a trace, oldest first; nothing where nothing was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// Unique in its page.
    pub id: String,
    pub title: String,
    /// What a screen reader says of it.
    pub about: String,
    pub points: Vec<Option<f64>>,
}

/// Units of the drawing: it is stretched to the place it has.
const WIDTH: usize = 360;
const HEIGHT: f64 = 100.0;

impl Trace {
    /// The highest point.
    pub fn highest(&self) -> Option<f64> {
        self.points.iter().flatten().copied().reduce(f64::max)
    }

    /// The lowest point.
    pub fn lowest(&self) -> Option<f64> {
        self.points.iter().flatten().copied().reduce(f64::min)
    }

    pub fn last(&self) -> Option<f64> {
        self.points.iter().rev().find_map(|point| *point)
    }

    /// The shapes alone; the scale begins at zero.
    pub fn svg(&self) -> String {
        let id = &self.id;
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" \
             aria-labelledby=\"{id}-title {id}-about\"><title id=\"{id}-title\">{}</title>\
             <desc id=\"{id}-about\">{}</desc><line class=\"grid\" x1=\"0\" y1=\"{HEIGHT}\" x2=\"{WIDTH}\" \
             y2=\"{HEIGHT}\" vector-effect=\"non-scaling-stroke\"/>",
            crate::chart::escaped(&self.title),
            crate::chart::escaped(&self.about)
        );
        for run in self.runs() {
            svg.push_str(&drawn(&run));
        }
        svg.push_str("</svg>");
        svg
    }

    /// Places of neighbouring points; where nothing was measured the line is broken.
    fn runs(&self) -> Vec<Vec<(f64, f64)>> {
        // a line that is flat lies in the middle, not at the top
        let top = self.highest().filter(|highest| *highest > 0.0).unwrap_or(1.0) * 1.1;
        let step = WIDTH as f64 / (self.points.len().max(2) - 1) as f64;
        let mut runs = vec![Vec::new()];
        for (place, point) in self.points.iter().enumerate() {
            match (point, runs.last_mut()) {
                (Some(value), Some(run)) => {
                    run.push((step * place as f64, HEIGHT - HEIGHT * value.max(0.0) / top));
                }
                _ => runs.push(Vec::new()),
            }
        }
        runs.retain(|run| !run.is_empty());
        runs
    }
}

fn drawn(run: &[(f64, f64)]) -> String {
    let [(first, height), .., (last, _)] = run else {
        let [(x, y)] = run else { return String::new() };
        // one alone is a short dash
        return format!(
            "<line class=\"line\" x1=\"{:.1}\" y1=\"{y:.1}\" x2=\"{:.1}\" y2=\"{y:.1}\" vector-effect=\"non-scaling-stroke\"/>",
            (x - 3.0).max(0.0),
            x + 3.0
        );
    };
    let rest: String = run[1..].iter().map(|(x, y)| format!("L{x:.1} {y:.1}")).collect();
    format!(
        "<path class=\"area\" d=\"M{first:.1} {HEIGHT}L{first:.1} {height:.1}{rest}L{last:.1} {HEIGHT}Z\"/>\
         <path class=\"line\" d=\"M{first:.1} {height:.1}{rest}\" vector-effect=\"non-scaling-stroke\"/>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(points: &[Option<f64>]) -> Trace {
        Trace {
            id: "load".to_owned(),
            title: "A <load>".to_owned(),
            about: String::new(),
            points: points.to_vec(),
        }
    }

    #[test]
    fn a_line_is_broken_where_nothing_was_measured() {
        let svg = trace(&[Some(1.0), Some(2.0), None, Some(3.0), Some(1.0)]).svg();
        assert_eq!(svg.matches("class=\"line\"").count(), 2);
        assert!(svg.contains("A &lt;load&gt;") && !svg.contains("style"));
    }

    #[test]
    fn the_scale_begins_at_zero_and_nothing_falls_out_of_it() {
        let svg = trace(&[Some(0.0), Some(10.0), Some(-5.0)]).svg();
        assert!(svg.contains("M0.0 100.0L180.0 9.1L360.0 100.0"), "{svg}");
        assert_eq!(trace(&[None, None]).svg().matches("<path").count(), 0);
        assert_eq!(trace(&[Some(4.0)]).svg().matches("class=\"line\"").count(), 1);
    }

    #[test]
    fn a_trace_knows_its_ends() {
        let trace = trace(&[Some(2.0), Some(7.0), None]);
        assert_eq!((trace.lowest(), trace.highest(), trace.last()), (Some(2.0), Some(7.0), Some(7.0)));
    }
}
