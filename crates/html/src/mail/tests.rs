use super::*;
use proptest::prelude::*;

fn attached(id: &str) -> Option<String> {
    (id == "a@b").then(|| "/files/1".to_owned())
}

fn made(html: &str) -> String {
    clean(
        html,
        Pictures {
            attached: &attached,
            loads_remote: false,
        },
    )
    .html
    .to_string()
}

#[test]
fn ordinary_mail_looks_as_it_was_written() {
    for (given, made_of_it) in [
        (
            "<p style='color:red'>Hi <b>there</b></p>",
            "<p style=\"color:red\">Hi <b>there</b></p>",
        ),
        (
            "<html><head><title>x</title><style>p{}</style></head><body><p>a",
            "<p>a</p>",
        ),
        ("a &amp; b &lt; c &nbsp;&copy;", "a &amp; b &lt; c \u{a0}©"),
        (
            "<table width=600><tr><td align=left>x</table>",
            "<table width=\"600\"><tr><td align=\"left\">x</td></tr></table>",
        ),
        ("<o:p>x</o:p><custom-tag>y</custom-tag>", "xy"),
        ("<b><i>x</b>y</i>", "<b><i>x</i></b>y"),
        ("<!--[if mso]><p>old</p><![endif]-->new", "new"),
        (
            "<a href='https://x.example/?a=1&amp;b=2'>x</a>",
            "<a href=\"https://x.example/?a=1&amp;b=2\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">x</a>",
        ),
        (
            "<img src='cid:a@b' alt=x>",
            "<img src=\"/files/1\" data-cid=\"a@b\" referrerpolicy=\"no-referrer\" alt=\"x\">",
        ),
        ("<img src='cid:other' alt=x>", "x"),
        ("<td></p></td>", "<td></td>"),
        (
            "<div><table><tr><td></div>x</table>y</div>",
            "<div><table><tr><td>x</td></tr></table>y</div>",
        ),
    ] {
        assert_eq!(made(given), made_of_it, "{given}");
    }
}

#[test]
fn pictures_from_elsewhere_wait_until_they_are_wanted() {
    for source in [
        "https://t.example/p.gif?x=1",
        "//t.example/p.gif",
        " HTTP://t.example/p.gif",
        "ht\ntps://t.example/p.gif",
    ] {
        let html = format!(
            "<img src=\"{source}\" srcset='https://t.example/2 2x' width=1 background=https://t.example/3 lowsrc=https://t.example/4>"
        );
        let blocked = clean(
            &html,
            Pictures {
                attached: &attached,
                loads_remote: false,
            },
        );
        assert_eq!(blocked.remote_pictures, 1);
        let blocked = blocked.html.to_string();
        let begins = format!("<img src=\"{DOT}\" data-remote-src=\"http").to_lowercase();
        assert!(blocked.to_lowercase().starts_with(&begins), "{blocked}");
        assert_eq!(
            blocked.to_lowercase().matches("t.example").count(),
            1,
            "{blocked}"
        );
        let loaded = clean(
            &html,
            Pictures {
                attached: &attached,
                loads_remote: true,
            },
        )
        .html
        .to_string();
        assert!(loaded.to_lowercase().starts_with("<img src=\"http"), "{loaded}");
        // Asking later gives the same as asking at once.
        assert_eq!(
            clean(
                &blocked,
                Pictures {
                    attached: &attached,
                    loads_remote: true
                }
            )
            .html
            .to_string(),
            loaded
        );
    }
    for source in [
        "data:image/svg+xml,<svg onload=x>",
        "javascript:x",
        "file:///etc/passwd",
        "\\\\host\\x",
        "blob:x",
        "",
    ] {
        assert_eq!(made(&format!("<img src=\"{source}\">")), "", "{source}");
    }
}

#[test]
fn only_links_that_can_be_followed_safely_are_links() {
    for address in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:x",
        "java\tscript:x",
        "java&Tab;script:x",
        "java&#10;script:x",
        "javascript&colon;x",
        "&#106;avascript:x",
        "\u{1}javascript:x",
        "vbscript:x",
        "data:text/html,<script>x</script>",
        "file:///c:/x",
        "\\\\host\\share",
        "//host/x",
        "/path",
        "#x",
        "view-source:x",
        "https:\\\\x.example",
        "x",
        "",
    ] {
        let html = made(&format!("<a href=\"{address}\">x</a>"));
        assert_eq!(html, "<a>x</a>", "{address}");
    }
    for address in [
        "https://x.example",
        "mailto:a@b.example",
        "tel:+49123",
        " HTTP://x.example/a b ",
    ] {
        assert!(
            made(&format!("<a href=\"{address}\">x</a>")).contains("rel=\"noopener noreferrer nofollow\""),
            "{address}"
        );
    }
}

