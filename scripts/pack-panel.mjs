// Puts the built panel into one file for the executable: a line of JSON that says where each file is, then the bytes.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** Smaller ones are not worth a second form. */
const MIN_COMPRESSED_BYTES = 512;

export function packPanel(folder, target) {
  const files = [];
  const parts = [];
  let offset = 0;
  const add = (bytes) => {
    parts.push(bytes);
    offset += bytes.length;
    return [offset - bytes.length, bytes.length];
  };
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted(byCodeUnit)) {
    const entry = join(folder, name);
    const bytes = readFileOrNull(entry);
    if (bytes === null) continue;
    const file = {
      path: `/${name}`,
      etag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`,
      identity: add(bytes),
    };
    if (bytes.length >= MIN_COMPRESSED_BYTES) {
      file.gzip = add(gzipSync(bytes, { level: 9 }));
      file.br = add(brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
    }
    files.push(file);
  }
  writeFileSync(target, Buffer.concat([Buffer.from(`${JSON.stringify(files)}\n`), ...parts]));
}

function byCodeUnit(one, other) {
  return one < other ? -1 : 1;
}

function readFileOrNull(path) {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error.code === "EISDIR") return null;
    throw error;
  }
}
