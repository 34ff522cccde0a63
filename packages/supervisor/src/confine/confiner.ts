import { basename } from "node:path";
import { StartFault } from "../process/start-fault.ts";
import type { Cgroup, Cgroups } from "./cgroups.ts";
import type { Confinement } from "./confinement.ts";
import { findOwner } from "./find-owner.ts";
import { canDieWithHost } from "./parent-death.ts";
import { launchPrefix, planLimits, type Owner } from "./plan-launch.ts";

/** How a process of a plugin is to be made. */
export interface Confined {
  /** Goes before the plugin's own command. */
  prefix: string[];
  owner: Owner | null;
  cgroup: Cgroup | null;
  /** Limits of its settings that nothing on this machine can keep. */
  unkept: string[];
}

/** Keeps plugins from the rest of the machine, each as its settings say. */
export class Confiner {
  readonly #cgroups: Cgroups | null;
  readonly #confinementOf: (pluginId: string) => Confinement | string;

  constructor(cgroups: Cgroups | null, confinementOf: (pluginId: string) => Confinement | string) {
    this.#cgroups = cgroups;
    this.#confinementOf = confinementOf;
  }

  hasOwnUser(pluginId: string): boolean {
    const confinement = this.#confinementOf(pluginId);
    return typeof confinement !== "string" && confinement.user !== null;
  }

  /** Throws a StartFault where what the settings ask for cannot be had. */
  async confine(pluginId: string, file: string): Promise<Confined> {
    const { user, limits } = this.#checked(pluginId);
    if (user !== null && basename(file) !== `${pluginId}.binary`) {
      const why = `its settings name a user, and --metadata is asked before the id is known; rename it to ${pluginId}.binary`;
      throw new StartFault(`it cannot be run (${why})`, "file");
    }
    const owner = await findOwner(user);
    const plan = planLimits(limits, this.#cgroups?.controllers ?? new Set(), owner !== null);
    const cgroup = (await this.#cgroups?.make(pluginId, plan.cgroup)) ?? null;
    const launch = { procsFile: cgroup?.procsFile ?? null, rlimits: plan.rlimits, owner };
    const prefix = launchPrefix({ ...launch, diesWithHost: canDieWithHost() });
    return { prefix, owner, cgroup, unkept: plan.unkept };
  }

  /** For the `--metadata` run of a file: by the settings of the plugin that it is named after. */
  async forMetadata(file: string): Promise<Pick<Confined, "prefix" | "owner">> {
    const { user, limits } = this.#checked(basename(file, ".binary"));
    const owner = await findOwner(user);
    const { rlimits } = planLimits(limits, new Set(), owner !== null);
    return { prefix: launchPrefix({ procsFile: null, rlimits, owner, diesWithHost: false }), owner };
  }

  #checked(pluginId: string): Confinement {
    const confinement = this.#confinementOf(pluginId);
    if (typeof confinement !== "string") return confinement;
    throw new StartFault(
      `it cannot be run (in config.json its ${confinement}; mend that and start the host again)`,
      "file",
    );
  }
}
