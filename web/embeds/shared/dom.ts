// SPDX-License-Identifier: MIT
// A small keyed renderer: views describe what should be there, `patch` changes
// only what differs, so that focus, drafts and scroll positions survive. It
// creates elements and sets text; there is no way to hand it markup.

type Handler = (event: never) => void;
type Value = string | number | boolean | null | undefined | Handler;

export interface Props {
  [name: string]: Value;
}

export interface Node {
  tag: string;
  key: string | undefined;
  props: Props;
  children: Child[];
}

export type Child = Node | string | null | undefined | false;

const SVG = "http://www.w3.org/2000/svg";

interface Known {
  key: string | undefined;
  props: Props;
}

const known = new WeakMap<Element, Known>();

/** Describes an element. `key` tells siblings apart; `on…` props are listeners. */
export function h(tag: string, props: Props | null, ...children: Child[]): Node {
  const { key, ...rest } = props ?? {};
  return { tag, key: key === undefined ? undefined : String(key), props: rest, children };
}

/** A button that does something here; forms have their own. */
export function button(look: string, label: Child, onclick: () => void, props: Props = {}, ...more: Child[]): Node {
  return h("button", { class: look, type: "button", onclick, ...props }, label, ...more);
}

/** Makes the children of `parent` what `children` describes. */
export function patch(parent: ParentNode & globalThis.Node, children: Child[]): void {
  const keyed = new Map<string, Element>();
  const loose: globalThis.Node[] = [];
  for (const node of Array.from(parent.childNodes)) {
    const key = node instanceof Element ? known.get(node)?.key : undefined;
    if (key !== undefined) keyed.set(key, node as Element);
    else loose.push(node);
  }

  const wanted: globalThis.Node[] = [];
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    wanted.push(typeof child === "string" ? textNode(child, loose) : element(child, keyed, loose));
  }

  const keep = new Set(wanted);
  for (const node of Array.from(parent.childNodes)) if (!keep.has(node)) parent.removeChild(node);
  wanted.forEach((node, index) => {
    const present = parent.childNodes[index];
    if (present !== node) parent.insertBefore(node, present ?? null);
  });
}

function textNode(text: string, loose: globalThis.Node[]): globalThis.Node {
  const index = loose.findIndex((node) => node instanceof Text);
  const reused = index < 0 ? undefined : loose.splice(index, 1)[0];
  if (!reused) return document.createTextNode(text);
  if (reused.nodeValue !== text) reused.nodeValue = text;
  return reused;
}

function element(node: Node, keyed: Map<string, Element>, loose: globalThis.Node[]): Element {
  let found: Element | undefined;
  if (node.key !== undefined) {
    found = keyed.get(node.key);
    keyed.delete(node.key);
  } else {
    const index = loose.findIndex((it) => it instanceof Element && it.localName === node.tag);
    if (index >= 0) found = loose.splice(index, 1)[0] as Element;
  }
  if (found?.localName !== node.tag) {
    found = /^(svg|path)$/.test(node.tag)
      ? document.createElementNS(SVG, node.tag)
      : document.createElement(node.tag);
  }
  setProps(found, known.get(found)?.props ?? {}, node.props);
  known.set(found, { key: node.key, props: node.props });
  patch(found, node.children);
  return found;
}

function setProps(target: Element, before: Props, after: Props): void {
  for (const name of Object.keys(before)) if (!(name in after)) setProp(target, name, null);
  for (const [name, value] of Object.entries(after)) {
    // What is typed changes `value` behind our back, so it is compared with the element itself.
    if (name === "value" || before[name] !== value) setProp(target, name, value);
  }
}

function setProp(target: Element, name: string, value: Value): void {
  if (name.startsWith("on")) {
    Object.assign(target, { [name]: typeof value === "function" ? value : null });
  } else if (name === "value") {
    const field = target as HTMLTextAreaElement;
    if (field.value !== value) field.value = String(value ?? "");
  } else if (value === null || value === undefined || value === false) {
    target.removeAttribute(name);
  } else {
    target.setAttribute(name, value === true ? "" : String(value));
  }
}
