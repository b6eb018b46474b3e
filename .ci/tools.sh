# Sourced by ./test: finds what the checks need and installs, once and by apt,
# what a fresh Debian lacks. Says what it installs and why; ends the run with
# the remedy when it cannot.

say() { printf '\n==> %s\n' "$*"; }
die() { printf '\n./test cannot run: %s\n' "$*" >&2; exit 1; }

oldest_postgres=14

# The newest server binaries that are new enough, wherever they come from.
postgres_bin() {
  local dir version
  for dir in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV) \
             "$(pg_config --bindir 2>/dev/null || true)" "$(dirname "$(command -v initdb || echo /-/-)")"; do
    if [ ! -x "$dir/initdb" ] || [ ! -x "$dir/postgres" ]; then continue; fi
    version=$("$dir/postgres" --version | sed -E 's/[^0-9]*([0-9]+).*/\1/')
    [ "$version" -ge "$oldest_postgres" ] && { printf '%s\n' "$dir"; return 0; }
  done
  return 1
}

chromium_bin() {
  command -v chromium || command -v chromium-browser || command -v google-chrome
}

require_toolchains() {
  command -v cargo >/dev/null || die "cargo is missing. Install Rust from https://rustup.rs (or your distribution), version as in Cargo.toml."
  cargo fmt --version >/dev/null 2>&1 || die "rustfmt is missing. Run: rustup component add rustfmt"
  cargo clippy --version >/dev/null 2>&1 || die "clippy is missing. Run: rustup component add clippy"
  { command -v node && command -v npm; } >/dev/null || die "Node.js 20 or later with npm is missing. Install it from https://nodejs.org or your distribution."
  [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || die "Node.js $(node --version) is too old; 20 or later is needed."
}

# What the guides' samples are run with, each by its command; adds to `packages`.
sample_tools() {
  local line command package why
  while read -r command package why; do
    PATH="$PATH:/usr/sbin" command -v "$command" >/dev/null || { packages+=("$package"); echo "needs $package: $why"; }
  done <<'TOOLS'
python3 python3 the code samples in Python are run
php php-cli the code samples in PHP are run, those for WordPress among them
ruby ruby the code samples in Ruby are run
go golang-go the code samples in Go are compiled and run
javac default-jdk-headless the code samples in Java are compiled and run
mcs mono-mcs the code samples in C# are compiled
mono mono-runtime the code samples in C# are run
curl curl the calls of the API reference are made as they are printed
openssl openssl the signature in a shell is made as it is printed
nginx nginx-light the configuration of nginx is started in front of the program
caddy caddy the configuration of Caddy is started in front of the program
systemd-analyze systemd the units are read by systemd
TOOLS
}

# Debian lets one mail server stand at a time, and would take another one away.
other_mail_server() {
  dpkg-query -W -f '${db:Status-Abbrev}|${Package}|${Provides}\n' 2>/dev/null \
    | sed -n 's/^ii *|\([^|]*\)|.*mail-transport-agent.*/\1/p' | grep -v '^postfix$' | head -n 1
}

# Arguments: whether the browser journeys will run (1 or 0).
install_missing() {
  local packages=() sudo=()
  command -v cc >/dev/null || { packages+=(build-essential); echo "needs a C compiler: SQLite is compiled into the program"; }
  postgres_bin >/dev/null || { packages+=(postgresql); echo "needs PostgreSQL $oldest_postgres or later: tests of data run on both databases"; }
  /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || { packages+=(python3-aiosmtpd); echo "needs aiosmtpd: our mail is given to a server that others wrote"; }
  [ -x /usr/sbin/dovecot ] || { packages+=(dovecot-imapd); echo "needs Dovecot: mail is fetched from a server that others wrote"; }
  [ -x /usr/lib/postfix/sbin/master ] || { packages+=(postfix); echo "needs Postfix: mail is forwarded to us by a server that others wrote"; }
  command -v swaks >/dev/null || { packages+=(swaks); echo "needs swaks: mail is given to that server by it"; }
  command -v openssl >/dev/null || { packages+=(openssl); echo "needs OpenSSL: it is shown the certificate for mail"; }
  if [ "$1" = 1 ] && ! chromium_bin >/dev/null; then
    packages+=(chromium); echo "needs Chromium: the embed and the dashboard are tested in a real browser"
  fi
  if [ "$1" = 1 ]; then
    sample_tools
  fi
  if [ "${#packages[@]}" -gt 0 ]; then
    local by_hand="Install these by hand and run again: ${packages[*]}"
    command -v apt-get >/dev/null || die "no apt-get here. $by_hand"
    if [ "$(id -u)" -ne 0 ]; then
      { command -v sudo && sudo -n true; } >/dev/null 2>&1 || die "neither root nor sudo without a password. $by_hand"
      sudo=(sudo -n)
    fi
    if [[ " ${packages[*]} " == *" postfix "* ]]; then
      local other
      other=$(other_mail_server)
      [ -z "$other" ] || die "Postfix is needed, and apt would remove $other for it. Run ./test in a container, or install postfix by hand."
      # Without a configuration of the system's own, nothing of Postfix is started, now or later.
      echo "postfix postfix/main_mailer_type select No configuration" | "${sudo[@]}" debconf-set-selections \
        || die "debconf-set-selections failed. $by_hand"
    fi
    say "Installing by apt: ${packages[*]}"
    export DEBIAN_FRONTEND=noninteractive
    "${sudo[@]}" apt-get update -q </dev/null || die "apt-get update failed; is a mirror within reach? $by_hand"
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${packages[@]}" </dev/null \
      || die "apt-get install failed. $by_hand"
  fi
  local bin
  bin=$(postgres_bin) || die "no PostgreSQL server binaries of version $oldest_postgres or later, even after installing. Looked in /usr/lib/postgresql/*/bin and the PATH."
  # The tests look in the PATH when Debian's folder has none that is new enough.
  export PATH="$bin:$PATH"
  if [ "$1" = 1 ]; then
    CHROMIUM=$(chromium_bin) || die "no Chromium in the PATH, even after installing."
    export CHROMIUM
  fi
}

# Packages of a folder, only when its lock is newer than what is installed.
node_packages() {
  [ -f "$1/package-lock.json" ] || { echo "$1/package-lock.json is missing"; return 1; }
  if [ ! -f "$1/node_modules/.package-lock.json" ] || [ "$1/package-lock.json" -nt "$1/node_modules/.package-lock.json" ]; then
    (cd "$1" && npm ci --no-audit --no-fund)
  fi
}
