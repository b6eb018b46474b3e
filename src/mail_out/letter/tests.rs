use super::*;
use crate::ids::{ContactId, ConversationId, HelpdeskId, MessageId, OperatorId};
use uuid::Uuid;

const STRANGE: &str = "<script>alert(1)</script> & \"quotes\"";

fn look() -> Look {
    Look {
        helpdesk: "Fernway".to_owned(),
        accent: None,
        support_url: Some("https://app.fernway.example/support".to_owned()),
        base_url: "https://help.fernway.example".to_owned(),
        can_be_answered: false,
    }
}

fn carried(author: &str, body: &str, minute: i64) -> Carried {
    Carried {
        message_id: MessageId(Uuid::from_u128(7)),
        position: minute,
        author: author.to_owned(),
        body: body.to_owned(),
        files: Vec::new(),
        created_at: 1_780_000_000_000 + minute * 60_000,
    }
}

fn mail(recipient: Recipient, messages: Vec<Carried>) -> Outgoing {
    Outgoing {
        id: Uuid::from_u128(1),
        helpdesk_id: HelpdeskId(Uuid::from_u128(2)),
        conversation_id: ConversationId(Uuid::from_u128(3)),
        recipient,
        name: "Priya Raman".to_owned(),
        address: "priya@example.com".to_owned(),
        subject: "Exported invoices are missing the VAT line".to_owned(),
        messages,
        quoted: Vec::new(),
        earlier: Vec::new(),
        answers: Vec::new(),
        content_free: false,
        unverified: false,
        acknowledgement: None,
        confirm_url: None,
        copies: Vec::new(),
        unsubscribe_url: None,
    }
}

fn to_a_contact(messages: Vec<Carried>) -> Outgoing {
    let contact_id = ContactId(Uuid::from_u128(4));
    mail(Recipient::Contact { contact_id }, messages)
}

fn to_an_operator(messages: Vec<Carried>) -> Outgoing {
    let operator_id = OperatorId(Uuid::from_u128(5));
    mail(Recipient::Operator { operator_id }, messages)
}

fn answers() -> Vec<Carried> {
    vec![
        carried(
            "Noor",
            "Hi Priya, all three are re-sent with the VAT line back in place,\nand 2029 is fine.\n\nYour accountant can keep the same numbers.",
            0,
        ),
        carried(
            "Noor",
            "One more thing: the PDFs are also in your documents list.",
            1,
        ),
    ]
}

#[test]
fn a_contact_reads_every_message_in_order_in_both_parts() {
    let letter = write(&to_a_contact(answers()), &look(), "Fernway support").unwrap();
    assert_eq!(letter.subject, "Re: Exported invoices are missing the VAT line");
    assert_eq!(letter.from, "Noor at Fernway support");
    let text = "Fernway\nExported invoices are missing the VAT line\n
Noor, 28 May, 20:26 UTC
Hi Priya, all three are re-sent with the VAT line back in place,
and 2029 is fine.

Your accountant can keep the same numbers.

Noor, 28 May, 20:27 UTC
One more thing: the PDFs are also in your documents list.

Open in Fernway: https://app.fernway.example/support

-- 
You get this because you wrote to Fernway and there are 2 answers that you have not read yet, all of them in this one email.
";
    assert_eq!(letter.text, text);
    let places: Vec<_> = [
        "place,<br>and 2029",
        "same numbers.</p>",
        "One more thing",
        "Open in Fernway</a>",
    ]
    .map(|piece| letter.html.rfind(piece).unwrap())
    .to_vec();
    assert!(places.is_sorted(), "{places:?}");
    for foreign in ["<img", "<script", "src=", "url(", "@import", "<link"] {
        assert!(!letter.html.contains(foreign), "{foreign}");
    }
}

#[test]
fn an_operator_is_led_to_the_conversation() {
    let letter = write(
        &to_an_operator(vec![carried("Priya Raman", "They do not.", 0)]),
        &look(),
        "Fernway",
    )
    .unwrap();
    assert_eq!(
        letter.subject,
        "Priya Raman: Exported invoices are missing the VAT line"
    );
    assert_eq!(letter.from, "Priya Raman via Fernway");
    let url = "https://help.fernway.example/h/00000000-0000-0000-0000-000000000002/conversations/00000000-0000-0000-0000-000000000003";
    assert!(letter.text.contains(url) && letter.html.contains(url));
}

#[test]
fn what_strangers_wrote_stays_text() {
    let mut mail = to_an_operator(vec![carried(STRANGE, STRANGE, 0)]);
    mail.subject = STRANGE.to_owned();
    let look = Look {
        helpdesk: STRANGE.to_owned(),
        accent: Some("#fff;background:url(https://evil.example)".to_owned()),
        ..look()
    };
    let letter = write(&mail, &look, STRANGE).unwrap();
    assert!(
        !letter.html.contains("<script") && !letter.html.contains("evil.example"),
        "{}",
        letter.html
    );
    assert!(letter.text.contains(STRANGE));
}

