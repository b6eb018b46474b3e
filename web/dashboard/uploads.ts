// One file on its way to the server.

import { csrfToken } from "./csrf";

/** A file as the server took it. */
export interface Taken {
  id: string;
  name: string;
  size: string;
  icon: string;
}

const MIB = 1024 * 1024;

/** A limit in words. */
export function words(bytes: number): string {
  return bytes >= MIB ? `${Math.floor(bytes / MIB)} MB` : `${Math.floor(bytes / 1024)} KB`;
}

/** Sends a file. `fetch` does not tell how far an upload has come, so this is an older way of asking. */
export function send(url: string, file: File, signal: AbortSignal, progress: (part: number) => void): Promise<Taken> {
  const form = new FormData();
  // The token stands before the file: the server reads no byte of it without.
  form.append("csrf", csrfToken());
  form.append("quietly", "yes");
  form.append("file", file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onload = () => {
      const answer = request.response as (Taken & { error?: string }) | null;
      if (request.status === 200 && answer?.id) resolve(answer);
      else reject(new Error(answer?.error ?? refusal(request.status)));
    };
    request.onerror = () => reject(new Error("Not uploaded: no connection"));
    request.onabort = () => reject(new Error("Not uploaded"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}

function refusal(status: number): string {
  return status === 401 || status === 403 ? "Not uploaded: reload the page and sign in" : "Not uploaded: the server could not take it";
}
