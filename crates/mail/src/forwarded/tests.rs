use super::*;

fn found(subject: &str, text: &str) -> Option<Original> {
    let mail = ParsedMail {
        subject: subject.to_owned(),
        text: text.to_owned(),
        ..ParsedMail::default()
    };
    original(&mail)
}

#[test]
fn the_first_author_is_found_in_many_programs_and_languages() {
    for (subject, text, name, address) in [
        (
            "Fwd: Help",
            "please look\n\n---------- Forwarded message ---------\nFrom: Ann Bee <ann@x.example>\nDate: Thu, Nov 20, 2025 at 11:00 AM\nSubject: Help\nTo: <boss@y.example>\n\n\nThe text\n",
            "Ann Bee",
            "ann@x.example",
        ),
        (
            "WG: Hilfe",
            "________________________________\nVon: Bee, Ann <ann@x.example>\nGesendet: Donnerstag, 20. November 2025 11:00\nAn: Chef <c@y.example>\nBetreff: Hilfe\n\nThe text\n",
            "Bee, Ann",
            "ann@x.example",
        ),
        (
            "TR : Aide",
            "De : Ann Bee <ann@x.example>\nEnvoyé : jeudi 20 novembre 2025 11:00\nÀ : Chef\nObjet : Aide\n\nThe text\n",
            "Ann Bee",
            "ann@x.example",
        ),
        (
            "Fwd: Ayuda",
            "---------- Forwarded message ---------\nDe: Ann Bee <ann@x.example>\nDate: jue, 20 nov 2025 a las 11:00\nSubject: Ayuda\nTo: <b@y.example>\n\nThe text",
            "Ann Bee",
            "ann@x.example",
        ),
        (
            "Fwd: Help",
            "Begin forwarded message:\n\n> From: Ann Bee <ann@x.example>\n> Subject: Help\n> Date: 20 November 2025 at 11:00:00 CET\n> To: b@y.example\n> \n> The text\n",
            "Ann Bee",
            "ann@x.example",
        ),
        (
            "Fwd: Help",
            "-------- Forwarded Message --------\nSubject: \tHelp\nDate: \tThu, 20 Nov 2025 11:00:00 +0100\nFrom: \tAnn Bee <ann@x.example>\nTo: \tb@y.example\n\n\n\nThe text\n",
            "Ann Bee",
            "ann@x.example",
        ),
        (
            "FW: Help",
            "From: Ann Bee [mailto:ann@x.example]\nSent: Thursday, November 20, 2025 11:00 AM\nTo: b@y.example\nSubject: Help\n\nThe text\n",
            "Ann Bee",
            "ann@x.example",
        ),
        (
            "Fwd: Помощь",
            "-------- Пересылаемое сообщение --------\nОт: ann@x.example\nДата: 20.11.2025, 11:00\nТема: Помощь\n\nThe text\n",
            "",
            "ann@x.example",
        ),
        (
            "Fwd: x",
            "---------- 转发邮件 ----------\n发件人: 安 <ann@x.example>\n日期: 2025年11月20日\n主题: x\n\nThe text\n",
            "安",
            "ann@x.example",
        ),
        (
            "I: Aiuto",
            "Da: Ann <ann@x.example>\nInviato: giovedì 20 novembre 2025 11:00\nA: b@y.example\nOggetto: Aiuto\n\nThe text",
            "Ann",
            "ann@x.example",
        ),
        (
            "FW: Help",
            "*From:* Ann <ann@x.example <mailto:ann@x.example>>\n*Sent:* Thursday\n*To:* b@y.example\n*Subject:* Help\n\nThe text",
            "Ann",
            "ann@x.example",
        ),
    ] {
        let original = found(subject, text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(
            (original.author.name.as_str(), original.author.address.as_str()),
            (name, address),
            "{text}"
        );
        assert_eq!(original.text, "The text", "{text}");
    }
    assert_eq!(
        found(
            "Fwd: Help",
            "look\n\n---------- Forwarded message ---------\nFrom: <a@x.example>\n\nx"
        )
        .unwrap()
        .comment,
        "look"
    );
}

#[test]
fn an_answer_is_not_forwarded() {
    for (subject, text) in [
        (
            "Re: Help",
            "Thanks\n\nFrom: Support <in@ours.example>\nSent: Thursday\nTo: Ann\nSubject: Help\n\nold\n",
        ),
        ("Fwd: Help", "nothing below\n"),
        (
            "Fwd: Help",
            "---------- Forwarded message ---------\nFrom: nobody\n\nx\n",
        ),
        ("Help", "I forward you a message:\nFrom: a@x.example\n"),
    ] {
        assert_eq!(found(subject, text), None, "{text}");
    }
}

#[test]
fn an_attached_mail_is_the_original() {
    let inner = b"From: Ann <ann@x.example>\r\nSubject: Help\r\n\r\nThe text\r\n";
    let file = Attachment {
        name: "attachment.eml".to_owned(),
        content_type: "message/rfc822".to_owned(),
        content: inner.to_vec(),
        content_id: None,
        is_inline: false,
    };
    let mut mail = ParsedMail {
        attachments: vec![file.clone()],
        text: "see\n".to_owned(),
        ..ParsedMail::default()
    };
    let original = original(&mail).unwrap();
    assert_eq!(
        (
            original.author.name.as_str(),
            original.comment.as_str(),
            original.text.as_str()
        ),
        ("Ann", "see", "The text\n")
    );
    mail.report_type = Some("delivery-status".to_owned());
    assert_eq!(super::original(&mail), None);
    mail = ParsedMail {
        attachments: vec![file.clone(), file],
        ..ParsedMail::default()
    };
    assert_eq!(super::original(&mail), None);
}
