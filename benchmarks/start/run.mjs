// Builds the host and measures its start with many plugins. Arguments are passed on: see README.md.
import { runMeasurement, RUST } from "../programs/run-measurement.mjs";

await runMeasurement("start", [RUST, ["python3", "python3", "some of the plugins are written in it"]]);
