// SPDX-License-Identifier: MIT
// Bytes to and from the helpdesk, with the token. One that has run out is replaced once.

import type { FilesHost } from "./files-part.js";
import type { Attachment } from "./model.js";

const PREFIX = "/api/messaging/ticket-center/attachments";

/** The helpdesk said no. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(code);
  }
}

/** A call about a file that is there already. */
export function download(host: FilesHost, path: string): Promise<Response> {
  return authorised(host, async (authorization) => {
    const answer = await fetch(host.base + PREFIX + path, {
      method: "POST",
      headers: { "content-type": "application/json", authorization },
      body: "{}",
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
      signal: host.signal,
    });
    if (!answer.ok) throw new Refused(answer.status, "refused");
    return answer;
  });
}

/** Uploads a file. `fetch` does not tell how far it has come. */
export function send(host: FilesHost, file: File, stop: AbortSignal, progress: (part: number) => void): Promise<Attachment> {
  return authorised(
    host,
    (authorization) =>
      new Promise((resolve, reject) => {
        const form = new FormData();
        form.append("file", file, file.name);
        const request = new XMLHttpRequest();
        request.open("POST", host.base + PREFIX);
        request.setRequestHeader("authorization", authorization);
        request.responseType = "json";
        request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
        request.onload = () => {
          const { response, status } = request as { response: { attachment?: Attachment; code?: string } | null; status: number };
          if (response?.attachment) resolve(response.attachment);
          else reject(new Refused(status, status < 500 ? (response?.code ?? "refused") : ""));
        };
        request.onerror = request.onabort = () => reject(new Refused(0, ""));
        for (const signal of [stop, host.signal]) signal.addEventListener("abort", () => request.abort());
        request.send(form);
      }),
  );
}

async function authorised<T>(host: FilesHost, request: (authorization: string) => Promise<T>): Promise<T> {
  const token = await host.token();
  try {
    return await request(`Bearer ${token}`);
  } catch (thrown) {
    if (!(thrown instanceof Refused) || thrown.status !== 401) throw thrown;
    return request(`Bearer ${await host.token(token)}`);
  }
}
