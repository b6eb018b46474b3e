use super::*;

fn environment(pairs: &[(&str, &str)]) -> impl Iterator<Item = (OsString, OsString)> {
    pairs
        .iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect::<Vec<_>>()
        .into_iter()
}

#[test]
fn the_defaults_are_good() {
    let config = Config::for_folder(Path::new("x"));
    assert_eq!(config.base_url, "http://127.0.0.1:8080");
    assert_eq!(config.contact_calls_per_minute, 600);
}

#[test]
fn flags_win_over_the_environment_which_wins_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("helpdesky.toml"),
        "listen = \"127.0.0.1:1\"\nlog = \"warn\"",
    )
    .unwrap();
    let flags = SettingFlags {
        data: Some(folder.path().to_owned()),
        base_url: Some("https://help.example.com/".to_owned()),
        ..SettingFlags::default()
    };
    let variables = [
        ("HELPDESKY_LISTEN", "127.0.0.1:2"),
        ("HELPDESKY_BASE_URL", "http://other"),
        ("PATH", "/"),
    ];
    let config = Config::load(&flags, environment(&variables)).unwrap();
    assert_eq!(config.listen.port(), 2);
    assert_eq!(config.base_url, "https://help.example.com");
    assert_eq!(config.log.to_string(), "warn");
}

#[test]
fn what_is_unknown_or_wrong_is_named() {
    let refused = |pairs: &[(&str, &str)]| {
        Config::load(&SettingFlags::default(), environment(pairs))
            .unwrap_err()
            .to_string()
    };
    assert!(refused(&[("HELPDESKY_LISTN", "x")]).contains("HELPDESKY_LISTN is not a setting"));
    assert!(refused(&[("HELPDESKY_LISTEN", "8080")]).contains("HELPDESKY_LISTEN: \"8080\""));
    assert!(refused(&[("HELPDESKY_KEY_FILE", "/nowhere")]).contains("cannot read /nowhere"));
    assert!(refused(&[("HELPDESKY_MAIL_FROM", "nobody")]).contains("one address"));
    assert!(refused(&[("HELPDESKY_LOG", "inof")]).contains("HELPDESKY_LOG: \"inof\""));
    assert!(refused(&[("HELPDESKY_MAILER", "memory")]).contains("smtp, file or console"));
    let wrong = refused(&[("HELPDESKY_SMTP_URL", "smtp://u:findable@relay.example?tls=off")]);
    assert!(wrong.contains("HELPDESKY_SMTP_URL is no good") && !wrong.contains("findable"));
    for bad in [
        "http://challenges.cloudflare.com",
        "http://localhost",
        "https://user:findable@proxy.example",
        "https://proxy.example/path",
        "https://proxy.example?a=b",
        "file:///etc/passwd",
        "proxy.example",
        "",
    ] {
        let wrong = refused(&[("HELPDESKY_TURNSTILE_URL", bad)]);
        assert!(wrong.contains("is no good turnstile_url"), "{bad}: {wrong}");
    }
    for good in [
        "https://proxy.example:8443",
        "http://127.0.0.1:1",
        "http://[::1]:1",
    ] {
        let given = [("HELPDESKY_TURNSTILE_URL", good)];
        assert!(
            Config::load(&SettingFlags::default(), environment(&given)).is_ok(),
            "{good}"
        );
    }
    let ignored = [
        ("HELPDESKY_HMAC_SECRET", "s"),
        ("HELPDESKY_HELPDESK_ID", "i"),
        ("HELPDESKY_SERVICE_HOST", "10.0.0.1"),
        ("HELPDESKY_PORT_80_TCP_ADDR", "10.0.0.1"),
    ];
    assert!(Config::load(&SettingFlags::default(), environment(&ignored)).is_ok());
}
