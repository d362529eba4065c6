// What pages weigh on the wire.

/** Counts what `page` loads from now on: bytes by kind, requests, and hosts that are not `base`. */
export async function scales(page, base) {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  const kinds = new Map();
  const counted = { bytes: {}, requests: 0, foreign: [] };
  session.on("Network.responseReceived", ({ requestId, type, response }) => {
    kinds.set(requestId, type === "Image" ? "pictures" : "page");
    const url = new URL(response.url);
    if (url.protocol.startsWith("http") && url.origin !== base) counted.foreign.push(url.origin);
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const kind = kinds.get(requestId) ?? "page";
    counted.bytes[kind] = (counted.bytes[kind] ?? 0) + encodedDataLength;
    counted.requests += 1;
  });
  return counted;
}

export const kilobytes = (bytes) => `${((bytes ?? 0) / 1000).toFixed(1)} KB`;
