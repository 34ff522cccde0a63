import { z } from "zod";
import { CliError } from "../cli/cli-error.ts";
import { readPackedFile } from "../packed-file.ts";

const kitSchema = z.record(z.string(), z.record(z.string(), z.string()));

/** What `toru new` puts into a project: the text of each file by its path, by the name of the part. */
export type AuthorKit = z.infer<typeof kitSchema>;

export async function readAuthorKit(): Promise<AuthorKit> {
  const packed = await readPackedFile("author.kit");
  if (packed === null) throw new CliError("the templates are not built; run: npm run build");
  return kitSchema.parse(JSON.parse(new TextDecoder().decode(Bun.gunzipSync(packed))));
}
