import { Controller } from "@hotwired/stimulus";

/** "Done" opens once somebody says that the secret is stored. Without scripts it is open from the start. */
export class StoredController extends Controller<HTMLElement> {
  static override targets = ["tick", "done"];
  declare readonly tickTarget: HTMLInputElement;
  declare readonly doneTarget: HTMLButtonElement;

  override connect(): void {
    this.changed();
  }

  changed(): void {
    this.doneTarget.disabled = !this.tickTarget.checked;
  }
}
