/**
 * What a `.binary` starts with. For the shell it is a script that hands the file to `node` (20 or later) or else to `bun`; for
 * JavaScript it is a comment behind a string.
 *
 * Node is given the file through `-e`: of an ending that it does not know, it would take a `"type": "module"` in some
 * package.json further up for a reason to refuse it.
 */
export const HEADER = `#!/bin/sh
':' /* # A plugin for Toru in JavaScript; it runs on node (20 or later) or on bun, whichever is on the PATH.
case "$(node --version 2>/dev/null)" in
  v[2-9][0-9].*|v[1-9][0-9][0-9].*) exec node -e '${nodeLoader()}' -- "$0" "$@" ;;
esac
if command -v bun >/dev/null 2>&1; then exec bun --no-install "$0" "$@"; fi
echo "$0 wants node (20 or later) or bun on the PATH, which is $PATH: install one of them," \\
  "or build the plugin with --standalone, which needs neither." >&2
exit 127
*/`;

/** Runs the file as a CommonJS module. `execArgv` is emptied: child processes and workers would inherit this program. */
function nodeLoader() {
  return [
    'const path=require("node:path"),Module=require("node:module"),file=path.resolve(process.argv[1])',
    "const main=new Module(file,null)",
    "process.argv[1]=main.filename=file",
    "process.execArgv=[]",
    "main.paths=Module._nodeModulePaths(path.dirname(file))",
    'main._compile(require("node:fs").readFileSync(file,"utf8"),file)',
  ].join(";");
}
