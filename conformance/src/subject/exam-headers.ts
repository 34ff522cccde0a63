/** What the exam's requests carry, like those that come through the host. */
export const EXAM_HEADERS: Record<string, string> = {
  host: "127.0.0.1:3000",
  accept: "*/*",
  "user-agent": "toru-exam",
  "x-toru-user": "examiner",
  "x-toru-role": "user",
};
