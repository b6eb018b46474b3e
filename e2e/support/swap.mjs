// Stands in front of the program and serves another build of the embed, so that
// a change can be tried, or a broken build be caught, without building the program.

import { createServer, request } from "node:http";

export async function swap(base, code) {
  const server = createServer((incoming, outgoing) => {
    if (incoming.url.split("?")[0] === "/ticket-center.js") {
      outgoing.writeHead(200, {
        "content-type": "text/javascript; charset=utf-8",
        "access-control-allow-origin": "*",
        "cross-origin-resource-policy": "cross-origin",
      });
      return outgoing.end(code);
    }
    const { hostname, port } = new URL(base);
    const { method, url: path, headers } = incoming;
    const onward = request({ hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    outgoing.on("close", () => onward.destroy());
    incoming.pipe(onward);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    base: `http://127.0.0.1:${server.address().port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
