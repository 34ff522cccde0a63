/** Colours, cursor moves, titles and links that programs mean for a terminal. */
const SEQUENCES = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[ -/]*[0-~])/g;
const CONTROLS = /[\u0000-\u0008\u000B-\u001F\u007F]/g;

export function stripAnsi(text: string): string {
  return text.replaceAll(SEQUENCES, "").replaceAll(CONTROLS, "");
}
