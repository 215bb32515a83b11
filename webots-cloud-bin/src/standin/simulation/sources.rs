//! The sources of controllers for the editor of the web page (W3.7).

use super::super::editor;
use super::{ClientId, Simulation};

/// What a client wants to see.
#[derive(Debug)]
pub(super) enum Wanted {
    /// All of a controller.
    Controller(String),
    /// One file.
    File(String),
}

impl Simulation {
    pub(super) async fn show_source(&mut self, id: ClientId, wanted: Wanted) {
        if !self.options.controller_edit {
            self.refuse_edit("this simulation was started without controllerEdit");
            return;
        }
        let (project, allowed) = (self.project.clone(), self.controller_names());
        let shown = tokio::task::spawn_blocking(move || match wanted {
            Wanted::Controller(folder) => editor::show(&project, &allowed, &folder),
            Wanted::File(file) => editor::show_file(&project, &allowed, &file).map(|f| vec![f]),
        });
        match shown.await {
            Ok(Ok(frames)) => {
                for frame in frames {
                    self.send(id, frame.into());
                }
            }
            Ok(Err(why)) => self.refuse_edit(&why),
            Err(failed) => self.refuse_edit(&failed.to_string()),
        }
    }

    pub(super) async fn save_source(&mut self, file: &str, content: String) {
        if !self.options.controller_edit {
            self.refuse_edit("this simulation was started without controllerEdit");
            return;
        }
        let (project, allowed, file) = (
            self.project.clone(),
            self.controller_names(),
            file.to_owned(),
        );
        let saved =
            tokio::task::spawn_blocking(move || editor::save(&project, &allowed, &file, &content));
        match saved.await {
            Ok(Ok(())) => {}
            Ok(Err(why)) => self.refuse_edit(&why),
            Err(failed) => self.refuse_edit(&failed.to_string()),
        }
    }

    fn refuse_edit(&self, why: &str) {
        self.output.error(format!("Streaming server: {why}"));
    }
}
