import type { BundleResult, ForwardError, ForwardResult, PluginTarget } from "@toru/core";
import type { HttpResponseMessage } from "@toru/protocol";
import { constants } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { within } from "./process/within.ts";

/** Largest bundle file that is served, in bytes. */
const MAX_BUNDLE_BYTES = 16 * 1024 * 1024;
/** How long a plugin may take to answer for its bundle before the files are all there is. */
const ASK_TIMEOUT_MS = 5_000;

/**
 * The page of a plugin. Version 2 is asked first, then the files beside it count; of version 1 the files come first:
 * deployed ones were installed with the file, and some never answer the question.
 */
export async function readBundle(
  pluginsDir: string,
  target: PluginTarget,
  signal: AbortSignal | null,
): Promise<BundleResult> {
  let unanswered: ForwardError | null = null;
  const fromFiles = () => readFiles(pluginsDir, target.id);
  const fromPlugin = async () => {
    const answer = await ask(target, signal);
    if (answer.ok) return scriptOf(target, answer.value);
    if (answer.error.code === "not_ready" || answer.error.code === "busy") unanswered = answer.error;
    return null;
  };
  const [first, second] = target.protocol === 2 ? [fromPlugin, fromFiles] : [fromFiles, fromPlugin];
  const script = (await first()) ?? (await second());
  if (script !== null) return { ok: true, script };
  if (unanswered !== null) return { ok: false, code: "not_answered", error: unanswered };
  const message =
    `the plugin ${target.id} has no page: it answers GET /bundle.js with no script, ` +
    `and there is neither ${target.id}/bundle.js nor ${target.id}/frontend/bundle.js in the plugins folder`;
  return { ok: false, code: "not_found", message };
}

/** Null where the answer is no script, or does not come to an end within the limits. */
async function scriptOf(target: PluginTarget, answer: HttpResponseMessage): Promise<string | Uint8Array | null> {
  const { body } = answer;
  if (!(body instanceof ReadableStream)) return isScript(target, answer) ? body : null;
  if (isScript(target, answer)) return within(readAll(body), ASK_TIMEOUT_MS).catch(() => null);
  await body.cancel();
  return null;
}

async function readAll(body: ReadableStream<Uint8Array>): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of body) {
    total += chunk.length;
    if (total > MAX_BUNDLE_BYTES) return null; // leaving the loop cancels the stream
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, total);
}

/** A program that answers any path with 200 and a page of its own has not answered with its bundle. */
function isScript({ protocol }: PluginTarget, { status, headers }: HttpResponseMessage): boolean {
  if (status !== 200) return false;
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1];
  return protocol === 1 || type === undefined || /\b(?:java|ecma)script\b/i.test(String(type));
}

function ask(target: PluginTarget, signal: AbortSignal | null): Promise<ForwardResult<HttpResponseMessage>> {
  const limit = AbortSignal.timeout(ASK_TIMEOUT_MS);
  const request = { method: "GET", path: "/bundle.js", headers: {}, body: null };
  return target.http(request, { signal: signal === null ? limit : AbortSignal.any([signal, limit]) });
}

/** Where the bundle of a plugin may lie; the first that is there counts. */
export function bundleFiles(pluginsDir: string, id: string): string[] {
  return [join(pluginsDir, id, "bundle.js"), join(pluginsDir, id, "frontend", "bundle.js")];
}

async function readFiles(pluginsDir: string, id: string): Promise<Uint8Array | null> {
  for (const path of bundleFiles(pluginsDir, id)) {
    const bundle = await readInside(pluginsDir, path).catch((error: NodeJS.ErrnoException) => {
      if (NO_FILE.has(error.code ?? "")) return null;
      throw error;
    });
    if (bundle !== null) return bundle;
  }
  return null;
}

/** There is nothing, or a socket. */
const NO_FILE: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ENXIO"]);

/** Null where a link leads out of the plugins folder, or the file is too large or none. */
async function readInside(folder: string, path: string): Promise<Uint8Array | null> {
  const [root, target] = await Promise.all([realpath(folder), realpath(path)]);
  if (!target.startsWith(root + sep)) return null;
  // Without O_NONBLOCK a FIFO in its place would hold up a thread of the host for ever.
  const file = await open(target, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const facts = await file.stat();
    if (!facts.isFile() || facts.size > MAX_BUNDLE_BYTES) return null;
    const script = Buffer.alloc(facts.size);
    const { bytesRead } = await file.read(script, 0, script.length, 0);
    return script.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
