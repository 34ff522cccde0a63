// Builds the host and measures what passes through it. Arguments are passed on: see README.md.
import { runMeasurement } from "../programs/run-measurement.mjs";

await runMeasurement("streams", [["python3", "python3", "the plugin is written in it"]]);
