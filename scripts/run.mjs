// Child processes for the scripts. Node 20 and nothing installed: no dependency may be used here.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Like `run`, quiet unless it fails: then what it printed is shown and the script ends. */
export async function must(command, args, what, { env = {}, folder = "." } = {}) {
  let output = "";
  const code = await new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: join(root, folder),
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.on("data", (text) => (output += text));
    child.stderr.on("data", (text) => (output += text));
    child.on("error", (error) => {
      output += error.message;
      resolve(1);
    });
    child.on("exit", (exit) => resolve(exit ?? 1));
  });
  if (code === 0) return;
  console.error(`${output}\n${what} failed (${command} ${args.join(" ")}).`);
  process.exit(1);
}

export const bin = (name) => join(root, "node_modules", ".bin", name);
