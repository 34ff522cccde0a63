// Builds the host and measures single round trips through it. Arguments are passed on: see README.md.
import { runMeasurement, RUST } from "../programs/run-measurement.mjs";

await runMeasurement("rtt", [RUST]);
