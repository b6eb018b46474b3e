//! What programs write above an older mail: a sentence with date and name, or a block of its headers.

/// An introduction is wrapped into at most so many lines.
const MOST_LINES: usize = 4;
const LINE_CHARACTERS: usize = 200;
const TEXT_CHARACTERS: usize = 350;

/// How an introduction begins and ends, in lower case. `On …, … wrote:`.
const SENTENCES: &[(&str, &[&str])] = &[
    ("on ", &["wrote:", "wrote :", "writes:", "said:"]),
    ("am ", &["schrieb:", "schrieb :", "geschrieben:"]),
    ("den ", &["schrieb:", "skrev:"]),
    (
        "le ",
        &["a écrit :", "a écrit:", "a écrit\u{a0}:", "a écrit\u{202f}:"],
    ),
    ("el ", &["escribió:", "escribió :", "ha escrito:"]),
    ("em ", &["escreveu:", "escreveu :", "wrote:"]),
    ("a ", &["escreveu:", "a écrit :"]),
    ("no dia ", &["escreveu:"]),
    ("il ", &["ha scritto:", "ha scritto :", "scrisse:"]),
    ("in data ", &["ha scritto:"]),
    ("op ", &["schreef:", "geschreven:", "het volgende geschreven:"]),
    (
        "w dniu ",
        &[
            "napisał(a):",
            "napisał:",
            "napisała:",
            "pisze:",
            "użytkownik napisał:",
        ],
    ),
    ("wiadomość napisana przez ", &[":"]),
    ("dnia ", &["napisał(a):", "napisał:", "napisała:", "pisze:"]),
    ("в ", &["написал:", "написала:", "написал(а):", "пишет:"]),
    ("от ", &["написал:", "написала:"]),
    ("在 ", &["写道:", "写道：", "寫道:", "寫道："]),
    ("في ", &["كتب:", "كتبت:", "كتب :"]),
    ("بتاريخ ", &["كتب:", "كتبت:", "كتب :"]),
    ("בתאריך ", &[">:", "כתב:", "כתבה:", "כתב/ה:", "כתב(ה):"]),
    ("ב-", &["כתב:", "כתבה:", "כתב/ה:", "כתב(ה):"]),
];

/// Endings that stand alone: the sentence begins with a date, a day or a name.
const ENDINGS: &[&str] = &[
    "wrote:",
    "schrieb:",
    "schreef:",
    "a écrit :",
    "a écrit:",
    "escribió:",
    "escreveu:",
    "ha scritto:",
    "napisał(a):",
    "napisał:",
    "napisała:",
    "написал:",
    "написала:",
    "написал(а):",
    "пишет:",
    "写道：",
    "写道:",
    "寫道：",
    "寫道:",
    "のメール:",
    "のメール：",
    "さんは書きました:",
    "のメッセージ:",
    "は書きました:",
    "كتب:",
    "كتبت:",
    "כתב:",
    "כתבה:",
    "כתב/ה:",
    "כתב(ה):",
    "skrev:",
];

/// How many lines an introduction takes that begins here; `None` when none does.
pub(super) fn introduction(texts: &[&str]) -> Option<usize> {
    let first = *texts.first()?;
    if first.is_empty() || first.len() > 4 * LINE_CHARACTERS || first.starts_with('>') {
        return None;
    }
    let mut whole = String::new();
    for (index, text) in texts.iter().take(MOST_LINES).enumerate() {
        if text.is_empty() || text.len() > 4 * LINE_CHARACTERS || text.starts_with('>') {
            return None;
        }
        if index > 0 {
            whole.push(' ');
        }
        whole.push_str(&text.to_lowercase());
        if whole.chars().count() > TEXT_CHARACTERS {
            return None;
        }
        // Only a line that ends in a colon can end the sentence.
        if text.trim_end_matches(is_direction).ends_with([':', '：']) {
            return is_introduction(&whole).then_some(index + 1);
        }
    }
    None
}

/// Marks of direction, which programs put around what stands in another script.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Sentences whose verb stands before the name: `Am … schrieb Ann:`.
const VERBS_INSIDE: &[(&str, &str)] = &[
    ("am ", " schrieb "),
    ("op ", " schreef "),
    ("في ", "كتب"),
    ("den ", " skrev "),
];

/// A sentence in a known language that holds a date or an address.
fn is_introduction(whole: &str) -> bool {
    let whole: String = whole.chars().filter(|c| !is_direction(*c)).collect();
    let whole = whole.trim_matches(['*', '_', '-', ' ']);
    let has_address = whole.contains('@');
    let words = || whole.split(|c: char| !(c.is_numeric() || matches!(c, ':' | '.' | '/' | '-')));
    let has_time = words().any(is_time);
    if !(has_address || has_time || words().any(is_date)) {
        return false;
    }
    let is_sentence = SENTENCES
        .iter()
        .any(|(start, ends)| whole.starts_with(start) && ends.iter().any(|end| whole.ends_with(end)));
    let has_verb = VERBS_INSIDE
        .iter()
        .any(|(start, verb)| whole.starts_with(start) && whole.contains(verb));
    // Without a sentence that is known, name and time must be beyond doubt.
    let ends_alone = ENDINGS.iter().any(|end| whole.ends_with(end)) && (has_address || has_time);
    let ends_in_address =
        has_address && has_time && [">:", ">：", ")：", "):"].iter().any(|end| whole.ends_with(end));
    is_sentence || has_verb || ends_alone || ends_in_address
}

