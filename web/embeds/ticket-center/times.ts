// SPDX-License-Identifier: MIT
// Dates the way the page's readers write them: today 10:52, this week Wed,
// older 3 Nov, with the year once it is more than twelve months ago.

import type { Strings } from "./strings.js";

const DAY_MS = 86_400_000;

export class Times {
  readonly #formats = new Map<string, Intl.DateTimeFormat>();
  readonly #locale: string | undefined;

  constructor(wanted: string | null) {
    this.#locale = [wanted, document.documentElement.lang, undefined].find(usable) ?? undefined;
  }

  /** For a row of the list. */
  short(iso: string): string {
    const date = moment(iso);
    return isToday(date) ? this.#clock(date) : this.#day(date);
  }

  /** Above a message; the day only where it differs from the message before. */
  message(iso: string, beforeIso: string | undefined, strings: Strings): string {
    const date = moment(iso);
    const time = this.#clock(date);
    if (beforeIso !== undefined && sameDay(date, new Date(beforeIso))) return time;
    return isToday(date) ? strings.text("today", { time }) : `${this.#day(date)}, ${time}`;
  }

  full(iso: string): string {
    const date = moment(iso);
    return this.#format("full", { dateStyle: "full", timeStyle: "short" }).format(date);
  }

  #clock(date: Date): string {
    return this.#format("clock", { hour: "2-digit", minute: "2-digit" }).format(date);
  }

  #day(date: Date): string {
    const days = (startOfDay(new Date()) - startOfDay(date)) / DAY_MS;
    if (days > 0.5 && days < 6.5) return this.#format("week", { weekday: "short" }).format(date);
    const yearAgo = new Date();
    yearAgo.setFullYear(yearAgo.getFullYear() - 1);
    return date > yearAgo
      ? this.#format("day", { day: "numeric", month: "short" }).format(date)
      : this.#format("year", { day: "numeric", month: "short", year: "numeric" }).format(date);
  }

  #format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    let format = this.#formats.get(name);
    if (!format) {
      format = new Intl.DateTimeFormat(this.#locale, options);
      this.#formats.set(name, format);
    }
    return format;
  }
}

function usable(locale: string | null | undefined): boolean {
  try {
    return Boolean(locale) && Intl.DateTimeFormat.supportedLocalesOf([locale ?? ""]).length > 0;
  } catch {
    return false;
  }
}

/** A date that cannot be read must not keep the messages from being read. */
function moment(iso: string): Date {
  const date = new Date(iso);
  return isNaN(date.getTime()) ? new Date(0) : date;
}

function isToday(date: Date): boolean {
  return sameDay(date, new Date());
}

function sameDay(a: Date, b: Date): boolean {
  return startOfDay(a) === startOfDay(b);
}

function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
