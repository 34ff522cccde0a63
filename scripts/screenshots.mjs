// npm run screenshots: takes the README's pictures anew, into docs/images.
import { runPlaywright } from "./run-playwright.mjs";

await runPlaywright("docs/screenshots");
