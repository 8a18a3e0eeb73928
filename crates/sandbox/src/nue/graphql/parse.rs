//! The grammar of the subset of GraphQL: one query, variables, arguments, nested selections.

use serde_json::{Map, Value};

/// A field of a selection.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// The name under which the result stands.
    pub(crate) alias: String,
    pub(crate) name: String,
    pub(crate) arguments: Map<String, Value>,
    pub(crate) selection: Vec<Node>,
}

/// Reads a document; answers with the fields of its query.
pub(crate) fn document(text: &str, variables: &Map<String, Value>) -> Result<Vec<Node>, String> {
    let mut reader = Reader { rest: text, variables: variables.clone(), depth: 0 };
    if reader.peek() != Some('{') {
        match reader.name()?.as_str() {
            "query" => {}
            other => return Err(format!("Only queries are served, not `{other}`")),
        }
        if reader.peek().is_some_and(|sign| sign.is_alphabetic() || sign == '_') {
            reader.name()?;
        }
        if reader.take('(') {
            reader.definitions()?;
        }
    }
    let selection = reader.selection()?;
    match reader.peek() {
        None => Ok(selection),
        Some(sign) => Err(reader.unexpected(sign)),
    }
}

/// Reads a value that stands alone, as a filter does.
pub(crate) fn value(text: &str) -> Result<Value, String> {
    let mut reader = Reader { rest: text, variables: Map::new(), depth: 0 };
    let value = reader.value()?;
    match reader.peek() {
        None => Ok(value),
        Some(sign) => Err(reader.unexpected(sign)),
    }
}

struct Reader<'a> {
    rest: &'a str,
    variables: Map<String, Value>,
    depth: usize,
}

/// How deep a query may go.
const DEEPEST: usize = 32;

