import { Controller } from "@hotwired/stimulus";

/** Enter sends the form, as in a box of one line; Shift and Enter begins a new line. */
export class EnterController extends Controller<HTMLTextAreaElement> {
  press(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.element.form?.requestSubmit();
  }
}