/// Ways that led to scripts in one cleaner or another.
const ATTACKS: &[&str] = &[
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<template><img src=x onerror=alert(1)></template>",
    "<title><img src=x onerror=alert(1)></title>",
    "<math><annotation-xml encoding=\"text/html\"><img src=x onerror=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<svg><set attributeName=href to=javascript:alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<iframe srcdoc=\"<script>alert(1)</script>\">",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<form action=javascript:alert(1)><button>x",
    "<isindex action=javascript:alert(1)>",
    "<input onfocus=alert(1) autofocus>",
    "<details open ontoggle=alert(1)>",
    "<body onload=alert(1)>",
    "<base href=javascript:alert(1)//>",
    "<link rel=stylesheet href=//x.example>",
    "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
    "<style>@import '//x.example';</style>",
    "<p style=\"background:url(//x.example)\">",
    "<a href=x ping=//x.example>",
    "<video poster=//x.example><source onerror=alert(1)>",
    "<a href=\"javascript&#0000058;alert(1)\">x</a>",
    "<x onclick=alert(1)>",
    "<p id=location name=x class=y>",
    "<textarea><img title=\"</textarea><img src=x onerror=alert(1)>\">",
    "<xmp><p title=\"</xmp><img src=x onerror=alert(1)>\">",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?x <img src=x onerror=alert(1)> ?>",
    "<p title='\"><img src=x onerror=alert(1)>'>",
    "<img alt=\"`><script>alert(1)</script>\">",
    "<p/onmouseover=alert(1)>",
    "<p title=x\u{0}onclick=alert(1)>",
    "<\u{0}script>alert(1)</script>",
    "<select><template><img src=x onerror=alert(1)></template></select>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<table><td><svg><desc><td></desc></svg><style><img src=x onerror=alert(1)></style>",
    "<font color=\"\"onclick=alert(1)>",
    "<frameset onload=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<applet code=x>",
    "<a href=https://x.example target=_top>x</a>",
];

/// Reads cleaned HTML anew, by a small reader of its own, and says what is in it that may not be.
fn offence(html: &str) -> Option<String> {
    let mut rest = html;
    let mut open = Vec::new();
    while let Some(at) = rest.find('<') {
        let tag_end = rest[at..].find('>').map(|end| at + end)?;
        let tag = &rest[at + 1..tag_end];
        rest = &rest[tag_end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Some(format!("</{name}> closes something else"));
            }
            continue;
        }
        let name = tag.split(' ').next().unwrap_or_default();
        if !(name == "a" || name == "img" || ELEMENTS.contains(&name)) {
            return Some(format!("element {name}"));
        }
        if !EMPTY.contains(&name) {
            open.push(name);
        }
        let mut attributes = &tag[name.len()..];
        while !attributes.is_empty() {
            let Some((attribute, after)) = attributes
                .strip_prefix(' ')
                .and_then(|rest| rest.split_once("=\""))
            else {
                return Some(format!("attribute {attributes}"));
            };
            let Some((value, after)) = after.split_once('"') else {
                return Some(format!("open value {after}"));
            };
            attributes = after;
            let value = entities::decode(value).to_lowercase();
            let is_good = match attribute {
                "href" => SCHEMES.iter().any(|scheme| value.starts_with(scheme)),
                "src" => value.starts_with('/') && !value.starts_with("//") || value == DOT.to_lowercase(),
                "data-remote-src" => value.starts_with("http"),
                "data-cid" => true,
                "target" | "rel" | "referrerpolicy" => true,
                "style" => {
                    !value.contains(['\\', '<', '@', '{', '/'])
                        && !value.contains("url")
                        && !value.contains("position")
                }
                plain => PLAIN.contains(&plain),
            };
            if !is_good {
                return Some(format!("{attribute}={value}"));
            }
        }
    }
    (!open.is_empty()).then(|| format!("{open:?} stays open"))
}

#[test]
fn no_attack_leaves_anything_forbidden() {
    for attack in ATTACKS {
        for html in [
            (*attack).to_owned(),
            format!("<p>{attack}</p>"),
            format!("<table><tr>{attack}"),
            attack.to_uppercase(),
            format!("<a href=x title=\"{attack}\">"),
        ] {
            let made = made(&html);
            assert_eq!(offence(&made), None, "{html}\n{made}");
            assert_eq!(self::made(&made), made, "{html}");
        }
    }
    // The reader finds what is planted.
    for planted in [
        "<script>",
        "<p onclick=\"x\"></p>",
        "<a href=\"javascript:x\"></a>",
        "<img src=\"https://x\">",
        "<p>",
        "</p>",
        "<p title=x></p>",
        "<p style=\"a:url(x)\"></p>",
    ] {
        assert!(offence(planted).is_some(), "{planted}");
    }
}

#[test]
fn deep_and_long_documents_are_made_in_one_go() {
    for piece in [
        "<div>",
        "<b>",
        "<a href=x>",
        "<table><tr><td>",
        "</p>",
        "<p>x",
        "<!--",
        "&lt;",
        "<img src=//x>",
        "<p style='a:b;a:b'>",
        "<ul><li></ul></b>",
    ] {
        let html = piece.repeat(500_000 / piece.len());
        let made = made(&html);
        assert!(made.len() <= 20 * html.len());
        assert_eq!(offence(&made), None, "{piece}");
    }
}

fn documents() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        proptest::sample::select(ATTACKS.to_vec()).prop_map(str::to_owned),
        proptest::sample::select(vec![
            "<",
            ">",
            "\"",
            "'",
            "&",
            "</",
            "<!--",
            "-->",
            "<p ",
            "style=\"",
            "=",
            "/>",
            "<b>",
            "</b>",
            "<table>",
            "</table>",
            "<td>",
            "<a href=\"https://x\">",
            "</a>",
            "&#",
            ";",
            "&lt",
            "<svg>",
            "</style>"
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn whatever_comes_in_nothing_forbidden_comes_out(html in documents()) {
        let made = made(&html);
        prop_assert_eq!(offence(&made), None, "{}", made);
        prop_assert_eq!(self::made(&made), made);
    }
}
