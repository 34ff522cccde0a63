import { join } from "node:path";
import { z } from "zod";
import { CliError } from "../cli/cli-error.ts";

const kitSchema = z.record(z.string(), z.record(z.string(), z.string()));

/** What `toru new` puts into a project: the text of each file by its path, by the name of the part. */
export type AuthorKit = z.infer<typeof kitSchema>;

/** Out of the executable, or out of dist/ where the command runs from its source. */
export async function readAuthorKit(): Promise<AuthorKit> {
  const embedded = Bun.embeddedFiles.find((file) => "name" in file && String(file.name).endsWith(".kit"));
  const built = Bun.file(join(import.meta.dir, "../../../../dist/author.kit"));
  if (embedded === undefined && !(await built.exists())) {
    throw new CliError("the templates are not built; run: npm run build");
  }
  const packed = new Uint8Array(await (embedded ?? built).arrayBuffer());
  return kitSchema.parse(JSON.parse(new TextDecoder().decode(Bun.gunzipSync(packed))));
}
