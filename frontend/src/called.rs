//! What rows are called, so that no two rows of one list bear the same name.
//!
//! Must not: know the page.

use std::collections::BTreeSet;

use crate::board::Ground;
use crate::display;
use crate::figures::Line;

/// What a row is called beside rows of other models and machines.
pub fn called(line: &Line) -> String {
    format!("{} {} on {}", line.model.name, line.model.dtype, line.machine.name)
}

/// What tells the rows of one ground and one task apart besides their names: whatever the list holds more than one of.
#[derive(Debug, Clone, Copy)]
pub struct Apart {
    has_revisions: bool,
    has_engines: bool,
}

impl Apart {
    /// Looks through a list.
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Self {
        let lines: Vec<&Line> = lines.into_iter().collect();
        let several = |of: &dyn Fn(&Line) -> String| {
            let words: Vec<String> = lines.iter().map(|line| of(line)).collect();
            let mut once = BTreeSet::<&str>::new();
            for word in &words {
                once.insert(word);
            }
            once.len()
        };
        Self {
            has_revisions: several(&|line| line.model.id.to_string())
                > several(&|line| format!("{} {}", line.model.name, line.model.dtype)),
            has_engines: several(&|line| line.row.key.engine_version.clone()) > 1,
        }
    }

    /// What has to be said of a row besides its name, each part after a comma; nothing where the name is enough.
    pub fn says(&self, line: &Line) -> String {
        let mut said = String::new();
        if self.has_revisions {
            said = format!(", revision {}", line.model.revision);
        }
        if self.has_engines {
            said += &format!(", {}", line.row.key.engine_version);
        }
        said
    }

    /// The same for a line of its own below the name; none where the name is enough.
    pub fn besides(&self, line: &Line) -> Option<String> {
        self.says(line).strip_prefix(", ").map(str::to_owned)
    }

    /// What a row is called in this list.
    pub fn called(&self, line: &Line) -> String {
        format!("{}{}", called(line), self.says(line))
    }

    /// The same with its task and its ground, for lists that hold several.
    pub fn called_on_its_ground(&self, line: &Line) -> String {
        let (task, ground) = (display::task(line.row.key.task), Ground::of(line).heading());
        format!("{}, {task}{} ({ground})", called(line), self.says(line))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::board;
    use crate::view_state::ViewState;

    /// One row, and the same after a change.
    fn pair(change: impl FnOnce(&mut Line)) -> [Line; 2] {
        let first = Line::clone(&board::sections(&board::tests::board(), &ViewState::default())[0].lines[0]);
        let mut second = first.clone();
        change(&mut second);
        [first, second]
    }

    #[test]
    fn rows_of_one_model_and_machine_are_told_apart_by_what_they_differ_in() {
        let changes: [fn(&mut Line); 2] = [
            |line| line.row.key.engine_version = "2".to_owned(),
            |line| {
                let model = Arc::make_mut(&mut line.model);
                model.revision = "other".to_owned();
                model.id = "b@other:f32".parse().unwrap();
            },
        ];
        for change in changes {
            let lines = pair(change);
            let apart = Apart::of(&lines);
            assert_ne!(apart.called(&lines[0]), apart.called(&lines[1]));
        }
    }

    #[test]
    fn what_all_rows_share_is_not_said() {
        let lines = pair(|line| line.row.key.engine_version = "2".to_owned());
        assert_eq!(Apart::of(&lines).says(&lines[1]), ", 2");
        assert_eq!(Apart::of(&lines).besides(&lines[1]).as_deref(), Some("2"));
        assert_eq!(Apart::of(&lines[..1]).besides(&lines[0]), None);
        assert_eq!(Apart::of(&lines[..1]).called(&lines[0]), called(&lines[0]));
    }

    #[test]
    fn a_list_of_several_grounds_says_the_label_of_each_row() {
        let lines = pair(|line| line.row.key.label = common::meter::Label::Simulated);
        let names = lines.each_ref().map(|line| Apart::of(&lines).called_on_its_ground(line));
        assert!(names[1].contains("simulated") && names[0] != names[1], "{names:?}");
    }
}
