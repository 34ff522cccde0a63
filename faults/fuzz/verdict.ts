/** What each side says of one payload of the host; the Python and the Rust SDK have the same in their tests. */
import { isObject, KIND_DATA, nestsDeeperThan, parseDataFrame, parsePayload, toEnvelope } from "@toru/protocol";
import * as exam from "../../conformance/src/codec/data-frame.ts";
import { parseMessage } from "../../conformance/src/codec/message.ts";
import { bodyBytes, headerPairs } from "../../sdks/typescript/src/http/http-payload.ts";
import { FrameDecoder } from "../../sdks/typescript/src/wire/frame.ts";
import { readMessage, type ReceivedMessage } from "../../sdks/typescript/src/wire/message.ts";
import type { Dice } from "./dice.ts";
import { ALL, DATA_FRAMES, FROM_HOST, INVALID } from "./golden.ts";
import { changeFields, mutate } from "./mutate.ts";

/** A code of a protocol error, or what the payload is. */
export type Verdict = string;

function codeOr(read: () => Verdict): Verdict {
  try {
    return read();
  } catch (error) {
    // Each side has a class of its own for it.
    if (error instanceof Error && /^(Protocol|Codec)Error$/.test(error.name))
      return (error as Error & { code: string }).code;
    throw error;
  }
}

/** The host answers no requests: for it they are messages. */
export function hostVerdict(payload: Uint8Array): Verdict {
  return codeOr(() => {
    if (payload[0] === KIND_DATA) {
      parseDataFrame(payload);
      return "data";
    }
    // A reply of version 1 may be looser; what no reader of a payload takes is refused by the reader.
    return isObject(toEnvelope(parsePayload(payload)).payload) ? "message" : "invalid_message";
  });
}

/** That of the exam, `toru check`, which has a codec of its own. */
export function examVerdict(payload: Uint8Array): Verdict {
  return codeOr(() => {
    if (exam.isDataFrame(payload)) {
      exam.parseDataFrame(payload);
      return "data";
    }
    parseMessage(payload);
    return "message";
  });
}

export function sdkVerdict(payload: Uint8Array): Verdict {
  let verdict = "";
  const header = Buffer.alloc(4);
  header.writeUInt32BE(payload.length);
  return codeOr(() => {
    new FrameDecoder().push(Buffer.concat([header, payload]), {
      message: (message) => (verdict = messageVerdict(readMessage(message))),
      data: () => (verdict = "data"),
    });
    return verdict;
  });
}

function messageVerdict({ type, request_id: id, payload }: ReceivedMessage): Verdict {
  const isRequest = type === "http" && id !== undefined && "method" in payload;
  if (!isRequest || "stream" in payload || "upgrade" in payload) return "message";
  const { method, path, headers } = payload;
  if (typeof method !== "string" || typeof path !== "string") return "invalid_request";
  try {
    headerPairs(headers);
    bodyBytes(payload);
    return "request";
  } catch {
    return "invalid_request"; // its message is for people
  }
}

/** A frame of the host as it is, or changed. */
export function anyPayload(dice: Dice): Buffer {
  for (;;) {
    const golden = dice.pick(dice.oneIn(8) ? [...DATA_FRAMES, ...INVALID] : FROM_HOST);
    const payload = dice.oneIn(12) ? golden : dice.oneIn(3) ? mutate(dice, golden, ALL) : changeFields(dice, golden);
    if (payload.length > 0 && isDefined(payload)) return payload;
  }
}

/** The protocol leaves open what becomes of half a character, and of what is nested deeper than 100 levels. */
function isDefined(payload: Buffer): boolean {
  if (/\\u[dD][89a-fA-F]/.test(payload.toString("latin1"))) return false;
  try {
    return !nestsDeeperThan(JSON.parse(payload.toString("latin1")), 100);
  } catch {
    return !/[[{]{100}/.test(payload.toString("latin1")); // no JSON, and no depth either
  }
}
