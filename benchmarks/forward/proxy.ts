export type ProxyName = "host" | "nginx" | "caddy";

/** One of the programs that are compared. */
export interface Proxy {
  name: ProxyName;
  /** Without a slash at the end. */
  url: string;
  /** The process that forwards. */
  pid: number;
}
