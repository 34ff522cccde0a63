/** Offers the whole of the exam route (conformance/README.md), and nothing else. */
import { definePlugin } from "@toru/plugin";
import { answerExam } from "./answer-exam.ts";

export default definePlugin({
  id: "exam-typescript",
  name: "Exam of the TypeScript SDK",
  version: "1.0.0",
  icon: "🎓",
  route: "/exam-typescript",
  fetch: answerExam,
  handleKv: (operation) => (operation.action === "list" ? { keys: [], more: false } : { value: null }),
});
