//! Lines that say by themselves what they are.

use super::REPLY_ABOVE;

/// Rules above an older mail, in the words of many programs, without dashes and in lower case.
const ORIGINAL: &[&str] = &[
    "original message",
    "original appointment",
    "forwarded message",
    "reply message",
    "begin forwarded message:",
    "ursprüngliche nachricht",
    "originalnachricht",
    "ursprünglicher termin",
    "weitergeleitete nachricht",
    "urspruengliche nachricht",
    "anfang der weitergeleiteten nachricht:",
    "message d'origine",
    "message d’origine",
    "message original",
    "message transféré",
    "rendez-vous d'origine",
    "mensaje original",
    "mensaje reenviado",
    "mensagem original",
    "mensagem encaminhada",
    "mensagem de origem",
    "messaggio originale",
    "messaggio inoltrato",
    "oorspronkelijk bericht",
    "origineel bericht",
    "doorgestuurd bericht",
    "wiadomość oryginalna",
    "oryginalna wiadomość",
    "wiadomość pierwotna",
    "treść przekazanej wiadomości",
    "исходное сообщение",
    "пересылаемое сообщение",
    "пересланное сообщение",
    "оригинальное сообщение",
    "конец пересылаемого сообщения",
    "元のメッセージ",
    "オリジナルメッセージ",
    "転送メッセージ",
    "転送されたメッセージ",
    "原始邮件",
    "原始郵件",
    "转发邮件",
    "轉寄郵件",
    "邮件原件",
    "الرسالة الأصلية",
    "رسالة معاد توجيهها",
    "رسالة أصلية",
    "הודעה מקורית",
    "הודעה שהועברה",
];

/// How the line that a program writes below a mail begins.
const SENT: &[&str] = &[
    "sent from ",
    "sent with ",
    "sent via ",
    "sent using ",
    "get ",
    "von meinem ",
    "von meiner ",
    "gesendet ",
    "diese nachricht wurde von ",
    "holen sie sich ",
    "laden sie ",
    "outlook für ",
    "envoyé ",
    "télécharger ",
    "obtenez ",
    "enviado ",
    "obtener ",
    "obter ",
    "obtenha ",
    "descarga ",
    "inviato ",
    "ottieni ",
    "scarica ",
    "verzonden ",
    "verstuurd ",
    "outlook voor ",
    "downloaden ",
    "wysłane ",
    "wysłano ",
    "pobierz ",
    "отправлено ",
    "скачать ",
    "получить ",
    "загрузить ",
    "发自",
    "從我的",
    "从我的",
    "傳送自",
    "發自",
    "發送自",
    "来自",
    "获取",
    "取得",
    "تم الإرسال من",
    "أُرسلت من",
    "أرسلت من",
    "مرسل من",
    "احصل على",
    "נשלח מ",
    "קבל את ",
];
/// How it ends, where it begins with the device.
const SENT_BEHIND: &[&str] = &["から送信", "を入手", "で送信"];

/// What such a line names. `Sent via courier` names none of them.
const DEVICES: &[&str] = &[
    "iphone",
    "ipad",
    "ipod",
    "android",
    "samsung",
    "galaxy",
    "huawei",
    "xiaomi",
    "pixel",
    "blackberry",
    "outlook",
    "windows",
    "mail",
    "mobile",
    "mobil",
    "handy",
    "smartphone",
    "スマートフォン",
    "телефон",
    "手机",
    "手機",
    "هاتف",
    "טלפון",
    "آي",
    "proton",
    "yahoo",
    "gmail",
    "mac",
    "tablet",
];

const PROGRAM_CHARACTERS: usize = 120;

/// Lines that a program writes below a mail, whole.
const OF_PROGRAMS: &[&str] = &["yahoo mail: search, organize, conquer"];

/// `-- `, also without its space and as what programs make of it.
pub(super) fn is_signature_mark(text: &str) -> bool {
    matches!(text, "--" | "—" | "–" | "__" | "‐‐" | "—-" | "-—")
}

/// `Sent from my iPhone` and its kin, in a line of their own.
pub(super) fn is_of_program(text: &str) -> bool {
    if text.is_empty() || text.chars().count() > PROGRAM_CHARACTERS {
        return false;
    }
    let lower = text.to_lowercase();
    let lower = lower.trim_matches(['[', '<', '>', '*', '_', '"', '“', '-', ' ', '.', ']']);
    let is_sent = SENT.iter().any(|start| lower.starts_with(start))
        || SENT_BEHIND.iter().any(|end| lower.ends_with(end));
    let names_device = DEVICES.iter().any(|device| lower.contains(device));
    OF_PROGRAMS.contains(&lower) || (is_sent && names_device && !text.ends_with(['?', '？', '!', ':', ',']))
}

/// `-----Original Message-----`: dashes on one side at least.
pub(super) fn is_original_message(text: &str) -> bool {
    const DECORATION: [char; 10] = ['-', '_', '=', '*', '—', '–', '‐', ' ', '\u{a0}', '>'];
    let inside = text.trim_matches(DECORATION);
    if inside.is_empty() || inside.len() > 100 {
        return false;
    }
    let lower = inside.to_lowercase();
    let is_decorated = inside.len() < text.len() || lower.ends_with(':');
    is_decorated && ORIGINAL.contains(&lower.as_str())
}

/// A line of underscores or dashes, as Outlook draws one above its block of headers.
pub(super) fn is_rule(text: &str) -> bool {
    text.len() >= 5
        && (text.chars().all(|c| c == '_') || text.chars().all(|c| matches!(c, '-' | '—' | '─' | '–')))
}

/// Words that say that somebody passed a mail on.
pub(crate) fn is_forwarded_message(text: &str) -> bool {
    const FORWARDED: &[&str] = &[
        "forward",
        "weitergeleitet",
        "transféré",
        "reenviad",
        "encaminhad",
        "inoltrat",
        "doorgestuurd",
        "przekazan",
        "пересл",
        "пересыл",
        "転送",
        "转发",
        "轉寄",
        "توجيه",
        "הועברה",
    ];
    let lower = text.to_lowercase();
    is_original_message(text) && FORWARDED.iter().any(|word| lower.contains(word))
}

/// Our own line, however it was decorated.
pub(super) fn is_reply_above(text: &str) -> bool {
    let letters = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
    text.len() <= 2 * REPLY_ABOVE.len() && text.contains("##") && letters(text) == letters(REPLY_ABOVE)
}
