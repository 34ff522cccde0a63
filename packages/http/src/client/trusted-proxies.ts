import { BlockList, isIP } from "node:net";
import type { ServerPort } from "../http-options.ts";
import { peerAddress } from "../peer-address.ts";

/** Where a request came from. */
export interface Client {
  /** Null on a Unix socket. */
  address: string | null;
  proto: "http" | "https";
}

/** More proxies than this in a row are no real ones. */
const MAX_HOPS = 32;

/** Believes `X-Forwarded-For` and `X-Forwarded-Proto` of the proxies that it was told of, and of nobody else. */
export class TrustedProxies {
  readonly #networks: BlockList | null;

  /** Addresses and networks (`10.0.0.0/8`); `isNetwork` says which are valid. */
  constructor(networks: readonly string[]) {
    this.#networks = networks.length === 0 ? null : blockListOf(networks);
  }

  clientOf(server: ServerPort, request: Request): Client {
    const peer = peerAddress(server, request);
    const proto = request.url.startsWith("https:") ? "https" : "http";
    if (this.#networks === null || peer === null || !this.#isProxy(peer)) return { address: peer, proto };
    const { headers } = request;
    const told = lastOf(headers.get("x-forwarded-proto"))?.toLowerCase();
    return {
      address: this.#behind(peer, headers.get("x-forwarded-for")),
      proto: told === "https" || told === "http" ? told : proto,
    };
  }

  /** The right-most address that is no proxy: what stands left of it is whatever the client wrote there. */
  #behind(peer: string, forwardedFor: string | null): string {
    const hops = (forwardedFor ?? "").split(",").slice(-MAX_HOPS);
    let nearest = peer;
    for (const hop of hops.toReversed()) {
      const address = addressIn(hop.trim());
      if (address === null) return nearest;
      nearest = address;
      if (!this.#isProxy(address)) return nearest;
    }
    return nearest;
  }

  #isProxy(address: string): boolean {
    return this.#networks?.check(address, isIP(address) === 6 ? "ipv6" : "ipv4") ?? false;
  }
}

/** Whether it is an IP address, or a network such as `10.0.0.0/8` or `fd00::/8`. */
export function isNetwork(text: string): boolean {
  return networkOf(text) !== null;
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of networks) {
    const network = networkOf(text);
    if (network === null) throw new Error(`${JSON.stringify(text)} is neither an IP address nor a network`);
    list.addSubnet(network.address, network.prefix, network.family);
  }
  return list;
}

function networkOf(text: string): { address: string; prefix: number; family: "ipv4" | "ipv6" } | null {
  const [address = "", digits, ...more] = text.split("/");
  const version = isIP(address);
  if (version === 0 || address.includes("%") || more.length > 0) return null;
  const bits = version === 4 ? 32 : 128;
  if (digits !== undefined && !/^\d{1,3}$/.test(digits)) return null;
  const prefix = digits === undefined ? bits : Number(digits);
  return prefix <= bits ? { address, prefix, family: version === 4 ? "ipv4" : "ipv6" } : null;
}

/** An address as proxies write it: alone, or with a port. */
function addressIn(hop: string): string | null {
  const bare =
    /^\[(?<v6>[^\]]+)\](?::\d+)?$/.exec(hop)?.groups?.["v6"] ?? /^(?<v4>[\d.]+):\d+$/.exec(hop)?.groups?.["v4"] ?? hop;
  return isIP(bare) === 0 ? null : bare;
}

function lastOf(list: string | null): string | undefined {
  return list?.split(",").at(-1)?.trim();
}
