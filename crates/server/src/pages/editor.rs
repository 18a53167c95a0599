//! The editor of the query page, and the documents that it offers: those of `examples/queries`, which the build puts into
//! the program.

use async_graphql::parser::parse_query;

use super::controls::after_first_break;
use super::forms::Hidden;

include!(concat!(env!("OUT_DIR"), "/examples.rs"));

/// A document of `examples/queries`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Example {
    pub name: &'static str,
    pub text: &'static str,
}

/// The editor, and what came of the document in it.
pub(crate) struct Editor<'a> {
    pub hidden: Hidden,
    pub query: &'a str,
    pub variables: String,
    pub operation_name: &'a str,
    pub example: Option<&'a Example>,
    /// The answer, or why there is none.
    pub answer: Option<String>,
    pub is_refused: bool,
}

impl Example {
    /// What it is for: the comment with which it begins.
    pub fn about(&self) -> String {
        let lines = self.text.lines().map_while(|line| line.strip_prefix('#'));
        lines.map(str::trim).collect::<Vec<_>>().join(" ")
    }

    /// Its variables as JSON to be filled in: each that is required, with its type as the value.
    pub fn variables(&self) -> String {
        let Ok(document) = parse_query(self.text) else { return String::new() };
        let mut variables = serde_json::Map::new();
        for (_, operation) in document.operations.iter() {
            for variable in &operation.node.variable_definitions {
                let (name, ty) = (&variable.node.name.node, &variable.node.var_type.node);
                if !ty.nullable && variable.node.default_value.is_none() {
                    variables.insert(name.to_string(), ty.to_string().into());
                }
            }
        }
        if variables.is_empty() { String::new() } else { format!("{:#}", serde_json::Value::Object(variables)) }
    }
}

impl Editor<'_> {
    /// Whether this example is in the editor.
    pub fn is_chosen(&self, example: &Example) -> bool {
        self.example.is_some_and(|chosen| chosen.name == example.name)
    }

    /// The text of the field for the document.
    pub fn document(&self) -> String {
        after_first_break(self.query)
    }
}

/// The example with this name.
pub(crate) fn example(name: &str) -> Option<&'static Example> {
    EXAMPLES.iter().find(|example| example.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_example_says_what_it_is_for_and_which_variables_it_needs() {
        for example in EXAMPLES {
            assert!(example.about().ends_with('.') && parse_query(example.text).is_ok(), "{}", example.name);
            assert!(example.variables().is_empty() || example.variables().contains('!'), "{}", example.name);
        }
        let thread = EXAMPLES.iter().find(|example| example.name == "thread").unwrap();
        assert_eq!(thread.variables(), "{\n  \"id\": \"ID!\"\n}");
        assert!(EXAMPLES.len() > 30, "{}", EXAMPLES.len());
    }
}
