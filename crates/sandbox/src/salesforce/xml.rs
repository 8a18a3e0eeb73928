//! The little of XML that old doors speak: elements by their names, no more.

/// The text of the first element of a name, whatever its namespace is called.
pub(super) fn element(body: &str, name: &str) -> Option<String> {
    let mut from = 0;
    while let Some(found) = body[from..].find(name) {
        let (start, end) = (from + found, from + found + name.len());
        let opens = body[..start].ends_with('<')
            || body[..start].rsplit('<').next().is_some_and(|prefix| {
                prefix.ends_with(':') && prefix[..prefix.len() - 1].bytes().all(|byte| byte.is_ascii_alphanumeric())
            });
        if opens && body[end..].starts_with(['>', ' ']) {
            let rest = &body[end..];
            let text = &rest[rest.find('>')? + 1..];
            return Some(unescape(&text[..text.find("</")?]));
        }
        from = end;
    }
    None
}

/// What stands before, within and behind the first element of a name that has no namespace and no attributes.
pub(super) fn split<'b>(body: &'b str, name: &str) -> Option<(&'b str, &'b str, &'b str)> {
    let (before, rest) = body.split_once(&format!("<{name}>"))?;
    let (within, behind) = rest.split_once(&format!("</{name}>"))?;
    Some((before, within, behind))
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_found_whatever_its_namespace_is_called() {
        for body in [
            "<username>a&amp;b</username>",
            "<urn:username>a&amp;b</urn:username>",
            "<n1:username x=\"1\">a&amp;b</n1:username>",
        ] {
            assert_eq!(element(body, "username").unwrap(), "a&b");
        }
        assert_eq!(element("<u>username</u>", "username"), None);
    }
}
