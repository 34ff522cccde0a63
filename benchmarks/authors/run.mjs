// Builds the host and measures what authors wait for. Arguments are passed on: see README.md.
import { prepareCargo } from "../../scripts/toolchains.mjs";
import { runMeasurement } from "../programs/run-measurement.mjs";

const env = prepareCargo();
if (env === null) process.exit(1);
Object.assign(process.env, env);
await runMeasurement("authors", [
  ["wrk", "wrk", "it makes the requests"],
  ["python3", "python3", "one of the plugins is written in it"],
]);
