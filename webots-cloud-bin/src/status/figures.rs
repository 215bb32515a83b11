//! Figures of `/metrics`, which is Prometheus' text.

/// What every name begins with.
const PREFIX: &str = "webots_cloud_";

/// A page of figures.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figures<'a>(pub(super) &'a str);

impl<'a> Figures<'a> {
    /// The figure of this name that has no label.
    pub(super) fn value(self, name: &str) -> Option<f64> {
        self.lines(name)
            .find_map(|rest| rest.strip_prefix(' ')?.trim().parse().ok())
    }

    /// The figures of this name with the value of their only label.
    pub(super) fn series(self, name: &str) -> impl Iterator<Item = (&'a str, f64)> {
        self.lines(name).filter_map(|rest| {
            let (label, figure) = rest.strip_prefix('{')?.rsplit_once("\"} ")?;
            let (_, label) = label.split_once("=\"")?;
            Some((label, figure.trim().parse().ok()?))
        })
    }

    /// What follows this name in its lines.
    fn lines(self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0
            .lines()
            .filter_map(move |line| line.strip_prefix(PREFIX)?.strip_prefix(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_figures_series_or_something_else() {
        let page = "# TYPE webots_cloud_slots gauge\nwebots_cloud_slots 4.0\nwebots_cloud_slots_free 3\n\
            webots_cloud_server_up{server=\"a:1\"} 1.0\nwebots_cloud_server_up{server=\"b/2\"} 0\n# EOF\n";
        let figures = Figures(page);
        assert_eq!(figures.value("slots"), Some(4.0));
        assert_eq!(figures.value("slots_free"), Some(3.0));
        assert_eq!(figures.value("server_up"), None);
        let up: Vec<_> = figures.series("server_up").collect();
        assert_eq!(up, [("a:1", 1.0), ("b/2", 0.0)]);
        assert_eq!(
            Figures("<html>\nslots 1\nwebots_cloud_slots x").value("slots"),
            None
        );
    }
}
