// Files for pages, and the ways that bring them there without a dialog.

import { deflateSync } from "node:zlib";

export const PDF = Buffer.concat([Buffer.from("%PDF-1.7\n"), Buffer.alloc(100_000, "helpdesky ")]);

/** A file as Playwright hands it to an input. */
export function file(name, content) {
  return { name, mimeType: name.endsWith(".png") ? "image/png" : "application/octet-stream", buffer: Buffer.from(content) };
}

/** A picture of one colour. */
export function picture(width, height) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  const rows = Buffer.alloc(height * (1 + width * 3), 0x77);
  for (let row = 0; row < height; row += 1) rows[row * (1 + width * 3)] = 0;
  const start = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([start, chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type, data) {
  const content = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, sum]);
}

/** The check sum of a chunk; that of zlib came after Node.js 20. */
function crc32(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (0xedb88320 & -(sum & 1));
  }
  return ~sum >>> 0;
}

/** Lets files go above an element, after having held them there. */
export const drop = (target, ...files) => bring(target, files, "drop");

/** Pastes files into an element. */
export const paste = (target, ...files) => bring(target, files, "paste");

async function bring(target, files, how) {
  const given = files.map(({ name, mimeType, buffer }) => ({ name, mimeType, bytes: [...buffer] }));
  await target.evaluate(
    (element, [given, how]) => {
      const data = new DataTransfer();
      for (const { name, mimeType, bytes } of given) data.items.add(new File([new Uint8Array(bytes)], name, { type: mimeType }));
      const composed = { bubbles: true, cancelable: true, composed: true };
      if (how === "paste") return void element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, ...composed }));
      for (const type of ["dragover", "drop"]) element.dispatchEvent(new DragEvent(type, { dataTransfer: data, ...composed }));
    },
    [given, how],
  );
}
