// SPDX-License-Identifier: MIT
// Who is signed in, as the page says it by functions.

import { optionsFrom } from "../shared/options.js";
import type { Placer } from "../shared/placer.js";

/** Another user, or another look, for all panels of the page. */
export function identify(placer: Placer, given: Record<string, unknown>): void {
  const { tagList } = placer;
  const only = optionsFrom((name) => given[name]);
  const change = Object.fromEntries(Object.entries(only).filter(([, value]) => value !== null));
  for (const [element, place] of placer.mountedPlaces) placer.updatePlace(place, element, { ...place.options, ...change });
  tagList.active();
  const newest = new Map(tagList.all().map((tag) => [tagList.containerId(tag), tag]));
  for (const tag of newest.values()) {
    const { email, signature, name, ...kept } = tagList.options(tag);
    tagList.override(tag, { ...kept, ...change });
  }
  placer.lookAgain();
}

/** The user is gone: no panel, no draft, no answer still on its way. */
export function logout(placer: Placer): void {
  for (const place of placer.mountedPlaces.values()) {
    placer.clearPlace(place);
    place.options = { ...place.options, email: null, signature: null };
    place.key = "";
  }
  for (const tag of placer.tagList.all()) placer.tagList.forget(tag);
  placer.lookAgain();
}
