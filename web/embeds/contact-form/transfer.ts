// SPDX-License-Identifier: MIT
// A message with its files in one request. `fetch` does not tell how far it has come.

/** Sends what a request says in JSON as a form, the texts before the files; `moved` hears the part that went. */
export function transfer(
  url: string,
  { body, signal }: RequestInit,
  files: File[],
  moved: (part: number) => void,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.upload.onprogress = ({ lengthComputable, loaded, total }) => lengthComputable && moved(loaded / total);
    request.onload = () => {
      const again = request.getResponseHeader("retry-after");
      const headers: HeadersInit = again ? { "retry-after": again } : {};
      resolve(new Response(request.responseText, { status: request.status, headers }));
    };
    request.onerror = request.onabort = () => reject(new TypeError("the request broke off"));
    signal?.addEventListener("abort", () => request.abort());
    request.send(formOf(JSON.parse(String(body)) as object, files));
  });
}

function formOf(fields: object, files: File[]): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === "object" && value) form.append(name, JSON.stringify(value));
    else if (value !== null) form.append(name, String(value));
  }
  for (const file of files) form.append("file", file, file.name);
  return form;
}
