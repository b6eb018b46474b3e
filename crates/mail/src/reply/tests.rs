use super::*;
use proptest::prelude::*;

/// Each stands above the same older text, in the words of one program and language.
const INTRODUCTIONS: &[&str] = &[
    "On Thu, Nov 20, 2025 at 11:00 AM Ann Bee <ann@x.example> wrote:",
    "On 20 Nov 2025, at 11:00, Ann Bee <ann@x.example> wrote:",
    "On 20.11.25 11:00, Ann Bee wrote:",
    "On Thursday, November 20th, 2025 at 11:00 AM, Ann Bee\n<ann@x.example> wrote:",
    "Am Do., 20. Nov. 2025 um 11:00 Uhr schrieb Ann Bee <ann@x.example>:",
    "Am 20.11.25 um 11:00 schrieb Ann Bee:",
    "Am 20.11.2025 um 11:00 schrieb Ann Bee <ann@x.example>:",
    "Le jeu. 20 nov. 2025 à 11:00, Ann Bee <ann@x.example> a écrit :",
    "Le 20 nov. 2025 à 11:00, Ann Bee <ann@x.example> a écrit\u{a0}:",
    "El jue, 20 nov 2025 a las 11:00, Ann Bee (<ann@x.example>) escribió:",
    "El 20 nov 2025, a las 11:00, Ann Bee <ann@x.example> escribió:",
    "Em qui., 20 de nov. de 2025 às 11:00, Ann Bee <ann@x.example> escreveu:",
    "Em 20/11/2025 11:00, Ann Bee escreveu:",
    "Il giorno gio 20 nov 2025 alle ore 11:00 Ann Bee <ann@x.example> ha scritto:",
    "Il 20/11/2025 11:00, Ann Bee ha scritto:",
    "Op do 20 nov 2025 om 11:00 schreef Ann Bee <ann@x.example>:",
    "Op 20 nov 2025, om 11:00 heeft Ann Bee <ann@x.example> het volgende geschreven:",
    "czw., 20 lis 2025 o 11:00 Ann Bee <ann@x.example> napisał(a):",
    "W dniu 20.11.2025 o 11:00, Ann Bee pisze:",
    "чт, 20 нояб. 2025 г. в 11:00, Ann Bee <ann@x.example>:",
    "20.11.2025 11:00, Ann Bee пишет:",
    "20 нояб. 2025 г., в 11:00, Ann Bee <ann@x.example> написал(а):",
    "2025年11月20日(木) 11:00 Ann Bee <ann@x.example>:",
    "2025/11/20 11:00、Ann Bee <ann@x.example>のメール:",
    "Ann Bee <ann@x.example> 于2025年11月20日周四 11:00写道：",
    "在 2025年11月20日，11:00，Ann Bee <ann@x.example> 写道：",
    "في الخميس، 20 نوفمبر 2025 في 11:00 ص تمت كتابة ما يلي بواسطة \u{202a}Ann\u{202c}\u{200f} <\u{202a}ann@x.example\u{202c}\u{200f}>:",
    "في ٢٠ نوفمبر ٢٠٢٥، الساعة ١١:٠٠ ص، كتب Ann Bee <ann@x.example>:",
];

const BLOCKS: &[&str] = &[
    "-----Original Message-----\nFrom: Ann Bee\nSent: Thursday\nold",
    "-----Ursprüngliche Nachricht-----\nVon: Ann Bee\nold",
    "-----Message d'origine-----\nDe : Ann\nold",
    "-----Mensaje original-----\nold",
    "-----Messaggio originale-----\nold",
    "------------------ 原始邮件 ------------------\nold",
    "________________________________\nFrom: Ann Bee <ann@x.example>\nSent: Thursday, November 20, 2025 11:00 AM\nTo: Support <in@y.example>\nSubject: Re: Help\n\nold",
    "Von: Ann Bee <ann@x.example>\nGesendet: Donnerstag, 20. November 2025 11:00\nAn: Support\nBetreff: Re: Hilfe\n\nold",
    "De : Ann Bee <ann@x.example>\nEnvoyé : jeudi 20 novembre 2025 11:00\nÀ : Support\nObjet : Re: Aide\n\nold",
    "De: Ann Bee <ann@x.example>\nEnviado el: jueves, 20 de noviembre de 2025 11:00\nPara: Support\nAsunto: Re: Ayuda\n\nold",
    "De: Ann Bee <ann@x.example>\nEnviada em: quinta-feira, 20 de novembro de 2025 11:00\nPara: Support\nAssunto: Re: Ajuda\n\nold",
    "Da: Ann Bee <ann@x.example>\nInviato: giovedì 20 novembre 2025 11:00\nA: Support\nOggetto: Re: Aiuto\n\nold",
    "Van: Ann Bee <ann@x.example>\nVerzonden: donderdag 20 november 2025 11:00\nAan: Support\nOnderwerp: Re: Hulp\n\nold",
    "Od: Ann Bee <ann@x.example>\nWysłano: czwartek, 20 listopada 2025 11:00\nDo: Support\nTemat: Re: Pomoc\n\nold",
    "От: Ann Bee <ann@x.example>\nОтправлено: 20 ноября 2025 г. 11:00\nКому: Support\nТема: Re: Помощь\n\nold",
    "差出人: Ann Bee <ann@x.example>\n送信日時: 2025年11月20日 11:00\n宛先: Support\n件名: Re: 助けて\n\nold",
    "发件人: Ann Bee <ann@x.example>\n发送时间: 2025年11月20日 11:00\n收件人: Support\n主题: Re: 帮助\n\nold",
    "من: Ann Bee <ann@x.example>\nتاريخ الإرسال: الخميس 20 نوفمبر 2025\nإلى: Support\nالموضوع: Re: مساعدة\n\nold",
    "*From:* Ann Bee <ann@x.example>\n*Sent:* Thursday\n*To:* Support\n*Subject:* Re: Help\n\nold",
    "## Please write above this line ##\n\nold",
    "--- ## Please write above\nthis line ## ---",
];

