//! The GPUs on the monitor page.

use std::fmt::Write as _;

use super::figures::{Bytes, Percent, Told};
use crate::load::{Gpu, GpuMemory, Gpus};
use crate::web::escape::Escaped;

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
        "<table class=\"gpus\"><thead><tr><th class=\"number\" scope=\"col\">#</th>\
         <th scope=\"col\">GPU</th><th class=\"number\" scope=\"col\">compute</th>\
         <th class=\"number\" scope=\"col\">memory load</th>\
         <th class=\"number\" scope=\"col\">memory</th></tr></thead>\n\
         <tbody>\n{rows}</tbody></table>\n"
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
            Told(gpu.compute.map(Percent)),
            Told(gpu.memory_load.map(Percent)),
            Told(gpu.memory.map(memory)),
        ),
    };
    row + "</tr>\n"
}

fn memory(memory: GpuMemory) -> String {
    format!("{:.1}% of {}", memory.percent(), Bytes(memory.total))
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
