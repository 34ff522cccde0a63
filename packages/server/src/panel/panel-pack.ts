import { join } from "node:path";
import { z } from "zod";

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

/**
 * The built panel, by path: out of the executable, or out of dist/ where the host runs from its source. Null where it was
 * never built.
 */
export async function readPanelPack(): Promise<Map<string, PanelFile> | null> {
  const embedded = Bun.embeddedFiles.find((file) => "name" in file && String(file.name).endsWith(".pack"));
  const built = Bun.file(join(import.meta.dir, "../../../../dist/panel.pack"));
  if (embedded === undefined && !(await built.exists())) return null;
  const bytes = new Uint8Array(await (embedded ?? built).arrayBuffer());
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
