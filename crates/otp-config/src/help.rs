use crate::files::File;
use crate::key::{option, variable};
use crate::shape::Shape;
use crate::tree::{Node, Value};

/// What there is to say in the help.
pub(crate) struct Help<'a> {
    pub(crate) program: &'a str,
    pub(crate) about: &'a str,
    /// That of the variables, if there are any.
    pub(crate) prefix: Option<&'a str>,
    pub(crate) version: bool,
    pub(crate) defaults: Option<&'a Node>,
    pub(crate) files: &'a [File],
    pub(crate) texts: &'a [(String, String)],
}

impl Help<'_> {
    pub(crate) fn text(&self, shape: &Shape) -> String {
        let mut options = Vec::new();
        let mut hidden = Vec::new();
        shape.visit(&mut Vec::new(), &mut |path, shape| match shape {
            Shape::Struct(_) => {}
            shape if shape.is_secret() => hidden.push(path.join(".")),
            _ => options.push((format!("      --{}{}", option(path), kind(shape)), self.about(path))),
        });
        if let [first, rest @ ..] = self.files {
            let others = if rest.is_empty() { "" } else { " and the others" };
            let text = format!("read this file instead of {}{others}", first.path.display());
            options.push(("      --config <FILE>".to_owned(), text));
        }
        options.push(("  -h, --help".to_owned(), "print this and exit".to_owned()));
        if self.version {
            options.push(("  -V, --version".to_owned(), "print the version and exit".to_owned()));
        }
        let mut text = String::new();
        if !self.about.is_empty() {
            text.push_str(&format!("{}\n\n", self.about));
        }
        text.push_str(&format!("Usage: {} [OPTIONS]\n\nOptions:\n", self.program));
        let widest =
            options.iter().map(|(left, _)| left.chars().count()).filter(|width| *width <= 36).max().unwrap_or(0);
        for (left, right) in options {
            // What is long has its text on the next line.
            let gap = match widest.checked_sub(left.chars().count()) {
                Some(gap) => " ".repeat(gap + 2),
                None => format!("\n{}", " ".repeat(widest + 2)),
            };
            text.push_str(format!("{left}{gap}{right}").trim_end());
            text.push('\n');
        }
        text.push_str(&self.sources(&hidden));
        text
    }

    /// What the program has said of a key, its default, and its variable.
    fn about(&self, path: &[&str]) -> String {
        let key = path.join(".");
        let said = self.texts.iter().rev().find(|(described, _)| *described == key).map(|(_, text)| text.clone());
        let default = self.default(path).map(|default| format!("[default: {default}]"));
        let variable = self.prefix.map(|prefix| format!("[env: {}]", variable(prefix, path)));
        [said, default, variable].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn default(&self, path: &[&str]) -> Option<String> {
        let node = path.iter().try_fold(self.defaults?, |node, name| match &node.value {
            Value::Table(table) => table.get(*name),
            _ => None,
        });
        plain(node?)
    }

    fn sources(&self, hidden: &[String]) -> String {
        let mut text = String::new();
        if !hidden.is_empty() {
            text.push_str(&format!("\nNot on the command line, as secrets: {}\n", hidden.join(", ")));
        }
        let files = self.files.iter().map(|file| file.path.display().to_string());
        let variables = self.prefix.map(|prefix| format!("variables {prefix}__*"));
        let sources: Vec<_> = files.chain(variables).chain(["options".to_owned()]).collect();
        if sources.len() > 1 {
            text.push_str(&format!("\nLater ones override earlier ones: {}.\n", sources.join(", ")));
        }
        text
    }
}

fn kind(shape: &Shape) -> String {
    match shape {
        Shape::Flag => String::new(),
        Shape::Number(name) => format!(" <{name}>"),
        Shape::Enum(variants) if variants.len() <= 6 => {
            format!(" <{}>", variants.iter().map(|(word, _)| *word).collect::<Vec<_>>().join("|"))
        }
        Shape::Enum(_) => " <WORD>".to_owned(),
        Shape::List(_) => " <A,B…>".to_owned(),
        Shape::Map(_) => ".<KEY> <VALUE>".to_owned(),
        Shape::Text => " <TEXT>".to_owned(),
        _ => " <VALUE>".to_owned(),
    }
}

fn plain(node: &Node) -> Option<String> {
    Some(match &node.value {
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Time(time) => time.to_string(),
        Value::String(text) | Value::Untyped(text) => text.clone(),
        Value::List(items) => items.iter().map(plain).collect::<Option<Vec<_>>>()?.join(","),
        Value::Table(_) => return None,
    })
}
