// The hosted form: works out its proof while somebody writes, and waits for it before the form is sent.
// Without this script the form is sent as it is.

import { prove } from "../embeds/shared/proof";

const root = document.documentElement;
const accent = root.dataset["accent"];
if (accent) root.style.setProperty("--a", accent);

const form = document.querySelector<HTMLFormElement>("#form");
const proof = form?.querySelector<HTMLInputElement>("[name=proof]");
const token = form?.querySelector<HTMLInputElement>("[name=token]");
const bits = Number(proof?.dataset["bits"]);
let working: Promise<string | null> | null = null;

function work(): Promise<string | null> {
  working ??= prove(token?.value ?? "", bits, new AbortController().signal);
  return working;
}

if (form && proof && token && bits > 0) {
  form.addEventListener("focusin", () => void work(), { once: true });
  form.addEventListener("submit", (event) => {
    if (proof.value) return;
    event.preventDefault();
    const said = document.querySelector<HTMLElement>("#said");
    if (said) said.textContent = said.dataset["sending"] ?? "";
    void work().then((number) => {
      proof.value = number ?? "";
      form.submit();
    });
  });
}

const check = form?.querySelector<HTMLInputElement>("#check-token");
if (form && check) {
  const frame = document.createElement("iframe");
  frame.src = `${check.dataset["frame"] ?? ""}&locale=${root.lang}`;
  frame.title = check.dataset["title"] ?? "";
  check.after(frame);
  document.querySelector("#needs-script")?.remove();
  addEventListener("message", ({ source, data }: MessageEvent) => {
    if (source !== frame.contentWindow) return;
    frame.style.height = `${data.height}px`;
    check.value = data.token ?? "";
  });
  form.addEventListener("submit", (event) => {
    if (check.value) return;
    event.preventDefault();
    const said = document.querySelector<HTMLElement>("#said");
    if (said) said.textContent = check.dataset["missing"] ?? "";
  });
}

// Too much is said before it is sent: a page that comes back could not keep what was chosen.
const files = form?.querySelector<HTMLInputElement>("#files");
files?.addEventListener("change", () => {
  const { count, bytes, bytesInAll, tooMuch = "" } = files.dataset;
  const sizes = [...(files.files ?? [])].map(({ size }) => size);
  const isOver =
    sizes.length > Number(count) ||
    sizes.some((size) => size > Number(bytes)) ||
    sizes.reduce((all, size) => all + size, 0) > Number(bytesInAll);
  files.setCustomValidity(isOver ? tooMuch : "");
  files.reportValidity();
});
