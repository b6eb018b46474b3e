//! The helpdesk's accent colour in a mail: what mail programs know, and with a text that can be read on it.

const USUAL_ACCENT: &str = "#0f6471";
/// Contrast that WCAG 2.2 AA asks of text.
const CONTRAST: f64 = 4.5;

/// A colour, and what can be read on it.
pub(super) struct Accent {
    pub(super) background: String,
    pub(super) text: &'static str,
    pub(super) is_usual: bool,
}

/// Mail programs know hexadecimal colours; anything else becomes the usual accent.
pub(super) fn of(given: Option<&str>) -> Accent {
    let digits = given.and_then(|colour| colour.strip_prefix('#')).and_then(hex);
    let is_usual = digits.is_none();
    let [red, green, blue] = digits.unwrap_or([0x0f, 0x64, 0x71]);
    let background = format!("#{red:02x}{green:02x}{blue:02x}");
    debug_assert!(
        !is_usual || background == USUAL_ACCENT,
        "the usual accent is the usual accent"
    );
    let light = luminance([red, green, blue]);
    let on_white = 1.05 / (light + 0.05);
    Accent {
        background,
        text: if on_white >= CONTRAST {
            "#ffffff"
        } else {
            "#10181b"
        },
        is_usual,
    }
}

fn hex(digits: &str) -> Option<[u8; 3]> {
    let long: String = match digits.len() {
        3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
        6 => digits.to_owned(),
        _ => return None,
    };
    let channel = |at: usize| {
        long.get(at..at + 2)
            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
    };
    let all_digits = long.bytes().all(|byte| byte.is_ascii_hexdigit());
    all_digits.then_some([channel(0)?, channel(2)?, channel(4)?])
}

/// The relative luminance of WCAG 2.2.
fn luminance(channels: [u8; 3]) -> f64 {
    let [red, green, blue] = channels.map(|channel| {
        let share = f64::from(channel) / 255.0;
        if share <= 0.04045 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}
