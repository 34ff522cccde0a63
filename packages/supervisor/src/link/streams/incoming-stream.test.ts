import { describe, expect, test } from "bun:test";
import { IncomingStream } from "./incoming-stream.ts";

function stream(): IncomingStream {
  return new IncomingStream({ id: 1, grant: () => undefined, stop: () => undefined });
}

function frame(text: string, end: "more" | "last" | "aborted" = "more") {
  const isAborted = end === "aborted";
  return { stream: 1, bytes: Buffer.from(text), isLast: isAborted || end === "last", isText: false, isAborted };
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString();
}

describe("IncomingStream as one body", () => {
  test.each([[["all at once"]], [["in ", "three ", "pieces"]], [[""]]])("%j is whole", async (pieces) => {
    const incoming = stream();
    for (const [index, piece] of pieces.entries()) {
      incoming.push(frame(piece, index === pieces.length - 1 ? "last" : "more"));
    }
    expect(textOf(await incoming.whole(true))).toBe(pieces.join(""));
  });

  test("pieces that come a moment later belong to it", async () => {
    const incoming = stream();
    incoming.push(frame("now "));
    const whole = incoming.whole(true);
    incoming.push(frame("and "));
    await Promise.resolve();
    incoming.push(frame("then", "last"));
    expect(textOf(await whole)).toBe("now and then");
  });

  test("a slow one is none, and is read as a stream from its first piece on", async () => {
    const incoming = stream();
    incoming.push(frame("slow "));
    expect(await incoming.whole(true)).toBeNull();
    incoming.push(frame("but sure", "last"));
    expect(await new Response(incoming.bytes()).text()).toBe("slow but sure");
  });

  test("one that the plugin could not finish is none, and fails as a stream", async () => {
    const incoming = stream();
    incoming.push(frame("half of", "aborted"));
    expect(await incoming.whole(true)).toBeNull();
    const reader = incoming.bytes().getReader();
    await reader.read();
    expect(reader.read()).rejects.toBeUndefined();
  });
});
