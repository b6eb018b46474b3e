// The server prints times in the reader's zone once it knows it.

import { readCookie, writeCookie } from "./cookie";
import { refreshSoon } from "./refresh";

export function rememberTimeZone(): void {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || readCookie("tz") === zone) return;
  writeCookie("tz", zone);
  if (readCookie("tz") === zone && document.querySelector("time")) refreshSoon();
}
