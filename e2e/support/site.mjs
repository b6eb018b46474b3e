// A customer's web site: its own little server that knows only the Helpdesk ID
// and the secret, signs its user's email on the server and writes the snippet.

import { createServer } from "node:http";

const escape = (text) =>
  String(text).replace(/[&<>"]/g, (it) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[it]);

export const CONTAINER = '<div id="hdh-ticket-center"></div>';

const THEMES = { light: "color-scheme: light", dark: "color-scheme: dark; background: #16181a; color: #eee" };

/** Names that the browser is told to find on this machine, so that pages have real host names. */
export const HOSTS = { app: "app.acme.test", other: "portal.elsewhere.test" };

export class Site {
  #desk;
  #server;
  #answers = new Map();
  /** Every path that was asked for. */
  asked = [];
  #count = 0;

  static async start(desk) {
    const site = new Site();
    site.#desk = desk;
    site.#server = createServer((request, response) => site.#answer(request, response));
    await new Promise((listening) => site.#server.listen(0, "127.0.0.1", listening));
    site.port = site.#server.address().port;
    return site;
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  url(path, host = HOSTS.app) {
    return `http://${host}:${this.port}${path}`;
  }

  /** The script tag of the setup guide, for one user. */
  tag(user, { attributes = "", query = "", id = this.#desk.id, base = this.#desk.base } = {}) {
    return (
      `<script src="${base}/ticket-center.js${query}" data-helpdesk-id="${escape(id)}" ` +
      `data-email="${escape(user.email)}" data-signature="${escape(user.signature)}" ${attributes}></script>`
    );
  }

  /** What the pages' own scripts need to make a script tag by themselves. */
  facts(user) {
    return { src: `${this.#desk.base}/ticket-center.js`, helpdeskId: this.#desk.id, ...user };
  }

  document(body, { head = "", title = "Acme", language = "en" } = {}) {
    return (
      `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><title>${title}</title>` +
      `<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">${head}</head>` +
      `<body>${body}</body></html>`
    );
  }

  /** Puts something at a path of its own and gives the address. */
  put(content, { type = "text/html; charset=utf-8", headers = {}, path, host } = {}) {
    const at = path ?? `/page-${++this.#count}`;
    this.#answers.set(at, { content, headers: { "content-type": type, ...headers } });
    return this.url(at, host);
  }

  page(body, { head, title, language, ...where } = {}) {
    return this.put(this.document(body, { head, title, language }), where);
  }

  /** The support page of the setup guide. */
  support(user, { attributes, query, ...rest } = {}) {
    return this.page(CONTAINER + this.tag(user, { attributes, query }), rest);
  }

  /** The support page inside an ordinary page with a heading, light or dark. */
  ordinary(user, { theme = "light", attributes = "" } = {}) {
    const head = `<style>html { ${THEMES[theme]} }</style>`;
    return this.page(`<main><h1>Help</h1>${CONTAINER}</main>${this.tag(user, { attributes })}`, { head });
  }

  script(code, where = {}) {
    return this.put(code, { type: "text/javascript; charset=utf-8", ...where });
  }

  #answer(request, response) {
    const { pathname } = new URL(request.url, "http://site");
    this.asked.push(pathname);
    const found = this.#answers.get(pathname);
    if (!found) return response.writeHead(404, { "content-type": "text/plain" }).end("not here");
    response.writeHead(200, { "cache-control": "no-store", ...found.headers });
    response.end(found.content);
  }
}
