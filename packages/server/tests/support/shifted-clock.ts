/**
 * Loaded before a host: each SIGUSR2 sets its wall clock by the seconds that the file TORU_TEST_CLOCK holds then, as an
 * administrator or a time server would. The monotonic clock goes on as ever.
 */
import { readFileSync } from "node:fs";

const RealDate = Date;
let offsetMs = 0;

const ShiftedDate = new Proxy(RealDate, {
  construct(target, args: unknown[]) {
    return Reflect.construct(target, args.length === 0 ? [target.now()] : args) as Date;
  },
});
const realNow = RealDate.now.bind(RealDate);
RealDate.now = () => realNow() + offsetMs;
globalThis.Date = ShiftedDate;

process.on("SIGUSR2", () => {
  offsetMs = Number(readFileSync(process.env["TORU_TEST_CLOCK"] ?? "", "utf8")) * 1000;
});
