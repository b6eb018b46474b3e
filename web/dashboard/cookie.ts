// Preferences the server needs before it renders. Never anything secret: scripts can read these.

const YEAR_SECONDS = 365 * 24 * 60 * 60;

export function readCookie(name: string): string | null {
  for (const part of document.cookie.split("; ")) {
    const equals = part.indexOf("=");
    if (part.slice(0, equals) === name) return decodeURIComponent(part.slice(equals + 1));
  }
  return null;
}

export function writeCookie(name: string, value: string | null): void {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const age = value === null ? 0 : YEAR_SECONDS;
  document.cookie = `${name}=${encodeURIComponent(value ?? "")}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
}
