//! Who acted, in words: histories keep ids, people read names.

use std::collections::HashMap;

use db::Rx;
use edge::Frame;

use crate::{
    Error,
    sql::{key, member},
};

/// The names of some actors, as they are today.
#[derive(Debug, Default)]
pub struct Names(HashMap<String, Named>);

#[derive(Debug)]
enum Named {
    Member(String),
    Key(String),
}

/// Looks up what `actors` are called; nobody is asked for twice.
pub fn names<'a>(rx: &mut Rx, actors: impl IntoIterator<Item = &'a str>) -> Result<Names, Error> {
    let mut names = Names::default();
    for actor in actors {
        if names.0.contains_key(actor) {
            continue;
        }
        let found = match actor.split_once(':') {
            Some(("member", id)) => match id.parse() {
                Ok(id) => member::find(rx, id)?.map(|member| Named::Member(member.name.to_string())),
                Err(_) => None,
            },
            Some(("key", id)) => match id.parse() {
                Ok(id) => key::find(rx, id)?.map(|key| Named::Key(key.name.to_string())),
                Err(_) => None,
            },
            _ => None,
        };
        if let Some(named) = found {
            names.0.insert(actor.to_owned(), named);
        }
    }
    Ok(names)
}

impl Names {
    /// `actor` as a page says it; what is not known by name is said by its kind.
    pub fn of(&self, frame: &Frame, actor: &str) -> String {
        match (self.0.get(actor), actor.split(':').next()) {
            (Some(Named::Member(name)), _) => name.clone(),
            (Some(Named::Key(name)), _) => frame.t1("actor-key", "name", name),
            (None, Some("visitor")) => frame.t("actor-visitor"),
            (None, Some("system")) => frame.t("actor-system"),
            (None, Some("operator")) => frame.t("actor-operator"),
            (None, Some("provider")) => frame.t("actor-provider"),
            (None, _) => actor.to_owned(),
        }
    }
}
