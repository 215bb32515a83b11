//! The report as one HTML page with plots, which needs no other file and no other host.

use std::fmt::Write as _;

use webots_cloud_core::web::escape::Escaped;

use super::figures::Look;
use super::plot::{Chart, Form};
use super::report::{Report, STAGES, mebibytes};

const HEAD: &str = "<!DOCTYPE html>
<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Rehearsal</title>
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">
<style>
body { font: 15px/1.5 sans-serif; max-width: 50em; margin: 2em auto; padding: 0 1em; color: #222 }
table { border-collapse: collapse } th, td { padding: .2em .8em; text-align: right }
th:first-child, td:first-child { text-align: left } tr + tr td { border-top: 1px solid #ddd }
svg { width: 100%; margin: .8em 0 } li { overflow-wrap: anywhere }
</style></head><body>
";

pub(super) fn html(report: &Report) -> String {
    let mut page = HEAD.to_owned();
    // Writing to a String cannot fail.
    let _ = write!(
        page,
        "<h1>Rehearsal of {}</h1>\n<p>{}</p>\n<table>\n\
         <tr><th>milliseconds until</th><th>sessions</th><th>p50</th><th>p90</th><th>p99</th><th>max</th></tr>\n",
        Escaped(&report.server),
        Escaped(report.summary())
    );
    for (name, count, times) in report.stages() {
        let _ = write!(page, "<tr><td>{name}</td><td>{count}</td>");
        for time in times {
            let _ = write!(page, "<td>{time:.1}</td>");
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</table>\n");
    for (heading, lines) in [
        ("What failed", report.failed()),
        ("Clients that waited", report.clients()),
        ("What the servers used", report.used()),
    ] {
        if !lines.is_empty() {
            let _ = writeln!(page, "<h2>{heading}</h2>\n<ul>");
            for line in lines {
                let _ = writeln!(page, "<li>{}</li>", Escaped(line));
            }
            page.push_str("</ul>\n");
        }
    }
    page.push_str("<h2>Over the time</h2>\n");
    for chart in charts(report) {
        page.push_str(&chart.svg());
    }
    page.push_str("</body></html>\n");
    page
}

fn charts(report: &Report) -> Vec<Chart> {
    let x = "seconds since the beginning";
    let mut stages = Chart::new("How long sessions took to each stage", "arrival, s", "ms");
    for (name, of) in STAGES {
        let points = report.sessions.iter();
        let points = points.filter_map(|it| Some((it.arrived, of(it)? * 1e3)));
        stages = stages.with(name, Form::Dots, points.collect());
    }
    let at_a_time = Chart::new("Simulations at a time", x, "running").with(
        "running",
        Form::Steps,
        running(report),
    );
    let mut charts = vec![stages, at_a_time];
    if !report.processes.is_empty() {
        let mut cpu = Chart::new("Processor time of the servers", x, "% of one core");
        let mut memory = Chart::new("Memory of the servers", x, "MiB");
        for (name, looks) in &report.processes {
            let resident = |look: &Look| (look.at, mebibytes(look.memory));
            cpu = cpu.with(name, Form::Line, looks.windows(2).map(share).collect());
            memory = memory.with(name, Form::Line, looks.iter().map(resident).collect());
        }
        charts.extend([cpu, memory]);
    }
    let fan_out = report.availability.changes.iter();
    let fan_out: Vec<_> = fan_out
        .map(|it| (it.first, (it.last - it.first) * 1e3))
        .collect();
    if !fan_out.is_empty() {
        let title = "From the first client to the last that hears of a change";
        charts.push(Chart::new(title, x, "ms").with("changes", Form::Dots, fan_out));
    }
    charts
}

/// What was used between two looks, in percent of one core.
fn share(looks: &[Look]) -> (f64, f64) {
    match looks {
        [one, other] => {
            let percent = (other.cpu - one.cpu) / (other.at - one.at) * 100.0;
            (other.at, percent)
        }
        _ => (f64::NAN, f64::NAN),
    }
}

/// How many run, at each moment at which that changes.
fn running(report: &Report) -> Vec<(f64, f64)> {
    let mut changes: Vec<(f64, f64)> = Vec::new();
    for session in &report.sessions {
        if let (Some(running), Some(left)) = (session.running, session.left) {
            changes.push((session.arrived + running, 1.0));
            changes.push((session.arrived + left, -1.0));
        }
    }
    changes.sort_by(|one, other| one.0.total_cmp(&other.0));
    let count = changes.into_iter().scan(0.0, |count, (at, change)| {
        *count += change;
        Some((at, *count))
    });
    std::iter::once((0.0, 0.0)).chain(count).collect()
}
