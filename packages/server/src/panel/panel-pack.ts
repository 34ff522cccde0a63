import { z } from "zod";
import { readPackedFile } from "../packed-file.ts";

const span = z.tuple([z.int(), z.int()]);
const fileSchema = z.object({
  path: z.string(),
  etag: z.string(),
  identity: span,
  gzip: span.optional(),
  br: span.optional(),
});

export type ContentCoding = "identity" | "gzip" | "br";

export interface PanelFile {
  etag: string;
  /** By content coding; `identity` is always there. */
  forms: Map<ContentCoding, Uint8Array<ArrayBuffer>>;
}

/** The built panel, by path. Null where it was never built. */
export async function readPanelPack(): Promise<Map<string, PanelFile> | null> {
  const bytes = await readPackedFile("panel.pack");
  if (bytes === null) return null;
  const start = bytes.indexOf(0x0a) + 1;
  const entries = z.array(fileSchema).parse(JSON.parse(new TextDecoder().decode(bytes.subarray(0, start))));
  return new Map(
    entries.map(({ path, etag, ...spans }) => {
      const forms: PanelFile["forms"] = new Map();
      for (const coding of ["identity", "gzip", "br"] as const) {
        const [offset, length] = spans[coding] ?? [];
        if (offset === undefined || length === undefined) continue;
        forms.set(coding, bytes.subarray(start + offset, start + offset + length));
      }
      return [path, { etag, forms }];
    }),
  );
}
