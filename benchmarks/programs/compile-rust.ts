import { join } from "node:path";

/** Compiles one of the programs beside this file, which need nothing but Rust's standard library. */
export async function compileRust(name: "client" | "plugin", target: string): Promise<void> {
  const options = ["--edition", "2021", "-C", "opt-level=3", "-C", "strip=symbols"];
  const command = ["rustc", ...options, join(import.meta.dir, `${name}.rs`), "-o", target];
  const child = Bun.spawn(command, { stdout: "ignore", stderr: "pipe" });
  const complaints = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(`${name}.rs cannot be compiled:\n${complaints}`);
}
