//! Inputs made of fixtures: pieces cut, doubled, exchanged, overwritten, and words that matter put in.

const LONGEST: usize = 64 * 1_024;

/// What parsers look for.
const WORDS: &[&str] = &[
    "\r\n",
    "\n",
    "\r",
    "\0",
    "--",
    "=_alt",
    "boundary=",
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
    "--b--",
    "message/rfc822",
    "Content-Transfer-Encoding: base64\r\n",
    "charset=utf-7",
    "charset=iso-2022-jp",
    "=?utf-8?q?",
    "=?utf-8?b?",
    "?=",
    "filename*0*=utf-8''%",
    "\"",
    "(",
    ")",
    "<",
    ">",
    "@",
    ",",
    ";",
    ":",
    "> ",
    "wrote:",
    "On 20.11.25 11:00, Ann wrote:\n",
    "-- \n",
    "From: a@b.example\n",
    "<script>",
    "</",
    "<!--",
    "-->",
    "<svg>",
    "<style>",
    "style=\"",
    "&#",
    "&lt;",
    "javascript:",
    "<table><td>",
    "\u{fffd}",
    "\u{202e}",
    "EHLO a\r\n",
    "MAIL FROM:<a@b.example>\r\n",
    "RCPT TO:<in@ours.example>\r\n",
    "DATA\r\n",
    "\r\n.\r\n",
    "STARTTLS\r\n",
    "Authentication-Results: mx.example; dkim=pass header.d=b.example\n",
    "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/simple; d=b.example; s=s1; h=from; bh=AAAA; b=AAAA\n",
    "v=DKIM1; k=rsa; p=MAsGAQ==",
    "5.1.1",
    "Final-Recipient: rfc822; a@b.example\n",
];

/// Makes inputs, one after another.
pub struct Mutator<'a> {
    state: u64,
    seeds: &'a [Vec<u8>],
}

impl<'a> Mutator<'a> {
    /// Begins at a seed; the same one gives the same inputs.
    pub fn new(seed: u64, seeds: &'a [Vec<u8>]) -> Self {
        Self {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            seeds,
        }
    }

    /// The next input.
    pub fn next_input(&mut self) -> Vec<u8> {
        let mut input = self.seed();
        for _ in 0..=self.below(8) {
            self.mutate(&mut input);
        }
        input.truncate(LONGEST);
        input
    }

    fn seed(&mut self) -> Vec<u8> {
        let at = self.below(self.seeds.len());
        self.seeds.get(at).cloned().unwrap_or_default()
    }

    /// A number below a bound; 0 when there is none (xorshift, Marsaglia 2003).
    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 16)
            .unwrap_or_default()
            .checked_rem(bound)
            .unwrap_or_default()
    }

    /// A stretch of some length, mostly short.
    fn stretch(&mut self, length: usize) -> std::ops::Range<usize> {
        let most = if self.below(4) == 0 {
            length
        } else {
            length.min(40)
        };
        let size = self.below(most + 1);
        let start = self.below(length - size + 1);
        start..start + size
    }

    fn mutate(&mut self, input: &mut Vec<u8>) {
        let range = self.stretch(input.len());
        let piece = input.get(range.clone()).unwrap_or_default().to_vec();
        let put = match self.below(7) {
            0 => Vec::new(),
            1 => piece.repeat(2 + self.below(30)),
            2 => piece.iter().rev().copied().collect(),
            3 => piece.iter().map(|byte| byte ^ (1 << self.below(8))).collect(),
            4 => {
                let other = self.seed();
                let range = self.stretch(other.len());
                other.get(range).unwrap_or_default().to_vec()
            }
            _ => {
                let at = self.below(WORDS.len());
                let word = WORDS.get(at).copied().unwrap_or_default();
                [word.as_bytes(), &piece].concat()
            }
        };
        input.splice(range, put);
        input.truncate(LONGEST);
    }
}
