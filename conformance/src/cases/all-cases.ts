import type { ExamCase } from "../exam/exam-case.ts";
import { manifestCases } from "./manifest-cases.ts";
import { processCases } from "./process-cases.ts";
import { v1Cases } from "./v1-cases.ts";
import { v1ExamRouteCases } from "./v1-exam-route-cases.ts";
import { v2ExamRouteCases } from "./v2-exam-route-cases.ts";
import { v2FaultCases } from "./v2-fault-cases.ts";
import { v2FrameCases } from "./v2-frame-cases.ts";
import { v2HttpCases } from "./v2-http-cases.ts";
import { v2HandleKvCases, v2KvCases } from "./v2-kv-cases.ts";
import { v2LifecycleCases } from "./v2-lifecycle-cases.ts";
import { v2LogCases } from "./v2-log-cases.ts";
import { v2StreamCases } from "./v2-stream-cases.ts";
import { v2WebsocketCases } from "./v2-websocket-cases.ts";

/** The whole exam. The gates come first, in this order. */
export const ALL_CASES: readonly ExamCase[] = [
  ...manifestCases,
  ...processCases,
  ...v2LifecycleCases,
  ...v2FrameCases,
  ...v2HttpCases,
  ...v2ExamRouteCases,
  ...v2KvCases,
  ...v2HandleKvCases,
  ...v2LogCases,
  ...v2StreamCases,
  ...v2WebsocketCases,
  ...v2FaultCases,
  ...v1Cases,
  ...v1ExamRouteCases,
];
