// Builds the host and measures its logs. Arguments are passed on: see README.md.
import { runMeasurement } from "../programs/run-measurement.mjs";

await runMeasurement("logs");
