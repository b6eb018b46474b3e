// An operator at the dashboard, by roles and names.

import { OPERATOR } from "./desk.mjs";

export class Operator {
  constructor(page, desk, who = OPERATOR) {
    this.page = page;
    this.desk = desk;
    this.who = who;
  }

  /** A signed-in operator in a browser context of their own. */
  static async at(context, desk, who = OPERATOR) {
    const operator = new Operator(await context.newPage(), desk, who);
    await operator.signIn();
    return operator;
  }

  url(path) {
    return `${this.desk.origin}/h/${this.desk.id}${path}`;
  }

  async signIn(password = this.who.password) {
    const { page, desk } = this;
    await page.goto(`${desk.origin}/sign-in`);
    await page.getByLabel("Email").fill(this.who.email);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    if (password === this.who.password) await page.waitForURL("**/conversations*");
  }

  async go(path) {
    await this.page.goto(this.url(path));
  }

  /** A row of the list, by words in it. */
  row(words) {
    return this.page.getByRole("region", { name: "Conversation list" }).getByRole("listitem").filter({ hasText: words });
  }

  async open(words) {
    await this.row(words).getByRole("link").first().click();
    await this.log.waitFor();
  }

  get log() {
    return this.page.getByRole("log", { name: "Messages" });
  }

  get message() {
    return this.page.getByRole("textbox", { name: "Message" });
  }

  async reply(text) {
    await this.message.fill(text);
    await this.page.getByRole("button", { name: /^Send(?! & close)/ }).last().click();
    await this.log.getByText(text, { exact: true }).waitFor();
  }

  get send() {
    return this.page.getByRole("button", { name: /^Send(?! & close)/ }).last();
  }

  async note(text) {
    await this.page.getByText("Private note", { exact: true }).first().click();
    await this.message.fill(text);
    await this.page.getByRole("button", { name: "Add note" }).click();
    await this.log.getByText(text, { exact: true }).waitFor();
  }

  /** Switches whether the helpdesk accepts messages. */
  async messaging(on) {
    await this.go("/settings/messages");
    await this.page.getByRole("switch", { name: "Accept messages" }).setChecked(on);
    await this.page.getByRole("button", { name: "Save" }).click();
    await this.page.getByText(on ? "Messages are accepted" : "Messages are paused").first().waitFor();
  }
}
