//! The mistakes that host apps make, each with its name in the database and its words for people.

macro_rules! causes {
    ($($variant:ident $name:literal $what:literal $remedy:literal;)*) => {
        /// The most likely mistake behind a signature that did not verify.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Cause {
            $(#[doc = $what] $variant,)*
        }

        /// All of them.
        pub(super) const ALL: &[Cause] = &[$(Cause::$variant),*];

        impl Cause {
            /// The name under which it is stored.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What happened, and what to do about it.
            pub fn explain(self) -> (&'static str, &'static str) {
                match self { $(Self::$variant => ($what, $remedy),)* }
            }
        }
    };
}

causes! {
    NoSecret "no_secret"
        "No HMAC secret exists yet"
        "Generate one on the Ticket Center page and put it into your server's environment.";
    Missing "missing"
        "The signature is empty or a placeholder"
        "Render the value that your server computed into data-signature.";
    Base64 "base64"
        "The signature is base64"
        "Output lower-case hex, for example .digest(\"hex\").";
    Base64Url "base64url"
        "The signature is base64url"
        "Output lower-case hex, for example .digest(\"hex\").";
    EncodedTwice "encoded_twice"
        "The signature was encoded twice"
        "Output hex once: hex of the raw bytes, not hex or base64 of the hex text.";
    Wrapped "wrapped"
        "The signature is right, with something around it"
        "Send the 64 hex digits only: no quotes, no sha256= and no 0x before them.";
    CutOff "cut_off"
        "The signature is right, but cut off"
        "Send all 64 hex digits. Look for a database column or a variable that is too short.";
    Md5 "md5"
        "The signature has the length of MD5"
        "Use HMAC with SHA-256: it gives 64 hex digits.";
    Sha1 "sha1"
        "The signature has the length of SHA-1"
        "Use HMAC with SHA-256: it gives 64 hex digits.";
    Sha384 "sha384"
        "The signature has the length of SHA-384"
        "Use HMAC with SHA-256: it gives 64 hex digits.";
    Sha512 "sha512"
        "The signature has the length of SHA-512"
        "Use HMAC with SHA-256: it gives 64 hex digits.";
    OtherAlgorithm "other_algorithm"
        "The signature has the length of another algorithm"
        "Use HMAC with SHA-256: it gives 64 hex digits.";
    NotHex "not_hex"
        "The signature is not 64 hex digits"
        "Send the hex of HMAC-SHA256 and nothing else.";
    RevokedSecret "revoked_secret"
        "Signed with a revoked secret"
        "Put the live secret into your server's environment and restart it.";
    OtherCase "other_case"
        "The address was signed with other capital letters"
        "Sign exactly the text that you pass as data-email; lower-case it first in both places.";
    OtherSpace "other_space"
        "The address was signed with white space around it"
        "Trim the address before you sign it, and pass that same text as data-email.";
    QuotedEmail "quoted_email"
        "The address was signed with quotes around it"
        "Sign the address itself, not its JSON: no JSON.stringify, no quotes.";
    EncodedEmail "encoded_email"
        "The address was signed in its encoded form"
        "Sign the address as it is, before it is encoded for a URL or for HTML.";
    OtherEncoding "other_encoding"
        "The address was signed in another character encoding"
        "Sign the UTF-8 bytes of the address.";
    OtherSpelling "other_spelling"
        "Another spelling of the address was signed"
        "Sign exactly the text that you pass as data-email; trim and lower-case it first in both places.";
    SecretWithNewline "secret_with_newline"
        "The secret on your server ends with a newline"
        "Trim the secret when you read it, or store it again without the newline.";
    SecretWithSpace "secret_with_space"
        "The secret on your server has a space around it"
        "Trim the secret when you read it, or store it again without the space.";
    SecretInQuotes "secret_in_quotes"
        "The secret on your server has quotes around it"
        "Take the quotes away where the secret is stored; your environment file keeps them as part of the value.";
    SecretWithName "secret_with_name"
        "The secret on your server still has its name before it"
        "Store only what stands after HELPDESKY_HMAC_SECRET= as the value.";
    SecretWithWhiteSpace "secret_with_white_space"
        "The secret on your server ends with a newline or space"
        "Trim the secret when you read it, or store it again without the newline.";
    SecretWithoutPrefix "secret_without_prefix"
        "The secret was used without its prefix"
        "Use the whole text, hdh_secret_ included, as the key.";
    SecretDecoded "secret_decoded"
        "The secret was decoded before it was used"
        "Use the text itself as the key. Do not decode it as hex or base64.";
    SecretEmpty "secret_empty"
        "The key was empty"
        "HELPDESKY_HMAC_SECRET is not set where your server runs, or the secret was decoded as hex. Use its text as the key.";
    SecretPlaceholder "secret_placeholder"
        "A placeholder was used as the secret"
        "HELPDESKY_HMAC_SECRET holds an example or the word undefined. Put the live secret there and restart your server.";
    Swapped "swapped"
        "Secret and address are swapped"
        "The secret is the key, the address is the message.";
    PlainHash "plain_hash"
        "A plain SHA-256 hash was sent"
        "Use HMAC-SHA256 with the secret as key.";
    NothingSigned "nothing_signed"
        "The secret is right, but nothing was signed"
        "Your server signed an empty text, undefined or null. Sign the address of the signed-in user, after it is loaded.";
    OtherField "other_field"
        "The secret is right, but another field was signed"
        "Sign the whole e-mail address: not the part before the @, not the Helpdesk ID and no other field.";
    OtherSecretOrText "other_secret_or_text"
        "Another secret or another text was signed"
        "Check that your server uses the live secret of this helpdesk and signs the user's e-mail address, not an id or a name.";
}

impl Cause {
    /// The cause that was stored under this name.
    pub fn from_name(name: &str) -> Self {
        ALL.iter()
            .copied()
            .find(|cause| cause.name() == name)
            .unwrap_or(Self::OtherSecretOrText)
    }
}
