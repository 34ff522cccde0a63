// Builds the host and measures single round trips through it. Arguments are passed on: see README.md.
import { runMeasurement } from "../programs/run-measurement.mjs";

await runMeasurement("rtt");
