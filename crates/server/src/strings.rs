//! Rewrites the strings of a document whose escapes the parser does not know, before it is parsed.
//!
//! The parser reads neither surrogate pairs (`\uD83D\uDE00`) nor escapes of variable width (`\u{1F600}`), and it
//! keeps the backslash of `\"""` in a block string. Such a string is replaced by one with the same value. Lines stay
//! where they are, so the positions of errors stay right, except for columns after a replaced string.

use std::borrow::Cow;

use crate::fault::{ErrorCode, Refused};

/// The rest of `text` after the string at its start; `None` if the string does not end.
pub(crate) fn skip_string(text: &str) -> Option<&str> {
    if let Some(block) = text.strip_prefix("\"\"\"") {
        let mut rest = block;
        loop {
            let at = rest.find("\"\"\"")?;
            let (before, after) = (rest.get(..at)?, rest.get(at + 3..)?);
            if !before.ends_with('\\') {
                return Some(after);
            }
            rest = after;
        }
    }
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'\n' | b'\r' => return None,
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return text.get(at + 1..),
            _ => {}
        }
    }
    None
}

/// The text with every string in a form that the parser reads.
///
/// # Errors
/// If an escape names no character.
pub(crate) fn readable(text: &str) -> Result<Cow<'_, str>, Refused> {
    if !text.contains("\\u") && !text.contains("\\\"\"\"") {
        return Ok(Cow::Borrowed(text));
    }
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['"', '#']) {
        let (before, found) = rest.split_at(at);
        written.push_str(before);
        let after = if found.starts_with('#') {
            found.find(['\n', '\r']).and_then(|end| found.get(end..)).unwrap_or_default()
        } else {
            skip_string(found).unwrap_or_default()
        };
        let (whole, after) = found.split_at(found.len() - after.len());
        match whole.strip_prefix("\"\"\"").and_then(|block| block.strip_suffix("\"\"\"")) {
            Some(block) if whole.starts_with('"') => rewrite_block(block, whole, &mut written),
            _ if whole.starts_with('"') => rewrite_line(whole, &mut written)?,
            _ => written.push_str(whole),
        }
        rest = after;
    }
    written.push_str(rest);
    Ok(Cow::Owned(written))
}

fn rewrite_block(block: &str, whole: &str, written: &mut String) {
    if !block.contains("\\\"\"\"") {
        written.push_str(whole);
        return;
    }
    written.push('"');
    for letter in block_value(block).replace("\\\"\"\"", "\"\"\"").chars() {
        push(letter, written);
    }
    written.push('"');
    let lines = block.replace("\r\n", "\n").matches(['\n', '\r']).count();
    written.extend(std::iter::repeat_n('\n', lines));
}

/// The value of a block string before its escapes: without common indentation and without empty lines at its ends.
fn block_value(block: &str) -> String {
    let block = block.replace("\r\n", "\n").replace('\r', "\n");
    let blank = |line: &str| line.bytes().all(|byte| byte == b' ' || byte == b'\t');
    let lines: Vec<&str> = block.split('\n').collect();
    let indentations = lines.iter().skip(1).filter_map(|line| line.find(|letter| letter != ' ' && letter != '\t'));
    let common = indentations.min().unwrap_or(0);
    let first = lines.iter().position(|line| !blank(line)).unwrap_or(lines.len());
    let last = lines.iter().rposition(|line| !blank(line)).map_or(0, |last| last + 1);
    let kept = lines.iter().enumerate().take(last).skip(first);
    let unindented = kept.map(|(number, line)| if number == 0 { line } else { line.get(common..).unwrap_or_default() });
    unindented.collect::<Vec<_>>().join("\n")
}

fn rewrite_line(whole: &str, written: &mut String) -> Result<(), Refused> {
    let mut rest = whole;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        written.push_str(before);
        let after = match unicode_escape(escape)? {
            Some(Escape { letter, after }) => {
                push(letter, written);
                after
            }
            None => {
                let end = escape.char_indices().nth(2).map_or(escape.len(), |(end, _)| end);
                let (simple, after) = escape.split_at(end);
                written.push_str(simple);
                after
            }
        };
        rest = after;
    }
    written.push_str(rest);
    Ok(())
}

/// A character that is escaped by its number, and the text after it.
struct Escape<'a> {
    letter: char,
    after: &'a str,
}

