//! Records to bytes.

use std::io::Write;

use model::value::{Record, Value};

/// Writes a text with its escapes. Nearly no text has any, and long ones are queries: so it is looked through in steps
/// that a processor does at once.
pub(crate) fn write_text(text: &str, into: &mut Vec<u8>) {
    into.push(b'"');
    for step in text.as_bytes().chunks(32) {
        if step.iter().fold(true, |plain, byte| plain & is_plain(*byte)) {
            into.extend_from_slice(step);
        } else {
            write_escaped(step, into);
        }
    }
    into.push(b'"');
}

/// All bytes of letters beyond ASCII are above those that need an escape.
fn is_plain(byte: u8) -> bool {
    (byte >= 0x20) & (byte != b'"') & (byte != b'\\')
}

fn write_escaped(bytes: &[u8], into: &mut Vec<u8>) {
    for &byte in bytes {
        match byte {
            plain if is_plain(plain) => into.push(plain),
            b'"' => into.extend_from_slice(b"\\\""),
            b'\\' => into.extend_from_slice(b"\\\\"),
            b'\n' => into.extend_from_slice(b"\\n"),
            b'\r' => into.extend_from_slice(b"\\r"),
            b'\t' => into.extend_from_slice(b"\\t"),
            control => {
                let _ = write!(into, "\\u{control:04x}");
            }
        }
    }
}

/// Writes a record as JSON: decimals with their exact text, references as the id itself.
pub(crate) fn write_record(record: &Record, into: &mut Vec<u8>) {
    let mut separator = b'{';
    for (name, value) in record.iter() {
        into.push(separator);
        write_text(name, into);
        into.push(b':');
        write_value(value, into);
        separator = b',';
    }
    into.extend_from_slice(if record.is_empty() { b"{}" } else { b"}" });
}

pub(crate) fn write_value(value: &Value, into: &mut Vec<u8>) {
    match value {
        Value::Null => into.extend_from_slice(b"null"),
        Value::Bool(truth) => into.extend_from_slice(if *truth { b"true" } else { b"false" }),
        Value::Number(number) => {
            // Writing into memory does not fail.
            let _ = write!(into, "{number}");
        }
        Value::Text(text) | Value::Reference(text) => write_text(text, into),
        Value::Record(nested) => write_record(nested, into),
        Value::List(entries) => {
            into.push(b'[');
            for (position, entry) in entries.iter().enumerate() {
                if position > 0 {
                    into.push(b',');
                }
                write_record(entry, into);
            }
            into.push(b']');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Text, parse};

    #[test]
    fn a_text_that_is_written_reads_back_the_same() {
        for text in ["", "plain", "tab\tquote\" back\\slash é 𝄞 \u{1}", "\n\r\u{7f}", "\"", "a\\"] {
            let mut bytes = Vec::new();
            write_text(text, &mut bytes);
            assert_eq!(parse::<Text>(&bytes).unwrap().0, text);
        }
    }
}
