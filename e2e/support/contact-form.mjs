// The Contact Form as people and third-party tests find it, and pages that carry it.

export const CONTAINER = '<div id="hdh-contact-form"></div>';

/** By roles and names only. */
export class Form {
  constructor(scope) {
    this.scope = scope;
    this.section = scope.getByRole("region", { name: "Contact us" });
    this.send = scope.getByRole("button", { name: "Send message" });
    this.alert = scope.getByRole("alert");
    this.sent = scope.getByRole("heading", { name: "Message sent" });
  }

  box(name) {
    return this.scope.getByRole("textbox", { name, exact: true });
  }

  async fill({ email, message = "Is there a way to bring our clients in?", name, subject }) {
    await this.send.waitFor();
    if (name) await this.box("Name (optional)").fill(name);
    await this.box("Email").fill(email);
    if (subject) await this.box("Subject (optional)").fill(subject);
    await this.box("Message").fill(message);
  }

  async deliver(fields) {
    await this.fill(fields);
    await this.send.click();
    await this.sent.waitFor();
  }
}

export const tag = (desk, attributes = "", id = desk.id) =>
  `<script src="${desk.base}/contact-form.js" data-helpdesk-id="${id}" ${attributes}></script>`;

/** A page that carries the form. */
export const page = (site, desk, attributes = "", rest = {}) => site.page(`<main><h1>Contact</h1>${CONTAINER}</main>${tag(desk, attributes)}`, rest);