/// `None` if the text starts with another escape.
fn unicode_escape(text: &str) -> Result<Option<Escape<'_>>, Refused> {
    let Some(digits) = text.strip_prefix("\\u") else { return Ok(None) };
    let wrong = || Refused::new(ErrorCode::GraphqlParseFailed, "an escape in a string names no character");
    let character = |number: u32, after| {
        let letter = char::from_u32(number).ok_or_else(wrong)?;
        Ok(Some(Escape { letter, after }))
    };
    if let Some(braced) = digits.strip_prefix('{') {
        let (digits, after) = braced.split_once('}').ok_or_else(wrong)?;
        return character(hexadecimal(digits).ok_or_else(wrong)?, after);
    }
    let (high, after) = four_digits(digits).ok_or_else(wrong)?;
    if !(0xd800..0xdc00).contains(&high) {
        return character(high, after);
    }
    let low = after.strip_prefix("\\u").and_then(four_digits).filter(|(low, _)| (0xdc00..0xe000).contains(low));
    let (low, after) = low.ok_or_else(wrong)?;
    character(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00), after)
}

fn four_digits(text: &str) -> Option<(u32, &str)> {
    let (digits, after) = text.split_at_checked(4)?;
    Some((hexadecimal(digits)?, after))
}

fn hexadecimal(digits: &str) -> Option<u32> {
    let all = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    all.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

/// Writes a character into a string of one line.
fn push(letter: char, written: &mut String) {
    match letter {
        '"' => written.push_str("\\\""),
        '\\' => written.push_str("\\\\"),
        '\n' => written.push_str("\\n"),
        '\r' => written.push_str("\\r"),
        other => written.push(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_rewritten_only_if_it_has_such_an_escape() {
        for (text, expected) in [
            (r#"{ a(t: "\uD83D\uDE00") }"#, r#"{ a(t: "😀") }"#),
            (r#"{ a(t: "\u{1F600}\u{41}") }"#, r#"{ a(t: "😀A") }"#),
            (r#"{ a(t: "\\u{41} \\\\uD83D") }"#, r#"{ a(t: "\\u{41} \\\\uD83D") }"#),
            (r#"{ a(t: "\u0022 \u005C \u000a") }"#, r#"{ a(t: "\" \\ \n") }"#),
            (r#"{ a(t: """\u{41} \uD83D""") }"#, r#"{ a(t: """\u{41} \uD83D""") }"#),
            (r#"{ a(t: """say \""" now""") }"#, r#"{ a(t: "say \"\"\" now") }"#),
            ("{ a(t: \"\"\"\n    x\\n\n      \\\"\"\"\n  \"\"\") b }", "{ a(t: \"x\\\\n\\n  \\\"\\\"\\\"\"\n\n\n) b }"),
            ("{ a # \"\\uZZ\n }", "{ a # \"\\uZZ\n }"),
            (r#"{ a(t: "", u: """""", v: "\u0041") }"#, r#"{ a(t: "", u: """""", v: "A") }"#),
        ] {
            assert_eq!(readable(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn every_escaped_character_is_the_one_that_the_parser_reads() {
        let ends = ['\u{7f}', '\u{80}', '\u{2028}', '\u{d7ff}', '\u{e000}', '\u{feff}', '\u{ffff}', '\u{10ffff}'];
        for letter in ('\0'..'\u{80}').chain(ends) {
            let text = format!("{{ a(t: \"x\\u{{{:x}}}y\") }}", u32::from(letter));
            let parsed = async_graphql::parser::parse_query(readable(&text).unwrap()).expect("parses");
            let Some((_, operation)) = parsed.operations.iter().next() else { panic!("no operation") };
            let set = &operation.node.selection_set.node;
            let async_graphql::parser::types::Selection::Field(field) = &set.items[0].node else { panic!("no field") };
            let given = field.node.get_argument("t").unwrap().node.to_string();
            let value = async_graphql_value::Value::String(format!("x{letter}y"));
            assert_eq!(given, value.to_string(), "{letter:?}");
        }
    }

    #[test]
    fn an_escape_that_names_no_character_is_refused() {
        for text in [
            r#""\uD83D""#,
            r#""\uD83D\u0041""#,
            r#""\uDE00""#,
            r#""\u{D800}""#,
            r#""\u{110000}""#,
            r#""\u{}""#,
            r#""\u{1F600""#,
            r#""\u12""#,
            r#""\u+123""#,
            r#""\u{FFFFFFFFFFFF}""#,
        ] {
            assert_eq!(
                readable(text).err().map(|refused| refused.code()),
                Some(ErrorCode::GraphqlParseFailed),
                "{text}"
            );
        }
    }
}