#[test]
fn nothing_anybody_wrote_travels_to_an_address_that_was_not_proved() {
    let mut mail = to_a_contact(vec![carried("Ann Author", "the text", 0)]);
    mail.content_free = true;
    mail.subject = "the subject".to_owned();
    mail.name = "the name".to_owned();
    let letter = write(&mail, &look(), "Fernway support").unwrap();
    let all = format!("{}{}{}{}", letter.subject, letter.from, letter.text, letter.html);
    for foreign in ["the text", "the subject", "the name", "Ann Author"] {
        assert!(!all.contains(foreign), "{foreign}: {all}");
    }
    assert_eq!(letter.subject, "New message from Fernway");
}

#[test]
fn an_answer_by_mail_is_offered_only_where_it_arrives() {
    let offered = |look: &Look| {
        write(&to_a_contact(answers()), look, "x")
            .unwrap()
            .text
            .contains("reply to this email")
    };
    assert!(!offered(&look()));
    assert!(offered(&Look {
        can_be_answered: true,
        ..look()
    }));
}

#[test]
fn a_way_to_stop_is_shown_where_there_is_one() {
    let mut mail = to_a_contact(answers());
    mail.unsubscribe_url = Some("https://help.fernway.example/stop/abc".to_owned());
    let letter = write(&mail, &look(), "x").unwrap();
    assert!(
        letter
            .text
            .contains("Stop these emails: https://help.fernway.example/stop/abc")
    );
    assert!(
        letter
            .html
            .contains("href=\"https://help.fernway.example/stop/abc\"")
    );
}

#[test]
fn every_accent_can_be_read() {
    for (given, background, text) in [
        (None, "#0f6471", "#ffffff"),
        (Some("#ABC"), "#aabbcc", "#10181b"),
        (Some("#ffcc00"), "#ffcc00", "#10181b"),
        (Some("#102030"), "#102030", "#ffffff"),
        (Some("oklch(0.5 0.1 210)"), "#0f6471", "#ffffff"),
        (Some("#12345"), "#0f6471", "#ffffff"),
        (Some("#\u{e9}\u{e9}\u{e9}"), "#0f6471", "#ffffff"),
    ] {
        let made = accent::of(given);
        assert_eq!(
            (made.background.as_str(), made.text),
            (background, text),
            "{given:?}"
        );
    }
}

#[test]
fn who_gave_an_address_by_a_form_is_answered_without_a_word_of_theirs() {
    let mut mail = to_a_contact(vec![carried("Noor Haddad", "Here is how it works.", 1)]);
    (mail.unverified, mail.subject, mail.name) = (true, String::new(), String::new());
    let letter = write(&mail, &look(), "Fernway").unwrap();
    assert_eq!(letter.subject, "Re: Your message to Fernway");
    for text in [&letter.text, &letter.html] {
        assert!(text.contains("Here is how it works."), "{text}");
        assert!(text.contains("somebody gave this address"), "{text}");
    }
    let mut mail = to_an_operator(vec![carried("Your bank", "Click here.", 1)]);
    assert!(
        !write(&mail, &look(), "Fernway")
            .unwrap()
            .text
            .contains("Contact Form")
    );
    mail.unverified = true;
    let letter = write(&mail, &look(), "Fernway").unwrap();
    assert!(
        letter.text.contains("Click here.") && letter.text.contains("nobody proved"),
        "{}",
        letter.text
    );
}

#[test]
fn what_came_before_is_quoted_below_and_escaped() {
    let mut mail = to_a_contact(vec![carried("Noor", "It is fixed.", 9)]);
    mail.quoted = vec![
        carried("Priya", "The VAT line is missing.\n\nOn all three.", 0),
        carried("Noor", STRANGE, 1),
    ];
    let letter = write(&mail, &look(), "Fernway").expect("a letter");
    assert!(
        letter
            .text
            .contains("> Priya, 28 May, 20:26 UTC\n>\n> The VAT line is missing.\n>\n> On all three.\n"),
        "{}",
        letter.text
    );
    let (new, old) = (letter.text.find("It is fixed."), letter.text.find("> Priya"));
    assert!(new < old && old < letter.text.find("\n-- \n"), "{}", letter.text);
    assert!(letter.html.contains("<blockquote") && !letter.html.contains("<script>"));
    let (new, old) = (
        letter.html.find("It is fixed."),
        letter.html.find("The VAT line is missing."),
    );
    assert!(new < old, "{}", letter.html);

    mail.content_free = true;
    let letter = write(&mail, &look(), "Fernway").expect("a letter");
    assert!(!letter.text.contains("VAT line is") && !letter.html.contains("<blockquote"));
}
