//! Character references (HTML, 13.5): the numeric ones, and the named ones that mail uses. A name that
//! is not known stays as it was written, which is safe wherever it is shown.

/// U+00A0 to U+00FF in order.
const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn \
    sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde \
    Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde \
    Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil \
    egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave \
    uacute ucirc uuml yacute thorn yuml";

const OTHERS: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("AMP", '&'),
    ("LT", '<'),
    ("GT", '>'),
    ("QUOT", '"'),
    ("Tab", '\t'),
    ("NewLine", '\n'),
    ("colon", ':'),
    ("semi", ';'),
    ("comma", ','),
    ("period", '.'),
    ("excl", '!'),
    ("num", '#'),
    ("dollar", '$'),
    ("percnt", '%'),
    ("lpar", '('),
    ("rpar", ')'),
    ("ast", '*'),
    ("plus", '+'),
    ("sol", '/'),
    ("bsol", '\\'),
    ("equals", '='),
    ("quest", '?'),
    ("commat", '@'),
    ("lbrack", '['),
    ("lsqb", '['),
    ("rsqb", ']'),
    ("lcub", '{'),
    ("rcub", '}'),
    ("lowbar", '_'),
    ("grave", '`'),
    ("vert", '|'),
    ("hyphen", '‐'),
    ("dash", '‐'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("sbquo", '‚'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bdquo", '„'),
    ("lsaquo", '‹'),
    ("rsaquo", '›'),
    ("hellip", '…'),
    ("bull", '•'),
    ("middot", '·'),
    ("prime", '′'),
    ("Prime", '″'),
    ("euro", '€'),
    ("trade", '™'),
    ("permil", '‰'),
    ("dagger", '†'),
    ("Dagger", '‡'),
    ("OElig", 'Œ'),
    ("oelig", 'œ'),
    ("Scaron", 'Š'),
    ("scaron", 'š'),
    ("Yuml", 'Ÿ'),
    ("fnof", 'ƒ'),
    ("circ", 'ˆ'),
    ("tilde", '˜'),
    ("ensp", '\u{2002}'),
    ("emsp", '\u{2003}'),
    ("thinsp", '\u{2009}'),
    ("zwnj", '\u{200c}'),
    ("zwj", '\u{200d}'),
    ("lrm", '\u{200e}'),
    ("rlm", '\u{200f}'),
    ("ZeroWidthSpace", '\u{200b}'),
    ("larr", '←'),
    ("uarr", '↑'),
    ("rarr", '→'),
    ("darr", '↓'),
    ("harr", '↔'),
    ("rArr", '⇒'),
    ("lArr", '⇐'),
    ("minus", '−'),
    ("infin", '∞'),
    ("ne", '≠'),
    ("le", '≤'),
    ("ge", '≥'),
    ("asymp", '≈'),
    ("equiv", '≡'),
    ("radic", '√'),
    ("sum", '∑'),
    ("part", '∂'),
    ("int", '∫'),
    ("check", '✓'),
    ("cross", '✗'),
    ("star", '☆'),
    ("starf", '★'),
    ("hearts", '♥'),
    ("alpha", 'α'),
    ("beta", 'β'),
    ("gamma", 'γ'),
    ("delta", 'δ'),
    ("epsilon", 'ε'),
    ("lambda", 'λ'),
    ("mu", 'μ'),
    ("pi", 'π'),
    ("sigma", 'σ'),
    ("omega", 'ω'),
    ("Delta", 'Δ'),
    ("Sigma", 'Σ'),
    ("Omega", 'Ω'),
    ("copysr", '℗'),
    ("numero", '№'),
    ("Ccaron", 'Č'),
    ("ccaron", 'č'),
    ("Zcaron", 'Ž'),
    ("zcaron", 'ž'),
    ("lstrok", 'ł'),
    ("Lstrok", 'Ł'),
    ("aogon", 'ą'),
    ("eogon", 'ę'),
    ("nacute", 'ń'),
    ("sacute", 'ś'),
    ("zacute", 'ź'),
    ("zdot", 'ż'),
    ("cacute", 'ć'),
];

const NAME_BYTES: usize = 20;

/// Decodes all references of a text. Never makes a NUL or a lone surrogate.
pub(crate) fn decode(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        match reference(after) {
            Some((character, length)) => {
                decoded.push(character);
                rest = after.get(length..).unwrap_or_default();
            }
            None => {
                decoded.push('&');
                rest = after;
            }
        }
    }
    decoded.push_str(rest);
    decoded
}

/// What stands behind an ampersand, and how long it is.
fn reference(after: &str) -> Option<(char, usize)> {
    if let Some(number) = after.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']);
        let (digits, radix, skipped) = hex.map_or((number, 10, 1), |hex| (hex, 16, 2));
        let count = digits.chars().take_while(|c| c.is_digit(radix)).count();
        let digits = digits.get(..count).filter(|digits| !digits.is_empty())?;
        let value = u32::from_str_radix(digits, radix).unwrap_or(u32::MAX);
        let semicolon = usize::from(after.get(skipped + count..)?.starts_with(';'));
        return Some((numbered(value), skipped + count + semicolon));
    }
    let name = after.get(
        ..after
            .bytes()
            .take(NAME_BYTES)
            .take_while(u8::is_ascii_alphanumeric)
            .count(),
    )?;
    let semicolon = usize::from(after.get(name.len()..)?.starts_with(';'));
    let latin = || {
        let position = LATIN.split_ascii_whitespace().position(|known| known == name)?;
        char::from_u32(0xa0 + u32::try_from(position).ok()?)
    };
    let old = matches!(name, "amp" | "lt" | "gt" | "quot" | "AMP" | "LT" | "GT" | "QUOT");
    let character = match OTHERS.iter().find(|(known, _)| *known == name) {
        // Only the oldest ones may stand without a semicolon.
        Some((_, character)) if semicolon == 1 || old => *character,
        Some(_) => return None,
        None => latin()?,
    };
    Some((character, name.len() + semicolon))
}

fn numbered(value: u32) -> char {
    // Documents in Windows-1252 that call themselves something else.
    const WINDOWS: [char; 32] = [
        '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž', '\u{fffd}',
        '\u{fffd}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}', 'ž', 'Ÿ',
    ];
    let windows = value
        .checked_sub(0x80)
        .and_then(|at| WINDOWS.get(usize::try_from(at).ok()?));
    match (windows, char::from_u32(value)) {
        (Some(character), _) => *character,
        (None, Some(character)) if !character.is_control() || matches!(character, '\t' | '\n' | '\r') => {
            character
        }
        _ => char::REPLACEMENT_CHARACTER,
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn references_are_decoded_and_unknown_ones_stay() {
        for (text, decoded) in [
            ("a &amp; b &lt;c&gt; &quot;d&apos;", "a & b <c> \"d'"),
            ("&#228;&#xE4;&#XE4&auml;&uuml;", "ääääü"),
            ("&nbsp;&euro;&hellip;&rsquo;", "\u{a0}€…’"),
            (
                "&#128;&#x99;&#0;&#xD800;&#x110000;&#99999999999;",
                "€™\u{fffd}\u{fffd}\u{fffd}\u{fffd}",
            ),
            ("&unknown; & &; &# &#x; &amp", "&unknown; & &; &# &#x; &"),
            ("javascript&colon;&Tab;&NewLine;", "javascript:\t\n"),
            ("&amp;lt;", "&lt;"),
            ("?a=1&copy=2&lang=3", "?a=1©=2&lang=3"),
        ] {
            assert_eq!(decode(text), decoded, "{text}");
        }
    }
}