/// `11:00` or `11:00:05`, with the colon that ends a sentence.
fn is_time(word: &str) -> bool {
    let parts: Vec<&str> = word.trim_matches([':', '.', '-']).split(':').collect();
    (2..=3).contains(&parts.len()) && parts.iter().all(|part| (1..=2).contains(&part.chars().count()))
}

/// A year of our times, or a date in digits.
fn is_date(word: &str) -> bool {
    let word = word.trim_matches([':', '.', '-', '/']);
    let is_year = |text: &str| text.len() == 4 && (text.starts_with("20") || text.starts_with("19"));
    let parts: Vec<&str> = word.split(['.', '/', '-']).collect();
    is_year(word) || (parts.len() == 3 && parts.iter().all(|part| (1..=4).contains(&part.len())))
}

/// Names of headers in many languages, by what they mean.
const FROM: &[&str] = &[
    "from",
    "von",
    "de",
    "da",
    "van",
    "od",
    "от",
    "от кого",
    "差出人",
    "送信者",
    "发件人",
    "寄件者",
    "寄件人",
    "发信人",
    "من",
    "מאת",
    "expéditeur",
    "remitente",
    "mittente",
    "afzender",
    "absender",
];
const DATE: &[&str] = &[
    "date",
    "sent",
    "gesendet",
    "datum",
    "envoyé",
    "envoyé le",
    "date d'envoi",
    "enviado",
    "enviado el",
    "fecha",
    "enviada em",
    "enviado em",
    "enviada",
    "data",
    "inviato",
    "verzonden",
    "wysłano",
    "wysłane",
    "data wysłania",
    "отправлено",
    "дата",
    "送信日時",
    "日付",
    "送信日",
    "日時",
    "发送时间",
    "发送日期",
    "日期",
    "寄件日期",
    "時間",
    "时间",
    "تاريخ",
    "التاريخ",
    "تم الإرسال",
    "تاريخ الإرسال",
    "أرسلت",
    "נשלח",
    "תאריך",
    "gesendet am",
    "sent at",
];
const TO: &[&str] = &[
    "to",
    "an",
    "à",
    "a",
    "para",
    "aan",
    "do",
    "кому",
    "宛先",
    "收件人",
    "收件者",
    "إلى",
    "destinataire",
    "destinatario",
    "cc",
    "kopie",
    "copie",
    "копия",
    "抄送",
    "副本",
    "نسخة",
    "אל",
    "עותק",
    "העתק",
    "dw",
    "ke",
];
const SUBJECT: &[&str] = &[
    "subject",
    "betreff",
    "objet",
    "sujet",
    "asunto",
    "assunto",
    "oggetto",
    "onderwerp",
    "temat",
    "тема",
    "件名",
    "主题",
    "主旨",
    "主題",
    "题目",
    "الموضوع",
    "موضوع",
    "נושא",
];

/// What a line of such a block says, and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    From,
    Date,
    To,
    Subject,
}

/// Reads `Name: value`, with the stars that text made of bold words has.
pub(crate) fn field(text: &str) -> Option<(Field, &str)> {
    if text.len() > 4 * TEXT_CHARACTERS {
        return None;
    }
    let (name, value) = text.split_once([':', '：'])?;
    let strip = |text: &str| {
        text.trim_matches([
            '*', '_', ' ', '\u{a0}', '\t', '\u{202f}', '\u{200e}', '\u{200f}', '>', '|',
        ])
        .to_lowercase()
    };
    let name = strip(name);
    if name.is_empty() || name.len() > 40 {
        return None;
    }
    let value = value.trim_start_matches(['*', '_']).trim();
    let found = [
        (FROM, Field::From),
        (DATE, Field::Date),
        (TO, Field::To),
        (SUBJECT, Field::Subject),
    ];
    let field = found.iter().find(|(names, _)| names.contains(&name.as_str()))?;
    Some((field.1, value))
}

/// Whether a block of headers begins here: an author first or after a date, and two fields more within a
/// few lines. Fewer could be somebody's own list.
pub(crate) fn is_header_block(texts: &[&str]) -> bool {
    const WINDOW: usize = 8;
    let Some((first, _)) = texts.first().and_then(|text| field(text)) else {
        return false;
    };
    if matches!(first, Field::To | Field::Subject) {
        return false;
    }
    let mut seen = Vec::new();
    let mut has_address = false;
    for text in texts.iter().take(WINDOW) {
        if text.is_empty() && seen.len() < 2 {
            continue;
        }
        match field(text) {
            Some((field, value)) => {
                has_address |= field == Field::From && value.contains('@');
                if !seen.contains(&field) {
                    seen.push(field);
                }
            }
            // A value that was wrapped.
            None if !text.is_empty() && seen.len() < 3 => {}
            None => break,
        }
    }
    // Travellers write lists with From, To and Date as well.
    seen.contains(&Field::From) && seen.len() >= 3 && (has_address || seen.contains(&Field::Subject))
}
