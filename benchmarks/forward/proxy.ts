/** One of the two programs that are compared. */
export interface Proxy {
  name: "host" | "nginx";
  /** Without a slash at the end. */
  url: string;
  /** The process that forwards. */
  pid: number;
}
