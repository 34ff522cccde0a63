// Prepares the machine, builds the host and measures it against nginx and Caddy. Arguments are passed on: see README.md.
import { runMeasurement } from "../programs/run-measurement.mjs";

await runMeasurement("forward", [
  ["nginx", "nginx-light", "the host is measured against it"],
  ["caddy", "caddy", "the host is measured against it"],
  ["wrk", "wrk", "it makes the requests"],
  ["python3", "python3", "the fixture plugins are written in it"],
]);
