// Says something to screen readers without moving focus.

export function announce(text: string): void {
  let region = document.getElementById("announcer");
  if (!region) {
    region = document.createElement("div");
    region.id = "announcer";
    region.className = "vh";
    region.setAttribute("role", "status");
    region.setAttribute("aria-live", "polite");
    region.setAttribute("data-turbo-permanent", "");
    document.body.append(region);
  }
  region.textContent = "";
  const target = region;
  requestAnimationFrame(() => {
    target.textContent = text;
  });
}
