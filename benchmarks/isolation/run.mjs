// Builds the host and measures a plugin beside a bad neighbour. Arguments are passed on: see README.md.
import { runMeasurement, RUST } from "../programs/run-measurement.mjs";

await runMeasurement("isolation", [RUST]);
