import { Controller } from "@hotwired/stimulus";

/** Assigns as soon as somebody is chosen; without scripts the button beside the list does it. */
export class AssignController extends Controller<HTMLFormElement> {
  static override targets = ["button", "select"];
  declare readonly buttonTarget: HTMLButtonElement;
  declare readonly selectTarget: HTMLSelectElement;

  override connect(): void {
    this.buttonTarget.hidden = true;
  }

  submit(): void {
    this.element.requestSubmit();
  }
}