impl Reader<'_> {
    /// Reads what stands one level deeper.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, String>) -> Result<T, String> {
        self.depth += 1;
        let found = if self.depth > DEEPEST { Err("The query is nested too deep".to_owned()) } else { read(self) };
        self.depth -= 1;
        found
    }

    /// The next sign that counts: blanks, commas and comments do not.
    fn peek(&mut self) -> Option<char> {
        loop {
            self.rest =
                self.rest.trim_start_matches(|sign: char| sign.is_whitespace() || sign == ',' || sign == '\u{feff}');
            match self.rest.strip_prefix('#') {
                Some(comment) => self.rest = comment.find('\n').map_or("", |end| &comment[end..]),
                None => return self.rest.chars().next(),
            }
        }
    }

    fn take(&mut self, sign: char) -> bool {
        let found = self.peek() == Some(sign);
        if found {
            self.rest = &self.rest[sign.len_utf8()..];
        }
        found
    }

    fn expect(&mut self, sign: char) -> Result<(), String> {
        if self.take(sign) { Ok(()) } else { Err(format!("Syntax Error: Expected \"{sign}\", found {}", self.found())) }
    }

    fn found(&mut self) -> String {
        self.peek().map_or_else(|| "<EOF>".to_owned(), |sign| format!("\"{sign}\""))
    }

    fn unexpected(&self, sign: char) -> String {
        format!("Syntax Error: Unexpected \"{sign}\"")
    }

    fn name(&mut self) -> Result<String, String> {
        self.peek();
        let end = self.rest.find(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_').unwrap_or(self.rest.len());
        if end == 0 || self.rest.starts_with(|sign: char| sign.is_ascii_digit()) {
            return Err(format!("Syntax Error: Expected a name, found {}", self.found()));
        }
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        Ok(name.to_owned())
    }

    /// `$a: String = "x"`: a variable that is not given has its default.
    fn definitions(&mut self) -> Result<(), String> {
        while !self.take(')') {
            self.expect('$')?;
            let name = self.name()?;
            self.expect(':')?;
            while self.peek().is_some_and(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '[' | ']' | '!'))
            {
                if !matches!(self.peek(), Some('$')) && !self.take('[') && !self.take(']') && !self.take('!') {
                    self.name()?;
                }
            }
            let default = if self.take('=') { self.value()? } else { Value::Null };
            self.variables.entry(name).or_insert(default);
        }
        Ok(())
    }

    fn selection(&mut self) -> Result<Vec<Node>, String> {
        self.expect('{')?;
        let mut nodes = Vec::new();
        while !self.take('}') {
            nodes.push(self.node()?);
        }
        if nodes.is_empty() { Err("Syntax Error: Expected a name, found \"}\"".to_owned()) } else { Ok(nodes) }
    }

    fn node(&mut self) -> Result<Node, String> {
        let alias = self.name()?;
        let name = if self.take(':') { self.name()? } else { alias.clone() };
        let mut arguments = Map::new();
        if self.take('(') {
            while !self.take(')') {
                let argument = self.name()?;
                self.expect(':')?;
                arguments.insert(argument, self.value()?);
            }
        }
        let selection = if self.peek() == Some('{') { self.deeper(Self::selection)? } else { Vec::new() };
        Ok(Node { alias, name, arguments, selection })
    }

    /// A value; an enumerated word becomes a text.
    fn value(&mut self) -> Result<Value, String> {
        match self.peek() {
            Some('$') => {
                self.expect('$')?;
                let name = self.name()?;
                self.variables.get(&name).cloned().ok_or_else(|| format!("Variable \"${name}\" is not defined"))
            }
            Some('{') => {
                self.expect('{')?;
                let mut object = Map::new();
                while !self.take('}') {
                    let key = self.name()?;
                    self.expect(':')?;
                    object.insert(key, self.deeper(Self::value)?);
                }
                Ok(Value::Object(object))
            }
            Some('[') => {
                self.expect('[')?;
                let mut list = Vec::new();
                while !self.take(']') {
                    list.push(self.deeper(Self::value)?);
                }
                Ok(Value::Array(list))
            }
            Some('"') => self.text(),
            Some(sign) if sign == '-' || sign.is_ascii_digit() => self.number(),
            _ => Ok(match self.name()?.as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                "null" => Value::Null,
                word => Value::String(word.to_owned()),
            }),
        }
    }

    /// A text; its escapes are those of JSON.
    fn text(&mut self) -> Result<Value, String> {
        let mut escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, sign)| {
            let ends = *sign == '"' && !escaped;
            escaped = *sign == '\\' && !escaped;
            ends
        });
        let end = end.map(|(place, _)| place + 1).ok_or("Syntax Error: Unterminated string")?;
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        serde_json::from_str(text).map_err(|_| "Syntax Error: Invalid string".to_owned())
    }

    fn number(&mut self) -> Result<Value, String> {
        let is_part = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '+' | '.');
        let end = self.rest.find(|sign| !is_part(sign)).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        serde_json::from_str(number).map_err(|_| format!("Syntax Error: Invalid number \"{number}\""))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn variables_defaults_aliases_and_nested_arguments_are_read() {
        let text = r#"query Q($ids: [ID!]!, $n: Int = 5) { # why
            all: Invoice(where: {_and: [{id: {_in: $ids}}, {status: {_eq: "A\"b"}}]}, limit: $n, orderBy: {name: desc})
            { id customer { id } } }"#;
        let variables = Map::from_iter([("ids".to_owned(), json!(["a"]))]);
        let nodes = document(text, &variables).unwrap();
        assert_eq!((nodes[0].alias.as_str(), nodes[0].name.as_str()), ("all", "Invoice"));
        let wanted = json!({
            "where": { "_and": [{ "id": { "_in": ["a"] } }, { "status": { "_eq": "A\"b" } }] },
            "limit": 5,
            "orderBy": { "name": "desc" },
        });
        assert_eq!(Value::Object(nodes[0].arguments.clone()), wanted);
        assert_eq!(nodes[0].selection[1].selection[0].name, "id");
    }

    #[test]
    fn what_is_not_a_query_is_refused_with_its_reason() {
        for (text, reason) in [
            ("mutation { a }", "Only queries"),
            ("{ Invoice { id }", "<EOF>"),
            ("{ }", "Expected a name"),
            ("{ Invoice(where: $w) { id } }", "not defined"),
            ("{ Invoice { id } } x", "Unexpected"),
        ] {
            let error = document(text, &Map::new()).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
