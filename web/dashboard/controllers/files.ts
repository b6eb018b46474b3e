import { Controller } from "@hotwired/stimulus";
import { announce } from "../announce";
import { csrfToken } from "../csrf";
import { send, type Taken, words } from "../uploads";

/** Files of one message. The server refuses more. */
const MOST = 10;
/** Uploads at the same time; the others wait their turn. */
const AT_ONCE = 2;

/** Files in the box: chosen, dropped or pasted, uploaded while the text is written. What is uploaded waits
 *  on the server, so that a reload loses nothing. */
export class FilesController extends Controller<HTMLFormElement> {
  static override targets = ["input", "button", "list", "ids", "error"];
  static override values = { url: String, mostBytes: Number };
  declare readonly inputTarget: HTMLInputElement;
  declare readonly buttonTarget: HTMLButtonElement;
  declare readonly listTarget: HTMLUListElement;
  declare readonly idsTarget: HTMLInputElement;
  declare readonly errorTarget: HTMLElement;
  declare readonly urlValue: string;
  declare readonly mostBytesValue: number;
  private readonly waiting: (() => void)[] = [];
  private running = 0;

  override connect(): void {
    this.buttonTarget.hidden = false;
    // Without scripts these send the form; with them, Enter in the box must never press one.
    for (const button of this.listTarget.querySelectorAll("button")) button.type = "button";
  }

  choose(): void {
    this.inputTarget.click();
  }

  chosen(): void {
    this.add(this.inputTarget.files);
    this.inputTarget.value = "";
  }

  over(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    this.element.classList.add("is-over");
  }

  left(event: DragEvent): void {
    if (event.relatedTarget instanceof Node && this.element.contains(event.relatedTarget)) return;
    this.element.classList.remove("is-over");
  }

  dropped(event: DragEvent): void {
    this.element.classList.remove("is-over");
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.add(event.dataTransfer.files);
  }

  /** What is copied from a table or a text is often there as a picture, too: then the text is meant. */
  pasted(event: ClipboardEvent): void {
    const data = event.clipboardData;
    if (!data?.files.length || data.getData("text/plain") !== "") return;
    event.preventDefault();
    this.add(data.files);
  }

  remove(event: Event): void {
    event.preventDefault();
    const item = (event.currentTarget as Element).closest("li");
    if (!item) return;
    const next = item.nextElementSibling ?? item.previousElementSibling;
    const id = item.dataset["file"];
    item.dispatchEvent(new CustomEvent("files:gone"));
    item.remove();
    this.say("");
    this.changed();
    (next?.querySelector<HTMLElement>("button:last-of-type") ?? this.buttonTarget).focus();
    if (!id) return;
    const body = new URLSearchParams({ csrf: csrfToken(), quietly: "yes" });
    // One that stays behind is forgotten by the server after some days.
    fetch(`${this.urlValue}/${id}/removal`, { method: "POST", body, redirect: "error" }).catch(() => undefined);
  }

  /** Runs before the box is sent: a message must not leave without a file that is on its way. */
  guard(event: SubmitEvent): void {
    const unfinished = this.listTarget.querySelector("li:not([data-file])");
    if (!unfinished) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const failed = this.listTarget.querySelector(".is-bad");
    this.say(failed ? "One file was not uploaded. Try it again or remove it, then send." : "Wait until the files are uploaded, then send.");
  }

  sent(event: CustomEvent<{ success: boolean }>): void {
    if (!event.detail.success) return;
    this.listTarget.replaceChildren();
    this.say("");
    this.changed();
  }

  private add(files: FileList | null): void {
    this.say("");
    for (const file of files ?? []) {
      if (this.listTarget.childElementCount >= MOST) return this.say(`A message can have ${MOST} files.`);
      if (file.size > this.mostBytesValue) {
        this.say(`“${file.name}” is too large. A file can have ${words(this.mostBytesValue)}.`);
        continue;
      }
      this.start(file, this.item(file));
    }
  }

  private item(file: File): HTMLLIElement {
    const item = document.createElement("li");
    item.className = "file";
    item.append(icon("file"), named("bdi", "clip", file.name));
    item.append(this.small(`Remove ${file.name}`, "x", (event) => this.remove(event)));
    this.listTarget.append(item);
    return item;
  }

  private start(file: File, item: HTMLLIElement): void {
    if (item.classList.contains("is-bad")) this.say("");
    item.classList.remove("is-bad");
    item.querySelectorAll("progress, .file-state, .file-again").forEach((it) => it.remove());
    const progress = document.createElement("progress");
    progress.max = 1;
    progress.value = 0;
    progress.setAttribute("aria-label", `Uploading ${file.name}`);
    item.lastElementChild?.before(progress);
    this.waiting.push(() => void this.run(file, item, progress));
    this.next();
  }

  private next(): void {
    while (this.running < AT_ONCE) {
      const run = this.waiting.shift();
      if (!run) return;
      this.running += 1;
      run();
    }
  }

  private async run(file: File, item: HTMLLIElement, progress: HTMLProgressElement): Promise<void> {
    const gone = new AbortController();
    item.addEventListener("files:gone", () => gone.abort(), { once: true });
    try {
      if (!item.isConnected) return;
      const taken = await send(this.urlValue, file, gone.signal, (part) => {
        progress.value = part;
      });
      progress.remove();
      this.done(item, taken);
    } catch (thrown) {
      if (gone.signal.aborted) return;
      progress.remove();
      this.failed(file, item, thrown instanceof Error ? thrown.message : "Not uploaded");
    } finally {
      this.running -= 1;
      this.next();
    }
  }

  private done(item: HTMLLIElement, taken: Taken): void {
    item.dataset["file"] = taken.id;
    item.querySelector("use")?.setAttribute("href", `#i-${taken.icon}`);
    const name = item.querySelector("bdi");
    if (name) name.textContent = taken.name;
    item.lastElementChild?.before(named("span", "file-state", taken.size));
    this.changed();
    announce(`${taken.name} uploaded`);
  }

  private failed(file: File, item: HTMLLIElement, sentence: string): void {
    item.classList.add("is-bad");
    item.lastElementChild?.before(named("span", "file-state", sentence));
    const again = this.small(`Try ${file.name} again`, "refresh", () => this.start(file, item));
    again.classList.add("file-again");
    item.lastElementChild?.before(again);
    announce(`${file.name}: ${sentence}`);
  }

  private small(name: string, look: string, press: (event: Event) => void): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-ghost btn-icon btn-sm";
    button.setAttribute("aria-label", name);
    button.append(icon(look));
    button.addEventListener("click", press);
    return button;
  }

  private say(sentence: string): void {
    this.errorTarget.textContent = sentence;
  }

  private changed(): void {
    const items = [...this.listTarget.children] as HTMLElement[];
    this.idsTarget.value = items.flatMap((item) => item.dataset["file"] ?? []).join(" ");
  }
}

function named(tag: string, look: string, text: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = look;
  element.textContent = text;
  return element;
}

/** An icon of the page's sprite. */
function icon(name: string): SVGElement {
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  drawing.append(use);
  return drawing;
}
