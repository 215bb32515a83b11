//! Charts as SVG: text without scripts, fonts or files of anybody else.

use std::fmt::Write as _;

use webots_cloud_core::web::escape::Escaped;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 280.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 62.0;
const COLOURS: [&str; 6] = [
    "#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf",
];

/// How the points of a series are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A line from point to point.
    Line,
    /// A line that keeps its height until the next point.
    Steps,
    /// A dot for each.
    Dots,
}

#[derive(Clone, Debug)]
struct Series {
    name: String,
    form: Form,
    points: Vec<(f64, f64)>,
}

/// Series over one horizontal axis; both axes begin at or below 0.
#[derive(Clone, Debug)]
pub struct Chart {
    title: String,
    x: String,
    y: String,
    series: Vec<Series>,
}

impl Chart {
    /// An empty chart. `x` and `y` are what the axes show, with units.
    pub fn new(title: &str, x: &str, y: &str) -> Self {
        Self {
            title: title.to_owned(),
            x: x.to_owned(),
            y: y.to_owned(),
            series: Vec::new(),
        }
    }

    /// The same with another series; points that are no numbers are left out.
    #[must_use]
    pub fn with(mut self, name: &str, form: Form, mut points: Vec<(f64, f64)>) -> Self {
        points.retain(|(x, y)| x.is_finite() && y.is_finite());
        self.series.push(Series {
            name: name.to_owned(),
            form,
            points,
        });
        self
    }

    /// The `<svg>` element. The same chart is always the same text.
    pub fn svg(&self) -> String {
        let points = || self.series.iter().flat_map(|series| &series.points);
        let x = Axis::of(points().map(|point| point.0), LEFT, WIDTH - RIGHT);
        let y = Axis::of(points().map(|point| point.1), HEIGHT - BOTTOM, TOP);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\" role=\"img\">\n\
             <title>{title}</title>\n\
             <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n\
             <text x=\"{LEFT}\" y=\"20\" font-size=\"14\">{title}</text>\n",
            title = Escaped(&self.title),
        );
        self.axes(&mut svg, &x, &y);
        for (series, colour) in self.series.iter().zip(COLOURS.iter().cycle()) {
            series.draw(&mut svg, &x, &y, colour);
        }
        self.legend(&mut svg);
        svg.push_str("</svg>\n");
        svg
    }

    fn axes(&self, svg: &mut String, x: &Axis, y: &Axis) {
        let (bottom, right) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
        for tick in x.ticks() {
            let (at, text) = (x.place(tick), x.text(tick));
            let below = bottom + 16.0;
            // Writing to a String cannot fail.
            let _ = writeln!(
                svg,
                "<text x=\"{at:.1}\" y=\"{below}\" text-anchor=\"middle\">{text}</text>"
            );
        }
        for tick in y.ticks() {
            let (at, text) = (y.place(tick), y.text(tick));
            let _ = writeln!(
                svg,
                "<path d=\"M{LEFT} {at:.1}H{right}\" stroke=\"#ddd\"/>\
                 <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>",
                LEFT - 6.0,
                at + 4.0
            );
        }
        let _ = writeln!(
            svg,
            "<text x=\"{right}\" y=\"{}\" text-anchor=\"end\">{}</text>\
             <text x=\"{right}\" y=\"20\" text-anchor=\"end\">{}</text>",
            bottom + 32.0,
            Escaped(&self.x),
            Escaped(&self.y)
        );
    }

    fn legend(&self, svg: &mut String) {
        let width = (WIDTH - LEFT - RIGHT) / self.series.len().max(1) as f64;
        for (number, (series, colour)) in self.series.iter().zip(COLOURS.iter().cycle()).enumerate()
        {
            let at = LEFT + width * number as f64;
            let _ = writeln!(
                svg,
                "<rect x=\"{at:.1}\" y=\"{}\" width=\"10\" height=\"10\" fill=\"{colour}\"/>\
                 <text x=\"{:.1}\" y=\"{}\" font-size=\"11\">{}</text>",
                HEIGHT - 18.0,
                at + 15.0,
                HEIGHT - 9.0,
                Escaped(&series.name)
            );
        }
    }
}

impl Series {
    fn draw(&self, svg: &mut String, x: &Axis, y: &Axis, colour: &str) {
        let mut path = String::new();
        for (number, (at, value)) in self.points.iter().enumerate() {
            let (px, py) = (x.place(*at), y.place(*value));
            let _ = match (self.form, number) {
                (Form::Dots, _) => {
                    writeln!(
                        svg,
                        "<circle cx=\"{px:.1}\" cy=\"{py:.1}\" r=\"2.5\" fill=\"{colour}\"/>"
                    )
                }
                (Form::Line | Form::Steps, 0) => write!(path, "M{px:.1} {py:.1}"),
                (Form::Line, _) => write!(path, "L{px:.1} {py:.1}"),
                (Form::Steps, _) => write!(path, "H{px:.1}V{py:.1}"),
            };
        }
        if !path.is_empty() {
            let _ = writeln!(
                svg,
                "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.8\"/>"
            );
        }
    }
}

/// From values to places on the paper.
#[derive(Debug)]
struct Axis {
    least: f64,
    most: f64,
    step: f64,
    from: f64,
    to: f64,
}

impl Axis {
    fn of(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let (least, most) = values.fold((0.0_f64, 0.0_f64), |(least, most), value| {
            (least.min(value), most.max(value))
        });
        let most = if most > least { most } else { least + 1.0 };
        // 1, 2, 5, 10, 20, 50 … of a small unit, until six are enough.
        let (mut step, mut factors) = (1e-6, [2.0, 2.5, 2.0].into_iter().cycle());
        while (most - least) / step > 6.0 {
            step *= factors.next().unwrap_or(2.0);
        }
        Self {
            least: (least / step).floor() * step,
            most: (most / step).ceil() * step,
            step,
            from,
            to,
        }
    }

    fn place(&self, value: f64) -> f64 {
        self.from + (value - self.least) / (self.most - self.least) * (self.to - self.from)
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        let (least, step) = (self.least, self.step);
        let count = ((self.most - least) / step).round() as u32;
        (0..=count).map(move |number| least + step * f64::from(number))
    }

    fn text(&self, tick: f64) -> String {
        let digits = (0..6).find(|digits| self.step * 10_f64.powi(*digits) > 0.99);
        format!(
            "{tick:.*}",
            usize::try_from(digits.unwrap_or(6)).unwrap_or(6)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_shows_what_it_is_given_as_text_and_nothing_that_is_no_number() {
        let chart = Chart::new("<b>", "s", "ms")
            .with(
                "a & b",
                Form::Line,
                vec![(0.0, 1.0), (10.0, f64::NAN), (20.0, 30.0)],
            )
            .with("none", Form::Steps, Vec::new())
            .with("dots", Form::Dots, vec![(5.0, 5.0)]);
        let svg = chart.svg();
        assert!(
            svg.contains("&lt;b&gt;") && svg.contains("a &amp; b"),
            "{svg}"
        );
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        assert_eq!(svg.matches("<circle").count(), 1);
        assert!(
            svg.contains(">30</text>") && svg.contains(">20</text>"),
            "{svg}"
        );
        assert_eq!(svg, chart.svg());
    }

    #[test]
    fn ticks_are_round_numbers() {
        let axis = Axis::of([0.0, 0.37].into_iter(), 0.0, 1.0);
        let texts: Vec<_> = axis.ticks().map(|tick| axis.text(tick)).collect();
        assert_eq!(texts, ["0.0", "0.1", "0.2", "0.3", "0.4"]);
    }
}
