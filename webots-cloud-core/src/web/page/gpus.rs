//! The GPUs on the monitor page.

use std::fmt::Write as _;

use crate::load::{Gpu, GpuMemory, Gpus};
use crate::web::escape::Escaped;

/// One GiB in bytes.
const GIB: f64 = 1_073_741_824.0;

/// What is known of the GPUs, as HTML.
pub(super) fn gpus(gpus: &Gpus) -> String {
    let devices = match gpus {
        Gpus::Absent => return paragraph("mild", "Not recognized"),
        Gpus::Failing(why) => {
            return paragraph("bad", &format!("The NVIDIA driver fails: {why}"));
        }
        Gpus::Present(devices) if devices.is_empty() => {
            return paragraph("mild", "The NVIDIA driver has no GPU");
        }
        Gpus::Present(devices) => devices,
    };
    let rows: String = (0..).zip(devices).map(row).collect();
    format!(
        "<div class=\"scroll\"><table><tr><th class=\"number\">#</th><th>GPU</th>\
         <th class=\"number\">compute</th><th class=\"number\">memory load</th>\
         <th class=\"number\">memory</th></tr>\n{rows}</table></div>\n"
    )
}

fn paragraph(class: &str, text: &str) -> String {
    format!("<p class=\"{class}\">{}</p>\n", Escaped(text))
}

fn row((number, gpu): (usize, &Gpu)) -> String {
    let mut row = format!(
        "<tr><td class=\"number\">{number}</td><td>{}</td>",
        Escaped(&gpu.name)
    );
    // Writing to a String cannot fail.
    let _ = match &gpu.trouble {
        Some(why) => write!(row, "<td class=\"bad\" colspan=\"3\">{}</td>", Escaped(why)),
        None => write!(
            row,
            "<td class=\"number\">{}</td><td class=\"number\">{}</td>\
             <td class=\"number\">{}</td>",
            percent(gpu.compute),
            percent(gpu.memory_load),
            memory(gpu.memory),
        ),
    };
    row + "</tr>\n"
}

fn percent(figure: Option<f64>) -> String {
    figure.map_or_else(untold, |percent| format!("{percent:.0}%"))
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn memory(memory: Option<GpuMemory>) -> String {
    memory.map_or_else(untold, |memory| {
        let percent = memory.percent();
        format!("{percent:.1}% of {:.1} GiB", memory.total as f64 / GIB)
    })
}

fn untold() -> String {
    "&ndash;".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gpu_has_a_row_and_its_texts_are_text() {
        let html = gpus(&Gpus::Present(vec![
            Gpu {
                name: "A <b>".to_owned(),
                compute: Some(37.0),
                memory: Some(GpuMemory {
                    used: 1 << 30,
                    total: 8 << 30,
                }),
                ..Gpu::default()
            },
            Gpu {
                name: "B".to_owned(),
                trouble: Some("it is <lost>".to_owned()),
                ..Gpu::default()
            },
        ]));
        for part in [
            "A &lt;b&gt;",
            ">37%<",
            "12.5% of 8.0 GiB",
            "&ndash;",
            "it is &lt;lost&gt;",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn without_figures_it_says_why() {
        let none = [
            (Gpus::Absent, "Not recognized"),
            (Gpus::Failing("a < b".to_owned()), "fails: a &lt; b"),
            (Gpus::Present(Vec::new()), "has no GPU"),
        ];
        for (state, text) in none {
            assert!(gpus(&state).contains(text), "{state:?}");
        }
    }
}
