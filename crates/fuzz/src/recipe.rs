//! How a good example is spoilt: which one it is, and what is changed about it, in a few bytes.

use crate::pieces::pieces;

/// No input is larger.
pub const LARGEST: usize = 64 * 1024;

/// How many bytes of a recipe choose the example, and how many make a change.
pub(crate) const EXAMPLE: usize = 2;
pub(crate) const CHANGE: usize = 8;

/// What is put in the place of a piece: what readers are known to stumble over.
const HOSTILE: [&str; 64] = [
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-1",
    "1",
    "[]",
    "{}",
    "\"\"",
    "''",
    "[null]",
    "[[]]",
    "{\"\":null}",
    "[{}]",
    "1E400",
    "1e-400",
    "1e999999999",
    "-1e-999999999999999999999",
    "NaN",
    "Infinity",
    "0x10",
    "1e",
    ".5",
    "5.",
    "--1",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "79228162514264337593543950335",
    "-79228162514264337593543950336",
    "0.0000000000000000000000000001",
    "0.00000000000000000000000000001",
    "79228162514264337593543950335e-28",
    "1_000",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"\\u0000\"",
    "\"\\x\"",
    "\"",
    "'",
    "\\",
    "/*",
    "--",
    "\u{feff}",
    "\u{0}",
    "\u{202e}\u{1f600}",
    "%00%ff",
    "%",
    "{{",
    "}}",
    "0000-00-00",
    "9999-12-31T23:59:60Z",
    "-9999-01-01",
    "2026-02-30",
    "99/99/9999",
    "1e18446744073709551615",
    "🦀🦀🦀🦀",
    "<html><body>maintenance",
    "\r\n\r\n",
    "=",
    ";",
    "\"9999999999999999999999999999999999999999\"",
];

/// Examples, and words that belong to the matter.
#[derive(Debug, Default, Clone)]
pub struct Corpus {
    examples: Vec<Vec<u8>>,
    words: Vec<Vec<u8>>,
}

impl Corpus {
    /// Of these examples.
    pub fn of<T: Into<Vec<u8>>>(examples: impl IntoIterator<Item = T>) -> Self {
        Self { examples: examples.into_iter().map(Into::into).collect(), words: Vec::new() }
    }

    /// And these words.
    pub fn with_words(mut self, words: &[&str]) -> Self {
        self.words.extend(words.iter().map(|word| word.as_bytes().to_vec()));
        self
    }

    /// And more examples.
    pub fn and<T: Into<Vec<u8>>>(mut self, examples: impl IntoIterator<Item = T>) -> Self {
        self.examples.extend(examples.into_iter().map(Into::into));
        self
    }

    /// How many examples there are.
    pub fn len(&self) -> usize {
        self.examples.len()
    }

    /// Whether there is no example.
    pub fn is_empty(&self) -> bool {
        self.examples.is_empty()
    }

    /// What a recipe makes of the examples.
    pub fn cook(&self, recipe: &[u8]) -> Vec<u8> {
        let (example, changes) = recipe.split_at(recipe.len().min(EXAMPLE));
        let mut input = Recipe(example).choice(&self.examples).cloned().unwrap_or_default();
        for change in changes.chunks(CHANGE) {
            self.spoil(&mut input, &mut Recipe(change));
            input.truncate(LARGEST);
        }
        input
    }

    fn spoil(&self, input: &mut Vec<u8>, recipe: &mut Recipe) {
        let change = recipe.byte() % 12;
        let known = pieces(input);
        let Some(piece) = recipe.choice(&known).cloned() else {
            input.extend_from_slice(HOSTILE[usize::from(recipe.byte()) % HOSTILE.len()].as_bytes());
            return;
        };
        let replacement: Vec<u8> = match change {
            0..=2 => HOSTILE[usize::from(recipe.byte()) % HOSTILE.len()].into(),
            3 => recipe.choice(&self.words).cloned().unwrap_or_default(),
            4 | 5 => recipe.choice(&known).map(|other| input[other.clone()].to_vec()).unwrap_or_default(),
            6 => {
                let other = recipe.choice(&self.examples).map_or(&[][..], Vec::as_slice);
                recipe.choice(&pieces(other)).map(|piece| other[piece.clone()].to_vec()).unwrap_or_default()
            }
            7 => Vec::new(),
            8 => repeated(&input[piece.clone()], recipe),
            9 => nested(&input[piece.clone()], recipe),
            10 => {
                input.truncate(piece.end);
                return;
            }
            _ => {
                let at = piece.start + usize::from(recipe.short()) % piece.len();
                input[at] = recipe.byte();
                return;
            }
        };
        input.splice(piece, replacement);
    }
}

/// A piece many times over: a list that does not end, a number of ten thousand digits.
fn repeated(piece: &[u8], recipe: &mut Recipe) -> Vec<u8> {
    let separator: &[u8] = match recipe.byte() % 4 {
        0 | 1 => b",",
        2 => b" ",
        _ => b"",
    };
    let times = recipe.size().min(LARGEST / (piece.len() + 1)).max(1);
    vec![piece; times].join(separator)
}

/// A piece within many brackets.
fn nested(piece: &[u8], recipe: &mut Recipe) -> Vec<u8> {
    let (open, close): (&[u8], &[u8]) = match recipe.byte() % 6 {
        0 | 1 => (b"[", b"]"),
        2 => (b"(", b")"),
        3 => (b"{\"a\":", b"}"),
        4 => (b"-(", b")"),
        _ => (b"[{\"items\":", b"}]"),
    };
    let depth = recipe.size().min(LARGEST / (open.len() + close.len()));
    [open.repeat(depth), piece.to_vec(), close.repeat(depth)].concat()
}

/// What is left of a recipe; at its end there are zeros.
struct Recipe<'a>(&'a [u8]);

impl Recipe<'_> {
    fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                *first
            }
            None => 0,
        }
    }

    fn short(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    /// A number of any magnitude: as many below 16 as above 4,096.
    fn size(&mut self) -> usize {
        let number = usize::from(self.short());
        number >> (self.byte() % 16)
    }

    fn choice<'b, T>(&mut self, from: &'b [T]) -> Option<&'b T> {
        let number = usize::from(self.short());
        if from.is_empty() { None } else { from.get(number % from.len()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_recipe_leaves_an_example_as_it_is() {
        let corpus = Corpus::of(["{\"a\":1}", "b = 2"]);
        assert_eq!(corpus.cook(&[1, 0]), b"b = 2");
        assert_eq!(corpus.cook(&[]), b"{\"a\":1}");
    }

    #[test]
    fn a_value_is_replaced_nested_and_repeated_where_it_stands() {
        let corpus = Corpus::of(["{\"a\":1}"]);
        // The pieces: the object, the name, the number.
        assert_eq!(corpus.cook(&[0, 0, 0, 2, 0, 15]), b"{\"a\":1E400}");
        assert_eq!(corpus.cook(&[0, 0, 9, 2, 0, 0, 3, 0, 0]), b"{\"a\":[[[1]]]}");
        assert_eq!(corpus.cook(&[0, 0, 8, 2, 0, 0, 3, 0, 0]), b"{\"a\":1,1,1}");
        assert_eq!(corpus.cook(&[0, 0, 10, 1, 0]), b"{\"a\"");
    }

    #[test]
    fn nothing_grows_beyond_the_largest_input() {
        let corpus = Corpus::of(["{\"a\":1}"]);
        let recipe = [[0, 0].as_slice(), &[8, 0, 0, 3, 255, 255, 0].repeat(20)].concat();
        assert!(corpus.cook(&recipe).len() <= LARGEST);
    }
}
