// What pages weigh on the wire. A browser reaches Soko through a relay that counts: so what a service worker fetches is
// counted too, and what the browser kept is not.
import http from "node:http";

/** A relay in front of `base` alone, and what has passed it since `reset`. */
export async function scales(base) {
  const counted = { bytes: {}, requests: 0, foreign: new Set() };
  const relay = http.createServer((asked, reply) => {
    const url = new URL(asked.url, base);
    if (url.origin !== base) {
      counted.foreign.add(url.origin);
      reply.writeHead(502).end();
      return;
    }
    const { host: _, "proxy-connection": __, ...headers } = asked.headers;
    const onward = http.request(url, { method: asked.method, headers, agent: false }, (answer) => {
      const type = answer.headers["content-type"] ?? "";
      const kind = /^image\/(?!svg)/.test(type) ? "pictures" : "page";
      reply.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(reply);
      answer.on("end", () => {
        // a connection for each request: what came through it is this answer, its headers included
        counted.bytes[kind] = (counted.bytes[kind] ?? 0) + answer.socket.bytesRead;
        counted.requests += 1;
      });
    });
    onward.on("error", () => reply.destroy());
    asked.pipe(onward);
  });
  // the browser's own errands; what a page asks for over TLS, `watch` sees
  relay.on("connect", (_, socket) => socket.end("HTTP/1.1 502 Not ours\r\n\r\n"));
  await new Promise((listening) => relay.listen(0, "127.0.0.1", listening));
  return {
    counted,
    proxy: { server: `http://127.0.0.1:${relay.address().port}`, bypass: "<-loopback>" },
    watch(context) {
      context.on("request", (asked) => {
        const { protocol, origin } = new URL(asked.url());
        if (protocol.startsWith("http") && origin !== base) counted.foreign.add(origin);
      });
    },
    reset() {
      counted.bytes = {};
      counted.requests = 0;
      counted.foreign.clear();
    },
    close: () => relay.close(),
  };
}

export const kilobytes = (bytes) => `${((bytes ?? 0) / 1000).toFixed(1)} KB`;
