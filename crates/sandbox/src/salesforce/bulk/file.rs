//! Files of comma-separated values: read as they come, written with the vendor's quoting.

/// The header and the rows of a file.
///
/// # Errors
/// What is wrong with the file.
pub(super) fn read(text: &str, delimiter: u8) -> Result<(Vec<String>, Vec<Vec<String>>), String> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let header: Vec<String> =
        reader.headers().map_err(|error| error.to_string())?.iter().map(|name| name.trim().to_owned()).collect();
    let mut rows = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| error.to_string())?;
        rows.push(row.iter().map(str::to_owned).collect());
    }
    Ok((header, rows))
}

/// The description and the file of a request that brings both.
pub(super) fn multipart(media: &str, body: &[u8]) -> Option<(String, String)> {
    let boundary = media.split("boundary=").nth(1)?.split(';').next()?.trim().trim_matches('"');
    let text = String::from_utf8(body.to_vec()).ok()?;
    let boundary = format!("--{boundary}");
    let parts = text.split(&boundary).filter_map(|part| {
        let part = part.trim_start_matches("\r\n").trim_start_matches('\n');
        let (head, content) = part.split_once("\r\n\r\n").or_else(|| part.split_once("\n\n"))?;
        let content = content.strip_suffix("\r\n").or_else(|| content.strip_suffix('\n')).unwrap_or(content);
        Some((head.to_owned(), content.to_owned()))
    });
    let (mut described, mut content) = (None, None);
    for (head, text) in parts {
        match head.contains("name=\"job\"") {
            true => described = Some(text),
            false => content = Some(text),
        }
    }
    Some((described?, content?))
}

/// Writes a file: the names of the vendor's own columns and all values are quoted, the caller's names are not.
pub(super) struct Writer {
    text: String,
    delimiter: char,
    newline: &'static str,
}

impl Writer {
    pub(super) fn new(delimiter: u8, newline: &'static str) -> Self {
        Self { text: String::new(), delimiter: char::from(delimiter), newline }
    }

    pub(super) fn header(&mut self, own: &[&str], columns: &[String]) {
        let own = own.iter().map(|name| format!("\"{name}\""));
        let line: Vec<String> = own.chain(columns.iter().cloned()).collect();
        self.line(&line);
    }

    pub(super) fn row(&mut self, own: &[&str], values: &[String]) {
        let values = own.iter().copied().chain(values.iter().map(String::as_str));
        let line: Vec<String> = values.map(|value| format!("\"{}\"", value.replace('"', "\"\""))).collect();
        self.line(&line);
    }

    fn line(&mut self, line: &[String]) {
        self.text.push_str(&line.join(&self.delimiter.to_string()));
        self.text.push_str(self.newline);
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}
