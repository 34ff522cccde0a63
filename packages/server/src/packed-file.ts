import { join } from "node:path";

/** What the build puts beside the code: out of the executable, or out of dist/ where the source runs. Null where it was never built. */
export async function readPackedFile(name: "panel.pack" | "author.kit"): Promise<Uint8Array<ArrayBuffer> | null> {
  const extension = name.slice(name.indexOf("."));
  // Its name gets a hash in the executable.
  const embedded = Bun.embeddedFiles.find((file) => "name" in file && String(file.name).endsWith(extension));
  const built = Bun.file(join(import.meta.dir, "../../../dist", name));
  if (embedded === undefined && !(await built.exists())) return null;
  return new Uint8Array(await (embedded ?? built).arrayBuffer());
}
