//! Writes `docs/src/scale.md` and its plots.
//!
//! ```sh
//! cargo run --release -p webots-cloud-benches --bin scale
//! ```

use std::fs;
use std::io;
use std::path::Path;

use webots_cloud_benches::scale::report::whole;

fn main() -> io::Result<()> {
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src");
    fs::create_dir_all(book.join("scale"))?;
    let mut text = String::new();
    for section in whole() {
        text += &section.text;
        for (name, svg) in section.plots {
            fs::write(book.join("scale").join(name), svg)?;
        }
    }
    fs::write(book.join("scale.md"), text)
}
