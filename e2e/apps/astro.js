// Navigation the way Astro's client router does it: the new page's body takes
// the place of the old one, scripts that both pages share are not run again, the
// others are made anew so that the browser runs them.
const key = (script) => script.outerHTML;

window.visit = async (address) => {
  const html = await (await fetch(address)).text();
  const next = new DOMParser().parseFromString(html, "text/html");
  const before = new Set([...document.scripts].map(key));
  const run = [...next.scripts].map((script) => !before.has(key(script)));
  document.title = next.title;
  const scripts = [...next.body.querySelectorAll("script")];
  const inBody = [...next.scripts].map((script, index) => [script, run[index]]).filter(([it]) => scripts.includes(it));
  document.body.replaceWith(next.body);
  history.pushState({}, "", address);
  for (const [script, wanted] of inBody) {
    if (!wanted) continue;
    const fresh = document.createElement("script");
    for (const { name, value } of script.attributes) fresh.setAttribute(name, value);
    fresh.textContent = script.textContent;
    script.replaceWith(fresh);
  }
};
