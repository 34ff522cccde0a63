// Builds the host and measures it with ever more plugins. Arguments are passed on: see README.md.
import { runMeasurement, RUST } from "../programs/run-measurement.mjs";

await runMeasurement("growth", [RUST]);