fn new(text: &str) -> String {
    trim(text).new_text(text)
}

#[test]
fn what_programs_quote_is_told_apart_in_every_language() {
    for introduction in INTRODUCTIONS {
        for quotation in ["> old\n> \n> older\n", "\n> old\n\n>> older", "old\n\nolder\n"] {
            let text = format!("Thanks, that works.\n\nAnn\n\n{introduction}\n{quotation}");
            assert_eq!(new(&text), "Thanks, that works.\n\nAnn", "{text}");
        }
        let below = format!("{introduction}\n> old\n\nThanks, that works.\n");
        assert_eq!(new(&below), "Thanks, that works.", "{below}");
    }
    for block in BLOCKS.iter().take(BLOCKS.len() - 1) {
        let text = format!("Thanks, that works.\n\n{block}\nand more\n");
        assert_eq!(new(&text), "Thanks, that works.", "{text}");
    }
}

#[test]
fn signatures_are_told_apart() {
    for signature in [
        "-- \nAnn Bee\nExample Ltd",
        "--\nAnn",
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Gesendet von Outlook für iOS",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
        "Enviado do meu iPhone",
        "Inviato da iPhone",
        "Verzonden vanaf mijn iPhone",
        "Wysłane z iPhone'a",
        "Отправлено с iPhone",
        "iPhoneから送信",
        "发自我的 iPhone",
        "تم الإرسال من الـ iPhone",
        "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "Sent from Yahoo Mail on Android",
        "Sent with Proton Mail secure email.",
        "Sent from my Galaxy",
        "-- \nAnn\n\nSent from my iPad",
    ] {
        let text = format!(
            "Thanks, that works.\n\n{signature}\n\nOn Thu, Nov 20, 2025 at 11:00 AM Bee <b@x.example> wrote:\n> old\n"
        );
        assert_eq!(new(&text), "Thanks, that works.", "{text}");
        assert!(
            trim(&text)
                .stretches
                .iter()
                .any(|stretch| stretch.kind == Kind::Signature)
        );
    }
}

#[test]
fn in_doubt_the_text_stays() {
    for text in [
        "I wrote:",
        "On 3 occasions your colleague wrote:\nno",
        "Here is what he wrote:\nsomething",
        "From: Berlin\nTo: Paris\nDate: 5 May\nTwo persons please",
        "Sent via courier yesterday",
        "Sent from my desk, hope it helps",
        "The original message was lost",
        "Get mail for me?",
        "Subject: hello\nFrom: me\n",
        "a\n---\nb",
        "1 > 0, right?",
        "Call me at 11:00 today:\n0123",
        "> only quoted\n> lines",
        "-- \nonly a signature",
        "On Thu, Nov 20, 2025 at 11:00 AM Bee <b@x.example> wrote:\n> all of it",
        "Fwd\n",
    ] {
        assert_eq!(new(text), text.trim_end(), "{text}");
    }
}

#[test]
fn answers_between_quoted_lines_stay_together() {
    let text = "Hello\n\nOn 20.11.25 11:00, Ann wrote:\n> one?\nYes.\n\n> two?\n> three?\n\nNo.\n-- \nBee\n";
    let trimmed = trim(text);
    assert_eq!(trimmed.new_text(text), "Hello\n\nYes.\n\nNo.");
    assert!(trimmed.has_folded());
    assert!(!trim("Hello").has_folded());
}

#[test]
fn a_note_begins_with_its_word() {
    assert_eq!(note("note: call them\nback"), Some("call them\nback"));
    assert_eq!(note(" NOTE : x"), Some("x"));
    for other in [
        "note the time: 11",
        "Please note: x",
        "x\nnote: y",
        "note\n: x",
        "",
    ] {
        assert_eq!(note(other), None, "{other}");
    }
}

#[test]
fn endless_texts_are_trimmed_in_one_go() {
    for line in [
        "--\n",
        "> a\n",
        "on 2025\n",
        "On 20.11.25 11:00, Ann wrote:\n",
        "\n",
        "From: a\n",
        ">",
        "a",
        "On 20.11.25 11:00, a wrote:\n\n",
        "__\nx\n",
    ] {
        let text = line.repeat(1_000_000 / line.len() / 4);
        assert!(!trim(&text).new_text(&text).is_empty() || text.trim().is_empty());
    }
}

fn texts() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        proptest::sample::select(INTRODUCTIONS.to_vec()).prop_map(|text| format!("{text}\n")),
        proptest::sample::select(BLOCKS.to_vec()).prop_map(|text| format!("{text}\n")),
        Just("> q\n".to_owned()),
        Just("\n".to_owned()),
        Just("-- \n".to_owned()),
        Just("Sent from my iPhone\n".to_owned()),
        Just("new\n".to_owned()),
        "\\PC{0,12}\n?",
    ];
    proptest::collection::vec(line, 0..12).prop_map(|lines| lines.concat())
}

proptest! {
    #[test]
    fn nothing_is_lost_and_something_new_is_left(text in texts()) {
        let trimmed = trim(&text);
        let mut end = 0;
        for stretch in &trimmed.stretches {
            prop_assert_eq!(stretch.range.start, end);
            prop_assert!(text.get(stretch.range.clone()).is_some());
            end = stretch.range.end;
        }
        prop_assert_eq!(end, text.len());
        prop_assert_eq!(trimmed.new_text(&text).is_empty(), text.trim().is_empty());
    }
}
