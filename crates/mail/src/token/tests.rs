//! What a token proves, and to whom.

use super::*;
use proptest::prelude::*;

fn thread(helpdesk: u128, conversation: u128, recipient: Recipient) -> Thread {
    Thread {
        helpdesk: Uuid::from_u128(helpdesk),
        conversation: Uuid::from_u128(conversation),
        recipient,
    }
}

fn contact(id: u128) -> Recipient {
    Recipient::Contact(Uuid::from_u128(id))
}

fn key() -> TokenKey {
    TokenKey::new([7; 32])
}

fn claim(token: &str) -> Option<Claim> {
    Claim::in_address(&format!("reply+{token}@in.example"))
}

#[test]
fn an_address_fits_and_survives_a_change_of_case() {
    let mine = thread(1, 2, contact(3));
    let address = key().reply_address(&mine, "support-desk", "in.example").unwrap();
    let (local, _) = address.split_once('@').unwrap();
    assert_eq!(local.len(), 63);
    assert!(local.len() <= LOCAL_BYTES);
    assert_eq!(key().reply_address(&mine, "a-longer-prefix", "in.example"), None);
    for spelled in [address.clone(), address.to_uppercase()] {
        let claim = Claim::in_address(&spelled).unwrap();
        assert_eq!(claim.conversation(), mine.conversation);
        assert!(key().proves(&claim, &mine), "{spelled}");
    }
}

#[test]
fn a_message_id_proves_the_same_thread_and_tells_mails_apart() {
    let mine = thread(1, 2, contact(3));
    let id = |mail| {
        key()
            .message_id(&mine, Uuid::from_u128(mail), "in.example")
            .unwrap()
    };
    assert_eq!(id(9), id(9), "a retry keeps it");
    assert_ne!(id(9), id(10));
    let (local, _) = id(9)
        .as_str()
        .split_once('@')
        .map(|(l, d)| (l.to_owned(), d.to_owned()))
        .unwrap();
    assert_eq!(local.len(), 64);
    for spelled in [
        id(9).as_str().to_owned(),
        format!(" <{}> ", id(9).as_str().to_uppercase()),
    ] {
        let claim = Claim::in_message_id(&spelled).unwrap();
        assert!(key().proves(&claim, &mine), "{spelled}");
    }
}

#[test]
fn a_token_proves_nothing_about_anything_else() {
    let mine = thread(1, 2, contact(3));
    let claim = claim(&key().token(&mine)).unwrap();
    for (other, what) in [
        (thread(9, 2, contact(3)), "another helpdesk"),
        (thread(1, 9, contact(3)), "another conversation"),
        (thread(1, 2, contact(9)), "another recipient"),
        (
            thread(1, 2, Recipient::Operator(Uuid::from_u128(3))),
            "the same id in the other role",
        ),
    ] {
        assert!(!key().proves(&claim, &other), "{what}");
    }
    assert!(
        !TokenKey::new([8; 32]).proves(&claim, &mine),
        "another installation"
    );
    assert!(key().may_be_of(&claim, mine.helpdesk));
    assert!(!key().may_be_of(&claim, Uuid::from_u128(9)));
}

#[test]
fn what_is_cut_off_or_foreign_is_no_token() {
    let token = key().token(&thread(1, 2, contact(3)));
    for length in 0..token.len() {
        assert_eq!(claim(&token[..length]), None, "{length} letters");
    }
    assert_eq!(claim(&format!("{token}a")), None);
    for address in [
        "",
        "@",
        "a@b",
        "reply@in.example",
        "reply+@in.example",
        "+@",
        "reply+=?utf-8?q?a?=@in.example",
    ] {
        assert_eq!(Claim::in_address(address), None, "{address}");
    }
    for id in [
        "",
        "<>",
        "<@>",
        "<a@b>",
        "<a.b@c>",
        &format!("<{token}@in.example>"),
        &format!("<{token}.@in.example>"),
    ] {
        assert_eq!(Claim::in_message_id(id), None, "{id}");
    }
    // The two spare bits of the last letter have one spelling.
    let last = token.chars().last().unwrap();
    let spellings = "abcdefghijklmnopqrstuvwxyz234567".chars().filter(|c| {
        let other = format!("{}{c}", &token[..token.len() - 1]);
        claim(&other).is_some_and(|claim| key().proves(&claim, &thread(1, 2, contact(3))))
    });
    assert_eq!(spellings.collect::<Vec<_>>(), [last]);
}

/// Ten thousand forgeries by somebody who holds a good token of their own.
#[test]
fn ten_thousand_forged_tokens_prove_nothing() {
    let mine = thread(1, 2, contact(3));
    let theirs = thread(1, 4, contact(5));
    let good: [u8; BYTES] = base32::decode(&key().token(&theirs)).unwrap();
    let mut tried = 0;
    let mut forge = |bytes: [u8; BYTES]| {
        tried += 1;
        let claim = claim(&base32::encode(&bytes)).unwrap();
        assert!(!key().proves(&claim, &mine));
        let is_theirs = bytes == good;
        assert_eq!(key().proves(&claim, &theirs), is_theirs);
    };
    // Their MAC under my conversation; every bit flipped; empty and constant MACs; MACs that count.
    let mut moved = good;
    moved[HINT..HINT + 16].copy_from_slice(mine.conversation.as_bytes());
    forge(moved);
    for bit in 0..BYTES * 8 {
        let mut flipped = good;
        flipped[bit / 8] ^= 1 << (bit % 8);
        forge(flipped);
    }
    for fill in [0x00, 0xff, 0x55] {
        let mut constant = moved;
        constant[HINT + 16..].fill(fill);
        forge(constant);
    }
    for number in 0..9_748_u64 {
        let mut counted = moved;
        let guess = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
        counted[HINT + 16..HINT + 24].copy_from_slice(&guess);
        forge(counted);
    }
    assert_eq!(tried, 10_000);
}

proptest! {
    #[test]
    fn a_thread_proves_itself_and_no_other(a: (u128, u128, u128), b: (u128, u128, u128), secret: [u8; 32]) {
        let key = TokenKey::new(secret);
        let (one, other) = (thread(a.0, a.1, contact(a.2)), thread(b.0, b.1, contact(b.2)));
        let claim = claim(&key.token(&one)).unwrap();
        prop_assert!(key.proves(&claim, &one));
        prop_assert_eq!(key.proves(&claim, &other), one == other);
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "\\PC{0,90}") {
        let _ = Claim::in_address(&text);
        let _ = Claim::in_message_id(&text);
    }
}
